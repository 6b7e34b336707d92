"""The columns of the lists of meters and imports."""

from __future__ import annotations

from datetime import date, datetime
from functools import cached_property
from typing import Any
from uuid import UUID

import django_tables2 as tables
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from energy.models import Asset, Meter, ReadingImport, Tariff, TariffVersion
from energy.queries.register import last_days
from energy.queries.tariffs import held_on
from enterprises.tables.register import shown_names
from lib.addresses import address_of
from lib.formatting import NOTHING, number
from lib.tables import DayColumn, NumberColumn, PortalTable, TableOfToday, TimeColumn
from lib.templatetags import ui

NOT_ON_A_PHONE = {"td": {"class": "cell-hide cell-nowrap"}}
ON_WIDE_SCREENS = {"th": {"class": "cell-wide"}, "td": {"class": "cell-hide cell-short cell-secondary cell-wide"}}
TONES = {
    "electricity": "elec",
    "water": "water",
    "gas": "gas",
    "heat": "heat",
    "steam": "heat",
    "cooling": "chg",
    "environment": "ref",
}


def standing_of(meter: Meter, today: date) -> tuple[str, str]:
    """The state of the badge and its word."""
    if meter.ends_on is not None and meter.ends_on <= today:
        return "mute", pgettext("meter", "Out of service")
    if meter.starts_on > today:
        return "info", pgettext("meter", "Planned")
    return "ok", pgettext("meter", "In service")


def marks_of(meter: Meter, today: date) -> list[tuple[str, str]]:
    """The badges of a meter: where it stands, and whether files of the park wait for a confirmation."""
    waits = [("warn", pgettext("meter", "To confirm"))] if meter.is_to_confirm else []
    return [standing_of(meter, today), *waits]


def owner_words(owned: Meter | Asset) -> str:
    return gettext("The park") if owned.enterprise is None else shown_names(owned.enterprise)[0]


class MeterTable(TableOfToday):
    """Meters with whose they are and how far their readings go."""

    name = tables.Column(_("Meter"), attrs={"td": {"class": "cell-title cell-name fw-medium"}})
    serial = tables.Column(_("Serial number"), attrs={"td": {"class": "cell-line code"}})
    owner = tables.Column(
        _("Belongs to"), accessor="pk", order_by=("enterprise__name_zh", "name"), attrs={"td": {"class": "cell-short"}}
    )
    commodity = tables.Column(pgettext_lazy("of a meter", "Measures"), attrs=NOT_ON_A_PHONE)
    channels = tables.Column(
        pgettext_lazy("of a meter", "Channels"), accessor="pk", orderable=False, attrs=NOT_ON_A_PHONE
    )
    location = tables.Column(_("Location"), attrs=ON_WIDE_SCREENS)
    last_day = tables.Column(_("Readings until"), accessor="pk", orderable=False)
    status = tables.Column(_("Status"), accessor="ends_on", empty_values=(), attrs={"td": {"class": "cell-side"}})
    starts_on = DayColumn(verbose_name=_("In service from"), attrs=ON_WIDE_SCREENS)

    class Meta(PortalTable.Meta):
        model = Meter
        fields: tuple[str, ...] = ()
        attrs = {"class": "table-stack"}
        order_by = "name"
        default = NOTHING

    @cached_property
    def last_days(self) -> dict[UUID, date]:
        """One query for the rows that are drawn, which have been read by then."""
        drawn = self.paginated_rows.data if hasattr(self, "page") else self.rows.data
        return last_days([record.pk for record in drawn])

    def render_name(self, record: Meter) -> str:
        return format_html('<a href="{}">{}</a>', address_of("energy:meter_detail", "meter_id")(record.pk), record.name)

    def value_name(self, record: Meter) -> str:
        return record.name

    def render_owner(self, record: Meter) -> str:
        return owner_words(record)

    def render_commodity(self, record: Meter) -> str:
        swatch = format_html('<span class="swatch tone-{}"></span>', TONES[record.commodity])
        return format_html("{} {}", swatch, record.get_commodity_display())

    def value_commodity(self, record: Meter) -> str:
        return str(record.get_commodity_display())

    def render_channels(self, record: Meter) -> str:
        flows = dict.fromkeys(str(channel.get_flow_display()) for channel in record.channels.all())
        return gettext(", ").join(flows) or NOTHING

    def render_last_day(self, record: Meter) -> str:
        return ui.local_day(self.last_days.get(record.pk), "compact")

    def value_last_day(self, record: Meter) -> date | None:
        return self.last_days.get(record.pk)

    def render_status(self, record: Meter) -> str:
        return format_html_join(" ", "{}", ((ui.badge(*mark),) for mark in marks_of(record, self.today)))

    def value_status(self, record: Meter) -> str:
        return gettext(", ").join(word for _state, word in marks_of(record, self.today))


HIDDEN_NUMBER = {"th": {"class": "num"}, "td": {"class": "num cell-hide"}}
# On the phone a figure below the name says what it counts.
BELOW = {"th": {"class": "num"}, "td": {"class": "num cell-below"}}
IMPORT_STATES: dict[str, str] = {
    "queued": "info",
    "running": "info",
    "done": "ok",
    "failed": "bad",
    "cancelled": "mute",
    "undoing": "info",
    "undone": "mute",
}


