"""What a site generator's own settings say: in comes a site's folder, out go settings of ours, by name, and notes.

Reads the settings of Hexo, Jekyll, Hugo, Pelican and Eleventy; never runs them, nor anything else in the folder. Must
not write, and must not judge the values: who takes them checks them.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

MAX_BYTES = 1_000_000

#: Folders in which people keep posts, likeliest first.
_POSTS = (
    "posts", "_posts", "source/_posts", "content/posts", "content/post", "content/blog", "src/posts", "src/blog",
    "blog", "articles", "content",
)  # fmt: skip


class Found(NamedTuple):
    """A generator's name, what its settings say in ours (`author` is a table), and what a person should know."""

    generator: str
    settings: Mapping[str, Any]
    notes: tuple[str, ...] = ()


def look(folder: Path) -> Found:
    """The settings of whatever generator the folder belongs to; its name is "" where there is none."""
    for find in (_hexo, _hugo, _pelican, _eleventy, _jekyll):
        found = find(folder)
        if found:
            kept = {name: value for name, value in found.settings.items() if value not in (None, "", {}, [])}
            return found._replace(settings=kept)
    return Found("", {"posts": _posts(folder, "posts")})


def _posts(folder: Path, default: str, likely: Iterable[str] = _POSTS) -> str:
    return next((name for name in likely if (folder / name).is_dir()), default)


def _text(path: Path) -> str | None:
    """A settings file's text; None where there is none or it is no text."""
    try:
        if not path.is_file() or path.stat().st_size > MAX_BYTES:
            return None
        return path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return None


def _tree(path: Path) -> dict[str, Any] | None:
    """The tree in a YAML, TOML or JSON file, scalars of YAML as typed; None where it cannot be read."""
    text = _text(path)
    if text is None:
        return None
    try:
        if path.suffix == ".toml":
            import tomllib

            tree: Any = tomllib.loads(text)
        elif path.suffix == ".json":
            tree = json.loads(text)
        else:
            import yaml

            tree = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506  BaseLoader makes nothing but strings
    except (ValueError, RecursionError) as error:
        raise Unreadable(path.name, str(error).split("\n")[0]) from error
    except Exception as error:
        if type(error).__module__.startswith("yaml"):
            raise Unreadable(path.name, " ".join(str(error).split())) from error
        raise
    return tree if isinstance(tree, dict) else {}


class Unreadable(ValueError):  # noqa: N818  read as a sentence
    """A generator's settings file that cannot be read."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"{name} cannot be read: {why}")


def _word(value: Any) -> str:
    """The text of a scalar, "" of anything else; of a list its first."""
    if isinstance(value, list) and value:
        value = value[0]
    return str(value).strip() if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def _joined(url: str, root: str) -> str:
    """A site's address and the path below it that some generators keep apart."""
    url, root = url.rstrip("/"), root.strip("/")
    if not url:
        return ""
    if root and not url.endswith("/" + root):
        url += "/" + root
    return url + "/"


def _author(value: Any) -> dict[str, str]:
    """`author: Name` or a table of facts."""
    if isinstance(value, Mapping):
        names = {
            "name": ("name", "Name"),
            "email": ("email",),
            "url": ("url", "uri", "link"),
            "avatar": ("avatar", "image"),
        }
        found = {ours: _word(next((value[key] for key in keys if key in value), "")) for ours, keys in names.items()}
        return {key: said for key, said in found.items() if said} if found["name"] else {}
    name = _word(value)
    return {"name": name} if name else {}


# --- Hexo


def _hexo(folder: Path) -> Found | None:
    path = folder / "_config.yml"
    package = _text(folder / "package.json") or ""
    if not path.is_file() or not ('"hexo' in package or (folder / "source" / "_posts").is_dir()):
        return None
    said = _tree(path) or {}
    source = _word(said.get("source_dir")) or "source"
    return Found(
        "Hexo",
        {
            "base_url": _joined(_word(said.get("url")), _word(said.get("root"))),
            "posts": f"{source}/_posts",
            "output": _word(said.get("public_dir")) or "public",
            "title": _word(said.get("title")),
            "description": _word(said.get("description")) or _word(said.get("subtitle")),
            "language": _word(said.get("language")),
            "timezone": _word(said.get("timezone")),
            "author": _author(said.get("author")),
            "permalink": _word(said.get("permalink")) or ":year/:month/:day/:title/",
            "categories_mode": "path",
            "category_map": _map(said.get("category_map")),
            "tag_map": _map(said.get("tag_map")),
        },
    )


def _map(value: Any) -> dict[str, str]:
    return {str(key): _word(slug) for key, slug in value.items() if _word(slug)} if isinstance(value, Mapping) else {}


# --- Jekyll


