"""What awaits a decision in a programme, ranked, with the line where the budget ends."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from incentives.calculations import score_panel
from incentives.choices import ApplicationState, Outcome, Stage
from incentives.models import Application, PanelSeat, Programme, Review
from incentives.permissions import with_bars
from incentives.queries.applications import applications
from parks.actors import Actor

MOST_RANKED = 500


class Order(StrEnum):
    """By what a meeting ranks."""

    SCORE = "score"
    YIELD = "yield"
    SUBMITTED = "submitted"


@dataclass(frozen=True, slots=True)
class Ranked:
    """One line: what it would cost, what all down to it would cost, and whether the budget reaches so far.

    `yuan_per_tce` is what a tce saved a year costs; `approved` how many colleagues have approved it already.
    """

    application: Application
    amount_cny: Decimal
    score: Decimal | None
    yuan_per_tce: Decimal | None
    approved: int = 0
    place: int = 0
    sum_cny: Decimal = Decimal(0)
    fits: bool = True


def ranked(actor: Actor, programme: Programme, order: Order, budget_cny: Decimal) -> list[Ranked]:
    """What waits for a decision, each with what bars the actor, the best first.

    Once a line does not fit any more, nothing below it does: a smaller amount does not jump the ranking.
    """
    waiting = applications(actor).filter(
        programme_version__programme=programme, state=ApplicationState.ACCEPTED, stage=Stage.DECISION
    )
    rows = list(with_bars(waiting, actor.user_id).order_by("submitted_at", "id")[:MOST_RANKED])
    scores, approvals = _totals(rows), _approvals(rows)
    lines = [_line(row, scores.get(row.pk), approvals.get(row.pk, [])) for row in rows]
    return list(_with_sums(sorted(lines, key=lambda line: _rank(line, order)), budget_cny))


def _line(row: Application, score: Decimal | None, approvals: list[Decimal]) -> Ranked:
    amount = approvals[0] if approvals else row.requested_cny or Decimal(0)
    cost = amount / row.saving_tce if row.saving_tce else None
    return Ranked(row, amount, score, cost, approved=len(approvals))


def _rank(line: Ranked, order: Order) -> tuple[bool, Decimal]:
    """What has no figure comes last; the sort keeps the order of submission among equals."""
    match order:
        case Order.SCORE:
            return (line.score is None, -(line.score or Decimal(0)))
        case Order.YIELD:
            return (line.yuan_per_tce is None, line.yuan_per_tce or Decimal(0))
        case Order.SUBMITTED:
            return (False, Decimal(0))


def _with_sums(lines: Iterable[Ranked], budget_cny: Decimal) -> Iterable[Ranked]:
    total = Decimal(0)
    for place, line in enumerate(lines, 1):
        total += line.amount_cny
        yield replace(line, place=place, sum_cny=total, fits=total <= budget_cny)


def _totals(rows: list[Application]) -> dict[UUID, Decimal]:
    """The weighted mean of each panel that has ended, by its latest round."""
    seats: dict[UUID, dict[int, list[list[Decimal]]]] = defaultdict(lambda: defaultdict(list))
    scored = PanelSeat.objects.filter(application__in=rows, scored_at__isnull=False, left_at=None)
    for key, number, scores in scored.values_list("application_id", "round", "scores"):
        seats[key][number].append([Decimal(score) for score in scores])
    criteria = {row.pk: row.programme_version.criteria for row in rows}
    return {key: score_panel(criteria[key], rounds[max(rounds)]).total for key, rounds in seats.items()}


def _approvals(rows: list[Application]) -> dict[UUID, list[Decimal]]:
    """The amounts that colleagues approved in the present round."""
    present = {(row.pk, row.round) for row in rows}
    found: dict[UUID, list[Decimal]] = defaultdict(list)
    given = Review.objects.filter(application__in=rows, outcome=Outcome.APPROVED)
    for key, number, amount in given.values_list("application_id", "round", "amount_cny"):
        if (key, number) in present and amount is not None:
            found[key].append(amount)
    return found
