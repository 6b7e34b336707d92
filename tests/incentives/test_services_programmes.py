"""Programmes: drafts that change, versions that do not."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from incentives import services
from incentives.choices import DocumentKind, ProgrammeStatus
from incentives.models import Programme, ProgrammeVersion
from parks.choices import Role
from tests.incentives.cases import NOW, accept, acting_as, approve, file

pytestmark = pytest.mark.django_db

TERMS = {
    "code": "LED",
    "title_en": "Lighting",
    "title_zh": "照明",
    "opens_on": date(2026, 11, 1),
    "closes_on": date(2026, 11, 30),
    "rate_cny_per_tce": Decimal("350.00"),
    "cap_cny": Decimal("100000.00"),
    "budget_cny": Decimal("500000.00"),
    "document_kinds": [DocumentKind.INVOICES],
}


def create(scene, **changes):
    with acting_as(scene.ours.staff[Role.PARK_ADMINISTRATOR]) as actor:
        return services.create_programme(actor, park=scene.ours.park, terms={**TERMS, **changes}, now=NOW)


def update(scene, programme, **terms):
    with acting_as(scene.ours.staff[Role.PARK_ADMINISTRATOR]) as actor:
        return services.update_programme(actor, programme, terms=terms, now=NOW)


def publish(scene, programme, now=NOW):
    with acting_as(scene.ours.staff[Role.PARK_ADMINISTRATOR]) as actor:
        return services.publish_programme(actor, programme, now=now)


def close(scene, programme):
    with acting_as(scene.ours.staff[Role.PARK_ADMINISTRATOR]) as actor:
        return services.close_programme(actor, programme, now=NOW)


def test_create_keeps_the_terms_as_a_draft(scene):
    programme = create(scene)
    with acting_as(scene.ours.staff[Role.AUDITOR]):
        kept = Programme.objects.get(pk=programme.pk)
    assert {name: getattr(kept, name) for name in TERMS} == TERMS
    assert (kept.status, kept.committed_cny) == (ProgrammeStatus.DRAFT, Decimal(0))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"code": "OURS"}, None),
        ({"title_zh": ""}, "title_zh"),
        ({"closes_on": date(2026, 10, 31)}, None),
        ({"document_kinds": []}, "document_kinds"),
        ({"document_kinds": ["photo"]}, "document_kinds"),
        ({"rate_cny_per_tce": Decimal(-1)}, "rate_cny_per_tce"),
    ],
)
def test_create_refuses_terms_that_cannot_stand(scene, changes, field):
    with pytest.raises(services.Invalid) as refused:
        create(scene, **changes)
    assert refused.value.field == field


def test_the_code_of_another_park_is_free(scene):
    assert create(scene, code="OTHE").code == "OTHE"


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.APPROVER, Role.AUDITOR, Role.FINANCE_OFFICER])
def test_only_a_park_administrator_configures(scene, role):
    with acting_as(scene.ours.staff[role]) as actor:
        with pytest.raises(services.NotAllowed):
            services.create_programme(actor, park=scene.ours.park, terms=TERMS, now=NOW)
        with pytest.raises(services.NotAllowed):
            services.update_programme(actor, scene.ours.programme, terms={"title_en": "x"}, now=NOW)
        with pytest.raises(services.NotAllowed):
            services.publish_programme(actor, scene.ours.programme, now=NOW)
        with pytest.raises(services.NotAllowed):
            services.close_programme(actor, scene.ours.programme, now=NOW)


def test_publish_makes_a_version_that_enterprises_see(scene):
    version = publish(scene, create(scene))
    with acting_as(scene.ours.firm.people[Role.APPLICANT]):
        seen = ProgrammeVersion.objects.get(pk=version.pk)
    assert {name: getattr(seen, name) for name in TERMS} == TERMS
    assert (seen.number, seen.published_at, seen.closed_at) == (1, NOW, None)


def test_publish_again_closes_the_version_before(scene):
    programme = create(scene)
    first = publish(scene, programme)
    update(scene, programme, cap_cny=Decimal("200000.00"))
    second = publish(scene, programme)
    with acting_as(scene.ours.staff[Role.AUDITOR]):
        first.refresh_from_db()
    assert (first.closed_at, first.cap_cny, second.number, second.cap_cny) == (
        NOW,
        Decimal("100000.00"),
        2,
        Decimal("200000.00"),
    )


def test_publish_of_the_same_terms_is_refused(scene):
    programme = create(scene)
    publish(scene, programme)
    with pytest.raises(services.NothingToPublish):
        publish(scene, programme)


def test_publish_after_the_window_or_without_money_is_refused(scene):
    programme = create(scene)
    with pytest.raises(services.WindowOver):
        publish(scene, programme, datetime(2026, 11, 30, 16, 0, tzinfo=UTC))
    update(scene, programme, budget_cny=Decimal(0))
    with pytest.raises(services.Invalid) as refused:
        publish(scene, programme)
    assert refused.value.field == "budget_cny"


def test_published_code_stays(scene):
    programme = create(scene)
    assert update(scene, programme, code="LAMP").code == "LAMP"
    publish(scene, programme)
    with pytest.raises(services.Invalid) as refused:
        update(scene, programme, code="LED")
    assert refused.value.field == "code"


def test_budget_cannot_go_below_what_is_committed(scene):
    approve(scene.ours, accept(scene.ours, file(scene.ours.firm)), "500.00")
    with pytest.raises(services.Invalid, match=r"¥500\.00"):
        update(scene, scene.ours.programme, budget_cny=Decimal("499.99"))
    assert update(scene, scene.ours.programme, budget_cny=Decimal(500)).left_cny == 0


def test_close_is_final_and_safe_to_repeat(scene):
    programme = create(scene)
    publish(scene, programme)
    close(scene, programme)
    closed = close(scene, programme)
    assert closed.status == ProgrammeStatus.CLOSED
    for act in (publish, update):
        with pytest.raises(services.ProgrammeClosed):
            act(scene, closed)


def test_applications_keep_the_terms_they_were_filed_under(scene):
    filed = file(scene.ours.firm, saving_tce=Decimal(100))
    update(scene, scene.ours.programme, rate_cny_per_tce=Decimal("1.00"))
    publish(scene, scene.ours.programme)
    with acting_as(scene.ours.staff[Role.REVIEWER]):
        filed.refresh_from_db()
        assert filed.programme_version == scene.ours.version
        assert services.estimate_application(filed, NOW.date()).amount_cny == filed.requested_cny == Decimal("50000.00")
