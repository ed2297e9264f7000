"""Every finding that a command can report, in one table: a stable code comes in, what it means and how to fix it goes out.

docs/findings.md is made from it (`python -m feeds.findings`). A code never changes its meaning; one that is no longer
reported is deleted here and never used again.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple


class Described(NamedTuple):
    """What there is to know of one code.

    `severity` is the usual one. `example` is a post's text that brings the finding out, or a sentence if a text alone does not.
    """

    code: str
    severity: str
    meaning: str
    example: str
    fix: str

    @property
    def is_post(self) -> bool:
        """Whether the example is the text of a post."""
        return "\n" in self.example


def _post(front: str, body: str = "Text.") -> str:
    return f"---\ntitle: Tea\ndate: 2021-08-04\n{front}\n---\n{body}\n"


FRONT_MATTER = (
    Described("front-matter-open", "error", "Front matter begins and does not end.", "---\ntitle: Tea\ndate: 2021-08-04\n\nText.\n",
              "Write a line `---` after the last key."),
    Described("front-matter-yaml", "error", "Front matter is not valid YAML. The line is that of the cause: an open quotation mark, a full-width "
              "colon, a colon in a value without quotes, a conflict mark.", "---\ntitle: Tea: a guide\n---\nText.\n",
              "Do what the finding says, e.g. quote the value: `title: \"Tea: a guide\"`."),
    Described("front-matter-toml", "error", "Front matter between `+++` is not valid TOML.", "+++\ntitle = Tea\n+++\nText.\n", "Quote texts."),
    Described("front-matter-json", "error", "Front matter in JSON is not valid.", "{\"title\": \"Tea\",}\n\nText.\n", "Check commas, quotes and brackets."),
    Described("front-matter-js", "error", "Front matter behind `---js` is JavaScript that is not plain data.", "---js\nmodule.exports = load()\n---\nText.\n",
              "Write an object, or lines like `const title = \"Tea\";`, or YAML."),
    Described("front-matter-unread", "error", "The file begins with what looks like front matter and is not read: it is behind a comment or a line of text, "
              "between dashes of another kind, without a fence, or its lines end unusually. It is never published as text.",
              "<!-- my notes -->\n---\ntitle: Tea\ndraft: true\n---\nText.\n", "Write the keys at the very top of the file, between two lines `---`."),
    Described("front-matter-second", "warning", "The text holds the front matter of another post: two posts are in one file. If that hides its post, "
              "this is an error, and the file stays out.", _post("", "Text.\n\n---\ntitle: Coffee\ndate: 2021-08-05\n---\nMore text."),
              "Write each post in a file of its own; to show front matter, write it as code."),
    Described("front-matter-type", "error", "What is between the fences is a list or plain text. If no line of it looks like a key it is taken as the text "
              "of the post, and this is a warning.", "---\n- title: Tea\n---\nText.\n", "Write keys and values: `title: …`."),
    Described("front-matter-duplicate", "error", "A key is set twice.", "---\ntitle: Tea\ntitle: Coffee\n---\nText.\n", "Delete one of the two lines."),
    Described("front-matter-key", "error", "A key is a list or a table.", "---\n? [a, b]\n: c\n---\nText.\n", "Write text before the colon."),
    Described("front-matter-merge", "error", "A YAML merge key is not read.", "---\ntitle: &a Tea\nx:\n  <<: {b: c}\n---\nText.\n", "Write the keys out."),
    Described("front-matter-aliases", "error", "YAML aliases repeat each other so often that the values would fill the memory.",
              "Aliases of aliases, ten levels of ten.", "Write the values out."),
    Described("front-matter-cut", "warning", "A value ends where it was not meant to: YAML takes ` #` for a comment, or the next line for another key.", "---\ntitle: Lesson #1\ndate: 2021-08-04\n---\nText.\n",
              "Quote the value: `title: \"Lesson #1\"`."),
    Described("front-matter", "error", "The site generator's own rules for front matter do not allow it.", "A post that Jekyll, Pelican or Nikola would refuse.",
              "Do what the finding says."),
    Described("flag", "error", "A flag that says whether the post is public cannot be read, or its name is mistyped. The post stays out, and if it was published "
              "it is withdrawn.", _post("draft: ture"), "Write `true` or `false`, or see [visibility](visibility.md)."),
    Described("hidden-though-broken", "warning", "Front matter is broken, and a line of it hides the post: its last good version does not stay published.",
              "---\ntitle: Tea: a guide\ndraft: true\n---\nText.\n", "Fix the error that is told with it."),
    Described("key-misspelt", "warning", "A key is not one that is read, but nearly is.", "---\ntitel: Tea\ndate: 2021-08-04\n---\nText.\n", "Write the key that the finding names."),
    Described("title-type", "warning", "The title is a list or a table.", "---\ntitle: [Tea]\ndate: 2021-08-04\n---\nText.\n", "Quote the title."),
    Described("id-type", "warning", "The id is a list or a table; it is not used.", _post("id: [a, b]"), "Write text, or delete the key."),
    Described("term-private", "notice", "A post is public though a category or tag of it, or a mark before its title, says private, draft or the like: "
              "no generator hides it for that.",
              _post("categories: 私密"), "Set `draft: true`, or name the term in `visibility.hidden_terms`."),
    Described("terms-list", "warning", "Categories or tags are written so that names run together or are lost: marks of other kinds before them, full-width "
              "brackets or commas, a dash too few, a colon in a name.", _post("tags: [茶，水]"), "Write `tags: [a, b]`, or a line `- a` for each."),
    Described("author-name", "warning", "An author is a table without a name.", _post("author: {nam: Ada}"), "Write `name: …`."),
    Described("language", "warning", "A language is not a tag of BCP 47.", _post("lang: Chinese!"), "Write e.g. `zh-CN`."),
    Described("media-type", "warning", "The type of an enclosure is not a media type.", _post("enclosure: {url: /a.mp3, type: sound}"), "Write e.g. `audio/mpeg`."),
    Described("enclosure", "warning", "An enclosure is not an address.", _post("enclosure: my podcast"), "Write the address of the file, or delete the key."),
    Described("url", "warning", "A value is not an address.", _post("image: 'http://['"), "Write an http(s) address or the path of a file."),
)  # fmt: skip
DATES = (
    Described("date", "error", "A date cannot be read.", "---\ntitle: Tea\ndate: 2021-02-30\n---\nText.\n", "Write it as `2021-08-04 05:49:00`."),
    Described("date-missing", "notice", "A published post has no date: it is dated by the build that first publishes it.", "---\ntitle: Tea\n---\nText.\n", "Write `date: 2021-08-04`."),
    Described("date-unlikely", "warning", "A post is dated before 1990 or after 2099.", "---\ntitle: Tea\ndate: 0021-08-04\n---\nText.\n", "Correct the year."),
    Described("updated-early", "warning", "A post was updated before it was published.", _post("updated: 2020-01-01"), "Correct one of the two dates."),
)  # fmt: skip
ADDRESSES = (
    Described("permalink", "warning", "A permalink is not a link to a page; the site's pattern counts.", _post("permalink: 'mailto:a@b.example'"), "Write `https://…` or `/path/`."),
    Described("permalink-placeholder", "warning", "A permalink holds a placeholder that does not exist.", _post("permalink: /:yeer/tea/"), "Correct it, or write the address out."),
    Described("permalink-shared", "warning", "Two posts have one address.", "Two posts with `permalink: /tea/`.", "Give one of them another permalink or slug."),
    Described("duplicate-id", "error", "Two posts state one id; the second is left out.", "Two posts with `id: tea`.", "Give one of them another id, or none."),
    Described("file-missing", "warning", "A picture or another file is not where the post says.", _post("", "<img src='cup.png' alt='tea'>"), "Correct the path, or put the file there."),
    Described("link-missing", "warning", "A link leads to a post that does not exist.", _post("", "[more][1]\n\n[1]: coffee.md"), "Correct the link."),
    Described("link-hidden", "warning", "A link leads to a post that is not published.", "`[more](draft.md)`", "Publish that post, or delete the link."),
    Described("link", "warning", "A link has no address that a reader can open; its text stays.", "`<a href=\"file:///tea\">`", "Write an http(s) address."),
    Described("address", "warning", "An address is mistyped, so that it leads to a page of the site, or a picture is at one of the author's own machine or network.", "`[tea](www.example.com)` `![cup](http://localhost:4000/cup.png)`", "Write the whole address, with `https://`."),
    Described("image", "warning", "A picture has no address that a reader can open; it is left out.", _post("", "<img src='file:///C:/cup.png'>"), "Put the file beside the post, or write an http(s) address."),
    Described("embed", "notice", "A frame becomes a link, or is left out: feeds cannot show it.", _post("", "<iframe src='https://maps.example.org/x'></iframe>"),
              "Nothing, or name the host in `sanitise.embed_hosts` so that the link gets the player's title."),
)  # fmt: skip
TEXT = (
    Described("budget", "error", "A post takes more time or memory than one post may: it stays as it was, or is left out.", "A post of hostile markup.", "Make the post smaller, or raise the bound in [bounds]."),
    Described("emptied", "error", "The file of a published post has neither title nor text any more: the post stays as it was. "
              "Where no state is kept between builds and its last version is not known, it is in no feed until it is written again, and keeps its id "
              "and dates.", "A post whose editor lost its text.", "Write it again, or delete the file."),
    Described("element-hidden", "notice", "An element that nobody sees on the page (`hidden`, `display: none`) is left out, as feeds have no styles. What has an id "
              "or a class stays: a script may show it.", _post("", '<p hidden>notes to myself</p>'), "Delete it, or show it."),
    Described("element-dropped", "notice", "An element that feeds cannot carry is left out with its text, e.g. a script or a form.", _post("", "Text.\n\n<script>x()</script>"), "Nothing, if readers need not see it."),
    Described("mdx", "notice", "A post in MDX holds expressions or components that only its site's program could show: they are left out.",
              "`<Chart data={rows} />` in a file that ends with .mdx", "Write what readers should see in Markdown."),
    Described("formula", "notice", "A formula cannot be carried as it was written; the finding says what readers see.", "Unusual MathML.", "Write it as TeX."),
    Described("conflict-mark", "error", "The text holds a conflict that a merge left.", _post("", "<<<<<<< HEAD\ntea\n=======\ncoffee\n>>>>>>> other"), "Keep one of the two."),
    Described("control-characters", "warning", "The file holds characters that no feed can carry; they are left out.", _post("", "Te\x01a."), "Delete them."),
    Described("encoding", "error", "The file is not in an encoding that the settings name. If it is in a later one of several, this is a warning.", "A file saved as GBK.",
              "Save it as UTF-8, or name its encoding: `encodings = [\"utf-8\", \"gb18030\"]`."),
    Described("binary", "error", "A file under a post's name is a picture, an archive or the like.", "A picture called `tea.md`.", "Take it out of the posts folder, or give it its own ending."),
    Described("raw-html", "notice", "The site's Markdown drops HTML, as its generator does.", "`<div>` in a Hugo site with `unsafe = false`.", "Set `raw_html = true` in `[markdown]` to keep it."),
    Described("tag-unknown", "notice", "A template tag or short code is not known; it stays as it is or goes, as the finding says.", "`{% my_own_tag %}`", "Replace it by Markdown, or leave it."),
    Described("comment", "warning", "An HTML comment is not closed, or is mistyped. Nothing of it comes out, and of one at the beginning of a line nothing that follows.", "`<!- a note -->`", "Begin comments with `<!--` and end them with `-->`."),
    Described("code-unclosed", "warning", "A fence of code is not closed: all that follows is code.", _post("", "```python\nx = 1\n\nThe rest of the post."), "Close it with a line like the one with which it begins."),
    Described("tag-unclosed", "warning", "A template tag is not closed.", "`{% note %}` without `{% endnote %}`", "Close it."),
    Described("liquid-error", "warning", "An expression or tag of Liquid cannot be evaluated; its marks are left out.", "`{{ page.date | no_such: 1 | }}` in a Jekyll site", "Correct it, or write the text."),
    Described("liquid-unclosed", "warning", "A block of Liquid is not closed, or one is closed that is not open.", "`{% comment %}` without `{% endcomment %}`", "Close it, or delete it."),
    Described("liquid-bound", "warning", "The text's Liquid takes too many steps or gives too long a text: it is not evaluated.", "Loops within loops.", "Simplify it."),
    Described("nunjucks-error", "warning", "The text's Nunjucks cannot be evaluated within bounds: its tags are left out.", "`{% macro a() %}` in an Eleventy post", "Write what it shows as text."),
    Described("more", "notice", "A post has more findings of this kind than are listed.", "A page with 300 broken links.", "Fix those that are listed first."),
    Described("markdown-slip", "notice", "Marks that are nearly Markdown come out as text: a link with full-width brackets, `##heading` without a blank "
              "where the blog's Markdown wants one, code between other marks than backticks.", _post("", "[tea]（https://example.org/tea）"),
              "Write what the finding says."),
    Described("template-logic", "notice", "A post holds template logic that needs the whole site generator.", "`{% for post in site.posts %}`", "Write the text out."),
    Described("section-hidden", "notice", "A section that its author hides is left out: in brackets (`[hide]…[/hide]`), in a box (`::: private`, `> [!private]`), behind "
              "a comment (`<!--members-only-->`).", _post("", "[hide]notes to myself[/hide]"), "Nothing; to show it, take its marks away."),
    Described("section-encrypted", "notice", "A section that is meant to be encrypted is left out, with its password.", "`{{% hugo-encryptor \"pw\" %}}`", "Nothing."),
    Described("gate", "error", "An entry or a document does not pass the check before publishing: what was written differs from what was meant.", "A fault of this program.",
              "Report it with the post; the others are published."),
    Described("internal", "error", "An internal error that one post brought out; its last good version stays.", "A fault of this program.", "Report it with the post."),
)  # fmt: skip
BOUNDS = (
    Described("bound-file", "error", "A file is larger than `bounds.file_bytes`.", "A log of 20 MB called `tea.md`.", "Shorten it, or raise the bound."),
    Described("bound-front-matter", "error", "Front matter is larger than `bounds.front_matter_bytes`.", "A summary of 70 kB.", "Shorten it, or raise the bound."),
    Described("bound-front-matter-depth", "error", "Lists and tables in front matter nest deeper than `bounds.front_matter_depth`.",
              "---\na: " + "[" * 25 + "]" * 25 + "\n---\nText.\n", "Flatten it, or raise the bound."),
    Described("bound-content", "warning", "A text is larger or nests deeper than the bounds allow; it comes as plain text.", "A page of 3 MB.", "Simplify it, or raise the bound that is named."),
    Described("bound-title", "warning", "A title is longer than `bounds.title_characters`; it is cut.", "A title of 3,000 characters.", "Shorten it, or raise the bound."),
    Described("bound-term", "warning", "A category or tag is longer than `bounds.term_characters`; it is cut.", _post("tags: [" + "x" * 400 + "]"), "Shorten it, or raise the bound."),
    Described("bound-terms", "warning", "A post has more categories or tags than `bounds.terms`; the first ones count.", _post("tags: [" + ", ".join(map(str, range(300))) + "]"), "Name fewer, or raise the bound."),
)  # fmt: skip
FILES = (
    Described("unread-format", "warning", "Files are in a format that is not read; they are named and counted.", "`tea.rst` beside `coffee.md`", "Convert them, or name them in `exclude`."),
    Described("markup", "warning", "Front matter says that the text is in a markup that is not read (Hugo's `markup`): the post is left out. A post for Pandoc "
              "is read as Markdown, and this is a notice.", "`markup: asciidocext` in a Hugo site", "Convert the text, or compare the entry with the page."),
    Described("file-name", "warning", "The name of a file is not UTF-8; the file is left out.", "A file from a ZIP archive that was made under GBK.", "Rename it."),
    Described("skipped", "warning", "A symbolic link, a pipe, a socket or a device is not read.", "`tea.md -> /etc/passwd`", "Put the file itself there."),
    Described("copy", "warning", "A file is the copy of another post that a program left beside it; it is left out.", "`tea (1).md` beside `tea.md`", "Delete it, or change its text and name."),
    Described("leftover", "notice", "What an editor left is skipped.", "`tea.md~`", "Delete it."),
    Described("unreadable", "error", "A file may not be read, or is not a file.", "A file without read permission.", "Change its permissions."),
    Described("read-failed", "error", "The machine could not read a file: a disk or a network folder fails, too many files are open. A published post "
              "stays as it was; the next build reads the file again though it is the same.", "A file on a network folder that does not answer.",
              "Look at the disk, the network folder or the limit of open files."),
    Described("data-file", "error", "The post has front matter from another file (Hugo's `cascade`, Zola's sections, Eleventy's data files in JSON, "
              "Nikola's `.meta`) that cannot be read and might hide it. A post that was published stays as it was, unless a line of that file hides.",
              "A post below a broken `_index.md`.", "Correct that file."),
    Described("vanished", "notice", "A file was deleted while the build read the folder.", "A file that was moved during the build.", "Nothing: the next build knows."),
    Described("file-changing", "error", "A file keeps changing while it is read.", "A file that a program writes all the time.", "Build again when it is written."),
)  # fmt: skip
FEEDS = (
    Described("spellings", "notice", "A category or tag is written in several ways; they are one.", "`tags: [Tea]` here and `tags: [tea]` there", "Write it in one way."),
    Described("generator-settings", "warning", "A settings file of the site's generator was saved after `feeds.toml` and says otherwise than it: `feeds init` reads them once.",
              "`permalink: /:title/` in `_config.yml`, written after `feeds init`.", "Write the same into `feeds.toml`, or save it again to keep what it says."),
    Described("moved-target", "warning", "An old address in `moved` leads to an address of the site at which nothing is published.", "`[moved]` with `\"rss2.xml\" = \"rs.xml\"`", "Correct the new address, or name the old one in `retired`."),
    Described("element-unused", "notice", "No entry in any feed has a value for an element that the settings declare.", "`[elements.\"geo:lat\"]` with `text = \"{lattitude}\"`", "Correct the front matter keys in its braces, or take it out."),
    Described("element-value", "warning", "An element of the site's own is left out of an entry: its value is not what such an element may say.", "`latitude: north` with `[elements.\"geo:lat\"]`", "Correct the value."),
    Described("episode-extra", "warning", "What a post says of an episode's soundbites, other files or payments cannot be read.", "`soundbite: 1:13`", "Write it as docs/podcasts.md has it."),
    Described("twin-taken", "warning", "A feed in another script of Chinese would take the place of the feed of the posts in it.", "`twins = [\"zh-Hant\"]`, `taxonomies = [\"language\"]` and posts with `lang: zh-Hant`", "Take one of the two out."),
    Described("feed-unknown", "warning", "The settings name a feed that does not exist.", "`[feed.\"category/tee\"]`", "Correct its path."),
    Described("entry-large", "warning", "A post's text is larger than half of `max_document_bytes`: feeds carry its summary, so that other posts keep their place.", "A post of 300 kB with a table of all results.", "Put what is large into a file of its own, or raise `max_document_bytes`."),
    Described("feed-cut", "warning", "A feed holds fewer entries than its limit: more would pass `max_document_bytes`.", "Twenty posts of 50 kB.", "Raise it, or set `content = \"summary\"`."),
    Described("feed-large", "notice", "A feed is larger than `warn_document_bytes`.", "Twenty posts of 20 kB.", "Set a smaller limit, or `content = \"summary\"`."),
)  # fmt: skip
PODCASTS = (
    Described("show-format", "warning", "A podcast is published without RSS, which is all that directories read.", "`formats = [\"atom\"]` on a site with a `[show.\"\"]`.", "Add `\"rss\"` to `formats`."),
    Described("show-image", "warning", "A podcast has no cover, or one that is not among the site's files, is not a JPEG or PNG file, is not square, or is not 1400 to 3000 pixels wide. The size is known of a file of the site's own.", "`image = \"/cover.png\"` with a picture of 800 × 600 pixels.", "Name a square JPEG or PNG file of 1400 to 3000 pixels."),
    Described("show-category", "warning", "A podcast names none of Apple's categories.", "A `[show.\"\"]` without `categories`.", "Write e.g. `categories = [\"Technology\"]`."),
    Described("show-owner", "notice", "A podcast names no owner's e-mail address, to which directories send a code.", "A `[show.\"\"]` without `owner_email`.", "Write it while you submit the show."),
    Described("show-language", "warning", "A podcast names no language.", "A site without `language`.", "Write e.g. `language = \"en\"`."),
    Described("show-description", "warning", "A podcast has no description but its title.", "A `[feed.\"category/podcast\"]` without `description`.", "Write `description` there, or for the site."),
    Described("episode-file", "warning", "A post without a file to play is in a podcast's feed.", "A post of text in the category of the podcast.", "Name its file, e.g. `audio: episode-1.mp3`, or put it into another category."),
    Described("episode-format", "warning", "An episode's file is of a type that Apple does not take.", "`audio: episode.ogg`", "Convert it to MP3 or M4A."),
    Described("episode-length", "warning", "The size of an episode's file is not known: the file lies elsewhere.", "`audio: https://cdn.example.org/1.mp3`", "Write `length` in bytes within a table: `audio: {url: …, length: …}`."),
    Described("episode-duration", "notice", "The length of an episode in time is not known.", "`audio: https://cdn.example.org/1.mp3`", "Write e.g. `duration: 1:02:03`."),
    Described("episode-order", "warning", "A podcast is serial, and an episode has no number.", "`type = \"serial\"` and a post without `episode`.", "Write its number: `episode: 3`."),
    Described("episode-number", "warning", "The number of an episode or season is not a whole number.", "`episode: three`", "Write e.g. `episode: 3`."),
    Described("episode-type", "warning", "The type of an episode is not `full`, `trailer` or `bonus`.", "`episode_type: teaser`", "Write one of them."),
    Described("transcript", "warning", "The type of a transcript is not told by its ending.", "`transcript: words.doc`", "Write a table with `url` and `type`."),
)  # fmt: skip
PUSH = (
    Described("push-given-up", "warning", "A hub or a search engine did not take a message for as long as `push.give_up_seconds`.", "A hub that was switched off for good.", "Correct its address, or take it out of the settings."),
    Described("push-outside", "warning", "A search engine does not take a permalink: it is not below the folder of the IndexNow key file, or at another host than the site's.", "Feeds are published at https://example.org/feeds/, posts at https://example.org/2026/.", "Put the key file at the root of the posts' host and name it as `push.indexnow_key_url`."),
)  # fmt: skip
SECTIONS = {
    "Front matter": FRONT_MATTER, "Dates": DATES, "Addresses, links and pictures": ADDRESSES, "Text": TEXT, "Bounds": BOUNDS, "Files": FILES,
    "Feeds": FEEDS, "Podcasts": PODCASTS, "Telling hubs and search engines": PUSH,
}  # fmt: skip


@cache
def table() -> dict[str, Described]:
    """Every finding by its code."""
    return {finding.code: finding for findings in SECTIONS.values() for finding in findings}


def page() -> str:
    """docs/findings.md."""
    return "\n".join(_page()) + "\n"


def _page() -> Iterator[str]:
    yield from _INTRODUCTION.strip("\n").split("\n")
    for title, findings in SECTIONS.items():
        yield from ("", f"## {title}")
        for finding in findings:
            yield from ("", f"### `{finding.code}`", "", f"Usually {_WITH_ARTICLE[finding.severity]}. {finding.meaning}", "")
            if finding.is_post:
                shown = "".join(
                    character if character.isprintable() or character == "\n" else "�" for character in finding.example
                )
                shown = "\n".join(line if len(line) <= 100 else line[:60] + "…" for line in shown.rstrip("\n").split("\n"))
                yield from ("````markdown", *shown.split("\n"), "````", "")
            else:
                yield from (f"Example: {finding.example}", "")
            yield f"Fix: {finding.fix}"


_WITH_ARTICLE = {"error": "an error", "warning": "a warning", "notice": "a notice"}
_INTRODUCTION = """
# Findings

