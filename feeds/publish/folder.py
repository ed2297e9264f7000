"""A folder as a target: in come resources, out goes a folder that is always one whole generation.

Three ways to switch, chosen by what the folder is: two folders exchanged in one system call, a symbolic link moved, or file by
file with a journal where other people's files lie in it too. Files that are not ours are never touched.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from feeds import MANIFEST_NAME
from feeds.errors import PublishError, RefusedError
from feeds.formats import PAGES
from feeds.publish import MAPS_FOLDER, Extras, GenerationFacts, TargetResult, disk
from feeds.publish.manifest import Manifest, PublishedDocument
from feeds.publish.old_generations import OldGenerations
from feeds.publish.records import Records
from feeds.publish.resources import Resource
from feeds.publish.stage import ENDINGS, StagedGeneration, Staging, is_there, read_manifest, refused, stage

_STAGING = ".feeds-next"


class FolderTarget:
    """One output folder. `mode` is "auto", "exchange", "symlink" or "files"; `keep_seconds` is how long an old generation
    stays beside it. The caller must hold the build's lock.
    """

    def __init__(
        self, output: Path, state: Path, *, mode: str = "auto", precompress: Sequence[str] = (), keep_seconds: int = 3600
    ) -> None:
        self.output, self.state, self.mode = output, state, mode
        self.precompress = tuple(precompress)
        #: Old and next generations lie beside the output, on its file system.
        self.beside = output.parent / f".{output.name}.feeds"
        key = sha256(os.fsencode(output)).hexdigest()[:12]
        self.records = Records(state / "published" / key)
        self.old = OldGenerations(self.beside, keep_seconds)

    # what is live

    def last(self) -> Manifest | None:
        """The live generation's manifest; first what an interrupted run left is finished, or removed."""
        try:
            self._recover()
        except OSError as error:
            raise refused(self.output, error) from error
        return self._live()

    def _live(self) -> Manifest | None:
        result = read_manifest(self.output)
        if result is not None:
            return result
        # The folder's own generator may have emptied it: our copy still knows when each document last changed.
        return self.records.copy()

    def _recover(self) -> None:
        if self.records.journal.exists():
            self._play(json.loads(self.records.journal.read_bytes()))
        self.records.tidy()
        disk.remove_tree(self.output / _STAGING)
        beside = sorted(os.listdir(self.beside)) if self.beside.is_dir() else []  # noqa: PTH208
        away = next((name for name in beside if name.startswith("away-")), None)
        if away is not None and not os.path.lexists(self.output):
            # Between its two renames a switch without an exchange was cut off.
            (self.beside / away).rename(self.output)
            beside.remove(away)
        live = read_manifest(self.output)
        target = self.output.resolve().name if self.output.is_symlink() else ""
        for name in beside:
            if not name.startswith(("next-", "generation-", "away-")) or name == target:
                continue
            if (self.beside / name).is_symlink():
                (self.beside / name).unlink()
                continue
            # A generation of before was switched away, and the run ended before it could be put with the old ones.
            was = read_manifest(self.beside / name)
            older = live is not None and was is not None and was.generation < live.generation
            self.old.keep(self.beside / name, was if older else None)

    # publishing

    def publish(self, resources: Sequence[Resource], facts: GenerationFacts, *, extras: Extras | None = None) -> TargetResult:
        """Make every document, check each, then switch. Raises RenderError or PublishError with nothing changed."""
        last = self.last()
        try:
            theirs = self._theirs(last)
            mode = self._mode(last, theirs)
            folder = self.output / _STAGING if mode == "files" else self.beside / f"next-{os.getpid()}"
            wanted, left = self._ours(resources, last, theirs) if mode == "files" else (list(resources), ())
            notices = self.records.note_left(left)
            if mode != "files":
                # A web server follows the output's link through this folder; otherwise no other user needs access.
                disk.make_private(self.beside, passable=mode == "symlink")
            try:
                staging = Staging(
                    folder, self.output, last, self.records.gone(), self.precompress, extras, self.records.extras(),
                    link=mode != "files",
                )  # fmt: skip
                staged = stage(wanted, facts, staging)
                if staged is None:
                    assert last is not None  # noqa: S101  only against a live one can nothing be new
                    disk.remove_tree(folder)
                    self.records.remember(replace(last, next_change_at=facts.next_change_at))
                    self.records.note_extras(path for path in self.records.extras() if (self.output / path).exists())
                    return TargetResult(last, (), (), False, tuple(notices), beside=tuple(self._beside(last)))
                self._refuse_theirs(staged, last)
                self._give_access(staged)
                self._wait_for(staged.manifest)
                self.records.note_gone(staged, last)
                was = self._switch(mode, staged, last, theirs)
            except BaseException:
                # What a journal still tells of is wanted by the run that finishes it.
                if not self.records.journal.exists():
                    disk.remove_tree(folder)
                raise
            finally:
                self.old.drop_empty()
        except OSError as error:
            raise refused(self.output, error) from error
        # It is live: what does not come off from here on, the next run makes up for.
        settled = False
        with suppress(OSError):
            disk.sync_folder(self.output.parent)
            if was is not None:
                self.old.keep(was, last if mode == "exchange" else read_manifest(was))
            self.old.drop_empty()
            self.records.remember(staged.manifest)
            self.records.note_extras(staged.extras)
            settled = True
        return TargetResult(
            staged.manifest, staged.changed, staged.removed, True, tuple(notices), settled, tuple(self._beside(staged.manifest))
        )

    def rollback(self, as_of: datetime, *, extras: Extras | None = None) -> TargetResult:
        """Publish the generation before the live one again; Last-Modified still moves forward (HTTP-8)."""
        last = self.last()
        folder = next(reversed(self.old.folders()), self.records.before)
        old = read_manifest(folder)
        if last is None or old is None:
            raise RefusedError(
                "there is no generation before this one",
                where=str(self.output),
                fix="only the generation before the last change is kept; `feeds build` publishes the posts as they are",
            )
        resources = [
            Resource(
                path,
                document.format,
                document.media_type,
                document.key,
                self._body_of(folder, path, document),
                lambda _: None,
                document.links,
            )
            for path, document in old.documents.items()
        ]
        moment = max(as_of, last.as_of)
        facts = GenerationFacts(
            old.revision, moment, old.base_url, old.max_age_seconds, old.stale_while_revalidate_seconds,
            old.stale_if_error_seconds, old.next_change_at, old.problems, old.moved, old.retired,
            ledger=last.ledger, page_script=old.page_script,
        )  # fmt: skip
        return self.publish(resources, facts, extras=extras)

    def _body_of(self, folder: Path, path: str, document: PublishedDocument) -> Callable[[], bytes]:
        """How to read a document of an old generation: from its folder, else from the output, where it did not change."""

        def read() -> bytes:
            kept = folder / path
            body = kept.read_bytes() if kept.exists() else (self.output / path).read_bytes()
            if sha256(body).hexdigest() != document.digest:
                raise PublishError(str(self.output), path, "the document of the generation before is no longer there")
            return body

        return read

    def _keep_replaced(self, staged: StagedGeneration, last: Manifest | None) -> None:
        """Keep what a switch file by file replaces or deletes, for `rollback`."""
        fresh = self.records.before.with_name("before.new")
        disk.remove_tree(fresh)
        if last is None:
            return
        for path in (*staged.changed, *staged.removed):
            document = last.documents.get(path)
            if document is not None and is_there(self.output / path, document):
                disk.link(self.output / path, fresh / path)
        disk.write(fresh / MANIFEST_NAME, last.to_json().encode())
        disk.remove_tree(self.records.before)
        fresh.rename(self.records.before)

    # how to switch

    def _theirs(self, last: Manifest | None) -> frozenset[str]:
        """Documents of ours in whose place lie other bytes than we wrote last: the files are somebody else's now.

        A page counts at once: a site generator writes pages of the same names. A feed counts only in a folder that holds
        other people's files as well; in a folder of our own it was damaged, and is written again.
        """
        if last is None or not self.output.is_dir():
            return frozenset()
        changed = {
            path
            for path, document in last.documents.items()
            if os.path.lexists(self.output / path) and not is_there(self.output / path, document)
        }
        pages = frozenset(path for path in changed if last.documents[path].format in PAGES)
        if changed == pages or next(self._foreign(last, pages), None) is None:
            return pages
        return frozenset(changed)

    def _mode(self, last: Manifest | None, theirs: frozenset[str]) -> str:
        """The way to switch this folder. Raises PublishError where the one that was asked for is impossible."""
        output = self.output
        if self.mode == "symlink":
            if output.exists() and not output.is_symlink() and any(output.iterdir()):
                raise PublishError(str(output), "", "it is a folder, not a symbolic link", fix="move it away once")
            return "symlink"
        if output.is_symlink():
            return "symlink" if str(output.readlink()).startswith(self.beside.name + "/") else "files"
        if output.exists() and not output.is_dir():
            raise PublishError(str(output), "", "it is a file", fix="name a folder as output")
        foreign = next(self._foreign(last, theirs), None) if output.is_dir() else None
        mounted = output.is_dir() and output.is_mount()
        writable = os.access(output.parent if output.parent.exists() else disk.nearest_existing(output), os.W_OK)
        if self.mode == "exchange":
            if foreign or mounted:
                why = "it is a mount point" if mounted else f"it holds a file that is not ours: {foreign}"
                raise PublishError(str(output), "", why, fix='set output_mode = "files"')
            return "exchange"
        if self.mode == "files" or foreign or mounted or not writable:
            return "files"
        return "exchange"

    def _foreign(self, last: Manifest | None, theirs: frozenset[str]) -> Iterator[str]:
        ours = self._names(read_manifest(self.output) or last) - theirs
        for path in disk.files_below(self.output):
            if path not in ours and not path.startswith((_STAGING + "/", MAPS_FOLDER + "/")):
                yield path

    def _names(self, manifest: Manifest | None) -> set[str]:
        """The paths of all files of a generation."""
        if manifest is None:
            return {MANIFEST_NAME}
        names = {MANIFEST_NAME, *manifest.documents}
        for ending in ENDINGS.values():
            names |= {path + ending for path in manifest.documents}
        return names | self.records.extras()

    def _beside(self, manifest: Manifest) -> Iterator[str]:
        """The files of the live generation besides its documents."""
        yield MANIFEST_NAME
        yield from sorted(self.records.extras())
        for ending in (ENDINGS[coding] for coding in self.precompress):
            yield from (path + ending for path in manifest.documents if (self.output / (path + ending)).exists())

    def _switch(self, mode: str, staged: StagedGeneration, last: Manifest | None, theirs: frozenset[str]) -> Path | None:
        """Make the staged generation live; where the one before lies now, if it is anywhere."""
        # Until it is live, a killed run may leave either: both are ours.
        self.records.note_extras({*self.records.extras(), *staged.extras})
        if mode == "files":
            self._keep_replaced(staged, last)
            self._switch_files(staged, last, theirs)
            return None
        return self._switch_link(staged) if mode == "symlink" else self._switch_folders(staged)

    def _give_access(self, staged: StagedGeneration) -> None:
        """Give the new generation the owner, group, mode and label of the output folder."""
        access = disk.access_of(self.output)
        folders = {path[:end] for path in (*staged.fresh, *staged.kept) for end, mark in enumerate(path) if mark == "/"}
        for folder in (staged.folder, *(staged.folder / path for path in sorted(folders))):
            # File by file, what is kept is not in the staging folder.
            if folder.is_dir():
                access.give(folder, folder=True)
        for path in staged.fresh:
            access.give(staged.folder / path, folder=False)

    def _switch_folders(self, staged: StagedGeneration) -> Path | None:
        """Exchange the output with the new generation, in one system call."""
        disk.sync_folder(self.beside)
        if not self.output.exists():
            staged.folder.rename(self.output)
            return None
        if disk.exchange(staged.folder, self.output):
            return staged.folder
        # No exchange on this file system: the folder is away for the instant between two renames.
        away = self.beside / f"away-{os.getpid()}"
        self.output.rename(away)
        try:
            staged.folder.rename(self.output)
        except OSError:
            away.rename(self.output)
            raise
        return away

    def _switch_link(self, staged: StagedGeneration) -> Path | None:
        """Point the output's link at the new generation."""
        was = self.output.resolve() if self.output.is_symlink() else None
        if self.output.is_dir() and not self.output.is_symlink():
            self.output.rmdir()
        home = self.beside / f"generation-{staged.manifest.generation}"
        disk.remove_tree(home)
        staged.folder.rename(home)
        fresh = self.beside / f"next-link-{os.getpid()}"
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(f"{self.beside.name}/{home.name}")
        try:
            fresh.rename(self.output)
        except OSError:
            fresh.unlink(missing_ok=True)
            disk.remove_tree(home)
            raise
        if was is not None and was.parent == self.beside.resolve() and was.name.startswith("generation-"):
            return was
        return None

    def _switch_files(self, staged: StagedGeneration, last: Manifest | None, theirs: frozenset[str]) -> None:
        """File by file; the journal lets the next run finish what this one began."""
        documents = staged.manifest.documents
        kept = {MANIFEST_NAME, *staged.fresh, *documents}
        kept |= {path + ending for path in documents for ending in ENDINGS.values()}
        gone = sorted(
            name for name in self._names(last) - kept - theirs
            if (self.output / name).exists() and not self._is_copy_of_theirs(name, last, theirs)
        )  # fmt: skip
        stale = sorted(
            path + ending for path in staged.changed for ending in ENDINGS.values()
            if path + ending not in staged.fresh and (self.output / (path + ending)).exists()
        )  # fmt: skip
        fresh = [path for path in staged.fresh if path != MANIFEST_NAME] + [MANIFEST_NAME]
        journal = {"move": fresh, "delete": sorted({*gone, *stale})}
        disk.write_durably(self.records.journal, json.dumps(journal, ensure_ascii=False).encode())
        self._play(journal)

    def _is_copy_of_theirs(self, name: str, last: Manifest | None, theirs: frozenset[str]) -> bool:
        """Whether this is a compressed copy that somebody made of their own file. Ours has the time of our document."""
        path, dot, _ = name.rpartition(".")
        if last is None or dot + name[len(path) + 1 :] not in ENDINGS.values() or path not in theirs:
            return False
        return (self.output / name).stat().st_mtime != last.documents[path].last_modified.timestamp()

    def _play(self, journal: Mapping[str, Sequence[str]]) -> None:
        """Carry a journal out; to do so twice does no harm."""
        staging = self.output / _STAGING
        access = disk.access_of(self.output)
        folders = set()
        for path in journal["delete"]:
            (self.output / path).unlink(missing_ok=True)
            folders.add((self.output / path).parent)
        for path in journal["move"]:
            source = staging / path
            if source.exists():
                target = self.output / path
                disk.make_folders(target.parent, self.output, access)
                source.replace(target)
                folders.add(target.parent)
        for folder in folders:
            if folder.is_dir():
                disk.sync_folder(folder)
        disk.remove_empty(self.output, folders)
        disk.remove_tree(staging)
        (self.records.journal).unlink(missing_ok=True)

    def _ours(
        self, resources: Sequence[Resource], last: Manifest | None, theirs: frozenset[str]
    ) -> tuple[list[Resource], tuple[str, ...]]:
        """The resources that may be written, and the paths that are left to somebody else's files.

        Raises PublishError if a feed's place has been taken from the first: its subscribers would get the other one.
        """
        our_names = self._names(last) - theirs
        kept: list[Resource] = []
        left: list[str] = []
        for resource in resources:
            path = self.output / resource.path
            if resource.path in our_names or not path.exists():
                kept.append(resource)
            elif resource.format in PAGES or resource.path in theirs or resource.path in self.records.left():
                left.append(resource.path)
            else:
                raise PublishError(
                    str(self.output),
                    resource.path,
                    "a file that is not ours lies there",
                    fix="delete it, or set another name under [paths]; if it is this site's own, whose state was lost, first "
                    "take ids and dates from it: `feeds ledger adopt` with the path of a feed",
                )
        return kept, tuple(left)

    def _refuse_theirs(self, staged: StagedGeneration, last: Manifest | None) -> None:
        """Raise PublishError where a header map would take the place of somebody else's file."""
        our_names = self._names(last)
        for path in staged.extras:
            if path not in our_names and not path.startswith(MAPS_FOLDER + "/") and (self.output / path).exists():
                raise PublishError(
                    str(self.output), path, "a file that is not ours lies there", fix="delete it, or fix header_maps"
                )

    # old generations, records

    def _wait_for(self, manifest: Manifest) -> None:
        """Two changes in one second: the later one waits for the next, so that no Last-Modified lies ahead of Date."""
        newest = max((document.last_modified.timestamp() for document in manifest.documents.values()), default=0.0)
        ahead = newest - time.time()
        if 0 < ahead <= 2:
            time.sleep(ahead)
