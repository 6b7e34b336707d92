"""The audit trail and the outbox: what the mechanism itself has to remember."""

from __future__ import annotations

from typing import ClassVar

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from lib.identifiers import uuid7
from tenancy.querysets import AuditEventQuerySet, OutboxEventQuerySet


class AuditEvent(models.Model):
    """One change of one row, written by a trigger of the database and by nothing else; or that somebody read it.

    `before` and `after` hold the whole row for an insertion or a deletion and the changed columns for an update.
    Readings (`tenancy.readings`) are of documents and of support visits; `after` tells what was read.
    `is_private` events are an enterprise's own, such as those of a draft that it has not filed: kept, but not shown to
    the park.
    The application's roles may read the events of their park; none may write, change or delete one.
    """

    class Action(models.TextChoices):
        INSERT = "INSERT", _("Added")
        UPDATE = "UPDATE", _("Changed")
        DELETE = "DELETE", _("Deleted")
        READ = "READ", _("Opened")

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    park_id = models.BigIntegerField(null=True)
    enterprise_id = models.UUIDField(null=True)
    table_name = models.CharField(max_length=63)
    row_id = models.CharField(max_length=64)
    action = models.CharField(max_length=6, choices=Action.choices)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    user_id = models.BigIntegerField(null=True)
    user_name = models.CharField(max_length=200, blank=True)
    membership_id = models.BigIntegerField(null=True)
    support_session_id = models.BigIntegerField(null=True)
    request_id = models.CharField(max_length=64, blank=True)
    database_role = models.CharField(max_length=63)
    is_private = models.BooleanField(default=False)

    objects = AuditEventQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-at", "-id"]
        indexes: ClassVar = [
            models.Index(fields=["park_id", "-at", "-id"], name="audit_park_at"),
            models.Index(fields=["park_id", "table_name", "row_id"], name="audit_park_row"),
            models.Index(fields=["park_id", "table_name", "-at", "-id"], name="audit_park_table"),
            models.Index(fields=["park_id", "user_id", "-at"], name="audit_park_user"),
            models.Index(
                fields=["park_id", "user_name", "-at", "-id"],
                name="audit_park_without_account",
                condition=models.Q(user_id=None),
            ),
            models.Index(
                fields=["park_id", "support_session_id", "-at"],
                name="audit_park_support",
                condition=models.Q(support_session_id__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.table_name} {self.row_id}"


class OutboxEvent(models.Model):
    """An event of the business that must reach its receivers even if the process dies right after the commit.

    Written in the transaction of the act itself, sent by the relay. `payload` holds ids and plain values only.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=100)
    payload = models.JSONField(encoder=DjangoJSONEncoder)
    created_at = models.DateTimeField(default=timezone.now)
    dispatched_at = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True)

    objects = OutboxEventQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["created_at"], name="outbox_waiting", condition=models.Q(dispatched_at=None)),
        ]

    def __str__(self) -> str:
        return self.name
