"""Which posts are translations of each other: in come all posts that are out, out go the addresses of each one's translations.

Posts in different languages are translations if they say so (`translation_of`, or a key that they share), have the same
permalink or slug in their front matter, or lie at the same path but for the language in the name of the file or of a folder.
Pure: no I/O, no clock.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping, Sequence

from feeds.build.place import permalink
from feeds.build.timeline import Out
from feeds.settings import Settings

#: (language, absolute URL) of every translation of a post, itself among them.
Translations = tuple[tuple[str, str], ...]


def of_posts(posts: Sequence[Out], settings: Settings, site_language: str) -> Mapping[str, Translations]:
    """The translations of each post that has any, by its path; of two posts in one language the first by path counts."""
    codes = {code for post in posts for code in _codes(post, site_language)}
    groups: dict[str, list[Out]] = {}
    leader: dict[str, str] = {}
    originals = _originals(posts)
    for post in posts:
        keys = list(_keys(post, codes))
        translation = post.header.translation
        if translation.startswith("of:"):
            original = originals.get(_bare(translation[3:]))
            if original is not None:
                keys += _keys(original, codes)
        # Posts that share any key are one group.
        leaders = sorted({_leader(leader, key) for key in keys})
        for other in leaders[1:]:
            leader[other] = leaders[0]
    for post in posts:
        for key in _keys(post, codes):
            groups.setdefault(_leader(leader, key), []).append(post)
            break
    results: dict[str, Translations] = {}
    for group in groups.values():
        by_language: dict[str, Out] = {}
        for post in sorted(group, key=lambda post: post.header.path):
            by_language.setdefault(post.header.content_language or site_language, post)
        if len(by_language) < 2:
            continue
        links = tuple((language, permalink(post, settings)) for language, post in sorted(by_language.items()))
        results.update({post.header.path: links for post in by_language.values()})
    return results


def _leader(leader: dict[str, str], key: str) -> str:
    while (above := leader.setdefault(key, key)) != key:
        key = above
    return key


def _keys(post: Out, codes: set[str]) -> Iterator[str]:
    """Everything by which a translation may be known, what its author says first."""
    header = post.header
    if header.translation.startswith("key:"):
        yield header.translation
    yield f"path:{_without_language(header.path, codes)}"
    if header.link is not None and "://" not in header.link:
        yield f"link:{header.link.strip('/')}"
    if header.slug:
        yield f"slug:{header.slug}"


def _codes(post: Out, site_language: str) -> Iterator[str]:
    """The names that a language may have in paths: "zh-cn", "zh_cn", "zh"."""
    for language in (post.header.content_language, post.header.language, site_language):
        tag = language.lower()
        if tag:
            yield from (tag, tag.replace("-", "_"), tag.partition("-")[0])


def _without_language(path: str, codes: set[str]) -> str:
    """The path without its ending and without a language's folder or the language at the end of its name."""
    folder, _, name = path.rpartition("/")
    stem = posixpath.splitext(name)[0]
    base, dot, ending = stem.rpartition(".")
    if dot and ending.lower() in codes:
        stem = base
    folders = [part for part in folder.split("/") if part.lower() not in codes]
    return "/".join([*folders, stem])


def _originals(posts: Sequence[Out]) -> dict[str, Out]:
    """Posts by what `translation_of` may call them: path, name, slug; the first by path where two have one name."""
    results: dict[str, Out] = {}
    for post in sorted(posts, key=lambda post: post.header.path):
        path = post.header.path
        for name in (path, path.rpartition("/")[2], post.header.slug, post.identity.slug):
            if name:
                results.setdefault(_bare(name), post)
    return results


def _bare(name: str) -> str:
    return posixpath.splitext(name.strip().strip("/"))[0]
