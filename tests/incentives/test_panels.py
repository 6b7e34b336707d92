"""Expert panels: who is seated, what is scored, what each side learns, and what the database refuses."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import OutgoingMail
from enterprises.models import DeclaredInterest
from incentives import queries, services, tasks
from incentives.choices import DocumentKind, Outcome, Stage, StepKind
from incentives.models import Application, ApplicationStep, PanelSeat, Programme, Review
from incentives.services import reminders
from parks.choices import Role
from tenancy.scopes import park_scope
from tests.addresses import addresses
from tests.factories.people import person
from tests.incentives.cases import NOW, accept, acting_as, file, submit
from tests.incentives.pages import address, problems_of
from tests.incentives.test_second_line import review_of
from tests.incentives.test_stages import ask, passing, returning, where, with_stages
from tests.scene import build_firm

pytestmark = pytest.mark.django_db
PANEL = [
    ask(Stage.COMPLETENESS, Role.REVIEWER, working_days=5),
    ask(Stage.PANEL, Role.EXPERT, approvals=3),
    ask(Stage.DECISION, Role.APPROVER),
]
CRITERIA = [
    {"name_en": "Saving", "name_zh": "节能量", "weight": 3, "most": 10},
    {"name_en": "Novelty", "name_zh": "创新性", "weight": 1, "most": 20},
]


@pytest.fixture
def experts(scene):
    """Four with no other role; the scene's own expert has an interest in the neighbour alone."""
    return [person(Role.EXPERT, scene.ours.park, user__name=f"Expert {number}") for number in range(4)]


@pytest.fixture
def firm(scene):
    with park_scope(scene.ours.park.pk):
        Programme.objects.filter(pk=scene.ours.programme.pk).update(
            criteria=CRITERIA, panel_document_kinds=[DocumentKind.SAVINGS_REPORT]
        )
    scene.ours.staff[Role.EXPERT].is_active = False
    scene.ours.staff[Role.EXPERT].save(update_fields=["is_active"])
    return with_stages(scene.ours, PANEL)


def seated(side, application):
    with park_scope(side.park.pk):
        services.seat_experts(application.pk, now=NOW)
        return list(PanelSeat.objects.filter(application=application, left_at=None).order_by("expert_id"))


def members(seats, experts):
    by_user = {expert.user_id: expert for expert in experts}
    return [by_user[seat.expert_id] for seat in seats]


def score(membership, seat, *points, comment=""):
    with acting_as(membership) as actor:
        return services.send_scores(actor, seat, scores=[Decimal(point) for point in points], comment=comment, now=NOW)


def test_panel_ends_when_every_seat_is_scored(scene, firm, experts):
    side = scene.ours
    application = accept(side, file(firm))
    assert where(application) == ("accepted", "panel", "expert")
    seats = seated(side, application)
    assert len(seats) == 3
    for seat, expert, points in zip(
        seats, members(seats, experts), [("8", "10"), ("6", "20"), ("7", "15")], strict=True
    ):
        assert where(application)[1] == "panel"
        score(expert, seat, *points)
    assert where(application) == ("accepted", "decision", "approver")
    with park_scope(side.park.pk):
        panel = queries.panel_of(Application.objects.select_related("programme_version").get(pk=application.pk))
        step = ApplicationStep.objects.filter(application=application).last()
    assert (step.kind, step.stage, step.by_name) == (StepKind.PASSED, Stage.PANEL, ""), "nobody is named"
    assert panel.result.total == Decimal("71.25")
    assert [(one.mean, one.spread) for one in panel.result.criteria] == [
        (Decimal("7.00"), Decimal(2)),
        (Decimal("15.00"), Decimal(10)),
    ]


