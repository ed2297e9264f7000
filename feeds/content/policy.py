"""The content policy: what may reach a reader. In come a site's wishes, out go the sets that both cleaners obey.

docs/content-policy.md is this room in words. Pure tables; no parsing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from feeds.lazy_patterns import lazy_pattern
from feeds.urls import LINK_SCHEMES

#: Moves with each change of what is let through: remembered entries are made anew.
VERSION = "5"

_TAGS = (
    "a abbr b blockquote br caption cite code dd del details dfn div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 hr i img ins"
    " kbd li mark ol p pre q rp rt ruby s samp small span strong sub summary sup table tbody td tfoot th thead time tr u ul var"
    " wbr audio video source track picture"
)
TAGS = frozenset(_TAGS.split())
#: MathML Core's presentation elements (https://www.w3.org/TR/mathml-core/), and what tables of formulas need. Never `maction`,
#: `mglyph`, `malignmark` and `annotation-xml`, by which HTML gets into a formula.
_MATHML = (
    "math semantics annotation mrow mi mn mo ms mspace mtext mfrac msqrt mroot mstyle merror mpadded mphantom msub msup msubsup munder"
    " mover munderover mmultiscripts mprescripts none mtable mtr mlabeledtr mtd menclose mfenced"
)
MATHML = frozenset(_MATHML.split())
_MATHML_ATTRIBUTES = (
    "display displaystyle scriptlevel mathvariant stretchy fence separator form largeop movablelimits accent accentunder lspace rspace"
    " symmetric minsize maxsize linethickness width height depth voffset columnalign rowalign rowspacing columnspacing columnspan"
    " rowspan columnlines rowlines frame notation open close separators side align"
)
MATHML_ATTRIBUTES = frozenset(_MATHML_ATTRIBUTES.split())
#: What a site may allow besides: elements that only shape text. What loads, runs, asks for input or changes how other markup is
#: read is none of them, nor is what nobody knows.
_ALLOWABLE = (
    "acronym address article aside bdi bdo big center col colgroup data dir fieldset font footer header hgroup legend listing main"
    " menu meter multicol nav nobr output progress rb rbc rtc search section spacer strike tt"
)
ALLOWABLE_TAGS = TAGS | MATHML | frozenset(_ALLOWABLE.split())
#: What a site may allow on them: nothing that loads, runs, or names something for others. Addresses among them are checked
#: whatever element they are on.
_ALLOWABLE_NAMES = (
    "abbr align alt axis bgcolor border bordercolor cellpadding cellspacing char charoff cite class clear color colspan compact controls"
    " coords datetime dir face frame headers height high href hreflang hspace kind label lang loop low max min muted noshade nowrap open"
    " optimum playsinline poster rel rev reversed role rows rowspan rules scope size sizes span src srclang srcset start summary title"
    " translate type valign value vspace width"
)
ALLOWABLE_ATTRIBUTES = frozenset(_ALLOWABLE_NAMES.split())
#: Dropped with all that they hold.
_DEAD = (
    "script style template noscript iframe object svg title textarea select xmp noembed noframes head applet embed plaintext datalist"
    " portal comment"
)
DEAD = frozenset(_DEAD.split())
_KEPT = TAGS | MATHML
_MATHML_OWN = {"math": frozenset({"alttext", "dir", "title"}), "annotation": frozenset({"encoding"})}
#: Attributes by tag; "*" is every tag.
ATTRIBUTES: Mapping[str, frozenset[str]] = {
    "*": frozenset({"title", "lang", "dir"}),
    "a": frozenset({"href"}),
    "img": frozenset({"src", "srcset", "sizes", "alt", "width", "height"}),
    "td": frozenset({"colspan", "rowspan", "scope"}),
    "th": frozenset({"colspan", "rowspan", "scope"}),
    "ol": frozenset({"start", "reversed"}),
    "details": frozenset({"open"}),
    "time": frozenset({"datetime"}),
    "ins": frozenset({"datetime", "cite"}),
    "del": frozenset({"datetime", "cite"}),
    "blockquote": frozenset({"cite"}),
    "q": frozenset({"cite"}),
    "audio": frozenset({"src", "controls"}),
    "video": frozenset({"src", "controls", "poster", "width", "height"}),
    "source": frozenset({"src", "srcset", "type", "media"}),
    "track": frozenset({"src", "srclang", "label", "kind"}),
}
#: All attributes by tag, where a site allows no others.
_ATTRIBUTES_KEPT: Mapping[str, frozenset[str]] = {
    **{tag: ATTRIBUTES["*"] | ATTRIBUTES.get(tag, frozenset()) for tag in TAGS},
    **{tag: MATHML_ATTRIBUTES | _MATHML_OWN.get(tag, frozenset()) for tag in MATHML},
}
#: Attributes that hold a URL of something that is loaded; `href` and `cite` hold a link.
RESOURCES = frozenset({"src", "poster"})
LINKS = frozenset({"href", "cite"})
#: Elements that hold nothing.
_VOID = "area base br col embed hr img input link meta param source track wbr"
VOID = frozenset(_VOID.split())


@dataclass(frozen=True, slots=True)
class Policy:
    """How one site widens or narrows the policy, and the bounds of what is cleaned."""

    backend: str = "bleach"
    allow_tags: tuple[str, ...] = ()
    allow_attributes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    embed_hosts: tuple[str, ...] = ()
    data_images: bool = False
    nofollow: bool = False
    drop_trackers: bool = False
    content_bytes: int = 2_000_000
    element_depth: int = 250

    @property
    def tags(self) -> frozenset[str]:
        """Every tag that survives."""
        return _KEPT | frozenset(self.allow_tags) if self.allow_tags else _KEPT

    def attributes(self, tag: str) -> frozenset[str]:
        """Every attribute that survives on a tag."""
        if not self.allow_attributes or tag in MATHML:
            return _ATTRIBUTES_KEPT.get(tag, ATTRIBUTES["*"])
        allowed = ATTRIBUTES["*"] | ATTRIBUTES.get(tag, frozenset())
        for name in ("*", tag):
            allowed |= frozenset(self.allow_attributes.get(name, ()))
        return allowed


_LANGUAGE = lazy_pattern(r"language-[\w+#.-]{1,30}\Z")
#: Values of `srcset`: addresses that are absolute, each perhaps with its width or density.
_CANDIDATES = lazy_pattern(r"https?://[^\s,]+(?: [\d.]{1,12}[wxh])?(?:, https?://[^\s,]+(?: [\d.]{1,12}[wxh])?)*\Z")


def keeps(policy: Policy, id_prefix: str, tag: str, name: str, value: str) -> bool:
    """Whether the policy lets an attribute through; URLs have been made absolute and checked by then, and are again."""
    if name == "class" and "class" not in policy.attributes(tag):
        return tag == "code" and bool(_LANGUAGE.match(value))
    if name == "id":
        return bool(id_prefix) and value.startswith(id_prefix)
    if name not in policy.attributes(tag):
        return False
    if name in LINKS:
        return value.partition(":")[0] in LINK_SCHEMES
    if name in RESOURCES:
        return value.startswith(("https:", "http:")) or (policy.data_images and value.startswith("data:image/"))
    if name == "srcset":
        return bool(_CANDIDATES.match(value))
    return True
