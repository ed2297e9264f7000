"""All feeds of one site at one instant: in come settings, the posts' headers and who they are, out goes a Publication.

Decides what is out, groups it by taxonomy, cuts each feed to its limits and has exactly the posts converted that enter a
document. Time enters as `as_of`; nothing here looks at a clock.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, partial
from typing import TYPE_CHECKING

from feeds import extras, shows
from feeds.build import taxonomy, timeline, translations
from feeds.build.archives import Archives, archived
from feeds.build.entries import ArchiveEntries, Entries
from feeds.build.entry_cache import Conversion, Ready, Task, Variant
from feeds.build.place import Place, document_names, page_link, permalink_of, site_authors, site_page
from feeds.build.plans import NO_DATE, Plan, Terms, Tree, names_needed
from feeds.build.podcast import Cover, covers, show_of
from feeds.build.problems import counted_once
from feeds.build.sets import Chooser, limit_of
from feeds.build.site_index import SiteIndex
from feeds.build.taxonomy import Term
from feeds.build.timeline import Out, Timeline
from feeds.build.visible import visible_now
from feeds.cache import Cache
from feeds.errors import ExitCode, Problem
from feeds.extras import Extra
from feeds.ledger.fingerprint import Sighting
from feeds.ledger.ledger import Ledger
from feeds.ledger.resolve import Mint
from feeds.model import Category, Entry, Feed, LeftOut, OwnPage, Publication, digest, instant, rfc3339
from feeds.posts import visibility
from feeds.posts.collect import Collected, load_headers
from feeds.posts.file_dates import of_undated
from feeds.posts.index import Combination
from feeds.posts.last_good import LastGoodSources
from feeds.posts.metadata import Header
from feeds.settings import FeedSettings, Settings, entry_fingerprint
from feeds.settings.site_facts import home_of
from feeds.slugs import bounded, fold
from feeds.slugs import slug as slug_of
from feeds.urls import encode_path, resolve

if TYPE_CHECKING:
    from feeds.build.post_lines import PostLines

#: What stands around the entries in a document, at most, for the byte budget.
_HEAD_BYTES = 6_000
_MAPS = {"category": "category_map", "tag": "tag_map"}


@dataclass(frozen=True, slots=True)
class Built:
    """A Publication with what only the run that made it knows.

    `out` is what is out, newest first; `terms` the terms by taxonomy; `page_ids` the ids of the posts that have a page of
    ours. Of the `known` posts of the last published generation, `gone` gives the paths of those that this one lacks, and
    `future` says how many of them now lie in the future. `lines` are what lists of all posts show, None without pages.
    `archived` are the ids in the archive documents of each feed that has them, by the feed's id.
    """

    publication: Publication
    conversion: Conversion
    out: Timeline
    terms: Terms
    plans: tuple[Plan, ...]
    ready: Mapping[int, Ready]
    page_ids: frozenset[str]
    known: int
    gone: tuple[str, ...]
    future: int
    collected: Collected
    lines: PostLines | None = None
    notices: tuple[str, ...] = ()
    visible: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Of posts that were converted in this run, by id: the digest of the text, and that of what a reader sees of it."""
    redated: tuple[tuple[str, datetime, datetime], ...] = ()
    """Published posts whose front matter has another date than readers know: path, known date, new date."""
    covers: Mapping[str, Cover] = field(default_factory=dict)
    """The covers of podcasts, by the path of the feed as in the settings."""
    rekeyed: tuple[tuple[str, str, str], ...] = ()
    """Published posts that would get another id: path, the id that readers know, the id that front matter states."""
    archived: Mapping[str, Sequence[Sequence[str]]] = field(default_factory=dict)

    @property
    def exit_code(self) -> ExitCode:
        """0, or 1 where posts are broken."""
        errors = any(problem.severity == "error" for problem in self.publication.problems)
        return ExitCode.POSTS_BROKEN if errors else ExitCode.DONE


