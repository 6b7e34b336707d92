"""The check of a file: every row read, compared with the register, and kept with what importing it would do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from itertools import dropwhile, islice
from uuid import UUID

from enterprises.calculations import check_character_fits
from enterprises.choices import ImportState, RowOutcome
from enterprises.facts import stored_text
from enterprises.models import Enterprise, RegisterImport, RegisterImportRow
from enterprises.permissions import tied_enterprises
from enterprises.services.imports.alike import RegisteredNames, core_names
from enterprises.services.imports.cells import ReadRow, read_facts
from enterprises.services.imports.headings import scale_of
from enterprises.services.imports.intake import rows_of
from enterprises.services.imports.problems import RowProblem, problem
from enterprises.services.imports.steps import ROWS_A_STEP, end, keep, taken_up
from lib.identifiers import uuid7
from lib.periods import local_day
from lib.spreadsheets import Row, UnreadableSheet

COUNTS = {
    RowOutcome.NEW: "rows_new",
    RowOutcome.UPDATE: "rows_updated",
    RowOutcome.UNCHANGED: "rows_unchanged",
    RowOutcome.REJECTED: "rows_rejected",
}


def check_register_import(import_id: UUID, by_user_id: int, clock: Callable[[], datetime]) -> Iterator[None]:
    """Check the rows of a file, a chunk before each `yield`, which commits it. Goes on where the last check stopped.

    `by_user_id`: whom what is found about enterprises that they keep out of is told.
    """
    current = taken_up(import_id, ImportState.CHECKING, clock())
    if current is None:
        return
    keep(current, clock())
    # Given back before the file is opened, which takes long: who stops the check meanwhile must not wait for it.
    yield
    try:
        yield from _check(current, by_user_id, clock)
    except UnreadableSheet as fault:
        current = taken_up(import_id, ImportState.CHECKING, clock())
        if current is not None:
            end(current, ImportState.FAILED, clock(), failure=fault.code)


def _check(begun: RegisterImport, by_user_id: int, clock: Callable[[], datetime]) -> Iterator[None]:
    with rows_of(begun) as rows:
        before, checked = last_number(begun), begun.rows_checked
        names = RegisteredNames(begun.park_id)
        waiting = dropwhile(lambda row: row.number <= before, iter(rows))
        while True:
            chunk = list(islice(waiting, ROWS_A_STEP))
            current = taken_up(begun.pk, ImportState.CHECKING, clock())
            if current is None or current.rows_checked != checked:
                # Stopped, or another worker is at it as well: that one goes on.
                return
            if not chunk:
                current.rows_total = checked
                end(current, ImportState.CHECKED, clock())
                return
            current.rows_total = max(rows.height - current.reading["heading_row"], checked)
            today = local_day(clock(), current.park.time_zone)
            rows_kept = _judged_rows(current, chunk, by_user_id, today)
            _note_names(rows_kept, names)
            RegisterImportRow.objects.bulk_create(rows_kept)
            _count(current, rows_kept)
            checked = current.rows_checked
            keep(current, clock())
            yield


def last_number(register_import: RegisterImport) -> int:
    """The last row of the sheet that is checked; that of the headings before the first."""
    checked = RegisterImportRow.objects.filter(register_import=register_import).order_by("-number")
    known: int | None = checked.values_list("number", flat=True).first()
    heading: int = register_import.reading["heading_row"]
    return known or heading


def _judged_rows(
    current: RegisterImport, chunk: Sequence[Row], by_user_id: int, today: date
) -> list[RegisterImportRow]:
    scale = scale_of(current.headings, current.mapping)
    read = [read_facts(row.cells, current.mapping, today=today, scale=scale) for row in chunk]
    codes = {row.credit_code for row in read if row.credit_code}
    known = Enterprise.objects.filter(park_id=current.park_id, credit_code__in=codes)
    registered = {found.credit_code: found for found in known}
    earlier = _numbers_of(current, codes)
    tied = tied_enterprises(by_user_id, [found.pk for found in registered.values()])
    kept = []
    for row, facts in zip(chunk, read, strict=True):
        kept.append(_judged(current, row.number, facts, registered.get(facts.credit_code), earlier))
        if kept[-1].outcome == RowOutcome.UPDATE and kept[-1].enterprise_id in tied:
            reject(kept[-1], RowProblem.NOT_IMPARTIAL)
        if facts.credit_code:
            earlier.setdefault(facts.credit_code, row.number)
    return kept


def _numbers_of(current: RegisterImport, codes: set[str]) -> dict[str, int]:
    """The first row of earlier chunks with each of these codes."""
    rows = RegisterImportRow.objects.filter(register_import=current, credit_code__in=codes).order_by("-number")
    return dict(rows.values_list("credit_code", "number"))


def _judged(
    current: RegisterImport, number: int, read: ReadRow, registered: Enterprise | None, earlier: dict[str, int]
) -> RegisterImportRow:
    """The row with what importing it would do."""
    problems = [*read.problems, *_problems_beyond_cells(read, registered, earlier)]
    row = RegisterImportRow(
        park_id=current.park_id,
        register_import=current,
        number=number,
        credit_code=read.credit_code,
        facts=read.facts,
        enterprise_id=registered.pk if registered else None,
    )
    if problems:
        row.outcome, row.reason, row.problems = RowOutcome.REJECTED, problems[0]["rule"], problems
    elif registered:
        row.changes = changes_of(registered, read.facts)
        row.outcome = RowOutcome.UPDATE if row.changes else RowOutcome.UNCHANGED
    else:
        _judge_new(row)
    return row


def _problems_beyond_cells(
    read: ReadRow, registered: Enterprise | None, earlier: dict[str, int]
) -> Iterator[dict[str, str]]:
    code = read.credit_code
    if code in earlier:
        yield problem("credit_code", code, RowProblem.CODE_TWICE, str(earlier[code]))
    if registered and registered.has_ended:
        yield problem("credit_code", code, RowProblem.HAS_ENDED)
    names = {wrong["column"] for wrong in read.problems}
    if code and not registered and "name_zh" not in read.facts.keys() | names:
        yield problem("name_zh", "", RowProblem.NAME_MISSING)


def reject(row: RegisterImportRow, rule: RowProblem) -> None:
    """For a reason that lies in no cell."""
    row.outcome, row.reason = RowOutcome.REJECTED, rule
    row.problems = [problem("credit_code", row.credit_code, rule)]


def _judge_new(row: RegisterImportRow) -> None:
    """Its identifier is chosen now: whoever imports it, once or twice, writes the same enterprise."""
    row.outcome, row.enterprise_id = RowOutcome.NEW, uuid7()
    if not check_character_fits(row.credit_code):
        row.needs_confirmation = True
        row.problems = [problem("credit_code", row.credit_code, RowProblem.ODD_CODE)]


def _note_names(rows: Sequence[RegisterImportRow], names: RegisteredNames) -> None:
    """Beside new ones whoever of the register has the name, or nearly, under another code."""
    new = [row for row in rows if row.outcome == RowOutcome.NEW]
    if not new or not names:
        return
    cores = core_names([row.facts["name_zh"] for row in new])
    for row, alike in zip(new, names.most_alike(cores), strict=True):
        if alike is not None:
            note = problem("name_zh", row.facts["name_zh"], RowProblem.NAME_ALIKE, " ".join(alike))
            row.problems = [*row.problems, note]


def changes_of(registered: Enterprise, facts: dict[str, str]) -> dict[str, list[str]]:
    """What the facts would change, as {name: [before, after]}; of what a row does not say nothing changes."""
    before = {name: stored_text(name, getattr(registered, name)) for name in facts}
    return {name: [before[name], after] for name, after in facts.items() if before[name] != after}


def _count(current: RegisterImport, rows: Sequence[RegisterImportRow]) -> None:
    for outcome, number in Counter(row.outcome for row in rows).items():
        name = COUNTS[RowOutcome(outcome)]
        setattr(current, name, getattr(current, name) + number)
    current.rows_to_confirm += sum(row.needs_confirmation for row in rows)
    current.rows_checked += len(rows)
    current.rows_total = max(current.rows_total, current.rows_checked)
