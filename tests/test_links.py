"""What the addresses in a post mean: posts by their source files, files beside them, static files, and what leads nowhere."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from feeds.build import run
from feeds.content.lines import AddressLines
from feeds.publication import Publication
from feeds.publish import guard
from feeds.settings import Settings
from feeds.urls import resolve

MakeSite = Callable[[Mapping[str, str | bytes]], Path]
AS_OF = datetime(2026, 1, 1, tzinfo=UTC)
TARGETS = {
    "posts/second.md": "---\ntitle: Second\ndate: 2021-02-01\n---\nText.\n",
    "posts/sub/third one.md": "---\ntitle: Third\ndate: 2021-03-01\n---\nText.\n",
    "posts/sub/第四.md": "---\ntitle: Fourth\ndate: 2021-04-01\n---\nText.\n",
    "posts/trip/index.md": "---\ntitle: Trip\ndate: 2021-05-01\n---\nText.\n",
    "posts/hidden/secret-plan.md": "---\ntitle: Confidential\ndate: 2021-06-01\ndraft: true\n---\nText.\n",
    "posts/hidden/future.md": "---\ntitle: Confidential\ndate: 2031-06-01\n---\nText.\n",
    "posts/page.html": "---\ntitle: Page\ndate: 2021-07-01\n---\n<p>Text.</p>\n",
    "posts/pic.png": "png",
    "posts/a/own.png": "png",
    "posts/sub/deep pic.png": "png",
    "static/img/site.png": "png",
    "assets/other.png": "png",
    ".git/private.png": "png",
}


def settings(folder: Path, **changed: object) -> Settings:
    config = folder / "feeds.toml"
    config.touch()
    made = Settings(
        base_url="https://example.org/b/", posts=folder / "posts", output=folder / "public", state=folder / ".feeds",
        workers=1, config=config, permalink=":year/:title/",
    )  # fmt: skip
    return replace(made, **changed)  # type: ignore[arg-type]


def publication_of(site: Settings) -> Publication:
    with run.look(site, AS_OF) as (_, made):
        for feed in made.publication.feeds:
            tuple(feed.entries)
        return made.publication


def built(make_site: MakeSite, body: str, **changed: object) -> Publication:
    folder = make_site({**TARGETS, "posts/a.md": f"---\ntitle: A\ndate: 2021-01-01\n---\n{body}\n"})
    return publication_of(settings(folder, **changed))


def content(publication: Publication, title: str = "A") -> str:
    return next(entry.content for entry in publication.feeds[0].entries if entry.title == title)


def address(html: str) -> str | None:
    found = re.search(r'(?:href|src)="([^"]*)"', html)
    return found[1] if found else None


@pytest.mark.parametrize(
    ("body", "url"),
    [
        ("[x](second.md)", "https://example.org/b/2021/second/"),
        ("[x](./second.md)", "https://example.org/b/2021/second/"),
        ("[x](second.md#part)", "https://example.org/b/2021/second/#part"),
        ("[x](second.md?q=1#第)", "https://example.org/b/2021/second/?q=1#%E7%AC%AC"),
        ("[x](sub/../second.md)", "https://example.org/b/2021/second/"),
        ("[x](<sub/third one.md>)", "https://example.org/b/2021/sub/third%20one/"),
        ("[x](sub/third%20one.md)", "https://example.org/b/2021/sub/third%20one/"),
        ("[x](sub/第四.md)", "https://example.org/b/2021/sub/%E7%AC%AC%E5%9B%9B/"),
        ("[x](trip/index.md)", "https://example.org/b/2021/trip/"),
        ("[x](sub\\\\第四.md)", "https://example.org/b/2021/sub/%E7%AC%AC%E5%9B%9B/"),
        ("[x](/posts/second.md)", "https://example.org/b/2021/second/"),
        ("[x](/second.md)", "https://example.org/b/2021/second/"),
        ("[x](page.html)", "https://example.org/b/2021/page/"),
        ('<a href="second.md">x</a>', "https://example.org/b/2021/second/"),
        ("[x][r]\n\n[r]: second.md", "https://example.org/b/2021/second/"),
        ("[x](other/)", "https://example.org/b/2021/a/other/"),
        ("[x](/other/)", "https://example.org/other/"),
        ("[x](#part)", "https://example.org/b/2021/a/#part"),
        ("[x](https://example.net/second.md)", "https://example.net/second.md"),
        ("[x](//example.net/second.md)", "https://example.net/second.md"),
        ("[x](mailto:a@example.net)", "mailto:a@example.net"),
        ("![x](own.png)", "https://example.org/b/2021/a/own.png"),
        ("![x](pic.png)", "https://example.org/b/2021/a/pic.png"),
        ("![x](https://example.net/pic.png)", "https://example.net/pic.png"),
        ("![x](sub/deep%20pic.png)", "https://example.org/b/2021/a/sub/deep%20pic.png"),
    ],
)
def test_what_an_address_means(make_site: MakeSite, body: str, url: str) -> None:
    """The address of a post's source file is its permalink; every other address is a URL, as browsers have it."""
    publication = built(make_site, body)
    assert address(content(publication)) == url
    assert [problem.what for problem in publication.problems] == []


