"""The API of panels, meetings and the dashboard: what the pages tell, by the same rules."""

from __future__ import annotations

from decimal import Decimal

import pytest

from incentives.models import PanelSeat
from parks.choices import Role
from tenancy.scopes import park_scope
from tests.incentives.cases import NOW, accept, file
from tests.incentives.test_api import call, error
from tests.incentives.test_dashboard import programme as programme  # noqa: PLC0414
from tests.incentives.test_panels import CRITERIA, firm, members, score, seated  # noqa: F401
from tests.incentives.test_panels import experts as experts  # noqa: PLC0414

pytestmark = pytest.mark.django_db


@pytest.fixture
def panel(scene, firm, experts):  # noqa: F811
    """A case with its three seats, and the expert of the first."""
    application = accept(scene.ours, file(firm, project_title=f"Chillers of {firm.enterprise.name_en}"))
    seats = seated(scene.ours, application)
    return application, seats, members(seats, experts)


def test_expert_scores_blind_and_once(scene, panel):
    application, seats, people = panel
    send = call(people[0])
    (line,) = send("GET", "/seats/").json()["results"]
    assert (line["id"], line["standing"], line["project_title"]) == (
        str(seats[0].pk),
        "waiting",
        "Chillers of [the enterprise]",
    )
    address = f"/seats/{seats[0].pk}/"
    detail = send("GET", address)
    told = detail.content.decode()
    firm_name, number = application.enterprise.name_en, application.number
    assert (firm_name in told, number in told, str(application.pk) in told) == (False, False, False)
    assert detail.json()["criteria"] == CRITERIA
    draft = send("PATCH", address, {"scores": ["8", None], "comment": "So far."})
    assert (draft.status_code, draft.json()["scores"]) == (200, ["8.0", None])
    assert error(send("POST", f"{address}send/", {"scores": ["8", None]}))[:2] == (409, "invalid")
    sent = send("POST", f"{address}send/", {"scores": ["8", "12.5"], "comment": "Good."})
    assert (sent.status_code, sent.json()["standing"]) == (200, "scored")
    assert error(send("POST", f"{address}send/", {"scores": ["1", "1"]}))[0] == 409
    assert send("GET", f"/seats/{seats[1].pk}/").status_code == 404
    assert call(scene.ours.staff[Role.APPROVER])("GET", "/seats/").status_code == 403


def test_seat_that_was_given_up_says_nothing_of_the_project(scene, panel):
    _application, seats, people = panel
    with park_scope(scene.ours.park.pk):
        PanelSeat.objects.filter(pk=seats[0].pk).update(left_at=NOW)
    send = call(people[0])
    (line,) = send("GET", "/seats/").json()["results"]
    assert (line["standing"], line["project_title"]) == ("over", "")
    assert send("GET", f"/seats/{seats[0].pk}/").status_code == 404


def test_officials_read_comments_when_the_panel_has_ended(scene, panel):
    application, seats, people = panel
    send = call(scene.ours.staff[Role.AUDITOR])
    address = f"/queue/{application.pk}/panel/"
    score(people[0], seats[0], 8, 10, comment="Solid.")
    half = send("GET", address).json()
    assert (half["scored"], half["result"], {seat["comment"] for seat in half["seats"]}) == (1, None, {""})
    for seat, expert in zip(seats[1:], people[1:], strict=True):
        score(expert, seat, 8, 10)
    done = send("GET", address).json()
    assert (done["result"]["total"], done["result"]["criteria"][1]["mean"]) == ("72.50", "10.00")
    assert "Solid." in {seat["comment"] for seat in done["seats"]}
    assert call(people[0])("GET", address).status_code == 403
    version = application.programme_version_id
    stages = call(people[0])("GET", f"/programmes/{version}/stages/").json()
    assert [row["stage"] for row in stages["stages"]] == ["completeness", "panel", "decision"]
    meeting = send("GET", f"/programmes/{version}/meeting/").json()
    (line,) = meeting["lines"]
    assert (meeting["order"], meeting["count"], line["number"], line["score"]) == (
        "score",
        1,
        application.number,
        "72.50",
    )
    assert (line["sum_cny"], meeting["reached"], meeting["spent_cny"]) == ("1500000.00", 1, "1500000.00")
    less = send("GET", f"/programmes/{version}/meeting/?budget_cny=1&page=2").json()
    assert (less["reached"], less["lines"]) == (0, [])
    assert error(send("GET", f"/programmes/{version}/meeting/?order=best"))[0] == 400
    assert call(scene.others.staff[Role.AUDITOR])("GET", f"/programmes/{version}/meeting/").status_code == 404


def test_dashboard_tells_what_the_page_tells(scene, programme):
    send = call(scene.ours.staff[Role.AUDITOR])
    told = send("GET", "/dashboard/?year=2026&programme=DASH").json()
    assert [(step["reached"], step["count"]) for step in told["funnel"]] == [
        (None, 4),
        ("filed", 3),
        ("accepted", 1),
        ("decided", 2),
        ("approved", 1),
        ("standing", 1),
        ("paid", 1),
    ]
    assert [(row["stage"], row["asked_days"], row["median_days"]) for row in told["stages"]] == [
        ("completeness", [5, 5], 1),
        ("decision", [10, 10], 7),
    ]
    assert [Decimal(row["appropriated_cny"]) for row in told["programmes"]] == [Decimal(20_000_000)]
    assert [row["code"] for row in told["sectors"]] == ["C", "D", ""]
    assert send("GET", "/dashboard/?programme=NONE").status_code == 404
    assert call(scene.ours.staff[Role.EXPERT])("GET", "/dashboard/").status_code == 403
