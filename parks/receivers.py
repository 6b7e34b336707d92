"""What follows when something happened to people and parks: tasks are enqueued.

Only what must not wait is done at once: keys of the API that an account must no longer have.
"""

from __future__ import annotations

from typing import Any

from allauth.account.signals import password_changed, password_reset, password_set
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added

from accounts.models import User
from accounts.receivers import is_first_second_factor
from parks import events, services, tasks


def tell_inviter(*, invitation_id: int, membership_id: int, **_kwargs: Any) -> None:
    tasks.tell_of_acceptance.delay(invitation_id=invitation_id, membership_id=membership_id)


def tell_of_invited_administrator(*, invitation_id: int, at: str, **_kwargs: Any) -> None:
    tasks.tell_of_invited_administrator.delay(invitation_id=invitation_id, at=at)


def tell_of_roles(*, membership_id: int, roles: list[str], at: str, by_name: str, **_kwargs: Any) -> None:
    tasks.tell_of_roles.delay(membership_id=membership_id, roles=roles, at=at, by_name=by_name)


def tell_of_end(*, membership_id: int, at: str, by_name: str, **_kwargs: Any) -> None:
    tasks.tell_of_end.delay(membership_id=membership_id, at=at, by_name=by_name)


def forget_keys(*, user: User, **_kwargs: Any) -> None:
    services.delete_api_keys_of(user)


def forget_keys_without_second_factor(*, user: User, authenticator: Authenticator, **_kwargs: Any) -> None:
    """Those from before the first second factor were made with a password alone."""
    if is_first_second_factor(user, authenticator):
        services.delete_api_keys_of(user)


for changed in (password_changed, password_reset, password_set):
    changed.connect(forget_keys)
authenticator_added.connect(forget_keys_without_second_factor)
events.invitation_accepted.connect(tell_inviter)
events.administrator_invited.connect(tell_of_invited_administrator)
events.membership_roles_changed.connect(tell_of_roles)
events.membership_ended.connect(tell_of_end)
