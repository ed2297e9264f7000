"""Hubs and search engines are told of what changed, once, whatever happens to them meanwhile."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import web_servers
from commands import run_feeds
from websub import Hub, Subscriber, running_hub, running_subscriber, until

from feeds import fastpath
from feeds.build import run
from feeds.build.rollback import rollback
from feeds.cli.main import main
from feeds.http_headers import TargetLink
from feeds.preview import check
from feeds.publish.manifest import Manifest, PublishedDocument
from feeds.push import drain as drain_module
from feeds.push import services
from feeds.push.drain import drain
from feeds.push.outbox import Address, Message, Outbox, outbox_of
from feeds.settings import Push, Settings

BASE = "https://blog.example.org/"


@pytest.fixture
def hub() -> Iterator[Hub]:
    with running_hub() as hub:
        yield hub


class Blog:
    """A folder of posts with two categories."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "posts").mkdir()
        self.write("a", "甲", "tech")
        self.write("b", "乙", "life")

    def write(self, name: str, title: str, category: str, more: str = "") -> None:
        text = f"---\ntitle: {title}\ndate: 2021-01-01\ncategories: [{category}]\n---\n{title} {more}\n"
        (self.folder / "posts" / f"{name}.md").write_text(text, "utf-8")

    def settings(self, *hubs: str, **push: Any) -> Settings:
        push = {"timeout_seconds": 20, **push}
        return Settings(
            base_url=BASE, posts=self.folder / "posts", output=self.folder / "public", state=self.folder / "state",
            hubs=hubs, taxonomies=("category",), push=Push(**push), workers=1,
        )  # fmt: skip


@pytest.fixture
def blog(tmp_path: Path) -> Blog:
    return Blog(tmp_path)


def publish(settings: Settings, hour: int = 0) -> run.Outcome:
    return run.publish(settings, datetime(2026, 1, 1, hour, tzinfo=UTC))


def waiting(settings: Settings) -> list[Message]:
    return sorted(outbox_of(settings).read().messages.values(), key=lambda message: message.key)


def make_due(settings: Settings) -> None:
    """Let the pause of every message be over."""
    with outbox_of(settings)._changing() as contents:
        contents.messages = {key: replace(message, due=0) for key, message in contents.messages.items()}


def topics(*folders: str) -> set[str]:
    return {f"{BASE}{folder}{name}" for folder in folders for name in ("rss.xml", "atom.xml", "feed.json")}


# whom is told what


def test_each_hub_is_told_of_each_topic_whose_bytes_changed(blog: Blog, hub: Hub) -> None:
    """PUSH-2: all at first, then only the feeds that hold the changed post; nobody of a build that changes nothing."""
    with running_hub() as other:
        settings = blog.settings(hub.url, other.url)
        publish(settings)
        assert drain(settings, seconds=20).waiting == 0
        assert sorted(hub.pings()) == sorted(other.pings()) == sorted(topics("", "category/tech/", "category/life/"))
        hub.calls.clear()
        publish(settings, 1)
        assert drain(settings, seconds=20).sent == [] and hub.calls == []
        blog.write("b", "乙", "life", "改了")
        publish(settings, 2)
        drain(settings, seconds=20)
        assert sorted(hub.pings()) == sorted(topics("", "category/life/"))


def test_a_ping_is_a_form_that_every_hub_understands(blog: Blog, hub: Hub) -> None:
    """hub.mode=publish with hub.url, and hub.topic for hubs that take that name (WebSub section 6 leaves it open)."""
    settings = blog.settings(hub.url)
    publish(settings)
    drain(settings, seconds=20)
    for call in hub.calls:
        assert call.media_type == "application/x-www-form-urlencoded" and call.path == "/"
        assert call.form == {"hub.mode": "publish", "hub.url": call.form["hub.topic"], "hub.topic": call.form["hub.url"]}


