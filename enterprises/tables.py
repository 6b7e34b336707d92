from __future__ import annotations

from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from enterprises.choices import EnterpriseStatus
from enterprises.models import Enterprise
from enterprises.querysets import EnterpriseQuerySet
from lib.formatting import speaks_chinese
from lib.tables import DayColumn, PortalTable, StateColumn
from lib.templatetags import ui

STATES: dict[str, str] = {
    EnterpriseStatus.ACTIVE: "ok",
    EnterpriseStatus.SUSPENDED: "warn",
    EnterpriseStatus.DEREGISTERED: "mute",
}
ON_A_PHONE = {"td": {"class": "cell-hide"}}


def shown_names(enterprise: Enterprise) -> tuple[str, str]:
    """The name in the active language, or the one there is, and the other one."""
    names = (enterprise.name_zh, enterprise.name_en) if speaks_chinese() else (enterprise.name_en, enterprise.name_zh)
    first = names[0] or names[1]
    return first, names[1] if first == names[0] else ""


class EnterpriseTable(PortalTable):
    """The park's register; both names in their own columns of the file, one in the page."""

    name = tables.Column(
        verbose_name=_("Name"),
        accessor="name_zh",
        attrs={"td": {"class": "cell-title fw-medium"}},
        exclude_from_export=True,
    )
    name_zh = tables.Column(visible=False)
    name_en = tables.Column(visible=False)
    credit_code = tables.Column(verbose_name=_("Credit code"), attrs={"td": {"class": "cell-line code"}})
    kind = tables.Column(verbose_name=_("Type"), attrs={"td": {"class": "cell-hide cell-nowrap"}})
    industry_code = tables.Column(visible=False)
    contact_name = tables.Column(verbose_name=_("Contact"), attrs=ON_A_PHONE)
    contact_phone = tables.Column(visible=False)
    contact_email = tables.Column(visible=False)
    is_key_energy_user = tables.Column(verbose_name=_("Key energy user"), attrs=ON_A_PHONE)
    status = StateColumn(verbose_name=_("Status"), states=STATES, attrs={"td": {"class": "cell-side"}})
    created_at = DayColumn(verbose_name=_("Registered"), attrs=ON_A_PHONE)

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

    def value_is_key_energy_user(self, value: bool) -> Any:
        return _("Yes") if value else _("No")

    def value_created_at(self, value: Any) -> Any:
        return value
