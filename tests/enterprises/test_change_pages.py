"""What an enterprise asks to have changed, on the pages of both sides."""

import re
from http import HTTPStatus

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from enterprises.models import (
    ChangeRequest,
    DeclaredInterest,
    Enterprise,
    EnterprisePaper,
)
from parks.choices import ENTERPRISE_ROLES, PARK_ROLES, Role
from tenancy.scopes import enterprise_scope, park_scope
from tests.enterprises.company_cases import page, rows, typed
from tests.factories.filing import PDF, EnterpriseFactory
from tests.factories.register import change_request

pytestmark = pytest.mark.django_db
LIST_QUERIES = 13
CODE = "91350200MA2YJ1XR9G"


@pytest.fixture
def owner(side, client_of):
    return client_of(side.firm.people[Role.OWNER])


@pytest.fixture
def reviewer(side, client_of):
    return client_of(side.staff[Role.REVIEWER])


def test_owner_asks_for_a_change_on_todays_facts(side, firm, owner):
    form = owner.get(page("change_request_create"))
    assertContains(form, f'value="{firm.enterprise.credit_code}"')

    sent = {**typed(form), "name_en": "Renamed Works", "reason": "Renamed on 1 November."}
    sent["upload"] = SimpleUploadedFile("new licence.pdf", PDF + b"%new")
    assertRedirects(owner.post(page("change_request_create"), sent), page("profile"))

    (asked,) = rows(side, ChangeRequest, enterprise=firm.enterprise, state="submitted")
    assert asked.changes == {"name_en": [firm.enterprise.name_en, "Renamed Works"]}
    assert rows(side, EnterprisePaper, pk=asked.evidence_id)[0].name == "new licence.pdf"
    assertContains(owner.get(page("profile")), asked.number)
    assertRedirects(owner.get(page("change_request_create")), page("change_detail", asked.pk))


def test_request_that_cannot_be_filed_comes_back_as_it_was_typed(side, firm, owner):
    sent = {**typed(owner.get(page("change_request_create"))), "name_en": "Renamed Works", "reason": ""}

    answer = owner.post(page("change_request_create"), sent)

    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assertContains(answer, "Renamed Works", status_code=HTTPStatus.UNPROCESSABLE_ENTITY)
    assertContains(answer, "error-summary", status_code=HTTPStatus.UNPROCESSABLE_ENTITY)
    assert rows(side, ChangeRequest, enterprise=firm.enterprise, state="submitted") == []


def test_unchanged_form_asks_for_nothing(firm, owner):
    sent = {**typed(owner.get(page("change_request_create"))), "reason": "No reason."}
    answer = owner.post(page("change_request_create"), sent)
    assertContains(answer, "Change at least one fact", status_code=HTTPStatus.UNPROCESSABLE_ENTITY)


def test_asking_for_the_code_of_a_neighbour_tells_nothing(side, firm, owner):
    taken = side.neighbour.enterprise.credit_code
    answers = []
    for code in (taken, CODE):
        sent = {**typed(owner.get(page("change_request_create"))), "credit_code": code, "reason": "Wrong."}
        answer = owner.post(page("change_request_create"), {**sent, "is_code_confirmed": "on"})
        answers.append((answer.status_code, answer["Location"]))
        with park_scope(side.park.pk):
            waiting = ChangeRequest.objects.filter(enterprise=firm.enterprise, state="submitted")
            assert waiting.update(state="withdrawn") == 1
    assert answers[0] == answers[1] == (HTTPStatus.FOUND, page("profile"))


def test_request_is_read_by_colleagues_and_withdrawn_by_signers(side, owner, client_of):
    asked = side.firm.change_request
    for role in sorted(ENTERPRISE_ROLES):
        shown = client_of(side.firm.people[role]).get(page("change_detail", asked.pk))
        assertContains(shown, "<ins>OURS first firm renamed</ins>")
        may = role in {Role.OWNER, Role.CERTIFIER}
        assert (page("change_withdraw", asked.pk) in shown.content.decode()) is may
    owner.get(page("change_withdraw", asked.pk))
    assert rows(side, ChangeRequest, pk=asked.pk)[0].state == "submitted"
    assertRedirects(owner.post(page("change_withdraw", asked.pk)), page("profile"))
    assert rows(side, ChangeRequest, pk=asked.pk)[0].state == "withdrawn"


