from __future__ import annotations

from datetime import date
from typing import Any

import django_filters
from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from energy.choices import Commodity
from energy.models import Meter
from energy.queries import register
from energy.querysets import MeterQuerySet
from lib.formatting import number
from parks.actors import Actor

LONGEST_SEARCH = 100
FACETS = ("commodity", "owner", "status", "confirmation")


class MeterFilter(django_filters.FilterSet):
    """Words that must all occur, and what kind of meter it is. A value that does not exist filters nothing."""

    q = django_filters.CharFilter(max_length=LONGEST_SEARCH)
    commodity = django_filters.ChoiceFilter(
        label=pgettext_lazy("of a meter", "Measures"), choices=Commodity.choices, empty_label=_("Any")
    )
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

    confirmation = django_filters.ChoiceFilter(
        label=pgettext_lazy("of a meter", "Confirmation"),
        choices=[(register.TO_CONFIRM, pgettext_lazy("meter", "To confirm"))],
        empty_label=_("Any"),
    )

    class Meta:
        model = Meter
        fields: list[str] = []

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
        return {name: self.form.cleaned_data[name] for name in FACETS if self.form.cleaned_data.get(name)}

    @property
    def is_active(self) -> bool:
        return bool(self.words or self.chosen)

    def filter_queryset(self, queryset: MeterQuerySet) -> MeterQuerySet:
        return register.narrowed(self._searched(), self.chosen, self.today)

    def _searched(self) -> MeterQuerySet:
        return register.found(self.actor, self.words)

    def count_choices(self) -> register.Facets:
        """Write behind every choice how many it leaves, and leave out those that leave none. One query."""
        counted = register.facets(self._searched(), self.chosen, self.today)
        for name in FACETS:
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
        """People of an enterprise see their own meters alone: there is no owner to choose. Mostly none waits."""
        is_waiting = any(value for value, _label in self.form.fields["confirmation"].choices)
        left_out = {"owner": not self.actor.is_official, "confirmation": not is_waiting}
        shown = [name for name in FACETS if not left_out.get(name)]
        return [self.form[name] for name in shown]
