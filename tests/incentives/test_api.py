"""The API: the same acts, the same rules, one format for every error."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.client import MULTIPART_CONTENT

from config.api import KeyThrottle
from incentives import services
from lib.identifiers import uuid7
from parks.choices import ParkStatus, Role
from parks.models import ApiKey, Membership
from tests.clients import confirmed_client, signed_in_client
from tests.incentives.cases import NOW, PDF, accept, compare, file

pytestmark = pytest.mark.django_db
BASE = "/api/v1"


@pytest.fixture(autouse=True)
def _today():
    """A day within the programme's window; ticking, so that rate limits and expiry are real."""
    with time_machine.travel(NOW, tick=True):
        yield


def call(membership: Membership):
    """A function (method, path, body) that calls the API with a new key of the membership."""
    _, token = ApiKey.objects.create(user=membership.user, membership=membership, name="test")

    def send(method: str, path: str, body: Any = None, **extra: Any):
        client = Client(headers={"Authorization": f"Bearer {token}"})
        asked = getattr(client, method.lower())
        if body is None:
            return asked(f"{BASE}{path}", **extra)
        return asked(f"{BASE}{path}", body, **{"content_type": "application/json", **extra})

    return send


def call_in_session(membership: Membership):
    """The same from a page, by somebody who has just given their password."""
    client = confirmed_client(membership)

    def send(method: str, path: str, body: Any = None):
        return getattr(client, method.lower())(f"{BASE}{path}", body, content_type="application/json")

    return send


def upload(send, application_id, kind, body=PDF, name="report.pdf"):
    form = {"kind": kind, "upload": SimpleUploadedFile(name, body)}
    return send("POST", f"/applications/{application_id}/documents/", form, content_type=MULTIPART_CONTENT)


def error(response):
    """Status, code and field of an answer's only error; every error has the one form."""
    told = response.json()
    assert set(told) == {"type", "errors"}
    (only,) = told["errors"]
    assert set(only) == {"code", "detail", "attr"}
    assert only["detail"]
    return response.status_code, only["code"], only["attr"]


