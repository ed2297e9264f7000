"""Posts that stand are not looked at: what comes out is what a run that looks at everything would have made."""

from __future__ import annotations

import json
import os
import random
import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from budget import examples

from feeds.build import run
from feeds.errors import FeedsError
from feeds.ledger.dump import export
from feeds.ledger.fingerprint import Identity
from feeds.ledger.ledger import Ledger
from feeds.posts import walk
from feeds.posts.index import Combination, PostIndex, PostIndexWriter, Row
from feeds.publish import guard
from feeds.settings import Settings

START = datetime(2026, 1, 1, tzinfo=UTC)
#: Longer than a file's stat may lie about it.
TICK_SECONDS = 0.03
ROUNDS = examples(16)


def settings(folder: Path, **changed: object) -> Settings:
    made = Settings(
        base_url="https://example.org/", posts=folder / "posts", output=folder / "public", state=folder / ".feeds", workers=1, limit=5,
        timezone="Asia/Shanghai",
    )  # fmt: skip
    return replace(made, **changed)  # type: ignore[arg-type]


class Author:
    """Does to a folder what authors do, odd things among them."""

    def __init__(self, posts: Path, seed: int) -> None:
        self.posts, self.dice, self.made = posts, random.Random(seed), 0
        self.trash: list[str] = []
        self.deeds: list[Callable[[], None]] = [
            self.add, self.edit, self.edit, self.edit, self.retitle, self.rename, self.rename_and_edit, self.delete, self.restore, self.swap, self.copy,
            self.draft, self.category, self.spell, self.undate, self.schedule, self.expire, self.own_id, self.picture, self.break_it, self.fix, self.move_folder,
            self.link, self.link, self.move_page,
        ]  # fmt: skip
        (posts / "2025").mkdir(parents=True)
        for _ in range(14):
            self.add()

    def words(self, count: int) -> str:
        return "".join(self.dice.choices("山水茶夜雨风车书灯路桥海人来去看听说写", k=count))

    def files(self) -> list[Path]:
        return sorted(self.posts.rglob("*.md"))

    def one(self) -> Path:
        return self.dice.choice(self.files())

    def put(self, keys: dict[str, str], path: Path) -> None:
        text = path.read_text("utf-8")
        head, _, body = text.removeprefix("---\n").partition("\n---\n")
        lines = [line for line in head.split("\n") if line.partition(":")[0] not in keys]
        lines += [f"{key}: {value}" for key, value in keys.items() if value]
        path.write_text("---\n" + "\n".join(lines) + "\n---\n" + body, "utf-8")

    def add(self) -> None:
        self.made += 1
        folder = self.dice.choice(["", "", "2025/", "深/层/"])
        path = self.posts / f"{folder}{self.words(2)}-{self.made}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        date = (
            f"date: 2025-{self.dice.randrange(1, 13):02}-{self.dice.randrange(1, 29):02} 08:00\n"
            if self.dice.random() < 0.8
            else ""
        )
        extra = self.dice.choice(
            ["", "tags: [a, 乙]\n", "tags: [A]\nauthor: 林夏\n", f"abbrlink: x{self.made}\n", "odd: yes\nlink: 'javascript:x'\n"]
        )
        body = "。\n\n".join(self.words(self.dice.randrange(5, 40)) for _ in range(self.dice.randrange(1, 8)))
        path.write_text(
            f"---\ntitle: {self.words(4)}\n{date}categories: [{self.dice.choice(['技术', '生活', '技术, 前端'])}]\n{extra}---\n{body}\n",
            "utf-8",
        )

    def edit(self) -> None:
        path = self.one()
        path.write_text(path.read_text("utf-8") + f"\n{self.words(9)}。\n", "utf-8")

    def retitle(self) -> None:
        self.put({"title": self.words(5)}, self.one())

    def rename(self) -> None:
        path = self.one()
        path.rename(path.with_name(f"{self.words(3)}-renamed.md"))

    def rename_and_edit(self) -> None:
        path = self.one()
        path.write_text(path.read_text("utf-8") + f"\n{self.words(9)}。\n", "utf-8")
        path.rename(self.posts / f"{self.words(3)}-both.md")

    def delete(self) -> None:
        path = self.one()
        self.trash.append(path.read_text("utf-8"))
        path.unlink()

    def restore(self) -> None:
        if self.trash:
            (self.posts / f"restored-{self.made}.md").write_text(self.trash.pop(), "utf-8")

    def swap(self) -> None:
        one, other = self.dice.sample(self.files(), 2)
        aside = self.posts / "aside.tmp"
        one.rename(aside)
        other.rename(one)
        aside.rename(other)

    def copy(self) -> None:
        path = self.one()
        shutil.copyfile(path, path.with_name(f"{self.words(3)}-copy.md"))

    def draft(self) -> None:
        path = self.one()
        self.put({"draft": "" if "draft: true" in path.read_text("utf-8") else "true"}, path)

    def category(self) -> None:
        self.put({"categories": self.dice.choice(["[技术]", "[生活, 茶]", "[[技术, 前端], [生活]]", "", "新的"])}, self.one())

    def spell(self) -> None:
        self.put({"tags": self.dice.choice(["[A, B]", "[a]", "[Ａ]", "[b, 乙, 丙]"])}, self.one())

    def undate(self) -> None:
        self.put({"date": ""}, self.one())

    def schedule(self) -> None:
        self.put({"date": f"2026-01-{self.dice.randrange(1, 28):02}"}, self.one())

    def expire(self) -> None:
        self.put({"expires": f"2026-01-{self.dice.randrange(1, 28):02}"}, self.one())

    def own_id(self) -> None:
        self.put({"id": self.dice.choice(["", "one", "two", "x3"])}, self.one())

    def picture(self) -> None:
        picture = self.posts / f"{self.words(1)}.png"
        picture.write_bytes(self.words(20).encode())
        path = self.one()
        path.write_text(path.read_text("utf-8") + f"\n![]({picture.name})\n", "utf-8")

    def link(self) -> None:
        path, target = self.one(), self.one()
        written = self.dice.choice(
            [os.path.relpath(target, path.parent), "/posts/" + str(target.relative_to(self.posts)), "gone.md"]
        )
        marked = self.dice.choice([f"[x]({written})", f"[[{target.stem}]]", f"![[{self.words(1)}.png]]"])
        path.write_text(path.read_text("utf-8") + f"\n{marked}\n", "utf-8")

    def move_page(self) -> None:
        self.put({"permalink": self.dice.choice(["", f"/own/{self.words(2)}/"])}, self.one())

    def break_it(self) -> None:
        self.put({"date": "never"}, self.one())

    def fix(self) -> None:
        for path in self.files():
            if "date: never" in path.read_text("utf-8"):
                self.put({"date": "2025-06-01"}, path)
                return

    def move_folder(self) -> None:
        for path in sorted(self.posts.rglob("*.md")):
            if path.parent.name == "层":
                path.rename(self.posts / "2025" / path.name)


