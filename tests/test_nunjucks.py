"""Nunjucks by Jinja2's sandbox: what it evaluates, what stays for the tables of tags, and its bounds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from feeds.content.liquid.session import Scope, unguarded
from feeds.content.nunjucks import engine as nunjucks
from feeds.content.nunjucks import text as nunjucks_text

NOW = datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)
DATA: Mapping[str, Any] = {
    "title": "A <title>", "items": ["one", "two"], "table": {"a": 1, "items": 2}, "page": {"date": NOW}, "yes": True, "nothing": None,
    "long": "x" * 60_000, "many": ["y"] * 20_000,
}  # fmt: skip


def scope(files: Mapping[str, str] | None = None, **changes: Any) -> Scope:
    include: Callable[[str, bool], str | None] = lambda name, relative: (files or {}).get(name)  # noqa: E731
    facts: dict[str, Any] = {
        "variables": DATA, "include": include, "address": lambda form, name, line: name, "markdown": str, "now": NOW, "zone": UTC,
        "home": "https://blog.example/", "language": "nunjucks",
    }  # fmt: skip
    return Scope(**{**facts, **changes})


def text(source: str, files: Mapping[str, str] | None = None, **changes: Any) -> str:
    return unguarded(nunjucks_text.render(source, scope(files, **changes), most=1_000_000).text)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{{ title }} {{ title | safe }}", "A &lt;title&gt; A <title>"),
        ("{{ items }} {{ table }} {{ yes }} {{ nothing }} {{ ['a', 'b'] }}", "one,two [object Object] true  a,b"),
        ("{{ missing.deep.er(3) }}{{ missing }}", ""),
        ("{{ items.length }} {{ items | length }} {{ items | join('-') }} {{ table.items }}", "2 2 one-two 2"),
        ("{{ page.date.getFullYear() }} {{ page.date.toISOString() }}", "2024 2024-01-02T03:04:05.000Z"),
        ("{% for k, v in table %}{{ k }}={{ v }};{% endfor %}", "a=1;items=2;"),
        ("{% for i in items %}{{ loop.index }}{{ i }}{% if not loop.last %},{% endif %}{% endfor %}", "1one,2two"),
        ("{% if yes === true %}a{% elseif yes %}b{% else %}c{% endif %}", "a"),
        ("{% asyncEach i in items %}{{ i }}{% endeach %}", "onetwo"),
        ("{{ 7 / 2 }} {{ 6 / 2 }} {{ 'n' + 1 }} {{ 'a' ~ 1 }}", "3.5 3 n1 a1"),
        ("{# a note #}text{% comment %}x{% endcomment %}", "text"),
        ("{% raw %}{{ title }} {% if %}{% endraw %}", "{{ title }} {% if %}"),
        ("{% verbatim %}{{ title }}{% endverbatim %}", "{{ title }}"),
        ("{% set a %}x{% endset %}{{ a }}", "x"),
        ('{% image "a.png", title %}', '{% image "a.png", "A <title>" %}'),
        ("{% note info %}{{ items[0] }}{% endnote %}", "{% note info %}one{% endnote %}"),
        ("{{ '{{ 1 }}' }} {{ never closed", "{{ 1 }} {{ never closed"),
        ("{{ 'Some Words' | mySlugFilter }} {{ 'x' | other(1, a=2) }}", "Some Words x"),
    ],
)
def test_what_a_template_shows(source: str, expected: str) -> None:
    assert text(source) == expected


def test_included_files_see_the_same_data() -> None:
    files = {"a.njk": "[{{ title | safe }}{% include 'b.njk' %}]", "b.njk": "!"}
    assert text('{% include "a.njk" %}{% include "no.njk" %}', files) == '[A <title>!]{% include "no.njk" %}'
    assert text('{% include "self.njk" %}', {"self.njk": "x{% include 'self.njk' %}"}).startswith("xxxxx")


def test_text_without_template_marks_is_unchanged() -> None:
    assert text("{{ title }} {% if %}", enabled=False) == "{{ title }} {% if %}"


def test_an_error_leaves_the_text_outside_of_blocks_and_is_told() -> None:
    done = nunjucks_text.render("before {{ title }} {% if yes %}inside{% endif %} after {{ 1 | }}", scope(), most=1_000_000)
    assert unguarded(done.text) == "before   after "
    assert [message.code for message in done.messages] == ["nunjucks-error"]


def test_a_template_in_the_result_is_not_evaluated_again() -> None:
    assert text("{{ a }}", variables={"a": "{{ title }}{% image %}"}) == "{{ title }}{% image %}"
    assert "{%" not in nunjucks_text.render("{{ a }}", scope(variables={"a": "{% image %}"}), most=100).text


@pytest.mark.parametrize(
    "template",
    [
        "{% set a = long ~ long %}" + "{% set a = a ~ a %}" * 30,
        "{% set a = long %}" + "{% set a = a + a %}" * 30,
        "{% set a %}{{ long }}{% endset %}" + "{% set a %}{{ a }}{{ a }}{% endset %}" * 30,
        "{% set a = 9 %}" + "{% set a = a * a %}" * 60,
        "{{ 9 ** 999999 }}",
        "{{ 'x' * 999999999 }}",
        "{% for a in many %}{% for b in many %}{% endfor %}{% endfor %}",
        "{% for a in many %}" + "{% if a %}{% endif %}" * 100 + "{% endfor %}",
        "{% for a in many %}{{ long | replace('x', 'yy') | length }}{% endfor %}",
        "{% for a in range(999999999) %}{% endfor %}",
        "{% set a = long %}" + "{% set a = a + a %}" * 3 + "{% for b in many %}{% set c = a.toLowerCase() %}{% endfor %}" * 9,
        "{% set a = long %}" + "{% set a = a + a %}" * 3 + "{% for b in many %}{% set c = a ~ a %}{% endfor %}" * 9,
        "{% set a = long %}" + "{% set a = a + a %}" * 3 + "{% for b in many %}{% set c = a + a %}{% endfor %}" * 9,
        "{{ many | join(long) }}",
        "{{ long | replace('x', long) }}",
        "{% macro a() %}{{ a() }}{{ a() }}{% endmacro %}{{ a() }}",
        "{% for a in items recursive %}{{ loop(items) }}{% endfor %}",
        "{% block x %}{{ self.x() }}{% endblock %}",
        "{% if 1 %}" * 200 + "{% endif %}" * 200,
        "{{" + "(" * 500 + "1" + ")" * 500 + "}}",
        "{% include 'x' %}",
        "{% extends 'x' %}",
    ],
)
def test_what_costs_too_much_or_is_refused(template: str) -> None:
    with pytest.raises(nunjucks.TemplateError):
        nunjucks.render(template, DATA, {})


@pytest.mark.parametrize(
    "expression",
    [
        "''.__class__", "''['__class__']", "items.__class__.__mro__", "table.__init__", "range.__self__", "items | attr('__class__')",
        "items.append('x')", "table.update({'b': 2})", "page.date.replace(year=1)", "title.format(1)", "title.encode()",
        "self", "self._TemplateReference__context", "lipsum", "cycler.__init__",
    ],
)  # fmt: skip
def test_nothing_of_python_is_reached(expression: str) -> None:
    try:
        assert nunjucks.render(f"{{{{ {expression} }}}}", DATA, {}) in ("", "&lt;TemplateReference None&gt;")
    except nunjucks.TemplateError:
        pass
    assert DATA["items"] == ["one", "two"]
    assert DATA["table"] == {"a": 1, "items": 2}


@pytest.mark.parametrize("filtered", ["'%99999999s' | format(1)", "'a' | center(99999999)", "[1] | batch(99999999, 'x') | list"])
def test_filters_that_make_texts_of_any_length_do_nothing(filtered: str) -> None:
    assert len(nunjucks.render(f"{{{{ {filtered} }}}}", DATA, {})) < 20


def test_liquid_of_addresses() -> None:
    template = "{% unless nothing %}{{ title | downcase | replace: ' ', '-' | append: '.html' }}{% endunless %}"
    assert nunjucks.render(nunjucks.from_liquid(template), {"title": "A B"}, {}, escape=False) == "a-b.html"
    assert nunjucks.render(nunjucks.from_liquid("{{ page.date | date: '%Y/%-m' }}"), DATA, {}) == "2024/1"
