"""Posts as bytes: encodings, front matter in each of its forms, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from feeds import content
from feeds.build import run
from feeds.dialects import by_name
from feeds.errors import PostError, Problem
from feeds.model import Post
from feeds.posts import metadata, read
from feeds.posts.front_matter import split
from feeds.posts.front_matter.html_meta import Head
from feeds.posts.front_matter.toml_json import json_lines
from feeds.posts.front_matter.types import FrontMatterError
from feeds.posts.header import Header
from feeds.settings import Settings
from feeds.settings.site_facts import site_facts

SETTINGS = Settings(base_url="https://example.org/", posts=Path("p"), output=Path("o"), state=Path("s"), timezone="Asia/Shanghai")
PLAIN = "---\ntitle: 中文\n---\n正文"


def post(raw: bytes | str, path: str = "a.md", **changed: object) -> tuple[Post, Header]:
    settings = replace(SETTINGS, **changed)  # type: ignore[arg-type]
    parsed = read.parse(path, raw.encode() if isinstance(raw, str) else raw, settings.encodings, settings.bounds)
    return parsed, metadata.read(parsed, settings, by_name("plain"), site_facts(settings))


def broken(raw: bytes | str) -> Problem:
    """The one finding that breaks a post: it names line and fix."""
    with pytest.raises(PostError) as raised:
        post(raw)
    problem = raised.value.problem
    assert problem.severity == "error" and problem.path == "a.md" and problem.line is not None and problem.fix
    assert len(problem.what) < 300
    return problem


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "utf-16-le BOM", "utf-16-be BOM"])
def test_utf_in_every_dress(encoding: str) -> None:
    """IN-1: a byte order mark is read, and leaks nothing into the body."""
    name, _, mark = encoding.partition(" ")
    parsed, header = post((("\ufeff" if mark else "") + PLAIN).encode(name))
    assert header.title == "中文" and parsed.body == "正文" and not header.problems


def test_other_encodings_are_named_never_guessed() -> None:
    """IN-2: GBK only where the settings name it, with a warning; a mixed file is broken."""
    raw = PLAIN.encode("gbk")
    assert broken(raw).code == "encoding" and "gb18030" in broken(raw).fix
    _, header = post(raw, encodings=("utf-8", "gb18030"))
    assert header.title == "中文" and [one.code for one in header.problems] == ["encoding"]
    assert broken(PLAIN.encode() + b"\xff").line == 4


@pytest.mark.parametrize("bad", [b"\xff", "标题".encode("gbk"), b"\xe4\xb8", "ß".encode("latin-1")])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_a_bad_byte_in_utf_8_is_not_another_encoding(bad: bytes, mark: bytes) -> None:
    """IN-2: the post is broken, with the byte's offset in the file; read as GB 18030 all of it would be nonsense."""
    start = mark + "---\ntitle: 一篇关于茶的文章\n---\n正文，".encode()
    with pytest.raises(PostError) as error:
        post(start + bad + "后面还有字。".encode(), encodings=("utf-8", "gb18030", "latin-1"))
    problem = error.value.problem
    assert problem.code == "encoding" and f"0x{bad[0]:02x} at {len(start)}" in problem.what and problem.line == 4
    for encoding in ("gbk", "gb18030"):
        text = "---\ntitle: 目录与一篇关于茶的文章\n---\n正文，后面还有字。"
        assert post(text.encode(encoding), encodings=("utf-8", "gb18030"))[1].title.startswith("目录")


