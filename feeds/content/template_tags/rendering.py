"""Renders the tags of a body: in come its pieces, out goes Markdown or HTML in which no template mark is left.

A tag with an end that comes later holds what is between them; any other stands alone. Handlers are looked up by name in the
tables that apply. A name that no table knows loses its marks, keeps its inside, and is reported.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from feeds.content.template_tags import sections
from feeds.content.template_tags.arguments import Arguments
from feeds.content.template_tags.fragments import Fragments
from feeds.content.template_tags.marks import Code, Piece, Prefix, Tag, TagContext, Text
from feeds.content.template_tags.output import Output
from feeds.lazy_patterns import lazy_pattern

#: How far back the beginning of a list item is looked for.
_NEAR_PIECES, _NEAR_CHARACTERS = 8, 2_000
_ITEM = lazy_pattern(r"[ \t]{0,20}(?:[-*+]|\d{1,9}[.)])[ \t]{1,9}\S")
#: Tags that hide what follows them, if they have no end.
_CONDITIONS = frozenset({("percent", "if"), ("percent", "unless")})
#: Lines that continue no paragraph: fences, headings, HTML, rows of a table.
_NO_TEXT = lazy_pattern(r"[ \t]{0,20}(?:```|~~~|#{1,6}[ \t]|<[a-zA-Z/!]|\|)")
#: Tags that show another file of the site.
_INCLUDES = frozenset({"include", "include_relative", "include_cached", "render"})
#: Tags that hold others deeper than this lose their marks only.
MAX_DEPTH = 30


@dataclass(slots=True)
class TagElement:
    """A tag with its inside: None if it stands alone. One that should have an end and has none is not `closed`."""

    tag: Tag
    inside: list[Node] | None = None
    last: bool = False
    closed: bool = True


Node = Text | Code | TagElement


@dataclass(slots=True)
class Call:
    """One use of a tag, as its handler sees it."""

    tag: Tag
    context: TagContext
    nodes: list[Node] | None
    renderer: TagRenderer
    closed: bool = True
    arguments: Arguments = field(init=False)

    def __post_init__(self) -> None:
        self.arguments = Arguments(self.tag.written)

    @property
    def name(self) -> str:
        """The tag's name."""
        return self.tag.name

    @property
    def written(self) -> str:
        """The arguments as written."""
        return self.tag.written

    @property
    def raw(self) -> str:
        """What stands between the tag and its end as it is written, without the marks of its containers."""
        return unprefixed(self.tag.raw or "", self.tag.prefix)

    @property
    def paired(self) -> bool:
        """Whether the tag has an end."""
        return self.nodes is not None or self.tag.raw is not None

    def inner(self) -> str:
        """What stands between the tag and its end, rendered, without the marks of its containers."""
        if self.nodes is None:
            return self.raw
        return unprefixed(self.renderer.render(self.nodes), self.tag.prefix)

    def rendered(self, nodes: Sequence[Node]) -> str:
        """Some of the nodes between the tag and its end, rendered."""
        return self.renderer.render(nodes)

    def keep(self, markup: str, *, block: bool = False) -> str:
        """HTML that Markdown does not touch, as a mark that stands for it; a `block` needs no paragraph around it."""
        return self.renderer.fragments.keep(markup, block=block)

    def html(self, markup: str, *, block: bool = False) -> Output:
        """HTML as the tag's output."""
        return Output(self.keep(markup, block=block), block)

    def tell_unknown(self) -> None:
        """Tell the author that nobody knows this tag, or which file it should have shown."""
        shown = self.name or self.written[:60]
        file = self.written.split()[0].strip("\"',") if self.name in _INCLUDES and self.written.strip() else ""
        if file:
            self.context.note(
                "tag-unknown", f"the template tag {shown!r} shows {file[:80]!r}, which cannot be included: its marks are left out",
                self.tag.line,
                "write what it shows as Markdown or HTML; in a site of Jekyll or Eleventy, correct the file's name",
            )  # fmt: skip
            return
        self.context.note(
            "tag-unknown", f"the template tag {shown!r} is not known: its marks are left out", self.tag.line,
            "write what it shows as Markdown or HTML",
        )  # fmt: skip


