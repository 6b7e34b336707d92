"""What hangs on a registered enterprise, and the lists of it across a park."""

from __future__ import annotations

from collections.abc import Collection
from typing import TypeVar

from django.db.models import F, Model, QuerySet

from enterprises.choices import ENDED_STATUSES, ChangeRequestState, RegistrationState
from enterprises.models import (
    ChangeRequest,
    Enterprise,
    EnterpriseLabel,
    EnterprisePaper,
    EnterpriseStep,
    Registration,
    RegistrationStep,
    Site,
)
from parks.actors import Actor
from parks.choices import Role
from parks.models import Membership

Row = TypeVar("Row", bound=Model)
REQUESTS_SHOWN = 5
STEPS_SHOWN = 30


def visible(rows: QuerySet[Row], actor: Actor) -> QuerySet[Row]:
    """Rows of the actor's own enterprise, for an official those of the park. The policies say the same."""
    own = rows.filter(park_id=actor.park_id)
    return own.filter(enterprise_id=actor.enterprise_id) if actor.is_enterprise_person else own


def sites(actor: Actor) -> QuerySet[Site]:
    return visible(Site.objects.select_related("enterprise"), actor)


def papers(actor: Actor) -> QuerySet[EnterprisePaper]:
    """Documents that were not removed."""
    return visible(EnterprisePaper.objects.filter(removed_at=None).select_related("enterprise"), actor)


def labels(actor: Actor) -> QuerySet[EnterpriseLabel]:
    return visible(EnterpriseLabel.objects.select_related("enterprise"), actor)


def change_requests(actor: Actor) -> QuerySet[ChangeRequest]:
    return visible(ChangeRequest.objects.select_related("enterprise", "evidence"), actor)


def other_bearer(enterprise: Enterprise, code: str) -> Enterprise | None:
    """Who else in its park has this code. For officials: nobody else may learn of it."""
    others = Enterprise.objects.filter(park_id=enterprise.park_id, credit_code=code).exclude(pk=enterprise.pk)
    return others.first()


def sites_of(enterprise: Enterprise) -> QuerySet[Site]:
    """Open ones first, then those it has left."""
    own = Site.objects.filter(park_id=enterprise.park_id, enterprise=enterprise)
    return own.order_by(F("closed_at").desc(nulls_first=True), "opened_at", "id")


def papers_of(enterprise: Enterprise) -> QuerySet[EnterprisePaper]:
    own = EnterprisePaper.objects.filter(park_id=enterprise.park_id, enterprise=enterprise, removed_at=None)
    return own.select_related("uploaded_by").order_by("kind", "-uploaded_at")


def labels_of(enterprise: Enterprise) -> QuerySet[EnterpriseLabel]:
    """Those that stand, expired or not. What was taken back is in the audit trail."""
    own = EnterpriseLabel.objects.filter(park_id=enterprise.park_id, enterprise=enterprise, ended_at=None)
    return own.select_related("evidence").order_by("kind")


def change_requests_of(enterprise: Enterprise) -> QuerySet[ChangeRequest]:
    own = ChangeRequest.objects.filter(park_id=enterprise.park_id, enterprise=enterprise)
    return own.order_by("-requested_at")[:REQUESTS_SHOWN]


def steps_of(enterprise: Enterprise) -> QuerySet[EnterpriseStep]:
    return EnterpriseStep.objects.filter(park_id=enterprise.park_id, enterprise=enterprise)[:STEPS_SHOWN]


def registrations_of(enterprise: Enterprise) -> QuerySet[Registration]:
    own = Registration.objects.filter(park_id=enterprise.park_id, enterprise=enterprise)
    return own.order_by("submitted_at")[:STEPS_SHOWN]


def was_vetted(enterprise: Enterprise) -> bool:
    """Whether the park has compared its facts with papers; one that was typed or imported it has not."""
    compared = {RegistrationState.APPROVED, RegistrationState.JOINED}
    found = Registration.objects.filter(park_id=enterprise.park_id, enterprise=enterprise, state__in=compared)
    return found.exists()


def registration_steps_of(registrations: Collection[Registration]) -> QuerySet[RegistrationStep]:
    """For officials: what they have decided is no business of who works there now."""
    if not registrations:
        return RegistrationStep.objects.none()
    return RegistrationStep.objects.filter(registration__in=registrations).order_by("-at", "-id")[:STEPS_SHOWN]


def colleagues_of(enterprise: Enterprise) -> QuerySet[Membership]:
    """The people who work there without owning it."""
    people = Membership.objects.active().of_enterprise(enterprise.park_id, enterprise.pk).filter(user__is_active=True)
    return people.exclude(roles__contains=[Role.OWNER]).select_related("user").order_by("pk")


def owners_of(enterprise: Enterprise) -> QuerySet[Membership]:
    people = Membership.objects.active().of_enterprise(enterprise.park_id, enterprise.pk)
    return people.with_role(Role.OWNER).select_related("user").order_by("pk")


def waiting_count(actor: Actor) -> int:
    return change_requests(actor).filter(state=ChangeRequestState.SUBMITTED).count()


def expiring(actor: Actor) -> QuerySet[EnterprisePaper]:
    """Documents with a last day, of enterprises whose registration stands."""
    dated = papers(actor).filter(valid_until__isnull=False)
    return dated.exclude(enterprise__status__in=ENDED_STATUSES)
