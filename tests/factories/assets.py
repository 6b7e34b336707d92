"""Energy assets and what measures them, made as they stand in the store."""

from __future__ import annotations

from datetime import date
from typing import Any

from energy.choices import AssetKind
from energy.models import Asset, AssetChannel, AssetMember, Channel
from enterprises.models import Enterprise
from parks.models import Park

PLATES: dict[str, dict[str, Any]] = {
    AssetKind.PV: {"peak_power_kwp": 100},
    AssetKind.STORAGE: {"power_kw": 500, "capacity_kwh": 1000},
    AssetKind.CHARGING: {"connectors": 8, "power_kw": 480},
    AssetKind.MICROGRID: {},
    AssetKind.BUILDING: {"floor_area_m2": 5000},
}


def asset(park: Park, enterprise: Enterprise | None = None, kind: str = AssetKind.PV, **facts: Any) -> Asset:
    told = {"name": "Roof of hall 3", "starts_on": date(2025, 1, 1), **PLATES[kind], **facts}
    return Asset.objects.create(park=park, enterprise=enterprise, kind=kind, **told)


def link(of: Asset, channel: Channel, role: str, **facts: Any) -> AssetChannel:
    told = {"starts_on": of.starts_on, **facts}
    return AssetChannel.objects.create(
        park_id=of.park_id, enterprise_id=of.enterprise_id, asset=of, channel=channel, role=role, **told
    )


def membership(microgrid: Asset, member: Asset, **facts: Any) -> AssetMember:
    told = {"starts_on": max(microgrid.starts_on, member.starts_on), **facts}
    return AssetMember.objects.create(
        park_id=microgrid.park_id, enterprise_id=microgrid.enterprise_id, microgrid=microgrid, member=member, **told
    )