@pytest.mark.parametrize("name", ["change_detail", "change_withdraw"])
def test_request_of_a_neighbour_does_not_exist(side, owner, name):
    there, nowhere = side.neighbour.change_request.pk, "00000000-0000-7000-8000-000000000000"
    assert [owner.get(page(name, pk)).status_code for pk in (there, nowhere)] == [HTTPStatus.NOT_FOUND] * 2


@pytest.mark.parametrize("count", [1, 30])
def test_list_of_requests_takes_the_same_queries(side, reviewer, count, django_assert_num_queries):
    with park_scope(side.park.pk):
        firms = [EnterpriseFactory(park=side.park) for _ in range(count)]
    for number, firm in enumerate(firms):
        with enterprise_scope(side.park.pk, firm.pk):
            change_request(firm, side.firm.people[Role.OWNER].user, f"C-{number:04}", "Renamed")
    reviewer.get(page("change_request_list"))
    with django_assert_num_queries(LIST_QUERIES):
        shown = reviewer.get(page("change_request_list"))
    assert shown.context["waiting"] == count + 2


def test_list_of_requests_is_searched_filtered_and_downloaded(side, firm, reviewer):
    def listed(query=""):
        shown = reviewer.get(page("change_request_list") + query).content.decode()
        return set(re.findall(r'class="code" href="[^"]+">([^<]+)<', shown))

    first, second = side.firm.change_request.number, side.neighbour.change_request.number
    assert listed() == {second}
    assert listed("?state=all") == {first, second}
    assert listed("?state=rejected") == {first}
    assert listed("?state=all&q=first+firm") == {first}
    assert listed(f"?q={second.lower()}") == {second}
    assert listed("?state=nonsense") == {second}
    sheet = reviewer.get(page("change_request_list") + "?state=all&export=csv").content.decode("utf-8-sig")
    assert (first in sheet, second in sheet, "Name in English" in sheet) == (True, True, True)


def seen_of(response):
    return re.search(r'name="seen" value="(\w+)"', response.content.decode())[1]


def test_official_approves_on_what_the_page_shows(side, reviewer):
    asked = side.firm.change_request
    shown = reviewer.get(page("change_request_detail", asked.pk))
    assertContains(shown, "<del>OURS first firm</del>")

    sent = {"seen": seen_of(shown), "note": "Compared with the licence."}
    assertRedirects(reviewer.post(page("change_request_approve", asked.pk), sent), page("change_request_list"))

    (decided,), (known,) = rows(side, ChangeRequest, pk=asked.pk), rows(side, Enterprise, pk=side.firm.enterprise.pk)
    assert (decided.state, decided.decision, known.name_en) == (
        "approved",
        "Compared with the licence.",
        "OURS first firm renamed",
    )


def test_official_decides_anew_when_the_register_has_moved(side, reviewer):
    asked = side.firm.change_request
    old = seen_of(reviewer.get(page("change_request_detail", asked.pk)))
    with park_scope(side.park.pk):
        Enterprise.objects.filter(pk=side.firm.enterprise.pk).update(name_en="Moved Works")

    answer = reviewer.post(page("change_request_approve", asked.pk), {"seen": old, "note": "Fine."})

    assertContains(answer, "In the register now", status_code=HTTPStatus.UNPROCESSABLE_ENTITY)
    assertContains(answer, "Moved Works", status_code=HTTPStatus.UNPROCESSABLE_ENTITY)
    assertContains(answer, "Fine.", status_code=HTTPStatus.UNPROCESSABLE_ENTITY)
    sent = {"seen": seen_of(answer), "note": "Fine."}
    assertRedirects(reviewer.post(page("change_request_approve", asked.pk), sent), page("change_request_list"))


