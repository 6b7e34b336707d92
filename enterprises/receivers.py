"""What happened becomes mail, and work on the files of the register."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from enterprises import events, tasks


def tell_of_change(*, park_id: int, change_request_id: str, **_kwargs: Any) -> None:
    tasks.write_change_mails.delay(park_id=park_id, change_request_id=change_request_id)


def tell_of_standing(*, park_id: int, step_id: str, owner_ids: list[int], **_kwargs: Any) -> None:
    tasks.write_standing_mails.delay(park_id=park_id, step_id=step_id, owner_ids=owner_ids)


def tell_of_correction(*, park_id: int, step_id: str | None = None, **_kwargs: Any) -> None:
    if step_id:
        tasks.write_correction_mails.delay(park_id=park_id, step_ids=[step_id])


def tell_of_import(*, park_id: int, step_ids: Sequence[str] = (), **_kwargs: Any) -> None:
    if step_ids:
        tasks.write_correction_mails.delay(park_id=park_id, step_ids=list(step_ids))


def tell_of_ownership(*, park_id: int, step_id: str, membership_ids: list[int], **_kwargs: Any) -> None:
    tasks.write_ownership_mails.delay(park_id=park_id, step_id=step_id, membership_ids=membership_ids)


def tell_of_expiry(*, park_id: int, paper_id: str, valid_until: str, days_before: int, **_kwargs: Any) -> None:
    tasks.write_expiry_mails.delay(park_id=park_id, paper_id=paper_id, valid_until=valid_until, days_before=days_before)


def tell_of_draft(*, park_id: int, registration_id: str, registrant_id: int, **_kwargs: Any) -> None:
    tasks.write_resume_mail.delay(park_id=park_id, registration_id=registration_id, registrant_id=registrant_id)


def tell_of_filing(*, park_id: int, step_id: str, **_kwargs: Any) -> None:
    tasks.write_registration_mails.delay(park_id=park_id, step_id=step_id)


def compare_names(*, park_id: int, registration_id: str, **_kwargs: Any) -> None:
    tasks.work_out_likeness.delay(park_id=park_id, registration_id=registration_id)


def check_register_file(*, park_id: int, register_import_id: str, by_user_id: int, **_kwargs: Any) -> None:
    tasks.check_register_import.delay(park_id=park_id, register_import_id=register_import_id, by_user_id=by_user_id)


def import_register_file(*, park_id: int, register_import_id: str, by_user_id: int, **_kwargs: Any) -> None:
    tasks.import_rows.delay(park_id=park_id, register_import_id=register_import_id, by_user_id=by_user_id)


def tell_of_decision(*, park_id: int, step_id: str, **_kwargs: Any) -> None:
    tasks.write_decision_mail.delay(park_id=park_id, step_id=step_id)


def tell_of_merge(
    *, park_id: int, enterprise_id: str, merged_into_id: str, membership_ids: list[int], **_kwargs: Any
) -> None:
    tasks.write_merge_mails.delay(
        park_id=park_id, ended_id=enterprise_id, merged_into_id=merged_into_id, membership_ids=membership_ids
    )


def connect() -> None:
    """Subscribe; a second call changes nothing."""
    events.registration_begun.connect(tell_of_draft, dispatch_uid="enterprises.tell_of_draft")
    for event in (events.registration_submitted, events.registration_withdrawn):
        event.connect(tell_of_filing, dispatch_uid="enterprises.tell_of_filing")
    events.registration_submitted.connect(compare_names, dispatch_uid="enterprises.compare_names")
    for event in (events.change_requested, events.change_decided):
        event.connect(tell_of_change, dispatch_uid="enterprises.tell_of_change")
    events.standing_changed.connect(tell_of_standing, dispatch_uid="enterprises.tell_of_standing")
    events.enterprise_updated.connect(tell_of_correction, dispatch_uid="enterprises.tell_of_correction")
    events.enterprises_imported.connect(tell_of_import, dispatch_uid="enterprises.tell_of_import")
    events.ownership_changed.connect(tell_of_ownership, dispatch_uid="enterprises.tell_of_ownership")
    events.paper_expires.connect(tell_of_expiry, dispatch_uid="enterprises.tell_of_expiry")
    events.register_file_matched.connect(check_register_file, dispatch_uid="enterprises.check_register_file")
    events.register_import_started.connect(import_register_file, dispatch_uid="enterprises.import_register_file")
    for event in (
        events.registration_returned,
        events.registration_approved,
        events.registration_rejected,
        events.registration_joined,
    ):
        event.connect(tell_of_decision, dispatch_uid="enterprises.tell_of_decision")
    events.enterprises_merged.connect(tell_of_merge, dispatch_uid="enterprises.tell_of_merge")
