from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from lib.forms import DateInput
from parks.audit_words import table_choices
from parks.queries.audit import TrailFilter
from tenancy.models import AuditEvent


class TrailFilterForm(forms.Form):
    """Narrows the audit trail; every field may be left empty."""

    who = forms.CharField(label=_("Person"), required=False, max_length=120)
    table = forms.ChoiceField(label=_("What"), required=False)
    action = forms.ChoiceField(label=_("Change"), required=False, choices=[("", _("All")), *AuditEvent.Action.choices])
    starts_on = forms.DateField(label=_("From"), required=False, widget=DateInput)
    ends_on = forms.DateField(label=_("To"), required=False, widget=DateInput)
    row_id = forms.CharField(label=_("Identifier"), required=False, max_length=64)
    only_support = forms.BooleanField(label=_("Support sessions only"), required=False)
    support_session_id = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        table = self.fields["table"]
        assert isinstance(table, forms.ChoiceField)  # noqa: S101 - for the type checker
        table.choices = [("", _("Everything")), *table_choices()]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        starts_on, ends_on = cleaned.get("starts_on"), cleaned.get("ends_on")
        if starts_on and ends_on and ends_on < starts_on:
            self.add_error("ends_on", _("This day is before the first one."))
        return self.cleaned_data

    @property
    def wanted(self) -> TrailFilter:
        """What was asked for, as far as it makes sense: a mistyped day is said beside its field and hides nothing."""
        self.is_valid()
        given = {name: value for name, value in self.cleaned_data.items() if value not in (None, "")}
        return TrailFilter(**given)
