"""What an official writes when deciding about a registration, and when finding two enterprises to be one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from enterprises.services.vetting import LONGEST_REMARK
from parks.forms.decisions import DecisionForm, RemarksForm, text_field

REMARK = "remark_"


class ReturnForm(RemarksForm):
    prefix_of_remarks = REMARK
    placeholder = _("What must be corrected?")
    longest_remark = LONGEST_REMARK
    nothing_said = _("Comment on at least one field or document that must be corrected.")

    def __init__(self, typed: QueryDict | None = None, **kwargs: Any) -> None:
        super().__init__(typed, **kwargs)
        self.fields["message"] = text_field(
            _("Message to the registrant"), _("The registrant reads it above your comments."), required=False
        )


class ApproveForm(DecisionForm):
    """`asks_to_confirm`: whether the check character of the code does not fit."""

    act = "approve"

    def __init__(self, typed: QueryDict | None = None, *, asks_to_confirm: bool, **kwargs: Any) -> None:
        super().__init__(typed, **kwargs)
        if asks_to_confirm:
            self.fields["is_code_confirmed"] = forms.BooleanField(
                label=_("The business licence carries exactly this code"),
                help_text=_("I have compared it with the document."),
                required=False,
            )
        self.fields["is_key_energy_user"] = forms.BooleanField(label=_("Key energy user"), required=False)
        self.fields["is_pilot"] = forms.BooleanField(
            label=_("Pilot enterprise"), help_text=_("Gives the label from today on."), required=False
        )
        self.fields["message"] = text_field(_("Message to the registrant"), required=False)


class RejectForm(DecisionForm):
    act = "reject"

    def __init__(self, typed: QueryDict | None = None, **kwargs: Any) -> None:
        super().__init__(typed, **kwargs)
        self.fields["reason"] = text_field(_("Reason"), _("The registrant reads it."))


class JoinForm(DecisionForm):
    """`takeable`: what can be taken over, name to label; each is ticked beside the difference it is about.

    `expected_roles`: what the page says that the registrant becomes there. `asks_if_aware`: whether they had a place
    there that ended.
    """

    act = "join"

    expected_roles = forms.CharField(widget=forms.HiddenInput)

    def __init__(
        self, typed: QueryDict | None = None, *, takeable: Mapping[str, Any], asks_if_aware: bool, **kwargs: Any
    ) -> None:
        super().__init__(typed, **kwargs)
        self.fields["taken"] = forms.MultipleChoiceField(
            label=_("Taken over into the register"),
            choices=list(takeable.items()),
            required=False,
            widget=forms.CheckboxSelectMultiple,
        )
        if asks_if_aware:
            self.fields["is_aware"] = forms.BooleanField(
                label=_("I know that this person's place there had ended"),
                help_text=_("Its owner may have dismissed them. Ask the owner before you let them in again."),
                required=False,
            )
        self.fields["message"] = text_field(_("Message to the registrant"), required=False)


class MergeForm(forms.Form):
    """Which of the two goes on, and why. `names`: what the two are called, by their ids."""

    use_required_attribute = False

    def __init__(
        self, typed: QueryDict | None = None, *, names: Mapping[str, str], has_obstacles: bool, **kwargs: Any
    ) -> None:
        super().__init__(typed, **kwargs)
        self.fields["winner"] = forms.ChoiceField(
            label=_("Which one goes on?"),
            help_text=_("The other one stays on record as merged into it, and nobody acts for it any more."),
            choices=list(names.items()),
            widget=forms.RadioSelect,
        )
        self.fields["reason"] = text_field(_("Reason"), _("Stands in the history of both."), rows=2, longest=300)
        if has_obstacles:
            self.fields["is_aware"] = forms.BooleanField(
                label=_("I know what is still under way"),
                help_text=_("It stays with the enterprise that ends; officials go on with it there."),
                required=False,
            )
