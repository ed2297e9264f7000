"""How a single flag is read: what its key and value say, and what is told of one that cannot be read."""

from __future__ import annotations

import pytest

from feeds.model import Value
from feeds.posts import flag_keys, spelling, visibility
from feeds.posts.visibility import Doubt
from feeds.settings import Visibility


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    """Each case is decided anew, whatever was read before."""
    for remembering in (visibility.key_name, visibility._folded, visibility._near, flag_keys.meaning, spelling._slips):
        remembering.cache_clear()


NEITHER = "is neither true nor false"
HIDING = "write true to keep the post out, or false to publish it"
SHOWING = "write false to keep the post out, or true to publish it"
BUILD = "write build: {list: never}"
WORD = "is not a word that says whether the post is public"
WORD_FIX = "write published or draft, or name the word in visibility.public_words"


def misspelt(key: str, meant: str, written: str) -> Doubt:
    return Doubt(
        key, f'"{key}" is not a key that is read, but it looks like {meant}', f"{meant}: {written}",
        f'write {meant}, or name "{key}" in visibility.ignored_keys',
    )  # fmt: skip


@pytest.mark.parametrize(
    ("key", "value", "doubt"),
    [
        ("draft", "maybe", Doubt("draft", f'"maybe" {NEITHER}', "true or false", HIDING)),
        ("Draft", ["true"], Doubt("Draft", f"a list {NEITHER}", "true or false", HIDING)),
        ("private", {"a": "b"}, Doubt("private", f"a table {NEITHER}", "true or false", HIDING)),
        ("published", "some\x07 day ", Doubt("published", f'"some day" {NEITHER}', "true or false", SHOWING)),
        ("published", "x" * 99, Doubt("published", f'"{"x" * 60}" {NEITHER}', "true or false", SHOWING)),
        ("status", "wizard", Doubt("status", f'"wizard" {WORD}', "published or draft", WORD_FIX)),
        ("build", "12", Doubt("build", '"12" is not a table of build options', "list and render", BUILD)),
        ("build", ["never"], Doubt("build", "a list is not a table of build options", "list and render", BUILD)),
        ("build", {"list": "sometimes"},
         Doubt("build", '"sometimes" is not a value of build.list', "always or never", "write list: always or never")),
        ("_build", {"Render": ["never"]},
         Doubt("_build", "a list is not a value of build.render", "always or never", "write render: always or never")),
        ("darft", "true", misspelt("darft", "draft", "true")),
        ("darft", "ture", misspelt("darft", "draft", "ture")),
        ("staus", "draft", misspelt("staus", "status", "draft")),
        ("pubilshd", "flase", misspelt("pubilshd", "published", "flase")),
    ],
)  # fmt: skip
def test_what_is_told_of_a_flag_that_cannot_be_read(key: str, value: Value, doubt: Doubt) -> None:
    """The key as it is written, what is wrong, what was expected and the fix."""
    found = visibility.read({"title": "x", key: value}, (), Visibility())
    assert (found.status, found.key) == ("unreadable-flag", key)
    assert found.doubts == (doubt,)


