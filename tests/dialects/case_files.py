"""Recorded sites of each generator: in come a case folder and what `feeds init` + `feeds build` publish from its copy; out go differences.

A case folder is ``<generator>/<case>/`` with ``site/`` (the input) and ``expected.json`` (what the generator itself published; written by the
recorders in ``record/``). Differences name the case, the post, the field, and both values. Must not read anything of the package itself: it looks
only at what a subscriber would get, and at the ledger's export for the file of each entry.
"""

from __future__ import annotations

import difflib
import html
import json
import os
import re
import shutil
import subprocess
import tempfile
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urljoin, urlsplit
from xml.etree import ElementTree

import lxml.html
from commands import run_feeds

#: What is compared of each post; "missing" and "extra" are about the site.
POST_FIELDS = ("url", "title", "published", "updated", "categories", "tags", "text", "code", "structure", "images", "links")
SITE_FIELDS = ("missing", "extra")
FIELDS = (*SITE_FIELDS, *POST_FIELDS)

#: The instant at which cases are built unless their expected.json has `as_of`: tests must not depend on the clock.
AS_OF = "2026-12-31T00:00:00Z"

ATOM = "{http://www.w3.org/2005/Atom}"


class CaseError(Exception):
    """A case could not be built or is not well-formed; the text says what the commands printed."""


@dataclass(frozen=True)
class Difference:
    """One field of one post in which ours is not the generator's."""

    case: str
    post: str
    field: str
    ours: Any
    theirs: Any

    def __str__(self) -> str:
        return f"{self.case}: {self.post}: {self.field}\n    ours:   {_shown(self.ours)}\n    theirs: {_shown(self.theirs)}"


@dataclass
class Result:
    """The comparison of one case: what differs, and how many values were compared per field."""

    case: str
    generator: str
    compared: Counter[str] = field(default_factory=Counter)
    differences: list[Difference] = field(default_factory=list)
    #: Posts and fields whose deviation is on purpose, with the reason.
    deviations: list[tuple[str, str, str]] = field(default_factory=list)
    printed: str = ""

    def of(self, name: str) -> list[Difference]:
        """The differences in one field."""
        return [difference for difference in self.differences if difference.field == name]


def case_folders(root: Path) -> list[Path]:
    """Every folder below root that holds a case, in order of its path."""
    return sorted(path.parent for path in root.glob("*/*/expected.json"))


def case_name(folder: Path) -> str:
    """`hexo/slugs`."""
    return f"{folder.parent.name}/{folder.name}"


# --- building


