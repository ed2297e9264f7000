"""State that was lost, put back from long ago or tampered with: what is published tells what the ledger lacks."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from commands import run_feeds

from feeds.build import recovery, run
from feeds.errors import FeedsError, LedgerError, RefusedError
from feeds.ledger.ledger import Ledger
from feeds.migrate import previous
from feeds.preview import live
from feeds.publish import guard
from feeds.publish.manifest import Manifest, Previous
from feeds.settings import Settings, load

START = datetime(2026, 3, 1, 8, tzinfo=UTC)


def settings(folder: Path, **changed: object) -> Settings:
    flags = {"posts": folder / "posts", "base_url": "https://example.org/", "authority": "example.org,2026", **changed}
    return load(flags=flags, environ={}, cwd=folder)


def entries(site: Settings) -> dict[str, tuple[str, str, str | None]]:
    """Title -> id, publication and last update."""
    found = json.loads((site.output / "feed.json").read_bytes())["items"]
    return {item["title"]: (item["id"], item["date_published"], item.get("date_modified")) for item in found}


def write(posts: Path, name: str, title: str, body: str, more: str = "") -> None:
    (posts / name).write_text(f"---\ntitle: {title}\n{more}---\n{body}\n")


@pytest.fixture
def site(tmp_path: Path) -> Settings:
    """Three builds: an undated post, one that was renamed, one that was edited, one with an id of its own, and a draft."""
    posts = tmp_path / "posts"
    posts.mkdir()
    write(posts, "undated.md", "Undated", "It has no date.")
    write(posts, "old-name.md", "Renamed", "It will have another name.", "date: 2021-01-01\n")
    write(posts, "edited.md", "Edited", "It says this.", "date: 2021-01-02\ncategories: [Web-Dev]\n")
    write(posts, "own.md", "Own", "It has an id.", "date: 2021-01-03\nid: own\n")
    write(posts, "secret-plan.md", "Draft", "Nobody knows.", "draft: true\n")
    site = settings(tmp_path)
    run.publish(site, START)
    (posts / "old-name.md").rename(posts / "new-name.md")
    write(posts, "edited.md", "Edited", "It says something else.", "date: 2021-01-02\ncategories: [Web-Dev]\n")
    run.publish(site, START + timedelta(days=1))
    return site


def tampered(site: Settings, *statements: str) -> None:
    base = sqlite3.connect(site.state / "ledger.sqlite")
    for statement in statements:
        base.execute(statement)
    base.commit()
    base.close()


def lose_state(site: Settings) -> None:
    shutil.rmtree(site.state)


DAMAGES: dict[str, Callable[[Settings], None]] = {
    "the state folder is gone": lose_state,
    "the ledger is gone": lambda site: (site.state / "ledger.sqlite").unlink(),
    "all rows are gone": lambda site: tampered(site, "DELETE FROM posts", "DELETE FROM texts"),
    "some rows are gone": lambda site: tampered(site, "DELETE FROM posts WHERE path IN ('undated.md', 'new-name.md')"),
    "texts is emptied": lambda site: tampered(site, "DELETE FROM texts"),
    "dates are gone": lambda site: tampered(site, "UPDATE posts SET updated=NULL, published=NULL, first_seen=NULL"),
    "one date is gone": lambda site: tampered(site, "UPDATE posts SET updated=NULL WHERE path='edited.md'"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_is_published_brings_the_ledger_back(site: Settings, damage: str) -> None:
    """No id, no date changes, and it is said; also for a post that is renamed and edited in that very build."""
    before = entries(site)
    DAMAGES[damage](site)
    (site.posts / "new-name.md").rename(site.posts / "newest-name.md")
    write(site.posts, "newest-name.md", "Renamed", "It will have another name, and more.", "date: 2021-01-01\n")
    outcome = run.publish(site, START + timedelta(days=2))
    after = entries(site)
    assert {title: facts[:2] for title, facts in after.items()} == {title: facts[:2] for title, facts in before.items()}
    assert {title: facts for title, facts in after.items() if title != "Renamed"} == {
        title: facts for title, facts in before.items() if title != "Renamed"
    }
    assert any("ledger" in notice and "manifest" in notice for notice in outcome.notices)
    assert run.publish(site, START + timedelta(days=3)).notices == ()


WRONG_VALUES = {
    "an id of bytes": "UPDATE posts SET id=x'ff00' WHERE path='edited.md'",
    "a date in words": "UPDATE posts SET updated='yesterday'",
    "half a second": "UPDATE posts SET published=1.5",
    "a date beyond all calendars": "UPDATE posts SET updated=9999999999999999",
    "a path for a slug": "UPDATE posts SET slug='../../x' WHERE path='edited.md'",
    "half a sketch": "UPDATE texts SET sketch=x'4101'",
    "a generation in words": "UPDATE meta SET value='x' WHERE name='generation'",
    "no time zone": "UPDATE meta SET value='Mars/X' WHERE name='timezone'",
    "half a list": "UPDATE terms SET slugs='['",
    "no table of posts": "DROP TABLE posts",
    "a pending generation without a number": "INSERT OR REPLACE INTO meta VALUES ('pending', '[1]')",
}


@pytest.mark.parametrize("damage", WRONG_VALUES)
def test_wrong_values_are_a_damaged_ledger(site: Settings, damage: str) -> None:
    """Whatever somebody wrote into it: nothing is published, the way out is named, and it works."""
    before = entries(site)
    tampered(site, WRONG_VALUES[damage])
    with pytest.raises(LedgerError, match=r"is damaged: .*feeds ledger restore") as refusal:
        run.publish(site, START + timedelta(days=2))
    assert str(refusal.value).count("it is left as it is") == 1
    Ledger.restore(site.state)
    run.publish(site, START + timedelta(days=2))
    assert entries(site) == before


def test_the_ledger_of_another_site_is_refused(site: Settings, tmp_path: Path) -> None:
    """Put in the place of the site's own, it would give its ids to posts at the same paths; neither is changed."""
    (tmp_path / "other").mkdir()
    shutil.copytree(site.posts, tmp_path / "other" / "posts")
    other = settings(tmp_path / "other", base_url="https://other.example/", authority="other.example,2026")
    run.publish(other, START)
    own, before = (site.state / "ledger.sqlite").read_bytes(), entries(site)
    shutil.copyfile(other.state / "ledger.sqlite", site.state / "ledger.sqlite")
    with pytest.raises(LedgerError, match=r"of another site \(other.example,2026\).*feeds ledger restore"):
        run.publish(site, START + timedelta(days=2))
    assert (site.state / "ledger.sqlite").read_bytes() == (other.state / "ledger.sqlite").read_bytes()
    (site.state / "ledger.sqlite").write_bytes(own)
    run.publish(site, START + timedelta(days=3))
    assert entries(site) == before


