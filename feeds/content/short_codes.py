"""Short codes -> what they show: in comes a body with those of Hexo and its themes, Jekyll, Hugo and WordPress, out goes one without.

Unknown ones stay as typed, and are said. Nothing inside code is touched; no HTML that comes out is trusted.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable

from feeds.content.embeds import EMBEDS, player_page
from feeds.content.markdown import Note

#: Whether there may be anything to do at all.
_SIGN = re.compile(r"\{[%{:]|\)\{|\[/?(?:caption|wp_caption|embed|audio|video|toc|_toc_)\b", re.IGNORECASE)
_FENCE = re.compile(r"[ \t]{0,3}(?:>[ \t]?){0,20}[ \t]{0,20}(`{3,}|~{3,})")
_PRE = re.compile(r"<(/?)(?:pre|code|script|style|textarea)\b", re.IGNORECASE)
_SHOWN = re.compile(r"<(pre|code|script|style|textarea)\b.*?(?:</\1\s{0,9}>|\Z)", re.IGNORECASE)
_TAG = re.compile(r"(?<!\{)\{%-?\s{0,9}(/?\w[\w-]{0,40})\b([^{}%]{0,2000}(?:%(?!\})[^{}%]{0,2000}){0,20})%\}")
_HUGO = re.compile(r"\{\{([<%])\s{0,9}(/?\s{0,9}[\w./-]{1,60})([^{}<>]{0,2000}?)/?[>%]\}\}")
_HUGO_SHOWN = re.compile(r"\{\{([<%])/\*([^{}]{0,2000}?)\*/([>%])\}\}")
_VARIABLE = re.compile(
    r"\{\{-?\s{0,9}(?:site\.(?:base)?url|page\.url|\"([^\"{}]{0,500})\"\s{0,9}\|[^{}]{0,100}|'([^'{}]{0,500})'\s{0,9}\|[^{}]{0,100})\s{0,9}-?\}\}"
)
_OPEN_BLOCK = re.compile(
    r"\s{0,99}(?:\{%-?\s{0,9}(\w{1,40})\b([^{}]{0,500}?)-?%\}|\{\{[<%]\s{0,9}(highlight|code)\b([^{}<>]{0,500}?)[>%]\}\})"
)
#: Attributes that kramdown, Hugo and pandoc write behind a block, a link or a picture.
_ATTRIBUTE = r"(?:[.#][\w-]{1,60}|[\w-]{1,40}=(?:\"[^\"{}]{0,200}\"|[^\s\"{}]{1,200}))"
_ATTRIBUTES = re.compile(rf"(?<=[)\]*_`]){{:?[ \t]{{0,9}}{_ATTRIBUTE}(?:[ \t]{{1,9}}{_ATTRIBUTE}){{0,20}}[ \t]{{0,9}}}}")
_ATTRIBUTE_LINE = re.compile(r"[ \t>]{0,20}\{:[^{}\n]{0,300}\}[ \t]{0,20}\Z")
_CONTENTS = re.compile(r"[ \t]{0,3}@?\[{1,2}_?toc_?\]{1,2}[ \t]{0,20}\Z", re.IGNORECASE)
_CAPTION = re.compile(r"\[/(?:wp_)?caption\]|\[(?:wp_)?caption\s[^\[\]<>]{0,500}\]", re.IGNORECASE)
_WP_EMBED = re.compile(r"\[embed[^\[\]<>]{0,200}\](https?://[^\s\[\]<>\"]{1,1000})\[/embed\]", re.IGNORECASE)
_WP_MEDIA = re.compile(
    r"\[(audio|video)\s[^\[\]<>]{0,500}?(?:src|mp3|m4a|ogg|wav|mp4|webm|m4v|ogv)=[\"']?([^\s\[\]<>\"']{1,1000})[^\[\]<>]{0,500}\](?:\[/\1\])?",
    re.IGNORECASE,
)
#: Block codes whose inside is code, raw text, or for nobody's eyes.
_CODE = frozenset({"codeblock", "code", "highlight"})
_RAW = frozenset({"raw", "verbatim"})
_HIDDEN = frozenset({"comment"})
#: Boxes whose shell goes and whose inside stays; those of the second set say a heading of their own.
_BOXES = frozenset({
    "note", "tabs", "tab", "cell", "grid", "pullquote", "subnote", "alert", "callout", "admonition", "notice", "tip", "hint", "warning", "info",
    "columns", "column", "center", "tldr", "mark", "expand", "card", "cards", "steps", "timeline", "box",
})  # fmt: skip
_HEADED = frozenset({"details", "hideToggle", "hideBlock", "folding", "fold", "collapse", "spoiler"})
_QUOTES = frozenset({"blockquote", "quote", "cq", "centerquote"})


def replaced(body: str, markup: str, notes: list[Note]) -> str:
    """The body with short codes replaced; `markup` is "markdown", "html" or "text"."""
    if markup == "text" or not _SIGN.search(body):
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
        if in_code or not (writer.raw_until or "{" in line or "[" in line):
            writer.out.append(line)
        else:
            writer.line(line, number)
        if "<" in line and not writer.raw_until:
            for found in _PRE.finditer(line):
                pre = max(0, pre + (-1 if found[1] else 1))
    return writer.text()


class _Writer:
    """Writes line after line; while `raw_until` names an end, lines are collected for a block."""

    def __init__(self, markup: str, notes: list[Note]) -> None:
        self.markup, self.notes = markup, notes
        self.out: list[str] = []
        self.raw_until = ""
        self.raw: list[str] = []
        self.kind = ""
        self.language = ""
        self.sources: list[str] = []

    def text(self) -> str:
        if self.raw_until:
            # Never closed: what was collected is text like any other.
            self.out += self.raw
        return "\n".join(self.out)

    def line(self, line: str, number: int) -> None:
        if self.raw_until:
            end = re.search(
                rf"\{{%-?\s{{0,9}}{self.raw_until}\s{{0,9}}-?%\}}|\{{\{{[<%]\s{{0,9}}/\s{{0,9}}{self.raw_until.removeprefix('end')}\s{{0,9}}[>%]\}}\}}",
                line,
            )
            if end is None:
                self.raw.append(line)
                return
            self.raw.append(line[: end.start()])
            self.out.append(self.block())
            line = line[end.end() :]
            if not line.strip():
                return
        opened = _OPEN_BLOCK.match(line)
        name = (opened[1] or opened[3] or "") if opened else ""
        if opened and name in _CODE | _RAW | _HIDDEN:
            rest = line[opened.end() :]
            self.kind = name
            self.language = _language(opened[2] or opened[4] or "") if name in _CODE else ""
            self.raw_until = f"end{name}"
            self.raw = []
            if rest.strip():
                self.line(rest, number)
            return
        if self.markup == "markdown" and self.furniture(line):
            return
        self.out.append(self.outside_code(line, lambda text: self.inline(text, number)))

    def furniture(self, line: str) -> bool:
        """Whether the line is attributes of the block before it, or the place of a table of contents."""
        if _ATTRIBUTE_LINE.match(line):
            if "toc" in line and self.out and re.match(r"\s{0,3}(?:[*+-]|1\.)\s", self.out[-1]):
                self.out.pop()
            return True
        return bool(_CONTENTS.match(line))

    def inline(self, text: str, number: int) -> str:
        if "{" in text:
            text = _VARIABLE.sub(lambda found: found[1] or found[2] or "", text)
            text = _HUGO.sub(lambda found: self.hugo(found, number), text)
            text = _TAG.sub(lambda found: self.tag(found, number), text)
            text = _HUGO_SHOWN.sub(lambda found: html.escape(f"{{{{{found[1]}{found[2]}{found[3]}}}}}", quote=False), text)
            if self.markup == "markdown":
                text = _ATTRIBUTES.sub("", text)
        if "[" in text:
            text = _WP_EMBED.sub(
                lambda found: f'<a href="{html.escape(found[1])}">{html.escape(found[1])}</a>', _CAPTION.sub("", text)
            )
            text = _WP_MEDIA.sub(lambda found: f'<{found[1].lower()} src="{html.escape(found[2])}"></{found[1].lower()}>', text)
        return text

    def outside_code(self, line: str, replace: Callable[[str], str]) -> str:
        """The line with what stands outside of `inline code` and `<code>` replaced."""
        if "<" not in line:
            return self.outside_ticks(line, replace)
        made, end = "", 0
        for shown in _SHOWN.finditer(line):
            made += self.outside_ticks(line[end : shown.start()], replace) + shown[0]
            end = shown.end()
        return made + self.outside_ticks(line[end:], replace)

    def outside_ticks(self, line: str, replace: Callable[[str], str]) -> str:
        if self.markup != "markdown" or "`" not in line:
            return replace(line)
        parts = re.split(r"(`+)", line)
        ends = {run: place for place, run in enumerate(parts) if place % 2}
        made: list[str] = []
        ticks = ""
        for place, part in enumerate(parts):
            if place % 2:
                if ticks:
                    ticks = "" if part == ticks else ticks
                elif ends[part] > place:
                    ticks = part
                made.append(part)
            else:
                made.append(part if ticks else replace(part))
        return "".join(made)

    def block(self) -> str:
        raw, self.raw_until = "\n".join(self.raw).strip("\n"), ""
        if self.kind in _HIDDEN:
            return ""
        if self.kind in _RAW:
            return raw
        language = f' class="language-{html.escape(self.language)}"' if self.language else ""
        if self.markup == "markdown":
            fence = "`" * max(3, 1 + max((len(run) for run in re.findall(r"`+", raw)), default=0))
            return f"\n{fence}{self.language}\n{raw}\n{fence}\n"
        return f"<pre><code{language}>{html.escape(raw, quote=False)}</code></pre>"

    def unknown(self, found: re.Match[str], number: int) -> str:
        self.notes.append(
            Note("short-code", f"the short code {found[0][:60]} is not known and stays as it is", number,
                 "write what it shows as Markdown or HTML", "notice")
        )  # fmt: skip
        return found[0]

    def tag(self, found: re.Match[str], number: int) -> str:
        """What a code of Hexo or Jekyll shows: `{% name words %}`."""
        name, said = found[1], found[2].strip().removesuffix("-").strip()
        words = _words(said)
        plain = [word for word in words if "=" not in word]
        named = dict(word.split("=", 1) for word in words if "=" in word)
        end = name.startswith("end") or name.startswith("/")
        bare = name.removeprefix("end").removeprefix("/")
        if bare in _QUOTES:
            return self.quote_end() if end else self.quote(said)
        if bare in _BOXES:
            return "\n\n"
        if bare in _HEADED:
            heading = said.split(",", 1)[-1].strip()
            return "\n\n" if end or not heading else f"\n\n<p><strong>{html.escape(heading)}</strong></p>\n\n"
        if name in EMBEDS and plain and (page := player_page(name, plain[0])):
            return f'<a href="{html.escape(page)}">▶ {EMBEDS[name]}</a>'
        if (
            name == "include"
            and plain
            and (page := player_page(plain[0].rpartition("/")[2].partition(".")[0], named.get("id", "")))
        ):
            return f'<a href="{html.escape(page)}">▶ {EMBEDS[plain[0].rpartition("/")[2].partition(".")[0]]}</a>'
        if name == "asset_img" and plain:
            at = next((place for place, word in enumerate(plain) if "." in word), 0)
            return _img(plain[at], " ".join(word for word in plain[at + 1 :] if not word.isdecimal()))
        if name in ("img", "image"):
            address = next((word for word in plain if "/" in word or "." in word), None)
            rest = plain[plain.index(address) + 1 :] if address else []
            return (
                _img(address, " ".join(word for word in rest if not word.isdecimal())) if address else self.unknown(found, number)
            )
        if name == "link" and len(words) == 1 and "://" not in said:
            # Jekyll's: a path among its sources, where an address stands.
            return html.escape(words[0])
        if name in ("asset_link", "link") and plain:
            address = plain[0] if name == "asset_link" else next((word for word in plain if "://" in word), plain[-1])
            label = " ".join(word for word in plain if word != address) or address
            return f'<a href="{html.escape(address)}">{html.escape(label)}</a>'
        if name in ("btn", "button") and plain:
            pieces = [piece.strip() for piece in said.replace("::", ",").split(",")]
            return (
                f'<a href="{html.escape(pieces[0])}">{html.escape(pieces[1] if len(pieces) > 1 and pieces[1] else pieces[0])}</a>'
            )
        if name in ("label", "hideInline", "del", "emp", "wavy", "u", "kbd", "psw", "checkbox", "radio"):
            return html.escape(said.partition("@")[2].strip() or said.partition(",")[0].strip())
        if name in ("asset_path", "post_path") and plain:
            return html.escape(plain[0])
        if name in ("post_link", "post_url") and plain:
            return html.escape(" ".join(plain[1:]) or plain[0])
        return self.unknown(found, number)

    def quote(self, said: str) -> str:
        self.sources.append(said)
        return "\n<blockquote>\n\n"

    def quote_end(self) -> str:
        """The end of a quotation, with who said it and where: `Author, Source https://…`."""
        said = self.sources.pop() if self.sources else ""
        address = re.search(r"https?://\S+", said)
        source = " ".join((said[: address.start()] + said[address.end() :]).split()) if address else said
        cited = html.escape(source or (address[0] if address else ""))
        if address:
            cited = f'<a href="{html.escape(address[0])}">{cited}</a>'
        return f"\n\n<p>— <cite>{cited}</cite></p>\n\n</blockquote>\n" if cited else "\n\n</blockquote>\n"

    def hugo(self, found: re.Match[str], number: int) -> str:
        """What a code of Hugo shows: `{{< name words >}}`."""
        name, said = found[2].replace(" ", ""), found[3]
        words = _words(said)
        named = dict(word.split("=", 1) for word in words if "=" in word)
        first = next((word for word in words if "=" not in word), "")
        bare = name.lstrip("/")
        if bare in _BOXES:
            return "\n\n"
        if bare in _HEADED:
            heading = named.get("summary") or named.get("title") or first
            return "\n\n" if name.startswith("/") or not heading else f"\n\n<p><strong>{html.escape(heading)}</strong></p>\n\n"
        if name in ("figure", "img", "image") and (named.get("src") or first):
            caption = named.get("caption") or named.get("title")
            image = _img(named.get("src") or first, named.get("alt", ""))
            return f"<figure>{image}<figcaption>{html.escape(caption)}</figcaption></figure>" if caption else image
        page = player_page(name, "/".join(words[:2]) if name == "gist" else named.get("id") or first)
        if page:
            return f'<a href="{html.escape(page)}">▶ {EMBEDS[name]}</a>'
        if name in ("ref", "relref") and first:
            return html.escape(first)
        return self.unknown(found, number)


def _img(address: str, alt: str) -> str:
    return f'<img src="{html.escape(address)}" alt="{html.escape(alt.strip(chr(39) + chr(34)))}">'


def _words(said: str) -> list[str]:
    """Words, quoted ones whole and without their quotes."""
    return [
        re.sub(r"^([\w-]+=)?([\"'])(.*)\2$", lambda found: (found[1] or "") + found[3], word)
        for word in re.findall(r"(?:[\w-]{1,60}=)?\"[^\"]*\"|(?:[\w-]{1,60}=)?'[^']*'|\S+", said)
    ]


def _language(said: str) -> str:
    words = said.split()
    named = next((word.partition(":")[2] for word in words if word.startswith("lang:")), "")
    language = named or next((word for word in words if ":" not in word and "=" not in word), "")
    return language if re.fullmatch(r"[\w+#.-]{1,30}", language) else ""
