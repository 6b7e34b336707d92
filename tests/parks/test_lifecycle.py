import re
from datetime import UTC, datetime

import pytest
from django.db import InternalError, ProgrammingError, connection
from django.urls import resolve

from parks import services
from parks.choices import BoundaryType, ParkStatus, Province, Role
from parks.models import Park
from parks.services.lifecycle import WrongPeriod, WrongStatus
from parks.templatetags.unsaved import typed_text
from tenancy.models import AuditEvent, OutboxEvent
from tenancy.scopes import open_scope, park_scope, platform_scope
from tests.clients import actor
from tests.factories.people import ParkFactory, person

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
PROFILE = {
    "slug": "liyang",
    "name_en": "Liyang Zone",
    "name_zh": "溧阳高新区",
    "province": Province.JIANGSU,
    "boundary_type": BoundaryType.PARK_IN_PARK,
}


def published_events():
    return list(OutboxEvent.objects.order_by("created_at").values_list("name", "payload"))


def test_create_park_is_active_announced_and_recorded():
    operator = actor(person(Role.OPERATOR))
    with open_scope(operator.scope):
        park = services.create_park(PROFILE, NOW)
        assert published_events() == [("parks.park_created", {"park_id": park.pk})]
        recorded = AuditEvent.objects.get()
    assert (park.status, park.status_changed_at, park.created_at) == (ParkStatus.ACTIVE, NOW, NOW)
    assert (recorded.table_name, recorded.row_id, recorded.park_id, recorded.action) == (
        "parks_park",
        str(park.pk),
        park.pk,
        "INSERT",
    )
    assert (recorded.user_id, recorded.user_name, recorded.database_role) == (
        operator.user_id,
        operator.name,
        "app_platform",
    )


def test_update_park_records_what_changed():
    park = ParkFactory(name_en="Old", name_zh="旧")
    with platform_scope():
        services.update_park(park.pk, {"name_en": "New", "name_zh": "旧"})
        change = AuditEvent.objects.get(action="UPDATE")
    assert (change.before, change.after) == ({"name_en": "Old"}, {"name_en": "New"})


def test_year_of_the_end_is_held_against_the_beginning_that_a_colleague_wrote():
    park = ParkFactory()
    with platform_scope():
        services.update_park(park.pk, {"construction_start_year": 2027})
        services.update_park(park.pk, {"construction_end_year": 2027})
        with pytest.raises(WrongPeriod) as refused:
            services.update_park(park.pk, {"construction_start_year": 2028})
        assert refused.value.field == "construction_end_year"
        assert Park.objects.get(pk=park.pk).construction_start_year == 2027


@pytest.mark.parametrize("field", ["status", "accent", "id", "status_reason"])
def test_update_park_writes_nothing_but_the_profile(field):
    park = ParkFactory()
    with platform_scope(), pytest.raises(ValueError, match=field):
        services.update_park(park.pk, {field: "x"})


def test_park_goes_through_its_life():
    park = ParkFactory()
    with platform_scope():
        assert services.suspend_park(park.pk, "Fees unpaid", NOW).status == ParkStatus.SUSPENDED
        assert services.resume_park(park.pk, "Paid", NOW).status == ParkStatus.ACTIVE
        archived = services.archive_park(park.pk, "Merged", NOW)
        assert [name for name, _payload in published_events()] == [
            "parks.park_suspended",
            "parks.park_resumed",
            "parks.park_archived",
        ]
    assert (archived.status, archived.status_reason, archived.status_changed_at) == (
        ParkStatus.ARCHIVED,
        "Merged",
        NOW,
    )


