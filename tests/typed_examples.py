"""Check the examples of docs/python.md as mypy --strict has it: `python tests/typed_examples.py`, run by `make types`."""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path

from mypy import api

PAGE = Path(__file__).parents[1] / "docs" / "python.md"


def main() -> int:
    """Print what mypy says of each example, with its exit code."""
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for number, text in enumerate(re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL), 1):
            path = Path(folder) / f"example_{number}.py"
            path.write_text(text, "utf-8")
            paths.append(str(path))
        told, errors, code = api.run(["--strict", *paths])
    sys.stdout.write(told + errors)
    return code


if __name__ == "__main__":
    sys.exit(main())
