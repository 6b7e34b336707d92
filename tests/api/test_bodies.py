"""Bodies that no client of ours sends."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.client import MULTIPART_CONTENT

pytestmark = pytest.mark.django_db


def sent(scene, body, content_type):
    """Status and code of the answer to a body sent to the answers of an application."""
    side = scene.ours
    client = Client(headers={"Authorization": f"Bearer {side.api_token}"})
    path = f"/api/v1/applications/{side.firm.draft.pk}/"
    ask = client.post if content_type == MULTIPART_CONTENT else client.patch
    answer = ask(f"{path}documents/" if content_type == MULTIPART_CONTENT else path, body, content_type=content_type)
    return answer.status_code, answer.json()["errors"][0]["code"]


def test_json_that_is_nested_too_deep_is_malformed(scene):
    assert sent(scene, "[" * 60_000, "application/json") == (400, "parse_error")


def test_json_that_is_too_large_is_refused(scene):
    assert sent(scene, '"' + "x" * 3_000_000 + '"', "application/json") == (413, "too_large")


def test_too_many_files_are_malformed(scene):
    files = {f"file{number}": SimpleUploadedFile("a.pdf", b"x") for number in range(25)}
    assert sent(scene, files, MULTIPART_CONTENT) == (400, "parse_error")
