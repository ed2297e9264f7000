"""Vaults of Obsidian that Quartz publishes: what `feeds init` takes from quartz.config.ts, and the addresses of notes."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from commands import run_feeds

from feeds.dialects.obsidian.quartz import address, file_address, is_ignored, slug_replacements
from feeds.migrate.init import look, run

CONFIG = """import { QuartzConfig } from "./quartz/cfg"
import * as Plugin from "./quartz/plugins"
const config: QuartzConfig = {
  configuration: {
    pageTitle: "笔记",
    // baseUrl: "wrong.example"
    baseUrl: "notes.example.org/garden",
    locale: "zh-CN",
    ignorePatterns: ["private", "templates", ".obsidian", "**/*.excalidraw.md"],
  },
  plugins: { filters: [Plugin.RemoveDrafts(), %s] },
}
"""


def _site(folder: Path, extra: str) -> Path:
    notes = {"content/index.md": "Home.", "content/private/diary.md": "Secret.", "content/Big ideas/C & C++.md": "Text."}
    for name, text in {
        "quartz.config.ts": CONFIG % extra,
        "package.json": '{"homepage": "https://quartz.jzhao.xyz"}',
        **notes,
    }.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return folder


def test_init_reads_quartz_settings(tmp_path: Path) -> None:
    found = look(_site(tmp_path, "Plugin.ExplicitPublish(), HideStubs()"))
    settings = found.settings
    assert settings["generator"] == "obsidian"
    assert settings["base_url"] == "https://notes.example.org/garden/"
    assert (settings["posts"], settings["title"], settings["language"]) == ("content", "笔记", "zh-CN")
    assert settings["dialect"] == {
        "quartz": True, "folders_without_posts": ["private", "templates", "**/*.excalidraw.md"], "only_marked": True,
    }  # fmt: skip
    assert any("HideStubs" in note for note in found.notes)


def test_without_explicit_publish_every_note_is_a_post(tmp_path: Path) -> None:
    assert "only_marked" not in look(_site(tmp_path, "")).settings["dialect"]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("Big ideas/C & C++.md", "Big-ideas/C--and--C++"),
        ("100% sure?.md", "100-percent-sure"),
        ("a/index.md", "a/"),
        ("index.md", ""),
        ("笔记/第一篇.md", "笔记/第一篇"),
    ],
)
def test_addresses_are_those_of_quartz(path: str, expected: str) -> None:
    assert address(path) == expected


@pytest.mark.parametrize(
    ("path", "pattern", "ignored"),
    [
        ("private/diary.md", "private", True),
        ("private.md", "private", False),
        ("a/private/x.md", "private", False),
        ("a/private/x.md", "**/private", True),
        ("draw.excalidraw.md", "**/*.excalidraw.md", True),
        ("a/b/draw.excalidraw.md", "**/*.excalidraw.md", True),
        ("a/b.md", "**/*.excalidraw.md", False),
        ("templates/a.md", "templates/**", True),
    ],
)
def test_ignored_notes(path: str, pattern: str, ignored: bool) -> None:
    assert is_ignored(path, pattern) is ignored


#: How quartz/util/path.ts has it in Quartz 4.0, 4.2.1 and 4.3.
PATHS = {
    "4.0": '.map((segment) => segment.replace(/\\s/g, "-").replace(/%/g, "-percent").replace(/\\?/g, "-q")) // all\n.join("/")',
    "4.2": 'segment.replace(/\\s/g, "-").replace(/%/g, "-percent").replace(/\\?/g, "-q").replace(/#/g, ""),\n).join("/")',
    "4.3": """segment
        .replace(/\\s/g, "-")
        .replace(/&/g, "-and-")
        .replace(/%/g, "-percent")
        .replace(/\\?/g, "")
        .replace(/#/g, ""),
    )
    .join("/")
    .replace(/\\/$/, "")""",
}


@pytest.mark.parametrize(
    ("version", "expected"), [("4.0", "R&D-100-percent-q#1"), ("4.2", "R&D-100-percent-q1"), ("4.3", "R-and-D-100-percent1")]
)
def test_marks_in_addresses_are_those_of_the_site_s_version(version: str, expected: str) -> None:
    assert address("R&D 100%?#1.md", {"slug_replacements": slug_replacements(PATHS[version])}) == expected


CONFIG_5 = """# Quartz 5
configuration:
  pageTitle: 笔记
  baseUrl: notes.example.org
  locale: zh-CN
  ignorePatterns: [private, .obsidian]
plugins:
  - source: github:quartz-community/hard-line-breaks#v1
    enabled: %s
  - source: {name: explicit-publish, repo: github:quartz-community/explicit-publish}
    enabled: %s
