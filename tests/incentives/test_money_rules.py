"""Caps of a year and of the investment, tiers, and limits of the saving: kept, explained, and never exceeded."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils.html import strip_tags

from incentives import services
from incentives.models import Programme
from incentives.services import Invalid
from parks.choices import Role
from tenancy.scopes import park_scope
from tests.clients import signed_in_client
from tests.incentives.cases import NOW, accept, acting_as, approve, file, fill, unlike
from tests.incentives.test_amount_formula import TYPED, under
from tests.incentives.test_services_programmes import create, publish

pytestmark = pytest.mark.django_db
TODAY = NOW.date()
TIERS = [{"from_tce": "100", "rate_cny_per_tce": "300"}, {"from_tce": "500", "rate_cny_per_tce": "200"}]


def estimate(firm, application, today=TODAY, **terms):
    with acting_as(firm.people[Role.APPLICANT]):
        return services.estimate_application(under(application, **terms), today)


def republish(side, **terms):
    """The programme of the scene with these terms, as its next version."""
    with acting_as(side.staff[Role.PARK_ADMINISTRATOR]) as actor:
        services.update_programme(actor, side.programme, terms=terms, now=NOW)
        return services.publish_programme(actor, side.programme, now=NOW)


@pytest.mark.parametrize(
    ("terms", "field", "words"),
    [
        ({"saving_min_tce": Decimal(100), "saving_below_tce": Decimal(100)}, "saving_below_tce", "must be above"),
        ({"cap_percent": Decimal("100.01")}, "cap_percent", "100"),
        ({"cap_year_cny": Decimal(0)}, "cap_year_cny", "at least 0.001"),
        ({"rate_tiers": [TIERS[0], TIERS[0]]}, "rate_tiers", "same saving"),
        ({"rate_tiers": [{"from_tce": "-1", "rate_cny_per_tce": "1"}]}, "rate_tiers", "needs the saving"),
        ({"rate_tiers": [{"from_tce": "NaN", "rate_cny_per_tce": "1"}]}, "rate_tiers", "needs the saving"),
        ({"rate_tiers": [{"from_tce": "1"}]}, "rate_tiers", "needs the saving"),
        ({"rate_tiers": "many"}, "rate_tiers", "needs the saving"),
    ],
)
def test_rules_that_cannot_stand_are_refused(scene, terms, field, words):
    with pytest.raises(Invalid) as refused:
        create(scene, **terms)
    assert (refused.value.field, words in refused.value.message) == (field, True), refused.value.message


def test_tiers_need_no_rate_below_the_first(scene):
    version = publish(scene, create(scene, rate_cny_per_tce=Decimal(0), rate_tiers=TIERS))
    assert [tier.rate_cny_per_tce for tier in version.amount_rules.tiers] == [Decimal(300), Decimal(200)]


def test_cap_of_the_year_counts_what_was_granted_in_the_year_of_the_park(scene):
    """At 16:00 UTC of New Year's Eve the park is in the next year."""
    firm = scene.ours.firm
    granted_at = datetime(2026, 12, 31, 16, 0, tzinfo=UTC)
    earlier = accept(scene.ours, file(firm))
    approve(scene.ours, earlier, "1000.00", now=granted_at)
    with acting_as(firm.people[Role.APPLICANT]) as actor:
        fresh = services.start_application(actor, scene.ours.version, now=NOW)
        fresh.saving_tce = Decimal(10)
    old_year, new_year = (
        estimate(firm, fresh, datetime(year, 6, 1, tzinfo=UTC).date(), cap_year_cny=Decimal(3000))
        for year in (2026, 2027)
    )
    assert (old_year.limits[1].granted_cny, old_year.amount_cny) == (Decimal(0), Decimal("3000.00"))
    assert (new_year.limits[1].granted_cny, new_year.amount_cny) == (Decimal("1000.00"), Decimal("2000.00"))
    assert new_year.binding.kind == "year"


def test_share_of_the_investment_waits_for_the_investment(scene):
    firm = scene.ours.firm
    application = fill(firm, saving_tce=Decimal(1000))
    application.investment_cny = None
    assert estimate(firm, application, cap_percent=Decimal(30)) is None
    application.investment_cny = Decimal(100_000)
    capped = estimate(firm, application, cap_percent=Decimal(30))
    assert (capped.amount_cny, capped.binding.kind) == (Decimal("30000.00"), "investment")


def test_saving_below_the_least_is_missing(scene):
    firm = scene.ours.firm
    application = fill(firm, saving_tce=Decimal(99))
    with acting_as(firm.people[Role.APPLICANT]):
        missing = services.check_application(under(application, saving_min_tce=Decimal(100)), NOW.date())
    assert [(entry.field, entry.message) for entry in missing] == [
        ("saving_tce", "The programme supports savings of at least 100\N{THIN SPACE}tce a year.")
    ]


