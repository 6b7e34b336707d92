"""Documents about an enterprise as a whole, and the reminders before they expire."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, datetime, timedelta

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from enterprises import events
from enterprises.calculations import REMINDED_BEFORE, reminder_due
from enterprises.choices import ENDED_STATUSES, PaperKind
from enterprises.models import ChangeRequest, Enterprise, EnterpriseLabel, EnterprisePaper, EnterpriseStep
from enterprises.permissions import can_keep_papers, can_read_papers, guard
from enterprises.services.ground import NotNow, lock_to_keep
from lib.identifiers import NIL
from lib.periods import local_day
from lib.refusals import Refusal
from parks.actors import Actor
from parks.models import Membership
from parks.services.files import UnacceptableFile, accept_upload, stored_bytes
from parks.services.papers import put_away, refuse_repeated

MOST_PAPERS = 100
REMINDED_A_STEP = 200
REMINDED_AFTER = timedelta(days=7)
"""How long after its last day a document is still reminded of, where nothing ran on that day."""


class ExpiredPaper(Refusal):
    code = "expired_paper"


@transaction.atomic
def attach_paper(
    actor: Actor,
    enterprise: Enterprise,
    *,
    kind: PaperKind,
    upload: UploadedFile,
    now: datetime,
    valid_until: date | None = None,
) -> EnterprisePaper:
    """Keep a document of the enterprise; its people are reminded before it expires."""
    guard(can_keep_papers(actor) and actor.park_id == enterprise.park_id)
    known = lock_to_keep(actor, enterprise)
    if valid_until is not None and valid_until < local_day(now, known.park.time_zone):
        raise ExpiredPaper(_("This document has expired already. Upload the one that is valid."), field="valid_until")
    accepted = accept_upload(upload)
    kept = EnterprisePaper.objects.filter(enterprise=known, removed_at=None)
    refuse_repeated(kept, accepted)
    if kept.count() >= MOST_PAPERS:
        raise UnacceptableFile(_("An enterprise keeps at most %(count)s documents.") % {"count": MOST_PAPERS})
    return EnterprisePaper.objects.create(
        park_id=known.park_id,
        enterprise=known,
        kind=kind,
        file=upload,
        valid_until=valid_until,
        uploaded_by_id=actor.user_id,
        uploaded_at=now,
        **asdict(accepted),
    )


def keep_evidence(
    actor: Actor, enterprise: Enterprise, evidence: UploadedFile | EnterprisePaper, *, now: datetime
) -> EnterprisePaper:
    """The document that proves a fact of a locked enterprise: one on file, or one sent now, which is kept with it.

    What is sent and on file already is refused: it stands there under another name, perhaps of another kind.
    """
    on_file = EnterprisePaper.objects.filter(enterprise=enterprise, removed_at=None)
    if isinstance(evidence, EnterprisePaper):
        found = on_file.filter(pk=evidence.pk).first()
        if found is None:
            raise NotNow(_("This document was removed meanwhile. Choose another, or send one."), field="document")
        return found
    known = on_file.filter(sha256=accept_upload(evidence).sha256).first()
    if known is not None:
        words = _("This is on file already, as “%(name)s”. Choose it there.") % {"name": known.name}
        raise NotNow(words, field="upload")
    return attach_paper(actor, enterprise, kind=PaperKind.EVIDENCE, upload=evidence, now=now)


@transaction.atomic
def change_expiry(actor: Actor, paper: EnterprisePaper, *, valid_until: date | None) -> EnterprisePaper:
    """Put right the last day of a document; the database begins the reminders anew. Safe to repeat.

    A day gone by is taken too: that is what may stand on the document.
    """
    guard(can_keep_papers(actor) and actor.park_id == paper.park_id)
    lock_to_keep(actor, paper.enterprise)
    held = EnterprisePaper.objects.get(pk=paper.pk)
    if held.removed_at is not None:
        raise NotNow(_("This document was removed meanwhile."))
    if held.valid_until != valid_until:
        held.valid_until = valid_until
        held.save(update_fields=["valid_until"])
        held.refresh_from_db(fields=["reminded_for"])
    return held


@transaction.atomic
def remove_paper(actor: Actor, paper: EnterprisePaper, *, now: datetime) -> EnterprisePaper:
    """Take a document off the list; file and row stay for the record. Safe to repeat.

    What was decided on it stays on the list, and what the park has added only the park takes off.
    """
    guard(can_keep_papers(actor) and actor.park_id == paper.park_id)
    lock_to_keep(actor, paper.enterprise)
    held = EnterprisePaper.objects.get(pk=paper.pk)
    if held.removed_at is not None:
        return held
    _refuse_evidence(held)
    if actor.is_enterprise_person:
        _refuse_park_paper(held)
    put_away(held, now)
    return held


def read_paper(actor: Actor, paper: EnterprisePaper) -> bytes:
    """The content, for `lib.downloads.attachment_response`. At most `settings.LARGEST_UPLOAD_BYTES`."""
    guard(can_read_papers(actor))
    return stored_bytes(paper)


def remind_of_expiry(park_id: int, now: datetime, time_zone: str) -> Iterator[None]:
    """Announce the documents of a park that expire in 60, 30 or 7 days or today, each once.

    So many before each `yield`, which commits them. Days are those of the park. Safe to repeat, also at the same time.
    """
    today = local_day(now, time_zone)
    last = NIL
    while papers := list(_watched(park_id, today).filter(pk__gt=last)[:REMINDED_A_STEP]):
        for paper in papers:
            _remind(paper, today)
        last = papers[-1].pk
        yield


def _watched(park_id: int, today: date) -> QuerySet[EnterprisePaper]:
    """Those that one may have to be reminded of, each locked as it is read; the most urgent word ends it."""
    within = (today - REMINDED_AFTER, today + timedelta(days=max(REMINDED_BEFORE)))
    papers = EnterprisePaper.objects.filter(park_id=park_id, removed_at=None, valid_until__range=within)
    open_ones = papers.filter(Q(reminded_for=None) | Q(reminded_for__gt=min(REMINDED_BEFORE)))
    return open_ones.exclude(enterprise__status__in=ENDED_STATUSES).order_by("pk").select_for_update(of=("self",))


def _remind(paper: EnterprisePaper, today: date) -> None:
    assert paper.valid_until is not None  # noqa: S101 - for the type checker: the query says so
    due = reminder_due((paper.valid_until - today).days, paper.reminded_for)
    if due is None:
        return
    paper.reminded_for = due
    paper.save(update_fields=["reminded_for"])
    events.paper_expires.publish(
        park_id=paper.park_id,
        enterprise_id=paper.enterprise_id,
        paper_id=paper.pk,
        valid_until=paper.valid_until.isoformat(),
        days_before=due,
    )


def _refuse_evidence(paper: EnterprisePaper) -> None:
    """What came of it may have ended: whoever asks later on what it was decided finds the document."""
    if EnterpriseLabel.objects.filter(evidence=paper).exists():
        raise NotNow(_("This document is the evidence of a label, so it stays on file."))
    if ChangeRequest.objects.filter(evidence=paper).exists():
        raise NotNow(_("This document is the evidence of a change request, so it stays on file."))
    if EnterpriseStep.objects.filter(evidence=paper).exists():
        raise NotNow(_("This document is the evidence of an entry in the history, so it stays on file."))


def _refuse_park_paper(paper: EnterprisePaper) -> None:
    """Whoever never had a place in the enterprise has added it for the park."""
    its_people = Membership.objects.of_enterprise(paper.park_id, paper.enterprise_id)
    if not its_people.filter(user_id=paper.uploaded_by_id).exists():
        raise NotNow(_("The park has added this document, so only the park can remove it."))
