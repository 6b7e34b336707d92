from __future__ import annotations

from operator import attrgetter

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from enterprises.choices import EnterpriseKind, EnterpriseStatus
from enterprises.models import Enterprise
from enterprises.querysets import EnterpriseQuerySet
from lib.exports import Column
from lib.formatting import speaks_chinese
from lib.tables import DayColumn, PortalTable, StateColumn
from lib.templatetags import ui

STATES: dict[str, str] = {
    EnterpriseStatus.ACTIVE: "ok",
    EnterpriseStatus.SUSPENDED: "warn",
    EnterpriseStatus.DEREGISTERED: "mute",
}
NOT_ON_A_PHONE = {"td": {"class": "cell-hide cell-nowrap"}}


def shown_names(enterprise: Enterprise) -> tuple[str, str]:
    """The name in the active language, or the one there is, and the other one."""
    names = (enterprise.name_zh, enterprise.name_en) if speaks_chinese() else (enterprise.name_en, enterprise.name_zh)
    first = names[0] or names[1]
    return first, names[1] if first == names[0] else ""


class EnterpriseTable(PortalTable):
    """The park's register; the other name, the industry and the rest of the contact are in the file."""

    name = tables.Column(
        verbose_name=_("Name"),
        accessor="name_zh",
        attrs={"td": {"class": "cell-title fw-medium"}},
    )
    credit_code = tables.Column(verbose_name=_("Credit code"), attrs={"td": {"class": "cell-line code"}})
    kind = tables.Column(verbose_name=_("Type"), attrs=NOT_ON_A_PHONE)
    contact_name = tables.Column(verbose_name=_("Contact"), attrs=NOT_ON_A_PHONE)
    is_key_energy_user = tables.Column(verbose_name=_("Key energy user"), attrs=NOT_ON_A_PHONE)
    status = StateColumn(verbose_name=_("Status"), states=STATES, attrs={"td": {"class": "cell-side"}})
    created_at = DayColumn(verbose_name=_("Registered"), attrs=NOT_ON_A_PHONE)

    class Meta(PortalTable.Meta):
        model = Enterprise
        fields: tuple[str, ...] = ()
        attrs = {"class": "table-stack"}
        order_by = "name"

    def render_name(self, record: Enterprise) -> str:
        name, _other = shown_names(record)
        return format_html(
            '<a href="{}">{}</a>', reverse("enterprises:enterprise_detail", kwargs={"enterprise_id": record.pk}), name
        )

    def order_name(self, queryset: EnterpriseQuerySet, is_descending: bool) -> tuple[EnterpriseQuerySet, bool]:
        return queryset.by_name(descending=is_descending), True

    def render_is_key_energy_user(self, value: bool) -> str:
        return ui.badge("info", _("Key user"), "bolt") if value else ""


def export_columns() -> list[Column]:
    """What the file says of an enterprise. Read off the rows: a table takes a millisecond for each of 12,000."""
    kinds = {kind.value: str(kind.label) for kind in EnterpriseKind}
    states = {state.value: str(state.label) for state in EnterpriseStatus}
    return [
        (_("Name in Chinese"), attrgetter("name_zh")),
        (_("Name in English"), attrgetter("name_en")),
        (_("Credit code"), attrgetter("credit_code")),
        (_("Type"), lambda row: kinds[row.kind]),
        (_("Industry code (GB/T 4754)"), attrgetter("industry_code")),
        (_("Contact"), attrgetter("contact_name")),
        (_("Contact telephone"), attrgetter("contact_phone")),
        (_("Contact e-mail"), attrgetter("contact_email")),
        (_("Key energy user"), attrgetter("is_key_energy_user")),
        (_("Status"), lambda row: states[row.status]),
        (_("Registered"), attrgetter("created_at")),
    ]
