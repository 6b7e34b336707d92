"""The amount formula of a programme: kept with its examples, explained to who applies, followed to the cent."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.urls import reverse

from incentives import services
from incentives.models import ProgrammeVersion
from incentives.services import Invalid
from parks.choices import Role
from tests.clients import signed_in_client
from tests.incentives.cases import NOW, acting_as, fill
from tests.incentives.test_services_programmes import create, publish, update

pytestmark = pytest.mark.django_db
SHARE = "min(saving × rate, investment × 0.3)"
TRUE = {"saving_tce": "1000", "investment_cny": "200000", "amount_cny": "60000.00"}
CAPPED = {"saving_tce": "10000", "investment_cny": "90000000", "amount_cny": "100000.00"}


def refused(act, field, words):
    with pytest.raises(Invalid) as caught:
        act()
    assert (caught.value.field, words in caught.value.message) == (field, True), caught.value.message


def under(application, **terms):
    """As if the application had been started under a version with these terms; past what never changes."""
    version = ProgrammeVersion.objects.get(pk=application.programme_version_id)
    for name, value in terms.items():
        setattr(version, name, value)
    application.programme_version = version
    return application


def test_formula_is_published_with_its_examples(scene):
    version = publish(scene, create(scene, amount_formula=SHARE, example_cases=[TRUE, CAPPED]))
    assert (version.amount_formula, version.example_cases) == (SHARE, [TRUE, CAPPED])


@pytest.mark.parametrize(
    ("formula", "words"),
    [
        ("saving *", "cannot be read at character"),
        ("savings × 2", "“savings” at character 1 is not known. The names are investment, rate, saving."),
        ("saving.real", "is not allowed"),
        ("saving ** 9", "is not allowed"),
        ("ѕaving", "The sign “ѕ” at character 1"),
    ],
)
def test_text_that_is_no_formula_is_not_kept(scene, formula, words):
    refused(lambda: create(scene, amount_formula=formula), "amount_formula", words)


@pytest.mark.parametrize(
    ("cases", "words"),
    [
        ([], "at least one example"),
        (
            [TRUE, TRUE | {"amount_cny": "60000.01"}],
            "Example 2 says ¥60,000.01, the terms give ¥60,000.00. Correct one of them.",
        ),
    ],
)
def test_formula_without_examples_that_come_true_is_not_published(scene, cases, words):
    programme = create(scene, amount_formula=SHARE, example_cases=cases)
    refused(lambda: publish(scene, programme), "amount_formula", words)
    with acting_as(scene.ours.staff[Role.AUDITOR]):
        assert not ProgrammeVersion.objects.filter(programme=programme).exists()


def test_example_that_divides_by_zero_says_so(scene):
    case = {"saving_tce": "1", "investment_cny": "0", "amount_cny": "1.00"}
    programme = create(scene, amount_formula="saving / investment", example_cases=[case])
    refused(lambda: publish(scene, programme), "amount_formula", "divides by zero")


def test_examples_of_a_rate_must_come_true_as_well(scene):
    programme = create(scene, example_cases=[{"saving_tce": "10", "investment_cny": "0", "amount_cny": "3500.01"}])
    refused(lambda: publish(scene, programme), "amount_formula", "Example 1")
    update(scene, programme, example_cases=[{"saving_tce": "10", "investment_cny": "0", "amount_cny": "3500.00"}])
    assert publish(scene, programme).number == 1


def test_rate_is_needed_where_the_formula_speaks_of_it(scene):
    no_rate = {"rate_cny_per_tce": Decimal(0)}
    case = {"saving_tce": "1", "investment_cny": "100", "amount_cny": "30.00"}
    without = create(scene, **no_rate, amount_formula="investment × 0.3", example_cases=[case])
    assert publish(scene, without).number == 1
    speaking = create(scene, **no_rate, code="RATE", amount_formula=SHARE, example_cases=[TRUE])
    refused(lambda: publish(scene, speaking), "rate_cny_per_tce", "above zero")


def test_amount_follows_the_formula_within_the_cap(scene):
    firm = scene.ours.firm
    application = fill(firm, investment_cny=Decimal(200_000), saving_tce=Decimal(1000))
    with acting_as(firm.people[Role.APPLICANT]):
        by_share = services.estimate_application(
            under(application, amount_formula=SHARE, cap_cny=Decimal(100_000)), NOW.date()
        )
        capped = services.estimate_application(
            under(application, amount_formula=SHARE, cap_cny=Decimal(50_000)), NOW.date()
        )
    assert (by_share.before_cap_cny, by_share.amount_cny) == (Decimal("60000.00"), Decimal("60000.00"))
    assert (capped.before_cap_cny, capped.amount_cny, capped.is_capped) == (
        Decimal("60000.00"),
        Decimal("50000.00"),
        True,
    )


def test_amount_waits_for_every_number_of_the_formula(scene):
    firm = scene.ours.firm
    application = fill(firm, saving_tce=Decimal(1000))
    application.investment_cny = None
    with acting_as(firm.people[Role.APPLICANT]):
        assert services.estimate_application(under(application, amount_formula=SHARE), NOW.date()) is None
        assert services.estimate_application(under(application, amount_formula="saving × 2"), NOW.date()) is not None


def test_who_applies_is_told_why_there_is_no_amount(scene):
    firm = scene.ours.firm
    application = fill(firm, investment_cny=Decimal(200_000), saving_tce=Decimal(1000))
    with acting_as(firm.people[Role.APPLICANT]):
        odd = under(application, amount_formula="investment / (saving − 1000)")
        missing = services.check_application(odd, NOW.date())
    assert [(entry.field, entry.message) for entry in missing] == [
        ("saving_tce", "The formula divides by zero for these numbers.")
    ]


def test_result_below_zero_is_nothing(scene):
    firm = scene.ours.firm
    application = fill(firm, investment_cny=Decimal(1), saving_tce=Decimal(1))
    with acting_as(firm.people[Role.APPLICANT]):
        estimate = services.estimate_application(under(application, amount_formula="saving − 100"), NOW.date())
    assert estimate.amount_cny == 0


# The pages

TYPED = {
    "code": "SHARE",
    "title_en": "Share of the investment",
    "title_zh": "投资补助",
    "opens_on": "2026-11-01",
    "closes_on": "2026-12-31",
    "cap_cny": "100000",
    "budget_cny": "1000000",
    "document_kinds": ["contract"],
    "amount_formula": SHARE,
    "rate_cny_per_tce": "350",
    "example_1_saving_tce": "1,000",
    "example_1_investment_cny": "200,000",
    "example_1_amount_cny": "60,000.00",
}


@pytest.fixture
def administrator(scene):
    return signed_in_client(scene.ours.staff[Role.PARK_ADMINISTRATOR])


def test_administrator_writes_a_formula_and_sees_its_examples(scene, administrator):
    made = administrator.post(reverse("incentives:programme_create"), TYPED)
    assert made.status_code == 302
    page = administrator.get(made.url)
    assert [example.passes for example in page.context["examples"]] == [True]
    assert SHARE in page.content.decode()
    form = administrator.get(f"{made.url}edit/").context["form"]
    example = [form[f"example_1_{part}"].value() for part in services.EXAMPLE_PARTS]
    assert example == ["1,000", "200,000.00", "60,000.00"]
    published = administrator.post(f"{made.url}publish/")
    assert published.status_code == 302


@pytest.mark.parametrize(
    ("changes", "problems"),
    [
        ({"amount_formula": "saving *"}, {"amount_formula"}),
        ({"amount_formula": "", "rate_cny_per_tce": ""}, {"rate_cny_per_tce"}),
        ({"amount_formula": "saving *", "rate_cny_per_tce": ""}, {"amount_formula"}),
        ({"example_2_saving_tce": "5"}, {"example_2_amount_cny"}),
        ({"example_1_amount_cny": "many"}, {"example_1_amount_cny"}),
    ],
)
def test_wrong_formula_comes_back_with_everything_typed(administrator, changes, problems):
    answer = administrator.post(reverse("incentives:programme_create"), TYPED | changes)
    assert (answer.status_code, set(answer.context["form"].errors)) == (422, problems)
    assert "投资补助" in answer.content.decode()


def test_offer_shows_the_formula_and_its_examples(scene, administrator):
    made = administrator.post(reverse("incentives:programme_create"), TYPED)
    administrator.post(f"{made.url}publish/")

    with acting_as(scene.ours.firm.people[Role.APPLICANT]):
        version = ProgrammeVersion.objects.get(code="SHARE")
    page = signed_in_client(scene.ours.firm.people[Role.APPLICANT]).get(
        reverse("incentives:offer_detail", kwargs={"programme_version_id": version.pk})
    )
    assert SHARE in page.content.decode()
    assert [example.computed_cny for example in page.context["examples"]] == [Decimal("60000.00")]
