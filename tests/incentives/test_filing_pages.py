"""An application from the start to the receipt, as its pages take it."""

from datetime import timedelta
from decimal import Decimal
from urllib.parse import quote

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from incentives import services
from incentives.choices import ApplicationState, DocumentKind
from incentives.models import Application, ApplicationDocument
from parks.choices import ParkStatus, Role
from parks.models import Park
from tenancy.scopes import enterprise_scope, park_scope
from tests.clients import confirmed_client
from tests.factories.filing import ProgrammeFactory, attach, published
from tests.factories.people import PASSWORD
from tests.incentives.cases import PDF, acting_as, file, fill, give_back, pdf
from tests.incentives.pages import address, problems_of, shown

pytestmark = pytest.mark.django_db

ANSWERS = {
    "project_title": "Compressed air",
    "project_summary": "Four compressors replaced.",
    "completed_on": "2026-09-01",
    "investment_cny": "9,860,000.00",
    "saving_tce": "4,200.5",
}


@pytest.fixture
def firm(scene):
    return scene.ours.firm


@pytest.fixture
def applicant(firm, client_of):
    return client_of(firm.people[Role.APPLICANT])


@pytest.fixture
def certifier(firm):
    return confirmed_client(firm.people[Role.CERTIFIER])


def stored(firm):
    with enterprise_scope(firm.enterprise.park_id, firm.enterprise.pk):
        return Application.objects.get(pk=firm.draft.pk)


def project(firm):
    return address("application_project", application_id=firm.draft.pk)


def test_start_opens_the_task_list_of_a_new_draft(scene, firm, applicant):
    with park_scope(scene.ours.park.pk):
        version = published(ProgrammeFactory(park=scene.ours.park))

    response = applicant.post(address("application_start", programme_version_id=version.pk))

    with enterprise_scope(scene.ours.park.pk, firm.enterprise.pk):
        draft = Application.objects.get(programme_version=version)
    assert response.url == address("application_detail", application_id=draft.pk)
    assert applicant.get(response.url).context["done"] == 0


def test_start_after_the_window_says_so(scene, applicant):
    with park_scope(scene.ours.park.pk):
        version = published(ProgrammeFactory(park=scene.ours.park, opens_on="2026-01-01", closes_on="2026-02-01"))

    response = applicant.post(address("application_start", programme_version_id=version.pk))

    assert response.status_code == 422
    assert response.context["refusal"] == "The programme takes no applications today."


def test_energy_manager_cannot_start(scene, firm, client_of):
    client = client_of(firm.people[Role.ENERGY_MANAGER])

    assert client.post(address("application_start", programme_version_id=scene.ours.version.pk)).status_code == 403
    assert client.get(project(firm)).status_code == 403


def test_answers_are_saved_and_lead_to_the_documents(firm, applicant):
    response = applicant.post(project(firm), {**ANSWERS, "revision": 0})

    kept = stored(firm)
    assert response.url == address("application_documents", application_id=firm.draft.pk)
    assert (kept.project_title, kept.investment_cny, kept.saving_tce) == (
        "Compressed air",
        Decimal("9860000.00"),
        Decimal("4200.500"),
    )
    assert kept.revision == 1


def test_missing_answers_come_back_with_everything_typed(firm, applicant):
    response = applicant.post(project(firm), {**ANSWERS, "project_title": "", "revision": 0})

    form = response.context["form"]
    assert response.status_code == 422
    # So that the script keeps what this page would lose.
    assert b" data-refused" in response.content
    assert problems_of(form) == {"project_title": ["Enter the title of the project."]}
    assert form["project_summary"].value() == "Four compressors replaced."
    assert stored(firm).revision == 0


def test_title_that_nobody_can_read_is_refused_by_the_form(firm, applicant):
    response = applicant.post(project(firm), {**ANSWERS, "project_title": "Kiln\u202e3", "revision": 0})
    assert response.status_code == 422
    message = "This contains characters that nobody can see. Type it anew."
    assert problems_of(response.context["form"]) == {"project_title": [message]}


def test_half_finished_answers_can_be_saved_for_later(firm, applicant):
    response = applicant.post(project(firm), {**ANSWERS, "completed_on": "", "revision": 0, "later": "yes"})

    assert response.url == address("application_detail", application_id=firm.draft.pk)
    assert stored(firm).completed_on is None


def test_future_completion_is_said_at_its_field(firm, applicant):
    response = applicant.post(project(firm), {**ANSWERS, "completed_on": "2030-01-01", "revision": 0})

    assert response.status_code == 422
    assert problems_of(response.context["form"]) == {
        "completed_on": ["The project must be completed before you apply."]
    }


