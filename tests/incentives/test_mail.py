"""Who hears of what: after the commit, through the worker, once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from celery.exceptions import Retry
from django.conf import settings
from django.db import transaction

from accounts.models import OutgoingMail
from enterprises.models import DeclaredInterest
from incentives import services, tasks
from incentives.choices import Stage
from incentives.models import ApplicationStep
from parks.choices import Role
from tenancy.models import OutboxEvent
from tenancy.scopes import Author, login_scope, park_scope, platform_scope
from tests.clients import run_outbox
from tests.factories.people import MembershipFactory, person
from tests.incentives.cases import NOW, accept, acting_as, approve, file, give_back, submit

pytestmark = pytest.mark.django_db


def mails_of_steps():
    """Without those that the scene's own people and parks brought about. For the login role, which delivers letters."""
    return OutgoingMail.objects.filter(key__startswith="incentives.step:")


def new_mails():
    """Send what waits; answer (recipient, subject) of every mail that was written by it."""
    with login_scope(Author()):
        before = set(mails_of_steps().values_list("pk", flat=True))
    run_outbox()
    with login_scope(Author()):
        mails = mails_of_steps().exclude(pk__in=before).select_related("recipient")
        return sorted((mail.recipient.name, mail.subject, mail.url) for mail in mails)


def expected(people, subject, path, application):
    return [(person.user.name, subject, f"/{path}/{application.pk}/") for person in people]


def filers(firm):
    return [firm.people[role] for role in (Role.OWNER, Role.CERTIFIER, Role.APPLICANT)]


def test_every_step_reaches_both_sides(scene):
    side, firm = scene.ours, scene.ours.firm
    reviewer, approver = side.staff[Role.REVIEWER], side.staff[Role.APPROVER]
    application = file(firm)
    name = application.number
    assert new_mails() == sorted(
        expected(filers(firm), f"Application {name} was received", "applications", application)
        + expected([reviewer], f"{name} waits for the completeness check", "queue", application)
    )
    application = give_back(side, application)
    assert new_mails() == sorted(
        expected(filers(firm), f"Application {name} needs corrections", "applications", application)
    )
    application = submit(firm, application)
    assert new_mails() == sorted(
        expected(filers(firm), f"Application {name} was received", "applications", application)
        + expected([reviewer], f"{name} was resubmitted", "queue", application)
    )
    application = accept(side, application)
    assert new_mails() == sorted(
        expected(filers(firm), f"Application {name} is complete", "applications", application)
        + expected([approver], f"{name} waits for a decision", "queue", application)
    )
    application = approve(side, application)
    assert new_mails() == sorted(
        expected(filers(firm), f"Application {name} was approved", "applications", application)
    )
    assert new_mails() == []


def test_declined_application_brings_the_reason(scene):
    side = scene.ours
    application = file(side.firm)
    new_mails()
    with acting_as(side.staff[Role.REVIEWER]) as actor:
        services.decline_application(
            actor,
            application,
            expected_round=1,
            reason="Solar is excluded.",
            note="Secret",
            now=NOW,
            stage=Stage.COMPLETENESS,
        )
    assert {subject for _, subject, _ in new_mails()} == {f"Application {application.number} was declined"}
    with login_scope(Author()):
        text = mails_of_steps().filter(subject__endswith="was declined").first().text
    assert text.endswith("Solar is excluded.")
    assert "Secret" not in text


@pytest.mark.parametrize("is_accepted", [False, True])
def test_withdrawal_is_told_to_the_officials_whose_turn_it_was(scene, is_accepted):
    side = scene.ours
    application = file(side.firm)
    if is_accepted:
        application = accept(side, application)
    new_mails()
    with acting_as(side.firm.people[Role.OWNER]) as actor:
        services.withdraw_application(actor, application, reason="Sold", now=NOW)
    official = side.staff[Role.APPROVER if is_accepted else Role.REVIEWER]
    told = [name for name, subject, _ in new_mails() if subject == f"{application.number} was withdrawn"]
    assert told == [official.user.name]


def test_withdrawn_draft_is_nobodys_business(scene):
    with acting_as(scene.ours.firm.people[Role.OWNER]) as actor:
        services.withdraw_application(actor, scene.ours.firm.draft, reason="", now=NOW)
    assert new_mails() == []


def test_mail_speaks_the_language_of_its_reader(scene):
    owner = scene.ours.firm.people[Role.OWNER].user
    owner.language = "zh-hans"
    owner.save(update_fields=["language"])
    file(scene.ours.firm, saving_tce=Decimal("812.5"))
    run_outbox()
    with login_scope(Author()):
        texts = {mail.recipient_id: mail.text for mail in mails_of_steps()}
    assert "2026年11月11日" in texts[owner.pk]
    assert "2026-11-11" in texts[scene.ours.firm.people[Role.CERTIFIER].user_id]
    assert all("¥406,250.00" in text for text in texts.values())


