"""Reads for the pages of programmes and applications, ready to be shown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from uuid import UUID

from django.db.models import Count, F, OuterRef, Prefetch, QuerySet, Subquery, Sum

from incentives.choices import DECIDED, EDITABLE, ENDED, ApplicationState, ProgrammeStatus
from incentives.models import (
    Application,
    ApplicationDocument,
    ApplicationStep,
    FieldComment,
    Programme,
    ProgrammeVersion,
    Review,
)
from incentives.permissions import can_apply, decidable, decides_in, with_bars
from lib import long_lists
from parks.actors import Actor
from parks.choices import Role
from parks.models import Membership, Park

MOST_SHOWN = 20
# What a line of the officials' lists says: the texts of an application and of its programme stay in the database.
LINE = (
    *("number", "state", "round", "requested_cny", "approved_cny", "submitted_at", "due_at", "decided_at"),
    *("enterprise__name_en", "enterprise__name_zh", "programme_version__title_en", "programme_version__title_zh"),
)
BY_TIME_LEFT = (F("due_at").asc(nulls_last=True), "submitted_at", "id")


def kept_documents() -> QuerySet[ApplicationDocument]:
    return ApplicationDocument.objects.filter(removed_at=None)


def applications(actor: Actor) -> QuerySet[Application]:
    """What the actor may see, with what a line of a list names."""
    return Application.objects.visible_to(actor).select_related("enterprise", "programme_version")


def application_page(actor: Actor) -> QuerySet[Application]:
    """One application with everything its pages tell: documents, timeline, comments."""
    return applications(actor).prefetch_related(
        Prefetch("documents", kept_documents(), to_attr="kept_documents"),
        Prefetch("steps", ApplicationStep.objects.order_by("at", "id"), to_attr="timeline"),
        Prefetch("field_comments", FieldComment.objects.order_by("round", "at", "id"), to_attr="comments"),
    )


def documents(actor: Actor) -> QuerySet[ApplicationDocument]:
    """The files the actor may open: those of the applications they may see."""
    visible = Application.objects.visible_to(actor)
    return kept_documents().filter(application__in=visible).select_related("application")


# The enterprise's side


def unfinished_applications(actor: Actor) -> list[Application]:
    """Drafts and returned applications, what was returned first."""
    rows = application_page(actor).filter(state__in=EDITABLE)
    returned_first = F("due_at").asc(nulls_last=True)
    return list(rows.order_by(returned_first, "programme_version__closes_on", "id")[:MOST_SHOWN])


def latest_filed(actor: Actor) -> Application | None:
    """The application on whose way the home page reports."""
    rows = application_page(actor).filter(submitted_at__isnull=False).exclude(state__in=ENDED)
    return rows.order_by("-submitted_at").first()


def recent_decisions(actor: Actor, most: int = 5) -> list[Application]:
    return list(applications(actor).filter(state__in=DECIDED).order_by("-decided_at")[:most])


@dataclass(frozen=True, slots=True)
class Offer:
    """An open programme and what the own enterprise has done about it."""

    version: ProgrammeVersion
    days_left: int
    application: Application | None


def open_offers(actor: Actor, today: date) -> list[Offer]:
    """Programmes that take applications on `today`, what closes first at the top."""
    versions = list(ProgrammeVersion.objects.of_park(actor.park_id).open_on(today))
    own = applications(actor).filter(programme_version__in=versions).exclude(state=ApplicationState.WITHDRAWN)
    latest = {application.programme_version_id: application for application in own.order_by("started_at")}
    return [Offer(version, (version.closes_on - today).days, latest.get(version.pk)) for version in versions]


def upcoming_offers(actor: Actor, today: date) -> QuerySet[ProgrammeVersion]:
    return ProgrammeVersion.objects.of_park(actor.park_id).current().filter(opens_on__gt=today).order_by("opens_on")


def people_with_role(actor: Actor, role: Role) -> list[str]:
    """Names of the actor's colleagues in the enterprise who hold the role."""
    if actor.park_id is None or actor.enterprise_id is None:
        return []
    memberships = Membership.objects.active().of_enterprise(actor.park_id, actor.enterprise_id).with_role(role)
    return list(memberships.order_by("user__name").values_list("user__name", flat=True))


# The officials' side


def lines(actor: Actor) -> QuerySet[Application]:
    """What was filed, with no more than `LINE`."""
    return applications(actor).only(*LINE)


def queue(actor: Actor) -> QuerySet[Application]:
    """Filed applications, each with what may keep the actor from deciding and since when it waits."""
    steps = ApplicationStep.objects.filter(application=OuterRef("pk")).order_by("-at")
    rows = with_bars(lines(actor), actor.user_id)
    return rows.annotate(waits_since=Subquery(steps.values("at")[:1]))


def mine(actor: Actor) -> QuerySet[Application]:
    """Of the queue, what the actor can decide now."""
    return decidable(queue(actor), actor.user_id, decides_in(actor))


def views(actor: Actor) -> dict[str, QuerySet[Application]]:
    """The saved views of the queue: what belongs to each, without what `queue` says of it."""
    return {name: rows.all() for name, rows in _views(actor.park_id, actor.user_id, decides_in(actor)).items()}


def queue_counts(actor: Actor) -> dict[str, int]:
    """How many applications each saved view holds, as far as long lists are counted."""
    return long_lists.counts(_counting_views(actor.park_id, actor.user_id, decides_in(actor)))


