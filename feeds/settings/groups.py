"""The tables of feeds.toml, each a frozen dataclass whose fields are rows of the table of settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from feeds.pickled import PickledByName
from feeds.settings.addresses import FILE_NAME, HOST, folder
from feeds.settings.kinds import FLAG, choice, duration, line, listed, size, whole
from feeds.settings.rows import SettingGroup, setting
from feeds.settings.special_kinds import ATTRIBUTES, TAG

_HOUR = 3600
_KB, _MB = 1_000, 1_000_000

PATHS = SettingGroup(
    "Paths",
    "Where each thing lies below `base_url` and `output`, in the table `[paths]`. Folders end in a slash. What could "
    "take the place of something else is a mistake.",
    aliases=("path",),
)
BOUNDS = SettingGroup(
    "Bounds",
    "How much is read, in the table `[bounds]`. A post that is larger is reported with the bound's name; what can be "
    "cut is cut, what cannot is left out.",
    aliases=("bound",),
)
SANITISE = SettingGroup(
    "Cleaning",
    "What may reach a reader, in the table `[sanitise]`. The policy itself is in [content-policy.md](content-policy.md).",
    aliases=("sanitize",),
)
VISIBILITY = SettingGroup(
    "What keeps a post out",
    "What is hidden by its front matter is described in [visibility](visibility.md); these settings add to it.",
    aliases=(),
)


@dataclass(frozen=True, slots=True)
class Paths(PickledByName):
    """Where each thing lies below the base URL and the output folder.

    `{path}` is the term's slug path ("技术/前端"), `{slug}` its own slug. Folders end in "/"; "" is the base itself.
    The last six are names of files in such a folder.
    """

    site: str = setting("", folder(), "Folder of the site's own feed.", example='"feeds/"')
    category: str = setting(
        "category/{path}/",
        folder("path", "slug"),
        "Folder of a category's feed; `{path}` is the slug path from the root, `{slug}` its last part.",
        example='"categories/{path}/"',
    )
    tag: str = setting("tag/{slug}/", folder("path", "slug"), "Folder of a tag's feed.", example='"tags/{slug}/"')
    language: str = setting("language/{slug}/", folder("slug"), "Folder of a language's feed.", example='"lang/{slug}/"')
    set: str = setting("set/{slug}/", folder("slug"), "Folder of a set's feed.", example='"mix/{slug}/"')
    author: str = setting("author/{slug}/", folder("path", "slug"), "Folder of an author's feed.", example='"people/{slug}/"')
    entry: str = setting(
        "entry/{slug}/", folder("slug"), "Folder of our page for a post that has no page of its own.", example='"p/{slug}/"'
    )
    archive: str = setting("archive/", folder(), "Folder of the archive: the years and months of all posts.", example='"all/"')
    rss: str = setting(
        "rss.xml",
        FILE_NAME,
        "Name of the RSS document in each of those folders.",
        more="With Hugo's `index.xml` or Jekyll's `feed.xml` here, a blog that moves keeps its feed's address.",
        example='"index.xml"',
    )
    atom: str = setting("atom.xml", FILE_NAME, "Name of the Atom document.", example='"feed.xml"')
    json: str = setting(
        "feed.json",
        FILE_NAME,
        "Name of the JSON document.",
        more="Some readers try JSON only where the address says so.",
        example='"feed.json"',
    )
    html: str = setting("index.html", FILE_NAME, "Name of the page.", example='"index.html"')
    opml: str = setting("feeds.opml", FILE_NAME, "Name of the list of all feeds.", example='"feeds.opml"')
    css: str = setting("feeds.css", FILE_NAME, "Name of the style sheet of all pages.", example='"style.css"')


@dataclass(frozen=True, slots=True)
class Bounds(PickledByName):
    """How much is read (docs/content-policy.md): what is larger is a Problem that names the bound. All at least 1."""

    file_bytes: int = setting(10_000_000, size(1 * _KB, 1000 * _MB), "Size of a post's file.", example='"20 MB"', in_init=False)
    front_matter_bytes: int = setting(
        64_000, size(1 * _KB, 10 * _MB), "Size of its front matter.", example='"64 KB"', in_init=False
    )
    front_matter_depth: int = setting(20, whole(1, 100), "Levels of lists and tables in it.", example="20", in_init=False)
    content_bytes: int = setting(2_000_000, size(1 * _KB, 100 * _MB), "Size of its content.", example='"4 MB"', in_init=False)
    element_depth: int = setting(250, whole(10, 1000), "Nested elements in its content.", example="250", in_init=False)
    post_seconds: int = setting(
        5,
        duration(1, _HOUR),
        "Processor time in which one post is converted.",
        more="One that takes longer is ended, reported, and stays in the feeds as it was.",
        example="20",
        in_init=False,
    )
    post_memory_bytes: int = setting(
        300_000_000,
        size(50 * _MB, 100_000 * _MB),
        "Memory that the conversion of one post may take, beside the program's own (on Linux).",
        example='"500 MB"',
        in_init=False,
    )
    title_characters: int = setting(2_000, whole(1, 100_000), "Length of a title.", example="500", in_init=False)
    term_characters: int = setting(
        300, whole(1, 10_000), "Length of the name of a category, tag or author.", example="100", in_init=False
    )
    terms: int = setting(200, whole(1, 10_000), "Names in one taxonomy of one post.", example="50", in_init=False)


@dataclass(frozen=True, slots=True)
class Sanitise(PickledByName):
    """How a site widens or narrows the content policy, and which library cleans."""

    backend: str = setting(
        "bleach",
        choice("bleach", "nh3"),
        "The library that cleans HTML.",
        more="`\"nh3\"` is many times faster and comes with `pip install 'feed-publisher[fast]'`; both keep to the same policy.",
        example='"nh3"',
        flag="--backend NAME",
    )
    allow_tags: tuple[str, ...] = setting(
        (),
        listed(TAG, "a list of names of tags"),
        "Tags kept beside those of the policy: those that only shape text.",
        more="What runs, loads or asks for input is never allowed, nor what HTML does not know.",
        example='["center"]',
    )
    allow_attributes: Mapping[str, tuple[str, ...]] = setting(
        {},
        ATTRIBUTES,
        'Attributes kept beside those of the policy, by tag; `"*"` is every tag.',
        more="Never `style`, what begins with `on`, or what loads something; an address is checked on whatever element it is.",
        example="""[sanitise.allow_attributes]
