"""The site's own short codes, and the files that they use, from the folders that the dialect names beside the posts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from feeds.posts.reader import PostReader

_MOST_TEMPLATE_BYTES = 64_000
_MOST_DATA_BYTES = 1_000_000
_MOST_FILES_USED = 300


def with_templates(reader: PostReader) -> PostReader:
    """The reader with the site's own short codes and what they use."""
    folders = reader.dialect.template_folders
    config = reader.settings.config
    if config is None:
        return reader
    reader = _with_code(reader, config.parent)
    if not folders:
        return reader
    templates: dict[str, str] = {}
    paths: list[str] = []
    for path, name in _short_codes(config.parent, folders):
        paths.append(str(path))
        if name not in templates and (text := _text(path, _MOST_TEMPLATE_BYTES)) is not None:
            templates[name] = text
    waiting = list(templates.values())
    looked_up: set[str] = set()
    while waiting:
        for wanted, patterns in reader.dialect.template_needs(waiting.pop()):
            if wanted in looked_up or len(looked_up) >= _MOST_FILES_USED:
                continue
            looked_up.add(wanted)
            # A file that is put there later comes before what was found.
            roots = {config.parent / pattern.partition("*")[0].rpartition("/")[0] for pattern in patterns if pattern[0] != "*"}
            paths += sorted(str(root) for root in roots if root.is_dir())
            for path, name in _used(config.parent, wanted, patterns):
                paths.append(str(path))
                text = _text(path, _MOST_DATA_BYTES if wanted.endswith("/") else _MOST_TEMPLATE_BYTES)
                if text is None or name in templates:
                    continue
                templates[name] = text
                if not wanted.endswith("/"):
                    waiting.append(text)
    return replace(reader, templates=templates, template_paths=(*reader.template_paths, *paths))


def _with_code(reader: PostReader, site: Path) -> PostReader:
    """The reader with the code in which the site's own short codes are functions."""
    paths: list[str] = []

    def read(name: str) -> str | None:
        path = site / name
        if not path.is_file() or path.is_symlink():
            return None
        paths.append(str(path))
        return _text(path, _MOST_TEMPLATE_BYTES)

    code = reader.dialect.tag_code(read)
    return replace(reader, tag_code=code, template_paths=(*reader.template_paths, *paths)) if code else reader


def _text(path: Path, most_bytes: int) -> str | None:
    try:
        return path.read_bytes().decode("utf-8-sig") if path.stat().st_size <= most_bytes else None
    except (OSError, UnicodeDecodeError):
        return None


def _used(site: Path, wanted: str, patterns: tuple[str, ...]) -> Iterator[tuple[Path, str]]:
    """The files that a template uses, and the names of them: of a folder's name ("data/") all that match, else the first."""
    matches = (path for pattern in patterns for path in sorted(site.glob(pattern)) if path.is_file() and not path.is_symlink())
    if wanted.endswith("/"):
        for _, path in zip(range(_MOST_FILES_USED), matches, strict=False):
            yield path, path.relative_to(site).as_posix()
        return
    for path in matches:
        yield path, wanted
        return


def _short_codes(site: Path, folders: tuple[str, ...]) -> Iterator[tuple[Path, str]]:
    """The files with the site's own short codes and the name of each: "sub/box" for sub/box.html, "box.md" for box.md.

    Of a folder that ends in "/**" every file is one, by its whole name.
    """
    for written in folders:
        pattern = written.removesuffix("/**")
        for folder in sorted(site.glob(pattern)) if "*" in pattern else [site / pattern]:
            if not folder.is_dir():
                continue
            for path in sorted(folder.rglob("*")):
                is_template = pattern != written or path.suffix in (".html", ".md")
                if is_template and path.is_file() and path.stat().st_size <= _MOST_TEMPLATE_BYTES and not path.is_symlink():
                    name = path.relative_to(folder).as_posix()
                    yield path, name if pattern != written else name.removesuffix(".html")
