"""What a site may set: feeds.toml, then FEEDS_* variables, then flags come in; out goes one frozen `Settings`.

`load` reports every mistake at once. Cheap to import: what reads and checks the sources lies in the rooms beside this
one. Must not read posts, the clock or the network. docs/settings.md describes each setting for people.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from dataclasses import fields as dataclass_fields
from pathlib import Path

from feeds.model import Person, digest

FORMATS = ("rss", "atom", "json")
TAXONOMIES = ("category", "tag", "author")
#: Readers that a page can open a feed in; the formats know how each is addressed. "feed" is the machine's own.
READERS = ("folo", "feedly", "inoreader", "newsblur", "theoldreader", "feedbin", "bazqux", "feed")

#: Settings that have a flag of their own, by dotted name.
FLAGS: Mapping[str, str] = {
    "base_url": "--base-url",
    "output": "--output",
    "state": "--state",
    "title": "--title",
    "author": "--author",
    "language": "--language",
    "timezone": "--timezone",
    "permalink": "--permalink",
    "categories_mode": "--categories-mode",
    "formats": "--formats",
    "limit": "--limit",
    "content": "--content",
    "workers": "--workers",
    "sanitise.backend": "--backend",
}

#: Date of minted tag: URIs whose authority is the base URL's host (RFC 4151 section 2.1); fixed: ids hold no clock.
AUTHORITY_DATE = "2026"


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much is read (docs/content-policy.md): what is larger is a Problem that names the bound. All at least 1."""

    file_bytes: int = 10_000_000
    """A post's file; a larger one is broken."""
    front_matter_bytes: int = 64_000
    front_matter_depth: int = 20
    """Levels of lists and tables; PyYAML's C loader overflows the stack on thousands."""
    content_bytes: int = 2_000_000
    """The body, before and after rendering."""
    element_depth: int = 250
    """Nested elements: html5lib is quadratic in them."""
    post_seconds: int = 5
    """Processor time in which one post is converted, in a process that is ended then."""
    post_memory_bytes: int = 300_000_000
    """Memory that it may take, beside the program's own."""
    title_characters: int = 2_000
    term_characters: int = 300
    terms: int = 200
    """Names in one taxonomy of one post."""


