"""RSS 2.0: in comes a Feed, out goes a document of the RSS Advisory Board's profile, with Media RSS and WebSub's links.

feedgen writes it (`_feedgen.py`); here are the joining and the check. Must import neither feedgen nor lxml early.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from feeds.formats import MEDIA_TYPES, _elements, _gate
from feeds.formats._gate import ParsedEntry
from feeds.formats._wording import body_of, heading, title_of
from feeds.lazy_patterns import lazy_pattern
from feeds.model import Entry, Feed

_ATOM_LINK = "{http://www.w3.org/2005/Atom}link"
_ENCODED = "{http://purl.org/rss/1.0/modules/content/}encoded"


_WEEKDAYS, _MONTHS = "MonTueWedThuFriSatSun", "JanFebMarAprMayJunJulAugSepOctNovDec"
_DATE = lazy_pattern(
    "(Mon|Tue|Wed|Thu|Fri|Sat|Sun), (\\d\\d) (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) (\\d{4}) "
    "(\\d\\d):(\\d\\d):(\\d\\d) [+]0000\\Z"
)


class Rss:
    """RSS 2.0 (https://www.rssboard.org/rss-specification and rss-profile)."""

    name = "rss"
    media_type = MEDIA_TYPES["rss"]
    version = "3"

    def fragment(self, entry: Entry, *, content_mode: str, show_email: bool = False) -> bytes:
        """One `<item>`."""
        from feeds.formats import _feedgen

        return _feedgen.rss_item(entry, content_mode=content_mode, show_email=show_email)

    def document(self, feed: Feed, fragments: Sequence[bytes]) -> bytes:
        """Channel, items, end."""
        from feeds.formats import _feedgen

        head, tail = _feedgen.rss_channel(feed)
        return b"".join((head, *(fragment + b"\n" for fragment in fragments), tail))

    def check(self, body: bytes, feed: Feed) -> None:
        """Raises RenderError with the first difference from the model."""
        root = _gate.parse_xml(body, feed, self.name)
        channel = root.find("channel")
        if root.tag != "rss" or channel is None:
            raise _gate.difference(feed, self.name, "the document is not an RSS channel")
        _gate.same(feed, self.name, "title", channel.findtext("title"), feed.title)
        _gate.same(feed, self.name, "home page", channel.findtext("link"), feed.home_page_url)
        _gate.same(feed, self.name, "date", _moment(channel.findtext("lastBuildDate")), feed.updated)
        links = channel.findall(_ATOM_LINK)
        selves = [link.get("href") for link in links if link.get("rel") == "self"]
        _gate.same(feed, self.name, "self link", selves, [feed.urls["rss"]])
        _gate.history(feed, self.name, channel, links)
        hubs = [link.get("href") for link in links if link.get("rel") == "hub"]
        _gate.same(feed, self.name, "hubs", hubs, list(feed.hubs))
        _gate.same(feed, self.name, "the podcast's elements", _elements.read(channel, _elements.OWN), _elements.podcast_of(feed))
        _gate.has_elements(feed, self.name, "the channel", channel, _elements.declared(feed.extras, "rss"))
        items = channel.findall("item")
        end = [child.tag for child in channel[len(channel) - len(items) :]]
        _gate.same(feed, self.name, "the channel's end", end, ["item"] * len(items))
        results = []
        for item in items:
            encoded = item.findtext(_ENCODED)
            results.append(
                ParsedEntry(
                    id=item.findtext("guid"),
                    title=item.findtext("title"),
                    permalink=item.findtext("link"),
                    published=_moment(item.findtext("pubDate")),
                    updated=None,
                    content=encoded if encoded is not None else item.findtext("description"),
                )
            )
        _gate.compare(feed, self.name, results, lambda entry: _expected(entry, feed.content_mode))
        for item, entry in zip(items, feed.entries, strict=True):
            _gate.same_elements(feed, self.name, entry, _elements.read(item, _elements.OWN), _elements.podcast_of(entry))
            _gate.has_elements(feed, self.name, f"entry {entry.id}", item, _elements.declared(entry.extras, "rss"))
        urls = [link.get("href") for link in links]
        for item in items:
            urls += [item.findtext("comments"), *(element.get("url") for element in item if element.get("url"))]
        _gate.absolute(feed, self.name, urls)


def _expected(entry: Entry, content_mode: str) -> ParsedEntry:
    from html import escape

    body = body_of(entry, content_mode)
    described = body or escape(entry.summary, quote=False)
    title = title_of(entry) or (None if described else heading(entry))
    return ParsedEntry(entry.id, title, entry.feed_link, entry.published, None, described or None)


def _moment(text: str | None) -> datetime | None:
    """The date of RFC 5322 section 3.3 with numeric zone and right weekday; None where it is anything else."""
    match = _DATE.match(text or "")
    if not match:
        return None
    weekday, day, month, year, hour, minute, second = match.groups()
    number = _MONTHS.index(month) // 3 + 1
    moment = datetime(int(year), number, int(day), int(hour), int(minute), int(second), tzinfo=UTC)
    return moment if _WEEKDAYS.index(weekday) // 3 == moment.weekday() else None


FORMAT = Rss()