def test_whole_way_of_an_application(scene):
    side, firm = scene.ours, scene.ours.firm
    applicant, certifier = call(firm.people[Role.APPLICANT]), call(firm.people[Role.CERTIFIER])
    reviewer, approver = call(side.staff[Role.REVIEWER]), call(side.staff[Role.APPROVER])

    (programme,) = applicant("GET", "/programmes/").json()["results"]
    assert (programme["code"], programme["is_open"], programme["rate_cny_per_tce"]) == ("OURS", True, "500.00")

    started = applicant("POST", "/applications/", {"programme_version": programme["id"]})
    assert (started.status_code, started.json()["id"]) == (200, str(firm.draft.pk)), "the open draft"
    path = f"/applications/{firm.draft.pk}"

    saved = applicant("PATCH", f"{path}/", {"revision": 0, "project_title": "热泵", "saving_tce": "812.500"})
    assert (saved.status_code, saved.json()["project_title"], saved.json()["revision"]) == (200, "热泵", 1)

    missing = applicant("GET", f"{path}/check/").json()["missing"]
    assert [entry["field"] for entry in missing] == ["document_contract", "document_savings_report"]
    for number, kind in enumerate(("contract", "savings_report")):
        attached = upload(applicant, firm.draft.pk, kind, PDF + bytes(str(number), "ascii"))
        assert (attached.status_code, attached.json()["revision"]) == (201, number + 2)
    content = applicant("GET", attached.json()["document"]["content"].removeprefix(BASE))
    assert (content.status_code, content.content) == (200, PDF + b"1")
    assert content["Content-Disposition"].startswith("attachment")

    assert applicant("GET", f"{path}/check/").json() == {
        "revision": 3,
        "missing": [],
        "rules": [],
        "estimate": {
            "saving_tce": "812.500",
            "rate_cny_per_tce": "500.00",
            "investment_cny": "9860000.00",
            "formula": "",
            "before_cap_cny": "406250.00",
            "cap_cny": "1500000.00",
            "granted_cny": "0.00",
            "limits": [
                {
                    "kind": "enterprise",
                    "limit_cny": "1500000.00",
                    "granted_cny": "0.00",
                    "room_cny": "1500000.00",
                }
            ],
            "binding": None,
            "is_admitted": True,
            "amount_cny": "406250.00",
        },
    }
    signature = {"revision": 3, "statement_accepted": True}
    assert error(applicant("POST", f"{path}/submit/", signature)) == (403, "permission_denied", None)
    assert error(certifier("POST", f"{path}/submit/", signature)) == (409, "identity_not_confirmed", None)
    certifier = call_in_session(firm.people[Role.CERTIFIER])
    receipt, again = (certifier("POST", f"{path}/submit/", signature) for _ in range(2))
    assert (receipt.status_code, again.json()) == (200, receipt.json())
    assert (receipt.json()["number"], receipt.json()["state"], receipt.json()["requested_cny"]) == (
        "OURS-2026-0001",
        "submitted",
        "406250.00",
    )

    case = f"/queue/{firm.draft.pk}"
    waiting = reviewer("GET", "/queue/?state=submitted").json()["results"]
    assert str(firm.draft.pk) in [entry["id"] for entry in waiting]
    returned = reviewer(
        "POST",
        f"{case}/return/",
        {"expected_round": 1, "comments": {"saving_tce": "Verified?"}, "message": "See there."},
    )
    assert (returned.status_code, returned.json()["state"]) == (200, "returned")
    assert returned.json()["comments"][0]["comment"] == "Verified?"
    resubmitted = certifier("POST", f"{path}/submit/", {"revision": 4, "statement_accepted": True}).json()
    assert (resubmitted["state"], resubmitted["round"], resubmitted["number"]) == ("submitted", 2, "OURS-2026-0001")
    assert reviewer("POST", f"{case}/accept/", {"expected_round": 2, "note": "complete"}).json()["state"] == "accepted"
    compare(firm.draft)
    assert error(reviewer("POST", f"{case}/approve/", {"expected_round": 1, "amount_cny": "1.00"})) == (
        409,
        "not_allowed",
        None,
    )
    granted = approver(
        "POST", f"{case}/approve/", {"expected_round": 2, "amount_cny": "400000.00", "message": "Granted."}
    ).json()
    assert (granted["state"], granted["approved_cny"]) == ("approved", "400000.00")
    assert [step["kind"] for step in granted["steps"]] == [
        "submitted",
        "returned",
        "resubmitted",
        "accepted",
        "approved",
    ]
    reviews = approver("GET", f"{case}/reviews/").json()
    assert [(review["stage"], review["outcome"], review["note"]) for review in reviews] == [
        ("completeness", "returned", ""),
        ("completeness", "accepted", "complete"),
        ("decision", "approved", ""),
    ]


