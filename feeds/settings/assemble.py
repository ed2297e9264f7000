"""One site's settings made of checked values: in comes what the sources set, out goes `Settings`, or more mistakes.

Checks what one setting says about another: URLs below the base URL, folders apart, patterns that would collide.
Must not read a source.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from feeds import state_folder
from feeds.contacts import contact
from feeds.dialects import by_name
from feeds.formats import OWN as FORMATS
from feeds.model import Person
from feeds.settings.addresses import collisions, permalink_names, resolved
from feeds.settings.elements import declared
from feeds.settings.groups import Bounds, FeedSettings, Paths, Sanitise, SetSettings, Visibility
from feeds.settings.kinds import WrongValueError, describe, nearest
from feeds.settings.push import Push
from feeds.settings.settings import Settings
from feeds.settings.show import ShowSettings
from feeds.settings.sources import ValueReader
from feeds.settings.special_kinds import ALL_TAXONOMIES
from feeds.slugs import RESERVED, slug

_LOCAL = "http://localhost/"
_RESOLVED = ("icon", "logo", "default_image")


def assemble(reader: ValueReader, config: Path | None, cwd: Path, *, need_base_url: bool) -> Settings | None:
    """The settings, or None where `reader.mistakes` says why there are none."""
    values = {name: value for name, value in reader.values.items() if value is not None}
    if need_base_url and "base_url" not in reader.values:
        fix = 'write base_url = "https://example.org/" in feeds.toml, or give --base-url or FEEDS_BASE_URL'
        reader.mistake("base_url", "is missing: feeds need to know where they will be", fix=fix)
    base = values.setdefault("base_url", _LOCAL)
    _folders(reader, values, config, cwd)
    _dialect(reader, values)
    for name in _RESOLVED:
        if name in values:
            values[name] = _resolved(reader, values[name], base, reader.where[name])
    if "authors" in values:
        values["authors"] = tuple(_person(reader, value, base, reader.where["authors"]) for value in values["authors"])
    people = reader.named.get("people", {})
    values["people"] = {
        contact(name).name: _person(reader, {"name": name, **person}, base, reader.where[f"people.{name}"])
        for name, person in people.items()
    }
    values["category_map"] = reader.named.get("category_map", {})
    values["tag_map"] = reader.named.get("tag_map", {})
    _groups(reader, values)
    _paths(reader, values)
    values["feeds"] = _feeds(reader, values["paths"])
    values["shows"] = _shows(reader, values["paths"], base)
    _elements(reader, values)
    values["link_parameters"] = reader.named.get("link_parameters", {})
    values["sets"] = _sets(reader)
    values["moved"] = _moved(reader, values.get("retired", ()))
    _sizes(reader, values)
    _languages(reader, values)
    if values["sanitise"].backend == "nh3":
        _installed(reader, "nh3", "sanitise.backend", "fast")
    for name in ("renderer", "extensions"):
        if values["markdown"].get(name) == "python-markdown" or (name == "extensions" and values["markdown"].get(name)):
            _installed(reader, "markdown", f"markdown.{name}", "pelican")
    return None if reader.mistakes else Settings(**values, config=config, posts_by_config=reader.posts_by_config)


def _groups(reader: ValueReader, values: dict[str, Any]) -> None:
    """The tables whose settings have names of their own, e.g. `paths.rss`, as one value each."""
    groups: dict[str, type] = {
        "paths": Paths, "push": Push, "bounds": Bounds, "markdown": dict, "sanitise": Sanitise, "visibility": Visibility,
    }  # fmt: skip
    for group, kind in groups.items():
        prefix = f"{group}."
        own = {name.removeprefix(prefix): values.pop(name) for name in sorted(values) if name.startswith(prefix)}
        if group == "sanitise":
            own["allow_attributes"] = dict(sorted(reader.named.get("sanitise.allow_attributes", {}).items()))
        values[group] = kind(**dict(sorted(own.items())))


def _languages(reader: ValueReader, values: Mapping[str, Any]) -> None:
    """What the settings of languages need of each other."""
    if values.get("language_categories") and "language" not in values.get("taxonomies", ()):
        reader.mistake(
            reader.where["language_categories"], "there are no feeds of languages", fix='add "language" to taxonomies'
        )  # fmt: skip
    if values.get("twins"):
        from feeds.content.chinese import TARGETS, script_of

        _installed(reader, "opencc", "twins", "chinese")
        script = script_of(values.get("language"))
        for target in values["twins"]:
            if script == TARGETS[target.casefold()]:
                reader.mistake(reader.where["twins"], f"the site's language, {values['language']}, is that of {target} already")


def _dialect(reader: ValueReader, values: dict[str, Any]) -> None:
    """What depends on the generator: the table [dialect], what a list of categories means, and the placeholders of permalink."""
    dialect = by_name(values.get("generator") or "plain")
    values.setdefault("categories_mode", dialect.categories_mode)
    options: dict[str, object] = {}
    for name, value in reader.named.get("dialect", {}).items():
        where = reader.where[f"dialect.{name}"]
        option = dialect.options.get(name)
        if option is None:
            known = ", ".join(sorted(dialect.options)) or "none"
            reader.mistake(where, f"is not an option of {dialect.label}", known, nearest(name, dialect.options))
        elif not option.holds(value):
            reader.mistake(where, f"{describe(value)} is not {option.kind}", option.kind)
        else:
            options[name] = value
    values["dialect"] = options
    pattern = values.get("permalink")
    if pattern is not None:
        try:
            permalink_names(pattern, dialect.permalink_names)
        except WrongValueError as wrong:
            reader.mistake(reader.where["permalink"], wrong.what, wrong.expected, wrong.fix)


def _resolved(reader: ValueReader, text: str, base: str, where: str) -> str | None:
    try:
        return resolved(text, base)
    except WrongValueError as wrong:
        reader.mistake(where, wrong.what, wrong.expected, wrong.fix)
        return None


def _person(reader: ValueReader, table: dict[str, Any], base: str, where: str) -> Person:
    named = contact(table.get("name", "?"))
    facts: dict[str, Any] = {"email": named.email, **table, "name": named.name or "?"}
    for name in {"url", "avatar"} & table.keys():
        facts[name] = _resolved(reader, table[name], base, where)
    return Person(**facts)


#: Folders whose files are the operating system's or of all users: ours would lie among them, with other permissions.
_SYSTEM_FOLDERS = frozenset(
    "/ /bin /boot /dev /etc /home /lib /lib64 /media /mnt /opt /proc /root /run /sbin /srv /sys /tmp /usr /usr/bin /usr/lib "
    "/usr/local /usr/sbin /usr/share /var /var/cache /var/lib /var/log /var/tmp /System /Library /Users /Applications".split()
)
_KERNEL_FOLDERS = ("/proc", "/sys", "/dev", "/boot")


def _folders(reader: ValueReader, values: dict[str, Any], config: Path | None, cwd: Path) -> None:
    """Where posts are, where the output and the state go; none of them among the others' files.

    Output and state may lie inside the posts folder, for blogs whose posts are in several folders of the site: they are
    skipped when posts are looked for.
    """
    home = config.parent if config else cwd
    if "posts" not in reader.values:
        values["posts"] = home / "posts"
        if not values["posts"].is_dir():
            fix = "name it: feeds build posts/"
            reader.mistake("posts", "no posts folder is named, and there is none called posts", fix=fix)
    posts: Path = values.setdefault("posts", home / "posts")
    values.setdefault("output", home / "public")
    site = state_folder.SiteIdentity(str(posts), values["base_url"], str(config) if config and reader.posts_by_config else None)
    values.setdefault("state", Path(state_folder.default(str(config.parent) if config else None, site)))
    real = {name: Path(os.path.realpath(values[name])) for name in ("posts", "output", "state")}
    where = {name: reader.where.get(name, f"{name} ({values[name]}, the default)") for name in real}
    before = len(reader.mistakes)
    for name in ("output", "state"):
        if str(real[name]) in _SYSTEM_FOLDERS or any(str(real[name]).startswith(f"{folder}/") for folder in _KERNEL_FOLDERS):
            fix = f"name another folder with --{name}"
            reader.mistake(where[name], f"{values[name]} is a folder of the operating system", fix=fix)
    for inner, outer, fix in (
        ("posts", "output", "name another folder with --output"),
        ("state", "output", "name another folder with --state"),
        ("output", "state", "name another folder with --output"),
        ("posts", "state", "name another folder with --state"),
    ):
        if inner not in reader.where and len(reader.mistakes) > before:
            continue  # follows from the mistake before
        if real[inner] == real[outer]:
            reader.mistake(where[inner], f"is the {outer} folder too, {values[outer]}", fix=fix)
        elif real[inner] != real[outer] and real[inner].is_relative_to(real[outer]):
            reader.mistake(where[inner], f"{values[inner]} lies inside the {outer} folder, {values[outer]}", fix=fix)


def _paths(reader: ValueReader, values: dict[str, Any]) -> None:
    """Nothing of ours may take the place of another."""
    paths: Paths = values["paths"]
    taxonomies = values.get("taxonomies", Settings.__dataclass_fields__["taxonomies"].default)
    sets = ("set",) if reader.named.get("set") else ()
    twins = ("language",) if values.get("twins") and "language" not in taxonomies else ()
    patterns = {name: getattr(paths, name) for name in (*taxonomies, *sets, *twins, "entry")}
    patterns["archive"] = f"{paths.archive}{{year}}/"
    files = {name: getattr(paths, name) for name in (*FORMATS, "html", "opml", "css")}
    folders = {"site": paths.site} | ({"archive": paths.archive} if values.get("pages") is not False else {})
    for names, what in collisions(folders, patterns, files):
        keys = [f"paths.{name}" for name in names]
        reader.mistake(next((reader.where[key] for key in keys if key in reader.where), keys[0]), what)


def _shows(reader: ValueReader, paths: Paths, base: str) -> dict[str, ShowSettings]:
    """`[show."category/podcast"]` by the feed's path; the site's own is ""."""
    results = {}
    for path, table in _by_feed(reader, "show", paths).items():
        where = reader.where[f"show.{next(key for key in reader.named['show'] if _path_of(key, paths) == path)}"]
        facts = dict(table)
        if "image" in facts:
            facts["image"] = _resolved(reader, facts["image"], base, where)
        if "people" in facts:
            facts["people"] = tuple(
                replace(fact, url=fact.url and _resolved(reader, fact.url, base, where),
                        image=fact.image and _resolved(reader, fact.image, base, where))
                for fact in facts["people"]
            )  # fmt: skip
        results[path] = ShowSettings(**facts)
    return results


def _elements(reader: ValueReader, values: dict[str, Any]) -> None:
    """`[elements."geo:lat"]`: each a table that makes an element, no prefix for two namespaces."""
    tables = reader.named.get("elements", {})
    prefixes: dict[str, str] = {}
    for name, table in tables.items():
        where = reader.where[f"elements.{name}"]
        inside = where.partition("elements.")[2]
        if any(inside in mistake for mistake in reader.mistakes):
            continue  # follows from the mistake within
        try:
            _, extra = declared(name, table)
        except WrongValueError as wrong:
            reader.mistake(where, wrong.what, wrong.expected, wrong.fix)
            continue
        if prefixes.setdefault(extra.prefix, extra.namespace) != extra.namespace:
            reader.mistake(where, f'"{extra.prefix}" means {prefixes[extra.prefix]} elsewhere', fix="write another prefix")
    values["elements"] = tables


def _feeds(reader: ValueReader, paths: Paths) -> dict[str, FeedSettings]:
    """`[feed."category/技术"]` by the feed's path; the site's own is ""."""
    return {path: FeedSettings(**table) for path, table in _by_feed(reader, "feed", paths).items()}


def _path_of(key: str, paths: Paths) -> str:
    path = key.strip("/")
    return "" if path == paths.site.strip("/") else path


def _by_feed(reader: ValueReader, name: str, paths: Paths) -> dict[str, dict[str, Any]]:
    """Tables by the path of the feed that they are for."""
    results: dict[str, dict[str, Any]] = {}
    fixed = {name: getattr(paths, name).partition("{")[0] for name in ALL_TAXONOMIES}
    for key, table in reader.named.get(name, {}).items():
        where = reader.where[f"{name}.{key}"]
        path = key.strip("/")
        if path != paths.site.strip("/") and path and not any(_below(path, item) for item in fixed.values()):
            first, _, rest = path.partition("/")
            near = nearest(first, [item.strip("/") for item in fixed.values()])
            fix = near.replace('"?', f'/{rest or "…"}"?') if near else f'did you mean "{fixed["category"]}{path}"?'
            reader.mistake(where, f"{describe(key)} is not a feed", f'"" or a path below {" ".join(fixed.values())}', fix)
        path = _path_of(key, paths)
        if path in results:
            reader.mistake(where, f"{describe(key)} is in it twice")
        results[path] = table
    return results


def _sets(reader: ValueReader) -> dict[str, SetSettings]:
    """`[set.front-end]` by its name; two names never share a folder."""
    results: dict[str, SetSettings] = {}
    folders: dict[str, str] = {}
    for name, table in reader.named.get("set", {}).items():
        where = reader.where[f"set.{name}"]
        first_name = folders.setdefault(slug(name), name)
        if not name.strip() or first_name != name:
            reader.mistake(where, f"{describe(name)} is not a name of its own", "a name, e.g. [set.front-end]")
        if name.strip().casefold() in RESERVED:
            reader.mistake(where, f"{describe(name)} is a name that folders of sets cannot have", "another name")
        own = SetSettings(**table)
        if not (own.any or own.all or own.none or own.newest == "updated"):
            reader.mistake(where, "has no condition: it would be the site's feed", 'e.g. any = ["tag:css"]')
        results[name] = own
    return results


def _below(path: str, fixed: str) -> bool:
    return path.startswith(fixed) and path != fixed


def _moved(reader: ValueReader, retired: tuple[str, ...]) -> dict[str, str]:
    """Old path -> where it ends up, in one hop, so that no client follows a chain of redirects (RFC 9110 section 15.4)."""
    table = reader.named.get("moved", {})
    ends = _ends(table)
    retired_paths = frozenset(retired)
    results = {}
    for key in table:
        where, end = reader.where[f"moved.{key}"], ends[key]
        if key in retired_paths:
            reader.mistake(where, f"{describe(key)} is retired too", fix="keep one of them")
        if end is None:
            reader.mistake(where, f"{describe(key)} moves in a circle")
            continue
        results[key] = (_resolved(reader, end, _LOCAL, where) or end) if "://" in end else end
    return results


def _ends(table: Mapping[str, str]) -> dict[str, str | None]:
    """Where each chain of moves ends, None for one that ends in a circle. Each move is followed once."""
    ends: dict[str, str | None] = {}
    for key in table:
        chain: dict[str, None] = {}
        at = key
        while at in table and at not in ends and at not in chain:
            chain[at] = None
            at = table[at]
        end = ends.get(at, None if at in chain else at)
        ends.update(dict.fromkeys(chain, end))
    return ends


def _sizes(reader: ValueReader, values: dict[str, Any]) -> None:
    fields = Settings.__dataclass_fields__
    warn, most = ("warn_document_bytes", "max_document_bytes")
    high = values.get(most, fields[most].default)
    if warn in values and values[warn] > high:
        reader.mistake(reader.where[warn], f"warns only above {most}, {high}", f"at most {high}")
    elif high < fields[warn].default:
        values.setdefault(warn, high)


def _installed(reader: ValueReader, library: str, setting: str, extra: str) -> None:
    from importlib.util import find_spec

    if find_spec(library) is None:
        fix = f"pip install 'feed-publisher[{extra}]'"
        reader.mistake(reader.where[setting], f"{library} is not installed", fix=fix)
