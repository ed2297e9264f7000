"""A post's header: in comes a Post, out goes all that its front matter says, read and normalised, without the body.

Enough to decide whether the post is published, in which feeds and under which id; so only posts that enter a document are
ever converted. Must not render, resolve URLs or look at the clock.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from feeds import text
from feeds.contacts import contact, contacts
from feeds.dialects.base import Dialect, Keys, PostFacts, SiteFacts
from feeds.errors import Problem
from feeds.lazy_patterns import lazy_pattern
from feeds.ledger import fingerprint
from feeds.model import Post, Value
from feeds.posts import hints, languages, visibility
from feeds.posts.header import VISIBLE_FROM, Author, Header
from feeds.posts.headings import heading, words
from feeds.posts.keys import fold_key, folded, strings
from feeds.posts.visibility import Verdict
from feeds.settings import Settings
from feeds.urls import resolve

_DIGITS = lazy_pattern(r"\d{4}")
#: Keys that name the instant of publishing, in whatever generator's front matter.
_PUBLISHING = ("publishdate", "publishat", "publishon", "publishtime", "pubdate", "publisheddate", "publishedat", "publishedon")
#: What a key of expiry holds where the post does not expire.
_NEVER = frozenset({"never", "none", "no", "false", "永不", "不过期"})
_COMMAS = lazy_pattern(r"\s{0,9}[,，、;；]\s{0,99}")


def truth(value: Value) -> bool | None:
    """What a flag says; None where it is no flag."""
    return visibility.flag(value)


class _Reader:
    """Reads one post's front matter and collects what it finds."""

    def __init__(self, post: Post, settings: Settings, dialect: Dialect, site: SiteFacts) -> None:
        self.post, self.settings, self.zone = post, settings, site.zone
        self.dialect, self.site, self.names_of = dialect, site, dialect.keys
        self.keys = folded(post)
        self.problems: list[Problem] = list(post.problems)
        self.unreadable: set[str] = set()  # keys whose date cannot be read

    def problem(self, code: str, key: str, what: str, *, severity: str = "warning", expected: str = "", fix: str = "") -> None:
        written = self.keys[key][0] if key in self.keys else key
        front_matter, lines = self.post.front_matter, self.post.lines
        # A key of a table, e.g. Zola's taxonomies.tags, is reported at the table's line.
        tables = (name for name, value in front_matter.items() if isinstance(value, dict) and written in value)
        line = lines.get(written) or lines.get(next(tables, ""))
        problem = Problem(code, severity, self.post.path, what, line, written, expected, fix)
        if problem not in self.problems:
            self.problems.append(problem)

    def date(
        self, names: Iterable[str], *, skip_flags: bool = False, no_dates: Collection[str] = ()
    ) -> tuple[str, datetime] | None:
        """The first date that one of the keys holds, and its key; a key whose date cannot be read breaks the post, unless
        the dialect takes such a date for none (`Dialect.bad_date_is_none`).

        A key that holds one of `no_dates` (in lower case) counts as absent. A date that the dialect reads although no
        calendar has it is a warning.
        """
        from feeds import dates

        for name in names:
            if name not in self.keys:
                continue
            value = self.keys[name][1]
            if isinstance(value, Mapping) and isinstance(value.get("created"), str):
                value = value["created"]  # `date: {created: …, updated: …}`, as Material for MkDocs has it
            if value is None or (isinstance(value, str) and (not value.strip() or value.strip().lower() in no_dates)):
                continue
            if skip_flags and not (isinstance(value, str) and _DIGITS.search(value)):
                continue
            try:
                if not isinstance(value, str):
                    raise ValueError(f"a {'list' if isinstance(value, list) else 'table'} is not a date")
                instant = self.dialect.date(value, self.zone)
                if not dates.exists(value):
                    taken = instant.astimezone(self.zone).isoformat(" ")[:19]
                    what = f"{value!r} names a day or time that does not exist; the generator takes it for {taken}"
                    self.bad_date(name, what)
                return name, instant
            except ValueError as error:
                self.unreadable.add(name)
                severity = "warning" if self.dialect.bad_date_is_none else "error"
                meant = dates.corrected(value) if isinstance(value, str) else None
                fix = f"write {self.keys[name][0]}: {meant}" if meant else ""
                self.bad_date(name, str(error), severity, expected="" if "expected" in str(error) else "a date", fix=fix)
        return None

    def bad_date(self, key: str, what: str, severity: str = "warning", *, expected: str = "", fix: str = "") -> None:
        zone = "an offset" in what
        fix = fix or f"correct the date, and write it like 2021-08-04 05:49:00{' +08:00' if zone else ''}"
        self.problem("date", key, what, severity=severity, expected=expected, fix=fix)

    def published(self) -> tuple[datetime | None, str]:
        """The publishing instant and where it comes from."""
        from feeds import dates

        result = self.date(self.names_of.published) or self.date(("published", "publish"), skip_flags=True)
        if result:
            return result[1], self.keys[result[0]][0]
        if any(problem.code == "date" and problem.severity == "error" for problem in self.problems):
            return None, ""
        name = self.post.path.rpartition("/")[2]
        written = dates.from_file_name(name) or dates.from_folders(self.post.path)
        try:
            return (dates.parse(written, self.zone), "file name") if written else (None, "")
        except ValueError:
            return None, ""

    def visibility(self, terms: Iterable[str]) -> Verdict:
        """Whether the post is public, by its path and its front matter; a flag that cannot be read is reported."""
        kind = self.dialect.kind(self.post.path, self.site)
        if kind.name in ("page", "draft"):
            return Verdict(kind.reason or kind.name)
        verdict = visibility.read(self.post.front_matter, terms, self.settings.visibility)
        for doubt in verdict.doubts:
            self.problems.append(
                Problem(
                    "flag", "error", self.post.path, f"{doubt.what}; the post stays out", self.post.lines.get(doubt.key),
                    doubt.key, doubt.expected, doubt.fix,
                )
            )  # fmt: skip
        return verdict

    def names(self, keys: Iterable[str], *, split: bool) -> list[str]:
        """Flat names under the keys, plain text, each once (by first spelling), within bounds."""
        results: dict[str, None] = {}
        for key in keys:
            if key not in self.keys:
                continue
            value = self.keys[key][1]
            for string in strings(value):
                pieces = _COMMAS.split(string) if split and isinstance(value, str) else (string,)
                for piece in pieces:
                    name = self.term(key, piece)
                    if name:
                        results[name] = None
            if len(results) > self.settings.bounds.terms:
                break
        return self.within_bound(key, results) if results else []

    def within_bound(self, key: str, names: Iterable[str]) -> list[str]:
        """As many names under one key as a post may have, each once; more are reported."""
        results = list(dict.fromkeys(names))
        bound = self.settings.bounds.terms
        if len(results) > bound and not any(item.code == "bound-terms" and item.field == key for item in self.problems):
            what = f"{len(results)} names, only the first {bound} count"
            self.problem("bound-terms", key, what, fix="raise bounds.terms or name fewer")
        return results[:bound]

    def term(self, key: str, name: str) -> str:
        limit = self.settings.bounds.term_characters
        plain = text.plain(name, limit)
        if len(name) > limit:
            self.problem(
                "bound-term",
                key,
                f"a name of {len(name)} characters is cut at {limit}",
                fix="shorten it or raise bounds.term_characters",
            )
        return plain

    def category_paths(self) -> tuple[tuple[str, ...], ...]:
        parallel = self.settings.categories_mode == "parallel"
        result: dict[tuple[str, ...], None] = {}
        for key in self.names_of.categories:
            if key not in self.keys:
                continue
            value = self.keys[key][1]
            if parallel:
                for name in self.names((key,), split=False):
                    result[(name,)] = None
                continue
            several = isinstance(value, list) and any(isinstance(item, list) for item in value)
            for written in value if several and isinstance(value, list) else [value]:
                names = tuple(name for string in strings(written) if (name := self.term(key, string)))
                if names:
                    result[names] = None
        if not result and self.settings.default_category:
            result[(self.settings.default_category,)] = None
        return self.paths_within_bound(result)

    def paths_within_bound(self, paths: Iterable[tuple[str, ...]]) -> tuple[tuple[str, ...], ...]:
        """As many categories as a post may have, each path once; more are reported."""
        results = dict.fromkeys(path for path in paths if path)
        bound = self.settings.bounds.terms
        if sum(map(len, results)) <= bound:
            return tuple(results)
        if not any(item.code == "bound-terms" and item.field == "categories" for item in self.problems):
            self.problem("bound-terms", "categories", f"more than {bound} categories", fix="raise bounds.terms or name fewer")
        kept: dict[tuple[str, ...], None] = {}
        room = bound
        for path in results:
            if path[:room]:
                kept[path[:room]] = None
            room -= len(path[:room])
        return tuple(kept)

    def authors(self) -> tuple[Author, ...]:
        results: dict[str, Author] = {}
        for key in self.names_of.authors:
            if key not in self.keys:
                continue
            value = self.keys[key][1]
            for item in value if isinstance(value, list) else [value]:
                for author in self.people(item, several=key == "authors" and isinstance(value, str)):
                    results.setdefault(author.name, author)
            if len(results) > self.settings.bounds.terms:
                return tuple(results[name] for name in self.within_bound(key, results))
        return tuple(results.values())

    def people(self, value: Value, *, several: bool) -> Iterator[Author]:
        """The authors that one value names: a name, names in one text, or a table of facts."""
        limit = self.settings.bounds.term_characters
        if isinstance(value, str):
            for person in contacts(value, several=several):
                if name := text.plain(person.name, limit):
                    yield Author(name, person.email, person.url)
        elif isinstance(value, dict):
            part = {fold_key(name): fact for name, fact in value.items() if isinstance(fact, str)}
            link = contact(part.get("url") or part.get("uri") or "")
            email = contact(part.get("email") or part.get("mail") or "").email
            person = contact(part.get("name") or part.get("nickname") or email or "")
            avatar = part.get("avatar")
            if name := text.plain(person.name, limit):
                url = None if link.email else part.get("url") or part.get("uri") or person.url
                yield Author(
                    name, email or person.email or link.email, url, avatar if avatar and not contact(avatar).email else None
                )

    def title(self) -> str:
        limit = self.settings.bounds.title_characters
        value = self.keys.get("title", ("", None))[1]
        if isinstance(value, list | dict):
            self.problem(
                "title-type",
                "title",
                f"the title is a {'list' if isinstance(value, list) else 'table'}",
                expected="text",
                fix="quote the title",
            )
            value = " ".join(strings(value))
        written = value if value and value.strip() else heading(self.post)[0]
        if len(written) > limit:
            self.problem(
                "bound-title",
                "title",
                f"a title of {len(written)} characters is cut at {limit}",
                fix="shorten it or raise bounds.title_characters",
            )
        return text.plain(written, limit)

    def link(self) -> str | None:
        for key in self.names_of.links:
            value = self.keys.get(key, ("", None))[1]
            if not isinstance(value, str) or not value.strip() or truth(value) is not None:
                continue
            link = value.strip()
            if key != "permalink" and self.elsewhere(link):
                # What the post is about, or where else it stands: not its own page.
                continue
            if resolve(below(link), self.settings.base_url) is not None:
                return link
            self.problem(
                "permalink",
                key,
                f"{link!r:.100} is not a link to a page",
                expected="an http(s) address, or a path below the site",
                fix="write it as https://… or /path/",
            )
        return None

    def elsewhere(self, link: str) -> bool:
        """Whether an address leads to another host than the site's."""
        url = resolve(below(link), self.site.home)
        return url is not None and _host(url) not in (_host(self.site.home), _host(self.settings.base_url))

    def slug(self) -> str:
        value = self.keys.get("slug", ("", None))[1]
        return text.one_line(value).strip("/") if isinstance(value, str) else ""

    def explicit_id(self) -> str | None:
        for key in self.names_of.ids:
            value = self.keys.get(key, ("", None))[1]
            if isinstance(value, str) and (plain := text.one_line(value)):
                return plain
            if isinstance(value, list | dict):
                self.problem(
                    "id-type", key, "the id is not text; it is not used", expected="text", fix="quote it, or delete the key"
                )
        return None


