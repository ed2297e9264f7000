"""What each static host wants to read: in come the facts of the maps, out go its configuration files by name.

One function for each host. Values are quoted for its language here and nowhere else. Nothing is read from disk.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from feeds import delivery

if TYPE_CHECKING:
    from feeds.publish.header_maps import Maps

_NOTE = "# Made by `feeds build` with the documents beside it; do not edit. docs/deploy.md says how to include it.\n"
#: Formats whose documents ignore Range.
_FEEDS = ("rss", "atom", "json", "opml", "html", "entry")


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


# nginx


def nginx(maps: Maps) -> dict[str, str]:
    """`nginx-http.conf` for the http block: what each path answers. `nginx-server.conf` for the server block: how."""
    documents = list(maps.documents())
    moved, retired = list(maps.moved()), list(maps.retired())
    longest = max((len(path.encode()) for path in [*dict(documents), *dict(moved), *retired]), default=0)
    http = [
        _NOTE,
        f"map_hash_bucket_size {_bucket(longest)};\n",
        f"map_hash_max_size {max(2048, 2 * len(documents))};\n\n",
        _nginx_map("$uri", "$feeds_tag", ((path, maps.tag(one)) for path, one in documents)),
        _nginx_map("$uri", "$feeds_modified", ((path, maps.modified(one)) for path, one in documents)),
        _nginx_map("$uri", "$feeds_link", ((path, maps.links(one)) for path, one in documents if one.links)),
        _nginx_map("$uri", "$feeds_moved", moved),
        _nginx_map("$uri", "$feeds_retired", ((path, "1") for path in retired)),
        _NGINX_RULES.format(
            cache_control=maps.cache_control,
            page_policy=_quoted(maps.page_policy()),
            feed_policy=_quoted(delivery.FEED_POLICY),
            pages=_quoted("~" + maps.pages().pattern),
            allow=delivery.ALLOW,
            wish=_nginx_wish(maps.codings),
        ),
    ]
    server = [_NOTE, _NGINX_SERVER.format(headers=_nginx_headers())]
    if "gzip" in maps.codings:
        server.append("gzip_static on;\n")
    if "br" in maps.codings:
        server.append("# With nginx's brotli module, compressed copies for br are there too: brotli_static on;\n")
    for format, (media_type, names) in maps.names().items():
        pattern = "/(?:" + "|".join(map(re.escape, names)) + ")$"
        ranges = " max_ranges 0;" if format in _FEEDS else ""
        server.append(
            f"location ~ {_quoted(pattern)} {{ types {{ }} default_type {_quoted(media_type)}; charset off;{ranges} }}\n"
        )
    return {"nginx-http.conf": "".join(http), "nginx-server.conf": "".join(server)}


def _bucket(longest: int) -> int:
    """A map's bucket holds at least one key with its bookkeeping; nginx wants a multiple of the processor's line."""
    return max(256, (longest + 64 + 63) // 64 * 64)


def _nginx_map(source: str, target: str, rows: Iterable[tuple[str, str]]) -> str:
    body = "".join(f"    {_quoted(key)} {_quoted(value)};\n" for key, value in rows)
    return f'map {source} {target} {{\n    default "";\n{body}}}\n\n'


def _nginx_wish(codings: Iterable[str]) -> str:
    """The suffix of the coding that the client would get: for a 304, which has no Content-Encoding to go by."""
    rows = {"gzip": '    "~*\\bgzip\\b(?!\\s*;\\s*q=0(?:\\.0*)?\\s*(?:,|$))" "-gzip";\n'}
    return "".join(rows[coding] for coding in codings if coding in rows)


_NGINX_RULES = """\
# A request names our tag, in whatever coding, weakened, or without its quotes: then it has these bytes.
map "$feeds_tag $http_if_none_match" $feeds_unmodified {{
    default "";
    "~^([\\w-]{{27}}) .*\\1" "1";
    "~^([\\w-]{{27}}) \\s*\\*\\s*$" "1";
}}

map $http_accept_encoding $feeds_wish {{
    default "";
{wish}}}

map "$feeds_unmodified:$sent_http_content_encoding" $feeds_coding {{
    volatile;
    default "";
    "~^1?:gzip$" "-gzip";
    "~^1?:br$" "-br";
    "1:" $feeds_wish;
}}

map $feeds_tag $feeds_etag {{
    volatile;
    "" "";
    default '"$feeds_tag$feeds_coding"';
}}

map $feeds_tag $feeds_cache_control {{
    "" "";
    default "{cache_control}";
}}

map $feeds_tag $feeds_vary {{
    "" "";
    default "Accept-Encoding";
}}

