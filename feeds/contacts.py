"""People as their names are typed: in comes `Carol <carol@example.org>`, out go name, e-mail address and home page apart.

No address is ever left in a name: names are shown to everybody, addresses only if a site asks for it. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from feeds.lazy_patterns import lazy_pattern
from feeds.normal_forms import normal_form
from feeds.text import without_invisible

#: An address (RFC 5322 section 3.4.1, without quoted local parts, nor |, which is put between parts); nothing
#: before it but what cannot be part of it.
_ADDRESS = lazy_pattern(
    r"(?:(?:mailto|xmpp|e-?mail)\s{0,9}:\s{0,9}/{0,2})?(?<![\w.@+-])([\w.!#$%&'*+/=?^`{}~-]{1,64})@"
    r"([^\W_](?:[\w-]{0,62})(?:\.[^\W_][\w-]{0,62}){0,8})(?:\?[^\s<>()\[\]\"']{0,200})?",
    re.IGNORECASE,
)
#: `@carol@social.example`: a handle whose second half would make it an address.
_HANDLE = lazy_pattern(r"(@[\w.-]{1,64})@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_URL = lazy_pattern(r"https?://[^\s<>()\[\]\"']+", re.IGNORECASE)
_TAG = lazy_pattern(r"<(?:/?a\b[^<>]{0,300}|\s*)>", re.IGNORECASE)
_EMPTY = lazy_pattern(r"\(\s*\)|\[\s*\]|<\s*>|\{\s*\}|（\s*）|＜\s*＞|【\s*】")
_EDGES = " \t,;:|/\\<>()[]{}\"'“”‘’«»，；：、|（）＜＞【】–—·•-"
_BETWEEN = lazy_pattern(r"\s{0,9}[,，、;；&]\s{0,99}|(?<!\s)\s{1,99}(?:and|und|et|y|和|与)\s{1,99}")


class Contact(NamedTuple):
    """A person. `name` holds no address; of one who gives nothing but an address it is the part before the @."""

    name: str
    email: str | None = None
    url: str | None = None


def contact(text: str) -> Contact:
    """The person that a text names. `name` is "" if it names nobody."""
    if "@" not in text and "＠" not in text and "://" not in text:
        return Contact(text.strip())
    text = _HANDLE.sub(r"\1", normal_form("NFKC", without_invisible(text)))
    link = _URL.search(text)
    rest = _URL.sub(" ", text)
    match = _ADDRESS.search(rest)
    rest = _ADDRESS.sub(" ", _TAG.sub(" ", rest) if match or link else rest)
    while (shorter := _EMPTY.sub(" ", rest)) != rest:
        rest = shorter
    name = " ".join(rest.split()).strip(_EDGES)
    name += ")" * (name.count("(") - name.count(")"))
    return Contact(
        name or (match[1] if match else ""), f"{match[1]}@{match[2]}" if match else None, link[0] if link else None
    )  # fmt: skip


def contacts(text: str, *, several: bool) -> Iterator[Contact]:
    """The people that a text names: one, unless it is a list of `several` names or holds more than one address."""
    addresses = len(_ADDRESS.findall(text)) if "@" in text else 0
    waiting: Contact | None = None
    for piece in _BETWEEN.split(text) if several or addresses > 1 else [text]:
        person = contact(piece)
        if waiting is not None and waiting.email is None and person.email and person.name == person.email.partition("@")[0]:
            # `Carol, carol@example.org` is one person.
            waiting = waiting._replace(email=person.email)
            continue
        if waiting is not None and waiting.name:
            yield waiting
        waiting = person
    if waiting is not None and waiting.name:
        yield waiting
