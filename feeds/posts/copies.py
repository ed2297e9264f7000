"""Copies that programs leave beside a post: by the file's name, and by how alike the two texts are.

iCloud, Windows, macOS, file managers in several languages, Dropbox, OneDrive, Nextcloud, Nutstore, Syncthing, git mergetool,
editors. A name alone tells nothing: "part 2.md" beside "part.md" is a post of its own unless its text is the other's.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from feeds.errors import Problem
from feeds.ledger.fingerprint import likeness
from feeds.posts.header import Header

#: From this likeness on, a file with the name of a copy is one.
_ALIKE = 0.5

_COPY = "copy|kopie|copie|copia|cópia|kopia|kopi|kopya|копия|копія|副本|拷贝|複製|复制|コピー|사본"
#: A name without its ending, and what a program added to it; the first group is the original's name.
_MARKED = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(.+?) ?\((?:\d{1,3})\)",  # Windows, browsers: post (1)
        r"(.+?) \d{1,2}",  # iCloud, Finder: post 2
        rf"(.+?)(?: ?[-–_] ?| )\(?(?:{_COPY})\)?(?: ?\(?\d{{1,3}}\)?)?",  # post copy, post - Copy (2), post - 副本
        r"(.+?) ?的?(?:副本|拷贝|複製|复制|のコピー)(?: ?\(?\d{1,3}\)?)?",  # post的副本
        # Copy of post, Kopie von post, Copy (2) of post
        rf"(?:{_COPY})(?: ?\(\d{{1,3}}\))?(?: (?:of|de|di|von|van|af|av))? ?(.+)",
        r"(.+?)(?: kopyası| másolata|의 ?사본)(?: ?\(?\d{1,3}\)?)?",
        # Dropbox, Nextcloud, Nutstore, Syncthing: post (Ann's conflicted copy 2026-01-02), post (冲突_ann_2026-01-02)
        r"(.+?)[ ._-]?\((?:[^()]{0,80}(?:conflict|konflikt|conflit|conflitto|conflicto|冲突|衝突|競合|충돌)[^()]{0,80})\)",
        r"(.+?)[ ._-](?:sync-)?(?:conflict|konflikt|conflit|冲突)[ ._-][\w.@ -]{1,80}",
        r"(.+?)-(?:DESKTOP|LAPTOP|PC|MACBOOK|SURFACE)-[A-Z0-9]{3,15}(?:-\d{1,3})?",  # OneDrive
        r"(.+?)(?:\.\w{1,8})?[._](?:LOCAL|REMOTE|BASE|BACKUP)[._]\d{1,8}",  # git mergetool
        r"(.+?)\.(?:bak|backup|old|orig|save|tmp)\d{0,3}",  # post.bak.md
        r"[~.]\$?(.+)",  # ~$post.md of Word
    )
)


def original_names(path: str) -> tuple[str, ...]:
    """The paths of which a file may be a copy, by its name."""
    folder, slash, name = path.rpartition("/")
    stem, dot, ending = name.rpartition(".")
    stems = dict.fromkeys(match[1] for pattern in _MARKED if (match := pattern.fullmatch(stem)))
    endings = dict.fromkeys((ending, "md", "markdown", "html"))
    return tuple(f"{folder}{slash}{original}{dot}{kind}" for original in stems for kind in endings)


def held_back(header: Header, original: Callable[[str], Header | None]) -> Header:
    """The header, left out as a copy if it is one of another published post; `original` looks a post up by its path."""
    if header.status != "out":
        return header
    for path in original_names(header.path):
        other = original(path)
        if other is None or other.status != "out" or other.path == header.path:
            continue
        same = header.text_digest == other.text_digest
        if same or likeness(header.sketch, other.sketch) >= _ALIKE:
            what = f"its name is that of a copy, and its text is {'' if same else 'nearly '}that of {other.path}; it is left out"
            fix = "delete it, or rename it if it is a post of its own"
            problem = Problem("copy", "warning", header.path, what, fix=fix)
            return header._replace(status="copy", problems=(*header.problems, problem))
    return header