map $uri $feeds_policy {{
    default {feed_policy};
    {pages} {page_policy};
}}

map $request_method $feeds_allow {{
    default "{allow}";
    GET "";
    HEAD "";
}}

map $request_method $feeds_preflight_headers {{
    default "";
    OPTIONS "If-None-Match, If-Modified-Since";
}}

map $request_method $feeds_preflight_age {{
    default "";
    OPTIONS "86400";
}}
"""

_NGINX_SERVER = """\
{headers}
etag off;
if_modified_since before;
merge_slashes off;
absolute_redirect off;
charset off;

if ($request_method = OPTIONS) {{ return 204; }}
if ($feeds_retired) {{ return 410; }}
if ($feeds_moved) {{ return 301 $feeds_moved; }}
if ($feeds_unmodified) {{ return 304; }}

location ~ "/\\." {{ return 404; }}
"""


def _nginx_headers() -> str:
    rows = [
        ("ETag", "$feeds_etag", False),
        ("Last-Modified", "$feeds_modified", False),
        ("Cache-Control", "$feeds_cache_control", False),
        ("Vary", "$feeds_vary", False),
        ("Link", "$feeds_link", False),
        ("Content-Security-Policy", "$feeds_policy", True),
        ("Allow", "$feeds_allow", True),
        ("Access-Control-Allow-Methods", "$feeds_allow", True),
        ("Access-Control-Allow-Headers", "$feeds_preflight_headers", True),
        ("Access-Control-Max-Age", "$feeds_preflight_age", True),
        *((name, _quoted(value), True) for name, value in delivery.COMMON_HEADERS),
    ]
    return "".join(f"add_header {name} {value}{' always' if always else ''};\n" for name, value, always in rows)


# Caddy


def caddy(maps: Maps) -> dict[str, str]:
    """`Caddyfile`, to be imported in a site's block, beside `root` and `file_server`."""
    rows = "".join(
        f"\t{_quoted(path)} {_quoted(maps.tag(one))} {_quoted(maps.modified(one))} {_quoted(maps.links(one))} "
        f"{_quoted(one.media_type)}\n"
        for path, one in maps.documents()
    )
    gone = "".join(f"\t{_quoted(path)} {_quoted('410')}\n" for path in maps.retired())
    moved = "".join(f"\t{_quoted(path)} {_quoted(url)}\n" for path, url in maps.moved())
    common = "".join(f"\t{name} {_quoted(value)}\n" for name, value in delivery.COMMON_HEADERS)
    return {
        "Caddyfile": _NOTE
        + _CADDY.format(
            rows=rows, gone=gone, moved=moved, common=common, cache_control=maps.cache_control,
            pages=maps.pages().pattern, page_policy=_quoted(maps.page_policy()), feed_policy=_quoted(delivery.FEED_POLICY),
            allow=delivery.ALLOW,
        )
    }  # fmt: skip


_CADDY = """\
map {{path}} {{feeds_tag}} {{feeds_modified}} {{feeds_link}} {{feeds_type}} {{
{rows}	default "" "" "" ""
}}
map {{path}} {{feeds_moved}} {{
{moved}	default ""
}}
map {{path}} {{feeds_retired}} {{
{gone}	default ""
}}

header {{
{common}	-Server
	defer
}}

@feeds_hidden path_regexp /\\.
respond @feeds_hidden 404

@feeds_preflight method OPTIONS
header @feeds_preflight {{
	Allow "{allow}"
	Access-Control-Allow-Methods "{allow}"
	Access-Control-Allow-Headers "If-None-Match, If-Modified-Since"
	Access-Control-Max-Age "86400"
}}
respond @feeds_preflight 204

@feeds_other not method GET HEAD OPTIONS
header @feeds_other Allow "{allow}"
respond @feeds_other 405

@feeds_retired expression `{{feeds_retired}} != ""`
respond @feeds_retired 410

@feeds_moved expression `{{feeds_moved}} != ""`
redir @feeds_moved {{feeds_moved}} 301

@feeds_pages path_regexp {pages}
@feeds_others not path_regexp {pages}
header @feeds_pages Content-Security-Policy {page_policy}
header @feeds_others Content-Security-Policy {feed_policy}

@feeds_known expression `{{feeds_tag}} != ""`
header @feeds_known {{
	Cache-Control "{cache_control}"
	Vary "Accept-Encoding"
	Last-Modified "{{feeds_modified}}"
	Link "{{feeds_link}}"
	Content-Type "{{feeds_type}}"
}}
"""


# Apache


