"""What holds for any input whatever: text survives, dates mean one instant, slugs stay apart, cleaning is done once."""

from __future__ import annotations

import json
import re
import tempfile
import unicodedata
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from budget import examples
from hypothesis import assume, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from lxml import etree

from feeds import content, dates
from feeds import slugs as slug_rules
from feeds.build import run
from feeds.content import Policy
from feeds.errors import PostError, SettingsError
from feeds.model import NOT_XML
from feeds.posts import read
from feeds.settings import Bounds, load

ANY = st.text(max_size=40)
#: Text that XML 1.0 can carry, in one line.
LINE = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"], exclude_characters="\ufffe\uffff\ufeff"), max_size=40)

# --- front matter


def _front_matter(syntax: str, title: str, tags: list[str]) -> str:
    quoted = json.dumps(title, ensure_ascii=False).replace("\x7f", "\\u007f")
    listed = "[" + ", ".join(json.dumps(tag, ensure_ascii=False).replace("\x7f", "\\u007f") for tag in tags) + "]"
    if syntax == "yaml":
        return f"---\ntitle: {quoted}\ntags: {listed}\n---\nBody.\n"
    if syntax == "toml":
        return f"+++\ntitle = {quoted}\ntags = {listed}\n+++\nBody.\n"
    return f'{{"title": {quoted}, "tags": {listed}}}\n\nBody.\n'


@given(title=LINE, tags=st.lists(LINE, max_size=4))
@example(title="---", tags=["+++", "{}", ";;;"])
@example(title="a: b # c", tags=["yes", "012", "1:30", "null", "~", "2021-08-04"])
@example(title="} {", tags=['"', "\\", "'"])
def test_front_matter_says_the_same_in_every_syntax(title: str, tags: list[str]) -> None:
    """YAML, TOML and JSON give one post, and text stays text, whatever it looks like."""
    for syntax in ("yaml", "toml", "json"):
        source = _front_matter(syntax, title, tags)
        post = read.parse("a.md", source.encode(), ("utf-8",), Bounds())
        assert post.front_matter == {"title": title, "tags": tags}, syntax
        assert post.body.strip() == "Body.", syntax


@given(raw=st.one_of(st.binary(max_size=200), ANY.map(lambda text: ("---\n" + text).encode("utf-8", "surrogatepass"))))
@hypothesis_settings(max_examples=examples(300))
def test_any_bytes_are_a_post_or_a_problem(raw: bytes) -> None:
    """Nothing that lies in a file ends a build: it is read, or said to be broken, and what is read XML can carry."""
    try:
        post = read.parse("a.md", raw, ("utf-8",), Bounds())
    except PostError as error:
        assert error.problem.path == "a.md" and error.problem.what
        return
    assert not NOT_XML.search(post.body)


# --- dates


_FIRST, _LAST = datetime.fromisoformat("1970-01-02"), datetime.fromisoformat("2100-01-01")
_YEAR_ONE, _YEAR_9999 = datetime.fromisoformat("0001-01-03"), datetime.fromisoformat("9999-12-29")
WRITTEN = {
    "%Y-%m-%d %H:%M:%S": False,
    "%Y/%m/%d %H:%M:%S": False,
    "%Y.%m.%d %H:%M:%S": False,
    "%Y-%m-%dT%H:%M:%S": False,
    "%Y年%m月%d日 %H:%M:%S": False,
    "%Y年%m月%d日%H时%M分%S秒": False,
    "%Y-%m-%d %H:%M:%S %z": True,
    "%Y-%m-%dT%H:%M:%S%z": True,
    "%Y%m%dT%H%M%S%z": True,
}


@given(
    moment=st.datetimes(_FIRST, _LAST).map(lambda moment: moment.replace(microsecond=0)),
    quarters=st.integers(-48, 56),
)
def test_a_date_means_one_instant_in_every_form(moment: datetime, quarters: int) -> None:
    """IN-9: with a zone the written one counts, without one the site's; the result is UTC in whole seconds."""
    zone = timezone(timedelta(minutes=15 * quarters))
    instant = moment.replace(tzinfo=zone).astimezone(UTC)
    for form, has_zone in WRITTEN.items():
        text = moment.replace(tzinfo=zone).strftime(form).replace(f"{moment:%Y}", f"{moment.year:04}")
        read_as = dates.parse(text, UTC if has_zone else zone)
        assert read_as == instant and read_as.tzinfo is UTC, (form, text)
    assert dates.parse(format_datetime(moment.replace(tzinfo=zone)), UTC) == instant
    if instant.timestamp() >= 1e9:
        assert dates.parse(str(int(instant.timestamp())), zone) == instant
    assert dates.parse(dates.rfc822(instant), zone) == instant


