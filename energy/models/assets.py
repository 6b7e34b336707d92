"""What makes, keeps or uses electricity and is more than one meter: plants, microgrids, buildings."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Func, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from energy.choices import AssetKind, AssetRole
from energy.models.meters import KNOWN_DAYS, OF_THIS_AGE, POSITIVE, Channel, OwnedByParkOrEnterprise
from energy.querysets import AssetChannelQuerySet, AssetMemberQuerySet, AssetQuerySet
from lib.identifiers import uuid7

NAMEPLATE: dict[str, tuple[str, ...]] = {
    AssetKind.PV: (
        "peak_power_kwp",
        "power_kw",
        "tilt_degrees",
        "azimuth_degrees",
        "export_limit_kw",
        "design_yield_kwh_per_kwp",
    ),
    AssetKind.STORAGE: ("power_kw", "capacity_kwh", "guaranteed_efficiency_percent"),
    AssetKind.CHARGING: ("connectors", "power_kw"),
    AssetKind.MICROGRID: ("export_limit_kw",),
    AssetKind.BUILDING: ("floor_area_m2",),
}
"""What is said of an asset of a kind."""
NEEDED: dict[str, tuple[str, ...]] = {
    AssetKind.PV: ("peak_power_kwp",),
    AssetKind.STORAGE: ("power_kw", "capacity_kwh"),
    AssetKind.CHARGING: ("connectors", "power_kw"),
    AssetKind.MICROGRID: (),
    AssetKind.BUILDING: ("floor_area_m2",),
}
"""What is not left empty of it."""
DAYS = Func("starts_on", "ends_on", function="daterange")


def _quantity(label: Any, *, digits: int = 14, places: int = 3) -> Any:
    return models.DecimalField(
        label, max_digits=digits, decimal_places=places, null=True, blank=True, validators=[POSITIVE]
    )


def _names_what_is_needed() -> Q:
    """Of each kind what its indicators are worked out from."""
    condition = Q(kind=AssetKind.MICROGRID)
    for kind, needed in NEEDED.items():
        if needed:
            condition |= Q(kind=kind, **{f"{name}__isnull": False for name in needed})
    return condition


class Asset(OwnedByParkOrEnterprise):
    """A plant with its nameplate, in service from `starts_on` (commissioned) up to, not including, `ends_on`.

    peak_power_kwp: modules under standard conditions; power_kw: rated, of an array behind the inverter.
    azimuth_degrees: from north over east, so that 180 looks south. export_limit_kw: what the grid takes at most.
    design_yield_kwh_per_kwp: what its design promises of a year, which its yield is compared with.
    guaranteed_efficiency_percent: of a round trip.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(_("kind"), max_length=20, choices=AssetKind.choices)
    name = models.CharField(_("name"), max_length=120)
    location = models.CharField(_("location"), max_length=200, blank=True)
    starts_on = models.DateField(_("commissioned on"), validators=OF_THIS_AGE)
    ends_on = models.DateField(_("out of service from"), null=True, blank=True, validators=OF_THIS_AGE)
    peak_power_kwp = _quantity(_("peak power (kWp)"))
    power_kw = _quantity(_("rated power (kW)"))
    capacity_kwh = _quantity(_("capacity (kWh)"))
    guaranteed_efficiency_percent = models.DecimalField(
        _("guaranteed round-trip efficiency (%)"),
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[POSITIVE, MaxValueValidator(100)],
    )
    tilt_degrees = models.DecimalField(
        _("tilt (°)"),
        max_digits=4,
        decimal_places=1,
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(90)],
    )
    azimuth_degrees = models.DecimalField(
        _("azimuth (°)"),
        max_digits=4,
        decimal_places=1,
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(360)],
    )
    export_limit_kw = _quantity(_("export limit (kW)"))
    design_yield_kwh_per_kwp = _quantity(_("yield of the design (kWh/kWp a year)"), digits=6, places=1)
    connectors = models.PositiveIntegerField(
        _("connectors"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(10_000)]
    )
    floor_area_m2 = _quantity(_("floor area (m²)"), digits=12, places=2)
    created_at = models.DateTimeField(default=timezone.now)

    objects = AssetQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["name", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["park", "id"], name="asset_of_park"),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="asset_ends_after_start",
                violation_error_message=_("An asset goes out of service after it was commissioned."),
            ),
            models.CheckConstraint(
                condition=Q(starts_on__range=KNOWN_DAYS) & (Q(ends_on=None) | Q(ends_on__range=KNOWN_DAYS)),
                name="asset_of_this_age",
            ),
            models.CheckConstraint(condition=_names_what_is_needed(), name="asset_names_its_capacity"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["park", "enterprise", "kind"], name="asset_of_owner"),
            models.Index(fields=["park", "name"], name="asset_by_name"),
        ]

    def __str__(self) -> str:
        return self.name


class AssetChannel(OwnedByParkOrEnterprise):
    """What a channel measures of an asset, from `starts_on` up to, not including, `ends_on`.

    `enterprise` is that of the asset. Several channels of one role are added up. A link that was a mistake ends on the
    day it began.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    asset = models.ForeignKey(Asset, models.PROTECT, related_name="links", db_index=False)
    channel = models.ForeignKey(Channel, models.PROTECT, related_name="asset_links", db_index=False)
    role = models.CharField(_("measures"), max_length=20, choices=AssetRole.choices)
    starts_on = models.DateField(_("measures from"), validators=OF_THIS_AGE)
    ends_on = models.DateField(_("measures until"), null=True, blank=True, validators=OF_THIS_AGE)
    created_at = models.DateTimeField(default=timezone.now)

    objects = AssetChannelQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["role", "starts_on", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["park", "id"], name="asset_channel_of_park"),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")), name="asset_channel_ends_after_start"
            ),
            ExclusionConstraint(
                name="asset_channel_once_a_day",
                expressions=[
                    ("park", RangeOperators.EQUAL),
                    ("asset", RangeOperators.EQUAL),
                    ("channel", RangeOperators.EQUAL),
                    ("role", RangeOperators.EQUAL),
                    (DAYS, RangeOperators.OVERLAPS),
                ],
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["park", "channel"], name="asset_channel_of_channel")]

    def __str__(self) -> str:
        return f"{self.asset_id} {self.role}"


class AssetMember(OwnedByParkOrEnterprise):
    """An asset that belongs to a microgrid, from `starts_on` up to, not including, `ends_on`.

    `enterprise` is that of the microgrid.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    microgrid = models.ForeignKey(Asset, models.PROTECT, related_name="members", db_index=False)
    member = models.ForeignKey(Asset, models.PROTECT, related_name="memberships", db_index=False)
    starts_on = models.DateField(_("belongs to it from"), validators=OF_THIS_AGE)
    ends_on = models.DateField(_("belongs to it until"), null=True, blank=True, validators=OF_THIS_AGE)
    created_at = models.DateTimeField(default=timezone.now)

    objects = AssetMemberQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["starts_on", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["park", "id"], name="asset_member_of_park"),
            models.CheckConstraint(condition=~Q(microgrid=F("member")), name="asset_member_is_another"),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")), name="asset_member_ends_after_start"
            ),
            # In two microgrids at once its energy would count twice.
            ExclusionConstraint(
                name="asset_member_of_one_a_day",
                expressions=[
                    ("park", RangeOperators.EQUAL),
                    ("member", RangeOperators.EQUAL),
                    (DAYS, RangeOperators.OVERLAPS),
                ],
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["park", "microgrid"], name="asset_member_of_microgrid")]

    def __str__(self) -> str:
        return f"{self.microgrid_id} {self.member_id}"
