"""`feeds init`: a site's folder in, a commented feeds.toml out that loads without mistakes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from feeds.build import run
from feeds.dialects.config_files import Found
from feeds.dialects.eleventy import settings as eleventy_settings
from feeds.errors import SettingsError
from feeds.migrate import init, settings_file, surroundings
from feeds.model import Person
from feeds.settings import Settings, load

MakeSite = Callable[[Mapping[str, str | bytes]], Path]


def written(folder: Path) -> tuple[Settings, str]:
    """The settings that init writes into the folder, and what it says."""
    moved_in = init.run(folder)
    output = "\n".join((f"Wrote {moved_in.path}, {moved_in.generator}", *moved_in.notes))
    return load(environ={}, flags={}, cwd=folder, need_base_url="base_url" in moved_in.settings), output


HEXO = """\
title: 小站
subtitle: '写字的地方'
description:
author: 林夏
language:
  - zh-CN
  - en
timezone: 'Asia/Shanghai'
url: http://boats.example/blog
root: /blog/
permalink: posts/:abbrlink.html
source_dir: source
public_dir: public
category_map:
  技术: tech
tag_map:
theme: next
"""


def test_hexo(make_site: MakeSite) -> None:
    """Everything that Hexo knows of the site is taken over, path categories included."""
    site = make_site({"_config.yml": HEXO, "source/_posts/a.md": "x", "package.json": '{"hexo": {}}'})
    settings, output = written(site)
    assert settings.base_url == "http://boats.example/blog/"
    assert settings.posts == site / "source" / "_posts"
    assert settings.output == site / "public"
    assert (settings.title, settings.description) == ("小站", "写字的地方")
    assert (settings.language, settings.timezone) == ("zh-CN", "Asia/Shanghai")
    assert settings.authors == (Person("林夏"),)
    assert settings.category_map == {"技术": "tech"}
    assert settings.categories_mode == "path"
    assert "Hexo" in output


HEXO_PACKAGE = {
    "hexo": {"version": "7.3.0"},
    "dependencies": {
        "hexo": "^7.3.0", "hexo-abbrlink": "^2.2.1", "hexo-blog-encrypt": "^3.1.9", "hexo-asset-image": "^1.0.0",
        "hexo-renderer-markdown-it": "^7.1.1",
    },
}  # fmt: skip
HEXO_OPTIONS = """\
url: https://boats.example
root: /blog/
permalink: :lang/:urlname/
permalink_defaults:
\tlang: en
pretty_urls:
\ttrailing_html: false
new_post_name: :lang/:title.md
filename_case: 1
post_asset_folder: true
ignore: "**/draft-*.md"
exclude: [_posts/diary/**, css/*]
hide_posts: {filter: only_by_link}
skip_render:
  - _posts/**/raw.md
abbrlink: {alg: crc32, rep: hex}
encrypt: {tags: [{name: 私密, password: x}]}
markdown:
  render: {html: false, linkify: false, typographer: true}
  plugins: [markdown-it-footnote, {name: markdown-it-emoji}]
  images: {post_asset: true}
"""


def test_hexo_options(make_site: MakeSite, monkeypatch: pytest.MonkeyPatch) -> None:
    """What has no counterpart among the general settings goes to [dialect] and [markdown]; a missing zone is the machine's."""
    monkeypatch.setenv("TZ", "Asia/Taipei")
    site = make_site({"_config.yml": HEXO_OPTIONS, "source/_posts/a.md": "x", "package.json": json.dumps(HEXO_PACKAGE)})
    settings, output = written(site)
    assert settings.timezone == "Asia/Taipei"
    assert "timezone is Asia/Taipei" in output
    assert (settings.base_url, settings.home_page_url) == ("https://boats.example/blog/", "https://boats.example/")
    assert "url in _config.yml is https://boats.example and root is /blog/" in output
    assert settings.exclude == ("draft-*.md", "raw.md", "diary/*")
    assert settings.visibility.hidden_keys == ("only_by_link",)
    assert settings.dialect == {
        "new_post_name": ":lang/:title.md", "permalink_defaults": {"lang": "en"}, "trailing_html": False, "filename_case": 1,
        "post_asset_folder": True, "abbrlink": "crc32 hex", "encrypted_tags": ["私密"], "prepend_root": True, "post_asset": True,
        "asset_image": True, "root": "/blog/",
    }  # fmt: skip
    flavour = settings.markdown
    assert (flavour["renderer"], flavour["raw_html"], flavour["autolinks"]) == ("markdown-it", False, False)
    assert (flavour["footnotes"], flavour["emoji"], flavour["captions"]) == (True, True, True)


@pytest.mark.parametrize(
    ("package", "renderer"),
    [
        ('{"hexo": {}, "dependencies": {"hexo-renderer-kramed": "*"}}', "kramed"),
        ('{"hexo": {}, "dependencies": {"hexo-renderer-marked": "^0.3.2"}}', "marked-0"),
        ('{"hexo": {}, "dependencies": {"hexo-renderer-marked": "^7.0.0"}}', "marked"),
        ('{"hexo": {}, "dependencies": {"hexo-renderer-marked": "*", "hexo-renderer-markdown": "^1.6.5"}}', "markdown-it"),
        ('{"hexo": {}, "dependencies": {"hexo-renderer-pandoc": "*"}}', "commonmark"),
        ('{"hexo": {}}', "marked"),
        ('{"hexo": ', "marked"),
    ],
)
def test_hexo_renderer(make_site: MakeSite, package: str, renderer: str) -> None:
    """The package that a site asks for says how its Markdown is read."""
    settings, _ = written(
        make_site({"_config.yml": "url: https://boats.example", "source/_posts/a.md": "x", "package.json": package})
    )
    assert settings.markdown["renderer"] == renderer
    if renderer == "marked-0":
        assert (settings.markdown["single_tilde"], settings.markdown["emphasis"]) == (False, "marked-0.3")
    assert settings.markdown.get("fences_in_items", False) is (renderer in ("marked-0", "kramed"))


@pytest.mark.parametrize(
    ("plugin", "own", "emoji"),
    [
        ("hexo-filter-github-emojis", "", True),
        ("hexo-filter-github-emojis", "\ngithubEmojis: {enable: false}", False),
        ("hexo-filter-emoji", "\nemoji: {enable: true}", True),
        ("hexo-pangu", "", False),
    ],
)
def test_hexo_filters(make_site: MakeSite, plugin: str, own: str, emoji: bool) -> None:
    """Names of emoji are read where a plug-in does; one whose work is not done is named."""
    package = f'{{"hexo": {{}}, "dependencies": {{"{plugin}": "*"}}}}'
    files = {"_config.yml": f"url: https://boats.example{own}", "source/_posts/a.md": "x", "package.json": package}
    settings, output = written(make_site(files))
    assert settings.markdown.get("emoji", False) is emoji
    assert ("hexo-pangu puts blanks" in output) is (plugin == "hexo-pangu")


@pytest.mark.parametrize(
    ("version", "emphasis"), [("^3.3.0", "marked-4"), ("^6.3.0", "marked-4"), ("^7.0.1", None), ("latest", None)]
)
def test_hexo_emphasis(make_site: MakeSite, version: str, emphasis: str | None) -> None:
    """Until version 6, hexo-renderer-marked brings a marked to which Chinese punctuation is text like any other."""
    package = f'{{"hexo": {{}}, "dependencies": {{"hexo-renderer-marked": "{version}"}}}}'
    files = {"_config.yml": "url: https://boats.example", "source/_posts/a.md": "x", "package.json": package}
    assert written(make_site(files))[0].markdown.get("emphasis") == emphasis


def test_hexo_machine_zone_is_told(make_site: MakeSite, monkeypatch: pytest.MonkeyPatch) -> None:
    """Days in addresses are the machine's: a note says so where the blog names another zone."""
    monkeypatch.setenv("TZ", "UTC")
    site = make_site({"_config.yml": HEXO, "source/_posts/a.md": "x", "package.json": '{"hexo": {}}'})
    settings, output = written(site)
    assert settings.timezone == "Asia/Shanghai"
    assert "machine_timezone" in output and "machine_timezone" not in settings.dialect


PACKAGE = '{"hexo": {}, "dependencies": {"hexo": "7"}, "scripts": {"build": "hexo clean && hexo g --config main.yml,more.yml"}}'


@pytest.mark.parametrize(
    ("files", "title", "base_url"),
    [
        ({"_config.yml": "title: A\nurl: https://a.example\n"}, "A", "https://a.example/"),
        (
            {"package.json": PACKAGE, "_config.yml": "title: A\n", "main.yml": "title: B\nurl: https://b.example\n", "more.yml": "title: C\n"},
            "C",
            "https://b.example/",
        ),
        ({"package.json": PACKAGE, "_config.yml": "title: A\nurl: https://a.example\n", "main.yml": "title: B\n"}, "A", "https://a.example/"),
        (
            {"_config.main.yml": "title: D\nurl: https://d.example\npermalink: :title/\n", "_config.next.yml": "menu:\n  home: /\n"},
            "D",
            "https://d.example/",
        ),
    ],
    ids=["_config.yml", "files of a script", "a file of a script that is not there", "_config.main.yml"],
)  # fmt: skip
def test_hexo_settings_files(make_site: MakeSite, files: Mapping[str, str], title: str, base_url: str) -> None:
    """Hexo's settings are in _config.yml, or in the files that the site's own scripts give it; later ones win."""
    settings, _ = written(make_site({"package.json": '{"hexo": {}}', "source/_posts/a.md": "---\ntitle: a\n---\nx", **files}))
    assert (settings.title, settings.base_url) == (title, base_url)


@pytest.mark.parametrize(
    ("plugin", "formulas"),
    [("@traptitech/markdown-it-katex", "dollars"), ("markdown-it-mathjax", "all"), ("markdown-it-ins", "dollars")],
)
def test_hexo_formulas(make_site: MakeSite, plugin: str, formulas: str) -> None:
    """Which plug-in of markdown-it reads formulas decides what one looks like."""
    config = f"url: https://a.example\nmarkdown:\n  plugins:\n    - '{plugin}'\n"
    package = '{"dependencies": {"hexo": "7", "hexo-renderer-markdown-it": "7"}}'
    settings, output = written(make_site({"_config.yml": config, "package.json": package, "source/_posts/a.md": "x"}))
    assert settings.markdown.get("formulas", "dollars") == formulas
    assert "not taken over" not in output


@pytest.mark.parametrize(
    ("version", "prepends"), [("^0.3.2", False), ("^4.1.0", False), ("~4.0", False), ("^5.0.0", True), ("7", True), ("*", True)]
)
def test_hexo_pictures_before_version_5(make_site: MakeSite, version: str, prepends: bool) -> None:
    """hexo-renderer-marked puts the site's root before addresses of pictures from version 5 on, or where it is told to."""
    package = json.dumps({"dependencies": {"hexo": "4", "hexo-renderer-marked": version}})
    files = {"_config.yml": "url: https://a.example\n", "package.json": package, "source/_posts/a.md": "x"}
    assert written(make_site(files))[0].dialect.get("prepend_root", False) is prepends
    files["_config.yml"] += "marked:\n  prependRoot: true\n"
    (site := make_site(files)).joinpath("feeds.toml").unlink(missing_ok=True)
    assert written(site)[0].dialect["prepend_root"] is True


def test_hexo_without_its_posts(make_site: MakeSite) -> None:
    """Files in other folders are none of Hexo's posts: what to do is said, and no other folder is taken."""
    files = {"_config.yml": "url: https://a.example\n", "package.json": '{"hexo": {}}', "backup/a.md": "---\ntitle: a\n---\nx"}
    moved_in = init.run(make_site(files))
    assert moved_in.settings["posts"] == "source/_posts"
    assert any("source/_posts is not there" in note and "submodule" in note for note in moved_in.notes)
    assert any('generator = "plain"' in note and "backup (1)" in note for note in moved_in.notes)


OWN_KEYS = "url: https://boats.example\npermalink: :title/\nnew_post_name: :title.md\n"


@pytest.mark.parametrize(
    ("files", "permalink", "said_of_settings"),
    [
        ({}, ":year/:month/:day/:title/", "whose settings are not here"),
        ({"hexo_config.yml": OWN_KEYS}, ":title/", "are taken from hexo_config.yml"),
        ({"_config.yml": "menu:\n  home: /\n", "hexo.config.yaml": OWN_KEYS}, ":title/", "are taken from hexo.config.yaml"),
    ],
    ids=["alone", "with settings", "with settings beside a theme's"],
)
def test_the_source_folder_of_a_hexo_site(
    make_site: MakeSite, files: Mapping[str, str], permalink: str, said_of_settings: str
) -> None:
    """A repository that holds no more than what is below source is not taken for Jekyll's, which has dates in its names."""
    settings, output = written(make_site({"_posts/ropes.md": "---\ntitle: a\n---\nx", "about/index.md": "x", **files}))
    assert (settings.generator, settings.posts.name, settings.permalink) == ("hexo", "_posts", permalink)
    assert said_of_settings in output


@pytest.mark.parametrize(
    "files",
    [
        {"_posts/2020-01-01-a.md": "---\n---\nx"},
        {"_posts/a.md": "x", "_layouts/post.html": "x"},
        {"_posts/a.md": "x", "Gemfile": ""},
        {"_posts/a.md": "x", "_config.yml": "title: A\n"},
    ],
    ids=["dates", "layouts", "Gemfile", "settings"],
)
def test_posts_of_jekyll_are_not_a_hexo_source(make_site: MakeSite, files: Mapping[str, str]) -> None:
    assert written(make_site(files))[0].generator == "jekyll"


def test_a_site_in_a_folder_below(make_site: MakeSite) -> None:
    """A repository with a program and its site: the folder of the site is named."""
    moved_in = init.run(
        make_site({"lib/a.rb": "", "docs/_config.yml": "title: A\n", "docs/_posts/2020-01-01-a.md": "---\n---\nx"})
    )
    assert moved_in.generator == ""
    assert "The folder docs belongs to Jekyll: to publish that site, run feeds init in it." in moved_in.notes


@pytest.mark.parametrize(
    "files",
    [
        {"_config.yml": "production_url: https://a.example\n"},
        {"_config.yml": "title: A\n", "atom.xml": '---\n---\n<feed><link href="https://a.example/atom.xml" rel="self"/><id>https://a.example/</id>{% for a in b %}'},
        {"_config.yml": "title: A\n", "feed.xml": "---\n---\n<rss><channel><link>https://a.example</link>{% for a in b %}"},
        {"_config.yml": "title: A\n", "feed.xml": "---\n---\n<rss><link>{{ site.url }}</link></rss>", "atom.xml": "<feed><link href='https://a.example/' /></feed>"},
    ],
    ids=["production_url", "Atom's id", "RSS's link", "Atom's link"],
)  # fmt: skip
def test_jekyll_address_elsewhere(make_site: MakeSite, files: Mapping[str, str]) -> None:
    """Where `url` is not set, the address is that of Jekyll Bootstrap's settings, or of the template of the site's feed."""
    settings, _ = written(make_site({"_posts/2020-01-01-a.md": "---\n---\nx", **files}))
    assert settings.base_url == "https://a.example/"


@pytest.mark.parametrize(
    ("line", "permalink"),
    [
        ("permalink: /blog/:year/:title/", "/blog/:year/:title/"),
        ("permalink: pretty", "pretty"),
        ("", "date"),
    ],
)
def test_jekyll(make_site: MakeSite, line: str, permalink: str) -> None:
    """Jekyll keeps the path below the host apart, and reads categories side by side."""
    config = f"""\
title: No
url: https://boats.example
baseurl: "/notes"
lang: en-GB
author:
  name: Ben Okafor
  email: ben@boats.example
  uri: https://ben.boats.example/
plugins:
  - jekyll-feed
{line}
"""
    settings, _ = written(make_site({"_config.yml": config, "_posts/2021-08-04-a.md": "x"}))
    assert settings.base_url == "https://boats.example/notes/"
    assert settings.title == "No", "a title is text, whatever YAML thinks"
    assert settings.language == "en-GB"
    assert settings.authors == (Person("Ben Okafor", "https://ben.boats.example/", "ben@boats.example"),)
    assert settings.permalink == permalink
    assert settings.categories_mode == "parallel"
    assert settings.output.name == "feeds-public", "jekyll-feed writes its own feed into _site"


@pytest.mark.parametrize(
    ("files", "told", "not_told"),
    [
        ({}, ["removes from _site"], ["own feed", "itself"]),
        (
            {"_config.yml": "plugins: [jekyll-feed]\n"},
            ["writes its own feed to _site/feed.xml"],
            ["removes from", "delete that file"],
        ),
        (
            {"_config.yml": "plugins: [jekyll-feed]\n", "_site/feed.xml": "<rss/>"},
            ["_site/feed.xml is the feed that", "delete that file"],
            ["removes from"],
        ),
    ],
)
def test_what_is_told_of_the_output_is_true_of_it(
    make_site: MakeSite, files: Mapping[str, str], told: Sequence[str], not_told: Sequence[str]
) -> None:
    """Only of the folder that was chosen, and of files that are there."""
    site = make_site({"_config.yml": "title: Boats\n", "_posts/2021-08-04-a.md": "---\n---\nx", **files})
    _, output = written(site)
    assert [text for text in told if text not in output] == []
    assert [text for text in not_told if text in output] == []


@pytest.mark.parametrize(
    ("files", "folder"),
    [
        ({"docs/a.md": "x", "docs/b/c.md": "x", "index.md": "x"}, "docs"),
        ({"a.md": "x", "_includes/b.md": "x", "_x/c.md": "x"}, "."),
    ],
)
def test_a_jekyll_site_of_pages_is_told_what_to_do(make_site: MakeSite, files: Mapping[str, str], folder: str) -> None:
    """E.g. documentation with the theme just-the-docs."""
    notes = init.run(make_site({"_config.yml": "url: https://boats.example\n", **files})).notes
    assert any("nothing will be published" in note and f'posts = "{folder}"' in note for note in notes)


@pytest.mark.parametrize("posts", [{}, {"a/_posts/2021-08-04-a.md": "---\n---\nx"}], ids=["none", "some"])
def test_a_jekyll_site_of_collections_is_told_what_to_do(make_site: MakeSite, posts: Mapping[str, str]) -> None:
    config = "collections: {notes: {output: true}, data: {output: false}}\n"
    _, output = written(make_site({"_config.yml": config, "_notes/a.md": "---\n---\nx", "_data/b.md": "x", **posts}))
    assert ('its collections (notes) are pages to it. To publish a collection, set posts = "_notes"' in output) == (not posts)


@pytest.mark.parametrize(
    ("url", "base_url"),
    [
        ("www.boats.example", "https://www.boats.example/"),
        ("boats.example/notes", "https://boats.example/notes/"),
        ("http://boats.example", "http://boats.example/"),
    ],
)
def test_jekyll_host_without_scheme(make_site: MakeSite, url: str, base_url: str) -> None:
    """Old blogs name only their host."""
    settings, _ = written(make_site({"_config.yml": f"url: {url}\n", "_posts/2021-08-04-a.md": "x"}))
    assert settings.base_url == base_url


@pytest.mark.parametrize(
    ("written", "tag"), [("en_US", "en-US"), ("zh_CN.UTF-8", "zh-CN"), ("中文", "zh-CN"), ("pt-br", "pt-BR")]
)
def test_a_locale_is_taken_for_its_language(make_site: MakeSite, written: str, tag: str) -> None:
    """Jekyll's themes have `locale: en_US`."""
    moved_in = init.run(
        make_site({"_config.yml": f"url: https://a.example\nlocale: {written}\n", "_posts/2021-01-01-a.md": "a\n"})
    )
    assert moved_in.settings["language"] == tag and not any("language" in note for note in moved_in.notes)


def test_null_in_a_generators_settings_is_nothing(make_site: MakeSite) -> None:
    """`null` and `~` are no texts; in quotes they are."""
    config = 'url: https://a.example\ntitle: "null"\ndescription: ~\ntimezone:  null\nlang: Null\npermalink: null\n'
    moved_in = init.run(make_site({"_config.yml": config, "_posts/2021-01-01-a.md": "a\n"}))
    assert moved_in.settings["title"] == "null" and not {"description", "language"} & moved_in.settings.keys()
    assert moved_in.settings["permalink"] == "date" and not any("null" in note for note in moved_in.notes)


def test_hugo_host_without_scheme(make_site: MakeSite) -> None:
    """Hugo takes a host for a path below the root; it is the blog's address all the same."""
    settings, _ = written(make_site({"hugo.toml": "baseURL = 'boats.example'\n", "content/posts/a.md": "x"}))
    assert settings.base_url == "https://boats.example/"


@pytest.mark.parametrize(
    ("name", "config", "permalinks"),
    [
        (
            "hugo.toml",
            'baseURL = "https://boats.example/"\ntitle = "Site"\nlanguageCode = "en-us"\ntimeZone = "Europe/Berlin"\n'
            '[permalinks]\n  post = "/:year/:month/:slug/"\n[params]\n  description = "About"\n  author = "Ann"\n',
            {"post": "/:year/:month/:slug/"},
        ),
        (
            "config.yaml",
            "baseurl: https://boats.example/\ntitle: Site\nlanguageCode: en-us\ntimeZone: Europe/Berlin\n"
            "permalinks:\n  page:\n    post: /:section/:filename/\n"
            "params:\n  description: About\n  author: {name: Ann}\n",
            {"post": "/:section/:filename/"},
        ),
        (
            "config/_default/hugo.json",
            '{"baseURL": "https://boats.example/", "title": "Site", "languageCode": "en-us", "timeZone": "Europe/Berlin",'
            ' "params": {"description": "About", "author": "Ann"}}',
            {},
        ),
    ],
)  # fmt: skip
def test_hugo(make_site: MakeSite, name: str, config: str, permalinks: dict[str, str]) -> None:
    """Hugo's settings in each of its three syntaxes, keys in any case."""
    settings, _ = written(make_site({name: config, "content/post/a.md": "x"}))
    assert (settings.base_url, settings.title, settings.description) == ("https://boats.example/", "Site", "About")
    assert (settings.language, settings.timezone) == ("en-US", "Europe/Berlin")
    assert settings.posts.name == "content"
    assert settings.dialect.get("permalinks", {}) == permalinks
    assert settings.authors == (Person("Ann"),)


PELICAN = """\
import os
AUTHOR = 'Ann'
SITENAME = "Ann's " "notes"
SITEURL = ''
PATH = 'content'
ARTICLE_PATHS = ['articles']
TIMEZONE = 'Europe/Paris'
DEFAULT_LANG = 'fr'
DEFAULT_CATEGORY = 'misc'
ARTICLE_URL = 'posts/{date:%Y}/{date:%b}/{slug}/'
OUTPUT_PATH = os.environ.get('OUT', 'output')
open('executed', 'w').write('x')
"""


def test_pelican_is_read_and_never_run(make_site: MakeSite, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what is a literal is taken; nothing of the file is executed."""
    site = make_site({
        "pelicanconf.py": PELICAN,
        "publishconf.py": "from pelicanconf import *\nSITEURL = 'https://boats.example'\n",
        "content/articles/a.md": "Title: x\n\nx",
    })  # fmt: skip
    monkeypatch.chdir(site)
    settings, _ = written(site)
    assert not (site / "executed").exists()
    assert settings.base_url == "https://boats.example/"
    assert settings.title == "Ann's notes"
    assert settings.posts == site / "content"
    assert (settings.timezone, settings.language, settings.default_category) == ("Europe/Paris", "fr", "misc")
    assert settings.dialect == {
        "article_paths": ["articles"],
        "article_url": "posts/{date:%Y}/{date:%b}/{slug}/",
        "default_lang": "fr",
    }


def test_pelicans_settings_may_be_in_publishconf_alone(make_site: MakeSite, monkeypatch: pytest.MonkeyPatch) -> None:
    site = make_site({
        "publishconf.py": "SITENAME = u'Boats'\nSITEURL = 'https://boats.example'\nARTICLE_URL = '{date:%Y}/{slug}/'\n",
        "content/a.rst": "A\n#\n\n:date: 2021-01-02\n\nx",
    })  # fmt: skip
    monkeypatch.chdir(site)
    settings, _ = written(site)
    assert (settings.generator, settings.title, settings.posts) == ("pelican", "Boats", site / "content")
    assert settings.dialect == {"article_url": "{date:%Y}/{slug}/"}


def test_a_publishconf_of_another_program_is_not_pelicans(make_site: MakeSite, monkeypatch: pytest.MonkeyPatch) -> None:
    site = make_site({"publishconf.py": "URL = 'https://boats.example'\n", "posts/a.md": "# A\n\nx"})
    monkeypatch.chdir(site)
    settings, _ = written(site)
    assert settings.generator != "pelican"


NIKOLA = """
BLOG_TITLE = "Boats"
SITE_URL = "https://boats.example/"
POSTS = (("posts/*.md", "posts", "post.tmpl"),)
PAGES = ()
"""


@pytest.mark.parametrize(
    ("sections", "options"),
    [
        ("POSTS_SECTIONS = True", {"category_from_folder": True}),
        ("POSTS_SECTIONS = True\nPOSTS_SECTION_NAME = {'posts': 'Boats'}", {"category_from_folder": True, "category_names": {"posts": "Boats"}}),
        ("POSTS_SECTIONS = True\nPOSTS_SECTION_FROM_META = True", {}),
        ("POSTS_SECTIONS = False", {}),
    ],
)  # fmt: skip
def test_nikolas_sections_are_categories(
    make_site: MakeSite, monkeypatch: pytest.MonkeyPatch, sections: str, options: dict[str, object]
) -> None:
    """As Nikola 8 takes them."""
    site = make_site({"conf.py": f"{NIKOLA}{sections}\n", "posts/a.md": ".. title: A\n.. date: 2021-01-02\n\nx"})
    monkeypatch.chdir(site)
    settings, _ = written(site)
    assert {key: value for key, value in settings.dialect.items() if key not in ("posts", "pages")} == options


def test_a_blank_behind_nikolas_slug_is_in_the_address(make_site: MakeSite, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nikola strips the line of no key, and the page lies there."""
    site = make_site({"conf.py": NIKOLA, "posts/a.md": "<!--\n.. title: A\n.. slug: tea \n.. date: 2021-01-02\n-->\n\nx"})
    monkeypatch.chdir(site)
    settings, _ = written(site)
    outcome = run.publish(settings, datetime(2026, 1, 1, tzinfo=UTC))
    assert [entry.permalink for entry in outcome.built.publication.feeds[0].entries] == ["https://boats.example/posts/tea%20/"]


def test_pelicans_posts_without_a_date_of_their_own(make_site: MakeSite) -> None:
    """DEFAULT_DATE = "fs" is no date: such posts are those without one."""
    site = make_site({
        "pelicanconf.py": "SITENAME = 'A'\nSITEURL = 'https://boats.example'\nDEFAULT_DATE = 'fs'\n", "content/a.md": "Title: x\n\nx",
    })  # fmt: skip
    settings, _ = written(site)
    assert settings.dialect == {"dates_from_files": True}


@pytest.mark.parametrize("keys", [("URL", "SITENAME"), ("site_url", "site_title"), ("baseURL", "siteName")])
def test_names_of_an_eleventy_site_s_facts(keys: tuple[str, str]) -> None:
    facts = eleventy_settings._site({"global": dict(zip(keys, ("https://boats.example", "Boats"), strict=True))})
    assert (facts["url"], facts["title"]) == ("https://boats.example", "Boats")


def test_eleventy(make_site: MakeSite) -> None:
    """What stands in Eleventy's data and in the literals of its settings is taken, and said to be guessed."""
    site = make_site({
        "eleventy.config.js": 'export default {\n  // input: "no",\n  dir: { input: "src", output: "dist" },\n};',
        "src/_data/metadata.js": "export default {\n  title: 'Base Blog',\n  url: 'https://boats.example/',\n"
        "  language: \"en\",\n  author: { name: \"Ann\", url: 'https://ann.boats.example/' },\n};\n",
        "src/blog/a.md": "x",
    })  # fmt: skip
    settings, output = written(site)
    assert (settings.base_url, settings.title, settings.language) == ("https://boats.example/", "Base Blog", "en")
    assert settings.posts == site / "src"
    assert settings.output == site / "dist"
    assert settings.authors == (Person("Ann"),)
    assert settings.dialect == {"folders": ["src/_data"], "collection_globs": ["src/blog/**"]}
    assert "check" in output


def test_a_vault_without_its_folder_is_known_by_its_links(make_site: MakeSite) -> None:
    """Many share a vault without .obsidian; a folder in which code alone has such brackets is none."""
    notes = {f"topic/{number}.md": f"see [[{number + 1}]] and ![[{number}.png]]\n" for number in range(8)}
    vault = init.run(make_site({**notes, "plain.md": "no link\n"}))
    assert (vault.settings["generator"], vault.settings["posts"]) == ("obsidian", ".")
    assert any("read as a vault" in note for note in vault.notes)


@pytest.mark.parametrize("text", ["```sh\nif [[ -f a ]]; then\n```\nno link\n", "run `[[ -f a ]]` here\n", "[a](b.md)\n"])
def test_brackets_in_code_make_no_vault(make_site: MakeSite, text: str) -> None:
    folder = make_site({f"topic/{number}.md": text for number in range(8)})
    assert init.run(folder).generator == ""


def test_a_folder_of_nothing_but_posts(make_site: MakeSite) -> None:
    """With nothing to go by, the file still loads, and says what must be changed."""
    site = make_site({"articles/a.md": "x"})
    settings, _said = written(site)
    assert settings.posts == site / "articles"
    assert "SET THIS" in (site / "feeds.toml").read_text()
    with pytest.raises(SettingsError, match="base_url: is missing"):
        load(environ={}, flags={}, cwd=site)


def test_a_folder_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    """It was mistyped."""
    with pytest.raises(SettingsError, match="is not a folder"):
        init.run(tmp_path / "new")
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    "url",
    ["https://example.com/", "http://yoursite.com", "https://your-domain.net", "http://localhost:4000", "username.github.io"],
)
def test_a_placeholder_is_never_published(make_site: MakeSite, url: str) -> None:
    """An address that the theme wrote for the author to replace is left out, and said; the build then asks for it."""
    site = make_site({"_config.yml": f"url: {url}\ntitle: x\n", "_posts/2021-01-01-a.md": "---\ntitle: a\n---\nx"})
    settings, output = written(site)
    assert settings.base_url == "http://localhost/" and "placeholder" in output


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://tea.example.org/", True),
        ("https://example.com.cn/", False),
        ("https://tea.example/", False),
        ("http://192.168.7.9:8000/blog/", True),
        ("http://10.0.0.2/", True),
        ("http://8.8.8.8/", False),
    ],
)
def test_a_name_below_a_placeholder_may_be_meant(make_site: MakeSite, url: str, said: bool) -> None:
    """Only somebody who tries the program, or a network of few readers, has a blog there: it is taken, and the author is asked."""
    site = make_site({"_config.yml": f"url: {url}\ntitle: x\n", "_posts/2021-01-01-a.md": "---\ntitle: a\n---\nx"})
    settings, output = written(site)
    assert settings.base_url == url and ("correct base_url before the first build" in output) is said


