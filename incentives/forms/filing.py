"""What an enterprise types and uploads for its application."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from incentives.models import Application
from incentives.services import ANSWERS
from lib.formatting import number
from lib.forms import DateInput, FileDrop, MoneyField, QuantityInput


class ProjectForm(forms.Form):
    """The section "Project and saving". Takes half of the answers too: what is still missing, the service says.

    `revision` is the state of the draft that the person had before them.
    """

    use_required_attribute = False

    project_title = forms.CharField(
        label=_("Name of the project"),
        help_text=_("As it stands in the energy management contract."),
        max_length=200,
    )
    project_summary = forms.CharField(
        label=_("What was done, and where"),
        help_text=_("Measures, equipment and workshop. At most 4,000 characters."),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    completed_on = forms.DateField(
        label=_("Project completed on"), help_text=_("The day of the acceptance record."), widget=DateInput()
    )
    investment_cny = MoneyField(
        label=_("Project investment"),
        help_text=_("Equipment, installation and design, without VAT. At most two decimals."),
        min_value=0,
        max_digits=14,
    )
    saving_tce = MoneyField(
        label=_("Energy saved a year"),
        help_text=_("Standard coal, as the savings verification report concludes. At most three decimals."),
        min_value=0,
        max_digits=12,
        decimal_places=3,
        widget=QuantityInput("tce"),
    )
    revision = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    @classmethod
    def of(cls, application: Application) -> ProjectForm:
        """The answers as they are stored."""
        stored: dict[str, Any] = {name: getattr(application, name) for name in ANSWERS}
        if application.investment_cny is not None:
            stored["investment_cny"] = number(application.investment_cny, 2)
        if application.saving_tce is not None:
            stored["saving_tce"] = number(application.saving_tce.normalize())
        return cls(initial={**stored, "revision": application.revision})

    def keep(self, names: Iterable[str]) -> None:
        """Do not ask these: they stay as they were reviewed."""
        for name in names:
            del self.fields[name]

    def full_clean(self) -> None:
        """No answer is marked as optional on the page, and yet each may be missing from what is saved."""
        for name in self._asked:
            self.fields[name].required = False
        super().full_clean()
        for name in self._asked:
            self.fields[name].required = True

    def clean_project_title(self) -> str:
        """By the rule of the model, which the API and the service ask as well."""
        title: str = self.cleaned_data["project_title"]
        Application._meta.get_field("project_title").run_validators(title)
        return title

    @property
    def answers(self) -> dict[str, Any]:
        """Those that could be read."""
        return {name: self.cleaned_data[name] for name in self._asked if name in self.cleaned_data}

    @property
    def _asked(self) -> list[str]:
        return [name for name in ANSWERS if name in self.fields]


class UploadForm(forms.Form):
    """One document of one kind. Size and content are the service's to check."""

    use_required_attribute = False

    kind = forms.CharField(max_length=20, widget=forms.HiddenInput)
    file = forms.FileField(
        label=_("File"),
        widget=FileDrop,
        error_messages={"required": _("Choose a file."), "empty": _("The file is empty.")},
    )


class StatementForm(forms.Form):
    """The certifier's word for the answers. `revision` is what was signed."""

    use_required_attribute = False

    statement_accepted = forms.BooleanField(
        label=_("I have read the answers and they are true."),
        help_text=_(
            "False statements lead to repayment of the full amount and exclusion from the programmes of the park."
        ),
        error_messages={"required": _("Confirm that the answers are true before you sign.")},
    )
    revision = forms.IntegerField(min_value=0, widget=forms.HiddenInput)


class RepliesForm(forms.Form):
    """A reply for each point of a return, none of them needed: a correction speaks for itself."""

    use_required_attribute = False

    def __init__(self, *args: Any, points: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, answer in points.items():
            self.fields[name] = forms.CharField(
                label=_("Your reply"),
                initial=answer,
                required=False,
                max_length=1000,
                widget=forms.Textarea(attrs={"rows": 2}),
            )


class WithdrawForm(forms.Form):
    use_required_attribute = False

    reason = forms.CharField(
        label=_("Why do you withdraw it?"),
        help_text=_("The park sees this reason. A withdrawn application cannot be reopened."),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, *args: Any, needs_reason: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = needs_reason
