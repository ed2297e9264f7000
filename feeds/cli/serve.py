"""`feeds serve` and `feeds subscribers`: the feeds over HTTP, and who reads them."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

import click

from feeds.cli import output
from feeds.cli.command import Given, argument, command, json_option
from feeds.errors import ExitCode


@command("serve", example="feeds serve --port 8000")
@click.option("--host", help="Address to listen on. Default: FEEDS_HOST, else 127.0.0.1.")
@click.option("--port", type=int, help="Port to listen on; 0 takes a free one. Default: FEEDS_PORT, PORT, else 8000.")
@click.option("--socket", metavar="PATH", type=click.Path(path_type=Path), help="Listen on a unix socket instead (FEEDS_SOCKET).")
@click.option(
    "--max-connections", metavar="N", type=int, help="Connections of one worker at a time (FEEDS_MAX_CONNECTIONS). Default: 4096."
)
@click.option("--workers", metavar="N", help="Processes that answer; 0: one for each processor. Default: FEEDS_WORKERS, else 1.")
@click.option("--folder", metavar="DIR", type=click.Path(path_type=Path), help="Serve what another process publishes into DIR.")
@click.option("--metrics-path", metavar="PATH", help="Answer Prometheus there, e.g. /metrics. Default: nowhere.")
@click.option("--access-log", metavar="FILE", help="Write a line of JSON for each request; - is standard error.")
@click.option("--log-format", type=click.Choice(("text", "json")), help="Form of the log. Default: FEEDS_LOG_FORMAT, else text.")
@click.option(
    "--deltas",
    is_flag=True,
    default=None,
    help="Send readers that ask for it only new entries (RFC 3229; FEEDS_DELTAS).",
)
def serve(given: Given, folder: Path | None, workers: str | None, **flags: object) -> int:
    """Serve the feeds of a folder of posts, always as the posts are now."""
    from feeds.serving.options import options_from
    from feeds.serving.run import serve as run_server

    if workers is not None:
        given.flags["workers"] = workers
        flags["workers"] = _count(workers)
    options = options_from(os.environ, flags)
    if folder is not None:
        return run_server(None, options=options, folder=folder)
    return run_server(given.settings(), options=options, reread=partial(given.settings))


def _count(workers: str) -> int:
    if not (workers.isascii() and workers.isdecimal() and len(workers) < 7):
        raise click.BadParameter(f"{workers!r:.40} is not a whole number", param_hint="--workers")
    return int(workers) or os.cpu_count() or 1


@command("subscribers", example="feeds subscribers /var/log/nginx/access.log", posts="")
@argument("log", "nginx's combined log, or that of `feeds serve --access-log`.", metavar="LOG", type=click.Path(path_type=Path))
@json_option
def subscribers(given: Given, log: Path, as_json: bool) -> int:  # noqa: ARG001
    """Estimate the subscribers of each feed from an access log."""
    from feeds.serving import subscribers as counting

    with log.open(encoding="utf-8", errors="replace") as lines:
        found = counting.count(lines)
    output.tell_subscribers(found, as_json=as_json)
    return ExitCode.DONE
