"""Settings: feeds.toml, then FEEDS_* variables, then flags; out goes one frozen `Settings`, or every mistake at once.

Must not read posts, the clock or the network.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from feeds.model import Person

FORMATS = ("rss", "atom", "json")
TAXONOMIES = ("category", "tag", "author")


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much is read (POLICY): what is larger is a Problem that names the bound."""

    file_bytes: int = 10_000_000
    front_matter_bytes: int = 64_000
    front_matter_depth: int = 20
    content_bytes: int = 2_000_000
    element_depth: int = 250
    title_characters: int = 2_000
    term_characters: int = 300
    terms: int = 200


@dataclass(frozen=True, slots=True)
class Sanitise:
    """How a site widens or narrows the content policy, and which library cleans."""

    backend: str = "bleach"
    allow_tags: tuple[str, ...] = ()
    allow_attributes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    embed_hosts: tuple[str, ...] = ()
    data_images: bool = False
    nofollow: bool = False
    drop_trackers: bool = False


@dataclass(frozen=True, slots=True)
class Paths:
    """Where each thing lies below the base URL and the output folder (DESIGN decision 3).

    `{path}` is the term's slug path ("技术/前端"), `{slug}` its own slug. Folders end in "/"; "" is the base itself.
    """

    site: str = ""
    category: str = "category/{path}/"
    tag: str = "tag/{slug}/"
    author: str = "author/{slug}/"
    entry: str = "entry/{slug}/"
    rss: str = "rss.xml"
    atom: str = "atom.xml"
    json: str = "feed.json"
    html: str = "index.html"
    opml: str = "feeds.opml"


@dataclass(frozen=True, slots=True)
class FeedSettings:
    """What one feed has of its own; None means as the site."""

    title: str | None = None
    description: str | None = None
    limit: int | None = None
    content: str | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """One site. Paths are as the user gave them, absolute after loading."""

    base_url: str
    """Absolute http(s) URL that ends in "/": everything is published below it."""
    posts: Path
    output: Path
    state: Path
    """Folder of ledger, memo and lock: `.feeds` beside feeds.toml, else beside the posts folder."""
    config: Path | None = None

    # the site
    title: str = ""
    """Default: the host of the base URL."""
    description: str = ""
    language: str | None = None
    """BCP 47."""
    authors: tuple[Person, ...] = ()
    """Authors of the feed, and of a post that names none. Default: one person called as the site."""
    people: Mapping[str, Person] = field(default_factory=dict)
    """What is known of an author named in front matter, by that name."""
    rights: str | None = None
    icon: str | None = None
    logo: str | None = None
    timezone: str = "UTC"
    """IANA name: the zone of dates that name none."""
    home_page_url: str | None = None
    """Default: the base URL."""
    category_page: str | None = None
    """Pattern of the site's own page of a category, as `/categories/{path}/`; default: our index.html of the feed."""
    tag_page: str | None = None
    author_page: str | None = None

    # posts
    encodings: tuple[str, ...] = ("utf-8",)
    exclude: tuple[str, ...] = ()
    """Glob patterns, relative to the posts folder, of files that are no posts."""
    permalink: str | None = None
    """Pattern as in Hexo and Jekyll (":year/:month/:day/:title/"); None: our own page of the entry."""
    id_source: str = "tag"
    """"tag" or "permalink"."""
    authority: str = ""
    """Authority of minted tag: URIs, as "example.org,2026"; default: the base URL's host with a fixed date."""
    comments_url: str | None = None
    """Pattern, as "{permalink}#comments"."""
    default_image: str | None = None

    # taxonomies
    taxonomies: tuple[str, ...] = TAXONOMIES
    categories_mode: str = "path"
    """"path" as in Hexo, or "parallel" as in Jekyll and Hugo."""
    category_map: Mapping[str, str] = field(default_factory=dict)
    tag_map: Mapping[str, str] = field(default_factory=dict)
    default_category: str | None = None

    # feeds
    formats: tuple[str, ...] = FORMATS
    limit: int = 20
    content: str = "full"
    warn_document_bytes: int = 250_000
    max_document_bytes: int = 512_000
    feeds: Mapping[str, FeedSettings] = field(default_factory=dict)
    """By the feed's path without the last "/" ("category/技术"); "" is the site's feed."""
    max_age_seconds: int = 3600
    stale_while_revalidate_seconds: int = 86_400
    stale_if_error_seconds: int = 604_800
    hubs: tuple[str, ...] = ()
    show_email: bool = False
    moved: Mapping[str, str] = field(default_factory=dict)
    """Old path -> new path or absolute URL: answered 301."""
    retired: tuple[str, ...] = ()
    """Paths answered 410."""
    paths: Paths = field(default_factory=Paths)

    # publishing
    output_mode: str = "auto"
    """"auto", "exchange", "symlink" or "files"."""
    precompress: tuple[str, ...] = ()
    """Codings written beside each document: "gzip", "br"."""
    header_maps: tuple[str, ...] = ()
    """Header maps written with the documents, of "nginx", "apache", "caddy", "netlify"."""
    max_removed_fraction: float = 0.3
    min_removed: int = 3
    workers: int = 0
    """Processes for a cold build; 0: one for each processor."""

    bounds: Bounds = field(default_factory=Bounds)
    sanitise: Sanitise = field(default_factory=Sanitise)