"*" = ["class"]
table = ["summary"]""",
        names=True,
        in_init=False,
    )
    embed_hosts: tuple[str, ...] = setting(
        (),
        listed(HOST, "a list of " + HOST.allowed),
        "Further players whose frames become a link with a title.",
        example='["player.example.org/embed/"]',
    )
    data_images: bool = setting(
        False, FLAG, "Keep pictures that are written into the post as `data:` (png, gif, jpeg, webp).", example="true"
    )
    nofollow: bool = setting(False, FLAG, 'Give every link `rel="nofollow"`.', example="true")
    drop_trackers: bool = setting(False, FLAG, "Drop pictures of one pixel.", example="true")


@dataclass(frozen=True, slots=True)
class Visibility(PickledByName):
    """What keeps a post out besides the keys and words that are always read (docs/visibility.md)."""

    hidden_keys: tuple[str, ...] = setting(
        (),
        listed(line(100, empty=False), "a list of front matter keys"),
        "Front matter keys that keep a post out with any value but `false` or nothing, besides those of "
        "[visibility](visibility.md).",
        example='["members", "family_only"]',
    )
    hidden_terms: tuple[str, ...] = setting(
        (),
        listed(line(300, empty=False), "a list of categories and tags"),
        "Categories and tags that keep a post out, e.g. those that hexo-blog-encrypt encrypts.",
        example='["diary", "日记"]',
    )
    public_words: tuple[str, ...] = setting(
        (),
        listed(line(100, empty=False), "a list of words"),
        "Words with which `status`, `visibility` and `access` publish a post, besides `published` and the like.",
        more="Any other word keeps it out.",
        example='["evergreen", "done"]',
    )
    ignored_keys: tuple[str, ...] = setting(
        (),
        listed(line(100, empty=False), "a list of front matter keys"),
        "Keys that say nothing about visibility on this site, though [visibility](visibility.md) has them.",
        example='["stage", "type"]',
    )
    required_keys: tuple[str, ...] = setting(
        (),
        listed(line(100, empty=False), "a list of front matter keys"),
        "A post is published only if one of these keys is true in its front matter, e.g. `publish` in an Obsidian vault.",
        example='["publish"]',
    )


@dataclass(frozen=True, slots=True)
class FeedSettings(PickledByName):
    """What one feed has of its own; None means as the site. Each takes what the site's setting of the same name takes."""

    title: str | None = None
    description: str | None = None
    limit: int | None = None
    content: str | None = None
    archive: bool | None = None
    exclude: tuple[str, ...] = ()
    """Conditions (`feeds.settings.conditions`) none of which a post of the feed meets."""


@dataclass(frozen=True, slots=True)
class SetSettings(FeedSettings):
    """A feed of the posts that meet conditions (`feeds.settings.conditions`): one of `any`, all of `all`, none of `none`.

    `newest` says which posts stay if there are more than the limit: those "published" or "updated" last.
    """

    any: tuple[str, ...] = ()
    all: tuple[str, ...] = ()
    none: tuple[str, ...] = ()
    newest: str = "published"
