"""Vaults of Obsidian, plain folders, and sites of generators that have no dialect: what `feeds init` and `feeds build` make of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from case_files import build
from commands import run_feeds

from feeds.dialects import astro, hexo, recognised
from feeds.dialects.config_files import SiteFolder

PNG = b"\x89PNG\r\n\x1a\n"


def made(folder: Path, files: Mapping[str, str | bytes], base_url: str = "https://notes.example/") -> tuple[dict[str, Any], str]:
    """The entries of the folder's feeds by the path of their file, and what was printed."""
    for path, content in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    entries, printed = build(folder, {"build_flags": ["--base-url", base_url]})
    return {entry["path"]: entry for entry in entries}, printed


VAULT: Mapping[str, str | bytes] = {
    ".obsidian/app.json": '{"attachmentFolderPath": "Attachments", "userIgnoreFilters": ["Diary/", "/^x$/"]}',
    "Diary/today.md": "---\ndate: 2021-01-02\n---\nFor nobody.\n",
    ".obsidian/templates.json": '{"folder": "Templates"}',
    "Templates/Daily.md": "---\ndate: 2021-01-01\n---\n# {{title}}\n",
    "Attachments/picture one.png": PNG,
    "Tea house.md": "---\ndate created: 2021-02-03 04:05\ndate modified: 2021-03-04\ntags: [drinks/tea, Green]\n---\n"
    "See [[West lake]], [[West lake#Boats|the boats]] and [[Nowhere]]. #travel/hangzhou and #2021 are not alike, nor is a#b.\n\n"
    "![[picture one.png|300]]\n\n%% not for readers %%\n\n> [!tip] Good to know\n> Hot water.\n\n`#code` and ==marked== text. #green\n",
    "Places/West lake.md": "---\ncreated: 2021-02-04\n---\n# Boats\n\n![pic](../Attachments/picture%20one.png) [tea](../Tea%20house.md)\n",
    "Places/日记 #一.md": "---\ndate: 2021-02-05\ntitle: 西湖日记\ntags: 旅行\n---\n走了一天。#杭州\n",
    "hidden.md": "---\ndate: 2021-02-06\npublish: false\n---\nSecret.\n",
    "2021-02-07 Dated.md": "Text.\n",
    "drawing.md": "---\ndate: 2021-02-08\nexcalidraw-plugin: parsed\n---\nxyz\n",
}


def test_a_vault_of_notes(tmp_path: Path) -> None:
    """Names are titles, wiki links lead to notes, tags stand in the text too, comments and templates are for nobody."""
    entries, printed = made(tmp_path, VAULT)
    assert "Obsidian" in printed
    assert entries.keys() == {"Tea house.md", "Places/West lake.md", "Places/日记 #一.md", "2021-02-07 Dated.md"}
    tea, lake, diary, dated = (
        entries[path] for path in ("Tea house.md", "Places/West lake.md", "Places/日记 #一.md", "2021-02-07 Dated.md")
    )
    assert [entry["title"] for entry in (tea, lake, diary, dated)] == ["Tea house", "West lake", "西湖日记", "Dated"]
    assert tea["date_published"].startswith("2021-02-03T04:05") and lake["date_published"].startswith("2021-02-04")
    assert dated["date_published"].startswith("2021-02-07")
    assert tea["tag_labels"] == {"drinks/tea", "Green", "travel/hangzhou"}
    assert diary["tag_labels"] == {"旅行", "杭州"}
    html = tea["content_html"]
    assert f'<a href="{lake["url"]}">West lake</a>' in html and f'<a href="{lake["url"]}#Boats">the boats</a>' in html
    assert "Nowhere" in html and "[[" not in html and "not for readers" not in html
    assert 'width="300"' in html and "picture%20one.png" in html
    assert "Good to know" in html and "[!tip]" not in html and "<mark>marked</mark>" in html
    assert f'<a href="{tea["url"]}">tea</a>' in lake["content_html"]


