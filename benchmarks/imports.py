"""What a build with one change imports: out comes a table of packages, or modules, with the processor time of each.

    python benchmarks/imports.py --posts 1000 --runs 5 --modules 30

Processor time, unlike `python -X importtime`, which measures the wall clock: a busy machine does not change it much. A module's
time is its own, without that of the modules which it imports; the median of the runs counts.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from importlib.machinery import ExtensionFileLoader, SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

ROOT = Path(__file__).parents[1]
#: Set for the process that is measured: where it writes what it measured.
_REPORT = "--report"


def measured(arguments: Sequence[str]) -> dict[str, float]:
    """Run `feeds` with the arguments in this process; milliseconds by module, and "" for the whole process."""
    own: dict[str, float] = {}
    within = [0.0]

    def timed(loader: type[Any]) -> None:
        run = loader.exec_module

        def exec_module(self: Any, module: ModuleType) -> None:
            before = time.process_time()
            within.append(0.0)
            try:
                run(self, module)
            finally:
                whole = time.process_time() - before
                own[module.__name__] = own.get(module.__name__, 0.0) + 1000 * (whole - within.pop())
                within[-1] += whole

        loader.exec_module = exec_module

    timed(SourceFileLoader)
    timed(ExtensionFileLoader)
    sys.argv = ["feeds", *arguments]
    sys.path.insert(0, str(ROOT))
    from feeds.__main__ import main

    try:
        main()
    except SystemExit as end:
        if end.code:
            raise
    own[""] = 1000 * time.process_time()
    return own


def table(runs: Sequence[dict[str, float]], modules: int) -> str:
    """The medians of the runs by package, and of the slowest modules."""
    names = {name for run in runs for name in run}
    times = {name: statistics.median(run.get(name, 0.0) for run in runs) for name in names}
    whole = times.pop("")
    packages: dict[str, list[float]] = {}
    for name, milliseconds in times.items():
        packages.setdefault(name.partition(".")[0], []).append(milliseconds)
    lines = [
        f"The process took {whole:.0f} ms, {sum(times.values()):.0f} ms of it for {len(times)} imports.", "",
        "| package | modules | ms |", "|---|---|---|",
    ]  # fmt: skip
    by_package = sorted(packages.items(), key=lambda item: -sum(item[1]))
    lines += [f"| {name} | {len(each)} | {sum(each):.1f} |" for name, each in by_package if sum(each) >= 1]
    if modules:
        slowest = sorted(times.items(), key=lambda item: -item[1])[:modules]
        lines += ["", "| module | ms |", "|---|---|", *(f"| {name} | {each:.1f} |" for name, each in slowest)]
    return "\n".join(lines)


def main() -> None:
    if sys.argv[1:2] == [_REPORT]:
        Path(sys.argv[2]).write_text(json.dumps(measured(sys.argv[3:])))
        return
    import compare

    parser = argparse.ArgumentParser(description="What a build with one change imports.")
    parser.add_argument("--posts", type=int, default=1_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--modules", type=int, default=0, help="how many of the slowest modules to list")
    parser.add_argument("--work", type=Path, help="folder for archives and output, kept (default: a temporary one)")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        work = (asked.work or Path(scratch)).resolve()
        site = compare.site_for("hugo", asked.posts, 1, work)
        own = work / "imports"
        own.mkdir(exist_ok=True)
        _, _, _, *arguments = compare.ours("bleach", "pages = false\n")(site, own)
        report = own / "report.json"
        runs = []
        for number in range(asked.runs + 1):
            compare.edit(site, "hugo", f"imports {number} {time.time_ns()}")
            command = [sys.executable, __file__, _REPORT, str(report), *arguments]
            # Without PYTHONDONTWRITEBYTECODE: modules that are compiled in each run take three times as long.
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=compare.environment())
            runs.append(json.loads(report.read_text()))
        # The first run builds everything.
        print(table(runs[1:], asked.modules))


if __name__ == "__main__":
    main()
