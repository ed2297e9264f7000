"""Obsidian: how a vault of notes reads (https://help.obsidian.md/)."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from feeds.content import links
from feeds.content.flavour import OBSIDIAN
from feeds.data_trees import json_tree
from feeds.dialects.base import POST, Dialect, FileKind, Found, Keys, Option, PostFacts, SiteFacts, SiteFolder
from feeds.dialects.obsidian import quartz
from feeds.dialects.plain import NO_POSTS, title_of
from feeds.lazy_patterns import lazy_pattern
from feeds.model import Post, Value
from feeds.urls import encode_path

OPTIONS: Mapping[str, Option] = {
    "only_marked": Option("true or false", "Only notes with publish: true (or dg-publish, share) are posts."),
    "folders_without_posts": Option("a list", "Folders of templates and attachments, or patterns of files."),
    "quartz": Option("true or false", "Quartz publishes the vault: its addresses are the notes' and files'."),
    "quartz_version": Option("a number", "The version of Quartz: in addresses of version 5 letters are small. 4 if not set."),
    "slug_replacements": Option("a table", "What Quartz writes in addresses for a mark, as its quartz/util/path.ts has it."),
}
_MARKS = ("publish", "dgpublish", "share", "published")
_TRUE = frozenset({"true", "yes", "on", "1"})
#: Notes that plug-ins draw themselves.
_DRAWN = ("excalidrawplugin", "kanbanplugin", "canvas")
#: `#tag`, `#tag/nested`: letters of any script, digits, "_", "-", "/", not digits alone (Obsidian Help, "Tags").
_TAG = lazy_pattern(r"(?<![^\s(（【，。、；：])#([\w/-]*[^\W\d][\w/-]*)")
#: Text in which "#" begins no tag: code, comments, formulas, addresses, links.
_CODE = lazy_pattern(
    r"^(`{3,}+|~{3,}+).*?(?:^\1[ \t]*$|\Z)|`[^`\n]*`|%%.*?(?:%%|\Z)|<!--.*?(?:-->|\Z)|\$\$[^$]{0,5000}\$\$|https?://\S+|\[\[[^\[\]\n]*\]\]",
    re.MULTILINE | re.DOTALL,
)
_FENCED = lazy_pattern(r"^(`{3,}+|~{3,}+).*?(?:^\1[ \t]*$|\Z)|`[^`\n]*`", re.MULTILINE | re.DOTALL)
_WIKI_LINK = lazy_pattern(r"\[\[[^\[\]\n]{1,200}\]\]")
#: Fewer notes are no vault if they lack its folder.
_FEWEST_NOTES = 6


class Obsidian(Dialect):
    """A vault's conventions. Posts get pages of ours unless `permalink` is set."""

    name = "obsidian"
    label = "Obsidian"
    posts_folder = "content"  # of Quartz; a vault is all of its folder
    endings: Mapping[str, str] = {".md": "markdown"}
    unread: Mapping[str, str] = {**Dialect.unread, ".canvas": "Obsidian canvas"}
    keys = Keys(
        published=("date", "published", "publishdate", "created", "date created", "datecreated", "creationdate", "creation date",
                   "createdat", "created at", "createtime"),
        updated=("updated", "modified", "date modified", "datemodified", "date updated", "dateupdated", "lastmod", "updatedat",
                 "mtime"),
    )  # fmt: skip
    flavour = OBSIDIAN
    tag_tables = ("obsidian",)
    options = OPTIONS

    def makes_pages(self, options: Mapping[str, Any]) -> bool:
        return bool(options.get("quartz"))

    def kind(self, path: str, site: SiteFacts) -> FileKind:
        for pattern in site.options.get("folders_without_posts", ()):
            if quartz.is_ignored(path, pattern):
                return FileKind("ignored", "it is a template or an attachment")
        stem = path[: path.rfind(".")].casefold()
        if stem in NO_POSTS or (site.options.get("quartz") and stem == "index"):
            return FileKind("page")
        return POST

    def candidates(self, reference: links.Reference, site: SiteFacts) -> Iterator[links.Candidate]:
        """Markdown links and pictures mean what `[[name]]` would, too: a note or file of that name in whatever folder."""
        usual = list(super().candidates(reference, site))
        last = usual.pop() if usual and usual[-1].kind == "address" else None
        yield from usual
        if reference.form == "address" and reference.path and not reference.path.startswith("/"):
            yield from links.wiki(reference, self.endings)
        if last is not None:
            yield last

    def interpret(self, facts: PostFacts, post: Post, site: SiteFacts) -> PostFacts:
        title = facts.keys.get("title")
        if not (isinstance(title, str) and title.strip()) and post.body.strip():
            facts.title = title_of(post.path)
        if facts.status == "out" and any(key in facts.keys for key in _DRAWN):
            facts.status = "page"
        if facts.status == "out" and site.options.get("only_marked") and not _is_marked(facts.keys):
            facts.status = "unmarked"
        results = [tag.rstrip("/") for tag in _TAG.findall(_CODE.sub(" ", post.body)) if not tag.isdigit()]
        tags = dict.fromkeys((*(tag.lstrip("#") for tag in facts.tags), *results))
        first_spelling = {tag.casefold(): tag for tag in reversed(tags)}
        facts.tags = tuple(dict.fromkeys(first_spelling[tag.casefold()] for tag in tags if tag))
        return facts

    def permalink(self, facts: PostFacts, slug: str, published: datetime, site: SiteFacts) -> str | None:
        if site.options.get("quartz") and facts.link is None and site.permalink is None:
            return quartz.address(facts.path, site.options)
        return super().permalink(facts, slug, published, site)

    def file_url(self, path: str, site: SiteFacts) -> str | None:
        if not site.options.get("quartz") or path.startswith("../"):
            return None
        return site.home + encode_path(quartz.file_address(path, site.options))

    def detect(self, folder: SiteFolder) -> Found | None:
        if published_by_quartz := quartz.detect(folder):
            return published_by_quartz
        is_vault = folder.has_folder(".obsidian")
        if not is_vault and not _has_wiki_links(folder):
            return None
        options: dict[str, Any] = {}
        folders = [*_folders(folder)]
        if folders:
            options["folders_without_posts"] = folders
        notes = ["Every note of the vault that says nothing else is a post: exclude folders that are not for readers."]
        if _any_marked(folder):
            options["only_marked"] = True
            notes = ["Some notes say publish: true: only these are posts."]
        if not is_vault:
            notes.insert(0, "The notes link to each other as Obsidian's do ([[name]]), so the folder is read as a vault.")
        return Found("Obsidian", {"posts": ".", "dialect": options}, tuple(notes))


