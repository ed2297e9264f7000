"""Posts in, feeds out. The public names, loaded when they are first used."""

from __future__ import annotations

#: As typing's, which every cron run would pay for: type checkers know the name.
TYPE_CHECKING = False

__version__ = "0.1.0"
#: The file by which a folder of published documents is known.
MANIFEST_NAME = ".feeds-manifest.json"

__all__ = [
    "Bounds", "Category", "Enclosure", "Entry", "Feed", "FeedSettings", "FeedsError", "Image", "LeftOut", "Paths", "Person",
    "PingResult", "Post", "Problem", "Publication", "PublishResult", "Push", "SafeHtml", "Sanitise", "SetSettings", "Settings",
    "SettingsError", "ShowSettings", "Site", "SiteFeed", "SitePublication", "Visibility", "clean", "post",
]  # fmt: skip

if TYPE_CHECKING:
    from feeds.build.site import PingResult, PublishResult, Site, SiteFeed, SitePublication
    from feeds.content.pipeline import safe as clean
    from feeds.errors import FeedsError, Problem, SettingsError
    from feeds.model import Category, Enclosure, Entry, Feed, Image, Person, Post, SafeHtml
    from feeds.posts.memory import post
    from feeds.publication import LeftOut, Publication
    from feeds.settings import Bounds, FeedSettings, Paths, Push, Sanitise, SetSettings, Settings, ShowSettings, Visibility

#: Public name -> the module that defines it, and its name there if it is another.
_HOMES = {
    "Category": "model", "Enclosure": "model", "Entry": "model", "Feed": "model", "Image": "model", "Person": "model",
    "Post": "model", "LeftOut": "publication", "Publication": "publication", "SafeHtml": "model",
    "FeedsError": "errors", "Problem": "errors", "SettingsError": "errors",
    "Bounds": "settings", "FeedSettings": "settings", "Paths": "settings", "Push": "settings", "Sanitise": "settings",
    "SetSettings": "settings", "Settings": "settings", "ShowSettings": "settings", "Visibility": "settings",
    "PingResult": "build.site", "PublishResult": "build.site", "Site": "build.site", "SiteFeed": "build.site",
    "SitePublication": "build.site",
    "post": "posts.memory",
    "clean": "content.pipeline:safe",
}  # fmt: skip


def __getattr__(name: str) -> object:
    """A public name, from the module that defines it (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module 'feeds' has no attribute {name!r}")
    from importlib import import_module

    module, _, own_name = _HOMES[name].partition(":")
    return getattr(import_module(f"feeds.{module}"), own_name or name)
