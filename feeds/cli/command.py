"""What all commands share: options of settings, common options, the layout of help, and hints for mistyped words.

In come arguments as click parses them, out goes a `Given`, from which a command asks its settings and its instant. A command is a
function that takes the Given and its own options, and returns an exit code; its docstring is its help.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import click
from click.shell_completion import CompletionItem

from feeds.cli import language, output
from feeds.cli.language import translated
from feeds.cli.sentences import phrase
from feeds.errors import SettingsError
from feeds.lazy_patterns import lazy_pattern
from feeds.settings import Settings
from feeds.settings.fields import FIELDS, FLAGS
from feeds.settings.kinds import nearest
from feeds.settings.rows import in_plain_words

#: The settings that say where things are: what commands that build nothing need.
PLACES = ("base_url", "output", "state")
#: Width of help where the terminal allows it, in columns.
_WIDTH = 100
#: What other programs call what our commands do.
_OTHER_WORDS = {
    "preview": "serve --preview", "watch": "serve --preview", "server": "serve", "s": "serve", "start": "serve", "run": "serve",
    "generate": "build", "publish": "build", "deploy": "build", "g": "build", "new": "init", "setup": "init", "lint": "check",
    "validate": "check", "doctor": "check", "status": "diff", "undo": "rollback", "revert": "rollback", "why": "explain",
    "stats": "report", "version": "-V",
}  # fmt: skip
_CLAUSE_END = lazy_pattern(r"[,;:] |[，；：。、]|\. ")


@dataclass(slots=True)
class Given:
    """What stands on a command's line beside its own options. `words` are the arguments behind the command's name."""

    words: Sequence[str] = ()
    flags: dict[str, object] = field(default_factory=dict)
    """What was given for each setting, by dotted name; None where nothing was."""
    config: Path | None = None
    as_of: str | None = None
    quiet: bool = False
    verbose: bool = False

    def settings(self, *, need_base_url: bool = True) -> Settings:
        """The settings that file, environment and flags give."""
        from feeds.settings import load

        settings = load(config=self.config, environ=os.environ, flags=self.flags, cwd=Path.cwd(), need_base_url=need_base_url)
        language.choose(os.environ, settings.messages)
        return settings

    def is_watched(self) -> bool:
        """Whether a person wants to see how far the work is."""
        return output.is_watched() and not self.quiet

    def instant(self) -> datetime:
        """The instant as of which a command works: --as-of, SOURCE_DATE_EPOCH, or now; aware UTC in whole seconds."""
        from feeds import clock

        if not self.as_of:
            return clock.now(os.environ)
        from feeds import dates

        try:
            return dates.parse(self.as_of, UTC)
        except ValueError as error:
            raise SettingsError((f"--as-of: {error}",)) from None


class _CommonOption(click.Option):
    """An option of all commands; its value goes into the Given."""


class _SettingOption(click.Option):
    """An option that sets a setting for one run."""


def is_of_settings(parameter: click.Parameter) -> bool:
    """Whether a parameter sets a setting for one run."""
    return isinstance(parameter, _SettingOption)


def is_of_all_commands(parameter: click.Parameter) -> bool:
    """Whether a parameter is the same in all commands that have it."""
    return isinstance(parameter, _CommonOption) or "--help" in parameter.opts


def clause(text: str) -> str:
    """The first clause of a help text, in the chosen language: what a shell shows beside a completion."""
    return _CLAUSE_END.split(translated(text), maxsplit=1)[0].rstrip(".")


class _Completed(click.Command):
    """A command of which a shell shows clauses. (fish's script of click's ends a text at its first comma.)"""

    def get_short_help_str(self, limit: int = 45) -> str:  # noqa: ARG002
        return clause(self.help or "")

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        items = super().shell_complete(ctx, incomplete)
        return [CompletionItem(item.value, item.type, clause(item.help) if item.help else None) for item in items]


_HEADINGS = ("Arguments", "Options", "Settings for this run", "Common options")


class FeedsCommand(_Completed):
    """A command whose help begins with an example and shows its own options before those that it shares."""

    def __init__(self, name: str, *, example: str, **facts: Any) -> None:
        super().__init__(name, context_settings={"max_content_width": _WIDTH, "help_option_names": ["-h", "--help"]}, **facts)
        self.example = example

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write(f"  $ {self.example}\n\n")
        formatter.write_text(translated(self.help or ""))
        formatter.write_paragraph()
        formatter.write_usage(ctx.command_path, " ".join(self.collect_usage_pieces(ctx)), translated("Usage:") + " ")
        self._sections(ctx, formatter)
        formatter.write_paragraph()
        formatter.write_text(translated("Exit codes: feeds help exit-codes"))

    def _sections(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        sections: dict[str, list[tuple[str, str]]] = {heading: [] for heading in _HEADINGS}
        for parameter in self.get_params(ctx):
            if isinstance(parameter, Argument):
                sections["Arguments"].append((parameter.make_metavar(ctx), translated(parameter.help_text)))
            elif isinstance(parameter, click.Option) and (record := parameter.get_help_record(ctx)) is not None:
                shared = "Common options" if is_of_all_commands(parameter) else "Options"
                heading = "Settings for this run" if is_of_settings(parameter) else shared
                sections[heading].append((record[0], translated(parameter.help or "")))
        for heading, rows in sections.items():
            if rows:
                with formatter.section(translated(heading)):
                    formatter.write_dl(rows)


class Argument(click.Argument):
    """An argument with a line in the help."""

    def __init__(self, declarations: Sequence[str], *, help_text: str, **facts: Any) -> None:
        super().__init__(declarations, **facts)
        self.help_text = help_text


def argument(name: str, help_text: str, **facts: Any) -> Callable[[Any], Any]:
    """Declare an argument of a command."""
    return click.argument(name, cls=Argument, help_text=help_text, **facts)


json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, for a machine to read.")


def command(
    name: str, *, example: str, posts: str = "POSTS", settings: Sequence[str] = tuple(FLAGS), timed: bool = False
) -> Callable[[Callable[..., int]], FeedsCommand]:
    """Make a command of a function. `posts` is how the posts folder is given: "POSTS", "--posts", or "" for a command without
    settings; `settings` are those that have a flag; a `timed` one takes --as-of.
    """

    def decorate(function: Callable[..., int]) -> FeedsCommand:
        own: list[click.Parameter] = list(reversed(getattr(function, "__click_params__", [])))
        # An option of the command's own goes before a setting of the same name, e.g. `feeds serve --workers`.
        taken = {flag for parameter in own for flag in parameter.opts}
        shared = [parameter for parameter in _shared(posts, settings, timed=timed) if not taken.intersection(parameter.opts)]
        help_text = " ".join((function.__doc__ or "").split())
        return FeedsCommand(name, example=example, callback=click.pass_obj(function), params=[*own, *shared], help=help_text)

    return decorate


def _shared(posts: str, settings: Sequence[str], *, timed: bool) -> list[click.Parameter]:
    parameters: list[click.Parameter] = []
    own: dict[str, Any] = {"type": click.Path(), "expose_value": False, "callback": _flag("posts")}
    if posts == "POSTS":
        parameters.append(Argument(["posts"], metavar="[POSTS]", help_text=_summary("posts"), required=False, **own))
    elif posts:
        parameters.append(_SettingOption(["posts", posts], metavar="DIR", help=_summary("posts"), **own))
    if posts:
        parameters += [_setting(name) for name in settings]
        text = "Settings file. Default: the feeds.toml beside the posts, or in the current folder."
        parameters.append(_common("--config", "FILE", text, type=click.Path(path_type=Path)))
    if timed:
        text = "Act as if it were this time, e.g. 2026-01-01T00:00:00Z. Default: SOURCE_DATE_EPOCH, else now."
        parameters.append(_common("--as-of", "TIME", text))
    parameters.append(_common("-q/--quiet", "", "Print nothing but errors and what was asked for.", is_flag=True))
    parameters.append(_common("-v/--verbose", "", "Print more; for an internal error, its traceback.", is_flag=True))
    return parameters


def _summary(name: str) -> str:
    return in_plain_words(FIELDS[name].row.summary)


def _setting(name: str) -> click.Option:
    flag, _, metavar = FIELDS[name].row.flag.partition(" ")
    variable = name.replace(".", "_")
    return _SettingOption([variable, flag], metavar=metavar, help=_summary(name), expose_value=False, callback=_flag(name))


def _flag(name: str) -> Callable[[click.Context, click.Parameter, Any], None]:
    """Keeps the value of a setting's flag in the Given."""

    def keep(ctx: click.Context, _: click.Parameter, value: Any) -> None:
        ctx.ensure_object(Given).flags[name] = value

    return keep


