import re
from datetime import UTC, datetime
from http import HTTPStatus

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from enterprises.models import DeclaredInterest, Enterprise
from parks.choices import PARK_ROLES, Role
from parks.models import Invitation
from tenancy.scopes import enterprise_scope, park_scope
from tests.browser_forms import sent
from tests.factories.filing import ApplicationFactory, EnterpriseFactory, submitted

pytestmark = pytest.mark.django_db
FORM = {
    "credit_code": "91350200MA2YJ1XR9G",
    "name_zh": "厦门晨光光电有限公司",
    "kind": "manufacturer",
    "capital_currency": "CNY",
}
EARLY = "91350203M0001QAY9B"
OTHER = "91350213678251743X"
# The frame of a page: session, person, membership, savepoints, the scope, what waits; then what the page itself reads.
FRAME_QUERIES = 10
DETAIL_QUERIES = FRAME_QUERIES + 18


def page(name, *args):
    return reverse(f"enterprises:{name}", args=args)


@pytest.fixture
def reviewer(scene, client_of):
    return client_of(scene.ours.staff[Role.REVIEWER])


@pytest.fixture
def owner(scene, client_of):
    return client_of(scene.ours.firm.people[Role.OWNER])


def stored(scene, **wanted):
    with park_scope(scene.ours.park.pk):
        return list(Enterprise.objects.filter(**wanted))


# The register


@pytest.mark.parametrize("role", sorted(PARK_ROLES))
def test_every_official_reads_the_register_of_their_park(scene, client_of, role):
    response = client_of(scene.ours.staff[role]).get(page("enterprise_list"))

    assertContains(response, "OURS first firm")
    assertContains(response, "OURS second firm")
    assertNotContains(response, "OTHERS")


def test_register_says_when_nothing_fits(reviewer):
    assertContains(reviewer.get(page("enterprise_list") + "?q=zzzz"), "Nothing fits these filters.")


def test_empty_register_invites_to_begin(client_of):
    from tests.factories.people import ParkFactory, person

    park = ParkFactory()
    invitation = "The enterprises of the park stand here"
    assertContains(client_of(person(Role.REVIEWER, park)).get(page("enterprise_list")), invitation)
    auditor = client_of(person(Role.AUDITOR, park)).get(page("enterprise_list"))
    assertContains(auditor, invitation)
    assertNotContains(auditor, page("enterprise_create"))


def test_reviewer_registers_an_enterprise(scene, reviewer):
    response = reviewer.post(page("enterprise_create"), {**FORM, "credit_code": " 91350200ma2yj1xr9g"})

    (enterprise,) = stored(scene, credit_code="91350200MA2YJ1XR9G")
    assertRedirects(response, page("enterprise_detail", enterprise.pk))


def test_name_like_a_registered_one_is_asked_about_once(scene, reviewer):
    with park_scope(scene.ours.park.pk):
        EnterpriseFactory(park=scene.ours.park, credit_code=OTHER, name_zh="厦门晨光光电股份有限公司", name_en="")
        EnterpriseFactory(park=scene.ours.park, credit_code="91350200MA8UT0007H", name_zh="厦门远洋物流有限公司")

    first = reviewer.post(page("enterprise_create"), FORM)
    assertContains(first, OTHER, status_code=422)
    assertNotContains(first, "91350200MA8UT0007H", status_code=422)
    assert stored(scene, credit_code=FORM["credit_code"]) == []

    reviewer.post(page("enterprise_create"), {**FORM, "is_other_confirmed": "on"})
    assert len(stored(scene, credit_code=FORM["credit_code"])) == 1
    again = reviewer.post(page("enterprise_create"), {**FORM, "is_other_confirmed": "on"})
    assertContains(again, "already registered", status_code=422)


def test_unfitting_code_is_asked_about_once(scene, reviewer):
    first = reviewer.post(page("enterprise_create"), {**FORM, "credit_code": EARLY})
    assert first.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assertContains(first, "is_code_confirmed", status_code=422)
    assert stored(scene, credit_code=EARLY) == []

    reviewer.post(page("enterprise_create"), {**FORM, "credit_code": EARLY, "is_code_confirmed": "on"})
    assert len(stored(scene, credit_code=EARLY)) == 1


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("credit_code", "9135", "The code has 18 characters; this one has 4."),
        ("credit_code", "91350200MA2YJ1XR9O", "the letters I, O, S, V and Z do not occur"),
        ("name_zh", "", "Fill this in."),
        ("industry_code", "356-2", "Write two to four digits"),
        ("contact_email", "nobody", "Enter a valid email address."),
    ],
)
def test_wrong_input_is_said_at_its_field(reviewer, field, value, message):
    response = reviewer.post(page("enterprise_create"), {**FORM, field: value})

    assertContains(response, message, status_code=422)
    assert list(response.context["form"].errors) == [field]


