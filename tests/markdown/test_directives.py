"""Directives of reStructuredText that show nothing in a feed: the author is told, with the line."""

from __future__ import annotations

from feeds import content
from feeds.content.policy import Policy

BODY = """Text.

.. listing:: examples/tea.py python
   :linenos:

.. chart:: Bar
   :title: 'Cups'

   'green', [1, 2]

.. include:: ../footer.rst

.. note:: Kept.

.. youtube:: 8N_tupPBtWQ
"""


def test_directives_that_are_not_shown_are_told() -> None:
    result = content.clean(BODY, "rst-html5", base_url="https://tea.example/", policy=Policy())
    assert "Kept." in result.html
    assert [(note.line, note.what) for note in result.notes if note.code == "tag-unknown"] == [
        (3, "the directive 'listing' inserts 'examples/tea.py', which is not read"),
        (6, "the directive 'chart' is not known: what it shows is left out"),
        (11, "the directive 'include' inserts '../footer.rst', which is not read"),
    ]


def test_directives_that_are_shown_are_not() -> None:
    body = ".. note:: Tea\n\n.. code-block:: python\n\n   tea()\n\n.. image:: a.png\n"
    for markup in ("rst", "rst-html5"):
        notes = content.clean(body, markup, base_url="https://tea.example/", policy=Policy()).notes
        assert not [note for note in notes if note.code == "tag-unknown"]