def test_a_vault_with_marked_notes_publishes_only_those(tmp_path: Path) -> None:
    """One note that says publish: true tells that the others are not for readers."""
    entries, printed = made(tmp_path, {
        ".obsidian/app.json": "{}",
        "a.md": "---\npublish: true\ndate: 2021-01-01\n---\nA.\n",
        "b.md": "---\ndate: 2021-01-02\n---\nPrivate.\n",
        "c.md": "No front matter at all.\n",
        "d.md": "---\ndg-publish: true\ndate: 2021-01-03\n---\nD.\n",
    })  # fmt: skip
    assert entries.keys() == {"a.md", "d.md"}
    assert "publish: true" in printed


def test_a_plain_folder(tmp_path: Path) -> None:
    """What every repository holds is not a post; a file without a heading is called by its name, without its date."""
    entries, printed = made(tmp_path, {
        "posts/README.md": "# About this repository\n", "posts/LICENSE.md": "MIT\n", "posts/CHANGELOG.md": "# Changes\n",
        "posts/requirements.txt": "flask\n", "posts/robots.txt": "User-agent: *\n",
        "posts/2021-02-03-my first post.md": "Text without a heading.\n",
        "posts/2021-02-04 有标题.md": "# 真正的标题\n\n正文。\n",
        "posts/20210205_third.md": "Third.\n",
        "posts/trip/index.md": "---\ndate: 2021-02-06\n---\nA folder.\n",
        "posts/readme-driven.md": "---\ndate: 2021-02-07\ntitle: Readme-driven\n---\nText.\n",
    })  # fmt: skip
    assert "No generator recognised" in printed
    titles = {path: entry["title"] for path, entry in entries.items()}
    assert titles == {
        "2021-02-03-my first post.md": "my first post",
        "2021-02-04 有标题.md": "真正的标题",
        "20210205_third.md": "third",
        "trip/index.md": "trip",
        "readme-driven.md": "Readme-driven",
    }


@pytest.mark.parametrize(
    ("label", "files", "posts"),
    [
        ("Gatsby", {"gatsby-config.js": 'module.exports = { siteMetadata: { title: "T", siteUrl: "https://me.dev" } }'}, "content/blog"),
        ("Next.js", {"next.config.js": "module.exports = {}"}, "posts"),
        ("Nuxt", {"nuxt.config.ts": "export default defineNuxtConfig({})"}, "content/blog"),
        ("Metalsmith", {"metalsmith.json": '{"metadata": {"title": "T"}}'}, "src/posts"),
        ("Gatsby", {"package.json": '{"dependencies": {"gatsby": "5"}}'}, "content/blog"),
        ("Next.js", {"package.json": '{"dependencies": {"next": "14"}}'}, "data/blog"),
    ],
)  # fmt: skip
def test_a_generator_without_a_dialect_is_named(tmp_path: Path, label: str, files: Mapping[str, str], posts: str) -> None:
    """Its front matter and Markdown are read, and what is not is said."""
    entries, printed = made(tmp_path, {
        **files,
        f"{posts}/a.md": "---\ntitle: A\npubDatetime: 2021-01-01T00:00:00Z\n---\n**Text**\n",
        f"{posts}/b.mdx": "---\ntitle: B\npubDatetime: 2021-01-02\n---\nWords. <Component/>\n",
        f"{posts}/c.org": "* C\n",
    })  # fmt: skip
    assert f"{label} has no dialect here" in printed and "Set permalink" in printed
    assert sorted(entry["title"] for entry in entries.values()) == ["A", "B"]
    check = run_feeds("check", "--base-url", "https://notes.example/", cwd=tmp_path)
    assert "1 file in Org (.org) is not read: c.org" in check.stdout
    assert "what only its program could show is left out: Component" in check.stdout