def test_seats_go_to_experts_without_a_tie_by_turn(scene, firm, experts):
    side = scene.ours
    tied, reading = experts[0], person([Role.EXPERT, Role.APPROVER], side.park)
    with park_scope(side.park.pk):
        DeclaredInterest.objects.create(
            park=side.park, enterprise=firm.enterprise, user=tied.user, reason="Consulted them"
        )
    employed = person(Role.ENERGY_MANAGER, side.park, firm.enterprise.pk, user=experts[1].user)
    application = accept(side, file(firm))
    seats = seated(side, application)
    assert {seat.expert_id for seat in seats} == {experts[2].user_id, experts[3].user_id}
    assert reading.user_id not in {seat.expert_id for seat in seats}, "who reads cases cannot be blind"
    employed.delete()
    assert len(seated(side, application)) == 3, "the empty seat is filled once somebody is free"
    assert len(seated(side, application)) == 3, "and only once"


def test_seats_are_balanced(scene, firm, experts):
    side = scene.ours
    first = accept(side, file(firm))
    taken = {seat.expert_id for seat in seated(side, first)}
    other = accept(side, file(build(side, "Fourth firm")))
    assert {expert.user_id for expert in experts} - taken < {seat.expert_id for seat in seated(side, other)}
    with park_scope(side.park.pk):
        counts = [PanelSeat.objects.filter(expert_id=expert.user_id).count() for expert in experts]
    assert sorted(counts) == [1, 1, 2, 2]


def test_seating_asks_no_more_of_many_experts(scene, firm, experts):
    side = scene.ours
    first = accept(side, file(firm))
    with park_scope(side.park.pk), CaptureQueriesContext(connection) as few:
        services.seat_experts(first.pk, now=NOW)
    for number in range(6):
        person(Role.EXPERT, side.park, user__name=f"Further expert {number}")
    other = accept(side, file(build(side, "Fourth firm")))
    with park_scope(side.park.pk), CaptureQueriesContext(connection) as many:
        services.seat_experts(other.pk, now=NOW)
    assert len(many) == len(few)


def test_seat_list_leads_to_no_seat_that_was_given_up(scene, firm, experts, client_of):
    side = scene.ours
    first, second = accept(side, file(firm)), accept(side, file(build(side, "Fourth firm")))
    expert = person(Role.EXPERT, side.park)
    with park_scope(side.park.pk):
        given = {"park": side.park, "expert": expert.user, "expert_name": "E", "round": 1, "assigned_at": NOW}
        waits = PanelSeat.objects.create(application=first, **given)
        left = PanelSeat.objects.create(application=second, left_at=NOW, **given)
    client = client_of(expert)
    text = client.get(address("seat_list")).content.decode()
    assert address("seat_detail", seat_id=waits.pk) in text
    assert str(left.pk) not in text
    assert text.index(waits.reference) < text.index(left.reference), "what waits stands first"
    over = client.get(address("seat_list"), {"standing": "over", "sort": "-time_left"}).content.decode()
    assert (left.reference in over, waits.reference in over) == (True, False)


def build(side, name):
    with park_scope(side.park.pk):
        version = Programme.objects.get(pk=side.programme.pk).versions.current().get()
    return build_firm(side.park, version, name)


def test_expert_with_a_conflict_is_replaced_and_never_comes_back(scene, firm, experts):
    side = scene.ours
    application = accept(side, file(firm))
    seat, *_others = seated(side, application)
    (leaving,) = members([seat], experts)
    with acting_as(leaving) as actor:
        services.declare_conflict(actor, seat, reason="My brother works there.", now=NOW)
    now_there = seated(side, application)
    assert len(now_there) == 3
    assert leaving.user_id not in {one.expert_id for one in now_there}
    with acting_as(leaving) as actor, pytest.raises(services.StateChanged):
        services.send_scores(actor, seat, scores=[Decimal(1), Decimal(1)], comment="", now=NOW)


