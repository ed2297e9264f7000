"""reStructuredText -> HTML by docutils, as Pelican and Nikola use it, and the facts that stand at a document's top.

docutils is an optional library (`pip install 'feed-publisher[pelican]'`); without it such files are named and counted.
Nothing is read from the disk: directives that would insert a file insert nothing. Must not clean.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from functools import cache
from importlib.util import find_spec
from typing import Any, NamedTuple

from feeds.lazy_patterns import lazy_pattern

#: Levels of docutils' system messages: 2 is a warning, 5 is never reached.
_STRICT, _LENIENT = 2, 5


class SkippedDirective(NamedTuple):
    """A directive that shows nothing in a feed, as it is called; `file` is what it would insert, "" if it is not known."""

    directive: str
    file: str
    line: int | None


class DocumentHead(NamedTuple):
    """What a document says at its top: its title, and the fields below it in their order, authors as a list."""

    title: str
    fields: tuple[tuple[str, str | list[str]], ...]


def available() -> bool:
    """Whether docutils is installed."""
    return find_spec("docutils") is not None


#: A document of more characters is long; its facts are within the first ones.
_LONG_CHARACTERS, _HEAD_CHARACTERS = 16_000, 4_000


def read(text: str, *, strict: bool = True) -> DocumentHead:
    """The facts at the top of a document (Pelican). Raises ValueError if docutils reports a warning and `strict` is set.

    Of a long document only the beginning is looked at, and its warnings do not count: docutils takes seconds for it, which only
    the conversion's budget bounds.
    """
    from docutils import nodes

    if len(text) > _LONG_CHARACTERS:
        end = text.rfind("\n\n", 0, _HEAD_CHARACTERS)
        text, strict = text[: end if end > 0 else _HEAD_CHARACTERS], False
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
    return DocumentHead(document.get("title", "") or "", tuple(fields))


def to_html(text: str, *, modern: bool = False, left_out: list[SkippedDirective] | None = None, language: str = "") -> str:
    """The body of a document as HTML, without its title and fields; what is not valid in it is left out.

    `modern` is HTML 5 with formulas as TeX (Nikola), otherwise HTML 4 with formulas as HTML (Pelican). `left_out` gets the
    directives that are not shown. Boxes are named in the language, if docutils has it.
    """

    def observe(message: Any) -> None:
        text = message.astext() if message["level"] in (1, 3) else ""
        if left_out is not None and (match := _UNKNOWN.search(text) or _INSERTED.search(text)):
            left_out.append(SkippedDirective(match[1], match[2] or "", message.get("line")))

    parts: dict[str, str] = _publish(text, strict=False, modern=modern, observe=observe, language=language).writer.parts
    return parts["body"]


@cache
def _language_code(language: str) -> str:
    """The name by which docutils knows a language, or "en"."""
    from docutils.utils import normalize_language_tag

    if not re.fullmatch(r"[A-Za-z0-9_-]{2,35}", language):
        return "en"
    names = (tag.replace("-", "_") for tag in normalize_language_tag(language))
    return next((name for name in names if find_spec(f"docutils.languages.{name}") is not None), "en")


_UNKNOWN = lazy_pattern(r'Unknown directive type "([^"\n]{1,100})"()')
_INSERTED = lazy_pattern(r"\(INFO/1\) directive ([\w-]{1,100}) inserts ([^\n]{1,200})\Z")


def _publish(
    text: str, *, strict: bool, modern: bool = False, observe: Callable[[Any], None] | None = None, language: str = ""
) -> Any:
    from docutils.core import Publisher
    from docutils.io import StringInput, StringOutput
    from docutils.parsers.rst import Parser
    from docutils.readers import standalone
    from docutils.utils import SystemMessage

    class Reader(standalone.Reader):  # type: ignore[type-arg]
        def new_document(self) -> Any:
            document = super().new_document()
            if observe is not None:
                document.reporter.attach_observer(observe)
            return document

    _register()
    parser = Parser()
    publisher = Publisher(
        reader=Reader(parser),
        parser=parser,
        writer=_writer(modern),
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
            "doctitle_xform": not modern,
            "initial_header_level": "2",
            "input_encoding": "unicode",
            "language_code": _language_code(language),
            "math_output": "mathjax" if modern else "HTML",
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


def _writer(modern: bool) -> Any:
    """The writer of each generator; literals are `code` in both, and docutils' own messages are left out."""
    from docutils import nodes
    from docutils.writers import html4css1, html5_polyglot

    class Messages:
        """What both translators do otherwise."""

        body: list[str]

        def visit_literal(self, node: Any) -> None:
            self.body.append(f"<code>{_escaped(node.astext())}</code>")
            raise nodes.SkipNode

        def visit_system_message(self, node: Any) -> None:
            raise nodes.SkipNode

    class Html4(Messages, html4css1.HTMLTranslator):
        def visit_image(self, node: Any) -> None:
            node["alt"] = node.get("alt", "")
            super().visit_image(node)

    class Html5(Messages, html5_polyglot.HTMLTranslator):
        pass

    writer = html5_polyglot.Writer() if modern else html4css1.Writer()
    writer.translator_class = Html5 if modern else Html4
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
            file = (self.arguments or [""])[0].split(" ")[0]
            self.state_machine.reporter.info(f"directive {self.name} inserts {file or 'a file'}", line=self.lineno)
            return []

    def abbreviation(name: str, rawtext: str, text: str, *_: Any, **__: Any) -> tuple[Any, Any]:
        """`:abbr:`HTML (Hyper Text Markup Language)`` of Pelican."""
        match = re.search(r"\(([^()]+)\)\Z", text, re.DOTALL)
        title = f' title="{_escaped(match[1])}"' if match else ""
        word = text[: match.start()].strip() if match else text
        return [nodes.raw("", f"<abbr{title}>{_escaped(word)}</abbr>", format="html")], []

    for name in ("code-block", "sourcecode", "code"):
        directives.register_directive(name, Code)
    for name in ("include", "literalinclude", "listing"):
        directives.register_directive(name, Nothing)
    for name, address in _PLAYERS.items():
        directives.register_directive(name, _player(address))
    directives.register_directive("thumbnail", _thumbnail())
    directives.register_directive("media", _media())
    roles.register_local_role("abbr", abbreviation)
    roles.register_local_role("doc", _document_link)
    for name in ("raw-html", "html", "sc"):
        roles.register_local_role(name, _raw_html)


