"""The officials' dashboard: how far what was filed in a year has come, how long stages take, what the money did."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connections
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Left, TruncMonth

from enterprises.industries import section_of_divisions, sections
from incentives.calculations import percentile
from incentives.choices import DECIDED, EFFECTS, ApplicationState, AwardState, EntryKind, Outcome, Stage, StepKind
from incentives.models import Application, Award, LedgerEntry, Payment, Programme, ProgrammeVersion, Review
from parks.actors import Actor
from parks.queries.work_calendar import working_days

NOTHING = Decimal(0)
LETTERS = "".join(section.code for section in sections())
NOT_STATED = ""
# Of a stage that was entered before these years no more is known than that it took long.
YEARS_BEFORE = 2
YEARS_SHOWN = 10
SUMMED = ("filed", "decided", "approved", "requested_amount", "decided_amount", "approved_amount")
LEAVING = (StepKind.ACCEPTED, StepKind.PASSED, StepKind.RETURNED, StepKind.APPROVED, StepKind.DECLINED)


class Reached(StrEnum):
    """The steps of the funnel that officials can list; what is only started is its enterprise's business."""

    FILED = "filed"
    ACCEPTED = "accepted"
    DECIDED = "decided"
    APPROVED = "approved"
    STANDING = "standing"
    PAID = "paid"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the dashboard is about: a year by the days of the park, and one programme or all."""

    year: int
    zone: str
    programme_id: UUID | None = None

    @property
    def span(self) -> tuple[datetime, datetime]:
        """From the first moment of the year until that of the next."""
        zone = ZoneInfo(self.zone)
        return datetime(self.year, 1, 1, tzinfo=zone), datetime(self.year + 1, 1, 1, tzinfo=zone)

    def during(self, name: str) -> dict[str, datetime]:
        starts, ends = self.span
        return {f"{name}__gte": starts, f"{name}__lt": ends}

    def of_programme(self, name: str) -> dict[str, UUID]:
        return {name: self.programme_id} if self.programme_id else {}


@dataclass(frozen=True, slots=True)
class FunnelStep:
    """`reached` is None for what was only started, of which no list is anybody's; `amount_cny` where there is one."""

    reached: Reached | None
    count: int
    amount_cny: Decimal | None


@dataclass(frozen=True, slots=True)
class StageTime:
    """How long a stage took those that left it in the year, in working days, and what waits in it now.

    `asked_days` are the fewest and the most working days that programmes give it.
    """

    stage: Stage
    asked_days: tuple[int, int] | None
    left: int
    median_days: int | None
    long_days: int | None
    waiting: int
    overdue: int

    @property
    def is_slow(self) -> bool:
        """Whether one in ten takes longer than any programme allows."""
        return self.asked_days is not None and self.long_days is not None and self.long_days > self.asked_days[1]


@dataclass(frozen=True, slots=True)
class Month:
    """What a month added to what is granted and paid, and how much both were at its end."""

    first: date
    granted_cny: Decimal
    paid_cny: Decimal
    granted_sum_cny: Decimal
    paid_sum_cny: Decimal


@dataclass(frozen=True, slots=True)
class Spent:
    """A programme's budget year."""

    programme_id: UUID
    appropriated_cny: Decimal
    granted_cny: Decimal
    paid_cny: Decimal


@dataclass(frozen=True, slots=True)
class Sector:
    """What became of applications from a section of industry; the code is empty where none is registered."""

    code: str
    filed: int
    approved: int
    declined: int
    approved_cny: Decimal

    @property
    def rate_percent(self) -> Decimal | None:
        decided = self.approved + self.declined
        return Decimal(100 * self.approved) / decided if decided else None


def having_reached(rows: QuerySet[Application], step: Reached) -> QuerySet[Application]:
    """Of what was filed, what has come so far; what was paid and then revoked was paid."""
    match step:
        case Reached.FILED:
            return rows
        case Reached.ACCEPTED:
            reviews = Review.objects.filter(
                application=OuterRef("pk"), stage=Stage.COMPLETENESS, outcome=Outcome.ACCEPTED
            )
            return rows.filter(Exists(reviews))
        case Reached.DECIDED:
            return rows.filter(state__in=sorted(DECIDED))
        case Reached.APPROVED:
            return rows.filter(state=ApplicationState.APPROVED)
        case Reached.STANDING:
            return rows.filter(award__state=AwardState.STANDS)
        case Reached.PAID:
            return rows.filter(Exists(Payment.objects.filter(instalment__award__application=OuterRef("pk"))))


def recent_years(today: date) -> list[int]:
    """The years that one can ask about, the present one first."""
    return list(range(today.year, today.year - YEARS_SHOWN, -1))


