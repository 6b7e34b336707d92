"""The officials' queue and list at the size of a national park: 12,000 enterprises, 50,000 applications.

Pages are asked for through HTTP with Django's test client, signed in as an official with both deciding roles: every
middleware, the session, the scope with its policies, and the template; not the web server and the network. A page
takes the same number of queries whichever of its rows it shows.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from statistics import median, quantiles

from django.conf import settings
from django.db import connection, connections, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from benchmarks.measurement import Measurement, wall_and_cpu_ms
from enterprises.models import Enterprise
from incentives.choices import ApplicationState, EntryKind, Outcome, ProgrammeStatus, Stage, StepKind
from incentives.models import Application, ApplicationStep, BudgetYear, Programme, ProgrammeVersion, Review
from incentives.services import PUBLISHED_TERMS
from parks import sessions
from parks.choices import Role
from parks.models import Membership, Park

ENTERPRISES = 12_000
APPLICATIONS = 50_000
BATCH = 2_000
LIMIT_MS = 200.0
# Of the time of a page, what the web process itself computes: other work on the machine disturbs it less.
CPU_LIMIT_MS = 150.0
DASHBOARD_LIMIT_MS = 600.0
REPETITIONS = 40
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
# Of a hundred applications ten wait for officials: five thousand, a park at the end of its window.
MIX = (
    (ApplicationState.SUBMITTED, 5),
    (ApplicationState.ACCEPTED, 5),
    (ApplicationState.RETURNED, 2),
    (ApplicationState.DECLINED, 16),
    (ApplicationState.WITHDRAWN, 5),
    (ApplicationState.APPROVED, 67),
)
STATES = [state for state, share in MIX for _ in range(share)]
CHECKED = {ApplicationState.ACCEPTED, ApplicationState.APPROVED, ApplicationState.DECLINED}
PAGES = {
    "mine": ("review_queue", {}),
    "all waiting": ("review_queue", {"view": "waiting"}),
    "all waiting, last page": ("review_queue", {"view": "waiting", "page": "200"}),
    "all waiting, by enterprise": ("review_queue", {"view": "waiting", "sort": "enterprise"}),
    "with the enterprise": ("review_queue", {"view": "returned"}),
    "decided": ("review_queue", {"view": "decided"}),
    "decided, page 40": ("review_queue", {"view": "decided", "page": "40"}),
    "filter": ("review_queue", {"view": "waiting", "amount": "100000", "submitted": "365"}),
    "search by name": ("review_queue", {"view": "decided", "q": "企业00777"}),
    "search by number": ("review_queue", {"view": "decided", "q": "EMC-2026-31415"}),
    "search without a hit": ("review_queue", {"view": "waiting", "q": "nothing is called this"}),
    "filed": ("filed_list", {}),
    "filed, page 40": ("filed_list", {"page": "40"}),
    "filed, page 400": ("filed_list", {"page": "400"}),
    "filed, whose awards stand": ("filed_list", {"reached": "standing", "filed_in": "2026"}),
    "filed, by state and amount": ("filed_list", {"state": "declined", "sort": "-requested_cny"}),
}
DASHBOARD = ("dashboard", {"year": "2026"})


@dataclass(frozen=True)
class Place:
    """The park that is measured, and the people in it."""

    park: Park
    official: Membership
    colleague: User


WAITS_IN = {
    ApplicationState.SUBMITTED: {"stage": Stage.COMPLETENESS, "stage_role": Role.REVIEWER},
    ApplicationState.RETURNED: {"stage": Stage.COMPLETENESS, "stage_role": Role.REVIEWER},
    ApplicationState.ACCEPTED: {"stage": Stage.DECISION, "stage_role": Role.APPROVER},
}


def measure() -> Iterator[Measurement]:
    settings.ALLOWED_HOSTS = ["testserver"]
    logging.disable(logging.INFO)
    place = make_place()
    client = client_of(place.official)
    slowest = 0.0
    for name, (page, parameters) in PAGES.items():
        p95, cpu = page_times(client, page, parameters)
        slowest = max(slowest, p95)
        yield Measurement(f"{name}, p95", p95, "ms", LIMIT_MS)
        yield Measurement(f"{name}, median of processor time", cpu, "ms", CPU_LIMIT_MS)
    yield Measurement("p95_ms", slowest, "ms", LIMIT_MS)
    # No list of work: it adds up every step of three years, and is looked at a few times a day.
    p95, cpu = page_times(client, *DASHBOARD)
    yield Measurement("dashboard, p95", p95, "ms", DASHBOARD_LIMIT_MS)
    yield Measurement("dashboard, median of processor time", cpu, "ms", CPU_LIMIT_MS)
    counts = {queries_of(client, "review_queue", {"view": "waiting", "page": page}) for page in ("1", "2", "40")}
    yield Measurement("different query counts of three pages", len(counts), "counts", 1)
    yield Measurement("queries of a page", max(counts), "queries", 25)
    yield Measurement("queries of the dashboard", queries_of(client, *DASHBOARD), "queries", 25)


def asked(client: Client, address: str, parameters: dict[str, str]) -> None:
    response = client.get(address, parameters)
    if response.status_code != 200:
        raise RuntimeError(f"{address} answered {response.status_code}")


def page_times(client: Client, page: str, parameters: dict[str, str]) -> tuple[float, float]:
    """The 95th percentile of the wall times and the median of the processor times, in milliseconds."""
    walls, cpus = times(partial(asked, client, reverse(f"incentives:{page}"), parameters))
    return quantiles(walls, n=20)[-1], median(cpus)


def times(act: Callable[[], object]) -> tuple[list[float], list[float]]:
    """Wall and processor times in milliseconds, after one run that warms up and is not counted."""
    act()
    runs = [wall_and_cpu_ms(act) for _ in range(REPETITIONS)]
    return [wall for wall, _cpu in runs], [cpu for _wall, cpu in runs]


def queries_of(client: Client, page: str, parameters: dict[str, str]) -> int:
    with CaptureQueriesContext(connection) as captured:
        asked(client, reverse(f"incentives:{page}"), parameters)
    return len(captured)


def client_of(membership: Membership) -> Client:
    client = Client()
    client.force_login(membership.user)
    session = client.session
    session[sessions.MEMBERSHIP] = membership.pk
    session.save()
    return client


def make_place() -> Place:
    """The park and everything in it, made where it is missing. Safe to repeat."""
    park, _ = Park.objects.using("owner").get_or_create(
        slug="measured-queue", defaults={"name_en": "Queue", "name_zh": "队列园区", "province": "32"}
    )
    people = [
        User.objects.using("owner").get_or_create(email=f"{name}@queue.example", defaults={"name": name})[0]
        for name in ("official", "colleague")
    ]
    roles = [Role.REVIEWER, Role.APPROVER]
    official, _ = Membership.objects.using("owner").get_or_create(user=people[0], park=park, defaults={"roles": roles})
    place = Place(park, official, people[1])
    if not Application.objects.using("owner").filter(park=park).exists():
        with transaction.atomic(using="owner"):
            fill(place)
        vacuum()
    return place


def fill(place: Place) -> None:
    """As the owner, past the guard of the states: an application that is long decided did not go through them here."""
    enterprises = Enterprise.objects.using("owner").bulk_create(
        (
            Enterprise(
                park=place.park, credit_code=f"Q{row:017}", name_en=f"Works {row:05}", name_zh=f"企业{row:05}制造"
            )
            for row in range(ENTERPRISES)
        ),
        batch_size=BATCH,
    )
    version = publish(place.park)
    applications = [filed(place, version, enterprises[row % ENTERPRISES], row) for row in range(APPLICATIONS)]
    with triggers_off("incentives_application", "incentives_applicationstep", "incentives_review"):
        Application.objects.using("owner").bulk_create(applications, batch_size=BATCH)
        steps = (step for row in applications for step in steps_of(row))
        ApplicationStep.objects.using("owner").bulk_create(steps, batch_size=BATCH)
        checked = [row for row in applications if row.state in CHECKED]
        Review.objects.using("owner").bulk_create(
            (
                review_of(place, row, place.official.user if n % 3 == 0 else place.colleague)
                for n, row in enumerate(checked)
            ),
            batch_size=BATCH,
        )


def publish(park: Park) -> ProgrammeVersion:
    with transaction.atomic("owner"):
        programme = Programme.objects.using("owner").create(
            park=park,
            code="EMC",
            title_en="Energy management contract incentive",
            title_zh="合同能源管理奖励",
            opens_on=date(2026, 1, 1),
            closes_on=date(2026, 12, 31),
            rate_cny_per_tce=Decimal(500),
            cap_cny=Decimal(1_500_000),
            budget_cny=Decimal(900_000_000_000),
            document_kinds=["contract"],
            status=ProgrammeStatus.PUBLISHED,
        )
        BudgetYear.objects.using("owner").create(
            park=park, programme=programme, year=2026, appropriated_cny=programme.budget_cny
        ).entries.create(
            park=park, kind=EntryKind.APPROPRIATED, amount_cny=programme.budget_cny, at=NOW, by_name="ParkZero"
        )
    terms = {name: getattr(programme, name) for name in PUBLISHED_TERMS}
    return ProgrammeVersion.objects.using("owner").create(
        park=park, programme=programme, number=1, published_at=NOW, **terms
    )


def filed(place: Place, version: ProgrammeVersion, enterprise: Enterprise, row: int) -> Application:
    state = STATES[row * 37 % len(STATES)]
    submitted_at = NOW - timedelta(minutes=row * 10)
    has_ended = state in {ApplicationState.APPROVED, ApplicationState.DECLINED}
    waits = state not in {ApplicationState.APPROVED, ApplicationState.DECLINED, ApplicationState.WITHDRAWN}
    return Application(
        park=place.park,
        enterprise=enterprise,
        programme_version=version,
        number=f"EMC-2026-{row:05}",
        state=state,
        **WAITS_IN.get(state, {}),
        project_title=f"Chiller retrofit {row}",
        requested_cny=Decimal(100_000 + row),
        approved_cny=Decimal(100_000) if state == ApplicationState.APPROVED else None,
        round=1,
        started_by=place.colleague,
        submitted_at=submitted_at,
        due_at=submitted_at + timedelta(days=7) if waits else None,
        decided_at=submitted_at + timedelta(days=12) if has_ended else None,
    )


def steps_of(application: Application) -> Iterator[ApplicationStep]:
    """Filed, accepted three days later where that was done, and decided."""
    submitted_at = application.submitted_at or NOW
    yield step(application, StepKind.SUBMITTED, submitted_at)
    if application.state in CHECKED:
        yield step(application, StepKind.ACCEPTED, submitted_at + timedelta(days=3), Stage.COMPLETENESS)
    if application.decided_at is not None:
        yield step(application, StepKind(application.state), application.decided_at, Stage.DECISION)


def step(application: Application, kind: StepKind, at: datetime, stage: str = "") -> ApplicationStep:
    return ApplicationStep(
        park_id=application.park_id,
        enterprise_id=application.enterprise_id,
        application=application,
        kind=kind,
        stage=stage,
        at=at,
        by_name="Wu Hao",
        is_by_official=bool(stage),
    )


def review_of(place: Place, application: Application, by: User) -> Review:
    return Review(
        park=place.park,
        application=application,
        stage=Stage.COMPLETENESS,
        outcome=Outcome.ACCEPTED,
        round=1,
        decided_by=by,
        decided_by_name=by.name,
        decided_at=(application.submitted_at or NOW) + timedelta(days=3),
    )


class triggers_off:  # noqa: N801
    """Around bulk writes of the owner: neither guard nor audit trail for made-up rows."""

    def __init__(self, *tables: str) -> None:
        self.tables = tables

    def __enter__(self) -> None:
        self.switch("DISABLE")

    def __exit__(self, *_exception: object) -> None:
        self.switch("ENABLE")

    def switch(self, how: str) -> None:
        with connections["owner"].cursor() as cursor:
            # Foreign keys are checked at the end of the transaction; a table with such checks open cannot be altered.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            for table in self.tables:
                cursor.execute(f"ALTER TABLE {table} {how} TRIGGER USER")


def vacuum() -> None:
    with connections["owner"].cursor() as cursor:
        for model in (Application, ApplicationStep, Review, Enterprise):
            cursor.execute(f"VACUUM ANALYZE {model._meta.db_table}")
