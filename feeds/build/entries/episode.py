"""What front matter says of a post as an episode of a podcast: in come its keys, out goes an `Episode`. Reads no file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from feeds import shows, text
from feeds.build.entries import episode_files
from feeds.media_types import media_type
from feeds.model import Value
from feeds.posts.keys import fold_key
from feeds.posts.metadata import truth
from feeds.shows import Credit, Episode, Transcript

#: Tables in which some generators' themes keep what is said of an episode.
_TABLES = ("podcast", "episode", "itunes")
_NUMBER = ("episode", "episodenumber", "number", "itunesepisode")
_SEASON = ("season", "seasonnumber", "itunesseason")
_TYPE = ("episodetype", "itunesepisodetype", "type")
_TITLE = ("episodetitle", "itunestitle")
_IMAGE = ("episodeimage", "episodecover", "itunesimage")
_EXPLICIT = ("explicit", "itunesexplicit", "explicitcontent")
_ALTERNATES = ("alternateenclosure", "alternateenclosures", "alternates")
_BLOCK = ("itunesblock", "block")
_PEOPLE = {"host": ("hosts", "host"), "guest": ("guests", "guest"), "": ("people", "persons", "person")}
_TRANSCRIPTS = {".vtt": "text/vtt", ".srt": "application/x-subrip", ".json": "application/json", ".html": "text/html",
                ".htm": "text/html", ".txt": "text/plain"}  # fmt: skip

#: Of a value and its key: the absolute URL that it means, None with a finding if it means none.
Link = Callable[[Value, str], "str | None"]
Tell = Callable[..., None]


class EpisodeReader:
    """Reads the keys of one post. `link` resolves addresses, `problem` takes a finding."""

    def __init__(self, keys: Mapping[str, tuple[str, Value]], link: Link, problem: Tell) -> None:
        self.keys: dict[str, tuple[str, Value]] = {}
        for name in _TABLES:
            written, value = keys.get(name, ("", None))
            if isinstance(value, dict):
                for inner, fact in value.items():
                    self.keys.setdefault(fold_key(inner), (f"{written}.{inner}", fact))
        top = {name: fact for name, fact in keys.items() if not (name in _TABLES and isinstance(fact[1], dict))}
        # "type", "number" and "block" mean an episode's only within its own table.
        outer = {name: fact for name, fact in top.items() if name not in ("type", "number", "block", "title", "image", "value")}
        # Themes have a `value` of their own.
        payment = top.get("value", ("", None))
        if isinstance(payment[1], dict) and any(fold_key(key) == "recipients" for key in payment[1]):
            outer["value"] = payment
        self.keys = {**outer, **self.keys}
        self.link, self.problem = link, problem

    def read(self) -> Episode:
        """The episode."""
        return Episode(
            number=self.whole(_NUMBER),
            display=self.words(("episodedisplay", "episodename"), 32),
            season=self.whole(_SEASON),
            season_name=self.words(("seasonname",), 128),
            type=self.word(_TYPE, shows.EPISODE_TYPES),
            title=self.words(_TITLE, 500),
            explicit=self.flag(_EXPLICIT),
            block=self.flag(_BLOCK) or False,
            image=self.address(_IMAGE),
            license=self.words(("license",), 128),
            license_url=self.address(("licenseurl",)),
            chapters=self.address(("chapters",)),
            transcripts=tuple(self.transcripts()),
            people=tuple(self.people()),
            soundbites=tuple(episode_files.soundbites(*self.first(("soundbite", "soundbites")), self.problem)),
            alternates=tuple(episode_files.alternates(*self.first(_ALTERNATES), self.link, self.problem)),
            value=episode_files.value_of(*self.first(("value",)), self.problem),
        )

    def first(self, names: tuple[str, ...]) -> tuple[str, Value]:
        """The first of these keys that says anything: as written, and its value."""
        for name in names:
            written, value = self.keys.get(name, ("", None))
            if value not in (None, "", [], {}) and not (isinstance(value, str) and not value.strip()):
                return written, value
        return "", None

    def whole(self, names: tuple[str, ...]) -> int | None:
        written, value = self.first(names)
        if value is None or isinstance(value, dict):
            return None
        digits = value.strip().removeprefix("#") if isinstance(value, str) else ""
        if digits.isascii() and digits.isdecimal() and 0 < len(digits) < 7:
            return int(digits) or None
        self.problem(
            "episode-number", f"{value!s:.60} is not a number", field=written, expected="a whole number", fix="write e.g. 12"
        )
        return None

    def word(self, names: tuple[str, ...], allowed: tuple[str, ...]) -> str | None:
        written, value = self.first(names)
        if value is None:
            return None
        folded_value = value.strip().casefold() if isinstance(value, str) else ""
        if folded_value in allowed:
            return folded_value
        self.problem(
            "episode-type", f"{value!s:.60} is not a type of episode", field=written, expected=", ".join(allowed),
            fix="write one of them",
        )  # fmt: skip
        return None

    def words(self, names: tuple[str, ...], limit: int) -> str | None:
        value = self.first(names)[1]
        return text.plain(value, limit) or None if isinstance(value, str) else None

    def flag(self, names: tuple[str, ...]) -> bool | None:
        """A flag; Apple's old words "clean" and "explicit" are read as well."""
        value = self.first(names)[1]
        if isinstance(value, str) and value.strip().casefold() in ("clean", "explicit"):
            return value.strip().casefold() == "explicit"
        return truth(value)

    def address(self, names: tuple[str, ...]) -> str | None:
        written, value = self.first(names)
        if isinstance(value, dict):
            value = _part(value, "url", "src", "href", "file")
        return self.link(value, written) if isinstance(value, str) else None

    def transcripts(self) -> Iterator[Transcript]:
        written, value = self.first(("transcript", "transcripts"))
        for item in value if isinstance(value, list) else [value]:
            facts: dict[str, Any] = item if isinstance(item, dict) else {"url": item}
            address = _part(facts, "url", "src", "href", "file")
            # A transcript may also stand there as text: that is for the post's page.
            if not isinstance(address, str) or len(address) > 2000 or "\n" in address:
                continue
            kind = _part(facts, "type") or _kind_of(address)
            if not isinstance(kind, str):
                self.problem(
                    "transcript", f"the ending of {address:.60} tells no type", field=written,
                    expected="vtt, srt, json, html or txt", fix="write a table with url and type",
                )  # fmt: skip
                continue
            url = self.link(address, written)
            if url is not None:
                language = _part(facts, "language", "lang")
                captions = _part(facts, "rel") == "captions"
                yield Transcript(url, kind, language if isinstance(language, str) else None, captions)

    def people(self) -> Iterator[Credit]:
        for role, names in _PEOPLE.items():
            written, value = self.first(names)
            for item in value if isinstance(value, list) else [value]:
                facts: dict[str, Any] = item if isinstance(item, dict) else {"name": item}
                name = text.plain(facts["name"], 128) if isinstance(facts.get("name"), str) else ""
                if name:
                    parts_of_person = {key: _part(facts, *parts) for key, parts in _PERSON.items()}
                    yield Credit(
                        name,
                        role=text.plain(parts_of_person["role"], 60)
                        if isinstance(parts_of_person["role"], str)
                        else role or None,
                        group=text.plain(parts_of_person["group"], 60) if isinstance(parts_of_person["group"], str) else None,
                        url=self.link(parts_of_person["url"], written) if isinstance(parts_of_person["url"], str) else None,
                        image=self.link(parts_of_person["image"], written) if isinstance(parts_of_person["image"], str) else None,
                    )


_PERSON = {"role": ("role",), "group": ("group",), "url": ("url", "href", "link"), "image": ("image", "img", "avatar", "photo")}


def _part(facts: Mapping[str, Any], *names: str) -> Any:
    folded = {fold_key(key): value for key, value in facts.items()}
    return next((folded[name] for name in names if folded.get(name)), None)


def _kind_of(address: str) -> str | None:
    path = address.partition("?")[0].partition("#")[0].casefold()
    dot = path.rfind(".")
    return _TRANSCRIPTS.get(path[dot:]) or media_type(path)
