"""All feeds of one site at one instant: in come settings, the posts' metadata and the ledger, out goes a Publication.

Selects the published posts, groups them into feeds, has exactly the posts converted that enter a document, and assembles the
feeds. Time enters as `as_of`; nothing here looks at a clock.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from feeds.build import translations
from feeds.build.archives import Archives, archived
from feeds.build.entries.conversion import Conversion, ConversionTask, Ready, Variant
from feeds.build.entries.lazy import ArchiveEntries
from feeds.build.feed_assembly import FeedAssembly
from feeds.build.groups.grouping import Grouping
from feeds.build.groups.plans import NO_DATE, Plan, Terms
from feeds.build.groups.sets import PathsOf
from feeds.build.inputs import Inputs
from feeds.build.place import Place, page_link, site_page
from feeds.build.podcast import Cover, covers
from feeds.build.problems import counted_once
from feeds.build.published_posts import Selection, select
from feeds.build.site_index import OtherFiles, SiteIndex
from feeds.build.timeline import Out, Timeline
from feeds.errors import ExitCode, Problem
from feeds.model import Entry, Feed, digest
from feeds.posts.collect import Collected, load_headers
from feeds.publication import Asset, OwnPage, Publication
from feeds.settings import Settings, entry_fingerprint

if TYPE_CHECKING:
    from feeds.build.post_lines import PostLines


@dataclass(frozen=True, slots=True)
class Built:
    """A Publication with what only the run that made it knows.

    `out` is what is out, newest first; `terms` the terms by taxonomy; `page_ids` the ids of the posts that have a page of ours.
    Of the `known` posts of the last published generation, `gone` gives the paths of those that this one lacks, and `future` says
    how many of them now lie in the future, `lost` how many are broken while no version of them is known. `lines` are what lists
    of all posts show, None without pages. `archived` are the ids in the archive documents of each feed that has them, by the
    feed's id. `paths_of` gives the paths of names of a taxonomy under which posts are.
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
    lost: int
    collected: Collected
    paths_of: PathsOf
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
    slug_facts: Mapping[str, str] = field(default_factory=dict)
    """Slugs of terms in addresses that hold only the last name of a path, for the ledger to keep."""

    @property
    def exit_code(self) -> ExitCode:
        """0, or 1 where posts are broken."""
        errors = any(problem.severity == "error" for problem in self.publication.problems)
        return ExitCode.POSTS_BROKEN if errors else ExitCode.DONE

    def with_problems(self, problems: Iterable[Problem]) -> Built:
        """The same build with further findings, e.g. those that need its documents."""
        ordered = sorted((*self.publication.problems, *problems), key=Problem.order)
        return replace(self, publication=replace(self.publication, problems=tuple(ordered)))


def build(inputs: Inputs) -> Built:
    """The publication of the posts that were collected.

    Raises ChurnError if a file changed meanwhile, FailedPostsError for posts that cannot be converted.
    """
    return _Builder(inputs).run()


