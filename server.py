"""The small Flask app that serves the feeds, for WSGI servers: `gunicorn server:app` or `flask --app server run`.

`app` takes its settings from feeds.toml and FEEDS_* variables; `create_app(settings)` is for programs that have their
own. All routes are in feeds/serving/app.py.
"""

from __future__ import annotations

from flask import Flask

from feeds.serving.app import create_app, from_environment

__all__ = ["app", "application", "create_app"]  # noqa: F822  the first two are made on demand


def __getattr__(name: str) -> Flask:
    """`server.app`, made when a WSGI server first asks for it (PEP 562)."""
    if name not in ("app", "application"):
        raise AttributeError(f"module 'server' has no attribute {name!r}")
    app = from_environment()
    globals().update(app=app, application=app)
    return app
