"""What moves `updated`: what a reader sees, not how it is written; and a time zone moves no date in silence."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from feeds.build import run
from feeds.build.entries.visible import visible_digest
from feeds.errors import RefusedError
from feeds.ledger import dump
from feeds.ledger.ledger import Ledger
from feeds.migrate import previous
from feeds.publish import guard
from feeds.settings import Settings, load

START = datetime(2026, 3, 1, 8, tzinfo=UTC)
BEFORE = """A line with *emphasis* and __weight__.

* one
* two
    * inner

| a | b |
|---|---|
| long cell | x |

```python
x = *y
```
"""
AFTER = """A line with _emphasis_ and **weight**.   \n
- one
- two
    - inner

| a         | b   |
| --------- | --- |
| long cell | x   |

```python
x = *y
```
"""


def settings(folder: Path, **changed: object) -> Settings:
    flags = {"posts": folder / "posts", "base_url": "https://example.org/", "authority": "example.org,2026", **changed}
    return load(flags=flags, environ={}, cwd=folder)


def dates(site: Settings) -> dict[str, tuple[str, str | None]]:
    """Title -> the instants of publication and of the last update."""
    found = json.loads((site.output / "feed.json").read_bytes())["items"]
    return {item["title"]: (item["date_published"], item.get("date_modified")) for item in found}


def documents(site: Settings) -> dict[str, bytes]:
    return {str(path.relative_to(site.output)): path.read_bytes() for path in site.output.rglob("*.xml")}


@pytest.fixture
def posts(tmp_path: Path) -> Path:
    folder = tmp_path / "posts"
    folder.mkdir()
    write(folder, BEFORE)
    return folder


def write(folder: Path, body: str, *, id: str = "") -> None:
    for number in range(4):
        own = f"id: {id}{number}\n" if id else ""
        (folder / f"{number}.md").write_text(
            f"---\ntitle: Post {number}\ndate: 2021-01-0{number + 1}\n{own}---\n{body}Number {number}.\n"
        )


def test_a_formatter_changes_no_date_and_no_document(tmp_path: Path, posts: Path) -> None:
    """Other marks for the same text, aligned tables, blanks at line ends; a real edit afterwards counts."""
    site = settings(tmp_path)
    run.publish(site, START)
    before, whole = dates(site), documents(site)
    write(posts, AFTER)
    run.publish(site, START + timedelta(hours=1))
    assert dates(site) == before and documents(site) == whole
    write(posts, AFTER.replace("inner", "innermost"))
    run.publish(site, START + timedelta(hours=2))
    assert all(updated == "2026-03-01T10:00:00Z" for _, updated in dates(site).values())


def test_a_formatter_runs_while_posts_are_renamed(tmp_path: Path, posts: Path) -> None:
    """In one build; an edit together with a new name counts."""
    site = settings(tmp_path)
    run.publish(site, START)
    before = dates(site)
    write(posts, AFTER)
    (posts / "sub").mkdir()
    for number in range(4):
        (posts / f"{number}.md").rename(posts / "sub" / f"tea-{number}.md")
    run.publish(site, START + timedelta(hours=1))
    assert dates(site) == before
    text = (posts / "sub" / "tea-0.md").read_text().replace("inner", "innermost")
    (posts / "sub" / "tea-0.md").unlink()
    (posts / "0.md").write_text(text)
    run.publish(site, START + timedelta(hours=2))
    assert dates(site) == before | {"Post 0": (before["Post 0"][0], "2026-03-01T10:00:00Z")}


def test_a_formatter_runs_on_posts_with_ids_where_only_the_manifest_is_known(tmp_path: Path, posts: Path) -> None:
    """The manifest does not tell their paths."""
    site = settings(tmp_path)
    write(posts, BEFORE, id="own-")
    run.publish(site, START)
    before = dates(site)
    last = previous.read(str(site.output))
    shutil.rmtree(site.state)
    shutil.rmtree(site.output)
    write(posts, AFTER, id="own-")
    run.publish(site, START + timedelta(hours=1), accepted=guard.Accepted(previous=last))
    assert dates(site) == before


def test_a_formatter_runs_where_no_disk_stays(tmp_path: Path, posts: Path) -> None:
    """The text ledger carries what was seen; the caches of the state folder are gone."""
    site = settings(tmp_path)
    run.publish(site, START)
    before = dates(site)
    ledger = Ledger.open(site.state)
    lines = list(dump.export(ledger))
    ledger.close()
    shutil.rmtree(site.state)
    dump.import_(site.state, lines)
    write(posts, AFTER)
    run.publish(site, START + timedelta(hours=1))
    assert dates(site) == before


def test_a_formatter_in_a_build_that_is_killed(tmp_path: Path, posts: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Committed and never live: the next build still knows what readers saw."""
    site = settings(tmp_path)
    run.publish(site, START)
    before = dates(site)
    write(posts, AFTER)

    class KilledError(Exception):
        """In place of SIGKILL."""

    def killed(*_: object, **__: object) -> None:
        raise KilledError

    with monkeypatch.context() as patch:
        patch.setattr("feeds.publish.folder.FolderTarget.publish", killed)
        with pytest.raises(KilledError):
            run.publish(site, START + timedelta(hours=1))
    run.publish(site, START + timedelta(hours=2))
    assert dates(site) == before