def test_a_broken_post_that_its_author_hides_is_withdrawn(tmp_path: Path) -> None:
    """The last good version of a broken post stays published, but not if a line of it says that it is hidden."""
    posts = tmp_path / "posts"
    posts.mkdir()
    settings = replace(SETTINGS, posts=posts, output=tmp_path / "public", state=tmp_path / "state", workers=1)
    for name in "abcdefgh":
        (posts / f"{name}.md").write_text(f"---\ntitle: {name}\ndate: 2020-01-01\n---\nBODY-{name}", "utf-8")
    run.publish(settings, datetime(2026, 1, 1, tzinfo=UTC))
    (posts / "a.md").write_text("---\ntitle: a: b\n---\nBODY-a", "utf-8")
    (posts / "b.md").write_text("---\ntitle: a: b\ndraft: true\n---\nBODY-b", "utf-8")
    (posts / "c.md").write_bytes("---\ntitle: 茶茶茶\npassword: x\n---\nBODY-c".encode() + b"\xff")
    built = run.publish(settings, datetime(2026, 1, 2, tzinfo=UTC)).built
    text = (tmp_path / "public" / "atom.xml").read_text("utf-8")
    assert {name for name in "abcdefgh" if f"BODY-{name}" in text} == set("adefgh")
    assert {one.path for one in built.publication.left_out} == {"b.md", "c.md"}
    codes = {problem.path: problem.code for problem in built.publication.problems if problem.severity == "warning"}
    assert codes == {"b.md": read.HIDES, "c.md": read.HIDES}


def test_a_file_of_zero_bytes_is_not_an_encoding() -> None:
    """What a power failure leaves of a file that was being written."""
    assert broken(b"\0" * 900).code == "binary" and "zero bytes" in broken(b"\0" * 900).what
    assert broken(("text\n" * 100).encode("utf-16-le")).code == "encoding"


@pytest.mark.parametrize("line_end", ["\r\n", "\r", "\n"])
def test_line_ends(line_end: str) -> None:
    parsed, header = post(PLAIN.replace("\n", line_end))
    assert header.title == "中文" and parsed.body == "正文"


@pytest.mark.parametrize("character", ["\x7f", "\x80", "\x9f"])
def test_characters_that_yaml_forbids_are_told_with_their_line(character: str) -> None:
    expected = rf"a\.md:3: the front matter holds the control character U\+{ord(character):04X} \(delete it\)"
    with pytest.raises(PostError, match=expected):
        post(f'---\nlist: [a]\ntitle: "茶{character}"\n---\nx')


def test_characters_that_xml_forbids_are_left_out_and_reported() -> None:
    """IN-3, IN-4: in the text and as YAML writes it; bidi controls are closed, emoji stay whole."""
    _, header = post('---\ntitle: "a\\x0bb\\0c"\n---\nx\x00\x1f\ufffe')
    assert header.title == "abc" and [one.code for one in header.problems] == ["control-characters"]
    assert post("---\ntitle: a\u202eb\n---\n")[1].title == "a\u202eb\u202c"
    assert post("---\ntitle: 👨‍👩‍👧‍👦\u0085\u2028x\n---\n")[1].title.startswith("👨‍👩‍👧‍👦")


@pytest.mark.parametrize(
    ("front", "code", "line"),
    [
        ("title: a\ndate: 2021-01-01\ntitle: b", "front-matter-duplicate", 4),
        ("title: a: b", "front-matter-yaml", 2),
        ('title: "x', "front-matter-yaml", None),
        ("title:\tx\n\ttags: a", "front-matter-yaml", 3),
        ("title：x", "front-matter-yaml", 2),
        ("title: &a x\nother:\n  <<: {a: b}", "front-matter-merge", None),
        ("a: " + "[" * 5000 + "]" * 5000, "bound-front-matter-depth", None),
        ("a: " + "[" * 30 + "]" * 30, "bound-front-matter-depth", None),
        ("a:\n" + "".join(" " * n + "- \n" for n in range(1, 400)), None, None),
        ("summary: " + "y" * 70_000, "bound-front-matter", None),
    ],
)
def test_front_matter_that_cannot_be(front: str, code: str | None, line: int | None) -> None:
    """IN-5 … IN-8: each with its line, in no time, whatever it would unfold to."""
    found = broken(f"---\n{front}\n---\nb")
    assert code in (None, found.code) and line in (None, found.line)
    assert len(found.what) < 300


def test_a_dotted_key_of_toml_is_bounded_before_it_is_read() -> None:
    """tomllib would take 1.5 GB for it."""
    assert broken("+++\n" + "a." * 20_000 + "b = 1\n+++\nb").code == "bound-front-matter-depth"