@pytest.mark.parametrize(
    ("status", "act"),
    [
        (ParkStatus.SUSPENDED, services.suspend_park),
        (ParkStatus.ARCHIVED, services.suspend_park),
        (ParkStatus.ACTIVE, services.resume_park),
        (ParkStatus.ARCHIVED, services.resume_park),
        (ParkStatus.ARCHIVED, services.archive_park),
    ],
)
def test_act_out_of_place_is_refused_and_changes_nothing(status, act):
    park = ParkFactory(status=status)
    with platform_scope():
        with pytest.raises(WrongStatus):
            act(park.pk, "Why not", NOW)
        assert (Park.objects.get(pk=park.pk).status, published_events()) == (status, [])


def test_archiving_ends_the_support_sessions():
    operator, park = person(Role.OPERATOR), ParkFactory()
    with platform_scope():
        session = services.start_support_session(park.pk, actor(operator), "Import fails", NOW)
        services.archive_park(park.pk, "Merged", NOW)
        session.refresh_from_db()
    assert session.ended_at == NOW


@pytest.mark.parametrize("scope_of", [lambda side: park_scope(side.park.pk)])
def test_park_cannot_change_its_own_status(scene, scope_of):
    with pytest.raises(ProgrammingError, match="permission denied"), scope_of(scene.ours):
        Park.objects.filter(pk=scene.ours.park.pk).update(status=ParkStatus.ARCHIVED)


def test_suspended_park_answers_a_write_with_the_read_only_page(scene, client_of):
    administrator = scene.ours.staff[Role.PARK_ADMINISTRATOR]
    suspend(scene.ours.park)
    response = client_of(administrator).post("/park/profile/edit/", {"name_en": "Changed", "city_zh": "溧阳"})
    assert response.status_code == 409
    typed = re.findall(r"<dt>([^<]+)</dt><dd[^>]*>([^<]+)</dd>", response.content.decode())
    assert typed == [("Name in English", "Changed"), ("City in Chinese", "溧阳")]
    assert "parks/read_only.html" in [template.name for template in response.templates]
    assert "Fees unpaid" in response.content.decode()
    assert Park.objects.get(pk=scene.ours.park.pk).name_en == "Torch Zone"


@pytest.mark.parametrize(
    ("path", "form", "words"),
    [
        ("/deputies/", {"starts_on": "2027-01-04", "ends_on": "2027-01-05"}, ["First day", "Last day"]),
        ("/park/profile/edit/", {"name_zh": "溧阳"}, ["Name in Chinese"]),
        ("/enterprises/new/", {"name_en": "Opto", "remarks_of_mine": "Road 1"}, ["Name in English", "Remarks of mine"]),
    ],
)
def test_read_only_page_names_what_was_typed_in_the_words_of_its_form(rf, path, form, words):
    request = rf.post(path, form)
    request.resolver_match = resolve(path)
    assert [label for label, _text in typed_text(request)] == words


def test_suspended_park_refuses_a_raw_write_in_the_database(scene):
    suspend(scene.ours.park)
    administrator = actor(reloaded(scene.ours.staff[Role.PARK_ADMINISTRATOR]))
    with (
        pytest.raises(InternalError, match="read-only transaction"),
        open_scope(administrator.scope),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE parks_park SET name_en = 'Changed'")


def test_suspended_park_can_still_be_read(scene):
    suspend(scene.ours.park)
    with open_scope(actor(reloaded(scene.ours.staff[Role.PARK_ADMINISTRATOR])).scope):
        assert list(Park.objects.values_list("name_en", flat=True)) == ["Torch Zone"]


def test_neighbour_of_a_suspended_park_can_write(scene):
    suspend(scene.ours.park)
    with open_scope(actor(reloaded(scene.others.staff[Role.PARK_ADMINISTRATOR])).scope):
        assert Park.objects.filter(pk=scene.others.park.pk).update(name_en="Harbour") == 1


def suspend(park):
    with platform_scope():
        services.suspend_park(park.pk, "Fees unpaid", NOW)


def reloaded(membership):
    """As the middleware loads it for the next request."""
    return type(membership).objects.select_related("user", "park").get(pk=membership.pk)