@pytest.mark.parametrize(
    "files",
    [
        {
            "pelicanconf.py": "SITEURL = 'tea.example/blog'\nPATH = 'content'\n",
            "content/a.md": "Title: A\nDate: 2021-01-01\n\nText.\n",
        },
        {"config.toml": 'base_url = "//tea.example/blog"\n', "content/a.md": '+++\ntitle = "A"\ndate = 2021-01-01\n+++\nText.\n'},
        {"conf.py": "SITE_URL = 'tea.example/blog/'\nPOSTS = (('posts/*.md', 'posts', 'post.tmpl'),)\n", "posts/a.md": "Text.\n"},
    ],
)
def test_an_address_without_its_scheme(make_site: MakeSite, files: dict[str, str]) -> None:
    assert written(make_site(files))[0].base_url == "https://tea.example/blog/"


@pytest.mark.parametrize(
    ("files", "url"),
    [
        ({"CNAME": "notes.boats.example\n"}, "https://notes.boats.example/"),
        ({"static/CNAME": "notes.boats.example"}, "https://notes.boats.example/"),
        ({"package.json": '{"homepage": "https://boats.example/blog"}'}, "https://boats.example/blog/"),
        ({".git/config": '[remote "origin"]\n\turl = git@github.com:Ann/notes.git\n'}, "https://ann.github.io/notes/"),
        ({".git/config": '[remote "origin"]\n\turl = https://github.com/ann/ann.github.io\n'}, "https://ann.github.io/"),
        (
            {"_config.yml": "repository: ann/notes\n", "_posts/2021-01-01-a.md": "---\ntitle: a\n---\nx"},
            "https://ann.github.io/notes/",
        ),
        (
            {
                "_config.yml": "url: http://example.com\ndeploy:\n  - type: git\n    repo:\n      github: git@github.com:Ann/ann.github.io.git,main\n",
                "source/_posts/a.md": "---\ntitle: a\n---\nx",
            },
            "https://ann.github.io/",
        ),
    ],
)
def test_the_address_is_found_around_the_blog(make_site: MakeSite, files: Mapping[str, str], url: str) -> None:
    """A CNAME file, package.json, the repository's remote; and where it comes from is said."""
    settings, output = written(make_site({"posts/a.md": "---\ntitle: a\n---\nx", **files}))
    assert settings.base_url == url and f"base_url is {url}" in output


