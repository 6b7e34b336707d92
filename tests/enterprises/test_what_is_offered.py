"""What a page offers can be done, and what cannot be done is told in a sentence."""

import pytest
from django.urls import reverse

from enterprises.models import DeclaredInterest, Enterprise
from parks.choices import ParkStatus, Role
from parks.models import Park
from tenancy.scopes import park_scope
from tests.clients import placeless_client
from tests.enterprises.registration_cases import begin
from tests.factories.filing import EnterpriseFactory
from tests.factories.people import UserFactory

pytestmark = pytest.mark.django_db
TIED = (
    "You belong to this enterprise or have declared an interest in it, now or in the last 30 days, so a colleague must"
    " decide."
)


@pytest.fixture
def administrator(side, client_of):
    return client_of(side.staff[Role.PARK_ADMINISTRATOR])


@pytest.fixture
def suspended(side):
    Park.objects.filter(pk=side.park.pk).update(status=ParkStatus.SUSPENDED)


def page(name, **kwargs):
    return reverse(f"enterprises:{name}", kwargs=kwargs)


def detail(client, enterprise):
    return client.get(page("enterprise_detail", enterprise_id=enterprise.pk))


def declare(side, membership, enterprise):
    with park_scope(side.park.pk):
        DeclaredInterest.objects.create(park=side.park, enterprise=enterprise, user=membership.user, reason="Shares.")


def test_suspended_park_registers_nobody_and_offers_it_to_nobody(side, administrator, suspended):
    answer = administrator.get(page("enterprise_list"))

    assert answer.context["can_register"] is False
    assert page("enterprise_create") not in answer.content.decode()
    assert answer.context["suspended_park"] is True


def test_open_park_offers_to_register(administrator):
    assert page("enterprise_create") in administrator.get(page("enterprise_list")).content.decode()


def test_suspended_park_takes_no_interest(side, administrator, suspended):
    answer = detail(administrator, side.firm.enterprise)

    assert answer.context["can_declare_interest"] is False
    assert answer.context["menu_items"] == []


def test_suspended_park_invites_nobody(side, client_of, suspended):
    answer = client_of(side.firm.people[Role.OWNER]).get(page("people_list")).content.decode()

    assert page("people_invite") not in answer
    assert "The park is suspended: nothing can be changed." in answer


def test_official_with_an_interest_is_told_why_nothing_can_be_changed(side, administrator):
    declare(side, side.staff[Role.PARK_ADMINISTRATOR], side.firm.enterprise)

    answer = detail(administrator, side.firm.enterprise)

    offered = ("can_edit", "can_keep_labels", "can_keep_sites", "can_keep_papers", "can_invite_owner", "menu_items")
    assert not any(answer.context[name] for name in offered)
    assert answer.context["partial_because"] == TIED
    assert "You do not act in cases of this enterprise." in answer.content.decode()


def test_official_without_an_interest_is_told_nothing_of_it(side, administrator):
    declare(side, side.staff[Role.EXPERT], side.firm.enterprise)

    answer = detail(administrator, side.firm.enterprise)

    assert answer.context["can_edit"] is True
    assert answer.context["partial_because"] == ""


def merged(side):
    with park_scope(side.park.pk):
        ended = EnterpriseFactory(park=side.park, name_en="Ended Works", name_zh="终结公司")
        Enterprise.objects.filter(pk=ended.pk).update(status="merged", merged_into=side.firm.enterprise)
    return ended


def names(answer):
    return {row.record.name_en for row in answer.context["table"].page}


def test_merged_enterprises_are_left_out_until_they_are_asked_for(side, administrator):
    merged(side)
    listed = administrator.get(page("enterprise_list"))

    assert names(listed) == {side.firm.enterprise.name_en, side.neighbour.enterprise.name_en}
    assert (listed.context["total"], listed.context["merged_out"]) == (2, 1)
    assert 'href="?status=merged"' in listed.content.decode()

    asked = administrator.get(page("enterprise_list"), {"status": "merged"})
    assert (names(asked), asked.context["merged_out"]) == ({"Ended Works"}, 0)


def test_search_says_that_it_left_out_a_merged_one(side, administrator):
    merged(side)
    found = administrator.get(page("enterprise_list"), {"q": "Ended"})

    assert (names(found), found.context["merged_out"]) == (set(), 1)
    assert 'href="?q=Ended&amp;status=merged"' in found.content.decode()


def test_queue_of_registrations_keeps_views(side, administrator):
    narrowed = administrator.get(page("vetting_queue"), {"view": "waiting", "kind": "service"})

    assert narrowed.context["keep_url"].startswith("/views/new/?page=enterprises%3Avetting_queue")
    assert administrator.get(page("vetting_queue"), {"view": "returned"}).context["keep_url"] is None


def test_reviewer_reads_the_name_of_the_industry(side, administrator):
    registration = side.firm.registration
    answer = administrator.get(page("vetting_detail", registration_id=registration.pk))
    rows = [row for section in answer.context["sections"] for row in section["rows"]]

    (industry,) = [row for row in rows if row["field"] == "industry_code"]
    assert (industry["value"], bool(industry["note"])) == ("C3562", True)


def test_newcomer_with_a_draft_is_told_how_to_go_on(side):
    lin = UserFactory(name="Lin Yue", language="en")
    draft = begin(side.park, lin, name_zh="新港")
    answer = placeless_client(lin).get("/places/").content.decode()

    assert "Go on with your registration" in answer
    assert "You have no role yet" not in answer
    assert page("registration_detail", park_slug=side.park.slug, registration_id=draft.pk) in answer


def test_newcomer_without_anything_is_told_what_to_do():
    answer = placeless_client(UserFactory(language="en")).get("/places/").content.decode()

    assert "You have no role yet" in answer
