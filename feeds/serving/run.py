"""`feeds serve`: in come settings and an address, a production server runs until it is told to end.

granian serves WSGI from its own threads; it takes the app from `server:app`, which reads what is put into the environment
here. Chosen on measured figures: docs/benchmarks.md.
"""

from __future__ import annotations

import os
from pathlib import Path

from feeds.errors import SettingsError


def serve(
    *,
    environ: dict[str, str],
    host: str,
    port: int,
    workers: int = 1,
    metrics_path: str | None = None,
    access_log: str | None = None,
    folder: Path | None = None,
) -> int:
    """Serve until SIGTERM or SIGINT; SIGHUP builds anew. `environ` holds the FEEDS_* variables that describe the site."""
    if not 0 <= port <= 65_535:
        raise SettingsError((f"--port: {port} is no port; expected 0 to 65535",))
    if workers < 1:
        raise SettingsError((f"--workers: {workers} is too few; expected 1 or more",))
    os.environ.update(environ)
    for name, value in (("FEEDS_METRICS_PATH", metrics_path), ("FEEDS_ACCESS_LOG", access_log)):
        if value:
            os.environ[name] = value
    if folder is not None:
        os.environ["FEEDS_SERVE_FOLDER"] = str(folder)
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    Granian(
        "server:app",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=1,
        backlog=2048,
        log_level=LogLevels.info,
        respawn_failed_workers=True,
        workers_kill_timeout=10,
        process_name="feeds",
    ).serve()
    return 0
