"""All settings of one site, in one frozen dataclass; the fields here are those of its pages and of publishing.

The order of the fields is that of docs/settings.md and of the file that `feeds init` writes. Must not read any source.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from feeds import plugins
from feeds.extras import Extra
from feeds.settings.documents import DocumentSettings
from feeds.settings.elements import declared
from feeds.settings.groups import (
    BOUNDS,
    PATHS,
    SANITISE,
    VISIBILITY,
    Bounds,
    Paths,
    Sanitise,
    Visibility,
)
from feeds.settings.kinds import (
    FRACTION,
    choice,
    listed,
    plug_in,
    some_of,
    whole,
)
from feeds.settings.push import PUSH, Push
from feeds.settings.rows import setting
from feeds.settings.special_kinds import FILE, PAGES, PATH, READER

#: Date of minted tag: URIs whose authority is the base URL's host (RFC 4151 section 2.1); fixed: ids hold no clock.
AUTHORITY_DATE = "2026"


@dataclass(frozen=True, slots=True)
class Settings(DocumentSettings):
    """One site. Paths are as the user gave them, absolute after loading; URLs are absolute, ASCII and normalised."""

    paths: Paths = field(default_factory=Paths, metadata={"group": PATHS})
    pages: bool | str = setting(
        True,
        PAGES,
        "Whether HTML pages are published: true, false, or a folder below which they go.",
        more="A site whose generator makes its own pages needs none: write `false`, or a folder below which they go; feeds "
        "stay where they are. Without pages, the link of a post that has none of its own leads to the home page.",
        example='"feeds/"',
        section="Pages",
        aliases=("html", "page"),
    )
    readers: tuple[str, ...] = setting(
        ("folo", "feedly", "inoreader", "newsblur", "theoldreader", "feed"),
        listed(READER, "a list of " + READER.allowed),
        "The buttons that open a feed in a reader, in this order.",
        more="`feed` is the app on the visitor's own machine. Another reader is a label and the address that adds a feed, with "
        "`{url}` where the feed's address goes, percent-encoded (`{feed}`: as it is).",
        example='["feedly", "Miniflux https://rss.example.org/bookmarklet?uri={url}", "feed"]',
        affects="channel",
    )
    templates: Path | None = setting(
        None,
        PATH,
        "A folder of your own templates.",
        more="Each replaces the one of ours with the same name; all others stay.",
        example='"templates"',
        affects="nothing",
        aliases=("theme",),
    )
    page_css: Path | None = setting(
        None,
        FILE,
        "A style sheet whose rules come behind ours, e.g. to set colours.",
        example='"pages.css"',
        affects="nothing",
        aliases=("css", "style"),
    )
    target: str = setting(
        "folder",
        plug_in(choice("folder"), plugins.TARGETS),
        'Where to publish: `"folder"` is the output folder; another installed package can offer a target of its own '
        "([python.md](python.md) says how).",
        example='"folder"',
        section="Publishing",
        affects="nothing",
        in_init=False,
    )
    output_mode: str = setting(
        "auto",
        choice("auto", "exchange", "symlink", "files"),
        "How a new generation takes the place of the old one.",
        more='`"exchange"` swaps two folders at once, `"symlink"` makes the output a link that is moved, `"files"` replaces file '
        'by file among files that are not ours; `"auto"` takes the best that the folder allows.',
        example='"symlink"',
        affects="nothing",
    )
    precompress: tuple[str, ...] = setting(
        (),
        some_of("gzip", "br"),
        "Compressed copies written beside each document, for nginx's `gzip_static` and the like.",
        example='["gzip", "br"]',
        affects="nothing",
    )
    header_maps: tuple[str, ...] = setting(
        (),
        some_of("nginx", "caddy", "netlify"),
        "Configuration with each document's headers, written for these servers.",
        example='["nginx"]',
        affects="nothing",
    )
    # More of the published posts gone at once than this are a mistake (REL-9).
    max_removed_fraction: float = setting(
        0.3,
        FRACTION,
        "If more of the published posts than this are gone at once, nothing is published: a disk may be missing.",
        more="`--accept-removals` says that it is meant.",
        example='"30 %"',
        affects="nothing",
    )
    min_removed: int = setting(
        3, whole(0, 1_000_000), "Fewer posts than this may always go.", example="3", affects="nothing", in_init=False
    )
    messages: str | None = setting(
        None,
        choice("en", "zh-CN"),
        "The language of what commands print for people.",
        more="Not set: that of the environment (`LANGUAGE`, `LC_ALL`, `LC_MESSAGES`, `LANG`). JSON is never translated.",
        example='"zh-CN"',
        affects="nothing",
        in_init=False,
    )
    workers: int = setting(
        0,
        whole(0, 256),
        "Processes of a large build; 0 takes one for each processor.",
        more="The result is the same for any number.",
        example="2",
        flag="--workers N",
        affects="nothing",
        aliases=("jobs",),
    )
    push: Push = field(default_factory=Push, metadata={"group": PUSH})
    bounds: Bounds = field(default_factory=Bounds, metadata={"group": BOUNDS})
    sanitise: Sanitise = field(default_factory=Sanitise, metadata={"group": SANITISE})
    visibility: Visibility = field(default_factory=Visibility, metadata={"group": VISIBILITY})

    def __post_init__(self) -> None:
        if not self.title:
            object.__setattr__(self, "title", self.host)
        if not self.authority:
            object.__setattr__(self, "authority", self.default_authority)

    def elements_of(self, where: str) -> tuple[Extra, ...]:
        """The elements of the site's own that stand in the "channel" or in each "entry"."""
        result = (declared(name, table) for name, table in self.elements.items())
        return tuple(extra for place, extra in result if place == where)

    @property
    def page_folder(self) -> str:
        """The folder below which pages go, "" for the base itself; pages may also be switched off."""
        return self.pages if isinstance(self.pages, str) else ""

    @property
    def default_authority(self) -> str:
        """The authority of `tag:` URIs if none is set: the base URL's host, and a date."""
        return f"{self.host.strip('[]').replace(':', '-')},{AUTHORITY_DATE}"

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
