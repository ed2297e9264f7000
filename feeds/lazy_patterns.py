"""Regular expressions that are compiled when they are first used: in comes what `re.compile` takes, out goes what it gives.

A build defines 400 patterns and uses 50 of them where one post has changed; compiling them all took a tenth of its time.
"""

from __future__ import annotations

import re
from typing import Any, AnyStr, cast

#: What a compiled pattern has; taken over when it is compiled, so that a use costs no more than one of the pattern itself.
_ATTRIBUTES = (
    "findall", "finditer", "flags", "fullmatch", "groupindex", "groups", "match", "pattern", "scanner", "search", "split", "sub",
    "subn",
)  # fmt: skip


class _Compiled:
    """A pattern that has been used."""

    __slots__ = (*_ATTRIBUTES, "_arguments")


class _Lazy(_Compiled):
    """A pattern that has not been used yet; its first use makes it a `_Compiled`."""

    __slots__ = ()

    def __init__(self, pattern: Any, flags: int) -> None:
        self._arguments = (pattern, flags)

    def __getattr__(self, name: str) -> Any:
        compiled = re.compile(*self._arguments)
        for attribute in _ATTRIBUTES:
            setattr(self, attribute, getattr(compiled, attribute))
        self.__class__ = _Compiled  # type: ignore[assignment]
        return getattr(self, name)


def lazy_pattern(pattern: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """The pattern with all methods and attributes of a compiled one. A mistake in it comes up when it is first used.

    Functions of `re` do not take it in place of a text: use its methods.
    """
    return cast("re.Pattern[AnyStr]", _Lazy(pattern, flags))
