"""What each format says in its own way about the same entry: in come model values, out go short texts and links.

Pure: no clock, no locale, no library. A format that needs a rule of its own spec keeps it in its own file.
"""

from __future__ import annotations

from datetime import datetime

from feeds.formats import media_type_of
from feeds.lazy_patterns import lazy_pattern
from feeds.model import Entry, Person

#: Who made the document. No version: a new release of ours must not change every feed of every site.
GENERATOR = "feed-publisher"

#: How many characters of the text stand in for a missing title.
_FIRST_WORDS = 60

_EMAIL = lazy_pattern(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+\Z")
#: What must not be cut from the character before it: combining marks, variation selectors, joiners, skin tones, tags.
_CLINGS = lazy_pattern(
    "[\u0300-\u036f\u1ab0-\u1aff\u20d0-\u20ff\u200d\ufe00-\ufe0f\ufe20-\ufe2f\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]"
)


def rfc822(moment: datetime) -> str:
    """`Wed, 04 Aug 2021 05:49:00 +0000` whatever the locale (RSS 2.0; RFC 5322 section 3.3)."""
    from email.utils import format_datetime

    return format_datetime(moment)


def title_of(entry: Entry) -> str:
    """The title, or "" where it has none to show."""
    return entry.title if entry.title.strip() else ""


def heading(entry: Entry) -> str:
    """The title, else the first words of the summary, else the day: RFC 4287 section 4.1.2 wants a title."""
    return title_of(entry) or first_words(entry.summary) or entry.published.strftime("%Y-%m-%d").rjust(10, "0")


def first_words(text: str, limit: int = _FIRST_WORDS) -> str:
    """The beginning of a text, cut between words, or between characters where the script has no blanks."""
    text = " ".join(text.split())
    if len(text) <= limit:
        return text
    end = limit
    while end > 1 and (_CLINGS.match(text[end]) or text[end - 1] == "\u200d"):
        end -= 1
    blank = text.rfind(" ", limit // 2, end + 1)
    return text[: blank if blank > 0 else end].rstrip(" ,;:，、；：") + "…"


def body_of(entry: Entry, content_mode: str) -> str:
    """The HTML that this feed carries of the entry: all of it, or none in a feed of summaries and of an entry too large."""
    return entry.content if content_mode == "full" and entry.content_in_feeds and entry.content.strip() else ""


def email_of(person: Person, show_email: bool) -> str | None:
    """The address to show: only where the operator opted in, and only one that can be one."""
    return person.email if show_email and person.email and _EMAIL.match(person.email) else None


def bare_type(format: str) -> str:
    """The media type of a format without parameters, as links carry it."""
    return media_type_of(format).partition(";")[0]
