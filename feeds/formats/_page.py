"""The frame of every HTML page of ours: in come title, links and parts, out goes one document with its style in it.

Works without script, from any static host and from a file. Every value passes through Markup's `%`, which escapes it.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Sequence
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from markupsafe import Markup

from feeds.formats._wording import GENERATOR, bare_type
from feeds.formats._words import Words, words
from feeds.model import Feed, rfc3339

STYLE = Path(__file__).with_name("page.css").read_text("utf-8")

#: Part of the version of every page: another style is another page.
STYLE_VERSION = sha256(STYLE.encode()).hexdigest()[:8]

_STYLE_DIGEST = b64encode(sha256(STYLE.encode()).digest()).decode()
_SOURCES = (
    f"default-src 'none'; style-src 'self' 'sha256-{_STYLE_DIGEST}'; img-src 'self' http: https: data:; "
    "media-src 'self' http: https:; base-uri 'none'; form-action 'none'"
)

#: The header for our pages: no script, no frame, no request but pictures and media. `allow-downloads` lets a click on a
#: feed's address save the file; `allow-popups` lets `mailto:` links open.
CONTENT_SECURITY_POLICY = (
    f"{_SOURCES}; frame-ancestors 'none'; sandbox allow-downloads allow-popups allow-popups-to-escape-sandbox"
)

NAMES = {"rss": "RSS", "atom": "Atom", "json": "JSON Feed"}

_DOCUMENT = Markup("""\
<!DOCTYPE html>
<html lang="%(language)s">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="%(sources)s">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="%(generator)s">
<title>%(title)s</title>
%(head)s
<style>%(style)s</style>
</head>
<body>
%(body)s
</body>
</html>
""")


def document(*, language: str | None, title: str, head: Iterable[Markup], body: Iterable[Markup]) -> bytes:
    """A whole page."""
    return (
        _DOCUMENT
        % {
            "language": language or words(language).language,
            "sources": _SOURCES,
            "generator": GENERATOR,
            "title": title,
            "head": lines(head),
            "style": Markup(STYLE),  # noqa: S704  our own file
            "body": lines(body),
        }
    ).encode()


def lines(parts: Iterable[Markup]) -> Markup:
    """Parts below each other; empty ones left out."""
    return Markup("\n").join(part for part in parts if part)


def link(url: str, text: str) -> Markup:
    """A link whose text may run in either direction."""
    return Markup('<a href="%s" dir="auto">%s</a>') % (url, text)


def alternates(feeds: Sequence[Feed]) -> list[Markup]:
    """`<link rel="alternate">` for each format of each feed, in the feeds' order, no title or address twice (WEB-4)."""
    made: dict[str, Markup] = {}
    titles: set[str] = set()
    for feed in feeds:
        for name, label in NAMES.items():
            url = feed.urls.get(name)
            if url is None or url in made:
                continue
            title = f"{feed.title} ({label})"
            if title in titles:
                title = f"{feed.title}, {feed.path or feed.base_url} ({label})"
            titles.add(title)
            made[url] = Markup('<link rel="alternate" type="%s" title="%s" href="%s">') % (bare_type(name), title, url)
    return list(made.values())


def icon(feed: Feed) -> Markup:
    """The site's icon, where it has one."""
    return Markup('<link rel="icon" href="%s">') % feed.icon if feed.icon else Markup()


def path(steps: Sequence[tuple[str, str]], said: Words) -> Markup:
    """The way here from the site's page: (address, label) for each step."""
    if not steps:
        return Markup()
    items = Markup().join(Markup("<li>%s</li>") % link(url, label) for url, label in steps)
    return Markup('<nav class="path" aria-label="%s"><ol>%s</ol></nav>') % (said.path, items)


def footer(feed: Feed, parts: Iterable[Markup], said: Words) -> Markup:
    """What stands at the end of every page: the home page, the rights."""
    shown = [*parts]
    if feed.home_page_url != feed.urls["html"]:
        shown.append(link(feed.home_page_url, said.home_page))
    if feed.rights:
        shown.append(Markup('<span dir="auto">%s</span>') % feed.rights)
    return Markup("<footer>%s</footer>") % Markup(" · ").join(shown) if shown else Markup()


def moment(instant: datetime, said: str = "") -> Markup:
    """A date that people and programs read; the day in UTC, so that the page does not depend on a machine's zone."""
    text = rfc3339(instant)
    return Markup('%s<time datetime="%s">%s</time>') % (f"{said} " if said else "", text, text[:10])
