"""The data classes of the project behave as the standard library's: each case is made with both decorators."""

from __future__ import annotations

import dataclasses
import inspect
import pickle
from collections.abc import Callable
from dataclasses import field
from typing import Any, ClassVar

import pytest

from feeds import quick_dataclass

Decorate = Callable[..., Callable[[type], type]]


def _all_kinds_of_fields(decorate: Decorate) -> type:
    @decorate(frozen=True, slots=True)
    class Tea:
        """With a docstring."""

        name: str
        minutes: int = 3
        notes: list[str] = field(default_factory=list)
        secret: str = field(default="", repr=False)
        weight: float = field(default=0.5, compare=False)
        strength: int = field(init=False)
        rank: int = field(default=7, init=False)
        made: dict[str, int] = field(default_factory=dict, init=False)
        origin: str = field(default="?", kw_only=True)
        kinds: ClassVar[int] = 2

        def __post_init__(self) -> None:
            object.__setattr__(self, "strength", self.minutes * 2)

    return Tea


def _changeable(decorate: Decorate) -> type:
    @decorate(slots=True)
    class Tea:
        name: str
        minutes: int = 3

    return Tea


def _without_slots(decorate: Decorate) -> type:
    @decorate(frozen=True)
    class Tea:
        name: str
        minutes: int = 3

    return Tea


def _by_name_only(decorate: Decorate) -> type:
    @decorate(frozen=True, slots=True, kw_only=True)
    class Tea:
        minutes: int = 3
        name: str

    return Tea


def _of_one_field(decorate: Decorate) -> type:
    @decorate(frozen=True, slots=True)
    class Tea:
        name: str

    return Tea


def _of_no_field(decorate: Decorate) -> type:
    @decorate(frozen=True)
    class Tea:
        pass

    return Tea


def _by_identity(decorate: Decorate) -> type:
    @decorate(eq=False, slots=True)
    class Tea:
        name: str

    return Tea


def _with_own_methods(decorate: Decorate) -> type:
    @decorate(frozen=True, slots=True)
    class Tea:
        name: str

        def __repr__(self) -> str:
            return "tea"

        def __eq__(self, other: object) -> bool:
            return isinstance(other, type(self)) and self.name.casefold() == other.name.casefold()

    return Tea


def _with_own_hash(decorate: Decorate) -> type:
    @decorate(frozen=True, slots=True)
    class Tea:
        name: str

        def __hash__(self) -> int:
            return 5

    return Tea


def _derived(decorate: Decorate) -> type:
    @decorate(frozen=True, slots=True)
    class Drink:
        name: str
        minutes: int = 3

    @decorate(frozen=True, slots=True)
    class Tea(Drink):
        minutes: int = 4
        origin: str = "?"

    return Tea


CASES = [
    _all_kinds_of_fields, _changeable, _without_slots, _by_name_only, _of_one_field, _of_no_field, _by_identity, _with_own_methods,
    _with_own_hash, _derived,
]  # fmt: skip


def _result(action: Callable[[], object]) -> object:
    """What comes of an action, or the type of its error."""
    try:
        return action()
    except Exception as error:
        return type(error)


def _behaviour(cls: type) -> dict[str, object]:
    """All that can be seen of a class and its values."""
    named = "name" in {item.name for item in dataclasses.fields(cls)}
    arguments = {"name": "puer"} if named else {}
    make: Callable[..., Any] = cls
    value, equal, other = make(**arguments), make(**arguments), make(**({"name": "Puer"} if named else {}))
    seen: dict[str, object] = {
        "parameters": [(item.name, item.kind) for item in inspect.signature(cls).parameters.values()],
        "fields": [(item.name, item.init, item.compare, item.kw_only) for item in dataclasses.fields(cls)],
        "slots": getattr(cls, "__slots__", None),
        "match": getattr(cls, "__match_args__", None),
        "text": repr(value).partition(" at 0x")[0],
        "equal": (value == equal, value == other, value != other, value == ("puer",)),
        "hash": _result(lambda: (hash(value) == hash(equal), hash(value) == hash(other), len({value, equal, other}))),
        "hash of": _result(lambda: hash(value)) if cls.__hash__ is not object.__hash__ else "identity",
        "set": _result(lambda: setattr(value, "name", "sencha")),
        # With slots the standard library's own error differs from version to version.
        "set another": _result(lambda: setattr(value, "colour", "green")) is not None,
        "delete": _result(lambda: delattr(value, "name")),
        "no argument": _result(lambda: repr(make()).partition(" at 0x")[0]),
        "by position": _result(lambda: repr(make("puer", 5)).partition(" at 0x")[0]),
        "too many": _result(lambda: make(*range(20))),
        "unknown": _result(lambda: make(**arguments, colour="green")),
        "state": _result(lambda: equal.__getstate__()),
        "copy": _result(lambda: dataclasses.replace(other, **arguments) == make(**arguments)),
        "dict": _result(lambda: dataclasses.asdict(equal)),
    }
    return seen


@pytest.mark.parametrize("case", CASES)
def test_a_class_behaves_as_one_of_the_standard_library(case: Callable[[Decorate], type]) -> None:
    """Same parameters, text, equality, hash, errors and copies."""
    assert _behaviour(case(quick_dataclass.dataclass)) == _behaviour(case(dataclasses.dataclass))


@quick_dataclass.dataclass(frozen=True, slots=True)
class Cup:
    """One that can be pickled, since its module knows it."""

    tea: str
    inner: Any = None


def test_a_frozen_value_survives_pickling() -> None:
    """Workers and the cache of settings send such values."""
    cup = Cup("puer", {"grams": 7})
    assert pickle.loads(pickle.dumps(cup)) == cup


def test_a_value_that_holds_itself_has_a_text() -> None:
    """As in the standard library, three dots stand where it begins again."""
    held: list[object] = []
    cup = Cup("puer", held)
    held.append(cup)
    assert repr(cup) == "Cup(tea='puer', inner=[...])"


def test_an_ordinary_class_derived_from_a_frozen_one_fixes_the_fields_alone() -> None:
    """As in the standard library."""

    class Mug(Cup):
        pass

    mug: Any = Mug("puer")
    mug.handle = "left"
    assert mug.handle == "left"
    del mug.handle
    with pytest.raises(dataclasses.FrozenInstanceError):
        mug.tea = "sencha"
    with pytest.raises(dataclasses.FrozenInstanceError):
        del mug.tea
