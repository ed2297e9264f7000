"""REL-1, X-6: equal posts and settings give equal bytes, on any machine, in any zone, locale and order."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MANIFEST = ".feeds-manifest.json"

#: Posts that tempt a build to look at the clock, the zone, the locale or the order of things.
ODD: Mapping[str, str] = {
    "undated.md": "---\ntitle: Undated\ntags: [b, a, c]\n---\nText.\n",
    "undated-too.md": "Just text, and nothing in front of it.\n",
    "naive.md": "---\ntitle: Naive\ndate: 2025-03-30 02:30:00\n---\nAn hour that does not exist in Berlin.\n",
    "same-second-1.md": "---\ntitle: One\ndate: 2025-05-05 05:05:05\ncategories: [[A, B], [B, A], [a]]\n---\nOne.\n",
    "same-second-2.md": "---\ntitle: Two\ndate: 2025-05-05 05:05:05\ncategories: [[ä], [Ä], [A, b]]\n---\nTwo.\n",
    "same-second-3.md": "---\ntitle: Three\ndate: 2025-05-05 05:05:05\ncategories: [C++, C#, C]\n---\nThree.\n",
    "copy-1.md": "---\ntitle: Copy\nid: urn:x:1\ndate: 2025-01-01\n---\nA.\n",
    "copy-2.md": "---\ntitle: Copy\nid: urn:x:1\ndate: 2025-01-01\n---\nA.\n",
    "months.md": "---\ntitle: März\ndate: 1 May 2025 10:00 +0200\ntags: [İstanbul, istanbul, ISTANBUL]\n---\nÅ.\n",
    "broken.md": "---\ntitle: [unclosed\n---\n",
    "sub/Z.md": "---\ntitle: Z\ndate: 2025-02-02\n---\n![](a.png)\n",
    "sub/a.md": "---\ntitle: a\ndate: 2025-02-02\n---\n[Z](Z.md)\n",
}


def site(folder: Path, *, reverse: bool = False) -> Path:
    """The example's posts and some odd ones, written in one order or the other."""
    files = {
        path.relative_to(ROOT / "examples" / "posts").as_posix(): path.read_bytes()
        for path in (ROOT / "examples" / "posts").rglob("*")
        if path.is_file()
    }
    files |= {name: text.encode() for name, text in ODD.items()}
    for name in sorted(files, reverse=reverse):
        path = folder / "posts" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(files[name])
    shutil.copy(ROOT / "examples" / "feeds.toml", folder / "feeds.toml")
    return folder


def build(
    folder: Path,
    output: Path,
    *more: str,
    environ: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    umask: int = 0o022,
    python: Sequence[str] = (),
) -> dict[str, bytes]:
    """Publish as cron would, with nothing remembered; the documents by path."""
    given = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "SOURCE_DATE_EPOCH": "1767225600", **(environ or {})}
    given = {name: value for name, value in given.items() if value}
    command = [
        sys.executable, *python, "-m", "feeds", "build", str(folder / "posts"), "--config", str(folder / "feeds.toml"),
        "--output", str(output), "--state", str(output) + ".state", *more,
    ]  # fmt: skip
    ran = subprocess.run(command, env=given, cwd=cwd or folder, umask=umask, capture_output=True, text=True)
    assert ran.returncode in (0, 1), ran.stderr
    return documents(output)


def documents(output: Path) -> dict[str, bytes]:
    """What is published, without the manifest, which tells of its own history."""
    found = {
        path.relative_to(output).as_posix(): path.read_bytes()
        for path in output.rglob("*")
        if path.is_file() and path.name != MANIFEST
    }
    assert "rss.xml" in found
    return found


def differing(one: Mapping[str, bytes], two: Mapping[str, bytes]) -> list[str]:
    """Paths whose bytes are not equal."""
    return sorted(path for path in one.keys() | two.keys() if one.get(path) != two.get(path))


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, dict[str, bytes]]]:
    folder = site(tmp_path_factory.mktemp("reference"))
    yield folder, build(folder, folder / "public")


ENVIRONMENTS: Mapping[str, Mapping[str, str]] = {
    "far east, plain C": {"TZ": "Pacific/Kiritimati", "LC_ALL": "C", "PYTHONHASHSEED": "1"},
    "half an hour, Chinese": {"TZ": "America/St_Johns", "LC_ALL": "zh_CN.UTF-8", "LANGUAGE": "zh_CN", "PYTHONHASHSEED": "4242"},
    "no such zone, Turkish": {"TZ": "Nowhere/Land", "LC_ALL": "tr_TR.UTF-8"},
    "zone of a century ago, another person, coloured terminal": {
        "TZ": ":Asia/Shanghai", "USER": "someone", "HOME": "/nonexistent", "LOGNAME": "someone", "HOSTNAME": "elsewhere",
        "TERM": "xterm-256color", "COLUMNS": "20", "FORCE_COLOR": "1",
    },
}  # fmt: skip


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_environment_decides_nothing(reference: tuple[Path, dict[str, bytes]], tmp_path: Path, name: str) -> None:
    """Zone, locale, hash seed, user and terminal of the machine leave no trace."""
    folder, expected = reference
    assert differing(expected, build(folder, tmp_path / "public", environ=ENVIRONMENTS[name])) == []


