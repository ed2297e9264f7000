"""Parts of views that several pages share: a look and model values come in, views go out. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, tzinfo
from functools import cache
from itertools import accumulate
from unicodedata import east_asian_width
from urllib.parse import unquote

from feeds.formats._wording import bare_type, email_of, first_words
from feeds.formats.pages import views
from feeds.formats.pages.links import Links
from feeds.formats.pages.look import Look
from feeds.formats.pages.readers import buttons
from feeds.lazy_patterns import lazy_pattern
from feeds.model import Category, Entry, Feed, Image, rfc3339

#: Formats of a feed that readers take, best first, with the names people see.
NAMES = {"rss": "RSS", "atom": "Atom", "json": "JSON Feed"}
#: So many characters of a title stand in a list.
TITLE_IN_LIST = 200
#: So many columns of a summary stand in a list.
SUMMARY_COLUMNS = 192
#: So many steps of a deep category stand above its page: the first, and the last ones.
_STEPS = 6
#: Languages that are written from right to left where no script is named, and scripts that are (CLDR likely subtags).
_RTL_LANGUAGES = frozenset("ar arc arz ckb dv fa glk he iw khw ks lrc mzn nqo pnb ps sd syr ug ur yi".split())
_RTL_SCRIPTS = frozenset("adlm arab aran hebr mand mend nkoo rohg samr syrc thaa".split())
_CREATIVE_COMMONS = lazy_pattern(r"\bCC[ -]?(BY(?:-(?:NC|SA|ND)){0,2})[ -]?([1-4]\.0)\b", re.IGNORECASE)
_CC_URL = lazy_pattern(r"https?://creativecommons\.org/(?:licenses|publicdomain)/[a-z0-9./-]+")
_UNSAFE = lazy_pattern("[\x00-\x20\x7f-\xa0\u00ad\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff\ufff9-\ufffd]")


class Frame:
    """What one page's views are made with: the look, the page's own URL, the links from there."""

    def __init__(self, look: Look, site: Feed, url: str) -> None:
        self.look, self.site_feed, self.url = look, site, url
        self.strings = look.strings
        self.links = Links(url, look.own, {site.urls["html"]})

    def link(self, url: str) -> str:
        """The reference to a page of ours."""
        return self.links.to(url)

    def site(self) -> views.Site:
        """The site as each page shows it."""
        look, feed = self.look, self.site_feed
        return views.Site(
            title=feed.title,
            url=self.link(feed.urls["html"]),
            icon=self.links(feed.icon) if feed.icon else None,
            tile=next((item for item in feed.title if item.isalnum()), feed.title[:1]).upper(),
            language=look.language,
            direction=direction_of(look.language) or self.strings["direction"],
            rights=feed.rights,
            licence_url=licence(feed.rights),
            home_page=None if feed.home_page_url == feed.urls["html"] else feed.home_page_url,
            archive=self.link(look.url(look.page(look.archive))),
            indexes=[
                views.Link(self.link(look.url(look.page(look.index(name)))), self.strings.taxonomy(name))
                for name in look.taxonomies
            ],
        )

    def languages(self) -> tuple[str, str | None]:
        """The language of the page's words, and that of the site's own texts where it is another."""
        own, words = self.look.language, self.strings.language
        if own is None:
            return words, None
        if own.lower().partition("-")[0] == words.lower().partition("-")[0]:
            return own, None
        return words, own

    def date(self, moment: datetime, *, year: bool = True) -> views.Date:
        """A day in the site's zone."""
        day = local(moment, self.look.zone)
        text = self.strings.date(day.year, day.month, day.day) if year else self.strings.day(day.month, day.day)
        return views.Date(rfc3339(moment), text)

    def people(self, entry: Entry, *, show_email: bool) -> list[views.Person]:
        """The entry's authors, each with the page or, where that is shown, the mail address.

        One that is called as the site stands for nobody in particular, and is left out.
        """
        named = [person for person in entry.authors if person.name != self.site_feed.title]
        return [views.Person(person.name, person.url or _mailto(email_of(person, show_email))) for person in named]

    def picture(self, image: Image) -> views.Picture:
        """An entry's picture; its size only where both sides are known."""
        sized = image.width is not None and image.height is not None
        return views.Picture(
            self.links(image.url), image.alt or "", image.width if sized else None, image.height if sized else None
        )

    def category(self, entry: Entry) -> views.Link | None:
        """The entry's first category, at its deepest."""
        deepest: Category | None = None
        for category in entry.categories:
            if not self.look.is_category(category) or (deepest and not category.term.startswith(f"{deepest.term}/")):
                break
            deepest = category
        url = self.look.term_url(deepest) if deepest is not None else None
        return views.Link(self.link(url), deepest.label) if deepest is not None and url is not None else None

    def trail(self, feeds: Sequence[Feed]) -> list[views.Link]:
        """The way from the site's page down through these feeds."""
        steps = [(feed.urls["html"], feed.labels[-1] if feed.labels else feed.title) for feed in feeds]
        if len(steps) > _STEPS:
            steps = [steps[0], *steps[-_STEPS + 1 :]]
        return [views.Link(self.link(url), label) for url, label in steps]

    def subscribe(self, feed: Feed, name: str = "", feeds: int = 0) -> views.Subscribe:
        """The box for one feed; with the number of all feeds, if there are several, it names the outline as well."""
        offered = [_address(feed, format, label) for format, label in NAMES.items() if format in feed.urls]
        outline = self.site_feed.urls.get("opml") if feeds > 1 else None
        return views.Subscribe(
            name=name,
            address=offered[0],
            others=offered[1:],
            readers=buttons(self.look.readers, offered[0].url, self.strings["own_reader"]),
            outline=views.Address("OPML", outline, shown(outline), bare_type("opml")) if outline else None,
            outline_text=self.strings.count("all_feeds", feeds) if outline else "",
        )

    def page(
        self,
        kind: str,
        title: str,
        heading: str,
        *,
        description: str = "",
        feeds: Sequence[Feed] = (),
        trail: Sequence[views.Link] = (),
    ) -> views.Page:
        """What the page says of itself. `feeds` are those whose formats its head names, in this order."""
        language, content_language = self.languages()
        about = description or title
        return views.Page(
            kind=kind,
            title=title,
            heading=heading,
            description=about,
            language=language,
            content_language=content_language,
            canonical=self.url,
            style=self.link(self.look.url(self.look.style)),
            alternates=alternates(feeds),
            properties=self.properties("website", heading, about),
            trail=trail,
        )

    def properties(self, kind: str, title: str, description: str, image: Image | None = None) -> list[tuple[str, str]]:
        """Open Graph (https://ogp.me) and the one property that X needs besides."""
        feed = self.site_feed
        picture = image.url if image is not None else feed.logo or feed.icon
        locale = (self.look.language or "").replace("-", "_")
        result = [
            ("og:type", kind),
            ("og:site_name", feed.title),
            ("og:title", title),
            ("og:url", self.url),
            ("og:description", description),
            ("og:locale", locale),
            ("og:image", picture or ""),
            ("og:image:alt", image.alt or "" if image is not None else ""),
            ("twitter:card", "summary_large_image" if image is not None else "summary"),
        ]
        return [(name, value) for name, value in result if value]


