"""What may change of an application that a later stage has returned, while earlier reviews of it stand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from incentives import services
from incentives.choices import DocumentKind, Stage
from incentives.models import Programme
from incentives.services import NotAskedFor
from parks.choices import Role
from tenancy.scopes import park_scope
from tests.factories.people import person
from tests.incentives.cases import NOW, accept, acting_as, file, fill, give_back, pdf, submit
from tests.incentives.pages import address
from tests.incentives.test_form_fields import OPTIONS, field
from tests.incentives.test_stages import FIVE, passing, where, with_stages

pytestmark = pytest.mark.django_db
OWN = [
    field("place", "choice", options=OPTIONS),
    field("permit", "text", condition="place == 2"),
    field("depth", "number", unit="m", is_required=False, condition="permit_given"),
    field("permit_given", "declaration", is_required=False, condition="place == 2"),
    field("area", "number", unit="m²", is_required=False),
]
PAPERS = [{"key": "d1", "label_en": "Ground report", "label_zh": "场地报告", "condition": "place == 2"}]


@pytest.fixture
def second(scene):
    return person(Role.REVIEWER, scene.ours.park)


def returned(side, firm, second, *, fields=("saving_tce",), void=(), **answers):
    """Filed, passed by two stages, and given back by the finance officer with comments on these fields."""
    passed = passing(second, accept(side, submit(firm, fill(firm, **answers))), Stage.SUBSTANTIVE)
    with acting_as(side.staff[Role.FINANCE_OFFICER]) as actor:
        return services.return_application(
            actor,
            passed,
            expected_round=1,
            comments=dict.fromkeys(fields, "Correct this."),
            message="",
            note="",
            now=NOW,
            stage=Stage.FINANCIAL,
            void_stages=void,
        )


def save(firm, application, **answers):
    with acting_as(firm.people[Role.APPLICANT]) as actor:
        application.refresh_from_db()
        return services.save_application(
            actor, application, answers=answers, expected_revision=application.revision, now=NOW
        )


def parts(firm, application):
    with acting_as(firm.people[Role.APPLICANT]):
        return services.open_parts(application)


OTHERS = [
    {"project_title": "Another project"},
    {"project_summary": "Done otherwise."},
    {"completed_on": date(2026, 1, 2)},
    {"investment_cny": Decimal(9_999_999)},
]


def test_only_what_the_return_names_changes(scene, second):
    side, firm = scene.ours, with_stages(scene.ours, FIVE)
    case = returned(side, firm, second)
    assert parts(firm, case) == {"saving_tce"}
    for answers in OTHERS:
        with pytest.raises(NotAskedFor, match="stays as it was reviewed") as refused:
            save(firm, case, saving_tce=Decimal(3900), **answers)
        assert refused.value.field == next(iter(answers))
    saved = save(firm, case, saving_tce=Decimal(3900))
    assert (saved.saving_tce, saved.project_title) == (Decimal(3900), case.project_title)
    assert where(submit(firm, saved)) == ("accepted", "financial", "finance_officer")


def test_only_named_documents_change(scene, second):
    side, firm = scene.ours, with_stages(scene.ours, FIVE)
    case = returned(side, firm, second, fields=["document_contract"])
    with acting_as(firm.people[Role.APPLICANT]) as actor:
        held = {document.kind: document for document in case.documents.filter(removed_at=None)}
        for kind in (DocumentKind.SAVINGS_REPORT, DocumentKind.OTHER):
            with pytest.raises(NotAskedFor):
                services.attach_document(actor, case, kind=kind, upload=pdf(f"new {kind}"), now=NOW)
        with pytest.raises(NotAskedFor, match="Savings"):
            services.remove_document(actor, held[DocumentKind.SAVINGS_REPORT], now=NOW)
        services.remove_document(actor, held[DocumentKind.CONTRACT], now=NOW)
        services.attach_document(actor, case, kind=DocumentKind.CONTRACT, upload=pdf("signed"), now=NOW)
        kept = case.documents.filter(removed_at=None)
        assert sorted(kept.values_list("kind", flat=True)) == ["contract", "savings_report"]


@pytest.mark.parametrize(
    ("void", "is_limited"),
    [
        ([], True),
        ([Stage.COMPLETENESS], True),
        ([Stage.SUBSTANTIVE], True),
        ([Stage.COMPLETENESS, Stage.SUBSTANTIVE], False),
    ],
)
def test_everything_is_open_once_no_review_stands(scene, second, void, is_limited):
    side, firm = scene.ours, with_stages(scene.ours, FIVE)
    case = returned(side, firm, second, void=void)
    assert (parts(firm, case) is not None) == is_limited
    if not is_limited:
        assert save(firm, case, project_title="Another project").project_title == "Another project"


def test_return_of_the_completeness_check_leaves_everything_open(scene):
    side = scene.ours
    case = give_back(side, file(side.firm))
    assert parts(side.firm, case) is None
    assert save(side.firm, case, project_title="Another project").project_title == "Another project"


def test_what_follows_from_a_correction_is_open_too(scene, second):
    side = scene.ours
    with park_scope(side.park.pk):
        Programme.objects.filter(pk=side.programme.pk).update(form_fields=OWN, document_rules=PAPERS)
    firm = with_stages(side, FIVE)
    case = returned(side, firm, second, fields=["answer_place"], answer_place="1")
    follow = {"answer_permit", "answer_permit_given", "answer_depth", "document_d1"}
    assert parts(firm, case) == {"answer_place", *follow}
    with pytest.raises(NotAskedFor) as refused:
        save(firm, case, answer_place="2", answer_area="12")
    assert refused.value.field == "answer_area"
    saved = save(firm, case, answer_place="2", answer_permit="P-1", answer_permit_given=True, answer_depth="3")
    with acting_as(firm.people[Role.APPLICANT]) as actor:
        services.attach_document(actor, saved, kind="d1", upload=pdf("ground"), now=NOW)
        saved.refresh_from_db()
    assert where(submit(firm, saved)) == ("accepted", "financial", "finance_officer")


def test_what_the_registration_has_made_needed_can_be_added(scene, second):
    side = scene.ours
    paper = {**PAPERS[0], "condition": "energy_service"}
    with park_scope(side.park.pk):
        Programme.objects.filter(pk=side.programme.pk).update(document_rules=[paper])
    firm = with_stages(side, FIVE)
    case = returned(side, firm, second)
    assert parts(firm, case) == {"saving_tce"}
    with park_scope(side.park.pk):
        firm.enterprise.kind = "energy_service"
        firm.enterprise.save(update_fields=["kind"])
        case.enterprise.refresh_from_db()
    assert parts(firm, case) == {"saving_tce", "document_d1"}


def test_other_enterprise_learns_nothing_of_reviews(scene, second):
    side, firm = scene.ours, with_stages(scene.ours, FIVE)
    case = returned(side, firm, second)
    assert parts(firm, case) == {"saving_tce"}
    with acting_as(scene.others.firm.people[Role.APPLICANT]):
        assert services.open_parts(case) is None


def test_pages_offer_only_what_may_change(scene, second, client_of):
    side, firm = scene.ours, with_stages(scene.ours, FIVE)
    case = returned(side, firm, second, fields=["saving_tce", "document_contract"])
    client = client_of(firm.people[Role.APPLICANT])
    tasks = client.get(address("application_detail", application_id=case.pk)).content.decode()
    assert "Only they can be changed" in tasks
    page = client.get(address("application_project", application_id=case.pk))
    assert list(page.context["form"].fields) == ["saving_tce", "revision"]
    assert page.content.decode().count("Stays as it was reviewed.") == 4
    documents = client.get(address("application_documents", application_id=case.pk))
    kept = {entry["slot"].kind: entry["is_kept"] for entry in documents.context["entries"]}
    assert kept == {"contract": False, "savings_report": True, "other": True}
    typed = {"saving_tce": "3,900", "project_title": "Another", "revision": case.revision}
    saved = client.post(address("application_project", application_id=case.pk), typed)
    assert saved.url == address("application_documents", application_id=case.pk)
    refused = client.post(
        address("document_upload", application_id=case.pk), {"kind": "savings_report", "file": pdf("newer")}
    )
    assert (refused.status_code, "stays as it was reviewed" in refused.content.decode()) == (422, True)
    with park_scope(side.park.pk):
        case.refresh_from_db()
    assert (case.saving_tce, case.project_title == "Another") == (Decimal(3900), False)
