"""What the portal has written about an application: letters lie with their recipients, and are read for a dossier."""

from __future__ import annotations

from typing import Any

from django.db import connection

from incentives.models import Application


def letters_of(application: Application) -> list[dict[str, Any]]:
    """Each letter about it, its panel, its appeals and objections to its award, with when it was written and sent; the
    earliest first.

    For officials: the database answers by a function of its own, because nobody may read another's mail.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM incentives_letters_of(%s)", [application.pk])
        columns = [column.name for column in cursor.description or ()]
        return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