def test_all_that_is_wrong_is_said_at_once(firm, applicant):
    typed = {**ANSWERS, "project_title": "", "completed_on": "2030-01-01", "investment_cny": "lots", "revision": 0}

    response = applicant.post(project(firm), typed)

    assert problems_of(response.context["form"]) == {
        "project_title": ["Enter the title of the project."],
        "completed_on": ["The project must be completed before you apply."],
        "investment_cny": ["Enter a number."],
    }
    assert stored(firm).revision == 0


def test_conflict_shows_both_values_and_the_second_save_decides(firm, applicant):
    with acting_as(firm.people[Role.OWNER]) as colleague:
        services.save_application(
            colleague, firm.draft, answers={"project_title": "Theirs"}, expected_revision=0, now=timezone.now()
        )

    refused = applicant.post(project(firm), {**ANSWERS, "revision": 0})

    differences = {row["label"]: (row["theirs"], row["mine"]) for row in refused.context["differences"]}
    assert refused.status_code == 422
    assert differences["Name of the project"] == ("Theirs", "Compressed air")
    assert refused.context["form"]["revision"].value() == "1"
    assert stored(firm).project_title == "Theirs"

    again = applicant.post(project(firm), {**ANSWERS, "revision": 1})

    assert again.status_code == 302
    assert stored(firm).project_title == "Compressed air"


def test_autosave_answers_revision_time_and_estimate(firm, applicant):
    url = address("application_autosave", application_id=firm.draft.pk)

    response = applicant.post(url, {**ANSWERS, "saving_tce": "100", "revision": 0})

    answer = response.json()
    assert answer["fields"] == {"revision": 1}
    assert answer["said"].startswith("Saved at ")
    assert answer["said"].endswith("UTC+8")
    assert "¥50,000.00" in answer["replace"]["estimate"]


def test_autosave_keeps_half_finished_answers_but_not_nonsense(firm, applicant):
    url = address("application_autosave", application_id=firm.draft.pk)

    assert applicant.post(url, {"project_title": "Only this", "revision": 0}).status_code == 200
    half = applicant.post(url, {"project_title": "And this", "investment_cny": "lots", "revision": 1}).json()
    assert (half["said"], half["unsaved"], half["fields"]) == (
        "Not saved: Project investment",
        {"investment_cny": "Not saved: Enter a number."},
        {"revision": 2},
    )
    assert applicant.post(url, {"project_title": "Late", "revision": 0}).status_code == 409
    assert stored(firm).project_title == "And this"


def test_autosave_without_a_revision_keeps_nothing(firm, applicant):
    answer = applicant.post(address("application_autosave", application_id=firm.draft.pk), {"project_title": "Lost"})
    assert list(answer.json()["unsaved"]) == ["revision"]
    assert stored(firm).project_title != "Lost"


def test_upload_is_kept_under_its_kind(firm, applicant):
    url = address("document_upload", application_id=firm.draft.pk)

    response = applicant.post(url, {"kind": "contract", "file": pdf("x", "合同.pdf")})

    with enterprise_scope(firm.enterprise.park_id, firm.enterprise.pk):
        document = ApplicationDocument.objects.get(application=firm.draft)
    assert response.url == address("application_documents", application_id=firm.draft.pk) + "#document_contract"
    assert (document.kind, document.name) == (DocumentKind.CONTRACT, "合同.pdf")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty."),
        (
            b"MZ not a document",
            "This is not a PDF, PNG, JPEG, XLSX or DOCX file. Save it as one of these, for example as PDF.",
        ),
    ],
)
def test_unacceptable_file_is_said_at_its_own_drop_zone(firm, applicant, content, sentence):
    url = address("document_upload", application_id=firm.draft.pk)

    response = applicant.post(url, {"kind": "savings_report", "file": SimpleUploadedFile("report.pdf", content)})

    forms = {entry["slot"].kind: entry["form"] for entry in response.context["entries"]}
    assert response.status_code == 422
    assert problems_of(forms["savings_report"]) == {"file": [sentence]}
    assert forms["savings_report"].fields["file"].label == "Savings verification report (report.pdf)"
    assert problems_of(forms["contract"]) == {}


def test_document_is_removed_after_a_question(firm, applicant):
    with enterprise_scope(firm.enterprise.park_id, firm.enterprise.pk):
        document = attach(firm.draft)
    url = address("document_remove", document_id=document.pk)

    assert applicant.get(url).status_code == 200
    assert applicant.post(url).status_code == 302
    assert applicant.get(url).status_code == 404


def test_download_is_an_attachment_that_no_browser_runs(firm, applicant):
    response = applicant.get(address("document_download", document_id=firm.document.pk))

    assert response.content.startswith(b"%PDF")
    assert response["Content-Disposition"] == 'attachment; filename="contract.pdf"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"


