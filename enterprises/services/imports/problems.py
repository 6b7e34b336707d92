"""What can be wrong with a row of a file."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

LONGEST_SHOWN = 200


class RowProblem(models.TextChoices):
    """What is wrong with a row. `ODD_CODE` and `NAME_ALIKE` refuse none.

    The park confirms odd codes for the whole file; a name that is alike is a note.
    """

    CODE_MISSING = "code_missing", _("No credit code")
    CODE_LENGTH = "code_length", _("Credit code without 18 characters")
    CODE_CHARACTERS = "code_characters", _("Credit code with characters that do not occur")
    CODE_DIGITS_LOST = "code_digits_lost", _("Credit code that lost its last digits")
    CODE_TWICE = "code_twice", _("Same credit code as an earlier row")
    NAME_MISSING = "name_missing", _("No name in Chinese")
    UNREADABLE_NAME = "unreadable_name", _("Name with characters that nobody can see")
    TOO_LONG = "too_long", _("Too long")
    KIND_UNKNOWN = "kind_unknown", _("Type that does not exist")
    CURRENCY_UNKNOWN = "currency_unknown", _("Currency that is not used here")
    INDUSTRY_SHAPE = "industry_shape", _("Not an industry code")
    NOT_A_DAY = "not_a_day", _("Not a day")
    DAY_TO_COME = "day_to_come", _("Day that has not come yet")
    NOT_AN_AMOUNT = "not_an_amount", _("Not an amount")
    NOT_A_COUNT = "not_a_count", _("Not a whole number")
    OUT_OF_RANGE = "out_of_range", _("Out of range")
    NOT_A_TELEPHONE = "not_a_telephone", _("Not a telephone number")
    NOT_AN_EMAIL = "not_an_email", _("Not an e-mail address")
    NOT_A_WEBSITE = "not_a_website", _("Not the address of a website")
    NEITHER_YES_NOR_NO = "neither_yes_nor_no", _("Neither yes nor no")
    HAS_ENDED = "has_ended", _("Registration that has ended")
    REGISTERED_MEANWHILE = "registered_meanwhile", _("Registered by somebody since the check")
    CHANGED_MEANWHILE = "changed_meanwhile", _("Changed by somebody since the check")
    NOT_IMPARTIAL = "not_impartial", _("Enterprise that whoever imports is tied to")
    ODD_CODE = "odd_code", _("Check character that does not fit")
    NAME_ALIKE = "name_alike", _("Name like that of a registered enterprise")


class WrongCell(Exception):
    """One cell that cannot be taken; `suggestion` is a value that could be meant."""

    def __init__(self, rule: RowProblem, suggestion: str = "") -> None:
        super().__init__(rule)
        self.rule = rule
        self.suggestion = suggestion


def problem(column: str, value: object, rule: RowProblem, suggestion: str = "") -> dict[str, str]:
    """A line of the report; the value is shown as it stood in the file."""
    return {"column": column, "value": str(value)[:LONGEST_SHOWN], "rule": rule.value, "suggestion": suggestion}