def _common(flags: str, metavar: str, text: str, **facts: Any) -> click.Option:
    names = flags.split("/")
    attribute = names[-1].removeprefix("--").replace("-", "_")

    def keep(ctx: click.Context, _: click.Parameter, value: Any) -> None:
        setattr(ctx.ensure_object(Given), attribute, value)
        if attribute in ("quiet", "verbose"):
            output.set_option(attribute, on=value)

    return _CommonOption([attribute, *names], metavar=metavar or None, help=text, expose_value=False, callback=keep, **facts)


class Loaded(NamedTuple):
    """Where a command is defined: its module and its name there."""

    module: str
    name: str


class FeedsGroup(_Completed, click.Group):
    """Commands that are loaded when they are asked for; a mistyped one is answered with the nearest."""

    def __init__(self, name: str, table: Mapping[str, Loaded], *, example: str = "", **facts: Any) -> None:
        super().__init__(name, context_settings={"max_content_width": _WIDTH, "help_option_names": ["-h", "--help"]}, **facts)
        self.table, self.example = table, example

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return [*self.table]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        loaded = self.table.get(cmd_name)
        if loaded is None:
            return None
        result: click.Command = getattr(import_module(loaded.module), loaded.name)
        return result

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if self.get_command(ctx, name) is None and not name.startswith("-"):
            near = nearest(name, self.table)
            meant = _OTHER_WORDS.get(name.casefold(), "") or (near.split('"')[-2] if near.count('"') > 1 else near)
            known = translated('did you mean "{names}"?').format(names=meant) if meant else ""
            listed = translated("expected one of {names}").format(names=translated(", ").join(self.table))
            text = translated("{name} is not a command").format(name=repr(name))
            ctx.fail(translated("{text}; {more}").format(text=text, more=known or listed))
        return super().resolve_command(ctx, args)

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        if self.example:
            formatter.write(f"  $ {self.example}\n\n")
        formatter.write_text(translated(self.help or ""))
        formatter.write_paragraph()
        formatter.write_usage(ctx.command_path, " ".join(self.collect_usage_pieces(ctx)), translated("Usage:") + " ")
        rows = []
        for name in self.list_commands(ctx):
            result = self.get_command(ctx, name)
            if result is not None:
                rows.append((name, translated(result.help or "").partition(". ")[0].partition("。")[0].rstrip(".")))
        with formatter.section(translated("Commands")):
            formatter.write_dl(rows)
        options = [parameter.get_help_record(ctx) for parameter in self.get_params(ctx)]
        with formatter.section(translated("Options")):
            formatter.write_dl([(record[0], translated(record[1])) for record in options if record])
        formatter.write_paragraph()
        formatter.write_text(translated("Exit codes: feeds help exit-codes"))


