"""Filing an application: signed through HTTP, one after another and many at once.

Every application has its own enterprise, answers to eight fields, an equipment table, four rules and three documents,
so that all that stands between a draft and its receipt is asked. Those at once race for the numbers of one programme,
which have no gaps: the time of the last is what a person waits at the end of the last day of a window.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from statistics import quantiles
from time import perf_counter
from uuid import uuid4

from allauth.account.internal.flows.login import record_authentication
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, connections
from django.http import HttpRequest
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from benchmarks.measurement import Measurement, duration_ms
from enterprises.models import Enterprise
from incentives import services
from incentives.models import Application, ProgrammeVersion
from incentives.programme_templates import XIAMEN
from parks import sessions
from parks.actors import Actor, actor_of
from parks.choices import Role
from parks.models import Membership, Park
from tenancy.scopes import open_scope

ONE_BY_ONE = 40
AT_ONCE = 40
THREADS = 8
LIMIT_MS = 250.0
# Eight threads of one process, with two cores and neighbours: a server has a process for each.
RACE_LIMIT_MS = 2_500.0
FEWEST_A_SECOND = 8.0
MOST_QUERIES = 60
PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
ANSWERS = {
    "project_title": "Chiller plant",
    "project_summary": "Two chillers replaced.",
    "investment_cny": Decimal(9_860_000),
    "saving_tce": Decimal("812.5"),
    "answer_customer": "Chengguang",
    "answer_agreed_on": "2025-05-01",
    "answer_equipment": [["Chiller", "2", "350"]] * 10,
    "answer_credit_good": True,
    "answer_no_other": True,
}
Draft = tuple[Client, str, dict[str, str]]


def measure() -> Iterator[Measurement]:
    settings.ALLOWED_HOSTS = ["testserver"]
    logging.disable(logging.INFO)
    version, park = make_programme()
    drafts = [make_draft(park, version, place) for place in range(ONE_BY_ONE + AT_ONCE + 1)]
    with CaptureQueriesContext(connection) as captured:
        submit(drafts.pop())
    yield Measurement("queries of a submission", len(captured), "queries", MOST_QUERIES)
    singles = [duration_ms(partial(submit, draft)) for draft in drafts[:ONE_BY_ONE]]
    yield Measurement("p95_ms", quantiles(singles, n=20)[-1], "ms", LIMIT_MS)
    waits, seconds = race(drafts[ONE_BY_ONE:])
    yield Measurement(f"{AT_ONCE} at once, {THREADS} at a time, p95", quantiles(waits, n=20)[-1], "ms", RACE_LIMIT_MS)
    yield Measurement("submissions a second", AT_ONCE / seconds, "per second", FEWEST_A_SECOND, "at least")
    yield Measurement("gaps in the numbers", gaps(park, version), "numbers", 0)


def submit(draft: Draft) -> None:
    client, address, typed = draft
    response = client.post(address, typed)
    if response.status_code != 302:
        raise RuntimeError(f"{address} answered {response.status_code}")


def race(drafts: list[Draft]) -> tuple[list[float], float]:
    """What each waited in milliseconds, and the seconds that all took."""
    started_at = perf_counter()
    with ThreadPoolExecutor(THREADS) as pool:
        waits = list(pool.map(_timed, drafts))
    return waits, perf_counter() - started_at


def _timed(draft: Draft) -> float:
    try:
        return duration_ms(partial(submit, draft))
    finally:
        connections.close_all()


def gaps(park: Park, version: ProgrammeVersion) -> int:
    actor = administrator(park)
    with open_scope(actor.scope):
        numbers = Application.objects.of_park(park.pk).filter(programme_version=version).exclude(number="")
        given = {int(number.rpartition("-")[2]) for number in numbers.values_list("number", flat=True)}
    return max(given) - len(given)


def make_programme() -> tuple[ProgrammeVersion, Park]:
    """A park of its own for every run: what was filed stays filed."""
    mark = uuid4().hex[:8]
    made = Park.objects.using("owner").create(
        slug=f"measured-filing-{mark}", name_en=f"Filing {mark}", name_zh=f"申报园区{mark}", province="32"
    )
    # What is made of a row of the owner would be written as the owner.
    park = Park.objects.get(pk=made.pk)
    actor = administrator(park)
    today = datetime.now(UTC).date()
    window = {"opens_on": date(today.year, 1, 1), "closes_on": date(today.year + 1, 12, 31)}
    terms = {**XIAMEN.terms, **window, "budget_cny": Decimal(900_000_000)}
    with open_scope(actor.scope):
        programme = services.create_programme(actor, park=park, terms=terms, now=datetime.now(UTC))
        return services.publish_programme(actor, programme, now=datetime.now(UTC)), park


def administrator(park: Park) -> Actor:
    return actor_of(member(park, "administrator", Role.PARK_ADMINISTRATOR))


def member(park: Park, name: str, *roles: Role, enterprise: Enterprise | None = None) -> Membership:
    user, _ = User.objects.using("owner").get_or_create(
        email=f"{name}@{park.slug}.example", defaults={"name": name, "password": "!"}
    )
    kept, _ = Membership.objects.using("owner").get_or_create(
        user=user,
        park_id=park.pk,
        enterprise_id=enterprise.pk if enterprise else None,
        defaults={"roles": list(roles)},
    )
    return Membership.objects.get(pk=kept.pk)


def make_draft(park: Park, version: ProgrammeVersion, place: int) -> Draft:
    """A complete draft of an enterprise of its own, with its certifier signed in."""
    enterprise = Enterprise.objects.using("owner").create(
        park_id=park.pk,
        credit_code=f"91350200MA{place:07}X",
        name_zh=f"节能服务{place}有限公司",
        kind="energy_service",
        registered_capital=Decimal(8_000_000),
    )
    certifier = member(park, f"certifier{place}", Role.CERTIFIER, Role.APPLICANT, enterprise=enterprise)
    actor, now = actor_of(certifier), datetime.now(UTC)
    with open_scope(actor.scope):
        application = services.start_application(actor, version, now=now)
        for kind in ("contract", "savings_report", "licence", "d1", "d2", "d3"):
            upload = SimpleUploadedFile(f"{kind}.pdf", PDF + f"% {place} {kind}\n".encode())
            services.attach_document(actor, application, kind=kind, upload=upload, now=now)
        application = Application.objects.get(pk=application.pk)
        answers = {**ANSWERS, "completed_on": now.date() - timedelta(days=30)}
        application = services.save_application(
            actor, application, answers=answers, expected_revision=application.revision, now=now
        )
    client = Client()
    client.force_login(certifier.user)
    session = client.session
    session[sessions.MEMBERSHIP] = certifier.pk
    # A signature needs that who signs has signed in just now.
    request = HttpRequest()
    request.session = session
    record_authentication(request, certifier.user, method="password")
    session.save()
    address = reverse("incentives:application_submit", kwargs={"application_id": application.pk})
    return client, address, {"revision": str(application.revision), "statement_accepted": "on"}
