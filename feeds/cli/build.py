"""`feeds build` and `feeds rollback`: in come settings and an instant, out goes a published generation, and what was done."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from feeds import MANIFEST_NAME
from feeds.cli import build_report, output
from feeds.cli.command import PLACES, Given, command, json_option
from feeds.cli.language import translated
from feeds.errors import ExitCode, SettingsError
from feeds.settings import Settings

if TYPE_CHECKING:
    from feeds.publish import guard
    from feeds.publish.manifest import Previous


@dataclass(frozen=True, slots=True)
class _Accepting:
    """The options that answer a guard, named as click names them."""

    accept_removals: bool
    keep_ids: bool
    accept_ids: bool
    accept_dates: bool
    previous: str | None
    adopt: str | None

    def check(self) -> None:
        """Raise SettingsError for options that exclude each other."""
        if self.keep_ids and self.accept_ids:
            raise SettingsError(("--keep-ids and --accept-ids exclude each other; give one of them",))

    def accepted(self, previous: Previous) -> guard.Accepted:
        """What the guards let pass; `previous` is what an earlier generation tells, if there is no ledger."""
        from feeds.publish import guard

        ids = "accept" if self.accept_ids else "keep" if self.keep_ids else "ask"
        return guard.Accepted(self.accept_removals, ids, self.accept_dates, previous)


@command("build", example="feeds build posts/ --base-url https://example.org/ --output public", timed=True)
@click.option("--accept-removals", is_flag=True, help="Publish although many posts are gone.")
@click.option("--keep-ids", is_flag=True, help="Published posts keep the ids that readers know, from now on.")
@click.option("--accept-ids", is_flag=True, help="Publish although posts get other ids and show as new.")
@click.option("--accept-dates", is_flag=True, help="Publish although another time zone moves posts' dates.")
@click.option("--previous", metavar="FILE|URL", help="If there is no ledger: the manifest of the last generation, or its site.")
@click.option(
    "--adopt", metavar="FILE|URL", help="If there is no ledger: the feed that readers have; its ids and dates are kept."
)
@click.option("--dry-run", is_flag=True, help="Publish nothing; tell what subscribers would see, as `feeds diff` does.")
@json_option
def build(given: Given, *, dry_run: bool, as_json: bool, **answers: Any) -> int:
    """Publish the feeds of a folder of posts. Prints nothing if all is well, unless it runs in a terminal."""
    from feeds.build import no_change, run
    from feeds.preview import diff
    from feeds.push import announce

    accepting = _Accepting(**answers)
    accepting.check()
    settings = given.settings()
    as_of = given.instant()
    before = _before(settings, accepting.previous, accepting.adopt, as_of)
    if dry_run:
        from feeds.cli import preview

        return preview.tell_diff(settings, as_of, as_json=as_json, watched=given.is_watched())
    with output.progress(enabled=given.is_watched()) as tell:
        hooks = run.Hooks(tell, lambda outcome: no_change.record(outcome, given.words, os.environ), diff.warnings)
        outcome = run.publish(settings, as_of, accepted=accepting.accepted(before), hooks=hooks)
    pushed = announce.send_after_build(settings)
    build_report.tell(outcome, pushed, verbose=given.verbose or (sys.stdout.isatty() and not given.quiet), as_json=as_json)
    return outcome.exit_code


def _before(settings: Settings, previous: str | None, feed: str | None, as_of: datetime) -> Previous:
    """What an earlier generation tells, if there is no ledger: from its manifest, or by adopting its feed, at once."""
    from feeds.publish.manifest import Previous

    if (previous is None and feed is None) or (settings.state / "ledger.sqlite").exists():
        return Previous()
    from feeds.cli import ledger
    from feeds.migrate.previous import read

    result = read(previous) if previous is not None else Previous()
    if feed is not None and not result.tables:
        ledger.adopt(settings, feed, as_of)
    elif not result.documents and not (settings.output / MANIFEST_NAME).exists():
        text = translated(
            "{source} holds no manifest of an earlier generation: ids and dates begin anew, as in a site's first build; "
            "if posts are published already, correct --previous"
        )
        build_report.say_notice(text.format(source=previous))
    return result


@command("rollback", example="feeds rollback", settings=PLACES, timed=True)
@click.option("--release", is_flag=True, help="Let builds publish again after a rollback.")
@json_option
def rollback(given: Given, release: bool, as_json: bool) -> int:
    """Publish the previous generation again, and hold it until `feeds rollback --release`."""
    from feeds.build import held_generation
    from feeds.build.rollback import rollback as roll_back

    settings = given.settings()
    if release:
        was_held = held_generation.release(settings)
        if as_json:
            output.say_result({"released": was_held})
        else:
            output.note("Released: the next build publishes the posts as they are." if was_held else "Nothing was held.")
        return ExitCode.DONE
    result = roll_back(settings, given.instant())
    if as_json:
        output.say_result({"generation": result.generation, "changed": list(result.changed), "held": True})
    else:
        output.note(
            f"generation {result.generation} is live and held: the one before, with {len(result.changed)} documents changed "
            "back. Builds publish nothing until `feeds rollback --release`."
        )
    return ExitCode.DONE