class ReadingImportTable(PortalTable):
    """Who brought which file, and what became of its readings."""

    name = tables.Column(_("File"), attrs={"td": {"class": "cell-title cell-name fw-medium"}})
    feed = tables.Column(_("Feed"), attrs={"td": {"class": "cell-hide cell-short"}})
    state = tables.Column(_("State"), attrs={"td": {"class": "cell-line"}})
    readings_read = NumberColumn(verbose_name=_("Readings"), attrs=BELOW)
    readings_stored = NumberColumn(verbose_name=_("Stored"), attrs=HIDDEN_NUMBER)
    readings_unchanged = NumberColumn(verbose_name=_("Unchanged"), attrs=HIDDEN_NUMBER)
    readings_rejected = NumberColumn(verbose_name=_("Rejected"), attrs=BELOW)
    uploaded_by_name = tables.Column(_("Uploaded by"), attrs={"td": {"class": "cell-hide"}})
    uploaded_at = TimeColumn(verbose_name=_("Uploaded"), attrs={"td": {"class": "cell-hide cell-nowrap"}})

    class Meta(PortalTable.Meta):
        model = ReadingImport
        fields: tuple[str, ...] = ()
        attrs = {"class": "table-stack"}
        order_by = "-uploaded_at"
        default = NOTHING

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = now

    def render_name(self, record: ReadingImport) -> str:
        address = address_of("energy:import_detail", "reading_import_id")(record.pk)
        return format_html('<a href="{}">{}</a>', address, record.name)

    def render_state(self, record: ReadingImport) -> str:
        if record.is_abandoned(self.now):
            return ui.badge("bad", gettext("No sign of the worker"))
        return ui.badge(IMPORT_STATES[record.state], record.get_state_display())


class TariffTable(TableOfToday):
    """Tariffs with the prices that hold today."""

    name = tables.Column(_("Tariff"), attrs={"td": {"class": "cell-title cell-name fw-medium"}})
    state = tables.Column(_("Status"), accessor="pk", orderable=False, attrs={"td": {"class": "cell-side"}})
    starts_on = tables.Column(_("Valid from"), accessor="pk", orderable=False, attrs=NOT_ON_A_PHONE)
    peak = tables.Column(_("Peak, CNY/kWh"), accessor="pk", orderable=False, attrs=HIDDEN_NUMBER)
    flat = tables.Column(_("Flat, CNY/kWh"), accessor="pk", orderable=False, attrs=HIDDEN_NUMBER)
    valley = tables.Column(_("Valley, CNY/kWh"), accessor="pk", orderable=False, attrs=HIDDEN_NUMBER)
    channel_count = NumberColumn(verbose_name=_("Channels charged"), attrs=BELOW)

    class Meta(PortalTable.Meta):
        model = Tariff
        fields: tuple[str, ...] = ()
        attrs = {"class": "table-stack"}
        order_by = "name"
        default = NOTHING

    def _held(self, record: Tariff) -> TariffVersion | None:
        return held_on(record.versions.all(), self.today)

    def _price(self, record: Tariff, period: str) -> Any:
        held = self._held(record)
        return getattr(held, f"price_{period}") if held else None

    def render_name(self, record: Tariff) -> str:
        address = address_of("energy:tariff_detail", "tariff_id")(record.pk)
        return format_html('<a href="{}">{}</a>', address, record.name)

    def value_name(self, record: Tariff) -> str:
        return record.name

    def _marks(self, record: Tariff) -> list[tuple[str, str]]:
        held = self._held(record)
        marks = [("ok", pgettext("of a tariff", "In force"))] if held else []
        if any(version.is_draft for version in record.versions.all()):
            marks.append(("warn", pgettext("of a tariff", "Draft")))
        return marks or [("mute", pgettext("of a tariff", "Not in force today"))]

    def render_state(self, record: Tariff) -> str:
        return format_html_join(" ", "{}", ((ui.badge(*mark),) for mark in self._marks(record)))

    def value_state(self, record: Tariff) -> str:
        return gettext(", ").join(word for _state, word in self._marks(record))

    def render_starts_on(self, record: Tariff) -> str:
        held = self._held(record)
        return ui.local_day(held.starts_on if held else None, "compact")

    def value_starts_on(self, record: Tariff) -> date | None:
        held = self._held(record)
        return held.starts_on if held else None

    def render_peak(self, record: Tariff) -> str:
        return _price_words(self._price(record, "peak"))

    def render_flat(self, record: Tariff) -> str:
        return _price_words(self._price(record, "flat"))

    def render_valley(self, record: Tariff) -> str:
        return _price_words(self._price(record, "valley"))

    def value_peak(self, record: Tariff) -> Any:
        return self._price(record, "peak")

    def value_flat(self, record: Tariff) -> Any:
        return self._price(record, "flat")

    def value_valley(self, record: Tariff) -> Any:
        return self._price(record, "valley")


def _price_words(price: Any) -> str:
    return NOTHING if price is None else number(price, 4)
