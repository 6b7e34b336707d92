"""Who finds a registration where, and what a suspended park still shows."""

from __future__ import annotations

import pytest
from django.urls import reverse

from accounts.models import OutgoingMail
from enterprises.choices import RegistrationState
from enterprises.models import Registration, RegistrationPaper
from parks.choices import Role
from tests.clients import placeless_client, run_outbox
from tests.enterprises.registration_cases import (
    ANSWERS,
    IDENTITY,
    acting_as,
    attach,
    begin,
    complete,
    said,
    stored,
    suspended,
    url,
)
from tests.factories.people import ParkFactory, UserFactory, person

pytestmark = pytest.mark.django_db
QUERIES = 19


@pytest.fixture
def client(lin):
    return placeless_client(lin, raise_request_exception=True)


def test_suspended_park_shows_everything_and_takes_nothing(park, lin, client):
    draft = complete(park, lin)
    suspended(park)

    pages = [url("begin", park), url("detail", park, draft), url("sites", park, draft), url("papers", park, draft)]
    pages += [url("section", park, draft, section="identity"), url("check", park, draft)]
    for page in pages:
        answer = client.get(page)
        assert answer.status_code == 200
        assert "This park is suspended." in said(answer)
        assert "btn-primary" not in said(answer).partition("<main")[2].partition("</main>")[0]
    answer = client.post(url("section", park, draft, section="identity"), {**IDENTITY, "name_zh": "别的"})

    assert answer.status_code == 409
    assert "别的" in said(answer), "nothing typed is lost"
    assert stored(park, lin, draft).name_zh == ANSWERS["name_zh"]


def test_registration_of_another_person_is_missing(park, lin):
    draft = complete(park, lin)
    stranger = placeless_client(UserFactory())
    paper = draft.kept[0]

    for name in ("detail", "sites", "papers", "check", "withdraw"):
        assert stranger.get(url(name, park, draft)).status_code == 404
    assert stranger.get(url("paper_download", park, registration_paper_id=paper.pk)).status_code == 404
    assert stranger.post(url("paper_remove", park, registration_paper_id=paper.pk)).status_code == 404
    with acting_as(park, lin):
        assert RegistrationPaper.objects.get(pk=paper.pk).removed_at is None


def test_registration_is_not_found_under_another_park(park, lin, client):
    draft = begin(park, lin)

    assert client.get(url("detail", ParkFactory(), draft)).status_code == 404


def test_official_may_register_an_enterprise_of_their_own(park, client_of):
    official = person(Role.REVIEWER, park)

    answer = client_of(official).post(url("begin", park))

    assert answer.status_code == 302
    with acting_as(park, official.user):
        assert Registration.objects.get().registrant_id == official.user_id


def test_person_without_a_place_is_told_three_ways(park, lin, client):
    page = said(client.get(reverse("parks:membership_choose")))

    assert "Register an enterprise" in page
    assert "Wait for an invitation" in page
    assert "Your registrations" not in page


def test_places_lead_back_to_what_was_begun(park, lin, client):
    draft = begin(park, lin, name_en="Newport")

    page = said(client.get(reverse("parks:membership_choose")))

    assert url("detail", park, draft) in page
    assert "Newport" in page


def test_person_with_a_place_finds_their_registration_too(park, client_of):
    official = person(Role.REVIEWER, park)
    draft = begin(park, official.user, name_en="Newport")

    assert url("detail", park, draft) in said(client_of(official).get(reverse("parks:membership_choose")))


def test_landing_of_a_person_without_a_place_is_the_choice(lin, client):
    assert client.get("/").url == reverse("parks:membership_choose")


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_pages_speak_the_language_of_the_reader(park, language):
    reader = UserFactory(language=language)
    draft = complete(park, reader, name_en="Newport")

    page = placeless_client(reader).get(url("detail", park, draft))

    title = said(page).partition("<title>")[2].partition("</title>")[0]
    assert title.split(" · ")[0] == ("Newport" if language == "en" else ANSWERS["name_zh"])


@pytest.mark.parametrize("count", [1, 8])
def test_begin_page_asks_as_much_for_one_registration_as_for_many(park, lin, client, count, django_assert_num_queries):
    for _number in range(count - 1):
        with acting_as(park, lin) as registrant:
            Registration.objects.create(
                park=park, registrant=lin, registrant_name=registrant.name, state=RegistrationState.DRAFT
            )
    begin(park, lin)

    with django_assert_num_queries(QUERIES):
        client.get(url("begin", park))


def test_mail_with_the_way_back_opens_the_draft(park, lin, client):
    draft = begin(park, lin, name_zh="新港")
    attach(park, lin, draft)
    run_outbox()

    mail = OutgoingMail.objects.get(key=f"enterprises.registration_begun:{draft.pk}:{lin.pk}")

    assert client.get(mail.url).status_code == 200
