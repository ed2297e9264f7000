"""Documentation that can fail: what README and docs tell people to type works, and nothing is left undocumented."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from feeds.cli import main, page

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = sorted((ROOT / "docs").glob("*.md"))


def commands() -> list[str]:
    """Every command of the command line."""
    return sorted(main.COMMANDS)


def shell(command: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """A command as a person types it, with the `feeds` of this checkout."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("FEEDS_")}
    command = re.sub(r"^feeds\b", f"{sys.executable} -m feeds", command)
    return subprocess.run(
        ["sh", "-c", command],
        cwd=cwd,
        env={**environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_the_page_of_commands_is_made_of_them() -> None:
    """`python -m feeds.cli.page > docs/commands.md` would change nothing, and each command is on it."""
    text = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    assert text == page.page()
    assert [name for name in commands() if f"`feeds {name}`" not in text] == []


def test_the_first_screen_is_true(tmp_path: Path) -> None:
    """The command on the first screen gives what stands below it, but for the seconds."""
    shown = re.search(r"```console\n\$ (feeds build [^\n]+)\n(.*?)```", README, re.DOTALL)
    assert shown is not None
    shutil.copytree(ROOT / "examples" / "posts", tmp_path / "posts")
    shutil.copy(ROOT / "examples" / "feeds.toml", tmp_path / "feeds.toml")
    done = shell(shown[1], tmp_path)
    assert done.returncode == 0, done.stderr
    summary = re.search(r"published: \d+ posts in \d+ feeds .*removed\)", shown[2])
    assert summary is not None and summary[0] in done.stdout


def test_the_everyday_commands_run(tmp_path: Path) -> None:
    """Each command of the table, on the example posts."""
    shutil.copytree(ROOT / "examples" / "posts", tmp_path / "posts")
    shutil.copy(ROOT / "examples" / "feeds.toml", tmp_path / "feeds.toml")
    table = re.findall(r"\| `(feeds [^`]+)` \|", README)
    assert {command.split()[1] for command in table} >= {
        "build",
        "check",
        "diff",
        "explain",
        "serve",
        "rollback",
        "ledger",
        "subscribers",
    }
    (tmp_path / "access.log").write_text(
        '127.0.0.1 - - [24/Nov/2026:05:00:00 +0000] "GET /rss.xml HTTP/1.1" 200 10 "-" "Feedly/1.0 (poller; 12 subscribers)"\n'
    )
    for command in table:
        if command.split()[1] == "serve" or "https://" in command:
            continue
        if command.split()[1] == "rollback":
            with (tmp_path / "posts" / "sourdough.md").open("a", encoding="utf-8") as post:
                post.write("\nOne more thing.\n")
            assert shell("feeds build", tmp_path).returncode == 0
        done = shell(command.replace("posts/tea.md", "posts/sourdough.md"), tmp_path)
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "page",
    [ROOT / "README.md", ROOT / "README.zh-CN.md", *PAGES, *(ROOT / "docs/start").glob("*.md")],
    ids=lambda page: page.name,
)
def test_no_link_in_the_docs_is_dead(page: Path) -> None:
    """Every relative link leads to a file that is there."""
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", re.sub(r"`[^`\n]+`", "", page.read_text(encoding="utf-8"))):
        if "://" not in target:
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_the_chinese_readme_says_the_same() -> None:
    """The same commands, links to pages, and sections, in the same order."""
    chinese = (ROOT / "README.zh-CN.md").read_text("utf-8")
    for pattern in (
        r"(?m)^(?:\$ )?((?:feeds|make|pipx) [^#\n]*?) *(?:#.*)?$",
        r"\| `(feeds [^`]+)` \|",
        r"\]\((docs/start/[^)]+)\)",
        r"published: \d+ posts .*removed\)",
    ):
        # The five-minute pages are in Chinese, too.
        assert [item.replace(".zh.md", ".md") for item in re.findall(pattern, chinese)] == re.findall(pattern, README)
    assert chinese.count("\n## ") == README.count("\n## ") - 1  # the list of all pages is in the English one alone


def test_make_example_takes_another_folder_at_any_time(tmp_path: Path) -> None:
    """`make example`, another folder of posts, and `make example` again: each is a site of its own."""
    for name in ("Makefile", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path / name)
    shutil.copytree(ROOT / "examples", tmp_path / "examples", ignore=shutil.ignore_patterns("public", ".feeds", "other"))
    for other in ("a b/posts", "c/posts"):
        (tmp_path / other).mkdir(parents=True)
        (tmp_path / other / "tea.md").write_text(f"---\ntitle: Tea of {other[0]}\ndate: 2021-08-04\n---\nHot.\n")
    # The packages are installed already, in the environment that runs this test.
    command = f"make -o .venv/installed -o {sys.prefix}/installed VENV={sys.prefix} example"
    for posts in ("", "'POSTS=a b/posts'", "POSTS=c/posts", "", "'POSTS=a b/posts'"):
        done = shell(f"{command} {posts}", tmp_path)
        assert done.returncode == 0 and "look at " in done.stdout, done.stdout + done.stderr
    assert "Tea of" not in (tmp_path / "examples/public/rss.xml").read_text("utf-8")
    assert len(list((tmp_path / "examples/other").iterdir())) == 2
    wrong = shell(f"{command} POSTS=nowhere", tmp_path)
    assert wrong.returncode != 0 and "nowhere is not a folder" in wrong.stdout and "Traceback" not in wrong.stderr


def test_every_page_is_in_the_sites_navigation() -> None:
    """mkdocs.yml names each page of docs once, and none that is not there; `make docs` builds them without a warning."""
    navigation = yaml.safe_load((ROOT / "mkdocs.yml").read_text("utf-8"))["nav"]
    named = [page for part in navigation for page in ([part] if isinstance(part, str) else next(iter(part.values())))]
    there = {path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*.md")}
    assert len(named) == len(set(named)) and set(named) == there


def test_the_two_commands_are_in_the_makefile() -> None:
    """`make example` and `make test` are what the README says they are."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"^make (\w+)", README, re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)


def test_the_public_names_are_there() -> None:
    """docs/python.md lists exactly the names that `feeds` exports, and each can be imported."""
    import feeds

    stated = (ROOT / "docs" / "python.md").read_text(encoding="utf-8").partition("What [plug-ins]")[0]
    names = set(re.findall(r"`(\w+)`", stated)) - {"feeds"}
    assert names == set(feeds.__all__) and len(feeds.__all__) == len(names)
    assert all(getattr(feeds, name) is not None for name in names)


def test_the_content_policy_page_is_the_policy() -> None:
    """Every element, attribute and player of the tables stands on the page, and its version is the code's."""
    from feeds.content.embeds import PLAYERS
    from feeds.content.policy import ATTRIBUTES, DEAD, MATHML, MATHML_ATTRIBUTES, TAGS, VERSION

    page = (ROOT / "docs" / "content-policy.md").read_text(encoding="utf-8")
    assert f"Version {VERSION}." in page
    assert " ".join(sorted(TAGS)) in page and " ".join(sorted(DEAD)) in page
    formulas, attributes = (re.search(rf"{start}: (.*?)[.;\n]", page) for start in ("Kept of MathML", "On MathML"))
    assert formulas and set(formulas[1].split()) == MATHML
    assert attributes and set(attributes[1].split()) == MATHML_ATTRIBUTES
    for tag, names in ATTRIBUTES.items():
        assert f"| `{tag}` | {' '.join(f'`{name}`' for name in sorted(names))} |" in page
    for host, (prefix, _) in PLAYERS.items():
        assert f"- `{host}{prefix}`" in page


def test_every_code_of_a_requirement_is_defined_once() -> None:
    """What code and tests name is on docs/spec.md, and nothing else is."""
    code = re.compile(r"\b(?:HTTP|IN|X|REL|NEG|WEB|RSS|ATOM|JSON|OPML|ARC)-\d+\b")
    files = [
        *(ROOT / "feeds").rglob("*.py"),
        *(ROOT / "tests").rglob("*.py"),
        *(ROOT / "benchmarks").glob("*.py"),
        ROOT / "server.py",
    ]
    named = {found for path in files for found in code.findall(path.read_text("utf-8"))}
    defined = re.findall(r"(?m)^- \*\*([A-Z]+-\d+)\*\*", (ROOT / "docs" / "spec.md").read_text("utf-8"))
    assert len(defined) == len(set(defined)) and named == set(defined)
