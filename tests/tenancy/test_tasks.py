"""A task works in one scope, all or nothing, and is tried again until it has worked."""

from __future__ import annotations

import pytest
from celery import current_app, shared_task
from celery.exceptions import Reject

from enterprises.models import Enterprise
from lib.refusals import Refusal
from tenancy.scopes import Kind, current_scope
from tenancy.tasks import MOST_DELIVERIES, LoginTask, PlatformTask, TenantTask
from tests.factories.filing import EnterpriseFactory

pytestmark = pytest.mark.django_db


@shared_task(base=TenantTask, name="tests.names_seen")
def names_seen(park_id, enterprise_id=None):
    return current_scope().kind, sorted(Enterprise.objects.values_list("name_en", flat=True))


@shared_task(base=TenantTask, name="tests.writes_and_fails")
def writes_and_fails(park_id):
    EnterpriseFactory(park_id=park_id)
    if writes_and_fails.failures:
        writes_and_fails.failures -= 1
        raise ZeroDivisionError


@shared_task(base=TenantTask, name="tests.is_refused")
def is_refused(park_id):
    is_refused.runs += 1
    raise Refusal("This cannot be done now.")


def test_tenant_task_sees_its_park(scene):
    assert names_seen(park_id=scene.ours.park.pk) == (Kind.OFFICIAL, ["OURS first firm", "OURS second firm"])
    assert names_seen(str(scene.others.park.pk))[1] == ["OTHERS first firm", "OTHERS second firm"]


def test_tenant_task_of_an_enterprise_sees_that_enterprise(scene):
    seen = names_seen(park_id=scene.ours.park.pk, enterprise_id=str(scene.ours.firm.enterprise.pk))
    assert seen == (Kind.ENTERPRISE, ["OURS first firm"])


def test_tenant_task_that_fails_leaves_nothing_behind(scene):
    writes_and_fails.failures = 1
    with pytest.raises(ZeroDivisionError):
        writes_and_fails(scene.ours.park.pk)
    assert len(names_seen(scene.ours.park.pk)[1]) == 2


@pytest.fixture
def _retries():
    """Asked for as from a worker: an attempt that failed is followed by the next, and not raised."""
    current_app.conf.task_eager_propagates = False
    yield
    current_app.conf.task_eager_propagates = True


@pytest.mark.usefixtures("_retries")
def test_task_that_failed_is_tried_again_in_a_scope_of_its_own(scene):
    writes_and_fails.failures = 2
    assert writes_and_fails.delay(park_id=scene.ours.park.pk).successful()
    assert writes_and_fails.failures == 0
    assert len(names_seen(scene.ours.park.pk)[1]) == 3, "nothing of the runs that failed is left"


@pytest.mark.usefixtures("_retries")
def test_task_that_always_fails_is_given_up_loudly(scene, caplog):
    writes_and_fails.failures = 1000
    assert isinstance(writes_and_fails.delay(park_id=scene.ours.park.pk).result, ZeroDivisionError)
    assert 1000 - writes_and_fails.failures == 21
    assert "task_given_up" in caplog.text


def test_task_that_a_rule_forbids_is_not_tried_again(scene):
    is_refused.runs = 0
    with pytest.raises(Refusal):
        is_refused.delay(park_id=scene.ours.park.pk)
    assert is_refused.runs == 1


def test_task_that_takes_its_worker_with_it_is_given_up(scene, caplog):
    """The message comes back each time: what the broker says then is what the task is asked with here."""
    names_seen.push_request(delivery_info={"redelivered": True})
    for _ in range(MOST_DELIVERIES):
        names_seen.before_start("id", (), {})
    with pytest.raises(Reject):
        names_seen.before_start("id", (), {})
    names_seen.before_start("another", (), {})
    names_seen.pop_request()
    assert "task_given_up" in caplog.text


def test_task_that_comes_back_less_often_runs(scene):
    task = names_seen.s(park_id=scene.ours.park.pk)
    assert len(task.apply(delivery_info={"redelivered": True}).get()[1]) == 2


def test_tenant_task_must_take_a_park():
    def forgetful(enterprise_id):
        return enterprise_id

    with pytest.raises(TypeError, match="must take park_id"):
        current_app.task(base=TenantTask, name="tests.no_park", lazy=False)(forgetful)


def test_every_task_of_the_project_enters_a_scope():
    ours = {name: task for name, task in current_app.tasks.items() if not name.startswith(("celery.", "tests."))}
    assert "tenancy.tasks.relay_events" in ours
    assert [name for name, task in ours.items() if not isinstance(task, TenantTask | PlatformTask | LoginTask)] == []