@pytest.mark.parametrize(
    ("key", "value", "status"),
    [
        ("build", "true", "out"), ("build", "never", "hidden"), ("build", "no", "hidden"), ("build", "link", "hidden"),
        ("build", {"list": "always"}, "out"), ("build", {"list": "true"}, "out"), ("build", {"list": "yes"}, "out"),
        ("build", {"list": "no"}, "hidden"), ("build", {"list": ""}, "out"), ("build", {"List": "Local"}, "hidden"),
        ("build", {"publishResources": "never", "render": "never"}, "hidden"), ("build", {"list": "always", "render": "link"}, "hidden"),
        ("build", {"list": "sometimes", "render": "never"}, "hidden"), ("build", {"publishResources": ["x"]}, "out"),
        ("permalink", "false", "unpublished"), ("permalink", "False", "unpublished"), ("permalink", "/false/", "out"), ("permalink", ["false"], "out"),
        ("permalink", {"build": "false"}, "unpublished"), ("permalink", {"Build": "no"}, "out"), ("permalink", {"serverless": "x"}, "out"),
        ("permalink", {}, "out"), ("url", {"build": ["false"]}, "out"),
        ("feed", {"exclude": "true"}, "feed-false"), ("feed", {"Disabled": "yes"}, "feed-false"), ("feed", {"hidden": "1"}, "feed-false"),
        ("feed", {"disable": "on"}, "feed-false"), ("rss", {"enabled": "false"}, "feed-false"), ("rss", {"include": "no"}, "feed-false"),
        ("rss", {"enabled": "maybe", "exclude": "false", "limit": "false"}, "out"), ("feed", {"enabled": "true"}, "out"),
        ("hide", ["toc", "Navigation"], "out"), ("hide", ["toc", "everything"], "unreadable-flag"), ("hide", [], "out"),
        ("password", ["a"], "protected"), ("password", "false", "protected"), ("password", " ", "out"), ("blog_password", "x", "protected"),
        ("album_password", "no", "out"), ("wifi密码", "x", "protected"), ("album_password", ["x"], "out"),
        ("secret", "false", "out"), ("secret", "later", "hidden"), ("encrypted", {"a": "b"}, "protected"), ("deleted_at", "2020-01-01", "unpublished"),
        ("status", "Published", "out"), ("status", "public", "out"), ("status", "auto-draft", "draft"), ("status", "只有我 私密", "unreadable-flag"),
        ("published", "2020-01-01", "out"), ("published", "20", "unreadable-flag"), ("published", "posted", "out"), ("published", "draft", "draft"),
        ("draft", "2020-01-01", "unreadable-flag"), ("draft", "private", "hidden"), ("draft", "published", "unreadable-flag"),
        ("draft", "是", "draft"), ("public", "否", "hidden"), ("draft", "ＴＲＵＥ", "draft"), ("dr\u200baft", "t\u200brue", "draft"),
        ("audience", ["family", "Me"], "hidden"), ("audience", "me", "hidden"), ("state", "ME", "out"), ("stage", "draft", "draft"),
        ("viewers", "staff", "hidden"), ("audience", "staff", "out"), ("permissions", ["read", "Admin"], "hidden"), ("state", ["none", "draft"], "draft"),
        ("type", "page", "page"), ("type", ["post", "Draft"], "draft"), ("type", "private", "hidden"), ("type", "protected", "out"),
        ("layout", "private", "hidden"), ("layout", "members", "out"), ("kind", "encrypted", "protected"), ("template", "draft", "draft"),
        ("darft", "flase", "out"), ("darft", "tr", "out"), ("darft", "yse", "unreadable-flag"), ("darft", ["true"], "out"),
        ("dart", "true", "out"), ("passwrod", "no", "unreadable-flag"), ("encrpyted", "no", "out"), ("encrpyted", "later", "out"),
        ("encrpyted", "yes", "unreadable-flag"), ("草搞", "true", "unreadable-flag"),
        ("isDraft", "true", "draft"), ("wp:post_status", "draft", "draft"), ("dg-publish", "false", "unpublished"), ("page_password", "x", "protected"),
        ("params", {"draft": "true"}, "draft"), ("params", {"draft": "maybe"}, "unreadable-flag"), ("params", "draft", "out"),
        ("options", {"private": "yes"}, "hidden"), ("options", {"private": "maybe"}, "out"), ("options", {"type": "page"}, "out"),
        ("options", {"darft": "true"}, "unreadable-flag"), ("cover", {"draft": "true"}, "out"), ("cover", {"password": "x"}, "protected"),
        ("versteckt", "ja", "hidden"), ("versteckt", "nein", "out"), ("только_мне", "да", "out"), ("私密", "私密", "hidden"), ("已归档", "true", "unpublished"),
        ("已归档", "later", "out"),
    ],
)  # fmt: skip
def test_what_a_flag_says(key: str, value: Value, status: str) -> None:
    """In whatever case, width and spelling; nothing is doubted of a flag that can be read."""
    found = visibility.read({key: value}, (), Visibility())
    assert found.status == status, found
    assert bool(found.doubts) == (status == "unreadable-flag")
    assert bool(found.key) == (status != "out")


