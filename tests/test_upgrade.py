"""What earlier versions left in the state folder: today's build takes over from each, and no reader sees anything again."""

from __future__ import annotations

import io
import json
import pickle
import shutil
import sqlite3
import tarfile
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from feeds import MANIFEST_NAME
from feeds.build import run
from feeds.ledger import fingerprint
from feeds.pickled import UpgradedError, load, restored
from feeds.publish.manifest import Manifest
from feeds.serving.build_job import Job
from feeds.settings import Settings
from feeds.settings import load as load_settings

STATES = Path(__file__).parent / "fixtures" / "states"
#: Each is the state after two builds by the commit that its name says (tests/fixtures/states/make.py).
EARLIER = sorted(path.name for path in STATES.glob("*.tar.xz"))
NOW = datetime(2026, 4, 1, tzinfo=UTC)


def archived(site: Path) -> dict[int, list[str]]:
    """The ids in each archive document of the site's feed, by its number, as the manifest tells them; none in early versions."""
    tables = Manifest.from_json((site / "public" / MANIFEST_NAME).read_bytes()).ledger
    return {row["number"]: row["ids"] for row in tables if str(row.get("archive", "")).endswith("/site")}  # type: ignore[misc]


def entries(site: Path) -> dict[str, dict[str, Any]]:
    """The entries of the site's JSON feed and its archive, by id."""
    paths = [*sorted((site / "public").glob("feed-archive-*.json")), site / "public" / "feed.json"]
    return {item["id"]: item for path in paths for item in json.loads(path.read_text("utf-8"))["items"]}


@pytest.fixture
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The site as an earlier version left it."""
    with tarfile.open(STATES / request.param) as packed:
        packed.extractall(tmp_path, filter="data")
    shutil.copytree(STATES / "posts", tmp_path / "posts")
    return tmp_path


@pytest.mark.parametrize("site", EARLIER, indirect=True)
def test_an_upgrade_resends_nothing_and_keeps_last_good_versions(site: Path) -> None:
    """In the first build after it one post is broken, one edited, one renamed, one written anew."""
    before, documents = entries(site), archived(site)
    assert len(before) == 6
    posts = site / "posts"
    (posts / "breaks.md").write_text("---\ntitle: [\n---\nBroken.\n", "utf-8")
    (posts / "edited.md").write_text((posts / "edited.md").read_text("utf-8").replace("night", "long night"), "utf-8")
    (posts / "quiet.md").rename(posts / "calm.md")
    (posts / "new.md").write_text("---\ntitle: New\ndate: 2026-03-20\n---\nWritten after the upgrade.\n", "utf-8")
    settings = Settings(
        base_url="https://example.org/", posts=posts, output=site / "public", state=site / ".feeds", workers=1,
        **({"archive": ("site",), "archive_size": 5, "limit": 5} if documents else {}),
    )  # fmt: skip
    outcome = run.publish(settings, NOW)
    assert [problem.path for problem in outcome.built.publication.problems if problem.severity == "error"] == ["breaks.md"]
    after = entries(site)
    assert set(after) - set(before) == {"tag:example.org,2026:new.md"} and set(before) <= set(after)
    assert {id: after[id]["date_published"] for id in before} == {id: item["date_published"] for id, item in before.items()}
    moved = {id for id, item in before.items() if after[id].get("date_modified") != item.get("date_modified")}
    assert moved == {"tag:example.org,2026:edited.md"}
    assert "last good version" in after["tag:example.org,2026:breaks.md"]["content_html"]
    assert "tag:example.org,2026:lake.md" in after
    if documents:
        assert archived(site) == {1: documents[1], 2: [*documents[2], "tag:example.org,2026:new.md"]}
    assert not run.publish(settings, NOW).switched.changed


@pytest.mark.parametrize("fact, version", [("digests", fingerprint.VERSION), ("sketches", fingerprint.SKETCH_VERSION)])
def test_a_state_of_today_s_versions_is_packed(tmp_path: Path, fact: str, version: str) -> None:
    """Before a version moves, tests/fixtures/states/make.py packs a state of the last commit that has it."""
    versions = set()
    for name in EARLIER:
        with tarfile.open(STATES / name) as packed:
            packed.extract(".feeds/ledger.sqlite", tmp_path / name, filter="data")
        with closing(sqlite3.connect(tmp_path / name / ".feeds" / "ledger.sqlite")) as base:
            versions.update(value for (value,) in base.execute("SELECT value FROM meta WHERE name=?", (fact,)))
    assert version in versions


class Sent:
    """What the server of another version hands to its child: a value by the names that its fields have there."""

    def __init__(self, values: dict[str, Any]) -> None:
        self.values = values

    def __reduce__(self) -> tuple[Any, ...]:
        return restored, (Settings, self.values)


def test_a_running_server_hands_its_settings_over_by_name(tmp_path: Path) -> None:
    """The package is upgraded under it: no setting gets another one's value, and what cannot be read says what to do."""
    (tmp_path / "posts").mkdir()
    (tmp_path / "cover.png").touch()
    (tmp_path / "feeds.toml").write_text(
        'base_url = "https://example.org/"\nlimit = 7\n[set.x]\nany = ["tag:css"]\n[show.""]\nimage = "/cover.png"\n[push]\n'
        'timeout_seconds = 3\n[feed.""]\nlimit = 3\n', "utf-8",
    )  # fmt: skip
    settings = load_settings(environ={}, flags={}, cwd=tmp_path)
    job = Job(tmp_path, tmp_path, settings, query_views=9)
    assert load(io.BytesIO(pickle.dumps(job))) == job

    values = {name: getattr(settings, name) for name in Settings.__dataclass_fields__}
    assert values.pop("moved_documents") is True
    assert load(io.BytesIO(pickle.dumps(Sent(values)))) == settings, "a field that the older version lacks has its default"
    with pytest.raises(UpgradedError, match="restart the server"):
        load(io.BytesIO(pickle.dumps(Sent({**values, "renamed_since": 1}))))
