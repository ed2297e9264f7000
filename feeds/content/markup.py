"""Markdown and short codes -> HTML: in comes a body as its author's generator reads it, out goes HTML that nobody trusts yet.

Short codes of Hexo, Jekyll and Hugo that show something become what they show; unknown ones stay as typed, and are said.
Nothing inside code is touched.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

from feeds.content.embeds import player_page

_MORE = re.compile(r"<!--\s*more\b[^<>]*?-->|<!--\s*excerpt\s*-->|\{%-?\s*more\s*-?%\}", re.IGNORECASE)
_FENCE = re.compile(r"[ \t]{0,3}(?:>[ \t]?)*[ \t]*(`{3,}|~{3,})")
_TAG = re.compile(r"\{%-?\s*(/?\w[\w-]*)\s*([^{}]*?)\s*-?%\}")
_HUGO = re.compile(r"\{\{([<%])\s*(/?\s*[\w.-]+)\s*((?:[^{}<>]|\"[^\"]*\")*?)\s*/?[>%]\}\}")
_VARIABLE = re.compile(r"\{\{-?\s*(site\.(?:base)?url|page\.url)\s*-?\}\}")
_PRE = re.compile(r"<(/?)(?:pre|code|script|style|textarea)\b", re.IGNORECASE)
#: Block codes whose inside is code, raw text, or a quotation.
_CODE = frozenset({"codeblock", "code", "highlight"})
_RAW = frozenset({"raw", "verbatim"})


class Note(NamedTuple):
    """Something about the content that its author should know; `line` counts from 1 within the body."""

    code: str
    what: str
    line: int | None = None
    mend: str = ""
    severity: str = "warning"


def split_more(body: str) -> tuple[str | None, str]:
    """What stands before the author's «read more» mark, and the body without the mark."""
    found = _MORE.search(body)
    if found is None:
        return None, body
    return body[: found.start()], body[: found.start()] + body[found.end() :]


@lru_cache
def _markdown() -> Any:
    from markdown_it import MarkdownIt
    from mdit_py_plugins.footnote import footnote_plugin
    from mdit_py_plugins.tasklists import tasklists_plugin

    made = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    return made.use(footnote_plugin).use(tasklists_plugin)


def to_html(body: str, markup: str) -> str:
    """The body as HTML. `.txt` posts are HTML where they begin with a tag, else Markdown's paragraphs of plain text."""
    if markup == "html":
        return body
    if markup == "text":
        if re.match(r"\s*<[a-zA-Z!]", body):
            return body
        paragraphs = re.split(r"\n[ \t]*\n", body.strip("\n"))
        return "\n".join(f"<p>{html.escape(one.strip()).replace(chr(10), '<br>')}</p>" for one in paragraphs if one.strip())
    rendered: str = _markdown().render(body)
    return rendered


def short_codes(body: str, markup: str, notes: list[Note]) -> str:
    """The body with short codes replaced."""
    if "{%" not in body and "{{" not in body:
        return body
    writer = _Writer(markup, notes)
    fence = ""
    pre = 0
    for number, line in enumerate(body.split("\n"), 1):
        opened = _FENCE.match(line) if markup == "markdown" and not writer.raw_until else None
        if opened and not fence:
            fence = opened[1]
        elif opened and fence and opened[1][0] == fence[0] and len(opened[1]) >= len(fence):
            fence = ""
            writer.out.append(line)
            continue
        in_code = bool(fence) or pre > 0 or (markup == "markdown" and line.startswith(("    ", "\t")) and not writer.raw_until)
        if in_code or ("{" not in line and not writer.raw_until):
            writer.out.append(line)
        else:
            writer.line(line, number)
        for found in _PRE.finditer(line):
            pre = max(0, pre + (-1 if found[1] else 1))
    return writer.text()