@pytest.mark.parametrize(
    ("key", "value", "hides"),
    [
        ("draft", "true", True), ("draft", "false", False), ("draft", "", False), ("draft", " 'true', ", True), ("draft", "“true”;", True),
        ("draft", "well maybe later", True), ("draft", "of a contract of sale", False), ("status", "draft", True), ("status", "published", False),
        ("status", "wizard", False), ("password", "x", True), ("password", "one two three", True), ("password", "one two three four", False),
        ("published", "false", True), ("published", "2020-01-01", False), ("darft", "true", True), ("title", "draft", False), ("type", "page", True),
        ("skip_rss", "true", True), ("skip_rss", "false", False), ("isDraft", "yes", True), ("state", "draft", True), ("visibility", "me", True),
    ],
)  # fmt: skip
def test_whether_a_line_would_hide_a_post(key: str, value: str, hides: bool) -> None:
    """Of text that was not read as front matter: a flag's word, with its quotes; not a sentence that begins like a flag."""
    assert visibility.hides(key, value) is hides


@pytest.mark.parametrize(
    ("key", "meaning"),
    [
        ("saveasdraft", ("hides", "draft")), ("notdraft", ("shows", "draft")), ("hidepost", ("hides", "hidden")), ("dontshow", ("hides", "unpublished")),
        ("nothidden", ("shows", "hidden")), ("skiprss", ("hides", "feed-false")), ("hidefromrss", ("hides", "feed-false")), ("rss", ("shows", "feed-false")),
        ("membersonly", ("hides", "protected")), ("staffonly", ("hides", "hidden")), ("staff", None), ("author", None), ("rssonly", None),
        ("privateonly", ("hides", "hidden")), ("friendsrssonly", None), ("postpassword", ("value", "protected")), ("nopassword", ("shows", "protected")),
        ("encrypted", ("value", "protected")), ("deleted", ("hides", "unpublished")), ("finished", ("shows", "draft")), ("notfinished", ("hides", "draft")),
        ("published", ("shows", "unpublished")), ("notpublished", ("hides", "unpublished")), ("excludepost", ("hides", "unpublished")),
        ("post", None), ("no", None), ("not", None), ("不", None), ("hidetitle", None), ("is", None), ("wi", None), ("", None),
        ("article", ("shows", "feed-false")), ("pw", ("value", "protected")), ("draft" * 8, ("hides", "draft")), ("draft" * 9, None),
        ("draftx", None), ("xdraft", None), ("会员", ("hides", "protected")),
    ],
)  # fmt: skip
def test_a_key_that_is_made_of_words(key: str, meaning: tuple[str, str] | None) -> None:
    """All of it is words that say something of the post, or it says nothing."""
    assert flag_keys.meaning.__wrapped__(key) == meaning


@pytest.mark.parametrize(
    ("key", "value", "status"),
    [
        ("hide_from", ["RSS", "home"], "feed-false"), ("hide_from", ["everyone", "rss"], "hidden"), ("exclude_from", "all", "unpublished"),
        ("hide_from", ["home"], "out"), ("hide_post", "only", "hidden"), ("hide_post", "Needed", "hidden"), ("show_post", "required", "unpublished"), ("hide_post", "✓", "hidden"),
        ("hide_post", "nein", "out"), ("show_post", "nein", "unpublished"), ("show_post", "ja", "out"), ("hide_post", "private", "hidden"),
        ("hide_post", "draft", "draft"), ("hide_post", "me", "out"), ("hide_post", "never", "unpublished"), ("show_post", "never", "unpublished"),
        ("show_post", "none", "unpublished"), ("show_post", "self", "out"), ("hide_post", ["draft"], "out"), ("hide_post", "banana", "out"),
        ("show_post", ["rss"], "out"), ("post_pin", "no", "out"), ("my_passcode", "no", "out"), ("my_passcode", "later", "protected"),
        ("my_passcode", ["x"], "protected"),
    ],
)  # fmt: skip
def test_the_value_of_a_key_that_is_made_of_words(key: str, value: Value, status: str) -> None:
    """A flag, a word that hides, or feeds and everybody from whom it hides; anything else says nothing."""
    assert visibility.read({key: value}, (), Visibility()).status == status


