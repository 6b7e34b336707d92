"""How many enterprises each choice of the list's filters would leave, from one query.

The query groups the searched enterprises by everything they can be filtered by at once. The groups are few, so that
what each facet shows, with the others narrowing it and itself not, is added up here.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Case, CharField, F, Func, Q, QuerySet, Value, When
from django.db.models.functions import Left

from enterprises.calculations import REMINDED_BEFORE
from enterprises.choices import EnterpriseStatus, LabelKind
from enterprises.industries import divisions_of, section_of_divisions, sections
from enterprises.models import EnterpriseLabel, EnterprisePaper
from enterprises.querysets import EnterpriseQuerySet
from parks.choices import Role
from parks.models import Membership

Group = Mapping[str, Any]

YES, NO = "yes", "no"
NOT_STATED = "none"
EXPIRING = "expiring"
NOT_MERGED = "not_merged"
# Each kind of label and under which name a group says whether its enterprises carry it.
IS_LABELLED = {str(kind): f"is_{kind}" for kind in LabelKind.values}
# What other tables say of an enterprise, each a bit of one number.
MARKS = {name: 1 << place for place, name in enumerate(("has_owner", "has_expiring_paper", *IS_LABELLED.values()))}
# Joined once: a condition for each mark asked seven sets about each of 12,000 enterprises.
GROUPED = """
    SELECT status, kind, is_key_energy_user, start, coalesce(marks, 0), count(*)
    FROM ({searched}) AS searched
    LEFT JOIN (
        SELECT enterprise_id, bit_or(mark) AS marks
        FROM ({marked}) AS marked (enterprise_id, mark)
        GROUP BY enterprise_id
    ) AS told USING (enterprise_id)
    GROUP BY 1, 2, 3, 4, 5