@pytest.mark.parametrize(
    "written", ["hidden/secret-plan.md", "hidden/future.md", "/posts/hidden/secret-plan.md", "./hidden/secret-plan.md#x"]
)
@pytest.mark.parametrize("mark", ["[a note]({})", '<a href="{}">a note</a>', "[a note][r]\n\n[r]: {}"])
def test_a_hidden_post_is_not_linked(make_site: MakeSite, written: str, mark: str) -> None:
    """The text of the link stays; neither path nor title of the hidden post comes out, and its author is told the line."""
    publication = built(make_site, "One line.\n\n" + mark.format(written))
    html = content(publication)
    assert "a note" in html
    assert "href" not in html and "secret-plan" not in html and "future" not in html and "Confidential" not in html
    [problem] = publication.problems
    assert (problem.code, problem.path) == ("link-hidden", "a.md")
    assert problem.line == (9 if "[r]:" in mark else 7)


@pytest.mark.parametrize("written", ["nothing.md", "../drafts/other.md", "sub/second.md", "nothing.rst"])
def test_a_missing_post_is_told(make_site: MakeSite, written: str) -> None:
    """A link to a source file that is not there would be dead wherever it led: its text stays."""
    publication = built(make_site, f"Before.\n\n[a note]({written})")
    assert "a note" in content(publication) and "href" not in content(publication)
    assert [(problem.code, problem.line) for problem in publication.problems] == [("link-missing", 7)]


def test_a_missing_picture_is_told(make_site: MakeSite) -> None:
    """On a page of ours the picture would be broken: the author is told its line, however it is written."""
    publication = built(make_site, "Before.\n\n![x](图/不在.png)\n\n<img src='not there.png'>", permalink=None)
    assert sorted((problem.code, problem.line or 0) for problem in publication.problems) == [
        ("file-missing", 7),
        ("file-missing", 9),
    ]


def test_a_picture_outside_the_posts_folder_is_copied(make_site: MakeSite) -> None:
    """What no page is known to show is published with the feeds; hidden folders and what lies outside the site are not."""
    body = "![x](../assets/other.png) ![y](../.git/private.png) ![z](../../../../../../../etc/hostname.png)"
    publication = built(make_site, body)
    [asset] = publication.assets
    assert asset.source == "/assets/other.png"
    assert f'src="https://example.org/b/{asset.path}"' in content(publication)


def test_a_picture_of_another_folder_is_copied(make_site: MakeSite) -> None:
    """A file that lies neither beside the post nor below has no place at the post's page."""
    folder = make_site(
        {**TARGETS, "posts/sub/b.md": "---\ntitle: B\ndate: 2021-01-01\n---\n![x](../pic.png) ![y](deep%20pic.png)\n"}
    )
    publication = publication_of(settings(folder))
    [asset] = publication.assets
    assert asset.source == "pic.png"
    html = content(publication, "B")
    assert f'src="https://example.org/b/{asset.path}"' in html and 'src="https://example.org/b/2021/sub/b/deep%20pic.png"' in html


def publish(site: Settings) -> run.Outcome:
    time.sleep(0.03)
    return run.publish(site, AS_OF)


def published(site: Settings, title: str = "A") -> str:
    import json

    items = json.loads((site.output / "feed.json").read_text("utf-8"))["items"]
    return str(next(item["content_html"] for item in items if item["title"] == title))


