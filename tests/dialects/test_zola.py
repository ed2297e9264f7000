"""What Zola's blogs mean beyond the recorded sites: own short codes, slugs, ignored files."""

from __future__ import annotations

from pathlib import Path

import pytest

from feeds import content
from feeds.content import Policy
from feeds.content.flavour import PULLDOWN_CMARK
from feeds.content.template_tags import TagContext
from feeds.dialects.config_files import SiteFolder
from feeds.dialects.zola import DIALECT, _glob, slugified

TEMPLATES = {
    "kinds": "{{ a }}|{{ b + 1 }}|{% if c %}yes{% else %}no{% endif %}|{{ d | join(sep='-') }}|{{ e | default(value='none') }}",
    "box": '<div class="{{ kind | default(value="info") }}">{{ body | markdown | safe }}</div>',
    "inline": "<b>{{ body | markdown(inline=true) | safe }}</b>",
    "plain": "<i>{{ body }}</i>",
    "note.md": "**Note:** {{ body }}",
    "address": '<img src="{{ get_url(path="img/a b.png") }}"> {{ page.title }} {{ config.base_url }}',
    "files": '{{ load_data(path="x.json") }}',
    "macro": '{% import "m.html" as m %}{{ m::x() }}',
    "endless": "{% for a in range(end=100000000) %}x{% endfor %}",
    "escape": "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "swapped": '{{ "a b" | replace(from=" ", to="+") | split(pat="+") | length }}',
}


def shown(body: str) -> str:
    tags = TagContext(tables=("zola",), home="https://site.example/b/", page={"title": "T"}, templates=TEMPLATES)
    cleaned = content.clean(
        body, "markdown", content.Reading(PULLDOWN_CMARK, tags), base_url="https://site.example/b/a/", policy=Policy()
    )
    return str(cleaned.html)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('{{ kinds(a="x <y>", b=2, c=true, d=["p", "q"]) }}', "x &lt;y&gt;|3|yes|p-q|none"),
        ("{{ kinds(a='x', b=-1, c=false, d=[1, 2,], e=`v`) }}", "x|0|no|1-2|v"),
        ('{% box(kind="tip") %}\nSome **bold** text.\n{% end %}', "<strong>bold</strong>"),
        ("{% inline() %}just *em*{% end %}", "<b>just <em>em</em></b>"),
        ("{% plain() %}1 < 2{% end %}", "<i>1 &lt; 2</i>"),
        ("{% note() %}\nsee *this*\n{% end %}", "<strong>Note:</strong> see <em>this</em>"),
        ("{{ address() }}", "https://site.example/b/img/a%20b.png"),
        ("{{ address() }}", "T https://site.example/b"),
        ("{{ swapped() }}", "2"),
    ],
)
def test_own_short_codes(body: str, expected: str) -> None:
    assert expected in shown(body)


@pytest.mark.parametrize("name", ["files", "macro"])
def test_a_template_that_needs_other_files_is_not_guessed(name: str) -> None:
    html = shown(f"Before {{{{ {name}() }}}} after")
    assert "Before" in html
    assert "after" in html
    assert "{{" not in html


def test_a_template_reaches_nothing_of_python_and_ends() -> None:
    assert "class" not in shown("a {{ escape() }} b")
    assert shown("a {{ endless() }} b").count("x") <= 1000


@pytest.mark.parametrize(
    ("text", "strategy", "slug"),
    [
        ("北京 Beijing", "on", "bei-jing-beijing"),
        ("什么", "on", "shen-me"),
        ("--A_b--", "on", "a-b"),
        ("naïve ½", "on", "naive-1-2"),
        ('a<b>:"c" .', "safe", "abc"),
        ("a b.", "off", "a b."),
        ("", "on", ""),
    ],
)
def test_slugs(text: str, strategy: str, slug: str) -> None:
    assert slugified(text, strategy) == slug


@pytest.mark.parametrize(
    ("pattern", "fits"),
    [("*.draft.md", True), ("**/notes/*", False), ("*/blog/a.draft.md", True), ("*.{md,txt}", True), ("a.draft.md", False)],
)
def test_ignored_content(pattern: str, fits: bool) -> None:
    assert _glob(pattern, "/content/blog/a.draft.md") is fits


@pytest.mark.parametrize(
    ("written", "heading"),
    [
        ("Make {tidy}", "Make"), ("Make{#make .x}", "Make"), ("Make {k=\"v w\"}", "Make"), ("Make {tidy} now", "Make {tidy} now"),
        ("Make {a<b}", "Make {a&lt;b}"), ("Make {`tidy`} now", "Make {<code>tidy</code>} now"),
    ],
)  # fmt: skip
def test_braces_behind_a_heading_are_attributes(written: str, heading: str) -> None:
    assert f">{heading}</h2>" in shown(f"## {written}")


def test_settings_are_zola_toml_before_config_toml(tmp_path: Path) -> None:
    (tmp_path / "content").mkdir()
    titles = []
    for name in ("config.toml", "zola.toml"):
        (tmp_path / name).write_text(f'base_url = "https://site.example"\ntitle = "{name}"', "utf-8")
        found = DIALECT.detect(SiteFolder(tmp_path))
        assert found is not None
        titles.append(found.settings["title"])
    assert titles == ["config.toml", "zola.toml"]
