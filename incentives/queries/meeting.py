"""What awaits a decision in a programme, ranked by the database, with the line where the budget ends."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db.models import (
    Count,
    DecimalField,
    F,
    Func,
    IntegerField,
    JSONField,
    Max,
    OrderBy,
    OuterRef,
    Q,
    QuerySet,
    RowRange,
    Subquery,
    Sum,
    TextField,
    Value,
    Window,
)
from django.db.models.functions import Cast, Coalesce, NullIf, RowNumber

from incentives.choices import ApplicationState, Outcome, Stage
from incentives.models import Application, Programme, Review
from incentives.permissions import Bar, bar_of, with_bars
from incentives.queries.proofs import proofs_of
from parks.actors import Actor

MONEY = DecimalField(max_digits=20, decimal_places=2)
NOTHING = Value(Decimal(0), output_field=MONEY)


class Order(StrEnum):
    """By what a meeting ranks."""

    SCORE = "score"
    YIELD = "yield"
    SUBMITTED = "submitted"


def usual_order(programme: Programme) -> Order:
    """By the scores, where there are criteria."""
    return Order.SCORE if programme.criteria else Order.SUBMITTED


class PanelTotal(Func):
    """What `calculations.score_panel` makes of the latest scored round of an application; nothing without one.

    The mean of the seats by weight is the sum over seats and criteria; rounded twice, for a quotient that the
    database cuts after its sixteenth digit must not fall below a half that it is.
    """

    template = """(
SELECT round(round(100 * sum((criterion ->> 'weight')::numeric * given.score::numeric / (criterion ->> 'most')::numeric)
                   / sum((criterion ->> 'weight')::numeric), 12), 2)
FROM incentives_panelseat AS seat
JOIN incentives_application AS scored ON scored.id = seat.application_id
JOIN incentives_programmeversion AS version ON version.id = scored.programme_version_id
CROSS JOIN LATERAL jsonb_array_elements_text(seat.scores) WITH ORDINALITY AS given (score, place)
CROSS JOIN LATERAL (SELECT version.criteria -> (given.place::int - 1) AS criterion) AS of_version
WHERE seat.application_id = %(expressions)s AND seat.scored_at IS NOT NULL AND seat.left_at IS NULL AND seat.round = (
    SELECT max(latest.round) FROM incentives_panelseat AS latest
    WHERE latest.application_id = seat.application_id AND latest.scored_at IS NOT NULL AND latest.left_at IS NULL))"""
    output_field = DecimalField(max_digits=7, decimal_places=2)
    arity = 1


class OfMap(Func):
    """What a mapping of keys as text to amounts as text holds for the row; nothing for what is not in it."""

    template = "(%(expressions)s)::numeric"
    arg_joiner = " ->> "
    output_field = MONEY

    def __init__(self, values: dict[str, str]) -> None:
        super().__init__(Value(values, output_field=JSONField()), Cast(F("pk"), TextField()))


# What has no figure comes last; the order of submission decides among equals.
FIRST: dict[Order, list[OrderBy]] = {
    Order.SCORE: [F("score").desc(nulls_last=True)],
    Order.YIELD: [F("yuan_per_tce").asc(nulls_last=True)],
    Order.SUBMITTED: [],
}


def proposed(rows: QuerySet[Application]) -> QuerySet[Application]:
    """Each with how many colleagues approved its present round, and the amount that a meeting would go by.

    `approvals`, and `amount_cny`: what the first of them granted, otherwise what is asked for, or the most that the
    financial check leaves of it.
    """
    limited = {str(key): str(proof.most_cny) for key, proof in proofs_of(rows).items()}
    given = Review.objects.filter(
        application=OuterRef("pk"), round=OuterRef("round"), outcome=Outcome.APPROVED, amount_cny__isnull=False
    )
    count = given.order_by().values("application").annotate(n=Count("pk")).values("n")
    first = given.order_by("decided_at", "id").values("amount_cny")[:1]
    return rows.annotate(
        approvals=Coalesce(Subquery(count), 0, output_field=IntegerField()),
        amount_cny=Coalesce(Subquery(first), OfMap(limited), F("requested_cny"), NOTHING, output_field=MONEY),
    )


def ranked(actor: Actor, programme: Programme, order: Order) -> QuerySet[Application]:
    """What waits for a decision, the best first: its `place`, `score`, `yuan_per_tce` and what `proposed` says of it.

    `sum_cny` is what all down to it would cost. A smaller amount does not jump the ranking: where the sum passes a
    budget, that budget has ended.
    """
    waiting = Application.objects.visible_to(actor).filter(
        programme_version__programme=programme, state=ApplicationState.ACCEPTED, stage=Stage.DECISION
    )
    rows = proposed(waiting).annotate(
        score=PanelTotal(F("pk")),
        yuan_per_tce=F("amount_cny") / NullIf(F("saving_tce"), Value(Decimal(0))),
    )
    by: list[Any] = [*FIRST[order], F("submitted_at").asc(), F("pk").asc()]
    placed = rows.annotate(
        place=Window(RowNumber(), order_by=by),
        sum_cny=Window(Sum("amount_cny"), order_by=by, frame=RowRange(end=0), output_field=MONEY),
    )
    named = placed.select_related("enterprise").only(
        "number", "round", "saving_tce", "submitted_at", "enterprise__name_en", "enterprise__name_zh"
    )
    return named.order_by("place")


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a budget reaches down a ranking: of `count` that ask for `asked_cny`, to the first `reached`."""

    count: int
    asked_cny: Decimal
    reached: int
    spent_cny: Decimal


def reach_of(rows: QuerySet[Application], budget_cny: Decimal) -> Reach:
    """One query over the whole of what `ranked` found."""
    within = Q(sum_cny__lte=budget_cny)
    found = rows.order_by().aggregate(
        count=Count("pk"),
        asked=Max("sum_cny"),
        reached=Count("pk", filter=within),
        spent=Max("sum_cny", filter=within),
    )
    return Reach(found["count"], found["asked"] or Decimal(0), found["reached"], found["spent"] or Decimal(0))


def bars_among(actor: Actor, rows: Iterable[Application]) -> dict[UUID, Bar]:
    """What keeps the actor from deciding on some of these. One query."""
    found = with_bars(Application.objects.filter(pk__in=[row.pk for row in rows]).only("pk"), actor.user_id)
    return {row.pk: bar for row in found if (bar := bar_of(row))}
