"""What everybody writes is no evidence, a list of guesses keeps few waiting, and one answer closes what is alike."""

from __future__ import annotations

import sys
import threading

import pytest
from structlog.testing import capture_logs

from enterprises.models import DeclaredInterest
from incentives import queries, services
from incentives.choices import DuplicateVerdict
from incentives.models import Duplicate
from incentives.services import DuplicateUnanswered, Incomplete, Invalid, StateChanged, TooManyNumbers
from parks.choices import Role
from tenancy.models import OutboxEvent
from tenancy.scopes import park_scope, platform_scope
from tests.incentives.cases import NOW, accept, acting_as, approve
from tests.incentives.claimed import FIELDS, answer, approve_now, compared_at, filed, found, kept, set_compared
from tests.incentives.pages import address
from tests.incentives.test_concurrency import at_once, refused, wait_until_somebody_waits
from tests.incentives.test_services_programmes import create, publish
from tests.scene import build_firm

pytestmark = pytest.mark.django_db
MODEL = [["Y2-160M", "11"]]


@pytest.fixture
def version(scene):
    return publish(scene, create(scene, form_fields=FIELDS))


@pytest.fixture
def firms(scene):
    return [build_firm(scene.ours.park, scene.ours.version, f"Firm {place}") for place in range(4)]


def set_limit(monkeypatch, module, name, limit):
    monkeypatch.setattr(sys.modules[f"incentives.{module}.duplicates"], name, limit)


def test_number_that_everybody_writes_is_no_evidence(scene, version, firms, monkeypatch):
    """A model of motors where the number of one is asked for."""
    set_limit(monkeypatch, "queries", "MOST_SHARING", 2)
    cases = [filed(firm, version, answer_machines=MODEL) for firm in firms]
    assert [len(found(case)) for case in cases] == [0, 1, 0, 0]
    assert found(cases[0]) == []
    assert [row.gone_at for row in kept(scene.ours)] == [NOW]


def is_to_be_compared(application):
    """By the worker within the hour, whatever was lost. What waits for answers would take the room of what was lost."""
    with park_scope(application.park_id):
        return application.pk in queries.uncompared(application.park_id, 100)


def test_list_of_guesses_keeps_few_waiting_and_itself(scene, version, firms, monkeypatch, run_outbox):
    set_limit(monkeypatch, "services", "MOST_ASKED", 2)
    side = scene.ours
    rivals = [filed(firm, version, answer_invoice=str(4400 + place)) for place, firm in enumerate(firms[:3])]
    for case in rivals:
        found(case)
    rivals = [accept(side, case) for case in rivals]
    guess = filed(side.neighbour, version, answer_invoice=",".join(str(4400 + place) for place in range(50)))
    asked = found(guess)
    assert [row.earlier_id for row in asked] == [rivals[0].pk, rivals[1].pk]
    assert compared_at(guess) is None
    assert approve(side, rivals[2]).approved_cny == 1000
    for case in rivals[:2]:
        with pytest.raises(DuplicateUnanswered):
            approve(side, case)
    # What the filings and the approval announced is lost: the answers alone have it asked further.
    with platform_scope():
        OutboxEvent.objects.update(dispatched_at=NOW)
    assert (compared_at(guess), is_to_be_compared(guess)) == (None, False)
    for row in asked:
        answer(side.staff[Role.REVIEWER], row)
    assert is_to_be_compared(guess)
    run_outbox()
    assert [row.earlier_id for row in kept(side) if row.is_open] == [rivals[2].pk]
    assert compared_at(guess) is not None


def decoys(rows=8, of_each=50):
    """A table of so many rows, each with so many numbers in its first cell."""
    return [[",".join(str(10_000 + row * of_each + place) for place in range(of_each)), "11"] for row in range(rows)]


RIVALS = [["YX3-160M-0007", "11"]]


def test_more_numbers_than_are_compared_are_not_filed(scene, version):
    """Behind decoys nobody would look for the number of a rival."""
    side = scene.ours
    with pytest.raises(Incomplete) as refused:
        filed(side.firm, version, answer_machines=decoys() + RIVALS)
    (missing,) = refused.value.missing
    assert (missing.field, missing.message) == (
        "answer_machines",
        "The answers hold 401 different numbers, and no more than 400 can be compared with other applications."
        " Give only those of this project.",
    )
    assert filed(side.neighbour, version, answer_machines=[*decoys(7), *RIVALS]).state == "submitted"


