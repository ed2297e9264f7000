"""What Hugo's blogs mean beyond the recorded sites: bundles that come and go, inherited front matter, where a setting is absent."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from feeds.build import run
from feeds.dialects.config_files import SiteFolder
from feeds.dialects.hugo import own_feeds, paths
from feeds.dialects.hugo.dialect import DIALECT
from feeds.errors import RefusedError
from feeds.migrate import init
from feeds.publish import guard
from feeds.settings import Settings

NOW = datetime(2026, 1, 1, tzinfo=UTC)
Write = Callable[[str, str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def put(name: str, text: str) -> Path:
        path = tmp_path / "content" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        return path

    return put


def published(folder: Path, **options: object) -> dict[str, str]:
    """The permalink of each published post, by title."""
    settings = Settings(
        base_url="https://site.example/", posts=folder / "content", output=folder / "public", state=folder / ".feeds",
        generator="hugo", categories_mode="parallel", dialect=options, config=folder / "feeds.toml", max_removed_fraction=1.0,
    )  # fmt: skip
    outcome = run.publish(settings, NOW, accepted=guard.Accepted(removals=True))
    return {entry.title: entry.permalink for entry in outcome.built.publication.feeds[0].entries}


def post(title: str, extra: str = "") -> str:
    return f"---\ntitle: {title}\ndate: 2025-01-02\n{extra}---\n\nText of {title}.\n"


def test_a_post_in_another_markup_is_told_and_not_read_as_markdown(tmp_path: Path, write: Write) -> None:
    """Front matter decides, that of a section's `cascade` too; Pandoc's Markdown is Markdown, and drafts need no word."""
    write("posts/plain.md", post("Plain", "markup: goldmark\n"))
    write("posts/cited.md", post("Cited", "markup: Pandoc\n"))
    write("posts/org.md", post("Org", "markup: org\n"))
    write("posts/draft.md", post("Draft", "markup: rst\ndraft: true\n"))
    write("notes/_index.md", "---\ncascade:\n  markup: asciidocext\n---\n")
    write("notes/below.md", post("Below"))
    assert set(published(tmp_path)) == {"Plain", "Cited"}
    settings = Settings(
        base_url="https://site.example/", posts=tmp_path / "content", output=tmp_path / "public", state=tmp_path / ".feeds",
        generator="hugo", categories_mode="parallel", config=tmp_path / "feeds.toml",
    )  # fmt: skip
    with run.look(settings, NOW) as (_, built):
        publication = built.publication
    told = [(problem.path, problem.severity, problem.line) for problem in publication.problems if problem.code == "markup"]
    assert sorted(told) == [("notes/below.md", "warning", None), ("posts/cited.md", "notice", 4), ("posts/org.md", "warning", 4)]
    reasons = {item.path: item.reason for item in publication.left_out}
    assert reasons["notes/below.md"] == reasons["posts/org.md"] == "unread-markup" and reasons["posts/draft.md"] == "draft"


def test_posts_at_the_root_of_the_content_folder(tmp_path: Path, write: Write) -> None:
    """They are posts if most are there, but pages without a date and those of usual names are not; a few are told."""
    for number in range(3):
        write(f"{number}.md", post(f"Root {number}"))
    write("about.md", post("About"))
    write("uses.md", "---\ntitle: Uses\n---\n\nA keyboard.\n")
    write("posts/a.md", post("A"))
    (tmp_path / "hugo.toml").write_text('baseURL = "https://site.example/"\n', "utf-8")
    found = init.look(tmp_path)
    assert found.settings["dialect"]["root_posts"] is True
    assert published(tmp_path, root_posts=True) == {
        "A": "https://site.example/posts/a/", **{f"Root {number}": f"https://site.example/{number}/" for number in range(3)},
    }  # fmt: skip
    for name in "bcd":
        write(f"posts/{name}.md", post(name.upper()))
    found = init.look(tmp_path)
    assert "root_posts" not in found.settings.get("dialect", {})
    assert any("are taken for pages: 3. If they are posts" in note for note in found.notes)
    assert set(published(tmp_path)) == set("ABCD")
    (tmp_path / "hugo.toml").write_text('baseURL = "https://site.example/"\nparams.mainSections = ["posts"]\n', "utf-8")
    assert not any("are taken for pages" in note for note in init.look(tmp_path).notes)


def test_a_page_becomes_a_resource_with_the_bundle_around_it(tmp_path: Path, write: Write) -> None:
    """index.md beside it makes a page a resource of the bundle, and back; the page's own file never changes."""
    write("posts/trip/notes.md", post("Notes"))
    write("posts/plain.md", post("Plain"))
    assert set(published(tmp_path)) == {"Notes", "Plain"}
    index = write("posts/trip/index.md", post("Trip"))
    assert set(published(tmp_path)) == {"Trip", "Plain"}
    index.unlink()
    assert set(published(tmp_path)) == {"Notes", "Plain"}


