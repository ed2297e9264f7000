"""Whether a run has anything to do, decided in this process: which arguments are read, where the state lies, what the record says."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from feeds import fastpath
from feeds.posts import walk
from feeds.state_folder import OUTBOX, OUTBOX_HEAD


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], ({}, None)),
        (["blog"], ({}, "blog")),
        (["--limit", "5", "blog", "--title=a=b"], ({"--limit": "5", "--title": "a=b"}, "blog")),
        (["--title="], ({"--title": ""}, None)),
        (["--title", "--json"], ({"--title": "--json"}, None)),
        (["--quiet", "blog", "-q"], ({}, "blog")),
        (["--limit", "5", "--limit", "6"], ({"--limit": "6"}, None)),
        (["blog", "other"], None),
        (["--limit"], None),
        (["--unknown"], None),
        (["-x"], None),
        (["--"], None),
        (["--unknown=1", "blog"], None),
        *[([word], None) for word in ("--dry-run", "--json", "--verbose", "-v", "--accept-removals", "--help", "-h")],
        (["--quiet", "--json"], None),
    ],
)
def test_the_arguments_that_are_read(arguments: list[str], expected: tuple[dict[str, str], str | None] | None) -> None:
    """What is not plain is left to the whole parser."""
    assert fastpath.options(arguments) == expected


@pytest.mark.parametrize(
    ("toml", "expected"),
    [
        ("state = 'var'\n", "var"),
        ('state = "var/x"  # not here\n', "var/x"),
        ("title = 'state = 1'\n state='here'\n", "here"),
        ("[paths]\nstate = 'var'\n", ".feeds"),
        ("state = var\n", ".feeds"),
        ('state = "a=b"\n', "a=b"),
        ('state = "var"  # "quoted"\n', "var"),
        ("posts = '../elsewhere/posts'\n", ".feeds"),
        ("#state = 'var'\nstated = 'x'\n", ".feeds"),
        ("", ".feeds"),
    ],
)
def test_where_the_settings_file_says_that_the_state_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, toml: str, expected: str
) -> None:
    """Beside the file, whatever the working folder is; only what is written plainly above the first table counts."""
    (tmp_path / "site").mkdir()
    (tmp_path / "site/feeds.toml").write_text(toml)
    monkeypatch.chdir(tmp_path)
    found = fastpath.state_folder({"--config": "site/feeds.toml"}, None, {})
    assert found == str(tmp_path / "site" / expected)


def test_what_counts_more_of_flag_variable_and_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A flag before a variable, a variable before the settings file; without any, beside the file or the posts folder."""
    (tmp_path / "one").mkdir()
    (tmp_path / "one/feeds.toml").write_text("state = 'file'\n")
    (tmp_path / "two").mkdir()
    (tmp_path / "two/feeds.toml").write_text("posts = 'texts'\n")
    monkeypatch.chdir(tmp_path)
    of_one, of_two = {"--config": "one/feeds.toml"}, {"FEEDS_CONFIG": "two/feeds.toml"}
    assert fastpath.state_folder({"--state": "flag", **of_one}, "posts", {"FEEDS_STATE": "variable"}) == "flag"
    assert fastpath.state_folder(of_one, "posts", {"FEEDS_STATE": "variable"}) == "variable"
    assert fastpath.state_folder(of_one, "posts", of_two) == str(tmp_path / "one/file")
    assert fastpath.state_folder({}, None, of_two) == str(tmp_path / "two/.feeds")
    assert fastpath.state_folder({}, "one/posts", {}) == str(tmp_path / "one/file")
    assert fastpath.config_file(of_one, None, of_two) == "one/feeds.toml"
    assert fastpath.config_file({}, None, of_two) == "two/feeds.toml"
    assert fastpath.config_file({}, "one/posts", {"FEEDS_POSTS": "two/posts"}) == str(tmp_path / "one/feeds.toml")
    assert fastpath.config_file({}, None, {"FEEDS_POSTS": "two/posts"}) == str(tmp_path / "two/feeds.toml")
    assert fastpath.config_file({}, "three/posts", {}) is None
    assert fastpath.state_folder({}, "three/posts", {}) == str(tmp_path / "three/.feeds")
    assert fastpath.state_folder({}, None, {"FEEDS_POSTS": "three/posts"}) == str(tmp_path / "three/.feeds")
    assert fastpath.state_folder({}, None, {}) == str(tmp_path / ".feeds")


