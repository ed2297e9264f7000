"""Which feeds there are and which posts are in each: in come published posts and settings, out go plans of feeds.

Groups posts by taxonomy and by the settings' conditions. Pure but for the ledger's terms, which are read: slugs never change.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

from feeds.build import timeline
from feeds.build.groups import taxonomy
from feeds.build.groups.plans import Plan, names_needed
from feeds.build.groups.sets import Chooser, limit_of
from feeds.build.groups.taxonomy import Term
from feeds.build.place import document_names, site_authors
from feeds.build.timeline import SameNames, Timeline
from feeds.errors import Problem
from feeds.ledger.ledger import Ledger
from feeds.ledger.reader import SHORT_SLUG
from feeds.model import Category
from feeds.posts.header import Header
from feeds.posts.index import Combination
from feeds.settings import FeedSettings, Settings
from feeds.slugs import bounded, fold
from feeds.slugs import slug as slug_of
from feeds.urls import encode_path

_MAPS = {"category": "category_map", "tag": "tag_map", "language": "category_map"}


class Grouping:
    """The feeds of one build. `terms` has every term of the taxonomies that have feeds, `plans` one plan a feed; the site's
    own comes first.

    `language` is the site's. `problems` are what the site's author should know of names and of feeds in the settings.
    """

    def __init__(self, settings: Settings, ledger: Ledger, out: Timeline, language: str | None) -> None:
        self.settings, self.language = settings, language
        self.terms: dict[str, dict[tuple[str, ...], Term]] = {}
        self.problems: list[Problem] = []
        #: The slugs of terms in addresses that hold only the last one of a path, and those of them that the ledger has to keep.
        self._short: dict[str, dict[tuple[str, ...], str]] = {}
        self.slug_facts: dict[str, str] = {}
        self._reserved = frozenset(name.casefold() for name in (*document_names(settings).values(), settings.paths.css))
        self._authors = _authors(settings, ledger)
        #: The categories of posts with certain names, and those that one path of names in a taxonomy adds.
        self._categories: dict[Combination, tuple[Category, ...]] = {}
        self._categories_on: dict[tuple[str, tuple[str, ...]], tuple[Category, ...]] = {}
        self.plans = self._planned(ledger, out)

    def _planned(self, ledger: Ledger, out: Timeline) -> tuple[Plan, ...]:
        settings = self.settings
        own = {path.strip("/"): feed_settings for path, feed_settings in settings.feeds.items()}
        combinations = out.combinations(names_needed(settings))
        plans = [plan for name in settings.taxonomies for plan in self._of_taxonomy(name, combinations, ledger, own)]
        chooser = Chooser(settings, self.terms, combinations, out, self.paths_of)
        own_site = own.get("", FeedSettings())
        newest = tuple(range(min(len(out), limit_of(own_site, settings))))
        oldest = len(out) - 1 if out else None
        site = Plan("site", Term((), (), ()), settings.paths.site, newest, own_site, oldest, (range(len(out)),))
        plans = [chooser.without_excluded(plan) for plan in (site, *plans)]
        plans += chooser.sets()
        plans += self._twins(plans)
        planned = {plan.path.strip("/") for plan in plans}
        for path in {*own, *settings.shows}:
            if path and path not in planned:
                self.problems.append(
                    Problem("feed-unknown", "warning", "", f"the settings name a feed {path!r} that does not exist",
                            field=f'feed."{path}"', fix="fix its path, e.g. category/技术")
                )  # fmt: skip
        return tuple(plans)

    def _twins(self, plans: Sequence[Plan]) -> Iterator[Plan]:
        """The site's feed in other scripts of Chinese: each at the address of a feed of that language."""
        taken = {plan.path for plan in plans}
        for target in self.settings.twins:
            term = Term((fold(target),), (target,), (slug_of(target),))
            path = self.feed_path("language", term)
            if path in taken:
                self.problems.append(
                    Problem("twin-taken", "warning", "", f"the twin {target} is not made: {path} is the feed of the posts "
                            f"in {target}", field="twins", fix="take it out of twins, or language out of taxonomies")
                )  # fmt: skip
                continue
            own = replace(plans[0].own, title=None, archive=False)
            yield replace(plans[0], taxonomy="language", term=term, path=path, own=own, twin=target)

    def _of_taxonomy(
        self, name: str, combinations: Sequence[SameNames], ledger: Ledger, own: Mapping[str, FeedSettings]
    ) -> Iterator[Plan]:
        """One plan a term of a taxonomy. `own` has the settings of single feeds, by path."""
        settings = self.settings
        paths_of = partial(self._feeds_paths_of, name)
        flat = timeline.counted(combinations, paths_of)
        renamed: Mapping[str, str] = getattr(settings, _MAPS[name]) if name in _MAPS else {}
        if name == "language":
            languages = {fold(path[0]) for path in flat}
            renamed = {label: slug for label, slug in renamed.items() if fold(label) not in languages}
        terms = self.terms[name] = taxonomy.terms(flat, ledger.term_slugs(name), renamed, self._reserved)
        if name == "language":
            terms = self.terms[name] = self._with_category_slugs(terms, ledger.term_slugs(name))
        self._short[name] = self._short_slugs(name, {key for path in flat for key in ancestors_of(path)}, ledger)
        for key, spellings in taxonomy.spelled_differently(flat).items():
            self.problems.append(
                Problem(
                    "spellings", "notice", "", f"{name} {terms[key].labels[-1]!r} is written in {len(spellings)} ways: "
                    + ", ".join(map(repr, spellings)), fix="write it in one way",
                )
            )  # fmt: skip
        feed_paths = {key: self.feed_path(name, term) for key, term in terms.items()}
        limits = {key: limit_of(own[path.strip("/")], settings) for key, path in feed_paths.items() if path.strip("/") in own}
        posts = ((paths_of(combination.names), combination.positions) for combination in combinations)
        groups = tuple(taxonomy.group(posts, terms, limits, limit_of(FeedSettings(), settings)))
        taken = {feed_paths[group.term.key] for group in groups if group.last is not None}
        for group in groups:
            path = feed_paths[group.term.key]
            if group.last is None:
                if path in taken:
                    # A term without posts any more, at whose address another one has come, e.g. by other [paths].
                    continue
                taken.add(path)
            feed_settings = own.get(path.strip("/"), FeedSettings())
            yield Plan(name, group.term, path, group.members, feed_settings, group.last, group.runs)

    def _feeds_paths_of(self, taxonomy_name: str, post: Combination) -> tuple[tuple[str, ...], ...]:
        """`paths_of`, and the categories below a language if they have feeds."""
        paths = self.paths_of(taxonomy_name, post)
        if taxonomy_name != "language" or not self.settings.language_categories:
            return paths
        return (*paths, *((*language, *category) for language in paths for category in post.categories))

    def _with_category_slugs(
        self, terms: dict[tuple[str, ...], Term], terms_before: Mapping[tuple[str, ...], object]
    ) -> dict[tuple[str, ...], Term]:
        """The terms of languages; a category below one is called as the category itself, unless it had a feed before."""
        categories = self.terms.get("category", {})
        result = dict(terms)
        for key, term in sorted(terms.items()):
            category = categories.get(key[1:])
            if category is not None:
                above = result[key[:-1]]
                slug = term.slugs[-1] if key in terms_before else category.slugs[-1]
                result[key] = Term(key, (*above.labels, category.labels[-1]), (*above.slugs, slug))
        return result

    def _short_slugs(self, name: str, live: Collection[tuple[str, ...]], ledger: Ledger) -> dict[tuple[str, ...], str]:
        """The slugs of terms in addresses that have none of the names above them; {} if addresses have the whole path.

        Terms with posts (`live`) choose before those without, known ones before new ones. What was decided between two terms
        of one name is decided for good.
        """
        if "{slug}" not in self.settings.paths.category or name not in ("category", "language"):
            return {}
        terms, terms_before = self.terms[name], ledger.term_slugs(name)
        results: dict[tuple[str, ...], str] = {}
        # The categories below each language are apart from those below another.
        above = 1 if name == "language" else 0
        for group in {key[:above] for key in terms if len(key) > above}:
            keys = [key for key in terms if key[:above] == group and len(key) > above]
            keys.sort(key=lambda key: (key not in live, key not in terms_before, len(key), key))
            wanted = {key: terms[key].slugs[above:] for key in keys}
            for key in keys if above else ():
                short = self._short.get("category", {}).get(key[1:])
                if short is not None and key not in terms_before:
                    wanted[key] = (*wanted[key][:-1], short)
            facts = {key: f"{SHORT_SLUG}{name}/{'/'.join(terms[key].slugs)}" for key in keys}
            given = {key: slug for key, fact in facts.items() if (slug := ledger.meta(fact)) is not None}
            shorts = taxonomy.short_slugs(wanted, given)
            counts = Counter(slugs[-1] for slugs in wanted.values())
            for key in keys:
                is_plain = counts[wanted[key][-1]] == 1 and shorts[key] == terms[key].slugs[-1]
                if key in given or (key in live and not is_plain):
                    self.slug_facts[facts[key]] = shorts[key]
                # One without posts, at whose address another one is now, gets none anew.
                results[key] = shorts[key] if key in given or key in live else wanted[key][-1]
        return results

    def paths_of(self, taxonomy_name: str, post: Combination) -> tuple[tuple[str, ...], ...]:
        """The paths of names that a post has in a taxonomy."""
        if taxonomy_name == "category":
            return post.categories
        if taxonomy_name == "language":
            language = post.language or self.language
            return ((language,),) if language else ()
        names = post.tags if taxonomy_name == "tag" else post.authors
        if taxonomy_name == "author" and not names:
            names = self._authors
        return tuple((name,) for name in names)

    def feed_path(self, name: str, term: Term) -> str:
        """The path of a term's feed below the base URL, e.g. "category/tech/"."""
        pattern: str = getattr(self.settings.paths, name)
        if name == "language" and len(term.slugs) > 1:
            short = self._short.get(name, {}).get(term.key, term.slugs[-1])
            below = self.settings.paths.category.format(path="/".join(term.slugs[1:]), slug=short)
            return bounded(pattern.format(slug=term.slugs[0]) + below)
        short = self._short.get(name, {}).get(term.key, term.slugs[-1])
        return bounded(pattern.format(path="/".join(term.slugs), slug=short))

    def categories(self, header: Header) -> tuple[Category, ...]:
        """The entry's categories: each node of its category paths, then its tags (RFC 4287 section 4.2.2)."""
        post = timeline.combination(header, ("category", "tag"))
        if post in self._categories:
            return self._categories[post]
        result: dict[tuple[str, str], Category] = {}
        for name in ("category", "tag"):
            for path in self.paths_of(name, post):
                if (name, path) not in self._categories_on:
                    self._categories_on[name, path] = tuple(self._categories_of(name, path))
                for category in self._categories_on[name, path]:
                    result.setdefault((name, category.term), category)
        return self._categories.setdefault(post, tuple(result.values()))

    def _categories_of(self, name: str, path: tuple[str, ...]) -> Iterator[Category]:
        """The categories that a path of names in a taxonomy gives a post: each node of it, root first."""
        pattern: str = getattr(self.settings.paths, name)
        scheme = self.settings.base_url + encode_path(pattern.partition("{")[0])
        for term in self._terms_of(name, path):
            yield Category("/".join(term.slugs), scheme, term.labels[-1])

    def _terms_of(self, name: str, path: tuple[str, ...]) -> Iterator[Term]:
        """The terms on a path, root first; those of a taxonomy that has no feeds are named as the author wrote them."""
        if name not in self.terms:
            slugs = tuple(map(slug_of, path))
            yield from (Term((), path[: depth + 1], slugs[: depth + 1]) for depth in range(len(path)))
            return
        for key in ancestors_of(path):
            yield self.terms[name][key]

    def feeds_of(self, header: Header) -> tuple[str, ...]:
        """The paths of the category and tag feeds that a post belongs to, each behind those above it."""
        result: dict[str, None] = {}
        post = timeline.combination(header, ("category", "tag"))
        for name in ("category", "tag"):
            if name in self.settings.taxonomies:
                for path in self.paths_of(name, post):
                    for key in ancestors_of(path):
                        result[self.feed_path(name, self.terms[name][key])] = None
        return tuple(result)


def ancestors_of(path: tuple[str, ...]) -> Iterable[tuple[str, ...]]:
    """The keys of the terms on a path of names, root first."""
    return taxonomy.ancestors(tuple(map(fold, path)))


def _authors(settings: Settings, ledger: Ledger) -> tuple[str, ...]:
    """The names in the taxonomy of authors for posts that name none.

    The site itself, which stands in for an author in its feeds, needs no feed of its posts beside its own, unless it has had one.
    """
    authors = site_authors(settings)
    is_known = all((fold(person.name),) in ledger.term_slugs("author") for person in authors)
    return tuple(person.name for person in authors) if settings.authors or is_known else ()
