"""Files for the import, and an import carried out as the worker would."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from functools import partial
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from enterprises.management.commands.make_register import write_workbook
from enterprises.models import Enterprise, RegisterImport, RegisterImportRow
from enterprises.services import imports
from parks.choices import Role
from parks.models import Membership
from tenancy.models import OutboxEvent
from tenancy.scopes import park_scope, platform_scope
from tests.clients import actor, run_outbox
from tests.factories.filing import EnterpriseFactory

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
CODE = "91350200MA2YJ1XR9G"
OTHER_CODE = "91350211M000100Y43"
NAME = "厦门晨光光电有限公司"
PILOT_CODE = "91350203M0001QAY9B"


def table_text(*rows: str, headings: str = "统一社会信用代码,企业名称") -> bytes:
    return "\r\n".join([headings, *rows]).encode()


def workbook(table: list[list[Any]], headings: list[str] | None = None) -> bytes:
    target = io.BytesIO()
    write_workbook(target, table, headings=headings)
    return target.getvalue()


def upload(content: bytes, name: str = "register.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def official(side: Any) -> Membership:
    return side.staff[Role.REVIEWER]


def take_in(side: Any, content: bytes, name: str = "register.csv") -> RegisterImport:
    by = actor(official(side))
    with park_scope(side.park.pk, by.author):
        return imports.take_in_file(by, park=side.park, upload=upload(content, name), now=NOW)


def act(side: Any, service: Any, register_import: RegisterImport, **options: Any) -> RegisterImport:
    """One act of a person, and what the worker then does about it."""
    by = actor(official(side))
    with park_scope(side.park.pk, by.author):
        service(by, register_import, **{"now": NOW, **options})
    run_outbox()
    return stored(side, register_import)


def checked(side: Any, content: bytes, name: str = "register.csv", **mapping: int) -> RegisterImport:
    taken = take_in(side, content, name)
    return act(side, imports.match_columns, taken, mapping=mapping or imports.matched(taken.headings))


def imported(side: Any, content: bytes, name: str = "register.csv", **options: Any) -> RegisterImport:
    wanted = {"with_updates": True, "is_code_confirmed": True, **options}
    return act(side, imports.start_import, checked(side, content, name), **wanted)


def stored(side: Any, register_import: RegisterImport) -> RegisterImport:
    with park_scope(side.park.pk):
        return RegisterImport.objects.get(pk=register_import.pk)


def rows(side: Any, register_import: RegisterImport, **wanted: Any) -> list[RegisterImportRow]:
    with park_scope(side.park.pk):
        return list(RegisterImportRow.objects.filter(register_import=register_import, **wanted))


def register(side: Any, **wanted: Any) -> list[Enterprise]:
    with park_scope(side.park.pk):
        return list(Enterprise.objects.filter(**wanted))


def counts(register_import: RegisterImport) -> tuple[str, int, int, int, int, int]:
    """state, rows, new, updated, unchanged, rejected"""
    return (
        str(register_import.state),
        register_import.rows_total,
        register_import.rows_new,
        register_import.rows_updated,
        register_import.rows_unchanged,
        register_import.rows_rejected,
    )


def start(side: Any, register_import: RegisterImport, **options: Any) -> RegisterImport:
    wanted = {"with_updates": True, "is_code_confirmed": True, **options}
    return act(side, imports.start_import, register_import, **wanted)


def registered(side: Any, **facts: Any) -> Enterprise:
    with park_scope(side.park.pk):
        return EnterpriseFactory(park=side.park, credit_code=CODE, name_zh=NAME, **facts)


def change(side: Any, enterprise: Enterprise, **facts: Any) -> None:
    with park_scope(side.park.pk):
        Enterprise.objects.filter(pk=enterprise.pk).update(**facts)


def begun(side: Any, act_of_person: Any, found: RegisterImport, **options: Any) -> RegisterImport:
    """An act whose event the worker has not seen yet."""
    by = actor(official(side))
    with park_scope(side.park.pk, by.author):
        act_of_person(by, found, **{"now": NOW, **options})
    with platform_scope():
        OutboxEvent.objects.filter(dispatched_at=None).delete()
    return stored(side, found)


CHECK = partial(imports.check_register_import, by_user_id=1, clock=lambda: NOW)
