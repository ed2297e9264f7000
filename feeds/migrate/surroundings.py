"""What lies around a blog that moves in: its address, its folders of posts, the feed it had. Reads files, writes nothing."""

from __future__ import annotations

import ipaddress
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from feeds import MANIFEST_NAME
from feeds.data_trees import json_tree
from feeds.dialects.config_files import SiteFolder, pages_address
from feeds.lazy_patterns import lazy_pattern
from feeds.publish.manifest import Manifest

#: Hosts that a theme or a tutorial writes for the author to replace.
_PLACEHOLDERS = lazy_pattern(
    r"(?:(?:(?:www|my|your|user(?:name)?|sub(?:domain)?|site|my-?site|demo|foo)\.)?example\.(?:com|org|net|edu)|"
    r"(?:[\w-]{1,63}\.){0,9}your-?(?:site|domain|blog|name|user(?:name)?|website)[\w-]{0,63}(?:\.[\w.-]{1,200})?|"
    r"(?:[\w-]{1,63}\.){0,9}(?:my-?|your-?|user-?|the-?)?(?:site|domain|blog|website|username)\.(?:com|org|net|io|tld|github\.io)|localhost|127\.0\.0\.1|"
    # Whose own site it is: each copy of Quartz has it in package.json.
    r"quartz\.jzhao\.xyz|username\.github\.io|.{0,253}\.(?:test|invalid|local|localhost))\Z",
    re.IGNORECASE,
)
#: Names below those that are kept for documentation (RFC 2606 section 3): nobody's blog, unless somebody tries this program.
_EXAMPLES = lazy_pattern(r".{1,253}\.example\.(?:com|org|net|edu)\Z", re.IGNORECASE)
#: Folders of programs, never of posts.
_SKIPPED = frozenset({
    "node_modules", "vendor", "themes", "theme", "layouts", "_layouts", "_includes", "_site", "public", "output", "dist", "build",
    "static", "assets", "archetypes", "scaffolds", "templates", "_templates", "__pycache__", "venv", "env", "drafts", "_drafts",
})  # fmt: skip
#: Files of a repository that are not posts.
_NO_POSTS = frozenset({"readme.md", "changelog.md", "contributing.md", "license.md", "security.md", "code_of_conduct.md"})
_POST_ENDINGS = (".md", ".markdown", ".mdown", ".mkd", ".html")
#: Endings of files that are posts only if they begin with front matter.
_TEXT_ENDINGS = (".txt", ".htm")
#: Looked at in one folder to tell whether its files begin with front matter; more tell no more.
_SAMPLE = 40
_MOST_FOLDERS = 5_000
#: Files at the root of a program, whose Markdown files are its documentation.
_PROGRAM_FILES = (
    "package.json", "pyproject.toml", "setup.py", "Cargo.toml", "go.mod", "pom.xml", "build.gradle", "CMakeLists.txt",
    "composer.json", "Gemfile", "Makefile",
)  # fmt: skip
#: How authors call the folder of their posts.
POSTS_NAMES = frozenset({
    "posts", "post", "_posts", "blog", "blogs", "content", "articles", "article", "entries", "writing", "notes", "journal",
    "文章", "博客",
})  # fmt: skip


#: A language's tag as folders have it: en, zh-cn, pt_BR, zh-Hans.
_LANGUAGE = lazy_pattern(r"[A-Za-z]{2,3}(?:[-_](?:[A-Za-z]{2}|[A-Za-z]{4}|\d{3}))?")


class OldFeed(NamedTuple):
    """The feed that the blog had: the file, its path below the site's address, its format ("rss", "atom", "json")."""

    file: Path
    path: str
    format: str


def is_placeholder(url: str) -> bool:
    """Whether an address is one that its author was meant to replace; nothing must ever be published for it."""
    host = urlsplit(url if "://" in url else f"//{url}").hostname or ""
    return bool(_PLACEHOLDERS.match(host)) or "." not in host


def is_example(url: str) -> bool:
    """Whether an address is a name below one that is kept for documentation, and may be meant all the same."""
    return bool(_EXAMPLES.match(urlsplit(url).hostname or "")) and not is_placeholder(url)


def is_in_private_network(url: str) -> bool:
    """Whether an address is the number of a machine that nobody reaches from outside (RFC 1918)."""
    try:
        return ipaddress.ip_address(urlsplit(url).hostname or "").is_private
    except ValueError:
        return False


