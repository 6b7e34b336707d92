"""What an official writes when deciding about an application."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from incentives.choices import FinancialCheck, Stage
from incentives.models import Application, Review
from incentives.queries import Proof
from incentives.services.review import LONGEST_COMMENT
from lib.formatting import money, number
from lib.forms import DateInput, MoneyField
from parks.forms.decisions import DecisionForm, RemarksForm, text_field

COMMENT = "comment_"


def _note_field() -> forms.CharField:
    """What every act can leave in the file."""
    return text_field(_("Note to the file"), _("The enterprise does not see it."), required=False)


def _stage_field() -> forms.TypedChoiceField:
    """The stage that the official saw."""
    return forms.TypedChoiceField(choices=Stage.choices, coerce=Stage, widget=forms.HiddenInput)


class AcceptForm(DecisionForm):
    """Lets an application pass a stage. `findings`: what else that stage records, columns of the review."""

    act = "accept"

    def __init__(self, typed: QueryDict | None = None, **kwargs: Any) -> None:
        super().__init__(typed, **kwargs)
        self.fields["stage"] = _stage_field()
        self._add_findings()
        self.fields["note"] = _note_field()

    def _add_findings(self) -> None:
        """Fields of the stage, before the note."""

    @property
    def findings(self) -> dict[str, Any]:
        return {}


class SubstantiveForm(AcceptForm):
    """With the record of a visit, where there was one."""

    def _add_findings(self) -> None:
        self.fields["visited_on"] = forms.DateField(
            label=_("Site visit on"), help_text=_("Empty where nobody went."), required=False, widget=DateInput()
        )
        self.fields["visited_by"] = forms.CharField(label=_("Who went"), max_length=200, required=False)
        self.fields["visit_findings"] = text_field(_("What was seen"), required=False)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        visited_on = cleaned.get("visited_on")
        for name in ("visited_by", "visit_findings"):
            if visited_on and not cleaned.get(name) and name not in self.errors:
                self.add_error(name, _("Say who went and what was seen."))
        is_told = cleaned.get("visited_by") or cleaned.get("visit_findings")
        if is_told and not visited_on and "visited_on" not in self.errors:
            self.add_error("visited_on", _("Enter the day of the visit."))
        return cleaned

    @property
    def findings(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("visited_on", "visited_by", "visit_findings")}


class FinancialForm(AcceptForm):
    """What the papers prove of the investment, and what was compared."""

    def _add_findings(self) -> None:
        self.fields["proven_cny"] = MoneyField(
            label=_("Investment proven"),
            help_text=_("By invoices and payments, in yuan."),
            min_value=Decimal(0),
            max_digits=14,
        )
        self.fields["checks"] = forms.MultipleChoiceField(
            label=_("Compared"),
            choices=FinancialCheck.choices,
            required=False,
            widget=forms.CheckboxSelectMultiple,
        )

    @property
    def findings(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("proven_cny", "checks")}


class ReturnForm(RemarksForm):
    prefix_of_remarks = COMMENT
    placeholder = _("What must be changed?")
    longest_remark = LONGEST_COMMENT
    nothing_said = _("Comment on at least one answer or document that must be changed.")

    def __init__(self, typed: QueryDict | None = None, *, earlier: Sequence[Stage] = (), **kwargs: Any) -> None:
        super().__init__(typed, **kwargs)
        self.fields["stage"] = _stage_field()
        if earlier:
            self.fields["void_stages"] = forms.MultipleChoiceField(
                label=_("Who must look at it again"),
                help_text=_("Earlier stages that are not named keep their reviews. This one looks again in any case."),
                choices=[(stage.value, stage.label) for stage in earlier],
                required=False,
                widget=forms.CheckboxSelectMultiple,
            )
        self.fields["message"] = text_field(
            _("Message to the enterprise"), _("The enterprise reads it above your comments."), required=False
        )
        self.fields["note"] = _note_field()

    @property
    def void_stages(self) -> list[Stage]:
        return [Stage(name) for name in self.cleaned_data.get("void_stages", ())]


class ApproveForm(DecisionForm):
    act = "approve"

    def __init__(
        self,
        typed: QueryDict | None = None,
        *,
        application: Application,
        approvals: Sequence[Review] = (),
        proof: Proof | None = None,
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        """approvals: those of colleagues before, whose amount and message stand already. proof: what limits it."""
        first = approvals[0] if approvals else None
        amount = (first.amount_cny if first else None) or (proof.most_cny if proof else application.requested_cny) or 0
        said = next((review.message for review in reversed(approvals) if review.message), "")
        super().__init__(typed, initial={"amount_cny": number(amount, 2), "message": said, **(initial or {})})
        self.fields["amount_cny"] = MoneyField(
            label=_("Amount approved"),
            help_text=_proven_words(proof) if proof else _("At most what was requested."),
            min_value=Decimal("0.01"),
            max_value=application.requested_cny,
            max_digits=14,
        )
        self.fields["message"] = text_field(
            _("Message to the enterprise"), _("Needed when less is granted than requested."), required=False
        )
        self.fields["note"] = _note_field()


def _proven_words(proof: Proof) -> str:
    words = gettext("At most %(most)s: the financial check proved %(proven)s of the %(declared)s declared.")
    told = {"proven": proof.proven_cny, "declared": proof.declared_cny, "most": proof.most_cny}
    return words % {name: money(amount) for name, amount in told.items()}


class DeclineForm(DecisionForm):
    """One can decline in every stage but the experts'."""

    act = "decline"

    def __init__(self, typed: QueryDict | None = None, **kwargs: Any) -> None:
        super().__init__(typed, **kwargs)
        self.fields["stage"] = _stage_field()
        self.fields["reason"] = text_field(_("Reason"), _("The enterprise reads it, with its right to object."))
        self.fields["note"] = _note_field()
