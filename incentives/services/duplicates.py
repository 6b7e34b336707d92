"""The same project, equipment or invoice claimed twice: found by the worker, answered by an official."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

import structlog
from django.db import transaction
from django.utils.translation import gettext as _

from incentives.choices import ClaimKind, DocumentKind, DuplicateVerdict
from incentives.duplicate_permissions import explain_no_answer
from incentives.events import duplicate_answered
from incentives.likeness import MOST_ASKED, MOST_NUMBERS, Project, alike
from incentives.models import Application, Claim, Duplicate
from incentives.queries.applications import kept_documents
from incentives.queries.duplicates import (
    CLAIMS_NOTHING,
    answered_together,
    comparable,
    granted_twins,
    project_values,
    same_of,
    sharing,
    still_claim_it,
)
from incentives.services.claimed_numbers import Numbers, are_too_many, explain_too_many, numbers_of
from incentives.services.ground import Invalid, StateChanged, refuse_if
from incentives.services.signatures import digest
from lib.refusals import Refusal
from lib.text import said
from parks.actors import Actor
from tenancy.locks import take_turns

# They say who somebody is, or that it is true: not what was bought and built.
OF_THE_FIRM = (DocumentKind.LICENCE, DocumentKind.STATEMENT)
Evidence = dict[str, Any]
logger = structlog.get_logger(__name__)


class DuplicateUnanswered(Refusal):
    """Something seems to be claimed elsewhere as well, and nobody has said whether it is."""

    code = "duplicate_unanswered"


class NotCompared(Refusal):
    """The worker has not yet looked for what else claims the same, since it was filed or reopened."""

    code = "not_compared"


class TooManyNumbers(Refusal):
    """It gives more numbers than are compared, so that nobody knows what it claims."""

    code = "too_many_numbers"


class GrantedAlready(Refusal):
    """An official has said that another application claims the same, and that one has been granted."""

    code = "granted_already"


@transaction.atomic
def find_duplicates(application_id: UUID, now: datetime) -> list[Duplicate]:
    """Compare a filed application with all others of its park, and keep what is found. Safe to repeat.

    One at a time in a park: of two that are filed at once, the second finds the first.
    """
    case = Application.objects.filter(pk=application_id)
    take_turns(f"incentives.duplicates:{case.values_list('park_id', flat=True).get()}")
    application = case.select_related("programme_version", "enterprise").get()
    if application.submitted_at is None:
        return []
    are_all_kept = _keep_claims(application)
    found = {} if application.state in CLAIMS_NOTHING else _evidence(application)
    known: dict[UUID, list[Duplicate]] = {}
    rows = Duplicate.objects.about(application).select_for_update(of=("self",)).order_by("id")
    for row in rows:
        known.setdefault(row.earlier_id if row.later_id == application.pk else row.later_id, []).append(row)
    kept, is_all_asked = _keep_all(application, found, known, now)
    # What was filed anew or decided meanwhile has a turn of its own, and so has what could not be asked yet.
    compared = case.filter(state=application.state, round=application.round)
    compared.update(compared_at=now if is_all_asked and are_all_kept else None)
    return kept


def _keep_all(
    application: Application, found: dict[UUID, list[Evidence]], known: dict[UUID, list[Duplicate]], now: datetime
) -> tuple[list[Duplicate], bool]:
    """The open rows of all pairs, and whether that is all there is to ask.

    A filing raises few questions at a time, of the most evidence first: with a list of guessed numbers it keeps itself
    waiting, and not everybody else.
    """
    kept: list[Duplicate] = []
    is_all_asked = True
    asked = {other_id for other_id, rows in known.items() if any(row.is_open for row in rows)}
    for other_id in sorted({*found, *known}, key=lambda key: (key not in asked, -len(found.get(key, [])), key)):
        evidence, rows = found.get(other_id, []), known.get(other_id, [])
        _follow_the_same(rows, evidence, now)
        if other_id not in asked and len(kept) >= MOST_ASKED and not _is_answered(rows, evidence):
            is_all_asked = False
            continue
        row = _keep(application, other_id, evidence, rows, now)
        if row is not None:
            kept.append(row)
    return kept, is_all_asked


def _keep_claims(application: Application) -> bool:
    """What this round claims, written once; whether that is all of it.

    Who files is told of too many numbers. What was filed with them all the same is found by the first ones alone, and
    is never taken for compared.
    """
    numbers = numbers_of(application)
    claims = {(claim.kind, claim.value): claim for claim in _claims(application, numbers)}
    Claim.objects.bulk_create(claims.values(), ignore_conflicts=True)
    if are_too_many(numbers):
        logger.warning("too_many_numbers_to_compare", application_id=str(application.pk), count=len(numbers))
    return not are_too_many(numbers)


def _claims(application: Application, numbers: Numbers) -> Iterator[Claim]:
    told = {"park_id": application.park_id, "application": application, "round": application.round}
    for document in kept_documents().filter(application=application).exclude(kind__in=OF_THE_FIRM):
        file = {"value": document.sha256, "shown": document.name, "place": document.kind, "document": document}
        yield Claim(kind=ClaimKind.DOCUMENT, **file, **told)
    for value in project_values(application):
        yield Claim(kind=ClaimKind.PROJECT, value=value, shown=application.project_title, **told)
    for (kind, value), (shown, place) in islice(numbers.items(), MOST_NUMBERS):
        yield Claim(kind=kind, value=value, shown=shown[:300], place=place, **told)


def _evidence(application: Application) -> dict[UUID, list[Evidence]]:
    """By the other application, all that speaks for its claiming the same."""
    found: dict[UUID, list[Evidence]] = {}
    for other, pairs in sharing(application).items():
        found[other.pk] = [_shared(application, other, own, its) for own, its in pairs]
    project = _project(application)
    for other in comparable(application):
        score = alike(project, _project(other))
        if score is not None:
            found.setdefault(other.pk, []).append(_same_project(application, other, score))
    return found


def _project(application: Application) -> Project:
    firm = application.enterprise
    told = (application.project_title, application.completed_on, application.investment_cny)
    return Project(firm.merged_into_id or firm.pk, *told)


def _shared(application: Application, other: Application, own: Claim, its: Claim) -> Evidence:
    return _piece(application, other, own.kind, own.value, _side(own), _side(its))


def _side(claim: Claim) -> dict[str, str]:
    return {"shown": claim.shown, "place": claim.place, "document": str(claim.document_id or "")}


def _same_project(application: Application, other: Application, score: float) -> Evidence:
    sides = ({"shown": case.project_title, "place": "project_title", "document": ""} for case in (application, other))
    value = _projects_value(application, other)
    return {**_piece(application, other, ClaimKind.PROJECT, value, *sides), "likeness": f"{score:.2f}"}


def _projects_value(application: Application, other: Application) -> str:
    later, earlier = max(application, other, key=_key_of), min(application, other, key=_key_of)
    return digest({"later": _told_of(later), "earlier": _told_of(earlier)})


def _key_of(application: Application) -> UUID:
    return application.pk


def _told_of(application: Application) -> list[str]:
    """What an answer about two projects is about: with another title, investment or month it is asked anew."""
    day, amount = application.completed_on, application.investment_cny
    return [
        application.project_title,
        "" if amount is None else f"{amount:.2f}",
        "" if day is None else f"{day.year:04}-{day.month:02}",
    ]


def _piece(
    application: Application, other: Application, kind: str, value: str, own: dict[str, str], its: dict[str, str]
) -> Evidence:
    later, earlier = (own, its) if application.pk > other.pk else (its, own)
    return {"kind": str(kind), "value": value, "later": later, "earlier": earlier}


def _keep(
    application: Application, other_id: UUID, evidence: list[Evidence], known: list[Duplicate], now: datetime
) -> Duplicate | None:
    """Bring the rows of one pair up to date; the open one, where there is one.

    What an official has answered is asked again only where something else has been found since.
    """
    waiting = next((row for row in known if row.is_open), None)
    if _is_answered(known, evidence):
        if waiting is not None:
            waiting.gone_at = now
            waiting.save(update_fields=["gone_at"])
        return None
    if waiting is None:
        later_id, earlier_id = max(application.pk, other_id), min(application.pk, other_id)
        pair = {"park_id": application.park_id, "later_id": later_id, "earlier_id": earlier_id}
        return Duplicate.objects.create(**pair, evidence=evidence, found_at=now)
    if waiting.evidence != evidence:
        waiting.evidence = evidence
        waiting.save(update_fields=["evidence"])
    return waiting


def _is_answered(known: list[Duplicate], evidence: list[Evidence]) -> bool:
    answered = {_key(piece) for row in known if row.verdict for piece in row.evidence}
    return all(_key(piece) in answered for piece in evidence)


def _follow_the_same(known: list[Duplicate], evidence: list[Evidence], now: datetime) -> None:
    """What was found to be the same bars a second grant only for as long as both sides claim it."""
    found = {_key(piece) for piece in evidence}
    for row in known:
        if row.verdict != DuplicateVerdict.SAME:
            continue
        # Also what so many came to claim, or are like, that it is not found any more: that undoes no answer.
        stands = any(_key(piece) in found for piece in row.evidence) or still_claim_it(row) or _are_as_they_were(row)
        if stands != (row.gone_at is None):
            row.gone_at = None if stands else now
            row.save(update_fields=["gone_at"])


def _are_as_they_were(row: Duplicate) -> bool:
    """Whether both sides claim the projects that the answer is about."""
    values = {piece["value"] for piece in row.evidence if piece["kind"] == ClaimKind.PROJECT}
    sides = list(Application.objects.filter(pk__in=[row.later_id, row.earlier_id]).exclude(state__in=CLAIMS_NOTHING))
    return bool(values) and len(sides) == 2 and _projects_value(*sides) in values


def _key(piece: Evidence) -> tuple[str, str]:
    return piece["kind"], piece["value"]


def evidence_mark(duplicate: Duplicate) -> str:
    """Another one where the evidence is another."""
    return digest({"evidence": duplicate.evidence})


def pairs_mark(duplicates: Iterable[Duplicate]) -> str:
    """Another one where the pairs are others."""
    return digest({"pairs": sorted(str(duplicate.pk) for duplicate in duplicates)})


@transaction.atomic
def answer_duplicate(
    actor: Actor,
    duplicate: Duplicate,
    *,
    verdict: str,
    reason: str,
    seen: str,
    now: datetime,
    for_all: bool = False,
    seen_others: str = "",
) -> list[Duplicate]:
    """Say whether it is the same, and why; kept for good. seen: the mark of the evidence that the page showed.

    for_all: that it is not the same is said of the pairs that share nothing else as well. seen_others: the mark of
    those that the page named. Answers those that were answered, the given one first.
    """
    ids = {duplicate.pk, *(row.pk for row in (answered_together(actor, duplicate) if for_all else ()))}
    related = Duplicate.objects.select_related("later__enterprise", "earlier__enterprise")
    held = related.filter(pk__in=ids).order_by("pk").select_for_update(of=("self",))
    rows = {row.pk: row for row in held}
    current = rows.pop(duplicate.pk)
    refuse_if(explain_no_answer(actor, current))
    if not current.is_open:
        raise StateChanged(_("This was answered, or has lost its evidence, since you opened it."))
    if evidence_mark(current) != seen:
        raise StateChanged(_("Other evidence was found since you opened this. Read it, then answer."))
    if verdict not in {DuplicateVerdict.SAME, DuplicateVerdict.DIFFERENT}:
        raise Invalid(_("Say whether it is the same."), field="verdict")
    if for_all and verdict != DuplicateVerdict.DIFFERENT:
        raise Invalid(_("That it is the same is said of one pair at a time."), field="for_all")
    if not said(reason):
        raise Invalid(_("Give the reason; it stays in the file."), field="reason")
    others = [row for row in rows.values() if _shares_only(row, current)]
    if for_all and pairs_mark(others) != seen_others:
        raise StateChanged(_("The further pairs are others since you opened this. Read the list, then answer."))
    answer = {"verdict": verdict, "reason": said(reason), "answered_at": now}
    answer |= {"answered_by_id": actor.user_id, "answered_by_name": actor.name}
    answered = [current, *others]
    Duplicate.objects.filter(pk__in=[row.pk for row in answered]).update(**answer)
    for row in answered:
        for name, value in answer.items():
            setattr(row, name, value)
    _ask_further(answered)
    return answered


def _shares_only(row: Duplicate, with_it: Duplicate) -> bool:
    """As it is now that it is held."""
    return row.is_open and {_key(piece) for piece in row.evidence} <= {_key(piece) for piece in with_it.evidence}


def _ask_further(answered: Iterable[Duplicate]) -> None:
    """A filing that had more to ask than may be asked at a time goes on."""
    sides = {side.pk: side for row in answered for side in (row.later, row.earlier) if side.compared_at is None}
    told = [{"park_id": side.park_id, "application_id": str(side.pk)} for side in sides.values()]
    duplicate_answered.publish_each(told)


def hold_answers(application_ids: Iterable[UUID]) -> None:
    """Of two that claim the same only one is granted at a time, until the end of the transaction.

    Behind the locks of the applications and before any programme, for all that are decided together at once.
    """
    for duplicate_id in same_of(application_ids).order_by("pk").values_list("pk", flat=True):
        take_turns(f"incentives.duplicate:{duplicate_id}")


def refuse_claimed_twice(application: Application) -> None:
    """Nothing is granted while it seems to be claimed elsewhere and nobody has looked, nor what is granted already."""
    hold_answers([application.pk])
    refusal = _claimed_twice(application)
    if refusal is not None:
        raise refusal


def explain_claimed_twice(application: Application) -> str:
    refusal = _claimed_twice(application)
    return "" if refusal is None else refusal.message


def _claimed_twice(application: Application) -> Refusal | None:
    unanswered = Duplicate.objects.about(application).unanswered().select_related("later", "earlier")
    numbers = _listed(row.other_than(application) for row in unanswered)
    if numbers:
        return DuplicateUnanswered(_("Say first whether the same is claimed in %(numbers)s.") % {"numbers": numbers})
    too_many = explain_too_many(application)
    if too_many:
        return TooManyNumbers(too_many)
    if application.compared_at is None:
        return NotCompared(_("It is still being compared with all other applications. Try again in a few minutes."))
    numbers = _listed(granted_twins(application))
    if numbers:
        words = _("The same has been granted in %(numbers)s already, and is not granted twice.")
        return GrantedAlready(words % {"numbers": numbers})
    return None


def _listed(applications: Iterable[Application]) -> str:
    return _(", ").join(sorted(application.number for application in applications))