def test_the_first_edit_on_a_ledger_of_an_earlier_version_counts(tmp_path: Path, posts: Path) -> None:
    """Where nobody noted down what readers saw, a changed text is an edit."""
    site = settings(tmp_path)
    run.publish(site, START)
    ledger = Ledger.open(site.state)
    assert ledger._base is not None
    ledger._base.execute("DROP TABLE visible")
    ledger.close()
    write(posts, BEFORE.replace("inner", "innermost"))
    run.publish(site, START + timedelta(hours=1))
    assert all(updated == "2026-03-01T09:00:00Z" for _, updated in dates(site).values())
    write(posts, AFTER.replace("inner", "innermost"))
    run.publish(site, START + timedelta(hours=2))
    assert all(updated == "2026-03-01T09:00:00Z" for _, updated in dates(site).values())


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("<p>a\nb</p>\n<p>c</p>", "<p>a b</p><p>c</p>", True),
        ("<ul>\n<li>a</li>\n</ul>", "<ul><li>a</li></ul>", True),
        ("<pre><code>a\n  b</code></pre>", "<pre><code>a\nb</code></pre>", False),
        ("<p><em>a</em> <em>b</em></p>", "<p><em>a</em><em>b</em></p>", False),
        ("<p>a</p>", "<p>A</p>", False),
        ("<p>a <br>b</p>", "<p>a b</p>", False),
    ],
)
def test_blanks_that_show_nowhere(one: str, other: str, same: bool) -> None:
    """Between blocks and at line ends; never within code or between words."""
    assert (visible_digest("t", one) == visible_digest("t", other)) is same
    assert visible_digest("t", one) != visible_digest("u", one)


@pytest.mark.parametrize(
    "body",
    [
        "One.\n\n<!-- more -->\n\nTwo.\n",
        "One ![dot](dot.png).\n\n<!-- more -->\n\nTwo.\n",
        "One `{` and {% x %}y.\n",
        "A [[1]].\n",
    ],
)
def test_a_blank_at_a_line_end_shows_nowhere_whatever_else_the_text_has(tmp_path: Path, posts: Path, body: str) -> None:
    """A read-more mark, a picture beside the post, braces, a link by title: one digest at the conversion and after the edit."""
    (posts / "dot.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    write(posts, body)
    site = settings(tmp_path, generator="obsidian")
    run.publish(site, START)
    before = dates(site)
    write(posts, body.replace("\n\n", "  \n\n\n").removesuffix("\n") + " \n")
    run.publish(site, START + timedelta(hours=1))
    assert dates(site) == before
    write(posts, body + "More.\n")
    run.publish(site, START + timedelta(hours=2))
    assert all(updated == "2026-03-01T10:00:00Z" for _, updated in dates(site).values())


def test_another_time_zone_moves_no_date_unasked(tmp_path: Path, posts: Path) -> None:
    """Refused with both ways out; dates with a zone of their own do not move; accepted, it is not asked again."""
    (posts / "own.md").write_text("---\ntitle: Own\ndate: 2021-02-01 10:00:00 +0200\n---\nx\n")
    (posts / "today.md").write_text("---\ntitle: Today\ndate: 2026-03-01 15:00:00\n---\nx\n")
    site = settings(tmp_path, timezone="Asia/Shanghai")
    run.publish(site, START)
    before = dates(site)
    moved = settings(tmp_path, timezone="UTC")
    with pytest.raises(
        RefusedError, match=r"UTC and was Asia/Shanghai: the date of 5 published posts .*Shanghai.*--accept-dates"
    ):
        run.publish(moved, START + timedelta(hours=1))
    run.publish(site, START + timedelta(hours=1))
    assert dates(site) == before
    run.publish(moved, START + timedelta(hours=12), accepted=guard.Accepted(dates=True))
    assert dates(site)["Own"] == before["Own"] and dates(site)["Post 0"][0] == "2021-01-01T00:00:00Z"
    run.publish(moved, START + timedelta(hours=13))


def test_an_author_may_change_a_date_and_the_zone_at_once(tmp_path: Path, posts: Path) -> None:
    """Only what the zone moves is asked about."""
    for path in posts.iterdir():
        path.write_text(path.read_text().replace("date: 2021-01-0", "date: 2021-01-01T00:00:0").replace("\n---\nA", "Z\n---\nA"))
    site = settings(tmp_path, timezone="Asia/Shanghai")
    run.publish(site, START)
    (posts / "0.md").write_text("---\ntitle: Post 0\ndate: 2022-01-01\n---\nx\n")
    run.publish(settings(tmp_path, timezone="UTC"), START + timedelta(hours=1))
    assert dates(site)["Post 0"][0] == "2022-01-01T00:00:00Z"
