"""Acts on the installation itself that nobody inside it could do."""

from __future__ import annotations

from datetime import datetime

from allauth.account.models import EmailAddress
from django.db import transaction

from accounts.models import User
from parks.choices import Role
from parks.models import ApiKey, Membership


@transaction.atomic
def make_operator(*, email: str, name: str, now: datetime) -> Membership:
    """Make the person with this address an operator, whatever they were before. Safe to repeat.

    A new account has no password: whoever reads the mail of the address sets one. One that exists is left as it is, its
    address unverified if it was: somebody else may have registered it. Roles and keys that had ended stay ended.
    """
    user = User.objects.with_address(email).first() or _new_person(email, name)
    membership, is_new = Membership.objects.select_for_update(of=("self",)).get_or_create(
        user=user, park=None, enterprise_id=None, defaults={"roles": [Role.OPERATOR], "created_at": now}
    )
    if is_new or (membership.is_active and Role.OPERATOR in membership.roles):
        return membership
    if not membership.is_active:
        ApiKey.objects.filter(membership=membership).delete()
    held = {Role.OPERATOR, *(membership.roles if membership.is_active else [])}
    membership.roles = [role for role in Role if role in held]
    membership.is_active, membership.ended_at = True, None
    membership.save(update_fields=["roles", "is_active", "ended_at"])
    return membership


def _new_person(email: str, name: str) -> User:
    user = User.objects.create_user(email, name)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user