def everything(site: Settings) -> dict[str, bytes]:
    """Every published file, and all that the ledger knows."""
    files = {str(path.relative_to(site.output)): path.read_bytes() for path in sorted(site.output.rglob("*")) if path.is_file()}
    held = Ledger.open(site.state)
    files["ledger"] = "".join(export(held)).encode()
    held.close()
    return files


def keep(site: Settings, place: Path) -> None:
    """Output and state as they are now; generations of before are let go."""
    shutil.rmtree(place, ignore_errors=True)
    shutil.rmtree(site.output.parent / ".public.feeds", ignore_errors=True)
    for one in (site.output, site.state):
        if one.exists():
            shutil.copytree(one, place / one.name)


def put_back(site: Settings, place: Path) -> None:
    shutil.rmtree(site.output.parent / ".public.feeds", ignore_errors=True)
    for one in (site.output, site.state):
        shutil.rmtree(one, ignore_errors=True)
        if (place / one.name).exists():
            shutil.copytree(place / one.name, one)


@pytest.mark.parametrize(
    ("seed", "changed"),
    [(1, {}), (2, {"permalink": ":year/:title/"}), (3, {"taxonomies": ("category",), "id_source": "permalink"})],
)
def test_a_build_from_the_index_gives_the_same_bytes(tmp_path: Path, seed: int, changed: dict[str, object]) -> None:
    """After every deed of a long history, with what stands and without: equal bytes, equal ledger, equal refusals."""
    site = settings(tmp_path, **changed)
    author = Author(site.posts, seed)
    as_of, stood = START, 0
    for _ in range(ROUNDS):
        time.sleep(TICK_SECONDS)
        keep(site, tmp_path / "kept")
        (site.state / "post-index").unlink(missing_ok=True)
        code: object
        try:
            code = run.publish(site, as_of, accepted=guard.Accepted(ids="accept")).exit_code
            wanted = everything(site)
        except FeedsError as error:
            code, wanted = str(error), {}
        put_back(site, tmp_path / "kept")
        try:
            outcome = run.publish(site, as_of, accepted=guard.Accepted(ids="accept"))
            assert outcome.exit_code == code
            stood += len(outcome.built.collected.unchanged or ())
            found = everything(site)
        except FeedsError as error:
            assert str(error) == code
            found = {}
        assert found.keys() == wanted.keys()
        assert [path for path in found if found[path] != wanted[path]] == []
        for _ in range(author.dice.choice([0, 1, 1, 2, 4])):
            author.dice.choice(author.deeds)()
        as_of += timedelta(hours=author.dice.choice([0, 1, 5, 40]))
    assert stood > ROUNDS, "posts stood in most of the runs, or this tested nothing"


