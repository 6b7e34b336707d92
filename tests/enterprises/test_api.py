"""The register in the API: the same acts, the same rules, one format for every error."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from enterprises.choices import LabelKind
from enterprises.models import ChangeRequest, Enterprise, EnterpriseLabel
from lib.identifiers import uuid7
from parks.choices import PARK_ROLES, ParkStatus, Role
from parks.models import ApiKey, Membership
from tenancy.scopes import enterprise_scope, park_scope
from tests.factories.filing import PDF, EnterpriseFactory

pytestmark = pytest.mark.django_db
BASE = "/api/v1"
CODE = "91350200MA2YJ1XR9G"
EARLY = "91350203M0001QAY9B"
FACTS = {"credit_code": CODE, "name_zh": "厦门晨光光电有限公司", "name_en": "Chengguang Opto"}
# The frame of a request with a key, then the rows and their labels.
QUERIES_OF_A_LIST = 10


def call(membership: Membership):
    """A function (method, path, body) that calls the API with a new key of the membership."""
    _, token = ApiKey.objects.create(user=membership.user, membership=membership, name="test")

    def send(method: str, path: str, body: Any = None):
        asked = getattr(Client(headers={"Authorization": f"Bearer {token}"}), method.lower())
        return asked(f"{BASE}{path}") if body is None else asked(f"{BASE}{path}", body, content_type="application/json")

    return send


def error(response):
    """Status, code and field of an answer's only error."""
    (only,) = response.json()["errors"]
    return response.status_code, only["code"], only["attr"]


@pytest.fixture
def reviewer(scene):
    return call(scene.ours.staff[Role.REVIEWER])


@pytest.fixture
def owner(scene):
    return call(scene.ours.firm.people[Role.OWNER])


@pytest.fixture
def without_request(scene):
    """The scene's enterprise with no request that waits, so that it can ask for something."""
    with park_scope(scene.ours.park.pk):
        ChangeRequest.objects.filter(enterprise=scene.ours.firm.enterprise).update(
            state="rejected", decision="No.", decided_at="2026-11-20T00:00:00Z"
        )


def names(response):
    return sorted(row["name_en"] for row in response.json()["results"])


# Reading


@pytest.mark.parametrize("role", sorted(PARK_ROLES))
def test_officials_read_the_register_of_their_park(scene, role):
    listed = call(scene.ours.staff[role])("GET", "/enterprises/")

    assert listed.status_code == 200
    assert names(listed) == ["OURS first firm", "OURS second firm"]


def test_people_of_an_enterprise_read_their_own_and_no_other(scene, owner):
    own, neighbour = scene.ours.firm.enterprise, scene.ours.neighbour.enterprise

    assert names(owner("GET", "/enterprises/")) == [own.name_en]
    assert names(owner("GET", f"/enterprises/?q={neighbour.credit_code}")) == [own.name_en]
    assert owner("GET", f"/enterprises/{own.pk}/").json()["credit_code"] == own.credit_code

    for path in ("/enterprises/{}/", "/change-requests/{}/"):
        theirs = scene.ours.neighbour.change_request.pk if "change" in path else neighbour.pk
        assert owner("GET", path.format(theirs)).content == owner("GET", path.format(uuid7())).content
        assert owner("GET", path.format(theirs)).status_code == 404


def test_nothing_of_another_park_is_there(scene, reviewer):
    theirs = scene.others.firm
    assert reviewer("GET", f"/enterprises/{theirs.enterprise.pk}/").status_code == 404
    assert reviewer("GET", f"/change-requests/{theirs.change_request.pk}/").status_code == 404
    assert names(reviewer("GET", "/enterprises/?q=OTHERS")) == []


def test_list_is_searched_filtered_and_paged(scene, reviewer):
    with park_scope(scene.ours.park.pk):
        EnterpriseFactory(park=scene.ours.park, name_en="Alpha", industry_code="C3841", is_key_energy_user=True)
        labelled = EnterpriseFactory(park=scene.ours.park, name_en="Beta", kind="service", industry_code="6513")
        official = scene.ours.staff[Role.REVIEWER].user
        EnterpriseLabel.objects.create(
            park=scene.ours.park,
            enterprise=labelled,
            kind=LabelKind.GREEN_FACTORY,
            valid_from="2026-01-01",
            given_by=official,
            given_by_name=official.name,
        )

    def found(query):
        return names(reviewer("GET", f"/enterprises/?{query}"))

    assert found("q=alph") == ["Alpha"]
    assert found("kind=service") == ["Beta"]
    assert found("section=I") == ["Beta"]
    assert found("label=green_factory") == ["Beta"]
    assert found("key_user=yes") == ["Alpha"]
    assert found("owner=no") == ["Alpha", "Beta"]
    (beta,) = reviewer("GET", "/enterprises/?q=beta").json()["results"]
    assert (beta["industry_name_en"], beta["labels"]) == ("Development of application software", ["green_factory"])
    page = reviewer("GET", "/enterprises/?page_size=3").json()
    assert len(page["results"]) == 3
    assert page["next"]


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/enterprises/?kind=nonsense", "kind"),
        ("/enterprises/?section=Z", "section"),
        ("/enterprises/?q=%00", "q"),
        ("/enterprises/?label=x", "label"),
        ("/enterprises/?search=77", "search"),
        ("/change-requests/?state=x", "state"),
    ],
)
def test_filter_that_makes_no_sense_is_said(reviewer, path, field):
    status, _code, attr = error(reviewer("GET", path))
    assert (status, attr) == (400, field)


