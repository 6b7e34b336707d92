"""The decision meeting: the ranking and its line, and decisions made together or not at all."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from incentives import queries, services
from incentives.choices import ApplicationState, Stage
from incentives.models import Application, ApplicationStep, Programme, Review
from incentives.queries import Order
from incentives.services import Verdict
from parks.choices import Role
from tenancy.scopes import enterprise_scope, park_scope
from tests.factories.filing import ApplicationFactory, submitted
from tests.factories.people import person
from tests.incentives.cases import NOW, accept, acting_as, file, give_budget
from tests.incentives.pages import address, problems_of
from tests.scene import build_firm

pytestmark = pytest.mark.django_db


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
            submitted(ApplicationFactory(**owned), f"OURS-2026-{number:04}", NOW + timedelta(minutes=number))
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
        cases.append(accept(side, file(firm, NOW + timedelta(minutes=number), saving_tce=saving)))
    return cases


def ranking(side, order, budget):
    with acting_as(side.staff[Role.APPROVER]) as actor:
        programme = Programme.objects.get(pk=side.programme.pk)
        return queries.ranked(actor, programme, order, Decimal(budget))


def test_line_is_drawn_where_the_budget_ends(scene, three):
    lines = ranking(scene.ours, Order.SUBMITTED, "3000000")
    assert [(line.application.pk, line.amount_cny, line.sum_cny, line.fits) for line in lines] == [
        (three[0].pk, Decimal("1500000.00"), Decimal("1500000.00"), True),
        (three[1].pk, Decimal("1500000.00"), Decimal("3000000.00"), True),
        (three[2].pk, Decimal("400000.00"), Decimal("3400000.00"), False),
    ]
    none_jumps = ranking(scene.ours, Order.SUBMITTED, "2900000")
    assert [line.fits for line in none_jumps] == [True, False, False], "the third would fit, but stands behind"


def test_ranking_by_yield_puts_the_cheapest_saving_first(scene, three):
    lines = ranking(scene.ours, Order.YIELD, "0")
    assert [(line.application.pk, line.yuan_per_tce) for line in lines] == [
        (three[1].pk, Decimal("468.75")),
        (three[0].pk, Decimal(500)),
        (three[2].pk, Decimal(500)),
    ]


def test_meeting_page_asks_what_if(scene, three, client_of):
    side = scene.ours
    url = address("decision_meeting", programme_id=side.programme.pk)
    client = client_of(side.staff[Role.APPROVER])
    page = client.get(url, {"order": "submitted", "budget": "3,000,000"})
    assert (page.context["reached"], page.context["spent"], page.context["rest"]) == (2, 3_000_000, 0)
    assert [row["is_first_beyond"] for row in page.context["rows"]] == [False, False, True]
    assert "Here the budget of" in page.content.decode()
    assert client.get(url, {"order": "??", "budget": "x"}).status_code == 200
    auditor = client_of(side.staff[Role.AUDITOR]).get(url)
    assert 'name="chosen"' not in auditor.content.decode()
    assert client_of(side.staff[Role.EXPERT]).get(url).status_code == 403
    assert client_of(scene.others.staff[Role.APPROVER]).get(url).status_code == 404


def chosen(cases, **more):
    rows = {f"round_{case.pk}": case.round for case in cases} | {f"amount_{case.pk}": "1,000.00" for case in cases}
    return {"chosen": [str(case.pk) for case in cases], "act": "approve", "words": "Decided together.", **rows, **more}


def test_meeting_decides_after_a_preview(scene, three, client_of):
    side = scene.ours
    client = client_of(side.staff[Role.APPROVER])
    url = address("decision_batch", programme_id=side.programme.pk)
    preview = client.post(url, chosen(three))
    assert (preview.status_code, preview.context["total"], preview.context["may_confirm"]) == (200, 3000, True)
    assert states(side, three) == [ApplicationState.ACCEPTED] * 3
    again = [(name, value) for name, value in preview.context["again"] if name != "chosen"]
    sent = {**dict(again), "chosen": [str(case.pk) for case in three], "words": "Decided together.", "sure": "1"}
    assert client.post(url, sent).url == address("decision_meeting", programme_id=side.programme.pk)
    assert states(side, three) == [ApplicationState.APPROVED] * 3


def test_meeting_declines_with_one_reason(scene, three, client_of):
    side = scene.ours
    client = client_of(side.staff[Role.APPROVER])
    url = address("decision_batch", programme_id=side.programme.pk)
    silent = client.post(url, chosen(three, act="decline", words=""))
    assert [one.refusal for one in silent.context["outlooks"]] == ["Give the reason; the enterprise reads it."] * 3
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
    assert [bool(one.refusal) for one in page.context["outlooks"]] == [False, True, False]
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
