"""Who a post is by its text: equal for a reader is equal here, an edit is like, another post is not."""

from __future__ import annotations

import re
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.ledger import fingerprint
from feeds.ledger.fingerprint import (
    EMPTY,
    SHORT_CHARACTERS,
    SKETCH_SIZE,
    likeness,
    sketch,
    stem,
    text_digest,
)
from feeds.ledger.ids import encode, explicit_id, minted_id

ENGLISH = """The kettle was older than the house. It had a dent where my aunt dropped it in the war.
Every morning it sang two notes, a third apart. Nobody could say how it knew the time.
We moved it to the new kitchen last spring. It has not sung since. I think it is listening.
My brother wants to throw it away. I hide it behind the flour. On Sundays I fill it and wait.
"""
CHINESE = """清晨的渡口只有一条船。船家说他在这里撑了四十年，从来没有见过这么大的雾。
我们等到八点，雾还是没有散。有人开始唱歌。唱的是什么，没有一个人听得懂！
后来船开了，对岸像一张没有写完的纸。我记得那天很冷，手一直放在口袋里。
"""


@given(st.text(), st.text())
def test_line_ends_and_trailing_blanks_are_no_change(title: str, body: str) -> None:
    """A checkout with other line ends, an editor that strips blanks: the same post to a reader."""
    body = body.replace("\r", "\n")
    one = text_digest(title, body)
    assert text_digest(title, body.replace("\n", "\r\n")) == one
    assert text_digest(title, body.replace("\n", "  \n")) == one
    assert text_digest(f" {title}\n", f"\n{body}\n\n") == one


def test_any_change_of_title_or_body_is_seen() -> None:
    """What moves between title and body is a change too; normal forms of one letter are not."""
    digests = [text_digest(*pair) for pair in (("a", "b"), ("ab", ""), ("", "ab"), ("a", "b b"), ("A", "b"), ("", ""))]
    assert len(set(digests)) == len(digests)
    assert text_digest("Über", "Ärger") == text_digest("U\u0308ber", "A\u0308rger")
    assert digests[-1] == EMPTY


@pytest.mark.parametrize("body", [ENGLISH, CHINESE])
def test_an_edited_text_is_like_and_another_is_not(body: str) -> None:
    """A new sentence, a dropped one, a fixed word leave most of the text; another text shares nothing."""
    lines = body.splitlines()
    for edited in (body + "\nP.S. One more line.\n", "\n".join(lines[1:]), body.replace(lines[0][4:7], "xyz")):
        assert likeness(sketch(body), sketch(edited)) > 0.5
    for other in (ENGLISH, CHINESE):
        assert likeness(sketch(body), sketch(other)) == (1.0 if other == body else 0.0)


def test_a_short_text_is_compared_by_its_letters() -> None:
    """One line with one word fixed is an edit, two unrelated lines are none."""
    assert likeness(sketch("今天去了西湖，天气很好。"), sketch("今天去了西湖，天气真的很好。")) > 0.4
    assert likeness(sketch("Hello there, world."), sketch("Hello there, old world!")) > 0.4
    assert likeness(sketch("A walk by the river."), sketch("番茄终于红了。")) == 0.0
    assert likeness(sketch("The bread needs a night of rest."), sketch("Our dog swam across, again.")) < 0.2


@pytest.mark.parametrize("blank", ["", " \n\n", "...", "。"])
def test_blank_bodies_are_like_nothing(blank: str) -> None:
    """Stubs must not be taken for one another."""
    assert sketch(blank) == b""
    assert likeness(sketch(blank), sketch(blank)) == 0.0
    assert likeness(sketch(blank), sketch(ENGLISH)) == 0.0


@given(st.text(), st.text())
def test_likeness_is_a_symmetric_share(one: str, other: str) -> None:
    """Between 0 and 1, the same both ways, 1 for itself; a sketch is small however long the body."""
    a, b = sketch(one), sketch(other)
    assert 0.0 <= likeness(a, b) == likeness(b, a) <= 1.0
    assert likeness(a, a) == (1.0 if a else 0.0)
    assert len(a) <= 1 + 8 * SKETCH_SIZE


