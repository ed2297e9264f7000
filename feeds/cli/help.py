"""`feeds help` and `feeds completion`: help by topic, and scripts with which a shell completes commands and options."""

from __future__ import annotations

import click
from click.shell_completion import BashComplete, CompletionItem, FishComplete, ShellComplete, ZshComplete

from feeds.cli import json_page, output
from feeds.cli.command import Given, argument, command
from feeds.cli.language import translated
from feeds.errors import ExitCode

#: What each exit code means, once for all commands; docs/commands.md is made of it.
EXIT_CODES: dict[int, str] = {
    ExitCode.DONE: "Done.",
    ExitCode.POSTS_BROKEN: "Done, but posts are broken: feeds check names them.",
    ExitCode.WRONG_SETTINGS: "Wrong settings or arguments; nothing was touched.",
    ExitCode.REFUSED: "Refused: too many posts gone, ids of published posts would change, or old posts would come back as new.",
    ExitCode.ALREADY_RUNNING: "Another build is running.",
    ExitCode.MACHINE_REFUSED: "Operating system error (disk, permission, damaged ledger); nothing changed.",
    ExitCode.INTERNAL: "Internal error; nothing was published.",
}
_SHELLS: dict[str, type[ShellComplete]] = {"bash": BashComplete, "zsh": ZshComplete, "fish": FishComplete}


def _topics(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG001
    """What may follow `feeds help`."""
    root = ctx.find_root()
    items = root.command.shell_complete(root, incomplete)
    names = [*(item.value for item in items if not item.value.startswith("-")), "exit-codes", "json-schema"]
    helps = {item.value: item.help for item in items}
    return [CompletionItem(name, help=helps.get(name)) for name in names if name.startswith(incomplete)]


@command("help", example="feeds help build", posts="")
@argument(
    "topic", "A command, exit-codes, or json-schema.", nargs=-1, metavar="[COMMAND]... | exit-codes | json-schema",
    shell_complete=_topics,
)  # fmt: skip
def show_help(given: Given, topic: tuple[str, ...]) -> int:  # noqa: ARG001
    """Tell what a command does, what its options are, and what exit codes mean."""
    if topic == ("exit-codes",):
        for code, meaning in EXIT_CODES.items():
            output.say(f"{code:>3}  {translated(meaning)}")
        return ExitCode.DONE
    if topic == ("json-schema",):
        output.say_json(json_page.schema())
        return ExitCode.DONE
    ctx = click.get_current_context().find_root()
    group: click.Command = ctx.command
    for word in topic:
        if not isinstance(group, click.Group):
            ctx.fail(f"{' '.join(topic)!r} is not a command")
        name, inner, _ = group.resolve_command(ctx, [word])
        if inner is not None:
            group, ctx = inner, click.Context(inner, info_name=name, parent=ctx)
    output.say(group.get_help(ctx))
    return ExitCode.DONE


@command("completion", example='eval "$(feeds completion bash)"', posts="")
@argument("shell", "The shell that is to complete.", type=click.Choice(tuple(_SHELLS)))
def completion(given: Given, shell: str) -> int:  # noqa: ARG001
    """Print the script with which a shell completes commands and options. Put the example's line into ~/.bashrc."""
    root = click.get_current_context().find_root()
    script = _SHELLS[shell](root.command, {}, "feeds", "_FEEDS_COMPLETE")
    output.say(script.source_template % script.source_vars())
    return ExitCode.DONE