def _mailto(address: str | None) -> str | None:
    return f"mailto:{address}" if address else None


@cache
def _zone(name: str) -> tzinfo:
    from zoneinfo import ZoneInfo

    return ZoneInfo(name)


def local(moment: datetime, zone: str) -> datetime:
    """The instant in a zone; at either end of the calendar in its own."""
    try:
        return moment.astimezone(_zone(zone))
    except OverflowError:
        return moment


def _address(feed: Feed, format: str, label: str) -> views.Address:
    url = feed.urls[format]
    return views.Address(label, url, shown(url), bare_type(format))


def shown(url: str) -> str:
    """The URL for people: other scripts instead of percent-encoding and Punycode, where they read back as the same URL."""
    scheme, separator, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    text = unquote(path, errors="strict") if _decodes(path) else path
    return f"{scheme}{separator}{_unicode_host(host)}{slash}{text}"


def _decodes(path: str) -> bool:
    """Whether the decoded path is readable, and a browser would encode it to the same."""
    from feeds.urls import encode_path

    try:
        text = unquote(path, errors="strict")
    except UnicodeDecodeError:
        return False
    # A bare "%" would be taken for the beginning of an escape.
    return encode_path(text) == path and not _UNSAFE.search(text) and "%" not in text


def _unicode_host(host: str) -> str:
    if "xn--" not in host:
        return host
    name, colon, port = host.partition(":")
    try:
        decoded = name.encode("ascii").decode("idna")
        return f"{decoded}{colon}{port}" if decoded.encode("idna").decode("ascii") == name else host
    except UnicodeError:
        return host


def licence(rights: str | None) -> str | None:
    """The licence that a text of rights names, as its URL; None where it names none that is known."""
    text = rights or ""
    if match := _CC_URL.search(text):
        return match[0]
    if match := _CREATIVE_COMMONS.search(text):
        return f"https://creativecommons.org/licenses/{match[1].lower()}/{match[2]}/"
    if re.search(r"\bCC0\b", text):
        return "https://creativecommons.org/publicdomain/zero/1.0/"
    return None


def alternates(feeds: Sequence[Feed]) -> list[views.Address]:
    """The formats of each feed for `<link rel="alternate">`, no title or URL twice (WHATWG HTML section 4.6.7.1)."""
    result: dict[str, views.Address] = {}
    titles: set[str] = set()
    for feed in feeds:
        for format, label in NAMES.items():
            url = feed.urls.get(format)
            if url is None or url in result:
                continue
            title = f"{feed.title} ({label})"
            if title in titles:
                title = f"{feed.title}, {feed.path or feed.base_url} ({label})"
            titles.add(title)
            result[url] = views.Address(label, url, shown(url), bare_type(format), title)
    return list(result.values())


def title_in_list(text: str) -> str:
    """A title of at most 200 characters."""
    return first_words(text, TITLE_IN_LIST)


def direction_of(language: str | None) -> str | None:
    """ "rtl" or "ltr" as the language's script runs; None for no language. Words of another language do not turn a page round."""
    if not language:
        return None
    name, *subtags = language.lower().replace("_", "-").split("-")
    script = next((tag for tag in subtags if len(tag) == 4 and tag.isalpha()), None)
    return "rtl" if (script in _RTL_SCRIPTS if script else name in _RTL_LANGUAGES) else "ltr"


def summary_in_list(text: str) -> str:
    """As much of a summary as its two lines show: 192 columns, of which a Chinese character takes two."""
    if 2 * len(text) <= SUMMARY_COLUMNS:
        return text
    columns = accumulate(2 if east_asian_width(letter) in "WF" else 1 for letter in text)
    room = next((number for number, used in enumerate(columns) if used > SUMMARY_COLUMNS), len(text))
    return first_words(text, room)
