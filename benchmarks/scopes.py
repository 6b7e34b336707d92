"""What tenancy costs: entering a scope, and a query under the policies against the same query with a plain filter.

50 parks with 1,000 enterprises each. The pair is measured in turns on two open transactions, one as an official of the
park, one as the owner, whom no policy concerns.
"""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

from django.db import connections, transaction

from benchmarks.measurement import Measurement, duration_ms, median_ms
from enterprises.models import Enterprise
from parks.models import Park
from tenancy.scopes import park_scope

PARKS = 50
ENTERPRISES = 1000
PAGE = "SELECT id, name_zh, status FROM enterprises_enterprise {} ORDER BY name_zh LIMIT 50"
COUNT = "SELECT count(*) FROM enterprises_enterprise {}"
FILTER = "WHERE park_id = %s"


def measure() -> Iterator[Measurement]:
    park = make_parks()
    yield Measurement("scope", median_ms(lambda: enter_and_leave(park), repetitions=500), "ms", 1.0)
    for name, query in (("page", PAGE), ("count", COUNT)):
        yield Measurement(f"policy against filter, {name}", ratio(query, park), "times", 1.10)


def make_parks() -> int:
    """Make what is missing, and return one of the parks. Safe to repeat."""
    for number in range(Park.objects.using("owner").filter(slug__startswith="measured-").count(), PARKS):
        park = Park.objects.using("owner").create(
            slug=f"measured-{number}", name_en=f"Park {number}", name_zh=f"园区{number}", province="JS"
        )
        Enterprise.objects.using("owner").bulk_create(
            Enterprise(park=park, credit_code=f"{number:09}{row:09}", name_zh=f"企业{row:05}")
            for row in range(ENTERPRISES)
        )
    with connections["owner"].cursor() as cursor:
        cursor.execute("VACUUM ANALYZE enterprises_enterprise")
    return int(Park.objects.using("owner").get(slug=f"measured-{PARKS // 2}").pk)


def enter_and_leave(park: int) -> None:
    with park_scope(park):
        pass


def ratio(query: str, park: int, *, repetitions: int = 400) -> float:
    """How many times as long the query takes under the policies: the median over pairs, so that other work on the
    machine, which slows both of a pair, does not decide.
    """
    with park_scope(park), transaction.atomic(using="owner"):
        return median(
            duration_ms(lambda: fetch("default", query.format("")))
            / duration_ms(lambda: fetch("owner", query.format(FILTER), park))
            for _ in range(repetitions)
        )


def fetch(alias: str, query: str, *parameters: int) -> None:
    with connections[alias].cursor() as cursor:
        cursor.execute(query, parameters or None)
        cursor.fetchall()
