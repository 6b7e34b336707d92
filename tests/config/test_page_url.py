"""Where a page can be asked for again, and what stands at an address that only takes what a form sends."""

from http import HTTPStatus

import pytest
from django.test import RequestFactory
from django.urls import reverse
from pytest_django.asserts import assertContains

from config.context import page_url
from parks.choices import Role

HERE = "http://testserver"


@pytest.mark.parametrize(
    ("came_from", "found"),
    [
        (f"{HERE}/queue/7/?q=a", "/queue/7/?q=a"),
        ("https://evil.example/queue/", "/queue/7/decline/"),
        ("//evil.example/", "/queue/7/decline/"),
        ("", "/queue/7/decline/"),
        (f"{HERE}", "/"),
    ],
)
def test_refused_form_leads_back_to_its_own_page_only(came_from, found):
    request = RequestFactory().post("/queue/7/decline/", headers={"Referer": came_from})
    assert page_url(request) == found


def test_page_that_was_asked_for_is_itself():
    assert page_url(RequestFactory().get("/queue/?page=2", headers={"Referer": f"{HERE}/home/"})) == "/queue/?page=2"


@pytest.mark.django_db
def test_language_is_switched_on_the_page_of_a_refused_decision(scene, client_of):
    client = client_of(scene.ours.staff[Role.REVIEWER])
    page = HERE + reverse("incentives:review_detail", args=[scene.ours.firm.application.pk])
    decline = reverse("incentives:review_decline", args=[scene.ours.firm.application.pk])

    refused = client.post(decline, {"reason": "", "expected_round": "1"}, headers={"Referer": page})

    assertContains(refused, f'name="next" value="{page.removeprefix(HERE)}"', status_code=422)


@pytest.mark.django_db
def test_address_of_an_act_opened_by_hand_is_a_page_in_both_languages(scene, client_of):
    client = client_of(scene.ours.staff[Role.REVIEWER])

    response = client.get(reverse("incentives:review_decline", args=[scene.ours.firm.application.pk]))

    assert (response.status_code, response["Allow"]) == (HTTPStatus.METHOD_NOT_ALLOWED, "POST")
    assertContains(response, "This address takes what a form sends", status_code=405)
