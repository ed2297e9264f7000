"""Normal forms are those of the standard library, in time that grows with the text and not with its square."""

from __future__ import annotations

import ast
import unicodedata
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

import feeds
from feeds.normal_forms import Form, nfc, normal_form

FORMS = get_args(Form)
#: Letters, marks of several classes, and characters that become marks in some form.
_CHARACTERS = "aé茶가ㅏ，。" + "\u0301\u0327\u0316\u0345\u3099\u0f71\u0f72" + "\u0344\u0f73\u0f81" + "ﾞﾟ´"


@given(st.text(_CHARACTERS, max_size=300) | st.text("\u0301\u0327\u0345\u0f73ﾞ", min_size=64, max_size=300))
def test_as_the_standard_library_has_them(text: str) -> None:
    for form in FORMS:
        assert normal_form(form, text) == unicodedata.normalize(form, text)


@pytest.mark.parametrize("run", ["\u0301\u0327", "\uff9e\u0316", "\u0344\u0327", "\u0f73"])
def test_a_long_run_of_marks_is_sorted_at_once(run: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the standard library is given to sort is in order already, so that sorting it is one look at each mark."""
    given: list[str] = []

    def normalize(form: Form, text: str) -> str:
        given.append(text)
        return text

    normal_form("NFKD", f"a{run * 100}")
    monkeypatch.setattr("feeds.normal_forms.unicodedata", _Library(normalize))
    for form in FORMS:
        normal_form(form, "a" + unicodedata.normalize("NFKD", run) * 100)
        classes = [unicodedata.combining(character) for character in given[-1][1:]]
        assert classes == sorted(classes) and sorted(given[-1]) == sorted("a" + unicodedata.normalize("NFKD", run * 100)), form


class _Library:
    """The module `unicodedata` with another `normalize`."""

    combining = staticmethod(unicodedata.combining)

    def __init__(self, normalize: object) -> None:
        self.normalize = normalize


@pytest.mark.parametrize("start", range(1, 66))
def test_a_run_that_is_just_too_long_is_found_wherever_it_begins(start: int, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[str] = []

    def normalize(form: Form, text: str) -> str:
        given.append(text)
        return text

    monkeypatch.setattr("feeds.normal_forms.unicodedata", _Library(normalize))
    nfc("茶" * start + "\u0301\u0327" * 32 + "茶")
    assert given[-1] == "茶" * start + "\u0327" * 32 + "\u0301" * 32 + "茶"


def test_what_needs_nothing_is_given_back() -> None:
    for text in ("plain", "茶" * 100, "——" * 50):
        assert nfc(text) == text


def test_nobody_normalises_whole_texts_otherwise() -> None:
    """Only single characters, which have no run to sort."""
    names = set()
    for path in Path(feeds.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "unicodedata.normalize":
                names.add((path.name, ast.unparse(node.args[1])))
    assert {argument for name, argument in names if name != "normal_forms.py"} <= {"character", "letter", "char"}
