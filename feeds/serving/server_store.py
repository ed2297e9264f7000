"""What belongs to one server: the settings with which it builds, its store below the state folder, and whose that is.

In come settings, out go paths and errors. Must not know snapshots or builds.
"""

from __future__ import annotations

import json
import logging
import os
import tempfile
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from feeds import system
from feeds.errors import RefusedError
from feeds.settings import Settings, fingerprint

LOG = logging.getLogger("feeds.serving")


def served(settings: Settings, folder: Path) -> Settings:
    """The settings with which a server builds: into a private folder, with nothing that is for other servers."""
    push = replace(settings.push, after_build=True)
    return replace(
        settings, output=folder, output_mode="exchange", precompress=(), header_maps=(), push=push, moved_documents=False
    )


def note_site(store: Path, settings: Settings) -> None:
    """Write down which site the server of this store builds."""
    with suppress(OSError):
        (store / "site.json").write_text(json.dumps({"settings": fingerprint(settings), "posts": str(settings.posts)}))


def check_state(settings: Settings) -> None:
    """Raise RefusedError if a running server with other settings uses the state folder."""
    store = store_of(settings.state / "serve", None)
    refuse_other_site(store, served(settings, store / "public"))


def refuse_other_site(store: Path, settings: Settings) -> None:
    """Raise RefusedError if a running server builds another site, or this one with other settings, in the store."""
    try:
        noted = json.loads((store / "site.json").read_bytes())
        handle = os.open(store / "leader.lock", os.O_RDWR | system.PRIVATE)
    except (OSError, ValueError):
        return
    try:
        same = (noted.get("settings"), noted.get("posts")) == (fingerprint(settings), str(settings.posts))
        if not same and not system.try_lock(handle):
            raise RefusedError(
                f"a server with other settings is running: it serves {noted.get('posts')}",
                where=str(settings.state),
                fix="stop it, or give this one another folder with --state",
            )
    finally:
        os.close(handle)


def store_of(wanted: Path | None, folder: Path | None) -> Path:
    """Where the pack lies: one for each folder of somebody else's; a private one where all else fails."""
    from hashlib import sha256

    if wanted is None:
        assert folder is not None  # noqa: S101  the caller has one of the two
        wanted = folder.parent / f".{folder.name}.serve"
    elif folder is not None:
        wanted = wanted / sha256(os.fsencode(folder)).hexdigest()[:12]
    try:
        wanted.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=wanted):
            return wanted
    except OSError as error:
        LOG.warning("%s cannot be written (%s): each worker keeps a pack of its own", wanted, error.strerror)
        return Path(tempfile.mkdtemp(prefix="feeds-serve-"))
