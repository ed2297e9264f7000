"""Translations of a post: known by names, folders and front matter; named in Atom entries and pages by `hreflang`."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path

import feedparser
import pytest
from lxml import etree
from test_over_time import START, whole

from feeds.build import run
from feeds.settings import Settings, load

ATOM = "{http://www.w3.org/2005/Atom}"
TOML = 'base_url = "https://example.org/"\nlanguage = "zh-CN"\ntranslations = true\n'

Site = Callable[..., Settings]


@pytest.fixture
def site(make_site: Callable[[Mapping[str, str]], Path]) -> Site:
    def made(posts: Mapping[str, str], toml: str = TOML) -> Settings:
        texts = {
            f"posts/{path}": f"---\ntitle: {path}\ndate: 2021-01-0{number}\n{front}\n---\ntext {number}\n"
            for number, (path, front) in enumerate(posts.items(), 1)
        }
        return load(environ={}, flags={}, cwd=make_site({**texts, "feeds.toml": toml}))

    return made


def alternates(site: Settings, hours: int = 0) -> dict[str, list[tuple[str | None, str]]]:
    """The alternate links of each Atom entry by its title, as (hreflang, slug of the page)."""
    run.publish(site, START + timedelta(hours=hours))
    root = etree.fromstring(whole(site.output)["atom.xml"])
    return {
        entry.findtext(f"{ATOM}title"): [
            (link.get("hreflang"), link.get("href").rstrip("/").rpartition("/")[2])
            for link in entry.iterfind(f"{ATOM}link")
            if link.get("rel") == "alternate"
        ]
        for entry in root.iterfind(f"{ATOM}entry")
    }


@pytest.mark.parametrize(
    "posts",
    [
        {"a.md": "slug: tea", "b.md": "slug: tea\nlang: en"},
        {"zh-cn/a.md": "", "en/a.md": "lang: en"},
        {"zh/2021/a.md": "", "en/2021/a.md": "lang: en"},
        {"a.md": "", "a.en.md": "lang: en"},
        {"a.md": "", "b.md": "lang: en\ntranslation_of: a.md"},
        {"a.md": "", "x/b.md": "lang: en\ntranslation_of: a"},
        {"a.md": "translationKey: tea", "b.md": "lang: en\ntranslationKey: tea"},
        {"a.md": "page_id: tea", "b.md": "lang: en\npage_id: tea"},
        {"a.md": "lang-ref: tea", "b.md": "lang: en\nlang-ref: tea"},
        {"a.md": "permalink: /tea/", "b.md": "lang: en\npermalink: /tea"},
    ],
)
def test_they_are_known(site: Site, posts: Mapping[str, str]) -> None:
    found = alternates(site(posts))
    assert len(found) == 2
    for links in found.values():
        assert sorted(filter(None, (language for language, _ in links))) == ["en", "zh-CN"]


@pytest.mark.parametrize(
    "posts",
    [
        {"a.md": "", "b.md": "lang: en"},
        {"a.md": "slug: tea", "b.md": "slug: tea"},
        {"a.md": "", "en/b.md": "lang: en"},
        {"a.md": "", "b.md": "lang: en\ntranslation_of: nothing.md"},
        {"a.md": "", "a.en.md": "lang: en\ndraft: true"},
        {"no/a.md": "", "a.md": "lang: en"},
    ],
)
def test_others_are_not(site: Site, posts: Mapping[str, str]) -> None:
    for links in alternates(site(posts)).values():
        assert [language for language, _ in links] == [None]


def test_three_languages_and_what_readers_take(site: Site) -> None:
    """The entry's own address is first and last; each (type, hreflang) is there once (RFC 4287 section 4.1.2)."""
    settings = site({"a.md": "", "a.en.md": "lang: en", "c.md": "lang: de\ntranslation_of: a.en.md"})
    found = alternates(settings)
    for links in found.values():
        assert links[0][1] == links[-1][1] and links[-1][0] is None
        assert sorted(language or "" for language, _ in links) == ["", "de", "en", "zh-CN"]
    body = whole(settings.output)["atom.xml"]
    parsed = feedparser.parse(body)
    for entry in parsed.entries:
        own = [item["url"] for item in json.loads(whole(settings.output)["feed.json"])["items"] if item["id"] == entry.id]
        assert [entry.link] == own
    page = next(
        body.decode() for path, body in whole(settings.output).items() if path.startswith("entry/") and b"a.en.md" in body
    )
    assert sorted(re.findall(r'hreflang="([^"]+)"', page)) == ["de", "en", "zh-CN"]


def test_a_translation_that_comes_later_changes_the_other(site: Site) -> None:
    """Also an entry that nothing else has changed; and back again when it goes."""
    settings = site({"a.md": "", "other.md": ""})
    assert alternates(settings)["a.md"] == [(None, "a")]
    (settings.posts / "a.en.md").write_text("---\ntitle: a.en.md\ndate: 2021-01-05\nlang: en\n---\nx\n")
    assert [language for language, _ in alternates(settings, 1)["a.md"]] == ["zh-CN", "en", None]
    (settings.posts / "a.en.md").unlink()
    assert alternates(settings, 2)["a.md"] == [(None, "a")]


def test_off_unless_asked_for(site: Site) -> None:
    settings = site({"a.md": "", "a.en.md": "lang: en"}, TOML.replace("translations = true\n", ""))
    for links in alternates(settings).values():
        assert [language for language, _ in links] == [None]
    assert not [path for path, body in whole(settings.output).items() if b"hreflang" in body]


def test_hugo_names_and_folders(site: Site) -> None:
    """As Hugo's own languages: the file name's, whose pages are below the language's folder."""
    toml = TOML + (
        'generator = "hugo"\n[dialect]\ndefault_language = "zh"\n'
        '[dialect.languages.zh]\ntag = "zh-CN"\n[dialect.languages.en]\ntag = "en"\nprefix = "en"\n'
    )
    settings = site({"posts/a.md": "", "posts/a.en.md": "", "posts/b/index.md": "", "posts/b/index.en.md": ""}, toml)
    found = alternates(settings)
    assert len(found) == 4
    for title, links in found.items():
        assert sorted(filter(None, (language for language, _ in links))) == ["en", "zh-CN"], title
