"""Plan -> Feed: title, id, URLs, channel elements and the members that fit into a document.

In come a plan, the published posts and their converted entries; out goes a Feed. Reads the ledger, writes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from feeds import extras, shows
from feeds.build.entries.conversion import Conversion, Ready, Variant
from feeds.build.entries.lazy import Entries
from feeds.build.groups.plans import NO_DATE, Plan, Tree
from feeds.build.inputs import Inputs
from feeds.build.place import document_names, site_authors
from feeds.build.podcast import show_of
from feeds.build.timeline import Timeline
from feeds.errors import Problem
from feeds.extras import Extra
from feeds.ledger.ids import feed_id
from feeds.model import Feed, instant
from feeds.settings.site_facts import home_of
from feeds.urls import encode_path, resolve

#: The size of a document without its entries, at most, for the byte budget.
_HEAD_BYTES = 6_000


class FeedAssembly:
    """Makes the feeds of one build. `problems` grows by what is noticed about their sizes."""

    def __init__(
        self, inputs: Inputs, language: str | None, out: Timeline, ready: Mapping[int, Ready], conversion: Conversion
    ) -> None:
        self.settings, self.ledger, self.authority = inputs.settings, inputs.ledger, inputs.authority
        self.language, self.out, self.ready, self.conversion = language, out, ready, conversion
        self.problems: list[Problem] = []

    def feeds(self, plans: Sequence[Plan]) -> list[Feed]:
        """One feed a plan, in their order."""
        tree = Tree(plans)
        feeds = [self._feed(plan, tree) for plan in plans]
        twins = [number for number, plan in enumerate(plans) if plan.twin is not None]
        if twins:
            from feeds.build import twins as twin_feeds

            for number in twins:
                feed = replace(feeds[number], title=feeds[0].title, description=feeds[0].description)
                target = plans[number].twin or ""
                feeds[number] = twin_feeds.feed_of(feed, feed.entry_keys, target, self.language, self.conversion)
            twin_feeds.linked(feeds, twins)
        return feeds

    def _members(self, plan: Plan) -> tuple[int, ...]:
        """The feed's members within the byte budget, by whole entries; the same in every format."""
        settings = self.settings
        mode = plan.own.content or settings.content
        kinds = [Variant(name, mode, settings.show_email).kind for name in settings.formats]
        sizes = dict.fromkeys(kinds, _HEAD_BYTES)
        fits = len(plan.members)
        for count, member in enumerate(plan.members):
            for kind in kinds:
                sizes[kind] += self.ready[member].sizes.get(kind, 0) + 1
            if count and max(sizes.values()) > settings.max_document_bytes:
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
        elif max(sizes.values(), default=0) > settings.warn_document_bytes:
            self.problems.append(
                Problem(
                    "feed-large", "notice", "", f"the feed {plan.path or 'of the site'} has about "
                    f"{max(sizes.values()) // 1000} kB", fix="set a smaller limit, or content = \"summary\" for this feed",
                )
            )  # fmt: skip
        return plan.members[:fits]

    def _title(self, plan: Plan) -> str:
        if plan.own.title:
            return plan.own.title
        return self.settings.title if plan.taxonomy == "site" else f"{' / '.join(plan.term.labels)} - {self.settings.title}"

    def _urls(self, path: str) -> dict[str, str]:
        """The URL of each of the feed's documents, by format; `path` is the feed's folder below the base URL."""
        names = document_names(self.settings)
        result = {name: self.settings.base_url + encode_path(path + names[name]) for name in self.settings.formats}
        if self.settings.pages is not False:
            page = self.settings.page_folder + (path if names["html"] == "index.html" else path + names["html"])
            result["html"] = self.settings.base_url + encode_path(page)
        if path == self.settings.paths.site:
            result["opml"] = self.settings.base_url + encode_path(path + names["opml"])
        return result

    def _home_page(self, plan: Plan, urls: Mapping[str, str]) -> str:
        # Without pages of ours the home page is the nearest page that the site has; pages in a folder are only additional ones.
        own = urls.get("html") or home_of(self.settings)
        if plan.taxonomy == "site":
            return self.settings.home_page_url or (home_of(self.settings) if self.settings.page_folder else own)
        pattern: str | None = getattr(self.settings, f"{plan.taxonomy}_page", None)
        if pattern is None:
            return own
        path = pattern.format(path=encode_path("/".join(plan.term.slugs)), slug=encode_path(plan.term.slugs[-1]))
        return resolve("./" + path.lstrip("/") if "://" not in path else path, home_of(self.settings)) or own

    def _feed(self, plan: Plan, tree: Tree) -> Feed:
        settings, out = self.settings, self.out
        members = self._members(plan)
        urls = self._urls(plan.path)
        keys = tuple(self.ready[member].key for member in members)
        updated = max((post.identity.updated for post in out.at(members)), default=None)
        title, home_page = self._title(plan), self._home_page(plan, urls)
        parent, children = tree.around(plan)
        return Feed(
            path=plan.path,
            taxonomy=plan.taxonomy,
            labels=plan.term.labels,
            title=title,
            description=plan.own.description or (settings.description if plan.taxonomy == "site" else "") or title,
            id=feed_id(self.authority, plan.taxonomy, plan.term.key),
            base_url=settings.base_url,
            home_page_url=home_page,
            urls=urls,
            authors=site_authors(settings),
            updated=updated or NO_DATE,
            entries=Entries(self.conversion, keys),
            entry_keys=keys,
            language=plan.term.labels[0] if plan.taxonomy == "language" else self.language,
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
            namespaces=self._namespaces,
            extras=self._channel_extras(title, home_page),
        )

    @cached_property
    def _namespaces(self) -> tuple[tuple[str, str], ...]:
        """What the roots of all feeds declare, so that an entry fits into each."""
        own = [*self.settings.elements_of("channel"), *self.settings.elements_of("entry")]
        named = {extra.prefix: extra.namespace for extra in own if extra.namespace and extra.namespace != extras.ATOM}
        return (*(shows.NAMESPACES if self.settings.shows else ()), *sorted(named.items()))

    def _channel_extras(self, title: str, home_page_url: str) -> tuple[Extra, ...]:
        """The elements of the site's own in the channel."""
        facts = {"title": title, "base_url": self.settings.base_url, "home_page_url": home_page_url}
        filled = (
            extras.filled(declared, facts.get, lambda url: resolve(url, self.settings.base_url))
            for declared in self.settings.elements_of("channel")
        )
        return tuple(extra for extra in filled if extra is not None)
