"""The whole way in: front matter of every form, bodies of every form and settings, put together at random, built in one process.

Whatever lies in a posts folder: nothing is raised, all documents pass the gate, no tag or attribute beyond the policy comes
out, what is hidden stays hidden, and the good posts are published as ever.
"""

from __future__ import annotations

import json
import tempfile
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from budget import examples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feeds.build import run
from feeds.build.entries.convert import policy
from feeds.build.publication import Built
from feeds.content.policy import Policy
from feeds.dialects import NAMES
from feeds.preview import check
from feeds.settings import Sanitise, Settings

NOW = datetime(2026, 1, 1, tzinfo=UTC)

#: Eleventy and Nikola read a folder as posts only if the site's settings say so.
GENERATORS = [name for name in NAMES if name not in ("eleventy", "nikola")]

# --- front matter

#: Keys and values that once broke something, or look as if they could.
PAIRS = [
    ("title", "a: b"), ("title", "'x'"), ("title", "[a, b]"), ("title", "<b>x</b> <script>y()</script>"), ("title", ""), ("title", "a\u202eb"), ("title", "{{ x }}"), ("title", "x" * 3000),
    ("date", "2021-01-01"), ("date", "0001-01-01"), ("date", "9999-12-31"), ("date", "never"), ("date", "2021-02-30"), ("date", "1e9"), ("date", "[1]"), ("data", "2020-01-01"), ("updated", "1999-01-01"),
    ("categories", "[a, b, c]"), ("categories", "[[a], [b, c]]"), ("categories", "{name: x}"), ("categories", "../.."), ("categories", "CON"), ("tags", "a, b"), ("tags", "[~, '', 1]"), ("tags", "[" + "x" * 400 + "]"),
    ("author", "Carol <c@example.org>"), ("author", "{nam: x}"), ("authors", "[a, [b]]"), ("image", "{url: /a.png, width: '99999999999999999999'}"), ("image", "http://["), ("cover", "cup.png"), ("enclosure", "{url: /a.mp3, type: x}"),
    ("enclosure", "my podcast"), ("permalink", "/:yeer/:title/"), ("permalink", "false"), ("url", "//["), ("link", "https://other.example/x"), ("slug", "../x"), ("id", "tag:x,2020:y"), ("id", "[a]"), ("lang", "xx-!!"), ("weight", "1"),
    ("summary", "<p>x"), ("comments", "false"), ("expires", "2020-01-01"), ("layout", "page"), ("type", "gallery"), ("status", "published"), ("published", "true"), ("draft", "false"), ("password", ""), ("a", "&x [*x]"), ("? [a]", "b"),
    ("x", "[" * 30 + "]" * 30), ("<<", "{a: b}"), ("titel", "x"), ("math", "true"), ("aliases", "[/a/]"), ("build", "{list: always}"), ("params", "{a: {b: c}}"), ("series", "x"), ("url", "javascript:alert(1)"), ("published_at", "2020-01-01T00:00:00Z"),
]  # fmt: skip
HIDING = [
    ("draft", "true"), ("draft", "ture"), ("Draft", "yes"), ("published", "false"), ("published", "flase"), ("private", "true"), ("password", "x"), ("status", "draft"), ("status", "草稿"), ("visibility", "members"), ("encrypted", "true"),
    ("unlisted", "true"), ("build", "{list: never}"), ("access", "paid"), ("post_status", "pending"), ("darft", "true"), ("密码", "x"),
]  # fmt: skip


def _yaml(pairs: list[tuple[str, str]]) -> str:
    return "\n".join(f"{key}: {value}" for key, value in pairs)


def _json(pairs: list[tuple[str, str]]) -> str:
    return json.dumps(
        {key: True if value == "true" else False if value == "false" else value for key, value in pairs}, ensure_ascii=False
    )


def _toml(pairs: list[tuple[str, str]]) -> str:
    return "\n".join(
        f"{json.dumps(key, ensure_ascii=False)} = {value if value in ('true', 'false') else json.dumps(value, ensure_ascii=False)}"
        for key, value in pairs
    )


