"""Ties that were cut just before the decision, and what the database refuses whatever code writes it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, ProgrammingError, transaction
from django.utils import timezone

from enterprises.models import DeclaredInterest
from incentives import services
from incentives.choices import Stage, StepKind
from incentives.models import Application, ApplicationDocument, ApplicationStep
from incentives.permissions import explain_no_decision
from parks.choices import Role
from tenancy.scopes import enterprise_scope, park_scope
from tests.factories.filing import attach
from tests.factories.people import person
from tests.incentives.cases import NOW, acting_as, fill

pytestmark = pytest.mark.django_db


def why_not(side, application) -> str:
    with acting_as(side.staff[Role.APPROVER]) as actor:
        return explain_no_decision(actor, application, Stage.DECISION)


def test_who_signed_for_the_enterprise_does_not_decide_after_leaving_it(scene):
    side, firm = scene.ours, scene.ours.firm
    approver = side.staff[Role.APPROVER]
    second = person(Role.CERTIFIER, side.park, firm.enterprise.pk, user=approver.user)
    application = fill(firm)
    with acting_as(second) as actor:
        services.submit_application(
            actor, application, expected_revision=application.revision, statement_accepted=True, now=NOW
        )
    # As if the membership had ended long before the application was started, and only the signature were left.
    second.is_active, second.ended_at = False, timezone.now() - timedelta(days=900)
    second.save(update_fields=["is_active", "ended_at"])
    assert "You belong to this enterprise" in why_not(side, application)


def test_who_left_the_enterprise_during_the_case_does_not_decide(scene):
    side, firm = scene.ours, scene.ours.firm
    assert why_not(side, firm.application) == ""
    second = person(Role.CERTIFIER, side.park, firm.enterprise.pk, user=side.staff[Role.APPROVER].user)
    second.is_active, second.ended_at = False, timezone.now() + timedelta(minutes=1)
    second.save(update_fields=["is_active", "ended_at"])
    assert "You belong to this enterprise" in why_not(side, firm.application)


def test_interest_that_ended_during_the_case_still_bars(scene):
    side, firm = scene.ours, scene.ours.firm
    with park_scope(side.park.pk):
        interest = DeclaredInterest.objects.create(
            park=side.park, enterprise=firm.enterprise, user=side.staff[Role.APPROVER].user, reason="Shares"
        )
        DeclaredInterest.objects.filter(pk=interest.pk).update(ended_at=timezone.now() + timedelta(minutes=1))
    assert "declared an interest" in why_not(side, firm.application)
    with park_scope(side.park.pk):
        DeclaredInterest.objects.filter(pk=interest.pk).update(ended_at=timezone.now() - timedelta(days=900))
    assert why_not(side, firm.application) == ""


def test_filed_application_cannot_be_changed_by_the_enterprise(scene):
    firm = scene.ours.firm
    mine = Application.objects.filter(pk=firm.application.pk)
    with enterprise_scope(scene.ours.park.pk, firm.enterprise.pk):
        for change in ({"saving_tce": 1}, {"requested_cny": 2}, {"project_title": "Other"}, {"number": "EMC-1"}):
            with pytest.raises(IntegrityError, match="cannot be changed"), transaction.atomic():
                mine.update(**change)
        assert mine.update(state="withdrawn") == 1


def test_documents_of_a_filed_application_stay(scene):
    firm = scene.ours.firm
    with enterprise_scope(scene.ours.park.pk, firm.enterprise.pk):
        with pytest.raises(IntegrityError, match="stay"), transaction.atomic():
            attach(firm.application)
        with pytest.raises(IntegrityError, match="stay"), transaction.atomic():
            ApplicationDocument.objects.filter(pk=firm.document.pk).update(removed_at=NOW)


def test_document_of_another_folder_is_refused(scene):
    firm = scene.ours.firm
    with (
        enterprise_scope(scene.ours.park.pk, firm.enterprise.pk),
        pytest.raises(IntegrityError, match="lies with"),
        transaction.atomic(),
    ):
        ApplicationDocument.objects.create(
            park=scene.ours.park,
            enterprise=firm.enterprise,
            application=firm.draft,
            kind="contract",
            file=scene.others.firm.document.file.name,
            name="theirs.pdf",
            content_type="application/pdf",
            size_bytes=1,
            sha256="0" * 64,
            uploaded_by=firm.people[Role.APPLICANT].user,
        )


def test_enterprise_cannot_write_the_officials_side_of_the_timeline(scene):
    firm = scene.ours.firm
    forged = {"at": NOW, "by_name": "Zhao Ming", "park": scene.ours.park, "enterprise": firm.enterprise}
    with enterprise_scope(scene.ours.park.pk, firm.enterprise.pk):
        for kind, by_official in ((StepKind.APPROVED, True), (StepKind.APPROVED, False), (StepKind.SUBMITTED, True)):
            with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
                ApplicationStep.objects.create(
                    application=firm.application, kind=kind, is_by_official=by_official, **forged
                )


def test_enterprise_starts_with_a_draft_of_nothing(scene):
    firm = scene.ours.firm
    with (
        enterprise_scope(scene.ours.park.pk, firm.enterprise.pk),
        pytest.raises(IntegrityError, match="starts with a draft"),
        transaction.atomic(),
    ):
        Application.objects.create(
            park=scene.ours.park,
            enterprise=firm.enterprise,
            programme_version=scene.ours.version,
            started_by=firm.people[Role.APPLICANT].user,
            number="EMC-1",
        )
