"""Documents of an application: told by their content, kept under the park's key, never deleted from the record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from incentives.choices import DocumentKind
from incentives.models import Application, ApplicationDocument
from incentives.permissions import Act, can_read_document, explain_no_filing
from incentives.services.ground import Invalid, lock_application, refuse_if, refuse_wrong_state, save_changes
from lib.identifiers import instant_of
from parks.actors import Actor
from parks.services.files import UnacceptableFile, accept_upload, stored_bytes
from parks.services.papers import put_away, refuse_repeated

logger = structlog.get_logger(__name__)
MOST_DOCUMENTS = 50
GRACE = timedelta(days=1)
"""How long a file may be without its row: as long as the slowest upload's transaction, and much more."""


@transaction.atomic
def attach_document(
    actor: Actor, application: Application, *, kind: str, upload: UploadedFile, now: datetime
) -> ApplicationDocument:
    """Keep a file with the application. Counts as a revision: who signs has seen every document."""
    current = lock_application(application)
    refuse_if(explain_no_filing(actor, current, Act.PREPARE))
    refuse_wrong_state(current, Act.PREPARE)
    if kind not in DocumentKind.values:
        raise Invalid(_("There is no such kind of document."), field="kind")
    accepted = accept_upload(upload)
    present = current.documents.filter(removed_at=None)
    refuse_repeated(present, accepted)
    if present.count() >= MOST_DOCUMENTS:
        raise UnacceptableFile(_("An application holds at most %(count)s documents.") % {"count": MOST_DOCUMENTS})
    document = ApplicationDocument.objects.create(
        park_id=current.park_id,
        enterprise_id=current.enterprise_id,
        application=current,
        kind=kind,
        file=upload,
        **asdict(accepted),
        uploaded_by_id=actor.user_id,
        uploaded_at=now,
    )
    save_changes(current, revision=current.revision + 1, saved_at=now)
    return document


@transaction.atomic
def remove_document(actor: Actor, document: ApplicationDocument, *, now: datetime) -> ApplicationDocument:
    """Take a document out of the application; file and row stay for the record. Safe to repeat."""
    current = lock_application(document.application)
    refuse_if(explain_no_filing(actor, current, Act.PREPARE))
    refuse_wrong_state(current, Act.PREPARE)
    held = ApplicationDocument.objects.get(pk=document.pk)
    if put_away(held, now):
        save_changes(current, revision=current.revision + 1, saved_at=now)
    return held


def read_document(actor: Actor, document: ApplicationDocument) -> bytes:
    """The content, for `lib.downloads.attachment_response`. At most `settings.LARGEST_UPLOAD_BYTES`."""
    refuse_if("" if can_read_document(actor, document.application) else _("This document is not yours to read."))
    return stored_bytes(document, is_private=document.application.submitted_at is None)


def sweepable_folders(park_id: int) -> list[str]:
    """The folders of a park's applications in the storage, in order, for `sweep_orphaned_documents`."""
    return [name for name in _listed(_root(park_id), folders=True) if _identifier(name)]


def sweep_orphaned_documents(park_id: int, folders: Sequence[str], now: datetime) -> int:
    """Delete stored files whose row was rolled back; answer how many. Safe to repeat and to run beside uploads.

    One query, and one listing of the storage a folder: give it as many as one transaction should hold.
    """
    rows = ApplicationDocument.objects.filter(park_id=park_id, application_id__in=folders)
    known = set(rows.order_by().values_list("file", flat=True))
    swept = 0
    for folder in folders:
        for name in _listed(f"{_root(park_id)}/{folder}", folders=False):
            path = f"{_root(park_id)}/{folder}/{name}"
            if path not in known and _written_at(path, name) < now - GRACE:
                default_storage.delete(path)
                swept += 1
    if swept:
        logger.info("orphaned_documents_swept", park_id=park_id, count=swept)
    return swept


def _root(park_id: int) -> str:
    return f"parks/{park_id}/applications"


def _listed(folder: str, *, folders: bool) -> list[str]:
    try:
        inner, files = default_storage.listdir(folder)
    except FileNotFoundError:
        return []
    return sorted(inner if folders else files)


def _identifier(name: str) -> UUID | None:
    try:
        return UUID(name)
    except ValueError:
        return None


def _written_at(path: str, name: str) -> datetime:
    """A file is called by the identifier of its row, which tells when it was made: the storage need not be asked."""
    identifier = _identifier(name)
    made_at = instant_of(identifier) if identifier else None
    return made_at or default_storage.get_modified_time(path)
