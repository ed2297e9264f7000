"""A site's folder as dialects see it when a blog moves in: settings files as text or trees, and small readers of values.

Reads settings files of site generators; never runs them, nor anything else in the folder. Must not write.
"""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from feeds.contacts import contact
from feeds.data_trees import json_tree, toml_tree, without_indenting_tabs
from feeds.lazy_patterns import lazy_pattern

MAX_BYTES = 1_000_000
_HOST = lazy_pattern(r"(?:[a-z0-9-]{1,63}\.){1,20}[a-z]{2,63}(?::[0-9]{1,5})?(?:/\S{0,500})?", re.IGNORECASE)

#: Folders in which people keep posts, likeliest first.
POSTS_FOLDERS = (
    "posts", "_posts", "source/_posts", "content/posts", "content/post", "content/blog", "src/posts", "src/blog",
    "blog", "articles", "content",
)  # fmt: skip


class GeneratedFeed(NamedTuple):
    """A feed that the generator makes at each build: its path below the site's address, its format ("rss" or "atom"), how
    many entries it has at most (0: not said), and whether its settings ask for summaries instead of whole texts.
    """

    path: str
    format: str
    limit: int = 0
    summaries: bool = False


class Found(NamedTuple):
    """A generator's label, what its settings say in ours (`author` is a table), and what a person should know."""

    generator: str
    settings: Mapping[str, Any]
    notes: tuple[str, ...] = ()
    #: Remotes of git or names of repositories to which the site is deployed, e.g. "owner/name".
    repositories: tuple[str, ...] = ()
    #: The feeds of the whole site, the one that people subscribe to first.
    feeds: tuple[GeneratedFeed, ...] = ()


class UnreadableError(ValueError):
    """A generator's settings file that cannot be read."""

    def __init__(self, name: str, why: str) -> None:
        text = f"the settings in {name} cannot be read: {why}"
        super().__init__(text)


class SiteFolder:
    """A site's folder, read-only. Paths are relative to it with "/"."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def has_file(self, name: str) -> bool:
        """Whether there is such a regular file."""
        return _is(Path.is_file, self.path / name)

    def has_folder(self, name: str) -> bool:
        """Whether there is such a folder."""
        return _is(Path.is_dir, self.path / name)

    def folders(self) -> list[str]:
        """The names of the folders in the site's, sorted, without hidden ones and those of programs."""
        try:
            return sorted(
                path.name
                for path in self.path.iterdir()
                if path.is_dir() and path.name[0] not in "._" and path.name != "node_modules"
            )
        except OSError:
            return []

    def names(self, folder: str) -> list[str]:
        """The names of the files in a folder, sorted; none if there is no such folder."""
        try:
            return sorted(path.name for path in (self.path / folder).iterdir() if path.is_file())
        except OSError:
            return []

    def files(self, folder: str) -> Iterator[str]:
        """The paths of all files below a folder, relative to it with "/"; hidden ones are left out."""
        for above, folders, names in os.walk(self.path / folder):
            folders[:] = sorted(name for name in folders if not name.startswith(".") and name != "node_modules")
            below = Path(above).relative_to(self.path / folder)
            yield from ((below / name).as_posix() for name in sorted(names) if not name.startswith("."))

    def text(self, name: str) -> str | None:
        """A settings file's text; None if there is none or it is not UTF-8 text."""
        path = self.path / name
        try:
            if not path.is_file() or path.stat().st_size > MAX_BYTES:
                return None
            return path.read_bytes().decode("utf-8-sig")
        except (OSError, UnicodeDecodeError):
            return None

    def head(self, name: str, most: int = 4_000) -> str:
        """The beginning of a file of any size, "" if there is none; bytes that are no UTF-8 are replaced."""
        try:
            with (self.path / name).open("rb") as file:
                return file.read(most).decode("utf-8", "replace")
        except OSError:
            return ""

    def tree(self, name: str) -> dict[str, Any] | None:
        """The tree in a YAML, TOML or JSON file, scalars of YAML as typed; None if there is no such file.

        Raises UnreadableError.
        """
        tree = self.data(name)
        return tree if tree is None or isinstance(tree, dict) else {}

    def data(self, name: str) -> Any:
        """What a YAML, TOML or JSON file holds, a tree or a list; an empty tree for an empty file, None if there is no such file.

        Raises UnreadableError.
        """
        text = self.text(name)
        if text is None:
            return None
        try:
            if name.endswith(".toml"):
                tree: Any = toml_tree(text)
            elif name.endswith(".json"):
                tree = json_tree(text)
            else:
                import yaml

                # The first document only, as generators read a file of several.
                tree = next(yaml.load_all(without_indenting_tabs(text), Loader=_yaml_loader()), None)
        except (ValueError, RecursionError) as error:
            raise UnreadableError(name, str(error).split("\n")[0]) from error
        except Exception as error:
            if type(error).__module__.startswith("yaml"):
                raise UnreadableError(name, " ".join(str(error).split())) from error
            raise
        return {} if tree is None else tree

    def posts(self, default: str, likely: Iterable[str] = POSTS_FOLDERS) -> str:
        """The first of the likely folders that is there, else the default."""
        return next((name for name in likely if self.has_folder(name)), default)


def _is(test: Callable[[Path], bool], path: Path) -> bool:
    """Whether a path that somebody wrote leads to such a file; a name that no file can have does not."""
    try:
        return test(path)
    except (OSError, ValueError):
        return False


def flag(value: Any, *, default: bool) -> bool:
    """A value that is true or false, also as a text; the default for anything else."""
    return {"true": True, "false": False}.get(word(value).lower(), default)