def _jekyll(folder: Path) -> Found | None:
    path = next((folder / name for name in ("_config.yml", "_config.yaml", "_config.toml") if (folder / name).is_file()), None)
    if path is None:
        return None
    said = _tree(path) or {}
    source = _word(said.get("source")).strip("./")
    output = _word(said.get("destination")).removeprefix("./") or "_site"
    note = f"Jekyll removes from {output} what it did not make: build the feeds after it, or name another output."
    return Found(
        "Jekyll",
        {
            "base_url": _joined(_word(said.get("url")), _word(said.get("baseurl"))),
            "posts": f"{source}/_posts" if source else "_posts",
            "output": output,
            "title": _word(said.get("title")) or _word(said.get("name")),
            "description": _word(said.get("description")) or _word(said.get("tagline")),
            "language": _word(said.get("lang")) or _word(said.get("locale")),
            "timezone": _word(said.get("timezone")),
            "author": _author(said.get("author")),
            "permalink": _word(said.get("permalink")) or "date",
            "categories_mode": "parallel",
        },
        (note,),
    )


# --- Hugo


def _hugo(folder: Path) -> Found | None:
    stems = ("hugo", "config", "config/_default/hugo", "config/_default/config")
    names = [f"{stem}.{kind}" for stem in stems for kind in ("toml", "yaml", "yml", "json")]
    path = next((folder / name for name in names if (folder / name).is_file()), None)
    if path is None or (path.stem == "config" and not (folder / "content").is_dir()):
        return None
    said = _lower(_tree(path) or {})
    content = _word(said.get("contentdir")) or "content"
    posts = _posts(folder, f"{content}/posts", [f"{content}/{name}" for name in ("posts", "post", "blog", "articles")])
    section = posts.rpartition("/")[2]
    languages = _table(said.get("languages"))
    own = _table(languages.get(_word(said.get("defaultcontentlanguage")) or next(iter(languages), "")))
    params = {**_table(said.get("params")), **_table(own.get("params"))}
    language = next((_word(part.get(key)) for part in (own, said) for key in ("languagecode", "locale") if part.get(key)), "")
    rights = _word(said.get("copyright"))
    return Found(
        "Hugo",
        {
            "base_url": _word(said.get("baseurl")),
            "posts": posts,
            "output": _word(said.get("publishdir")) or "public",
            "title": _word(own.get("title")) or _word(said.get("title")),
            "description": _word(params.get("description")),
            "language": language or _word(said.get("defaultcontentlanguage")),
            "timezone": _word(said.get("timezone")),
            "rights": rights if "{" not in rights else "",
            "author": _author(params.get("author") or said.get("author")),
            "permalink": _hugo_permalink(said.get("permalinks"), section),
            "categories_mode": "parallel",
        },
    )


def _hugo_permalink(value: Any, section: str) -> str:
    """`[permalinks] posts = …`, or `[permalinks.page] posts = …`; else the file's path below the content folder."""
    table = _table(value)
    pattern = _word(_table(table.get("page")).get(section)) or _word(table.get(section))
    # A section is a folder below `content`; ours begin below the posts folder.
    pattern = re.sub(r":sections?(?:\[[^\]]*\])?(?=/|\Z)", section, pattern)
    return pattern.lstrip("/") or f"{section}/:sections/:slugorfilename/"


def _lower(tree: Mapping[str, Any]) -> dict[str, Any]:
    """Keys in lower case, as Hugo reads them."""
    return {str(key).lower(): _lower(value) if isinstance(value, Mapping) else value for key, value in tree.items()}


def _table(value: Any) -> dict[str, Any]:
    return dict(value) if isinstance(value, Mapping) else {}


# --- Pelican


def _pelican(folder: Path) -> Found | None:
    text = _text(folder / "pelicanconf.py")
    if text is None:
        return None
    said = _literals(text, "pelicanconf.py")
    published = _literals(_text(folder / "publishconf.py") or "", "publishconf.py")
    said["SITEURL"] = published.get("SITEURL") or said.get("SITEURL")
    root = _word(said.get("PATH")) or _posts(folder, "content", ("content",))
    paths = said.get("ARTICLE_PATHS")
    inner = _word(paths) if isinstance(paths, list) and len(paths) == 1 else ""
    url = _word(said.get("ARTICLE_URL")) or "{slug}.html"
    pattern, strange = _pelican_pattern(url)
    return Found(
        "Pelican",
        {
            "base_url": _joined(_word(said.get("SITEURL")), ""),
            "posts": "/".join(part.strip("/") for part in (root, inner) if part) if not root.startswith("/") else root,
            "output": (_word(said.get("OUTPUT_PATH")) or "output").rstrip("/"),
            "title": _word(said.get("SITENAME")),
            "description": _word(said.get("SITESUBTITLE")),
            "language": _word(said.get("DEFAULT_LANG")),
            "timezone": _word(said.get("TIMEZONE")),
            "author": _author(said.get("AUTHOR")),
            "default_category": _word(said.get("DEFAULT_CATEGORY")),
            "permalink": pattern,
            "categories_mode": "parallel",
        },
        (f"ARTICLE_URL holds {strange}, for which there is no placeholder: check permalink.",) if strange else (),
    )


