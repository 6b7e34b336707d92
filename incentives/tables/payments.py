"""The columns of the list of payments, which goes to the treasury."""

from __future__ import annotations

import django_tables2 as tables
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from incentives.choices import InstalmentState
from incentives.models import Instalment
from incentives.tables.applications import HIDDEN, LocalizedColumn
from lib.addresses import address_of
from lib.formatting import NOTHING
from lib.tables import DayColumn, MoneyColumn, PortalTable, StateColumn

PAYMENT_TONES: dict[str, str] = {
    InstalmentState.PLANNED: "info",
    InstalmentState.DUE: "warn",
    InstalmentState.PAID: "ok",
    InstalmentState.CANCELLED: "mute",
}
ON_WIDE_SCREENS = {"th": {"class": "cell-wide"}, "td": {"class": "cell-hide cell-wide"}}
WHOLE = {"td": {"class": "cell-hide cell-nowrap"}}


class PaymentTable(PortalTable):
    """What is planned, due and paid. The download names the columns that the treasury's answer needs."""

    number = tables.Column(_("Payment number"))
    enterprise = LocalizedColumn(_("Enterprise"), field="name", order_by="enterprise__name_zh")
    credit_code = tables.Column(_("Credit code"), accessor="enterprise__credit_code", attrs=ON_WIDE_SCREENS)
    condition = LocalizedColumn(
        pgettext_lazy("of a payment", "Condition"), accessor="pk", field="condition", orderable=False, attrs=HIDDEN
    )
    state = StateColumn(_("State"), states=PAYMENT_TONES)
    paid_on = DayColumn(_("Paid on"), accessor="payment__paid_on", attrs=HIDDEN)
    reference = tables.Column(_("Treasury reference"), accessor="payment__reference", attrs=WHOLE)
    amount_cny = MoneyColumn(_("Amount"))

    act = True

    class Meta(PortalTable.Meta):
        model = Instalment
        fields = ("number", "enterprise", "credit_code", "condition", "state", "paid_on", "reference", "amount_cny")
        default = NOTHING
        empty_text = _("No payment fits these filters.")

    def render_number(self, record: Instalment, value: str) -> str:
        address = address_of("incentives:award_detail", "award_id")(record.award_id)
        return format_html('<a class="code" href="{}">{}</a>', address, value)

    def value_number(self, value: str) -> str:
        return value

    def render_condition(self, record: Instalment) -> str:
        return LocalizedColumn.render(self.columns["condition"].column, record) or NOTHING

    def value_condition(self, record: Instalment) -> str:
        return LocalizedColumn.render(self.columns["condition"].column, record)
