"""What Netlify and hosts like it read: in come the facts of the maps, out go `_headers` and `_redirects`."""

from __future__ import annotations

from feeds import http_headers
from feeds.publish.static_hosts.maps import Maps
from feeds.urls import encode_path


def netlify(maps: Maps) -> dict[str, str]:
    """`_headers` and `_redirects`, which must lie at the top. The host makes validators of its own."""
    # Hosts differ in what they make of a header that is set for all paths and again for one: here it is set once.
    several = any(maps.own_control(document) for _, document in maps.documents())
    common = [*http_headers.COMMON_HEADERS, *(() if several else (("Cache-Control", maps.cache_control),))]
    rows = ["/*\n", *(f"  {name}: {value}\n" for name, value in common)]
    for path, published in maps.documents():
        policy = http_headers.content_security_policy(published.format, maps.manifest.page_script)
        own = [("Content-Type", published.media_type), ("Content-Security-Policy", policy)]
        if published.links:
            own.append(("Link", maps.links(published)))
        if several:
            own.append(("Cache-Control", maps.own_control(published) or maps.cache_control))
        rows += [f"{encode_path(path)}\n", *(f"  {name}: {value}\n" for name, value in own)]
    redirects = [f"{encode_path(path)} {url} 301!\n" for path, url in maps.moved()]
    redirects += [f"{encode_path(path)} /404 410!\n" for path in maps.retired()]
    return {"_headers": "".join(rows), "_redirects": "".join(redirects)}