@pytest.mark.parametrize("facts", ['"name": "some-theme"', '"description": "A Jekyll theme"', '"keywords": ["jekyll", "theme"]'])
def test_the_homepage_of_a_theme_is_not_the_blogs(make_site: MakeSite, facts: str) -> None:
    """A blog that is a copy of its theme has the theme's package.json."""
    package = f'{{{facts}, "homepage": "https://ann.example/theme"}}'
    settings, _ = written(
        make_site({"_config.yml": "title: A\n", "package.json": package, "_posts/2020-01-01-a.md": "---\n---\nx"})
    )
    assert settings.base_url == "http://localhost/"  # none found


def test_the_folder_of_a_users_page_names_the_address(tmp_path: Path) -> None:
    """A folder called ann.github.io is what GitHub publishes at that address."""
    site = tmp_path / "ann.github.io"
    (site / "_posts").mkdir(parents=True)
    (site / "_config.yml").write_text("title: x\n")
    (site / "_posts/2021-01-01-a.md").write_text("---\ntitle: a\n---\nx")
    assert written(site)[0].base_url == "https://ann.github.io/"


def test_eleventy_facts_in_the_feeds_template(make_site: MakeSite) -> None:
    """Where no data file names the site, the feed's own template does; a plug-in's templateFormats are not Eleventy's."""
    site = make_site({
        ".eleventy.js": 'c.addPlugin(p, { templateFormats: ["*"] });\nreturn { templateFormats: ["njk", "md"], dir: { input: "src" } };',
        "src/feed.njk": '---json\n{"permalink": "feed.xml", "metadata": {"title": "Boats", "url": "https://boats.example/"}}\n---\nx',
        "src/posts/a.md": "---\ntags: posts\n---\nx",
    })  # fmt: skip
    settings, _said = written(site)
    assert (settings.base_url, settings.title) == ("https://boats.example/", "Boats")
    assert settings.dialect["formats"] == ["njk", "md"]