def programmes_told(actor: Actor) -> list[Programme]:
    """Every programme of the park by its code: one that is not published may have a budget."""
    return list(
        Programme.objects.of_park(actor.park_id).only("code", "title_en", "title_zh", "status").order_by("code")
    )


def filed_in(actor: Actor, asked: Asked) -> QuerySet[Application]:
    return (
        Application.objects.visible_to(actor)
        .filter(**asked.during("submitted_at"), **asked.of_programme("programme_version__programme"))
        .order_by()
    )


def outcomes(actor: Actor, asked: Asked) -> tuple[list[FunnelStep], list[Sector]]:
    """The funnel of what was begun in the year and, from the same rows, what became of it by section of industry."""
    rows = filed_in(actor, asked)
    groups = list(_by_industry(rows))
    total = {name: sum((group[name] or 0 for group in groups), 0) for name in SUMMED}
    accepted = having_reached(rows, Reached.ACCEPTED).aggregate(n=Count("pk"), amount=Sum("requested_cny"))
    awards = Award.objects.of_park(actor.park_id).filter(
        state=AwardState.STANDS,
        **asked.during("application__submitted_at"),
        **asked.of_programme("application__programme_version__programme"),
    )
    standing = awards.aggregate(n=Count("pk"), amount=Sum("amount_cny"))
    payments = Payment.objects.filter(
        instalment__award__in=Award.objects.of_park(actor.park_id),
        **asked.during("instalment__award__application__submitted_at"),
        **asked.of_programme("instalment__award__application__programme_version__programme"),
    )
    paid = payments.aggregate(n=Count("instalment__award", distinct=True), amount=Sum("amount_cny"))
    steps = [
        FunnelStep(None, _unfiled(actor, asked) + int(total["filed"]), None),
        _step(Reached.FILED, total["filed"], total["requested_amount"]),
        _step(Reached.ACCEPTED, accepted["n"], accepted["amount"]),
        _step(Reached.DECIDED, total["decided"], total["decided_amount"]),
        _step(Reached.APPROVED, total["approved"], total["approved_amount"]),
        _step(Reached.STANDING, standing["n"], standing["amount"]),
        _step(Reached.PAID, paid["n"], paid["amount"]),
    ]
    return steps, _sectors(groups)


def _step(reached: Reached, count: Any, amount: Any) -> FunnelStep:
    return FunnelStep(reached, int(count), Decimal(amount or 0))


def _unfiled(actor: Actor, asked: Asked) -> int:
    """How many were started in the year and never filed: a number, and nothing of any of them."""
    rows = Application.objects.of_park(actor.park_id).filter(submitted_at=None, **asked.during("started_at"))
    return rows.filter(**asked.of_programme("programme_version__programme")).count()


def _by_industry(rows: QuerySet[Application]) -> Any:
    decided, approved = Q(state__in=sorted(DECIDED)), Q(state=ApplicationState.APPROVED)
    return rows.values(start=Left("enterprise__industry_code", 3)).annotate(
        filed=Count("pk"),
        decided=Count("pk", filter=decided),
        approved=Count("pk", filter=approved),
        declined=Count("pk", filter=Q(state=ApplicationState.DECLINED)),
        requested_amount=Sum("requested_cny"),
        decided_amount=Sum("requested_cny", filter=decided),
        approved_amount=Sum("approved_cny", filter=approved),
    )


def _sectors(groups: list[dict[str, Any]]) -> list[Sector]:
    """In the order of the standard, what states none last."""
    sums: dict[str, list[Any]] = defaultdict(lambda: [0, 0, 0, NOTHING])
    for group in groups:
        section = section_of_divisions().get(group["start"].lstrip(LETTERS)[:2], NOT_STATED)
        one = sums[section]
        for place, name in enumerate(("filed", "approved", "declined", "approved_amount")):
            one[place] += group[name] or 0
    return [Sector(code, *sums[code]) for code in sorted(sums, key=lambda code: (code == NOT_STATED, code))]


# An official's step ends the stage it was made in, which began with the step before it. Of each it is told how many
# working days of the park had begun by then: by their moments, as asking for the day of each in the park's zone took
# as long as all the rest.
SPANS = """
SELECT stage, width_bucket(at, begun) - width_bucket(since, begun) AS days, count(*)
FROM (SELECT %(begun)s::timestamptz[] AS begun) AS calendar,
     (SELECT stage, kind, at, lag(at) OVER (PARTITION BY park_id, application_id ORDER BY at) AS since
      FROM incentives_applicationstep WHERE park_id = %(park)s AND {of_programme}) AS step
WHERE kind = ANY(%(kinds)s) AND at >= %(starts)s AND at < %(ends)s AND since IS NOT NULL
GROUP BY 1, 2
"""
OF_PROGRAMME = """application_id IN (
    SELECT application.id FROM incentives_application AS application
    JOIN incentives_programmeversion AS version ON version.id = application.programme_version_id
    WHERE application.park_id = %(park)s AND version.programme_id = %(programme)s)"""


