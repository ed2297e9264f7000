"""The ids of an earlier feed: in come its address or file and our posts, out go pairs, so that moving re-flags nothing.

Reads RSS, Atom and JSON Feed as other generators write them, within bounds, with no entity, no DTD and no further
request. Must not write: the ledger does, when it is told to.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qsl, unquote, urlencode, urljoin, urlsplit

from feeds import dates
from feeds.errors import FeedsError
from feeds.lazy_patterns import lazy_pattern
from feeds.ledger.contents import Adoption
from feeds.model import clean_text
from feeds.text import unescape

if TYPE_CHECKING:
    from lxml.etree import _Element

MAX_BYTES = 20_000_000
TIMEOUT_SECONDS = 20.0
#: For the whole of an answer, however slowly it comes.
PATIENCE_SECONDS = 120.0
#: A longer id or address is none, and of a longer title, or of what has more pieces of text, the beginning is enough.
_MOST_CHARACTERS = 8_000
_MOST_PIECES = 1_000

_ENTRY_NAMES = ("item", "entry")
_PARTS = frozenset("id guid link title published pubDate issued date updated modified".split())
#: What a generator may set a title in; any other text between angle brackets is the title's own, as in `Vec<T>`.
_TAGS = lazy_pattern(
    r"</?(?:a|abbr|b|big|br|cite|code|del|em|font|i|img|ins|kbd|mark|q|s|small|span|strong|sub|sup|u|wbr)(?:\s[^<>]*|/)?>",
    re.IGNORECASE,
)
_NO_WORD = lazy_pattern(r"[\W_]+")
_INDEX = lazy_pattern(r"/(?:index\.\w+)?\Z")
_CAMPAIGN = lazy_pattern(r"utm_\w+|fbclid|gclid|from|source", re.IGNORECASE)


class Told(NamedTuple):
    """An entry of the earlier feed: the id its readers know it by, and what tells which post it is."""

    id: str
    link: str
    title: str
    published: datetime | None
    updated: datetime | None


class Mine(NamedTuple):
    """A post of ours: its path, where its page is, its title, its date."""

    path: str
    permalink: str
    title: str
    published: datetime | None


class Adopted(NamedTuple):
    """What was matched, and what was not: entries that are no post of ours.

    `adoptions` and `rules` ("link", "path of the link", "title and date", "title") are by the post's path.
    """

    adoptions: Mapping[str, Adoption]
    rules: Mapping[str, str]
    unmatched_entries: tuple[Told, ...]


def adopt(source: str, posts: Iterable[Mine], more: Iterable[str] = ()) -> Adopted:
    """Match the feed at `source`, a URL or a file, and `more` feeds of the same site with our posts.

    Raises FeedsError where one cannot be read.
    """
    entries = [entry for each in (source, *more) for entry in read(*load(each))]
    return match(entries, tuple(posts))


# loading


def load(source: str) -> tuple[bytes, str]:
    """The feed's bytes and the address that its relative links are below ("" for a file)."""
    scheme = urlsplit(source).scheme.lower() if "://" in source else ""
    if scheme in ("http", "https"):
        return _fetch(source)
    if scheme:
        raise FeedsError(f"a feed is not read by {scheme}", where=source, expected="an http(s) URL or a file")
    try:
        with Path(source).open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise FeedsError(f"the feed cannot be read: {error.strerror}", where=source) from error
    return _bounded(raw, source), ""


def _bounded(raw: bytes, source: str) -> bytes:
    if len(raw) > MAX_BYTES:
        raise FeedsError(f"the feed is larger than {MAX_BYTES} bytes", where=source, fix="save a part of it as a file")
    return raw