def test_posts_are_found_where_they_are(make_site: MakeSite) -> None:
    """The generator's usual folder is not there: the one with the most posts is taken, the others are named."""
    post = "---\ntitle: a\n---\nx"
    site = make_site({
        "hugo.toml": "baseURL = 'https://boats.example/'\ncontentDir = 'text'\n", "docs/guide.md": post, "README.md": "# x",
        **{f"notes/2021/{n}.md": post for n in range(5)},
    })  # fmt: skip
    settings, output = written(site)
    assert settings.posts == site / "notes/2021" and "docs (1)" in output


FEED = {
    "rss": '<rss version="2.0"><channel><title>x</title><item><guid>old-1</guid><title>a</title></item></channel></rss>',
    "atom": '<feed xmlns="http://www.w3.org/2005/Atom"><title>x</title><entry><id>old-1</id><title>a</title></entry></feed>',
}


@pytest.mark.parametrize(
    ("generator", "feed", "path", "format"),
    [
        ({"_config.yml": "url: https://boats.example\n", "_posts/2021-01-01-a.md": "---\ntitle: a\n---\nx"}, "_site", "feed.xml", "atom"),
        ({"hugo.toml": "baseURL = 'https://boats.example/'\n", "content/posts/a.md": "---\ntitle: a\n---\nx"}, "public", "index.xml", "rss"),
        ({"posts/a.md": "---\ntitle: a\n---\nx", "CNAME": "boats.example"}, ".", "rss.xml", "atom"),
        ({"posts/a.md": "---\ntitle: a\n---\nx", "CNAME": "boats.example"}, "docs", "atom.xml", "atom"),
    ],
)  # fmt: skip
def test_the_old_feeds_address_stays(
    make_site: MakeSite, generator: Mapping[str, str], feed: str, path: str, format: str
) -> None:
    """Subscribers need not subscribe again; and the generator's own output is not fought over."""
    site = make_site({**generator, f"{feed}/{path}": FEED[format]})
    settings, output = written(site)
    assert getattr(settings.paths, format) == path
    assert len({settings.paths.rss, settings.paths.atom, settings.paths.json}) == 3
    shared = (site / str(settings.output.relative_to(site)) / path).exists()
    assert not shared and ("feeds-public" in output) == (feed in ("_site", "public"))


