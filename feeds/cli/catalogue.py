"""The catalogues of messages: `python -m feeds.cli.catalogue` adds new messages to feeds/locale/*/feeds.po.

In come the sources of the command line, the commands, the settings with flags and the findings; out go the texts that a
person may read.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import click
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from feeds import findings
from feeds.cli import explained
from feeds.cli.command import Argument, FeedsGroup
from feeds.cli.help import EXIT_CODES
from feeds.cli.language import DOMAIN, LANGUAGES, po_file
from feeds.cli.main import program
from feeds.cli.templates import templates
from feeds.posts.visibility import REASONS

#: Texts that are translated under a name: severities, states of feeds, headings of help, nouns that are counted.
_NAMED = (
    "error", "warning", "notice", "new", "gone", "small", "large",
    "number", "list", "table", "a number", "a list", "a table", "text", "reading posts", "converting", "publishing",
    "an access log, or - for standard input",
    "the remote of the git repository", "the repository in its settings", "the folder's name",
    *REASONS, "scheduled", "expired", "broken", "duplicate-id",
    "Arguments", "Options", "Settings for this run", "Common options", "Commands",
    *(f"{{count}} {noun}" for noun in (
        "post", "posts", "feed", "feeds", "document", "documents", "category", "categories", "tag", "tags", "author", "authors",
        "error", "errors", "warning", "warnings", "notice", "notices", "entry", "entries", "file", "files", "term", "terms",
        "message", "messages", "attempt", "attempts", "address", "addresses", "set", "sets", "archive", "archives",
    )),
)  # fmt: skip


def messages() -> list[str]:
    """Every text that is translated, once, in a fixed order."""
    results = [*_in_the_sources(), *_in_help(program), *EXIT_CODES.values(), *_NAMED]
    results += [*templates(), *explained.texts(), *(described.meaning for described in findings.table().values())]
    return [*dict.fromkeys(filter(None, results))]


def _in_the_sources() -> Iterator[str]:
    """The argument of each call of `translated` that is written out."""
    template = Path(__file__).with_name("overview.html.j2").read_text("utf-8")
    yield from re.findall(r'_\("([^"]+)"\)', template)
    for path in sorted(Path(__file__).parent.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "translated":
                argument = node.args[0]
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    yield argument.value


def _in_help(group: FeedsGroup) -> Iterator[str]:
    yield group.help or ""
    ctx = click.Context(group, **group.context_settings)
    for name in group.list_commands(ctx):
        result = group.get_command(ctx, name)
        if isinstance(result, FeedsGroup):
            yield from _in_help(result)
        elif result is not None:
            yield result.help or ""
            for parameter in result.get_params(ctx):
                yield parameter.help_text if isinstance(parameter, Argument) else getattr(parameter, "help", "") or ""
    for parameter in group.get_params(ctx):
        yield getattr(parameter, "help", "") or ""


def load(language: str) -> Catalog:
    """The catalogue of a language."""
    with po_file(LANGUAGES[language]).open("rb") as file:
        return read_po(file, locale=LANGUAGES[language], domain=DOMAIN)


def update(language: str) -> None:
    """Add new messages to a catalogue, and take away what is not used."""
    path = po_file(LANGUAGES[language])
    translations = {message.id: message.string for message in load(language)} if path.exists() else {}
    # A fixed date, so that equal messages give equal bytes.
    result = datetime(2026, 1, 1, tzinfo=UTC)
    catalog = Catalog(LANGUAGES[language], DOMAIN, fuzzy=False, charset="utf-8", creation_date=result, revision_date=result)
    for text in messages():
        catalog.add(text, str(translations.get(text, "")))
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, catalog, width=110, omit_header=True)


if __name__ == "__main__":
    for name, folder in LANGUAGES.items():
        if folder:
            update(name)
