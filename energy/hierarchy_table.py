"""Head meters and those below them, a row each."""

from __future__ import annotations

from typing import Any

import django_tables2 as tables
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from energy.queries.hierarchy import Node
from energy.tables import BELOW, owner_words
from lib import formatting
from lib.addresses import address_of
from lib.formatting import NOTHING
from lib.tables import NumberColumn, PortalTable
from lib.templatetags import measures

DEEPEST_SHOWN = 6
"""Deeper rows are indented no further."""
INDENT = "\u3000"
"""Of a row of a file, by level: a space that spreadsheet programs keep."""


class QuantityColumn(NumberColumn):
    """Figures in the unit that fits the largest of them."""

    divisor = 1.0

    def render(self, value: float) -> str:
        return formatting.number(value / self.divisor, 1)

    def value(self, **options: Any) -> Any:
        value = options["value"]
        return round(value / self.divisor, 3) if isinstance(value, float) else value


class NodeTable(PortalTable):
    """What passed each meter in a month, and what is lost to those below it. unit: of all of them, by `divisor`."""

    name = tables.Column(_("Meter"), accessor="meter__name", attrs={"td": {"class": "cell-title cell-name"}})
    serial = tables.Column(_("Serial number"), accessor="meter__serial", attrs={"td": {"class": "cell-line code"}})
    owner = tables.Column(_("Belongs to"), accessor="meter", attrs={"td": {"class": "cell-hide cell-short"}})
    use = QuantityColumn(verbose_name=pgettext_lazy("of a meter", "Passed"), accessor="use__total")
    below = QuantityColumn(verbose_name=_("Sub-meters together"), accessor="below_use__total", attrs=BELOW)
    lost = QuantityColumn(verbose_name=_("Difference"), accessor="lost", attrs=BELOW)
    lost_percent = QuantityColumn(verbose_name=_("Losses"), accessor="lost_percent", unit="%", attrs=BELOW)
    completeness = tables.Column(
        pgettext_lazy("of readings", "Completeness"),
        accessor="completeness_percent",
        empty_values=(),
        attrs={"td": {"class": "cell-line"}},
    )

    class Meta(PortalTable.Meta):
        attrs = {"class": "table-stack"}
        orderable = False
        default = NOTHING

    def __init__(self, *args: Any, unit: str, divisor: float, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("use", "below", "lost"):
            column = self.columns[name].column
            column.unit, column.divisor = unit, divisor

    def render_name(self, value: str, record: Node) -> str:
        address = address_of("energy:meter_detail", "meter_id")(record.meter.pk)
        days = days_words(record)
        small = format_html(' <small class="text-secondary">{}</small>', days) if days else ""
        weight = "fw-medium" if record.below else ""
        return format_html(
            '<span class="tree-step tree-step-{}"><a class="{}" href="{}">{}</a>{}</span>',
            min(record.depth, DEEPEST_SHOWN),
            weight,
            address,
            value,
            small,
        )

    def value_name(self, value: str, record: Node) -> str:
        return f"{INDENT * record.depth}{value}"

    def render_owner(self, record: Node) -> str:
        return owner_words(record.meter)

    def render_completeness(self, value: float | None) -> str:
        return render_to_string("components/completeness.html", measures.completeness(value))

    def value_completeness(self, value: float | None) -> Any:
        return None if value is None else round(value, 1)


def days_words(node: Node) -> str:
    """Of a meter that hangs here for a part of the month."""
    row = node.placement
    if row is None:
        return ""
    if row.starts_on == node.starts_on and node.starts_on.day != 1:
        return gettext("from %(day)s") % {"day": formatting.day(row.starts_on, compact=True)}
    if row.ends_on == node.ends_on and node.ends_on.day != 1:
        return gettext("until %(day)s") % {"day": formatting.day(row.ends_on, compact=True)}
    return ""