def test_the_nearest_cascade_wins_and_the_page_itself_over_it(tmp_path: Path, write: Write) -> None:
    write("_index.md", "---\ntitle: Home\ncascade:\n  draft: true\n---\n")
    write("posts/_index.md", "---\ntitle: Posts\ncascade:\n- draft: false\n  target: {path: '/posts/*'}\n---\n")
    write("posts/a.md", post("A"))
    write("posts/deep/b.md", post("B"))
    write("notes/c.md", post("C"))
    write("notes/d.md", post("D", "draft: false\n"))
    assert published(tmp_path) == {"A": "https://site.example/posts/a/", "D": "https://site.example/notes/d/"}


def test_a_change_of_cascade_reaches_posts_whose_files_stay(tmp_path: Path, write: Write) -> None:
    write("posts/a.md", post("A"))
    write("posts/_index.md", "---\ntitle: Posts\n---\n")
    assert set(published(tmp_path)) == {"A"}
    write("posts/_index.md", "---\ntitle: Posts\ncascade: {build: {list: never}}\n---\n")
    assert published(tmp_path) == {}


def _titles(folder: Path) -> set[str]:
    """The titles in the site's feed after a build."""
    settings = Settings(
        base_url="https://site.example/", posts=folder / "content", output=folder / "public", state=folder / ".feeds",
        generator="hugo", categories_mode="parallel", config=folder / "feeds.toml", max_removed_fraction=1.0, title="Site",
    )  # fmt: skip
    run.publish(settings, NOW, accepted=guard.Accepted(removals=True))
    return set(re.findall(r"<title>(.)</title>", (folder / "public/atom.xml").read_text("utf-8")))


def test_a_section_that_cannot_be_read_hides_what_is_new_below_it(tmp_path: Path, write: Write) -> None:
    """It might hold a cascade that hides. What was public stays, unless a line of the broken file hides."""
    write("posts/a.md", post("A"))
    write("private/b.md", post("B"))
    write("private/_index.md", '---\ntitle: "Private\n---\n')
    assert _titles(tmp_path) == {"A"}
    write("private/_index.md", "---\ntitle: Private\n---\n")
    assert _titles(tmp_path) == {"A", "B"}
    write("private/_index.md", '---\ntitle: "Private\n---\n')
    write("private/c.md", post("C"))
    assert _titles(tmp_path) == {"A", "B"}
    write("private/_index.md", '---\ntitle: "Private\ncascade:\n  build:\n    list: never\n---\n')
    assert _titles(tmp_path) == {"A"}


@pytest.mark.parametrize("target", ["{/secret,/secret/**}", "/{other,secr?t}/**", "/**/b"])
def test_a_target_may_hold_patterns_within_braces(tmp_path: Path, write: Write, target: str) -> None:
    write("posts/a.md", post("A"))
    write("secret/b.md", post("B"))
    write("_index.md", f"---\ncascade:\n- target: {{path: '{target}'}}\n  draft: true\n---\n")
    assert set(published(tmp_path)) == {"A"}


def test_cascade_of_the_settings(tmp_path: Path, write: Write) -> None:
    write("posts/a.md", post("A"))
    write("secret/b.md", post("B"))
    hidden = {"build": {"list": "never"}, "target": {"path": "/secret/**"}}
    assert set(published(tmp_path, cascade=[hidden])) == {"A"}


