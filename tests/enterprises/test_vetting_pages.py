"""The officials' page of a registration: what was filed, what it is compared with, decisions, joining."""

import pytest
from django.urls import reverse

from enterprises.choices import EnterpriseStatus, RegistrationState
from enterprises.models import Enterprise, Registration, RegistrationRemark
from parks.choices import PARK_ROLES, Role
from tenancy.scopes import park_scope
from tests.enterprises.vetting_cases import (
    CODE,
    EARLY_CODE,
    REGISTRARS,
    approve,
    file_again,
    file_registration,
    give_back,
    page_of,
    text_of,
    vetting_url,
)
from tests.factories.filing import PDF, EnterpriseFactory
from tests.factories.people import MembershipFactory, UserFactory

pytestmark = pytest.mark.django_db
READERS = sorted(PARK_ROLES - set(REGISTRARS))


@pytest.fixture
def registration(side):
    return file_registration(side.park, name_en="Newcomer Works", name_zh="新来制造有限公司")


@pytest.fixture
def desk(side, client_of):
    return client_of(side.staff[Role.REVIEWER])


def state_of(registration):
    with park_scope(registration.park_id):
        return Registration.objects.get(pk=registration.pk).state


def test_desk_shows_everything_that_was_filed(registration, desk):
    text = text_of(desk.get(page_of(registration)))

    for said in ("新来制造有限公司", "Newcomer Works", CODE, "Works 1 · Torch Road 1", "licence.pdf", "Lin Yue"):
        assert said in text
    assert "The check character fits." in text
    assert registration.registrant.email in text


def test_desk_says_when_the_code_is_one_of_the_early_pilots(side, desk):
    early = file_registration(side.park, credit_code=EARLY_CODE, is_code_confirmed=True)
    text = text_of(desk.get(page_of(early)))

    assert "The check character does not fit" in text
    assert "The registrant has confirmed" in text
    assert 'name="is_code_confirmed"' in text


def test_desk_of_a_draft_or_of_another_park_is_not_found(scene, side, registration, client_of):
    assert client_of(scene.others.staff[Role.REVIEWER]).get(page_of(registration)).status_code == 404


@pytest.mark.parametrize("role", READERS)
def test_who_only_reads_sees_no_forms_and_may_not_post(side, registration, client_of, role):
    client = client_of(side.staff[role])
    page = client.get(page_of(registration))

    assert page.context["choices"] == []
    assert "Only a reviewer or an administrator" in text_of(page)
    for act in ("approve", "return", "reject"):
        assert client.post(page_of(registration, act), {"expected_round": 1}).status_code == 403
    assert state_of(registration) == RegistrationState.SUBMITTED


def test_documents_are_handed_out_to_officials_of_the_park_alone(scene, side, registration, desk, client_of):
    with park_scope(side.park.pk):
        paper = registration.papers.get()
    path = vetting_url("paper", registration_paper_id=paper.pk)

    page = desk.get(path)
    assert (page.content, page["Content-Disposition"]) == (PDF, 'attachment; filename="licence.pdf"')
    assert client_of(scene.others.staff[Role.REVIEWER]).get(path).status_code == 404
    assert client_of(side.firm.people[Role.OWNER]).get(path).status_code == 403


def test_desk_compares_with_the_enterprise_of_that_code(side, registration, desk):
    with park_scope(side.park.pk):
        known = EnterpriseFactory(
            park=side.park, credit_code=CODE, name_zh="新来制造有限公司", name_en="NEWCOMER works"
        )
    page = desk.get(page_of(registration))

    (entry,) = page.context["candidates"]
    assert (entry["candidate"].found, entry["why"], entry["name"]) == (known, "Same code", "NEWCOMER works")
    by_field = {row.field: row.differs for row in entry["rows"]}
    assert (by_field["credit_code"], by_field["name_zh"], by_field["name_en"], by_field["address"]) == (
        False,
        False,
        False,
        True,
    )
    barred = {choice["act"]: bool(choice["barred"]) for choice in page.context["choices"]}
    assert barred == {"approve": True, "return": False, "reject": False}
    assert vetting_url("join", registration_id=registration.pk, enterprise_id=known.pk) in text_of(page)


