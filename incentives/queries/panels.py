"""Reads of expert panels: an expert's own seats, and the results for officials."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from django.db.models import Case, F, Q, QuerySet, Value, When
from django.utils.translation import gettext as _

from incentives.calculations import PanelScore, score_panel
from incentives.choices import ApplicationState, Stage
from incentives.models import Application, ApplicationDocument, PanelSeat
from incentives.permissions import can_score
from incentives.queries.applications import kept_documents
from parks.actors import Actor


@dataclass(frozen=True, slots=True)
class Panel:
    """The seats of the round that counts, and what they scored once all have."""

    seats: list[PanelSeat]
    left: list[PanelSeat]
    wanted: int
    scored: int
    result: PanelScore | None

    @property
    def missing(self) -> int:
        return max(self.wanted - len(self.seats), 0)


def seats_for(actor: Actor) -> QuerySet[PanelSeat] | None:
    """The seats in which a person has still to score; None for whoever is no expert."""
    if not can_score(actor) or actor.is_read_only:
        return None
    return PanelSeat.objects.of_expert(actor.park_id, actor.user_id).waiting()


class Standing(StrEnum):
    """How it stands with a seat, for whoever has it."""

    WAITING = "waiting"
    SCORED = "scored"
    OVER = "over"


def own_seats(actor: Actor) -> QuerySet[PanelSeat]:
    """Every seat that a person has or had, each with its `standing`; the open ones first."""
    rows = PanelSeat.objects.of_expert(actor.park_id, actor.user_id)
    waits = Q(
        left_at=None,
        round=F("application__round"),
        application__stage=Stage.PANEL,
        application__state=ApplicationState.ACCEPTED,
    )
    standing = Case(
        When(scored_at__isnull=False, then=Value(Standing.SCORED)),
        When(waits, then=Value(Standing.WAITING)),
        default=Value(Standing.OVER),
    )
    related = rows.annotate(standing=standing).select_related(
        "application__programme_version", "application__enterprise"
    )
    first = Case(When(standing=Standing.WAITING, then=0), default=1)
    return related.order_by(first, F("scored_at").desc(nulls_first=True), "-assigned_at", "id")


def masked(text: str, seat: PanelSeat) -> str:
    """What an enterprise wrote about its project, without its names and code."""
    firm = seat.application.enterprise
    names = sorted(filter(None, {firm.name_zh, firm.name_en, firm.credit_code}), key=len, reverse=True)
    pattern = "|".join(re.escape(name) for name in names)
    return re.sub(pattern, _("[the enterprise]"), text, flags=re.IGNORECASE) if pattern else text


def seat_documents(seat: PanelSeat) -> list[ApplicationDocument]:
    """The files that the programme shows to its experts, in its order of their kinds."""
    kinds = seat.application.programme_version.panel_document_kinds
    rows = kept_documents().filter(application=seat.application, kind__in=kinds)
    return sorted(rows, key=lambda row: (kinds.index(row.kind), row.uploaded_at))


def panel_of(application: Application) -> Panel | None:
    """None for a programme without a panel. Earlier rounds count no more when there are seats of a later one."""
    version = application.programme_version
    wanted = next((int(ask["approvals"]) for ask in version.stages if ask["stage"] == "panel"), 0)
    if not wanted:
        return None
    every = list(PanelSeat.objects.filter(application=application).order_by("assigned_at", "id"))
    last = max((seat.round for seat in every), default=0)
    seats = [seat for seat in every if seat.round == last and seat.left_at is None]
    left = [seat for seat in every if seat.left_at is not None]
    scored = [seat for seat in seats if seat.scored_at is not None]
    is_done = bool(seats) and len(scored) >= wanted
    result = score_panel(version.criteria, [_numbers(seat) for seat in scored]) if is_done else None
    return Panel(seats, left, wanted, len(scored), result)


def _numbers(seat: PanelSeat) -> list[Decimal]:
    return [Decimal(score) for score in seat.scores]
