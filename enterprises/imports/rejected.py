"""The rejected rows of a file as a table: to be corrected and uploaded again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.utils.translation import gettext as _

from enterprises.imports import words
from enterprises.models import RegisterImport
from enterprises.queries.imports import rejected_numbers
from enterprises.services.imports import original_rows
from lib.formatting import number

# Made while somebody waits: who has more corrects what most of them share, and uploads the whole file anew.
MOST_ROWS = 10_000
MOST_CHARACTERS = 20_000_000


def rejected_table(register_import: RegisterImport) -> Iterator[Sequence[Any]]:
    """The headings, then the rows as they stand in the file with what is wrong; a last row where there are more."""
    problems = rejected_numbers(register_import)
    width = len(register_import.headings)
    yield [*register_import.headings, _("What is wrong"), _("What to do")]
    rows = original_rows(register_import, problems) if problems else ()
    told = ([*_filled(row.cells, width), *_told(problems[row.number])] for row in rows)
    yield from _first(told)


def _first(rows: Iterable[list[Any]]) -> Iterator[list[Any]]:
    characters = 0
    for place, row in enumerate(rows):
        characters += sum(len(str(cell)) for cell in row)
        if place == MOST_ROWS or characters > MOST_CHARACTERS:
            words_for_more = _("Only the first %(number)s rejected rows are in this file.")
            yield [words_for_more % {"number": number(place)}]
            return
        yield row


def _filled(cells: list[Any], width: int) -> list[Any]:
    return [*cells[:width], *[""] * (width - len(cells))]


def _told(problems: Iterable[dict[str, str]]) -> list[str]:
    named = [
        {"column": words.column_words(one["column"]), "problem": words.rule_words(one["rule"])} for one in problems
    ]
    wrong = _("; ").join(_("%(column)s: %(problem)s") % one for one in named)
    return [wrong, " ".join(words.advice(one) for one in problems)]
