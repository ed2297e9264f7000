"""A feed's own page: in comes a Feed with its relatives, out goes HTML that tells people what it is and how to use it.

It works without script, from a static host and from a file, and answers WEB-3 and WEB-4. A page changes only with the
posts it shows and, on the site's page, with the list of feeds. The page of an entry is in `entrypage.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from markupsafe import Markup

from feeds.formats import MEDIA_TYPES, _gate, _page
from feeds.formats._page import CONTENT_SECURITY_POLICY, lines, link
from feeds.formats._wording import heading
from feeds.formats._words import Words, words
from feeds.model import Entry, Feed, digest, rfc3339

if TYPE_CHECKING:
    from lxml import etree

__all__ = ["CONTENT_SECURITY_POLICY", "FORMAT", "Html", "Relatives", "relatives"]

#: So many terms of a flat taxonomy stand open on the site's page; a longer list folds.
_OPEN_TERMS = 60


class Relatives(NamedTuple):
    """The feeds that a feed's page names. `trail` leads from the site's feed down to the parent; `listed` are all other
    feeds on the site's page, none elsewhere: a new category must not change the page of an unrelated one.
    """

    site: Feed | None = None
    trail: tuple[Feed, ...] = ()
    children: tuple[Feed, ...] = ()
    listed: tuple[Feed, ...] = ()

    @property
    def key(self) -> str:
        """Digest of all that a page shows of them: goes into the key of the page's resource."""
        return digest(*(
            part
            for group in ((self.site,) if self.site else (), self.trail, self.children, self.listed)
            for part in (str(len(group)), *map(facts, group))
        ))  # fmt: skip


def facts(feed: Feed) -> str:
    """Digest of all that another page shows of a feed."""
    return digest(feed.path, feed.taxonomy, *feed.labels, feed.title, str(feed.parent), repr(sorted(feed.urls.items())))


def relatives(feed: Feed, feeds: Mapping[str, Feed]) -> Relatives:
    """The relatives of a feed among all feeds of the site, by path."""
    site = next((one for one in feeds.values() if one.taxonomy == "site"), None)
    trail: list[Feed] = []
    above = feeds.get(feed.parent) if feed.parent is not None else None
    while above is not None and above not in trail:
        trail.append(above)
        above = feeds.get(above.parent) if above.parent is not None else None
    return Relatives(
        site=site,
        trail=tuple(reversed(trail)),
        children=tuple(feeds[path] for path in feed.children if path in feeds),
        listed=tuple(one for one in feeds.values() if one.taxonomy != "site") if feed.taxonomy == "site" else (),
    )


class Html:
    """The page of a feed, by the same protocol as the formats that readers take."""

    name = "html"
    media_type = MEDIA_TYPES["html"]
    version = f"1-{_page.STYLE_VERSION}"

    def fragment(self, entry: Entry, *, content_mode: str, show_email: bool = False) -> bytes:  # noqa: ARG002
        """One post of the list: title, day, summary; the same whatever the feed carries."""
        language = Markup(' lang="%s"') % entry.language if entry.language else Markup()
        summary = Markup('\n<p class="quiet" dir="auto">%s</p>') % entry.summary if entry.summary else Markup()
        made = Markup('<li%s>\n<h3>%s</h3>\n<p class="quiet">%s</p>%s\n</li>') % (
            language,
            link(entry.permalink, heading(entry)),
            _page.moment(entry.published),
            summary,
        )
        return made.encode()

    def document(self, feed: Feed, fragments: Sequence[bytes], relatives: Relatives | None = None) -> bytes:
        """The page. Without `relatives` it names no other feed."""
        around = relatives or Relatives()
        said = words(feed.language)
        name = feed.labels[-1] if feed.labels else feed.title
        about = feed.description if feed.description not in (feed.title, name) else ""
        site = around.site or feed
        opml = site.urls.get("opml")
        head = [
            Markup('<meta name="description" content="%s">') % (about or said.what_is_a_feed),
            Markup('<link rel="canonical" href="%s">') % feed.urls["html"],
            *_page.alternates([feed, *([around.site] if around.site else [])]),
            _page.icon(feed),
        ]
        posts = Markup("\n").join(Markup(fragment.decode()) for fragment in fragments)  # noqa: S704  made above
        below = [(one.urls["html"], one.labels[-1]) for one in around.children]
        steps = [(one.urls["html"], one.labels[-1] if one.labels else one.title) for one in around.trail]
        body = [
            Markup("<header>"),
            _page.path(steps, said),
            Markup('<h1 dir="auto">%s</h1>') % name,
            Markup('<p dir="auto">%s</p>') % about if about else Markup(),
            Markup("</header>\n<main>"),
            _subscribe(feed, opml, said),
            Markup("<section>\n<h2>%s</h2>\n%s\n</section>") % (said.below, _terms(below)) if below else Markup(),
            Markup('<section id="posts">\n<h2>%s</h2>') % said.latest,
            Markup('<ol class="posts">\n%s\n</ol>') % posts if fragments else Markup("<p>%s</p>") % said.nothing_yet,
            Markup("</section>"),
            *_directory(around.listed, said),
            Markup("</main>"),
            _page.footer(feed, [_page.moment(feed.updated, said.updated)] if fragments else [], said),
        ]
        return _page.document(language=feed.language, title=feed.title, head=head, body=body)

    def check(self, body: bytes, feed: Feed) -> None:
        """Raises RenderError with the first difference from the model."""
        root = parse(body, feed)
        _gate.same(feed, self.name, "title", root.findtext("head/title"), _folded(feed.title))
        _gate.same(feed, self.name, "address", links(root, "canonical"), [feed.urls["html"]])
        meant = [feed.urls[name] for name in _page.NAMES if name in feed.urls]
        _gate.same(feed, self.name, "formats", links(root, "alternate")[: len(meant)], meant)
        items = [item for items in root.iter("ol") if items.get("class") == "posts" for item in items.findall("li")]
        _gate.same(feed, self.name, "number of posts", len(items), len(feed.entries))
        for place, (item, entry) in enumerate(zip(items, feed.entries, strict=True), 1):
            anchor, time = item.find("h3/a"), item.find("p/time")
            said = (
                None if anchor is None else (anchor.get("href"), _folded("".join(anchor.itertext()))),
                None if time is None else time.get("datetime"),
            )
            wanted = ((entry.permalink, _folded(heading(entry))), rfc3339(entry.published))
            _gate.same(feed, self.name, f"post {place} ({entry.id})", said, wanted)
        absolute(root, feed, self.name)


