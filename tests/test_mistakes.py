"""What an author is told of a mistake in front matter: the line of the cause, and a fix that is right when it is taken."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from feeds.build import run
from feeds.dialects import NAMES, by_name
from feeds.errors import PostError, Problem
from feeds.posts import fixes, metadata, read
from feeds.posts.hints import conflict_line
from feeds.preview import check
from feeds.settings import Settings
from feeds.settings.site_facts import site_facts

SETTINGS = Settings(base_url="https://example.org/", posts=Path("p"), output=Path("o"), state=Path("s"))


def findings(raw: bytes) -> Sequence[Problem]:
    """What is found in a file of a plain folder."""
    try:
        post = read.parse("a.md", raw, SETTINGS.encodings, SETTINGS.bounds)
        return metadata.read(post, SETTINGS, by_name("plain"), site_facts(SETTINGS)).problems
    except PostError as error:
        return error.problems


def file_of(keys: str) -> bytes:
    return f"---\n{keys}\n---\nText.\n".encode()


@pytest.mark.parametrize(
    ("keys", "line", "what", "fix"),
    [
        ("title: 'it's'\ndate: 2021-01-01", 2, "", 'title: "it\'s"'),
        ('title: "C:\\Users"\ndate: 2021-01-01', 2, "", "title: 'C:\\Users'"),
        ('title: "a"b"\ndate: 2021-01-01', 2, "", "title: 'a\"b'"),
        ("title: C:\\a: b\ndate: 2021-01-01", 2, "", 'title: "C:\\\\a: b"'),
        ("title: a\ndate: 2021-01-01\ntags：\n - x", 4, "full-width colon", "tags:"),
        ("title: 今天: 雨\ndate: 2021-01-01", 2, "holds a colon and a blank", 'quote the value: title: "今天: 雨"'),
        ("title: a\ntags:\n-茶\n-水", 5, "no blank after the dash", "- 水"),
        ("title: a\ntags:\n\u3000\u3000- x\ndate: 2021-01-01", 4, "an odd blank at the beginning", "plain blanks"),
        ("title a\ndate: 2021-01-01", 2, "no colon after the key", "title: a"),
        ("title: a\nsome words\ndate: 2021-01-01", 3, "a line without a colon", "indent it"),
        ("title: a\nsummary: |\nabc\ndate: 2021-01-01", 4, "a line without a colon", "indent it"),
        (" title: a\n  date: 2021-01-01", 3, "indented further", "like the line above"),
        ("\ttitle: a\nauthor: b", 2, "further than those below it", "without blanks: title: a"),
        ("# a note\n  title: a\nauthor: b", 3, "further than those below it", "without blanks: title: a"),
        ("title: a\nsummary: long\n  more: text", 4, "indented further", "quote the value of summary"),
        ("title: a\ntags: [#a, #b]\ndate: 2021-01-01", 3, "a comment begins at #", '["#a", "#b"]'),
        ("title: a\ntags: [a, , b]", 3, "two commas", "delete one"),
        ('title: a\ntags: ["\\q"]', 3, "escape", "correct the brackets"),
        ('title: "a",\ndate: 2021-01-01', 2, "", 'title: "a"'),
        ('title: "Tea" and milk\ndate: 2021-01-01', 2, "", "title: '\"Tea\" and milk'"),
        ("title: a\ntags: [x, y],", 3, "", "tags: [x, y]"),
        ("// a note\ntitle: a", 2, "a comment", "# a note"),
        ("<!-- a note -->\ntitle: a", 2, "a comment", "# a note"),
        ("title: a\ntags:\n  - x\n - y\ndate: 2021-01-01", 5, "the dash is indented otherwise", "as many blanks"),
        ("**title**: a\ndate: 2021-01-01", 2, "Markdown around the key", "title: a"),
        ("\ufefftitle: a\ndate: 2021-01-01", 2, "U+FEFF", "delete it"),
        ("title: [a, b\ndate: 2021-01-01", 2, "a bracket is not closed", "close the bracket"),
        ('title: "a\ndate: 2021-01-01', 2, "a quotation mark is not closed", "close the quotation mark"),
        ('"title: a"\n"date: 2021-01-01"', 3, "within the quotation marks", 'date: "2021-01-01"'),
        ("title: a\nsummary: |\n  x：y\nother: a: b", 5, "", 'other: "a: b"'),
    ],
)
def test_the_line_of_the_cause_and_its_fix(keys: str, line: int, what: str, fix: str) -> None:
    problem = findings(file_of(keys))[0]
    assert (problem.code, problem.severity, problem.line) == ("front-matter-yaml", "error", line)
    assert what in problem.what and fix in problem.fix


@pytest.mark.parametrize("generator", NAMES)
def test_terms_of_one_post_are_bounded_by_every_dialect(generator: str) -> None:
    """Each term is a feed: a list of thousands costs the site minutes."""
    names = ", ".join(f'"t{number}"' for number in range(300))
    front_matter = {"yaml": f"---\ntitle: a\ndate: 2021-01-01\ntags: [{names}]\ncategories: [{names}]\n---\nx"}
    front_matter["toml"] = f'+++\ntitle = "a"\ndate = 2021-01-01\n[taxonomies]\ntags = [{names}]\ncategories = [{names}]\n+++\nx'
    raw = front_matter["toml" if generator == "zola" else "yaml"].encode()
    post = read.parse("2021-01-01-a.md", raw, SETTINGS.encodings, SETTINGS.bounds)
    header = metadata.read(post, replace(SETTINGS, generator=generator), by_name(generator), site_facts(SETTINGS))
    assert len(header.tags) <= 200 and sum(map(len, header.categories)) <= 200 and header.tags
    lines = {problem.field: problem.line for problem in header.problems if problem.code == "bound-terms"}
    assert lines["tags"] == 4 and lines.get("categories", 5) == (4 if generator == "zola" else 5)


@pytest.mark.parametrize(
    ("keys", "corrected"),
    [
        ("title: 'it's'", 'title: "it\'s"'),
        ('title: "C:\\Users"', "title: 'C:\\Users'"),
        ("tags:\n-茶\n-水", "tags:\n- 茶\n- 水"),
        ("title: !important", 'title: "!important"'),
        ("darft: true", "draft: true"),
        ("drat: true", "draft: true"),
        ("darf: true", "draft: true"),
        ("cateogires: [a]", "categories: [a]"),
        ("publised: false", "published: false"),
        ('title: "Tea" and milk', "title: '\"Tea\" and milk'"),
        ("tags: [x, y],", "tags: [x, y]"),
        ("**title**: a", "title: a"),
        ("updated: “2021-01-01”", "updated: 2021-01-01"),
        ("updated: 2021–01–01", "updated: 2021-01-01"),
        ("updated: 2O21-01-01", "updated: 2021-01-01"),
        ("updated: 2021-01-01 10:00 +800", "updated: 2021-01-01 10:00 +0800"),
        ("updated: 2021-01-01;", "updated: 2021-01-01"),
        ("tags: #a, #b c", 'tags: ["a", "b c"]'),
        ("categories: 茶 #水、#火", 'categories: ["茶", "水", "火"]'),
        ("draft: ture", None),
        ("tags: [a, , b]", None),
        ("title: # notes to myself", None),
    ],
)
def test_what_is_corrected_by_rule(keys: str, corrected: str | None) -> None:
    """Never so that a list becomes text, or a comment a title."""
    raw = file_of(f"date: 2021-01-01\n{keys}")
    expected = raw if corrected is None else file_of(f"date: 2021-01-01\n{corrected}")
    assert fixes.fixed(raw, findings(raw), findings) == expected


@pytest.mark.parametrize(
    ("keys", "code", "line"),
    [
        ("tags: [茶，水]", "terms-list", 4), ("tags: 【a, b】", "terms-list", 4), ("tags:\n  －a\n  －b", "terms-list", 4),
        ("tags:\n  • a", "terms-list", 4), ("tags: a\n  - b", "terms-list", 4), ("tags:\n - C++: notes\n - b", "terms-list", 4),
        ("Title: b", "front-matter-duplicate", 4), ("summary: &copy 2021", "front-matter-cut", 4),
        ("summary: !wow", "front-matter-cut", 4), ("tags:\n  -a\n  -b", "terms-list", 4), ("tags: '[a, b]'", "terms-list", 4),
        ("tags: [“a”, “b”]", "terms-list", 4), ("tags: a, b]", "terms-list", 4),
        ("summary: a text\nthat goes on: here", "front-matter-cut", 5),
        ("tags: a|b|c", "terms-list", 4), ("标签: [a]", "key-misspelt", 4),
        ("Schlagwörter: [a]", "key-misspelt", 4), ("Kategorien: [a]", "key-misspelt", 4), ("Mots-clés: [a]", "key-misspelt", 4),
        ("Автор: a", "key-misspelt", 4), ("Titelbild: a.png", "key-misspelt", 4),
    ],
)  # fmt: skip
def test_what_yaml_reads_otherwise_than_it_was_meant(keys: str, code: str, line: int) -> None:
    [problem] = findings(file_of(f"title: a\ndate: 2021-01-01\n{keys}"))
    assert (problem.code, problem.severity, problem.line) == (code, "warning", line) and problem.fix


def test_a_short_slip_counts_where_the_value_is_a_date() -> None:
    raw = file_of("title: a\ndat: 2021-01-01")
    assert fixes.fixed(raw, findings(raw), findings) == file_of("title: a\ndate: 2021-01-01")
    assert [problem.code for problem in findings(file_of("title: a\ndat: x"))] == []
    raw = file_of("Titel: a\nDatum: 2021-01-01")
    assert fixes.fixed(raw, findings(raw), findings) == file_of("title: a\ndate: 2021-01-01")


@pytest.mark.parametrize("flag", ["draft true", "draft = true", "draft：true", "private yes"])
def test_a_flag_without_a_colon_hides_although_the_rest_cannot_be_read(flag: str) -> None:
    problems = findings(file_of(f"title: a\ndate: 2021-01-01\n{flag}"))
    assert [(problem.code, problem.line) for problem in problems][1:] == [("hidden-though-broken", 4)]


@pytest.mark.parametrize(
    ("keys", "is_hidden"),
    [
        ("title: a\n  draft: true", True), ("date: 2021-01-01\n\tpublished: false\ntitle: [a", True),
        ("title: [a\ncover:\n  image: a.png\n  hidden: true", False), ("title: [a\nsummary: >-\n  private: yes", False),
        ("title: [a\ndate: 2021-01-01\n---\nText.\n\n    draft: true", False),
    ],
)  # fmt: skip
def test_a_flag_that_is_indented_by_mistake_hides_although_the_rest_cannot_be_read(keys: str, is_hidden: bool) -> None:
    """Not what is within another key, e.g. a theme's cover, nor in the text."""
    problems = findings(file_of(keys))
    assert problems[0].severity == "error"
    assert ("hidden-though-broken" in [problem.code for problem in problems]) is is_hidden


