"""`feeds init`: in comes a site's folder, out goes a commented feeds.toml that loads without mistakes.

What a site generator's settings say is taken over where it is sound, and said. Must not replace a file unasked.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from feeds import dialects, settings_path
from feeds.dialects.base import Dialect
from feeds.dialects.config_files import Found, GeneratedFeed, SiteFolder, UnreadableError, with_scheme
from feeds.errors import SettingsError, sentence
from feeds.migrate import machine, replaced, settings_file
from feeds.migrate.replaced import Replaced
from feeds.migrate.surroundings import (
    POSTS_NAMES,
    OldFeed,
    address,
    feeds_of_languages,
    folder_of_notes,
    is_example,
    is_in_private_network,
    is_placeholder,
    old_feed,
    post_folders,
)
from feeds.settings import FORMATS, Paths
from feeds.settings.addresses import permalink_names
from feeds.settings.fields import KINDS, NAMED, PERSON
from feeds.settings.kinds import WrongValueError, meant_language
from feeds.urls import encode_path

#: More entries than that are all posts, for a generator that bounds nothing else.
_MOST_ENTRIES = 500


class MovedIn(NamedTuple):
    """What `run` wrote: the file, the settings in it, the generator's label ("" if none was recognised), what to tell.

    `replaced` is the feeds.toml that was there before; None if none was. `live_feed` is where the generator's own feed is on
    the web, if the generator makes one or left one in the folder, and the address of the site is known; else "".
    `language_feeds` are those that the generator published of single languages.
    """

    path: Path
    settings: Mapping[str, Any]
    generator: str
    notes: tuple[str, ...]
    old_feed: OldFeed | None
    post_folders: tuple[tuple[str, int], ...]
    replaced: Replaced | None
    live_feed: str = ""
    language_feeds: tuple[OldFeed, ...] = ()


def run(folder: Path, *, force: bool = False, base_url: str | None = None) -> MovedIn:
    """Write feeds.toml into the folder, from what the site's generator and its surroundings say.

    `base_url` is the blog's address if the author gave it. Raises SettingsError if there is a feeds.toml and `force` is
    not given, or no such folder; OSError if it cannot be written.
    """
    path = folder / settings_path.FILE_NAME
    if not folder.is_dir():
        raise SettingsError((sentence("is not a folder", where=str(folder), fix="name the blog's folder, or make it first"),))
    if path.exists() and not force:
        raise SettingsError((sentence("is there already", where=str(path), fix="--force replaces it"),))
    try:
        result = look(folder)
    except UnreadableError as error:
        result = Found("", {}, (f"{error}. Nothing was taken from it.",))
    settings, notes = _sound(result)
    notes += _address(folder, settings, base_url, result.repositories)
    label = result.settings.get("generator", "plain")
    candidates, more = _posts(folder, settings, dialects.by_name(label), result.generator)
    notes += more
    paths = (*(own.path for own in result.feeds), *dialects.by_name(label).old_feeds)
    feed = old_feed(folder, settings.get("output", "public"), paths)
    of_languages = feeds_of_languages(folder, settings.get("output", "public"), paths)
    planned = [OldFeed(folder / settings.get("output", "public") / own.path, own.path, own.format) for own in result.feeds]
    if result.generator and dialects.by_name(label).makes_pages({}):
        settings["pages"] = "feeds/"  # the generator makes the site's own front page
    for item in [feed] if feed is not None else planned[::-1]:
        notes += _keep_address(folder, settings, item)
    if dialects.by_name(label).empties_output and "output" in settings and settings["output"] == result.settings.get("output"):
        output = settings["output"]
        note = f"{result.generator} removes from {output} what it did not make: build the feeds after it, or name another output."
        notes += (note,)
    if result.feeds:
        settings |= _as_before(result.feeds[0])
    before = replaced.kept(path) if path.exists() else None
    with path.open("w" if force else "x", encoding="utf-8", newline="\n") as file:
        file.write(settings_file.write(settings, result.generator))
    own_paths = [old.path for old in ((feed, *of_languages) if feed is not None else of_languages)]
    own_paths += [own.path for own in result.feeds]
    live = settings["base_url"] + encode_path(own_paths[0]) if own_paths and "base_url" in settings else ""
    return MovedIn(path, settings, result.generator, notes, feed, tuple(candidates), before, live, of_languages)


def _address(folder: Path, settings: dict[str, Any], base_url: str | None, repositories: Iterable[str]) -> tuple[str, ...]:
    """Settle `base_url`: what the author gave, else the generator's, else what the surroundings tell; never a placeholder."""
    if base_url is not None:
        settings["base_url"] = KINDS["base_url"].read(base_url)
        return ()
    own = settings.get("base_url", "")
    if own and not is_placeholder(own):
        if is_example(own):
            return (f"{own} is an address for examples: if it is not the blog's own, correct base_url before the first build.",)
        if is_in_private_network(own):
            return (
                f"{own} is in a private network: if readers find the blog elsewhere, correct base_url before the first build.",
            )
        return ()
    settings.pop("base_url", None)
    url, source = address(SiteFolder(folder), repositories)
    if url:
        settings["base_url"] = url
        return (f"base_url is {url}, from {source}: change it in feeds.toml if the blog is elsewhere.",)
    return (f"{own} is a placeholder, not the blog's address.",) if own else ()


