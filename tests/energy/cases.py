"""Imports in tests: a file of bytes into a feed, step by step, and what is held afterwards."""

from __future__ import annotations

from datetime import UTC, datetime

from django.core.files.base import ContentFile

from energy.models import IntervalBlock, ReadingImport, RejectedReading
from energy.services.readings import import_steps, take_in_file

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


def clock():
    return NOW


def take_in(feed, content, name="readings.csv", again=False):
    body = content if isinstance(content, bytes) else content.encode()
    return take_in_file(feed=feed, upload=ContentFile(body, name), name=name, by=None, now=NOW, again=again)


def bring_in(feed, content, name="readings.csv", again=False):
    """The import of a file, ended."""
    row = take_in(feed, content, name, again)
    for _step in import_steps(row.pk, clock):
        pass
    return ReadingImport.objects.get(pk=row.pk)


def counts(row):
    return (row.readings_read, row.readings_stored, row.readings_unchanged, row.readings_rejected)


def held(channel):
    """Values by ISO day."""
    return {block.day.isoformat(): block.values for block in IntervalBlock.objects.filter(channel=channel)}


def totals(channel):
    return {block.day.isoformat(): block.total for block in IntervalBlock.objects.filter(channel=channel)}


def rejected(row):
    found = RejectedReading.objects.filter(reading_import=row)
    return [(each.line, each.column, each.rule, each.readings, each.value) for each in found]