def test_last_number_that_is_compared_is_found(scene, version):
    """The same decoys, fewer by one."""
    side = scene.ours
    rival = filed(side.neighbour, version, answer_machines=RIVALS)
    ours = filed(side.firm, version, answer_machines=[*decoys(7), *decoys(1, 49), *RIVALS])
    found(rival)
    assert [row.earlier_id for row in found(ours)] == [rival.pk]
    assert compared_at(ours) == NOW


def test_filing_with_too_many_numbers_is_not_compared_and_not_granted(scene, version, monkeypatch, client_of):
    """Filed while more were taken: those behind the last one could be anybody's."""
    side = scene.ours
    with monkeypatch.context() as taking_more:
        taking_more.setattr("incentives.services.claimed_numbers.MOST_NUMBERS", 500)
        case = filed(side.firm, version, answer_machines=decoys() + RIVALS)
    with capture_logs() as log:
        found(case)
    assert [(entry["event"], entry["count"]) for entry in log] == [("too_many_numbers_to_compare", 401)]
    assert compared_at(case) is None
    words = (
        "It gives 401 numbers, and no more than 400 can be compared with other applications. Return it, so that the"
        " enterprise names only those of this project."
    )
    page = client_of(side.staff[Role.REVIEWER]).get(address("review_detail", application_id=case.pk))
    assert words in page.content.decode()
    case = accept(side, case)
    # What was taken for compared when numbers were left out in silence.
    for at in (None, NOW):
        set_compared(case, at)
        with pytest.raises(TooManyNumbers) as refused:
            approve_now(side, case)
        assert refused.value.message == words


@pytest.fixture
def rows(scene, version, firms):
    """Three that share a model; the first two an invoice as well."""
    told = [{"answer_invoice": "INV 77"}, {"answer_invoice": "INV 77"}, {}]
    for firm, own in zip(firms, told, strict=False):
        found(filed(firm, version, answer_machines=MODEL, **own))
    found_rows = kept(scene.ours)
    assert sorted(len(row.evidence) for row in found_rows) == [1, 1, 2]
    return sorted(found_rows, key=lambda row: len(row.evidence))


def verdicts(side):
    return {row.pk: (row.verdict, row.reason) for row in kept(side)}


MODEL_ANSWER = ("different", "A model of motors.")


def answer_all(member, row, others, verdict=DuplicateVerdict.DIFFERENT):
    """As from a page that named these others."""
    with acting_as(member) as actor:
        return services.answer_duplicate(
            actor,
            row,
            verdict=verdict,
            reason="A model of motors.",
            seen=services.evidence_mark(row),
            now=NOW,
            for_all=True,
            seen_others=services.pairs_mark(others),
        )


def test_one_answer_closes_all_pairs_of_one_number(scene, rows):
    side, (one, other, more) = scene.ours, rows
    reviewer = side.staff[Role.REVIEWER]
    with pytest.raises(Invalid) as refused:
        answer_all(reviewer, one, [other], DuplicateVerdict.SAME)
    assert refused.value.field == "for_all"
    assert [row.pk for row in answer_all(reviewer, one, [other])] == [one.pk, other.pk]
    assert verdicts(side) == {one.pk: MODEL_ANSWER, other.pk: MODEL_ANSWER, more.pk: ("", "")}
    with park_scope(side.park.pk):
        user = reviewer.user
        assert set(Duplicate.objects.exclude(verdict="").values_list("answered_by", "answered_by_name")) >= {
            (user.pk, user.name)
        }


def test_pairs_that_the_page_did_not_name_are_not_answered(scene, rows):
    side, (one, other, more) = scene.ours, rows
    for named in ([], [other, more]):
        with pytest.raises(StateChanged, match="others since you opened this"):
            answer_all(side.staff[Role.REVIEWER], one, named)
    assert set(verdicts(side).values()) == {("", "")}