def _fetch(url: str) -> tuple[bytes, str]:
    from http.client import HTTPException
    from urllib import request

    # Only these: a redirect must not lead to a file or to another protocol.
    opener = request.OpenerDirector()
    for each in (
        request.ProxyHandler, request.HTTPHandler, request.HTTPSHandler, request.HTTPRedirectHandler,
        request.HTTPErrorProcessor, request.HTTPDefaultErrorHandler,
    ):  # fmt: skip
        opener.add_handler(each())
    asked = request.Request(url, headers={"User-Agent": "feeds ledger adopt", "Accept": "*/*"})  # noqa: S310  checked above
    end = time.monotonic() + PATIENCE_SECONDS
    parts: list[bytes] = []
    length = 0
    try:
        answer = opener.open(asked, timeout=TIMEOUT_SECONDS)
        if answer is None:
            raise OSError("it leads to no http(s) address")
        with answer:
            while part := answer.read1(65536):
                parts.append(part)
                length += len(part)
                if length > MAX_BYTES:
                    break
                if time.monotonic() > end:
                    raise OSError(f"it took more than {PATIENCE_SECONDS:.0f} seconds")
            address = answer.geturl()
    except (OSError, HTTPException, ValueError) as error:
        raise FeedsError(f"it cannot be fetched: {_reason(error)}", where=url, fix="save it as a file and name that") from error
    return _bounded(b"".join(parts), url), address


def _reason(error: Exception) -> str:
    """Why a fetch failed: urllib wraps the error of the system, except for answers of servers."""
    from urllib.error import HTTPError

    reason = error if isinstance(error, HTTPError) else getattr(error, "reason", error)
    return str(reason.strerror if isinstance(reason, OSError) and reason.strerror else reason)


# reading


def read(raw: bytes, address: str = "") -> tuple[Told, ...]:
    """The entries of a feed in RSS, Atom or JSON Feed. Raises FeedsError where it is none."""
    text = raw.lstrip(b"\xef\xbb\xbf \t\r\n")
    entries = _read_json(text, address) if text[:1] == b"{" else _read_xml(raw, address)
    # An id that no feed of ours could carry is not kept.
    usable = tuple(entry for entry in entries if 0 < len(entry.id) <= _MOST_CHARACTERS and entry.id == clean_text(entry.id))
    if not usable:
        raise FeedsError("there is no entry in it", where=address, expected="RSS, Atom or JSON Feed")
    return usable


def _link(address: str, link: str) -> str:
    """A link of the feed at `address`, absolute; as it is if it is not a valid URL, "" if it is too long for one."""
    if len(link) > _MOST_CHARACTERS:
        return ""
    link = clean_text(link)
    try:
        return urljoin(address, link)
    except ValueError:
        return link


def _date(text: str) -> datetime | None:
    try:
        return dates.parse(text, UTC) if text.strip() else None
    except ValueError:
        return None


def _plain(text: str) -> str:
    return " ".join(clean_text(unescape(_TAGS.sub(" ", unescape(text[:_MOST_CHARACTERS])))).split())


def _read_json(raw: bytes, address: str) -> tuple[Told, ...]:
    try:
        items = json.loads(raw)["items"]
        if not isinstance(items, list):
            raise TypeError("items is not a list")
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise FeedsError(f"this is not a JSON Feed: {error}", where=address) from error

    def said(item: dict[str, Any], *names: str) -> str:
        return next((str(item[name]).strip() for name in names if isinstance(item.get(name), str | int)), "")

    entries = []
    for item in items:
        if isinstance(item, dict):
            id, link = said(item, "id", "url"), _link(address, said(item, "url", "external_url", "id"))
            published, updated = _date(said(item, "date_published")), _date(said(item, "date_modified"))
            entries.append(Told(id, link, _plain(said(item, "title")), published, updated))
    return tuple(entries)


