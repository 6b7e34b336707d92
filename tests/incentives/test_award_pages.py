"""Awards on the pages of officials, and public notices on those of everybody."""

from __future__ import annotations

import pytest

from incentives.choices import AwardState
from incentives.models import Award, Notice, Objection
from parks.choices import Role
from tenancy.scopes import park_scope
from tests.factories.people import person
from tests.incentives.cases import pdf
from tests.incentives.pages import address, problems_of
from tests.incentives.test_awards import approved, notify

pytestmark = pytest.mark.django_db


@pytest.fixture
def side(scene):
    notify(scene.ours)
    return scene.ours


@pytest.fixture
def administrator(side, client_of):
    return client_of(side.staff[Role.PARK_ADMINISTRATOR])


def published(side, administrator, **changes):
    award = approved(side, **changes)
    administrator.post(address("notice_publish"), {"awards": [str(award.pk)]})
    with park_scope(side.park.pk):
        return award, Notice.objects.latest("published_at")


def words(notice, **changes):
    with park_scope(notice.park_id):
        line = notice.lines.first()
    given = {"line": str(line.pk), "text": "Not new", "name": "Gu Yan", "contact": "gu@example.com"}
    return {**given, **changes}


def place(name, side, **kwargs):
    return address(name, park_slug=side.park.slug, **kwargs)


def test_official_publishes_what_waits(side, administrator, client):
    award = approved(side)
    page = administrator.get(address("award_list"))
    assert (page.context["pending"], page.context["may_publish"]) == (1, True)
    response = administrator.post(address("notice_publish"), {"awards": [str(award.pk)]})
    assert response.url == address("award_list")

    text = client.get(place("notice_list", side)).content.decode()
    assert "OURS-N-2026-001" in text
    with park_scope(side.park.pk):
        notice = Notice.objects.get()
    text = client.get(place("notice_detail", side, notice_id=notice.pk)).content.decode()
    assert side.firm.enterprise.name_en in text
    assert "1,000.00" in text
    assert "OURS-N-2026-001" in client.get(f"/parks/{side.park.slug}/").content.decode()


def test_notice_without_an_award_is_refused(side, administrator):
    response = administrator.post(address("notice_publish"), {})
    assert response.status_code == 422
    assert problems_of(response.context["form"]) == {"awards": ["Choose at least one award."]}


def test_anybody_objects_and_is_given_a_reference(side, administrator, client):
    award, notice = published(side, administrator)
    given = words(notice, uploads=[pdf("a")])
    response = client.post(place("objection_file", side, notice_id=notice.pk), given)

    with park_scope(side.park.pk):
        objection = Objection.objects.get()
    assert "report.pdf" in administrator.get(address("award_detail", award_id=award.pk)).content.decode()
    assert response.url.endswith(f"?filed={objection.reference}")
    assert f"Your objection {objection.reference} was received." in client.get(response.url).content.decode()
    assert (objection.name, objection.contact, objection.text) == ("Gu Yan", "gu@example.com", "Not new")
    assert "Gu Yan" not in client.get(place("notice_detail", side, notice_id=notice.pk)).content.decode()


@pytest.mark.parametrize("missing", ["line", "text", "name", "contact"])
def test_objection_needs_everything(side, administrator, client, missing):
    _award, notice = published(side, administrator)
    for nothing in ("", "\u200b" * 6):
        response = client.post(place("objection_file", side, notice_id=notice.pk), words(notice, **{missing: nothing}))
        assert response.status_code == 422
        assert list(problems_of(response.context["form"])) == [missing]


def test_sixth_objection_of_an_hour_is_refused_in_words(side, administrator, client):
    _award, notice = published(side, administrator)
    url = place("objection_file", side, notice_id=notice.pk)
    assert [client.post(url, words(notice)).status_code for _ in range(6)] == [302, 302, 302, 302, 302, 422]


def test_notice_is_not_found_under_another_park(side, scene, administrator, client):
    _award, notice = published(side, administrator)
    assert (
        client.get(address("notice_detail", park_slug=scene.others.park.slug, notice_id=notice.pk)).status_code == 404
    )


def test_official_reads_and_handles_the_objection(side, administrator, client, client_of):
    award, notice = published(side, administrator)
    client.post(place("objection_file", side, notice_id=notice.pk), words(notice))
    with park_scope(side.park.pk):
        objection = Objection.objects.get()

    page = administrator.get(address("award_detail", award_id=award.pk)).content.decode()
    assert "Gu Yan" in page
    answer = {"outcome": "upheld", "answer": "The chiller is from 2012."}
    response = administrator.post(address("objection_handle", objection_id=objection.pk), answer)

    assert response.url == address("award_detail", award_id=award.pk)
    with park_scope(side.park.pk):
        assert Award.objects.get(pk=award.pk).state == AwardState.VOID
    assert "Award void" in administrator.get(response.url).content.decode()


def test_who_decided_reads_why_they_may_not(side, administrator, client, client_of):
    _award, notice = published(side, administrator)
    client.post(place("objection_file", side, notice_id=notice.pk), words(notice))
    with park_scope(side.park.pk):
        objection = Objection.objects.get()
    approver = client_of(side.staff[Role.APPROVER])
    url = address("objection_handle", objection_id=objection.pk)
    assert "Four eyes" in approver.get(url).content.decode()
    assert approver.post(url, {"outcome": "dismissed", "answer": "No"}).status_code == 422
    other = client_of(person(Role.APPROVER, side.park))
    assert other.post(url, {"outcome": "dismissed", "answer": "No"}).status_code == 302


@pytest.mark.parametrize(
    ("name", "roles"),
    [
        ("notice_publish", {Role.PARK_ADMINISTRATOR, Role.REVIEWER, Role.APPROVER}),
        (
            "award_list",
            {Role.PARK_ADMINISTRATOR, Role.REVIEWER, Role.APPROVER, Role.FINANCE_OFFICER, Role.AUDITOR},
        ),
    ],
)
def test_pages_open_for_their_roles(scene, client_of, name, roles):
    opened = {
        role for role, member in scene.ours.staff.items() if client_of(member).get(address(name)).status_code == 200
    }
    assert opened == roles


def test_list_takes_as_many_queries_with_many_awards(scene, client_of, django_assert_num_queries):
    auditor = client_of(scene.ours.staff[Role.AUDITOR])
    auditor.get(address("award_list"))
    approved(scene.ours)
    with django_assert_num_queries(12):
        auditor.get(address("award_list"))
    notify(scene.ours)
    approved(scene.ours)
    approved(scene.ours, firm=scene.ours.neighbour)
    with django_assert_num_queries(12):
        auditor.get(address("award_list"))
