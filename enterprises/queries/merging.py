"""Enterprises that were merged into one, and whom one might be merged with."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import QuerySet

from enterprises.choices import EnterpriseStatus
from enterprises.models import Enterprise, EnterpriseLabel, EnterprisePaper, Site
from enterprises.queries.vetting import similar_names
from enterprises.querysets import EnterpriseQuerySet
from parks.actors import Actor

MOST_FOUND = 20
GOING_ON = (EnterpriseStatus.ACTIVE, EnterpriseStatus.SUSPENDED)


def absorbed_ids(enterprise: Enterprise) -> list[UUID]:
    """Everything that was merged into it, also into what was merged into it."""
    found: list[UUID] = []
    level: Iterable[UUID] = [enterprise.pk]
    while level:
        level = list(Enterprise.objects.filter(merged_into__in=level).order_by("pk").values_list("pk", flat=True))
        found += level
    return found


def absorbed(enterprise: Enterprise) -> EnterpriseQuerySet:
    """What was merged into it, the latest first."""
    return Enterprise.objects.filter(pk__in=absorbed_ids(enterprise)).order_by("-status_changed_at", "pk")


def all_sites(enterprises: Iterable[Enterprise]) -> QuerySet[Site]:
    return Site.objects.filter(enterprise__in=list(enterprises))


def all_papers(enterprises: Iterable[Enterprise]) -> QuerySet[EnterprisePaper]:
    return EnterprisePaper.objects.filter(enterprise__in=list(enterprises), removed_at=None)


def all_labels(enterprises: Iterable[Enterprise]) -> QuerySet[EnterpriseLabel]:
    """Those that were not taken back."""
    return EnterpriseLabel.objects.filter(enterprise__in=list(enterprises), ended_at=None)


def mergeable(actor: Actor, besides: Enterprise) -> EnterpriseQuerySet:
    """The enterprises of the park that go on, but for one."""
    return Enterprise.objects.visible_to(actor).filter(status__in=GOING_ON).exclude(pk=besides.pk)


def found_to_merge(actor: Actor, enterprise: Enterprise, words: str) -> list[tuple[Enterprise, float | None]]:
    """Those that were searched for; without words those whose names are alike, with how much from 0 to 1."""
    rows = mergeable(actor, enterprise)
    if words:
        return [(row, None) for row in rows.search(words).by_name()[:MOST_FOUND]]
    scores = similar_names(enterprise.name_zh, enterprise.name_en)
    alike = sorted(rows.filter(pk__in=scores), key=lambda row: (-scores[row.pk], row.pk))
    return [(row, scores[row.pk]) for row in alike]
