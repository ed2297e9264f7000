"""A preview for the author: in come the site's settings, out go settings that build it aside, and pages that reload.

What subscribers have is not touched: the ledger is a copy, the output a folder of its own, and hubs are told nothing.
Must not know sockets.
"""

from __future__ import annotations

import html
import os
import re
import shutil
import sqlite3
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from markupsafe import escape

from feeds import cache, http_headers, system
from feeds.errors import RefusedError, SettingsError
from feeds.lazy_patterns import lazy_pattern
from feeds.settings import Settings
from feeds.state_folder import LEDGER
from feeds.urls import encode_path

#: Where a page asks for the event that tells it to reload.
EVENTS = "/.feeds-preview"
#: A page says within so many seconds that it is still there: proxies and this server close silent connections.
HEARTBEAT_SECONDS = 15.0
_FOLDER = "preview"
#: Kept from one preview to the next: the cache, which only saves time, and the lock.
_KEPT = frozenset({cache.FILE_NAME, "lock"})
_META = lazy_pattern(rb'<meta http-equiv="Content-Security-Policy" content="([^"<>]{0,4000})">')

#: The page that is shown until there is a generation.
WAITING = b"""<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Preview</title></head>
<body></body>
</html>
"""

_STYLE = """
#feeds-preview{position:fixed;inset:auto 0 0;z-index:9;max-height:40vh;overflow:auto;margin:0;padding:.5rem 1rem;
font:.875rem/1.5 system-ui,sans-serif;text-align:start;color:#fff;background:#1c1c1e;border-top:3px solid #2f9e44}
#feeds-preview.warns{border-color:#e03131}#feeds-preview ul{margin:.25rem 0;padding-inline-start:1.25rem}
#feeds-preview li{margin:0;overflow-wrap:anywhere}#feeds-preview summary{cursor:pointer}
body:has(#feeds-preview){padding-bottom:4rem}@media print{#feeds-preview{display:none}}
"""
#: A tab that nobody sees keeps no connection; one whose server is away asks again every second or so, as browsers do.
_SCRIPT = """
const bar = document.getElementById("feeds-preview");
let events = null;
function listen() {
  if (events || document.hidden) return;
  events = new EventSource(bar.dataset.events);
  events.addEventListener("reload", () => { events.close(); location.reload(); });
}
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) listen();
  else if (events) { events.close(); events = null; }
});
listen();
"""


@dataclass(frozen=True, slots=True)
class PreviewNote:
    """What the author is told of the last build: one line, details, and whether something needs attention."""

    line: str
    details: tuple[str, ...] = ()
    warns: bool = False


#: Makes a note of what subscribers would see (`feeds.preview.diff.summary`), why the last build failed ("" if it did
#: not), and posts with errors as sentences.
Describe = Callable[[Mapping[str, Any], str, Sequence[str]], PreviewNote]


@dataclass(frozen=True, slots=True)
class Preview:
    """The site as it is published, and how its author is told of builds."""

    site: Settings
    describe: Describe


def settings_of(settings: Settings) -> Settings:
    """The settings with which a preview of the site is built; what browsers have is never stale."""
    return replace(
        settings, state=settings.state / _FOLDER, max_age_seconds=1, stale_while_revalidate_seconds=0, stale_if_error_seconds=0
    )


def prepare(settings: Settings) -> int:
    """Begin a preview from what is published: its ledger is copied, what an earlier preview left is removed.

    Returns an open file that is to be held as long as the preview lasts. Raises OSError, RefusedError if another one of
    the site runs, SettingsError if the ledger cannot be read.
    """
    state = settings.state / _FOLDER
    settings.state.mkdir(parents=True, exist_ok=True)
    state.mkdir(mode=0o700, exist_ok=True)
    handle = os.open(state / "lock", os.O_RDWR | os.O_CREAT | system.PRIVATE, 0o600)
    if not system.try_lock(handle):
        os.close(handle)
        raise RefusedError("a preview of this site is running already", where=str(settings.state), fix="stop it first")
    for path in state.iterdir():
        if path.name not in _KEPT:
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    ledger = settings.state / LEDGER
    if ledger.is_file():
        _copy(ledger, state / LEDGER)
    return handle


def _copy(ledger: Path, copy_path: Path) -> None:
    try:
        with (
            closing(sqlite3.connect(f"{ledger.absolute().as_uri()}?mode=ro", uri=True)) as source,
            closing(sqlite3.connect(copy_path)) as copy,
        ):
            source.backup(copy)
    except sqlite3.Error as error:
        raise SettingsError((f"{ledger}: the ledger cannot be read: {error}; `feeds build` says what to do",)) from error


def front_page(settings: Settings) -> str:
    """The path of the site's front page, of its first feed if it has no pages, percent-encoded."""
    paths = settings.paths
    if settings.pages is not False:
        name = "" if paths.html == "index.html" else paths.html
        below = f"{settings.page_folder}{paths.site}{name}"
    else:
        below = paths.site + getattr(paths, settings.formats[0], "")
    return urlsplit(settings.base_url + encode_path(below)).path or "/"


def local(url: str, base_url: str) -> str:
    """An address of the site as a path on this server; others as they are."""
    base, wanted = urlsplit(base_url), urlsplit(url)
    if (base.scheme, base.netloc) != (wanted.scheme, wanted.netloc):
        return url
    return wanted._replace(scheme="", netloc="").geturl() or "/"


def page(body: bytes, note: PreviewNote, token: str) -> tuple[bytes, str]:
    """A page with the note and the script that reloads it, and the policy under which both work.

    The page's own policy, as its `<meta>` says it, is kept but for these two and the connection to this server.
    """
    match = _META.search(body)
    if match is not None:
        policy = html.unescape(match[1].decode())
        body = body[: match.start()] + body[match.end() :]
    else:
        policy = http_headers.content_security_policy("html")
    style, script = _digest(_STYLE), _digest(_SCRIPT)
    policy = _allowed(_allowed(policy, "style-src", style), "script-src", script) + "; connect-src 'self'"
    details = "".join(f'<li dir="auto">{escape(text)}</li>' for text in note.details)
    line = escape(note.line)
    shown = f"<details><summary>{line}</summary><ul>{details}</ul></details>" if details else line
    bar = (
        f'<aside id="feeds-preview"{" class=warns" if note.warns else ""} data-events="{EVENTS}?{token}">{shown}</aside>'
        f"<style>{_STYLE}</style><script>{_SCRIPT}</script>"
    )
    head, end, tail = body.rpartition(b"</body>")
    return (head + bar.encode() + end + tail if end else body + bar.encode()), policy


def _digest(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _allowed(policy: str, directive: str, source: str) -> str:
    """The policy with one more source in a directive (CSP 3 section 2.2.1)."""
    if not re.search(rf"(?:^|;)\s*{directive}\s", policy):
        return f"{policy}; {directive} {source}"
    return re.sub(rf"((?:^|;)\s*{directive}\s)", rf"\g<1>{source} ", policy, count=1)
