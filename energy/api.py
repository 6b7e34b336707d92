"""The API of metering: what the pages show, by the same rules."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Prefetch
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.dateparse import parse_date
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from energy import serializers
from energy.models import Channel, Meter, ReadingImport, Tariff, TariffVersion
from energy.permissions import can_read_energy
from energy.queries import imports, register, tariffs, use
from lib.periods import local_day
from parks.access import Access, Door
from parks.api import ActingViewSet

MOST_DAYS = 31
MOST_DAYS_OF_COST = 366
UNTIL_OF_COST = OpenApiParameter(
    "until",
    OpenApiTypes.DATE,
    required=True,
    description=f"The day behind the last one, at most {MOST_DAYS_OF_COST} days on.",
)
FROM = OpenApiParameter("from", OpenApiTypes.DATE, required=True, description="The first day.")
UNTIL = OpenApiParameter(
    "until", OpenApiTypes.DATE, required=True, description=f"The day behind the last one, at most {MOST_DAYS} days on."
)


@extend_schema(tags=["Metering"])
class MeterViews(ListModelMixin, ActingViewSet):
    """The meters of the park for officials who work with them; for people of an enterprise their own."""

    access = Access(Door.ACTING, can_read_energy)
    serializer_class = serializers.MeterSerializer
    queryset = Meter.objects.none()

    def get_queryset(self) -> Any:
        return register.meters(self.actor).order_by("name", "id")

    def retrieve(self, request: Request, meter_id: UUID) -> Response:
        """One meter with its channels."""
        return Response(self.get_serializer(get_object_or_404(self.get_queryset(), pk=meter_id)).data)


@extend_schema(tags=["Metering"])
class ReadingViews(ActingViewSet):
    """The readings of a channel."""

    access = Access(Door.ACTING, can_read_energy)
    serializer_class = serializers.ReadingsSerializer
    queryset = Channel.objects.none()

    @extend_schema(operation_id="channel_readings", parameters=[FROM, UNTIL])
    def retrieve(self, request: Request, channel_id: UUID) -> Response:
        """The kept days of a channel with every value and what it is worth."""
        channel = get_object_or_404(Channel.objects.visible_to(self.actor), pk=channel_id)
        first, behind = days_of(request, MOST_DAYS)
        zone = self.request.park.time_zone
        days = use.days_between(channel, first, behind)
        told = {
            "channel": channel.pk,
            "unit": channel.unit,
            "interval_minutes": channel.interval_minutes,
            "time_zone": zone,
            "days": [
                {
                    "day": day,
                    "starts_at": use.interval_starts(day, 1, channel.interval_minutes, zone)[0],
                    "values": kept.values,
                    "flags": list(kept.flags),
                    "total": kept.total,
                    "peak": kept.peak,
                    "measured_count": kept.measured,
                }
                for day, kept in days.items()
            ],
        }
        return Response(self.get_serializer(told).data)


def day_of(request: Request, name: str) -> date:
    try:
        day = parse_date(request.query_params.get(name, ""))
    except ValueError:
        day = None
    if day is None:
        raise ValidationError({name: ["Write a day as year-month-day."]}, code="invalid")
    return day


def days_of(request: Request, most: int) -> tuple[date, date]:
    """The first day that is asked for, and the one behind the last."""
    first, behind = day_of(request, "from"), day_of(request, "until")
    if not timedelta(0) < behind - first <= timedelta(days=most):
        raise ValidationError({"until": [f"Ask for 1 to {most} days."]}, code="too_long")
    return first, behind


@extend_schema(tags=["Metering"])
class ReadingImportViews(ListModelMixin, ActingViewSet):
    """Files of readings: all of the park for its officials, their own for people of an enterprise."""

    access = Access(Door.ACTING, can_read_energy)
    serializer_class = serializers.ReadingImportSerializer
    queryset = ReadingImport.objects.none()
    sending_acts = frozenset({"retrieve"})

    def get_queryset(self) -> Any:
        return imports.imports(self.actor).order_by("-uploaded_at", "-id")

    def retrieve(self, request: Request, reading_import_id: UUID) -> Response:
        """One file and how far it is."""
        return Response(self.get_serializer(get_object_or_404(self.get_queryset(), pk=reading_import_id)).data)


@extend_schema(tags=["Metering"])
class TariffViews(ListModelMixin, ActingViewSet):
    """The tariffs of the park with their versions; drafts are shown to officials alone."""

    access = Access(Door.ACTING, can_read_energy)
    serializer_class = serializers.TariffSerializer
    queryset = Tariff.objects.none()

    def get_queryset(self) -> Any:
        versions = Prefetch("versions", TariffVersion.objects.visible_to(self.actor).order_by("-number"))
        return tariffs.tariffs(self.actor).prefetch_related(versions).order_by("name", "id")

    def retrieve(self, request: Request, tariff_id: UUID) -> Response:
        """One tariff with its versions, the newest first."""
        return Response(self.get_serializer(get_object_or_404(self.get_queryset(), pk=tariff_id)).data)


@extend_schema(tags=["Metering"])
class CostViews(ActingViewSet):
    """What a channel costs."""

    access = Access(Door.ACTING, can_read_energy)
    serializer_class = serializers.CostSerializer
    queryset = Channel.objects.none()

    @extend_schema(operation_id="channel_cost", parameters=[FROM, UNTIL_OF_COST])
    def retrieve(self, request: Request, channel_id: UUID) -> Response:
        """A statement a month, by the tariffs that hold on the days asked for, each beside its completeness."""
        rows = Channel.objects.visible_to(self.actor).select_related("meter")
        channel = get_object_or_404(rows, pk=channel_id)
        first, behind = days_of(request, MOST_DAYS_OF_COST)
        zone = self.request.park.time_zone
        months = tariffs.costs_of(channel, first, behind, zone_name=zone, today=local_day(timezone.now(), zone))
        total = sum((cost.total for cost in months), Decimal("0.00"))
        return Response(self.get_serializer({"channel": channel.pk, "months": months, "total": total}).data)
