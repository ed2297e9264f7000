"""The publish gate (REL-7): what says anything else than the model is refused, and the first difference named."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from samples import NAMES, a_feed, an_entry, awkward, many, whole

from feeds import formats
from feeds.errors import RenderError
from feeds.formats._gate import wrong_url
from feeds.model import Feed, SafeHtml


def refused(name: str, body: bytes, feed: Feed) -> str:
    with pytest.raises(RenderError) as caught:
        formats.by_name(name).check(body, feed)
    assert caught.value.format == name
    assert caught.value.feed == feed.path
    return str(caught.value)


@pytest.mark.parametrize("name", NAMES)
def test_a_true_document_passes(name: str) -> None:
    """Awkward entries among ordinary ones, full and in summary."""
    for mode in ("full", "summary"):
        feed = a_feed([*many(3), *awkward()], content_mode=mode, show_email=True)
        formats.by_name(name).check(whole(feed, name), feed)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda listed: listed[:-1], "entries"),
        (lambda listed: [*listed, many(4)[3]], "entries"),
        (lambda listed: [listed[1], listed[0], *listed[2:]], "entry 1"),
        (lambda listed: [*listed[:2], replace(listed[2], title="Other")], "entry 3.*title"),
        (
            lambda listed: [*listed[:2], replace(listed[2], permalink="https://example.org/x")],
            "entry 3.*permalink",
        ),
    ],
    ids=["one less", "one more", "swapped", "retitled", "moved"],
)
def test_another_list_of_entries_is_refused(name: str, change: Callable[[list], list], said: str) -> None:
    """Number, order, titles and permalinks are compared with the model."""
    listed = [*many(3)]
    message = refused(name, whole(a_feed(change(listed)), name), a_feed(listed))
    assert re.search(said, message)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"id": "urn:other"}, "id is 'urn:other'"),
        ({"content": SafeHtml("<p>other</p>")}, "content is '<p>other</p>'"),
        ({"published": an_entry().published.replace(year=2020)}, "published is 2020"),
    ],
    ids=["id", "content", "date"],
)
def test_another_fact_of_an_entry_is_refused(name: str, changed: dict, said: str) -> None:
    """Ids, dates and the whole content, too."""
    message = refused(name, whole(a_feed([an_entry(**changed)]), name), a_feed([an_entry()]))
    assert said in message
    assert an_entry().id in message


@pytest.mark.parametrize("name", NAMES)
def test_another_feed_is_refused(name: str) -> None:
    """A document at the wrong place: its title or self link is another feed's."""
    listed = many(2)
    refused(name, whole(a_feed(listed, title="Other"), name), a_feed(listed))
    elsewhere = {key: url.replace("example.org", "example.net") for key, url in a_feed().urls.items()}
    refused(name, whole(a_feed(listed, urls=elsewhere), name), a_feed(listed))


@pytest.mark.parametrize("name", NAMES)
def test_a_damaged_document_is_refused(name: str) -> None:
    """Cut off, with a byte order mark, in another encoding, empty."""
    feed = a_feed(many(3))
    body = whole(feed, name)
    refused(name, body[: len(body) // 2], feed)
    refused(name, b"\xef\xbb\xbf" + body, feed)
    refused(name, body.decode().encode("gb18030"), feed)
    refused(name, b"", feed)


@pytest.mark.parametrize("name", ["rss", "atom"])
def test_a_document_type_is_refused(name: str) -> None:
    """X-7; and no entity is ever resolved."""
    feed = a_feed(many(1))
    declared, rest = whole(feed, name).split(b"\n", 1)
    evil = declared + b'\n<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>\n' + rest.replace("小站".encode(), b"&e;")
    assert "document type" in refused(name, evil, feed)


def test_json_is_read_strictly() -> None:
    """A key that stands twice, a null, a lone surrogate, NaN."""
    feed = a_feed(many(1))
    body = whole(feed, "json")
    for old, new in (
        (b'"language"', b'"title"'),
        (b'"zh-CN"', b"null"),
        (b'"zh-CN"', b"NaN"),
        (b"Water", b"Wa\\ud83dter"),
        ('"title": "生活 - 小站",\n'.encode(), b""),
    ):
        assert old in body
        refused("json", body.replace(old, new), feed)


@pytest.mark.parametrize(
    "html",
    [
        '<a href="/x">x</a>',
        '<a href="#note">x</a>',
        '<a href="?q">x</a>',
        '<img alt="a" src="//host/x.png">',
        "<img src='x.png'>",
        '<img src="https://example.org/a.png" srcset="https://example.org/a.png 1x, b.png 2x">',
        '<video poster="p.jpg" src="https://example.org/v"></video>',
        '<a title="a > b" href="javascript:alert(1)">x</a>',
        '<blockquote cite="../x">x</blockquote>',
        '<a href="">x</a>',
    ],
)
def test_a_relative_url_in_content_is_found(html: str) -> None:
    """X-5: every URL attribute, each candidate of a srcset."""
    assert wrong_url(html) is not None
    feed = a_feed([an_entry(content=SafeHtml(html))])
    for name in NAMES:
        assert "not absolute" in refused(name, whole(feed, name), feed)


@pytest.mark.parametrize(
    "html",
    [
        '<a href="https://example.org/?a=b&amp;c=d#e">x</a> <a href="mailto:a@b.example">m</a> <a href="tel:+1">t</a>',
        '<img srcset="https://example.org/a,b.png 1x, https://example.org/c.png 2x" src="data:image/png;base64,AA==">',
        '<pre><code class="language-html">&lt;a href="/x"&gt; src="y" srcset="z"</code></pre>',
        '<p title="href=&quot;x&quot;">href="/x"</p><p title="a src=b">x</p>',
    ],
)
def test_absolute_urls_and_quoted_source_text_pass(html: str) -> None:
    """A post about HTML is not a post with a relative link."""
    assert wrong_url(html) is None
