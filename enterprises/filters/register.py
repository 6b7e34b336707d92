from __future__ import annotations

from datetime import date
from functools import cached_property
from typing import Any

import django_filters
from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from enterprises.choices import EnterpriseKind, EnterpriseStatus, LabelKind
from enterprises.industries import sections
from enterprises.models import Enterprise
from enterprises.queries import facets
from enterprises.queries.search import Found, search_once
from enterprises.querysets import EnterpriseQuerySet
from lib.formatting import number

LONGEST_SEARCH = 100
# What stands in the line of the list; the others are behind “More”.
IN_LINE = ("status", "kind", "section", "label")
BEHIND = ("key_user", "owner", "papers")


def section_choices() -> list[tuple[str, str]]:
    stated = [(section.code, f"{section.code} {section.name}") for section in sections()]
    return [*stated, (facets.NOT_STATED, str(_("Not stated")))]


class EnterpriseFilter(django_filters.FilterSet):
    """Words that must all occur, and what kind of enterprise it is. A value that does not exist filters nothing."""

    q = django_filters.CharFilter(max_length=LONGEST_SEARCH)
    status = django_filters.ChoiceFilter(label=_("Status"), choices=EnterpriseStatus.choices, empty_label=_("Any"))
    kind = django_filters.ChoiceFilter(label=_("Type"), choices=EnterpriseKind.choices, empty_label=_("Any"))
    section = django_filters.ChoiceFilter(label=_("Industry"), choices=section_choices, empty_label=_("Any"))
    label = django_filters.ChoiceFilter(label=_("Label"), choices=LabelKind.choices, empty_label=_("Any"))
    key_user = django_filters.ChoiceFilter(
        label=_("Key energy user"), choices=[(facets.YES, _("Yes")), (facets.NO, _("No"))], empty_label=_("Any")
    )
    owner = django_filters.ChoiceFilter(
        label=_("Owner"), choices=[(facets.YES, _("Has one")), (facets.NO, _("Has none"))], empty_label=_("Any")
    )
    papers = django_filters.ChoiceFilter(
        label=pgettext_lazy("enterprise", "Documents"),
        choices=[(facets.EXPIRING, _("Expired or about to expire"))],
        empty_label=_("Any"),
    )

    class Meta:
        model = Enterprise
        fields: list[str] = []

    def __init__(self, *args: Any, today: date, with_merged: bool = False, **kwargs: Any) -> None:
        """with_merged: whether those merged into another are there without being asked for."""
        super().__init__(*args, **kwargs)
        self.today = today
        self.with_merged = with_merged

    @property
    def words(self) -> str:
        self.form.is_valid()
        return str(self.form.cleaned_data.get("q") or "").strip()

    @property
    def chosen(self) -> dict[str, str]:
        """The choices made, by the name of their filter."""
        self.form.is_valid()
        given = self.form.cleaned_data
        return {name: given[name] for name in facets.FACETS if given.get(name)}

    @property
    def conditions(self) -> dict[str, str]:
        """The choices made, and what holds where none is."""
        unsaid = {} if self.with_merged else {"status": facets.NOT_MERGED}
        return {**unsaid, **self.chosen}

    @property
    def is_active(self) -> bool:
        """Whether anything narrows the list."""
        return bool(self.words or self.chosen)

    @cached_property
    def found(self) -> Found:
        return search_once(self.words)

    @property
    def searched(self) -> EnterpriseQuerySet:
        rows: EnterpriseQuerySet = self.queryset
        return rows.filter(self.found.condition) if self.words else rows

    @property
    def sought(self) -> str:
        """The words by which the nearest is put first; none where they find too many to tell one from another."""
        return self.words if self.words and self.found.are_few else ""

    def filter_queryset(self, queryset: EnterpriseQuerySet) -> EnterpriseQuerySet:
        return facets.narrowed(self.searched, self.conditions, self.today)

    def count_choices(self) -> facets.Facets:
        """Write behind every choice how many it leaves, and leave out those that leave none. One query."""
        found = facets.facets(self.searched, self.conditions, self.today)
        for name in facets.FACETS:
            field, counts = self.form.fields[name], found.counts(name)
            offered = counts.keys() | {found.chosen.get(name)}
            plain = [(value, label) for value, label in field.choices if value and value in offered]
            field.choices = [(value, f"{label} ({number(counts[value])})") for value, label in plain]
        return found

    @property
    def in_line(self) -> list[forms.BoundField]:
        return [self.form[name] for name in IN_LINE]

    @property
    def behind(self) -> list[forms.BoundField]:
        return [self.form[name] for name in BEHIND]

    @property
    def chosen_behind(self) -> int:
        return len(self.chosen.keys() & set(BEHIND))