@pytest.mark.parametrize("text", ["{}", "[]", '{"items": [1]}', '{"items": [{"id": 1, "date_published": 5}]}', "{"])
def test_a_feed_that_somebody_edited_stops_no_build(site: Settings, tmp_path: Path, text: str) -> None:
    """What is published is read to tell what changes: it may be anything by now."""
    manifest = Manifest.from_json((site.output / ".feeds-manifest.json").read_bytes())
    (site.output / "feed.json").write_text(text)
    assert live.feeds(site.output, manifest)[""] == {}


def test_an_old_backup_is_noticed(site: Settings) -> None:
    """A ledger of last month knows neither new posts nor the last edits."""
    backup = (site.state / "ledger.sqlite").read_bytes()
    write(site.posts, "later.md", "Later", "It came later, undated.")
    write(site.posts, "edited.md", "Edited", "It says a third thing.", "date: 2021-01-02\n")
    run.publish(site, START + timedelta(days=2))
    before = entries(site)
    (site.state / "ledger.sqlite").write_bytes(backup)
    outcome = run.publish(site, START + timedelta(days=3))
    assert entries(site) == before
    assert any("older ledger was put back" in notice for notice in outcome.notices)


def test_a_second_builder_is_noticed(site: Settings, tmp_path: Path) -> None:
    """A ledger of its own, the same output: it takes what the first one published."""
    before = entries(site)
    other = settings(tmp_path, state=tmp_path / "other", output=site.output)
    outcome = run.publish(other, START + timedelta(days=2))
    assert entries(other) == before
    assert any("there was no ledger" in notice for notice in outcome.notices)
    write(site.posts, "edited.md", "Edited", "It says what the second builder saw.", "date: 2021-01-02\n")
    run.publish(other, START + timedelta(days=3))
    outcome = run.publish(site, START + timedelta(days=4))
    assert entries(site)["Edited"][2] == "2026-03-04T08:00:00Z", "the update of the first that saw it"
    assert any("another machine" in notice for notice in outcome.notices)


