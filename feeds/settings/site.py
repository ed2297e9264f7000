"""Settings of the site and of its posts: each field is a row of the table of settings.

The order of the fields is that of docs/settings.md and of the file that `feeds init` writes. Must not read any source.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from feeds import plugins
from feeds.dialects import NAMES
from feeds.model import Person
from feeds.pickled import PickledByName
from feeds.settings.addresses import BASE, GLOB, PERMALINK, SLUG, URL, braces
from feeds.settings.kinds import (
    AUTHORITY,
    ENCODING,
    FLAG,
    LANGUAGE,
    ZONE,
    choice,
    line,
    listed,
    plug_in,
    some_of,
)
from feeds.settings.markdown import MARKDOWN
from feeds.settings.rows import row, setting
from feeds.settings.special_kinds import ALL_TAXONOMIES, PATH, TAXONOMIES

_DAY = 86_400
_KB, _MB = 1_000, 1_000_000


@dataclass(frozen=True, slots=True)
class SiteSettings(PickledByName):
    """Where a site is, what it is called, and how its posts read: the first half of `Settings`."""

    base_url: str = field(
        metadata=row(
            BASE,
            "The address of the folder in which everything is published, feeds and pages alike.",
            more="It stands in every link, so it cannot be left out. Names in other scripts become ASCII, a missing slash at the "
            "end is added; a user name, a query or a fragment is a mistake.",
            example='"https://blog.example.org/"',
            section="The site",
            flag="--base-url URL",
            aliases=("url", "baseurl", "site_url", "siteurl", "root", "domain", "link"),
        )
    )
    posts: Path = setting(
        Path("posts"),
        PATH,
        "The folder of posts, with everything below it.",
        more="Where nothing is named, the folder `posts`.",
        example='"source/_posts"',
        affects="nothing",
        aliases=("source", "source_dir", "input", "content_dir", "folder"),
    )
    output: Path = setting(
        Path("public"),
        PATH,
        "The folder in which the feeds are published.",
        more="Not inside `posts`, nor around it. Where nothing is named, `public` beside `feeds.toml`, or in the current folder.",
        example='"public"',
        flag="--output DIR",
        affects="nothing",
        aliases=("public", "public_dir", "dest", "destination", "out"),
    )
    state: Path = setting(
        Path(".feeds"),
        PATH,
        "The folder of what has to be remembered between builds: the ledger of ids and slugs, the lock, the cache.",
        more="Keep it, and back it up. Where nothing is named, `.feeds` beside `feeds.toml`, or beside the posts folder where "
        "there is no file; if that is another site's, a folder in it. A state folder belongs to one site: a build of "
        "other posts with it is refused.",
        example='".feeds"',
        flag="--state DIR",
        affects="nothing",
    )
    config: Path | None = None
    posts_by_config: bool = False
    """Whether the posts folder is the one that `config` names, or by default the one beside it: no variable, no argument does."""
    title: str = setting(
        "",
        line(),
        "Name of the site and of its feed.",
        more="Where it is empty, the host of `base_url`.",
        example='"My site"',
        flag="--title TEXT",
        affects="channel",
        aliases=("site", "name", "sitename"),
    )
    description: str = setting(
        "",
        line(5000),
        "What the site is about, in a sentence.",
        example='"What I cook, and what I code."',
        affects="channel",
        aliases=("subtitle",),
    )
    language: str | None = setting(
        None,
        LANGUAGE,
        "The language of the posts, unless one of them says otherwise.",
        example='"zh-CN"',
        flag="--language TAG",
        aliases=("lang", "languagecode", "locale"),
    )
    timezone: str = setting(
        "UTC",
        ZONE,
        "The time zone of dates that name none, and of the dates in permalinks.",
        example='"Asia/Shanghai"',
        flag="--timezone ZONE",
        aliases=("tz", "time_zone"),
    )
    authors: tuple[Person, ...] = setting(
        (),
        None,
        "Who writes posts that name no author, and the author of the feeds.",
        more='A name, a table, or several as `authors = ["A", "B"]` or `[[authors]]`. Where nothing is set, an author called '
        "as the site.",
        example='''[author]
name = "My name"
url = "/about/"
email = "me@example.org"
avatar = "/me.png"''',
        allowed="a name, or a table with `name`, `url`, `email`, `avatar`",
        flag="--author NAME",
        name="author",
    )
    people: Mapping[str, Person] = setting(
        {},
        None,
        "What is known of an author whom posts name: a table for each name as the posts write it.",
        more="`name` gives the name to show.",
        example='''[people."Ben"]
name = "Ben Okafor"
url = "https://ben.example.org/"''',
        allowed="tables with `name`, `url`, `email`, `avatar`",
        aliases=("person",),
    )
    rights: str | None = setting(
        None, line(), "Copyright or licence, as text.", example='"CC BY 4.0"', aliases=("copyright", "license")
    )
    # Square picture (RFC 4287 section 4.2.5).
    icon: str | None = setting(
        None, URL, "A square picture of the site.", example='"/icon.png"', affects="channel", aliases=("favicon",)
    )
    # Picture twice as wide as high (RFC 4287 section 4.2.8).
    logo: str | None = setting(
        None,
        URL,
        "A picture of the site, twice as wide as high.",
        example='"https://blog.example.org/logo.png"',
        affects="channel",
        in_init=False,
    )
    home_page_url: str | None = setting(
        None,
        BASE,
        "The site's front page, below which its own pages lie.",
        more="Where nothing is set, `base_url`; set it where the feeds live at another address than the blog.",
        example='"https://blog.example.org/"',
    )
    category_page: str | None = setting(
        None,
        braces("path", "slug", needed=("path", "slug")),
        "The site's own page of a category, which its feed then is about; `{path}` is the slug path, `{slug}` the "
        "last part of it.",
        more="Where nothing is set, the page that is published with the feed.",
        example='"/categories/{path}/"',
        affects="channel",
        in_init=False,
    )
    tag_page: str | None = setting(
        None,
        braces("path", "slug", needed=("path", "slug")),
        "The site's own page of a tag.",
        example='"/tags/{slug}/"',
        affects="channel",
        in_init=False,
    )
    author_page: str | None = setting(
        None,
        braces("path", "slug", needed=("path", "slug")),
        "The site's own page of an author.",
        example='"/about/{slug}/"',
        affects="channel",
        in_init=False,
    )
    generator: str = setting(
        "plain",
        plug_in(choice(*NAMES), plugins.DIALECTS),
        "Whose conventions the posts follow: what is a post, what its front matter says, how its address is made.",
        more="`feeds init` writes it.",
        example='"hexo"',
        section="Posts",
    )
    dialect: Mapping[str, object] = setting(
        {},
        None,
        "What the generator's own settings say besides, e.g. that Hugo keeps capitals in paths.",
        more="`feeds init` writes it. Which options there are depends on `generator`: [generators.md](generators.md) lists them.",
        example="""generator = "hugo"

