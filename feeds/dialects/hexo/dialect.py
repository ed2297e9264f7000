"""Hexo: how its blogs read (https://hexo.io/docs/; Hexo 7, hexo-front-matter 4, hexo-generator-feed 3)."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, tzinfo
from typing import ClassVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from feeds import text
from feeds.content import links
from feeds.content.flavour import MARKED
from feeds.data_trees import without_indenting_tabs
from feeds.dialects.base import Dialect, FileKind, Found, Keys, OwnFrontMatter, PostFacts, SiteFacts, SiteFolder
from feeds.dialects.config_files import table
from feeds.dialects.hexo import paths
from feeds.dialects.hexo.settings import OPTIONS, detect
from feeds.dialects.javascript import scalars
from feeds.lazy_patterns import lazy_pattern
from feeds.model import Post, Value
from feeds.urls import encode_page

#: Placeholders for which Hexo has a value of its own whatever front matter says (lib/plugins/filter/post_permalink.ts).
_OWN = frozenset("title name post_title year month day hour minute second i_month i_day hash category".split())
#: Keys that a post's file name never overrides (lib/plugins/processor/post.ts).
_PRESERVED = frozenset({"title", "year", "month", "day", "i_month", "i_day", "hash"})
_TERM_CHARACTERS, _TITLE_CHARACTERS = 300, 2000

_MARKDOWN = (".md", ".markdown", ".mkd", ".mkdn", ".mdwn", ".mdtxt", ".mdtext")
_HIDDEN = lazy_pattern(r"(?:\A|/)[_.]")
#: Where front matter without an opening fence ends, if it is there.
_RULE = lazy_pattern(r"\n([-;])\1\1")


class Hexo(Dialect):
    """Hexo's conventions."""

    name = "hexo"
    label = "Hexo"
    tag_tables = ("hexo", "wordpress")
    template_folders = ("source/downloads/code/**",)
    categories_mode = "path"
    flavour = replace(MARKED, captions=True)
    endings = {**dict.fromkeys(_MARKDOWN, "markdown"), **dict.fromkeys((".html", ".htm", ".njk", ".j2"), "html")}
    settings_files = ("_config.yml", "_config.yaml", "_config.json")
    keys = Keys(
        published=("date", "created", "createdat", "createtime", "publishdate", "pubdate", "publishedat", "publisheddate"),
        ids=("guid", "uuid"),
        links=("permalink",),
        categories=("categories", "category"),
    )
    permalink_names = None
    bad_date_is_none = True
    posts_folder = "_posts"
    machine_zone = True
    old_feeds = ("atom.xml", "rss2.xml", "rss.xml", "feed.xml", "feed.json")
    options = OPTIONS

    # what is a post

    def kind(self, path: str, site: SiteFacts) -> FileKind:
        below = path
        if not f"/{site.root}".endswith("/_posts"):
            folder, _, below = path.partition("_posts/")
            if "_drafts/" in path:
                return FileKind("draft")
            if not below or (folder and not folder.endswith("/")):
                return FileKind("page")
        if _HIDDEN.search(below):
            return FileKind("ignored", "its name or its folder's begins with a mark by which Hexo hides it")
        ending = "." + below.rpartition(".")[2]
        if ending not in self.endings:
            return FileKind("ignored", f"Hexo does not render {ending}")
        new_post_name = _text(site, "new_post_name", ":title.md")
        if site.options.get("post_asset_folder") and ending != "." + new_post_name.rpartition(".")[2]:
            return FileKind("resource")
        return FileKind("post")

    # what its front matter says

    def front_matter(self, path: str, text: str, site: SiteFacts) -> OwnFrontMatter | None:
        """None; what no fence opens must still be YAML up to the first line of dashes (hexo-front-matter, `rFrontMatterNew`)."""
        rule = None if text.startswith(("---", ";;;")) else _RULE.search(text)
        if rule is not None and rule[1] == "-" and not _is_yaml(text[: rule.start()]):
            raise ValueError(
                "to Hexo what is above its first line of dashes is front matter, and not valid YAML, so it does not publish the "
                "post; begin the file with two lines ---"
            )
        return None

    def date(self, text: str, zone: tzinfo) -> datetime:
        return scalars.instant(text, zone)

    def interpret(self, facts: PostFacts, post: Post, site: SiteFacts) -> PostFacts:
        keys = post.front_matter
        name = paths.name_facts(_below_posts(post.path, site), _text(site, "new_post_name", ":title.md"))
        from_name = {key: value for key, value in name.items() if key not in _PRESERVED}
        title = self._title(facts, keys, name["title"], site)
        published, dated_by = self._dated(facts, name, site.zone)
        machine = _machine_zone(site)
        if machine != site.zone and (written := keys.get(dated_by)) and isinstance(written, str):
            published = scalars.instant(written, site.zone, machine)
        own_categories = _categories({**keys, **from_name})
        tags = tuple(dict.fromkeys(_terms(_either(keys, "tags", "tag"))))
        locked = {str(tag) for tag in site.options.get("encrypted_tags", ())} & set(tags)
        return replace(
            facts,
            title=title,
            published=published,
            dated_by=dated_by,
            # An empty password opens a post whose tag is locked (hexo-blog-encrypt).
            status="hidden" if facts.status == "out" and locked and keys.get("password") != "" else facts.status,
            categories=own_categories or (((site.default_category,),) if site.default_category else ()),
            tags=tags,
            slug=name["title"],
            extra=self._extra(keys, from_name, site),
        )

    def _title(self, facts: PostFacts, keys: Mapping[str, Value], slug: str, site: SiteFacts) -> str:
        title = facts.title
        if "title" not in keys and site.options.get("use_slug_as_post_title"):
            title = text.plain(slug, _TITLE_CHARACTERS)
        written = keys.get("title")
        if isinstance(written, str) and scalars.is_number(written):
            title = scalars.number_text(written) or written
        cased = keys.get("titlecase", "true" if site.options.get("titlecase") else "false")
        return title_case(title) if cased not in (None, "false", "") else title

    def _dated(self, facts: PostFacts, name: Mapping[str, str], zone: tzinfo) -> tuple[datetime | None, str]:
        """The publishing instant; a file's name tells it only where the pattern of names has the day."""
        parts = (name.get("year"), name.get("month") or name.get("i_month"), name.get("day") or name.get("i_day"))
        if facts.dated_by in ("", "file name") and all(parts):
            try:
                return scalars.instant("-".join(part.zfill(2) for part in parts if part), zone), "file name"
            except ValueError:
                return None, ""
        return facts.published, facts.dated_by

    def _extra(self, keys: Mapping[str, Value], from_name: Mapping[str, str], site: SiteFacts) -> dict[str, str]:
        """The front matter that the permalink pattern names."""
        values: dict[str, str] = {}
        for name in paths.names(site.permalink or ""):
            if name in _OWN:
                continue
            if name in from_name:
                values[name] = from_name[name]
            elif name in keys:
                values[name] = scalars.text_of(keys[name]) or "null"
            if name == "abbrlink" and "abbrlink" in site.options and values.get(name, "null") in ("null", "0", "false"):
                values[name] = paths.abbrlink(scalars.text_of(keys.get("title")) or "", str(site.options["abbrlink"]))
        return values

    # where it is

    def permalink(self, facts: PostFacts, slug: str, published: datetime, site: SiteFacts) -> str | None:
        options = site.options
        if facts.link is not None:
            path = facts.link
        elif site.permalink is None:
            return None
        else:
            path = paths.expand(site.permalink, _LinkValues(facts, published.astimezone(_machine_zone(site)), site))
        if "://" in path:
            return path
        if options.get("post_asset_folder") and not path.endswith(("/", ".html")):
            path += "/"
        path = re.sub(r"/{2,}", "/", path).lstrip("/")
        return paths.pretty(
            path, trailing_index=options.get("trailing_index", True), trailing_html=options.get("trailing_html", True)
        )

    # what an address in a post means

    def candidates(self, reference: links.Reference, site: SiteFacts) -> Iterator[links.Candidate]:
        folder = _own_folder(reference)
        if reference.form in ("post_link", "post_path"):
            if "new_post_name" in site.options:
                yield links.post_slugged(reference.path)
            yield links.post_named(reference.path)
            yield links.post_titled(reference.path)
        elif reference.form in ("asset_img", "asset_path", "asset_link"):
            if site.options.get("post_asset_folder"):
                yield links.file_at(posixpath.normpath(folder + reference.path))
        elif reference.form == "url_for":
            yield links.address(_from_root(reference.written, site))
        elif reference.form == "address" and reference.image and reference.path:
            yield from self._picture(reference, site)
        else:
            yield from super().candidates(reference, site)

    def _picture(self, reference: links.Reference, site: SiteFacts) -> Iterator[links.Candidate]:
        """A picture's file: in the post's own folder, or below `source`; the renderer decides what a relative path means."""
        options = site.options
        relative = not reference.path.startswith("/")
        folder = _own_folder(reference)
        if options.get("post_asset_folder"):
            if options.get("asset_image") and not re.search(r"\A/uploads|images/", reference.path):
                # The plug-in drops the first of several folders, and looks for nothing.
                inner = re.sub(r"\A/?(?:\./)*(?:[^/]+/(?=.))?", "", reference.path)
                yield links.file_at(posixpath.normpath(folder + inner))
                yield links.address(self.files_url(reference.permalink, site) + encode_page(inner))
            if relative and (options.get("post_asset") or not reference.markdown):
                yield links.file_at(posixpath.normpath(folder + reference.path))
        written = reference.written
        if reference.markdown and options.get("prepend_root"):
            written = _from_root(written, site)
        yield links.address(written)

    def files_url(self, permalink: str, site: SiteFacts) -> str:
        without = re.sub(r"\.html?\Z", "", permalink)
        return without if without.endswith("/") else without + "/"

    # moving in

    def detect(self, folder: SiteFolder) -> Found | None:
        return detect(folder)


