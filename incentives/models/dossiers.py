from __future__ import annotations

from typing import ClassVar

from django.db import models

from incentives.models.applications import Application
from parks.models import StoredFile


def dossier_path(dossier: Dossier, filename: str) -> str:
    return f"parks/{dossier.park_id}/dossiers/{dossier.pk}"


class Dossier(StoredFile):
    """Everything that the park holds of one application, as one archive, made by the worker when somebody asked.

    `request_key` is of the asking, so that a task that runs twice makes one.
    """

    application = models.ForeignKey(Application, models.PROTECT, related_name="dossiers")
    file = models.FileField(upload_to=dossier_path, max_length=200)
    request_key = models.UUIDField()

    class Meta:
        ordering: ClassVar = ["-uploaded_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["park", "id"], name="dossier_of_park"),
            models.UniqueConstraint(fields=["park", "request_key"], name="dossier_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["park", "application"], name="dossier_list"),
            models.Index(fields=["file"], name="dossier_file"),
        ]