def number(value: Any) -> int:
    """A whole number from a setting, 0 for what is none."""
    text = word(value)
    return int(text) if re.fullmatch(r"[0-9]{1,6}", text) else 0


def feed_path(value: Any) -> str:
    """The path of a feed below the site's address, "" for what is none: an address elsewhere, a pattern, a path upwards."""
    path = word(value).strip("/")
    return path if re.fullmatch(r"(?:[\w.-]+/)*[\w.-]+\.(?:xml|rss|atom)", path) and ".." not in path else ""


#: What a site's own template of a feed is called.
FEED_NAMES = ("feed.xml", "atom.xml", "rss.xml", "index.xml")


def feed_template(folder: SiteFolder, source: str = "", names: Iterable[str] = FEED_NAMES) -> tuple[GeneratedFeed, ...]:
    """The feed for which the site has a template of its own in its source folder."""
    for name in names:
        text = folder.text(f"{source}/{name}" if source else name) or ""
        format = "rss" if re.search(r"<rss[\s>]", text) else "atom" if re.search(r"<feed[\s>]", text) else ""
        if format and "{%" in text:
            limit = re.search(r"\blimit\s{0,9}:\s{0,9}([0-9]{1,6})", text)
            return (GeneratedFeed(name, format, int(limit[1]) if limit else 0),)
    return ()


#: Where a feed says what site it is of, in a template without placeholders: Atom's id and links, RSS's link.
_SITE_IN_FEED = lazy_pattern(
    r"(?:<id>|<link>|<link\s[^<>{}]{0,200}href=[\"'])\s{0,9}(https?://[^\s<>\"'{}/?#]{1,250}/?)\s{0,9}(?:</id>|</link>|[\"'])"
)


def template_address(folder: SiteFolder, source: str = "", names: Iterable[str] = FEED_NAMES) -> tuple[str, str]:
    """The site's address as its own template of a feed has it, and the template's name; ("", "") if none says it."""
    for name in names:
        text = (folder.text(f"{source}/{name}" if source else name) or "").partition("{% for")[0]
        if re.search(r"<(?:rss|feed)[\s>]", text) and (match := _SITE_IN_FEED.search(text)):
            return match[1].rstrip("/") + "/", name
    return "", ""


def pages_address(repository: str) -> str:
    """The address of GitHub Pages for a remote or `owner/name`; "" if it is neither."""
    match = re.fullmatch(
        r"(?:.{0,200}\bgithub\.com[:/]|git@[\w.-]{1,100}:)?([\w-]{1,100})/([\w.-]{1,100}?)(?:\.git)?/?(?:,[\w-]{1,100})?",
        repository.strip(),
    )
    if match is None:
        return ""
    owner, name = match[1].lower(), match[2]
    return f"https://{owner}.github.io/" + ("" if name.lower() == f"{owner}.github.io" else f"{name}/")


def literals(text: str, name: str) -> dict[str, Any]:
    """The names that a Python file sets to literals; nothing of it is run. Raises UnreadableError."""
    try:
        lines = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise UnreadableError(name, str(error)) from error
    values: dict[str, Any] = {}
    for line in lines:
        if isinstance(line, ast.Assign) and len(line.targets) == 1 and isinstance(line.targets[0], ast.Name):
            try:
                values[line.targets[0].id] = ast.literal_eval(line.value)
            except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
                continue
    return values


@lru_cache(maxsize=1)
def _yaml_loader() -> Any:
    """A loader that makes nothing but strings, of `null` and `~` (YAML 1.2 section 10.2.1.1) an empty one."""
    import yaml

    base: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # takes a tab after a colon, as generators do
    loader: Any = type("_Loader", (base,), {})
    loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"(?:null|Null|NULL|~)\Z"), ["n", "N", "~"])
    loader.add_constructor("tag:yaml.org,2002:null", lambda *_: "")
    return loader


def word(value: Any) -> str:
    """The text of a scalar, "" of anything else; of a list its first."""
    if isinstance(value, list) and value:
        value = value[0]
    return str(value).strip() if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def with_scheme(url: str) -> str:
    """The address of a site whose settings may name only the host, e.g. `www.example.org` or `//example.org`."""
    url = url.removeprefix("//")
    return f"https://{url}" if _HOST.fullmatch(url) else url


def joined(url: str, root: str) -> str:
    """A site's address and the path below it that some generators keep apart; ends in "/", "" without an address."""
    url, root = url.rstrip("/"), root.strip("/")
    if not url:
        return ""
    if root and not url.endswith("/" + root):
        url += "/" + root
    return url + "/"


def table(value: Any) -> dict[str, Any]:
    """The value if it is a table, else an empty one."""
    return dict(value) if isinstance(value, Mapping) else {}


def words_by_name(value: Any) -> dict[str, str]:
    """A table of texts by name, e.g. Hexo's `category_map`; what is not text is left out."""
    return {str(key): word(slug) for key, slug in value.items() if word(slug)} if isinstance(value, Mapping) else {}


def author(value: Any) -> dict[str, str]:
    """`author: Name` or a table of facts, as `name`, `email`, `url`, `avatar`."""
    if isinstance(value, Mapping):
        names = {
            "name": ("name", "Name"),
            "email": ("email",),
            "url": ("url", "uri", "link"),
            "avatar": ("avatar", "image"),
        }
        facts = {ours: word(next((value[key] for key in keys if key in value), "")) for ours, keys in names.items()}
        named = contact(facts["name"])
        facts |= {"name": named.name, "email": facts["email"] or named.email or ""}
        return {key: text for key, text in facts.items() if text} if facts["name"] else {}
    named = contact(word(value))
    return {key: text for key, text in named._asdict().items() if text} if named.name else {}
