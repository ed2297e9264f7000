"""docs/commands.md, made from the commands: `python -m feeds.cli.page > docs/commands.md`."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import click

from feeds.cli.command import Argument, FeedsCommand, FeedsGroup, is_of_all_commands, is_of_settings
from feeds.cli.help import EXIT_CODES
from feeds.cli.main import program

_INTRODUCTION = """# Commands

`feeds help COMMAND` prints what this page says. Options are written in full: `--base` is not taken for `--base-url`.
`eval "$(feeds completion bash)"` in `~/.bashrc` has the shell complete commands and options (zsh: the same in `~/.zshrc`,
with `zsh`; fish: `feeds completion fish | source`).

All commands take `-q` (`--quiet`: print nothing but errors and what was asked for), `-v` (`--verbose`: tell more; of an
internal error, its traceback) and `-h` (`--help`). Commands that read posts take `--config FILE`, and flags for some
[settings](settings.md), which go before the settings file for this run. Commands that depend on the time take
`--as-of TIME` (default: `SOURCE_DATE_EPOCH`, else now). `feeds -V` prints the version.

Output for people is coloured on a terminal, unless `NO_COLOR` is set or `TERM` is `dumb`. With `--json`, commands print
JSON: [json.md](json.md) describes it.

## Exit codes

| Code | Meaning |
|---|---|"""


def page() -> str:
    """The whole page."""
    return "\n".join(_page()) + "\n"


def _page() -> Iterator[str]:
    yield from _INTRODUCTION.split("\n")
    yield from (f"| {int(code)} | {meaning} |" for code, meaning in EXIT_CODES.items())
    yield from _commands(program, "feeds", "##")


def _commands(group: FeedsGroup, path: str, heading: str) -> Iterator[str]:
    ctx = click.Context(group, info_name=path, **group.context_settings)
    for name in group.list_commands(ctx):
        result = group.get_command(ctx, name)
        if isinstance(result, FeedsGroup):
            yield from ("", f"{heading} `{path} {name}`", "", result.help or "")
            yield from _commands(result, f"{path} {name}", heading + "#")
        elif isinstance(result, FeedsCommand):
            yield from _command(result, f"{path} {name}", heading)


def _command(command: FeedsCommand, path: str, heading: str) -> Iterator[str]:
    ctx = click.Context(command, info_name=path, **command.context_settings)
    yield from ("", f"{heading} `{path}`", "", command.help or "", "", "```sh", command.example, "```")
    rows = []
    for parameter in command.get_params(ctx):
        if isinstance(parameter, Argument):
            rows.append((parameter.make_metavar(ctx), parameter.help_text))
        elif isinstance(parameter, click.Option) and not is_of_all_commands(parameter) and not is_of_settings(parameter):
            record = parameter.get_help_record(ctx)
            rows.append((record[0] if record else "", parameter.help or ""))
    if rows:
        yield from ("", "| Argument or option | |", "|---|---|")
        yield from (f"| `{name.replace('|', chr(92) + '|')}` | {text} |" for name, text in rows)
    flags = [parameter.opts[-1] for parameter in command.get_params(ctx) if is_of_settings(parameter)]
    if flags:
        yield from ("", f"Settings: {', '.join(f'`{flag}`' for flag in flags)}.")


if __name__ == "__main__":
    sys.stdout.write(page())
