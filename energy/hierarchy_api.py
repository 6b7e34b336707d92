"""The API of head meters and those below them."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers as fields
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from energy.api import day_of
from energy.models import Meter, SubMeter
from energy.permissions import can_keep_meters, can_read_energy
from energy.queries import hierarchy, register
from energy.serializers import BalanceSerializer, SubMeterSerializer
from energy.services.hierarchy import place_meter
from lib.periods import local_day
from parks.access import Access, Door
from parks.api import ActingViewSet, Predicate

MONTH = OpenApiParameter("month", OpenApiTypes.DATE, required=True, description="A day of the month.")


class PlaceSerializer(fields.Serializer):
    head = fields.UUIDField(allow_null=True, help_text="The meter below which it hangs; null for none.")
    starts_on = fields.DateField(help_text="From this day on; what was said of it and later is replaced.")


@extend_schema(tags=["Metering"])
class SubMeterViews(ListModelMixin, ActingViewSet):
    """Which meters hang below which. People of an enterprise see it of their own meters alone."""

    access = Access(Door.ACTING, can_read_energy)
    serializer_class = SubMeterSerializer
    queryset = SubMeter.objects.none()

    def get_queryset(self) -> Any:
        return SubMeter.objects.visible_to(self.actor).order_by("starts_on", "id")


@extend_schema(tags=["Metering"])
class BalanceViews(ActingViewSet):
    """A head meter and those right below it."""

    access = Access(Door.ACTING, can_read_energy)
    serializer_class = BalanceSerializer
    queryset = Meter.objects.none()
    needs: ClassVar[dict[str, Predicate]] = {"place": can_keep_meters}

    @extend_schema(operation_id="meter_balance", parameters=[MONTH])
    def retrieve(self, request: Request, meter_id: UUID) -> Response:
        """What passed the meter in a month, what passed those right below it, and what is lost between them."""
        return self._shown(self._one(meter_id), day_of(request, "month").replace(day=1))

    @extend_schema(operation_id="meter_place", request=PlaceSerializer)
    def place(self, request: Request, meter_id: UUID) -> Response:
        """Hang the meter below a head meter from a day on. 409 `cannot_hang_there` where it does not fit."""
        meter, given = self._one(meter_id), self.given(PlaceSerializer)
        head = None if given["head"] is None else self._one(given["head"])
        place_meter(self.actor, meter, head=head, starts_on=given["starts_on"], now=timezone.now())
        return self._shown(head or meter, given["starts_on"].replace(day=1))

    def _one(self, meter_id: UUID) -> Meter:
        return get_object_or_404(register.meters(self.actor), pk=meter_id)

    def _shown(self, meter: Meter, month: date) -> Response:
        zone = self.request.park.time_zone
        node = hierarchy.node_of(self.actor, meter, month, zone, local_day(timezone.now(), zone))
        return Response(self.get_serializer(node).data)