class _LinkValues:
    """What the placeholders of a permalink pattern are for one post (Hexo's lib/plugins/filter/post_permalink.ts)."""

    _FORMATS: ClassVar[Mapping[str, str]] = {
        "year": "{:%Y}", "month": "{:%m}", "day": "{:%d}", "hour": "{:%H}", "minute": "{:%M}", "second": "{:%S}",
        "i_month": "{0.month}", "i_day": "{0.day}",
    }  # fmt: skip

    def __init__(self, facts: PostFacts, published: datetime, site: SiteFacts) -> None:
        self.facts, self.published, self.site = facts, published, site
        self.slug = paths.name_facts(_below_posts(facts.path, site), _text(site, "new_post_name", ":title.md"))["title"]

    def get(self, name: str, default: str) -> str:
        """The value of a placeholder, `default` if neither Hexo nor the post nor permalink_defaults has one."""
        if name in self._FORMATS:
            return self._FORMATS[name].format(self.published).rjust(4 if name == "year" else 1, "0")
        own: Callable[[], str] | None = {
            "title": lambda: self.slug,
            "name": lambda: self.slug.rstrip("/").rpartition("/")[2],
            "post_title": lambda: paths.slugize(self.facts.title, 1),
            "hash": lambda: paths.post_hash(self.slug, self.published),
            "category": self._category,
        }.get(name)
        if own is not None:
            return own()
        if name in self.facts.extra:
            return self.facts.extra[name]
        fields = {"layout": "post", "slug": self.slug, "source": f"_posts/{_below_posts(self.facts.path, self.site)}"}
        defaults = table(self.site.options.get("permalink_defaults"))
        return fields[name] if name in fields else scalars.text_of(defaults.get(name)) or default

    def _category(self) -> str:
        path = self.facts.categories[-1] if self.facts.categories else ()
        case = int(self.site.options.get("filename_case", 0))
        slugs = (paths.slugize(self.site.category_map.get(name, name), case) for name in path)
        return "/".join(slugs) or _text(self.site, "default_category", "uncategorized")


