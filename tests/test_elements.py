"""Elements of a site's own, parameters of links and lines behind entries: declared once, checked, escaped, found again."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import feed_rules
import feedparser
import pytest
from lxml import etree
from samples import a_feed, many

from feeds import formats
from feeds.build import run
from feeds.cli.main import main
from feeds.errors import RenderError, SettingsError
from feeds.extras import KNOWN, Extra
from feeds.settings import load
from feeds.settings.validate import validated

ROOT = Path(__file__).parents[1]
NAMES = {
    "geo": "http://www.w3.org/2003/01/geo/wgs84_pos#", "atom": "http://www.w3.org/2005/Atom", "my": "https://example.org/ns",
    "webfeeds": "http://webfeeds.org/rss/1.0", "thr": "http://purl.org/syndication/thread/1.0",
    "slash": "http://purl.org/rss/1.0/modules/slash/", "cc": "http://backend.userland.com/creativeCommonsRssModule",
    "wfw": "http://wellformedweb.org/CommentAPI/",
}  # fmt: skip
HEAD = 'base_url = "https://blog.example.org/"\ntitle = "Notes & <more>"\n'


class Site:
    """A folder with posts and settings."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "posts").mkdir()

    def post(self, name: str, front: str = "", body: str = "Text.") -> None:
        (self.folder / f"posts/{name}.md").write_text(f"---\ntitle: {name}\ndate: 2021-01-01\n{front}\n---\n{body}\n", "utf-8")

    def settings(self, text: str, head: str = HEAD) -> Any:
        (self.folder / "feeds.toml").write_text(head + text, "utf-8")
        return load(config=self.folder / "feeds.toml", environ={}, flags={}, cwd=self.folder)

    def build(self, text: str, head: str = HEAD) -> tuple[etree._Element, etree._Element, dict[str, Any]]:
        """The RSS channel, the Atom feed, the JSON feed."""
        run.publish(self.settings(text, head), datetime(2026, 1, 1, tzinfo=UTC))
        public = self.folder / "public"
        channel = etree.parse(public / "rss.xml").find("channel")
        assert channel is not None
        return channel, etree.parse(public / "atom.xml").getroot(), json.loads((public / "feed.json").read_bytes())


@pytest.fixture
def site(tmp_path: Path) -> Site:
    made = Site(tmp_path)
    made.post("a", "latitude: 31.23\nplace: {long: '121.47'}\nmood: 'a < b & \"c\"'\ntags: [x, y]")
    made.post("b")
    return made


def test_an_entry_has_the_elements_whose_values_it_has(site: Site) -> None:
    """From front matter, also within tables and lists; in each format; escaped once; a post without the keys has none."""
    channel, feed, document = site.build("""
[elements."geo:lat"]
text = "{latitude}"
json = "_geo"
[elements."geo:long"]
text = "{place.long}"
json = "_geo"
[elements."my:mood"]
namespace = "https://example.org/ns"
text = "{mood}"
attributes = { tags = "{tags}", of = "{title} at {permalink}" }
json = "_mood"
""")
    for parent, title, entry in ((channel, "title", "item"), (feed, "atom:title", "atom:entry")):
        with_values, without = sorted(parent.findall(entry, NAMES), key=lambda one: one.findtext(title, namespaces=NAMES) or "")
        assert with_values.findtext("geo:lat", namespaces=NAMES) == "31.23"
        assert with_values.findtext("geo:long", namespaces=NAMES) == "121.47"
        mood = with_values.find("my:mood", NAMES)
        assert mood is not None and mood.text == 'a < b & "c"'
        assert dict(mood.attrib) == {"tags": "x, y", "of": "a at https://blog.example.org/entry/a/"}
        assert without.find("geo:lat", NAMES) is None and without.find("my:mood", NAMES) is None
    items = {item["title"]: item for item in document["items"]}
    assert items["a"]["_geo"] == {"lat": "31.23", "long": "121.47"} and "_geo" not in items["b"]
    assert items["a"]["_mood"] == {"tags": "x, y", "of": "a at https://blog.example.org/entry/a/", "value": 'a < b & "c"'}


