"""A text with Liquid -> the text that the generator hands to its Markdown renderer, by python-liquid and within bounds.

In come a source and the scope that its templates see, out go the text and what its author should know, with lines. Never
fails: what cannot be evaluated is left out, and the text around it stays; what is too much leaves the text without its tags.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache, wraps
from io import StringIO
from typing import Any, NamedTuple, TextIO

from liquid import BoundTemplate, Environment, Node, RenderContext, Tag, TokenStream
from liquid.ast import IllegalNode
from liquid.exceptions import FilterError, LiquidError
from liquid.mode import Mode
from liquid.token import TOKEN_CONTENT, TOKEN_DOC, TOKEN_EOF, TOKEN_TAG, Token
from liquid.undefined import UNDEFINED
from liquid.utils import ReadOnlyChainMap

from feeds.content.liquid import lexer, list_filters, site_filters, tags, text_filters
from feeds.content.liquid.session import (
    MAX_VARIABLE_CHARS,
    SESSION,
    TAG,
    BudgetError,
    Buffer,
    Scope,
    Session,
    TemplateMessage,
    guarded,
)  # fmt: skip
from feeds.content.liquid.values import size

MAX_NESTED_BLOCKS = 60
#: Names that end in the library's own tags of the same name, and that Jekyll does not have.
_NO_TAGS = ("render", "doc", "include", "liquid", "echo")
_LARGEST_NUMBER = 10**30


class RenderedTemplate(NamedTuple):
    """The text, with BRACE where braces are not Liquid; the line in the source of each of its lines; and messages."""

    text: str
    lines: tuple[int, ...]
    messages: tuple[TemplateMessage, ...]


def render(source: str, scope: Scope, *, most: int) -> RenderedTemplate:
    """The text that a source is, of at most `most` bytes."""
    if not scope.enabled:
        return RenderedTemplate(guarded(source), (), ())
    session = Session(scope, source)
    token = SESSION.set(session)
    buffer = Buffer(most)
    try:
        template = environment().from_string(source)
        context = Context(template, globals=dict(scope.variables))
        template.render_with_context(context, buffer)
    except (LiquidError, BudgetError, RecursionError) as error:
        what = "it nests too deeply" if isinstance(error, RecursionError) else str(error.args[0] if error.args else error)
        session.report("liquid-bound", f"the text's Liquid is not evaluated: {what}", 0, fix="simplify it")
        return RenderedTemplate(guarded(_outside_of_blocks(source)), (), tuple(session.messages))
    finally:
        SESSION.reset(token)
    return RenderedTemplate(buffer.getvalue().replace(TAG, "{%"), tuple(buffer.lines), tuple(session.messages))


def _outside_of_blocks(source: str) -> str:
    """The text that no condition or loop may hide."""
    depth = 0
    kept: list[str] = []
    for token in lexer.tokens(source, lambda *_: None):
        if token.kind == TOKEN_TAG:
            depth += (token.value in lexer.BLOCKS) - (token.value in lexer.ENDS)
        elif not depth and token.kind in (TOKEN_CONTENT, TOKEN_DOC):
            kept.append(token.value)
    return "".join(kept)


class Context(RenderContext):
    """The library's context without its clock, with a budget."""

    def __init__(self, template: BoundTemplate, **arguments: Any) -> None:
        super().__init__(template, **arguments)
        # The library's built-in names are "now" and "today", which ask the clock.
        self.scope = ReadOnlyChainMap(self.locals, self.globals, self.counters)

    def get(self, path: list[object], *, token: Token | None, default: object = UNDEFINED) -> object:
        SESSION.get().spend()
        return super().get(path, token=token, default=default)

    def filter(self, name: str, token: Token | None) -> Callable[..., object]:
        own = SESSION.get().scope.filters.get(name)
        return _bounded(name, own) if own is not None else super().filter(name, token)

    def assign(self, key: str, val: Any) -> None:
        session = SESSION.get()
        session.variable_chars += size(val) - size(self.locals.get(key))
        if session.variable_chars > MAX_VARIABLE_CHARS:
            raise BudgetError("its variables hold too much text")
        self.locals[key] = val

    def raise_for_loop_limit(self, length: int = 1) -> None:
        SESSION.get().spend(length)

    def get_buffer(self, buf: TextIO | None = None) -> StringIO:
        room = buf.most - buf.size if isinstance(buf, Buffer) else MAX_VARIABLE_CHARS
        return Buffer(min(room, MAX_VARIABLE_CHARS))

    def error(self, exc: LiquidError) -> None:
        _report(exc)


