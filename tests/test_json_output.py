"""What commands print with --json is what the schema says, whatever they have to say, in every language."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from feeds.cli import json_page
from feeds.cli.main import main

PAGE = Path(__file__).parents[1] / "docs" / "json.md"
LOG = '127.0.0.1 - - [24/Nov/2026:05:00:00 +0000] "GET /rss.xml HTTP/1.1" 200 10 "-" "Feedly/1.0 (poller; 12 subscribers)"\n'


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A site with a post of each sort: good, broken, scheduled, hidden; published once, and changed since."""
    posts = tmp_path / "posts"
    posts.mkdir()
    for name, keys in {
        "tea": "date: 2021-08-04\ncategories: [Tea]\ntags: [hot]", "old": "date: 2020-01-01", "late": "date: 2199-01-01",
        "draft": "date: 2021-01-01\ndraft: true",
    }.items():  # fmt: skip
        (posts / f"{name}.md").write_text(f"---\ntitle: {name}\n{keys}\n---\nText of {name}, unlike the others.\n", "utf-8")
    (tmp_path / "feeds.toml").write_text('base_url = "https://example.org/"\nlimit = 2\nauthor = "Ann"\n')
    (tmp_path / "access.log").write_text(LOG)
    monkeypatch.chdir(tmp_path)
    for name in os.environ:
        if name.startswith("FEEDS_"):
            monkeypatch.delenv(name)
    assert main(["build", "-q"]) == 0
    (posts / "tea.md").write_text("---\ntitle: tea\ndate: 2021-08-05\n---\nAnother text of tea.\n", "utf-8")
    (posts / "new.md").write_text("---\ntitle: new\ndate: 2022-01-01\n---\nThe text of new.\n", "utf-8")
    (posts / "bad.md").write_text("---\ntitle: [\n---\n", "utf-8")
    return tmp_path


def valid(name: str, printed: str) -> Any:
    """The value, which is as the schema says."""
    value = json.loads(printed)
    schema = json_page.schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(value, {**schema, "$ref": f"#/$defs/{name}"}, cls=jsonschema.Draft202012Validator)
    assert next(iter(value)) == "version"
    return value


@pytest.mark.parametrize("language", ["C.UTF-8", "zh_CN.UTF-8"])
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("feeds check", ["check"]),
        ("feeds check", ["check", "--format", "json"]),
        ("feeds diff", ["diff"]),
        ("feeds diff", ["build", "--dry-run"]),
        ("feeds build", ["build"]),
        ("feeds explain", ["explain", "posts/tea.md"]),
        ("feeds explain", ["explain", "old.md"]),
        ("feeds explain", ["explain", "late.md"]),
        ("feeds explain", ["explain", "bad.md"]),
        ("feeds explain", ["explain", "category/tea"]),
        ("feeds explain", ["explain", "/rss.xml"]),
        ("feeds subscribers", ["subscribers", "access.log"]),
        ("feeds report", ["report"]),
        ("feeds report", ["report", "--log", "access.log"]),
        ("feeds ping", ["ping"]),
        ("feeds ping", ["ping", "--list"]),
        ("feeds rollback", ["rollback", "--release"]),
        ("feeds init", ["init", "--force"]),
        ("feeds init", ["init", "--force", "--base-url", "https://example.org/"]),
        ("feeds init", ["init", "--force", "--base-url", "https://example.org/", "--feed", "public/atom.xml"]),
        ("feeds init --check", ["init", "--check", "public/atom.xml"]),
        ("feeds ledger export", ["ledger", "export", "ledger.txt"]),
        ("feeds ledger import", ["ledger", "import", "nowhere.txt"]),
        ("feeds ledger adopt", ["ledger", "adopt", "public/atom.xml"]),
        ("feeds ledger restore", ["ledger", "restore"]),
        ("feeds ledger redate", ["ledger", "redate"]),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)  # fmt: skip
def test_each_command_prints_what_the_schema_says(
    site: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, name: str, words: list[str], language: str
) -> None:
    """No member that the schema does not name, none missing."""
    monkeypatch.setenv("LANG", language)
    monkeypatch.setenv("LC_ALL", language)
    capsys.readouterr()
    main([*words, *([] if "json" in words else ["--json"])])
    valid(name, capsys.readouterr().out)


def test_what_changes_the_ledger_or_the_output_says_so(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One after another on one site: what was published, taken back, written, merged, read and forgotten."""
    assert main(["build", "-q"]) == 1

    def run(name: str, *words: str) -> Any:
        capsys.readouterr()
        assert main([*name.split()[1:], *words, "--json"]) == 0
        return valid(name, capsys.readouterr().out)

    taken_back = run("feeds rollback")
    assert (taken_back["generation"], taken_back["held"]) == (3, True) and "rss.xml" in taken_back["changed"]
    assert run("feeds rollback", "--release") == {"version": 1, "released": True}
    exported = run("feeds ledger export", "ledger.txt")
    assert exported == {"version": 1, "file": "ledger.txt", "lines": len(Path("ledger.txt").read_text("utf-8").splitlines())}
    for name in ("ours.txt", "theirs.txt"):
        Path(name).write_bytes(Path("ledger.txt").read_bytes())
    assert run("feeds ledger merge", "ledger.txt", "ours.txt", "theirs.txt")["lines"] == exported["lines"]
    imported = run("feeds ledger import", "ledger.txt")
    assert imported["imported"] and imported["posts"] >= 3
    assert run("feeds ledger forget", "category/tea") == {"version": 1, "forgotten": "category/tea", "feeds": 1}
    assert run("feeds ledger redate")["posts"] == []
    written = run("feeds init", "--force", "--base-url", "https://example.org/", "--feed", "public/atom.xml")
    assert written["missing"] is None and written["old_feed"]["kept"] == 2
    assert [link["path"] for link in written["links"]] == ["new.md", "tea.md", "old.md"]
    assert [item["path"] for item in written["left_out"]] == ["bad.md", "draft.md", "late.md"]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["ledger", "export"], 2),
        (["ledger", "forget", "category/none"], 2),
        (["init"], 2),
        (["build", "--limit", "none"], 2),
        (["build", "--limti", "1"], 2),
        (["explain", "nothing.md"], 2),
        (["diff", "--config", "nowhere.toml"], 2),
        (["subscribers", "nowhere.log"], 2),
    ],
)
def test_an_error_is_json_as_well(site: Path, capsys: pytest.CaptureFixture[str], words: list[str], code: int) -> None:
    """A machine that asked for JSON gets some; a person gets the same words."""
    capsys.readouterr()
    assert main([*words, "--json"]) == code
    printed = capsys.readouterr()
    error = valid("error", printed.out)["error"]
    assert error["exit_code"] == code and error["message"] in printed.err


def test_the_page_and_the_command_show_the_schema(capsys: pytest.CaptureFixture[str]) -> None:
    """`python -m feeds.cli.json_page > docs/json.md` would change nothing."""
    assert PAGE.read_text("utf-8") == json_page.page()
    assert main(["help", "json-schema"]) == 0
    assert json.loads(capsys.readouterr().out) == json_page.schema()


def test_subscribers_are_a_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Headings, a row for each feed and for each of its readers; numbers end at the right."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "access.log").write_text(
        LOG + LOG.replace("rss.xml", "%E8%8C%B6/rss.xml").replace("12 sub", "1,345 sub"), "utf-8"
    )
    assert main(["subscribers", "access.log"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "Feed         Reader  Subscribers",
        "/茶/rss.xml                 1345",
        "             Feedly         1345",
        "/rss.xml                      12",
        "             Feedly           12",
    ]
