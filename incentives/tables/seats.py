"""How an expert's cases are drawn, without a word about whose they are."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import django_tables2 as tables
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from incentives.filters.seats import STANDINGS
from incentives.models import PanelSeat
from incentives.queries import Standing, masked
from incentives.tables.applications import HIDDEN, LocalizedColumn
from lib.addresses import address_of
from lib.deadlines import clock
from lib.formatting import NOTHING
from lib.tables import DayColumn, PortalTable, StateColumn
from lib.templatetags.measures import sla_clock

TONES: dict[str, str] = {Standing.WAITING: "info", Standing.SCORED: "ok", Standing.OVER: "mute"}


class StandingColumn(StateColumn):
    """The standing of a seat in words."""

    def render(self, value: Any, record: Any, bound_column: Any) -> str:
        return super().render(STANDINGS[Standing(value)], record, bound_column)

    def value(self, **options: Any) -> Any:
        return STANDINGS[Standing(options["value"])]


class SeatTable(PortalTable):
    """The cases of one expert. A seat that was given up leads nowhere: the case is not theirs any more."""

    project = tables.Column(_("Project"), accessor="application__project_title", orderable=False)
    reference = tables.Column(_("Case"), orderable=False, attrs={"td": {"class": "code"}})
    programme = LocalizedColumn(
        _("Programme"),
        accessor="application__programme_version",
        field="title",
        order_by="application__programme_version__title_zh",
        attrs=HIDDEN,
    )
    standing = StandingColumn(_("State"), states=TONES)
    scored_at = DayColumn(_("Scored on"), attrs=HIDDEN)
    time_left = tables.Column(_("Time left"), accessor="application__due_at", empty_values=())

    act = True

    class Meta(PortalTable.Meta):
        model = PanelSeat
        fields = ("project", "reference", "programme", "standing", "scored_at", "time_left")
        default = NOTHING
        empty_text = _("Cases that you are to score appear here.")

    def __init__(self, *args: Any, now: datetime | None = None, **kwargs: Any) -> None:
        self.now = now or timezone.now()
        super().__init__(*args, **kwargs)

    def render_project(self, record: PanelSeat) -> str | SafeString:
        if record.left_at is not None:
            return NOTHING
        address = address_of("incentives:seat_detail", "seat_id")(record.pk)
        return format_html('<a class="fw-medium" href="{}">{}</a>', address, self.value_project(record))

    def value_project(self, record: PanelSeat) -> str:
        return "" if record.left_at is not None else masked(record.application.project_title, record)

    def render_time_left(self, record: PanelSeat) -> str | SafeString:
        due = self.value_time_left(record)
        left = clock(due, record.assigned_at, self.now)
        return sla_clock(left.words, left.used, left.state) if left else NOTHING

    def value_time_left(self, record: PanelSeat) -> datetime | None:
        waits = getattr(record, "standing", "") == Standing.WAITING
        return record.application.due_at if waits else None

    def order_time_left(self, rows: QuerySet[PanelSeat], is_descending: bool) -> tuple[QuerySet[PanelSeat], bool]:
        due = F("application__due_at")
        order = due.desc(nulls_last=True) if is_descending else due.asc(nulls_last=True)
        return rows.order_by(order, "id"), True