#: What a tag becomes; None if the handler does not know it after all.
Handler = Callable[[Call], "Output | None"]


def by_names(names: str, handler: Handler) -> dict[str, Handler]:
    """Rows of a table: one handler for tags whose names stand in a text with blanks between them."""
    return dict.fromkeys(names.split(), handler)


def unprefixed(inside: str, prefix: Prefix) -> str:
    """Lines without the quote marks of their containers, and not further indented than the tag that holds them."""
    marks = prefix.written.count(">")
    width = (
        len(prefix.written.rpartition(">")[2].expandtabs(4))
        if not prefix.written.strip(" \t>")
        else len(prefix.needed.rpartition(">")[2])
    )
    if not marks and not width:
        return inside
    lines = inside.split("\n")
    for number, line in enumerate(lines):
        if number == 0:
            continue
        rest = line
        for _ in range(marks):
            stripped = rest.lstrip(" \t")
            if not stripped.startswith(">"):
                break
            rest = stripped[1:].removeprefix(" ")
        indent = len(rest) - len(rest.lstrip(" "))
        lines[number] = rest[min(indent, width) :] if rest.strip() else ""
    return "\n".join(lines)


#: Boxes of Hexo and its themes that hold what stands up to their end.
_BOXES = frozenset({"note", "blockquote", "pullquote", "centerquote", "tabs", "hideToggle", "hideBlock", "folding", "fold"})
_KINDS_OF_NOTE = frozenset({"", "default", "primary", "success", "info", "warning", "danger"})


def _should_end(call: Call) -> bool:
    """Whether a tag without an end is a box that lost it; in some themes `{% note text %}` holds its text itself."""
    return call.name in _BOXES and (call.name != "note" or call.written.strip().lower() in _KINDS_OF_NOTE)


class TagRenderer:
    """Renders trees of nodes with the handlers of some tables."""

    def __init__(
        self,
        context: TagContext,
        handlers: Mapping[str, Mapping[str, Handler]],
        fallback: Mapping[str, Handler],
        fragments: Fragments,
    ) -> None:
        """`handlers` gives the handlers of each syntax by name; `fallback` one for all other names of a syntax."""
        self.context, self.handlers, self.fallback, self.fragments = context, handlers, fallback, fragments
        self.scope: dict[str, object] = {}
        self.loop_characters = 0

    def render(self, nodes: Sequence[Node]) -> str:
        """The nodes as Markdown or HTML."""
        out: list[str] = []
        for node in nodes:
            if isinstance(node, TagElement):
                self.element(node, out)
            else:
                out.append(node.text)
        return "".join(out)

    def element(self, element: TagElement, out: list[str]) -> None:
        tag = element.tag
        call = Call(tag, self.context, element.inside, self, element.closed)
        handler = self.handlers.get(tag.syntax, {}).get(tag.name) or self.fallback.get(tag.syntax)
        if tag.raw is not None and tag.name in sections.OPAQUE_NAMES | sections.HIDING_NAMES:
            if tag.name not in sections.NOTE_NAMES:
                what = f"a section that is meant to be encrypted ({tag.name}) is left out"
                self.context.note("section-encrypted", what, tag.line, "", "notice")
            self.place(Output(""), tag, element.last, out)
            return
        if handler is not None and tag.syntax == "percent" and not call.paired and _should_end(call):
            what = f"{tag.name} is never closed: its mark is left out, and what follows is read as text"
            self.context.note("tag-unclosed", what, tag.line, f"close it, e.g. with {{% end{tag.name} %}}", "warning")
        result = handler(call) if handler is not None else None
        if result is None:
            call.tell_unknown()
            result = Output(call.inner() if call.paired else "", block=call.paired and tag.first)
        self.place(result, tag, element.last, out)

    def place(self, result: Output, tag: Tag, last: bool, out: list[str]) -> None:
        """Write a tag's output where the tag stood, with blank lines around a block, in the containers of its line."""
        body = result.text.strip("\n")
        if self.context.markup != "markdown":
            out.append(body)
            return
        if "\n" not in body and not (result.block and tag.first and last):
            above, below = tag.beside_table if tag.first and last else (False, False)
            out.append(("\n" if above and body else "") + body + ("\n" if below and body else ""))
            return
        if tag.first and "\n" not in body and not tag.prefix.written and continues_item(out):
            out.append(body)
            return
        if not tag.first:
            # In the middle of a line: HTML may go on in it, Markdown's blocks may not.
            out.append(body if not result.block else f"\n\n{body}\n\n")
            return
        needed = tag.prefix.needed
        item = tag.prefix.written.strip(" \t>") != ""
        blank = needed.rstrip()
        lines = [needed + line if line else blank for line in body.split("\n")]
        # The end of the line, if the tag is the last in it, comes with the text that follows.
        after = f"\n{blank}" + ("" if last else f"\n{needed}")
        if item:
            # The text of a list item begins with the tag.
            lines[0] = lines[0][len(needed) :]
            out.append("\n".join(lines) + after)
            return
        written = tag.prefix.written
        if out and written and out[-1].endswith(written):
            out[-1] = out[-1][: len(out[-1]) - len(written)]
        if out and out[-1].endswith("\\\n") and not out[-1].endswith("\\\\\n"):
            # The line break that the backslash asks for is that of the block.
            out[-1] = out[-1][:-2] + "\n"
        out.append(f"{blank}\n" + "\n".join(lines) + after)


