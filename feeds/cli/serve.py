"""`feeds serve` and `feeds subscribers`: the feeds over HTTP, and who reads them."""

from __future__ import annotations

import gzip
import os
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from feeds.cli import output
from feeds.cli.command import Given, argument, command, json_option
from feeds.cli.language import translated
from feeds.errors import ExitCode, SettingsError

if TYPE_CHECKING:
    from feeds.serving.options import ServerOptions
    from feeds.serving.subscribers import Subscribers


@command("serve", example="feeds serve --port 8000")
@click.option("--host", help="Address to listen on. Default: FEEDS_HOST, else 127.0.0.1.")
@click.option("--port", type=int, help="Port to listen on; 0 takes a free one. Default: FEEDS_PORT, PORT, else 8000.")
@click.option("--socket", metavar="PATH", type=click.Path(path_type=Path), help="Listen on a unix socket instead (FEEDS_SOCKET).")
@click.option(
    "--max-connections", metavar="N", type=int, help="Connections of one worker at a time (FEEDS_MAX_CONNECTIONS). Default: 4096."
)
@click.option("--workers", metavar="N", help="Processes that answer; 0: one for each processor. Default: FEEDS_WORKERS, else 1.")
@click.option("--folder", metavar="DIR", type=click.Path(path_type=Path), help="Serve what another process publishes into DIR.")
@click.option("--metrics-path", metavar="PATH", help="Path of the metrics for Prometheus, e.g. /metrics. Default: none.")
@click.option("--access-log", metavar="FILE", help="Write a line of JSON for each request; - is standard error.")
@click.option("--log-format", type=click.Choice(("text", "json")), help="Form of the log. Default: FEEDS_LOG_FORMAT, else text.")
@click.option(
    "--deltas",
    is_flag=True,
    default=None,
    help="Send only new entries to readers that ask for deltas (RFC 3229; FEEDS_DELTAS).",
)
@click.option(
    "--query-views",
    metavar="N",
    type=int,
    help="Answer queries, e.g. rss.xml?tag=css, with up to N entries (FEEDS_QUERY_VIEWS). Default: 0, no queries.",
)
@click.option("--preview", is_flag=True, help="For the author: pages reload on save and say what would change for subscribers.")
def serve(given: Given, folder: Path | None, workers: str | None, preview: bool, **flags: object) -> int:
    """Serve the feeds of a folder of posts, and rebuild them whenever a post changes."""
    from feeds.serving.options import options_from
    from feeds.serving.run import serve as run_server
    from feeds.serving.run import serve_preview

    if workers is not None:
        given.flags["workers"] = workers
        flags["workers"] = _count(workers)
    options = options_from(os.environ, flags)
    if preview:
        from feeds.cli.previewed import describe
        from feeds.serving.preview import Preview

        _alone(options, folder)
        return serve_preview(Preview(given.settings(), describe), options=options, reread=partial(given.settings))
    if folder is not None:
        return run_server(None, options=options, folder=folder)
    return run_server(given.settings(), options=options, reread=partial(given.settings))


def _alone(options: ServerOptions, folder: Path | None) -> None:
    """Raises SettingsError for options that do not go with --preview."""
    mistakes = []
    if folder is not None:
        mistakes.append("--preview: it is of posts, and --folder serves what is built already; leave one of the two out")
    if options.workers > 1:
        mistakes.append(f"--preview: it has one process, not {options.workers}; leave out --workers and FEEDS_WORKERS")
    if mistakes:
        raise SettingsError(tuple(mistakes))


def _count(workers: str) -> int:
    if not (workers.isascii() and workers.isdecimal() and len(workers) < 7):
        raise click.BadParameter(f"{workers!r:.40} is not a whole number", param_hint="--workers")
    return int(workers) or os.cpu_count() or 1


@command("subscribers", example="feeds subscribers /var/log/nginx/access.log", posts="")
@argument(
    "log",
    "nginx's combined log, or that of `feeds serve --access-log`; also .gz; - is standard input.",
    metavar="LOG",
    type=click.Path(),
)
@json_option
def subscribers(given: Given, log: str, as_json: bool) -> int:  # noqa: ARG001
    """Estimate the subscribers of each feed from an access log."""
    from feeds.serving import subscribers as counting

    with open_log(log) as lines:
        result = counting.count(lines)
    _tell_subscribers(result, as_json=as_json)
    return ExitCode.DONE


def open_log(name: str) -> AbstractContextManager[TextIO]:
    """The lines of a log: a file, a file packed by gzip, or "-" for standard input. Raises SettingsError."""
    if name == "-":
        return nullcontext(sys.stdin)
    path = Path(name)
    if not path.is_file():
        raise SettingsError((f"{name} is not a file; expected an access log, or - for standard input",))
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8", errors="replace")
    return path.open(encoding="utf-8", errors="replace")


def rows_of(subscribers: Sequence[Subscribers]) -> list[dict[str, object]]:
    """Subscribers of each feed for a machine."""
    return [
        {"feed": item.path, "subscribers": item.total, "by_reader": dict(sorted(item.by_agent.items()))} for item in subscribers
    ]


def _tell_subscribers(subscribers: Sequence[Subscribers], *, as_json: bool) -> None:
    """Subscribers of each feed as aggregators tell them, the most read first."""
    if as_json:
        output.say_result({"feeds": rows_of(subscribers)})
        return
    if not subscribers:
        output.say(translated("no reader in this log tells how many subscribers it has"))
        return
    rows = [(translated("Feed"), translated("Reader"), translated("Subscribers"))]
    for item in subscribers:
        rows.append((item.path, "", str(item.total)))
        rows += (("", agent, str(count)) for agent, count in sorted(item.by_agent.items(), key=lambda pair: (-pair[1], pair[0])))
    output.say_table(rows)
