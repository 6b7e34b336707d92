"""The list of work, the page of an issue and the decisions, as people and programs meet them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from energy.models import ChannelRule, IntervalBlock, ReadingAct, ReadingIssue
from energy.services import quality
from enterprises.models import DeclaredInterest
from parks.choices import ENTERPRISE_ROLES, PARK_ROLES, Role
from tenancy.scopes import park_scope
from tests.clients import signed_in_client
from tests.enterprises.test_api import call
from tests.factories.measured import channel, meter
from tests.factories.quality import FIRST, check, usual, usual_days, with_changes

pytestmark = pytest.mark.django_db
DAY = FIRST + timedelta(days=10)
READERS = {Role.PARK_ADMINISTRATOR, Role.PARK_ENERGY_MANAGER, Role.AUDITOR}
# The frame with what waits; the rows counted, their page, the person's views.
LIST_QUERIES = 10 + 3


@pytest.fixture
def issue(side):
    """Four hours are missing of a day of the first enterprise's second meter."""
    with park_scope(side.park.pk):
        head = meter(side.park, side.firm.enterprise, name="Furnace", serial="F-1")
        counted = channel(head, interval_minutes=60)
        usual_days(counted, 16, changed={DAY: with_changes(DAY, dict.fromkeys(range(6, 10)))})
        check(counted, DAY)
        return ReadingIssue.objects.get(channel=counted)


@pytest.fixture
def manager(side):
    return signed_in_client(side.staff[Role.PARK_ENERGY_MANAGER])


def page(name, issue):
    return reverse(f"energy:{name}", kwargs={"reading_issue_id": issue.pk})


def now_of(side, issue):
    with park_scope(side.park.pk):
        return ReadingIssue.objects.get(pk=issue.pk)


@pytest.mark.parametrize("role", sorted(PARK_ROLES | ENTERPRISE_ROLES))
def test_list_is_for_those_who_read_meters_and_decisions_for_the_manager(side, issue, role):
    is_own = role in ENTERPRISE_ROLES
    client = signed_in_client(side.firm.people[role] if is_own else side.staff[role])
    listed = client.get(reverse("energy:issue_list"))
    assert listed.status_code == (200 if is_own or role in READERS else 403)
    if listed.status_code == 200:
        assertContains(listed, "Furnace")
    acts = [client.get(page(f"issue_{act}", issue)).status_code for act in ("accept", "ask", "edit", "estimate")]
    assert acts == [200 if role == Role.PARK_ENERGY_MANAGER else 403] * 4


def test_neighbour_sees_nothing_of_it(side, issue):
    client = signed_in_client(side.neighbour.people[Role.ENERGY_MANAGER])
    assertNotContains(client.get(reverse("energy:issue_list")), "Furnace")
    assert client.get(page("issue_detail", issue)).status_code == 404


def test_list_is_narrowed_and_handed_out(side, manager, issue):
    address = reverse("energy:issue_list")
    assertContains(manager.get(address, {"q": "furnace", "rule": "missing", "severity": "warning"}), "Furnace")
    for query in ({"q": "nobody"}, {"rule": "spike"}, {"state": "accepted"}, {"severity": "critical"}):
        assertContains(manager.get(address, query), "Nothing fits these filters.")
    body = manager.get(address, {"export": "csv", "q": "F-1"}).content.decode("utf-8-sig")
    assert body.splitlines()[1].startswith('"Furnace","2026-10-22","Readings are missing","4","Warning","To decide"')


def test_list_asks_as_much_for_thirty_as_for_one(side, manager, issue, django_assert_num_queries):
    address = reverse("energy:issue_list")
    manager.get(address)
    with django_assert_num_queries(LIST_QUERIES):
        manager.get(address)
    with park_scope(side.park.pk):
        told = ReadingIssue.objects.filter(pk=issue.pk).values().get()
        del told["id"]
        ReadingIssue.objects.bulk_create(
            ReadingIssue(**{**told, "day": DAY + timedelta(days=step)}) for step in range(1, 31)
        )
    with django_assert_num_queries(LIST_QUERIES):
        manager.get(address)


def test_estimate_is_shown_first_and_written_as_shown(side, manager, issue):
    shown = manager.get(page("issue_estimate", issue))
    assertContains(shown, "Worked out by the mean of days like it")
    with park_scope(side.park.pk):
        assert IntervalBlock.objects.get(channel=issue.channel_id, day=DAY).values[6] is None
    form = {"round": "1", "shown": shown.context["fingerprint"], "total": "", "reason": ""}
    again = manager.post(page("issue_estimate", issue), {**form, "total": "80", "preview": "1"})
    assertContains(again, "brought to a known total")
    written = manager.post(page("issue_estimate", issue), form, follow=True)
    assertContains(written, "The readings are estimated and marked so")
    with park_scope(side.park.pk):
        assert IntervalBlock.objects.get(channel=issue.channel_id, day=DAY).values == usual(DAY)


def test_estimate_that_was_not_shown_is_refused(side, manager, issue):
    refused = manager.post(page("issue_estimate", issue), {"round": "1", "shown": "0" * 32, "total": "", "reason": ""})
    assertContains(refused, "Look at the new one", status_code=422)
    assert now_of(side, issue).state == "open"


