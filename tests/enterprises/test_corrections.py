"""What the park changes in the register unasked, its people are told: once, with before and after."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from accounts.models import OutgoingMail
from enterprises import facts, tasks
from enterprises.models import Enterprise, EnterpriseStep
from enterprises.services import changes
from enterprises.services.register import update_enterprise, update_kept_facts
from parks.choices import Role
from tenancy.models import OutboxEvent
from tenancy.scopes import enterprise_scope, park_scope, platform_scope
from tests.clients import actor, run_outbox
from tests.enterprises.company_cases import page, rows
from tests.enterprises.imports import CODE, NAME, OTHER_CODE, imported, registered, table_text
from tests.factories.people import person

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
SUBJECT = "The park has changed what the register says of Firm A"


@pytest.fixture
def firm(side):
    """Its people read English; the request that the scene keeps open is of others."""
    with park_scope(side.park.pk):
        Enterprise.objects.filter(pk=side.firm.enterprise.pk).update(name_en="Firm A", address="Old road 1")
    return side.firm


def correct(side, by=Role.REVIEWER, **wanted):
    acting = actor(side.staff[by])
    with park_scope(side.park.pk, acting.author):
        update_enterprise(acting, side.firm.enterprise, changes=wanted, now=NOW)
    run_outbox()


def letters(*places):
    found = OutgoingMail.objects.filter(recipient__in=[place.user for place in places], subject__contains="register")
    return sorted((mail.recipient.name, mail.subject) for mail in found.select_related("recipient"))


def signers(firm):
    return [firm.people[role] for role in (Role.OWNER, Role.CERTIFIER)]


def test_people_who_sign_are_told_what_an_official_changed(side, firm):
    correct(side, address="New road 2", registered_capital=Decimal(8000000))

    told = [(place.user.name, SUBJECT) for place in signers(firm)]
    assert letters(*firm.people.values(), *side.staff.values(), *side.neighbour.people.values()) == sorted(told)
    mail = OutgoingMail.objects.get(recipient=firm.people[Role.OWNER].user, subject=SUBJECT)
    assert mail.text.split("\n\n")[1] == (
        "Registered capital: – → ¥8,000,000.00\nRegistered address: Old road 1 → New road 2"
    )
    assert mail.url == page("profile")


def test_letter_of_a_correction_is_written_once(side, firm):
    correct(side, address="New road 2")
    (step,) = rows(side, EnterpriseStep, kind="corrected")

    tasks.write_correction_mails(park_id=side.park.pk, step_ids=[str(step.pk)])

    assert len(letters(*signers(firm))) == 2


def test_what_was_asked_for_is_told_by_the_decision_alone(firm, side):
    request, acting = side.firm.change_request, actor(side.staff[Role.PARK_ADMINISTRATOR])
    with park_scope(side.park.pk, acting.author):
        known = Enterprise.objects.get(pk=request.enterprise_id)
        seen = facts.fingerprint(changes.shown_facts(known, request))
        changes.approve_change(acting, request, seen=seen, now=NOW)
    run_outbox()

    assert letters(firm.people[Role.OWNER]) == []
    assert OutgoingMail.objects.filter(key__startswith="enterprises.change:").exists()
    assert rows(side, EnterpriseStep, kind="corrected") == []


def test_what_the_owner_keeps_is_told_to_nobody(side, firm):
    owner = actor(firm.people[Role.OWNER])
    with enterprise_scope(side.park.pk, firm.enterprise.pk, owner.author):
        update_kept_facts(owner, firm.enterprise, changes={"contact_phone": "0592 1"})
    with platform_scope():
        assert OutboxEvent.objects.filter(name="enterprises.enterprise_updated").count() == 1
    run_outbox()

    assert letters(*firm.people.values()) == []
    assert rows(side, EnterpriseStep, kind="corrected") == []


def test_people_are_told_what_a_file_changed(side):
    enterprise = registered(side, name_en="Dawn", contact_phone="1", address="Old road 1")
    owner = person(Role.OWNER, side.park, enterprise.pk)

    headings = "统一社会信用代码,企业名称,联系电话,注册地址"
    imported(side, table_text(f"{CODE},{NAME},1,New road 2", headings=headings))
    run_outbox()

    assert [subject for _name, subject in letters(owner)] == ["The park has changed what the register says of Dawn"]
    mail = OutgoingMail.objects.get(recipient=owner.user, subject__contains="register")
    assert mail.text.endswith("\n\nRegistered address: Old road 1 → New road 2")
    (step,) = rows(side, EnterpriseStep, enterprise=enterprise)
    reviewer = side.staff[Role.REVIEWER].user
    assert (step.kind, step.by_id, step.by_name) == ("corrected", reviewer.pk, reviewer.name)
    assert step.changes == {"address": ["Old road 1", "New road 2"]}


def test_file_tells_nobody_of_what_it_leaves_or_brings(side):
    enterprise = registered(side, name_en="Dawn")
    owner = person(Role.OWNER, side.park, enterprise.pk)

    imported(side, table_text(f"{CODE},{NAME}", f"{OTHER_CODE},乙公司"))
    run_outbox()

    assert len(rows(side, Enterprise, credit_code=OTHER_CODE)) == 1
    assert (letters(owner), rows(side, EnterpriseStep, kind="corrected")) == ([], [])


@pytest.mark.parametrize(("role", "times"), [(Role.OWNER, 1), (Role.APPLICANT, 1)])
def test_company_reads_in_its_timeline_what_the_park_changed(side, firm, client_of, role, times):
    correct(side, address="New road 2")

    html = client_of(firm.people[role]).get(page("profile")).content.decode()

    assert html.count("Facts changed by the park") == times
    assert "<q>Registered address</q>" in html


def test_who_reads_the_history_reads_the_change_once(side, firm, client_of):
    correct(side, address="New road 2")
    url = page("enterprise_detail", firm.enterprise.pk)

    administrator = client_of(side.staff[Role.PARK_ADMINISTRATOR]).get(url).content.decode()
    reviewer = client_of(side.staff[Role.REVIEWER]).get(url).content.decode()

    assert ("Facts changed by the park" in administrator, "<b>Changed</b>" in administrator) == (False, True)
    assert ("Facts changed by the park" in reviewer, "<b>Changed</b>" in reviewer) == (True, False)


def test_sentence_about_a_name_with_a_stop_ends_with_one(side, firm):
    with park_scope(side.park.pk):
        Enterprise.objects.filter(pk=firm.enterprise.pk).update(name_en="Dawn Co., Ltd.")
    correct(side, address="New road 2")

    mail = OutgoingMail.objects.get(recipient=firm.people[Role.OWNER].user, subject__contains="register")
    assert "what the register says of Dawn Co., Ltd. If something" in mail.text