"""
LETTERS = "".join(section.code for section in sections())
# The two digits of the division, whether the code was stored with the letter of its section or not.
DIVISION = Left(Func(F("industry_code"), Value(LETTERS), function="LTRIM", output_field=CharField()), 2)
# What the division can be read off, at half the price for each of 12,000 rows.
START = Left("industry_code", 3)


@dataclass(frozen=True)
class Facet:
    """A filter: the choices under which a group falls, and the condition that a choice puts on an enterprise."""

    choices: Callable[[Group], Iterable[str]]
    condition: Callable[[str, date], Q]


def _owners() -> QuerySet[Membership]:
    return Membership.objects.filter(is_active=True, enterprise_id__isnull=False).with_role(Role.OWNER).order_by()


def owned() -> Q:
    return Q(pk__in=_owners().values("enterprise_id"))


def _valid_labels(today: date) -> QuerySet[EnterpriseLabel]:
    valid = Q(valid_from__lte=today) & (Q(valid_until=None) | Q(valid_until__gte=today))
    return EnterpriseLabel.objects.filter(valid, ended_at=None).order_by()


def labelled(kind: str, today: date) -> Q:
    """With a label of this kind that is valid today."""
    return Q(pk__in=_valid_labels(today).filter(kind=kind).values("enterprise_id"))


def current_labels(enterprise_ids: Sequence[UUID] | None, today: date) -> dict[UUID, list[str]]:
    """The kinds of the labels valid today, by enterprise; of all that are visible where no ids are given. One query."""
    rows = _valid_labels(today)
    labels: dict[UUID, list[str]] = defaultdict(list)
    chosen = rows if enterprise_ids is None else rows.filter(enterprise_id__in=enterprise_ids)
    for enterprise_id, kind in chosen.order_by("kind").values_list("enterprise_id", "kind"):
        labels[enterprise_id].append(kind)
    return labels


def _expiring_papers(today: date) -> QuerySet[EnterprisePaper]:
    soon = today + timedelta(days=max(REMINDED_BEFORE))
    return EnterprisePaper.objects.filter(removed_at=None, valid_until__lte=soon).order_by()


def with_expiring_paper(today: date) -> Q:
    """With a document that has expired or will within the time in which its people are reminded."""
    return Q(pk__in=_expiring_papers(today).values("enterprise_id"))


def of_section(section: str) -> Q:
    divisions = list(section_of_divisions()) if section == NOT_STATED else divisions_of(section)
    return ~Q(division__in=divisions) if section == NOT_STATED else Q(division__in=divisions)


def _either(choice: str, condition: Q) -> Q:
    return condition if choice == YES else ~condition


def _standings(group: Group) -> list[str]:
    status = group["status"]
    return [status] if status == EnterpriseStatus.MERGED else [status, NOT_MERGED]


def _of_status(choice: str) -> Q:
    return ~Q(status=EnterpriseStatus.MERGED) if choice == NOT_MERGED else Q(status=choice)


def _labels(group: Group) -> list[str]:
    return [kind for kind, name in IS_LABELLED.items() if group[name]]


def _yes_or_no(name: str) -> Callable[[Group], list[str]]:
    return lambda group: [YES if group[name] else NO]


FACETS = {
    "status": Facet(_standings, lambda choice, _today: _of_status(choice)),
    "kind": Facet(lambda group: [group["kind"]], lambda choice, _today: Q(kind=choice)),
    "section": Facet(
        lambda group: [section_of_divisions().get(group["start"].lstrip(LETTERS)[:2], NOT_STATED)],
        lambda choice, _today: of_section(choice),
    ),
    "label": Facet(_labels, labelled),
    "key_user": Facet(
        _yes_or_no("is_key_energy_user"), lambda choice, _today: _either(choice, Q(is_key_energy_user=True))
    ),
    "owner": Facet(_yes_or_no("has_owner"), lambda choice, _today: _either(choice, owned())),
    "papers": Facet(
        lambda group: [EXPIRING] if group["has_expiring_paper"] else [],
        lambda _choice, today: with_expiring_paper(today),
    ),
}


def narrowed(rows: EnterpriseQuerySet, chosen: Mapping[str, str], today: date) -> EnterpriseQuerySet:
    """Those that every chosen filter leaves."""
    conditions = (FACETS[name].condition(choice, today) for name, choice in chosen.items())
    divided = rows.alias(division=DIVISION) if "section" in chosen else rows
    return divided.filter(*conditions)


@dataclass(frozen=True)
class Facets:
    """`groups` with the number of enterprises in each at `count`; `chosen` maps a filter to the choice made in it."""

    groups: list[dict[str, Any]]
    chosen: Mapping[str, str]

    @cached_property
    def searched(self) -> int:
        """How many the words of the search leave."""
        return sum(group["count"] for group in self.groups)

    @cached_property
    def total(self) -> int:
        """How many of these the chosen filters leave."""
        return sum(group["count"] for group, _, left_out_by in self._judged if not left_out_by)

    def counts(self, name: str) -> Counter[str]:
        """The number behind each choice of a filter, the other filters applied."""
        counted: Counter[str] = Counter()
        for group, choices, left_out_by in self._judged:
            if left_out_by <= {name}:
                for choice in choices[name]:
                    counted[choice] += group["count"]
        del counted[NOT_MERGED]
        return counted

    @cached_property
    def _judged(self) -> list[tuple[dict[str, Any], dict[str, frozenset[str]], set[str]]]:
        """Each group with the choices of each filter that it falls under, and the chosen filters that leave it out."""
        judged = []
        for group in self.groups:
            choices = {name: frozenset(facet.choices(group)) for name, facet in FACETS.items()}
            judged.append(
                (group, choices, {name for name, choice in self.chosen.items() if choice not in choices[name]})
            )
        return judged


def facets(searched: EnterpriseQuerySet, chosen: Mapping[str, str], today: date) -> Facets:
    """`searched`: the visible enterprises that the words of the search leave. One query."""
    plain = searched.order_by().values("status", "kind", "is_key_energy_user", start=START, enterprise_id=F("pk"))
    (searched_sql, searched_values), (marked_sql, marked_values) = _sql(plain), _sql(_marked(today))
    with connection.cursor() as cursor:
        cursor.execute(GROUPED.format(searched=searched_sql, marked=marked_sql), [*searched_values, *marked_values])
        return Facets([_group(*row) for row in cursor.fetchall()], chosen)


def _marked(today: date) -> QuerySet[Any]:
    """Each enterprise with the place of each thing that is so of it: the order is that of MARKS."""
    label = Case(*(When(kind=kind, then=Value(MARKS[name])) for kind, name in IS_LABELLED.items()))
    labels: QuerySet[Any] = _valid_labels(today).values_list("enterprise_id", label)
    papers: QuerySet[Any] = _expiring_papers(today).values_list("enterprise_id", Value(MARKS["has_expiring_paper"]))
    owners: QuerySet[Any] = _owners().values_list("enterprise_id", Value(MARKS["has_owner"]))
    return labels.union(papers, owners, all=True)


def _sql(rows: QuerySet[Any]) -> tuple[str, tuple[Any, ...]]:
    return rows.query.sql_with_params()


def _group(status: str, kind: str, is_key_energy_user: bool, start: str, marks: int, count: int) -> dict[str, Any]:
    told = {"status": status, "kind": kind, "is_key_energy_user": is_key_energy_user, "start": start, "count": count}
    return told | {name: bool(marks & mark) for name, mark in MARKS.items()}