def test_official_gives_the_seat_of_a_silent_expert_to_another(scene, firm, experts, client_of):
    side = scene.ours
    application = accept(side, file(firm))
    seat, *_others = seated(side, application)
    client = client_of(side.staff[Role.APPROVER])
    url = address("seat_replace", seat_id=seat.pk)
    assert seat.expert_name in client.get(url).content.decode()
    assert client.post(url, {"sure": "1"}).status_code == 302
    assert seat.expert_id not in {one.expert_id for one in seated(side, application)}
    assert client_of(side.staff[Role.AUDITOR]).post(url, {"sure": "1"}).status_code == 403


def test_returned_panel_is_scored_again_by_the_same_experts(scene, firm, experts):
    side = scene.ours
    application = accept(side, file(firm))
    seats = seated(side, application)
    for seat, expert in zip(seats, members(seats, experts), strict=True):
        score(expert, seat, 5, 5)
    returned = returning(side.staff[Role.APPROVER], reread(application), Stage.DECISION, [Stage.PANEL])
    again = submit(firm, returned)
    assert where(again) == ("accepted", "panel", "expert")
    second = [seat for seat in seated(side, again) if seat.round == 2]
    assert {seat.expert_id for seat in second} == {seat.expert_id for seat in seats}
    for seat, expert in zip(second, members(second, experts), strict=True):
        score(expert, seat, 6, 6)
    assert where(again) == ("accepted", "decision", "approver")


def reread(application):
    with park_scope(application.park_id):
        return Application.objects.get(pk=application.pk)


@pytest.mark.parametrize("points", [("10.1", "1"), ("-1", "1"), ("1.05", "1"), ("NaN", "1"), ("1",), ("1", "21")])
def test_bad_scores_are_refused(scene, firm, experts, points):
    seats = seated(scene.ours, accept(scene.ours, file(firm)))
    with pytest.raises(services.Invalid):
        score(members(seats, experts)[0], seats[0], *points)


def test_scores_are_ones_own_and_sent_once(scene, firm, experts):
    side = scene.ours
    seats = seated(side, accept(side, file(firm)))
    mine, other, _third = members(seats, experts)
    with pytest.raises(services.NotAllowed, match="not yours"):
        score(other, seats[0], 5, 5)
    score(mine, seats[0], 5, 5)
    with pytest.raises(services.StateChanged, match="closed"):
        score(mine, seats[0], 9, 9)
    rows = PanelSeat.objects.filter(pk=seats[1].pk)
    for who, change in ((mine, {"scores": ["9", "9"]}), (side.staff[Role.APPROVER], {"scored_at": NOW})):
        with acting_as(who), pytest.raises(DatabaseError, match="own open seat"), transaction.atomic():
            rows.update(**change)
    with acting_as(mine), pytest.raises(DatabaseError, match="own open seat"), transaction.atomic():
        PanelSeat.objects.filter(pk=seats[0].pk).update(scores=["9", "9"])


def test_nobody_reviews_for_a_panel_without_a_scored_seat(scene, firm, experts):
    side = scene.ours
    application = accept(side, file(firm))
    seats = seated(side, application)
    (seated_one,) = members(seats[:1], experts)
    given = review_of(application, seated_one.user, Outcome.ACCEPTED) | {"stage": Stage.PANEL}
    with acting_as(seated_one), pytest.raises(DatabaseError, match="scored in a seat"), transaction.atomic():
        Review.objects.create(**given)


def test_officials_cannot_pass_a_panel(scene, firm, experts):
    application = accept(scene.ours, file(firm))
    for role in (Role.APPROVER, Role.EXPERT, Role.REVIEWER):
        with pytest.raises((services.NotAllowed, DatabaseError)), transaction.atomic():
            passing(person(role, scene.ours.park), application, Stage.PANEL)


# The pages.


