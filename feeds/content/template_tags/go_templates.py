"""A site's own short codes of Hugo, as far as they are simple: parameters, `.Inner`, conditions, loops, data of the site, partials,
text functions.

In comes a template of `layouts/shortcodes/` as its text, out goes what it makes of one call. Whatever else a template does
(other pages, network) makes it unknown: nothing is guessed. Source: pkg.go.dev/text/template, gohugo.io/functions/.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import urlsplit

from feeds.content.template_tags import go_data, output
from feeds.content.template_tags.go_functions import FUNCTIONS, Html, Scratch, number_text
from feeds.content.template_tags.go_resources import LOOKUPS, PROCESSED, PageResource, file_facts, look_up
from feeds.content.template_tags.go_syntax import Block, Token, UnsupportedError, parsed
from feeds.content.template_tags.output import Output
from feeds.content.template_tags.rendering import Call
from feeds.lazy_patterns import lazy_pattern

_BLOCK = lazy_pattern(
    r"\s{0,99}</?(?:div|figure|p|section|table|ul|ol|blockquote|details|h[1-6]|center|pre|video|audio|iframe|hr|dl|aside|article|nav|form)\b"
)
_MOST_STEPS = 5_000
_MOST_CHARACTERS = 200_000
_MOST_PARTIALS = 10


def render(call: Call) -> Output | None:
    """What the site's own template makes of a call; None if there is none of that name, or it is more than we read."""
    source = call.context.templates.get(call.name)
    if source is None:
        return None
    try:
        result = _Template(call).run(parsed(source))
    except (UnsupportedError, RecursionError):
        return None
    result = result.strip("\n")
    if call.tag.syntax == "percents":
        return Output(result, block="\n" in result)
    return call.html(result, block=_BLOCK.match(result) is not None)


