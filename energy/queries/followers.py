"""Which channels others hang on, so that a change of their days is announced."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from energy.choices import ChannelKind
from energy.models import Channel, ChannelFormula, SubMeter


def followed_channels(park_id: int, ids: Iterable[UUID]) -> set[UUID]:
    """Of these channels those of head meters, of meters below one, of meters with a register, and those of a formula.

    Two queries.
    """
    placed = SubMeter.objects.filter(park_id=park_id).filter(
        Q(meter_id=OuterRef("meter_id")) | Q(head_id=OuterRef("meter_id"))
    )
    registers = Channel.objects.filter(meter_id=OuterRef("meter_id"), kind=ChannelKind.REGISTER)
    asked = list(ids)
    rows = Channel.objects.filter(park_id=park_id, pk__in=asked).filter(Exists(placed) | Exists(registers))
    formulas = ChannelFormula.objects.filter(park_id=park_id, inputs__overlap=asked).values_list("inputs", flat=True)
    named = {pk for inputs in formulas for pk in inputs} & set(asked)
    return named | set(rows.values_list("pk", flat=True))