def test_official_reads_that_a_code_is_taken_and_nobody_else(side, reviewer, client_of):
    asked, taken = side.firm.change_request, side.neighbour.enterprise.credit_code
    with enterprise_scope(side.park.pk, side.firm.enterprise.pk):
        ChangeRequest.objects.filter(pk=asked.pk).update(state="withdrawn")
        owner = side.firm.people[Role.OWNER].user
        asked = change_request(side.firm.enterprise, owner, "C-TAKEN", "x")
    with park_scope(side.park.pk):
        code = side.firm.enterprise.credit_code
    asked = replaced(side, asked, {"credit_code": [code, taken]})
    before = reviewer.get(page("change_request_detail", asked.pk))
    assertContains(before, "Another enterprise of the park has the new code.")
    assertContains(before, page("enterprise_detail", side.neighbour.enterprise.pk))
    own = client_of(side.firm.people[Role.OWNER]).get(page("change_detail", asked.pk))
    assertNotContains(own, "Another enterprise")
    answer = reviewer.post(page("change_request_approve", asked.pk), {"seen": seen_of(before)})
    assertContains(answer, "already registered", status_code=HTTPStatus.UNPROCESSABLE_ENTITY)


def replaced(side, asked, changes):
    """The request with other changes: what was asked for is never updated, so a new row takes its place."""
    with enterprise_scope(side.park.pk, side.firm.enterprise.pk):
        ChangeRequest.objects.filter(pk=asked.pk).update(state="withdrawn")
        return ChangeRequest.objects.create(
            park=side.park,
            enterprise=side.firm.enterprise,
            number="C-OTHER",
            changes=changes,
            reason="Wrong.",
            is_code_confirmed=True,
            requested_by=asked.requested_by,
            requested_by_name=asked.requested_by_name,
            requested_at=asked.requested_at,
            due_at=asked.due_at,
        )


def test_official_rejects_with_words(side, reviewer):
    asked = side.firm.change_request
    assert reviewer.post(page("change_request_reject", asked.pk), {"note": ""}).status_code == 422
    reviewer.post(page("change_request_reject", asked.pk), {"note": "The licence is missing."})
    (decided,) = rows(side, ChangeRequest, pk=asked.pk)
    assert (decided.state, decided.decision) == ("rejected", "The licence is missing.")
    assertContains(reviewer.get(page("change_request_detail", asked.pk)), "Nothing is left to decide")


def test_those_who_cannot_decide_read_why(side, client_of):
    url = page("change_request_detail", side.firm.change_request.pk)
    with park_scope(side.park.pk):
        DeclaredInterest.objects.create(
            park=side.park,
            enterprise=side.firm.enterprise,
            user=side.staff[Role.REVIEWER].user,
            reason="Shares",
        )
    said = {role: client_of(side.staff[role]).get(url) for role in sorted(PARK_ROLES)}
    assertContains(said[Role.PARK_ADMINISTRATOR], "/approve/")
    assertContains(said[Role.REVIEWER], "so a colleague must decide")
    for role in PARK_ROLES - {Role.PARK_ADMINISTRATOR, Role.REVIEWER}:
        assertContains(said[role], "Administrators and reviewers of the park decide on this.")


def test_form_of_a_suspended_enterprise_is_not_opened_to_be_refused(side, owner):
    with enterprise_scope(side.park.pk, side.firm.enterprise.pk):
        ChangeRequest.objects.filter(pk=side.firm.change_request.pk).update(state="withdrawn")
    with park_scope(side.park.pk):
        Enterprise.objects.filter(pk=side.firm.enterprise.pk).update(status="suspended", status_reason="Papers.")

    answer = owner.get(page("change_request_create"), follow=True)

    assert answer.redirect_chain == [(page("profile"), HTTPStatus.FOUND)]
    assertContains(answer, "nothing can be asked for")
