"""Labels that a park gives its enterprises."""

from __future__ import annotations

from datetime import date, datetime

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from enterprises.choices import LabelKind
from enterprises.models import Enterprise, EnterpriseLabel, EnterprisePaper
from enterprises.permissions import can_register_enterprise, guard
from enterprises.services.ground import NotNow, lock_enterprise, refuse_ended, refuse_partial
from enterprises.services.papers import keep_evidence
from lib.refusals import Refusal
from parks.actors import Actor


class LabelGiven(Refusal):
    code = "label_given"


class LabelBackwards(Refusal):
    code = "label_backwards"


class LabelUnproven(Refusal):
    code = "label_unproven"


@transaction.atomic
def give_label(
    actor: Actor,
    enterprise: Enterprise,
    *,
    kind: LabelKind,
    valid_from: date,
    now: datetime,
    valid_until: date | None = None,
    evidence: UploadedFile | EnterprisePaper | None = None,
    note: str = "",
) -> EnterpriseLabel:
    """One label of a kind at a time: an earlier one is ended first.

    Evidence is a document of this enterprise; without one, `note` says what else proves it: a number, a list, a notice.
    """
    guard(can_register_enterprise(actor) and actor.park_id == enterprise.park_id)
    known = lock_enterprise(enterprise)
    refuse_ended(known)
    refuse_partial(actor, known)
    if valid_until is not None and valid_until < valid_from:
        raise LabelBackwards(_("A label cannot end before it begins."), field="valid_until")
    if evidence is None and not note.strip():
        raise LabelUnproven(
            _("Choose or send a document, or name the certificate, list or notice that proves it."), field="note"
        )
    if EnterpriseLabel.objects.filter(enterprise=known, kind=kind, ended_at=None).exists():
        raise LabelGiven(_("The enterprise has this label already. End that one first."), field="kind")
    paper = keep_evidence(actor, known, evidence, now=now) if evidence else None
    return EnterpriseLabel.objects.create(
        park_id=known.park_id,
        enterprise=known,
        kind=kind,
        valid_from=valid_from,
        valid_until=valid_until,
        evidence=paper,
        note=note,
        given_by_id=actor.user_id,
        given_by_name=actor.name,
        given_at=now,
    )


@transaction.atomic
def end_label(actor: Actor, label: EnterpriseLabel, *, reason: str, now: datetime) -> EnterpriseLabel:
    """Take a label back; it stays on record."""
    guard(can_register_enterprise(actor) and actor.park_id == label.park_id)
    known = lock_enterprise(label.enterprise)
    refuse_partial(actor, known)
    held = EnterpriseLabel.objects.select_for_update(of=("self",)).get(pk=label.pk)
    if held.ended_at is not None:
        raise NotNow(_("This label has ended already."))
    held.ended_at, held.end_reason = now, reason
    held.save(update_fields=["ended_at", "end_reason"])
    return held
