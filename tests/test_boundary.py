"""One post costs itself: whatever is raised while it is read, converted, written out or checked, the others are published."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from commands import run_feeds

from feeds import formats, pool
from feeds.build import place, run
from feeds.build.run import Outcome
from feeds.errors import Problem
from feeds.model import Entry
from feeds.posts.collect import quarantine
from feeds.publish.guard import Accepted
from feeds.settings import Bounds, Sanitise, Settings

NOW = datetime(2026, 1, 1, tzinfo=UTC)
GOOD = ("a", "b", "c", "d", "e")
NINES = "9" * 4301


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A site of five good posts."""
    posts = tmp_path / "posts"
    posts.mkdir()
    for name in GOOD:
        (posts / f"{name}.md").write_text(
            f"---\ntitle: {name}\ndate: 2020-01-01\ncategories: [k, {name}]\n---\nBODY-{name}", "utf-8"
        )
    return Settings(
        base_url="https://example.org/", posts=posts, output=tmp_path / "public", state=tmp_path / "state", workers=1,
        categories_mode="path",
    )  # fmt: skip


def check(outcome: Outcome, settings: Settings) -> dict[str, list[str]]:
    """All good posts are published as ever; the codes of errors by path."""
    text = (settings.output / "atom.xml").read_text("utf-8")
    assert all(f"BODY-{name}" in text for name in GOOD)
    found: dict[str, list[str]] = {}
    for problem in outcome.built.publication.problems:
        if problem.severity == "error":
            found.setdefault(problem.path, []).append(problem.code)
    assert outcome.exit_code == (1 if found else 0)
    return found


def front(lines: str, body: str = "BODY-bad") -> str:
    return f"---\ntitle: bad\ndate: 2020-01-01\n{lines}\n---\n{body}"


