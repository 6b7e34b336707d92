"""The list of files that were brought to the register."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from enterprises.imports.words import state_badge
from enterprises.models import RegisterImport
from lib.formatting import NOTHING
from lib.tables import NumberColumn, PortalTable, TimeColumn
from lib.templatetags import ui

NUMBERS = {"th": {"class": "num"}, "td": {"class": "num cell-hide"}}


class RowsColumn(NumberColumn):
    """How many rows; nothing before they are counted, for that is not zero."""

    def render(self, value: Any, record: RegisterImport) -> str:  # type: ignore[override] # django-tables2 looks
        return super().render(value) if record.rows_checked else NOTHING


class ImportTable(PortalTable):
    """Who brought which file, and what became of its rows."""

    name = tables.Column(_("File"), attrs={"td": {"class": "cell-title fw-medium"}})
    state = tables.Column(_("State"), attrs={"td": {"class": "cell-line"}})
    rows_total = RowsColumn(verbose_name=_("Rows"), attrs=NUMBERS)
    rows_new = RowsColumn(verbose_name=_("New"), attrs=NUMBERS)
    rows_updated = RowsColumn(verbose_name=_("Changed"), attrs=NUMBERS)
    rows_unchanged = RowsColumn(verbose_name=_("Unchanged"), attrs=NUMBERS)
    rows_rejected = RowsColumn(verbose_name=_("Rejected"), attrs=NUMBERS)
    uploaded_by_name = tables.Column(_("Uploaded by"))
    uploaded_at = TimeColumn(verbose_name=_("Uploaded"))

    class Meta(PortalTable.Meta):
        model = RegisterImport
        fields = ()
        order_by = "-uploaded_at"
        empty_text = _("No file was uploaded yet.")

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = now

    def render_name(self, record: RegisterImport) -> str:
        address = reverse("enterprises:import_detail", kwargs={"register_import_id": record.pk})
        return format_html('<a href="{}">{}</a>', address, record.name)

    def render_state(self, record: RegisterImport) -> str:
        return ui.badge(*state_badge(record, self.now))