def test_a_generation_without_its_manifest_is_still_ours(site: Settings) -> None:
    """A deploy that drops names with a dot in front: the state knows what it published."""
    before = entries(site)
    for damage in (Path.unlink, lambda path: path.write_text("{"), lambda path: path.write_bytes(path.read_bytes()[:-200])):
        damage(site.output / ".feeds-manifest.json")
        write(site.posts, "undated.md", "Undated", f"It has no date. {damage}")
        run.publish(site, START + timedelta(days=2))
        assert entries(site)["Undated"][:2] == before["Undated"][:2]
        assert (site.output / ".feeds-manifest.json").exists()


def test_a_manifest_that_is_gone_comes_back_without_another_change(site: Settings) -> None:
    """Nothing else is new, but servers and uploads read the manifest."""
    last = Manifest.from_json((site.output / ".feeds-manifest.json").read_bytes())
    for damage in (Path.unlink, lambda path: path.write_text("{")):
        damage(site.output / ".feeds-manifest.json")
        assert not run.publish(site, START + timedelta(days=2)).switched.changed
        assert Manifest.from_json((site.output / ".feeds-manifest.json").read_bytes()).documents == last.documents


def test_a_build_elsewhere_goes_on_from_a_manifest(site: Settings, tmp_path: Path) -> None:
    """`--previous` where neither state nor output is: a machine that starts from a clone each time."""
    before = entries(site)
    manifest = Manifest.from_json((site.output / ".feeds-manifest.json").read_bytes())
    shutil.rmtree(site.state)
    shutil.rmtree(site.output)
    run.publish(site, START + timedelta(days=2), accepted=guard.Accepted(previous=Previous(tuple(manifest.ledger))))
    assert entries(site) == before


BROKEN = {
    "empty": "",
    "blanks": "\n \n",
    "a fence": "---\n---\n",
    "a conflict": "---\ntitle: x\n---\n<<<<<<< a\nx\n=======\ny\n>>>>>>> b\n",
}


@pytest.mark.parametrize("broken", BROKEN)
def test_a_post_that_is_broken_where_no_state_is_kept_comes_back_as_it_was(site: Settings, broken: str) -> None:
    """Id, dates and last update are in the manifest while its file is empty; a copy beside it is not the post.

    Other posts stay as they are. In a later build the author deletes the file: then the post is gone.
    """
    before = entries(site)
    texts = {name: (site.posts / name).read_bytes() for name in ("undated.md", "new-name.md", "edited.md")}

    last = previous.read(str(site.output))

    def publish(day: int, *, removals: bool = True) -> run.Outcome:
        nonlocal last
        if site.output.exists():
            last = previous.read(str(site.output))
            shutil.rmtree(site.output)
        shutil.rmtree(site.state)
        accepted = guard.Accepted(previous=last, removals=removals)
        return run.publish(site, START + timedelta(days=day), accepted=accepted)

    for name, text in texts.items():
        (site.posts / name).write_text(BROKEN[broken])
        (site.posts / name.replace(".md", " 2.md")).write_bytes(text)
    with pytest.raises(RefusedError, match="3 of 4 published posts would go, 3 of which are broken"):
        publish(2, removals=False)
    for day in (2, 3):
        problems = publish(day).built.publication.problems
        assert {problem.path for problem in problems if problem.severity == "error"} == texts.keys()
        assert {problem.path for problem in problems if problem.code == "copy"} == {
            name.replace(".md", " 2.md") for name in texts
        }
        assert entries(site).keys() == {"Own"}
    for name, text in texts.items():
        (site.posts / name.replace(".md", " 2.md")).unlink()
        (site.posts / name).write_bytes(text)
    publish(4)
    assert entries(site) == before
    (site.posts / "undated.md").write_text(BROKEN[broken])
    publish(5)
    (site.posts / "undated.md").unlink()
    publish(6)
    assert entries(site) == {title: facts for title, facts in before.items() if title != "Undated"}
    assert "Undated" not in (site.output / ".feeds-manifest.json").read_text()


