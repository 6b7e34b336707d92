"""Answers typed into a returned registration: they stand apart, so that the park goes on reading what was filed."""

from __future__ import annotations

from typing import Any

from enterprises.choices import RegistrationState
from enterprises.models import Registration, UnfiledAnswers


def as_typed(registration: Registration) -> Registration:
    """The registration as its registrant left it. What differs from the row is for reading, and for filing."""
    for name, value in _unfiled(registration).items():
        setattr(registration, name, Registration._meta.get_field(name).to_python(value))  # type: ignore[union-attr]
    return registration


def keep_unfiled(registration: Registration, changes: dict[str, Any]) -> None:
    """Keep answers of a returned registration, whose row is locked."""
    UnfiledAnswers.objects.update_or_create(
        registration=registration,
        defaults={"answers": {**_unfiled(registration), **changes}},
        create_defaults={
            "park_id": registration.park_id,
            "registrant_id": registration.registrant_id,
            "answers": changes,
        },
    )


def take_unfiled(registration: Registration) -> dict[str, Any]:
    """What is filed now besides what stands in the row already. It stands apart no longer."""
    taken = {name: getattr(registration, name) for name in _unfiled(registration)}
    forget_unfiled(registration)
    return taken


def forget_unfiled(registration: Registration) -> None:
    if _unfiled(registration):
        UnfiledAnswers.objects.filter(registration=registration).update(answers={})


def _unfiled(registration: Registration) -> dict[str, Any]:
    if registration.state != RegistrationState.RETURNED:
        return {}
    kept: UnfiledAnswers | None = getattr(registration, "unfiled", None)
    return kept.answers if kept else {}