def test_the_facts_of_an_astro_site_are_in_a_module(tmp_path: Path) -> None:
    """`site` is often a member of a table that the settings import, or taken out of it."""
    config = 'import { SITE } from "./src/config";\nexport default defineConfig({ site: SITE.website, base: "/notes" });'
    table = (
        'export const SITE: Site = {\n  website: "https://me.dev/",\n  title: "T",\n  desc: "D",\n  lang: "fr",\n} as const;\n'
    )
    taken = 'import { theme } from "./src/config";\nconst { url: home } = theme.site\nexport default { site: home }'
    nested = "export const theme = {\n  site: { title: 'T', url: 'https://me.dev', description: 'D', lang: 'fr' },\n} satisfies Theme\n"
    for number, (settings, module, url) in enumerate(
        ((config, table, "https://me.dev/notes/"), (taken, nested, "https://me.dev/"), (config, "", ""))
    ):
        site = tmp_path / str(number)
        (site / "src/content/blog").mkdir(parents=True)
        (site / "astro.config.ts").write_text(settings)
        (site / "src/config.ts").write_text(module)
        result = astro.DIALECT.detect(SiteFolder(site))
        assert result is not None
        facts = [result.settings[name] for name in ("base_url", "title", "description", "language")]
        assert facts == ([url, "T", "D", "fr"] if module else ["", "", "", ""])


def test_gridea_keeps_its_addresses_and_ids(tmp_path: Path) -> None:
    entry = (
        "<entry><title>一</title><id>https://me.dev/p/yi/</id><link href='https://me.dev/p/yi/'/>"
        "<updated>2021-01-01T02:00:00Z</updated></entry>"
    )
    feed = f"<feed xmlns='http://www.w3.org/2005/Atom'><title>T</title><id>x</id><updated>2021-01-01T02:00:00Z</updated>{entry}</feed>"
    files = {
        "config/posts.json": "{}",
        "config/setting.json": '{"config": {"domain": "https://me.dev", "token": "x"}}',
        "config/theme.json": '{"config": {"siteName": "T", "postPath": "p"}}',
        "posts/yi.md": "---\ntitle: '一'\ndate: 2021-01-01 10:00:00\npublished: true\nhideInList: false\n---\n正文。\n",
        "posts/er.md": "---\ntitle: '二'\ndate: 2021-01-02 10:00:00\npublished: true\nhideInList: true\n---\n正文。\n",
        "output/atom.xml": feed,
    }
    entries, printed = made(tmp_path, files, "https://me.dev/")
    assert "1 of its entries keep their ids" in printed and "Set permalink" not in printed
    assert [(item["id"], item["url"]) for item in entries.values()] == [("https://me.dev/p/yi/", "https://me.dev/p/yi/")]


@pytest.mark.parametrize(
    ("label", "head"),
    [
        ("Typecho", "title: 一\ncid: 12\ndate: 2021-01-01 10:00:00\nslug: yi\n"),
        (
            "Halo",
            "title: 一\ndate: 2021-01-01 10:00:00\nhalo:\n  site: https://me.dev\n  name: 0b1c2d3e-4f5a-6b7c-8d9e-0f1a2b3c4d5e\n",
        ),
    ],
)
def test_exports_are_recognised(tmp_path: Path, label: str, head: str) -> None:
    """Exports of blog programs tell themselves by keys that only they have."""
    entries, printed = made(tmp_path, {"posts/一.md": f"---\n{head}---\n正文。\n"})
    assert f"an export of {label}" in printed
    assert [entry["title"] for entry in entries.values()] == ["一"]


@pytest.mark.parametrize(
    ("label", "name", "text"),
    [
        (
            "WordPress",
            "site.WordPress.2024-01-01.xml",
            '<?xml version="1.0"?>\n<rss xmlns:wp="http://wordpress.org/export/1.2/">',
        ),
        ("Ghost", "blog.ghost.json", '{"db": [{"meta": {"version": "5.0"}}]}'),
    ],
)
def test_an_export_in_one_file_is_named(tmp_path: Path, label: str, name: str, text: str) -> None:
    """Nothing is read of it; where its posts lie converted beside it, it is of no interest."""
    (tmp_path / name).write_text(text)
    found = recognised.detect(SiteFolder(tmp_path))
    assert found is not None and found.generator == label and f"{name} is an export of {label}" in found.notes[0]
    (tmp_path / "a.md").write_text("# A\n")
    assert recognised.detect(SiteFolder(tmp_path)) is None