"""


@pytest.mark.parametrize(
    ("name", "breaks", "marked"),
    [("quartz.config.yaml", False, True), ("quartz.config.default.yaml", True, False)],
)
def test_init_reads_settings_of_quartz_5(tmp_path: Path, name: str, breaks: bool, marked: bool) -> None:
    (tmp_path / name).write_text(CONFIG_5 % (str(breaks).lower(), str(marked).lower()), "utf-8")
    (tmp_path / "content").mkdir()
    settings = look(tmp_path).settings
    assert (settings["base_url"], settings["title"], settings["language"]) == ("https://notes.example.org/", "笔记", "zh-CN")
    assert settings["dialect"].get("only_marked", False) is marked
    assert settings.get("markdown", {}).get("breaks", True) is breaks
    assert settings["dialect"]["folders_without_posts"] == ["private"] and settings["dialect"]["quartz_version"] == 5


def test_addresses_of_quartz_5() -> None:
    options = {"quartz_version": 5}
    paths = ("Big Ideas/C & C++.md", 'a:b "c"/D|E.md', "Tea/Tea.md", "茶/茶 叶.md", "Tea/index.md")
    expected = ["big-ideas/c--and--c++", "ab-c/de", "tea/", "茶/茶-叶", "tea/"]
    assert [address(path, options) for path in paths] == expected
    assert file_address("Files/Plan A.PNG", options) == "files/plan-a.PNG"


def test_without_its_notes_nothing_else_is_taken(tmp_path: Path) -> None:
    """Notes in a git submodule that was not fetched: Quartz's own documentation is not the author's."""
    (tmp_path / "quartz.config.ts").write_text(CONFIG % "", "utf-8")
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/index.md").write_text("---\ntitle: Welcome\n---\nx", "utf-8")
    moved_in = run(tmp_path)
    assert moved_in.settings["posts"] == "content"
    assert any("content is not there, and Quartz has posts in no other folder" in note for note in moved_in.notes)


def test_slug_replacements_of_other_code() -> None:
    assert slug_replacements("export {}") is None


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("attachments/Normal distribution.png", "attachments/Normal-distribution.png"),
        ("a b/c & d.tar.gz", "a-b/c--and--d.tar.gz"),
        ("图片/第 1 张.jpg", "图片/第-1-张.jpg"),
        ("no ending", "no-ending"),
        ("a.b c", "a.b-c"),
    ],
)
def test_files_have_the_addresses_of_quartz(path: str, expected: str) -> None:
    assert file_address(path) == expected


def test_pictures_lead_to_where_quartz_publishes_them(tmp_path: Path) -> None:
    """Besides, a note's title is its file's name: a first heading that says something else belongs to the text."""
    _site(tmp_path, "")
    for name in ("Tea", "Cups & *pots*"):
        (tmp_path / f"content/{name}.md").write_text("---\ndate: 2024-01-01\n---\n# Cups &amp; *pots*\n\nText.\n", "utf-8")
    (tmp_path / "quartz/util").mkdir(parents=True)
    (tmp_path / "quartz/util/path.ts").write_text(PATHS["4.2"], "utf-8")
    (tmp_path / "content/Big ideas/files").mkdir()
    (tmp_path / "content/Big ideas/files/R&D plan.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    (tmp_path / "content/other").mkdir()
    (tmp_path / "content/other/Note.md").write_text(
        "---\ndate: 2024-01-02\n---\n![[R&D plan.png|300]] ![](../Big%20ideas/files/R&D%20plan.png) ![](R&D%20plan.png)\n\n"
        "[c](C%20&%20C++.md#why) [d](C%20&%20C++) [e](tea.example) [f](lost.md) [[Gone]]",
        "utf-8",
    )
    assert run_feeds("init", cwd=tmp_path).returncode == 0
    assert (
        run_feeds(
            "build", "--output", "out", "--formats", "json", "--base-url", "https://tea.example/garden/", cwd=tmp_path
        ).returncode
        == 0
    )
    items = json.loads((tmp_path / "out/feed.json").read_text("utf-8"))["items"]
    note = next(item for item in items if item["title"] == "Note")
    texts = {item["title"]: item["content_html"] for item in items if item["title"] in ("Tea", "Cups & *pots*")}
    assert texts == {"Tea": "<h1>Cups &amp; <em>pots</em></h1>\n<p>Text.</p>", "Cups & *pots*": "<p>Text.</p>"}
    assert note["url"] == "https://tea.example/garden/other/Note"
    assert re.findall(r'src="([^"]*)"', note["content_html"]) == ["https://tea.example/garden/Big-ideas/files/R%26D-plan.png"] * 3
    assert re.findall(r'href="([^"]*)"', note["content_html"]) == [
        "https://tea.example/garden/Big-ideas/C-&amp;-C++#why",
        "https://tea.example/garden/Big-ideas/C-&amp;-C++",
        "https://tea.example/garden/other/tea.example",
    ]
    check = run_feeds("check", cwd=tmp_path).stdout
    assert "notice: no note or file is called 'Gone'" in check
    assert "the link 'lost.md' leads to a source file" in check
