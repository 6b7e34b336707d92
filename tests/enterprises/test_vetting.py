"""What officials decide about registrations: give back, approve, reject."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from enterprises.choices import EnterpriseStatus, LabelKind, PaperKind, RegistrationState, RegistrationStepKind
from enterprises.models import (
    Enterprise,
    EnterpriseLabel,
    EnterprisePaper,
    RegistrationRemark,
    Site,
)
from enterprises.services.register import CodeTaken, CodeUnconfirmed
from enterprises.services.registration_ground import REGISTERED_FACTS, Invalid
from parks.choices import Role
from parks.services.files import stored_bytes
from tenancy.scopes import enterprise_scope, park_scope
from tests.enterprises.vetting_cases import (
    CODE,
    EARLY_CODE,
    NOW,
    approve,
    file_again,
    file_registration,
    give_back,
    payloads_of,
    places_of,
    registering_as,
    reject,
    steps_of,
    stored,
)
from tests.factories.filing import PDF, EnterpriseFactory
from tests.factories.register import registration_paper

pytestmark = pytest.mark.django_db


def test_return_writes_every_remark_at_once_with_what_was_found(side, registration):
    remarks = {
        "address": " As on the licence. ",
        "sites": "Which of them?",
        "paper_business_licence": "Page 2.",
        "x": " ",
    }
    returned = give_back(side, registration, remarks=remarks)

    with park_scope(side.park.pk):
        written = RegistrationRemark.objects.filter(registration=registration)
        assert {(row.field, row.comment, row.found, row.round, row.at) for row in written} == {
            ("address", "As on the licence.", "厦门火炬高新区", 1, NOW),
            ("sites", "Which of them?", "Works 1 · Torch Road 1 · 1,200 m² · Production", 1, NOW),
            ("paper_business_licence", "Page 2.", "licence.pdf", 1, NOW),
        }
    due_at = datetime(2026, 11, 18, 15, 59, 59, 999999, tzinfo=UTC)
    assert (returned.state, returned.due_at, returned.decided_at) == (RegistrationState.RETURNED, due_at, None)
    reviewer = side.staff[Role.REVIEWER].user
    assert steps_of(registration)[-1] == (RegistrationStepKind.RETURNED, reviewer.name, True, "One thing.", due_at)
    (event,) = payloads_of("enterprises.registration_returned")
    assert event["registration_id"] == str(registration.pk)


@pytest.mark.parametrize("remarks", [{}, {"address": "  "}, {"secret": "?"}, {"address": "x" * 1001}])
def test_return_needs_remarks_on_fields_that_exist(side, registration, remarks):
    with pytest.raises(Invalid):
        give_back(side, registration, remarks=remarks)
    assert stored(registration).state == RegistrationState.SUBMITTED


def test_what_was_returned_and_filed_again_can_be_returned_again(side, registration):
    give_back(side, registration)
    file_again(registration)
    give_back(side, registration, expected_round=2)

    with park_scope(side.park.pk):
        rounds = RegistrationRemark.objects.filter(registration=registration).values_list("round", flat=True)
        assert sorted(rounds) == [1, 2]


def test_approve_registers_the_enterprise_with_everything_that_was_filed(side):
    registration = file_registration(
        side.park,
        name_en="Newcomer Works",
        name_zh="新来制造有限公司",
        established_on=date(2019, 5, 1),
        registered_capital=Decimal("5000000.00"),
        employees=120,
        sites=[
            {"name": "Works 1", "address": "Torch Road 1", "area_m2": "1200.50", "use": "production"},
            {"name": "Office", "address": "Torch Road 2", "area_m2": "", "use": "office"},
        ],
    )
    approved = approve(side, registration, is_key_energy_user=True, is_pilot=True)

    with park_scope(side.park.pk):
        enterprise = Enterprise.objects.get(pk=approved.enterprise_id)
        facts = [name for name in REGISTERED_FACTS if name != "credit_code"]
        assert [getattr(enterprise, name) for name in facts] == [getattr(registration, name) for name in facts]
        assert (enterprise.credit_code, enterprise.is_key_energy_user, enterprise.status, enterprise.created_at) == (
            CODE,
            True,
            EnterpriseStatus.ACTIVE,
            NOW,
        )
        sites = Site.objects.filter(enterprise=enterprise).order_by("name")
        assert list(sites.values_list("name", "address", "area_m2", "use", "opened_at")) == [
            ("Office", "Torch Road 2", None, "office", NOW),
            ("Works 1", "Torch Road 1", Decimal("1200.50"), "production", NOW),
        ]
        label = EnterpriseLabel.objects.get(enterprise=enterprise)
        assert (label.kind, label.valid_from, label.valid_until) == (LabelKind.PILOT, date(2026, 11, 4), None)
    assert (approved.state, approved.due_at, approved.decided_at) == (RegistrationState.APPROVED, None, NOW)
    assert steps_of(registration)[-1][0] == RegistrationStepKind.APPROVED
    assert places_of(registration) == [(enterprise.pk, [Role.OWNER, Role.CERTIFIER], True)]
    (event,) = payloads_of("enterprises.enterprise_registered")
    assert event["enterprise_id"] == str(enterprise.pk)
    assert len(payloads_of("enterprises.registration_approved")) == 1


def test_approve_gives_the_enterprise_the_same_stored_files(side, registration):
    approve(side, registration)

    with park_scope(side.park.pk):
        filed = registration.papers.get()
        paper = EnterprisePaper.objects.get(enterprise__credit_code=CODE)
        assert (paper.file.name, paper.name, paper.kind, paper.sha256, paper.uploaded_by_id) == (
            filed.file.name,
            "licence.pdf",
            PaperKind.BUSINESS_LICENCE,
            filed.sha256,
            registration.registrant_id,
        )
        assert stored_bytes(paper) == PDF


def test_the_first_person_can_act_for_the_enterprise_and_reads_its_papers(side, registration):
    enterprise_id = approve(side, registration).enterprise_id

    with enterprise_scope(side.park.pk, enterprise_id):
        assert Enterprise.objects.get().credit_code == CODE
        assert EnterprisePaper.objects.get().name == "licence.pdf"


def test_scan_that_was_filed_as_two_documents_comes_along_once(side, registration):
    give_back(side, registration)
    with registering_as(registration):
        registration.papers.update(removed_at=NOW)
        registration_paper(registration, "scan 2.pdf", PaperKind.AUTHORISATION, date(2027, 5, 1))
        registration_paper(registration, "scan.pdf")
    file_again(registration)
    approve(side, registration, expected_round=2)

    with park_scope(side.park.pk):
        brought = EnterprisePaper.objects.filter(enterprise__credit_code=CODE)
        assert list(brought.values_list("kind", "name", "valid_until")) == [
            ("business_licence", "scan.pdf", date(2027, 5, 1))
        ]


def test_removed_documents_do_not_come_along(side, registration):
    give_back(side, registration)
    with registering_as(registration):
        kept = registration_paper(registration, "later.pdf")
        registration.papers.exclude(pk=kept.pk).update(removed_at=NOW)
    file_again(registration)
    approve(side, registration, expected_round=2)

    with park_scope(side.park.pk):
        assert [paper.name for paper in EnterprisePaper.objects.filter(enterprise__credit_code=CODE)] == ["later.pdf"]


def test_approve_gives_no_label_and_no_flag_unasked(side, registration):
    enterprise_id = approve(side, registration).enterprise_id

    with park_scope(side.park.pk):
        assert not Enterprise.objects.get(pk=enterprise_id).is_key_energy_user
        assert not EnterpriseLabel.objects.filter(enterprise=enterprise_id).exists()


def test_approve_asks_to_confirm_a_code_that_does_not_fit(side):
    registration = file_registration(side.park, credit_code=EARLY_CODE, is_code_confirmed=True)

    with pytest.raises(CodeUnconfirmed) as refused:
        approve(side, registration)

    assert refused.value.field == "is_code_confirmed"
    assert stored(registration).state == RegistrationState.SUBMITTED
    assert approve(side, registration, is_code_confirmed=True).state == RegistrationState.APPROVED


def test_approve_refuses_a_code_that_is_registered_and_leaves_nothing_behind(side, registration):
    with park_scope(side.park.pk):
        EnterpriseFactory(park=side.park, credit_code=CODE)

    with pytest.raises(CodeTaken, match="already registered in this park"):
        approve(side, registration)

    with park_scope(side.park.pk):
        assert Enterprise.objects.filter(credit_code=CODE).count() == 1
        assert not EnterprisePaper.objects.filter(enterprise__credit_code=CODE).exists()
    assert (stored(registration).state, places_of(registration)) == (RegistrationState.SUBMITTED, [])


def test_the_same_code_in_another_park_is_no_obstacle(scene, registration):
    with park_scope(scene.others.park.pk):
        EnterpriseFactory(park=scene.others.park, credit_code=CODE)

    assert approve(scene.ours, registration).state == RegistrationState.APPROVED


def test_the_second_registration_of_a_code_is_refused(side, registration):
    second = file_registration(side.park, number="R-0000-0002")
    approve(side, registration)

    with pytest.raises(CodeTaken):
        approve(side, second)


def test_reject_tells_the_reason(side, registration):
    rejected = reject(side, registration, reason=" Not in this park. ")

    assert (rejected.state, rejected.due_at, rejected.decided_at) == (RegistrationState.REJECTED, None, NOW)
    assert steps_of(registration)[-1][3] == "Not in this park."
    assert len(payloads_of("enterprises.registration_rejected")) == 1
    assert places_of(registration) == []


def test_reject_needs_a_reason(side, registration):
    with pytest.raises(Invalid) as refused:
        reject(side, registration, reason=" \n")
    assert refused.value.field == "reason"
