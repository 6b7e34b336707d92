"""What a person does with a file of the register: match its columns, start, stop and go on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from enterprises import events
from enterprises.choices import ImportState
from enterprises.models import RegisterImport, RegisterImportRow
from enterprises.permissions import can_register_enterprise, guard
from enterprises.services.imports.cells import IMPORTED
from enterprises.services.imports.steps import COUNTED, stop
from lib.refusals import Refusal
from parks.actors import Actor

UNMATCHED = frozenset({ImportState.UPLOADED, ImportState.CHECKED, ImportState.CANCELLED, ImportState.FAILED})


class ImportNotNow(Refusal):
    """The file is in another state than the act needs."""

    code = "import_not_now"


class MatchingUnclear(Refusal):
    code = "matching_unclear"


class CodesUnconfirmed(Refusal):
    code = "codes_unconfirmed"


@transaction.atomic
def match_columns(
    actor: Actor, register_import: RegisterImport, *, mapping: Mapping[str, int], now: datetime
) -> RegisterImport:
    """Say which column holds which fact, and have every row checked. What an earlier check found is forgotten."""
    current = _locked(actor, register_import)
    if current.state not in UNMATCHED or current.rows_done:
        raise ImportNotNow(_("The columns of this file cannot be matched any more."))
    _refuse_forgotten(current)
    _refuse_unclear(mapping, len(current.headings))
    RegisterImportRow.objects.filter(register_import=current).delete()
    current.mapping = dict(mapping)
    for name in COUNTED:
        setattr(current, name, 0)
    current.failure, current.is_code_confirmed = "", False
    _begin(current, ImportState.CHECKING, now)
    current.save()
    events.register_file_matched.publish(
        park_id=current.park_id, register_import_id=current.pk, by_user_id=actor.user_id
    )
    return current


def _refuse_unclear(mapping: Mapping[str, int], columns: int) -> None:
    if unknown := mapping.keys() - set(IMPORTED):
        raise ValueError(f"Not imported: {', '.join(sorted(unknown))}")
    if "credit_code" not in mapping:
        raise MatchingUnclear(_("Without the credit code no enterprise can be told from another."), field="credit_code")
    places: dict[int, str] = {}
    for name, place in mapping.items():
        if not 0 <= place < columns:
            raise MatchingUnclear(_("The file has no such column."), field=name)
        if place in places:
            raise MatchingUnclear(_("This column is matched already: each holds one fact."), field=name)
        places[place] = name


@transaction.atomic
def start_import(
    actor: Actor, register_import: RegisterImport, *, with_updates: bool, is_code_confirmed: bool, now: datetime
) -> RegisterImport:
    """Have the checked rows written into the register, those that change one only if wanted."""
    current = _locked(actor, register_import)
    if current.state not in {ImportState.CHECKED, ImportState.CANCELLED}:
        raise ImportNotNow(_("This file is not waiting to be imported."))
    if current.are_rows_forgotten(now):
        raise ImportNotNow(_("The rows of this check were deleted. Upload the file again."))
    if current.rows_to_confirm and not is_code_confirmed:
        raise CodesUnconfirmed(
            _("Compare the codes with the business licences and confirm them."), field="is_code_confirmed"
        )
    current.are_updates_wanted, current.is_code_confirmed = with_updates, is_code_confirmed
    if not current.rows_wanted:
        raise ImportNotNow(_("No row of this file would change the register."))
    _begin(current, ImportState.IMPORTING, now)
    current.save()
    events.register_import_started.publish(
        park_id=current.park_id, register_import_id=current.pk, by_user_id=actor.user_id
    )
    return current


@transaction.atomic
def cancel_import(actor: Actor, register_import: RegisterImport, *, now: datetime) -> RegisterImport:
    """Stop after the chunk in hand, at once where no worker is at it. What is imported stays. Safe to repeat."""
    current = _locked(actor, register_import)
    if current.state == ImportState.DONE:
        raise ImportNotNow(_("This file is imported already."))
    if current.is_running and not current.is_abandoned(now):
        current.is_cancel_asked = True
        current.save(update_fields=["is_cancel_asked"])
    elif current.state not in {ImportState.CANCELLED, ImportState.FAILED}:
        stop(current, now)
    return current


@transaction.atomic
def resume_import(actor: Actor, register_import: RegisterImport, *, now: datetime) -> RegisterImport:
    """Ask the worker again for a file it has left: it goes on after the last chunk. Safe to repeat."""
    current = _locked(actor, register_import)
    if not current.is_running:
        raise ImportNotNow(_("Nothing of this file is being done just now."))
    _refuse_forgotten(current)
    if current.is_abandoned(now):
        _leave_out_silence(current, now)
        current.save(update_fields=["beat_at", "started_at"])
        asked = (
            events.register_file_matched if current.state == ImportState.CHECKING else events.register_import_started
        )
        asked.publish(park_id=current.park_id, register_import_id=current.pk, by_user_id=actor.user_id)
    return current


def _leave_out_silence(current: RegisterImport, now: datetime) -> None:
    """The time in which nobody was at it tells nothing of how long the rest takes."""
    if current.started_at is not None:
        current.started_at += now - (current.beat_at or current.started_at)
    current.beat_at = now


def _refuse_forgotten(current: RegisterImport) -> None:
    if not current.file:
        raise ImportNotNow(_("This file was deleted some time after it was dealt with. Upload it again."))


def _begin(current: RegisterImport, state: ImportState, now: datetime) -> None:
    current.state, current.started_at, current.beat_at = state, now, now
    current.finished_at, current.is_cancel_asked = None, False


def _locked(actor: Actor, register_import: RegisterImport) -> RegisterImport:
    guard(can_register_enterprise(actor) and actor.park_id == register_import.park_id)
    return RegisterImport.objects.select_for_update(of=("self",)).get(pk=register_import.pk)
