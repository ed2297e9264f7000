"""The command line: in come arguments, out go an exit code and words for a person, or JSON for a machine.

Each command is defined in a module of this package, and loaded when it is asked for. No work is done here.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import click

from feeds import __version__
from feeds.cli import language, output
from feeds.cli.command import FeedsGroup, Given, Loaded, usage_message
from feeds.cli.sentences import sentence
from feeds.errors import ExitCode, FeedsError, machine_sentence, one_line

#: Every command, in the order of `feeds --help`.
COMMANDS = {
    "init": Loaded("feeds.cli.init", "command"),
    "build": Loaded("feeds.cli.build", "build"),
    "check": Loaded("feeds.cli.preview", "check"),
    "diff": Loaded("feeds.cli.preview", "diff"),
    "explain": Loaded("feeds.cli.preview", "explain"),
    "serve": Loaded("feeds.cli.serve", "serve"),
    "rollback": Loaded("feeds.cli.build", "rollback"),
    "ping": Loaded("feeds.cli.ping", "ping"),
    "ledger": Loaded("feeds.cli.ledger", "ledger"),
    "subscribers": Loaded("feeds.cli.serve", "subscribers"),
    "report": Loaded("feeds.cli.overview", "report"),
    "help": Loaded("feeds.cli.help", "show_help"),
    "completion": Loaded("feeds.cli.help", "completion"),
}

program = FeedsGroup(
    "feeds",
    COMMANDS,
    example="feeds build posts/ --base-url https://example.org/",
    help="A folder of posts in; RSS, Atom and JSON feeds out, for the site and for every category.",
)
click.version_option(__version__, "-V", "--version", prog_name="feeds", message="%(prog)s %(version)s")(program)


def main(words: Sequence[str]) -> int:
    """Run one command; returns its exit code. Never a traceback for what a user can cause."""
    code = _run(words)
    with suppress(OSError):  # The code tells of it, whether or not anybody could be told.
        output.finish()
    return code


def _run(words: Sequence[str]) -> int:
    for stream in (sys.stdout, sys.stderr):
        # What a terminal's encoding lacks is shown as an escape (e.g. an emoji in a file name under GBK).
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    language.choose(os.environ)
    for name in ("quiet", "verbose"):
        output.set_option(name, on=False)
    given = Given(words=list(words[1:]))
    try:
        code = program.main(list(words), prog_name="feeds", standalone_mode=False, obj=given, complete_var="_FEEDS_COMPLETE")
        output.finish()
        return int(code or 0)
    except click.exceptions.NoArgsIsHelpError as error:
        output.say(error.format_message(), sys.stderr)
        return ExitCode.WRONG_SETTINGS
    except click.exceptions.Abort:
        return 130
    except click.ClickException as error:
        with language.in_english():
            plain = usage_message(error, words)
        return _complain(usage_message(error, words), ExitCode.WRONG_SETTINGS, words, plain)
    except FeedsError as error:
        return _complain(str(error), error.exit_code, words)
    except KeyboardInterrupt:
        return 130
    except OSError as error:
        return _complain(machine_sentence(error), ExitCode.MACHINE_REFUSED, words)
    except Exception as error:
        code = _complain(_internal(error), ExitCode.INTERNAL, words)
        if given.verbose or os.environ.get("FEEDS_LOG_LEVEL", "").casefold() == "debug":
            raise
        return code


def _internal(error: Exception) -> str:
    """An error of this program in one line, with the place where it was raised."""
    from traceback import extract_tb

    last = extract_tb(error.__traceback__)[-1]
    where = f"{Path(last.filename).name}:{last.lineno} in {last.name}"
    return (
        f"internal error, nothing was published: {type(error).__name__}: {one_line(error)} ({where}); "
        "report it, with the traceback that FEEDS_LOG_LEVEL=debug shows"
    )


def _complain(text: str, code: int, words: Sequence[str], plain: str = "") -> int:
    """Tell what went wrong, also to a machine that asked for JSON (in English: `plain`); returns the exit code."""
    # A log on the disk that is full takes no word: the exit code still tells.
    with suppress(OSError):
        output.say(f"feeds: {sentence(text)}", sys.stderr)
    if "--json" in words:
        with suppress(OSError):
            output.say_result({"error": {"exit_code": int(code), "message": plain or text}})
    return code
