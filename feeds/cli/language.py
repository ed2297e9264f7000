"""The language of what commands print for people: in comes an English text, out goes the reader's. JSON is never translated.

The catalogues lie in feeds/locale, one folder a language, as gettext has them; `python -m feeds.cli.catalogue` keeps them.
"""

from __future__ import annotations

import gettext
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

DOMAIN = "feeds"
FOLDER = Path(__file__).parents[1] / "locale"
#: What the setting `messages` may be, with the folder of its catalogue; English needs none.
LANGUAGES: Mapping[str, str] = {"en": "", "zh-CN": "zh_CN"}
#: The variables that say which language a person reads, the one that wins first (gettext manual, "Users").
_VARIABLES = ("FEEDS_MESSAGES", "LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
_ENGLISH = gettext.NullTranslations()
_state: dict[str, gettext.NullTranslations] = {"catalogue": _ENGLISH}
_folder = {"name": ""}


def choose(environ: Mapping[str, str], setting: str | None = None) -> None:
    """Print in the language of the setting `messages`, else of the environment, from now on."""
    wanted = setting or next((environ[name] for name in _VARIABLES if environ.get(name)), "en")
    folder = LANGUAGES.get(_name(wanted.split(":")[0]), "")
    _folder["name"] = folder
    _state["catalogue"] = gettext.translation(DOMAIN, FOLDER, [folder], fallback=True) if folder else _ENGLISH


def _name(locale: str) -> str:
    """The language of a locale's name, e.g. zh_CN.UTF-8: readers of traditional characters get English."""
    tag = locale.partition(".")[0].partition("@")[0].replace("_", "-").lower()
    traditional = ("zh-tw", "zh-hk", "zh-mo", "zh-hant")
    return "zh-CN" if tag.split("-")[0] == "zh" and not tag.startswith(traditional) else "en"


@contextmanager
def in_english() -> Iterator[None]:
    """What is made within is not translated, e.g. for a machine."""
    before = _state["catalogue"]
    _state["catalogue"] = _ENGLISH
    try:
        yield
    finally:
        _state["catalogue"] = before


def is_english() -> bool:
    """Whether texts come out as they are."""
    return _state["catalogue"] is _ENGLISH


def current() -> str:
    """The folder of the catalogue in use; "" for English."""
    return "" if is_english() else _folder["name"]


def known_texts(folder: str) -> list[str]:
    """The English texts of a catalogue."""
    # gettext keeps them there, and has no public way to list them.
    return [text for text in getattr(gettext.translation(DOMAIN, FOLDER, [folder]), "_catalog", {}) if text]


def translated(text: str) -> str:
    """The text in the reader's language, or as it is."""
    return _state["catalogue"].gettext(text) if text else ""
