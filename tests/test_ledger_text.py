"""The ledger as text: what goes out comes in again, branches merge line by line, mistakes are told by their lines."""

from __future__ import annotations

import re
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.errors import LedgerError
from feeds.ledger import dump, public
from feeds.ledger.contents import LedgerContents
from feeds.ledger.fingerprint import Sighting, sketch, text_digest
from feeds.ledger.ledger import Ledger
from feeds.ledger.record import Record

NOW = datetime(2026, 1, 1, tzinfo=UTC)
BODY = "A line about {0}. Another about {0} too. And then, of {0}, the end."


def post(name: str, *, out: bool = True, id: str | None = None, more: str = "") -> Sighting:
    body = BODY.format(name) + more
    return Sighting(f"{name}.md", id, f"On {name}", text_digest(f"On {name}", body), sketch(body), None, None, out)


def build(folder: Path, *posts: Sighting, day: int = 0) -> dict[str, tuple[object, ...]]:
    ledger = Ledger.open(folder)
    found = ledger.resolve(posts, NOW + timedelta(days=day), "example.org,2026")
    ledger.mark_pages(one.id for one in found.identities.values())
    ledger.add_terms("category", {("茶",): (("茶",), "茶"), ("茶", "c++"): (("茶", "c-plus-plus"), "C++")})
    ledger.set_meta("authority", "example.org,2026")
    ledger.commit(f"day {day}")
    ledger.confirm(f"day {day}")
    ledger.close()
    return {path: one[:5] for path, one in found.identities.items()}


def lines(folder: Path) -> list[str]:
    ledger = Ledger.open(folder)
    try:
        return list(dump.export(ledger))
    finally:
        ledger.close()


def test_a_ledger_survives_as_text(tmp_path: Path) -> None:
    """Exported and imported into an empty state folder, the ledger knows all that it knew."""
    one, other = tmp_path / "one", tmp_path / "other"
    build(one, post("tea"), post("雨"), post("gone"), post("named", id="https://example.org/n"), post("draft", out=False))
    build(
        one,
        post("tea", more=" More."),
        post("雨"),
        post("named", id="https://example.org/n"),
        post("draft", out=False),
        day=1,
    )
    text = lines(one)
    report = dump.import_(other, text)
    assert (report.posts, report.terms, report.dropped) == (5, 2, 0)
    assert lines(other) == text
    later = [
        post("tea", more=" More.")._replace(path="x/tea.md"),
        post("雨", more=" 完。"),
        post("gone"),
        post("draft"),
    ]
    assert build(other, *later, day=2) == build(one, *later, day=2)
    assert lines(other) == lines(one)


def test_the_text_does_not_depend_on_history(tmp_path: Path) -> None:
    """Two ledgers that know the same are told the same, however many builds it took; one line for each post."""
    build(tmp_path / "one", post("a"), post("b"))
    build(tmp_path / "other", post("b"), post("a"))
    for _ in range(3):
        build(tmp_path / "other", post("a", more="!"), post("b"))
        build(tmp_path / "other", post("b"), post("a"))
    assert lines(tmp_path / "one") == lines(tmp_path / "other")
    assert sum('"path"' in line for line in lines(tmp_path / "one")) == 2


