"""The settings of feeds' documents: what they hold, how long caches keep them, where they were before.

The order of the fields is that of docs/settings.md and of the file that `feeds init` writes. Must not read any source.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from feeds import plugins
from feeds.formats import OWN as FORMATS
from feeds.settings.addresses import ABSOLUTE, OWN_PATH
from feeds.settings.elements import ELEMENT, FOOTER, PARAMETER
from feeds.settings.groups import (
    FeedSettings,
    SetSettings,
)
from feeds.settings.kinds import (
    FLAG,
    duration,
    listed,
    size,
    some_of,
    whole,
)
from feeds.settings.rows import setting
from feeds.settings.show import SHOW, ShowSettings
from feeds.settings.site import SiteSettings
from feeds.settings.special_kinds import ARCHIVE, CONTENT, LIMIT, MOVED

_DAY = 86_400
_KB, _MB = 1_000, 1_000_000


@dataclass(frozen=True, slots=True)
class DocumentSettings(SiteSettings):
    """What feeds hold, besides what the site is; `Settings` has the rest."""

    formats: tuple[str, ...] = setting(
        FORMATS,
        some_of(*FORMATS, least=1, group=plugins.FORMATS),
        "The formats of each feed.",
        more="Its HTML page is another matter: `pages`.",
        example='["rss", "atom"]',
        section="Feeds",
        flag="--formats LIST",
        affects="channel",
        aliases=("format", "type"),
    )
    limit: int = setting(
        20,
        LIMIT,
        "How many of the newest posts a feed holds; 0 is all of them.",
        more="A feed of all posts has a price: every reader downloads every post again whenever one changes (1,000 posts of 5 kB "
        "are 5 MB), Inoreader blocks feeds of more than 3,000 entries, and `max_document_bytes` still holds. `archive` keeps "
        "all posts readable without it.",
        example="30",
        flag="--limit N",
        affects="channel",
        aliases=("items", "count", "max_items"),
    )
    content: str = setting(
        "full",
        CONTENT,
        "Whether feeds hold the whole text or a summary.",
        example='"summary"',
        flag="--content MODE",
        affects="channel",
    )
    archive: tuple[str, ...] = setting(
        (),
        ARCHIVE,
        "Whether the posts for which a feed has no room are kept in archive documents.",
        more="[formats.md](formats.md) describes them; a list names the taxonomies whose feeds have them. Every post is then "
        "converted, and is once more in each of its feeds in each format: 10,000 posts of 5 kB in the site's feed alone are "
        "150 MB in three formats.",
        example="true",
        affects="channel",
        aliases=("archives",),
    )
    archive_size: int = setting(
        50,
        whole(5, 1000),
        "How many posts an archive document holds.",
        more="One is closed earlier if the next post would make it larger than `max_document_bytes`. Another value counts for "
        "documents to come; those that are there stay as they are.",
        example="100",
        affects="channel",
        in_init=False,
    )
    archive_max_age_seconds: int = setting(
        365 * _DAY,
        duration(60, 365 * _DAY),
        "How long caches may keep an archive document that gets no further post.",
        more="A year is sent as `immutable`. If you withdraw posts and have a CDN that you cannot purge, choose a shorter time.",
        example='"7 d"',
        affects="channel",
        in_init=False,
    )
    warn_document_bytes: int = setting(
        250_000,
        size(1 * _KB, 15 * _MB),
        "A feed above this size gets a warning: readers load it again and again.",
        example='"250 KB"',
        affects="channel",
        in_init=False,
    )
    max_document_bytes: int = setting(
        512_000,
        size(10 * _KB, 15 * _MB),
        "A feed above this size loses its oldest posts until it fits; a post of more than half of it comes as its summary.",
        example='"512 KB"',
    )
    feeds: Mapping[str, FeedSettings] = setting(
        {},
        None,
        "What one feed has of its own: a table for each feed, by its path.",
        more="`[feed.\"\"]` is the site's. `limit` and `content` allow what the site's do; `archive` is true or false; `exclude` "
        "keeps posts out by conditions as a set has them, e.g. a category out of the site's feed.",
        example="""[feed.""]
title = "All posts"

