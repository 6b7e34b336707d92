"""The treasury's file of payments: read, answered line by line, and recorded. The same file twice changes nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from incentives.award_permissions import explain_no_payments
from incentives.models import Instalment, Payment
from incentives.services.ground import Invalid, lock_applications
from incentives.services.payments import Paid, payment_fault, record_faultless, wait_for_references
from lib.amounts import written_amount
from lib.formatting import money, number
from lib.spreadsheets import Cell, UnreadableSheet, examine, open_rows
from parks.actors import Actor

MOST_LINES = 2_000
LARGEST_FILE = 5 * 1024 * 1024
HEADINGS = {
    "number": ("number", "payment number", "编号", "拨付编号"),
    "paid_on": ("paid on", "date", "payment date", "日期", "拨付日期", "支付日期"),
    "amount_cny": ("amount", "amount ¥", "金额", "拨付金额", "金额 ¥"),
    "reference": ("reference", "treasury reference", "凭证号", "支付凭证号", "国库凭证号"),
}
DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?\Z|(\d{4})(\d{2})(\d{2})\Z")


@dataclass(frozen=True, slots=True)
class TreasuryLine:
    """One line as it was written; `row` as a spreadsheet program counts."""

    row: int
    number: str
    paid_on: str
    amount_cny: str
    reference: str

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Answer:
    """What becomes of a line. outcome: pays, known or refused."""

    line: TreasuryLine
    outcome: str
    words: str = ""


def read_treasury_file(upload: UploadedFile) -> list[TreasuryLine]:
    """The lines of a CSV or XLSX file whose first row names its columns."""
    if (upload.size or 0) > LARGEST_FILE:
        raise Invalid(_("The file is too large for a list of payments."), field="upload")
    try:
        examined = examine(upload)
        with open_rows(upload, examined.kind, examined.encoding, examined.delimiter, is_hurried=True) as rows:
            found = list(islice(rows, MOST_LINES + 2))
    except UnreadableSheet as error:
        raise Invalid(str(error.message), field="upload") from error
    if len(found) > MOST_LINES + 1:
        text = _("The file has more than %(count)s lines. Split it and send its parts one after another.")
        raise Invalid(text % {"count": number(MOST_LINES)}, field="upload")
    places = _places(found[0].cells if found else [])
    return [_line(row.number, row.cells, places) for row in found[1:]]


def answer_lines(actor: Actor, lines: Iterable[TreasuryLine], now: datetime) -> list[Answer]:
    """What would become of each line; nothing is written. As many queries for a thousand lines as for one."""
    return [answer for answer, _paid in _look_up(actor, list(lines), now)]


@transaction.atomic
def record_lines(actor: Actor, lines: Iterable[TreasuryLine], now: datetime) -> list[Answer]:
    """Record every line that can be recorded; the others are answered. Safe to repeat, and as few queries."""
    told = list(lines)
    lock_applications(
        Instalment.objects.filter(number__in=[line.number for line in told]).values("award__application_id")
    )
    wait_for_references(actor)
    found = _look_up(actor, told, now)
    record_faultless(actor, [paid for answer, paid in found if answer.outcome == "pays" and paid], now)
    return [answer for answer, _paid in found]


def _look_up(actor: Actor, lines: Sequence[TreasuryLine], now: datetime) -> list[tuple[Answer, Paid | None]]:
    known = _Known.of(actor, lines)
    seen: set[str] = set()
    references: set[str] = set()
    found: list[tuple[Answer, Paid | None]] = []
    for line in lines:
        answer, paid = _answer(known, line, now)
        if answer.outcome == "pays" and line.number in seen:
            answer = Answer(line, "refused", _("The file names this payment twice."))
        elif answer.outcome == "pays" and line.reference in references:
            answer = Answer(line, "refused", _("The file uses this reference twice."))
        seen.add(line.number)
        references.add(line.reference)
        found.append((answer, paid))
    return found


@dataclass(frozen=True, slots=True)
class _Known:
    """What the park knows of the payments that a file names: by number, the references in use, who may not pay."""

    instalments: dict[str, Instalment]
    references: frozenset[str]
    reasons: dict[UUID, str]

    @classmethod
    def of(cls, actor: Actor, lines: Sequence[TreasuryLine]) -> _Known:
        rows = Instalment.objects.select_related("award__application", "park", "payment")
        instalments = {row.number: row for row in rows.filter(number__in={line.number for line in lines})}
        taken = Payment.objects.filter(reference__in={line.reference for line in lines})
        applications = {row.award.application_id for row in instalments.values()}
        return cls(
            instalments, frozenset(taken.values_list("reference", flat=True)), explain_no_payments(actor, applications)
        )


def _answer(known: _Known, line: TreasuryLine, now: datetime) -> tuple[Answer, Paid | None]:
    instalment = known.instalments.get(line.number)
    if instalment is None:
        return Answer(line, "refused", _("There is no payment with this number.")), None
    try:
        paid = Paid(instalment, **_values(line))
    except Invalid as error:
        return Answer(line, "refused", error.message), None
    if hasattr(instalment, "payment"):
        return _compared(line, instalment.payment, paid), None
    fault, _field = payment_fault(paid, now, is_taken=line.reference in known.references)
    why_not = known.reasons[instalment.award.application_id] or fault
    return (Answer(line, "refused", why_not), None) if why_not else (Answer(line, "pays"), paid)


def _compared(line: TreasuryLine, known: Payment, paid: Paid) -> Answer:
    if (known.amount_cny, known.paid_on, known.reference) == (paid.amount_cny, paid.paid_on, paid.reference):
        return Answer(line, "known")
    told = {"reference": known.reference, "amount": money(known.amount_cny)}
    return Answer(line, "refused", _("Recorded already as %(reference)s with %(amount)s.") % told)


def _values(line: TreasuryLine) -> dict[str, Any]:
    try:
        amount = written_amount(line.amount_cny)
    except ValueError as error:
        raise Invalid(_("The amount is no number.")) from error
    return {"amount_cny": amount, "paid_on": _day(line.paid_on), "reference": line.reference}


def _day(written: str) -> date:
    match = DAY.match(written)
    try:
        return date(*(int(part) for part in match.groups() if part is not None)) if match else date.fromisoformat("")
    except ValueError as error:
        raise Invalid(_("The day is not written as year-month-day.")) from error


def _places(cells: Sequence[Cell]) -> dict[str, int]:
    headings = [str(cell).strip().casefold() for cell in cells]
    places = {
        name: place for name, words in HEADINGS.items() for place, heading in enumerate(headings) if heading in words
    }
    missing = [words[0] for name, words in HEADINGS.items() if name not in places]
    if missing:
        text = _("The first row must name the columns number, date, amount and reference; missing: %(names)s.")
        raise Invalid(text % {"names": ", ".join(missing)}, field="upload")
    return places


def _line(row: int, cells: Sequence[Cell], places: dict[str, int]) -> TreasuryLine:
    texts = {name: str(cells[place]).strip() if place < len(cells) else "" for name, place in places.items()}
    return TreasuryLine(row=row, **texts)