POST = {"_posts/2021-01-01-a.md": "---\ntitle: a\n---\nx"}
JEKYLL = "url: https://boats.example\nplugins: [jekyll-feed]\n"
HUGO = "baseURL = 'https://boats.example/'\n"


@pytest.mark.parametrize(
    ("files", "paths", "limit", "content"),
    [
        ({"_config.yml": JEKYLL, **POST}, {"atom": "feed.xml"}, 10, None),
        ({"_config.yml": JEKYLL + "feed: {path: atom.xml, posts_limit: 7, excerpt_only: true}\n", **POST}, {"atom": "atom.xml"}, 7, "summary"),
        (
            {
                "_config.yml": "url: https://boats.example\n", "rss.xml": "---\n---\n<rss>{% for post in site.posts limit:12 %}<item></item>{% endfor %}",
                **POST,
            },
            {"rss": "rss.xml"}, 12, None,
        ),
        (
            {
                "_config.yml": "url: https://boats.example\nfeed: {type: [atom, rss2], path: [atom.xml, rss2.xml], limit: 9, content: false}\n",
                "package.json": '{"dependencies": {"hexo": "7", "hexo-generator-feed": "3"}}', "source/_posts/a.md": "---\ntitle: a\n---\nx",
            },
            {"atom": "atom.xml", "rss": "rss2.xml"}, 9, "summary",
        ),
        ({"hugo.toml": HUGO + "[services.rss]\nlimit = 15\n", "content/posts/a.md": "x"}, {"rss": "index.xml"}, 15, None),
        ({"hugo.toml": HUGO + "[services.rss]\nlimit = 501\n", "content/posts/a.md": "x"}, {"rss": "index.xml"}, None, None),
        ({"hugo.toml": HUGO + "disableKinds = ['RSS']\n", "content/posts/a.md": "x"}, {"rss": "rss.xml"}, None, None),
        (
            {"config.toml": "base_url = 'https://boats.example'\ngenerate_feeds = true\nfeed_limit = 5\n", "content/a.md": "+++\n+++\nx"},
            {"atom": "atom.xml"}, 5, None,
        ),
        (
            {
                "conf.py": "SITE_URL = 'https://boats.example/'\nBLOG_TITLE = 'x'\nPOSTS = (('posts/*.md', 'posts', 'post.tmpl'),)\nFEED_LENGTH = 8\n",
                "posts/a.md": "x",
            },
            {"rss": "rss.xml"}, 8, None,
        ),
        (
            {"conf.py": "SITE_URL = 'https://boats.example/'\nPOSTS = (('posts/*.md', 'posts', 'post.tmpl'),)\n", "posts/a.md": "x"},
            {"rss": "rss.xml"}, 10, None,
        ),
        (
            {
                "config/setting.json": '{"config": {"domain": "https://boats.example"}}', "config/posts.json": "{}",
                "config/theme.json": '{"config": {"siteName": "T", "feedCount": 13, "feedFullText": false}}', "posts/a.md": "x",
            },
            {"atom": "atom.xml"}, 13, "summary",
        ),
        ({"config/posts.json": "{}", "config/theme.json": "{}", "posts/a.md": "x"}, {"atom": "atom.xml"}, 10, None),
        (
            {
                "docusaurus.config.js": "const most = 4;\nmodule.exports = { url: 'https://boats.example', presets: [['classic', "
                "{ blog: { routeBasePath: '/', editUrl: (x) => x, feedOptions: { type: 'all', limit: most } } }]] };",
                "blog/a.md": "x",
            },
            {"rss": "rss.xml", "atom": "atom.xml"}, 4, None,
        ),
        (
            {
                "mkdocs.yml": "site_name: T\nsite_url: https://boats.example\nplugins:\n  - search\n  - rss:\n      length: 30\n"
                "      abstract_chars_count: -1\n",
                "docs/blog/posts/a.md": "x",
            },
            {"rss": "feed_rss_created.xml"}, 30, None,
        ),
        (
            {
                "eleventy.config.js": 'c.addPlugin(feedPlugin, { type: "atom", outputPath: "/news.xml", collection: { name: "posts", limit: 6 }, '
                'metadata: { base: "https://boats.example/" } });',
                "posts/a.md": "x",
            },
            {"atom": "news.xml"}, 6, None,
        ),
    ],
)  # fmt: skip
def test_the_feed_that_the_generator_would_make_stays(
    make_site: MakeSite, files: Mapping[str, str], paths: Mapping[str, str], limit: int | None, content: str | None
) -> None:
    """Nothing is built yet, but the generator's settings say where its feed is, how long, and whether whole."""
    settings, output = written(make_site(files))
    assert {format: getattr(settings.paths, format) for format in paths} == paths
    assert settings.limit == (
        limit or Settings(base_url="", posts=Path(), output=Path(), state=Path()).limit
    ) and settings.content == (content or "full")
    assert ("feeds-public" in output) == ("disableKinds" not in str(files))


