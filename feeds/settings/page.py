"""docs/settings.md, made from the table of settings: `python -m feeds.settings.page > docs/settings.md`.

In comes the table, out goes Markdown: for each setting what it is for, its default, what it takes, its variable and flag, an
example that can be copied.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from feeds.settings.fields import FIELDS, FLAGS, KINDS, SettingField, variable_of

#: What stands below a heading, before its settings.
_INTRODUCTIONS = {
    "Pages": (
        "Feeds are for readers; these pages are for people: the site's front page, a page for each category, tag and "
        "author, one for each "
        "post that has no page of its own, the archive, and lists of all categories, tags and authors. "
        "[pages.md](pages.md) says what they "
        "show and how to change their looks."
    ),
}


def page() -> str:
    """The whole page."""
    return "\n".join(_page()) + "\n"


def _page() -> Iterator[str]:
    yield from _INTRODUCTION.strip("\n").split("\n")
    group = None
    for name, field in FIELDS.items():
        section = field.row.section
        if field.group is not None and field.group is not group:
            yield from ("", f"## {field.group.section}", "", field.group.introduction)
        elif section:
            yield from ("", f"## {section}")
            if section in _INTRODUCTIONS:
                yield from ("", _INTRODUCTIONS[section])
        group = field.group
        yield from ("", f"### `{name}`", "", " ".join(filter(None, (field.row.summary, field.row.more))))
        yield from ("", "| Default | Allowed | Variable | Flag |", "|---|---|---|---|", _row(name, field), "", "```toml")
        yield from (*example(name).split("\n"), "```")


def _row(name: str, field: SettingField) -> str:
    allowed = field.row.allowed or (field.row.kind.allowed if field.row.kind else "")
    variable = f"`{variable_of(name)}`" if name in KINDS else "`FEEDS_AUTHOR`, `FEEDS_AUTHORS`" if name == "author" else "—"
    flag = f"`{FLAGS[name]}`" if name in FLAGS else "the argument `POSTS`" if name == "posts" else "—"
    return f"| {_default(name, field.default)} | {allowed} | {variable} | {flag} |"


def _default(name: str, value: object) -> str:
    if name not in KINDS:
        return "none"
    if value is None or isinstance(value, Path):
        return "not set"
    if isinstance(value, int) and not isinstance(value, bool) and value >= 10_000:
        return f"`{value:_}`"
    return f"`{json.dumps(value, ensure_ascii=False)}`"


def example(name: str) -> str:
    """Lines of feeds.toml that set the setting."""
    text = FIELDS[name].row.example
    group, _, key = name.rpartition(".")
    if name not in KINDS:
        return text
    return f"[{group}]\n{key} = {text}" if group else f"{key} = {text}"


_INTRODUCTION = """
# Settings

A site has one settings file, `feeds.toml`. It needs nothing but `base_url`, and even that can be a flag: with no file at all
`feeds build posts/ --base-url https://example.org/` works. `feeds init` writes a first file with comments, and takes what it
can from the settings of Hexo, Jekyll, Hugo, Pelican, Eleventy, Nikola, Zola or Obsidian.

```toml
base_url = "https://blog.example.org/"
title = "南窗札记"
language = "zh-CN"
timezone = "Asia/Shanghai"
permalink = ":year/:month/:day/:title/"

[author]
name = "林夏"
```

## Where settings come from

1. `feeds.toml`: the file named with `--config` or `FEEDS_CONFIG`; else the one beside the posts folder that was named;
   else the one in the current folder, or in the nearest folder above it, up to the root of a git repository. Settings of
   the whole site go above the first `[table]`.
2. Variables of the environment, `FEEDS_` and the name in capitals; two underscores stand for a dot: `FEEDS_LIMIT=30`,
   `FEEDS_PATHS__RSS=index.xml`. Lists are written with commas, or as in TOML. An empty variable counts as none.
3. Flags of the command.

Later ones win, setting by setting. Relative paths in the file are beside the file; those of variables and flags are below
the current folder.

Every mistake of every source is reported at once, with its place, what is allowed and, where it can be guessed, the fix; the
exit code is 2 and nothing was touched. A name that is not a setting is a mistake as well, in the file and in the
environment. (Variables that Docker and Kubernetes set for a service called `feeds`, e.g. `FEEDS_PORT=tcp://…`, are
ignored.)

Sizes are bytes or text, e.g. `"512 KB"` (1,000 bytes each; `KiB` is 1,024). Durations are seconds or text e.g. `"15 min"`,
`"1 h"`, `"7 d"`.
"""

if __name__ == "__main__":
    sys.stdout.write(page())
