"""A build killed between any two system calls that write: what readers see stays whole, and the next run makes up for it.

strace counts the calls and sends SIGKILL at the chosen one; the points are drawn by a seed from all that there are.
"""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest
import web_servers
from budget import examples

CALLS = "rename,renameat,renameat2,unlink,unlinkat,mkdir,mkdirat,rmdir,link,linkat,symlink,symlinkat,fsync,fdatasync,write,pwrite64,ftruncate,utimensat"
POINTS = examples(5)
NEXT = {"SOURCE_DATE_EPOCH": "1767312000"}


def command(site: Path) -> list[str]:
    return [
        sys.executable, "-m", "feeds", "build", str(site / "posts"), "--base-url", "https://example.org/", "--output",
        str(site / "public"), "--state", str(site / "state"), "--workers", "1",
    ]  # fmt: skip


def environ(mode: str, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FEEDS_")}
    return {
        **kept,
        "PYTHONPATH": str(web_servers.ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "FEEDS_PRECOMPRESS": "gzip",
        "FEEDS_OUTPUT_MODE": mode,
        "FEEDS_HUBS": "http://127.0.0.1:9/",
        "FEEDS_PUSH__INDEXNOW_KEY": "0123456789abcdef",
        "FEEDS_PUSH__AFTER_BUILD": "false",
        **more,
    }


def build(site: Path, mode: str, **more: str) -> int:
    return subprocess.run(command(site), env=environ(mode, **more), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE).returncode


def documents(site: Path) -> dict[str, bytes] | None:
    """The live generation, every document of it as its manifest says; None where it is not whole."""
    output = site / "public"
    manifest = json.loads((output / ".feeds-manifest.json").read_bytes())
    found = {}
    for path, told in manifest["documents"].items():
        try:
            found[path] = (output / path).read_bytes()
        except OSError:
            return None
        if sha256(found[path]).hexdigest() != told[0]:
            return None
    return found


def announced(outbox: Path) -> bytes:
    """Who is to be told of what, without the times at which that was noted."""
    parsed = json.loads(outbox.read_bytes().partition(b"\n")[2])
    messages = [(message["address"], message["subject"]) for message in parsed["messages"]]
    return json.dumps([parsed["announced"], messages, parsed["staged"]]).encode()


def everything(site: Path) -> dict[str, bytes]:
    """Every file of the site, state included; of SQLite's, of what only saves time and of locks only that they are there."""
    generations = {}
    for path in sorted(site.rglob("*")):
        name = str(path.relative_to(site))
        if path.is_file():
            opaque = path.suffix in (".sqlite", ".lock") or "unchanged/" in name or path.name == "post-index"
            body = announced(path) if path.name == "outbox.json" else b"" if opaque else path.read_bytes()
            generations[re.sub(r"generation-?\d+", "generation-N", name)] = body
    return generations


@pytest.fixture(scope="module", params=["exchange", "symlink", "files"])
def before(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path, Path]:
    """The mode, a site with one generation live and an edit, a deletion and a new post waiting; and what becomes of it."""
    mode: str = request.param
    # One place for all copies: paths are part of what is compared.
    site = tmp_path_factory.mktemp(mode) / "site"
    (site / "posts").mkdir(parents=True)
    if mode == "files":
        (site / "public").mkdir()
        (site / "public" / "theirs.html").write_text("not ours")
    for number in range(5):
        (site / f"posts/{number}.md").write_text(
            f"---\ntitle: 第{number}篇\ndate: 2021-01-0{number + 1}\ncategories: [c{number}]\n---\n正文{number}\n"
        )
    assert build(site, mode, SOURCE_DATE_EPOCH="1767225600") == 0
    (site / "posts/1.md").write_text("---\ntitle: 改了\ndate: 2021-01-02\ncategories: [c1]\n---\n别的正文\n")
    (site / "posts/2.md").unlink()
    (site / "posts/new.md").write_text("---\ntitle: 新的\ndate: 2021-02-01\ncategories: [c9]\n---\nx\n")
    kept = site.with_name("kept")
    shutil.copytree(site, kept, symlinks=True)
    return mode, site, kept


def put_back(site: Path, kept: Path) -> None:
    shutil.rmtree(site)
    shutil.copytree(kept, site, symlinks=True)


def test_a_kill_between_any_two_writes_costs_nothing(before: tuple[str, Path, Path], tmp_path: Path) -> None:
    """REL-5: old or new and nothing between; the next run gives what a run without the kill would have given; no stray file."""
    mode, site, kept = before
    strace = web_servers.program("strace")
    old = documents(site)
    log = tmp_path / "strace.log"
    traced = [strace, "-f", "-qq", "-o", str(log), "-e", f"trace={CALLS}"]
    if subprocess.run([*traced, "true"], capture_output=True).returncode:
        pytest.skip("strace may not trace here")
    subprocess.run([*traced, *command(site)], env=environ(mode, **NEXT), check=True, capture_output=True)
    count = sum(1 for line in log.read_text(errors="replace").splitlines() if "resumed" not in line)
    new, wanted = documents(site), everything(site)
    assert old is not None and new is not None and old != new and count > 20
    dice = random.Random(mode)
    # Each kind of call has counts of its own in strace: the points are drawn by call and number.
    kinds = [
        re.sub(r"^\d+\s+", "", line).partition("(")[0] for line in log.read_text(errors="replace").splitlines() if "(" in line
    ]
    places = [(kind, sum(1 for one in kinds[: at + 1] if one == kind)) for at, kind in enumerate(kinds)]
    chosen = {*dice.sample(places, min(POINTS, len(places))), *[place for place in places if place[0].startswith("rename")][-3:]}
    killed = 0
    for kind, number in sorted(chosen):
        put_back(site, kept)
        inject = [strace, "-f", "-qq", "-o", "/dev/null", "-e", f"trace={kind}", "-e", f"inject={kind}:signal=KILL:when={number}"]
        ended = subprocess.run([*inject, *command(site)], env=environ(mode, **NEXT), capture_output=True).returncode
        killed += ended != 0
        found = documents(site)
        if mode != "files":
            assert found in (old, new), f"killed at {kind} {number}: neither the old nor the new generation is whole"
        assert build(site, mode, **NEXT) == 0
        assert documents(site) == new, f"killed at {kind} {number}: the next run made something else"
        assert everything(site) == wanted, f"killed at {kind} {number}: the next run left something else"
    assert killed > len(chosen) // 2
