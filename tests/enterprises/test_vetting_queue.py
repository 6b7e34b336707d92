"""The officials' queue of registrations."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from enterprises import tasks
from enterprises.models import DeclaredInterest, Enterprise, Registration
from enterprises.permissions import COOLING_OFF
from enterprises.queries.vetting import likeness_key
from enterprises.services.registration_ground import NotAllowed
from parks.choices import PARK_ROLES, Role
from tenancy.scopes import park_scope
from tests.clients import run_outbox
from tests.enterprises.registration_cases import complete, submit
from tests.enterprises.vetting_cases import (
    CODE,
    EARLY_CODE,
    NOW,
    OTHER_CODE,
    REGISTRARS,
    file_again,
    file_registration,
    give_back,
    page_of,
    reject,
    text_of,
    vetting_url,
)
from tests.factories.filing import EnterpriseFactory
from tests.factories.people import MembershipFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def registration(side):
    return file_registration(side.park, name_en="Newcomer Works", name_zh="新来制造有限公司")


@pytest.fixture
def desk(side, client_of):
    return client_of(side.staff[Role.REVIEWER])


def queue(client, **parameters):
    return client.get(vetting_url("queue"), parameters)


def shown(page, *registrations):
    """Which of these registrations the list of the page leads to."""
    return [registration for registration in registrations if page_of(registration) in text_of(page)]


def compare(side):
    """What the worker does each hour; twice, which changes nothing."""
    for _again in range(2):
        tasks.compare_waiting_of_every_park.delay()


def test_filing_has_the_name_compared(side, desk):
    with park_scope(side.park.pk):
        EnterpriseFactory(park=side.park, name_zh="厦门新港精密机械股份有限公司", name_en="")
    lin = UserFactory()
    filed = submit(side.park, lin, complete(side.park, lin))
    run_outbox()

    assert shown(queue(desk, note="is_alike"), filed) == [filed]


def test_name_like_that_of_an_enterprise_is_noted(side, registration, desk):
    other = file_registration(side.park, number="R-0000-0002", credit_code=OTHER_CODE, name_zh="遥远食品厂", name_en="")
    with park_scope(side.park.pk):
        EnterpriseFactory(park=side.park, name_zh="新来制造股份有限公司", name_en="Newcomer")

    compare(side)
    html = text_of(queue(desk))

    lines = {
        found: next(row for row in html.split("<tr")[1:] if page_of(found) in row) for found in (registration, other)
    }
    assert {found: "Name alike" in row for found, row in lines.items()} == {registration: True, other: False}


def test_queue_is_narrowed_to_names_alike(side, registration, desk):
    other = file_registration(side.park, number="R-0000-0002", credit_code=OTHER_CODE, name_zh="遥远食品厂", name_en="")
    with park_scope(side.park.pk):
        EnterpriseFactory(park=side.park, name_zh="新来制造股份有限公司")

    assert shown(queue(desk, note="is_alike"), registration, other) == [], "nobody has looked yet"
    compare(side)
    assert shown(queue(desk, note="is_alike"), registration, other) == [registration]


def test_enterprise_of_the_same_code_is_noted_once(side, registration, desk):
    with park_scope(side.park.pk):
        EnterpriseFactory(park=side.park, credit_code=CODE, name_zh=registration.name_zh)

    compare(side)
    html = text_of(queue(desk))

    row = next(row for row in html.split("<tr")[1:] if page_of(registration) in row)
    assert ("Code registered already" in row, "Name alike" in row) == (True, False)


def test_queue_holds_each_state_in_its_view(scene, side, registration, desk):
    returned = file_registration(side.park, number="R-0000-0002", credit_code=OTHER_CODE)
    rejected = file_registration(side.park, number="R-0000-0003", credit_code=EARLY_CODE)
    give_back(side, returned)
    reject(side, rejected)

    waiting, back, decided = (queue(desk, view=view) for view in ("waiting", "returned", "decided"))
    everything = (registration, returned, rejected)
    assert shown(waiting, *everything) == [registration]
    assert shown(back, *everything) == [returned]
    assert shown(decided, *everything) == [rejected]
    # One more waits for each of the two firms of the scene.
    assert [(tab["label"], tab["count"]) for tab in waiting.context["tabs"]] == [
        ("Waiting", 3),
        ("With the registrant", 1),
        ("Decided", 1),
    ]


def test_queue_of_a_view_that_does_not_exist_is_what_waits(registration, desk):
    page = queue(desk, view="nonsense")

    assert page.context["view"] == "waiting"
    assert shown(page, registration) == [registration]


def test_queue_shows_no_drafts_and_no_other_park(scene, side, registration, client_of):
    page = queue(client_of(scene.others.staff[Role.REVIEWER]))

    assert shown(page, registration, scene.others.firm.registration) == [scene.others.firm.registration]


@pytest.mark.parametrize("role", sorted(PARK_ROLES))
def test_every_official_reads_the_queue(side, registration, client_of, role):
    page = queue(client_of(side.staff[role]))

    assert shown(page, registration) == [registration]
    assert (page.context["next_one"] is not None) == (role in REGISTRARS)


@pytest.mark.parametrize("role", [Role.OWNER, Role.APPLICANT])
def test_people_of_enterprises_do_not(side, registration, client_of, role):
    client = client_of(side.firm.people[role])

    assert queue(client).status_code == 403
    assert client.get(page_of(registration)).status_code == 403


@pytest.mark.parametrize(
    ("parameters", "found"),
    [
        ({"q": "r-7k4m"}, True),
        ({"q": "9135 0200-ma2yj1"}, True),
        ({"q": "newcomer WORKS"}, True),
        ({"q": "新来制造"}, True),
        ({"q": "lin yue"}, True),
        ({"q": "nobody"}, False),
        ({"q": "%"}, False),
        ({"kind": "manufacturer"}, True),
        ({"kind": "research"}, False),
        ({"kind": "nonsense"}, True),
        ({"note": "is_registered"}, False),
        ({"note": "is_filed_twice"}, False),
        ({"note": "again"}, False),
    ],
)
def test_queue_is_narrowed(registration, desk, parameters, found):
    assert shown(queue(desk, **parameters), registration) == ([registration] if found else [])


def test_queue_notes_what_needs_judgement(side, registration, desk):
    second = file_registration(side.park, number="R-0000-0002")
    early = file_registration(side.park, number="R-0000-0003", credit_code=EARLY_CODE)
    with park_scope(side.park.pk):
        EnterpriseFactory(park=side.park, credit_code=OTHER_CODE)
    known = file_registration(side.park, number="R-0000-0004", credit_code=OTHER_CODE)

    assert "Filed more than once" in text_of(queue(desk, q=second.number))
    assert "Check character differs" in text_of(queue(desk, q=early.number))
    assert "Code registered already" in text_of(queue(desk, q=known.number))
    with park_scope(side.park.pk):
        cache.set(likeness_key(side.park.pk, early.pk, early.round), True)
    both = text_of(queue(desk, q=early.number))
    assert "Check character differs" in both
    assert "Name alike" in both
    assert shown(queue(desk, note="is_registered"), registration, second, early, known) == [known]
    assert shown(queue(desk, note="odd_code"), registration, second, early, known) == [early]
    assert shown(queue(desk, note="is_filed_twice"), registration, second, early, known) == [registration, second]


def test_queue_says_what_was_filed_again(side, registration, desk):
    give_back(side, registration)
    file_again(registration)

    page = queue(desk, note="again")
    assert shown(page, registration) == [registration]
    assert "Filed again, round 2" in text_of(page)


def test_queue_locks_what_is_not_for_this_person(side, client_of):
    reviewer = side.staff[Role.REVIEWER]
    own = file_registration(side.park, registrant=reviewer.user)
    tied = file_registration(side.park, number="R-0000-0002", credit_code=side.firm.enterprise.credit_code)
    with park_scope(side.park.pk):
        DeclaredInterest.objects.create(
            park=side.park, enterprise=side.firm.enterprise, user=reviewer.user, reason="brother"
        )
    client = client_of(reviewer)

    assert "You filed it: four eyes" in text_of(queue(client, q=own.number))
    assert "Interest declared: not for you" in text_of(queue(client, q=tied.number))
    colleague = client_of(side.staff[Role.PARK_ADMINISTRATOR])
    assert "not for you" not in text_of(queue(colleague, q=tied.number))


@pytest.mark.parametrize("works_there", [False, True])
def test_queue_locks_the_code_of_what_was_merged_into_what_one_is_tied_to(side, client_of, works_there):
    reviewer, goes_on = side.staff[Role.REVIEWER], side.firm.enterprise
    with park_scope(side.park.pk):
        merged = EnterpriseFactory(park=side.park, credit_code=OTHER_CODE)
        Enterprise.objects.filter(pk=merged.pk).update(status="merged", merged_into=goes_on)
    filed = file_registration(side.park, number="R-0000-0002", credit_code=OTHER_CODE)
    client = client_of(reviewer)
    assert "not for you" not in text_of(queue(client, q=filed.number))
    if works_there:
        MembershipFactory(user=reviewer.user, park=side.park, enterprise_id=goes_on.pk, roles=[Role.APPLICANT])
    else:
        with park_scope(side.park.pk):
            DeclaredInterest.objects.create(park=side.park, enterprise=goes_on, user=reviewer.user, reason="brother")

    assert "Interest declared: not for you" in text_of(queue(client, q=filed.number))
    with pytest.raises(NotAllowed, match="belong to this enterprise"):
        reject(side, filed, reviewer)


def test_queue_locks_what_one_had_an_interest_in_within_thirty_days(side, client_of):
    reviewer = side.staff[Role.REVIEWER]
    lately = timezone.now() - COOLING_OFF + timedelta(minutes=5)
    tied = file_registration(side.park, number="R-0000-0002", credit_code=side.firm.enterprise.credit_code)
    with park_scope(side.park.pk):
        DeclaredInterest.objects.create(
            park=side.park, enterprise=side.firm.enterprise, user=reviewer.user, reason="brother", ended_at=lately
        )
    client = client_of(reviewer)

    assert "Interest declared: not for you" in text_of(queue(client, q=tied.number))
    with park_scope(side.park.pk):
        DeclaredInterest.objects.filter(ended_at=lately).update(ended_at=lately - timedelta(minutes=10))
    assert "not for you" not in text_of(queue(client, q=tied.number))


def test_queue_begins_with_the_least_time_left(side, desk):
    numbers = ["R-0000-0003", "R-0000-0001", "R-0000-0002"]
    rows = [file_registration(side.park, number=number) for number in numbers]
    with park_scope(side.park.pk):
        for day, row in enumerate(rows, start=1):
            Registration.objects.filter(pk=row.pk).update(due_at=NOW.replace(day=day))
    text = text_of(queue(desk, q="R-0000"))

    assert sorted(numbers, key=text.index) == numbers


@pytest.mark.parametrize("view", ["waiting", "returned", "decided"])
def test_queue_asks_the_same_with_one_row_and_with_thirty(side, registration, desk, django_assert_num_queries, view):
    acts = {"waiting": None, "returned": give_back, "decided": reject}

    def add(count):
        for number in range(count):
            row = file_registration(side.park, number=f"R-{count:04d}-{number:04d}")
            if acts[view]:
                acts[view](side, row)

    add(1)
    queue(desk, view=view)
    with django_assert_num_queries(QUERIES[view]):
        queue(desk, view=view)
    add(30)
    with django_assert_num_queries(QUERIES[view]):
        queue(desk, view=view)


QUERIES = {"waiting": 16, "returned": 16, "decided": 15}


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_queue_is_downloaded(registration, desk, kind):
    page = queue(desk, export=kind)

    assert page.status_code == 200
    assert "attachment" in page["Content-Disposition"]
    if kind == "csv":
        text = page.content.decode("utf-8-sig")
        assert registration.number in text
        assert "新来制造有限公司 / Newcomer Works" in text


def test_queue_says_when_nothing_is_there(side, desk):
    assert "What was returned for corrections stands here" in text_of(queue(desk, view="returned"))
    assert "No registration fits these filters." in text_of(queue(desk, q="nothing like it"))


def test_queue_is_in_the_navigation_of_officials(side, desk, client_of):
    assert vetting_url("queue") in text_of(desk.get(reverse("incentives:official_home")))
    owner = client_of(side.firm.people[Role.OWNER])
    assert vetting_url("queue") not in text_of(owner.get(reverse("incentives:enterprise_home")))


@pytest.fixture
def known(side):
    with park_scope(side.park.pk):
        return EnterpriseFactory(
            park=side.park, credit_code=CODE, name_zh="新来制造有限公司", name_en="Known Works", address="Old Road 1"
        )
