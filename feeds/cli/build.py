"""`feeds build` and `feeds rollback`: in come settings and an instant, out goes a published generation, and what was done."""

from __future__ import annotations

import os
import sys

import click

from feeds.cli import output, preview
from feeds.cli.command import PLACES, Given, command, json_option
from feeds.errors import ExitCode, SettingsError


@command("build", example="feeds build posts/ --base-url https://example.org/ --output public", timed=True)
@click.option("--accept-removals", is_flag=True, help="Publish although many posts are gone.")
@click.option("--keep-ids", is_flag=True, help="Published posts keep the ids that readers know, from now on.")
@click.option("--accept-ids", is_flag=True, help="Publish although posts get other ids and show as new.")
@click.option("--accept-dates", is_flag=True, help="Publish although another time zone moves posts' dates.")
@click.option("--dry-run", is_flag=True, help="Publish nothing; tell what subscribers would see, as `feeds diff` does.")
@json_option
def build(
    given: Given, accept_removals: bool, keep_ids: bool, accept_ids: bool, accept_dates: bool, dry_run: bool, as_json: bool
) -> int:
    """Publish the feeds of a folder of posts. Prints nothing if all is well and nobody watches."""
    from feeds.build import run
    from feeds.push import announce

    if keep_ids and accept_ids:
        raise SettingsError(("--keep-ids and --accept-ids exclude each other; give one of them",))
    settings = given.settings()
    as_of = given.instant()
    if dry_run:
        return preview.tell_diff(settings, as_of, as_json=as_json)
    with output.progress(enabled=sys.stderr.isatty() and not given.quiet) as tell:
        outcome = run.publish(
            settings, as_of, accept_removals=accept_removals, accept_dates=accept_dates, tell=tell,
            ids="accept" if accept_ids else "keep" if keep_ids else "ask",
            then=lambda done: run.record_unchanged(done, given.words, os.environ),
        )  # fmt: skip
    pushed = announce.send_after_build(settings)
    output.tell_build(outcome, pushed, verbose=given.verbose or (sys.stdout.isatty() and not given.quiet), as_json=as_json)
    return outcome.exit_code


@command("rollback", example="feeds rollback", settings=PLACES)
@click.option("--release", is_flag=True, help="Let builds publish again after a rollback.")
def rollback(given: Given, release: bool) -> int:
    """Publish the generation before this one again, and hold it until `feeds rollback --release`."""
    from feeds.build import held, run

    settings = given.settings()
    output.note(held.release(settings) if release else run.rollback(settings))
    return ExitCode.DONE
