"""What an Eleventy site spreads over several files: its configuration, its data in JavaScript, and the front matter of layouts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from feeds.dialects.config_files import SiteFolder
from feeds.dialects.eleventy.dialect import DIALECT
from feeds.settings import Settings
from feeds.settings.site_facts import site_facts


def options(site: Path, files: Mapping[str, str]) -> dict[str, object]:
    for name, text in files.items():
        path = site / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    found = DIALECT.detect(SiteFolder(site))
    assert found is not None
    return dict(found.settings["dialect"])


def test_modules_of_the_configuration_are_read(tmp_path: Path) -> None:
    files = {
        "eleventy.config.js": 'import drafts from "./config/plugins.js";\nexport default c => ({dir: {input: "src"}});',
        "config/plugins.js": 'const other = require("./static");\nexport default c => { c.addPlugin(EleventyHtmlBasePlugin); };',
        "config/static.js": 'import "../config/plugins.js"; import "../../outside.js";\nc.addPassthroughCopy({"src/img": "pictures"});',
        "src/posts/a.md": "",
    }
    assert options(tmp_path, files).items() >= {"base_plugin": True, "static": {"src/img": "pictures"}}.items()


def test_posts_in_folders_below_the_likely_one(tmp_path: Path) -> None:
    """A tag on a single page is not the collection of posts."""
    files = {f"src/posts/{name}/{name}/index.md": "---\ntitle: A\n---\n" for name in "abc"}
    files["src/posts/a/a/index.md"] = "---\ntitle: A\ntags: [post]\n---\n"
    files["eleventy.config.js"] = 'export default c => ({dir: {input: "src"}});'
    assert options(tmp_path, files)["collection_globs"] == ["src/posts/**"]


def test_data_that_a_file_exports_from_another(tmp_path: Path) -> None:
    files = {
        ".eleventy.js": 'module.exports = c => ({dir: {input: "content", data: "../_data"}});',
        "_data/shared.js": 'export default {tags: ["posts"], permalink: data => `/x/${data.page.fileSlug}/`, layout: "post.njk"};',
        "content/blog/blog.11tydata.js": 'import shared from "../../_data/shared.js";\nexport default shared;\n',
        "content/notes/notes.11tydata.cjs": 'const all = require("../../_data/shared");\nmodule.exports = {...all, layout: "note"};\n',
    }
    read = options(tmp_path, files)
    site = site_facts(Settings(
        base_url="https://site.example/", posts=tmp_path / "content", output=tmp_path / "o", state=tmp_path / "s",
        generator="eleventy", dialect=read, config=tmp_path / "feeds.toml",
    ))  # fmt: skip
    own = {
        path: DIALECT.data_keys(path, DIALECT.data_text(path, files[f"content/{path}"], site, files.get), site)
        for path in ("blog/blog.11tydata.js", "notes/notes.11tydata.cjs")
    }
    expected = {"tags": ["posts"], "permalink": "/x/{{ page.fileSlug }}/", "layout": "post.njk"}
    assert own == {"blog/blog.11tydata.js": expected, "notes/notes.11tydata.cjs": {**expected, "layout": "note"}}


def test_front_matter_of_layouts(tmp_path: Path) -> None:
    """It is below that of data files and of the page; tags of all are joined."""
    files = {
        "eleventy.config.js": "export default c => {};",
        "_includes/post.njk": "---\nlayout: base.njk\npermalink: notes/{{ title | slugify }}/\ntags: note\n---\n{{ content }}",
        "_includes/base.njk": "---\npermalink: other/\ntags: [page]\nauthor: Me\n---\n{{ content }}",
        "_includes/plain.njk": "---\nstyle: a\n---\n{{ content }}",
    }
    read = options(tmp_path, files)
    assert set(read["layouts"]) == {"post", "base"}  # type: ignore[call-overload]
    inherited = {"layout": "post.njk", "eleventy-inherited-tags": ["posts"], "eleventy-layouts": read["layouts"]}
    keys = DIALECT.merge(inherited, {"title": "A B"})  # type: ignore[arg-type]
    assert keys["permalink"] == "notes/{{ title | slugify }}/" and "author" not in keys and "eleventy-layouts" not in keys
    assert keys["eleventy-inherited-tags"] == ["page", "note", "posts"]
    assert DIALECT.merge(inherited, {"layout": "plain", "permalink": "/own/"})["permalink"] == "/own/"  # type: ignore[arg-type]
    assert "permalink" not in DIALECT.merge(inherited, {"layout": "plain"})  # type: ignore[arg-type]
