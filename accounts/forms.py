from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from accounts.choices import Language, Way
from accounts.messages import Audience
from accounts.models import User
from accounts.preferences import Choice
from lib.text import validate_full_name


class SignupForm(forms.Form):
    """What registration asks beyond allauth's own fields. The language is that of the page they registered on."""

    name = forms.CharField(
        label=_("Full name"),
        max_length=120,
        validators=[validate_full_name],
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )

    def signup(self, request: Any, user: User) -> None:
        user.name = self.cleaned_data["name"].strip()
        user.language = translation.get_language() or Language.ENGLISH
        user.save(update_fields=["name", "language"])


class ProfileForm(forms.ModelForm):
    """Name, language and time zone; the address is changed on a page of its own, by a mail to the new one."""

    class Meta:
        model = User
        fields = ("name", "language", "time_zone")
        widgets = {
            "name": forms.TextInput(attrs={"autocomplete": "name"}),
            "language": forms.RadioSelect,
        }
        help_texts = {
            "name": _("Colleagues and the other side of an application see this name."),
            "language": _("Of the portal and of the mail you receive."),
            "time_zone": _("Times are shown in this zone. Deadlines follow the time zone of the park."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].validators.append(validate_full_name)


class WaysForm(forms.Form):
    """One list for each kind of message that a person may choose a way for."""

    def __init__(self, *args: Any, groups: Iterable[tuple[Audience, Sequence[Choice]]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for choice in (choice for _audience, choices in groups for choice in choices if not choice.kind.binding):
            self.fields[choice.kind.name] = forms.ChoiceField(
                label=choice.kind.label, choices=Way.choices, initial=choice.way, required=False
            )

    @property
    def ways(self) -> dict[str, str]:
        """What was sent; a kind that was not stays as it is."""
        return {name: way for name, way in self.cleaned_data.items() if way}

    def groups(self, groups: Iterable[tuple[Audience, Sequence[Choice]]]) -> list[dict[str, Any]]:
        """The kinds as the page draws them, each with its list or the reason why there is none."""
        return [
            {
                "title": audience.label,
                "rows": [
                    {"kind": choice.kind, "field": None if choice.kind.binding else self[choice.kind.name]}
                    for choice in choices
                ],
            }
            for audience, choices in groups
        ]
