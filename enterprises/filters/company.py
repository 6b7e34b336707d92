"""How the lists of change requests and of documents that expire are narrowed."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from enterprises.choices import ChangeRequestState, PaperKind
from enterprises.models import ChangeRequest, EnterprisePaper
from enterprises.querysets import IsFound

LONGEST_SEARCH = 100
EXPIRED = "expired"
WINDOWS = [
    (EXPIRED, _("Expired")),
    ("7", _("Within 7 days")),
    ("30", _("Within 30 days")),
    ("all", _("Any day")),
]
DECIDED = [(state.value, state.label) for state in ChangeRequestState if state != ChangeRequestState.SUBMITTED]
DAYS_AHEAD = 60


def search_input(placeholder: Any) -> forms.TextInput:
    return forms.TextInput(attrs={"type": "search", "placeholder": placeholder, "autocomplete": "off"})


class ChangeRequestFilter(django_filters.FilterSet):
    """Without a state those that wait."""

    q = django_filters.CharFilter(
        label=_("Search"),
        method="search",
        max_length=LONGEST_SEARCH,
        widget=search_input(_("Number, enterprise or credit code")),
    )
    state = django_filters.ChoiceFilter(
        label=_("State"),
        method="in_state",
        choices=[*DECIDED, ("all", _("All"))],
        empty_label=ChangeRequestState.SUBMITTED.label,
    )

    class Meta:
        model = ChangeRequest
        fields = ("q", "state")

    def filter_queryset(self, queryset: QuerySet[ChangeRequest]) -> QuerySet[ChangeRequest]:
        rows: QuerySet[ChangeRequest] = super().filter_queryset(queryset)
        is_chosen = bool(self.form.cleaned_data.get("state"))
        return rows if is_chosen else rows.filter(state=ChangeRequestState.SUBMITTED)

    def search(self, rows: QuerySet[ChangeRequest], _name: str, words: str) -> QuerySet[ChangeRequest]:
        return rows.filter(Q(number__icontains=words.strip()) | Q(IsFound("enterprise_id", words)))

    def in_state(self, rows: QuerySet[ChangeRequest], _name: str, state: str) -> QuerySet[ChangeRequest]:
        return rows if state == "all" else rows.filter(state=state)


class PaperFilter(django_filters.FilterSet):
    """Without a window those that have expired or expire within sixty days of `today`."""

    q = django_filters.CharFilter(
        label=_("Search"),
        method="search",
        max_length=LONGEST_SEARCH,
        widget=search_input(_("Document, enterprise or credit code")),
    )
    kind = django_filters.ChoiceFilter(label=_("Kind"), choices=PaperKind.choices, empty_label=_("All"))
    window = django_filters.ChoiceFilter(
        label=_("Expires"), method="within", choices=WINDOWS, empty_label=_("Within 60 days")
    )

    class Meta:
        model = EnterprisePaper
        fields = ("q", "kind", "window")

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def filter_queryset(self, queryset: QuerySet[EnterprisePaper]) -> QuerySet[EnterprisePaper]:
        rows: QuerySet[EnterprisePaper] = super().filter_queryset(queryset)
        is_chosen = bool(self.form.cleaned_data.get("window"))
        return rows if is_chosen else rows.filter(valid_until__lte=self.today + timedelta(days=DAYS_AHEAD))

    def search(self, rows: QuerySet[EnterprisePaper], _name: str, words: str) -> QuerySet[EnterprisePaper]:
        return rows.filter(Q(name__icontains=words.strip()) | Q(IsFound("enterprise_id", words)))

    def within(self, rows: QuerySet[EnterprisePaper], _name: str, window: str) -> QuerySet[EnterprisePaper]:
        if window == "all":
            return rows
        if window == EXPIRED:
            return rows.filter(valid_until__lt=self.today)
        return rows.filter(valid_until__range=(self.today, self.today + timedelta(days=int(window))))