def build(site: Path, expected: Mapping[str, Any], *, pages: bool = True) -> tuple[list[dict[str, Any]], str]:
    """`feeds init` and `feeds build` in the folder as a user would run them; returns the entries of all its feeds, and what was printed.

    expected.json may hold `build_flags` (e.g. `["--base-url", …]` for a folder whose generator has no address in its settings),
    `dialect` (options that an author would add by hand) and `as_of`.
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith("FEEDS_")}
    environment |= {"TZ": expected.get("timezone") or "UTC", "PYTHONWARNINGS": "ignore", "FEEDS_MAX_DOCUMENT_BYTES": "15 MB"}
    if not pages:
        environment["FEEDS_PAGES"] = "false"
    printed = []

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        done = run_feeds(*words, cwd=site, environ=environment)
        printed.append(f"$ feeds {' '.join(words)}  (exit code {done.returncode})\n{done.stdout}{done.stderr}")
        return done

    run("init")
    if expected.get("dialect"):
        _add_options(site / "feeds.toml", expected["dialect"])
    flags = [*expected.get("build_flags", ()), "--as-of", expected.get("as_of") or AS_OF]
    built = run("build", *flags, "--limit", "3000", "--content", "full", "--formats", "atom,json", "--workers", "1")
    message = "\n".join(printed)
    if built.returncode not in (0, 1):
        raise CaseError(message)
    settings = tomllib.loads((site / "feeds.toml").read_text("utf-8"))
    output = site / settings.get("output", "public")
    entries = _entries(output, settings)
    paths = {}
    for line in run("ledger", "export").stdout.splitlines():
        if line.startswith("{") and "path" in (row := json.loads(line)) and "id" in row:
            paths[row["id"]] = row["path"]
    for entry in entries:
        entry["path"] = paths.get(entry["id"], "")
    return entries, message


def _add_options(path: Path, options: Mapping[str, str]) -> None:
    """Write options into the table [dialect] of a feeds.toml."""
    lines = "".join(f"{name} = {json.dumps(value)}\n" for name, value in options.items())
    head, table, rest = path.read_text("utf-8").partition("[dialect]\n")
    path.write_text(f"{head}{table}{lines}{rest}" if table else f"{head}\n[dialect]\n{lines}", "utf-8")


def _entries(output: Path, settings: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The entries of all JSON feeds, each once, with `category_paths` and `tag_labels` from the Atom feeds, which tell the two apart."""
    entries: dict[str, dict[str, Any]] = {}
    for path in sorted(output.rglob("*.json")):
        document = json.loads(path.read_text("utf-8"))
        if isinstance(document, dict) and str(document.get("version", "")).startswith("https://jsonfeed.org/"):
            for item in document["items"]:
                entries.setdefault(item["id"], {**item, "category_paths": set(), "tag_labels": set()})
    table = settings.get("paths", {})
    prefixes = {name: str(table.get(name, f"{name}/{{path}}/")).split("{")[0] for name in ("category", "tag")}
    labels: dict[tuple[str, str], str] = {}
    terms: list[tuple[str, str, str]] = []
    for path in sorted(output.rglob("*.xml")):
        root = ElementTree.parse(path).getroot()
        for entry in root.iter(f"{ATOM}entry"):
            for category in entry.findall(f"{ATOM}category"):
                scheme, term = category.get("scheme", ""), category.get("term", "")
                labels[scheme, term] = category.get("label") or term
                terms.append((entry.findtext(f"{ATOM}id") or "", scheme, term))
    for entry_id, scheme, term in terms:
        if entry_id not in entries:
            continue
        if scheme.endswith("/" + prefixes["tag"]):
            entries[entry_id]["tag_labels"].add(labels[scheme, term])
        elif scheme.endswith("/" + prefixes["category"]):
            parts = term.split("/")
            steps = ["/".join(parts[: count + 1]) for count in range(len(parts))]
            entries[entry_id]["category_paths"].add(tuple(labels.get((scheme, step), step) for step in steps))
    return list(entries.values())


# --- comparing


@cache
def result_of(folder: Path) -> Result:
    """Build a copy of the case's site and compare; remembered, since one test per field asks for it."""
    expected = json.loads((folder / "expected.json").read_text("utf-8"))
    with tempfile.TemporaryDirectory(prefix="feeds-case-") as temporary:
        site = Path(temporary, "site")
        shutil.copytree(folder / "site", site, symlinks=True)
        # No field of a page is compared, and each post has an address of its generator's.
        entries, printed = build(site, expected, pages=False)
    return compare(case_name(folder), expected, entries, printed)


def compare(case: str, expected: Mapping[str, Any], entries: Sequence[dict[str, Any]], printed: str = "") -> Result:
    """Pair each expected post with our entry of the same file, and compare field by field."""
    result = Result(case, str(expected.get("generator", case.split("/", 1)[0])), printed=printed)
    pairs, extra = _pairs(expected["posts"], entries)
    hidden = set(expected.get("not_posts", ()))
    result.compared["missing"] += len(expected["posts"])
    result.compared["extra"] += max(1, len(hidden))
    for entry in extra:
        source = entry["path"] or entry["url"]
        known = next((name for name in sorted(hidden) if name == source or name.endswith("/" + source)), None)
        message = "not a post: the generator does not publish it" if known else "no such post in the generator's output"
        result.differences.append(Difference(case, known or source, "extra", entry.get("url"), message))
    for post, entry in pairs:
        if entry is None:
            _judge(result, post, "missing", None, post["url"])
            continue
        for name in POST_FIELDS:
            ours, theirs = _COMPARISONS[name](entry, post)
            if theirs is not None:
                _judge(result, post, name, ours, theirs)
    return result


