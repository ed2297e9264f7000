"""One walk over a parsed body: in comes a tree of elements, out goes the same tree as a reader needs it.

Lazy images made real, highlight gutters reduced to their code, formulas to their MathML, frames turned into links, every URL
absolute and checked.
Works on any ElementTree (html_parser's and lxml's); lets nothing through by itself: the cleaner comes after it.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from feeds.content import addresses, hidden, highlight, math, nesting, pictures
from feeds.content.bounds import BoundError
from feeds.content.embeds import embed
from feeds.content.lines import readable
from feeds.content.links import Resolver
from feeds.content.markdown.render import Note
from feeds.content.policy import DEAD, LINKS, MATHML, RESOURCES, TAGS, Policy
from feeds.lazy_patterns import lazy_pattern
from feeds.model import Image, clean_text
from feeds.text import LONG_NUMBER, unescape
from feeds.urls import LINK_SCHEMES, RESOURCE_SCHEMES, resolve

_DATA_IMAGE = lazy_pattern(r"data:image/(?:png|gif|jpeg|webp);base64,[A-Za-z0-9+/=\s]+\Z", re.I)
_FOOTNOTE = lazy_pattern(
    r"(?:fn|fnref|footnote|footnote-ref|user-content-fn|user-content-fnref|sidenote)[:_-]?[\w.:-]{0,60}\Z", re.I
)
_ANCHOR_TEXT = frozenset({"", "#", "¶", "§", "🔗", "⚓", "link", "permalink"})
#: Elements in which a paragraph may stand; in any other a second parse would move it.
_HOLD_PARAGRAPHS = frozenset(
    ("div", "section", "article", "main", "figure", "blockquote", "li", "td", "dd", "details", "body", "center")
)
#: Scripts that write a frame where they stand.
_SCRIPT_EMBED = lazy_pattern(r"https://(?:gist\.github\.com/[\w-]+/|asciinema\.org/a/)\w+\.js\Z")
#: Elements that go, of which an author should know; their text stays.
_GONE = frozenset({"form", "input", "button", "canvas", "meter", "progress", "map"})
#: Elements that stay as they are where they have no attributes.
_PLAIN = TAGS - {"a", "audio", "code", "img", "picture", "pre", "source", "track", "video"}
#: Elements that go, and hold apart what a parser would not read one within the other.
_BARRIERS = frozenset({"button", "marquee", "option", "optgroup"})
#: Elements of which the walk or a parser asks what they hold: without an element that is not kept, the answer may be another.
_LOOK_INSIDE = frozenset({"pre", "code", "p", "a", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6"})
#: How many findings of one post are reported.
_MOST_NOTES = 100


class Walk:
    """One body's walk. `images` are its pictures, `notes` what its author should know, `dropped` the elements that are left out."""

    def __init__(self, base_url: str, policy: Policy, links: Resolver | None, id_prefix: str) -> None:
        self.base_url, self.policy, self.links, self.id_prefix = base_url, policy, links, id_prefix
        self.images: tuple[Image, ...] = ()
        self.notes: list[tuple[Note, str]] = []
        """What was found, with the address by which it is found in the body; the first of many."""
        self.found = 0
        self.dropped: Counter[str] = Counter()
        self.is_stable = True
        """Whether a second parse would leave every element where it is."""
        self._images: dict[Any, Image] = {}
        self._seen: dict[tuple[str, bool], str | None] = {}

    def run(self, root: Any) -> None:
        """Walk the whole tree; the root itself stays. Raises BoundError where it is too deep."""
        waiting = [(root, False, 0, 0)]
        tags = self.policy.tags
        while waiting:
            parent, linked, depth, state = waiting.pop()
            if depth > self.policy.element_depth:
                raise BoundError(f"its elements nest deeper than {self.policy.element_depth}", "bounds.element_depth")
            self.children(parent)
            for child in parent:
                if linked and child.tag == "a":
                    # Only a table's content thrown out in front of it nests links; no parser reads them so again.
                    child.tag = "span"
                    child.attrib.clear()
                if child.tag == "math":
                    continue
                within = state
                if child.tag in tags:
                    within, fits = nesting.inside(child.tag, state)
                    self.is_stable = self.is_stable and fits
                elif parent.tag in _LOOK_INSIDE:
                    self.is_stable = False
                if len(child):
                    waiting.append((child, linked or child.tag == "a", depth + 1, within))
        self.images = tuple(self._images[image] for image in root.iter("img") if image in self._images)

    def children(self, parent: Any) -> None:
        """Put each child in its final form, drop those that go; the text between them stays."""
        kept: list[Any] = []
        changed = False
        children = list(parent)
        for place, child in enumerate(children):
            name = child.tag
            if name in _PLAIN and not child.attrib:
                kept.append(child)
                continue
            if not isinstance(name, str):
                result: list[Any] = []
            elif (child.attrib or name == "dialog") and hidden.is_hidden(child, children[place - 1] if place else None):
                what = f"a hidden element <{name}> is left out: readers show no styles, and would show what it holds"
                self.note("element-hidden", what, "delete it, or show it", "notice")
                result = []
            elif name == "noscript":
                result = self.noscript(child, kept)
            elif name in math.NAMES and math.is_formula(child):
                result = self.formula(child, children[place + 1] if place + 1 < len(children) else None)
            else:
                result = self.element(child, parent)
            if len(result) == 1 and result[0] is child:
                kept.append(child)
                continue
            changed = True
            tail = child.tail
            child.tail = None
            kept += result
            _add_text(parent, kept, tail)
        if changed:
            parent[:] = kept

    def element(self, element: Any, parent: Any) -> list[Any]:
        """What becomes of one element: itself, others, or nothing."""
        name = element.tag
        attributes = element.attrib
        if name in ("iframe", "embed", "object", "frame"):
            return self.frame(element, parent)
        if name == "script" and _SCRIPT_EMBED.match(attributes.get("src", "").strip()):
            return self.frame(element, parent)
        if name in DEAD or name[0] == "{":
            # What lies in SVG has its namespace: nothing of it is shown.
            self.dropped[name.rpartition("}")[2]] += name != "head"
            return []
        if name in _GONE and attributes.get("type", "").casefold() not in ("checkbox", "hidden"):
            self.dropped[name] += 1
        if name in _BARRIERS:
            self.is_stable = False
        if name in MATHML:
            # MathML outside of a formula is an element that is not kept, whose text stays.
            element.tag = "font"
            attributes.clear()
            return [element]
        if name == "image":
            # A browser makes it a picture (HTML section 13.2.6.4.7).
            element.tag = name = "img"
        if name in ("img", "amp-img"):
            element.tag = "img"
            if self.img(element):
                return [element]
            # Without it a link may be empty.
            self.is_stable = False
            return []
        if name in ("source", "video", "audio"):
            self.media(element)
            return [element]
        if name == "input":
            return self.checkbox(element)
        if name in ("figure", "div", "table") and "class" in attributes and highlight.reduce_table(element):
            return [element]
        if name in ("code", "pre"):
            highlight.tidy(element, parent)
        if name == "a" and parent.tag in ("h1", "h2", "h3", "h4", "h5", "h6") and self.is_anchor(element):
            return []
        self.urls(element)
        return [element]

    def formula(self, element: Any, following: Any) -> list[Any]:
        """A formula as MathML or TeX, without what KaTeX or MathJax draws besides."""
        rendered, has_source = math.formula(element, following, self.policy)
        if not has_source:
            what = "a formula holds neither MathML nor TeX: only what is drawn of it is there"
            self.note(
                "formula", what, "let KaTeX write MathML too (output: htmlAndMathml), or MathJax assistive MathML", "notice"
            )
        return rendered

    # images

    def img(self, element: Any) -> bool:
        """Make the picture real; False where it has no source."""
        attributes = element.attrib
        src = attributes.get("src", "").strip()
        lazy = pictures.first(attributes, pictures.LAZY_SRC)
        if lazy and self.resource(lazy) is not None:
            src = lazy
        elif not src or pictures.PLACEHOLDER.search(src):
            src = pictures.first(attributes, pictures.FALLBACK_SRC) or src
        srcset = pictures.first(attributes, pictures.LAZY_SRCSET) or attributes.get("srcset", "")
        candidates = self.srcset(srcset)
        url = self.resource(src) if src else None
        if url is None and candidates:
            url = candidates[-1].split(" ")[0].replace("%2C", ",")
        if url is None:
            if src:
                what = f"the image {readable(src)[:80]!r} has no address that a reader can open"
                self.note("image", what, "put the file beside the post, or give it an http(s) address", address=src)
            return False
        if (
            self.policy.drop_trackers
            and pictures.is_pixel(attributes.get("width"))
            and pictures.is_pixel(attributes.get("height"))
        ):
            return False
        attributes["src"] = url
        if candidates:
            attributes["srcset"] = ", ".join(candidates)
        else:
            attributes.pop("srcset", None)
        if not candidates or attributes.get("sizes", "").strip().casefold() == "auto":
            attributes.pop("sizes", None)
        if url.startswith("http"):
            alt = clean_text(attributes.get("alt", "")) or None
            self._images[element] = Image(
                url, pictures.size(attributes.get("width")), pictures.size(attributes.get("height")), alt
            )
        return True

    def noscript(self, element: Any, kept: list[Any]) -> list[Any]:
        """A picture that stands in noscript for readers without scripts takes the place of its lazy twin before it."""
        text = "".join(element.itertext()) if not len(element) else ""
        match = re.search(r"<img\b[^<>]*?\bsrc\s*=\s*[\"']?([^\"'\s<>]+)", text, re.I)
        address = match[1] if match else next((image.get("src", "") for image in element.iter("img")), "")
        if not address:
            return []
        before = kept[-1] if kept else None
        twin = before if before is not None and before.tag == "img" else None
        if twin is not None and not (twin.tail or "").strip():
            url = self.resource(unescape(address))
            if url is not None and pictures.PLACEHOLDER.search(twin.get("src", "")):
                twin.set("src", url)
            return []
        image = element.makeelement("img", {"src": unescape(address)})
        return [image] if self.img(image) else []

    def media(self, element: Any) -> None:
        attributes = element.attrib
        if not attributes.get("src", "").strip() and (lazy := pictures.first(attributes, pictures.LAZY_SRC)):
            attributes["src"] = lazy
        if not attributes.get("poster", "").strip() and (lazy := pictures.first(attributes, ("data-poster",))):
            attributes["poster"] = lazy
        srcset = pictures.first(attributes, pictures.LAZY_SRCSET) or attributes.get("srcset")
        if srcset:
            candidates = self.srcset(srcset)
            attributes.pop("srcset", None)
            if candidates:
                attributes["srcset"] = ", ".join(candidates)
        if element.tag in ("video", "audio"):
            attributes["controls"] = ""
        self.urls(element)

    def srcset(self, written: str) -> list[str]:
        """The candidates of a srcset with their URLs absolute; those that cannot be read go (HTML section 4.8.4.2)."""
        result = []
        for url, descriptor in pictures.candidates(written):
            resolved = self.resource(url)
            if (
                resolved is not None
                and not resolved.startswith("data:")
                and (not descriptor or pictures.is_descriptor(descriptor))
            ):
                result.append(f"{resolved.replace(',', '%2C')} {descriptor}".strip())
        return result

    # frames

    def frame(self, element: Any, parent: Any) -> list[Any]:
        """A frame as a link to what it shows, with its poster where the address tells one."""
        attributes = element.attrib
        address = pictures.first(attributes, ("data-src", "data-lazy-src", "src", "data"))
        if not address and element.tag == "object":
            inner = next(iter(element.iter("embed")), None)
            address = inner.get("src", "") if inner is not None else ""
        url = self.resolved("https:" + address if address.startswith("//") else address, resource=True) if address else None
        if url is None or url.startswith("data:"):
            if address and not address.startswith("about:"):
                what = f"a frame of {address[:80]!r} is left out"
                self.note("embed", what, "link to the page that it shows", "notice", address)
            return []
        player = embed(url, self.policy.embed_hosts)
        title = clean_text(attributes.get("title") or "").strip() or (
            player.title if player else url.split("/")[2].rpartition("@")[2]
        )
        # What a player's address tells is decoded text: it becomes an address again as any other does.
        shown = self.resolved(player.url, resource=True) if player else None
        link = element.makeelement("a", {"href": shown or url})
        if player and player.poster:
            image = element.makeelement("img", {"src": player.poster, "alt": title})
            link.append(image)
        else:
            link.text = f"▶ {title}" if player else title
        if player is None:
            what = f"a frame of {url[:80]} becomes a link"
            self.note("embed", what, "name its host in sanitise.embed_hosts", "notice", address)
        if parent.tag not in _HOLD_PARAGRAPHS:
            return [link]
        paragraph = element.makeelement("p", {})
        paragraph.append(link)
        return [paragraph]

    # headings, lists

    def is_anchor(self, element: Any) -> bool:
        """Whether a link in a heading is only the heading's own anchor."""
        text = "".join(element.itertext()).strip(" \t\r\n\u00a0\u200b\u200c\u200d\ufeff\ufe0e\ufe0f").casefold()
        return element.get("href", "#").startswith("#") and text in _ANCHOR_TEXT and next(iter(element.iter("img")), None) is None

    def checkbox(self, element: Any) -> list[Any]:
        if element.get("type", "").casefold() != "checkbox":
            return []
        mark = element.makeelement("span", {})
        mark.text = "☑ " if "checked" in element.attrib else "☐ "
        return [mark]

    # addresses

    def urls(self, element: Any) -> None:
        """Every URL attribute absolute, or gone; ids of footnotes prefixed, all others gone."""
        attributes = element.attrib
        if not attributes:
            return
        for name in [key for key in RESOURCES if key in attributes]:
            resolved = self.resource(attributes[name])
            if resolved is None:
                del attributes[name]
            else:
                attributes[name] = resolved
        if "srcset" in attributes:
            candidates = self.srcset(attributes.pop("srcset"))
            if candidates:
                attributes["srcset"] = ", ".join(candidates)
        for name in [key for key in LINKS if key in attributes]:
            self.link(element, name)
        written = attributes.pop("id", None) or (attributes.get("name") if element.tag == "a" else None)
        if written and _FOOTNOTE.match(written.removeprefix(self.id_prefix)):
            attributes["id"] = self.id_prefix + written.removeprefix(self.id_prefix)

    def link(self, element: Any, name: str) -> None:
        written = element.attrib[name].strip()
        if written.startswith("#") and _FOOTNOTE.match(written[1:].removeprefix(self.id_prefix)):
            written = f"#{self.id_prefix}{written[1:].removeprefix(self.id_prefix)}"
        url = self.resolved(written, resource=False)
        if url is None:
            del element.attrib[name]
            if self.links is not None and self.links.told(written):
                return
            what = f"the link {readable(written)[:80]!r} cannot be opened by a reader; its text stays"
            self.note("link", what, "link to an http(s) address", address=written)
        else:
            element.attrib[name] = url

    def resource(self, written: str) -> str | None:
        """The absolute URL of something that is loaded; None where it may not be."""
        written = written.strip()
        if written[:5].casefold() == "data:":
            return re.sub(r"\s", "", written) if self.policy.data_images and _DATA_IMAGE.match(written) else None
        return self.resolved(written, resource=True) if written else None

    def resolved(self, written: str, *, resource: bool) -> str | None:
        key = (written, resource)
        if key not in self._seen:
            if LONG_NUMBER.search(written):
                self._seen[key] = None  # bleach cannot read it
            elif self.links is not None:
                self._seen[key] = self.links.url(written, image=resource)
            else:
                self._seen[key] = resolve(written, self.base_url, RESOURCE_SCHEMES if resource else LINK_SCHEMES)
            if self._seen[key] is not None and (mistake := addresses.mistake(written, is_loaded=resource)) is not None:
                self.note("address", mistake.what, mistake.fix, address=written)
        return self._seen[key]

    def note(self, code: str, what: str, fix: str, severity: str = "warning", address: str = "") -> None:
        """Something that its author should know; `address` is what stands in the body where it is."""
        self.found += 1
        if self.found <= _MOST_NOTES:
            self.notes.append((Note(code, what, None, fix, severity), address))


def _add_text(parent: Any, kept: list[Any], text: str | None) -> None:
    if not text:
        return
    if kept:
        kept[-1].tail = (kept[-1].tail or "") + text
    else:
        parent.text = (parent.text or "") + text