def test_what_was_never_published_is_not_told(tmp_path: Path) -> None:
    """A build that was killed before the switch leaves its ids, and none of its dates."""
    build(tmp_path, post("a"))
    before = lines(tmp_path)
    ledger = Ledger.open(tmp_path)
    ledger.resolve([post("a", more=" More.")], NOW + timedelta(days=9), "example.org,2026")
    ledger.commit("never live")
    ledger.close()
    after = lines(tmp_path)
    assert [line.replace(" ", "").partition('"text"')[0] for line in after] == [
        line.replace(" ", "").partition('"text"')[0] for line in before
    ]


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not here")
def test_two_branches_merge_in_git(tmp_path: Path) -> None:
    """A post more on one branch and another on the other: git merges the text, and the ledger has both."""
    repository, text = tmp_path / "repository", tmp_path / "repository" / "ledger.txt"
    repository.mkdir()

    def git(*words: str) -> None:
        who = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main"]
        subprocess.run(["git", *who, *words], cwd=repository, check=True, capture_output=True)

    first = [post(name) for name in "bdfhjlnp"]
    git("init")
    build(tmp_path / "main", *first)
    text.write_text("\n".join(lines(tmp_path / "main")) + "\n")
    git("add", ".")
    git("commit", "-m", "first")
    git("checkout", "-b", "other")
    shutil.copytree(tmp_path / "main", tmp_path / "branch")
    build(tmp_path / "branch", *first, post("c"))
    text.write_text("\n".join(lines(tmp_path / "branch")) + "\n")
    git("commit", "-am", "one more")
    git("checkout", "main")
    build(tmp_path / "main", *first, post("o"))
    text.write_text("\n".join(lines(tmp_path / "main")) + "\n")
    git("commit", "-am", "another")
    git("merge", "other")
    with text.open() as stream:
        assert dump.import_(tmp_path / "merged", stream).posts == 10
    known = build(tmp_path / "merged", *first, post("c"), post("o"))
    assert {name: one[0] for name, one in known.items()} == {
        f"{name}.md": f"tag:example.org,2026:{name}.md" for name in "bdfhjlnpco"
    }


def test_what_is_wrong_is_told_by_its_line(tmp_path: Path) -> None:
    """Each mistake at once, each with its line; what a merge left in two versions is no mistake."""
    build(tmp_path, post("a"), post("b"))
    text = lines(tmp_path)
    a, b = (next(line for line in text if f'"path": "{name}.md"' in line) for name in "ab")
    bad = [*text, "<<<<<<< HEAD", a, "=======", a.replace("On a", "Of a"), ">>>>>>> other"]
    bad += ["{}", "nonsense", b.replace('"text"', '"test"').replace("b.md", "d.md")]
    with pytest.raises(LedgerError) as refused:
        dump.import_(tmp_path / "new", bad)
    start = len(text)
    assert [f"line {start + count}:" in str(refused.value) for count in range(1, 9)] == [False] * 5 + [True] * 3
    assert not (tmp_path / "new").exists()


def test_slugs_that_differ_only_in_capitals_are_one_slug(tmp_path: Path) -> None:
    """Two posts cannot have them: on many disks they name one file."""
    build(tmp_path, post("a"), post("b"))
    text = lines(tmp_path)
    bad = [line.replace('"slug": "b"', '"slug": "A"') for line in text]
    assert bad != text
    with pytest.raises(LedgerError, match="both have the slug"):
        dump.read(bad)
    dump.import_(tmp_path / "new", bad)
    slugs = re.findall(r'"slug": "(.*?)"', "\n".join(lines(tmp_path / "new")))
    assert len(slugs) == len({slug.casefold() for slug in slugs}) == 2


@pytest.mark.parametrize("text", [[], ["hello"], ["# feeds ledger 2: from the future"], ["# feeds ledger 11"]])
def test_a_file_that_is_not_a_ledger_is_refused(tmp_path: Path, text: list[str]) -> None:
    """An empty file, another file, one from a newer version: refused, and the ledger is as it was."""
    build(tmp_path, post("a"))
    before = (tmp_path / "ledger.sqlite").read_bytes()
    with pytest.raises(LedgerError):
        dump.import_(tmp_path, text)
    assert (tmp_path / "ledger.sqlite").read_bytes() == before


@pytest.mark.parametrize(
    ("told", "other"),
    [
        ('"slug": "a"', '"slug": "../../a"'),
        ('"slug": "a"', '"slug": "a\\nb"'),
        ('"slug": "a"', '"slug": ".."'),
        ('"slugs": ["茶"]', '"slugs": ["../茶"]'),
        ("2026:a.md", "2026:\\ud800.md"),
        ('"title": "On a"', '"title": "\\ud800"'),
        ('"first_seen": "2026', '"first_seen": "0001-01-01T00:00:00+14:00", "was": "2026'),
        ('"updated": "2026', '"updated": "2025-01-01T00:00:00Z", "was": "2026'),
    ],
)
def test_a_line_that_cannot_be_is_refused(tmp_path: Path, told: str, other: str) -> None:
    """A slug that leads out of the output, half a character, a date before all calendars or before the post: never a
    traceback, and nothing changes."""
    build(tmp_path, post("a"))
    text = lines(tmp_path)
    bad = [line.replace(told, other) for line in text]
    assert bad != text
    with pytest.raises(LedgerError, match="line "):
        dump.import_(tmp_path, bad)
    assert lines(tmp_path) == text


