"""Changes of vetted facts: asked for, decided, written, and nothing in between."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from threading import Barrier

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import OutgoingMail
from enterprises import facts, tasks
from enterprises.calculations import differences
from enterprises.choices import ChangeRequestState
from enterprises.models import VETTED, ChangeRequest, DeclaredInterest, Enterprise
from enterprises.permissions import COOLING_OFF
from enterprises.queries import desk
from enterprises.services import changes
from enterprises.services.ground import NotImpartial, NotNow
from enterprises.services.register import (
    CodeMalformed,
    CodeTaken,
    CodeUnconfirmed,
    FoundingToCome,
    update_enterprise,
)
from parks.choices import ENTERPRISE_ROLES, PARK_ROLES, Role
from parks.models import Membership
from tenancy.scopes import enterprise_scope, park_scope
from tests.clients import actor, run_outbox
from tests.factories.filing import PDF, EnterpriseFactory
from tests.factories.people import ParkFactory, person

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 16, 30, tzinfo=UTC)
GOOD_CODE = "91350200MA2YJ1XR9G"


@pytest.fixture
def firm(db):
    """An enterprise with an owner, in a park with an administrator and a reviewer."""
    return make_firm()


def make_firm():
    park = ParkFactory()
    with park_scope(park.pk):
        enterprise = EnterpriseFactory(park=park, name_en="Amber Works", registered_capital=Decimal(5000000))
    owner = person(Role.OWNER, park, enterprise.pk)
    return enterprise, owner, person(Role.PARK_ADMINISTRATOR, park), person(Role.REVIEWER, park)


def of_enterprise(enterprise):
    return enterprise_scope(enterprise.park_id, enterprise.pk)


def ask(enterprise, owner, **kwargs):
    wanted = {"changes": {"name_en": "Beryl Works"}, "reason": "Renamed.", "now": NOW, **kwargs}
    with of_enterprise(enterprise):
        return changes.request_change(actor(owner), enterprise, **wanted)


def decide(official, request, approve=True, seen=None, now=NOW):
    with park_scope(request.park_id, actor(official).author):
        if not approve:
            return changes.reject_change(actor(official), request, decision="No evidence.", now=now)
        register = Enterprise.objects.get(pk=request.enterprise_id)
        shown = facts.fingerprint(changes.shown_facts(register, request)) if seen is None else seen
        return changes.approve_change(actor(official), request, seen=shown, now=now, decision="Fine.")


def registered(enterprise):
    with park_scope(enterprise.park_id):
        return Enterprise.objects.get(pk=enterprise.pk)


def test_owner_asks_and_the_request_says_what_differs(firm):
    enterprise, owner, *_officials = firm

    request = ask(
        enterprise,
        owner,
        changes={
            "name_en": "Beryl Works",
            "kind": enterprise.kind,
            "registered_capital": Decimal(8000000),
            "established_on": date(2020, 2, 29),
        },
    )

    assert request.changes == {
        "name_en": ["Amber Works", "Beryl Works"],
        "established_on": ["", "2020-02-29"],
        "registered_capital": ["5000000.00", "8000000.00"],
    }
    assert (request.state, request.requested_by_name) == (ChangeRequestState.SUBMITTED, owner.user.name)
    assert registered(enterprise).name_en == "Amber Works"


def test_five_working_days_are_counted_on_the_days_of_the_park(firm):
    enterprise, owner, *_officials = firm
    # 2026-11-20 16:30 UTC is already Saturday the 21st in Shanghai.
    assert ask(enterprise, owner).due_at == datetime(2026, 11, 27, 15, 59, 59, 999999, tzinfo=UTC)


@pytest.mark.parametrize("same", [{}, {"name_en": "Amber Works"}, {"registered_capital": Decimal("5000000.0")}])
def test_request_that_changes_nothing_is_refused(firm, same):
    with pytest.raises(changes.NothingToChange):
        ask(firm[0], firm[1], changes=same)


def test_what_people_keep_themselves_is_not_asked_for(firm):
    with pytest.raises(ValueError, match="Not vetted: website"):
        ask(firm[0], firm[1], changes={"website": "https://example.com"})


@pytest.mark.parametrize("role", sorted(ENTERPRISE_ROLES))
def test_owners_and_certifiers_ask(firm, role):
    enterprise = firm[0]
    colleague = person(role, enterprise.park, enterprise.pk)
    if role in {Role.OWNER, Role.CERTIFIER}:
        assert ask(enterprise, colleague).requested_by_name == colleague.user.name
    else:
        with pytest.raises(PermissionDenied):
            ask(enterprise, colleague)


def test_nobody_asks_for_another_enterprise(firm):
    with park_scope(firm[0].park_id):
        other = EnterpriseFactory(park=firm[0].park)
    with pytest.raises(PermissionDenied):
        ask(other, firm[1])


def test_one_request_at_a_time(firm):
    first = ask(firm[0], firm[1])
    with pytest.raises(changes.RequestOpen):
        ask(firm[0], firm[1], changes={"address": "Elsewhere 1"})
    with of_enterprise(firm[0]):
        changes.withdraw_change(actor(firm[1]), first, now=NOW)
    assert ask(firm[0], firm[1], changes={"address": "Elsewhere 1"}).state == ChangeRequestState.SUBMITTED


def test_withdrawn_twice_is_refused_and_changes_nothing(firm):
    request = ask(firm[0], firm[1])
    with of_enterprise(firm[0]):
        assert changes.withdraw_change(actor(firm[1]), request, now=NOW).state == ChangeRequestState.WITHDRAWN
        with pytest.raises(NotNow):
            changes.withdraw_change(actor(firm[1]), request, now=NOW)
    with pytest.raises(NotNow):
        decide(firm[2], request)


@pytest.mark.parametrize("status", ["suspended", "deregistered"])
def test_enterprise_that_is_not_active_asks_for_nothing(firm, status):
    with park_scope(firm[0].park_id):
        Enterprise.objects.filter(pk=firm[0].pk).update(status=status)
    with pytest.raises(NotNow):
        ask(firm[0], firm[1])


def test_evidence_is_kept_with_the_enterprise(firm):
    request = ask(firm[0], firm[1], evidence=SimpleUploadedFile("licence.pdf", PDF))
    assert (request.evidence.name, request.evidence.kind, request.evidence.enterprise_id) == (
        "licence.pdf",
        "evidence",
        firm[0].pk,
    )


def test_approval_writes_the_register_and_renames_places(firm):
    enterprise, owner, administrator, _reviewer = firm
    request = ask(enterprise, owner, changes={"name_en": "Beryl Works", "registered_capital": Decimal(8000000)})

    decided = decide(administrator, request)

    known = registered(enterprise)
    assert (known.name_en, known.registered_capital) == ("Beryl Works", Decimal("8000000.00"))
    assert (decided.state, decided.decision, decided.decided_by_name) == (
        ChangeRequestState.APPROVED,
        "Fine.",
        administrator.user.name,
    )
    assert Membership.objects.get(pk=owner.pk).enterprise_name_en == "Beryl Works"


def test_rejection_leaves_the_register(firm):
    decided = decide(firm[3], ask(firm[0], firm[1]), approve=False)
    assert (decided.state, decided.decision) == (ChangeRequestState.REJECTED, "No evidence.")
    assert registered(firm[0]).name_en == "Amber Works"


def test_decision_is_made_once(firm):
    request = ask(firm[0], firm[1])
    decide(firm[2], request, approve=False)
    with pytest.raises(NotNow):
        decide(firm[3], request)


@pytest.mark.parametrize("role", sorted(PARK_ROLES))
def test_registrars_decide(firm, role):
    official, request = person(role, firm[0].park), ask(firm[0], firm[1])
    if role in {Role.PARK_ADMINISTRATOR, Role.REVIEWER}:
        assert decide(official, request).state == ChangeRequestState.APPROVED
    else:
        with pytest.raises(PermissionDenied):
            decide(official, request)


@pytest.mark.parametrize("approve", [True, False])
def test_official_with_a_tie_does_not_decide(firm, approve):
    enterprise, owner, administrator, reviewer = firm
    request = ask(enterprise, owner)
    with park_scope(enterprise.park_id):
        DeclaredInterest.objects.create(
            park_id=enterprise.park_id, enterprise=enterprise, user=reviewer.user, reason="Shares", ended_at=NOW
        )
    # A place that ended after the request was filed bars as well.
    Membership.objects.create(
        user=administrator.user,
        park=enterprise.park,
        enterprise_id=enterprise.pk,
        roles=["applicant"],
        is_active=False,
        ended_at=NOW,
    )
    for official in (administrator, reviewer):
        with pytest.raises(NotImpartial):
            decide(official, request, approve)
    assert registered(enterprise).name_en == "Amber Works"


def test_desk_leaves_out_what_one_was_tied_to_within_thirty_days(firm):
    enterprise, owner, administrator, reviewer = firm
    ask(enterprise, owner)
    lately = timezone.now() - COOLING_OFF + timedelta(minutes=5)
    with park_scope(enterprise.park_id):
        DeclaredInterest.objects.create(
            park_id=enterprise.park_id, enterprise=enterprise, user=reviewer.user, reason="Shares", ended_at=lately
        )
        waiting = [desk.changes_for(actor(official)).count() for official in (administrator, reviewer)]
    assert waiting == [1, 0]


def test_approval_of_a_page_that_is_out_of_date_is_refused(firm):
    enterprise, owner, administrator, reviewer = firm
    request = ask(enterprise, owner)
    seen = facts.fingerprint(changes.shown_facts(enterprise, request))
    with park_scope(enterprise.park_id):
        update_enterprise(actor(reviewer), enterprise, changes={"name_en": "Coral Works"}, now=NOW)

    with pytest.raises(changes.FactsChanged):
        decide(administrator, request, seen=seen)
    assert registered(enterprise).name_en == "Coral Works"

    decide(administrator, request)
    assert registered(enterprise).name_en == "Beryl Works"


def test_code_of_another_enterprise_is_told_to_the_official_only(firm):
    enterprise, owner, administrator, _reviewer = firm
    with park_scope(enterprise.park_id):
        EnterpriseFactory(park=enterprise.park, credit_code=GOOD_CODE)

    request = ask(enterprise, owner, changes={"credit_code": GOOD_CODE.lower()})
    assert request.changes["credit_code"][1] == GOOD_CODE
    with pytest.raises(CodeTaken) as refused:
        decide(administrator, request)

    assert refused.value.field == "credit_code"
    with park_scope(enterprise.park_id):
        assert ChangeRequest.objects.get(pk=request.pk).state == ChangeRequestState.SUBMITTED


def test_code_is_checked_when_it_is_asked_for(firm):
    enterprise, owner, administrator, _reviewer = firm
    with pytest.raises(CodeMalformed):
        ask(enterprise, owner, changes={"credit_code": "123"})
    early = "91350200MA2YJ1XR9H"
    with pytest.raises(CodeUnconfirmed):
        ask(enterprise, owner, changes={"credit_code": early})
    decide(administrator, ask(enterprise, owner, changes={"credit_code": early}, is_code_confirmed=True))
    assert registered(enterprise).credit_code == early


def test_code_typed_in_another_way_is_no_change(firm):
    typed = f" {firm[0].credit_code[:8].lower()}-{firm[0].credit_code[8:]} "
    with pytest.raises(changes.NothingToChange):
        ask(firm[0], firm[1], changes={"credit_code": typed})


def test_registration_does_not_end_while_a_request_waits(firm):
    request = ask(firm[0], firm[1])
    with park_scope(firm[0].park_id):
        assert changes.explain_open_request(firm[0]) == [f"Change request {request.number} is not decided yet."]
    decide(firm[2], request)
    with park_scope(firm[0].park_id):
        assert changes.explain_open_request(firm[0]) == []


def letters(membership):
    return list(OutgoingMail.objects.filter(recipient=membership.user).order_by("id").values_list("subject", flat=True))


def test_mail_goes_both_ways_and_only_once(firm):
    enterprise, owner, administrator, reviewer = firm
    with park_scope(enterprise.park_id):
        DeclaredInterest.objects.create(
            park_id=enterprise.park_id, enterprise=enterprise, user=reviewer.user, reason="Shares"
        )
    certifier = person(Role.CERTIFIER, enterprise.park, enterprise.pk)
    applicant = person(Role.APPLICANT, enterprise.park, enterprise.pk)
    request = ask(enterprise, owner)
    run_outbox()
    decide(administrator, request)
    run_outbox()
    tasks.write_change_mails.delay(park_id=enterprise.park_id, change_request_id=str(request.pk))

    approved = [f"Change request {request.number} was approved"]
    assert letters(administrator) == [f"{request.number}: Amber Works asks for a change in the register"]
    assert [letters(someone) for someone in (reviewer, owner, certifier, applicant)] == [[], approved, approved, []]


def test_withdrawal_writes_to_nobody(firm):
    request = ask(firm[0], firm[1])
    with of_enterprise(firm[0]):
        changes.withdraw_change(actor(firm[1]), request, now=NOW)
    run_outbox()
    assert letters(firm[2]) == []


def test_day_of_founding_that_has_not_come_is_not_asked_for(firm):
    """At the half hour past midnight of the 21st in Shanghai, where it is still the 20th by universal time."""
    with pytest.raises(FoundingToCome):
        ask(firm[0], firm[1], changes={"established_on": date(2026, 11, 22)})
    request = ask(firm[0], firm[1], changes={"established_on": date(2026, 11, 21)})

    assert request.changes == {"established_on": ["", "2026-11-21"]}


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=12)
FACTS = st.fixed_dictionaries(dict.fromkeys(VETTED, WORDS))


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(FACTS, FACTS)
def test_applying_the_differences_gives_what_was_wanted(before, after):
    wanted = differences(before, after)
    assert all(was == before[name] for name, (was, _wanted) in wanted.items())
    assert before | {name: value for name, (_was, value) in wanted.items()} == after
    assert differences(after, after) == {}


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.one_of(st.none(), st.decimals(0, 10**15, places=2)), st.one_of(st.none(), st.dates()))
def test_facts_come_back_from_their_text(capital, founded):
    stored = {"registered_capital": capital, "established_on": founded}
    assert {name: facts.stored_value(name, facts.stored_text(name, value)) for name, value in stored.items()} == stored


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
@pytest.mark.parametrize("second", [True, False])
def test_two_officials_at_once_decide_once(second):
    enterprise, owner, administrator, reviewer = make_firm()
    request = ask(enterprise, owner)
    start = Barrier(2)

    def act(official, approve):
        start.wait()
        try:
            return decide(official, request, approve).state
        except NotNow:
            return "too late"
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as threads:
        answers = [
            future.result()
            for future in (threads.submit(act, administrator, True), threads.submit(act, reviewer, second))
        ]

    assert sorted(answers).count("too late") == 1
    won = next(answer for answer in answers if answer != "too late")
    assert registered(enterprise).name_en == ("Beryl Works" if won == "approved" else "Amber Works")


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_two_requests_at_once_make_one():
    enterprise, owner, *_officials = make_firm()
    colleague = person(Role.CERTIFIER, enterprise.park, enterprise.pk)
    start = Barrier(2)

    def act(someone):
        start.wait()
        try:
            return ask(enterprise, someone).state
        except changes.RequestOpen:
            return "refused"
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as threads:
        answers = list(threads.map(act, (owner, colleague)))

    assert sorted(answers) == ["refused", "submitted"]
