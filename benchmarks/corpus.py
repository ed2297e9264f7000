"""A made-up archive of any size: in come a number of posts, a form and a seed, out goes a folder of equal bytes.

    python benchmarks/corpus.py --posts 10000 --form hexo --seed 1 DIR

Forms are those of Hexo, Hugo, Jekyll, Pelican and Eleventy, each with its settings file, so that the generator itself
can build it beside us. 70 % of the bodies are HTML, 30 % Markdown; 50 categories, tags and authors follow Zipf's law.
Must not read the clock.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parent))

import skeletons
from text import Bodies, title

FORMS = ("hexo", "hugo", "jekyll", "pelican", "eleventy")
#: Folder of the posts below the site, by form.
POSTS = {
    "hexo": "source/_posts",
    "hugo": "content/posts",
    "jekyll": "_posts",
    "pelican": "content",
    "eleventy": "posts",
}

_ZONE = timezone(timedelta(hours=8))
_LAST = datetime(2025, 12, 31, 23, 0, tzinfo=_ZONE)
_TOPS = ["技术", "生活", "读书", "旅行", "摄影", "Life", "Notes", "C++", "经济", "科学"]
_SUBS = ["前端", "后端", "厨房", "园艺"]
#: 50 categories: ten of them top ones, each with four below.
CATEGORIES = tuple((top,) for top in _TOPS) + tuple((top, f"{top}·{sub}") for sub in _SUBS for top in _TOPS)
AUTHORS = [
    "林夏",
    "王小明",
    "Ben",
    "Mária",
    "陈Sir",
    "高科技门户",
    "O'Brien",
    "李雷",
    "韩梅梅",
    "Anonymous",
    "编辑部",
    "小米",
]
TAGS = tuple(
    f"{one}{two}" for one in ["入门", "进阶", "踩坑", "随想", "工具", "2025"] for two in ("", *(f"-{n}" for n in range(1, 50)))
)


class Facts(NamedTuple):
    """One post before it has a form. `markup` is "html" or "md"."""

    number: int
    title: str
    date: datetime
    category: tuple[str, ...]
    tags: tuple[str, ...]
    author: str
    markup: str
    body: str

    @property
    def name(self) -> str:
        return f"post-{self.number:06}"


def posts(count: int, seed: int, html: float = 0.7) -> Iterator[Facts]:
    """The posts, oldest first."""
    rng = random.Random(f"corpus {seed}")
    bodies = Bodies(rng)
    step = timedelta(days=12 * 365) / max(count, 1)
    for number in range(count):
        size = int(rng.triangular(2000, 10_000, 4500))
        markup = "html" if rng.random() < html else "md"
        age = step * (count - number) - timedelta(minutes=rng.randrange(60))
        yield Facts(
            number=number,
            title=title(rng),
            date=(_LAST - max(age, timedelta())).replace(second=rng.randrange(60), microsecond=0),
            category=rng.choices(CATEGORIES, _zipf(len(CATEGORIES)))[0],
            tags=tuple(dict.fromkeys(rng.choices(TAGS, _zipf(len(TAGS)), k=rng.randrange(5)))),
            author=rng.choices(AUTHORS, _zipf(len(AUTHORS)))[0],
            markup=markup,
            body=bodies.html(size) if markup == "html" else bodies.markdown(size),
        )


_WEIGHTS: dict[int, list[float]] = {}


def _zipf(count: int) -> list[float]:
    return _WEIGHTS.setdefault(count, [1 / (place + 1) for place in range(count)])


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _hexo(post: Facts) -> tuple[str, str]:
    lines = [f"title: {_quoted(post.title)}", f"date: {post.date:%Y-%m-%d %H:%M:%S}", "categories:"]
    lines += [f"  - {name}" for name in post.category]
    if post.tags:
        lines += ["tags:", *(f"  - {tag}" for tag in post.tags)]
    lines += [f"author: {_quoted(post.author)}"]
    if post.number % 3 == 0:
        lines += [f"cover: /images/covers/{post.number % 97}.jpg"]
    return f"{post.date:%Y}/{post.name}.{post.markup}", "---\n" + "\n".join(lines) + "\n---\n\n" + post.body


def _hugo(post: Facts) -> tuple[str, str]:
    lines = [
        f"title: {_quoted(post.title)}",
        f"date: {post.date.isoformat()}",
        f"categories: [{_quoted(post.category[-1])}]",
        f"tags: [{', '.join(map(_quoted, post.tags))}]",
        f"author: {_quoted(post.author)}",
        "draft: false",
    ]
    return f"{post.name}.{post.markup}", "---\n" + "\n".join(lines) + "\n---\n\n" + post.body


def _jekyll(post: Facts) -> tuple[str, str]:
    lines = [
        "layout: post",
        f"title: {_quoted(post.title)}",
        f"date: {post.date:%Y-%m-%d %H:%M:%S %z}",
        f"categories: [{_quoted(post.category[-1])}]",
        f"tags: [{', '.join(map(_quoted, post.tags))}]",
        f"author: {_quoted(post.author)}",
    ]
    return f"{post.date:%Y-%m-%d}-{post.name}.{post.markup}", "---\n" + "\n".join(lines) + "\n---\n\n" + post.body


def _pelican(post: Facts) -> tuple[str, str]:
    """Pelican's own forms: a header of lines before Markdown, `meta` elements in the head of HTML."""
    facts = {
        "date": f"{post.date:%Y-%m-%d %H:%M}",
        "category": post.category[-1],
        "tags": ", ".join(post.tags),
        "author": post.author,
        "slug": post.name,
    }
    if post.markup == "md":
        head = f"Title: {post.title}\n" + "".join(f"{key.title()}: {value}\n" for key, value in facts.items() if value)
        return f"{post.name}.md", head + "\n" + post.body
    metas = "".join(f'<meta name="{key}" content="{_escaped(value)}">\n' for key, value in facts.items() if value)
    head = f"<html>\n<head>\n<title>{_escaped(post.title)}</title>\n{metas}</head>\n<body>\n"
    return f"{post.name}.html", head + post.body + "</body>\n</html>\n"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def _eleventy(post: Facts) -> tuple[str, str]:
    tags = ["post", *post.tags]
    lines = [
        f"title: {_quoted(post.title)}",
        f"date: {post.date.astimezone(timezone.utc):%Y-%m-%dT%H:%M:%SZ}",  # noqa: UP017  as JavaScript writes it
        "layout: post.njk",
        f"category: {_quoted(post.category[-1])}",
        f"tags: [{', '.join(map(_quoted, tags))}]",
        f"author: {_quoted(post.author)}",
    ]
    return f"{post.name}.{post.markup}", "---\n" + "\n".join(lines) + "\n---\n\n" + post.body


