"""The command line as a person types it: help, hints for mistyped words, quiet and verbose runs, completion, exit codes."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.shell_completion import FishComplete

from feeds.cli import language
from feeds.cli.command import FeedsCommand, FeedsGroup, is_of_all_commands, is_of_settings
from feeds.cli.help import EXIT_CODES
from feeds.cli.main import main, program
from feeds.errors import ExitCode
from feeds.settings.fields import FLAGS

ROOT = Path(__file__).parents[1]


def every(group: FeedsGroup = program, path: tuple[str, ...] = ()) -> dict[tuple[str, ...], FeedsCommand]:
    """Every command by its path, e.g. ("ledger", "adopt")."""
    found: dict[tuple[str, ...], FeedsCommand] = {}
    ctx = click.Context(group, **group.context_settings)
    for name in group.list_commands(ctx):
        command = group.get_command(ctx, name)
        if isinstance(command, FeedsGroup):
            found |= every(command, (*path, name))
        else:
            assert isinstance(command, FeedsCommand)
            found[*path, name] = command
    return found


EVERY = every()


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A site with one good post and one that is broken; the working folder is its folder."""
    (tmp_path / "posts").mkdir()
    (tmp_path / "posts/tea.md").write_text("---\ntitle: 茶\ndate: 2021-08-04\n---\n水温八十度。\n", "utf-8")
    (tmp_path / "posts/bad.md").write_text("---\ntitle: [\n---\nx\n", "utf-8")
    (tmp_path / "feeds.toml").write_text('base_url = "https://example.org/"\n')
    monkeypatch.chdir(tmp_path)
    for name in os.environ:
        if name.startswith("FEEDS_"):
            monkeypatch.delenv(name)
    return tmp_path


@pytest.mark.parametrize("path", EVERY, ids=" ".join)
def test_help_begins_with_an_example_and_shows_own_options_first(
    path: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    """What only this command has goes before what it shares; exit codes are told in one place."""
    assert main([*path, "--help"]) == 0
    text = capsys.readouterr().out
    first = text.split("\n")[0]
    assert first.startswith("  $ ") and f"feeds {' '.join(path)}" in first
    headings = [name for name in ("Arguments:", "Options:", "Settings for this run:", "Common options:") if f"\n{name}\n" in text]
    assert [text.index(f"\n{name}\n") for name in headings] == sorted(text.index(f"\n{name}\n") for name in headings)
    assert "feeds help exit-codes" in text and "  5  " not in text
    command = EVERY[path]
    ctx = click.Context(command, **command.context_settings)
    for parameter in command.get_params(ctx):
        if isinstance(parameter, click.Option):
            assert parameter.opts[-1] in text and (parameter.help or "").endswith("."), parameter.opts
            own = not is_of_settings(parameter) and not is_of_all_commands(parameter)
            assert not own or text.index(parameter.opts[-1]) < text.index("\nCommon options:\n")


@pytest.mark.parametrize("path", EVERY, ids=" ".join)
def test_help_names_the_same_page(path: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    """`feeds help X` is `feeds X --help`."""
    assert main([*path, "--help"]) == 0
    asked = capsys.readouterr().out
    assert main(["help", *path]) == 0
    assert capsys.readouterr().out == asked


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["buidl"], '"build"'),
        (["Check"], '"check"'),
        (["ledger", "adpot"], '"adopt"'),
        (["zzz"], "expected one of init, build"),
        (["help", "chekc"], '"check"'),
        (["build", "--outptu", "x"], "--output"),
        (["check", "--as-off", "x"], "--as-of"),
        (["build", "--base", "https://example.org/"], "--base-url"),
        (["build", "--dry"], "--dry-run"),
        (["check", "--format", "gitub"], "github"),
        (["build", "posts", "more"], "more"),
        (["build", "--limit"], "--limit"),
        (["explain"], "POST|FEED|URL"),
        (["serve", "--port", "eighty"], "--port"),
        (["serve", "--workers", "many"], "--workers"),
        (["completion", "tcsh"], "bash"),
    ],
)  # fmt: skip
def test_a_mistyped_word_is_answered(words: list[str], hint: str, capsys: pytest.CaptureFixture[str], site: Path) -> None:
    """Exit code 2, one message with what was meant, where help is, and no abbreviation taken for a flag."""
    assert main(words) == ExitCode.WRONG_SETTINGS
    captured = capsys.readouterr()
    assert captured.out == "" and captured.err.startswith("feeds: ") and hint in captured.err
    assert "--help says more" in captured.err and "Traceback" not in captured.err
    assert not (site / "public").exists()


