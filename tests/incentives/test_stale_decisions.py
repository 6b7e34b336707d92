"""What an official decides is what they had read: an older round or stage is refused, and what was typed comes back."""

from __future__ import annotations

from decimal import Decimal

import pytest

from incentives import services
from incentives.choices import ApplicationState, Stage
from incentives.models import Application
from parks.choices import Role
from tenancy.scopes import park_scope
from tests.incentives.cases import NOW, accept, acting_as, file, give_back, submit
from tests.incentives.pages import address
from tests.incentives.test_api import call, error

pytestmark = pytest.mark.django_db


@pytest.fixture
def second_round(scene):
    """Returned and filed again, while a page with the first round was open."""
    return submit(scene.ours.firm, give_back(scene.ours, file(scene.ours.firm)))


@pytest.fixture
def reviewer(scene, client_of):
    return client_of(scene.ours.staff[Role.REVIEWER])


def stored(application):
    with park_scope(application.park_id):
        return Application.objects.get(pk=application.pk)


ACTS = {
    "accept": (services.accept_application, {}),
    "return": (services.return_application, {"comments": {"saving_tce": "?"}, "message": ""}),
    "decline": (services.decline_application, {"reason": "Late", "stage": Stage.COMPLETENESS}),
}


@pytest.mark.parametrize("name", ACTS)
def test_decision_about_an_older_round_is_refused(scene, second_round, name):
    act, values = ACTS[name]
    with acting_as(scene.ours.staff[Role.REVIEWER]) as actor, pytest.raises(services.StateChanged, match="round 2"):
        act(actor, second_round, expected_round=1, note="", now=NOW, **values)
    assert stored(second_round).state == ApplicationState.SUBMITTED


def test_approval_of_an_older_round_is_refused(scene, second_round):
    accept(scene.ours, second_round)
    with acting_as(scene.ours.staff[Role.APPROVER]) as actor, pytest.raises(services.StateChanged, match="round 2"):
        services.approve_application(
            actor, second_round, expected_round=1, amount_cny=Decimal(1), message="", note="", now=NOW
        )
    assert stored(second_round).state == ApplicationState.ACCEPTED


def test_page_says_what_it_shows(scene, second_round, reviewer):
    page = reviewer.get(address("review_detail", application_id=second_round.pk))
    hidden = {name: page.context["forms"][name]["expected_round"].value() for name in ("accept", "return", "decline")}
    assert hidden == {"accept": 2, "return": 2, "decline": 2}
    assert page.context["forms"]["decline"]["stage"].value() == Stage.COMPLETENESS
    assert page.content.decode().count('<input type="hidden" name="expected_round" value="2"') == 3


def test_stale_page_shows_the_new_round_with_what_was_typed(second_round, reviewer):
    typed = {"expected_round": "1", "stage": Stage.COMPLETENESS, "note": "Looked at invoice 7."}
    url = address("review_accept", application_id=second_round.pk)
    response = reviewer.post(url, typed)
    form = response.context["forms"]["accept"]
    assert (response.status_code, form["note"].value(), form["expected_round"].value()) == (422, typed["note"], "2")
    assert "has filed round 2" in response.content.decode()
    assert stored(second_round).state == ApplicationState.SUBMITTED
    again = {name: form[name].value() for name in form.fields}
    assert reviewer.post(url, again).status_code == 302
    assert stored(second_round).state == ApplicationState.ACCEPTED


def test_form_without_its_round_decides_nothing(second_round, reviewer):
    response = reviewer.post(address("review_accept", application_id=second_round.pk), {"note": ""})
    assert response.status_code == 422
    assert stored(second_round).state == ApplicationState.SUBMITTED


def test_words_for_a_form_that_is_gone_can_still_be_read(scene, reviewer):
    application = accept(scene.ours, file(scene.ours.firm))
    typed = {
        "expected_round": "1",
        "stage": Stage.COMPLETENESS,
        "comment_saving_tce": "Use the verified figure.",
        "message": "One figure.",
        "note": "",
    }
    response = reviewer.post(address("review_return", application_id=application.pk), typed)
    assert response.status_code == 422
    assert {entry["label"]: entry["value"] for entry in response.context["unsent"]} == {
        "Energy saved a year": "Use the verified figure.",
        "Message to the enterprise": "One figure.",
    }
    assert "Use the verified figure." in response.content.decode()


def test_refusal_of_the_completeness_check_does_not_decline_in_the_decision(scene, client_of):
    both = scene.ours.staff[Role.APPROVER]
    both.roles = [Role.REVIEWER, Role.APPROVER]
    both.save(update_fields=["roles"])
    application = accept(scene.ours, file(scene.ours.firm))
    typed = {"expected_round": "1", "stage": Stage.COMPLETENESS, "reason": "Papers are missing.", "note": ""}
    response = client_of(both).post(address("review_decline", application_id=application.pk), typed)
    form = response.context["forms"]["decline"]
    assert (response.status_code, form["reason"].value(), form["stage"].value()) == (
        422,
        "Papers are missing.",
        Stage.DECISION,
    )
    assert stored(application).state == ApplicationState.ACCEPTED


def test_api_refuses_an_older_round(scene, second_round):
    send = call(scene.ours.staff[Role.REVIEWER])
    path = f"/queue/{second_round.pk}/accept/"
    assert error(send("POST", path, {})) == (400, "required", "expected_round")
    assert error(send("POST", path, {"expected_round": 1})) == (409, "state_changed", None)
    assert send("POST", path, {"expected_round": 2}).json()["state"] == "accepted"
