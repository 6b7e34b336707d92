from __future__ import annotations

import pytest

from tenancy.scopes import park_scope
from tests.factories.people import ParkFactory


@pytest.fixture
def zone():
    return "Asia/Shanghai"


@pytest.fixture
def park(db, zone):
    """A park in whose scope the test runs; `zone` may be given by parameter."""
    park = ParkFactory(time_zone=zone)
    with park_scope(park.pk):
        yield park