def test_create_says_whether_the_draft_is_new(scene):
    applicant = call(scene.ours.firm.people[Role.APPLICANT])
    assert applicant("POST", f"/applications/{scene.ours.firm.draft.pk}/withdraw/", {}).json()["state"] == "withdrawn"
    body = {"programme_version": str(scene.ours.version.pk)}
    first, second = (applicant("POST", "/applications/", body) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()


def test_me_says_who_the_key_is(scene):
    owner = scene.ours.firm.people[Role.OWNER]
    assert call(owner)("GET", "/me/").json() == {
        "name": owner.user.name,
        "roles": ["owner"],
        "membership_id": owner.pk,
        "park_id": scene.ours.park.pk,
        "park_slug": scene.ours.park.slug,
        "enterprise_id": str(scene.ours.firm.enterprise.pk),
        "is_read_only": False,
    }


ADDRESSES = ["/me/", "/programmes/", "/applications/", "/queue/"]


@pytest.mark.parametrize("path", ADDRESSES)
@pytest.mark.parametrize(
    "authorization", [None, "Bearer pz_wrong", "Bearer", "Bearer \xe4", "Basic dTpw", "Bearer a b"]
)
def test_without_a_valid_key_the_answer_is_401(scene, path, authorization):
    headers = {"Authorization": authorization} if authorization else {}
    response = Client(headers=headers).get(f"{BASE}{path}")
    assert error(response)[0] == 401
    assert response["WWW-Authenticate"] == 'Bearer realm="ParkZero API"'


def test_expired_key_and_ended_membership_are_401(scene):
    owner = scene.ours.firm.people[Role.OWNER]
    send = call(owner)
    assert send("GET", "/me/").status_code == 200
    with time_machine.travel(NOW + timedelta(days=91)):
        assert error(send("GET", "/me/")) == (401, "authentication_failed", None)
    owner.is_active = False
    owner.save(update_fields=["is_active"])
    assert error(send("GET", "/me/")) == (401, "authentication_failed", None)


@pytest.mark.parametrize(
    ("role", "path"),
    [
        (Role.EXPERT, "/queue/"),
        (Role.REVIEWER, "/applications/"),
        (Role.OWNER, "/queue/"),
        (Role.EXPERT, "/applications/"),
    ],
)
def test_role_that_may_not_open_an_address_is_403(scene, role, path):
    people = {**scene.ours.staff, **scene.ours.firm.people}
    assert error(call(people[role])("GET", path)) == (403, "permission_denied", None)


def test_energy_manager_reads_but_does_not_file(scene):
    send = call(scene.ours.firm.people[Role.ENERGY_MANAGER])
    path = f"/applications/{scene.ours.firm.draft.pk}"
    assert send("GET", f"{path}/").status_code == 200
    acts = [
        send("POST", "/applications/", {"programme_version": str(scene.ours.version.pk)}),
        send("PATCH", f"{path}/", {"revision": 0, "project_title": "x"}),
        send("POST", f"{path}/submit/", {"revision": 0, "statement_accepted": True}),
        send("POST", f"{path}/withdraw/", {}),
        upload(send, scene.ours.firm.draft.pk, "other"),
        send("DELETE", f"/documents/{scene.ours.firm.document.pk}/"),
    ]
    assert [response.status_code for response in acts] == [403] * 6


def addresses_of(application_id: UUID, document_id: UUID) -> list[tuple[str, str, Any]]:
    application, case = f"/applications/{application_id}", f"/queue/{application_id}"
    return [
        ("GET", f"{application}/", None),
        ("PATCH", f"{application}/", {"revision": 0, "project_title": "x"}),
        ("GET", f"{application}/check/", None),
        ("POST", f"{application}/submit/", {"revision": 0, "statement_accepted": True}),
        ("POST", f"{application}/withdraw/", {"reason": "x"}),
        ("GET", f"/documents/{document_id}/content/", None),
        ("DELETE", f"/documents/{document_id}/", None),
        ("GET", f"{case}/", None),
        ("GET", f"{case}/reviews/", None),
        ("POST", f"{case}/accept/", {"expected_round": 1}),
        ("POST", f"{case}/return/", {"expected_round": 1, "comments": {"saving_tce": "x"}}),
        ("POST", f"{case}/decline/", {"expected_round": 1, "stage": "completeness", "reason": "x"}),
        ("POST", f"{case}/approve/", {"expected_round": 1, "amount_cny": "1.00"}),
    ]


@pytest.mark.parametrize("stranger", ["neighbour", "other enterprise", "other official"])
def test_what_belongs_to_others_answers_exactly_like_what_does_not_exist(scene, stranger):
    side, firm = scene.ours, scene.ours.firm
    owner = side.neighbour.people[Role.OWNER]
    if stranger == "other enterprise":
        owner = scene.others.firm.people[Role.OWNER]
    if stranger == "other official":
        official = scene.others.staff[Role.REVIEWER]
        official.roles = [Role.REVIEWER, Role.APPROVER]
        official.save(update_fields=["roles"])
        owner = official
    send = call(owner)
    theirs = [send(*address) for address in addresses_of(firm.application.pk, firm.document.pk)]
    nowhere = [send(*address) for address in addresses_of(uuid7(), uuid7())]
    assert [(answer.status_code, answer.content) for answer in theirs] == [
        (answer.status_code, answer.content) for answer in nowhere
    ]
    assert {answer.status_code for answer in theirs} == {403, 404}


def test_drafts_are_nobodys_business_but_the_enterprises(scene):
    send = call(scene.ours.staff[Role.REVIEWER])
    assert error(send("GET", f"/queue/{scene.ours.firm.draft.pk}/")) == (404, "not_found", None)
    listed = {entry["id"] for entry in send("GET", "/queue/").json()["results"]}
    assert listed == {str(scene.ours.firm.application.pk), str(scene.ours.neighbour.application.pk)}


def test_programme_of_another_park_cannot_be_applied_for(scene):
    send = call(scene.ours.firm.people[Role.OWNER])
    for version_id in (scene.others.version.pk, uuid7()):
        response = send("POST", "/applications/", {"programme_version": str(version_id)})
        assert error(response) == (404, "not_found", None)


def test_stale_revision_is_409_and_nothing_is_lost(scene):
    send = call(scene.ours.firm.people[Role.APPLICANT])
    path = f"/applications/{scene.ours.firm.draft.pk}/"
    assert send("PATCH", path, {"revision": 0, "project_title": "Hers"}).status_code == 200
    assert error(send("PATCH", path, {"revision": 0, "project_title": "His"})) == (409, "changed_meanwhile", None)
    assert send("GET", path).json()["project_title"] == "Hers"


def test_refusals_are_409_with_their_code(scene):
    side, firm = scene.ours, scene.ours.firm
    owner, reviewer = call(firm.people[Role.OWNER]), call(side.staff[Role.REVIEWER])
    path, case = f"/applications/{firm.draft.pk}", f"/queue/{firm.application.pk}"
    signature = {"revision": 0, "statement_accepted": True}
    signing = call_in_session(firm.people[Role.OWNER])
    assert error(owner("POST", f"{path}/submit/", signature)) == (409, "identity_not_confirmed", None)
    assert error(signing("POST", f"{path}/submit/", {**signature, "statement_accepted": False})) == (
        409,
        "not_signed",
        "statement_accepted",
    )
    assert error(signing("POST", f"{path}/submit/", signature)) == (409, "incomplete", "document_contract")
    assert error(upload(owner, firm.draft.pk, "other", b"text")) == (409, "unacceptable_file", "upload")
    assert error(owner("POST", f"/applications/{firm.application.pk}/withdraw/", {"reason": ""})) == (
        409,
        "invalid",
        "reason",
    )
    assert reviewer("POST", f"{case}/accept/", {"expected_round": 1}).status_code == 200
    assert error(reviewer("POST", f"{case}/accept/", {"expected_round": 1})) == (409, "state_changed", None)


def test_four_eyes_hold_in_the_api(scene):
    side = scene.ours
    both = side.staff[Role.REVIEWER]
    both.roles = [Role.REVIEWER, Role.APPROVER]
    both.save(update_fields=["roles"])
    accepted = accept(side, file(side.firm))
    response = call(both)("POST", f"/queue/{accepted.pk}/approve/", {"expected_round": 1, "amount_cny": "1.00"})
    assert error(response) == (409, "not_allowed", None)


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({"project_title": "x"}, "revision", "required"),
        ({"revision": 0, "saving_tce": "-1"}, "saving_tce", "min_value"),
        ({"revision": 0, "saving_tce": "0.0001"}, "saving_tce", "max_decimal_places"),
        ({"revision": 0, "completed_on": "yesterday"}, "completed_on", "invalid"),
        ({"revision": 0, "project_summary": "a\x00b"}, "project_summary", "null_characters_not_allowed"),
        ({"revision": 0, "project_title": "Kiln\u202e3"}, "project_title", "invisible"),
        ({"revision": 0, "project_title": "\u3164"}, "project_title", "blank"),
        ({"revision": 2**40}, "revision", "max_value"),
    ],
)
def test_wrong_values_are_400_with_their_field(scene, body, field, code):
    response = call(scene.ours.firm.people[Role.OWNER])("PATCH", f"/applications/{scene.ours.firm.draft.pk}/", body)
    assert error(response) == (400, code, field)


