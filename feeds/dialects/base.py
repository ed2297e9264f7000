"""What the program asks of a site generator's conventions: the class `Dialect`, and the values it is asked with.

One file of this package describes one generator; the rest of the program asks its dialect and knows no generator's
name. A dialect is data and pure functions: no clock, no network, and no file but through `SiteFolder`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any, NamedTuple

from feeds import permalink_patterns
from feeds.content import links
from feeds.content.flavour import PLAIN, Flavour
from feeds.content.liquid.session import Scope
from feeds.content.tag_tables import PLAIN_TABLES, TagFunction
from feeds.dialects.config_files import Found, SiteFolder
from feeds.model import Post, Value
from feeds.slugs import slug as slug_of

__all__ = ["Dialect", "FileKind", "Found", "Keys", "Option", "OwnFrontMatter", "PostFacts", "SiteFacts", "SiteFolder"]


class Option(NamedTuple):
    """One option of the table [dialect] in feeds.toml: what it takes, and what it is for (in one sentence).

    `kind` is "true or false", "text", "a number", "a list" or "a table".
    """

    kind: str
    comment: str

    def holds(self, value: object) -> bool:
        """Whether a value read from TOML is of this kind."""
        kinds: dict[str, type | tuple[type, ...]] = {
            "true or false": bool, "text": str, "a number": int, "a list": list, "a table": dict,
        }  # fmt: skip
        return isinstance(value, kinds[self.kind]) and (self.kind != "a number" or not isinstance(value, bool))


class FileKind(NamedTuple):
    """What a file of the posts folder is, by its path alone.

    `name` is "post", "draft", "page", "resource" (belongs to a post, e.g. a file of a bundle), "data" (front matter that
    other posts inherit) or "ignored". `reason` says why for people, "" if the generator's user expects it anyway.
    """

    name: str
    reason: str = ""


POST = FileKind("post")


class OwnFrontMatter(NamedTuple):
    """Front matter in a form of the generator's own: keys as typed, the line of each (from 1), the body, its first line."""

    keys: dict[str, Value]
    lines: dict[str, int]
    body: str
    body_line: int


@dataclass(frozen=True, slots=True)
class Keys:
    """Front matter keys by what they say, folded by `fold_key`, the one that wins first."""

    published: tuple[str, ...] = (
        "publishdate", "pubdate", "publishedat", "publisheddate", "publishat", "publishon", "publishedon", "publishtime", "date",
        "created", "createdat", "createtime",
    )  # fmt: skip
    updated: tuple[str, ...] = (
        "updated", "lastmod", "modified", "lastmodifiedat", "lastmodified", "updatedat", "updatetime", "moddate",
    )  # fmt: skip
    expires: tuple[str, ...] = (
        "expires", "expire", "expirydate", "expiry", "unpublishdate", "expiredate", "expirationdate", "expiresat",
        "expireson", "expireat", "unpublish", "unpublishat", "unpublishon", "publishuntil", "visibleuntil",
    )  # fmt: skip
    embargoes: tuple[str, ...] = (
        "embargo", "embargountil", "embargodate", "notbefore", "publishafter", "visiblefrom", "golive", "goliveat", "golivedate",
        "scheduled", "schedule", "scheduledat", "scheduledfor", "scheduleddate", "scheduledate", "availablefrom",
        "visibleafter", "hiddenuntil", "hideuntil", "privateuntil", "showfrom", "showafter", "publishfrom",
    )  # fmt: skip
    """Dates before which a post is not to be seen, whatever its date is."""
    ids: tuple[str, ...] = ("id", "guid", "uuid")
    links: tuple[str, ...] = ("permalink", "url", "link", "canonicalurl", "canonical")
    categories: tuple[str, ...] = ("category", "categories")
    tags: tuple[str, ...] = ("tags", "tag")
    authors: tuple[str, ...] = ("author", "authors")


