"""Appeals against declined applications: filed within sixty days, ruled on by somebody who did not decide before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import IO, cast

from django.core.files.uploadedfile import UploadedFile
from django.db import connection, transaction
from django.utils.translation import gettext as _

from incentives.award_permissions import explain_no_appeal, explain_no_ruling
from incentives.choices import ApplicationState, ObjectionState, StepKind
from incentives.events import appeal_filed, appeal_handled
from incentives.models import Appeal, AppealPaper, Application
from incentives.services.ground import (
    Invalid,
    StateChanged,
    add_step,
    announce,
    lock_application,
    refuse_if,
    refuse_invalid,
    save_changes,
)
from incentives.services.stages import into_stage, next_stage
from lib.periods import local_day
from lib.refusals import Refusal
from lib.text import said
from parks.actors import Actor
from parks.services.files import UnacceptableFile, accept_upload, record_download
from parks.services.papers import refuse_repeated

MOST_PAPERS = 5


class AppealOver(Refusal):
    """The sixty days have passed."""

    code = "appeal_over"


def appeal_until(application: Application) -> date | None:
    """The last day on which the decision can be appealed, by the park's clock; None where none can be.

    Sixty days, and as many more as the enterprise was suspended meanwhile: then it can write nothing. The database
    answers, which refuses what comes later by the same function.
    """
    if application.state != ApplicationState.DECLINED:
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT incentives_appeal_until(%s)", [application.pk])
        (last,) = cursor.fetchone()
    return cast("date | None", last)


@transaction.atomic
def file_appeal(
    actor: Actor, application: Application, *, reasons: str, uploads: Sequence[UploadedFile], now: datetime
) -> Appeal:
    """Say why the decision is wrong, with what proves it. Once for each decision."""
    current = lock_application(application)
    refuse_if(explain_no_appeal(actor, current))
    until, decided_at = appeal_until(current), current.decided_at
    if until is None or decided_at is None:
        raise StateChanged(_("Only an application that was declined can be appealed."))
    if local_day(now, current.park.time_zone) > until:
        raise AppealOver(_("The sixty days in which a decision can be appealed have passed."))
    if current.appeals.filter(decided_at=decided_at).exists():
        raise StateChanged(_("An appeal against this decision was filed already."))
    appeal = Appeal(
        park_id=current.park_id,
        enterprise_id=current.enterprise_id,
        application=current,
        decided_at=decided_at,
        reasons=said(reasons),
        filed_at=now,
        filed_by_id=actor.user_id,
        filed_by_name=actor.name,
    )
    refuse_invalid(appeal, ("reasons",))
    appeal.save(force_insert=True)
    _keep(actor, appeal, uploads, now)
    announce(appeal_filed, add_step(actor, current, StepKind.APPEALED, now, appeal.reasons))
    return appeal


@transaction.atomic
def handle_appeal(actor: Actor, appeal: Appeal, *, is_upheld: bool, answer: str, now: datetime) -> Appeal:
    """Dismiss it, or uphold it: the application then waits again in the stage that declined it, for somebody else."""
    current = lock_application(appeal.application)
    refuse_if(explain_no_ruling(actor, current))
    held = Appeal.objects.select_for_update(of=("self",)).get(pk=appeal.pk)
    if held.state != ObjectionState.OPEN:
        raise StateChanged(_("This appeal has been handled already."))
    if not said(answer):
        raise Invalid(_("Give the reasons; the enterprise reads them."), field="answer")
    held.state = ObjectionState.UPHELD if is_upheld else ObjectionState.DISMISSED
    held.answer = said(answer)
    held.handled_by_id, held.handled_by_name, held.handled_at = actor.user_id, actor.name, now
    held.save(update_fields=["state", "answer", "handled_by", "handled_by_name", "handled_at"])
    if is_upheld:
        _reopen(current, now)
    kind = StepKind.APPEAL_UPHELD if is_upheld else StepKind.APPEAL_DISMISSED
    announce(appeal_handled, add_step(actor, current, kind, now, held.answer))
    return held


def open_appeal_paper(paper: AppealPaper) -> IO[bytes]:
    """To be handed out; who took it goes into the audit trail."""
    stored: IO[bytes] = paper.file.open("rb")
    record_download(paper)
    return stored


def _reopen(application: Application, now: datetime) -> None:
    following = next_stage(application)
    if following is None:  # pragma: no cover - a stage that declines is not done
        raise AssertionError("a declined application has no stage to go on in")
    save_changes(application, decided_at=None, **into_stage(application, following, now))


def _keep(actor: Actor, appeal: Appeal, uploads: Sequence[UploadedFile], now: datetime) -> None:
    if len(uploads) > MOST_PAPERS:
        raise UnacceptableFile(_("An appeal holds at most %(count)s files.") % {"count": MOST_PAPERS})
    for upload in uploads:
        accepted = accept_upload(upload)
        refuse_repeated(appeal.papers.all(), accepted)
        AppealPaper.objects.create(
            park_id=appeal.park_id,
            enterprise_id=appeal.enterprise_id,
            appeal=appeal,
            file=upload,
            **asdict(accepted),
            uploaded_by_id=actor.user_id,
            uploaded_at=now,
        )
