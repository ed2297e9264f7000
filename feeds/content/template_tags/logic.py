"""Template logic where no template engine runs: conditions, loops over lists, variables; of Nunjucks as Hexo has it.

What cannot be known counts as false and shows nothing, as an undefined variable does: what a condition hides never comes out.
Jekyll's Liquid has an engine of its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from feeds.content.template_tags import output
from feeds.content.template_tags.common import destination
from feeds.content.template_tags.output import Output
from feeds.content.template_tags.rendering import Call, Handler, Node, TagElement
from feeds.lazy_patterns import lazy_pattern

_TOKEN = lazy_pattern(
    r"""\s{0,99}(?:("(?:[^"\\]|\\.){0,999}"|'(?:[^'\\]|\\.){0,999}')|(\d{1,15}(?:\.\d{1,9})?)|([A-Za-z_][\w.]{0,99})|(==|!=|<=|>=|[-+*/|()\[\],<>:]))"""
)
_MOST_ITEMS = 200
#: What all loops of a post may write.
MOST_LOOP_CHARACTERS = 200_000
Scope = dict[str, object]


class UnknownError(ValueError):
    """An expression that cannot be evaluated here."""


def evaluate(expression: str, call: Call) -> object:
    """The value of an expression: literals, variables, comparisons, `and`, `or`, `not`, `+`, filters. Raises UnknownError."""
    return _Expression(expression, call).value()


class _Expression:
    def __init__(self, expression: str, call: Call) -> None:
        self.call = call
        self.tokens: list[tuple[str, str]] = []
        at = 0
        expression = expression.strip()
        while at < len(expression):
            match = _TOKEN.match(expression, at)
            if match is None or len(self.tokens) > 200:
                raise UnknownError(expression)
            kind = ("text", "number", "name", "mark")[(match.lastindex or 1) - 1]
            self.tokens.append((kind, match[match.lastindex or 0]))
            at = match.end()
        self.at = 0
        self.depth = 0

    def peek(self) -> str:
        return self.tokens[self.at][1] if self.at < len(self.tokens) else ""

    def take(self) -> tuple[str, str]:
        if self.at >= len(self.tokens):
            raise UnknownError("the expression ends too early")
        self.at += 1
        return self.tokens[self.at - 1]

    def value(self) -> object:
        result = self.either()
        if self.at < len(self.tokens):
            raise UnknownError(self.peek())
        return result

    def either(self) -> object:
        self.depth += 1
        if self.depth > 20:
            raise UnknownError("the expression nests too deep")
        result = self.both()
        while self.peek() == "or":
            self.take()
            other = self.both()
            result = result or other
        self.depth -= 1
        return result

    def both(self) -> object:
        result = self.compared()
        while self.peek() == "and":
            self.take()
            other = self.compared()
            result = result and other
        return result

    def compared(self) -> object:
        if self.peek() == "not":
            self.take()
            return not self.compared()
        result = self.sum()
        if self.peek() in ("==", "!="):
            same = self.take()[1] == "=="
            return (result == self.sum()) is same
        if self.peek() in ("<", ">", "<=", ">="):
            raise UnknownError(self.peek())
        return result

    def sum(self) -> object:
        total = self.filtered()
        while self.peek() in ("+", "-"):
            mark = self.take()[1]
            other = self.filtered()
            if isinstance(total, int) and isinstance(other, int):
                total = total + other if mark == "+" else total - other
            elif mark == "+" and isinstance(total, str) and isinstance(other, str) and len(total) + len(other) < 10_000:
                total += other
            else:
                raise UnknownError(mark)
        return total

    def filtered(self) -> object:
        result = self.single()
        while self.peek() == "|":
            self.take()
            result = self.filter(self.take()[1], result)
        return result

    def filter(self, name: str, value: object) -> object:
        arguments: list[object] = []
        if self.peek() in ("(", ":"):
            closing = ")" if self.take()[1] == "(" else ""
            while self.at < len(self.tokens) and self.peek() not in (closing, "|"):
                arguments.append(self.single())
                if self.peek() == ",":
                    self.take()
            if closing:
                self.take()
        if name == "default":
            return value or (arguments[0] if arguments else "")
        if not isinstance(value, str | int):
            raise UnknownError(name)
        text = str(value)
        if name in ("append", "prepend") and arguments:
            return text + str(arguments[0]) if name == "append" else str(arguments[0]) + text
        plain = {
            "upper": text.upper,
            "upcase": text.upper,
            "lower": text.lower,
            "downcase": text.lower,
            "trim": text.strip,
            "strip": text.strip,
        }
        if name in plain:
            return plain[name]()
        if name in ("safe", "escape", "escape_once", "string"):
            return text
        if name in ("relative_url", "absolute_url", "url_for", "full_url_for"):
            return rooted(text, self.call, whole=name in ("absolute_url", "full_url_for"))
        if name in ("url_encode", "urlencode", "cgi_escape", "uri_escape", "url_escape"):
            return destination(text.replace(" ", "%20"))
        raise UnknownError(name)

    def single(self) -> object:
        kind, word = self.take()
        if kind == "text":
            return re.sub(r"\\(.)", r"\1", word[1:-1])
        if kind == "number":
            return int(word) if word.isdigit() else word
        if word == "(":
            result = self.either()
            self.closed(")")
            return result
        if word == "[":
            items: list[object] = []
            while self.peek() != "]":
                items.append(self.either())
                if self.peek() == ",":
                    self.take()
            self.closed("]")
            return items
        if kind != "name":
            raise UnknownError(word)
        if self.peek() == "(":
            return self.function(word)
        return variable(word, self.call)

    def function(self, name: str) -> object:
        self.take()
        arguments: list[object] = []
        while self.peek() != ")":
            arguments.append(self.either())
            if self.peek() == ",":
                self.take()
        self.closed(")")
        if name in ("url_for", "full_url_for") and arguments:
            return rooted(str(arguments[0]), self.call, whole=name == "full_url_for")
        raise UnknownError(name)

    def closed(self, mark: str) -> None:
        if self.take()[1] != mark:
            raise UnknownError(mark)


