"""Files of enterprises on their way into the register: taken in, matched, checked row by row, imported in chunks."""

from enterprises.services.imports.acts import (
    ImportNotNow,
    MatchingUnclear,
    cancel_import,
    match_columns,
    resume_import,
    start_import,
)
from enterprises.services.imports.cells import IMPORTED, NAMES, read_facts
from enterprises.services.imports.checking import check_register_import
from enterprises.services.imports.headings import HEADINGS, capital_scale, heading_of, matched, plain_heading
from enterprises.services.imports.importing import import_rows
from enterprises.services.imports.intake import original_rows, take_in_file
from enterprises.services.imports.problems import RowProblem
from enterprises.services.imports.retention import forget_rows

__all__ = [
    "HEADINGS",
    "IMPORTED",
    "NAMES",
    "ImportNotNow",
    "MatchingUnclear",
    "RowProblem",
    "cancel_import",
    "capital_scale",
    "check_register_import",
    "forget_rows",
    "heading_of",
    "import_rows",
    "match_columns",
    "matched",
    "original_rows",
    "plain_heading",
    "read_facts",
    "resume_import",
    "start_import",
    "take_in_file",
]
