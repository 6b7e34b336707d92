"""Reads of what two applications both claim."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date
from functools import reduce
from operator import or_
from uuid import UUID

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from incentives.choices import ApplicationState, AwardState, ClaimKind, DuplicateVerdict
from incentives.duplicate_permissions import answerable
from incentives.likeness import MOST_ANSWERED, MOST_SHARING
from incentives.models import Application, Award, Claim, Duplicate
from incentives.querysets import DuplicateQuerySet
from parks.actors import Actor

# Who was turned down or stepped back may file again elsewhere.
CLAIMS_NOTHING = (ApplicationState.DRAFT, ApplicationState.DECLINED, ApplicationState.WITHDRAWN)
# What is not paid after all can be granted to somebody else.
FREED = (AwardState.VOID, AwardState.REVOKED)
# Of one enterprise, and of one investment and month: the latest of these are compared by their titles.
MOST_COMPARED = 200


def duplicates(actor: Actor) -> DuplicateQuerySet:
    """With both applications, as far as the actor may see them: officials only."""
    visible = Application.objects.visible_to(actor)
    rows = Duplicate.objects.of_park(actor.park_id).filter(later__in=visible, earlier__in=visible)
    sides = (f"{side}__{part}" for side in ("later", "earlier") for part in ("enterprise", "programme_version"))
    return rows.select_related("later", "earlier", *sides)


def duplicates_of(actor: Actor, application: Application) -> list[Duplicate]:
    """The unanswered first, then the latest; what is gone last."""
    rows = duplicates(actor).about(application)
    return sorted(rows, key=lambda row: (not row.is_open, row.gone_at is not None))


def has_open_duplicate() -> Q:
    """For annotations of applications, by the index of each side."""
    rows = Duplicate.objects.unanswered().filter(park=OuterRef("park"))
    return Exists(rows.filter(later=OuterRef("pk"))) | Exists(rows.filter(earlier=OuterRef("pk")))


def with_duplicate(verdict: DuplicateVerdict) -> Q:
    """Applications that have one of this answer; few, so that they are found first."""
    rows = Duplicate.objects.filter(verdict=verdict, gone_at=None).order_by()
    return Q(pk__in=rows.values("later")) | Q(pk__in=rows.values("earlier"))


def same_of(application_ids: Iterable[UUID]) -> DuplicateQuerySet:
    """Standing answers that it is the same, of any of these."""
    ids = list(application_ids)
    return Duplicate.objects.found_the_same().filter(Q(later__in=ids) | Q(earlier__in=ids))


def _of_the_same_values(duplicate: Duplicate) -> list[UUID]:
    """Other unanswered ones that have no evidence but documents and numbers of this one."""
    rows = Duplicate.objects.unanswered().filter(park=duplicate.park_id).exclude(pk=duplicate.pk)
    pieces = [{"kind": piece["kind"], "value": piece["value"]} for piece in duplicate.evidence]
    shared = reduce(or_, (Q(evidence__contains=[piece]) for piece in pieces))
    known = {(piece["kind"], piece["value"]) for piece in pieces}
    told = rows.filter(shared).values_list("pk", "evidence")
    return [pk for pk, its in told if {(piece["kind"], piece["value"]) for piece in its} <= known]


def answered_together(actor: Actor, duplicate: Duplicate) -> list[Duplicate]:
    """The others that one answer of the actor could close together with this one, the first found first.

    As many as one answer closes; those that the actor is kept from are none of them.
    """
    if not duplicate.is_open:
        return []
    rows = duplicates(actor).filter(pk__in=_of_the_same_values(duplicate)).order_by("pk")
    return answerable(actor, rows)[:MOST_ANSWERED]


def granted_twins(application: Application) -> QuerySet[Application]:
    """Others that claim the same and have been granted. What became void or was revoked frees it again."""
    rows = Duplicate.objects.found_the_same().filter(park=application.park_id).order_by()
    twins = rows.filter(later=application).values("earlier"), rows.filter(earlier=application).values("later")
    granted = Application.objects.filter(park=application.park_id, state=ApplicationState.APPROVED)
    granted = granted.filter(Q(pk__in=twins[0]) | Q(pk__in=twins[1]))
    awards = Award.objects.filter(park=application.park_id, application=OuterRef("pk"))
    return granted.exclude(Exists(awards.filter(state__in=FREED)))


def still_claim_it(duplicate: Duplicate) -> bool:
    """Whether both sides have a document or number of the evidence in what they filed last."""
    pieces = [piece for piece in duplicate.evidence if piece["kind"] != ClaimKind.PROJECT]
    if not pieces:
        return False
    wanted = _among((piece["kind"], piece["value"]) for piece in pieces)
    rows = _standing(duplicate.park_id).filter(wanted, application__in=[duplicate.later_id, duplicate.earlier_id])
    shared = rows.order_by().values("kind", "value").annotate(sides=Count("application", distinct=True))
    return shared.filter(sides=2).exists()


def sharing(application: Application) -> dict[Application, list[tuple[Claim, Claim]]]:
    """Other applications that claim something of the same value, each with the pairs (own claim, its claim)."""
    own = list(Claim.objects.filter(application=application, round=application.round).exclude(kind=ClaimKind.PROJECT))
    by_value = {(claim.kind, claim.value): claim for claim in own}
    telling = by_value.keys() - _of_everybody(application, by_value)
    found: dict[Application, list[tuple[Claim, Claim]]] = defaultdict(list)
    others = _of_others(application).filter(_among(telling)) if telling else Claim.objects.none()
    for claim in others.select_related("application__enterprise").order_by("application", "kind", "value"):
        found[claim.application].append((by_value[claim.kind, claim.value], claim))
    return found


def comparable(application: Application) -> Iterable[Application]:
    """Those whose titles have to be compared: of the enterprise, and of the same investment and about that time."""
    firm_id = application.enterprise.merged_into_id or application.enterprise_id
    rows = Application.objects.filter(park=application.park_id, submitted_at__isnull=False).exclude(pk=application.pk)
    rows = rows.exclude(state__in=CLAIMS_NOTHING).select_related("enterprise").order_by("-pk")
    of_firm = rows.filter(Q(enterprise=firm_id) | Q(enterprise__merged_into=firm_id))
    alike = _of_others(application).filter(kind=ClaimKind.PROJECT, value__in=project_values(application, around=True))
    of_amount = rows.filter(pk__in=alike.order_by("-application").values("application")[:MOST_COMPARED])
    return {row.pk: row for row in (*of_firm[:MOST_COMPARED], *of_amount)}.values()


def project_values(application: Application, *, around: bool = False) -> list[str]:
    """Investment and month of completion, in one text for the index; with the months around it, to be compared."""
    day, amount = application.completed_on, application.investment_cny
    if day is None or not amount:
        return []
    months = (-1, 0, 1) if around else (0,)
    return [f"{amount:.2f}|{_month(day, months_on)}" for months_on in months]


def _month(day: date, months_on: int) -> str:
    year, month = divmod(day.year * 12 + day.month - 1 + months_on, 12)
    return f"{year:04}-{month + 1:02}"


def _of_others(application: Application) -> QuerySet[Claim]:
    """What other applications claim by what they filed last."""
    return _standing(application.park_id).exclude(application=application)


def _standing(park_id: int) -> QuerySet[Claim]:
    rows = Claim.objects.filter(park=park_id, round=F("application__round"))
    return rows.exclude(application__state__in=CLAIMS_NOTHING)


def _of_everybody(application: Application, values: Collection[tuple[str, str]]) -> set[tuple[str, str]]:
    """Those of the pairs (kind, value) that so many enterprises claim now that they tell no two of them together."""
    if not values:
        return set()
    counted = _standing(application.park_id).filter(_among(values)).order_by().values("kind", "value")
    counted = counted.annotate(sharing=Count("application__enterprise", distinct=True)).filter(sharing__gt=MOST_SHARING)
    return set(counted.values_list("kind", "value"))


def _among(values: Iterable[tuple[str, str]]) -> Q:
    by_kind: dict[str, list[str]] = defaultdict(list)
    for kind, value in sorted(values):
        by_kind[kind].append(value)
    return reduce(or_, (Q(kind=kind, value__in=of_kind) for kind, of_kind in by_kind.items()))


def uncompared(park_id: int, most: int) -> list[UUID]:
    """Filed applications that no turn of the worker has compared since they were filed or reopened.

    Those that wait for an answer are compared when it is given.
    """
    filed = Application.objects.of_park(park_id).filed().filter(compared_at=None).exclude(state__in=CLAIMS_NOTHING)
    filed = filed.exclude(has_open_duplicate())
    return list(filed.order_by("pk").values_list("pk", flat=True)[:most])