def test_a_short_code_sees_the_files_in_folders_of_its_bundle(tmp_path: Path) -> None:
    """Hugo's `.Page.Resources` are all files of a bundle by their path in it; patterns and order are those of Hugo 0.168."""
    patterns = (
        "**.png",
        "*.png",
        "*.{pdf,png}",
        "boats/*",
        "**/*.png",
        "[a-o]*.png",
        "[!o]*.png",
        "ONE.PNG",
        "**.{gif,jpg}",
        "{",
    )
    files = ("one.png", "Zed.png", "b.pdf", "boats/red/two.png", "boats/a.png")
    ranges = "".join(
        f'<p>{number}:{{{{ range .Page.Resources.Match "{pattern}" }}}} {{{{ .Name }}}}{{{{ end }}}}</p>'
        for number, pattern in enumerate(patterns)
    )
    entries, _ = made(tmp_path, {
        "hugo.toml": 'title = "Lakes"\n',
        "layouts/shortcodes/files.html": ranges + '<p>{{ range .Page.Resources.ByType "image" }} {{ .Name }}{{ end }}</p>',
        "content/posts/lake/index.md": "---\ntitle: Lake\ndate: 2021-01-02\n---\n{{< files >}}\n",
        **{f"content/posts/lake/{name}": PNG for name in files},
    })  # fmt: skip
    (entry,) = entries.values()
    assert re.findall(r"<p>(.*?)</p>", entry["content_html"].replace("\n", " ")) == [
        "0: Zed.png boats/a.png boats/red/two.png one.png",
        "1: Zed.png one.png",
        "2: Zed.png b.pdf one.png",
        "3: boats/a.png",
        "4: boats/a.png boats/red/two.png",
        "5: one.png",
        "6: Zed.png",
        "7: one.png",
        "8:",
        "9:",
        " Zed.png boats/a.png boats/red/two.png one.png",
    ]


@pytest.mark.parametrize(("dated", "is_hexo"), [(0, True), (2, True), (3, False), (5, False)])
def test_a_source_folder_is_told_from_jekylls_by_the_names_of_posts(tmp_path: Path, dated: int, is_hexo: bool) -> None:
    """Most names of Jekyll's posts begin with a date, most of Hexo's do not."""
    (tmp_path / "_posts").mkdir()
    for number in range(5):
        name = f"2021-01-0{number + 1}-post.md" if number < dated else f"post-{number}.md"
        (tmp_path / "_posts" / name).write_text("---\ntitle: Tea\n---\nText.\n", encoding="utf-8")
    assert (hexo.DIALECT.detect(SiteFolder(tmp_path)) is not None) == is_hexo


@pytest.mark.parametrize(
    ("page_url", "address"),
    [("info/{slug}/", "https://notes.example/info/me/"), ("https://about.example/{slug}.html", "https://about.example/me.html")],
)
def test_a_link_to_a_page_of_pelican_leads_where_pages_are(tmp_path: Path, page_url: str, address: str) -> None:
    """PAGE_URL is below the site's address, or an address itself."""
    entries, _ = made(tmp_path, {
        "pelicanconf.py": f"SITENAME = 'Notes'\nPATH = 'content'\nPAGE_URL = '{page_url}'\n",
        "content/a.md": "Title: A\nDate: 2021-01-01\n\n[me]({filename}pages/me.md)\n",
        "content/pages/me.md": "Title: Me\n\nText.\n",
    })  # fmt: skip
    (entry,) = entries.values()
    assert f'<a href="{address}">me</a>' in entry["content_html"]


def test_jekylls_includes_are_read_though_they_are_no_posts(tmp_path: Path) -> None:
    """A file beside the posts that is none by its name, and one in a folder of Jekyll's own: neither has a feed entry."""
    entries, _ = made(tmp_path, {
        "_config.yml": "title: Boats\n",
        "_includes/words.md": "Words of a **note**.\n",
        "_posts/part.md": "A part.\n",
        "_posts/2021-01-01-a.md": "---\ntitle: A\n---\n{% include words.md %}\n\n{% include_relative part.md %}\n",
    })  # fmt: skip
    (entry,) = entries.values()
    assert entry["content_html"] == "<p>Words of a <strong>note</strong>.</p>\n<p>A part.</p>"
