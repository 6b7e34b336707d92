"""The columns of the lists of applications and programmes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import django_tables2 as tables
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from incentives.choices import ApplicationState, ProgrammeStatus
from incentives.models import Application, Programme
from incentives.permissions import Bar, bar_of
from lib.addresses import address_of
from lib.deadlines import clock
from lib.formatting import NOTHING
from lib.icons import icon_svg
from lib.tables import DayColumn, MoneyColumn, NumberColumn, PortalTable, StateColumn
from lib.templatetags.measures import sla_clock
from lib.templatetags.ui import localized_filter

# Columns that the phone leaves out, and figures that it puts on a line of their own with their head before them.
HIDDEN = {"td": {"class": "cell-hide"}}
BELOW = {"th": {"class": "num"}, "td": {"class": "num cell-below"}}
HIDDEN_NUMBER = {"th": {"class": "num"}, "td": {"class": "num cell-hide"}}
STATES: dict[str, str] = {
    ApplicationState.DRAFT: "mute",
    ApplicationState.SUBMITTED: "info",
    ApplicationState.RETURNED: "warn",
    ApplicationState.ACCEPTED: "info",
    ApplicationState.APPROVED: "ok",
    ApplicationState.DECLINED: "bad",
    ApplicationState.WITHDRAWN: "mute",
}
STATUSES: dict[str, str] = {
    ProgrammeStatus.DRAFT: "mute",
    ProgrammeStatus.PUBLISHED: "ok",
    ProgrammeStatus.CLOSED: "mute",
}


class LocalizedColumn(tables.Column):
    """A name in the language of the page: of the row itself, or of what the accessor leads to."""

    def __init__(self, *args: Any, field: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.field = field

    def render(self, value: Any) -> str:
        return localized_filter(value, self.field)


class StageColumn(StateColumn):
    """The state of an application; while it is under review, its stage."""

    def render(self, value: Any, record: Application, bound_column: Any) -> str:
        return super().render(record.get_state_display(), record, bound_column)

    def value(self, **options: Any) -> Any:
        return options["record"].get_state_display()


class OwnApplicationTable(PortalTable):
    """What one enterprise has applied for."""

    number = tables.Column(_("Number"), empty_values=())
    programme = LocalizedColumn(
        _("Programme"), accessor="programme_version", field="title", order_by="programme_version__title_zh"
    )
    project_title = tables.Column(_("Project"))
    state = StageColumn(_("State"), states=STATES)
    requested_cny = MoneyColumn(_("Requested"))
    approved_cny = MoneyColumn(pgettext_lazy("amount", "Approved"), attrs=HIDDEN_NUMBER)
    started_at = DayColumn(_("Started"))

    act = True

    class Meta(PortalTable.Meta):
        model = Application
        fields = ("number", "programme", "project_title", "state", "requested_cny", "approved_cny", "started_at")
        default = NOTHING
        empty_text = _("No application fits these filters.")

    def render_number(self, record: Application) -> str:
        address = address_of("incentives:application_detail", "application_id")(record.pk)
        return format_html('<a class="code" href="{}">{}</a>', address, record.number or gettext("Not submitted yet"))

    def value_number(self, record: Application) -> str:
        return record.number


BAR_WORDS = {
    Bar.FOUR_EYES: _("You acted in another stage: four eyes"),
    Bar.ACTED: _("You decided: a colleague must as well"),
    Bar.INTEREST: _("Interest declared: not for you"),
    Bar.MEMBER: _("You belong to this enterprise"),
    Bar.RULED: _("You ruled on its appeal: four eyes"),
}


CLAIMED_TWICE = _("Perhaps claimed twice")


def _round_of(record: Application) -> str:
    return gettext("Resubmitted, round %(round)s") % {"round": record.round}


class QueueTable(PortalTable):
    """What waits for officials. `may_decide`: whether to say of a row that it is not for this person."""

    number = tables.Column(_("Number"))
    enterprise = LocalizedColumn(_("Enterprise"), field="name", order_by="enterprise__name_zh")
    programme = LocalizedColumn(
        _("Programme"),
        accessor="programme_version",
        field="title",
        order_by="programme_version__title_zh",
        attrs={"td": {"class": "cell-secondary"}},
    )
    to_note = tables.Column(_("To note"), empty_values=(), orderable=False)
    state = StageColumn(_("State"), states=STATES)
    requested_cny = MoneyColumn(_("Requested"))
    time_left = tables.Column(_("Time left"), accessor="due_at", empty_values=())

    act = True

    class Meta(PortalTable.Meta):
        model = Application
        fields = ("number", "enterprise", "programme", "to_note", "state", "requested_cny", "time_left")
        row_attrs = {"class": lambda record, table: "row-locked" if table.bar_of(record) else ""}
        default = NOTHING
        empty_text = _("Nothing waits here.")

    def __init__(self, *args: Any, may_decide: bool = False, now: datetime | None = None, **kwargs: Any) -> None:
        self.may_decide = may_decide
        self.now = now or timezone.now()
        super().__init__(*args, **kwargs)

    def bar_of(self, record: Application) -> Bar | None:
        """What keeps the person who looks at the queue from deciding. The row comes from `queries.queue`."""
        return bar_of(record) if self.may_decide else None

    def render_number(self, record: Application) -> str:
        lock = icon_svg("lock") if self.bar_of(record) else ""
        address = address_of("incentives:review_detail", "application_id")(record.pk)
        return format_html(
            '<span class="number-cell">{}<a class="code" href="{}">{}</a></span>', lock, address, record.number
        )

    def value_number(self, record: Application) -> str:
        return record.number

    def render_to_note(self, record: Application) -> str:
        bar = self.bar_of(record)
        if bar:
            words = BAR_WORDS[bar]
            return format_html('<span class="note text-secondary">{}{}</span>', icon_svg("user-exclamation"), words)
        if self.has_duplicate(record):
            return format_html('<span class="note text-warn">{}{}</span>', icon_svg("copy-check"), CLAIMED_TWICE)
        if record.round > 1:
            return format_html('<span class="note text-info">{}{}</span>', icon_svg("arrow-back-up"), _round_of(record))
        return ""

    def has_duplicate(self, record: Application) -> bool:
        """The row comes from `queries.queue`."""
        return bool(getattr(record, "has_open_duplicate", False))

    def value_to_note(self, record: Application) -> str:
        told = [str(CLAIMED_TWICE)] if self.has_duplicate(record) else []
        return gettext(", ").join([*told, _round_of(record)] if record.round > 1 else told)

    def render_time_left(self, record: Application) -> str:
        left = clock(record.due_at, getattr(record, "waits_since", None), self.now)
        if left is None:
            return NOTHING
        return sla_clock(left.words, left.used, left.state)

    def value_time_left(self, record: Application) -> datetime | None:
        return record.due_at

    def order_time_left(self, rows: QuerySet[Application], is_descending: bool) -> tuple[QuerySet[Application], bool]:
        due = F("due_at").desc(nulls_last=True) if is_descending else F("due_at").asc(nulls_last=True)
        return rows.order_by(due, "submitted_at", "id"), True


class FiledTable(PortalTable):
    """Everything that was ever filed."""

    number = tables.Column(_("Number"))
    enterprise = LocalizedColumn(_("Enterprise"), field="name", order_by="enterprise__name_zh")
    programme = LocalizedColumn(
        _("Programme"),
        accessor="programme_version",
        field="title",
        order_by="programme_version__title_zh",
        attrs={"td": {"class": "cell-secondary"}},
    )
    state = StageColumn(_("State"), states=STATES)
    requested_cny = MoneyColumn(_("Requested"))
    approved_cny = MoneyColumn(pgettext_lazy("amount", "Approved"), attrs=HIDDEN_NUMBER)
    submitted_at = DayColumn(pgettext_lazy("date", "Submitted"), attrs=HIDDEN)
    decided_at = DayColumn(pgettext_lazy("date", "Decided"), attrs=HIDDEN)

    class Meta(PortalTable.Meta):
        model = Application
        fields = (
            "number",
            "enterprise",
            "programme",
            "state",
            "requested_cny",
            "approved_cny",
            "submitted_at",
            "decided_at",
        )
        default = NOTHING
        empty_text = _("No application fits these filters.")

    def render_number(self, record: Application) -> str:
        address = address_of("incentives:review_detail", "application_id")(record.pk)
        return format_html('<a class="code" href="{}">{}</a>', address, record.number)

    def value_number(self, record: Application) -> str:
        return record.number


class ProgrammeTable(PortalTable):
    """The programmes of a park and their money."""

    title = tables.Column(_("Programme"), empty_values=(), order_by="title_zh")
    code = tables.Column(_("Code"), attrs={"td": {"class": "code cell-hide"}})
    status = StateColumn(_("State"), states=STATUSES)
    opens_on = DayColumn(_("Opens"), attrs=HIDDEN)
    closes_on = DayColumn(_("Closes"))
    filed_count = NumberColumn(_("Filed"), empty_values=(), attrs=HIDDEN_NUMBER)
    budget_cny = MoneyColumn(_("Budget"), attrs=BELOW)
    committed_cny = MoneyColumn(_("Committed"), attrs=HIDDEN_NUMBER)
    left_cny = MoneyColumn(_("Left"), orderable=False, attrs=BELOW)

    act = True

    class Meta(PortalTable.Meta):
        model = Programme
        fields = (
            "title",
            "code",
            "status",
            "opens_on",
            "closes_on",
            "filed_count",
            "budget_cny",
            "committed_cny",
            "left_cny",
        )
        empty_text = _("No programme fits these filters.")

    def render_title(self, record: Programme) -> str:
        address = address_of("incentives:programme_detail", "programme_id")(record.pk)
        return format_html('<a href="{}">{}</a>', address, localized_filter(record, "title"))

    def value_title(self, record: Programme) -> str:
        return localized_filter(record, "title")

    def render_filed_count(self, value: int | None) -> str:
        return str(value or 0)

    def value_filed_count(self, value: int | None) -> int:
        return value or 0
