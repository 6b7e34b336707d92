"""Appeals against declined applications: who may file and rule on one, until when, and what an upheld one opens."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, InternalError, transaction
from django.utils import timezone

from enterprises.services import standing
from incentives import award_permissions, permissions, queries, services
from incentives.choices import ApplicationState, Stage, StepKind
from incentives.models import Appeal, AppealPaper, Application, ApplicationStep, Instalment, Review
from incentives.row_names import names_of_applications
from lib.periods import local_day
from parks.actors import actor_of
from parks.choices import Role
from parks.models import Membership
from parks.services.files import UnacceptableFile
from tenancy.models import AuditEvent
from tenancy.scopes import enterprise_scope, park_scope
from tests.factories.people import person
from tests.incentives.cases import NOW, accept, acting_as, approve, compare, decline, file, pdf, submit
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


def declined_by(side, member, stage, application, expected_round=1):
    with acting_as(member) as actor:
        return services.decline_application(
            actor, application, expected_round=expected_round, reason="No.", note="", now=NOW, stage=stage
        )


def review_by_hand(application, member, stage, outcome, **more):
    """As the role that decides writes it, past the services."""
    with acting_as(member), transaction.atomic():
        current = Application.objects.get(pk=application.pk)
        return Review.objects.create(
            park_id=current.park_id,
            application=current,
            stage=stage,
            outcome=outcome,
            round=current.round,
            decided_by=member.user,
            decided_by_name="x",
            decided_at=NOW,
            **more,
        )


@pytest.fixture
def reopened(side):
    """Declined by an approver, opened again by another one who upheld the appeal, who is answered as well."""
    case = declined_by(side, side.staff[Role.APPROVER], Stage.DECISION, accept(side, file(side.firm)))
    ruler = person(Role.APPROVER, side.park)
    rule(side, appeal_of(side, case), is_upheld=True, member=ruler)
    compare(case)
    return now_of(case), ruler


def test_who_upheld_an_appeal_does_not_grant_the_money(side, reopened):
    """The rule, the queue, the meeting and the seats of a panel say the same; a third person decides."""
    case, ruler = reopened
    with pytest.raises(services.NotAllowed, match="ruled on an appeal"):
        approve(side, case, member=ruler)
    with acting_as(ruler) as actor:
        assert not queries.mine(actor).filter(pk=case.pk).exists()
        assert permissions.bar_of(queries.queue(actor).get(pk=case.pk)) is permissions.Bar.RULED
        assert queries.bars_among(actor, [case]) == {case.pk: permissions.Bar.RULED}
    third = person(Role.APPROVER, side.park)
    with acting_as(third) as actor:
        assert queries.mine(actor).filter(pk=case.pk).exists()
        places = Membership.objects.filter(pk__in=[ruler.pk, third.pk])
        assert list(permissions.unbarred(places, case, Stage.DECISION)) == [third]
    assert approve(side, case, member=third).state == ApplicationState.APPROVED


def test_database_takes_no_review_of_who_upheld_the_appeal(side, reopened):
    case, ruler = reopened
    granted = {"outcome": "approved", "amount_cny": "1000.00"}
    with pytest.raises(IntegrityError, match="who ruled on an appeal"):
        review_by_hand(case, ruler, Stage.DECISION, **granted)
    assert review_by_hand(case, person(Role.APPROVER, side.park), Stage.DECISION, **granted).stage == Stage.DECISION


def test_who_upheld_an_appeal_keeps_away_from_its_award(side, reopened):
    """Neither objections nor payments, by the rule and by the database; a further appeal may be ruled on."""
    case, ruler = reopened
    both = replace(actor_of(ruler), roles=frozenset({Role.APPROVER, Role.FINANCE_OFFICER}))
    with park_scope(side.park.pk):
        why_not = award_permissions.explain_no_handling(both, case)
        assert why_not == "Four eyes: you ruled on an appeal about this application, so a colleague must do this."
        assert award_permissions.explain_no_payment(both, case) == why_not
        assert award_permissions.explain_no_ruling(both, case) == ""
    approve(side, case, member=person(Role.APPROVER, side.park))
    settled()
    with park_scope(side.park.pk):
        part = Instalment.objects.get(award__application=case)
    by_ruler = {"state": "due", "evidence": "x", "confirmed_by_name": "x", "confirmed_at": NOW}
    with acting_as(ruler), pytest.raises(IntegrityError, match="who ruled on an appeal"), transaction.atomic():
        Instalment.objects.filter(pk=part.pk).update(**by_ruler, confirmed_by=ruler.user)


def filed_again(side, declined, other):
    """In round 2: opened by an appeal, returned by another reviewer, filed once more."""
    rule(side, appeal_of(side, declined), is_upheld=True)
    comments = {"saving_tce": "Use the verified figure."}
    with acting_as(other) as actor:
        back = services.return_application(
            actor, now_of(declined), expected_round=1, comments=comments, message="", note="", now=NOW
        )
    return submit(side.firm, back)


def test_who_declined_decides_in_no_later_round(side, declined):
    """Another reviewer returns what the appeal opened; filed again, it still waits for somebody else."""
    reviewer, other = side.staff[Role.REVIEWER], person(Role.REVIEWER, side.park)
    again = filed_again(side, declined, other)
    assert again.round == 2
    with pytest.raises(services.NotAllowed, match="in this stage already"):
        accept(side, again)
    with acting_as(reviewer) as actor:
        assert not queries.mine(actor).filter(pk=again.pk).exists()
    with pytest.raises(IntegrityError, match="who declined"):
        review_by_hand(again, reviewer, Stage.COMPLETENESS, "accepted")
    with acting_as(other) as actor:
        assert queries.mine(actor).filter(pk=again.pk).exists()
        passed = services.accept_application(actor, again, expected_round=2, note="", now=NOW)
    assert passed.stage == Stage.DECISION


def test_deputy_of_who_declined_decides_in_no_later_round_either(side, declined):
    """The power that declined is used up: whoever acts by it alone leaves the case to a colleague."""
    again = filed_again(side, declined, person(Role.REVIEWER, side.park))
    now, deputy = timezone.now(), person(Role.APPROVER, side.park)
    today = local_day(now, side.park.time_zone)
    with acting_as(side.staff[Role.REVIEWER]) as actor:
        services.declare_absence(
            actor, side.park, role=Role.REVIEWER, deputy_id=deputy.user_id, starts_on=today, ends_on=today, now=now
        )
    with acting_as(deputy) as actor:
        why_not = permissions.explain_no_decision(actor, again, Stage.COMPLETENESS)
        assert why_not == "Whom you stand in for has decided in this stage already; another colleague must."
        assert not queries.mine(actor).filter(pk=again.pk).exists()


def test_pages_leave_the_grant_to_a_third_person(side, reopened, client_of):
    case, ruler = reopened
    page = address("review_approve", application_id=case.pk)
    given = {"amount_cny": "1000.00", "message": "Granted.", "note": "", "expected_round": 1}
    refused = client_of(ruler).post(page, given)
    assert refused.status_code == 422
    assert "you ruled on an appeal about this application" in refused.content.decode()
    assert now_of(case).state == ApplicationState.ACCEPTED
    third = client_of(person(Role.APPROVER, side.park))
    assert third.post(page, given).status_code == 302
    assert now_of(case).state == ApplicationState.APPROVED


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


def turn(side, act, now):
    with acting_as(side.staff[Role.PARK_ADMINISTRATOR]) as actor:
        act(actor, side.firm.enterprise, reason="A tax case.", now=now)


def test_sixty_days_rest_while_the_enterprise_is_suspended(side, declined):
    """Ten days of suspension: 13 January instead of 3 January, for the page, the service and the database."""
    began = NOW + timedelta(days=50)
    turn(side, standing.suspend_enterprise, began)
    held = Membership.objects.select_related("user", "park").get(pk=side.firm.people[Role.CERTIFIER].pk)
    with pytest.raises(InternalError, match="read-only transaction"), transaction.atomic():
        appeal_of(side, declined, held, now=began)
    turn(side, standing.resume_enterprise, began + timedelta(days=10))
    with acting_as(side.firm.people[Role.CERTIFIER]):
        assert services.appeal_until(now_of(declined)) == date(2027, 1, 13)
    with pytest.raises(services.AppealOver):
        appeal_of(side, declined, now=OVER + timedelta(days=10))
    assert appeal_of(side, declined, now=LAST_MOMENT + timedelta(days=10)).state == "open"


def test_suspension_before_or_after_the_sixty_days_gives_none(side, declined):
    for began in (NOW - timedelta(days=9), OVER + timedelta(days=9)):
        turn(side, standing.suspend_enterprise, began)
        turn(side, standing.resume_enterprise, began + timedelta(days=5))
    with acting_as(side.firm.people[Role.CERTIFIER]):
        assert services.appeal_until(now_of(declined)) == date(2027, 1, 3)
    with enterprise_scope(side.park.pk, side.neighbour.enterprise.pk):
        assert services.appeal_until(declined) is None, "of others nothing is told"


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


def test_trail_calls_an_appeal_and_its_papers_by_their_application(side, declined):
    appeal = appeal_of(side, declined)
    with park_scope(side.park.pk):
        about = (str(appeal.pk), str(appeal.papers.get().pk))
        events = AuditEvent.objects.filter(row_id__in=about).order_by("table_name")
        names = names_of_applications(list(events))
        assert [names[event.pk] for event in events] == [declined.number, f"{declined.number} · report.pdf"]


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
    desk = administrator.get(address("official_home"))
    assert handling in desk.content.decode()
    assert [task["when"] for task in desk.context["tasks"] if task["url"] == handling] == ["30 d left"]
    assert "Look again." in administrator.get(handling).content.decode()
    content = administrator.get(address("appeal_paper_download", appeal_paper_id=paper.pk))
    assert hashlib.sha256(b"".join(content.streaming_content)).hexdigest() == paper.sha256
    answer = {"outcome": "upheld", "answer": "Right."}
    assert administrator.post(handling, answer).url == address("review_detail", application_id=declined.pk)
    text = owner.get(own).content.decode()
    assert "Appeal upheld" in text
    assert "Right." in text
