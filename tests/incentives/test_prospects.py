"""What an enterprise may expect before it begins, and what it takes along from one application to the next."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from enterprises.models import Enterprise
from incentives import queries, services
from incentives.models import Application
from parks.choices import Role
from parks.models import Membership
from tenancy.scopes import park_scope
from tests.clients import signed_in_client
from tests.incentives import test_awards as awards
from tests.incentives.cases import NOW, accept, acting_as, approve, file, pdf
from tests.incentives.pages import address
from tests.incentives.test_form_fields import field
from tests.incentives.test_services_programmes import create, publish

pytestmark = pytest.mark.django_db
TODAY = NOW.date()
RULES = [
    {"condition": "manufacturer", "text_en": "Manufactures", "text_zh": "制造"},
    {"condition": "saving > 10", "text_en": "Saves", "text_zh": "节能"},
]


@pytest.fixture
def firm(scene):
    return scene.ours.firm


def expected(firm, today=TODAY):
    with acting_as(firm.people[Role.APPLICANT]) as actor:
        enterprise = Enterprise.objects.get(pk=firm.enterprise.pk)
        offers = queries.open_offers(actor, today)
        found = services.prospects(actor, enterprise, offers, today, "Asia/Shanghai")
    return {one.offer.version.code: one for one in found}


def test_rules_are_decided_as_far_as_the_registration_goes(scene, firm):
    publish(scene, create(scene, code="RULES", eligibility_rules=RULES))
    publish(scene, create(scene, code="CAPITAL", eligibility_rules=RULES[:1]))
    found = expected(firm)
    assert [(found[code].is_sure, found[code].unmet) for code in ("OURS", "RULES", "CAPITAL")] == [
        (True, ()),
        (False, ()),
        (True, ()),
    ]
    with park_scope(firm.enterprise.park_id):
        Enterprise.objects.filter(pk=firm.enterprise.pk).update(kind="service")
    assert [check.text for check in expected(firm)["RULES"].unmet] == ["Manufactures"]


def test_what_can_still_be_granted_is_what_every_cap_leaves(scene, firm):
    with acting_as(scene.ours.staff[Role.PARK_ADMINISTRATOR]) as actor:
        terms = {"cap_cny": Decimal(5000), "cap_year_cny": Decimal(1500), "cap_percent": Decimal(30)}
        services.update_programme(actor, scene.ours.programme, terms=terms, now=NOW)
        services.publish_programme(actor, scene.ours.programme, now=NOW)
    with acting_as(firm.people[Role.APPLICANT]) as actor:
        firm.draft = services.restart_application(actor, firm.draft, now=NOW)
    assert expected(firm)["OURS"].room_cny == Decimal("1500.00")
    approve(scene.ours, accept(scene.ours, file(firm)), "1000.00")
    assert expected(firm)["OURS"].room_cny == Decimal("500.00")
    assert expected(firm, datetime(2027, 3, 1, tzinfo=UTC).date())["OURS"].room_cny == Decimal("1500.00")


def test_home_says_what_may_be_granted_and_what_is_not_open(scene, firm):
    publish(scene, create(scene, code="RULES", eligibility_rules=RULES))
    with park_scope(firm.enterprise.park_id):
        Enterprise.objects.filter(pk=firm.enterprise.pk).update(kind="service")
    client = signed_in_client(firm.people[Role.APPLICANT])
    for name in ("enterprise_home", "offer_list"):
        page = client.get(address(name))
        shown = {one.offer.version.code: bool(one.unmet) for one in page.context["prospects"]}
        assert shown["OURS"] is False, name
        assert "for up to" in page.content.decode()


def test_nothing_is_offered_to_a_suspended_enterprise(firm):
    with park_scope(firm.enterprise.park_id):
        Membership.objects.filter(enterprise_id=firm.enterprise.pk).update(is_enterprise_suspended=True)
    shown = signed_in_client(firm.people[Role.APPLICANT]).get(address("enterprise_home")).content.decode()
    assert "Not open to you while your enterprise is suspended." in shown
    assert "for up to" not in shown


FIELDS = [
    field("area", "number", unit="m²", is_required=False),
    field("new", "declaration", is_required=False),
    field("gone", "text", is_required=False),
]


def test_copy_takes_along_what_stays_true(scene, firm):
    programme = create(scene, form_fields=FIELDS)
    version = publish(scene, programme)
    answers = {
        "project_title": "Lamps",
        "project_summary": "New lamps.",
        "completed_on": TODAY,
        "investment_cny": Decimal(100),
        "saving_tce": Decimal(10),
        "answer_area": "12",
        "answer_new": True,
        "answer_gone": "old",
    }
    with acting_as(firm.people[Role.APPLICANT]) as actor:
        firm.draft = services.start_application(actor, version, now=NOW)
        services.attach_document(actor, firm.draft, kind="invoices", upload=pdf("i"), now=NOW)
    filed = file(firm, **answers)
    with acting_as(scene.ours.staff[Role.PARK_ADMINISTRATOR]) as actor:
        services.update_programme(actor, programme, terms={"form_fields": FIELDS[:2]}, now=NOW)
        current = services.publish_programme(actor, programme, now=NOW)
    later = datetime(2026, 11, 10, 9, 0, tzinfo=UTC)
    with acting_as(firm.people[Role.APPLICANT]) as actor:
        fresh = services.copy_application(actor, filed, now=later)
        again = services.copy_application(actor, filed, now=datetime(2026, 11, 11, 9, 0, tzinfo=UTC))
        kept = Application.objects.get(pk=fresh.pk)
        documents = kept.documents.count()
    assert (kept.programme_version_id, kept.state, again.pk) == (current.pk, "draft", fresh.pk)
    assert (kept.project_title, kept.project_summary, kept.form_answers) == ("Lamps", "New lamps.", {"area": "12"})
    assert (kept.completed_on, kept.investment_cny, kept.saving_tce, documents) == (None, None, None, 0)


def test_draft_cannot_be_copied(firm):
    with acting_as(firm.people[Role.APPLICANT]) as actor, pytest.raises(services.StateChanged):
        services.copy_application(actor, firm.draft, now=NOW)


def test_copy_is_a_button_of_a_filed_application(scene, firm):
    client = signed_in_client(firm.people[Role.APPLICANT])
    page = client.get(address("application_detail", application_id=firm.application.pk))
    assert page.context["can_copy"] is True
    made = client.post(address("application_copy", application_id=firm.application.pk))
    assert made.url == address("application_detail", application_id=firm.draft.pk)


def test_void_award_leaves_the_cap_to_the_next_application(scene):
    side = scene.ours
    awards.notify(side)
    before = expected(side.firm)["OURS"].room_cny
    award = awards.approved(side, amount="1000.00")
    assert expected(side.firm)["OURS"].room_cny == before - 1000
    awards.publish(side, award)
    awards.handle(side, awards.object_to(side, award), is_upheld=True)
    assert expected(side.firm)["OURS"].room_cny == before