def _raw_html(name: str, rawtext: str, text: str, *_: Any, **__: Any) -> tuple[Any, Any]:
    """`:html:`<b>bold</b>`` of Nikola."""
    from docutils import nodes

    return [nodes.raw("", text, format="html")], []


#: Directives of Nikola that show a player, and the address of its frame.
_PLAYERS = {
    "youtube": "https://www.youtube-nocookie.com/embed/{}",
    "vimeo": "https://player.vimeo.com/video/{}",
    "soundcloud": "https://w.soundcloud.com/player/?url=http://api.soundcloud.com/tracks/{}",
    "soundcloud_playlist": "https://w.soundcloud.com/player/?url=http://api.soundcloud.com/playlists/{}",
    "gist": "https://gist.github.com/{}",
}


def _player(address: str) -> Any:
    from docutils import nodes
    from docutils.parsers.rst import Directive

    class Player(Directive):
        required_arguments = 1
        optional_arguments = 1
        final_argument_whitespace = True
        has_content = True
        option_spec = _AnyOption()

        def run(self) -> Sequence[nodes.Node]:
            name = re.sub(r"\A(?:https?:)?//[^/]+/", "", self.arguments[0].strip().split(" ")[0])
            url = _escaped(address.format(name))
            frame = f'<p><a href="{url}">{url}</a></p>' if "gist" in address else f'<iframe src="{url}"></iframe>'
            return [nodes.raw("", frame, format="html")]

    return Player


def _media() -> Any:
    from docutils import nodes
    from docutils.parsers.rst import Directive

    class Media(Directive):
        """`.. media:: https://…`: a link to what Nikola would fetch."""

        required_arguments = 1
        optional_arguments = 999
        option_spec = _AnyOption()

        def run(self) -> Sequence[nodes.Node]:
            url = _escaped(self.arguments[0])
            return [nodes.raw("", f'<p><a href="{url}">{url}</a></p>', format="html")]

    return Media


def _thumbnail() -> Any:
    from docutils import nodes
    from docutils.parsers.rst.directives.images import Figure, Image

    class Thumbnail(Figure):
        """`.. thumbnail:: /images/a.png`: a small picture that leads to the large one."""

        def run(self) -> list[nodes.Node]:
            large = self.arguments[0].strip()
            stem, dot, ending = large.rpartition(".")
            self.arguments[0] = f"{stem}.thumbnail.{ending}" if dot else large
            self.options["target"] = large
            result: list[nodes.Node] = list((Figure if self.content else Image).run(self))
            return result

    return Thumbnail


def _document_link(name: str, rawtext: str, text: str, *_: Any, **__: Any) -> tuple[Any, Any]:
    """`:doc:`text <slug>`` of Nikola; without a text the title of the post is shown."""
    from docutils import nodes

    match = re.match(r"([^<]+)<(.+)>\Z", text, re.DOTALL)
    shown, slug = (match[1].rstrip(), match[2]) if match else ("", text)
    slug, mark, fragment = slug.strip().partition("#")
    link = f'<a href="link://slug/{_escaped(slug + mark + fragment)}">{_escaped(shown or slug)}</a>'
    return [nodes.raw("", link, format="html")], []


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