def test_files_that_the_settings_leave_out_are_not_posts(tmp_path: Path, write: Write) -> None:
    """ignoreFiles, excludeFiles of a mount, and flags of [[cascade]], which TOML gives as booleans."""
    for name in ("posts/a.md", "posts/b.private.md", "priv/c.md", "priv/deep/d.md", "diary/e.md"):
        write(name, post(name))
    options: dict[str, object] = {
        "ignore_files": [r"\.private\.md$", "/priv/deep/"], "exclude_files": ["/priv/*"],
        "cascade": [{"draft": True, "target": {"path": "/diary/**"}}],
    }  # fmt: skip
    assert set(published(tmp_path, **options)) == {"posts/a.md"}
    assert set(published(tmp_path, ignore_files=["(?P<"])) == set()
    assert set(published(tmp_path, include_files=["posts/**"])) == {"posts/a.md", "posts/b.private.md"}


@pytest.mark.parametrize(
    ("segments", "titles"),
    [
        ({"excludes": [{"path": "{/priv,/priv/**}"}, {"kind": "term"}]}, {"A", "C"}),
        ({"includes": [{"path": "/posts/**"}, {"kind": "{home,section}"}]}, {"A"}),
        ({"includes": [{"kind": "page", "lang": "e*"}], "excludes": [{"path": "/posts/**", "output": "html"}]}, {"B", "C"}),
        ({"excludes": [{"output": "rss"}], "includes": []}, {"A", "B", "C"}),
        ({"excludes": [{"path": "/notes/*", "lang": "de"}]}, {"A", "B", "C"}),
    ],
)
def test_pages_that_hugo_does_not_render_are_no_posts(
    tmp_path: Path, write: Write, segments: dict[str, object], titles: set[str]
) -> None:
    """`renderSegments`: what a segment leaves out wins over what one takes in."""
    for name, title in (("posts/a.md", "A"), ("priv/b.md", "B"), ("notes/c.md", "C")):
        write(name, post(title))
    assert set(published(tmp_path, segments=segments)) == titles
    assert set(published(tmp_path, disable_pages=True)) == set()
    refused = Settings(
        base_url="https://site.example/", posts=tmp_path / "content", output=tmp_path / "other", state=tmp_path / ".other",
        generator="hugo", dialect={"disable_pages": True}, config=tmp_path / "feeds.toml",
    )  # fmt: skip
    with pytest.raises(RefusedError, match=r"none of the files in the posts folder \(3\) is a post: disableKinds leaves it out"):
        run.publish(refused, NOW)


@pytest.mark.parametrize("target", ["{environment: '{production,staging}'}", "{lang: '*', kind: '{page,section}'}", "{kind: p*}"])
def test_every_field_of_a_target_is_a_pattern(tmp_path: Path, write: Write, target: str) -> None:
    write("posts/a.md", post("A"))
    write("secret/b.md", post("B"))
    write("secret/_index.md", f"---\ncascade:\n- target: {target}\n  draft: true\n---\n")
    assert set(published(tmp_path)) == {"A"}


@pytest.mark.parametrize(
    ("settings", "options"),
    [
        ('disableKinds = ["page", "RSS"]', {"disable_pages": True}),
        ('renderSegments = "a"\n[[segments.A.excludes]]\npath = "/x/**"\n[[segments.b.excludes]]\npath = "/y"', {"segments": {"excludes": [{"path": "/x/**"}]}}),
        ('[[segments.a.excludes]]\npath = "/x/**"', {}),
        ('[[module.mounts]]\nsource = "content"\ntarget = "content"\nfiles = ["posts/**", "! posts/b*"]', {"include_files": ["posts/**"], "exclude_files": ["posts/b*"]}),
        ('[[module.mounts]]\nsource = "content/posts"\ntarget = "content/posts"\nexcludeFiles = "x*"', {"include_files": ["posts/**"], "exclude_files": ["posts/x*"]}),
        ('[[module.mounts]]\nsource = "content"\ntarget = "content"\n[[module.mounts]]\nsource = "static"\ntarget = "static"', {}),
    ],
)  # fmt: skip
def test_what_keeps_pages_out_is_taken_over(tmp_path: Path, settings: str, options: dict[str, object]) -> None:
    (tmp_path / "hugo.toml").write_text(settings, "utf-8")
    (tmp_path / "content").mkdir()
    found = DIALECT.detect(SiteFolder(tmp_path))
    assert found is not None and found.settings["dialect"] == options


