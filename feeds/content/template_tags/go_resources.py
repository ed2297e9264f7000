"""The resources of a page of Hugo that a short code may name: files beside the post (https://gohugo.io/methods/page/resources/).

A resource is its file's name: its addresses are that name, relative to the post, which the link resolver turns into a URL as
it does in Markdown. A picture that a template resizes is the picture itself.
"""

from __future__ import annotations

import posixpath
from typing import NamedTuple

from feeds.content.links import Resolver
from feeds.content.template_tags.go_globs import fits
from feeds.media_types import media_type

#: What a template makes of a picture is shown as the picture (https://gohugo.io/content-management/image-processing/).
PROCESSED = frozenset({"Resize", "Fit", "Fill", "Crop", "Process", "Filter", "Fingerprint"})
#: What looks resources up: `.Page.Resources.Get`, `resources.GetMatch` and their kind.
LOOKUPS = frozenset({"Get", "GetMatch", "Match", "ByType"})
_MOST_FOLDERS = 50


class PageResource(NamedTuple):
    """A file beside a post, by its path below the post's folder; `width` and `height` in pixels, None if not known."""

    name: str
    width: int | None = None
    height: int | None = None

    def member(self, name: str) -> object:
        """One of its fields. Raises KeyError for what is not known."""
        kind = media_type(self.name) or ""
        known: dict[str, object] = {
            "RelPermalink": self.name, "Permalink": self.name, "Name": self.name, "Title": self.name,
            "ResourceType": kind.partition("/")[0], "MediaType": {"Type": kind, "MainType": kind.partition("/")[0]},
            "Width": self.width, "Height": self.height, "Params": {},
        }  # fmt: skip
        if known[name] is None:
            raise KeyError(name)
        return known[name]


def look_up(method: str, wanted: str, links: Resolver) -> PageResource | list[PageResource] | None:
    """What a method of LOOKUPS gives for a name, a pattern of names or a type, e.g. "image"."""
    folder = posixpath.dirname(links.place.path)
    if method == "Get" or (method == "GetMatch" and not set(wanted) & set("*?[{")):
        name = posixpath.normpath(wanted.strip("/"))
        is_there = not name.startswith("..") and links.has_file(posixpath.join(folder, name))
        return _resource(name, links) if is_there else None
    if posixpath.basename(links.place.path).partition(".")[0] != "index":
        return None if method == "GetMatch" else []
    names = _files(folder, links)
    if method == "ByType":
        matches = (name for name in names if (media_type(name) or "").startswith(f"{wanted}/"))
    else:
        matches = (name for name in names if _fits(wanted, name))
    if method == "GetMatch":
        name = next(matches, "")
        return _resource(name, links) if name else None
    return [_resource(name, links) for name in matches]


def _resource(name: str, links: Resolver) -> PageResource:
    facts = links.media(links.target(name, image=True))
    return PageResource(name, facts.width, facts.height)


def _fits(pattern: str, name: str) -> bool:
    try:
        return fits(pattern.strip("/"), name)
    except ValueError:
        return False


def _files(root: str, links: Resolver) -> list[str]:
    """The files below a bundle's folder, relative to it, in the order of their paths, as Hugo has resources of one type."""
    results: list[str] = []
    waiting = [""]
    for _ in range(_MOST_FOLDERS):
        if not waiting:
            break
        folder = waiting.pop(0)
        for name in links.folder(posixpath.join(root, folder).rstrip("/")):
            (waiting if name.endswith("/") else results).append(posixpath.join(folder, name))
    return sorted(results)


def file_facts(path: str) -> dict[str, str]:
    """What `.Page.File` says of the post's file."""
    folder, _, name = path.rpartition("/")
    stem = name.rpartition(".")[0]
    own = folder.rpartition("/")[2] if stem == "index" else stem
    return {
        "BaseFileName": stem, "TranslationBaseName": stem.partition(".")[0], "ContentBaseName": own, "LogicalName": name,
        "Ext": name.rpartition(".")[2], "Dir": folder + "/" if folder else "", "Path": path,
    }  # fmt: skip