@pytest.mark.parametrize("workers", [1, 2])
def test_links_follow_their_targets(make_site: MakeSite, workers: int) -> None:
    """A post is converted again when what it links to has moved, is hidden, or is there at last; else it is not."""
    folder = make_site(
        {**TARGETS, "posts/a.md": "---\ntitle: A\ndate: 2021-01-01\n---\n[x](second.md) [y](late.md) ![z](late.png)\n"}
    )
    site = settings(folder, permalink=None, workers=workers)
    second = folder / "posts" / "second.md"
    assert len(publish(site).built.conversion.converted) > 1
    assert len(publish(site).built.conversion.converted) == 0
    assert 'href="https://example.org/b/entry/second/"' in published(site)
    second.write_text("---\ntitle: Second\ndate: 2021-02-01\npermalink: /moved/\n---\nText.\n", "utf-8")
    assert len(publish(site).built.conversion.converted) == 2
    assert 'href="https://example.org/b/moved/"' in published(site)
    second.write_text("---\ntitle: Second\ndate: 2021-02-01\ndraft: true\n---\nText.\n", "utf-8")
    run.publish(site, AS_OF, accepted=guard.Accepted(removals=True))
    assert "moved" not in published(site) and "second" not in published(site)
    (folder / "posts" / "late.md").write_text("---\ntitle: Late\ndate: 2021-02-01\n---\nText.\n", "utf-8")
    publish(site)
    assert 'href="https://example.org/b/entry/late/"' in published(site)
    (folder / "posts" / "late.png").write_text("png", "utf-8")
    outcome = publish(site)
    assert (len(outcome.built.conversion.converted), [asset.source for asset in outcome.built.publication.assets]) == (
        1,
        ["late.png"],
    )


def test_the_workers_ask_for_unchanged_posts(make_site: MakeSite) -> None:
    """Many new posts that link to posts which have not changed: as one process has it, so have several."""
    folder = make_site(TARGETS)
    outputs = []
    for workers in (1, 3):
        site = settings(folder, workers=workers, output=folder / f"public{workers}", state=folder / f".feeds{workers}", limit=500)
        publish(site)
        for number in range(150):
            (folder / "posts" / f"n{number}.md").write_text(
                f"---\ntitle: N{number}\ndate: 2022-01-01\n---\n[x](second.md) [y](sub/第四.md)\n", "utf-8"
            )
        outcome = publish(site)
        assert outcome.built.collected.unchanged is not None and len(outcome.built.collected.unchanged) > 3
        outputs.append((site.output / "feed.json").read_bytes())
        for number in range(150):
            (folder / "posts" / f"n{number}.md").unlink()
    assert outputs[0] == outputs[1]
    assert outputs[0].count(b"https://example.org/b/2021/second/") >= 150


def test_the_line_of_an_address() -> None:
    """Every way to write an address in Markdown or HTML, with its entities and its percent signs."""
    body = "a\n[x](one%20two.md 'T')\n![y](<three four.png>)\n<img alt='' src=\"a&amp;b.png\">\n[r]: five.md\n<https://example.net/> six\n[z](（图）.png)\n"
    lines = AddressLines(body)
    written = {
        "one two.md": 2,
        "three%20four.png": 3,
        "a&b.png": 4,
        "five.md": 5,
        "https://example.net/": 6,
        "%EF%BC%88%E5%9B%BE%EF%BC%89.png": 7,
    }
    assert {address: lines.line(address) for address in written} == written
    assert lines.line("none.md") is None


def test_an_unknown_tag_is_told_once(make_site: MakeSite) -> None:
    """One line for each name, with how often and in how many posts it is used."""
    folder = make_site({
        "posts/a.md": "---\ntitle: A\ndate: 2021-01-01\n---\n\n{% mystery %} {% mystery %}\n\n{% mystery %}\n",
        "posts/b.md": "---\ntitle: B\ndate: 2021-01-02\n---\n{% mystery 2 %}{% other %}\n",
    })  # fmt: skip
    problems = publication_of(settings(folder)).problems
    assert [(problem.path, problem.line, problem.what) for problem in problems] == [
        ("a.md", 6, "the template tag 'mystery' is not known: its marks are left out (in 3 lines of 2 posts)"),
        ("b.md", 5, "the template tag 'other' is not known: its marks are left out"),
    ]


def test_a_file_that_cannot_be_included_is_named(make_site: MakeSite) -> None:
    """Each of them on its line; a file that is there is shown."""
    folder = make_site({
        "_posts/2021-01-01-a.md": "---\ntitle: A\n---\n{% include none.md a='b' %}\n\n{% include there.md %}\n\n{% include_relative \"x.md\" %}\n",
        "_includes/there.md": "There.",
    })  # fmt: skip
    problems = publication_of(replace(settings(folder), posts=folder, generator="jekyll")).problems
    assert [(problem.line, problem.what.partition(":")[0]) for problem in problems if problem.code == "tag-unknown"] == [
        (4, "the template tag 'include' shows 'none.md', which cannot be included"),
        (8, "the template tag 'include_relative' shows 'x.md', which cannot be included"),
    ]


