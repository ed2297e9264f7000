"""The page of an entry that has none of its own: in come the Entry and what stands around it, out goes the page.

So a bare folder of posts has no dead link. It depends on nothing of the feeds but their names and addresses, and of its
neighbours on nothing but what it shows of them, so that another post's edit leaves it as it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from markupsafe import Markup, escape

from feeds.formats._wording import first_words, heading, title_of
from feeds.formats.pages import views
from feeds.formats.pages.common import Frame, licence
from feeds.formats.pages.feed_page import facts
from feeds.formats.pages.lines import PostLine, line_view
from feeds.formats.pages.look import Look
from feeds.formats.pages.render import Renderer
from feeds.model import Enclosure, Entry, Feed, Image, SafeHtml, digest


class Around(NamedTuple):
    """What an entry's page names: the site, the feeds that the entry is in, the posts before and after it."""

    site: Feed
    feeds: Sequence[Feed] = ()
    older: PostLine | None = None
    newer: PostLine | None = None


def key(look: Look, entry_key: str, site: Feed, feeds: Sequence[Feed], neighbours: Sequence[str]) -> str:
    """Digest of all that decides the page's bytes; `neighbours` are the keys of the lines that it shows."""
    own = (site.language, site.rights, site.icon, site.logo, site.home_page_url, site.show_email)
    return digest("entry", look.key, entry_key, repr(own), facts(site), str(len(feeds)), *map(facts, feeds), *neighbours)


def document(renderer: Renderer, entry: Entry, around: Around) -> bytes:
    """The page, in UTF-8."""
    look, site = renderer.look, around.site
    frame = Frame(look, site, entry.permalink)
    shown = heading(entry)
    about = entry.summary or first_words(shown)
    own = _own_category(around.feeds)
    picture = _lead(entry)
    return renderer.page(
        "entry.html.j2",
        site=frame.site(),
        page=replace(
            frame.page(
                "entry",
                f"{shown} - {site.title}",
                shown,
                description=about,
                feeds=(site, *([own] if own else [])),
            ),
            properties=list(_properties(frame, entry, shown, about)),
            translations=entry.translations,
        ),
        entry=views.EntryPage(
            title=title_of(entry),
            language=entry.language,
            published=frame.date(entry.published),
            updated=frame.date(entry.updated) if entry.updated > entry.published else None,
            authors=frame.people(entry, show_email=site.show_email),
            picture=frame.picture(picture) if picture is not None else None,
            content=content(frame, entry.content),
            category=frame.category(entry),
            categories=[
                views.Link(frame.link(feed.urls["html"]), feed.labels[-1])
                for feed in around.feeds
                if feed.labels and feed.taxonomy != "author"
            ],
            files=[
                views.File(
                    frame.links(file.url), file.title or file.url.rpartition("/")[2] or file.url, _player(file, entry.content)
                )
                for file in entry.enclosures
            ],
            about=entry.via,
            comments=_comments(entry),
            rights=entry.rights,
            licence_url=licence(entry.rights),
            previous=line_view(frame, around.older) if around.older else None,
            next=line_view(frame, around.newer) if around.newer else None,
        ),
        subscribe=frame.subscribe(own or site, own.labels[-1] if own else ""),
    )


def _player(file: Enclosure, content: str) -> str:
    """The element that plays a file; "" for other files, and for what the text itself plays."""
    kind = (file.media_type or "").partition("/")[0]
    return kind if kind in ("audio", "video") and f'src="{escape(file.url)}"' not in content else ""


def _own_category(feeds: Sequence[Feed]) -> Feed | None:
    """The deepest feed of the first category: the one that a reader of this post may want."""
    result: Feed | None = None
    for feed in feeds:
        if feed.taxonomy != "category" or (result is not None and feed.parent != result.path):
            break
        result = feed
    return result


def content(frame: Frame, html: SafeHtml) -> Markup:
    """The entry's HTML as the page shows it: own links relative, and what may scroll sideways takes the focus.

    A keyboard cannot scroll what it cannot reach (WCAG 2.1.1).
    """
    strings = frame.strings
    region = f'tabindex="0" role="region" aria-label="{Markup.escape(strings["table"])}"'

    def tag(slash: str, name: str, attributes: str) -> str:
        lower = name.lower()
        whole = f"<{slash}{name}{attributes}>"
        if lower == "pre" and not slash:
            return f'<pre tabindex="0"{_without(attributes, "tabindex")}>'
        if lower == "table":
            return f"{whole}</div>" if slash else f'<div class="scroll" {region}>{whole}'
        return whole

    # Only the sanitiser makes a SafeHtml; what is added to it here is ours.
    return Markup(frame.links.content(html, tag))  # noqa: S704


def _without(attributes: str, name: str) -> str:
    return re.sub(rf"""\s{name}=(?:"[^"]*"|'[^']*')""", "", attributes, flags=re.IGNORECASE)


def _comments(entry: Entry) -> str | None:
    """The page of comments; at the entry's own address it would be this very page, which has none."""
    url = entry.comments_url
    return url if url and url.partition("#")[0] != entry.permalink else None


def _lead(entry: Entry) -> Image | None:
    """The picture that stands for the entry, unless its content shows it anyway."""
    picture = entry.image
    if picture is None or picture.url in entry.content or str(Markup.escape(picture.url)) in entry.content:
        return None
    return picture


def _properties(frame: Frame, entry: Entry, title: str, about: str) -> list[tuple[str, str]]:
    published = frame.date(entry.published).iso
    return [
        *frame.properties("article", title, about, entry.image),
        ("article:published_time", published),
        *([("article:modified_time", frame.date(entry.updated).iso)] if entry.updated > entry.published else []),
        *(("article:tag", category.label) for category in entry.categories[:10]),
    ]