[feed."category/tech"]
title = "Only code"
description = "Databases, Python, the command line."
limit = 50
content = "summary"
exclude = ["tag:minor"]""",
        allowed="tables with `title`, `description`, `limit`, `content`, `archive`, `exclude`",
        affects="channel",
        aliases=("feeds", "categories"),
        name="feed",
    )
    shows: Mapping[str, ShowSettings] = setting(
        {},
        None,
        "Which feeds are podcasts, and what they say of themselves: a table for each, by the feed's path.",
        more='`[show.""]` is the site\'s feed. [podcasts.md](podcasts.md) has every key.',
        example='''[show."category/podcast"]
categories = ["Technology", "Society & Culture / Documentary"]
image = "/podcast.png"
owner_name = "林夏"
owner_email = "podcast@example.org"''',
        allowed="tables with " + ", ".join(f"`{name}`" for name in SHOW),
        aliases=("podcast", "podcasts", "itunes", "shows"),
        name="show",
    )
    elements: Mapping[str, Mapping[str, object]] = setting(
        {},
        None,
        "Elements of your own in feeds and entries: a table for each, by its name with the prefix of its namespace.",
        more="[elements.md](elements.md) describes them: `geo`, `slash:comments`, `webfeeds`, `follow_challenge`, licences "
        "and others.",
        example='''[elements."webfeeds:accentColor"]
where = "channel"
text = "00aa00"

[elements."geo:lat"]
text = "{latitude}"''',
        allowed="tables with " + ", ".join(f"`{name}`" for name in ELEMENT),
        aliases=("extensions", "extra"),
    )
    link_parameters: Mapping[str, str] = setting(
        {},
        PARAMETER,
        "Parameters that are added to the entries' links in feeds, e.g. for statistics; ids and pages have none.",
        example='''[link_parameters]
utm_source = "feed"''',
        names=True,
        aliases=("utm", "parameters"),
    )
    entry_footer: tuple[str, ...] = setting(
        (),
        listed(FOOTER, "a list of lines of HTML"),
        "Lines of HTML behind each entry; one whose `{placeholders}` the entry has no value for is left out.",
        more="Placeholders: `{permalink}` `{title}` `{id}` `{comments_url}` `{via}` `{author}` `{date}` and any front matter "
        "key; with `|url` behind the name percent-encoded. [elements.md](elements.md) has examples.",
        example="""['<p><a href="mailto:me@example.org?subject={title|url}">Reply by mail</a></p>']""",
        aliases=("footer", "signature"),
    )
    sets: Mapping[str, SetSettings] = setting(
        {},
        None,
        "Feeds of the posts that meet conditions: a table for each, by its name, which becomes its folder.",
        more="A post must meet one of `any`, all of `all` and none of `none`. A condition is a subject and a value: "
        "`category:tech/web` (with all categories below it), `tag:css`, `author:Lin`, `language:zh` (also zh-CN), `path:notes/*` "
        "(the file below the posts folder), `year:2024`, `since:2024-01-31`, `until:2024-12-31` (days in the site's `timezone`). "
        '`newest = "updated"` holds the posts that were updated last. `title`, `description`, `limit`, `content` and `archive` '
        "are as in `[feed]`.",
        example='''[set.front-end]
title = "Front end"
any = ["category:tech/web", "tag:css"]
none = ["tag:draft notes", "language:de"]

[set.revised]
newest = "updated"''',
        allowed="tables with `any`, `all`, `none`, `newest`, `title`, `description`, `limit`, `content`, `archive`",
        affects="channel",
        aliases=("sets", "collections"),
        name="set",
    )
    # RFC 9111 section 5.2.2.1; readers that honour it poll no more often.
    max_age_seconds: int = setting(
        3600,
        duration(60, _DAY),
        "How long readers and caches may keep a feed before they ask again.",
        example='"1 h"',
        affects="channel",
        aliases=("max_age", "ttl"),
    )
    # RFC 5861 section 3.
    stale_while_revalidate_seconds: int = setting(
        86_400,
        duration(0, 365 * _DAY),
        "How long a cache may go on with an old copy while it fetches a new one (RFC 5861).",
        example='"1 d"',
        affects="channel",
        in_init=False,
    )
    # RFC 5861 section 4.
    stale_if_error_seconds: int = setting(
        604_800,
        duration(0, 365 * _DAY),
        "How long a cache may go on with an old copy while the server is down (RFC 5861).",
        example='"7 d"',
        affects="channel",
        in_init=False,
    )
    hubs: tuple[str, ...] = setting(
        (),
        listed(ABSOLUTE, "a list of " + ABSOLUTE.allowed),
        "WebSub hubs, named in every feed and told of each change: see [push.md](push.md).",
        example='["https://hub.example.org/"]',
        affects="channel",
        aliases=("hub",),
    )
    show_email: bool = setting(
        False, FLAG, "Whether e-mail addresses of authors stand in feeds.", example="true", affects="channel"
    )
    moved: Mapping[str, str] = setting(
        {},
        MOVED,
        "Feeds that have another address now, each by its old path, and their new path or URL.",
        more="Readers are sent there for good (301), always in one hop.",
        example='''[moved]
"rss2.xml" = "rss.xml"
"category/web/rss.xml" = "https://other.example.org/rss.xml"''',
        names=True,
        affects="channel",
        aliases=("redirects",),
    )
    moved_documents: bool = setting(
        True,
        FLAG,
        "Whether a document lies at each old address too, for hosts that serve files only.",
        more="Such a host cannot redirect. Where the new address is a feed of this site, the same feed lies at the old "
        "one; elsewhere a feed or page without entries points on. Servers that read the header maps, and `feeds serve`, redirect "
        "instead.",
        example="false",
        affects="channel",
    )
    retired: tuple[str, ...] = setting(
        (),
        listed(OWN_PATH, "a list of paths below the base URL"),
        "Addresses that are gone on purpose: readers are told to stop asking (410).",
        example='["old/comments.xml"]',
        affects="channel",
        aliases=("gone",),
    )