def test_rollback_is_a_change_as_well(blog: Blog, hub: Hub) -> None:
    settings = blog.settings(hub.url)
    publish(settings)
    blog.write("b", "乙", "life", "改了")
    publish(settings, 1)
    drain(settings, seconds=20)
    hub.calls.clear()
    rollback(settings)
    drain(settings, seconds=20)
    assert sorted(hub.pings()) == sorted(topics("", "category/life/"))


def test_a_hub_that_the_settings_drop_is_not_told_any_more(blog: Blog) -> None:
    publish(blog.settings("http://127.0.0.1:9/"))
    assert waiting(blog.settings())
    publish(blog.settings(), 1)
    assert not waiting(blog.settings()) and not outbox_of(blog.settings()).exists


def test_without_anybody_to_tell_nothing_is_written(blog: Blog) -> None:
    publish(blog.settings())
    assert not list((blog.folder / "state").glob("outbox*"))


# search engines and rssCloud


def test_search_engines_are_told_of_new_and_changed_permalinks(blog: Blog, hub: Hub) -> None:
    """IndexNow's and Baidu's forms; the key lies where IndexNow looks for it."""
    settings = blog.settings(
        indexnow_key="0123456789abcdef", indexnow_url=f"{hub.url}indexnow", baidu_token="t&k", baidu_url=f"{hub.url}urls"
    )
    outcome = publish(settings)
    assert (blog.folder / "public/0123456789abcdef.txt").read_text() == "0123456789abcdef"
    assert sorted(outcome.changes.new) == [f"{BASE}entry/a/", f"{BASE}entry/b/"] and not outcome.changes.updated
    assert "t&k" not in (blog.folder / "state/outbox.json").read_text() and "t&k" not in repr(settings)
    drain(settings, seconds=20)
    by_path = {call.path.partition("?")[0]: call for call in hub.calls}
    assert json.loads(by_path["/indexnow"].body) == {
        "host": "blog.example.org", "key": "0123456789abcdef", "keyLocation": f"{BASE}0123456789abcdef.txt",
        "urlList": [f"{BASE}entry/a/", f"{BASE}entry/b/"],
    }  # fmt: skip
    assert by_path["/indexnow"].media_type == "application/json; charset=utf-8"
    assert by_path["/urls"].path == "/urls?site=https%3A%2F%2Fblog.example.org&token=t%26k"
    assert by_path["/urls"].media_type == "text/plain" and by_path["/urls"].body.split() == [
        f"{BASE}entry/a/".encode(), f"{BASE}entry/b/".encode()
    ]  # fmt: skip
    hub.calls.clear()
    blog.write("b", "乙", "life", "改了")
    blog.write("c", "丙", "life")
    outcome = publish(settings, 1)
    assert (outcome.changes.new, outcome.changes.updated) == ((f"{BASE}entry/c/",), (f"{BASE}entry/b/",))
    drain(settings, seconds=20)
    assert {call.path.partition("?")[0] for call in hub.calls} == {"/indexnow", "/urls"}


def test_indexnow_is_told_only_of_what_its_key_vouches_for(blog: Blog) -> None:
    """The folder of the key file is what it vouches for; a key at the root of the host vouches for all."""
    settings = replace(blog.settings(indexnow_key="0123456789abcdef"), base_url=f"{BASE}feeds/")
    (engine,) = services.engines(settings)
    assert services.accepts(settings, engine, f"{BASE}feeds/entry/a/")
    assert not services.accepts(settings, engine, f"{BASE}2026/a/")
    own_file = Push(indexnow_key="0123456789abcdef", indexnow_key_url=f"{BASE}0123456789abcdef.txt")
    settings = replace(settings, push=own_file)
    assert services.accepts(settings, engine, f"{BASE}2026/a/") and services.proofs(settings) == {}
    assert not services.accepts(settings, engine, "https://elsewhere.example.org/a/")


