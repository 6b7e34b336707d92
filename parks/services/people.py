"""Inviting people to a place, and changing or ending what they may do there."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services import add_verified_person, refuse_name_of_colleague, write_mail_to_address
from lib.constraints import violated_constraint
from lib.limits import spend
from lib.refusals import Refusal
from parks import events
from parks.actors import Actor, actor_of
from parks.choices import ParkStatus, Role
from parks.models import ApiKey, Invitation, Membership, Park
from parks.permissions import can_give_roles, can_manage_people, roles_of_place
from parks.querysets import InvitationQuerySet
from parks.services import letters
from parks.services.administrators import check_first_administrator, refuse_where_administered

INVITATION_LASTS = timedelta(days=7)
MOST_INVITATIONS_AN_HOUR = 30
MOST_LETTERS_A_DAY = 3
"""To one address from one place: an invitation and two renewals."""


class RolesDoNotFit(Refusal):
    code = "roles_do_not_fit"


class AlreadyThere(Refusal):
    code = "already_there"


class TooManyInvitations(Refusal):
    code = "too_many_invitations"


class InvitationNotOpen(Refusal):
    code = "invitation_not_open"


class WrongPerson(Refusal):
    code = "wrong_person"


class ParkSuspended(Refusal):
    code = "park_suspended"


class OwnRoles(Refusal):
    code = "own_roles"


class OwnInvitation(Refusal):
    code = "own_invitation"


class LastOfTheirKind(Refusal):
    code = "last_of_their_kind"


def digest_of(token: str) -> str:
    """What is kept of the secret in an invitation's link."""
    return sha256(token.encode()).hexdigest()


@transaction.atomic
def invite(
    *,
    actor: Actor,
    email: str,
    roles: Collection[Role],
    park: Park | None,
    now: datetime,
    enterprise_id: UUID | None = None,
    enterprise_name_en: str = "",
    enterprise_name_zh: str = "",
) -> Invitation:
    """Offer a place by mail: in an enterprise, else in `park`, else in the installation.

    Repeated for an address whose invitation is still unanswered, it renews that one: new roles, new link, seven days.
    """
    park_id = park.pk if park else None
    held = _fitting(roles, park_id, enterprise_id)
    address = email.strip().lower()
    # An invitation before a membership, as whoever accepts one locks them.
    waiting = Invitation.objects.of_place(park_id, enterprise_id).filter(email=address, accepted_at=None)
    list(waiting.filter(revoked_at=None).select_for_update(of=("self",)))
    _check_giver(_as_now(actor), held, park_id, enterprise_id)
    place = Membership.objects.of_place(park_id, enterprise_id).active()
    if place.filter(user__in=User.objects.with_address(address)).exists():
        raise AlreadyThere(_("This person already works here. Change their roles instead."), field="email")
    if User.objects.with_address(address).filter(pk=actor.user_id).exists():
        # Who lets others in decides for no place of their own: an operator comes in by a support session.
        raise OwnInvitation(_("Nobody invites themselves. Ask somebody else who may invite here."), field="email")
    if actor.is_of_installation and park_id is not None:
        refuse_where_administered(park_id)
    _check_pace(actor, address, park_id, enterprise_id)
    token = secrets.token_urlsafe(32)
    invitation, _created = Invitation.objects.update_or_create(
        park=park,
        enterprise_id=enterprise_id,
        email=address,
        accepted_at=None,
        revoked_at=None,
        defaults={
            "roles": held,
            "token_digest": digest_of(token),
            "invited_by_id": actor.user_id,
            "invited_by_name": actor.name,
            "created_at": now,
            "expires_at": now + INVITATION_LASTS,
            "enterprise_name_en": enterprise_name_en,
            "enterprise_name_zh": enterprise_name_zh,
        },
    )
    letter = letters.invitation(invitation)
    write_mail_to_address(
        key=f"invitation:{invitation.token_digest}",
        address=address,
        subject=letter.subject,
        text=letter.text,
        url=reverse("parks:invitation_accept", kwargs={"token": token}),
        is_private=True,
    )
    if actor.is_of_installation and park_id is not None:
        events.administrator_invited.publish(invitation_id=invitation.pk, at=now.isoformat())
    return invitation


