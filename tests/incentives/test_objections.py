"""Many objections at once: nobody can keep others from objecting, or bury those who handle them."""

from __future__ import annotations

import doctest
import threading
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from enterprises.models import DeclaredInterest
from incentives import queries, services
from incentives.choices import AwardState, DocumentKind
from incentives.models import Objection
from incentives.services.awards import let_stand
from lib import networks
from lib.networks import network_of
from parks.choices import ParkStatus, Role
from parks.models import Park
from tenancy.scopes import park_scope
from tests.factories.people import person
from tests.incentives.cases import NOW, acting_as, pdf
from tests.incentives.pages import address, problems_of
from tests.incentives.test_award_pages import published, words
from tests.incentives.test_awards import OVER, approved, notify, object_to, publish, settle, state_of
from tests.incentives.test_concurrency import at_once, wait_until_somebody_waits
from tests.incentives.test_reminders import letters, remind
from tests.incentives.test_services_programmes import create
from tests.incentives.test_services_programmes import publish as publish_programme

pytestmark = pytest.mark.django_db


@pytest.fixture
def side(scene):
    notify(scene.ours)
    return scene.ours


@pytest.fixture
def award(side):
    award = approved(side)
    publish(side, award)
    return award


@pytest.fixture
def other(side):
    award = approved(side, firm=side.neighbour)
    publish(side, award)
    return award


def limit(monkeypatch, **limits):
    for name, most in limits.items():
        monkeypatch.setattr(f"incentives.services.objections.{name}", most)


def set_aside(side, *objections, member=None, answer="Sent by a machine, says nothing of the award."):
    with acting_as(member or side.staff[Role.PARK_ADMINISTRATOR]) as actor:
        found = list(queries.objections(actor).filter(pk__in=[row.pk for row in objections]))
        return services.set_aside_objections(actor, found, answer=answer, now=OVER)


def written(side):
    with park_scope(side.park.pk):
        return sorted(Objection.objects.values_list("state", "answer", "handled_by_name", "handled_at"))


def test_addresses_of_one_subscriber_are_one_sender():
    same = {network_of(f"2001:db8:7:1::{place:x}") for place in range(300)}
    assert same == {"2001:db8:7:1::/64"}
    assert doctest.testmod(networks).failed == 0
    assert network_of("2001:db8:7:2::1") == "2001:db8:7:2::/64"
    assert network_of("::ffff:198.51.100.9") == network_of("198.51.100.9") == "198.51.100.9"


def test_sender_changes_the_address_within_a_network_in_vain(side, award):
    for place in range(5):
        object_to(side, award, sender=f"2001:db8::{place:x}")
    with pytest.raises(services.TooMany, match="Wait an hour"):
        object_to(side, award, sender="2001:db8::ffff:1")
    assert object_to(side, award, sender="2001:db8:0:1::1").state == "open"


def test_limit_of_a_sender_is_of_each_award_and_higher_for_all(side, award, other, monkeypatch):
    limit(monkeypatch, MOST_OF_A_SENDER=2, MOST_OF_A_SENDER_IN_ALL=3)
    for _time in range(2):
        object_to(side, award)
    with pytest.raises(services.TooMany):
        object_to(side, award)
    object_to(side, other)
    with pytest.raises(services.TooMany):
        object_to(side, other)


def test_flood_from_many_places_keeps_nobody_from_objecting(side, award, other, monkeypatch):
    """Of the award that is flooded files are not taken any more; everything else goes on."""
    limit(monkeypatch, MOST_WITH_FILES_OF_AN_AWARD=3)
    for place in range(12):
        object_to(side, award, sender=f"198.51.100.{place}", uploads=[pdf(str(place))] if place < 3 else ())
    with pytest.raises(services.TooMany, match="without files") as refused:
        object_to(side, award, uploads=[pdf("true")])
    assert refused.value.field == "uploads"
    assert object_to(side, award).state == "open"
    assert object_to(side, other, uploads=[pdf("true")]).state == "open"


