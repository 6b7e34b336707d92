"""The columns of the list of awards."""

from __future__ import annotations

from typing import Any

import django_tables2 as tables
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy

from incentives.choices import AwardState
from incentives.models import Award
from incentives.tables.applications import HIDDEN, LocalizedColumn
from lib.addresses import address_of
from lib.formatting import NOTHING
from lib.icons import icon_svg
from lib.tables import DayColumn, MoneyColumn, PortalTable, StateColumn

AWARD_TONES: dict[str, str] = {
    AwardState.PENDING: "info",
    AwardState.ON_NOTICE: "info",
    AwardState.OBJECTED: "warn",
    AwardState.STANDS: "ok",
    AwardState.VOID: "bad",
    AwardState.REVOKED: "bad",
}


class AwardTable(PortalTable):
    """Awards with their notice."""

    number = tables.Column(_("Number"), accessor="application__number")
    enterprise = LocalizedColumn(_("Enterprise"), field="name", order_by="enterprise__name_zh")
    state = StateColumn(_("State"), states=AWARD_TONES)
    to_note = tables.Column(_("To note"), accessor="open_objections", orderable=False)
    notice_ends = DayColumn(_("Notice until"), accessor="notice_line__notice__ends_at", attrs=HIDDEN)
    opened_at = DayColumn(pgettext_lazy("day", "Approved"), attrs=HIDDEN)
    amount_cny = MoneyColumn(_("Amount"))

    act = True

    class Meta(PortalTable.Meta):
        model = Award
        fields = ("number", "enterprise", "state", "to_note", "notice_ends", "opened_at", "amount_cny")
        default = NOTHING
        empty_text = _("No award fits these filters.")

    def render_number(self, record: Award, value: str) -> str:
        address = address_of("incentives:award_detail", "award_id")(record.pk)
        return format_html('<a class="code" href="{}">{}</a>', address, value)

    def value_number(self, value: str) -> str:
        return value

    def render_to_note(self, value: int) -> str:
        if not value:
            return ""
        words = self.value_to_note(value)
        return format_html('<span class="note text-warn">{}{}</span>', icon_svg("message-report"), words)

    def value_to_note(self, value: Any) -> str:
        return ngettext("%(n)s open objection", "%(n)s open objections", value) % {"n": value} if value else ""
