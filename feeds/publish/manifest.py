"""The manifest of a generation: what is published, with each document's digest and the instant its bytes last changed.

In comes the last manifest and what is new, out goes the next one, and its JSON. The publisher writes it beside the
documents as the last file of a generation; server, header maps and uploads read nothing else. Pure: no I/O, no clock.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType
from typing import NamedTuple, overload

from feeds.http_headers import TargetLink
from feeds.model import rfc3339

VERSION = 1
#: One encoder for all lines: `json.dumps` makes another at each call.
_to_json = json.JSONEncoder(ensure_ascii=False).encode


#: What is around the ledger's tables in a manifest, which has each in a line of its own. No text in JSON has a line feed.
_LEDGER_BEGINS, _LEDGER_ENDS = ',\n"ledger": [\n', '\n],\n"documents": {\n'


class Tables(Sequence[Mapping[str, object]]):
    """Tables in JSON, a line for each, which are read when they are asked for: a manifest may have 5,000 that nobody wants.

    To get one raises ValueError if it is damaged.
    """

    __slots__ = ("lines",)

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = lines

    @classmethod
    def of(cls, tables: Sequence[Mapping[str, object]]) -> Tables:
        """The tables, written."""
        return tables if isinstance(tables, Tables) else cls(tuple(map(_to_json, tables)))

    def __len__(self) -> int:
        return len(self.lines)

    @overload
    def __getitem__(self, index: int) -> Mapping[str, object]: ...
    @overload
    def __getitem__(self, index: slice) -> Tables: ...
    def __getitem__(self, index: int | slice) -> Mapping[str, object] | Tables:
        return Tables(self.lines[index]) if isinstance(index, slice) else _table(json.loads(self.lines[index]))

    def __iter__(self) -> Iterator[Mapping[str, object]]:
        return map(_table, json.loads(f"[{','.join(self.lines)}]"))


def _table(value: object) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise ValueError("not a table")
    return value


@dataclass(frozen=True, slots=True)
class PublishedDocument:
    """One published document.

    `digest` is SHA-256 of its bytes in hex; `key` the digest of the inputs that decided them; `last_modified` moves
    strictly forward with each change of bytes (RFC 9110 section 8.8.2). `links` are those of the Link
    header, `format` the format's name ("rss", …, "asset"). `max_age_seconds` is the document's own, None for
    the generation's.
    """

    digest: str
    key: str
    length_bytes: int
    media_type: str
    format: str
    last_modified: datetime
    links: tuple[TargetLink, ...] = ()
    max_age_seconds: int | None = None

    def listed(self) -> list[object]:
        """The document as the manifest lists it; its own `max_age_seconds` only where it has one."""
        links = [link if link.language else link[:3] for link in self.links]
        facts = [
            self.digest, self.key, self.length_bytes, self.media_type, self.format, rfc3339(self.last_modified), links,
        ]  # fmt: skip
        return facts if self.max_age_seconds is None else [*facts, self.max_age_seconds]


@dataclass(frozen=True, slots=True)
class Manifest:
    """A generation: `documents` by path below the output folder, decoded ("category/技术/rss.xml").

    `generation` counts up by one with each switch. `moved` and `retired` are the paths that answer 301 (to the absolute
    URL) and 410. `page_script` is the digest of the site's own script of pages, "" where they have ours. `ledger` has what
    the ledger knows of published posts and terms, a table for each as in its text form (`feeds.ledger.dump`), so that a
    lost ledger comes back; it alone makes no new generation.
    """

    generation: int
    revision: str
    as_of: datetime
    base_url: str
    max_age_seconds: int
    documents: Mapping[str, PublishedDocument]
    next_change_at: datetime | None = None
    problems: int = 0
    moved: Mapping[str, str] = field(default_factory=dict)
    retired: tuple[str, ...] = ()
    stale_while_revalidate_seconds: int = 86400
    stale_if_error_seconds: int = 604800
    ledger: Sequence[Mapping[str, object]] = field(default=(), compare=False)
    page_script: str = ""

    def to_json(self, *, private: bool = False) -> str:
        """The manifest as text: sorted, one document a line, so that two of them can be compared by eye.

        What lies among the published documents does not tell when a post is going to appear; a `private` copy does.
        """
        head = {
            "version": VERSION,
            "generation": self.generation,
            "revision": self.revision,
            "as_of": rfc3339(self.as_of),
            "base_url": self.base_url,
            "max_age_seconds": self.max_age_seconds,
            "stale_while_revalidate_seconds": self.stale_while_revalidate_seconds,
            "stale_if_error_seconds": self.stale_if_error_seconds,
            **({"next_change_at": rfc3339(self.next_change_at)} if private and self.next_change_at else {}),
            **({"page_script": self.page_script} if self.page_script else {}),
            "problems": self.problems,
            "moved": dict(sorted(self.moved.items())),
            "retired": sorted(self.retired),
        }
        lines = ",\n".join(
            f"{_to_json(path)}: {_to_json(document.listed())}" for path, document in sorted(self.documents.items())
        )
        rows = ",\n".join(Tables.of(self.ledger).lines)
        text = json.dumps(head, ensure_ascii=False, indent=0)
        begins = f"{_LEDGER_BEGINS}{rows}{_LEDGER_ENDS}" if rows else ',\n"documents": {\n'
        return f"{text[:-2]}{begins}{lines}\n}}\n}}\n"

    @classmethod
    def from_json(cls, text: str | bytes) -> Manifest:
        """Read a manifest. Raises ValueError if it is damaged or from a newer version."""
        try:
            text, tables = _without_ledger(text if isinstance(text, str) else text.decode("utf-8-sig"))
            head = json.loads(text)
            if head["version"] != VERSION:
                raise ValueError(f"manifest of version {head['version']}, expected {VERSION}")
            return cls(
                generation=head["generation"],
                revision=head["revision"],
                as_of=_instant(head["as_of"]),
                base_url=head["base_url"],
                max_age_seconds=head["max_age_seconds"],
                stale_while_revalidate_seconds=head["stale_while_revalidate_seconds"],
                stale_if_error_seconds=head["stale_if_error_seconds"],
                next_change_at=_instant(head["next_change_at"]) if head.get("next_change_at") else None,
                problems=head["problems"],
                moved=head["moved"],
                retired=tuple(head["retired"]),
                page_script=head.get("page_script", ""),
                ledger=tables or Tables.of(head.get("ledger", ())),
                documents={
                    path: PublishedDocument(
                        row[0],
                        row[1],
                        row[2],
                        row[3],
                        row[4],
                        _instant(row[5]),
                        tuple(TargetLink(*link) for link in row[6]),
                        row[7] if len(row) > 7 else None,
                    )
                    for path, row in head["documents"].items()
                },
            )
        except UnicodeDecodeError as error:
            raise ValueError("it is not UTF-8") from error
        except json.JSONDecodeError as error:
            raise ValueError(f"it is not JSON from line {error.lineno} on") from error
        except KeyError as error:
            raise ValueError(f"it has no {error}") from error
        except (IndexError, TypeError, AttributeError) as error:
            raise ValueError("a value in it is not of the type it must have") from error


class Previous(NamedTuple):
    """What the manifest of an earlier generation, made elsewhere, tells.

    `tables` are the lines of `feeds.ledger.public`, read; `documents` by path, with the SHA-256 of their bytes in hex and
    their Last-Modified.
    """

    tables: tuple[Mapping[str, object], ...] = ()
    documents: Mapping[str, tuple[str, datetime]] = MappingProxyType({})


def _without_ledger(text: str) -> tuple[str, Tables]:
    """A manifest without the ledger's tables, and the tables, if they are written as `Manifest.to_json` does."""
    before, begins, rest = text.partition(_LEDGER_BEGINS)
    lines, ends, after = rest.partition(_LEDGER_ENDS)
    if not begins or not ends:
        return text, Tables(())
    return f'{before},\n"documents": {{\n{after}', Tables(tuple(lines.split(",\n")))


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
