"""Who may do what with the enterprises of a park."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied

from enterprises.models import Enterprise
from parks.actors import Actor
from parks.choices import Role
from parks.permissions import can_read_audit_trail

REGISTRARS = (Role.PARK_ADMINISTRATOR, Role.REVIEWER)


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


def guard(allowed: bool) -> None:
    """Refuse what the caller found not to be allowed."""
    if not allowed:
        raise PermissionDenied