def test_desk_compares_with_other_registrations_and_with_names_that_are_alike(side, registration, desk):
    second = file_registration(side.park, number="R-0000-0002")
    with park_scope(side.park.pk):
        alike = EnterpriseFactory(park=side.park, name_zh="新来制造股份有限公司", name_en="")
    page = desk.get(page_of(registration))

    found = [(entry["candidate"].found, entry["why"]) for entry in page.context["candidates"]]
    assert found == [(second, "Same code"), (alike, "Name alike, 100\u2009%")]
    assert not any(choice["barred"] for choice in page.context["choices"])


def test_desk_finds_nobody_in_another_park(scene, registration, desk):
    with park_scope(scene.others.park.pk):
        EnterpriseFactory(park=scene.others.park, credit_code=CODE, name_zh="新来制造有限公司")

    assert desk.get(page_of(registration)).context["candidates"] == []


def test_desk_leads_from_a_merged_enterprise_to_the_one_that_goes_on(side, registration, desk):
    with park_scope(side.park.pk):
        goes_on = EnterpriseFactory(park=side.park, name_en="Goes On")
        EnterpriseFactory(park=side.park, credit_code=CODE)
        Enterprise.objects.filter(credit_code=CODE).update(status=EnterpriseStatus.MERGED, merged_into=goes_on)
    page = desk.get(page_of(registration))

    (entry,) = page.context["candidates"]
    assert entry["join_url"] == vetting_url("join", registration_id=registration.pk, enterprise_id=goes_on.pk)
    assert "Join to Goes On, into which it was merged" in text_of(page)


def test_desk_asks_as_much_with_many_who_are_alike(side, registration, desk, django_assert_max_num_queries):
    with park_scope(side.park.pk):
        for number in range(8):
            EnterpriseFactory(park=side.park, name_zh=f"新来制造{number}有限公司")
    with django_assert_max_num_queries(30):
        page = desk.get(page_of(registration))
    assert len(page.context["candidates"]) == 8


def test_return_keeps_what_was_written_beside_each_field(side, registration, desk):
    page = desk.post(
        page_of(registration, "return"),
        {
            "expected_round": 1,
            "remark_address": "As on the licence.",
            "remark_sites": "Which?",
            "message": "Two things.",
        },
        follow=True,
    )

    assert f"{registration.number} was returned for corrections." in text_of(page)
    with park_scope(side.park.pk):
        remarks = RegistrationRemark.objects.filter(registration=registration).values_list("field", "comment")
        assert set(remarks) == {("address", "As on the licence."), ("sites", "Which?")}
    assert state_of(registration) == RegistrationState.RETURNED


def test_round_that_follows_shows_first_what_was_asked_and_what_became_of_it(side, registration, desk):
    give_back(side, registration)
    file_again(registration, address="New address 2")

    page = desk.get(page_of(registration))

    html = text_of(page)
    assert html.index("As on the licence, please.") < html.index("<h2>Documents</h2>")
    (asked,) = page.context["remarks"]
    assert (asked["remark"].found, asked["now"], asked["is_unchanged"]) == (
        registration.address,
        "New address 2",
        False,
    )
    assert f"<dt>Before</dt><dd>{registration.address}</dd><dt>Now</dt><dd>New address 2</dd>" in html


def test_return_without_a_comment_comes_back_with_what_was_typed(registration, desk):
    page = desk.post(page_of(registration, "return"), {"expected_round": 1, "message": "Please correct."})

    assert page.status_code == 422
    assert "Comment on at least one field or document" in text_of(page)
    assert "Please correct." in text_of(page)
    assert [choice["act"] for choice in page.context["choices"] if choice["is_chosen"]] == ["return"]
    assert state_of(registration) == RegistrationState.SUBMITTED