FORMS = {
    "yaml": lambda pairs: f"---\n{_yaml(pairs)}\n---\n",
    "dots": lambda pairs: f"---\n{_yaml(pairs)}\n...\n",
    "crlf": lambda pairs: f"---\r\n{_yaml(pairs)}\r\n---\r\n".replace("\n", "\r\n").replace("\r\r", "\r"),
    "bom": lambda pairs: f"\ufeff\ufeff---\n{_yaml(pairs)}\n---\n",
    "invisible": lambda pairs: f"\u200b\u00a0---\u2060\n{_yaml(pairs)}\n---\n",
    "toml": lambda pairs: f"+++\n{_toml(pairs)}\n+++\n",
    "json": lambda pairs: f"{_json(pairs)}\n",
    "json fenced": lambda pairs: f"---json\n{_json(pairs)}\n---\n",
    "semicolons": lambda pairs: f";;;\n{_json(pairs)[1:-1]}\n;;;\n",
    "js": lambda pairs: f"---js\n{_json(pairs)}\n---\n",
    "open yaml": lambda pairs: f"{_yaml(pairs)}\n---\n",
    "header lines": lambda pairs: f"{_yaml(pairs)}\n\n",
    "commented": lambda pairs: f"<!-- note -->\n---\n{_yaml(pairs)}\n---\n",
    "in a comment": lambda pairs: f"<!--\n{_yaml(pairs)}\n-->\n",
    "em dashes": lambda pairs: f"———\n{_yaml(pairs)}\n———\n",
    "nel": lambda pairs: f"---\x85{_yaml(pairs)}\x85---\x85".replace("\n", "\x85"),
    "unclosed": lambda pairs: f"---\n{_yaml(pairs)}\n\n",
    "after a line": lambda pairs: f"hello\n---\n{_yaml(pairs)}\n---\n",
    "twice": lambda pairs: f"---\n---\n---\n{_yaml(pairs)}\n---\n",
    "tabs": lambda pairs: f"---\n{_yaml(pairs)}\n---\n".replace(": ", ":\t"),
    "html head": lambda pairs: "<html><head><title>x</title>" + "".join(f'<meta name="{key}" content="{value}">' for key, value in pairs) + "</head><body>",
}  # fmt: skip

# --- bodies

PIECES = [
    "text", "*a* **b** `c`", "# h\n", "- a\n  - b\n", "> q\n", "```js\nx < y;\n```\n", "| a | b |\n|---|---|\n| c | d |\n", "[x](y.md)", "![x](cup.png)", "![x](data:image/svg+xml,<svg onload=alert(1)>)",
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg><script>alert(1)</script></svg>", "<svg><g></x>", "<math><mi>x</mi></math>", "<math><annotation-xml encoding='text/html'><img src=x onerror=alert(1)></annotation-xml></math>",
    "<a href='javascript:alert(1)'>x</a>", "<a href='java\tscript:alert(1)'>x</a>", "[x](javascript:alert(1))", "<iframe src=https://evil.example/></iframe>", "<iframe src=https://www.youtube.com/embed/x></iframe>", "<style>*{}</style>", "<p style=x onclick=y>z",
    "<form action=x><input name=y></form>", "<table><tr><td>x<td>y</table>", "<div></x>" * 40, "<b><i><u>", "</p></div></table>", "<!-- c", "<![CDATA[x]]>", "<?php x ?>", "<!DOCTYPE html>", "<base href=//evil.example/>", "<image src=a srcset='a 1x'>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>", "<template><img src=x onerror=alert(1)></template>", "<xmp><img src=x onerror=alert(1)></xmp>", "&lt;script&gt;", "&#1;&#xFFFE;&#x110000;", "\u202e\u2066", "\x0b\x1b[31m", "\u2028",
    "{{ page.title }}", "{% raw %}{{ x }}{% endraw %}", "{% highlight js %}\nx\n{% endhighlight %}", "{% include x.html %}", "{{< figure src=\"a.png\" >}}", "{{% note %}}x{{% /note %}}", "{% asset_img a.png %}", "[[wiki|x]]", "![[x.png]]", "%%note%%", ":::tip\nx\n:::",
    "$$\\frac{a}{b}$$", "$x_{i=1}^n$", "[^1]\n\n[^1]: n\n", "[TOC]", "<!-- more -->", "a\n===\n", "---\n", "***\n", "- [ ] a\n- [x] b\n", "http://[", "<http://x>", "https://例え.jp/", "a@b.example", "~~x~~ ==y== ^z^", "\t\tcode", "<details><summary>x</summary>", "<picture><source srcset=a.webp><img src=a.png></picture>",
    "<video src=a.mp4 autoplay>", "<audio controls src=javascript:alert(1)>", "<object data=x><embed src=y></object>", "<a id=x name=y target=_blank rel=opener>", "<p id='__proto__'>", "<ruby>漢<rt>かん</rt></ruby>", "漢字" * 20, "x" * 500, "*" * 60 + "a", "[" * 60, "`" * 31, "<" * 60, "&" * 60,
]  # fmt: skip


