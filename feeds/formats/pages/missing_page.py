"""The page for an address at which there is nothing: the site's feed comes in, a page that leads to it goes out.

Hosts of static files show `404.html` of their root by themselves, and our server answers with it.
"""

from __future__ import annotations

from feeds.formats.pages.common import Frame
from feeds.formats.pages.lines import site_facts
from feeds.formats.pages.links import RootLinks
from feeds.formats.pages.look import Look
from feeds.formats.pages.render import Renderer
from feeds.model import Feed, digest
from feeds.urls import MISSING_PAGE


def key(look: Look, site: Feed) -> str:
    """Digest of all that decides the page's bytes."""
    return digest("missing", look.key, site_facts(site), *sorted(site.urls.values()))


def document(renderer: Renderer, site: Feed) -> bytes:
    """The page: what is wrong, the site's front page, and the addresses of its feed."""
    look = renderer.look
    frame = Frame(look, site, look.url(MISSING_PAGE))
    frame.links = RootLinks(frame.url, look.own, {site.urls["html"]})
    heading = frame.strings["missing"]
    return renderer.page(
        "missing.html.j2",
        site=frame.site(),
        page=frame.page(
            "missing", f"{heading} - {site.title}", heading, description=frame.strings["missing_text"], feeds=(site,)
        ),
        subscribe=frame.subscribe(site),
    )
