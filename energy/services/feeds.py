"""Feeds, and the files that people bring to them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from energy.calculations.schedule import next_fetch
from energy.choices import FeedSource
from energy.events import feed_due
from energy.models import Feed, FeedSecret, ReadingImport
from energy.permissions import can_change_row, can_import_readings, guard
from energy.services import readings
from enterprises.models import Enterprise
from enterprises.services.ground import lock_to_keep
from lib.constraints import violated_constraint
from lib.refusals import Refusal
from lib.sealing import seal
from parks.actors import Actor
from parks.models import Park
from parks.services.files import refuse_size

OF_FEED = ("name", "format", "time_zone", "source")
OF_PLACE = ("address", "account", "region", "host_key", "file_pattern")
OF_CHANGE = ("name", "format", "time_zone", *OF_PLACE, "every_minutes", "daily_at", "silent_after_hours")
# Who changes one of these could otherwise have the secret sent to a place of their own.
SECRET_HANGS_ON = ("address", "account", "host_key")
SEALED_FOR = "energy.feed"


class FeedNameTaken(Refusal):
    code = "feed_name_taken"


class FolderOfPark(Refusal):
    """Folders of the server belong to the park."""

    code = "feed_folder_of_park"


class SecretAgain(Refusal):
    """A secret goes to the place for which it was entered, and to no other."""

    code = "feed_secret_again"


class NothingToFetch(Refusal):
    code = "feed_not_fetched"


@transaction.atomic
def add_feed(actor: Actor, *, park: Park, facts: Mapping[str, Any], now: datetime) -> Feed:
    """A feed of the park, which reaches all its meters; of people of an enterprise one that reaches the own alone.

    facts: values of `OF_FEED`. Raises `FeedNameTaken`, `FolderOfPark`.
    """
    guard(can_import_readings(actor) and actor.park_id == park.pk)
    owner = None
    if actor.is_enterprise_person:
        owner = lock_to_keep(actor, Enterprise.objects.visible_to(actor).get())
        if facts.get("source") == FeedSource.FOLDER:
            raise FolderOfPark(_("Folders of the server are for feeds of the park."), field="source")
    told = {name: facts[name] for name in OF_FEED if name in facts}
    feed = Feed(park=park, enterprise=owner, created_at=now, waits_since=now, **told)
    _save(feed)
    return feed


@transaction.atomic
def change_feed(actor: Actor, feed: Feed, *, facts: Mapping[str, Any], secret: str, now: datetime) -> Feed:
    """Say anew how a feed is read, where its files are and when they are fetched. An empty secret keeps the one it has.

    facts: values of `OF_CHANGE`. Raises `FeedNameTaken`, `SecretAgain`.
    """
    row = _own(actor, feed)
    before = [getattr(row, name) for name in SECRET_HANGS_ON]
    for name in OF_CHANGE:
        if name in facts:
            setattr(row, name, facts[name])
    if secret:
        _keep_secret(row, secret, now)
    elif row.secret_set_at and before != [getattr(row, name) for name in SECRET_HANGS_ON]:
        raise SecretAgain(_("The address or the account is another one: enter the secret again."), field="secret")
    _plan(row, now)
    _save(row)
    return row


@transaction.atomic
def map_columns(actor: Actor, feed: Feed, *, mapping: Mapping[str, Any]) -> Feed:
    """Say what the columns of its tables mean and what its files call the channels. For files from now on."""
    row = _own(actor, feed)
    row.mapping = dict(mapping)
    row.save(update_fields=["mapping"])
    return row


@transaction.atomic
def pause_feed(actor: Actor, feed: Feed, *, now: datetime) -> Feed:
    """Take nothing more, until it is resumed; what is in work goes on. Safe to repeat."""
    row = _own(actor, feed)
    row.is_paused = True
    _plan(row, now)
    row.save(update_fields=["is_paused", "next_fetch_at"])
    return row


@transaction.atomic
def resume_feed(actor: Actor, feed: Feed, *, now: datetime) -> Feed:
    """Take files again; silence counts from now on. Safe to repeat."""
    row = _own(actor, feed)
    if row.is_paused:
        row.is_paused, row.waits_since, row.silence_told_at = False, now, None
        _plan(row, now)
        row.save(update_fields=["is_paused", "waits_since", "silence_told_at", "next_fetch_at"])
    return row


@transaction.atomic
def ask_to_fetch(actor: Actor, feed: Feed) -> None:
    """Have the worker look for files now, besides the schedule. Raises `NothingToFetch`."""
    row = _own(actor, feed)
    if row.is_paused or not row.is_fetched or not row.address:
        raise NothingToFetch(_("This feed is paused, or has no address to look at."))
    feed_due.publish(park_id=row.park_id, feed_id=str(row.pk))


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


def _own(actor: Actor, feed: Feed) -> Feed:
    """The feed, held, if it is one that the actor keeps."""
    guard(can_change_row(actor, feed))
    if feed.enterprise_id is not None:
        lock_to_keep(actor, Enterprise.objects.visible_to(actor).get(pk=feed.enterprise_id))
    rows = Feed.objects.select_for_update(of=("self",)).select_related("park")
    return rows.get(park_id=feed.park_id, pk=feed.pk)


def _plan(feed: Feed, now: datetime) -> None:
    """When it is fetched next; a changed schedule begins anew."""
    if feed.is_paused or not feed.is_fetched or not feed.address or feed.every_minutes is None:
        feed.next_fetch_at = None
        return
    feed.next_fetch_at = next_fetch(now, feed.every_minutes, feed.daily_at, ZoneInfo(feed.park.time_zone))


def _keep_secret(feed: Feed, secret: str, now: datetime) -> None:
    sealed = seal(secret, SEALED_FOR)
    own = FeedSecret.objects.filter(park_id=feed.park_id, feed=feed)
    if not own.update(sealed=sealed):
        FeedSecret.objects.create(park_id=feed.park_id, enterprise_id=feed.enterprise_id, feed=feed, sealed=sealed)
    feed.secret_set_at = now


def _save(feed: Feed) -> None:
    try:
        with transaction.atomic():
            feed.save()
    except IntegrityError as error:
        if violated_constraint(error) != "feed_name_once":
            raise
        raise FeedNameTaken(_("A feed has this name already."), field="name") from error
