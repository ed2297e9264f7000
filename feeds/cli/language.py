"""The language of what commands print for people: in comes an English text, out goes the reader's. JSON is never translated.

The catalogues lie in feeds/locale, one folder a language, as gettext's .po files; `python -m feeds.cli.catalogue` keeps them.
They are read as they are, in some milliseconds: nothing has to be compiled for a wheel or after a merge.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from feeds.lazy_patterns import lazy_pattern

DOMAIN = "feeds"
FOLDER = Path(__file__).parents[1] / "locale"
#: What the setting `messages` may be, with the folder of its catalogue; English needs none.
LANGUAGES: Mapping[str, str] = {"en": "", "zh-CN": "zh_CN"}
#: The variables that say which language a person reads, the one that wins first (gettext manual, "Users").
_VARIABLES = ("FEEDS_MESSAGES", "LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
#: A message and its translation, each in lines between quotation marks.
_PAIR = lazy_pattern(r'^msgid (".*"(?:\n".*")*)\nmsgstr (".*"(?:\n".*")*)$', re.MULTILINE)
_ESCAPED = lazy_pattern(r"\\(.)")
_ESCAPES = {"n": "\n", "t": "\t"}
_state = {"folder": ""}


def choose(environ: Mapping[str, str], setting: str | None = None) -> None:
    """Print in the language of the setting `messages`, else of the environment, from now on."""
    wanted = setting or next((environ[name] for name in _VARIABLES if environ.get(name)), "en")
    _state["folder"] = LANGUAGES.get(_name(wanted.split(":")[0]), "")


def po_file(folder: str) -> Path:
    """The catalogue in a folder."""
    return FOLDER / folder / "LC_MESSAGES" / f"{DOMAIN}.po"


@cache
def _catalogue(folder: str) -> Mapping[str, str]:
    """The translations by their English texts."""
    pairs = _PAIR.findall(po_file(folder).read_text("utf-8")) if folder else ()
    texts = ((_text(written), _text(translation)) for written, translation in pairs)
    return {text: translation for text, translation in texts if text and translation}


def _text(written: str) -> str:
    text = "".join(line[1:-1] for line in written.split("\n"))
    return _ESCAPED.sub(lambda match: _ESCAPES.get(match[1], match[1]), text) if "\\" in text else text


def _name(locale: str) -> str:
    """The language of a locale's name, e.g. zh_CN.UTF-8: readers of traditional characters get English."""
    tag = locale.partition(".")[0].partition("@")[0].replace("_", "-").lower()
    traditional = ("zh-tw", "zh-hk", "zh-mo", "zh-hant")
    return "zh-CN" if tag.split("-")[0] == "zh" and not tag.startswith(traditional) else "en"


@contextmanager
def in_english() -> Iterator[None]:
    """What is made within is not translated, e.g. for a machine."""
    before = _state["folder"]
    _state["folder"] = ""
    try:
        yield
    finally:
        _state["folder"] = before


def is_english() -> bool:
    """Whether texts come out as they are."""
    return not _state["folder"]


def current() -> str:
    """The folder of the catalogue in use; "" for English."""
    return _state["folder"]


def known_texts(folder: str) -> list[str]:
    """The English texts of a catalogue."""
    return list(_catalogue(folder))


def translated(text: str) -> str:
    """The text in the reader's language, or as it is."""
    return _catalogue(_state["folder"]).get(text, text)
