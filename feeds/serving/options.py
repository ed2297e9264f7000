"""How a server listens and what it reports: flags of `feeds serve` and FEEDS_* variables, the same in every way of running."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from feeds.errors import SettingsError
from feeds.pickled import PickledByName
from feeds.settings.kinds import from_text

#: Entries that a view of the site's feed may have at most: what Inoreader takes of a feed is 3,000.
MOST_VIEWED = 1_000
#: Paths that the server answers itself.
_OWN_PATHS = ("/healthz", "/livez", "/readyz")


@dataclass(frozen=True, slots=True)
class ServerOptions(PickledByName):
    """Where to listen and what to report. `port` 0 takes a free one; `socket` is a unix socket instead of host and port."""

    host: str = "127.0.0.1"
    port: int = 8000
    socket: Path | None = None
    workers: int = 1
    max_connections: int = 4_096
    """Connections of one worker at a time; one more closes that which was idle longest."""
    metrics_path: str | None = None
    access_log: str | None = None
    """A file, or "-" for standard error."""
    log_format: str = "text"
    """"text" or "json"."""
    deltas: bool = False
    """Whether a reader that asks for it gets only the entries that are new to it (RFC 3229)."""

    query_views: int = 0
    """How many entries a view of the site's feed (`rss.xml?tag=css`) may have; 0: there are no views."""

    def checked(self, *, builds: bool = True) -> ServerOptions:
        """These options; `builds` is whether the server builds its feeds. Raises SettingsError with every mistake at once."""
        mistakes = []
        if not 0 <= self.query_views <= MOST_VIEWED:
            mistakes.append(f"--query-views: {self.query_views} is out of range; expected 0 to {MOST_VIEWED}")
        elif self.query_views and not builds:
            mistakes.append("--query-views: a folder that another process publishes has no views; serve the posts themselves")
        if not 0 <= self.port <= 65_535:
            mistakes.append(f"--port: {self.port} is not a port; expected 0 to 65535")
        if not 1 <= self.workers <= 256:
            mistakes.append(f"--workers: {self.workers} is out of range; expected 1 to 256")
        if not 16 <= self.max_connections <= 1_000_000:
            mistakes.append(f"--max-connections: {self.max_connections} is out of range; expected 16 to 1000000")
        if self.log_format not in ("text", "json"):
            mistakes.append(f'--log-format: {self.log_format!r:.40} is not a format; expected "text" or "json"')
        path = self.metrics_path
        if path is not None and not path.startswith("/"):
            mistakes.append(f"--metrics-path: {path!r:.80} is not a path; expected one that begins with a slash, e.g. /metrics")
        elif path in _OWN_PATHS or (path is not None and path.endswith((".xml", ".json", ".html", "/"))):
            mistakes.append(f"--metrics-path: {path!r:.80} is a path that the server answers already; expected e.g. /metrics")
        if self.access_log not in (None, "-"):
            mistakes += _unwritable(Path(str(self.access_log)))
        if mistakes:
            raise SettingsError(tuple(mistakes))
        return self


def _unwritable(path: Path) -> list[str]:
    try:
        with path.open("ab"):
            return []
    except OSError as error:
        return [f"--access-log: {path} cannot be written: {error.strerror}; expected a file in a folder that is there, or -"]


def _socket_path(word: str) -> Path:
    """The path of a unix socket, also as gunicorn and nginx write it: "unix:/run/feeds.sock", "unix:///run/feeds.sock"."""
    path = word.removeprefix("unix:")
    return Path(path.removeprefix("//") if path != word else path)


def options_from(environ: Mapping[str, str], flags: Mapping[str, object] | None = None) -> ServerOptions:
    """The options of flags (None: not given), else of FEEDS_HOST, FEEDS_PORT (else PORT), FEEDS_SOCKET, FEEDS_WORKERS,
    FEEDS_MAX_CONNECTIONS, FEEDS_METRICS_PATH, FEEDS_ACCESS_LOG, FEEDS_LOG_FORMAT, FEEDS_DELTAS and
    FEEDS_QUERY_VIEWS. Raises SettingsError.
    """
    options: dict[str, object] = {}
    port = environ.get("FEEDS_PORT", "")
    words = {
        "host": environ.get("FEEDS_HOST"),
        # Kubernetes sets FEEDS_PORT to an address for a service called "feeds".
        "port": environ.get("PORT") if not port or "://" in port else port,
        "socket": environ.get("FEEDS_SOCKET"),
        "workers": environ.get("FEEDS_WORKERS"),
        "max_connections": environ.get("FEEDS_MAX_CONNECTIONS"),
        "metrics_path": environ.get("FEEDS_METRICS_PATH"),
        "access_log": environ.get("FEEDS_ACCESS_LOG"),
        "log_format": environ.get("FEEDS_LOG_FORMAT"),
        "deltas": environ.get("FEEDS_DELTAS"),
        "query_views": environ.get("FEEDS_QUERY_VIEWS"),
    }
    mistakes = []
    level = environ.get("FEEDS_LOG_LEVEL", "")
    if level and level.upper() not in logging.getLevelNamesMapping():
        mistakes.append(f"FEEDS_LOG_LEVEL: {level!r:.40} is not a level; expected debug, info, warning, error or critical")
    for name, word in words.items():
        if not word:
            continue
        if name in ("port", "workers", "max_connections", "query_views"):
            if word.isascii() and word.isdecimal() and len(word) < 8:
                options[name] = int(word) if name != "workers" or int(word) else 1
            else:
                mistakes.append(f"FEEDS_{name.upper()}: {word!r:.40} is not a whole number")
        elif name == "deltas":
            truth = from_text(word, "flag")
            if isinstance(truth, bool):
                options[name] = truth
            else:
                mistakes.append(f"FEEDS_DELTAS: {word!r:.40} is neither true nor false")
        else:
            options[name] = _socket_path(word) if name == "socket" else word
    if mistakes:
        raise SettingsError(tuple(mistakes))
    options |= {name: value for name, value in (flags or {}).items() if value is not None}
    if isinstance(options.get("socket"), Path):
        options["socket"] = _socket_path(str(options["socket"]))
    return ServerOptions(**options).checked()  # type: ignore[arg-type]
