"""The ledger's file: in comes a state folder, out goes an open database, or an error that leaves the file as it is.

Made aside and moved into its place, checked before it is trusted, and copied after each change: the copy carries the
ledger's modification time, so a ledger that anything else has touched is checked whole. Knows nothing of posts.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from feeds.errors import LedgerError, machine_fix

if TYPE_CHECKING:
    import sqlite3

NAME, BACKUP, DAMAGED, FORMER = "ledger.sqlite", "ledger.backup.sqlite", "ledger.damaged.sqlite", "ledger.former.sqlite"
#: How long another program may hold the file before we give up.
PATIENCE_SECONDS = 5.0
#: `PRAGMA user_version`: moves with the schema.
VERSION = 1
#: `PRAGMA application_id`: "fled", so that no other program's database passes for a ledger.
_APPLICATION = 0x666C6564
_MAGIC = b"SQLite format 3\0"
_SCHEMA = """
CREATE TABLE posts (
  key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, slug TEXT NOT NULL UNIQUE, claim TEXT, path TEXT NOT NULL,
  text TEXT NOT NULL, seen INTEGER NOT NULL, out INTEGER NOT NULL, first_seen INTEGER, published INTEGER,
  updated INTEGER, out_text TEXT, page INTEGER NOT NULL, born INTEGER NOT NULL);
CREATE INDEX claims ON posts (claim) WHERE claim IS NOT NULL;
CREATE TABLE texts (key INTEGER PRIMARY KEY, title TEXT NOT NULL, sketch BLOB NOT NULL);
CREATE TABLE undo (
  key INTEGER PRIMARY KEY, out INTEGER NOT NULL, first_seen INTEGER, published INTEGER, updated INTEGER, out_text TEXT);
