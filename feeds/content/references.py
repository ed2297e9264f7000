"""What an author may write as an address, and what it may mean: references and their candidates, likeliest first.

The rules that most generators share; a dialect has its own besides. Pure: which candidate is there, others know.
"""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple
from urllib.parse import unquote

from feeds.media_types import media_type
from feeds.urls import encode_path, resolve

#: Endings of sources that no web server shows as a page.
SOURCE_ENDINGS = frozenset({
    ".md", ".markdown", ".mkd", ".mkdn", ".mkdown", ".mdown", ".mdx", ".rst", ".org", ".adoc", ".asciidoc", ".ipynb", ".qmd", ".rmd",
})  # fmt: skip
#: Forms of references that name a post instead of giving its address.
NAMING_FORMS = frozenset({"post_link", "post_path", "post_url", "link", "ref", "relref"})


class Reference(NamedTuple):
    """An address as its author wrote it in a post.

    `form` says where it stands: "address" in a Markdown or HTML link or picture, "field" in front matter, "wiki" in
    `[[…]]`, else it is the name of the template tag ("post_url", "ref", "asset_path"). `path` is what it names, percent-
    decoded and with "/" for a backslash; `suffix` is its query and fragment as written, with "?" or "#" (in a template
    tag or a wiki link only "#" begins one). `image` holds for what is loaded (a picture, a video), `markdown` for what is
    written in Markdown rather than in HTML. `post` is the path of the post below the posts folder, `permalink` the post's
    own address.
    """

    form: str
    written: str
    path: str
    suffix: str
    image: bool
    markdown: bool
    post: str
    permalink: str

    @property
    def folder(self) -> str:
        """The folder that holds the post, "" for the posts folder itself."""
        return posixpath.dirname(self.post)

    @property
    def own_folder(self) -> str:
        """The folder named like the post: `trip/` beside `trip.md`."""
        return posixpath.splitext(self.post)[0]

    @property
    def ending(self) -> str:
        """The ending of `path` in lower case, "" if it has none."""
        return posixpath.splitext(self.path)[1].casefold()

    def beside(self, path: str | None = None) -> str:
        """`path`, which is relative to the post, below the posts folder; begins with "../" if it leads out of it."""
        return posixpath.normpath(posixpath.join(self.folder, self.path if path is None else path))


class Candidate(NamedTuple):
    """One thing that a reference may mean; made by the functions below.

    `kind` is "post", "post-name", "post-title", "post-slug", "file", "file-name", "site-file", "address" or "absent", `value` what is
    looked up, `url` where a file is published: an address (it is resolved against the post's permalink), "" for beside the
    post's page.
    """

    kind: str
    value: str
    url: str = ""


def post_at(path: str) -> Candidate:
    """The post at a path below the posts folder."""
    return Candidate("post", path)


def post_named(name: str) -> Candidate:
    """The one post whose path without its ending is `name` or ends in "/" + `name`; case does not matter."""
    return Candidate("post-name", name)


def post_titled(title: str) -> Candidate:
    """The one post with this title."""
    return Candidate("post-title", title)


def post_slugged(slug: str) -> Candidate:
    """The one post whose slug, as its dialect has it, is this."""
    return Candidate("post-slug", slug)


def file_at(path: str, url: str = "") -> Candidate:
    """The author's file at a path below the posts folder."""
    return Candidate("file", path, url)


def file_of(path: str, post: str) -> Candidate:
    """The author's file at a path below the posts folder, published beside another post that is there."""
    return Candidate("file-of", path, post)


def file_named(name: str, url: str = "") -> Candidate:
    """The author's file of that name, in whatever folder below the posts folder."""
    return Candidate("file-name", name, url)


def site_file(path: str, url: str) -> Candidate:
    """The file at a path below the site's folder (that of feeds.toml), published at `url`, "" for a copy of ours."""
    return Candidate("site-file", path, url)


def address(url: str) -> Candidate:
    """An address that needs no look-up; it is resolved against the post's permalink."""
    return Candidate("address", url)


def absent(url: str) -> Candidate:
    """The address that the generator gives to a file that is not there; the author is told."""
    return Candidate("absent", url)


def usual(
    reference: Reference, *, root: str, home: str, endings: Collection[str], statics: Mapping[str, str], sure: bool
) -> Iterator[Candidate]:
    """What an address means in most generators: a post by its source file, a file beside the post, a static file, a URL.

    `root` is the path of the posts folder below the site's folder, "" if it is that folder; `statics` gives the folders of
    the site that are published as they are, with the path of each below `home`; `endings` are those of posts. `sure` says
    that a file that is found nowhere is not published either.
    """
    path = reference.path
    if not path:
        yield address(reference.written)
        return
    if path.startswith("/"):
        yield from _from_root(reference, root, home, endings, statics)
        return
    if reference.ending in endings:
        yield from (post_at(inner) for inner in (reference.beside(), _below_own(reference)) if not _outside(inner))
    if media_type(path) is None:
        if reference.ending not in SOURCE_ENDINGS:
            yield address(reference.written)
        return
    yield from (file_at(inner) for inner in (_below_own(reference), reference.beside()) if not _outside(inner))
    yield from _elsewhere(reference, root, home, statics)
    if not sure:
        yield address(reference.written)