def test_files_of_one_sender_leave_room_for_those_of_others(side, award, monkeypatch):
    """And cost no right to object: what was refused is given back."""
    size = pdf("a").size
    limit(monkeypatch, MOST_BYTES_OF_A_SENDER=size, MOST_BYTES_OF_AN_AWARD=2 * size)
    limit(monkeypatch, MOST_OF_A_SENDER=2, MOST_OF_A_SENDER_IN_ALL=2)
    object_to(side, award, uploads=[pdf("a")])
    for _time in range(3):
        with pytest.raises(services.TooMany, match="without files"):
            object_to(side, award, uploads=[pdf("b")])
    assert object_to(side, award, sender="192.0.2.2", uploads=[pdf("c")]).state == "open"
    assert object_to(side, award).state == "open"


def test_what_a_park_refused_counts_against_no_award(side, award, other, monkeypatch):
    """Limits that were passed in part are given back in whole."""
    size = pdf("a").size
    limit(monkeypatch, MOST_BYTES_OF_A_PARK=size, MOST_BYTES_OF_AN_AWARD=size)
    object_to(side, award, uploads=[pdf("a")])
    with pytest.raises(services.TooMany):
        object_to(side, other, sender="192.0.2.2", uploads=[pdf("b")])
    limit(monkeypatch, MOST_BYTES_OF_A_PARK=2 * size)
    assert object_to(side, other, sender="192.0.2.2", uploads=[pdf("b")]).state == "open"


def test_sender_is_kept_as_a_mark_that_differs_between_parks(side, award):
    marks = [object_to(side, award, sender=sender).sender for sender in ("192.0.2.1", "192.0.2.1", "192.0.2.2")]
    assert marks[0] == marks[1] != marks[2]
    assert services.objections.mark_of(side.park.pk + 1, "192.0.2.1") != marks[0]
    assert [len(mark) for mark in marks] == [16, 16, 16]
    assert "192" not in marks[0]


def test_many_are_set_aside_with_one_reason_and_each_stays(side, award, other):
    junk = [object_to(side, one) for one in (award, award, other)]
    true = object_to(side, award, sender="192.0.2.2", text="The chiller is from 2012.")
    settle(side)
    assert set_aside(side, *junk) == 3
    name = side.staff[Role.PARK_ADMINISTRATOR].user.name
    answered = ("dismissed", "Sent by a machine, says nothing of the award.", name, OVER)
    assert written(side) == sorted([answered] * 3 + [("open", "", "", None)], key=str)
    assert (state_of(award), state_of(other)) == (AwardState.OBJECTED, AwardState.STANDS)
    assert set_aside(side, true) == 1
    assert state_of(award) == AwardState.STANDS


def test_setting_aside_does_not_cut_the_notice_short(side, award):
    assert set_aside(side, object_to(side, award), object_to(side, award)) == 2
    assert state_of(award) == AwardState.ON_NOTICE


def test_set_aside_is_all_or_nothing(side, award, other, monkeypatch):
    first, second = object_to(side, award), object_to(side, other)
    with pytest.raises(services.Invalid, match="reasons"):
        set_aside(side, first, second, answer=" ")
    with pytest.raises(services.Invalid, match="at least one"):
        set_aside(side)
    set_aside(side, first)
    with pytest.raises(services.StateChanged):
        set_aside(side, first, second)
    limit(monkeypatch, MOST_SET_ASIDE=1)
    with pytest.raises(services.Invalid, match="At most 1"):
        set_aside(side, second, object_to(side, other))
    assert [state for state, *_rest in written(side)] == ["dismissed", "open", "open"]


