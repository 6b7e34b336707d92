"""Naming a deputy."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from incentives.choices import STAGE_ROLES
from lib.forms import DateInput
from parks.actors import Actor
from parks.choices import Role, role_words
from parks.models import Membership


class AbsenceForm(forms.Form):
    use_required_attribute = False

    starts_on = forms.DateField(label=_("First day"), widget=DateInput())
    ends_on = forms.DateField(label=_("Last day"), widget=DateInput())

    def __init__(self, *args: Any, actor: Actor, deputies: Iterable[Membership], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        held = [role for role in STAGE_ROLES if actor.has_role(role)]
        self.fields["role"] = forms.TypedChoiceField(
            label=_("Role"), choices=[(role.value, role.label) for role in held], coerce=Role
        )
        self.fields["deputy"] = forms.TypedChoiceField(
            label=_("Deputy"),
            help_text=_("A colleague who decides on applications. On these days your queue is theirs too."),
            choices=[(member.user_id, f"{member.user.name} · {role_words(member.roles)}") for member in deputies],
            coerce=int,
        )
