"""The publish gate of pages: a page's bytes and the model come in, nothing or a RenderError goes out.

Pages of a site's own templates may look as they like: of them only what must hold of any page is checked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urljoin, urlsplit

from feeds.errors import RenderError
from feeds.formats import _gate
from feeds.formats._wording import heading, title_of
from feeds.formats.pages import entry_page as entries
from feeds.formats.pages.common import NAMES, Frame, title_in_list
from feeds.formats.pages.look import Look
from feeds.model import Entry, Feed, rfc3339

if TYPE_CHECKING:
    from lxml import etree

FORMAT = "html"
#: Elements that run, load or ask for input; of scripts there may be the one whose digest the policy names.
_DANGEROUS = ("iframe", "object", "embed", "base", "form", "frame", "applet", "style")
_SCHEMES = ("http://", "https://", "mailto:", "tel:", "data:image/", "feed:", "follow:")


class Subject(NamedTuple):
    """What a page is checked against: its look, its own URL, and the feed that errors name.

    `from_root`: its links may begin at the host's root, for it is shown at any address.
    """

    look: Look
    url: str
    feed: Feed
    from_root: bool = False


def plain(body: bytes, subject: Subject) -> etree._Element:
    """Any page: UTF-8, HTML, its address, nothing that runs but our script, no link that leads nowhere. Returns its root."""
    root = _parse(body, subject)
    if subject.look.files:
        return root
    _harmless(root, subject, scripts=[subject.look.script])
    _gate.same(subject.feed, FORMAT, "address", _links(root, "canonical"), [subject.url])
    for element in root.iter("a", "link", "img"):
        url = element.get("href") or element.get("src")
        if url is not None and not _leads(url, subject):
            raise _difference(subject, f"the page has the URL {url!r:.160}, which is neither absolute nor ours")
    return root


def content(entry: Entry, feed: Feed) -> None:
    """What an entry brings to its page: nothing in it runs or loads what it should not."""
    from lxml import etree

    subject = Subject(Look(feed.base_url), entry.permalink, feed)
    root = etree.fromstring(f"<div>{entry.content}</div>", etree.HTMLParser(no_network=True, huge_tree=True))
    if root is not None:
        _harmless(root, subject, scripts=[])


def feed_page(body: bytes, look: Look, feed: Feed) -> None:
    """A feed's page: its formats, and its entries with address, title and date, in their order."""
    subject = Subject(look, feed.urls["html"], feed)
    root = plain(body, subject)
    if look.files:
        return
    _gate.same(feed, FORMAT, "title", root.findtext("head/title"), _folded(feed.title))
    meant = [feed.urls[name] for name in NAMES if name in feed.urls]
    _gate.same(feed, FORMAT, "formats", _links(root, "alternate")[: len(meant)], meant)
    items = [item for items in root.iter("ol") if items.get("class") == "posts" for item in items.findall("li")]
    _gate.same(feed, FORMAT, "number of posts", len(items), len(feed.entries))
    for place, (item, entry) in enumerate(zip(items, feed.entries, strict=True), 1):
        anchor, time = item.find("article/div/h3/a"), item.find(".//time")
        actual = (
            None if anchor is None else (_absolute(anchor, subject), _folded("".join(anchor.itertext()))),
            None if time is None else time.get("datetime"),
        )
        wanted = ((entry.permalink, _folded(title_in_list(heading(entry)))), rfc3339(entry.published))
        _gate.same(feed, FORMAT, f"post {place} ({entry.id})", actual, wanted)


def entry_page(body: bytes, look: Look, entry: Entry, site: Feed) -> None:
    """An entry's page: its title, its date and the whole of its content."""
    subject = Subject(look, entry.permalink, site)
    root = plain(body, subject)
    if look.files:
        return
    times = [time.get("datetime") for time in root.iter("time")]
    _gate.same(site, FORMAT, f"date of {entry.id}", times[:1], [rfc3339(entry.published)])
    titles = [_folded("".join(title.itertext())) for title in root.findall("body/main/article/header/h1")]
    _gate.same(site, FORMAT, f"title of {entry.id}", titles, [_folded(title_of(entry) or heading(entry))])
    if str(entries.content(Frame(look, site, entry.permalink), entry.content)) not in body.decode("utf-8"):
        raise _difference(subject, f"the page of {entry.id} does not hold its content")
    meant = {site.urls[name] for name in NAMES if name in site.urls}
    _gate.same(site, FORMAT, "formats", meant - set(_links(root, "alternate")), set())


def _harmless(root: etree._Element, subject: Subject, *, scripts: list[str]) -> None:
    """Nothing runs but these scripts, and nothing loads or asks for input."""
    if [script.text or "" for script in root.iter("script")] != scripts or next(root.iter(*_DANGEROUS), None) is not None:
        raise _difference(subject, "the page holds an element that may run or load what it should not")
    handlers = root.xpath("//@*[starts-with(name(), 'on')]")
    if handlers:
        raise _difference(subject, f"the page has an attribute that runs a script: {handlers[0]!r:.80}")


def _parse(body: bytes, subject: Subject) -> etree._Element:
    from lxml import etree

    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _difference(subject, f"the page is not UTF-8: {error}") from error
    root = etree.fromstring(text, etree.HTMLParser(no_network=True, huge_tree=True)) if text.strip() else None
    if root is None or text.lstrip()[:15].lower() != "<!doctype html>":
        raise _difference(subject, "the page is not an HTML document")
    return root


def _links(root: etree._Element, relation: str) -> list[str | None]:
    return [link.get("href") for link in root.findall("head/link") if link.get("rel") == relation]


def _leads(url: str, subject: Subject) -> bool:
    """Whether a URL is absolute, or a relative one of ours. `#part` is on the page itself."""
    if url.startswith((*_SCHEMES, "#")):
        return True
    if subject.from_root:
        return url.startswith(urlsplit(subject.look.base_url).path)
    # What a query or a fragment holds is no part of the path (RFC 3986 section 3).
    path = url.partition("#")[0].partition("?")[0]
    if ":" in path.partition("/")[0] or url.startswith("/"):
        # A reader of the site's own choice may have any scheme; what content says was checked when it was cleaned.
        return any(url.startswith(reader.rsplit(maxsplit=1)[-1].partition("{")[0]) for reader in subject.look.readers)
    # As `Links` writes them: upwards first, and never above the base URL.
    upwards = 0
    while path.startswith("../", upwards):
        upwards += 3
    return ".." not in path[upwards:].split("/") and upwards // 3 <= subject.url.count("/") - subject.look.base_url.count("/")


def _absolute(anchor: etree._Element, subject: Subject) -> str:
    url = anchor.get("href") or ""
    return url if "://" in url else urljoin(subject.url, url)


def _folded(text: str) -> str:
    return " ".join(text.split())


def _difference(subject: Subject, what: str) -> RenderError:
    return _gate.difference(subject.feed, FORMAT, what)
