"""The queue of registrations as a table."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

import django_tables2 as tables
from django.db.models import F, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from enterprises.calculations import check_character_fits
from enterprises.choices import RegistrationState
from enterprises.models import Registration
from lib.deadlines import clock
from lib.formatting import NOTHING
from lib.icons import icon_svg
from lib.tables import DayColumn, PortalTable, StateColumn
from lib.templatetags.measures import sla_clock
from lib.templatetags.ui import localized_filter

STATES: dict[str, str] = {
    RegistrationState.SUBMITTED: "info",
    RegistrationState.RETURNED: "warn",
    RegistrationState.APPROVED: "ok",
    RegistrationState.JOINED: "ok",
    RegistrationState.REJECTED: "bad",
    RegistrationState.WITHDRAWN: "mute",
}
WITH_THE_PARK = frozenset({RegistrationState.SUBMITTED, RegistrationState.RETURNED})


class RegistrationTable(PortalTable):
    """Rows of `queries.vetting.queue`, and which of them are called like an enterprise.

    `may_vet`: whether to say of a row that it is not for this person.
    """

    number = tables.Column(_("Number"))
    name = tables.Column(_("Enterprise"), accessor="name_zh", attrs={"td": {"class": "fw-medium"}})
    credit_code = tables.Column(_("Credit code"), attrs={"td": {"class": "code cell-secondary"}})
    to_note = tables.Column(_("To note"), empty_values=(), orderable=False)
    registrant_name = tables.Column(_("Registrant"), attrs={"td": {"class": "cell-secondary cell-hide"}})
    state = StateColumn(_("State"), states=STATES)
    submitted_at = DayColumn(pgettext_lazy("date", "Filed"), attrs={"td": {"class": "cell-hide cell-nowrap"}})
    decided_at = DayColumn(pgettext_lazy("date", "Decided"), attrs={"td": {"class": "cell-nowrap"}})
    time_left = tables.Column(_("Time left"), accessor="due_at", empty_values=())

    act = True

    class Meta(PortalTable.Meta):
        model = Registration
        fields: tuple[str, ...] = ()
        row_attrs = {"class": lambda record, table: "row-locked" if table.may_vet and locked_because(record) else ""}
        default = NOTHING
        empty_text = _("No registration fits these filters.")

    def __init__(
        self,
        rows: QuerySet[Registration],
        *args: Any,
        may_vet: bool = False,
        alike: Collection[UUID] = (),
        now: datetime | None = None,
        **kwargs: Any,
    ) -> None:
        self.may_vet = may_vet
        self.now = now or timezone.now()
        self.alike = alike
        super().__init__(rows, *args, **kwargs)

    def render_number(self, record: Registration) -> str:
        lock = icon_svg("lock") if self.may_vet and locked_because(record) else ""
        address = reverse("enterprises:vetting_detail", kwargs={"registration_id": record.pk})
        return format_html(
            '<span class="number-cell">{}<a class="code" href="{}">{}</a></span>', lock, address, record.number
        )

    def value_number(self, record: Registration) -> str:
        return record.number

    def render_name(self, record: Registration) -> str:
        return localized_filter(record, "name")

    def value_name(self, record: Registration) -> str:
        return " / ".join(name for name in (record.name_zh, record.name_en) if name)

    def render_to_note(self, record: Registration) -> str:
        locked = locked_because(record) if self.may_vet else ""
        if locked:
            return format_html('<span class="note text-secondary">{}{}</span>', icon_svg("user-exclamation"), locked)
        notes = [(tone, icon_svg(icon), words) for tone, icon, words in notes_of(record, self.alike)]
        return format_html_join(" ", '<span class="note text-{}">{}{}</span>', notes)

    def value_to_note(self, record: Registration) -> str:
        return "; ".join(words for _tone, _icon, words in notes_of(record, self.alike))

    def render_time_left(self, record: Registration) -> str:
        left = clock(record.due_at, getattr(record, "waits_since", None), self.now)
        return NOTHING if left is None else sla_clock(left.words, left.used, left.state)

    def value_time_left(self, record: Registration) -> datetime | None:
        return record.due_at

    def order_time_left(self, rows: QuerySet[Registration], is_descending: bool) -> tuple[QuerySet[Registration], bool]:
        due = F("due_at").desc(nulls_last=True) if is_descending else F("due_at").asc(nulls_last=True)
        return rows.order_by(due, "submitted_at", "id"), True


def locked_because(record: Any) -> str:
    """Why the person who looks at the queue may not decide here."""
    if record.state not in WITH_THE_PARK:
        return ""
    if record.is_own:
        return gettext("You filed it: four eyes")
    return gettext("Interest declared: not for you") if record.has_tie else ""


def notes_of(record: Any, alike: Collection[UUID] = ()) -> list[tuple[str, str, str]]:
    """What an official should know of a row that is not decided, the weightiest first: tone, icon, words."""
    if record.state not in WITH_THE_PARK:
        return []
    is_again = record.round > 1 and record.state == RegistrationState.SUBMITTED
    notes = [
        (record.is_registered, "bad", "copy-check", gettext("Code registered already")),
        (record.is_filed_twice, "warn", "copy-check", gettext("Filed more than once")),
        (not check_character_fits(record.credit_code), "warn", "alert-triangle", gettext("Check character differs")),
        (record.pk in alike, "warn", "copy-check", gettext("Name alike")),
        (is_again, "info", "arrow-back-up", gettext("Filed again, round %(round)s") % {"round": record.round}),
    ]
    return [(tone, icon, words) for applies, tone, icon, words in notes if applies]