@pytest.mark.parametrize(
    "files",
    [
        {"mkdocs.yml": "site_name: T\nplugins: [search]\n", "docs/a.md": "x"},
        {"mkdocs.yml": "site_name: T\nplugins:\n  rss: {enabled: false}\n", "docs/a.md": "x"},
        {"docusaurus.config.js": "module.exports = { presets: [['classic', { blog: false }]] };", "blog/a.md": "x"},
        {
            "docusaurus.config.js": "module.exports = { presets: [['classic', { blog: { feedOptions: { type: null } } }]] };",
            "blog/a.md": "x",
        },
    ],
)
def test_a_generator_whose_feed_is_off_keeps_no_place_for_it(make_site: MakeSite, files: Mapping[str, str]) -> None:
    settings, output = written(make_site({**files, "CNAME": "boats.example"}))
    assert settings.output.name in ("site", "static") and "feeds-public" not in output and not settings.moved


def test_docusaurus_feeds_below_the_blog_lead_to_ours(make_site: MakeSite) -> None:
    """`feedOptions` needs not be there."""
    site = make_site(
        {
            "docusaurus.config.ts": "export default { url: 'https://boats.example', presets: [['classic', { blog: {} }]] };",
            "blog/a.md": "x",
        }
    )
    settings, _said = written(site)
    assert dict(settings.moved) == {"blog/rss.xml": "rss.xml", "blog/atom.xml": "atom.xml"} and settings.limit == 20