def test_sections_and_pages(tmp_path: Path, write: Write) -> None:
    for name in ("posts/a.md", "notes/b.md", "about.md", "page/c.md", "talks/d/index.md", "contact/index.md"):
        write(name, post(name))
    assert set(published(tmp_path)) == {"posts/a.md", "notes/b.md", "talks/d/index.md"}
    assert set(published(tmp_path, pages=["talks"])) == {"posts/a.md", "notes/b.md", "page/c.md"}
    assert set(published(tmp_path, sections=["posts", "."])) == {"posts/a.md", "about.md", "contact/index.md"}


def test_an_unlisted_language_of_folders_is_ignored(tmp_path: Path, write: Write) -> None:
    write("en/posts/a.md", post("A"))
    write("de/posts/b.md", post("B"))
    write("fr/posts/c.md", post("C"))
    languages = {"en": {"folder": "en"}, "de": {"folder": "de", "prefix": "de", "base_url": "https://de.example/x"}}
    assert published(tmp_path, languages=languages) == {
        "A": "https://site.example/posts/a/",
        "B": "https://de.example/x/de/posts/b/",
    }


@pytest.mark.parametrize(
    ("spec", "parts"),
    [
        ("[1:]", "b/c"),
        ("[:1]", "a"),
        ("[last]", "c"),
        ("[0]", "a"),
        ("[:last]", "a/b"),
        ("[7]", ""),
        ("[1:2]", "b"),
        ("[5:]", ""),
    ],
)
def test_slices_of_sections(spec: str, parts: str) -> None:
    facts = paths.PageFacts("a/b/c/x.md", "X", "", "", datetime(2025, 1, 2))  # noqa: DTZ001
    place = paths.split(facts.path)
    assert paths.expand(f"/:sections{spec}/", facts, place, paths.PathRules()) == f"/{parts}/"


@pytest.mark.parametrize(
    ("glob", "path", "fits"),
    [
        ("/posts/**", "/posts/a/b", True), ("/posts/*", "/posts/a/b", False), ("/{posts,notes}/*", "/notes/a", True),
        ("**", "/x", True), ("/posts/?", "/posts/a", True), ("/posts.a", "/postsxa", False),
    ],
)  # fmt: skip
def test_page_matchers(glob: str, path: str, fits: bool) -> None:
    assert paths.matches(glob, path) is fits


@pytest.mark.parametrize(
    ("tree", "sections", "expected"),
    [
        (
            {},
            {"posts": 3},
            {
                "paths": {"category": "categories/{slug}/", "tag": "tags/{slug}/"},
                "moved": {"posts/index.xml": "index.xml"},
            },
        ),
        (
            {"taxonomies": {"category": "topics", "tag": "tags"}, "permalinks": {"term": {"tags": "/t/:slug/"}}},
            {"posts": 3, "notes": 2, "about": 1},
            {
                "paths": {"category": "topics/{slug}/", "tag": "t/{slug}/"},
                "set": {"notes": {"any": ["path:notes/*"]}, "posts": {"any": ["path:posts/*"]}},
                "moved": {"notes/index.xml": "set/notes/index.xml", "posts/index.xml": "set/posts/index.xml"},
            },
        ),
        ({"disablekinds": ["term"], "outputs": {"section": ["html"]}}, {"posts": 3}, {}),
        ({"disablekinds": ["RSS"]}, {"posts": 3}, {}),
    ],
)
def test_feeds_of_sections_and_terms(tree: dict[str, Any], sections: dict[str, int], expected: dict[str, Any]) -> None:
    assert own_feeds.addresses(tree, sections, []) == expected


