"""Keys of the API: made once, shown once, kept as a digest."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services import write_letter
from lib.refusals import Refusal
from parks.actors import Actor
from parks.models import ApiKey, Membership
from parks.services import letters
from tenancy.scopes import Author, login_scope

MOST_KEYS = 10


class TooManyKeys(Refusal):
    code = "too_many_keys"


@transaction.atomic
def create_api_key(*, actor: Actor, name: str, lasts: timedelta, is_for_sending: bool = False) -> tuple[ApiKey, str]:
    """A key that can do what the actor's membership can do, and its secret, which nobody can show again.

    The person is told by mail: whoever borrowed their session could make one too.
    """
    places = Membership.objects.select_for_update(of=("self",)).select_related("user", "park")
    membership = places.get(pk=actor.membership_id)
    if ApiKey.objects.filter(membership_id=actor.membership_id).count() >= MOST_KEYS:
        raise TooManyKeys(_("You have %(number)s keys. Revoke one before you make another.") % {"number": MOST_KEYS})
    key, secret = ApiKey.objects.create(
        user=membership.user, membership=membership, name=name, expiry=lasts, is_for_sending=is_for_sending
    )
    letter = letters.api_key_made(key)
    write_letter(f"api_key:{key.digest}", membership.user, letter, reverse("parks:api_key_list"))
    return key, secret


def delete_api_keys_of(user: User) -> None:
    """All keys of a person, in every place: whoever knew the old password may have made them."""
    with login_scope(Author(user.pk, user.name)):
        ApiKey.objects.filter(user=user).delete()


def revoke_api_key(*, actor: Actor, key_digest: str) -> bool:
    """Delete one of the actor's own keys; it stops at once. Whether there was such a key. Safe to repeat."""
    own = ApiKey.objects.filter(membership_id=actor.membership_id, pk=key_digest)
    deleted: int = own.delete()[0]
    return deleted > 0
