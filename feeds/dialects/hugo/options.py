"""What [dialect] in feeds.toml may hold for a blog of Hugo, and what holds if it does not."""

from __future__ import annotations

from collections.abc import Mapping

from feeds.dialects.base import Option

#: Sections and files below the content folder that hold no posts unless `sections` or `pages` say otherwise.
PAGES = (
    "page", "pages", "about", "archives", "archive", "search", "links", "friends", "contact", "categories", "tags", "series",
    "authors",
)  # fmt: skip
#: The label of Markdown that Pandoc renders; what only its Markdown has is text to others.
PANDOC = "Pandoc"
#: Endings of content files, with what is in them.
ENDINGS: Mapping[str, str] = {".md": "markdown", ".markdown": "markdown", ".mdown": "markdown", ".html": "html", ".htm": "html"}
#: What `markup` in front matter names (https://gohugo.io/content-management/formats/) besides Markdown and HTML.
MARKUPS: Mapping[str, str] = {
    **dict.fromkeys(("asciidoc", "asciidocext", "adoc", "ad"), "AsciiDoc"), "org": "Org", "rst": "reStructuredText",
    **dict.fromkeys(("pandoc", "pdc"), PANDOC),
}  # fmt: skip
#: Where a date comes from unless [dialect.dates] says otherwise (https://gohugo.io/configuration/front-matter/).
DATES: Mapping[str, tuple[str, ...]] = {
    "date": ("date", "publishdate", "pubdate", "published", "lastmod", "modified"),
    "lastmod": ("lastmod", "modified", "date", "publishdate", "pubdate", "published"),
    "publishdate": ("publishdate", "pubdate", "published"),
    "expirydate": ("expirydate", "unpublishdate"),
}
OPTIONS: Mapping[str, Option] = {
    "sections": Option("a list", 'The sections whose pages are posts, "." for the files at the root; all if it is not set.'),
    "root_posts": Option("true or false", "Files with a date at the root of the content folder are posts, too."),
    "pages": Option("a list", f"Sections and files that hold no posts; by default {', '.join(PAGES)}."),
    "permalinks": Option("a table", "Patterns of addresses by section or path, as Hugo's [permalinks]; the first match counts."),
    "disable_path_to_lower": Option("true or false", "Keep capitals in addresses, as Hugo's disablePathToLower."),
    "remove_path_accents": Option("true or false", "Take accents off addresses, as Hugo's removePathAccents."),
    "ugly_urls": Option("true or false", "Addresses end in .html, as Hugo's uglyURLs."),
    "ugly_sections": Option("a list", "The sections whose addresses end in .html."),
    "root_relative": Option(
        "text", 'Links that begin with "/" are below the base URL: "canonify" or "relative", as Hugo\'s *URLs.'
    ),
    "default_language": Option("text", "The language of files that name none, as Hugo's defaultContentLanguage."),
    "languages": Option(
        "a table",
        "Languages by code, each a table: `folder` below the content folder, `prefix` of its addresses, `tag`, `base_url`, "
        "`permalinks`, `disabled`.",
    ),
    "dates": Option("a table", "The keys from which date, lastmod, publishdate, expirydate come, as Hugo's [frontmatter]."),
    "cascade": Option("a list", "Front matter that pages inherit from the site's settings, as Hugo's [[cascade]]."),
    "ignore_files": Option("a list", "Regular expressions of the paths of files that are not content, as Hugo's ignoreFiles."),
    "exclude_files": Option("a list", "Patterns of files below the content folder that are not content, as excludeFiles."),
    "include_files": Option("a list", "Patterns of the only files below the content folder that are content, as its mounts say."),
    "segments": Option(
        "a table",
        "What renderSegments renders: lists `excludes` and `includes` of tables with kind, lang, path, output.",
    ),
    "disable_pages": Option("true or false", 'No page is rendered, as Hugo\'s disableKinds with "page".'),
    "params": Option("a table", "The site's [params] that its posts and own short codes show."),
    "category_keys": Option("a list", "The front matter keys of categories, if they are not called so."),
    "tag_keys": Option("a list", "The front matter keys of tags, if they are not called so."),
}
