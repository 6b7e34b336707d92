"""The money of a programme, by budget year: every act is an entry, and the row of its year carries the sums.

`reserve` holds money for an application when it is approved, `commit` makes that final once the award stands, `release`
lets go of what was not paid, `pay` and `claw_back` follow the money to the enterprise and back. Each locks the
programme, then the year. The database keeps every year the sum of its entries and within what was appropriated.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from incentives.choices import EFFECTS, EntryKind
from incentives.models import FIRST_YEAR, LAST_YEAR, Application, BudgetYear, LedgerEntry, Programme
from incentives.permissions import can_configure_programmes
from incentives.services.caps import refuse_above_caps
from incentives.services.ground import Invalid, StateChanged, refuse_if
from lib.formatting import money
from lib.periods import local_day
from lib.refusals import Refusal
from lib.text import said
from parks.actors import Actor
from tenancy.scopes import current_scope

CENT = Decimal("0.01")


class BudgetExceeded(Refusal):
    """The programme's budget does not hold this amount any more."""

    code = "budget_exceeded"


@dataclass(frozen=True, slots=True)
class Holding:
    """What one application has of a programme's money."""

    reserved_cny: Decimal = Decimal(0)
    committed_cny: Decimal = Decimal(0)
    paid_cny: Decimal = Decimal(0)
    clawed_back_cny: Decimal = Decimal(0)

    @property
    def unpaid_cny(self) -> Decimal:
        return self.committed_cny - self.paid_cny


def holding_of(application: Application) -> Holding:
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for kind, amount in application.ledger_entries.values_list("kind", "amount_cny"):
        for column, sign in EFFECTS[EntryKind(kind)].items():
            sums[column] += sign * amount
    return Holding(**sums)


@transaction.atomic
def reserve(application: Application, amount_cny: Decimal, now: datetime) -> LedgerEntry:
    """Hold an amount of the year of the decision for an application, within the caps of its programme.

    What the year lacks is moved there from the free money of years gone by, the oldest first.
    """
    programme = _lock_programme(application)
    if amount_cny > programme.left_cny:
        left = money(programme.left_cny)
        raise BudgetExceeded(_("Only %(left)s of the budget is left.") % {"left": left}, field="amount_cny")
    refuse_above_caps(application, amount_cny, now)
    budget_year = _year_of(programme, local_day(now, programme.park.time_zone).year)
    _carry_over(programme, budget_year, amount_cny - budget_year.free_cny, now)
    _change_committed(programme, amount_cny)
    return _enter(budget_year, EntryKind.RESERVED, amount_cny, now, application=application)


@transaction.atomic
def commit(application: Application, now: datetime, reason: str = "") -> LedgerEntry:
    """The award stands: what is reserved for it is owed. Refused by a second call."""
    _programme, budget_year, held = _lock_holding(application)
    return _enter(budget_year, EntryKind.COMMITTED, held.reserved_cny, now, reason, application)


@transaction.atomic
def release(application: Application, now: datetime, reason: str) -> Decimal:
    """Let go of everything the application holds and was not paid; answers how much. Safe to repeat."""
    programme, budget_year, held = _lock_holding(application)
    if held.reserved_cny:
        _enter(budget_year, EntryKind.RELEASED, held.reserved_cny, now, reason, application)
    if held.unpaid_cny:
        _enter(budget_year, EntryKind.CANCELLED, held.unpaid_cny, now, reason, application)
    freed = held.reserved_cny + held.unpaid_cny
    _change_committed(programme, -freed)
    return freed


@transaction.atomic
def pay(application: Application, amount_cny: Decimal, now: datetime, reason: str = "") -> LedgerEntry:
    """The treasury paid an amount of what is committed to the application."""
    return pay_each([(application, amount_cny, reason)], now)[0]


@transaction.atomic
def pay_each(paid: Sequence[tuple[Application, Decimal, str]], now: datetime) -> list[LedgerEntry]:
    """The same of many, each with its reason, in as many statements: all of them or none."""
    ids = [application.pk for application, _amount, _reason in paid]
    year_of, rooms = _lock_holdings(ids)
    entries = []
    for application, amount_cny, reason in paid:
        _refuse_above(amount_cny, rooms[application.pk], _("Only %(room)s of the award is not paid yet."))
        rooms[application.pk] -= amount_cny
        entries.append(_entry(year_of[application.pk], EntryKind.PAID, amount_cny, now, reason, application))
    BudgetYear.objects.bulk_update(set(year_of.values()), ["paid_cny"])
    return LedgerEntry.objects.bulk_create(entries)


@transaction.atomic
def claw_back(application: Application, amount_cny: Decimal, now: datetime, reason: str = "") -> LedgerEntry:
    """An amount that was paid came back; interest is no part of the budget and is not counted here."""
    _programme, budget_year, held = _lock_holding(application)
    room = held.paid_cny - held.clawed_back_cny
    _refuse_above(amount_cny, room, _("Only %(room)s of what was paid has not come back yet."))
    return _enter(budget_year, EntryKind.CLAWED_BACK, amount_cny, now, reason, application)


