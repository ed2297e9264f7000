"""What a reference in a post of Hugo may mean: `ref` and `relref`, source files, a bundle's files, the site's root."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import NamedTuple

from feeds.content import links
from feeds.dialects.base import SiteFacts

_ENDINGS = (".md", ".html", ".markdown")
#: The folders whose files are published as they are, with the path of each below the home page.
STATICS = {"static": ""}


class ReferringPost(NamedTuple):
    """Where the post that refers is: its path in the content folder without its language, and that language's code and folder.

    `first` is the language beside whose page a file is published that several translations of a bundle share, "" if the
    site has one language.
    """

    path: str
    language: str
    folder: str
    first: str = ""


def candidates(reference: links.Reference, source: ReferringPost, site: SiteFacts) -> Iterator[links.Candidate]:
    """The meanings of a reference, likeliest first."""
    if reference.form in ("ref", "relref"):
        yield from _referred(reference, source, site)
        return
    if reference.form == "address" and reference.path.startswith("/") and site.options.get("root_relative"):
        # canonifyURLs and relativeURLs: what begins with "/" is below the base URL.
        home_path = "/" + site.home.partition("://")[2].partition("/")[2]
        written = reference.written
        if site.options["root_relative"] == "canonify" and home_path != "/" and written.startswith(home_path):
            yield links.address(written)
        yield links.address(site.home + written.lstrip("/"))
        return
    if reference.form == "address" and not reference.path.startswith("/") and reference.ending in _ENDINGS:
        for rel in _variants(posixpath.normpath(posixpath.join(posixpath.dirname(source.path), reference.path)), source.language):
            yield from _post(rel, source, site)
    if source.first not in ("", source.language):
        yield from _shared(reference, source)
    if _is_file_of_section(reference, source, site):
        yield links.file_at(reference.beside(), reference.written)
    elif _leads_out_of_page(reference, source):
        yield links.file_at(reference.beside(posixpath.join(posixpath.basename(source.path), reference.path)), reference.written)
    yield from links.usual(
        reference, root=site.root, home=site.home, endings=_ENDINGS, statics=STATICS, sure=True
    )  # fmt: skip


def _is_file_of_section(reference: links.Reference, source: ReferringPost, site: SiteFacts) -> bool:
    """Whether it is a path from an ugly address (`/notes/tea.html`): the section's files are beside that, too."""
    ugly = site.options.get("ugly_urls") or source.path.partition("/")[0] in site.options.get("ugly_sections", ())
    is_bundle = posixpath.basename(source.path).startswith("index.")
    return bool(ugly) and not is_bundle and not reference.path.startswith(("/", "../")) and reference.ending not in _ENDINGS


def _leads_out_of_page(reference: links.Reference, source: ReferringPost) -> bool:
    """Whether it is a path from a page's address to a file of its section: `../img/a.png` on `/notes/tea/`."""
    is_bundle = posixpath.basename(source.path).startswith(("index.", "_index."))
    return reference.form == "address" and not is_bundle and reference.path.startswith("../") and reference.ending not in _ENDINGS


def _shared(reference: links.Reference, source: ReferringPost) -> Iterator[links.Candidate]:
    """A file of a bundle with translations: Hugo publishes it once, beside the first language's page."""
    name = posixpath.basename(reference.post)
    path = reference.path
    if not name.startswith("index.") or not path or path.startswith("/") or reference.ending in _ENDINGS:
        return
    for ending in _ENDINGS:
        for variant in (f"index.{source.first}{ending}", f"index{ending}"):
            if variant != name:
                yield links.file_of(reference.beside(), posixpath.join(reference.folder, variant))


def _referred(reference: links.Reference, source: ReferringPost, site: SiteFacts) -> Iterator[links.Candidate]:
    """`ref` and `relref`: a path from the content folder, one from the page's own folder, or a page's name anywhere."""
    path = reference.path
    if not path:
        yield links.address(reference.suffix)
        return
    folder = posixpath.dirname(source.path)
    bases = [""] if path.startswith("/") else [folder, posixpath.dirname(folder), ""]
    for base in dict.fromkeys(bases):
        for rel in _variants(posixpath.normpath(posixpath.join(base, path.lstrip("/"))), source.language):
            yield from _post(rel, source, site)
    stem, ending = posixpath.splitext(path.strip("/"))
    name = stem if ending in _ENDINGS else path.strip("/")
    for variant in (f"{name}.{source.language}", name, f"{name}/index.{source.language}", f"{name}/index", f"{name}/_index"):
        yield links.post_named(variant)


def _variants(rel: str, language: str) -> Iterator[str]:
    """The content files that a path may mean, with and without the language in their names."""
    stem, ending = posixpath.splitext(rel)
    if ending in _ENDINGS:
        yield f"{stem}.{language}{ending}"
        yield rel
        return
    for ending in _ENDINGS:
        for name in (rel, f"{rel}/index", f"{rel}/_index"):
            yield f"{name}.{language}{ending}"
            yield name + ending


def _post(rel: str, source: ReferringPost, site: SiteFacts) -> Iterator[links.Candidate]:
    """The post at a path in the content folder, if the posts folder holds it."""
    path = f"{source.folder}/{rel}" if source.folder else rel
    inner = site.root.partition("/")[2]
    if inner:
        if not path.startswith(inner + "/"):
            return
        path = path[len(inner) + 1 :]
    if not path.startswith(("../", "/")):
        yield links.post_at(path)