def test_pelicans_feed_in_a_folder_leads_to_ours(make_site: MakeSite) -> None:
    """feeds/all.atom.xml is on unless the settings say None."""
    site = make_site(
        {
            "pelicanconf.py": "SITEURL = 'https://boats.example'\nPATH = 'content'\nFEED_ALL_RSS = 'feeds/all.rss.xml'\n",
            "content/a.md": "x",
        }
    )
    settings, _said = written(site)
    assert dict(settings.moved) == {"feeds/all.atom.xml": "atom.xml", "feeds/all.rss.xml": "rss.xml"}


def test_never_overwrites_unasked(make_site: MakeSite) -> None:
    """What a person wrote stays, byte for byte, until --force."""
    site = make_site({"feeds.toml": "# mine\n"})
    with pytest.raises(SettingsError, match="--force"):
        init.run(site)
    assert (site / "feeds.toml").read_text() == "# mine\n"
    init.run(site, force=True)
    assert "base_url" in (site / "feeds.toml").read_text()


@pytest.mark.parametrize(
    ("name", "config"),
    [
        ("_config.yml", "title: [unclosed\n"),
        ("_config.yml", "- a list\n"),
        ("_config.yml", b"\xff\xfe\x00"),
        ("hugo.toml", "title = \n"),
        ("pelicanconf.py", "SITENAME = (\n"),
        ("pelicanconf.py", "SITENAME = " + "(" * 3000),
    ],
)
def test_settings_that_cannot_be_read(make_site: MakeSite, name: str, config: str | bytes) -> None:
    """A broken file of a generator is said, not a traceback."""
    written(make_site({name: config, "posts/a.md": "x"}))


def test_what_we_would_refuse_is_not_taken_over(make_site: MakeSite) -> None:
    """Each value goes through our own checks; a refused one is said with its fix."""
    config = "title: 小站\nlanguage: the Chinese one\ntimezone: Asia/Beijing\nurl: boats.example\npermalink: :year/\n"
    settings, output = written(make_site({"_config.yml": config, "source/_posts/a.md": "x"}))
    assert (settings.title, settings.language, settings.timezone, settings.permalink) == ("小站", None, "UTC", None)
    assert '"zh-CN"' in output and '"Asia/Shanghai"' in output and "permalink" in output


@pytest.mark.parametrize("text", ['quote " and \\', "tab\tand 中文 🍅", "'''", "# no comment", "\x7f"])
def test_any_text_survives_the_file(make_site: MakeSite, text: str) -> None:
    settings, _ = written(make_site({"pelicanconf.py": f"SITENAME = {text!r}\n", "content/a.md": "x"}))
    assert settings.title == " ".join(text.split())


def test_every_shown_option_works_when_its_mark_is_taken_away(make_site: MakeSite) -> None:
    """A person may uncomment any line, or all of them, and nothing is a mistake."""
    site = make_site({"posts/a.md": "x"})
    written(site)
    text = (site / "feeds.toml").read_text()
    shown = re.sub(r'(?m)^# (?=\[+[\w."/:-]+\]$|[\w"/.+#]+ = )', "", text)
    assert not re.search(r"(?m)^# \S+ = |^# \[\S+\]$", shown)
    (site / "feeds.toml").write_text(shown)
    settings = load(environ={}, flags={}, cwd=site)
    assert settings.authors == (
        Person("My name", "https://blog.example.org/about/", "me@example.org", "https://blog.example.org/me.png"),
    )
    assert settings.moved and settings.feeds and settings.people and settings.category_map and settings.precompress


def test_every_setting_is_shown() -> None:
    """The written file names each setting but those that few sites need, which docs/settings.md describes."""
    from feeds.settings.fields import FIELDS, KINDS

    text = settings_file.write({})
    shown = {
        name
        for name, field in FIELDS.items()
        if re.search(rf"(?m)^(# )?{name.rpartition('.')[2]} = " if name in KINDS else rf"(?m)^# \[{name}\b", text)
        and (field.group is None or f"# [{name.partition('.')[0]}]" in text)
    }
    rare = {name for name, field in FIELDS.items() if not field.row.in_init}
    # What `dialect` holds is another thing for each generator.
    assert FIELDS.keys() - shown == rare | {"dialect"} and "base_url" in shown and "archive" in shown


