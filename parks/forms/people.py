"""Who is to work in a place, and as what."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.sign_in_forms import PASSWORD_HINT
from lib.mail_addresses import AddressField
from lib.text import validate_full_name
from parks.choices import PARK_ROLES, Role

DUTIES = {
    Role.OPERATOR: _("Creates, configures and suspends parks; enters one only in a recorded support session."),
    Role.OBSERVER: _("Reads the indicators that parks publish."),
    Role.PARK_ADMINISTRATOR: _("Staff and roles, park profile and branding, programmes."),
    Role.REVIEWER: _("Checks applications for completeness."),
    Role.EXPERT: _("Scores applications without knowing who filed them."),
    Role.APPROVER: _("Decides on applications that were accepted as complete."),
    Role.FINANCE_OFFICER: _("Pays what was approved."),
    Role.PARK_ENERGY_MANAGER: _("Meters, feeds, data quality, contracts and reports of the park."),
    Role.AUDITOR: _("Reads everything, changes nothing."),
    Role.OWNER: _("Invites the people of the enterprise and gives them roles."),
    Role.CERTIFIER: _("Signs and submits applications."),
    Role.APPLICANT: _("Prepares applications."),
    Role.ENERGY_MANAGER: _("Meters and reports of the enterprise."),
}


class RoleCards(forms.CheckboxSelectMultiple):
    """Roles to tick, each with what it is for."""

    template_name = "django/forms/widgets/radio_cards.html"

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        return {**option, "description": DUTIES[Role(value)]}


def role_choices(roles: Iterable[Role]) -> list[tuple[str, str]]:
    """In the order of the portal."""
    offered = set(roles)
    return [(role.value, str(role.label)) for role in Role if role in offered]


class RolesForm(forms.Form):
    roles = forms.MultipleChoiceField(
        label=_("Roles"), widget=RoleCards, error_messages={"required": _("Choose at least one role.")}
    )

    def __init__(self, *args: Any, offered: Iterable[Role] = PARK_ROLES, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choices(self, "roles", role_choices(offered))

    def clean_roles(self) -> list[Role]:
        return [Role(value) for value in self.cleaned_data["roles"]]


class InvitationForm(RolesForm):
    email = AddressField(
        label=_("E-mail address"),
        max_length=254,
        help_text=_("The invitation is sent here and can be accepted by this address only, within seven days."),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    field_order = ("email", "roles")


class RegistrationForm(forms.Form):
    """What an invited person without an account has to give; the address stands in the invitation."""

    name = forms.CharField(
        label=_("Full name"),
        max_length=120,
        validators=[validate_full_name],
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        help_text=PASSWORD_HINT,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email = email

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if "password" in cleaned:
            try:
                validate_password(cleaned["password"], User(email=self.email, name=cleaned.get("name", "")))
            except ValidationError as error:
                self.add_error("password", error)
        return cleaned


class StaffFilterForm(forms.Form):
    q = forms.CharField(label=_("Name or e-mail address"), required=False, max_length=120)
    role = forms.ChoiceField(label=_("Role"), required=False)
    ended = forms.BooleanField(label=_("No longer here"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choices(self, "role", [("", _("All")), *role_choices(PARK_ROLES)])

    @property
    def wanted(self) -> dict[str, Any]:
        """The arguments of `queries.people.staff`; what makes no sense is left out."""
        self.is_valid()
        role = self.cleaned_data.get("role")
        return {
            "text": self.cleaned_data.get("q", "").strip(),
            "role": Role(role) if role else None,
            "ended": self.cleaned_data.get("ended", False),
        }


def _choices(form: forms.Form, name: str, choices: list[tuple[str, Any]]) -> None:
    field = form.fields[name]
    if isinstance(field, forms.ChoiceField):
        field.choices = choices
