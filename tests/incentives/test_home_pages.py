"""Where people begin their day."""

from datetime import UTC, datetime

import pytest

from enterprises.models import DeclaredInterest, Registration
from parks.choices import Role
from tenancy.scopes import enterprise_scope, park_scope
from tests.enterprises.vetting_cases import file_registration
from tests.factories.filing import ApplicationFactory, ProgrammeFactory, published
from tests.incentives.cases import accept, file, fill, give_back
from tests.incentives.pages import address

pytestmark = pytest.mark.django_db


def titles(response):
    return [task["title"] for task in response.context["tasks"]]


def test_applicant_sees_what_is_missing_in_a_draft(scene, client_of):
    page = client_of(scene.ours.firm.people[Role.APPLICANT]).get(address("enterprise_home"))

    assert titles(page) == ["Finish the application: Energy management contract incentive"]
    assert page.context["tasks"][0]["why"] == "OURS first firm draft: 2 items are missing."


def test_complete_draft_asks_the_certifier_for_the_signature(scene, client_of):
    fill(scene.ours.firm)

    page = client_of(scene.ours.firm.people[Role.CERTIFIER]).get(address("enterprise_home"))

    assert titles(page) == ["Sign and submit: Energy management contract incentive"]
    assert page.context["tasks"][0]["url"] == address("application_check", application_id=scene.ours.firm.draft.pk)


def test_returned_application_comes_before_drafts(scene, client_of):
    application = give_back(scene.ours, file(scene.ours.firm))

    page = client_of(scene.ours.firm.people[Role.APPLICANT]).get(address("enterprise_home"))

    assert titles(page) == [f"Correct 1 point of {application.number}"]
    assert page.context["tasks"][0]["until"] == "due 2026-11-18"


def test_energy_manager_has_no_tasks_with_applications(scene, client_of):
    page = client_of(scene.ours.firm.people[Role.ENERGY_MANAGER]).get(address("enterprise_home"))

    assert page.status_code == 200
    assert titles(page) == []
    assert page.context["can_start"] is False


def test_home_shows_only_programmes_that_are_open(scene, client_of):
    with park_scope(scene.ours.park.pk):
        published(ProgrammeFactory(park=scene.ours.park, opens_on="2027-06-01", title_en="Later"))
        ProgrammeFactory(park=scene.ours.park, title_en="Unpublished")

    page = client_of(scene.ours.firm.people[Role.APPLICANT]).get(address("enterprise_home"))

    assert [offer.version for offer in page.context["offers"]] == [scene.ours.version]
    assert page.context["offers"][0].application.programme_version == scene.ours.version


@pytest.mark.parametrize("count", [1, 30])
def test_offers_take_as_many_queries_for_one_as_for_thirty(scene, client_of, django_assert_num_queries, count):
    with park_scope(scene.ours.park.pk):
        for _ in range(count):
            published(ProgrammeFactory(park=scene.ours.park))
    client = client_of(scene.ours.firm.people[Role.APPLICANT])
    client.get(address("offer_list"))

    with django_assert_num_queries(15):
        page = client.get(address("offer_list"))

    assert len(page.context["offers"]) == count + 1


def test_reviewer_sees_own_work_on_the_desk(scene, client_of):
    page = client_of(scene.ours.staff[Role.REVIEWER]).get(address("official_home"))

    firms = (scene.ours.firm, scene.ours.neighbour)
    assert set(titles(page)) == {
        *(f"Check whether {firm.application.number} is complete" for firm in firms),
        *(f"Check the registration {firm.registration.number}" for firm in firms),
        *(f"Decide on the change request {firm.change_request.number}" for firm in firms),
    }
    assert page.context["register"] == {"waiting": 2, "returned": 0, "changes": 2}
    assert page.context["counts"] == {"mine": 2, "waiting": 2, "returned": 0, "decided": 0}


def test_approver_waits_for_accepted_ones(scene, client_of):
    application = accept(scene.ours, scene.ours.firm.application)

    page = client_of(scene.ours.staff[Role.APPROVER]).get(address("official_home"))

    assert titles(page) == [f"Decide on {application.number}"]


