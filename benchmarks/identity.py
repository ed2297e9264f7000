"""How often a renamed and edited post is taken for a new one, and a new post for one that is gone.

    python benchmarks/identity.py                 # on a made corpus of edits, the same on every machine
    python benchmarks/identity.py --short         # the same of Chinese posts of one to three sentences
    python benchmarks/identity.py --git FOLDER    # on the history of Markdown files in a git repository

A *miss* is a post that gets a new id though it is the same: every subscriber sees it twice. A *false match* is a new post that
gets the id of one that is gone: no subscriber sees it.
"""

from __future__ import annotations

import argparse
import itertools
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from pydoc_data import topics

from feeds.ledger.fingerprint import Sighting, sketch, text_digest
from feeds.ledger.resolve import NO_FACTS, ResolveRules, Resolving

START = datetime(2026, 1, 1, 9, 30, 17, tzinfo=UTC)
#: Posts that change in one build of the made corpus.
AT_ONCE = 5
_MARKDOWN = (".md", ".markdown")
_COMMON = (
    "我们 他们 今天 昨天 时候 没有 一个 可以 自己 知道 什么 因为 所以 但是 已经 还是 这样 那里 开始 觉得 问题 代码 系统 文件 "
    "使用 学习 工作 生活 朋友 城市 春天 西湖 天气 桂花 晚上 骑车 回家 路上 旅行 照片 博客 文章 数据 网络 安装 运行 更新 版本"
).split()
_LETTERS = "的一是不了在人有我他这中大来上国个到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可里后小么心多天而能"


@dataclass(frozen=True)
class Draft:
    """A post of the made corpus. `sentences` are its body; `name` its file's name without date and ending."""

    name: str
    title: str
    sentences: tuple[str, ...]
    date: datetime | None
    chinese: bool

    def sighting(self) -> Sighting:
        """What a build sees of it."""
        prefix = f"{self.date:%Y-%m-%d}-" if self.date and self.name.startswith("weekly") else ""
        body = ("" if self.chinese else " ").join(self.sentences)
        return Sighting(
            f"{prefix}{self.name}.md", None, self.title, text_digest(self.title, body), sketch(body), self.date, None, out=True
        )  # fmt: skip


