"""What each static host wants to read: in come the facts of the maps, out go its configuration files by name.

One function for each host. Values are quoted for its language here and nowhere else. Nothing is read from disk.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from feeds import http_headers
from feeds.formats import PAGES
from feeds.media_types import compressible
from feeds.publish.manifest import FILE_NAME

if TYPE_CHECKING:
    from feeds.publish.header_maps import Maps

_NOTE = "# Made by `feeds build` with the documents beside it; do not edit. docs/deploy.md says how to include it.\n"
#: Formats whose documents ignore Range.
_FEEDS = ("rss", "atom", "json", "opml", "css", *sorted(PAGES))


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _any_of(names: Iterable[str]) -> str:
    """A regular expression, the same for PCRE and RE2, of paths that end in one of these names; `*` is a number."""
    escaped = (re.escape(name).replace(r"\*", "[0-9]+").replace(r"\ ", " ") for name in names)
    return "/(?:" + "|".join(escaped) + ")$"


# nginx


def nginx(maps: Maps) -> dict[str, str]:
    """`nginx-http.conf` for the http block: what each path answers. `nginx-server.conf` for the server block: how."""
    documents = list(maps.documents())
    owned = [(path, control) for path, one in documents if (control := maps.own_control(one))]
    moved, retired = [*maps.moved(), *maps.folders()], list(maps.retired())
    longest = max((len(path.encode()) for path in [*dict(documents), *dict(moved), *retired]), default=0)
    http = [
        _NOTE,
        f"map_hash_bucket_size {_bucket(longest)};\n",
        f"map_hash_max_size {max(2048, 2 * len(documents))};\n\n",
        "# The path of the request as it came: $uri may be rewritten to a file later.\nmap $uri $feeds_uri { default $uri; }\n\n",
        _nginx_map("$feeds_uri", "$feeds_tag", ((path, maps.tag(one)) for path, one in documents)),
        _nginx_map("$feeds_uri", "$feeds_modified", ((path, maps.modified(one)) for path, one in documents)),
        'geo $feeds_dollar {\n    default "$";\n}\n\n',
        _nginx_map("$feeds_uri", "$feeds_link", ((path, maps.links(one)) for path, one in documents if one.links)),
        _nginx_map("$feeds_uri", "$feeds_own_control", owned),
        _nginx_map("$feeds_uri", "$feeds_fixed", ((path, "1") for path, one in documents if not compressible(one.media_type))),
        _nginx_map("$feeds_uri", "$feeds_moved", moved),
        _nginx_map("$feeds_uri", "$feeds_retired", ((path, "1") for path in retired)),
        _NGINX_RULES.format(
            cache_control=maps.cache_control,
            page_policy=_quoted(maps.page_policy()),
            feed_policy=_quoted(http_headers.FEED_POLICY),
            pages=_quoted("~" + maps.pages().pattern),
            allow=http_headers.ALLOW,
            wish=_nginx_wish(maps.codings),
            known=_quoted(_NGINX_KNOWN),
        ),
    ]
    server = [_NOTE, _NGINX_SERVER.format(headers=_nginx_headers(), below_root=_nginx_base_path(maps.root))]
    if "gzip" in maps.codings:
        server.append("gzip_static on;\n")
    if "br" in maps.codings:
        server.append("# With nginx's brotli module, compressed copies for br are there too: brotli_static on;\n")
    for format, (media_type, names) in maps.names().items():
        pattern = _any_of(names)
        ranges = " max_ranges 0;" if format in _FEEDS else ""
        server.append(
            f"location ~ {_quoted(pattern)} {{ types {{ }} default_type {_quoted(media_type)}; charset off;{ranges} }}\n"
        )
    for ending, media_type in maps.asset_types().items():
        pattern = _quoted(re.escape(ending) + "$")
        server.append(f"location ~ {pattern} {{ types {{ }} default_type {_quoted(media_type)}; charset off; }}\n")
    return {"nginx-http.conf": "".join(http), "nginx-server.conf": "".join(server)}


def _bucket(longest: int) -> int:
    """A map's bucket holds at least one key with its bookkeeping; nginx wants a multiple of the processor's line."""
    return max(256, (longest + 64 + 63) // 64 * 64)


def _nginx_map(source: str, target: str, rows: Iterable[tuple[str, str]]) -> str:
    # A "$" would begin a variable; a variable may hold one.
    body = "".join(f"    {_quoted(key)} {_quoted(value.replace('$', '${feeds_dollar}'))};\n" for key, value in rows)
    return f'map {source} {target} {{\n    default "";\n{body}}}\n\n'


def _nginx_wish(codings: Iterable[str]) -> str:
    """The suffix of the coding that the client would get: for a 304, which has no Content-Encoding to go by."""
    rows = {"gzip": '    "~*^1:.*\\bgzip\\b(?!\\s*;\\s*q=0(?:\\.0*)?\\s*(?:,|$))" "-gzip";\n'}
    return "".join(rows[coding] for coding in codings if coding in rows)


#: What proxies add to a tag when they change the coding: as in http_headers.none_match.
_SUFFIXES = r"(?:(?:--?|;)(?:gzip|br|zstd|deflate|df))*"
#: A member of If-None-Match before the one that matters. No member can be read in two ways, so that time stays linear.
_MEMBER = r'[\t ]*(?:[Ww]/)?(?:"[^"]*"|[^\t ,"]+)[\t ]*,'
_NGINX_KNOWN = (
    r"~^(?:GET|HEAD) ([\w-]{27}) (?:(?>" + _MEMBER + r"))*[\t ]*(?:[Ww]/)?"
    rf'(?:"\1{_SUFFIXES}"|\1{_SUFFIXES})[\t ]*(?:,|$)'
)

_NGINX_RULES = """\
# A member of If-None-Match is our tag, in whatever coding, weakened, or without its quotes: then the client has these bytes.
map "$request_method $feeds_tag $http_if_none_match" $feeds_unmodified {{
    default "";
    {known} "1";
    "~^(?:GET|HEAD) [\\w-]{{27}} \\s*\\*\\s*$" "1";
}}

