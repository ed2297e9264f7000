"""reStructuredText -> HTML by docutils, as Pelican and Nikola use it, and the facts that stand at a document's top.

docutils is an optional library (`pip install 'feed-publisher[pelican]'`); without it such files are named and counted.
Nothing is read from the disk: directives that would insert a file insert nothing. Must not clean.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from typing import Any, NamedTuple

#: Levels of docutils' system messages: 2 is a warning, 5 is never reached.
_STRICT, _LENIENT = 2, 5


class Document(NamedTuple):
    """What a document says at its top: its title, and the fields below it in their order, authors as a list."""

    title: str
    fields: tuple[tuple[str, str | list[str]], ...]


def available() -> bool:
    """Whether docutils is installed."""
    return find_spec("docutils") is not None


def read(text: str, *, strict: bool = True) -> Document:
    """The facts at the top of a document. Raises ValueError if docutils reports a warning and `strict` is set."""
    from docutils import nodes

    document = _publish(text, strict=strict).document
    fields: list[tuple[str, str | list[str]]] = []
    for docinfo in document.findall(nodes.docinfo):
        for element in docinfo.children:
            if element.tagname == "field":
                name, body = element.children
                fields.append((name.astext(), body.astext()))
            elif element.tagname == "authors":
                fields.append(("authors", [author.astext() for author in element.children]))
            else:
                fields.append((element.tagname, element.astext()))
    return Document(document.get("title", "") or "", tuple(fields))


def to_html(text: str, *, level: int = 2, strict: bool = True) -> str:
    """The body of a document as HTML, without its title and fields; `level` is that of its first headings.

    Raises ValueError if docutils reports a warning and `strict` is set.
    """
    parts: dict[str, str] = _publish(text, level=level, strict=strict).writer.parts
    return parts["body"]


def _publish(text: str, *, level: int = 2, strict: bool = True) -> Any:
    from docutils.core import Publisher
    from docutils.io import StringInput, StringOutput
    from docutils.parsers.rst import Parser
    from docutils.readers import standalone
    from docutils.utils import SystemMessage

    _register()
    parser = Parser()
    publisher = Publisher(
        reader=standalone.Reader(parser),
        parser=parser,
        writer=_writer(),
        source_class=StringInput,
        destination_class=StringOutput,
    )
    halt_level = _STRICT if strict else _LENIENT
    publisher.process_programmatic_settings(
        None,
        {
            "_disable_config": True,
            "embed_stylesheet": False,
            "file_insertion_enabled": False,
            "halt_level": halt_level,
            "initial_header_level": str(level),
            "input_encoding": "unicode",
            "output_encoding": "unicode",
            "raw_enabled": True,
            "report_level": halt_level,
            "syntax_highlight": "none",
            "traceback": True,
            "warning_stream": io.StringIO(),
        },
        None,
    )
    publisher.set_source(text, "")
    try:
        publisher.publish()
    except SystemMessage as error:
        where = re.match(r"[^:]*:(\d+): \([A-Z]+/\d\) (.*)", str(error), re.DOTALL)
        raise ValueError(
            f"it is not valid reStructuredText in line {where[1]}: {where[2].split(chr(10))[0]}"
            if where
            else f"it is not valid reStructuredText: {error}"
        ) from None
    return publisher


def _writer() -> Any:
    """The writer that both generators use, with the tags of today for what it writes as `tt`."""
    from docutils.writers import html4css1

    class Translator(html4css1.HTMLTranslator):
        def visit_literal(self, node: Any) -> None:
            self.body.append(f"<code>{_escaped(node.astext())}</code>")
            from docutils import nodes

            raise nodes.SkipNode

    writer = html4css1.Writer()
    writer.translator_class = Translator
    return writer


@cache
def _register() -> None:
    """Directives of Pelican and Nikola beside docutils' own; docutils keeps them for the process."""
    from docutils import nodes
    from docutils.parsers.rst import Directive, directives, roles

    class Code(Directive):
        """`code-block` with whatever options Pygments, Sphinx and Nikola know; the text alone counts."""

        optional_arguments = 1
        has_content = True
        final_argument_whitespace = True
        option_spec = _AnyOption()

        def run(self) -> Sequence[nodes.Node]:
            language = re.sub(r"[^\w+#.-]", "", (self.arguments or [""])[0].split(" ")[0])
            opening = f'<code class="language-{_escaped(language)}">' if language else "<code>"
            text = f"<pre>{opening}{_escaped(chr(10).join(self.content))}</code></pre>"
            return [nodes.raw("", text, format="html")]

    class Nothing(Directive):
        """A directive that would read a file."""

        optional_arguments = 1
        has_content = True
        final_argument_whitespace = True
        option_spec = _AnyOption()

        def run(self) -> Sequence[nodes.Node]:
            return []

    def abbreviation(name: str, rawtext: str, text: str, *_: Any, **__: Any) -> tuple[Any, Any]:
        """`:abbr:`HTML (Hyper Text Markup Language)`` of Pelican."""
        found = re.search(r"\((.+)\)\Z", text, re.DOTALL)
        title = f' title="{_escaped(found[1])}"' if found else ""
        word = text[: found.start()].strip() if found else text
        return [nodes.raw("", f"<abbr{title}>{_escaped(word)}</abbr>", format="html")], []

    for name in ("code-block", "sourcecode", "code"):
        directives.register_directive(name, Code)
    for name in ("include", "literalinclude", "listing"):
        directives.register_directive(name, Nothing)
    roles.register_local_role("abbr", abbreviation)


class _AnyOption(dict[str, Any]):
    """An option table that takes any option."""

    def __bool__(self) -> bool:
        return True

    def __contains__(self, key: object) -> bool:
        return True

    def __getitem__(self, key: str) -> Any:
        return lambda value: value


def _escaped(text: str) -> str:
    import html

    return html.escape(text, quote=True)