def _host(url: str) -> str:
    return url.split("/", 3)[2]


def below(link: str) -> str:
    """A path from the site's root, as generators write it, as one below the site's home page."""
    return "./" + link.lstrip("/") if link.startswith("/") and not link.startswith("//") else link


def _is_blank(reader: _Reader, post: Post) -> bool:
    """Whether a file holds neither a title nor text: an editor has just made it, or lost it (a full disk, a power cut)."""
    title = reader.keys.get("title", ("", None))[1]
    return not post.body.strip() and not (title.strip() if isinstance(title, str) else title)


def read(post: Post, settings: Settings, dialect: Dialect, site: SiteFacts) -> Header:
    """The metadata of a post as its dialect reads it. A Problem of severity "error" in it means that the post is broken."""
    reader = _Reader(post, settings, dialect, site)
    facts, verdict = _interpreted(reader)
    reader.problems += hints.about(post, facts, dialect)
    return Header(
        path=post.path,
        digest=post.digest,
        title=facts.title,
        text_digest=fingerprint.text_digest(facts.title, post.body),
        sketch=fingerprint.sketch(words(post)[0]),
        explicit_id=facts.explicit_id,
        published=facts.published,
        updated=facts.updated,
        expires=facts.expires,
        status=facts.status,
        status_key=verdict.key if facts.status == verdict.status else "",
        categories=facts.categories,
        tags=facts.tags,
        authors=reader.authors(),
        link=facts.link,
        slug=facts.slug,
        dated_by=facts.dated_by,
        language=facts.language,
        content_language=languages.usual(languages.written(reader.keys) or facts.language),
        translation=languages.translation(reader.keys),
        extra=tuple(sorted(facts.extra.items())),
        problems=tuple(_of_hidden(reader.problems) if facts.status != "out" else reader.problems),
    )


