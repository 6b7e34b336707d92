"""How the queue of registrations is narrowed."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Any
from uuid import UUID

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from enterprises.calculations import normalised_code
from enterprises.choices import EnterpriseKind
from enterprises.models import Registration
from enterprises.queries.vetting import odd_code_ids

LONGEST_SEARCH = 100
PERIODS = [("7", _("Last 7 days")), ("30", _("Last 30 days")), ("90", _("Last 90 days")), ("365", _("Last year"))]
ODD_CODE = "odd_code"
NOTES = [
    ("is_registered", _("Code registered already")),
    ("is_filed_twice", _("Filed more than once")),
    (ODD_CODE, _("Check character differs")),
    ("is_alike", _("Name alike")),
    ("again", _("Filed again")),
]


class RegistrationFilter(django_filters.FilterSet):
    """What was filed, by number, code, name or registrant, and by what is to be noted of it."""

    q = django_filters.CharFilter(
        label=_("Search"),
        method="search",
        max_length=LONGEST_SEARCH,
        widget=forms.TextInput(
            attrs={"type": "search", "placeholder": _("Number, code, name or person"), "autocomplete": "off"}
        ),
    )
    kind = django_filters.ChoiceFilter(label=_("Type"), choices=EnterpriseKind.choices, empty_label=_("Any"))
    note = django_filters.ChoiceFilter(label=_("To note"), method="noted", choices=NOTES, empty_label=_("Any"))
    submitted = django_filters.ChoiceFilter(
        label=pgettext_lazy("date", "Filed"), method="within", choices=PERIODS, empty_label=_("Any")
    )

    class Meta:
        model = Registration
        fields = ("q", "kind", "note", "submitted")

    def __init__(self, *args: Any, alike: Collection[UUID] = (), **kwargs: Any) -> None:
        self.alike = alike
        super().__init__(*args, **kwargs)

    def search(self, rows: QuerySet[Registration], _name: str, text: str) -> QuerySet[Registration]:
        words = text.strip()
        named = Q(name_zh__icontains=words) | Q(name_en__icontains=words) | Q(registrant_name__icontains=words)
        return rows.filter(Q(number__icontains=words) | Q(credit_code__icontains=normalised_code(words)) | named)

    def noted(self, rows: QuerySet[Registration], _name: str, note: str) -> QuerySet[Registration]:
        if note == "again":
            return rows.filter(round__gt=1)
        if note == ODD_CODE:
            return rows.filter(pk__in=odd_code_ids(rows))
        return rows.filter(pk__in=self.alike) if note == "is_alike" else rows.filter(**{note: True})

    def within(self, rows: QuerySet[Registration], _name: str, days: str) -> QuerySet[Registration]:
        return rows.filter(submitted_at__gte=timezone.now() - timedelta(days=int(days)))

    @property
    def is_active(self) -> bool:
        """Whether anything narrows the list."""
        return self.form.is_valid() and any(self.form.cleaned_data.values())
