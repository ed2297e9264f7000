"""`dataclass` as the standard library has it, in a fifth of its time: a class comes in, goes out with the same methods.

The standard one compiles source text for each of up to six methods of each class, 0.9 ms a class in Python 3.11. A run in which
one post has changed defines a hundred of them, which took a seventh of its time. `__init__` alone has to be compiled to be fast
and to have the fields for parameters; the other methods do the same for every class, and are functions of this module.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from operator import attrgetter
from reprlib import recursive_repr
from typing import TYPE_CHECKING, Any

__all__ = ["dataclass"]

if TYPE_CHECKING:
    from dataclasses import dataclass
else:

    def dataclass(cls=None, /, *, frozen=False, eq=True, slots=False, kw_only=False):
        """As `dataclasses.dataclass`, with the options that the project uses; a field may be anything but an InitVar.

        A class derived from such a one is made with this decorator, too: the standard one takes it for one that is not frozen.
        """

        def finished(plain):
            plain.__doc__ = plain.__doc__ or plain.__name__  # else the standard decorator inspects its signature
            # Collects the fields, adds __slots__, compiles nothing.
            made = dataclasses.dataclass(init=False, repr=False, eq=False, slots=slots, kw_only=kw_only)(plain)
            fields = dataclasses.fields(made)
            _add(made, __init__=_init(made, fields, frozen=frozen), __repr__=_repr)
            if eq:
                _add_comparison(made, [field.name for field in fields if field.compare], frozen=frozen)
            if frozen:
                made.__setattr__, made.__delattr__ = _refuse_setting, _refuse_deleting
            if frozen and slots:
                _add(made, __getstate__=_getstate, __setstate__=_setstate)
            return made

        return finished if cls is None else finished(cls)


#: In place of an argument that was not given, where the field has a factory.
_NOT_GIVEN = object()


def _add(cls: type, **methods: Any) -> None:
    """Add the methods that the class does not define itself."""
    for name, method in methods.items():
        if name not in cls.__dict__:
            setattr(cls, name, method)


def _init(cls: type, fields: Sequence[dataclasses.Field[Any]], *, frozen: bool) -> Callable[..., None]:
    """`__init__` with the fields for parameters."""
    names: dict[str, Any] = {"_set": object.__setattr__, "_NOT_GIVEN": _NOT_GIVEN}
    parameters: dict[bool, list[str]] = {False: ["self"], True: ["*"]}
    statements = []
    for field in fields:
        name = value = field.name
        default = ""
        if field.default_factory is not dataclasses.MISSING:
            names[f"_new_{name}"] = field.default_factory
            default = "=_NOT_GIVEN"
            value = f"_new_{name}() if {name} is _NOT_GIVEN else {name}" if field.init else f"_new_{name}()"
        elif field.default is not dataclasses.MISSING:
            names[f"_default_{name}"] = field.default
            default = f"=_default_{name}"
            value = name if field.init else f"_default_{name}"
        elif not field.init:
            continue
        if field.init:
            parameters[bool(field.kw_only)].append(name + default)
        statements += [f"  _set(self, {name!r}, {value})" if frozen else f"  self.{name} = {value}"]
    if hasattr(cls, "__post_init__"):
        statements += ["  self.__post_init__()"]
    heads = (*parameters[False], *(parameters[True] if len(parameters[True]) > 1 else ()))
    exec("\n".join((f"def __init__({', '.join(heads)}):", *statements, "  return")), names)  # noqa: S102  names of fields alone
    method: Callable[..., None] = names["__init__"]
    method.__qualname__ = f"{cls.__qualname__}.__init__"
    return method


def _add_comparison(cls: type, names: Sequence[str], *, frozen: bool) -> None:
    """`__eq__` by the named fields, and `__hash__` of them; a class that is not frozen is not hashable."""
    values: Callable[[Any], object] = (
        attrgetter(*names) if len(names) > 1 else lambda self: tuple(getattr(self, name) for name in names)
    )

    def __eq__(self: Any, other: object) -> bool:  # noqa: N807
        return values(self) == values(other) if other.__class__ is self.__class__ else NotImplemented

    def __hash__(self: Any) -> int:  # noqa: N807
        return hash(values(self))

    if cls.__dict__.get("__hash__") is None:  # None is what Python itself writes where a class has __eq__ alone
        cls.__hash__ = __hash__ if frozen else None  # type: ignore[assignment]
    _add(cls, __eq__=__eq__)


@recursive_repr()
def _repr(self: Any) -> str:
    fields = (f"{field.name}={getattr(self, field.name)!r}" for field in dataclasses.fields(self) if field.repr)
    return f"{self.__class__.__qualname__}({', '.join(fields)})"


def _is_fixed(self: Any, name: str) -> bool:
    """Whether a frozen class, or one derived from it, has the attribute as a field, or may have no other attributes."""
    return "__dataclass_fields__" in type(self).__dict__ or name in self.__dataclass_fields__


def _refuse_setting(self: Any, name: str, value: object) -> None:
    if _is_fixed(self, name):
        raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")
    object.__setattr__(self, name, value)


def _refuse_deleting(self: Any, name: str) -> None:
    if _is_fixed(self, name):
        raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")
    object.__delattr__(self, name)


def _getstate(self: Any) -> list[object]:
    return [getattr(self, field.name) for field in dataclasses.fields(self)]


def _setstate(self: Any, state: Sequence[object]) -> None:
    for field, value in zip(dataclasses.fields(self), state, strict=True):
        object.__setattr__(self, field.name, value)
