"""URLs, patterns of URLs and paths as settings name them: in comes text, out go absolute ASCII URLs and safe paths.

Kinds of one value each, and what the patterns of `paths` must hold among themselves. Must not open any address.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

from feeds.lazy_patterns import lazy_pattern
from feeds.model import clean_text
from feeds.normal_forms import nfc
from feeds.permalink_patterns import STYLES, unknown
from feeds.settings.kinds import Kind, WrongValueError, describe, nearest, string
from feeds.slugs import WINDOWS_DEVICE
from feeds.urls import MISSING_PAGE

#: A base URL that is normal as it stands (no upper case, IDNA, port, number, dot segment): spares loading the parser.
_NORMAL = lazy_pattern(r"https?://(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)*[a-z][a-z0-9]*/(?:[A-Za-z0-9_~-][A-Za-z0-9._~-]*/)*\Z")
_BASE = "https://example.org/"


def base(value: object) -> str:
    """An absolute http(s) URL of a folder: in ASCII, with "/" at its end."""
    text = string(value, BASE.allowed).strip()
    if _NORMAL.match(text) and "xn--" not in text:
        return text
    if not text:
        raise WrongValueError("it is empty", BASE.allowed)
    if not re.match(r"https?://", text, re.IGNORECASE):
        bare = re.fullmatch(r"(?:https?:/?)?/*([\w-]+(?:\.[\w-]+)+(?::\d+)?(?:/\S*)?)", text, re.IGNORECASE)
        fix = f'did you mean "https://{bare[1].rstrip("/")}/"?' if bare else ""
        raise WrongValueError(f"{describe(value)} is not an absolute http(s) URL", BASE.allowed, fix)
    url = _parsed(text, value, BASE.allowed)
    if "//" in url.partition("//")[2]:
        fix = f'did you mean "{re.sub(r"(?<!:)/{2,}", "/", url)}"?'
        raise WrongValueError(f"{describe(value)} holds two slashes side by side", BASE.allowed, fix)
    last = url.rpartition("/")[2]
    if re.fullmatch(r".+\.(?:html?|xml|json|php|rss|atom)", last, re.IGNORECASE):
        fix = f'did you mean "{url[: -len(last)]}"?'
        raise WrongValueError(f"{describe(value)} is a document, no folder", BASE.allowed, fix)
    return url if url.endswith("/") else url + "/"


BASE = Kind(base, f'the http(s) URL of a folder, e.g. "{_BASE}"')


def _parsed(text: str, value: object, allowed: str) -> str:
    """The URL without anything that a base cannot have, as browsers read it."""
    import ada_url

    if re.search(r"[\s\\<>\"{}|^`]", text) or clean_text(text) != text:
        raise WrongValueError(f"{describe(value)} holds a character that no URL has", allowed)
    try:
        url = ada_url.URL(text)
    except ValueError:
        raise WrongValueError(f"{describe(value)} is not a valid URL", allowed) from None
    if url.username or url.password:
        raise WrongValueError("the URL holds a user name or password, which would stand in every feed", allowed)
    for mark, what in (("?", "query"), ("#", "fragment")):
        if mark in text:
            raise WrongValueError(f"{describe(value)} holds a {what}", allowed, f'end it before the "{mark}"')
    url_text = str(url.href)
    if not url.hostname or not url_text.isascii():
        raise WrongValueError(f"{describe(value)} names no host", allowed)
    return url_text


def reference(value: object) -> str:
    """A URL, or a path below the base URL; checked here, resolved by `resolved` once the base is known."""
    text = string(value, URL.allowed).strip()
    if not text:
        raise WrongValueError("it is empty", URL.allowed)
    resolved(text, _BASE)
    return text


URL = Kind(reference, 'an http(s) URL, or a path below the base URL, e.g. "/icon.png"')


def resolved(text: str, base_url: str) -> str:
    """The absolute ASCII URL of a reference; "/x" is below the base URL's host, "x" below the base URL."""
    from feeds.urls import resolve

    url = resolve(text, base_url)
    if url is None:
        raise WrongValueError(f"{describe(text)} is not an http(s) URL", URL.allowed)
    if "@" in url.split("/")[2]:
        raise WrongValueError("the URL holds a user name or password, which would stand in every feed", URL.allowed)
    return url


