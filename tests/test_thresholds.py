"""Where a build draws its lines: what is refused, how large a document becomes, which dates feeds and documents have."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from feeds import content
from feeds.build import run
from feeds.content.policy import Policy
from feeds.errors import RefusedError
from feeds.publish import guard
from feeds.settings import Settings

NOW = datetime(2026, 1, 10, tzinfo=UTC)
POSTS = Path("posts")


def refused(removals: guard.Removals, *, max_fraction: float = 0.3, min_removed: int = 3) -> str:
    """What the guard says of removals; "" if it lets them pass."""
    try:
        guard.check(removals, posts=POSTS, max_fraction=max_fraction, min_removed=min_removed)
    except RefusedError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    ("known", "gone", "passes"),
    [
        (10, 3, True), (10, 4, False), (100, 30, True), (100, 31, False), (4, 2, True), (3, 2, True), (3, 3, False), (1, 1, True), (10, 0, True),
    ],
)  # fmt: skip
def test_how_many_posts_may_go_at_once(known: int, gone: int, passes: bool) -> None:
    """Up to the fraction, and always fewer than the least number, so that a small blog can lose its only post."""
    reason = refused(guard.Removals(files=50, published=known, gone=[f"{n}.md" for n in range(gone)], future=0))
    assert (not reason) is passes
    if not passes:
        assert (
            f"{gone} of {known} published posts" in reason
            and "0.md" in reason
            and "30%" in reason
            and "--accept-removals" in reason
        )
    named = re.findall(r"\d+\.md", reason)
    assert not reason or (len(named) == gone or f"and {gone - len(named)} more" in reason)


def test_settings_move_the_lines() -> None:
    """`max_removed_fraction` and the least number."""
    four = guard.Removals(files=50, published=10, gone=["a", "b", "c", "d"], future=0)
    assert refused(four) and not refused(four, max_fraction=0.4) and not refused(four, min_removed=5)
    assert not refused(four, max_fraction=1.0) and refused(four, max_fraction=0.0, min_removed=4)


def test_an_empty_folder_is_refused_whatever_was_published() -> None:
    """It is not mounted, or the path is wrong; and it is said which."""
    assert "7" in refused(guard.Removals(files=0, published=7, gone=["a"] * 7, future=0), max_fraction=1.0)
    reason = refused(guard.Removals(files=0, published=0, gone=[], future=0))
    assert "7" not in reason
    assert reason.startswith("posts: the posts folder holds no posts") and ".md" in reason and "--accept-removals" in reason


@pytest.mark.parametrize(
    ("known", "gone", "future", "clock"),
    [(5, 5, 5, True), (1, 1, 1, True), (5, 2, 2, False), (5, 5, 4, False), (5, 0, 0, False), (0, 0, 0, False)],
)
def test_a_clock_that_is_wrong_is_told_from_posts_that_went(known: int, gone: int, future: int, clock: bool) -> None:
    """All of them in the future, and nothing else: also where the guard's other lines would let them go."""
    reason = refused(guard.Removals(files=9, published=known, gone=["x.md"] * gone, future=future), max_fraction=1.0)
    assert ("set the clock right" in reason) is clock and bool(reason) is clock


@pytest.mark.parametrize("count", [1, 2, 12])
def test_ids_and_dates_that_would_move_are_counted_and_named(count: int) -> None:
    """The first ones by name, the rest by number."""
    guard.check_ids([], posts=POSTS)
    with pytest.raises(RefusedError) as ids:
        guard.check_ids([(f"{n}.md", f"urn:old:{n}", f"urn:new:{n}") for n in range(count)], posts=POSTS)
    before = datetime(2026, 1, 1, 0, tzinfo=UTC)
    moved = [(f"{n}.md", before - timedelta(hours=8), before) for n in range(count)]
    with pytest.raises(RefusedError) as dates:
        guard.check_dates(moved, ("Asia/Shanghai", "UTC"), posts=POSTS)
    for said in (str(ids.value), str(dates.value)):
        named = set(re.findall(r"\b\d+\.md", said))
        assert "0.md" in named and (f"{count} published posts" if count > 1 else "a published post") in said
        assert (f" and {count - len(named)} more" in said) is (len(named) < count) and (" more" in said) is (len(named) < count)
        assert said.startswith("posts: ") and "with `feeds build --" in said and "--accept-" in said, (
            "where it is, and what to do"
        )
    # Same zone, or a date that its author changed: nothing moved by the zone.
    guard.check_dates(moved, ("UTC", "UTC"), posts=POSTS)
    guard.check_dates([("a.md", before, before + timedelta(hours=1))], ("Asia/Shanghai", "UTC"), posts=POSTS)


