"""What the pages of this app know of their visitor."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.forms import BaseForm
from django.http import QueryDict
from django.shortcuts import get_object_or_404
from django.utils import timezone

from incentives import queries
from incentives.models import Application
from lib.periods import local_day
from parks.actors import Actor
from parks.requests import ActingRequest

UNPROCESSABLE = 422


def is_of_a_park(actor: Actor) -> bool:
    return actor.park_id is not None


def moment(request: ActingRequest) -> tuple[datetime, date]:
    """Now, and the day it is in the park: the clock of everything that one request does."""
    now = timezone.now()
    return now, local_day(now, request.park.time_zone)


def one_application(request: ActingRequest, application_id: UUID) -> Application:
    return get_object_or_404(queries.application_page(request.actor), pk=application_id)


def redrawn(form: BaseForm, **values: object) -> None:
    """Draw a form that was typed on an older page as one of the page that stands now: with what it knows by heart."""
    known = {name: str(value) for name, value in values.items() if name in form.fields}
    form.data = {**form.data.dict(), **known} if isinstance(form.data, QueryDict) else form.data