@given(
    moment=st.datetimes(_YEAR_ONE, _YEAR_9999),
    name=st.sampled_from(["Asia/Shanghai", "Europe/Berlin"]),
)
def test_any_year_in_any_zone_is_an_instant(moment: datetime, name: str) -> None:
    """Local mean time, gaps and folds included; RFC 3339 takes what comes out."""
    read_as = dates.parse(f"{moment.year:04}-{moment:%m-%d %H:%M:%S}", ZoneInfo(name))
    assert read_as.tzinfo is UTC and read_as.microsecond == 0
    assert abs(read_as.replace(tzinfo=None) - moment) < timedelta(hours=15)


@given(text=ANY)
@hypothesis_settings(max_examples=examples(300))
def test_an_invalid_date_is_reported_in_a_sentence(text: str) -> None:
    """Never another error than ValueError, never a guess from the clock."""
    try:
        read_as = dates.parse(text, UTC)
    except ValueError as error:
        assert str(error)
    else:
        assert dates.parse(text, UTC) == read_as


# --- slugs

ODD_NAMES = [
    "C", "C++", "C#", ".", "..", "/", "a/b", "a\\b", "CON", "con.txt", "nul", "COM¹", "LPT³.x", "x.", "x ", "Ä",
    "A\u0308",
    "Straße", "STRASSE", "İ", "i̇", "ı", "🍅", "👩\u200d👩\u200d👧", "…", "？", "all", "index", "feed", "rss.xml",
    "Web-Dev", "Web Dev", "web_dev", "%2e%2e", "a" * 300, "中" * 300, "\u202eabc", "",
]  # fmt: skip
NAMES = st.lists(st.one_of(st.sampled_from(ODD_NAMES), ANY), max_size=12, unique=True)


@given(names=NAMES, order=st.randoms(use_true_random=False))
@example(names=ODD_NAMES, order=None)
def test_slugs_keep_names_apart_whatever_the_order(names: list[str], order: object) -> None:
    """IN-13: each name its own, short, fit for every file system, unique where case does not count."""
    folded = list(dict.fromkeys(slug_rules.fold(name) for name in names))
    slugs = slug_rules.unique(folded, ())
    assert slugs.keys() == set(folded)
    seen = [unicodedata.normalize("NFC", slug).casefold() for slug in slugs.values()]
    assert len(set(seen)) == len(folded)
    for slug in slugs.values():
        assert 0 < len(slug.encode()) <= 100
        assert not re.search(r'[/\\:*?"<>|\x00-\x1f\x7f%#]', slug)
        assert not slug.startswith(".") and slug[-1] not in ". "
        assert not re.match(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\.|\Z)", slug, re.IGNORECASE)
        assert unicodedata.is_normalized("NFC", slug)
    if order is not None:
        order.shuffle(folded)  # type: ignore[attr-defined]
    assert slug_rules.unique(folded, ()) == slugs


@given(first=NAMES, later=NAMES)
def test_a_slug_once_given_is_never_given_again(first: list[str], later: list[str]) -> None:
    """What comes later finds another one, however alike."""
    old = slug_rules.unique({slug_rules.fold(name) for name in first}, ())
    fresh = {slug_rules.fold(name) for name in later} - old.keys()
    new = slug_rules.unique(fresh, set(old.values()))
    assert set(new.values()).isdisjoint(old.values())


# --- content

PIECES = st.sampled_from(
    [
        "<p>", "</p>", "<b>", "</i>", "<script>", "</script>", "alert(1)", "<!--", "-->", "javascript:alert(1)", "'>",
        "&lt;", "&amp;lt;", "&#1;", "&#x41;", "<math>", "<template>", "]]>", "<![CDATA[", "中文",
        "\u202e", "<p", ">", '"',
        "<noscript>", "<textarea>", "<xmp>", "<plaintext>", "<h7>", "</br>", "<br/>", "<svg><p><style>", "<ol><li>",
        "<table><td>x", "<select><option>", "<ruby>x<rt>y", " ", "\t", "\n", "a & b", "<div style='x:y'>", "<a href='",
        "<img src=x onerror=y>", "<details open>", "<iframe src='https://www.youtube.com/embed/abc'></iframe>",
        "<pre><code>  x</code></pre>", "<img srcset='a.png 1x, b.png 2x'>", "<video poster=p.png src=v.mp4>",
    ]
)  # fmt: skip
HTML = st.lists(st.one_of(PIECES, ANY), max_size=14).map("".join)


@pytest.mark.parametrize("backend", ["bleach", "nh3"])
@given(body=HTML)
@hypothesis_settings(max_examples=examples(150), deadline=None)
def test_cleaning_is_done_once(backend: str, body: str) -> None:
    """What was cleaned is clean: a second time changes nothing, and XML can carry it."""
    policy = Policy(backend=backend)
    once = content.clean(body, "html", base_url="https://example.org/a/", policy=policy).html
    twice = content.clean(once, "html", base_url="https://example.org/a/", policy=policy).html
    assert twice == once
    assert not NOT_XML.search(once)
    assert not re.search(
        r"<(?:script|style|iframe|object|svg|math|form|input|template)\b|\son\w+\s*=|javascript:", once.lower()
    ) or ("&lt;" in once or "alert" in body)


# --- settings

