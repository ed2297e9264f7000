"""What lets the next run with nothing to do end at once: in comes an Outcome, out goes the record that `feeds.fastpath` reads."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from feeds import fastpath
from feeds.build import generator_settings, pages
from feeds.build.open_site import source_of
from feeds.build.run import Outcome
from feeds.model import seconds


def record(outcome: Outcome, arguments: Sequence[str], environ: Mapping[str, str]) -> None:
    """Write down what lets the next equal run end at once; nothing where a file may yet change unseen."""
    settings = outcome.settings
    if not outcome.switched.settled or outcome.built.collected.racy:
        return
    manifest = outcome.switched.manifest
    watched = [str(settings.output / path) for path in (*manifest.documents, *outcome.switched.beside)]
    watched.append(str(settings.state / "ledger.sqlite"))
    watched += pages.watched(settings)
    watched += map(str, generator_settings.files(settings))
    # Files outside the posts folder are in no listing.
    reader = outcome.built.collected.reader
    watched += sorted({*reader.template_paths, *map(os.path.dirname, reader.template_paths)})
    sources = {asset.source for asset in outcome.built.publication.assets if asset.source.startswith("/")}
    watched += (str(source_of(settings, source)) for source in sorted(sources | outcome.built.conversion.site_media))
    parsed = fastpath.options(arguments)
    if parsed is None:
        return
    until = outcome.built.publication.next_change_at
    # It only saves time: a disk without room for it does not undo the build.
    with suppress(OSError):
        facts = {
            "key": fastpath.key(arguments, environ, fastpath.config_file(*parsed, environ)),
            "posts": str(settings.posts),
            "skip": "\n".join(settings.skipped_folders),
            "since": str(seconds(outcome.built.publication.as_of)),
            "until": "" if until is None else str(seconds(until)),
            "code": str(int(outcome.exit_code)),
            "published": "\n".join(watched),
            "stats": fastpath.stats(watched),
            "listed": outcome.listed.text,
        }
        fastpath.record(fastpath.record_path(str(settings.state), arguments), facts)


def forget(state: Path) -> None:
    """Make the next build run whole."""
    folder = state / fastpath.FOLDER
    if folder.is_dir():
        for name in os.listdir(folder):  # noqa: PTH208
            (folder / name).unlink(missing_ok=True)
