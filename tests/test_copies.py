"""Copies that programs leave beside a post: held back if the text is the post's, and only then."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from feeds.build import run
from feeds.ledger.fingerprint import sketch, text_digest
from feeds.posts.copies import copies_among, held_back, longer_names, original_names
from feeds.posts.header import Header
from feeds.settings import Settings

NOW = datetime(2026, 1, 1, tzinfo=UTC)
TEXT = "---\ntitle: Tea\ndate: 2021-01-01\n---\n" + "".join(f"Sentence number {n} says that tea is hot.\n" for n in range(9))
NAMES = [
    "tea 2.md", "tea (1).md", "tea copy.md", "tea copy 2.md", "tea - Copy.md", "tea - Copy (2).md", "tea的副本.md", "tea - 副本.md",
    "tea 副本.md", "teaのコピー.md", "tea - Kopie.md", "tea (Kopie).md", "tea - copie.md", "Copy of tea.md", "tea (冲突_ann_2026-01-02).md",
    "tea (Ann's conflicted copy 2026-01-02).md", "tea (Anns in Konflikt stehende Kopie 2026-01-02).md", "tea (copie en conflit de Ann).md",
    "tea_conflict-20260102-101112.md", "tea-DESKTOP-AB12CD.md", "tea.md.LOCAL.1234.md", "tea_REMOTE_1234.md", "tea.bak.md", "~$tea.md",
    "tea.sync-conflict-20260102-101112-ABCDEFG.md", "Kopie von tea.md", "Kopie (2) von tea.md", "Kopi af tea.md", "Copie de tea.md",
    "tea kopyası.md", "tea의 사본.md", "tea のコピー.md",
]  # fmt: skip


def titles(folder: Path) -> tuple[list[str], run.Outcome]:
    """The entries of the site's feed after a build."""
    site = Settings(
        base_url="https://e.org/", posts=folder / "posts", output=folder / "public", state=folder / "state", workers=1
    )
    outcome = run.publish(site, NOW)
    return [item["title"] for item in json.loads((folder / "public" / "feed.json").read_text())["items"]], outcome


@pytest.mark.parametrize("edited", [False, True], ids=["exact", "edited"])
@pytest.mark.parametrize("name", NAMES)
def test_a_copy_is_held_back_and_reported(tmp_path: Path, name: str, edited: bool) -> None:
    """Whatever the program calls it, also when the post is published already."""
    (tmp_path / "posts").mkdir()
    (tmp_path / "posts" / "tea.md").write_text(TEXT)
    assert titles(tmp_path)[0] == ["Tea"]
    (tmp_path / "posts" / name).write_text(TEXT.replace("number 3", "number three") if edited else TEXT)
    shown, outcome = titles(tmp_path)
    assert shown == ["Tea"]
    problems = {problem.path for problem in outcome.built.publication.problems if problem.code in ("copy", "leftover")}
    assert problems == {name}


def ids(folder: Path) -> list[str]:
    """The ids of the site's entries after a build."""
    titles(folder)
    return [item["id"] for item in json.loads((folder / "public" / "feed.json").read_text())["items"]]


@pytest.mark.parametrize("edited", [False, True])
def test_a_copy_stays_back_when_its_original_is_renamed(tmp_path: Path, edited: bool) -> None:
    """In the build of the renaming, in later ones that look at the original or not, and with nothing remembered."""
    posts = tmp_path / "posts"
    posts.mkdir()
    (posts / "tea.md").write_text(TEXT)
    [id] = ids(tmp_path)
    (posts / "tea 2.md").write_text(TEXT.replace("number 3", "number three") if edited else TEXT)
    (posts / "tea.md").rename(posts / "hot.md")
    assert ids(tmp_path) == [id]
    (posts / "river.md").write_text("---\ntitle: River\ndate: 2020-01-01\n---\nWater.\n")
    assert (ids(tmp_path)[0], len(ids(tmp_path))) == (id, 2)
    for file in ("cache.sqlite", "post-index"):
        (tmp_path / "state" / file).unlink()
    assert (ids(tmp_path)[0], len(ids(tmp_path))) == (id, 2)
    shutil.rmtree(tmp_path / "state")
    assert len(ids(tmp_path)) == 2
    (posts / "tea 2.md").write_text(TEXT.replace("title: Tea", "title: More tea").replace("tea is hot", "coffee is not so cold"))
    assert len(ids(tmp_path)) == 3, "a post of its own"


