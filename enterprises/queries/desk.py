"""What waits in the register for one official."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet

from enterprises.choices import ChangeRequestState
from enterprises.models import ChangeRequest, DeclaredInterest, Registration
from enterprises.permissions import can_vet, counting_ties
from enterprises.queries import company, vetting
from lib import long_lists
from parks.actors import Actor
from parks.models import Membership


def registrations_for(actor: Actor) -> QuerySet[Registration] | None:
    """What this person may decide on now; None for whoever decides on none."""
    return vetting.decidable(actor) if _decides(actor) else None


def changes_for(actor: Actor) -> QuerySet[ChangeRequest] | None:
    """What this person may decide on now; None for whoever decides on none."""
    if not _decides(actor):
        return None
    waiting = company.change_requests(actor).filter(state=ChangeRequestState.SUBMITTED)
    return waiting.filter(~_tie(actor.user_id)).order_by("due_at", "id")


def counts(actor: Actor) -> dict[str, int]:
    """How much of the park's register waits, and for whom, as far as long lists are counted."""
    lists = {view: vetting.filed(actor).filter(state__in=vetting.VIEWS[view]) for view in ("waiting", "returned")}
    changes = company.change_requests(actor).filter(state=ChangeRequestState.SUBMITTED)
    return long_lists.counts(long_lists.counting({**lists, "changes": changes}))


def _decides(actor: Actor) -> bool:
    return can_vet(actor) and not actor.is_read_only


def _tie(user_id: int) -> Q:
    """In SQL what `explain_partiality` says of one request."""
    during = counting_ties("requested_at")
    of_firm = {"park_id": OuterRef("park_id"), "enterprise_id": OuterRef("enterprise_id")}
    interests = DeclaredInterest.objects.of_user(user_id).filter(during, **of_firm)
    places = Membership.objects.filter(during, user_id=user_id, **of_firm)
    return Q(Exists(interests)) | Q(Exists(places))
