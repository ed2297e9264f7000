"""Post -> Entry: permalink, dates, summary, image, enclosures, content; and the findings on the way.

In come a Post, its Header and its Place (id, dates, addresses); out goes a Converted. Pure: no I/O, no clock.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from feeds import content, text
from feeds.build.entries.additions import PlaceholderValues, elements, footer, link
from feeds.build.entries.episode import EpisodeReader
from feeds.build.entries.media import EntryMedia, plays
from feeds.build.entries.visible import flavour_of, visible
from feeds.build.place import Place, facts_of, permalink_of, site_authors
from feeds.content import links
from feeds.content.lines import AddressLines
from feeds.content.lookups import Lookup, SiteLookups
from feeds.content.template_tags import TagContext
from feeds.errors import Problem, fault
from feeds.model import Enclosure, Entry, Person, Post, SafeHtml, digest
from feeds.posts import languages
from feeds.posts.header import Author, Header
from feeds.posts.headings import words
from feeds.posts.keys import LANGUAGES, SUMMARIES, folded
from feeds.posts.metadata import truth
from feeds.posts.reader import PostReader
from feeds.publication import Asset
from feeds.settings import Settings
from feeds.settings.site_facts import home_of
from feeds.shows import Episode
from feeds.urls import encode_path, resolve

#: What a link post is about; where else the post stands.
ABOUT = ("via", "externalurl", "externallink", "external", "source", "sourceurl", "originalurl", "link", "linkurl", "url")
CANONICAL = ("canonicalurl", "canonical", "canonicallink")


class Converted(NamedTuple):
    """An entry, what was found while it was made, which files its page needs, what its links looked up.

    `visible` is the digest of what a reader sees of it (`feeds.build.entries.visible`); "" if it could not be made.
    """

    entry: Entry
    problems: tuple[Problem, ...]
    assets: tuple[Asset, ...]
    lookups: tuple[Lookup, ...]
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


def resolver(header: Header, place: Place, permalink: str, reader: PostReader, index: SiteLookups) -> links.Resolver:
    """What resolves the references of one post."""
    settings, site, dialect = reader.settings, reader.site, reader.dialect
    copies = settings.paths.entry.format(slug=place.slug)
    where = links.PostLocation(
        path=header.path,
        permalink=permalink,
        home=site.home,
        page=place.page,
        copies=copies,
        copies_url=settings.base_url + encode_path(copies),
        files_url=dialect.files_url(permalink, site) if place.page is None else permalink,
        file_url=partial(dialect.file_url, site=site),
    )
    return links.Resolver(where, partial(dialect.candidates, site=site), index)


class _Converter:
    def __init__(self, post: Post, header: Header, place: Place, reader: PostReader, index: SiteLookups) -> None:
        self.post, self.header, self.place, self.settings = post, header, place, reader.settings
        self.keys = folded(post)
        self.problems: list[Problem] = []
        self.permalink = permalink_of(header, place.slug, place.published, self.settings)
        self.links = resolver(header, place, self.permalink, reader, index)
        self.media = EntryMedia(self.keys, self.links, self.settings, self)
        self.tags = TagContext(
            tables=reader.dialect.tables_of(reader.site), links=self.links, home=reader.site.home, page=post.front_matter,
            site={
                "title": self.settings.title, "description": self.settings.description,
                **reader.dialect.site_params(reader.site),
            }, templates=reader.templates, functions=reader.dialect.tag_functions(reader.tag_code),
            liquid=reader.dialect.scope(post, facts_of(header, place.published), self.links, reader.site),
        )  # fmt: skip

    def problem(self, code: str, what: str, *, field: str | None = None, expected: str = "", fix: str = "") -> None:
        """Note what is wrong with the value of a front-matter key."""
        line = None if field is None else self.post.lines.get(field)
        self.problems.append(Problem(code, "warning", self.post.path, what, line, field, expected, fix))

    def take_link_findings(self, field: str | None = None) -> None:
        """Note what resolving links has found since the last call; in front matter under its key, else with its line."""
        lines = AddressLines(self.post.body) if self.links.findings and field is None else None
        for finding in self.links.findings.values():
            line = finding.line if finding.line is not None or lines is None else lines.line(finding.written)
            if line is not None:
                line += self.post.body_line - 1
            elif field is not None:
                line = self.post.lines.get(field)
            self.problems.append(
                Problem(
                    finding.code, finding.severity, self.post.path, finding.what, line, field, finding.expected, finding.fix
                )
            )  # fmt: skip
        self.links.findings.clear()

    def episode(self, enclosures: tuple[Enclosure, ...]) -> Episode | None:
        """What the post says as an episode, on a site that has a podcast."""
        if not self.settings.shows or not any(plays(enclosure.media_type) for enclosure in enclosures):
            return None
        return EpisodeReader(self.keys, self.media.link, self.problem).read()

    def authors(self) -> tuple[Person, ...]:
        named = tuple(self._person(author) for author in self.header.authors)
        return named or site_authors(self.settings)

    def _person(self, author: Author) -> Person:
        person = self.settings.people.get(author.name)
        name = person.name if person else author.name
        home = home_of(self.settings)
        return Person(
            name,
            url=(resolve(author.url, home) if author.url else None) or (person.url if person else None),
            email=author.email or (person.email if person else None),
            avatar=(resolve(author.avatar, home) if author.avatar else None) or (person.avatar if person else None),
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
            if isinstance(value, str) and (written := content.plain_text(text.without_closed_notes(value))):
                return content.summarise(written, limit=1000)
        return content.summarise(cleaned.excerpt_text or cleaned.text)

    def comments_url(self) -> str | None:
        wanted = truth(self.keys.get("comments", ("", None))[1])
        if self.settings.comments_url is None or wanted is False:
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

    def cleaned(self, body: str) -> content.Cleaned:
        """The body as safe HTML; as plain text if it cannot be converted."""
        rules = policy(self.settings)
        try:
            return content.clean(
                body,
                self.post.markup,
                content.Reading(flavour_of(self.settings), self.tags, self.links),
                base_url=self.permalink,
                policy=rules,
                id_prefix=digest(self.place.id)[:6] + "-",
            )
        except MemoryError:
            raise
        except Exception as error:  # its words still come
            wrong = fault(self.post.path, error, "converted", "warning")
            note = content.Note(wrong.code, wrong.what, None, wrong.fix, wrong.severity)
            return content.as_text(body, rules, note, replace(self.tags, markup=self.post.markup))

    def run(self) -> Converted:
        body, taken = words(self.post, self.header.title)
        cleaned = self.cleaned(body)
        first = self.post.body_line + taken
        for note in cleaned.notes:
            line = None if note.line is None else note.line + first - 1
            self.problems.append(Problem(note.code, note.severity, self.post.path, note.what, line, fix=note.fix))
        content_in_feeds = self._fits(cleaned.html)
        self.take_link_findings()
        rights = self.keys.get("rights", self.keys.get("copyright", ("", None)))[1]
        enclosures = self.media.enclosures()
        comments_url, via, authors = self.comments_url(), self.elsewhere(ABOUT), self.authors()
        values = PlaceholderValues(
            {
                "permalink": self.permalink, "title": self.header.title, "id": self.place.id, "comments_url": comments_url,
                "via": via, "author": authors[0].name, "date": self.place.published.date().isoformat(),
            }, self.keys,
        )  # fmt: skip
        url_of = partial(self.links.url, image=True, form="field")
        extra_elements = elements(self.settings, values, url_of, self.problem)
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
            image=self.media.image(),
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


def entry(post: Post, header: Header, place: Place, reader: PostReader, index: SiteLookups) -> Converted:
    """The entry of one post."""
    return _Converter(post, header, place, reader, index).run()
