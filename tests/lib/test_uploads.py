"""A file that is too large is forgotten while it arrives."""

from __future__ import annotations

import io

import pytest
from django.test import RequestFactory

MEGABYTE = 1024 * 1024
BOUNDARY = "parts"


class Body(io.RawIOBase):
    """A form whose file is as long as is wanted, made while it is read."""

    def __init__(self, size: int) -> None:
        self.head = (
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="note"\r\n\r\nkept\r\n'
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="upload"; filename="a.csv"\r\n\r\n'
        ).encode()
        self.left = size
        self.tail = f"\r\n--{BOUNDARY}--\r\n".encode()
        self.length = len(self.head) + size + len(self.tail)

    def read(self, size: int = -1) -> bytes:
        given, self.head = self.head[:size], self.head[size:]
        fill = min(size - len(given), self.left)
        self.left -= fill
        given += b"x" * fill
        rest = size - len(given)
        given, self.tail = given + self.tail[:rest], self.tail[rest:]
        return given


def posted(size: int):
    body = Body(size)
    told = {"CONTENT_TYPE": f"multipart/form-data; boundary={BOUNDARY}", "CONTENT_LENGTH": str(body.length)}
    return RequestFactory().generic("POST", "/", **told, **{"wsgi.input": body})


@pytest.mark.parametrize("megabytes", [21, 100])
def test_large_file_arrives_empty_under_its_true_size(megabytes):
    request = posted(megabytes * MEGABYTE)
    upload = request.FILES["upload"]
    assert (upload.name, upload.size, upload.read()) == ("a.csv", megabytes * MEGABYTE, b"")
    assert request.POST["note"] == "kept"


@pytest.mark.parametrize("size", [0, 5, MEGABYTE + 1, 20 * MEGABYTE])
def test_file_within_the_limit_arrives_whole(size):
    request = posted(size)
    upload = request.FILES["upload"]
    assert (upload.size, len(upload.read())) == (size, size)
    request.close()


def test_second_file_of_a_form_is_counted_anew():
    part = '\r\nContent-Disposition: form-data; name="{0}"; filename="{0}.csv"\r\n\r\n{1}\r\n'
    content = "".join(f"--{BOUNDARY}" + part.format(name, "y" * (15 * MEGABYTE)) for name in ("first", "second"))
    request = RequestFactory().generic(
        "POST", "/", content + f"--{BOUNDARY}--\r\n", f"multipart/form-data; boundary={BOUNDARY}"
    )
    assert {name: upload.size for name, upload in request.FILES.items()} == {
        "first": 15 * MEGABYTE,
        "second": 15 * MEGABYTE,
    }
    request.close()