def publish(site: Settings, at: datetime = START) -> run.Outcome:
    time.sleep(TICK_SECONDS)
    return run.publish(site, at)


def stood(outcome: run.Outcome) -> int:
    return len(outcome.built.collected.unchanged or ())


def test_only_what_changed_is_read(tmp_path: Path) -> None:
    site = settings(tmp_path, limit=50)
    author = Author(site.posts, 5)
    count = len(author.files())
    assert stood(publish(site)) == 0
    path = author.files()[0]
    path.write_text(path.read_text("utf-8") + "又一句。\n", "utf-8")
    outcome = publish(site)
    assert (stood(outcome), outcome.built.collected.read, len(outcome.built.conversion.converted)) == (count - 1, 1, 1)
    outcome = publish(site)
    assert (stood(outcome), outcome.built.collected.read, outcome.switched.switched) == (count, 0, False)


@pytest.mark.parametrize("what", ["clock", "settings", "ledger", "cache", "damaged", "cut"])
def test_what_makes_nothing_stand(tmp_path: Path, what: str) -> None:
    """Anything that decides a post besides its own file, and any damage: the run looks at everything again, and says the same."""
    site = settings(tmp_path)
    Author(site.posts, 6)
    publish(site)
    before = everything(site)
    file = site.state / "post-index"
    at = START
    if what == "clock":
        at = START - timedelta(seconds=1)
    elif what == "settings":
        site = replace(site, max_age_seconds=1800)
    elif what == "ledger":
        os.utime(site.state / "ledger.sqlite", (1, 1))
        os.utime(site.state / "ledger.backup.sqlite", (1, 1))
    elif what == "cache":
        (site.state / "cache.sqlite").unlink()
    elif what == "damaged":
        raw = bytearray(file.read_bytes())
        raw[-3] ^= 1
        file.write_bytes(raw)
    else:
        file.write_bytes(file.read_bytes()[:-9])
    outcome = publish(site, at)
    assert stood(outcome) == 0
    if what != "settings":
        assert everything(site) == before


def test_a_look_does_not_change_the_index(tmp_path: Path) -> None:
    """`check`, `diff` and `explain` look at every post and change nothing of what the next build leans on."""
    site = settings(tmp_path)
    author = Author(site.posts, 7)
    publish(site)
    before = (site.state / "post-index").read_bytes()
    author.edit()
    time.sleep(TICK_SECONDS)
    with run.look(site, START + timedelta(hours=1)) as (_, built):
        assert built.collected.unchanged is None
    assert (site.state / "post-index").read_bytes() == before
    assert stood(publish(site, START + timedelta(hours=1))) == len(author.files()) - 1