def test_two_sites_in_one_folder_have_a_state_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the folder beside is another site's, the posts folder that counts is the one named, else that of the settings file."""
    from feeds.state_folder import SiteIdentity, claim

    monkeypatch.chdir(tmp_path)
    state = tmp_path / ".feeds"
    state.mkdir()
    (tmp_path / "others").mkdir()
    claim(str(state), SiteIdentity(str(tmp_path / "others")))
    assert fastpath.state_folder({}, "others", {}) == str(state)
    assert fastpath.state_folder({}, None, {}) == str(state / "posts")
    (tmp_path / "feeds.toml").write_text("posts = 'texts'\n")
    assert fastpath.state_folder({}, None, {}) == str(state / "texts")
    assert fastpath.state_folder({}, None, {"FEEDS_POSTS": "notes"}) == str(state / "notes")
    (tmp_path / "feeds.toml").write_text("title = 'x'\n")
    assert fastpath.state_folder({}, None, {}) == str(state / "posts")
    (tmp_path / "feeds.toml").write_text("posts = 'others'\n")
    monkeypatch.chdir(tmp_path / "others")
    assert fastpath.state_folder({"--config": "../feeds.toml"}, None, {}) == str(state)


def test_what_decides_a_build_besides_files_and_clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Arguments, FEEDS_* and SOURCE_DATE_EPOCH, the settings file's text, the working folder, the packages; nothing else."""
    monkeypatch.chdir(tmp_path)
    config = tmp_path / "feeds.toml"
    config.write_bytes(b"title = '\xff'\n")

    def key(*arguments: str, file: str | None = str(config), **environ: str) -> str:
        return fastpath.key(arguments, environ, file)

    first = key()
    assert key(HOME="x", XFEEDS_TITLE="x", feeds_title="x") == first
    others = [
        key("a"),
        key("b"),
        key("a", "b"),
        key(FEEDS_TITLE="x"),
        key(FEEDS_TITLE="y"),
        key(SOURCE_DATE_EPOCH="1"),
        key(file=None),
    ]
    config.write_bytes(b"title = '\xfe'\n")
    others.append(key())
    (tmp_path / "lib/extra-1.0.dist-info").mkdir(parents=True)
    monkeypatch.syspath_prepend(tmp_path / "lib")
    others.append(key())
    (tmp_path / "lib/extra-1.0.dist-info").rename(tmp_path / "lib/extra-1.1.dist-info")
    others.append(key())
    monkeypatch.chdir(tmp_path / "lib")
    others.append(key())
    assert len({first, *others}) == len(others) + 1
    assert fastpath.key((), {"FEEDS_A": "1", "FEEDS_B": "2"}, None) == fastpath.key((), {"FEEDS_B": "2", "FEEDS_A": "1"}, None)


def test_libraries_are_named_in_one_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sorted over all folders; a folder that is not there, and the working folder's empty name, hold none."""
    for name in ("b-1.dist-info", "a-2.dist-info", "c.py", "d-1.egg-info"):
        (tmp_path / name).mkdir()
    (tmp_path / "more/a-1.dist-info").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "more")
    monkeypatch.setattr("sys.path", ["", str(tmp_path / "none"), str(tmp_path), str(tmp_path / "more")])
    assert fastpath.libraries() == ["a-1.dist-info", "a-2.dist-info", "b-1.dist-info"]


