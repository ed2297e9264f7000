"""Liquid source -> tokens of python-liquid, in linear time and without giving up on an author's mistake.

The library's own lexer is one regular expression that is quadratic for an unclosed `raw` and stops at the first stray
mark. This one keeps what it cannot read as text, and reports it. Must not evaluate anything.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from liquid.token import TOKEN_CONTENT, TOKEN_DOC, TOKEN_EXPRESSION, TOKEN_OUTPUT, TOKEN_TAG, Token

from feeds.lazy_patterns import lazy_pattern

#: Longer expressions are not read: the library's expression lexer is not linear in brackets and quotes.
MAX_EXPRESSION_CHARS = 2000
MAX_BRACKETS = 60

_MARK = lazy_pattern(r"\{[{%]")
_TAG = lazy_pattern(r"\{%(-?)\s*(#|\w+)\s*((?s:.*))")
_END_RAW = lazy_pattern(r"\{%-?\s*endraw\s*(-?)%\}")
_COMMENT_MARK = lazy_pattern(r"\{%-?\s*(comment|endcomment|raw)\b[^%]*?(-?)%\}")
#: Block tags of Liquid and of Jekyll: tag -> the tags that may stand between it and its end.
BLOCKS: dict[str, frozenset[str]] = {
    "if": frozenset({"elsif", "else"}),
    "unless": frozenset({"elsif", "else"}),
    "case": frozenset({"when", "else"}),
    "for": frozenset({"else"}),
    "tablerow": frozenset(),
    "capture": frozenset(),
    "ifchanged": frozenset(),
    "highlight": frozenset(),
}
_INNER = frozenset().union(*BLOCKS.values())
#: The end of each block tag.
ENDS = {f"end{name}": name for name in BLOCKS}

#: The blocks that may hide what they hold.
_CONDITIONS = frozenset({"if", "unless", "case"})

#: Takes a code, what is wrong, and the offset in the source.
Report = Callable[[str, str, int], None]


@dataclass(frozen=True, slots=True)
class _Piece:
    """A stretch of source: `kind` is "text", "raw", "output" or "tag"; `body` is what stands between its marks."""

    kind: str
    start: int
    end: int
    body: str = ""
    name: str = ""
    trims_before: bool = False
    trims_after: bool = False


def tokens(source: str, report: Report) -> Iterator[Token]:
    """The tokens that python-liquid's parser expects. What is not closed or not a tag is text."""
    pieces = _balanced(list(_pieces(source, report)), report)
    trim = False
    for position, piece in enumerate(pieces):
        if piece.kind in ("text", "raw"):
            text = piece.body if piece.kind == "raw" else source[piece.start : piece.end]
            if piece.kind == "text":
                text = text.lstrip() if trim else text
                if position + 1 < len(pieces) and pieces[position + 1].trims_before:
                    text = text.rstrip()
                trim = False
            else:
                trim = piece.trims_after
            if text:
                yield Token(TOKEN_DOC if piece.kind == "raw" else TOKEN_CONTENT, text, piece.start, source)
            continue
        trim = piece.trims_after
        if piece.kind == "output":
            yield Token(TOKEN_OUTPUT, source[piece.start : piece.end], piece.start, source)
            yield Token(TOKEN_EXPRESSION, piece.body, piece.start, source)
        elif piece.kind == "tag":
            yield Token(TOKEN_TAG, piece.name, piece.start, source)
            if piece.body:
                yield Token(TOKEN_EXPRESSION, piece.body, piece.start, source)


def _pieces(source: str, report: Report) -> Iterator[_Piece]:
    """The stretches of the source from first to last. Comments are dropped here, so that nothing can show them."""
    position = text_start = 0
    closed = {"{{": True, "{%": True, "raw": True}
    while match := _MARK.search(source, position):
        start = match.start()
        mark = match[0]
        end = source.find("}}" if mark == "{{" else "%}", start + 2) if closed[mark] else -1
        if end < 0:
            closed[mark] = False
            position = start + 2
            continue
        piece = _output(source, start, end) if mark == "{{" else _tag(source, start, end)
        if piece is None:
            position = start + 2
            continue
        if len(piece.body) > MAX_EXPRESSION_CHARS or piece.body.count("(") + piece.body.count("[") > MAX_BRACKETS:
            report("liquid-error", "an expression of Liquid is too long to be read", start)
            piece = _Piece("dropped", start, piece.end)
        if text_start < start:
            yield _Piece("text", text_start, start)
        if piece.kind == "tag" and piece.name == "comment":
            piece = _comment(source, piece, report)
        elif piece.kind == "tag" and piece.name == "raw":
            last = _END_RAW.search(source, piece.end) if closed["raw"] else None
            if last is None:
                closed["raw"] = False
                report("liquid-unclosed", "'{% raw %}' is not closed", start)
                piece = _Piece("dropped", start, piece.end)
            else:
                piece = _Piece(
                    "raw", start, last.end(), source[piece.end : last.start()], "raw", piece.trims_before, bool(last[1])
                )
        yield piece
        position = text_start = piece.end
    if text_start < len(source):
        yield _Piece("text", text_start, len(source))


