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

from django.db.models import BooleanField, CharField, Count, Expression, ExpressionWrapper, F, Func, Q, QuerySet, Value
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


def owned() -> Q:
    owners = Membership.objects.filter(is_active=True, enterprise_id__isnull=False).with_role(Role.OWNER)
    return Q(pk__in=owners.values("enterprise_id"))


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


def with_expiring_paper(today: date) -> Q:
    """With a document that has expired or will within the time in which its people are reminded."""
    soon = today + timedelta(days=max(REMINDED_BEFORE))
    papers = EnterprisePaper.objects.filter(removed_at=None, valid_until__lte=soon)
    return Q(pk__in=papers.order_by().values("enterprise_id"))


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
    traits: dict[str, Expression] = {
        "start": START,
        "has_owner": _whether(owned()),
        "has_expiring_paper": _whether(with_expiring_paper(today)),
        **{name: _whether(labelled(kind, today)) for kind, name in IS_LABELLED.items()},
    }
    groups: Any = searched.order_by().values("status", "kind", "is_key_energy_user", **traits)
    return Facets(list(groups.annotate(count=Count("pk"))), chosen)


def _whether(condition: Q) -> Expression:
    return ExpressionWrapper(condition, output_field=BooleanField())
