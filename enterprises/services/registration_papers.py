"""Documents of a registration: told by their content, kept under the park's key, never deleted from the record."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from enterprises.models import Registration, RegistrationPaper
from enterprises.services.registration import lock_editable
from enterprises.services.registration_ground import FILED_PAPERS, Invalid, save_columns
from lib.limits import spend
from parks.actors import Registrant
from parks.services.files import AcceptedFile, UnacceptableFile, accept_upload
from parks.services.papers import put_away, refuse_repeated

MOST_PAPERS = 20
MOST_UPLOADS = 100
"""Removed ones included, whose files stay: anybody may open an account, and the disk belongs to all."""
MOST_BYTES_A_DAY = 200 * 1024 * 1024
"""Of one person, in all drafts and parks together."""


@transaction.atomic
def attach_registration_paper(
    registrant: Registrant, registration: Registration, *, kind: str, upload: UploadedFile, now: datetime
) -> RegistrationPaper:
    """Keep a file with the registration. Counts as a revision: who files has seen every document.

    One scan may serve two kinds, a licence that is a certificate too; of one kind it stands once.
    """
    current = lock_editable(registrant, registration)
    if kind not in FILED_PAPERS:
        raise Invalid(_("There is no such kind of document."), field="kind")
    accepted = accept_upload(upload)
    refuse_repeated(current.papers.filter(removed_at=None, kind=kind), accepted)
    _refuse_too_many(current)
    _refuse_too_much(registrant, accepted)
    paper = RegistrationPaper.objects.create(
        park_id=current.park_id,
        registrant_id=current.registrant_id,
        registration=current,
        kind=kind,
        filed_with=current.round + 1,
        file=upload,
        **asdict(accepted),
        uploaded_by_id=registrant.user_id,
        uploaded_at=now,
    )
    save_columns(current, revision=current.revision + 1, saved_at=now)
    return paper


@transaction.atomic
def remove_registration_paper(registrant: Registrant, paper: RegistrationPaper, *, now: datetime) -> RegistrationPaper:
    """Take a document out of the registration; file and row stay for the record. Safe to repeat."""
    current = lock_editable(registrant, paper.registration)
    held = RegistrationPaper.objects.get(pk=paper.pk)
    if put_away(held, now):
        held.left_out_from = current.round + 1
        held.save(update_fields=["left_out_from"])
        save_columns(current, revision=current.revision + 1, saved_at=now)
    return held


def _refuse_too_many(registration: Registration) -> None:
    sent = list(registration.papers.all())
    if len(sent) >= MOST_UPLOADS:
        raise UnacceptableFile(_("Too many files were sent for this registration. Ask the park to take the others."))
    if sum(paper.removed_at is None for paper in sent) >= MOST_PAPERS:
        raise UnacceptableFile(_("A registration holds at most %(count)s documents.") % {"count": MOST_PAPERS})


def _refuse_too_much(registrant: Registrant, accepted: AcceptedFile) -> None:
    if not spend(f"registration-bytes:{registrant.user_id}", MOST_BYTES_A_DAY, timedelta(days=1), accepted.size_bytes):
        words = _("You have attached %(size)s in a day, which is the limit. Go on tomorrow, or attach a smaller file.")
        raise UnacceptableFile(words % {"size": filesizeformat(MOST_BYTES_A_DAY)})
