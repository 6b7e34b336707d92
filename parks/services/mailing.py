"""Mail about people's places, written by the worker after the act. Each may be repeated: its key makes it once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils import translation

from accounts.models import User
from accounts.services import write_letter
from parks.models import Invitation, Membership
from parks.services import letters


def people_of(places: Iterable[Membership]) -> list[User]:
    """Each person once, without those who cannot sign in any more."""
    return list({place.user_id: place.user for place in places if place.user.is_active}.values())


def tell_of_acceptance(invitation_id: int, membership_id: int) -> None:
    """Tell whoever sent the invitation."""
    offer = Invitation.objects.select_related("park", "invited_by").get(pk=invitation_id)
    membership = _membership(membership_id)
    with translation.override(offer.invited_by.language):
        letter = letters.invitation_accepted(offer, membership)
    key = f"invitation_accepted:{invitation_id}"
    write_letter(key, offer.invited_by, letter)


def tell_of_invited_administrator(invitation_id: int, at: str) -> None:
    """Tell those who watch over the staff of the park."""
    offer = Invitation.objects.select_related("park").get(pk=invitation_id)
    if offer.park_id is None:
        return
    for person in people_of(Membership.objects.who_watch(offer.park_id).select_related("user")):
        with translation.override(person.language):
            letter = letters.administrator_invited(offer)
        write_letter(f"administrator_invited:{invitation_id}:{at}:{person.pk}", person, letter)


def tell_of_roles(membership_id: int, roles: Sequence[str], at: str, by_name: str) -> None:
    _tell(f"roles:{membership_id}:{at}", membership_id, letters.roles_changed, roles, by_name)


def tell_of_end(membership_id: int, at: str, by_name: str) -> None:
    _tell(f"membership_ended:{membership_id}:{at}", membership_id, letters.membership_ended, by_name)


def _tell(key: str, membership_id: int, write: Any, *words: Any) -> None:
    membership = _membership(membership_id)
    with translation.override(membership.user.language):
        letter = write(membership, *words)
    write_letter(key, membership.user, letter)


def _membership(membership_id: int) -> Membership:
    return Membership.objects.select_related("user", "park").get(pk=membership_id)
