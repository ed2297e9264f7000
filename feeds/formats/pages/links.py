"""Links as pages write them: absolute URLs come in, references relative to the page go out where the target is ours.

So pages work from a folder on disk, from a preview and below any host. What is not ours stays absolute. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable

from feeds.lazy_patterns import lazy_pattern

#: A tag of sanitised HTML, quoted values and all; a "<" that is text is always escaped there.
_TAG = lazy_pattern(r"""<(/?)([A-Za-z][A-Za-z0-9]{0,60})((?:[^"'<>]|"[^"]*+"|'[^']*+')*+)>""")
#: One attribute with its quoted value: matched one after the other, so that a value is never taken for attributes.
_ATTRIBUTE = lazy_pattern(r"""(?<![^\s=>"'/])([^\s=>"'/]+)(\s{0,9}=\s{0,9})(?:"([^"]*)"|'([^']*)')""")
_URLS = frozenset({"href", "src", "poster"})
#: One URL of a srcset, with what stands before it.
_CANDIDATE = lazy_pattern(r"(\A|,)(\s*)([^\s,]\S*?)(?=,?(?:\s|\Z))")


def relative(url: str, page: str) -> str:
    """The reference from one page to a URL on the same host, both absolute: `../../category/tech/`.

    Resolving it against `page` gives `url` again (RFC 3986 section 5.2).
    """
    return Links(page, ()).to(url)


def _split(url: str) -> tuple[str, str]:
    """Scheme and host, and the path with all that follows, which begins with "/"."""
    end = url.find("/", url.find("://") + 3)
    return (url, "") if end < 0 else (url[:end], url[end:])


def _folders(path: str) -> list[str]:
    """The folders of a path, without its query and fragment."""
    for mark in "?#":
        path = path.partition(mark)[0]
    return path.split("/")[:-1]


class Links:
    """The links of one page.

    `own` are the prefixes of absolute URLs below which pages and their pictures are ours, `exact` further pages of ours.
    """

    def __init__(self, page: str, own: Iterable[str], exact: Collection[str] = ()) -> None:
        self._own, self._exact = tuple(own), exact
        self._origin, path = _split(page)
        self._from = _folders(path)
        # Programs differ on how they resolve references over empty names ("//").
        self._plain = "//" not in path

    def to(self, url: str) -> str:
        """The reference to a page that is ours."""
        origin, path = _split(url)
        if origin != self._origin or not self._plain or not path or "//" in path:
            return url
        folders, here = _folders(path), self._from
        common = 0
        while common < min(len(folders), len(here)) and folders[common] == here[common]:
            common += 1
        rest = path[len("/".join(folders[:common])) + 1 :] if common else path
        reference = "../" * (len(here) - common) + rest
        # "" is the page itself with its query, and a colon in the first name would make a scheme of it.
        if not reference or reference[0] in "?#/" or ":" in reference.partition("/")[0].partition("?")[0].partition("#")[0]:
            reference = "./" + reference
        return reference

    def __call__(self, url: str) -> str:
        """The URL relative to the page where it is ours, else as it is."""
        return self.to(url) if url.startswith(self._own) or url in self._exact else url

    def content(self, html: str, extra: Callable[[str, str, str], str] | None = None) -> str:
        """Sanitised HTML with every link and picture of ours relative.

        `extra` gets each tag's slash ("" or "/"), name and attributes, and returns the whole tag.
        """
        if extra is None and not any(prefix in html for prefix in (*self._own, *self._exact)):
            return html

        def tag(match: re.Match[str]) -> str:
            slash, name, attributes = match.groups()
            if "://" in attributes:
                attributes = _ATTRIBUTE.sub(self._attribute, attributes)
            return extra(slash, name, attributes) if extra is not None else f"<{slash}{name}{attributes}>"

        return _TAG.sub(tag, html)

    def _attribute(self, match: re.Match[str]) -> str:
        """One attribute. Its "&" are escaped and our prefixes hold none, so the value is compared as it is."""
        name = match[1].lower()
        value, quote = (match[3], '"') if match[3] is not None else (match[4], "'")
        if name in _URLS:
            value = self(value)
        elif name == "srcset":
            value = _CANDIDATE.sub(lambda candidate: f"{candidate[1]}{candidate[2]}{self(candidate[3])}", value)
        else:
            return match[0]
        return f"{match[1]}={quote}{value}{quote}"


class RootLinks(Links):
    """The links of a page that is shown at more than one address: they begin at the host's root."""

    def to(self, url: str) -> str:
        """The reference to a page that is ours."""
        origin, path = _split(url)
        return path if origin == self._origin and path and not path.startswith("//") else url