@pytest.mark.parametrize(
    ("removals", "sentence"),
    [
        (
            guard.Removals(files=0, published=7, gone=["a.md"] * 7, future=0),
            "posts: the posts folder is empty: the feeds would lose every post they have (7) "
            "(mount or fix the folder; if it is meant, build with --accept-removals)",
        ),
        (
            guard.Removals(files=0, published=0, gone=[], future=0),
            "posts: the posts folder holds no posts; expected files .md .markdown .html .htm .txt "
            "(fix the path; if it is meant, build with --accept-removals)",
        ),
        (
            guard.Removals(files=0, published=7, gone=["a.md"] * 7, future=0, left_out=3, reason="disableKinds leaves it out"),
            "posts: none of the files in the posts folder (3) is a post: disableKinds leaves it out "
            "(correct the setting that leaves them out, or posts; if it is meant, build with --accept-removals)",
        ),
        (
            guard.Removals(files=0, published=0, gone=[], future=0, left_out=1),
            "posts: none of the files in the posts folder (1) is a post: by the conventions of the generator they are pages, or not read "
            "(correct the setting that leaves them out, or posts; if it is meant, build with --accept-removals)",
        ),
        (
            guard.Removals(files=9, published=5, gone=["a.md"] * 5, future=5),
            "posts: all 5 published posts now lie in the future "
            "(set the clock right; if it is meant, build with --accept-removals)",
        ),
        (
            guard.Removals(files=9, published=8, gone=["a.md", "b.md", "c.md", "d.md", "e.md"], future=0),
            "posts: 5 of 8 published posts would go: a.md, b.md, c.md, d.md, e.md; expected at most 30% "
            "(look at the folder; if it is meant, build with --accept-removals)",
        ),
        (
            guard.Removals(files=9, published=8, gone=["a.md", "b.md", "c.md", "d.md", "e.md", "f.md"], future=0),
            "posts: 6 of 8 published posts would go: a.md, b.md, c.md, d.md, e.md and 1 more; expected at most 30% "
            "(look at the folder; if it is meant, build with --accept-removals)",
        ),
        (
            guard.Removals(files=9, published=8, gone=["a.md", "b.md", "c.md"], future=0, broken=2),
            "posts: 3 of 8 published posts would go, 2 of which are broken: a.md, b.md, c.md; expected at most 30% "
            "(`feeds check` says what is wrong with each; if it is meant, build with --accept-removals)",
        ),
    ],
)
def test_a_refusal_says_what_would_go_and_the_fix(removals: guard.Removals, sentence: str) -> None:
    assert refused(removals) == sentence


_NEW_IDS_FIX = (
    "(keep the ids that readers know with `feeds build --keep-ids` (remembered), or take the new ones with --accept-ids)"
)


