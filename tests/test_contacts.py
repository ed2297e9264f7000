"""Names and e-mail addresses are told apart, however they are written; no address reaches a document unless a site asks for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from feeds.build import run
from feeds.contacts import Contact, contact, contacts
from feeds.settings import Settings, load

CAROL = ("Carol", "carol@example.org")
FORMS = [
    "Carol <carol@example.org>", "Carol (carol@example.org)", "carol@example.org (Carol)", "Carol carol@example.org", "Carol, carol@example.org", "Carol: carol@example.org",
    "Carol <mailto:carol@example.org>", "mailto:carol@example.org (Carol)", "[Carol](mailto:carol@example.org)", '<a href="mailto:carol@example.org">Carol</a>', "Carol [carol@example.org]",
    "Carol | carol@example.org", "Carol|carol@example.org", "Carol｜carol＠example.org", "Carol — carol@example.org", '"Carol" <carol@example.org>', "Carol ＜carol＠example.org＞", "Carol （carol@example.org）", "Carol <carol@example.org> (https://carol.example/)",
    "Carol\u200b <car\u200bol@example.org>", "Carol <carol@example.org?subject=hi>", "E-Mail: carol@example.org Carol", "Carol <<carol@example.org>>", "Carol <carol@example.org>,", "Carol / carol@example.org",
]  # fmt: skip


@pytest.mark.parametrize("text", FORMS)
def test_a_name_with_an_address(text: str) -> None:
    assert contact(text)[:2] == CAROL


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("carol@example.org", Contact("carol", "carol@example.org")), ("mailto:carol@example.org", Contact("carol", "carol@example.org")), ("<carol@example.org>", Contact("carol", "carol@example.org")),
        ("王小明 <wang@例え.jp>", Contact("王小明", "wang@例え.jp")), ("Carol (she/her)", Contact("Carol (she/her)")), ("Carol (she) <c@example.org>", Contact("Carol (she)", "c@example.org")),
        ("@carol", Contact("@carol")), ("@carol@social.example", Contact("@carol")), ("O'Neil, J.", Contact("O'Neil, J.")), ("C@t", Contact("C", "C@t")), ("", Contact("")),
        ("Carol https://carol.example/~c", Contact("Carol", None, "https://carol.example/~c")), ("root@localhost", Contact("root", "root@localhost")),
    ],
)  # fmt: skip
def test_other_ways_to_name_somebody(text: str, found: Contact) -> None:
    assert contact(text) == found


def test_an_address_in_a_list_of_names_is_nobody() -> None:
    people = contacts("Carol, https://carol.example/, Ben, https://ben.example/", several=True)
    assert [person.name for person in people] == ["Carol", "Ben"]


@pytest.mark.parametrize(
    "text",
    [
        *FORMS,
        "a@b",
        "x <y@z.example",
        "(y@z.example",
        "a@b@c.example",
        "A <a@b.example> and B <b@b.example>",
        "@a@b.example <c@d.example>",
        "a@b.example@c.example",
        "<a@b.c> <d@e.f>",
    ],
)
def test_no_name_holds_an_address(text: str) -> None:
    for person in (contact(text), *contacts(text, several=True), *contacts(text, several=False)):
        assert "@" not in person.name.lstrip("@")


def test_several_people() -> None:
    assert list(contacts("Carol <carol@example.org>, Ben (ben@example.org); 林夏", several=True)) == [
        Contact("Carol", "carol@example.org"), Contact("Ben", "ben@example.org"), Contact("林夏"),
    ]  # fmt: skip
    assert list(contacts("Carol <c@example.org> and Ben <b@example.org>", several=False)) == [
        Contact("Carol", "c@example.org"),
        Contact("Ben", "b@example.org"),
    ]
    assert list(contacts("Carol, carol@example.org, Ben", several=True)) == [
        Contact("Carol", "carol@example.org"),
        Contact("Ben"),
    ]
    assert list(contacts("Smith, John", several=False)) == [Contact("Smith, John")]


FRONT = [
    *(f"author: '{form}'" if "'" not in form and '"' not in form else f"author: >-\n  {form}" for form in FORMS),
    "author: carol@example.org", "author: [Carol <carol@example.org>, 'Ben (ben@example.org)']", "authors: Carol <carol@example.org>, ben@example.org", "authors:\n- carol@example.org\n- mailto:carol@example.org",
    "author: {name: Carol <carol@example.org>}", "author: {name: Carol, email: carol@example.org}", "author: {name: Carol, url: 'mailto:carol@example.org'}", "author: {email: carol@example.org}",
    "authors:\n- name: carol@example.org\n  avatar: carol@example.org", "author: {name: Carol, url: carol@example.org}", "author: {nickname: carol@example.org}",
]  # fmt: skip


@pytest.mark.parametrize("front", FRONT)
def test_no_address_is_published_unless_a_site_asks_for_it(tmp_path: Path, front: str) -> None:
    """In no feed, page, file name or URL; with show_email in the feeds' own places for it."""
    posts = tmp_path / "posts"
    posts.mkdir()
    (posts / "a.md").write_text(f"---\ntitle: x\ndate: 2020-01-01\n{front}\n---\nBODY", "utf-8")
    settings = Settings(base_url="https://site.example/", posts=posts, output=tmp_path / "o", state=tmp_path / "s", workers=1)
    run.publish(settings, datetime(2026, 1, 1, tzinfo=UTC))
    files = {path: path.read_bytes() for path in (tmp_path / "o").rglob("*") if path.is_file()}
    for path, body in files.items():
        for text in (str(path.relative_to(tmp_path)).encode(), body):
            assert (
                b"carol@" not in text
                and b"ben@" not in text
                and b"carol%40" not in text
                and b"example-org" not in text
                and b"mailto" not in text
            )
    run.publish(replace(settings, show_email=True), datetime(2026, 1, 2, tzinfo=UTC))
    assert b"<email>carol@example.org</email>" in (tmp_path / "o" / "atom.xml").read_bytes() or "url: carol" in front


