"""Which package imports which, and what a cron run with nothing to do may import."""

from __future__ import annotations

import ast
import importlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "feeds"

#: The single files that every package may use.
CORE = frozenset({
    "__init__", "model", "publication", "errors", "urls", "text", "normal_forms", "data_trees", "dates", "english", "ruby_time", "slugs", "media_types", "html_tags", "permalink_patterns", "lazy_patterns", "linear_patterns", "cache",
    "clock", "contacts", "findings", "state_folder", "settings_path", "pool", "progress", "plugins", "shows", "media_files", "extras", "system", "pickled",
})  # fmt: skip
#: Package -> what it imports of the package, besides CORE. Equal to the code's: an import that goes or comes changes it.
IMPORTS: dict[str, frozenset[str]] = {
    name: frozenset(others.split())
    for name, others in {
        "settings": "dialects content formats",
        "content": "",
        "dialects": "content",
        "formats": "",
        "http_headers": "formats",
        "fastpath": "posts",
        "ledger": "",
        "posts": "settings dialects ledger",
        "publish": "formats http_headers",
        "push": "http_headers settings publish",
        "build": "settings dialects posts ledger content formats publish push fastpath",
        "preview": "build publish push settings",
        "migrate": "settings dialects ledger publish",
        "serving": "settings http_headers publish push build preview formats",
        "cli": "settings dialects ledger build publish push preview migrate serving posts",
        "__main__": "fastpath cli",
        "flask": "settings build formats serving",
        "server": "serving",
    }.items()
}
#: The modules of serving that build: they run in a process of their own.
BUILDS = {"feeds/serving/build_job.py", "feeds/serving/query/listing.py"}
#: Library -> the modules that alone may import it.
ALONE = {
    "feedgen": {"formats/_feedgen.py", "formats/_feedgen_extensions.py"},
    "tinytag": {"media_files.py"},
    "imagesize": {"media_files.py"},
    "bleach": {"content/bleach_cleaner.py"},
    "selectolax": {"content/html_parser.py"},
    "nh3": {"content/sanitizers.py"},
    "markdown_it": {
        f"content/{name}.py"
        for name in (
            "markdown/parser",
            "markdown/html_elements",
            "markdown/goldmark_tables",
            "markdown/old_marked",
            "markdown/emphasis",
            "markdown/spans",
            "kramdown/blocks",
            "kramdown/lists",
            "kramdown/spans",
            "kramdown/tables",
        )
    },
    "mdit_py_plugins": {"content/markdown/parser.py"},
    "frontmatter": {f"posts/front_matter/{name}.py" for name in ("split", "types", "yaml", "toml_json")},
    "markdown": {"content/markdown/python_markdown.py"},
    "liquid": {
        f"content/liquid/{name}.py"
        for name in ("engine", "lexer", "list_filters", "site_filters", "tags", "text_filters", "values")
    },
    "emoji": {"content/markdown/spans.py"},
    "opencc": {"content/chinese.py"},
    "ada_url": {"urls.py", "settings/addresses.py"},
    "flask": {"serving/app.py", "serving/views.py", "flask.py"},
}


#: A module has so many lines at most.
MOST_LINES = 430
#: A function has so many lines and parameters at most, `self` and `cls` not counted.
MOST_FUNCTION_LINES, MOST_PARAMETERS = 60, 6
#: The functions that have more parameters, and how many; a row that is no longer needed fails the test.
MORE_PARAMETERS = {
    "pool.py:_serve": 8,
    "pool.py:run_within": 7,
}


def modules() -> Iterator[tuple[str, Path]]:
    """Every file of the project with the name of its package, or of itself where it is a single file."""
    yield "server", ROOT / "server.py"
    for path in sorted(PACKAGE.rglob("*.py")):
        yield path.relative_to(PACKAGE).parts[0].removesuffix(".py"), path


