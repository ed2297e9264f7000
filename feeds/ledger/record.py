"""What the ledger holds of one post, as a row of its file and as a value."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias


class Record(NamedTuple):
    """What the ledger holds of one post. Instants are seconds since 1970, None before it was ever out.

    `text` is the digest last seen, `out_text` the one last published ("" for the same). `seen`: in the last build;
    `out`: in the last published generation.
    """

    key: int
    id: str
    slug: str
    claim: str | None
    path: str
    text: str
    seen: int
    out: int
    first_seen: int | None
    published: int | None
    updated: int | None
    out_text: str | None
    page: int

    @property
    def published_text(self) -> str | None:
        """The digest of the text last published; None before."""
        return self.text if self.out_text == "" else self.out_text


#: A Record's values, as the ledger's file gives them.
Row: TypeAlias = tuple[
    int, str, str, "str | None", str, str, int, int, "int | None", "int | None", "int | None", "str | None", int
]
