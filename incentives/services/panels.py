"""Expert panels: seats given by turn to experts without a tie, scores sent once, blind on both sides."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.services import write_to_each
from incentives.choices import Outcome, Stage
from incentives.events import panel_seat_given
from incentives.models import Application, ApplicationDocument, PanelSeat
from incentives.permissions import READERS, can_decide_somewhere, can_score, explain_tie, unbarred
from incentives.services import letters
from incentives.services.ground import Invalid, StateChanged, lock_application, refuse_if
from incentives.services.review import go_on, record_review
from lib.formatting import day
from lib.periods import local_day
from lib.text import said
from parks.actors import Actor
from parks.choices import Role
from parks.models import Membership
from parks.services.files import stored_bytes
from parks.services.mailing import people_of
from parks.services.wording import wording_of

TENTH = Decimal("0.1")


@transaction.atomic
def seat_experts(application_id: UUID, *, now: datetime) -> list[PanelSeat]:
    """Fill the empty seats of an application that waits for its panel; answers the new ones. Safe to repeat.

    Who has a tie to the enterprise, acted in another stage, left this panel before, or may read whose case it is, is
    left out. Who scored the round before sits again; then those with the fewest open cases, then with the fewest ever.
    """
    current = lock_application(Application.objects.get(pk=application_id))
    if current.stage != Stage.PANEL or current.has_ended or current.is_editable:
        return []
    taken = PanelSeat.objects.of_round(current).seated().count()
    missing = max(_seats_of(current) - taken, 0)
    chosen = _experts_for(current)[:missing]
    seats = [
        PanelSeat.objects.create(
            park_id=current.park_id,
            application=current,
            expert_id=membership.user_id,
            expert_name=membership.user.name,
            round=current.round,
            assigned_at=now,
        )
        for membership in chosen
    ]
    for seat in seats:
        panel_seat_given.publish(park_id=seat.park_id, seat_id=str(seat.pk))
    return seats


def _seats_of(application: Application) -> int:
    stages = application.programme_version.stages
    return next((int(ask["approvals"]) for ask in stages if ask["stage"] == Stage.PANEL), 0)


def _experts_for(application: Application) -> list[Membership]:
    """Who may sit on the panel and does not yet, in the order in which seats are given."""
    staff = Membership.objects.of_staff(application.park_id).filter(is_active=True).with_role(Role.EXPERT)
    seen = PanelSeat.objects.filter(application=application)
    gone = set(seen.filter(Q(left_at__isnull=False) | Q(round=application.round)).values_list("expert_id", flat=True))
    before = set(seen.filter(scored_at__isnull=False).values_list("expert_id", flat=True))
    able = [
        membership
        for membership in unbarred(staff, application, Stage.PANEL).select_related("user")
        if membership.user_id not in gone and not set(membership.roles) & set(READERS)
    ]
    held = _seats_held(application, [membership.user_id for membership in able])
    return sorted(able, key=lambda one: (one.user_id not in before, *held.get(one.user_id, (0, 0)), one.user_id))


def _seats_held(application: Application, experts: Iterable[int]) -> dict[int, tuple[int, int]]:
    """How many open cases and how many seats at all each expert has in the park."""
    rows = PanelSeat.objects.filter(park_id=application.park_id, expert_id__in=list(experts))
    is_open = Q(scored_at=None, left_at=None)
    counted = rows.values("expert_id").annotate(open_count=Count("id", filter=is_open), all_count=Count("id"))
    return {row["expert_id"]: (row["open_count"], row["all_count"]) for row in counted.order_by()}


@transaction.atomic
def save_scores(actor: Actor, seat: PanelSeat, *, scores: Sequence[Decimal | None], comment: str) -> PanelSeat:
    """Keep what an expert has filled in so far."""
    _application, current = _lock_seat(actor, seat)
    _refuse_bad_scores(current, scores)
    current.scores = [None if score is None else str(score) for score in scores]
    current.comment = said(comment)
    current.save(update_fields=["scores", "comment"])
    return current


@transaction.atomic
def send_scores(
    actor: Actor, seat: PanelSeat, *, scores: Sequence[Decimal | None], comment: str, now: datetime
) -> PanelSeat:
    """Give the scores for good. With the last seat the panel has ended, and the application goes on."""
    application, current = _lock_seat(actor, seat)
    _refuse_bad_scores(current, scores)
    missing = next((place for place, score in enumerate(scores) if score is None), None)
    if missing is not None:
        raise Invalid(_("Give a score for every criterion."), field=f"score_{missing}")
    current.scores, current.comment, current.scored_at = [str(score) for score in scores], said(comment), now
    current.save(update_fields=["scores", "comment", "scored_at"])
    record_review(actor, application, Stage.PANEL, Outcome.ACCEPTED, now, note="")
    # The enterprise never learns who scored.
    go_on(actor, application, now, by_name="")
    return current


@transaction.atomic
def declare_conflict(actor: Actor, seat: PanelSeat, *, reason: str, now: datetime) -> PanelSeat:
    """Leave the panel because of a tie that only the expert knows of; somebody else is seated."""
    application, current = _lock_seat(actor, seat)
    if not said(reason):
        raise Invalid(_("Say what the conflict is; the officials of the park read it."), field="reason")
    current.conflict, current.left_at = said(reason), now
    current.save(update_fields=["conflict", "left_at"])
    seat_experts(application.pk, now=now)
    return current


@transaction.atomic
def replace_expert(actor: Actor, seat: PanelSeat, *, now: datetime) -> PanelSeat:
    """Give the seat of an expert who has not scored to somebody else, so that no application waits for one person."""
    refuse_if("" if can_decide_somewhere(actor) and not actor.is_read_only else _("You cannot change this panel."))
    refuse_if(explain_tie(actor, lock_application(seat.application)))
    current = PanelSeat.objects.select_for_update(of=("self",)).get(pk=seat.pk)
    _refuse_closed(current)
    current.left_at = now
    current.save(update_fields=["left_at"])
    seat_experts(current.application_id, now=now)
    return current


def _lock_seat(actor: Actor, seat: PanelSeat) -> tuple[Application, PanelSeat]:
    """The application and the seat, held: the own one, while it is open."""
    application = lock_application(seat.application)
    current = PanelSeat.objects.select_related("application__programme_version").select_for_update(of=("self",))
    held = current.get(pk=seat.pk)
    refuse_if("" if held.expert_id == actor.user_id and can_score(actor) else _("This seat is not yours."))
    refuse_if(actor.read_only_words if actor.is_read_only else "")
    refuse_if(explain_tie(actor, application))
    if application.stage != Stage.PANEL or application.is_editable or held.round != application.round:
        raise StateChanged(_("This case does not wait for its panel any more."))
    _refuse_closed(held)
    return application, held


def _refuse_closed(seat: PanelSeat) -> None:
    if not seat.is_open:
        raise StateChanged(_("This seat is closed: its scores were sent, or somebody else has it."))


def _refuse_bad_scores(seat: PanelSeat, scores: Sequence[Decimal | None]) -> None:
    criteria = seat.application.programme_version.criteria
    if len(scores) != len(criteria):
        raise Invalid(_("There is one score for each criterion."))
    for place, (score, criterion) in enumerate(zip(scores, criteria, strict=True)):
        if score is None:
            continue
        if not score.is_finite() or not 0 <= score <= criterion["most"] or score != score.quantize(TENTH):
            text = _("Give from 0 to %(most)s points, at most one decimal.") % {"most": criterion["most"]}
            raise Invalid(text, field=f"score_{place}")


def read_seat_document(actor: Actor, seat: PanelSeat, document: ApplicationDocument) -> bytes:
    """The content of a file that the programme shows to its experts, for the one who has the seat."""
    shown = document.kind in seat.application.programme_version.panel_document_kinds and document.removed_at is None
    is_own = seat.expert_id == actor.user_id and seat.left_at is None and can_score(actor)
    may_read = shown and is_own and document.application_id == seat.application_id
    refuse_if("" if may_read else _("This document is not yours to read."))
    return stored_bytes(document)


@transaction.atomic
def write_seat_letter(seat_id: UUID) -> None:
    """Tell an expert of a case, without a word about whose it is. Safe to repeat."""
    seat = PanelSeat.objects.select_related("application__park", "expert").get(pk=seat_id)
    if not seat.is_open:
        return
    members = Membership.objects.of_staff(seat.park_id).filter(is_active=True, user_id=seat.expert_id)
    url = reverse("incentives:seat_detail", kwargs={"seat_id": seat.pk})
    people = people_of(members.select_related("user"))
    told = wording_of(seat.park_id, letters.SEAT)
    write_to_each(f"incentives.seat:{seat.pk}", people, lambda: told.letter(_facts(seat)), url)


def _facts(seat: PanelSeat) -> dict[str, str]:
    application = seat.application
    due = day(local_day(application.due_at, application.park.time_zone)) if application.due_at else ""
    return {"case": seat.reference, "due": due}
