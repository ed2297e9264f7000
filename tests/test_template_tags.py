"""What becomes of template tags, short codes and notes to oneself: cases that a person can read, and what holds of any body."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds import content, text
from feeds.content import Policy, template_tags
from feeds.content.flavour import GOLDMARK, PLAIN
from feeds.content.tag_tables import PLAIN_TABLES, TABLES
from feeds.content.template_tags import TagContext
from feeds.model import Post
from feeds.posts import headings

BASE = "https://example.org/b/2021/a/"
CASES = Path(__file__).parent / "cases" / "template_tags.md"
PAGE = {"title": "The title", "subtitle": "The subtitle", "nested": {"key": "Nest"}, "address": "https://o.example/a?b=1&c=2"}
OWN = {
    "kbd": "<kbd>{{ .Get 0 }}</kbd>",
    "named": '{{ if .IsNamedParams }}N {{ .Get "a" }}{{ else }}P {{ .Get 0 }}{{ end }}',
    "loop": "<ul>{{ range .Params }}<li>{{ . }}</li>{{ end }}</ul>",
    "img2": '<img src="{{ .Get "src" }}" alt="{{ with .Get "alt" }}{{ . }}{{ end }}">',
    "admonition2": '<div class="admonition {{ .Get "type" | default "note" }}"><p>{{ .Get "title" | default "Note" }}</p>{{ .Inner | .Page.RenderString }}</div>',
    "tabs2": '<div class="tabs">{{ .Inner }}</div>',
    "tab2": '<div class="tab" data-name="{{ .Get "name" }}">{{ .Inner | markdownify }}</div>',
    "mdnote": "**Note:** {{ .Inner }}",
    "rawhtml2": "{{- /* a comment */ -}}\n{{ .Inner }}\n",
    "too-hard": '{{ partial "x.html" . }}{{ $r := resources.GetRemote "https://o.example/" }}',
}


class Case(NamedTuple):
    title: str
    tables: tuple[str, ...]
    body: str
    expected: str


def cases() -> list[Case]:
    made: list[Case] = []
    tables: tuple[str, ...] = ()
    title, parts, part = "", [], None
    for line in CASES.read_text(encoding="utf-8").split("\n"):
        if line == ".":
            if part is not None:
                parts.append("\n".join(part))
            part = []
            if len(parts) == 2:
                made.append(Case(title, tables, parts[0], parts[1]))
                title, parts, part = "", [], None
        elif part is not None:
            part.append(line)
        elif line.startswith("## "):
            tables = tuple(line.rpartition("(")[2].rstrip(")").split())
        elif line.strip():
            title = line.strip()
    return made


def context(tables: tuple[str, ...], **more: object) -> TagContext:
    tags = TagContext(tables=tables, home="https://example.org/b/", page=PAGE, site={"title": "My site"}, templates=OWN)
    return replace(tags, **more)  # type: ignore[arg-type]


def cleaned(body: str, tables: tuple[str, ...], markup: str = "markdown", **more: object) -> content.Cleaned:
    return content.clean(body, markup, content.Reading(tags=context(tables), **more), base_url=BASE, policy=Policy())  # type: ignore[arg-type]


def plain(markup: str) -> str:
    """The markup without the blank lines that no reader sees."""
    return re.sub(r"\n+(?=<)|(?<=>)\n+", "\n", markup)


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.title)
def test_case(case: Case) -> None:
    result = cleaned(case.body, case.tables)
    assert plain(result.html) == plain(case.expected)
    assert "SECRET" not in result.html + result.text + (result.excerpt_text or "") + repr(result.notes)


@pytest.mark.parametrize("case", [case for case in cases() if "SECRET" in case.body], ids=lambda case: case.title)
@pytest.mark.parametrize("bound", [{"content_bytes": 5}, {"element_depth": 0}])
def test_nothing_hidden_comes_out_beyond_the_bounds(case: Case, bound: dict[str, int]) -> None:
    """Content that comes as plain text because it passes a bound hides what any other does."""
    result = content.clean(
        case.body + "\n\n<b><i>x</i></b>",
        "markdown",
        content.Reading(tags=context(case.tables)),
        base_url=BASE,
        policy=Policy(**bound),
    )  # type: ignore[arg-type]
    assert "SECRET" not in result.html + result.text


@pytest.mark.parametrize("case", [case for case in cases() if case.tables == ("hugo",)], ids=lambda case: case.title)
def test_hugo_without_raw_html_shows_the_same(case: Case) -> None:
    """What a short code makes is no HTML of the author's: a renderer that leaves that out keeps it."""
    result = cleaned(case.body, case.tables, flavour=replace(PLAIN, raw_html=False))
    assert plain(result.html) == plain(case.expected)


def test_comments_of_html_are_text_in_restructuredtext() -> None:
    """docutils shows them, as the author of such a text sees; in literals they are what the post is about."""
    body = "See ``<!--more-->`` and <!-- this -->, <!-- open.\n\n::\n\n    <!-- code -->\n"
    html = cleaned(body, ("nikola",), "rst").html
    assert "<code>&lt;!--more--&gt;</code> and &lt;!-- this --&gt;, &lt;!-- open." in html
    assert "&lt;!-- code --&gt;" in html


