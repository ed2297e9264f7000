"""How near the feeds come to what each site generator publishes: a line of percentages for each generator.

    python benchmarks/fidelity.py [NAME …] [--cases FOLDER] [--docs] [-v]
    python benchmarks/fidelity.py --site FOLDER [--site FOLDER …] [--tool NAME=PROGRAM …]

Builds the recorded sites of tests/dialects/cases (NAME is a generator, "hexo", or a case, "hexo/slugs"), or of a folder of the
same shape, with `feeds init` and `feeds build`, and compares each post with what the generator made of it. `--site` does so
with any folder of a site: its generator is run on a copy by the scripts in tests/dialects/record, which name the packages to
install. `--tool` names a program that is not on PATH: hugo, zola, ruby, node, or the Python of an environment with pelican or
nikola; for hexo and eleventy the folder that holds node_modules. A site's plug-ins and its settings run with its generator:
name only folders that you trust. `--docs` writes the table into docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import difflib
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests" / "dialects"), str(ROOT / "tests")]

import case_files  # noqa: E402

from feeds.migrate.init import look  # noqa: E402

RECORDERS = ROOT / "tests" / "dialects" / "record"
#: Columns of percentages: the share of posts that are equal, "alike" the share with nearly the same text.
SHARES = ("link", "date", "title", "categories", "tags", "text", "alike", "pictures", "inner links")
#: Columns of counts: posts that are missing, entries that are no posts, posts with marks of templates, hidden ones published.
COUNTS = ("lost", "extra", "raw", "private")
ALIKE = 0.98
_RAW = re.compile(
    r"\{%.{0,40}|\{\{.{0,40}|\{:[ .#][^}\n]{0,30}\}|^\[toc\]|\[\[[^\]\n]{1,60}\]\]|^!!! |^:::|\*\*\S|!\[[^\]\n]*\]\(", re.M | re.I
)
_MARK = "<!-- fidelity -->"


class Score:
    """What was compared of a generator's posts: how many values, and how many were equal."""

    def __init__(self) -> None:
        self.posts = 0
        self.compared: Counter[str] = Counter()
        self.equal: Counter[str] = Counter()
        self.counts: Counter[str] = Counter()

    def judge(self, column: str, ours: Any, theirs: Any) -> None:
        """Count one value; None says that nothing was recorded."""
        if theirs is not None:
            self.compared[column] += 1
            self.equal[column] += ours == theirs

    def share(self, column: str) -> str:
        """The percentage of a column, "-" where nothing was compared."""
        return f"{100 * self.equal[column] / total:.1f}" if (total := self.compared[column]) else "-"


def add_case(score: Score, folder: Path, *, verbose: bool = False) -> None:
    """Build a copy of a case's site, and add what is equal. Raises CaseError if it cannot be built."""
    expected = json.loads((folder / "expected.json").read_text("utf-8"))
    with tempfile.TemporaryDirectory(prefix="feeds-fidelity-") as temporary:
        site = Path(temporary, "site")
        shutil.copytree(folder / "site", site, symlinks=True)
        entries, printed = case_files.build(site, expected)
    result = case_files.compare(case_files.case_name(folder), expected, entries, printed)
    pairs, _ = case_files._pairs(expected["posts"], entries)
    score.posts += len(expected["posts"])
    score.counts["lost"] += len(result.of("missing"))
    score.counts["extra"] += len(result.of("extra"))
    hidden = set(expected.get("not_posts", ()))
    score.counts["private"] += sum(difference.post in hidden for difference in result.of("extra"))
    for post, entry in pairs:
        if entry is not None:
            _add_post(score, post, entry)
    if verbose:
        for difference in result.differences:
            print(difference)


def _add_post(score: Score, post: Mapping[str, Any], entry: dict[str, Any]) -> None:
    on_purpose = post.get("deviations", {})
    fields = {
        "link": "url",
        "date": "published",
        "title": "title",
        "categories": "categories",
        "tags": "tags",
        "pictures": "images",
    }
    for column, name in fields.items():
        if name not in on_purpose:
            score.judge(column, *case_files._COMPARISONS[name](entry, post))
    host = urlsplit(post["url"]).netloc
    ours, theirs = case_files._links(entry, post)
    if theirs is not None and "links" not in on_purpose:
        score.judge("inner links", *([link for link in links if urlsplit(link).netloc == host] for links in (ours, theirs)))
    ours, theirs = case_files._text(entry, post)
    if theirs is None or "text" in on_purpose:
        return
    score.judge("text", ours, theirs)
    likeness = 1.0 if ours == theirs else difflib.SequenceMatcher(None, ours[:6000], theirs[:6000], autojunk=False).quick_ratio()
    score.judge("alike", likeness > ALIKE, True)
    score.counts["raw"] += len(_RAW.findall(ours)) > len(_RAW.findall(theirs))


