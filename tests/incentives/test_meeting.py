"""The decision meeting: the ranking and its line, and decisions made together or not at all."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from incentives import queries, services
from incentives.calculations import score_panel
from incentives.choices import ApplicationState, Outcome, Stage
from incentives.models import Application, ApplicationStep, PanelSeat, Programme, Review
from incentives.models.programmes import usual_stages
from incentives.queries import Order
from incentives.services import Verdict
from parks.choices import Role
from tenancy.scopes import enterprise_scope, park_scope
from tests.factories.filing import ApplicationFactory, submitted
from tests.factories.people import person
from tests.incentives.cases import NOW, accept, acting_as, file, give_budget, unlike
from tests.incentives.pages import address, problems_of
from tests.incentives.test_stages import with_stages
from tests.scene import build_firm

pytestmark = pytest.mark.django_db
MEETING_QUERIES = 16


def many(side, count):
    """Accepted applications of the side's first firm."""
    firm = side.firm
    with enterprise_scope(side.park.pk, firm.enterprise.pk):
        # The draft that stands is in the way of others.
        Application.objects.filter(pk=firm.draft.pk).update(state="withdrawn")
        owned = {
            "park": side.park,
            "enterprise": firm.enterprise,
            "programme_version": side.version,
            "started_by": firm.people[Role.APPLICANT].user,
        }
        filed = [
            submitted(
                ApplicationFactory(**owned, project_title=unlike()),
                f"OURS-2026-{number:04}",
                NOW + timedelta(minutes=number),
            )
            for number in range(count)
        ]
    return [accept(side, application) for application in filed]


def verdicts(cases, amount="1000.00", words="Decided together.", **others):
    return [
        Verdict(case, case.round, others.get(f"at_{place}", Decimal(amount)), words)
        for place, case in enumerate(cases, 1)
    ]


def states(side, cases):
    with park_scope(side.park.pk):
        found = Application.objects.filter(pk__in=[case.pk for case in cases])
        return sorted(found.values_list("state", flat=True))


def traces(side):
    """How many rows of every kind a decision would have left."""
    with park_scope(side.park.pk):
        committed = Programme.objects.get(pk=side.programme.pk).committed_cny
        return (
            committed,
            Review.objects.filter(stage=Stage.DECISION).count(),
            ApplicationStep.objects.count(),
        )


def test_fifty_are_decided_together_or_none(scene):
    side = scene.ours
    cases = many(side, 50)
    before = traces(side)
    with acting_as(side.staff[Role.APPROVER]) as actor:
        too_much = verdicts(cases, at_25=Decimal("1500000.01"))
        with pytest.raises(services.BatchRefused, match=r"OURS-2026-0024: The amount must not be above") as refused:
            services.decide_together(actor, too_much, now=NOW)
    assert refused.value.application_id == cases[24].pk
    assert states(side, cases) == [ApplicationState.ACCEPTED] * 50
    assert traces(side) == before
    with acting_as(side.staff[Role.APPROVER]) as actor:
        services.decide_together(actor, verdicts(cases), now=NOW)
    assert states(side, cases) == [ApplicationState.APPROVED] * 50
    assert traces(side) == (before[0] + Decimal("50000.00"), before[1] + 50, before[2] + 50)


def test_budget_that_ends_within_a_batch_takes_all_of_it_back(scene):
    side = scene.ours
    with park_scope(side.park.pk):
        give_budget(side.programme, "2500.00")
    cases = many(side, 3)
    with acting_as(side.staff[Role.APPROVER]) as actor:
        outlooks = services.foresee(actor, verdicts(cases), now=NOW)
        assert [(one.state, one.refusal) for one in outlooks] == [
            ("approved", ""),
            ("approved", ""),
            ("", "Only ¥500.00 of the budget is left."),
        ]
        with pytest.raises(services.BatchRefused, match=r"Only ¥500\.00"):
            services.decide_together(actor, verdicts(cases), now=NOW)
    assert states(side, cases) == [ApplicationState.ACCEPTED] * 3


def test_preview_leaves_nothing_behind(scene):
    side = scene.ours
    cases = many(side, 2)
    before = traces(side)
    with acting_as(side.staff[Role.APPROVER]) as actor:
        services.foresee(actor, verdicts(cases), now=NOW)
    assert traces(side) == before
    assert states(side, cases) == [ApplicationState.ACCEPTED] * 2


def test_four_eyes_hold_in_a_batch(scene):
    side = scene.ours
    cases = many(side, 2)
    both = side.staff[Role.REVIEWER]
    both.roles = [Role.REVIEWER, Role.APPROVER]
    both.save(update_fields=["roles"])
    with acting_as(both) as actor, pytest.raises(services.BatchRefused, match="Four eyes"):
        services.decide_together(actor, verdicts(cases), now=NOW)


