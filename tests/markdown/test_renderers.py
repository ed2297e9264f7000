"""Markdown as each real renderer reads it: our output against what marked, kramdown, goldmark and others were recorded to write.

Both sides go through the cleaner, so that only what a subscriber gets is compared, and blanks between blocks are folded.
Where ours differs on purpose, DEVIATIONS says why; an entry of it that is no longer true fails too.
"""

from __future__ import annotations

import dataclasses
import re
import sys
from pathlib import Path

import pytest

from feeds import content
from feeds.content.flavour import PLAIN, RENDERERS, Flavour, overridden
from feeds.content.markdown import render as markdown

sys.path.insert(0, str(Path(__file__).parent))
import record

CASES = record.read(record.CASES.read_text(encoding="utf-8"))
ALL = record.RENDERERS
BOX = "boxes are read everywhere: their marks are not written by accident, and a reader should not see them"
FORMULA = "a formula keeps every character, though the generator eats backslashes of it"
SCRIPT = "an opening tag without its end is text, so that nothing behind it is lost"
FENCE = "a fence with attributes or several words is code everywhere"
LIST = "lists begin and end as in CommonMark; the text is the same"
NUMBER = "the number of the first item is kept"
TABLE = "a table that touches a paragraph, or has a pipe in code, is read as GitHub reads it"
NOTES = "footnotes are in one numbered list at the end"
ENTITY = "browsers read &not without its semicolon; CommonMark does not"
COMMENT = "a comment or HTML on a line of its own ends a paragraph"
HTML = "an element that is opened and closed in a paragraph belongs to it"
ADDRESS = "where a bare address begins and ends is GitHub's rule but for the marks around it"
ORDER = "the order of attributes, or a link that only the tool's own page resolves"
PICTURE = "an address may hold blanks, as in the versions of marked before 0.4"
OLD = "a quirk of a renderer that is no longer made"
DEFINITIONS = "several definitions are a list, and are no text"
DEVIATIONS: dict[str, tuple[str, tuple[str, ...]]] = {
    "emphasis inside words": (OLD, ("kramed",)),
    "emphasis nested": (OLD, ("marked-0", "kramed",)),
    "subscript and superscript": (OLD, ("pulldown-cmark",)),
    "footnote": (NOTES, ("kramed", "pulldown-cmark",)),
    "footnote without definition": (NOTES, ("kramed",)),
    "definition list": (DEFINITIONS, ("marked",)),
    "line that begins with a colon": (DEFINITIONS, ("marked",)),
    "abbreviation": (OLD, ("kramed",)),
    "admonition": (BOX, ("marked", "marked-0", "kramed", "markdown-it", "kramdown", "goldmark", "pulldown-cmark",)),
    "admonition without title": (BOX, ("marked", "marked-0", "kramed", "markdown-it", "goldmark", "pulldown-cmark", "kramdown",)),
    "container": (BOX, ("marked", "marked-0", "kramed", "markdown-it", "goldmark", "pulldown-cmark", "kramdown",)),
    "container touching": (BOX, ("marked", "marked-0", "kramed", "markdown-it", "kramdown", "goldmark", "pulldown-cmark",)),
    "callout": (BOX, ("marked", "marked-0", "kramed", "markdown-it", "goldmark", "pulldown-cmark", "kramdown",)),
    "callout with title": (BOX, ("marked", "marked-0", "kramed", "markdown-it", "goldmark", "pulldown-cmark", "kramdown",)),
    "generics in prose": (SCRIPT, ("kramdown",)),
    "unknown element": (SCRIPT, ("kramdown",)),
    "picture with blanks": (PICTURE, ("marked-0",)),
    "picture with Chinese": (PICTURE, ("marked-0",)),
    "link with parentheses": (ORDER, ("marked-0", "kramed",)),
    "list that begins with two": (LIST, ("kramed", "kramdown",)),
    "list markers change": (LIST, ("marked-0",)),
    "list and code": (LIST, ("marked-0", "kramed",)),
    "blockquote lazy": (OLD, ("kramed",)),
    "fenced code": (FENCE, ("kramed", "kramdown", "pulldown-cmark",)),
    "fence with attributes": (FENCE, ("marked", "markdown-it", "marked-0", "kramed", "kramdown", "goldmark", "pulldown-cmark",)),
    "table": (TABLE, ("kramed",)),
    "table touching a paragraph": (TABLE, ("marked-0", "kramed", "kramdown",)),
    "entities": (ENTITY, ("marked", "marked-0", "kramed",)),
    "inline formula": (FORMULA, ("marked", "marked-0", "markdown-it", "kramdown", "goldmark", "pulldown-cmark", "python-markdown", "kramed",)),
    "block formula": (FORMULA, ("marked", "marked-0", "kramed", "markdown-it", "goldmark", "pulldown-cmark", "python-markdown", "kramdown",)),
    "bold with blank inside": (OLD, ("marked-0",)),
    "script in prose": (SCRIPT, ("kramdown",)),
    "math marks beside text": (FORMULA, ("kramed",)),
    "comment of kramdown": (COMMENT, ("marked", "kramdown",)),
    "definition with two terms": (DEFINITIONS, ("marked",)),
    "ordered list start": (NUMBER, ("kramed", "kramdown",)),
    "loose and tight": (LIST, ("kramed",)),
    "list nested by one blank": (LIST, ("marked-0", "kramed",)),
    "list item with indented paragraph of two": (LIST, ("marked-0", "kramed", "kramdown",)),
    "star list without blank after": (OLD, ("kramed",)),
    "heading closed by hashes": (OLD, ("kramed",)),
    "html break and inline": (HTML, ("kramdown",)),
    "html block then markdown": (HTML, ("kramed",)),
    "comment in a paragraph": (COMMENT, ("kramed", "kramdown",)),
    "address with trailing marks": (ADDRESS, ("marked-0", "kramed", "goldmark",)),
    "address in brackets": (ADDRESS, ("marked", "kramed",)),
    "strikethrough beside Chinese": (OLD, ("goldmark",)),
    "table with inline formatting": (TABLE, ("kramed",)),
    "table with escaped pipe": (TABLE, ("kramed",)),
    "fence unclosed": (FENCE, ("kramed",)),
    "email in brackets": (ADDRESS, ("goldmark",)),
    "image with title and size": (OLD, ("marked-0",)),
    "footnote twice": (NOTES, ("kramed", "pulldown-cmark",)),
    "footnote in the middle": (NOTES, ("kramed", "pulldown-cmark",)),
    "link with angle brackets and title": (ORDER, ("marked-0", "pulldown-cmark",)),
    "link to an anchor": (ORDER, ("pulldown-cmark",)),
    "escaped html": (OLD, ("kramed",)),
    "emphasis with spaces around": (OLD, ("kramed",)),
    "setext with one mark": (OLD, ("kramed",)),
    "numbers with dots": (NUMBER, ("kramed", "kramdown",)),
}  # fmt: skip


