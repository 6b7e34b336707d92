"""A scope shows its rows and no others, and forgetting it is loud."""

from __future__ import annotations

import pytest
from django.db import ProgrammingError, connection, transaction

from enterprises.models import Enterprise
from tenancy.scopes import Kind, current_scope, enterprise_scope, park_scope, platform_scope, public_scope
from tests.factories.filing import EnterpriseFactory
from tests.factories.people import ParkFactory

pytestmark = pytest.mark.django_db


def settings_of_database():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_user, current_setting('app.park_id', true), current_setting('app.enterprise_id', true)"
        )
        return cursor.fetchone()


def test_scene_builds(scene):
    assert scene.ours.park.pk != scene.others.park.pk