CREATE TABLE retired (id TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE terms (
  taxonomy TEXT, key TEXT, slugs TEXT NOT NULL, label TEXT NOT NULL, PRIMARY KEY (taxonomy, key)) WITHOUT ROWID;
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""
_MEND = "feeds ledger restore brings back the copy of the last good one"


def damaged(path: Path, what: str) -> LedgerError:
    """The error for a ledger that cannot be used, with the way back."""
    if path.name == NAME and (path.parent / BACKUP).exists():
        fix = _MEND
    else:
        fix = (
            "there is no copy of an earlier one; move it away: the next build takes ids and dates from the manifest of what is "
            "published, `feeds ledger adopt` from a published feed"
        )
    return LedgerError(f"the ledger {what}; it is left as it is", where=str(path), fix=fix)


def refusal(path: Path, error: sqlite3.Error) -> LedgerError:
    """What an error of SQLite means: a damaged file, or one that the operating system does not let us use."""
    name = getattr(error, "sqlite_errorname", "")
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")) or "decode" in str(error) or "no such" in str(error):
        return damaged(path, f"is damaged: {error}")
    fix = (
        "another program has it open: end that one, and run it again" if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")) else ""
    )
    return LedgerError(f"the ledger cannot be used: {error}", where=str(path), fix=fix)


def _connect(path: Path) -> sqlite3.Connection:
    import sqlite3

    base = sqlite3.connect(path, isolation_level=None, timeout=PATIENCE_SECONDS)
    base.execute("PRAGMA synchronous=FULL")
    return base


def check(path: Path, *, whole: bool) -> None:
    """Raise LedgerError unless the file is a ledger that this version can read; `whole` reads all of it."""
    import sqlite3

    try:
        with path.open("rb") as stream:
            head = stream.read(len(_MAGIC))
    except OSError as error:
        raise LedgerError(f"the ledger cannot be read: {error.strerror}", where=str(path), fix=machine_fix(error)) from error
    if not head:
        raise damaged(path, "is empty")
    if head != _MAGIC:
        raise damaged(path, "is damaged: it is not a database")
    base = None
    try:
        base = _connect(path)
        (application,) = base.execute("PRAGMA application_id").fetchone()
        (version,) = base.execute("PRAGMA user_version").fetchone()
        if application != _APPLICATION:
            raise damaged(path, "is damaged: it is another program's database")
        if version > VERSION:
            raise LedgerError(
                f"the ledger is from a newer version ({version}, this one reads {VERSION}); it is left as it is",
                where=str(path),
                fix="install that version again, or feeds ledger restore brings back the copy of the last good one",
            )
        if whole:
            (result,) = base.execute("PRAGMA integrity_check(1)").fetchone()
            if result != "ok":
                raise damaged(path, f"is damaged: {' '.join(result.split())}")
        base.execute("SELECT count(*) FROM meta").fetchone()
    except sqlite3.Error as error:
        raise refusal(path, error) from error
    finally:
        if base is not None:
            base.close()


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        result = path.stat()
    except FileNotFoundError:
        return None
    return result.st_size, result.st_mtime_ns


def stamp(folder: Path) -> tuple[int, int] | None:
    """Size and modification time of the ledger, None where there is none."""
    return _stamp(folder / NAME)


def is_backed_up(folder: Path) -> bool:
    """Whether the copy is of the ledger as it is: nobody but us has written since."""
    return _stamp(folder / NAME) == _stamp(folder / BACKUP)


def open_file(folder: Path) -> sqlite3.Connection | None:
    """The folder's ledger, checked; None where there is none yet."""
    path = folder / NAME
    if _stamp(path) is None:
        return None
    check(path, whole=not is_backed_up(folder))
    return _connect(path)


def tidy(folder: Path) -> None:
    """Take away what a killed run left of a ledger in the making. Only for a caller that holds the build's lock."""
    for ending in (".new", ".new-journal"):
        (folder / (NAME + ending)).unlink(missing_ok=True)


def create(folder: Path) -> sqlite3.Connection:
    """A new ledger aside, in one open transaction; `settle_new` gives it its place."""
    folder.mkdir(parents=True, exist_ok=True)
    tidy(folder)
    path = folder / (NAME + ".new")
    path.touch(mode=0o600)  # SQLite keeps the mode of what is there
    base = _connect(path)
    base.executescript(f"PRAGMA application_id={_APPLICATION}; PRAGMA user_version={VERSION}; {_SCHEMA}")
    base.execute("BEGIN IMMEDIATE")
    return base


def settle_new(folder: Path, base: sqlite3.Connection) -> sqlite3.Connection:
    """Give a new, committed ledger its place. The copy of a ledger that was lost is kept under another name."""
    base.close()
    if (folder / BACKUP).exists():
        (folder / BACKUP).replace(folder / FORMER)
    # A journal without its ledger would be played back into this one.
    (folder / (NAME + "-journal")).unlink(missing_ok=True)
    (folder / (NAME + ".new")).replace(folder / NAME)
    _sync(folder)
    return _connect(folder / NAME)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def back_up(folder: Path) -> None:
    """Keep a copy of the ledger as it is now. Not synced: it is wanted only where the ledger, which is, has failed.

    Where the disk has no room for it there is none, and the next run checks the ledger whole.
    """
    aside = folder / (BACKUP + ".new")
    try:
        shutil.copyfile(folder / NAME, aside)
        touch_copy(folder, aside)
        aside.replace(folder / BACKUP)
    except OSError:
        aside.unlink(missing_ok=True)


def touch_copy(folder: Path, copy: Path | None = None) -> None:
    """Give the copy the ledger's time: it was we who wrote last."""
    result = (folder / NAME).stat()
    copy = copy or folder / BACKUP
    if copy.exists():
        os.utime(copy, ns=(result.st_atime_ns, result.st_mtime_ns))


def put_aside(folder: Path) -> None:
    """Keep what is there before another ledger takes its place: a good one as the copy, a bad one as damaged."""
    path = folder / NAME
    if not path.exists():
        return
    try:
        check(path, whole=True)
    except LedgerError:
        shutil.copy2(path, folder / DAMAGED)
    else:
        back_up(folder)


def restore(folder: Path) -> Path | None:
    """Put the copy of the last good ledger in the ledger's place; returns where the one it replaces now lies.

    If the ledger still equals its copy, the ledger before it is wanted: one that was
    lost, or that an import replaced. Raises LedgerError where there is no copy, or it is damaged too; nothing has changed
    then.
    """
    copy, away = folder / BACKUP, folder / DAMAGED
    if is_backed_up(folder) and (folder / FORMER).exists():
        copy = away = folder / FORMER
    if not copy.exists():
        raise LedgerError("there is no copy of a ledger to restore", where=str(copy))
    check(copy, whole=True)
    aside = folder / (NAME + ".new")
    shutil.copy2(copy, aside)
    _sync(aside)
    moved = None
    if (folder / NAME).exists():
        moved = away
        moved.unlink(missing_ok=True)
        shutil.copy2(folder / NAME, moved)
    if (folder / (NAME + "-journal")).exists():
        (folder / (NAME + "-journal")).replace(folder / (DAMAGED + "-journal"))
    aside.replace(folder / NAME)
    _sync(folder)
    if copy != folder / BACKUP:
        back_up(folder)
    return moved
