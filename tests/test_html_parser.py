"""The tree that lexbor builds: equal to html5lib's, as the standard has it where html5lib is older, and within bounds."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element

import pytest
from bleach._vendor import html5lib
from hypothesis import given
from hypothesis import strategies as st

from feeds import content
from feeds.content import Policy, bleach_cleaner, html_parser
from feeds.content.bounds import BoundError
from feeds.content.markup import prepared

#: Elements of the policy and around it about which html5lib, which follows the standard of 2012, and today's agree.
_NAMES = (
    "a abbr article aside b big blockquote br button center cite code col dd del details div dl dt em fieldset figcaption figure font"
    " footer form h1 h2 h3 header hr i img input ins kbd li marquee nav nobr ol option p pre q rp rt ruby s section select small"
    " source span strike strong sub sup table tbody td tfoot th thead time tr tt u ul var video wbr"
).split()
_TAGS = st.one_of(
    st.sampled_from([f"<{name}>" for name in _NAMES]),
    st.sampled_from([f"<{name} title='a&amp;b' CLASS=x>" for name in _NAMES]),
    st.sampled_from([f"</{name}>" for name in _NAMES]),
)
_TEXTS = st.sampled_from(
    ["x", " ", "\n", "&amp;lt;", "&lt;b&gt;", "&nbsp;", "&eacute", "&notit;", "&#x41;", "&#128512;", "中文", "a=b"]
)
_MARKUP = st.lists(st.one_of(_TAGS, _TAGS, _TEXTS), max_size=14).map("".join)
#: Whatever an author may leave open or in the wrong place, in elements that are not kept too.
_ANY = st.lists(
    st.one_of(_TAGS, _TEXTS, st.sampled_from("<svg> </svg> <math> <mi> </math> <main> <dialog> <summary> <caption> <rtc> <template>".split())),
    max_size=14,
).map("".join)  # fmt: skip


def shape(element: Any) -> Any:
    """The tree as nested lists: names, attributes, text."""
    children = [(shape(child), child.tail or "") for child in element if isinstance(child.tag, str)]
    return [element.tag, sorted(element.attrib.items()), element.text or "", children]


def by_html5lib(text: str) -> Any:
    page = html5lib.HTMLParser(namespaceHTMLElements=False).parse("<!doctype html><body>" + text)
    body = page.find("body")
    body.attrib.clear()
    return body


def by_lexbor(text: str) -> Element:
    return html_parser.parse(prepared(text), 10_000)


@given(_MARKUP)
def test_the_tree_is_that_of_html5lib(text: str) -> None:
    text = prepared(text).text
    assert shape(by_lexbor(text)) == shape(by_html5lib(text))


@given(_ANY)
def test_a_second_parse_reads_what_was_written(text: str) -> None:
    """A reader that parses the cleaned markup, as the standard has it or had it, sees the elements that bleach judged."""
    cleaned = content.clean(text, "html", base_url="https://example.org/", policy=Policy()).html
    assert bleach_cleaner.Writer(Policy(), "").inside(by_lexbor(cleaned)) == cleaned
    if "<summary" not in cleaned and "<math" not in cleaned:
        assert shape(by_lexbor(cleaned)) == shape(by_html5lib(cleaned))


@pytest.mark.parametrize(("text", "expected"), [
    ("<p>a<dialog>b", [("p", "a"), ("dialog", "b")]),
    ("<em><summary>a</em>", [("em", ""), ("summary", "")]),
    ("<p>a<table><tr><td>b", [("p", "a"), ("table", "")]),
    ("<image src=x>", [("img", "")]),
    ("<p>a</body></html><p>b", [("p", "a"), ("p", "b")]),
])  # fmt: skip
def test_html_of_today(text: str, expected: list[tuple[str, str]]) -> None:
    """HTML sections 13.2.4.2 ("special" elements) and 13.2.6.4.7."""
    assert [(child.tag, child.text or "") for child in by_lexbor(text)] == expected


def test_text_thrown_out_of_a_table_stays() -> None:
    body = by_lexbor("a<table>b<tr>c<td>d</table>e")
    assert body.text == "abc" and body[0].tail == "e" and "".join(body.itertext()) == "abcde"


def test_elements_of_drawings_are_told_by_their_names() -> None:
    (link,) = by_lexbor("<svg><a><title>x</title></a></svg>")
    assert link.tag == f"{html_parser.SVG}svg" and link[0].tag == f"{html_parser.SVG}a"


def test_attributes_are_decoded_once_and_the_first_of_a_name_counts() -> None:
    (link,) = by_lexbor("<A HREF='?a=1&amp;lt;&copy=2&copy;' href=b hidden>x</a>")
    assert link.attrib == {"href": "?a=1&lt;&copy=2©", "hidden": ""}


@pytest.mark.parametrize("text", [
    "<div>" * 300, "<span>" * 90_000 + "</i>" * 90_000, "<b>" * 100_000, "<i>" * 240 + "<p>x" * 90_000, "<table><b>" * 90_000,
    "<a><div>" * 60_000, "<select>" + "<option selected>x<selectedcontent></selectedcontent>" * 60_000 + "<div>" * 300,
])  # fmt: skip
def test_what_passes_the_bounds_is_refused(text: str) -> None:
    """No list that lexbor looks through at a tag is ever long, so the time grows as the length does."""
    with pytest.raises(BoundError):
        html_parser.parse(prepared(text), 250)