@pytest.mark.parametrize("rows", [1, 30])
def test_list_takes_the_same_queries_for_any_number_of_rows(scene, reviewer, rows, django_assert_num_queries):
    with park_scope(scene.ours.park.pk):
        EnterpriseFactory.create_batch(rows, park=scene.ours.park)
    reviewer("GET", "/enterprises/")
    with django_assert_num_queries(QUERIES_OF_A_LIST):
        assert reviewer("GET", "/enterprises/").status_code == 200


def test_detail_tells_facts_sites_and_labels(scene, reviewer):
    firm = scene.ours.firm
    told = reviewer("GET", f"/enterprises/{firm.enterprise.pk}/").json()

    assert told["name_zh"] == firm.enterprise.name_zh
    assert [site["id"] for site in told["sites"]] == [str(firm.site.pk)]
    assert [label["kind"] for label in told["given_labels"]] == ["pilot"]
    assert told["labels"] == ["pilot"]


# Registering


def test_reviewer_registers_an_enterprise(scene, reviewer):
    body = {**FACTS, "credit_code": " 91350200-ma2yj1xr9g", "industry_code": "3841", "registered_capital": "5000000.00"}
    made = reviewer("POST", "/enterprises/", body)

    assert made.status_code == 201
    assert (made.json()["credit_code"], made.json()["industry_code"]) == (CODE, "C3841")
    with park_scope(scene.ours.park.pk):
        stored = Enterprise.objects.get(credit_code=CODE)
    assert (stored.kind, stored.capital_currency, stored.registered_capital) == ("manufacturer", "CNY", 5_000_000)


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"credit_code": "9135"}, "credit_code"),
        ({"credit_code": "91350200MA2YJ1XR9O"}, "credit_code"),
        ({"name_zh": "\u200b\u200b"}, "name_zh"),
        ({"name_zh": ""}, "name_zh"),
        ({"industry_code": "356-2"}, "industry_code"),
        ({"contact_email": "nobody"}, "contact_email"),
        ({"registered_capital": "-1"}, "registered_capital"),
        ({"kind": "nonsense"}, "kind"),
    ],
)
def test_wrong_facts_are_said_at_their_field(reviewer, facts, field):
    status, _code, attr = error(reviewer("POST", "/enterprises/", {**FACTS, **facts}))
    assert (status, attr) == (400, field)


def test_code_that_does_not_fit_is_confirmed_first(reviewer):
    refused = reviewer("POST", "/enterprises/", {**FACTS, "credit_code": EARLY})
    assert error(refused) == (409, "credit_code_unconfirmed", "is_code_confirmed")
    assert (
        reviewer("POST", "/enterprises/", {**FACTS, "credit_code": EARLY, "is_code_confirmed": True}).status_code == 201
    )


def test_taken_code_is_a_conflict(scene, reviewer):
    reviewer("POST", "/enterprises/", FACTS)
    assert error(reviewer("POST", "/enterprises/", FACTS)) == (409, "credit_code_taken", "credit_code")


def test_founding_to_come_is_refused_as_on_the_page(reviewer):
    founded = {**FACTS, "established_on": "2099-01-01"}
    assert error(reviewer("POST", "/enterprises/", founded)) == (409, "founding_to_come", "established_on")


@pytest.mark.parametrize("role", sorted(PARK_ROLES - {Role.PARK_ADMINISTRATOR, Role.REVIEWER}))
def test_other_officials_register_nobody(scene, role):
    assert call(scene.ours.staff[role])("POST", "/enterprises/", FACTS).status_code == 403


def test_people_of_enterprises_register_nobody_and_learn_of_nobody(scene, owner):
    """A code that a neighbour has and one that nobody has get the same answer."""
    answers = {
        owner("POST", "/enterprises/", {**FACTS, "credit_code": code}).content
        for code in (scene.ours.neighbour.enterprise.credit_code, CODE)
    }
    assert len(answers) == 1


def test_suspended_park_takes_nothing(scene, reviewer):
    scene.ours.park.status = ParkStatus.SUSPENDED
    scene.ours.park.save(update_fields=["status"])
    assert error(reviewer("POST", "/enterprises/", FACTS)) == (409, "park_suspended", None)
    assert reviewer("GET", "/enterprises/").status_code == 200


# Asking for changes


