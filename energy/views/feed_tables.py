"""The list of feeds: its filters and its columns."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import django_filters
import django_tables2 as tables
from django import forms
from django.db.models import QuerySet
from django.utils.html import format_html
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from energy.choices import FeedSource
from energy.models import Feed
from energy.views.feed_words import feed_badge, schedule_words
from enterprises.tables.register import shown_names
from lib.addresses import address_of
from lib.formatting import NOTHING
from lib.tables import PortalTable, TimeColumn
from lib.templatetags import ui

LONGEST_SEARCH = 100
ON, PAUSED, TROUBLED = "on", "paused", "troubled"


class FeedFilter(django_filters.FilterSet):
    """Words that must all occur in the name, where files come from, and how it is. A wrong value filters nothing."""

    q = django_filters.CharFilter(method="by_words", max_length=LONGEST_SEARCH)
    source = django_filters.ChoiceFilter(label=_("Source"), choices=FeedSource.choices, empty_label=_("Any"))
    state = django_filters.ChoiceFilter(
        label=_("State"),
        method="by_state",
        choices=[
            (ON, pgettext_lazy("feed", "On")),
            (TROUBLED, pgettext_lazy("feed", "Cannot be fetched")),
            (PAUSED, pgettext_lazy("feed", "Paused")),
        ],
        empty_label=_("Any"),
    )

    class Meta:
        model = Feed
        fields: list[str] = []

    @property
    def is_active(self) -> bool:
        self.form.is_valid()
        return any(self.form.cleaned_data.values())

    @property
    def in_line(self) -> list[forms.BoundField]:
        return [self.form["source"], self.form["state"]]

    def by_words(self, rows: QuerySet[Feed], _name: str, told: str) -> QuerySet[Feed]:
        for word in told.split():
            rows = rows.filter(name__icontains=word)
        return rows

    def by_state(self, rows: QuerySet[Feed], _name: str, state: str) -> QuerySet[Feed]:
        if state == PAUSED:
            return rows.filter(is_paused=True)
        running = rows.filter(is_paused=False)
        return running.exclude(last_problem="") if state == TROUBLED else running.filter(last_problem="")


class FeedTable(PortalTable):
    """Feeds with when they are fetched and when the last file came."""

    name = tables.Column(_("Feed"), attrs={"td": {"class": "cell-title cell-name fw-medium"}})
    owner = tables.Column(
        _("Belongs to"), accessor="pk", order_by=("enterprise__name_zh", "name"), attrs={"td": {"class": "cell-short"}}
    )
    source = tables.Column(_("Source"), attrs={"td": {"class": "cell-line"}})
    format = tables.Column(_("Format"), attrs={"td": {"class": "cell-hide"}})
    schedule = tables.Column(_("Fetched"), accessor="pk", orderable=False, attrs={"td": {"class": "cell-hide"}})
    last_file_at = TimeColumn(verbose_name=_("Last file"), attrs={"td": {"class": "cell-nowrap"}})
    state = tables.Column(_("State"), accessor="pk", orderable=False, attrs={"td": {"class": "cell-side"}})

    class Meta(PortalTable.Meta):
        model = Feed
        fields: tuple[str, ...] = ()
        attrs = {"class": "table-stack"}
        order_by = "name"
        default = NOTHING

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = now

    def render_name(self, record: Feed) -> str:
        return format_html('<a href="{}">{}</a>', address_of("energy:feed_detail", "feed_id")(record.pk), record.name)

    def value_name(self, record: Feed) -> str:
        return record.name

    def render_owner(self, record: Feed) -> str:
        return gettext("The park") if record.enterprise is None else shown_names(record.enterprise)[0]

    def render_schedule(self, record: Feed) -> str:
        return schedule_words(record) if record.is_fetched else NOTHING

    def value_schedule(self, record: Feed) -> str:
        return schedule_words(record) if record.is_fetched else ""

    def render_state(self, record: Feed) -> str:
        return ui.badge(*feed_badge(record, self.now))

    def value_state(self, record: Feed) -> str:
        return feed_badge(record, self.now)[1]
