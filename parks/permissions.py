"""Who may do what with a park, its people and its history."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from parks.actors import Actor
from parks.choices import ENTERPRISE_ROLES, INSTALLATION_ROLES, PARK_ROLES, ParkStatus, Role
from parks.models import Park


def is_official(actor: Actor) -> bool:
    return actor.is_official


def can_read_calendar(actor: Actor) -> bool:
    """Whose deadlines it counts, and who keeps it."""
    return actor.park_id is not None or actor.is_operator


def can_keep_views(actor: Actor) -> bool:
    """Keep filters of lists for oneself. A visitor from the installation leaves nothing behind."""
    return actor.is_official and actor.support_session_id is None


def can_read_staff(actor: Actor) -> bool:
    return actor.is_official and actor.has_role(Role.PARK_ADMINISTRATOR, Role.AUDITOR)


def can_manage_staff(actor: Actor) -> bool:
    """Not in a support session: an operator gives nobody power over a park's money from the inside."""
    return actor.is_official and actor.has_role(Role.PARK_ADMINISTRATOR) and actor.support_session_id is None


def can_edit_profile(actor: Actor) -> bool:
    return actor.is_official and actor.has_role(Role.PARK_ADMINISTRATOR)


def can_read_messages(actor: Actor) -> bool:
    """See in which words the park writes to people."""
    return actor.is_official


def can_word_messages(actor: Actor) -> bool:
    """What a park writes binds it, so an operator on a support visit words nothing."""
    return actor.is_official and actor.has_role(Role.PARK_ADMINISTRATOR) and actor.support_session_id is None


def can_read_audit_trail(actor: Actor) -> bool:
    return actor.is_official and actor.has_role(Role.PARK_ADMINISTRATOR, Role.AUDITOR)


def can_hold_api_keys(actor: Actor) -> bool:
    """Whoever acts in a park as themselves; there is nothing to fetch for the installation."""
    return actor.park_id is not None and actor.support_session_id is None


def roles_of_place(park_id: int | None, enterprise_id: UUID | None) -> frozenset[Role]:
    """The roles one can hold in the installation, in a park, or in an enterprise of a park."""
    if enterprise_id is not None:
        return ENTERPRISE_ROLES
    return INSTALLATION_ROLES if park_id is None else PARK_ROLES


def can_manage_people(actor: Actor, park_id: int | None, enterprise_id: UUID | None) -> bool:
    """Owners in their enterprise, administrators in their park, operators in the installation."""
    if actor.support_session_id is not None:
        return False
    if enterprise_id is not None:
        return actor.park_id == park_id and actor.enterprise_id == enterprise_id and actor.has_role(Role.OWNER)
    if actor.is_of_installation:
        return actor.is_operator and park_id is None
    return can_manage_staff(actor) and actor.park_id == park_id


def can_give_roles(actor: Actor, roles: Collection[Role], park_id: int | None, enterprise_id: UUID | None) -> bool:
    """Whoever manages the people of the place; who stands above it may also name the first who does.

    An administrator the owner of an enterprise of the park, an operator the administrator of a park: that there is none
    yet is for the service to check.
    """
    if can_manage_people(actor, park_id, enterprise_id):
        return True
    if enterprise_id is None:
        return park_id is not None and can_run_installation(actor) and set(roles) == {Role.PARK_ADMINISTRATOR}
    return can_manage_staff(actor) and actor.park_id == park_id and set(roles) == {Role.OWNER}


def can_run_installation(actor: Actor) -> bool:
    """Operators in their own place: not while they are inside a park."""
    return actor.park_id is None and actor.has_role(Role.OPERATOR)


def can_observe(actor: Actor) -> bool:
    """See which parks there are and what they publish."""
    return actor.is_of_installation


def can_edit_park(actor: Actor, park: Park) -> bool:
    """What is archived stays as it was."""
    return can_run_installation(actor) and park.status != ParkStatus.ARCHIVED


def can_suspend_park(actor: Actor, park: Park) -> bool:
    return can_run_installation(actor) and park.status == ParkStatus.ACTIVE


def can_resume_park(actor: Actor, park: Park) -> bool:
    return can_run_installation(actor) and park.status == ParkStatus.SUSPENDED


def can_archive_park(actor: Actor, park: Park) -> bool:
    return can_run_installation(actor) and park.status != ParkStatus.ARCHIVED


def can_enter_park(actor: Actor, park: Park) -> bool:
    """Begin a support session; a suspended park can be entered, to read."""
    return can_run_installation(actor) and park.status != ParkStatus.ARCHIVED