@dataclass(frozen=True, slots=True)
class Sanitise:
    """How a site widens or narrows the content policy, and which library cleans."""

    backend: str = "bleach"
    """"bleach", or "nh3" (faster; the extra `fast`)."""
    allow_tags: tuple[str, ...] = ()
    allow_attributes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By tag; "*" is every tag."""
    embed_hosts: tuple[str, ...] = ()
    """Further hosts, or host and path prefix ("player.example.org/embed/"), whose frames become a link with a title."""
    data_images: bool = False
    """Keep `data:` images of type png, gif, jpeg, webp."""
    nofollow: bool = False
    drop_trackers: bool = False
    """Drop images of one pixel."""


@dataclass(frozen=True, slots=True)
class Visibility:
    """What keeps a post out besides the keys and words that are always read (docs/visibility.md)."""

    hidden_keys: tuple[str, ...] = ()
    """Further front matter keys that keep a post out, with any value but false or nothing."""
    hidden_terms: tuple[str, ...] = ()
    """Categories and tags that keep a post out."""
    public_words: tuple[str, ...] = ()
    """Further words with which `status` and its like publish a post."""
    ignored_keys: tuple[str, ...] = ()
    """Keys that say nothing about visibility on this site, though they usually do."""
    required_keys: tuple[str, ...] = ()
    """A post is published only if one of these keys is true in its front matter."""


@dataclass(frozen=True, slots=True)
class Paths:
    """Where each thing lies below the base URL and the output folder.

    `{path}` is the term's slug path ("技术/前端"), `{slug}` its own slug. Folders end in "/"; "" is the base itself.
    The last six are names of files in such a folder.
    """

    site: str = ""
    category: str = "category/{path}/"
    tag: str = "tag/{slug}/"
    author: str = "author/{slug}/"
    entry: str = "entry/{slug}/"
    archive: str = "archive/"
    rss: str = "rss.xml"
    atom: str = "atom.xml"
    json: str = "feed.json"
    html: str = "index.html"
    opml: str = "feeds.opml"
    css: str = "feeds.css"


@dataclass(frozen=True, slots=True)
class FeedSettings:
    """What one feed has of its own; None means as the site."""

    title: str | None = None
    description: str | None = None
    limit: int | None = None
    content: str | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """One site. Paths are as the user gave them, absolute after loading; URLs are absolute, ASCII and normalised."""

    base_url: str
    """Absolute http(s) URL that ends in "/": everything is published below it."""
    posts: Path = Path("posts")
    output: Path = Path("public")
    state: Path = Path(".feeds")
    """Folder of ledger, memo and lock: `.feeds` beside feeds.toml, else beside the posts folder."""
    config: Path | None = None
    """The settings file that was read."""

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
    """Square picture (RFC 4287 section 4.2.5)."""
    logo: str | None = None
    """Picture twice as wide as high (RFC 4287 section 4.2.8)."""
    timezone: str = "UTC"
    """IANA name: the zone of dates that name none."""
    home_page_url: str | None = None
    """Default: the base URL."""
    category_page: str | None = None
    """Pattern of the site's own page of a category, as "/categories/{path}/"; default: our index.html of the feed."""
    tag_page: str | None = None
    author_page: str | None = None

    # posts
    generator: str = "plain"
    """The site generator whose conventions the posts follow, one of `feeds.dialects.NAMES`."""
    dialect: Mapping[str, object] = field(default_factory=dict)
    """What the generator's own settings say besides, by the names in `feeds.dialects.base.Dialect.options`."""
    encodings: tuple[str, ...] = ("utf-8",)
    """Tried in turn; a byte order mark decides by itself."""
    exclude: tuple[str, ...] = ()
    """Glob patterns, relative to the posts folder, of files that are no posts."""
    permalink: str | None = None
    """Pattern as in Hexo and Jekyll (":year/:month/:day/:title/"), below the base URL or absolute; None: our page."""
    id_source: str = "tag"
    """"tag" or "permalink"."""
    authority: str = ""
    """Authority of minted tag: URIs, as "example.org,2026"; default: the base URL's host, fixed date."""
    comments_url: str | None = None
    """Pattern, as "{permalink}#comments"."""
    default_image: str | None = None
    """Image of entries that have none."""

    markdown: Mapping[str, object] = field(default_factory=dict)
    """What the posts' Markdown renderer does otherwise than the dialect says: fields of `feeds.content.flavour.Flavour`."""

    # taxonomies
    taxonomies: tuple[str, ...] = TAXONOMIES
    """Which taxonomies get feeds."""
    categories_mode: str = "path"
    """"path" as in Hexo, or "parallel" as in Jekyll and Hugo."""
    category_map: Mapping[str, str] = field(default_factory=dict)
    """Name -> slug."""
    tag_map: Mapping[str, str] = field(default_factory=dict)
    default_category: str | None = None
    """Category of posts that name none."""

    # feeds
    formats: tuple[str, ...] = FORMATS
    limit: int = 20
    """Entries in a feed."""
    content: str = "full"
    """"full" or "summary"."""
    warn_document_bytes: int = 250_000
    max_document_bytes: int = 512_000
    """A document is cut to this by whole entries."""
    feeds: Mapping[str, FeedSettings] = field(default_factory=dict)
    """By the feed's path without the last "/" ("category/技术"); "" is the site's feed. In feeds.toml: [feed."…"]."""
    max_age_seconds: int = 3600
    """RFC 9111 section 5.2.2.1; readers that honour it poll no more often."""
    stale_while_revalidate_seconds: int = 86_400
    """RFC 5861 section 3."""
    stale_if_error_seconds: int = 604_800
    """RFC 5861 section 4."""
    hubs: tuple[str, ...] = ()
    """WebSub hubs."""
    show_email: bool = False
    moved: Mapping[str, str] = field(default_factory=dict)
    """Old path -> new path or absolute URL: answered 301."""
    retired: tuple[str, ...] = ()
    """Paths answered 410."""
    paths: Paths = field(default_factory=Paths)

    # pages
    pages: bool | str = True
    """Whether HTML pages are published; a folder ("feeds/") below which they go, feeds staying where they are."""
    readers: tuple[str, ...] = ("folo", "feedly", "inoreader", "newsblur", "theoldreader", "feed")
    """Buttons on pages: names of READERS, or "Label https://reader.example/add?url={url}"."""
    templates: Path | None = None
    """Folder of the site's own templates, which replace ours file by file."""
    page_css: Path | None = None
    """Style sheet whose rules come behind ours."""

    # publishing
    target: str = "folder"
    """Where to publish: "folder", or the name of an installed plug-in (docs/python.md)."""
    output_mode: str = "auto"
    """"auto", "exchange", "symlink" or "files"."""
    precompress: tuple[str, ...] = ()
    """Codings written beside each document: "gzip", "br"."""
    header_maps: tuple[str, ...] = ()
    """Header maps written with the documents, of "nginx", "caddy", "netlify"."""
    max_removed_fraction: float = 0.3
    """More of the published posts gone at once than this are a mistake (REL-9)."""
    min_removed: int = 3
    """Fewer are not."""
    workers: int = 0
    """Processes for a cold build; 0: one for each processor."""

    bounds: Bounds = field(default_factory=Bounds)
    sanitise: Sanitise = field(default_factory=Sanitise)
    visibility: Visibility = field(default_factory=Visibility)

    def __post_init__(self) -> None:
        if not self.title:
            object.__setattr__(self, "title", self.host)
        if not self.authority:
            name = self.host.strip("[]").replace(":", "-")
            object.__setattr__(self, "authority", f"{name},{AUTHORITY_DATE}")

    @property
    def page_folder(self) -> str:
        """The folder below which pages go, "" for the base itself; pages may also be switched off."""
        return self.pages if isinstance(self.pages, str) else ""

    @property
    def host(self) -> str:
        """Host of the base URL, in ASCII, without port."""
        host = self.base_url.partition("://")[2].partition("/")[0]
        return host.partition("]")[0] + "]" if host.startswith("[") else host.partition(":")[0]

    @property
    def skipped_folders(self) -> tuple[str, ...]:
        """The output and state folders if they lie inside the posts folder: paths below it, with "/" at their end."""
        posts = os.path.realpath(self.posts)
        inner = (os.path.relpath(os.path.realpath(folder), posts) for folder in (self.output, self.state))
        return tuple(f"{path}/" for path in inner if path != "." and not path.startswith(".."))


