"""The content policy: what may reach a reader. In come a site's wishes, out go the sets that both cleaners obey.

docs/content-policy.md is this room in words. Pure tables; no parsing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

#: Moves with each change of what is let through: remembered entries are made anew.
VERSION = "2"

_TAGS = (
    "a abbr b blockquote br caption cite code dd del details dfn div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 hr i img ins"
    " kbd li mark ol p pre q rp rt ruby s samp small span strong sub summary sup table tbody td tfoot th thead time tr u ul var"
    " wbr audio video source track picture"
)
TAGS = frozenset(_TAGS.split())
#: Dropped with all that they hold.
_DEAD = (
    "script style template noscript iframe object svg math title textarea select xmp noembed noframes head applet embed"
    " plaintext datalist portal"
)
DEAD = frozenset(_DEAD.split())
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
        return TAGS | frozenset(self.allow_tags) if self.allow_tags else TAGS

    def attributes(self, tag: str) -> frozenset[str]:
        """Every attribute that survives on a tag."""
        found = ATTRIBUTES["*"] | ATTRIBUTES.get(tag, frozenset())
        for name in ("*", tag):
            found |= frozenset(self.allow_attributes.get(name, ()))
        return found
