"""The columns of the lists of change requests and of documents that expire."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import django_tables2 as tables
from django.db.models import F, QuerySet
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from enterprises import facts
from enterprises.choices import ChangeRequestState
from enterprises.models import ChangeRequest, EnterprisePaper
from enterprises.tables.register import shown_names
from lib.deadlines import clock
from lib.formatting import NOTHING
from lib.tables import DayColumn, PortalTable, StateColumn, TableOfToday
from lib.templatetags import ui
from lib.templatetags.measures import sla_clock

CHANGE_STATES: dict[str, str] = {
    ChangeRequestState.SUBMITTED: "info",
    ChangeRequestState.APPROVED: "ok",
    ChangeRequestState.REJECTED: "bad",
    ChangeRequestState.WITHDRAWN: "mute",
}
HIDDEN = {"td": {"class": "cell-hide"}}


class ChangeRequestTable(PortalTable):
    """What enterprises ask to change; in the order in which decisions are due."""

    number = tables.Column(_("Number"), attrs={"td": {"class": "cell-title"}})
    enterprise = tables.Column(
        _("Enterprise"), order_by="enterprise__name_zh", attrs={"td": {"class": "cell-line fw-medium"}}
    )
    changes = tables.Column(
        _("What is to change"), orderable=False, attrs={"td": {"class": "cell-line cell-secondary"}}
    )
    requested_by_name = tables.Column(_("Requested by"), attrs=HIDDEN)
    requested_at = DayColumn(pgettext_lazy("date", "Requested"), attrs=HIDDEN)
    state = StateColumn(_("State"), states=CHANGE_STATES)
    time_left = tables.Column(_("Time left"), accessor="due_at", empty_values=(), attrs={"td": {"class": "cell-line"}})

    act = True

    class Meta(PortalTable.Meta):
        model = ChangeRequest
        fields = ("number", "enterprise", "changes", "requested_by_name", "requested_at", "state", "time_left")
        empty_text = _("No change request fits these filters.")

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = now

    def render_number(self, record: ChangeRequest) -> str:
        address = reverse("enterprises:change_request_detail", kwargs={"change_request_id": record.pk})
        return format_html('<a class="code" href="{}">{}</a>', address, record.number)

    def value_number(self, record: ChangeRequest) -> str:
        return record.number

    def render_enterprise(self, record: ChangeRequest) -> str:
        return shown_names(record.enterprise)[0]

    def render_changes(self, value: dict[str, Any]) -> str:
        return gettext(", ").join(facts.label_of(name) for name in value)

    def render_time_left(self, record: ChangeRequest) -> str:
        left = clock(record.due_at, record.requested_at, self.now) if record.decided_at is None else None
        return sla_clock(left.words, left.used, left.state) if left else NOTHING

    def value_time_left(self, record: ChangeRequest) -> datetime | None:
        return record.due_at if record.decided_at is None else None

    def order_time_left(
        self, rows: QuerySet[ChangeRequest], is_descending: bool
    ) -> tuple[QuerySet[ChangeRequest], bool]:
        due = F("due_at").desc() if is_descending else F("due_at").asc()
        return rows.order_by(F("decided_at").asc(nulls_first=True), due, "id"), True


class ExpiringPaperTable(TableOfToday):
    """Documents of enterprises by their last day."""

    name = tables.Column(_("Document"), attrs={"td": {"class": "cell-title"}})
    enterprise = tables.Column(
        _("Enterprise"), order_by="enterprise__name_zh", attrs={"td": {"class": "cell-line fw-medium"}}
    )
    kind = tables.Column(_("Kind"), attrs={"td": {"class": "cell-line cell-secondary"}})
    valid_until = DayColumn(_("Valid until"))
    days_left = tables.Column(
        _("Time left"), accessor="valid_until", order_by="valid_until", attrs={"td": {"class": "cell-side"}}
    )
    reminded_for = tables.Column(_("Reminded"), empty_values=(), orderable=False, attrs=HIDDEN)

    class Meta(PortalTable.Meta):
        model = EnterprisePaper
        fields = ("name", "enterprise", "kind", "valid_until", "days_left", "reminded_for")
        empty_text = _("No document fits these filters.")

    def render_name(self, record: EnterprisePaper) -> str:
        address = reverse("enterprises:paper_download", kwargs={"paper_id": record.pk})
        return format_html('<a href="{}">{}</a>', address, record.name)

    def value_name(self, record: EnterprisePaper) -> str:
        return record.name

    def render_enterprise(self, record: EnterprisePaper) -> str:
        address = reverse("enterprises:enterprise_detail", kwargs={"enterprise_id": record.enterprise_id})
        return format_html('<a href="{}">{}</a>', address, shown_names(record.enterprise)[0])

    def value_enterprise(self, record: EnterprisePaper) -> str:
        return shown_names(record.enterprise)[0]

    def render_days_left(self, value: date) -> str:
        return expiry_badge(value, self.today)

    def value_days_left(self, value: date) -> int:
        return (value - self.today).days

    def render_reminded_for(self, value: int | None) -> str:
        return reminder_words(value)


def expiry_badge(valid_until: date | None, today: date) -> str:
    """How long a document or label is still valid: with a state from sixty days before its end."""
    if valid_until is None:
        return ""
    days = (valid_until - today).days
    if days < 0:
        return ui.badge("bad", gettext("Expired"))
    if days > 60:
        return ui.badge("mute", ui.days_left(days), "")
    return ui.badge("warn", ui.days_left(days), "clock")


def reminder_words(reminded_for: int | None) -> str:
    if reminded_for is None:
        return NOTHING
    if reminded_for == 0:
        return gettext("on the day")
    return gettext("%(days)s days before") % {"days": reminded_for}