class Writer:
    """Writes posts and edits them, as its seed says. English follows the word pairs of Python's own manual."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        words = [word for _, text in sorted(topics.topics.items()) for word in text.split() if word.isalpha()]
        self.words = words
        self.after: dict[str, list[str]] = {}
        for word, following in itertools.pairwise(words):
            self.after.setdefault(word, []).append(following)

    def english(self, count: int) -> str:
        """A sentence of so many words."""
        word = self.random.choice(self.words)
        line = [word]
        while len(line) < count:
            word = self.random.choice(self.after.get(word) or self.words)
            line.append(word)
        return " ".join(line).capitalize() + "."

    def chinese(self, count: int) -> str:
        """A sentence of so many words, clauses divided by "，"."""
        parts = []
        for position in range(count):
            parts.append(self.random.choice(_COMMON) if self.random.random() < 0.5 else self.random.choice(_LETTERS))
            if position % 7 == 6 and position + 1 < count:
                parts.append("，")
        return "".join(parts) + "。"

    def sentence(self, chinese: bool) -> str:
        """A sentence of usual length."""
        count = self.random.randint(5, 20)
        return self.chinese(count) if chinese else self.english(count)

    def post(self, chinese: bool, sentences: int, *, dated: bool) -> Draft:
        """A post that no other is like."""
        title = self.sentence(chinese)[:-1]
        title = title[: self.random.randint(4, 12)] if chinese else " ".join(title.split()[:5])
        date = START + timedelta(seconds=self.random.randrange(86_400 * 300)) if dated else None
        return Draft(self.name(title), title, tuple(self.sentence(chinese) for _ in range(sentences)), date, chinese)

    def one_word(self, post: Draft) -> Draft:
        """One word more in one sentence."""
        at = self.random.randrange(len(post.sentences))
        old = post.sentences[at]
        if post.chinese:
            place = self.random.randrange(len(old))
            new = old[:place] + self.random.choice(_COMMON) + old[place:]
        else:
            words = old.split()
            words.insert(self.random.randrange(len(words)), self.random.choice(self.words))
            new = " ".join(words)
        return replace(post, sentences=(*post.sentences[:at], new, *post.sentences[at + 1 :]))

    def a_third(self, post: Draft) -> Draft:
        """About every third sentence written anew."""
        return replace(
            post,
            sentences=tuple(
                self.sentence(post.chinese) if place % 3 == 2 else old for place, old in enumerate(post.sentences)
            ),
        )  # fmt: skip

    def longer(self, post: Draft) -> Draft:
        """Two sentences more at the end."""
        return replace(post, sentences=(*post.sentences, self.sentence(post.chinese), self.sentence(post.chinese)))

    def respelled(self, post: Draft) -> Draft:
        """One letter of the title corrected, and the file named after it."""
        at = self.random.randrange(len(post.title))
        title = post.title[:at] + ("好" if post.chinese else "q") + post.title[at + 1 :]
        return self.renamed(replace(post, title=title))

    def retitled(self, post: Draft) -> Draft:
        """Another title, and the file named after it."""
        return self.renamed(replace(post, title=self.post(post.chinese, 1, dated=False).title))

    def renamed(self, post: Draft) -> Draft:
        """Another file name."""
        return replace(post, name=self.name(post.title))

    def name(self, title: str) -> str:
        """A file name that no other post has: its title, and five letters."""
        return f"{title.replace(' ', '-').lower()}-{''.join(self.random.choices('abcdefghijklmnopqrstuvwxyz', k=5))}"

    def redated(self, post: Draft) -> Draft:
        """The date moved to a later day."""
        return replace(post, date=post.date and post.date + timedelta(days=self.random.randint(1, 40)))

    # what is another post

    def next_issue(self, post: Draft) -> Draft:
        """The next issue of weekly notes: the same title, two standing lines, another text."""
        fresh = self.post(post.chinese, len(post.sentences), dated=True)
        sentences = (post.sentences[0], *fresh.sentences[1:])
        return replace(post, sentences=sentences, date=post.date and post.date + timedelta(days=7))

    def next_part(self, post: Draft) -> Draft:
        """The next part of a series: two standing sentences, another number, name and date."""
        fresh = self.post(post.chinese, len(post.sentences), dated=True)
        return replace(fresh, title=post.title + " 2", sentences=(*post.sentences[:2], *fresh.sentences[2:]))

    def same_day(self, post: Draft) -> Draft:
        """Another post with the same title on the same day, e.g. release notes; where a time is written, at another one."""
        fresh = self.post(post.chinese, len(post.sentences), dated=True)
        date = post.date
        if date is not None and date.time() != time.min:
            date = date.replace(hour=(date.hour + self.random.randint(1, 23)) % 24)
        return replace(fresh, title=post.title, date=date)

    def rewritten(self, post: Draft) -> Draft:
        """Every sentence but the first written anew."""
        fresh = self.post(post.chinese, len(post.sentences), dated=False)
        return replace(post, sentences=(post.sentences[0], *fresh.sentences[1:]))

    def unrelated(self, post: Draft) -> Draft:
        """Another post."""
        return self.post(post.chinese, len(post.sentences), dated=post.date is not None)


Change = Callable[[Writer, Draft], Draft]
SAME: dict[str, Change] = {
    "renamed, one word": lambda w, p: w.renamed(w.one_word(p)),
    "renamed, two sentences more": lambda w, p: w.renamed(w.longer(p)),
    "renamed, a third rewritten": lambda w, p: w.renamed(w.a_third(p)),
    "title corrected, renamed, one word": lambda w, p: w.respelled(w.one_word(p)),
    "title corrected, renamed, re-dated": lambda w, p: w.redated(w.respelled(p)),
    "retitled, renamed": lambda w, p: w.retitled(p),
    "retitled, renamed, one word": lambda w, p: w.retitled(w.one_word(p)),
    "retitled, renamed, two sentences more": lambda w, p: w.retitled(w.longer(p)),
    "retitled, renamed, a third rewritten": lambda w, p: w.retitled(w.a_third(p)),
    "renamed, re-dated, one word": lambda w, p: w.redated(w.renamed(w.one_word(p))),
    "renamed, rewritten, same date and time": lambda w, p: w.renamed(w.rewritten(p)),
}
#: Kinds of change of posts that all have a date.
_DATED = frozenset(
    {
        "renamed, rewritten, same date and time", "next issue of weekly notes", "same title and day",
        "same title and day, another time",
    }
)  # fmt: skip
OTHER: dict[str, Change] = {
    "next issue of weekly notes": lambda w, p: w.next_issue(p),
    "next part of a series": lambda w, p: w.next_part(p),
    "same title and day": lambda w, p: w.same_day(p),
    "same title and day, another time": lambda w, p: w.same_day(p),
    "unrelated": lambda w, p: w.unrelated(p),
}


def _resolved(posts: Sequence[Sighting], now: datetime, first: Resolving | None) -> tuple[Resolving, list[str]]:
    """One build: who the posts are, after a first build or without one; and the ids in the order of the posts."""
    rows = [record._replace(key=key) for key, record in enumerate(first.staged.new)] if first else []
    texts = dict(enumerate(first.staged.new_texts)) if first else {}

    def among(question: str, values: Iterable[object]) -> Iterator[tuple[object, ...]]:
        wanted = set(values)
        if question.startswith("SELECT sketch FROM texts"):
            yield from ((made,) for _, made in texts.values() if made in wanted)
        elif "FROM texts" in question:
            yield from ((key, *text) for key, text in texts.items() if key in wanted)
        elif question.startswith("SELECT published FROM posts"):
            yield from ((row.published,) for row in rows if row.published in wanted)
        elif question.startswith("SELECT id FROM posts"):
            yield from ((row.id,) for row in rows if row.id in wanted)
        elif question.startswith("SELECT slug FROM posts"):
            yield from ((row.slug,) for row in rows if row.slug in wanted)

    resolving = Resolving(posts, now, "example.org,2026", NO_FACTS, among, ResolveRules())
    identities = resolving.run(record[:] for record in rows).identities
    return resolving, [identities[post.path].id for post in posts]


def known_ids(before: Sequence[Sighting], after: Sequence[Sighting]) -> tuple[list[str], list[str]]:
    """The ids of posts in one build, and those of what lies there in the next."""
    first, old = _resolved(before, START + timedelta(days=400), None)
    return old, _resolved(after, START + timedelta(days=401), first)[1]


def made(trials: int, seed: int, *, short: bool = False) -> Iterator[tuple[str, str, int, int]]:
    """For each kind of change: its name, "miss" or "false match", how many there were, and of how many.

    `short`: of Chinese posts of one to three sentences.
    """
    fewest, most = (1, 3) if short else (3, 25)
    writer = Writer(seed)
    for changes, error in ((SAME, "miss"), (OTHER, "false match")):
        for name, change in changes.items():
            if short and name.startswith("next "):
                continue  # the sentences that it keeps are the whole text
            count = wrong = 0
            while count < trials:
                chinese, dated = writer.random.random() < 0.5 or short, writer.random.random() < 0.7 or name in _DATED
                posts = [writer.post(chinese, writer.random.randint(fewest, most), dated=dated) for _ in range(AT_ONCE)]
                if name.endswith("weekly notes"):
                    posts = [replace(post, name=f"weekly-{place}", title="Weekly notes") for place, post in enumerate(posts)]
                if name == "same title and day":
                    posts = [replace(post, date=post.date and datetime.combine(post.date, time.min, UTC)) for post in posts]
                later = [change(writer, post) for post in posts]
                before, after = known_ids([post.sighting() for post in posts], [post.sighting() for post in later])
                for old, new in zip(before, after, strict=True):
                    count += 1
                    wrong += (old != new) if error == "miss" else (new in before)
            yield name, error, wrong, count


def _git(folder: Path, *arguments: str) -> bytes:
    return subprocess.run(["git", "-C", str(folder), *arguments], check=True, capture_output=True).stdout


def _changes(folder: Path, revision: str) -> tuple[list[tuple[int, str, str]], list[str], list[str]]:
    """The Markdown files that a commit renames (how alike in percent, old path, new path), deletes and adds."""
    options = ("--format=", "--name-status", "--relative", "-z", "-M20%", "-l400", "--diff-filter=ADR")
    words = iter(_git(folder, "show", *options, revision).decode("utf-8", "replace").split("\0"))
    renamed: list[tuple[int, str, str]] = []
    changed: dict[str, list[str]] = {"A": [], "D": []}
    for word in words:
        if word.startswith("R"):
            renamed.append((int(word[1:]), next(words), next(words)))
        elif word in changed:
            changed[word].append(next(words))
    kept = [one for one in renamed if one[1].endswith(_MARKDOWN)]
    gone, new = ([path for path in changed[kind] if path.endswith(_MARKDOWN)] for kind in ("D", "A"))
    return kept, gone, new


def history(folder: Path) -> Iterator[tuple[str, str, int, int]]:
    """As `made`, for the commits of a repository that add and delete posts; git's own likeness says which are the same.

    A pair that git finds 60 % alike or more is one post; a deleted and an added file that git finds less than 20 % alike are two.
    """
    from feeds.posts.reader import open_reader
    from feeds.settings import load

    reader = open_reader(load(flags={"posts": str(folder), "base_url": "https://example.org/"}, environ={}, cwd=folder))
    counts: Counter[str] = Counter()

    def seen(revision: str, path: str) -> Sighting | None:
        try:
            header = reader.header(path, _git(folder, "show", f"{revision}:./{path}"))
        except Exception:  # what cannot be read is no post
            return None
        return Sighting(
            path, None, header.title, header.text_digest, header.sketch, header.published, None, out=True
        )  # fmt: skip

    for revision in _git(folder, "log", "--no-merges", "--format=%H", "--", ".").decode().split():
        renamed, gone, new = _changes(folder, revision)
        if not (renamed or (gone and new)) or len(gone) + len(new) + len(renamed) > 200:
            continue
        before = [post for path in [*(old for _, old, _ in renamed), *gone] if (post := seen(f"{revision}^", path))]
        after = [post for path in [*(path for _, _, path in renamed), *new] if (post := seen(revision, path))]
        if not before or not after:
            continue
        old_ids, new_ids = known_ids(before, after)
        at = {post.path: id for post, id in zip(before, old_ids, strict=True)}
        now = {post.path: id for post, id in zip(after, new_ids, strict=True)}
        for share, old, path in renamed:
            if share >= 60 and old in at and path in now:
                counts["renamed"] += 1
                if now[path] != at[old]:
                    counts["missed"] += 1
                    print(f"  missed in {revision[:8]}: {old} -> {path} ({share} % alike for git)")
        for path in new:
            if path in now and gone:
                counts["new"] += 1
                if now[path] in at.values():
                    counts["taken"] += 1
                    print(f"  taken for another in {revision[:8]}: {path}")
    yield "renamed in git", "miss", counts["missed"], counts["renamed"]
    yield "new in a commit that deletes others", "false match", counts["taken"], counts["new"]


def main(arguments: Sequence[str]) -> int:
    """Print both figures for each kind of change."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--git", type=Path, metavar="FOLDER", help="the history of the posts in this folder")
    parser.add_argument("--short", action="store_true", help="Chinese posts of one to three sentences")
    parser.add_argument("--trials", type=int, default=1000, help="changes of each kind in the made corpus (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="another one makes another corpus (%(default)s)")
    options = parser.parse_args(arguments)
    total: Counter[str] = Counter()
    measured = history(options.git) if options.git else made(options.trials, options.seed, short=options.short)
    for name, error, wrong, count in measured:
        print(f"{name:45} {error:12} {wrong:6} of {count:6}  {100 * wrong / max(1, count):6.2f} %")
        total[error] += wrong
        total[f"all {error}"] += count
    for error in ("miss", "false match"):
        count = total[f"all {error}"]
        print(f"{'all':45} {error:12} {total[error]:6} of {count:6}  {100 * total[error] / max(1, count):6.2f} %")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
