"""The link and asset resolver: in comes an address as its author wrote it, out goes what it means on the web.

A dialect names the `Candidate`s of a reference, likeliest first; a `SiteLookups` knows which of them are there. Reads no
file and knows no generator. What cannot be resolved is a `Finding`; nothing that an author writes makes this module raise.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import unquote

from feeds.content import addresses
from feeds.content.lines import readable
from feeds.content.lookups import ListedPost, Lookup, PostTarget, SiteLookups, answer
from feeds.content.references import (
    NAMING_FORMS,
    SOURCE_ENDINGS,
    Candidate,
    Reference,
    absent,
    address,
    file_at,
    file_named,
    file_of,
    front_matter_file,
    named,
    post_at,
    post_named,
    post_slugged,
    post_titled,
    site_file,
    usual,
    wiki,
)
from feeds.lazy_patterns import lazy_pattern
from feeds.media_files import NOTHING, MediaFacts
from feeds.media_types import media_type
from feeds.model import digest
from feeds.publication import Asset
from feeds.urls import LINK_SCHEMES, RESOURCE_SCHEMES, encode_path, resolve

__all__ = [
    "NAMING_FORMS",
    "NOWHERE",
    "Candidate",
    "Finding",
    "LinkTarget",
    "ListedPost",
    "Lookup",
    "PostLocation",
    "PostTarget",
    "Reference",
    "Resolver",
    "SiteLookups",
    "absent",
    "address",
    "answer",
    "file_at",
    "file_named",
    "file_of",
    "front_matter_file",
    "named",
    "post_at",
    "post_named",
    "post_slugged",
    "post_titled",
    "site_file",
    "usual",
    "wiki",
]  # fmt: skip

#: The address of what must not be linked: no reader opens it (CSS Values and Units 4, section 4.5.4).
NOWHERE = "about:invalid"
_OUTSIDE = lazy_pattern(r"(?:https?:)?//|mailto:|tel:|data:|javascript:|about:", re.IGNORECASE)
_MAX_CHARACTERS = 2_000


class Finding(NamedTuple):
    """A reference that leads nowhere, as written; `code` and `what` as of a Problem, `line` within the body if known."""

    code: str
    written: str
    what: str
    expected: str
    fix: str
    severity: str = "warning"
    line: int | None = None


class LinkTarget(NamedTuple):
    """What a reference means. `url` is None for what must not be linked: the text stays without its link.

    `kind` is "post" (`post` is its path), "file" (of `size_bytes`), "address", "hidden" or "missing". `source` is the file's
    path as of `Asset.source`.
    """

    url: str | None
    kind: str
    post: str = ""
    size_bytes: int = 0
    source: str = ""


@dataclass(frozen=True, slots=True)
class PostLocation:
    """Where the post is that holds the references.

    `page` is the path of our own page of it below the output ("entry/tea/"), None if the site has one. `copies` is where
    copies of files go that are public nowhere else, a path below the output; `copies_url` its address. `files_url` is the
    URL below which the generator publishes what lies beside the post. The last three end in "/". `file_url` gives the URL of
    the file at a path below the posts folder, None if it is the one that `files_url` makes.
    """

    path: str
    permalink: str
    home: str
    page: str | None
    copies: str
    copies_url: str
    files_url: str
    file_url: Callable[[str], str | None] = lambda path: None


Candidates = Callable[[Reference], Iterable[Candidate]]


@dataclass(slots=True)
class Resolver:
    """Resolves the references of one post. `asked` collects every look-up, for the cache of results; `copied` the files
    that must be published with the feeds, by their source; `findings` what leads nowhere.
    """

    place: PostLocation
    candidates: Candidates
    index: SiteLookups
    asked: dict[Lookup, None] = field(default_factory=dict)
    copied: dict[str, Asset] = field(default_factory=dict)
    findings: dict[tuple[str, str], Finding] = field(default_factory=dict)
    _known: dict[tuple[str, str, bool, bool], LinkTarget] = field(default_factory=dict)

    def url(
        self, written: str, *, image: bool, markdown: bool = False, form: str = "address", line: int | None = None
    ) -> str | None:
        """The absolute URL that an address means; None if it must not be linked or cannot be parsed."""
        return self.target(written, image=image, markdown=markdown, form=form, line=line).url

    def target(
        self, written: str, *, image: bool = False, markdown: bool = False, form: str = "address", line: int | None = None
    ) -> LinkTarget:
        """What an address means, with its findings, each reported once."""
        key = (form, written, image, markdown)
        meaning = self._known.get(key)
        if meaning is None:
            meaning = self._known[key] = self._target(written.strip(), form, image, markdown, line)
        return meaning

    def is_known(self, written: str, *, form: str) -> bool:
        """Whether a post, hidden or not, or a file is there that the reference may mean; tells nobody."""
        findings, known = dict(self.findings), dict(self._known)
        kind = self.target(written, form=form).kind
        self.findings, self._known = findings, known
        return kind in ("post", "file", "hidden")

    def title(self, target: LinkTarget) -> str:
        """The title of the post that a target is; "" of anything else."""
        return str(self._ask("title", target.post)) if target.kind == "post" else ""

    def media(self, target: LinkTarget) -> MediaFacts:
        """What the headers of the author's own picture or recording say; nothing of what lies elsewhere."""
        if not target.source or self._ask("stamp", target.source) is None:
            return NOTHING
        return self.index.media(target.source)

    # for templates

    def source(self, path: str) -> str | None:
        """See `SiteLookups.source`."""
        text = self._ask("source", path)
        return text if isinstance(text, str) else None

    def folder(self, path: str) -> Sequence[str]:
        """See `SiteLookups.folder`."""
        names = self._ask("folder", path)
        return names if isinstance(names, Sequence) else ()

    def has_file(self, path: str) -> bool:
        """Whether there is such a file below the posts folder."""
        return self._ask("file", path) is not None

    def published(self) -> Sequence[ListedPost]:
        """See `SiteLookups.published`."""
        posts = self._ask("published", "")
        return posts if isinstance(posts, Sequence) else ()

    def told(self, written: str) -> bool:
        """Whether it is reported already why this address, as written, is no link."""
        written = written.strip()
        return written == NOWHERE or any((code, written) in self.findings for code in ("link-hidden", "link-missing"))

    def _target(self, written: str, form: str, image: bool, markdown: bool, line: int | None) -> LinkTarget:
        schemes = RESOURCE_SCHEMES if image else LINK_SCHEMES
        if written == NOWHERE:
            return LinkTarget(None, "missing")
        if form in ("address", "field") and (_OUTSIDE.match(written) or len(written) > _MAX_CHARACTERS):
            return LinkTarget(resolve(written, self.place.permalink, schemes), "address")
        if form in ("address", "field") and addresses.is_on_disk(written):
            return LinkTarget(None, "address")
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
    ) -> LinkTarget | None:
        """The target if the candidate is there, else None."""
        kind, value = candidate.kind, candidate.value
        if kind in ("address", "absent"):
            if kind == "absent":
                self._tell(
                    _absent(written, "notice" if reference.path.startswith("/") or reference.form == "field" else "warning", line)
                )
            return LinkTarget(resolve(value, self.place.permalink, schemes), "address")
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
        source = f"/{value}" if kind == "site-file" else value
        return LinkTarget(self._file_url(kind, value, candidate.url), "file", size_bytes=size, source=source)

    def _nearest(self, paths: Sequence[str]) -> str | None:
        """Of several paths the one that shares most folders with the post, then the shortest, then the first."""
        if not paths:
            return None
        own = self.place.path.split("/")[:-1]

        def shared(path: str) -> int:
            folders = path.split("/")[:-1]
            return sum(1 for _ in _same(own, folders))

        return min(paths, key=lambda path: (-shared(path), path.count("/"), path))

    def _post(self, path: str, reference: Reference, written: str, line: int | None) -> LinkTarget | None:
        result = self._ask("post", path)
        if not isinstance(result, PostTarget):
            return None
        if not result.hidden:
            url = resolve(reference.suffix, result.url) if reference.suffix else result.url
            return LinkTarget(url or result.url, "post", post=path)
        self._tell(Finding(
            "link-hidden", written, f"the link {readable(written)!r:.100} leads to {path}, which is not published ({result.hidden})", "",
            "publish the post, or take the link out", line=line,
        ))  # fmt: skip
        return LinkTarget(None, "hidden")

    # files

    def _shared_file(self, source: str, post: str) -> LinkTarget | None:
        """A file that lies beside several posts, if the one beside which it is published is there."""
        result = self._ask("post", post)
        size = self._ask("file", source)
        if not isinstance(result, PostTarget) or not result.url or not isinstance(size, int):
            return None
        below = posixpath.relpath(source, posixpath.dirname(post) or ".")
        return LinkTarget(resolve(encode_path(below), result.url), "file", size_bytes=size, source=source)

    def _file_url(self, kind: str, source: str, public: str) -> str:
        if public:
            return resolve(public, self.place.permalink) or self.place.permalink
        if kind == "site-file":
            return self._copy(source, "/" + source)
        if (url := self.place.file_url(source)) is not None:
            return url
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

    def _missing(self, reference: Reference, written: str, line: int | None, schemes: frozenset[str]) -> LinkTarget:
        """What becomes of a reference that none of its candidates explains."""
        if reference.form == "wiki":
            self._tell(Finding(
                "link-missing", written, f"no note or file is called {readable(written)!r:.100}",
                "the name of a note or file of the vault", "correct the name, or write the note", "notice", line,
            ))  # fmt: skip
            return LinkTarget(None, "missing")
        if reference.form not in ("address", "field"):
            self._tell(Finding(
                "link-missing", written, f"{reference.form}: nothing is called {readable(written)!r:.100}",
                "the name of a post or file of the site", "correct the name", line=line,
            ))  # fmt: skip
            return LinkTarget(None, "missing")
        url = resolve(written, self.place.permalink, schemes)
        if not reference.path or reference.path.startswith("/"):
            return LinkTarget(url, "address")
        if not reference.image and reference.ending in SOURCE_ENDINGS and addresses.mistake(written, is_loaded=False) is None:
            self._tell(Finding(
                "link-missing", written, f"the link {readable(written)!r:.100} leads to a source file that is not a post of this site",
                "the path of a post, or an address", "correct the path", line=line,
            ))  # fmt: skip
            return LinkTarget(None, "missing")
        if media_type(reference.path) is not None and url is not None:
            self._tell(_absent(written, "warning", line))
        return LinkTarget(url, "address")

    def _tell(self, finding: Finding) -> None:
        self.findings.setdefault((finding.code, finding.written), finding)


def _same(ours: Sequence[str], theirs: Sequence[str]) -> Iterator[str]:
    for mine, other in zip(ours, theirs, strict=False):
        if mine != other:
            return
        yield mine


def _digest_name(source: str) -> str:
    return f"{digest(source)[:8]}-{posixpath.basename(source)}"


def _absent(written: str, severity: str, line: int | None) -> Finding:
    return Finding(
        "file-missing", written, f"there is no file {readable(written)!r:.100}", "a file beside the post, or an address",
        "correct the path, or put the file there", severity, line,
    )  # fmt: skip
