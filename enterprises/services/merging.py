"""Two enterprises of the register that were found to be one: one goes on, the other stays on record."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from enterprises import events, obstacles
from enterprises.choices import ChangeRequestState, EnterpriseStatus, EnterpriseStepKind
from enterprises.models import ChangeRequest, DeclaredInterest, Enterprise
from enterprises.permissions import can_change_standing, guard, lately
from enterprises.services.ground import NotNow, add_enterprise_step, refuse_partial, revoke_invitations
from enterprises.services.places import FOUNDERS, give_place, has_owner, is_owner_invited, keep_ended_place
from lib.refusals import Refusal
from parks.actors import Actor
from parks.choices import Role
from parks.models import Membership, Park


class SameEnterprise(Refusal):
    code = "same_enterprise"


class ObstaclesUnknown(Refusal):
    """Something of the enterprise that ends is under way, and the official has not said that they know."""

    code = "obstacles_left"

    def __init__(self, sentences: list[str]) -> None:
        words = _("Confirm that you know what is still under way. %(what)s")
        super().__init__(words % {"what": " ".join(sentences)}, field="is_aware")
        self.sentences = sentences


@transaction.atomic
def merge_enterprises(
    actor: Actor, ended: Enterprise, goes_on: Enterprise, *, reason: str, is_aware: bool, now: datetime
) -> Enterprise:
    """End the one as merged into the other, with whom its people act from now on; answer the one that goes on.

    What was filed, its sites, documents and history stay with the row that ended. Safe to repeat. `is_aware`: whether
    the official knows what `enterprises.obstacles` finds; without it the merger is refused while there is anything.
    """
    guard(can_change_standing(actor) and actor.park_id == ended.park_id == goes_on.park_id)
    if ended.pk == goes_on.pk:
        raise SameEnterprise(_("An enterprise cannot be merged into itself."), field="winner")
    # Invitations before the enterprise, as whoever accepts one does.
    revoke_invitations(ended, now)
    # Who is its first owner is decided by one after the other, here and where invitations are accepted.
    Park.objects.select_for_update(no_key=True).get(pk=ended.park_id)
    known, winner = _locked(ended, goes_on)
    if known.merged_into_id == winner.pk:
        return winner
    for row in (known, winner):
        _refuse_ended(row)
        refuse_partial(actor, row)
    found = obstacles.to_ending(known)
    if found and not is_aware:
        raise ObstaclesUnknown(found)
    _close_request(actor, known, winner, now)
    moved = _move_people(known, winner, now)
    _carry_ended_places(known, winner, now)
    _carry_interests(known, winner, now)
    _end(known, winner, reason, now)
    add_enterprise_step(actor, known, EnterpriseStepKind.MERGED, now, comment=reason)
    add_enterprise_step(actor, winner, EnterpriseStepKind.ABSORBED, now, comment=f"{known}: {reason}")
    events.enterprises_merged.publish(
        park_id=known.park_id,
        enterprise_id=known.pk,
        merged_into_id=winner.pk,
        by_user_id=actor.user_id,
        membership_ids=moved,
    )
    return winner


def _locked(ended: Enterprise, goes_on: Enterprise) -> tuple[Enterprise, Enterprise]:
    """Both as they are now, locked in one order, so that two who merge them the other way round wait."""
    rows = Enterprise.objects.filter(pk__in=[ended.pk, goes_on.pk]).order_by("pk").select_for_update(of=("self",))
    held = {row.pk: row for row in rows}
    return held[ended.pk], held[goes_on.pk]


def _refuse_ended(enterprise: Enterprise) -> None:
    if enterprise.has_ended:
        words = _("%(name)s cannot be merged: its registration has ended.")
        raise NotNow(words % {"name": str(enterprise)})


def _close_request(actor: Actor, ended: Enterprise, winner: Enterprise, now: datetime) -> None:
    """Nothing of the enterprise changes any more; what it asked for is answered with where to ask now."""
    waiting = ChangeRequest.objects.filter(enterprise=ended, state=ChangeRequestState.SUBMITTED)
    for request in waiting.select_for_update(of=("self",)):
        request.state, request.decided_at = ChangeRequestState.REJECTED, now
        request.decided_by_id, request.decided_by_name = actor.user_id, actor.name
        request.decision = _("The enterprise was merged into %(name)s: ask for the change there.") % {
            "name": str(winner)
        }
        request.save(update_fields=["state", "decided_at", "decided_by", "decided_by_name", "decision"])
        events.change_decided.publish(park_id=ended.park_id, enterprise_id=ended.pk, change_request_id=request.pk)


def _move_people(ended: Enterprise, winner: Enterprise, now: datetime) -> list[int]:
    """Who acts for the one acts for the other, but for who was dismissed there; answer their places there.

    Where that one has an owner, the merger makes nobody its owner or certifier.
    """
    places = Membership.objects.of_enterprise(ended.park_id, ended.pk).filter(is_active=True)
    held = list(places.order_by("pk").select_for_update(of=("self",)))
    Membership.objects.filter(pk__in=[place.pk for place in held]).update(is_active=False, ended_at=now)
    there = Membership.objects.of_enterprise(winner.park_id, winner.pk)
    dismissed = set(there.filter(is_active=False).values_list("user_id", flat=True))
    is_taken = has_owner(winner) or is_owner_invited(winner, now)
    return [
        give_place(winner, place.user_id, _roles_on_moving(place, is_taken=is_taken), now).pk
        for place in held
        if place.user_id not in dismissed
    ]


def _roles_on_moving(place: Membership, *, is_taken: bool) -> frozenset[str]:
    left = frozenset(place.roles) - (FOUNDERS if is_taken else frozenset())
    return left or frozenset({Role.APPLICANT})


def _carry_ended_places(ended: Enterprise, winner: Enterprise, now: datetime) -> None:
    """Who left the one lately, or does not act for the other, has left that one at the same time."""
    left = Membership.objects.of_enterprise(ended.park_id, ended.pk).filter(is_active=False, ended_at__gte=lately(now))
    there = Membership.objects.of_enterprise(winner.park_id, winner.pk).filter(user_id__in=left.values("user_id"))
    known = {place.user_id: place for place in there.order_by("pk").select_for_update(of=("self",))}
    for place in left.order_by("pk"):
        if place.user_id not in known:
            keep_ended_place(winner, place)
        elif not known[place.user_id].is_active:
            Membership.objects.filter(pk=known[place.user_id].pk).update(ended_at=place.ended_at)


def _carry_interests(ended: Enterprise, winner: Enterprise, now: datetime) -> None:
    """Who keeps out of the cases of the one keeps out of those of the other, if they do not already.

    Both enterprises are held: whoever declares an interest in one of them waits. One that ended counts for as long.
    """
    counting = Q(ended_at=None) | Q(ended_at__gte=lately(now))
    carried = [
        DeclaredInterest(
            park_id=winner.park_id,
            enterprise=winner,
            user_id=interest.user_id,
            reason=interest.reason,
            declared_at=interest.declared_at,
            ended_at=interest.ended_at,
        )
        for interest in DeclaredInterest.objects.filter(counting, enterprise=ended)
    ]
    DeclaredInterest.objects.bulk_create(carried, ignore_conflicts=True)


def _end(ended: Enterprise, winner: Enterprise, reason: str, now: datetime) -> None:
    ended.status, ended.merged_into = EnterpriseStatus.MERGED, winner
    ended.status_reason, ended.status_changed_at = reason, now
    ended.save(update_fields=["status", "merged_into", "status_reason", "status_changed_at", "updated_at"])
    # Whatever was merged is one step away from the one that goes on: ties are looked for no further.
    Enterprise.objects.filter(park_id=ended.park_id, merged_into=ended).update(merged_into=winner)
