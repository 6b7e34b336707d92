"""Readings that gateways send: kept as a file of their feed, and read by the pipeline of all files."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext as _

from energy.choices import FeedSource
from energy.formats.pushed import line_of
from energy.models import Feed, FeedFile, ReadingImport
from energy.permissions import can_change_row, can_import_readings, guard
from energy.services import readings
from enterprises.models import Enterprise
from enterprises.services.ground import lock_to_keep
from lib.refusals import Refusal
from parks.actors import Actor

MOST_READINGS = 10_000
LONGEST_NAME, LONGEST_TEXT = 80, 64


class FeedTakesNoBatches(Refusal):
    code = "feed_takes_no_batches"


class KeyUsedOtherwise(Refusal):
    """The gateway has sent another batch under this key before."""

    code = "idempotency_key_reused"


@dataclass(frozen=True, slots=True)
class BadReading:
    """A reading that cannot be read: its place in the batch, from 0, and the part that is wrong."""

    index: int
    attr: str


@dataclass(frozen=True, slots=True)
class Pushed:
    """The import that reads a batch. `is_new` is false for one that was sent before."""

    reading_import: ReadingImport
    bad: list[BadReading]
    is_new: bool


@transaction.atomic
def push_readings(actor: Actor, feed: Feed, *, key: str, batch: Sequence[Any], now: datetime) -> Pushed:
    """Take a batch of readings in, once for each key: sent again it is answered as it was.

    batch: objects with meter, time, value, and perhaps channel and unit; those that are none are told by their index,
    and again by the import, which counts them as rejected. Raises `FeedTakesNoBatches`, `KeyUsedOtherwise`,
    and what `readings.take_in_file` refuses.
    """
    guard(can_import_readings(actor) and can_change_row(actor, feed))
    if feed.source != FeedSource.PUSH:
        raise FeedTakesNoBatches(_("This feed takes files. Send readings to one of a gateway."))
    if feed.enterprise_id is not None:
        lock_to_keep(actor, Enterprise.objects.visible_to(actor).get(pk=feed.enterprise_id))
    lines, bad = _lines(batch)
    body = "".join(lines).encode()
    digest = hashlib.sha256(body).hexdigest()
    # Two requests with one key wait for each other here.
    Feed.objects.select_for_update(of=("self",)).get(park_id=feed.park_id, pk=feed.pk)
    sent = FeedFile.objects.filter(park_id=feed.park_id, feed=feed, name=key).select_related("reading_import").first()
    if sent is not None:
        if sent.mark != digest:
            raise KeyUsedOtherwise(_("Another batch was sent under this key. Each batch has a key of its own."))
        return Pushed(sent.reading_import, bad, is_new=False)
    # A value that was corrected and is now what it was before is a batch like any other.
    taken = readings.take_in_file(
        feed=feed, upload=ContentFile(body), name=f"{key}.jsonl", by=actor, now=now, again=True
    )
    FeedFile.objects.create(
        park_id=feed.park_id,
        enterprise_id=feed.enterprise_id,
        feed=feed,
        name=key,
        mark=digest,
        reading_import=taken,
        found_at=now,
    )
    return Pushed(taken, bad, is_new=True)


def _lines(batch: Sequence[Any]) -> tuple[list[str], list[BadReading]]:
    lines, bad = [], []
    for index, reading in enumerate(batch):
        cells = _cells(reading)
        if isinstance(cells, str):
            bad.append(BadReading(index, cells))
            lines.append(line_of(None))
        else:
            lines.append(line_of(cells))
    return lines, bad


def _cells(reading: Any) -> list[str] | str:
    """The cells of a reading, or the name of the part that is wrong."""
    if not isinstance(reading, dict):
        return ""
    texts = {"meter": LONGEST_NAME, "channel": LONGEST_NAME, "time": LONGEST_TEXT, "unit": LONGEST_TEXT}
    for name, longest in texts.items():
        told = reading.get(name, "" if name in {"channel", "unit"} else None)
        if not isinstance(told, str) or len(told) > longest or not (told == "" or told.isprintable()):
            return name
    if not reading["meter"].strip() or not reading["time"].strip():
        return "time" if reading["meter"].strip() else "meter"
    value = _number(reading.get("value"))
    if value is None:
        return "value"
    return [reading["meter"], reading.get("channel", ""), reading["time"], value, reading.get("unit", "")]


def _number(value: Any) -> str | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    text = value if isinstance(value, str) else json.dumps(value)
    return text if 0 < len(text) <= LONGEST_TEXT and text.isascii() else None