def test_bombs() -> None:
    """IN-6: aliases that repeat each other are counted before they are walked."""
    front = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)
    )
    assert broken(f"---\n{front}---\nb").code == "front-matter-aliases"
    assert post("---\nauthor: &me 林夏\nauthors: [*me]\n---\nb")[1].authors[0].name == "林夏"


@pytest.mark.parametrize(
    ("written", "keys", "body"),
    [
        ("---\ntitle: x\n---\nb", {"title": "x"}, "b"),
        ("\n\n---\ntitle: x\n---\nb", {"title": "x"}, "b"),
        ("---\ntitle: x\n...\nb", {"title": "x"}, "b"),
        ("-----\ntitle: x\n-----\nb", {"title": "x"}, "b"),
        ("title: x\ndate: 2021-01-01\n---\nb", {"title": "x", "date": "2021-01-01"}, "b"),
        ("---\ntitle: x\n---", {"title": "x"}, ""),
        ("---\n---\nb", {}, "b"),
        ("---\ntitle: x\n---\nb\n\n---\n\nmore", {"title": "x"}, "b\n\n---\n\nmore"),
        ('+++\ntitle = "x"\ntags = ["a", "b"]\n+++\nb', {"title": "x", "tags": ["a", "b"]}, "b"),
        ('  +++\n  title = "x"\n  +++\nb', {"title": "x"}, "b"),
        ('{\n"title": "x", "tags": ["a"]\n}\nb', {"title": "x", "tags": ["a"]}, "b"),
        (';;;\n"title": "x"\n;;;\nb', {"title": "x"}, "b"),
        ("Title: x\nDate: 2021-01-01\n\nb", {"Title": "x", "Date": "2021-01-01"}, "b"),
        ('title: "x: y"\ntags: \'a\'\nsummary: "a" and "b"\n\nb', {"title": "x: y", "tags": "a", "summary": '"a" and "b"'}, "b"),
        ("# Heading\n\nb", {}, "# Heading\n\nb"),
        ("---\n\nA post that begins with a rule.\n", {}, "---\n\nA post that begins with a rule.\n"),
        ("", {}, ""),
        ("Note: this is a sentence.\n\nb", {}, "Note: this is a sentence.\n\nb"),
    ],
)
def test_each_form_of_front_matter(written: str, keys: dict[str, object], body: str) -> None:
    """IN-7: and text that only looks like front matter loses nothing."""
    parsed, header = post(written)
    assert dict(parsed.front_matter) == keys and parsed.body == body
    assert not header.problems
    assert not body or parsed.body_line == written[: len(written) - len(body)].count("\n") + 1


@pytest.mark.parametrize("between", ["- a\n- b", "just words"])
def test_text_between_rules_that_is_not_a_mapping_stays_text(between: str) -> None:
    """IN-7: a list or a sentence is the post's text, and its author is told."""
    parsed, header = post(f"---\n{between}\n---\nbody")
    assert parsed.body == f"---\n{between}\n---\nbody" and [one.code for one in header.problems] == ["front-matter-type"]


def test_unclosed_front_matter_is_reported_with_its_line() -> None:
    """IN-7: never published with its keys as text."""
    found = broken("\n---\ntitle: x\ndate: 2021-01-01\n\nbody")
    assert (found.code, found.line) == ("front-matter-open", 2) and "---" in found.fix


