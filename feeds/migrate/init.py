"""`feeds init`: in comes a site's folder, out goes a commented feeds.toml that loads without mistakes.

What a site generator's settings say is taken over where it is sound, and said. Must not replace a file unasked.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from feeds import dialects
from feeds.dialects.base import Dialect
from feeds.dialects.config_files import Found, SiteFolder, UnreadableError
from feeds.errors import SettingsError, sentence
from feeds.migrate.surroundings import OldFeed, address, is_placeholder, old_feed, post_folders
from feeds.settings import Paths
from feeds.settings.addresses import permalink_names
from feeds.settings.fields import KINDS, NAMED, PERSON
from feeds.settings.kinds import WrongValueError

FILE_NAME = "feeds.toml"


class Option(NamedTuple):
    """A setting as the written file shows it: its name, what it is for, and a value to show where none is known."""

    name: str
    comment: str
    example: Any


#: The options of the written file, by heading; "" stands above the first table.
OPTIONS: Mapping[str, tuple[Option, ...]] = {
    "": (
        Option("base_url", "Where the feeds will be. Everything is published below it; it stands in every link.", "https://example.org/"),
        Option("posts", "The folder of posts, with everything below it.", "posts"),
        Option("output", "The folder to publish in. Files in it that are not ours are never touched.", "public"),
        Option("state", "What is remembered between builds: ids, slugs, dates. Keep it, and back it up.", ".feeds"),
        Option("title", "Name of the site. Default: the host of base_url.", "My site"),
        Option("description", "What the site is about, in a sentence.", "What I cook, and what I code."),
        Option("language", 'Language of the posts, as "zh-CN" or "en".', "zh-CN"),
        Option("timezone", "Time zone of dates that name none.", "Asia/Shanghai"),
        Option("rights", "Copyright or licence.", "CC BY 4.0"),
        Option("icon", "A square picture of the site.", "/icon.png"),
        Option("home_page_url", "The site's front page, if the feeds live elsewhere.", "https://example.org/"),
        Option("generator", "Whose conventions the posts follow: links, categories, dates, what is a post.", "plain"),
        Option("permalink", "Address of a post on the site. Default: a page of ours.", ":year/:month/:day/:title/"),
        Option("comments_url", "Where a post's comments are.", "{permalink}#comments"),
        Option("default_image", "Picture of posts that have none.", "/cover.png"),
        Option("encodings", "What posts may be written in, tried in this order.", ["utf-8", "gb18030"]),
        Option("exclude", "Files that are no posts.", ["README.md", "drafts/*"]),
        Option("authority", "Who vouches for ids: a domain and a year in which it was yours.", "example.org,2026"),
        Option("taxonomies", "What gets feeds of its own.", ["category", "tag", "author"]),
        Option("categories_mode", '[A, B] is B within A, "path", as in Hexo; or two, "parallel".', "path"),
        Option("default_category", "Category of posts that name none.", "Notes"),
        Option("formats", "Formats of each feed.", ["rss", "atom", "json"]),
        Option("limit", "How many of the newest posts a feed holds.", 20),
        Option("content", 'The whole text, "full", or a "summary".', "full"),
        Option("max_document_bytes", "A larger feed loses its oldest posts.", "512 KB"),
        Option("max_age_seconds", "How long readers may wait before they ask again.", "1 h"),
        Option("hubs", "WebSub hubs.", ["https://hub.example.org/"]),
        Option("show_email", "Whether authors' e-mail addresses stand in feeds.", False),
        Option("retired", "Addresses of feeds that are gone on purpose (410).", ["old/comments.xml"]),
        Option("pages", 'HTML pages: true, false, or a folder for them, e.g. "feeds/".', True),
        Option(
            "readers", "Buttons on pages that open a feed in a reader.",
            ["folo", "feedly", "inoreader", "newsblur", "theoldreader", "feed"],
        ),
        Option("templates", "Folder of templates of your own.", "templates"),
        Option("page_css", "Style sheet of your own, behind ours.", "pages.css"),
        Option("output_mode", 'How new replaces old: "auto", "exchange", "symlink" or "files".', "auto"),
        Option("precompress", "Compressed copies beside each document, for nginx's gzip_static.", ["gzip", "br"]),
        Option("header_maps", "Headers of each document as configuration for a web server.", ["nginx"]),
        Option("max_removed_fraction", "If more posts than this vanish at once, nothing is published.", "30 %"),
        Option("workers", "Processes of a large build; 0: one for each processor.", 0),
    ),
    "author": (
        Option("name", "Author of posts that name none, and of the feeds: name, page, e-mail, picture.", "My name"),
        Option("url", "", "/about/"),
        Option("email", "", "me@example.org"),
        Option("avatar", "", "/me.png"),
    ),
    'people."Ben"': (Option("url", "What is known of an author whom posts name.", "https://ben.example.org/"),),
    "category_map": (Option("C++", "Slugs that should be other than the name.", "cpp"),),
    "tag_map": (Option("C#", "The same for tags.", "c-sharp"),),
    'feed."category/notes"': (
        Option("title", 'What one feed has of its own; [feed.""] is the site\'s.', "Only notes"),
        Option("description", "", "Short pieces."),
        Option("limit", "", 50),
        Option("content", "", "summary"),
    ),
    "moved": (Option("old/rss.xml", "Feeds with a new address: old path = new path or URL (301).", "rss.xml"),),
    "paths": (
        Option("site", "Folders below base_url and output.", ""),
        Option("category", "", "category/{path}/"),
        Option("tag", "", "tag/{slug}/"),
        Option("author", "", "author/{slug}/"),
        Option("entry", "", "entry/{slug}/"),
        Option("archive", "", "archive/"),
        Option("rss", "Names of the documents in each of them.", "rss.xml"),
        Option("atom", "", "atom.xml"),
        Option("json", "", "feed.json"),
        Option("html", "", "index.html"),
        Option("opml", "", "feeds.opml"),
        Option("css", "", "feeds.css"),
    ),
    "markdown": (
        Option("renderer", "How the posts' Markdown is read; docs/markdown.md has all options.", "commonmark"),
        Option("breaks", "A line end within a paragraph is a line break.", False),
        Option("autolinks", "Bare addresses become links.", True),
        Option("typography", "Typographic quotes and dashes: \"none\", or as one of the renderers has them.", "none"),
    ),
    "sanitise": (
        Option("backend", 'The library that cleans HTML: "bleach", or "nh3", which is faster.', "bleach"),
        Option("allow_tags", "Tags kept beside those of the policy.", ["center"]),
        Option("embed_hosts", "Further players whose frames become links.", ["player.example.org/embed/"]),
        Option("data_images", "Keep small pictures written into the post.", False),
        Option("nofollow", 'rel="nofollow" on every link.', False),
        Option("drop_trackers", "Drop pictures of one pixel.", False),
    ),
    "visibility": (
        Option("hidden_keys", "Front matter keys that keep a post out, besides those of docs/visibility.md.", ["members"]),
        Option("hidden_terms", "Categories and tags that keep a post out.", ["diary"]),
        Option("public_words", "Words with which `status` publishes a post, besides published and the like.", ["evergreen"]),
        Option("ignored_keys", "Keys that say nothing about visibility here, though they usually do.", ["stage"]),
        Option("required_keys", "Only posts in which one of these keys is true are published.", ["publish"]),
    ),
}  # fmt: skip

_HEADINGS = {
    "base_url": "The site",
    "generator": "Posts",
    "taxonomies": "Categories, tags, authors",
    "formats": "Feeds",
    "pages": "Pages",
    "output_mode": "Publishing",
}
_NEEDED = ("base_url", "posts", "output")


class MovedIn(NamedTuple):
    """What `run` wrote: the file, the settings in it, the generator's label ("" if none was recognised), what to tell."""

    path: Path
    settings: Mapping[str, Any]
    generator: str
    notes: tuple[str, ...]
    old_feed: OldFeed | None
    post_folders: tuple[tuple[str, int], ...]


