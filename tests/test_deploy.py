"""What docs/deploy.md recommends, tried as it stands: units, proxies with and without a cache."""

from __future__ import annotations

import gzip
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import web_servers
import yaml
from web_servers import Server

PAGE = (web_servers.ROOT / "docs" / "deploy.md").read_text("utf-8")
FIELDS = ("etag", "last-modified", "cache-control", "vary", "link", "content-type", "content-security-policy")


def test_units_are_what_systemd_reads(tmp_path: Path) -> None:
    """Every unit of the page, under the name that its comment gives."""
    analyze = web_servers.program("systemd-analyze")
    units = []
    for block in re.findall(r"```ini\n(.*?)```", PAGE, re.DOTALL):
        for name, text in re.findall(r"# /etc/systemd/system/(\S+)\n(.*?)(?=\n# /etc|\Z)", block, re.DOTALL):
            unit = tmp_path / name
            unit.write_text(re.sub(r"=/usr/(?:local/)?bin/\w+", f"={sys.executable}", text), "utf-8")
            units.append(unit)
    assert {unit.name for unit in units} >= {
        "feeds.service",
        "feeds.timer",
        "feeds-serve.service",
        "feeds-serve.socket",
        "feeds-reload.path",
        "feeds-reload.service",
    }
    result = subprocess.run([analyze, "verify", "--man=no", *map(str, units)], capture_output=True, text=True)
    ours = [line for line in (result.stdout + result.stderr).splitlines() if "feeds" in line]
    assert not [line for line in ours if re.search(r"Unknown|Invalid|Failed to parse|bad unit", line, re.IGNORECASE)], (
        result.stderr
    )


def test_units_are_hardened(tmp_path: Path) -> None:
    """Their exposure is below 3 of 10, they run as a user of their own, and a post with errors is not a failed unit."""
    analyze = web_servers.program("systemd-analyze")
    for name in ("feeds.service", "feeds-serve.service"):
        text = re.search(rf"# /etc/systemd/system/{name}\n(.*?)(?=\n# /etc|```)", PAGE, re.DOTALL)
        assert text is not None and "User=feeds\n" in text[1]
        (tmp_path / name).write_text(re.sub(r"=/usr/(?:local/)?bin/\w+", f"={sys.executable}", text[1]), "utf-8")
        command = [analyze, "security", "--offline=yes", "--threshold=30", name]
        done = subprocess.run(
            command, capture_output=True, text=True, env={"SYSTEMD_UNIT_PATH": f"{tmp_path}:", "PATH": "/usr/bin"}
        )
        if "Failed to" in done.stderr and "exposure" not in done.stdout:
            pytest.skip(f"systemd-analyze security does not run here: {done.stderr}")
        assert done.returncode == 0, done.stdout[-300:] + done.stderr
    assert "SuccessExitStatus=1\n" in PAGE and "Type=notify\n" in PAGE


def test_alerts_name_metrics_that_exist() -> None:
    """Each expression of the page, against what the server tells."""
    source = "".join(
        (web_servers.ROOT / "feeds" / "serving" / name).read_text("utf-8") for name in ("prometheus.py", "metrics.py")
    )
    rules = re.search(r"```yaml\n(groups:.*?)```", PAGE, re.DOTALL)
    assert rules is not None
    alerts = yaml.safe_load(rules[1])["groups"][0]["rules"]
    assert len(alerts) >= 5
    for alert in alerts:
        names = re.findall(r"feeds_[a-z_]+", alert["expr"])
        assert names and all(f'"{name.removesuffix("_total")}"' in source for name in names), alert


def test_the_cron_line_reloads_when_the_maps_have_changed(tmp_path: Path) -> None:
    """In dash, which is cron's shell on Debian, with an empty /run as after a boot; a failed reload is tried again."""
    shell = web_servers.program("dash")
    cron = re.search(r"```cron\n\* \* \* \* \*  (.*)\n```", PAGE)
    assert cron is not None
    maps, run, called = tmp_path / "maps", tmp_path / "run", tmp_path / "called"
    maps.mkdir()
    run.mkdir()
    line = cron[1].replace("/srv/blog/public/.feeds-headers", str(maps)).replace("/run/", f"{run}/")
    reload = tmp_path / "nginx"
    reload.write_text(f'#!/bin/sh\necho "$@" >> {called}\ntest ! -e {tmp_path}/fails\n')
    reload.chmod(0o755)

    def reloads() -> int:
        before = len(called.read_text().splitlines()) if called.exists() else 0
        done = subprocess.run([shell, "-c", line], env={"PATH": f"{tmp_path}:/usr/bin:/bin"}, capture_output=True, text=True)
        assert (done.stdout, done.stderr) == ("", "")
        return (len(called.read_text().splitlines()) if called.exists() else 0) - before

    for name in ("nginx-http.conf", "nginx-server.conf"):
        (maps / name).write_text("one")
    assert [reloads(), reloads(), reloads()] == [1, 0, 0]
    for name in ("nginx-http.conf", "nginx-server.conf"):
        (maps / name).write_text("two")
        assert [reloads(), reloads()] == [1, 0]
    (maps / "nginx-http.conf").write_text("ten")
    (tmp_path / "fails").touch()
    assert [reloads(), reloads()] == [1, 1]
    (tmp_path / "fails").unlink()
    assert [reloads(), reloads()] == [1, 0]