class Generated(NamedTuple):
    """One file: its name, its bytes, and a word that must not come out (None if nothing is hidden)."""

    name: str
    raw: bytes
    secret: str | None


@st.composite
def generated(draw: Any, number: int) -> Generated:
    """Any file that somebody might take for a post."""
    pairs = draw(st.lists(st.sampled_from(PAIRS), max_size=6))
    hiding = draw(st.none() | st.none() | st.sampled_from(HIDING))
    if hiding is not None:
        pairs.insert(draw(st.integers(0, len(pairs))), hiding)
    form = draw(st.sampled_from([*FORMS])) if pairs else "yaml"
    # Without any other key a block in an unusual form may be somebody's text.
    if hiding is not None and not any(key == "title" for key, _ in pairs):
        pairs.insert(0, ("title", "x"))
    body = draw(st.sampled_from(["\n\n", "\n", " ", ""])).join(draw(st.lists(st.sampled_from(PIECES), max_size=8)))
    secret = f"SECRET{number}WORD"
    ending = draw(st.sampled_from(["md", "md", "md", "html", "txt", "markdown"]))
    text = FORMS[form](pairs) + body + f"\n\n{secret}\n"
    raw = text.encode("utf-8", "replace")
    if draw(st.integers(0, 19)) == 0:
        place = draw(st.integers(0, len(raw)))
        raw = raw[:place] + draw(st.sampled_from([b"\xff", b"\0", b"\xe4\xb8", b"\r", b"\x85"])) + raw[place:]
    return Generated(f"f{number}.{ending}", raw, secret if hiding is not None else None)


@st.composite
def sites(draw: Any) -> tuple[list[Generated], dict[str, Any]]:
    """Some files and some settings."""
    files = [draw(generated(number)) for number in range(draw(st.integers(1, 6)))]
    wishes = {
        "generator": draw(st.sampled_from(GENERATORS)),
        "sanitise": Sanitise(
            backend=draw(st.sampled_from(["bleach", "nh3"])), data_images=draw(st.booleans()), nofollow=draw(st.booleans())
        ),
        "content": draw(st.sampled_from(["full", "summary"])),
        "show_email": draw(st.booleans()),
        "categories_mode": draw(st.sampled_from(["path", "parallel"])),
        "permalink": draw(st.sampled_from([None, ":year/:month/:title/", ":category/:title.html"])),
        "encodings": draw(st.sampled_from([("utf-8",), ("utf-8", "gb18030")])),
    }
    return files, wishes


class Tags(HTMLParser):
    """The tags and attributes of HTML that are beyond the policy."""

    def __init__(self, allowed: Policy) -> None:
        super().__init__()
        self.allowed = allowed
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.allowed.tags:
            self.wrong.append(tag)
        for name, value in attrs:
            if name not in self.allowed.attributes(tag) and name not in ("class", "id", "rel"):
                self.wrong.append(f"{tag} {name}")
            if name in ("href", "src", "poster", "cite") and not (value or "").startswith(
                ("https://", "http://", "mailto:", "tel:", "data:image/", "#")
            ):
                self.wrong.append(f"{tag} {name}={value}")


def _good(number: int) -> str:
    """A post that every dialect reads."""
    return (
        f"---\ntitle: Good {number}\ndate: 2020-01-0{number + 1} 12:00:00\nslug: good-{number}\n---\n\nGOOD{number}BODY *text*.\n"
    )