def test_taken_code_is_an_error_of_the_form(scene, reviewer):
    taken = scene.ours.firm.enterprise.credit_code
    response = reviewer.post(page("enterprise_create"), {**FORM, "credit_code": taken, "is_code_confirmed": "on"})

    assertContains(response, "An enterprise with this code is already registered in this park.", status_code=422)
    assert list(response.context["form"].errors) == ["credit_code"]


def test_reviewer_edits_the_facts(scene, reviewer):
    firm = scene.ours.firm.enterprise
    url = page("enterprise_edit", firm.pk)
    sent = {**FORM, "credit_code": firm.credit_code, "name_en": "Renamed", "status": "suspended"}

    assertContains(reviewer.get(url), firm.credit_code)
    assertRedirects(reviewer.post(url, sent), page("enterprise_detail", firm.pk))

    (changed,) = stored(scene, pk=firm.pk)
    assert (changed.name_en, changed.status) == ("Renamed", "active"), "a change of status is an act of its own"


def test_form_left_open_overwrites_nothing_of_the_owner_nor_of_a_colleague(scene, reviewer, owner, client_of):
    firm = scene.ours.firm.enterprise
    url, contact_url = page("enterprise_edit", firm.pk), reverse("enterprises:contact_edit")
    opened, contact = reviewer.get(url).context["form"], owner.get(contact_url).context["form"]
    colleague = client_of(scene.ours.staff[Role.PARK_ADMINISTRATOR])

    owner.post(contact_url, sent(contact, contact_name="Wu Hao"))
    colleague.post(url, sent(colleague.get(url).context["form"], address="Torch Road 1", contact_phone="0592 555"))
    assertRedirects(reviewer.post(url, sent(opened, industry_en="Lamps")), page("enterprise_detail", firm.pk))
    owner.post(contact_url, sent(contact, contact_email="wu@example.com"))

    (changed,) = stored(scene, pk=firm.pk)
    assert (changed.contact_name, changed.contact_phone, changed.contact_email) == (
        "Wu Hao",
        "0592 555",
        "wu@example.com",
    )
    assert (changed.address, changed.industry_en) == ("Torch Road 1", "Lamps")


def test_field_can_be_emptied(scene, reviewer):
    firm = scene.ours.firm.enterprise
    reviewer.post(
        page("enterprise_edit", firm.pk),
        sent(reviewer.get(page("enterprise_edit", firm.pk)).context["form"], name_en=""),
    )

    (changed,) = stored(scene, pk=firm.pk)
    assert (changed.name_en, changed.name_zh) == ("", firm.name_zh)


@pytest.mark.parametrize("name", ["enterprise_create", "enterprise_edit"])
@pytest.mark.parametrize("role", [Role.EXPERT, Role.APPROVER, Role.FINANCE_OFFICER, Role.AUDITOR])
def test_other_officials_change_nothing(scene, client_of, role, name):
    args = [scene.ours.firm.enterprise.pk] if name == "enterprise_edit" else []
    assert client_of(scene.ours.staff[role]).post(page(name, *args), FORM).status_code == HTTPStatus.FORBIDDEN


def test_detail_shows_people_contact_and_interests(scene, client_of):
    response = client_of(scene.ours.staff[Role.AUDITOR]).get(
        page("enterprise_detail", scene.ours.neighbour.enterprise.pk)
    )

    for person in scene.ours.neighbour.people.values():
        assertContains(response, person.user.email)
    assertContains(response, "OURS interest")
    assertNotContains(response, "Edit the facts")
    assertNotContains(response, "OURS first firm")


def test_detail_shows_history_to_administrators_and_auditors_only(scene, client_of):
    url = page("enterprise_detail", scene.ours.firm.enterprise.pk)
    shown = {
        role: len(client_of(membership).get(url).context["steps"]) for role, membership in scene.ours.staff.items()
    }
    with_history = {role for role, count in shown.items() if count > min(shown.values())}
    assert with_history == {Role.PARK_ADMINISTRATOR, Role.AUDITOR}


def test_detail_lists_what_the_enterprise_filed(scene, reviewer, client_of):
    firm, url = scene.ours.firm, page("enterprise_detail", scene.ours.firm.enterprise.pk)

    response = reviewer.get(url)

    assertContains(response, reverse("incentives:review_detail", args=[firm.application.pk]))
    assertNotContains(response, str(firm.draft.pk))
    assertNotContains(response, str(scene.ours.neighbour.application.pk))
    # An expert scores without knowing who filed.
    assertNotContains(client_of(scene.ours.staff[Role.EXPERT]).get(url), str(firm.application.pk))


