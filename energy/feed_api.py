"""The API of feeds, and the one by which gateways send readings."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.conf import settings
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import Throttled, ValidationError
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from energy.choices import FeedSource
from energy.models import Feed, ReadingImport, RejectedReading
from energy.permissions import can_import_readings, can_read_energy
from energy.queries import imports
from energy.services import feeds as services
from energy.services.pushing import MOST_READINGS, push_readings
from lib.limits import give_back, spend
from parks.access import Access, Door
from parks.api import ActingViewSet

A_MINUTE = timedelta(minutes=1)
LONGEST_KEY = 100
KEY = OpenApiParameter(
    "Idempotency-Key",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    required=True,
    description=f"The sender's own name of the batch, at most {LONGEST_KEY} visible ASCII characters; sent again with "
    "the same batch it is answered as before.",
)


class FeedSerializer(serializers.ModelSerializer):
    """A feed; `enterprise` is null for one of the park. Its secret is told to nobody."""

    class Meta:
        model = Feed
        fields = (
            "id", "name", "enterprise", "source", "format", "time_zone", "address", "is_paused", "every_minutes",
            "daily_at", "silent_after_hours", "next_fetch_at", "last_fetch_at", "last_problem", "last_file_at",
        )  # fmt: skip
        read_only_fields = fields


class PushedReadingSerializer(serializers.Serializer):
    """A value of a channel: that of the interval which begins at `time`, or what a register shows then."""

    meter = serializers.CharField(help_text="The serial number.")
    channel = serializers.CharField(required=False, help_text="The code, where the meter has several channels.")
    time = serializers.CharField(help_text="ISO 8601; without a zone by that of the feed.")
    value = serializers.DecimalField(None, None, coerce_to_string=False)
    unit = serializers.CharField(required=False, help_text="Empty: that of the channel.")


class BatchSerializer(serializers.Serializer):
    readings = PushedReadingSerializer(many=True, help_text=f"1 to {MOST_READINGS} readings.")


class BadReadingSerializer(serializers.Serializer):
    """A reading that cannot be read: its place in the batch, from 0, and the part that is wrong."""

    index = serializers.IntegerField()
    attr = serializers.CharField(allow_blank=True)


class TakenBatchSerializer(serializers.Serializer):
    """`reading_import` is the job to follow at the address in `Location`; errors are those seen at once."""

    reading_import = serializers.UUIDField()
    state = serializers.CharField()
    readings = serializers.IntegerField()
    is_repeated = serializers.BooleanField()
    errors = BadReadingSerializer(many=True)  # type: ignore[assignment]


class RejectedSerializer(serializers.ModelSerializer):
    """A reading that was not taken. `index` is its place, from 0, in a batch that a gateway sent."""

    index = serializers.SerializerMethodField()

    class Meta:
        model = RejectedReading
        fields = ("id", "index", "line", "column", "readings", "name", "at", "value", "rule")
        read_only_fields = fields

    @extend_schema_field(serializers.IntegerField(allow_null=True))
    def get_index(self, row: RejectedReading) -> int | None:
        return row.line - 1 if self.context.get("is_pushed") else None


@extend_schema(tags=["Metering"])
class FeedViews(ListModelMixin, ActingViewSet):
    """The ways by which readings come in: those of the park for its officials, their own for an enterprise's people."""

    access = Access(Door.ACTING, can_read_energy)
    serializer_class = FeedSerializer
    queryset = Feed.objects.none()
    needs = {"pause": can_import_readings, "resume": can_import_readings, "push": can_import_readings}
    sending_acts = frozenset({"push"})

    def get_queryset(self) -> Any:
        return imports.all_feeds(self.actor).select_related("park").order_by("-created_at", "-id")

    def retrieve(self, request: Request, feed_id: UUID) -> Response:
        """One feed, and when it last brought a file."""
        return Response(self.get_serializer(self._feed(feed_id)).data)

    @extend_schema(request=None, operation_id="feeds_pause")
    def pause(self, request: Request, feed_id: UUID) -> Response:
        """Take nothing more by a feed until it is resumed."""
        return Response(
            self.get_serializer(services.pause_feed(self.actor, self._feed(feed_id), now=timezone.now())).data
        )

    @extend_schema(request=None, operation_id="feeds_resume")
    def resume(self, request: Request, feed_id: UUID) -> Response:
        """Take files by a paused feed again."""
        return Response(
            self.get_serializer(services.resume_feed(self.actor, self._feed(feed_id), now=timezone.now())).data
        )

    @extend_schema(
        request=BatchSerializer,
        responses={202: TakenBatchSerializer},
        parameters=[KEY],
        operation_id="feeds_push",
    )
    def push(self, request: Request, feed_id: UUID) -> Response:
        """Send a batch of readings of a gateway.

        It is kept and read like a file, in the background. A reading that is wrong costs itself alone: those seen at
        once are in the answer by their index, all of them in the rejected readings of the import.
        """
        feed, key, batch = self._feed(feed_id), self._key(), self._batch()
        self._spend(len(batch))
        taken = push_readings(self.actor, feed, key=key, batch=batch, now=timezone.now())
        if not taken.is_new:
            give_back(self._limit, len(batch))
        told = TakenBatchSerializer(
            {
                "reading_import": taken.reading_import.pk,
                "state": taken.reading_import.state,
                "readings": len(batch),
                "is_repeated": not taken.is_new,
                "errors": taken.bad,
            }
        )
        follow = reverse("api:energy:import_detail", args=[taken.reading_import.pk])
        return Response(told.data, HTTPStatus.ACCEPTED, headers={"Location": follow})

    def _feed(self, feed_id: UUID) -> Feed:
        feed: Feed = get_object_or_404(self.get_queryset(), pk=feed_id)
        return feed

    def _key(self) -> str:
        key = str(self.request.headers.get("Idempotency-Key", "")).strip()
        if not 0 < len(key) <= LONGEST_KEY or not (key.isascii() and key.isprintable()):
            raise ValidationError({"Idempotency-Key": ["Name the batch in this header."]}, code="required")
        return key

    def _batch(self) -> list[Any]:
        body = self.request.data
        batch = body.get("readings") if isinstance(body, dict) else None
        if not isinstance(batch, list) or not 1 <= len(batch) <= MOST_READINGS:
            raise ValidationError({"readings": [f"Send 1 to {MOST_READINGS} readings."]}, code="invalid")
        return batch

    @property
    def _limit(self) -> str:
        key = self.request.auth
        return f"pushed:{key.pk if key is not None else f'person-{self.request.user.pk}'}"

    def _spend(self, count: int) -> None:
        if not spend(self._limit, settings.PUSHED_READINGS_A_MINUTE, A_MINUTE, count):
            raise Throttled(A_MINUTE.total_seconds())


@extend_schema(tags=["Metering"])
class RejectedViews(ListModelMixin, ActingViewSet):
    """The readings of an import that were not taken, each with the rule that refused it."""

    access = Access(Door.ACTING, can_read_energy)
    serializer_class = RejectedSerializer
    queryset = RejectedReading.objects.none()
    sending_acts = frozenset({"list"})

    def get_queryset(self) -> Any:
        return imports.rejected(self._import).order_by("-id")

    def get_serializer_context(self) -> dict[str, Any]:
        context = super().get_serializer_context()
        # The generator of the schema has no address to read.
        is_pushed = bool(self.kwargs) and self._import.feed.source == FeedSource.PUSH
        return {**context, "is_pushed": is_pushed}

    @property
    def _import(self) -> ReadingImport:
        found: ReadingImport = get_object_or_404(imports.imports(self.actor), pk=self.kwargs["reading_import_id"])
        return found