def test_owner_asks_for_a_change_and_the_park_reads_it(scene, owner, reviewer, without_request):
    made = owner("POST", "/change-requests/", {"changes": {"name_en": "Renamed"}, "reason": "New licence"})

    assert made.status_code == 201
    before = scene.ours.firm.enterprise.name_en
    assert (made.json()["state"], made.json()["changes"]) == ("submitted", {"name_en": [before, "Renamed"]})
    path = f"/change-requests/{made.json()['id']}/"
    assert owner("GET", path).json() == reviewer("GET", path).json() == made.json()
    waiting = reviewer("GET", "/change-requests/?state=submitted").json()["results"]
    assert made.json()["id"] in [row["id"] for row in waiting]
    assert {row["enterprise"] for row in owner("GET", "/change-requests/").json()["results"]} == {
        str(scene.ours.firm.enterprise.pk)
    }


def test_second_request_and_one_without_a_difference_are_conflicts(scene, owner, without_request):
    same = {"changes": {"name_en": scene.ours.firm.enterprise.name_en}, "reason": "No change"}
    assert error(owner("POST", "/change-requests/", same))[:2] == (409, "nothing_to_change")

    body = {"changes": {"address": "Torch Road 9"}, "reason": "Moved"}
    assert owner("POST", "/change-requests/", body).status_code == 201
    assert error(owner("POST", "/change-requests/", body))[:2] == (409, "change_request_open")


def test_request_is_checked_like_the_form(owner, without_request):
    wrong = owner("POST", "/change-requests/", {"changes": {"credit_code": "9135"}, "reason": "x"})
    assert error(wrong) == (400, "invalid", "credit_code")
    assert error(owner("POST", "/change-requests/", {"changes": {"address": "x"}}))[::2] == (400, "reason")


def test_request_for_the_code_of_a_neighbour_is_answered_like_any_other(scene, owner, without_request):
    """Whether somebody has the code is for officials to see."""
    taken = scene.ours.neighbour.enterprise.credit_code
    made = owner(
        "POST", "/change-requests/", {"changes": {"credit_code": taken}, "reason": "x", "is_code_confirmed": True}
    )
    assert made.status_code == 201
    assert made.json()["changes"]["credit_code"][1] == taken


@pytest.mark.parametrize("role", [Role.APPLICANT])
def test_who_does_not_sign_asks_for_nothing(scene, role, without_request):
    body = {"changes": {"address": "x"}, "reason": "x"}
    assert call(scene.ours.firm.people[role])("POST", "/change-requests/", body).status_code == 403
    assert call(scene.ours.staff[Role.REVIEWER])("POST", "/change-requests/", body).status_code == 403
    with enterprise_scope(scene.ours.park.pk, scene.ours.firm.enterprise.pk):
        assert ChangeRequest.objects.filter(state="submitted").count() == 0


def send_document(membership, name="notice.pdf", body=PDF + b"%notice"):
    _, token = ApiKey.objects.create(user=membership.user, membership=membership, name="documents")
    sent = {"kind": "evidence", "upload": SimpleUploadedFile(name, body)}
    return Client(headers={"Authorization": f"Bearer {token}"}).post(f"{BASE}/enterprise-documents/", sent)


def test_request_names_a_document_that_was_sent_before(scene, owner, reviewer, without_request):
    sent = send_document(scene.ours.firm.people[Role.OWNER])
    assert (sent.status_code, sent.json()["name"], sent.json()["kind"]) == (201, "notice.pdf", "evidence")
    assert sent.json()["id"] in [row["id"] for row in owner("GET", "/enterprise-documents/").json()["results"]]

    made = owner(
        "POST", "/change-requests/", {"changes": {"address": "x"}, "reason": "x", "evidence": sent.json()["id"]}
    )

    assert (made.status_code, made.json()["evidence"]) == (201, sent.json()["id"])
    assert reviewer("GET", f"/change-requests/{made.json()['id']}/").json()["evidence"] == sent.json()["id"]


def test_document_of_a_neighbour_is_no_evidence(scene, owner, without_request):
    theirs = str(scene.ours.neighbour.paper.pk)
    body = {"changes": {"address": "x"}, "reason": "x", "evidence": theirs}
    assert error(owner("POST", "/change-requests/", body))[::2] == (400, "evidence")
    assert theirs not in [row["id"] for row in owner("GET", "/enterprise-documents/").json()["results"]]


def test_who_does_not_sign_sends_no_document(scene):
    assert send_document(scene.ours.firm.people[Role.APPLICANT]).status_code == 403
    assert send_document(scene.ours.staff[Role.REVIEWER]).status_code == 403


def test_request_is_withdrawn_once(scene, owner, reviewer):
    path = f"/change-requests/{scene.ours.firm.change_request.pk}/withdraw/"
    assert reviewer("POST", path).status_code == 403
    assert owner("POST", path).json()["state"] == "withdrawn"
    assert error(owner("POST", path))[:2] == (409, "not_now")


def test_request_of_a_neighbour_is_not_withdrawn(scene, owner):
    assert owner("POST", f"/change-requests/{scene.ours.neighbour.change_request.pk}/withdraw/").status_code == 404
