"""Letters before a deadline passes: to whom, when, and each once."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import ProgrammingError, transaction

from accounts.models import OutgoingMail
from incentives import services, tasks
from incentives.models import Application, NoticeLine, Objection, ProgrammeVersion
from incentives.services import reminders
from parks.choices import Role
from parks.models import Park
from tenancy.scopes import Author, enterprise_scope, login_scope, park_scope
from tests.incentives.cases import NOW, accept, acting_as, decline, file, give_back, submit

pytestmark = pytest.mark.django_db


def remind(side, now):
    with park_scope(side.park.pk):
        for tell in reminders.REMINDERS.values():
            tell(Park.objects.get(pk=side.park.pk), now)


def letters(kind):
    """(who, subject) of each letter of a kind."""
    with login_scope(Author()):
        mails = OutgoingMail.objects.filter(kind=f"incentives.{kind}").select_related("recipient")
        return sorted((mail.recipient.name, mail.subject) for mail in mails)


def texts(kind):
    with login_scope(Author()):
        return [mail.text for mail in OutgoingMail.objects.filter(kind=f"incentives.{kind}")]


def filers(firm):
    return [firm.people[role].user.name for role in (Role.OWNER, Role.CERTIFIER, Role.APPLICANT)]


def on(day, hour=9):
    """So many hours after midnight of a day in Shanghai."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(hours=hour - 8)


def test_returned_application_is_reminded_of_twice_before_its_last_day(scene):
    side = scene.ours
    application = give_back(side, file(side.firm))
    last = application.due_at.astimezone(UTC).date()
    subject = f"Application {application.number}: file it again by {last.isoformat()}"
    expected = sorted((name, subject) for name in filers(side.firm))
    remind(side, on(last - timedelta(days=6)))
    assert letters("remind_returned") == []
    for days in (5, 5, 3, 2):
        remind(side, on(last - timedelta(days=days)))
        assert letters("remind_returned") == expected
    for days in (1, 0):
        remind(side, on(last - timedelta(days=days)))
    assert letters("remind_returned") == sorted(expected * 2)
    remind(side, on(last + timedelta(days=1)))
    assert len(letters("remind_returned")) == 6


def test_application_filed_again_in_time_is_not_reminded_of(scene):
    side = scene.ours
    application = give_back(side, file(side.firm))
    submit(side.firm, application, NOW + timedelta(days=1))
    remind(side, application.due_at - timedelta(hours=1))
    assert letters("remind_returned") == []


def due(side, application, at):
    with park_scope(side.park.pk):
        Application.objects.filter(pk=application.pk).update(due_at=at)


def test_officials_hear_once_a_working_day_of_what_is_due_for_them(scene):
    """Due on Wednesday 11 November: on Tuesday and on Wednesday, and on Thursday because it is over."""
    side = scene.ours
    application = file(side.firm)
    with park_scope(side.park.pk):
        Application.objects.exclude(pk=application.pk).update(due_at=None)
    name = side.staff[Role.REVIEWER].user.name
    remind(side, on(date(2026, 11, 9)))
    assert letters("remind_due") == []
    for days in ((10, 10), (11,), (12,)):
        for day in days:
            remind(side, on(date(2026, 11, day)))
    assert letters("remind_due") == [(name, "Due within a working day: 1")] * 3
    assert f"{application.number}　2026-11-11　" in texts("remind_due")[0]


def test_nobody_is_reminded_on_a_day_off(scene):
    """Saturday and Sunday, and the National Day that is entered in the calendar."""
    side = scene.ours
    application = file(side.firm)
    due(side, application, NOW - timedelta(days=60))
    for day in (date(2026, 11, 14), date(2026, 11, 15), date(2026, 10, 1)):
        remind(side, on(day))
    assert letters("remind_due") == []
    remind(side, on(date(2026, 11, 16)))
    assert {who for who, _subject in letters("remind_due")} == {side.staff[Role.REVIEWER].user.name}


def test_what_waits_for_a_later_stage_is_told_to_who_decides_there(scene):
    side = scene.ours
    application = accept(side, file(side.firm))
    with park_scope(side.park.pk):
        Application.objects.exclude(pk=application.pk).update(due_at=None)
    remind(side, application.due_at - timedelta(hours=1))
    assert letters("remind_due") == [(side.staff[Role.APPROVER].user.name, "Due within a working day: 1")]


def closes(side, day):
    """The last day of the only window; versions never change, so it is written by the owner."""
    with park_scope(side.park.pk):
        version = ProgrammeVersion.objects.get(pk=side.version.pk)
        return version.window_at(day).closes_on


def test_draft_is_reminded_of_before_its_window_closes(scene, monkeypatch):
    side, firm = scene.ours, scene.ours.firm
    last = closes(side, NOW.date())
    for days, count in ((15, 0), (14, 3), (9, 3), (3, 6), (0, 6)):
        with enterprise_scope(side.park.pk, firm.enterprise.pk):
            reminders.remind_of_drafts(side.park.pk, firm.enterprise.pk, on(last - timedelta(days=days)))
        assert len(letters("remind_draft")) == count, days
    assert {who for who, _subject in letters("remind_draft")} == set(filers(firm))
    assert firm.draft.project_title in texts("remind_draft")[0]
    assert last.isoformat() in letters("remind_draft")[0][1]


def test_only_versions_that_close_soon_are_asked_for(scene):
    side = scene.ours
    last = closes(side, NOW.date())
    with park_scope(side.park.pk):
        asked = [reminders.closing_versions(side.park, on(last - timedelta(days=days))) for days in (15, 14, -1)]
    assert asked == [{}, {side.version.pk: f"{last.isoformat()}:14"}, {}]