# To put these together takes longer than to answer them, and they are the same for a person from page to page.
@lru_cache(maxsize=1_000)
def _views(park_id: int | None, user_id: int, states: tuple[ApplicationState, ...]) -> dict[str, QuerySet[Application]]:
    # All of these states are of filed applications: `filed` would make the database look into the rows.
    rows = Application.objects.of_park(park_id)
    return {
        "mine": decidable(rows, user_id, states),
        "waiting": rows.waiting(),
        "returned": rows.in_state(ApplicationState.RETURNED),
        "decided": rows.filter(state__in=DECIDED),
    }


@lru_cache(maxsize=1_000)
def _counting_views(park_id: int | None, user_id: int, states: tuple[ApplicationState, ...]) -> long_lists.Statement:
    return long_lists.counting(_views(park_id, user_id, states))


def next_to_decide(own: QuerySet[Application]) -> UUID | None:
    """Of the view "mine", what is due first."""
    return own.order_by(*BY_TIME_LEFT).values_list("pk", flat=True).first()


def applications_for(actor: Actor) -> QuerySet[Application] | None:
    """What waits for this person, to be decided or to be finished; None for whoever does neither."""
    if not actor.is_enterprise_person:
        states = decides_in(actor)
        return _views(actor.park_id, actor.user_id, states)["mine"].all() if states else None
    if not can_apply(actor) or actor.is_read_only:
        return None
    return Application.objects.visible_to(actor).filter(state__in=EDITABLE)


def filed_programmes(actor: Actor) -> QuerySet[Programme]:
    """Programmes that were ever published: one can filter by them."""
    return Programme.objects.of_park(actor.park_id).exclude(status=ProgrammeStatus.DRAFT).order_by("code")


def published_first(programmes: Iterable[Programme]) -> list[Programme]:
    """Those of the given that are published, what opened last first: in the order of `published`."""
    published = (programme for programme in programmes if programme.status == ProgrammeStatus.PUBLISHED)
    return sorted(published, key=lambda programme: (-programme.opens_on.toordinal(), programme.code))


def granted_before(application: Application) -> Decimal:
    """What the enterprise was granted under the programme, over all its versions, before this one was decided."""
    granted = Application.objects.in_state(ApplicationState.APPROVED).filter(
        park_id=application.park_id,
        enterprise_id=application.enterprise_id,
        programme_version__programme_id=application.programme_version.programme_id,
    )
    if application.decided_at is not None:
        granted = granted.filter(decided_at__lt=application.decided_at)
    return granted.exclude(pk=application.pk).aggregate(total=Sum("approved_cny"))["total"] or Decimal(0)


def neighbours_in_queue(actor: Actor, application: Application) -> tuple[UUID | None, UUID | None]:
    """The applications before and after this one among those the actor can decide, by time left."""
    ids = list(mine(actor).order_by(*BY_TIME_LEFT).values_list("pk", flat=True)[:200])
    if application.pk not in ids:
        return (None, ids[0] if ids else None)
    place = ids.index(application.pk)
    return (ids[place - 1] if place else None, ids[place + 1] if place + 1 < len(ids) else None)


@dataclass(frozen=True, slots=True)
class Budget:
    """A programme's money: what was committed, what is asked for by applications that wait, and what is left."""

    programme: Programme
    in_review_cny: Decimal
    in_review_count: int

    @property
    def free_cny(self) -> Decimal:
        """What would be left if everything that waits were approved in full; never below zero."""
        return max(self.programme.left_cny - self.in_review_cny, Decimal(0))

    @property
    def short_cny(self) -> Decimal:
        """By how much the requests that wait exceed what is left."""
        return max(self.in_review_cny - self.programme.left_cny, Decimal(0))


def budgets(actor: Actor, programmes: Iterable[Programme] | None = None) -> list[Budget]:
    """The money of the given programmes, by default of the published ones."""
    chosen = list(Programme.objects.of_park(actor.park_id).published() if programmes is None else programmes)
    of_chosen = Application.objects.visible_to(actor).waiting().filter(programme_version__programme__in=chosen)
    waiting = of_chosen.order_by().values_list("programme_version__programme")
    asked = {key: (total, count) for key, total, count in waiting.annotate(t=Sum("requested_cny"), n=Count("pk"))}
    return [Budget(programme, *asked.get(programme.pk, (Decimal(0), 0))) for programme in chosen]


def budget_of(actor: Actor, programme: Programme) -> Budget:
    return budgets(actor, [programme])[0]


def notes_of(application: Application) -> list[Review]:
    """What officials decided and wrote to the file. Never for the enterprise: its role cannot read this table."""
    return list(application.reviews.order_by("decided_at"))


def programmes(actor: Actor) -> QuerySet[Programme]:
    filed = Application.objects.filter(
        programme_version__programme=OuterRef("pk"), submitted_at__isnull=False
    ).order_by()
    count = filed.values("programme_version__programme").annotate(n=Count("pk")).values("n")
    return Programme.objects.of_park(actor.park_id).annotate(filed_count=Subquery(count))


def filed_counts(actor: Actor, programme: Programme) -> dict[str, int]:
    rows = Application.objects.visible_to(actor).filter(programme_version__programme=programme)
    return dict(rows.order_by().values_list("state").annotate(n=Count("pk")))


def drafts_of_programmes(actor: Actor) -> list[Programme]:
    """Programmes that are written but not published: the administrator's own work."""
    return list(Programme.objects.of_park(actor.park_id).filter(status=ProgrammeStatus.DRAFT))


def public_offers(park: Park, today: date) -> list[Offer]:
    """Open programmes for a visitor who need not be signed in."""
    versions = ProgrammeVersion.objects.of_park(park.pk).open_on(today)
    return [Offer(version, (version.closes_on - today).days, None) for version in versions]
