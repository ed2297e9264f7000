"""What each generator published of its recorded sites is what `feeds init` + `feeds build` publish: link, date, title, terms, text, pictures.

The cases are folders beside this file (`cases/<generator>/<case>/`); how they are recorded is in `record/`. One test per case and field, so that
a failure names the case, the post, the field, ours and the generator's.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from case_files import FIELDS, CaseError, case_folders, case_name, result_of

HERE = Path(__file__).parent
ROOT = Path(os.environ.get("DIALECT_CASES") or (HERE / "cases" if (HERE / "cases").is_dir() else HERE))
CASES = case_folders(ROOT)
#: Generators whose dialects are being written, with the fields that are not compared until they leave this table.
IN_PROGRESS: dict[str, frozenset[str]] = {}


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("folder", CASES, ids=case_name)
def test_same_as_the_generator(folder: Path, field: str) -> None:
    """No post of the case differs in this field from what the generator published."""
    if field in IN_PROGRESS.get(folder.parent.name, ()) and ROOT == HERE / "cases":
        pytest.skip("the dialect is not complete")
    try:
        result = result_of(folder)
    except CaseError as error:
        pytest.fail(f"{case_name(folder)} was not built:\n{error}")
    differences = result.of(field)
    if differences:
        listing = "\n".join(map(str, differences[:15]))
        pytest.fail(f"{len(differences)} of {result.compared[field]} differ\n{listing}", pytrace=False)