@pytest.mark.parametrize(
    ("who", "status"),
    [("reviewer", 200), ("expert", 403), ("neighbour", 404), ("other park", 404)],
)
def test_documents_open_for_those_who_may_read_the_case(scene, firm, client_of, who, status):
    people = {
        "reviewer": scene.ours.staff[Role.REVIEWER],
        "expert": scene.ours.staff[Role.EXPERT],
        "neighbour": scene.ours.neighbour.people[Role.OWNER],
        "other park": scene.others.staff[Role.REVIEWER],
    }

    response = client_of(people[who]).get(address("document_download", document_id=firm.document.pk))

    assert response.status_code == status


def test_document_of_a_draft_is_nobodys_business(scene, firm, client_of):
    with enterprise_scope(firm.enterprise.park_id, firm.enterprise.pk):
        document = attach(firm.draft)

    response = client_of(scene.ours.staff[Role.REVIEWER]).get(address("document_download", document_id=document.pk))

    assert response.status_code == 404


def test_check_says_what_is_missing_and_who_signs(firm, applicant):
    page = applicant.get(address("application_check", application_id=firm.draft.pk))

    assert [entry["label"] for entry in page.context["missing"]] == [
        "Energy management contract",
        "Savings verification report",
    ]
    assert page.context["people"]["signers"] == [firm.people[Role.CERTIFIER].user.name]
    assert page.context["why_not"] == "Only an owner or a certifier of the enterprise can sign this."


def test_certifier_signs_and_gets_a_receipt(firm, certifier):
    draft = fill(firm)

    response = certifier.post(
        address("application_submit", application_id=draft.pk),
        {"statement_accepted": "on", "revision": draft.revision},
        follow=True,
    )

    filed = stored(firm)
    assert filed.state == ApplicationState.SUBMITTED
    assert filed.number.startswith("OURS-")
    assert response.context["is_receipt"] is True
    # On paper it says whose it is.
    assert f'<span class="code">{firm.enterprise.credit_code}</span>' in response.content.decode()
    assert filed.number in response.content.decode()


def test_signature_asks_who_signs_and_keeps_what_was_said(firm, client_of):
    draft = fill(firm)
    client = client_of(firm.people[Role.CERTIFIER])
    check, sign = (address(f"application_{act}", application_id=draft.pk) for act in ("check", "submit"))
    said = {"statement_accepted": "on", "revision": draft.revision}

    asked = client.post(sign, said)
    assert (asked.url, stored(firm).state) == (f"/account/reauthenticate/?next={quote(check, '')}", "draft")
    assert client.get(check).context["form"]["statement_accepted"].value() is False, "not before it is confirmed"
    assert "Before you sign the application and submit it." in client.get(asked.url).content.decode()
    elsewhere = client.get("/account/reauthenticate/?next=/account/security/").content.decode()
    assert "Before a change to the security of your account." in elsewhere
    back = client.post(asked.url, {"password": PASSWORD, "next": check})

    page = client.get(back.url)
    assert (back.url, page.context["form"]["statement_accepted"].value()) == (check, True)
    assert page.context["is_asked_again"] is False
    client.post(sign, said)
    assert stored(firm).state == ApplicationState.SUBMITTED


def test_statement_about_an_older_revision_is_not_kept(firm, client_of):
    draft = fill(firm)
    client = client_of(firm.people[Role.CERTIFIER])
    check, sign = (address(f"application_{act}", application_id=draft.pk) for act in ("check", "submit"))
    asked = client.post(sign, {"statement_accepted": "on", "revision": draft.revision})
    with acting_as(firm.people[Role.APPLICANT]) as actor:
        services.save_application(
            actor,
            draft,
            answers={"project_title": "Another"},
            expected_revision=draft.revision,
            now=timezone.now(),
        )
    client.post(asked.url, {"password": PASSWORD, "next": check})
    assert client.get(check).context["form"]["statement_accepted"].value() is False


@pytest.mark.parametrize(("minutes", "can_sign"), [(9.9, True), (10.1, False)])
def test_signature_follows_a_sign_in_of_ten_minutes_at_most(firm, minutes, can_sign):
    draft, now = fill(firm), timezone.now()
    with time_machine.travel(now, tick=False):
        client = confirmed_client(firm.people[Role.CERTIFIER])
    with time_machine.travel(now + timedelta(minutes=minutes), tick=False):
        client.post(
            address("application_submit", application_id=draft.pk),
            {"statement_accepted": "on", "revision": draft.revision},
        )
    assert (stored(firm).state == ApplicationState.SUBMITTED) is can_sign


