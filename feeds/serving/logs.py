"""The server's log: one line for each thing worth knowing, as text or JSON, on standard error."""

from __future__ import annotations

import json
import logging
import os
import sys
from datetime import UTC, datetime


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time (RFC 3339), level, logger, message."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as JSON; a traceback is one more field."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def start_logging(log_format: str = "text") -> None:
    """One line for each thing worth knowing, on standard error."""
    level = os.environ.get("FEEDS_LOG_LEVEL", "").upper() or "INFO"
    # An unknown level is reported as a mistake of the options (`feeds.serving.options`).
    level = level if level in logging.getLevelNamesMapping() else "INFO"
    handler = logging.StreamHandler(sys.stderr)
    text = logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s", "%Y-%m-%dT%H:%M:%S%z")
    handler.setFormatter(JsonFormatter() if log_format == "json" else text)
    logging.basicConfig(level=level, handlers=[handler])
    # uvicorn tells of its own life, and of every request that is not HTTP: neither is news to an operator.
    logging.getLogger("uvicorn").setLevel(logging.CRITICAL)
    logging.getLogger("watchfiles").setLevel(logging.WARNING)
