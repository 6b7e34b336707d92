"""What follows when allauth says that something happened to an account."""

from __future__ import annotations

from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.account.signals import password_changed, password_reset, password_set
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added
from allauth.usersessions.models import UserSession

from accounts.models import User
from accounts.permissions import BY_SECOND_FACTOR, SECOND_FACTORS, second_factors_of


def is_first_second_factor(user: User, authenticator: Authenticator) -> bool:
    return authenticator.type in SECOND_FACTORS and len(second_factors_of(user)) == 1


def trust_only_this_session(*, request: Any, user: User, authenticator: Authenticator, **_kwargs: Any) -> None:
    """Sessions from before the first second factor were opened with a password alone, perhaps a stolen one."""
    if is_first_second_factor(user, authenticator):
        for session in UserSession.objects.filter(user=user).exclude(session_key=request.session.session_key):
            session.end()
        record_authentication(request, user, method=BY_SECOND_FACTOR, id=authenticator.pk, type=str(authenticator.type))


def note_new_password(*, request: Any, user: User, **_kwargs: Any) -> None:
    request.chose_password = user


for _chosen in (password_changed, password_reset, password_set):
    _chosen.connect(note_new_password)
authenticator_added.connect(trust_only_this_session)