def usage_message(error: click.ClickException, words: Sequence[str]) -> str:
    """What to print about arguments that cannot be understood."""
    ctx = error.ctx if isinstance(error, click.UsageError) else None
    path = ctx.command_path if ctx is not None else " ".join(("feeds", *words[:1]))
    return f"{_usage_error(error)}\n{translated('{command} --help says more').format(command=path)}"


def _usage_error(error: click.ClickException) -> str:
    if isinstance(error, click.NoSuchOption):
        return _no_option(error)
    if isinstance(error, click.MissingParameter) and error.param is not None and error.ctx is not None:
        return translated("{name} is missing").format(name=error.param.make_metavar(error.ctx))
    if isinstance(error, click.BadParameter) and error.param is not None:
        return f"{error.param_hint or '/'.join(error.param.opts)}: {_wrong_value(error, error.param)}"
    if isinstance(error, click.BadOptionUsage) and error.message.endswith("requires an argument."):
        return translated("{name} needs a value").format(name=error.option_name)
    extra = re.fullmatch(r"Got unexpected extra arguments? \((.*)\)", error.message)
    if extra is not None:
        return translated("{words}: not expected here").format(words=extra[1])
    return error.format_message()


def _no_option(error: click.NoSuchOption) -> str:
    """The option that was meant: one that begins so, else the nearest; or where an option of commands belongs."""
    text = translated("{name} is not an option").format(name=error.option_name)
    ctx = error.ctx
    if ctx is not None and isinstance(ctx.command, FeedsGroup) and ctx.parent is None and error.option_name != "--version":
        names = [name for name in ctx.command.table if _has_option(ctx, name, error.option_name)]
        if names:
            example = f"feeds {'build' if 'build' in names else names[0]} {error.option_name}"
            return translated("{text}; it belongs behind a command: {example}").format(text=text, example=example)
    begun = [name for name in error.possibilities or () if name.startswith(error.option_name)]
    names = begun or list(error.possibilities or ())[:1]
    if not names:
        return text
    near = translated("did you mean {names}?").format(names=translated(", ").join(names))
    return translated("{text}; {more}").format(text=text, more=near)


def _has_option(ctx: click.Context, name: str, option: str) -> bool:
    command = ctx.command.get_command(ctx, name) if isinstance(ctx.command, click.Group) else None
    return command is not None and any(option in parameter.opts for parameter in command.get_params(ctx))


def _wrong_value(error: click.BadParameter, parameter: click.Parameter) -> str:
    """What is wrong with a value that click refuses."""
    quoted = re.match(r"'([^']{0,200})' is not ", error.message)
    if quoted is not None and isinstance(parameter.type, click.types.IntParamType):
        return translated("{value} is not a whole number").format(value=repr(quoted[1]))
    if quoted is not None and isinstance(parameter.type, click.Choice):
        near = nearest(quoted[1], parameter.type.choices)
        text = translated("{value} is not known; expected one of {names}")
        return text.format(value=repr(quoted[1]), names=", ".join(parameter.type.choices)) + (
            f" ({phrase(near)})" if near else ""
        )
    return error.message
