"""What people call themselves where they work: told to their parks, and never what a colleague is called."""

from __future__ import annotations

import pytest

from accounts.services import NameTaken
from parks import services
from parks.choices import Role
from parks.models import Membership
from parks.queries.audit_lines import lines
from tenancy.models import AuditEvent
from tenancy.scopes import park_scope
from tests.clients import signed_in_client
from tests.factories.people import MembershipFactory, UserFactory, person
from tests.parks.test_invitations import NOW, invited

pytestmark = pytest.mark.django_db


def call(membership, name):
    """Change one's name by the page of the profile."""
    sent = {"name": name, "language": "en", "time_zone": "Asia/Shanghai"}
    return signed_in_client(membership).post("/me/", sent)


def told_in(park):
    with park_scope(park.pk):
        return lines(AuditEvent.objects.filter(park_id=park.pk, table_name="accounts_user"))


def test_new_name_is_told_to_each_park_where_the_person_works(scene):
    reviewer = scene.ours.staff[Role.REVIEWER]
    user, before = reviewer.user, reviewer.user.name
    MembershipFactory(user=user, park=scene.others.park, roles=[Role.EXPERT])
    MembershipFactory(
        user=user, park=scene.ours.park, enterprise_id=scene.ours.firm.enterprise.pk, roles=[Role.APPLICANT]
    )

    assert call(reviewer, "Lu Ping").status_code == 302
    assert call(reviewer, "Lu Ping").status_code == 302

    for park in (scene.ours.park, scene.others.park):
        (line,) = told_in(park)
        assert (line.who, line.email, line.table, line.event.row_id) == (before, user.email, "Person", str(user.pk))
        assert (line.event.before, line.event.after) == ({"name": before}, {"name": "Lu Ping"})


def test_name_of_somebody_who_works_there_no_more_is_not_told(scene):
    reviewer = scene.ours.staff[Role.REVIEWER]
    Membership.objects.filter(pk=reviewer.pk).update(is_active=False)
    call(reviewer, "Lu Ping")
    assert told_in(scene.ours.park) == []


def test_nobody_takes_the_name_of_a_colleague(scene):
    reviewer, approver = scene.ours.staff[Role.REVIEWER], scene.ours.staff[Role.APPROVER]
    before = reviewer.user.name

    refused = call(reviewer, f" {approver.user.name.upper()}  ")

    reviewer.user.refresh_from_db()
    assert (refused.status_code, reviewer.user.name) == (422, before)
    assert "A colleague has this name." in refused.content.decode()
    assert call(reviewer, scene.others.staff[Role.APPROVER].user.name).status_code == 302


def test_namesakes_keep_their_settings_changeable(scene):
    one = scene.ours.staff[Role.REVIEWER]
    other = person(Role.EXPERT, scene.ours.park, user=UserFactory(name=one.user.name))
    assert call(other, one.user.name).status_code == 302


def test_nobody_comes_in_under_the_name_of_a_colleague(scene):
    administrator = scene.ours.staff[Role.PARK_ADMINISTRATOR]
    _offer, token = invited(administrator)
    user = UserFactory(email="new@example.com", name=administrator.user.name)

    with pytest.raises(NameTaken):
        services.accept_invitation(user=user, token=token, now=NOW)
    assert not user.memberships.exists()
