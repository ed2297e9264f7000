"""jekyll-polyglot: a site in several languages, of which each but the first has its pages below its own name.

Rules: jekyll-polyglot 1.13, lib/jekyll/polyglot/patches/jekyll/site.rb.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from feeds.dialects.base import Option, PostFacts, SiteFacts
from feeds.dialects.config_files import word

OPTIONS = {
    "languages": Option("a list", "Languages of a site with jekyll-polyglot: posts in all but the first are below their name."),
    "default_language": Option("text", "The language of posts that name none, jekyll-polyglot's default_lang."),
    "language_from_path": Option(
        "true or false", "Whether paths of posts name their language, jekyll-polyglot's lang_from_path."
    ),
}


def options(config: Mapping[str, Any]) -> dict[str, Any]:
    """What the settings of a site that has the plug-in say of its languages."""
    languages = config.get("languages")
    default = word(config.get("default_lang")) or "en"
    named = [word(name) for name in languages if word(name)] if isinstance(languages, list) else []
    return {
        "languages": list(dict.fromkeys([default, *named])),
        "default_language": default,
        "language_from_path": word(config.get("lang_from_path")).lower() == "true",
    }


def interpret(facts: PostFacts, site: SiteFacts) -> None:
    """Note the language of a post; one in none of the site's languages is not published."""
    languages = _languages(site)
    if not languages:
        return
    own = facts.keys.get("lang")
    named = own if isinstance(own, str) else ""
    if not named and site.options.get("language_from_path"):
        named = next((part for part in re.split(r"[./]", facts.path) if part.casefold() in languages), "")
    language = languages.get((named or _default(site)).casefold())
    if language is None:
        facts.status = "unpublished" if facts.status == "out" else facts.status
    elif language != _default(site):
        facts.language = language


def place(path: str, facts: PostFacts, site: SiteFacts) -> str:
    """The path of a post's page, of which `path` is what Jekyll alone would give it."""
    return f"/{facts.language}{path}" if facts.language and site.options.get("languages") else path


def _languages(site: SiteFacts) -> dict[str, str]:
    """The site's languages as its settings spell them, by case-folded name."""
    return {name.casefold(): name for name in map(str, site.options.get("languages", ()))}


def _default(site: SiteFacts) -> str:
    return str(site.options.get("default_language", "en"))