def _has_wiki_links(folder: SiteFolder) -> bool:
    """Whether a third of the notes, a sample of them, link as a vault's do: many are shared without their .obsidian folder."""
    notes = list(itertools.islice((path for path in folder.files(".") if path.endswith(".md")), 5_000))
    if len(notes) < _FEWEST_NOTES or folder.has_file("package.json"):
        return False
    texts = [_FENCED.sub(" ", folder.text(path) or "") for path in notes[:: max(1, len(notes) // 60)]]
    return 3 * sum(1 for text in texts if _WIKI_LINK.search(text)) >= len(texts)


def _is_marked(keys: Mapping[str, Value]) -> bool:
    return any(str(keys.get(key, "")).strip().lower() in _TRUE for key in _MARKS)


def _any_marked(folder: SiteFolder) -> bool:
    """Whether one of the first notes is marked for publishing."""
    for number, path in enumerate(folder.files(".")):
        if number > 5_000:
            return False
        head = (folder.text(path) or "")[:2000] if path.endswith(".md") else ""
        if head.startswith("---") and re.search(r"(?mi)^(?:dg-)?publish:\s*[\"']?(?:true|yes)\b", head):
            return True
    return False


def _folders(folder: SiteFolder) -> Iterator[str]:
    """The folders of templates, of attachments and of excluded files that the vault's settings name."""
    places = (
        ("templates.json", "folder"), ("app.json", "attachmentFolderPath"), ("app.json", "userIgnoreFilters"),
        ("plugins/templater-obsidian/data.json", "templates_folder"),
        ("plugins/obsidian-excalidraw-plugin/data.json", "folder"),
    )  # fmt: skip
    for name, key in places:
        try:
            tree = json_tree(folder.text(f".obsidian/{name}") or "{}")
        except ValueError:
            continue
        value = tree.get(key) if isinstance(tree, dict) else None
        # Excluded files are folders with "/" at their end, or regular expressions between two.
        folders = (
            [str(item) for item in value if str(item)[-1:] == "/" != str(item)[:1]]
            if isinstance(value, list)
            else [str(value or "")]
        )
        for path in (folder_path.strip("/") for folder_path in folders):
            if path and not path.startswith("."):
                yield path


DIALECT = Obsidian()
