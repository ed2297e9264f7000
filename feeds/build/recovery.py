"""A ledger that is lost, or that does not know what is published: in come the ledger and a manifest, out goes one that does.

Files are deleted, backups of last month put back, rows taken out by hand, and two machines publish one site. The manifest of
what is live has what its readers have seen of each post. Must not touch a ledger that knows all of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from feeds.errors import LedgerError
from feeds.ledger import archives as archive_rows
from feeds.ledger import dump
from feeds.ledger.contents import LedgerContents
from feeds.ledger.database import NAME
from feeds.ledger.ids import feed_id
from feeds.ledger.ledger import Ledger
from feeds.ledger.merge import merged
from feeds.ledger.reader import SHORT_SLUG
from feeds.publish.manifest import Manifest

Tables = Sequence[Mapping[str, object]]
#: Taxonomy, folded names from the root, slugs of all of them, label.
PublishedTerm: TypeAlias = tuple[str, tuple[str, ...], tuple[str, ...], str]
_NAMED = 3
NOTHING_KNOWN = (
    "there is no ledger beside the published feeds: ids are minted anew from the posts' paths (bring it back with "
    "`feeds ledger restore`, `feeds ledger import`, or `feeds ledger adopt` and a published feed, e.g. public/atom.xml)"
)


def completed(ledger: Ledger, tables: Tables, where: str) -> tuple[LedgerContents, str] | None:
    """The ledger with what it lacks of the posts that are published, and a sentence that says so; None if it lacks nothing.

    `tables` are a manifest's (lines of `feeds.ledger.public`), `where` says which. A post counts as unknown if its row is gone
    or has lost values, or if the published one has another text and was updated later. Raises LedgerError if the two are of
    different sites.
    """
    if not ledger.fresh:
        _refuse_other_site(ledger, tables)
        if _knows_all(ledger, tables):
            return None
    try:
        public = dump.read_tables(tables)
    except LedgerError:
        return None
    if ledger.fresh:
        text = f"there was no ledger: ids and dates of {_posts(len(public.posts))} come from {where}"
        return public, text
    held = ledger.known_posts([record.id for record, _, _ in public.posts])
    lacking = []
    for post in public.posts:
        record = post[0]
        if record.id not in held:
            lacking.append(post)
            continue
        known_text, updated, is_complete = held[record.id]
        later = record.updated is not None and updated is not None and record.updated > updated
        if not is_complete or (known_text and known_text != record.published_text and later):
            lacking.append(post)
    known_rows = ledger.archive_rows() if public.archives else []
    archives_known = archive_rows.knows(known_rows, public.archives)
    terms, slugs = _lacking_terms(ledger, public.terms), _lacking_slugs(ledger, public)
    if not lacking and archives_known and not terms and not slugs:
        return None
    result = merged(ledger.contents(), LedgerContents(lacking, [], [], {}, visible=public.visible))
    if not archives_known:
        result = result._replace(archives=archive_rows.completed(known_rows, public.archives))
    result = result._replace(terms=_with_published(result.terms, terms), facts={**result.facts, **slugs})
    if not lacking and (terms or slugs):
        text = (
            f"the ledger did not know the addresses of all categories and tags that are published: it was completed from {where}"
        )
        return result, text
    if not lacking:
        text = f"the ledger did not know which post is in which archive document: it was completed from {where}"
        return result, text
    ids = sorted(record.id for record, _, _ in lacking)
    named = ", ".join(ids[:_NAMED]) + (f" and {len(ids) - _NAMED} more" if len(ids) > _NAMED else "")
    text = (
        f"the ledger did not know {_posts(len(ids))} as published ({named}): rows were lost, an older ledger was put back, or "
        f"another machine publishes this site; it was completed from {where} (another way: `feeds ledger restore`, or "
        "`feeds ledger adopt` with a published feed)"
    )
    return result, text


def _lacking_terms(ledger: Ledger, terms: Iterable[PublishedTerm]) -> list[PublishedTerm]:
    """The published terms that the ledger does not know, or at another address; none that was forgotten."""
    authority = ledger.meta("authority") or ""
    known: dict[str, dict[tuple[str, ...], tuple[tuple[str, ...], str]]] = {}
    lacking = []
    for term in terms:
        taxonomy, key, slugs, _ = term
        if taxonomy not in known:
            known[taxonomy] = ledger.term_slugs(taxonomy)
        if known[taxonomy].get(key, ((), ""))[0] != slugs and not ledger.has_forgotten(feed_id(authority, taxonomy, key)):
            lacking.append(term)
    return lacking


def _lacking_slugs(ledger: Ledger, public: LedgerContents) -> dict[str, str]:
    """The published slugs of terms in addresses with only the last name of a path, where the ledger has none or another."""
    authority = ledger.meta("authority") or ""
    kept = {
        f"{SHORT_SLUG}{taxonomy}/{'/'.join(slugs)}"
        for taxonomy, key, slugs, _ in public.terms
        if not ledger.has_forgotten(feed_id(authority, taxonomy, key))
    }
    return {fact: slug for fact, slug in public.facts.items() if fact in kept and ledger.meta(fact) != slug}


def _with_published(terms: Iterable[PublishedTerm], published: Sequence[PublishedTerm]) -> list[PublishedTerm]:
    """The terms with the published ones, and without those that would have the address of one of these."""
    keys = {term[:2] for term in published}
    addresses = {(taxonomy, slugs) for taxonomy, _, slugs, _ in published}
    return [*published, *(term for term in terms if term[:2] not in keys and (term[0], term[2]) not in addresses)]


def _refuse_other_site(ledger: Ledger, tables: Tables) -> None:
    """Raise LedgerError if the ledger is of another site than what is published: each would get the other's posts."""
    own = ledger.meta("authority")
    published = next((table.get("value") for table in tables if table.get("fact") == "authority"), own)
    if own is not None and published != own:
        raise LedgerError(
            f"the ledger is that of another site ({own}) than what is published ({published})",
            where=str(ledger.folder / NAME),
            fix="put the right one in its place, e.g. with `feeds ledger restore`; or move it away, and the next build takes ids "
            "and dates from the manifest of what is published; or name another output",
        )


