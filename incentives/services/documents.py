"""Documents of an application: told by their content, kept under the park's key, never deleted from the record."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from incentives.choices import DocumentKind
from incentives.models import Application, ApplicationDocument
from incentives.permissions import Act, can_read_document, explain_no_filing
from incentives.services.completeness import document_field
from incentives.services.corrections import refuse_closed
from incentives.services.form_fields import document_rules_of
from incentives.services.ground import Invalid, lock_application, refuse_if, refuse_wrong_state, save_changes
from parks.actors import Actor
from parks.services.files import UnacceptableFile, accept_upload, stored_bytes
from parks.services.papers import put_away, refuse_repeated

MOST_DOCUMENTS = 50


@transaction.atomic
def attach_document(
    actor: Actor, application: Application, *, kind: str, upload: UploadedFile, now: datetime
) -> ApplicationDocument:
    """Keep a file with the application. Counts as a revision: who signs has seen every document."""
    current = lock_application(application)
    refuse_if(explain_no_filing(actor, current, Act.PREPARE))
    refuse_wrong_state(current, Act.PREPARE)
    own = {rule.key for rule in document_rules_of(current.programme_version)}
    if kind not in {*DocumentKind.values, *own}:
        raise Invalid(_("There is no such kind of document."), field="kind")
    refuse_closed(current, [document_field(kind)])
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
    refuse_closed(current, [document_field(held.kind)])
    if put_away(held, now):
        save_changes(current, revision=current.revision + 1, saved_at=now)
    return held


def read_document(actor: Actor, document: ApplicationDocument) -> bytes:
    """The content, for `lib.downloads.attachment_response`. At most `settings.LARGEST_UPLOAD_BYTES`."""
    refuse_if("" if can_read_document(actor, document.application) else _("This document is not yours to read."))
    return stored_bytes(document, is_private=document.application.submitted_at is None)