def _posts(
    folder: Path, settings: dict[str, Any], dialect: Dialect, generator: str
) -> tuple[list[tuple[str, int]], tuple[str, ...]]:
    """Settle `posts`: the generator's folder if it is there, else the one with the most posts; and what to say of others."""
    wanted = settings.get("posts")
    output = str(settings.get("output", "public")).split("/")[0]
    # The output folder holds no posts; a folder above both, as docs/ of docs/posts and docs/public, does.
    skipped = () if f"{wanted}/".startswith(f"{output}/") else (output,)
    candidates = post_folders(folder, skipped, tuple(ending for ending in dialect.endings if ending in (".rst", ".njk")))
    if wanted is not None and SiteFolder(folder).has_folder(str(wanted)):
        return candidates, ()
    if wanted is not None and dialect.posts_folder:
        elsewhere = candidates
        candidates = [(path, count) for path, count in elsewhere if path.rpartition("/")[2] == dialect.posts_folder]
        if not candidates:
            return candidates, _no_posts_folder(str(wanted), generator, elsewhere)
    if not candidates:
        if wanted is None:
            settings["posts"] = "posts"
        return candidates, (f"No folder of posts was found; posts is {settings['posts']}: change it in feeds.toml.",)
    if wanted is None and dialect.name == "plain" and not any(path.rpartition("/")[2] in POSTS_NAMES for path, _ in candidates):
        base, count = folder_of_notes(folder, skipped)
        if count > 2 * candidates[0][1] and f"{candidates[0][0]}/".startswith(f"{base}/".lstrip("/")):
            place = settings["posts"] = base or "."
            settings.setdefault("exclude", ["*.txt", "*.html"])
            return candidates, (
                f"posts is {place} (posts found: {count}), as no folder in it holds most of them: exclude what is not for "
                "readers. Plain text and HTML are excluded.",
            )
    settings["posts"] = candidates[0][0] or "."
    others = [f"{path or '.'} ({count})" for path, count in candidates[1:6] if not path.startswith(f"{settings['posts']}/")]
    why = "it has the most posts" if dialect.name == "plain" else "the generator's settings do not say"
    if wanted is not None:
        why = f"{wanted} is not there"
    notes = [f"posts is {settings['posts']} (posts found: {candidates[0][1]}): {why}."]
    if others:
        notes.append(f"Other folders with posts: {', '.join(others)}.")
    return candidates, tuple(notes)


def _no_posts_folder(wanted: str, generator: str, elsewhere: Sequence[tuple[str, int]]) -> tuple[str, ...]:
    """What to do where the folder of posts is not there, and the generator has posts in no other."""
    notes = [
        f"{wanted} is not there, and {generator} has posts in no other folder, so nothing will be published. If it is a git "
        "submodule, fetch it; if it is made by a script, run that first."
    ]
    if elsewhere:
        others = ", ".join(f"{path or '.'} ({count})" for path, count in elsewhere[:5])
        notes.append(f'To publish other files, set posts and generator = "plain" in feeds.toml. Folders with files: {others}.')
    return tuple(notes)


def _keep_address(folder: Path, settings: dict[str, Any], feed: OldFeed) -> tuple[str, ...]:
    """Have the feed stay where the old one is, so that nobody needs to subscribe again."""
    home, _, name = feed.path.rpartition("/")
    paths = settings.setdefault("paths", {})
    notes: list[str] = []
    if home:
        settings.setdefault("moved", {})[feed.path] = name if name != Paths().html else feed.format
    own = {format: paths.get(format, getattr(Paths(), format)) for format in FORMATS}
    taken = next((format for format, file in own.items() if file == name and format != feed.format), None)
    if not home and own[feed.format] != name:
        paths[feed.format] = name
        if taken is not None:
            # The file name belongs to another format by default, e.g. an Atom feed at /rss.xml.
            paths[taken] = f"{taken}-feed.{'json' if taken == 'json' else 'xml'}"
    elif home:
        settings["moved"][feed.path] = own[feed.format]
    output = str(settings.get("output", "public"))
    if not paths:
        del settings["paths"]
    if feed.file.is_relative_to(folder / output):
        settings["output"] = "feeds-public"
        if feed.file.exists():
            notes.append(
                f"{output}/{feed.path} is the feed that the generator makes itself, so output is feeds-public. To replace it, "
                f'switch the generator\'s feed off, delete that file, and set output = "{output}".'
            )
        else:
            notes.append(
                f"The generator writes its own feed to {output}/{feed.path}, so output is feeds-public. To replace it, switch "
                f'the generator\'s feed off, and set output = "{output}".'
            )
    return tuple(notes)