def stage_times(actor: Actor, asked: Asked, now: datetime) -> list[StageTime]:
    """Every stage that a programme asks for, or that something left or waits in."""
    spans = _spans(actor, asked)
    waiting = (
        Application.objects.of_park(actor.park_id)
        .waiting()
        .filter(**asked.of_programme("programme_version__programme"))
        .order_by()
        .values_list("stage")
        .annotate(n=Count("pk"), overdue=Count("pk", filter=Q(due_at__lt=now)))
    )
    now_there = {stage: (count, overdue) for stage, count, overdue in waiting}
    days = _days_asked(actor, asked)
    return [
        StageTime(
            stage,
            days.get(stage),
            sum(spans.get(stage, {}).values()),
            percentile(spans.get(stage, {}), 50),
            percentile(spans.get(stage, {}), 90),
            *now_there.get(stage, (0, 0)),
        )
        for stage in Stage
        if stage in days or stage in spans or stage in now_there
    ]


def _spans(actor: Actor, asked: Asked) -> Mapping[str, Mapping[int, int]]:
    """How many left each stage after how many working days."""
    starts, ends = asked.span
    zone = ZoneInfo(asked.zone)
    days = working_days(date(asked.year - YEARS_BEFORE, 1, 1), date(asked.year, 12, 31))
    values: dict[str, Any] = {
        "begun": [datetime(day.year, day.month, day.day, tzinfo=zone) for day in days],
        "park": actor.park_id,
        "kinds": list(LEAVING),
        "starts": starts,
        "ends": ends,
        "programme": asked.programme_id,
    }
    found: dict[str, Counter[int]] = defaultdict(Counter)
    with connections["default"].cursor() as cursor:
        cursor.execute(SPANS.format(of_programme=OF_PROGRAMME if asked.programme_id else "true"), values)
        for stage, taken, count in cursor.fetchall():
            found[stage][taken] += count
    return found


def _days_asked(actor: Actor, asked: Asked) -> dict[Stage, tuple[int, int]]:
    versions = ProgrammeVersion.objects.of_park(actor.park_id).current().filter(**asked.of_programme("programme"))
    days: dict[Stage, list[int]] = defaultdict(list)
    for stages in versions.order_by().values_list("stages", flat=True):
        for ask in stages:
            days[Stage(ask["stage"])].append(int(ask["working_days"]))
    return {stage: (min(given), max(given)) for stage, given in days.items()}


def burn(actor: Actor, asked: Asked) -> tuple[list[Month], list[Spent]]:
    """The money of the budget year, by month and by programme: every figure a sum of ledger entries.

    Granted is what is reserved or committed. Entries of the budget may be made before or after its year.
    """
    entries = (
        LedgerEntry.objects.filter(
            budget_year__programme__in=Programme.objects.of_park(actor.park_id),
            budget_year__year=asked.year,
            **asked.of_programme("budget_year__programme"),
        )
        .order_by()
        .values_list("budget_year__programme", TruncMonth("at", tzinfo=ZoneInfo(asked.zone)), "kind")
        .annotate(total=Sum("amount_cny"))
    )
    by_month: dict[date, list[Decimal]] = defaultdict(lambda: [NOTHING, NOTHING])
    by_programme: dict[UUID, list[Decimal]] = defaultdict(lambda: [NOTHING, NOTHING, NOTHING])
    for programme_id, moment, kind, total in entries:
        effects = EFFECTS[EntryKind(kind)]
        granted = total * (effects.get("reserved_cny", 0) + effects.get("committed_cny", 0))
        paid = total * effects.get("paid_cny", 0)
        month, spent = by_month[moment.date()], by_programme[programme_id]
        month[0] += granted
        month[1] += paid
        spent[0] += total * effects.get("appropriated_cny", 0)
        spent[1] += granted
        spent[2] += paid
    return _months(by_month, asked.year), [Spent(key, *sums) for key, sums in by_programme.items()]


def _months(changes: Mapping[date, list[Decimal]], year: int) -> list[Month]:
    """The months of the year, and those before and after it with entries of its budget."""
    of_year = [date(year, month, 1) for month in range(1, 13)]
    outside = [month for month, sums in changes.items() if month.year != year and any(sums)]
    months, granted, paid = [], NOTHING, NOTHING
    for first in sorted([*of_year, *outside]):
        more = changes.get(first, [NOTHING, NOTHING])
        granted, paid = granted + more[0], paid + more[1]
        months.append(Month(first, more[0], more[1], granted, paid))
    return months