class _Builder:
    """One build: the selected posts and their groups, then what is made of them."""

    def __init__(self, inputs: Inputs) -> None:
        self.inputs, self.settings = inputs, inputs.settings
        self.selected: Selection = select(inputs)
        self.out = self.selected.out
        language = guessed_language(self.settings, self.out)
        self.translations: Mapping[str, translations.Translations] = {}
        if self.settings.translations:
            self.translations = translations.of_posts(self.out.at(range(len(self.out))), self.settings, language or "")
        self.grouping = Grouping(self.settings, inputs.ledger, self.out, language)

    def run(self) -> Built:
        out, plans, selected = self.out, self.grouping.plans, self.selected
        lines = self._post_lines()
        positions = self._wanted()
        tasks = self._tasks(positions)
        index = self._site_index()
        conversion = self._conversion(index)
        by_path = conversion.prepare(tasks)
        ready = {position: by_path[task.header.path] for position, task in zip(positions, tasks, strict=True)}
        assembly = FeedAssembly(self.inputs, self.grouping.language, out, ready, conversion)
        feeds = assembly.feeds(plans)
        archives = self._archives(feeds, ready, conversion)
        pictures = covers(self.inputs.collected.reader, index)
        pages = self._pages(tasks, positions, ready)
        problems = [*self.inputs.collected.problems, *selected.problems, *self.grouping.problems, *assembly.problems]
        problems += (problem for position in positions for problem in ready[position].problems)
        as_of = self.inputs.as_of
        publication = Publication(
            base_url=self.settings.base_url,
            as_of=as_of,
            feeds=tuple(feeds),
            pages=pages,
            assets=_assets(pictures, (ready[position] for position in positions)),
            problems=tuple(sorted(counted_once(problems), key=Problem.order)),
            left_out=tuple(sorted(selected.left_out, key=lambda post: post.path)),
            revision=digest(
                *(feed.key for feed in feeds),
                *(archive.feed.key for archive in archives.archives),
                *(digest(page.folder, page.key, *page.feeds) for page in pages),
                lines.key(range(len(out))) if lines else "",
            ),
            outlined=self._outlined(feeds),
            next_change_at=min((moment for moment in selected.changes if moment > as_of), default=None),
            archives=tuple(archives.archives),
        )
        staged = self.inputs.ledger.staged_ids()  # a run that was killed may have converted them
        return Built(
            publication, conversion, out, self.grouping.terms, plans, ready, self._page_ids(tasks), selected.known,
            selected.gone, selected.future, selected.lost, self.inputs.collected, self.grouping.paths_of, lines,
            rekeyed=selected.rekeyed, redated=selected.redated,
            archived=archives.documents, slug_facts=self.grouping.slug_facts, covers=pictures, notices=selected.notices, visible={
                task.place.id: (task.header.text_digest, by_path[task.header.path].visible)
                for task in tasks if task.header.path in conversion.converted or task.place.id in staged
            },
        )  # fmt: skip

    # what is converted

    def _wanted(self) -> list[int]:
        """The positions of the posts that enter a document, ascending; of all posts if the build is asked for everything."""
        plans = self.grouping.plans
        wanted = {member for plan in plans for member in plan.members}
        if self.inputs.everything:
            wanted = set(range(len(self.out)))
        wanted.update(self._own_pages())
        for plan in plans:
            if archived(plan, self.settings):
                wanted.update(plan.positions())
        return sorted(wanted)

    def _own_pages(self) -> Iterator[int]:
        """The positions of the posts that have no page but ours: every one of them has a page on the site."""
        settings = self.settings
        if settings.pages is False:
            return
        # An unchanged post has had its page since the build that saw it first.
        yield from self.out.among(self.inputs.ledger.page_ids())
        if settings.permalink is None:
            for position, post in self.out.fresh():
                if site_page(post.header, post.identity.slug, post.identity.published, settings) is None:
                    yield position

    def _tasks(self, positions: Sequence[int]) -> list[ConversionTask]:
        collected, kept = self.inputs.collected, self.inputs.kept
        return [
            ConversionTask(
                post.header,
                self._place(post),
                kept.get(post.header.path) if post.header.path in collected.kept else None,
            )
            for post in self.out.at(positions)
        ]

    def _place(self, post: Out) -> Place:
        header, identity = post.header, post.identity
        settings = self.settings
        page = None
        if settings.pages is not False and site_page(header, identity.slug, identity.published, settings) is None:
            page = settings.page_folder + settings.paths.entry.format(slug=identity.slug)
        return Place(
            identity.id, identity.published, identity.updated, identity.slug, self.grouping.categories(header), page,
            self.translations.get(header.path, ()),
        )  # fmt: skip

    def _site_index(self) -> SiteIndex:
        """What links in posts may lead to."""
        collected, settings = self.inputs.collected, self.settings
        sizes = {file.path: file.size for file in collected.others}
        page_links = {header.path: url for header in collected.headers if (url := page_link(header, settings))}
        others = OtherFiles(sizes, page_links)
        load = partial(load_headers, self.inputs.cache)
        return SiteIndex(settings, self.out, collected.unchanged, self.selected.left_out, others, load)

    def _conversion(self, index: SiteIndex) -> Conversion:
        settings = self.settings
        modes = sorted({plan.own.content or settings.content for plan in self.grouping.plans})
        variants = tuple(Variant(name, mode, settings.show_email) for mode in modes for name in settings.formats)
        reader = self.inputs.collected.reader
        return Conversion(reader, entry_fingerprint(settings), self.inputs.cache, self.inputs.kept, index, variants)

    # what is published besides feeds

    def _post_lines(self) -> PostLines | None:
        """What lists of all posts show; None if no pages are published."""
        if self.settings.pages is False:
            return None
        from feeds.build.post_lines import PostLines

        key = digest(entry_fingerprint(self.settings), self.inputs.collected.reader.data_digest)
        return PostLines(self.out, self.settings, key)

    def _pages(
        self, tasks: Sequence[ConversionTask], positions: Sequence[int], ready: Mapping[int, Ready]
    ) -> tuple[OwnPage, ...]:
        """The posts' pages of ours."""
        return tuple(
            OwnPage(
                task.place.page, ready[position].key, self.grouping.feeds_of(task.header), task.place.updated, position
            )
            for task, position in zip(tasks, positions, strict=True)
            if task.place.page is not None
        )  # fmt: skip

    def _page_ids(self, tasks: Sequence[ConversionTask]) -> frozenset[str]:
        return frozenset(task.place.id for task in tasks if task.place.page is not None)

    def _archives(self, feeds: list[Feed], ready: Mapping[int, Ready], conversion: Conversion) -> Archives:
        """The archive documents of the feeds that have some; each of these feeds gets a link to its newest one."""
        plans, settings = self.grouping.plans, self.settings
        wanted = [number for number, plan in enumerate(plans) if archived(plan, settings) and not feeds[number].complete]
        recent: dict[tuple[str, ...], tuple[Entry, ...]] = {}
        archives = Archives(
            settings, self.inputs.ledger.archives() if wanted else {}, self.out, ready,
            lambda keys: ArchiveEntries(conversion, keys, recent),
        )  # fmt: skip
        for number in wanted:
            feeds[number] = archives.add(plans[number], feeds[number])
        return archives

    def _outlined(self, feeds: Sequence[Feed]) -> dict[str, datetime]:
        """When each feed was first listed in the outline; in a first outline, the date of its own oldest post.

        No clock decides that. Feeds that the settings have taken out are included: without them the outline's date would go
        back.
        """
        outlined = self.inputs.ledger.outlined()
        return {feed.id: self.inputs.as_of if outlined else feed.since or NO_DATE for feed in feeds} | outlined


def guessed_language(settings: Settings, out: Timeline) -> str | None:
    """The site's language: that of the settings, else the one that the script of its newest titles suggests."""
    if settings.language is not None:
        return settings.language
    from feeds.formats import _language

    newest = out.at(range(min(len(out), settings.limit or 100)))
    titles = [post.header.title for post in newest if not _is_file_name(post.header.title, post.header.path)]
    return _language.guess([settings.title, settings.description, *titles])


def _is_file_name(title: str, path: str) -> bool:
    """Whether a title is the Latin name of the post's file, which says nothing of the language: `n26`, `hello-world`."""
    names = (title, path.rpartition("/")[2].rpartition(".")[0])
    shown, name = (re.sub(r"[-_ ]+", " ", text).casefold() for text in names)
    return title.isascii() and name.endswith(shown)


def _assets(pictures: Mapping[str, Cover], ready: Iterator[Ready]) -> tuple[Asset, ...]:
    """The files that are published with the feeds, each once, by path."""
    assets = {cover.asset.path: cover.asset for cover in pictures.values() if cover.asset is not None}
    for result in ready:
        for asset in result.assets:
            assets.setdefault(asset.path, asset)
    return tuple(assets[path] for path in sorted(assets))