def test_answers_that_are_no_answers_of_the_enterprise_are_left_alone(scene):
    body = {"revision": 0, "project_title": "x", "requested_cny": "1.00", "approved_cny": "9.00", "state": "approved"}
    told = call(scene.ours.firm.people[Role.OWNER])("PATCH", f"/applications/{scene.ours.firm.draft.pk}/", body).json()
    assert (told["requested_cny"], told["approved_cny"], told["state"]) == (None, None, "draft")


def test_requests_that_cannot_be_read_are_told_in_the_same_form(scene):
    send = call(scene.ours.firm.people[Role.OWNER])
    path = f"/applications/{scene.ours.firm.draft.pk}/"
    assert error(send("PATCH", path, b"{", content_type="application/json")) == (400, "parse_error", None)
    assert error(send("PATCH", path, b"<a/>", content_type="text/xml")) == (415, "unsupported_media_type", None)
    assert error(send("DELETE", path)) == (405, "method_not_allowed", None)
    assert error(send("GET", path, headers={"Accept": "text/csv"})) == (406, "not_acceptable", None)
    assert error(send("GET", "/nothing/here")) == (404, "not_found", None)
    assert error(send("POST", "/applications/not-an-id/", {})) == (404, "not_found", None)
    assert error(send("GET", "/applications/?state=lost")) == (400, "unknown_state", "state")


