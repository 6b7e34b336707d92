"""The national list of zero-carbon parks (parks/reference/README.md)."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from parks.choices import BoundaryType, ParkLevel, Province

PUBLISHED_ON = date(2025, 12, 26)
SOURCE = Path(__file__).parent / "reference" / "national_list_2025.csv"


@dataclass(frozen=True, slots=True)
class ListedPark:
    """One line of the list."""

    number: int
    slug: str
    province: Province
    city_zh: str
    city_en: str
    name_zh: str
    name_en: str
    latitude: Decimal
    longitude: Decimal
    boundary_type: BoundaryType
    construction_start_year: int
    construction_end_year: int

    def profile(self) -> dict[str, Any]:
        """The fields of a park that the list decides."""
        return {
            "slug": self.slug,
            "name_en": self.name_en,
            "name_zh": self.name_zh,
            "level": ParkLevel.NATIONAL,
            "province": self.province,
            "city_en": self.city_en,
            "city_zh": self.city_zh,
            "latitude": self.latitude,
            "longitude": self.longitude,
            "boundary_type": self.boundary_type,
            "construction_start_year": self.construction_start_year,
            "construction_end_year": self.construction_end_year,
            "national_list_number": self.number,
        }


def listed_parks() -> list[ListedPark]:
    """The list in its order."""
    with SOURCE.open(encoding="utf-8", newline="") as lines:
        return [_listed(row) for row in csv.DictReader(lines)]


def _listed(row: dict[str, str]) -> ListedPark:
    return ListedPark(
        number=int(row["number"]),
        slug=row["slug"],
        province=Province(row["province_code"]),
        city_zh=row["city_zh"],
        city_en=row["city_en"],
        name_zh=row["name_zh"],
        name_en=row["name_en"],
        latitude=Decimal(row["latitude"]),
        longitude=Decimal(row["longitude"]),
        boundary_type=BoundaryType(row["boundary_type"]),
        construction_start_year=int(row["construction_start_year"]),
        construction_end_year=int(row["construction_end_year"]),
    )
