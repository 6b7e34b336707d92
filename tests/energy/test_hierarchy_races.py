"""Two people at once, each hanging the other's meter below their own: the circle never closes."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime

import pytest
from django.db import connections

from energy.models import ChannelFormula, SubMeter
from energy.services import hierarchy, virtual
from energy.services.hierarchy import CannotHangThere, place_meter
from parks.choices import Role
from tenancy.scopes import open_scope, park_scope
from tests.clients import actor
from tests.factories.measured import channel, meter
from tests.factories.people import ParkFactory, person

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
LONGEST = 30


def together(*acts):
    """Each on a connection of its own."""

    def run(act):
        try:
            act()
        finally:
            connections.close_all()

    workers = [threading.Thread(target=run, args=[act]) for act in acts]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(LONGEST)


def both_before(monkeypatch, module, name):
    """Two that call this function wait for each other first."""
    both_ready, real = threading.Barrier(2, timeout=LONGEST), getattr(module, name)

    def waiting(*args):
        both_ready.wait()
        return real(*args)

    monkeypatch.setattr(module, name, waiting)


def test_two_formulas_that_close_a_circle_together_do_not(monkeypatch):
    """Each channel is worked out from the other: the second formula waits for its turn, and is refused."""
    park = ParkFactory()
    manager = actor(person(Role.PARK_ENERGY_MANAGER, park))
    with open_scope(manager.scope):
        source = channel(meter(park, serial="S"))
        made = [
            virtual.add_virtual_channel(manager, source.meter, facts={"code": code}, formula="[S]", now=NOW)
            for code in ("V1", "V2")
        ]
    refused = []
    both_before(monkeypatch, virtual, "_write")

    def change(of, formula):
        try:
            with open_scope(manager.scope):
                virtual.change_formula(manager, of, formula=formula)
        except virtual.UnreadableFormula as refusal:
            refused.append(refusal.code)

    together(lambda: change(made[0], "[S/V2]"), lambda: change(made[1], "[S/V1]"))
    assert refused == ["unreadable_formula"]
    with park_scope(park.pk):
        assert sorted(row.inputs == [source.pk] for row in ChannelFormula.objects.all()) == [False, True]


def test_two_who_close_a_circle_together_do_not(monkeypatch):
    """Each has looked and written before either commits: the second waits for its turn, and is refused."""
    park = ParkFactory()
    manager = actor(person(Role.PARK_ENERGY_MANAGER, park))
    with park_scope(park.pk):
        one, other = meter(park, name="A"), meter(park, name="B")
    refused = []
    both_before(monkeypatch, hierarchy, "_placed")

    def hang(below, head):
        try:
            with open_scope(manager.scope):
                place_meter(manager, below, head=head, starts_on=date(2026, 10, 1), now=NOW)
        except CannotHangThere as refusal:
            refused.append(refusal.code)

    together(lambda: hang(one, other), lambda: hang(other, one))
    with park_scope(park.pk):
        assert SubMeter.objects.count() == 1
    assert refused == ["cannot_hang_there"]
