"""Two sites never share a state, and one site always finds its own."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from feeds import state_folder
from feeds.cli.main import main


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two posts folders side by side."""
    for name in "ab":
        (tmp_path / name).mkdir()
        for number in range(4):
            text = f"---\ntitle: {name}{number}\ndate: 2020-01-01\ncategories: only-{name}\n---\nBODY {name}{number}"
            (tmp_path / name / f"{number}.md").write_text(text, "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def build(name: str, *words: str) -> int:
    return main(["build", name, "--base-url", f"https://{name[0]}.example/", "--output", f"out-{name[0]}", *words])


def test_two_posts_folders_side_by_side(folder: Path) -> None:
    """No id, category or author of one appears in the other's feeds, whoever is built first and last."""
    assert [build("a"), build("b"), build("a"), build("b")] == [0, 0, 0, 0]
    for name, other in ("ab", "ba"):
        text = b"".join(path.read_bytes() for path in (folder / f"out-{name}").rglob("*") if path.is_file())
        assert f"only-{name}".encode() in text and f"only-{other}".encode() not in text
        assert f"{other}.example".encode() not in text
    assert (folder / ".feeds/ledger.sqlite").exists() and (folder / ".feeds/b/ledger.sqlite").exists()


def test_another_sites_state_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With the way out, and with nothing changed."""
    assert build("a", "--state", "s") == 0
    before = {path: path.read_bytes() for path in (folder / "s").glob("ledger*")}
    assert build("b", "--state", "s") == 2
    output = capsys.readouterr().err
    assert "https://a.example/" in output and "--state" in output and not (folder / "out-b").exists()
    assert {path: path.read_bytes() for path in (folder / "s").glob("ledger*")} == before
    assert build("a", "--state", "s", "--title", "x") == 0
    (folder / "s" / "site").unlink()
    assert build("b", "--state", "s", "--accept-removals") == 0


def test_a_site_may_move_and_may_change_its_address(folder: Path) -> None:
    """Its ids stay."""
    assert build("a") == 0
    ids = (folder / "out-a/atom.xml").read_text("utf-8").count("tag:a.example")
    assert main(["build", "a", "--base-url", "https://new.example/", "--output", "out-a"]) == 0
    (folder / "a").rename(folder / "a-posts")
    assert main(["build", "a-posts", "--base-url", "https://new.example/", "--output", "out-a", "--state", ".feeds"]) == 0
    assert (folder / "out-a/atom.xml").read_text("utf-8").count("tag:a.example") == ids


@pytest.mark.parametrize("posts", ["a", "source/_posts"])
def test_a_settings_file_finds_the_state_of_the_flags(folder: Path, posts: str) -> None:
    """Wherever it lies; ids and dates of undated posts stay."""
    if posts != "a":
        (folder / "source").mkdir()
        (folder / "a").rename(folder / posts)
    (folder / posts / "undated.md").write_text("---\ntitle: undated\n---\nx", "utf-8")
    words = ["--base-url", "https://a.example/", "--output", "out"]
    assert main(["build", posts, *words, "--as-of", "2026-01-01T00:00:00Z"]) == 0
    before = (folder / "out/atom.xml").read_bytes()
    (folder / "feeds.toml").write_text(f'base_url = "https://a.example/"\nposts = "{posts}"\noutput = "out"\n', "utf-8")
    assert main(["build", "--as-of", "2026-02-01T00:00:00Z"]) == 0
    assert (folder / "out/atom.xml").read_bytes() == before


def test_a_site_keeps_its_state_when_its_posts_folder_is_renamed(folder: Path) -> None:
    """E.g. for another generator: else every post would come back as unread."""
    settings = 'base_url = "https://a.example/"\noutput = "out"\n'
    (folder / "feeds.toml").write_text(f'{settings}posts = "a"\n', "utf-8")
    assert main(["build"]) == 0
    before = (folder / "out/atom.xml").read_bytes()
    (folder / "content").mkdir()
    (folder / "a").rename(folder / "content/posts")
    (folder / "feeds.toml").write_text(f'{settings}posts = "content"\n', "utf-8")
    assert main(["build"]) == 0
    assert (folder / "out/atom.xml").read_bytes() == before
    # Another site's posts beside them have a state of their own.
    (folder / "other.toml").write_text('base_url = "https://b.example/"\nposts = "b"\noutput = "out-b"\n', "utf-8")
    assert main(["build", "--config", "other.toml"]) == 0 and (folder / ".feeds/b/ledger.sqlite").exists()


@pytest.mark.parametrize("state", ["", 'state = "s"\n'])
def test_a_site_keeps_its_state_when_its_settings_name_another_posts_folder(folder: Path, state: str) -> None:
    """The folder of the generator before may stay where it is; a run with nothing to do finds the state as well."""
    settings = f'base_url = "https://a.example/"\n{state}'
    (folder / "feeds.toml").write_text(f'{settings}posts = "a"\noutput = "out"\n', "utf-8")
    assert main(["build"]) == 0
    ids = {entry.name: entry.read_bytes() for entry in (folder / "out").glob("atom.xml")}
    (folder / "content/posts").mkdir(parents=True)
    for path in sorted((folder / "a").iterdir()):
        (folder / "content/posts" / f"new-{path.name}").write_text(path.read_text("utf-8"), "utf-8")
    (folder / "feeds.toml").write_text(f'{settings}posts = "content/posts"\noutput = "out-new"\n', "utf-8")
    for _ in range(2):
        assert main(["build"]) == 0
        assert {path.name: path.read_bytes() for path in (folder / "out-new").glob("atom.xml")} == ids
    assert main(["build", "content/posts", "--output", "out-new"]) == 0
    assert (folder / "out-new/atom.xml").read_bytes() == ids["atom.xml"]


@pytest.mark.parametrize(
    "other",
    [
        ["b"],  # posts that are named on the command line, with the base URL of the file
        ["--config", "b.toml"],
        ["--base-url", "https://b.example/", "b"],
    ],
)
def test_two_sites_of_one_folder_never_share_a_state(folder: Path, other: list[str]) -> None:
    """Not even with one base URL: whose posts are named elsewhere than in the settings file that the state knows is another."""
    for name in "ab":
        settings = f'base_url = "https://a.example/"\nposts = "{name}"\noutput = "out-{name}"\n'
        (folder / ("feeds.toml" if name == "a" else "b.toml")).write_text(settings, "utf-8")
    words = [[], [*other, "--output", "out-b"]]
    for arguments in (*words, *words):
        assert main(["build", *arguments]) == 0
    for name, others in ("ab", "ba"):
        text = (folder / f"out-{name}/atom.xml").read_text("utf-8") + (folder / f"out-{name}/feeds.opml").read_text("utf-8")
        assert f"only-{name}" in text and f"only-{others}" not in text
    assert (folder / ".feeds/b/ledger.sqlite").exists()


def test_a_category_takes_the_address_of_one_without_posts(folder: Path) -> None:
    """It has moved to another place in the tree, whose addresses have only its name."""
    (folder / "feeds.toml").write_text(
        'base_url = "https://a.example/"\nposts = "p"\noutput = "out"\n[paths]\ncategory = "c/{slug}/"\n', "utf-8"
    )
    (folder / "p").mkdir()
    for categories in ("[Life, Tea]", "[Tea]"):
        (folder / "p/a.md").write_text(f"---\ntitle: a\ndate: 2020-01-01\ncategories: {categories}\n---\nx", "utf-8")
        assert main(["build"]) == 0
    assert "<item>" in (folder / "out/c/tea/rss.xml").read_text("utf-8") and (folder / "out/c/life/rss.xml").exists()


def test_odd_names(tmp_path: Path) -> None:
    """The file takes any path and any address."""
    for name in ("posts", "文章", "a b", "x\ny", os.fsdecode(b"\xff")):
        state = tmp_path / f"s-{len(name)}"
        state.mkdir(exist_ok=True)
        site = state_folder.SiteIdentity(str(tmp_path / name), "https://例え.example/", str(tmp_path / f"{name}.toml"))
        for settings_file in (None, site.settings_file):
            site.settings_file = settings_file
            state_folder.claim(str(state), site)
            owner = state_folder.owner(str(state))
            assert owner is not None and owner.facts == site.facts
        assert state_folder.is_of(str(state), state_folder.SiteIdentity(site.posts))
        assert not state_folder.is_of(str(state), state_folder.SiteIdentity(str(tmp_path / "other"), site.base_url))
        (state / "site").write_bytes(b"damaged\0")
        assert state_folder.owner(str(state)) is None
