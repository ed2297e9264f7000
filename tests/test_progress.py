"""How far long work is: counts and rate on a terminal, nothing where nobody watches."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from feeds import progress
from feeds.cli import output
from feeds.cli.main import main
from feeds.publish import disk  # noqa: F401  loaded before standard error is another one


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "posts").mkdir()
    for number in range(3):
        (tmp_path / f"posts/{number}.md").write_text(f"---\ntitle: 第{number}篇\ndate: 2021-08-04\n---\n正文。\n", "utf-8")
    (tmp_path / "feeds.toml").write_text('base_url = "https://example.org/"\nworkers = 1\n')
    monkeypatch.chdir(tmp_path)
    for name in ("CI", "NO_COLOR", "LANG", "LC_ALL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(progress, "_SECONDS", 0.0)
    return tmp_path


def test_a_run_says_how_far_it_is(site: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Each phase with its counts, on one line that is gone afterwards; also what only looks."""
    for words in (["build"], ["check"], ["diff"]):
        (site / "posts/0.md").write_text(f"---\ntitle: {words}\ndate: 2021-08-04\n---\n正文。\n", "utf-8")
        terminal = Terminal()
        monkeypatch.setattr(sys, "stderr", terminal)
        assert main(words) == 0
        shown = terminal.getvalue().split("\r\033[K")
        assert shown[0] == "" and shown[-1] == "" and any(text == "converting …" for text in shown), words
        if words == ["build"]:
            assert any(text.startswith("reading posts: 0 of 3, ") and text.endswith(" a second") for text in shown)
            assert any(text.startswith("publishing: ") for text in shown)
    capsys.readouterr()


@pytest.mark.parametrize(("name", "value"), [("TERM", "dumb"), ("CI", "true"), ("NO_COLOR", "1")])
def test_nothing_where_it_is_not_wanted(site: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv(name, value)
    assert main(["build"]) == 0
    assert terminal.getvalue() == ""


def test_quiet_shows_nothing(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    assert main(["build", "-q"]) == 0
    assert terminal.getvalue() == ""


def test_a_line_fits_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrapped line could not be erased; a Chinese character takes two columns."""
    monkeypatch.setenv("COLUMNS", "20")
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with output.progress(enabled=True) as tell:
        tell("转换文章" * 5)
    assert terminal.getvalue().split("\r\033[K")[1] == "转换文章转换文章转"


def test_what_is_counted_stays_what_it_is() -> None:
    """Unwatched, and with the counts of those that are done."""
    assert list(progress.counted("abc", 3)) == ["a", "b", "c"]
