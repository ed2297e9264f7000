"""Short codes that an Eleventy site defines in JavaScript: what they show in posts, and what is kept of those that are not read."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from feeds.build import run
from feeds.dialects.eleventy import short_codes
from feeds.dialects.javascript.syntax import UnreadableCodeError
from feeds.settings import Settings

CONFIG = r"""
import film from "./codes/film.js";
import { note } from "./codes/boxes.js";
const { twice } = require('./codes/object.cjs');
import MarkdownIt from "markdown-it";
const all = require("./codes/object.cjs");
export default function (eleventyConfig) {
  eleventyConfig.addShortcode("film", film);
  eleventyConfig.addPairedShortcode("note", note);
  eleventyConfig.addShortcode("twice", twice);
  eleventyConfig.addPairedShortcode('aside', function (content, title = 'Meaning') {
    // no comment is code: `${
    var html = `<h3>${title}</h3>`, rest;
    content.split(/(?:\r?\n)+/).forEach(line => {
      if (line.trim() === '') return;
      html += `<p>${line}</p>`;
    });
    return html;
  });
  for (const [name, code] of Object.entries(all)) { }
  Object.keys(all).forEach((name) => { eleventyConfig.addShortcode(name, all[name]); });
  eleventyConfig.addNunjucksShortcode("figure", ({ src, alt = "" }) => `<figure><img src="${src}" alt="${alt}"></figure>`);
  eleventyConfig.addPairedShortcode("deep", (inside, title) => {
    const renderer = new MarkdownIt({html: true});
    return `<h2>${renderer.renderInline(title)}</h2>${MarkdownIt().use().render(inside)}`;
  });
  eleventyConfig.addShortcode("filename", name => `<div class="name">${name}</div>\n\n`);
  eleventyConfig.addShortcode("year", () => `${new Date().getFullYear()}`);
  eleventyConfig.addPairedShortcode("own", function (content) { return this.page.url + content; });
  eleventyConfig.addAsyncShortcode("image", async (src, alt) => await picture(src, alt));
}
"""
MODULES = {
    "eleventy.config.js": CONFIG,
    "codes/film.js": "export default function film(id, title) {\n"
    "  return `<a href=\"https://films.example/${id}\">${title || 'Film'}</a>`;\n}\n",
    "codes/boxes.js": "export const note = (content, kind) => `<div class=\"${kind}\">\n\n${content}\n</div>`;\n",
    "codes/object.cjs": "module.exports = {\n  keys(text) { let out = ''; for (const key of text.split('+')) { out += `<kbd>${key}</kbd>`; }\n"
    "    return out; },\n  twice: (number, sign = '€') => `${sign}${number * 2}`,\n};\n",
}  # fmt: skip


def shown(name: str, written: str = "", inside: str | None = None) -> str:
    return short_codes.of_code(short_codes.config_code(MODULES.get))[name](
        written, inside, {"title": "Tea", "page": {"url": "/tea/"}}, lambda text: f"<p>{text.upper()}</p>\n"
    )


@pytest.mark.parametrize(
    ("name", "written", "inside", "result"),
    [
        ("film", '"a1", "A song"', None, '<a href="https://films.example/a1">A song</a>'),
        ("film", "'a1'", None, '<a href="https://films.example/a1">Film</a>'),
        ("film", '"a1" "A, b"', None, '<a href="https://films.example/a1">A, b</a>'),
        ("film", "title, page.url", None, '<a href="https://films.example/Tea">/tea/</a>'),
        ("note", '"warn"', "Mind.", '<div class="warn">\n\nMind.\n</div>'),
        ("aside", "", "\nOne.\n\nTwo.\n", "<h3>Meaning</h3><p>One.</p><p>Two.</p>"),
        ("deep", "title", "One.", "<h2>TEA</h2><p>ONE.</p>\n"),
        ("keys", '"Ctrl+C"', None, "<kbd>Ctrl</kbd><kbd>C</kbd>"),
        ("twice", "4", None, "€8"),
        ("twice", '4, "$"', None, "$8"),
        ("figure", 'src="/a.png", alt="A"', None, '<figure><img src="/a.png" alt="A"></figure>'),
    ],
)
def test_what_is_shown(name: str, written: str, inside: str | None, result: str) -> None:
    assert shown(name, written, inside) == result


@pytest.mark.parametrize(
    ("name", "written", "inside"),
    [("year", "", None), ("film", "unknown", None), ("note", "'x'", None), ("twice", "4", "Text.")],
)
def test_what_is_not_read(name: str, written: str, inside: str | None) -> None:
    """Today's date, unknown variables, and ends that do not fit are not guessed; what uses `this` or waits is no short code here."""
    with pytest.raises(UnreadableCodeError):
        shown(name, written, inside)
    assert {"own", "image"}.isdisjoint(short_codes.of_code(short_codes.config_code(MODULES.get)))


def test_a_blog(tmp_path: Path) -> None:
    """Texts have what functions show; of those that are not read the inside stays. A change of a module changes the texts."""
    files = {
        **MODULES,
        "posts/a.md": "---\ntitle: A\ndate: 2024-01-02\ntags: posts\n---\n"
        '{% film "a1", "A **song**" %}\n\n{% note "warn" %}\nMind the *gap*.\n{% endnote %}\n\n{% own %}Kept.{% endown %}\n\n'
        '{% filename "a.rb" %}\n```ruby\nputs\n```\n\nBefore\n{% keys "A" %}\nafter.\n\n{% twice 2 %} in {% year %}.\n\n{% image "/a.png", "Shown" %}\n\n{% deep "On *tea*" %}\n- One\n\n- `{% x %}`\n{% enddeep %}\n\n'
        '{% renderTemplate "webc" %}\n<media-box\n\ttitle="T"\n>\n\tInside.\n\nAnd *then*.\n</media-box>\n{% endrenderTemplate %}\n',
        "feeds.toml": 'base_url = "https://site.example/"\nposts = "posts"\ngenerator = "eleventy"\n',
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    site = Settings(
        base_url="https://site.example/", posts=tmp_path / "posts", output=tmp_path / "public", state=tmp_path / ".feeds",
        workers=1, config=tmp_path / "feeds.toml", generator="eleventy",
    )  # fmt: skip

    def content() -> str:
        with run.look(site, datetime(2026, 1, 1, tzinfo=UTC)) as (_, result):
            return str(result.publication.feeds[0].entries[0].content)

    first = content()
    for part in (
        '<a href="https://films.example/a1">A <strong>song</strong></a>', "<p>Mind the <em>gap</em>.</p>", "Kept.", "€4 in .",
        '<img src="https://site.example/a.png" alt="Shown">', "<h2>On <em>tea</em></h2><ul>\n<li>", "Inside.", "Before\n<kbd>A</kbd>\nafter.",
        "a.rb</div>\n<pre>", "And <em>then</em>.",
    ):  # fmt: skip
        assert part in first
    assert "media-box" not in first
    (tmp_path / "codes" / "film.js").write_text(MODULES["codes/film.js"].replace("films.example", "other.example"), "utf-8")
    assert '<a href="https://other.example/a1">' in content()