def test_init_keeps_the_feeds_of_sections_and_terms(tmp_path: Path) -> None:
    """What subscribers of /posts/index.xml and /tags/x/index.xml had goes on."""
    (tmp_path / "content/posts").mkdir(parents=True)
    (tmp_path / "hugo.toml").write_text('baseURL = "https://site.example/"\ntitle = "T"\n', "utf-8")
    (tmp_path / "content/posts/a.md").write_text("---\ntitle: A\ndate: 2024-01-02\ntags: [x]\n---\nText.\n", "utf-8")
    settings = init.run(tmp_path).settings
    assert settings["paths"] == {"category": "categories/{slug}/", "tag": "tags/{slug}/", "rss": "index.xml"}
    assert settings["moved"] == {"posts/index.xml": "index.xml"}


def test_a_relative_base_of_one_environment_is_not_taken_and_files_of_a_language_are_its_own(tmp_path: Path) -> None:
    """`config/production` with baseURL "/" and `languages.en.toml`, as themes with examples have them."""
    (tmp_path / "content/posts").mkdir(parents=True)
    for name, text in {
        "_default/hugo.toml": 'baseURL = "https://site.example/"\ndefaultContentLanguage = "zh"\n',
        "_default/languages.zh.toml": 'languageCode = "zh-CN"\ntitle = "站"\nweight = 1\n',
        "_default/languages.en.toml": 'languageCode = "en-GB"\nweight = 2\n',
        "_default/params.zh.toml": 'description = "一句话"\n',
        "_default/cascade.yaml": "- target: {path: '/diary/**'}\n  draft: true\n",
        "production/hugo.toml": 'baseURL = "/"\n',
    }.items():
        path = tmp_path / "config" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    for name in ("a.md", "a.en.md"):
        (tmp_path / "content/posts" / name).write_text(post(name), "utf-8")
    settings = init.run(tmp_path).settings
    assert (settings["base_url"], settings["title"], settings["description"]) == ("https://site.example/", "站", "一句话")
    assert settings["dialect"]["languages"] == {"zh": {"tag": "zh-CN"}, "en": {"prefix": "en", "tag": "en-GB"}}
    assert settings["dialect"]["cascade"] == [{"target": {"path": "/diary/**"}, "draft": "true"}]


def test_settings_of_several_documents_and_an_address_without_a_scheme(tmp_path: Path) -> None:
    """Of a YAML file of several documents Hugo reads the first; `//host` is an address of both schemes."""
    (tmp_path / "source/posts").mkdir(parents=True)
    (tmp_path / "static").mkdir()
    (tmp_path / "config.yaml").write_text('---\nbaseURL: "//site.example"\ncontentDir: source\ntitle: T\n---\n', "utf-8")
    (tmp_path / "source/posts/a.md").write_text(post("A"), "utf-8")
    settings = init.run(tmp_path).settings
    assert (settings["base_url"], settings["posts"], settings["title"]) == ("https://site.example/", "source", "T")


def test_posts_that_share_an_id_are_two_posts(tmp_path: Path, write: Write) -> None:
    """`id` means nothing to Hugo: one that was copied with the front matter costs no post; `guid` is one's own."""
    for name in ("a", "b"):
        write(f"posts/{name}.md", post(name, "id: 2402\n"))
    write("posts/c.md", post("c", 'guid: "tag:site.example,2020:c"\n'))
    assert set(published(tmp_path)) == {"a", "b", "c"}


def test_a_path_that_leads_out_of_a_page_finds_files_of_its_section(tmp_path: Path, write: Write) -> None:
    """`../` of `/posts/tea/` is `/posts/`, where Hugo publishes what lies in the section's folder."""
    write("posts/img/cup.png", "picture")
    write("posts/tea.md", post("Tea") + "\n![cup](../img/cup.png)\n")
    published(tmp_path)
    text = (tmp_path / "public" / "atom.xml").read_text("utf-8")
    assert re.findall(r'img src="([^"]+)"', text) == ["https://site.example/posts/img/cup.png"]