def _check_pace(actor: Actor, address: str, park_id: int | None, enterprise_id: UUID | None) -> None:
    """Nobody fills strangers' letter boxes by way of the portal."""
    if not spend(f"invitations:{actor.user_id}", MOST_INVITATIONS_AN_HOUR, timedelta(hours=1)):
        raise TooManyInvitations(_("You have sent many invitations within an hour. Send the next ones later."))
    place = sha256(f"{park_id}:{enterprise_id}:{address}".encode()).hexdigest()
    if not spend(f"invitation:{place}", MOST_LETTERS_A_DAY, timedelta(days=1)):
        raise TooManyInvitations(
            _("This address has been sent several invitations today. Send the next one tomorrow."), field="email"
        )


def _fitting(roles: Collection[Role], park_id: int | None, enterprise_id: UUID | None) -> list[Role]:
    """The roles in the order of the portal, each once."""
    held = [role for role in Role if role in roles]
    if not held:
        raise RolesDoNotFit(_("Choose at least one role."), field="roles")
    if not roles_of_place(park_id, enterprise_id).issuperset(held):
        raise RolesDoNotFit(_("These roles do not exist here."), field="roles")
    return held


def _check_giver(actor: Actor, roles: list[Role], park_id: int | None, enterprise_id: UUID | None) -> None:
    if not can_give_roles(actor, roles, park_id, enterprise_id):
        raise PermissionDenied
    if enterprise_id is not None and actor.is_official:
        people = Membership.objects.active().of_enterprise(actor.park_id or 0, enterprise_id)
        if people.with_role(Role.OWNER).exists():
            raise RolesDoNotFit(_("This enterprise has an owner, who invites its people."), field="roles")


@transaction.atomic
def revoke_invitation(*, actor: Actor, invitation: Invitation, now: datetime) -> Invitation:
    """Take an unanswered invitation back: its link stops working at once."""
    known = Invitation.objects.select_for_update().get(pk=invitation.pk)
    roles = [Role(role) for role in known.roles]
    if not can_give_roles(_as_now(actor), roles, known.park_id, known.enterprise_id):
        raise PermissionDenied
    if known.accepted_at is not None or known.revoked_at is not None:
        raise InvitationNotOpen(_("This invitation has already been accepted or revoked."))
    known.revoked_at = now
    known.save(update_fields=["revoked_at"])
    return known


@transaction.atomic
def accept_invitation(*, user: User, token: str, now: datetime) -> Membership:
    """Take the offered place. Safe to repeat by the same person: the second time changes nothing."""
    invitation = _locked(token)
    if invitation is None:
        raise InvitationNotOpen(_("This invitation is not valid."))
    if invitation.email.lower() != user.email.lower():
        raise WrongPerson(_("This invitation was sent to another address."))
    if invitation.invited_by_id == user.pk:
        raise WrongPerson(_("Nobody can accept an invitation of their own."))
    if invitation.accepted_at is not None:
        return _place_taken_before(invitation, user)
    if not _is_open(invitation, now):
        raise InvitationNotOpen(_("This invitation is not valid."))
    return _take_place(invitation, user, now)


@transaction.atomic
def register_by_invitation(*, token: str, name: str, password: str, language: str, now: datetime) -> Membership:
    """Make the account of an invited person who has none, and take the place: the link proves the address."""
    invitation = _locked(token)
    if invitation is None or not _is_open(invitation, now):
        raise InvitationNotOpen(_("This invitation is not valid."))
    if User.objects.with_address(invitation.email).exists():
        raise WrongPerson(_("There is already an account with this address. Sign in to accept."))
    time_zone = {"time_zone": invitation.park.time_zone} if invitation.park else {}
    user = add_verified_person(email=invitation.email, name=name, password=password, language=language, **time_zone)
    return _take_place(invitation, user, now)


def _locked(token: str) -> Invitation | None:
    offers = Invitation.objects.select_for_update(of=("self",)).select_related("park")
    return offers.filter(token_digest=digest_of(token)).first()