def test_approve_registers_and_says_so(side, registration, desk):
    page = desk.post(page_of(registration, "approve"), {"expected_round": 1, "is_pilot": "on"}, follow=True)

    assert "Newcomer Works is registered." in text_of(page)
    assert page.context["choices"] == []
    assert state_of(registration) == RegistrationState.APPROVED
    with park_scope(side.park.pk):
        registration.refresh_from_db()
    registered = reverse("enterprises:enterprise_detail", kwargs={"enterprise_id": registration.enterprise_id})
    shown = text_of(desk.get(registered))
    assert "compared with papers; its people" in shown
    assert "not compared with papers" not in shown


def test_approve_twice_leads_to_the_same_page(side, registration, desk):
    first, second = (desk.post(page_of(registration, "approve"), {"expected_round": 1}) for _time in range(2))

    assert (first.status_code, second.status_code) == (302, 302)
    with park_scope(side.park.pk):
        assert Enterprise.objects.filter(credit_code=CODE).count() == 1


def test_approve_of_a_taken_code_says_so_and_shows_whose_it_is(side, registration, desk):
    with park_scope(side.park.pk):
        EnterpriseFactory(park=side.park, credit_code=CODE, name_en="Known Works")
    page = desk.post(page_of(registration, "approve"), {"expected_round": 1})

    assert page.status_code == 422
    assert "already registered in this park" in text_of(page)
    assert "Known Works" in text_of(page)
    assert state_of(registration) == RegistrationState.SUBMITTED


def test_approve_asks_to_confirm_a_code_that_does_not_fit(side, desk):
    early = file_registration(side.park, credit_code=EARLY_CODE)

    page = desk.post(page_of(early, "approve"), {"expected_round": 1})
    assert page.status_code == 422
    assert "is_code_confirmed" in page.context["tried"].errors
    assert desk.post(page_of(early, "approve"), {"expected_round": 1, "is_code_confirmed": "on"}).status_code == 302
    assert state_of(early) == RegistrationState.APPROVED


def test_reject_needs_a_reason(registration, desk):
    assert desk.post(page_of(registration, "reject"), {"expected_round": 1}).status_code == 422
    assert desk.post(page_of(registration, "reject"), {"expected_round": 1, "reason": "Not here."}).status_code == 302
    assert state_of(registration) == RegistrationState.REJECTED


@pytest.mark.parametrize("round_sent", ["", "x", "-1", "9" * 30])
def test_a_round_that_makes_no_sense_is_no_decision(registration, desk, round_sent):
    page = desk.post(page_of(registration, "reject"), {"expected_round": round_sent, "reason": "Not here."})

    assert page.status_code == 422
    assert state_of(registration) == RegistrationState.SUBMITTED


def test_what_was_filed_again_unread_comes_back_with_the_new_round(side, registration, desk):
    give_back(side, registration)
    file_again(registration)

    page = desk.post(page_of(registration, "reject"), {"expected_round": 1, "reason": "Not here."})
    assert page.status_code == 422
    assert "Round 2 was filed since you opened this registration" in text_of(page)
    assert 'name="expected_round" value="2"' in text_of(page)
    assert "Not here." in text_of(page)


def test_second_official_is_told_and_keeps_what_was_typed(side, registration, desk):
    approve(side, registration, side.staff[Role.PARK_ADMINISTRATOR])

    page = desk.post(page_of(registration, "reject"), {"expected_round": 1, "reason": "I was slower."})
    assert page.status_code == 422
    assert "does not wait for a decision any more" in text_of(page)
    assert page.context["unsent"] == [{"label": "Reason", "value": "I was slower."}]


def test_decisions_are_posts(registration, desk):
    for act in ("approve", "return", "reject"):
        assert desk.get(page_of(registration, act)).status_code == 405


@pytest.fixture
def known(side):
    with park_scope(side.park.pk):
        return EnterpriseFactory(
            park=side.park, credit_code=CODE, name_zh="新来制造有限公司", name_en="Known Works", address="Old Road 1"
        )


def joining(registration, enterprise):
    return vetting_url("join", registration_id=registration.pk, enterprise_id=enterprise.pk)


