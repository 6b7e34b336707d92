"""The stages of a programme as a form, and the forms of the stages on an official's desk."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from incentives.choices import FinancialCheck, Stage
from incentives.models import Application, Programme, Review
from parks.choices import Role
from tenancy.scopes import park_scope
from tests.factories.people import person
from tests.incentives.cases import accept, file
from tests.incentives.pages import address, problems_of, shown
from tests.incentives.test_stages import FIVE, passing, with_stages

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator(scene, client_of):
    return client_of(scene.ours.staff[Role.PARK_ADMINISTRATOR])


def typed(**changes):
    rows = {}
    for stage in Stage:
        rows |= {
            f"{stage}_role": "approver" if stage is Stage.DECISION else "reviewer",
            f"{stage}_approvals": "3" if stage is Stage.PANEL else "1",
            f"{stage}_working_days": "10",
        }
    return {**rows, **changes}


def stages_of(side):
    with park_scope(side.park.pk):
        return Programme.objects.get(pk=side.programme.pk).stages


def test_administrator_edits_the_stages(scene, administrator):
    side = scene.ours
    url = address("programme_stages", programme_id=side.programme.pk)
    page = administrator.get(url)
    assert page.context["form"].initial["decision_role"] == "approver"
    given = typed(
        completeness_working_days="5",
        substantive_applies="on",
        substantive_working_days="15",
        financial_applies="on",
        financial_role="finance_officer",
        financial_working_days="3",
        financial_above_cny="1,000,000.00",
        decision_approvals="2",
    )
    assert administrator.post(url, given).url == address("programme_detail", programme_id=side.programme.pk)
    assert stages_of(side) == FIVE
    again = administrator.get(url).context["form"].initial
    assert (again["financial_above_cny"], again["panel_applies"], again["substantive_applies"]) == (
        "1,000,000.00",
        False,
        True,
    )
    text = administrator.get(address("programme_detail", programme_id=side.programme.pk)).content.decode()
    assert "2. Substantive review" in text
    assert "Unpublished changes" in text


@pytest.mark.parametrize(
    ("changes", "problems"),
    [
        ({"decision_approvals": "0"}, {"decision_approvals": ["Enter at least 1."]}),
        ({"decision_role": "owner"}, {"decision_role"}),
        ({"panel_applies": "on", "panel_approvals": "2"}, {"panel_approvals": ["Enter at least 3."]}),
        ({"financial_applies": "on", "financial_above_cny": "0"}, {"financial_above_cny": ["Enter at least ¥0.01."]}),
    ],
)
def test_bad_stages_are_said_at_their_field(scene, administrator, changes, problems):
    before = stages_of(scene.ours)
    page = administrator.post(address("programme_stages", programme_id=scene.ours.programme.pk), typed(**changes))
    assert page.status_code == 422
    found = problems_of(page.context["form"])
    assert (found if isinstance(problems, dict) else set(found)) == problems
    assert stages_of(scene.ours) == before


def test_only_administrators_edit_stages(scene, client_of):
    url = address("programme_stages", programme_id=scene.ours.programme.pk)
    assert client_of(scene.ours.staff[Role.REVIEWER]).get(url).status_code == 403
    assert client_of(scene.others.staff[Role.PARK_ADMINISTRATOR]).get(url).status_code == 404


def post(client, name, application, **given):
    with park_scope(application.park_id):
        now = Application.objects.get(pk=application.pk)
    values = {"expected_round": now.round, "stage": now.stage, "note": "", **given}
    return client.post(address(name, application_id=application.pk), values)


def test_substantive_review_records_the_visit(scene, client_of):
    side = scene.ours
    accepted = accept(side, file(with_stages(side, FIVE)))
    second = client_of(person(Role.REVIEWER, side.park))
    assert shown(second.get(address("review_queue")), accepted) == [accepted]
    page = second.get(address("review_detail", application_id=accepted.pk))
    assert [choice["act"] for choice in page.context["choices"]] == ["accept", "return", "decline"]
    refused = post(second, "review_accept", accepted, visited_on="2026-11-10", visited_by="Chen Wei", visit_findings="")
    assert problems_of(refused.context["forms"]["accept"]) == {"visit_findings": ["Say who went and what was seen."]}
    kept = {"visited_on": "2026-11-10", "visited_by": "Chen Wei", "visit_findings": "Both chillers run."}
    assert post(second, "review_accept", accepted, **kept).status_code == 302
    with park_scope(side.park.pk):
        review = Review.objects.get(application=accepted, stage=Stage.SUBSTANTIVE)
    assert (review.visited_on, review.visited_by) == (date(2026, 11, 10), "Chen Wei")
    after = second.get(address("review_detail", application_id=accepted.pk)).content.decode()
    assert "Both chillers run." in after


def test_finance_officer_has_the_financial_check_in_the_queue(scene, client_of):
    side = scene.ours
    accepted = accept(side, file(with_stages(side, FIVE)))
    passed = passing(person(Role.REVIEWER, side.park), accepted, Stage.SUBSTANTIVE)
    finance = client_of(side.staff[Role.FINANCE_OFFICER])
    queue = finance.get(address("review_queue"))
    assert shown(queue, passed) == [passed]
    assert "Financial check" in queue.content.decode()
    assert f"Check the finances of {passed.number}" in finance.get(address("official_home")).content.decode()
    refused = post(finance, "review_accept", passed)
    assert problems_of(refused.context["forms"]["accept"]) == {"proven_cny": ["Fill this in."]}
    assert post(finance, "review_accept", passed, proven_cny="9,640,000", checks=["invoices"]).status_code == 302
    with park_scope(side.park.pk):
        review = Review.objects.get(application=passed, stage=Stage.FINANCIAL)
    assert (review.proven_cny, review.checks) == (Decimal(9640000), [FinancialCheck.INVOICES])


def test_changes_requested_name_the_stages_that_look_again(scene, client_of):
    side = scene.ours
    accepted = accept(side, file(with_stages(side, FIVE)))
    passed = passing(person(Role.REVIEWER, side.park), accepted, Stage.SUBSTANTIVE)
    finance = client_of(side.staff[Role.FINANCE_OFFICER])
    page = finance.get(address("review_detail", application_id=passed.pk))
    offered = page.context["forms"]["return"].fields["void_stages"].choices
    assert [name for name, _label in offered] == ["completeness", "substantive"]
    comments = {"comment_saving_tce": "Verified?", "message": "", "void_stages": ["substantive"]}
    assert post(finance, "review_return", passed, **comments).status_code == 302
    with park_scope(side.park.pk):
        returned = Application.objects.get(pk=passed.pk)
    assert (returned.state, returned.stage) == ("returned", "substantive")
    text = finance.get(address("review_detail", application_id=passed.pk)).content.decode()
    assert "To look at it again: Substantive review" in text


def test_form_of_another_stage_decides_nothing(scene, client_of):
    side = scene.ours
    accepted = accept(side, file(with_stages(side, FIVE)))
    second = client_of(person(Role.REVIEWER, side.park))
    stale = post(second, "review_accept", accepted, stage=Stage.COMPLETENESS)
    assert stale.status_code == 422
    assert "does not wait for this stage: Completeness check" in stale.content.decode()
    with park_scope(side.park.pk):
        assert Application.objects.get(pk=accepted.pk).stage == Stage.SUBSTANTIVE
