"""Tariffs in force, and channels charged by them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from energy.models import Channel, Tariff, TariffAssignment, TariffVersion
from parks.models import Park

# Valley until 8, peak until 12, flat until 18, sharp until 22, flat until 24.
WORKING = "V" * 16 + "P" * 8 + "F" * 12 + "S" * 8 + "F" * 4
SEASONS = [{"months": list(range(1, 13)), "working": WORKING, "weekend": WORKING, "holiday": "D" * 48}]
FACTS: dict[str, Any] = {
    "starts_on": date(2025, 1, 1),
    "source": "Notice 12 of the province",
    "price_sharp": Decimal("1.2"),
    "price_peak": Decimal(1),
    "price_flat": Decimal("0.6"),
    "price_valley": Decimal("0.3"),
    "price_deep": Decimal("0.2"),
    "levy_per_kwh": None,
    "demand_price_per_kw": Decimal(40),
    "capacity_price_per_kva": Decimal(25),
    "seasons": SEASONS,
}


def tariff_version(park: Park, name: str = "Industry, 10 kV", *, time_zone: str = "Asia/Shanghai", **facts: Any) -> Any:
    """The first version of a tariff, in force."""
    tariff = Tariff.objects.create(park=park, name=name, time_zone=time_zone)
    version = TariffVersion.objects.create(park=park, tariff=tariff, number=1, **{**FACTS, **facts})
    version.state = "in_force"
    version.save()
    return version


def assignment(of: Channel, tariff: Tariff, **facts: Any) -> TariffAssignment:
    told = {"starts_on": date(2025, 1, 1), **facts}
    return TariffAssignment.objects.create(
        park_id=of.park_id, enterprise_id=of.enterprise_id, channel=of, tariff=tariff, **told
    )