def budget_changes(programme: Programme) -> int:
    """How often money was given, taken or moved between years so far: what an administrator has seen of the budget.

    `appropriate` and `move` take it as `expected_changes`, so that the same form sent twice acts once.
    """
    return LedgerEntry.objects.filter(
        budget_year__programme=programme, kind__in=[EntryKind.APPROPRIATED, EntryKind.MOVED]
    ).count()


@transaction.atomic
def appropriate(
    actor: Actor,
    programme: Programme,
    *,
    expected_changes: int,
    year: int,
    amount_cny: Decimal,
    reason: str,
    now: datetime,
) -> BudgetYear:
    """Give a budget year more money, or take away what is free of it (below zero), with the reason."""
    _refuse_others(actor)
    current = _lock(programme.pk)
    _refuse_other_budget(current, expected_changes)
    _refuse_bad_amount(amount_cny)
    budget_year = _year_of(current, _checked_year(year))
    _refuse_taking_more_than_is_free(budget_year, -amount_cny)
    _appropriate(current, budget_year, amount_cny, now, _checked_reason(reason))
    return budget_year


@transaction.atomic
def move(
    actor: Actor,
    programme: Programme,
    *,
    expected_changes: int,
    from_year: int,
    to_year: int,
    amount_cny: Decimal,
    reason: str,
    now: datetime,
) -> None:
    """Move what is free of one budget year to another, with the reason."""
    _refuse_others(actor)
    current = _lock(programme.pk)
    _refuse_other_budget(current, expected_changes)
    if amount_cny <= 0:
        raise Invalid(_("Enter an amount above zero."), field="amount_cny")
    _refuse_bad_amount(amount_cny)
    if from_year == to_year:
        raise Invalid(_("Choose two different years."), field="to_year")
    source, target = _year_of(current, _checked_year(from_year)), _year_of(current, _checked_year(to_year, "to_year"))
    _refuse_taking_more_than_is_free(source, amount_cny)
    words = _checked_reason(reason)
    _enter(source, EntryKind.MOVED, -amount_cny, now, words)
    _enter(target, EntryKind.MOVED, amount_cny, now, words)


def set_budget(programme: Programme, budget_cny: Decimal, now: datetime, reason: str = "") -> None:
    """Make the years of a programme that the caller has locked add up to its new budget.

    More goes to the present year, or to the one in which the programme opens; less is taken from the free money of the
    years, the last first. The caller has seen that no more is taken than is free, and saves the budget itself.
    """
    change = budget_cny - sum(programme.budget_years.values_list("appropriated_cny", flat=True), Decimal(0))
    if change > 0:
        year = max(programme.opens_on.year, local_day(now, programme.park.time_zone).year)
        _enter(_year_of(programme, year), EntryKind.APPROPRIATED, change, now, reason)
    elif change < 0:
        _cut(programme, -change, now, reason)


def _cut(programme: Programme, amount_cny: Decimal, now: datetime, reason: str) -> None:
    left = amount_cny
    for budget_year in programme.budget_years.select_for_update(of=("self",)).order_by("-year"):
        taken = min(budget_year.free_cny, left)
        if taken > 0:
            _enter(budget_year, EntryKind.APPROPRIATED, -taken, now, reason)
            left -= taken


def _appropriate(programme: Programme, budget_year: BudgetYear, amount_cny: Decimal, now: datetime, words: str) -> None:
    programme.budget_cny += amount_cny
    programme.save(update_fields=["budget_cny", "updated_at"])
    _enter(budget_year, EntryKind.APPROPRIATED, amount_cny, now, words)


def _carry_over(programme: Programme, budget_year: BudgetYear, missing_cny: Decimal, now: datetime) -> None:
    earlier = programme.budget_years.filter(year__lt=budget_year.year).select_for_update(of=("self",)).order_by("year")
    missing = missing_cny
    for source in earlier if missing > 0 else ():
        carried = min(source.free_cny, missing)
        if carried > 0:
            words = _("Carried over to %(year)s, where it was needed.") % {"year": budget_year.year}
            _enter(source, EntryKind.MOVED, -carried, now, words)
            _enter(budget_year, EntryKind.MOVED, carried, now, words)
            missing -= carried
    if missing > 0:
        text = _("Only %(left)s of the budget of %(year)s is left; the rest belongs to later years.")
        left = money(budget_year.free_cny)
        raise BudgetExceeded(text % {"left": left, "year": budget_year.year}, field="amount_cny")


def _refuse_other_budget(programme: Programme, expected_changes: int) -> None:
    if budget_changes(programme) != expected_changes:
        raise StateChanged(
            _("The budget has changed since you opened this page. Look at the ledger, then start again.")
        )


def _refuse_above(amount_cny: Decimal, room: Decimal, text: str) -> None:
    _refuse_bad_amount(amount_cny)
    if amount_cny <= 0 or amount_cny > room:
        raise Invalid(text % {"room": money(room)}, field="amount_cny")