def is_module(name: str) -> bool:
    """Whether "feeds.a.b" is a file or a package of ours."""
    path = ROOT.joinpath(*name.split("."))
    return path.with_suffix(".py").exists() or (path / "__init__.py").exists()


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
            yield from ((alias.name, node) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None and node.level == 0:
            for alias in node.names:
                submodule = f"{node.module}.{alias.name}"
                yield (submodule if is_module(submodule) else node.module), node


def test_each_package_imports_exactly_what_the_table_says() -> None:
    """The picture in docs/architecture.md is the code; an import within a function counts like any other."""
    drawn: dict[str, set[str]] = {name: set() for name in IMPORTS}
    for package, path in modules():
        for name, _ in imports(path):
            parts = name.split(".")
            if parts[0] == "server":
                drawn.setdefault(package, set()).add("server")
            if parts[0] != "feeds":
                continue
            imported = parts[1] if len(parts) > 1 else "__init__"
            if imported != package:
                drawn.setdefault(package, set()).add(imported)
            if package == "serving" and imported == "build":
                assert path.relative_to(ROOT).as_posix() in BUILDS
    core = {package: others for package, others in drawn.items() if package in CORE}
    assert {package: sorted(others - CORE) for package, others in core.items() if others - CORE} == {}
    assert {package: sorted(others - CORE) for package, others in drawn.items() if package not in CORE} == {
        package: sorted(others) for package, others in IMPORTS.items()
    }


def test_the_architecture_page_names_every_package_and_only_files_that_exist() -> None:
    """Its tables and its list of single files lead a newcomer to the right file."""
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| .*? \| (.*) \|$", text, re.MULTILINE)
    packages = {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists()}
    assert {package for package, _ in rows} == packages
    named = [(package, name) for package, files in rows for name in re.findall(r"`(\w+)/?`", files)]
    held = {package: {path.stem for path in (PACKAGE / package).rglob("*")} for package in packages}
    assert [f"{package}/{name}" for package, name in named if name not in held[package]] == []
    assert [
        path for path in re.findall(r"`(\w+/\w+\.py)`", text) if not (PACKAGE / path).exists() and not (ROOT / path).exists()
    ] == []
    single = text.partition("Single files that all may use")[2].partition("`tests/")[0]
    files = {path.stem for path in PACKAGE.glob("*.py")} - {"__init__", "__main__"}
    assert files <= set(re.findall(r"`(\w+)`", single))


def test_no_package_imports_one_above_it() -> None:
    """The table has an order in which each package imports only what comes before it."""
    remaining = dict(IMPORTS)
    while remaining:
        lowest = [name for name, others in remaining.items() if not others & remaining.keys()]
        assert lowest, f"a cycle: {sorted(remaining)}"
        for name in lowest:
            del remaining[name]


def test_no_module_imports_itself_by_way_of_others() -> None:
    """Imports within functions count; a package's own file counts where a name of it is imported."""
    drawn: dict[str, set[str]] = {}
    for _, path in modules():
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        drawn[name] = {imported for imported, _ in imports(path) if is_module(imported)}
    try:
        TopologicalSorter(drawn).prepare()
    except CycleError as error:
        pytest.fail(" imports ".join(reversed(error.args[1])))


def test_each_heavy_library_has_one_home() -> None:
    """bleach, feedgen, python-frontmatter and the others can be replaced in one place; Flask is server.py's alone."""
    wrong = []
    for _, path in modules():
        if path.name == "server.py":
            continue
        where = path.relative_to(PACKAGE).as_posix()
        for name, _ in imports(path):
            library = name.split(".")[0]
            if library in ALONE and where not in ALONE[library]:
                wrong.append(f"{where} -> {library}")
    assert sorted(set(wrong)) == []


@pytest.mark.parametrize("path", [path for _, path in modules()], ids=lambda path: str(path.relative_to(ROOT)))
def test_patterns_of_a_module_are_compiled_when_used(path: Path) -> None:
    """By `lazy_pattern`: each run pays for what its modules define."""
    remaining: list[ast.AST] = list(ast.parse(path.read_text(encoding="utf-8")).body)
    wrong = []
    while remaining:
        node = remaining.pop()
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "re.compile":
            wrong.append(f"line {node.lineno}: re.compile")
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            remaining += ast.iter_child_nodes(node)
    assert wrong == []


def run(*words: str, cwd: Path, code: str | None = None) -> subprocess.CompletedProcess[str]:
    """The command line in a process of its own."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("FEEDS_")}
    command = [sys.executable, "-X", "importtime", "-m", "feeds", *words]
    return subprocess.run(command, cwd=cwd, env={**environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False)


def test_a_run_with_nothing_to_do_imports_nothing_heavy(tmp_path: Path) -> None:
    """A second run ends before settings, SQLite, click or any library is imported, and says nothing."""
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
    heavy = {"argparse", "click", "sqlite3", "json", "re", "tomllib", "dataclasses", "datetime", "hashlib", "pathlib", "feeds.cli", "feeds.settings",
             "feeds.model", "yaml", "frontmatter", "lxml", "feedgen", "bleach", "markdown_it", "ada_url", "flask", "jinja2",
             "concurrent.futures", "multiprocessing"}  # fmt: skip
    assert "feeds.fastpath" in imported
    # What the interpreter itself or its site hooks bring along is not ours to answer for.
    bare = subprocess.run([sys.executable, "-X", "importtime", "-c", ""], capture_output=True, text=True, check=True)
    of_interpreter = {line.rsplit("|", 1)[1].strip() for line in bare.stderr.splitlines() if line.startswith("import time:")}
    assert (imported & heavy) - of_interpreter == set()


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


@pytest.mark.parametrize("package", ["feeds", "feeds.content"])
def test_every_public_name_is_where_its_package_looks_for_it(package: str) -> None:
    """Names that are imported when they are asked for: no type checker sees that their modules moved."""
    module = importlib.import_module(package)
    names = [name for name in module.__all__ if name != "__version__"]
    assert names and all(getattr(module, name) is not None for name in names)
