"""What the conditions of a programme can speak of: the application, and the registration of who applies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from enterprises.choices import EnterpriseKind, LabelKind
from enterprises.models import Enterprise
from enterprises.queries.company import labels_of
from incentives.choices import FieldKind
from incentives.form_fields import NUMBERS, fields_of
from incentives.models import Application, ProgrammeTerms
from lib.formatting import money, number, quantity_words
from lib.periods import local_day
from parks.choices import Currency

Values = Mapping[str, Decimal | None]
SECTIONS = "ABCDEFGHIJKLMNOPQRST"


@dataclass(frozen=True, slots=True)
class Fact:
    """A name that conditions can use. unit: "CNY", a unit, "" for a bare number, None for what is so or not.

    `field` is the answer of an application that gives it; empty for what stands in the registration.
    """

    name: str
    label: Any
    unit: str | None = None
    field: str = ""

    @property
    def is_truth(self) -> bool:
        return self.unit is None

    def written(self, value: Decimal) -> str:
        if self.unit is None:
            return str(_("yes") if value else _("no"))
        if self.unit == "CNY":
            return money(value)
        return quantity_words(value, self.unit) if self.unit else number(value.normalize() + 0)


OF_APPLICATION = (
    Fact("saving", _("saving a year"), "tce", "saving_tce"),
    Fact("investment", _("investment"), "CNY", "investment_cny"),
    Fact("months", _("months since completion, begun ones counted"), "", "completed_on"),
)
OF_ENTERPRISE = (
    Fact("capital", _("registered capital in yuan"), "CNY"),
    Fact("employees", _("employees"), ""),
    Fact("years", _("full years since establishment"), ""),
    Fact("division", _("division of the industry, two digits of GB/T 4754"), ""),
    Fact("key_energy_user", _("key energy user")),
    *(Fact(kind.value, kind.label) for kind in EnterpriseKind if kind != EnterpriseKind.OTHER),
    *(Fact(kind.value, kind.label) for kind in LabelKind),
    *(Fact(f"section_{letter.lower()}", f"GB/T 4754 {letter}") for letter in SECTIONS),
)
FACTS: Mapping[str, Fact] = {fact.name: fact for fact in (*OF_APPLICATION, *OF_ENTERPRISE)}


def facts_known(form_rows: Any) -> dict[str, Fact]:
    """What the conditions of a programme can speak of: the facts of every application, and its own fields."""
    own = {}
    for field in fields_of(form_rows):
        if field.kind in NUMBERS or field.kind == FieldKind.CHOICE:
            unit = "CNY" if field.kind == FieldKind.MONEY else field.unit
            own[field.key] = Fact(field.key, field.label, unit, field.name)
        elif field.kind == FieldKind.DECLARATION:
            own[field.key] = Fact(field.key, field.label, None, field.name)
    return {**FACTS, **own}


def answers_as_facts(terms: ProgrammeTerms, answers: Mapping[str, Any]) -> dict[str, Decimal | None]:
    """Numbers, chosen options by their number, and confirmed declarations."""
    values: dict[str, Decimal | None] = {}
    for field in fields_of(terms.form_fields):
        given = answers.get(field.key)
        if field.kind == FieldKind.DECLARATION:
            values[field.key] = Decimal(bool(given))
        elif field.kind in NUMBERS or field.kind == FieldKind.CHOICE:
            values[field.key] = None if given in {None, ""} else Decimal(given)
    return values


def facts_of_enterprise(enterprise: Enterprise, today: date) -> dict[str, Decimal | None]:
    """What the registration says; None where it does not say it. One query, for the labels."""
    labels = {
        label.kind
        for label in labels_of(enterprise)
        if label.valid_from <= today and (label.valid_until is None or today <= label.valid_until)
    }
    return facts_as_registered(enterprise, labels, today)


def facts_as_registered(enterprise: Enterprise, labels: set[str], today: date) -> dict[str, Decimal | None]:
    """The same of facts and kinds of labels that are given."""
    code = enterprise.industry_code
    section, digits = (code[0], code[1:3]) if code[:1].isalpha() else ("", code[:2])
    is_in_yuan = enterprise.capital_currency == Currency.CNY
    return {
        "capital": enterprise.registered_capital if is_in_yuan else None,
        "employees": None if enterprise.employees is None else Decimal(enterprise.employees),
        "years": full_years(enterprise.established_on, today),
        "division": Decimal(digits) if digits.isdecimal() else None,
        "key_energy_user": Decimal(enterprise.is_key_energy_user),
        **{kind.value: Decimal(enterprise.kind == kind) for kind in EnterpriseKind},
        **{kind.value: Decimal(kind.value in labels) for kind in LabelKind},
        **{f"section_{letter.lower()}": Decimal(section == letter) if section else None for letter in SECTIONS},
    }


def facts_of(application: Application, today: date) -> dict[str, Decimal | None]:
    """What is known of an application and who applies; of a filed one as of the day on which it was filed first."""
    filed_at = application.submitted_at
    day = local_day(filed_at, application.park.time_zone) if filed_at else today
    return {
        **facts_of_enterprise(application.enterprise, day),
        **answers_as_facts(application.programme_version, application.form_answers),
        "saving": application.saving_tce,
        "investment": application.investment_cny,
        "months": months_begun(application.completed_on, day),
    }


def months_begun(since: date | None, today: date) -> Decimal | None:
    """Within six months is at most 6, to the day of the same number.

    >>> from datetime import date
    >>> [int(months_begun(date(2026, 1, 10), day)) for day in (date(2026, 7, 10), date(2026, 7, 11))]
    [6, 7]
    >>> int(months_begun(date(2026, 8, 31), date(2026, 9, 30)))
    1
    """
    if since is None:
        return None
    months = (today.year - since.year) * 12 + today.month - since.month
    return Decimal(max(months + (today.day > since.day), 0))


def full_years(since: date | None, today: date) -> Decimal | None:
    """
    >>> from datetime import date
    >>> [int(full_years(date(2020, 3, 5), day)) for day in (date(2026, 3, 4), date(2026, 3, 5))]
    [5, 6]
    """
    if since is None:
        return None
    return Decimal(max(today.year - since.year - ((today.month, today.day) < (since.month, since.day)), 0))
