"""The officials' queue of registrations, and who may be the same enterprise as the one that is filed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from operator import or_
from uuid import UUID

from django.core.cache import cache
from django.db import connection
from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.expressions import ExpressionWrapper
from django.db.models.fields import BooleanField

from enterprises.calculations import check_character_fits
from enterprises.choices import RegistrationState
from enterprises.models import (
    DeclaredInterest,
    Enterprise,
    RegisteredFacts,
    Registration,
    RegistrationPaper,
    RegistrationRemark,
    RegistrationStep,
    Site,
)
from enterprises.permissions import counting_ties
from parks.actors import Actor
from parks.models import Membership

VIEWS: dict[str, frozenset[RegistrationState]] = {
    "waiting": frozenset({RegistrationState.SUBMITTED}),
    "returned": frozenset({RegistrationState.RETURNED}),
    "decided": frozenset(
        {
            RegistrationState.APPROVED,
            RegistrationState.JOINED,
            RegistrationState.REJECTED,
            RegistrationState.WITHDRAWN,
        }
    ),
}
"""The saved views of the queue, and the states that each holds."""
WITH_THE_PARK = VIEWS["waiting"] | VIEWS["returned"]
BY_TIME_LEFT = (F("due_at").asc(nulls_last=True), "submitted_at", "id")
LEAST_LIKENESS = 0.6
MOST_SIMILAR = 8
MOST_OF_ONE_CODE = 20


def filed(actor: Actor) -> QuerySet[Registration]:
    """What was filed in the park. Drafts are nobody's business but the registrant's; the policies say the same."""
    return Registration.objects.filter(park_id=actor.park_id or 0).exclude(number="")


def queue(actor: Actor) -> QuerySet[Registration]:
    """Filed registrations, each with what is to be noted of it and since when it waits."""
    steps = RegistrationStep.objects.filter(registration=OuterRef("pk")).order_by("-at", "-id")
    same_code = {"park_id": OuterRef("park_id"), "credit_code": OuterRef("credit_code")}
    others = Registration.objects.filter(**same_code, state__in=WITH_THE_PARK).exclude(pk=OuterRef("pk"))
    return filed(actor).annotate(
        waits_since=Subquery(steps.values("at")[:1]),
        is_own=ExpressionWrapper(Q(registrant_id=actor.user_id), output_field=BooleanField()),
        has_tie=ExpressionWrapper(_tie(actor.user_id), output_field=BooleanField()),
        is_registered=Exists(Enterprise.objects.filter(**same_code)),
        is_filed_twice=Exists(others),
    )


def likeness_key(park_id: int, registration_id: UUID, number_of_round: int) -> str:
    """Where the worker keeps whether an enterprise has a name like that of a registration (`services.likeness`)."""
    return f"enterprises.alike:{park_id}:{registration_id}:{number_of_round}"


def alike_ids(actor: Actor) -> set[UUID]:
    """Of what waits for the park, who is called like an enterprise of another code, as far as that is worked out."""
    waiting = filed(actor).filter(state__in=WITH_THE_PARK).order_by().values_list("pk", "round")
    keys = {likeness_key(actor.park_id or 0, pk, number): pk for pk, number in waiting}
    return {keys[key] for key, is_alike in cache.get_many(keys).items() if is_alike} if keys else set()


def odd_code_ids(rows: QuerySet[Registration]) -> list[UUID]:
    """Of those that the park has not decided, whose check character does not follow from the others."""
    codes = rows.filter(state__in=WITH_THE_PARK).order_by().values_list("pk", "credit_code")
    return [pk for pk, code in codes if not check_character_fits(code)]


def _tie(user_id: int) -> Q:
    """In SQL what `explain_no_vetting` says of one: a tie to who has the code already, or to what that was merged into.

    Nothing is merged over two steps (`services.merging`).
    """
    during = counting_ties("started_at")
    registered = Enterprise.objects.filter(
        park_id=OuterRef(OuterRef("park_id")), credit_code=OuterRef(OuterRef("credit_code"))
    ).order_by()
    bearers = [registered.values(column) for column in ("pk", "merged_into")]
    interests = DeclaredInterest.objects.of_user(user_id).filter(during)
    places = Membership.objects.filter(during, user_id=user_id)
    ties = [
        [Exists(interests.filter(enterprise__in=ids)), Exists(places.filter(enterprise_id__in=ids))] for ids in bearers
    ]
    return reduce(or_, (Q(tie) for of_bearer in ties for tie in of_bearer))


def in_view(actor: Actor, view: str) -> QuerySet[Registration]:
    return queue(actor).filter(state__in=VIEWS[view])


def queue_counts(actor: Actor) -> dict[str, int]:
    """How many registrations each saved view holds."""
    found = dict(filed(actor).order_by().values_list("state").annotate(n=Count("*")))
    return {view: sum(found.get(state, 0) for state in states) for view, states in VIEWS.items()}


def decidable(actor: Actor) -> QuerySet[Registration]:
    """What waits for a decision that this registrar may take, the least time left first."""
    return in_view(actor, "waiting").filter(**dict.fromkeys(("is_own", "has_tie"), False)).order_by(*BY_TIME_LEFT)


def neighbours(actor: Actor, registration: Registration) -> tuple[UUID | None, UUID | None]:
    """The registrations before and after this one among those the actor can decide."""
    ids = list(decidable(actor).values_list("pk", flat=True)[:200])
    if registration.pk not in ids:
        return (None, ids[0] if ids else None)
    place = ids.index(registration.pk)
    return (ids[place - 1] if place else None, ids[place + 1] if place + 1 < len(ids) else None)


def vetting_page(actor: Actor) -> QuerySet[Registration]:
    """One registration with everything its page tells: `kept` documents, `way`, `remarks_made`."""
    return (
        filed(actor)
        .select_related("park", "registrant", "enterprise")
        .prefetch_related(
            Prefetch("papers", _as_filed(), to_attr="kept"),
            Prefetch("steps", RegistrationStep.objects.all(), to_attr="way"),
            Prefetch("remarks", RegistrationRemark.objects.all(), to_attr="remarks_made"),
        )
    )


def filed_papers(actor: Actor) -> QuerySet[RegistrationPaper]:
    """The documents that came with what was filed."""
    return _as_filed().filter(registration__in=filed(actor))


def _as_filed() -> QuerySet[RegistrationPaper]:
    """What the last filing holds: a document that was added or taken out since is not told of before the next."""
    of_round = F("registration__round")
    is_kept = Q(removed_at=None) | Q(left_out_from__gt=of_round)
    return RegistrationPaper.objects.filter(is_kept, filed_with__lte=of_round)


@dataclass(frozen=True, slots=True)
class Candidate:
    """Who may be the same enterprise: registered, with its `sites`, or filed as well. `likeness` is from 0 to 1."""

    found: Enterprise | Registration
    has_same_code: bool
    likeness: float
    sites: list[Site]

    @property
    def is_registered(self) -> bool:
        return isinstance(self.found, Enterprise)


def duplicates(facts: RegisteredFacts, park_id: int, besides: UUID) -> list[Candidate]:
    """Registered enterprises of the same code, then open registrations of it, then names that are alike.

    `besides` is the row that is compared with. For officials: the database refuses others.
    """
    scores = similar_names(facts.name_zh, facts.name_en)
    in_park = Enterprise.objects.filter(park_id=park_id).exclude(pk=besides).select_related("merged_into")
    known = list(in_park.filter(Q(credit_code=facts.credit_code) | Q(pk__in=scores)))
    known.sort(key=lambda row: (row.credit_code != facts.credit_code, -scores.get(row.pk, 0), row.pk))
    sites = _sites_by_owner(known)
    registered = [
        Candidate(row, row.credit_code == facts.credit_code, scores.get(row.pk, 0), sites.get(row.pk, []))
        for row in known
    ]
    same_code = Registration.objects.filter(park_id=park_id, credit_code=facts.credit_code, state__in=WITH_THE_PARK)
    others = same_code.exclude(pk=besides).order_by("submitted_at")[:MOST_OF_ONE_CODE]
    filed_as_well = [Candidate(row, has_same_code=True, likeness=1, sites=[]) for row in others]
    exact = [candidate for candidate in registered if candidate.has_same_code]
    return [*exact, *filed_as_well, *(candidate for candidate in registered if not candidate.has_same_code)]


def ended_places(park_id: int, user_id: int) -> dict[UUID, Membership]:
    """Where a person had a place in an enterprise of the park and has none now, with the place that ended last.

    By the enterprise that goes on where the place was in one that was merged. For officials.
    """
    held = Membership.objects.filter(park_id=park_id, user_id=user_id)
    places = [(place.enterprise_id, place) for place in held if place.enterprise_id is not None]
    known = Enterprise.objects.filter(pk__in=[where for where, _place in places])
    goes_on = {row.pk: row.merged_into_id or row.pk for row in known}
    there = [(goes_on[where], place) for where, place in places]
    acting = {enterprise_id for enterprise_id, place in there if place.is_active}
    left = [(where, place) for where, place in there if where not in acting]
    return dict(sorted(left, key=lambda found: (found[1].ended_at is not None, found[1].ended_at)))


def similar_names(name_zh: str, name_en: str) -> dict[UUID, float]:
    """Enterprises of the park whose names are alike, the most alike first, with how much."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, score FROM enterprises_similar_names(%s, %s, %s, %s)",
            [name_zh, name_en, LEAST_LIKENESS, MOST_SIMILAR],
        )
        return dict(cursor.fetchall())


def names_alike(name_zh: str, name_en: str) -> list[Enterprise]:
    """Who in the park is called so or nearly so, the most alike first."""
    scores = similar_names(name_zh, name_en)
    return sorted(Enterprise.objects.filter(pk__in=scores), key=lambda found: (-scores[found.pk], found.pk))


def sites_of(*enterprises: Enterprise) -> QuerySet[Site]:
    """Where they work now."""
    return Site.objects.filter(enterprise__in=enterprises, closed_at=None)


def _sites_by_owner(enterprises: Iterable[Enterprise]) -> dict[UUID, list[Site]]:
    found: dict[UUID, list[Site]] = {}
    for site in sites_of(*enterprises):
        found.setdefault(site.enterprise_id, []).append(site)
    return found
