"""The link and asset resolver: in comes an address as its author wrote it, out goes what it means on the web.

A dialect names the `Candidate`s of a reference, likeliest first; a `SiteIndex` knows which of them are there. Reads no
file and knows no generator. What cannot be resolved is a `Finding`; nothing that an author writes makes this module raise.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import unquote

from feeds.content.lookups import ListedPost, Lookup, PostTarget, SiteIndex, answer
from feeds.media_types import media_type
from feeds.model import Asset, digest
from feeds.urls import LINK_SCHEMES, RESOURCE_SCHEMES, encode_path, resolve

#: The address of what must not be linked: no reader opens it (CSS Values and Units 4, section 4.5.4).
NOWHERE = "about:invalid"
_OUTSIDE = re.compile(r"(?:https?:)?//|mailto:|tel:|data:|javascript:|about:", re.IGNORECASE)
#: Endings of sources that no web server shows as a page.
SOURCE_ENDINGS = frozenset({
    ".md", ".markdown", ".mkd", ".mkdn", ".mkdown", ".mdown", ".mdx", ".rst", ".org", ".adoc", ".asciidoc", ".ipynb", ".qmd", ".rmd",
})  # fmt: skip
#: Forms of references that name a post instead of giving its address.
NAMING_FORMS = frozenset({"post_link", "post_path", "post_url", "link", "ref", "relref"})
_MAX_CHARACTERS = 2_000


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


class Finding(NamedTuple):
    """A reference that leads nowhere, as written; `code` and `what` as of a Problem, `line` within the body if known."""

    code: str
    written: str
    what: str
    expected: str
    fix: str
    severity: str = "warning"
    line: int | None = None


class Target(NamedTuple):
    """What a reference means. `url` is None for what must not be linked: the text stays without its link.

    `kind` is "post" (`post` is its path), "file" (of `size_bytes`), "address", "hidden" or "missing".
    """

    url: str | None
    kind: str
    post: str = ""
    size_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """Where the post is that holds the references.

    `page` is the path of our own page of it below the output ("entry/tea/"), None if the site has one. `copies` is where
    copies of files go that are public nowhere else, a path below the output; `copies_url` its address. `files_url` is the
    URL below which the generator publishes what lies beside the post. The last three end in "/".
    """

    path: str
    permalink: str
    home: str
    page: str | None
    copies: str
    copies_url: str
    files_url: str


Candidates = Callable[[Reference], Iterable[Candidate]]


@dataclass(slots=True)
class Resolver:
    """Resolves the references of one post. `asked` collects every look-up, for whoever remembers results; `copied` the files
    that must be published with the feeds, by their source; `findings` what leads nowhere.
    """

    place: Place
    candidates: Candidates
    index: SiteIndex
    asked: dict[Lookup, None] = field(default_factory=dict)
    copied: dict[str, Asset] = field(default_factory=dict)
    findings: dict[tuple[str, str], Finding] = field(default_factory=dict)
    _known: dict[tuple[str, str, bool, bool], Target] = field(default_factory=dict)

    def url(
        self, written: str, *, image: bool, markdown: bool = False, form: str = "address", line: int | None = None
    ) -> str | None:
        """The absolute URL that an address means; None if it must not be linked or cannot be parsed."""
        return self.target(written, image=image, markdown=markdown, form=form, line=line).url

    def target(
        self, written: str, *, image: bool = False, markdown: bool = False, form: str = "address", line: int | None = None
    ) -> Target:
        """What an address means, with its findings told once."""
        key = (form, written, image, markdown)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = self._target(written.strip(), form, image, markdown, line)
        return known

    def is_known(self, written: str, *, form: str) -> bool:
        """Whether a post, hidden or not, or a file is there that the reference may mean; tells nobody."""
        findings, known = dict(self.findings), dict(self._known)
        kind = self.target(written, form=form).kind
        self.findings, self._known = findings, known
        return kind in ("post", "file", "hidden")

    def title(self, target: Target) -> str:
        """The title of the post that a target is; "" of anything else."""
        return str(self._ask("title", target.post)) if target.kind == "post" else ""

    # for templates

    def source(self, path: str) -> str | None:
        """See `SiteIndex.source`."""
        text = self._ask("source", path)
        return text if isinstance(text, str) else None

    def folder(self, path: str) -> Sequence[str]:
        """See `SiteIndex.folder`."""
        names = self._ask("folder", path)
        return names if isinstance(names, Sequence) else ()

    def has_file(self, path: str) -> bool:
        """Whether there is such a file below the posts folder."""
        return self._ask("file", path) is not None

    def published(self) -> Sequence[ListedPost]:
        """See `SiteIndex.published`."""
        posts = self._ask("published", "")
        return posts if isinstance(posts, Sequence) else ()

    def told(self, written: str) -> bool:
        """Whether the author is told already why this address, as written, is no link."""
        written = written.strip()
        return written == NOWHERE or any((code, written) in self.findings for code in ("link-hidden", "link-missing"))

    def _target(self, written: str, form: str, image: bool, markdown: bool, line: int | None) -> Target:
        schemes = RESOURCE_SCHEMES if image else LINK_SCHEMES
        if written == NOWHERE:
            return Target(None, "missing")
        if form in ("address", "field") and (_OUTSIDE.match(written) or len(written) > _MAX_CHARACTERS):
            return Target(resolve(written, self.place.permalink, schemes), "address")
        reference = self._reference(written, form, image, markdown)
        for candidate in self.candidates(reference):
            target = self._try(candidate, reference, written, line, schemes)
            if target is not None:
                return target
        return self._missing(reference, written, line, schemes)

    def _reference(self, written: str, form: str, image: bool, markdown: bool) -> Reference:
        plain = form in ("address", "field")
        at = min((place for mark in ("?#" if plain else "#") if (place := written.find(mark)) >= 0), default=len(written))
        path = (unquote(written[:at]) if plain else written[:at]).replace("\\", "/").strip()
        return Reference(form, written, path, written[at:], image, markdown, self.place.path, self.place.permalink)

    # look-ups

    def _ask(self, kind: str, value: str) -> object:
        self.asked[kind, value] = None
        return answer(self.index, (kind, value))

    def _try(
        self, candidate: Candidate, reference: Reference, written: str, line: int | None, schemes: frozenset[str]
    ) -> Target | None:
        """The target if the candidate is there, else None."""
        kind, value = candidate.kind, candidate.value
        if kind in ("address", "absent"):
            if kind == "absent":
                self._tell(
                    _absent(written, "notice" if reference.path.startswith("/") or reference.form == "field" else "warning", line)
                )
            return Target(resolve(value, self.place.permalink, schemes), "address")
        if "\0" in value or len(value) > _MAX_CHARACTERS:
            return None
        if kind in ("post-name", "post-title", "post-slug", "file-name"):
            paths = self._ask(kind, value)
            path = self._nearest(paths if isinstance(paths, Sequence) else ())
            if path is None:
                return None
            kind, value = ("file" if kind == "file-name" else "post"), path
        if kind == "post":
            return self._post(value, reference, written, line)
        if kind == "file-of":
            return self._shared_file(value, candidate.url)
        size = self._ask(kind, value)
        if not isinstance(size, int):
            return None
        return Target(self._file_url(kind, value, candidate.url), "file", size_bytes=size)

    def _nearest(self, paths: Sequence[str]) -> str | None:
        """Of several paths the one that shares most folders with the post, then the shortest, then the first."""
        if not paths:
            return None
        own = self.place.path.split("/")[:-1]

        def shared(path: str) -> int:
            folders = path.split("/")[:-1]
            return sum(1 for _ in _same(own, folders))

        return min(paths, key=lambda path: (-shared(path), path.count("/"), path))

    def _post(self, path: str, reference: Reference, written: str, line: int | None) -> Target | None:
        found = self._ask("post", path)
        if not isinstance(found, PostTarget):
            return None
        if not found.hidden:
            url = resolve(reference.suffix, found.url) if reference.suffix else found.url
            return Target(url or found.url, "post", post=path)
        self._tell(Finding(
            "link-hidden", written, f"the link {written!r:.100} leads to {path}, which is not published ({found.hidden})", "",
            "publish the post, or take the link out", line=line,
        ))  # fmt: skip
        return Target(None, "hidden")

    # files

    def _shared_file(self, source: str, post: str) -> Target | None:
        """A file that lies beside several posts, if the one beside which it is published is there."""
        found = self._ask("post", post)
        size = self._ask("file", source)
        if not isinstance(found, PostTarget) or not found.url or not isinstance(size, int):
            return None
        below = posixpath.relpath(source, posixpath.dirname(post) or ".")
        return Target(resolve(encode_path(below), found.url), "file", size_bytes=size)

    def _file_url(self, kind: str, source: str, public: str) -> str:
        if public:
            return resolve(public, self.place.permalink) or self.place.permalink
        if kind == "site-file":
            return self._copy(source, "/" + source)
        below = self._below(source)
        if self.place.page is not None:
            name = below or _digest_name(source)
            self.copied.setdefault(source, Asset(self.place.page + name, source))
            return self.place.files_url + encode_path(name)
        if below is not None:
            return self.place.files_url + encode_path(below)
        return self._copy(source, source)

    def _below(self, source: str) -> str | None:
        """The path of a file below the post's page; None if it lies elsewhere than beside the post."""
        own = posixpath.splitext(self.place.path)[0] + "/"
        if source.startswith(own):
            return source[len(own) :]
        folder = posixpath.dirname(self.place.path)
        if not folder:
            return source if not source.startswith("../") else None
        return source[len(folder) + 1 :] if source.startswith(folder + "/") else None

    def _copy(self, source: str, key: str) -> str:
        """The URL of a copy among our own files, for what no page of the site is known to show."""
        name = _digest_name(source)
        self.copied.setdefault(key, Asset(self.place.copies + name, key))
        return self.place.copies_url + encode_path(name)

    # what is not there

    def _missing(self, reference: Reference, written: str, line: int | None, schemes: frozenset[str]) -> Target:
        """What becomes of a reference that none of its candidates explains."""
        if reference.form not in ("address", "field"):
            self._tell(Finding(
                "link-missing", written, f"{reference.form}: nothing is called {written!r:.100}",
                "the name of a post or file of the site", "correct the name", line=line,
            ))  # fmt: skip
            return Target(None, "missing")
        url = resolve(written, self.place.permalink, schemes)
        if not reference.path or reference.path.startswith("/"):
            return Target(url, "address")
        if not reference.image and reference.ending in SOURCE_ENDINGS:
            self._tell(Finding(
                "link-missing", written, f"the link {written!r:.100} leads to a source file that is not a post of this site",
                "the path of a post, or an address", "correct the path", line=line,
            ))  # fmt: skip
            return Target(None, "missing")
        if media_type(reference.path) is not None:
            self._tell(_absent(written, "warning", line))
        return Target(url, "address")

    def _tell(self, finding: Finding) -> None:
        self.findings.setdefault((finding.code, finding.written), finding)


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
    known = media_type(path) is not None
    stem = path[: -len(reference.ending)] if reference.ending in endings else path
    for folder in ("", reference.folder):
        inner = _normal(folder, path)
        if not _outside(inner):
            yield from (post_at(_normal(folder, stem) + ending) for ending in endings)
            if known:
                yield file_at(inner)
    yield post_named(posixpath.normpath(stem).strip("/"))
    if known:
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


def _same(ours: Sequence[str], theirs: Sequence[str]) -> Iterator[str]:
    for mine, other in zip(ours, theirs, strict=False):
        if mine != other:
            return
        yield mine


def _digest_name(source: str) -> str:
    return f"{digest(source)[:8]}-{posixpath.basename(source)}"


def _absent(written: str, severity: str, line: int | None) -> Finding:
    return Finding(
        "file-missing", written, f"there is no file {written!r:.100}", "a file beside the post, or an address",
        "correct the path, or put the file there", severity, line,
    )  # fmt: skip