def test_the_summary_begins_behind_the_notes() -> None:
    result = cleaned("{# SECRET #}First words. {% comment %}SECRET{% endcomment %}\n\n<!-- more -->\n\nRest.", ("hexo",))
    assert result.excerpt_text == "First words."


@pytest.mark.parametrize(
    ("body", "is_shown"),
    [
        ("x\n\n\t<a>\n\t\t<!-- one\n\t\t  two -->\n\t</a>\n", True),
        ("x\n\n    <!-- one\n\n    two -->\n", True),
        ("- x\n\n      <!-- one\n      two -->\n", True),
        ("## x\n\t<!-- one two -->\n\t<a>\n", True),
        ("x\n===\n    <!-- one two -->\n", True),
        ("x\n\n* * *\n    <!-- one two -->\n", True),
        ("- # x\n\n- y\n    <!-- one two -->\n", False),
        ("#x\n    <!-- one two -->\n", False),
        ("- -\n    <!-- one two -->\n", False),
        ("x\n\n    <!-- one\ntwo -->\n", False),
        ("- x\n\n      <!-- one\n    two -->\n", False),
        ("x\n\n<!-- one\n    two -->\n", False),
    ],
)
def test_comments_of_several_lines_in_indented_code(body: str, is_shown: bool) -> None:
    """A comment that code shows stays, over several lines too; one that leaves the code is for no reader."""
    assert ("two" in cleaned(body, ("jekyll",)).html) == is_shown


def test_brackets_stay_where_nothing_tells_what_is_there() -> None:
    """Hexo knows no double brackets: they are a link only if it is known that there is something of that name."""
    assert cleaned("See [[Tea]].", ("hexo",)).html == "<p>See [[Tea]].</p>"


@pytest.mark.parametrize(
    ("body", "lines"),
    [("text\n\n```\ncode\n", [3]), ("```\ncode\n```\n", []), ("> ```\n> code\n", []), ("- item\n\n  ```\n  code\n", [])],
)
def test_code_that_is_not_closed_is_told_unless_it_ends_with_what_it_is_in(body: str, lines: list[int]) -> None:
    assert [note.line for note in cleaned(body, ("hexo",)).notes if note.code == "code-unclosed"] == lines


def test_unknown_tags_are_told_with_their_names() -> None:
    result = cleaned("{% one %}\n\n{% two %}x{% endtwo %}\n\n{% one %}", ("hexo",))
    assert [(note.code, note.line, re.findall(r"'(\w+)'", note.what)) for note in result.notes] == [
        ("tag-unknown", 1, ["one"]),
        ("tag-unknown", 3, ["two"]),
        ("tag-unknown", 5, ["one"]),
    ]


def test_goldmark_keeps_what_short_codes_make() -> None:
    result = cleaned('{{< figure src="/a.png" >}} <b>gone</b>', ("hugo",), flavour=GOLDMARK)
    assert "<img" in result.html and "<b>" not in result.html


PIECES = st.sampled_from([
    "{% note %}", "{% endnote %}", "{%note info%}", "{% unknown a=1 %}", "{% endunknown %}", "{% if x %}", "{% else %}", "{% endif %}", "{% for a in b %}",
    "{% endfor %}", "{% quote %}", "{% endquote %}", "{% youtube x %}", "{% post_link a %}", "{% tabs %}", "{% endtabs %}", "{% codeblock %}", "{% endcodeblock %}",
    "{{< figure src=a.png >}}", "{{<tab>}}", "{{</tab>}}", "{{< tabs >}}", "{{< /tabs >}}", "{{% box %}}", "{{% /box %}}", '{{< unknown "x" >}}', "{{< /unknown >}}",
    "{{< highlight go >}}", "{{< /highlight >}}", "{{% kbd x %}}", "{{< loop a b >}}", "{{< tab2 >}}", "{{< /tab2 >}}", "{{< ref x >}}", "{# note #}", "<!-- tab X -->", "<!-- endtab -->",
    "\n", "\n\n", "> ", "- ", "1. ", "    ", "  ", "| a | b |\n|---|---|\n", "text", "**bold**", "<div>", "</div>", "<b>", "[x](y)", "中文",
])  # fmt: skip


@given(st.lists(PIECES, max_size=30))
def test_no_mark_survives(pieces: list[str]) -> None:
    """Whatever tags stand where: outside of code none of their marks comes out, and nothing raises."""
    body = "".join(pieces)
    result = cleaned(body, ("hexo", "hugo"))
    shown = re.sub(r"<pre>.*?</pre>|<code\b[^>]*>.*?</code>", "", result.html, flags=re.DOTALL)
    assert not re.search(r"\{%|\{\{<|\{\{&lt;|\{\{%|%\}|&gt;\}\}", shown)


