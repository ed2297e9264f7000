"""Percentages per generator and field over the recorded cases, and the differences of those that one names.

    python tests/dialects/report.py [NAME …] [--cases FOLDER] [-v]

NAME is a generator ("hexo"), a case ("hexo/slugs"); none means all. -v prints every difference.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1]))

from case_files import CaseError, case_folders, case_name, result_of, table


def main(description: str | None = __doc__) -> int:
    """Build, compare and print; returns the exit code: 1 if a case could not be built."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME")
    here = Path(__file__).parent
    parser.add_argument("--cases", type=Path, default=here / "cases" if (here / "cases").is_dir() else here)
    parser.add_argument("--field", action="append", help="print the differences of this field only")
    parser.add_argument("-v", "--verbose", action="store_true", help="print the differences")
    options = parser.parse_args()
    results, failed = [], False
    for folder in case_folders(options.cases):
        name = case_name(folder)
        if options.names and not any(wanted in (name, name.split("/")[0]) for wanted in options.names):
            continue
        try:
            result = result_of(folder)
        except CaseError as error:
            print(f"{name}: not built\n{error}", file=sys.stderr)
            failed = True
            continue
        results.append(result)
        if options.verbose:
            for difference in result.differences:
                if not options.field or difference.field in options.field:
                    print(difference)
    for line in table(results):
        print(line)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