class _Writer:
    def __init__(self, markup: str, notes: list[Note]) -> None:
        self.markup, self.notes = markup, notes
        self.out: list[str] = []
        self.raw_until = ""
        self.raw: list[str] = []
        self.language = ""

    def text(self) -> str:
        if self.raw_until:
            self.out += self.raw
        return "\n".join(self.out)

    def line(self, line: str, number: int) -> None:
        if self.raw_until:
            end = re.search(rf"\{{%-?\s*{self.raw_until}\s*-?%\}}|\{{\{{[<%]\s*/\s*{self.raw_until.removeprefix('end')}\s*[>%]\}}\}}", line)
            if end is None:
                self.raw.append(line)
                return
            self.raw.append(line[: end.start()])
            self.out.append(self.block())
            line = line[end.end() :]
            if not line.strip():
                return
        opened = re.match(r"\s*(?:\{%-?\s*(\w+)\s*([^{}]*?)\s*-?%\}|\{\{[<%]\s*(highlight|code)\s+([^{}<>]*?)\s*[>%]\}\})", line)
        name = (opened[1] or opened[3] or "") if opened else ""
        if opened and name in _CODE | _RAW:
            rest = line[opened.end() :]
            self.language = _language(opened[2] or opened[4] or "") if name in _CODE else "\0"
            self.raw_until = f"end{name}"
            self.raw = []
            if rest.strip():
                self.line(rest, number)
            return
        line = _VARIABLE.sub("", line)
        line = self.outside_code(line, lambda text: _HUGO.sub(lambda found: self.hugo(found, number), _TAG.sub(lambda found: self.tag(found, number), text)))
        self.out.append(line)

    def outside_code(self, line: str, replace: Callable[[str], str]) -> str:
        """The line with what stands outside of `inline code` replaced."""
        if self.markup != "markdown" or "`" not in line:
            return replace(line)
        parts = re.split(r"(`+)", line)
        made: list[str] = []
        ticks = ""
        for part in parts:
            if part[:1] == "`":
                ticks = "" if part == ticks else ticks or part
                made.append(part)
            else:
                made.append(part if ticks else replace(part))
        return "".join(made)

    def block(self) -> str:
        raw, self.raw_until = "\n".join(self.raw).strip("\n"), ""
        if self.language == "\0":
            return raw
        language = f' class="language-{html.escape(self.language)}"' if self.language else ""
        code = html.escape(raw, quote=False)
        if self.markup == "markdown":
            fence = "`" * max(3, 1 + max((len(run) for run in re.findall(r"`+", raw)), default=0))
            return f"\n{fence}{self.language}\n{raw}\n{fence}\n"
        return f"<pre><code{language}>{code}</code></pre>"

    def unknown(self, found: re.Match[str], number: int) -> str:
        self.notes.append(
            Note("short-code", f"the short code {found[0][:60]} is not known and stays as it is", number,
                 "write what it shows as Markdown or HTML", "notice")
        )  # fmt: skip
        return found[0]

    def tag(self, found: re.Match[str], number: int) -> str:
        name, said = found[1], found[2]
        words = _words(said)
        plain = [word for word in words if "=" not in word]
        if name in ("youtube", "vimeo", "bilibili", "gist") and plain and (page := player_page(name, plain[0])):
            return f'<a href="{page}">{name.title()}</a>'
        if name == "asset_img" and plain:
            return _img(plain[0], " ".join(word for word in plain[1:] if not word.isdecimal()))
        if name in ("img", "image"):
            address = next((word for word in plain if "/" in word or "." in word), None)
            return _img(address, " ".join(plain[plain.index(address) + 1 :])) if address else self.unknown(found, number)
        if name in ("asset_link", "link") and plain:
            address = plain[0] if name == "asset_link" else next((word for word in plain if "://" in word), plain[-1])
            label = " ".join(word for word in plain if word != address) or address
            return f'<a href="{html.escape(address)}">{html.escape(label)}</a>'
        if name in ("asset_path", "post_path") and plain:
            return html.escape(plain[0])
        if name in ("post_link", "post_url") and plain:
            return html.escape(" ".join(plain[1:]) or plain[0])
        if name in ("blockquote", "quote", "cq", "centerquote"):
            return "\n<blockquote>\n\n"
        if name in ("endblockquote", "endquote", "endcq", "endcenterquote"):
            return "\n\n</blockquote>\n"
        if name in ("pullquote", "note", "label", "details", "tabs", "hideToggle", "folding", "cell", "endlabel") or name in (
            "endpullquote", "endnote", "enddetails", "endtabs", "endhideToggle", "endfolding", "endcell",
        ):  # fmt: skip
            return "\n\n"
        if name in ("include", "comment", "endcomment", "assign", "capture", "if", "endif", "for", "endfor", "else"):
            return self.unknown(found, number)
        return self.unknown(found, number)

    def hugo(self, found: re.Match[str], number: int) -> str:
        name, said = found[2].replace(" ", ""), found[3]
        words = _words(said)
        named = dict(word.split("=", 1) for word in words if "=" in word)
        first = next((word for word in words if "=" not in word), "")
        if name in ("figure", "img") and (named.get("src") or first):
            caption = named.get("caption") or named.get("title")
            image = _img(named.get("src") or first, named.get("alt", ""))
            return f"<figure>{image}<figcaption>{html.escape(caption)}</figcaption></figure>" if caption else image
        page = player_page(name, named.get("id") or first)
        if page:
            return f'<a href="{page}">{name.title()}</a>'
        if name in ("ref", "relref") and first:
            return html.escape(first)
        return self.unknown(found, number)


def _img(address: str, alt: str) -> str:
    return f'<img src="{html.escape(address)}" alt="{html.escape(alt.strip(chr(39) + chr(34)))}">'


def _words(said: str) -> list[str]:
    """Words, quoted ones whole and without their quotes."""
    return [
        re.sub(r"^([\w-]+=)?([\"'])(.*)\2$", lambda found: (found[1] or "") + found[3], word)
        for word in re.findall(r"(?:[\w-]+=)?\"[^\"]*\"|(?:[\w-]+=)?'[^']*'|\S+", said)
    ]


def _language(said: str) -> str:
    words = said.split()
    named = next((word.partition(":")[2] for word in words if word.startswith("lang:")), "")
    language = named or next((word for word in words if ":" not in word and "=" not in word), "")
    return language if re.fullmatch(r"[\w+#.-]{1,30}", language) else ""