def test_tie_to_one_of_the_others_keeps_that_pair_open(scene, rows):
    side, (one, other, more) = scene.ours, rows
    firms = ({row.later.enterprise_id, row.earlier.enterprise_id} for row in (one, other))
    (firm_id,) = set.difference(*reversed(list(firms)))
    reviewer = side.staff[Role.REVIEWER]
    with acting_as(reviewer) as actor:
        assert queries.answered_together(actor, one) == [other]
    with park_scope(side.park.pk):
        DeclaredInterest.objects.create(park=side.park, enterprise_id=firm_id, user=reviewer.user, reason="Shares")
    with acting_as(reviewer) as actor:
        assert queries.answered_together(actor, one) == []
    with pytest.raises(StateChanged):
        answer_all(reviewer, one, [other])
    assert answer_all(reviewer, one, []) == [one]
    assert verdicts(side) == {one.pk: MODEL_ANSWER, other.pk: ("", ""), more.pk: ("", "")}


def test_pairs_of_a_case_that_others_decide_are_not_offered(scene, rows):
    """Of two accepted cases an approver says it, not who accepted them."""
    side, (one, other, _more) = scene.ours, rows
    for case in {case.pk: case for row in rows for case in (row.later, row.earlier)}.values():
        accept(side, case)
    offered = {}
    for role in (Role.REVIEWER, Role.APPROVER):
        with acting_as(side.staff[role]) as actor:
            found_again = queries.duplicates(actor).get(pk=one.pk)
            offered[role] = queries.answered_together(actor, found_again)
    assert offered == {Role.REVIEWER: [], Role.APPROVER: [other]}


def test_answer_closes_so_many_pairs_and_asks_the_same_of_any_number(
    scene, version, firms, monkeypatch, django_assert_num_queries
):
    side = scene.ours
    for firm in firms:
        found(filed(firm, version, answer_machines=MODEL))
    one, *others = sorted(kept(side), key=lambda row: row.pk)
    assert len(others) == 5
    reviewer = side.staff[Role.REVIEWER]
    with acting_as(reviewer) as actor:
        for most, count in ((2, 2), (200, 5)):
            set_limit(monkeypatch, "queries", "MOST_ANSWERED", most)
            with django_assert_num_queries(4):
                assert queries.answered_together(actor, one) == others[:count]
    with django_assert_num_queries(20):
        assert answer_all(reviewer, one, others) == [one, *others]


def test_page_offers_to_answer_all_pairs_of_one_number(scene, rows, client_of):
    side, (one, other, more) = scene.ours, rows
    client = client_of(side.staff[Role.REVIEWER])
    url = address("duplicate_detail", duplicate_id=one.pk)
    page = client.get(url)
    text = page.content.decode()
    assert "Further pairs that share nothing but this, and are not the same either: 1" in text
    assert f"{other.later.number} · {other.earlier.number}" in text
    assert address("duplicate_detail", duplicate_id=more.pk) not in text
    drawn = page.context["form"].initial
    typed = {"verdict": "different", "reason": "A model of motors.", "for_all": "on"}
    stale = client.post(url, {**typed, "seen": drawn["seen"], "seen_others": "0" * 64})
    form = stale.context["form"]
    assert (stale.status_code, form["seen_others"].value()) == (422, drawn["seen_others"])
    assert client.post(url, {**typed, **drawn}).status_code == 302
    assert verdicts(side) == {one.pk: MODEL_ANSWER, other.pk: MODEL_ANSWER, more.pk: ("", "")}


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_pair_that_comes_to_share_more_meanwhile_is_not_answered(scene, rows):
    """The worker writes further evidence while the official answers: what was alike when it was asked is not, when it
    is held.
    """
    side, (one, other, more) = scene.ours, rows
    has_written = threading.Event()

    def find_more():
        with park_scope(side.park.pk):
            Duplicate.objects.filter(pk=other.pk).update(evidence=more.evidence)
            has_written.set()
            wait_until_somebody_waits()

    def answer_it():
        assert has_written.wait(timeout=20)
        return answer_all(side.staff[Role.REVIEWER], one, [other])

    assert refused(at_once(find_more, answer_it)) == ["state_changed"]
    assert set(verdicts(side).values()) == {("", "")}


def test_one_enterprise_makes_no_number_common(scene, version, monkeypatch):
    """Filing the same again and again would otherwise take the evidence away."""
    set_limit(monkeypatch, "queries", "MOST_SHARING", 1)
    firm = scene.ours.firm
    cases = [filed(firm, version, answer_invoice="4711") for _again in range(3)]
    assert [len(found(case)) for case in cases] == [0, 1, 2]
