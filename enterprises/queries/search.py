from __future__ import annotations

from dataclasses import dataclass

from django.db import connection
from django.db.models import Q

from enterprises.querysets import IsAmong

MANY = 1_000  # from so many on, it is worth looking whether fewer are left than found
FOUND_OR_LEFT = """
    WITH found AS MATERIALIZED (SELECT id FROM enterprises_search(%(words)s) AS id),
    size AS (SELECT count(*) AS found FROM found),
    others AS MATERIALIZED (
        SELECT id FROM enterprises_enterprise
        WHERE (SELECT found FROM size) >= %(many)s AND id NOT IN (SELECT id FROM found)
    ),
    choice AS (SELECT found >= %(many)s AND found > (SELECT count(*) FROM others) AS are_left FROM size)
    SELECT coalesce(array_agg(id)::text, '{}'), (SELECT are_left FROM choice)
    FROM (
        SELECT id FROM found WHERE NOT (SELECT are_left FROM choice)
        UNION ALL
        SELECT id FROM others WHERE (SELECT are_left FROM choice)
    ) AS smaller
"""


@dataclass(frozen=True)
class Found:
    """What a search found, told by the smaller side: the identifiers that it found, or those that it left."""

    ids: str
    are_left: bool

    @property
    def are_few(self) -> bool:
        """Whether they are cheaply put in an order that no index has."""
        return not self.are_left and self.ids.count(",") < MANY

    @property
    def condition(self) -> Q:
        among = Q(IsAmong("pk", self.ids))
        return ~among if self.are_left else among


def search_once(words: str) -> Found:
    """The enterprises in which every word occurs; for officials.

    For a page with several statements about them: the database searches once and knows in each how many they are, by
    which it decides between the few that were found and the order of the list. A word that nearly every name holds
    finds thousands; they are told by the few others.
    """
    with connection.cursor() as cursor:
        cursor.execute(FOUND_OR_LEFT, {"words": words, "many": MANY})
        ids, are_left = cursor.fetchone()
    return Found(ids, are_left)