[dialect]
disable_path_to_lower = true""",
        allowed="options of the generator",
    )
    permalink: str | None = setting(
        None,
        PERMALINK,
        "The address of a post on the site, below `home_page_url`, as Hexo, Jekyll and Hugo write it.",
        more="A post's own `permalink` or `url` goes first. Where nothing is set, each post gets a page of ours under "
        "`paths.entry`.\n\n"
        "Placeholders: `:year` `:short_year` `:month` `:i_month` `:short_month` `:monthname` `:day` `:i_day` `:short_day` "
        "`:weekday` `:weekdayname` `:week` `:y_day` `:yearday` `:hour` `:minute` `:second` `:title` `:name` `:slug` "
        "`:filename` `:contentbasename` `:slugorfilename` `:slugorcontentbasename` `:post_title` `:category` "
        "`:categories` `:section` `:sections` `:id` `:hash`. The styles of Jekyll work by name: `date`, `pretty`, "
        "`ordinal`, `weekdate`, `none`.",
        example='":year/:month/:day/:title/"',
        flag="--permalink PATTERN",
        aliases=("permalinks",),
    )
    encodings: tuple[str, ...] = setting(
        ("utf-8",),
        listed(ENCODING, "a list of " + ENCODING.allowed, least=1),
        "What posts may be written in, tried in this order.",
        more="Anything but UTF-8 gets a warning; a byte order mark decides by itself.",
        example='["utf-8", "gb18030"]',
        aliases=("encoding",),
    )
    exclude: tuple[str, ...] = setting(
        (),
        listed(GLOB, "a list of " + GLOB.allowed),
        "Files that are no posts.",
        more="A pattern is held against the path below the posts folder and against the file's name alone; `*` stands for any "
        "characters, slashes too.",
        example='["README.md", "_drafts/*"]',
        aliases=("ignore",),
    )
    date_source: str = setting(
        "",
        choice("", "git", "mtime", "first-seen"),
        "Where the date of a post comes from that names none.",
        more='`"git"`: the commits that added the file and changed it last; `"mtime"`: the file; `"first-seen"`: the first build '
        "in which the post was out. Where it is empty, git if there is no ledger yet and the posts lie in a repository with its "
        "whole history, else the first build. Once published, a date stays.",
        example='"git"',
        in_init=False,
    )
    id_source: str = setting(
        "tag",
        choice("tag", "permalink"),
        "Where a post's id comes from if its front matter names none.",
        more='`"tag"` makes one that survives a new address; `"permalink"` is for blogs whose old feed used the address as id. '
        "Once given, an id stays.",
        example='"tag"',
        in_init=False,
    )
    authority: str = setting(
        "",
        AUTHORITY,
        "Who vouches for minted ids (RFC 4151).",
        more="Where it is empty, the host of `base_url` with a fixed year. Set it before the first build if the domain may "
        "change and the ledger may get lost.",
        example='"example.org,2026"',
    )
    comments_url: str | None = setting(
        None,
        braces("permalink"),
        "Where the comments of a post are; `{permalink}` is its address.",
        example='"{permalink}#comments"',
    )
    default_image: str | None = setting(None, URL, "Picture of posts that have none.", example='"/cover.png"', aliases=("image",))
    markdown: Mapping[str, object] = field(default_factory=dict, metadata={"group": MARKDOWN})
    taxonomies: tuple[str, ...] = setting(
        TAXONOMIES,
        some_of(*ALL_TAXONOMIES),
        "Which of categories, tags, authors and languages get feeds of their own.",
        more="A post's language is that of its front matter (`language`, `lang`, `locale`), of its file or folder as its "
        "generator has translations, else the site's.",
        example='["category", "tag"]',
        section="Categories, tags, authors",
        affects="channel",
        aliases=("taxonomy",),
    )
    language_categories: bool = setting(
        False,
        FLAG,
        "Give the categories of each language feeds of their own, below the feed of the language: `language/en/category/tech/`.",
        more='It takes `"language"` in `taxonomies`.',
        example='true\ntaxonomies = ["category", "tag", "language"]',
        affects="channel",
        in_init=False,
    )
    twins: tuple[str, ...] = setting(
        (),
        some_of("zh-Hans", "zh-Hant", "zh-CN", "zh-TW", "zh-HK"),
        "The site's feed also in another script of Chinese, converted by OpenCC, at the address of that language's feed.",
        more="It takes `pip install 'feed-publisher[chinese]'`. `zh-TW` and `zh-CN` have the words of their region, too. Titles, "
        "text and names of categories are converted; code, attributes and addresses are not, nor text that `lang` says is in "
        "another language. Entries have ids of their own (`…#zh-Hant`), so that readers of both feeds see both. Atom names the "
        'twins by `rel="alternate"` with `hreflang`. A twin has a page in its script; the pages of posts stay in the site\'s.',
        example='["zh-Hant"]',
        affects="channel",
        in_init=False,
    )
    translations: bool = setting(
        False,
        FLAG,
        "Name the translations of a post in its Atom entry and on our page of it (`hreflang`).",
        more="Posts in different languages are translations of each other if one names the other (`translation_of: tea.md`), if "
        "they share a `translationKey`, `page_id` or `lang_ref`, have the same permalink or slug in their front matter, or lie "
        "at the same path but for the language: `tea.md` and `tea.en.md`, `zh/tea.md` and `en/tea.md`.",
        example="true",
    )
    categories_mode: str = setting(
        "path",
        choice("path", "parallel"),
        '`"path"` reads `[A, B]` as B within A, as Hexo does; `"parallel"` reads it as two categories, as Jekyll and Hugo do.',
        more="If it is not set, the generator's own reading counts: that of most is `parallel`.",
        example='"parallel"',
        flag="--categories-mode MODE",
    )
    category_map: Mapping[str, str] = setting(
        {},
        SLUG,
        "Slugs of categories that should be other than the name, as in Hexo.",
        more="They take effect for categories that have no slug yet; one once given stays.",
        example='''[category_map]
"技术" = "tech"
"C++" = "cpp"''',
        names=True,
    )
    tag_map: Mapping[str, str] = setting(
        {},
        SLUG,
        "Slugs of tags that should be other than the name.",
        example='''[tag_map]
"机器学习" = "ml"''',
        names=True,
    )
    default_category: str | None = setting(None, line(300), "Category of posts that name none.", example='"Notes"')
