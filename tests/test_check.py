"""`feeds check` tells the whole truth, in every form; each finding has a code that docs/findings.md describes."""

from __future__ import annotations

import ast
import json
import os
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from feeds import findings
from feeds.build import run
from feeds.cli import language, sentences
from feeds.cli.main import main
from feeds.errors import Problem
from feeds.settings import Settings

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "findings.md"
#: Calls whose first argument, or argument called code, is the code of a finding.
CALLS = {"Problem", "FrontMatterError", "Note", "Finding", "Message", "TemplateMessage", "problem", "note", "report", "_broken"}


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a good post and settings."""
    (tmp_path / "posts").mkdir()
    (tmp_path / "feeds.toml").write_text('base_url = "https://example.org/"\n[bounds]\nterm_characters = 300\n', "utf-8")
    write(tmp_path, "good.md", "---\ntitle: good\ndate: 2020-01-01\n---\ntext\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(site: Path, name: str, text: str | bytes) -> Path:
    path = site / "posts" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def check(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    """What `feeds check --json` says."""
    capsys.readouterr()
    code = main(["check", "--json", *words])
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert untranslated(told) == []
    assert code == (1 if any(one["severity"] == "error" for one in told["problems"]) else 0)
    return told


def untranslated(told: dict[str, Any]) -> list[str]:
    """The parts of findings, and the reasons of posts that are left out, that a Chinese reader would get in English."""
    parts = [
        item[name] for item in (*told["problems"], *told["left_out"]) for name in ("what", "expected", "fix") if item.get(name)
    ]
    language.choose({"FEEDS_MESSAGES": "zh-CN"})
    try:
        return [text for text in parts if sentences.phrase(text) == text and re.search(r"[a-z]{2,} [a-z]{2,}", text)]
    finally:
        language.choose({})


def codes_in_the_source() -> set[str]:
    found: set[str] = set()
    for path in (ROOT / "feeds").rglob("*.py"):
        if path.name == "findings.py":
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = (
                node.func.id
                if isinstance(node.func, ast.Name)
                else node.func.attr
                if isinstance(node.func, ast.Attribute)
                else ""
            )
            if name not in CALLS:
                continue
            messages = [node.args[1 if name == "_broken" else 0]] if len(node.args) > (name == "_broken") else []
            messages += [keyword.value for keyword in node.keywords if keyword.arg == "code"]
            found |= {
                one.value
                for one in messages
                if isinstance(one, ast.Constant)
                and isinstance(one.value, str)
                and re.fullmatch(r"[a-z]+(-[a-z0-9]+)*", one.value)
            }
    return found


def test_every_code_is_described_and_none_besides() -> None:
    """A finding without a description, an example and a fix cannot be added; one that is not reported any more goes."""
    dynamic = {"hidden-though-broken", "vanished", "bound-file"}
    assert codes_in_the_source() - findings.table().keys() == set()
    assert findings.table().keys() - codes_in_the_source() - dynamic == set()
    for finding in findings.table().values():
        assert finding.severity in ("error", "warning", "notice") and finding.meaning and finding.example and finding.fix


def test_the_page_is_the_table() -> None:
    assert PAGE.read_text("utf-8") == findings.page(), "python -m feeds.findings > docs/findings.md"


@pytest.mark.parametrize("code", [code for code, finding in findings.table().items() if finding.is_post])
def test_each_example_brings_its_finding_out(site: Path, capsys: pytest.CaptureFixture[str], code: str) -> None:
    """With the severity that the page names, a fix, and the good post untouched."""
    write(site, "tea.md", findings.table()[code].example)
    report = check(capsys)
    found = [one for one in report["problems"] if one["path"] == "tea.md" and one["code"] == code]
    assert found and found[0]["severity"] == findings.table()[code].severity, report["problems"]
    assert found[0].get("fix") or code in ("hidden-though-broken",)
    assert found[0]["file"] == os.path.join("posts", "tea.md") and not [
        one for one in report["problems"] if one["path"] == "good.md"
    ]


#: Findings that need more than the text of a post: the code, the end of feeds.toml, further files below the posts folder.
WITH_SETTINGS: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("raw-html", "[markdown]\nraw_html = false\n", {"tea.md": "a <b>bold</b> word"}),
    ("template-logic", "", {"tea.md": "{% for post in site.posts %}x{% endfor %}"}),
    ("section-encrypted", "", {"tea.md": '{{% hugo-encryptor "pw" %}}\nx\n{{% /hugo-encryptor %}}'}),
    ("bound-title", "", {"tea.md": f"---\ntitle: {'t' * 3000}\ndate: 2021-08-04\n---\nx\n"}),
    ("bound-content", "[bounds]\ncontent_bytes = 2000\n", {"tea.md": "word **bold**\n\n" * 200}),
    ("data-file", "", {"notes/_index.md": "---\ncascade: [\n---\n", "notes/tea.md": "x"}),
    ("link", "", {"tea.md": '<a href="file:///tea">x</a>'}),
    ("address", "", {"tea.md": "[tea](www.example.com)"}),
    ("address", "", {"tea.md": "![cup](http://localhost:4000/cup.png)"}),
    ("formula", "", {"tea.md": '<span class="katex"><span class="katex-html">x</span></span>'}),
    ("comment", "", {"tea.md": "a\n\n<!- a note -->\n\nb"}),
    ("more", "", {"tea.md": "".join(f"[x](file:///{number})\n\n" for number in range(300))}),
)


@pytest.mark.parametrize(("code", "toml", "files"), WITH_SETTINGS, ids=lambda part: part if isinstance(part, str) else "")
def test_each_finding_of_a_site(
    site: Path, capsys: pytest.CaptureFixture[str], code: str, toml: str, files: dict[str, str]
) -> None:
    """As severe as the page says, with the post and a fix; the good post is untouched."""
    generator = 'generator = "hugo"\n' if code == "data-file" else ""
    (site / "feeds.toml").write_text(f'base_url = "https://example.org/"\n{generator}{toml}', "utf-8")
    for name, text in files.items():
        write(site, name, text if text.startswith("---") else f"---\ntitle: Tea\ndate: 2021-08-04\n---\n{text}\n")
    report = check(capsys)
    found = [one for one in report["problems"] if one["code"] == code]
    assert found and {one["severity"] for one in found} == {findings.table()[code].severity}, report["problems"]
    assert {one["path"] for one in found} == {list(files)[-1]} and (found[0].get("fix") or code in ("section-encrypted", "more"))
    assert "good.md" not in {one["path"] for one in report["problems"]}


def test_check_looks_at_every_post(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Also at those that enter no document, and at two that share an address."""
    for number in range(40):
        write(
            site,
            f"p{number:02}.md",
            f"---\ntitle: {number}\ndate: 2021-01-{number % 28 + 1:02}\n---\n![x](missing-{number}.png)\n",
        )
    write(site, "same1.md", "---\ntitle: a\ndate: 2020-01-01\npermalink: /tea/\n---\nx\n")
    write(site, "same2.md", "---\ntitle: b\ndate: 2020-01-02\npermalink: /tea/\n---\nx\n")
    report = check(capsys)
    assert len([one for one in report["problems"] if one["code"] == "file-missing"]) == 40
    shared = [problem for problem in report["problems"] if problem["code"] == "permalink-shared"]
    assert [(problem["path"], problem["line"], problem["field"]) for problem in shared] == [("same1.md", 4, "permalink")]
    assert report["version"] == 1 and report["published"] == 43