def _judge(result: Result, post: Mapping[str, Any], name: str, ours: Any, theirs: Any) -> None:
    result.compared[name] += name != "missing"
    if ours == theirs:
        return
    reason = post.get("deviations", {}).get(name)
    if reason:
        result.deviations.append((post["source"], name, reason))
        return
    result.differences.append(Difference(result.case, post["source"], name, *_narrowed(ours, theirs)))


def _pairs(
    posts: Sequence[Mapping[str, Any]], entries: Sequence[dict[str, Any]]
) -> tuple[list[tuple[Mapping[str, Any], dict[str, Any] | None]], list[dict[str, Any]]]:
    """Each post with our entry of the same source file, the longest path that fits first; and the entries left over."""
    left = {entry["id"]: entry for entry in sorted(entries, key=lambda entry: -len(entry["path"]))}
    found: dict[str, dict[str, Any]] = {}
    for exact in (True, False):
        for entry in list(left.values()):
            path = unicodedata.normalize("NFC", entry["path"])
            for post in sorted(posts, key=lambda post: len(post["source"])):
                source = unicodedata.normalize("NFC", post["source"])
                if source in found:
                    continue
                if path and (source == path or (not exact and source.endswith("/" + path))):
                    found[source] = left.pop(entry["id"])
                    break
    return [(post, found.get(unicodedata.normalize("NFC", post["source"]))) for post in posts], list(left.values())


def _url(entry: dict[str, Any], post: Mapping[str, Any]) -> tuple[Any, Any]:
    """Equal but for the percent-encoding of characters that no URL may hold, which generators leave as typed."""
    return _encoded(entry.get("url") or "", nfc=False), _encoded(post["url"], nfc=False)


def _title(entry: dict[str, Any], post: Mapping[str, Any]) -> tuple[Any, Any]:
    """Titles are plain text in ours; the generator's may hold entities or tags, which a browser would show as text or marks."""
    theirs = post.get("title")
    if theirs is None:
        return None, None
    return _plain_title(entry.get("title") or ""), _plain_title(theirs)


def _plain_title(title: str) -> str:
    return _folded(html.unescape(re.sub(r"<[a-zA-Z/][^>]*>", "", title)))


def _published(entry: dict[str, Any], post: Mapping[str, Any]) -> tuple[Any, Any]:
    return _utc(entry.get("date_published")), _utc(post.get("published"))


def _updated(entry: dict[str, Any], post: Mapping[str, Any]) -> tuple[Any, Any]:
    """Ours is never before the publishing instant (RFC 4287 section 4.2.15: an update is of something that was there)."""
    theirs = _utc(post.get("updated"))
    return _utc(entry.get("date_modified")), theirs and max(theirs, _utc(post.get("published")) or "")


def _utc(value: str | None) -> str | None:
    return datetime.fromisoformat(value).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if value else None


def _categories(entry: dict[str, Any], post: Mapping[str, Any]) -> tuple[Any, Any]:
    """Category paths with all their parents: a post in [A, B] is in A, too. One term may have several spellings in a site."""
    theirs = {tuple(map(_term, path[: count + 1])) for path in post.get("categories") or () for count in range(len(path))}
    ours = {tuple(map(_term, path)) for path in entry["category_paths"]}
    return sorted(map(list, ours)), sorted(map(list, theirs))


