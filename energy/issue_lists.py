"""The list of work: its filters and its columns."""

from __future__ import annotations

from typing import Any

import django_filters
import django_tables2 as tables
from django.db.models import QuerySet
from django.forms import DateInput, HiddenInput
from django.utils.html import format_html
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from energy.choices import Commodity, IssueState, QualityRule, Severity
from energy.models import WAITING_ISSUES, ReadingIssue
from energy.queries import issues as queries
from energy.queries import register
from energy.tables import HIDDEN_NUMBER, ON_WIDE_SCREENS, owner_words
from lib import formatting
from lib.addresses import address_of
from lib.formatting import NOTHING
from lib.tables import DayColumn, PortalTable
from lib.templatetags import ui
from parks.actors import Actor

LONGEST_SEARCH = 100
ALL = "all"
STATES: dict[str, str] = {
    IssueState.OPEN: "warn",
    IssueState.ASKED: "info",
    IssueState.ACCEPTED: "ok",
    IssueState.ESTIMATED: "ok",
    IssueState.EDITED: "ok",
    IssueState.RESOLVED: "mute",
}
SEVERITIES: dict[str, str] = {Severity.NOTICE: "mute", Severity.WARNING: "warn", Severity.CRITICAL: "bad"}


class IssueFilter(django_filters.FilterSet):
    """What waits, unless another state is asked for. A value that does not exist filters nothing."""

    q = django_filters.CharFilter(label=_("Meter or enterprise"), max_length=LONGEST_SEARCH, method="ignored")
    state = django_filters.ChoiceFilter(
        label=_("State"),
        choices=[*IssueState.choices, (ALL, _("All"))],
        empty_label=pgettext_lazy("issues", "Waiting"),
        method="ignored",
    )
    rule = django_filters.ChoiceFilter(
        label=pgettext_lazy("in readings", "Found"), choices=QualityRule.choices, empty_label=_("Any")
    )
    severity = django_filters.ChoiceFilter(label=_("Severity"), choices=Severity.choices, empty_label=_("Any"))
    commodity = django_filters.ChoiceFilter(
        label=pgettext_lazy("of a meter", "Measures"),
        field_name="channel__meter__commodity",
        choices=Commodity.choices,
        empty_label=_("Any"),
    )

    day = django_filters.DateFilter(
        label=_("Day"), widget=DateInput(attrs={"type": "date", "class": "form-control"}, format="%Y-%m-%d")
    )
    owner = django_filters.ChoiceFilter(
        label=_("Belongs to"),
        choices=[(register.OF_THE_PARK, _("The park")), (register.OF_ENTERPRISES, _("Enterprises"))],
        empty_label=_("Any"),
        method="of_owner",
    )
    channel = django_filters.UUIDFilter(widget=HiddenInput())

    class Meta:
        model = ReadingIssue
        fields: list[str] = []

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor
        if not actor.is_official:
            # People of an enterprise see what is their own alone: there is no owner to choose.
            del self.form.fields["owner"]
        self.form.fields["q"].widget.attrs.update(
            {"type": "search", "placeholder": str(_("Meter or enterprise")), "class": "form-control"}
        )

    @property
    def words(self) -> str:
        self.form.is_valid()
        return str(self.form.cleaned_data.get("q") or "").strip()

    @property
    def is_active(self) -> bool:
        self.form.is_valid()
        return any(self.form.cleaned_data.get(name) for name in self.filters)

    def ignored(self, rows: QuerySet[ReadingIssue], _name: str, _value: str) -> QuerySet[ReadingIssue]:
        """Read in `filter_queryset`, since they count when they are empty too."""
        return rows

    def of_owner(self, rows: QuerySet[ReadingIssue], _name: str, value: str) -> QuerySet[ReadingIssue]:
        return rows.filter(channel__enterprise__isnull=value == register.OF_THE_PARK)

    def filter_queryset(self, queryset: QuerySet[ReadingIssue]) -> QuerySet[ReadingIssue]:
        rows: QuerySet[ReadingIssue] = super().filter_queryset(queries.found(self.actor, self.words))
        state = self.form.cleaned_data.get("state")
        if state == ALL:
            return rows
        return rows.filter(state=state) if state else rows.filter(state__in=WAITING_ISSUES)


class IssueTable(PortalTable):
    """Which day of which meter, what was found, and what became of it."""

    meter = tables.Column(
        _("Meter"),
        accessor="channel__meter__name",
        order_by=("channel__meter__name", "-day"),
        attrs={"td": {"class": "cell-title cell-name fw-medium"}},
    )
    day = DayColumn(verbose_name=_("Day"), attrs={"td": {"class": "cell-line cell-nowrap"}})
    rule = tables.Column(pgettext_lazy("in readings", "Found"), attrs={"td": {"class": "cell-line"}})
    extent = tables.Column(_("Intervals"), accessor="places", orderable=False, attrs=HIDDEN_NUMBER)
    severity = tables.Column(_("Severity"), orderable=False, attrs={"td": {"class": "cell-hide"}})
    state = tables.Column(_("State"), attrs={"td": {"class": "cell-side"}})
    due_on = DayColumn(verbose_name=_("Asked for until"), attrs=ON_WIDE_SCREENS)
    owner = tables.Column(
        _("Belongs to"),
        accessor="channel__meter",
        order_by=("channel__meter__enterprise__name_zh", "-day"),
        attrs={"td": {"class": "cell-hide cell-short"}},
    )

    class Meta(PortalTable.Meta):
        model = ReadingIssue
        fields: tuple[str, ...] = ()
        attrs = {"class": "table-stack"}
        order_by = "-day"
        default = NOTHING

    def render_meter(self, value: str, record: ReadingIssue) -> str:
        return format_html(
            '<a href="{}">{}</a>', address_of("energy:issue_detail", "reading_issue_id")(record.pk), value
        )

    def value_meter(self, value: str) -> str:
        return value

    def render_extent(self, record: ReadingIssue) -> str:
        return gettext("whole day") if record.is_of_whole_day else formatting.number(len(record.places))

    def value_extent(self, record: ReadingIssue) -> int:
        return len(record.places)

    def render_severity(self, record: ReadingIssue) -> str:
        return ui.badge(SEVERITIES[record.severity], record.get_severity_display(), "")

    def value_severity(self, record: ReadingIssue) -> str:
        return str(record.get_severity_display())

    def render_state(self, record: ReadingIssue) -> str:
        return ui.badge(STATES[record.state], record.get_state_display())

    def value_state(self, record: ReadingIssue) -> str:
        return str(record.get_state_display())

    def render_owner(self, record: ReadingIssue) -> str:
        return owner_words(record.channel.meter)


def extent_words(issue: ReadingIssue, whole: int) -> str:
    if issue.is_of_whole_day:
        return gettext("whole day")
    return gettext("%(count)s of %(whole)s intervals") % {
        "count": formatting.number(len(issue.places)),
        "whole": formatting.number(whole),
    }
