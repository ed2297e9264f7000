"""The head of a request: in come its bytes, out goes a Request, or a BadRequestError with the status to answer.

Strict where two programs could read a request differently (RFC 9112 section 11.2), tolerant elsewhere. Pure: no socket,
no clock.
"""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import quote_from_bytes, unquote_to_bytes

from feeds.lazy_patterns import lazy_pattern

#: A request line, and all header lines together, may be so long; longer ones are answered 414 and 431.
LONGEST_LINE_BYTES = 8_192
LONGEST_HEAD_BYTES = 16_384
_MOST_FIELDS = 100

_TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_LINE = lazy_pattern(rb"(" + _TOKEN + rb") (\S+) HTTP/([0-9])\.([0-9])")
_FIELD = lazy_pattern(rb"(" + _TOKEN + rb"):([\t\x20-\x7e\x80-\xff]*)")
#: What may stand around a field's value (OWS, RFC 9110 section 5.6.3).
_BLANKS = b"\t "
#: Bytes that a target may have. Those of a path in another script are not allowed by RFC 3986, but are sent.
_TARGET = lazy_pattern(rb"[!-\x22$-~\x80-\xff]+")
#: Without user information, and with a host: RFC 9110 section 4.2.1, 4.2.4.
_ABSOLUTE = lazy_pattern(rb"https?://[^/?@:][^/?@]*(?=[/?]|\Z)", re.IGNORECASE)
_HOST = lazy_pattern(r"[^\s/\\@?#\x00-\x20\x7f]*")
_CODED_SEPARATOR = lazy_pattern(rb"%(?:2[fF]|5[cC]|00)")
#: Everything that a URL may hold as it is, and "%", which begins what is coded already.
_KEPT = "".join(map(chr, range(0x21, 0x7F)))


class BadRequestError(Exception):
    """A request that cannot be answered as it was meant: the status says why, and the connection ends."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status, self.text = status, text


class Request(NamedTuple):
    """A request without its body.

    `target` is the path as it was sent, in ASCII, `path` the same decoded, as WSGI has it (PEP 3333). `fields` are the
    header's, names in lower case, several of one name joined. `body_bytes` is None where the length is not known.
    """

    method: str
    target: str
    path: str
    query: str
    version: str
    fields: dict[str, str]
    body_bytes: int | None
    closes: bool

    @property
    def has_coded_separator(self) -> bool:
        """Whether the path holds a coded slash, backslash or NUL, which is not the character itself."""
        return _CODED_SEPARATOR.search(self.target.encode("ascii")) is not None


def parse(head: bytes) -> Request:
    """The request whose head, up to and with the empty line, this is. Raises BadRequestError."""
    lines = head[:-4].split(b"\r\n")
    if len(lines[0]) > LONGEST_LINE_BYTES:
        raise BadRequestError(414, "The address is too long.")
    if len(head) > LONGEST_HEAD_BYTES or len(lines) > _MOST_FIELDS + 1:
        raise BadRequestError(431, "The header is too long.")
    method, target, version = _request_line(lines[0])
    fields = _fields(lines[1:], version)
    path, query = _origin_form(method, target)
    connection = {option.strip() for option in fields.get("connection", "").lower().split(",")}
    # A connection of HTTP/1.0 ends with its answer, whatever the client would like (RFC 9112 section 9.3 allows it).
    closes = "close" in connection or version == "1.0"
    decoded = unquote_to_bytes(path).decode("latin-1")
    return Request(method, path, decoded, query, version, fields, _body_bytes(fields, version), closes)


def incomplete(data: bytes) -> None:
    """Look at the beginning of a head. Raises BadRequestError where nothing that follows could make it a request."""
    line, ended, _ = data.partition(b"\r\n")
    if len(line) > LONGEST_LINE_BYTES:
        raise BadRequestError(414, "The address is too long.")
    if len(data) > LONGEST_HEAD_BYTES:
        raise BadRequestError(431, "The header is too long.")
    if ended:
        _request_line(line)
    elif not re.match(_TOKEN + rb"(?: |\Z)", line) or b"\n" in line:
        raise BadRequestError(400, "This is not an HTTP request.")


def _request_line(line: bytes) -> tuple[str, bytes, str]:
    match = _LINE.fullmatch(line)
    if match is None:
        raise BadRequestError(400, "The request line is not valid.")
    if match[3] != b"1":
        raise BadRequestError(505, "This server speaks HTTP/1.1.")
    method = match[1].decode()
    if method != method.upper():
        raise BadRequestError(501, "Methods are in upper case.")
    return method, match[2], "1.0" if match[4] == b"0" else "1.1"


def _fields(lines: list[bytes], version: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    for line in lines:
        match = _FIELD.fullmatch(line)
        if match is None:
            raise BadRequestError(400, "A line of the header is not valid.")
        name, value = match[1].decode().lower(), match[2].strip(_BLANKS).decode("latin-1")
        if name in fields and name in ("host", "content-length", "transfer-encoding"):
            raise BadRequestError(400, f"There are two lines {name.title()}.")
        # A list may come in several lines (RFC 9110 section 5.3).
        fields[name] = f"{fields[name]}, {value}" if name in fields else value
    if ("host" not in fields and version == "1.1") or not _HOST.fullmatch(fields.get("host", "")):
        raise BadRequestError(400, "Host is missing or not valid.")
    return fields


def _origin_form(method: str, target: bytes) -> tuple[str, str]:
    """The path and the query of a target in any of its forms (RFC 9112 section 3.2)."""
    if not _TARGET.fullmatch(target):
        raise BadRequestError(400, "The address is not valid.")
    if (target == b"*" and method == "OPTIONS") or method == "CONNECT":
        target = b"/"
    absolute = _ABSOLUTE.match(target)
    if absolute is not None:
        rest = target[absolute.end() :]
        target = rest if rest.startswith(b"/") else b"/" + rest
    if not target.startswith(b"/"):
        raise BadRequestError(400, "The address is not valid.")
    path, _, query = target.partition(b"?")
    return quote_from_bytes(path, _KEPT), quote_from_bytes(query, _KEPT)


def _body_bytes(fields: dict[str, str], version: str) -> int | None:
    coding, length = fields.get("transfer-encoding"), fields.get("content-length")
    if coding is not None:
        # Two lengths are two readings of where the next request begins (RFC 9112 section 6.1).
        if length is not None or version == "1.0":
            raise BadRequestError(400, "The length of the body is not clear.")
        if coding.lower() != "chunked":
            raise BadRequestError(501, "This transfer coding is not known.")
        return None
    if length is None:
        return 0
    if not re.fullmatch(r"[0-9]{1,18}", length):
        raise BadRequestError(400, "Content-Length is not a number.")
    return int(length)
