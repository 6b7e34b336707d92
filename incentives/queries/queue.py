"""Reads for the officials' queue."""

from __future__ import annotations

from functools import lru_cache
from uuid import UUID

from django.db.models import F, OuterRef, QuerySet, Subquery

from incentives.choices import DECIDED, EDITABLE, ApplicationState, Outcome, Stage
from incentives.models import (
    Application,
    ApplicationStep,
    Review,
)
from incentives.permissions import can_apply, decidable, decides_in, with_bars
from incentives.queries.applications import applications
from incentives.queries.duplicates import has_open_duplicate
from lib import long_lists
from parks.actors import Actor
from parks.choices import Role

# What a line of the officials' lists says: the texts of an application and of its programme stay in the database.
LINE = (
    *("number", "state", "stage", "round", "requested_cny", "approved_cny", "submitted_at", "due_at", "decided_at"),
    *("enterprise__name_en", "enterprise__name_zh", "programme_version__title_en", "programme_version__title_zh"),
)


FIRST = "first of mine"
BY_TIME_LEFT = (F("due_at").asc(nulls_last=True), "submitted_at", "id")


def lines(actor: Actor) -> QuerySet[Application]:
    """What was filed, with no more than `LINE`."""
    return applications(actor).only(*LINE)


def queue(actor: Actor) -> QuerySet[Application]:
    """Filed applications, each with what may keep the actor from deciding, since when it waits, and whether it seems to
    be claimed elsewhere."""
    return _queue(actor.of_any_request()).all()


@lru_cache(maxsize=1_000)
def _queue(actor: Actor) -> QuerySet[Application]:
    steps = ApplicationStep.objects.filter(application=OuterRef("pk")).order_by("-at")
    rows = with_bars(lines(actor), actor.user_id)
    return rows.annotate(waits_since=Subquery(steps.values("at")[:1]), has_open_duplicate=has_open_duplicate())


def mine(actor: Actor) -> QuerySet[Application]:
    """Of the queue, what the actor can decide now."""
    return decidable(queue(actor), actor.user_id, decides_in(actor))


def views(actor: Actor) -> dict[str, QuerySet[Application]]:
    """The saved views of the queue: what belongs to each, without what `queue` says of it."""
    return {name: rows.all() for name, rows in _views(actor.park_id, actor.user_id, decides_in(actor)).items()}


def queue_counts(actor: Actor) -> tuple[dict[str, int], UUID | None]:
    """How many each saved view holds, as far as long lists are counted, and what of "mine" is due first."""
    counts = long_lists.counts(_counting_views(actor.park_id, actor.user_id, decides_in(actor)))
    return counts, counts.pop(FIRST)


# To put these together takes longer than to answer them, and they are the same for a person from page to page.
@lru_cache(maxsize=1_000)
def _views(park_id: int | None, user_id: int, roles: tuple[Role, ...]) -> dict[str, QuerySet[Application]]:
    # All of these states are of filed applications: `filed` would make the database look into the rows.
    rows = Application.objects.of_park(park_id)
    return {
        "mine": decidable(rows, user_id, roles),
        "waiting": rows.waiting(),
        "returned": rows.in_state(ApplicationState.RETURNED),
        "decided": rows.filter(state__in=DECIDED),
    }


@lru_cache(maxsize=1_000)
def _counting_views(park_id: int | None, user_id: int, roles: tuple[Role, ...]) -> long_lists.Statement:
    lists = _views(park_id, user_id, roles)
    return long_lists.counting(lists, first_of={FIRST: lists["mine"].order_by(*BY_TIME_LEFT)})


def applications_for(actor: Actor) -> QuerySet[Application] | None:
    """What waits for this person, to be decided or to be finished; None for whoever does neither."""
    if not actor.is_enterprise_person:
        roles = decides_in(actor)
        return _views(actor.park_id, actor.user_id, roles)["mine"].all() if roles else None
    if not can_apply(actor) or actor.is_read_only:
        return None
    return Application.objects.visible_to(actor).filter(state__in=EDITABLE)


def neighbours_in_queue(actor: Actor, application: Application) -> tuple[UUID | None, UUID | None]:
    """The applications before and after this one among those the actor can decide, by time left."""
    ids = list(mine(actor).order_by(*BY_TIME_LEFT).values_list("pk", flat=True)[:200])
    if application.pk not in ids:
        return (None, ids[0] if ids else None)
    place = ids.index(application.pk)
    return (ids[place - 1] if place else None, ids[place + 1] if place + 1 < len(ids) else None)


def notes_of(application: Application) -> list[Review]:
    """What officials decided and wrote to the file. Never for the enterprise: its role cannot read this table."""
    return list(application.reviews.order_by("decided_at"))


def approvals_in(application: Application) -> QuerySet[Review]:
    """The approvals that count in the present round, the oldest first."""
    given = application.reviews.filter(stage=Stage.DECISION, outcome=Outcome.APPROVED, round=application.round)
    return given.order_by("decided_at", "id")
