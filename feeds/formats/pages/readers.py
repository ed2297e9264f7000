"""Buttons that open a feed in a reader: names from the settings and a feed's address come in, links go out. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import quote

#: Readers by the name that the setting `readers` gives: label, and the address that takes `{url}` percent-encoded.
#: `{feed}` is the address as it is.
KNOWN = {
    "feedly": ("Feedly", "https://feedly.com/i/subscription/feed/{url}"),
    "folo": ("Folo", "follow://add?url={url}"),
    "inoreader": ("Inoreader", "https://www.inoreader.com/?add_feed={url}"),
    "newsblur": ("NewsBlur", "https://www.newsblur.com/?url={url}"),
    "theoldreader": ("The Old Reader", "https://theoldreader.com/feeds/subscribe?url={url}"),
    "feedbin": ("Feedbin", "https://feedbin.com/?subscribe={url}"),
    "bazqux": ("BazQux Reader", "https://bazqux.com/add?url={url}"),
}
#: The machine's own reader: an app that has registered the scheme.
OWN = "feed"
DEFAULT = ("folo", "feedly", "inoreader", "newsblur", "theoldreader", OWN)


class Button(NamedTuple):
    """A link that opens a feed in a reader. `scheme` is what a script puts before the URL, "" for nothing."""

    label: str
    url: str
    scheme: str = ""


def buttons(readers: Iterable[str], url: str, own_label: str) -> list[Button]:
    """A button for each reader. A reader is a name of `KNOWN`, "feed", or "Label https://…{url}…"."""
    result = []
    for reader in readers:
        if reader == OWN:
            # Validators refuse `feed:https://…`; without the script the feed itself opens, which may ask for an app.
            result.append(Button(own_label, url, "feed:"))
            continue
        label, pattern = KNOWN.get(reader) or reader.rsplit(maxsplit=1)
        result.append(Button(label, pattern.replace("{url}", quote(url, safe="")).replace("{feed}", url)))
    return result
