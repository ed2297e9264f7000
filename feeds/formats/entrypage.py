"""The page of an entry that has none of its own: in come the Entry, the site's Feed and its feeds, out goes HTML.

So a bare folder of posts has no dead link. It depends on nothing of the feeds but their names and
addresses, so another post's edit leaves it as it is.
"""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from feeds.formats import MEDIA_TYPES, _gate, _page, html
from feeds.formats._page import link
from feeds.formats._wording import email_of, first_words, heading, title_of
from feeds.formats._words import Words, words
from feeds.model import Entry, Feed, Image, Person, digest, rfc3339

NAME = "html"
MEDIA_TYPE = MEDIA_TYPES["html"]
#: Moves with each change of the bytes written for equal arguments; part of the key.
VERSION = f"1-{_page.STYLE_VERSION}"


def key(site: Feed, around: Sequence[Feed] = ()) -> str:
    """Digest of all that the page shows besides its entry."""
    own = (site.language, site.rights, site.icon, site.home_page_url, site.show_email)
    return digest(VERSION, repr(own), html.facts(site), *map(html.facts, around))


def document(entry: Entry, site: Feed, around: Sequence[Feed] = ()) -> bytes:
    """The page. `around` are the feeds that the entry is in, categories first; the site's comes last (WEB-4)."""
    said = words(site.language)
    shown = heading(entry)
    title = f"{shown} - {site.title}"
    about = entry.summary or first_words(shown)
    head = [
        Markup('<meta name="description" content="%s">') % about,
        Markup('<link rel="canonical" href="%s">') % entry.permalink,
        *_page.alternates([*around, site]),
        _page.icon(site),
    ]
    language = Markup(' lang="%s"') % entry.language if entry.language else Markup()
    own_title = Markup('<h1 dir="auto">%s</h1>') % title_of(entry) if title_of(entry) else Markup()
    changed = Markup(" · ") + _page.moment(entry.updated, said.updated) if entry.updated > entry.published else Markup()
    people = _joined([_person(person, site.show_email) for person in entry.authors], said)
    when = _page.moment(entry.published)
    body = [
        Markup("<header>"),
        _page.path([(site.urls["html"], site.title)], said),
        Markup("</header>\n<main>"),
        Markup("<article%s>") % language,
        own_title,
        Markup('<p class="quiet"><span dir="auto">%s</span> · %s%s</p>') % (people, when, changed),
        _lead(entry),
        # Only the sanitiser makes a SafeHtml.
        Markup('<div class="content" dir="auto">%s</div>') % Markup(entry.content),  # noqa: S704
        *_extras(entry, said),
        Markup("</article>"),
        _belongs(entry, around, said),
        _subscribe(site, said),
        Markup("</main>"),
        _page.footer(site, [Markup('<span dir="auto">%s</span>') % entry.rights] if entry.rights else [], said),
    ]
    return _page.document(language=site.language, title=title, head=head, body=body)


def check(body: bytes, entry: Entry, site: Feed) -> None:
    """Raises RenderError with the first difference from the model."""
    root = html.parse(body, site)
    _gate.same(site, NAME, "address", html.links(root, "canonical"), [entry.permalink])
    times = [time.get("datetime") for time in root.iter("time")]
    _gate.same(site, NAME, f"date of {entry.id}", times[:1], [rfc3339(entry.published)])
    if title_of(entry):
        titles = [" ".join("".join(one.itertext()).split()) for one in root.findall("body/main/article/h1")]
        _gate.same(site, NAME, f"title of {entry.id}", titles, [" ".join(entry.title.split())])
    if str(entry.content) not in body.decode("utf-8"):
        raise _gate.difference(site, NAME, f"the page of {entry.id} does not hold its content")
    meant = {site.urls[name] for name in _page.NAMES if name in site.urls}
    _gate.same(site, NAME, "formats", meant - set(html.links(root, "alternate")), set())
    html.absolute(root, site, NAME)


def _person(person: Person, show_email: bool) -> Markup:
    address = email_of(person, show_email)
    url = person.url or (f"mailto:{address}" if address else None)
    return link(url, person.name) if url else Markup("%s") % person.name


def _lead(entry: Entry) -> Markup:
    """The picture that stands for the entry, unless its content begins with it or shows it anyway."""
    picture = entry.image
    if picture is None or str(Markup.escape(picture.url)) in entry.content or picture.url in entry.content:
        return Markup()
    return Markup('<p class="lead"><img src="%s" alt="%s"%s></p>') % (picture.url, picture.alt or "", _size(picture))


def _size(image: Image) -> Markup:
    return Markup(' width="%d" height="%d"') % (image.width, image.height) if image.width and image.height else Markup()


def _extras(entry: Entry, said: Words) -> list[Markup]:
    """What belongs to the entry and is not in its content."""
    made = []
    if entry.enclosures:
        items = Markup("\n").join(
            Markup("<li>%s</li>") % link(one.url, one.title or one.url.rpartition("/")[2] or one.url) for one in entry.enclosures
        )
        made.append(Markup("<h2>%s</h2>\n<ul>\n%s\n</ul>") % (said.files, items))
    if entry.via:
        made.append(Markup("<p>%s%s%s</p>") % (said.about, said.colon, link(entry.via, entry.via)))
    # Comments at the entry's own address would be on this very page, which has none.
    if entry.comments_url and entry.comments_url.partition("#")[0] != entry.permalink:
        made.append(Markup("<p>%s</p>") % link(entry.comments_url, said.comments))
    return made


def _belongs(entry: Entry, around: Sequence[Feed], said: Words) -> Markup:
    """The categories and tags: with a link where they have a page, and by name where not."""
    pages = {feed.labels[-1]: feed.urls["html"] for feed in around if feed.labels and feed.taxonomy != "author"}
    labels = dict.fromkeys([*pages, *(category.label for category in entry.categories)])
    if not labels:
        return Markup()
    items = Markup("\n").join(
        Markup("<li>%s</li>") % (link(pages[label], label) if label in pages else label) for label in labels
    )
    return Markup('<section>\n<h2>%s</h2>\n<ul class="terms">\n%s\n</ul>\n</section>') % (said.filed, items)


def _joined(parts: Sequence[Markup], said: Words) -> Markup:
    return Markup.escape(said.comma).join(parts)


def _subscribe(site: Feed, said: Words) -> Markup:
    names = _joined([link(site.urls[name], label) for name, label in _page.NAMES.items() if name in site.urls], said)
    page = Markup('<a href="%s">%s</a>') % (site.urls["html"], site.title)
    return Markup('<section class="subscribe">\n<h2>%s</h2>\n<p>%s</p>\n<p>%s%s%s</p>\n</section>') % (
        said.subscribe,
        said.what_is_a_feed,
        page,
        said.colon,
        names,
    )