def test_expert_scores_on_a_page_that_keeps_drafts(scene, firm, experts, client_of):
    side = scene.ours
    application = accept(side, file(firm))
    seat = seated(side, application)[0]
    client = client_of(members([seat], experts)[0])
    assert f"Score case {seat.reference}" in client.get(address("official_home")).content.decode()
    url = address("seat_detail", seat_id=seat.pk)
    assert client.post(url, {"score_0": "8", "score_1": "", "comment": "So far good."}).url == url
    assert client.get(url).context["form"].initial == {"score_0": "8", "comment": "So far good."}
    refused = client.post(url, {"score_0": "8", "score_1": "", "send": "1"})
    assert (refused.status_code, problems_of(refused.context["form"])) == (422, {"score_1": ["Fill this in."]})
    assert client.post(url, {"score_0": "8", "score_1": "12.5", "comment": "", "send": "1"}).status_code == 302
    assert "12.5 / 20" in client.get(url).content.decode()


def test_expert_never_learns_whose_case_it_is(scene, firm, experts, client_of):
    side = scene.ours
    application = file(firm, project_title=f"Chillers of {firm.enterprise.name_en}, {firm.enterprise.name_zh}")
    application = accept(side, application)
    seats = seated(side, application)
    expert = members(seats[:1], experts)[0]
    client = client_of(expert)
    kwargs = {**side.url_kwargs(firm), "application_id": application.pk, "seat_id": seats[0].pk}
    with park_scope(side.park.pk):
        documents = {row.kind: row.pk for row in application.documents.all()}
    names = {firm.enterprise.name_en, firm.enterprise.name_zh, firm.enterprise.credit_code, application.number}
    names |= {member.user.name for member in firm.people.values()}
    names |= {seat.expert_name for seat in seats[1:]}
    told = {}
    for name in ("seat_list", "seat_detail", "official_home"):
        page = client.get(address(name, **({"seat_id": seats[0].pk} if name == "seat_detail" else {})))
        assert page.status_code == 200
        told[name] = {one for one in names if one in page.content.decode()}
    assert told == {"seat_list": set(), "seat_detail": set(), "official_home": set()}
    assert (
        "Chillers of [the enterprise], [the enterprise]"
        in client.get(address("seat_detail", seat_id=seats[0].pk)).content.decode()
    )
    shown = client.get(
        address("seat_document", seat_id=seats[0].pk, document_id=documents[DocumentKind.SAVINGS_REPORT])
    )
    assert shown.status_code == 200
    assert f"{seats[0].reference}-savings_report.pdf" in shown["Content-Disposition"]
    hidden = address("seat_document", seat_id=seats[0].pk, document_id=documents[DocumentKind.CONTRACT])
    assert client.get(hidden).status_code == 404
    # Whatever other page an expert may open, none puts the project beside a name.
    for each in addresses():
        if not each.is_ours or each.access is None or not set(each.arguments) <= set(kwargs):
            continue
        page = client.get(each.url({**kwargs, "document_id": documents[DocumentKind.CONTRACT]}))
        text = page.content.decode(errors="replace")
        assert "Chillers of " not in text or not any(one in text for one in names), each.name
    found = client.get(address("search"), {"q": "Chillers"})
    assert "Chillers of" not in found.content.decode()


def test_enterprise_never_learns_who_scores(scene, firm, experts, client_of):
    side = scene.ours
    application = accept(side, file(firm))
    seats = seated(side, application)
    for seat, expert in zip(seats, members(seats, experts), strict=True):
        score(expert, seat, 5, 5, comment="Not new.")
    owner = client_of(firm.people[Role.OWNER])
    text = owner.get(address("application_detail", application_id=application.pk)).content.decode()
    assert "Expert panel: passed" in text
    for secret in ("Expert 0", "Expert 1", "Expert 2", "Expert 3", "Not new."):
        assert secret not in text
    assert owner.get(address("seat_detail", seat_id=seats[0].pk)).status_code == 403
    with acting_as(firm.people[Role.OWNER]), pytest.raises(DatabaseError), transaction.atomic():
        list(PanelSeat.objects.all())