def test_rsscloud_is_named_in_rss_and_told(blog: Blog, hub: Hub) -> None:
    """The <cloud> element of RSS 2.0, and a ping for RSS documents alone; success="false" is a failure."""
    from lxml import etree

    settings = blog.settings(rsscloud=f"{hub.url}cloud/")
    publish(settings)
    cloud = etree.parse(blog.folder / "public/rss.xml").find("channel/cloud")
    assert cloud is not None and dict(cloud.attrib) == {
        "domain": "127.0.0.1", "port": str(hub.port), "path": "/cloud/pleaseNotify", "registerProcedure": "",
        "protocol": "http-post",
    }  # fmt: skip
    assert not etree.parse(blog.folder / "public/atom.xml").findall("{*}cloud")
    drain(settings, seconds=20)
    assert sorted(call.form["url"] for call in hub.calls) == sorted(
        url for url in topics("", "category/tech/", "category/life/") if url.endswith("rss.xml")
    )
    assert {call.path for call in hub.calls} == {"/cloud/ping"}
    address = Address("rsscloud", hub.url)
    assert services.refusal(address, b'<?xml version="1.0"?><result success="false" msg="no feed"/>') == "no feed"
    assert services.refusal(address, b'<result success="true" msg="Thanks"/>') == ""


# a hub that fails, and comes back


def test_a_hub_that_is_down_costs_nothing_and_is_told_when_it_is_back(blog: Blog) -> None:
    """PUSH-4: down, then up: one delivery of each topic, and the build does not fail."""
    hub = Hub(port=web_servers.free_port())
    settings = blog.settings(hub.url)
    assert publish(settings).exit_code == 0
    report = drain(settings, seconds=20)
    assert report.waiting == 9 and not report.sent and list(report.failures) == [hub.url]
    assert {message.attempts for message in waiting(settings)} == {1}
    assert drain(settings, seconds=20).failed == [], "what failed is not due again at once"
    with running_hub(hub):
        assert len(drain(settings, seconds=20, every=True).sent) == 9
        assert drain(settings, seconds=20, every=True).sent == []
    assert sorted(hub.pings()) == sorted(topics("", "category/tech/", "category/life/"))


def test_pauses_double_and_have_an_end(blog: Blog, hub: Hub) -> None:
    """Each failure waits longer than the one before, the hub's Retry-After at least; after a day the message is given up."""
    hub.mode, hub.retry_after = "500", "10"
    settings = blog.settings(hub.url)
    publish(settings)
    for attempt in range(1, 13):
        before = int(time.time())
        drain(settings, seconds=20)
        after = int(time.time())
        first = waiting(settings)[0]
        assert (first.attempts, first.error) == (attempt, "it answered 500 Internal Server Error")
        pause = min(60 * 2 ** (attempt - 1), 6 * 3600)
        assert before + int(0.8 * pause) <= first.due <= after + 1.2 * pause
        make_due(settings)
    hub.retry_after = "7000"
    with outbox_of(settings)._changing() as contents:
        contents.messages = {key: replace(message, attempts=0) for key, message in contents.messages.items()}
    before = int(time.time())
    drain(settings, seconds=20)
    assert waiting(settings)[0].due >= before + 7000
    with outbox_of(settings)._changing() as contents:
        contents.messages = {
            key: replace(message, due=0, since=message.since - 90_000) for key, message in contents.messages.items()
        }
    patient = replace(settings, push=replace(settings.push, give_up_seconds=180_000))
    assert drain(patient, seconds=20).given_up == []
    make_due(settings)
    report = drain(settings, seconds=20)
    assert len(report.given_up) == 9 and report.waiting == 0
    assert len(outbox_of(settings).read().given_up) == 9
    with run.look(settings, datetime(2026, 1, 1, tzinfo=UTC), everything=True) as (site, built):
        told = [problem for problem in check.examine(site, built).problems if problem.code == "push-given-up"]
    assert len(told) == 9 and all(hub.url in problem.what and "500" in problem.what and problem.fix for problem in told)


@pytest.mark.parametrize(("mode", "is_down"), [("500", True), ("429", True), ("404", False)])
def test_a_service_that_is_down_is_not_asked_for_each_message(blog: Blog, hub: Hub, mode: str, is_down: bool) -> None:
    """Nor one that has enough; one that refuses a message may take the others. All wait for the next time."""
    hub.mode = mode
    settings = blog.settings(hub.url)
    publish(settings)
    report = drain(settings, seconds=60)
    assert len(report.failed) == report.waiting == 9
    assert len(hub.calls) <= drain_module._THREADS_EACH < 9 if is_down else len(hub.calls) == 9


