"""What happened becomes mail."""

from __future__ import annotations

from typing import Any

from incentives import events, tasks


def tell_people(*, park_id: int, step_id: str, **_kwargs: Any) -> None:
    tasks.write_step_mails.delay(park_id=park_id, step_id=step_id)


def connect() -> None:
    """Subscribe; a second call changes nothing."""
    for event in (
        events.application_submitted,
        events.application_returned,
        events.application_accepted,
        events.application_decided,
        events.application_withdrawn,
        events.award_changed,
    ):
        event.connect(tell_people, dispatch_uid="incentives.tell_people")
