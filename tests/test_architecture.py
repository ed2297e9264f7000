"""The house stands: who may import whom, and what a cron run with nothing to do may cost."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "feeds"

PURE = {"model", "errors"}
IDENTITY = {"identity", "matching", "resolving", "ledger", "ledger_file", "ledger_text", "adopt"}
#: Room -> rooms that it may import. A new arrow is drawn here on purpose.
MAY: dict[str, set[str]] = {
    "errors": set(),
    "model": {"errors"},
    "urls": set(),
    "text": {"model"},
    "dates": PURE,
    "settings": {*PURE, "urls", "permalink"},
    "permalink": set(),
    "listing": set(),
    "scan": {*PURE, "listing"},
    "front_matter": {"model"},
    "read": {*PURE, "front_matter", "settings"},
    "identity": {"model", "taxonomy"},
    "taxonomy": PURE,
    "matching": {*PURE, "identity", "taxonomy"},
    "resolving": {*PURE, "identity", "matching", "taxonomy"},
    "ledger": {*PURE, *IDENTITY, "taxonomy"},
    "ledger_file": PURE,
    "ledger_text": {*PURE, *IDENTITY},
    "adopt": {*PURE, *IDENTITY, "dates", "urls"},
    "content": {*PURE, "urls"},
    "header": {*PURE, "dates", "identity", "settings", "text", "urls"},
    "assets": {*PURE, "urls"},
    "place": {*PURE, "header", "permalink", "settings", "taxonomy", "urls"},
    "convert": {*PURE, "assets", "content", "header", "permalink", "place", "settings", "text", "urls"},
    "memo": PURE,
    "kept": PURE,
    "workers": set(),
    "standing": {*PURE, "identity", "listing"},
    "gather": {*PURE, "header", "identity", "kept", "listing", "memo", "read", "scan", "settings", "standing", "workers"},
    "roll": {*PURE, "header", "identity", "scan", "standing"},
    "formats": {*PURE, "urls", "dates"},
    "conversion": {
        *PURE, "", "assets", "content", "convert", "formats", "header", "kept", "memo", "place", "read", "settings", "unchanged",
        "workers",
    },
    "publication": {
        *PURE, "conversion", "gather", "header", "identity", "kept", "ledger", "memo", "place", "resolving", "roll",
        "settings", "standing", "taxonomy", "urls",
    },
    "resources": {*PURE, "assets", "formats", "urls"},
    "delivery": {*PURE, "formats"},
    "manifest": PURE,
    "publish": {*PURE, "resources", "delivery", "manifest", "urls", "formats"},
    "published": {"manifest"},
    "difference": {"model", "publication", "published"},
    "explain": {*PURE, "publication", "settings", "taxonomy"},
    "unchanged": {"", "listing"},
    "generators": {*PURE, "permalink", "urls", "settings"},
    "init": {*PURE, "generators", "settings", "permalink"},
    "serving": {*PURE, "delivery", "formats", "manifest", "publish", "run", "settings", "urls", "unchanged", "publication"},
}  # fmt: skip
#: What stands on top of the house may import anything, and nothing in it imports them.
TOP = {"cli", "report", "run", "ledger_commands", "__main__", ""}
#: Library -> the rooms that alone may import it.
ALONE = {
    "feedgen": {"formats/_feedgen.py"},
    "bleach": {"content/cleaners.py"},
    "nh3": {"content/cleaners.py"},
    "markdown_it": {"content/markup.py"},
    "mdit_py_plugins": {"content/markup.py"},
    "frontmatter": {"front_matter.py"},
    "ada_url": {"urls.py", "settings/addresses.py"},
    "flask": set(),
}


def modules() -> Iterator[tuple[str, Path]]:
    """Every file of the package with the name of its room."""
    for path in sorted(PACKAGE.rglob("*.py")):
        first = path.relative_to(PACKAGE).parts[0]
        room = first.removesuffix(".py")
        yield ("" if room == "__init__" else room), path


def imports(path: Path) -> Iterator[tuple[str, ast.stmt]]:
    """Every module that a file imports, wherever in it."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    typing_only = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if node in typing_only:
            continue
        if isinstance(node, ast.Import):
            yield from ((one.name, node) for one in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None and node.level == 0:
            if node.module == "feeds":
                yield from (
                    (
                        f"feeds.{one.name}"
                        if (PACKAGE / f"{one.name}.py").exists() or (PACKAGE / one.name).is_dir()
                        else "feeds",
                        node,
                    )
                    for one in node.names
                )
            else:
                yield node.module, node


def test_no_room_imports_what_its_plan_does_not_draw() -> None:
    """The picture in docs/architecture.md is the code."""
    wrong = []
    for room, path in modules():
        for name, _ in imports(path):
            parts = name.split(".")
            if parts[0] != "feeds":
                continue
            other = parts[1] if len(parts) > 1 else ""
            if room in TOP or other == room:
                continue
            if room not in MAY or other not in MAY[room]:
                wrong.append(f"{path.relative_to(ROOT)} -> feeds.{other}")
    assert sorted(set(wrong)) == []


def test_each_heavy_library_has_one_home() -> None:
    """bleach, feedgen, python-frontmatter and the others can be replaced in one place; Flask is server.py's alone."""
    wrong = []
    for _, path in modules():
        where = path.relative_to(PACKAGE).as_posix()
        for name, _ in imports(path):
            library = name.split(".")[0]
            if library in ALONE and where not in ALONE[library]:
                wrong.append(f"{where} -> {library}")
    assert sorted(set(wrong)) == []
    assert "flask" in {name.split(".")[0] for name, _ in imports(ROOT / "server.py")}


@pytest.mark.parametrize("path", [path for _, path in modules()], ids=lambda path: str(path.relative_to(PACKAGE)))
def test_each_room_says_what_it_is_for(path: Path) -> None:
    """A module opens with what comes in, what goes out, what it must not do; and nobody has to scroll for ever."""
    text = path.read_text(encoding="utf-8")
    said = ast.get_docstring(ast.parse(text))
    assert said and len(said) > 40
    assert text.count("\n") <= 560, "this room has outgrown its purpose"


def run(*words: str, cwd: Path, code: str | None = None) -> subprocess.CompletedProcess[str]:
    """The command line in a process of its own."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("FEEDS_")}
    command = [sys.executable, "-X", "importtime", "-m", "feeds", *words]
    return subprocess.run(command, cwd=cwd, env={**environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False)


def test_a_run_with_nothing_to_do_imports_nothing_heavy(tmp_path: Path) -> None:
    """A second run ends before settings, SQLite, argparse or any library is imported, and says nothing."""
    (tmp_path / "posts").mkdir()
    post = tmp_path / "posts" / "tea.md"
    post.write_text("---\ntitle: 茶\ndate: 2021-08-04\n---\n水温八十度。\n", encoding="utf-8")
    os.utime(post, (1_700_000_000, 1_700_000_000))
    words = ("build", "posts", "--base-url", "https://example.org/", "--output", "public")
    first = run(*words, cwd=tmp_path)
    assert first.returncode == 0, first.stderr
    # The file was made a moment before the first run: until its stat can be trusted, runs are whole.
    for _ in range(3):
        second = run(*words, cwd=tmp_path)
    imported = {line.rsplit("|", 1)[1].strip() for line in second.stderr.splitlines() if line.startswith("import time:")}
    assert second.returncode == 0
    assert second.stdout == ""
    heavy = {"argparse", "sqlite3", "json", "re", "tomllib", "dataclasses", "datetime", "hashlib", "pathlib", "feeds.cli", "feeds.settings",
             "feeds.model", "yaml", "frontmatter", "lxml", "feedgen", "bleach", "markdown_it", "ada_url", "flask", "jinja2",
             "concurrent.futures", "multiprocessing"}  # fmt: skip
    assert "feeds.fastpath" in imported
    # What the interpreter itself or its site hooks bring along is not ours to answer for.
    bare = subprocess.run([sys.executable, "-X", "importtime", "-c", ""], capture_output=True, text=True, check=True)
    given = {line.rsplit("|", 1)[1].strip() for line in bare.stderr.splitlines() if line.startswith("import time:")}
    assert (imported & heavy) - given == set()


def test_nothing_names_this_machine() -> None:
    """The project speaks of itself alone: no path of a machine, no host of a package registry."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("no git checkout")
    wrong = []
    for name in filter(None, listed.stdout.split("\0")):
        path = ROOT / name
        if path.suffix in (".png", ".ico") or not path.is_file():
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        wrong += [
            f"{name}: {word}"
            for word in ("/work/" + "main", "pypi" + ".org", "npmjs" + ".org", "/root/" + ".pyenv")
            if word in text
        ]
    assert wrong == []
