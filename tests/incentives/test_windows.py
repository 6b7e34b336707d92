"""A programme that is open several times: applications only in a window, and the right one is told."""

from __future__ import annotations

import doctest
from datetime import UTC, date, datetime

import pytest

from incentives import queries, services, windows
from incentives.models import ProgrammeVersion
from incentives.services import Invalid, WindowClosed
from parks.choices import Role
from tenancy.scopes import public_scope
from tests.clients import signed_in_client
from tests.incentives.cases import acting_as
from tests.incentives.pages import address
from tests.incentives.test_amount_formula import TYPED
from tests.incentives.test_services_programmes import create, publish

pytestmark = pytest.mark.django_db
SPRING = {"opens_on": "2027-03-01", "closes_on": "2027-03-31"}
AUTUMN = {"opens_on": "2027-09-01", "closes_on": "2027-09-30"}


@pytest.fixture
def version(scene):
    """Open in November 2026, and twice in 2027."""
    return publish(scene, create(scene, further_windows=[SPRING, AUTUMN]))


def test_examples_of_the_documentation_hold():
    tried = doctest.testmod(windows)
    assert (tried.failed, tried.attempted > 0) == (0, True)


@pytest.mark.parametrize(
    ("day", "is_open", "opens_on", "closes_on"),
    [
        (date(2026, 10, 31), False, date(2026, 11, 1), date(2026, 11, 30)),
        (date(2026, 11, 30), True, date(2026, 11, 1), date(2026, 11, 30)),
        (date(2026, 12, 1), False, date(2027, 3, 1), date(2027, 3, 31)),
        (date(2027, 3, 31), True, date(2027, 3, 1), date(2027, 3, 31)),
        (date(2027, 9, 1), True, date(2027, 9, 1), date(2027, 9, 30)),
        (date(2027, 10, 1), False, date(2027, 9, 1), date(2027, 9, 30)),
    ],
)
def test_days_of_the_windows(scene, version, day, is_open, opens_on, closes_on):
    with acting_as(scene.ours.firm.people[Role.APPLICANT]) as actor:
        offered = [offer.closes_on for offer in queries.open_offers(actor, day) if offer.version == version]
        upcoming = [one.opens_on for one in queries.upcoming_offers(actor, day) if one.version == version]
    with public_scope(scene.ours.park.pk):
        public = version in ProgrammeVersion.objects.open_on(day)
    window = version.window_at(day)
    assert (version.takes_applications_on(day), public, offered) == (is_open, is_open, [closes_on] if is_open else [])
    assert (window.opens_on, window.closes_on) == (opens_on, closes_on)
    assert upcoming == ([opens_on] if day < opens_on else [])


def test_applications_are_begun_in_a_window_only(scene, version):
    with acting_as(scene.ours.firm.people[Role.APPLICANT]) as actor:
        with pytest.raises(WindowClosed):
            services.start_application(actor, version, now=datetime(2027, 1, 15, tzinfo=UTC))
        # At 16:00 UTC of the last day of February the park is in March.
        started = services.start_application(actor, version, now=datetime(2027, 2, 28, 16, 0, tzinfo=UTC))
    assert started.programme_version == version


@pytest.mark.parametrize(
    "rows",
    [
        [{"opens_on": "2026-11-30", "closes_on": "2026-12-31"}],
        [AUTUMN, SPRING],
        [{"opens_on": "2027-03-31", "closes_on": "2027-03-01"}],
        [{"opens_on": "2027-3-1", "closes_on": "2027-03-31"}],
        [{"opens_on": "2027-03-01"}],
        "2027",
    ],
)
def test_windows_that_cannot_stand_are_refused(scene, rows):
    with pytest.raises(Invalid) as refused:
        create(scene, further_windows=rows)
    assert refused.value.field == "further_windows"


def test_administrator_writes_windows_in_any_order(scene):
    administrator = signed_in_client(scene.ours.staff[Role.PARK_ADMINISTRATOR])
    typed = {**TYPED, "windows": ["0", "1"]}
    for mark, window in enumerate((AUTUMN, SPRING)):
        typed |= {f"windows-{mark}-{name}": day for name, day in window.items()}
    made = administrator.post(address("programme_create"), typed)
    page = administrator.get(made.url)
    assert page.context["programme"].further_windows == [SPRING, AUTUMN]
    odd = administrator.post(address("programme_create"), {**typed, "windows-1-closes_on": "2027-02-01"})
    assert (odd.status_code, [set(row.errors) for row in odd.context["form"].windows.rows]) == (
        422,
        [set(), {"closes_on"}],
    )