HOSTILE = {
    **{f"enclosure-{key}-{name}": front(f'{key}: {{url: /a.mp3, {word}: "audio/{text}mpeg"}}')
       for key in ("enclosure", "audio", "podcast", "attachments") for word in ("type", "mime_type")
       for name, text in {"control": "\\x01", "nul": "\\0", "fffe": "\\uFFFE", "newline": "\\n", "del": "\\x7f"}.items()},
    "enclosure-list": front('enclosure: [{url: /a.mp3, type: "a\\x01/b"}, {url: /b.mp3, type: "a/b\\0"}]'),
    **{f"enclosure-{word}": front(f'enclosure: {{url: /a.mp3, {word}: "{NINES}"}}') for word in ("length", "size", "size_in_bytes", "duration")},
    **{f"image-{word}": front(f'image: {{url: /a.png, {word}: "{NINES}"}}') for word in ("width", "height")},
    "enclosure-title": front('enclosure: {url: /a.mp3, title: "\\x01\\uFFFE"}'), "image-alt": front('image: {url: /a.png, alt: "\\x01\\uFFFE"}'),
    "rights": front('rights: "\\x01\\uFFFE"'), "summary": front('summary: "\\x01\\uFFFE"'), "author": front('author: {name: "\\x01a", url: "\\x01", avatar: "http://["}'),
    "link": front('link: "http://[\\x01"'), "id": front('id: "\\x01\\uFFFE"'), "slug": front('slug: "\\x01../\\0"'), "language": front('lang: "\\x01"'),
    "surrogate": '{"title": "\\ud800", "date": "2020-01-01", "enclosure": {"url": "/a", "type": "a/\\udfff"}, "tags": ["\\ud800"], "id": "\\ud800"}\nBODY-bad',
    "json-comma": '{"title": "a", "date": "2021-01-01",}\nBODY-bad', "json-open": '{"title": "a"', "json-twice": '{"title": "a", "title": "b"}\n',
    "json-large": '{"title": "' + "x" * 70_000 + '"}\n', "json-deep": '{"a": ' * 900 + "1" + "}" * 900, "json-25": '{"a": ' * 25 + "1" + "}" * 25, "json-lists": '{"a": ' + "[" * 5000,
    "toml-deep": "+++\n" + ".".join("a" * 5000) + " = 1\n+++\n", "toml-digits": f"+++\na = {NINES}\n+++\n", "toml-25": "+++\na = " + "[" * 25 + "]" * 25 + "\n+++\n",
    "js-deep": "---js\n{a: " + "[" * 90 + "]" * 90 + "}\n---\n", "js-digits": f"---js\n{{a: {NINES}}}\n---\n",
    "doctype": front("", "<!DOCTYPE html>"), "html": front("", '<html lang="x">'), "image-srcset": front("", '<image src="a.png" srcset="a.png 1x">'), "img-name": front("", "<img name=x>"),
    "unclosed": front("", "<div " * 300), "nul-body": front("", "\0" * 50), "math": front("", "<math>" + "<mi>" * 100), "deep-quotes": front("", "> " * 3000 + "x"),
    "category-path": front("categories: [" + ", ".join(f"{n:02}{'x' * 96}" for n in range(45)) + "]"), "category-path-cjk": front("categories: [" + ", ".join(f"{n}{'类' * 90}" for n in range(45)) + "]"),
    **{f"reference-{key}": front(f'{key}: "a &#{NINES}; b"') for key in ("summary", "description", "image", "title", "excerpt")},
    "reference-link": front("", f"[a](x&#{NINES};.md) ![](y&#{NINES};.png)"), "reference-html": front("", f'<a href="x&amp;#{NINES};.md"></a>'),
    "reference-noscript": front("", f"<noscript>&lt;img src=a&amp;#{NINES};&gt;</noscript>"),
    "tag-long": front(f"tags: [{'x' * 5000}]"), "terms": front("tags: [" + ", ".join(map(str, range(500))) + "]"), "year-1": front("").replace("2020-01-01", "0001-01-01"),
    "year-9999": front("").replace("2020-01-01", "9999-12-31"), "expires": front("expires: 0001-01-01"), "permalink-braces": front("permalink: /{{ x }}/{% y %}/:z/"), "permalink-long": front("permalink: /" + "x" * 5000),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_post_costs_itself(settings: Settings, name: str) -> None:
    """Never a traceback, never a good post; what is wrong with the post is said, and it is never published half."""
    (settings.posts / "bad.md").write_text(HOSTILE[name], "utf-8")
    outcome = run.publish(settings, NOW)
    assert check(outcome, settings).keys() <= {"bad.md"}
    assert not [problem for problem in outcome.built.publication.problems if problem.code == "internal"]


@pytest.mark.parametrize("backend", ["bleach", "nh3"])
def test_all_hostile_posts_at_once_cost_themselves(settings: Settings, backend: str) -> None:
    """Side by side, cleaned by either library."""
    settings = replace(settings, sanitise=Sanitise(backend=backend), limit=500)
    for name, text in HOSTILE.items():
        (settings.posts / f"bad-{name}.md").write_text(text, "utf-8")
    errors = check(run.publish(settings, NOW), settings)
    assert errors.keys() <= {f"bad-{name}.md" for name in HOSTILE}
    assert not [path for path, codes in errors.items() if "internal" in codes], errors


@pytest.mark.parametrize("stage", ["address", "fragment", "check", "memory", "stack"])
def test_an_unexpected_error_costs_one_post(settings: Settings, stage: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """In whatever stage it comes up: told with file and stage, and the last good version stays."""
    bad = settings.posts / "bad.md"
    bad.write_text(front("", "BODY-before"), "utf-8")
    run.publish(settings, NOW)
    bad.write_text(front("subtitle: x", "BODY-after"), "utf-8")
    atom = formats.by_name("atom")
    fragment, permalink = type(atom).fragment, place.by_name("plain").permalink

    def broken(self: Any, entry: Entry, **more: Any) -> bytes:
        body: bytes = fragment(self, entry, **more)  # type: ignore[arg-type]
        if "BODY-after" in entry.content:
            if stage == "check":
                return body.replace(b"<id>", b"<id>x")
            raise {"memory": MemoryError, "stack": RecursionError}.get(stage, ValueError)("nobody foresaw\x1b this")
        return body

    def address(facts: Any, *rest: Any) -> str | None:
        if facts.path == "bad.md" and "BODY-after" in bad.read_text("utf-8"):
            raise IndexError("nor this")
        return permalink(facts, *rest)

    if stage == "address":
        monkeypatch.setattr(type(place.by_name("plain")), "permalink", lambda self, *rest: address(*rest))
    else:
        monkeypatch.setattr(type(atom), "fragment", broken)
    outcome = run.publish(settings, NOW)
    assert check(outcome, settings) == {"bad.md": [{"check": "gate", "memory": "budget"}.get(stage, "internal")]}
    [problem] = [problem for problem in outcome.built.publication.problems if problem.severity == "error"]
    words = {"address": "given its address", "check": "check before publishing", "memory": "MB of memory"}.get(
        stage, "written out"
    )
    assert words in problem.what and problem.what.isprintable() and problem.fix
    text = (settings.output / "atom.xml").read_text("utf-8")
    # Where no address can be made, none can be made of the last good version, either.
    assert ("BODY-before" in text) is (stage != "address") and "BODY-after" not in text
    again = run.publish(settings, NOW)
    assert check(again, settings).keys() == {"bad.md"} and not again.switched.changed


def errors_of_a_build(settings: Settings) -> list[Problem]:
    return [problem for problem in run.publish(settings, NOW).built.publication.problems if problem.severity == "error"]


@pytest.mark.parametrize(
    ("workers", "bounds", "bound"),
    [
        (1, Bounds(post_seconds=1), "post_seconds"),
        (2, Bounds(post_memory_bytes=60_000_000, post_seconds=120), "post_memory_bytes"),
    ],
)
def test_a_post_beyond_its_budget_costs_itself(settings: Settings, workers: int, bounds: Bounds, bound: str) -> None:
    """It is ended where it is, and its last good version stays; with a larger budget it comes out."""
    settings = replace(settings, bounds=bounds, workers=workers)
    bad = settings.posts / "bad.md"
    bad.write_text(front("", "BODY-before"), "utf-8")
    run.publish(settings, NOW)
    heavy = "".join(f"Line {number} of *many*, [each](/a{number}) `code`.\n\n" for number in range(25_000))
    bad.write_text(front("", f"BODY-after\n\n{heavy}"), "utf-8")
    # In a process of its own: one that has run many tests has free memory, which counts for nothing.
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as processes:
        problems = processes.submit(errors_of_a_build, settings).result()
    assert [(problem.path, problem.code) for problem in problems] == [("bad.md", "budget")]
    assert bound in problems[0].fix
    text = (settings.output / "atom.xml").read_text("utf-8")
    assert all(f"BODY-{name}" in text for name in (*GOOD, "before")) and "BODY-after" not in text


def test_a_conversion_that_waits_is_tried_again_by_the_next_build(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that does not answer: the post stays as it was, and needs no edit to be published later."""
    good = settings.posts / "good.md"
    good.write_text(front("", "BODY-before"), "utf-8")
    run.publish(settings, NOW)
    good.write_text(front("", "BODY-after"), "utf-8")
    with monkeypatch.context() as patched:
        fragment = type(formats.by_name("atom")).fragment

        def stuck(self: Any, entry: Entry, **more: Any) -> bytes:
            if "BODY-after" in entry.content:
                os.kill(os.getpid(), signal.SIGSTOP)
            return fragment(self, entry, **more)

        patched.setattr(type(formats.by_name("atom")), "fragment", stuck)
        patched.setattr(pool, "_STALLED_SECONDS", 0.2)
        outcome = run.publish(settings, NOW)
    assert check(outcome, settings)["good.md"] == ["read-failed"]
    assert "BODY-before" in (settings.output / "atom.xml").read_text("utf-8")
    assert check(run.publish(settings, NOW), settings) == {}
    assert "BODY-after" in (settings.output / "atom.xml").read_text("utf-8")


def test_a_kept_version_survives_that_its_file_changes_while_it_is_read(settings: Settings) -> None:
    """A file that was empty when it was read and written again since: what failed is not the version that is published."""
    post = settings.posts / "a.md"
    run.publish(settings, NOW)
    post.write_text("", "utf-8")
    with run.look(settings, NOW) as (_, built):
        kept = built.collected
    assert kept.kept == {"a.md"} and {problem.code for problem in kept.broken["a.md"]} == {"emptied"}
    changing = Problem("file-changing", "error", "a.md", "the file keeps changing while it is read")
    assert quarantine(kept, {"a.md": changing}, ()).headers == kept.headers
    for problem, hopeless in ((changing, {"a.md"}), (replace(changing, code="budget"), set())):
        assert "a.md" not in {header.path for header in quarantine(kept, {"a.md": problem}, hopeless).headers}


def test_a_folder_that_is_written_all_the_time_publishes_what_is_quiet(settings: Settings) -> None:
    """A synchroniser adds, renames and deletes files while posts are rewritten; what was out stays out."""
    noisy, quiet = settings.posts / "noisy.md", settings.posts / "quiet.md"
    noisy.write_text(front("", "BODY-noisy 0"), "utf-8")
    quiet.write_text(front("", "BODY-quiet first"), "utf-8")
    run.publish(settings, NOW)
    quiet.write_text(front("", "BODY-quiet second"), "utf-8")
    stop = threading.Event()

    def write() -> None:
        number = 0
        while not stop.wait(0.005):
            number += 1
            noisy.write_text(front("", f"BODY-noisy {number} " + "word " * 2000), "utf-8")
            synced = settings.posts / f"synced{number % 7}.md"
            if number % 3:
                (settings.posts / "arriving.tmp").write_text(front("", f"BODY-synced {number}"), "utf-8")
                (settings.posts / "arriving.tmp").rename(synced)
            else:
                synced.unlink(missing_ok=True)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for _ in range(2):
            outcome = run.publish(settings, NOW, accepted=Accepted(removals=True))
            codes = {problem.code for problem in outcome.built.publication.problems}
            assert codes <= {"file-changing", "vanished", "emptied"}
            text = (settings.output / "atom.xml").read_text("utf-8")
            assert all(f"BODY-{name}" in text for name in (*GOOD, "noisy")) and "BODY-quiet second" in text
    finally:
        stop.set()
        writer.join()
    assert check(run.publish(settings, NOW, accepted=Accepted(removals=True)), settings) == {}


def test_a_category_path_that_no_disk_can_hold_is_shortened(settings: Settings) -> None:
    """B7: to at most 900 bytes, with a digest, so that two stay apart and each stays the same."""
    names = [f"{n:02}{'类' * 30}" for n in range(60)]
    for number, last in enumerate("xy"):
        (settings.posts / f"deep{number}.md").write_text(front(f"categories: [{', '.join([*names, last])}]"), "utf-8")
    outcome = run.publish(settings, NOW)
    assert check(outcome, settings) == {}
    paths = [feed.path for feed in outcome.built.publication.feeds if feed.taxonomy == "category"]
    assert len(set(paths)) == len(paths) and max(len(path.encode()) for path in paths) <= 900
    assert {feed.path for feed in run.publish(settings, NOW).built.publication.feeds if feed.taxonomy == "category"} == set(paths)


def test_an_internal_error_is_exit_code_70_and_no_traceback(tmp_path: Path) -> None:
    """Never 1, which means that something was published."""
    (tmp_path / "posts").mkdir()
    code = (
        "import sys, feeds.build.run as run\n"
        "def publish(*a, **k): raise KeyError('x\\x1b[31m')\n"
        "run.publish = publish\nfrom feeds.cli.main import main\n"
        "sys.exit(main(['build', 'posts', '--base-url', 'https://b.example/']))"
    )
    ran = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ran.returncode == 70 and "Traceback" not in ran.stderr and "\x1b" not in ran.stderr and "KeyError" in ran.stderr


def test_what_check_and_explain_say_is_whole(settings: Settings) -> None:
    """A post with an error stops no other command."""
    (settings.posts / "bad.md").write_text(HOSTILE["json-comma"], "utf-8")
    words = [str(settings.posts), "--base-url", "https://example.org/", "--state", str(settings.state)]
    explain = ["explain", "a.md", words[0], "--json", *words[1:]]
    for command in (["check", "--json", *words], ["diff", "--json", *words], explain):
        ran = run_feeds(*command, cwd=settings.posts.parent)
        assert ran.returncode in (0, 1) and not ran.stderr and json.loads(ran.stdout)


@pytest.mark.parametrize("content", ["full", "summary"])
def test_a_text_too_large_for_feeds_comes_as_its_summary(settings: Settings, content: str) -> None:
    """The newest post is the largest: the others keep their place, and its page has all of it."""
    rows = "".join(f"Row {number} of a long table.\n\n" for number in range(12_000))
    (settings.posts / "z.md").write_text(
        f"---\ntitle: large\ndate: 2025-01-01\n---\nIt begins here.\n\n{rows}It ends here.", "utf-8"
    )
    outcome = run.publish(replace(settings, content=content), NOW)
    text = (settings.output / "atom.xml").read_text("utf-8")
    assert all(f"BODY-{name}" in text for name in GOOD)
    assert "It begins here." in text and "Row 11999" not in text and len(text) < 20_000
    for name in ("rss.xml", "feed.json"):
        other = (settings.output / name).read_text("utf-8")
        assert "It begins here." in other and "Row 11999" not in other and "BODY-a" in other
    problems = [problem for problem in outcome.built.publication.problems if problem.code == "entry-large"]
    assert [problem.path for problem in problems] == (["z.md"] if content == "full" else [])
    page = next(path for path in settings.output.rglob("*.html") if "z" in path.relative_to(settings.output).parts)
    assert "It ends here." in page.read_text("utf-8")