@pytest.mark.parametrize(("element", "value", "written"), [
    ('"geo:lat"]\ntext = "{x}"', "48.2", "48.2"), ('"geo:lat"]\ntext = "{x}"', "91", None), ('"geo:lat"]\ntext = "{x}"', "[1, 2]", None),
    ('"geo:long"]\ntext = "{x}"', "-179.5", "-179.5"), ('"geo:long"]\ntext = "{x}"', "'<b>'", None),
    ('"georss:point"]\ntext = "{x}"', "'48.2, 16.4'", "48.2 16.4"), ('"georss:point"]\ntext = "{x}"', "'1 2 3'", None),
    ('"georss:point"]\ntext = "{x}"', "'1'", None), ('"slash:comments"]\ntext = "{x}"', "5", "5"), ('"slash:comments"]\ntext = "{x}"', "-5", None),
    ('"thr:total"]\ntext = "{x}"', "many", None), ('"creativeCommons:license"]\ntext = "{x}"', "'javascript:alert(1)'", None),
    ('"wfw:commentRss"]\ntext = "{x}"', "/c.xml", "https://blog.example.org/c.xml"),
    ('"thr:in-reply-to"]\nattributes = { ref = "{x}", href = "{x}" }', "'data:text/html,x'", None),
    ('"cc:license"]\nattributes = { resource = "{x}" }', "'vbscript:x'", None),
])  # fmt: skip
def test_a_value_that_cannot_be_is_left_out_and_told(site: Site, element: str, value: str, written: str | None) -> None:
    """Addresses, numbers and places of the namespaces that are known; the entry itself stays."""
    site.post("a", f"x: {value}")
    outcome = run.publish(site.settings(f"[elements.{element}\n"), datetime(2026, 1, 1, tzinfo=UTC))
    codes = [problem.code for problem in outcome.built.publication.problems]
    assert codes.count("element-value") == (written is None)
    channel = etree.parse(site.folder / "public/rss.xml").find("channel")
    assert channel is not None
    prefix, name = element.partition('"]')[0].strip('"').split(":")
    items = [item for item in channel.findall("item") if item.findtext("title") == "a"]
    assert len(items) == 1
    found = items[0].findtext(f"{{{KNOWN[prefix]}}}{name}")
    assert found == written


def test_the_channel_has_its_own(site: Site) -> None:
    """Constants and facts of the feed; a name without a prefix in RSS; licences as links."""
    channel, feed, document = site.build("""
[elements."webfeeds:logo"]
where = "channel"
text = "{base_url}logo.svg"
json = "_webfeeds"
[elements."webfeeds:analytics"]
where = "channel"
attributes = { id = "{title}", engine = "x" }
[elements.follow_challenge]
where = "channel"
children = { feedId = "1", userId = "2" }
formats = ["rss", "atom"]
[elements."atom:link"]
where = "channel"
attributes = { rel = "license", href = "/licence/" }
[elements."creativeCommons:license"]
text = "https://creativecommons.org/licenses/by/4.0/"
""")
    assert (
        channel.findtext("webfeeds:logo", namespaces=NAMES)
        == "https://blog.example.org/logo.svg"
        == feed.findtext("webfeeds:logo", namespaces=NAMES)
    )
    assert channel.find("webfeeds:analytics", NAMES).get("id") == "Notes & <more>"  # type: ignore[union-attr]
    assert [child.text for child in channel.find("follow_challenge")] == ["1", "2"]  # type: ignore[union-attr]
    assert feed.findtext("atom:follow_challenge/atom:userId", namespaces=NAMES) == "2"
    for parent in (channel, feed):
        links = [link.get("href") for link in parent.findall("atom:link", NAMES) if link.get("rel") == "license"]
        assert links == ["https://blog.example.org/licence/"]
    assert all(item.findtext("cc:license", namespaces=NAMES) for item in channel.findall("item"))
    assert document["_webfeeds"] == {"logo": "https://blog.example.org/logo.svg"}
    parsed = feedparser.parse((site.folder / "public/rss.xml").read_bytes())
    assert not parsed.bozo and parsed.feed.title == "Notes & <more>"


def test_the_recipes_of_the_page_work(site: Site) -> None:
    """Each element of docs/elements.md comes out where the page says, and the settings round-trip."""
    page = (ROOT / "docs/elements.md").read_text("utf-8")
    blocks = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    assert len(blocks) == 4
    site.post("c", "latitude: 1\nlongitude: 2\ncomment_count: 7\ncomments_feed: https://blog.example.org/c.xml\n"
                   "in_reply_to: https://other.example.org/1\nsource_title: Other\nsource_feed: https://other.example.org/rss.xml\n"
                   "external_url: https://other.example.org/1")  # fmt: skip
    head = HEAD + 'comments_url = "{permalink}#comments"\n' + blocks[3]
    text = "\n".join(blocks[:3])
    channel, feed, document = site.build(text, head)
    item = next(item for item in channel.findall("item") if item.findtext("title") == "c")
    assert item.findtext("slash:comments", namespaces=NAMES) == "7" and item.findtext("wfw:commentRss", namespaces=NAMES)
    assert dict(item.find("thr:in-reply-to", NAMES).attrib) == {
        "ref": "https://other.example.org/1",
        "href": "https://other.example.org/1",
    }  # type: ignore[union-attr]
    assert item.find("source").get("url") == "https://other.example.org/rss.xml"  # type: ignore[union-attr]
    assert channel.findtext("cc:license", namespaces=NAMES) and channel.findtext("follow_challenge/feedId") == "41223694984583197"
    assert [link.get("rel") for link in item.findall("atom:link", NAMES)].count("license") == 1
    assert feed.find("atom:entry/thr:in-reply-to", NAMES) is not None
    entry = next(one for one in document["items"] if one["title"] == "c")
    assert entry["url"] == "https://blog.example.org/entry/c/?utm_source=feed&utm_medium=rss" and entry["_geo"] == {
        "lat": "1",
        "long": "2",
    }
    assert "Permalink" in entry["content_html"]
    assert not [one for one in document["items"] if one["title"] != "c" and "Permalink" in one["content_html"]]
    for name, media_type in (("rss.xml", "application/rss+xml"), ("atom.xml", "application/atom+xml")):
        body = (site.folder / "public" / name).read_bytes()
        found = feed_rules.findings(
            body, address=f"https://blog.example.org/{name}", media_type=media_type, now=datetime(2026, 1, 2, tzinfo=UTC)
        )
        # What Folo asks for has no namespace: the validator does not know it, and readers pass over it.
        assert [one for one in found if "follow_challenge" not in str(one)] == [], found
    settings = site.settings(text, head)
    assert validated(settings).elements == settings.elements


