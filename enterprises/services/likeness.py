"""Whether a registration is called like an enterprise of the park: worked out by the worker, and kept for the lists.

To compare a name with a register of thousands takes up to a tenth of a second: too long for each row of a list.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.core.cache import cache

from enterprises.models import Enterprise, Registration
from enterprises.queries.vetting import WITH_THE_PARK, likeness_key, similar_names

KEPT = timedelta(hours=3)
"""Longer than from one hourly round to the next but one."""


def work_out_likeness(registration_id: UUID) -> bool:
    """Whether an enterprise of another code has a name like it; who has the code is told of anyway. Safe to repeat."""
    registration = Registration.objects.get(pk=registration_id)
    scores = similar_names(registration.name_zh, registration.name_en)
    others = Enterprise.objects.filter(pk__in=scores).exclude(credit_code=registration.credit_code)
    is_alike = others.exists()
    key = likeness_key(registration.park_id, registration.pk, registration.round)
    cache.set(key, is_alike, KEPT.total_seconds())
    return is_alike


def waiting_ids(park_id: int) -> list[UUID]:
    waiting = Registration.objects.filter(park_id=park_id, state__in=WITH_THE_PARK)
    return list(waiting.order_by("pk").values_list("pk", flat=True))
