from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from energy.choices import AssetKind, Commodity
from energy.models import Asset, Meter
from energy.queries import register
from energy.queries.assets import register as asset_register
from lib.formatting import number
from parks.actors import Actor

LONGEST_SEARCH = 100


class FacetedFilter(django_filters.FilterSet):
    """Words that must all occur, and choices that tell how many rows they leave. An unknown value filters nothing."""

    q = django_filters.CharFilter(max_length=LONGEST_SEARCH)
    owner = django_filters.ChoiceFilter(
        label=_("Belongs to"),
        choices=[(register.OF_THE_PARK, _("The park")), (register.OF_ENTERPRISES, _("Enterprises"))],
        empty_label=_("Any"),
    )
    status = django_filters.ChoiceFilter(
        label=_("Status"),
        choices=[
            (register.IN_SERVICE, pgettext_lazy("meter", "In service")),
            (register.PLANNED, pgettext_lazy("meter", "Planned")),
            (register.RETIRED, pgettext_lazy("meter", "Out of service")),
        ],
        empty_label=_("Any"),
    )
    facets: ClassVar[tuple[str, ...]] = ()
    # The queries of the rows: those that words find, the counts of their facets, those that choices leave.
    rows: ClassVar[Any] = register

    def __init__(self, *args: Any, actor: Actor, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor, self.today = actor, today

    @property
    def words(self) -> str:
        self.form.is_valid()
        return str(self.form.cleaned_data.get("q") or "").strip()

    @property
    def chosen(self) -> dict[str, str]:
        """The choices made, by the name of their filter."""
        self.form.is_valid()
        return {name: self.form.cleaned_data[name] for name in self.facets if self.form.cleaned_data.get(name)}

    @property
    def is_active(self) -> bool:
        return bool(self.words or self.chosen)

    def filter_queryset(self, queryset: QuerySet[Any]) -> Any:
        return self.rows.narrowed(self.rows.found(self.actor, self.words), self.chosen, self.today)

    def count_choices(self) -> register.Facets:
        """Write behind every choice how many it leaves, and leave out those that leave none. One query."""
        counted: register.Facets = self.rows.facets(self.rows.found(self.actor, self.words), self.chosen, self.today)
        for name in self.facets:
            field, counts = self.form.fields[name], counted.counts(name)
            offered = counts.keys() | {self.chosen.get(name)}
            field.choices = [
                (value, f"{label} ({number(counts[value])})")
                for value, label in field.choices
                if value and value in offered
            ]
        return counted

    @property
    def in_line(self) -> list[forms.BoundField]:
        """People of an enterprise see what is their own alone: there is no owner to choose."""
        return [self.form[name] for name in self.facets if name != "owner" or self.actor.is_official]


class MeterFilter(FacetedFilter):
    """The register of meters, narrowed."""

    facets = ("commodity", "owner", "status", "confirmation")
    commodity = django_filters.ChoiceFilter(
        label=pgettext_lazy("of a meter", "Measures"), choices=Commodity.choices, empty_label=_("Any")
    )
    confirmation = django_filters.ChoiceFilter(
        label=pgettext_lazy("of a meter", "Confirmation"),
        choices=[(register.TO_CONFIRM, pgettext_lazy("meter", "To confirm"))],
        empty_label=_("Any"),
    )

    class Meta:
        model = Meter
        fields: list[str] = []

    @property
    def in_line(self) -> list[forms.BoundField]:
        """Mostly none waits to be confirmed."""
        is_waiting = any(value for value, _label in self.form.fields["confirmation"].choices)
        return [field for field in super().in_line if field.name != "confirmation" or is_waiting]


class AssetFilter(FacetedFilter):
    """The register of energy assets, narrowed."""

    facets = ("kind", "owner", "status")
    rows: ClassVar[Any] = asset_register
    kind = django_filters.ChoiceFilter(label=_("Kind"), choices=AssetKind.choices, empty_label=_("Any"))

    class Meta:
        model = Asset
        fields: list[str] = []
