"""How lists of awards, payments and entries of a ledger are narrowed."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from incentives.choices import FIGURES, AwardState, EntryKind, InstalmentState
from incentives.filters.applications import of_number_or_enterprise, search_field
from incentives.models import Award, Instalment, LedgerEntry

SEARCH = search_field(_("Number, enterprise or credit code"))


class AwardFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(
        label=_("Search"), method="search", widget=search_field(_("Number, enterprise or credit code"))
    )
    state = django_filters.ChoiceFilter(label=_("State"), choices=AwardState.choices, empty_label=_("Any"))

    class Meta:
        model = Award
        fields = ("q", "state")

    def search(self, rows: QuerySet[Award], _name: str, words: str) -> QuerySet[Award]:
        return rows.filter(of_number_or_enterprise(words, "application__number"))


class PaymentFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(
        label=_("Search"), method="search", widget=search_field(_("Number, enterprise or credit code"))
    )
    state = django_filters.ChoiceFilter(label=_("State"), choices=InstalmentState.choices, empty_label=_("Any"))

    class Meta:
        model = Instalment
        fields = ("q", "state")

    def search(self, rows: QuerySet[Instalment], _name: str, words: str) -> QuerySet[Instalment]:
        return rows.filter(of_number_or_enterprise(words, "number"))


class LedgerFilter(django_filters.FilterSet):
    """`figure` is one of the sums; the view has chosen its entries already."""

    year = django_filters.ChoiceFilter(
        label=_("Budget year"), field_name="budget_year__year", empty_label=_("All"), choices=()
    )
    figure = django_filters.ChoiceFilter(
        label=_("Figure"), choices=list(FIGURES.items()), empty_label=_("All"), method="keep"
    )
    kind = django_filters.ChoiceFilter(label=_("Entry"), choices=EntryKind.choices, empty_label=_("All"))

    class Meta:
        model = LedgerEntry
        fields = ("year", "figure", "kind")

    def __init__(self, *args: Any, years: list[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters["year"].extra["choices"] = [(str(year), str(year)) for year in years]

    def keep(self, rows: Any, _name: str, _value: str) -> Any:
        return rows
