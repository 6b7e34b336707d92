"""The stages of a programme: one row for each that the portal knows."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from incentives.choices import FEWEST_EXPERTS, STAGE_ROLES, Stage
from incentives.models import ProgrammeTerms
from incentives.services import MOST_APPROVALS, MOST_CRITERIA, MOST_WORKING_DAYS, explain_criteria, explain_stages
from incentives.services.criteria import MOST_POINTS
from incentives.services.form_fields import document_label
from lib.formatting import number
from lib.forms import MoneyField
from parks.choices import Role

ALWAYS = frozenset({Stage.COMPLETENESS, Stage.DECISION})
USUAL_ROLES = {
    Stage.COMPLETENESS: Role.REVIEWER,
    Stage.SUBSTANTIVE: Role.REVIEWER,
    Stage.PANEL: Role.EXPERT,
    Stage.FINANCIAL: Role.FINANCE_OFFICER,
    Stage.DECISION: Role.APPROVER,
}
HINTS = {
    Stage.COMPLETENESS: _("Is everything there and legible? Always the first stage."),
    Stage.SUBSTANTIVE: _("Is it true and eligible? With the record of a site visit, where there was one."),
    Stage.PANEL: _("Experts score it blind, against the criteria of the programme."),
    Stage.FINANCIAL: _("What do invoices and payments prove?"),
    Stage.DECISION: _("The amount is granted or declined. Always the last stage."),
}


CRITERION_LABELS = {
    "name_en": _("%(number)s: criterion in English"),
    "name_zh": _("%(number)s: criterion in Chinese"),
    "weight": _("%(number)s: weight"),
    "most": _("%(number)s: most points"),
}


SPARE_ROWS = 2


class StagesForm(forms.Form):
    """Field names begin with their stage: `financial_role`. The first and the last stage are always there."""

    use_required_attribute = False

    def __init__(self, *args: Any, programme: ProgrammeTerms, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for stage in Stage:
            self._add_row(stage)
        for row in range(1, MOST_CRITERIA + 1):
            self._add_criterion(row)
        self.fields["panel_document_kinds"] = forms.MultipleChoiceField(
            label=_("Documents shown to experts"),
            help_text=_("Choose those that do not name the enterprise, or have them filed without its name."),
            choices=[(kind, document_label(programme, kind)) for kind in _kinds_of(programme)],
            required=False,
            widget=forms.CheckboxSelectMultiple,
        )

    def _add_criterion(self, row: int) -> None:
        for part, label in CRITERION_LABELS.items():
            numbered = label % {"number": row}
            if part in {"weight", "most"}:
                field: forms.Field = forms.IntegerField(
                    label=numbered, required=False, min_value=1, max_value=MOST_POINTS
                )
            else:
                field = forms.CharField(label=numbered, required=False, max_length=100)
            self.fields[f"criterion_{row}_{part}"] = field

    def _add_row(self, stage: Stage) -> None:
        if stage not in ALWAYS:
            self.fields[f"{stage}_applies"] = forms.BooleanField(label=_("This programme has it"), required=False)
            self.fields[f"{stage}_above_cny"] = MoneyField(
                label=_("Only above"),
                help_text=_("Empty for every amount."),
                required=False,
                min_value=Decimal("0.01"),
                max_digits=14,
            )
        if stage is not Stage.PANEL:
            roles = [(role.value, role.label) for role in STAGE_ROLES]
            self.fields[f"{stage}_role"] = forms.ChoiceField(label=pgettext_lazy("of a stage", "Who"), choices=roles)
        least = FEWEST_EXPERTS if stage is Stage.PANEL else 1
        label = _("Experts") if stage is Stage.PANEL else _("How many people")
        self.fields[f"{stage}_approvals"] = forms.IntegerField(label=label, min_value=least, max_value=MOST_APPROVALS)
        self.fields[f"{stage}_working_days"] = forms.IntegerField(
            label=pgettext_lazy("of a stage", "Working days"), min_value=1, max_value=MOST_WORKING_DAYS
        )

    @classmethod
    def of(cls, terms: ProgrammeTerms) -> StagesForm:
        initial: dict[str, Any] = {}
        asked = {Stage(ask["stage"]): ask for ask in terms.stages}
        for stage in Stage:
            usual = {"approvals": FEWEST_EXPERTS if stage is Stage.PANEL else 1, "working_days": 10, "above_cny": None}
            row = asked.get(stage, {**usual, "role": USUAL_ROLES[stage]})
            initial |= {f"{stage}_{name}": row[name] for name in ("role", "approvals", "working_days")}
            initial[f"{stage}_above_cny"] = number(Decimal(row["above_cny"]), 2) if row["above_cny"] else ""
            initial[f"{stage}_applies"] = stage in asked
        for row, criterion in enumerate(terms.criteria, 1):
            initial |= {f"criterion_{row}_{part}": criterion[part] for part in CRITERION_LABELS}
        initial["panel_document_kinds"] = terms.panel_document_kinds
        return cls(initial=initial, programme=terms)

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The fields of each stage, as the page draws them."""
        parts = ("role", "approvals", "working_days", "above_cny")
        return [
            {
                "label": stage.label,
                "hint": HINTS[stage],
                "applies": self._bound(f"{stage}_applies"),
                "fields": [bound for part in parts if (bound := self._bound(f"{stage}_{part}"))],
            }
            for stage in Stage
        ]

    def _bound(self, name: str) -> forms.BoundField | None:
        return self[name] if name in self.fields else None

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        fault = "" if self.errors else explain_stages(self.stages) or explain_criteria(self.criteria, self.stages)
        if fault:
            self.add_error(None, fault)
        return cleaned

    @property
    def stages(self) -> list[dict[str, Any]]:
        """As the terms of a programme hold them."""
        given = self.cleaned_data
        kept = [stage for stage in Stage if stage in ALWAYS or given.get(f"{stage}_applies")]
        return [
            {
                "stage": stage.value,
                "role": given.get(f"{stage}_role") or Role.EXPERT.value,
                "approvals": given[f"{stage}_approvals"],
                "working_days": given[f"{stage}_working_days"],
                "above_cny": _text_of(given.get(f"{stage}_above_cny")),
            }
            for stage in kept
        ]

    @property
    def criteria(self) -> list[dict[str, Any]]:
        """The rows in which something is filled in."""
        rows = (
            {part: self.cleaned_data.get(f"criterion_{row}_{part}") for part in CRITERION_LABELS}
            for row in range(1, MOST_CRITERIA + 1)
        )
        return [row for row in rows if any(value not in {None, ""} for value in row.values())]

    @property
    def criterion_rows(self) -> list[list[forms.BoundField]]:
        """Those that are filled in, and some for more; what is not drawn is sent as empty."""
        rows = [[self[f"criterion_{row}_{part}"] for part in CRITERION_LABELS] for row in range(1, MOST_CRITERIA + 1)]
        filled = [place for place, row in enumerate(rows, 1) if any(bound.value() for bound in row)]
        return rows[: max(filled, default=0) + SPARE_ROWS]

    @property
    def terms(self) -> dict[str, Any]:
        kinds = self.cleaned_data["panel_document_kinds"]
        return {"stages": self.stages, "criteria": self.criteria, "panel_document_kinds": kinds}


def _kinds_of(terms: ProgrammeTerms) -> list[str]:
    """The documents that the programme asks for, and its own."""
    return [*terms.document_kinds, *(rule["key"] for rule in terms.document_rules)]


def _text_of(amount: Decimal | None) -> str | None:
    return None if amount is None else str(amount.quantize(Decimal("0.01")))
