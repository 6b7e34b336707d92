"""A task too long for one transaction commits step by step and is asked for anew before it runs too long."""

from __future__ import annotations

from datetime import timedelta

import pytest
from celery import shared_task

from enterprises.models import Enterprise
from tenancy.scopes import Kind, current_scope, park_scope
from tenancy.tasks import SteppedTask
from tests.factories.filing import EnterpriseFactory

pytestmark = pytest.mark.django_db
WANTED = 3


@shared_task(base=SteppedTask, name="tests.adds_in_steps")
def adds_in_steps(park_id, dies_at=None):
    """Adds enterprises until there are `WANTED` more than the scene has, one a step."""
    adds_in_steps.runs += 1
    try:
        while Enterprise.objects.count() < 2 + WANTED:
            assert current_scope().kind is Kind.OFFICIAL
            EnterpriseFactory(park_id=park_id)
            if Enterprise.objects.count() == dies_at:
                raise ZeroDivisionError
            yield
    finally:
        adds_in_steps.ended += 1


@pytest.fixture(autouse=True)
def _counters():
    adds_in_steps.runs = adds_in_steps.ended = 0


def present(park_id):
    with park_scope(park_id):
        return Enterprise.objects.count()


def test_every_step_is_committed_and_a_second_run_changes_nothing(scene):
    adds_in_steps(scene.ours.park.pk)
    assert (present(scene.ours.park.pk), adds_in_steps.ended) == (2 + WANTED, 1)
    adds_in_steps(scene.ours.park.pk)
    assert present(scene.ours.park.pk) == 2 + WANTED


def test_step_that_fails_is_undone_and_the_earlier_ones_stay(scene):
    with pytest.raises(ZeroDivisionError):
        adds_in_steps(scene.ours.park.pk, dies_at=4)
    assert (present(scene.ours.park.pk), adds_in_steps.ended) == (3, 1)
    adds_in_steps(scene.ours.park.pk)
    assert present(scene.ours.park.pk) == 2 + WANTED


def test_long_task_asks_for_itself_anew(scene, monkeypatch):
    monkeypatch.setattr(SteppedTask, "LONGEST_RUN", timedelta(0))
    adds_in_steps(park_id=scene.ours.park.pk)
    # One step a run, and one more that finds nothing to do.
    assert (present(scene.ours.park.pk), adds_in_steps.runs) == (2 + WANTED, WANTED + 1)


def test_nothing_of_a_step_is_left_in_the_scope(scene):
    adds_in_steps(scene.ours.park.pk)
    assert current_scope().kind is Kind.NONE


def test_stepped_task_must_take_a_park():
    with pytest.raises(TypeError, match="must take park_id"):

        @shared_task(base=SteppedTask, name="tests.placeless_steps")
        def placeless_steps():
            yield
