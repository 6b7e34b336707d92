"""Who is away, and who acts in their role meanwhile."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from incentives.choices import STAGE_ROLES
from incentives.models import Absence
from incentives.permissions import can_act_as, can_configure_programmes
from incentives.services.ground import Invalid, NotAllowed, refuse_if
from lib.periods import last_moment, local_day
from parks.actors import Actor
from parks.choices import Role
from parks.models import Membership, Park
from tenancy.locks import take_turns

MOST_DAYS = 60


@transaction.atomic
def declare_absence(
    actor: Actor, park: Park, *, role: Role, deputy_id: int, starts_on: date, ends_on: date, now: datetime
) -> Absence:
    """Name a colleague who may act in one's role on these days, the last one included. In one's own name only."""
    refuse_if(actor.read_only_words if actor.is_read_only else "")
    refuse_if("" if can_act_as(actor, role) else _("Only who holds a role can have somebody stand in for it."))
    if ends_on < starts_on or ends_on < local_day(now, park.time_zone):
        raise Invalid(_("The last day is not before the first one, and not over."), field="ends_on")
    if (ends_on - starts_on).days >= MOST_DAYS:
        raise Invalid(_("An absence has at most %(most)s days.") % {"most": MOST_DAYS}, field="ends_on")
    deputy = possible_deputies(actor).filter(user_id=deputy_id).first()
    if deputy is None:
        raise Invalid(_("Choose a colleague who decides on applications."), field="deputy")
    # A day begins where the one before it ends.
    starts_at = last_moment(starts_on - timedelta(days=1), park.time_zone) + timedelta(microseconds=1)
    ends_at = last_moment(ends_on, park.time_zone) + timedelta(microseconds=1)
    take_turns(f"incentives.absence:{actor.park_id}:{actor.user_id}:{role}")
    own = Absence.objects.of_park(actor.park_id).filter(person_id=actor.user_id, role=role, ended_at=None)
    if own.filter(starts_at__lt=ends_at, ends_at__gt=starts_at).exists():
        raise Invalid(_("You have named a deputy for some of these days already; end that first."), field="starts_on")
    return Absence.objects.create(
        park=park,
        person_id=actor.user_id,
        person_name=actor.name,
        role=role,
        deputy_id=deputy.user_id,
        deputy_name=deputy.user.name,
        starts_at=starts_at,
        ends_at=ends_at,
        declared_at=now,
    )


@transaction.atomic
def end_absence(actor: Actor, absence: Absence, *, now: datetime) -> Absence:
    """Be back early: the deputy acts no more. An administrator can do it for a colleague. Safe to repeat."""
    current = Absence.objects.select_for_update(of=("self",)).get(pk=absence.pk)
    if current.person_id != actor.user_id and not can_configure_programmes(actor):
        raise NotAllowed(_("Only the person who was away, or a park administrator, can end this."))
    refuse_if(actor.read_only_words if actor.is_read_only else "")
    if current.ended_at is None:
        current.ended_at = now
        current.save(update_fields=["ended_at"])
    return current


def possible_deputies(actor: Actor) -> QuerySet[Membership]:
    """Colleagues who decide in some stage themselves."""
    if actor.park_id is None:
        return Membership.objects.none()
    staff = Membership.objects.of_staff(actor.park_id).filter(is_active=True, roles__overlap=list(STAGE_ROLES))
    return staff.exclude(user_id=actor.user_id).select_related("user").order_by("user__name", "pk")
