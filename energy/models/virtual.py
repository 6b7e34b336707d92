"""Channels that no device counts: what they are worked out from."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from energy.models.meters import Channel, OwnedByParkOrEnterprise
from lib.identifiers import uuid7

LONGEST_FORMULA = 500
MOST_INPUTS = 100


class ChannelFormula(OwnedByParkOrEnterprise):
    """How the values of a virtual channel are worked out from those of other channels, interval by interval.

    `text` is read by `lib.formulas`; it calls its inputs c1, c2, … by their places in `inputs`, the ids of channels.
    They belong to the park of the channel, and to its enterprise where it has one; none is worked out from the channel
    itself, which the database checks one formula after another.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    channel = models.OneToOneField(Channel, models.PROTECT, related_name="formula")
    text = models.CharField(_("formula"), max_length=LONGEST_FORMULA)
    inputs = ArrayField(models.UUIDField(), verbose_name=_("worked out from"))
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["park", "id"], name="channel_formula_of_park"),
            models.CheckConstraint(
                condition=models.Q(inputs__len__gte=1, inputs__len__lte=MOST_INPUTS), name="channel_formula_has_inputs"
            ),
        ]
        indexes: ClassVar = [GinIndex(fields=["inputs"], name="channel_formula_inputs")]

    def __str__(self) -> str:
        return self.text

    @property
    def names(self) -> list[str]:
        """What the text calls each of the inputs."""
        return [name_of(place) for place in range(len(self.inputs))]


def name_of(place: int) -> str:
    """
    >>> name_of(0)
    'c1'
    """
    return f"c{place + 1}"
