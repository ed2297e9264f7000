"""What a server hands to its child processes, across an upgrade of the package in between: values pickled by field names.

The standard pickle of a frozen dataclass with slots is its values in order: a field that an upgrade adds would silently
give each later one its neighbour's value.
"""

from __future__ import annotations

from dataclasses import fields
from typing import Any, BinaryIO

from feeds.errors import ExitCode, FeedsError


class UpgradedError(FeedsError):
    """What another version of the program pickled cannot be read by this one."""

    exit_code = ExitCode.WRONG_SETTINGS


class PickledByName:
    """A dataclass that is pickled with the names of its fields; a field that the reader knows besides has its default."""

    __slots__ = ()

    def __reduce__(self) -> tuple[Any, ...]:
        values = {field.name: getattr(self, field.name) for field in fields(self)}  # type: ignore[arg-type]  # a dataclass
        return restored, (type(self), values)


def restored(constructor: Any, values: dict[str, Any]) -> Any:
    """The value of a dataclass by its fields' names. Raises TypeError for a name that it does not have."""
    return constructor(**values)


def load(stream: BinaryIO) -> Any:
    """What our own parent process pickled. Raises UpgradedError where the program was upgraded in between."""
    import pickle

    try:
        return pickle.load(stream)  # noqa: S301  written by our own parent process
    except (AttributeError, ImportError, LookupError, TypeError, ValueError, pickle.UnpicklingError) as error:
        raise UpgradedError("the program was upgraded while its server runs", fix="restart the server") from error
