"""What follows an approval: public notice, objections, and the award that stands or falls."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from decimal import Decimal
from typing import IO

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, connection, transaction
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from incentives.award_permissions import explain_no_handling, explain_no_notice
from incentives.choices import AwardState, ObjectionState, StepKind
from incentives.events import award_changed
from incentives.models import Application, ApplicationStep, Award, Notice, NoticeLine, Objection, ObjectionPaper
from incentives.services import ledger
from incentives.services.ground import (
    Invalid,
    StateChanged,
    lock_application,
    lock_applications,
    refuse_if,
    refuse_invalid,
)
from incentives.services.payment_plans import plan_instalments
from lib.constraints import refused_rule
from lib.file_types import JPEG, PDF, PNG
from lib.identifiers import uuid7
from lib.limits import give_back, spend
from lib.periods import local_day
from lib.refusals import Refusal
from parks.actors import Actor
from parks.queries.work_calendar import working_days_after
from parks.services.files import UnacceptableFile, accept_upload, record_download
from tenancy.scopes import current_scope

MOST_AWARDS_OF_A_NOTICE = 200
MOST_OBJECTIONS_AN_HOUR = 5
MOST_OBJECTION_PAPERS = 3
LARGEST_OBJECTION_PAPER = 5 * 1024 * 1024
MOST_BYTES_OF_A_DAY = 200 * 1024 * 1024
MOST_OBJECTIONS_OF_A_PARK = 200
# What the guard of the table says of an objection that comes too late.
COMES_IN_TIME = "objections are filed while the notice runs"


class NoticeOver(Refusal):
    """The last working day of the notice has passed."""

    code = "notice_over"


class TooMany(Refusal):
    """More than one person says in so short a time, or than a park is sent in a day."""

    code = "too_many"


def open_award(application: Application, now: datetime) -> Award:
    """Called by the approval that has reserved the money, in its transaction. Without a notice it stands at once."""
    award = Award.objects.create(
        park_id=application.park_id,
        enterprise_id=application.enterprise_id,
        application=application,
        amount_cny=application.approved_cny or Decimal(0),
        opened_at=now,
    )
    if not application.programme_version.notice_working_days:
        _stand(award, now)
    return award


@transaction.atomic
def publish_notice(actor: Actor, awards: Iterable[Award], *, now: datetime) -> Notice:
    """Tell everybody of awards under one version of a programme, for the working days that it sets."""
    refuse_if(explain_no_notice(actor))
    pending = _lock_awards(awards)
    if not pending:
        raise Invalid(_("Choose at least one award."), field="awards")
    if len(pending) > MOST_AWARDS_OF_A_NOTICE:
        text = _("A notice names at most %(count)s awards.")
        raise Invalid(text % {"count": MOST_AWARDS_OF_A_NOTICE}, field="awards")
    if any(award.state != AwardState.PENDING for award in pending):
        raise StateChanged(_("One of these awards is on notice already. Load the page again."))
    versions = {award.application.programme_version_id: award.application.programme_version for award in pending}
    if len(versions) > 1:
        raise Invalid(_("A notice names awards under one version of a programme."), field="awards")
    (version,) = versions.values()
    park = pending[0].application.park
    notice = Notice.objects.create(
        park=park,
        programme_version=version,
        number=_next_number(f"{version.code}-N-{local_day(now, park.time_zone).year}"),
        title_en=version.title_en,
        title_zh=version.title_zh,
        working_days=version.notice_working_days,
        published_at=now,
        ends_at=working_days_after(now, version.notice_working_days, park.time_zone),
    )
    NoticeLine.objects.bulk_create(NoticeLine(**_published(notice, award)) for award in pending)
    Award.objects.filter(pk__in=[award.pk for award in pending]).update(state=AwardState.ON_NOTICE)
    tell_each([(award, award.amount_cny) for award in pending], StepKind.NOTICED, now, due_at=notice.ends_at)
    return notice


def file_objection(
    line: NoticeLine,
    *,
    name: str,
    contact: str,
    text: str,
    sender: str,
    now: datetime,
    uploads: Sequence[UploadedFile] = (),
) -> Objection:
    """Anybody objects to an award on notice. `sender` is where it comes from, for the limit of how many.

    The public role may add these rows and read none.
    """
    if now > line.notice.ends_at:
        raise NoticeOver(_("The time to object has passed."))
    objection = Objection(
        park_id=line.park_id, line=line, name=name.strip(), contact=contact.strip(), text=text.strip(), filed_at=now
    )
    refuse_invalid(objection, ("name", "contact", "text"))
    papers = _accepted(objection, uploads, now)
    _spend_attempt(line.park_id, sender, sum(paper.size_bytes for paper in papers))
    try:
        with transaction.atomic():
            objection.save(force_insert=True)
            for paper in papers:
                paper.save(force_insert=True)
    except IntegrityError as error:
        if refused_rule(error) != COMES_IN_TIME:
            raise
        # The public role cannot read the award: the database knows that it waits for nothing any more.
        raise NoticeOver(_("This award is not open to objections any more.")) from error
    return objection


def _spend_attempt(park_id: int, sender: str, size_bytes: int) -> None:
    """Of what is in order only: a file of another kind, or too much of files, costs nobody the right to object."""
    hour, day = timedelta(hours=1), timedelta(days=1)
    by_sender, by_park = f"objection:{park_id}:{sender}", f"objections:{park_id}"
    if not spend(by_sender, MOST_OBJECTIONS_AN_HOUR, hour):
        raise TooMany(_("You have sent several objections. Wait an hour before the next, or write to the park."))
    if not spend(by_park, MOST_OBJECTIONS_OF_A_PARK, day):
        raise TooMany(_("The park has been sent very many objections today. Try again tomorrow, or write to it."))
    if size_bytes and not spend(f"objection-bytes:{park_id}", MOST_BYTES_OF_A_DAY, day, size_bytes):
        give_back(by_sender)
        give_back(by_park)
        text = _("The park has been sent very many files today. Send the objection without files, which it takes now.")
        raise TooMany(text, field="uploads")


def _accepted(objection: Objection, uploads: Sequence[UploadedFile], now: datetime) -> list[ObjectionPaper]:
    """Files of strangers: few, small, and of a kind that holds no program."""
    if len(uploads) > MOST_OBJECTION_PAPERS:
        raise UnacceptableFile(_("An objection holds at most %(count)s files.") % {"count": MOST_OBJECTION_PAPERS})
    if any((upload.size or 0) > LARGEST_OBJECTION_PAPER for upload in uploads):
        limit = filesizeformat(LARGEST_OBJECTION_PAPER)
        raise UnacceptableFile(_("The file is larger than %(limit)s.") % {"limit": limit})
    papers: list[ObjectionPaper] = []
    for upload in uploads:
        accepted = accept_upload(upload, kinds=(PDF, PNG, JPEG))
        if any(accepted.sha256 == paper.sha256 for paper in papers):
            raise UnacceptableFile(_("This file is attached already, as “%(name)s”.") % {"name": accepted.name})
        owned = {"park_id": objection.park_id, "objection": objection, "uploaded_at": now}
        papers.append(ObjectionPaper(**owned, file=upload, **asdict(accepted)))
    return papers


def open_objection_paper(paper: ObjectionPaper) -> IO[bytes]:
    """To be handed out to an official; who took it goes into the audit trail."""
    stored: IO[bytes] = paper.file.open("rb")
    record_download(paper)
    return stored


@transaction.atomic
def handle_objection(actor: Actor, objection: Objection, *, is_upheld: bool, answer: str, now: datetime) -> Objection:
    """Uphold an objection, which voids the award and frees its money, or dismiss it, each with reasons."""
    award = lock_award(objection.line.award)
    refuse_if(explain_no_handling(actor, award.application))
    current = Objection.objects.select_for_update(of=("self",)).select_related("line__notice").get(pk=objection.pk)
    if current.state != ObjectionState.OPEN:
        raise StateChanged(_("This objection has been handled already."))
    if not answer.strip():
        raise Invalid(_("Give the reasons; they stay with the case."), field="answer")
    current.state = ObjectionState.UPHELD if is_upheld else ObjectionState.DISMISSED
    current.answer = answer.strip()
    current.handled_by_id, current.handled_by_name, current.handled_at = actor.user_id, actor.name, now
    current.save(update_fields=["state", "answer", "handled_by", "handled_by_name", "handled_at"])
    if is_upheld and award.state in {AwardState.ON_NOTICE, AwardState.OBJECTED}:
        _void(award, now)
    elif award.state == AwardState.OBJECTED and not _has_open_objections(award):
        _stand(award, now)
    return current


@transaction.atomic
def settle_notices(now: datetime) -> int:
    """Of the park of the scope: after the last working day awards stand unless an objection is open. Repeatable.

    Answers how many awards changed.
    """
    over = Award.objects.filter(state=AwardState.ON_NOTICE, notice_line__notice__ends_at__lt=now)
    changed = 0
    # All of them before any programme, in one order, as everybody locks them.
    lock_applications(over.values("application_id"))
    for award in over.order_by("application_id"):
        current = lock_award(award)
        if current.state != AwardState.ON_NOTICE:
            continue
        if _has_open_objections(current):
            _change(current, AwardState.OBJECTED)
        else:
            _stand(current, now)
        changed += 1
    return changed


def lock_award(award: Award) -> Award:
    """The award as it is now, behind the lock of its application."""
    application = lock_application(award.application)
    current = Award.objects.select_for_update(of=("self",)).get(pk=award.pk)
    current.application = application
    return current


def _lock_awards(awards: Iterable[Award]) -> list[Award]:
    """The same of many, in the order in which everybody locks applications."""
    known = list(awards)
    lock_applications([award.application_id for award in known])
    related = Award.objects.select_related(
        "application__programme_version", "application__park", "application__enterprise"
    )
    rows = related.filter(pk__in=[award.pk for award in known]).order_by("application_id")
    return list(rows.select_for_update(of=("self",)))


def tell(
    award: Award,
    kind: StepKind,
    now: datetime,
    comment: str = "",
    *,
    amount_cny: Decimal | None = None,
    due_at: datetime | None = None,
) -> None:
    """Write the timeline, in the name of whoever acts, and have people told."""
    steps = [_step(award, kind, now, comment, amount_cny=amount_cny, due_at=due_at)]
    _announce(ApplicationStep.objects.bulk_create(steps))


def tell_each(
    told: Iterable[tuple[Award, Decimal]], kind: StepKind, now: datetime, *, due_at: datetime | None = None
) -> None:
    """The same of many awards, each with its amount, in as many statements."""
    steps = [_step(award, kind, now, amount_cny=amount_cny, due_at=due_at) for award, amount_cny in told]
    _announce(ApplicationStep.objects.bulk_create(steps))


def _step(
    award: Award,
    kind: StepKind,
    now: datetime,
    comment: str = "",
    *,
    amount_cny: Decimal | None = None,
    due_at: datetime | None = None,
) -> ApplicationStep:
    return ApplicationStep(
        park_id=award.park_id,
        enterprise_id=award.enterprise_id,
        application_id=award.application_id,
        kind=kind,
        at=now,
        by_name=current_scope().author.name,
        is_by_official=True,
        comment=comment,
        due_at=due_at,
        amount_cny=award.amount_cny if amount_cny is None else amount_cny,
    )


def _announce(steps: Iterable[ApplicationStep]) -> None:
    award_changed.publish_each(
        {"park_id": step.park_id, "application_id": str(step.application_id), "step_id": str(step.pk)} for step in steps
    )


def _stand(award: Award, now: datetime) -> None:
    ledger.commit(award.application, now)
    award.stands_at = now
    _change(award, AwardState.STANDS, "stands_at")
    plan_instalments(award)
    if award.application.programme_version.notice_working_days:
        tell(award, StepKind.STANDS, now)


def _void(award: Award, now: datetime) -> None:
    ledger.release(award.application, now, _("An objection was upheld."))
    award.ended_at = now
    _change(award, AwardState.VOID, "ended_at")
    tell(award, StepKind.VOIDED, now)


def _change(award: Award, state: AwardState, *columns: str) -> None:
    award.state = state
    award.save(update_fields=["state", *columns])


def _has_open_objections(award: Award) -> bool:
    return Objection.objects.filter(line__award=award, state=ObjectionState.OPEN).exists()


def _published(notice: Notice, award: Award) -> dict[str, object]:
    application = award.application
    return {
        "park_id": notice.park_id,
        "notice": notice,
        "award": award,
        "number": application.number,
        "enterprise_name_en": application.enterprise.name_en,
        "enterprise_name_zh": application.enterprise.name_zh,
        "project_title": application.project_title,
        "amount_cny": award.amount_cny,
    }


def _next_number(series: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT incentives_next_number(%s, %s)", [series, uuid7()])
        (number,) = cursor.fetchone()
    return f"{series}-{number:03}"
