"""The shared scene, written once for each worker: a database that holds it, its rows as objects, its files."""

from __future__ import annotations

import copy
import shutil
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connections, transaction
from django.test import override_settings

from tests import database
from tests.scene import Scene, build_scene

ALIASES = ("default", "owner")


def wants_stage(item: pytest.Item) -> bool:
    """Whether the test uses the scene and undoes what it does: one that ends with a flush builds a scene of its own."""
    names = set(getattr(item, "fixturenames", ()))
    marker = item.get_closest_marker("django_db")
    flushes = (marker and marker.kwargs.get("transaction")) or names & {"transactional_db", "live_server"}
    return "scene" in names and not flushes


class Stage:
    """The two databases of a worker and the connections to each, which stay open while tests go to and fro."""

    def __init__(self, worker: str, folder: Path) -> None:
        self.worker = worker
        self.folder = folder
        self.plain = {alias: connections[alias] for alias in ALIASES}
        self.own: dict[str, Any] = {}
        self.rows: Scene | None = None

    @property
    def is_entered(self) -> bool:
        return connections["default"] is self.own.get("default")

    def enter(self) -> None:
        if not self.own:
            name = database.copy(f"{self.worker}_scene")
            self.own = {alias: self._connection(alias, name) for alias in ALIASES}
            self._use(self.own)
            self._write()
        self._use(self.own)

    def leave(self) -> None:
        self._use(self.plain)

    def scene(self) -> Scene:
        """The scene as it was written, for one test: its files are copied to where that test keeps files."""
        assert self.rows is not None, "the stage was not entered"
        shutil.copytree(self.folder, settings.MEDIA_ROOT, dirs_exist_ok=True)
        return copy.deepcopy(self.rows)

    def close(self) -> None:
        self.leave()
        if self.own:
            for connection in self.own.values():
                connection.close()
            database.drop(self.own["default"].settings_dict["NAME"])

    def _write(self) -> None:
        """What the rows set off (tasks, mails to send) is nobody's: no test has begun."""
        storages = {
            **settings.STORAGES,
            "default": {
                "BACKEND": "django.core.files.storage.FileSystemStorage",
                "OPTIONS": {"location": self.folder},
            },
        }
        with connections["owner"].cursor() as cursor:
            # Numbers of parks that stand for nothing else on a page in which a test looks for them.
            cursor.execute("ALTER SEQUENCE parks_park_id_seq RESTART WITH 47110815")
        with override_settings(MEDIA_ROOT=self.folder, STORAGES=storages), transaction.atomic():
            self.rows = build_scene()
            connections["default"].run_on_commit.clear()

    @staticmethod
    def _use(chosen: dict[str, Any]) -> None:
        for alias, connection in chosen.items():
            connections[alias] = connection

    @staticmethod
    def _connection(alias: str, name: str) -> Any:
        connection = connections.create_connection(alias)
        connection.settings_dict = {**connection.settings_dict, "NAME": name}
        return connection