def test_only_the_login_role_hears_who_has_a_draft_and_only_of_that_park(scene):
    side = scene.ours
    with login_scope(Author()):
        closing = {side.version.pk: "2026-12-31:14", scene.others.version.pk: "2026-12-31:14"}
        found = reminders.enterprises_with_drafts(side.park.pk, closing)
    assert set(found) == {side.firm.enterprise.pk, side.neighbour.enterprise.pk}
    for scope in (park_scope(side.park.pk), enterprise_scope(side.park.pk, side.firm.enterprise.pk)):
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic(), scope:
            reminders.enterprises_with_drafts(side.park.pk, closing)


def test_who_had_the_reminder_that_is_due_is_not_asked_for_again(scene):
    side, firm = scene.ours, scene.ours.firm
    last = closes(side, NOW.date())

    def asked(days):
        with park_scope(side.park.pk):
            closing = reminders.closing_versions(side.park, on(last - timedelta(days=days)))
        with login_scope(Author()):
            return set(reminders.enterprises_with_drafts(side.park.pk, closing))

    both = {firm.enterprise.pk, side.neighbour.enterprise.pk}
    assert asked(14) == both
    with enterprise_scope(side.park.pk, firm.enterprise.pk):
        reminders.remind_of_drafts(side.park.pk, firm.enterprise.pk, on(last - timedelta(days=14)))
    assert asked(9) == {side.neighbour.enterprise.pk}
    assert asked(3) == both, "the next reminder is another one"


def test_appeal_is_told_to_who_may_rule_and_again_before_its_last_day(scene):
    """Filed on 4 November, to be ruled on by 4 December; who decided and who has no such role hears nothing."""
    side = scene.ours
    declined = decline(side, file(side.firm))
    with acting_as(side.firm.people[Role.CERTIFIER]) as actor:
        services.file_appeal(actor, declined, reasons="Look again.", uploads=[], now=NOW)
    names = sorted(side.staff[role].user.name for role in (Role.PARK_ADMINISTRATOR, Role.APPROVER))
    told = [(name, f"Appeal against the decision on {declined.number}") for name in names]
    reminded = [(name, f"The appeal about {declined.number} is to be ruled on by 2026-12-04") for name in names]
    for day, count in ((4, 0), (26, 0), (27, 1), (30, 1)):
        remind(side, on(date(2026, 11, day), 19))
        assert letters("appeal_filed") == told
        assert letters("remind_appeal") == reminded * count
    for day in (3, 4, 5):
        remind(side, on(date(2026, 12, day)))
        assert letters("remind_appeal") == sorted(reminded * 2)
    assert letters("appeal_filed") == told


def test_one_kind_of_reminder_that_fails_leaves_the_others(scene, monkeypatch):
    """Each is a task of its own; those before and after it are sent."""
    side = scene.ours
    application = file(side.firm)
    due(side, application, NOW - timedelta(days=60))
    sent = []

    def fail(park, now):
        raise LookupError("one bad row")

    monkeypatch.setattr(tasks.remind_of, "delay", lambda **told: sent.append(told))
    monkeypatch.setattr(tasks.timezone, "now", lambda: on(date(2026, 11, 16)))
    tasks.remind_park(park_id=side.park.pk)
    monkeypatch.undo()
    assert [told["kind"] for told in sent] == ["returns", "officials", "objections", "appeals"]
    monkeypatch.setattr(tasks.timezone, "now", lambda: on(date(2026, 11, 16)))
    monkeypatch.setitem(reminders.REMINDERS, "returns", fail)
    with pytest.raises(LookupError):
        tasks.remind_of(**sent[0])
    for told in sent[1:]:
        tasks.remind_of(**told)
    assert {who for who, _subject in letters("remind_due")} == {side.staff[Role.REVIEWER].user.name}


def test_objection_is_told_once_and_again_when_the_award_waits_for_it_alone(scene):
    """To who may handle it: the administrator. The approver decided on the application."""
    side = scene.ours
    award = side.after_decision(side.firm).award
    name = side.staff[Role.PARK_ADMINISTRATOR].user.name
    with park_scope(side.park.pk):
        number = NoticeLine.objects.get(award=award).number
    now = datetime.now(UTC)
    for _again in range(2):
        remind(side, now)
    assert letters("objection_filed") == [(name, f"Objection to the award for {number}")]
    with park_scope(side.park.pk):
        found = Objection.objects.get(line__award=award)
        assert services.settle_notices(now + timedelta(days=8)) == 1
    for _again in range(2):
        remind(side, now + timedelta(days=8))
    assert letters("remind_objection") == [(name, f"The award for {number} waits for its objection alone")]
    assert len(letters("objection_filed")) == 1
    said = "".join(texts("objection_filed") + texts("remind_objection"))
    assert found.reference in said
    assert found.name not in said, "who objected is confidential"


def test_tasks_reach_drafts_and_officials_and_write_nothing_twice(scene, monkeypatch):
    side = scene.ours
    application = file(side.firm)
    due(side, application, NOW - timedelta(days=60))
    last = closes(side, NOW.date())
    monday = on(date(2026, 11, 16))
    monkeypatch.setattr(tasks.timezone, "now", lambda: monday)
    monkeypatch.setattr(reminders, "BEFORE_CLOSING", ((last - monday.date()).days,))
    for _again in range(2):
        tasks.remind_every_park.delay()
    assert {who for who, _subject in letters("remind_due")} >= {side.staff[Role.REVIEWER].user.name}
    with park_scope(side.park.pk):
        firms = [side.neighbour, scene.others.firm, scene.others.neighbour]
    assert letters("remind_draft") == sorted(
        (name, f"{side.version.title_en} closes on {last.isoformat()}") for firm in firms for name in filers(firm)
    )
