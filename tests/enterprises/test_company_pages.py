"""What both sides keep of an enterprise, and what becomes of it as a whole, on their pages."""

import re
from datetime import UTC, date, datetime, timedelta
from http import HTTPStatus

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from enterprises.choices import LabelKind
from enterprises.models import (
    Enterprise,
    EnterpriseLabel,
    EnterprisePaper,
    EnterpriseStep,
    Site,
)
from parks.choices import Role
from parks.models import Invitation, Membership
from tenancy.scopes import park_scope
from tests.enterprises.company_cases import page, rows, typed
from tests.enterprises.vetting_cases import approve, file_again, file_registration, give_back
from tests.factories.filing import PDF, EnterpriseFactory
from tests.factories.people import person
from tests.factories.register import label, paper, site

pytestmark = pytest.mark.django_db
LIST_QUERIES = 13
PAGE_QUERIES = {"official": 29, "owner": 21}


@pytest.fixture
def owner(side, client_of):
    return client_of(side.firm.people[Role.OWNER])


@pytest.fixture
def administrator(side, client_of):
    return client_of(side.staff[Role.PARK_ADMINISTRATOR])


@pytest.fixture
def reviewer(side, client_of):
    return client_of(side.staff[Role.REVIEWER])


def test_both_sides_keep_sites(side, owner, reviewer):
    sent = {"name": "Works 9", "address": "Road 9", "use": "office", "area_m2": "1200.5"}
    assertRedirects(owner.post(page("site_create"), sent), page("profile") + "#sites", fetch_redirect_response=False)
    url = page("enterprise_site_create", side.firm.enterprise.pk)
    back = page("enterprise_detail", side.firm.enterprise.pk) + "#sites"
    assertRedirects(reviewer.post(url, {**sent, "name": "Works 10"}), back, fetch_redirect_response=False)
    assert reviewer.post(url, {**sent, "address": ""}).status_code == HTTPStatus.UNPROCESSABLE_ENTITY

    (ninth,) = rows(side, Site, name="Works 9")
    owner.post(page("site_edit", ninth.pk), {**typed(owner.get(page("site_edit", ninth.pk))), "name": "Works 9b"})
    owner.get(page("site_close", ninth.pk))
    assert rows(side, Site, pk=ninth.pk, closed_at=None)[0].name == "Works 9b"
    owner.post(page("site_close", ninth.pk))
    assert rows(side, Site, pk=ninth.pk, closed_at=None) == []
    assertContains(owner.get(page("profile")), "closed <time", count=1)


def test_both_sides_keep_documents(side, owner, reviewer):
    def sent(mark):
        return {"kind": "certificate", "upload": SimpleUploadedFile(f"{mark}.pdf", PDF + mark.encode())}

    assertRedirects(
        owner.post(page("paper_create"), sent("ours")), page("profile") + "#papers", fetch_redirect_response=False
    )
    reviewer.post(page("enterprise_paper_create", side.firm.enterprise.pk), sent("theirs"))
    wrong = {"kind": "certificate", "upload": SimpleUploadedFile("x.pdf", b"MZ")}
    assertContains(owner.post(page("paper_create"), wrong), "not a PDF", status_code=422)

    lost = {"kind": "", "upload": SimpleUploadedFile("licence.pdf", PDF)}
    assertContains(owner.post(page("paper_create"), lost), "Choose licence.pdf again", status_code=422)
    assertNotContains(owner.post(page("paper_create"), wrong), "pdf again", status_code=422)

    (kept,) = rows(side, EnterprisePaper, name="theirs.pdf")
    answer = owner.get(page("paper_download", kept.pk))
    assert (answer.content, answer["Content-Disposition"]) == (PDF + b"theirs", 'attachment; filename="theirs.pdf"')
    assertContains(owner.post(page("paper_remove", kept.pk)), "only the park can remove it", status_code=422)
    reviewer.post(page("paper_remove", kept.pk))
    assert owner.get(page("paper_download", kept.pk)).status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize("name", ["site_edit", "site_close", "paper_download", "paper_remove"])
