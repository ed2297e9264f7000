"""A plain folder of posts: no generator's conventions, and sites of generators that have no dialect here."""

from __future__ import annotations

from collections.abc import Mapping

from feeds.dialects.base import POST, Dialect, FileKind, Found, PostFacts, SiteFacts, SiteFolder
from feeds.dialects.recognised import detect
from feeds.lazy_patterns import lazy_pattern
from feeds.model import Post

#: What repositories and websites hold besides posts, by the file's name without ending.
NO_POSTS = frozenset({
    "readme", "license", "licence", "copying", "copyright", "notice", "changelog", "changes", "history", "news", "releases",
    "contributing", "contributors", "code_of_conduct", "code-of-conduct", "security", "support", "authors", "maintainers",
    "governance", "summary", "_sidebar", "_navbar", "_coverpage", "404", "requirements", "robots", "humans", "ads", "agents",
    "claude", "pull_request_template", "issue_template",
})  # fmt: skip
_DATE = lazy_pattern(r"\d{4}[-_.]\d{1,2}[-_.]\d{1,2}(?:[-_. ]+|\Z)|\d{8}[-_. ]+")


class Plain(Dialect):
    """No generator's conventions."""

    endings: Mapping[str, str] = {**Dialect.endings, ".mdx": "mdx"}
    unread: Mapping[str, str] = {ending: name for ending, name in Dialect.unread.items() if ending != ".mdx"}

    def kind(self, path: str, site: SiteFacts) -> FileKind:
        kind = super().kind(path, site)
        name = path.rpartition("/")[2].casefold()
        if kind == POST and name[: name.rfind(".")] in NO_POSTS:
            return FileKind("page")
        return kind

    def interpret(self, facts: PostFacts, post: Post, site: SiteFacts) -> PostFacts:
        if not facts.title and "title" not in facts.keys and post.body.strip():
            facts.title = title_of(post.path)
        return facts

    def detect(self, folder: SiteFolder) -> Found | None:
        return detect(folder)


def title_of(path: str) -> str:
    """A title from a file's name without its date; of `trip/index.md` from the folder's."""
    parts = path.split("/")
    name = parts[-1][: parts[-1].rfind(".")]
    if name.casefold() in ("index", "readme") and len(parts) > 1:
        name = parts[-2]
    return _DATE.sub("", name, count=1).strip() if _DATE.match(name) else name.strip()


DIALECT = Plain()