def _tags(entry: dict[str, Any], post: Mapping[str, Any]) -> tuple[Any, Any]:
    return sorted(set(map(_term, entry["tag_labels"]))), sorted({_term(str(tag)) for tag in post.get("tags") or ()})


def _term(name: str) -> str:
    return _folded(name).casefold()


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


# --- comparing content

_BLOCKS = frozenset(
    "address article aside blockquote br caption center dd details div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr "
    "img li main nav ol p pre section summary table tbody td tfoot th thead tr ul video audio".split()
)
#: What a sanitiser drops with its text, and what scripts or readers would replace.
_DROPPED = (
    "script",
    "style",
    "noscript",
    "template",
    "svg",
    "textarea",
    "select",
    "title",
    "object",
    "canvas",
    "video",
    "audio",
    "annotation-xml",
)
_STRUCTURE = frozenset(
    "h1 h2 h3 h4 h5 h6 strong em b i del s strike ins mark code kbd sub sup li dt dd td th blockquote hr img".split()
)
_SAME = {"b": "strong", "i": "em", "s": "del", "strike": "del"}
_GUTTER = re.compile(r"(?:^|\s)(?:gutter|lineno|linenos|linenodiv|lnt|ln|lineno-\w+|rouge-gutter|line-numbers-rows)(?:\s|$)")
#: Marks beside headings that lead to themselves.
_ANCHOR = re.compile(r"(?:^|\s)(?:header-anchor|headerlink|heading-anchor|anchor-link)(?:\s|$)")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
_MARKS = str.maketrans({"☐": " ", "☑": " ", "☒": " ", "\ufe0e": "", "\ufe0f": "", "↩": " ", "\u200b": "", "¶": " "})


def _tree(text: str) -> Any:
    """The content as a tree, without what is dropped, line numbers, and all of a formula but its TeX."""
    root = lxml.html.fragment_fromstring(_CONTROL.sub("", text or ""), create_parent="div")
    lxml.etree.strip_elements(root, lxml.etree.Comment, with_tail=False)
    for element in list(root.iter(*_DROPPED)):
        element.drop_tree()
    for element in list(root.iter()):
        if element.getparent() is None or not isinstance(element.tag, str):
            continue
        classes = element.get("class") or ""
        if _GUTTER.search(classes) or _ANCHOR.search(classes) or "katex-html" in classes:
            element.drop_tree()
    for element in root.iter("tt"):
        element.tag = "code"
    for caption in [caption for block in root.iter("pre") for caption in block.iter("figcaption")]:
        block = next(parent for parent in caption.iterancestors("pre"))
        block.text, caption.tail = (block.text or "") + (caption.tail or ""), None
        block.addprevious(caption)
    for formula in list(root.iter("math")):
        annotation = next((part for part in formula.iter("annotation")), None)
        words = "".join((formula if annotation is None else annotation).itertext())
        for child in list(formula):
            formula.remove(child)
        formula.text = words
    return root


@dataclass
class _Content:
    """What is compared of one content; links and images are absolute."""

    text: str
    code: list[str]
    structure: list[str]
    images: list[str]
    links: list[str]
    embeds: int


def _read(text: str, base: str, known_links: frozenset[str] | None = None, embeds: int = 0) -> _Content:
    """Read a content's facts. Ours may hold a link where the generator's has a frame or a script: with `known_links`, up to `embeds` others go."""
    root = _tree(text)
    frames = list(root.iter("iframe", "embed", "object"))
    count = len(frames) + len(re.findall(r"<(?:script|object|video|audio|embed)\b", text or "", re.IGNORECASE))
    for frame in frames:
        frame.drop_tree()
    links, images = [], []
    for anchor in list(root.iter("a")):
        target = _address(base, anchor.get("href"))
        if target is None:
            continue
        if target.split("#")[0] == _encoded(base).split("#")[0]:
            continue
        if known_links is not None and embeds and target not in known_links:
            embeds -= 1
            anchor.drop_tree()
            continue
        links.append(target)
    for image in root.iter("img"):
        target = _address(base, image.get("src"))
        if target is not None:
            images.append(target)
    code = [
        "\n".join(line.rstrip() for line in _code_of(block).strip("\n").split("\n")).rstrip()
        for block in root.iter("pre")
        if block.find(".//pre") is None
    ]
    structure = [_SAME.get(element.tag, element.tag) for element in root.iter(*_STRUCTURE) if not _within_code(element)]
    return _Content(_words(root), code, structure, images, links, count)


