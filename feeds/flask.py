"""The Flask extension: the feeds of a site inside an app of your own.

    feeds = Feeds(app, url_prefix="/blog")          # or feeds = Feeds(); feeds.init_app(app)

Settings come from `app.config`: FEEDS_SETTINGS (a `feeds.Settings`), else FEEDS_CONFIG (path of a feeds.toml) and one
key for each setting (FEEDS_BASE_URL, FEEDS_POSTS, FEEDS_PATHS__RSS …); FEEDS_QUERY_VIEWS (a number) answers queries.
Templates get `feed_url()` and `feed_links()`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from flask import Blueprint, Flask, current_app
from markupsafe import Markup

from feeds import system
from feeds.build.place import document_names
from feeds.build.site import PublishResult, Site
from feeds.formats import media_type_of
from feeds.model import Post
from feeds.serving.options import ServerOptions
from feeds.serving.supervisor import Supervisor
from feeds.serving.views import blueprint
from feeds.settings import Settings, load
from feeds.settings.validate import validated
from feeds.urls import encode_path

#: Keys of the app's configuration that are not settings, besides those of `feeds serve`.
_OWN_KEYS = frozenset({"FEEDS_SETTINGS", "FEEDS_URL_PREFIX"})

Posts = Callable[[], Iterable[Post]]


class Feeds:
    """Serves the feeds of one site below `url_prefix` of a Flask app.

    With a posts folder the feeds are built in a process of their own whenever the folder changes. With `posts`, a
    function that returns the posts (see `feeds.post`), call `publish()` whenever they have changed.
    """

    def __init__(self, app: Flask | None = None, *, url_prefix: str = "/feeds", posts: Posts | None = None) -> None:
        self.url_prefix, self.posts = url_prefix, posts
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Flask) -> Blueprint:
        """Add the feeds to an app. Raises SettingsError with every mistake at once."""
        settings = _settings(app)
        if self.posts is None:
            options = ServerOptions(query_views=app.config.get("FEEDS_QUERY_VIEWS", 0)).checked()
            supervisor = Supervisor(settings=settings, options=options)
        else:
            settings = replace(settings, output=settings.state / "serve" / "public", output_mode="exchange", precompress=())
            settings.output.parent.mkdir(parents=True, exist_ok=True)
            supervisor = Supervisor(folder=settings.output, store=settings.state / "serve" / "pack")
        app.extensions["feeds"] = _State(settings, supervisor, self.posts)
        routes = blueprint("feeds", supervisor, app.config.get("FEEDS_URL_PREFIX", self.url_prefix))
        app.register_blueprint(routes)
        app.context_processor(lambda: {"feed_url": feed_url, "feed_links": feed_links})
        supervisor.start()
        system.after_fork(supervisor.restart)
        return routes

    def publish(self, *, wait_seconds: float = 10.0) -> PublishResult:
        """Publish the posts that `posts` returns; call it within an application context, after they have changed.

        Returns when this process serves them, or after `wait_seconds`. Raises FeedsError with nothing changed that a
        reader sees, and ValueError without `posts`.
        """
        state = _state()
        if state.posts is None:
            raise ValueError("publish() needs the posts: Feeds(app, posts=function)")
        result = Site.of(state.settings).publish(posts=state.posts())
        state.supervisor.rebuild()
        state.supervisor.wait_for(result.generation, wait_seconds)
        return result

    @property
    def supervisor(self) -> Supervisor:
        """What holds the generation in force, of the current app."""
        return _state().supervisor


class _State:
    """What one app has of the extension."""

    def __init__(self, settings: Settings, supervisor: Supervisor, posts: Posts | None) -> None:
        self.settings, self.supervisor, self.posts = settings, supervisor, posts


def _state() -> _State:
    state: _State = current_app.extensions["feeds"]
    return state


def _settings(app: Flask) -> Settings:
    """The settings that the app's configuration describes, checked."""
    settings = app.config.get("FEEDS_SETTINGS")
    if isinstance(settings, Settings):
        return validated(settings)
    keys = {key: value for key, value in app.config.items() if key.startswith("FEEDS_") and key not in _OWN_KEYS}
    return load(environ=keys, flags={}, cwd=Path(app.root_path))


def feed_url(path: str = "", format: str = "rss") -> str:
    """The absolute URL of a feed: of the site, or of a path below the base URL such as "category/tech"."""
    settings = _state().settings
    folder = path.strip("/") or settings.paths.site.strip("/")
    name = document_names(settings)[format]
    return settings.base_url + encode_path(f"{folder}/{name}" if folder else name)


def feed_links(path: str = "", title: str | None = None) -> Markup:
    """The `<link rel="alternate">` elements by which browsers and readers find a feed, for the <head> of a page."""
    settings = _state().settings
    link = Markup('<link rel="alternate" type="%s" title="%s" href="%s">')
    return Markup("\n").join(
        link % (media_type_of(name).partition(";")[0], title or settings.title, feed_url(path, name)) for name in settings.formats
    )
