"""Who may do what with the enterprises of a park."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, Q
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from enterprises.models import DeclaredInterest, Enterprise, Registration
from parks.actors import Actor
from parks.choices import Role
from parks.models import Membership
from parks.permissions import can_read_audit_trail

REGISTRARS = (Role.PARK_ADMINISTRATOR, Role.REVIEWER)
COOLING_OFF = timedelta(days=30)
"""How long an interest or a place counts after its end."""


def can_list_enterprises(actor: Actor) -> bool:
    """Every official of the park: whoever works on a case must know whose it is."""
    return actor.is_official


def can_register_enterprise(actor: Actor) -> bool:
    """Not in a support session: who is let into a park is for the park to say."""
    return actor.is_official and actor.has_role(*REGISTRARS) and actor.support_session_id is None


def can_update_enterprise(actor: Actor, enterprise: Enterprise) -> bool:
    return can_register_enterprise(actor) and actor.park_id == enterprise.park_id


def can_declare_interest(actor: Actor) -> bool:
    """Officials for themselves. A visitor from the installation decides nothing here."""
    return actor.is_official and actor.support_session_id is None


def can_invite_owner(actor: Actor) -> bool:
    """Offer the place of owner. That there is none yet is for the service to check."""
    return actor.is_official and actor.has_role(Role.PARK_ADMINISTRATOR) and actor.support_session_id is None


def can_read_history(actor: Actor) -> bool:
    return can_read_audit_trail(actor)


def works_in_enterprise(actor: Actor) -> bool:
    return actor.is_enterprise_person


def owns_enterprise(actor: Actor) -> bool:
    return actor.is_enterprise_person and actor.has_role(Role.OWNER)


def signs_for_enterprise(actor: Actor) -> bool:
    """Ask the park to change vetted facts, and keep the documents."""
    return actor.is_enterprise_person and actor.has_role(Role.OWNER, Role.CERTIFIER)


def can_keep_sites(actor: Actor) -> bool:
    return owns_enterprise(actor) or can_register_enterprise(actor)


def can_keep_papers(actor: Actor) -> bool:
    return signs_for_enterprise(actor) or can_register_enterprise(actor)


def can_read_papers(actor: Actor) -> bool:
    """Its own people, and every official of the park."""
    return actor.is_enterprise_person or actor.is_official


def can_change_standing(actor: Actor) -> bool:
    """Suspend and end registrations, name an owner: administrators, and never from a support session."""
    return actor.is_official and actor.has_role(Role.PARK_ADMINISTRATOR) and actor.support_session_id is None


def explain_partiality(actor: Actor, enterprise: Enterprise, since: datetime | None = None) -> str:
    """Why this official keeps out of what concerns the enterprise; empty when nothing is in the way.

    A tie that ended after `since` still counts: ending it must not open the case. So does one of the last days, or it
    could be ended for an act and declared again.
    """
    current = counting_ties(since)
    interests = DeclaredInterest.objects.of_user(actor.user_id).filter(current, enterprise=enterprise)
    places = Membership.objects.of_enterprise(enterprise.park_id, enterprise.pk)
    if not interests.exists() and not places.filter(current, user_id=actor.user_id).exists():
        return ""
    return _(
        "You belong to this enterprise or have declared an interest in it, now or in the last %(days)s days, so a"
        " colleague must decide."
    ) % {"days": COOLING_OFF.days}


def lately(now: datetime) -> datetime:
    """Since when what has ended still counts."""
    return now - COOLING_OFF


def counting_ties(since: datetime | str | None = None) -> Q:
    """Which ties count against an official: those that stand, that ended lately, or after `since`.

    since: an instant, or the name of the column of an outer row that tells when the case began. What is lately tells
    the clock of the database: such conditions are kept for longer than a moment.
    """
    counting = Q(ended_at=None) | Q(ended_at__gte=Now() - COOLING_OFF)
    if since is None:
        return counting
    return counting | Q(ended_at__gte=OuterRef(since) if isinstance(since, str) else since)


def tied_enterprises(user_id: int, enterprise_ids: Collection[UUID]) -> set[UUID]:
    """Those of them that an official keeps out of, for the same reasons as one by one."""
    recent = counting_ties()
    interests = DeclaredInterest.objects.of_user(user_id).filter(recent, enterprise_id__in=enterprise_ids)
    places = Membership.objects.filter(recent, user_id=user_id, enterprise_id__in=enterprise_ids)
    told = (interests.values_list("enterprise_id", flat=True), places.values_list("enterprise_id", flat=True))
    return {enterprise_id for ties in told for enterprise_id in ties if enterprise_id}


def can_open_registrations(actor: Actor) -> bool:
    """Every official of the park may read what was filed; registrars decide."""
    return actor.is_official


def can_vet(actor: Actor) -> bool:
    return can_register_enterprise(actor)


def explain_no_vetting(actor: Actor, registration: Registration) -> str:
    """Why an official may not decide on a registration, whatever its state: role, four eyes, interest."""
    if actor.support_session_id is not None:
        return _("Nobody decides during a support session.")
    if not can_vet(actor) or actor.park_id != registration.park_id:
        return _("Only a reviewer or an administrator of the park decides on registrations.")
    if actor.is_read_only:
        return _("The park is suspended: nothing can be changed.")
    if registration.registrant_id == actor.user_id:
        return _("Four eyes: you filed this registration, so a colleague must decide.")
    bearers = bearers_of(registration.park_id, registration.credit_code)
    told = (explain_partiality(actor, known, registration.started_at) for known in bearers)
    return next(filter(None, told), "")


def bearers_of(park_id: int, code: str) -> list[Enterprise]:
    """The enterprise that has the code, and what it was merged into, to the one that goes on."""
    way = list(Enterprise.objects.filter(park_id=park_id, credit_code=code).select_related("merged_into"))
    while way and way[-1].merged_into is not None:
        way.append(way[-1].merged_into)
    return way


def guard(allowed: bool) -> None:
    """Refuse what the caller found not to be allowed."""
    if not allowed:
        raise PermissionDenied