def _literals(text: str, name: str) -> dict[str, Any]:
    """The names that a Python file sets to literals; nothing of it is run."""
    try:
        lines = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise Unreadable(name, str(error)) from error
    found: dict[str, Any] = {}
    for line in lines:
        if isinstance(line, ast.Assign) and len(line.targets) == 1 and isinstance(line.targets[0], ast.Name):
            try:
                found[line.targets[0].id] = ast.literal_eval(line.value)
            except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
                continue
    return found


_STRFTIME = {
    "Y": ":year", "y": ":short_year", "m": ":month", "-m": ":i_month", "d": ":day", "-d": ":i_day", "b": ":short_month",
    "H": ":hour", "M": ":minute", "S": ":second", "j": ":y_day",
}  # fmt: skip


def _pelican_pattern(url: str) -> tuple[str, str]:
    """`posts/{date:%Y}/{slug}/` as `posts/:year/:slug/`, and what has no counterpart."""
    strange: list[str] = []

    def known(found: re.Match[str]) -> str:
        name, form = found[1], found[2] or ""
        if name == "date" and form:
            parts = re.sub(r"%(-?[A-Za-z])", lambda code: _STRFTIME.get(code[1], code[0]), form)
            if "%" not in parts:
                return parts
        if name in ("slug", "category"):
            return f":{name}"
        strange.append(found[0])
        return ":slug"

    return re.sub(r"\{(\w+)(?::([^}]*))?\}", known, url).lstrip("/"), " ".join(strange)


# --- Eleventy


def _eleventy(folder: Path) -> Found | None:
    names = ("eleventy.config.js", "eleventy.config.cjs", "eleventy.config.mjs", ".eleventy.js")
    text = next((text for text in (_text(folder / name) for name in names) if text is not None), None)
    if text is None:
        return None
    code = re.sub(r"(?m)^\s*//.*$|/\*.*?\*/", "", text)
    source = (_property(code, "input") or ".").strip("/").removeprefix("./")
    source = "" if source == "." else source
    likely = [f"{source}/{name}".strip("/") for name in ("posts", "blog", "content/posts", "content/blog", "articles")]
    posts = _posts(folder, likely[0], likely)
    prefix = posts.removeprefix(source).strip("/")
    site = _eleventy_site(folder / source / (_property(code, "data") or "_data"))
    return Found(
        "Eleventy",
        {
            "base_url": _joined(site("url", "base", "siteUrl"), _property(code, "pathPrefix")),
            "posts": posts,
            "output": (_property(code, "output") or "_site").strip("/").removeprefix("./"),
            "title": site("title", "name"),
            "description": site("description"),
            "language": site("language", "lang"),
            "author": {key: value for key, value in (("name", site("author.name", "author")),) if value},
            "permalink": f"{prefix}/:title/",
            "categories_mode": "parallel",
        },
        ("Eleventy's settings are code, which is not run: check what was taken from them.",),
    )


def _property(code: str, name: str) -> str:
    """The text of `name: "…"` in JavaScript."""
    found = re.search(rf"""(?<![\w.$])["']?{name}["']?\s*:\s*(["'`])((?:(?!\1)[^\\\n$])*)\1""", code)
    return found[2] if found else ""


def _eleventy_site(data: Path) -> Callable[..., str]:
    """Looks facts up in `_data/metadata.json`, `site.json`, or the JavaScript of that name."""
    for stem in ("metadata", "site", "meta"):
        path = data / f"{stem}.json"
        if path.is_file():
            tree = _tree(path) or {}

            def lookup(*names: str, tree: Mapping[str, Any] = tree) -> str:
                for name in names:
                    value: Any = tree
                    for key in name.split("."):
                        value = value.get(key) if isinstance(value, Mapping) else None
                    if _word(value):
                        return _word(value)
                return ""

            return lookup
        for kind in ("js", "cjs", "mjs"):
            text = _text(data / f"{stem}.{kind}")
            if text is not None:
                inner = re.search(r"author\s*:\s*\{(.*?)\}", text, re.DOTALL)
                parts = {"author.name": inner[1] if inner else "", "": text.replace(inner[0], "") if inner else text}

                def scan(*names: str, parts: Mapping[str, str] = parts) -> str:
                    found = (_property(parts.get(name, parts[""]), name.rpartition(".")[2]) for name in names)
                    return next(filter(None, found), "")

                return scan
    return lambda *_: ""