def test_signature_needs_the_statement(firm, certifier):
    draft = fill(firm)

    response = certifier.post(address("application_submit", application_id=draft.pk), {"revision": draft.revision})

    assert response.status_code == 422
    assert problems_of(response.context["form"]) == {
        "statement_accepted": ["Confirm that the answers are true before you sign."]
    }
    assert stored(firm).state == ApplicationState.DRAFT


def test_applicant_cannot_sign(firm, applicant):
    draft = fill(firm)

    response = applicant.post(
        address("application_submit", application_id=draft.pk), {"statement_accepted": "on", "revision": draft.revision}
    )

    assert response.status_code == 403


def test_signature_under_an_older_revision_is_refused(firm, certifier):
    draft = fill(firm)

    response = certifier.post(
        address("application_submit", application_id=draft.pk),
        {"statement_accepted": "on", "revision": draft.revision - 1},
    )

    assert response.status_code == 422
    assert response.context["form"]["revision"].value() == str(draft.revision)
    assert stored(firm).state == ApplicationState.DRAFT


def test_returned_application_shows_the_comment_above_its_field(scene, firm, applicant):
    with park_scope(scene.ours.park.pk):
        application = Application.objects.get(pk=firm.application.pk)
    give_back(scene.ours, application)

    tasks = applicant.get(address("application_detail", application_id=application.pk))
    page = applicant.get(address("application_project", application_id=application.pk))

    assert [entry["label"] for entry in tasks.context["returned"]] == ["Energy saved a year"]
    assert tasks.context["return_step"].comment == "One figure differs."
    comments = {entry["bound"].name: [c.comment for c in entry["comments"]] for entry in page.context["fields"]}
    assert comments["saving_tce"] == ["Use the verified figure."]
    assert comments["project_title"] == []


def test_filed_application_can_no_longer_be_edited(firm, applicant):
    url = address("application_project", application_id=firm.application.pk)

    assert applicant.get(url).url == address("application_detail", application_id=firm.application.pk)
    refused = applicant.post(url, {**ANSWERS, "revision": 0})
    assert refused.status_code == 422
    assert problems_of(refused.context["form"]) == {
        "__all__": ["The application can no longer be changed; its state is: Completeness check."]
    }


def test_withdrawing_what_was_filed_needs_a_reason(firm, certifier):
    url = address("application_withdraw", application_id=firm.application.pk)

    refused = certifier.post(url, {"reason": ""})
    assert refused.status_code == 422
    assert problems_of(refused.context["form"]) == {"reason": ["Fill this in."]}

    assert certifier.post(url, {"reason": "Sold the works."}).url == address("application_list")


def test_list_finds_by_number_and_state(firm, applicant):
    found = applicant.get(address("application_list"), {"q": firm.application.number, "state": "submitted"})
    none = applicant.get(address("application_list"), {"q": firm.application.number, "state": "draft"})

    assert shown(found, firm.application, firm.draft) == [firm.application]
    assert shown(none, firm.application, firm.draft) == []


def test_list_downloads_as_csv(firm, applicant):
    response = applicant.get(address("application_list"), {"export": "csv"})

    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert firm.application.number in response.content.decode("utf-8-sig")


@pytest.mark.parametrize(
    "page", ["application_detail", "application_project", "application_documents", "application_check"]
)
@pytest.mark.parametrize("who", ["neighbour", "other park"])
def test_drafts_of_others_do_not_exist(scene, firm, client_of, page, who):
    stranger = scene.ours.neighbour if who == "neighbour" else scene.others.firm

    response = client_of(stranger.people[Role.OWNER]).get(address(page, application_id=firm.draft.pk))

    assert response.status_code == 404


def test_upload_of_a_body_that_is_no_form_is_refused_whole(firm, applicant):
    url = address("document_upload", application_id=firm.draft.pk)

    response = applicant.post(url, {"kind": "passport", "file": SimpleUploadedFile("a.pdf", PDF)})

    assert response.status_code == 422


def test_suspended_park_draws_no_act_and_says_why(scene, firm, applicant):
    give_back(scene.ours, file(firm))
    Park.objects.filter(pk=scene.ours.park.pk).update(status=ParkStatus.SUSPENDED)
    documents, tasks, applications = (
        applicant.get(page).content.decode()
        for page in (
            address("application_documents", application_id=firm.draft.pk),
            address("application_detail", application_id=firm.draft.pk),
            address("application_list"),
        )
    )

    assert "The park is suspended: nothing can be changed." in documents
    assert ('type="file"' in documents, "/remove/" in documents) == (False, False)
    assert "The park is suspended: nothing can be changed." in tasks
    assert "Correct<" not in tasks
    assert "Start an application" not in applications
