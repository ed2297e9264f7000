"""The checker itself can fail: each rule is broken on purpose, so that silence about our feeds means something."""

from __future__ import annotations

import pytest
from feed_rules import findings
from samples import a_feed, an_entry, whole

ADDRESS = {
    "rss": "https://example.org/category/%E7%94%9F%E6%B4%BB/rss.xml",
    "atom": "https://example.org/category/%E7%94%9F%E6%B4%BB/atom.xml",
}

BROKEN = [
    (
        "rss",
        b"<description>Everything about",
        b"<summary>Everything about",
        b"</description>",
        b"</summary>",
        "SAXError",
    ),
    ("rss", b"</channel>", b"<webMaster>a@b.example (A)</webMaster></channel>", b"", b"", "MisplacedItem"),
    ("rss", b"rss.xml", b"other.xml", b"", b"", "SelfDoesntMatchLocation"),
    ("rss", b'rel="self"', b'rel="via"', b"", b"", "MissingAtomSelfLink"),
    ("rss", b' isPermaLink="false"', b"", b"", b"", "InvalidPermalink"),
    ("rss", b"<dc:creator>", b"<author>", b"</dc:creator>", b"</author>", "InvalidContact"),
    ("rss", b"<dc:creator>", b"<author>a@b.example (A)</author><dc:creator>", b"", b"", "DuplicateItemSemantics"),
    ("rss", b"Wed, 04 Aug", b"Thu, 04 Aug", b"", b"", "IncorrectDOW"),
    ("rss", b"Wed, 04 Aug 2021", b"Wed, 4 Aug 21", b"", b"", "InvalidRFC2822Date"),
    ("rss", b"04 Aug 2021", b"04 Aug 2121", b"", b"", "ImplausibleDate"),
    ("rss", b"<title>\xe8", b"<title/><title>\xe8", b"", b"", "NotBlank"),
    ("rss", b"&lt;p&gt;", b"&lt;script&gt;", b"", b"", "SecurityRisk"),
    ("rss", b'src="https://example.org/', b'src="/', b"", b"", "ContainsRelRef"),
    (
        "rss",
        b"<pubDate>",
        b'<enclosure url="https://example.org/a" length="" type="a/b"/><pubDate>',
        b"",
        b"",
        "UseZero",
    ),
    ("rss", b"https://example.org/2021/08/04/%E8%8C%B6/", "https://example.org/茶".encode(), b"", b"", "UriNotIri"),
    ("rss", b"<ttl>60", b"<ttl>an hour", b"", b"", "InvalidInteger"),
    ("atom", b"<name>", b"<nom>", b"</name>", b"</nom>", "Schema"),
    ("atom", b'<content type="html">', b'<content type="CDATA">', b"", b"", "InvalidMIMEType"),
    ("atom", b"tag:example.org,2000-01-01:posts/tea", b"HTTP://Example.org/%aa", b"", b"", "NonCanonicalURI"),
    ("atom", b"2021-08-05T05:49:00Z", b"2021-08-05 05:49:00", b"", b"", "InvalidRFC3339Date"),
    (
        "atom",
        b"<generator>",
        b'<link type="text/html" href="https://example.org/2"/><generator>',
        b"",
        b"",
        "DuplicateAtomLink",
    ),
    ("atom", b"<?xml", b"\xef\xbb\xbf<?xml", b"", b"", "ByteOrderMark"),
    ("atom", b"<feed", b"<!DOCTYPE feed><feed", b"", b"", "Doctype"),
]


@pytest.mark.parametrize("case", BROKEN, ids=[case[-1] for case in BROKEN])
def test_a_broken_rule_is_named(case: tuple[str, bytes, bytes, bytes, bytes, str]) -> None:
    """A document of ours with one fault put in gives a finding of that name; without the fault it gives none."""
    format, old, new, old2, new2, name = case
    document = whole(a_feed([an_entry()]), format)
    assert findings(document, address=ADDRESS[format]) == []
    assert old in document
    broken = document.replace(old, new)
    if old2:
        broken = broken.replace(old2, new2)
    assert any(finding.startswith(name) for finding in findings(broken, address=ADDRESS[format]))


def test_a_repeated_entry_is_named() -> None:
    """DuplicateEntries, in both formats."""
    twice = a_feed([an_entry(), an_entry()])
    assert any(one.startswith("DuplicateEntries") for one in findings(whole(twice, "rss")))
    assert any(one.startswith("DuplicateEntries") for one in findings(whole(twice, "atom")))


def test_a_vague_media_type_is_named() -> None:
    """NonSpecificMediaType (HTTP-25)."""
    assert findings(whole(a_feed(), "rss"), media_type="application/xml") == ["NonSpecificMediaType: application/xml"]