def test_stats_tell_size_time_and_absence(tmp_path: Path) -> None:
    """A line each, in the order of the paths; of a link that of the link."""
    (tmp_path / "a").write_bytes(b"four")
    os.utime(tmp_path / "a", ns=(1, 2_000_000_003))
    (tmp_path / "link").symlink_to("nowhere")
    link = (tmp_path / "link").lstat()
    paths = [str(tmp_path / name) for name in ("link", "a", "gone")]
    assert fastpath.stats(paths) == f"{link.st_size} {link.st_mtime_ns}\n4 2000000003\n-"
    assert fastpath.stats([]) == ""


NOW = 1_700_000_000
SKIPPED = ("skipped/", "also skipped/")
Recorded = Callable[..., "int | None"]


@pytest.fixture
def recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Recorded:
    """Writes the record of a build with exit code 3 and asks for the next run's, at NOW; `facts` are what its record says else."""
    for folder in ("posts/skipped", "posts/also skipped", "state"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "posts/a.md").write_text("a")
    (tmp_path / "rss.xml").write_text("rss")
    # A name that is no UTF-8, with what some take for a line end.
    (tmp_path / "odd \r\udcff.xml").write_text("odd")
    monkeypatch.chdir(tmp_path)

    def probed(
        arguments: tuple[str, ...] = (),
        environ: Mapping[str, str] | None = None,
        before: Callable[[], object] = lambda: None,
        **facts: str,
    ) -> int | None:
        told = {"SOURCE_DATE_EPOCH": str(NOW)} if environ is None else environ
        words = ["--state", "state", *arguments]
        posts = str(tmp_path / "posts")
        published = [str(tmp_path / name) for name in ("rss.xml", "odd \r\udcff.xml")]
        record = {
            "key": fastpath.key(words, told, None), "posts": posts, "skip": "\n".join(SKIPPED), "since": str(NOW), "until": "",
            "code": "3", "published": "\n".join(published), "stats": fastpath.stats(published), "listed": walk.take(posts, SKIPPED),
            **facts,
        }  # fmt: skip
        fastpath.record(fastpath.record_path("state", words), record)
        before()
        return fastpath.probe(words, told)

    return probed


def test_a_run_with_nothing_to_do_ends_as_the_last_one_did(recorded: Recorded, tmp_path: Path) -> None:
    """The exit code of the last build; what the walk found is kept for a whole build, once."""
    assert recorded() == 3
    posts = str(tmp_path / "posts")
    moment_ns, listed = fastpath.taken(posts, SKIPPED) or (0, "")
    assert moment_ns > 0 and listed == walk.take(posts, SKIPPED)
    assert fastpath.taken(posts, SKIPPED) is None and fastpath.taken(posts) is None


@pytest.mark.parametrize(
    ("since", "until", "code"),
    [(NOW, "", 3), (NOW + 1, "", None), (NOW - 9, f"{NOW + 1}", 3), (NOW - 9, f"{NOW}", None), (NOW - 9, f"{NOW - 1}", None)],
)
def test_from_when_until_when_a_record_holds(recorded: Recorded, since: int, until: str, code: int | None) -> None:
    """From the second of its build on (a clock that was set back knows less), until the second of the next change."""
    assert recorded(since=str(since), until=until) == code


@pytest.mark.parametrize(
    ("as_of", "code"),
    [("2023-11-14T22:13:20+00:00", 3), ("2023-11-14T23:13:20+01:00", 3), ("2023-11-14T22:13:19Z", None), ("2023-11-14T22:13:20", None),
     ("yesterday", None)],
)  # fmt: skip
def test_the_instant_may_be_named(recorded: Recorded, as_of: str, code: int | None) -> None:
    """`--as-of` before SOURCE_DATE_EPOCH; one without a zone is for the whole parser, which knows the site's."""
    assert recorded(("--as-of", as_of), {"SOURCE_DATE_EPOCH": "1"}) == code


