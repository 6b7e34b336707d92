from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from parks.choices import BoundaryType, ParkLevel, ParkStatus, Province
from parks.models import Membership, Park
from parks.querysets import ParkQuerySet


def _select() -> forms.Select:
    return forms.Select(attrs={"class": "form-select"})


class ParkFilter(django_filters.FilterSet):
    """Narrows a list of parks by words of its names and cities, and by its kinds."""

    q = django_filters.CharFilter(
        label=_("Name, city or address"),
        method="search",
        widget=forms.TextInput(attrs={"class": "form-control", "type": "search", "placeholder": _("Name or city")}),
    )
    province = django_filters.ChoiceFilter(
        label=_("Region"), choices=Province.choices, empty_label=_("All"), widget=_select()
    )
    level = django_filters.ChoiceFilter(
        label=_("Level"), choices=ParkLevel.choices, empty_label=_("All"), widget=_select()
    )
    boundary_type = django_filters.ChoiceFilter(
        label=_("Boundary"), choices=BoundaryType.choices, empty_label=_("All"), widget=_select()
    )
    status = django_filters.ChoiceFilter(
        label=_("Status"), choices=ParkStatus.choices, empty_label=_("All"), widget=_select()
    )

    administrator = django_filters.ChoiceFilter(
        label=_("Administrator"),
        method="by_administrator",
        choices=[("missing", _("none yet"))],
        empty_label=_("All"),
        widget=_select(),
    )

    class Meta:
        model = Park
        fields: tuple[str, ...] = ("q", "province", "level", "boundary_type", "status", "administrator")

    def search(self, queryset: QuerySet[Park], _name: str, words: str) -> QuerySet[Park]:
        """Every word must occur in one of the names, cities, or the address of the page."""
        for word in words.split():
            queryset = queryset.filter(
                Q(name_en__icontains=word)
                | Q(name_zh__icontains=word)
                | Q(city_en__icontains=word)
                | Q(city_zh__icontains=word)
                | Q(slug__icontains=word)
            )
        return queryset

    def by_administrator(self, queryset: ParkQuerySet, _name: str, _missing: str) -> ParkQuerySet:
        return queryset.without_administrator(Membership.objects.administrators().values("park_id"))

    @property
    def is_narrowed(self) -> bool:
        return any(value not in {None, ""} for value in self.form.cleaned_data.values()) if self.is_valid() else True

    def parts(self) -> list[Any]:
        """The drawn fields after the search box; what only a link chooses is shown once it is chosen."""
        hidden = {"q"} if self.data.get("administrator") else {"q", "administrator"}
        return [self.form[name] for name in self.form.fields if name not in hidden]


class ObservedParkFilter(ParkFilter):
    """Without what is between the operator and the parks."""

    administrator = None

    class Meta(ParkFilter.Meta):
        fields = ("q", "province", "level", "boundary_type", "status")


class PublicParkFilter(ObservedParkFilter):
    level = boundary_type = status = None

    class Meta(ParkFilter.Meta):
        fields = ("q", "province")