def test_what_a_generator_says_of_its_markdown_is_written(make_site: MakeSite, monkeypatch: pytest.MonkeyPatch) -> None:
    """The table [markdown] holds it, and a renderer that is not installed is said and left out."""
    settings = {"base_url": "https://a.example/", "posts": "posts", "markdown": {"renderer": "python-markdown", "emoji": True}}
    site = make_site({"posts/a.md": "x"})
    for installed, renderer in ((True, "python-markdown"), (False, None)):
        monkeypatch.setattr(init, "find_spec", lambda name, installed=installed: installed or None)
        kept, notes = init._sound(Found("Pelican", settings))
        (site / "feeds.toml").write_text(settings_file.write(kept, "Pelican"))
        loaded = load(environ={}, flags={}, cwd=site)
        assert loaded.markdown == {"emoji": True} | ({"renderer": renderer} if renderer else {})
        assert [note for note in notes if "feed-publisher[pelican]" in note] == ([] if installed else [notes[0]])


def test_texts_with_front_matter_are_posts(make_site: MakeSite) -> None:
    """Such as come out of a crawler or an export; a folder of plain texts is none of posts."""
    text = "---\ntitle: Tea\ndate: 2021-08-04\n---\n\n<p>Text.</p>\n"
    folder = make_site({"export/000_a.txt": text, "export/001_b.txt": text, "logs/run.txt": "Nothing to read.\n"})
    assert surroundings.post_folders(folder) == [("export", 2)]


def test_a_folder_of_notes_in_many_folders_is_taken_as_a_whole(make_site: MakeSite) -> None:
    """No folder holds most of the notes; the few with front matter are not all that there is."""
    notes = {
        f"{folder}/{number}.md": f"# {folder} {number}\n" for folder in ("Java", "Linux", "读书", "随笔") for number in range(4)
    }
    site = make_site({**notes, "Java/effective/a.md": "---\ntitle: A\n---\nx\n", "README.md": "# Notes\n"})
    settings, output = written(site)
    assert settings.posts == site and settings.exclude == ("*.txt", "*.html")
    assert "posts is . (posts found: 17), as no folder in it holds most of them" in output


def test_notes_as_many_as_the_posts_are_left_where_they_are(make_site: MakeSite) -> None:
    """Half of all notes in a folder of posts is enough for it to be the blog."""
    posts = {f"texts/{number}.md": f"---\ntitle: {number}\n---\nx\n" for number in range(5)}
    site = make_site({**posts, **{f"scraps/{number}.md": "x\n" for number in range(5)}})
    assert written(site)[0].posts == site / "texts"


def test_a_folder_with_most_of_the_posts_is_taken_alone(make_site: MakeSite) -> None:
    """A few notes beside it make no folder of notes of the whole."""
    posts = {f"texts/{number}.md": f"---\ntitle: {number}\n---\nx\n" for number in range(5)}
    more = {f"{folder}/a.md": "---\ntitle: A\n---\nx\n" for folder in ("texts/old", "else")}
    site = make_site({**posts, **{f"scraps/{number}.md": "x\n" for number in range(4)}, **more})
    settings, output = written(site)
    assert settings.posts == site / "texts" and settings.exclude == ()
    assert "Other folders with posts: else (1)." in output, "what is below the folder of posts is in it"


@pytest.mark.parametrize(
    ("extra", "posts"),
    [({"package.json": "{}"}, "docs/a"), ({"posts/a.md": "---\ntitle: A\n---\nx\n"}, "posts")],
)
def test_documentation_is_not_taken_as_a_whole(make_site: MakeSite, extra: dict[str, str], posts: str) -> None:
    """What lies about in a program's folder, or beside a folder of posts, is not for readers."""
    notes = {f"docs/{folder}/{number}.md": f"# {folder} {number}\n" for folder in ("a", "b", "c") for number in range(4)}
    site = make_site({**notes, **extra})
    assert written(site)[0].posts == site / posts


WORKFLOW = """\
on: {push: {branches: [main]}}  # at Asia/Tokyo's night
jobs:
  build:
    steps:
      - run: npx hexo generate
"""
PAGE = '<head><meta property="article:published_time" content="%s"></head>'


@pytest.mark.parametrize(
    ("files", "zone"),
    [
        ({".github/workflows/site.yml": WORKFLOW}, "Etc/UTC"),
        ({".github/workflows/site.yml": WORKFLOW + "        env:\n          TZ: Asia/Tokyo\n"}, "Asia/Tokyo"),
        ({".github/workflows/site.yml": WORKFLOW + "      - run: sudo timedatectl set-timezone Asia/Shanghai\n"}, None),
        ({".travis.yml": "script: npm run build"}, "Etc/UTC"),
        ({"netlify.toml": '[build]\ncommand = "hexo g"'}, "Etc/UTC"),
        ({".github/workflows/site.yml": "jobs: {a: {steps: [{run: npm test}]}}"}, None),
        ({"public/index.html": "", "public/2024/05/02/a/index.html": PAGE % "2024-05-02T17:00:00.000Z"}, "Etc/UTC"),
        ({"index.html": "", "2024/05/02/a/index.html": PAGE % "2024-05-02T17:00:00.000Z"}, "Etc/UTC"),
        (
            {
                "public/index.html": "",
                "public/2024/05/03/a/index.html": PAGE % "2024-05-02T17:00:00.000Z",
                ".github/workflows/site.yml": WORKFLOW,
            },
            None,
        ),
        ({"public/index.html": "", "public/2024/05/02/a/index.html": PAGE % "2024-05-02T12:00:00.000Z"}, None),
        ({"public/index.html": "", "public/2024/05/02/a/index.html": PAGE % "yesterday"}, None),
    ],
)
def test_hexo_machine_zone(make_site: MakeSite, monkeypatch: pytest.MonkeyPatch, files: dict[str, str], zone: str | None) -> None:
    """The days in addresses are those of the pages that Hexo made, or of the machine that builds the site for its author."""
    monkeypatch.setenv("TZ", "Asia/Shanghai")
    site = make_site(
        {
            "_config.yml": "url: https://boats.example\ntimezone: Asia/Shanghai\npermalink: :year/:month/:day/:title/",
            "source/_posts/a.md": "---\ndate: 2024-05-03 01:00:00\n---\nx",
            "package.json": '{"hexo": {}, "scripts": {"build": "hexo generate"}}',
            **files,
        }
    )
    settings, output = written(site)
    assert settings.timezone == "Asia/Shanghai"
    assert settings.dialect.get("machine_timezone") == zone
    assert ("machine_timezone is" in output) is (zone is not None)


@pytest.mark.parametrize(("job", "zone"), [("bundle exec jekyll build", "Etc/UTC"), ("make", "Asia/Shanghai")])
def test_zone_of_a_job_without_timezone(make_site: MakeSite, monkeypatch: pytest.MonkeyPatch, job: str, zone: str) -> None:
    """A generator whose settings name no zone reads dates in that of the machine that builds the site."""
    monkeypatch.setenv("TZ", "Asia/Shanghai")
    settings, output = written(
        make_site(
            {
                "_config.yml": "title: Boats\nurl: https://boats.example",
                "_posts/2024-05-03-a.md": "---\ntitle: a\n---\nx",
                ".github/workflows/site.yml": f"steps: [{{run: {job}}}]",
            }
        )
    )
    assert settings.timezone == zone
    assert ("by .github/workflows/site.yml" in output) is (zone == "Etc/UTC")
