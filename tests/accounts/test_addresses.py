"""Whoever an e-mail address belongs to is found whatever its case, by an index."""

from __future__ import annotations

import pytest
from allauth.account.internal.userkit import filter_users_by_email
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from tests.accounts.people import wu_hao

pytestmark = pytest.mark.django_db


def explained(statement):
    """How the database would find the rows if the table were large."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {statement}")
        return "\n".join(line for (line,) in cursor.fetchall())


def asked_for(rows):
    with CaptureQueriesContext(connection) as asked:
        list(rows)
    return asked[0]["sql"]


@pytest.mark.parametrize("text", ["wu.hao@example.com", "Wu.Hao@Example.COM", "  WU.HAO@EXAMPLE.COM "])
def test_person_is_found_by_address_in_any_case(text):
    person = wu_hao()
    wu_hao(email="li@example.com")
    assert list(User.objects.with_address(text)) == [person]
    assert User.objects.get_by_natural_key(text) == person


@pytest.mark.parametrize("text", ["", "wu.hao@example", "%", "wu_hao@example.com"])
def test_nobody_is_found_by_part_of_an_address(text):
    wu_hao()
    assert list(User.objects.with_address(text)) == []


def test_address_is_found_by_the_unique_index():
    assert "user_email_once" in explained(asked_for(User.objects.with_address("wu@example.com")))


def test_addresses_that_sign_in_looks_up_are_indexed():
    with CaptureQueriesContext(connection) as asked:
        assert filter_users_by_email("Nobody@example.com") == []
    plans = [explained(query["sql"]) for query in asked]
    assert ["account_emailaddress_email" in plans[0], "user_email" in plans[1]] == [True, True]
