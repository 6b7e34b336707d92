"""The audit trail: complete, unchangeable, readable by the right people, and quick."""

from __future__ import annotations

import csv
import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import ProgrammingError, connection, connections, transaction
from django.utils import timezone, translation

from incentives.models import Application
from parks import audit_words
from parks.choices import PARK_ROLES, Role
from parks.models import Membership, Park, SupportSession
from parks.queries import audit
from parks.queries.audit_lines import lines
from tenancy.models import AuditEvent
from tenancy.scopes import Author, enterprise_scope, open_scope, park_scope, platform_scope, public_scope
from tests.clients import actor, signed_in_client
from tests.factories.people import ParkFactory, person
from tests.parks.changes import change_one_of_each

pytestmark = pytest.mark.django_db

READERS = {Role.PARK_ADMINISTRATOR, Role.AUDITOR}
FORGERIES = [
    "INSERT INTO tenancy_auditevent (at, table_name, row_id, action, user_name, request_id, database_role)"
    " VALUES (now(), 'x', '1', 'INSERT', '', '', '')",
    "UPDATE tenancy_auditevent SET user_name = 'nobody'",
    "DELETE FROM tenancy_auditevent",
    "TRUNCATE tenancy_auditevent",
    "ALTER TABLE parks_park DISABLE TRIGGER ALL",
    "SELECT tenancy_record_change()",
]


@pytest.fixture
def administrator(scene):
    return scene.ours.staff[Role.PARK_ADMINISTRATOR]


@pytest.fixture
def trail_of(scene):
    """The lines of a filter, as the administrator of our park may read them."""

    def read(**wanted):
        with park_scope(scene.ours.park.pk):
            events = audit.trail(scene.ours.park.pk, audit.TrailFilter(**wanted), "Asia/Shanghai")
            return lines(audit.newest(events, 1000))

    return read


@pytest.mark.parametrize("statement", FORGERIES)
@pytest.mark.parametrize("who", ["login", "official", "enterprise", "public", "platform"])
def test_nobody_writes_or_changes_the_trail(scene, who, statement):
    park, firm = scene.ours.park.pk, scene.ours.firm.enterprise.pk
    scope = {
        "login": transaction.atomic,
        "official": lambda: park_scope(park),
        "enterprise": lambda: enterprise_scope(park, firm),
        "public": lambda: public_scope(park),
        "platform": platform_scope,
    }[who]

    with pytest.raises(ProgrammingError, match=r"permission denied|must be owner|trigger functions"), scope():
        connection.cursor().execute(statement)


def test_enterprise_and_public_read_nothing_of_the_trail(scene):
    park, firm = scene.ours.park.pk, scene.ours.firm.enterprise.pk
    for scope in (enterprise_scope(park, firm), public_scope(park)):
        with pytest.raises(ProgrammingError, match="permission denied"), scope:
            AuditEvent.objects.count()


def test_change_tells_who_what_and_what_it_was(scene, administrator, trail_of):
    who = actor(administrator)
    with open_scope(who.scope):
        Membership.objects.get(pk=scene.ours.staff[Role.EXPERT].pk)
        park = Park.objects.get()
        park.city_en, park.area_km2 = "Xiamen", "45.2"
        park.save(update_fields=["city_en", "area_km2"])

    line = trail_of(table="parks_park")[0]

    assert (line.who, line.table, line.summary) == (administrator.user.name, "Park", "city in English, area (km²)")
    assert [(c.word, c.before, c.after) for c in line.changes] == [
        ("city in English", "–", "Xiamen"),
        ("area (km²)", "–", "45.200"),
    ]


def test_values_are_words(scene, administrator, trail_of):
    membership = scene.ours.staff[Role.EXPERT]
    with open_scope(actor(administrator).scope):
        Membership.objects.filter(pk=membership.pk).update(
            roles=[Role.EXPERT, Role.AUDITOR], is_active=False, ended_at=datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
        )

    with timezone.override("Asia/Shanghai"):
        line = trail_of(table="parks_membership", row_id=str(membership.pk))[0]

    assert line.row == membership.user.name
    changes = {change.word: (change.before, change.after) for change in line.changes}
    assert changes["roles"] == ("Expert", "Expert, Auditor")
    assert changes["active"] == ("yes", "no")
    assert "2026-11-22 10:00" in changes["ended"][1]
    assert "UTC+8" in changes["ended"][1]


