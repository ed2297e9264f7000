"""Podcasts: what directories read of a show and its episodes, and what `feeds check` says before they refuse it."""

from __future__ import annotations

import io
import json
import os
import re
import struct
import time
import uuid
import wave
import zlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import feed_rules
import feedparser
import pytest
from lxml import etree

from feeds import fastpath, shows
from feeds.build import run
from feeds.cli.main import main
from feeds.errors import SettingsError
from feeds.media_files import NOTHING, facts_of
from feeds.settings import load
from feeds.settings.show import CATEGORY, SHOW
from feeds.settings.validate import validated

ROOT = Path(__file__).parents[1]
NAMES = {"itunes": shows.ITUNES, "podcast": shows.PODCAST, "media": "http://search.yahoo.com/mrss/"}
HEAD = """base_url = "https://show.example.org/"
title = "The Tea Show"
description = "An hour of talk."
language = "en"
author = "Ada"
"""


def png(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = zlib.compress(b"".join(b"\0" + b"\0" * width for _ in range(height)), 9)
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def jpeg(width: int, height: int, orientation: int = 1) -> bytes:
    """The headers of a JPEG file, with an EXIF orientation."""
    exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01" + struct.pack(">HH", orientation, 0) + b"\0\0\0\0"
    app1 = b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif
    frame = b"\x08" + struct.pack(">HH", height, width) + b"\x03\x01\x22\0\x02\x11\x01\x03\x11\x01"
    return b"\xff\xd8" + app1 + b"\xff\xc0" + struct.pack(">H", len(frame) + 2) + frame + b"\xff\xd9"


def wav(seconds: int) -> bytes:
    stream = io.BytesIO()
    with wave.open(stream, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(1)
        sound.setframerate(8000)
        sound.writeframes(b"\x80" * 8000 * seconds)
    return stream.getvalue()


def mp3(seconds: int) -> bytes:
    """Frames of MPEG 1 layer III, 128 kbit/s, 44.1 kHz, mono and silent."""
    frame = b"\xff\xfb\x90\xc4" + b"\0" * 413
    return frame * round(seconds * 44_100 / 1152)


class Show:
    """A folder with a show."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "posts").mkdir()
        (folder / "cover.png").write_bytes(png(1400, 1400))
        (folder / "posts/first.mp3").write_bytes(mp3(3725))
        self.settings('image = "/cover.png"\ncategories = ["Arts / Food"]\nowner_email = "ada@example.org"')
        self.post("first", "audio: first.mp3\nepisode: 1")

    def settings(self, show: str, head: str = HEAD, name: str = "") -> None:
        (self.folder / "feeds.toml").write_text(f'{head}\n[show."{name}"]\n{show}\n', "utf-8")

    def post(self, name: str, front: str, date: str = "2026-05-01") -> None:
        (self.folder / f"posts/{name}.md").write_text(f"---\ntitle: {name}\ndate: {date}\n{front}\n---\nWe talk.\n", "utf-8")

    def build(self) -> etree._Element:
        settings = load(config=self.folder / "feeds.toml", environ={}, flags={}, cwd=self.folder)
        run.publish(settings, datetime(2026, 6, 1, tzinfo=UTC))
        channel = etree.parse(self.folder / "public/rss.xml").find("channel")
        assert channel is not None
        return channel

    def codes(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> list[str]:
        monkeypatch.chdir(self.folder)
        capsys.readouterr()
        main(["check", "--json"])
        return [one["code"] for one in json.loads(capsys.readouterr().out)["problems"]]


@pytest.fixture
def show(tmp_path: Path) -> Show:
    return Show(tmp_path)


def text(parent: etree._Element, name: str) -> str | None:
    return parent.findtext(name, namespaces=NAMES)


def attributes(parent: etree._Element, name: str) -> list[dict[str, str]]:
    return [dict(one.attrib) for one in parent.findall(name, NAMES)]


def test_everything_that_a_show_says(show: Show) -> None:
    """Each element in the form that its specification has; nothing that was not asked for."""
    show.settings("""image = "/cover.png"
author = "Ada & Grace"
categories = ["Society & Culture / Documentary", "technology", "Society & Culture / Philosophy"]
explicit = true
type = "serial"
owner_name = "Ada"
owner_email = "ada@example.org"
block = true
complete = true
new_feed_url = "https://new.example.org/rss.xml"
locked = true
medium = "musicL"
license = "cc-by-4.0"
license_url = "https://creativecommons.org/licenses/by/4.0/"
funding = [{ url = "https://example.org/give", text = "Give <us> tea" }]
people = [{ name = "Ada", role = "host", group = "cast", url = "/ada/", image = "/ada.jpg" }]
[show."".value]
type = "lightning"
method = "keysend"
suggested = "0.00000005"
recipients = [{ name = "Ada", type = "node", address = "02d5", split = 99 }, { name = "App", type = "node", address = "03ae", split = 1 }]
""")
    channel = show.build()
    assert text(channel, "itunes:author") == "Ada & Grace" and attributes(channel, "itunes:image") == [
        {"href": "https://show.example.org/cover.png"}
    ]
    assert [one["text"] for one in attributes(channel, "itunes:category")] == ["Society & Culture", "Technology"]
    assert [one["text"] for one in attributes(channel, "itunes:category/itunes:category")] == ["Documentary", "Philosophy"]
    values = {name: text(channel, f"itunes:{name}") for name in ("explicit", "type", "block", "complete", "new-feed-url")}
    assert values == {
        "explicit": "true",
        "type": "serial",
        "block": "Yes",
        "complete": "Yes",
        "new-feed-url": "https://new.example.org/rss.xml",
    }
    assert (text(channel, "itunes:owner/itunes:name"), text(channel, "itunes:owner/itunes:email")) == ("Ada", "ada@example.org")
    assert text(channel, "podcast:locked") == "yes" and attributes(channel, "podcast:locked") == [{"owner": "ada@example.org"}]
    assert text(channel, "podcast:medium") == "musicL" and text(channel, "podcast:license") == "cc-by-4.0"
    assert (text(channel, "podcast:funding"), attributes(channel, "podcast:funding")) == (
        "Give <us> tea",
        [{"url": "https://example.org/give"}],
    )
    assert attributes(channel, "podcast:person") == [
        {"role": "host", "group": "cast", "img": "https://show.example.org/ada.jpg", "href": "https://show.example.org/ada/"}
    ]
    assert attributes(channel, "podcast:value") == [{"type": "lightning", "method": "keysend", "suggested": "0.00000005"}]
    assert [one["split"] for one in attributes(channel, "podcast:value/podcast:valueRecipient")] == ["99", "1"]
    settings = load(config=show.folder / "feeds.toml", environ={}, flags={}, cwd=show.folder)
    assert validated(settings).shows == settings.shows


def test_everything_that_an_episode_says(show: Show) -> None:
    """Keys at the top or in a table; addresses are resolved, files beside the post are published."""
    (show.folder / "posts/first.vtt").write_text("WEBVTT\n")
    show.post(
        "first",
        """audio: first.mp3
episode: 12
season: 2
season_name: Spring
episode_type: Trailer
episode_title: First & only
episode_image: /e.png
explicit: clean
itunes_block: yes
license: cc0
transcript: [first.vtt, {url: https://x.example.org/a.srt, language: es, rel: captions}]
chapters: https://x.example.org/c.json
hosts: Ada
guests: [Grace, {name: Alan, href: https://alan.example.org/, img: /alan.jpg, role: narrator}]""",
    )
    item = show.build().find("item")
    assert item is not None
    names = ("duration", "title", "explicit", "season", "episode", "episodeType", "block")
    assert [text(item, f"itunes:{name}") for name in names] == ["3725", "First & only", "false", "2", "12", "trailer", "Yes"]
    assert attributes(item, "itunes:image") == [{"href": "https://show.example.org/e.png"}]
    assert text(item, "podcast:season") == "2" and attributes(item, "podcast:season") == [{"name": "Spring"}]
    assert text(item, "podcast:episode") == "12" and text(item, "podcast:license") == "cc0"
    assert attributes(item, "podcast:chapters") == [{"url": "https://x.example.org/c.json", "type": "application/json+chapters"}]
    assert attributes(item, "podcast:transcript") == [
        {"url": "https://show.example.org/entry/first/first.vtt", "type": "text/vtt"},
        {"url": "https://x.example.org/a.srt", "type": "application/x-subrip", "language": "es", "rel": "captions"},
    ]
    people = [(one.text, one.get("role"), one.get("href"), one.get("img")) for one in item.findall("podcast:person", NAMES)]
    assert people == [
        ("Ada", "host", None, None), ("Grace", "guest", None, None),
        ("Alan", "narrator", "https://alan.example.org/", "https://show.example.org/alan.jpg"),
    ]  # fmt: skip
    assert (show.folder / "public/entry/first/first.vtt").exists()


def test_parts_other_files_and_payments_of_an_episode(show: Show) -> None:
    """podcast:soundbite, alternateEnclosure and value, with the names of season and episode, as the namespace has them."""
    (show.folder / "posts/small.opus").write_bytes(b"OggS" + bytes(60))
    digest = "sha384-" + "A" * 64
    show.post(
        "first",
        f"""audio: first.mp3
episode: 3
episode_display: Ch. III
season: 2
season_name: Spring & tea
soundbites: [{{start: 73, duration: 60.50}}, {{startTime: "1:02:03.5", duration: "1:00", title: <The> kettle}}]
alternate_enclosure:
  - small.opus
  - {{url: [https://a.example.org/1.mp4, https://b.example.org/1.mp4], type: video/mp4, length: 7924786, bitrate: 511276.52, height: 720,
     lang: en, title: Film, rel: "on, off", codecs: "avc1.64001f", default: true, integrity: {digest}}}
value:
  type: lightning
  method: keysend
  suggested: 0.00000015000
  recipients:
    - {{name: Ada, type: node, address: 02d5, split: 90, customKey: 112111100, customValue: ab, fee: true}}""",
    )
    item = show.build().find("item")
    assert item is not None
    assert text(item, "podcast:episode") == "3" and attributes(item, "podcast:episode") == [{"display": "Ch. III"}]
    assert attributes(item, "podcast:season") == [{"name": "Spring & tea"}]
    assert [(bite.text, dict(bite.attrib)) for bite in item.findall("podcast:soundbite", NAMES)] == [
        (None, {"startTime": "73", "duration": "60.5"}), ("<The> kettle", {"startTime": "3723.5", "duration": "60"}),
    ]  # fmt: skip
    small, film = item.findall("podcast:alternateEnclosure", NAMES)
    assert dict(small.attrib) == {"type": "audio/ogg"} or small.get("type", "").startswith("audio/")
    assert attributes(small, "podcast:source") == [{"uri": "https://show.example.org/entry/first/small.opus"}]
    assert (show.folder / "public/entry/first/small.opus").exists()
    assert dict(film.attrib) == {
        "type": "video/mp4", "length": "7924786", "bitrate": "511276.52", "height": "720", "lang": "en", "title": "Film",
        "rel": "on, off", "codecs": "avc1.64001f", "default": "true",
    }  # fmt: skip
    assert [source["uri"] for source in attributes(film, "podcast:source")] == [
        "https://a.example.org/1.mp4", "https://b.example.org/1.mp4",
    ]  # fmt: skip
    assert attributes(film, "podcast:integrity") == [{"type": "sri", "value": digest}]
    value = item.find("podcast:value", NAMES)
    assert value is not None and dict(value.attrib) == {
        "type": "lightning", "method": "keysend", "suggested": "0.00000015000",
    }  # fmt: skip
    assert attributes(value, "podcast:valueRecipient") == [{
        "name": "Ada", "type": "node", "address": "02d5", "customKey": "112111100", "customValue": "ab", "split": "90", "fee": "true",
    }]  # fmt: skip


@pytest.mark.parametrize("front", [
    "podcast:\n  url: first.mp3\n  number: 3\n  season: 1\n  type: bonus", "audio: first.mp3\nitunes:\n  episode: 3\n  season: 1\n  episodeType: bonus",
    "audio: first.mp3\nepisode: {number: 3, season_number: 1, episode-type: bonus}",
])  # fmt: skip
def test_keys_of_an_episode_may_stand_in_a_table(show: Show, front: str) -> None:
    show.post("first", front)
    item = show.build().find("item")
    assert item is not None
    assert [text(item, f"itunes:{name}") for name in ("episode", "season", "episodeType")] == ["3", "1", "bonus"]


def test_an_episode_has_one_enclosure_with_size_type_and_length(show: Show) -> None:
    """Of several files the recording, whatever their order; the others are in Media RSS and in the other formats."""
    show.post("first", "enclosures: [notes.pdf, first.mp3, second.mp3]")
    (show.folder / "posts/notes.pdf").write_bytes(b"%PDF-1.4\n")
    (show.folder / "posts/second.mp3").write_bytes(mp3(10))
    item = show.build().find("item")
    assert item is not None
    size = str((show.folder / "posts/first.mp3").stat().st_size)
    assert attributes(item, "enclosure") == [
        {"url": "https://show.example.org/entry/first/first.mp3", "length": size, "type": "audio/mpeg"}
    ]
    assert [one.get("duration") for one in item.findall("media:content", NAMES)] == ["10", None]
    found = json.loads((show.folder / "public/feed.json").read_bytes())["items"][0]["attachments"]
    assert [(one["mime_type"], one.get("duration_in_seconds")) for one in found] == [
        ("audio/mpeg", 3725), ("audio/mpeg", 10), ("application/pdf", None)
    ]  # fmt: skip


@pytest.mark.parametrize(("written", "seconds"), [
    ("90", "90"), ("1:30", "90"), ("1:02:03", "3723"), ("90:30", "5430"), ("1:99", None), ("1:2:3:4", None), ("an hour", None),
])  # fmt: skip
def test_the_duration_is_that_of_the_first_recording(show: Show, written: str, seconds: str | None) -> None:
    """In seconds, minutes or hours; what is none of these says nothing."""
    show.post(
        "first", f"enclosures: [notes.pdf, 'https://x.example.org/1.mp3', 'https://x.example.org/2.mp3']\nduration: '{written}'"
    )
    item = show.build().find("item")
    assert item is not None and text(item, "itunes:duration") == seconds
    assert [one.get("duration") for one in item.findall("media:content", NAMES)] == [None] * len(
        item.findall("media:content", NAMES)
    )


def test_feedparser_reads_it(show: Show) -> None:
    show.build()
    parsed = feedparser.parse((show.folder / "public/rss.xml").read_bytes())
    assert not parsed.bozo and parsed.feed.image.href == "https://show.example.org/cover.png"
    assert parsed.feed.publisher_detail.email == "ada@example.org" and parsed.entries[0].itunes_duration == "3725"
    assert [tag.term for tag in parsed.feed.tags] == ["Arts", "Food"] and parsed.entries[0].itunes_episode == "1"


def test_the_validator_has_nothing_to_say(show: Show) -> None:
    """feed_rules, a checker by the W3C validator's names and Atom's schema, on each document of a show."""
    show.post("first", "audio: first.mp3\nepisode: 1\nseason: 2\nguests: [Grace]\nimage: cover.png")
    show.build()
    for name, media_type in (("rss.xml", "application/rss+xml"), ("atom.xml", "application/atom+xml")):
        body = (show.folder / "public" / name).read_bytes()
        found = feed_rules.findings(
            body, address=f"https://show.example.org/{name}", media_type=media_type, now=datetime(2026, 6, 2, tzinfo=UTC)
        )
        assert found == [], found


def test_the_guid_is_the_specifications_and_survives_a_move(show: Show) -> None:
    """podcast:guid is UUIDv5 of the address without scheme and slashes (its specification's own example), and then stays."""
    assert shows.guid_of("https://mp3s.nashownotes.com/pc20rss.xml") == "917393e3-1b1e-5cef-ace4-edaa54e1f810"
    assert shows.guid_of("http://podnews.net/rss") == str(
        uuid.uuid5(uuid.UUID("ead4c236-bf58-58c6-a2c6-a6b28d128cb6"), "podnews.net/rss")
    )
    first = text(show.build(), "podcast:guid")
    assert first == shows.guid_of("https://show.example.org/rss.xml")
    show.settings('image = "/cover.png"', HEAD.replace("show.example.org", "other.example.org"))
    assert text(show.build(), "podcast:guid") == first
    show.settings('guid = "917393E3-1B1E-5CEF-ACE4-EDAA54E1F810"')
    assert text(show.build(), "podcast:guid") == "917393e3-1b1e-5cef-ace4-edaa54e1f810"


def test_a_category_can_be_the_show(show: Show) -> None:
    """The site's feed holds the episode with its elements and says nothing of a show; a site without one has no such namespace."""
    show.settings('categories = ["Technology"]', HEAD, "category/podcast")
    show.post("first", "audio: first.mp3\ncategories: [podcast]\nepisode: 4")
    channel = show.build()
    assert text(channel, "podcast:guid") is None and text(channel, "item/itunes:episode") == "4"
    own = etree.parse(show.folder / "public/category/podcast/rss.xml").find("channel")
    assert own is not None and text(own, "podcast:guid") == shows.guid_of("https://show.example.org/category/podcast/rss.xml")
    (show.folder / "feeds.toml").write_text(HEAD)
    show.build()
    assert b"itunes" not in (show.folder / "public/rss.xml").read_bytes()
    assert b"itunes" not in (show.folder / "public/atom.xml").read_bytes()


def test_the_cover_of_a_bare_folder_is_published(show: Show) -> None:
    show.build()
    assert (show.folder / "public/cover.png").read_bytes() == png(1400, 1400)


# check


def test_a_complete_show_has_no_findings(show: Show, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert show.codes(capsys, monkeypatch) == []


@pytest.mark.parametrize(("settings", "code"), [
    ('categories = ["Music"]\nowner_email = "a@example.org"', "show-image"),
    ('image = "/small.png"\ncategories = ["Music"]\nowner_email = "a@example.org"', "show-image"),
    ('image = "/wide.jpg"\ncategories = ["Music"]\nowner_email = "a@example.org"', "show-image"),
    ('image = "/damaged.png"\ncategories = ["Music"]\nowner_email = "a@example.org"', "show-image"),
    ('image = "/none.png"\ncategories = ["Music"]\nowner_email = "a@example.org"', "show-image"),
    ('image = "https://cdn.example.org/cover.webp"\ncategories = ["Music"]\nowner_email = "a@example.org"', "show-image"),
    ('image = "/cover.png"\nowner_email = "a@example.org"', "show-category"),
    ('image = "/cover.png"\ncategories = ["Music"]', "show-owner"),
])  # fmt: skip
def test_what_a_show_lacks(
    show: Show, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, settings: str, code: str
) -> None:
    (show.folder / "small.png").write_bytes(png(800, 800))
    (show.folder / "wide.jpg").write_bytes(jpeg(2000, 1500))
    (show.folder / "damaged.png").write_bytes(b"\x89PNG")
    show.settings(settings)
    assert show.codes(capsys, monkeypatch) == [code]


def test_words_that_mean_an_episodes_only_in_its_own_table(show: Show) -> None:
    """Themes have a `type`, a `number` and a `block` of their own; no episode has the number 0."""
    show.settings('image = "/cover.png"')
    show.post("theme", "audio: /1.mp3\ntype: bonus\nnumber: 7\nblock: true", "2026-05-03")
    show.post("table", "audio: /2.mp3\nepisode: {type: bonus, number: 7, block: true}", "2026-05-02")
    show.post("zero", "audio: /3.mp3\nepisode: 0", "2026-05-01")
    show.post("blank", "audio: /4.mp3\nepisode: '  '\nepisode_number: 4", "2026-04-30")
    items = {text(item, "title"): item for item in show.build().findall("item") if text(item, "title") != "first"}
    told = {
        title: [text(item, f"itunes:{name}") for name in ("episodeType", "episode", "block")] for title, item in items.items()
    }
    assert told == {"theme": [None, None, None], "table": ["bonus", "7", "Yes"], "zero": [None] * 3, "blank": [None, "4", None]}


def test_a_show_without_a_language(show: Show, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Every directory wants one."""
    head = "".join(line for line in HEAD.splitlines(keepends=True) if not line.startswith("language"))
    assert head != HEAD
    show.settings('image = "/cover.png"\ncategories = ["Music"]\nowner_email = "a@example.org"', head)
    assert show.codes(capsys, monkeypatch) == ["show-language"]


@pytest.mark.parametrize(("head", "code"), [
    (HEAD.replace('language = "en"\n', "formats = [\"atom\"]\nlanguage = \"en\"\n"), "show-format"),
    (HEAD.replace('description = "An hour of talk."\n', ""), "show-description"),
])  # fmt: skip
def test_what_the_site_lacks(
    show: Show, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, head: str, code: str
) -> None:
    show.settings('image = "/cover.png"\ncategories = ["Music"]\nowner_email = "a@example.org"', head)
    assert show.codes(capsys, monkeypatch) == [code]


@pytest.mark.parametrize(("front", "codes"), [
    ("", ["episode-file"]), ("audio: https://cdn.example.org/1.mp3", ["episode-duration", "episode-length"]),
    ("audio: {url: https://cdn.example.org/1.mp3, length: 5, duration: '1:30'}", []),
    ("audio: {url: https://cdn.example.org/1.ogg, length: 5}\nduration: 90", ["episode-format"]),
    ("enclosure: {url: https://cdn.example.org/1.pdf, length: 5}", []),
    ("audio: first.mp3\nepisode: three", ["episode-number"]), ("audio: first.mp3\nepisode_type: teaser", ["episode-type"]),
    ("audio: first.mp3\ntranscript: https://x.example.org/words.doc", ["transcript"]),
    ("audio: damaged.mp3", ["episode-duration"]),
    ("audio: first.mp3\nsoundbite: 1:13", ["episode-extra"]),
    ("audio: first.mp3\nsoundbite: {start: -1, duration: 5}", ["episode-extra"]),
    ("audio: first.mp3\nsoundbite: {start: 1, duration: 0}", ["episode-extra"]),
    ("audio: first.mp3\nalternate_enclosure: words.unknown", ["episode-extra"]),
    ("audio: first.mp3\nalternate_enclosure: {url: https://x.example.org/a.mp4, type: '\"><x>'}", ["episode-extra"]),
    ("audio: first.mp3\nalternate_enclosure: {url: https://x.example.org/a.mp4, integrity: sha1-x}", ["episode-extra"]),
    ("audio: first.mp3\nvalue: {type: lightning, method: keysend, recipients: []}", ["episode-extra"]),
    ("audio: first.mp3\nvalue: {type: l, method: k, recipients: [{name: A, type: node, address: b, split: half}]}", ["episode-extra"]),
    ("audio: first.mp3\nvalue: 3", []), ("audio: first.mp3\nvalue: {amount: 3}", []),
])  # fmt: skip
def test_what_an_episode_lacks(
    show: Show, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, front: str, codes: list[str]
) -> None:
    (show.folder / "posts/damaged.mp3").write_bytes(b"\xff\xfb" + bytes(range(256)))
    show.post("first", front)
    assert show.codes(capsys, monkeypatch) == codes


def test_a_serial_show_needs_numbers(show: Show, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    show.settings('image = "/cover.png"\ncategories = ["Music"]\nowner_email = "a@example.org"\ntype = "serial"')
    show.post("first", "audio: first.mp3")
    assert show.codes(capsys, monkeypatch) == ["episode-order"]
    show.post("first", "audio: first.mp3\nepisode_type: trailer")
    assert show.codes(capsys, monkeypatch) == []


# settings


@pytest.mark.parametrize(("line", "told"), [
    ('categories = ["Tecnology"]', 'did you mean "Technology"'), ('categories = ["Documentary"]', 'write "Society & Culture / Documentary"'),
    ('categories = ["Arts / Foo"]', 'did you mean "Food"'), ('categories = "Arts"', 'write ["Technology"]'), ('type = "series"', "serial"),
    ('guid = "x"', "is not a UUID"), ('people = [{ role = "host" }]', "it has no name"), ('people = [{ name = "A", rol = "x" }]', 'did you mean "role"'),
    ('value = { type = "lightning", method = "keysend", recipients = [{ name = "A", type = "node", address = "x", split = 0 }] }', "split: 0 is too small"),
    ('explicit = "maybe"', "neither true nor false"), ('imag = "/x.png"', 'did you mean "image"'), ('owner_email = "ada"', "e-mail"),
])  # fmt: skip
def test_a_mistake_names_its_place_and_fix(show: Show, line: str, told: str) -> None:
    show.settings(line)
    with pytest.raises(SettingsError) as raised:
        load(config=show.folder / "feeds.toml", environ={}, flags={}, cwd=show.folder)
    assert told in str(raised.value) and "show" in str(raised.value) and len(raised.value.mistakes) == 1


def test_a_show_of_no_feed_is_told(show: Show, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    show.settings("", HEAD, "category/nothing")
    assert "feed-unknown" in show.codes(capsys, monkeypatch)


def test_categories_are_read_without_regard_to_case() -> None:
    for name, inner in shows.CATEGORIES.items():
        assert CATEGORY.read(name.lower()) == name
        for below in inner:
            assert CATEGORY.read(f"{name.upper()} / {below.upper()}") == f"{name} / {below}"


# files


@pytest.mark.parametrize(("body", "kind", "facts"), [
    (png(30, 20), "image/png", (30, 20, None)), (jpeg(640, 480), "image/jpeg", (640, 480, None)),
    (jpeg(640, 480, orientation=6), "image/jpeg", (480, 640, None)), (b"", "image/png", NOTHING), (b"GIF89a", "image/gif", NOTHING),
    (wav(65), "audio/wav", (None, None, 65)), (mp3(20), "audio/mpeg", (None, None, 20)), (b"", "audio/mpeg", NOTHING),
    (b"RIFF" + b"\xff" * 40, "audio/wav", NOTHING), (b"text", "text/plain", NOTHING),
])  # fmt: skip
def test_facts_come_from_headers(body: bytes, kind: str, facts: tuple[int | None, ...]) -> None:
    """A picture as a reader shows it; of what cannot be read nothing is said, and nothing is raised."""
    assert tuple(facts_of(io.BytesIO(body), kind)) == tuple(facts)


def test_the_facts_of_a_changed_file_are_read_again(show: Show) -> None:
    """Size, length and picture sizes are read again, though the post is as it was."""
    show.post("first", "audio: first.mp3\nimage: pic.png")
    (show.folder / "posts/pic.png").write_bytes(png(30, 20))
    item: Any = show.build().find("item")
    assert text(item, "itunes:duration") == "3725" and item.find("media:content", NAMES).get("width") == "30"
    (show.folder / "posts/first.mp3").write_bytes(mp3(60))
    (show.folder / "posts/pic.png").write_bytes(png(31, 21))
    item = show.build().find("item")
    assert text(item, "itunes:duration") == "60" and item.find("enclosure").get("length") == str(len(mp3(60)))
    content, thumbnail = item.find("media:content", NAMES), item.find("media:thumbnail", NAMES)
    assert (content.get("width"), content.get("height"), thumbnail.get("width")) == ("31", "21", "31")


def test_a_build_notices_a_static_file_that_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also one outside the posts folder, though no post has changed: the next run is not the one with nothing to do."""
    (tmp_path / "content/posts").mkdir(parents=True)
    (tmp_path / "static").mkdir()
    (tmp_path / "static/one.mp3").write_bytes(mp3(30))
    (tmp_path / "content/posts/first.md").write_text("---\ntitle: First\ndate: 2026-05-01\naudio: /one.mp3\n---\nWe talk.\n")
    (tmp_path / "feeds.toml").write_text(
        'base_url = "https://show.example.org/"\nposts = "content"\ngenerator = "hugo"\npermalink = "/posts/:slug/"\n'
    )
    monkeypatch.chdir(tmp_path)
    time.sleep(0.05)
    words = ["build", "--as-of", "2026-06-01T00:00:00Z"]
    assert main(words) == 0 and b'"duration_in_seconds": 30' in (tmp_path / "public/feed.json").read_bytes()
    assert fastpath.probe(words[1:], os.environ) == 0
    (tmp_path / "static/one.mp3").write_bytes(mp3(60))
    assert fastpath.probe(words[1:], os.environ) is None
    assert main(words) == 0 and b'"duration_in_seconds": 60' in (tmp_path / "public/feed.json").read_bytes()


def test_the_page_of_five_minutes_works(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """docs/start/podcast.md from an empty folder: its settings, its post, its two commands; nothing is wrong. docs/podcasts.md has every key."""
    page = (ROOT / "docs/start/podcast.md").read_text("utf-8")
    settings = re.search(r"```toml\n(.*?)```", page, re.DOTALL)
    post = re.search(r"```markdown\n(.*?)```", page, re.DOTALL)
    assert settings and post
    (tmp_path / "posts").mkdir()
    (tmp_path / "feeds.toml").write_text(settings[1])
    (tmp_path / "posts/first.md").write_text(post[1])
    (tmp_path / "posts/first.mp3").write_bytes(mp3(30))
    (tmp_path / "cover.png").write_bytes(png(1400, 1400))
    monkeypatch.chdir(tmp_path)
    assert main(["build", "--as-of", "2026-06-01"]) == 0 and main(["check", "--as-of", "2026-06-01"]) == 0
    assert "nothing is wrong" in capsys.readouterr().out
    assert (tmp_path / "public/cover.png").exists() and (tmp_path / "public/entry/first/first.mp3").exists()
    reference = (ROOT / "docs/podcasts.md").read_text("utf-8")
    for key in SHOW:
        assert f"`{key}`" in reference, key