def test_batch_about_an_older_round_is_refused(scene):
    side = scene.ours
    (case,) = many(side, 1)
    with acting_as(side.staff[Role.APPROVER]) as actor, pytest.raises(services.BatchRefused, match="has filed round 1"):
        services.decide_together(actor, [Verdict(case, 0, Decimal(1), "Less.")], now=NOW)


def test_batch_has_an_end(scene):
    side = scene.ours
    (case,) = many(side, 1)
    with acting_as(side.staff[Role.APPROVER]) as actor, pytest.raises(services.BatchTooLarge):
        services.decide_together(actor, verdicts([case] * 101), now=NOW)


# The ranking.


@pytest.fixture
def three(scene):
    """Of a cheap, a dear and a middling saving, in this order of submission."""
    side = scene.ours
    savings = (Decimal(3000), Decimal(3200), Decimal(800))
    cases = []
    for number, saving in enumerate(savings):
        firm = build_firm(side.park, side.version, f"Firm {number}")
        answers = {"saving_tce": saving, "project_title": unlike()}
        cases.append(accept(side, file(firm, NOW + timedelta(minutes=number), **answers)))
    return cases


def ranking(side, order):
    with acting_as(side.staff[Role.APPROVER]) as actor:
        return list(queries.ranked(actor, Programme.objects.get(pk=side.programme.pk), order))


def reach(side, order, budget):
    with acting_as(side.staff[Role.APPROVER]) as actor:
        rows = queries.ranked(actor, Programme.objects.get(pk=side.programme.pk), order)
        found = queries.reach_of(rows, Decimal(budget))
    return (found.count, found.asked_cny, found.reached, found.spent_cny)


def test_line_is_drawn_where_the_budget_ends(scene, three):
    rows = ranking(scene.ours, Order.SUBMITTED)
    assert [(row.pk, row.place, row.amount_cny, row.sum_cny) for row in rows] == [
        (three[0].pk, 1, Decimal("1500000.00"), Decimal("1500000.00")),
        (three[1].pk, 2, Decimal("1500000.00"), Decimal("3000000.00")),
        (three[2].pk, 3, Decimal("400000.00"), Decimal("3400000.00")),
    ]
    asked = Decimal("3400000.00")
    assert reach(scene.ours, Order.SUBMITTED, "3000000") == (3, asked, 2, Decimal("3000000.00"))
    # The third would fit, but stands behind.
    assert reach(scene.ours, Order.SUBMITTED, "2999999.99") == (3, asked, 1, Decimal("1500000.00"))
    assert reach(scene.ours, Order.SUBMITTED, "0") == (3, asked, 0, Decimal(0))
    assert reach(scene.others, Order.SUBMITTED, "1") == (0, Decimal(0), 0, Decimal(0))


def test_ranking_by_yield_puts_the_cheapest_saving_first(scene, three):
    rows = ranking(scene.ours, Order.YIELD)
    assert [(row.pk, row.yuan_per_tce) for row in rows] == [
        (three[1].pk, Decimal("468.75")),
        (three[0].pk, Decimal(500)),
        (three[2].pk, Decimal(500)),
    ]


def scored(side, application, scores, *, number=1, expert=None, **more):
    """A seat with what it gave, however it came about."""
    expert = expert or person(Role.EXPERT, side.park).user
    with park_scope(side.park.pk):
        PanelSeat.objects.create(
            park=side.park,
            application_id=application.pk,
            expert=expert,
            expert_name="Expert",
            round=number,
            assigned_at=NOW,
            scores=scores,
            **{"scored_at": NOW, **more},
        )


def case_with_criteria(side, *criteria):
    """An application that awaits its decision under a version that asks its experts for these."""
    rows = [{"name_en": "A", "name_zh": "甲", "weight": weight, "most": most} for weight, most in criteria]
    with park_scope(side.park.pk):
        Programme.objects.filter(pk=side.programme.pk).update(criteria=rows)
    return accept(side, file(with_stages(side, usual_stages())))


def test_ranking_by_score_takes_the_latest_round_of_seats_that_stayed(scene):
    side = scene.ours
    first = case_with_criteria(side, (3, 10), (1, 20))
    version = first.programme_version
    cases = [first, *(accept(side, file(build_firm(side.park, version, f"Firm {n}"))) for n in range(2))]
    scored(side, cases[0], ["10", "20"], number=1)
    scored(side, cases[0], ["8.0", "10.0"], number=2)
    scored(side, cases[0], ["6.0", "20.0"], number=2)
    scored(side, cases[0], ["0", "0"], number=2, scored_at=None, left_at=NOW)
    scored(side, cases[1], ["9", "10"])
    scored(side, cases[2], ["9", None], scored_at=None)
    rows = ranking(side, Order.SCORE)
    assert [(row.pk, row.score) for row in rows] == [
        (cases[1].pk, Decimal("80.00")),
        (cases[0].pk, Decimal("71.25")),
        (cases[2].pk, None),
    ]


