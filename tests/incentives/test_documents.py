"""Documents: told by their content, kept under the park's key, never run by a browser."""

from __future__ import annotations

import io
import struct
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
import xlsxwriter
from django.conf import settings
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile

from incentives import permissions, services
from incentives.choices import DocumentKind
from incentives.models import Application, ApplicationDocument
from incentives.services.documents import MOST_DOCUMENTS
from lib.downloads import attachment_response
from lib.file_types import DOCX, JPEG, PDF, PNG, XLSX, display_name, tell_type
from parks.choices import Role
from tenancy.scopes import park_scope
from tests.incentives.cases import NOW, acting_as, file, pdf

pytestmark = pytest.mark.django_db

PNG_BYTES = b"\x89PNG\r\n\x1a\n" + b"\x00" * 30
JPEG_BYTES = b"\xff\xd8\xff\xe0\x00\x10JFIF" + b"\x00" * 30


def archive(*names, body=b"<xml/>", **options):
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED, **options) as made:
        for name in names:
            made.writestr(name, body)
    return kept.getvalue()


def workbook():
    kept = io.BytesIO()
    book = xlsxwriter.Workbook(kept)
    book.add_worksheet().write(0, 0, "kWh")
    book.close()
    return kept.getvalue()


def document_of_word():
    return archive("[Content_Types].xml", "_rels/.rels", "word/document.xml")


def bomb():
    """A workbook by its names whose parts would fill the memory; its own directory says so."""
    made = bytearray(archive("[Content_Types].xml", "xl/workbook.xml"))
    at = made.rfind(b"PK\x01\x02")
    struct.pack_into("<L", made, at + 24, 0xF0000000)
    return bytes(made)


def with_a_huge_directory():
    made = bytearray(archive("[Content_Types].xml", "xl/workbook.xml"))
    struct.pack_into("<L", made, made.rfind(b"PK\x05\x06") + 12, 2**31)
    return bytes(made)


def upload(body, name="papers.pdf"):
    return SimpleUploadedFile(name, body, content_type="application/pdf")


def attach(scene, body, name="papers.pdf", kind=DocumentKind.OTHER):
    with acting_as(scene.ours.firm.people[Role.APPLICANT]) as actor:
        return services.attach_document(actor, scene.ours.firm.draft, kind=kind, upload=upload(body, name), now=NOW)


ACCEPTED = {
    "PDF": (pdf("").read(), PDF),
    "PNG": (PNG_BYTES, PNG),
    "JPEG": (JPEG_BYTES, JPEG),
    "XLSX": (workbook(), XLSX),
    "DOCX": (document_of_word(), DOCX),
}
REFUSED = {
    "empty": b"",
    "text": b"Dear officials",
    "page": b"<!DOCTYPE html><script>alert(1)</script>",
    "drawing": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    "program": b"MZ\x90\x00" + b"\x00" * 200,
    "picture of another kind": b"GIF89a" + b"\x00" * 40,
    "archive": archive("a.txt"),
    "archive with one right name": archive("xl/workbook.xml"),
    "both at once": archive("[Content_Types].xml", "xl/workbook.xml", "word/document.xml"),
    "workbook with macros": archive("[Content_Types].xml", "xl/workbook.xml", "xl/vbaProject.bin"),
    "workbook with old macros": archive("[Content_Types].xml", "xl/workbook.xml", "xl/macrosheets/sheet1.xml"),
    "workbook that fetches": archive("[Content_Types].xml", "xl/workbook.xml", "xl/externalLinks/externalLink1.xml"),
    "bomb": bomb(),
    "huge directory": with_a_huge_directory(),
    "broken archive": workbook()[:-30],
    "archive of nothing": b"PK\x03\x04" + b"\x00" * 40,
    "PDF with a script": b"%PDF-1.7\n<</S/JavaScript/JS(app.alert(1))>>\n%%EOF",
    "PDF with a script in disguise": b"%PDF-1.7\n<</S/Java#53cript>>\n%%EOF",
    "PDF with a script named wholly in numbers": b"%PDF-1.7\n"
    + b" " * (1024 * 1024 - 30)
    + b"<</S/"
    + b"".join(b"#%02x" % letter for letter in b"JavaScript")
    + b">>",
    "PDF with the text of a script": b"%PDF-1.7\n<</S/Rendition/JS (app.alert(1))>>\n%%EOF",
    "PDF with a script elsewhere": b"%PDF-1.7\n<</S/Rendition/J#53 12 0 R>>\n%%EOF",
    "PDF that starts a program": b"%PDF-1.7\n" + b" " * (1024 * 1024 - 12) + b"<</S/Launch/F(cmd)>>",
}


@pytest.mark.parametrize("kind", ACCEPTED)
def test_accepted_file_is_kept_with_its_type_size_and_digest(scene, kind):
    body, file_type = ACCEPTED[kind]
    document = attach(scene, body, f"报告.{file_type.extensions[0]}")
    with park_scope(scene.ours.park.pk):
        kept = ApplicationDocument.objects.get(pk=document.pk)
        with kept.file.open() as stored:
            assert stored.read() == body
    assert (kept.name, kept.content_type, kept.size_bytes, len(kept.sha256)) == (
        f"报告.{file_type.extensions[0]}",
        file_type.content_type,
        len(body),
        64,
    )
    assert kept.file.name == f"parks/{scene.ours.park.pk}/applications/{scene.ours.firm.draft.pk}/{kept.pk}"