def run(folder: Path, *, force: bool = False, base_url: str | None = None) -> MovedIn:
    """Write feeds.toml into the folder, from what the site's generator and its surroundings say.

    `base_url` is the blog's address if the author gave it. Raises SettingsError if there is a feeds.toml and `force` is
    not given, or no such folder; OSError if it cannot be written.
    """
    path = folder / FILE_NAME
    if not folder.is_dir():
        raise SettingsError((sentence("is not a folder", where=str(folder), fix="name the blog's folder, or make it first"),))
    if path.exists() and not force:
        raise SettingsError((sentence("is there already", where=str(path), fix="--force replaces it"),))
    try:
        found = look(folder)
    except UnreadableError as error:
        found = Found("", {}, (f"{error}. Nothing was taken from it.",))
    settings, notes = _sound(found)
    notes += _address(folder, settings, base_url)
    candidates, more = _posts(folder, settings)
    notes += more
    label = found.settings.get("generator", "plain")
    feed = old_feed(folder, settings.get("output", "public"), dialects.by_name(label).old_feeds)
    if feed is not None:
        notes += _keep_address(folder, settings, feed)
    with path.open("w" if force else "x", encoding="utf-8", newline="\n") as file:
        file.write(write(settings, found.generator))
    return MovedIn(path, settings, found.generator, notes, feed, tuple(candidates))