def assert_they_agree(built: Built, checked: check.Checked) -> None:
    """Whatever the build leaves out or warns of, the check says; and nothing that it calls broken is published."""
    publication = built.publication
    problems = {(problem.code, problem.path, problem.line, problem.what) for problem in checked.problems}
    for problem in publication.problems:
        assert (problem.code, problem.path, problem.line, problem.what) in problems, problem
    assert {(item.path, item.reason) for item in publication.left_out} == {(item.path, item.reason) for item in checked.left_out}
    published = {post.header.path for post in built.out}
    assert len(published) == checked.published
    broken = {problem.path for problem in checked.problems if problem.severity == "error" and problem.path}
    left_out = {item.path for item in checked.left_out}
    assert not published & (broken | left_out)
    assert broken <= left_out, broken - left_out


@given(site=sites())
@settings(max_examples=examples(15), suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_any_folder_of_files_is_published_safely(site: tuple[list[Generated], dict[str, Any]]) -> None:
    """No exception, the gate passes, the allowlist holds, nothing hidden comes out, good posts are as ever."""
    files, wishes = site
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        posts = folder / "source" / "_posts"
        posts.mkdir(parents=True)
        for number in range(3):
            (posts / f"2020-01-0{number + 1}-good-{number}.md").write_text(_good(number), "utf-8")
        for file in files:
            (posts / f"2020-02-01-{file.name}").write_bytes(file.raw)
        plain = Settings(
            base_url="https://example.org/",
            posts=posts,
            output=folder / "o",
            state=folder / "s",
            config=folder / "feeds.toml",
            workers=1,
            limit=100,
        )
        chosen = replace(plain, **wishes)
        outcome = run.publish(chosen, NOW)
        publication = outcome.built.publication
        codes = {problem.code: problem for problem in publication.problems}
        assert "internal" not in codes, codes["internal"]
        text = (folder / "o" / "rss.xml").read_text("utf-8")
        for number in range(3):
            assert f"GOOD{number}BODY" in text
        assert len([entry for entry in publication.feeds[0].entries if entry.title.startswith("Good ")]) == 3
        allowed = policy(chosen)
        for entry in publication.feeds[0].entries:
            tags = Tags(allowed)
            tags.feed(entry.content)
            assert not tags.wrong, (entry.title, tags.wrong)
            assert "c@example.org" not in entry.content and all("@" not in person.name for person in entry.authors)
        whole = b"".join(path.read_bytes() for path in (folder / "o").rglob("*") if path.is_file())
        for file in files:
            assert file.secret is None or file.secret.encode() not in whole, file.raw
        with run.look(chosen, NOW, everything=True) as (opened, built):
            checked = check.examine(opened, built)
        assert "gate" not in {problem.code for problem in checked.problems if not problem.path}
        assert_they_agree(outcome.built, checked)


@pytest.mark.parametrize("form", FORMS)
def test_nothing_hidden_is_published_in_any_form(tmp_path: Path, form: str) -> None:
    """Every way to hide × every form of front matter, read or not."""
    posts = tmp_path / "posts"
    posts.mkdir()
    for number in range(3):
        (posts / f"good-{number}.md").write_text(_good(number), "utf-8")
    for number, pair in enumerate(HIDING):
        for place, pairs in enumerate(([("title", "x"), ("date", "2020-01-01"), pair], [pair, ("title", "x")])):
            (posts / f"hidden-{number}-{place}.md").write_bytes(
                (FORMS[form](pairs) + f"SECRET{number}-{place}.\n").encode("utf-8")
            )
    settings = Settings(
        base_url="https://example.org/", posts=posts, output=tmp_path / "o", state=tmp_path / "s", workers=1, limit=100
    )
    run.publish(settings, NOW)
    whole = b"".join(path.read_bytes() for path in (tmp_path / "o").rglob("*") if path.is_file())
    found = [
        (pair, place) for number, pair in enumerate(HIDING) for place in (0, 1) if f"SECRET{number}-{place}.".encode() in whole
    ]
    assert not found and whole.count(b"GOOD") >= 3