@pytest.mark.parametrize("dated", [True, False])
@pytest.mark.parametrize("edited", [False, True])
def test_a_copy_of_the_earlier_text_gives_way_to_its_renamed_and_retitled_original(
    tmp_path: Path, dated: bool, edited: bool
) -> None:
    """A program that synchronises leaves it in the very build of the change; the original keeps its id, then and later."""
    text = TEXT if dated else TEXT.replace("date: 2021-01-01\n", "")
    posts = tmp_path / "posts"
    posts.mkdir()
    (posts / "tea.md").write_text(text)
    [id] = ids(tmp_path)
    renamed = text.replace("title: Tea", "title: Oolong")
    (posts / "oolong.md").write_text(renamed.replace("number 3", "number three") if edited and dated else renamed)
    (posts / "tea.md").unlink()
    (posts / "tea 2.md").write_text(text)
    shown, outcome = titles(tmp_path)
    assert (shown, ids(tmp_path)) == (["Oolong"], [id])
    assert [problem.code for problem in outcome.built.publication.problems if problem.path == "tea 2.md"] == ["copy"]
    (posts / "river.md").write_text("---\ntitle: River\ndate: 2020-01-01\n---\nWater.\n")
    assert sorted(titles(tmp_path)[0]) == ["Oolong", "River"] and id in ids(tmp_path)
    shutil.rmtree(tmp_path / "state")
    assert sorted(titles(tmp_path)[0]) == ["Oolong", "River"]
    (posts / "tea 2.md").write_text(text.replace("title: Tea", "title: Oolong 2"))
    assert len(ids(tmp_path)) == 3, "another part of a series"


@pytest.mark.parametrize("renamed", [False, True])
def test_a_copy_that_is_kept_goes_on_as_the_post(tmp_path: Path, renamed: bool) -> None:
    """The author deletes the original and not the copy: for readers it is the entry that they have."""
    posts = tmp_path / "posts"
    posts.mkdir()
    (posts / "tea.md").write_text(TEXT)
    before = ids(tmp_path)
    (posts / "tea 2.md").write_text(TEXT)
    assert ids(tmp_path) == before
    if renamed:
        (posts / "tea.md").rename(posts / "hot.md")
        assert ids(tmp_path) == before
        (posts / "hot.md").unlink()
    else:
        (posts / "tea.md").unlink()
    assert ids(tmp_path) == before


def test_what_is_published_under_the_name_of_a_copy_stays(tmp_path: Path) -> None:
    """A second post with its front matter and text, under a name that tells nothing, takes nothing away."""
    posts = tmp_path / "posts"
    posts.mkdir()
    (posts / "tea 2.md").write_text(TEXT)
    [id] = ids(tmp_path)
    (posts / "hot.md").write_text(TEXT)
    assert id in ids(tmp_path)


@pytest.mark.parametrize("broken", ["<<<<<<< HEAD\nmine\n=======\ntheirs\n>>>>>>> b\n", None], ids=["conflict", "emptied"])
def test_copies_beside_a_broken_post_are_held_back(tmp_path: Path, broken: str | None) -> None:
    """What git's merge tools and synchronisers leave beside the post while its own file is in conflict or empty."""
    (tmp_path / "posts").mkdir()
    post = tmp_path / "posts" / "tea.md"
    post.write_text(TEXT)
    assert titles(tmp_path)[0] == ["Tea"]
    post.write_text("" if broken is None else TEXT + broken)
    for side in ("LOCAL", "REMOTE", "BASE"):
        (tmp_path / "posts" / f"tea_{side}_1234.md").write_text(TEXT)
    assert titles(tmp_path)[0] == ["Tea"]
    (tmp_path / "posts" / "tea 2.md").write_text(TEXT)
    assert titles(tmp_path)[0] == ["Tea"]


