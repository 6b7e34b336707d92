"""Documents of a registration as its pages take them."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from enterprises.choices import PaperKind
from tests.clients import placeless_client
from tests.enterprises.registration_cases import (
    PDF,
    begin,
    said,
    stored,
    url,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(lin):
    return placeless_client(lin, raise_request_exception=True)


def upload(client, park, draft, body=PDF, name="licence.pdf", kind=PaperKind.BUSINESS_LICENCE):
    file = SimpleUploadedFile(name, body, content_type="application/pdf")
    return client.post(url("paper_upload", park, draft), {"kind": kind, "file": file})


def test_address_of_an_upload_leads_to_the_documents(park, lin, client):
    draft = begin(park, lin)
    assert client.get(url("paper_upload", park, draft)).url == url("papers", park, draft)


def test_document_is_uploaded_downloaded_and_removed(park, lin, client):
    draft = begin(park, lin)

    answer = upload(client, park, draft, name="执照.pdf")
    paper = stored(park, lin, draft).kept[0]
    download = client.get(url("paper_download", park, registration_paper_id=paper.pk))
    client.post(url("paper_remove", park, registration_paper_id=paper.pk))
    client.post(url("paper_remove", park, registration_paper_id=paper.pk))

    assert answer.url == f"{url('papers', park, draft)}#paper_business_licence"
    assert (download.content, download["Content-Type"]) == (PDF, "application/pdf")
    assert download["Content-Disposition"].startswith("attachment")
    assert stored(park, lin, draft).kept == []


REFUSED = {
    "empty": (b"", "licence.pdf", "The file is empty."),
    "text with a good name": (b"Dear officials", "licence.pdf", "This is not a PDF"),
    "page": (b"<!DOCTYPE html><script>alert(1)</script>", "licence.png", "This is not a PDF"),
    "drawing": (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "licence.png", "This is not a PDF"),
    "program": (b"MZ\x90\x00" + b"\x00" * 200, "licence.pdf", "This is not a PDF"),
    "script": (b"%PDF-1.7\n<</S/JavaScript/JS(app.alert(1))>>\n%%EOF", "licence.pdf", "The file contains a script"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_hostile_file_is_refused_at_its_own_field(park, lin, client, case):
    body, name, words = REFUSED[case]
    draft = begin(park, lin)

    answer = upload(client, park, draft, body, name, PaperKind.AUTHORISATION)

    assert answer.status_code == 422
    assert words in problems_of_refused(answer)
    assert stored(park, lin, draft).kept == []


def problems_of_refused(answer):
    return " ".join(str(told) for told in answer.context["refused"].errors["file"])


def test_file_that_is_too_large_is_refused(park, lin, client, settings):
    settings.LARGEST_UPLOAD_BYTES = 20
    draft = begin(park, lin)

    answer = upload(client, park, draft)

    assert "The file is larger than" in problems_of_refused(answer)


def test_same_file_is_not_attached_twice(park, lin, client):
    draft = begin(park, lin)
    upload(client, park, draft)

    answer = upload(client, park, draft, name="again.pdf")

    assert problems_of_refused(answer) == "This file is attached already, as “licence.pdf”."


def test_one_scan_serves_two_kinds(park, lin, client):
    draft = begin(park, lin)
    upload(client, park, draft)

    answer = upload(client, park, draft, kind=PaperKind.CERTIFICATE)

    assert answer.status_code == 302
    kept = [(paper.kind, paper.name) for paper in stored(park, lin, draft).kept]
    assert kept == [(PaperKind.BUSINESS_LICENCE, "licence.pdf"), (PaperKind.CERTIFICATE, "licence.pdf")]


@pytest.mark.parametrize("kind", ["evidence", "contract", ""])
def test_kind_that_is_not_filed_is_refused(park, lin, client, kind):
    draft = begin(park, lin)

    assert upload(client, park, draft, kind=kind).status_code == 422
    assert stored(park, lin, draft).kept == []


def test_name_of_a_file_is_no_path(park, lin, client):
    draft = begin(park, lin)

    upload(client, park, draft, name="../../etc/passwd.pdf")

    paper = stored(park, lin, draft).kept[0]
    assert paper.file.name == f"parks/{park.pk}/registrations/{draft.pk}/{paper.pk}"
    assert "/" not in paper.name


def test_letter_is_asked_for_of_those_who_sign_for_another(park, lin, client):
    draft = begin(park, lin, is_legal_representative=False, legal_representative="林悦")

    page = client.get(url("papers", park, draft))

    assert [entry["slot"]["kind"] for entry in page.context["entries"] if entry["slot"]["is_required"]] == [
        PaperKind.BUSINESS_LICENCE,
        PaperKind.AUTHORISATION,
    ]
    assert "Signed or sealed by 林悦" in said(page)
