"""What the manifest of an earlier generation tells of its posts: in comes its file or address, out come tables of a ledger.

For sites that are built where no disk stays. Nothing there yet is no error: the first deploy has no generation before it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urljoin

from feeds import MANIFEST_NAME
from feeds.errors import FeedsError
from feeds.migrate.adopt import load


def tables(source: str) -> tuple[Mapping[str, object], ...]:
    """The tables of `feeds.ledger.dump.public_tables` in a manifest. `source` is the manifest's file or URL, or the folder or
    address (with "/" at its end) that it lies in.

    Empty if no such file is there. Raises FeedsError if it cannot be fetched or is not a manifest.
    """
    if "://" in source:
        source = urljoin(source, MANIFEST_NAME) if source.endswith("/") else source
    else:
        path = Path(source) / MANIFEST_NAME if Path(source).is_dir() else Path(source)
        if not path.exists():
            return ()
        source = str(path)
    try:
        raw, _ = load(source)
    except FeedsError as error:
        if "HTTP Error 404" in str(error) or "HTTP Error 410" in str(error):
            return ()
        raise
    try:
        rows = json.loads(raw).get("ledger", [])
        if not isinstance(rows, list) or not all(isinstance(table, dict) for table in rows):
            raise ValueError("its ledger is not a list of tables")
    except (ValueError, AttributeError, RecursionError) as error:
        raise FeedsError(
            f"this is not a manifest: {error}", where=source, expected=f"the {MANIFEST_NAME} of a published generation"
        ) from error  # fmt: skip
    return tuple(rows)