@pytest.mark.parametrize(
    ("generator", "date"),
    [("hugo", "it comes after all others, with the date 1970-01-01"), ("plain", "it is dated by the build")],
)
def test_a_post_without_a_date_is_told_the_date_that_it_gets(
    site: Path, capsys: pytest.CaptureFixture[str], generator: str, date: str
) -> None:
    (site / "feeds.toml").write_text(f'base_url = "https://example.org/"\ngenerator = "{generator}"\n', "utf-8")
    write(site, "blog/undated.md", "---\ntitle: Tea\n---\nText.\n")
    found = [problem for problem in check(capsys)["problems"] if problem["path"].endswith("undated.md")]
    assert [problem["code"] for problem in found] == ["date-missing"] and date in found[0]["what"]


def test_what_is_never_published_need_not_be_readable(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Of Jekyll's drafts and of files without a date in their names nothing is an error; of its posts it is."""
    (site / "feeds.toml").write_text('base_url = "https://example.org/"\ngenerator = "jekyll"\n', "utf-8")
    write(site, "_posts/2020-01-01-good.md", "---\ntitle: good\n---\ntext\n")
    write(site, "_posts/README.md", b"\xd5\xd5")
    write(site, "_drafts/a.md", "---\ntitle: a: b\n---\ntext\n")
    report = check(capsys)
    assert [problem for problem in report["problems"] if problem["severity"] in ("error", "warning")] == []
    write(site, "_posts/2020-01-02-a.md", "---\ntitle: a: b\n---\ntext\n")
    report = check(capsys)
    assert [problem["path"] for problem in report["problems"] if problem["severity"] == "error"] == ["_posts/2020-01-02-a.md"]
    assert report["published"] == 1


def test_check_names_everything_that_is_left_out(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Formats that are not read, names that are not UTF-8, links, leftovers; and a build says so once."""
    for name in ("a.rst", "b.tex", "c.org", "d.adoc", "e.ipynb", "sub/f.rst"):
        write(site, name, "x")
    (site / "posts/link.md").symlink_to("/etc/hostname")
    (site / "posts/empty.md").write_bytes(b"")
    with open(os.path.join(os.fsencode(site / "posts"), b"\xff.md"), "wb") as stream:
        stream.write(b"x")
    report = check(capsys)
    messages = [one["what"] for one in report["problems"] if one["code"] == "unread-format"]
    assert len(messages) == 5 and any(
        "2 files in reStructuredText (.rst) are not read: a.rst, sub/f.rst" in what for what in messages
    )
    assert {"file-name", "skipped"} <= {one["code"] for one in report["problems"]}
    assert [one["reason"] for one in report["left_out"]] == ["empty"]
    settings = Settings(base_url="https://example.org/", posts=site / "posts", output=site / "o", state=site / "s", workers=1)
    first = run.publish(settings, datetime(2026, 1, 1, tzinfo=UTC)).notices
    assert len(first) == 8 and any("reStructuredText" in notice for notice in first)
    assert run.publish(settings, datetime(2026, 1, 2, tzinfo=UTC)).notices == ()
    (site / "s/notices.json").rename(site / "s/told.json")
    (site / "s/cache.sqlite").rename(site / "s/memo.sqlite")
    assert run.publish(settings, datetime(2026, 1, 2, tzinfo=UTC)).notices == (), "the files of earlier versions are read"
    write(site, "g.rst", "x")
    [again] = run.publish(settings, datetime(2026, 1, 3, tzinfo=UTC)).notices
    assert "3 files in reStructuredText" in again
    assert not (site / "s/told.json").exists() and not (site / "s/memo.sqlite").exists()


MISTAKES = {
    "title：a": (2, "colon"), "title:a": (2, "colon"), "title:\u00a0a": (2, "blank"), 'title: "a': (2, "quotation"), "tags: [x, y": (2, "bracket"),
    "<<<<<<< HEAD\ntitle: a\n=======\ntitle: b\n>>>>>>> x": (2, "conflict"), "summary: a: b": (2, "quote"), "title: @x": (2, "quote"), "title: %x": (2, "quote"),
}  # fmt: skip


@pytest.mark.parametrize("front", MISTAKES)
def test_a_mistake_is_told_on_its_own_line(site: Path, capsys: pytest.CaptureFixture[str], front: str) -> None:
    """Not on the line at which the parser gave up."""
    line, word = MISTAKES[front]
    write(site, "tea.md", f"---\n{front}\ndate: 2021-01-01\ndraft: false\n---\ntext\n")
    [found] = [one for one in check(capsys)["problems"] if one["severity"] == "error"]
    assert found["line"] == line and (word in found["what"] or word in found["fix"]), found


def test_forms_for_other_programs(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """SARIF and GitHub's commands name file and line, and hold nothing that could be a command of its own."""
    write(site, "a\n::error::b.md", "---\ntitle: a: b\n---\n")
    write(site, "tea.md", "---\ntitel: 100%, b\x1b\ndate: 2021-01-01\n---\n\ntext\n")
    assert main(["check", "--format", "github"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert all(re.fullmatch(r"::(error|warning|notice) (file=[^,:]+,(line=\d+,)?)?title=[a-z-]+::.*", line) for line in lines)
    assert any(line.startswith(f"::warning file={os.path.join('posts', 'tea.md')},line=2,title=key-misspelt::") for line in lines)
    assert main(["check", "--format", "sarif"]) == 1
    log = json.loads(capsys.readouterr().out)
    [ran] = log["runs"]
    rules = [rule["id"] for rule in ran["tool"]["driver"]["rules"]]
    assert log["version"] == "2.1.0" and ran["results"] and all(rule["help"]["text"] for rule in ran["tool"]["driver"]["rules"])
    for result in ran["results"]:
        assert rules[result["ruleIndex"]] == result["ruleId"] and result["message"]["text"].isprintable()
    assert any(
        place["physicalLocation"]["artifactLocation"]["uri"] == "posts/tea.md"
        for result in ran["results"]
        for place in result.get("locations", ())
    )


FIXES = {
    "---\ntitle: Tea: a guide\ndate: 2021-01-01\n---\nx\n": '---\ntitle: "Tea: a guide"\ndate: 2021-01-01\n---\nx\n',
    "---\r\ntitle: [转] 茶\r\ndate: 2021-01-01\r\n---\r\nx\r\n": '---\r\ntitle: "[转] 茶"\r\ndate: 2021-01-01\r\n---\r\nx\r\n',
    "---\ntitle：茶\ndate: 2021-01-01\n---\nx：y\n": "---\ntitle: 茶\ndate: 2021-01-01\n---\nx：y\n",
    "---\ntitle:tea\ndate:2021-01-01\n---\nx\n": "---\ntitle: tea\ndate: 2021-01-01\n---\nx\n",
    "---\ntitle: Lesson #1\ndate: 2021-01-01\n---\nx #1\n": '---\ntitle: "Lesson #1"\ndate: 2021-01-01\n---\nx #1\n',
    "---\ntitel: tea\ntgas: [a]\ndate: 2021-01-01\n---\ntitel: x\n": "---\ntitle: tea\ntags: [a]\ndate: 2021-01-01\n---\ntitel: x\n",
    "---\ntitle: tea\ndate: 2020-05-10-T14:01:27-05:00\n---\nx\n": "---\ntitle: tea\ndate: 2020-05-10T14:01:27-05:00\n---\nx\n",
    "---\ntitle: te\x01a\ndate: 2021-01-01\n---\nx\x0b\x00y\n": "---\ntitle: tea\ndate: 2021-01-01\n---\nxy\n",
    "---\ntitle: 'tea'\ndata: 2021-01-01\n---\nx\n": "---\ntitle: 'tea'\ndate: 2021-01-01\n---\nx\n",
}  # fmt: skip
#: What is not clear is left to its author.
UNFIXED = [
    "---\ntitle: tea\ndate: 2021-02-30\n---\nx\n",
    "---\ntitle: tea\ndraft: ture\n---\nx\n",
    '---\ntitle: "a\ndate: 2021-01-01\n---\nx\n',
    "---\ntitle: a\n  b: c: d\n---\n",
]


@pytest.mark.parametrize("before", FIXES)
def test_fixes_are_shown_and_written_only_if_asked(site: Path, capsys: pytest.CaptureFixture[str], before: str) -> None:
    """The rest of the file stays byte for byte, and so does its mode."""
    path = write(site, "tea.md", before)
    path.chmod(0o640)
    assert main(["check", "--fix"]) == 0
    shown = capsys.readouterr().out
    assert (
        path.read_bytes() == before.encode()
        and "nothing was written" in shown
        and "+++ b/tea.md" in shown
        and "\x01" not in shown
    )
    assert main(["check", "--fix", "--yes"]) == 0
    assert path.read_bytes() == FIXES[before].encode() and path.stat().st_mode & 0o777 == 0o640
    assert not [one for one in check(capsys)["problems"] if one["path"] == "tea.md" and one["severity"] != "notice"]
    assert main(["check", "--fix", "--yes"]) == 0 and "nothing can be corrected" in capsys.readouterr().out


@pytest.mark.parametrize("text", UNFIXED)
def test_what_is_not_clear_is_left_to_its_author(site: Path, capsys: pytest.CaptureFixture[str], text: str) -> None:
    path = write(site, "tea.md", text)
    assert main(["check", "--fix", "--yes"]) == 0 and path.read_text("utf-8") == text


@pytest.mark.parametrize(
    "front",
    ["titles: x", "subtitle: x", "data: {a: 1}", "data: yes", "dates: [1]", "tabs: true", "gate: 3", "theme: x", "layout: post", "toc: true", "time: 3", "rate: 5", "weight: 1",
     "comments: false", "mathjax: true", "aliases: [/a/]", "series: x", "keywords: [a]", "state: x", "cate: x", "sticky: 100", "top: true", "tile: x", "authors: [a]", "link: /x/"],
)  # fmt: skip
def test_other_keys_are_not_mistyped_ones(site: Path, capsys: pytest.CaptureFixture[str], front: str) -> None:
    write(site, "tea.md", f"---\ntitle: x\ndate: 2020-01-01\n{front}\n---\ntext\n")
    assert not [one for one in check(capsys)["problems"] if one["code"] == "key-misspelt"]


@pytest.mark.parametrize("character", ["\x1b", "\x07", "\u202e", "\u200b", "\ud800", "\x85"])
@pytest.mark.parametrize("name", ["what", "expected", "fix"])
def test_no_finding_holds_what_a_terminal_would_obey(name: str, character: str) -> None:
    """What comes from a post may be anything: it is shown as an escape, in whatever form findings are printed."""
    parts = {"what": "what", name: f"a{character}b"}
    text = getattr(Problem("front-matter", "error", "tea.md", **parts), name)
    assert text.isprintable() and text.startswith("a") and text.endswith("b") and len(text) > 3


@pytest.mark.parametrize("keys", ["darft：[true]", "private：#a", "published:~", "\tdraft = [a, b],\nsummary: a: b"])
def test_no_fix_publishes_what_a_broken_line_hides(site: Path, capsys: pytest.CaptureFixture[str], keys: str) -> None:
    """What the line says once it can be read is not what its author meant: the post would come out."""
    path = write(site, "a.md", f"---\ntitle: a\ndate: 2021-01-01\n{keys}\n---\nText.\n")
    text = path.read_bytes()
    assert "hidden-though-broken" in [one["code"] for one in check(capsys)["problems"]]
    assert main(["check", "--fix", "--yes"]) == 0 and path.read_bytes() == text