@pytest.mark.parametrize("rows", [1, 12])
def test_detail_shows_the_latest_ten_applications_by_one_query(scene, reviewer, rows, django_assert_num_queries):
    with park_scope(scene.ours.park.pk):
        firm = EnterpriseFactory(park=scene.ours.park)
    owned = {
        "park": scene.ours.park,
        "enterprise": firm,
        "programme_version": scene.ours.version,
        "started_by": scene.ours.firm.people[Role.APPLICANT].user,
    }
    with enterprise_scope(scene.ours.park.pk, firm.pk):
        for number in range(rows):
            submitted(ApplicationFactory(**owned), f"LATER-{number:02}", datetime(2026, 11, 4, number, tzinfo=UTC))
    url = page("enterprise_detail", firm.pk)
    reviewer.get(url)

    with django_assert_num_queries(DETAIL_QUERIES):
        response = reviewer.get(url)

    numbers = re.findall(r"LATER-\d\d", response.content.decode())
    assert numbers == [f"LATER-{number:02}" for number in range(rows - 1, max(rows - 11, -1), -1)]


@pytest.mark.parametrize("rows", [1, 30])
def test_detail_takes_the_same_queries_for_any_number_of_people(scene, reviewer, rows, django_assert_num_queries):
    from tests.factories.people import person

    for _ in range(rows):
        person(Role.APPLICANT, scene.ours.park, scene.ours.firm.enterprise.pk)
    url = page("enterprise_detail", scene.ours.firm.enterprise.pk)
    reviewer.get(url)

    with django_assert_num_queries(DETAIL_QUERIES):
        reviewer.get(url)


@pytest.mark.parametrize("name", ["enterprise_detail", "enterprise_edit", "interest_declare", "interest_end"])
def test_enterprise_of_another_park_does_not_exist(scene, reviewer, name):
    there, nowhere = scene.others.firm.enterprise.pk, "00000000-0000-7000-8000-000000000000"
    answers = [reviewer.get(page(name, pk)).status_code for pk in (there, nowhere)]
    assert answers == [HTTPStatus.NOT_FOUND, HTTPStatus.NOT_FOUND]


@pytest.mark.parametrize("role", ["firm", "neighbour"])
def test_people_of_an_enterprise_have_no_register(scene, owner, role):
    pk = getattr(scene.ours, role).enterprise.pk
    answers = [
        owner.get(url).status_code
        for url in (page("enterprise_list"), page("enterprise_create"), page("enterprise_detail", pk))
    ]
    assert answers == [HTTPStatus.FORBIDDEN] * 3


def test_administrator_invites_the_first_owner(scene, client_of):
    with park_scope(scene.ours.park.pk):
        enterprise = EnterpriseFactory(park=scene.ours.park, name_en="New works", name_zh="新厂")
    administrator = client_of(scene.ours.staff[Role.PARK_ADMINISTRATOR])

    assertContains(administrator.get(page("enterprise_detail", enterprise.pk)), page("owner_invite", enterprise.pk))
    administrator.post(page("owner_invite", enterprise.pk), {"email": "Owner@Example.com"})

    offer = Invitation.objects.get(enterprise_id=enterprise.pk)
    assert (offer.email, offer.roles, offer.enterprise_name_en, offer.park_id) == (
        "owner@example.com",
        ["owner"],
        "New works",
        scene.ours.park.pk,
    )


def test_administrator_with_an_interest_invites_no_owner(scene, client_of):
    administrator = scene.ours.staff[Role.PARK_ADMINISTRATOR]
    with park_scope(scene.ours.park.pk):
        enterprise = EnterpriseFactory(park=scene.ours.park)
        DeclaredInterest.objects.create(
            park=scene.ours.park, enterprise=enterprise, user=administrator.user, reason="Shares"
        )
    response = client_of(administrator).post(page("owner_invite", enterprise.pk), {"email": "owner@example.com"})

    assert response.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert not Invitation.objects.filter(enterprise_id=enterprise.pk).exists()


def test_enterprise_with_an_owner_gets_no_second_one_from_the_park(scene, client_of):
    administrator = client_of(scene.ours.staff[Role.PARK_ADMINISTRATOR])
    url = page("owner_invite", scene.ours.firm.enterprise.pk)

    assertNotContains(administrator.get(page("enterprise_detail", scene.ours.firm.enterprise.pk)), url)
    assert administrator.post(url, {"email": "x@example.com"}).status_code == HTTPStatus.UNPROCESSABLE_ENTITY


def test_official_declares_and_ends_an_interest(scene, reviewer):
    firm, me = scene.ours.firm.enterprise, scene.ours.staff[Role.REVIEWER].user_id

    def interests():
        with park_scope(scene.ours.park.pk):
            found = DeclaredInterest.objects.filter(enterprise=firm, user_id=me)
            return [(interest.reason, interest.ended_at is None) for interest in found]

    assert reviewer.post(page("interest_declare", firm.pk), {"reason": ""}).status_code == 422
    reviewer.post(page("interest_declare", firm.pk), {"reason": "Shares"})
    assert interests() == [("Shares", True)]
    assert reviewer.post(page("interest_declare", firm.pk), {"reason": "Twice"}).status_code == 422
    assertContains(reviewer.get(page("enterprise_detail", firm.pk)), page("interest_end", firm.pk))
    reviewer.get(page("interest_end", firm.pk))
    assert interests() == [("Shares", True)]
    reviewer.post(page("interest_end", firm.pk))
    assert interests() == [("Shares", False)]