def test_file_holds_what_people_wrote_as_they_wrote_it(scene, administrator, trail_of):
    """Markup of the portal, as of times, is left out; a text that looks like some is kept."""
    with open_scope(actor(administrator).scope):
        park = Park.objects.get()
        park.city_en = "A <b> & C"
        park.save(update_fields=["city_en"])
        Membership.objects.filter(pk=scene.ours.staff[Role.EXPERT].pk).update(
            is_active=False, ended_at=datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
        )
    assert trail_of(table="parks_park")[0].text("after") == "city in English: A <b> & C"
    with timezone.override("Asia/Shanghai"):
        told = trail_of(table="parks_membership")[0].text("after")
    assert "ended: 2026-11-22 10:00 UTC+8" in told


def test_secret_of_an_invitation_is_not_shown(scene, administrator):
    with park_scope(scene.ours.park.pk):
        event = AuditEvent.objects.get(table_name="parks_invitation", row_id=str(scene.ours.invitation.pk))

    text = signed_in_client(administrator).get(f"/park/audit/{event.pk}/").content.decode()

    assert scene.ours.invitation.email in text
    assert scene.ours.invitation.token_digest not in text
    assert "not shown" in text


@pytest.mark.django_db(databases=["default", "owner"])
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_table_and_column_of_the_trail_has_a_word(language):
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT t.tgrelid::regclass::text, a.attname::text FROM pg_trigger t"
            " JOIN pg_attribute a ON a.attrelid = t.tgrelid AND a.attnum > 0 AND NOT a.attisdropped"
            " AND a.attgenerated = ''"
            " WHERE t.tgname LIKE '%\\_history'"
        )
        columns = cursor.fetchall()
    assert ("incentives_application", "approved_cny") in columns

    with translation.override(language):
        unnamed = {table for table, _column in columns if audit_words.table_word(table) == table}
        raw = {(t, c) for t, c in columns if "_" in audit_words.column_word(t, c)}

    assert unnamed == set()
    assert raw == set()


def test_unknown_table_keeps_its_name():
    assert audit_words.table_word("carbon_factor") == "carbon_factor"
    assert audit_words.column_word("carbon_factor", "factor_kgco2") == "factor_kgco2"
    assert audit_words.value_words("carbon_factor", "factor_kgco2", 0.5) == "0.5"


def test_trail_is_narrowed(scene, administrator, trail_of):
    reviewer = scene.ours.staff[Role.REVIEWER].user
    operator = scene.operator.user
    park = scene.ours.park.pk
    with park_scope(park, Author(reviewer.pk, reviewer.name)):
        Park.objects.update(contact_name="A")
    with park_scope(park, Author(operator.pk, operator.name, support_session_id=scene.ours.support_session.pk)):
        Park.objects.update(contact_name="B")
    with park_scope(park, Author(name="ParkZero")):
        Park.objects.update(contact_name="C")

    def found(**wanted):
        return [line.event.after["contact_name"] for line in trail_of(table="parks_park", action="UPDATE", **wanted)]

    assert found() == ["C", "B", "A"]
    assert found(who=reviewer.name) == ["A"]
    assert found(who=reviewer.email) == ["A"]
    assert found(who=operator.name) == ["B"]
    assert found(who="parkzero") == ["C"]
    assert found(who="stranger") == []
    assert found(only_support=True) == ["B"]
    assert found(support_session_id=scene.ours.support_session.pk) == ["B"]
    assert found(row_id=str(park)) == ["C", "B", "A"]
    assert found(row_id="0") == []


def test_days_of_the_filter_are_those_of_the_park(scene):
    """23:30 UTC on 21 November is 07:30 on the 22nd in Shanghai."""
    park, moment = scene.ours.park.pk, datetime(2026, 11, 21, 23, 30, tzinfo=UTC)

    def days(zone, day):
        wanted = audit.TrailFilter(starts_on=day, ends_on=day)
        (events,) = audit.trail(park, wanted, zone)
        where = events.query.where
        bounds = sorted(child.rhs for child in where.children if child.lhs.target.name == "at")
        return bounds[0] <= moment < bounds[1]

    assert days("Asia/Shanghai", date(2026, 11, 22))
    assert not days("Asia/Shanghai", date(2026, 11, 21))
    assert days("Europe/London", date(2026, 11, 21))


def test_pages_follow_each_other_without_gap_or_repetition(scene):
    park = scene.ours.park.pk
    with park_scope(park):
        events = audit.trail(park, audit.TrailFilter(), "Asia/Shanghai")
        everything = [event.pk for event in audit.newest(events, 1000)]
        walked, cursor = [], None
        while True:
            page = audit.page_below(events, cursor, size=7)
            walked += [event.pk for event in page.events]
            if page.older is None:
                break
            cursor = audit.Cursor.read(str(page.older))

    assert len(everything) > 7
    assert walked == everything