def _refuse_bad_amount(amount_cny: Decimal) -> None:
    if not amount_cny.is_finite() or not amount_cny or amount_cny != amount_cny.quantize(CENT):
        raise Invalid(_("Enter an amount in yuan with at most two decimals."), field="amount_cny")


def _refuse_taking_more_than_is_free(budget_year: BudgetYear, amount_cny: Decimal) -> None:
    if amount_cny > budget_year.free_cny:
        text = _("Only %(left)s of the budget of %(year)s is free.")
        free = money(budget_year.free_cny)
        raise BudgetExceeded(text % {"left": free, "year": budget_year.year}, field="amount_cny")


def _refuse_others(actor: Actor) -> None:
    allowed = can_configure_programmes(actor)
    refuse_if("" if allowed else _("Only a park administrator can change the budget."))


def _checked_year(year: int, field: str = "year") -> int:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise Invalid(_("Enter a year with four digits."), field=field)
    return year


def _checked_reason(reason: str) -> str:
    if not said(reason):
        raise Invalid(_("Give the reason; auditors read it."), field="reason")
    return said(reason)


def lock_programmes(application_ids: Iterable[UUID]) -> None:
    """Hold those under which several applications are, whose money may be moved; behind all the applications.

    Whoever moved the money of each in turn would hold the programmes in the order of the applications.
    """
    applications = Application.objects.filter(pk__in=list(application_ids))
    _hold(Programme.objects.filter(pk__in=applications.values("programme_version__programme")))


def _hold(programmes: QuerySet[Programme]) -> None:
    """In one order: two who hold several never wait for each other."""
    rows = Programme.objects.filter(pk__in=programmes.values("pk")).order_by("pk")
    list(rows.select_for_update(of=("self",)).values_list("pk"))


def _lock_programme(application: Application) -> Programme:
    return _lock(application.programme_version.programme_id)


def _lock(programme_id: UUID) -> Programme:
    """Everyone who moves money of a programme waits here for the one before."""
    return Programme.objects.select_related("park").select_for_update(of=("self",)).get(pk=programme_id)


def _year_of(programme: Programme, year: int) -> BudgetYear:
    """The row of a year, opened with nothing where there was none; the programme is locked."""
    found = programme.budget_years.select_for_update(of=("self",)).filter(year=year).first()
    return found or BudgetYear.objects.create(park_id=programme.park_id, programme=programme, year=year)


def _lock_holding(application: Application) -> tuple[Programme, BudgetYear, Holding]:
    programme = _lock_programme(application)
    budget_year = BudgetYear.objects.select_for_update(of=("self",)).get(
        entries__application=application, entries__kind=EntryKind.RESERVED
    )
    return programme, budget_year, holding_of(application)


def _lock_holdings(application_ids: Sequence[UUID]) -> tuple[dict[UUID, BudgetYear], dict[UUID, Decimal]]:
    """The locked year of each application, and what is committed to it and not paid; programmes before years."""
    reserved = LedgerEntry.objects.filter(application__in=application_ids, kind=EntryKind.RESERVED)
    places = dict(reserved.values_list("application_id", "budget_year_id"))
    _hold(Programme.objects.filter(budget_years__in=set(places.values())))
    years = BudgetYear.objects.filter(pk__in=set(places.values())).order_by("pk").select_for_update(of=("self",))
    known = {year.pk: year for year in years}
    rooms: dict[UUID, Decimal] = defaultdict(Decimal)
    entries = LedgerEntry.objects.filter(application__in=application_ids)
    for application_id, kind, amount in entries.values_list("application_id", "kind", "amount_cny"):
        effects = EFFECTS[EntryKind(kind)]
        rooms[application_id] += amount * (effects.get("committed_cny", 0) - effects.get("paid_cny", 0))
    return {application_id: known[year_id] for application_id, year_id in places.items()}, rooms


def _change_committed(programme: Programme, amount_cny: Decimal) -> None:
    programme.committed_cny += amount_cny
    programme.save(update_fields=["committed_cny", "updated_at"])


def _enter(
    budget_year: BudgetYear,
    kind: EntryKind,
    amount_cny: Decimal,
    now: datetime,
    reason: str = "",
    application: Application | None = None,
) -> LedgerEntry:
    """Add the entry and carry its sums, in the name of whoever acts in the present scope."""
    entry = _entry(budget_year, kind, amount_cny, now, reason, application)
    budget_year.save(update_fields=list(EFFECTS[kind]))
    entry.save(force_insert=True)
    return entry


def _entry(
    budget_year: BudgetYear,
    kind: EntryKind,
    amount_cny: Decimal,
    now: datetime,
    reason: str,
    application: Application | None,
) -> LedgerEntry:
    """The entry, not saved, its amount carried into the sums of its year."""
    author = current_scope().author
    for column, sign in EFFECTS[kind].items():
        setattr(budget_year, column, getattr(budget_year, column) + sign * amount_cny)
    return LedgerEntry(
        park_id=budget_year.park_id,
        budget_year=budget_year,
        kind=kind,
        amount_cny=amount_cny,
        application=application,
        at=now,
        by_id=author.user_id,
        by_name=author.name,
        reason=reason,
    )
