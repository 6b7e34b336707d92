"""Passwords and the secrets of links: no acting role has a grant on them, and no query of theirs asks for them."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.contrib.auth.hashers import check_password
from django.db import ProgrammingError, connection, transaction

from accounts.models import OutgoingMail, User
from parks.choices import Role
from parks.models import Invitation, Membership
from tenancy.bootstrap import ACTING_ROLES
from tenancy.fields import SecretField, SecretHidden
from tenancy.models import AuditEvent
from tenancy.scopes import Author, enterprise_scope, login_scope, park_scope, platform_scope, public_scope
from tests.clients import signed_in_client
from tests.factories.people import PASSWORD

pytestmark = pytest.mark.django_db

ROLES = list(ACTING_ROLES)
SECRETS = {
    (model._meta.db_table, field.column)
    for model in apps.get_models()
    for field in model._meta.concrete_fields
    if isinstance(field, SecretField)
}


def readers(table, column):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT role FROM unnest(%s::text[]) role WHERE has_column_privilege(role, %s, %s, 'SELECT')",
            [ROLES, table, column],
        )
        return [role for (role,) in cursor.fetchall()]


def scopes_that_see_people(scene):
    park = scene.ours.park.pk
    return [park_scope(park), enterprise_scope(park, scene.ours.firm.enterprise.pk), platform_scope()]


def test_no_acting_role_may_read_a_secret_and_each_reads_the_rest_of_the_row():
    assert {("accounts_user", "password"), ("parks_invitation", "token_digest")} == SECRETS
    assert [readers(*secret) for secret in SECRETS] == [[]] * len(SECRETS)
    for model in (User, Invitation):
        open_columns = [f.column for f in model._meta.concrete_fields if not isinstance(f, SecretField)]
        assert {tuple(readers(model._meta.db_table, column)) for column in open_columns} == {
            ("app_official", "app_enterprise", "app_platform")
        }


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT password FROM accounts_user",
        "SELECT * FROM accounts_user",
        "SELECT token_digest FROM parks_invitation",
        "SELECT text FROM accounts_outgoingmail",
        "SELECT digest FROM parks_apikey",
        "SELECT data FROM mfa_authenticator",
        "SELECT session_data FROM django_session",
    ],
)
def test_raw_sql_of_those_who_act_reads_no_secret(scene, statement):
    for scope in (*scopes_that_see_people(scene), public_scope(scene.ours.park.pk)):
        refusal = pytest.raises(ProgrammingError, match="permission denied")
        with refusal, scope, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_people_are_loaded_without_their_password_however_one_comes_to_them(scene):
    owner = scene.ours.firm.people[Role.OWNER]
    with enterprise_scope(scene.ours.park.pk, scene.ours.firm.enterprise.pk):
        loaded = [
            User.objects.get(pk=owner.user_id),
            Membership.objects.select_related("user").get(pk=owner.pk).user,
            Membership.objects.get(pk=owner.pk).user,
            Membership.objects.prefetch_related("user").get(pk=owner.pk).user,
        ]
        assert [person.name for person in loaded] == [owner.user.name] * 4
        assert [person.get_deferred_fields() for person in loaded] == [{"password"}] * 4
        for person in loaded:
            with pytest.raises(SecretHidden, match="login role alone"):
                assert person.password
        with pytest.raises(SecretHidden):
            loaded[0].has_usable_password()


def test_person_of_a_scope_has_their_password_again_outside_it_and_keeps_it_when_saved(scene):
    owner = scene.ours.firm.people[Role.OWNER]
    with park_scope(scene.ours.park.pk):
        person = Membership.objects.select_related("user").get(pk=scene.ours.staff[Role.REVIEWER].pk).user
    person.name = "Renamed"
    person.save()
    assert person.get_deferred_fields() == {"password"}
    assert check_password(PASSWORD, User.objects.get(pk=person.pk).password)
    assert check_password(PASSWORD, person.password)
    with login_scope(Author(owner.user_id)):
        assert check_password(PASSWORD, Membership.objects.select_related("user").get(pk=owner.pk).user.password)


def test_new_person_without_a_value_is_no_deferred_one():
    assert User(email="a@example.com").password == ""


def test_letters_can_be_written_by_those_who_act_and_read_by_none(scene):
    for scope in scopes_that_see_people(scene):
        with scope:
            for act in (OutgoingMail.objects.count, OutgoingMail.objects.all().delete):
                with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
                    act()


def test_secret_of_a_link_is_not_in_what_a_page_loads(scene):
    with park_scope(scene.ours.park.pk):
        offer = Invitation.objects.get(pk=scene.ours.invitation.pk)
        assert offer.get_deferred_fields() == {"token_digest"}
    assert offer.token_digest == scene.ours.invitation.token_digest


def test_trail_keeps_no_secret_of_a_link_and_still_tells_that_it_was_renewed(scene):
    offer = scene.ours.invitation
    Invitation.objects.filter(pk=offer.pk).update(token_digest="f" * 64)
    with park_scope(scene.ours.park.pk):
        renewed, made = AuditEvent.objects.of_row("parks_invitation", offer.pk)
    assert (renewed.before, renewed.after) == (
        {"token_digest": offer.token_digest[:8]},
        {"token_digest": "f" * 8},
    )
    assert made.after["token_digest"] == offer.token_digest[:8]


def test_page_of_the_staff_shows_colleagues(scene):
    client = signed_in_client(scene.ours.staff[Role.PARK_ADMINISTRATOR])
    assert scene.ours.staff[Role.REVIEWER].user.name in client.get("/park/staff/").content.decode()
