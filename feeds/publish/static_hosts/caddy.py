"""What Caddy reads: in come the facts of the maps, out goes a Caddyfile to import. Nothing is read from disk."""

from __future__ import annotations

from feeds import MANIFEST_NAME, http_headers
from feeds.media_types import compressible
from feeds.publish.static_hosts.maps import Maps
from feeds.publish.static_hosts.patterns import MEMBER, NOTE, SUFFIXES, WHOLE_FORMATS, any_of, quoted


def caddy(maps: Maps) -> dict[str, str]:
    """`Caddyfile`, to be imported in a route of a site's block, after `root` and before `file_server`."""
    rows = "".join(
        f"\t{quoted(path)} {quoted(maps.tag(document))} {quoted(maps.modified(document))} {quoted(maps.links(document))} "
        f"{quoted(document.media_type)} {quoted('1' if compressible(document.media_type) else '')} "
        f"{quoted(maps.own_control(document) or maps.cache_control)}\n"
        for path, document in maps.documents()
    )
    gone = "".join(f"\t{quoted(path)} {quoted('410')}\n" for path in maps.retired())
    moved = "".join(f"\t{quoted(path)} {quoted(url)}\n" for path, url in [*maps.moved(), *maps.folders()])
    common = "".join(f"\t{name} {quoted(value)}\n" for name, value in http_headers.COMMON_HEADERS)
    shared = "".join(f"\t{name} {quoted(value)}\n" for name, value in http_headers.CROSS_ORIGIN_HEADERS)
    file_names = {name for format in WHOLE_FORMATS for name in maps.names().get(format, ("", ()))[1]}
    return {
        "Caddyfile": NOTE
        + _CADDY.format(
            facts=_CADDY_FACTS, rows=rows, gone=gone, moved=moved, common=common,
            below_root=_CADDY_BASE_PATH.format(root=maps.root, manifest=MANIFEST_NAME) if maps.root != "/" else "",
            pages=maps.pages().pattern, page_policy=quoted(maps.page_policy()), feed_policy=quoted(http_headers.FEED_POLICY),
            allow=http_headers.ALLOW, unmodified=_UNMODIFIED, shared=shared, whole=any_of(sorted(file_names)),
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

# A 304 does not repeat what the client has stored (RFC 9110 section 15.4.5), but for what lets a script read the answer.
@feeds_unmodified expression `{unmodified}`
@feeds_whole_answer expression `!({unmodified})`
header -Server
header @feeds_whole_answer {{
{common}	defer
}}
@feeds_script {{
	expression `{unmodified}`
	header Origin *
}}
header @feeds_script {{
{shared}	defer
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

@feeds_whole_page {{
	path_regexp {pages}
	expression `!({unmodified})`
}}
@feeds_whole_other {{
	not path_regexp {pages}
	expression `!({unmodified})`
}}
header @feeds_whole_page Content-Security-Policy {page_policy}
header @feeds_whole_other Content-Security-Policy {feed_policy}

@feeds_known expression `{{feeds_tag}} != ""`
header @feeds_known {{
	Cache-Control "{{feeds_control}}"
	Last-Modified "{{feeds_modified}}"
}}
@feeds_typed expression `{{feeds_tag}} != "" && !({unmodified})`
header @feeds_typed Content-Type "{{feeds_type}}"
@feeds_linked expression `{{feeds_link}} != "" && !({unmodified})`
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
# Ranges are defined for GET alone (RFC 9110 section 14.2).
@feeds_head method HEAD
request_header @feeds_head -Range

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
    + _cel(rf'^(?:{MEMBER})*[\t ]*(?:[Ww]/)?(?:"')
    + " + {feeds_tag} + "
    + _cel(f'{SUFFIXES}"|')
    + " + {feeds_tag} + "
    + _cel(rf"{SUFFIXES})[\t ]*(?:,|$)")
    + ") || {http.request.header.If-None-Match}.matches("
    + _cel(r"^\s*[*]\s*$")
    + ")"
)
#: Where If-None-Match or an equal If-Modified-Since makes a 304: If-Match has been looked at before, and where dates must be
#: compared Caddy's file server does it (RFC 9110 section 13.2.2).
_UNMODIFIED = (
    '({http.request.method} == "GET" || {http.request.method} == "HEAD") && {feeds_tag} != "" && '
    '({http.request.header.If-Match} != "" || {http.request.header.If-Unmodified-Since} == "" || '
    "{http.request.header.If-Unmodified-Since} == {feeds_modified}) && "
    '(({http.request.header.If-None-Match} == "" && {http.request.header.If-Modified-Since} == {feeds_modified}) || '
    f"{_CADDY_KNOWS})"
)
_REQUIRED = (
    "{http.request.header.If-Match}.matches("
    + _cel(rf'^(?:{MEMBER})*[\t ]*"')
    + " + {feeds_tag} + {vars.feeds_suffix} + "
    + _cel(r'"[\t ]*(?:,|$)')
    + ") || {http.request.header.If-Match}.matches("
    + _cel(r"^\s*[*]\s*$")
    + ")"
)
_CADDY_UNMODIFIED = f"""
# A 412 is about this one request: a cache would keep it for all who ask for the URL.
@feeds_failed {{
	header If-Match *
	expression `{{feeds_tag}} != "" && !({_REQUIRED})`
}}
header @feeds_failed Cache-Control no-store
respond @feeds_failed 412
@feeds_required {{
	header If-Match *
	expression `{{feeds_tag}} != ""`
}}
request_header @feeds_required -If-Unmodified-Since
request_header @feeds_required -If-Match
@feeds_since header If-Unmodified-Since *
header @feeds_since Cache-Control no-store

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