def test_four_eyes_hold_for_each_award_of_those_set_aside(side, award, other):
    """Whoever decided on one of the applications sets nothing aside, and the database says so too."""
    first, second = object_to(side, award), object_to(side, other)
    for role, reason in ((Role.APPROVER, "Four eyes"), (Role.REVIEWER, "Only a park"), (Role.AUDITOR, "Only a park")):
        with pytest.raises(services.NotAllowed, match=reason):
            set_aside(side, first, second, member=side.staff[role])
    member = side.staff[Role.APPROVER]
    with acting_as(member), pytest.raises(IntegrityError, match="handles no objection"), transaction.atomic():
        Objection.objects.update(
            state="dismissed", answer="No", handled_by=member.user, handled_by_name="x", handled_at=NOW
        )
    assert {state for state, *_rest in written(side)} == {"open"}
    assert set_aside(side, first, second, member=person(Role.APPROVER, side.park)) == 2


def test_official_sets_aside_what_one_sender_sent(side, award, other, client_of):
    for one in (award, award, other):
        object_to(side, one)
    true = object_to(side, award, sender="192.0.2.2", text="The chiller is from 2012.")
    administrator = client_of(side.staff[Role.PARK_ADMINISTRATOR])
    url = address("objection_set_aside", award_id=award.pk)
    assert url in administrator.get(address("award_detail", award_id=award.pk)).content.decode()

    of_award = administrator.get(url)
    assert [tab["count"] for tab in of_award.context["tabs"]] == [3, 3]
    assert "checked" not in of_award.content.decode()
    tab = of_award.context["tabs"][1]["url"]
    of_sender = administrator.get(url + tab)
    assert of_sender.content.decode().count("checked") == 3
    assert "The chiller is from 2012." not in of_sender.content.decode()
    assert "The chiller is from 2012." in of_award.content.decode()

    chosen = list(of_sender.context["form"].known)
    assert problems_of(administrator.post(url + tab, {"answer": "Junk"}).context["form"]) == {
        "objections": ["Choose at least one objection."]
    }
    assert administrator.post(url + tab, {"objections": chosen, "answer": "Junk"}).status_code == 302
    with park_scope(side.park.pk):
        assert list(Objection.objects.filter(state="open").values_list("pk", flat=True)) == [true.pk]
    assert url not in administrator.get(address("award_detail", award_id=award.pk)).content.decode()


def test_objections_that_a_colleague_handles_take_no_room_on_the_page(side, award, other, client_of, monkeypatch):
    """Those of one sender to an award with a tie, filed first, hid the one to another award."""
    monkeypatch.setattr(services, "MOST_SET_ASIDE", 2)
    for _time in range(2):
        object_to(side, award)
    row = object_to(side, other, now=NOW + timedelta(minutes=1))
    administrator = side.staff[Role.PARK_ADMINISTRATOR]
    with park_scope(side.park.pk):
        DeclaredInterest.objects.create(
            park=side.park, enterprise=side.firm.enterprise, user=administrator.user, reason="Shares"
        )
    page = client_of(administrator).get(address("objection_set_aside", award_id=other.pk), {"sender": row.sender})
    assert list(page.context["form"].known) == [str(row.pk)]
    assert page.context["waiting"] == 1


def test_page_offers_nothing_to_who_decided(side, award, client_of):
    objection = object_to(side, award)
    object_to(side, award)
    approver = client_of(side.staff[Role.APPROVER])
    url = address("objection_set_aside", award_id=award.pk)
    assert url not in approver.get(address("award_detail", award_id=award.pk)).content.decode()
    assert "Four eyes" in approver.get(url).content.decode()
    assert approver.post(url, {"objections": [str(objection.pk)], "answer": "No"}).status_code == 422
    assert client_of(side.staff[Role.AUDITOR]).get(url).status_code == 403


