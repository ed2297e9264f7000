"""How near the feeds come to what each site generator publishes: percentages per generator and field.

    python benchmarks/fidelity.py [NAME …] [--cases FOLDER] [-v]

Builds the recorded sites of tests/dialects/cases, or of a folder of the same shape (GENERATOR/CASE/site with expected.json),
with `feeds init` and `feeds build`, and compares link, title, dates, terms, text, code, pictures and links with what the
generator made of them. NAME is a generator ("hexo") or a case ("hexo/slugs"). `missing` and `extra` are counts of posts; "-"
says that nothing was recorded.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "dialects"))

from report import main

if __name__ == "__main__":
    sys.exit(main(__doc__))