def test_a_manifest_tells_nothing_that_is_not_public(site: Settings) -> None:
    """Neither drafts, nor the file of a post with an id of its own, nor when anything is due."""
    text = (site.output / ".feeds-manifest.json").read_text()
    assert "secret" not in text and "Draft" not in text and "own.md" not in text
    assert "undated.md" in text


def test_the_path_of_which_an_id_is_made_is_no_secret(site: Settings) -> None:
    """A post whose front matter got an id later keeps the one that readers know: it is found again by its path, also when emptied."""
    path = site.posts / "edited.md"
    text = path.read_text()
    path.write_text(text.replace("title:", "id: plugin\ntitle:"))
    with pytest.raises(RefusedError):
        run.publish(site, START + timedelta(days=2))
    run.publish(site, START + timedelta(days=2), accepted=guard.Accepted(ids="keep"))
    known = entries(site)["Edited"]
    path.write_text("---\n---\n")
    lose_state(site)
    run.publish(site, START + timedelta(days=3))
    path.write_text(f"{text}It says more.\n")
    run.publish(site, START + timedelta(days=4))
    assert entries(site)["Edited"][:2] == known[:2]


@pytest.mark.parametrize("paths", [{}, {"paths.category": "c/{slug}/"}])
@pytest.mark.parametrize("two_machines", [False, True])
def test_feeds_of_like_names_keep_their_addresses(tmp_path: Path, paths: dict[str, str], two_machines: bool) -> None:
    """Whichever ledger a build has: an older one that was put back, or that of another machine that builds in turn."""
    posts = tmp_path / "posts"
    posts.mkdir()
    states = [tmp_path / "a", tmp_path / "b"]
    write(posts, "first.md", "First", "It is about nothing.", "date: 2021-01-01\n")
    run.publish(settings(tmp_path, state=states[0], **paths), START)
    if not two_machines:
        shutil.copytree(states[0], states[1])
    write(posts, "second.md", "Second", "It is about code.", "date: 2021-01-02\ncategories: [[work, tea]]\ntags: [web-dev]\n")
    run.publish(settings(tmp_path, state=states[two_machines], **paths), START + timedelta(days=1))
    write(posts, "third.md", "Third", "It is about trees.", "date: 2021-01-03\ncategories: [[home, tea]]\ntags: [Web Dev]\n")
    site = settings(tmp_path, state=states[0], **paths)
    run.publish(site, START + timedelta(days=2))
    titles = {path: json.loads(path.read_bytes())["items"] for path in site.output.rglob("feed.json")}
    assert len(titles) == 7
    run.publish(settings(tmp_path, state=states[1], **paths), START + timedelta(days=3))
    assert {path: json.loads(path.read_bytes())["items"] for path in site.output.rglob("feed.json")} == titles


def test_only_the_addresses_of_terms_are_lacking(site: Settings) -> None:
    """That is said, too: the post itself was known, and got another tag since the ledger was copied."""
    shutil.copytree(site.state, site.state.with_name("copy"))
    write(site.posts, "edited.md", "Edited", "It says something else.", "date: 2021-01-02\ncategories: [Web Dev]\n")
    run.publish(site, START + timedelta(days=2))
    shutil.rmtree(site.state)
    site.state.with_name("copy").rename(site.state)
    before = {path: path.read_bytes() for path in site.output.rglob("feed.json")}
    outcome = run.publish(site, START + timedelta(days=3))
    assert any("the addresses of all categories and tags" in notice for notice in outcome.notices)
    assert {path: path.read_bytes() for path in site.output.rglob("feed.json")} == before
    assert not run.publish(site, START + timedelta(days=4)).notices