def _within_code(element: Any) -> bool:
    """Whether the element is a part of a code block, or of the table that lays one out."""
    if any(parent.tag == "pre" for parent in element.iterancestors()):
        return True
    return element.tag in ("td", "th") and any(True for _ in element.iter("pre")) and "code" in (element.get("class") or "code")


def _code_of(block: Any) -> str:
    """The text of a code block, a line break where the generator writes <br>."""
    copy = lxml.html.fromstring(lxml.html.tostring(block, encoding="unicode", with_tail=False))
    for line_break in list(copy.iter("br")):
        line_break.tail = "\n" + (line_break.tail or "")
    return "".join(copy.itertext())


def _words(root: Any) -> str:
    parts: list[str] = []

    def walk(element: Any) -> None:
        parent = element.getparent()
        # What stands side by side in a caption is kept apart by the theme's style alone.
        block = element.tag in _BLOCKS or (parent is not None and parent.tag in ("figcaption", "footer"))
        parts.append(" " if block else "")
        text = element.text or ""
        if element.tag == "a" and element.getparent() is not None and element.getparent().tag == "sup":
            text = re.sub(r"^\[(\d{1,3}(?::\d+)?)\]$", r"\1", text)
        parts.append(text)
        for child in element:
            if isinstance(child.tag, str):
                walk(child)
            parts.append(child.tail or "")
        parts.append(" " if block else "")

    walk(root)
    return _folded("".join(parts).translate(_MARKS).replace("\xa0", " "))


def _address(base: str, value: str | None) -> str | None:
    """An absolute http(s) address, its spelling made one; None for anything else."""
    if value is None or not value.strip():
        return None
    try:
        target = urljoin(base, value.strip())
        if urlsplit(target).scheme not in ("http", "https"):
            return None
    except ValueError:
        return None
    return _encoded(target)


def _encoded(url: str, *, nfc: bool = True) -> str:
    """One spelling of an address: ASCII host, every character that RFC 3986 does not allow in a path percent-encoded in upper case."""
    parts = urlsplit(unicodedata.normalize("NFC", url) if nfc else url)
    host = parts.netloc
    if not host.isascii():
        host = host.encode("idna").decode()
    rest = quote(parts.path, safe="%/:@!$&'()*+,;=~-._")
    if parts.query:
        rest += "?" + quote(parts.query, safe="%/?:@!$&'()*+,;=~-._")
    if parts.fragment:
        rest += "#" + quote(parts.fragment, safe="%/?:@!$&'()*+,;=~-._")
    return f"{parts.scheme}://{host}" + re.sub(r"%[0-9a-fA-F]{2}", lambda code: code[0].upper(), rest)


def _contents(entry: dict[str, Any], post: Mapping[str, Any]) -> tuple[_Content, _Content] | None:
    if post.get("html") is None:
        return None
    theirs = _read(post["html"], post["url"])
    known = frozenset(theirs.links) | frozenset(_listed(post, "links") or ())
    return _read(entry.get("content_html") or "", entry["url"], known, theirs.embeds), theirs


def _listed(post: Mapping[str, Any], name: str) -> list[str] | None:
    """The generator's images or links as recorded, without the page itself and other schemes."""
    if post.get(name) is None:
        return None
    own = _encoded(post["url"]).split("#")[0]
    found = [_address(post["url"], value) for value in post[name]]
    return [target for target in found if target and (name == "images" or target.split("#")[0] != own)]


