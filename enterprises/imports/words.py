"""An import in words: states, formats, and what to do about each problem of a row."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from enterprises import facts
from enterprises.choices import EnterpriseKind, ImportState, RowOutcome
from enterprises.models import Enterprise, RegisterImport
from enterprises.services.imports import RowProblem
from lib.formatting import number, percent
from lib.measures import share
from lib.spreadsheets import WORDS

STATES: dict[str, str] = {
    ImportState.UPLOADED: "mute",
    ImportState.CHECKING: "info",
    ImportState.CHECKED: "warn",
    ImportState.IMPORTING: "info",
    ImportState.DONE: "ok",
    ImportState.CANCELLED: "mute",
    ImportState.FAILED: "bad",
}
OUTCOMES: dict[str, str] = {
    RowOutcome.NEW: "ok",
    RowOutcome.UPDATE: "info",
    RowOutcome.UNCHANGED: "mute",
    RowOutcome.REJECTED: "bad",
}
DELIMITERS = {
    ",": gettext_lazy("commas"),
    ";": gettext_lazy("semicolons"),
    "\t": gettext_lazy("tabs"),
}
ENCODINGS = {"utf-8-sig": "UTF-8", "utf-16-le": "UTF-16", "utf-16-be": "UTF-16", "gb18030": "GB 18030"}
ADVICE: dict[RowProblem, Any] = {
    RowProblem.CODE_MISSING: gettext_lazy("Fill in the code of the business licence."),
    RowProblem.CODE_LENGTH: gettext_lazy("Compare it with the business licence: the code has 18 characters."),
    RowProblem.CODE_CHARACTERS: gettext_lazy("The third to eighth are digits; I, O, S, V and Z do not occur."),
    RowProblem.CODE_DIGITS_LOST: gettext_lazy("Give the column the format “text”, then type the code anew."),
    RowProblem.NAME_MISSING: gettext_lazy("A new enterprise needs its name in Chinese."),
    RowProblem.UNREADABLE_NAME: gettext_lazy("Type the name anew."),
    RowProblem.CURRENCY_UNKNOWN: gettext_lazy("Write CNY, and the capital in yuan."),
    RowProblem.INDUSTRY_SHAPE: gettext_lazy("Two to four digits, with or without the letter, for example C3562."),
    RowProblem.NOT_A_DAY: gettext_lazy("Write year-month-day, for example 2019-05-20."),
    RowProblem.DAY_TO_COME: gettext_lazy("Compare it with the business licence: no enterprise is founded after today."),
    RowProblem.NOT_AN_AMOUNT: gettext_lazy("Write a number, for example 5000000 or 500万."),
    RowProblem.NOT_A_COUNT: gettext_lazy("Write a whole number."),
    RowProblem.OUT_OF_RANGE: gettext_lazy("Check the number: it is below zero, too large, or has too many decimals."),
    RowProblem.NOT_A_TELEPHONE: gettext_lazy("Write the number, or leave the cell empty where there is none."),
    RowProblem.NOT_AN_EMAIL: gettext_lazy("Write one address, for example office@example.com."),
    RowProblem.NOT_A_WEBSITE: gettext_lazy("Write an address of the web, for example https://example.com."),
    RowProblem.NEITHER_YES_NOR_NO: gettext_lazy("Write yes or no, 是 or 否."),
    RowProblem.HAS_ENDED: gettext_lazy("Look at the enterprise: what has ended is not changed by a file."),
    RowProblem.REGISTERED_MEANWHILE: gettext_lazy("Upload the file again: the check then shows what would change."),
    RowProblem.CHANGED_MEANWHILE: gettext_lazy("Upload the file again: the check then shows what would change."),
    RowProblem.NOT_IMPARTIAL: gettext_lazy(
        "Leave the row to a colleague: you belong to this enterprise or have declared an interest in it."
    ),
    RowProblem.ODD_CODE: gettext_lazy("Compare it with the business licence. Codes of the early pilots are like this."),
    RowProblem.NAME_ALIKE: gettext_lazy("Look whether it is the same enterprise under another code."),
}


def state_badge(register_import: RegisterImport, now: datetime) -> tuple[str, str]:
    """The state of the badge and its word: how far the worker is, or that it is silent."""
    if register_import.is_abandoned(now):
        return "bad", _("No sign of the worker")
    state = register_import.state
    word = str(register_import.get_state_display())
    done, whole = progress(register_import)
    if register_import.is_running and whole:
        word = _("%(state)s, %(percent)s") % {"state": word, "percent": percent(share(done, whole) * 100, 0)}
    return STATES[state], word


def progress(register_import: RegisterImport) -> tuple[int, int]:
    """How many rows of how many are through what is being done, or was done last; of 0 where that is not known."""
    if register_import.state in {ImportState.UPLOADED, ImportState.CHECKING, ImportState.CHECKED, ImportState.FAILED}:
        return register_import.rows_checked, register_import.rows_total if register_import.reading["height"] else 0
    return register_import.rows_done, register_import.rows_wanted


def failure_words(register_import: RegisterImport) -> str:
    return str(WORDS.get(register_import.failure, register_import.failure))


def format_words(register_import: RegisterImport) -> str:
    """What kind of table it is, as a person would tell another."""
    reading = register_import.reading
    if reading.get("kind") == "xlsx":
        return _("XLSX, sheet “%(sheet)s”") % {"sheet": reading["sheet"]}
    encoding = ENCODINGS.get(reading["encoding"], reading["encoding"].upper())
    return _("CSV, %(encoding)s, columns between %(delimiter)s") % {
        "encoding": encoding,
        "delimiter": DELIMITERS[reading["delimiter"]],
    }


def import_words(register_import: RegisterImport) -> str:
    """The words of the button."""
    new, changed = register_import.rows_new, register_import.rows_updated
    told = {"new": number(new), "changed": number(changed)}
    if new and changed:
        return _("Import %(new)s new and change %(changed)s") % told
    if new:
        return ngettext("Import %(new)s new enterprise", "Import %(new)s new enterprises", new) % told
    return ngettext("Change %(changed)s enterprise", "Change %(changed)s enterprises", changed) % told


def only_new_words(register_import: RegisterImport) -> str:
    """The words of the other button, where some rows would change what is registered."""
    new = register_import.rows_new
    return ngettext("Import the %(new)s new one only", "Import the %(new)s new ones only", new) % {"new": number(new)}


def rule_words(rule: str) -> str:
    return str(RowProblem(rule).label)


def column_words(name: str) -> str:
    return facts.label_of(name)


def advice(problem: dict[str, str]) -> str:
    """What to do about a line of the report."""
    rule = RowProblem(problem["rule"])
    written = SPECIAL[rule](problem) if rule in SPECIAL else str(ADVICE[rule])
    if problem["suggestion"] and rule not in SPECIAL:
        return _("%(advice)s Perhaps %(value)s.") % {"advice": written, "value": problem["suggestion"]}
    return written


def name_alike(problems: list[dict[str, str]]) -> str:
    """Who of the register has the name of a new row, or nearly, with the code; empty where nobody."""
    found = (one["suggestion"] for one in problems if one["rule"] == RowProblem.NAME_ALIKE)
    return next((_("Name alike: %(enterprise)s") % {"enterprise": enterprise} for enterprise in found), "")


def _earlier_row(problem: dict[str, str]) -> str:
    return _("Row %(row)s has it already: keep one of the two.") % {"row": problem["suggestion"]}


def _kinds(_problem: dict[str, str]) -> str:
    return _("Use one of: %(words)s.") % {"words": _(", ").join(str(kind.label) for kind in EnterpriseKind)}


def _length(problem: dict[str, str]) -> str:
    return _("Use at most %(limit)s characters.") % {"limit": longest(problem["column"])}


def longest(name: str) -> int | None:
    """How many characters a fact may have; None where it is no text."""
    limit: int | None = getattr(Enterprise._meta.get_field(name), "max_length", None)
    return limit


SPECIAL: dict[RowProblem, Callable[[dict[str, str]], str]] = {
    RowProblem.CODE_TWICE: _earlier_row,
    RowProblem.KIND_UNKNOWN: _kinds,
    RowProblem.TOO_LONG: _length,
}


def fact_words(name: str, text: str) -> str:
    """A stored fact as people read it."""
    if name == "is_key_energy_user":
        return _("Yes") if text == "True" else _("No")
    return facts.shown_text(name, text)
