"""What an official writes when deciding about an application."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from incentives.choices import Stage
from incentives.models import Application
from incentives.services.review import LONGEST_COMMENT
from lib.formatting import number
from lib.forms import MoneyField
from parks.forms.decisions import DecisionForm, RemarksForm, text_field

COMMENT = "comment_"


def _note_field() -> forms.CharField:
    """What every act can leave in the file."""
    return text_field(_("Note to the file"), _("The enterprise does not see it."), required=False)


class AcceptForm(DecisionForm):
    act = "accept"

    def __init__(self, typed: QueryDict | None = None, **kwargs: Any) -> None:
        super().__init__(typed, **kwargs)
        self.fields["note"] = _note_field()


class ReturnForm(RemarksForm):
    prefix_of_remarks = COMMENT
    placeholder = _("What must be changed?")
    longest_remark = LONGEST_COMMENT
    nothing_said = _("Comment on at least one answer or document that must be changed.")

    def __init__(self, typed: QueryDict | None = None, **kwargs: Any) -> None:
        super().__init__(typed, **kwargs)
        self.fields["message"] = text_field(
            _("Message to the enterprise"), _("The enterprise reads it above your comments."), required=False
        )
        self.fields["note"] = _note_field()


class ApproveForm(DecisionForm):
    act = "approve"

    def __init__(
        self, typed: QueryDict | None = None, *, application: Application, initial: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(typed, initial={"amount_cny": number(application.requested_cny or 0, 2), **(initial or {})})
        self.fields["amount_cny"] = MoneyField(
            label=_("Amount approved"),
            help_text=_("At most what was requested."),
            min_value=Decimal("0.01"),
            max_value=application.requested_cny,
            max_digits=14,
        )
        self.fields["message"] = text_field(
            _("Message to the enterprise"), _("Needed when less is granted than requested."), required=False
        )
        self.fields["note"] = _note_field()


class DeclineForm(DecisionForm):
    """One can decline in either stage: `stage` is the one that the official saw."""

    act = "decline"

    stage = forms.ChoiceField(choices=Stage.choices, widget=forms.HiddenInput)

    def __init__(self, typed: QueryDict | None = None, **kwargs: Any) -> None:
        super().__init__(typed, **kwargs)
        self.fields["reason"] = text_field(_("Reason"), _("The enterprise reads it, with its right to object."))
        self.fields["note"] = _note_field()