@pytest.mark.django_db(databases=["default", "owner"], transaction=True)
def test_name_that_nobody_holds_is_looked_for_by_an_index():
    park = ParkFactory()
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "INSERT INTO tenancy_auditevent (at, park_id, table_name, row_id, action, user_id, user_name, request_id,"
            " database_role, is_private) SELECT now(), %s, 'parks_park', n::text, 'UPDATE',"
            " CASE WHEN n %% 2 = 0 THEN n END, 'ParkZero', '', 'app_official', false FROM generate_series(1, 5000) n",
            [park.pk],
        )
        cursor.execute("ANALYZE tenancy_auditevent")
    with park_scope(park.pk):
        for who, found in (("Nobody", 0), ("parkzero", 51)):
            (_accounts, without) = audit.trail(park.pk, audit.TrailFilter(who=who), "Asia/Shanghai")
            page = without.order_by("-at", "-id")[:51]
            assert len(page) == found
            if not found:
                assert "audit_park_without_account" in page.explain()


def test_pages_of_one_name_hold_those_with_an_account_and_those_without(scene):
    auditor, park = scene.ours.staff[Role.AUDITOR].user, scene.ours.park.pk
    for number in range(8):
        with park_scope(park, Author(auditor.pk if number % 2 else None, auditor.name)):
            Park.objects.update(contact_name=str(number))
    with park_scope(park):
        events = audit.trail(park, audit.TrailFilter(who=auditor.name), "Asia/Shanghai")
        first = audit.page_below(events, None, size=5)
        second = audit.page_below(events, first.older, size=5)

    names = [event.after["contact_name"] for event in [*first.events, *second.events]]
    assert names == ["7", "6", "5", "4", "3", "2", "1", "0"]
    assert second.older is None


@pytest.mark.parametrize("mangled", ["", "x", "2026-11-22~1", "2026-11-22T00:00:00+00:00~x", "~", "9" * 400])
def test_mangled_page_shows_the_first(administrator, mangled):
    assert signed_in_client(administrator).get("/park/audit/", {"below": mangled}).status_code == 200


@pytest.mark.parametrize("role", sorted(PARK_ROLES))
def test_trail_is_read_by_administrator_and_auditor(scene, role):
    client = signed_in_client(scene.ours.staff[role])
    pages = ["/park/audit/", f"/park/audit/{scene.ours.audit_event.pk}/", "/park/support-visits/"]

    assert [client.get(page).status_code for page in pages] == [200 if role in READERS else 403] * 3


def test_others_are_kept_out_of_the_trail(scene):
    url = f"/park/audit/{scene.ours.audit_event.pk}/"

    assert signed_in_client(scene.others.staff[Role.AUDITOR]).get(url).status_code == 404
    assert signed_in_client(scene.ours.firm.people[Role.OWNER]).get(url).status_code == 403
    assert signed_in_client(scene.operator).get(url).status_code == 403


def test_trail_tells_people_of_one_name_apart_by_their_address(scene, administrator):
    """The name is what it was at the time; the address is that of the account."""
    reviewer = scene.ours.staff[Role.REVIEWER].user
    with park_scope(scene.ours.park.pk, Author(reviewer.pk, administrator.user.name)):
        Park.objects.update(contact_name="A")
        event = AuditEvent.objects.latest("pk")
    client = signed_in_client(administrator)

    page = client.get("/park/audit/?table=parks_park&action=UPDATE").content.decode()
    detail = client.get(f"/park/audit/{event.pk}/").content.decode()

    assert f'{administrator.user.name} <span class="text-secondary">{reviewer.email}</span>' in page
    assert f"<span>{reviewer.email}</span>" in detail
    assert f"<dd>{reviewer.email}</dd>" in detail


def test_trail_shows_this_park_only(scene, administrator):
    text = signed_in_client(administrator).get("/park/audit/").content.decode()

    assert "OURS" in text
    assert "OTHERS" not in text


# Enough for a full page, on which every kind of row stands.
@pytest.mark.parametrize("count", [6, 30])
def test_trail_takes_the_same_queries_for_more_events(scene, administrator, django_assert_num_queries, count):
    visit = scene.ours.support_session.pk
    for number in range(count):
        membership = person(Role.REVIEWER, scene.ours.park)
        with open_scope(actor(administrator).scope):
            Membership.objects.filter(pk=membership.pk).update(roles=[Role.EXPERT])
            change_one_of_each(scene.ours, number)
        with park_scope(scene.ours.park.pk, Author(name="Sun Qi", support_session_id=visit)):
            Park.objects.update(contact_name=f"Contact {number}")
    client = signed_in_client(administrator)

    with django_assert_num_queries(32):
        client.get("/park/audit/?action=UPDATE")
    with django_assert_num_queries(27):
        client.get("/park/audit/?action=UPDATE&export=csv")