def _interpreted(reader: _Reader) -> tuple[PostFacts, Verdict]:
    """What the front matter says, as the dialect interprets it, and whether the post is public by it."""
    post, dialect = reader.post, reader.dialect
    facts, verdict, embargo = _stated(reader)
    categories, tags = facts.categories, facts.tags
    try:
        facts = dialect.interpret(facts, post, reader.site)
    except ValueError as error:
        reader.problems.append(Problem("front-matter", "error", post.path, str(error)))
    if embargo is not None and facts.published is not None and embargo[1] > facts.published:
        facts.published, facts.dated_by = embargo[1], reader.keys[embargo[0]][0]
    _settle_visibility(reader, facts)
    if facts.tags is not tags or facts.categories is not categories:
        _settle_terms(reader, facts)
    if facts.status == "out" and _is_blank(reader, post):
        facts.status = "empty"
    return facts, verdict


def _stated(reader: _Reader) -> tuple[PostFacts, Verdict, tuple[str, datetime] | None]:
    """What the front matter itself says, key by key: findings come in this order. Last, an embargo with its key."""
    keys = reader.dialect.keys
    title = reader.title()
    published, dated_by = reader.published()
    updated = reader.date(keys.updated)
    expires = reader.date(keys.expires, no_dates=_NEVER)
    embargo = reader.date(keys.embargoes, skip_flags=True)
    categories = reader.category_paths()
    tags = tuple(reader.names(keys.tags, split=True))
    verdict = reader.visibility((*(name for path in categories for name in path), *tags))
    facts = PostFacts(
        path=reader.post.path,
        title=title,
        published=published,
        updated=updated[1] if updated else None,
        expires=expires[1] if expires else None,
        status=verdict.status,
        categories=categories,
        tags=tags,
        link=reader.link(),
        slug=reader.slug(),
        dated_by=dated_by,
        explicit_id=reader.explicit_id(),
        keys={key: value for key, (_, value) in reader.keys.items()},
    )
    return facts, verdict, embargo