def test_administrator_is_reminded_of_programmes_to_publish(scene, client_of):
    with park_scope(scene.ours.park.pk):
        ProgrammeFactory(park=scene.ours.park, title_en="Storage subsidy")

    page = client_of(scene.ours.staff[Role.PARK_ADMINISTRATOR]).get(address("official_home"))

    assert titles(page)[-1] == "Publish the programme: Storage subsidy"


def test_desk_begins_with_what_is_due_first(scene, client_of):
    first = scene.ours.firm.registration
    due_at = datetime(2026, 11, 1, tzinfo=UTC)
    with park_scope(scene.ours.park.pk):
        Registration.objects.filter(pk=first.pk).update(due_at=due_at)

    page = client_of(scene.ours.staff[Role.REVIEWER]).get(address("official_home"))

    assert titles(page)[0] == f"Check the registration {first.number}"
    assert page.context["tasks"][0]["until"] == "due 2026-11-01"
    assert page.context["next_url"] == f"/registrations/{first.pk}/"


def test_desk_leaves_out_what_a_declared_interest_bars(scene, client_of):
    firm, reviewer = scene.ours.firm, scene.ours.staff[Role.REVIEWER]
    with park_scope(scene.ours.park.pk):
        DeclaredInterest.objects.create(
            park=scene.ours.park, enterprise=firm.enterprise, user=reviewer.user, reason="A brother works there."
        )

    shown = titles(client_of(reviewer).get(address("official_home")))

    assert f"Decide on the change request {firm.change_request.number}" not in shown
    assert f"Decide on the change request {scene.ours.neighbour.change_request.number}" in shown


def test_auditor_reads_how_much_waits_and_has_no_cases(scene, client_of):
    page = client_of(scene.ours.staff[Role.AUDITOR]).get(address("official_home"))

    assert titles(page) == []
    assert page.context["register"] == {"waiting": 2, "returned": 0, "changes": 2}


@pytest.mark.parametrize("count", [1, 30])
def test_desk_takes_as_many_queries_for_one_registration_as_for_thirty(
    scene, client_of, django_assert_num_queries, count
):
    for number in range(count):
        file_registration(scene.ours.park, f"R-{number}")
    client = client_of(scene.ours.staff[Role.REVIEWER])
    client.get(address("official_home"))

    with django_assert_num_queries(18):
        page = client.get(address("official_home"))

    assert page.context["register"]["waiting"] == count + 2


def test_expert_reads_no_cases_on_the_desk(scene, client_of):
    page = client_of(scene.ours.staff[Role.EXPERT]).get(address("official_home"))

    assert page.status_code == 200
    assert page.context["counts"] == {}
    assert scene.ours.firm.application.number not in page.content.decode()


@pytest.mark.parametrize("count", [1, 30])
def test_own_applications_take_as_many_queries_for_one_as_for_thirty(
    scene, client_of, django_assert_num_queries, count
):
    firm = scene.ours.firm
    with park_scope(scene.ours.park.pk):
        versions = [published(ProgrammeFactory(park=scene.ours.park)) for _ in range(count)]
    with enterprise_scope(scene.ours.park.pk, firm.enterprise.pk):
        for version in versions:
            ApplicationFactory(
                park=scene.ours.park,
                enterprise=firm.enterprise,
                programme_version=version,
                started_by=firm.people[Role.APPLICANT].user,
            )
    client = client_of(firm.people[Role.APPLICANT])
    client.get(address("application_list"))

    with django_assert_num_queries(12):
        page = client.get(address("application_list"))

    assert page.context["table"].page.paginator.count == count + 2


def test_offer_leads_to_the_draft_there_is_and_starts_no_second_one(scene, client_of):
    page = client_of(scene.ours.firm.people[Role.APPLICANT]).get(
        address("offer_detail", programme_version_id=scene.ours.version.pk)
    )

    assert page.context["own"] == scene.ours.firm.draft
    assert page.context["can_start"] is False
    assert page.context["cap_reached_at"] == 3000


def test_offer_of_another_park_does_not_exist(scene, client_of):
    page = client_of(scene.ours.firm.people[Role.APPLICANT]).get(
        address("offer_detail", programme_version_id=scene.others.version.pk)
    )

    assert page.status_code == 404


def test_public_page_of_the_park_shows_its_open_programmes(scene, client):
    page = client.get(f"/parks/{scene.ours.park.slug}/").content.decode()

    assert str(scene.ours.version.pk) in page
    assert str(scene.others.version.pk) not in page
