"""Copies that programs leave beside a post: by the file's name, and by how alike the two texts are.

iCloud, Windows, macOS, file managers in several languages, Dropbox, OneDrive, Nextcloud, Nutstore, Syncthing, git mergetool,
editors. A name alone tells nothing: "part 2.md" beside "part.md" is a post of its own unless its text is the other's.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable

from feeds.errors import Problem
from feeds.lazy_patterns import lazy_pattern
from feeds.ledger.fingerprint import extends, is_stub, likeness, numbered_apart
from feeds.posts.header import Header

#: From this likeness on, a file with the name of a copy is one.
_ALIKE = 0.5
#: So much of the text has to be the same where the original was renamed and has another title.
_NEARLY_ALL = 0.8
#: More posts than this that share title, date, categories and tags are a habit, e.g. a picture a day.
_MOST_ALIKE = 8
#: So often a copy may have been copied ("post 2 2", "post - Copy - Copy").
_DEPTH = 3

_COPY = (
    "copy|kopie|copie|copia|cópia|kopia|kópia|kopi|kopio|kopya|másolat|bản sao|สำเนา|نسخة|копия|копія|"
    "副本|複本|拷贝|拷貝|複製|复制|复件|コピー|복사본|사본"
)
_CONFLICT = "conflict|konflikt|conflit|ristiriita|çakış|ütköz|xung đột|конфликт|конфлікт|冲突|衝突|競合|충돌"
#: A name without its ending, and what a program added to it; the first group is the original's name.
_MARKED = tuple(
    lazy_pattern(pattern, re.IGNORECASE)
    for pattern in (
        r"(.+?) ?\((?:\d{1,3})\)",  # Windows, browsers: post (1)
        r"(.+?) \d{1,2}",  # iCloud, Finder: post 2
        rf"(.+?)(?: ?[-–—_] ?| )\(?(?:{_COPY})\)?(?:[ -]?\(?\d{{1,3}}\)?)?",  # post copy, post - Copy (2), post - 副本
        # post的副本, “post”的副本, 「post」のコピー
        r"[“「『]?(.+?)[”」』]? ?[的の]?(?:副本|複本|拷贝|拷貝|複製|复制|コピー)(?: ?\(?\d{1,3}\)?)?",
        # Copy of post, Kopie von post, Copy (2) of post, 复件 post
        rf"(?:{_COPY})(?: ?\(\d{{1,3}}\))?(?: (?:of|de|di|von|van|af|av))? ?(.+)",
        r"(.+?)(?: kopyası| másolata|의 ?사본)(?: ?\(?\d{1,3}\)?)?",
        # Dropbox, Nextcloud, Nutstore, Syncthing: post (Ann's conflicted copy 2026-01-02), post (冲突_ann_2026-01-02);
        # file managers of Linux: post (another copy), post (第 3 个副本)
        rf"(.+?)[ ._-]?\([^()]{{0,80}}(?:{_CONFLICT}|{_COPY})[^()]{{0,80}}\)",
        rf"(.+?)[ ._-](?:sync-)?(?:{_CONFLICT})(?:文件|副本)?(?:[ ._-][\w.@ -]{{1,80}})?",
        r"(.+?)-(?:DESKTOP|LAPTOP|PC|MACBOOK|SURFACE)-[A-Z0-9]{3,15}(?:-\d{1,3})?",  # OneDrive
        r"(.+?)(?:\.\w{1,8})?[._](?:LOCAL|REMOTE|BASE|BACKUP)[._]\d{1,8}",  # git mergetool
        # post.bak.md, post-old.md, post (backup).md
        r"(.+?)(?:[._ -]| ?\()(?:bak|backup|old|orig|save|autosave|tmp|备份|旧版)\)?\d{0,3}",
        r"(.+)\.(?:md|markdown|html?|txt)",  # post.md.md
        r"[~.]\$?(.+)",  # ~$post.md of Word
    )
)
#: What may follow a post's name in that of a copy which no program names so: post-1, post_v2, post-final, post-2026-01-02.
_SEPARATOR = lazy_pattern(r"[-_ .(](?=[^-_ .(])|\d+\Z")
#: The name of a translation goes on with its language: post.en, post-zh-cn.
_LANGUAGE = lazy_pattern(r"[-_.][a-z]{2,3}(?:[-_][a-z]{2,4})?", re.IGNORECASE)


def original_names(path: str) -> tuple[str, ...]:
    """The paths of which a file may be a copy, by its name."""
    folder, slash, name = path.rpartition("/")
    stem, dot, ending = name.rpartition(".")
    stems: dict[str, None] = {}
    copies = [stem]
    for _ in range(_DEPTH):
        copies = [match[1] for copy in copies for pattern in _MARKED if (match := pattern.fullmatch(copy))]
        copies = [copy for copy in dict.fromkeys(copies) if copy not in stems]
        if not copies:
            break
        stems.update(dict.fromkeys(copies))
    endings = dict.fromkeys((ending, "md", "markdown", "html"))
    return tuple(f"{folder}{slash}{original}{dot}{kind}" for original in stems for kind in endings)


def longer_names(path: str) -> tuple[str, ...]:
    """The paths whose names this one goes on with ("post-1.md" with that of "post.md"), or has with another ending."""
    folder, slash, name = path.rpartition("/")
    stem, dot, ending = name.rpartition(".")
    starts = [match.start() for match in _SEPARATOR.finditer(stem) if match.start()]
    shorter = [stem[:start] for start in starts if not _LANGUAGE.fullmatch(stem, start)]
    names = [f"{original.rstrip()}{dot}{ending}" for original in shorter]
    if ending != "md":
        names.append(f"{stem}.md")
    return tuple(f"{folder}{slash}{name}" for name in names)


def held_back(header: Header, original: Callable[[str], Header | None]) -> Header:
    """The header, left out as a copy if it is one of another published post; `original` looks a post up by its path."""
    if header.status != "out":
        return header
    for path in original_names(header.path):
        other = original(path)
        if other is None or other.status != "out" or other.path == header.path:
            continue
        if _alike(header, other) or _is_extended(header, other):
            return _copy_of(header, other)
    for path in longer_names(header.path):
        other = original(path)
        if other is not None and other.status == "out" and _is_copied(header, other):
            return _copy_of(header, other)
    return header


def copies_among(headers: Iterable[Header]) -> dict[str, Header]:
    """By path, the posts whose name is that of a copy and that have front matter and text of another, whatever that is called.

    The other may have got another title, too, if nearly all of the text is the same. Each copy is left out. Names of copies are
    no originals; where many posts share their front matter it tells nothing.
    """
    every = [header for header in headers if header.status == "out"]
    result: dict[str, Header] = {}
    for shared, is_copy in ((_front_matter, _is_copied), (_without_title, _is_retitled)):
        groups: dict[Hashable, list[Header]] = defaultdict(list)
        for header in every:
            groups[shared(header)].append(header)
        for group in groups.values():
            if not 1 < len(group) <= _MOST_ALIKE:
                continue
            named = [header for header in group if original_names(header.path)]
            originals = [header for header in group if header not in named]
            for header in named:
                original = next((other for other in originals if is_copy(header, other)), None)
                if original is not None and header.path not in result:
                    result[header.path] = _copy_of(header, original)
    return result


def is_alike(header: Header, text_digest: str | None, sketch: bytes) -> bool:
    """Whether a post has this text, or nearly."""
    return header.text_digest == text_digest or likeness(header.sketch, sketch) >= _ALIKE


def _alike(header: Header, other: Header) -> bool:
    return is_alike(header, other.text_digest, other.sketch)


def _is_extended(header: Header, other: Header) -> bool:
    """Whether one of two posts with the same title and date has the whole short text of the other, and more."""
    if (header.title, header.published) != (other.title, other.published):
        return False
    return extends(header.sketch, other.sketch) or extends(other.sketch, header.sketch)


def _is_copied(header: Header, other: Header) -> bool:
    """Whether one file is a copy of the other whatever their names: with its front matter, and a text that tells something."""
    is_same = _front_matter(header) == _front_matter(other)
    return is_same and not is_stub(header.sketch) and bool(header.sketch) and _alike(header, other)


def _is_retitled(header: Header, other: Header) -> bool:
    """Whether one file has nearly all of the other's text under another title; without a date in common, all of it."""
    if is_stub(header.sketch) or not header.sketch or numbered_apart(header.title, other.title):
        return False
    if header.published is None:
        return header.sketch == other.sketch
    return likeness(header.sketch, other.sketch) >= _NEARLY_ALL


def _front_matter(post: Header) -> Hashable:
    return (post.title, _without_title(post))


def _without_title(post: Header) -> Hashable:
    return (post.published, post.categories, post.tags, post.link, post.slug, post.language, post.content_language)


def _copy_of(header: Header, other: Header) -> Header:
    return as_copy(header, other.path, same=header.text_digest == other.text_digest)


def as_copy(header: Header, original: str, *, same: bool) -> Header:
    """The header of a copy of the post at the path `original`, left out; `same`: its text is that one's, else it is nearly."""
    what = f"its name is that of a copy, and its text is {'' if same else 'nearly '}that of {original}; it is left out"
    fix = "delete it, or rename it if it is a post of its own"
    problem = Problem("copy", "warning", header.path, what, fix=fix)
    return header._replace(status="copy", problems=(*header.problems, problem))
