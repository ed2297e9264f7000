"""Liquid in posts: it shows what Jekyll shows, never a comment, within bounds; and a post follows what its templates use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.build import run
from feeds.content.liquid import engine, session
from feeds.content.liquid.session import Scope, unguarded
from feeds.settings import Settings

MakeSite = Callable[[Mapping[str, str | bytes]], Path]
MOST = 2_000_000
PAGE = {
    "title": "A <b> & 'c'", "n": 3, "words": ["pear", "Apple", "fig", "apple"], "empty": "", "no": False,
    "objs": [{"n": "b", "v": 2, "d": {"e": 1}}, {"n": "a", "v": 1}, {"n": "c", "v": 2}],
    "date": datetime(2021, 10, 2, tzinfo=ZoneInfo("Asia/Shanghai")),
}  # fmt: skip
INCLUDES = {
    "note.html": "[{{ include.text }} by {{ include.who | default: 'nobody' }} in {{ page.n }}]",
    "self.html": "x{% include self.html %}",
}


def scope(asked: list[str] | None = None) -> Scope:
    def include(name: str, relative: bool) -> str | None:
        if asked is not None:
            asked.append(name)
        return INCLUDES.get(name)

    return Scope(
        variables={"page": PAGE, "site": {"posts": [], "data": {"a": {"b": 7}}}}, include=include,
        address=lambda tag, name, line: f"/b/{tag}/{name}", markdown=lambda text: f"<p>{text}</p>",
        now=datetime(2020, 2, 3, 4, 5, 6, tzinfo=UTC), zone=ZoneInfo("Asia/Shanghai"), home="https://h.example/b/",
    )  # fmt: skip


def shown(source: str) -> str:
    return unguarded(engine.render(source, scope(), most=MOST).text)


#: Each as Jekyll 4.3 with Liquid 5.4 shows it.
SHOWN = {
    "{{ page.title }}|{{ page.nothing }}|{{ page.objs[0].d.e }}|{{ page.words.first }}{{ page.words.size }}": "A <b> & 'c'||1|pear4",
    "{% if page.n > 2 and page.words contains 'fig' %}y{% elsif x %}z{% else %}n{% endif %}": "y",
    "{% unless page.no %}u{% endunless %}{% case page.n %}{% when 1, 3 %}c{% else %}d{% endcase %}": "uc",
    "{% for w in page.words limit:2 offset:1 %}{{ forloop.index }}{{ w }}{% unless forloop.last %},{% endunless %}{% endfor %}": "1Apple,2fig",
    "{% for i in (1..5) reversed %}{% if i == 4 %}{% continue %}{% endif %}{% if i == 2 %}{% break %}{% endif %}{{ i }}{% endfor %}": "53",
    "{% for x in none %}a{% else %}b{% endfor %}{% assign k = 'v' %}{% capture c %}<{{ k }}>{% endcapture %}{{ c }}": "b<v>",
    "a {{- ' b ' -}} c {%- if true -%} d {%- endif -%} e": "a b cde",
    "{% raw %}{{ x }}{% tag %}{% endraw %}": "{{ x }}{% tag %}",
    "{{ page.objs }}": '{"n"=>"b", "v"=>2, "d"=>{"e"=>1}}{"n"=>"a", "v"=>1}{"n"=>"c", "v"=>2}',
    "{{ page.date }}|{{ page.no }}|{{ nil }}|{{ 1.0 }}": "2021-10-02 00:00:00 +0800|false||1.0",
    "{{ 'a,b,,' | split: ',' | join: '-' }}|{{ 'x y' | replace: ' ', '_' | upcase }}": "a-b|X_Y",
    "{{ 'one two three' | truncatewords: 2 }}|{{ 'one two' | truncatewords: 2 }}|{{ 'long text' | truncate: 7 }}": "one two...|one two|long...",
    "{{ page.words | sort | join }}|{{ page.words | sort_natural | join }}|{{ page.words | uniq | size }}": "Apple apple fig pear|Apple apple fig pear|4",
    "{{ page.objs | where: 'v', 2 | map: 'n' | join: '+' }}|{{ page.objs | where_exp: 'o', 'o.v > 1' | size }}": "b+c|2",
    "{{ page.objs | sort: 'n' | map: 'n' | join }}|{{ page.objs | group_by: 'v' | map: 'name' | join: ',' }}": "a b c|2,1",
    "{{ page.objs | find: 'n', 'a' | inspect }}|{{ page.objs | jsonify }}": '{&quot;n&quot;=&gt;&quot;a&quot;, &quot;v&quot;=&gt;1}|'
    '[{"n":"b","v":2,"d":{"e":1}},{"n":"a","v":1},{"n":"c","v":2}]',
    "{{ 7 | plus: 3 | times: 2 | divided_by: 3 }}|{{ 10.0 | divided_by: 4 }}|{{ 3.456 | round: 1 }}|{{ -3 | abs }}|{{ 2.5 | round }}": "6|2.5|3.5|3|3",
    "{{ '12x' | to_integer }}|{{ 0.1 | plus: 0.2 }}|{{ 'x' | plus: 1 }}": "12|0.3|1",
    "{{ 'A Título, x' | slugify }}|{{ 'A T.x' | slugify: 'pretty' }}|{{ 'A Tí' | slugify: 'ascii' }}|{{ 'Tí' | slugify: 'latin' }}": "a-título-x|a-t.x|a-t|ti",
    "{{ page.date | date_to_string }}|{{ page.date | date_to_long_string: 'ordinal', 'US' }}": "02 Oct 2021|October 2nd, 2021",
    "{{ page.date | date_to_xmlschema }}|{{ page.date | date_to_rfc822 }}": "2021-10-02T00:00:00+08:00|Sat, 02 Oct 2021 00:00:00 +0800",
    "{{ '2020-05-06' | date: '%b %-d' }}|{{ 'no date' | date: '%Y' }}|{{ 'now' | date: '%Y-%m-%d %H:%M' }}": "May 6|no date|2020-02-03 12:05",
    "{{ 'a b&c' | cgi_escape }}|{{ 'a b/ü' | uri_escape }}|{{ '<a>' | xml_escape }}|{{ 'a%20b' | url_decode }}": "a+b%26c|a%20b/%C3%BC|&lt;a&gt;|a b",
    "{{ 'one two 三四' | number_of_words }}|{{ 'one 三四' | number_of_words: 'cjk' }}|{{ page.words | array_to_sentence_string }}": "3|3|pear, Apple, fig, and apple",
    "{{ '<p>x <!-- y --></p>' | strip_html }}|{{ nil | default: 'd' }}|{{ 'aGk=' | base64_decode }}|{{ 'x' | unknown }}": "x |d|hi|x",
    "{{ 'a.png' | relative_url }}|{{ '/ü' | absolute_url }}|{{ 'https://o.example/' | relative_url }}|{{ '/a/index.html' | strip_index }}":
    "/b/a.png|https://h.example/b/%C3%BC|https://o.example/|/a/",
    "{{ '**x**' | markdownify }}|{{ '\"q\" -- it' | smartify }}": "<p>**x**</p>|“q” – it",
    "{% include note.html text='T' who=page.n %}{% include note.html text=\"a \\\"b\\\"\" %}": '[T by 3 in 3][a "b" by nobody in 3]',
    "{% assign f = 'note' %}{% include {{ f }}.html text='v' %}": "[v by nobody in 3]",
    "{% post_url 2020-01-01-a %} {% link _posts/{{ page.n }}.md %}": "/b/post_url/2020-01-01-a /b/link/_posts/3.md",
    "{% highlight c++ linenos %}\na < {{ page.n }}\n{% endhighlight %}": '\n<pre><code class="language-c++">a &lt; 3</code></pre>\n',
    "{% gist a/1 %}{% capture c %}{% youtube b %}{% endcapture %}{{ c }}": "{% gist a/1 %}{% youtube b %}",
    "{% cycle 'a', 'b' %}{% cycle 'a', 'b' %}{% increment k %}{% increment k %}{% decrement m %}": "ab01-1",
    "no template { here } }} or %}": "no template { here } }} or %}",
}  # fmt: skip


@pytest.mark.parametrize(("source", "text"), SHOWN.items())
def test_templates_show_what_jekyll_shows(source: str, text: str) -> None:
    assert shown(source) == text


@pytest.mark.parametrize(
    "source",
    [
        "a {% comment %}SECRET{% endcomment %} b", "> a {%- comment -%} SECRET {%- endcomment -%} b", "* a {% comment %}\n  SECRET\n{% endcomment %} b",
        "a {% comment %}x {% comment %}SECRET{% endcomment %} SECRET {% endcomment %}b", "a {% comment %}{% raw %}SECRET{% endraw %}{% endcomment %} b",
        "a {% comment %} {{ page.title }} {% if %} SECRET {% endcomment %}b", "a b {% comment %} SECRET", "a {% if false %}SECRET{% endif %}b",
        "a {%comment%}SECRET{%endcomment%}b", "a b {% if nothing %}SECRET{% else %}{% endif %}" + "{% for i in (1..999999999) %}x{% endfor %}",
        "{% capture c %}{% comment %}SECRET{% endcomment %}{% endcapture %}a {{ c }}b", "a {% comment %}SECRET %} {% x %}{% endcomment %}b",
    ],
)  # fmt: skip
def test_what_a_comment_or_a_condition_hides_is_never_shown(source: str) -> None:
    text = shown(source)
    assert "SECRET" not in text
    assert "a" in text
    assert "b" in text


def test_mistakes_are_told_with_their_lines() -> None:
    source = "one\n{{ 1 | divided_by: 0 }}two\n\n{% if page.n %}three\n{% endfor %}\n{{ 'x' | sort: 'a', 'b', 'c', 'd' }}four {{ page. | }}\n{% raw %}five"
    done = engine.render(source, scope(), most=MOST)
    assert done.text.split() == ["one", "two", "three", "four", "five"]
    assert [(message.line, message.code) for message in sorted(done.messages, key=lambda message: message.line)] == [
        (2, "liquid-error"), (4, "liquid-unclosed"), (5, "liquid-unclosed"), (6, "liquid-error"), (6, "liquid-error"), (7, "liquid-unclosed"),
    ]  # fmt: skip


@pytest.mark.parametrize("block", ["if nothing", "unless page.n", "case page.n"])
def test_a_condition_without_an_end_hides_what_it_may_hide(block: str) -> None:
    """Jekyll would not build the site: what the author meant to be conditional does not come out, and it is told."""
    done = engine.render(f"a\n{{% {block} %}}\nSECRET\n", scope(), most=MOST)
    assert done.text.split() == ["a"] and [(note.line, note.code) for note in done.messages] == [(2, "liquid-unclosed")]


def test_each_line_of_the_text_knows_its_line_in_the_source() -> None:
    done = engine.render(
        "1\n{% for w in page.words %}\n{{ w }}\n{% endfor %}\n{% comment %}\n{% endcomment %}8\n9\n", scope(), most=MOST
    )
    lines = dict(zip(done.text.split("\n"), done.lines, strict=True))
    assert (lines["1"], lines["fig"], lines["8"], lines["9"]) == (1, 3, 6, 7)


@pytest.mark.parametrize(
    "name", ["../x", "/etc/passwd", "a/../../b", "a//b", "..", "http://x/y", "a b", "", "~x/.ssh", "./.a", "x\0y"]
)
def test_no_file_is_asked_for_whose_name_leaves_the_folder(name: str) -> None:
    asked: list[str] = []
    engine.render(f"{{% include {name} %}}{{% include_relative {name} %}}", scope(asked), most=MOST)
    assert all(".." not in path and "//" not in path and not path.startswith(".") for path in asked)


HOSTILE = {
    "{{ ": 40_000, "{% ": 40_000, "{% raw %}": 10_000, "{% comment %}": 10_000, "{% if a %}": 10_000, "{% endif %}": 10_000, "{%": 50_000,
    "{% if a %}{% for x in y %}": 5_000, "{% highlight a %}": 10_000, "{{-": 30_000, "{% include self.html %}": 20, "{% foo %}": 5_000,
    "{% for i in (1..1000000000) %}x{% endfor %}": 3, "{% for i in (1..2000) %}{% for j in (1..2000) %}x{% endfor %}{% endfor %}": 2,
    "{% assign a = a | append: 'xxxxxxxxxx' | append: a | append: a %}": 60, "{% assign a = a | default: 9 | times: a %}": 90,
    "{% assign l = page.words | concat: l | default: page.words | concat: l %}": 60, "{{ (1..100000000) | join: page.title }}": 3,
    "{% assign a = 'x' %}{% assign a = a | replace: '', page.title | replace: '', a | replace: '', a %}": 20, "{{ 1.5 | round: 999999999 }}": 5,
    "{% tablerow i in (1..100000000) cols:1 %}x{% endtablerow %}": 2, "{{ page | inspect | inspect | inspect | inspect | inspect }}": 200,
    "{{ 'now' | date: '%99Y%99Y%99Y%99Y' }}": 500, "{% case 1 %}{% when 1 %}": 2_000, "{{ ((((((((((((((((((((1..2) }}": 500, '{{ ["a ["a ["a ["a }}': 1_000,
    "{{ '1e999' | times: 9 | floor }}": 50, "{{ page.title | slice: -99999999999999999999, 999999999999999999999 }}": 5, "\ue07b\ue07c": 1_000,
}  # fmt: skip


@pytest.mark.parametrize(("unit", "count"), HOSTILE.items())
def test_no_template_costs_more_than_its_bounds(unit: str, count: int) -> None:
    """Steps, variables and output are bounded, whatever is repeated; and nothing is raised."""
    done = engine.render(unit * count, scope(), most=MOST)
    assert len(done.text) <= MOST
    assert len(done.messages) <= session.MAX_MESSAGES


@pytest.mark.parametrize(
    "source", ["{% for i in (1..1000000000) %}x{% endfor %}", "{% for i in (1..9000) %}{% for j in (1..9000) %}x{% endfor %}{% endfor %}", "{% tablerow i in (1..9999999) %}x{% endtablerow %}"],
)  # fmt: skip
def test_what_is_too_much_leaves_the_text_without_its_templates(source: str) -> None:
    done = engine.render(f"before {source} after", scope(), most=MOST)
    assert done.text == "before  after"
    assert [message.code for message in done.messages] == ["liquid-bound"]


def test_the_text_has_no_more_bytes_than_its_bound() -> None:
    """What is counted is what is written, in bytes; text that is to be shown as it is stays where nothing is evaluated."""
    source = "{% raw %}{{ braces }}{% endraw %} {% for i in (1..9) %}中{% endfor %}"
    most = len(engine.render(source, scope(), most=MOST).text.encode())
    assert "中" * 9 in engine.render(source, scope(), most=most).text
    done = engine.render(source, scope(), most=most - 1)
    assert "braces" in done.text and "中" not in done.text
    assert [message.code for message in done.messages] == ["liquid-bound"]


PIECES = st.sampled_from([
    "{{ ", " }}", "{% ", " %}", "{%-", "-%}", "if ", "endif", "for x in page.words", "endfor", "raw", "endraw", "comment", "endcomment", "page.objs",
    " | sort: 'n'", " | where: 'v', 2", " | date: '%Y'", "include note.html a='", "'", '"', "assign a = ", "capture c", "endcapture", "case 1", "when 1",
    "else", "(1..3)", "[0]", ".n", "=", "\n", "text", "中", "highlight js", "endhighlight", "cycle 'a'", "{", "}", "%", "\\",
])  # fmt: skip


@given(st.lists(PIECES, max_size=40).map("".join))
def test_no_text_makes_the_engine_raise(source: str) -> None:
    done = engine.render(source, scope(), most=MOST)
    assert len(done.lines) in (0, done.text.count("\n") + 1)


# in a site

SITE = {
    "_config.yml": "title: Boats\nauthor: {name: Ann}\nshow: yes\n",
    "_includes/box.html": "Box one: {{ include.text }}\n",
    "_data/people.yml": "- {name: Ada, born: 1815}\n- {name: Bo, born: '1950'}\n",
    "_data/shop/prices.csv": "what,price\ntea,3\n",
    "about.md": "---\npermalink: /me/\n---\n",
    "docs/guide.md": "---\ntitle: G\n---\n",
    "_posts/2021-01-01-user.md": "---\ntitle: User\n---\n{% include box.html text=site.title %}\n\n{{ site.author.name }} {% if site.show %}shown{% endif %}\n",
    "_posts/2021-01-02-list.md": "---\ntitle: List\n---\n{% for p in site.posts %}* [{{ p.title }}]({{ p.url | relative_url }})\n{% endfor %}\n",
    "_posts/2021-01-03-data.md": "---\ntitle: Data\n---\n{{ site.data.people[0].born | plus: 1 }} {{ site.data.shop.prices[0].what }} {{ site.data.people | size }}\n",
    "_posts/2021-01-04-links.md": "---\ntitle: Links\n---\n[a]({% link about.md %}) [g]({% link docs/guide.md %}) [p]({% post_url 2021-01-01-user %}) [n]({% post_url 2020-01-01-none %})\n",
    "_posts/2021-01-05-plain.md": "---\ntitle: Plain\n---\n{{ page.title }} {{ page.date | date: '%Y' }} {{ page.previous.title }}\n",
    "_posts/2021-01-06-off.md": "---\ntitle: Off\nrender_with_liquid: false\n---\n{{ page.title }} {% tag %}\n",
}  # fmt: skip


def settings(folder: Path) -> Settings:
    config = folder / "feeds.toml"
    config.touch()
    return Settings(
        base_url="https://example.org/b/", posts=folder, output=folder / "_site", state=folder / ".feeds", workers=1, config=config,
        generator="jekyll", permalink="/:title/", categories_mode="parallel",
    )  # fmt: skip


def contents(site: Settings) -> dict[str, str]:
    with run.look(site, datetime(2026, 1, 1, tzinfo=UTC)) as (_, made):
        return {entry.title: str(entry.content) for entry in made.publication.feeds[0].entries}


def test_templates_see_the_site(make_site: MakeSite) -> None:
    found = contents(settings(make_site(SITE)))
    assert found["User"] == "<p>Box one: Boats</p>\n<p>Ann shown</p>"
    assert found["Data"] == "<p>1816 tea 2</p>"
    assert found["Plain"] == "<p>Plain 2021 Links</p>"
    assert found["Off"] == "<p>{{ page.title }} {% tag %}</p>"
    assert found["List"].count("<li>") == 6
    assert 'href="https://example.org/b/me/"' in found["Links"]
    assert 'href="https://example.org/b/docs/guide.html"' in found["Links"]
    assert 'href="https://example.org/b/user/"' in found["Links"]
    assert found["Links"].count("href=") == 3
    assert found["Links"].endswith("<a>n</a></p>")


def test_a_post_follows_the_files_and_posts_that_its_templates_use(make_site: MakeSite) -> None:
    """Nothing that a template reads may change without the posts that show it."""
    folder = make_site(SITE)
    site = settings(folder)
    run.publish(site, datetime(2026, 1, 1, tzinfo=UTC))
    changes = {
        "_includes/box.html": "Box two: {{ include.text }}\n", "_config.yml": "title: Ships\n", "_data/people.yml": "- {name: Cy, born: 1}\n",
        "about.md": "---\npermalink: /us/\n---\n",
        "_posts/2021-01-01-user.md": SITE["_posts/2021-01-01-user.md"].replace("title: User", "title: Users"),
    }  # fmt: skip
    for path, text in changes.items():
        (folder / path).write_text(text)
    run.publish(site, datetime(2026, 1, 2, tzinfo=UTC))
    found = contents(site)
    assert found["Users"] == "<p>Box two: Ships</p>"
    assert found["Data"] == "<p>2 tea 1</p>"
    assert "/b/us/" in found["Links"]
    assert ">Users</a>" in found["List"]


def test_liquid_can_be_turned_off(make_site: MakeSite) -> None:
    site = settings(make_site(SITE))
    assert "Boats" not in contents(replace(site, markdown={"liquid": False}))["User"]


def test_braces_in_addresses() -> None:
    """What stands for a brace of no template leaves no trace where Markdown encodes it."""
    from urllib.parse import quote

    brace = session.guarded("{% x %}")[0]
    assert unguarded(f'<a href="/{quote(brace)}%25">{brace}{{ x }}}}</a>') == '<a href="/%7B%25">{{ x }}</a>'
