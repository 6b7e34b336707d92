"""What an enterprise says against a decision, and what the park answers."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from lib.forms import ManyFilesField
from parks.forms.decisions import text_field


class AppealForm(forms.Form):
    use_required_attribute = False

    reasons = text_field(
        _("What is wrong with the decision?"), _("Say what the park should look at again, and why."), rows=8
    )
    uploads = ManyFilesField(
        label=_("Files"), help_text=_("What proves it: PDF, PNG, JPEG, XLSX or DOCX, at most five."), required=False
    )


class RulingForm(forms.Form):
    use_required_attribute = False

    outcome = forms.ChoiceField(
        label=_("Decision"),
        choices=[
            ("dismissed", _("Dismiss: the decision stays")),
            ("upheld", _("Uphold: the application is decided on anew, by somebody else")),
        ],
        widget=forms.RadioSelect,
    )
    answer = text_field(_("Reasons"), _("What was checked and found; the enterprise reads it."))