class _Template:
    def __init__(self, call: Call) -> None:
        self.call = call
        self.variables: dict[str, object] = {"$": self}
        self.scratch = Scratch()
        self.dot: object = self
        self.steps = 0
        self.inner: Html | None = None
        self.partials = 0

    def run(self, blocks: Sequence[str | Block]) -> str:
        out: list[str] = []
        self.write(blocks, out)
        return "".join(out)

    def write(self, blocks: Sequence[str | Block], out: list[str]) -> None:
        for block in blocks:
            self.steps += 1
            if self.steps > _MOST_STEPS or sum(map(len, out[-50:])) > _MOST_CHARACTERS:
                raise UnsupportedError("it does too much")
            if isinstance(block, str):
                out.append(block)
            elif block.keyword:
                self.branch(block, out)
            else:
                self.action(block.tokens, out)

    def action(self, tokens: list[Token], out: list[str]) -> None:
        if len(tokens) > 1 and tokens[0][0] == "variable" and tokens[1][1] in (":=", "="):
            self.variables[tokens[0][1]] = self.pipeline(tokens[2:])
            return
        value = self.pipeline(tokens)
        out.append(_written(value))

    def branch(self, block: Block, out: list[str]) -> None:
        tokens = block.tokens
        name = key_name = ""
        if len(tokens) > 3 and tokens[0][0] == "variable" and tokens[1][1] == "," and tokens[3][1] == ":=":
            key_name, tokens = tokens[0][1], tokens[2:]
        if len(tokens) > 1 and tokens[0][0] == "variable" and tokens[1][1] in (":=", "="):
            name, tokens = tokens[0][1], tokens[2:]
        value = self.pipeline(tokens)
        if name:
            self.variables[name] = value
        before = self.dot
        if block.keyword == "range":
            held: Mapping[object, object] = value if isinstance(value, Mapping) else {}
            items = list(enumerate(value)) if isinstance(value, list) else sorted(held.items(), key=lambda pair: str(pair[0]))
            for key, item in items[:200]:
                self.dot = item
                if name:
                    self.variables[name] = item
                if key_name:
                    self.variables[key_name] = key
                self.write(block.body, out)
            if not items:
                self.write(block.otherwise, out)
        elif _true(value):
            self.dot = value if block.keyword == "with" else before
            self.write(block.body, out)
        else:
            self.write(block.otherwise, out)
        self.dot = before

    # expressions

    def pipeline(self, tokens: list[Token]) -> object:
        """Commands with `|` between them: the value of each is the last argument of the next."""
        parts: list[list[Token]] = [[]]
        depth = 0
        for word in tokens:
            depth += {"(": 1, ")": -1}.get(word[1], 0) if word[0] == "mark" else 0
            if word == ("mark", "|") and depth == 0:
                parts.append([])
            else:
                parts[-1].append(word)
        value: object = None
        for number, part in enumerate(parts):
            value = self.command(part, [value] if number else [])
        return value

    def command(self, tokens: list[Token], last: list[object]) -> object:
        if not tokens:
            raise UnsupportedError("an empty command")
        values: list[object] = []
        at = 0
        self.steps += 1
        if self.steps > _MOST_STEPS:
            raise UnsupportedError("it does too much")
        head = tokens[0]
        callable_name = ""
        method: Callable[[list[object]], object] | None = None
        if method := self.scratch_method(head) or self.resource_method(head):
            at = 1
        elif head[0] == "name":
            callable_name = head[1]
            at = 1
        elif head[0] in ("field", "variable") and head[1].rpartition(".")[2] in _METHODS and (head[1] != "." and "." in head[1]):
            callable_name = head[1].rpartition(".")[2]
            at = 1
        while at < len(tokens):
            value, at = self.operand(tokens, at)
            values.append(value)
        if method is not None:
            return method([*values, *last])
        if callable_name in _METHODS:
            return _METHODS[callable_name](self, [*values, *last])
        if callable_name:
            if not values and not last and callable_name in ("true", "false", "nil"):
                return {"true": True, "false": False, "nil": None}[callable_name]
            if callable_name.startswith(("site.", "page.", "hugo.Data")) or callable_name in ("site", "page"):
                return self.field(callable_name)
            return self.function(callable_name.rpartition(".")[2], [*values, *last])
        if len(values) != 1 or last:
            raise UnsupportedError("what is no function has arguments")
        return values[0]

    def scratch_method(self, head: Token) -> Callable[[list[object]], object] | None:
        """`.Scratch.Set`, `$.Page.Store.Get` and their kind; of a page's scratch pad only what this call wrote is known."""
        kind, word = head
        owner, _, name = word.rpartition(".")
        if kind not in ("field", "variable") or name not in Scratch.METHODS:
            return None
        held = self.variables.get(owner)
        if isinstance(held, Scratch):
            return held.method(name)
        return self.scratch.method(name) if owner.endswith((".Scratch", ".Store")) else None

    def resource_method(self, head: Token) -> Callable[[list[object]], object] | None:
        """`.Page.Resources.GetMatch`, which looks up a file beside the post, and `$picture.Resize`, which is the picture."""
        kind, word = head
        owner, _, name = word.rpartition(".")
        if kind not in ("field", "variable", "name"):
            return None
        owns = owner in ("$.Page.Resources", "page.Resources") or (owner == ".Page.Resources" and self.dot is self)
        if name in LOOKUPS and owns:
            return lambda values: self.looked_up(name, values)
        if name not in PROCESSED:
            return None
        held = self.variables.get(owner) if owner else self.dot
        return (lambda _: held) if isinstance(held, PageResource) else None

    def looked_up(self, method: str, values: list[object]) -> object:
        links = self.call.context.links
        if links is None or len(values) != 1 or not isinstance(values[0], str):
            raise UnsupportedError(method)
        return look_up(method, values[0], links)

    def operand(self, tokens: list[Token], at: int) -> tuple[object, int]:
        kind, word = tokens[at]
        if word == "(" and kind == "mark":
            depth, end = 1, at + 1
            while end < len(tokens) and depth:
                depth += {"(": 1, ")": -1}.get(tokens[end][1], 0) if tokens[end][0] == "mark" else 0
                end += 1
            if depth:
                raise UnsupportedError("a parenthesis is not closed")
            value = self.pipeline(tokens[at + 1 : end - 1])
            if end < len(tokens) and tokens[end][0] == "member":
                return self.member(value, tokens[end][1][1:]), end + 1
            return value, end
        if kind == "text":
            return re.sub(r"\\(.)", lambda match: {"n": "\n", "t": "\t"}.get(match[1], match[1]), word[1:-1]), at + 1
        if kind == "raw":
            return word[1:-1], at + 1
        if kind == "number":
            return int(word), at + 1
        if kind == "variable":
            name, dot, path = word.partition(".")
            if name not in self.variables:
                raise UnsupportedError(word)
            value = self.variables[name]
            return (self.member(value, path) if dot else value), at + 1
        if kind == "field":
            return (self.dot if word == "." else self.member(self.dot, word[1:])), at + 1
        if kind == "name":
            return self.command([tokens[at]], []), at + 1
        raise UnsupportedError(word)

    def member(self, value: object, path: str) -> object:
        """A field of a value: of the short code itself, or of a table."""
        if value is self:
            return self.field(path)
        for part in path.split("."):
            if isinstance(value, PageResource):
                try:
                    value = value.member(part)
                except KeyError as error:
                    raise UnsupportedError(path) from error
                continue
            if not isinstance(value, Mapping):
                raise UnsupportedError(path)
            value = value.get(part, next((held for name, held in value.items() if str(name).casefold() == part.casefold()), None))
        return value

    def field(self, path: str) -> object:
        call = self.call
        context = call.context
        names = path.split(".")
        first = names[0]
        if first in ("Inner", "InnerDeindent"):
            return self.inner_text()
        if first == "Params":
            held: object = dict(call.arguments.named) if call.arguments.named else list(call.arguments.words)
            return self.member(held, ".".join(names[1:])) if len(names) > 1 else held
        if path == "IsNamedParams":
            return bool(call.arguments.named)
        if path in ("Name", "Ordinal", "Parent", "Position"):
            return {"Name": call.name, "Ordinal": 0, "Parent": None, "Position": ""}[path]
        if first in ("Page", "page", "Site", "site", "hugo"):
            rest = names[1:]
            if first in ("Page", "page") and rest[:1] == ["Site"]:
                first, rest = "Site", rest[1:]
            if not rest:
                raise UnsupportedError(path)
            page = first in ("Page", "page")
            if rest[0] == "Data" and not page:
                return self.data(".".join(rest[1:]))
            if rest[0] in ("Permalink", "RelPermalink") and page and context.links is not None:
                url = context.links.place.permalink
                return url if rest[0] == "Permalink" else urlsplit(url).path
            if rest[0] == "File" and page and len(rest) == 2 and context.links is not None:
                return file_facts(context.links.place.path).get(rest[1], "")
            if rest[0] in ("BaseURL", "Home") and not page:
                return context.home
            table: Mapping[str, object] = context.page if page else context.site
            if rest[0] == "Params":
                return self.member(table, ".".join(rest[1:])) if len(rest) > 1 else table
            if rest[0] in ("Title", "LinkTitle", "Description"):
                return self.member(table, rest[0].replace("Link", "")) or ""
        raise UnsupportedError(path)

    def data(self, path: str) -> object:
        """`.Site.Data.name`: what the site's files of data hold."""
        try:
            tree = go_data.site_data(self.call.context.templates)
        except (ValueError, RecursionError) as error:
            raise UnsupportedError("a file of data that cannot be read") from error
        return self.member(tree, path) if path else tree

    def partial(self, values: list[object]) -> Html:
        """`partial "name.html" context`: another template of the site, which sees its context as `.` and `$`."""
        source = self.call.context.templates.get(go_data.PARTIALS + go_data.partial_name(str(values[0]))) if values else None
        if source is None or self.partials >= _MOST_PARTIALS:
            raise UnsupportedError("a partial")
        before = self.dot, self.variables
        self.dot = values[1] if len(values) > 1 else None
        self.variables = {"$": self.dot}
        self.partials += 1
        try:
            return Html(self.run(parsed(source)))
        finally:
            self.dot, self.variables = before
            self.partials -= 1

    def inner_text(self) -> Html:
        if self.inner is None:
            self.inner = Html(self.call.inner() if self.call.paired else "")
        return self.inner

    def markdown(self, value: object) -> Html:
        """A text as HTML, without the paragraph if it is but one: `markdownify`, `.Page.RenderString`."""
        text = str(value)
        render = self.call.context.render
        if render is None:
            return Html(text)
        result = render(text).strip()
        inner = result.removeprefix("<p>").removesuffix("</p>")
        return Html(inner if result.startswith("<p>") and "<p>" not in inner else result)

    def function(self, name: str, values: list[object]) -> object:
        if name == "markdownify":
            return self.markdown(values[-1])
        if name in ("partial", "partialCached"):
            return self.partial(values)
        if name in ("relURL", "absURL", "relLangURL", "absLangURL", "relref", "ref") and name not in ("relref", "ref"):
            written = str(values[-1])
            home = self.call.context.home
            if re.match(r"[a-z]+:|//", written) or written.startswith("/") or not home:
                return written
            return (home if name.startswith("abs") else urlsplit(home).path) + written
        if name == "highlight":
            # A short code that is shown, not called, is HTML where it stands in text.
            code = str(values[0]).replace("{{&lt;", "{{<").replace("&gt;}}", ">}}")
            return Html(output.code(code, output.language(str(values[1]) if len(values) > 1 else ""), "html"))
        if name in ("i18n", "T"):
            # A site's catalogues of messages are not read: `default` has its say.
            return ""
        function = FUNCTIONS.get(name)
        if function is None:
            raise UnsupportedError(name)
        try:
            return function(values)
        except (IndexError, TypeError, ValueError, KeyError) as error:
            raise UnsupportedError(name) from error


def _get(template: _Template, values: list[object]) -> object:
    arguments = template.call.arguments
    key = values[0] if values else None
    if isinstance(key, int):
        return arguments.word(key) if not arguments.named else ""
    return arguments.named.get(str(key), "")


def _render_string(template: _Template, values: list[object]) -> object:
    return template.markdown(values[-1] if values else "")


_METHODS: dict[str, Callable[[_Template, list[object]], object]] = {"Get": _get, "RenderString": _render_string}


def _written(value: object) -> str:
    if isinstance(value, Html):
        return str(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return ""
    if isinstance(value, str):
        return html.escape(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return html.escape(number_text(value)).replace("+", "&#43;")
    raise UnsupportedError("a value that is not text")


def _true(value: object) -> bool:
    return bool(value)
