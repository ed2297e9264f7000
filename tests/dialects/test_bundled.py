"""Blogs of Astro, VitePress, VuePress, Docusaurus and MkDocs: what their settings decide, beside the recorded sites."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from case_files import build

from feeds.dialects import by_name
from feeds.dialects.base import Found, SiteFolder
from feeds.dialects.mkdocs import slugified

ROUTE = '---\nconst posts = await getCollection("{}");\nconst {{ Content }} = await render(posts[0]);\n---\n<Content />'
POST = "---\ntitle: One\ndate: 2024-03-04\n---\n\n{}\n"


def written(folder: Path, files: Mapping[str, str]) -> Path:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, "utf-8")
    return folder


def found(name: str, folder: Path, files: Mapping[str, str]) -> Found:
    result = by_name(name).detect(SiteFolder(written(folder, files)))
    assert result is not None
    return result


def made(folder: Path, files: Mapping[str, str]) -> dict[str, Any]:
    """The entries by the path of their file."""
    entries, _ = build(written(folder, files), {"build_flags": ["--base-url", "https://me.dev/"]})
    return {entry["path"]: entry for entry in entries}


@pytest.mark.parametrize(
    ("config", "routes", "permalink"),
    [
        ("", {"posts/[...slug].astro": "blog"}, "posts/:slug/"),
        ("", {"posts/[...slug]/index.astro": "blog", "index.astro": "blog"}, "posts/:slug/"),
        ("trailingSlash: 'never'", {"blog/[id].astro": "blog"}, "blog/:slug"),
        ("build: { format: 'file' }", {"blog/[id].astro": "blog"}, "blog/:slug.html"),
        ("", {"[...slug].astro": "blog"}, ":slug/"),
        ("", {"notes/[...slug].astro": "notes", "words/[...slug].astro": "blog"}, "words/:slug/"),
        ("", {"notes/[...slug]/index.astro": "layout", "notes/[...page].astro": "pages"}, "notes/:slug/"),
        ("", {"tags/[tag].astro": "blog", "work/[slug].astro": "projects"}, ""),
        ("", {"[...slug].astro": "pages"}, ""),
        ("", {}, ""),
    ],
)
def test_the_addresses_of_astro_are_those_of_the_route_of_the_posts(
    tmp_path: Path, config: str, routes: Mapping[str, str], permalink: str
) -> None:
    """The route that shows entries of the posts' collection; where none is clear, the author is asked for the pattern."""
    # A layout may show the entry; a page of a list shows several.
    others = {
        "layout": 'getStaticPaths() { getCollection("blog") }\n<Post post={post} />',
        "pages": 'paginate(getCollection("blog"))',
    }
    files = {f"src/pages/{path}": others.get(name, ROUTE.format(name)) for path, name in routes.items()}
    result = found(
        "astro", tmp_path, {"astro.config.ts": f"export default {{ {config} }};", "src/content/blog/a.md": "x", **files}
    )
    assert result.settings.get("permalink", "") == permalink
    assert any("Set permalink" in note for note in result.notes) is (not permalink)


def test_names_of_files_are_no_links(tmp_path: Path) -> None:
    """remark links what begins with http: or www., and no name that may be a host's."""
    files = {"astro.config.mjs": "export default {};", "src/content/blog/a.md": POST.format("SKILL.md and https://tea.dev/")}
    assert '<p>SKILL.md and <a href="https://tea.dev/">' in made(tmp_path, files)["a.md"]["content_html"]


def test_files_among_astros_pages_are_at_their_own_paths(tmp_path: Path) -> None:
    """Names stay as they are, other than those of a collection's entries."""
    files = {
        "astro.config.mjs": "export default {};",
        "src/pages/posts/My Post.md": POST.format("x"),
        "src/pages/posts/a/b.md": POST.format("y"),
    }
    assert {entry["url"] for entry in made(tmp_path, files).values()} == {
        "https://me.dev/posts/My%20Post/", "https://me.dev/posts/a/b/",
    }  # fmt: skip


def test_what_astro_publishes_itself_is_no_output_of_ours(tmp_path: Path) -> None:
    """A route that makes a feed keeps its place; without one, ours is a file that Astro copies."""
    files = {"astro.config.mjs": "export default {};", "src/content/posts/a.md": "x"}
    assert found("astro", tmp_path / "without", files).settings["output"] == "public"
    feeds = found(
        "astro", tmp_path / "with", {**files, "src/pages/rss.xml.js": "rss()", "src/pages/feed.xml.ts": "`<feed>`"}
    ).feeds
    assert [(feed.path, feed.format) for feed in feeds] == [("rss.xml", "rss"), ("feed.xml", "atom")]


def test_pictures_of_the_sites_own_folders_are_copied(tmp_path: Path) -> None:
    """The bundler gives them other names; what lies in public/ is at its own address."""
    picture = "\N{BULLET}"
    files = {
        "astro.config.mjs": "export default {};", "src/pages/posts/[...slug].astro": ROUTE.format("posts"), "src/assets/a.png": picture,
        "src/content/posts/b.png": picture, "public/c.png": picture,
        "src/content/posts/one.md": POST.format("![](@/assets/a.png) ![](./b.png) ![](/c.png) ![](../../assets/a.png)"),
    }  # fmt: skip
    html = made(tmp_path, files)["one.md"]["content_html"]
    copies = [part.split('"')[0].removeprefix("https://me.dev/") for part in html.split('src="')[1:]]
    assert copies[2] == "c.png" and copies[0] == copies[3] and copies[0] != copies[1]
    assert all((tmp_path / "public" / copy).is_file() for copy in copies)


