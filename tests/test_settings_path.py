"""Where feeds.toml is looked for: beside the posts that are named, in the working folder, and above it as far as the repository."""

from __future__ import annotations

from pathlib import Path

import pytest

from feeds import settings_path

DEEP = "repository/site/blog/notes"


@pytest.mark.parametrize(
    ("config", "found"),
    [
        (DEEP, True),
        ("repository/site/blog", True),
        ("repository/site", True),
        ("repository", True),
        (".", False),
    ],
)
def test_the_search_ends_where_the_repository_begins(tmp_path: Path, config: str, found: bool) -> None:
    """The folder with `.git` is looked at too; what lies above it is another project's."""
    (tmp_path / DEEP).mkdir(parents=True)
    (tmp_path / "repository/.git").mkdir()
    file = tmp_path / config / settings_path.FILE_NAME
    file.touch()
    assert settings_path.find(None, str(tmp_path / DEEP)) == (str(file) if found else None)


def test_a_worktree_ends_the_search_as_well(tmp_path: Path) -> None:
    """There `.git` is a file."""
    (tmp_path / "tree/site").mkdir(parents=True)
    (tmp_path / "tree/.git").touch()
    (tmp_path / settings_path.FILE_NAME).touch()
    assert settings_path.find(None, str(tmp_path / "tree/site")) is None


def test_the_nearest_file_is_taken_and_first_the_one_beside_the_posts(tmp_path: Path) -> None:
    for folder in ("blog/posts", "elsewhere/posts"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / ".git").mkdir()
    for folder in (".", "blog", "elsewhere"):
        (tmp_path / folder / settings_path.FILE_NAME).touch()
    cwd = str(tmp_path / "blog/posts")
    assert settings_path.find(None, cwd) == str(tmp_path / "blog" / settings_path.FILE_NAME)
    assert settings_path.find("../../elsewhere/posts", cwd) == str(tmp_path / "elsewhere" / settings_path.FILE_NAME)
    (tmp_path / "elsewhere" / settings_path.FILE_NAME).unlink()
    (tmp_path / "elsewhere" / settings_path.FILE_NAME).mkdir()
    assert settings_path.find("../../elsewhere/posts", cwd) == str(tmp_path / "blog" / settings_path.FILE_NAME)
