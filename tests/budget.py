"""How long property tests search: in comes a number of examples, out goes that of this run.

By default each run tries the same examples, so that it passes or fails alike everywhere; `make fuzz` takes fresh seeds and many
more of them.
"""

from __future__ import annotations

import os

from hypothesis import settings

#: How many times as many examples as usual; set by `make fuzz`.
FACTOR = int(os.environ.get("FUZZ_FACTOR", "0"))

settings.register_profile("same", derandomize=True, deadline=None)
settings.register_profile("fuzz", derandomize=False, deadline=None, print_blob=True, max_examples=100 * max(1, FACTOR))


def load_profile() -> None:
    """Take the profile of this run, before any test module is imported."""
    settings.load_profile("fuzz" if FACTOR else "same")


def examples(usual: int) -> int:
    """How many examples to try where `usual` are by default."""
    return usual * max(1, FACTOR)
