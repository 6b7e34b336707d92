"""What follows when something happened to people and parks: only tasks are enqueued here."""

from __future__ import annotations

from typing import Any

from parks import events, tasks


def tell_inviter(*, invitation_id: int, membership_id: int, **_kwargs: Any) -> None:
    tasks.tell_of_acceptance.delay(invitation_id=invitation_id, membership_id=membership_id)


def tell_of_roles(*, membership_id: int, roles: list[str], at: str, by_name: str, **_kwargs: Any) -> None:
    tasks.tell_of_roles.delay(membership_id=membership_id, roles=roles, at=at, by_name=by_name)


def tell_of_end(*, membership_id: int, at: str, by_name: str, **_kwargs: Any) -> None:
    tasks.tell_of_end.delay(membership_id=membership_id, at=at, by_name=by_name)


events.invitation_accepted.connect(tell_inviter)
events.membership_roles_changed.connect(tell_of_roles)
events.membership_ended.connect(tell_of_end)
