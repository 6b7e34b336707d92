"""A serial number has one owner on a day, and no "/" in it: that parts it from the code of a channel in files.

Meters of before are brought into this order first. A "/" becomes "-", and feeds learn what their files go on to call
such a meter. Of two meters that overlap, the one that went out of service sooner ends where the other begins, as far as
it has no readings there; where it has some, the other begins behind it. Values stay what and whose they are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.contrib.postgres.operations import BtreeGistExtension
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps
from django.db.models import F, Func, Max, Q

IN_SERVICE = [
    ("park", RangeOperators.EQUAL),
    ("serial", RangeOperators.EQUAL),
    (Func("starts_on", "ends_on", function="daterange"), RangeOperators.OVERLAPS),
]
LONGEST_SERIAL = 40


def rename_strokes(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    meters = apps.get_model("energy", "Meter").objects.using(schema_editor.connection.alias)
    named = meters.filter(serial__contains="/").order_by("park_id", "serial").values_list("park_id", "serial")
    for park_id, serial in list(named.distinct()):
        taken = set(meters.filter(park_id=park_id).values_list("serial", flat=True))
        renamed = _free(serial.replace("/", "-"), taken)
        _teach_feeds(apps, schema_editor.connection.alias, park_id, serial, renamed)
        meters.filter(park_id=park_id, serial=serial).update(serial=renamed)


def _free(serial: str, taken: set[str]) -> str:
    found, number = serial, 1
    while found in taken:
        number += 1
        found = f"{serial[: LONGEST_SERIAL - 1 - len(str(number))]}-{number}"
    return found


def _teach_feeds(apps: StateApps, alias: str, park_id: int, serial: str, renamed: str) -> None:
    """Let the feeds that reach a meter find it by the name that it had until now."""
    channels = apps.get_model("energy", "Channel").objects.using(alias).filter(park_id=park_id)
    own = list(channels.filter(meter__serial=serial).values_list("code", "meter__enterprise_id"))
    names = {serial: renamed} | {f"{serial}/{code}": f"{renamed}/{code}" for code, _owner in own if code}
    others = channels.exclude(meter__serial=serial).values_list("meter__serial", "code")
    meant = {f"{other}/{code}" for other, code in others.filter(meter__serial__in=_heads(names))}
    reaching = Q(enterprise=None) | Q(enterprise__in={owner for _code, owner in own if owner})
    for feed in apps.get_model("energy", "Feed").objects.using(alias).filter(reaching, park_id=park_id):
        before = {name: names.get(meaning, meaning) for name, meaning in feed.mapping.get("names", {}).items()}
        learnt = {name: meaning for name, meaning in names.items() if name not in meant}
        feed.mapping = {**feed.mapping, "names": learnt | before}
        feed.save(update_fields=["mapping"])


def _heads(names: Iterable[str]) -> set[str]:
    return {name.rpartition("/")[0] for name in names}


def part_meters(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    meters = apps.get_model("energy", "Meter").objects.using(schema_editor.connection.alias)
    devices: dict[tuple[int, str], list[Any]] = defaultdict(list)
    for meter in meters.exclude(ends_on=F("starts_on")).order_by("created_at", "pk").iterator():
        devices[meter.park_id, meter.serial].append(meter)
    blocks = apps.get_model("energy", "IntervalBlock").objects.using(schema_editor.connection.alias)
    for alike in devices.values():
        if len(alike) > 1:
            before = {meter.pk: (meter.starts_on, meter.ends_on) for meter in alike}
            _end_sooner(alike, {meter.pk: _last_read(blocks, meter) for meter in alike})
            _begin_later(alike)
            for meter in alike:
                if (meter.starts_on, meter.ends_on) != before[meter.pk]:
                    meter.save(update_fields=["starts_on", "ends_on"])


def _last_read(blocks: Any, meter: Any) -> date | None:
    held = blocks.filter(park_id=meter.park_id, channel__meter_id=meter.pk, present_count__gt=0)
    last: date | None = held.aggregate(last=Max("day"))["last"]
    return last


def _until(meter: Any) -> date:
    return meter.ends_on or date.max


def _end_sooner(alike: list[Any], last_read: dict[Any, date | None]) -> None:
    """End each meter where the first of those begins that outlast it, but not before what it has read."""
    alike.sort(key=_until)
    for place, meter in enumerate(alike):
        after = [other.starts_on for other in alike[place + 1 :] if other.starts_on < _until(meter)]
        if after and meter.ends_on:
            read = last_read[meter.pk]
            reads_until = read + timedelta(days=1) if read else meter.starts_on
            meter.ends_on = min(meter.ends_on, max(meter.starts_on, reads_until, min(after)))


def _begin_later(alike: list[Any]) -> None:
    """Begin each meter where those end that it outlasts."""
    behind = date.min
    for meter in sorted((each for each in alike if each.ends_on != each.starts_on), key=_until):
        meter.starts_on = max(meter.starts_on, behind)
        behind = _until(meter)


class Migration(migrations.Migration):
    dependencies = [("energy", "0005_register_days")]

    operations = [
        BtreeGistExtension(),
        migrations.RunPython(rename_strokes, migrations.RunPython.noop),
        migrations.RunPython(part_meters, migrations.RunPython.noop),
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.RemoveConstraint("meter", "meter_serial_once"),
        migrations.AddConstraint(
            "meter",
            ExclusionConstraint(
                name="meter_serial_once",
                expressions=IN_SERVICE,
                violation_error_message="A meter with this serial number is in service at that time already.",
            ),
        ),
        migrations.AddConstraint(
            "meter",
            models.CheckConstraint(condition=~Q(serial__contains="/"), name="meter_serial_without_stroke"),
        ),
        migrations.RemoveConstraint("feed", "feed_name_once"),
        migrations.AddConstraint(
            "feed",
            models.UniqueConstraint(
                fields=["park", "enterprise", "name"],
                nulls_distinct=False,
                name="feed_name_once",
                violation_error_message="A feed has this name already.",
            ),
        ),
    ]
