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
from lib.formatting import number
from lib.forms import MoneyField

COMMENT = "comment_"


def _text(
    label: Any, help_text: Any = "", *, rows: int = 3, required: bool = True, longest: int = 4000
) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, help_text=help_text, required=required, max_length=longest, widget=widget)


class ReviewForm(forms.Form):
    """The note that every act can leave in the file. `expected_round` is the round that the official had read."""

    use_required_attribute = False
    act = ""

    expected_round = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def __init__(self, typed: QueryDict | None = None, **kwargs: Any) -> None:
        super().__init__(typed, auto_id=f"id_{self.act}_%s", **kwargs)

    def note_field(self) -> forms.CharField:
        return _text(_("Note to the file"), _("The enterprise does not see it."), required=False)


class AcceptForm(ReviewForm):
    act = "accept"

    def __init__(self, typed: QueryDict | None = None, **kwargs: Any) -> None:
        super().__init__(typed, **kwargs)
        self.fields["note"] = self.note_field()


class ReturnForm(ReviewForm):
    """`commented`: what can be commented on, name to label; each is drawn beside what it is about."""

    act = "return"

    def __init__(self, typed: QueryDict | None = None, *, commented: Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(typed, **kwargs)
        for name, label in commented.items():
            field = _text(label, required=False, rows=1, longest=1000)
            field.widget.attrs |= {"form": "return-form", "placeholder": _("What must be changed?")}
            self.fields[f"{COMMENT}{name}"] = field
        self.fields["message"] = _text(
            _("Message to the enterprise"), _("The enterprise reads it above your comments."), required=False
        )
        self.fields["note"] = self.note_field()

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.comments:
            self.add_error(None, _("Comment on at least one answer or document that must be changed."))
        return cleaned

    @property
    def comments(self) -> dict[str, str]:
        """What is to be changed, by the name of the answer or document."""
        written = ((name, self.cleaned_data.get(name, "")) for name in self.fields if name.startswith(COMMENT))
        return {name.removeprefix(COMMENT): text for name, text in written if text}


class ApproveForm(ReviewForm):
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
        self.fields["message"] = _text(
            _("Message to the enterprise"), _("Needed when less is granted than requested."), required=False
        )
        self.fields["note"] = self.note_field()


class DeclineForm(ReviewForm):
    """One can decline in either stage: `stage` is the one that the official saw."""

    act = "decline"

    stage = forms.ChoiceField(choices=Stage.choices, widget=forms.HiddenInput)

    def __init__(self, typed: QueryDict | None = None, **kwargs: Any) -> None:
        super().__init__(typed, **kwargs)
        self.fields["reason"] = _text(_("Reason"), _("The enterprise reads it, with its right to object."))
        self.fields["note"] = self.note_field()
