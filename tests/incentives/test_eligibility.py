"""Eligibility rules: decided by named facts, told with the numbers, asked before an application is begun and filed."""

from __future__ import annotations

import doctest
from datetime import date
from decimal import Decimal
from time import perf_counter

import pytest
from django.urls import reverse

from benchmarks.formulas import HOSTILE, HOSTILE_CONDITIONS
from enterprises.models import Enterprise, EnterpriseLabel
from incentives import services
from incentives.services import Invalid, facts
from incentives.services.conditions import condition_words
from incentives.services.eligibility import check_rules
from lib import formulas
from parks.choices import Role
from tenancy.scopes import park_scope
from tests.clients import signed_in_client
from tests.incentives.cases import NOW, acting_as, fill, submit
from tests.incentives.test_amount_formula import TYPED, under
from tests.incentives.test_services_programmes import create, publish

pytestmark = pytest.mark.django_db
TODAY = NOW.date()


def rule(condition, text="A rule"):
    return {"condition": condition, "text_en": text, "text_zh": "规则"}


BIG = rule("saving >= 100 and saving < 10000", "Saves 100 to 10,000 tce a year")
SERVICE = rule("energy_service and capital >= 5000000", "Is an energy service company with a capital of 5 million yuan")
SOON = rule("months <= 6", "Is filed within 6 months after completion")


def checked(application, *rules):
    with acting_as_applicant(application):
        return services.rules_of(under(application, eligibility_rules=list(rules)), TODAY)


def acting_as_applicant(application):
    return acting_as(application.applicant)


@pytest.fixture
def firm(scene):
    return scene.ours.firm


@pytest.fixture
def draft(firm):
    application = fill(firm, saving_tce=Decimal("812.5"), completed_on=date(2026, 5, 4))
    application.applicant = firm.people[Role.APPLICANT]
    return application


def register(firm, **known):
    with park_scope(firm.enterprise.park_id):
        Enterprise.objects.filter(pk=firm.enterprise.pk).update(**known)


def told(checks):
    return [(check.is_met, check.evidence, check.needs) for check in checks]


def test_rule_is_told_with_the_numbers_used(draft):
    assert told(checked(draft, BIG, SOON)) == [
        (True, "saving a year: 812.5\N{THIN SPACE}tce", ""),
        (True, "months since completion, begun ones counted: 6", ""),
    ]


def test_rule_that_is_not_met_says_by_which_numbers(firm, draft):
    register(firm, kind="energy_service", registered_capital=Decimal(4_999_999))
    with acting_as_applicant(draft):
        draft.enterprise.refresh_from_db()
        missing = services.check_application(under(draft, eligibility_rules=[SERVICE]), TODAY)
    assert [(entry.field, entry.message) for entry in missing] == [
        (
            "eligibility",
            "Not met: Is an energy service company with a capital of 5 million yuan"
            " (Energy service company: yes · registered capital in yuan: ¥4,999,999.00)",
        )
    ]


@pytest.mark.parametrize(
    ("condition", "is_met"),
    [
        ("energy_service and capital > 1", False),
        ("capital > 1 and energy_service", False),
        ("manufacturer or capital > 1", True),
        ("capital > 1 or manufacturer", True),
        ("manufacturer and capital > 1", None),
        ("not (energy_service or capital > 1)", None),
    ],
)
def test_rule_is_settled_by_what_is_known_where_that_is_enough(firm, draft, condition, is_met):
    register(firm, kind="manufacturer", registered_capital=None)
    with acting_as_applicant(draft):
        draft.enterprise.refresh_from_db()
    assert [check.is_met for check in checked(draft, rule(condition))] == [is_met]


def test_what_the_registration_lacks_is_named(firm, draft):
    register(firm, kind="energy_service", registered_capital=None)
    with acting_as_applicant(draft):
        draft.enterprise.refresh_from_db()
    assert told(checked(draft, SERVICE)) == [(None, "Energy service company: yes", "registered capital in yuan")]
    with acting_as_applicant(draft):
        missing = services.check_application(under(draft, eligibility_rules=[SERVICE]), TODAY)
    assert [entry.field for entry in missing] == ["eligibility"]


def test_rule_waits_for_an_answer_that_is_missing_anyway(draft):
    draft.saving_tce = None
    with acting_as_applicant(draft):
        missing = services.check_application(under(draft, eligibility_rules=[BIG]), TODAY)
    assert [(entry.field, entry.message) for entry in missing] == [
        ("saving_tce", "Enter the annual saving, above zero.")
    ]


def test_capital_in_another_currency_is_not_known_in_yuan(firm):
    register(firm, registered_capital=Decimal(9), capital_currency="USD", industry_code="C3562", employees=12)
    with park_scope(firm.enterprise.park_id):
        enterprise = Enterprise.objects.get(pk=firm.enterprise.pk)
        known = facts.facts_of_enterprise(enterprise, TODAY)
    assert [known[name] for name in ("capital", "employees", "division", "section_c", "section_d", "years")] == [
        None,
        12,
        35,
        1,
        0,
        None,
    ]


@pytest.mark.parametrize(
    ("changes", "is_labelled"),
    [
        ({}, 1),
        ({"valid_from": date(2026, 11, 5)}, 0),
        ({"valid_until": date(2026, 11, 3)}, 0),
        ({"valid_until": date(2026, 11, 4)}, 1),
    ],
)
def test_label_counts_on_the_days_on_which_it_is_valid(firm, changes, is_labelled):
    giver = firm.people[Role.OWNER].user
    with park_scope(firm.enterprise.park_id):
        EnterpriseLabel.objects.create(
            park_id=firm.enterprise.park_id,
            enterprise=firm.enterprise,
            kind="high_tech",
            given_by=giver,
            given_by_name=giver.name,
            **{"valid_from": date(2026, 1, 1), **changes},
        )
        assert facts.facts_of_enterprise(firm.enterprise, TODAY)["high_tech"] == is_labelled