# any folder


def record(site: Path, cases: Path, tools: Mapping[str, str]) -> Path:
    """Copy a site into a case folder, and have its generator write expected.json; gives that folder."""
    generator = str(look(site).settings.get("generator", ""))
    script = next(iter(RECORDERS.glob(f"{generator}.*")), None) if generator else None
    if script is None:
        raise case_files.CaseError(f"{site}: no generator is recognised that could be run; expected one of {_recorders()}")
    folder = cases / generator / site.resolve().name
    shutil.copytree(
        site, folder / "site", symlinks=True, ignore=shutil.ignore_patterns(".git", "node_modules", "feeds.toml", ".feeds")
    )
    if generator == "eleventy":
        found = look(site).settings
        home, collection = found.get("base_url", "https://site.example/"), found.get("dialect", {}).get("collection", "posts")
        (folder / "record.json").write_text(json.dumps({"home": home, "collection": collection}), "utf-8")
    command, place = _command(generator, script, cases / generator, tools)
    done = subprocess.run(command, cwd=place, capture_output=True, text=True, timeout=1800, check=False)
    if not (folder / "expected.json").exists():
        raise case_files.CaseError(f"{site}: {generator} published nothing\n{done.stdout}{done.stderr}")
    return folder


def _command(generator: str, script: Path, cases: Path, tools: Mapping[str, str]) -> tuple[list[str], Path]:
    """The command that records a generator's cases, and the folder in which it runs."""
    if generator in ("hugo", "zola"):
        tool = ["--" + generator, tools[generator]] if generator in tools else []
        return [sys.executable, str(script), *tool, "--cases", str(cases)], cases
    if generator in ("pelican", "nikola"):
        return [tools.get(generator, sys.executable), str(script), str(cases)], cases
    if script.suffix in (".js", ".mjs"):
        place = Path(tools.get(generator, ".")).resolve()
        return [tools.get("node", "node"), str(script), str(cases)], place
    return [sys.executable, str(script), str(cases)], cases


def _recorders() -> str:
    return ", ".join(sorted(path.stem for path in RECORDERS.iterdir() if path.is_file() and not path.stem.startswith("_")))


# showing


def table(scores: Mapping[str, Score]) -> Iterator[str]:
    """The lines of a Markdown table, a generator a line."""
    yield "| generator | posts | " + " | ".join((*SHARES, *COUNTS)) + " |"
    yield "|---|" + "---:|" * (1 + len(SHARES) + len(COUNTS))
    for name, score in scores.items():
        cells = [str(score.posts), *map(score.share, SHARES), *(str(score.counts[column]) for column in COUNTS)]
        yield f"| {name} | " + " | ".join(cells) + " |"


def write_docs(lines: Sequence[str]) -> None:
    """Put the table between its two marks in docs/benchmarks.md."""
    page = ROOT / "docs" / "benchmarks.md"
    before, _, rest = page.read_text("utf-8").partition(_MARK)
    _, _, after = rest.partition(_MARK)
    page.write_text(f"{before}{_MARK}\n\n" + "\n".join(lines) + f"\n\n{_MARK}{after}", "utf-8")


def main() -> int:
    """Build, compare and print; returns the exit code: 1 if a site could not be built or recorded."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--cases", type=Path, default=ROOT / "tests" / "dialects" / "cases")
    parser.add_argument(
        "--site", type=Path, action="append", default=[], help="the folder of a site that its generator can build"
    )
    parser.add_argument("--tool", action="append", default=[], metavar="NAME=PROGRAM", help="a program that is not on PATH")
    parser.add_argument("--docs", action="store_true", help="write the table into docs/benchmarks.md")
    parser.add_argument("-v", "--verbose", action="store_true", help="print the differences")
    options = parser.parse_args()
    tools = dict(pair.partition("=")[::2] for pair in options.tool)
    scores: dict[str, Score] = {}
    failed = False
    with tempfile.TemporaryDirectory(prefix="feeds-sites-") as temporary:
        folders: list[Path] = []
        for site in options.site:
            try:
                folders.append(record(site, Path(temporary), tools))
            except case_files.CaseError as error:
                print(error, file=sys.stderr)
                failed = True
        if not options.site:
            named = set(options.names)
            everything = case_files.case_folders(options.cases)
            folders = [path for path in everything if not named or named & {path.parent.name, case_files.case_name(path)}]
        for folder in folders:
            try:
                add_case(scores.setdefault(folder.parent.name, Score()), folder, verbose=options.verbose)
            except case_files.CaseError as error:
                print(f"{case_files.case_name(folder)}: not built\n{error}", file=sys.stderr)
                failed = True
    lines = list(table(scores))
    print("\n".join(lines))
    if options.docs:
        write_docs(lines)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
