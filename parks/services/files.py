"""Files that people send: accepted by their content, kept under the key of the park.

One rule for every kind of document; which rows there are, and who may add one, is for the app that keeps them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from lib.active_content import ActiveContent, find_active_content
from lib.file_types import FILE_TYPES, FileType, display_name, tell_type
from lib.refusals import Refusal
from parks.models import StoredFile
from tenancy.readings import record_reading
from tenancy.scopes import Kind, current_scope

# What the audit trail says of a file that was read.
TOLD = frozenset({"name", "kind", "application", "registration", "enterprise"})


class UnacceptableFile(Refusal):
    """Too large, empty, of another type, with active content, or attached already."""

    code = "unacceptable_file"

    def __init__(self, message: str) -> None:
        super().__init__(message, field="upload")


@dataclass(frozen=True, slots=True)
class AcceptedFile:
    """What a `StoredFile` keeps of an upload besides its bytes. `sha256` in hexadecimal digits."""

    name: str
    content_type: str
    size_bytes: int
    sha256: str


def accept_upload(upload: UploadedFile, *, kinds: Collection[FileType] = FILE_TYPES) -> AcceptedFile:
    """What the upload is, told from its content; raises `UnacceptableFile` with words for the sender."""
    largest = settings.LARGEST_UPLOAD_BYTES
    if not upload.size:
        raise UnacceptableFile(_("The file is empty."))
    if upload.size > largest:
        raise UnacceptableFile(_("The file is larger than %(limit)s.") % {"limit": filesizeformat(largest)})
    file_type = tell_type(upload)
    if file_type not in kinds or file_type is None:
        raise UnacceptableFile(_wrong_type(kinds))
    if active := find_active_content(upload, file_type):
        raise UnacceptableFile(_words_of(active))
    return AcceptedFile(
        name=display_name(upload.name or "", file_type),
        content_type=file_type.content_type,
        size_bytes=upload.size,
        sha256=_digest(upload),
    )


def refuse_size(upload: UploadedFile) -> None:
    """Of tables, which can be split."""
    largest = settings.LARGEST_UPLOAD_BYTES
    if not upload.size:
        raise UnacceptableFile(_("The file is empty."))
    if upload.size > largest:
        raise UnacceptableFile(
            _("The file has %(size)s; at most %(limit)s are taken. Split it into several files.")
            % {"size": filesizeformat(upload.size), "limit": filesizeformat(largest)}
        )


def stored_bytes(row: StoredFile, *, is_private: bool | None = None) -> bytes:
    """The content, for `lib.downloads.attachment_response`; who took it, and when, goes into the audit trail.

    At most `settings.LARGEST_UPLOAD_BYTES`. What people read of their own files is their own business, unless the
    caller says otherwise (`is_private`).
    """
    with row.file.open("rb") as stored:
        content: bytes = stored.read()
    record_download(row, is_private=is_private)
    return content


def record_download(row: StoredFile, *, is_private: bool | None = None) -> None:
    """Tell the audit trail that the content, or a part of it, was handed out."""
    told = {
        field.attname: str(getattr(row, field.attname)) for field in row._meta.concrete_fields if field.name in TOLD
    }
    record_reading(
        row._meta.db_table,
        row.pk,
        told,
        enterprise_id=getattr(row, "enterprise_id", None),
        is_private=current_scope().kind is not Kind.OFFICIAL if is_private is None else is_private,
    )


def _wrong_type(kinds: Collection[FileType]) -> str:
    if set(kinds) == set(FILE_TYPES):
        return _("This is not a PDF, PNG, JPEG, XLSX or DOCX file. Save it as one of these, for example as PDF.")
    endings = ", ".join(kind.extensions[0].upper() for kind in kinds)
    return _("This file is of another type than its use here allows: %(types)s.") % {"types": endings}


def _words_of(active: ActiveContent) -> str:
    """What is in the way, and what to do about it."""
    match active:
        case ActiveContent.SCRIPT:
            return _("The file contains a script or macro. Print it to a new PDF and attach that.")
        case ActiveContent.SENT_FOR:
            return _(
                "The file fetches something from another file, program or address when it is opened: a data connection,"
                " a link to another file, a linked picture or a template. Break the link or remove the connection and"
                " keep the values, or save the file as PDF and attach that."
            )
        case ActiveContent.EMBEDDED:
            return _(
                "The file contains an embedded object of another program. Put a picture of it in its place, or save the"
                " file as PDF and attach that; attach the object as a file of its own."
            )
        case ActiveContent.UNREADABLE:
            return _(
                "The file cannot be looked through: it holds too much, is broken, or is written in an unusual way. Open"
                " it, save it anew, or save it as PDF and attach that."
            )


def _digest(upload: UploadedFile) -> str:
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    upload.seek(0)
    return digest.hexdigest()
