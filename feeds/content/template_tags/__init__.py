"""Template tags and short codes -> what they show: in comes a body as its generator reads it, out goes one without marks.

Hexo's Nunjucks tags, Hugo's, Zola's and Nikola's short codes, wiki links, leftovers of WordPress. Notes to oneself and sections
meant to be encrypted are gone, what is unknown loses its marks and keeps its inside. Nothing inside code is touched; no HTML
that comes out is trusted.
"""

from __future__ import annotations

from collections.abc import Mapping

from feeds.content.template_tags.fragments import Fragments
from feeds.content.template_tags.furniture import without_contents
from feeds.content.template_tags.marks import Tag, TagContext, Text
from feeds.content.template_tags.rendering import Handler, TagRenderer, tree
from feeds.content.template_tags.scanner import pieces
from feeds.content.template_tags.sections import OPAQUE_NAMES

__all__ = ["TagContext", "replaced"]


def replaced(body: str, context: TagContext) -> tuple[str, Fragments]:
    """The body with its template tags replaced, and the HTML to fill in after it is rendered."""
    fragments = Fragments(body)
    results = list(pieces(body, context))
    for piece in results:
        if isinstance(piece, Text):
            if "wordpress" in context.tables:
                from feeds.content.template_tags import wordpress

                piece.text = wordpress.replaced(piece.text)
            if context.markup == "markdown" and not context.contents:
                piece.text = without_contents(piece.text)
    # What handles tags is imported when there is one: 15 ms of a build with one change.
    handlers, fallback = _handlers(context) if any(isinstance(piece, Tag) for piece in results) else ({}, {})
    return TagRenderer(context, handlers, fallback, fragments).render(tree(results)), fragments


def _handlers(context: TagContext) -> tuple[Mapping[str, Mapping[str, Handler]], Mapping[str, Handler]]:
    """The handlers of each syntax by name, and what handles all other names of a syntax.

    A table is imported when a site has it: no site has all.
    """
    tables = context.tables
    handlers: dict[str, Mapping[str, Handler]] = {}
    fallback: dict[str, Handler] = {}
    if "zola" in tables:
        from feeds.content.template_tags import hugo, logic, zola

        own = (name.removesuffix(".md") for name in context.templates)
        handlers["percent"] = dict.fromkeys({*hugo.HANDLERS, *own} - OPAQUE_NAMES, zola.percent)
        # Zola knows no conditions in posts: what one guards is left out.
        handlers["percent"] = {**handlers["percent"], **{name: logic.HANDLERS[name] for name in ("if", "unless", "else", "elif")}}
        fallback["braces"] = zola.braces
    elif not {"hexo", "jekyll", "liquid-tags"}.isdisjoint(tables):
        from feeds.content.template_tags import hexo, logic

        handlers["percent"] = {**hexo.HANDLERS, **logic.HANDLERS}
        fallback["braces"] = logic.braces
        if "eleventy" in tables:
            from feeds.content.template_tags import eleventy

            fallback["percent"] = eleventy.adapted(eleventy.unknown)
            handlers["percent"] = eleventy.with_functions(
                context.functions, {**handlers["percent"], **eleventy.HANDLERS}, fallback["percent"]
            )
    if "nikola" in tables:
        from feeds.content.template_tags import nikola

        handlers["angle"] = handlers["percents"] = nikola.HANDLERS
    elif "hugo" in tables:
        from feeds.content.template_tags import hugo

        handlers["angle"] = handlers["percents"] = hugo.handlers(context.templates)
        fallback["angle"] = fallback["percents"] = hugo.unknown
    if "obsidian" in tables:
        from feeds.content.template_tags import wiki

        fallback["wiki"], fallback["embed"] = wiki.link, wiki.embed
    return handlers, fallback
