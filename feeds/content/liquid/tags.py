"""Jekyll's tags for python-liquid, and what becomes of tags that nobody knows.

Text that a template shows is guarded (`session.guarded`): its braces are not those of a template. A tag that is not Liquid's
stays as it is written, for the code that replaces the tags of plug-ins.
"""

from __future__ import annotations

import html
import re
from typing import TextIO

from liquid import BoundTemplate, Node, RenderContext, Tag, TokenStream
from liquid.ast import BlockNode
from liquid.builtin.content import ContentNode, Literal
from liquid.builtin.expressions import tokenize
from liquid.builtin.expressions.primitive import parse_primitive
from liquid.builtin.output import Output, OutputNode
from liquid.exceptions import FilterError, LiquidError, LiquidSyntaxError
from liquid.parser import get_parser
from liquid.token import TOKEN_DOC, TOKEN_EXPRESSION, TOKEN_ILLEGAL, TOKEN_TAG, Token

from feeds.content.liquid.session import BRACE, SESSION, TAG, Buffer, guarded
from feeds.content.liquid.values import to_text
from feeds.lazy_patterns import lazy_pattern

MAX_INCLUDES_COST = 200
_FILE_NAME = lazy_pattern(r"[\w/.\-()+~#@]+\Z")
_SEQUENCES = lazy_pattern(r"[./]{2,}")
_VARIABLE = lazy_pattern(r"\{\{-?([^{}|]{1,200}?)(?:\|[^{}]{0,200})?-?\}\}")
_PARAMETER = lazy_pattern(
    r"(?<![\w-])([\w-]+)\s{0,9}[=:]\s{0,9}(?:\"((?:[^\"\\]|\\.)*)\"|'((?:[^'\\]|\\.)*)'|([\w.\[\]-]+))", re.DOTALL
)
#: The name of an included file as Eleventy's Liquid has it.
_QUOTED_NAME = lazy_pattern(r"""(["'])([^"'\n]{1,300})\1""")
_LANGUAGE = lazy_pattern(r"[a-zA-Z0-9.+#_-]+")
_LINE_ENDS = lazy_pattern(r"\A[\n\r]+|[\n\r]+\Z")


# text


class SourceNode(ContentNode):
    """Text of a template, written with its line in the post's source."""

    __slots__ = ()

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        session = SESSION.get()
        if isinstance(buffer, Buffer) and self.token.source is session.source:
            return buffer.write_source(self.text, session.line(self.token.start_index))
        return buffer.write(self.text)


class SourceText(Literal):
    """Text between tags."""

    node_class = SourceNode


class RawNode(ContentNode):
    """Text of a `raw` block: nothing in it is a template."""

    __slots__ = ()

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        return buffer.write(guarded(self.text))


class RawText(Tag):
    """The text of a `raw` block, which our lexer marks with the library's token of its own `doc` blocks."""

    name = TOKEN_DOC
    block = False

    def parse(self, stream: TokenStream) -> Node:
        token = stream.expect(TOKEN_DOC)
        return RawNode(token, token.value)


class ShownNode(OutputNode):
    """`{{ value }}`, printed as Ruby prints it."""

    __slots__ = ()

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        try:
            value = self.expression.evaluate(context)
        except FilterError as error:
            # It costs its own marks, not the rest of the block around it.
            context.env.error(error, token=self.token)
            return 0
        return buffer.write(guarded(to_text(value)))


class Shown(Output):
    """`{{ value | filters }}`."""

    node_class = ShownNode


# tags that are not Liquid's


class UnknownNode(Node):
    """A tag as it is written."""

    __slots__ = ("name", "written")

    def __init__(self, token: Token, name: str, written: str) -> None:
        super().__init__(token)
        self.name, self.written = name, written
        self.blank = False

    def __str__(self) -> str:
        return f"{{% {self.name} {self.written} %}}"

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        return buffer.write(written_tag(self.name, self.written))


def written_tag(name: str, arguments: str) -> str:
    """A tag that stays in the text."""
    return f"{TAG} {name} {arguments} %}}" if arguments else f"{TAG} {name} %}}"


class UnknownTag(Tag):
    """Any tag that has no class of its own."""

    name = TOKEN_ILLEGAL
    block = False

    def parse(self, stream: TokenStream) -> Node:
        token = stream.expect(TOKEN_TAG)
        return UnknownNode(token, token.value, _said(stream))


def _said(stream: TokenStream) -> str:
    """The text behind a tag's name; the stream is left at the tag's last token."""
    if stream.peek.kind != TOKEN_EXPRESSION:
        return ""
    next(stream)
    return stream.current.value


# includes


