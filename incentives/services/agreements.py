"""The agreement that park and enterprise sign about an award: kept by either side, asked for before money is paid."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from typing import IO

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from incentives.award_permissions import explain_no_agreement, explain_no_confirmation
from incentives.choices import AwardState, StepKind
from incentives.events import award_changed
from incentives.models import Agreement, Award
from incentives.services.ground import Invalid, StateChanged, add_step, announce, lock_application, refuse_if
from lib.file_types import JPEG, PDF, PNG
from lib.periods import local_day
from lib.refusals import Refusal
from parks.actors import Actor
from parks.services.files import UnacceptableFile, accept_upload, record_download
from parks.services.papers import refuse_repeated

MOST_AGREEMENTS = 10
KINDS = (PDF, PNG, JPEG)


class AgreementMissing(Refusal):
    """The programme pays nothing before both have signed."""

    code = "agreement_missing"


@transaction.atomic
def attach_agreement(actor: Actor, award: Award, *, upload: UploadedFile, signed_on: date, now: datetime) -> Agreement:
    """Keep the signed agreement with its award. A later one stands beside the earlier, which stays.

    What the enterprise sends opens nothing before an official has confirmed it.
    """
    application = lock_application(award.application)
    refuse_if(explain_no_agreement(actor, application))
    current = Award.objects.get(pk=award.pk)
    if current.state != AwardState.STANDS:
        raise StateChanged(_("An agreement belongs to an award that stands."))
    if signed_on < local_day(current.opened_at, application.park.time_zone):
        raise Invalid(_("An agreement cannot be signed before the award was approved."), field="signed_on")
    if signed_on > local_day(now, application.park.time_zone):
        raise Invalid(_("An agreement cannot be signed later than today."), field="signed_on")
    accepted = accept_upload(upload, kinds=KINDS)
    refuse_repeated(current.agreements.all(), accepted)
    if current.agreements.filter(is_by_official=actor.is_official).count() >= MOST_AGREEMENTS:
        text = _("Each side can attach at most %(count)s agreements to an award.")
        raise UnacceptableFile(text % {"count": MOST_AGREEMENTS})
    agreement = Agreement.objects.create(
        park_id=current.park_id,
        enterprise_id=current.enterprise_id,
        award=current,
        file=upload,
        signed_on=signed_on,
        **asdict(accepted),
        uploaded_by_id=actor.user_id,
        uploaded_by_name=actor.name,
        is_by_official=actor.is_official,
        uploaded_at=now,
    )
    announce(award_changed, add_step(actor, application, StepKind.AGREED, now))
    return agreement


@transaction.atomic
def confirm_agreement(actor: Actor, agreement: Agreement, *, now: datetime) -> Agreement:
    """Find that what the enterprise sent is what both have signed: money may be paid on it."""
    application = lock_application(agreement.award.application)
    refuse_if(explain_no_confirmation(actor, application))
    current = Agreement.objects.select_related("award").select_for_update(of=("self",)).get(pk=agreement.pk)
    if current.is_vouched_for:
        raise StateChanged(_("This agreement needs no confirmation any more."))
    if current.award.state != AwardState.STANDS:
        raise StateChanged(_("An agreement belongs to an award that stands."))
    current.confirmed_by_id, current.confirmed_by_name, current.confirmed_at = actor.user_id, actor.name, now
    current.save(update_fields=["confirmed_by", "confirmed_by_name", "confirmed_at"])
    announce(award_changed, add_step(actor, application, StepKind.AGREEMENT_CONFIRMED, now))
    return current


def open_agreement(agreement: Agreement) -> IO[bytes]:
    """To be handed out; who took it goes into the audit trail."""
    stored: IO[bytes] = agreement.file.open("rb")
    record_download(agreement)
    return stored


def refuse_without_agreement(award: Award) -> None:
    if award.application.programme_version.is_agreement_asked and not award.agreements.vouched_for().exists():
        raise AgreementMissing(
            _(
                "The programme asks for a signed agreement before the first payment. Attach it to the award, or confirm"
                " the one that the enterprise sent."
            )
        )
