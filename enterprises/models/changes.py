"""What an enterprise wants changed in facts that the park has vetted, and what happened to it as a whole."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from enterprises.choices import ChangeRequestState, EnterpriseStepKind
from enterprises.models.register import EnterpriseOwned, EnterprisePaper
from lib.identifiers import uuid7


class ChangeRequest(EnterpriseOwned):
    """A request to change vetted facts. `changes` maps a name of `VETTED` to [before, after], both as stored text.

    At most one is open for an enterprise. What is approved is written in the same transaction.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    number = models.CharField(max_length=20)
    changes = models.JSONField()
    reason = models.CharField(_("reason"), max_length=1000)
    is_code_confirmed = models.BooleanField(default=False)
    evidence = models.ForeignKey(EnterprisePaper, models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=20, choices=ChangeRequestState.choices, default=ChangeRequestState.SUBMITTED)
    requested_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    requested_by_name = models.CharField(max_length=120)
    requested_at = models.DateTimeField()
    due_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    decided_by_name = models.CharField(max_length=120, blank=True)
    decided_at = models.DateTimeField(null=True)
    decision = models.TextField(_("answer to the enterprise"), max_length=4000, blank=True)

    class Meta:
        ordering: ClassVar = ["-requested_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["park", "id"], name="change_request_of_park"),
            models.UniqueConstraint(fields=["park", "number"], name="change_request_number_once"),
            models.UniqueConstraint(
                fields=["park", "enterprise"],
                condition=Q(state=ChangeRequestState.SUBMITTED),
                name="change_request_open_once",
                violation_error_message=_("A request of this enterprise is being checked already."),
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["park", "due_at", "id"],
                condition=Q(state=ChangeRequestState.SUBMITTED),
                name="change_request_waiting",
            ),
            models.Index(fields=["park", "enterprise", "-requested_at"], name="change_request_of_firm"),
        ]

    def __str__(self) -> str:
        return self.number


class EnterpriseStep(EnterpriseOwned):
    """One entry of an enterprise's timeline: its standing, its ownership, or what the park says of it changed.

    `comment` is the reason given; `changes` maps a fact that the park has changed to [before, after], as stored text.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=20, choices=EnterpriseStepKind.choices)
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    by_name = models.CharField(max_length=120)
    is_by_official = models.BooleanField()
    comment = models.TextField(max_length=1000, blank=True)
    changes = models.JSONField(default=dict)
    evidence = models.ForeignKey(EnterprisePaper, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering: ClassVar = ["-at", "-id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["park", "id"], name="enterprise_step_of_park")]
        indexes: ClassVar = [models.Index(fields=["park", "enterprise", "-at"], name="enterprise_step_list")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.at:%Y-%m-%d}"