def test_no_command_shows_all(capsys: pytest.CaptureFixture[str]) -> None:
    """`feeds` alone is not done: exit code 2, with all commands; asked for, they are an answer."""
    assert main([]) == ExitCode.WRONG_SETTINGS
    captured = capsys.readouterr()
    assert captured.out == "" and re.search(r"(?m)^  check +Tell what is wrong", captured.err)
    for words in (["--help"], ["-h"], ["help"]):
        assert main(words) == 0
        assert re.search(r"(?m)^  check +Tell what is wrong", capsys.readouterr().out)


@pytest.mark.parametrize("words", [["-V"], ["--version"]])
def test_the_version(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    from feeds import __version__

    assert main(words) == 0
    assert capsys.readouterr().out == f"feeds {__version__}\n"


def test_exit_codes_are_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    """Each code that there is, with a sentence."""
    assert main(["help", "exit-codes"]) == 0
    output = capsys.readouterr().out
    assert [int(code) for code in re.findall(r"(?m)^ *(\d+)  \S", output)] == [int(code) for code in ExitCode] == list(EXIT_CODES)


def test_quiet_prints_errors_only(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is wrong is still told, on its line; what is merely good to know is not, in this run only."""
    assert main(["check", "-q"]) == ExitCode.POSTS_BROKEN
    output = capsys.readouterr().out
    assert "bad.md" in output and "would be published" not in output
    (site / "posts/bad.md").unlink()
    assert main(["check", "--quiet"]) == 0
    assert capsys.readouterr().out == ""
    assert main(["build", "-q"]) == 0 and main(["rollback", "-q"]) != 0
    assert "rollback" not in capsys.readouterr().out
    assert main(["check"]) == 0
    assert "would be published" in capsys.readouterr().out


def test_verbose_shows_what_was_published(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """-v tells what a build did; without it a build that nobody watches tells only what somebody has to do."""
    assert main(["build"]) == ExitCode.POSTS_BROKEN
    quiet = capsys.readouterr()
    assert quiet.out == "" and "bad.md" in quiet.err
    assert main(["build", "-v", "--limit", "5"]) == ExitCode.POSTS_BROKEN
    assert "published: 1 post" in capsys.readouterr().out


def test_what_many_files_share_is_shown_once(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With the names of the others, of errors all; what fewer files share each; `--verbose` and JSON all of them."""
    for number in range(8):
        (site / f"posts/{number}.md").write_text(f"---\ntitle: {number}\n---\nNotes of the day {number}.\n", "utf-8")
        (site / f"posts/bad{number}.md").write_text("---\ntitle: [\n---\nx\n", "utf-8")

    def lines(*words: str) -> list[str]:
        assert main(["check", *words]) == ExitCode.POSTS_BROKEN
        return capsys.readouterr().out.splitlines()

    printed = lines()
    assert [line.partition(":")[0] for line in printed if "the post has no date" in line] == ["posts/0.md"]
    assert "    the same: posts/1.md, posts/2.md, posts/3.md and 4 more (--verbose shows each)" in printed
    assert len([line for line in printed if line.startswith("posts/bad")]) == 1
    named = [line for line in printed if line.startswith("    the same: posts/bad0.md:2")]
    assert len(named) == 1 and "posts/bad7.md:2" in named[0] and "more" not in named[0]
    assert "    9 posts with errors: see above" in printed and not any("it is broken" in line for line in printed)
    assert len([line for line in lines("--verbose") if line.startswith("posts/bad")]) == 9
    assert any("9 errors, 8 notices" in line for line in printed)
    assert len([line for line in lines("--verbose") if "the post has no date" in line]) == 8
    problems = json.loads("\n".join(lines("--json")))["problems"]
    assert len([problem for problem in problems if problem["code"] == "date-missing"]) == 8
    for number in range(5):
        (site / f"posts/{number}.md").unlink()
    assert len([line for line in lines() if "the post has no date" in line]) == 3


def test_tags_in_several_spellings_are_told_together(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A few of them with one fix, and how many more there are; `--verbose` and JSON each."""
    for number in range(2):
        tags = ", ".join(f"{'Tea' if number else 'tea'}{place}" for place in range(9))
        (site / f"posts/{number}.md").write_text(f"---\ntitle: {number}\ndate: 2021-01-01\ntags: [{tags}]\n---\nx\n", "utf-8")

    def lines(*words: str) -> list[str]:
        main(["check", *words])
        return capsys.readouterr().out.splitlines()

    printed = lines()
    assert len([line for line in printed if "is written in 2 ways" in line]) == 3
    assert len([line for line in printed if "write it in one way" in line]) == 1
    assert "    and 6 more (--verbose shows each)" in printed
    assert len([line for line in lines("--verbose") if "is written in 2 ways" in line]) == 9
    problems = json.loads("\n".join(lines("--json")))["problems"]
    assert len([problem for problem in problems if problem["code"] == "spellings"]) == 9


def test_verbose_shows_the_traceback_of_an_internal_error(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("out of tea")

    monkeypatch.setattr("feeds.build.rollback.rollback", broken)
    assert main(["rollback"]) == ExitCode.INTERNAL
    with pytest.raises(RuntimeError, match="out of tea"):
        main(["rollback", "-v"])


def test_flags_that_exclude_each_other(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["build", "--keep-ids", "--accept-ids"]) == ExitCode.WRONG_SETTINGS
    assert "--keep-ids" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "begun", "expected"),
    [
        ([], "bu", {"build": "Publish the feeds of a folder of posts"}),
        (["help"], "c", {"check": "Tell what is wrong with posts", "completion": "Print the script with which a shell completes commands and options"}),
        (["help"], "exit", {"exit-codes": None}),
        (["check", "--format"], "g", {"github": None}),
        (["ledger"], "ad", {"adopt": "Take over the ids of an old feed"}),
        (["init"], "--ch", {"--check": "Write nothing"}),
    ],
)  # fmt: skip
def test_the_help_beside_a_completion(words: list[str], begun: str, expected: dict[str, str | None]) -> None:
    """With a clause of the help beside it, whole and without a comma, at which fish would cut it."""
    items = FishComplete(program, {}, "feeds", "_FEEDS_COMPLETE").get_completions(words, begun)
    assert {item.value: item.help for item in items} == expected


def test_files_are_completed_where_one_is_asked_for() -> None:
    """By the shell itself."""
    for words in (["subscribers"], ["explain"], ["build"], ["report", "--log"], ["build", "--config"]):
        assert [item.type for item in FishComplete(program, {}, "feeds", "x").get_completions(words, "a")] == ["file"], words


def test_completions_speak_the_language_of_the_help() -> None:
    """As LANG says."""
    language.choose({"LANG": "zh_CN.UTF-8"})
    try:
        items = FishComplete(program, {}, "feeds", "_FEEDS_COMPLETE").get_completions([], "check")
    finally:
        language.choose({})
    assert [item.help for item in items] == ["说明文章有什么问题"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_completion_script(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The script asks the program, and the shell finds nothing wrong with it where it is installed."""
    from shutil import which

    assert main(["completion", shell]) == 0
    script = capsys.readouterr().out
    assert f"_FEEDS_COMPLETE={shell}_complete" in script
    if which(shell):
        done = subprocess.run([shell, "-n"], input=script, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("feeds bu", {"build"}),
        ("feeds build --ba", {"--base-url", "--backend"}),
        ("feeds ledger ", {"export", "import", "adopt", "restore", "forget", "redate"}),
        ("feeds check --format s", {"sarif"}),
    ],
)  # fmt: skip
def test_what_a_shell_completes(line: str, expected: set[str], tmp_path: Path) -> None:
    """Commands, flags and words that a flag takes."""
    environ = {
        **os.environ, "PYTHONPATH": str(ROOT), "_FEEDS_COMPLETE": "bash_complete", "COMP_WORDS": line,
        "COMP_CWORD": str(len(line.split(" ")) - 1),
    }  # fmt: skip
    # Called as a shell calls it: with no arguments.
    code = "import sys; sys.argv = ['feeds']; from feeds.__main__ import main; sys.exit(main())"
    done = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert {row.split(",")[1] for row in done.stdout.splitlines()} >= expected, done.stderr


def test_a_build_takes_every_flag_of_a_setting() -> None:
    flags = {flag for parameter in EVERY["build",].params for flag in parameter.opts}
    assert flags >= set(FLAGS.values())


@pytest.mark.parametrize(
    ("environ", "shown"), [({"TERM": "xterm"}, True), ({"TERM": "dumb"}, False), ({"TERM": "xterm", "CI": "true"}, False)]
)
def test_progress_is_for_terminals_that_can_erase_it(site: Path, environ: dict[str, str], shown: bool) -> None:
    """On a real terminal; not where a log would keep every step."""
    import pty

    (site / "posts/bad.md").unlink()
    leader, follower = pty.openpty()
    kept = {name: value for name, value in os.environ.items() if name != "CI" and not name.startswith("FEEDS_")}
    done = subprocess.run(
        [sys.executable, "-m", "feeds", "build"], cwd=site, env={**kept, "PYTHONPATH": str(ROOT), **environ}, stdin=follower,
        stdout=subprocess.PIPE, stderr=follower, check=False,
    )  # fmt: skip
    os.write(follower, b"end")
    printed = os.read(leader, 10_000)
    os.close(leader)
    os.close(follower)
    assert done.returncode == 0 and (b"\x1b[K" in printed) is shown, printed


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["serve", "--port", "abc"], "--port: 'abc' is not a whole number"),
        (["check", "--format", "jsn"], "--format: 'jsn' is not known; expected one of text, json, github, sarif (did you mean \"json\"?)"),
        (["completion", "tcsh"], "'tcsh' is not known; expected one of bash, zsh, fish"),
        (["build", "a", "b"], "b: not expected here"),
        (["build", "--limit"], "--limit needs a value"),
        (["explain"], "POST|FEED|URL is missing"),
    ],
)  # fmt: skip
def test_arguments_that_cannot_be_understood(words: list[str], text: str, capsys: pytest.CaptureFixture[str]) -> None:
    """In our own words, with what was expected."""
    assert main(words) == 2
    assert capsys.readouterr().err.startswith(f"feeds: {text}" if words[0] != "completion" else f"feeds: shell: {text}")


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["preview"], "'preview' is not a command; did you mean \"serve --preview\"?"),
        (["generate"], "'generate' is not a command; did you mean \"build\"?"),
        (["--json", "check"], "--json is not an option; it belongs behind a command: feeds build --json"),
        (["--limit", "3", "build"], "--limit is not an option; it belongs behind a command: feeds build --limit"),
        (["build", "--base", "x"], "--base is not an option; did you mean --base-url?"),
        (["build", "--quite"], "--quite is not an option; did you mean --quiet?"),
        (["build", "--zzzzzz"], "--zzzzzz is not an option\n"),
    ],
)
def test_the_one_word_that_was_meant(words: list[str], text: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Words of other programs, options before their command, the beginning of an option; not all that is spelled alike."""
    assert main(words) == ExitCode.WRONG_SETTINGS
    assert capsys.readouterr().err.startswith(f"feeds: {text}")


@pytest.mark.parametrize(("name", "fix"), [("notse", 'did you mean "notes"?'), ("elsewhere", "fix its path")])
def test_a_folder_that_is_not_there(name: str, fix: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The one beside it that was meant is named."""
    (tmp_path / "notes").mkdir()
    assert main(["build", str(tmp_path / name), "--base-url", "https://example.org/"]) == ExitCode.REFUSED
    error = capsys.readouterr().err
    assert "there is no such folder" in error and fix in error
