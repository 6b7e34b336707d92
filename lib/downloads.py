"""Files that people sent us, handed out so that no browser runs them."""

from __future__ import annotations

from typing import IO, TypeVar

from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header

R = TypeVar("R", bound=HttpResponseBase)


def attachment_response(content: bytes, name: str, content_type: str) -> HttpResponse:
    """A download: saved, not shown; if shown after all, without origin, script or address to call."""
    return _kept_apart(HttpResponse(content, content_type=content_type), name)


def open_attachment_response(stored: IO[bytes], name: str, content_type: str) -> FileResponse:
    """The same of a file that is open: handed out piece by piece, and closed at the end."""
    return _kept_apart(FileResponse(stored, content_type=content_type), name)


def _kept_apart(response: R, name: str) -> R:
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "private, no-store"
    return response