def front_matter_file(
    reference: Reference, *, root: str, home: str, statics: Mapping[str, str], sure: bool
) -> Iterator[Candidate]:
    """What the address of a picture or another file in front matter means: a file beside the post, else one of the site's.

    What begins with "/" is the site's, below its own path too; themes take other paths from there, too.
    """
    path = reference.path
    if not path.startswith("/"):
        if media_type(path) is None:
            yield address(reference.written)
            return
        yield from (file_at(inner) for inner in (_below_own(reference), reference.beside()) if not _outside(inner))
        yield from _elsewhere(reference, root, home, statics)
    home_path = unquote("/".join(home.split("/")[3:]))
    below = path.lstrip("/").removeprefix(home_path) if path.startswith("/") else path
    url = home + encode_path(below)
    if media_type(path) is not None:
        for folder, public in statics.items():
            if below.startswith(public):
                yield site_file(_normal(folder, below[len(public) :]), url)
        yield from (file_at(inner, url) for inner in _below_root(below, root))
        if statics:
            yield absent(url + reference.suffix if path.startswith("/") else reference.written)
    if path.startswith("/"):
        yield address(url + reference.suffix)
    elif not sure:
        yield address(reference.written)


def wiki(reference: Reference, endings: Collection[str]) -> Iterator[Candidate]:
    """What `[[name]]` means in a vault of notes: a note or a file by its path, else by its name in whatever folder.

    Source: Obsidian Help, "Internal links". A heading or block within the note is the suffix.
    """
    path = reference.path
    if not path:
        yield address(reference.suffix)
        return
    is_media = media_type(path) is not None
    stem = path[: -len(reference.ending)] if reference.ending in endings else path
    for folder in ("", reference.folder):
        inner = _normal(folder, path)
        if not _outside(inner):
            yield from (post_at(_normal(folder, stem) + ending) for ending in endings)
            if is_media:
                yield file_at(inner)
    yield post_named(posixpath.normpath(stem).strip("/"))
    if is_media:
        yield file_named(posixpath.basename(path))


def named(reference: Reference, endings: Collection[str]) -> Iterator[Candidate]:
    """What a template tag means that names a post: by its path from the post or from the root, by its name, by its title."""
    path = reference.path
    if not path.strip("/"):
        yield address(reference.suffix or "#")
        return
    stem = path[: -len(reference.ending)] if reference.ending in endings else path
    for folder in ("", reference.folder):
        inner = _normal(folder, path.lstrip("/")) if not folder or not path.startswith("/") else ""
        if inner and not _outside(inner):
            bare = _normal(folder, stem.lstrip("/"))
            yield from (post_at(inner) for _ in (0,) if reference.ending in endings)
            yield from (post_at(bare + ending) for ending in endings)
            yield from (post_at(f"{bare}/index{ending}") for ending in endings)
            if media_type(path) is not None:
                yield file_at(inner)
    yield post_named(posixpath.normpath(stem).strip("/").removeprefix("../"))
    if reference.form in ("post_link", "post_path"):
        yield post_titled(reference.written.strip())


def _from_root(
    reference: Reference, root: str, home: str, endings: Collection[str], statics: Mapping[str, str]
) -> Iterator[Candidate]:
    """An address that begins with "/": a source file, a static file by its URL or by its source, or any page of the host."""
    path = reference.path.lstrip("/")
    if reference.ending in endings:
        yield from map(post_at, _below_root(path, root))
    if media_type(path) is not None and statics:
        home_path = unquote("/".join(home.split("/")[3:]))
        below = path.removeprefix(home_path) if home_path else path
        for folder, public in statics.items():
            if below.startswith(public):
                yield site_file(_normal(folder, below[len(public) :]), reference.written)
        for folder, public in statics.items():
            if folder and path.startswith(folder + "/"):
                yield site_file(_normal(path), home + encode_path(public + path[len(folder) + 1 :]))
        yield from (file_at(inner, reference.written) for inner in _below_root(below, root))
        if reference.image:
            yield absent(reference.written)
    yield address(reference.written)


def _below_root(path: str, root: str) -> Iterator[str]:
    """A path from the site's root as one below the posts folder, of which it may name all, the last folders, or nothing."""
    parts = root.split("/") if root else []
    for start in range(len(parts) + 1):
        above = "".join(f"{part}/" for part in parts[start:])
        if path.startswith(above):
            yield posixpath.normpath(path[len(above) :])


def _elsewhere(reference: Reference, root: str, home: str, statics: Mapping[str, str]) -> Iterator[Candidate]:
    """A relative path that leads out of the posts folder, or that means a static file by its URL."""
    outside = _normal(root, reference.beside()) if root else ".."
    if not _outside(outside) and not (outside + "/").startswith(root + "/"):
        for folder, public in statics.items():
            if not folder or outside.startswith(folder + "/"):
                below = outside[len(folder) + 1 :] if folder else outside
                yield site_file(outside, home + encode_path(public + below))
        yield site_file(outside, "")
    url = resolve(reference.written, reference.permalink) or ""
    if url.startswith(home):
        below = unquote(url[len(home) :].partition("?")[0].partition("#")[0])
        for folder, public in statics.items():
            if below.startswith(public):
                yield site_file(_normal(folder, below[len(public) :]), reference.written)


def _below_own(reference: Reference) -> str:
    return _normal(reference.own_folder, reference.path)


def _normal(*parts: str) -> str:
    return posixpath.normpath(posixpath.join(*parts))


def _outside(path: str) -> bool:
    return path == ".." or path.startswith(("../", "/"))
