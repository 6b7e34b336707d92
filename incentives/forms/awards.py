"""What officials and the public write about awards."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from incentives.models import Award, NoticeLine, Objection
from lib.formatting import localized, money
from lib.forms import ManyFilesField
from lib.text import validate_name, validate_words
from parks.forms.decisions import text_field

MOST_SHOWN = 400


class NoticeForm(forms.Form):
    """The awards that one notice names."""

    use_required_attribute = False

    awards = forms.MultipleChoiceField(
        label=_("Awards"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one award.")},
    )

    def __init__(self, typed: Any = None, *, awards: Iterable[Award], **kwargs: Any) -> None:
        super().__init__(typed, **kwargs)
        self.known = {str(award.pk): award for award in awards}
        self.fields["awards"].choices = [(key, _words_of(award)) for key, award in self.known.items()]  # type: ignore[attr-defined]

    @property
    def chosen(self) -> list[Award]:
        return [self.known[key] for key in self.cleaned_data["awards"]]


def _words_of(award: Award) -> str:
    return f"{award.application.number} · {localized(award.enterprise, 'name')} · {money(award.amount_cny)}"


class ObjectionForm(forms.Form):
    """Signed by a real name with a way to reach the person; officials alone read it."""

    use_required_attribute = False

    line = forms.ChoiceField(label=_("Against which award?"))
    text = text_field(_("What speaks against it?"), _("Say what is wrong and how it can be checked."), rows=6)
    name = forms.CharField(
        label=_("Your real name, or that of your organisation"),
        help_text=_("Anonymous objections are not handled."),
        max_length=120,
        validators=[validate_name],
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    contact = forms.CharField(
        label=_("Telephone or e-mail"),
        min_length=6,
        max_length=200,
        validators=[validate_words],
        widget=forms.TextInput(attrs={"autocomplete": "tel"}),
    )

    uploads = ManyFilesField(
        label=_("Files"), help_text=_("What proves it: PDF, PNG or JPEG, at most three of 5 MB each."), required=False
    )

    def __init__(self, typed: Any = None, files: Any = None, *, lines: Iterable[NoticeLine], **kwargs: Any) -> None:
        super().__init__(typed, files, **kwargs)
        self.known = {str(line.pk): line for line in lines}
        self.fields["line"].choices = [  # type: ignore[attr-defined]
            (key, f"{line.number} · {localized(line, 'enterprise_name')} · {line.project_title}")
            for key, line in self.known.items()
        ]


class AnswerForm(forms.Form):
    """How an objection is handled."""

    use_required_attribute = False

    outcome = forms.ChoiceField(
        label=_("Decision"),
        choices=[
            ("dismissed", _("Dismiss: the award can stand")),
            ("upheld", _("Uphold: the award is void and its money is freed")),
        ],
        widget=forms.RadioSelect,
    )
    answer = text_field(_("Reasons"), _("What was checked and found; it stays with the case."))


class SetAsideForm(forms.Form):
    """Objections to be dismissed together, for the same reasons."""

    use_required_attribute = False

    objections = forms.MultipleChoiceField(
        label=_("Objections"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one objection.")},
    )
    answer = text_field(_("Reasons"), _("Why none of them says anything against the award; they stay with each."))

    def __init__(self, typed: Any = None, *, objections: Iterable[Objection], are_chosen: bool, **kwargs: Any) -> None:
        super().__init__(typed, **kwargs)
        self.known = {str(objection.pk): objection for objection in objections}
        field = self.fields["objections"]
        field.choices = [(key, _words_of_objection(row)) for key, row in self.known.items()]  # type: ignore[attr-defined]
        field.initial = list(self.known) if are_chosen else []

    @property
    def chosen(self) -> list[Objection]:
        return [self.known[key] for key in self.cleaned_data["objections"]]


def _words_of_objection(objection: Objection) -> str:
    """Enough to see whether somebody speaks in earnest; the whole stands on the page of the award."""
    words = f"{objection.line.number} · {objection.reference} · {objection.name} ({objection.contact}): "
    return words + Truncator(" ".join(objection.text.split())).chars(MOST_SHOWN)