class _Builder:
    def __init__(
        self, settings: Settings, as_of: datetime, collected: Collected, ledger: Ledger, memo: Cache, kept: LastGoodSources
    ) -> None:
        self.settings, self.as_of, self.collected, self.ledger, self.kept = settings, as_of, collected, ledger, kept
        #: Whether every post is converted, not only those that enter a document.
        self.everything = False
        self.memo = memo
        self.problems: list[Problem] = list(collected.problems)
        self.left_out: list[LeftOut] = []
        self.changes: list[datetime] = []
        self.notices: list[str] = []
        self.translations: Mapping[str, translations.Translations] = {}
        self._categories: dict[Combination, tuple[Category, ...]] = {}

    # what is out

    def why_left_out(self, header: Header, published: datetime | None) -> LeftOut | None:
        """Why a post is not out at this instant; None where it is."""
        if header.status != "out":
            return LeftOut(header.path, header.status, visibility.reason(header.status, header.status_key))
        if published is not None and published > self.as_of:
            return LeftOut(header.path, "scheduled", f"it is scheduled for {rfc3339(published)}", published)
        if header.expires is not None and header.expires <= self.as_of:
            return LeftOut(header.path, "expired", f"it expired at {rfc3339(header.expires)}")
        return None

    def select(self) -> tuple[Timeline, int, tuple[str, ...], int]:
        sightings = []
        why: dict[str, LeftOut] = {}
        for header in self.collected.headers:
            reason = self.why_left_out(header, header.published)
            if reason is not None:
                why[header.path] = reason
            sightings.append(
                Sighting(
                    header.path, header.explicit_id, header.title, header.text_digest, header.sketch,
                    header.published, header.updated, reason is None,
                )
            )  # fmt: skip
        authority = self.authority = self.ledger.meta("authority") or self.settings.authority
        collected, standing = self.collected, self.collected.standing
        at = sorted({*collected.files, *standing.fallen, *standing.loose}) if standing is not None else None
        edited = self.ledger.edited(sightings)
        headers = {header.path: header for header in collected.headers} if edited else {}
        visible = visible_now([headers[path] for path in edited if path not in collected.kept], collected.reader)
        undated = [post.path for post in sightings if post.published is None and post.out]
        dated = of_undated(self.settings.posts, self.settings.date_source, undated, fresh=self.ledger.fresh)
        self.notices += dated.notices
        resolution = self.ledger.resolve(
            sightings,
            self.as_of,
            authority,
            present=collected.broken.keys(),
            mint=self.mint(),
            at=at,
            visible=visible,
            dates=dated.dates,
        )
        self.problems += resolution.problems
        self.rekeyed, self.redated = resolution.rekeyed, resolution.redated
        out = []
        if standing is not None:
            for problems in standing.standing_problems().values():
                self.problems += problems
        for header in collected.headers:
            if header.path not in collected.kept:
                self.problems += header.problems
            identity = resolution.identities.get(header.path)
            if header.path in why:
                self.left_out.append(why[header.path])
                if why[header.path].until is not None:
                    self.changes.append(why[header.path].until or self.as_of)
            elif identity is None or header.path in resolution.left_out:
                self.left_out.append(LeftOut(header.path, "duplicate-id", "another post has its id"))
            else:
                if header.expires is not None:
                    self.changes.append(header.expires)
                out.append(Out(header, identity))
        for path, problems in collected.broken.items():
            self.problems += problems
            if path not in collected.kept:
                self.left_out.append(LeftOut(path, "broken", "it is broken"))
        withdrawn = resolution.withdrawn
        future = sum(1 for path in withdrawn if path in why and why[path].reason == "scheduled")
        everybody = Timeline(out, standing, lambda paths: load_headers(self.memo, paths))
        return everybody, resolution.known, tuple(sorted({*resolution.vanished, *withdrawn})), future

    def mint(self) -> Mint | None:
        """What gives new posts their ids, where it is not the ledger's tag: URI."""
        if self.settings.id_source != "permalink":
            return None
        headers = {header.path: header for header in self.collected.headers}

        def page_of(sighting: Sighting, slug: str, published: datetime) -> str | None:
            return permalink_of(headers[sighting.path], slug, published, self.settings)

        return page_of

    # who belongs where

    def paths_of(self, taxonomy_name: str, post: Combination) -> tuple[tuple[str, ...], ...]:
        if taxonomy_name == "category":
            return post.categories
        if taxonomy_name == "language":
            language = post.language or self.language
            return ((language,),) if language else ()
        names = post.tags if taxonomy_name == "tag" else post.authors
        if taxonomy_name == "author" and not names:
            names = tuple(person.name for person in site_authors(self.settings))
        return tuple((name,) for name in names)

    def group(self, out: Timeline) -> tuple[list[Plan], dict[str, dict[tuple[str, ...], Term]]]:
        settings = self.settings
        own = {path.strip("/"): said for path, said in settings.feeds.items()}
        all_terms: dict[str, dict[tuple[str, ...], Term]] = {}
        combinations = out.combinations(names_needed(settings))
        plans: list[Plan] = []
        for name in self.settings.taxonomies:
            flat = timeline.counted(combinations, partial(self.paths_of, name))
            renamed: Mapping[str, str] = getattr(settings, _MAPS[name]) if name in _MAPS else {}
            result = taxonomy.terms(flat, self.ledger.term_slugs(name), renamed)
            all_terms[name] = result
            for key, spellings in taxonomy.spelled_differently(flat).items():
                self.problems.append(
                    Problem(
                        "spellings", "notice", "", f"{name} {result[key].labels[-1]!r} is written in {len(spellings)} ways: "
                        + ", ".join(map(repr, spellings)), fix="write it in one way",
                    )
                )  # fmt: skip
            feed_path = {key: self.feed_path(name, term) for key, term in result.items()}
            limits = {key: limit_of(own[path.strip("/")], settings) for key, path in feed_path.items() if path.strip("/") in own}
            posts = ((self.paths_of(name, combination.names), combination.positions) for combination in combinations)
            for item in taxonomy.group(posts, result, limits, limit_of(FeedSettings(), settings)):
                path = feed_path[item.term.key]
                said = own.get(path.strip("/"), FeedSettings())
                plans.append(Plan(name, item.term, path, item.members, said, item.last, item.runs))
        chooser = Chooser(settings, all_terms, combinations, out, self.paths_of)
        own_site = own.get("", FeedSettings())
        newest = tuple(range(min(len(out), limit_of(own_site, settings))))
        oldest = len(out) - 1 if out else None
        site = Plan("site", Term((), (), ()), settings.paths.site, newest, own_site, oldest, (range(len(out)),))
        plans = [chooser.without_excluded(plan) for plan in (site, *plans)]
        plans += chooser.sets()
        for path in {*own, *settings.shows}:
            if path and path not in {plan.path.strip("/") for plan in plans}:
                self.problems.append(
                    Problem("feed-unknown", "warning", "", f"the settings name a feed {path!r} that does not exist",
                            field=f'feed."{path}"', fix="fix its path, as category/技术")
                )  # fmt: skip
        return plans, all_terms

    def feed_path(self, name: str, term: Term) -> str:
        pattern: str = getattr(self.settings.paths, name)
        return bounded(pattern.format(path="/".join(term.slugs), slug=term.slugs[-1]))

    def categories(self, header: Header, terms: Terms) -> tuple[Category, ...]:
        """The entry's categories: each node of its category paths, then its tags (RFC 4287 section 4.2.2)."""
        post = timeline.combination(header, ("category", "tag"))
        known = self._categories.get(post)
        if known is not None:
            return known
        result: dict[tuple[str, str], Category] = {}
        for name in ("category", "tag"):
            pattern: str = getattr(self.settings.paths, name)
            scheme = self.settings.base_url + encode_path(pattern.partition("{")[0])
            for path in self.paths_of(name, post):
                for term in self.terms_of(name, path, terms):
                    result.setdefault((name, "/".join(term.slugs)), Category("/".join(term.slugs), scheme, term.labels[-1]))
        return self._categories.setdefault(post, tuple(result.values()))

    def terms_of(self, name: str, path: tuple[str, ...], terms: Terms) -> Iterator[Term]:
        """The terms on a path, root first; those of a taxonomy that has no feeds are named as the author wrote them."""
        if name not in terms:
            slugs = tuple(map(slug_of, path))
            yield from (Term((), path[: depth + 1], slugs[: depth + 1]) for depth in range(len(path)))
            return
        for key in taxonomy.ancestors(tuple(map(fold, path))):
            yield terms[name][key]

    def feeds_of(self, header: Header, terms: Terms) -> tuple[str, ...]:
        """The paths of the category and tag feeds that a post belongs to, each behind those above it."""
        result: dict[str, None] = {}
        post = timeline.combination(header, ("category", "tag"))
        for name in ("category", "tag"):
            if name in self.settings.taxonomies:
                for path in self.paths_of(name, post):
                    for key in taxonomy.ancestors(tuple(map(fold, path))):
                        result[self.feed_path(name, terms[name][key])] = None
        return tuple(result)

    def place(self, out: Out, terms: Terms) -> Place:
        header, identity = out.header, out.identity
        settings = self.settings
        page = None
        if settings.pages is not False and site_page(header, identity.slug, identity.published, settings) is None:
            page = settings.page_folder + settings.paths.entry.format(slug=identity.slug)
        return Place(
            identity.id, identity.published, identity.updated, identity.slug, self.categories(header, terms), page,
            self.translations.get(header.path, ()),
        )  # fmt: skip

    def own_pages(self, out: Timeline) -> Iterator[int]:
        """The positions of the posts that have no page but ours: every one of them has a place on the site."""
        settings = self.settings
        if settings.pages is False:
            return
        # A post that stands has had its page since the build that saw it first.
        yield from out.among(self.ledger.page_ids())
        if settings.permalink is None:
            for position, post in out.fresh():
                if site_page(post.header, post.identity.slug, post.identity.published, settings) is None:
                    yield position

    def post_lines(self, out: Timeline) -> PostLines | None:
        """What lists of all posts show; None where no pages are published."""
        if self.settings.pages is False:
            return None
        from feeds.build.post_lines import PostLines

        return PostLines(out, self.settings, digest(entry_fingerprint(self.settings), self.collected.reader.data_digest))

    def guessed_language(self, out: Timeline) -> str | None:
        """The site's language: what the settings say, else what the script of its newest titles tells."""
        if self.settings.language is not None:
            return self.settings.language
        from feeds.formats import _language

        newest = out.at(range(min(len(out), self.settings.limit or 100)))
        return _language.guess([self.settings.title, self.settings.description, *(post.header.title for post in newest)])

    # feeds

    def variants(self, plans: Sequence[Plan]) -> tuple[Variant, ...]:
        modes = sorted({plan.own.content or self.settings.content for plan in plans})
        return tuple(Variant(name, mode, self.settings.show_email) for mode in modes for name in self.settings.formats)

    def cut(self, plan: Plan, ready: Mapping[int, Ready]) -> tuple[int, ...]:
        """The feed's members within the byte budget, by whole entries; the same in every format."""
        settings = self.settings
        mode = plan.own.content or settings.content
        kinds = [Variant(name, mode, settings.show_email).kind for name in settings.formats]
        whole = dict.fromkeys(kinds, _HEAD_BYTES)
        fits = len(plan.members)
        for count, member in enumerate(plan.members):
            for kind in kinds:
                whole[kind] += ready[member].sizes.get(kind, 0) + 1
            if count and max(whole.values()) > settings.max_document_bytes:
                fits = count
                break
        if fits < len(plan.members):
            self.problems.append(
                Problem(
                    "feed-cut", "warning", "", f"the feed {plan.path or 'of the site'} holds {fits} entries instead of "
                    f"{len(plan.members)}: more would pass {settings.max_document_bytes} bytes",
                    fix="raise max_document_bytes, set content = \"summary\" for this feed, or keep all with archive = true",
                )
            )  # fmt: skip
        elif max(whole.values(), default=0) > settings.warn_document_bytes:
            self.problems.append(
                Problem(
                    "feed-large", "notice", "", f"the feed {plan.path or 'of the site'} has about "
                    f"{max(whole.values()) // 1000} kB", fix="set a smaller limit, or content = \"summary\" for this feed",
                )
            )  # fmt: skip
        return plan.members[:fits]

    def title(self, plan: Plan) -> str:
        if plan.own.title:
            return plan.own.title
        return self.settings.title if plan.taxonomy == "site" else f"{' / '.join(plan.term.labels)} - {self.settings.title}"

    def urls(self, path: str) -> dict[str, str]:
        names = document_names(self.settings)
        result = {name: self.settings.base_url + encode_path(path + names[name]) for name in self.settings.formats}
        if self.settings.pages is not False:
            page = self.settings.page_folder + (path if names["html"] == "index.html" else path + names["html"])
            result["html"] = self.settings.base_url + encode_path(page)
        if path == self.settings.paths.site:
            result["opml"] = self.settings.base_url + encode_path(path + names["opml"])
        return result

    def home_page(self, plan: Plan, urls: Mapping[str, str]) -> str:
        # Without pages of ours the site's home is the nearest page that there is; in a folder they are beside the site's own.
        own = urls.get("html") or home_of(self.settings)
        if plan.taxonomy == "site":
            return self.settings.home_page_url or (home_of(self.settings) if self.settings.page_folder else own)
        pattern: str | None = getattr(self.settings, f"{plan.taxonomy}_page", None)
        if pattern is None:
            return own
        path = pattern.format(path=encode_path("/".join(plan.term.slugs)), slug=encode_path(plan.term.slugs[-1]))
        return resolve("./" + path.lstrip("/") if "://" not in path else path, home_of(self.settings)) or own

    def feed(self, plan: Plan, members: Sequence[int], out: Timeline, ready: Mapping[int, Ready],
             conversion: Conversion, tree: Tree) -> Feed:  # fmt: skip
        settings = self.settings
        urls = self.urls(plan.path)
        keys = tuple(ready[member].key for member in members)
        updated = max((item.identity.updated for item in out.at(members)), default=None)
        term = plan.term
        parent, children = tree.around(plan)
        return Feed(
            path=plan.path,
            taxonomy=plan.taxonomy,
            labels=term.labels,
            title=self.title(plan),
            description=plan.own.description or (settings.description if plan.taxonomy == "site" else "") or self.title(plan),
            id=self.feed_id(plan),
            base_url=settings.base_url,
            home_page_url=self.home_page(plan, urls),
            urls=urls,
            authors=site_authors(settings),
            updated=updated or NO_DATE,
            entries=Entries(conversion, keys),
            entry_keys=keys,
            language=term.labels[-1] if plan.taxonomy == "language" else self.language,
            rights=settings.rights,
            icon=settings.icon,
            logo=settings.logo,
            content_mode=plan.own.content or settings.content,
            max_age_seconds=settings.max_age_seconds,
            hubs=settings.hubs,
            show_email=settings.show_email,
            parent=parent,
            children=children,
            since=None if plan.oldest is None else instant(out.published_seconds(plan.oldest)),
            complete=len(members) == plan.count,
            count=plan.count,
            rsscloud=settings.push.rsscloud,
            show=show_of(settings, plan.path, urls, self.ledger),
            namespaces=self.namespaces,
            extras=self.channel_extras(self.title(plan), self.home_page(plan, urls)),
        )

    @cached_property
    def namespaces(self) -> tuple[tuple[str, str], ...]:
        """What the roots of all feeds declare, so that an entry fits into each."""
        own = [*self.settings.elements_of("channel"), *self.settings.elements_of("entry")]
        named = {extra.prefix: extra.namespace for extra in own if extra.namespace and extra.namespace != extras.ATOM}
        return (*(shows.NAMESPACES if self.settings.shows else ()), *sorted(named.items()))

    def channel_extras(self, title: str, home_page_url: str) -> tuple[Extra, ...]:
        """The elements of the site's own in the channel."""
        facts = {"title": title, "base_url": self.settings.base_url, "home_page_url": home_page_url}
        result = (
            extras.filled(declared, facts.get, lambda url: resolve(url, self.settings.base_url))
            for declared in self.settings.elements_of("channel")
        )
        return tuple(extra for extra in result if extra is not None)

    def archives(
        self, plans: Sequence[Plan], feeds: list[Feed], out: Timeline, ready: Mapping[int, Ready], conversion: Conversion
    ) -> Archives:
        """The archive documents of the feeds that have some; each of these feeds gets a link to its newest one."""
        wanted = [number for number, plan in enumerate(plans) if archived(plan, self.settings) and not feeds[number].complete]
        recent: dict[tuple[str, ...], tuple[Entry, ...]] = {}
        archives = Archives(
            self.settings, self.ledger.archives() if wanted else {}, out, ready,
            lambda keys: ArchiveEntries(conversion, keys, recent),
        )  # fmt: skip
        for number in wanted:
            feeds[number] = archives.add(plans[number], feeds[number])
        return archives

    def feed_id(self, plan: Plan) -> str:
        """A feed's id holds its taxonomy and its names, not its address: it survives a new domain and other paths."""
        names = "/".join(encode_path(name).replace("/", "%2F") for name in plan.term.key)
        return f"tag:{self.authority}:feeds/{plan.taxonomy}{'/' + names if names else ''}"

    def outlined(self, feeds: Sequence[Feed]) -> dict[str, datetime]:
        """Since when each feed stands in the outline; where none ever did, since its own oldest post: no clock decides that.

        Feeds that the settings have taken out are told, too: without them the outline's date would go back.
        """
        known = self.ledger.outlined()
        return {feed.id: self.as_of if known else feed.since or NO_DATE for feed in feeds} | known

    def run(self) -> Built:
        settings = self.settings
        out, known, gone, future = self.select()
        self.language = self.guessed_language(out)
        if settings.translations:
            self.translations = translations.of_posts(out.at(range(len(out))), settings, self.language or "")
        lines = self.post_lines(out)
        plans, terms = self.group(out)
        wanted = set(range(len(out))) if self.everything else {member for plan in plans for member in plan.members}
        wanted.update(self.own_pages(out))
        for plan in plans:
            if archived(plan, settings):
                wanted.update(plan.positions())
        order = sorted(wanted)
        posts = out.at(order)
        tasks = [
            Task(
                post.header,
                self.place(post, terms),
                self.kept.get(post.header.path) if post.header.path in self.collected.kept else None,
            )
            for post in posts
        ]
        others = {file.path: file.size for file in self.collected.others}
        page_links = {header.path: url for header in self.collected.headers if (url := page_link(header, settings))}
        index = SiteIndex(
            settings, out, self.collected.standing, self.left_out, others, partial(load_headers, self.memo), page_links
        )
        conversion = Conversion(
            self.collected.reader, entry_fingerprint(settings), self.memo, self.kept, index, self.variants(plans)
        )
        by_path = conversion.prepare(tasks)
        ready = {position: by_path[one.header.path] for position, one in zip(order, posts, strict=True)}
        tree = Tree(plans)
        feeds = [self.feed(plan, self.cut(plan, ready), out, ready, conversion, tree) for plan in plans]
        archives = self.archives(plans, feeds, out, ready, conversion)
        pictures = covers(self.collected.reader, index)
        assets = {cover.asset.path: cover.asset for cover in pictures.values() if cover.asset is not None}
        pages: list[OwnPage] = []
        for task, position in zip(tasks, order, strict=True):
            self.problems += ready[position].problems
            for asset in ready[position].assets:
                assets.setdefault(asset.path, asset)
            if task.place.page is not None:
                within = self.feeds_of(task.header, terms)
                pages.append(OwnPage(task.place.page, ready[position].key, within, task.place.updated, position))
        page_ids = frozenset(task.place.id for task in tasks if task.place.page is not None)
        publication = Publication(
            base_url=settings.base_url,
            as_of=self.as_of,
            feeds=tuple(feeds),
            pages=tuple(pages),
            assets=tuple(assets[path] for path in sorted(assets)),
            problems=tuple(sorted(counted_once(self.problems), key=lambda one: (one.path, one.line or 0, one.code, one.what))),
            left_out=tuple(sorted(self.left_out, key=lambda one: one.path)),
            revision=digest(
                *(feed.key for feed in feeds),
                *(archive.feed.key for archive in archives.archives),
                *(digest(page.folder, page.key, *page.feeds) for page in pages),
                lines.key(range(len(out))) if lines else "",
            ),
            outlined=self.outlined(feeds),
            next_change_at=min((moment for moment in self.changes if moment > self.as_of), default=None),
            archives=tuple(archives.archives),
        )
        staged = self.ledger.staged_ids()  # a run that was killed may have converted them
        return Built(
            publication, conversion, out, terms, tuple(plans), ready, page_ids, known, gone, future, self.collected, lines,
            rekeyed=self.rekeyed, redated=self.redated, archived=archives.documents, covers=pictures,
            notices=tuple(self.notices), visible={
                post.identity.id: (post.header.text_digest, by_path[post.header.path].visible)
                for post in posts if post.header.path in conversion.converted or post.identity.id in staged
            },
        )  # fmt: skip


def build(
    settings: Settings, as_of: datetime, collected: Collected, ledger: Ledger, memo: Cache, kept: LastGoodSources,
    *, everything: bool = False,
) -> Built:  # fmt: skip
    """The publication of the posts that were gathered; with `everything` also posts that enter no document are converted.

    Raises ChurnError if a file changed meanwhile, FailedPostsError for posts that cannot be converted.
    """
    builder = _Builder(settings, as_of, collected, ledger, memo, kept)
    builder.everything = everything
    return builder.run()