def test_officials_read_the_result_once_all_have_scored(scene, firm, experts, client_of):
    side = scene.ours
    application = accept(side, file(firm))
    seats = seated(side, application)
    people = members(seats, experts)
    reviewer = client_of(side.staff[Role.REVIEWER])
    url = address("review_detail", application_id=application.pk)
    score(people[0], seats[0], 8, 10, comment="Solid.")
    half = reviewer.get(url)
    assert half.context["panel"].result is None
    assert "Solid." not in half.content.decode()
    for seat, expert in zip(seats[1:], people[1:], strict=True):
        score(expert, seat, 8, 10)
    text = reviewer.get(url).content.decode()
    assert "Solid." in text
    assert "8.00 / 10" in text


def test_other_experts_case_is_not_found(scene, firm, experts, client_of):
    side = scene.ours
    seats = seated(side, accept(side, file(firm)))
    stranger = next(expert for expert in experts if expert.user_id not in {seat.expert_id for seat in seats})
    for name in ("seat_detail", "seat_conflict"):
        assert client_of(stranger).post(address(name, seat_id=seats[0].pk), {"reason": "x"}).status_code == 404


def test_tasks_seat_and_write_once(scene, firm, experts):
    side = scene.ours
    application = accept(side, file(firm))
    for _ in range(2):
        tasks.seat_experts(park_id=side.park.pk, application_id=str(application.pk))
    seats = seated(side, application)
    assert len(seats) == 3
    for _ in range(2):
        tasks.write_seat_letter(park_id=side.park.pk, seat_id=str(seats[0].pk))
    letters = list(OutgoingMail.objects.filter(recipient_id=seats[0].expert_id))
    assert len(letters) == 1
    assert firm.enterprise.name_en not in letters[0].text
    assert seats[0].reference in letters[0].subject


def test_expert_is_reminded_of_a_case_and_not_whose_it_is(scene, firm, experts):
    side = scene.ours
    application = accept(side, file(firm))
    seats = seated(side, application)
    score(members(seats[:1], experts)[0], seats[0], "8", "10")
    with park_scope(side.park.pk):
        Application.objects.filter(pk=application.pk).update(due_at=NOW)
        for _again in range(2):
            reminders.remind_officials(side.park, NOW)
    letters = list(OutgoingMail.objects.filter(kind="incentives.remind_scores").order_by("recipient_id"))
    assert [letter.recipient_id for letter in letters] == [seat.expert_id for seat in seats[1:]]
    assert all(seat.reference in letter.text for seat, letter in zip(seats[1:], letters, strict=True))
    assert not any(firm.enterprise.name_en in letter.text for letter in letters)
    assert not any(application.number in letter.text for letter in letters)


def test_panel_needs_criteria(scene):
    side = scene.ours
    with acting_as(side.staff[Role.PARK_ADMINISTRATOR]) as actor:
        programme = Programme.objects.get(pk=side.programme.pk)
        with pytest.raises(services.Invalid, match="at least one criterion"):
            services.update_programme(actor, programme, terms={"stages": PANEL}, now=NOW)
        for bad in ({"weight": 0}, {"most": 101}, {"name_zh": " "}, {"weight": True}):
            with pytest.raises(services.Invalid, match="Criterion 1"):
                services.update_programme(
                    actor, programme, terms={"stages": PANEL, "criteria": [CRITERIA[0] | bad]}, now=NOW
                )
        kept = services.update_programme(actor, programme, terms={"stages": PANEL, "criteria": CRITERIA}, now=NOW)
    assert kept.criteria == CRITERIA


def test_official_with_a_tie_changes_no_panel(scene, firm, experts):
    side = scene.ours
    seat, *_others = seated(side, accept(side, file(firm)))
    approver = side.staff[Role.APPROVER]
    with park_scope(side.park.pk):
        DeclaredInterest.objects.create(park=side.park, enterprise=firm.enterprise, user=approver.user, reason="Shares")
    with acting_as(approver) as actor, pytest.raises(services.NotAllowed):
        services.replace_expert(actor, seat, now=NOW)
    assert seat.expert_id in {one.expert_id for one in seated(side, seat.application)}