def test_short_codes_of_the_site_s_own(make_site: MakeSite) -> None:
    """What a Hugo site's short codes show comes from its folder; when they change, so does the entry."""
    folder = make_site({
        "content/posts/a.md": "---\ntitle: A\ndate: 2021-01-01\n---\n{{< tea kind=green >}}\n",
        "layouts/shortcodes/tea.html": "<b>{{ .Get \"kind\" }} tea</b>",
    })  # fmt: skip
    site = settings(folder, posts=folder / "content", generator="hugo", permalink=None)
    publish(site)
    assert "<b>green tea</b>" in published(site)
    (folder / "layouts/shortcodes/tea.html").write_text('<i>{{ .Get "kind" }}</i>', "utf-8")
    publish(site)
    assert "<i>green</i>" in published(site)


def test_short_codes_use_data_and_partials_of_the_site(make_site: MakeSite) -> None:
    """`.Site.Data` and `partial` in a Hugo site's short codes; when the data changes or the site overrides its theme, so does the entry."""
    folder = make_site({
        "content/posts/a.md": "---\ntitle: A\ndate: 2021-01-01\n---\n{{< tea green >}}\n",
        "layouts/shortcodes/tea.html":
            '{{ $id := .Get 0 }}{{ range .Site.Data.shop.teas }}{{ if eq .id $id }}{{ partial "price" (dict "tea" .) }}{{ end }}{{ end }}',
        "themes/t/layouts/partials/price.html": "<b>{{ .tea.name }}: {{ .tea.price }}</b>",
        "data/shop.json": '{"teas": [{"id": "black"}, {"id": "green", "name": "A & B", "price": 1234567}]}',
        "content/posts/b.md": "---\ntitle: B\ndate: 2021-01-02\n---\nNo tea.\n",
    })  # fmt: skip
    site = settings(folder, posts=folder / "content", generator="hugo", permalink=None)
    publish(site)
    assert "<b>A &amp; B: 1.234567e+06</b>" in published(site)
    (folder / "data/shop.json").write_text('{"teas": [{"id": "green", "name": "C", "price": 2.5}]}', "utf-8")
    (folder / "layouts/partials").mkdir(parents=True)
    (folder / "layouts/partials/price.html").write_text("<i>{{ $.tea.name }}, {{ .tea.price }}</i>", "utf-8")
    publish(site)
    assert "<i>C, 2.5</i>" in published(site)


@pytest.mark.parametrize("key", ["link", "external_url", "canonical_url", "canonical", "url", "source"])
@pytest.mark.parametrize("permalink", [":year/:title/", None])
def test_an_address_elsewhere_is_the_base_of_nothing(make_site: MakeSite, key: str, permalink: str | None) -> None:
    """What a post is about, or where else it stands, is neither its permalink nor the base of its pictures, comments or id."""
    address_elsewhere = "https://medium.example/@me/a-1"
    folder = make_site({"posts/a.md": f"---\ntitle: A\ndate: 2021-01-01\n{key}: {address_elsewhere}\n---\n![i](img.png)\n"})
    site = settings(folder, permalink=permalink, comments_url="{permalink}#comments", formats=("rss", "atom", "json"))
    [entry] = publication_of(site).feeds[0].entries
    assert entry.permalink == f"https://example.org/b/{'2021/a/' if permalink else 'entry/a/'}"
    assert entry.comments_url == entry.permalink + "#comments" and f'src="{entry.permalink}img.png"' in entry.content
    assert "medium.example" not in entry.id + entry.content
    canonical = key.startswith("canonical")
    assert (entry.via, entry.canonical) == ((None, address_elsewhere) if canonical else (address_elsewhere, None))
    publish(site)
    relation = "canonical" if canonical else "related"
    assert f'rel="{relation}" href="{address_elsewhere}"' in (site.output / "atom.xml").read_text("utf-8")
    assert f'<atom:link rel="{relation}" href="{address_elsewhere}"' in (site.output / "rss.xml").read_text("utf-8")


def test_an_address_of_the_site_itself_is_the_post_s_own(make_site: MakeSite) -> None:
    folder = make_site({"posts/a.md": "---\ntitle: A\ndate: 2021-01-01\nlink: https://example.org/b/own/\n---\nText.\n"})
    [entry] = publication_of(settings(folder)).feeds[0].entries
    assert (entry.permalink, entry.via) == ("https://example.org/b/own/", None)


def test_a_percent_sign_that_encodes_nothing_is_encoded() -> None:
    """RFC 3986 section 2.1; what is encoded stays as it is, once and again."""
    for written, url in {"/100%/": "/100%25/", "/a%zz?b=5%": "/a%25zz?b=5%25", "/%E8%8C%B6%2f": "/%E8%8C%B6%2f"}.items():
        resolved = resolve(written, "https://example.org/")
        assert resolved == f"https://example.org{url}" and resolve(resolved, "https://example.org/") == resolved
