import pytest

from enterprises import obstacles
from enterprises.choices import ChangeRequestState
from enterprises.models import ChangeRequest
from incentives.choices import ApplicationState
from incentives.models import Application
from parks.choices import Role
from tenancy.scopes import enterprise_scope, open_scope, park_scope
from tests.clients import actor


@pytest.fixture
def told():
    """A function that finds something in the way of every enterprise; gone again after the test."""

    def found(enterprise):
        return [f"{enterprise.name_en} has a meter."]

    obstacles.register(found)
    yield found
    obstacles.forget(found)


@pytest.fixture(autouse=True)
def nothing_asked_for(scene):
    """The open change requests of the scene stand in the way as well: they are told in the tests of the company."""
    with park_scope(scene.ours.park.pk):
        ChangeRequest.objects.update(state=ChangeRequestState.WITHDRAWN)


def withdraw(application):
    with enterprise_scope(application.park_id, application.enterprise_id):
        Application.objects.filter(pk=application.pk).update(state=ApplicationState.WITHDRAWN, stage="", stage_role="")


def test_filed_application_stands_in_the_way_of_ending(scene):
    firm = scene.ours.firm

    with park_scope(scene.ours.park.pk):
        found = obstacles.to_ending(firm.enterprise)

    assert found == [f"1 application is not decided yet: {firm.application.number}."]


def test_what_has_ended_and_drafts_stand_in_nobodys_way(scene):
    withdraw(scene.ours.firm.application)

    with park_scope(scene.ours.park.pk):
        assert obstacles.to_ending(scene.ours.firm.enterprise) == []


def test_applications_of_a_neighbour_are_not_named(scene):
    withdraw(scene.ours.firm.application)

    with open_scope(actor(scene.ours.staff[Role.REVIEWER]).scope):
        assert obstacles.to_ending(scene.ours.firm.enterprise) == []
        assert obstacles.to_ending(scene.ours.neighbour.enterprise) != []


def test_each_registered_function_is_asked_once(scene, told):
    obstacles.register(told)
    withdraw(scene.ours.firm.application)

    with park_scope(scene.ours.park.pk):
        assert obstacles.to_ending(scene.ours.firm.enterprise) == ["OURS first firm has a meter."]


def test_function_that_is_forgotten_is_asked_no_longer(scene, told):
    obstacles.forget(told)
    obstacles.forget(told)
    withdraw(scene.ours.firm.application)

    with park_scope(scene.ours.park.pk):
        assert obstacles.to_ending(scene.ours.firm.enterprise) == []