HIDDEN_THOUGH_BROKEN = {
    "---\n{title: a: b, draft: true}\n---\n": (2, "draft"), '---\n{"title": "a" "draft": true}\n---\n': (2, "draft"),
    "{'title': 'x', 'draft': True}\n": (1, "draft"), '{"title": "a" "password": "x"}\n': (1, "password"),
    "---\nbase: &b {draft: true}\ntitle: a: b\n---\n": (2, "draft"), "---\ntitle: a: b\n“draft”: true\n---\n": (3, "draft"),
    " ---\n title: a\n draft: true\n ---\n": (3, "draft"), "---\n{title: a: b, draft: false}\n---\n": None,
    "---\ntitle: a: b\ncover: {image: a.png, hidden: true}\n---\n": None, '---\n{title: a: b, "password": ""}\n---\n': None,
    " ---\n title: a\n cover:\n   hidden: true\n": None, "---\ntitle: a: b\n---\n{{ page, draft: true }}\n": None,
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), HIDDEN_THOUGH_BROKEN.items())
def test_a_flag_in_tables_quotes_and_indented_fences_hides_although_the_rest_cannot_be_read(
    text: str, expected: tuple[int, str] | None
) -> None:
    problems = findings(text.encode())
    assert problems[0].severity == "error"
    hidden = [(problem.line, problem.field) for problem in problems if problem.code == "hidden-though-broken"]
    assert hidden == ([expected] if expected else [])