def _is_open(invitation: Invitation, now: datetime) -> bool:
    archived = invitation.park is not None and invitation.park.status == ParkStatus.ARCHIVED
    return invitation.is_open(now) and not archived


def _place_taken_before(invitation: Invitation, user: User) -> Membership:
    place = Membership.objects.of_place(invitation.park_id, invitation.enterprise_id).active()
    membership = place.of_user(user).first()
    if membership is None:
        raise InvitationNotOpen(_("This invitation is not valid."))
    return membership


def _take_place(invitation: Invitation, user: User, now: datetime) -> Membership:
    """A new membership, or the old one again. Keys of the API that were made before it ended stay dead."""
    if invitation.park is not None and invitation.park.is_read_only:
        raise ParkSuspended(_("This park is suspended. Accept the invitation when it is open again."))
    _check_inviter(invitation)
    check_first_administrator(invitation, user.pk)
    _check_first_owner(invitation, user)
    refuse_name_of_colleague(user.name, user, [(invitation.park_id, invitation.enterprise_id)])
    try:
        with transaction.atomic():
            membership = _place_of(invitation, user, now)
    except IntegrityError as error:
        raise _no_place(error) from error
    invitation.accepted_at = now
    invitation.save(update_fields=["accepted_at"])
    events.invitation_accepted.publish(invitation_id=invitation.pk, membership_id=membership.pk)
    return membership


def _place_of(invitation: Invitation, user: User, now: datetime) -> Membership:
    membership, is_new = Membership.objects.select_for_update(of=("self",)).get_or_create(
        user=user,
        park=invitation.park,
        enterprise_id=invitation.enterprise_id,
        defaults={
            "roles": invitation.roles,
            "enterprise_name_en": invitation.enterprise_name_en,
            "enterprise_name_zh": invitation.enterprise_name_zh,
            "created_at": now,
        },
    )
    if not is_new:
        if not membership.is_active:
            ApiKey.objects.filter(membership=membership).delete()
        held = {*invitation.roles, *(membership.roles if membership.is_active else [])}
        membership.roles = [role for role in Role if role in held]
        membership.is_active, membership.ended_at = True, None
        membership.save(update_fields=["roles", "is_active", "ended_at"])
    return membership


def _no_place(error: IntegrityError) -> Exception:
    """What the database says of an enterprise that has ended meanwhile; anything else is a fault of ours."""
    if violated_constraint(error) != "membership_of_one_that_lives":
        return error
    return InvitationNotOpen(_("The registration of the enterprise has ended, so nobody can join it any more."))


def _check_inviter(invitation: Invitation) -> None:
    """Whoever was dismissed since lets nobody in, not even themselves under another address.

    That an enterprise of whom the park invites has no owner is for `_check_first_owner`.
    """
    places = Membership.objects.active().filter(user=invitation.invited_by_id, user__is_active=True)
    roles = [Role(role) for role in invitation.roles]
    for place in places.select_related("user", "park"):
        if can_give_roles(actor_of(place), roles, invitation.park_id, invitation.enterprise_id):
            return
    raise InvitationNotOpen(_("Who sent this invitation may not invite people here any more. Ask for a new one."))


def _check_first_owner(invitation: Invitation, user: User) -> None:
    """Whom the park names an owner is the first one: of two invited at once the second finds the place taken.

    Owners themselves may invite others.
    """
    if invitation.park_id is None or invitation.enterprise_id is None or Role.OWNER not in invitation.roles:
        return
    # The lock: acceptances in one park wait for each other. Rows that refer to the park do not.
    Park.objects.select_for_update(no_key=True).get(pk=invitation.park_id)
    people = Membership.objects.of_enterprise(invitation.park_id, invitation.enterprise_id)
    owners = people.active().with_role(Role.OWNER)
    if owners.filter(user_id=invitation.invited_by_id).exists():
        return
    if owners.exclude(user=user).exists():
        raise RolesDoNotFit(_("This enterprise has an owner, who invites its people."), field="roles")


