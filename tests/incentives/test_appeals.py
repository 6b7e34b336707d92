"""Appeals against declined applications: who may file and rule on one, until when, and what an upheld one opens."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from incentives import permissions, queries, services
from incentives.choices import ApplicationState, Stage, StepKind
from incentives.models import Appeal, AppealPaper, Application, ApplicationStep
from parks.choices import Role
from parks.services.files import UnacceptableFile
from tenancy.scopes import park_scope
from tests.factories.people import person
from tests.incentives.cases import NOW, accept, acting_as, decline, file, pdf
from tests.incentives.pages import address, problems_of
from tests.incentives.test_ledger import settled

pytestmark = pytest.mark.django_db
# Sixty days after 4 November in Beijing are 3 January; its last moment and the next one.
OVER = datetime(2027, 1, 3, 16, 0, tzinfo=UTC)
LAST_MOMENT = OVER - timedelta(microseconds=1)


@pytest.fixture
def side(scene):
    return scene.ours


@pytest.fixture
def declined(side):
    return decline(side, file(side.firm))


def appeal_of(side, application, member=None, now=NOW, **changes):
    given = {"reasons": "The meter was changed in May.", "uploads": [pdf("proof")], **changes}
    with acting_as(member or side.firm.people[Role.CERTIFIER]) as actor:
        return services.file_appeal(actor, application, **given, now=now)


def rule(side, appeal, is_upheld, member=None, answer="The protocol proves it."):
    with acting_as(member or side.staff[Role.PARK_ADMINISTRATOR]) as actor:
        found = Appeal.objects.select_related("application").get(pk=appeal.pk)
        return services.handle_appeal(actor, found, is_upheld=is_upheld, answer=answer, now=NOW)


def now_of(application):
    with park_scope(application.park_id):
        return Application.objects.get(pk=application.pk)


def last_step(application):
    with park_scope(application.park_id):
        return ApplicationStep.objects.filter(application=application).order_by("at", "id").last().kind


def test_upheld_appeal_opens_the_stage_that_declined(side, declined):
    appeal = appeal_of(side, declined)
    assert (appeal.state, appeal.decided_at, last_step(declined)) == ("open", NOW, StepKind.APPEALED)
    rule(side, appeal, is_upheld=True)
    settled()
    current = now_of(declined)
    assert (current.state, current.stage, current.decided_at) == (ApplicationState.SUBMITTED, Stage.COMPLETENESS, None)
    assert current.due_at is not None
    assert last_step(declined) == StepKind.APPEAL_UPHELD


def test_who_declined_does_not_decide_again(side, declined):
    rule(side, appeal_of(side, declined), is_upheld=True)
    with pytest.raises(services.NotAllowed, match="in this stage already"):
        accept(side, now_of(declined))
    with acting_as(side.staff[Role.REVIEWER]) as actor:
        assert not queries.mine(actor).filter(pk=declined.pk).exists()
    other = person(Role.REVIEWER, side.park)
    with acting_as(other) as actor:
        assert not permissions.explain_no_decision(actor, now_of(declined), Stage.COMPLETENESS)
        accepted = services.accept_application(actor, now_of(declined), expected_round=1, note="", now=NOW)
    assert accepted.stage == Stage.DECISION


def test_dismissed_appeal_changes_nothing(side, declined):
    appeal = appeal_of(side, declined)
    handled = rule(side, appeal, is_upheld=False)
    assert (handled.state, handled.answer) == ("dismissed", "The protocol proves it.")
    assert now_of(declined).state == ApplicationState.DECLINED
    with pytest.raises(services.StateChanged):
        rule(side, appeal, is_upheld=True)
    with pytest.raises(services.StateChanged):
        appeal_of(side, declined, uploads=[])


def test_decision_after_an_appeal_can_be_appealed_again(side, declined):
    rule(side, appeal_of(side, declined), is_upheld=True)
    later, other = NOW + timedelta(hours=1), person(Role.REVIEWER, side.park)
    with acting_as(other) as actor:
        again = services.decline_application(
            actor,
            now_of(declined),
            expected_round=1,
            reason="Still outside.",
            note="",
            now=later,
            stage=Stage.COMPLETENESS,
        )
    assert appeal_of(side, again, now=later).decided_at == later


def test_sixty_days_are_counted_by_the_parks_clock(side, declined):
    with pytest.raises(services.AppealOver):
        appeal_of(side, declined, now=OVER)
    assert appeal_of(side, declined, now=LAST_MOMENT).state == "open"


@pytest.mark.parametrize("role", [Role.APPLICANT, Role.ENERGY_MANAGER])
def test_who_does_not_sign_files_no_appeal(side, declined, role):
    with pytest.raises(services.NotAllowed):
        appeal_of(side, declined, side.firm.people[role])


def test_only_what_was_declined_is_appealed(side):
    with pytest.raises(services.StateChanged):
        appeal_of(side, file(side.firm))


@pytest.mark.parametrize(
    ("changes", "refusal", "field"),
    [
        ({"reasons": " "}, services.Invalid, "reasons"),
        ({"uploads": [pdf("a"), pdf("a")]}, UnacceptableFile, "upload"),
        ({"uploads": [pdf(str(number)) for number in range(6)]}, UnacceptableFile, "upload"),
    ],
)
def test_appeal_gives_reasons_and_a_few_files(side, declined, changes, refusal, field):
    with pytest.raises(refusal) as refused:
        appeal_of(side, declined, **changes)
    assert refused.value.field == field


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.FINANCE_OFFICER, Role.AUDITOR])
def test_others_rule_on_no_appeal(side, declined, role):
    appeal = appeal_of(side, declined)
    with pytest.raises(services.NotAllowed):
        rule(side, appeal, is_upheld=True, member=side.staff[role])


def test_who_decided_rules_on_no_appeal(side, declined):
    """Even with the role: the services and the database say the same."""
    appeal = appeal_of(side, declined)
    reviewer = side.staff[Role.REVIEWER]
    reviewer.roles = [Role.REVIEWER, Role.APPROVER]
    with pytest.raises(services.NotAllowed, match="Four eyes"):
        rule(side, appeal, is_upheld=True, member=reviewer)
    with acting_as(reviewer), pytest.raises(IntegrityError, match="rules on no appeal"), transaction.atomic():
        Appeal.objects.filter(pk=appeal.pk).update(
            state="dismissed", answer="No", handled_by=reviewer.user, handled_by_name="x", handled_at=NOW
        )


def test_nobody_opens_a_declined_application_without_an_appeal(side, declined):
    opened = {"state": "submitted", "stage": "completeness", "stage_role": "reviewer", "decided_at": None}
    members = (side.staff[Role.PARK_ADMINISTRATOR], side.staff[Role.REVIEWER], side.firm.people[Role.OWNER])
    for filing in (False, True):
        if filing:
            appeal_of(side, declined)
        for member in members:
            with (
                acting_as(member),
                pytest.raises(DatabaseError, match=r"review of this round|permission denied"),
                transaction.atomic(),
            ):
                Application.objects.filter(pk=declined.pk).update(**opened)


def test_upheld_appeal_without_its_effect_is_refused_by_the_database(side, declined):
    appeal, member = appeal_of(side, declined), side.staff[Role.PARK_ADMINISTRATOR]
    with pytest.raises(IntegrityError, match="opens the application again"), transaction.atomic():
        with acting_as(member):
            Appeal.objects.filter(pk=appeal.pk).update(
                state="upheld", answer="Yes", handled_by=member.user, handled_by_name="x", handled_at=NOW
            )
        settled()


def test_database_takes_no_late_appeal_and_no_paper_of_others(side, declined):
    owner = side.firm.people[Role.OWNER]
    given = {"park_id": side.park.pk, "enterprise_id": declined.enterprise_id, "application_id": declined.pk}
    with acting_as(owner), pytest.raises(IntegrityError, match="within sixty days"), transaction.atomic():
        Appeal.objects.create(
            **given, decided_at=NOW, reasons="Late", filed_at=OVER, filed_by=owner.user, filed_by_name="x"
        )
    appeal = appeal_of(side, declined)
    with acting_as(owner), pytest.raises(IntegrityError, match="from who filed it"), transaction.atomic():
        AppealPaper.objects.create(
            park_id=side.park.pk,
            enterprise_id=declined.enterprise_id,
            appeal=appeal,
            name="x.pdf",
            content_type="application/pdf",
            size_bytes=1,
            sha256="0" * 64,
            uploaded_by=owner.user,
            file=f"parks/{side.park.pk}/appeals/x",
        )


def test_pages_file_and_rule(side, client_of):
    declined = decline(side, file(side.firm), timezone.now())
    owner, administrator = client_of(side.firm.people[Role.OWNER]), client_of(side.staff[Role.PARK_ADMINISTRATOR])
    own, page = (address(name, application_id=declined.pk) for name in ("application_detail", "application_appeal"))
    assert page in owner.get(own).content.decode()
    assert problems_of(owner.post(page, {"reasons": ""}).context["form"]) == {"reasons": ["Fill this in."]}
    assert owner.post(page, {"reasons": "Look again.", "uploads": [pdf("a"), pdf("b")]}).url == own
    with park_scope(side.park.pk):
        appeal = Appeal.objects.get()
        paper = appeal.papers.first()
        assert appeal.papers.count() == 2
    handling = address("appeal_handle", appeal_id=appeal.pk)
    assert handling in administrator.get(address("official_home")).content.decode()
    assert "Look again." in administrator.get(handling).content.decode()
    content = administrator.get(address("appeal_paper_download", appeal_paper_id=paper.pk))
    assert hashlib.sha256(b"".join(content.streaming_content)).hexdigest() == paper.sha256
    answer = {"outcome": "upheld", "answer": "Right."}
    assert administrator.post(handling, answer).url == address("review_detail", application_id=declined.pk)
    text = owner.get(own).content.decode()
    assert "Appeal upheld" in text
    assert "Right." in text