def test_condition_that_divides_by_zero_is_not_met(draft):
    (check,) = checked(draft, rule("investment / (saving − 812.5) > 1"))
    assert (check.is_met, check.fault) == (False, "The formula divides by zero for these numbers.")


def test_filed_application_is_checked_as_of_its_first_filing(scene, firm, draft):
    filed = submit(firm, draft)
    with acting_as_applicant(draft):
        later = services.rules_of(under(filed, eligibility_rules=[SOON]), date(2030, 1, 1))
    assert [check.is_met for check in later] == [True]


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ([rule("saving")], "Rule 1: “saving” at character 1 is no condition: compare two numbers."),
        ([BIG, rule("savings > 1")], "Rule 2: “savings” at character 1 is not known."),
        ([rule("high_tech > 1")], "is a condition where a number is needed"),
        ([rule("saving > 1", " ")], "needs a condition and its words"),
        ([{"condition": "saving > 1"}], "needs a condition and its words"),
        ("saving > 1", "needs a condition and its words"),
        ([BIG] * 21, "needs a condition and its words"),
    ],
)
def test_rules_that_cannot_be_read_are_refused(scene, rules, words):
    with pytest.raises(Invalid) as refused:
        create(scene, eligibility_rules=rules)
    assert (refused.value.field, words in refused.value.message) == ("eligibility_rules", True), refused.value.message


@pytest.mark.parametrize("text", [*HOSTILE.values(), *HOSTILE_CONDITIONS.values()], ids=lambda text: text[:20])
def test_hostile_condition_is_refused_in_a_tenth_of_a_second(scene, text):
    started = perf_counter()
    assert services.explain_condition(text)
    assert perf_counter() - started < 0.1


def test_nobody_starts_what_the_registration_rules_out(scene, firm):
    version = publish(scene, create(scene, eligibility_rules=[SERVICE, BIG]))
    register(firm, kind="manufacturer", registered_capital=Decimal(1))
    with acting_as(firm.people[Role.APPLICANT]) as actor, pytest.raises(services.NotEligible) as refused:
        services.start_application(actor, version, now=NOW)
    assert "Energy service company: no" in refused.value.message
    assert "tce a year" not in refused.value.message
    register(firm, kind="energy_service", registered_capital=Decimal(5_000_000))
    with acting_as(firm.people[Role.APPLICANT]) as actor:
        assert services.start_application(actor, version, now=NOW).programme_version == version


def test_offer_says_why_no_application_can_be_started(scene, firm):
    version = publish(scene, create(scene, eligibility_rules=[SERVICE, BIG]))
    register(firm, kind="manufacturer", registered_capital=None)
    client = signed_in_client(firm.people[Role.APPLICANT])
    page = client.get(reverse("incentives:offer_detail", kwargs={"programme_version_id": version.pk}))
    assert (page.context["can_start"], [check.is_met for check in page.context["checks"]]) == (False, [False, None])
    assert "Is an energy service company" in page.content.decode()


def test_administrator_writes_rules_and_is_told_what_is_wrong_with_one(scene):
    administrator = signed_in_client(scene.ours.staff[Role.PARK_ADMINISTRATOR])
    typed = {
        **TYPED,
        "rules": ["0", "1"],
        "rules-0-condition": "saving ≥ 100",
        "rules-0-text_en": "Enough",
        "rules-0-text_zh": "足够",
        "rules-1-condition": "savings > 1",
        "rules-1-text_en": "Odd",
        "rules-1-text_zh": "奇怪",
    }
    refused = administrator.post(reverse("incentives:programme_create"), typed)
    errors = [set(row.errors) for row in refused.context["form"].rules.rows]
    assert (refused.status_code, errors) == (422, [set(), {"condition"}])
    made = administrator.post(reverse("incentives:programme_create"), {**typed, "rules": ["0"]})
    page = administrator.get(made.url)
    assert page.context["programme"].eligibility_rules == [
        {"condition": "saving ≥ 100", "text_en": "Enough", "text_zh": "足够"}
    ]
    assert "Enough" in page.content.decode()


def test_facts_of_the_documentation_hold():
    outcomes = [doctest.testmod(module) for module in (facts, formulas)]
    assert [(outcome.failed, outcome.attempted > 0) for outcome in outcomes] == [(0, True), (0, True)]


def test_every_fact_can_be_used_in_a_condition():
    for fact in facts.FACTS.values():
        condition = fact.name if fact.is_truth else f"{fact.name} > 0"
        assert services.explain_condition(condition) == "", fact.name
    values = dict.fromkeys(facts.FACTS, Decimal(1))
    terms = type("Terms", (), {"eligibility_rules": [rule("high_tech and months > 0")], "form_fields": []})
    assert [check.is_met for check in check_rules(terms, values)] == [True]


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("investment > 5000000", "investment > ¥5,000,000.00"),
        ("saving >= 100 and not manufacturer", "saving a year ≥ 100\u2009tce and not Manufacturer"),
        (
            "months <= 6 or capital > 2 * employees",
            "months since completion, begun ones counted ≤ 6 or registered capital in yuan > 2 * employees",
        ),
        ("unknown == 1", "unknown = 1"),
    ],
)
def test_conditions_are_told_to_enterprises_in_words(condition, words):
    assert condition_words(condition) == words
