"""Functions in data files of Eleventy: what they return, what is not read, and that a blog's own computed permalinks count."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from feeds.build import run
from feeds.dialects.config_files import SiteFolder
from feeds.dialects.eleventy.settings import detect
from feeds.dialects.eleventy.slugs import PACKAGES
from feeds.dialects.javascript.functions import call
from feeds.dialects.javascript.syntax import UnreadableCodeError
from feeds.settings import Settings

MODULE = r"""
const slugify = (value = "") =>
  value.toString().normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "");
export function pad(number) { return String(number).padStart(2, "0"); }
const folderOf = ({ page }) => {
  const parts = page.filePathStem.split("/");
  return parts[parts.length - 2];
};
const again = (value) => again(value);
"""
DATA: dict[str, Any] = {
    "page": {"filePathStem": "/en/blog/2012-10-03_first-one/index", "fileSlug": "first", "inputPath": "./en/a.md"},
    "title": "Été à b", "lang": None, "tags": ["a", "b", "posts"], "draft": False, "n": 3,
}  # fmt: skip


@pytest.mark.parametrize(
    ("function", "result"),
    [
        ("data => `/${data.lang || 'en'}/${folderOf(data).split('_').slice(1).join('_')}/`", "/en/first-one/"),
        ("data => { const slug = slugify(data.title); if (!slug) return false; return `/p/${slug}/`; }", "/p/ete-a-b/"),
        ("data => data.missing?.slug ?? slugify(data.title)", "ete-a-b"),
        ("({ page, n = 1 }) => n > 2 && page.fileSlug === 'first' ? pad(n) : false", "03"),
        ("function (data) { if (data.draft) { return false; } else return data.permalink; }", None),
        ("(data) => ['x', ...data.tags.filter((tag) => tag !== 'posts')].map(tag => tag.toUpperCase())", ["X", "A", "B"]),
        ("data => `a${`b${data.n + 1}`}\\``", "ab4`"),
        (
            "data => data.page.filePathStem.replace(/^\\/en\\/(\\w+)/, '/$1').replace('/index', '/')",
            "/blog/2012-10-03_first-one/",
        ),
        ("data => ({...data.page, fileSlug: 'own'}).fileSlug + [1, 2].length", "own2"),
        ("data => /^\\d/.test(folderOf(data)) && data.title.includes('b')", True),
        ("data => data.page.inputPath.split('/').pop().split('.')[0]", "a"),
        ("data => { let out = '', n = 0; data.tags.forEach((tag, at) => { n = at; out += tag; }); return out + n; }", "abposts2"),
        (
            "data => { const out = []; for (const tag of data.tags) { let x = tag; if (x === 'a') { let x = 'z'; } out.push(x); } return out; }",
            ["a", "b", "posts"],
        ),
        ("data => ({ own(text) { return text + data.n; } }).own('n')", "n3"),
        ("data => 'a\\r\\n\\nb'.split(/(?:\\r?\\n)+/).join('|')", "a|b"),
        ("data => data.tags.map((tag, at) => tag + at)", ["a0", "b1", "posts2"]),
    ],
)
def test_what_is_returned(function: str, result: object) -> None:
    assert call(MODULE, function, DATA) == result


@pytest.mark.parametrize(
    "function",
    [
        "data => new Date(data.date)", "data => fetch('x')", "async data => 1", "data => { for (;;) {} }", "data => again(data)",
        "data => data.a.b", "data => require('fs').readFileSync('/etc/passwd')", "data => data.title.__class__",
        "data => data.title.constructor('x')", "data => 'x'.padStart(1e9)", "data => /(a+)+b/.test(data.title)", "data => { out = 1; return out; }", "data => { data.title = 'x'; }", "data => /(a?a)+b/.test(data.title)",
        "data => { for (const a of data.tags) { for (const b of 'x'.padStart(100)) { for (const c of 'x'.padStart(100)) { c.length; } } } return 1; }",
        "data =>", "data => `${",
        "data => " + "(" * 5_000, "data => " + "[" * 200 + "]" * 200, "data => " + "x => " * 500 + "1", "data => 'a' - 1",
    ],
)  # fmt: skip
def test_what_is_not_read(function: str) -> None:
    with pytest.raises(UnreadableCodeError):
        call(MODULE, function, DATA)


IMPORTS = """
import slugify from 'slugify'
import other from "@sindresorhus/slugify";
const third = require('third');
"""


@pytest.mark.parametrize(
    ("function", "result"),
    [
        ("data => slugify('Tea & fooBar: 5%')", "Tea-and-fooBar:-5percent"),
        ("data => slugify('Tea & fooBar: 5%', { lower: true, strict: true })", "tea-and-foobar-5percent"),
        ("data => slugify('Été à 北京', '_')", "Ete_a"),
        ("data => other('Tea & fooBar')", "tea-and-foo-bar"),
        ("data => other('Tea & fooBar', { decamelize: false })", "tea-and-foobar"),
        ("data => slugify('x', { remove: /x/ })", UnreadableCodeError),
        ("data => other('x', { separator: '_' })", UnreadableCodeError),
        ("data => slugify(data.n)", UnreadableCodeError),
        ("data => third('x')", UnreadableCodeError),
    ],
)
def test_packages_that_make_slugs(function: str, result: object) -> None:
    """As recorded of slugify 1.6 and @sindresorhus/slugify 1.1; an option that is not read is not guessed."""
    if result is UnreadableCodeError:
        with pytest.raises(UnreadableCodeError):
            call(IMPORTS, function, DATA, packages=PACKAGES)
    else:
        assert call(IMPORTS, function, DATA, packages=PACKAGES) == result
    with pytest.raises(UnreadableCodeError):
        call(IMPORTS, function, DATA)


def test_nothing_grows_without_bounds() -> None:
    doubled = "data => { const a = 'x'.padStart(100); " + "".join(
        f"const a{number} = {'a' if not number else f'a{number - 1}'} + {'a' if not number else f'a{number - 1}'};"
        for number in range(30)
    )
    with pytest.raises(UnreadableCodeError):
        call(MODULE, doubled + "return a29; }", DATA)


def test_computed_data_of_a_blog(tmp_path: Path) -> None:
    """The module lies beside the posts folder; when it changes, so do the addresses. A function that is not read changes nothing."""
    files = {
        "_data/shared.mjs": "const top = 'blog';\nexport default {tags: ['posts'], eleventyComputed: {\n"
        "  permalink: (data) => { const name = data.page.fileSlug; return name === 'b' ? false : `/${top}/${name}/`; },\n"
        "  title: data => data.title || data.page.fileSlug.toUpperCase(),\n  date: data => new Date(),\n}};\n",
        "content/x/x.11tydata.mjs": "import shared from '../../_data/shared.mjs';\nexport default shared;\n",
        "content/x/a.md": "---\ndate: 2021-01-01\n---\nText.\n",
        "content/x/b.md": "---\ndate: 2021-01-02\n---\nText.\n",
        "content/y/y.11tydata.mjs": "export default {tags: 'posts', eleventyComputed: {permalink: data => new URL(data.x)}};\n",
        "content/y/c.md": "---\ntitle: C\ndate: 2021-01-03\n---\nText.\n",
        "content/z/z.11tydata.mjs": "export default {tags: ['posts'], eleventyComputed: {tags: data => ['blog', ...data.tags, 'red']}};\n",
        "content/z/d.md": "---\ntitle: D\ndate: 2021-01-04\ntags: [Notes, essays]\n---\nText.\n",
        "feeds.toml": 'base_url = "https://site.example/"\nposts = "content"\ngenerator = "eleventy"\n',
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")

    site = Settings(
        base_url="https://site.example/", posts=tmp_path / "content", output=tmp_path / "public", state=tmp_path / ".feeds",
        workers=1, config=tmp_path / "feeds.toml", generator="eleventy",
    )  # fmt: skip

    def links() -> dict[str, str]:
        with run.look(site, datetime(2026, 1, 1, tzinfo=UTC)) as (_, result):
            [terms] = [entry.categories for entry in result.publication.feeds[0].entries if entry.title == "D"]
            assert [term.label for term in terms] == ["Notes", "essays", "red"], "a collection that a function adds is not a tag"
            return {entry.title: str(entry.permalink) for entry in result.publication.feeds[0].entries}

    assert links() == {
        "A": "https://site.example/blog/a/", "C": "https://site.example/y/c/", "D": "https://site.example/z/d/",
    }  # fmt: skip
    (tmp_path / "_data/shared.mjs").write_text(files["_data/shared.mjs"].replace("'blog'", "'log'"), "utf-8")
    assert links()["A"] == "https://site.example/log/a/"


def _each_from_the_last(written: str) -> str:
    return "\n".join(
        [
            "const a0 = ['x'];",
            "const b0 = ['x'];",
            *(written.replace("NEW", f"{n}").replace("OLD", f"{n - 1}") for n in range(1, 41)),
        ]
    )


@pytest.mark.parametrize(
    ("module", "function"),
    [
        ("const aNEW = [...aOLD, ...aOLD];", "d => a40"),
        ("const aNEW = aOLD.concat(aOLD);", "d => a40"),
        ("const aNEW = [aOLD, aOLD];", "d => String(a40)"),
        ("const aNEW = [aOLD, aOLD];", "d => a40.join('-')"),
        ("const aNEW = [...aOLD, ...aOLD];", "d => a11.map(x => a11.join(''))"),
        ("const aNEW = aOLD;", "d => d.s.replaceAll('x', d.s)"),
        ("const aNEW = aOLD;", "d => d.s.replace(/x/g, d.s)"),
        ("const aNEW = aOLD;", "d => /x*x*y/.test(d.s)"),
        ("const aNEW = aOLD;", "d => /x?x?x?x?x?x?x?x?x?x?x?x?x?x?y/.test(d.s)"),
        ("const aNEW = aOLD;", "d => /(x|xx)+y/.test(d.s)"),
        ("const aNEW = aOLD; const cNEW = 0;", "d => 99999999 * 99999999 * 99999999"),
    ],
)
def test_what_grows_with_each_step_is_not_read(module: str, function: str) -> None:
    """Each would take hours or all memory."""
    with pytest.raises(UnreadableCodeError):
        call(_each_from_the_last(module), function, {"s": "x" * 1_000})


def test_lists_are_equal_only_to_themselves() -> None:
    """As `===` has it; whole trees are never compared."""
    module = _each_from_the_last("const aNEW = [aOLD, aOLD];\nconst bNEW = [bOLD, bOLD];")
    assert call(module, "d => [a40 === b40, a40 === a40, [a40].includes(b40), [a40].indexOf(a40)]", {}) == [False, True, False, 0]


@pytest.mark.parametrize(
    ("function", "is_read"),
    [("d => `/${d.page.fileSlug}/`", True), ("d => `/${dayjs(d.page.date).format('YYYY')}/${d.page.fileSlug}/`", False)],
)
def test_init_names_files_whose_permalinks_are_not_read(tmp_path: Path, function: str, is_read: bool) -> None:
    """Eleventy's own address would stand for them without a word."""
    (tmp_path / "src" / "posts").mkdir(parents=True)
    (tmp_path / "package.json").write_text('{"dependencies": {"@11ty/eleventy": "3"}}')
    (tmp_path / "eleventy.config.js").write_text('module.exports = (c) => ({dir: {input: "src"}});')
    (tmp_path / "src" / "posts" / "posts.11tydata.js").write_text(
        f"module.exports = {{eleventyComputed: {{permalink: {function}}}}};"
    )
    result = detect(SiteFolder(tmp_path))
    assert result is not None
    notes = [note for note in result.notes if note.startswith("src/posts/posts.11tydata.js computes permalinks")]
    assert bool(notes) is not is_read
