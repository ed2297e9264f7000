"""The findings of a build: those that a whole site has become one line with their number. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from feeds.errors import Problem

#: Findings of which the site's author needs one line, however many posts have them.
_ONCE = frozenset({"tag-unknown"})


def counted_once(problems: Iterable[Problem]) -> list[Problem]:
    """The findings, each once; those that a whole site has are reported where they come first, with their number."""
    distinct = list(dict.fromkeys(problems))
    several: dict[str, list[Problem]] = {}
    for problem in distinct:
        if problem.code in _ONCE:
            several.setdefault(problem.what, []).append(problem)
    merged = [problem for problem in distinct if problem.code not in _ONCE]
    for what, same in several.items():
        first = min(same, key=lambda problem: (problem.path, problem.line or 0))
        posts = len({problem.path for problem in same})
        where = f" (in {len(same)} lines of {posts} {'post' if posts == 1 else 'posts'})" if len(same) > 1 else ""
        merged.append(replace(first, what=what + where))
    return merged