def _address(folder: Path, settings: dict[str, Any], given: str | None) -> tuple[str, ...]:
    """Settle `base_url`: what the author gave, else the generator's, else what the surroundings tell; never a placeholder."""
    if given is not None:
        settings["base_url"] = KINDS["base_url"].read(given)
        return ()
    own = settings.get("base_url", "")
    if own and not is_placeholder(own):
        return ()
    settings.pop("base_url", None)
    url, source = address(SiteFolder(folder))
    if url:
        settings["base_url"] = url
        return (f"base_url is {url}, from {source}: change it in feeds.toml if the blog is elsewhere.",)
    return (f"{own} is a placeholder, not the blog's address.",) if own else ()


def _posts(folder: Path, settings: dict[str, Any]) -> tuple[list[tuple[str, int]], tuple[str, ...]]:
    """Settle `posts`: the generator's folder if it is there, else the one with the most posts; and what to say of others."""
    output = str(settings.get("output", "public")).split("/")[0]
    candidates = post_folders(folder, (output,))
    wanted = settings.get("posts")
    if wanted is not None and (folder / str(wanted)).is_dir():
        return candidates, ()
    if not candidates:
        if wanted is None:
            settings["posts"] = "posts"
        return candidates, (f"No folder of posts was found; posts is {settings['posts']}: change it in feeds.toml.",)
    settings["posts"] = candidates[0][0] or "."
    others = [f"{path or '.'} ({count})" for path, count in candidates[1:6] if not path.startswith(f"{settings['posts']}/")]
    why = f"{wanted} is not there" if wanted is not None else "the generator's settings do not say"
    note = f"posts is {settings['posts']} ({candidates[0][1]} posts): {why}."
    return candidates, (note + (f" Other folders with posts: {', '.join(others)}." if others else ""),)


def _keep_address(folder: Path, settings: dict[str, Any], feed: OldFeed) -> tuple[str, ...]:
    """Have the feed stay where the old one is, so that nobody needs to subscribe again."""
    home, _, name = feed.path.rpartition("/")
    paths = settings.setdefault("paths", {})
    notes: list[str] = []
    if home:
        settings["moved"] = {feed.path: name if name != Paths().html else feed.format}
    own = {format: paths.get(format, getattr(Paths(), format)) for format in ("rss", "atom", "json")}
    taken = next((format for format, file in own.items() if file == name and format != feed.format), None)
    if not home and own[feed.format] != name:
        paths[feed.format] = name
        if taken is not None:
            # The file name belongs to another format by default, e.g. an Atom feed at /rss.xml.
            paths[taken] = f"{taken}-feed.{'json' if taken == 'json' else 'xml'}"
    elif home:
        settings["moved"] = {feed.path: own[feed.format]}
    output = str(settings.get("output", "public"))
    if not paths:
        del settings["paths"]
    if feed.file.is_relative_to(folder / output):
        settings["output"] = "feeds-public"
        notes.append(
            f"{output}/{feed.path} is the feed that the generator makes itself, so output is feeds-public. To replace it, switch "
            f'the generator\'s feed off, delete that file, and set output = "{output}".'
        )
    return tuple(notes)


def look(folder: Path) -> Found:
    """The settings of the generator to which the folder belongs; its label is "" if none is recognised.

    Raises UnreadableError.
    """
    site = SiteFolder(folder)
    for dialect in dialects.every():
        found = dialect.detect(site)
        if found is not None:
            settings = {"generator": dialect.name, **found.settings}
            if dialect.machine_zone:
                settings, notes = _in_machine_zone(dialect, settings)
                found = found._replace(notes=(*found.notes, *notes))
            return found._replace(settings={name: value for name, value in settings.items() if value not in (None, "", {}, [])})
    return Found("", {})