def test_what_a_neighbour_keeps_does_not_exist(side, owner, name):
    there = (side.neighbour.site if name.startswith("site") else side.neighbour.paper).pk
    nowhere = "00000000-0000-7000-8000-000000000000"
    assert [owner.get(page(name, pk)).status_code for pk in (there, nowhere)] == [HTTPStatus.NOT_FOUND] * 2


@pytest.mark.parametrize("role", [Role.APPLICANT, Role.ENERGY_MANAGER])
def test_other_people_of_the_enterprise_only_read(side, client_of, role):
    client = client_of(side.firm.people[role])
    shown = client.get(page("profile"))
    names = ["site_create", "paper_create", "change_request_create", "contact_edit"]
    assert [client.get(page(name)).status_code for name in names] == [HTTPStatus.FORBIDDEN] * 4
    for name in names:
        assertNotContains(shown, page(name))


def test_label_is_given_shown_and_taken_back(side, reviewer, owner):
    url, today = page("label_give", side.firm.enterprise.pk), date(2026, 1, 1)
    sent = {"kind": LabelKind.HIGH_TECH, "valid_from": today, "valid_until": "2026-02-01", "note": "List 7"}
    backwards = reviewer.post(url, {**sent, "valid_until": "2025-01-01"})
    assert (backwards.status_code, backwards.context["form"].errors) == (
        422,
        {"valid_until": ["A label cannot end before it begins."]},
    )
    unproven = reviewer.post(url, {**sent, "note": ""})
    assert (unproven.status_code, list(unproven.context["form"].errors)) == (422, ["note"])
    assert reviewer.post(url, {**sent, "document": side.neighbour.paper.pk}).status_code == 422
    reviewer.post(url, {**sent, "document": side.firm.paper.pk})
    (given,) = rows(side, EnterpriseLabel, kind=LabelKind.HIGH_TECH)
    shown = owner.get(page("profile"))
    assertContains(shown, "High-tech enterprise")
    assertContains(shown, 'expired <time datetime="2026-02-01">')
    assert reviewer.post(url, sent).status_code == 422
    assert reviewer.post(page("label_end", given.pk), {"reason": ""}).status_code == 422
    reviewer.post(page("label_end", given.pk), {"reason": "Struck off."})
    assertNotContains(owner.get(page("profile")), "High-tech enterprise")


@pytest.mark.parametrize("act", ["suspend", "deregister"])
def test_standing_changes_after_the_page_has_asked(side, administrator, firm, act):
    with park_scope(side.park.pk):
        firm = EnterpriseFactory(park=side.park, name_en="Quiet Works")
    url = page(f"enterprise_{act}", firm.pk)
    assertContains(administrator.get(page("enterprise_detail", firm.pk)), url)
    assert administrator.get(url).status_code == HTTPStatus.OK
    assert administrator.post(url, {"reason": ""}).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert rows(side, Enterprise, pk=firm.pk)[0].status == "active"

    assertRedirects(
        administrator.post(url, {"reason": "Closed down.\r\nSee the notice."}), page("enterprise_detail", firm.pk)
    )

    shown = administrator.get(page("enterprise_detail", firm.pk))
    assertContains(shown, "Closed down.")
    assertContains(shown, "See the notice.")
    assertNotContains(shown, url)


def test_deregistration_names_what_is_in_the_way(side, administrator):
    url = page("enterprise_deregister", side.firm.enterprise.pk)
    assertContains(administrator.get(url), side.firm.change_request.number)
    answer = administrator.post(url, {"reason": "Closed down."})
    assertContains(answer, side.firm.application.number, status_code=HTTPStatus.UNPROCESSABLE_ENTITY)
    assert rows(side, EnterpriseStep, enterprise=side.firm.enterprise) == []