class Template(BoundTemplate):
    """The library's template with the context above."""

    context_class = Context


class _Placed(Tag):
    """What a tag does if it cannot be parsed."""

    def get_node(self, stream: TokenStream) -> Node:
        start = stream.current
        try:
            return self.parse(stream)
        except LiquidError as error:
            self.env.error(error, token=start)
            depth = 1 if self.block and self.end else 0
            while depth and TOKEN_EOF not in (stream.current.kind, stream.peek.kind):
                next(stream)
                depth += stream.current.is_tag(self.name) - stream.current.is_tag(self.end)
            return IllegalNode(start)


class LiquidEnvironment(Environment):
    """The library's environment with Jekyll's tags and filters; errors become messages, and what is unknown stays text."""

    template_class = Template
    block_nesting_limit = MAX_NESTED_BLOCKS

    def __init__(self) -> None:
        super().__init__(tolerance=Mode.LAX, strict_filters=False)

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:
        """Register what there is in place of the library's own filters and some of its tags."""
        super().setup_tags_and_filters(extra=extra)
        for name in _NO_TAGS:
            del self.tags[name]
        for tag in tags.TAGS:
            self.add_tag(tag)
        own = {**text_filters.FILTERS, **list_filters.FILTERS, **site_filters.FILTERS}
        self.filters = {name: _bounded(name, function) for name, function in own.items()}

    def tokenizer(self) -> Callable[[str], Iterator[Token]]:
        """Our own lexer."""

        def tokens(source: str) -> Iterator[Token]:
            session = SESSION.get()
            return lexer.tokens(source, lambda code, what, offset: session.report(code, what, offset, source))

        return tokens

    def add_tag(self, tag: type[Tag]) -> None:
        """Register a tag; a mistake in it is reported at its own place, and costs its own block."""
        super().add_tag(type(tag.__name__, (_Placed, tag), {}))

    def error(self, exc: type[LiquidError] | LiquidError, msg: str | None = None, token: Token | None = None) -> None:
        """Tell the author."""
        error = exc if isinstance(exc, LiquidError) else exc(msg, token=token)
        if token is not None and (error.token is None or error.token.start_index < 0):
            error.token = token
        _report(error)


@cache
def environment() -> LiquidEnvironment:
    """The one environment of a process: it holds nothing of a single text."""
    return LiquidEnvironment()


def _bounded(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """A filter that costs steps, whose result is bounded, and whose failure is one of the library's errors."""

    @wraps(function)
    def wrapper(value: object, *arguments: object, **more: object) -> object:
        SESSION.get().spend(5 + (size(value) + sum(map(size, arguments))) // 1000)
        try:
            result = function(value, *arguments, **more)
        except (ValueError, TypeError, ArithmeticError, LookupError, AttributeError) as error:
            raise FilterError(f"the filter '{name}' fails: {error}", token=None) from error
        too_large = isinstance(result, int | float) and abs(result) > _LARGEST_NUMBER
        if too_large or size(result) > MAX_VARIABLE_CHARS:
            raise FilterError(f"the result of the filter '{name}' is too large", token=None)
        return result

    return wrapper


def _report(error: LiquidError) -> None:
    """Tell the author of an expression that shows nothing because of an error in it."""
    token = error.token
    written = f" {token.value!r:.60}" if token is not None and token.value else ""
    what = f"Liquid:{written} cannot be evaluated and shows nothing: {error.message}"
    SESSION.get().report("liquid-error", what, token.start_index if token else 0, token.source if token else None, "correct it")
