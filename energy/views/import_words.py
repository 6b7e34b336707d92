"""An import of readings in words: its state, why it failed, what to do about what was rejected."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from energy.choices import ImportState, Rule
from energy.models import ReadingImport
from energy.tables import IMPORT_STATES
from lib.formatting import number, percent
from lib.spreadsheets import WORDS as OF_SHEETS

FAILURES: dict[str, Any] = {
    "archive_bomb": gettext_lazy("The archive is far larger inside than a file of readings."),
    "binary": gettext_lazy("This file has the name of a text but is none."),
    "broken_archive": gettext_lazy("The archive is damaged. Pack it anew."),
    "broken_xml": gettext_lazy("The XML of the file is not well-formed."),
    "empty": gettext_lazy("The file holds nothing."),
    "encrypted_archive": gettext_lazy("The archive is protected by a password. Pack it without one."),
    "hostile_xml": gettext_lazy("The XML carries definitions that no meter writes."),
    "line_too_long": gettext_lazy("A line is far longer than a row of readings. A quotation mark may be missing."),
    "nem13": gettext_lazy("This is a file of accumulated reads (NEM13). Only interval files (NEM12) are read."),
    "no_blocks": gettext_lazy("The file holds no interval blocks of Green Button."),
    "no_column_day": gettext_lazy("No column is headed “day”. Head the one with the days so."),
    "no_column_meter": gettext_lazy("No column is headed “meter”. Head the one with the meters so."),
    "no_column_time": gettext_lazy("No column is headed “time”. Head the one with the times so."),
    "no_column_value": gettext_lazy("No column is headed “value”. Head the one with the values so."),
    "no_header": gettext_lazy("The file does not begin with the record that its format asks for."),
    "no_points": gettext_lazy(
        "No columns hold the points of a day. Head 24, 48, 96, 144 or 288 of them by times, as 00:15, or by numbers."
    ),
    "no_table": gettext_lazy("The file holds no table with a meter, a time and a value."),
    "file_gone": gettext_lazy("The file is not in the store any more. Bring it again."),
    "two_decimal_marks": gettext_lazy(
        "Some numbers have a decimal point and others a decimal comma. Write them alike and bring the file again."
    ),
    "unknown_encoding": gettext_lazy("The XML is in an encoding that is not read. Save it in UTF-8."),
    "short_rows": gettext_lazy("Most rows from here on have far fewer cells than there are headings."),
    "several_files": gettext_lazy("The archive holds several files. Bring them one by one."),
    "utf16": gettext_lazy("The text is in UTF-16. Save it as UTF-8 or GB 18030."),
    "worker_lost": gettext_lazy("Several workers ended while they read this file. Split it, or tell the operator."),
    "xml_too_deep": gettext_lazy("The elements of the XML lie far deeper in each other than those of readings."),
    "xml_too_long": gettext_lazy("An attribute, a comment or a name of the XML is far longer than any of readings."),
}
ADVICE: dict[str, Any] = {
    Rule.UNREADABLE_ROW: gettext_lazy("Correct the row at its source."),
    Rule.UNREADABLE_TIME: gettext_lazy("Write year-month-day hour:minute, for example 2026-11-18 00:15."),
    Rule.NO_SUCH_TIME: gettext_lazy("The clock leaves this hour out: check the zone of the feed."),
    Rule.UNREADABLE_VALUE: gettext_lazy("Write a number, or leave the cell empty where there is none."),
    Rule.UNKNOWN_METER: gettext_lazy("Enter the meter, or give it this serial number and code."),
    Rule.UNCONFIRMED_METER: gettext_lazy("Confirm the meter on its page, then bring the file again."),
    Rule.UNKNOWN_UNIT: gettext_lazy("Check the unit of the channel, and that of the file."),
    Rule.WRONG_INTERVAL: gettext_lazy("Check the interval of the channel."),
    Rule.OFF_GRID: gettext_lazy("Times are the beginnings of intervals: 00:00, 00:15 and so on."),
    Rule.OUTSIDE_VALIDITY: gettext_lazy("Check when the meter was in service."),
    Rule.DUPLICATE: gettext_lazy("Keep one of the two rows."),
    Rule.NEGATIVE: gettext_lazy("Check the meter; what is fed in has a channel of its own."),
    Rule.OUT_OF_RANGE: gettext_lazy("Check the multiplier and the rated power of the channel."),
    Rule.FUTURE: gettext_lazy("Check the clock of the gateway."),
    Rule.REGISTER_RESET: gettext_lazy("Check whether the meter was changed, and where its dial begins anew."),
}


def state_badge(reading_import: ReadingImport, now: datetime) -> tuple[str, str]:
    """The state of the badge and its word: how far the worker is, or that it is silent."""
    if reading_import.is_abandoned(now):
        return "bad", _("No sign of the worker")
    word = str(reading_import.get_state_display())
    if reading_import.state == ImportState.RUNNING:
        word = _("%(state)s, %(percent)s") % {"state": word, "percent": percent(share_percent(reading_import), 0)}
    return IMPORT_STATES[reading_import.state], word


def share_percent(reading_import: ReadingImport) -> float:
    return min(max(reading_import.share_done, 0.0), 1.0) * 100


def failure_words(reading_import: ReadingImport) -> str:
    """Why the file could not be read, and where."""
    return failure_line_words(reading_import.failure, reading_import.failure_line)


def failure_line_words(code: str, line: int | None) -> str:
    told = FAILURES.get(code) or OF_SHEETS.get(code.removeprefix("sheet_")) or code
    if line is None:
        return str(told)
    return _("Line %(line)s: %(failure)s") % {"line": number(line), "failure": told}


def rule_words(rule: str) -> str:
    return str(Rule(rule).label) if rule in Rule.values else rule


def advice(rule: str) -> str:
    return str(ADVICE.get(rule, ""))
