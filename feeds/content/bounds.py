"""What is too large or too deep: the error that says so, before anything of that size is made.

In come numbers, out comes a BoundError with the bound's setting. Knows no library.
"""

from __future__ import annotations


class BoundError(ValueError):
    """Content beyond a bound: what is too large, and the setting that raises the bound ("" where there is none)."""

    def __init__(self, what: str, setting: str = "") -> None:
        self.what, self.setting = what, setting
        super().__init__(what)