What `feeds check` and `feeds build --verbose` report, each under a code that never changes its meaning. `feeds check` looks at every post, runs
the check before publishing on every document, and knows everything that a build will leave out.

| Severity | Means | Exit code |
|---|---|---|
| error | the post is broken and left out; if it was published, its last good version stays | 1 |
| warning | published, but somebody should look | 0 |
| notice | good to know | 0 |

`feeds check` prints text; other forms are for machines:

- `--format json` (or `--json`): `{"version": 1, "published": N, "problems": [...], "left_out": [...]}`. A problem has `code`, `severity`, `path` (below
  the posts folder, "" for the site), `file` (from the working folder), `what`, and where they are known `line` (from 1), `field`, `expected` and
  `fix`. Members may be added; `version` changes if one changes its meaning or goes.
- `--format github`: workflow commands, which GitHub shows as annotations of a pull request.
- `--format sarif`: SARIF 2.1.0 (OASIS), for code scanning.

`feeds check --fix` corrects what is mechanical: it shows the difference first and asks; with `--yes` it does not ask. It quotes titles, puts blanks after
colons, replaces full-width colons, writes dates in the usual form, corrects mistyped keys and deletes control characters. Nothing else in a file
changes.
"""

if __name__ == "__main__":
    sys.stdout.write(page())