@pytest.fixture(scope="module")
def upstream(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    site = tmp_path_factory.mktemp("site")
    (site / "posts").mkdir()
    for number in range(3):
        (site / f"posts/{number}.md").write_text(
            f"---\ntitle: 第{number}篇\ndate: 2021-01-0{number + 1}\ncategories: [技术]\n---\n" + "正文，" * 400, "utf-8"
        )
    arguments = (site / "posts", "--base-url", "https://example.org/", "--state", site / "state")
    with web_servers.feeds_serve(*arguments, log=site / "log") as server:
        server.wait_for("/rss.xml")
        yield server


@pytest.mark.parametrize("given", ["nginx-proxy.conf", "nginx-proxy.conf without a cache", "Caddyfile-proxy"])
def test_a_proxy_says_what_we_say(upstream: Server, tmp_path: Path, given: str) -> None:
    """Bodies, validators and 304 come through, with each coding its own; unknown paths and methods as well."""
    name = given.split(maxsplit=1)[0]
    program = web_servers.program("nginx" if name.startswith("nginx") else "caddy")
    port = web_servers.free_port()
    web_servers.readable(tmp_path)
    config = web_servers.example(name, tmp_path, port=port, upstream=upstream.port)
    if given.endswith("without a cache"):
        config.write_text(re.sub(r"^\s*proxy_cache.*\n", "", config.read_text(), flags=re.MULTILINE))
    nginx = [program, "-c", config, "-g", "daemon off;"]
    command = nginx if name.startswith("nginx") else [program, "run", "--adapter", "caddyfile", "--config", config]
    homes = {key: str(tmp_path) for key in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME")}
    with web_servers.running(command, port, tmp_path / "log", **homes) as proxy:
        for path in ("/rss.xml", "/atom.xml", "/feed.json", "/", "/category/%E6%8A%80%E6%9C%AF/rss.xml", "/feeds.opml"):
            for _ in range(2):
                ours, theirs = upstream.ask(path), proxy.ask(path)
                assert (theirs.status, theirs.body) == (200, ours.body)
                assert {field: theirs.headers.get(field) for field in FIELDS} == {
                    field: ours.headers.get(field) for field in FIELDS
                }
                packed = proxy.ask(path, {"Accept-Encoding": "gzip"})
                assert packed.headers["content-encoding"] == "gzip" and gzip.decompress(packed.body) == ours.body
                assert (
                    packed.headers["etag"]
                    == upstream.ask(path, {"Accept-Encoding": "gzip"}).headers["etag"]
                    != ours.headers["etag"]
                )
                for tag in (ours.headers["etag"], packed.headers["etag"]):
                    again = proxy.ask(
                        path,
                        {"If-None-Match": tag, "Accept-Encoding": "gzip"}
                        if tag != ours.headers["etag"]
                        else {"If-None-Match": tag},
                    )
                    assert (again.status, again.body) == (304, b"")
        for odd in ("//rss.xml", "/x/../rss.xml", "/./rss.xml", "/category/%E6%8A%80%E6%9C%AF%2Frss.xml"):
            # What the server says of an odd spelling is not kept as the answer for the feed.
            proxy.ask(odd)
            assert proxy.ask("/rss.xml").status == 200
            assert proxy.ask("/category/%E6%8A%80%E6%9C%AF/rss.xml").status == 200
        assert proxy.ask("/nothing").status == 404
        assert proxy.ask("/rss.xml", method="POST", body=b"x").status == 405
        negotiated = proxy.ask("/feed", {"Accept": "application/atom+xml"}).headers["content-type"]
        assert negotiated.startswith("application/atom+xml") and proxy.ask("/feed").headers["content-type"].startswith(
            "application/rss+xml"
        )