def test_flood_of_objections_is_no_flood_of_letters(side, award, monkeypatch):
    """The first few are told of; the next when those are out of the way."""
    monkeypatch.setattr("incentives.services.reminders.MOST_NAMED", 2)
    rows = [object_to(side, award, now=NOW + timedelta(minutes=place)) for place in range(4)]
    with park_scope(side.park.pk):
        subject = f"Objection to the award for {award.application.number}"
    name = side.staff[Role.PARK_ADMINISTRATOR].user.name
    told = (name, subject)
    remind(side, NOW + timedelta(hours=1))
    remind(side, NOW + timedelta(hours=2))
    assert letters("objection_filed").count(told) == 2
    set_aside(side, *rows[:2])
    remind(side, NOW + timedelta(hours=3))
    assert letters("objection_filed").count(told) == 4


def be(side, status):
    Park.objects.filter(pk=side.park.pk).update(status=status)
    side.staff[Role.PARK_ADMINISTRATOR].refresh_from_db()


def test_award_of_a_suspended_park_stands_only_after_its_objections(side, award, other):
    """Objecting goes on, for the days of the notice do; the award waits until the park is open and has answered."""
    be(side, ParkStatus.SUSPENDED)
    objection = object_to(side, award)
    later = OVER + timedelta(days=30)
    assert (settle(side), settle(side, later)) == (0, 0)
    assert (state_of(award), state_of(other)) == (AwardState.ON_NOTICE, AwardState.ON_NOTICE)
    be(side, ParkStatus.ACTIVE)
    assert settle(side, later) == 2
    assert (state_of(award), state_of(other)) == (AwardState.OBJECTED, AwardState.STANDS)
    assert set_aside(side, objection) == 1
    assert state_of(award) == AwardState.STANDS


def another(side, firm, version):
    """An approved application that is begun now, so that it stands behind all that were begun before."""
    with acting_as(firm.people[Role.APPLICANT]) as actor:
        firm.draft = services.start_application(actor, version, now=NOW)
    return firm.draft


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
@pytest.mark.parametrize("second", ["set aside", "settled"])
def test_awards_of_two_programmes_are_let_stand_in_one_order(scene, monkeypatch, second):
    """Of the first the earlier award is of one programme, of the second of the other: each would wait for the other
    to let go of the money.
    """
    side, has_stood = scene.ours, threading.Event()
    notify(side)
    lighting = publish_programme(scene, create(scene, notice_working_days=5, document_kinds=[DocumentKind.CONTRACT]))
    firm, neighbour = side.firm, side.neighbour
    chillers = firm.draft.programme_version
    drafts = [firm.draft, another(side, neighbour, lighting)]
    awards = [approved(side, one) for one in (firm, neighbour)]
    drafts += [another(side, neighbour, lighting), another(side, firm, chillers)]
    awards += [approved(side, one) for one in (neighbour, firm)]
    assert [award.application_id for award in awards] == sorted(draft.pk for draft in drafts)
    for place, award in enumerate(awards):
        publish(side, award, now=NOW + timedelta(days=1 if place > 1 and second == "settled" else 0))
    junk = [object_to(side, award) for award in awards[: 2 if second == "settled" else 4]]
    settle(side)

    def stand(award, now):
        let_stand(award, now)
        if award.pk == awards[0].pk:
            has_stood.set()
            wait_until_somebody_waits()

    def after():
        assert has_stood.wait(timeout=20)
        return settle(side, OVER + timedelta(days=2)) if second == "settled" else set_aside(side, *junk[2:])

    monkeypatch.setattr("incentives.services.objections.let_stand", stand)
    assert at_once(lambda: set_aside(side, *junk[:2]), after) == [2, 2]
    assert {state_of(award) for award in awards} == {AwardState.STANDS}


def test_page_of_a_suspended_park_takes_an_objection(side, client_of, client):
    _award, notice = published(side, client_of(side.staff[Role.PARK_ADMINISTRATOR]))
    be(side, ParkStatus.SUSPENDED)
    page = address("objection_file", park_slug=side.park.slug, notice_id=notice.pk)
    assert client.post(page, words(notice)).status_code == 302
    with park_scope(side.park.pk):
        assert Objection.objects.get().state == "open"
