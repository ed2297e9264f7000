"""Permalinks: in come a post's metadata and identity, out go its place on the site and its address.

Feeds need them of posts that are not converted, too. Pure: no I/O, no clock, no HTML.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from feeds.build.timeline import Out
from feeds.dialects import by_name
from feeds.dialects.base import PostFacts
from feeds.errors import FailedPostsError, fault
from feeds.formats import OWN, file_name_of
from feeds.model import Category, Person
from feeds.posts.header import Header
from feeds.posts.metadata import below
from feeds.settings import Settings
from feeds.settings.site_facts import home_of, site_facts
from feeds.urls import encode_page, encode_path, resolve


class Place(NamedTuple):
    """An entry's identity, categories and addresses, as the ledger and the taxonomies give them."""

    id: str
    published: datetime
    updated: datetime
    slug: str
    categories: tuple[Category, ...]
    page: str | None
    """Path of our own page of the entry ("entry/slug/"), None where it has one of its own."""
    translations: tuple[tuple[str, str], ...] = ()
    """(language, URL) of the post in each of its languages, its own among them."""


def site_page(header: Header, slug: str, published: datetime, settings: Settings) -> str | None:
    """The post's own page as its dialect makes it: a path below the site's home or a URL; None if the site has none.

    Raises FailedPostsError if the dialect cannot make one of what the post says.
    """
    site = site_facts(settings)
    try:
        facts = facts_of(header, published)
        return by_name(settings.generator).permalink(facts, slug, published.astimezone(site.zone), site)
    except Exception as error:
        raise _failed(header, error) from error


def page_link(header: Header, settings: Settings) -> str | None:
    """The address of a page that is not a post, for links to it; None for posts, and if the dialect does not know it."""
    if header.status not in ("page", "section-page"):
        return None
    try:
        page = by_name(settings.generator).page(facts_of(header, header.published), site_facts(settings))
    except Exception as error:
        raise _failed(header, error) from error
    if page is None or "://" in page:
        return page
    return home_of(settings) + encode_page(page.lstrip("/"))


def _failed(header: Header, error: Exception) -> FailedPostsError:
    return FailedPostsError({header.path: fault(header.path, error, "given its address")})


def facts_of(header: Header, published: datetime | None) -> PostFacts:
    return PostFacts(
        path=header.path, title=header.title, published=published, updated=header.updated, expires=header.expires,
        status=header.status, categories=header.categories, tags=header.tags, link=header.link, slug=header.slug,
        dated_by=header.dated_by, explicit_id=header.explicit_id, language=header.language, extra=dict(header.extra),
    )  # fmt: skip


def permalink_of(header: Header, slug: str, published: datetime, settings: Settings) -> str:
    """The address of the post's page: the site's own, else ours. Raises FailedPostsError."""
    page = site_page(header, slug, published, settings)
    home = home_of(settings)
    if page is None:
        if settings.pages is False:
            # The post has no page: its link leads to the site's home page, with a fragment of its own.
            return f"{home}#{encode_path(slug)}"
        return settings.base_url + encode_path(settings.page_folder + settings.paths.entry.format(slug=slug))
    if header.link is not None or "://" in page:
        url = resolve(below(page), home)
        if url is not None:
            return url
    return home + encode_page(page.lstrip("/"))


def permalink(post: Out, settings: Settings) -> str:
    """The address of a published post's page. Raises FailedPostsError."""
    return permalink_of(post.header, post.identity.slug, post.identity.published, settings)


def document_names(settings: Settings) -> dict[str, str]:
    """The name of each format's documents in a feed's folder, by format; of our own formats and of plug-ins in use."""
    own = {name: str(getattr(settings.paths, name)) for name in (*OWN, "html", "opml")}
    return {name: file_name_of(name) for name in settings.formats if name not in own} | own


def site_authors(settings: Settings) -> tuple[Person, ...]:
    """The feed's authors, and those of a post that names none (RFC 4287 section 4.1.1 wants one)."""
    return settings.authors or (Person(settings.title),)
