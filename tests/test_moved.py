"""Addresses that have moved or ended, as settings name them: no line end gets through, and every map has them percent-encoded."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from feeds.build import run
from feeds.errors import SettingsError
from feeds.settings import load

TOML = 'base_url = "https://e.example/blog/"\nheader_maps = ["nginx", "caddy", "netlify"]\n'


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "posts").mkdir()
    (tmp_path / "posts" / "a.md").write_text("---\ntitle: a\ndate: 2020-01-01\ncategories: 技术\n---\nx", "utf-8")
    return tmp_path


@pytest.mark.parametrize(
    "value", ["a\\r\\nX-Evil: 1", "a\\nb", "a%0d%0ab", "a\\tb", "a\\u0085b", "a\\u2028b", "%00", "a\\u007fb"]
)
@pytest.mark.parametrize(
    "form",
    [
        '[moved]\n"old.xml" = "{value}"',
        '[moved]\n"{value}" = "new.xml"',
        'retired = ["{value}"]',
        '[moved]\n"old.xml" = "https://e.example/{value}"',
    ],
)
def test_no_control_character_gets_into_a_header(site: Path, value: str, form: str) -> None:
    """It would be a header line, or a rule, of its own."""
    (site / "feeds.toml").write_text(TOML + form.replace("{value}", value), "utf-8")
    try:
        settings = load(environ={}, flags={}, cwd=site)
    except SettingsError as error:
        assert all(mistake.isprintable() for mistake in error.mistakes)
        return
    # An address of another host is normalised as browsers do.
    assert "https" in form and all(character.isprintable() for url in settings.moved.values() for character in url)


def test_every_map_has_the_same_encoded_address(site: Path) -> None:
    """As the server answers it (RFC 9110 section 10.2.2 wants a URI reference)."""
    (site / "feeds.toml").write_text(TOML + '[moved]\n"t.xml" = "category/技术/rss.xml"\n"旧 的.xml" = "a b%.xml"\n', "utf-8")
    outcome = run.publish(load(environ={}, flags={}, cwd=site), datetime(2026, 1, 1, tzinfo=UTC))
    new = ["https://e.example/blog/category/%E6%8A%80%E6%9C%AF/rss.xml", "https://e.example/blog/a%20b%25.xml"]
    assert sorted(outcome.switched.manifest.moved.values()) == sorted(new)
    maps = [*(site / "public/.feeds-headers").iterdir(), site / "public/_redirects"]
    found = [path for path in maps if all(url in path.read_text("utf-8") for url in new)]
    assert len(found) >= 3, maps
