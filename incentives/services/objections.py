"""Objections to awards on notice: taken from anybody, handled by officials.

Nobody can keep others from objecting: what is refused is refused to one sender alone. Where very much is sent, by
however many senders, files are not taken any more, and objections still are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import IO

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.template.defaultfilters import filesizeformat
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from incentives.award_permissions import explain_no_handling, explain_no_handlings
from incentives.choices import AwardState, ObjectionState
from incentives.models import Award, NoticeLine, Objection, ObjectionPaper
from incentives.services.awards import has_open_objections, hold_money_of, let_stand, lock_award, void_award
from incentives.services.ground import Invalid, StateChanged, refuse_if, refuse_invalid
from lib.constraints import refused_rule
from lib.file_types import JPEG, PDF, PNG
from lib.limits import give_back, spend
from lib.networks import network_of
from lib.refusals import Refusal
from lib.text import said
from parks.actors import Actor
from parks.services.files import UnacceptableFile, accept_upload, record_download

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MOST_OF_A_SENDER = 5
"""Objections of one sender to one award in an hour."""
MOST_OF_A_SENDER_IN_ALL = 30
"""The same to all awards of a park."""
MOST_PAPERS = 3
LARGEST_PAPER = 5 * 1024 * 1024
MOST_BYTES_OF_A_SENDER = 30 * 1024 * 1024
MOST_BYTES_OF_AN_AWARD = 100 * 1024 * 1024
MOST_BYTES_OF_A_PARK = 1024 * 1024 * 1024
"""Of files in a day."""
MOST_WITH_FILES_OF_AN_AWARD = 50
MOST_WITH_FILES_OF_A_PARK = 2000
"""Objections with files in a day."""
MOST_SET_ASIDE = 200
# What the guard of the table says of an objection that comes too late.
COMES_IN_TIME = "objections are filed while the notice runs"


class NoticeOver(Refusal):
    """The last working day of the notice has passed."""

    code = "notice_over"


class TooMany(Refusal):
    """More than one sender says in so short a time, or more files than are taken in a day."""

    code = "too_many"


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
    """Anybody objects to an award on notice. `sender` is the address that it comes from, of which a mark is kept.

    The public role may add these rows and read none.
    """
    if now > line.notice.ends_at:
        raise NoticeOver(_("The time to object has passed."))
    mark = mark_of(line.park_id, sender)
    given = {"name": said(name), "contact": said(contact), "text": said(text), "sender": mark}
    objection = Objection(park_id=line.park_id, line=line, **given, filed_at=now)
    refuse_invalid(objection, ("name", "contact", "text"))
    papers = _accepted(objection, uploads, now)
    _spend_attempt(line, mark, sum(paper.size_bytes for paper in papers))
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


def mark_of(park_id: int, sender: str) -> str:
    """Tells whether two objections came from one place, and not from which: the address itself is not kept."""
    return salted_hmac("incentives.objections", f"{park_id}:{network_of(sender)}", algorithm="sha256").hexdigest()[:16]


def _spend_attempt(line: NoticeLine, mark: str, size_bytes: int) -> None:
    """Of what is in order only: a file of another kind, or too much of files, costs nobody the right to object."""
    to_award, in_all = f"objection:{line.pk}:{mark}", f"objections:{line.park_id}:{mark}"
    if not _spend_all(((to_award, MOST_OF_A_SENDER, HOUR, 1), (in_all, MOST_OF_A_SENDER_IN_ALL, HOUR, 1))):
        raise TooMany(_("You have sent several objections. Wait an hour before the next, or write to the park."))
    if size_bytes and not _spend_all(_files_taken(line, mark, size_bytes)):
        give_back(to_award)
        give_back(in_all)
        text = _(
            "Very many files have been sent today. Send the objection without files, which is taken now, and say in it"
            " what you can show; the park asks you for it."
        )
        raise TooMany(text, field="uploads")


def _files_taken(line: NoticeLine, mark: str, size_bytes: int) -> list[tuple[str, int, timedelta, int]]:
    """Of a sender, of an award and of the park; the narrower first, so that who sends much spends their own."""
    return [
        (f"objection-bytes:{line.park_id}:{mark}", MOST_BYTES_OF_A_SENDER, DAY, size_bytes),
        (f"objection-bytes:{line.pk}", MOST_BYTES_OF_AN_AWARD, DAY, size_bytes),
        (f"objection-bytes:{line.park_id}", MOST_BYTES_OF_A_PARK, DAY, size_bytes),
        (f"objection-files:{line.pk}", MOST_WITH_FILES_OF_AN_AWARD, DAY, 1),
        (f"objection-files:{line.park_id}", MOST_WITH_FILES_OF_A_PARK, DAY, 1),
    ]


def _spend_all(limits: Iterable[tuple[str, int, timedelta, int]]) -> bool:
    """Count against each of several limits, or, where one is passed, against none."""
    spent: list[tuple[str, int]] = []
    for key, most, within, amount in limits:
        if not spend(key, most, within, amount):
            for earlier, counted in spent:
                give_back(earlier, counted)
            return False
        spent.append((key, amount))
    return True


def _accepted(objection: Objection, uploads: Sequence[UploadedFile], now: datetime) -> list[ObjectionPaper]:
    """Files of strangers: few, small, and of a kind that holds no program."""
    if len(uploads) > MOST_PAPERS:
        raise UnacceptableFile(_("An objection holds at most %(count)s files.") % {"count": MOST_PAPERS})
    if any((upload.size or 0) > LARGEST_PAPER for upload in uploads):
        limit = filesizeformat(LARGEST_PAPER)
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
    _answer([current], actor, ObjectionState.UPHELD if is_upheld else ObjectionState.DISMISSED, answer, now)
    if is_upheld and award.state in {AwardState.ON_NOTICE, AwardState.OBJECTED}:
        void_award(award, now)
    else:
        _stand_if_uncontested(award, now)
    return current


@transaction.atomic
def set_aside_objections(actor: Actor, objections: Iterable[Objection], *, answer: str, now: datetime) -> int:
    """Dismiss many objections at once, each with the same reasons; each stays with its award. All of them or none.

    Whoever is kept from one of the awards sets none of them aside. Answers how many there were.
    """
    known = list(objections)
    if not known:
        raise Invalid(_("Choose at least one objection."), field="objections")
    if len(known) > MOST_SET_ASIDE:
        text = _("At most %(count)s objections are set aside at once.")
        raise Invalid(text % {"count": MOST_SET_ASIDE}, field="objections")
    awards = _locked_awards(actor, known)
    rows = Objection.objects.filter(pk__in=[objection.pk for objection in known]).order_by("pk")
    current = list(rows.select_for_update(of=("self",)))
    if any(objection.state != ObjectionState.OPEN for objection in current):
        raise StateChanged(_("One of these objections has been handled already. Load the page again."))
    _answer(current, actor, ObjectionState.DISMISSED, answer, now)
    for award in awards:
        _stand_if_uncontested(award, now)
    return len(current)


def _locked_awards(actor: Actor, objections: Iterable[Objection]) -> list[Award]:
    """Those that the objections are about, behind their applications and programmes, as everybody locks them."""
    awards = {objection.line.award_id: objection.line.award for objection in objections}
    hold_money_of(awards.values())
    for refusal in explain_no_handlings(actor, [award.application_id for award in awards.values()]).values():
        refuse_if(refusal)
    return [lock_award(award) for award in sorted(awards.values(), key=lambda award: award.application_id)]


def _answer(objections: Iterable[Objection], actor: Actor, state: ObjectionState, answer: str, now: datetime) -> None:
    """Write the same decision into each, in one statement."""
    if not said(answer):
        raise Invalid(_("Give the reasons; they stay with the case."), field="answer")
    changes = {
        "state": state,
        "answer": said(answer),
        "handled_by_id": actor.user_id,
        "handled_by_name": actor.name,
        "handled_at": now,
    }
    written = list(objections)
    Objection.objects.filter(pk__in=[objection.pk for objection in written]).update(**changes)
    for objection in written:
        for name, value in changes.items():
            setattr(objection, name, value)


def _stand_if_uncontested(award: Award, now: datetime) -> None:
    """Of an award that waits for its objections alone; one whose notice runs is settled when it is over."""
    if award.state == AwardState.OBJECTED and not has_open_objections(award):
        let_stand(award, now)
