"""The command line: in come arguments, out go an exit code and words for a person, or JSON for a machine.

Each command parses, loads the settings, calls one function and tells what it returned. No work is done here.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from feeds import __version__
from feeds.cli import output
from feeds.errors import ExitCode, FeedsError, SettingsError, one_line
from feeds.settings import Settings
from feeds.settings.fields import FIELDS, FLAGS
from feeds.settings.rows import in_plain_words

_EXIT_CODES = """exit codes:
  0  done
  1  done, but posts are broken (`feeds check` names them)
  2  wrong settings or arguments
  3  refused to publish: too many posts gone, or the posts folder is missing or empty
  4  another build is running
  5  operating system error (disk, permission, damaged ledger): nothing changed
  70 internal error: nothing changed
"""


def _settings_options(parser: argparse.ArgumentParser, *, posts: bool = True) -> None:
    if posts:
        parser.add_argument("posts", nargs="?", metavar="POSTS", help="folder of posts (default: posts)")
    else:
        parser.add_argument("--posts", metavar="POSTS", help="folder of posts (default: posts)")
    parser.add_argument("--config", metavar="FILE", type=Path, help="settings file (default: feeds.toml, where there is one)")
    for name in FLAGS:
        flag, _, metavar = FIELDS[name].row.flag.partition(" ")
        text = in_plain_words(FIELDS[name].row.summary).replace("%", "%%")
        parser.add_argument(flag, dest=f"setting:{name}", metavar=metavar, help=text)


def _time_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--as-of",
        metavar="TIME",
        help="act as if it were this time, as 2026-01-01T00:00:00Z (default: SOURCE_DATE_EPOCH, else now)",
    )


def _json_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print JSON, for a machine to read")


def settings_of(arguments: argparse.Namespace, *, need_base_url: bool = True) -> Settings:
    """The settings that file, environment and flags give."""
    from feeds.settings import load

    flags: dict[str, object] = {"posts": arguments.posts}
    flags.update({name: getattr(arguments, f"setting:{name}") for name in FLAGS})
    return load(config=arguments.config, environ=os.environ, flags=flags, cwd=Path.cwd(), need_base_url=need_base_url)


def instant(arguments: argparse.Namespace, environ: Mapping[str, str]) -> datetime:
    """The instant as of which a command works: --as-of, SOURCE_DATE_EPOCH, or now; aware UTC in whole seconds."""
    from datetime import UTC

    from feeds import clock

    if arguments.as_of:
        from feeds import dates

        try:
            return dates.parse(arguments.as_of, UTC)
        except ValueError as error:
            raise SettingsError((f"--as-of: {error}",)) from None
    return clock.now(environ)


def _build(arguments: argparse.Namespace) -> int:
    from feeds.build import run
    from feeds.push import announce

    settings = settings_of(arguments)
    as_of = instant(arguments, os.environ)
    if arguments.dry_run:
        return _diff(arguments)
    with output.progress(enabled=sys.stderr.isatty()) as tell:
        outcome = run.publish(
            settings, as_of, accept_removals=arguments.accept_removals, tell=tell,
            accept_dates=arguments.accept_dates,
            ids="accept" if arguments.accept_ids else "keep" if arguments.keep_ids else "ask",
            then=lambda done: run.record_unchanged(done, arguments.words, os.environ),
        )  # fmt: skip
    pushed = announce.send_after_build(settings)
    output.tell_build(outcome, pushed, verbose=arguments.verbose or sys.stdout.isatty(), as_json=arguments.json)
    return outcome.exit_code


def _ping(arguments: argparse.Namespace) -> int:
    from feeds.cli import ping

    settings = settings_of(arguments)
    return ping.main(settings, every=arguments.now, only_list=arguments.list, as_json=arguments.json)


def _check(arguments: argparse.Namespace) -> int:
    from feeds.build import run
    from feeds.cli import fix, report
    from feeds.preview import check

    settings = settings_of(arguments, need_base_url=False)
    as_of = instant(arguments, os.environ)
    with run.look(settings, as_of, everything=True) as (site, built):
        checked = check.examine(site, built)
        fixes = fix.propose(built, checked) if arguments.fix else {}
    if arguments.fix:
        return fix.apply(settings, fixes, sure=arguments.yes)
    report.tell(checked, settings.posts, "json" if arguments.json else arguments.format)
    return checked.exit_code


def _diff(arguments: argparse.Namespace) -> int:
    from feeds.build import run
    from feeds.preview import diff

    settings = settings_of(arguments)
    with run.look(settings, instant(arguments, os.environ)) as (site, built):
        found = diff.look(site, built)
        output.tell_diff(found, timezone=settings.timezone, as_json=arguments.json)
    return ExitCode.REFUSED if found.resurfacing else ExitCode.DONE


def _explain(arguments: argparse.Namespace) -> int:
    from feeds.build import run
    from feeds.preview import explain

    settings = settings_of(arguments, need_base_url=False)
    with run.look(settings, instant(arguments, os.environ)) as (_, built):
        output.tell_explain(explain.explain(settings, built, arguments.what), as_json=arguments.json)
    return ExitCode.DONE


def _rollback(arguments: argparse.Namespace) -> int:
    from feeds.build import held, run

    settings = settings_of(arguments)
    output.say(held.release(settings) if arguments.release else run.rollback(settings))
    return ExitCode.DONE


def _serve(arguments: argparse.Namespace) -> int:
    from functools import partial

    from feeds.serving.options import options_from
    from feeds.serving.run import serve

    workers = getattr(arguments, "setting:workers")
    flags = {
        name: getattr(arguments, name)
        for name in ("host", "port", "socket", "max_connections", "metrics_path", "access_log", "log_format")
    }
    options = options_from(os.environ, {**flags, "workers": None if workers is None else int(workers) or os.cpu_count() or 1})
    if arguments.folder is not None:
        return serve(None, options=options, folder=arguments.folder)
    return serve(settings_of(arguments), options=options, reread=partial(settings_of, arguments))


def _subscribers(arguments: argparse.Namespace) -> int:
    from feeds.serving import subscribers

    with arguments.log.open(encoding="utf-8", errors="replace") as lines:
        found = subscribers.count(lines)
    output.tell_subscribers(found, as_json=arguments.json)
    return ExitCode.DONE


def _ledger(arguments: argparse.Namespace) -> int:
    from feeds.cli import ledger as ledger_commands

    settings = settings_of(arguments, need_base_url=arguments.action == "adopt")
    return ledger_commands.main(settings, arguments.action, arguments.file)


def _init(arguments: argparse.Namespace) -> int:
    from feeds import clock
    from feeds.cli import init

    as_of = clock.now(os.environ)
    if arguments.check:
        return init.check(arguments.folder, arguments.check, as_of)
    return init.main(arguments.folder, force=arguments.force, base_url=arguments.base_url, feed=arguments.feed, as_of=as_of)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="feeds",
        description="A folder of posts in; RSS, Atom and JSON feeds out, for the site and for every category.",
        epilog=_EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"feeds {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, run: Any, text: str) -> argparse.ArgumentParser:
        made: argparse.ArgumentParser = commands.add_parser(
            name, help=text, description=text, epilog=_EXIT_CODES, formatter_class=argparse.RawDescriptionHelpFormatter
        )
        made.set_defaults(run=run)
        return made

    init = command("init", _init, "Write a commented feeds.toml, from what the folder's site generator says.")
    init.add_argument("folder", nargs="?", default=".", type=Path, metavar="DIR", help="the site's folder (default: here)")
    init.add_argument("--force", action="store_true", help="replace a feeds.toml that is there")
    init.add_argument("--base-url", metavar="URL", help="the blog's address, if its settings do not say it")
    init.add_argument("--feed", metavar="FEED", help="the old feed, an address or a file: its entries' ids are kept")
    init.add_argument("--check", metavar="FEED", help="write nothing; compare what would be published with a live feed")

    build = command("build", _build, "Publish the feeds of a folder of posts. Silent when all is well.")
    _settings_options(build)
    _time_option(build)
    build.add_argument("--accept-removals", action="store_true", help="publish although many posts are gone")
    ids = build.add_mutually_exclusive_group()
    ids.add_argument("--keep-ids", action="store_true", help="published posts keep the ids that readers know, from now on")
    ids.add_argument("--accept-ids", action="store_true", help="publish although posts get other ids and show as new")
    build.add_argument("--accept-dates", action="store_true", help="publish although another time zone moves posts' dates")
    build.add_argument("--dry-run", action="store_true", help="publish nothing; tell what subscribers would see, as `diff` does")
    build.add_argument("-v", "--verbose", action="store_true", help="tell what was published and what was left out")
    _json_option(build)

    check = command("check", _check, "Tell what is wrong with posts, and which are left out and why. Publishes nothing.")
    _settings_options(check)
    _time_option(check)
    _json_option(check)
    check.add_argument("--format", choices=("text", "json", "github", "sarif"), default="text", help="form of the findings")
    check.add_argument("--fix", action="store_true", help="correct what is mechanical; shows the difference, then asks")
    check.add_argument("--yes", action="store_true", help="with --fix: do not ask")

    diff = command(
        "diff",
        _diff,
        "Tell what subscribers would see of a build. Publishes nothing; exit 3 if old posts would come back as new.",
    )
    _settings_options(diff)
    _time_option(diff)
    _json_option(diff)

    explain = command("explain", _explain, "Tell why a post is or is not in a feed: its id, dates, terms and documents.")
    explain.add_argument("what", metavar="POST|FEED|URL", help="a post's file, a feed's path, an id or an address")
    _settings_options(explain)
    _time_option(explain)
    _json_option(explain)

    rollback = command("rollback", _rollback, "Publish the generation before this one again, and hold it.")
    rollback.add_argument("--release", action="store_true", help="let builds publish again after a rollback")
    _settings_options(rollback)

    ping = command(
        "ping", _ping, "Tell hubs and search engines of changes that they have not been told of. Builds do so as well."
    )
    ping.add_argument("--now", action="store_true", help="send all that waits, also what failed and is to be tried later")
    ping.add_argument("--list", action="store_true", help="send nothing; show what waits, and why")
    _json_option(ping)
    _settings_options(ping)

    serve = command("serve", _serve, "Serve the feeds of a folder of posts, always as the posts are now.")
    _settings_options(serve)
    serve.add_argument("--host", help="address to listen on (default: FEEDS_HOST, else 127.0.0.1)")
    serve.add_argument("--port", type=int, help="port to listen on; 0 takes a free one (default: FEEDS_PORT, PORT, else 8000)")
    serve.add_argument("--socket", metavar="PATH", type=Path, help="listen on a unix socket instead (FEEDS_SOCKET)")
    serve.add_argument(
        "--max-connections",
        metavar="N",
        type=int,
        help="connections of one worker at a time (FEEDS_MAX_CONNECTIONS; default 4096)",
    )
    serve.add_argument("--log-format", choices=["text", "json"], help="form of the log (default: FEEDS_LOG_FORMAT, else text)")
    serve.add_argument("--folder", metavar="DIR", type=Path, help="serve what another process publishes into DIR; build nothing")
    serve.add_argument("--metrics-path", metavar="PATH", help="answer Prometheus there, as /metrics (default: nowhere)")
    serve.add_argument("--access-log", metavar="FILE", help="write a line of JSON for each request; - is standard error")

    subscribers = command("subscribers", _subscribers, "Estimate the subscribers of each feed from an access log.")
    subscribers.add_argument("log", metavar="LOG", type=Path, help="nginx's combined log, or that of `feeds serve --access-log`")
    _json_option(subscribers)

    ledger = command(
        "ledger", _ledger, "Carry ids from one place to another: export, import, adopt, restore; forget a term without posts."
    )
    ledger.add_argument("action", choices=("export", "import", "adopt", "restore", "forget"), help="what to do")
    ledger.add_argument(
        "file",
        nargs="?",
        metavar="FILE|URL|FEED",
        help="where to read or write (default: standard output or input), or which feed",
    )
    _settings_options(ledger, posts=False)
    return parser


def main(words: Sequence[str]) -> int:
    """Run one command; returns its exit code. Never a traceback for what a user can cause."""
    for stream in (sys.stdout, sys.stderr):
        # What a terminal's encoding lacks is shown as an escape (e.g. an emoji in a file name under GBK).
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    arguments = _parser().parse_args(words)
    arguments.words = list(words[1:])
    try:
        return int(arguments.run(arguments))
    except FeedsError as error:
        _complain(str(error))
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return ExitCode.DONE
    except OSError as error:
        _complain(f"operating system error: {error}")
        return ExitCode.MACHINE_REFUSED
    except Exception as error:
        _complain(_internal(error))
        if os.environ.get("FEEDS_LOG_LEVEL", "").casefold() == "debug":
            raise
        return ExitCode.INTERNAL


def _internal(error: Exception) -> str:
    """An error of this program in one line, with the place where it was raised."""
    from traceback import extract_tb

    last = extract_tb(error.__traceback__)[-1]
    where = f"{Path(last.filename).name}:{last.lineno} in {last.name}"
    return (
        f"internal error, nothing was published: {type(error).__name__}: {one_line(error)} ({where}); "
        "report it, with the traceback that FEEDS_LOG_LEVEL=debug shows"
    )


def _complain(text: str) -> None:
    # A log on the disk that is full takes no word: the exit code still tells.
    with suppress(OSError):
        output.say(f"feeds: {text}", sys.stderr)
