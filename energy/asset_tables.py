"""The columns of the list of energy assets."""

from __future__ import annotations

from functools import cached_property
from typing import Any
from uuid import UUID

import django_tables2 as tables
from django.utils.html import format_html
from django.utils.translation import gettext, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from energy.asset_words import TONES, capacity_words, mark_of, with_unit
from energy.calculations.asset_kpis import UNITS, Kpi
from energy.models import Asset
from energy.queries.assets.kpis import Headline, headlines
from energy.tables import HIDDEN_NUMBER, NOT_ON_A_PHONE, ON_WIDE_SCREENS, owner_words
from lib import formatting
from lib.addresses import address_of
from lib.formatting import NOTHING
from lib.tables import DayColumn, PortalTable, TableOfToday
from lib.templatetags import ui


class AssetTable(TableOfToday):
    """Assets with whose they are, how large, and what this year says of them until yesterday."""

    name = tables.Column(_("Asset"), attrs={"td": {"class": "cell-title cell-name fw-medium"}})
    kind = tables.Column(_("Kind"), attrs={"td": {"class": "cell-line"}})
    owner = tables.Column(
        _("Belongs to"), accessor="pk", order_by=("enterprise__name_zh", "name"), attrs={"td": {"class": "cell-short"}}
    )
    capacity = tables.Column(
        _("Capacity"), accessor="pk", orderable=False, attrs={"th": {"class": "num"}, "td": {"class": "num cell-hide"}}
    )
    kpi = tables.Column(_("Indicator"), accessor="pk", orderable=False, attrs=NOT_ON_A_PHONE)
    value = tables.Column(
        _("This year"),
        accessor="pk",
        orderable=False,
        attrs={"th": {"class": "num"}, "td": {"class": "num cell-nowrap"}},
    )
    completeness = tables.Column(
        pgettext_lazy("of readings", "Completeness"), accessor="pk", orderable=False, attrs=HIDDEN_NUMBER
    )
    status = tables.Column(_("Status"), accessor="ends_on", empty_values=(), attrs={"td": {"class": "cell-side"}})
    location = tables.Column(_("Location"), attrs=ON_WIDE_SCREENS)
    starts_on = DayColumn(verbose_name=_("Commissioned"), attrs=ON_WIDE_SCREENS)

    class Meta(PortalTable.Meta):
        model = Asset
        fields: tuple[str, ...] = ()
        attrs = {"class": "table-stack"}
        order_by = "name"
        default = NOTHING

    def __init__(self, *args: Any, zone_name: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone_name = zone_name

    @cached_property
    def headlines(self) -> dict[UUID, Headline]:
        """Of the rows that are drawn, which have been read by then; of a file of all."""
        drawn = self.paginated_rows.data if hasattr(self, "page") else self.rows.data
        return headlines(list(drawn), self.today, self.zone_name)

    def _kpi(self, record: Asset) -> Kpi:
        return self.headlines[record.pk].kpi

    def render_name(self, record: Asset) -> str:
        return format_html('<a href="{}">{}</a>', address_of("energy:asset_detail", "asset_id")(record.pk), record.name)

    def value_name(self, record: Asset) -> str:
        return record.name

    def render_kind(self, record: Asset) -> str:
        return format_html('<span class="swatch tone-{}"></span> {}', TONES[record.kind], record.get_kind_display())

    def value_kind(self, record: Asset) -> str:
        return str(record.get_kind_display())

    def render_owner(self, record: Asset) -> str:
        return owner_words(record)

    def render_capacity(self, record: Asset) -> str:
        return capacity_words(record)

    def render_kpi(self, record: Asset) -> str:
        return str(self._kpi(record).kind.label)

    def value_kpi(self, record: Asset) -> str:
        """With its unit: in a file the figures stand alone."""
        kind = self._kpi(record).kind
        words = {"name": kind.label, "unit": UNITS[kind]}
        return gettext("%(name)s (%(unit)s)") % words if words["unit"] else str(kind.label)

    def render_value(self, record: Asset) -> str:
        kpi = self._kpi(record)
        if kpi.lacking and kpi.value is None:
            return gettext("not measured")
        return with_unit(kpi.kind, kpi.value)

    def value_value(self, record: Asset) -> Any:
        kpi = self._kpi(record)
        return None if kpi.value is None else round(kpi.value, 2)

    def render_completeness(self, record: Asset) -> str:
        percent = self._kpi(record).completeness_percent
        return NOTHING if percent is None else formatting.percent(percent)

    def value_completeness(self, record: Asset) -> Any:
        percent = self._kpi(record).completeness_percent
        return None if percent is None else round(percent, 2)

    def render_status(self, record: Asset) -> str:
        return format_html("{} {}", ui.badge(*mark_of(record, self.today)), self._doubt(record))

    def _doubt(self, record: Asset) -> str:
        doubts = self.headlines[record.pk].doubts
        return ui.badge("warn", pgettext("asset", "To check")) if doubts else ""

    def value_status(self, record: Asset) -> str:
        words = [mark_of(record, self.today)[1]]
        if self.headlines[record.pk].doubts:
            words.append(pgettext("asset", "To check"))
        return gettext(", ").join(words)