def test_officials_who_may_not_decide_are_not_asked(scene):
    side = scene.ours
    both = person([Role.REVIEWER, Role.APPROVER], side.park)
    interested = person(Role.REVIEWER, side.park)
    gone = person(Role.REVIEWER, side.park, is_active=False)
    member = person(Role.REVIEWER, side.park)
    MembershipFactory(
        user=member.user, park=side.park, enterprise_id=side.firm.enterprise.pk, roles=[Role.ENERGY_MANAGER]
    )
    with park_scope(side.park.pk):
        DeclaredInterest.objects.create(
            park=side.park, enterprise=side.firm.enterprise, user=interested.user, reason="Shares"
        )
    application = file(side.firm)
    asked = {name for name, subject, _ in new_mails() if "waits" in subject}
    assert asked == {side.staff[Role.REVIEWER].user.name, both.user.name}
    assert gone.user.name not in asked
    with acting_as(both) as actor:
        services.accept_application(actor, application, expected_round=1, note="", now=NOW)
    assert {name for name, subject, _ in new_mails() if "waits" in subject} == {side.staff[Role.APPROVER].user.name}


def test_nobody_elsewhere_hears_of_it(scene):
    file(scene.ours.firm)
    names = {name for name, _, _ in new_mails()}
    strangers = [
        *scene.others.staff.values(),
        *scene.others.firm.people.values(),
        *scene.ours.neighbour.people.values(),
    ]
    assert names.isdisjoint({membership.user.name for membership in strangers})


def test_task_that_runs_twice_writes_nothing_twice(scene):
    application = file(scene.ours.firm)
    run_outbox()
    with park_scope(scene.ours.park.pk):
        step = ApplicationStep.objects.get(application=application)
    with login_scope(Author()):
        before = mails_of_steps().count()
    tasks.write_step_mails.delay(park_id=scene.ours.park.pk, step_id=str(step.pk))
    with login_scope(Author()):
        assert mails_of_steps().count() == before == 4


def test_task_of_another_park_finds_no_step(scene):
    application = file(scene.ours.firm)
    with park_scope(scene.ours.park.pk):
        step = ApplicationStep.objects.get(application=application)
    with pytest.raises((ApplicationStep.DoesNotExist, Retry)):
        tasks.write_step_mails.delay(park_id=scene.others.park.pk, step_id=str(step.pk))
    with login_scope(Author()):
        assert mails_of_steps().count() == 0


def test_act_that_is_rolled_back_is_never_announced(scene):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        file(scene.ours.firm)
        raise ZeroDivisionError
    assert new_mails() == []


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_mail_is_written_only_after_the_commit(scene):
    """Then the relay is nudged at once; until then nothing of the act is to be seen by it."""
    with transaction.atomic():
        file(scene.ours.firm)
        with platform_scope():
            assert OutboxEvent.objects.filter(name="incentives.application_submitted").count() == 1
        with login_scope(Author()):
            assert mails_of_steps().count() == 0
    with login_scope(Author()):
        assert mails_of_steps().count() == 4


def test_links_lead_to_the_portal(scene):
    file(scene.ours.firm)
    run_outbox()
    with login_scope(Author()):
        urls = set(mails_of_steps().values_list("url", flat=True))
    assert len(urls) == 2
    assert not any(url.startswith("http") for url in urls), "delivery puts the address of the installation before"
    assert settings.SITE_URL.startswith("http")


def test_deadline_in_the_mail_is_a_day_of_the_park(scene):
    file(scene.ours.firm, datetime(2026, 11, 4, 16, 30, tzinfo=UTC))
    run_outbox()
    with login_scope(Author()):
        text = mails_of_steps().filter(recipient=scene.ours.firm.people[Role.OWNER].user).get().text
    assert "by 2026-11-12" in text


def texts_to(membership, subject):
    with login_scope(Author()):
        return [mail.text for mail in mails_of_steps().filter(recipient=membership.user, subject=subject)]


def test_late_letter_tells_the_facts_of_its_step(scene):
    """The worker was down while the application was returned, corrected and filed again with another saving."""
    side, firm = scene.ours, scene.ours.firm
    application = file(firm, saving_tce=Decimal(100))
    application = give_back(side, application)
    with acting_as(firm.people[Role.OWNER]) as actor:
        application = services.save_application(
            actor,
            application,
            answers={"saving_tce": Decimal(200)},
            expected_revision=application.revision,
            now=NOW,
        )
    application = submit(firm, application, NOW + timedelta(days=7))
    accepted = accept(side, application, NOW + timedelta(days=8))
    approve(side, accepted, "99.00", NOW + timedelta(days=9))
    run_outbox()
    owner, number = firm.people[Role.OWNER], application.number
    second, first = sorted(texts_to(owner, f"Application {number} was received"))
    assert ("¥50,000.00" in first, "2026-11-11" in first) == (True, True)
    assert ("¥100,000.00" in second, "2026-11-18" in second) == (True, True)
    assert "2026-11-18" in texts_to(owner, f"Application {number} needs corrections")[0]
    assert "¥99.00" in texts_to(owner, f"Application {number} was approved")[0]


def test_officials_are_not_asked_for_what_was_done_meanwhile(scene):
    side = scene.ours
    application = accept(side, file(side.firm), NOW + timedelta(days=1))
    told = {(name, subject) for name, subject, _ in new_mails() if "waits" in subject}
    assert told == {(side.staff[Role.APPROVER].user.name, f"{application.number} waits for a decision")}


def test_round_that_was_filed_again_is_asked_for_once(scene):
    side, firm = scene.ours, scene.ours.firm
    returned = give_back(side, file(firm), NOW + timedelta(days=1))
    submit(firm, returned, NOW + timedelta(days=2))
    reviewer = side.staff[Role.REVIEWER].user.name
    assert [subject for name, subject, _ in new_mails() if name == reviewer] == [f"{returned.number} was resubmitted"]
