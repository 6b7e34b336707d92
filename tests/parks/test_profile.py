"""What a park says of itself, in which colour and with which logo."""

from __future__ import annotations

import struct
import zlib

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import ProgrammingError

from parks import colours, services
from parks.choices import PARK_ROLES, ParkStatus, Role
from parks.images import picture
from parks.models import Park
from parks.services.profile import OWN_PROFILE
from tenancy.scopes import park_scope
from tests.clients import signed_in_client

pytestmark = pytest.mark.django_db

JPEG = (
    b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xc0\x00\x11\x08\x00\x40\x00\x80\x03"
    + b"\x00" * 40
)


def png(width=120, height=60, extra=b""):
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"") + extra
    )


def upload(content, name="logo.png"):
    return SimpleUploadedFile(name, content)


@pytest.fixture
def park(scene):
    return scene.ours.park


@pytest.fixture
def client(scene):
    return signed_in_client(scene.ours.staff[Role.PARK_ADMINISTRATOR])


def filled(park, **changes):
    values = {name: getattr(park, name) for name in OWN_PROFILE}
    return {name: "" if value is None else value for name, value in {**values, **changes}.items()}


@pytest.mark.parametrize("role", sorted(PARK_ROLES))
def test_profile_is_read_by_every_official_and_edited_by_the_administrator(scene, role):
    client = signed_in_client(scene.ours.staff[role])
    edits = 200 if role == Role.PARK_ADMINISTRATOR else 403

    pages = ["/park/profile/", "/park/profile/edit/", "/park/profile/branding/"]
    assert [client.get(page).status_code for page in pages] == [200, edits, edits]


def test_people_of_enterprises_use_the_public_page(scene):
    assert signed_in_client(scene.ours.firm.people[Role.OWNER]).get("/park/profile/").status_code == 403


def test_administrator_changes_what_is_the_parks(park, client):
    response = client.post("/park/profile/edit/", filled(park, city_en="Xiamen", area_km2="45.25", seal="炬"))

    park.refresh_from_db()
    assert (response.status_code, response.url) == (302, "/park/profile/")
    assert (park.city_en, str(park.area_km2), park.seal) == ("Xiamen", "45.250", "炬")
    assert "45.25<" in client.get("/park/profile/").content.decode()


def test_wrong_values_come_back_with_what_is_wrong(park, client):
    response = client.post("/park/profile/edit/", filled(park, latitude="95", name_zh="", city_en="Xiamen"))

    park.refresh_from_db()
    assert response.status_code == 422
    assert park.city_en == ""
    text = response.content.decode()
    assert "Enter at most 90." in text
    assert 'href="#id_name_zh"' in text


def test_what_the_operator_sets_cannot_be_changed_by_the_park(park, client):
    client.post("/park/profile/edit/", filled(park, slug="taken-over", status="archived", province="11", city_en="X"))

    park.refresh_from_db()
    assert (park.slug.startswith("park-"), park.status, park.province) == (True, ParkStatus.ACTIVE, "35")
    with pytest.raises(ValueError, match="slug"):
        services.change_profile(park.pk, {"slug": "taken-over"})
    with pytest.raises(ProgrammingError, match="permission denied"), park_scope(park.pk):
        Park.objects.update(slug="taken-over")


def test_own_fields_are_those_of_the_policy(park):
    with park_scope(park.pk):
        for name in OWN_PROFILE:
            Park.objects.filter(pk=park.pk).update(**{name: getattr(park, name)})


def test_colour_is_shown_in_both_themes_before_it_is_saved(park, client):
    page = client.get("/park/profile/branding/?accent=%231F4E9C")
    assert [theme["palette"].accent for theme in page.context["sample"]["themes"]] == ["#1f4e9c", "#99b3dd"]
    assert client.get("/park/profile/branding/?accent=blue").context["sample"] is None


def test_colour_too_light_comes_back_with_figures_and_a_shade_that_can_be_read(park, client):
    page = client.post("/park/profile/branding/", {"accent": "#ffcc00"})

    assert page.context["form"].errors["accent"] == [
        "This colour is too light: as text or under white text its contrast is 1.4 : 1, and 4.5 : 1 is needed. "
        "The nearest darker shade that can be read is #826800."
    ]
    assert (page.context["sample"]["is_readable"], colours.is_readable("#826800")) == (False, True)


def test_accent_that_cannot_be_read_is_refused(park, client):
    for accent in ("#ffcc00", "#ffffff", "red", "#0b5e5", "#0b5e59; }"):
        assert client.post("/park/profile/branding/", {"accent": accent}).status_code == 422

    response = client.post("/park/profile/branding/", {"accent": " #1F4E9C "})

    park.refresh_from_db()
    assert (response.status_code, park.accent) == (302, "#1f4e9c")


def test_logo_is_kept_under_the_park_by_its_content(park, client, django_capture_on_commit_callbacks):
    client.post("/park/profile/branding/", {"accent": park.accent, "logo": upload(png(), "../../evil.php")})
    park.refresh_from_db()
    first = park.logo.name
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/park/profile/branding/", {"accent": park.accent, "logo": upload(JPEG)})
    park.refresh_from_db()

    assert first.startswith(f"parks/{park.pk}/logo/")
    assert first.endswith(".png")
    assert park.logo.name.endswith(".jpg")
    with park.logo.open() as kept:
        assert kept.read() == JPEG
    assert not default_storage.exists(first)


def test_logo_is_removed(park, client, django_capture_on_commit_callbacks):
    client.post("/park/profile/branding/", {"accent": park.accent, "logo": upload(png())})

    with django_capture_on_commit_callbacks(execute=True):
        client.post("/park/profile/branding/", {"accent": park.accent, "without_logo": "on"})

    park.refresh_from_db()
    assert park.logo.name == ""


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "neither a PNG nor a JPEG"),
        (b"%PDF-1.4", "neither a PNG nor a JPEG"),
        (png()[:20], "neither a PNG nor a JPEG"),
        (png(31, 60), "Each side must have between 32 and 4,096."),
        (png(5000, 600), "Each side must have between 32 and 4,096."),
        (png(900, 100), "too elongated"),
        (png(extra=b"\0" * 1024 * 1024), "larger than 1 MB"),
        (b"", "empty"),
    ],
    ids=["svg", "pdf", "broken off", "tiny", "huge", "strip", "heavy", "empty"],
)
def test_logo_that_is_none_is_refused(park, client, content, complaint):
    response = client.post("/park/profile/branding/", {"accent": park.accent, "logo": upload(content)})

    park.refresh_from_db()
    assert response.status_code == 422
    assert complaint in response.content.decode()
    assert park.logo.name == ""


def test_size_of_a_picture_is_read_from_its_bytes():
    assert [(p.width, p.height, p.extension) for p in (picture(png(640, 480)), picture(JPEG))] == [
        (640, 480, "png"),
        (128, 64, "jpg"),
    ]
    assert picture(JPEG[:26]) is None
    assert picture(b"") is None


def test_suspended_park_cannot_be_edited(park, client):
    Park.objects.filter(pk=park.pk).update(status=ParkStatus.SUSPENDED)

    assert client.post("/park/profile/edit/", filled(park, city_en="X")).status_code == 409
    assert "/park/profile/edit/" not in client.get("/park/profile/").content.decode()