MARKED = [
    "“tea”的副本.md", "「tea」のコピー.md", "复件 tea.md", "复件 (2) tea.md", "tea 拷貝 2.md", "tea 2 2.md", "tea (1) (1).md", "tea — копия (2).md",
    "tea (конфликтующая копия Ann 2026-11-02).md", "tea (Ann の競合コピー 2026-11-02).md", "tea (第 3 个副本).md", "tea (3rd copy).md",
    "tea (une autre copie).md", "tea_冲突文件_Ann_20261102.md", "tea - 副本 - 副本.md", "tea - Copy - Copy.md", "tea - 복사본.md", "tea-old.md",
    "tea (backup).md", "tea.md.md", "tea - másolat.md", "tea - Bản sao.md", "tea - Kópia.md", "tea - สำเนา.md",
]  # fmt: skip


@pytest.mark.parametrize("name", MARKED)
def test_the_names_of_more_programs_and_languages(name: str) -> None:
    """A name of a copy counts if the text is nearly the other's, whatever the front matter says."""
    text = "".join(f"Sentence number {n} says that tea is hot.\n" for n in range(9))
    original = _header("tea.md", text)
    copy = _header(name, text.replace("number 3", "number three"))._replace(title="Tea, copied", tags=("black",))
    assert held_back(copy, {"tea.md": original}.get).status == "copy"
    assert held_back(_header(name, "Another text altogether, about something else."), {"tea.md": original}.get).status == "out"


def test_a_copy_of_a_short_post_to_which_a_sentence_was_added() -> None:
    """Less than half of its text is the original's, but it has all of that, with the same title and date."""
    original = _header("tea.md", "泡茶要用热水。")
    copy = _header("tea.bak.md", "泡茶要用热水。昨天在西湖边上又喝了两杯龙井，很香。")
    for this, other in (
        (copy, original),
        (_header("tea 2.md", "泡茶要用热水。"), _header("tea.md", "泡茶要用热水。昨天在西湖边上又喝了两杯龙井，很香。")),
    ):
        assert held_back(this, {"tea.md": other}.get).status == "copy"
    for own in ({"title": "Tea again"}, {"published": NOW.replace(year=2025)}):
        assert held_back(copy._replace(**own), {"tea.md": original}.get).status == "out"
    assert held_back(_header("tea 2.md", "昨天在西湖边上又喝了两杯龙井，很香。"), {"tea.md": original}.get).status == "out"


LONGER = [
    "tea-1.md", "tea_1.md", "tea1.md", "tea v2.md", "tea-final.md", "tea-2026-11-02.md", "tea_20261102.md", "tea-MyMacBook.md", "tea.markdown",
]  # fmt: skip


@pytest.mark.parametrize("name", LONGER)
def test_a_file_with_the_front_matter_and_text_of_another_is_a_copy(name: str) -> None:
    """Whatever it is called, as long as its name goes on with the other's; a title, date or tag of its own makes it a post."""
    text = "".join(f"Sentence number {n} says that tea is hot.\n" for n in range(9))
    original = _header("tea.md", text)
    copy = _header(name, text.replace("number 3", "number three"))
    assert held_back(copy, {"tea.md": original}.get).status == "copy"
    for own in ({"title": "Tea again"}, {"published": NOW.replace(year=2025)}, {"tags": ("black",)}, {"language": "en"}):
        assert held_back(copy._replace(**own), {"tea.md": original}.get).status == "out"
    assert held_back(_header(name, "Hot."), {"tea.md": _header("tea.md", "Hot.")}.get).status == "out", "many posts say so"
    assert held_back(original, {name: copy}.get).status == "out"


@pytest.mark.parametrize("name", ["tea.en.md", "tea-zh-cn.md", "teapot.md", "iced-tea.md"])
def test_translations_and_other_names_are_posts(name: str) -> None:
    """A translation that is not translated yet lies beside its original, with the same text."""
    text = "".join(f"Sentence number {n} says that tea is hot.\n" for n in range(9))
    assert held_back(_header(name, text), {"tea.md": _header("tea.md", text)}.get).status == "out"