def test_an_import_keeps_what_it_replaces(tmp_path: Path) -> None:
    """The ledger that was there lies beside the new one, and how many posts the text does not know is said."""
    build(tmp_path / "one", post("a"))
    build(tmp_path / "two", post("b"), post("c"))
    text = lines(tmp_path / "two")
    assert dump.import_(tmp_path / "two", lines(tmp_path / "one")).dropped == 2
    assert lines(tmp_path / "two") == lines(tmp_path / "one")
    (tmp_path / "two" / "ledger.former.sqlite").replace(tmp_path / "two" / "ledger.backup.sqlite")
    Ledger.restore(tmp_path / "two")
    assert lines(tmp_path / "two") == text


def test_an_import_mends_a_damaged_ledger(tmp_path: Path) -> None:
    """Text in git is a way back too; the damaged file is kept."""
    build(tmp_path, post("a"))
    text = lines(tmp_path)
    (tmp_path / "ledger.sqlite").write_bytes(b"rubbish")
    dump.import_(tmp_path, text)
    assert lines(tmp_path) == text
    assert (tmp_path / "ledger.damaged.sqlite").read_bytes() == b"rubbish"


_names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
_slugs = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="./\\"), min_size=1, max_size=12)
_seconds = st.none() | st.integers(-60_000_000_000, 250_000_000_000)


@given(
    st.lists(
        st.tuples(_names, _slugs, st.none() | _names, _names, _seconds, _seconds, st.booleans(), st.binary(max_size=3)),
        unique_by=(lambda one: one[0], lambda one: one[1].casefold()),
        max_size=4,
    )
)
def test_any_text_survives_a_line(
    some: list[tuple[str, str, str | None, str, int | None, int | None, bool, bytes]],
) -> None:
    """Line separators, quotes, control characters, dates of any century: each post is one line and comes back whole."""
    posts = [
        (Record(0, id, slug, claim and claim + id, path, "t", int(out), 1, a, b, b, "" if out else None, 0), path,
         b"\1" + made.ljust(4, b"\0") if made else b"")
        for id, slug, claim, path, a, b, out, made in some
    ]  # fmt: skip
    held = LedgerContents(posts, [], [], {})

    class Holder:
        def contents(self) -> LedgerContents:
            return held

    text = "\n".join(dump.export(Holder()))  # type: ignore[arg-type]
    assert len([line for line in text.splitlines() if not line.startswith("#")]) == len(posts)
    assert sorted(dump.read(text.splitlines()).posts) == sorted(posts)


@settings(max_examples=10, deadline=None)
@given(
    history=st.lists(
        st.dictionaries(st.sampled_from(["tea", "雨", 'a "b" \\', "named", "draft"]), st.integers(0, 2), min_size=1),
        min_size=2,
        max_size=4,
    )
)
def test_lines_for_a_manifest_are_those_of_the_whole_ledger(history: list[dict[str, int]]) -> None:
    """Whatever a build writes, lines taken over from the last generation are as they would be if all were read anew."""
    with TemporaryDirectory() as folder:
        last: tuple[str, ...] = ()
        for day, posts in enumerate(history):
            ledger = Ledger.open(Path(folder))
            watched = ledger.watch()
            ids = {"named": "https://example.org/n"}
            sightings = [
                post(name, out=name != "draft" or more > 0, id=ids.get(name), more="!" * more) for name, more in posts.items()
            ]
            resolution = ledger.resolve(sightings, NOW + timedelta(days=day), "example.org,2026")
            identities = resolution.identities
            ledger.mark_pages(identities[name.path].id for name in sightings[:1])
            ledger.note_visible({identities[each.path].id: (each.text_digest, each.title) for each in sightings[1:]})
            ledger.commit(f"day {day}")
            lines_kept = public.lines(ledger, last if watched else ())
            assert lines_kept == public.lines(ledger)
            ledger.confirm(f"day {day}")
            ledger.close()
            last = lines_kept
