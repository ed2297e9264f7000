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


@pytest.mark.parametrize(
    ("words", "code"),
    [
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
