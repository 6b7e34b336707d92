"""What the park reads of a returned registration is what was filed, until it is filed again."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction

from accounts.models import User
from enterprises.choices import PaperKind
from enterprises.models import Enterprise, Registration, RegistrationPaper, UnfiledAnswers
from enterprises.queries import vetting as queries
from enterprises.services.registration import save_registration, withdraw_registration
from enterprises.services.registration_papers import remove_registration_paper
from enterprises.services.vetting import RegistrantGone
from lib.refusals import Refusal
from parks.choices import Role
from tenancy.models import AuditEvent
from tenancy.scopes import park_scope
from tests.clients import actor
from tests.enterprises import vetting_cases
from tests.enterprises.registration_cases import (
    ANSWERS,
    CODE,
    NOW,
    PDF,
    SITE,
    acting_as,
    attach,
    complete,
    give_back,
    stored,
    submit,
)
from tests.factories.people import UserFactory

pytestmark = pytest.mark.django_db
EDITS = {
    "name_zh": "厦门新港精密机械股份有限公司",
    "registered_capital": Decimal("8000000.00"),
    "established_on": date(2019, 5, 17),
    "employees": 120,
    "is_code_confirmed": False,
    "sites": [{**SITE, "name": "Works 2"}],
}


@pytest.fixture
def lin():
    return UserFactory(name="Lin Yue")


@pytest.fixture
def returned(side, lin):
    filed = submit(side.park, lin, complete(side.park, lin))
    return give_back(side.park, filed)


def edit(side, lin, registration, answers=None):
    read = stored(side.park, lin, registration)
    with acting_as(side.park, lin) as registrant:
        return save_registration(
            registrant, read, answers=answers or EDITS, expected_revision=read.revision, now=NOW + timedelta(hours=1)
        )


def as_park_reads(side, registration):
    with park_scope(side.park.pk):
        return queries.vetting_page(actor(side.staff[Role.REVIEWER])).get(pk=registration.pk)


def told(registration, names=tuple(EDITS)):
    return {name: getattr(registration, name) for name in names}


def test_park_reads_what_was_filed_while_it_is_corrected(side, lin, returned):
    before = told(as_park_reads(side, returned))

    edit(side, lin, returned)

    assert told(stored(side.park, lin, returned)) == {**before, **EDITS}
    assert told(as_park_reads(side, returned)) == before
    assert before["name_zh"] == ANSWERS["name_zh"]


def test_park_reads_the_corrections_once_they_are_filed(side, lin, returned):
    edit(side, lin, returned)

    submit(side.park, lin, returned, now=NOW + timedelta(days=1))

    assert told(as_park_reads(side, returned)) == {**told(returned), **EDITS}
    with acting_as(side.park, lin):
        assert UnfiledAnswers.objects.get(registration=returned).answers == {}


def test_second_return_begins_with_what_was_filed_last(side, lin, returned):
    edit(side, lin, returned)
    submit(side.park, lin, returned, now=NOW + timedelta(days=1))
    give_back(side.park, returned)

    assert told(stored(side.park, lin, returned)) == {**told(returned), **EDITS}
    edit(side, lin, returned, {"employees": 121})
    assert stored(side.park, lin, returned).employees == 121
    assert as_park_reads(side, returned).employees == 120


def test_correction_is_kept_answer_by_answer(side, lin, returned):
    edit(side, lin, returned, {"employees": 7})
    edit(side, lin, returned, {"name_zh": EDITS["name_zh"]})

    assert told(stored(side.park, lin, returned), ("employees", "name_zh")) == {
        "employees": 7,
        "name_zh": EDITS["name_zh"],
    }


def test_officials_cannot_read_unfiled_answers_at_all(side, lin, returned):
    edit(side, lin, returned)

    with (
        park_scope(side.park.pk),
        pytest.raises(DatabaseError, match="permission denied"),
        transaction.atomic(),
    ):
        UnfiledAnswers.objects.count()


def test_another_registrant_reads_none_of_them(side, lin, returned):
    edit(side, lin, returned)

    with acting_as(side.park, lin):
        assert UnfiledAnswers.objects.count() == 1
    with acting_as(side.park, UserFactory()):
        assert UnfiledAnswers.objects.count() == 0


def test_database_keeps_what_was_filed(side, lin, returned):
    with (
        acting_as(side.park, lin),
        pytest.raises(DatabaseError, match="stays until it is filed again"),
        transaction.atomic(),
    ):
        Registration.objects.filter(pk=returned.pk).update(name_en="Another")


def test_document_added_to_a_returned_one_is_seen_with_the_next_filing(side, lin, returned):
    attach(side.park, lin, returned, PDF + b"\n", PaperKind.OTHER, "plan.pdf")

    assert [paper.name for paper in stored(side.park, lin, returned).kept] == ["licence.pdf", "plan.pdf"]
    assert [paper.name for paper in as_park_reads(side, returned).kept] == ["licence.pdf"]
    with park_scope(side.park.pk):
        assert [paper.name for paper in RegistrationPaper.objects.filter(registration=returned)] == ["licence.pdf"]

    submit(side.park, lin, returned, now=NOW + timedelta(days=1))

    assert [paper.name for paper in as_park_reads(side, returned).kept] == ["licence.pdf", "plan.pdf"]


def test_document_taken_out_of_a_returned_one_stands_until_the_next_filing(side, lin, returned):
    attach(side.park, lin, returned, PDF + b"\n", name="newer.pdf")
    (licence,) = as_park_reads(side, returned).kept
    with acting_as(side.park, lin) as registrant:
        remove_registration_paper(registrant, licence, now=NOW)

    assert [paper.name for paper in as_park_reads(side, returned).kept] == ["licence.pdf"]

    submit(side.park, lin, returned, now=NOW + timedelta(days=1))

    assert [paper.name for paper in as_park_reads(side, returned).kept] == ["newer.pdf"]


def test_withdrawn_one_stays_as_it_was_filed(side, lin, returned):
    edit(side, lin, returned)
    with acting_as(side.park, lin) as registrant:
        withdraw_registration(registrant, returned, now=NOW)
        assert UnfiledAnswers.objects.get(registration=returned).answers == {}

    assert as_park_reads(side, returned).name_zh == ANSWERS["name_zh"]
    assert stored(side.park, lin, returned).name_zh == ANSWERS["name_zh"]


def test_trail_tells_of_corrections_when_they_are_filed(side, lin, returned):
    def names():
        with park_scope(side.park.pk):
            events = AuditEvent.objects.of_row("enterprises_registration", returned.pk)
            return [event for event in events if "name_zh" in str(event.after)]

    before = len(names())
    edit(side, lin, returned)
    assert len(names()) == before

    submit(side.park, lin, returned, now=NOW + timedelta(days=1))

    assert len(names()) == before + 1


@pytest.mark.parametrize("act", ["approve", "join"])
def test_nobody_is_let_in_whose_account_is_closed(side, lin, act):
    filed = vetting_cases.file_registration(side.park, registrant=lin)
    User.objects.filter(pk=lin.pk).update(is_active=False)

    with pytest.raises(RegistrantGone) as refused:
        if act == "approve":
            vetting_cases.approve(side, filed)
        else:
            vetting_cases.join(side, filed, side.firm.enterprise, side.staff[Role.PARK_ADMINISTRATOR])

    words = "The account of Lin Yue is closed, so nobody could act for the enterprise. Reject the registration."
    assert (refused.value.message, isinstance(refused.value, Refusal)) == (words, True)
    with park_scope(side.park.pk):
        assert not Enterprise.objects.filter(credit_code=CODE).exists()


def test_registration_of_a_closed_account_can_be_rejected(side, lin):
    filed = vetting_cases.file_registration(side.park, registrant=lin)
    User.objects.filter(pk=lin.pk).update(is_active=False)

    assert vetting_cases.reject(side, filed).state == "rejected"
