"""Two people at once, each hanging the other's meter below their own: the circle never closes."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime

import pytest
from django.db import connections

from energy.models import SubMeter
from energy.services import hierarchy
from energy.services.hierarchy import CannotHangThere, place_meter
from parks.choices import Role
from tenancy.scopes import open_scope, park_scope
from tests.clients import actor
from tests.factories.measured import meter
from tests.factories.people import ParkFactory, person

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
LONGEST = 30


def test_two_who_close_a_circle_together_do_not(monkeypatch):
    """Each has looked and written before either commits: the second waits for its turn, and is refused."""
    park = ParkFactory()
    manager = actor(person(Role.PARK_ENERGY_MANAGER, park))
    with park_scope(park.pk):
        one, other = meter(park, name="A"), meter(park, name="B")
    both_ready, refused = threading.Barrier(2, timeout=LONGEST), []
    real = hierarchy._placed

    def placed(*args):
        both_ready.wait()
        return real(*args)

    monkeypatch.setattr(hierarchy, "_placed", placed)

    def hang(below, head):
        try:
            with open_scope(manager.scope):
                place_meter(manager, below, head=head, starts_on=date(2026, 10, 1), now=NOW)
        except CannotHangThere as refusal:
            refused.append(refusal.code)
        finally:
            connections.close_all()

    workers = [threading.Thread(target=hang, args=pair) for pair in ((one, other), (other, one))]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(LONGEST)
    with park_scope(park.pk):
        assert SubMeter.objects.count() == 1
    assert refused == ["cannot_hang_there"]
