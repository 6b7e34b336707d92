"""A draft under terms that were replaced goes on under the current ones."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.files.storage import default_storage

from incentives import services
from incentives.choices import ApplicationState, StepKind
from incentives.models import Application, ApplicationDocument, Programme
from parks.choices import Role
from tenancy.scopes import enterprise_scope, park_scope
from tests.incentives.cases import NOW, acting_as, file, fill, give_back, submit
from tests.incentives.pages import address
from tests.incentives.test_api import call

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)


def replace_terms(side, **terms):
    with acting_as(side.staff[Role.PARK_ADMINISTRATOR]) as actor:
        changed = services.update_programme(
            actor, side.programme, terms=terms or {"rate_cny_per_tce": Decimal(550)}, now=NOW
        )
        return services.publish_programme(actor, changed, now=NOW)


def restart(firm, application, role=Role.APPLICANT):
    with acting_as(firm.people[role]) as actor:
        return services.restart_application(actor, application, now=LATER)


def stored(application):
    with enterprise_scope(application.park_id, application.enterprise_id):
        return Application.objects.select_related("programme_version").get(pk=application.pk)


def papers(application):
    with enterprise_scope(application.park_id, application.enterprise_id):
        return {
            document.kind: (document.name, document.sha256, Path(document.file.path).read_bytes(), document.file.name)
            for document in ApplicationDocument.objects.filter(application=application, removed_at=None)
        }


def test_answers_and_documents_come_along(scene):
    side, firm = scene.ours, scene.ours.firm
    draft = fill(firm, project_title="Kiln")
    current = replace_terms(side)
    fresh = stored(restart(firm, draft))
    old = stored(draft)
    assert fresh.programme_version == current
    assert {name: getattr(fresh, name) for name in services.ANSWERS} == {
        name: getattr(old, name) for name in services.ANSWERS
    }
    before, after = papers(old), papers(fresh)
    assert {kind: paper[:3] for kind, paper in after.items()} == {kind: paper[:3] for kind, paper in before.items()}
    assert len(after) == 2
    assert {paper[3] for paper in after.values()}.isdisjoint({paper[3] for paper in before.values()})
    assert all(f"/{fresh.pk}/" in paper[3] and default_storage.exists(paper[3]) for paper in after.values())
    assert old.state == ApplicationState.WITHDRAWN
    with enterprise_scope(side.park.pk, firm.enterprise.pk):
        assert old.steps.last().kind == StepKind.WITHDRAWN
    assert submit(firm, fresh, LATER).state == ApplicationState.SUBMITTED


def test_draft_that_was_begun_already_is_answered_and_nothing_overwritten(scene):
    side, firm = scene.ours, scene.ours.firm
    draft = fill(firm)
    current = replace_terms(side)
    with acting_as(firm.people[Role.OWNER]) as actor:
        begun = services.start_application(actor, current, now=NOW)
        begun = services.save_application(actor, begun, answers={"project_title": "Mine"}, expected_revision=0, now=NOW)
    assert restart(firm, draft) == begun
    assert (stored(begun).project_title, papers(begun), stored(draft).state) == ("Mine", {}, ApplicationState.DRAFT)


def test_second_click_is_told_that_it_was_done(scene):
    draft = fill(scene.ours.firm)
    replace_terms(scene.ours)
    restart(scene.ours.firm, draft)
    with pytest.raises(services.StateChanged):
        restart(scene.ours.firm, draft)


@pytest.mark.parametrize("state", ["current", "returned", "filed"])
def test_only_a_draft_under_replaced_terms_starts_again(scene, state):
    side, firm = scene.ours, scene.ours.firm
    application = fill(firm) if state == "current" else file(firm)
    if state == "returned":
        application = give_back(side, application)
    if state != "current":
        replace_terms(side)
    with pytest.raises(services.StateChanged):
        restart(firm, application)


def test_programme_that_was_closed_has_no_current_version(scene):
    draft = fill(scene.ours.firm)
    with acting_as(scene.ours.staff[Role.PARK_ADMINISTRATOR]) as actor:
        services.close_programme(actor, scene.ours.programme, now=NOW)
    with pytest.raises(services.WindowClosed):
        restart(scene.ours.firm, draft)


def test_readers_and_neighbours_start_nothing(scene):
    draft = fill(scene.ours.firm)
    replace_terms(scene.ours)
    with pytest.raises(services.NotAllowed):
        restart(scene.ours.firm, draft, Role.ENERGY_MANAGER)
    with pytest.raises(Application.DoesNotExist):
        restart(scene.ours.neighbour, draft)


def test_page_offers_it_and_leads_to_the_new_draft(scene, client_of):
    draft = fill(scene.ours.firm)
    client = client_of(scene.ours.firm.people[Role.APPLICANT])
    page, url = (
        address("application_detail", application_id=draft.pk),
        address("application_restart", application_id=draft.pk),
    )
    assert url not in client.get(page).content.decode()
    refused = client.post(url)
    assert (refused.status_code, "Only a draft under a replaced version" in refused.content.decode()) == (422, True)
    with park_scope(scene.ours.park.pk):
        Programme.objects.filter(pk=scene.ours.programme.pk).update(rate_cny_per_tce=550)
    replace_terms(scene.ours, title_en="New terms")
    assert url in client.get(page).content.decode()
    response = client.post(url)
    with enterprise_scope(scene.ours.park.pk, scene.ours.firm.enterprise.pk):
        fresh = Application.objects.get(programme_version__closed_at=None)
    assert response.url == address("application_detail", application_id=fresh.pk)


def test_api_does_the_same(scene):
    draft = fill(scene.ours.firm)
    current = replace_terms(scene.ours)
    response = call(scene.ours.firm.people[Role.APPLICANT])("POST", f"/applications/{draft.pk}/restart/", {})
    told = response.json()
    assert (response.status_code, told["state"], told["programme_version"]) == (201, "draft", str(current.pk))
    assert {document["kind"] for document in told["documents"]} == {"contract", "savings_report"}