def apache(maps: Maps) -> dict[str, str]:
    """`apache.conf` for a virtual host, with the tables that its RewriteMaps read."""
    tables = {
        "tags": [(path, maps.tag(one)) for path, one in maps.documents()],
        "links": [(path, maps.links(one).replace(" ", "")) for path, one in maps.documents() if one.links],
        "moved": list(maps.moved()),
        "retired": [(path, "1") for path in maps.retired()],
    }
    made = {f"apache-{name}.txt": "".join(_apache_row(key, value) for key, value in rows) for name, rows in tables.items()}
    types = "".join(
        f'<FilesMatch "^(?:{"|".join(map(re.escape, names))})$">\n    ForceType "{media_type}"\n</FilesMatch>\n'
        for media_type, names in maps.names().values()
    )
    common = "".join(f'Header always set {name} "{value}"\n' for name, value in delivery.COMMON_HEADERS)
    made["apache.conf"] = _NOTE + _APACHE.format(
        common=common, types=types, cache_control=maps.cache_control, allow=delivery.ALLOW,
        feed_policy=delivery.FEED_POLICY, page_policy=maps.page_policy(), pages=maps.pages().pattern,
    )  # fmt: skip
    return made


def _apache_row(key: str, value: str) -> str:
    """A line of a RewriteMap; a name with a blank cannot stand in one."""
    return "" if re.search(r"\s", key) else f"{key} {value}\n"


_APACHE = """\
# Define FEEDS_HEADERS before this: the folder in which this file lies.
RewriteEngine on
RewriteMap feeds_tags "txt:${{FEEDS_HEADERS}}/apache-tags.txt"
RewriteMap feeds_links "txt:${{FEEDS_HEADERS}}/apache-links.txt"
RewriteMap feeds_moved "txt:${{FEEDS_HEADERS}}/apache-moved.txt"
RewriteMap feeds_retired "txt:${{FEEDS_HEADERS}}/apache-retired.txt"

{common}FileETag None
AcceptPathInfo off
RedirectMatch 404 "/\\."

RewriteCond %{{REQUEST_METHOD}} =OPTIONS
RewriteRule ^ - [E=feeds_preflight:1,R=204,L]
RewriteCond %{{REQUEST_METHOD}} !^(?:GET|HEAD)$
RewriteRule ^ - [E=feeds_other:1,R=405,L]
RewriteCond ${{feeds_retired:%{{REQUEST_URI}}}} =1
RewriteRule ^ - [G,L]
RewriteCond ${{feeds_moved:%{{REQUEST_URI}}}} ^(.+)$
RewriteRule ^ %1 [R=301,L,NE]
RewriteCond ${{feeds_links:%{{REQUEST_URI}}}} ^(.+)$
RewriteRule ^ - [E=feeds_link:%1]
RewriteCond ${{feeds_tags:%{{REQUEST_URI}}}} ^(.+)$
RewriteRule ^ - [E=feeds_tag:%1]

Header set ETag "\\"%{{feeds_tag}}e\\"" env=feeds_tag
Header set Cache-Control "{cache_control}" env=feeds_tag
Header merge Vary "Accept-Encoding" env=feeds_tag
Header set Link "%{{feeds_link}}e" env=feeds_link
Header always set Allow "{allow}" env=feeds_other
Header always set Allow "{allow}" env=feeds_preflight
Header always set Access-Control-Allow-Methods "{allow}" env=feeds_preflight
Header always set Access-Control-Allow-Headers "If-None-Match, If-Modified-Since" env=feeds_preflight
Header always set Access-Control-Max-Age "86400" env=feeds_preflight
Header always set Content-Security-Policy "{feed_policy}"
<LocationMatch "{pages}">
    Header always set Content-Security-Policy "{page_policy}"
</LocationMatch>
{types}"""


# Netlify, and others that read its files


def netlify(maps: Maps) -> dict[str, str]:
    """`_headers` and `_redirects`, which must lie at the top. The host makes validators of its own."""
    from feeds.publish.header_maps import encoded

    common = [*delivery.COMMON_HEADERS, ("Cache-Control", maps.cache_control)]
    rows = ["/*\n", *(f"  {name}: {value}\n" for name, value in common)]
    for path, one in maps.documents():
        own = [("Content-Type", one.media_type), ("Content-Security-Policy", delivery.content_security_policy(one.format))]
        if one.links:
            own.append(("Link", maps.links(one)))
        rows += [f"{encoded(path)}\n", *(f"  {name}: {value}\n" for name, value in own)]
    redirects = [f"{encoded(path)} {url} 301!\n" for path, url in maps.moved()]
    redirects += [f"{encoded(path)} /404 410!\n" for path in maps.retired()]
    return {"_headers": "".join(rows), "_redirects": "".join(redirects)}
