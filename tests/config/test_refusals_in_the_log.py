"""A page that was refused is one line in the log; an error keeps its way through the code."""

from __future__ import annotations

import logging

import pytest

from config.logging import RefusedInOneLine


@pytest.mark.parametrize(("status", "is_kept"), [(403, False), (500, True), (None, True)])
def test_only_what_was_refused_loses_its_traceback(status, is_kept):
    told = (PermissionError, PermissionError(), None)
    record = logging.LogRecord("django.request", logging.WARNING, "x.py", 1, "Forbidden: /x/", (), told)
    if status is not None:
        record.status_code = status
    assert RefusedInOneLine().filter(record)
    assert (record.exc_info is told) == is_kept


def test_filter_stands_before_the_lines_of_requests(settings):
    assert settings.LOGGING["loggers"]["django.request"]["filters"] == ["refused"]