@pytest.mark.parametrize("cursor", ["x", "cD0x", "cD0lMDA=", "bz0tMQ=="])
def test_cursor_that_was_not_given_out_is_404(scene, cursor):
    assert error(call(scene.ours.firm.people[Role.OWNER])("GET", f"/applications/?cursor={cursor}")) == (
        404,
        "not_found",
        None,
    )


def test_session_of_a_page_needs_the_token_against_forgery(scene):
    owner = scene.ours.firm.people[Role.OWNER]
    client = signed_in_client(owner, enforce_csrf_checks=True)
    assert client.get(f"{BASE}/me/").json()["membership_id"] == owner.pk
    forged = client.post(f"{BASE}/applications/", {}, content_type="application/json")
    assert error(forged) == (403, "permission_denied", None)


def test_signed_in_person_without_a_place_is_403(scene):
    client = Client()
    client.force_login(scene.operator.user)
    Membership.objects.filter(pk=scene.operator.pk).update(is_active=False)
    assert error(client.get(f"{BASE}/me/")) == (403, "permission_denied", None)


def test_suspended_park_is_read_only(scene):
    scene.ours.park.status = ParkStatus.SUSPENDED
    scene.ours.park.save(update_fields=["status"])
    send = call(scene.ours.firm.people[Role.OWNER])
    assert send("GET", "/me/").json()["is_read_only"]
    assert send("GET", f"/applications/{scene.ours.firm.draft.pk}/").status_code == 200
    refused = send("PATCH", f"/applications/{scene.ours.firm.draft.pk}/", {"revision": 0, "project_title": "x"})
    assert error(refused) == (409, "park_suspended", None)


def test_each_key_has_its_own_limit(scene, monkeypatch):
    monkeypatch.setattr(KeyThrottle, "get_rate", lambda _self: "2/min")
    one, other = call(scene.ours.firm.people[Role.OWNER]), call(scene.ours.firm.people[Role.APPLICANT])
    assert [one("GET", "/me/").status_code for _ in range(2)] == [200, 200]
    limited = one("GET", "/me/")
    assert error(limited)[:2] == (429, "throttled")
    assert 0 < int(limited["Retry-After"]) <= 60
    assert other("GET", "/me/").status_code == 200


def test_error_takes_back_what_the_request_wrote(scene, monkeypatch):
    def accept_then_refuse(actor, application, **kwargs):
        accept_application(actor, application, **kwargs)
        raise services.StateChanged("after the write")

    accept_application = services.accept_application
    monkeypatch.setattr(services, "accept_application", accept_then_refuse)
    application = file(scene.ours.firm)
    send = call(scene.ours.staff[Role.REVIEWER])
    assert send("POST", f"/queue/{application.pk}/accept/", {"expected_round": 1}).status_code == 409
    assert send("GET", f"/queue/{application.pk}/").json()["state"] == "submitted"


def test_removed_document_is_gone_and_removing_again_finds_nothing(scene):
    send = call(scene.ours.firm.people[Role.APPLICANT])
    document = upload(send, scene.ours.firm.draft.pk, "other").json()["document"]
    assert send("DELETE", f"/documents/{document['id']}/").status_code == 204
    assert send("GET", f"/applications/{scene.ours.firm.draft.pk}/").json()["documents"] == []
    assert error(send("DELETE", f"/documents/{document['id']}/")) == (404, "not_found", None)
