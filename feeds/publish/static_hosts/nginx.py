"""What nginx reads: in come the facts of the maps, out go files for its http block and for a site's server block.

Variables of nginx are global: each is named after the base URL, so that several sites fit into one http block.
Nothing is read from disk.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from hashlib import sha256

from feeds import MANIFEST_NAME, http_headers
from feeds.media_types import compressible
from feeds.publish.static_hosts.maps import Maps
from feeds.publish.static_hosts.patterns import MEMBER, NOTE, SUFFIXES, WHOLE_FORMATS, any_of, quoted


def nginx(maps: Maps) -> dict[str, str]:
    """The files by name. For the http block (what each path answers) `nginx-http.conf`, or `nginx-http-more.conf` for a
    further site, since nginx takes the sizes of maps only once. For the server block (how) `nginx-server.conf`, or
    `nginx-server-brotli.conf` where nginx has the brotli module.
    """
    documents = list(maps.documents())
    moved, retired = [*maps.moved(), *maps.folders()], list(maps.retired())
    longest = max((len(path.encode()) for path in [*dict(documents), *dict(moved), *retired]), default=0)
    sizes = f"map_hash_bucket_size {_bucket(longest)};\nmap_hash_max_size {max(_MAX_SIZE, 2 * len(documents))};\n\n"
    prefix = f"$feeds_{sha256(maps.manifest.base_url.encode()).hexdigest()[:8]}_"

    def table(name: str, rows: Iterable[tuple[str, str]]) -> str:
        """A map from the request's path. A "$" would begin a variable; a variable may hold one."""
        body = "".join(f"    {quoted(key)} {quoted(value.replace('$', f'${{{prefix[1:]}dollar}}'))};\n" for key, value in rows)
        return f'map {prefix}uri {prefix}{name} {{\n    default "";\n{body}}}\n\n'

    rules = (
        (_CONDITIONS + _CODINGS + _HEADERS)
        .replace("$feeds_", prefix)
        .format(
            cache_control=maps.cache_control,
            page_policy=quoted(maps.page_policy()),
            feed_policy=quoted(http_headers.FEED_POLICY),
            pages=quoted("~" + maps.pages().pattern),
            allow=http_headers.ALLOW,
            wish="".join(_WISHES[coding] for coding in maps.codings),
            known=quoted(_KNOWN),
            required=quoted(_REQUIRED),
        )
    )
    tables = [
        _URI.replace("$feeds_", prefix),
        table("tag", ((path, maps.tag(document)) for path, document in documents)),
        table("modified", ((path, maps.modified(document)) for path, document in documents)),
        f'geo {prefix}dollar {{\n    default "$";\n}}\n\n',
        table("links", ((path, maps.links(document)) for path, document in documents if document.links)),
        table("own_control", ((path, control) for path, document in documents if (control := maps.own_control(document)))),
        table("fixed", ((path, "1") for path, document in documents if not compressible(document.media_type))),
        table("moved", moved),
        table("retired", ((path, "1") for path in retired)),
        rules,
        *(_only_whole(name, value).replace("$feeds_", prefix) for name, value in _CONSTANT),
    ]
    result = {"nginx-http.conf": "".join([NOTE, sizes, *tables]), "nginx-http-more.conf": "".join([NOTE, *tables])}
    result["nginx-server.conf"] = _server(maps, prefix, brotli=False)
    if "br" in maps.codings:
        result["nginx-server-brotli.conf"] = _server(maps, prefix, brotli=True)
    return result


#: Constant but for what needs more: the sizes of the first site count for all in the http block.
_MAX_SIZE = 8192
_BUCKET_BYTES = 1088


