"""`feeds report`: one page about a site that needs nothing else, from posts and a log."""

from __future__ import annotations

import gzip
import io
import json
import re
from pathlib import Path

import pytest
from lxml import html

from feeds.cli import charts
from feeds.cli.main import main

LOG = '127.0.0.1 - - [24/Nov/2026:05:00:00 +0000] "GET /rss.xml HTTP/1.1" 200 10 "-" "Feedly/1.0 (poller; 12 subscribers)"\n'


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "posts").mkdir()
    for number, (date, category) in enumerate(
        [("2020-12-31T20:00:00Z", "茶"), ("2021-05-01", "茶"), ("2021-06-01", "<b>Tea</b> & more")]
    ):
        (tmp_path / f"posts/{number}.md").write_text(
            f'---\ntitle: Post {number}\ndate: {date}\ncategory: "{category}"\n---\nText {number}.\n', "utf-8"
        )
    (tmp_path / "posts/draft.md").write_text("---\ntitle: d\ndate: 2021-01-01\ndraft: true\n---\nx\n")
    (tmp_path / "posts/bad.md").write_text("---\ntitle: [\n---\nx\n")
    (tmp_path / "feeds.toml").write_text('base_url = "https://example.org/"\ntitle = "Tea <Notes>"\ntimezone = "Asia/Shanghai"\n')
    (tmp_path / "access.log").write_text(LOG)
    monkeypatch.chdir(tmp_path)
    assert main(["build", "-q"]) == 1
    return tmp_path


def test_the_facts(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Months are those of the site's zone; sizes are those on the disk."""
    capsys.readouterr()
    assert main(["report", "--json", "--log", "access.log"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["posts"] == 3 and facts["posts_by_month"] == {"2021-01": 1, "2021-05": 1, "2021-06": 1}
    assert sorted(facts["posts_by_category"].values()) == [1, 2] and facts["posts_by_category"]["茶"] == 2
    sizes = {document["url"]: document["bytes"] for document in facts["largest_documents"]}
    assert sizes["https://example.org/rss.xml"] == (site / "public/rss.xml").stat().st_size
    assert max(sizes.values()) == next(iter(sizes.values()))
    assert [post["path"] for post in facts["left_out"] if post["reason"] == "draft"] == ["draft.md"]
    assert {"code": "front-matter-yaml", "severity": "error", "count": 1} in facts["problems"]
    nothing = {kind: [] for kind in ("new", "updated", "redated", "withdrawn")}
    assert facts["changes"] == {"published_before": True, "feeds": 0, **nothing} and facts["updated_last"] == []
    assert facts["subscribers"] == [{"feed": "/rss.xml", "subscribers": 12, "by_reader": {"Feedly": 12}}]


def test_what_changed(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What the next build would show, each entry once however many feeds have it; posts that were edited since they came out."""
    (site / "posts/0.md").write_text("---\ntitle: Post 0\ndate: 2020-12-31T20:00:00Z\ncategory: 茶\n---\nEdited.\n", "utf-8")
    assert main(["build", "-q"]) == 1
    (site / "posts/new.md").write_text("---\ntitle: New\ndate: 2021-07-01\ncategory: 茶\n---\nText.\n", "utf-8")
    (site / "posts/2.md").unlink()
    capsys.readouterr()
    assert main(["report", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert [post["path"] for post in facts["updated_last"]] == ["0.md"]
    assert [entry["title"] for entry in facts["changes"]["new"]] == ["New"] and facts["changes"]["feeds"] > 2
    assert [entry["title"] for entry in facts["changes"]["withdrawn"]] == ["Post 2"]
    assert main(["report"]) == 0
    page = html.fromstring(capsys.readouterr().out)
    rows = [[cell.text_content().strip() for cell in row.iter("td")] for row in page.iter("tr")]
    assert ["New", "new"] in rows and ["Post 2", "withdrawn"] in rows and rows.count(["New", "new"]) == 1
    assert "Post 0" in [row[0] for row in rows if row]


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_the_page(site: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, language: str) -> None:
    """It loads nothing, runs nothing, and shows what posts say as text."""
    monkeypatch.setenv("FEEDS_MESSAGES", language)
    capsys.readouterr()
    assert main(["report", "--log", "access.log"]) == 0
    text = capsys.readouterr().out
    assert not re.search(r"<(script|link|img|iframe)|src=|@import|url\(", text) and "<b>Tea" not in text and "<Notes>" not in text
    page = html.fromstring(text)
    assert page.get("lang") == language and page.findtext(".//h1") == "Tea <Notes>"
    cells = [cell.text_content().strip() for cell in page.iter("td")]
    for shown in ("茶", "2021", "draft.md", "Feedly", "12", "https://example.org/rss.xml"):
        assert shown in cells, shown
    assert "front-matter-yaml" in [code.text for code in page.iter("code")]
    widths = [float(width) for width in re.findall(r"width: ([\d.]+)%", text)]
    assert widths and max(widths) == 100 and min(widths) > 0
    assert page.xpath("//table[.//td[@class='bar']]//td[@class='n']"), "a chart has its numbers beside it"


def test_an_empty_site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "posts").mkdir()
    (tmp_path / "posts/draft.md").write_text("---\ntitle: d\ndraft: true\n---\nx\n")
    monkeypatch.chdir(tmp_path)
    assert main(["report"]) == 0
    assert "draft.md" in capsys.readouterr().out


@pytest.mark.parametrize("form", ["plain", "gz", "stdin"])
def test_a_log_in_each_form(site: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    """A file, a packed file, standard input; for `feeds subscribers` as well."""
    name = {"plain": "access.log", "gz": "access.log.gz", "stdin": "-"}[form]
    (site / "access.log.gz").write_bytes(gzip.compress(LOG.encode()))
    for command in (["subscribers", name], ["report", "--log", name]):
        monkeypatch.setattr("sys.stdin", io.StringIO(LOG))
        capsys.readouterr()
        assert main([*command, "--json"]) == 0
        assert '"Feedly": 12' in capsys.readouterr().out


def test_a_log_that_is_not_there(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A wrong argument, not an error of the operating system."""
    for command in (["subscribers", "nowhere.log"], ["report", "--log", "nowhere.log"]):
        assert main(command) == 2
        assert "nowhere.log is not a file" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("by_month", "columns", "by"),
    [({"2025-03": 2, "2025-01": 7}, 3, "month"), ({"2025-12": 1}, 1, "month"), ({"1990-01": 1, "2025-01": 3}, 36, "year"),
     ({"0001-01": 1, "9999-01": 3}, 180, "year"), ({"2024-12": 1_000_000, "2025-01": 1}, 2, "month")],
)  # fmt: skip
def test_the_chart_stays_within_its_bounds(by_month: dict[str, int], columns: int, by: str) -> None:
    """Months without posts have their place, columns and lines are inside, and there are few lines."""
    drawn = charts.chart(by_month)
    assert drawn is not None and (len(drawn.columns), drawn.by) == (columns, by)
    for column in drawn.columns:
        assert column.x >= charts.LEFT and column.x + column.width <= charts.WIDTH and column.y >= 0 <= column.height
    assert 2 <= len(drawn.ticks) <= 7 and drawn.ticks[0].count == 0 and drawn.ticks[-1].count >= max(by_month.values())
    assert charts.chart({}) is None