@pytest.mark.parametrize(
    ("count", "subject", "more"),
    [(1, "a published post", ""), (5, "5 published posts", ""), (6, "6 published posts", " and 1 more")],
)
def test_a_refusal_of_other_ids_and_dates_names_five_posts(count: int, subject: str, more: str) -> None:
    with pytest.raises(RefusedError) as ids:
        guard.check_ids([(f"{n}.md", f"urn:a:{n}", f"urn:b:{n}") for n in range(count)], posts=POSTS)
    named = ", ".join(f"{n}.md (urn:a:{n} -> urn:b:{n})" for n in range(min(count, 5)))
    assert str(ids.value) == (
        f"posts: the id of {subject} would change, so that subscribers see it again as new: {named}{more} {_NEW_IDS_FIX}"
    )
    # Midnight in Shanghai becomes midnight in New York, thirteen hours later; neither is the zone of this machine.
    old = datetime(2026, 1, 1, 16, tzinfo=UTC)
    moved = [(f"{n}.md", old, old + timedelta(hours=13)) for n in range(count)]
    with pytest.raises(RefusedError) as dates:
        guard.check_dates(moved, ("Asia/Shanghai", "America/New_York"), posts=POSTS)
    named = ", ".join(f"{n}.md (2026-01-01T16:00:00Z -> 2026-01-02T05:00:00Z)" for n in range(min(count, 5)))
    assert str(dates.value) == (
        f"posts: the time zone is America/New_York and was Asia/Shanghai: the date of {subject} would move: {named}{more} "
        '(set timezone = "Asia/Shanghai" again, or take the new dates with `feeds build --accept-dates`)'
    )


@pytest.mark.parametrize("allowed", [{}, {"a": frozenset({"rel"})}], ids=["usual", "rel allowed"])
@pytest.mark.parametrize("backend", ["bleach", "nh3"])
def test_nofollow_is_on_every_link_or_on_none(backend: str, allowed: dict[str, frozenset[str]]) -> None:
    """Also in place of an author's own `rel`, and on a link with no address; on no other element."""
    markup = '<p><a href="https://a.example/">a</a> <a href="https://b.example/" rel="me">b</a> <a title="t">c</a> <b>e</b></p>'
    for wanted in (True, False):
        policy = Policy(backend=backend, nofollow=wanted, allow_attributes=allowed)  # type: ignore[arg-type]
        cleaned = content.clean(markup, "html", base_url="https://example.org/", policy=policy, id_prefix="p-").html
        links = re.findall(r"<a\b[^>]*>", cleaned)
        assert len(links) == 3 and "<b>e</b>" in cleaned
        assert ['rel="nofollow"' in link for link in links] == [wanted] * 3
        assert cleaned.count("rel=") == (3 if wanted else len(allowed))
        again = content.clean(cleaned, "html", base_url="https://example.org/", policy=policy, id_prefix="p-").html
        assert again == cleaned