def test_nothing_is_granted_above_the_cap_of_the_year(scene):
    """Two applications of a year, each within the cap, together above it: the second gets what is left."""
    side, firm = scene.ours, scene.ours.firm
    republish(side, cap_year_cny=Decimal(1500))
    with acting_as(firm.people[Role.APPLICANT]) as actor:
        first = services.restart_application(actor, firm.draft, now=NOW)
    firm.draft = first
    filed = accept(side, file(firm))
    with acting_as(firm.people[Role.APPLICANT]) as actor:
        firm.draft = services.start_application(actor, filed.programme_version, now=NOW)
    answers = {name: getattr(filed, name) for name in services.ANSWERS}
    second = accept(side, file(firm, **answers | {"project_title": unlike()}))
    assert (filed.requested_cny, second.requested_cny) == (Decimal("1500.00"), Decimal("1500.00"))
    approve(side, filed, "1000.00")
    with pytest.raises(services.CapExceeded) as refused:
        approve(side, second, "500.01")
    assert refused.value.message == ("The enterprise can get ¥500.00 more this year; the cap of a year is ¥1,500.00.")
    assert approve(side, second, "500.00").approved_cny == Decimal("500.00")


# The form

MONEY = {
    **TYPED,
    "amount_formula": "",
    "rate_cny_per_tce": "50",
    "example_1_amount_cny": "100,000.00",
    "cap_year_cny": "",
    "cap_percent": "50",
    "saving_min_tce": "20",
    "saving_below_tce": "10,000",
    "tiers": ["0", "7"],
    "tiers-0-from_tce": "500",
    "tiers-0-rate_cny_per_tce": "200",
    "tiers-7-from_tce": "100",
    "tiers-7-rate_cny_per_tce": "300.5",
    "tiers_by_part": "",
}


@pytest.fixture
def administrator(scene):
    return signed_in_client(scene.ours.staff[Role.PARK_ADMINISTRATOR])


def kept(scene):
    with park_scope(scene.ours.park.pk):
        return Programme.objects.filter(code="SHARE").first()


def test_administrator_writes_tiers_and_caps(scene, administrator):
    made = administrator.post(reverse("incentives:programme_create"), MONEY)
    assert made.status_code == 302, made.context["form"].errors
    programme = kept(scene)
    assert programme.rate_tiers == [
        {"from_tce": "100", "rate_cny_per_tce": "300.5"},
        {"from_tce": "500", "rate_cny_per_tce": "200"},
    ]
    assert (programme.cap_percent, programme.saving_min_tce, programme.cap_year_cny) == (50, 20, None)
    form = administrator.get(f"{made.url}edit/").context["form"]
    assert [row["rate_cny_per_tce"].value() for row in form.tiers.rows] == ["300.50", "200.00"]
    assert (form["saving_below_tce"].value(), form["cap_percent"].value()) == ("10,000", "50")
    assert "from 100\N{THIN SPACE}tce on ¥300.50" in strip_tags(administrator.get(made.url).content.decode())


@pytest.mark.parametrize(
    ("button", "marks"),
    [
        ("tiers add", ["0", "7", "8"]),
        ("tiers remove 0", ["7"]),
        ("tiers up 7", ["7", "0"]),
        ("tiers down 0", ["7", "0"]),
        ("tiers up 99", ["0", "7"]),
        ("nothing of ours", ["0", "7"]),
    ],
)
def test_rows_are_arranged_without_a_script_and_nothing_typed_is_lost(scene, administrator, button, marks):
    answer = administrator.post(reverse("incentives:programme_create"), {**MONEY, "title_en": "", "rearrange": button})
    form = answer.context["form"]
    assert (answer.status_code, [row.mark for row in form.tiers.rows]) == (200, marks)
    assert (form.errors, form["title_zh"].value(), kept(scene)) == ({}, "投资补助", None)
    typed = {row.mark: row["from_tce"].value() for row in form.tiers.rows}
    assert typed == {mark: {"0": "500", "7": "100"}.get(mark) for mark in marks}


def test_half_a_tier_is_told_at_its_field_and_in_the_summary(administrator):
    answer = administrator.post(reverse("incentives:programme_create"), {**MONEY, "tiers-7-rate_cny_per_tce": ""})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'href="#id_tiers-7-rate_cny_per_tce"' in page
    assert [row.errors for row in answer.context["form"].tiers.rows] == [{}, {"rate_cny_per_tce": ["Fill this in."]}]


def test_an_empty_row_is_no_tier(scene, administrator):
    answer = administrator.post(reverse("incentives:programme_create"), {**MONEY, "tiers": ["0", "7", "8"]})
    assert (answer.status_code, len(kept(scene).rate_tiers)) == (302, 2)


def test_enterprise_reads_the_limit_that_applies(scene, administrator):
    firm = scene.ours.firm
    application = fill(firm, saving_tce=Decimal(4000), investment_cny=Decimal(1_000_000))
    republish(scene.ours, cap_percent=Decimal(30))
    client = signed_in_client(firm.people[Role.APPLICANT])
    client.post(reverse("incentives:application_restart", kwargs={"application_id": application.pk}))
    with acting_as(firm.people[Role.APPLICANT]):
        fresh = type(application).objects.filter(state="draft").get()
    page = client.get(reverse("incentives:application_check", kwargs={"application_id": fresh.pk}))
    lines = page.context["worth"].lines
    assert [
        (line["kind"], line["label"], line["value"]) for line in lines if line.get("kind") in {"binding", "limit"}
    ] == [
        ("limit", "Cap", "¥1,500,000.00"),
        ("binding", "30\N{THIN SPACE}% of ¥1,000,000.00", "¥300,000.00"),
    ]
    assert lines[-1]["value"] == "¥300,000.00"
