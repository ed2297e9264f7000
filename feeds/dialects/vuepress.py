"""VuePress 1 and 2: how their blogs read (https://v2.vuepress.vuejs.org/guide/page.html). A page is where its file is, if it
has no permalink; both versions write addresses in their own way.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from feeds.content.flavour import MARKDOWN_IT
from feeds.dialects import recognised
from feeds.dialects.base import Found, Option, PostFacts, SiteFacts, SiteFolder
from feeds.dialects.bundled import Bundled, below_source
from feeds.dialects.config_files import word
from feeds.dialects.javascript import literals
from feeds.lazy_patterns import lazy_pattern
from feeds.model import Post

#: What VuePress 2 writes as "_" (packages/utils/src/module/sanitizeFileName.ts).
_INVALID = lazy_pattern(r"[\x00-\x1f\"#$%&*+,:;<=>?\[\]^`{|}\x7f]")
_DATED = lazy_pattern(r"\d{4}-\d{1,2}(?:-\d{1,2})?-(.*)")


class VuePress(Bundled):
    """VuePress's conventions."""

    name = "vuepress"
    label = "VuePress"
    flavour = replace(MARKDOWN_IT, emoji=True)
    settings_files = (".vuepress/config.*", "*/.vuepress/config.*", "*/.vuepress/theme.*")
    options: Mapping[str, Option] = {
        "source": Option("text", "The folder of all pages below the site's folder, which holds .vuepress."),
        "version": Option("a number", "VuePress's version; 2 if not set."),
        "permalink_pattern": Option("text", "The address of a page without a permalink, as VuePress's permalinkPattern."),
        "encrypted": Option("a list", "Addresses below which vuepress-theme-hope asks for a password."),
    }

    def interpret(self, facts: PostFacts, post: Post, site: SiteFacts) -> PostFacts:
        """Lists of posts are no posts; what is encrypted is private; `permalink` and its pattern make the address."""
        facts = super().interpret(facts, post, site)
        pattern = facts.keys.get("permalinkpattern")
        if isinstance(pattern, str):
            facts.extra["permalinkpattern"] = pattern
        if facts.status != "out":
            return facts
        name = posixpath.basename(facts.path).lower()
        is_list = name in ("index.md", "readme.md") and facts.published is None
        if is_list or str(facts.keys.get("home", "")).lower() == "true" or str(facts.keys.get("article", "")).lower() == "false":
            facts.status = "page"
        address = "/" + (self.page(facts, site) or "")
        if any(address.startswith(str(prefix)) for prefix in site.options.get("encrypted", ())):
            facts.status = "protected"
        return facts

    def permalink(self, facts: PostFacts, slug: str, published: datetime, site: SiteFacts) -> str | None:
        """Its own permalink, else the pattern's, else the file's path."""
        if facts.link is not None or site.permalink is not None:
            return super().permalink(facts, slug, published, site)
        path = below_source(facts.path, site)
        stem = path[: path.rfind(".")]
        folders, _, name = stem.rpartition("/")
        pattern = facts.extra.get("permalinkpattern") or str(site.options.get("permalink_pattern") or "")
        if pattern:
            dated = _DATED.search(name)
            values = {
                "year": f"{published:%Y}", "month": f"{published:%m}", "day": f"{published:%d}",
                "slug": dated[1] if dated else name, "raw": f"{stem}.html",
            }  # fmt: skip
            made = re.sub(r":(year|month|day|slug|raw)\b", lambda match: values[match[1]], pattern)
        elif name.lower() in ("index", "readme"):
            made = f"{folders}/" if folders else ""
        else:
            made = f"{stem}.html"
        made = made.lstrip("/")
        return made if site.options.get("version") == 1 else "/".join(map(_sanitized, made.split("/")))

    def public_folder(self, site: SiteFacts) -> str:
        return posixpath.join(str(site.options.get("source") or ""), ".vuepress/public")

    def detect(self, folder: SiteFolder) -> Found | None:
        """The site's settings: .vuepress/config.* in the site's folder or in one of it."""
        name = recognised.settings_file(self.label, folder)
        found = None if name is None else recognised.found(self.label, folder)
        if name is None or found is None:
            return None
        home = name.rpartition("/")[0]
        source = home.rpartition(".vuepress")[0].rstrip("/")
        code = "\n".join(
            literals.without_comments(folder.text(f"{home}/{file}") or "")
            for file in folder.names(home)
            if re.fullmatch(r"(?:config|theme)\.[cm]?[jt]s", file)
        )
        pattern = re.search(r"""\bpermalink(?:Pattern)?\s{0,9}:\s{0,9}["'`]([^"'`\n]{1,200}:[^"'`\n]{1,200})["'`]""", code)
        output = posixpath.join(home, "public")
        options = {
            "source": source,
            "version": 1 if _version(folder) == "1" else 0,
            "permalink_pattern": pattern[1] if pattern else "",
            "encrypted": _encrypted(code),
        }
        settings = {
            **found.settings, "output": output, "dialect": {key: value for key, value in options.items() if value},
        }  # fmt: skip
        notes = [recognised.what_is_read(self.label), recognised.copied_output(self.label, output)]
        if options["encrypted"] == ["/"]:
            notes.append(
                "All posts are left out as encrypted: the theme's `encrypt` is for the whole site, or is not read. Name the "
                "addresses that ask for a password as `encrypted` in [dialect]."
            )
        return found._replace(settings=settings, notes=tuple(notes))


def _sanitized(name: str) -> str:
    return _INVALID.sub("_", name).lstrip("_")


def _version(folder: SiteFolder) -> str:
    """The first digit of the version of VuePress that package.json asks for."""
    package = recognised.package(folder)
    for name in ("vuepress", "@vuepress/core"):
        match = re.search(r"\d", word(package.get(name)))
        if match:
            return match[0]
    return ""


def _encrypted(code: str) -> list[str]:
    """The addresses of vuepress-theme-hope's `encrypt.config`; "/" if the whole site is encrypted, or if they cannot be read."""
    at = re.search(r"\bencrypt\s{0,9}(?::\s{0,9}|(?=[,}]))", code)
    if at is None:
        return []
    names = literals.constants(code)
    encrypt, end = literals.value_at(code, at.end(), names) if ":" in at[0] else (names.get("encrypt"), at.end())
    if encrypt is False:
        return []
    if not isinstance(encrypt, dict) or encrypt.get("global") not in (None, False):
        return ["/"]
    # What is not a literal is not in the table.
    addresses = encrypt.get("config", None if "config" in code[at.end() : end] else {})
    return list(map(str, addresses)) if isinstance(addresses, dict) else ["/"]


DIALECT = VuePress()
