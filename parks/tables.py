from __future__ import annotations

from datetime import datetime
from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from lib.formatting import speaks_chinese
from lib.tables import PortalTable, StateColumn, TimeColumn
from lib.templatetags.ui import badge
from parks.choices import ParkStatus
from parks.models import Park, SupportSession

PARK_STATES: dict[str, str] = {ParkStatus.ACTIVE: "ok", ParkStatus.SUSPENDED: "warn", ParkStatus.ARCHIVED: "mute"}


def other_name(park: Park) -> str:
    """The name in the language that the page is not in."""
    return park.name_en if speaks_chinese() else park.name_zh


def other_language() -> str:
    return "en" if speaks_chinese() else "zh-Hans"


class ParkTable(PortalTable):
    """All parks of the installation. Links lead where the reader may go: `leads_to` names the page."""

    name = tables.Column(
        verbose_name=_("Park"), accessor="name_en", order_by=("name_en",), attrs={"td": {"class": "cell-title"}}
    )
    name_zh = tables.Column(visible=False)
    slug = tables.Column(visible=False)
    national_list_number = tables.Column(visible=False)
    province = tables.Column(verbose_name=_("Region"), attrs={"td": {"class": "cell-line cell-nowrap"}})
    city = tables.Column(
        verbose_name=_("City"),
        accessor="city_en",
        order_by=("city_en",),
        attrs={"td": {"class": "cell-hide cell-nowrap"}},
    )
    level = tables.Column(attrs={"td": {"class": "cell-hide cell-nowrap"}})
    boundary_type = tables.Column(attrs={"td": {"class": "cell-hide cell-nowrap"}})
    construction_start_year = tables.Column(visible=False)
    construction_end_year = tables.Column(
        verbose_name=_("End"),
        order_by=("construction_end_year", "name_en"),
        attrs={"th": {"class": "num"}, "td": {"class": "num cell-side"}},
    )
    status = StateColumn(states=PARK_STATES, attrs={"td": {"class": "cell-line"}})

    class Meta(PortalTable.Meta):
        model = Park
        fields = ()
        sequence = (
            "name",
            "name_zh",
            "slug",
            "national_list_number",
            "province",
            "city",
            "level",
            "boundary_type",
            "construction_start_year",
            "construction_end_year",
            "status",
        )
        order_by = "name"
        attrs = {"class": "table-stack"}

    def __init__(self, *args: Any, leads_to: str = "parks:park_detail", **options: Any) -> None:
        super().__init__(*args, **options)
        self.leads_to = leads_to
        self.caption = _("Parks")

    def url_of(self, park: Park) -> str:
        named_by = {"park_id": park.pk} if self.leads_to == "parks:park_detail" else {"park_slug": park.slug}
        return reverse(self.leads_to, kwargs=named_by)

    def render_name(self, record: Park) -> str:
        own = record.name_zh if speaks_chinese() else record.name_en
        return format_html(
            '<a class="fw-medium" href="{}">{}</a> <span class="text-secondary small" lang="{}">{}</span>',
            self.url_of(record),
            own,
            other_language(),
            other_name(record),
        )

    def value_name(self, record: Park) -> str:
        return record.name_en

    def render_city(self, record: Park) -> str:
        return record.city_zh if speaks_chinese() else record.city_en

    def render_construction_end_year(self, value: int) -> str:
        return str(value)

    def value_construction_end_year(self, value: int) -> int:
        return value


class SupportSessionTable(PortalTable):
    park = tables.Column(
        verbose_name=_("Park"),
        accessor="park__name_en",
        order_by=("park__name_en",),
        attrs={"td": {"class": "cell-title"}},
    )
    operator_name = tables.Column(verbose_name=_("Operator"), attrs={"td": {"class": "cell-line cell-nowrap"}})
    reason = tables.Column(orderable=False, attrs={"td": {"class": "cell-line"}})
    started_at = TimeColumn(verbose_name=_("Began"), attrs={"td": {"class": "cell-side cell-nowrap"}})
    ended_at = TimeColumn(
        verbose_name=_("Ended"), empty_values=(), orderable=False, attrs={"td": {"class": "cell-line cell-nowrap"}}
    )

    class Meta(PortalTable.Meta):
        model = SupportSession
        fields = ()
        sequence = ("park", "operator_name", "reason", "started_at", "ended_at")
        order_by = "-started_at"
        attrs = {"class": "table-stack"}
        empty_text = _("No operator has entered a park yet.")

    def __init__(self, *args: Any, now: datetime, **options: Any) -> None:
        super().__init__(*args, **options)
        self.now = now
        self.caption = _("Support sessions")

    def render_park(self, record: SupportSession) -> str:
        name = record.park.name_zh if speaks_chinese() else record.park.name_en
        return format_html(
            '<a href="{}">{}</a>', reverse("parks:park_detail", kwargs={"park_id": record.park_id}), name
        )

    def render_ended_at(self, record: SupportSession, column: TimeColumn) -> str:
        """When it was left, or the hour after which it ended, or will end, by itself."""
        ended = column.render(record.ended_at or record.expires_at)
        if record.is_open(self.now):
            return format_html("{} {}", badge("info", _("open until")), ended)
        return ended

    def value_ended_at(self, record: SupportSession) -> Any:
        return record.ended_at or record.expires_at
