"""One archive of an application for an auditor: what was filed, decided, said and paid, each file with its SHA-256."""

from __future__ import annotations

import hashlib
import json
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import IO, Any
from uuid import UUID

from django.core.files import File
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.models import QuerySet
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _

from incentives.award_permissions import can_see_awards
from incentives.events import dossier_requested
from incentives.models import Application, Award, Clawback, Dossier, Instalment, NoticeLine, Objection, Payment
from incentives.services.ground import refuse_if
from lib.identifiers import uuid7
from parks.actors import Actor
from parks.audit_words import column_word, table_word
from parks.services.files import stored_bytes

MANIFEST = "manifest.json"
INDEX = "index.html"
CONTENT_TYPE = "application/zip"


@transaction.atomic
def request_dossier(actor: Actor, application: Application) -> UUID:
    """Have the worker make the archive; answers the key by which it can be found."""
    refuse_if("" if can_see_awards(actor) else _("Only officials who read applications can ask for a dossier."))
    key = uuid7()
    dossier_requested.publish(
        park_id=application.park_id,
        application_id=str(application.pk),
        request_key=str(key),
        by_user_id=actor.user_id,
    )
    return key


@transaction.atomic
def make_dossier(application_id: UUID, request_key: UUID, by_user_id: int, now: datetime) -> Dossier:
    """Safe to repeat: one archive for each request."""
    made = Dossier.objects.filter(request_key=request_key).first()
    if made is not None:
        return made
    application = Application.objects.select_related("enterprise", "programme_version").get(pk=application_id)
    with tempfile.TemporaryFile() as archive:
        _write(archive, application, now)
        size = archive.tell()
        archive.seek(0)
        dossier = Dossier(
            park_id=application.park_id,
            application=application,
            request_key=request_key,
            name=f"{application.number}.zip",
            content_type=CONTENT_TYPE,
            size_bytes=size,
            sha256=hashlib.file_digest(archive, "sha256").hexdigest(),
            uploaded_by_id=by_user_id,
            uploaded_at=now,
        )
        archive.seek(0)
        dossier.file.save(dossier.name, File(archive), save=False)
        dossier.save(force_insert=True)
    return dossier


def read_dossier(dossier: Dossier) -> bytes:
    return stored_bytes(dossier)


def _write(archive: IO[bytes], application: Application, now: datetime) -> None:
    """Index and manifest come last; the manifest names every other file."""
    known: list[dict[str, Any]] = []
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as written:
        sections = []
        for name, rows in _sections(application):
            values = list(rows.values())
            sections.append((name, rows.model._meta.db_table, values))
            _add(written, known, f"{name}.json", _json(values), now)
        for place, document in enumerate(application.documents.order_by("uploaded_at"), 1):
            with document.file.open("rb") as stored:
                _add(written, known, f"documents/{place:02}-{document.name}", stored.read(), now)
        _add(written, known, INDEX, _index(application, sections, known, now).encode(), now)
        manifest = {"application": application.number, "made_at": now, "files": known}
        written.writestr(_entry(MANIFEST, now), _json(manifest))


def _sections(application: Application) -> Iterator[tuple[str, QuerySet[Any]]]:
    """What is told, in the order of the way of an application."""
    awards = Award.objects.filter(application=application)
    yield "application", Application.objects.filter(pk=application.pk)
    yield "signed", application.signed_filings.order_by("round")
    yield "documents", application.documents.order_by("uploaded_at")
    yield "timeline", application.steps.order_by("at", "id")
    yield "comments", application.field_comments.order_by("at", "id")
    yield "decisions", application.reviews.order_by("decided_at")
    yield "award", awards
    yield "notice", NoticeLine.objects.filter(award__in=awards)
    yield "objections", Objection.objects.filter(line__award__in=awards).order_by("filed_at")
    yield "planned-payments", Instalment.objects.filter(award__in=awards).order_by("place")
    yield "payments", Payment.objects.filter(instalment__award__in=awards).order_by("paid_on")
    yield "clawback", Clawback.objects.filter(award__in=awards)
    yield "ledger", application.ledger_entries.order_by("at", "id")


def _add(written: zipfile.ZipFile, known: list[dict[str, Any]], path: str, content: bytes, now: datetime) -> None:
    known.append({"path": path, "size_bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()})
    written.writestr(_entry(path, now), content)


def _entry(path: str, now: datetime) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(path, now.timetuple()[:6])
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def _json(value: object) -> bytes:
    return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1).encode()


def _index(
    application: Application, sections: Iterable[tuple[str, str, list[Any]]], known: list[dict[str, Any]], now: datetime
) -> str:
    """A page without scripts or addresses, to be read from a disk."""
    title = f"{application.number} · {application.project_title}"
    files = format_html_join(
        "",
        '<tr><td><a href="{}">{}</a></td><td>{}</td><td><code>{}</code></td></tr>',
        ((row["path"], row["path"], row["size_bytes"], row["sha256"]) for row in known),
    )
    return format_html(
        '<!doctype html><html><head><meta charset="utf-8"><title>{}</title></head><body><h1>{}</h1><p>{}</p>{}'
        '<h2>SHA-256</h2><table border="1">{}</table></body></html>',
        title,
        title,
        now.isoformat(),
        format_html_join("", "{}", ((_section(table, rows),) for _name, table, rows in sections if rows)),
        files,
    )


def _section(table: str, rows: list[dict[str, Any]]) -> str:
    head = format_html_join("", "<th>{}</th>", ((column_word(table, column),) for column in rows[0]))
    body = format_html_join(
        "", "<tr>{}</tr>", ((format_html_join("", "<td>{}</td>", ((v,) for v in row.values())),) for row in rows)
    )
    return format_html('<h2>{}</h2><table border="1"><tr>{}</tr>{}</table>', table_word(table), head, body)