def address(site: SiteFolder, repositories: Iterable[str] = ()) -> tuple[str, str]:
    """The blog's address and where it was found: a CNAME file, package.json, or a repository; ("", "") if nowhere.

    `repositories` are those to which the generator's settings deploy the site.
    """
    for name in ("CNAME", "source/CNAME", "static/CNAME", "public/CNAME", "docs/CNAME", "content/extra/CNAME", "files/CNAME"):
        host = (site.text(name) or "").strip().split("\n")[0].strip()
        if re.fullmatch(r"[\w.-]+\.\w{2,}", host) and not is_placeholder(host):
            return f"https://{host}/", name
    homepage = _homepage(site.text("package.json") or "")
    if homepage and "github.com/" not in homepage and not is_placeholder(homepage):
        return homepage.rstrip("/") + "/", "package.json"
    remote = re.search(r"github\.com[:/][\w-]+/[\w.-]+?(?:\.git)?\s*$", site.text(".git/config") or "", re.MULTILINE)
    places = [(remote[0] if remote else "", "the remote of the git repository")]
    places += [(repository, "the repository in its settings") for repository in repositories]
    for place, source in places:
        if url := pages_address(place):
            return url, source
    own_page = re.search(r"(?:\A|[^\w-])([\w-]+\.github\.io)\Z", site.path.resolve().name, re.IGNORECASE)
    return (f"https://{own_page[1].lower()}/", "the folder's name") if own_page else ("", "")


def _homepage(package: str) -> str:
    """The `homepage` of a package.json; "" where it is that of a theme, of which the blog's folder is a copy."""
    try:
        facts = json_tree(package) if package else {}
    except ValueError:
        return ""
    if not isinstance(facts, dict) or any("theme" in str(facts.get(key)).lower() for key in ("name", "description", "keywords")):
        return ""
    homepage = facts.get("homepage")
    return homepage if isinstance(homepage, str) and homepage.startswith(("http://", "https://")) else ""


def post_folders(folder: Path, skipped: Iterable[str] = (), endings: Sequence[str] = ()) -> list[tuple[str, int]]:
    """The folders that hold posts, as (path below `folder`, number of posts in it and below), most posts first.

    `endings` are those of posts besides Markdown's and HTML's. A folder counts if most of its posts begin with front matter;
    if there is none, one with Markdown files does. "" is the folder itself.
    """
    counts, bare = _counted(folder, {*_SKIPPED, *skipped}, endings)
    for path in [path for path in bare if _holds_more(path, bare, counts)]:
        counts[path] += bare[path]
    counts = counts or bare
    tops: Counter[str] = Counter()
    for path, count in counts.items():
        tops[path] += count
        for parent in Path(path).parents:
            if str(parent) != "." and counts.get(str(parent)):
                tops[str(parent)] += count
    return sorted(tops.items(), key=lambda item: (-item[1], item[0]))


def folder_of_notes(folder: Path, skipped: Iterable[str] = ()) -> tuple[str, int]:
    """The deepest folder with more than half of all notes, front matter or not, and their number.

    For folders that no generator made; ("", 0) where the folder is a program's rather than an author's.
    """
    if any((folder / name).is_file() for name in _PROGRAM_FILES):
        return "", 0
    counts, bare = _counted(folder, {*_SKIPPED, *skipped}, ())
    notes = counts + bare
    total = sum(notes.values())
    base, held = "", total
    while True:
        below: Counter[str] = Counter()
        for path, count in notes.items():
            if path.startswith(f"{base}/".lstrip("/")) and path != base:
                below[path[: path.find("/", len(base) + 1)] if path.find("/", len(base) + 1) > 0 else path] += count
        child, count = max(below.items(), key=lambda item: (item[1], item[0]), default=("", 0))
        if 2 * count <= total:
            return base, held
        base, held = child, count


