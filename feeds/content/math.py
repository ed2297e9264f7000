"""Formulas in a parsed body -> MathML, or their TeX, once: in comes an element that KaTeX or MathJax wrote, out goes what stays of it.

Both draw a formula with hundreds of spans or an SVG beside its MathML; without their styles e^x is "ex". Works on any
ElementTree; what is kept of MathML is the policy's, and nothing but MathML is within a formula.
"""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

from feeds.content.policy import MATHML, Policy
from feeds.lazy_patterns import lazy_pattern

#: How lxml and older trees name an element of MathML.
NAMESPACE = "{http://www.w3.org/1998/Math/MathML}"
_TEX = "application/x-tex"
#: What MathJax 2 draws, beside the script that holds the formula's source.
_DRAWN = frozenset({
    "MathJax", "MathJax_Preview", "MathJax_Display", "MathJax_SVG", "MathJax_SVG_Display", "MathJax_CHTML", "MJXc-display", "mjx-chtml",
    "MathJax_PlainSource", "MathJax_MathML",
})  # fmt: skip
_VALUE = lazy_pattern(r"[\w.%+()\[\]{}|,;: -]{0,100}\Z")
_MATHML_BYTES = 100_000


#: Names of elements that may be a formula.
NAMES = frozenset({"math", f"{NAMESPACE}math", "mjx-container", "span", "div"})


def is_formula(element: Any) -> bool:
    """Whether the element is MathML, or what KaTeX or MathJax wrote around a formula."""
    if element.tag not in ("span", "div"):
        return element.tag in NAMES
    return "class" in element.attrib and bool(_classes(element) & (_DRAWN | {"katex", "katex-display", "MathJax_TeX"}))


def formula(element: Any, following: Any, policy: Policy) -> tuple[list[Any], bool]:
    """What stays of the formula: elements to put in its place, and whether its source was found.

    `following` is the next element behind it, in which MathJax 2 leaves the source.
    """
    classes = _classes(element)
    if "MathJax_TeX" in classes:
        element.attrib.clear()
        return [element], True
    block = "katex-display" in classes or "MathJax_Display" in classes or element.get("display") in ("true", "block")
    if classes & _DRAWN and element.tag != "mjx-container":
        source = next(
            (item.get("data-mathml") for item in element.iter() if isinstance(item.tag, str) and item.get("data-mathml")), None
        )
        inside = next((item for item in element.iter() if isinstance(item.tag, str) and "MathJax_TeX" in _classes(item)), None)
        if inside is not None:
            inside.attrib.clear()
            inside.tail = None
            return [inside], True
        if "MathJax_Preview" in classes or (following is not None and _is_source(following)):
            return [], True
        math = _parsed(source, element) if source else None
    else:
        math = next((item for item in element.iter() if item.tag in ("math", f"{NAMESPACE}math")), None)
    if math is None:
        return ([element], False) if "katex" in classes or "katex-display" in classes else ([], False)
    _tidy(math, policy)
    if math is not element:
        math.tail = None
    if block:
        math.set("display", "block")
    return [math], True


def _is_source(element: Any) -> bool:
    """Whether the element holds the source of the formula before it, or draws it too."""
    return isinstance(element.tag, str) and bool(_classes(element) & {"MathJax_TeX", "MathJax", "MathJax_Display", "MathJax_SVG"})


def _classes(element: Any) -> set[str]:
    return set(element.get("class", "").split())


def _parsed(text: str, like: Any) -> Any | None:
    """MathML that an attribute holds, as an element of the tree of `like`; None where it is none."""
    if len(text) > _MATHML_BYTES or "<!" in text:
        return None
    try:
        root = ElementTree.fromstring(text)  # noqa: S314  no doctype, so no entity; bounded above
    except ElementTree.ParseError:
        return None
    return _copied(root, like, 0)


def _copied(source: Any, like: Any, depth: int) -> Any:
    result = like.makeelement(source.tag.removeprefix(NAMESPACE), dict(source.attrib))
    result.text, result.tail = source.text, source.tail
    for child in source if depth < 100 else ():
        result.append(_copied(child, like, depth + 1))
    return result


def _tidy(math: Any, policy: Policy) -> None:
    """Leave nothing in the formula but MathML of the policy: other elements go, and their text stays."""
    waiting = [math]
    _own_attributes(math, policy)
    while waiting:
        parent = waiting.pop()
        place = 0
        while place < len(parent):
            child = parent[place]
            name = child.tag.removeprefix(NAMESPACE) if isinstance(child.tag, str) else ""
            if name in MATHML and name != "math" and not (name == "annotation" and child.get("encoding") != _TEX):
                child.tag = name
                _own_attributes(child, policy)
                if name == "annotation":
                    _only_text(child)
                waiting.append(child)
                place += 1
            else:
                _unwrap(parent, place, keeps_text=name not in ("", "annotation", "annotation-xml", "style", "script"))


def _own_attributes(element: Any, policy: Policy) -> None:
    element.tag = element.tag.removeprefix(NAMESPACE)
    kept = policy.attributes(element.tag)
    for name, value in list(element.attrib.items()):
        free = name in ("alttext", "title")
        if name not in kept or (free and len(value) > 2000) or (not free and name != "encoding" and not _VALUE.match(value)):
            del element.attrib[name]


def _only_text(element: Any) -> None:
    text = "".join(element.itertext())
    for child in list(element):
        element.remove(child)
    element.text = text


def _unwrap(parent: Any, place: int, *, keeps_text: bool) -> None:
    child = parent[place]
    text = ("".join(child.itertext()) if keeps_text else "") + (child.tail or "")
    child.tail = None
    parent.remove(child)
    if place:
        parent[place - 1].tail = (parent[place - 1].tail or "") + text
    else:
        parent.text = (parent.text or "") + text