def withdraw(posts: Path, name: str, how: str) -> str:
    """Delete a post or make it a draft; its text before."""
    text = (posts / name).read_text()
    if how == "deleted":
        (posts / name).unlink()
    else:
        (posts / name).write_text(text.replace("---\n", "---\ndraft: true\n", 1))
    return text


@pytest.mark.parametrize("how", ["deleted", "drafted"])
def test_a_withdrawn_post_that_comes_back_is_the_same(site: Settings, how: str) -> None:
    """Also if the state was lost meanwhile, twice, and the id is not made of the path; the manifest tells nothing of it."""
    before = entries(site)
    texts = {name: withdraw(site.posts, name, how) for name in ("undated.md", "new-name.md", "own.md")}
    run.publish(site, START + timedelta(days=2), accepted=guard.Accepted(removals=True))
    assert entries(site).keys() == {"Edited"}
    for day in (3, 4):
        lose_state(site)
        run.publish(site, START + timedelta(days=day))
        manifest = (site.output / ".feeds-manifest.json").read_text()
        assert not any(word in manifest for word in ("undated", "Undated", "name.md", "Renamed", "own"))
    for name, text in texts.items():
        (site.posts / name).write_text(text)
    # A deleted one whose text is another by then is found by its path alone.
    (site.posts / "undated.md").write_text(texts["undated.md"].replace("no date", "never had a date"))
    run.publish(site, START + timedelta(days=5))
    after = entries(site)
    assert {title: after[title] for title in ("Renamed", "Own", "Edited")} == {
        title: before[title] for title in ("Renamed", "Own", "Edited")
    }
    assert after["Undated"][0] == before["Undated"][0]
    assert (after["Undated"][1] == before["Undated"][1]) == (how == "drafted")
    run.publish(site, START + timedelta(days=6))
    assert entries(site) == after


def test_a_withdrawn_post_keeps_its_date_through_a_build_that_is_cut_off(site: Settings) -> None:
    """Between the ledger's commit and the switch; and a post that took its address meanwhile keeps that."""
    id, published, _ = entries(site)["Undated"]
    text = withdraw(site.posts, "undated.md", "deleted")
    run.publish(site, START + timedelta(days=2))
    lose_state(site)
    write(site.posts, "undated.txt.md", "Undated too", "Another one.", "date: 2020-01-01\nslug: undated\n")
    (site.posts / "undated.txt.md").rename(site.posts / "undated.markdown")
    run.publish(site, START + timedelta(days=3))
    other = entries(site)["Undated too"]
    (site.posts / "undated.md").write_text(text)
    for day in (4, 5):
        with run.look(site, START + timedelta(days=day), settle=True) as (opened, _):
            opened.ledger.commit("never live")
    run.publish(site, START + timedelta(days=6))
    assert entries(site)["Undated"][:2] == (id, published) and entries(site)["Undated too"] == other
    links = [item["url"] for item in json.loads((site.output / "feed.json").read_bytes())["items"]]
    assert len(set(links)) == len(links) == 5


def test_a_forgotten_term_stays_forgotten(site: Settings) -> None:
    """What the manifest still knows is no reason to bring it back while the ledger is there."""
    write(site.posts, "edited.md", "Edited", "It says something else.", "date: 2021-01-02\n")
    run.publish(site, START + timedelta(days=2))
    ledger = Ledger.open(site.state)
    ledger.forget_terms("category", [("web-dev",)], ["tag:example.org,2026:feeds/category/web-dev"])
    ledger.close()
    run.publish(site, START + timedelta(days=3))
    assert not (site.output / "category").exists()


def test_previous_is_a_file_a_folder_or_nothing_yet(site: Settings, tmp_path: Path) -> None:
    """On the first day of a stateless site there is no generation before; what is not a manifest is an error."""
    whole = previous.read(str(site.output))
    assert whole.tables and whole.documents and previous.read(str(site.output / ".feeds-manifest.json")) == whole
    assert previous.read(str(tmp_path / "nowhere")) == ((), {})
    other = tmp_path / "other.json"
    for text, reason in (
        (b"[]", "not of the type"), (b"{", "not JSON from line 1 on"), (b"{}", "has no 'version'"), (b"\xff", "not UTF-8"),
        (b"[" * 100_000, "nested too deeply"),
    ):  # fmt: skip
        other.write_bytes(text)
        with pytest.raises(FeedsError, match=f"not a manifest: .*{reason}"):
            previous.read(str(other))


