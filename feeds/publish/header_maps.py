"""Header maps: in comes the manifest of a generation, out go files by which a static host answers as our own server does.

ETag, Cache-Control, Link, types, what has moved and what has ended, for nginx, Caddy and Netlify. Pure; the values
are those of `feeds.publish.static_hosts.maps`. docs/deploy.md says how each is included, and tests run them.
"""

from __future__ import annotations

from collections.abc import Sequence

from feeds.publish import MAPS_FOLDER, static_hosts
from feeds.publish.manifest import Manifest
from feeds.publish.static_hosts.maps import Maps


def files(manifest: Manifest, kinds: Sequence[str], precompress: Sequence[str] = ()) -> dict[str, bytes]:
    """The files of the maps that are asked for ("nginx", "caddy", "netlify"), by path below the output."""
    facts = Maps(manifest, precompress)
    makers = {
        "nginx": static_hosts.nginx,
        "caddy": static_hosts.caddy,
        "netlify": static_hosts.netlify,
    }
    result: dict[str, bytes] = {}
    for kind in kinds:
        for path, text in makers[kind](facts).items():
            result[path if kind == "netlify" else f"{MAPS_FOLDER}/{path}"] = text.encode()
    return result
