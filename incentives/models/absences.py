from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from incentives.querysets import AbsenceQuerySet
from lib.identifiers import uuid7
from parks.choices import Role
from parks.models import ParkOwned


class Absence(ParkOwned):
    """Days on which an official is away and a colleague may act in their role. Half-open: it is over at `ends_at`.

    The deputy's hand counts as the deputy's own: whoever acted in one stage acts in no other, in whatever role.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(User, models.PROTECT, related_name="+")
    person_name = models.CharField(max_length=120)
    role = models.CharField(_("role"), max_length=20, choices=Role.choices)
    deputy = models.ForeignKey(User, models.PROTECT, related_name="+")
    deputy_name = models.CharField(max_length=120)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    declared_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    objects = AbsenceQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-starts_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["park", "id"], name="absence_of_park"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="absence_ends_after_it_starts"),
            models.CheckConstraint(condition=~Q(person=F("deputy")), name="absence_names_somebody_else"),
        ]
        indexes: ClassVar = [models.Index(fields=["park", "deputy", "ends_at"], name="absence_of_deputy")]

    def __str__(self) -> str:
        return f"{self.person_name}: {self.deputy_name}"