def _counted(folder: Path, skipped: set[str], endings: Sequence[str]) -> tuple[Counter[str], Counter[str]]:
    """How many posts are in each folder itself: in those in which most begin with front matter, and in the others."""
    counts: Counter[str] = Counter()
    bare: Counter[str] = Counter()
    for above, names in _walk(folder, skipped):
        posts = [name for name in names if name.lower().endswith((*_POST_ENDINGS, *endings)) and not name.startswith(("_", "."))]
        texts = [name for name in names if name.lower().endswith(_TEXT_ENDINGS) and not name.startswith(("_", "."))]
        if any(_has_front_matter(folder / above / name) for name in texts[:_SAMPLE]):
            posts += texts
        sample = posts[:_SAMPLE]
        with_front_matter = sum(_has_front_matter(folder / above / name) for name in sample)
        if sample and 2 * with_front_matter >= len(sample):
            counts[above] += len(posts)
        elif notes := [name for name in posts if not name.lower().endswith(".html") and name.lower() not in _NO_POSTS]:
            bare[above] += len(notes)
    return counts, bare


def _holds_more(path: str, bare: Counter[str], counts: Counter[str]) -> bool:
    """Whether a folder without front matter is above folders with it, and holds at least as many files as they do."""
    below = sum(count for other, count in counts.items() if not path or other.startswith(path + "/"))
    return path != "" and 0 < below <= bare[path]


def _walk(folder: Path, skipped: set[str]) -> Iterator[tuple[str, list[str]]]:
    waiting, looked = [""], 0
    while waiting and looked < _MOST_FOLDERS:
        above, looked = waiting.pop(), looked + 1
        try:
            entries = sorted(os.scandir(folder / above), key=lambda entry: entry.name)
        except OSError:
            continue
        names = []
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                if entry.name not in skipped and not entry.name.startswith("."):
                    waiting.append(f"{above}/{entry.name}".lstrip("/"))
            elif entry.is_file():
                names.append(entry.name)
        yield above, names


def _has_front_matter(path: Path) -> bool:
    try:
        with path.open("rb") as stream:
            begin = stream.read(300).lstrip(b"\xef\xbb\xbf \r\n\t")
    except OSError:
        return False
    return begin.startswith((b"---", b"+++", b";;;", b"{")) or re.match(rb"(?i)(?:title|date)\s*:", begin) is not None


def old_feed(folder: Path, output: str, paths: Iterable[str]) -> OldFeed | None:
    """The feed that the generator published last, in its output folder or committed beside it; None if there is none.

    What a build of ours has written there is no feed of the generator's.
    """
    return next((feed for place in _places(output) if (feed := _first_feed(folder / place, paths)) is not None), None)


def feeds_of_languages(folder: Path, output: str, paths: Sequence[str]) -> tuple[OldFeed, ...]:
    """The feeds that the generator published of each language, in a folder called by its tag: public/zh/index.xml."""
    for place in _places(output):
        try:
            names = sorted(path.name for path in (folder / place).iterdir() if _LANGUAGE.fullmatch(path.name))
        except OSError:
            continue
        found = (_first_feed(folder / place, [f"{name}/{path}" for path in paths]) for name in names)
        if feeds := tuple(feed for feed in found if feed is not None):
            return feeds
    return ()


def _places(output: str) -> Iterable[str]:
    """Where in the site's folder a generator may have published, the likeliest first."""
    return dict.fromkeys((output, "_site", "public", "output", "docs", ""))


def _first_feed(place: Path, paths: Iterable[str]) -> OldFeed | None:
    for path in paths:
        format = _format_of(place / path)
        if format is not None and not _is_ours(place, path):
            return OldFeed(place / path, path, format)
    return None


def _is_ours(output: Path, path: str) -> bool:
    """Whether a file of an output folder has the bytes that a build of ours wrote there."""
    try:
        document = Manifest.from_json((output / MANIFEST_NAME).read_bytes()).documents.get(path)
        return document is not None and document.digest == sha256((output / path).read_bytes()).hexdigest()
    except (OSError, ValueError):
        return False


def _format_of(file: Path) -> str | None:
    """The format of a feed's file by its first bytes; None if it is not a feed with entries."""
    try:
        with file.open("rb") as stream:
            head = stream.read(200_000)
    except OSError:
        return None
    if head.startswith(b"---") or b"{%" in head[:5000]:
        # A template that the generator makes the feed of.
        return None
    if re.search(rb"<rss[\s>]", head[:2000]):
        return "rss" if b"<item" in head else None
    if re.search(rb"<feed[\s>]", head[:2000]):
        return "atom" if b"<entry" in head else None
    return "json" if b"https://jsonfeed.org/version/" in head[:500] else None
