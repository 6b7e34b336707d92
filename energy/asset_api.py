"""The API of energy assets: the register, and the indicators of a year by month, by the rules of the pages."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from energy.calculations.asset_doubts import DoubtKind
from energy.calculations.asset_kpis import UNITS, Kpi
from energy.choices import AssetKind, AssetKpi, AssetRole
from energy.models import Asset, AssetChannel
from energy.permissions import can_read_energy
from energy.queries.assets import register
from energy.queries.assets.kpis import year_of
from lib.periods import local_day
from parks.access import Access, Door
from parks.api import ActingViewSet

FIRST_YEAR = 1990
YEAR = OpenApiParameter("year", OpenApiTypes.INT, description="Without it: this year, until yesterday.")


class AssetChannelSerializer(serializers.ModelSerializer):
    """Which channel measures what, from `starts_on` up to, not including, `ends_on`."""

    role = serializers.ChoiceField(choices=AssetRole.choices, read_only=True)

    class Meta:
        model = AssetChannel
        fields = ("id", "channel", "role", "starts_on", "ends_on")
        read_only_fields = fields


class AssetSerializer(serializers.ModelSerializer):
    """An asset with its nameplate: what its kind does not have is null. `enterprise` is null for one of the park."""

    kind = serializers.ChoiceField(choices=AssetKind.choices, read_only=True)
    channels = AssetChannelSerializer(source="kept_links", many=True, read_only=True)
    members = serializers.SerializerMethodField(help_text="Of a microgrid the assets that belong to it.")

    class Meta:
        model = Asset
        fields = (
            "id",
            "kind",
            "name",
            "location",
            "enterprise",
            "starts_on",
            "ends_on",
            "peak_power_kwp",
            "power_kw",
            "capacity_kwh",
            "guaranteed_efficiency_percent",
            "tilt_degrees",
            "azimuth_degrees",
            "export_limit_kw",
            "design_yield_kwh_per_kwp",
            "connectors",
            "floor_area_m2",
            "channels",
            "members",
        )
        read_only_fields = fields

    def get_members(self, asset: Asset) -> list[UUID]:
        return [each.member_id for each in asset.kept_members]  # type: ignore[attr-defined]


class AssetKpiSerializer(serializers.Serializer):
    """An indicator; null where it cannot be worked out, and then `lacking` names what no channel measures."""

    kind = serializers.ChoiceField(choices=AssetKpi.choices)
    unit = serializers.SerializerMethodField()
    value = serializers.FloatField(allow_null=True)
    completeness_percent = serializers.FloatField(allow_null=True)
    lacking = serializers.ListField(child=serializers.ChoiceField(choices=AssetRole.choices))

    def get_unit(self, kpi: Kpi) -> str:
        return UNITS[kpi.kind]


class AssetMonthSerializer(serializers.Serializer):
    month = serializers.DateField(help_text="Its first day.")
    kpis = AssetKpiSerializer(many=True)


class AssetDoubtSerializer(serializers.Serializer):
    """An indicator of the judged year outside of what is to be expected."""

    kpi = serializers.ChoiceField(choices=AssetKpi.choices)
    kind = serializers.ChoiceField(choices=[(each.value, each.value) for each in DoubtKind])
    value = serializers.FloatField()
    lowest = serializers.FloatField()
    highest = serializers.FloatField()


class AssetYearSerializer(serializers.Serializer):
    """The indicators of a year until yesterday, and what stands against those of the year that is judged."""

    asset = serializers.UUIDField()
    year = serializers.IntegerField()
    kpis = AssetKpiSerializer(many=True)
    months = AssetMonthSerializer(many=True)
    judged_from = serializers.DateField()
    judged_until = serializers.DateField(help_text="The day behind the last one.")
    is_judged = serializers.BooleanField(help_text="Whether it was in service in all of that time.")
    doubts = AssetDoubtSerializer(many=True)


@extend_schema(tags=["Metering"])
class AssetViews(ListModelMixin, ActingViewSet):
    """Energy assets of the park for officials who work with meters; for people of an enterprise their own."""

    access = Access(Door.ACTING, can_read_energy)
    serializer_class = AssetSerializer
    queryset = Asset.objects.none()

    def get_queryset(self) -> Any:
        return register.assets(self.actor).order_by("name", "id")

    def retrieve(self, request: Request, asset_id: UUID) -> Response:
        """One asset with what measures it."""
        return Response(self.get_serializer(get_object_or_404(self.get_queryset(), pk=asset_id)).data)


@extend_schema(tags=["Metering"])
class AssetKpiViews(ActingViewSet):
    """The indicators of an asset."""

    access = Access(Door.ACTING, can_read_energy)
    serializer_class = AssetYearSerializer
    queryset = Asset.objects.none()

    @extend_schema(operation_id="asset_kpis", parameters=[YEAR])
    def retrieve(self, request: Request, asset_id: UUID) -> Response:
        """Those of a year and of its months that have begun, each beside its completeness."""
        asset = get_object_or_404(register.assets(self.actor), pk=asset_id)
        zone = self.request.park.time_zone
        today = local_day(timezone.now(), zone)
        year = _year_of(request.query_params.get("year", str(today.year)), today.year)
        told = year_of(asset, year, today, zone)
        answer = {
            "asset": asset.pk,
            "year": year,
            "kpis": told.kpis,
            "months": told.months,
            "judged_from": told.judged[0],
            "judged_until": told.judged[1],
            "is_judged": told.is_judged,
            "doubts": told.doubts,
        }
        return Response(self.get_serializer(answer).data)


def _year_of(written: str, this_year: int) -> int:
    """Years to come have no days yet, and to walk through all of them takes long."""
    year = int(written) if written.isascii() and written.isdigit() and len(written) == 4 else 0
    if not FIRST_YEAR <= year <= this_year:
        raise ValidationError({"year": [f"Write a year from {FIRST_YEAR} to {this_year}."]}, code="invalid")
    return year
