"""A programme begun from a template, seen as enterprises will see it, tried, and compared with its last version."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import escape

from incentives import services
from incentives.choices import FieldKind
from incentives.forms.programme_fields import field_rows
from incentives.models import Programme
from incentives.programme_templates import TEMPLATES
from parks.choices import Role
from tenancy.scopes import park_scope
from tests.clients import signed_in_client
from tests.incentives.cases import acting_as
from tests.incentives.test_services_programmes import create, publish, update

pytestmark = pytest.mark.django_db
OWN = {"opens_on": date(2026, 1, 1), "closes_on": date(2026, 12, 31), "budget_cny": Decimal(9_000_000)}
DECIDED = {
    "near_zero_factory": {
        "cap_cny": Decimal(500_000),
        "rate_cny_per_tce": Decimal(0),
        "amount_formula": "500000",
        "example_cases": [{"saving_tce": "1", "investment_cny": "0", "amount_cny": "500000"}],
    }
}


@pytest.fixture
def administrator(scene):
    return signed_in_client(scene.ours.staff[Role.PARK_ADMINISTRATOR])


def from_template(scene, key, **changes):
    return create(scene, **{"legal_basis": "", **TEMPLATES[key].terms, **OWN, **DECIDED.get(key, {}), **changes})


@pytest.mark.parametrize("key", TEMPLATES)
def test_template_can_be_published_once_its_open_points_are_decided(scene, key):
    version = publish(scene, from_template(scene, key))
    assert version.code == TEMPLATES[key].terms["code"]
    assert TEMPLATES[key].open_points


@pytest.mark.parametrize("key", TEMPLATES)
def test_template_fills_the_form(administrator, key):
    page = administrator.get(reverse("incentives:programme_create"), {"template": key})
    form = page.context["form"]
    terms = TEMPLATES[key].terms
    assert form["title_zh"].value() == terms["title_zh"]
    assert [row["condition"].value() for row in form.rules.rows] == [
        rule["condition"] for rule in terms.get("eligibility_rules", [])
    ]
    assert [row["kind"].value() for row in form.form_rows.rows] == [row["kind"] for row in terms.get("form_fields", [])]
    assert (form["budget_cny"].value(), form["opens_on"].value()) == ("", None)
    assert all(str(escape(str(point))) in page.content.decode() for point in page.context["template"].open_points)


def typed_from(form):
    """What a browser would send of the form as it was drawn."""
    sent = {}
    for bound in (bound for one in form.with_rows for bound in one):
        value = bound.value()
        if value not in (None, "", False, []):
            sent[bound.html_name] = "on" if value is True else value
    for table in form.tables:
        sent[table.name] = [row.mark for row in table.rows]
    return sent


def test_programme_of_the_xiamen_rules_is_written_by_clicks(scene, administrator):
    url = f"{reverse('incentives:programme_create')}?template=xiamen_emc"
    typed = typed_from(administrator.get(url).context["form"])
    made = administrator.post(
        url, {**typed, "opens_on": "2026-01-01", "closes_on": "2026-12-31", "budget_cny": "9,000,000"}
    )
    assert made.status_code == 302, [form.errors for form in made.context["form"].with_rows]
    with park_scope(scene.ours.park.pk):
        programme = Programme.objects.get(code="EMC")
    terms = TEMPLATES["xiamen_emc"].terms
    assert {name: getattr(programme, name) for name in ("rate_cny_per_tce", "cap_cny", "stages")} == {
        name: terms[name] for name in ("rate_cny_per_tce", "cap_cny", "stages")
    }
    assert programme.eligibility_rules == terms["eligibility_rules"]
    assert programme.form_fields == terms["form_fields"]
    assert programme.document_rules == terms["document_rules"]
    assert administrator.post(f"{made.url}publish/").status_code == 302


# Test mode

SAMPLE = {
    "saving_tce": "6,200",
    "investment_cny": "20,000,000",
    "completed_on": "2026-10-01",
    "kind": "energy_service",
    "registered_capital": "8,000,000",
    "revision": "0",
    "answer_customer": "Chengguang",
    "answer_agreed_on": "2025-05-01",
    "answer_equipment": ["0"],
    "answer_equipment-0-c0": "Chiller",
    "answer_credit_good": "on",
    "answer_no_other": "on",
}


def tried(client, programme, **changes):
    url = reverse("incentives:programme_try", kwargs={"programme_id": programme.pk})
    return client.post(url, {**SAMPLE, **changes})


def test_trial_shows_rules_amount_and_what_is_missing_and_writes_nothing(scene, administrator):
    programme = from_template(scene, "xiamen_emc")
    with CaptureQueriesContext(connection) as queries:
        page = tried(administrator, programme)
    trial = page.context["trial"]
    assert [rule.is_met for rule in trial.rules] == [True, True, True]
    assert (trial.estimate.before_cap_cny, trial.estimate.amount_cny) == (Decimal("2108000.00"), Decimal("1500000.00"))
    assert ([entry.message for entry in trial.missing], len(trial.documents)) == ([], 6)
    written = [query["sql"] for query in queries if query["sql"].split()[0] in {"INSERT", "UPDATE", "DELETE"}]
    assert [sql for sql in written if "incentives_" in sql or "outbox" in sql] == []


def test_trial_says_what_is_not_met_and_missing(scene, administrator):
    programme = from_template(scene, "xiamen_emc")
    trial = tried(administrator, programme, kind="manufacturer", answer_customer="", granted_cny="1,000,000").context[
        "trial"
    ]
    assert [rule.is_met for rule in trial.rules] == [False, True, True]
    assert trial.estimate.amount_cny == Decimal("500000.00")
    assert [entry.field for entry in trial.missing] == ["answer_customer", "eligibility"]


def test_trial_of_what_cannot_be_read_says_so_at_the_field(scene, administrator):
    page = tried(administrator, from_template(scene, "xiamen_emc"), saving_tce="lots")
    assert (page.status_code, page.context["trial"], set(page.context["form"].errors)) == (422, None, {"saving_tce"})


def test_document_depends_on_the_made_up_investment(scene, administrator):
    programme = from_template(scene, "shanghai")
    counts = [
        len(tried(administrator, programme, investment_cny=given).context["trial"].documents)
        for given in ("5,000,000", "5,000,000.01")
    ]
    assert counts == [4, 5]


def test_preview_shows_the_offer_before_it_is_published(scene, administrator):
    programme = from_template(scene, "shanghai")
    page = administrator.get(reverse("incentives:programme_preview", kwargs={"programme_id": programme.pk}))
    text = page.content.decode()
    assert page.status_code == 200
    assert all(word in text for word in ("What you will be asked", "Type of the contract", "Cap as a share"))


@pytest.mark.parametrize("name", ["programme_try", "programme_preview"])
def test_enterprises_do_not_see_what_is_not_published(scene, name):
    programme = from_template(scene, "shanghai")
    url = reverse(f"incentives:{name}", kwargs={"programme_id": programme.pk})
    assert signed_in_client(scene.ours.firm.people[Role.OWNER]).get(url).status_code == 403
    assert signed_in_client(scene.others.staff[Role.PARK_ADMINISTRATOR]).get(url).status_code == 404


# Differences


def test_differences_are_told_in_words(scene):
    programme = from_template(scene, "shanghai")
    version = publish(scene, programme)
    terms = TEMPLATES["shanghai"].terms
    changed = update(
        scene,
        programme,
        cap_cny=Decimal(4_000_000),
        cap_percent=None,
        closes_on=date(2027, 6, 30),
        eligibility_rules=[
            *terms["eligibility_rules"],
            {"condition": "months <= 12", "text_en": "Within a year.", "text_zh": "一年内。"},
        ],
        form_fields=[
            *terms["form_fields"],
            {"key": "area", "kind": FieldKind.NUMBER.value, "label_en": "Area", "label_zh": "面积", "unit": "m²"},
        ],
    )
    with acting_as(scene.ours.staff[Role.AUDITOR]):
        found = [(change.label, change.before, change.after) for change in services.differences(version, changed)]
    assert found == [
        ("Closes at the end of", ["2026-12-31"], ["2027-06-30"]),
        ("Cap per enterprise (yuan)", ["¥5,000,000.00"], ["¥4,000,000.00"]),
        ("Cap as a share of the investment (%)", ["30\u2009%"], ["–"]),
        ("Eligibility rules", [], ["Within a year. (months <= 12)"]),
        ("Fields of the form", [], ["Area [Number with a unit]"]),
    ]


def test_differences_say_their_units(scene):
    programme = from_template(scene, "shanghai")
    version = publish(scene, programme)
    case = {"saving_tce": "100.000", "investment_cny": "1000000.00", "amount_cny": "80000.00"}
    changed = update(
        scene,
        programme,
        rate_cny_per_tce=Decimal("801.00"),
        example_cases=[case],
        rate_tiers=[{"from_tce": "50.000", "rate_cny_per_tce": "600.00"}],
        saving_min_tce=Decimal("60.000"),
        interest_percent=Decimal("3.45"),
        criteria=[{"name_en": "Proof", "name_zh": "依据", "weight": 40, "most": 10}],
        payment_plan=[{"percent": "100.00", "condition_en": "Agreement", "condition_zh": "协议"}],
        further_windows=[{"opens_on": "2027-01-04", "closes_on": "2027-02-01"}],
    )
    with acting_as(scene.ours.staff[Role.AUDITOR]):
        found = {change.label: change.after for change in services.differences(version, changed)}
    expected = {
        "Rate (yuan per tce saved)": ["¥801.00/tce"],
        "Rates by saving": ["50\u2009tce: ¥600.00/tce"],
        "Least saving a year (tce)": ["60\u2009tce"],
        "Interest on money that is claimed back (% a year)": ["3.45\u2009%"],
        "Criteria of the experts": ["Proof: weight 40, at most 10 points"],
        "Payments": ["100\u2009%: Agreement"],
        "Further windows": ["2027-01-04 – 2027-02-01"],
        "Examples": ["100\u2009tce saved and ¥1,000,000.00 invested give ¥80,000.00"],
    }
    assert {label: found[label] for label in expected} == expected


def test_publishing_shows_what_changes(scene, administrator):
    programme = from_template(scene, "shanghai")
    publish(scene, programme)
    update(scene, programme, cap_cny=Decimal(4_000_000))
    page = administrator.get(reverse("incentives:programme_publish", kwargs={"programme_id": programme.pk}))
    assert [change.after for change in page.context["differences"]] == [["¥4,000,000.00"]]


def test_field_that_was_kept_without_options_is_drawn_without():
    rows = field_rows(None, {"form_fields": [{"key": "q1", "kind": "text", "label_en": "Meter", "label_zh": "表"}]})
    assert [form["options"].value() for form in rows.rows if form["key"].value() == "q1"] == [""]