def _as_before(feed: GeneratedFeed) -> dict[str, Any]:
    """How many entries the generator's feed has, and whether as summaries, where its settings say so."""
    limit = {"limit": KINDS["limit"].read(feed.limit)} if 0 < feed.limit <= _MOST_ENTRIES else {}
    return {**limit, **({"content": "summary"} if feed.summaries else {})}


def look(folder: Path) -> Found:
    """The settings of the generator to which the folder belongs; its label is "" if none is recognised.

    Raises UnreadableError.
    """
    site = SiteFolder(folder)
    for dialect in dialects.every():
        result = dialect.detect(site)
        if result is not None:
            settings = {"generator": dialect.name, **result.settings}
            if dialect.machine_zone:
                settings, notes = machine.settle(dialect, settings, site)
                result = result._replace(notes=(*result.notes, *notes))
            return result._replace(settings={name: value for name, value in settings.items() if value not in (None, "", {}, [])})
    return Found("", {}, _sites_below(site))


def _sites_below(site: SiteFolder) -> tuple[str, ...]:
    """What to say of sites in folders of a folder that is none itself, e.g. of a repository that holds a program and its site."""
    notes: list[str] = []
    for name in site.folders():
        below = SiteFolder(site.path / name)
        for dialect in dialects.every():
            if not dialect.makes_pages({}):
                continue
            with suppress(UnreadableError):
                if dialect.detect(below) is not None:
                    notes.append(f"The folder {name} belongs to {dialect.label}: to publish that site, run feeds init in it.")
                    break
    return tuple(notes)


def _sound(found: Found) -> tuple[dict[str, Any], tuple[str, ...]]:
    """What our own checks accept of what was found; a note for each value that they refuse."""
    kept: dict[str, Any] = {}
    notes = list(found.notes)
    for name, value in found.settings.items():
        if name in ("dialect", "set"):
            kept[name] = value
            continue
        if name not in ("author", "category_map", "tag_map", "markdown", "paths", "moved", "visibility"):
            read = _permalink(found) if name == "permalink" else KINDS[name].read
            language = meant_language(value.strip()) if name == "language" and isinstance(value, str) else ""
            checked = _checked(name, read, with_scheme(value) if name == "base_url" else language or value, notes)
            if checked is not None:
                kept[name] = checked
            continue
        table = {}
        for key, item in value.items():
            kind = PERSON[key] if name == "author" else KINDS.get(f"{name}.{key}") or NAMED[name]
            checked = _checked(f"{name}.{key}", kind.read, item, notes)
            if checked is not None:
                table[key] = checked
        if table and (name != "author" or "name" in table):
            kept[name] = table
    if kept.get("markdown", {}).get("renderer") == "python-markdown" and find_spec("markdown") is None:
        del kept["markdown"]["renderer"]
        notes.append(
            "Python-Markdown is not installed: its Markdown is read by a renderer that is nearly like it. For the same output,"
            " pip install 'feed-publisher[pelican]' and set renderer = \"python-markdown\" in the table [markdown]."
        )
    posts, output = (Path(os.path.normpath(kept.get(name, name))) for name in ("posts", "output"))
    if "output" in kept and posts.is_relative_to(output):
        notes.append(f"The posts lie in {found.generator}'s output: output is another folder.")
        kept["output"] = "feeds-public" if posts != Path() else "../feeds-public"
    return kept, tuple(notes)


def _permalink(found: Found) -> Callable[[Any], Any]:
    """Reads a permalink pattern as the generator's dialect takes it."""
    names = dialects.by_name(found.settings.get("generator", "plain")).permalink_names

    def read(value: Any) -> Any:
        pattern = KINDS["permalink"].read(value)
        permalink_names(pattern, names)
        return pattern

    return read


def _checked(name: str, read: Callable[[Any], Any], value: Any, notes: list[str]) -> Any:
    try:
        return read(value)
    except WrongValueError as wrong:
        notes.append(sentence(f"not taken over, {wrong.what}", where=name, expected=wrong.expected, fix=wrong.fix) + ".")
        return None