def absolute(value: object) -> str:
    """An absolute http(s) URL."""
    text = string(value, ABSOLUTE.allowed).strip()
    if not re.match(r"https?://", text, re.IGNORECASE):
        fix = f'did you mean "https://{text}"?' if re.match(r"[\w-]+(\.[\w-]+)+(/|\Z)", text) else ""
        raise WrongValueError(f"{describe(value)} is not an absolute http(s) URL", ABSOLUTE.allowed, fix)
    return resolved(text, _BASE)


ABSOLUTE = Kind(absolute, 'absolute http(s) URLs, e.g. "https://hub.example.org/"')

SERVICE = Kind(absolute, 'an absolute http(s) URL, e.g. "https://push.example.org/"')


def host(value: object) -> str:
    """A host, or host and path prefix, of players whose frames become links."""
    text = string(value, HOST.allowed).strip().removeprefix("https://").casefold()
    if not re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+(/[!-~]*)?", text):
        raise WrongValueError(f"{describe(value)} is not a valid host", HOST.allowed)
    return text


HOST = Kind(host, 'hosts, or hosts with a path, e.g. "player.example.org/embed/"')


# --- patterns


def braces(*names: str, needed: Collection[str] = ()) -> Kind:
    """A pattern of a URL with some of `{name}`, at least one of `needed`."""
    shown = " or ".join(f"{{{name}}}" for name in names)
    allowed = f"a path or URL that holds {shown}"

    def read(value: object) -> str:
        text = string(value, allowed).strip()
        _placeholders(text, names, needed, allowed)
        resolved(re.sub(r"\{\w+\}", "x", text), _BASE)
        return text

    return Kind(read, allowed)


def _placeholders(text: str, names: Collection[str], needed: Collection[str], allowed: str) -> None:
    result = re.findall(r"\{(\w*)\}", text)
    for name in result:
        if name not in names:
            raise WrongValueError(f"{{{name}}} is not known", allowed, nearest(name, names))
    if re.search(r"[{}]", re.sub(r"\{\w*\}", "", text)):
        raise WrongValueError(f"{describe(text)} holds a brace that nothing closes or opens", allowed)
    if needed and not set(needed) & set(result):
        shown = " or ".join(f"{{{name}}}" for name in needed)
        raise WrongValueError(f"without {shown} all would have one address", allowed)


def permalink(value: object) -> str:
    """A permalink pattern as in Hexo, Jekyll and Hugo, below the home page."""
    text = string(value, PERMALINK.allowed).strip()
    if text in STYLES:
        return text
    if re.match(r"[a-z]+://", text, re.IGNORECASE):
        fix = "write the path alone here and the site's address as home_page_url"
        raise WrongValueError(f"{describe(value)} is a whole URL", PERMALINK.allowed, fix)
    if "{" in text:
        fix = "Pelican's {date:%Y}/{slug} is written :year/:slug"
        raise WrongValueError(f"{describe(value)} holds braces", PERMALINK.allowed, fix)
    if re.search(r"[?#\\\s]", text) or clean_text(text) != text or ".." in text.split("/"):
        raise WrongValueError(f"{describe(value)} holds what no path has", PERMALINK.allowed)
    if not re.search(r":[a-z_]", text):
        near = nearest(text, STYLES) if re.fullmatch(r"\w+", text) else ""
        raise WrongValueError(f"with {describe(value)} all posts would have one address", PERMALINK.allowed, near)
    return text


def permalink_names(text: str, allowed: Collection[str] | None) -> None:
    """Raise WrongValueError unless all placeholders of the pattern are allowed and one of them tells posts apart.

    `allowed` is None if any front matter key may be one; then any that is neither a date's nor a category's may tell.
    """
    if allowed is None:
        if not set(re.findall(r":([a-z_]*[a-z])", text)) - _SHARED:
            raise WrongValueError(f"with {describe(text)} all posts would have one address", PERMALINK.allowed)
        return
    for name in unknown(text, allowed):
        raise WrongValueError(f":{name} is not known", " ".join(f":{item}" for item in allowed), nearest(name, allowed))
    if text not in STYLES and not re.search("|".join(f":{name}" for name in _OWN), text):
        raise WrongValueError(f"with {describe(text)} all posts would have one address", PERMALINK.allowed)