def test_a_text_that_outgrows_the_short_ones_is_still_like() -> None:
    """The bound between short and long bodies is no cliff for whole sentences."""
    short = "".join(f"Sentence {word} stands here. " for word in ("one", "two", "three", "four", "five", "six", "seven"))
    short = short[:SHORT_CHARACTERS]
    assert likeness(sketch(short), sketch(short + "And an eighth one makes it too long to be short.")) > 0.5


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("2021-08-04-hello.md", "hello"),
        ("tech/2021-8-4_hello.world.html", "hello.world"),
        ("2021-08-04.md", "2021-08-04"),
        ("trips/2021-08-04-西湖/index.md", "西湖"),
        ("index.md", "index"),
        ("a/README", "README"),
        (".md", ".md"),
    ],
)
def test_the_name_that_a_path_gives(path: str, name: str) -> None:
    """No folder, no ending, no date; a folder with an index is named by the folder."""
    assert stem(path) == name


def test_minted_ids_are_ascii_tag_uris() -> None:
    """RFC 4151; non-ASCII percent-encoded in upper case, normal forms of one name equal (X-4, X-5)."""
    assert minted_id("example.org,2026", "tech/hello world.md") == "tag:example.org,2026:tech/hello%20world.md"
    assert minted_id("example.org,2026", "雨.md") == "tag:example.org,2026:%E9%9B%A8.md"
    assert encode("a\u0308") == encode("\u00e4")
    assert minted_id("e,2026", "\udcff.md") == "tag:e,2026:%FF.md"


@pytest.mark.parametrize(
    ("written", "id"),
    [
        ("HTTP://Example.ORG:80/a/../b/./c?q=%c3%a9%7e#F", "http://example.org/b/c?q=%C3%A9~#F"),
        ("https://example.org", "https://example.org/"),
        ("https://example.org:8443/x/", "https://example.org:8443/x/"),
        ("https://bücher.example/ä", "https://xn--bcher-kva.example/%C3%A4"),
        ("tag:old.example,2009:42", "tag:old.example,2009:42"),
        ("URN:uuid:0B2D5C1E-4C5A-4A5B-8F6E-000000000001", "urn:uuid:0b2d5c1e-4c5a-4a5b-8f6e-000000000001"),
        ("0B2D5C1E-4C5A-4A5B-8F6E-000000000001", "urn:uuid:0b2d5c1e-4c5a-4a5b-8f6e-000000000001"),
        ("4a17b156", "tag:example.org,2026:4a17b156"),
        ("第一篇", "tag:example.org,2026:%E7%AC%AC%E4%B8%80%E7%AF%87"),
        ("http://[bad", "http://[bad"),
    ],
)
def test_ids_of_front_matter_become_normalised_uris(written: str, id: str) -> None:
    """X-4: lower-case scheme and host, no default port, no dot segments, upper-case %XX; a bare name: a tag: URI."""
    assert explicit_id(written, "example.org,2026") == id


@given(st.text(min_size=1).filter(str.strip))
def test_any_id_of_front_matter_becomes_ascii_and_stays(written: str) -> None:
    """Whatever an author writes: ASCII, never empty, and normalised once for all."""
    id = explicit_id(written, "example.org,2026")
    assert re.fullmatch(r"[!-~]+", id)
    assert explicit_id(id, "example.org,2026") == id


@pytest.mark.parametrize("count", [0, 31, 64, 65, 100, 500])
@pytest.mark.parametrize("different", [1, 20, 40, 10_000])
def test_a_sketch_has_the_least_hashes_of_all(count: int, different: int) -> None:
    """However many pieces of a text are alike."""
    pieces = [b"%d" % (number % different) for number in range(count)]
    assert fingerprint._least(pieces) == sorted({crc32(piece) for piece in pieces})[: fingerprint.SKETCH_SIZE]