@dataclass
class Site:
    """A site of posts with bodies of given sizes, the first the newest, and its builds."""

    folder: Path
    settings: Settings

    def write(self, number: int, size: int, more: str = "") -> None:
        date = (NOW - timedelta(days=number + 1)).isoformat()
        body = f"w{number} " * (size // (len(str(number)) + 2))
        (self.folder / "posts" / f"{number}.md").write_text(f"---\ntitle: t{number}\ndate: {date}\n---\n{body}{more}\n")

    def build(self, now: datetime = NOW, **changed: object) -> run.Outcome:
        return run.publish(replace(self.settings, **changed), now)  # type: ignore[arg-type]

    def feed(self) -> list[str]:
        items = json.loads((self.folder / "public" / "feed.json").read_text())["items"]
        return [item["title"] for item in items]


@pytest.fixture
def site(tmp_path: Path) -> Site:
    (tmp_path / "posts").mkdir()
    settings = Settings(
        base_url="https://e.org/", posts=tmp_path / "posts", output=tmp_path / "public", state=tmp_path / "state",
        workers=1, pages=False, taxonomies=(), formats=("rss", "atom", "json"),
    )  # fmt: skip
    return Site(tmp_path, settings)


def codes(outcome: run.Outcome) -> set[str]:
    return {problem.code for problem in outcome.built.publication.problems if problem.code in ("feed-cut", "feed-large")}


def test_posts_that_are_drafts_now_are_no_matter_of_the_clock(site: Site) -> None:
    """The refusal says what happened to them: posts that are taken back do not lie in the future."""
    for number in range(6):
        site.write(number, 10)
    site.build()
    for post in (site.folder / "posts").iterdir():
        post.write_text(post.read_text().replace("title:", "draft: true\ntitle:"))
    with pytest.raises(RefusedError, match="6 of 6 published posts would go"):
        site.build()


def test_a_document_stays_within_its_bytes_by_whole_entries(site: Site) -> None:
    """The newest entries, the same in every format, as many as fit, and at least one."""
    for number in range(8):
        site.write(number, 4_000)
    bound = 30_000
    cut = site.build(max_document_bytes=bound, warn_document_bytes=bound)
    kept = site.feed()
    sizes = {path.name: path.stat().st_size for path in (site.folder / "public").iterdir() if path.suffix in (".xml", ".json")}
    feeds = {name: size for name, size in sizes.items() if not name.startswith(".")}
    assert kept == [f"t{number}" for number in range(len(kept))] and 0 < len(kept) < 8
    assert max(feeds.values()) <= bound
    assert max(feeds.values()) > bound - 6_000 - 2 * 5_000, "what would fit is there"
    for name in ("rss.xml", "atom.xml"):
        text = (site.folder / "public" / name).read_text()
        assert [f"t{number}" in text for number in range(8)] == [number < len(kept) for number in range(8)]
    assert codes(cut) == {"feed-cut"}
    message = next(problem.what for problem in cut.built.publication.problems if problem.code == "feed-cut")
    assert f"{len(kept)} entries instead of 8" in message
    assert codes(site.build(max_document_bytes=200_000, warn_document_bytes=20_000)) == {"feed-large"} and len(site.feed()) == 8
    assert codes(site.build(max_document_bytes=200_000, warn_document_bytes=200_000)) == set()


def test_an_entry_too_large_for_any_document_is_there_by_its_summary(site: Site) -> None:
    """An empty feed would tell readers that there is nothing."""
    site.write(0, 20_000)
    site.write(1, 100)
    site.build(max_document_bytes=10_000, warn_document_bytes=10_000)
    assert site.feed() == ["t0", "t1"]
    assert all((site.folder / "public" / name).stat().st_size <= 10_000 for name in ("feed.json", "rss.xml", "atom.xml"))


@pytest.mark.parametrize(("limit", "count"), [(1, 1), (3, 3), (4, 4), (5, 4), (0, 4)])
def test_a_feed_has_so_many_entries(site: Site, limit: int, count: int) -> None:
    """The newest; 0 is all."""
    for number in range(4):
        site.write(number, 50)
    site.build(limit=limit)
    assert site.feed() == [f"t{number}" for number in range(count)]


def test_the_date_of_a_feed_is_that_of_its_latest_change(site: Site) -> None:
    """Of any entry in it, not only of the first; of a post that is not in it an edit changes nothing."""
    for number in range(3):
        site.write(number, 50)

    def updated() -> str:
        text = (site.folder / "public" / "atom.xml").read_text()
        match = re.search(r"<updated>([^<]+)</updated>", text)
        assert match is not None
        return match[1][:10]

    site.build(limit=2)
    assert updated() == "2026-01-09"
    site.write(2, 50, "edited outside")
    site.build(NOW + timedelta(days=1), limit=2)
    assert updated() == "2026-01-09"
    site.write(1, 50, "edited")
    site.build(NOW + timedelta(days=2), limit=2)
    assert updated() == "2026-01-12"


def test_the_last_modified_of_changed_bytes_is_always_later(site: Site) -> None:
    """Also with a clock that went back or did not move: a cache compares whole seconds (RFC 9110 section 8.8.2)."""
    site.write(0, 50)
    first = site.build().switched.manifest.documents
    assert {document.last_modified for document in first.values()} <= {NOW, NOW - timedelta(days=1)}
    before = first
    for number, now in enumerate((NOW, NOW, NOW - timedelta(hours=5), NOW + timedelta(hours=5))):
        site.write(0, 50, f"edit {number}")
        after = site.build(now).switched.manifest.documents
        changed = [path for path in after if after[path].digest != before[path].digest]
        assert "rss.xml" in changed
        for path, document in after.items():
            if path in changed:
                earlier = before[path].last_modified
                assert document.last_modified == max(now, earlier + timedelta(seconds=1))
            else:
                assert document.last_modified == before[path].last_modified
        before = after