def _settle_visibility(reader: _Reader, facts: PostFacts) -> None:
    """Dates of publishing and expiry in keys that this generator does not read: their author meant them all the same.

    A date to come keeps the post out until then; one that has passed does not move the post's own date.
    """
    if facts.expires is None and (expires := reader.date(Keys().expires, skip_flags=True)):
        facts.expires = expires[1]
    names = [name for name in _PUBLISHING if name in reader.keys and name not in reader.unreadable]
    visible = reader.date(names, skip_flags=True)
    if visible is not None and (facts.published is None or visible[1] > facts.published):
        facts.extra[VISIBLE_FROM] = str(int(visible[1].timestamp()))


def _settle_terms(reader: _Reader, facts: PostFacts) -> None:
    """Terms that a dialect made are plain text within bounds, too, and each is there once."""
    paths = (tuple(name for each in path if (name := reader.term("categories", each))) for path in facts.categories)
    facts.categories = reader.paths_within_bound(paths)
    facts.tags = tuple(reader.within_bound("tags", (name for tag in facts.tags if (name := reader.term("tags", tag)))))


def _of_hidden(problems: Iterable[Problem]) -> Iterator[Problem]:
    """The findings of a post that stays out anyway: only a flag that cannot be read makes it a broken one."""
    for problem in problems:
        yield replace(problem, severity="warning") if problem.severity == "error" and problem.code != "flag" else problem
