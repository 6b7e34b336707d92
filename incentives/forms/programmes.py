"""What an official writes down about a programme."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.forms.utils import ErrorDict
from django.utils.translation import gettext_lazy as _

from incentives.choices import DocumentKind
from incentives.forms.programme_awards import AwardTermsForm, plan_of
from incentives.forms.programme_fields import (
    document_rows,
    documents_in,
    explain_conditions,
    field_rows,
    fields_in,
)
from incentives.forms.programme_money import MoneyTermsForm, tiers_of
from incentives.forms.programme_rules import rule_rows, rules_in
from incentives.forms.programme_windows import window_rows, windows_in
from incentives.models import Programme
from incentives.services import EXAMPLE_PARTS, MOST_EXAMPLES, PUBLISHED_TERMS, explain_formula
from incentives.services.facts import facts_known
from lib.formatting import number
from lib.forms import DateInput, MoneyField, QuantityInput
from lib.rows import Rows, is_rearranging
from lib.text import validate_name

EXAMPLE_LABELS = {
    "saving_tce": _("%(number)s: saving a year"),
    "investment_cny": _("%(number)s: investment"),
    "amount_cny": _("%(number)s: amount"),
}
MONEY = ("rate_cny_per_tce", "cap_cny", "budget_cny")


def _example_field(part: str, label: str) -> forms.DecimalField:
    if part == "saving_tce":
        tce = {"widget": QuantityInput("tce"), "max_digits": 12, "decimal_places": 3}
        return MoneyField(label=label, required=False, min_value=Decimal(0), **tce)
    return MoneyField(label=label, required=False, min_value=Decimal(0), max_digits=14)


class ProgrammeForm(MoneyTermsForm, AwardTermsForm):
    """The terms of a programme in both languages, its tables included.

    While rows are added or moved nothing is checked: `is_rearranged`.
    """

    use_required_attribute = False

    code = forms.RegexField(
        r"^[A-Z][A-Z0-9]{1,11}\Z",
        label=_("Code"),
        help_text=_("Two to twelve capital letters and digits, for example EMC. Application numbers begin with it."),
        error_messages={"invalid": _("Use two to twelve capital letters and digits, beginning with a letter.")},
        widget=forms.TextInput(attrs={"class": "input-short", "autocapitalize": "characters"}),
    )
    title_en = forms.CharField(label=_("Title in English"), max_length=200, validators=[validate_name])
    title_zh = forms.CharField(
        label=_("Title in Chinese"),
        max_length=200,
        validators=[validate_name],
        widget=forms.TextInput(attrs={"lang": "zh-Hans"}),
    )
    summary_en = forms.CharField(
        label=_("Summary in English"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    summary_zh = forms.CharField(
        label=_("Summary in Chinese"),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "lang": "zh-Hans"}),
    )
    legal_basis = forms.CharField(
        label=_("Legal basis"),
        help_text=_("The document and article that enterprises and auditors can look up."),
        max_length=300,
        required=False,
    )
    opens_on = forms.DateField(label=_("Opens on"), widget=DateInput())
    closes_on = forms.DateField(
        label=_("Closes at the end of"), help_text=_("In the time zone of the park."), widget=DateInput()
    )
    rate_cny_per_tce = MoneyField(
        label=_("Rate for a tce saved"), min_value=Decimal("0.01"), max_digits=14, required=False
    )
    cap_cny = MoneyField(label=_("Cap for one enterprise"), min_value=Decimal("0.01"), max_digits=14)
    budget_cny = MoneyField(
        label=_("Budget"),
        help_text=_("What was approved counts against it. It cannot be set below that sum."),
        min_value=Decimal("0.01"),
        max_digits=14,
    )
    amount_formula = forms.CharField(
        label=_("Amount formula"),
        help_text=_(
            "Empty for saving × rate. Uses saving (tce a year), investment (yuan) and rate (yuan for a tce), with"
            " + − × ÷, comparisons, min, max, abs, round, and “a if b else c”. For example:"
            " min(saving × rate, investment × 0.3)"
        ),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false", "lang": "en", "class": "font-monospace"}),
    )
    document_kinds = forms.MultipleChoiceField(
        label=_("Documents an application needs"),
        choices=DocumentKind.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one document.")},
    )

    def __init__(self, typed: Any = None, *, initial: dict[str, Any] | None = None) -> None:
        super().__init__(typed, initial=initial)
        self.is_rearranged = typed is not None and is_rearranging(typed)
        self.tiers = self.tier_rows(typed, initial or {})
        self.rules = rule_rows(typed, initial or {})
        self.payments = self.payment_rows(typed, initial or {})
        self.form_rows = field_rows(typed, initial or {})
        self.documents = document_rows(typed, initial or {})
        self.windows = window_rows(typed, initial or {})
        for row in range(1, MOST_EXAMPLES + 1):
            for part, label in EXAMPLE_LABELS.items():
                self.fields[f"example_{row}_{part}"] = _example_field(part, label % {"number": row})

    def keep_budget(self, budget_cny: Decimal) -> None:
        """A published programme's budget changes in its ledger, with the reason: a form that lay open for a while
        does not take back what was appropriated since."""
        budget = self.fields["budget_cny"]
        budget.disabled, budget.initial = True, number(budget_cny, 2)
        self.initial["budget_cny"] = budget.initial
        budget.help_text = _("It is published: its budget changes in the ledger, with the reason.")

    @classmethod
    def of(cls, programme: Programme) -> ProgrammeForm:
        """The terms as they are kept, or as a template proposes them: one that is not saved and lacks some."""
        terms = {name: getattr(programme, name) for name in PUBLISHED_TERMS}
        cases = {
            f"example_{row}_{part}": number(Decimal(case[part]), None if part == "saving_tce" else 2)
            for row, case in enumerate(terms["example_cases"], 1)
            for part in EXAMPLE_PARTS
        }
        amounts = {name: number(terms[name], 2) if terms[name] else "" for name in MONEY}
        return cls(initial={**terms, **amounts, **cls.money_initial(programme), **cases})

    @property
    def tables(self) -> list[Rows[Any]]:
        return [self.tiers, self.rules, self.form_rows, self.documents, self.payments, self.windows]

    @property
    def with_rows(self) -> list[forms.Form]:
        """This form and each row of its tables, for a summary of what is wrong."""
        return [self, *(row for table in self.tables for row in table.rows)]

    def full_clean(self) -> None:
        if self.is_rearranged:
            self._errors, self.cleaned_data = ErrorDict(), {}
            return
        super().full_clean()

    def is_valid(self) -> bool:
        # The form first: it tells the rows what is wrong with their conditions.
        is_valid = super().is_valid()
        are_rows_valid = not [table for table in self.tables if not table.is_valid()]
        return is_valid and are_rows_valid and not self.is_rearranged

    @property
    def example_rows(self) -> list[list[forms.BoundField]]:
        """Those that are in use, and an empty one to go on with."""
        rows = [[self[f"example_{row}_{part}"] for part in EXAMPLE_PARTS] for row in range(1, MOST_EXAMPLES + 1)]
        used = (place for place, row in enumerate(rows, 1) if any(bound.value() not in (None, "") for bound in row))
        return rows[: max(used, default=0) + 1]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        opens_on, closes_on = cleaned.get("opens_on"), cleaned.get("closes_on")
        if opens_on and closes_on and closes_on < opens_on:
            self.add_error("closes_on", _("A programme cannot close before it opens."))
        self._clean_amount(cleaned)
        cleaned["example_cases"] = self._cases(cleaned)
        cleaned["tiers_by_part"] = bool(cleaned.get("tiers_by_part"))
        cleaned["payment_plan"] = plan_of(self.payments) if self.payments.is_valid() else []
        cleaned["rate_tiers"] = tiers_of(self.tiers) if self.tiers.is_valid() else []
        cleaned["form_fields"] = fields_in(self.form_rows) if self.form_rows.is_valid() else []
        facts = facts_known(cleaned["form_fields"])
        for table in (self.form_rows, self.rules, self.documents):
            explain_conditions(table, facts)
        cleaned["eligibility_rules"] = rules_in(self.rules) if self.rules.is_valid() else []
        cleaned["further_windows"] = windows_in(self.windows) if self.windows.is_valid() else []
        cleaned["document_rules"] = documents_in(self.documents) if self.documents.is_valid() else []
        return cleaned

    def _clean_amount(self, cleaned: dict[str, Any]) -> None:
        """Without a formula the rate decides."""
        fault = explain_formula(cleaned.get("amount_formula", ""))
        if fault:
            self.add_error("amount_formula", fault)
        if cleaned.get("rate_cny_per_tce") is None and "rate_cny_per_tce" not in self.errors:
            cleaned["rate_cny_per_tce"] = Decimal(0)
            has_rule = cleaned.get("amount_formula") or self.tiers.rows
            if not has_rule and "amount_formula" not in self.errors:
                self.add_error("rate_cny_per_tce", _("Enter the rate, or a formula."))

    def _cases(self, cleaned: dict[str, Any]) -> list[dict[str, str]]:
        """The rows that are filled in; one with nothing invested may leave that empty."""
        cases = []
        for row in range(1, MOST_EXAMPLES + 1):
            given = {part: cleaned.get(f"example_{row}_{part}") for part in EXAMPLE_PARTS}
            if all(value is None for value in given.values()):
                continue
            for part in ("saving_tce", "amount_cny"):
                name = f"example_{row}_{part}"
                if given[part] is None and name not in self.errors:
                    self.add_error(name, _("Fill in the example, or leave all of it empty."))
            cases.append({part: str(value or 0) for part, value in given.items()})
        return cases

    @property
    def terms(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in PUBLISHED_TERMS if name in self.cleaned_data}