@pytest.mark.parametrize(
    ("value", "title"),
    [
        ("no", "no"), ("2021-01-01", "2021-01-01"), ("012", "012"), ("1:30", "1:30"), ("=", "="), ("1e5", "1e5"), ("0x1F", "0x1F"),
        ("null", ""), ("~", ""), ("[a, b]", "a b"), ("'it''s'", "it's"), ("9" * 500, None), ("{{ x }}", "{{ x }}"), ("'%s ]]> {{x}}'", "%s ]]> {{x}}"),
    ],
)  # fmt: skip
def test_values_keep_the_spelling_of_their_author(value: str, title: str | None) -> None:
    """IN-8, IN-16: no type of YAML comes between an author and the title."""
    _, header = post(f"---\ntitle: {value}\ndate: 2021-01-01\n---\nb")
    assert header.title == title if title is not None else header.title.startswith("999")


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("Vue <script setup> 用法", "Vue <script setup> 用法"), ("why <b> is not <strong>", "why <b> is not <strong>"),
        ("a <script setup>x</script> b", "a b"), ("a <script src=x> b", "a b"), ("a <b>c</b>", "a c"), ("a <img src=x> b", "a b"),
    ],
)  # fmt: skip
def test_tags_in_titles_are_text_where_nothing_closes_them(written: str, title: str) -> None:
    assert post(f"---\ntitle: {written}\ndate: 2021-01-01\n---\nb")[1].title == title


def test_dates_by_key_and_their_errors() -> None:
    """Where the date comes from, and a date that is none breaks its post: line, field, fix."""
    _, header = post("+++\ntitle = 'x'\ndate = 2021-01-01T10:00:00+08:00\nlastmod = 2021-02-01\n+++\n")
    assert header.published == datetime(2021, 1, 1, 2, tzinfo=UTC) and header.updated == datetime(2021, 1, 31, 16, tzinfo=UTC)
    _, header = post("---\ntitle: x\ndate: 2021-02-30\n---\n")
    problem = header.problems[0]
    assert (problem.severity, problem.line, problem.field) == ("error", 3, "date") and problem.fix and header.published is None


KEYS = {
    "published": ("date", "pubDate", "publish_date", "published_at", "publishDate", "created", "published"),
    "updated": ("updated", "lastmod", "modified", "last_modified_at", "updated_at"),
    "expires": ("expires", "expiryDate", "unpublish_date"),
}


@pytest.mark.parametrize(("field", "key"), [(field, key) for field, keys in KEYS.items() for key in keys])
def test_keys_of_every_generator(field: str, key: str) -> None:
    """Hexo and its themes, Jekyll, Hugo, Pelican, Eleventy; in whatever case."""
    for written in (key, key.upper(), key.capitalize()):
        _, header = post(f"---\ntitle: x\n{written}: 2021-01-01 08:00\n---\n")
        assert getattr(header, field) == datetime(2021, 1, 1, tzinfo=UTC), written


@pytest.mark.parametrize(
    ("front", "path", "status"),
    [
        ("draft: true", "a.md", "draft"), ("status: draft", "a.md", "draft"), ("title: x", "_drafts/a.md", "draft"),
        ("published: false", "a.md", "unpublished"), ("hidden: true", "a.md", "hidden"), ("private: yes", "a.md", "hidden"),
        ("feed: false", "a.md", "feed-false"), ("eleventyExcludeFromCollections: true", "a.md", "feed-false"),
        ("title: x", "tech/_index.md", "section-page"), ("draft: false\npublished: true\nhidden: 0", "a.md", "out"),
    ],
)  # fmt: skip
def test_what_keeps_a_post_in(front: str, path: str, status: str) -> None:
    assert post(f"---\n{front}\n---\nb", path)[1].status == status


def test_categories_tags_and_authors() -> None:
    """Hexo's paths and several paths, commas in Chinese and English, people as names and as tables."""
    assert post("---\ncategories: [技术, 前端]\n---\n")[1].categories == (("技术", "前端"),)
    assert post("---\ncategories:\n- [a, b]\n- [c]\n- d\n---\n")[1].categories == (("a", "b"), ("c",), ("d",))
    assert post("---\ncategories: [a, b]\n---\n", categories_mode="parallel")[1].categories == (("a",), ("b",))
    assert post("---\ntags: 技术，生活、C++, x\n---\n")[1].tags == ("技术", "生活", "C++", "x")
    _, header = post("---\nauthors:\n- 林夏\n- {name: Ben, email: b@example.org, url: https://b.example/}\n---\n")
    assert [(one.name, one.email, one.url) for one in header.authors] == [
        ("林夏", None, None),
        ("Ben", "b@example.org", "https://b.example/"),
    ]


