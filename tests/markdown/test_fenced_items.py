"""Fences that touch a list item, as Hexo with marked before version 5 has them."""

from __future__ import annotations

import dataclasses

import pytest

from feeds.content.flavour import MARKED
from feeds.content.markdown import render
from feeds.content.markdown.fenced_items import indented

FLAVOUR = dataclasses.replace(MARKED, fences_in_items=True)
CODE = "```js\nlet a;\n\n  b\n```"
SHOWN = '<pre><code class="language-js">let a;\n\n  b\n</code></pre>'


def html(text: str) -> str:
    return render.to_html(text, "markdown", FLAVOUR).strip()


def test_a_list_behind_the_fence_is_within_the_item() -> None:
    """It would be code, and the number begin anew."""
    shown = html(f"1. 甲\n{CODE}\n    - `乙`\n    - 丙\n\n2. 丁\n")
    assert SHOWN in shown and "<li>\n<p><code>乙</code></p>" not in shown
    assert "<code>乙</code></li>" in shown and shown.count("<ol") == 1 and "<pre>" in shown and shown.count("<pre>") == 1


def test_text_behind_the_fence_is_within_the_item() -> None:
    shown = html(f"1. 甲\n{CODE}\n接着`文`\n\n2. 乙\n")
    assert shown.count("<ol>") == 1 and "接着<code>文</code>" in shown


@pytest.mark.parametrize(
    "text",
    [
        f"1. 甲\n\n{CODE}\n    - 乙",  # a blank line between: the fence is its own
        f"甲\n{CODE}\n乙",
        "- 甲\n```js\nnever closed\n    - 乙",
        f"- 甲\n  {CODE.replace(chr(10), chr(10) + '  ')}",
        "- 甲 ```x``` 乙\n- 丙",
        f"{CODE}\n- 甲\n- 乙",
        "````\n- 甲\n```\nx\n```\n````",  # a list and a fence in code
        "",
    ],
)
def test_other_fences_stay(text: str) -> None:
    assert indented(text) == text


def test_a_heading_behind_the_fence_stays_at_the_margin() -> None:
    assert "\n## 题" in indented(f"- 甲\n{CODE}\n## 题\n")


def test_a_fence_below_a_heading_below_a_list_is_no_part_of_it() -> None:
    assert SHOWN in html(f"- 甲\n  - 乙\n### 题\n{CODE}\n")


@pytest.mark.parametrize(
    "fence",
    [
        " ```\n甲()\n  乙()\n ```",  # the code begins left of the fence
        "```\n甲()\n  乙()\n\t```",  # a tab before the end
        "    ```\n甲()\n  乙()\n    ```",
        "\n    ```\n甲()\n  乙()\n    ```",  # within the item, behind an empty line
        "\n\t```\n甲()\n  乙()\n\t```",
    ],
)
def test_code_left_of_its_fence_does_not_end_the_item(fence: str) -> None:
    shown = html(f"- 题\n{fence}\n- `丙`\n")
    assert "<pre><code>甲()\n  乙()\n</code></pre>" in shown and "<code>丙</code>" in shown
    assert "```" not in shown and shown.count("<ul>") == 1


def test_code_that_is_indented_more_than_its_fence_keeps_its_shape() -> None:
    shown = html("- 题\n```\n    甲()\n\t\t乙()\n```\n- 丙\n")
    assert "<pre><code>    甲()\n\t\t乙()\n</code></pre>" in shown and shown.count("<ul>") == 1


def test_tabs_of_code_stay() -> None:
    """Code that begins at the margin is moved as it is; spaces in place of tabs would be another program."""
    assert indented("1. a\n```\n\tb\n```\n") == "1. a\n   ```\n   \tb\n   ```\n"
