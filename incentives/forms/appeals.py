"""What an enterprise says against a decision, and what the park answers."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from lib.forms import FileDrop
from parks.forms.decisions import text_field


class ManyFiles(FileDrop):
    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """No file, or several: a list."""

    widget = ManyFiles

    def clean(self, value: Any, initial: Any = None) -> list[UploadedFile]:
        return [super(ManyFilesField, self).clean(upload, initial) for upload in value or ()]


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
