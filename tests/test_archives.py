"""Archive documents (RFC 5005): all posts are in them, each for good in the same one, through any history."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from test_over_time import START, Author, settings, whole

from feeds import MANIFEST_NAME
from feeds.build import run
from feeds.build.archives import Room, place
from feeds.errors import SettingsError
from feeds.http_headers import own_cache_control
from feeds.ledger import dump
from feeds.ledger.ledger import Ledger
from feeds.preview import check, diff, explain
from feeds.publish import guard
from feeds.serving.app import create_app
from feeds.settings import Push, Settings, load
from feeds.settings.validate import validated

ATOM = "{http://www.w3.org/2005/Atom}"
HISTORY = "{http://purl.org/syndication/history/1.0}"
BASE = "https://example.org/"


def archiving(folder: Path, **changed: Any) -> Settings:
    return settings(folder, limit=3, archive=("site", "category", "tag", "author"), archive_size=5, pages=False, **changed)


def write(folder: Path, number: int, text: str = "text", *, date: str | None = None, front: str = "") -> Path:
    (folder / "posts").mkdir(exist_ok=True)
    post = folder / "posts" / f"{number:03}.md"
    date = date or f"2021-{1 + number // 28:02}-{1 + number % 28:02}"
    post.write_text(f"---\ntitle: post {number}\ndate: {date}\ncategories: tea\n{front}---\n{text} {number}\n")
    return post


def atom_chain(documents: dict[str, bytes], path: str) -> Iterator[tuple[str, Any]]:
    """The documents of a feed as a reader finds them: from the one subscribed to, along prev-archive."""
    seen = set()
    while path:
        assert path not in seen, "the chain is a loop"
        seen.add(path)
        root = etree.fromstring(documents[path])
        yield path, root
        links = {link.get("rel"): link.get("href") for link in root.findall(f"{ATOM}link")}
        path = unquote((links.get("prev-archive") or BASE).removeprefix(BASE))


def ids_of(root: Any) -> list[str]:
    return [entry.findtext(f"{ATOM}id") for entry in root.findall(f"{ATOM}entry")]


def marks(items: list[dict[str, Any]]) -> set[str]:
    return {item["title"].split(" ")[0] for item in items}


def json_chain(documents: dict[str, bytes], path: str) -> list[dict[str, Any]]:
    seen, items = set(), []
    while path:
        assert path not in seen
        seen.add(path)
        document = json.loads(documents[path])
        items += document["items"]
        path = unquote(document.get("next_url", BASE).removeprefix(BASE))
    return items


@pytest.mark.parametrize("seed", range(int(os.environ.get("HISTORIES", "2"))))
def test_the_union_of_all_documents_is_all_posts(tmp_path: Path, seed: int) -> None:
    """ARC-2: after every step of a random history, in each format; no post is ever moved to another document."""
    author = Author(tmp_path / "posts", seed)
    for _ in range(14):
        author.add()
    site = archiving(tmp_path)
    homes: dict[tuple[str, str], str] = {}
    most = 0
    for number in range(40):
        run.publish(site, START + timedelta(hours=number), accepted=guard.Accepted(removals=True))
        documents = whole(site.output)
        texts = [file.read_text() for file in author.files()]
        for feed, wanted in (
            ("", texts),
            ("category/生活/", [text for text in texts if "categories: 生活" in text]),
            ("category/技术/", [text for text in texts if "categories: [技术" in text]),
        ):
            expected = {text.split("title: ")[1].split(" ")[0] for text in wanted}
            if f"{feed}feed.json" not in documents:
                assert not expected
                continue
            assert marks(json_chain(documents, f"{feed}feed.json")) == expected
            chain = list(atom_chain(documents, f"{feed}atom.xml"))
            union = {id for _, root in chain for id in ids_of(root)}
            assert len(union) == len(expected)
            rss = {
                item.findtext("guid")
                for path, body in documents.items()
                if path.startswith(f"{feed}rss") and path.count("/") == feed.count("/")
                for item in etree.fromstring(body).iterfind("channel/item")
            }
            assert rss == union
            most = max(most, len(chain))
            for path, root in chain[1:]:
                assert len(ids_of(root)) <= site.archive_size
                for id in ids_of(root):
                    assert homes.setdefault((feed, id), path) == path, "a post moved to another document"
        author.step()
    assert most > 3, "the history never filled a document"
    run.publish(site, START + timedelta(hours=40), accepted=guard.Accepted(removals=True))
    before = whole(site.output)
    os.remove(site.state / "cache.sqlite")
    assert not run.publish(site, START + timedelta(hours=41)).switched.changed
    assert whole(site.output) == before


def published(site: Settings, hours: int) -> set[str]:
    """Publish; the paths that changed."""
    done = run.publish(site, START + timedelta(hours=hours), accepted=guard.Accepted(removals=True))
    return {*done.switched.changed, *done.switched.removed}


def test_a_full_document_never_changes(tmp_path: Path) -> None:
    """ARC-3: new posts, whatever their dates, change the newest archive document only; new ones get numbers behind it."""
    for number in range(17):
        write(tmp_path, number)
    site = archiving(tmp_path, taxonomies=("category",))
    published(site, 0)
    documents = whole(site.output)
    assert {"rss-archive-1.xml", "atom-archive-4.xml", "category/tea/feed-archive-4.json"} <= documents.keys()
    assert "rss-archive-5.xml" not in documents
    write(tmp_path, 99, date="1999-01-01")
    assert {path for path in published(site, 1) if "archive" in path} == {
        f"{feed}{name}"
        for feed in ("", "category/tea/")
        for name in ("rss-archive-4.xml", "atom-archive-4.xml", "feed-archive-4.json")
    }
    for number in range(20, 23):
        write(tmp_path, number)
    changed = published(site, 2)
    assert {path for path in changed if path.startswith("rss-archive")} == {"rss-archive-4.xml", "rss-archive-5.xml"}
    assert published(site, 3) == set()


def test_an_old_post_changes_its_own_document_alone(tmp_path: Path) -> None:
    """Edited, given another date, deleted, restored: one archive document of each feed, and an edit moves `updated`."""
    for number in range(23):
        write(tmp_path, number)
    site = archiving(tmp_path, taxonomies=("category",), formats=("atom",))
    published(site, 0)
    second = {"atom-archive-2.xml", "category/tea/atom-archive-2.xml"}
    before = whole(site.output)["atom-archive-2.xml"]
    post = write(tmp_path, 7, "edited")
    assert {path for path in published(site, 1) if path.endswith(".xml")} == second
    edited = etree.fromstring(whole(site.output)["atom-archive-2.xml"])
    assert edited.findtext(f"{ATOM}updated") == "2026-01-01T01:00:00Z" > etree.fromstring(before).findtext(f"{ATOM}updated")
    write(tmp_path, 7, "edited", date="2019-05-05")
    assert {path for path in published(site, 2) if "archive" in path} == second
    text = post.read_text()
    post.unlink()
    assert {path for path in published(site, 3) if "archive" in path} == second
    assert len(ids_of(etree.fromstring(whole(site.output)["atom-archive-2.xml"]))) == 4
    post.write_text(text)
    assert {path for path in published(site, 4) if "archive" in path} == second
    assert len(ids_of(etree.fromstring(whole(site.output)["atom-archive-2.xml"]))) == 5


def test_what_documents_say_of_each_other(tmp_path: Path) -> None:
    """ARC-4, RFC 5005 section 4: prev-archive, next-archive, current and fh:archive, as feedparser finds them too."""
    for number in range(12):
        write(tmp_path, number)
    push = Push(after_build=False, rsscloud="http://cloud.example/")
    site = archiving(tmp_path, taxonomies=(), hubs=("https://hub.example/",), push=push)
    published(site, 0)
    documents = whole(site.output)
    assert [path for path, body in documents.items() if b"<cloud" in body] == ["rss.xml"], "an archive has no news to tell"
    for name in ("rss", "atom"):
        relations = {}
        for path in (f"{name}.xml", *(f"{name}-archive-{number}.xml" for number in (1, 2, 3))):
            parsed = feedparser.parse(documents[path])
            assert not parsed.bozo
            relations[path] = {link.rel: link.href for link in parsed.feed.links if link.rel not in ("alternate",)}
            root = etree.fromstring(documents[path])
            assert (root.find(f".//{HISTORY}archive") is not None) == ("archive" in path)
            assert root.find(f".//{HISTORY}complete") is None
        assert relations == {
            f"{name}.xml": {
                "self": f"{BASE}{name}.xml", "hub": "https://hub.example/", "prev-archive": f"{BASE}{name}-archive-3.xml",
            },
            f"{name}-archive-1.xml": {
                "self": f"{BASE}{name}-archive-1.xml", "next-archive": f"{BASE}{name}-archive-2.xml", "current": f"{BASE}{name}.xml",
            },
            f"{name}-archive-2.xml": {
                "self": f"{BASE}{name}-archive-2.xml", "prev-archive": f"{BASE}{name}-archive-1.xml",
                "next-archive": f"{BASE}{name}-archive-3.xml", "current": f"{BASE}{name}.xml",
            },
            f"{name}-archive-3.xml": {
                "self": f"{BASE}{name}-archive-3.xml", "prev-archive": f"{BASE}{name}-archive-2.xml", "current": f"{BASE}{name}.xml",
            },
        }  # fmt: skip
    assert len(json_chain(documents, "feed.json")) == 3 + 12


def test_a_feed_that_holds_all_posts_has_no_archive(tmp_path: Path) -> None:
    """RFC 5005 section 2: complete, no archives; limit = 0 makes every feed complete."""
    for number in range(9):
        write(tmp_path, number)
    site = archiving(tmp_path, taxonomies=("category",))
    published(replace(site, limit=0), 0)
    documents = whole(site.output)
    assert not [path for path in documents if "archive" in path]
    assert b"complete" in documents["rss.xml"] and b"complete" in documents["category/tea/atom.xml"]
    assert len(json.loads(documents["feed.json"])["items"]) == 9
    published(site, 1)
    assert b"complete" not in whole(site.output)["rss.xml"] and "rss-archive-2.xml" in whole(site.output)


def test_archives_are_off_unless_asked_for(tmp_path: Path) -> None:
    for number in range(9):
        write(tmp_path, number)
    site = settings(tmp_path, limit=3)
    published(site, 0)
    assert not [path for path in whole(site.output) if "-archive-" in path]
    assert b"prev-archive" not in whole(site.output)["atom.xml"] and not Ledger.open(site.state).archives()


def test_a_large_post_closes_a_document_early(tmp_path: Path) -> None:
    """`max_document_bytes` holds for archive documents: a post that would not fit begins the next one."""
    for number in range(8):
        write(tmp_path, number, "x" * 4_000)
    site = archiving(tmp_path, taxonomies=(), formats=("rss",), max_document_bytes=10_000, warn_document_bytes=10_000)
    published(site, 0)
    documents = whole(site.output)
    assert sum(path.startswith("rss-archive") for path in documents) > 2
    assert all(len(body) < 16_000 for body in documents.values())


def test_what_was_committed_and_never_published_leaves_no_trace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that is killed between ledger and switch gives no post its place."""
    for number in range(9):
        write(tmp_path, number)
    site = archiving(tmp_path, taxonomies=())
    published(site, 0)
    known = Ledger.open(site.state).archives()
    lost = [write(tmp_path, number) for number in (10, 11)]
    with monkeypatch.context() as patch:
        patch.setattr("feeds.publish.folder.FolderTarget.publish", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            published(site, 1)
    ledger = Ledger.open(site.state)
    assert ledger.archives() == known
    for post in lost:
        post.unlink()
    write(tmp_path, 12)
    published(site, 2)
    (documents,) = Ledger.open(site.state).archives().values()
    assert [len(ids) for ids in documents] == [5, 5] and "012" in documents[1][-1]


def test_the_ledger_as_text_carries_the_archives(tmp_path: Path) -> None:
    """Exported, imported elsewhere: the same partition, although posts were deleted and dated otherwise meanwhile."""
    for number in range(14):
        write(tmp_path, number)
    site = archiving(tmp_path, taxonomies=("category",))
    published(site, 0)
    write(tmp_path, 3).unlink()
    write(tmp_path, 12, date="2001-01-01")
    published(site, 1)
    lines = list(dump.export(Ledger.open(site.state)))
    before = whole(site.output)
    elsewhere = replace(site, state=tmp_path / "other", output=tmp_path / "out")
    dump.import_(elsewhere.state, lines)
    assert list(dump.export(Ledger.open(elsewhere.state))) == lines
    run.publish(elsewhere, START + timedelta(hours=1))
    assert whole(elsewhere.output) == before


@pytest.mark.parametrize("lost", ["state folder", "ledger", "rows", "rows of the last document"])
def test_a_lost_ledger_moves_no_archived_post(tmp_path: Path, lost: str) -> None:
    """The manifest of what is published tells which document each post is in, and names no post that is gone."""
    for number in range(23):
        write(tmp_path, number)
    site = archiving(tmp_path)
    published(site, 0)
    for number in (0, 1, 2, 3, 4, 7):  # all of the first document, one of the second
        (tmp_path / "posts" / f"{number:03}.md").unlink()
    write(tmp_path, 50, date="1999-01-01")
    published(site, 1)
    assert "000.md" not in (site.output / MANIFEST_NAME).read_text()
    documents = whole(site.output)
    if lost == "state folder":
        shutil.rmtree(site.state)
    elif lost == "ledger":
        (site.state / "ledger.sqlite").unlink()
    else:
        base = sqlite3.connect(site.state / "ledger.sqlite")
        base.execute("DELETE FROM archives" + (" WHERE number=5" if "last" in lost else ""))
        base.commit()
        base.close()
    assert published(site, 2) == set()
    assert whole(site.output).keys() == documents.keys()
    write(tmp_path, 60)
    assert {path for path in published(site, 3) if path.startswith("rss-archive")} == {"rss-archive-5.xml"}
    assert published(site, 4) == set()


def test_a_text_of_a_ledger_with_wrong_archives_is_refused(tmp_path: Path) -> None:
    for number in range(14):
        write(tmp_path, number)
    site = archiving(tmp_path, taxonomies=())
    published(site, 0)
    lines = list(dump.export(Ledger.open(site.state)))
    rows = [number for number, line in enumerate(lines) if '"archive"' in line]
    assert len(rows) == 3
    for wrong in (
        lines[: rows[0]] + lines[rows[0] + 1 :],
        [*lines, lines[rows[0]].replace('"number": 1', '"number": 4')],
        [*lines, '{"archive": "x", "number": 0, "ids": ["a"]}'],
        [*lines, '{"archive": "x", "number": 1, "ids": "a"}'],
    ):
        with pytest.raises(Exception, match=r"archive|line"):
            dump.read(wrong)


def test_a_post_that_expires_is_not_kept_for_a_year(tmp_path: Path) -> None:
    """What is withdrawn must go: a closed document with a post that expires is cached like all others."""
    for number in range(14):
        write(tmp_path, number, front="expires: 2030-01-01\n" if number == 6 else "")
    site = archiving(tmp_path, taxonomies=(), formats=("rss",), output=tmp_path / "public")
    run.publish(site, START)
    manifest = json.loads((site.output / ".feeds-manifest.json").read_bytes())["documents"]
    ages = {path: facts[7] if len(facts) > 7 else None for path, facts in manifest.items() if path.startswith("rss")}
    assert ages == {"rss.xml": None, "rss-archive-1.xml": 31_536_000, "rss-archive-2.xml": None, "rss-archive-3.xml": None}


@given(
    st.lists(st.lists(st.text("abcdef", min_size=1, max_size=2), max_size=4), max_size=6),
    st.integers(1, 4),
    st.integers(10, 60),
)
def test_places_are_for_good(steps: list[list[str]], entries: int, document_bytes: int) -> None:
    """Whatever comes and goes: an id has one place, keeps it, and only the last document grows."""
    documents: list[tuple[str, ...]] = []
    for present in steps:
        sizes = dict.fromkeys(present, 20)
        room = Room(entries, document_bytes, lambda id, sizes=sizes: {"rss": sizes.get(id, 0)})  # type: ignore[misc]
        after = place(documents, dict.fromkeys(present), room)
        assert after[: max(0, len(documents) - 1)] == documents[:-1]
        if documents:
            assert after[len(documents) - 1][: len(documents[-1])] == documents[-1]
        every = [id for document in after for id in document]
        assert len(every) == len(set(every)) and set(every) >= set(present)
        assert all(0 < len(document) <= entries for document in after)
        documents = after


@pytest.mark.parametrize(
    ("written", "means"),
    [
        ("true", ("site", "category", "tag", "author", "language", "set")),
        ("false", ()),
        ('["site"]', ("site",)),
        ('["category", "tag"]', ("category", "tag")),
    ],
)
def test_the_setting(tmp_path: Path, written: str, means: tuple[str, ...]) -> None:
    (tmp_path / "posts").mkdir()
    (tmp_path / "feeds.toml").write_text(
        f'base_url = "{BASE}"\narchive = {written}\narchive_size = 30\narchive_max_age_seconds = "30 d"\n[feed.""]\narchive = false\n'
    )
    found = load(environ={}, flags={}, cwd=tmp_path)
    assert (found.archive, found.archive_size, found.archive_max_age_seconds) == (means, 30, 30 * 86_400)
    assert found.feeds[""].archive is False and validated(found).archive == means
    variable = written.strip("[]").replace('"', "")
    assert load(environ={"FEEDS_ARCHIVE": variable}, flags={}, cwd=tmp_path).archive == means


@pytest.mark.parametrize("written", ['"yes"', '["posts"]', "3", '["site", "site"]'])
def test_a_wrong_setting_is_told(tmp_path: Path, written: str) -> None:
    (tmp_path / "posts").mkdir()
    (tmp_path / "feeds.toml").write_text(f'base_url = "{BASE}"\narchive = {written}\n')
    with pytest.raises(SettingsError, match=r"feeds\.toml:2: archive"):
        load(environ={}, flags={}, cwd=tmp_path)


def test_diff_tells_what_changes_in_archives(tmp_path: Path) -> None:
    """An old post that was edited, one that was deleted; new posts are told of by their feed alone."""
    for number in range(23):
        write(tmp_path, number)
    site = archiving(tmp_path, taxonomies=())
    published(site, 0)
    write(tmp_path, 2, "edited")
    write(tmp_path, 7).unlink()
    write(tmp_path, 30)
    with run.look(site, START + timedelta(hours=1)) as (opened, built):
        found = diff.look(opened, built)
    changes = {one.path: ([seen.title for seen in one.new], [seen.title for seen in one.updated], [seen.title for seen in one.withdrawn])
            for one in found.feeds}  # fmt: skip
    assert changes == {
        "": (["post 30"], [], []),
        "feed-archive-1.json": ([], ["post 2"], []),
        "feed-archive-2.json": ([], [], ["post 7"]),
    }
    assert not found.resurfacing


def test_explain_names_the_archive(tmp_path: Path) -> None:
    for number in range(12):
        write(tmp_path, number)
    site = archiving(tmp_path, taxonomies=("category",), formats=("atom",))
    with run.look(site, START) as (_, built):
        post = explain.explain(site, built, "003.md", tmp_path)
        assert post["archives"] == [f"{BASE}atom-archive-1.xml", f"{BASE}category/tea/atom-archive-1.xml"]
        feed = explain.explain(site, built, "category/tea", tmp_path)
        assert [archive["closed"] for archive in feed["archives"]] == [True, True, False]
        document = explain.explain(site, built, f"{BASE}category/tea/atom-archive-3.xml", tmp_path)
        assert document["feed"] == "category/tea/" and len(document["entries"]) == 2


def test_check_looks_at_every_archive_document(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(12):
        write(tmp_path, number)
    site = archiving(tmp_path, taxonomies=())
    with run.look(site, START, everything=True) as (opened, built):
        assert not check.examine(opened, built).problems
        monkeypatch.setattr("feeds.formats._feedgen_extensions.HISTORY", "http://example.org/wrong")
        wrong = {problem.what.partition(":")[0] for problem in check.examine(opened, built).problems}
    assert {"atom-archive-1.xml", "rss-archive-3.xml"} <= wrong


def test_the_server_lets_caches_keep_closed_documents(tmp_path: Path) -> None:
    """A year and immutable (RFC 8246) on 200 and 304; the subscription document and the open one as always."""
    for number in range(12):
        write(tmp_path, number)
    site = archiving(tmp_path, taxonomies=())
    published(site, 0)
    client = create_app(folder=site.output).test_client()
    for path, control in (
        ("/rss-archive-1.xml", "public, max-age=31536000, immutable"),
        ("/feed-archive-2.json", "public, max-age=31536000, immutable"),
        ("/rss-archive-3.xml", "public, max-age=3600, stale-while-revalidate=86400, stale-if-error=604800"),
        ("/rss.xml", "public, max-age=3600, stale-while-revalidate=86400, stale-if-error=604800"),
    ):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, control)
        again = client.get(path, headers={"If-None-Match": answer.headers["ETag"]})
        assert (again.status_code, again.headers["Cache-Control"]) == (304, control)
    assert 'rel="prev-archive"' in client.get("/atom-archive-2.xml").headers["Link"]
    assert client.get("/feed", headers={"Accept": "application/atom+xml"}).headers["Content-Location"] == f"{BASE}atom.xml"
    published(replace(site, archive_max_age_seconds=86_400), 1)
    documents = json.loads((site.output / ".feeds-manifest.json").read_bytes())["documents"]
    assert own_cache_control(documents["rss-archive-1.xml"][7]) == "public, max-age=86400"
