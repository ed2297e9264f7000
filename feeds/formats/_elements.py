"""Elements of other namespaces as values: in come a feed or an entry, out go the elements that its RSS document must hold.

The writer makes XML of them and the publish gate finds them again in the document, so that none is lost or changed. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from feeds.extras import ATOM, Extra
from feeds.model import Entry, Feed
from feeds.shows import ITUNES, NAMESPACES, PODCAST, AlternateEnclosure, Credit, Episode, Show, Transcript, Value

if TYPE_CHECKING:
    from lxml import etree


class Element(NamedTuple):
    """`name` as lxml writes it, "{namespace}local"; attributes in their order."""

    name: str
    text: str = ""
    attributes: tuple[tuple[str, str], ...] = ()
    children: tuple[Element, ...] = ()


def of_feed(feed: Feed, format: str) -> tuple[Element, ...]:
    """What stands in the channel, or in Atom's feed."""
    return (*(podcast_of(feed) if format == "rss" else ()), *declared(feed.extras, format))


def of_entry(entry: Entry, format: str) -> tuple[Element, ...]:
    """What stands in the item, or in Atom's entry."""
    return (*(podcast_of(entry) if format == "rss" else ()), *declared(entry.extras, format))


def podcast_of(subject: Feed | Entry) -> tuple[Element, ...]:
    """What a podcast's RSS says of the show or the episode."""
    if isinstance(subject, Entry):
        return tuple(_episode(subject.episode, subject)) if subject.episode is not None else ()
    return tuple(_show(subject.show)) if subject.show is not None else ()


def declared(some: tuple[Extra, ...], format: str) -> tuple[Element, ...]:
    """Elements that the site declares, in this format."""
    return tuple(
        Element(
            _name(extra.namespace, extra.name, format), extra.text, extra.attributes,
            tuple(Element(_name(extra.namespace, name, format), text) for name, text in extra.children),
        )
        for extra in some if format in extra.formats
    )  # fmt: skip


def _name(namespace: str, name: str, format: str) -> str:
    # feedgen writes Atom's own elements without a namespace, below a root that makes it theirs.
    return name if not namespace or (format == "atom" and namespace == ATOM) else f"{{{namespace}}}{name}"


def namespaces_of(entry: Entry) -> tuple[tuple[str, str], ...]:
    """Prefix and namespace of all that the entry holds; its document's root declares them."""
    own = {extra.prefix: extra.namespace for extra in entry.extras if extra.namespace and extra.namespace != ATOM}
    return (*(NAMESPACES if entry.episode is not None else ()), *sorted(own.items()))


def of_format(namespaces: tuple[tuple[str, str], ...], format: str) -> dict[str, str]:
    """The namespaces that a root declares: a podcast's only in RSS."""
    return {prefix: uri for prefix, uri in namespaces if format == "rss" or (prefix, uri) not in NAMESPACES}


def json_members(some: tuple[Extra, ...]) -> dict[str, dict[str, str]]:
    """The extensions of JSON Feed (version 1.1, "Extensions"): an object each, whose names begin with "_"."""
    result: dict[str, dict[str, str]] = {}
    for extra in some:
        if extra.json is not None:
            own = {**dict(extra.attributes), **dict(extra.children)}
            if extra.text:
                own["value" if own else extra.name] = extra.text
            result.setdefault(extra.json, {}).update(own)
    return result


def write(parent: etree._Element, elements: tuple[Element, ...]) -> None:
    """Append the elements."""
    from lxml import etree

    for element in elements:
        result = etree.SubElement(parent, element.name, dict(element.attributes))
        if element.text:
            result.text = element.text
        write(result, element.children)


def missing(parent: etree._Element, expected: tuple[Element, ...], default: str) -> Element | None:
    """The first expected element that is not among the children; `default` is the namespace of names without one."""
    results = list(read(parent, None))
    for element in expected:
        wanted = _qualified(element, default)
        if wanted not in results:
            return element
        results.remove(wanted)
    return None


def _qualified(element: Element, default: str) -> Element:
    name = element.name if element.name.startswith("{") or not default else f"{{{default}}}{element.name}"
    children = tuple(_qualified(child, default) for child in element.children)
    return Element(name, element.text, element.attributes, children)


def read(parent: etree._Element, namespaces: frozenset[str] | None) -> tuple[Element, ...]:
    """The children of the element that are in these namespaces, as values; None is all."""
    results = []
    for child in parent:
        if isinstance(child.tag, str) and (namespaces is None or child.tag[1:].partition("}")[0] in namespaces):
            inner = read(child, namespaces)
            text = child.text or ""
            text = "" if inner and not text.strip() else text  # blanks of the layout
            results.append(Element(child.tag, text, tuple((str(key), str(value)) for key, value in child.attrib.items()), inner))
    return tuple(results)


#: The namespaces that this module alone writes: what else is found in them is a mistake.
OWN = frozenset({ITUNES, PODCAST})