def test_ended_enterprise_is_neither_edited_nor_invited_to(side, administrator):
    with park_scope(side.park.pk):
        ended = EnterpriseFactory(park=side.park)
        Enterprise.objects.filter(pk=ended.pk).update(status="deregistered")
    shown = administrator.get(page("enterprise_detail", ended.pk))
    assertContains(shown, "This enterprise is deregistered")
    assertContains(shown, page("enterprise_reinstate", ended.pk))
    for name in ("owner_invite", "enterprise_edit", "enterprise_site_create", "label_give", "enterprise_suspend"):
        assertNotContains(shown, page(name, ended.pk))
    assert administrator.post(page("owner_invite", ended.pk), {"email": "a@example.com"}).status_code == 404


def test_merged_enterprise_leads_to_the_one_that_goes_on(side, administrator):
    with park_scope(side.park.pk):
        merged = EnterpriseFactory(park=side.park)
        Enterprise.objects.filter(pk=merged.pk).update(status="merged", merged_into=side.firm.enterprise)
    shown = administrator.get(page("enterprise_detail", merged.pk))
    assertContains(shown, "was merged into another")
    assertContains(shown, page("enterprise_detail", side.firm.enterprise.pk))


def test_owner_hands_over_on_a_page_that_asks(side, owner):
    colleague = side.firm.people[Role.CERTIFIER]
    url = page("ownership_offer", colleague.pk)
    assertContains(owner.get(page("people_list")), url)
    assertContains(owner.get(url), "your own access ends")
    assert owner.post(url, {}).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    owner.post(url, {"is_understood": "on"})
    held = Membership.objects.filter(enterprise_id=side.firm.enterprise.pk, is_active=True)
    assert {place.pk for place in held if "owner" in place.roles} == {colleague.pk}
    assert owner.get(page("people_list")).status_code == HTTPStatus.FOUND


def test_nobody_hands_over_to_a_neighbour(side, owner):
    there = side.neighbour.people[Role.CERTIFIER].pk
    assert [owner.get(page("ownership_offer", pk)).status_code for pk in (there, 10**9)] == [HTTPStatus.NOT_FOUND] * 2


def test_administrator_names_an_owner(side, administrator, client_of):
    url = page("ownership_assign", side.firm.enterprise.pk)
    colleague = side.firm.people[Role.APPLICANT]
    sent = {"owner": colleague.pk, "reason": "The owner has died."}
    assert administrator.post(url, sent).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert administrator.post(url, {**sent, "owner": "invite", "upload": evidence()}).status_code == 422
    assert administrator.post(url, {**sent, "owner": "999", "upload": evidence()}).status_code == 422
    administrator.post(url, {**sent, "upload": evidence()})
    assert Membership.objects.get(pk=colleague.pk).roles == ["owner", "applicant"]
    assert not Membership.objects.get(pk=side.firm.people[Role.OWNER].pk).is_active
    assert client_of(side.staff[Role.REVIEWER]).get(url).status_code == HTTPStatus.FORBIDDEN


def test_administrator_invites_an_owner_in_place_of_one_who_is_gone(side, administrator):
    url = page("ownership_assign", side.firm.enterprise.pk)
    sent = {"owner": "invite", "email": "New@Example.com", "reason": "Sold.", "upload": evidence()}
    assert administrator.post(url, sent).status_code == HTTPStatus.FOUND
    assert Invitation.objects.get(email="new@example.com").roles == ["owner"]


def evidence():
    return SimpleUploadedFile("resolution.pdf", PDF + b"%resolution")


def expires(side, firm, days, name):
    with park_scope(side.park.pk):
        kept = paper(firm, side.firm.people[Role.OWNER].user, name)
        until = datetime.now(UTC).date() + timedelta(days=days)
        EnterprisePaper.objects.filter(pk=kept.pk).update(valid_until=until)