def test_names_with_line_ends_and_tabs_are_files_as_any(tmp_path: Path) -> None:
    """A listing's lines and fields hold whatever name a file has."""
    names = ["a\nb.md", "a\tb.md", "/n".replace("/", "n") + ".md", "\tc.md", "深\n层/d\n.md", "x\n/\ny/z.md"]
    for name in names:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    found = {above + walk.fields(line)[0] for above, lines in walk.blocks(walk.take(str(tmp_path))) for line in lines}
    assert found == set(names)


def alike(site: Settings, at: datetime, place: Path) -> int:
    """A run with what stands makes what one without it makes; how many posts stood."""
    time.sleep(TICK_SECONDS)
    keep(site, place)
    (site.state / "post-index").unlink(missing_ok=True)
    code = run.publish(site, at).exit_code
    wanted = everything(site)
    put_back(site, place)
    outcome = run.publish(site, at)
    assert (outcome.exit_code, everything(site)) == (code, wanted)
    return stood(outcome)


def test_an_id_given_up_in_an_edit_may_be_another_s(tmp_path: Path) -> None:
    """Whoever states the id that a post no longer states has it, however that post was known again."""
    site = settings(tmp_path)
    author = Author(site.posts, 9)
    path = author.files()[0]
    author.put({"id": "mine"}, path)
    publish(site)
    author.put({"id": ""}, path)
    path.write_text(path.read_text("utf-8") + "又一句。\n", "utf-8")
    publish(site)
    count = len(author.files())
    assert alike(site, START, tmp_path / "kept") == count - 1
    author.add()
    author.put({"id": "mine"}, next(path for path in author.files() if path.stem.endswith(f"-{author.made}")))
    assert alike(site, START, tmp_path / "kept") == count - 1


def test_a_post_that_only_a_look_has_seen_breaks_where_it_was_moved(tmp_path: Path) -> None:
    """What is remembered of a post may come from `check`, at a path that no build has seen."""
    site = settings(tmp_path)
    author = Author(site.posts, 11)
    publish(site)
    author.add()
    path = next(path for path in author.files() if path.stem.endswith(f"-{author.made}"))
    author.put({"date": "2025-12-31"}, path)
    time.sleep(TICK_SECONDS)
    with run.look(site, START):
        pass
    moved = site.posts / "moved" / path.name
    moved.parent.mkdir()
    path.rename(moved)
    author.put({"date": "never"}, moved)
    alike(site, START, tmp_path / "kept")


@pytest.mark.parametrize("names", [("a", "b"), ("a\n", "b"), ("a", "b\n")])
def test_a_name_with_the_end_of_a_line_shifts_no_other(tmp_path: Path, names: tuple[str, str]) -> None:
    """Rows are kept as lines: rather none of them than those of others."""
    identity = Identity(*names, START, START, START, "new")
    columns = PostIndexWriter(None)
    columns.put("x.md", Row("x.md\t1\t2\t3\t4", identity, Combination((), (), ()), ()))
    columns.save(tmp_path, "key", 0, [0], [])
    found = PostIndex.load(tmp_path, "key", 0)
    assert (found is None) == ("\n" in "".join(names)) and (found is None or found.identity(0)[:5] == identity[:5])


def test_the_index_is_kept_small(tmp_path: Path) -> None:
    """Rows of deleted posts go, and a changed post keeps its own."""
    site = settings(tmp_path)
    author = Author(site.posts, 8)
    publish(site)
    for number in range(6):
        author.edit()
        author.add()
        author.delete()
        publish(site, START + timedelta(hours=number))
    head = json.loads((site.state / "post-index").read_bytes().split(b"\n")[1])
    assert sum(count for _, count in head["folders"]) <= len(author.files())