@pytest.mark.parametrize("kind", REFUSED)
def test_refused_file_leaves_neither_row_nor_file(scene, kind):
    with pytest.raises(services.UnacceptableFile) as refused:
        attach(scene, REFUSED[kind])
    assert refused.value.field == "upload"
    with park_scope(scene.ours.park.pk):
        assert not ApplicationDocument.objects.filter(application=scene.ours.firm.draft).exists()
    assert not Path(settings.MEDIA_ROOT, f"parks/{scene.ours.park.pk}/applications/{scene.ours.firm.draft.pk}").exists()


def test_file_as_large_as_allowed_is_kept_and_one_byte_more_refused(scene, settings):
    body = pdf("").read()
    settings.LARGEST_UPLOAD_BYTES = len(body)
    assert attach(scene, body).size_bytes == len(body)
    with pytest.raises(services.UnacceptableFile, match="larger"):
        attach(scene, body + b"\n")


def test_type_is_told_from_content_not_from_the_name(scene):
    document = attach(scene, PNG_BYTES, "contract.pdf")
    assert (document.name, document.content_type) == ("contract.pdf.png", "image/png")


@pytest.mark.parametrize("body", [body for body, _ in ACCEPTED.values()])
def test_cut_files_are_told_without_failing(body):
    for length in range(0, len(body), max(1, len(body) // 40)):
        tell_type(io.BytesIO(body[:length]))


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("a\r\nSet-Cookie: x=1.pdf", "a Set-Cookie: x=1.pdf"),
        ("\u202egpj.pdf", "gpj.pdf"),
        ("节能\u200b报告.pdf", "节能报告.pdf"),
        ("e\u0301.pdf", "é.pdf"),
        ("x" * 300 + ".pdf", "x" * 120 + ".pdf"),
        (".pdf", "pdf.pdf"),
        ("", "document.pdf"),
        ("con.", "con.pdf"),
    ],
)
def test_names_are_safe_to_show(name, shown):
    assert display_name(name, PDF) == shown


def test_same_content_twice_is_refused_until_it_is_removed(scene):
    first = attach(scene, PNG_BYTES, "one.png")
    with pytest.raises(services.UnacceptableFile, match=r"one\.png"):
        attach(scene, PNG_BYTES, "two.png")
    with acting_as(scene.ours.firm.people[Role.APPLICANT]) as actor:
        services.remove_document(actor, first, now=NOW)
    assert attach(scene, PNG_BYTES, "two.png").name == "two.png"


def test_application_holds_a_limited_number_of_documents(scene):
    for number in range(MOST_DOCUMENTS):
        attach(scene, PNG_BYTES + bytes([number]))
    with pytest.raises(services.UnacceptableFile, match=str(MOST_DOCUMENTS)):
        attach(scene, PNG_BYTES + b"more")


def test_attaching_and_removing_count_as_revisions(scene):
    document = attach(scene, PNG_BYTES)
    with acting_as(scene.ours.firm.people[Role.OWNER]) as actor:
        assert Application.objects.get(pk=scene.ours.firm.draft.pk).revision == 1
        services.remove_document(actor, document, now=NOW)
        services.remove_document(actor, document, now=NOW + timedelta(days=1))
        document.refresh_from_db()
        assert (Application.objects.get(pk=scene.ours.firm.draft.pk).revision, document.removed_at) == (2, NOW)
        assert default_storage.exists(document.file.name)


def test_documents_of_a_filed_application_stay(scene):
    firm = scene.ours.firm
    filed = file(firm)
    with acting_as(firm.people[Role.OWNER]) as actor:
        document = filed.documents.first()
        with pytest.raises(services.StateChanged):
            services.remove_document(actor, document, now=NOW)
        with pytest.raises(services.StateChanged):
            services.attach_document(actor, filed, kind=DocumentKind.OTHER, upload=pdf("late"), now=NOW)


def test_documents_are_read_by_the_enterprise_and_by_officials_once_filed(scene):
    side = scene.ours
    draft_document = attach(scene, PNG_BYTES)
    readers = {
        "own applicant, draft": (side.firm.people[Role.APPLICANT], draft_document, True),
        "reviewer, draft": (side.staff[Role.REVIEWER], draft_document, False),
        "reviewer, filed": (side.staff[Role.REVIEWER], side.firm.document, True),
        "auditor, filed": (side.staff[Role.AUDITOR], side.firm.document, True),
        "expert, filed": (side.staff[Role.EXPERT], side.firm.document, False),
    }
    answers = {}
    for who, (membership, document, _) in readers.items():
        with acting_as(membership) as actor:
            held = ApplicationDocument.objects.select_related("application").get(pk=document.pk)
            answers[who] = permissions.can_read_document(actor, held.application)
            if answers[who]:
                assert services.read_document(actor, held)
            else:
                with pytest.raises(services.NotAllowed):
                    services.read_document(actor, held)
    assert answers == {who: allowed for who, (_, _, allowed) in readers.items()}


@pytest.mark.parametrize("stranger", ["neighbour", "other park"])
def test_documents_of_others_do_not_exist(scene, stranger):
    side = scene.ours if stranger == "neighbour" else scene.others
    person = side.neighbour.people[Role.OWNER] if stranger == "neighbour" else side.staff[Role.REVIEWER]
    with acting_as(person):
        assert not ApplicationDocument.objects.filter(pk=scene.ours.firm.document.pk).exists()


def test_download_is_saved_and_never_shown():
    response = attachment_response(b"%PDF", '报告"\r\n.pdf', "application/pdf")
    assert "\n" not in response["Content-Disposition"]
    assert response["Content-Disposition"].startswith("attachment; filename*=utf-8''")
    assert (response["X-Content-Type-Options"], response["Content-Security-Policy"]) == (
        "nosniff",
        "default-src 'none'; sandbox",
    )