def test_without_a_named_instant_the_clock_counts(recorded: Recorded) -> None:
    """An empty SOURCE_DATE_EPOCH names none."""
    assert recorded(environ={}) == 3 and recorded(environ={"SOURCE_DATE_EPOCH": ""}) == 3
    assert recorded(environ={}, until=str(NOW + 1)) is None and recorded(environ={"SOURCE_DATE_EPOCH": "soon"}) is None


def test_what_makes_a_run_whole(recorded: Recorded, tmp_path: Path) -> None:
    """Another key, a published file or a post that is not as it was, a record that is cut off or of another form."""
    assert recorded(before=lambda: (tmp_path / "posts/skipped/b.md").write_text("b")) == 3
    assert recorded(before=lambda: (tmp_path / "posts/c.md").write_text("c")) is None
    assert recorded(before=lambda: (tmp_path / "rss.xml").write_text("other")) is None
    assert recorded(before=lambda: (tmp_path / "rss.xml").unlink()) is None
    (tmp_path / "rss.xml").write_text("rss")
    assert recorded(key="another") is None
    assert recorded(code="none") is None
    assert recorded() == 3
    assert recorded(skip="") is None and recorded(skip="", listed=walk.take(str(tmp_path / "posts"))) == 3
    record = next((tmp_path / "state/unchanged").iterdir())
    whole = record.read_bytes()
    assert recorded(before=lambda: record.write_bytes(whole[:-1])) is None
    assert recorded(before=lambda: record.write_bytes(whole + b"\0")) is None
    assert recorded(before=record.unlink) is None
    assert recorded(("--json",)) is None


@pytest.mark.parametrize("named", ["beside the posts", "by a variable"])
def test_where_the_record_is_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str) -> None:
    """In the state folder of the site whose posts are named, with the text of its own settings file in the key."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "blog/posts").mkdir(parents=True)
    config = tmp_path / "blog/feeds.toml"
    config.write_text("state = 'kept'\n")
    words, told = ["blog/posts"], {"SOURCE_DATE_EPOCH": str(NOW)}
    state = str(tmp_path / "blog/kept")
    if named == "by a variable":
        state = told["FEEDS_STATE"] = str(tmp_path / "var")
    posts = str(tmp_path / "blog/posts")
    facts = {"key": fastpath.key(words, told, str(config)), "posts": posts, "since": "0", "code": "0", "listed": walk.take(posts)}
    fastpath.record(fastpath.record_path(state, words), {**dict.fromkeys(fastpath.FIELDS, ""), "stats": "-", **facts})
    assert fastpath.probe(words, told) == 0
    config.write_text("state = 'kept'\ntitle = 'x'\n")
    assert fastpath.probe(words, told) is None


def test_a_message_that_waits_makes_a_run_whole(recorded: Recorded, tmp_path: Path) -> None:
    """Once it is due; hubs are told by builds."""
    outbox = tmp_path / "state" / OUTBOX
    outbox.write_bytes(OUTBOX_HEAD + b"99999999999\n{}")
    assert recorded() == 3
    outbox.write_bytes(OUTBOX_HEAD + b"1\n{}")
    assert recorded() is None


def test_a_record_holds_every_name_that_a_file_may_have(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Names that are no UTF-8 are read again as they were written; nothing but the record is left in its folder."""
    monkeypatch.chdir(tmp_path)
    path = fastpath.record_path("state", ["a"])
    facts = {name: f"{name}\udcff\r\n" for name in fastpath.FIELDS}
    fastpath.record(path, facts)
    with open(path, encoding="utf-8", errors="surrogateescape", newline="") as stream:
        assert stream.read().split("\0") == [*(facts[name] for name in fastpath.FIELDS), "end"]
    assert [one.name for one in (tmp_path / "state/unchanged").iterdir()] == [Path(path).name]
    assert Path(fastpath.record_path("state", ["\udcff"])).parent == Path(path).parent
    assert fastpath.record_path("state", ["b"]) != path and fastpath.record_path("other", ["a"]) != path
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert fastpath.record_path("state", ["a"]) != path
