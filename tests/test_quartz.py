"""Vaults of Obsidian that Quartz publishes: what `feeds init` takes from quartz.config.ts, and the addresses of notes."""

from __future__ import annotations

from pathlib import Path

import pytest

from feeds.dialects._quartz import address, is_ignored
from feeds.migrate.init import look

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