map "$feeds_packed:$http_accept_encoding" $feeds_wish {{
    default "";
{wish}}}

map $feeds_wish $feeds_ending {{
    default "";
    "-gzip" ".gz";
}}

map "$status:$sent_http_content_encoding" $feeds_coding {{
    volatile;
    default "";
    "~:gzip$" "-gzip";
    "~:br$" "-br";
    "304:" $feeds_wish;
}}

map $feeds_tag $feeds_etag {{
    volatile;
    "" "";
    default '"$feeds_tag$feeds_coding"';
}}

map "$feeds_tag:$feeds_own_control" $feeds_cache_control {{
    "~^:" "";
    "~^[^:]+:$" "{cache_control}";
    default $feeds_own_control;
}}

map "$feeds_fixed:$feeds_tag" $feeds_vary {{
    default "Accept-Encoding";
    "~^:$" "";
    "~^1:" "";
}}

map $feeds_uri $feeds_policy {{
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
{below_root}if ($feeds_tag) {{ rewrite "^(.*/)$" "$1index.html"; }}
set $feeds_copy "";
if ($feeds_tag) {{ set $feeds_copy "$document_root$uri.gz"; }}
set $feeds_packed "";
if (-f $feeds_copy) {{ set $feeds_packed "1"; }}

# "return 304" would say Content-Type: text/plain and Content-Length: 0, and a cache would keep both for the document
# (RFC 9110 section 8.6, RFC 9111 section 3.2). So the file that a 200 would send is opened, for its length.
error_page 418 =304 @feeds_unmodified;
if ($feeds_unmodified) {{ return 418; }}
location @feeds_unmodified {{
    types {{ }}
    default_type "";
    gzip_static off;
    max_ranges 0;
    try_files $uri$feeds_ending $uri =404;
}}

location ~ "/\\.(?!well-known/)" {{ return 404; }}
"""


def _nginx_base_path(root: str) -> str:
    """Rules for a base URL with a path, where the server's root is the output folder itself: take the path away.

    An output folder that lies at that path below the root needs none. The second condition holds once: not again after a
    redirect inside nginx.
    """
    if root == "/":
        return ""
    pattern = _quoted("^" + re.escape(root) + "(.*)$")
    return (
        'set $feeds_own "";\n'
        f"if (-f $document_root/{FILE_NAME}) {{ set $feeds_own $feeds_uri; }}\n"
        f'if ($uri = $feeds_own) {{ rewrite {pattern} "/$1"; }}\n'
    )


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
        *((name, _quoted(value), True) for name, value in http_headers.COMMON_HEADERS),
    ]
    return "".join(f"add_header {name} {value}{' always' if always else ''};\n" for name, value, always in rows)


# Caddy


def caddy(maps: Maps) -> dict[str, str]:
    """`Caddyfile`, to be imported in a route of a site's block, after `root` and before `file_server`."""
    rows = "".join(
        f"\t{_quoted(path)} {_quoted(maps.tag(one))} {_quoted(maps.modified(one))} {_quoted(maps.links(one))} "
        f"{_quoted(one.media_type)} {_quoted('1' if compressible(one.media_type) else '')} "
        f"{_quoted(maps.own_control(one) or maps.cache_control)}\n"
        for path, one in maps.documents()
    )
    gone = "".join(f"\t{_quoted(path)} {_quoted('410')}\n" for path in maps.retired())
    moved = "".join(f"\t{_quoted(path)} {_quoted(url)}\n" for path, url in [*maps.moved(), *maps.folders()])
    common = "".join(f"\t{name} {_quoted(value)}\n" for name, value in http_headers.COMMON_HEADERS)
    whole = {name for format in _FEEDS for name in maps.names().get(format, ("", ()))[1]}
    return {
        "Caddyfile": _NOTE
        + _CADDY.format(
            facts=_CADDY_FACTS, rows=rows, gone=gone, moved=moved, common=common,
            below_root=_CADDY_BASE_PATH.format(root=maps.root, manifest=FILE_NAME) if maps.root != "/" else "",
            pages=maps.pages().pattern, page_policy=_quoted(maps.page_policy()), feed_policy=_quoted(http_headers.FEED_POLICY),
            allow=http_headers.ALLOW, whole=_any_of(sorted(whole)),
        )
        + "".join(_CADDY_CODING.format(coding=coding, ending=_ENDINGS[coding]) for coding in maps.codings)
        + _CADDY_UNMODIFIED
        + "".join(_CADDY_CODED.format(coding=coding, ending=_ENDINGS[coding]) for coding in maps.codings)
    }  # fmt: skip


#: What Caddy's map gives of a path, in the order of its columns.
_CADDY_FACTS = "{feeds_tag} {feeds_modified} {feeds_link} {feeds_type} {feeds_varies} {feeds_control}"
_ENDINGS = {"gzip": "gz", "br": "br"}

_CADDY = """\
map {{http.request.orig_uri.path}} {facts} {{
{rows}	default "" "" "" "" "" ""
}}
map {{http.request.orig_uri.path}} {{feeds_moved}} {{
{moved}	default ""
}}
map {{http.request.orig_uri.path}} {{feeds_retired}} {{
{gone}	default ""
}}

header {{
{common}	-Server
	defer
}}

@feeds_hidden {{
	path_regexp /\\.
	not path */.well-known/*
}}
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
	Cache-Control "{{feeds_control}}"
	Last-Modified "{{feeds_modified}}"
	Content-Type "{{feeds_type}}"
}}
@feeds_linked expression `{{feeds_link}} != ""`
header @feeds_linked Link "{{feeds_link}}"
@feeds_varying expression `{{feeds_varies}} != ""`
header @feeds_varying Vary "Accept-Encoding"

{below_root}
@feeds_folder {{
	path */
	expression `{{feeds_tag}} != ""`
}}
rewrite @feeds_folder {{path}}index.html

@feeds_whole path_regexp `{whole}`
request_header @feeds_whole -Range

vars feeds_suffix ""
"""

#: For a base URL with a path, where the site's root is the output folder itself.
_CADDY_BASE_PATH = """
@feeds_own {{
	path {root}*
	file /{manifest}
}}
uri @feeds_own strip_prefix {root}
"""

_CADDY_CODING = """
@feeds_{coding} {{
	vars feeds_suffix ""
	expression `{{feeds_tag}} != ""`
	header_regexp Accept-Encoding (?i)\\b{coding}\\b
	not header_regexp Accept-Encoding (?i)\\b{coding}\\s*;\\s*q=0(\\.0*)?\\s*(,|$)
	file {{path}}.{ending}
}}
vars @feeds_{coding} feeds_suffix "-{coding}"
"""


def _cel(pattern: str) -> str:
    """A regular expression as a string of CEL, between backquotes of a Caddyfile."""
    return '"' + pattern.replace("\\", "\\\\").replace('"', '\\"') + '"'


_CADDY_KNOWS = (
    "{http.request.header.If-None-Match}.matches("
    + _cel(rf'^(?:{_MEMBER})*[\t ]*(?:[Ww]/)?(?:"')
    + " + {feeds_tag} + "
    + _cel(f'{_SUFFIXES}"|')
    + " + {feeds_tag} + "
    + _cel(rf"{_SUFFIXES})[\t ]*(?:,|$)")
    + ") || {http.request.header.If-None-Match}.matches("
    + _cel(r"^\s*[*]\s*$")
    + ")"
)
_CADDY_UNMODIFIED = f"""
@feeds_unmodified expression `{{feeds_tag}} != "" && ({_CADDY_KNOWS})`
header @feeds_known ETag "\\"{{feeds_tag}}{{vars.feeds_suffix}}\\""
respond @feeds_unmodified 304
header @feeds_known {{
	ETag "\\"{{feeds_tag}}{{vars.feeds_suffix}}\\""
	defer
}}
"""

_CADDY_CODED = """
@feeds_as_{coding} vars feeds_suffix "-{coding}"
header @feeds_as_{coding} Content-Encoding {coding}
rewrite @feeds_as_{coding} {{path}}.{ending}
"""

# Netlify, and others that read its files


def netlify(maps: Maps) -> dict[str, str]:
    """`_headers` and `_redirects`, which must lie at the top. The host makes validators of its own."""
    from feeds.publish.header_maps import encoded

    # Hosts differ in what they make of a header that is set for all paths and again for one: here it is set once.
    several = any(maps.own_control(document) for _, document in maps.documents())
    common = [*http_headers.COMMON_HEADERS, *(() if several else (("Cache-Control", maps.cache_control),))]
    rows = ["/*\n", *(f"  {name}: {value}\n" for name, value in common)]
    for path, one in maps.documents():
        own = [("Content-Type", one.media_type), ("Content-Security-Policy", http_headers.content_security_policy(one.format))]
        if one.links:
            own.append(("Link", maps.links(one)))
        if several:
            own.append(("Cache-Control", maps.own_control(one) or maps.cache_control))
        rows += [f"{encoded(path)}\n", *(f"  {name}: {value}\n" for name, value in own)]
    redirects = [f"{encoded(path)} {url} 301!\n" for path, url in maps.moved()]
    redirects += [f"{encoded(path)} /404 410!\n" for path in maps.retired()]
    return {"_headers": "".join(rows), "_redirects": "".join(redirects)}
