"""From the approval to the award that stands: public notice, objections, and who may act on them."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, ProgrammingError, transaction

from incentives import services, tasks
from incentives.choices import AwardState, StepKind
from incentives.models import ApplicationStep, Award, Notice, NoticeLine, Objection, ObjectionPaper
from lib.refusals import Refusal
from parks.choices import Role
from parks.services.files import UnacceptableFile
from tenancy.scopes import park_scope, public_scope
from tests.factories.people import person
from tests.incentives.cases import NOW, PDF, accept, acting_as, approve, file, pdf, unlike
from tests.incentives.pages import address
from tests.incentives.test_ledger import settled, years

pytestmark = pytest.mark.django_db
# Five working days after Wednesday 4 November is the end of Wednesday 11 November in Beijing.
OVER = datetime(2026, 11, 11, 16, 0, tzinfo=UTC)
LAST_MOMENT = OVER - timedelta(microseconds=1)


@pytest.fixture
def side(scene):
    """A park whose programme is published with a notice of five working days."""
    notify(scene.ours)
    return scene.ours


def notify(side, days=5, **terms):
    """Publish a version with a notice; the drafts of both firms are under it."""
    with acting_as(side.staff[Role.PARK_ADMINISTRATOR]) as actor:
        changed = {"notice_working_days": days, **terms}
        programme = services.update_programme(actor, side.programme, terms=changed, now=NOW)
        version = services.publish_programme(actor, programme, now=NOW)
    for firm in (side.firm, side.neighbour):
        with acting_as(firm.people[Role.APPLICANT]) as actor:
            firm.draft = services.start_application(actor, version, now=NOW)


ANSWERS = {
    "project_title": "Chiller retrofit",
    "project_summary": "Two chillers replaced.",
    "completed_on": NOW.date() - timedelta(days=60),
    "investment_cny": Decimal("9860000.00"),
    "saving_tce": Decimal("4200.000"),
}


def approved(side, firm=None, amount="1000.00"):
    answers = {**ANSWERS, "project_title": unlike()}
    application = approve(side, accept(side, file(firm or side.firm, **answers)), amount)
    with park_scope(side.park.pk):
        return Award.objects.get(application=application)


def publish(side, *awards, role=Role.PARK_ADMINISTRATOR, now=NOW):
    with acting_as(side.staff[role]) as actor:
        return services.publish_notice(actor, awards, now=now)


def object_to(side, award, now=NOW, **words):
    given = {"name": "Gu Yan", "contact": "13800000000", "text": "The chiller is older.", "sender": "192.0.2.1"}
    with public_scope(side.park.pk):
        line = NoticeLine.objects.select_related("notice").get(award_id=award.pk)
        return services.file_objection(line, **{**given, **words}, now=now)


def handle(side, objection, is_upheld, member=None, answer="Checked on site."):
    with acting_as(member or side.staff[Role.PARK_ADMINISTRATOR]) as actor:
        found = Objection.objects.select_related("line__award__application").get(pk=objection.pk)
        return services.handle_objection(actor, found, is_upheld=is_upheld, answer=answer, now=OVER)


def settle(side, now=OVER):
    with park_scope(side.park.pk):
        return services.settle_notices(now)


def state_of(award):
    with park_scope(award.park_id):
        return Award.objects.get(pk=award.pk).state


def steps_of(award):
    with park_scope(award.park_id):
        return list(ApplicationStep.objects.filter(application=award.application_id).values_list("kind", flat=True))


def test_award_stands_at_once_where_no_notice_is_asked(scene):
    award = approved(scene.ours)
    assert (award.state, award.stands_at) == (AwardState.STANDS, NOW)
    assert years(scene.ours) == [(2026, 20_000_000, 0, 1000, 0, 0)]


def test_award_waits_for_its_notice(side):
    award = approved(side)
    assert (award.state, award.stands_at) == (AwardState.PENDING, None)
    assert years(side) == [(2026, 20_000_000, 1000, 0, 0, 0)]
    settled()


def test_notice_publishes_copies_and_a_last_day(side):
    award = approved(side)
    with park_scope(side.park.pk):
        title = award.application.project_title
    notice = publish(side, award)
    assert (notice.number, notice.working_days, notice.ends_at) == ("OURS-N-2026-001", 5, LAST_MOMENT)
    with public_scope(side.park.pk):
        (line,) = NoticeLine.objects.all()
        assert (line.enterprise_name_en, line.project_title, line.amount_cny) == (
            side.firm.enterprise.name_en,
            title,
            Decimal("1000.00"),
        )
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            Award.objects.count()
    assert steps_of(award)[-1] == StepKind.NOTICED


def test_award_stands_after_the_last_working_day(side):
    award = approved(side)
    publish(side, award)
    assert settle(side, LAST_MOMENT) == 0
    assert state_of(award) == AwardState.ON_NOTICE
    assert (settle(side), settle(side)) == (1, 0)
    assert state_of(award) == AwardState.STANDS
    assert years(side) == [(2026, 20_000_000, 0, 1000, 0, 0)]
    assert steps_of(award)[-2:] == [StepKind.NOTICED, StepKind.STANDS]
    settled()


def test_objection_is_confidential(side):
    award = approved(side)
    publish(side, award)
    objection = object_to(side, award)
    with public_scope(side.park.pk), pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        Objection.objects.count()
    with acting_as(side.firm.people[Role.OWNER]), pytest.raises(ProgrammingError), transaction.atomic():
        Objection.objects.count()
    with park_scope(side.park.pk):
        assert Objection.objects.get().text == "The chiller is older."
    assert len(objection.reference) == 12


def test_award_with_an_open_objection_waits(side):
    award = approved(side)
    publish(side, award)
    object_to(side, award)
    assert (settle(side), settle(side)) == (1, 0)
    assert state_of(award) == AwardState.OBJECTED
    with park_scope(side.park.pk), pytest.raises(IntegrityError, match="while an objection is open"):
        Award.objects.filter(pk=award.pk).update(state="stands", stands_at=OVER)


def test_dismissed_objection_lets_the_award_stand(side):
    award = approved(side)
    publish(side, award)
    first, second = object_to(side, award), object_to(side, award, text="Also the meter.")
    settle(side)
    handle(side, first, is_upheld=False)
    assert state_of(award) == AwardState.OBJECTED
    handled = handle(side, second, is_upheld=False)
    assert (handled.state, handled.answer) == ("dismissed", "Checked on site.")
    assert state_of(award) == AwardState.STANDS
    settled()


def test_dismissal_before_the_last_day_does_not_cut_the_notice_short(side):
    award = approved(side)
    publish(side, award)
    handle(side, object_to(side, award), is_upheld=False)
    assert state_of(award) == AwardState.ON_NOTICE


def test_upheld_objection_voids_the_award_and_frees_the_money(side):
    award = approved(side)
    publish(side, award)
    handle(side, object_to(side, award), is_upheld=True)
    assert state_of(award) == AwardState.VOID
    assert years(side) == [(2026, 20_000_000, 0, 0, 0, 0)]
    assert steps_of(award)[-1] == StepKind.VOIDED
    assert settle(side) == 0
    settled()


def test_money_of_a_void_award_counts_against_no_cap(side):
    award = approved(side, amount="1500000.00")
    publish(side, award)
    handle(side, object_to(side, award), is_upheld=True)
    with acting_as(side.firm.people[Role.APPLICANT]) as actor:
        side.firm.draft = services.start_application(actor, award.application.programme_version, now=NOW)
    assert approved(side, amount="1500000.00").amount_cny == Decimal("1500000.00")


@pytest.mark.parametrize("role", [Role.APPROVER])
def test_who_decided_handles_no_objection(side, role):
    award = approved(side)
    publish(side, award)
    objection = object_to(side, award)
    with pytest.raises(services.NotAllowed, match="Four eyes"):
        handle(side, objection, is_upheld=False, member=side.staff[role])
    other = person(role, side.park)
    assert handle(side, objection, is_upheld=False, member=other).handled_by_id == other.user_id


def test_database_refuses_an_answer_by_who_decided(side):
    award = approved(side)
    publish(side, award)
    objection = object_to(side, award)
    member = side.staff[Role.REVIEWER]
    with acting_as(member), pytest.raises(IntegrityError, match="handles no objection"), transaction.atomic():
        Objection.objects.filter(pk=objection.pk).update(
            state="dismissed", answer="No", handled_by=member.user, handled_by_name="x", handled_at=NOW
        )


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.FINANCE_OFFICER, Role.AUDITOR])
def test_others_handle_no_objection(side, role):
    award = approved(side)
    publish(side, award)
    objection = object_to(side, award)
    with pytest.raises(services.NotAllowed):
        handle(side, objection, is_upheld=False, member=side.staff[role])


def test_objections_are_handled_once_and_with_reasons(side):
    award = approved(side)
    publish(side, award)
    objection = object_to(side, award)
    with pytest.raises(services.Invalid):
        handle(side, objection, is_upheld=False, answer=" ")
    handle(side, objection, is_upheld=False)
    with pytest.raises(services.StateChanged):
        handle(side, objection, is_upheld=True)


def test_objections_come_in_time(side):
    award = approved(side)
    publish(side, award)
    assert object_to(side, award, now=LAST_MOMENT).state == "open"
    with pytest.raises(services.NoticeOver):
        object_to(side, award, now=OVER)
    with public_scope(side.park.pk), pytest.raises(IntegrityError, match="while the notice runs"), transaction.atomic():
        line = NoticeLine.objects.get()
        Objection.objects.create(
            park_id=side.park.pk, line=line, name="Gu Yan", contact="1", text="Late", filed_at=OVER
        )


@pytest.mark.parametrize("missing", ["name", "contact", "text"])
def test_objections_are_signed(side, missing):
    award = approved(side)
    publish(side, award)
    for nothing in ("  ", "\u200b" * 6):
        with pytest.raises(services.Invalid) as refused:
            object_to(side, award, **{missing: nothing})
        assert refused.value.field == missing


def test_flood_of_objections_is_refused(side):
    award = approved(side)
    publish(side, award)
    for _ in range(5):
        object_to(side, award)
    with pytest.raises(services.TooMany):
        object_to(side, award)
    assert object_to(side, award, sender="192.0.2.2").state == "open"


def test_public_adds_open_objections_only(side):
    award = approved(side)
    publish(side, award)
    with public_scope(side.park.pk), pytest.raises(IntegrityError, match="starts as open"), transaction.atomic():
        line = NoticeLine.objects.get()
        Objection(
            park_id=side.park.pk,
            line=line,
            name="Gu Yan",
            contact="1",
            text="x",
            filed_at=NOW,
            state="dismissed",
            answer="Mine",
            handled_at=NOW,
            handled_by=side.staff[Role.APPROVER].user,
        ).save(force_insert=True)


def test_notice_names_pending_awards_of_one_version_once(side):
    award = approved(side)
    publish(side, award)
    with pytest.raises(services.StateChanged):
        publish(side, award)
    with pytest.raises(services.Invalid):
        publish(side)


@pytest.mark.parametrize("role", [Role.FINANCE_OFFICER, Role.AUDITOR, Role.EXPERT])
def test_others_publish_no_notice(side, role):
    award = approved(side)
    with pytest.raises(Refusal):
        publish(side, award, role=role)
    with park_scope(side.park.pk):
        assert Notice.objects.count() == 0


def test_task_settles_the_notices_of_each_park_once(side):
    award = approved(side)
    publish(side, award)
    tasks.settle_notices(park_id=side.park.pk)
    assert state_of(award) == AwardState.STANDS
    tasks.settle_notices(park_id=side.park.pk)
    assert steps_of(award).count(StepKind.STANDS) == 1


@pytest.mark.parametrize(
    "plan",
    [
        [{"percent": "60", "condition_en": "Contract", "condition_zh": "合同"}],
        [{"percent": "100", "condition_en": "", "condition_zh": "合同"}],
        [
            {"percent": "-1", "condition_en": "a", "condition_zh": "b"},
            {"percent": "101", "condition_en": "a", "condition_zh": "b"},
        ],
        [{"percent": "x", "condition_en": "a", "condition_zh": "b"}],
        [{"percent": "100"}],
        "60, 40",
    ],
)
def test_payment_plan_that_makes_no_sense_is_refused(scene, plan):
    with acting_as(scene.ours.staff[Role.PARK_ADMINISTRATOR]) as actor, pytest.raises(services.Invalid):
        services.update_programme(actor, scene.ours.programme, terms={"payment_plan": plan}, now=NOW)


def test_award_that_is_void_takes_no_more_objections(side):
    award = approved(side)
    publish(side, award)
    handle(side, object_to(side, award), is_upheld=True)
    with pytest.raises(services.NoticeOver):
        object_to(side, award, sender="192.0.2.2")
    with park_scope(side.park.pk):
        assert Objection.objects.count() == 1


def test_objection_brings_a_few_small_papers_that_officials_read(side, client, client_of):
    award = approved(side)
    publish(side, award)
    objection = object_to(side, award, uploads=[pdf("a"), pdf("b", "invoice.pdf")])
    with park_scope(side.park.pk):
        papers = list(ObjectionPaper.objects.filter(objection=objection).order_by("name"))
    assert [(paper.name, paper.uploaded_by_id, paper.uploaded_at) for paper in papers] == [
        ("invoice.pdf", None, NOW),
        ("report.pdf", None, NOW),
    ]
    page = address("objection_paper_download", objection_paper_id=papers[0].pk)
    content = client_of(side.staff[Role.AUDITOR]).get(page)
    assert hashlib.sha256(b"".join(content.streaming_content)).hexdigest() == papers[0].sha256
    assert client_of(side.firm.people[Role.OWNER]).get(page).status_code == 403
    with public_scope(side.park.pk), pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        ObjectionPaper.objects.count()


@pytest.mark.parametrize(
    "uploads",
    [
        [SimpleUploadedFile("tool.pdf", b"MZ a program")],
        [pdf("a"), pdf("a")],
        [pdf(str(number)) for number in range(4)],
        [SimpleUploadedFile("large.pdf", PDF + b"x" * (5 * 1024 * 1024))],
    ],
    ids=["program", "twice", "four", "large"],
)
def test_hostile_papers_of_an_objection_are_refused(side, uploads):
    award = approved(side)
    publish(side, award)
    with pytest.raises(UnacceptableFile):
        object_to(side, award, uploads=uploads)
    with park_scope(side.park.pk):
        assert Objection.objects.count() == 0


def test_refused_papers_cost_no_attempt(side):
    award = approved(side)
    publish(side, award)
    for _ in range(6):
        with pytest.raises(UnacceptableFile):
            object_to(side, award, uploads=[SimpleUploadedFile("report.docx", b"PK\x03\x04 no pdf")])
    assert object_to(side, award).state == "open"


def test_files_beyond_what_a_park_takes_in_a_day_cost_no_attempt(side, monkeypatch):
    """Whoever comes after very many files can still object, without them."""
    award = approved(side)
    publish(side, award)
    size = pdf("a").size
    monkeypatch.setattr("incentives.services.objections.MOST_BYTES_OF_AN_AWARD", size)
    object_to(side, award, uploads=[pdf("a")])
    for _ in range(6):
        with pytest.raises(services.TooMany, match="without files") as refused:
            object_to(side, award, sender="192.0.2.2", uploads=[pdf("b")])
        assert refused.value.field == "uploads"
    assert object_to(side, award, sender="192.0.2.2").state == "open"


def test_what_else_the_database_refuses_of_an_objection_is_loud(side, monkeypatch):
    award = approved(side)
    publish(side, award)
    monkeypatch.setattr("incentives.services.objections.MOST_PAPERS", 4)
    with pytest.raises(IntegrityError, match="few and small"):
        object_to(side, award, uploads=[pdf(str(number)) for number in range(4)])


def test_public_adds_no_paper_to_an_objection_of_others(side):
    award = approved(side)
    publish(side, award)
    objection = object_to(side, award)
    given = {"name": "x.pdf", "content_type": "application/pdf", "size_bytes": 1, "sha256": "0" * 64}
    later = ObjectionPaper(
        park_id=side.park.pk,
        objection=objection,
        file=f"parks/{side.park.pk}/objections/x",
        uploaded_at=NOW + timedelta(hours=1),
        **given,
    )
    with public_scope(side.park.pk), pytest.raises(IntegrityError, match="with their objection"), transaction.atomic():
        later.save(force_insert=True)