class SiteFacts(NamedTuple):
    """What the settings say of the site, as far as a dialect needs it.

    `home` is the URL below which the site's own pages are and ends in "/". `root` is the path of the posts folder below
    the site's own folder, e.g. "source/_posts", "" if it is that folder. `options` is the table [dialect] of feeds.toml.
    """

    home: str
    zone: tzinfo
    language: str
    permalink: str | None
    categories_mode: str
    category_map: Mapping[str, str]
    tag_map: Mapping[str, str]
    default_category: str | None
    root: str
    options: Mapping[str, Any]
    bundles: frozenset[str] = frozenset()


@dataclass(slots=True)
class PostFacts:
    """What one post's front matter says, before it is final: a dialect may change any of it (`Dialect.interpret`).

    Instants are aware UTC. `status` is "out", or the reason for which the post never comes out. `link` is the post's own
    page as its author gave it: an address, or a path below the site. `keys` are front matter's values by folded key.
    """

    path: str
    title: str
    published: datetime | None
    updated: datetime | None
    expires: datetime | None
    status: str
    categories: tuple[tuple[str, ...], ...]
    tags: tuple[str, ...]
    link: str | None
    slug: str
    dated_by: str
    explicit_id: str | None = None
    language: str = ""
    extra: dict[str, str] = field(default_factory=dict)
    """Further front matter that the dialect's permalinks need, by folded key; it is kept with the post's metadata."""
    keys: Mapping[str, Value] = field(default_factory=dict)

    @property
    def markup(self) -> str:
        """What `markup` in front matter holds, in lower case; "" if it is not there."""
        return str(self.keys.get("markup") or "").strip().lower()


