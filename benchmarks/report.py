"""What compare.py measured, as the tables of docs/benchmarks.md: in come figures by number of posts and tool, out goes Markdown.

Must not measure anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

#: Kinds of runs, as the tables call them.
TITLES = {"cold": "cold", "one": "one post changed", "same": "nothing changed", "memory": "peak memory, cold"}
#: What ours may take of Hugo's, by tool, kind and number of posts.
GOALS: Mapping[tuple[str, str], Mapping[int, float]] = {
    ("feeds", "cold"): {1_000: 1.5, 10_000: 0.9, 100_000: 0.5},
    ("feeds", "one"): {1_000: 1 / 4, 10_000: 1 / 8, 100_000: 1 / 15},
    ("feeds", "same"): {1_000: 1 / 15, 10_000: 1 / 25, 100_000: 1 / 35},
    ("feeds", "memory"): {1_000: 0.4, 10_000: 1 / 5, 100_000: 1 / 8},
    ("feeds, nh3", "cold"): {1_000: 0.8, 10_000: 0.35, 100_000: 0.2},
}
#: What the processor time of a run with nothing to do may be of listing the folder and starting Python.
YARDSTICK = 2.5
_BEGIN, _END = "<!-- figures -->", "<!-- end of figures -->"


class Figures(NamedTuple):
    """What one tool took for an archive: seconds by kind of run, on the clock and of all processors, and bytes at its peak.

    `documents` is how many files it wrote, `formats` names what is in them; `yardstick` is the processor time of the run with
    nothing to do over that of `find -printf` and a Python that does nothing, 0.0 where it was not measured.
    """

    clock: Mapping[str, float]
    processor: Mapping[str, float]
    memory_bytes: int
    documents: int
    formats: str
    sanitises: bool
    yardstick: float = 0.0


def seconds_table(count: int, tools: Mapping[str, Figures]) -> str:
    """What each tool took for so many posts."""
    lines = [
        f"| {count:,} posts | cold s | one post changed s | nothing changed s | peak MB | writes | HTML sanitised |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, figures in tools.items():
        runs = (f"{figures.clock[kind]:.2f} ({figures.processor[kind]:.2f})" for kind in ("cold", "one", "same"))
        written = f"{figures.documents} files: {figures.formats}"
        sanitised = "yes" if figures.sanitises else "no"
        lines.append(f"| {name} | {' | '.join(runs)} | {figures.memory_bytes / 1e6:.0f} | {written} | {sanitised} |")
    return "\n".join(lines)


def ratio_table(measured: Mapping[int, Mapping[str, Figures]]) -> str:
    """Ours over Hugo's for each number of posts, with the goals; "" where Hugo was not measured."""
    counts = [count for count, tools in measured.items() if "hugo" in tools]
    if not counts:
        return ""
    lines = [
        "| of Hugo's, on the clock (processor time) | " + " | ".join(f"{count:,} posts" for count in counts) + " |",
        "|---" * (len(counts) + 1) + "|",
    ]
    for (name, kind), goals in GOALS.items():
        if any(name in measured[count] for count in counts):
            cells = (_cell(measured[count], name, kind, goals.get(count)) for count in counts)
            lines.append(f"| {name}: {TITLES[kind]} | {' | '.join(cells)} |")
    yardsticks = [measured[count]["feeds"].yardstick if "feeds" in measured[count] else 0.0 for count in counts]
    if any(yardsticks):
        cells = (f"{value:.2f} × ({_verdict(value, YARDSTICK)})" if value else "–" for value in yardsticks)
        lines.append(f"| nothing changed, of find and a bare Python | {' | '.join(cells)} |")
    return "\n".join(lines)


def _cell(tools: Mapping[str, Figures], name: str, kind: str, goal: float | None) -> str:
    if name not in tools:
        return "–"
    ours, hugo = tools[name], tools["hugo"]
    if kind == "memory":
        reached = ours.memory_bytes / hugo.memory_bytes
        text = _part(reached)
    else:
        reached = ours.clock[kind] / hugo.clock[kind]
        text = f"{_part(reached)} ({_part(ours.processor[kind] / hugo.processor[kind])})"
    return text if goal is None else f"{text}; goal {_part(goal)} {_verdict(reached, goal)}"


def _verdict(reached: float, goal: float) -> str:
    return "met" if reached <= goal else "missed"


def _part(ratio: float) -> str:
    return f"{ratio:.2f}" if ratio >= 0.3 else f"1/{1 / ratio:.1f}"


def everything(measured: Mapping[int, Mapping[str, Figures]], machine: str) -> str:
    """All tables, below a line on the machine."""
    parts = [machine, ratio_table(measured), *(seconds_table(count, tools) for count, tools in measured.items())]
    return "\n\n".join(part for part in parts if part)


def write(page: Path, text: str) -> None:
    """Put the tables into a page of the documentation, between its two marks. Raises ValueError if it has none."""
    old = page.read_text(encoding="utf-8")
    before, begin, rest = old.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not begin or not end:
        raise ValueError(f"{page} has no {_BEGIN} … {_END}")
    page.write_text(f"{before}{_BEGIN}\n\n{text}\n\n{_END}{after}", encoding="utf-8")
