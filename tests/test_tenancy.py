"""Nobody sees or changes what belongs to another park or another enterprise, on any address of the portal.

New tables and addresses join by themselves; an address with an unknown argument fails until the scene has a value.
"""

from __future__ import annotations

import re
from uuid import UUID

import pytest
from django.apps import apps
from django.db import connection, connections

from enterprises.models import Registration, UnfiledAnswers
from lib.identifiers import uuid7
from parks.access import Door
from parks.choices import ENTERPRISE_ROLES, PARK_ROLES, Role
from parks.models import Invitation
from tenancy.grants import UnprotectedTable, grant_shared_tables, unprotected_tables
from tenancy.models import AuditEvent
from tenancy.scopes import Author, park_scope, registrant_scope
from tests.addresses import Address, addresses
from tests.clients import placeless_client, signed_in_client

pytestmark = pytest.mark.django_db

TENANT_MODELS = [
    model for model in apps.get_models() if any(f.column == "park_id" for f in model._meta.concrete_fields)
]
# The trail itself, rows on their way into the register, where what they do is recorded, and readings by the million,
# whose history are the imports and the revisions of blocks.
WITHOUT_HISTORY = {
    "tenancy_auditevent",
    "enterprises_registerimportrow",
    "energy_rejectedreading",
    "energy_intervalblock",
    "energy_intervalblockrevision",
    "energy_monthtotal",
    "energy_registerday",
    "energy_readingtrace",
    "energy_feedsecret",  # of a changed secret the feed tells when
    "energy_feedfile",
    "energy_readingissue",
    "incentives_claim",  # what the worker reads out of filings, which are kept
}
# What every enterprise of the park may read.
PUBLISHED = frozenset({"programme_id", "programme_version_id", "tariff_id", "tariff_version_id"})
# No worker runs beside the tests, so the portal is not well; a change of language changes every later page.
NOT_OF_TENANTS = {"healthz", "set_language"}
INTERNAL = ("OURS internal note", "OURS interest", "OURS gateway", "OURS letter", "OURS support")
# Enough of every form to get past it: an act on a foreign thing must fail on the thing, not on its input.
# Parks, which are no secret, the calendar that all of them share, and the kinds of messages that the portal knows.
OF_THE_INSTALLATION = frozenset({"park_slug", "park_id", "year", "calendar_day_id", "message_kind"})
TYPED = {
    "project_title": "Taken over",
    "name": "Taken over",
    "name_en": "Taken over",
    "name_zh": "夺取",
    "credit_code": "91350200MA8UTTAKEX",
    "reason": "taken over",
    "message": "taken over",
    "note": "taken over",
    "comment_project_title": "taken over",
    "amount_cny": "1.00",
    "saving_tce": "1",
    "revision": "0",
    "expected_round": "1",
    "expected_roles": "applicant",
    "statement_accepted": "on",
    "email": "taken.over@example.com",
    "roles": ["owner", "reviewer"],
    "accent": "#0b5e59",
    "decision": "accept",
    "kind": "contract",
    "title_en": "Taken over",
}


def crawled() -> list[Address]:
    return [address for address in addresses() if address.is_ours and address.access is not None]


def missing_ids(address: Address, known: dict) -> dict:
    """The same arguments, of things that do not exist; the park stays, whose address is public."""
    return {
        name: known[name]
        if name == "park_slug"
        else uuid7()
        if isinstance(known[name], UUID)
        else 999_999_999
        if isinstance(known[name], int)
        else "no-such-thing"
        for name in address.arguments
    }


def test_every_table_of_a_park_has_forced_policies():
    assert {model._meta.db_table for model in TENANT_MODELS} >= {"enterprises_enterprise", "incentives_application"}
    assert unprotected_tables(connection) == []


def test_every_table_of_a_park_is_in_the_audit_trail():
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname LIKE '%%\\_history'")
        recorded = {name for (name,) in cursor.fetchall()}
    assert {model._meta.db_table for model in TENANT_MODELS} - WITHOUT_HISTORY <= recorded


def test_every_policy_names_the_roles_it_is_for():
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename::text, policyname::text FROM pg_policies WHERE 'public' = ANY (roles)")
        assert cursor.fetchall() == []


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_table_without_forced_policy_is_caught():
    owner = connections["owner"]
    with owner.cursor() as cursor:
        cursor.execute("CREATE TABLE forgotten (id bigint, park_id bigint)")
    try:
        assert unprotected_tables(owner) == ["forgotten"]
        with pytest.raises(UnprotectedTable, match="forgotten"):
            grant_shared_tables(owner)
        with owner.cursor() as cursor:
            cursor.execute("ALTER TABLE forgotten ENABLE ROW LEVEL SECURITY")
        assert unprotected_tables(owner) == ["forgotten"], "enabled is not forced"
    finally:
        with owner.cursor() as cursor:
            cursor.execute("DROP TABLE forgotten")


def test_every_view_says_who_may_open_it():
    assert [address.route for address in addresses() if address.access is None] == []


def test_addresses_of_objects_are_closed_to_the_public():
    """An address that names a thing of a park is behind `acting`, or shows what its park publishes."""
    doors = {
        address.name: address.access.door
        for address in crawled()
        if {"application_id", "document_id", "programme_id", "enterprise_id", "membership_id"} & set(address.arguments)
    }
    assert doors
    assert {name: door for name, door in doors.items() if door is not Door.ACTING} == {}


def visitors() -> list[tuple[str, Role]]:
    return [
        *[("staff", role) for role in sorted(PARK_ROLES)],
        *[("firm", role) for role in sorted(ENTERPRISE_ROLES)],
    ]


