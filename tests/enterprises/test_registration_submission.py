"""What stands in the way of filing a registration, and what filing it does."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

import pytest

from enterprises.choices import RegistrationState
from enterprises.services import registration as services
from tenancy.scopes import park_scope
from tests.enterprises.registration_cases import (
    CODE,
    NOW,
    SITE,
    TODAY,
    begin,
    complete,
    give_back,
    missing_of,
    save,
    steps_of,
    stored,
    submit,
)
from tests.factories.filing import EnterpriseFactory
from tests.factories.people import ParkFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def park():
    return ParkFactory(name_en="Torch Zone", name_zh="火炬园区")


def test_empty_draft_lacks_what_every_enterprise_has(park, lin):
    assert missing_of(stored(park, lin, begin(park, lin))) == [
        "credit_code",
        "name_zh",
        "legal_representative",
        "address",
        "industry_code",
        "industry_zh",
        "sites",
        "contact_name",
        "contact_phone",
        "contact_email",
        "paper_business_licence",
        "paper_authorisation",
    ]


@pytest.mark.parametrize(
    ("changes", "asked"),
    [
        ({}, []),
        ({"is_legal_representative": False}, ["paper_authorisation"]),
        ({"established_on": date(2026, 11, 21)}, ["established_on"]),
        ({"established_on": TODAY}, []),
        ({"industry_zh": "", "industry_en": "Machines"}, []),
        ({"sites": [SITE, {**SITE, "name": "", "address": ""}]}, ["sites", "sites"]),
    ],
)
def test_what_stands_in_the_way_of_filing(park, lin, changes, asked):
    assert missing_of(complete(park, lin, **changes)) == asked


def test_incomplete_draft_is_not_filed(park, lin):
    draft = begin(park, lin, name_zh="新港")

    with pytest.raises(services.Incomplete) as refused:
        submit(park, lin, draft)

    assert len(refused.value.missing) == 11
    assert stored(park, lin, draft).state == RegistrationState.DRAFT


def test_filing_gives_a_receipt_and_a_day(park, lin):
    filed = submit(park, lin, complete(park, lin))

    assert filed.state == RegistrationState.SUBMITTED
    assert re.fullmatch(r"R-[0-9A-Z]{4}-[0-9A-Z]{4}", filed.number)
    assert filed.due_at.isoformat() == "2026-11-27T23:59:59.999999+08:00"
    assert (filed.round, filed.submitted_at) == (1, NOW)
    assert steps_of(park, lin, filed) == [("submitted", "Lin Yue", "")]


def test_due_day_is_counted_on_the_park_s_calendar(lin):
    """Friday 17:00 UTC is Saturday in China and still Friday in London."""
    evening = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)
    due = {}
    for zone in ("Asia/Shanghai", "Europe/London"):
        park = ParkFactory(time_zone=zone)
        due[zone] = submit(park, lin, complete(park, lin), now=evening).due_at.isoformat()

    assert due == {
        "Asia/Shanghai": "2026-11-27T23:59:59.999999+08:00",
        "Europe/London": "2026-11-27T23:59:59.999999+00:00",
    }


def test_filing_twice_answers_the_same_receipt(park, lin):
    draft = complete(park, lin)
    first = submit(park, lin, draft, expected_revision=draft.revision)

    second = submit(park, lin, draft, expected_revision=draft.revision)

    assert (second.number, second.round) == (first.number, 1)
    assert len(steps_of(park, lin, draft)) == 1


def test_what_was_not_read_is_not_filed(park, lin):
    draft = complete(park, lin)

    with pytest.raises(services.ChangedMeanwhile):
        submit(park, lin, draft, expected_revision=draft.revision - 1)


def test_code_that_is_registered_already_is_filed_like_any_other(park, lin):
    """Who registers learns nothing of it: the same receipt, the same words."""
    with park_scope(park.pk):
        EnterpriseFactory(park=park, credit_code=CODE)
    other = UserFactory()
    submit(park, other, complete(park, other))

    filed = submit(park, lin, complete(park, lin))

    assert filed.state == RegistrationState.SUBMITTED


def test_returned_registration_is_filed_again_under_its_number(park, lin):
    filed = submit(park, lin, complete(park, lin))
    returned = give_back(park, filed)
    corrected = save(park, lin, returned, address="厦门市湖里区 2 号")

    again = submit(park, lin, corrected)

    assert (again.number, again.round, again.submitted_at) == (filed.number, 2, filed.submitted_at)
    assert [kind for kind, _by, _comment in steps_of(park, lin, filed)] == ["submitted", "returned", "resubmitted"]


def test_late_second_click_does_not_file_what_was_returned(park, lin):
    draft = complete(park, lin)
    filed = submit(park, lin, draft, expected_revision=draft.revision)
    give_back(park, filed)

    with pytest.raises(services.ChangedMeanwhile):
        submit(park, lin, draft, expected_revision=draft.revision)