def variable(name: str, call: Call) -> object:
    """A variable's value; None if it is not set."""
    literals: Mapping[str, object] = {
        "true": True,
        "false": False,
        "none": None,
        "null": None,
        "nil": None,
        "undefined": None,
        # What is published is built for production.
        "jekyll.environment": "production",
    }
    if name in literals:
        return literals[name]
    scope = call.renderer.scope
    if name in scope:
        return scope[name]
    home = call.context.home
    first, _, rest = name.partition(".")
    if first in ("site", "config", "theme"):
        if rest in ("baseurl", "root"):
            path = urlsplit(home).path if home else "/"
            return path.rstrip("/") if rest == "baseurl" else path
        if rest == "url":
            parts = urlsplit(home)
            return f"{parts.scheme}://{parts.netloc}" if first == "site" and home else home.rstrip("/")
        value: object = call.context.site.get(rest)
        return value
    if first in ("page", "post"):
        if rest in ("url", "permalink", "path") and call.context.links is not None:
            return call.context.links.place.permalink
        return call.context.page.get(rest)
    return None


def rooted(path: str, call: Call, *, whole: bool) -> str:
    """A path of the site below its own path; with `whole` an absolute URL. An address stays as it is."""
    if "://" in path or path.startswith(("//", "#", "mailto:")):
        return path
    home = call.context.home
    if not home:
        return path
    return (home if whole else urlsplit(home).path) + path.lstrip("/")


def _truth(expression: str, call: Call) -> bool:
    try:
        return bool(evaluate(expression, call))
    except UnknownError:
        call.context.note(
            "template-logic", f"the condition {expression[:60]!r} is not evaluated: what it guards is left out", call.tag.line,
            "write the text without the condition",
        )  # fmt: skip
        return False


def _if(call: Call) -> Output:
    """`{% if … %}…{% elif … %}…{% else %}…{% endif %}`, also `unless`."""
    if not call.closed:
        what = f"{call.name} is never closed: all that follows is left out"
        call.context.note("tag-unclosed", what, call.tag.line, f"close it, e.g. with {{% end{call.name} %}}", "warning")
        return Output("")
    holds = _truth(call.written, call) is (call.name == "if")
    branch: list[Node] = []
    taken = holds
    for node in call.nodes or []:
        if (
            isinstance(node, TagElement)
            and node.tag.syntax == "percent"
            and node.tag.name in ("else", "elif", "elsif", "elseif")
            and node.inside is None
        ):
            if taken:
                break
            condition = node.tag.written.removeprefix("if").strip() if node.tag.name == "else" else node.tag.written
            taken = not condition or _truth(condition, call)
        elif taken:
            branch.append(node)
    return Output(call.rendered(branch), block=False)


def _for(call: Call) -> Output:
    """`{% for x in list %}…{% endfor %}` over a list that is written out or stands in front matter."""
    match = re.fullmatch(r"([A-Za-z_]\w{0,40})\s+in\s+(.{1,2000})", call.written, re.DOTALL)
    if match is None:
        return Output("")
    try:
        items = evaluate(match[2], call)
    except UnknownError:
        items = None
    nodes = call.nodes or []
    other = next((at for at, node in enumerate(nodes) if isinstance(node, TagElement) and node.tag.name == "else"), len(nodes))
    if not isinstance(items, list) or len(items) > _MOST_ITEMS:
        call.context.note(
            "template-logic",
            f"the loop {call.written[:60]!r} is not run: its inside is left out",
            call.tag.line,
            "write out its result",
        )
        return Output("")
    if not items:
        return Output(call.rendered(nodes[other + 1 :]))
    renderer = call.renderer
    scope = renderer.scope
    before = dict(scope)
    result: list[str] = []
    for item in items:
        if renderer.loop_characters > MOST_LOOP_CHARACTERS:
            break
        scope[match[1]] = item
        result.append(call.rendered(nodes[:other]))
        renderer.loop_characters += len(result[-1]) + 100
    scope.clear()
    scope.update(before)
    return Output("".join(result))


def _set(call: Call) -> Output:
    """`{% set x = … %}`, `{% assign x = … %}`."""
    match = re.fullmatch(r"([A-Za-z_]\w{0,40})\s*=\s*(.{1,2000})", call.written, re.DOTALL)
    if match:
        try:
            call.renderer.scope[match[1]] = evaluate(match[2], call)
        except UnknownError:
            call.renderer.scope[match[1]] = None
    return Output("")


def _nothing(call: Call) -> Output:
    """Definitions: what they hold is shown elsewhere, if at all."""
    return Output("")


def braces(call: Call) -> Output:
    """`{{ … }}`: the value, as text."""
    try:
        value = evaluate(call.written, call)
    except UnknownError:
        call.tell_unknown()
        return Output("")
    if value is None or isinstance(value, dict):
        return Output("")
    if isinstance(value, list):
        value = ",".join(str(item) for item in value if isinstance(item, str | int))
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if re.match(r"(?:https?:/)?/\S*\Z", text):
        return Output(destination(text))
    return call.html(output.text(text))


HANDLERS: dict[str, Handler] = {
    "if": _if, "unless": _if, "for": _for, "set": _set, "assign": _set, "macro": _nothing, "capture": _nothing, "import": _nothing, "from": _nothing,
    "extends": _nothing, "block": _nothing, "else": _nothing, "elif": _nothing, "elsif": _nothing,
}  # fmt: skip