#: Placeholders that differ from post to post.
_OWN = ("title", "name", "path", "slug", "filename", "post_title", "contentbasename", "id", "abbrlink", "hash")


#: Placeholders that many posts have alike.
_SHARED = frozenset({"year", "month", "i_month", "day", "i_day", "hour", "minute", "category", "lang", "layout"})


PERMALINK = Kind(permalink, 'a pattern, e.g. ":year/:month/:day/:title/"')


# --- paths below the output folder and the base URL


#: Of 255 bytes that file systems allow for a name, and 900 for a whole path of ours, some must be left for terms.
_PATH_BYTES = 150


def _segments(text: str, allowed: str) -> Iterator[str]:
    """The names in a path of ours, each one fit for every file system."""
    if len(text.encode("utf-8", "replace")) > _PATH_BYTES:
        raise WrongValueError(f"{describe(text)} is longer than {_PATH_BYTES} bytes", allowed, "shorten it")
    for name in text.split("/"):
        if not name:
            raise WrongValueError(f'{describe(text)} holds "//" or begins with "/"', allowed)
        if name.startswith(".") or name.endswith((".", " ")):
            raise WrongValueError(f"a name in {describe(text)} begins with a dot, or ends in a dot or a blank", allowed)
        if re.search(r'[\\:*?"<>|#%\x00-\x1f\x7f]', name) or clean_text(name) != name:
            raise WrongValueError(f"{describe(text)} holds a character that not every file system has", allowed)
        if WINDOWS_DEVICE.match(name):
            raise WrongValueError(f"{describe(name)} is the name of a Windows device", allowed)
        yield name


def folder(*names: str) -> Kind:
    """A folder below the base, with one of the placeholders in its last name; without any names, a plain folder."""
    if names:
        shown = " or ".join(f"{{{name}}}" for name in names)
        allowed = f'a folder that holds {shown}, e.g. "category/{{{names[0]}}}/"'
    else:
        allowed = 'a folder, e.g. "feeds/", or "" for the base itself'

    def read(value: object) -> str:
        text = nfc(string(value, allowed).strip())
        if text.startswith("/"):
            raise WrongValueError(f"{describe(value)} begins with a slash", allowed, f'write "{text.lstrip("/")}"')
        if not text and not names:
            return text
        if not text.endswith("/"):
            raise WrongValueError(f"{describe(value)} does not end in a slash", allowed, f'write "{text}/"')
        _placeholders(text, names, names, allowed)
        parts = list(_segments(text[:-1], allowed))
        if names and ("{" in "".join(parts[:-1]) or text.count("{") > 1):
            raise WrongValueError("one placeholder, in the last name, is what tells one term from another", allowed)
        if names and not parts[-1].startswith("{") and "{path}" in parts[-1]:
            raise WrongValueError(f"{describe(value)} does not keep {{path}} apart", allowed)
        if names and not text.partition("{")[0]:
            raise WrongValueError("a term could take the place of another folder", allowed, f'write "term/{text}"')
        return text

    return Kind(read, allowed)


def file_name(value: object) -> str:
    """Name of a document in a folder of ours."""
    text = nfc(string(value, FILE_NAME.allowed).strip())
    if "/" in text or not text:
        raise WrongValueError(f"{describe(value)} is not a file name", FILE_NAME.allowed)
    if re.search(r"[{}]", text):
        raise WrongValueError(f"{describe(value)} holds a placeholder: only folders do", FILE_NAME.allowed)
    list(_segments(text, FILE_NAME.allowed))
    if "." not in text:
        raise WrongValueError(f"{describe(value)} has no ending", FILE_NAME.allowed, "servers tell types by the ending")
    return text


FILE_NAME = Kind(file_name, 'a file name, e.g. "rss.xml"')


def glob(value: object) -> str:
    """A pattern of files below the posts folder."""
    text = string(value, GLOB.allowed).strip().removeprefix("./")
    if not text or text.startswith(("/", "~")) or ".." in text.split("/") or re.match(r"[A-Za-z]:", text):
        raise WrongValueError(f"{describe(value)} does not lie below the posts folder", GLOB.allowed)
    if "\\" in text:
        raise WrongValueError(f"{describe(value)} holds a backslash", GLOB.allowed, f'write "{text.replace(chr(92), "/")}"')
    if clean_text(text) != text or "\n" in text:
        raise WrongValueError(f"{describe(value)} holds a control character", GLOB.allowed)
    return text