@pytest.mark.parametrize(("toml", "told"), [
    ('[elements."goe:lat"]\ntext = "1"', 'did you mean "geo"'), ('[elements."x:y"]\ntext = "1"', 'namespace = "http'),
    ('[elements."geo:lat"]', "it says nothing"), ('[elements.title]\ntext = "1"', "written by this program"),
    ('[elements."dc:creator"]\ntext = "1"', "written by this program"),
    ('[elements."media:content"]\nnamespace = "http://search.yahoo.com/mrss/"\ntext = "1"', "written by this program"),
    ('[elements."atom:link"]\nattributes = { rel = "self", href = "/x" }', "rel of its own"),
    ('[elements."atom:link"]\nattributes = { href = "/x" }', "rel of its own"), ('[elements."a b:c"]\ntext = "1"', "not the name of an element"),
    ('[elements."geo:lat"]\ntext = "{x"', "brace"), ('[elements."geo:lat"]\nwhere = "channel"\ntext = "{x}"', "{x} is not known in the channel"),
    ('[elements."webfeeds:accentColor"]\nwhere = "channel"\ntext = "green"', "hexadecimal"),
    ('[elements."webfeeds:cover"]\nwhere = "channel"\nattributes = { image = "javascript:x" }', "http"), ('[elements."geo:lat"]\ntext = "x"', "-90"),
    ('[elements."atom:link"]\nattributes = { rel = "license", href = "data:x" }', "http"),
    ('[elements."geo:lat"]\ntext = "1"\njson = "geo"', "begins with"), ('[elements."geo:lat"]\nattributes = { "a b" = "1" }', "not a name"),
    ('[elements."geo:lat"]\ntext = "1"\nformats = ["json"]', "not known"), ('[elements."geo:lat"]\ntxt = "1"', 'did you mean "text"'),
    ('[elements."geo:lat"]\nnamespace = "https://example.org/"\ntext = "1"', "another namespace"),
    ('[elements."m:a"]\nnamespace = "https://a.example.org/"\ntext = "1"\n[elements."m:b"]\nnamespace = "https://b.example.org/"\ntext = "1"', "elsewhere"),
    ('[elements."xml:lang"]\nnamespace = "https://a.example.org/"\ntext = "1"', "prefix"), ("[link_parameters]\nutm = 5", "quotes"),
    ('entry_footer = ["{a b}"]', "not a placeholder"), ('entry_footer = [""]', "0 characters"), ('entry_footer = ["{{x}}"]', "brace"), ('entry_footer = ["{x"]', "brace"), ('entry_footer = "x"', "brackets"),
])  # fmt: skip
def test_a_mistake_names_its_place_and_fix(site: Site, toml: str, told: str) -> None:
    with pytest.raises(SettingsError) as raised:
        site.settings(toml)
    assert told in str(raised.value) and len(raised.value.mistakes) == 1, raised.value.mistakes


@pytest.mark.parametrize("format", ["rss", "atom"])
def test_the_gate_finds_a_lost_or_changed_element(format: str) -> None:
    extra = Extra("geo", NAMES["geo"], "lat", "31.23", (("a", "b"),), (("c", "d"),))
    entry = replace(many(1)[0], extras=(extra,))
    feed = replace(a_feed([entry], extras=(extra,)), namespaces=(("geo", NAMES["geo"]),))
    writer = formats.by_name(format)
    body = writer.document(feed, [writer.fragment(entry, content_mode="full", show_email=False)])
    writer.check(body, feed)
    for old, new in ((b"31.23", b"31.24"), (b'a="b"', b'a="c"'), (b"geo:lat", b"geo:let"), (b"<geo:c>d</geo:c>", b"")):
        for at in (body.index(old), body.rindex(old)):
            changed = body[:at] + new + body[at + len(old) :]
            if b"geo:let" in changed:
                changed = body.replace(old, new)
            with pytest.raises(RenderError):
                writer.check(changed, feed)