HIDING = st.sampled_from([
    "{% comment %}SECRET{% endcomment %}", "{%- comment -%}SECRET\nSECRET{%- endcomment -%}", "{# SECRET #}", "{#SECRET\n\nSECRET#}", "{{< comment >}}SECRET{{< /comment >}}",
    "{{% comment %}}\nSECRET\n{{% /comment %}}", "{::comment}SECRET{:/comment}", "{::comment}\nSECRET\n{:/}", "<!-- SECRET -->", "<!--\nSECRET\n\n-->", "\n\n%%\nSECRET\n%%\n\n", " %%SECRET%% ",
    '{{% hugo-encryptor "SECRET" %}}SECRET{{% /hugo-encryptor %}}', "{{<hugo-encrypt SECRET>}}\nSECRET\n{{</hugo-encrypt>}}", "{% encrypt SECRET %}\nSECRET\n\nSECRET{% endencrypt %}",
])  # fmt: skip
AROUND = st.sampled_from(
    [
        "\n",
        "\n\n",
        "> ",
        "- ",
        "1. ",
        "| a |\n|---|\n",
        "text ",
        "**bold** ",
        "{% note %}",
        "{% endnote %}",
        "{{< box >}}",
        "{{< /box >}}",
        "<div>",
        "</div>",
        "中文",
        "## ",
    ]
)


@given(st.lists(st.one_of(HIDING, AROUND, AROUND), max_size=20))
def test_nothing_hidden_survives(pieces: list[str]) -> None:
    """A note to oneself stays hidden in whatever paragraph, list, quote, table or box it stands."""
    result = cleaned("".join(pieces), PLAIN_TABLES)
    assert "SECRET" not in result.html + result.text + repr(result.notes)


@given(
    st.text(alphabet="{}%<>#:/`\"'=|[]!- \n*aé中", max_size=300),
    st.sampled_from([(table,) for table in TABLES] + [PLAIN_TABLES]),
    st.sampled_from(["markdown", "html"]),
)
def test_any_text_is_a_body(body: str, tables: tuple[str, ...], markup: str) -> None:
    """No text makes it raise, and none makes it longer than its marks explain."""
    made, fragments = template_tags.replaced(body, replace(context(tables), markup=markup))
    assert len(fragments.filled(made)) < 60 * len(body) + 300


@given(st.text(alphabet="ab \n>-*_`c<i/d1.é中", max_size=200))
def test_text_without_marks_is_left_alone(body: str) -> None:
    made, _ = template_tags.replaced(body, context(PLAIN_TABLES))
    assert made == body


@pytest.mark.parametrize(
    ("body", "title", "rest"),
    [
        ("# Title {% comment %}SECRET{% endcomment %} here\nText.", "Title here", "<p>Text.</p>"),
        ("# Title {# SECRET #}\nText.", "Title", "<p>Text.</p>"),
        ("# Title {#title .x}\nText.", "Title", "<p>Text.</p>"),
        ("# Title %%SECRET%%\nText.", "Title", "<p>Text.</p>"),
        ("# Title <!-- SECRET -->\nText.", "Title", "<p>Text.</p>"),
        ("Title {::comment}SECRET{:/}\n=====\nText.", "Title", "<p>Text.</p>"),
        ("# Title {% comment %}SECRET\nSECRET{% endcomment %}Text.", "Title", "<p>Text.</p>"),
        ("# Title {{< comment >}}SECRET\n\nText.", "Title", ""),
        ("# 50%% and {# of it\nText.", "50%% and {# of it", "<p>Text.</p>"),
        ("# C#\nText.", "C#", "<p>Text.</p>"),
        ("# C# #\nText.", "C#", "<p>Text.</p>"),
        ('# [18. Tea](https://a.example/b_(c) "x") and `<b>`\nText.', "18. Tea and <b>", "<p>Text.</p>"),
        ('# [18. Tea [hot]](https://a.example/b "x") and ``a`b``\nText.', "18. Tea [hot] and ``a`b``", "<p>Text.</p>"),
        ("Black **[Tea](a.md)** ![cup](c.png)\n====\nText.", "Black Tea cup", "<p>Text.</p>"),
        ("# [[pots|Pots]], [[cups]] [x] ~~old~~ *new* __init__\nText.", "Pots, cups [x] old new init", "<p>Text.</p>"),
        (r"# snake_case_name 2 * 3 * 4 \*x\* a_b_ ~1~" + "\nText.", "snake_case_name 2 * 3 * 4 *x* a_b_ ~1~", "<p>Text.</p>"),
        ("# **use `a*b`** and _`c_d`_\nText.", "use a*b and c_d", "<p>Text.</p>"),
        ("<h1>2 *3* 4</h1>\nText.", "2 *3* 4", "<p>Text.</p>"),
    ],
)
def test_a_heading_that_is_the_title(body: str, title: str, rest: str) -> None:
    """A note to oneself in the heading is neither in the title nor in the text; marks of Markdown are not in the title."""
    post = Post("a.md", "0", {}, {}, body, 1, "markdown")
    assert text.one_line(headings.heading(post)[0]) == title
    assert cleaned(headings.words(post)[0], PLAIN_TABLES).html == rest