@pytest.mark.parametrize("count", [1, 30])
def test_list_of_documents_takes_the_same_queries(side, reviewer, count, django_assert_num_queries):
    for number in range(count):
        with park_scope(side.park.pk):
            firm = EnterpriseFactory(park=side.park)
        expires(side, firm, number, f"{number}.pdf")
    reviewer.get(page("paper_list"))
    with django_assert_num_queries(LIST_QUERIES - 1):
        reviewer.get(page("paper_list"))


def test_list_of_documents_shows_what_expires(side, reviewer, owner):
    for days, name in ((-3, "gone.pdf"), (5, "soon.pdf"), (50, "later.pdf"), (90, "far.pdf")):
        expires(side, side.firm.enterprise, days, name)

    def listed(query=""):
        return re.findall(r">(\w+\.pdf)<", reviewer.get(page("paper_list") + query).content.decode())

    assert listed() == ["gone.pdf", "soon.pdf", "later.pdf"]
    assert listed("?window=expired") == ["gone.pdf"]
    assert listed("?window=7") == ["soon.pdf"]
    assert listed("?window=all") == ["gone.pdf", "soon.pdf", "later.pdf", "far.pdf"]
    assert listed("?q=second+firm") == []
    assert listed("?kind=other") == []
    sheet = reviewer.get(page("paper_list") + "?export=csv").content.decode("utf-8-sig")
    assert ("soon.pdf" in sheet, "far.pdf" in sheet) == (True, False)
    assert owner.get(page("paper_list")).status_code == HTTPStatus.FORBIDDEN


@pytest.mark.parametrize("count", [1, 30])
@pytest.mark.parametrize("who", ["official", "owner"])
def test_page_of_an_enterprise_takes_the_same_queries(side, client_of, who, count, django_assert_num_queries):
    firm = side.firm.enterprise
    user = side.firm.people[Role.OWNER].user
    with park_scope(side.park.pk):
        for number in range(count):
            site(firm, f"Site {number}")
            paper(firm, user, f"{number}.pdf")
        EnterpriseLabel.objects.filter(enterprise=firm).update(ended_at=timezone.now())
        label(firm, user, "List")
    for _ in range(count):
        person(Role.APPLICANT, side.park, firm.pk)
    official = side.staff[Role.PARK_ADMINISTRATOR]
    client = client_of(official if who == "official" else side.firm.people[Role.OWNER])
    url = page("enterprise_detail", firm.pk) if who == "official" else page("profile")
    client.get(url)
    with django_assert_num_queries(PAGE_QUERIES[who]):
        client.get(url)


def test_officials_read_the_way_of_the_registration_and_its_end_once(side, administrator, client_of):
    registration = file_registration(side.park)
    give_back(side, registration)
    file_again(registration)
    approve(side, registration, expected_round=2)
    with park_scope(side.park.pk):
        firm = Enterprise.objects.get(credit_code=registration.credit_code)
    owner = Membership.objects.get(enterprise_id=firm.pk)

    told = [step["label"] for step in administrator.get(page("enterprise_detail", firm.pk)).context["steps"]]
    own = [step["label"] for step in client_of(owner).get(page("profile")).context["steps"]]

    filed = f"Registration {registration.number} filed"
    assert sorted(told) == ["Registered", filed, "Returned with comments"]
    assert own == ["Registered", filed]


def test_company_sees_its_timeline_without_the_history_of_the_park(side, owner, administrator):
    with park_scope(side.park.pk):
        EnterpriseStep.objects.create(
            park=side.park,
            enterprise=side.firm.enterprise,
            kind="resumed",
            at=timezone.now(),
            by=side.staff[Role.PARK_ADMINISTRATOR].user,
            by_name="Huang Li",
            is_by_official=True,
            comment="Papers came.",
        )
    own = owner.get(page("profile")).context["steps"]
    official = administrator.get(page("enterprise_detail", side.firm.enterprise.pk)).context["steps"]
    assert [step["label"] for step in own] == [
        "Suspension lifted",
        f"Change {side.firm.change_request.number} requested",
    ]
    assert {"Suspension lifted", "Registered"} <= {step["label"] for step in official}
