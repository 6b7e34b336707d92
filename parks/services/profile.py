"""What a park's own administrator changes of it: words, contacts, colour and logo. The rest is the operator's."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction

from parks.images import Picture
from parks.models import Park
from parks.services.lifecycle import update_park

# The same columns as in the policy of the table: the database refuses the park's officials every other one.
OWN_PROFILE = (
    "name_en",
    "name_zh",
    "seal",
    "description_en",
    "description_zh",
    "city_en",
    "city_zh",
    "latitude",
    "longitude",
    "area_km2",
    "industries_en",
    "industries_zh",
    "address_en",
    "address_zh",
    "contact_name",
    "contact_email",
    "contact_phone",
)


def change_profile(park_id: int, values: Mapping[str, Any]) -> Park:
    """Write fields of `OWN_PROFILE`."""
    foreign = values.keys() - set(OWN_PROFILE)
    if foreign:
        raise ValueError(f"Not for the park to change: {', '.join(sorted(foreign))}")
    return update_park(park_id, values)


@transaction.atomic
def change_branding(park_id: int, *, accent: str, logo: Picture | None = None, without_logo: bool = False) -> Park:
    """Set the accent, and a new logo where one is given. The old file goes once the change is certain.

    The name of the file is its digest, so that a browser never shows an old logo from its cache.
    """
    park = Park.objects.select_for_update().get(pk=park_id)
    before = park.logo.name
    park.accent = accent
    if logo is not None:
        name = f"{sha256(logo.content).hexdigest()[:20]}.{logo.extension}"
        park.logo.save(name, ContentFile(logo.content), save=False)
    elif without_logo:
        park.logo = ""
    park.save(update_fields=["accent", "logo"])
    if before and before != park.logo.name:
        storage = park.logo.storage
        transaction.on_commit(lambda: storage.delete(before))
    return park
