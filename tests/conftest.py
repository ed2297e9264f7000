"""What every test may ask for: a site made of files, and a fixed instant."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from budget import load_profile

load_profile()

REAL_POSTS = Path(__file__).parents[2] / "shared" / "posts"


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