@pytest.mark.parametrize("value", ["]]>", "<script>", "\u0001x", "𝒳 é", "&amp;", "{title}", "%s", "a" * 1900])
def test_any_value_is_written_unchanged(site: Site, value: str) -> None:
    """What XML cannot carry is taken out; braces in values are text."""
    site.post("a", f"mood: {json.dumps(value, ensure_ascii=False)}")
    channel, feed, _ = site.build('[elements."my:mood"]\nnamespace = "https://example.org/ns"\ntext = "{mood}"')
    wanted = value.replace("\u0001", "")
    assert (
        [one.text for one in channel.iterfind("item/my:mood", NAMES)]
        == [wanted]
        == [one.text for one in feed.iterfind("atom:entry/my:mood", NAMES)]
    )


def test_parameters_stand_in_links_alone(site: Site, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Ids, pages and links in texts have none; nothing comes back as unread."""
    site.build("")
    before = json.loads((site.folder / "public/feed.json").read_bytes())
    site.settings('[link_parameters]\nutm_source = "a b&c"\n')
    monkeypatch.chdir(site.folder)
    assert main(["diff", "--as-of", "2026-01-02"]) == 0 and "unread" not in capsys.readouterr().out
    channel, feed, document = site.build('[link_parameters]\nutm_source = "a b&c"\n')
    assert [item["id"] for item in document["items"]] == [item["id"] for item in before["items"]]
    wanted = {f"https://blog.example.org/entry/{name}/?utm_source=a%20b%26c" for name in "ab"}
    assert {item.findtext("link") for item in channel.findall("item")} == wanted == {item["url"] for item in document["items"]}
    assert {link.get("href") for link in feed.findall("atom:entry/atom:link[@rel='alternate']", NAMES)} == wanted
    assert (
        b"utm_source" not in (site.folder / "public/index.html").read_bytes() + (site.folder / "public/feeds.opml").read_bytes()
    )
    assert [item["date_modified"] for item in document["items"]] == [item["date_modified"] for item in before["items"]]


def test_parameters_go_before_a_fragment_and_behind_a_query(site: Site) -> None:
    site.post("a", "permalink: /x?y=1#part")
    _, _, document = site.build('[link_parameters]\nutm = "1"\n')
    assert "https://blog.example.org/x?y=1&utm=1#part" in [item["url"] for item in document["items"]]


def test_lines_stand_behind_each_entry(site: Site) -> None:
    """Escaped, percent-encoded where asked, cleaned; without a value no line; `updated` and summary stay."""
    site.post("c", 'external_url: https://other.example.org/?a=1&b=2\nmood: "<b onclick=x>"')
    before = {item["title"]: item for item in site.build("")[2]["items"]}
    head = (
        HEAD
        + """comments_url = "{permalink}#comments"
entry_footer = [
  '<p onclick="x()"><a href="mailto:me@example.org?subject={title|url}">Reply</a> {mood}</p><script>bad()</script>',
  '<p><a href="{comments_url}">Comments</a></p>',
  '<p>About {via}</p>',
]
"""
    )
    after = {item["title"]: item for item in site.build("", head)[2]["items"]}
    assert after["c"]["content_html"].endswith(
        '<p><a href="mailto:me@example.org?subject=c">Reply</a> &lt;b onclick=x&gt;</p>\n'
        '<p><a href="https://blog.example.org/entry/c/#comments">Comments</a></p>\n<p>About https://other.example.org/?a=1&amp;b=2</p>'
    ), after["c"]["content_html"]
    assert after["b"]["content_html"].endswith('<p><a href="https://blog.example.org/entry/b/#comments">Comments</a></p>')
    assert "Reply" not in after["b"]["content_html"] and "About" not in after["b"]["content_html"]
    for name in "abc":
        assert (after[name]["date_modified"], after[name]["summary"]) == (before[name]["date_modified"], before[name]["summary"])


def test_check_and_explain_tell_of_elements(
    site: Site, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    site.settings(
        '[elements."geo:lat"]\ntext = "{lattitude}"\n[elements."my:mood"]\nnamespace = "https://example.org/ns"\ntext = "{mood}"'
    )
    monkeypatch.chdir(site.folder)
    main(["check", "--json"])
    assert [(one["code"], one["field"]) for one in json.loads(capsys.readouterr().out)["problems"]] == [
        ("element-unused", 'elements."geo:lat"')
    ]
    main(["explain", "posts/a.md", "--json"])
    assert json.loads(capsys.readouterr().out)["elements"] == ['my:mood a < b & "c"']