def _own_folder(reference: links.Reference) -> str:
    return reference.own_folder + "/"


def _from_root(written: str, site: SiteFacts) -> str:
    """hexo-util's `url_for`: the site's root before the address, whether that begins with "/" or not."""
    root = site.options.get("root") or urlsplit(site.home).path
    return re.sub(r"/{2,}", "/", f"{root}/{written}")


def _is_yaml(text: str) -> bool:
    """Whether a text can be read as YAML, a mapping or not."""
    import yaml

    try:
        # Events alone: what is nested without end needs no stack for them.
        for _ in yaml.parse(without_indenting_tabs(text), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
            pass
    except yaml.YAMLError:
        return False
    return True


def _machine_zone(site: SiteFacts) -> tzinfo:
    """The zone in which Hexo writes the day into addresses: the machine's (a moment in Hexo 7 loses the site's zone)."""
    name = site.options.get("machine_timezone")
    try:
        return ZoneInfo(name) if isinstance(name, str) and name else site.zone
    except (KeyError, ValueError, OSError):
        return site.zone


_SMALL_WORD = lazy_pattern(r"(?:a|an|and|as|at|but|by|en|for|if|in|nor|of|on|or|per|the|to|vs?\.?|via)\Z", re.IGNORECASE)
_TITLE_WORD = lazy_pattern(r"[A-Za-z0-9À-ÿ]+[^\s-]*")


def title_case(title: str) -> str:
    """The title as the package titlecase 1 writes it (To Title Case 2.1): small words stay small but at either end."""

    def cased(match: re.Match[str]) -> str:
        word, start, end = match[0], match.start(), match.end()
        inside = start > 0 and end != len(title) and title[start - 1] in " \t-" and title[max(start - 2, 0)] != ":"
        if inside and _SMALL_WORD.match(word) and (title[end] != "-" or title[start - 1] == "-"):
            return word.lower()
        return word if re.search(r"[A-Z]|\..", word[1:]) else word[0].upper() + word[1:]

    return _TITLE_WORD.sub(cased, title)


def _text(site: SiteFacts, name: str, default: str) -> str:
    """A text among the site's options."""
    return str(site.options.get(name) or default)


def _below_posts(path: str, site: SiteFacts) -> str:
    """The path below `_posts`, wherever the posts folder begins."""
    return path if f"/{site.root}".endswith("/_posts") else path.partition("_posts/")[2] or path


def _either(keys: Mapping[str, Value], plural: str, singular: str) -> Value:
    """Hexo reads `categories`, and `category` only where that says nothing."""
    return keys.get(plural) or keys.get(singular)


def _terms(value: Value) -> Iterator[str]:
    """Names of tags: of a list each, of text all of it, commas and blanks included."""
    for item in value if isinstance(value, list) else [value]:
        name = text.plain(scalars.text_of(item) or "", _TERM_CHARACTERS)
        if name and item is not None and (item != "false" or isinstance(value, list)):
            yield name


def _categories(keys: Mapping[str, Value]) -> tuple[tuple[str, ...], ...]:
    """Paths of names: a flat list is one path; in a list with lists, each list is a path and each text one of its own."""
    value = _either(keys, "categories", "category")
    if not isinstance(value, list) or not any(isinstance(item, list) for item in value):
        path = tuple(_terms(value))
        return (path,) if path else ()
    paths = (tuple(_terms(item)) for item in value)
    return tuple(dict.fromkeys(path for path in paths if path))


DIALECT = Hexo()