@pytest.mark.parametrize(
    "text",
    ['author = "Carol <carol@example.org>"', 'authors = ["Carol <carol@example.org>", "ben@example.org"]', '[author]\nname = "Carol (carol@example.org)"', '[[authors]]\nname = "carol@example.org"'],
)  # fmt: skip
def test_authors_of_the_settings(tmp_path: Path, text: str) -> None:
    """feeds.toml, variables and flags name people in the same ways."""
    (tmp_path / "posts").mkdir()
    (tmp_path / "feeds.toml").write_text(f'base_url = "https://site.example/"\n{text}\n', "utf-8")
    settings = load(environ={}, flags={}, cwd=tmp_path)
    assert settings.authors[0].email == "carol@example.org" and all("@" not in person.name for person in settings.authors)
    flagged = load(environ={}, flags={"author": "Carol <carol@example.org>"}, cwd=tmp_path)
    assert (flagged.authors[0].name, flagged.authors[0].email) == CAROL


@pytest.mark.parametrize(
    ("author", "name"),
    [
        ("{name: Carol, nickname: Caz}", "Carol"),
        ("{nickname: Caz}", "Caz"),
        ("{nickname: Caz, email: carol@example.org}", "Caz"),
        ("{email: carol@example.org}", "carol"),
    ],
)
def test_a_table_names_its_author_by_name_then_nickname_then_address(tmp_path: Path, author: str, name: str) -> None:
    (tmp_path / "posts").mkdir()
    (tmp_path / "posts/a.md").write_text(f"---\ntitle: A\ndate: 2021-01-01\nauthor: {author}\n---\nText.\n", encoding="utf-8")
    given = {"posts": "posts", "base_url": "https://example.org/"}
    outcome = run.publish(load(environ={}, flags=given, cwd=tmp_path), datetime(2026, 1, 1, tzinfo=UTC))
    (entry,) = outcome.built.publication.feeds[0].entries
    assert [person.name for person in entry.authors] == [name]
