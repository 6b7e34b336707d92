"""Support sessions: an operator's stay in a park, for a reason, at most an hour, recorded and visible to the park."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from lib.refusals import Refusal
from parks.actors import Actor
from parks.choices import ParkStatus
from parks.models import Membership, Park, SupportSession

LONGEST_STAY = timedelta(hours=1)


class SupportRefused(Refusal):
    """The operator cannot enter this park now."""

    code = "support_refused"


@transaction.atomic
def start_support_session(park_id: int, operator: Actor, reason: str, now: datetime) -> SupportSession:
    """Let the operator in until an hour from `now`. One open session at a time, also for two requests at once."""
    # The operator's membership is the lock: a second start waits here and then finds the first one's session.
    Membership.objects.select_for_update().get(pk=operator.membership_id)
    park = Park.objects.get(pk=park_id)
    if park.status == ParkStatus.ARCHIVED:
        raise SupportRefused(_("The park is archived: nobody can enter it."))
    if SupportSession.objects.open(now).of_operator(operator.user_id).exists():
        raise SupportRefused(_("You have an open support session. End it before you begin another."))
    return SupportSession.objects.create(
        park=park,
        operator_id=operator.user_id,
        operator_name=operator.name,
        reason=reason,
        started_at=now,
        expires_at=now + LONGEST_STAY,
    )


@transaction.atomic
def end_support_session(operator: Actor, now: datetime) -> SupportSession | None:
    """End the operator's open session; None when there is none, or it ran out. Safe to repeat."""
    open_sessions = SupportSession.objects.open(now).of_operator(operator.user_id)
    session = open_sessions.select_for_update(of=("self",)).select_related("park").first()
    if session is None:
        return None
    session.ended_at = now
    session.save(update_fields=["ended_at"])
    return session
