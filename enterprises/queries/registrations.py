"""What a person at the door of a park has filed, and what is told of it before a park is chosen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Prefetch, QuerySet

from enterprises.choices import RegistrationState
from enterprises.models import Registration, RegistrationPaper, RegistrationRemark, RegistrationStep
from lib.formatting import speaks_chinese
from parks.actors import Registrant
from parks.models import Park


def own_registrations(registrant: Registrant) -> QuerySet[Registration]:
    mine = Registration.objects.filter(park_id=registrant.park_id, registrant_id=registrant.user_id)
    return mine.select_related("unfiled")


def own_registration_page(registrant: Registrant) -> QuerySet[Registration]:
    """With `kept`, its documents, `way`, its steps, and `remarks_made`, all that officials wanted corrected."""
    return (
        own_registrations(registrant)
        .select_related("park", "unfiled")
        .prefetch_related(
            Prefetch("papers", RegistrationPaper.objects.filter(removed_at=None), to_attr="kept"),
            Prefetch("steps", RegistrationStep.objects.all(), to_attr="way"),
            Prefetch("remarks", RegistrationRemark.objects.all(), to_attr="remarks_made"),
        )
    )


def own_papers(registrant: Registrant) -> QuerySet[RegistrationPaper]:
    mine = RegistrationPaper.objects.filter(park_id=registrant.park_id, registrant_id=registrant.user_id)
    return mine.filter(removed_at=None).select_related("registration__park")


@dataclass(frozen=True, slots=True)
class BegunRegistration:
    """A registration as its person finds it before a park is chosen."""

    id: Any
    park: Park
    state: RegistrationState
    name: str


def begun_registrations(user_id: int) -> list[BegunRegistration]:
    """What a person has begun in any park, the newest first, at most 50. For the login role, outside every scope."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT park_id, id, state, name_en, name_zh FROM enterprises_registrations_of(%s)", [user_id])
        rows = cursor.fetchall()
    parks = Park.objects.open_to_public().in_bulk({row[0] for row in rows})
    return [
        BegunRegistration(found, parks[park_id], RegistrationState(state), _shown(name_en, name_zh))
        for park_id, found, state, name_en, name_zh in rows
        if park_id in parks
    ]


def _shown(name_en: str, name_zh: str) -> str:
    first, second = (name_zh, name_en) if speaks_chinese() else (name_en, name_zh)
    return first or second
