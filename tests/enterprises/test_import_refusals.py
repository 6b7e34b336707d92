"""Who imports, who is told, and what is refused."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied

from enterprises.management.commands.make_register import made_up
from enterprises.models import RegisterImport
from enterprises.services import imports
from enterprises.services.imports import HEADINGS, steps
from lib.spreadsheets import UnreadableSheet
from parks.choices import Role
from parks.services.files import UnacceptableFile
from tenancy.models import AuditEvent, OutboxEvent
from tenancy.scopes import Author, park_scope, platform_scope
from tests.clients import actor, run_outbox
from tests.enterprises.imports import (
    CHECK,
    CODE,
    NAME,
    NOW,
    act,
    begun,
    checked,
    imported,
    official,
    register,
    stored,
    table_text,
    take_in,
    workbook,
)

pytestmark = pytest.mark.django_db


def test_audit_names_the_person_and_subscribers_hear_once_a_chunk(side):
    done = imported(side, workbook(made_up(5)), "a.xlsx")
    (event,) = events_named("enterprises.enterprises_imported")
    ids = {str(found.pk) for found in register(side, name_zh__contains="0000")}
    assert (event["register_import_id"], set(event["registered"]), event["updated"]) == (str(done.pk), ids, [])
    with park_scope(side.park.pk):
        changes = AuditEvent.objects.filter(table_name="enterprises_enterprise", row_id__in=ids)
        assert {(change.action, change.user_name) for change in changes} == {("INSERT", official(side).user.name)}
        assert changes.count() == 5


def events_named(name):
    with platform_scope():
        return list(OutboxEvent.objects.filter(name=name).values_list("payload", flat=True))


@pytest.mark.parametrize("role", [Role.APPROVER, Role.AUDITOR, Role.EXPERT])
def test_only_registrars_bring_files(side, role):
    by = actor(side.staff[role])
    found = checked(side, table_text(f"{CODE},{NAME}"))
    with park_scope(side.park.pk, by.author):
        for service, options in (
            (imports.match_columns, {"mapping": {"credit_code": 0}}),
            (imports.start_import, {"with_updates": True, "is_code_confirmed": True}),
            (imports.cancel_import, {}),
            (imports.resume_import, {}),
        ):
            with pytest.raises(PermissionDenied):
                service(by, found, now=NOW, **options)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"\xef\xbb\xbf" + "统一社会信用代码,企业名称\r\n".encode(), "only_headings"),
        (b"%PDF-1.7", "another_type"),
    ],
)
def test_file_that_cannot_be_read_is_not_kept(side, content, code):
    with pytest.raises(UnreadableSheet) as caught:
        take_in(side, content, "register.xlsx")
    assert caught.value.code == code
    with park_scope(side.park.pk):
        assert RegisterImport.objects.count() == 1


def test_empty_and_large_files_are_refused_with_their_size(side, settings):
    with pytest.raises(UnacceptableFile, match="empty"):
        take_in(side, b"")
    settings.LARGEST_UPLOAD_BYTES = 10
    with pytest.raises(UnacceptableFile, match="at most 10"):
        take_in(side, table_text(f"{CODE},{NAME}"))


def test_file_that_breaks_off_fails_with_words(side, monkeypatch):
    taken = take_in(side, table_text(*[f"{row[0]},{row[1]}" for row in made_up(30)]))
    monkeypatch.setattr("lib.spreadsheets.rows.MOST_ROWS", 20)
    failed = act(side, imports.match_columns, taken, mapping={"credit_code": 0, "name_zh": 1})
    assert (failed.state, failed.failure) == ("failed", "too_many_rows")


@pytest.mark.parametrize(
    ("mapping", "field"),
    [
        ({"name_zh": 1}, "credit_code"),
        ({"credit_code": 0, "name_zh": 0}, "name_zh"),
        ({"credit_code": 0, "name_zh": 2}, "name_zh"),
        ({"credit_code": -1}, "credit_code"),
    ],
)
def test_unclear_matching_is_refused_at_the_field(side, mapping, field):
    with pytest.raises(imports.MatchingUnclear) as caught:
        act(side, imports.match_columns, take_in(side, table_text(f"{CODE},{NAME}")), mapping=mapping)
    assert caught.value.field == field


def test_acts_out_of_turn_are_refused(side):
    taken = take_in(side, table_text(f"{CODE},{NAME}"))
    for service, options in (
        (imports.start_import, {"with_updates": True, "is_code_confirmed": True}),
        (imports.resume_import, {}),
    ):
        with pytest.raises(imports.ImportNotNow):
            act(side, service, taken, **options)
    done = imported(side, table_text(f"{CODE},{NAME}"))
    for service, options in ((imports.match_columns, {"mapping": {"credit_code": 0}}), (imports.cancel_import, {})):
        with pytest.raises(imports.ImportNotNow):
            act(side, service, done, **options)


def test_steps_belong_to_their_park(scene):
    found = begun(
        scene.ours, imports.match_columns, take_in(scene.ours, table_text(f"{CODE},x")), mapping={"credit_code": 0}
    )
    with park_scope(scene.others.park.pk, Author()):
        assert list(CHECK(found.pk)) == []
        assert steps.taken_up(found.pk, found.state, NOW) is None
    assert stored(scene.ours, found).rows_checked == 0
    assert run_outbox() == 0
    assert set(HEADINGS) == set(imports.IMPORTED)
