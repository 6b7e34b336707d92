"""One archive of an application for an auditor: what was filed, decided, said and paid, each file with its SHA-256."""

from __future__ import annotations

import hashlib
import json
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import partial
from typing import IO, Any
from uuid import UUID

from django.core.cache import cache
from django.core.files import File
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.fields.files import FieldFile
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.models import OutgoingMail, User
from incentives.award_permissions import can_see_awards
from incentives.events import dossier_requested
from incentives.models import (
    Agreement,
    AppealPaper,
    Application,
    Award,
    Clawback,
    Dossier,
    Duplicate,
    Instalment,
    NoticeLine,
    Objection,
    ObjectionPaper,
    PanelSeat,
    Payment,
)
from incentives.queries import letters_of
from incentives.services.dossier_index import Chapter, index_page
from incentives.services.ground import refuse_if
from lib.identifiers import uuid7
from lib.refusals import Refusal
from parks.actors import Actor
from parks.audit_words import table_word
from parks.services.files import record_download

MANIFEST = "manifest.json"
INDEX = "index.html"
CONTENT_TYPE = "application/zip"
LONGEST_WAIT = 15 * 60


class BeingMade(Refusal):
    """Somebody has asked already, and the worker has not answered yet."""

    code = "being_made"


@transaction.atomic
def request_dossier(actor: Actor, application: Application) -> UUID:
    """Have the worker make the archive; answers the key by which it can be found. One at a time."""
    refuse_if("" if can_see_awards(actor) else _("Only officials who read applications can ask for a dossier."))
    key = uuid7()
    if not cache.add(_asked(application), str(key), timeout=LONGEST_WAIT):
        raise BeingMade(_("A dossier of this application is being made already. It appears here in a moment."))
    dossier_requested.publish(
        park_id=application.park_id,
        application_id=str(application.pk),
        request_key=str(key),
        by_user_id=actor.user_id,
    )
    return key


def is_dossier_asked(application: Application) -> bool:
    return cache.get(_asked(application)) is not None


def _asked(application: Application) -> str:
    """Forgotten when the archive is there, or after a while: a worker that failed must not bar the next request."""
    return f"incentives.dossier:{application.park_id}:{application.pk}"


def _forget(application: Application, request_key: UUID) -> None:
    """A worker that was slower than the while leaves what somebody has asked for since."""
    if cache.get(_asked(application)) == str(request_key):
        cache.delete(_asked(application))


@transaction.atomic
def make_dossier(application_id: UUID, request_key: UUID, by_user_id: int, now: datetime) -> Dossier:
    """Safe to repeat: one archive for each request."""
    made = Dossier.objects.filter(request_key=request_key).first()
    if made is not None:
        return made
    application = Application.objects.select_related("enterprise", "programme_version", "park").get(pk=application_id)
    reader = User.objects.get(pk=by_user_id)
    with tempfile.TemporaryFile() as archive:
        with translation.override(reader.language), timezone.override(application.park.time_zone):
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
    transaction.on_commit(partial(_forget, application, request_key))
    return dossier


def open_dossier(dossier: Dossier) -> IO[bytes]:
    """The archive, open to be handed out piece by piece; who took it goes into the audit trail."""
    stored: IO[bytes] = dossier.file.open("rb")
    record_download(dossier)
    return stored


def _write(archive: IO[bytes], application: Application, now: datetime) -> None:
    """Index and manifest come last; the manifest names every other file."""
    known: list[dict[str, Any]] = []
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as written:
        chapters = []
        for name, heading, table, rows in _sections(application):
            path, content = f"{name}.json", _json(rows)
            chapters.append(Chapter(heading, path, table, json.loads(content)))
            _add(written, known, path, [content], now)
        for place, document in enumerate(application.documents.order_by("uploaded_at"), 1):
            _add_file(written, known, f"documents/{place:02}-{document.name}", document.file, now)
        for place, paper in enumerate(AppealPaper.objects.filter(appeal__application=application), 1):
            _add_file(written, known, f"appeals/{place:02}-{paper.name}", paper.file, now)
        of_objections = ObjectionPaper.objects.filter(objection__line__award__application=application)
        for place, objected in enumerate(of_objections, 1):
            _add_file(written, known, f"objections/{place:02}-{objected.name}", objected.file, now)
        for place, agreement in enumerate(Agreement.objects.filter(award__application=application), 1):
            _add_file(written, known, f"agreements/{place:02}-{agreement.name}", agreement.file, now)
        _add(written, known, INDEX, [index_page(application, chapters, known, now).encode()], now)
        manifest = {"application": application.number, "made_at": now, "files": known}
        written.writestr(_entry(MANIFEST, now), _json(manifest))


def _sections(application: Application) -> Iterator[tuple[str, str, str, list[dict[str, Any]]]]:
    """Name of the file, heading, table and rows of what is told, in the order of the way of an application."""
    for name, rows in _tables(application):
        table = rows.model._meta.db_table
        yield name, table_word(table), table, list(rows.values())
    yield "letters", _("Letters"), OutgoingMail._meta.db_table, letters_of(application)


def _tables(application: Application) -> Iterator[tuple[str, QuerySet[Any]]]:
    awards = Award.objects.filter(application=application)
    yield "application", Application.objects.filter(pk=application.pk)
    yield "signed", application.signed_filings.order_by("round")
    yield "documents", application.documents.order_by("uploaded_at")
    yield "timeline", application.steps.order_by("at", "id")
    yield "comments", application.field_comments.order_by("at", "id")
    yield "decisions", application.reviews.order_by("decided_at", "id")
    yield "panel", PanelSeat.objects.filter(application=application).order_by("assigned_at", "id")
    yield "appeals", application.appeals.order_by("filed_at")
    yield "appeal-papers", AppealPaper.objects.filter(appeal__application=application).order_by("uploaded_at", "id")
    sides = Q(later=application) | Q(earlier=application)
    yield "claimed-twice", Duplicate.objects.filter(sides).order_by("found_at", "id")
    yield "award", awards
    yield "notice", NoticeLine.objects.filter(award__in=awards)
    yield "objections", Objection.objects.filter(line__award__in=awards).order_by("filed_at")
    yield (
        "objection-papers",
        ObjectionPaper.objects.filter(objection__line__award__in=awards).order_by("uploaded_at", "id"),
    )
    yield "agreements", Agreement.objects.filter(award__in=awards).order_by("uploaded_at")
    yield "planned-payments", Instalment.objects.filter(award__in=awards).order_by("place")
    yield "payments", Payment.objects.filter(instalment__award__in=awards).order_by("paid_on")
    yield "clawback", Clawback.objects.filter(award__in=awards)
    yield "ledger", application.ledger_entries.order_by("at", "id")


def _add_file(
    written: zipfile.ZipFile, known: list[dict[str, Any]], path: str, stored: FieldFile, now: datetime
) -> None:
    with stored.open("rb") as content:
        _add(written, known, path, content.chunks(), now)


def _add(
    written: zipfile.ZipFile, known: list[dict[str, Any]], path: str, pieces: Iterable[bytes], now: datetime
) -> None:
    """Piece by piece: of a file no more than one is held."""
    size, digest = 0, hashlib.sha256()
    with written.open(_entry(path, now), "w") as entry:
        for piece in pieces:
            entry.write(piece)
            digest.update(piece)
            size += len(piece)
    known.append({"path": path, "size_bytes": size, "sha256": digest.hexdigest()})


def _entry(path: str, now: datetime) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(path, now.timetuple()[:6])
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def _json(value: object) -> bytes:
    return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1).encode()
