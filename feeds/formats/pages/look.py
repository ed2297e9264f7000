"""How a site's pages look: paths, zone, language, readers and template files come in as one value that everything shares.

Its keys are digests of all that decides a page's bytes besides the posts. Reads template files; must not import Jinja2.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import sha256
from pathlib import Path

from feeds.formats._strings import FOLDER as STRINGS
from feeds.formats._strings import Strings, strings
from feeds.formats.pages.readers import DEFAULT
from feeds.model import Category, digest
from feeds.slugs import bounded
from feeds.urls import encode_path

HERE = Path(__file__).parent
#: Moves with each change of how views are made from the model; templates have a digest of their own.
VERSION = "4"
STYLE, SCRIPT = "page.css", "page.js"


@dataclass(frozen=True)
class Look:
    """The site's settings that decide its pages.

    Paths are those of the settings: `category`, `tag`, `author`, `languages`, `set` and `entry` are patterns of folders
    ("category/{path}/"), `archive` a folder, `site` the folder of the site's feed. `folder` is what the setting `pages` puts
    above all of them.
    `file` is the name of a page in its folder, `style` that of the style sheet. `zone` is an IANA name. `templates` is
    the site's own folder of templates, `css` a style sheet of its own that comes behind ours. `has_missing_page` tells that
    there is a page for addresses at which there is nothing. `short_slugs` has the terms of categories ("home/tea") whose slug
    in an address that holds only the last one is another ("home-tea").
    """

    base_url: str
    language: str | None = None
    zone: str = "UTC"
    site: str = ""
    category: str = "category/{path}/"
    tag: str = "tag/{slug}/"
    author: str = "author/{slug}/"
    languages: str = "language/{slug}/"
    set: str = "set/{slug}/"
    entry: str = "entry/{slug}/"
    archive: str = "archive/"
    folder: str = ""
    file: str = "index.html"
    style: str = "feeds.css"
    taxonomies: tuple[str, ...] = ("category", "tag", "author")
    readers: tuple[str, ...] = DEFAULT
    templates: Path | None = None
    css: Path | None = None
    has_missing_page: bool = False
    short_slugs: tuple[tuple[str, str], ...] = ()

    def url(self, path: str) -> str:
        """The absolute URL of a page or file below the base URL; a page that is its folder's index is named by the folder."""
        folder, slash, name = (self.folder + path).rpartition("/")
        shown = folder + slash + ("" if name == "index.html" else name)
        return self.base_url + encode_path(shown)

    def page(self, folder: str, number: int | None = None, name: str | None = None) -> str:
        """The path of a page in a folder: "index.html"; "index-2.html" with a number, "posts.html" with a name."""
        stem, dot, ending = self.file.rpartition(".")
        stem = name if name is not None else stem
        return f"{folder}{stem}{f'-{number}' if number is not None else ''}{dot}{ending}"

    def pattern(self, taxonomy: str) -> str:
        """The pattern of the folders of a taxonomy's terms."""
        patterns = {
            "category": self.category, "tag": self.tag, "author": self.author, "language": self.languages, "set": self.set,
        }  # fmt: skip
        return patterns[taxonomy]

    def index(self, taxonomy: str) -> str:
        """The folder of the page that lists a taxonomy's terms: the one above theirs, or beside them if it is the site's own."""
        above = self.pattern(taxonomy).partition("{")[0]
        return above if above.endswith("/") and above != self.site else f"{above}index/"

    def term_url(self, category: Category) -> str | None:
        """The page of an entry's category or tag; None where its taxonomy has no pages."""
        for taxonomy in ("category", "tag"):
            pattern = self.pattern(taxonomy)
            if taxonomy in self.taxonomies and category.scheme == self.base_url + encode_path(pattern.partition("{")[0]):
                slug = dict(self.short_slugs if taxonomy == "category" else ()).get(category.term)
                path = pattern.format(path=category.term, slug=slug or category.term.rpartition("/")[2])
                return self.url(self.page(bounded(path)))
        return None

    def is_category(self, category: Category) -> bool:
        """Whether an entry's category is one of the taxonomy "category", and no tag."""
        return category.scheme == self.base_url + encode_path(self.category.partition("{")[0])

    @cached_property
    def own(self) -> tuple[str, ...]:
        """Prefixes of the absolute URLs below which pages, and pictures beside them, are ours."""
        if self.folder:
            return (self.base_url + encode_path(self.folder),)
        others = [self.pattern(taxonomy) for taxonomy in self.taxonomies if taxonomy in ("language", "set")]
        above = [pattern.partition("{")[0] for pattern in (self.category, self.tag, self.author, self.entry, *others)]
        return tuple(dict.fromkeys(self.base_url + encode_path(path) for path in (*above, self.archive)))

    @cached_property
    def strings(self) -> Strings:
        """The strings of the site's language, with those of its own. Raises ValueError for a file that is not valid."""
        folder = self.templates / "strings" if self.templates is not None else None
        return strings(self.language, folder)

    @cached_property
    def files(self) -> Mapping[str, str]:
        """The site's own template files by name; empty where it has none. Raises OSError, UnicodeDecodeError."""
        if self.templates is None:
            return {}
        return {
            path.relative_to(self.templates).as_posix(): path.read_text(encoding="utf-8")
            for path in sorted(self.templates.rglob("*"))
            if path.is_file() and (path.name.endswith((".j2", ".toml")) or path.name in (STYLE, SCRIPT))
        }

    @cached_property
    def key(self) -> str:
        """Digest of all that every page shows besides its subject."""
        own = [part for name, text in self.files.items() if name != STYLE for part in (name, text)]
        # Folders are told by their files' texts; that there is a page for missing addresses shows on no other page.
        settings = [
            repr(getattr(self, name))
            for name in self.__dataclass_fields__
            if name not in ("templates", "css", "has_missing_page")
        ]
        return digest(VERSION, shipped(), *settings, *own)

    @cached_property
    def style_sheet(self) -> str:
        """The style sheet of all pages: ours or the one in the folder of templates, then the site's own rules."""
        text = self.files.get(STYLE) or _compact(_text(STYLE))
        if self.css is None:
            return text
        return f"{text}\n/* {self.css.name} */\n{self.css.read_text(encoding='utf-8')}"

    @cached_property
    def script(self) -> str:
        """The script of pages with a button: ours, or the one in the folder of templates."""
        return self.files.get(SCRIPT) or _text(SCRIPT)

    @property
    def policy(self) -> str:
        """The Content-Security-Policy of a page, as its own `<meta>` says it."""
        return sources(digest_of(self.script))


