"""Long random histories of a folder: whatever its author does, an id never changes and is never shared."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from budget import examples
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, MultipleResults, RuleBasedStateMachine, consumes, invariant, multiple, rule

from feeds.ledger.fingerprint import Identity, Sighting, sketch, text_digest
from feeds.ledger.ledger import Ledger

WORDS = ["tea", "river", "stone", "walk", "雨", "船", "山", "茶"]
NAMES = st.sampled_from([f"{folder}{name}.md" for folder in ("", "x/", "x/y/", "旅行/") for name in "abcdefgh"])


class Written(NamedTuple):
    """A post as its author knows it: what it is, whatever its file is called."""

    number: int
    title: str
    lines: tuple[str, ...]
    out: bool = True
    id: str | None = None
    date: datetime | None = None


class Folder(RuleBasedStateMachine):
    """The reference model: files by path, and the id that each post was first published under."""

    posts = Bundle("posts")
    deleted = Bundle("deleted")

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.files: dict[str, Written] = {}
        self.ids: dict[int, Identity] = {}
        #: Posts that have been out, also in a build that was cut off.
        self.published: set[int] = set()
        self.updated: dict[int, datetime] = {}
        self.count = 0
        self.builds = 0
        self.now = datetime(2026, 1, 1, tzinfo=UTC)

    def teardown(self) -> None:
        self.folder.cleanup()

    def text(self, *, short: bool = False) -> tuple[str, tuple[str, ...]]:
        """A title and lines that no other post has; a short one has three Chinese sentences."""
        self.count += 1
        if short:
            letters = "".join(chr(0x4E00 + int(text_digest(str(self.count), str(place))[:4], 16) % 5000) for place in range(45))
            lines = tuple(f"{letters[start : start + 7]}，{letters[start + 7 : start + 15]}。" for start in (0, 15, 30))
            return letters[5:9], lines
        lines = tuple(
            " ".join(text_digest(str(self.count), f"{line} {word}")[:6] for word in range(4)) + WORDS[line] for line in range(8)
        )
        return f"Post {self.count}", lines

    def where(self, written: Written) -> str | None:
        return next((path for path, one in self.files.items() if one.number == written.number), None)

    @rule(target=posts, path=NAMES, out=st.booleans(), named=st.booleans(), short=st.booleans(), dated=st.booleans())
    def add(self, path: str, out: bool, named: bool, short: bool, dated: bool) -> Written:
        title, lines = self.text(short=short)
        date = self.now - timedelta(days=self.count % 50, minutes=self.count) if dated else None
        written = Written(self.count, title, lines, out, f"id-{self.count}" if named else None, date)
        if path not in self.files:
            self.files[path] = written
            self.build()
        return written

    @rule(post=posts, line=st.integers(0, 7), retitle=st.booleans())
    def edit(self, post: Written, line: int, retitle: bool) -> None:
        path = self.where(post)
        if path is not None:
            self.count += 1
            now = self.files[path]
            line %= len(now.lines)
            lines = (*now.lines[:line], f"an edit {self.count}", *now.lines[line + 1 :])
            self.files[path] = now._replace(lines=lines, title=f"New title {self.count}" if retitle else now.title)
            self.build()

    @rule(post=posts, path=NAMES, edited=st.booleans(), retitled=st.booleans())
    def rename(self, post: Written, path: str, edited: bool, retitled: bool) -> None:
        """Renamed, and in the same build one word is written anew, or the title is, or both."""
        old = self.where(post)
        if old is not None and path not in self.files:
            now = self.files.pop(old)
            self.count += 1
            if edited:
                line = self.count % len(now.lines)
                now = now._replace(lines=(*now.lines[:line], now.lines[line][:-1] + f"真{self.count}", *now.lines[line + 1 :]))
            self.files[path] = now._replace(title=self.text(short=True)[0]) if retitled else now
            self.build()

    @rule(post=posts, other=posts)
    def swap(self, post: Written, other: Written) -> None:
        one, two = self.where(post), self.where(other)
        if one is not None and two is not None and one != two:
            self.files[one], self.files[two] = self.files[two], self.files[one]
            self.build()

    @rule(folder=st.sampled_from(["x/", "x/y/", "旅行/"]), to=st.sampled_from(["new/", "archive/2026/"]))
    def move_a_folder(self, folder: str, to: str) -> None:
        moved = {to + path.removeprefix(folder) if path.startswith(folder) else path: one for path, one in self.files.items()}
        if len(moved) == len(self.files):
            self.files = moved
            self.build()

    @rule(target=deleted, post=posts)
    def delete(self, post: Written) -> Written | MultipleResults[Written]:
        path = self.where(post)
        if path is None:
            return multiple()
        gone = self.files.pop(path)
        self.build()
        return gone

    @rule(post=consumes(deleted), path=NAMES)
    def restore(self, post: Written, path: str) -> None:
        if self.where(post) is None and path not in self.files:
            self.files[path] = post
            self.build()

    @rule(target=posts, post=posts, path=NAMES)
    def copy(self, post: Written, path: str) -> Written:
        """A copy is another post from then on: the author edits it in the next step."""
        source = self.where(post)
        if source is None or path in self.files:
            return post
        self.count += 1
        made = self.files[source]._replace(number=self.count, id=None)
        self.files[path] = made
        self.build()
        title, lines = self.text(short=len(made.lines) == 3)
        half = (len(lines) + 1) // 2
        made = made._replace(title=title, lines=(*made.lines[:half], *lines[half:]))
        self.files[path] = made
        self.build()
        return made

    @rule(post=posts)
    def draft_or_publish(self, post: Written) -> None:
        path = self.where(post)
        if path is not None:
            self.files[path] = self.files[path]._replace(out=not self.files[path].out)
            self.build()

    @rule(back=st.integers(-3, 3))
    def the_clock_jumps(self, back: int) -> None:
        self.now += timedelta(days=back)
        self.build()

    @rule()
    def a_build_is_killed(self) -> None:
        self.build(killed=True)

    def build(self, *, killed: bool = False) -> None:
        self.now += timedelta(hours=1)
        self.builds += 1
        sightings = []
        for path, post in self.files.items():
            body = "\n".join(post.lines)
            digest = text_digest(post.title, body)
            sightings.append(Sighting(path, post.id, post.title, digest, sketch(body), post.date, None, post.out))
        ledger = Ledger.open(Path(self.folder.name))
        found = ledger.resolve(sightings, self.now, "example.org,2026")
        ledger.commit(str(self.builds))
        if not killed:
            ledger.confirm(str(self.builds))
        ledger.close()
        assert not found.problems
        assert set(found.identities) == set(self.files)
        for path, post in self.files.items():
            now = found.identities[path]
            if post.number not in self.published:
                # What nobody has seen takes its id from where it lies when it first comes out.
                self.ids[post.number] = now
            before = self.ids.setdefault(post.number, now)
            assert (now.id, now.slug) == (before.id, before.slug)
            if post.out:
                self.published.add(post.number)
            assert now.published <= now.updated
            if post.out and not killed:
                assert now.updated >= self.updated.get(post.number, now.updated)
                self.updated[post.number] = now.updated

    @invariant()
    def nobody_shares(self) -> None:
        assert len({one.id for one in self.ids.values()}) == len(self.ids)
        assert len({one.slug.casefold() for one in self.ids.values()}) == len(self.ids)


Folder.TestCase.settings = settings(
    max_examples=examples(25), stateful_step_count=50, deadline=None, suppress_health_check=list(HealthCheck)
)
TestHistories = Folder.TestCase
