"""The formula of a virtual channel as people read it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from uuid import UUID

from energy.models import Channel, ChannelFormula
from energy.models.virtual import name_of


def formula_of(channel: Channel) -> ChannelFormula | None:
    return ChannelFormula.objects.filter(park_id=channel.park_id, channel=channel).first()


def inputs_of(formula: ChannelFormula) -> dict[UUID, Channel]:
    """The channels that it is worked out from, with their meters."""
    rows = Channel.objects.filter(park_id=formula.park_id, pk__in=formula.inputs).select_related("meter")
    return {row.pk: row for row in rows}


def written_formula(formula: ChannelFormula, channels: Mapping[UUID, Channel]) -> str:
    """The text as a person writes it, with the channels in brackets as they are called now."""
    names = {name_of(place): bracketed(channels[pk]) for place, pk in enumerate(formula.inputs) if pk in channels}
    return re.sub(r"\bc\d+\b", lambda match: names.get(match.group(), match.group()), formula.text)


def bracketed(channel: Channel) -> str:
    return f"[{channel.meter.serial}/{channel.code}]" if channel.code else f"[{channel.meter.serial}]"