def test_what_a_site_adds() -> None:
    """Its keys, words and terms in any spelling; the first key that hides is named, and a term only if no key hides."""
    own = Visibility(
        hidden_keys=("Family-Only",), hidden_terms=("Diary",), public_words=("Ever Green",), ignored_keys=("dg-publish", "type")
    )
    assert visibility.read({"family only": "yes"}, (), own) == visibility.Verdict("hidden", "family only")
    assert visibility.read({"status": "evergreen", "type": "page", "dg-publish": "false"}, (), own).status == "out"
    assert visibility.read({}, ("a", "DIARY"), own) == visibility.Verdict("hidden", "DIARY")
    assert visibility.read({"draft": "true", "private": "true"}, ("diary",), own) == visibility.Verdict("draft", "draft")
    needed = Visibility(required_keys=("share", "dg-publish"))
    assert (
        visibility.read({"share": "yes"}, (), needed).status
        == visibility.read({"dg-publish": "true"}, (), needed).status
        == "out"
    )
    assert visibility.read({"share": "no"}, (), needed) == visibility.Verdict("unmarked", "share")
    assert visibility.read({"share": "yes", "draft": "true"}, (), needed).status == "draft"
    assert visibility.read({"type": "page", "draft": "true"}, (), own).status == "draft", (
        "what follows a key that is ignored counts"
    )
    assert visibility.read({"share": "no", "title": "yes"}, (), needed).status == "unmarked"
    assert visibility.read({"params": {"a": "b"}, "draft": "true"}, (), Visibility()).status == "draft"
    several = visibility.read({"draft": "maybe", "hidden": "true", "status": "x"}, (), Visibility())
    assert (several.status, several.key, [doubt.key for doubt in several.doubts]) == (
        "unreadable-flag",
        "draft",
        ["draft", "status"],
    )


def test_reasons_for_people() -> None:
    """With the key that says so; a status that a generator adds is told as it is."""
    assert visibility.reason("draft") == "it is a draft"
    assert visibility.reason("draft", "Draft") == 'it is a draft ("Draft" in its front matter)'
    assert visibility.reason("other") == "it is left out: other"


def test_long_words_are_read_as_short_ones_are() -> None:
    """Whether they are remembered or not."""
    for word in ("Ｄ-r_a f\u200bt" + "x" * n for n in (0, 48, 49, 50, 51, 52, 99)):
        assert visibility.fold(word) == "draft" + word[9:]


@pytest.mark.parametrize(
    ("word", "right", "one", "near"),
    [
        ("draft", "draft", True, True), ("draf", "draft", True, True), ("raft", "draft", True, True), ("drafft", "draft", True, True),
        ("draftx", "draft", True, True), ("drzft", "draft", True, True), ("darft", "draft", True, True), ("rdaft", "draft", True, True),
        ("drfat", "draft", True, True), ("darf", "draft", False, True), ("draaftt", "draft", False, True), ("drf", "draft", False, True),
        ("craftt", "draft", False, False), ("adrf", "draft", False, False), ("dr", "draft", False, False), ("draaaft", "draft", False, True),
        ("draaaaft", "draft", False, False), ("dxxft", "draft", False, False), ("hdie", "hide", True, True), ("hdi", "hide", False, False),
        ("tfard", "draft", False, False), ("rdaftt", "draft", False, False), ("drtfa", "draft", False, False), ("pubilshd", "published", False, True), ("", "a", True, True), ("ab", "", False, False), ("ba", "ab", True, True),
    ],
)  # fmt: skip
def test_slips(word: str, right: str, one: bool, near: bool) -> None:
    """One letter left out, added, replaced or swapped with its neighbour; two slips only of the word's own letters."""
    assert spelling.one_slip(word, right) is one
    assert spelling.near(word, right) is near


def test_slips_are_looked_up_as_they_are_compared() -> None:
    """The right words in their own order, and none beside them; what is far longer than all is not looked up."""
    words = spelling.Words(["published", "draft", "drafts", "hidden"])
    for word in ("draft", "darfts", "drft", "publishd", "pubilshd", "hiden", "hide", "title", "draftss", "d", ""):
        assert words.near(word) == tuple(
            right for right in ("published", "draft", "drafts", "hidden") if spelling.near(word, right)
        )
    assert spelling.Words(["drafts", "draft"]).near("drafs") == ("drafts", "draft")
    assert words.near("darfts") == ("drafts",) and words.near("published" + "x" * 3) == ()