@pytest.mark.parametrize("encoding", ["gb18030", "big5", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("flag", ["草稿: 是", "draft: true", "cover: 草稿"])
def test_a_flag_hides_in_an_encoding_that_is_not_named(flag: str, encoding: str) -> None:
    problems = findings(f"---\ntitle: 茶\n{flag}\n---\nText.\n".encode(encoding))
    assert [problem.code for problem in problems] == ["encoding", "hidden-though-broken"][: 1 if "cover" in flag else 2]


def test_a_public_post_in_a_private_category_is_told() -> None:
    [problem] = findings(file_of("title: a\ndate: 2021-01-01\ntags: [茶, 草稿]"))
    assert (problem.code, problem.severity, problem.line) == ("term-private", "notice", 4) and "hidden_terms" in problem.fix
    assert not findings(file_of("title: a\ndate: 2021-01-01\ndraft: true\ntags: 草稿"))
    [problem] = findings(file_of("title: '[草稿] 茶'\ndate: 2021-01-01"))
    assert (problem.code, problem.severity, problem.line) == ("term-private", "notice", 2) and "'[草稿]'" in problem.what
    assert not findings(file_of("title: '[Drafting] tea'\ndate: 2021-01-01"))


@pytest.mark.parametrize(
    "keys",
    [
        "tags: [a - b, '茶，水']", "categories:\n - [a, b]\n - c", "summary: |\n  a\n  - b", "cover: !!str a", "tags: &x\n  - b",
        "ti\u200btle: b", "summary: Tom & Jerry!", "cover: &c a.png\nsummary: *c", "tags: -1", "tags: 'a|b'",
    ],
)  # fmt: skip
def test_correct_posts_have_no_findings(keys: str) -> None:
    title = "" if "tle:" in keys else "title: a\n"
    assert findings(file_of(f"{title}date: 2021-01-01\n{keys}")) == ()


@pytest.mark.parametrize(
    ("raw", "line"),
    [
        (b"--- title: a date: 2021-01-01 --- text", 1),
        (b"---\\ntitle: a\\ndate: 2021-01-01\\n---\\ntext", 1),
        (b"---\ntitle: a\nsummary: |\n  x\n---\ndate: 2021-01-01\n---\ntext", 6),
        (b'{\n// a note\n"title": "a"\n}\ntext', 1),
        ("{\n“title”: “a”,\n“draft”: true\n}\ntext".encode(), 1),
        ("{「标题」：「茶」}\ntext".encode(), 1),
    ],
)
def test_front_matter_that_lost_its_form_is_never_text(raw: bytes, line: int) -> None:
    problem, *others = findings(raw)
    assert (problem.code, problem.line) == ("front-matter-unread", line)
    assert [(other.code, other.field) for other in others] == ([("hidden-though-broken", "draft")] if b"draft" in raw else [])


@pytest.mark.parametrize(
    ("raw", "line", "fix"),
    [
        (b'+++\ntitle = "a"\ndate = 2021-01-01\n---\ntext', 1, "write +++ as line 4"),
        (b'---\ntitle = "a"\ndate = 2021-01-01\n---\ntext', 1, "write +++ for ---"),
        (b"---\n- title: a\n- date: 2021-01-01\n---\ntext", 1, "delete the dashes"),
        ("---\ntitle: 今天天氣\n---\n今天天氣很好".encode("big5"), 2, "save the file as UTF-8"),
    ],
)
def test_front_matter_of_one_kind_in_the_form_of_another(raw: bytes, line: int, fix: str) -> None:
    problem = findings(raw)[0]
    assert (problem.severity, problem.line) == ("error", line) and fix in problem.fix


@pytest.mark.parametrize(
    ("second", "severity"),
    [
        ("---\ntitle: b\ndate: 2021-01-02\n---\nmore", "warning"),
        ("---\ntitle: b\ndate: 2021-01-02\ntags:\n  - x\n\ndraft: true\n---\nmore", "error"),
        ("```\n---\ntitle: b\ndraft: true\n---\n```", None),
        ("---\ntitle: what is it\n---\nmore", None),
        ("---\n\ntitle: b\n\ntext\n\n---\n", None),
        ("---\n- a: b\n---\nmore", None),
    ],
)
def test_two_posts_in_one_file_are_told(second: str, severity: str | None) -> None:
    """If the second is a draft, the file stays out: its text would be published."""
    problems = list(findings(file_of("title: a\ndate: 2021-01-01") + f"\n{second}\n".encode()))
    assert [(problem.code, problem.severity, problem.line) for problem in problems] == (
        [("front-matter-second", severity, 7)] if severity else []
    )


def test_a_comma_that_is_missing_in_json_is_told_where_it_is_missing() -> None:
    problem = findings(b'{\n"title": "a"\n"date": "2021-01-01"\n}\ntext')[0]
    assert (problem.code, problem.line) == ("front-matter-json", 2) and "a comma is missing" in problem.what


@pytest.mark.parametrize(
    ("raw", "fix"),
    [
        ("---\ntitle: 中文\n---\n很长的文字".encode("utf-16-le"), "save the file as UTF-8"),
        ("---\ntitle: 中文\n---\n很长的文字".encode("gb18030"), "gb18030"),
        ("---\ntitle: 中文\n---\n很长的文字".encode()[:-1], "write the character again"),
    ],
)
def test_an_encoding_is_told_with_a_fix_that_helps(raw: bytes, fix: str) -> None:
    """To name another encoding helps a file that is in it, not one in UTF-8 with a damaged character."""
    problem = findings(raw)[0]
    assert problem.code == "encoding" and fix in problem.fix


CONFLICT = "<<<<<<< HEAD\na\n=======\nb\n>>>>>>> other"


@pytest.mark.parametrize(
    ("body", "line"),
    [
        (CONFLICT, 1),
        (f"x\n\n{CONFLICT}\n", 3),
        (f"```\n{CONFLICT}\n```", None),
        (f"{{% highlight text %}}\n{CONFLICT}\n{{% endhighlight %}}", None),
        (f"{{%- raw -%}}\n{CONFLICT}\n{{%- endraw -%}}", None),
        (f"{{{{< highlight text >}}}}\n{CONFLICT}\n{{{{< /highlight >}}}}", None),
        (f'<pre class="x">\n{CONFLICT}\n</pre>', None),
        (f"<pre>x</pre>\n{CONFLICT}\n", 2),
        (f"{{% highlight text %}}\nx\n{{% endhighlight %}}\n{CONFLICT}", 4),
    ],
)
def test_code_that_shows_a_conflict(body: str, line: int | None) -> None:
    """A conflict in code of any form is what the post is about, not a mistake."""
    assert conflict_line(body) == line


@pytest.mark.parametrize(
    ("raw", "code", "line", "fix"),
    [
        ("---\ntitle: a\n+++\ntext", "front-matter-open", 1, "write --- as line 3, which is '+++'"),
        ("---\ntitle: a\ntags:\n  - x\n —-\ntext", "front-matter-open", 1, "write --- as line 5, which is ' —-'"),
        ("---\ntitle: a\n\ntext\n\n***\n", "front-matter-open", 1, "add a line ---"),
        ("+++\ntitle: a\n+++\ntext", "front-matter-toml", 2, "write = for the colon and quote texts, or write --- for +++"),
        ("+++\ntitle = 茶\n+++\ntext", "front-matter-toml", 2, 'quote the text: title = "茶"'),
        ("+++\ntitle = '茶'\ndraft = yes\n+++\ntext", "front-matter-toml", 3, "write draft = true"),
        ('---\ntitle = "茶"\ndate: 2021-08-04\n---\ntext', "front-matter-yaml", 2, 'write a colon: title: "茶"'),
        ("+++\ntitle = “a”\n+++\ntext", "front-matter-toml", 2, 'write straight quotation marks: title = "a"'),
        ("+++\ndate = 2021-1-2\n+++\ntext", "front-matter-toml", 2, "write two digits: date = 2021-01-02"),
        ("+++\na = 1\na = 2\n+++\ntext", "front-matter-toml", 3, "delete one of the two lines of this key"),
        (
            "---\ntitle: a\n---\n\ndraft: true\n\ntext",
            "front-matter-unread",
            5,
            "move it above the line that ends the front matter",
        ),
    ],
)
def test_other_forms_say_how_they_are_written(raw: str, code: str, line: int, fix: str) -> None:
    problem = findings(raw.encode())[0]
    assert (problem.code, problem.severity, problem.line) == (code, "error", line) and fix in problem.fix


@pytest.mark.parametrize(
    ("body", "code", "line", "what"),
    [
        ("a\n\n![x](图/x y.png)", "file-missing", 3, "'图/x y.png'"), ("a\n\n![x](C:\\b.png)", "image", 3, "'C:"),
        ("a [x](javascript:alert(1))", "link", 1, "javascript:alert(1)"), ("[x](www.example.com)", "address", 1, "no https://"),
        ("![x](http://localhost:4000/a.png)", "address", 1, "your own machine"), ("[x](https:/a.example/)", "address", 1, "mistyped"),
        ("[x](http:/a.example.org)", "address", 1, "mistyped"), ("![x](http://192.168.1.5/a.png)", "address", 1, "own network"),
        ("![x](http://nas.local:5000/a.png)", "address", 1, "own network"),
        ("![x](:/0123456789abcdef0123456789abcdef)", "image", 1, "':/01"),
        ("[x](:/0123456789abcdef0123456789abcdef)", "link", 1, "':/01"),
        ("a\n\n```py\nx\n\ntext", "code-unclosed", 3, ""), ("a\n\n<!-- x\n\ntext", "comment", 3, "not closed"),
        ("a <!- x --> b", "comment", 1, "mistyped"), ("a {{< figure src=x\n\nb", "tag-unclosed", 1, "comes out as text"),
        ("a\n\n{% if page.x %}\nb", "tag-unclosed", 3, "never closed"),
        ("a\n\n{% raw %}\nb", "tag-unclosed", 3, "never closed"), ("a\n\n{% codeblock lang:js %}\nb", "tag-unclosed", 3, "never closed"),
    ],
)  # fmt: skip
def test_mistakes_in_a_text_are_told_on_their_line(
    make_site: Callable[[Mapping[str, str]], Path], body: str, code: str, line: int, what: str
) -> None:
    """One finding a cause, with addresses as their author wrote them."""
    folder = make_site({"a.md": f"---\ntitle: a\ndate: 2021-01-01\n---\n{body}\n"})
    site = replace(SETTINGS, posts=folder, output=folder.parent / "o", state=folder.parent / "s", workers=1)
    with run.look(site, datetime(2026, 1, 1, tzinfo=UTC), everything=True) as (opened, built):
        problems = [problem for problem in check.examine(opened, built).problems if problem.path]
    assert [(problem.code, problem.line) for problem in problems] == [(code, line + 4)], problems
    assert what in problems[0].what and problems[0].fix


@pytest.mark.parametrize("generator", ["plain", "hexo", "jekyll", "obsidian"])
def test_files_on_the_authors_own_disk_are_no_addresses_of_the_site(
    make_site: Callable[[Mapping[str, str]], Path], generator: str
) -> None:
    """As editors insert them; a path of the site that looks a little like one stays."""
    local = ["C:/Users/me/b.png", "file:///home/me/b.png", "/Users/me/Desktop/b.png", "/home/me/图片/b.png"]
    body = (
        "\n".join(f"![x]({path})\n" for path in local)
        + '<img src="D:\\a\\b.png">\n\n[y](C:\\a.txt) [z](/home/blog/downloads/a.zip)\n'
    )
    folder = make_site({"_posts/2021-01-01-a.md": f"---\ntitle: a\ndate: 2021-01-01\n---\n{body}"})
    site = replace(SETTINGS, posts=folder, output=folder.parent / "o", state=folder.parent / "s", workers=1, generator=generator)
    with run.look(site, datetime(2026, 1, 1, tzinfo=UTC), everything=True) as (_, built):
        [entry] = built.publication.feeds[0].entries
        codes = [problem.code for problem in built.publication.problems if problem.code in ("image", "link")]
    assert "<img" not in entry.content and entry.content.count("href=") == 1 and "/home/blog/downloads/a.zip" in entry.content
    assert sorted(codes) == ["image"] * 5 + ["link"]
