"""The small Flask app that serves the feeds, for WSGI servers: `gunicorn server:app` or `flask --app server run`.

`app` takes its settings from feeds.toml and FEEDS_* variables; `create_app(settings)` is for programs that have their
own. All routes are in feeds/serving/views.py.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from flask import Flask
from werkzeug.local import LocalProxy

from feeds.serving.app import check_environment, create_app, from_environment

__all__ = ["app", "application", "create_app"]


@cache
def _app() -> Flask:
    return from_environment()


# A server that finds wrong settings must end when it starts, not answer every request with an error.
if Path("feeds.toml").is_file() or not {"FEEDS_BASE_URL", "FEEDS_CONFIG", "FEEDS_SERVE_FOLDER"}.isdisjoint(os.environ):
    check_environment()

#: The app, made when it is first asked for: after a server has forked its workers.
app: Flask = LocalProxy(_app)  # type: ignore[assignment]
application = app