def _knows_all(ledger: Ledger, tables: Tables) -> bool:
    """Whether the ledger has each post of the tables whole, with the text that was published last, and each term at its address.

    False if that is not plain.

    Reading and checking all values of 5,000 posts takes 0.2 s, a third of a build with one change.
    """
    texts: list[tuple[str, object]] = []
    archives: list[archive_rows.Row] = []
    terms: list[PublishedTerm] = []
    for table in tables:
        if "term" in table:
            key, slugs = table["term"], table.get("slugs")
            if not isinstance(key, list) or not isinstance(slugs, list):
                return False
            terms.append((str(table.get("taxonomy")), tuple(map(str, key)), tuple(map(str, slugs)), ""))
        elif str(table.get("fact", "")).startswith(SHORT_SLUG) and ledger.meta(str(table["fact"])) != table.get("value"):
            return False
        elif "archive" in table:
            feed, number, members = table["archive"], table.get("number"), table.get("ids")
            if not isinstance(feed, str) or not isinstance(number, int) or not isinstance(members, list):
                return False
            archives.append((feed, number, tuple(map(str, members))))
        elif "id" in table:
            id, text = table["id"], table.get("out_text")
            if not isinstance(id, str):
                return False
            texts.append((id, table.get("text") if text == "" else text))
    held = ledger.known_posts([id for id, _ in texts])
    for id, text in texts:
        known_text, _, is_complete = held.get(id, ("", None, False))
        if not is_complete or (known_text and known_text != text):
            return False
    return not _lacking_terms(ledger, terms) and (not archives or archive_rows.knows(ledger.archive_rows(), archives))


def _posts(count: int) -> str:
    return f"{count} post{'' if count == 1 else 's'}"


def tables_of(last: Manifest | None, previous: Tables) -> tuple[Tables, str]:
    """The tables to complete the ledger from, and where they are from: those that were named, else those of what is live."""
    if previous:
        return previous, "the generation named by --previous"
    try:
        return (tuple(last.ledger), "the manifest of what is published") if last is not None else ((), "")
    except ValueError:  # damaged
        return (), ""