@transaction.atomic
def change_roles(*, actor: Actor, membership: Membership, roles: Collection[Role], now: datetime) -> Membership:
    """Give somebody other roles in the place where they are. Nobody changes their own."""
    held = _fitting(roles, membership.park_id, membership.enterprise_id)
    sent = [] if KEY_ROLES.intersection(held) else _locked_offers(_sent_by(membership), now)
    known = _locked_for(actor, membership)
    if not known.is_active:
        raise RolesDoNotFit(_("This person no longer works here."))
    if set(known.roles) == set(held):
        return known
    _check_not_last(known, keeps=held)
    known.roles = held
    known.save(update_fields=["roles"])
    Invitation.objects.filter(pk__in=sent).update(revoked_at=now)
    events.membership_roles_changed.publish(
        membership_id=known.pk, roles=[role.value for role in held], at=now.isoformat(), by_name=actor.name
    )
    return known


@transaction.atomic
def end_membership(*, actor: Actor, membership: Membership, now: datetime) -> Membership:
    """End somebody's access to the place; it is refused from their next request on. Safe to repeat."""
    own = Invitation.objects.of_place(membership.park_id, membership.enterprise_id)
    offers = _locked_offers(own.filter(email=membership.user.email.lower()) | _sent_by(membership), now)
    known = _locked_for(actor, membership)
    if not known.is_active:
        return known
    _check_not_last(known, keeps=[])
    known.is_active, known.ended_at = False, now
    known.save(update_fields=["is_active", "ended_at"])
    Invitation.objects.filter(pk__in=offers).update(revoked_at=now)
    events.membership_ended.publish(membership_id=known.pk, at=now.isoformat(), by_name=actor.name)
    return known


KEY_ROLES = frozenset({Role.PARK_ADMINISTRATOR, Role.OWNER, Role.OPERATOR})
"""The role of each kind of place without which nobody could let people in."""


def _sent_by(membership: Membership) -> InvitationQuerySet:
    return Invitation.objects.sent_from(membership.user_id, membership.park_id, membership.enterprise_id)


def _locked_offers(offers: InvitationQuerySet, now: datetime) -> list[int]:
    """Those that are open, locked before any membership, as whoever accepts one locks them."""
    return [offer.pk for offer in offers.open(now).order_by("pk").select_for_update(of=("self",))]


def _as_now(actor: Actor, place: Membership | None = None) -> Actor:
    """The actor with what is left of their roles, their own place locked: it was read before the transaction began.

    place: where it has been locked already.
    """
    if place is None:
        own = Membership.objects.filter(pk=actor.membership_id)
        place = own.select_for_update(of=("self",), no_key=True).first()
    held = place.roles if place is not None and place.is_active else []
    return replace(actor, roles=actor.roles.intersection(held))


def _locked_for(actor: Actor, membership: Membership) -> Membership:
    """The membership as it is now, with everybody who holds the key role of its place locked in one order.

    Without these locks two administrators could end each other at the same moment, and one who has just been dismissed
    could go on: so the actor's own place is among them.
    """
    if membership.user_id == actor.user_id:
        raise OwnRoles(_("Nobody changes their own roles. Ask a colleague."))
    place = Membership.objects.of_place(membership.park_id, membership.enterprise_id)
    wanted = place.filter(pk=membership.pk) | place.filter(roles__overlap=sorted(KEY_ROLES), is_active=True)
    wanted |= Membership.objects.filter(pk=actor.membership_id)
    locked = {known.pk: known for known in wanted.order_by("pk").select_for_update(of=("self",))}
    known = locked[membership.pk]
    if not can_manage_people(_as_now(actor, locked.get(actor.membership_id)), known.park_id, known.enterprise_id):
        raise PermissionDenied
    return known


def _check_not_last(membership: Membership, keeps: Collection[Role]) -> None:
    for role in KEY_ROLES.intersection(Role(held) for held in membership.roles).difference(keeps):
        place = Membership.objects.of_place(membership.park_id, membership.enterprise_id).with_role(role)
        if not place.filter(is_active=True, user__is_active=True).exclude(pk=membership.pk).exists():
            raise LastOfTheirKind(
                _("This is the last person here with the role %(role)s. Give it to somebody else first.")
                % {"role": role.label},
                field="roles",
            )
