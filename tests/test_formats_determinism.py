"""The same model gives the same bytes on every machine (X-6, REL-1)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent

_PRINT = """
import hashlib, locale, sys
locale.setlocale(locale.LC_ALL, "")
sys.path[:0] = [{here!r}, {root!r}]
from samples import a_feed, awkward, many, whole, an_entry
from sample_pages import entry_document, feed_document
from feeds.formats import opml
feed = a_feed([*many(5), *awkward()], hubs=("https://hub.example/",))
site = a_feed(path="")
documents = [whole(feed, name) for name in ("rss", "atom", "json")]
documents.append(opml.document("x", [site, feed], feed.updated))
documents.append(feed_document(feed))
documents.append(entry_document(an_entry(), site, [feed]))
print(" ".join(hashlib.sha256(one).hexdigest() for one in documents))
print(locale.setlocale(locale.LC_TIME))
"""


def digests(**environment: str) -> tuple[str, str]:
    """The digests of one document of each kind, and the locale in which they were made."""
    code = _PRINT.format(here=str(HERE), root=str(HERE.parent))
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env={**os.environ, **environment}, check=False
    )
    if "unsupported locale" in done.stderr:
        pytest.skip(f"no locale {environment['LC_ALL']} here")
    assert done.returncode == 0, done.stderr
    first, second = done.stdout.splitlines()
    return first, second


HOME = {"TZ": "UTC", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "0"}


@pytest.mark.parametrize(
    "elsewhere",
    [
        {"TZ": "Asia/Shanghai"},
        {"TZ": "America/St_Johns", "PYTHONHASHSEED": "1"},
        {"PYTHONHASHSEED": "4242", "PYTHONUTF8": "0"},
        {"LC_ALL": "zh_CN.UTF-8"},
    ],
    ids=lambda one: " ".join(one.values()),
)
def test_every_document_is_the_same_elsewhere(elsewhere: dict[str, str]) -> None:
    """Time zone, hash seed and locale decide nothing; RSS-7 in a Chinese locale."""
    here, _ = digests(**HOME)
    there, where = digests(**{**HOME, **elsewhere})
    assert there == here
    assert where == elsewhere.get("LC_ALL", "C.UTF-8")