def digest_of(script: str) -> str:
    """What names a script in a policy: its SHA-256 in base64 (CSP 3 section 2.3.1)."""
    return b64encode(sha256(script.encode()).digest()).decode()


def sources(digest: str) -> str:
    """What a page may load and run: our style sheet, the one script by its digest, pictures and media (CSP 3)."""
    return (
        f"default-src 'none'; style-src 'self'; script-src 'sha256-{digest}'; img-src 'self' http: https: data:; "
        "media-src 'self' http: https:; base-uri 'none'; form-action 'none'"
    )


def header(digest: str = "") -> str:
    """The policy as a response header, which can say more: no frame around the page, no origin for its script.

    `digest` is that of the site's own script, "" where its pages have ours.
    `allow-downloads` lets a click on a feed's address save it, `allow-popups` lets `mailto:` and `feed:` links open.
    """
    return (
        f"{sources(digest or digest_of(_text(SCRIPT)))}; frame-ancestors 'none'; "
        "sandbox allow-scripts allow-downloads allow-popups allow-popups-to-escape-sandbox"
    )


@lru_cache
def shipped() -> str:
    """Digest of the templates, scripts and strings that come with the program."""
    files = [*HERE.glob("*.j2"), HERE / SCRIPT, *STRINGS.glob("*.toml")]
    return digest(*(part for path in sorted(files) for part in (path.name, path.read_bytes())))


def _compact(style: str) -> str:
    """Our own style sheet without comments and needless blanks, a line for each rule: every visitor loads it."""
    # Everything up to the end of a comment goes; texts in quotes hold none of the marks below.
    first, *rest = style.split("/*")
    text = " ".join("".join([first, *(part.partition("*/")[2] for part in rest)]).split())
    for mark in "{};,":
        text = text.replace(f" {mark}", mark).replace(f"{mark} ", mark)
    return text.replace(": ", ":").replace(";}", "}").replace("}", "}\n")


@lru_cache
def _text(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8")
