"""The columns of the ledger of a programme."""

from __future__ import annotations

from typing import Any

import django_tables2 as tables
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from incentives.choices import EntryKind
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

    def __init__(self, *args: Any, may_open: bool, **kwargs: Any) -> None:
        """may_open: whether the reader may open applications; to others their numbers lead nowhere."""
        super().__init__(*args, **kwargs)
        self.may_open = may_open

    def render_application(self, record: LedgerEntry, value: str) -> str:
        if not self.may_open:
            return value
        address = address_of("incentives:review_detail", "application_id")(record.application_id)
        return format_html('<a class="code" href="{}">{}</a>', address, value)

    def value_application(self, value: str) -> str:
        return value
