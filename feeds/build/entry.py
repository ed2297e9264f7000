"""Post -> Entry: permalink, dates, summary, image, enclosures, content; and the findings on the way.

In come a Post, its Header, who it is (id, dates) and where it belongs; out goes a Converted. Pure: no I/O, no clock.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from feeds import content, text
from feeds.build.additions import Values, elements, footer, link
from feeds.build.episode import EpisodeReader
from feeds.build.place import Place, facts_of, permalink_of, site_authors
from feeds.build.visible import flavour_of, visible
from feeds.content import links
from feeds.content.lines import AddressLines
from feeds.content.lookups import Lookup, SiteIndex
from feeds.content.template_tags import TagContext
from feeds.errors import Problem, fault, one_line
from feeds.media_files import NOTHING, MediaFacts
from feeds.media_types import media_type as media_type_of
from feeds.model import Asset, Enclosure, Entry, Image, Person, Post, SafeHtml, Value, digest
from feeds.posts import languages
from feeds.posts.keys import ENCLOSURES, IMAGES, LANGUAGES, SUMMARIES
from feeds.posts.metadata import Author, Header, folded, truth, words
from feeds.posts.reader import PostReader
from feeds.settings import Settings
from feeds.settings.site_facts import home_of
from feeds.shows import Episode
from feeds.urls import encode_path, resolve

_MEDIA_TYPE = re.compile(r"[A-Za-z0-9][\w!#$&^.+-]{0,126}/[A-Za-z0-9][\w!#$&^.+-]{0,126}(?:;[ -~]{0,100})?\Z", re.ASCII)
_UNKNOWN_TYPE = "application/octet-stream"
#: What a link post is about; where else the post stands.
ABOUT = ("via", "externalurl", "externallink", "external", "source", "sourceurl", "originalurl", "link", "linkurl", "url")
CANONICAL = ("canonicalurl", "canonical", "canonicallink")


class Converted(NamedTuple):
    """An entry, what was found while it was made, which files its page needs, what its links looked up.

    `visible` is the digest of what a reader sees of it (`feeds.build.visible`); "" if it could not be made.
    """

    entry: Entry
    problems: tuple[Problem, ...]
    assets: tuple[Asset, ...]
    asked: tuple[Lookup, ...]
    visible: str = ""


def policy(settings: Settings) -> content.Policy:
    """The content policy that the settings ask for."""
    own = settings.sanitise
    return content.Policy(
        backend=own.backend,
        allow_tags=own.allow_tags,
        allow_attributes=own.allow_attributes,
        embed_hosts=own.embed_hosts,
        data_images=own.data_images,
        nofollow=own.nofollow,
        drop_trackers=own.drop_trackers,
        content_bytes=settings.bounds.content_bytes,
        element_depth=settings.bounds.element_depth,
    )


def resolver(header: Header, place: Place, permalink: str, reader: PostReader, index: SiteIndex) -> links.Resolver:
    """What resolves the references of one post."""
    settings, site, dialect = reader.settings, reader.site, reader.dialect
    copies = settings.paths.entry.format(slug=place.slug)
    where = links.Place(
        path=header.path,
        permalink=permalink,
        home=site.home,
        page=place.page,
        copies=copies,
        copies_url=settings.base_url + encode_path(copies),
        files_url=dialect.files_url(permalink, site) if place.page is None else permalink,
    )
    return links.Resolver(where, partial(dialect.candidates, site=site), index)


class _Converter:
    def __init__(self, post: Post, header: Header, place: Place, reader: PostReader, index: SiteIndex) -> None:
        self.post, self.header, self.place, self.settings = post, header, place, reader.settings
        self.keys = folded(post)
        self.problems: list[Problem] = []
        self.permalink = permalink_of(header, place.slug, place.published, self.settings)
        self.links = resolver(header, place, self.permalink, reader, index)
        self.tags = TagContext(
            tables=reader.dialect.tables_of(reader.site), links=self.links, home=reader.site.home, page=post.front_matter,
            site={
                "title": self.settings.title, "description": self.settings.description,
                **reader.dialect.site_params(reader.site),
            }, templates=reader.templates,
            liquid=reader.dialect.scope(post, facts_of(header, place.published), self.links, reader.site),
        )  # fmt: skip

    def problem(
        self,
        code: str,
        what: str,
        *,
        field: str | None = None,
        line: int | None = None,
        severity: str = "warning",
        expected: str = "",
        fix: str = "",
    ) -> None:
        if line is None and field is not None:
            line = self.post.lines.get(field)
        self.problems.append(Problem(code, severity, self.post.path, what, line, field, expected, fix))

    def link(self, value: Value, field: str) -> str | None:
        """A resource's URL from front matter: a file beside the post, or an address."""
        if not isinstance(value, str) or not value.strip() or truth(value) is not None:
            return None
        value = value.strip()
        url = self.links.url(value, image=True, form="field")
        self._told(field)
        if url is None:
            what, fix = f"{value!r:.100} is not an address", "write it as https://…, or as the path of a file"
            self.problem("url", what, field=field, expected="an http(s) URL or a path", fix=fix)
        return url

    def media(self, value: Value) -> MediaFacts:
        """Size or length of a file of the author's, from its headers."""
        if not isinstance(value, str) or not value.strip():
            return NOTHING
        return self.links.media(self.links.target(value.strip(), image=True, form="field"))

    def _told(self, field: str | None = None) -> None:
        """Hand on what the links have found since the last call; in front matter under its key, else with its line."""
        lines = AddressLines(self.post.body) if self.links.findings and field is None else None
        for finding in self.links.findings.values():
            line = finding.line if finding.line is not None or lines is None else lines.line(finding.written)
            self.problem(
                finding.code, finding.what, field=field, line=None if line is None else line + self.post.body_line - 1,
                severity=finding.severity, expected=finding.expected, fix=finding.fix,
            )  # fmt: skip
        self.links.findings.clear()

    def image(self) -> Image | None:
        for name in IMAGES:
            key, value = self.keys.get(name, ("", None))
            for item in value if isinstance(value, list) else [value]:
                said = {part.casefold(): what for part, what in item.items()} if isinstance(item, dict) else {"url": item}
                address = next(
                    (said[part] for part in ("url", "src", "path", "image", "feature", "teaser") if said.get(part)), None
                )
                url = self.link(address, key)
                if url is not None:
                    alt = said.get("alt")
                    width, height = _pixels(said.get("width")), _pixels(said.get("height"))
                    if width is None or height is None:
                        width, height, _ = self.media(address)
                    return Image(
                        url,
                        width=width,
                        height=height,
                        alt=text.plain(alt, 300) or None if isinstance(alt, str) else None,
                        media_type=media_type_of(url),
                    )
        nested = self.keys.get("header", ("", None))[1]
        if isinstance(nested, dict):
            for part in ("teaser", "image", "overlay_image", "og_image"):
                url = self.link(nested.get(part), self.keys["header"][0])
                if url is not None:
                    width, height, _ = self.media(nested.get(part))
                    return Image(url, width=width, height=height, media_type=media_type_of(url))
        if self.settings.default_image:
            return Image(self.settings.default_image, media_type=media_type_of(self.settings.default_image))
        return None

    def enclosures(self) -> tuple[Enclosure, ...]:
        result: dict[str, Enclosure] = {}
        for name in ENCLOSURES:
            key, value = self.keys.get(name, ("", None))
            for item in value if isinstance(value, list) else [value]:
                said = {part.casefold(): what for part, what in item.items()} if isinstance(item, dict) else {"url": item}
                address = next((said[part] for part in ("url", "src", "href", "file") if said.get(part)), None)
                if not isinstance(address, str):
                    continue
                url = self.link(address, key)
                if url is None:
                    continue
                if " " in address.strip() and "://" not in address and "/" not in address:
                    self.problem(
                        "enclosure", f"{one_line(address, 60)!r} is not an address", field=key,
                        expected="an http(s) URL, or the path of a file", fix="write the file's address, or delete the key",
                    )  # fmt: skip
                    continue
                size = self.links.target(address.strip(), image=True, form="field").size_bytes
                length = said.get("length") or said.get("size") or said.get("size_in_bytes")
                title = said.get("title")
                kind = self._type(said.get("type") or said.get("mime_type"), key) or media_type_of(url) or _UNKNOWN_TYPE
                # What the post says of its recording is said of the first one.
                first = _plays(kind) and not any(_plays(element.media_type) for element in result.values())
                duration = said.get("duration") or (self.duration_key() if first else None)
                result.setdefault(
                    url,
                    Enclosure(
                        url,
                        kind,
                        size or _number(length, 10**15) or 0,
                        _duration(duration) or self.media(address).seconds,
                        text.plain(title, 300) or None if isinstance(title, str) else None,
                    ),
                )
        if not self.settings.shows:
            return tuple(result.values())
        # RSS has room for one, and directories take it for the episode.
        return tuple(sorted(result.values(), key=lambda one: not _plays(one.media_type)))

    def duration_key(self) -> Value:
        """What a key of the post says of the length of its recording."""
        names = ("duration", "podcastduration", "itunesduration")
        return next((self.keys[name][1] for name in names if name in self.keys), None)

    def episode(self, enclosures: tuple[Enclosure, ...]) -> Episode | None:
        """What the post says as an episode, on a site that has a podcast."""
        if not self.settings.shows or not any(_plays(enclosure.media_type) for enclosure in enclosures):
            return None
        return EpisodeReader(self.keys, self.link, self.problem).read()

    def _type(self, value: Value, field: str) -> str | None:
        """A media type from front matter (RFC 6838 section 4.2); None if it is not one."""
        if not isinstance(value, str) or not value.strip():
            return None
        if _MEDIA_TYPE.match(value.strip()):
            return value.strip().lower()
        self.problem("media-type", f"{one_line(value, 60)!r} is not a media type", field=field, fix="write e.g. audio/mpeg")
        return None

    def authors(self) -> tuple[Person, ...]:
        named = tuple(self._person(author) for author in self.header.authors)
        return named or site_authors(self.settings)

    def _person(self, author: Author) -> Person:
        known = self.settings.people.get(author.name)
        name = known.name if known else author.name
        home = home_of(self.settings)
        return Person(
            name,
            url=(resolve(author.url, home) if author.url else None) or (known.url if known else None),
            email=author.email or (known.email if known else None),
            avatar=(resolve(author.avatar, home) if author.avatar else None) or (known.avatar if known else None),
        )

    def language(self) -> str | None:
        for name in LANGUAGES:
            key, value = self.keys.get(name, ("", None))
            if not isinstance(value, str) or not value.strip():
                continue
            tag = languages.tag_of(value)
            if tag is not None:
                return tag if tag.casefold() != (self.settings.language or "").casefold() else None
            what = f"{value.strip()!r:.50} is not a language"
            self.problem("language", what, field=key, expected="a tag of BCP 47, e.g. zh-CN", fix="write the tag")
        tag = self.header.language or None
        return tag if tag and tag.casefold() != (self.settings.language or "").casefold() else None

    def summary(self, cleaned: content.Cleaned) -> str:
        for name in SUMMARIES:
            value = self.keys.get(name, ("", None))[1]
            if isinstance(value, str) and (said := content.plain_text(value)):
                return content.summarise(said, limit=1000)
        return content.summarise(cleaned.excerpt_text or cleaned.text)

    def comments_url(self) -> str | None:
        said = truth(self.keys.get("comments", ("", None))[1])
        if self.settings.comments_url is None or said is False:
            return None
        return resolve(self.settings.comments_url.replace("{permalink}", self.permalink), self.permalink)

    def elsewhere(self, names: Iterable[str]) -> str | None:
        """The first address under these keys that is not the post's own."""
        for name in names:
            value = self.keys.get(name, ("", None))[1]
            if isinstance(value, str) and "://" in value and value.strip() != self.header.link:
                url = resolve(value.strip(), self.permalink)
                if url is not None and url != self.permalink:
                    return url
        return None

    def _fits(self, content_html: str) -> bool:
        """Whether feeds carry the content: one that is larger than half of a feed would leave hardly room for other posts."""
        settings = self.settings
        if "full" not in (settings.content, *(feed.content for feed in settings.feeds.values())):
            return True
        size_bytes, most = len(content_html.encode()), settings.max_document_bytes // 2
        if size_bytes > most:
            self.problem(
                "entry-large", f"the text has {size_bytes // 1000} kB of HTML: feeds carry its summary instead",
                expected=f"at most {most // 1000} kB, half of max_document_bytes",
                fix="put what is large into files of its own, or raise max_document_bytes",
            )  # fmt: skip
        return size_bytes <= most

    def with_footer(self, html: SafeHtml, lines: str) -> SafeHtml:
        """The text with the site's own lines behind it, which are cleaned like any other HTML."""
        if not lines:
            return html
        cleaned = content.clean(lines, "html", base_url=self.permalink, policy=policy(self.settings))
        return SafeHtml(f"{html}\n{cleaned.html}" if html.strip() else cleaned.html)

    def run(self) -> Converted:
        body, taken = words(self.post)
        rules = policy(self.settings)
        try:
            cleaned = content.clean(
                body,
                self.post.markup,
                base_url=self.permalink,
                policy=rules,
                links=self.links,
                tags=self.tags,
                id_prefix=digest(self.place.id)[:6] + "-",
                flavour=flavour_of(self.settings),
            )
        except MemoryError:
            raise
        except Exception as error:  # its words still come
            wrong = fault(self.post.path, error, "converted", "warning")
            note = content.Note(wrong.code, wrong.what, None, wrong.fix, wrong.severity)
            cleaned = content.as_text(body, rules, note, replace(self.tags, markup=self.post.markup))
        first = self.post.body_line + taken
        for note in cleaned.notes:
            line = None if note.line is None else note.line + first - 1
            self.problem(note.code, note.what, line=line, severity=note.severity, fix=note.fix)
        content_in_feeds = self._fits(cleaned.html)
        self._told()
        rights = self.keys.get("rights", self.keys.get("copyright", ("", None)))[1]
        enclosures = self.enclosures()
        comments_url, via, authors = self.comments_url(), self.elsewhere(ABOUT), self.authors()
        values = Values(
            {
                "permalink": self.permalink, "title": self.header.title, "id": self.place.id, "comments_url": comments_url,
                "via": via, "author": authors[0].name, "date": self.place.published.date().isoformat(),
            }, self.keys,
        )  # fmt: skip
        extra_elements = elements(self.settings, values, lambda value: self.links.url(value, image=True, form="field"))
        entry = Entry(
            id=self.place.id,
            permalink=self.permalink,
            title=self.header.title,
            published=self.place.published,
            updated=self.place.updated,
            authors=authors,
            categories=self.place.categories,
            summary=self.summary(cleaned),
            content=self.with_footer(cleaned.html, footer(self.settings, values)),
            extras=extra_elements,
            link=link(self.settings, self.permalink),
            image=self.image(),
            enclosures=enclosures,
            episode=self.episode(enclosures),
            language=self.language(),
            translations=self.place.translations,
            comments_url=comments_url,
            via=via,
            canonical=self.elsewhere(CANONICAL),
            rights=text.plain(rights, 500) or None if isinstance(rights, str) and truth(rights) is None else None,
            content_in_feeds=content_in_feeds,
        )
        copied = tuple(self.links.copied.values())
        problems = tuple(dict.fromkeys(self.problems))
        shown = visible(self.post, self.header.title, self.settings, cleaned.rendered)
        return Converted(entry, problems, copied, tuple(self.links.asked), shown)


def entry(post: Post, header: Header, place: Place, reader: PostReader, index: SiteIndex) -> Converted:
    """The entry of one post."""
    return _Converter(post, header, place, reader, index).run()


def _pixels(value: Value) -> int | None:
    return _number(value, 100_000) or None


def _number(value: Value, below: int) -> int | None:
    """The number that a text of digits means; None if it is none, or too large."""
    if not isinstance(value, str) or not value.isdecimal() or len(value) > 20 or int(value) >= below:
        return None
    return int(value)


def _plays(media_type: str) -> bool:
    return media_type.startswith(("audio/", "video/"))


def _duration(value: Value) -> int | None:
    """Seconds from `90`, `1:30` or `1:02:03`."""
    parts = value.strip().split(":") if isinstance(value, str) else []
    if not 1 <= len(parts) <= 3 or not all(part.isascii() and part.isdecimal() and len(part) <= 6 for part in parts):
        return None
    first, *rest = map(int, parts)
    if any(part >= 60 for part in rest):
        return None
    seconds = first
    for part in rest:
        seconds = seconds * 60 + part
    return seconds
