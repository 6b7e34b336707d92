"""Two colleagues who take one name at the same moment, with real threads and connections."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from accounts.models import User
from accounts.services import NameTaken, change_profile
from parks.choices import Role
from tenancy.scopes import Author, login_scope
from tests.enterprises.test_vetting_concurrency import wait_until_locked
from tests.factories.people import ParkFactory, person

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


def rename(user, name):
    change_profile(user, name=name, language="en", time_zone="Asia/Shanghai")


def test_of_two_colleagues_who_take_a_name_at_once_one_gets_it():
    park = ParkFactory()
    first, second = (person(role, park).user for role in (Role.REVIEWER, Role.APPROVER))
    before = second.name

    def take_it_too():
        try:
            with login_scope(Author(second.pk, second.name)):
                rename(second, " LU  ping")
        except NameTaken as refusal:
            return refusal.field
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        with login_scope(Author(first.pk, first.name)):
            rename(first, "Lu Ping")
            waiting = pool.submit(take_it_too)
            wait_until_locked()
        assert waiting.result(timeout=20) == "name"

    assert [User.objects.get(pk=user.pk).name for user in (first, second)] == ["Lu Ping", before]
