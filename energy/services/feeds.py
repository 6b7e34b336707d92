"""Feeds, and the files that people bring to them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from energy.models import Feed, ReadingImport
from energy.permissions import can_change_row, can_import_readings, guard
from energy.services import readings
from enterprises.models import Enterprise
from enterprises.services.ground import lock_to_keep
from lib.constraints import violated_constraint
from lib.refusals import Refusal
from parks.actors import Actor
from parks.models import Park
from parks.services.files import refuse_size

OF_FEED = ("name", "format", "time_zone")


class FeedNameTaken(Refusal):
    code = "feed_name_taken"


@transaction.atomic
def add_feed(actor: Actor, *, park: Park, facts: Mapping[str, Any], now: datetime) -> Feed:
    """A feed of the park, which reaches all its meters; of people of an enterprise one that reaches the own alone.

    facts: values of `OF_FEED`. Raises `FeedNameTaken`.
    """
    guard(can_import_readings(actor) and actor.park_id == park.pk)
    owner = None
    if actor.is_enterprise_person:
        owner = lock_to_keep(actor, Enterprise.objects.visible_to(actor).get())
    feed = Feed(park=park, enterprise=owner, created_at=now, **{name: facts[name] for name in OF_FEED})
    try:
        with transaction.atomic():
            feed.save(force_insert=True)
    except IntegrityError as error:
        if violated_constraint(error) != "feed_name_once":
            raise
        raise FeedNameTaken(_("A feed has this name already."), field="name") from error
    return feed


@transaction.atomic
def bring_file(actor: Actor, feed: Feed, *, upload: UploadedFile, now: datetime) -> ReadingImport:
    """Keep a file and have the worker read it. One that is in already is answered as it was taken then.

    Raises `UnacceptableFile`, and what `readings.take_in_file` refuses.
    """
    guard(can_import_readings(actor) and can_change_row(actor, feed))
    if feed.enterprise is not None:
        lock_to_keep(actor, feed.enterprise)
    refuse_size(upload)
    return readings.take_in_file(feed=feed, upload=upload, name=upload.name or "", by=actor, now=now)


@transaction.atomic
def stop_import(actor: Actor, reading_import: ReadingImport, *, now: datetime) -> ReadingImport:
    guard(can_change_row(actor, reading_import))
    return readings.ask_to_cancel(reading_import, now=now)


@transaction.atomic
def go_on_with_import(actor: Actor, reading_import: ReadingImport, *, now: datetime) -> ReadingImport:
    guard(can_change_row(actor, reading_import))
    return readings.resume_import(reading_import, now=now)