#: Settings that decide no byte of any document.
_PLACES = frozenset(
    {
        "posts", "output", "state", "config", "target", "output_mode", "precompress", "header_maps", "max_removed_fraction",
        "min_removed", "workers", "templates", "page_css",
    }
)  # fmt: skip
#: Settings that decide only what stands around entries, or which entries a feed has.
_CHANNEL = frozenset(
    {
        "title", "description", "icon", "logo", "category_page", "tag_page", "author_page",
        "taxonomies", "formats", "limit", "content", "warn_document_bytes", "max_document_bytes", "feeds",
        "max_age_seconds", "stale_while_revalidate_seconds", "stale_if_error_seconds", "hubs", "show_email", "moved",
        "retired", "readers",
    }
)  # fmt: skip


def fingerprint(settings: Settings) -> str:
    """Digest of all settings that decide bytes of documents, cache facts included."""
    return _digest(settings, _PLACES)


def entry_fingerprint(settings: Settings) -> str:
    """Digest of the settings that decide what a post becomes, whatever feeds it stands in."""
    names = _PLACES | _CHANNEL
    # The site's title stands in an entry only where no author is set.
    return digest(_digest(settings, names), repr(settings.authors or settings.title))


def _digest(settings: Settings, without: Collection[str]) -> str:
    parts = []
    for one in dataclass_fields(settings):
        if one.name not in without:
            value = getattr(settings, one.name)
            parts += [one.name, repr(sorted(value.items()) if isinstance(value, Mapping) else value)]
    return digest(*parts)


def load(
    *,
    config: Path | None = None,
    environ: Mapping[str, str],
    flags: Mapping[str, object],
    cwd: Path,
    need_base_url: bool = True,
) -> Settings:
    """The settings of one site, or SettingsError with every mistake at once.

    `config` is the file named by the user; None looks for FEEDS_CONFIG, `feeds.toml` beside the posts folder named,
    `feeds.toml` in `cwd`, and does without. `flags` maps dotted names ("base_url", "sanitise.backend") to what was
    given, None where nothing was. Later sources win: file, `FEEDS_*` of `environ`, flags. Relative paths of the file
    lie beside it, those of variables and flags below `cwd`. With `need_base_url` false a missing base URL becomes
    `http://localhost/`, for commands that publish nothing.
    """
    from feeds.settings.sources import read

    return read(config=config, environ=environ, flags=flags, cwd=cwd, need_base_url=need_base_url)