class IncludeNode(Node):
    """`{% include file.html name="value" %}`: another file's template, with `include.name`."""

    __slots__ = ("relative", "written")

    def __init__(self, token: Token, written: str, relative: bool) -> None:
        super().__init__(token)
        self.written, self.relative = written, relative
        self.blank = False

    def __str__(self) -> str:
        return f"{{% {self.token.value} {self.written} %}}"

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        session = SESSION.get()
        session.spend(MAX_INCLUDES_COST)
        arguments = _VARIABLE.sub(lambda match: to_text(_evaluated(match[1].strip(), context)), self.written).strip()
        quoted = _QUOTED_NAME.match(arguments) if session.scope.language == "liquidjs" else None
        name, rest = (quoted[2], arguments[quoted.end() :]) if quoted else (*arguments.split(maxsplit=1), "", "")[:2]
        source = session.scope.include(name, self.relative) if _is_file_name(name) else None
        if source is None:
            return buffer.write(written_tag(self.token.value, arguments))
        values: dict[str, object] = {}
        for key, double, single, variable in _PARAMETER.findall(rest):
            text = double.replace('\\"', '"') or single.replace("\\'", "'")
            values[key] = _evaluated(variable, context) if variable else text
        before = session.include_at
        if self.token.source is session.source:
            session.include_at = self.token.start_index
        start = buffer.tell()
        try:
            template: BoundTemplate = context.env.from_string(source, name=name)
            with context.extend({**values, "include": values} if quoted else {"include": values}, template=template):
                for node in template.nodes:
                    node.render(context, buffer)
        finally:
            session.include_at = before
        return buffer.tell() - start


class Include(Tag):
    """A file of the folder of includes."""

    name = "include"
    block = False
    relative = False

    def parse(self, stream: TokenStream) -> Node:
        token = stream.expect(TOKEN_TAG)
        return IncludeNode(token, _said(stream), self.relative)


class Render(Include):
    """The same of Eleventy's Liquid. Its included files see the page's variables here, too."""

    name = "render"


class IncludeCached(Include):
    """jekyll-include-cache: the same, remembered by Jekyll."""

    name = "include_cached"


class IncludeRelative(Include):
    """A file beside the post."""

    name = "include_relative"
    relative = True


def _is_file_name(name: str) -> bool:
    return _FILE_NAME.match(name) is not None and _SEQUENCES.search(name) is None


def _evaluated(expression: str, context: RenderContext) -> object:
    """The value of a variable or literal; nil if it cannot be read."""
    token = Token(TOKEN_EXPRESSION, expression, 0, expression)
    try:
        return parse_primitive(context.env, TokenStream(tokenize(expression, token))).evaluate(context)
    except LiquidError:
        return None


# addresses


class AddressNode(Node):
    """`{% link path %}` and `{% post_url name %}`."""

    __slots__ = ("written",)

    def __init__(self, token: Token, written: str) -> None:
        super().__init__(token)
        self.written = written
        self.blank = False

    def __str__(self) -> str:
        return f"{{% {self.token.value} {self.written} %}}"

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        session = SESSION.get()
        name = _VARIABLE.sub(lambda match: to_text(_evaluated(match[1].strip(), context)), self.written).strip()
        at = self.token.start_index if self.token.source is session.source else session.include_at
        address = session.scope.address(self.token.value, name, session.line(at))
        base = session.base_path
        if base and isinstance(buffer, Buffer) and address.startswith(base + "/") and buffer.ends_with(base):
            # Before version 4 the tags left the site's path to the author, who wrote it in front of them.
            address = address[len(base) :]
        return buffer.write(address)


class LinkTag(Tag):
    """The address of a file by its path in the site's source."""

    name = "link"
    block = False

    def parse(self, stream: TokenStream) -> Node:
        token = stream.expect(TOKEN_TAG)
        return AddressNode(token, _said(stream))


class PostUrlTag(LinkTag):
    """The address of a post by its file's name."""

    name = "post_url"


# code


class HighlightNode(Node):
    """`{% highlight language %}…{% endhighlight %}`: code."""

    __slots__ = ("block", "language")

    def __init__(self, token: Token, language: str, block: BlockNode) -> None:
        super().__init__(token)
        self.language, self.block = language, block
        self.blank = False

    def __str__(self) -> str:
        return f"{{% highlight {self.language} %}}{self.block}{{% endhighlight %}}"

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        inner = context.get_buffer(buffer)
        for node in self.block.nodes:
            node.render(context, inner)
        code = html.escape(_LINE_ENDS.sub("", inner.getvalue()).replace(TAG, BRACE + "%"), quote=False)
        kind = f' class="language-{html.escape(self.language)}"' if self.language else ""
        around = "\n" if SESSION.get().scope.markup == "markdown" else ""
        return buffer.write(f"{around}<pre><code{kind}>{code}</code></pre>{around}")


class Highlight(Tag):
    """A block of code."""

    name = "highlight"
    end = "endhighlight"

    def parse(self, stream: TokenStream) -> Node:
        token = stream.expect(TOKEN_TAG)
        match = _LANGUAGE.match(_said(stream).lstrip("\"'"))
        next(stream)
        block = get_parser(self.env).parse_block(stream, (self.end,))
        if not stream.current.is_tag(self.end):
            raise LiquidSyntaxError("'highlight' is not closed", token=token)
        return HighlightNode(token, match[0].lower() if match else "", block)


TAGS: tuple[type[Tag], ...] = (
    SourceText, Shown, RawText, UnknownTag, Include, Render, IncludeCached, IncludeRelative, LinkTag, PostUrlTag, Highlight,
)  # fmt: skip