def _in_machine_zone(dialect: Dialect, settings: dict[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The settings with the time zone of this machine, where the generator would take it, and a note that says so."""
    zone = machine_zone()
    own = settings.get("timezone")
    if zone is None:
        return settings, ()
    if not own:
        note = (
            f"{dialect.label}'s settings name no timezone, so it reads dates in the zone of the machine it runs on. "
            f"timezone is {zone}, as on this machine: change it in feeds.toml if the blog is built elsewhere."
        )
        return {**settings, "timezone": zone}, (note,)
    if "machine_timezone" not in dialect.options or _same_zone(own, zone):
        return settings, ()
    note = (
        f"{dialect.label} writes the days in addresses as they are in the zone of the machine it runs on. If that is not {own} "
        f"(this machine is in {zone}), set machine_timezone in the table [dialect] of feeds.toml."
    )
    return settings, (note,)


def _same_zone(one: str, other: str) -> bool:
    """Whether two names of zones mean the same clock, as far as blogs reach back; an unknown name is left to the checks."""
    try:
        zones = ZoneInfo(one), ZoneInfo(other)
    except (KeyError, ValueError, OSError):
        return True
    days = (datetime(year, month, 1) for year in range(2000, 2038) for month in range(1, 13))  # noqa: DTZ001
    return all(zones[0].utcoffset(day) == zones[1].utcoffset(day) for day in days)


def machine_zone() -> str | None:
    """The name of this machine's time zone, e.g. "Asia/Shanghai"; None if it has no name that is known."""
    names = [os.environ.get("TZ", "").removeprefix(":")]
    with suppress(OSError, ValueError):
        names.append(Path("/etc/timezone").read_text(encoding="ascii").strip())
    # The link's text, e.g. /usr/share/zoneinfo/Europe/Berlin; a zone may itself be a link to another's file.
    with suppress(OSError):
        names.append(os.readlink("/etc/localtime").partition("zoneinfo/")[2])  # noqa: PTH115
    for name in filter(None, names):
        try:
            return str(ZoneInfo(name).key)
        except (KeyError, ValueError, OSError):
            continue
    return None


def _sound(found: Found) -> tuple[dict[str, Any], tuple[str, ...]]:
    """What our own checks accept of what was found; a note for each value that they refuse."""
    kept: dict[str, Any] = {}
    notes = list(found.notes)
    for name, value in found.settings.items():
        if name == "dialect":
            kept[name] = value
            continue
        if name not in ("author", "category_map", "tag_map", "markdown"):
            read = _permalink(found) if name == "permalink" else KINDS[name].read
            checked = _checked(name, read, value, notes)
            if checked is not None:
                kept[name] = checked
            continue
        table = {}
        for key, one in value.items():
            kind = PERSON[key] if name == "author" else KINDS[f"markdown.{key}"] if name == "markdown" else NAMED[name]
            checked = _checked(f"{name}.{key}", kind.read, one, notes)
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


def write(settings: Mapping[str, Any], generator: str = "") -> str:
    """The text of a feeds.toml that holds the settings, and shows every other one as a comment."""
    lines = ["# Settings of the feeds. Lines that begin with # show what can be set; docs/settings.md says more of each."]
    if generator:
        lines.append(f"# Some of it was taken from the settings of {generator} by `feeds init`.")
    for table, options in OPTIONS.items():
        known = settings.get(table, {}) if table else settings
        lines += list(_table(table, options, known))
        if not table and settings.get("dialect"):
            lines += ["", f"# What {generator}'s own settings say besides; docs/generators.md has them all.", "[dialect]"]
            lines += [f"{_key(name)} = {_toml(value)}" for name, value in settings["dialect"].items()]
    return "\n".join(lines) + "\n"


def _table(table: str, options: tuple[Option, ...], known: Mapping[str, Any]) -> Iterator[str]:
    """The lines of one table; its head is a comment where nothing stands in it."""
    if table:
        own = {"author", "paths", "markdown", "sanitise", "visibility"} | ({table} if known else set())
        yield ""
        for option in options[:1]:
            yield from _comment(option.comment)
        head = table if re.fullmatch(r"[\w.]+", table, re.ASCII) or '"' in table else json.dumps(table)
        yield f"[{head}]" if table in own and known else f"# [{head}]"
    shown = {option.name for option in options}
    for place, option in enumerate(options):
        if not table:
            if option.name in _HEADINGS:
                yield from ("", f"# --- {_HEADINGS[option.name]}")
            yield ""
            yield from _comment(option.comment)
        elif place:
            yield from _comment(option.comment)
        value = known.get(option.name)
        needed = not table and option.name in _NEEDED
        if value is None and table in ("category_map", "tag_map", "moved") and known:
            continue
        text = f"{_key(option.name)} = {_toml(option.example if value is None else value)}"
        if value is None and option.name == "base_url" and not table:
            # Left out rather than invented: a build then says that it is missing.
            yield f"# {text}  # SET THIS"
            continue
        yield text if value is not None or needed else f"# {text}"
    if table in ("category_map", "tag_map", "markdown", "moved"):
        for name, value in known.items():
            if name not in shown:
                yield f"{_key(name)} = {_toml(value)}"


def _comment(text: str) -> Iterator[str]:
    if text:
        yield f"# {text}"


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _toml(name)


def _toml(value: Any) -> str:
    """A value as TOML writes it; JSON's strings are TOML's, but for one control character."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(name)} = {_toml(one)}" for name, one in value.items()) + " }"
    if isinstance(value, list | tuple) and len(value) > 1 and all(isinstance(one, Mapping) for one in value):
        return "[\n" + "".join(f"    {_toml(one)},\n" for one in value) + "]"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