class Dialect:
    """A generator's conventions. The defaults are those of a plain folder; a generator's class overrides what differs."""

    name = "plain"
    """As `generator = "…"` in feeds.toml has it."""
    label = "a plain folder"
    """As people call it."""
    endings: Mapping[str, str] = {
        ".md": "markdown", ".markdown": "markdown", ".html": "html", ".htm": "html", ".txt": "text",
    }  # fmt: skip
    """Endings of posts in lower case, with the markup of each: "markdown", "html", "text"."""
    unread: Mapping[str, str] = {
        ".rst": "reStructuredText", ".mdx": "MDX", ".org": "Org", ".adoc": "AsciiDoc", ".asciidoc": "AsciiDoc",
        ".ipynb": "Jupyter notebook", ".textile": "Textile", ".pug": "Pug", ".asc": "AsciiDoc", ".rmd": "R Markdown",
        ".qmd": "Quarto", ".wiki": "wiki text", ".mediawiki": "wiki text", ".tex": "LaTeX", ".docx": "Word",
        ".odt": "OpenDocument", ".rtf": "RTF", ".njk": "Nunjucks", ".liquid": "Liquid", ".xhtml": "XHTML",
        **dict.fromkeys((".mkd", ".mkdn", ".mkdown", ".mdown", ".mdwn", ".mdtxt", ".mdtext"), "Markdown"),
    }  # fmt: skip
    """Endings of posts in formats that are not read; their files are named and counted."""
    markups: Mapping[str, str] = {}
    """What `markup` in front matter may hold, in lower case, besides Markdown and HTML, with the label of each."""
    keys = Keys()
    flavour: Flavour = PLAIN
    options: Mapping[str, Option] = {}
    """What the table [dialect] may hold: settings of the generator that have no counterpart among ours."""
    categories_mode = "path"
    """What a list of categories means if `categories_mode` is not set: "path" or "parallel"."""
    permalink_names: tuple[str, ...] | None = tuple(permalink_patterns.PLACEHOLDERS)
    """Placeholders that `permalink` may hold; None if any front matter key may stand in it."""
    last_key_wins: bool = False
    """Whether of a key that front matter has twice the last counts, which is told, instead of breaking the post."""
    bad_date_is_none: bool = False
    """Whether a date that cannot be read counts as none, which is told, instead of breaking the post."""
    posts_folder: str = ""
    """The name of the folder below which every post is; "" if posts may be anywhere."""
    machine_zone: bool = False
    """Whether dates without a zone mean the machine's zone if the generator's settings name none."""
    empties_output: bool = False
    """Whether the generator deletes from its output folder what it did not make."""
    old_feeds: tuple[str, ...] = ("atom.xml", "feed.xml", "rss.xml", "rss2.xml", "index.xml", "feed.json")
    """Where the generator's own feeds lie below the base URL, the most usual first."""

    settings_files: tuple[str, ...] = ()
    """Patterns of the files in the site's folder from which `detect` takes its settings."""

    def makes_pages(self, options: Mapping[str, Any]) -> bool:
        """Whether the generator publishes pages, its front page among them; `options` is the table [dialect]."""
        return self.name != "plain"

    # what is a post

    def kind(self, path: str, site: SiteFacts) -> FileKind:
        """What the file at a path below the posts folder is; asked only for the endings of posts."""
        name = path.rpartition("/")[2]
        if name.startswith("_index."):
            return FileKind("page", "section-page")
        if "_drafts" in path.split("/")[:-1]:
            return FileKind("draft")
        return POST

    def is_data(self, path: str, site: SiteFacts) -> bool:
        """Whether the file holds front matter that posts inherit; such files are read before any post."""
        return False

    def owns_folder(self, path: str, site: SiteFacts) -> bool:
        """Whether all that lies in the file's folder belongs to the file (a page bundle); see `SiteFacts.bundles`."""
        return False

    def inherited(self, path: str, data: Mapping[str, Mapping[str, Value]], site: SiteFacts) -> Mapping[str, Value]:
        """Front matter that a post has from its folder or from the site's settings; its own keys win.

        `data` is the front matter of each file for which `is_data` holds, by path.
        """
        return {}

    def inherits_from(self, path: str, data_path: str, site: SiteFacts) -> bool:
        """Whether a post has front matter from this data file; if the file cannot be read, such a post stays out."""
        return path.startswith(data_path[: data_path.rfind("/") + 1])

    def merge(self, inherited: Mapping[str, Value], own: Mapping[str, Value]) -> dict[str, Value]:
        """The front matter of a post: what it inherits, and its own."""
        return {**inherited, **own}

    def front_matter(self, path: str, text: str, site: SiteFacts) -> OwnFrontMatter | None:
        """The front matter of a file in a form that is only this generator's; None if it is written in one of the general forms.

        May raise ValueError with a sentence; the post is then broken.
        """
        return None

    def data_text(self, path: str, text: str, site: SiteFacts, read: Callable[[str], str | None]) -> str:
        """A data file's text with the files that it imports; `read` gives a text by its path below the site's folder."""
        return text

    def data_keys(self, path: str, text: str, site: SiteFacts) -> Mapping[str, Value] | None:
        """The front matter in a data file (`is_data`) that is not written like a post; None if it is. May raise ValueError."""
        return None

    # what its front matter says

    def date(self, text: str, zone: tzinfo) -> datetime:
        """The instant that a date in front matter means, aware UTC. Raises ValueError with a sentence."""
        from feeds import dates

        return dates.parse(text, zone)

    def interpret(self, facts: PostFacts, post: Post, site: SiteFacts) -> PostFacts:
        """The facts as this generator reads them. May raise ValueError with a sentence; the post is then broken."""
        return facts

    # where it is

    def permalink(self, facts: PostFacts, slug: str, published: datetime, site: SiteFacts) -> str | None:
        """The post's own page: a path below `site.home` ("2021/08/tea/", not percent-encoded) or an absolute URL.

        `published` is in the site's time zone, `slug` the post's slug in the ledger. None if the site has no page of
        its own for posts.
        """
        values = permalink_patterns.PermalinkFacts(
            facts.path, published, facts.title, facts.slug, facts.explicit_id or "", self.category_slugs(facts, site)
        )
        if facts.link is not None:
            link = facts.link
            if "://" not in link and not permalink_patterns.unknown(link):
                link = permalink_patterns.expand(link, values)
            return link
        if site.permalink is None:
            return None
        return permalink_patterns.expand(site.permalink, values)

    def page(self, facts: PostFacts, site: SiteFacts) -> str | None:
        """The path below `site.home`, or the URL, of a page that is not a post, for links that lead to it; None if not known."""
        return None

    def category_slugs(self, facts: PostFacts, site: SiteFacts) -> tuple[str, ...]:
        """The slugs of the post's first category path, as its permalink has them."""
        names = facts.categories[0] if facts.categories else ()
        return tuple(slug_of(site.category_map.get(name, name)) for name in names)

    # template tags

    def site_params(self, site: SiteFacts) -> Mapping[str, Value]:
        """What template tags may show of the site's own settings besides its title, by name."""
        return {}

    tag_tables: tuple[str, ...] = PLAIN_TABLES
    """Which marks of template tags posts may hold: names of feeds/content/tag_tables.py."""

    def tables_of(self, site: SiteFacts) -> tuple[str, ...]:
        """The tables of this site's posts, if a plug-in of the generator's decides."""
        return self.tag_tables

    template_folders: tuple[str, ...] = ()
    """Folders with the site's own short codes, the one that wins first; "*" is any name, e.g. "themes/*/layouts/shortcodes";
    one that ends in "/**" holds files of any kind that a tag shows."""

    def template_needs(self, source: str) -> Iterable[tuple[str, tuple[str, ...]]]:
        """The other files that a short code's template uses: the name of each, and patterns of where it may lie in the site.

        The pattern that wins comes first. A name that ends in "/" is a folder's: all files that match are below it.
        """
        return ()

    def tag_code(self, read: Callable[[str], str | None]) -> str:
        """The code with the functions of the site's own tags, "" for none; `read` gives a file's text by its path in the site."""
        return ""

    def tag_functions(self, code: str) -> Mapping[str, TagFunction]:
        """The site's own tags that are functions in its code (`tag_code`), by name."""
        return {}

    # what an address in a post means

    static_folders: Mapping[str, str] = {}
    """Folders of the site that are published as they are, "" for all of it, with the path of each below `SiteFacts.home`:
    {"static": ""} puts static/img/a.png at img/a.png. Paths end without "/", in the values with it."""

    def candidates(self, reference: links.Reference, site: SiteFacts) -> Iterator[links.Candidate]:
        """What an address or a reference in a post may mean, likeliest first: the first that is there is taken.

        All of them come here but those that begin with http:, https:, //, mailto:, tel: or data:. `reference.form` is
        "address" in a Markdown or HTML link or picture (marks such as `{filename}a.md`, `@/a.md` or `link://slug/a` are
        in its path), "field" in front matter, "wiki" in `[[a]]`, else it is the name of the template tag that asks:
        "post_url", "link", "ref", "relref", "post_link", "post_path", "asset_path", "asset_img", "url_for".
        Candidates are made by the functions of feeds/content/links.py: `post_at`, `post_named`, `post_titled`, `file_at`,
        `file_named`, `site_file`, `address`, `absent`. If none is there, an address is taken as a URL, any other form
        loses its link; the author is told where that leaves a reader without the post or the file.
        """
        if reference.form == "field":
            yield from links.front_matter_file(
                reference, root=site.root, home=site.home, statics=self.static_folders, sure=site.permalink is None
            )  # fmt: skip
        elif reference.form == "wiki":
            yield from links.wiki(reference, self.endings)
        elif reference.form in links.NAMING_FORMS:
            yield from links.named(reference, self.endings)
        else:
            yield from links.usual(
                reference, root=site.root, home=site.home, endings=self.endings, statics=self.static_folders,
                sure=bool(self.static_folders) or site.permalink is None,
            )  # fmt: skip

    def scope(self, post: Post, facts: PostFacts, resolver: links.Resolver, site: SiteFacts) -> Scope | None:
        """What Liquid in a post sees, if its text is a template of Liquid (`Flavour.liquid`); `facts` are final."""
        return None

    def files_url(self, permalink: str, site: SiteFacts) -> str:
        """The URL below which files beside a post are published; ends in "/"."""
        return permalink if permalink.endswith("/") else permalink.rpartition("/")[0] + "/"

    def file_url(self, path: str, site: SiteFacts) -> str | None:
        """The URL of the file at a path below the posts folder, if it is the same for all posts; None if `files_url` makes it."""
        return None

    # moving in

    def detect(self, folder: SiteFolder) -> Found | None:
        """What the generator's own settings say in ours, if the folder is a site of this generator; else None."""
        return None


#: A function that reads a post's flag or other value; kept for dialects' tables.
Reader = Callable[[Value], object]
