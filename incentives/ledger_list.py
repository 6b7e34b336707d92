"""How the entries of a programme's ledger are narrowed and drawn."""

from __future__ import annotations

from typing import Any

import django_filters
import django_tables2 as tables
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from incentives.choices import FIGURES, EntryKind
from incentives.models import LedgerEntry
from lib.addresses import address_of
from lib.formatting import NOTHING
from lib.tables import MoneyColumn, PortalTable, StateColumn, TimeColumn

TONES: dict[str, str] = {
    EntryKind.APPROPRIATED: "mute",
    EntryKind.MOVED: "mute",
    EntryKind.RESERVED: "info",
    EntryKind.RELEASED: "mute",
    EntryKind.COMMITTED: "info",
    EntryKind.CANCELLED: "mute",
    EntryKind.PAID: "ok",
    EntryKind.CLAWED_BACK: "warn",
}


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


class LedgerTable(PortalTable):
    """Every act on the money of a programme."""

    at = TimeColumn(_("When"))
    year = tables.Column(_("Budget year"), accessor="budget_year__year", attrs={"td": {"class": "cell-hide"}})
    kind = StateColumn(_("Entry"), states=TONES)
    application = tables.Column(_("Application"), accessor="application__number")
    reason = tables.Column(_("Reason"), orderable=False, attrs={"td": {"class": "cell-hide cell-secondary"}})
    by_name = tables.Column(_("By"), attrs={"td": {"class": "cell-hide"}})
    effect_cny = MoneyColumn(_("Amount"))

    class Meta(PortalTable.Meta):
        model = LedgerEntry
        fields = ("at", "year", "kind", "application", "reason", "by_name", "effect_cny")
        default = NOTHING
        empty_text = _("No entry fits these filters.")

    def render_application(self, record: LedgerEntry, value: str) -> str:
        address = address_of("incentives:review_detail", "application_id")(record.application_id)
        return format_html('<a class="code" href="{}">{}</a>', address, value)

    def value_application(self, value: str) -> str:
        return value