def _itunes(name: str, text: str = "", /, **attributes: str) -> Element:
    return Element(f"{{{ITUNES}}}{name}", text, tuple(attributes.items()))


def _podcast(name: str, text: str = "", /, **attributes: str | None) -> Element:
    return Element(f"{{{PODCAST}}}{name}", text, tuple((key, value) for key, value in attributes.items() if value))


def _flag(value: bool) -> str:
    return "true" if value else "false"


def _show(show: Show) -> Iterator[Element]:
    yield _itunes("author", show.author)
    yield from _categories(show)
    if show.image:
        yield _itunes("image", href=show.image)
    yield _itunes("explicit", _flag(show.explicit))
    yield _itunes("type", show.type)
    if show.owner_name or show.owner_email:
        parts = (("name", show.owner_name or show.author), ("email", show.owner_email))
        yield Element(f"{{{ITUNES}}}owner", children=tuple(_itunes(name, text) for name, text in parts if text))
    if show.block:
        yield _itunes("block", "Yes")
    if show.complete:
        yield _itunes("complete", "Yes")
    if show.new_feed_url:
        yield _itunes("new-feed-url", show.new_feed_url)
    yield _podcast("guid", show.guid)
    if show.locked is not None:
        yield _podcast("locked", "yes" if show.locked else "no", owner=show.owner_email)
    yield _podcast("medium", show.medium)
    if show.license:
        yield _podcast("license", show.license, url=show.license_url)
    for item in show.funding:
        yield _podcast("funding", item.text, url=item.url)
    yield from map(_person, show.people)
    if show.value is not None:
        yield _value(show.value)


def _value(value: Value) -> Element:
    recipients = (
        _podcast(
            "valueRecipient", name=recipient.name, type=recipient.type, address=recipient.address, customKey=recipient.custom_key,
            customValue=recipient.custom_value, split=str(recipient.split), fee="true" if recipient.fee else None,
        )
        for recipient in value.recipients
    )  # fmt: skip
    element = _podcast("value", type=value.type, method=value.method, suggested=value.suggested)
    return element._replace(children=tuple(recipients))


def _categories(show: Show) -> Iterator[Element]:
    """Nested, as Apple has them: subcategories of one category stand within one element."""
    below: dict[str, list[str]] = {}
    for category, inner in show.categories:
        below.setdefault(category, []).extend([inner] if inner else [])
    for category, some in below.items():
        yield _category(category)._replace(children=tuple(map(_category, some)))


def _category(name: str) -> Element:
    return Element(f"{{{ITUNES}}}category", attributes=(("text", name),))


def _episode(episode: Episode, entry: Entry) -> Iterator[Element]:
    if episode.title:
        yield _itunes("title", episode.title)
    if entry.enclosures and entry.enclosures[0].duration_seconds:
        yield _itunes("duration", str(entry.enclosures[0].duration_seconds))
    if episode.image:
        yield _itunes("image", href=episode.image)
    if episode.explicit is not None:
        yield _itunes("explicit", _flag(episode.explicit))
    if episode.season is not None:
        yield _itunes("season", str(episode.season))
    if episode.number is not None:
        yield _itunes("episode", str(episode.number))
    if episode.type:
        yield _itunes("episodeType", episode.type)
    if episode.block:
        yield _itunes("block", "Yes")
    if episode.season is not None:
        yield _podcast("season", str(episode.season), name=episode.season_name)
    if episode.number is not None:
        yield _podcast("episode", str(episode.number), display=episode.display)
    if episode.license:
        yield _podcast("license", episode.license, url=episode.license_url)
    if episode.chapters:
        yield _podcast("chapters", url=episode.chapters, type="application/json+chapters")
    yield from map(_transcript, episode.transcripts)
    yield from (
        _podcast("soundbite", bite.title, startTime=bite.start, duration=bite.duration) for bite in episode.soundbites
    )  # fmt: skip
    yield from map(_person, episode.people)
    yield from map(_alternate, episode.alternates)
    if episode.value is not None:
        yield _value(episode.value)


def _alternate(file: AlternateEnclosure) -> Element:
    element = _podcast(
        "alternateEnclosure", type=file.media_type, length=_number(file.length_bytes), bitrate=file.bitrate,
        height=_number(file.height), lang=file.language, title=file.title, rel=file.relation, codecs=file.codecs,
        default="true" if file.default else None,
    )  # fmt: skip
    sources = [_podcast("source", uri=url) for url in file.sources]
    integrity = [_podcast("integrity", type="sri", value=file.integrity)] if file.integrity else []
    return element._replace(children=(*sources, *integrity))


def _number(value: int | None) -> str | None:
    return None if value is None else str(value)


def _transcript(transcript: Transcript) -> Element:
    return _podcast(
        "transcript", url=transcript.url, type=transcript.media_type.partition(";")[0], language=transcript.language,
        rel="captions" if transcript.captions else None,
    )  # fmt: skip


def _person(credit: Credit) -> Element:
    return _podcast("person", credit.name, role=credit.role, group=credit.group, img=credit.image, href=credit.url)