def cleaned(html: str) -> str:
    """What a subscriber gets of it, without what nobody sees: blanks between blocks, plain frames, how anchors are called."""
    result = content.clean(html, "html", base_url="https://site.example/p/", policy=content.Policy(), id_prefix="p-").html
    result = re.sub(r"\s+", " ", re.sub(r"</?div>", "", result))
    result = re.sub(
        r"p-fn(ref)?[:_]?([\w:]+)", lambda found: f"p-fn{found[1] or ''}{found[2].replace('note', '2').replace('a', '1')}", result
    )
    result = re.sub(r' id="p-[^"]*"', "", result).replace(" </code></pre>", "</code></pre>").replace("☐ </span> ", "☐ </span>")
    blocks = r"</?(?:p|ul|ol|li|blockquote|h[1-6]|table|thead|tbody|tr|td|th|dl|dt|dd|pre|hr|br|details|summary)\b[^<>]*>"
    return re.sub(rf" ?({blocks}) ?", r"\1", result.replace("☑ </span> ", "☑ </span>")).strip()


def ours(body: str, renderer: str) -> str:
    return cleaned(markdown.to_html(body, "markdown", overridden(PLAIN, {"renderer": renderer})))


@pytest.mark.parametrize(("title", "renderer"), [(title, name) for title, _, outputs in CASES for name in outputs])
def test_as_the_renderer_itself(title: str, renderer: str) -> None:
    body, theirs = next((body, outputs[renderer]) for name, body, outputs in CASES if name == title)
    reason, renderers = DEVIATIONS.get(title, ("", ()))
    if renderer in renderers:
        assert ours(body, renderer) != cleaned(theirs), f"no longer differs: {reason}"
    else:
        assert ours(body, renderer) == cleaned(theirs)


def test_each_recorded_renderer_can_be_named() -> None:
    assert set(ALL) < RENDERERS.keys()
    assert all(set(outputs) == set(ALL) for _, _, outputs in CASES)
    assert DEVIATIONS.keys() <= {title for title, _, _ in CASES}


def table() -> str:
    """The table of docs/markdown.md: every field of a flavour in each renderer."""
    names = list(RENDERERS)
    rows = [f"| | {' | '.join(names)} |", f"|---|{'---|' * len(names)}"]
    for field in dataclasses.fields(Flavour):
        if field.name not in ("renderer", "extensions", "quotes", "liquid", "language"):
            values = [getattr(RENDERERS[name], field.name) for name in names]
            shown = ["yes" if value is True else "" if value in (False, "none") else str(value) for value in values]
            rows.append(f"| `{field.name}` | {' | '.join(shown)} |")
    return "\n".join(rows)


def test_the_page_has_the_table() -> None:
    page = (Path(__file__).parents[2] / "docs/markdown.md").read_text(encoding="utf-8")
    assert table() in page
    for reason in {reason for reason, _ in DEVIATIONS.values()}:
        assert f"- {reason[0].upper()}{reason[1:]}." in page, reason


@pytest.mark.parametrize("renderer", ["goldmark", "pulldown-cmark"])
def test_a_footnote_label_may_hold_blanks(renderer: str) -> None:
    text = "See[^Some Book] and[^no such].\n\n```\n[^Some Book]: code\n```\n\n[^Some Book]: *It* is there.\n"
    html = ours(text, renderer)
    assert "See<sup>" in html and "[^no such]" in html
    assert "[^Some Book]: code" in html and "<em>It</em> is there." in html and html.count("[^Some Book]") == 1
