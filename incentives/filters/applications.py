"""How lists of applications and programmes are narrowed."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any
from unicodedata import normalize

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from enterprises.querysets import IsFound
from incentives.choices import ApplicationState, DuplicateVerdict, ProgrammeStatus
from incentives.models import Application, Programme
from incentives.queries import with_duplicate
from incentives.queries.dashboard import Asked, Reached, having_reached, recent_years

OPEN_DUPLICATE = "open"
DUPLICATES = [
    (OPEN_DUPLICATE, DuplicateVerdict.OPEN.label),
    (DuplicateVerdict.SAME.value, DuplicateVerdict.SAME.label),
]
PERIODS = [("7", _("Last 7 days")), ("30", _("Last 30 days")), ("90", _("Last 90 days")), ("365", _("Last year"))]
AMOUNTS = [
    ("100000", _("from ¥100,000")),
    ("500000", _("from ¥500,000")),
    ("1000000", _("from ¥1,000,000")),
    ("1500000", _("from ¥1,500,000")),
]
REACHED_WORDS = {
    Reached.ACCEPTED: _("Accepted as complete"),
    Reached.DECIDED: _("Decided"),
    Reached.APPROVED: _("Approved"),
    Reached.STANDING: _("Award stands"),
    Reached.PAID: _("Paid, at least in part"),
}
# Numbers are made of the code of a programme, the year and a count; those of payments have a place behind a stroke.
PART_OF_A_NUMBER = re.compile(r"[A-Z0-9-]+(/[0-9]*)?")
FILED_STATES = [(state.value, state.label) for state in ApplicationState if state != ApplicationState.DRAFT]


def search_field(placeholder: Any) -> forms.TextInput:
    return forms.TextInput(attrs={"type": "search", "placeholder": placeholder, "autocomplete": "off"})


def of_number_or_enterprise(words: str, number: str = "number") -> Q:
    """Rows of an enterprise that the words find, or with a number of which they are a part. For officials."""
    matches = Q(IsFound("enterprise_id", words))
    # For this every number is read, so that it is asked only about what can be a part of one.
    part = normalize("NFKC", words).strip().upper()
    if PART_OF_A_NUMBER.fullmatch(part):
        matches |= Q(**{f"{number}__contains": part})
    return matches


class OwnApplicationFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(
        label=_("Search"), method="search", widget=search_field(_("Number, project or programme"))
    )
    state = django_filters.ChoiceFilter(label=_("State"), choices=ApplicationState.choices, empty_label=_("Any"))

    class Meta:
        model = Application
        fields = ("q", "state")

    def search(self, rows: QuerySet[Application], _name: str, words: str) -> QuerySet[Application]:
        titles = Q(programme_version__title_en__icontains=words) | Q(programme_version__title_zh__icontains=words)
        return rows.filter(Q(number__icontains=words) | Q(project_title__icontains=words) | titles)


class QueueFilter(django_filters.FilterSet):
    """Filters of the officials' lists; the programmes to choose from come with the request's actor."""

    q = django_filters.CharFilter(
        label=_("Search"), method="search", widget=search_field(_("Number, enterprise or credit code"))
    )
    programme = django_filters.ChoiceFilter(
        label=_("Programme"), field_name="programme_version__programme", empty_label=_("All"), choices=()
    )
    amount = django_filters.ChoiceFilter(label=_("Amount"), method="at_least", choices=AMOUNTS, empty_label=_("Any"))
    submitted = django_filters.ChoiceFilter(
        label=pgettext_lazy("date", "Submitted"), method="within", choices=PERIODS, empty_label=_("Any")
    )
    twice = django_filters.ChoiceFilter(
        label=_("Claimed twice"), method="claimed_twice", choices=DUPLICATES, empty_label=_("Any")
    )

    class Meta:
        model = Application
        fields = ("q", "programme", "amount", "submitted", "twice")

    def __init__(self, *args: Any, programmes: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters["programme"].extra["choices"] = programmes

    def search(self, rows: QuerySet[Application], _name: str, words: str) -> QuerySet[Application]:
        return rows.filter(of_number_or_enterprise(words))

    def at_least(self, rows: QuerySet[Application], _name: str, amount: str) -> QuerySet[Application]:
        return rows.filter(requested_cny__gte=int(amount))

    def within(self, rows: QuerySet[Application], _name: str, days: str) -> QuerySet[Application]:
        return rows.filter(submitted_at__gte=timezone.now() - timedelta(days=int(days)))

    def claimed_twice(self, rows: QuerySet[Application], _name: str, answer: str) -> QuerySet[Application]:
        return rows.filter(with_duplicate(DuplicateVerdict("" if answer == OPEN_DUPLICATE else answer)))


class FiledFilter(QueueFilter):
    """`reached` and `filed_in` are what the dashboard counts by: its figures open this list."""

    state = django_filters.ChoiceFilter(label=_("State"), choices=FILED_STATES, empty_label=_("Any"))
    reached = django_filters.ChoiceFilter(
        label=_("Came as far as"), method="has_reached", choices=list(REACHED_WORDS.items()), empty_label=_("Any")
    )
    filed_in = django_filters.ChoiceFilter(label=_("Filed in"), method="in_year", choices=(), empty_label=_("Any"))

    class Meta:
        model = Application
        fields = ("q", "state", "programme", "amount", "submitted", "twice", "reached", "filed_in")

    def __init__(self, *args: Any, zone: str, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = zone
        self.filters["filed_in"].extra["choices"] = [(str(year), str(year)) for year in recent_years(today)]

    def has_reached(self, rows: QuerySet[Application], _name: str, step: str) -> QuerySet[Application]:
        return having_reached(rows, Reached(step))

    def in_year(self, rows: QuerySet[Application], _name: str, year: str) -> QuerySet[Application]:
        return rows.filter(**Asked(int(year), self.zone).during("submitted_at"))


class ProgrammeFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label=_("Search"), method="search", widget=search_field(_("Code or title")))
    status = django_filters.ChoiceFilter(label=_("State"), choices=ProgrammeStatus.choices, empty_label=_("Any"))

    class Meta:
        model = Programme
        fields = ("q", "status")

    def search(self, rows: QuerySet[Programme], _name: str, words: str) -> QuerySet[Programme]:
        titles = Q(title_en__icontains=words) | Q(title_zh__icontains=words)
        return rows.filter(Q(code__icontains=words) | titles)
