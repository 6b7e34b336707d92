"""What happened becomes work on the files of readings."""

from __future__ import annotations

from typing import Any

from energy import events, tasks


def import_file(*, park_id: int, reading_import_id: str, **_kwargs: Any) -> None:
    tasks.import_file.delay(park_id=park_id, reading_import_id=reading_import_id)


def check_readings(*, park_id: int, reading_import_id: str, **_kwargs: Any) -> None:
    tasks.check_readings.delay(park_id=park_id, reading_import_id=reading_import_id)


def undo_import(*, park_id: int, import_undo_id: str, **_kwargs: Any) -> None:
    tasks.undo_import.delay(park_id=park_id, import_undo_id=import_undo_id)


def check_undo(*, park_id: int, import_undo_id: str, **_kwargs: Any) -> None:
    tasks.check_undo.delay(park_id=park_id, import_undo_id=import_undo_id)


def follow_readings(*, park_id: int, spans: dict[str, list[int]], **_kwargs: Any) -> None:
    tasks.follow_readings.delay(park_id=park_id, spans=spans)


def work_out_channel(*, park_id: int, channel_id: str, **_kwargs: Any) -> None:
    tasks.work_out_channel.delay(park_id=park_id, channel_id=channel_id)


def work_out_days(*, park_id: int, channel_id: str, first_day: str, last_day: str, **_kwargs: Any) -> None:
    tasks.work_out_days.delay(park_id=park_id, channel_id=channel_id, first_day=first_day, last_day=last_day)


def tell_of_question(*, park_id: int, reading_issue_id: str, **_kwargs: Any) -> None:
    tasks.tell_of_question.delay(park_id=park_id, reading_issue_id=reading_issue_id)


def fetch_feed(*, park_id: int, feed_id: str, **_kwargs: Any) -> None:
    tasks.fetch_feed.delay(park_id=park_id, feed_id=feed_id)


def connect() -> None:
    events.reading_import_queued.connect(import_file, dispatch_uid="energy.import_file")
    events.readings_imported.connect(check_readings, dispatch_uid="energy.check_readings")
    events.import_undo_asked.connect(undo_import, dispatch_uid="energy.undo_import")
    events.import_undone.connect(check_undo, dispatch_uid="energy.check_undo")
    events.readings_looked_at.connect(follow_readings, dispatch_uid="energy.follow_readings")
    events.channel_formula_written.connect(work_out_channel, dispatch_uid="energy.work_out_channel")
    events.formula_inputs_changed.connect(work_out_days, dispatch_uid="energy.work_out_days")
    events.readings_asked_again.connect(tell_of_question, dispatch_uid="energy.tell_of_question")
    events.feed_due.connect(fetch_feed, dispatch_uid="energy.fetch_feed")