def test_a_fault_of_ours_costs_one_post(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What nobody foresaw: the post that brings it out is told as broken, or comes as plain text; the others are as ever."""
    posts = tmp_path / "posts"
    posts.mkdir()
    for name in ("good", "bad", "odd"):
        (posts / f"{name}.md").write_text(f"---\ntitle: {name}\ndate: 2021-01-01\n---\n*{name}* text", "utf-8")
    heads, bodies = metadata.read, content.clean

    def head(one: Post, *rest: Any) -> Header:
        if one.path == "bad.md":
            raise IndexError("nobody foresaw this")
        return heads(one, *rest)

    def clean(body: str, *rest: Any, **more: Any) -> content.Cleaned:
        if "odd" in body:
            raise RecursionError("nor this")
        return bodies(body, *rest, **more)

    monkeypatch.setattr(metadata, "read", head)
    monkeypatch.setattr(content, "clean", clean)
    settings = Settings(
        base_url="https://example.org/", posts=posts, output=tmp_path / "public", state=tmp_path / "state", workers=1
    )
    outcome = run.publish(settings, datetime(2026, 1, 1, tzinfo=UTC))
    assert outcome.exit_code == 1
    told = {one.path: one for one in outcome.built.publication.problems}
    assert {path: one.code for path, one in told.items()} == {"bad.md": "internal", "odd.md": "internal"}
    entries = {entry.title: entry.content for entry in outcome.built.publication.feeds[0].entries}
    assert entries == {"good": "<p><em>good</em> text</p>", "odd": "<p>*odd* text</p>"}


def test_two_braces_are_a_template_s() -> None:
    """`{{ name }}` without quotes is a mapping with a mapping as its key for YAML; the text stays, and hides where it is a flag."""
    parsed, header = post("---\ntitle: a\nshown: {{ tag }}\ndraft: {{ hidden }}\n---\nx")
    assert parsed.front_matter["shown"] == "{{ tag }}"
    assert header.status != "out" and "front-matter-key" in {problem.code for problem in (*parsed.problems, *header.problems)}


@pytest.mark.parametrize("first", ["# 第57条：只针对异常的情况", "- 一项", "一句没有冒号的话", "> 引用", "```java", "1. 第一"])
def test_a_note_that_begins_with_a_rule_is_text(first: str) -> None:
    """Between its first two rules is Markdown that no YAML is: nothing of it is lost."""
    for between in ("- a: b: c\n  - **x：y: [z", "例外：\n\n有些情况下：一"):
        text = f"---\n{first}\n\n{between}\n\n---\n\nRest.\n"
        result = split.read(text, bytes_bound=10_000, depth_bound=10)
        assert (result.keys, result.body) == ({}, text)
        assert [warning.code for warning in result.warnings] == ["front-matter-type"]


@pytest.mark.parametrize("key", ["draft: true: x", "title: a: b", "密码：x: y", "- **password**: [x", "date：2020: x"])
def test_a_known_key_between_rules_is_never_text(key: str) -> None:
    """Keys that cannot be read hold the post back."""
    with pytest.raises(FrontMatterError):
        split.read(f"---\n# A comment\n{key}\n  b: [\n---\nText.\n", bytes_bound=10_000, depth_bound=10)


def test_a_date_that_runs_over_is_told() -> None:
    """Hexo takes the 13th month for the next January; the post is published, with a warning; an embargo beside it still counts."""
    site = site_facts(SETTINGS)

    def header(dates: str) -> Header:
        parsed = read.parse("_posts/a.md", f"---\ntitle: 茶\n{dates}\n---\n水".encode(), SETTINGS.encodings, SETTINGS.bounds)
        return metadata.read(parsed, SETTINGS, by_name("hexo"), site)

    over = header("date: 2024-13-02")
    assert over.published == datetime(2025, 1, 1, 16, tzinfo=UTC) and over.status == "out"
    (problem,) = over.problems
    assert (problem.code, problem.severity, problem.line, problem.field) == ("date", "warning", 3, "date")
    assert "2025-01-02 00:00:00" in problem.what and problem.fix
    for written in ("2024-13-02", "soon"):
        later = header(f"date: {written}\npublishdate: 2099-01-01")
        assert dict(later.extra) or later.published == datetime(2098, 12, 31, 16, tzinfo=UTC), later
    assert not header("date: 2024-02-29 24:00:00").problems


@pytest.mark.parametrize(
    "front",
    [
        "tags:\n\t- x\n\t- y\n\t\ndate: 2020-01-01T00:00:00Z",
        "tags:\n- x\n- y\n \t \n\t\ndate: 2020-01-01T00:00:00Z",
        "tags:\t\n\t-\tx\n\t-\ty\ndate:\t2020-01-01T00:00:00Z\t",
        "\t\ntags: [x,\n\ty]\ndate: 2020-01-01T00:00:00Z\n\t",
    ],
)
def test_tabs_in_yaml(front: str) -> None:
    """Hexo reads tabs that indent as blanks, and so a line of nothing else as empty."""
    _, header = post(f"---\n{front}\n---\nText.")
    assert (header.tags, header.published) == (("x", "y"), datetime(2020, 1, 1, tzinfo=UTC))


def test_keys_of_json_know_their_lines_however_they_are_spelled() -> None:
    text = '{\n "title": "a\\nb",\n "ti\\u006de": 1,\n "a": {"inner": 2},\n\n "tags": [\n  {"x": 1}\n ], "last": 3\n}'
    assert json_lines(text) == {"title": 2, "time": 3, "a": 4, "tags": 6, "last": 8}


def test_an_html_head_knows_the_lines_of_its_keys() -> None:
    """The first of several elements with one name counts; a title may begin behind its tag's line."""
    head = Head()
    head.feed(
        '<html>\n<head>\n<meta name="date" content="2021-08-04">\n<title>Tea &amp; water</title>\n'
        '<meta name="tags"\n content="a, b"><meta name="date" content="2022-01-01">\n</head>'
    )
    assert head.keys == {"date": "2021-08-04", "title": "Tea & water", "tags": "a, b"}
    assert head.lines == {"date": 3, "title": 4, "tags": 5}


@pytest.mark.parametrize(
    ("text", "is_read"),
    [
        ("Text.\n\n---\nMore.", True),
        ("# Title\n\n---\nMore.", True),
        ("Title\n---\nMore.", True),
        ("title: Title\n---\nMore.", True),
        ("*Text*, **text** and `code`.", True),
        ("Text: *text*.\n\n| a | b |\n|---|---|", True),
        ("---\ntitle: Title\n---\n**Text**\n\n---\nMore.", True),
        ("> Text\n\n---\nMore.", False),
        ("**Text**\n\n-----\nMore.", False),
        ("- [ ] text\n- text: text: text\n\n---\n", False),
        ("- [ ] text\n- text: text: text\n\n;;;\n\n---\n", True),
        ("[" * 50_000 + "\n---\n", False),
    ],
)
def test_what_hexo_takes_for_front_matter_must_be_yaml(text: str, is_read: bool) -> None:
    """A text without front matter and with a line of dashes, which Hexo looks at as front matter and may refuse."""
    dialect = by_name("hexo")
    if is_read:
        assert dialect.front_matter("a.md", text, site_facts(Settings(base_url="https://e.example/"))) is None
    else:
        with pytest.raises(ValueError, match="begin the file with two lines ---"):
            dialect.front_matter("a.md", text, site_facts(Settings(base_url="https://e.example/")))


def test_a_date_may_be_a_table_of_its_creation() -> None:
    """As Material for MkDocs has it; any other table is none."""
    assert post("---\ntitle: a\ndate:\n  created: 2024-02-01 10:00:00Z\n---\nx")[1].published == datetime(
        2024, 2, 1, 10, tzinfo=UTC
    )
    problem = post("---\ntitle: a\ndate:\n  made: 2024-02-01\n---\nx")[1].problems[0]
    assert problem.severity == "error" and problem.what == "a table is not a date"