_WRITERS: Mapping[str, Callable[[Facts], tuple[str, str]]] = {
    "hexo": _hexo,
    "hugo": _hugo,
    "jekyll": _jekyll,
    "pelican": _pelican,
    "eleventy": _eleventy,
}


def make(folder: Path, *, count: int, form: str, seed: int = 1, html: float = 0.7) -> Path:
    """Write the archive and what its generator needs; returns the folder of the posts."""
    for name, text in skeletons.files(form).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    root = folder / POSTS[form]
    seen: set[Path] = set()
    for post in posts(count, seed, html):
        name, text = _WRITERS[form](post)
        path = root / name
        if path.parent not in seen:
            path.parent.mkdir(parents=True, exist_ok=True)
            seen.add(path.parent)
        path.write_text(text, encoding="utf-8", newline="\n")
    return root


def main() -> None:
    parser = argparse.ArgumentParser(description="Make an archive of made-up posts.")
    parser.add_argument("folder", type=Path, metavar="DIR", help="a new or empty folder")
    parser.add_argument("--posts", type=int, default=1000)
    parser.add_argument("--form", choices=FORMS, default="hexo")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--html", type=float, default=0.7, help="share of HTML bodies (default 0.7)")
    asked = parser.parse_args()
    if asked.folder.exists() and any(asked.folder.iterdir()):
        parser.error(f"{asked.folder} is not empty")
    root = make(asked.folder, count=asked.posts, form=asked.form, seed=asked.seed, html=asked.html)
    print(f"{asked.posts} posts in {root}")


if __name__ == "__main__":
    main()
