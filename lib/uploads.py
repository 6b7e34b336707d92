"""What of an upload is kept while it arrives."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler


class BoundedUploadHandler(FileUploadHandler):
    """Lets a file pass as far as any file may go and forgets the rest, so that nobody fills memory or disk.

    Stands before the others. What was too large arrives empty under its true size: the rest of the form is there, and
    whoever looks at the file can say in words that it is too large.
    """

    passed = 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.passed = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        self.passed += len(raw_data)
        return raw_data if self.passed <= settings.LARGEST_UPLOAD_BYTES else None

    def file_complete(self, file_size: int) -> UploadedFile | None:
        if self.passed <= settings.LARGEST_UPLOAD_BYTES:
            return None
        for handler in self.request.upload_handlers if self.request else ():
            # What was kept until it became too much.
            if kept := getattr(handler, "file", None):
                kept.close()
        return UploadedFile(BytesIO(), self.file_name, self.content_type, self.passed, self.charset)
