"""Highlighted code -> code: in come the elements that Hexo, Rouge, Chroma and Pygments write, out go `pre` and `code`.

Line numbers and colours go, the language stays. Works on any ElementTree; touches nothing that no highlighter wrote.
"""

from __future__ import annotations

import re
from typing import Any

from feeds.lazy_patterns import lazy_pattern

_LANGUAGE = lazy_pattern(
    r"(?:language|lang|highlight-source|brush:)[-:]?\s*([\w+#.-]{1,30})\Z|\Asourcecode-?([\w+#.-]{1,30})\Z", re.I
)
_NAME = lazy_pattern(r"[a-zA-Z][\w+#.-]{0,29}\Z")
#: Classes of the elements around highlighted code.
_FRAMES = frozenset({
    "highlight", "highlighttable", "rouge-table", "codehilite", "codehilitetable", "lntable", "chroma", "highlighter-rouge",
    "sourcecode", "hljs-ln",
})  # fmt: skip
#: Classes that stand beside the language and are none.
_NO_LANGUAGE = frozenset({
    "highlight", "hljs", "plain", "plaintext", "text", "chroma", "wrap", "code", "source", "prettyprint", "linenums", "line-numbers",
    "codehilite", "notranslate", "none",
})  # fmt: skip
#: A line's number in the midst of the code.
_NUMBERS = frozenset({"ln", "lnt", "lineno", "linenos", "line-number", "lnlinks", "hljs-ln-numbers"})


def reduce_table(table: Any) -> bool:
    """A highlighter's table of line numbers and code becomes the code alone; True where it was one."""
    if not _FRAMES & set(table.get("class", "").split()):
        return False
    cell = None
    for item in table.iter("td"):
        kinds = set(item.get("class", "").split())
        if kinds & {"code", "rouge-code", "hljs-ln-code"} or ("lntd" in kinds and next(item.iter("code"), None) is not None):
            cell = item
    if cell is None:
        name = language(table)
        for pre in table.iter("pre") if name else ():
            pre.set("class", f"{pre.get('class', '')} language-{name}")
        return False
    name = _nearby_language(table)
    code = table.makeelement("code", {"class": f"language-{name}"} if name else {})
    code.text = _text(cell)
    pre = table.makeelement("pre", {})
    pre.append(code)
    caption = next((element for element in table.iter("figcaption") if "".join(element.itertext()).strip()), None)
    for child in list(table):
        table.remove(child)
    table.attrib.clear()
    table.text = None
    if caption is not None:
        caption.tail = None
        table.append(caption)
    table.append(pre)
    if table.tag == "table":
        table.tag = "div"
    return True


def tidy(element: Any, around: Any) -> None:
    """A `pre` or `code` keeps of its classes the language alone, and of its lines what is code; `around` is its parent."""
    if element.tag == "pre":
        _drop_numbers(element)
        inner = element[0] if len(element) == 1 and element[0].tag == "code" and not (element.text or "").strip() else None
        name = language(element) or language(around)
        if inner is not None and name and not language(inner):
            inner.set("class", f"language-{name}")
        if element.text:
            # A parser drops the first line break, the next one the second.
            element.text = element.text.lstrip("\n")
        _drop_colours(element if inner is None else inner)
    name = language(element) if element.tag == "code" else ""
    if name:
        element.set("class", f"language-{name}")
    elif "class" in element.attrib:
        del element.attrib["class"]


def language(element: Any) -> str:
    """The language that an element's own classes or `data-lang` name, "" where none."""
    if not isinstance(element.tag, str):
        return ""
    classes = element.get("class", "").split()
    for word in classes:
        match = _LANGUAGE.match(word)
        if match:
            return match[1] or match[2]
    written = element.get("data-lang") or element.get("data-language") or ""
    if _NAME.match(written):
        return str(written)
    if {"hljs", "sourceCode", "prettyprint"} & set(classes):
        return next((word for word in classes if _NAME.match(word) and word not in _NO_LANGUAGE and word != "sourceCode"), "")
    return ""


def _nearby_language(code: Any) -> str:
    """The language of a highlighter's frame: its own, that of an element inside, or the word beside "highlight"."""
    for element in code.iter():
        if result := language(element):
            return result
    languages = [word for word in code.get("class", "").split() if word not in _NO_LANGUAGE and word not in _FRAMES]
    return languages[0] if languages and _NAME.match(languages[0]) and not languages[0].startswith("line") else ""


def _drop_numbers(pre: Any) -> None:
    """Take out the line numbers that stand as spans among the code, and empty spans."""
    for parent in list(pre.iter()):
        before = None
        for child in list(parent):
            if child.tag in ("span", "a") and (_NUMBERS & set(child.get("class", "").split()) or not (len(child) or child.text)):
                rest = child.tail or ""
                if before is None:
                    parent.text = (parent.text or "") + rest
                else:
                    before.tail = (before.tail or "") + rest
                child.tail = None
                parent.remove(child)
            else:
                before = child


def _drop_colours(element: Any) -> None:
    """Where nothing but spans and line ends stand in the code, its text is all there is to it."""
    if len(element) and all(inner.tag in ("span", "br") for inner in element.iter() if inner is not element):
        text = _text(element)
        for child in list(element):
            element.remove(child)
        element.text = text


def _text(cell: Any) -> str:
    """The text of a code cell; Hexo writes a line as a span and its end as `<br>`."""
    _drop_numbers(cell)
    pieces: list[str] = []

    def collect(element: Any) -> None:
        if element.tag == "br":
            pieces.append("\n")
        pieces.append(element.text or "")
        for child in element:
            if isinstance(child.tag, str):
                collect(child)
            pieces.append(child.tail or "")

    collect(cell)
    return "".join(pieces).strip("\n")
