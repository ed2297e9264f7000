"""`feeds ping`: in come settings, out go what waits for hubs and search engines, and what came of sending it."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from feeds.cli import output
from feeds.cli.command import Given, command, json_option
from feeds.errors import ExitCode
from feeds.push.outbox import Message, outbox_of
from feeds.settings import Settings

if TYPE_CHECKING:
    from feeds.push.drain import Report

#: How long the command may take; what is left waits for the next one.
_SECONDS = 120.0
_SHOWN = 20


@command("ping", example="feeds ping")
@click.option("--now", is_flag=True, help="Send everything that is waiting, including what failed and would be retried later.")
@click.option("--list", "only_list", is_flag=True, help="Send nothing; show what is waiting, and why.")
@json_option
def ping(given: Given, now: bool, only_list: bool, as_json: bool) -> int:
    """Tell hubs and search engines of changes that they have not been told of. Builds do so as well."""
    return main(given.settings(), every=now, only_list=only_list, as_json=as_json)


def main(settings: Settings, *, every: bool, only_list: bool, as_json: bool) -> int:
    """Send what is due (with `every` all that waits), or with `only_list` tell what waits; 5 if somebody was not reached."""
    from feeds.push.drain import drain

    if only_list:
        return _list(settings, as_json=as_json)
    report = drain(settings, seconds=_SECONDS, every=every)
    if as_json:
        output.say_result(facts_of(report))
    else:
        say_report(report)
    return ExitCode.MACHINE_REFUSED if report.failures or report.unwritten else ExitCode.DONE


def facts_of(report: Report | None) -> dict[str, Any]:
    """What came of sending, for a machine; None is as if there were nothing to send."""
    from feeds.push.drain import Report

    report = report or Report()
    return {
        "sent": [{"service": message.address.service, "url": message.subject} for message in report.sent],
        "waiting": report.waiting,
        "given_up": len(report.given_up),
        "failures": report.failures,
    }


def say_report(report: Report) -> None:
    """What came of sending, for a person: silent if nothing was to do."""
    if report.busy:
        output.message("another process is sending")
    for url, error in report.failures.items():
        output.message(f"{output.paint('warning', 'warning', sys.stderr)}: {url}: {error}", sys.stderr)
    if report.given_up:
        count = output.counted(len(report.given_up), "message")
        output.message(f"{output.paint('error', 'error', sys.stderr)}: {count} given up: nobody took them", sys.stderr)
    if report.unwritten:
        what = f"the outbox cannot be written, what was sent will be sent again: {report.unwritten}"
        output.message(f"{output.paint('error', 'error', sys.stderr)}: {what}", sys.stderr)
    if report.sent or report.waiting:
        output.message(f"sent: {output.counted(len(report.sent), 'message')}; waiting: {report.waiting}")


def notice_of(report: Report | None) -> list[str]:
    """What the operator of a build must know: only what is lost, since all else is tried again."""
    if report is None or not report.given_up:
        return []
    count = output.counted(len(report.given_up), "message")
    return [f"{count} to {url} given up: {error}" for url, error in report.failures.items()]


def _list(settings: Settings, *, as_json: bool) -> int:
    contents = outbox_of(settings).read()
    waiting = sorted(contents.messages.values(), key=lambda message: (message.due, message.key))
    if as_json:
        given_up = [_facts(message) for message in contents.given_up]
        output.say_result({"waiting": [_facts(message) for message in waiting], "given_up": given_up})
        return ExitCode.DONE
    for message in waiting[:_SHOWN]:
        why = f" ({output.counted(message.attempts, 'attempt')}: {message.error})" if message.attempts else ""
        output.message(f"{_moment(message.due)} {message.address.url}: {message.subject}{why}")
    if len(waiting) > _SHOWN:
        output.message(f"{len(waiting) - _SHOWN} more")
    if not waiting:
        output.message("nothing is waiting")
    for message in contents.given_up:
        output.message(f"given up: {message.address.url}: {message.subject}: {message.error}")
    return ExitCode.DONE


def _facts(message: Message) -> dict[str, Any]:
    return {
        "service": message.address.service,
        "to": message.address.url,
        "url": message.subject,
        "due": _moment(message.due),
        "attempts": message.attempts,
        "error": message.error,
    }


def _moment(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