def test_a_stateless_build_moves_last_modified_with_each_change(site: Settings) -> None:
    """A reader that asks with If-Modified-Since alone sees what no entry's date tells, e.g. that a post was deleted."""
    seen = []
    for number, title in enumerate(("Undated", "Undated", "Another title")):
        (site.posts / "undated.md").write_text(f"---\ntitle: {title}\nupdated: 2026-01-01\n---\nIt has no date.\n", "utf-8")
        last = previous.read(str(site.output))
        shutil.rmtree(site.state)
        shutil.rmtree(site.output)
        run.publish(site, START + timedelta(days=2 + number), accepted=guard.Accepted(previous=last))
        seen.append(previous.read(str(site.output)).documents["atom.xml"])
    assert seen[0] == seen[1] and seen[1][0] != seen[2][0] and seen[1][1] < seen[2][1]


def feeds(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "SOURCE_DATE_EPOCH": str(int((START + timedelta(days=9)).timestamp()))}
    return run_feeds("build", "posts", "--base-url", "https://example.org/", *words, cwd=folder, environ=environ)


def test_a_stateless_build_keeps_ids_and_dates(site: Settings, tmp_path: Path) -> None:
    """Three days of new checkouts, from the manifest, and from the feed that readers have."""
    before = entries(site)
    shutil.copytree(site.output, tmp_path / "live")
    (tmp_path / "feeds.toml").write_text('authority = "example.org,2026"\n')
    for words in (("--previous", "live"), ("--adopt", "live/atom.xml"), ("--adopt", "live/rss.xml"), ("--previous", "live")):
        shutil.rmtree(site.state)
        shutil.rmtree(site.output)
        done = feeds(tmp_path, *words)
        assert done.returncode == 0, done.stderr
        after = entries(site)
        if "rss" in words[-1]:
            after, expected = ({title: facts[:2] for title, facts in some.items()} for some in (after, before))
            assert after == expected
        else:
            assert after == before
    assert feeds(tmp_path, "--previous", "nowhere", "--adopt", "nowhere.xml").returncode == 0, "there is a ledger: not asked"


def test_a_build_from_nothing_says_so(site: Settings, tmp_path: Path) -> None:
    """A mistyped `--previous` looks like a site's first day, on which all posts are new."""
    message = "nowhere holds no manifest of an earlier generation"
    shutil.rmtree(site.state)
    shutil.rmtree(site.output)
    done = feeds(tmp_path, "--previous", "nowhere")
    assert done.returncode == 0 and message in done.stderr
    assert message not in feeds(tmp_path, "--previous", "nowhere").stderr, "now there is a ledger"


def test_tables_of_a_manifest_are_read_when_they_are_asked_for() -> None:
    """In a manifest that `to_json` wrote they stay text until then; a damaged one is found when they are read."""
    tables = [{"fact": "authority", "value": 'a,\n"b"'}, {"id": "tag:x,2026:1", "title": "一"}, {"id": "2", "title": "\u2028"}]
    manifest = Manifest(3, "r", START, "https://example.org/", 60, {}, ledger=tables)
    text = manifest.to_json()
    for written in (text, text.encode(), json.dumps(json.loads(text), indent=1)):
        again = Manifest.from_json(written)
        assert list(again.ledger) == tables
        assert again.ledger[1]["title"] == "一"
        assert again.to_json() == text
    damaged = Manifest.from_json(text.replace('"title": "一"', '"title" "一"'))
    with pytest.raises(ValueError, match="delimiter"):
        tuple(damaged.ledger)
    assert recovery.tables_of(damaged, ()) == ((), "")
    assert list(Manifest.from_json(replace(manifest, ledger=()).to_json()).ledger) == []