def test_edit_needs_values_and_a_reason(side, manager, issue):
    values = {f"value_{place}": "12.5" for place in range(6, 10)}
    for given in ({**values, "reason": ""}, {**values, "value_7": "much", "reason": "dial"}):
        assert manager.post(page("issue_edit", issue), {"round": "1", **given}).status_code == 422
    manager.post(page("issue_edit", issue), {"round": "1", **values, "reason": "By the dial"})
    assert now_of(side, issue).state == "edited"
    assertContains(manager.get(page("issue_detail", issue)), "By the dial")


def test_decision_from_an_old_page_is_told_so(side, manager, issue):
    with park_scope(side.park.pk):
        ReadingIssue.objects.filter(pk=issue.pk).update(round=2)
    refused = manager.post(page("issue_accept", issue), {"round": "1", "reason": "fine"})
    assertContains(refused, "Somebody else decided this meanwhile", status_code=422)


def test_decision_is_undone_from_its_page(side, manager, issue):
    manager.post(page("issue_accept", issue), {"round": "1", "reason": "Works holiday"})
    with park_scope(side.park.pk):
        act = ReadingAct.objects.get(issue=issue)
    undo = reverse("energy:act_undo", kwargs={"reading_act_id": act.pk})
    assertContains(manager.post(undo, {"round": "1"}, follow=True), "Somebody else decided this meanwhile")
    assertContains(manager.post(undo, {"round": "2"}, follow=True), "what was there before stands again")
    assert now_of(side, issue).state == "open"


def test_rules_of_a_channel_are_set_by_the_manager(side, manager, issue):
    address = reverse("energy:channel_rules", kwargs={"channel_id": issue.channel_id})
    form = manager.get(address).context["form"]
    given = {name: field.initial for name, field in form.fields.items() if field.initial is not False}
    given["frozen_threshold"] = "240"
    del given["spike_on"]
    assert manager.post(address, given).status_code == 302
    with park_scope(side.park.pk):
        settings = quality.rules_of(now_of(side, issue).channel)
    assert (settings["frozen"].threshold, settings["spike"].is_on, settings["zero"].is_on) == (240, False, True)
    assert manager.post(address, {**given, "frozen_threshold": "-1"}).status_code == 422


def test_api_decides_by_the_same_rules(side, issue):
    send = call(side.staff[Role.PARK_ENERGY_MANAGER])
    path = f"/reading-issues/{issue.pk}/"
    listed = [row for row in send("GET", "/reading-issues/").json()["results"] if row["id"] == str(issue.pk)]
    assert [(row["day"], row["rule"], row["places"], row["round"]) for row in listed] == [
        (DAY.isoformat(), "missing", [6, 7, 8, 9], 1)
    ]
    refused = send("POST", f"{path}accept/", {"expected_round": 9, "reason": "x"})
    assert refused.status_code == 409
    told = send("POST", f"{path}estimate/", {"expected_round": 1, "total": 80}).json()
    assert (told["state"], round(sum(told["acts"][0]["after"]), 6)) == ("estimated", 80.0)
    undone = send("POST", f"/reading-acts/{told['acts'][0]['id']}/undo/", {"expected_round": told["round"]}).json()
    assert undone["state"] == "open"
    edited = send(
        "POST",
        f"{path}edit/",
        {"expected_round": undone["round"], "reason": "dial", "values": {str(place): 1.5 for place in range(6, 10)}},
    ).json()
    assert (edited["state"], edited["acts"][-1]["after"]) == ("edited", [1.5] * 4)
    own = call(side.firm.people[Role.ENERGY_MANAGER])
    assert own("GET", path).status_code == 200
    assert own("POST", f"{path}accept/", {"expected_round": 1, "reason": "x"}).status_code == 403
    assert call(side.neighbour.people[Role.ENERGY_MANAGER])("GET", path).status_code == 404


def test_totals_tell_the_share_that_is_estimated(side, manager, issue):
    """Of the 744 hours of October 380 were measured and 4 are estimated."""
    channel_page = reverse("energy:channel_detail", kwargs={"channel_id": issue.channel_id})
    assertContains(manager.get(channel_page, {"on": DAY.isoformat()}), "waits for a decision")
    manager.post(page("issue_estimate", issue), {"round": "1", "shown": "", "total": "", "reason": ""})
    shown = manager.get(channel_page, {"on": DAY.isoformat()})
    assertNotContains(shown, "waits for a decision")
    (october,) = [row for row in shown.context["month_table"]["rows"] if row["word"] == "2026-10"]
    assert (round(october["percent"], 2), october["estimated"]) == (round(380 / 744 * 100, 2), "0.5\u2009% estimated")
    month = manager.get(reverse("energy:energy_overview"), {"month": "2026-10"})
    assertContains(month, "estimated")


def test_official_with_an_interest_does_not_say_what_is_looked_for(side, issue, manager):
    with park_scope(side.park.pk):
        DeclaredInterest.objects.create(
            park=side.park,
            enterprise=side.firm.enterprise,
            user_id=side.staff[Role.PARK_ENERGY_MANAGER].user_id,
            reason="Shares",
        )
    address = reverse("energy:channel_rules", args=[issue.channel_id])
    form = manager.get(address).context["form"]
    given = {bound.html_name: bound.value() for bound in form if bound.value() is not None}
    del given["spike_on"]
    answer = manager.post(address, given)
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["__all__"])
    with park_scope(side.park.pk):
        assert not ChannelRule.objects.exists()


@pytest.mark.parametrize("state", ["\x00", "nonsense"])
def test_state_that_there_is_none_of_is_refused_by_the_api(side, issue, state):
    answer = call(side.staff[Role.PARK_ENERGY_MANAGER])("get", f"/reading-issues/?state={state}")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "unknown_state")
