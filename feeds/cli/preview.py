"""`feeds check`, `feeds diff` and `feeds explain`: what a build would do, and why. They publish nothing."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from feeds.cli import diff_report, output
from feeds.cli.command import Given, argument, command, json_option
from feeds.errors import ExitCode
from feeds.settings import Settings

_FORMS = ("text", "json", "github", "sarif")


@command("check", example="feeds check", timed=True)
@json_option
@click.option("--format", "form", type=click.Choice(_FORMS), default="text", help="Form of the findings.")
@click.option("--fix", is_flag=True, help="Correct what can be corrected by rule; shows the difference, then asks.")
@click.option("--yes", is_flag=True, help="With --fix: do not ask.")
def check(given: Given, as_json: bool, form: str, fix: bool, yes: bool) -> int:
    """Tell what is wrong with posts, and which are left out and why. Publishes nothing."""
    from feeds.build import run
    from feeds.cli import fix as fixing
    from feeds.cli import report
    from feeds.preview import check as checking

    settings = given.settings(need_base_url=False)
    with (
        output.progress(enabled=given.is_watched()) as tell,
        run.look(settings, given.instant(), on_stage=tell, everything=True) as (site, built),
    ):
        checked = checking.examine(site, built)
        fixes = fixing.propose(built, checked) if fix else {}
    if fix:
        return fixing.apply(settings, fixes, sure=yes)
    report.tell(checked, settings.posts, "json" if as_json else form)
    return checked.exit_code


@command("diff", example="feeds diff", timed=True)
@json_option
def diff(given: Given, as_json: bool) -> int:
    """Tell what subscribers would see of a build. Publishes nothing; exit code 3 if old posts would come back as new."""
    return tell_diff(given.settings(), given.instant(), as_json=as_json, watched=given.is_watched())


def tell_diff(settings: Settings, as_of: datetime, *, as_json: bool, watched: bool = False) -> int:
    """Print what would change; returns the exit code."""
    from feeds.build import run
    from feeds.preview import diff as difference

    with (
        output.progress(enabled=watched) as tell,
        run.look(settings, as_of, on_stage=tell) as (site, built),
    ):
        result = difference.look(site, built)
    diff_report.tell(result, timezone=settings.timezone, as_json=as_json)
    return ExitCode.REFUSED if result.resurfacing else ExitCode.DONE


@command("explain", example="feeds explain posts/tea.md", timed=True)
@argument("what", "A post's file, id, address or title, or a feed's path or address.", metavar="POST|FEED|URL", type=click.Path())
@json_option
def explain(given: Given, what: str, as_json: bool) -> int:
    """Tell why a post is or is not in a feed, with its id, dates, terms and documents."""
    from feeds.build import run
    from feeds.cli import explained
    from feeds.preview import explain as explaining

    settings = given.settings(need_base_url=False)
    with (
        output.progress(enabled=given.is_watched()) as tell,
        run.look(settings, given.instant(), on_stage=tell) as (_, built),
    ):
        facts = explaining.explain(settings, built, what, Path.cwd())
    if as_json:
        output.say_result(facts)
    else:
        for line in explained.lines(facts, settings):
            output.say(line)
    return ExitCode.DONE
