"""What every test may ask for: a site made of files, and a fixed instant."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from budget import load_profile

load_profile()
# What commands print is compared in English, whatever language the machine speaks.
os.environ["LANGUAGE"] = "en"

#: Files that take longest, in this order: they are started first, so that no worker is left with one at the end.
LONGEST = (
    "test_unchanged_posts", "test_boundary", "test_determinism", "test_kill_points", "test_pages_browser", "test_start_pages", "test_serving_faults",
    "test_over_time", "test_deltas", "test_store", "test_machine_faults", "test_cases", "test_archives", "test_patterns", "test_push", "test_readers",
    "test_formats_xml", "test_pages_site", "test_pool", "test_properties", "test_docs", "test_running_for_years", "test_shared_caches",
)  # fmt: skip
REAL_POSTS = Path(__file__).parents[2] / "shared" / "posts"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts the files that take longest first, each as a whole."""
    place = {name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.path.stem, len(LONGEST)))


@pytest.fixture
def as_of() -> datetime:
    """The instant at which every test builds, unless it says otherwise."""
    return datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def make_site(tmp_path: Path) -> Callable[[Mapping[str, str | bytes]], Path]:
    """Files in, the folder that holds them out."""

    def make(files: Mapping[str, str | bytes]) -> Path:
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return tmp_path

    return make


@pytest.fixture
def real_posts() -> Path:
    """The folder of real posts, where this machine has it."""
    if not REAL_POSTS.is_dir():
        pytest.skip("no folder of real posts here")
    return REAL_POSTS


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Counts skipped tests by reason; more than MAX_SKIPS fail the run (see .ci/run)."""
    reasons = Counter(report.longrepr[2] for report in terminalreporter.stats.get("skipped", []))
    if not reasons:
        return
    terminalreporter.section("skipped tests by reason")
    for reason, count in sorted(reasons.items()):
        terminalreporter.write_line(f"{count:5} {reason.removeprefix('Skipped: ')}")
    allowed = os.environ.get("MAX_SKIPS")
    if allowed is not None and reasons.total() > int(allowed):
        terminalreporter.write_line(f"{reasons.total()} tests were skipped, and MAX_SKIPS allows {allowed}", red=True)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """A run that skipped more tests than MAX_SKIPS has failed, even if each of the others passed."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    allowed = os.environ.get("MAX_SKIPS")
    if reporter is None or allowed is None or hasattr(session.config, "workerinput"):
        return
    if exitstatus == pytest.ExitCode.OK and len(reporter.stats.get("skipped", [])) > int(allowed):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