@pytest.mark.parametrize("name", ["tea 2.md", "tea (2).md", "tea copy.md", "part 2.md"])
def test_a_post_of_its_own_is_published_whatever_its_name(tmp_path: Path, name: str) -> None:
    """The name alone tells nothing."""
    (tmp_path / "posts").mkdir()
    (tmp_path / "posts" / "tea.md").write_text(TEXT)
    own = "".join(f"In week {n} we drank something else altogether, {n} cups of it.\n" for n in range(9))
    (tmp_path / "posts" / name).write_text(f"---\ntitle: Other\ndate: 2021-01-02\n---\n{own}")
    assert titles(tmp_path)[0] == ["Other", "Tea"]


def _header(path: str, text: str, *, status: str = "out") -> Header:
    return Header(
        path=path, digest="", title="Tea", text_digest=text_digest("Tea", text), sketch=sketch(text), explicit_id=None, published=NOW,
        updated=None, expires=None, status=status, status_key="", categories=(), tags=(), authors=(), link=None, slug="", dated_by="date",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "originals"),
    [
        ("a/tea 2.md", {"a/tea.md", "a/tea.markdown", "a/tea.html"}),
        ("tea (1).html", {"tea.md", "tea.markdown", "tea.html"}),
        ("tea copy.txt", {"tea.txt", "tea.md", "tea.html"}),
        ("Copy of tea.md", {"tea.md"}),
        ("tea.md", set()),
        ("2021-02-03-tea.md", set()),
        ("a 2/tea.md", set()),
        ("a/b/tea 2.md", {"a/b/tea.md", "a/b/tea.markdown"}),
        ("v1.2 notes copy.md", {"v1.2 notes.md"}),
        ("a/Copy of tea.md", {"a/tea.md"}),
    ],
)
def test_of_which_files_a_name_may_be_a_copy(name: str, originals: set[str]) -> None:
    """In the same folder, with the same ending or another of a post."""
    paths = original_names(name)
    assert originals <= set(paths) and name not in paths and bool(paths) is bool(originals)
    assert all(path.rpartition("/")[0] == name.rpartition("/")[0] for path in paths)


@pytest.mark.parametrize(
    ("text", "original_status", "own_status", "is_copy"),
    [
        (TEXT, "out", "out", True),
        (TEXT.replace("number 3", "number three"), "out", "out", True),
        ("Another text about maps of the coast, with nothing in common.", "out", "out", False),
        (TEXT, "draft", "out", False),
        (TEXT, "out", "draft", False),
    ],
)
def test_what_is_held_back_as_a_copy(text: str, original_status: str, own_status: str, is_copy: bool) -> None:
    """A post with the text of another published one, or nearly; the warning names both and what to do."""
    original = _header("tea.md", TEXT, status=original_status)
    copy = _header("tea 2.md", text, status=own_status)
    result = held_back(copy, {"tea.md": original}.get)
    assert held_back(copy, {}.get) == copy, "there is no such post"
    if not is_copy:
        assert result == copy
        return
    (problem,) = result.problems
    assert result.status == "copy" and result._replace(status="out", problems=()) == copy
    assert (problem.code, problem.severity, problem.path) == ("copy", "warning", "tea 2.md") and "tea.md" in problem.what
    assert ("nearly" in problem.what) is (text != TEXT) and "rename" in (problem.fix or "")


def test_a_copy_is_found_by_any_of_the_names_that_it_may_come_from() -> None:
    """A name that no post has is passed over."""
    original, text = "tea.md", "".join(f"Sentence number {n} says that tea is hot.\n" for n in range(9))
    copy = held_back(_header("tea copy.txt", text), {original: _header(original, text)}.get)
    assert copy.status == "copy" and copy.problems[-1].path == "tea copy.txt"


_EDITED = TEXT.replace("number 3", "number three")
_OTHER = "".join(f"Map number {n} shows another coast.\n" for n in range(9))


