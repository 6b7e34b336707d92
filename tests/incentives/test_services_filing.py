"""What an enterprise does with its application."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from enterprises.choices import EnterpriseStatus
from incentives import services
from incentives.choices import ApplicationState, StepKind
from incentives.models import Application, ApplicationStep
from parks.choices import Role
from tenancy.scopes import park_scope
from tests.incentives.cases import NOW, accept, acting_as, approve, file, fill, give_back, submit

pytestmark = pytest.mark.django_db


def steps_of(application):
    with park_scope(application.park_id):
        steps = ApplicationStep.objects.filter(application=application)
        return [(step.kind, step.by_name, step.is_by_official, step.comment) for step in steps]


def test_start_answers_the_open_draft(scene):
    firm = scene.ours.firm
    with acting_as(firm.people[Role.APPLICANT]) as actor:
        assert services.start_application(actor, scene.ours.version, now=NOW) == firm.draft
        assert Application.objects.filter(state=ApplicationState.DRAFT).count() == 1


def test_start_makes_a_draft_when_the_last_one_was_withdrawn(scene):
    firm, applicant = scene.ours.firm, scene.ours.firm.people[Role.APPLICANT]
    with acting_as(applicant) as actor:
        services.withdraw_application(actor, firm.draft, reason="", now=NOW)
        started = services.start_application(actor, scene.ours.version, now=NOW)
    assert (started.pk == firm.draft.pk, started.state, started.revision, started.started_by_id) == (
        False,
        ApplicationState.DRAFT,
        0,
        applicant.user_id,
    )
    assert steps_of(started) == [(StepKind.STARTED, applicant.user.name, False, "")]


@pytest.mark.parametrize(
    ("now", "is_open"),
    [
        (datetime(2025, 12, 31, 15, 59, tzinfo=UTC), False),
        (datetime(2025, 12, 31, 16, 0, tzinfo=UTC), True),
        (datetime(2027, 12, 31, 15, 59, tzinfo=UTC), True),
        (datetime(2027, 12, 31, 16, 0, tzinfo=UTC), False),
    ],
)
def test_window_opens_and_closes_at_midnight_of_the_park(scene, now, is_open):
    with acting_as(scene.ours.firm.people[Role.OWNER]) as actor:
        if is_open:
            assert services.start_application(actor, scene.ours.version, now=now).state == ApplicationState.DRAFT
        else:
            with pytest.raises(services.WindowClosed):
                services.start_application(actor, scene.ours.version, now=now)


def test_start_is_refused_to_an_energy_manager_and_a_suspended_enterprise(scene):
    firm = scene.ours.firm
    with acting_as(firm.people[Role.ENERGY_MANAGER]) as actor, pytest.raises(services.NotAllowed):
        services.start_application(actor, scene.ours.version, now=NOW)
    with park_scope(scene.ours.park.pk):
        firm.enterprise.status = EnterpriseStatus.SUSPENDED
        firm.enterprise.save(update_fields=["status"])
    with acting_as(firm.people[Role.OWNER]) as actor, pytest.raises(services.NotAllowed):
        services.start_application(actor, scene.ours.version, now=NOW)


def test_save_keeps_answers_and_counts_a_revision(scene):
    with acting_as(scene.ours.firm.people[Role.APPLICANT]) as actor:
        saved = services.save_application(
            actor,
            scene.ours.firm.draft,
            answers={"project_title": "热泵", "saving_tce": Decimal("12.5")},
            expected_revision=0,
            now=NOW,
        )
        saved.refresh_from_db()
        assert (saved.project_title, saved.saving_tce, saved.revision, saved.saved_at) == (
            "热泵",
            Decimal("12.500"),
            1,
            NOW,
        )


def test_save_of_the_same_answers_changes_nothing_however_old_the_page(scene):
    with acting_as(scene.ours.firm.people[Role.APPLICANT]) as actor:
        answers = {"project_title": "Once"}
        first = services.save_application(actor, scene.ours.firm.draft, answers=answers, expected_revision=0, now=NOW)
        again = services.save_application(actor, scene.ours.firm.draft, answers=answers, expected_revision=0, now=NOW)
    assert (first.revision, again.revision) == (1, 1)


def test_save_over_a_colleagues_save_is_refused_with_what_it_says_now(scene):
    firm = scene.ours.firm
    with acting_as(firm.people[Role.OWNER]) as actor:
        services.save_application(actor, firm.draft, answers={"project_title": "Hers"}, expected_revision=0, now=NOW)
    with acting_as(firm.people[Role.APPLICANT]) as actor:
        with pytest.raises(services.ChangedMeanwhile) as refused:
            services.save_application(actor, firm.draft, answers={"project_title": "His"}, expected_revision=0, now=NOW)
        assert (refused.value.current.project_title, refused.value.current.revision) == ("Hers", 1)
        assert Application.objects.get(pk=firm.draft.pk).project_title == "Hers"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("saving_tce", Decimal(-1)),
        ("saving_tce", Decimal("0.0001")),
        ("project_title", "x" * 201),
        ("project_title", "Kiln\u202e3"),
    ],
)
def test_save_refuses_a_value_that_cannot_be_kept(scene, field, value):
    with acting_as(scene.ours.firm.people[Role.APPLICANT]) as actor, pytest.raises(services.Invalid) as refused:
        services.save_application(actor, scene.ours.firm.draft, answers={field: value}, expected_revision=0, now=NOW)
    assert refused.value.field == field


def test_save_is_refused_after_submission_and_to_officials(scene):
    side = scene.ours
    answers = {"project_title": "Late"}
    with acting_as(side.firm.people[Role.APPLICANT]) as actor, pytest.raises(services.StateChanged):
        services.save_application(actor, side.firm.application, answers=answers, expected_revision=0, now=NOW)
    with acting_as(side.staff[Role.PARK_ADMINISTRATOR]) as actor, pytest.raises(services.NotAllowed):
        services.save_application(actor, side.firm.application, answers=answers, expected_revision=0, now=NOW)


def test_save_cannot_reach_another_enterprise_or_park(scene):
    answers = {"project_title": "Theirs"}
    for stranger in (scene.ours.neighbour.people[Role.OWNER], scene.others.firm.people[Role.OWNER]):
        with acting_as(stranger) as actor, pytest.raises(Application.DoesNotExist):
            services.save_application(actor, scene.ours.firm.draft, answers=answers, expected_revision=0, now=NOW)


def test_check_lists_what_is_missing_in_the_order_of_the_pages(scene):
    with acting_as(scene.ours.firm.people[Role.APPLICANT]) as actor:
        empty = services.save_application(
            actor,
            scene.ours.firm.draft,
            answers={
                "project_title": "",
                "project_summary": "",
                "completed_on": date(2026, 11, 5),
                "investment_cny": Decimal(0),
                "saving_tce": None,
            },
            expected_revision=0,
            now=NOW,
        )
        found = services.check_application(empty, date(2026, 11, 4))
    assert [entry.field for entry in found] == [
        "project_title",
        "project_summary",
        "completed_on",
        "investment_cny",
        "saving_tce",
        "document_contract",
        "document_savings_report",
    ]
    assert len({entry.message for entry in found}) == 7


def test_check_finds_a_saving_below_a_cent(scene):
    application = fill(scene.ours.firm, saving_tce=Decimal("0.001"))
    with park_scope(scene.ours.park.pk):
        application.programme_version.rate_cny_per_tce = Decimal("1.00")
        found = services.check_application(application, date(2026, 11, 4))
    assert [entry.field for entry in found] == ["saving_tce"]


def test_submit_gives_number_amount_deadline_and_a_receipt(scene):
    firm = scene.ours.firm
    filed = file(firm, saving_tce=Decimal("812.5"))
    with park_scope(scene.ours.park.pk):
        filed.refresh_from_db()
    assert (filed.number, filed.state, filed.requested_cny, filed.round, filed.submitted_at, filed.revision) == (
        "OURS-2026-0001",
        ApplicationState.SUBMITTED,
        Decimal("406250.00"),
        1,
        NOW,
        4,
    )
    assert filed.due_at == datetime(2026, 11, 11, 15, 59, 59, 999999, tzinfo=UTC)
    assert steps_of(filed) == [(StepKind.SUBMITTED, firm.people[Role.CERTIFIER].user.name, False, "")]


def test_submit_asks_for_at_most_the_cap(scene):
    assert file(scene.ours.firm, saving_tce=Decimal(4000)).requested_cny == Decimal("1500000.00")


def test_submit_again_answers_the_same_receipt(scene):
    firm = scene.ours.firm
    application = fill(firm)
    first, again = submit(firm, application), submit(firm, application)
    assert (first.number, first.submitted_at, first.revision) == (again.number, again.submitted_at, again.revision)
    assert len(steps_of(first)) == 1


def test_submit_of_an_old_revision_cannot_file_again_what_was_returned(scene):
    firm = scene.ours.firm
    application = fill(firm)
    give_back(scene.ours, submit(firm, application))
    with pytest.raises(services.ChangedMeanwhile):
        submit(firm, application)


@pytest.mark.parametrize("role", [Role.APPLICANT, Role.ENERGY_MANAGER])
def test_submit_needs_a_signer(scene, role):
    application = fill(scene.ours.firm)
    with acting_as(scene.ours.firm.people[role]) as actor, pytest.raises(services.NotAllowed):
        services.submit_application(
            actor, application, expected_revision=application.revision, statement_accepted=True, now=NOW
        )


def test_submit_needs_the_statement_and_everything_else(scene):
    firm = scene.ours.firm
    with acting_as(firm.people[Role.OWNER]) as actor:
        with pytest.raises(services.NotSigned):
            services.submit_application(actor, firm.draft, expected_revision=0, statement_accepted=False, now=NOW)
        with pytest.raises(services.Incomplete) as refused:
            services.submit_application(actor, firm.draft, expected_revision=0, statement_accepted=True, now=NOW)
        assert [entry.field for entry in refused.value.missing] == ["document_contract", "document_savings_report"]
        draft = Application.objects.get(pk=firm.draft.pk)
        assert (draft.state, draft.number) == (ApplicationState.DRAFT, "")


def test_submit_is_refused_outside_the_window_and_under_a_closed_version(scene):
    side = scene.ours
    application = fill(side.firm)
    with pytest.raises(services.WindowClosed):
        submit(side.firm, application, datetime(2027, 12, 31, 16, 0, tzinfo=UTC))
    with acting_as(side.staff[Role.PARK_ADMINISTRATOR]) as actor:
        services.close_programme(actor, side.programme, now=NOW)
    with pytest.raises(services.WindowClosed):
        submit(side.firm, application)


def test_returned_application_keeps_its_number_and_may_come_after_the_window(scene):
    side = scene.ours
    last_day = datetime(2027, 12, 31, 9, 0, tzinfo=UTC)
    returned = give_back(side, file(side.firm, last_day), last_day)
    assert returned.due_at == datetime(2028, 1, 14, 15, 59, 59, 999999, tzinfo=UTC)
    again = submit(side.firm, returned, datetime(2028, 1, 14, 15, 0, tzinfo=UTC))
    assert (again.number, again.round, again.state, again.submitted_at) == (
        "OURS-2027-0001",
        2,
        ApplicationState.SUBMITTED,
        last_day,
    )
    assert [kind for kind, *_ in steps_of(again)] == [StepKind.SUBMITTED, StepKind.RETURNED, StepKind.RESUBMITTED]


def test_returned_application_is_too_late_after_its_deadline(scene):
    side = scene.ours
    returned = give_back(side, file(side.firm))
    with pytest.raises(services.WindowClosed):
        submit(side.firm, returned, datetime(2026, 11, 18, 16, 0, tzinfo=UTC))


def test_numbers_follow_the_park_and_its_year(scene):
    first = file(scene.ours.firm)
    second = file(scene.ours.neighbour, datetime(2026, 12, 31, 16, 0, tzinfo=UTC))
    elsewhere = file(scene.others.firm)
    assert (first.number, second.number, elsewhere.number) == ("OURS-2026-0001", "OURS-2027-0001", "OTHE-2026-0001")


def test_number_is_not_used_up_by_a_submission_that_failed(scene):
    application = fill(scene.ours.firm)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        submit(scene.ours.firm, application)
        raise ZeroDivisionError
    assert submit(scene.ours.firm, application).number == "OURS-2026-0001"


def test_withdraw_of_a_filed_application_needs_a_signer_and_a_reason(scene):
    firm, application = scene.ours.firm, scene.ours.firm.application
    with acting_as(firm.people[Role.APPLICANT]) as actor, pytest.raises(services.NotAllowed):
        services.withdraw_application(actor, application, reason="Sold", now=NOW)
    with acting_as(firm.people[Role.OWNER]) as actor:
        with pytest.raises(services.Invalid):
            services.withdraw_application(actor, application, reason=" ", now=NOW)
        withdrawn = services.withdraw_application(actor, application, reason=" Sold ", now=NOW)
        with pytest.raises(services.StateChanged):
            services.withdraw_application(actor, application, reason="Again", now=NOW)
    assert (withdrawn.state, withdrawn.due_at) == (ApplicationState.WITHDRAWN, None)
    assert steps_of(withdrawn)[-1] == (StepKind.WITHDRAWN, firm.people[Role.OWNER].user.name, False, "Sold")


def test_withdraw_after_approval_is_refused(scene):
    side = scene.ours
    approved = approve(side, accept(side, file(side.firm)))
    with acting_as(side.firm.people[Role.OWNER]) as actor, pytest.raises(services.StateChanged):
        services.withdraw_application(actor, approved, reason="Changed our mind", now=NOW)


def test_database_refuses_an_enterprise_that_decides_for_itself(scene):
    application = file(scene.ours.firm)
    statements = (
        "UPDATE incentives_application SET state = 'approved' WHERE id = %s",
        "UPDATE incentives_application SET approved_cny = 1 WHERE id = %s",
    )
    with acting_as(scene.ours.firm.people[Role.OWNER]):
        for statement in statements:
            with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement, [application.pk])


def test_nobody_of_a_suspended_park_files(scene):
    application = fill(scene.ours.firm)
    with acting_as(scene.ours.firm.people[Role.OWNER]) as actor, pytest.raises(services.NotAllowed):
        services.submit_application(
            replace(actor, is_read_only=True),
            application,
            expected_revision=application.revision,
            statement_accepted=True,
            now=NOW,
        )


def granted_before(side, amount):
    """The firm's first application of the scene, approved with this amount."""
    accept(side, side.firm.application)
    return approve(side, side.firm.application, amount)


def test_submission_asks_for_what_earlier_grants_left_of_the_cap(scene):
    side = scene.ours
    granted = granted_before(side, "9000.00")
    cap = side.version.cap_cny
    saving = (cap / side.version.rate_cny_per_tce).quantize(Decimal(1)) + 1
    filed = file(side.firm, saving_tce=saving)
    assert filed.requested_cny == cap - granted.approved_cny
    with acting_as(side.firm.people[Role.OWNER]):
        assert services.estimate_application(filed, NOW.date()).granted_cny == Decimal("9000.00")
        assert services.estimate_application(granted, NOW.date()).granted_cny == Decimal(0)


def test_check_says_that_the_cap_was_granted_already(scene):
    side = scene.ours
    granted_before(side, "9000.00")
    with park_scope(side.park.pk):
        Application.objects.filter(pk=side.firm.application.pk).update(decided_at=NOW)
    application = fill(side.firm)
    with acting_as(side.firm.people[Role.OWNER]):
        application.programme_version.cap_cny = Decimal("9000.00")
        found = services.check_application(application, date(2026, 11, 4))
    assert [(entry.field, entry.message) for entry in found] == [
        ("saving_tce", "Your enterprise was granted the whole cap of this programme, ¥9,000.00.")
    ]
