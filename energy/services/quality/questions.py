"""Readings that the park asks for again: whoever keeps the meter is told."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.urls import reverse

from accounts.services import write_to_each
from energy.choices import ActKind, IssueState
from energy.messages import OWN_READINGS_ASKED, READINGS_ASKED
from energy.models import ReadingAct, ReadingIssue
from lib.formatting import day
from parks.choices import Role
from parks.models import Membership
from parks.services.mailing import people_of
from parks.services.wording import wording_of


@transaction.atomic
def tell_of_question(reading_issue_id: UUID) -> None:
    """Write to the energy managers of the enterprise, or of the park for its own meter; once a question."""
    issue = ReadingIssue.objects.select_related("channel__meter").get(pk=reading_issue_id)
    asked = ReadingAct.objects.filter(park_id=issue.park_id, issue=issue, kind=ActKind.ASK, undone_at=None)
    act = asked.order_by("-at", "-pk").first()
    if act is None or issue.state != IssueState.ASKED or issue.due_on is None:
        return
    places = Membership.objects.active().select_related("user")
    if issue.enterprise_id is None:
        kind, keepers = READINGS_ASKED, places.of_staff(issue.park_id).with_role(Role.PARK_ENERGY_MANAGER)
    else:
        kind = OWN_READINGS_ASKED
        keepers = places.of_enterprise(issue.park_id, issue.enterprise_id).with_role(Role.ENERGY_MANAGER)
    wording = wording_of(issue.park_id, kind)
    until = day(issue.due_on)
    write_to_each(
        f"readings_asked:{act.pk}",
        people_of(keepers),
        lambda: wording.letter(
            {
                "meter": issue.channel.meter.name,
                "day": day(issue.day),
                "finding": str(issue.get_rule_display()),
                "until": until,
                "wish": act.reason,
            }
        ),
        reverse("energy:issue_detail", args=[issue.pk]),
    )