def continues_item(out: Sequence[str]) -> bool:
    """Whether what comes next, at the beginning of a line, continues the paragraph of a list item, though it is not indented."""
    paragraph = "".join(out[-_NEAR_PIECES:])[-_NEAR_CHARACTERS:].rpartition("\n\n")[2]
    if not paragraph.endswith("\n") or not paragraph.strip():
        return False
    last_item = max((number for number, line in enumerate(paragraph.split("\n")) if _ITEM.match(line)), default=-1)
    return last_item >= 0 and not any(_NO_TEXT.match(line) for line in paragraph.split("\n")[last_item + 1 :])


def tree(pieces: Sequence[Piece]) -> list[Node]:
    """Pieces as a tree. An end without a beginning is dropped; a beginning without an end stands alone."""
    end_of = _pairs(pieces)
    root: list[Node] = []
    inside = root
    above: list[tuple[TagElement, list[Node], int]] = []
    for number, piece in enumerate(pieces):
        if not isinstance(piece, Tag):
            inside.append(piece)
        elif number in end_of and len(above) < MAX_DEPTH:
            element = TagElement(piece, [], piece.last, end_of[number] < len(pieces))
            inside.append(element)
            above.append((element, inside, end_of[number]))
            inside = element.inside or []
            element.inside = inside
        elif number not in end_of and not piece.closing:
            inside.append(TagElement(piece, None, piece.last))
        elif above and above[-1][2] == number:
            element, inside, _ = above.pop()
            element.last = piece.last
    return root


def _pairs(pieces: Sequence[Piece]) -> dict[int, int]:
    """The number of each beginning that has an end, and that of its end."""
    end_of: dict[int, int] = {}
    open_tags: list[tuple[int, tuple[str, str]]] = []
    count: dict[tuple[str, str], int] = {}
    for number, piece in enumerate(pieces):
        if not isinstance(piece, Tag) or piece.single or piece.raw is not None:
            continue
        family = _family(piece)
        if not piece.closing:
            open_tags.append((number, family))
            count[family] = count.get(family, 0) + 1
            continue
        if piece.name == "end" and piece.syntax == "percent":
            family = next((family for _, family in reversed(open_tags) if family[0] == "percent"), family)
        while count.get(family):
            opened, its_family = open_tags.pop()
            count[its_family] -= 1
            if its_family == family:
                end_of[opened] = number
                break
    for number, family in open_tags:
        piece = pieces[number]
        if family in _CONDITIONS and isinstance(piece, Tag) and piece.first and piece.written.strip():
            # Where it ends nobody knows: what may be hidden does not come out.
            end_of[number] = len(pieces)
    return end_of


def _family(tag: Tag) -> tuple[str, str]:
    """What a beginning and its end have in common: Hugo's two kinds of marks may be mixed."""
    return ("percent" if tag.syntax == "percent" else "hugo"), tag.name