POINTS = st.decimals(0, 10, places=1)
ROUNDS = count(1)


@pytest.fixture
def case_of_three(scene):
    return case_with_criteria(scene.ours, (3, 10), (1, 20), (7, 30))


@pytest.fixture
def panel_of_five(scene):
    return [person(Role.EXPERT, scene.ours.park).user for _ in range(5)]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seats=st.lists(st.tuples(POINTS, POINTS, POINTS), min_size=1, max_size=5))
def test_database_scores_as_the_panel_does(scene, case_of_three, panel_of_five, seats):
    number = next(ROUNDS)
    for expert, row in zip(panel_of_five, seats, strict=False):
        scored(scene.ours, case_of_three, [str(score) for score in row], number=number, expert=expert)
    total = score_panel(case_of_three.programme_version.criteria, seats).total
    assert [row.score for row in ranking(scene.ours, Order.SCORE)] == [total]


def test_half_a_hundredth_is_rounded_up_by_both(scene):
    """100 × (1 × 6.4 ÷ 30 + 3 × 92.5 ÷ 180) ÷ 4 is 43.875, of means that have no end."""
    case = case_with_criteria(scene.ours, (1, 10), (3, 60))
    rows = [["2.0", "30"], ["2.2", "30"], ["2.2", "32.5"]]
    for row in rows:
        scored(scene.ours, case, row)
    total = score_panel(case.programme_version.criteria, [[Decimal(one) for one in row] for row in rows]).total
    assert ([row.score for row in ranking(scene.ours, Order.SCORE)], total) == ([Decimal("43.88")], Decimal("43.88"))


def test_approval_of_a_colleague_sets_the_amount(scene, three):
    side = scene.ours
    with acting_as(side.staff[Role.APPROVER]) as actor:
        Review.objects.create(
            park=side.park,
            application=three[0],
            stage=Stage.DECISION,
            outcome=Outcome.APPROVED,
            round=1,
            amount_cny=Decimal("900000.00"),
            decided_by_id=actor.user_id,
            decided_by_name=actor.name,
            decided_at=NOW,
        )
    first = ranking(side, Order.SUBMITTED)[0]
    assert (first.approvals, first.amount_cny, first.yuan_per_tce) == (1, Decimal("900000.00"), Decimal(300))


def test_meeting_page_asks_what_if(scene, three, client_of):
    side = scene.ours
    url = address("decision_meeting", programme_id=side.programme.pk)
    client = client_of(side.staff[Role.APPROVER])
    page = client.get(url, {"order": "submitted", "budget": "3,000,000"})
    assert (page.context["reach"].reached, page.context["reach"].spent_cny, page.context["rest"]) == (2, 3_000_000, 0)
    assert [line["is_first_beyond"] for line in page.context["lines"]] == [False, False, True]
    assert "Here the budget of" in page.content.decode()
    auditor = client_of(side.staff[Role.AUDITOR]).get(url)
    assert 'name="chosen"' not in auditor.content.decode()
    assert client_of(side.staff[Role.EXPERT]).get(url).status_code == 403
    assert client_of(scene.others.staff[Role.APPROVER]).get(url).status_code == 404


def test_what_if_that_makes_no_sense_is_said_and_ranks_as_usual(scene, three, client_of):
    side = scene.ours
    client = client_of(side.staff[Role.APPROVER])
    page = client.get(address("decision_meeting", programme_id=side.programme.pk), {"order": "??", "budget": "-5"})
    assert page.status_code == 422
    assert set(problems_of(page.context["form"])) == {"order", "budget"}
    assert (page.context["is_what_if"], len(page.context["lines"])) == (False, 3)


