"""The table [markdown] of feeds.toml: a row for each field of `feeds.content.flavour.Flavour` that a site may set.

The defaults are the dialect's own. `liquid` is up to the dialect alone, and `language` is the site's.
"""

from __future__ import annotations

from collections.abc import Mapping

from feeds.content.flavour import ATTRIBUTE_SYNTAXES, EMPHASES, FORMULAS, RENDERERS, TYPOGRAPHIES
from feeds.settings.kinds import FLAG, Kind, choice, exactly, line, listed, whole
from feeds.settings.rows import SettingGroup, SettingRow

MARKDOWN = SettingGroup(
    "Markdown",
    "How the posts' Markdown is read, in the table `[markdown]`. What is not set is as the generator's own renderer "
    "has it; [markdown.md](markdown.md) has a table of all generators.",
    aliases=(),
)


def _row(kind: Kind, summary: str, *, example: str, more: str = "", in_init: bool = False) -> SettingRow:
    return SettingRow(kind=kind, summary=summary, example=example, more=more, in_init=in_init)


ROWS: Mapping[str, SettingRow] = {
    "renderer": _row(
        choice(*RENDERERS),
        "The renderer whose output is meant, with all that it does by default.",
        more="`generator` chooses one; [markdown.md](markdown.md) lists them.",
        example='"kramed"',
        in_init=True,
    ),
    "extensions": _row(
        listed(line(200, empty=False), "a list of names of Python-Markdown's extensions"),
        "Extensions of Python-Markdown; other renderers have none. `strikethrough` is Nikola's own, for `~~text~~`.",
        example='["extra", "codehilite", "admonition"]',
        in_init=False,
    ),
    "breaks": _row(FLAG, "A line end within a paragraph is a line break.", example="true", in_init=True),
    "autolinks": _row(FLAG, "Addresses that stand bare in the text become links.", example="true", in_init=True),
    "typography": _row(
        choice(*TYPOGRAPHIES),
        "Straight quotes, dashes and three dots become typographic ones, as one of these renderers does it.",
        example='"smartypants"',
        in_init=True,
    ),
    "quotes": _row(
        exactly(4, "four characters, e.g. “”‘’"),
        "The four quotes that typography writes: opening and closing double, opening and closing single.",
        example='"«»‹›"',
        in_init=False,
    ),
    "raw_html": _row(
        FLAG,
        "HTML among the Markdown is kept.",
        more="If it is not, its tags go and its text stays.",
        example="false",
        in_init=False,
    ),
    "whole_html_blocks": _row(
        FLAG,
        "A block of HTML ends with its closing tag, not with a blank line, and nothing in it is Markdown.",
        example="true",
        in_init=False,
    ),
    "markdown_in_html": _row(FLAG, 'The inside of `<div markdown="1">` is Markdown.', example="true", in_init=False),
    "footnotes": _row(FLAG, "`[^1]` and `[^1]: The note.` are footnotes.", example="true", in_init=False),
    "inline_footnotes": _row(FLAG, "`^[The note.]` is a footnote.", example="true", in_init=False),
    "task_lists": _row(FLAG, "`- [ ]` and `- [x]` are items of a list of tasks.", example="true", in_init=False),
    "definition_lists": _row(FLAG, "A line that begins with `: ` explains the term above it.", example="true", in_init=False),
    "abbreviations": _row(
        FLAG, "`*[HTML]: HyperText Markup Language` explains each HTML in the text.", example="true", in_init=False
    ),
    "attributes": _row(
        choice(*ATTRIBUTE_SYNTAXES),
        'Attribute lists are read and not shown: `"kramdown"` is `{: .class}` behind a span or below a block, '
        '`"headings"` is `## Title {#name}`, `"all"` is both, with or without the colon.',
        example='"kramdown"',
        in_init=False,
    ),
    "admonitions": _row(FLAG, '`!!! note "Title"` with an indented block is a box.', example="true", in_init=False),
    "containers": _row(FLAG, "`::: tip Title` up to `:::` is a box.", example="true", in_init=False),
    "callouts": _row(FLAG, "A quotation that begins with `[!NOTE]` is a box.", example="true", in_init=False),
    "emoji": _row(FLAG, "`:smile:` is 😄, by the names that GitHub uses.", example="true", in_init=False),
    "marks": _row(FLAG, "`==text==` is marked.", example="true", in_init=False),
    "insertions": _row(FLAG, "`++text++` is inserted text.", example="true", in_init=False),
    "single_tilde": _row(FLAG, "`~text~` is struck out as `~~text~~` is.", example="true", in_init=False),
    "scripts": _row(FLAG, "`H~2~O` and `x^2^` are subscripts and superscripts.", example="true", in_init=False),
    "emphasis": _row(
        choice(*EMPHASES),
        "Where `**bold**` may begin and end.",
        more='`"commonmark"` leaves the asterisks of `**粗体（x）**后` in view; `"cjk"` makes it bold where Chinese, Japanese or '
        'Korean text touches the marks, `"marked-4"` where their punctuation is not of ASCII; the others look only for blanks.',
        example='"cjk"',
        in_init=False,
    ),
    "spaced_addresses": _row(
        FLAG, "The address of a link or picture may hold blanks: `![shot](my shot 1.png)`.", example="true", in_init=False
    ),
    "captions": _row(
        FLAG,
        "What stands behind a fence's language is its caption, an address in it a link: `` ```js Title "
        "https://example.org/a.js source ``, as in Hexo.",
        example="true",
        in_init=False,
    ),
    "loose_lists": _row(
        FLAG,
        "Bullets below a numbered item are a list within it, though they are indented by less than the item's text.",
        example="true",
        in_init=False,
    ),
    "fences_in_items": _row(
        FLAG,
        "A fence below a list item, with no blank line between, belongs to the item though it is not indented, as in Hexo.",
        example="true",
        in_init=False,
    ),
    "loose_headings": _row(FLAG, "`##Title` without a blank is a heading.", example="true", in_init=False),
    "contents": _row(
        FLAG,
        "A list with `{:toc}` below it is a table of contents, made of the headings; without it such a list is left out.",
        example="true",
        in_init=False,
    ),
    "indented_code": _row(
        FLAG,
        "Lines indented by four blanks are code; Eleventy from version 2 on takes them for text.",
        example="false",
        in_init=False,
    ),
    "demote_headings": _row(
        whole(0, 5),
        "By how many levels headings go down; Nikola's posts have 1.",
        example="1",
        in_init=False,
    ),
    "formulas": _row(
        choice(*FORMULAS),
        'What is a formula, in which nothing is Markdown: `"dollars"` is `$…$` and `$$…$$`, `"all"` is `\\(…\\)` and '
        '`\\[…\\]` besides, `"none"` is nothing.',
        example='"all"',
        in_init=False,
    ),
}