def test_order_of_the_folder_decides_nothing(reference: tuple[Path, dict[str, bytes]], tmp_path: Path) -> None:
    """Files made in another order, at other times, with other rights, in a folder of another name."""
    folder = site(tmp_path / "another name", reverse=True)
    for place, path in enumerate(sorted((folder / "posts").rglob("*"))):
        os.utime(path, (1_000_000_000 + place, 1_000_000_000 + place))
        path.chmod(0o700 if path.is_dir() else 0o600)
    assert differing(reference[1], build(folder, tmp_path / "public")) == []


def test_umask_and_current_folder_decide_nothing(reference: tuple[Path, dict[str, bytes]], tmp_path: Path) -> None:
    folder, expected = reference
    assert differing(expected, build(folder, tmp_path / "public", umask=0o077, cwd=Path("/"))) == []


def test_optimised_python_decides_nothing(reference: tuple[Path, dict[str, bytes]], tmp_path: Path) -> None:
    """No rule of ours is an assertion that `-O` takes away."""
    folder, expected = reference
    assert differing(expected, build(folder, tmp_path / "public", python=["-OO"])) == []


def test_documents_of_dated_posts_do_not_hold_the_build_time(tmp_path: Path) -> None:
    """Built a day later, with nothing newly due, what has dates of its own is what it was."""
    folder = tmp_path / "site"
    shutil.copytree(ROOT / "examples", folder, ignore=shutil.ignore_patterns("public", ".feeds"))
    one = build(folder, tmp_path / "one")
    two = build(folder, tmp_path / "two", environ={"SOURCE_DATE_EPOCH": "1767312000"})
    assert differing(one, two) == []


def test_a_command_line_instant_is_the_instant(reference: tuple[Path, dict[str, bytes]], tmp_path: Path) -> None:
    """`--as-of` and SOURCE_DATE_EPOCH are one thing; the clock is asked only where neither is given."""
    folder, expected = reference
    asked = build(folder, tmp_path / "public", "--as-of", "2026-01-01T00:00:00Z", environ={"SOURCE_DATE_EPOCH": ""})
    assert differing(expected, asked) == []


def test_caches_decide_nothing(reference: tuple[Path, dict[str, bytes]], tmp_path: Path) -> None:
    """With all but the ledger gone, and with the ledger gone too, the bytes are the same, only slower."""
    folder, expected = reference
    output = tmp_path / "public"
    state = Path(f"{output}.state")
    build(folder, output)
    for path in state.iterdir():
        if not path.name.startswith("ledger"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    assert differing(expected, build(folder, output)) == []
    shutil.rmtree(output)
    assert differing(expected, build(folder, output)) == []
    shutil.rmtree(state)
    assert differing(expected, build(folder, tmp_path / "again")) == []


def test_edits_undone_leave_no_trace_in_other_posts(reference: tuple[Path, dict[str, bytes]], tmp_path: Path) -> None:
    """A build that remembers gives the bytes of one that does not: a post added and taken away is as never there."""
    folder = site(tmp_path / "site")
    output = tmp_path / "public"
    build(folder, output)
    extra = folder / "posts" / "extra.md"
    extra.write_text("---\ntitle: Extra\ndate: 2025-05-05 05:05:05\ntags: [a]\n---\nExtra.\n", encoding="utf-8")
    assert differing(reference[1], build(folder, output)) != []
    extra.unlink()
    assert differing(reference[1], build(folder, output)) == []


@pytest.mark.parametrize("backend", ["bleach", "nh3"])
def test_number_of_workers_decides_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, backend: str) -> None:
    """Enough posts for a pool: one process or three give the same documents."""
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    import corpus

    if backend == "nh3":
        pytest.importorskip("nh3")
    corpus.make(tmp_path, count=60, form="hexo", seed=7)
    (tmp_path / "feeds.toml").write_text('base_url = "https://example.org/"\nlimit = 12\n')
    (tmp_path / "source" / "_posts").rename(tmp_path / "posts")
    alone = build(tmp_path, tmp_path / "1", "--workers", "1", "--backend", backend)
    several = build(tmp_path, tmp_path / "3", "--workers", "3", "--backend", backend)
    assert differing(alone, several) == []
