"""What the manifest of an earlier generation tells: in comes its file or address, out come tables of a ledger, and documents.

For sites that are built where no disk stays. Nothing there yet is no error: the first deploy has no generation before it.
"""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import urljoin

from feeds import MANIFEST_NAME
from feeds.errors import FeedsError
from feeds.migrate.adopt import load
from feeds.publish.manifest import Manifest, Previous


def read(source: str) -> Previous:
    """What a manifest tells. `source` is its file or URL, or the folder or address (with "/" at its end) that it lies in.

    Nothing if no such file is there. Raises FeedsError if it cannot be fetched or is not a manifest.
    """
    if "://" in source:
        source = urljoin(source, MANIFEST_NAME) if source.endswith("/") else source
    else:
        path = Path(source) / MANIFEST_NAME if Path(source).is_dir() else Path(source)
        if not path.exists():
            return Previous()
        source = str(path)
    try:
        raw, _ = load(source)
    except FeedsError as error:
        if "HTTP Error 404" in str(error) or "HTTP Error 410" in str(error):
            return Previous()
        raise
    try:
        documents = Manifest.from_json(raw).documents
        rows = json.loads(raw).get("ledger", [])
        if not isinstance(rows, list) or not all(isinstance(table, dict) for table in rows):
            raise ValueError("its ledger is not a list of tables")
    except (ValueError, RecursionError) as error:
        reason = error if isinstance(error, ValueError) else "it is nested too deeply"
        raise FeedsError(
            f"this is not a manifest: {reason}", where=source, expected=f"the {MANIFEST_NAME} of a published generation"
        ) from error  # fmt: skip
    return Previous(tuple(rows), {path: (document.digest, document.last_modified) for path, document in documents.items()})
