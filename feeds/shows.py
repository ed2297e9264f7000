"""Podcasts as values: a show and its episodes, as Apple, Spotify, YouTube and Podcasting 2.0 read them. Pure.

Sources: Apple's "A Podcaster's Guide to RSS" (help.apple.com/itc/podcasts_connect), the podcast namespace
(https://github.com/Podcastindex-org/podcast-namespace, docs/1.0.md).
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

ITUNES = "http://www.itunes.com/dtds/podcast-1.0.dtd"
PODCAST = "https://podcastindex.org/namespace/1.0"
#: Prefix -> namespace of what a show's documents hold; the prefixes are those that directories look for.
NAMESPACES = (("itunes", ITUNES), ("podcast", PODCAST))

#: The namespace of podcast:guid (docs/tags/guid.md).
_GUID_NAMESPACE = uuid.UUID("ead4c236-bf58-58c6-a2c6-a6b28d128cb6")

TYPES = ("episodic", "serial")
EPISODE_TYPES = ("full", "trailer", "bonus")
#: Values of podcast:medium (docs/tags/medium.md); each may be a list ("musicL").
MEDIUMS = ("podcast", "music", "video", "film", "audiobook", "newsletter", "blog", "publisher", "course")

#: Apple's categories with their subcategories (podcasters.apple.com/support/1691-apple-podcasts-categories).
CATEGORIES: dict[str, tuple[str, ...]] = {
    "Arts": ("Books", "Design", "Fashion & Beauty", "Food", "Performing Arts", "Visual Arts"),
    "Business": ("Careers", "Entrepreneurship", "Investing", "Management", "Marketing", "Non-Profit"),
    "Comedy": ("Comedy Interviews", "Improv", "Stand-Up"),
    "Education": ("Courses", "How To", "Language Learning", "Self-Improvement"),
    "Fiction": ("Comedy Fiction", "Drama", "Science Fiction"),
    "Government": (),
    "History": (),
    "Health & Fitness": ("Alternative Health", "Fitness", "Medicine", "Mental Health", "Nutrition", "Sexuality"),
    "Kids & Family": ("Education for Kids", "Parenting", "Pets & Animals", "Stories for Kids"),
    "Leisure": ("Animation & Manga", "Automotive", "Aviation", "Crafts", "Games", "Hobbies", "Home & Garden", "Video Games"),
    "Music": ("Music Commentary", "Music History", "Music Interviews"),
    "News": ("Business News", "Daily News", "Entertainment News", "News Commentary", "Politics", "Sports News", "Tech News"),
    "Religion & Spirituality": ("Buddhism", "Christianity", "Hinduism", "Islam", "Judaism", "Religion", "Spirituality"),
    "Science": (
        "Astronomy", "Chemistry", "Earth Sciences", "Life Sciences", "Mathematics", "Natural Sciences", "Nature", "Physics",
        "Social Sciences",
    ),
    "Society & Culture": ("Documentary", "Personal Journals", "Philosophy", "Places & Travel", "Relationships"),
    "Sports": (
        "Baseball", "Basketball", "Cricket", "Fantasy Sports", "Football", "Golf", "Hockey", "Rugby", "Running", "Soccer",
        "Swimming", "Tennis", "Volleyball", "Wilderness", "Wrestling",
    ),
    "Technology": (),
    "True Crime": (),
    "TV & Film": ("After Shows", "Film History", "Film Interviews", "Film Reviews", "TV Reviews"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Credit:
    """podcast:person. `role` and `group` as in the Podcast Taxonomy; a reader takes "host" in "cast" for a missing one."""

    name: str
    role: str | None = None
    group: str | None = None
    url: str | None = None
    image: str | None = None


@dataclass(frozen=True, slots=True)
class Transcript:
    """podcast:transcript. `language` is BCP 47; `captions` says that it has the timing of captions."""

    url: str
    media_type: str
    language: str | None = None
    captions: bool = False


@dataclass(frozen=True, slots=True)
class Recipient:
    """podcast:valueRecipient: who gets `split` parts of a payment."""

    name: str
    type: str
    address: str
    split: int
    custom_key: str | None = None
    custom_value: str | None = None
    fee: bool = False


@dataclass(frozen=True, slots=True)
class Value:
    """podcast:value: how listeners pay. `suggested` is an amount per minute as written."""

    type: str
    method: str
    recipients: tuple[Recipient, ...]
    suggested: str | None = None


@dataclass(frozen=True, slots=True)
class Soundbite:
    """podcast:soundbite: a part of the file, in seconds as decimal numbers (docs/tags/soundbite.md)."""

    start: str
    duration: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class AlternateEnclosure:
    """podcast:alternateEnclosure: the same in another file (docs/tags/alternate-enclosure.md), at one of several addresses.

    `bitrate` is in bits a second, `height` in pixels; `integrity` is of subresource integrity ("sha384-…").
    """

    sources: tuple[str, ...]
    media_type: str
    length_bytes: int | None = None
    bitrate: str | None = None
    height: int | None = None
    language: str | None = None
    title: str | None = None
    relation: str | None = None
    codecs: str | None = None
    default: bool = False
    integrity: str | None = None


@dataclass(frozen=True, slots=True)
class Funding:
    """podcast:funding."""

    url: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowFacts:
    """What a show says of itself in the settings and in its feed alike; docs/podcasts.md describes each."""

    image: str | None = None
    explicit: bool = False
    type: str = "episodic"
    owner_name: str | None = None
    owner_email: str | None = None
    block: bool = False
    complete: bool = False
    new_feed_url: str | None = None
    locked: bool | None = None
    medium: str = "podcast"
    license: str | None = None
    license_url: str | None = None
    funding: tuple[Funding, ...] = ()
    people: tuple[Credit, ...] = ()
    value: Value | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Show(ShowFacts):
    """What a feed says of itself as a podcast. `categories` are (category, subcategory or ""); `guid` is podcast:guid."""

    guid: str
    author: str
    categories: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Episode:
    """What an entry says of itself as an episode; its file is the entry's first enclosure. None: as the show."""

    number: int | None = None
    display: str | None = None
    season: int | None = None
    season_name: str | None = None
    type: str | None = None
    title: str | None = None
    explicit: bool | None = None
    block: bool = False
    image: str | None = None
    license: str | None = None
    license_url: str | None = None
    chapters: str | None = None
    transcripts: tuple[Transcript, ...] = ()
    people: tuple[Credit, ...] = ()
    soundbites: tuple[Soundbite, ...] = ()
    alternates: tuple[AlternateEnclosure, ...] = ()
    value: Value | None = None


def guid_of(feed_url: str) -> str:
    """podcast:guid of a feed: UUIDv5 of its URL without the scheme and without slashes at its end (docs/tags/guid.md)."""
    return str(uuid.uuid5(_GUID_NAMESPACE, feed_url.partition("://")[2].rstrip("/")))


def episode_from(facts: dict[str, object] | None) -> Episode | None:
    """An episode from what `dataclasses.asdict` made of one, as JSON has it."""
    if facts is None:
        return None
    values: dict[str, Any] = dict(facts)
    values["transcripts"] = tuple(Transcript(**value) for value in values["transcripts"])
    values["people"] = tuple(Credit(**value) for value in values["people"])
    values["soundbites"] = tuple(Soundbite(**value) for value in values["soundbites"])
    values["alternates"] = tuple(
        AlternateEnclosure(**{**value, "sources": tuple(value["sources"])}) for value in values["alternates"]
    )  # fmt: skip
    if values["value"] is not None:
        recipients = tuple(Recipient(**recipient) for recipient in values["value"]["recipients"])
        values["value"] = Value(**{**values["value"], "recipients": recipients})
    return Episode(**values)