RANDOM = re.compile(r"\b(?:[A-Za-z0-9]{64}|[A-Z2-7]{32})\b")


def assert_nothing_of(mark: str, response, address: Address, visitor: str) -> None:
    # A token of a form and a secret of an authenticator are random: in thousands of pages one spells any short mark.
    text = RANDOM.sub("", response.content.decode(errors="replace"))
    assert mark not in text, f"{visitor} sees {mark} at {address.name}"


@pytest.mark.parametrize(("place", "role"), visitors(), ids=str)
def test_people_of_another_park_see_and_change_nothing(scene, place, role):
    side = scene.others
    membership = side.staff[role] if place == "staff" else side.firm.people[role]
    crawl(scene, membership, kwargs=scene.ours.url_kwargs(scene.ours.firm), marks=("OURS",))


@pytest.mark.parametrize("role", sorted(ENTERPRISE_ROLES))
def test_people_of_another_enterprise_see_and_change_nothing(scene, role):
    membership = scene.ours.neighbour.people[role]
    kwargs = scene.ours.url_kwargs(scene.ours.firm)
    crawl(
        scene,
        membership,
        kwargs=kwargs,
        marks=("OURS first firm", *INTERNAL),
        shared=PUBLISHED,
    )


@pytest.mark.parametrize("who", ["operator", "observer"])
def test_people_of_the_installation_see_no_tenants_rows(scene, who):
    kwargs = scene.ours.url_kwargs(scene.ours.firm)
    marks = ("OURS first firm project", "OURS second firm project", "OURS internal note", "OURS interest")
    crawl(scene, getattr(scene, who), kwargs=kwargs, marks=marks, changes_allowed=who == "operator")


@pytest.mark.parametrize("side", ["ours", "others"])
def test_registrants_see_and_change_nothing_of_anybody_else(scene, side):
    """Neither of another park nor of their own: there is a second registrant in each."""
    registrant = getattr(scene, side).neighbour.registrant
    client = placeless_client(registrant, raise_request_exception=True)
    kwargs = scene.ours.url_kwargs(scene.ours.firm)
    crawl_as(client, "registrant", scene, kwargs=kwargs, marks=("OURS first firm", *INTERNAL))


def crawl(scene, membership, *, kwargs, marks, shared=frozenset(), changes_allowed=False):
    client = signed_in_client(membership, raise_request_exception=True)
    crawl_as(
        client,
        membership.roles[0],
        scene,
        kwargs=kwargs,
        marks=marks,
        shared=shared,
        changes_allowed=changes_allowed,
    )


def crawl_as(client, visitor, scene, *, kwargs, marks, shared=frozenset(), changes_allowed=False):
    """GET and POST every address; foreign things answer exactly as things that do not exist."""
    before = contents_of(scene.ours.park)
    visited = 0
    for address in crawled():
        if address.name in NOT_OF_TENANTS:
            continue
        url = address.url(kwargs)
        nowhere = address.url(missing_ids(address, kwargs))
        for method in ("get", "post"):
            response = getattr(client, method)(url, TYPED if method == "post" else None)
            visited += 1
            assert response.status_code < 500, f"{method} {url}: {response.status_code}"
            for mark in marks:
                assert_nothing_of(mark, response, address, visitor)
            if names_something_of_a_tenant(address, shared):
                absent = getattr(client, method)(nowhere, TYPED if method == "post" else None)
                assert response.status_code == absent.status_code, f"{method} {address.name} tells what exists"
                assert response.status_code != 200, f"{method} {address.name} answers {visitor} of elsewhere"
    assert visited > 2
    if not changes_allowed:
        assert contents_of(scene.ours.park) == before


def names_something_of_a_tenant(address: Address, shared: frozenset[str]) -> bool:
    inside = address.access.door in {Door.ACTING, Door.REGISTERING}
    return inside and bool(set(address.arguments) - OF_THE_INSTALLATION - shared)


def contents_of(park) -> dict[str, str]:
    """A digest of every table of the park, and of the keys and letters of its people."""
    with park_scope(park.pk):
        contents = {
            model._meta.db_table: digest(model._meta.db_table)
            for model in TENANT_MODELS
            if model not in {AuditEvent, Invitation, UnfiledAnswers}
        }
        registrants = set(Registration.objects.values_list("registrant_id", flat=True))
    # What is typed and not filed is for its registrant alone.
    for registrant_id in sorted(registrants):
        with registrant_scope(park.pk, Author(registrant_id)):
            contents[f"unfiled {registrant_id}"] = digest(UnfiledAnswers._meta.db_table)
    # What no acting role reads as a whole, the login role does.
    contents["parks_invitation"] = digest(f"parks_invitation WHERE park_id = {park.pk}")
    people = f"(SELECT user_id FROM parks_membership WHERE park_id = {park.pk})"
    contents["parks_apikey"] = digest(f"parks_apikey WHERE user_id IN {people}")
    contents["accounts_outgoingmail"] = digest(f"accounts_outgoingmail WHERE recipient_id IN {people}")
    return contents


def digest(rows: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT md5(string_agg(rows::text, '' ORDER BY rows::text)) FROM (SELECT * FROM {rows}) AS rows"
        )
        return cursor.fetchone()[0]


def test_anonymous_visitors_are_sent_to_sign_in(scene, client):
    kwargs = scene.ours.url_kwargs(scene.ours.firm)
    for address in crawled():
        if address.access.door in {Door.OPEN, Door.PUBLIC_PARK}:
            continue
        response = client.get(address.url(kwargs))
        expected = {401, 403} if address.route.startswith("api/") else {302}
        assert response.status_code in expected, f"{address.name}: {response.status_code}"
        assert_nothing_of("OURS", response, address, "anybody")
