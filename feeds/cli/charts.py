"""The geometry of the column chart of `feeds report`: in come counts by month, out go columns, ticks and labels of an SVG.

Pure. The chart says nothing that the table below it does not say.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

WIDTH, HEIGHT = 960, 220
#: Room for the numbers at the left, the labels below, and above the highest column.
LEFT, BELOW, ABOVE = 44, 24, 10
#: More columns than that are too thin to be told apart: then years are shown.
_MOST_MONTHS = 180
_MOST_LABELS = 12


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its place and size in the SVG, its name and its count; `label` is "" where there is no room for it."""

    x: float
    y: float
    width: float
    height: float
    name: str
    count: int
    label: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A line across the chart, with its number."""

    y: float
    count: int


@dataclass(frozen=True, slots=True)
class Chart:
    """Columns and lines; `by` is "month" or "year"."""

    columns: tuple[Column, ...]
    ticks: tuple[Tick, ...]
    by: str


def chart(by_month: Mapping[str, int]) -> Chart | None:
    """The chart of counts by month ("2025-03"), months without any included; None if there are none at all."""
    if not by_month:
        return None
    first, last = (int(month[:4]) * 12 + int(month[5:7]) - 1 for month in (min(by_month), max(by_month)))
    if last - first < _MOST_MONTHS:
        months = [f"{month // 12:04d}-{month % 12 + 1:02d}" for month in range(first, last + 1)]
        return _drawn({month: by_month.get(month, 0) for month in months}, "month")
    years: Counter[str] = Counter()
    for month, count in by_month.items():
        years[month[:4]] += count
    # A wrong date must not make a thousand columns.
    shown = range(max(first // 12, last // 12 - _MOST_MONTHS + 1), last // 12 + 1)
    return _drawn({f"{year:04d}": years[f"{year:04d}"] for year in shown}, "year")


def _drawn(counts: Mapping[str, int], by: str) -> Chart:
    step = _step(max(counts.values()))
    top = -(-max(counts.values()) // step) * step
    scale = (HEIGHT - BELOW - ABOVE) / top
    room = (WIDTH - LEFT) / len(counts)
    every = -(-len(counts) // _MOST_LABELS)
    columns = []
    for number, (name, count) in enumerate(counts.items()):
        height = count * scale
        label = name if number % every == 0 else ""
        x, y = LEFT + number * room + room * 0.1, HEIGHT - BELOW - height
        columns.append(Column(round(x, 1), round(y, 1), round(room * 0.8, 1), round(height, 1), name, count, label))
    ticks = tuple(Tick(round(HEIGHT - BELOW - count * scale, 1), count) for count in range(0, top + 1, step))
    return Chart(tuple(columns), ticks, by)


def _step(most: int) -> int:
    """The distance of lines: 1, 2 or 5 times a power of ten, for at most six of them."""
    step = 1
    while most > 5 * step:
        step = step * 5 // 2 if str(step)[0] == "2" else step * 2
    return step
