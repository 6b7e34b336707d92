"""What happened becomes mail, gives seats on panels, and is compared."""

from __future__ import annotations

from typing import Any

from incentives import events, tasks


def tell_people(*, park_id: int, step_id: str, **_kwargs: Any) -> None:
    tasks.write_step_mails.delay(park_id=park_id, step_id=step_id)


def seat_experts(*, park_id: int, application_id: str, **_kwargs: Any) -> None:
    """Where the application waits for its panel now; elsewhere the task changes nothing."""
    tasks.seat_experts.delay(park_id=park_id, application_id=application_id)


def find_duplicates(*, park_id: int, application_id: str, **_kwargs: Any) -> None:
    tasks.find_duplicates.delay(park_id=park_id, application_id=application_id)


def tell_expert(*, park_id: int, seat_id: str, **_kwargs: Any) -> None:
    tasks.write_seat_letter.delay(park_id=park_id, seat_id=seat_id)


def make_dossier(*, park_id: int, application_id: str, request_key: str, by_user_id: int, **_kwargs: Any) -> None:
    tasks.make_dossier.delay(
        park_id=park_id, application_id=application_id, request_key=request_key, by_user_id=by_user_id
    )


def connect() -> None:
    """Subscribe; a second call changes nothing."""
    for event in (
        events.application_submitted,
        events.application_returned,
        events.application_accepted,
        events.application_decided,
        events.application_withdrawn,
        events.award_changed,
        events.appeal_filed,
        events.appeal_handled,
    ):
        event.connect(tell_people, dispatch_uid="incentives.tell_people")
    for event in (events.application_submitted, events.application_accepted):
        event.connect(seat_experts, dispatch_uid="incentives.seat_experts")
    for event in (
        events.application_submitted,
        events.application_decided,
        events.application_withdrawn,
        events.appeal_handled,
        events.duplicate_answered,
    ):
        event.connect(find_duplicates, dispatch_uid="incentives.find_duplicates")
    events.panel_seat_given.connect(tell_expert, dispatch_uid="incentives.tell_expert")
    events.dossier_requested.connect(make_dossier, dispatch_uid="incentives.make_dossier")