def _read_xml(raw: bytes, address: str) -> tuple[Told, ...]:
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=True, remove_comments=True,
        remove_pis=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(raw, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise FeedsError(f"this is not a feed: {error}", where=address, expected="RSS, Atom or JSON Feed") from error
    entries = []
    for element in root.iter() if root is not None else ():
        if isinstance(element.tag, str) and etree.QName(element).localname in _ENTRY_NAMES:
            entries.append(_entry(element, address))
    return tuple(entries)


def _entry(element: _Element, address: str) -> Told:
    """One item or entry, with the parts that RSS 2.0, RSS 1.0, Atom and Dublin Core have for one thing."""
    from lxml import etree

    parts: dict[str, str] = {}
    link = ""
    for child in element:
        if not isinstance(child.tag, str):
            continue
        name = etree.QName(child)
        if name.namespace and not re.search(r"w3\.org/2005/Atom|purl\.org/(?:rss/1|atom/ns|dc/)|netscape", name.namespace):
            continue
        if name.localname not in _PARTS:
            continue
        text = "".join(islice(child.itertext(), _MOST_PIECES)).strip()
        if name.localname == "link":
            href = (child.get("href") or text).strip()
            if href and (not link or child.get("rel", "alternate") == "alternate"):
                link = href
        elif text:
            parts.setdefault(name.localname, text)
    about = element.get("{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about", "")
    id = parts.get("id") or parts.get("guid") or about or link
    guid_is_link = id.startswith(("http://", "https://"))
    return Told(
        id=id,
        link=_link(address, link or (id if guid_is_link else "")),
        title=_plain(parts.get("title", "")),
        published=_date(parts.get("published") or parts.get("pubDate") or parts.get("issued") or parts.get("date") or ""),
        updated=_date(parts.get("updated") or parts.get("modified") or ""),
    )


# matching


#: No page has a longer address (RFC 9110 section 4.1 names 8,000); urlsplit takes minutes for a host of a million marks.
_LONGEST_LINK = 8_000


def link_key(url: str) -> str:
    """What two spellings of one page's address share: no scheme, no `www.`, no index file, no campaign, no fragment."""
    if len(url) > _LONGEST_LINK:
        return url
    try:
        parts = urlsplit(url.strip())
        host, port = (parts.hostname or "").removeprefix("www."), parts.port
    except ValueError:
        return url
    query = urlencode([pair for pair in parse_qsl(parts.query) if not _CAMPAIGN.fullmatch(pair[0])])
    path = _INDEX.sub("", unquote(parts.path)) or ""
    where = host if port in (None, 80, 443) else f"{host}:{port}"
    return f"{where}{path.removesuffix('.html')}" + (f"?{query}" if query else "")


def _path_key(url: str) -> str:
    return link_key(url).partition("/")[2]


def _title_key(title: str) -> str:
    return _NO_WORD.sub("", _plain(title).casefold())


def _dated_title(title: str, published: datetime | None) -> str:
    key = _title_key(title)
    return f"{published.date()} {key}" if key and published else ""


def match(told: Sequence[Told], posts: Sequence[Mine]) -> Adopted:
    """Pair entries with posts: by link, by the link's path on another host, by title and day, by a title of its own."""
    rules: tuple[tuple[str, Callable[[Told], str], Callable[[Mine], str]], ...] = (
        ("link", lambda candidate: link_key(candidate.link), lambda mine: link_key(mine.permalink)),
        ("path of the link", lambda candidate: _path_key(candidate.link), lambda mine: _path_key(mine.permalink)),
        (
            "title and date",
            lambda candidate: _dated_title(candidate.title, candidate.published or candidate.updated),
            lambda mine: _dated_title(mine.title, mine.published),
        ),
        ("title", lambda candidate: _title_key(candidate.title), lambda mine: _title_key(mine.title)),
    )
    entries = list({item.id: item for item in reversed(told)}.values())[::-1]
    left = sorted(posts)
    adoptions: dict[str, Adoption] = {}
    rule_of: dict[str, str] = {}
    for name, key_of, mine_of in rules:
        wanted: dict[str, list[Mine]] = {}
        for mine in left:
            if key := mine_of(mine):
                wanted.setdefault(key, []).append(mine)
        asking: dict[str, list[Told]] = {}
        for candidate in entries:
            if key := key_of(candidate):
                asking.setdefault(key, []).append(candidate)
        # Only where one entry and one post have it: what is doubtful is left to the next rule, or to the author.
        for key, candidates in asking.items():
            if len(candidates) == 1 and len(wanted.get(key, ())) == 1:
                candidate, mine = candidates[0], wanted[key][0]
                adoptions[mine.path] = Adoption(candidate.id, candidate.published, candidate.updated)
                rule_of[mine.path] = name
        matched = {adoption.id for adoption in adoptions.values()}
        entries = [entry for entry in entries if entry.id not in matched]
        left = [mine for mine in left if mine.path not in adoptions]
    return Adopted(adoptions, rule_of, tuple(entries))
