"""Parts of a post that its author hides never come out: in whatever generator's marks, and whichever generator the blog has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from feeds import text
from feeds.build import run
from feeds.content import pipeline
from feeds.content.flavour import KRAMDOWN, PLAIN, Flavour
from feeds.content.policy import Policy
from feeds.content.template_tags import TagContext
from feeds.dialects import NAMES, by_name
from feeds.settings import Settings

#: Each holds SECRET where it is hidden, and KEEP where it is not.
HIDDEN = [
    "KEEP <!-- SECRET --> KEEP", "{% comment %}SECRET{% endcomment %}KEEP", "- a\n  - b {%- comment -%} SECRET {%- endcomment %} KEEP",
    "KEEP {# SECRET #}", "{# SECRET\nSECRET #}\n\nKEEP", "{% private %}SECRET{% endprivate %} KEEP", "KEEP {% # SECRET %}",
    "{% comment %}SECRET {% comment %}SECRET{% endcomment %} SECRET{% endcomment %} KEEP", "{% password SECRET %}SECRET{% endpassword %}KEEP",
    "KEEP\n\n{::comment}SECRET{:/comment}", "{::comment}\nSECRET\n{:/}\n\nKEEP",
    "[hide]SECRET[/hide] KEEP", "[hide]\nSECRET `SECRET`\n\nSECRET[/hide]\n\nKEEP", "[private note='x']SECRET[/private]KEEP",
    "[passster password=\"SECRET\"]SECRET[/passster]KEEP", "[members_only]SECRET[/members_only] KEEP", "[login]SECRET[/login]KEEP",
    "::: private\nSECRET\n:::\n\nKEEP", "::: secret\nSECRET\n\n::: tip\nSECRET\n:::\nSECRET\n:::\n\nKEEP", ":::{.hidden}\nSECRET\n:::\nKEEP",
    "> [!private] SECRET\n> SECRET\n\nKEEP", "> [!hidden]- x\n> SECRET\n\nKEEP", "KEEP\n<!--members-only-->\nSECRET",
    "<!-- private -->SECRET<!-- /private --> KEEP", "<!-- draft:start -->SECRET<!-- draft:end --> KEEP",
    "<!-- wp:passster/content-protector {\"a\":1} -->\nSECRET\n<!-- /wp:passster/content-protector -->\n\nKEEP",
    "KEEP <%# SECRET %>", "KEEP <%-- SECRET --%>", "<div class=\"hidden\">SECRET</div>\n\nKEEP", "<p class=\"d-none\">SECRET</p>\n\nKEEP",
    "<section class=\"box no-rss\">SECRET</section>\n\nKEEP", "<p v-if=\"false\">SECRET</p>\n\nKEEP", "<p style=\"opacity: 0\">SECRET</p>\n\nKEEP",
    "<p style=\"color:red;font-size:0px\">SECRET</p>\n\nKEEP", "<comment>SECRET</comment>\n\nKEEP",
    "KEEP <!- SECRET -->", "KEEP <! -- SECRET -->", "<!— SECRET —> KEEP", "KEEP\n\n<!-- SECRET", "KEEP\n\nx <!-- SECRET\n\nKEEP",
    "{% if jekyll.environment == 'development' %}SECRET{% endif %} KEEP", "KEEP\n\n{% unless jekyll.environment == 'production' %}\nSECRET\n{% endunless %}",
    "{% if site.show_drafts %}SECRET{% endif %}KEEP", "KEEP %% SECRET %%", "KEEP %%a SECRET note%%", "KEEP %%i SECRET note %%is", "KEEP %%秘密SECRET%%", "{% COMMENT %}SECRET{% ENDCOMMENT %}KEEP", "{#\nSECRET\n\nSECRET\n#}\n\nKEEP",
    "KEEP {/* SECRET */}", "{/*\nSECRET\n\nSECRET */}\n\nKEEP", "KEEP {>> SECRET <<} KEEP", "{% if-private %}SECRET{% endif-private %}KEEP",
    "%%\nSECRET\n\nSECRET\n%%\n\nKEEP",
    "KEEP\n\n<!--kg-card-begin: paywall-->\n\n<!--kg-card-end: paywall-->\n\nSECRET",
    "<!--kg-card-begin: email-->\n<p>SECRET</p>\n<!--kg-card-end: email-->\n\nKEEP",
    "KEEP\n\n<!-- wp:jetpack/paywall /-->\n\n<p>SECRET</p>",
    "<!-- wp:jetpack/premium-content/container -->\n<p>SECRET</p>\n<!-- /wp:jetpack/premium-content/container -->\n\nKEEP",
    "[mepr-active membership=\"1\"]SECRET[/mepr-active] KEEP", "[ihide]SECRET[/ihide]KEEP", "[subscribers_only]SECRET[/subscribers_only] KEEP",
    "<!-- encrypt -->SECRET<!-- /encrypt --> KEEP", "<dialog>SECRET</dialog>\n\nKEEP", "::: {.content-hidden}\nSECRET\n:::\n\nKEEP",
]  # fmt: skip
#: The same, where Liquid or Tera does not read the marks in another way first.
HIDDEN_OF_HUGO = [
    "{{< secret >}}SECRET{{< /secret >}}KEEP", "{{% comment %}}\nSECRET\n\nSECRET\n{{% /comment %}}\n\nKEEP", "{{< hide >}}SECRET{{< /hide >}} KEEP",
    "{{< draft >}}SECRET{{< /draft >}}KEEP", "{{< paywall >}}\nSECRET\n{{< /paywall >}}\n\nKEEP", "{{< norss >}}SECRET{{< /norss >}}KEEP",
    "{{< lock pwd=\"SECRET\" >}}SECRET{{< /lock >}}KEEP", "KEEP {{/* SECRET */}}", "KEEP {{!-- SECRET --}}", "KEEP {{! SECRET }}",
    "{{% fixit-encryptor \"SECRET\" \"x\" %}}\nSECRET\n{{% /fixit-encryptor %}}\n\nKEEP", "{{< vip >}}SECRET{{< /vip >}}KEEP",
    "{{< Comment >}}SECRET{{< /Comment >}}KEEP", "{{% HUGO-ENCRYPTOR \"SECRET\" %}}SECRET{{% /HUGO-ENCRYPTOR %}}KEEP",
]  # fmt: skip
SHOWN = [
    "\t%% 说明 one\n\tKEEP\n\t%% 说明 two",
    "for %%i in (KEEP b) do echo KEEP %%i", "for %%f in (*.txt) do KEEP %%~nxf", "100%% KEEP 50%%", "for %%% where %%% KEEP is %%%", "a <! KEEP", "`{/* KEEP */}`", "```\n{/* KEEP */}\n```", "a {/* KEEP", "function(){/* KEEP */}", "x {>> KEEP", "`<!- KEEP -->`", "`<!-- KEEP`", "```\n<!-- KEEP\n```", "a <!- KEEP",
    "[hide](https://x.example/) KEEP", "[private] KEEP", "::: tip\nKEEP\n:::", "`[hide]KEEP[/hide]`", "    [hide]KEEP[/hide]\n", "```\n::: private\nKEEP\n:::\n```",
    "> [!note]\n> KEEP", "> [!comment] x\n> KEEP", "<p class=\"hidden md:block\">KEEP</p>", "<p class=\"note private\">KEEP</p>", "<div class=\"hidden\" id=\"tab\">KEEP</div>",
    "<!-- private -->KEEP", "{{< hide >}} KEEP", "100%% KEEP", "<p style=\"opacity: 0.5\">KEEP</p>", "<p v-if=\"a\">KEEP</p>", "::: private\nKEEP", "${#a[@]} KEEP #}",
    "<dialog open>KEEP</dialog>", "[access](https://x.example/) KEEP", "<!-- email -->KEEP", "<!--kg-card-begin: html-->KEEP<!--kg-card-end: html-->",
    "## KEEP {#id}", "{{! KEEP", "`{% comment %}KEEP{% endcomment %}`", "<%= KEEP %>",
]  # fmt: skip


def _shown(body: str, tables: tuple[str, ...], flavour: Flavour = PLAIN, markup: str = "markdown") -> str:
    reading = pipeline.Reading(flavour, TagContext(tables=tables))
    cleaned = pipeline.clean(body, markup, reading, base_url="https://example.org/", policy=Policy())
    return cleaned.html + cleaned.text + str(cleaned.excerpt_text)


@pytest.mark.parametrize("generator", NAMES)
def test_what_is_hidden_never_comes_out(generator: str) -> None:
    dialect = by_name(generator)
    bodies = HIDDEN if {"zola", "jekyll"} & set(dialect.tag_tables) else HIDDEN + HIDDEN_OF_HUGO
    results = {body: _shown(body, dialect.tag_tables, dialect.flavour) for body in bodies}
    assert [body for body, result in results.items() if "SECRET" in result] == []
    assert [body for body, result in results.items() if "KEEP" not in result] == []


@pytest.mark.parametrize("tables", [("hugo", "wordpress"), by_name("plain").tag_tables])
def test_what_is_not_hidden_stays(tables: tuple[str, ...]) -> None:
    assert [body for body in SHOWN if "KEEP" not in _shown(body, tables)] == []


def test_comments_of_erlang_are_no_notes_outside_a_vault() -> None:
    """Each line has a mark of its own, and what is between two of them is not between the marks of a note."""
    body = "a %% SECRET %%\n\n%% 说明 one\nKEEP\n%% 说明 two\n"
    shown = _shown(body, by_name("hexo").tag_tables)
    assert "KEEP" in shown and "说明 two" in shown and "SECRET" not in shown


@pytest.mark.parametrize("name", ["jekyll", "eleventy"])
def test_short_codes_hide_where_a_template_engine_reads_the_text(
    make_site: Callable[[Mapping[str, str]], Path], name: str
) -> None:
    """Liquid and Nunjucks take `{{< secret >}}` for an expression, and would leave what is between its marks."""
    bodies = (*HIDDEN_OF_HUGO[:7], "KEEP\n\n{{< secret >}}\nSECRET\n", "{% raw %}{{< secret >}}{% endraw %} KEEP")
    front = "---\ntitle: {}\ndate: 2021-01-01\nlayout: post\ntags: post\n---\n"
    posts = {
        f"{'_posts' if name == 'jekyll' else 'posts'}/2021-01-01-p{number}.md": front.format(number) + body
        for number, body in enumerate(bodies)
    }
    folder = make_site({**posts, "feeds.toml": ""})
    site = Settings(
        base_url="https://example.org/", posts=folder, output=folder / "o", state=folder / "s", config=folder / "feeds.toml",
        workers=1, limit=0, generator=name, dialect={"collection": "all"} if name == "eleventy" else {},
    )  # fmt: skip
    with run.look(site, datetime(2026, 1, 1, tzinfo=UTC)) as (_, built):
        contents = {entry.title: entry.content for entry in built.publication.feeds[0].entries}
    assert len(contents) == len(bodies)
    assert not [content for content in contents.values() if "SECRET" in content or "KEEP" not in content]


def test_the_same_in_html() -> None:
    bodies = [body for body in HIDDEN if not body.startswith((":::", ">", "- "))]
    assert [body for body in bodies if "SECRET" in _shown(body, ("hexo", "wordpress"), markup="html")] == []


@pytest.mark.parametrize(
    "line",
    [
        "KEEP {# SECRET #}", "KEEP {% comment %}SECRET{% endcomment %}", "{%- comment -%} SECRET {%- endcomment -%}KEEP", "KEEP %% SECRET %%",
        "KEEP <!-- SECRET -->", "{::comment}SECRET{:/comment}KEEP", "KEEP {{< comment >}}SECRET{{< /comment >}}", "{# SECRET #} KEEP {# SECRET", "KEEP {{/* SECRET */}}",
    ],
)  # fmt: skip
def test_notes_in_titles_and_summaries_never_come_out(make_site: Callable[[Mapping[str, str]], Path], line: str) -> None:
    keys = f"date: 2021-01-01\ntitle: '{line}'\nsummary: '{line}'\ntags: ['{line}']\nauthor: '{line}'"
    folder = make_site({"a.md": f"---\n{keys}\n---\nText.\n", "feeds.toml": ""})
    site = Settings(
        base_url="https://example.org/",
        posts=folder,
        output=folder / "o",
        state=folder / "s",
        config=folder / "feeds.toml",
        workers=1,
    )
    with run.look(site, datetime(2026, 1, 1, tzinfo=UTC)) as (_, built):
        [entry] = built.publication.feeds[0].entries
    assert "SECRET" not in repr(entry)
    assert "KEEP" in entry.title and "KEEP" in entry.summary


@pytest.mark.parametrize(
    "title", ["Use {# #} in Jinja", "100 %% off", "a {#b} c", "{% comment %} in Liquid", "%%a%% b", "50%% and {#c"]
)
def test_titles_about_notes_stay(title: str) -> None:
    assert text.plain(title, 300) == title


@pytest.mark.parametrize("body", ["SECRET\n{: .hidden}\n\nKEEP", "SECRET\n{: .box .no-feed}\n\nKEEP"])
def test_a_class_in_an_attribute_list_hides(body: str) -> None:
    result = _shown(body, ("kramdown",), KRAMDOWN)
    assert "SECRET" not in result and "KEEP" in result


def test_a_hidden_section_is_told() -> None:
    cleaned = pipeline.clean("a\n\n[hide]b[/hide]\n", "markdown", base_url="https://example.org/", policy=Policy())
    assert [(note.code, note.line) for note in cleaned.notes] == [("section-hidden", 3)]


def test_a_comment_of_obsidian_that_is_not_closed_hides_what_follows() -> None:
    """`%% note` at the beginning of a line goes on to the next mark, in whatever paragraph that is, else to the end."""
    tables = by_name("obsidian").tag_tables
    assert "SECRET" not in _shown("KEEP\n\n%% SECRET\n\nSECRET\n", tables)
    closed = _shown("KEEP\n\n%% SECRET\n\nSECRET %% more\n", tables)
    assert "SECRET" not in closed and "more" in closed
    assert "KEEP" in _shown("100 %% KEEP\n", tables)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("a\n\n{% note info %}\nKEEP", True), ("{% blockquote Ben %}\nKEEP", True), ("{% tabs a %}\nKEEP", True),
        ("{% note info %}KEEP{% endnote %}", False), ("{% note a text that it holds itself %}\nKEEP", False),
    ],
)  # fmt: skip
def test_a_box_of_hexo_without_its_end_is_told(body: str, told: bool) -> None:
    reading = pipeline.Reading(PLAIN, TagContext(tables=by_name("hexo").tag_tables))
    cleaned = pipeline.clean(body, "markdown", reading, base_url="https://example.org/", policy=Policy())
    assert (
        any(note.code == "tag-unclosed" and note.line == 1 + body.count("\n", 0, body.index("{%")) for note in cleaned.notes)
        is told
    )
    assert "KEEP" in cleaned.html