@pytest.mark.parametrize(
    ("headers", "copies"),
    [
        ([_header("cup.md", TEXT), _header("tea 2.md", TEXT)], {"tea 2.md": "that of cup.md"}),
        ([_header("cup.md", TEXT), _header("tea 2.md", _EDITED)], {"tea 2.md": "nearly that of cup.md"}),
        ([_header("cup.md", TEXT), _header("tea 2.md", _EDITED)._replace(title="Kettle")], {"tea 2.md": "nearly that of cup.md"}),
        ([_header("cup.md", TEXT), _header("tea 2.md", TEXT), _header("tea 3.md", TEXT)], {"tea 2.md": "that of cup.md", "tea 3.md": "that of cup.md"}),
        ([_header(f"cup-{n}.md", _OTHER) for n in range(6)] + [_header("cup.md", TEXT), _header("tea 2.md", TEXT)], {"tea 2.md": "that of cup.md"}),
        ([_header("cup.md", _OTHER), _header("tea 2.md", TEXT)], {}),
        ([_header("cup.md", _OTHER)._replace(title="Kettle"), _header("tea 2.md", TEXT)], {}),
        ([_header("cup.md", TEXT)._replace(tags=("x",)), _header("tea 2.md", TEXT)], {}),
        ([_header("cup.md", TEXT), _header("tea.md", TEXT)], {}),
        ([_header("cup 3.md", TEXT), _header("tea 2.md", TEXT)], {}),
        ([_header("cup.md", TEXT, status="draft"), _header("tea 2.md", TEXT)], {}),
        ([_header("cup.md", TEXT), _header("tea 2.md", TEXT, status="draft")], {}),
        ([_header("cup.md", "Short."), _header("tea 2.md", "Short.")], {}),
        ([_header(f"cup-{n}.md", TEXT) for n in range(8)] + [_header("tea 2.md", TEXT)], {}),
        ([], {}),
    ],
)  # fmt: skip
def test_copies_of_posts_that_are_called_otherwise(headers: list[Header], copies: dict[str, str]) -> None:
    """By all of the front matter but the title, and the text; where more than eight share it, it tells nothing."""
    result = copies_among(headers)
    assert {path: header.status for path, header in result.items()} == dict.fromkeys(copies, "copy")
    assert all(f"its text is {text};" in result[path].problems[-1].what for path, text in copies.items())


def test_a_copy_from_before_a_short_post_grew() -> None:
    """Its text is in the post, though little of the post's is in it; under another title it is a post of its own."""
    stub = "Tea is hot, and the cup is blue."
    grown = stub + " " + " ".join(f"Then came sentence {n} of the post." for n in range(5))
    original = _header("tea.md", grown)
    for copy, is_copy in (
        (_header("tea 2.md", stub), True),
        (_header("tea 2.md", stub)._replace(title="Kettle"), False),
        (_header("tea 2.md", stub)._replace(published=None), False),
        (_header("tea 2.md", "Coffee is hot, and the cup is red, too."), False),
    ):
        assert (held_back(copy, {"tea.md": original}.get).status == "copy") is is_copy
    assert held_back(original._replace(path="tea 2.md"), {"tea.md": _header("tea.md", stub)}.get).status == "copy"


@pytest.mark.parametrize(("edited", "nearly"), [(False, ""), (True, "nearly ")])
def test_the_finding_of_a_copy_names_the_post_and_the_fix(edited: bool, nearly: str) -> None:
    text = "".join(f"Sentence number {n} says that tea is hot.\n" for n in range(9))
    copy = _header("tea 2.md", text.replace("number 3", "number three") if edited else text)
    problem = held_back(copy, {"tea.md": _header("tea.md", text)}.get).problems[-1]
    assert problem.what == f"its name is that of a copy, and its text is {nearly}that of tea.md; it is left out"
    assert (problem.code, problem.severity, problem.path) == ("copy", "warning", "tea 2.md")
    assert problem.fix == "delete it, or rename it if it is a post of its own"


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("a-b/tea-1.md", ("a-b/tea.md", "a-b/tea-.md")),
        ("x y/tea v2.html", ("x y/tea.html", "x y/tea v.html", "x y/tea v2.md")),
        ("tea (2.md", ("tea.md", "tea (.md")),
        ("tea.en.md", ()),
    ],
)
def test_which_shorter_names_a_file_goes_on_with(path: str, names: tuple[str, ...]) -> None:
    """Names in the same folder; the folder's own name is not cut."""
    assert longer_names(path) == names