def test_one_hub_that_hangs_holds_up_no_other(blog: Blog, hub: Hub) -> None:
    """A service without an answer in time is asked once a run, and pauses like one that failed."""
    with running_hub(Hub(mode="hang")) as slow:
        settings = blog.settings(slow.url, hub.url, timeout_seconds=3)
        publish(settings)
        report = drain(settings, seconds=20)
        assert len(hub.pings()) == 9 and {message.address.url for message in report.failed} == {slow.url}
        assert report.failures == {slow.url: "it did not answer in time"}
        assert all(message.attempts == 1 for message in waiting(settings)) and len(waiting(settings)) == 9


@pytest.mark.parametrize("fair", [True, False])
def test_a_run_that_ends_before_an_answer(blog: Blog, monkeypatch: pytest.MonkeyPatch, fair: bool) -> None:
    """It counts as a failure, or a hub that hangs would be due again at once, for every build; not if there was hardly any time."""
    monkeypatch.setattr("feeds.push.drain._FAIR_SECONDS", 0.0 if fair else 1000.0)
    with running_hub(Hub(mode="hang")) as slow:
        settings = blog.settings(slow.url, timeout_seconds=30)
        publish(settings)
        report = drain(settings, seconds=1.0)
        assert (len(report.failed), report.waiting) == (9 if fair else 0, 9)
        assert {(message.attempts, message.due > time.time()) for message in waiting(settings)} == {
            (1, True) if fair else (0, False)
        }


def test_redirects_stay_on_the_host(blog: Blog, hub: Hub) -> None:
    """The same request is repeated at another path; another host is never asked, whatever an answer says."""
    settings = blog.settings(hub.url)
    publish(settings)
    hub.mode = "elsewhere"
    report = drain(settings, seconds=20)
    assert "which is not followed" in report.failures[hub.url] and not [call for call in hub.calls if call.path == "/secret"]
    hub.mode = "moved"
    assert len(drain(settings, seconds=20, every=True).sent) == 9
    assert {call.form["hub.mode"] for call in hub.calls if call.path == "/new"} == {"publish"}


@pytest.mark.parametrize("answer", [
    b"", b"garbage\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n" + b"x" * 100_000,
    b"HTTP/1.1 204 No Content\r\nRetry-After: soon\r\n\r\n", b"HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\n\r\n",
    b"HTTP/1.1 307 Temporary Redirect\r\nLocation: /\r\n\r\n", b"HTTP/1.1 999 Odd\r\n\r\n",
])  # fmt: skip
def test_no_answer_breaks_a_run(blog: Blog, answer: bytes) -> None:
    """Whatever comes back is a success, or a failure with a reason; a redirect without an end has one."""
    import socket

    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(65536)
                    connection.sendall(answer)

        threading.Thread(target=serve, daemon=True).start()
        settings = blog.settings(f"http://127.0.0.1:{listener.getsockname()[1]}/", timeout_seconds=1)
        publish(settings)
        report = drain(settings, seconds=20)
        assert len(report.sent) + len(report.failed) == 9 and not report.unwritten
        assert all(message.error and "internal" not in message.error for message in report.failed)
        listener.shutdown(socket.SHUT_RDWR)


# the file


