from __future__ import annotations

from datetime import date
from functools import cached_property
from operator import attrgetter
from typing import Any
from uuid import UUID

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from enterprises import industries
from enterprises.choices import EnterpriseKind, EnterpriseStatus, LabelKind
from enterprises.models import Enterprise
from enterprises.queries.facets import current_labels
from enterprises.querysets import EnterpriseQuerySet
from lib.exports import Column
from lib.formatting import speaks_chinese
from lib.tables import DayColumn, PortalTable, StateColumn
from lib.templatetags import ui
from parks.choices import Currency

STATES: dict[str, str] = {
    EnterpriseStatus.ACTIVE: "ok",
    EnterpriseStatus.SUSPENDED: "warn",
    EnterpriseStatus.DEREGISTERED: "mute",
    EnterpriseStatus.MERGED: "mute",
}
# What fits beside a name: the whole words stand on the page of the enterprise.
SHORT_LABELS = {
    LabelKind.GLOBAL_500: _("Global 500"),
    LabelKind.HIGH_TECH: _("High-tech"),
    LabelKind.PILOT: _("Pilot"),
    LabelKind.NEAR_ZERO_CARBON_FACTORY: _("Near-zero carbon"),
    LabelKind.GREEN_FACTORY: _("Green factory"),
}
NOT_ON_A_PHONE = {"td": {"class": "cell-hide cell-nowrap"}}
SHORTENED = {"td": {"class": "cell-hide cell-short cell-secondary"}}
ON_WIDE_SCREENS = {"th": {"class": "cell-wide"}, "td": {"class": "cell-hide cell-nowrap cell-wide"}}
MOST_BADGES = 2


def shown_names(enterprise: Enterprise) -> tuple[str, str]:
    """The name in the active language, or the one there is, and the other one."""
    names = (enterprise.name_zh, enterprise.name_en) if speaks_chinese() else (enterprise.name_en, enterprise.name_zh)
    first = names[0] or names[1]
    return first, names[1] if first == names[0] else ""


class EnterpriseTable(PortalTable):
    """The park's register; what does not fit into a line is in the file and on the page of the enterprise."""

    name = tables.Column(
        verbose_name=_("Name"),
        accessor="name_zh",
        attrs={"td": {"class": "cell-title cell-name fw-medium"}},
    )
    credit_code = tables.Column(verbose_name=_("Credit code"), attrs={"td": {"class": "cell-line code"}})
    industry_code = tables.Column(verbose_name=_("Industry"), attrs=SHORTENED)
    kind = tables.Column(verbose_name=_("Type"), attrs=ON_WIDE_SCREENS)
    contact_name = tables.Column(verbose_name=_("Contact"), attrs=NOT_ON_A_PHONE)
    labels = tables.Column(verbose_name=_("Labels"), accessor="pk", orderable=False, attrs=NOT_ON_A_PHONE)
    status = StateColumn(verbose_name=_("Status"), states=STATES, attrs={"td": {"class": "cell-side"}})
    created_at = DayColumn(verbose_name=pgettext_lazy("date", "Registered"), attrs=ON_WIDE_SCREENS)

    class Meta(PortalTable.Meta):
        model = Enterprise
        fields: tuple[str, ...] = ()
        attrs = {"class": "table-stack"}
        order_by = "name"

    def __init__(self, *args: Any, today: date, sought: str = "", **kwargs: Any) -> None:
        """sought: what was searched for, where nobody has chosen an order."""
        self.sought = sought
        super().__init__(*args, **kwargs)
        self.today = today

    @cached_property
    def labels_of_rows(self) -> dict[UUID, list[str]]:
        """One query for the rows of the page, which have been read by then."""
        return current_labels([record.pk for record in self.paginated_rows.data], self.today)

    def render_name(self, record: Enterprise) -> str:
        name, _other = shown_names(record)
        return format_html(
            '<a href="{}">{}</a>', reverse("enterprises:enterprise_detail", kwargs={"enterprise_id": record.pk}), name
        )

    def order_name(self, queryset: EnterpriseQuerySet, is_descending: bool) -> tuple[EnterpriseQuerySet, bool]:
        return queryset.by_name(descending=is_descending, sought=self.sought), True

    def render_industry_code(self, value: str) -> str:
        found = industries.nearest(value)
        name = found.name if found else ""
        return format_html('<span title="{}"><span class="code">{}</span> {}</span>', name, value, name)

    def render_labels(self, record: Enterprise) -> str:
        badges = [ui.badge("info", _("Key user"), "bolt")] if record.is_key_energy_user else []
        badges += [ui.badge("mute", SHORT_LABELS[LabelKind(kind)]) for kind in self.labels_of_rows.get(record.pk, [])]
        if len(badges) > MOST_BADGES:
            badges[MOST_BADGES:] = [ui.badge("mute", f"+{len(badges) - MOST_BADGES}")]
        return format_html('<span class="badges">{}</span>', format_html_join("", "{}", ((badge,) for badge in badges)))


def export_columns(labels: dict[UUID, list[str]]) -> list[Column]:
    """What the file says of an enterprise. Read off the rows: a table takes a millisecond for each of 12,000."""
    kinds = {kind.value: str(kind.label) for kind in EnterpriseKind}
    states = {state.value: str(state.label) for state in EnterpriseStatus}
    words = {kind.value: str(kind.label) for kind in LabelKind}
    currencies = {currency.value: str(currency.label) for currency in Currency}
    return [
        (_("Name in Chinese"), attrgetter("name_zh")),
        (_("Name in English"), attrgetter("name_en")),
        (_("Credit code"), attrgetter("credit_code")),
        (_("Type"), lambda row: kinds[row.kind]),
        (_("Status"), lambda row: states[row.status]),
        (_("Industry code (GB/T 4754)"), attrgetter("industry_code")),
        (_("Industry"), lambda row: industries.name_of(row.industry_code)),
        (_("Main products in Chinese"), attrgetter("industry_zh")),
        (_("Main products in English"), attrgetter("industry_en")),
        (_("Key energy user"), attrgetter("is_key_energy_user")),
        (_("Labels"), lambda row: "; ".join(words[kind] for kind in labels.get(row.pk, []))),
        (_("Established on"), attrgetter("established_on")),
        (_("Registered capital"), attrgetter("registered_capital")),
        (_("Currency"), lambda row: currencies[row.capital_currency] if row.registered_capital is not None else ""),
        (_("Legal representative"), attrgetter("legal_representative")),
        (_("Registered address"), attrgetter("address")),
        (_("Employees"), attrgetter("employees")),
        (_("Website"), attrgetter("website")),
        *_contacts(),
        (pgettext_lazy("date", "Registered"), attrgetter("created_at")),
    ]


def _contacts() -> list[Column]:
    return [
        (_("Contact"), attrgetter("contact_name")),
        (_("Contact telephone"), attrgetter("contact_phone")),
        (_("Contact e-mail"), attrgetter("contact_email")),
        (_("Contact for energy"), attrgetter("energy_contact_name")),
        (_("Telephone for energy"), attrgetter("energy_contact_phone")),
        (_("E-mail for energy"), attrgetter("energy_contact_email")),
    ]
