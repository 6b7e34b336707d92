"""How an expert's cases are narrowed."""

from __future__ import annotations

import django_filters
from django.utils.translation import gettext_lazy as _

from incentives.models import PanelSeat
from incentives.queries import Standing

STANDINGS = {
    Standing.WAITING: _("To score"),
    Standing.SCORED: _("Scored"),
    Standing.OVER: _("Not needed any more"),
}


class SeatFilter(django_filters.FilterSet):
    standing = django_filters.ChoiceFilter(
        label=_("State"), choices=[(one.value, label) for one, label in STANDINGS.items()], empty_label=_("Any")
    )

    class Meta:
        model = PanelSeat
        fields = ("standing",)