def _text(entry: dict[str, Any], post: Mapping[str, Any]) -> tuple[Any, Any]:
    both = _contents(entry, post)
    return (both[0].text, both[1].text) if both else (None, None)


def _code(entry: dict[str, Any], post: Mapping[str, Any]) -> tuple[Any, Any]:
    both = _contents(entry, post)
    return (both[0].code, both[1].code) if both else (None, None)


def _structure(entry: dict[str, Any], post: Mapping[str, Any]) -> tuple[Any, Any]:
    both = _contents(entry, post)
    return (both[0].structure, both[1].structure) if both else (None, None)


def _images(entry: dict[str, Any], post: Mapping[str, Any]) -> tuple[Any, Any]:
    both = _contents(entry, post)
    theirs = _listed(post, "images")
    if theirs is None or both is None:
        return None, None
    return sorted(both[0].images), sorted(theirs)


def _links(entry: dict[str, Any], post: Mapping[str, Any]) -> tuple[Any, Any]:
    both = _contents(entry, post)
    theirs = _listed(post, "links")
    if theirs is None or both is None:
        return None, None
    return sorted(both[0].links), sorted(theirs)


_COMPARISONS: Mapping[str, Callable[[dict[str, Any], Mapping[str, Any]], tuple[Any, Any]]] = {
    "url": _url,
    "title": _title,
    "published": _published,
    "updated": _updated,
    "categories": _categories,
    "tags": _tags,
    "text": _text,
    "code": _code,
    "structure": _structure,
    "images": _images,
    "links": _links,
}


# --- showing


def _narrowed(ours: Any, theirs: Any) -> tuple[Any, Any]:
    """Long texts and lists from shortly before the place where they part."""
    if isinstance(ours, str) and isinstance(theirs, str) and max(len(ours), len(theirs)) > 160:
        same = next((place for place, pair in enumerate(zip(ours, theirs, strict=False)) if pair[0] != pair[1]), 0)
        start = max(0, same - 40)
        like = difflib.SequenceMatcher(None, ours[:4000], theirs[:4000], autojunk=False).quick_ratio()
        return f"({100 * like:.1f} % alike) …{ours[start : start + 160]}", f"…{theirs[start : start + 160]}"
    if isinstance(ours, list) and isinstance(theirs, list):
        if ours == sorted(ours) and theirs == sorted(theirs) and all(isinstance(value, str) for value in (*ours, *theirs)):
            return sorted((Counter(ours) - Counter(theirs)).elements()), sorted((Counter(theirs) - Counter(ours)).elements())
        same = next(
            (place for place, pair in enumerate(zip(ours, theirs, strict=False)) if pair[0] != pair[1]),
            min(len(ours), len(theirs)),
        )
        return ours[same : same + 6], theirs[same : same + 6]
    return ours, theirs


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 600 else text[:600] + " …"


def table(results: Sequence[Result]) -> Iterator[str]:
    """Percentages per generator and field, one line a generator; `missing` and `extra` are counts."""
    yield f"{'generator':24s} {'cases':>5} {'posts':>5} " + " ".join(f"{name[:9]:>9}" for name in FIELDS)
    groups: dict[str, list[Result]] = {}
    for result in results:
        groups.setdefault(result.case.split("/")[0], []).append(result)
    for name, group in groups.items():
        cells = []
        for column in FIELDS:
            wrong = sum(len(result.of(column)) for result in group)
            total = sum(result.compared[column] for result in group)
            if column in SITE_FIELDS:
                cells.append(str(wrong))
            else:
                cells.append("-" if not total else f"{100 * (total - wrong) / total:.1f}")
        posts = sum(result.compared["missing"] for result in group)
        yield f"{name[:24]:24s} {len(group):>5} {posts:>5} " + " ".join(f"{cell:>9}" for cell in cells)
