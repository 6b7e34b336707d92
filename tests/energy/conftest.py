from __future__ import annotations

import pytest

from parks.actors import Actor
from parks.choices import Role
from parks.models import Park
from tenancy.scopes import park_scope
from tests.clients import actor
from tests.factories.people import ParkFactory, person


@pytest.fixture
def zone():
    return "Asia/Shanghai"


@pytest.fixture
def park_outside(db, zone) -> Park:
    return ParkFactory(time_zone=zone)


@pytest.fixture
def official(park_outside) -> Actor:
    """The energy manager of the park."""
    return actor(person(Role.PARK_ENERGY_MANAGER, park_outside))


@pytest.fixture
def park(park_outside, official):
    """A park in whose scope the test runs; `zone` may be given by parameter."""
    with park_scope(park_outside.pk):
        yield park_outside
