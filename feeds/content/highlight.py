"""Highlighted code -> code: in come the elements that Hexo, Rouge, Chroma and Pygments write, out go `pre` and `code`.

Line numbers and colours go, the language stays. Works on any ElementTree; touches nothing that no highlighter wrote.
"""

from __future__ import annotations

import re
from typing import Any

_LANGUAGE = re.compile(
    r"(?:language|lang|highlight-source|brush:)[-:]?\s*([\w+#.-]{1,30})\Z|\Asourcecode-?([\w+#.-]{1,30})\Z", re.I
)
_NAME = re.compile(r"[a-zA-Z][\w+#.-]{0,29}\Z")
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


def reduce_table(one: Any) -> bool:
    """A highlighter's table of line numbers and code becomes the code alone; True where it was one."""
    if not _FRAMES & set(one.get("class", "").split()):
        return False
    cell = None
    for item in one.iter("td"):
        kinds = set(item.get("class", "").split())
        if kinds & {"code", "rouge-code", "hljs-ln-code"} or ("lntd" in kinds and next(item.iter("code"), None) is not None):
            cell = item
    if cell is None:
        said = language(one)
        for pre in one.iter("pre") if said else ():
            pre.set("class", f"{pre.get('class', '')} language-{said}")
        return False
    said = _nearby_language(one)
    code = one.makeelement("code", {"class": f"language-{said}"} if said else {})
    code.text = _text(cell)
    pre = one.makeelement("pre", {})
    pre.append(code)
    caption = next((element for element in one.iter("figcaption") if "".join(element.itertext()).strip()), None)
    for child in list(one):
        one.remove(child)
    one.attrib.clear()
    one.text = None
    if caption is not None:
        caption.tail = None
        one.append(caption)
    one.append(pre)
    if one.tag == "table":
        one.tag = "div"
    return True


def tidy(one: Any, around: Any) -> None:
    """A `pre` or `code` keeps of its classes the language alone, and of its lines what is code; `around` is its parent."""
    if one.tag == "pre":
        _drop_numbers(one)
        inner = one[0] if len(one) == 1 and one[0].tag == "code" and not (one.text or "").strip() else None
        said = language(one) or language(around)
        if inner is not None and said and not language(inner):
            inner.set("class", f"language-{said}")
        if one.text:
            # A parser drops the first line break, the next one the second.
            one.text = one.text.lstrip("\n")
        _drop_colours(one if inner is None else inner)
    said = language(one) if one.tag == "code" else ""
    if said:
        one.set("class", f"language-{said}")
    elif "class" in one.attrib:
        del one.attrib["class"]


def language(one: Any) -> str:
    """The language that an element's own classes or `data-lang` name, "" where none."""
    if not isinstance(one.tag, str):
        return ""
    classes = one.get("class", "").split()
    for word in classes:
        match = _LANGUAGE.match(word)
        if match:
            return match[1] or match[2]
    written = one.get("data-lang") or one.get("data-language") or ""
    if _NAME.match(written):
        return str(written)
    if {"hljs", "sourceCode", "prettyprint"} & set(classes):
        return next((word for word in classes if _NAME.match(word) and word not in _NO_LANGUAGE and word != "sourceCode"), "")
    return ""


def _nearby_language(one: Any) -> str:
    """The language of a highlighter's frame: its own, that of an element inside, or the word beside "highlight"."""
    for element in one.iter():
        if result := language(element):
            return result
    known = [word for word in one.get("class", "").split() if word not in _NO_LANGUAGE and word not in _FRAMES]
    return known[0] if known and _NAME.match(known[0]) and not known[0].startswith("line") else ""


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


def _drop_colours(one: Any) -> None:
    """Where nothing but spans and line ends stand in the code, its text is all there is to it."""
    if len(one) and all(inner.tag in ("span", "br") for inner in one.iter() if inner is not one):
        text = _text(one)
        for child in list(one):
            one.remove(child)
        one.text = text


def _text(cell: Any) -> str:
    """The text of a code cell; Hexo writes a line as a span and its end as `<br>`."""
    _drop_numbers(cell)
    pieces: list[str] = []

    def collect(one: Any) -> None:
        if one.tag == "br":
            pieces.append("\n")
        pieces.append(one.text or "")
        for child in one:
            if isinstance(child.tag, str):
                collect(child)
            pieces.append(child.tail or "")

    collect(cell)
    return "".join(pieces).strip("\n")
