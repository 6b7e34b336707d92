from __future__ import annotations

import os
from uuid import uuid4

import pytest
from django.db import connections
from hypothesis import HealthCheck
from hypothesis import settings as trials

from tests import database
from tests.scene import Scene, build_scene
from tests.stage import Stage, wants_stage

TRANSACTIONAL = ["default", "owner"]
# How fast a machine is does not decide whether a test passes.
trials.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
trials.load_profile("any machine")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A transactional test ends with a flush, which only the owner may do."""
    for item in items:
        marker = item.get_closest_marker("django_db")
        if (
            marker
            and marker.kwargs.get("transaction")
            and sorted(marker.kwargs.get("databases") or []) != TRANSACTIONAL
        ):
            raise pytest.UsageError(f"{item.nodeid}: write databases={TRANSACTIONAL} beside transaction=True")


STAGE = pytest.StashKey[tuple[Stage, object]]()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Before anything begins a transaction. The first test with a database finds no stage yet and does without."""
    if STAGE not in item.config.stash:
        return
    stage, blocker = item.config.stash[STAGE]
    with blocker.unblock():
        if wants_stage(item):
            stage.enter()
        else:
            stage.leave()


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker, pytestconfig, tmp_path_factory):
    """Replaces pytest-django's: with a mirror alone it would run the tests on the real database."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    with django_db_blocker.unblock():
        name = database.create(worker)
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT current_database(), current_user")
            assert cursor.fetchone() == (name, "app")
        connections["default"].close()
        stage = Stage(worker, tmp_path_factory.mktemp("scene"))
    pytestconfig.stash[STAGE] = (stage, django_db_blocker)
    yield
    with django_db_blocker.unblock():
        stage.close()
        database.drop(name)


@pytest.fixture(autouse=True)
def _fresh_cache(settings):
    """Rate limits and counters of one test are none of another's business, nor of one that runs at the same time."""
    settings.CACHES = {"default": {**settings.CACHES["default"], "KEY_PREFIX": f"test-{uuid4()}"}}


@pytest.fixture(autouse=True)
def _own_files(settings, tmp_path):
    """Uploads of a test go to a folder of its own."""
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": settings.MEDIA_ROOT},
        },
    }


@pytest.fixture
def scene(db, _own_files, pytestconfig) -> Scene:
    """Two parks with enterprises, people of every role, a programme and applications."""
    stage, _ = pytestconfig.stash[STAGE]
    return stage.scene() if stage.is_entered else build_scene()


@pytest.fixture
def client_of():
    """A client signed in as the person of a membership, acting in it."""
    from tests.clients import signed_in_client

    return signed_in_client


@pytest.fixture
def run_outbox():
    """Send what the outbox holds to its receivers, as the relay of the worker does; tasks run at once."""
    from tests.clients import run_outbox

    return run_outbox


@pytest.fixture
def side(scene):
    """The park of the scene that most tests act in."""
    return scene.ours