def test_a_run_that_is_killed_behind_the_switch_loses_nothing(blog: Blog, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it did not announce the next run does, permalinks among it."""
    settings = blog.settings(hub.url, indexnow_key="0123456789abcdef", indexnow_url=f"{hub.url}indexnow")
    publish(settings)
    drain(settings, seconds=20)
    hub.calls.clear()
    blog.write("c", "丙", "life")
    with monkeypatch.context() as patched:
        patched.setattr(run, "announced", lambda *_: False)
        publish(settings, 1)
    assert not waiting(settings)
    publish(settings, 2)
    drain(settings, seconds=20)
    assert sorted(hub.pings()) == sorted(topics("", "category/life/"))
    assert [json.loads(call.body)["urlList"] for call in hub.calls if call.path == "/indexnow"] == [[f"{BASE}entry/c/"]]


def test_a_generation_that_never_went_live_is_not_announced(blog: Blog, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = blog.settings(indexnow_key="0123456789abcdef")
    publish(settings)
    outbox_of(settings).path.unlink()
    blog.write("c", "丙", "life")
    with monkeypatch.context() as patched:
        patched.setattr("feeds.publish.folder.FolderTarget.publish", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            publish(settings, 1)
    (blog.folder / "posts/c.md").unlink()
    publish(settings, 2)
    assert not waiting(settings)


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"feeds outbox 1 -\n{", b"feeds outbox 1 5\n[]", b"\xff" * 50, b"feeds outbox 9 1\n{}"]
)
def test_a_damaged_file_costs_no_more_than_pings_twice(blog: Blog, hub: Hub, content: bytes) -> None:
    settings = blog.settings(hub.url)
    publish(settings)
    outbox_of(settings).path.write_bytes(content)
    publish(settings, 1)
    assert len(drain(settings, seconds=20).sent) == 9


def test_what_changes_while_it_is_told_is_told_again(blog: Blog, tmp_path: Path) -> None:
    """The hub may have fetched the feed before the second change."""
    outbox, address = Outbox(tmp_path / "state"), Address("websub", "https://hub.example.org/")
    outbox.announce("r1", {"https://x/": "1"}, {"https://x/": [address]}, (), 100)
    (being_sent,) = outbox.read().messages.values()
    outbox.announce("r2", {"https://x/": "2"}, {"https://x/": [address]}, (), 200)
    assert outbox.settle([being_sent], [], oldest=0) == []
    (left,) = outbox.read().messages.values()
    assert (left.serial, left.since) == (1, 200)
    outbox.settle([left], [], oldest=0)
    assert not outbox.read().messages


def test_two_processes_do_not_send_at_once(blog: Blog, hub: Hub) -> None:
    settings = blog.settings(hub.url)
    publish(settings)
    with outbox_of(settings).sending() as may_send:
        assert may_send
        report = drain(settings, seconds=20)
        assert report.busy and report.waiting == 9 and not hub.calls
    assert len(drain(settings, seconds=20).sent) == 9


def test_topics_are_the_self_links_of_documents_with_hubs() -> None:
    """PUSH-1: pages and outlines are no topics."""
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    links = (TargetLink("self", f"{BASE}rss.xml"), TargetLink("hub", "https://hub.example.org/"))
    documents = {
        "rss.xml": PublishedDocument("d" * 64, "k", 1, "application/rss+xml", "rss", moment, links),
        "index.html": PublishedDocument("e" * 64, "k", 1, "text/html", "html", moment, (TargetLink("self", BASE),)),
    }
    manifest = Manifest(1, "r", moment, BASE, 3600, documents)
    listeners = services.topics(Settings(base_url=BASE, hubs=("https://hub.example.org/",)), documents.values())
    assert listeners == {f"{BASE}rss.xml": [Address("websub", "https://hub.example.org/")]}
    assert services.digests(listeners, manifest) == {f"{BASE}rss.xml": "d" * 20}


# commands


def feeds(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return run_feeds(*words, cwd=folder)


def write_settings(blog: Blog, hub: Hub, more: str = "") -> None:
    (blog.folder / "feeds.toml").write_text(
        f'base_url = "{BASE}"\ntaxonomies = ["category"]\nhubs = ["{hub.url}"]\n[push]\ntimeout_seconds = 20\n{more}'
    )


def test_a_build_tells_and_the_next_one_is_a_blink(blog: Blog, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """Silent, exit 0; a run with nothing to do and an empty outbox looks at no post, one with a message that is due sends it."""
    write_settings(blog, hub)
    time.sleep(0.05)
    done = feeds(blog.folder, "build")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "") and len(hub.pings()) == 9
    monkeypatch.chdir(blog.folder)
    assert fastpath.probe([], os.environ) == 0
    hub.calls.clear()
    outbox = Outbox(blog.folder / ".feeds")
    with outbox._changing() as contents:
        contents.add(Address("websub", hub.url), f"{BASE}rss.xml", int(time.time()))
    assert fastpath.probe([], os.environ) is None
    assert feeds(blog.folder, "build").returncode == 0 and hub.pings() == [f"{BASE}rss.xml"]
    assert fastpath.probe([], os.environ) == 0


def test_a_build_with_json_lists_permalinks_and_what_was_told(blog: Blog, hub: Hub) -> None:
    write_settings(blog, hub)
    report = json.loads(feeds(blog.folder, "build", "--json").stdout)
    assert sorted(report["permalinks"]["new"]) == [f"{BASE}entry/a/", f"{BASE}entry/b/"] and report["permalinks"]["updated"] == []
    assert len(report["push"]["sent"]) == 9 and report["push"]["waiting"] == 0
    again = json.loads(feeds(blog.folder, "build", "--json").stdout)
    assert again["permalinks"] == {"new": [], "updated": []} and again["push"]["sent"] == []


def test_ping_sends_what_builds_leave_to_it(blog: Blog, hub: Hub) -> None:
    """`push.after_build = false`: for sites that are uploaded after the build. `--list` shows, `--now` does not wait."""
    write_settings(blog, hub, "after_build = false\n")
    assert feeds(blog.folder, "build").returncode == 0 and not hub.calls
    assert feeds(blog.folder, "build").returncode == 0 and not hub.calls
    shown = json.loads(feeds(blog.folder, "ping", "--list", "--json").stdout)
    assert len(shown["waiting"]) == 9 and {one["to"] for one in shown["waiting"]} == {hub.url}
    hub.mode = "429"
    failed = feeds(blog.folder, "ping")
    assert failed.returncode == 5 and f"{hub.url}: it answered 429" in failed.stderr
    assert feeds(blog.folder, "ping").stdout == "sent: 0 messages; waiting: 9\n", "they wait for the end of their pause"
    listed = feeds(blog.folder, "ping", "--list").stdout
    assert listed.count("1 attempt: it answered 429") == 9
    hub.mode = "up"
    done = feeds(blog.folder, "ping", "--now")
    assert (done.returncode, done.stdout) == (0, "sent: 9 messages; waiting: 0\n") and len(hub.pings()) == 9
    assert feeds(blog.folder, "ping").stdout == "" and feeds(blog.folder, "ping", "--list").stdout == "nothing is waiting\n"


def test_what_is_given_up_is_told(blog: Blog, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """By the build that gives up, and by `feeds check` from then on until the hub takes something."""
    hub = Hub(port=web_servers.free_port())
    write_settings(blog, hub)
    monkeypatch.chdir(blog.folder)
    assert main(["build"]) == 0 and capsys.readouterr().err == ""
    with Outbox(blog.folder / ".feeds")._changing() as contents:
        contents.messages = {
            key: replace(message, due=0, since=message.since - 90_000) for key, message in contents.messages.items()
        }
    assert main(["build"]) == 0
    assert f"9 messages to {hub.url} given up" in capsys.readouterr().err
    assert main(["check"]) == 0
    assert f"{hub.url} was not told that" in capsys.readouterr().out
    with running_hub(hub):
        blog.write("b", "乙", "life", "改了")
        assert main(["build"]) == 0 and hub.pings()
    capsys.readouterr()
    main(["check"])
    assert "was not told" not in capsys.readouterr().out


def test_check_names_what_no_engine_takes(
    blog: Blog, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (blog.folder / "feeds.toml").write_text(
        f'base_url = "{BASE}feeds/"\nhome_page_url = "{BASE}"\npermalink = ":year/:title/"\n[push]\nindexnow_key = "0123456789abcdef"\n'
    )
    monkeypatch.chdir(blog.folder)
    assert main(["check", "--json"]) == 0
    codes = [one["code"] for one in json.loads(capsys.readouterr().out)["problems"]]
    assert "push-outside" in codes


def test_diff_and_explain_say_who_would_be_told(
    blog: Blog, hub: Hub, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_settings(blog, hub, 'indexnow_key = "0123456789abcdef"\nindexnow_url = "https://index.example.org/"\n')
    monkeypatch.chdir(blog.folder)
    main(["diff", "--json"])
    report = json.loads(capsys.readouterr().out)["told"]
    assert report == {hub.url: 9, "https://index.example.org/": 2} and not hub.calls
    hub.mode = "500"
    main(["build"])
    capsys.readouterr()
    main(["explain", "category/tech", "--json"])
    facts = json.loads(capsys.readouterr().out)
    assert hub.url in facts["push"] and "it failed: it answered 500" in facts["push"][hub.url]


# the server


def test_content_reaches_a_subscriber(tmp_path: Path, hub: Hub) -> None:
    """The whole of WebSub: discovery by Link header and document, a verified subscription, an edit, the new content, signed."""
    blog = Blog(tmp_path)
    port = web_servers.free_port()
    base = f"http://127.0.0.1:{port}/"
    (tmp_path / "feeds.toml").write_text(
        f'base_url = "{base}"\ntaxonomies = ["category"]\nhubs = ["{hub.url}"]\n[push]\nafter_build = false\n'
    )
    command = [sys.executable, "-m", "feeds", "serve", "--port", str(port)]
    with web_servers.running(command, port, tmp_path / "server.log") as server:
        server.wait_for("/rss.xml")
        until(lambda: len(hub.pings()) == 9)
        for name in ("category/life/rss.xml", "category/life/atom.xml", "category/life/feed.json"):
            subscriber = Subscriber(base + name)
            with running_subscriber(subscriber):
                subscriber.subscribe()
                until(lambda wanted=base + name: any(topic == wanted for topic, _ in hub.subscriptions))
                blog.write("b", "乙", "life", f"改了 {name}")
                wanted = f"改了 {name}".encode()
                until(lambda reader=subscriber, wanted=wanted: any(wanted in body for _, body in reader.received))
                assert not subscriber.refused
                assert subscriber.received[-1][0].startswith(server.ask(f"/{name}").headers["content-type"].partition(";")[0])
                hub.subscriptions.clear()
        assert hub.errors == []
    assert not [call for call in hub.calls if "category/tech" in call.form.get("hub.url", "")][3:], "tech was told of once"


def test_the_server_goes_on_while_a_hub_is_down_and_tells_it_later(tmp_path: Path) -> None:
    hub = Hub(port=web_servers.free_port())
    Blog(tmp_path)
    port = web_servers.free_port()
    (tmp_path / "feeds.toml").write_text(f'base_url = "http://127.0.0.1:{port}/"\nhubs = ["{hub.url}"]\n')
    command = [sys.executable, "-m", "feeds", "serve", "--port", str(port)]
    with web_servers.running(command, port, tmp_path / "server.log") as server:
        server.wait_for("/rss.xml")
        until(lambda: "was not told of changes" in server.log_text())
        assert server.ask("/rss.xml").status == 200 and "Traceback" not in server.log_text()
        with Outbox(tmp_path / ".feeds")._changing() as contents:
            assert contents.messages
            contents.messages = {key: replace(message, due=1) for key, message in contents.messages.items()}
        with running_hub(hub):
            until(lambda: hub.pings())


def test_generated_header_maps_name_hub_and_self(blog: Blog, hub: Hub) -> None:
    """WebSub section 4 for static hosts: the same Link headers as the server's."""
    settings = replace(blog.settings(hub.url), header_maps=("nginx", "caddy", "netlify"))
    publish(settings)
    for host, pattern in (("nginx", ".feeds-headers/nginx*"), ("caddy", ".feeds-headers/*addy*"), ("netlify", "_headers")):
        text = "".join(path.read_text() for path in (blog.folder / "public").glob(pattern) if path.is_file())
        assert hub.url in text and f"{BASE}rss.xml" in text and "hub" in text and "self" in text, host