def _output(source: str, start: int, end: int) -> _Piece:
    body = source[start + 2 : end]
    before, after = body.startswith("-"), body.endswith("-") and len(body) > 1
    body = body[1:] if before else body
    body = body[:-1] if after else body
    return _Piece("output", start, end + 2, body.strip(), "", before, after)


def _tag(source: str, start: int, end: int) -> _Piece | None:
    match = _TAG.match(source, start, end)
    if match is None:
        return None
    body = match[3].rstrip()
    after = body.endswith("-")
    body = body[:-1].rstrip() if after else body
    return _Piece("tag", start, end + 2, body, match[2], bool(match[1]), after)


def _comment(source: str, opening: _Piece, report: Report) -> _Piece:
    """The whole comment, those inside it included. One that is not closed hides the rest: nobody meant it to be read."""
    depth = 1
    for match in _COMMENT_MARK.finditer(source, opening.end):
        if match[1] == "raw":
            continue
        depth += 1 if match[1] == "comment" else -1
        if not depth:
            return _Piece("dropped", opening.start, match.end(), trims_before=opening.trims_before, trims_after=bool(match[2]))
    report("liquid-unclosed", "'{% comment %}' is not closed: the rest of the text is left out", opening.start)
    return _Piece("dropped", opening.start, len(source))


def _balanced(pieces: list[_Piece], report: Report) -> list[_Piece]:
    """The pieces without block tags that have no end, and ends that have no beginning."""
    open_at: list[int] = []
    open_names: Counter[str] = Counter()
    dropped: set[int] = set()
    #: Ends of conditions that have none, by the position before which they belong.
    added: dict[int, list[_Piece]] = {}

    def unclosed(opening: int, position: int) -> None:
        """A condition without an end ends with the block around it, so that what it may hide does not come out."""
        piece = pieces[opening]
        if piece.name in _CONDITIONS:
            end = pieces[position].start if position < len(pieces) else pieces[-1].end
            added.setdefault(position, []).append(_Piece("tag", end, end, "", f"end{piece.name}"))
        else:
            dropped.add(opening)
        report("liquid-unclosed", f"'{{% {piece.name} %}}' is not closed", piece.start)

    for position, piece in enumerate(pieces):
        if piece.kind != "tag":
            continue
        if piece.name in BLOCKS:
            open_at.append(position)
            open_names[piece.name] += 1
        elif piece.name in ("endraw", "endcomment"):
            dropped.add(position)
            report("liquid-unclosed", f"'{{% {piece.name} %}}' closes nothing", piece.start)
        elif piece.name in ENDS:
            name = ENDS[piece.name]
            if not open_names[name]:
                dropped.add(position)
                report("liquid-unclosed", f"'{{% {piece.name} %}}' closes nothing", piece.start)
                continue
            while pieces[open_at[-1]].name != name:
                opening = open_at.pop()
                open_names[pieces[opening].name] -= 1
                unclosed(opening, position)
            open_at.pop()
            open_names[name] -= 1
        elif piece.name in _INNER and not (open_at and piece.name in BLOCKS[pieces[open_at[-1]].name]):
            dropped.add(position)
            report("liquid-unclosed", f"'{{% {piece.name} %}}' stands outside of a block", piece.start)
    for opening in reversed(open_at):
        unclosed(opening, len(pieces))
    kept: list[_Piece] = []
    for position, piece in enumerate(pieces):
        kept += added.get(position, ())
        if position not in dropped:
            kept.append(piece)
    return kept + added.get(len(pieces), [])