def test_meeting_turns_pages_and_counts_all(scene, client_of, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(services, "MOST_TOGETHER", 2)
    side = scene.ours
    many(side, 5)
    client = client_of(side.staff[Role.APPROVER])
    url = address("decision_meeting", programme_id=side.programme.pk)
    client.get(url)
    with django_assert_num_queries(MEETING_QUERIES):
        last = client.get(url, {"page": "3", "order": "submitted", "budget": "4000000"})
    assert [line["row"].place for line in last.context["lines"]] == [5]
    assert last.context["reach"].count == 5
    with django_assert_num_queries(MEETING_QUERIES):
        first = client.get(url, {"order": "submitted"})
    assert [line["row"].place for line in first.context["lines"]] == [1, 2]
    assert first.content.decode().count('name="chosen"') == 2


def test_meeting_sends_one_field_for_each_chosen_row(scene, three, client_of):
    page = client_of(scene.ours.staff[Role.APPROVER]).get(
        address("decision_meeting", programme_id=scene.ours.programme.pk)
    )
    names = set(re.findall(r'<input[^>]* name="([^"]+)"', page.content.decode().partition("data-batch>")[2]))
    assert names == {"csrfmiddlewaretoken", "chosen"}


def chosen(cases, **more):
    amounts = {f"amount_{case.pk}": "1,000.00" for case in cases}
    rows = [f"{case.pk}:{case.round}" for case in cases]
    return {"chosen": rows, "act": "approve", "words": "Decided together.", **amounts, **more}


def test_meeting_decides_after_a_preview(scene, three, client_of):
    side = scene.ours
    client = client_of(side.staff[Role.APPROVER])
    url = address("decision_batch", programme_id=side.programme.pk)
    preview = client.post(url, chosen(three))
    assert (preview.status_code, preview.context["total"], preview.context["may_confirm"]) == (200, 3000, True)
    assert states(side, three) == [ApplicationState.ACCEPTED] * 3
    again = [value for name, value in preview.context["again"] if name == "chosen"]
    amounts = {case["amount"].html_name: case["amount"].value() for case in preview.context["cases"]}
    sent = {**amounts, "act": "approve", "chosen": again, "words": "Decided together.", "sure": "1"}
    assert client.post(url, sent).url == address("decision_meeting", programme_id=side.programme.pk)
    assert states(side, three) == [ApplicationState.APPROVED] * 3


def test_preview_proposes_what_is_asked_for(scene, three, client_of):
    side = scene.ours
    sent = {"chosen": [f"{case.pk}:1" for case in three], "act": "approve", "words": ""}
    preview = client_of(side.staff[Role.APPROVER]).post(address("decision_batch", programme_id=side.programme.pk), sent)
    assert [case["amount"].value() for case in preview.context["cases"]] == [
        "1,500,000.00",
        "1,500,000.00",
        "400,000.00",
    ]
    assert (preview.context["total"], preview.context["may_confirm"]) == (Decimal("3400000.00"), True)


def test_meeting_declines_with_one_reason(scene, three, client_of):
    side = scene.ours
    client = client_of(side.staff[Role.APPROVER])
    url = address("decision_batch", programme_id=side.programme.pk)
    silent = client.post(url, chosen(three, act="decline", words=""))
    assert [case["outlook"].refusal for case in silent.context["cases"]] == [
        "Give the reason; the enterprise reads it."
    ] * 3
    assert client.post(url, chosen(three, act="decline", words="No money.", sure="1")).status_code == 302
    assert states(side, three) == [ApplicationState.DECLINED] * 3


def test_meeting_that_is_refused_shows_which_and_decides_nothing(scene, three, client_of):
    side = scene.ours
    client = client_of(side.staff[Role.APPROVER])
    with acting_as(person(Role.APPROVER, side.park)) as actor:
        services.decline_application(
            actor, three[1], expected_round=1, reason="No", note="", now=NOW, stage=Stage.DECISION
        )
    page = client.post(address("decision_batch", programme_id=side.programme.pk), chosen(three, sure="1"))
    assert page.status_code == 422
    assert three[1].number in problems_of(page.context["form"])["__all__"][0]
    assert [bool(case["outlook"].refusal) for case in page.context["cases"]] == [False, True, False]
    assert states(side, three) == [ApplicationState.ACCEPTED, ApplicationState.ACCEPTED, ApplicationState.DECLINED]


def test_meeting_decides_nothing_of_another_programme_or_park(scene, three, client_of):
    url = address("decision_batch", programme_id=scene.others.programme.pk)
    foreign = client_of(scene.others.staff[Role.APPROVER]).post(url, chosen(three, sure="1"))
    assert foreign.url == address("decision_meeting", programme_id=scene.others.programme.pk)
    assert states(scene.ours, three) == [ApplicationState.ACCEPTED] * 3
    assert client_of(scene.ours.staff[Role.AUDITOR]).post(url, {}).status_code == 403


def test_bad_amount_of_a_meeting_is_said_at_its_field(scene, three, client_of):
    side, case = scene.ours, three[0]
    given = chosen([case], **{f"amount_{case.pk}": "much"})
    page = client_of(side.staff[Role.APPROVER]).post(address("decision_batch", programme_id=side.programme.pk), given)
    assert page.status_code == 422
    assert set(problems_of(page.context["form"])) == {f"amount_{case.pk}"}


def test_meeting_says_how_many_are_decided_together(scene, three, client_of, monkeypatch):
    monkeypatch.setattr(services, "MOST_TOGETHER", 2)
    side = scene.ours
    url = address("decision_batch", programme_id=side.programme.pk)
    page = client_of(side.staff[Role.APPROVER]).post(url, chosen(three), follow=True)
    assert "At most 2 applications can be decided together." in page.content.decode()
    assert states(side, three) == [ApplicationState.ACCEPTED] * 3