def test_join_shows_both_and_takes_over_what_is_ticked(side, registration, known, desk):
    page = desk.get(joining(registration, known))
    assert page.context["will_own"]
    assert {"name_en", "address", "sites", "papers"} <= set(page.context["offered"])
    assert "credit_code" not in page.context["offered"]
    assert "name_zh" not in page.context["offered"]

    assert 'name="expected_roles" value="certifier owner"' in text_of(page)

    seen = {"expected_round": 1, "expected_roles": "certifier owner"}
    answer = desk.post(joining(registration, known), {**seen, "taken": ["address", "papers"]}, follow=True)
    assert "Lin Yue was joined to Known Works." in text_of(answer)
    with park_scope(side.park.pk):
        enterprise = Enterprise.objects.get(pk=known.pk)
    assert (enterprise.address, enterprise.name_en) == (registration.address, "Known Works")
    assert state_of(registration) == RegistrationState.JOINED


def test_join_with_roles_that_changed_comes_back_with_those_of_now(side, registration, known, desk):
    MembershipFactory(user=UserFactory(), park=side.park, enterprise_id=known.pk, roles=[Role.OWNER])
    seen = {"expected_round": 1, "expected_roles": "certifier owner", "taken": ["address", "papers"]}
    page = desk.post(joining(registration, known), seen)

    assert page.status_code == 422
    assert "What the registrant becomes there changed" in text_of(page)
    assert 'name="expected_roles" value="applicant"' in text_of(page)
    assert (page.context["chosen"], page.context["will_own"]) == ({"address", "papers"}, False)
    assert state_of(registration) == RegistrationState.SUBMITTED


def test_desk_says_who_joins_to_an_enterprise_of_another_code(side, registration, desk, client_of):
    with park_scope(side.park.pk):
        alike = EnterpriseFactory(park=side.park, name_zh="新来制造股份有限公司", credit_code=EARLY_CODE)
    url = vetting_url("join", registration_id=registration.pk, enterprise_id=alike.pk)

    reviewer = text_of(desk.get(page_of(registration)))
    administrator = text_of(client_of(side.staff[Role.PARK_ADMINISTRATOR]).get(page_of(registration)))

    words = "only an administrator of the park can join them"
    assert (url in reviewer, words in reviewer) == (False, True)
    assert (url in administrator, words in administrator) == (True, False)


def test_join_to_an_enterprise_of_another_code_is_left_to_administrators(side, registration, desk, client_of):
    path = joining(registration, side.firm.enterprise)
    answer = desk.post(path, {"expected_round": 1, "expected_roles": "applicant"})

    assert "only an administrator of the park can join them" in desk.get(path).context["why_not"]
    assert answer.status_code == 422
    assert state_of(registration) == RegistrationState.SUBMITTED
    assert client_of(side.staff[Role.PARK_ADMINISTRATOR]).get(path).context["why_not"] == ""


def test_join_says_that_there_is_an_owner(side, desk):
    registration = file_registration(side.park, credit_code=side.firm.enterprise.credit_code)
    page = desk.get(joining(registration, side.firm.enterprise))

    assert not page.context["will_own"]
    assert "becomes an applicant there" in text_of(page)


def test_join_refuses_what_is_not_offered(registration, known, desk):
    page = desk.post(joining(registration, known), {"expected_round": 1, "taken": ["credit_code"]})

    assert page.status_code == 422
    assert state_of(registration) == RegistrationState.SUBMITTED


def test_join_to_an_ended_enterprise_is_not_offered_and_refused(side, registration, known, desk):
    with park_scope(side.park.pk):
        Enterprise.objects.filter(pk=known.pk).update(status=EnterpriseStatus.DEREGISTERED)

    assert "has ended" in desk.get(joining(registration, known)).context["why_not"]
    assert desk.post(joining(registration, known), {"expected_round": 1}).status_code == 422
    assert state_of(registration) == RegistrationState.SUBMITTED


def test_join_to_an_enterprise_of_another_park_is_not_found(scene, registration, desk):
    assert desk.get(joining(registration, scene.others.firm.enterprise)).status_code == 404


@pytest.mark.parametrize("role", READERS)
def test_who_only_reads_does_not_join(side, registration, known, client_of, role):
    assert client_of(side.staff[role]).get(joining(registration, known)).status_code == 403