def test_a_post_without_title_or_heading_has_its_files_name(tmp_path: Path) -> None:
    files = {".vitepress/config.mts": "export default {};", "posts/tea & water.md": "---\ndate: 2024-03-04\n---\n\nx\n"}
    assert made(tmp_path, files)["tea & water.md"]["title"] == "tea & water"


@pytest.mark.parametrize(
    ("encrypt", "hidden"),
    [
        ('{ config: { "/posts/b": ["x"] } }', ["b.md"]),
        ("{ global: true }", ["a.md", "b.md"]),
        ("makeEncryption()", ["a.md", "b.md"]),
        ("false", []),
        ("{ config: {} }", []),
        ("{ config: secrets }", ["a.md", "b.md"]),
    ],
)
def test_what_a_theme_of_vuepress_encrypts_is_private(tmp_path: Path, encrypt: str, hidden: list[str]) -> None:
    """By address; where the table cannot be read, nothing comes out."""
    files = {
        "docs/.vuepress/config.ts": "export default { theme };",
        "docs/.vuepress/theme.ts": f"export default hopeTheme({{ encrypt: {encrypt} }});",
        "docs/posts/a.md": POST.format("a"), "docs/posts/b.md": POST.format("b"),
    }  # fmt: skip
    assert sorted({"a.md", "b.md"} - made(tmp_path, files).keys()) == hidden


def test_vuepress_1_takes_names_as_they_are(tmp_path: Path) -> None:
    files = {"docs/.vuepress/config.js": "module.exports = {};", "docs/posts/_a & b.md": POST.format("x")}
    for version, url in (("1.9.0", "posts/_a%20&%20b.html"), ("2.0.0-rc.20", "posts/a%20_%20b.html")):
        package = f'{{"devDependencies": {{"vuepress": "^{version}"}}}}'
        entries = made(tmp_path / version, {**files, "package.json": package})
        assert entries["_a & b.md"]["url"] == f"https://me.dev/{url}"


@pytest.mark.parametrize(
    ("config", "url"),
    [
        ("cleanUrls: true", "posts/a"),
        ("", "posts/a.html"),
        ("rewrites: { 'posts/a.md': 'b.md' }", "b.html"),
        ("srcDir: './src'", "a.html"),
    ],
)
def test_the_settings_of_vitepress_that_move_pages(tmp_path: Path, config: str, url: str) -> None:
    folder = "src" if "srcDir" in config else "posts"
    files = {".vitepress/config.mts": f"export default {{ {config} }};", f"{folder}/a.md": POST.format("x")}
    assert made(tmp_path, files)["a.md"]["url"] == f"https://me.dev/{url}"


@pytest.mark.parametrize(
    ("blog", "url"),
    [
        ("{ path: 'blog' }", "blog/2024/03/04/one"),
        ("{ routeBasePath: '/' }", "2024/03/04/one"),
        ("{ routeBasePath: 'notes' }, trailingSlash: true", "notes/2024/03/04/one/"),
    ],
)
def test_the_settings_of_docusaurus_that_move_pages(tmp_path: Path, blog: str, url: str) -> None:
    files = {"docusaurus.config.js": f"module.exports = {{ blog: {blog} }};", "blog/2024-03-04-one.md": "# One\n\nx\n"}
    assert made(tmp_path, files)["2024-03-04-one.md"]["url"] == f"https://me.dev/{url}"


@pytest.mark.parametrize(
    ("settings", "url"),
    [
        ("plugins: [material/blog]", "blog/2024/03/04/one/"),
        ("plugins:\n  - blog:\n      post_url_format: '{slug}'", "blog/one/"),
        (
            "plugins:\n  - blog:\n      post_url_date_format: yyyy/M\n      post_url_format: '{categories}/{date}/{file}'",
            "blog/tea/2024/3/a/",
        ),
        ("use_directory_urls: false\nplugins: [blog]", "blog/2024/03/04/one.html"),
        ("plugins: [search]", "blog/posts/a/"),
    ],
)
def test_the_settings_of_mkdocs_that_move_pages(tmp_path: Path, settings: str, url: str) -> None:
    files = {
        "mkdocs.yml": f"site_name: T\n{settings}\n",
        "docs/blog/posts/a.md": "---\ndate: 2024-03-04\ncategories: [Tea, Water]\n---\n\n# One\n\nx\n",
    }
    assert made(tmp_path, files)["a.md"]["url"] == f"https://me.dev/{url}"


@pytest.mark.parametrize(
    ("title", "slug"),
    [("Hello World!", "hello-world"), ("茶 & 水", "茶--水"), ("a_b C++ / d.e", "a_b-c--de"), ("<b>x</b> y", "x-y")],
)
def test_slugs_of_material_for_mkdocs(title: str, slug: str) -> None:
    assert slugified(title) == slug
