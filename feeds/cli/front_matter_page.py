"""docs/front-matter.md, made from the reader's tables: `python -m feeds.cli.front_matter_page > docs/front-matter.md`."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from itertools import groupby

from feeds import dialects
from feeds.build.entries.convert import ABOUT, CANONICAL
from feeds.dialects.base import Keys
from feeds.posts import flag_rules
from feeds.posts.keys import ENCLOSURES, EPISODE_KEYS, IMAGES, LANGUAGES, SUMMARIES

#: What each group of keys says that the generators read differently: fields of `feeds.dialects.base.Keys`.
DIFFERENT: Mapping[str, str] = {
    "published": "When the post was published. Without one: the date in its file name (2021-08-04-tea.md) or folders "
    "(2021/08/04/tea.md), "
    "else the build that first sees it.",
    "updated": "When it was last changed. Without one: the build that sees its text change.",
    "expires": "When it leaves the feeds; `never` or `false` if it does not.",
    "ids": "The post's id, kept as it is. Without one, an id is made once and kept in the ledger.",
    "links": "The post's own page: an address or a path below the site. An address on another host is not its "
    "page, unless the key is "
    "`permalink`; see *where else it stands* and *what it is about* below.",
    "categories": "Categories: a name, or a list, which is a path or several categories (`categories_mode`). A list of "
    "lists is several paths.",
    "tags": "Tags: a list, or one text with commas.",
    "authors": "Authors: a name, `Name <mail@example.org>`, a list of them, or tables with `name`, `email`, `url`, `avatar`.",
}
#: What is read alike in all blogs: what it says, and its keys.
ALIKE: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "embargo": ("The post stays out before this date, whatever its own date is.", Keys().embargoes),
    "title": ("The title. Without one: the heading with which the text begins.", ("title",)),
    "slug": ("The last part of the address, in permalink patterns.", ("slug",)),
    "summary": ("The summary, as plain text. Without one: the text up to `<!-- more -->`, or its first sentences.", SUMMARIES),
    "image": (
        "The post's picture: an address, or a table with `url`, `src`, `path`, `image`, `feature` or "
        "`teaser`, and `alt`, `width`, "
        "`height`. `header` with `teaser`, `image`, `overlay_image` or `og_image` counts, too.",
        IMAGES,
    ),
    "language": ("The post's language (BCP 47).", LANGUAGES),
    "enclosure": (
        "A file that comes with the post: an address, or a table (or list of tables) with `url`, `src`, "
        "`href` or `file`, and `type`, "
        "`length`, `title`, `duration`.",
        ENCLOSURES,
    ),
    "episode": ("What a podcast says of its episode; [podcasts.md](podcasts.md) describes each.", EPISODE_KEYS),
    "canonical": ("Where else the post stands: its canonical address, if that is on another host.", CANONICAL),
    "about": ("What a link post is about: an address on another host.", ABOUT),
    "comments": ("`comments: false`: the post has no link to comments.", ("comments",)),
    "rights": ("Copyright or licence of the post.", ("rights", "copyright")),
}
_MEANINGS = {
    "hides": "true keeps the post out",
    "shows": "false keeps the post out",
    "word": "any word but one that means public (published, public, 已发布, …) keeps it out",
    "named": "a word that means not public (draft, private, …) keeps it out; another says nothing",
    "value": "any value keeps it out",
    "secret": "any value but false keeps it out",
    "build": "Hugo's table: `list` or `render` as `never`, `local` or `link` keeps it out",
    "address": "`false`, with which a page has no address, keeps it out; another value is an address",
}
_INTRODUCTION = """# Front matter

Every key that is read, with its other spellings. Front matter is YAML between `---` lines, TOML between `+++`, JSON, the
header lines of Pelican and Nikola, or `<meta>` tags of an HTML file.

- Case, hyphens and underscores do not count: `featuredImage`, `featured_image` and `Featured-Image` are one key.
- Of several keys with one meaning, the first in the row wins.
- A key that is not read is ignored. One that is nearly a usual key (`tilte`) is told by `feeds check`.
- Dates: `2021-08-04`, `2021-08-04 05:49:00`, `2021-08-04T05:49:00+08:00`, RFC 822, seconds since 1970. A date without a zone
  is in the site's [`timezone`](settings.md#timezone). One that cannot be read breaks the post, which is told with its line.

`feeds explain posts/tea.md` shows what was read of a post, and where each date comes from."""


def page() -> str:
    """The whole page."""
    return "\n".join(_page()) + "\n"


def _page() -> Iterator[str]:
    yield from _INTRODUCTION.split("\n")
    yield from ("", "## Read alike in all blogs", "", "| | Keys | |", "|---|---|---|")
    for name, (meaning, keys) in ALIKE.items():
        yield f"| {name} | {_keys(keys)} | {meaning} |"
    yield from ("", "## Read as the generator reads it", "", "`generator` in feeds.toml decides; `feeds init` writes it.")
    for name, meaning in DIFFERENT.items():
        yield from ("", f"### {name}", "", meaning, "", "| Generator | Keys |", "|---|---|")
        rows = [(dialect.name, getattr(dialect.keys, name)) for dialect in map(dialects.by_name, sorted(dialects.NAMES))]
        for keys, same in groupby(sorted(rows, key=lambda row: (row[1], row[0])), key=lambda row: row[1]):
            generators = ", ".join(generator for generator, _ in same)
            yield f"| {generators} | {_keys(keys) or 'none; see [generators.md](generators.md)'} |"
    yield from ("", "## What keeps a post out", "")
    yield "[visibility.md](visibility.md) says how values are read; prefixes such as `is_`, `post_` or `wp:` do not count."
    yield from ("", "| Keys | | Reason |", "|---|---|---|")
    rules = sorted(flag_rules.RULES.items(), key=lambda item: (item[1].kind, item[1].status))
    for rule, group in groupby(rules, key=lambda item: item[1]):
        yield f"| {_keys(tuple(key for key, _ in group))} | {_MEANINGS[rule.kind]} | {rule.status} |"


def _keys(names: tuple[str, ...]) -> str:
    return " ".join(f"`{name}`" for name in names)


if __name__ == "__main__":
    sys.stdout.write(page())