def test_trail_is_exported_with_its_filter_and_its_limit(scene, administrator, monkeypatch):
    with open_scope(actor(administrator).scope):
        for city in ("=1+1", "B", "C"):
            Park.objects.update(city_en=city)
    monkeypatch.setattr("parks.views.audit.LARGEST_EXPORT", 2)

    response = signed_in_client(administrator).get("/park/audit/?export=csv&table=parks_park&action=UPDATE")

    rows = list(csv.reader(response.content.decode("utf-8-sig").splitlines()))
    assert rows[0] == [
        "Time (UTC+8)",
        "Person",
        "E-mail address",
        "Support session",
        "What",
        "Identifier",
        "Name",
        "Change",
        "Before",
        "After",
    ]
    assert {(row[1], row[2]) for row in rows[1:3]} == {(administrator.user.name, administrator.user.email)}
    assert [row[-2:] for row in rows[1:3]] == [
        ["city in English: B", "city in English: C"],
        ["city in English: =1+1", "city in English: B"],
    ]
    assert rows[3][0].startswith("Only the latest 2 changes are in this file.")
    assert signed_in_client(administrator).get("/park/audit/?export=xlsx").content.startswith(b"PK")


@pytest.mark.parametrize(
    ("typed", "field", "problem"),
    [
        ({"starts_on": "someday"}, "starts_on", "Enter a day as year-month-day, for example 2026-11-08."),
        ({"ends_on": "2026-02-30"}, "ends_on", "Enter a day as year-month-day, for example 2026-11-08."),
        ({"starts_on": "2026-11-09", "ends_on": "2026-11-08"}, "ends_on", "This day is before the first one."),
    ],
)
def test_wrong_day_is_said_beside_its_field_and_hides_nothing(administrator, typed, field, problem):
    text = signed_in_client(administrator).get("/park/audit/", typed).content.decode()

    assert "OURS" in text
    box, beside = re.search(rf'(<input[^>]* name="{field}"[^>]*>)</label>(<ul[^>]*>.*?</ul>)', text, re.DOTALL).groups()
    assert f'id="id_{field}_error"' in beside
    assert f"<span>{problem}</span>" in beside
    assert ">Clear</a>" in text
    assert f'value="{typed[field]}"' in box
    assert f'aria-describedby="id_{field}_error"' in box
    # A date field of a browser would show nothing of what is no day.
    assert ('type="text"' in box) == problem.startswith("Enter")


def test_support_visits_show_why_and_what_was_changed(scene, administrator):
    session = scene.ours.support_session
    with park_scope(scene.ours.park.pk, Author(name="Sun Qi", support_session_id=session.pk)):
        Park.objects.update(contact_name="B")
    now = timezone.now()
    SupportSession.objects.create(
        park=scene.ours.park,
        operator=scene.operator.user,
        operator_name="Sun Qi",
        reason="Looks only",
        started_at=now,
        expires_at=now + timedelta(minutes=59),
    )

    text = signed_in_client(administrator).get("/park/support-visits/").content.decode()

    assert [words in text for words in ("OURS support", "1 change", "Looks only", "Here now")] == [True] * 4
    assert "OTHERS support" not in text
    assert f"/park/audit/?support_session_id={session.pk}" in text


def test_draft_of_an_enterprise_is_recorded_but_not_shown_to_its_park(scene, trail_of):
    """Drafts are nobody's business but the enterprise's, also when they are changed."""
    firm = scene.ours.firm
    owner = firm.people[Role.OWNER].user
    with enterprise_scope(scene.ours.park.pk, firm.enterprise.pk, Author(owner.pk, owner.name)):
        Application.objects.filter(pk=firm.draft.pk).update(project_title="Another title")

        Application.objects.filter(pk=firm.application.pk).update(state="withdrawn", stage="", stage_role="")

    assert trail_of(table="incentives_application", row_id=str(firm.draft.pk)) == []
    line = trail_of(table="incentives_application", row_id=str(firm.application.pk))[0]
    assert (line.who, line.event.enterprise_id, line.event.after) == (
        owner.name,
        firm.enterprise.pk,
        {"state": "withdrawn", "stage": "", "stage_role": ""},
    )