GLOB = Kind(glob, 'patterns of files below the posts folder, e.g. "README.md" or "drafts/*"')


def own_path(value: object) -> str:
    """A path below the base URL, decoded, without the first slash: an address that once was a feed's."""
    from urllib.parse import unquote

    text = string(value, OWN_PATH.allowed).strip()
    if re.match(r"[a-z]+://", text, re.IGNORECASE):
        raise WrongValueError(f"{describe(value)} is a whole URL", OWN_PATH.allowed, "write the path below the base URL")
    path = nfc(unquote(text)).lstrip("/")
    if re.search("[\x00-\x1f\x7f-\x9f\u2028\u2029]", path):
        raise WrongValueError(f"{describe(path)} holds a line end or another control character", OWN_PATH.allowed)
    if not path or clean_text(path) != path or re.search(r"[?#\\]", text) or {".", ".."} & set(path.split("/")):
        raise WrongValueError(f"{describe(value)} is not a path below the base URL", OWN_PATH.allowed)
    return path


OWN_PATH = Kind(own_path, 'a path below the base URL, e.g. "old/feed.xml"')


def term_slug(value: object) -> str:
    """A slug that replaces a term's own."""
    text = nfc(string(value, SLUG.allowed).strip()).strip("/")
    if not text or "/" in text:
        raise WrongValueError(f"{describe(value)} is not a slug of one level", SLUG.allowed)
    if len(text.encode()) > 100:
        raise WrongValueError(f"{describe(value)} is longer than 100 bytes", SLUG.allowed)
    list(_segments(text, SLUG.allowed))
    return text


SLUG = Kind(term_slug, 'a slug, e.g. "web"')


def collisions(
    paths: Mapping[str, str], patterns: Mapping[str, str], files: Mapping[str, str]
) -> Iterator[tuple[tuple[str, ...], str]]:
    """What cannot stand side by side: (names in `paths`, what is wrong).

    `paths` are the folders of the site's feed and, if there are pages, of the archive; `patterns` are folders with
    placeholders, `files` names of documents.
    """
    seen: dict[str, str] = {}
    for name, text in files.items():
        other = seen.setdefault(text.casefold(), name)
        if other != name:
            what = f'"{text}" is the name of both paths.{other} and paths.{name}'
            yield (name, other), what
        elif text.casefold() == MISSING_PAGE:
            what = f'"{text}" is the name of the page for addresses at which there is nothing'
            yield (name,), what
    for name, text in files.items():
        for other, further in files.items():
            if _is_further(text, further, is_page=other == "html"):
                what = f'"{text}" would be the name of a further document beside "{further}"'
                yield (name, other), what
    fixed = {name: pattern.partition("{")[0].casefold() for name, pattern in patterns.items()}
    for place, name in enumerate(fixed):
        for other in list(fixed)[:place]:
            if fixed[name].startswith(fixed[other]) or fixed[other].startswith(fixed[name]):
                both = patterns[other], patterns[name]
                what = f'paths.{other}, "{both[0]}", and paths.{name}, "{both[1]}", could take each other\'s place'
                yield (name, other), what
        if fixed[name].rstrip("/") in seen:
            what = f'the folder "{patterns[name]}" has the name of a document'
            yield (name,), what
        site = paths["site"].casefold()
        if site.startswith(fixed[name]) and site != fixed[name]:
            what = f'"{paths["site"]}" could be the folder of a term in "{patterns[name]}"'
            yield ("site",), what
    if paths.get("archive", "").casefold() == paths["site"].casefold() != "":
        what = f'"{paths["site"]}" is the folder of both the archive and the site\'s feed'
        yield ("archive", "site"), what


def _is_further(text: str, name: str, *, is_page: bool) -> bool:
    """Whether a file name is one that further documents beside the one called `name` get: archives of feeds, lists of posts."""
    stem, dot, ending = map(re.escape, name.casefold().rpartition("."))
    further = f"(?:{stem}|posts)-[0-9]+|posts" if is_page else f"{stem}-archive-[0-9]+"
    return re.fullmatch(f"(?:{further}){dot}{ending}", text.casefold()) is not None