def parse(body: bytes, feed: Feed) -> etree._Element:
    """The root of a page of ours. Raises RenderError where there is none, or where it names a script."""
    from lxml import etree

    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _gate.difference(feed, "html", f"the page is not UTF-8: {error}") from error
    root = etree.fromstring(text, etree.HTMLParser(no_network=True, huge_tree=True))
    if root is None or not text.startswith("<!DOCTYPE html>"):
        raise _gate.difference(feed, "html", "the page is no HTML document")
    if next(root.iter("script", "iframe", "base", "object", "embed"), None) is not None:
        raise _gate.difference(feed, "html", "the page holds an element that may run or load what it should not")
    _gate.same(feed, "html", "language", root.get("lang"), feed.language or words(feed.language).language)
    return root


def links(root: etree._Element, relation: str) -> list[str | None]:
    """The addresses of the head's links of one relation."""
    return [one.get("href") for one in root.findall("head/link") if one.get("rel") == relation]


def absolute(root: etree._Element, feed: Feed, format: str) -> None:
    """Every link and source of a page of ours is absolute; nothing but the post's own HTML may say `mailto:`."""
    for element in root.iter("a", "link", "img"):
        url = element.get("href") or element.get("src")
        if url is not None and not url.startswith(("http://", "https://", "mailto:", "tel:", "data:image/")):
            raise _gate.difference(feed, format, f"the page has the URL {url!r:.160}, which is not absolute")


def _subscribe(feed: Feed, opml: str | None, said: Words) -> Markup:
    addresses = Markup("\n").join(
        Markup('<dt><a href="%s" type="%s">%s</a></dt><dd><code tabindex="0">%s</code></dd>')
        % (feed.urls[name], MEDIA_TYPES[name].partition(";")[0], label, feed.urls[name])
        for name, label in _page.NAMES.items()
        if name in feed.urls
    )
    whole = Markup('<p class="quiet"><a href="%s">%s</a> %s</p>') % (opml, said.all_feeds, said.all_feeds_why)
    return lines([
        Markup('<section class="subscribe">\n<h2>%s</h2>\n<p>%s</p>\n<p>%s</p>')
        % (said.subscribe, said.what_is_a_feed, said.how_to_subscribe),
        Markup('<dl class="addresses" aria-label="%s">\n%s\n</dl>') % (said.formats, addresses),
        whole if opml else Markup(),
        Markup("</section>"),
    ])  # fmt: skip


def _directory(listed: Sequence[Feed], said: Words) -> Iterable[Markup]:
    """All feeds by taxonomy: categories as a tree, others as a list that folds where it is long."""
    for name in dict.fromkeys(feed.taxonomy for feed in listed):
        feeds = [feed for feed in listed if feed.taxonomy == name]
        if name == "category":
            yield Markup("<section>\n<h2>%s</h2>\n%s\n</section>") % (said.taxonomy(name), _tree(feeds))
            continue
        terms = _terms([(feed.urls["html"], feed.labels[-1]) for feed in feeds])
        if len(feeds) > _OPEN_TERMS:
            shown = f"{said.taxonomy(name)} ({len(feeds)})"
            yield Markup("<details>\n<summary><h2>%s</h2></summary>\n%s\n</details>") % (shown, terms)
        else:
            yield Markup("<section>\n<h2>%s</h2>\n%s\n</section>") % (said.taxonomy(name), terms)


def _terms(terms: Iterable[tuple[str, str]]) -> Markup:
    items = Markup("\n").join(Markup("<li>%s</li>") % link(url, label) for url, label in terms)
    return Markup('<ul class="terms">\n%s\n</ul>') % items


def _tree(feeds: Sequence[Feed]) -> Markup:
    """Nested lists, written from the deepest feed upwards so that no depth is too deep for Python's stack."""
    paths = {feed.path for feed in feeds}
    below: dict[str, list[Feed]] = {}
    for feed in feeds:
        below.setdefault(feed.parent if feed.parent in paths and feed.parent is not None else "", []).append(feed)
    inner: dict[str, Markup] = {}
    for feed in sorted(feeds, key=lambda one: -len(one.labels)):
        children = Markup("\n").join(inner[child.path] for child in below.get(feed.path, ()))
        nested = Markup("\n<ul>\n%s\n</ul>") % children if children else Markup()
        inner[feed.path] = Markup("<li>%s%s</li>") % (link(feed.urls["html"], feed.labels[-1]), nested)
    return Markup('<ul class="tree">\n%s\n</ul>') % Markup("\n").join(inner[feed.path] for feed in below.get("", ()))


def _folded(text: str) -> str:
    return " ".join(text.split())


FORMAT = Html()