def _bucket(longest: int) -> int:
    """A map's bucket holds at least one key with its bookkeeping; nginx wants a multiple of the processor's line."""
    return max(_BUCKET_BYTES, (longest + 64 + 63) // 64 * 64)


# the http block: `$feeds_` stands for the site's own prefix

_URI = """\
# The path of the request as it came: $uri may be rewritten to a file later.
map $uri $feeds_uri { default $uri; }

"""

_KNOWN = (
    r"~^(?:GET|HEAD) 1 ([\w-]{27}) (?:(?>" + MEMBER + r"))*[\t ]*(?:[Ww]/)?"
    rf'(?:"\1{SUFFIXES}"|\1{SUFFIXES})[\t ]*(?:,|$)'
)
#: The tag of what would be sent is a member of If-Match, by strong comparison (RFC 9110 section 8.8.3.2).
_REQUIRED = r"~^([\w-]+)\|[^|]*\|[^|]*\|(?:(?>" + MEMBER + r'))*[\t ]*"\1"[\t ]*(?:,|$)'

_CONDITIONS = """\
# If-Match and If-Unmodified-Since come before If-None-Match (RFC 9110 section 13.2.2). Where they hold, "1"; where they do
# not, or it takes a comparison of dates, nginx itself answers, with 412 or the document.
map "$feeds_tag$feeds_wish|$feeds_modified|$http_if_unmodified_since|$http_if_match" $feeds_required {{
    default "";
    "~^[^|]*\\|[^|]*\\|\\|$" "1";
    "~^[^|]*\\|([^|]*)\\|\\1\\|$" "1";
    "~^[^|]*\\|[^|]*\\|[^|]*\\|\\s*\\*\\s*$" "1";
    {required} "1";
}}

# A member of If-None-Match is our tag, in whatever coding, weakened, or without its quotes: then the client has these bytes.
map "$request_method $feeds_required $feeds_tag $http_if_none_match" $feeds_unmodified {{
    default "";
    {known} "1";
    "~^(?:GET|HEAD) 1 [\\w-]{{27}} \\s*\\*\\s*$" "1";
}}

"""

_CODINGS = """\
# The coding that the client would get: for a 304, which has no Content-Encoding to go by.
map "$feeds_packed_br:$feeds_packed:$http_accept_encoding" $feeds_wish {{
    default "";
{wish}}}

map $feeds_wish $feeds_ending {{
    default "";
    "-gzip" ".gz";
    "-br" ".br";
}}

map "$status:$sent_http_content_encoding" $feeds_coding {{
    volatile;
    default "";
    "~:gzip$" "-gzip";
    "~:br$" "-br";
    "304:" $feeds_wish;
}}

"""
_REFUSED = r"(?!\s*;\s*q\s*=\s*0(?:\.0*)?\s*(?:,|$))\s*(?:[,;]|$)"
#: nginx's modules take brotli where it is there and accepted, whatever the weights are.
_WISHES = {
    "br": "    " + quoted(rf"~*^1:[^:]*:(?:.*[, ])?br{_REFUSED}") + ' "-br";\n',
    "gzip": "    " + quoted(rf"~*^[^:]*:1:(?:.*[, ])?gzip{_REFUSED}") + ' "-gzip";\n',
}

_HEADERS = """\
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

# A 304 does not repeat what the client has stored (RFC 9110 section 15.4.5).
map $status $feeds_link {{
    volatile;
    default $feeds_links;
    304 "";
}}

map $feeds_uri $feeds_own_policy {{
    default {feed_policy};
    {pages} {page_policy};
}}

map $status $feeds_policy {{
    volatile;
    default $feeds_own_policy;
    304 "";
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
#: Headers that are always the same, by the variable that holds them.
_CONSTANT = [(name.lower().replace("-", "_"), value) for name, value in http_headers.COMMON_HEADERS]
_CROSS_ORIGIN = {name.lower().replace("-", "_") for name, _ in http_headers.CROSS_ORIGIN_HEADERS}


def _only_whole(name: str, value: str) -> str:
    """A map that gives a constant header to every answer but a 304; to that too if a script on another site asks for it."""
    source, unmodified = ('"$status:$http_origin"', '"304:"') if name in _CROSS_ORIGIN else ("$status", "304")
    return f'\nmap {source} $feeds_{name} {{\n    volatile;\n    default {quoted(value)};\n    {unmodified} "";\n}}\n'


# the server block

_SERVER = """\
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
{copies}
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

#: For a base URL with a path, where the server's root is the output folder itself: take the path away. An output folder that
#: lies at that path below the root needs none. The second condition holds once: not again after a redirect inside nginx.
_BASE_PATH = f"""\
set $feeds_own "";
if (-f $document_root/{MANIFEST_NAME}) {{ set $feeds_own $feeds_uri; }}
if ($uri = $feeds_own) {{ rewrite @root@ "/$1"; }}
"""

_COPY = """\
set $feeds_copy{suffix} "";
if ($feeds_tag) {{ set $feeds_copy{suffix} "$document_root$uri.{ending}"; }}
set $feeds_packed{suffix} "";
if (-f $feeds_copy{suffix}) {{ set $feeds_packed{suffix} "1"; }}
"""

#: Compressed copies alone, also for HTTP/1.0 and through proxies: the rules above go by Accept-Encoding. In our own locations,
#: since a server block that has one of these already would not take it twice.
_GZIP = " gzip off; gzip_proxied any; gzip_http_version 1.0;"


def _server(maps: Maps, prefix: str, *, brotli: bool) -> str:
    copies = _COPY.format(suffix="", ending="gz") if "gzip" in maps.codings else 'set $feeds_packed "";\n'
    copies += _COPY.format(suffix="_br", ending="br") if brotli else 'set $feeds_packed_br "";\n'
    rules = _SERVER.format(headers=_add_headers(), below_root=_BASE_PATH if maps.root != "/" else "", copies=copies)
    root = quoted("^" + re.escape(maps.root) + "(.*)$")
    rows = [NOTE, rules.replace("$feeds_", prefix).replace("@root@", root)]
    if "gzip" in maps.codings:
        rows.append("gzip_static on;\n")
    if brotli:
        rows.append("brotli_static on;\n")
    elif "br" in maps.codings:
        rows.append("# With nginx's brotli module include nginx-server-brotli.conf in place of this file.\n")
    gzip = _GZIP if "gzip" in maps.codings else ""
    for format, (media_type, names) in maps.names().items():
        ranges = " max_ranges 0;" if format in WHOLE_FORMATS else ""
        rows.append(
            f"location ~ {quoted(any_of(names))} {{ types {{ }} default_type {quoted(media_type)};"
            f" charset off;{ranges}{gzip} }}\n"
        )
    for ending, media_type in maps.asset_types().items():
        pattern = quoted(re.escape(ending) + "$")
        rows.append(f"location ~ {pattern} {{ types {{ }} default_type {quoted(media_type)}; charset off;{gzip} }}\n")
    return "".join(rows)


def _add_headers() -> str:
    rows = [
        ("ETag", "etag", False),
        ("Last-Modified", "modified", False),
        ("Cache-Control", "cache_control", False),
        ("Vary", "vary", False),
        ("Link", "link", False),
        ("Content-Security-Policy", "policy", True),
        ("Allow", "allow", True),
        ("Access-Control-Allow-Methods", "allow", True),
        ("Access-Control-Allow-Headers", "preflight_headers", True),
        ("Access-Control-Max-Age", "preflight_age", True),
        *((name, name.lower().replace("-", "_"), True) for name, _ in http_headers.COMMON_HEADERS),
    ]
    return "".join(f"add_header {name} $feeds_{variable}{' always' if always else ''};\n" for name, variable, always in rows)