TOML = st.recursive(
    st.one_of(st.booleans(), st.integers(-10, 10**12), st.floats(allow_nan=False), ANY),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(ANY, inner, max_size=3)),
    max_leaves=5,
)


def _known_names() -> list[str]:
    from feeds.settings.fields import KINDS, NAMED

    return sorted({*KINDS, *NAMED, "author", "authors", "people", "feed", "paths", "bounds", "markdown", "sanitise"})


def _toml(value: object) -> str:
    """A value as TOML writes it, tables in one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_toml(str(key))} = {_toml(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    if isinstance(value, float):
        return repr(value) if "." in repr(value) or "e" in repr(value) or "inf" in repr(value) else f"{value}.0"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


@given(values=st.dictionaries(st.one_of(st.sampled_from(_known_names()), ANY), TOML, max_size=4))
@hypothesis_settings(max_examples=examples(300), deadline=None)
def test_any_settings_are_settings_or_mistakes(values: dict[str, object]) -> None:
    """Whatever a file holds, there is no traceback: settings come out, or sentences of one line that name the file."""
    tree: dict[str, object] = {}
    for name, value in values.items():
        group, _, key = name.partition(".")
        inner = tree.setdefault(group, {}) if key and group in ("paths", "bounds", "markdown", "sanitise") else None
        if isinstance(inner, dict):
            inner[key] = value
        else:
            tree[name] = value
    text = "\n".join(f"{_toml(key)} = {_toml(value)}" for key, value in tree.items())
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "feeds.toml"
        path.write_bytes(text.encode("utf-8", "replace"))
        try:
            load(environ={}, flags={"posts": "posts"}, cwd=Path(folder), need_base_url=False)
        except SettingsError as error:
            assert all(mistake and "\n" not in mistake for mistake in error.mistakes), error.mistakes
            assert not any("is not valid TOML" in mistake for mistake in error.mistakes), (text, error.mistakes)


@given(text=st.text(max_size=60), value=ANY)
@hypothesis_settings(max_examples=examples(200), deadline=None)
def test_any_flag_and_variable_is_a_setting_or_a_mistake(text: str, value: str) -> None:
    for name in ("base_url", "limit", "timezone", "language", "permalink", "formats", "max_age_seconds", "authority"):
        try:
            load(
                environ={f"FEEDS_{name.upper()}": text},
                flags={name: value, "posts": "/nowhere/posts"},
                cwd=Path("/nowhere"),
                need_base_url=False,
            )
        except SettingsError as error:
            assert error.mistakes


# --- the whole flow

ATOM = "{http://www.w3.org/2005/Atom}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
POST = st.fixed_dictionaries(
    {
        "title": LINE,
        "tags": st.lists(LINE, max_size=3),
        "author": LINE,
        "body": HTML,
        "ending": st.sampled_from(["md", "html"]),
    }
)


@given(posts=st.lists(POST, min_size=1, max_size=5))
@hypothesis_settings(max_examples=examples(15), deadline=None)
def test_every_format_says_the_same(posts: list[dict[str, Any]]) -> None:
    """X-1, X-6, X-7: whatever is written, all formats agree on number, order, ids, titles and content."""
    assume(all(post["title"].strip() and post["body"].strip() for post in posts))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "posts").mkdir()
        for place, post in enumerate(posts):
            facts = {
                "title": post["title"],
                "tags": post["tags"],
                "author": post["author"],
                "date": f"2025-01-0{place + 1}",
            }
            front = "\n".join(f"{key}: {_toml(value)}" for key, value in facts.items())
            path = folder / "posts" / f"{place}.{post['ending']}"
            path.write_text(f"---\n{front}\n---\n\n{post['body']}\n", encoding="utf-8", errors="replace")
        settings = load(environ={}, flags={"posts": "posts", "base_url": "https://example.org/"}, cwd=folder)
        run.publish(settings, datetime(2026, 1, 1, tzinfo=UTC))
        output = {name: (folder / "public" / name).read_bytes() for name in ("rss.xml", "atom.xml", "feed.json")}
    strict = etree.XMLParser(resolve_entities=False, no_network=True)
    items = json.loads(output["feed.json"])["items"]
    rss = etree.fromstring(output["rss.xml"], strict).findall("channel/item")
    atom = etree.fromstring(output["atom.xml"], strict).findall(f"{ATOM}entry")
    assert len(items) == len(rss) == len(atom) == len(posts)
    for one, item, entry in zip(items, rss, atom, strict=True):
        assert one["id"] == item.findtext("guid") == entry.findtext(f"{ATOM}id")
        assert one["url"] == item.findtext("link")
        if one.get("title"):
            assert one["title"] == item.findtext("title") == entry.findtext(f"{ATOM}title")
        assert entry.findtext(f"{ATOM}title")
        whole = one.get("content_html", "")
        assert whole == (item.findtext(CONTENT) or item.findtext("description") or "")
        assert whole == (entry.findtext(f"{ATOM}content") or "")
        assert not NOT_XML.search(whole)
