from __future__ import annotations

import pytest

from energy.calculations import flags
from energy.choices import FeedFormat, ImportState
from energy.formats import nem12
from energy.models import IntervalBlock
from tests.energy.cases import bring_in, counts, held, rejected, totals
from tests.factories.metering import feed_of, meter_with_channel

DAY = ",".join(["1.5"] * 48)


def nem12_file(*records):
    return "\n".join(["100,NEM12,202603010000,MDA1,Ret1", *records, "900", ""])


def test_nem12_of_several_channels_is_read_whole(park):
    drawn = meter_with_channel(park, "NMI1", code="E1", interval_minutes=30)
    fed_in = meter_with_channel(park, "SER9", code="B1", interval_minutes=30, flow="export")
    content = nem12_file(
        "200,NMI1,E1B1,1,E1,N1,SER1,Wh,30,",
        f"300,20260301,{DAY},A,,,20260302120025,20260302142516",
        f"300,20260302,{DAY},A",
        "200,NMI1,E1B1,2,B1,,SER9,kWh,30,",
        f"300,20260301,{DAY},E52,,,20260302120025,",
        "500,O,S01,20260302,1.0",
    )

    row = bring_in(feed_of(park, FeedFormat.NEM12), content)

    assert (row.state, *counts(row)) == (ImportState.DONE, 144, 144, 0, 0)
    assert totals(drawn) == {"2026-03-01": 0.072, "2026-03-02": 0.072}
    assert totals(fed_in) == {"2026-03-01": 72.0}
    assert bytes(IntervalBlock.objects.get(channel=fed_in).flags) == bytes([flags.ESTIMATED] * 48)


def test_nem12_day_of_another_length_is_refused_with_its_line(park):
    channel = meter_with_channel(park, "NMI1", code="E1", interval_minutes=15)
    content = nem12_file(
        "200,NMI1,E1,1,E1,N1,SER1,kWh,15,",
        f"300,20260301,{DAY},A",
        "400,1,48,A,,",
        f"300,20260302,{DAY},{DAY},A",
        f"300,20260303,{DAY},{DAY},{DAY},A",
    )

    row = bring_in(feed_of(park, FeedFormat.NEM12), content)

    assert counts(row) == (3 * 96, 96, 0, 192)
    assert [each[:4] for each in rejected(row)] == [(3, 99, "wrong_interval", 96), (6, 99, "wrong_interval", 96)]
    assert totals(channel) == {"2026-03-02": 144.0}


def test_nem12_quality_of_parts_of_a_day(park):
    channel = meter_with_channel(park, "NMI1", interval_minutes=30)
    content = nem12_file(
        "200,NMI1,E1,1,E1,N1,SER1,kWh,30,",
        f"300,20260301,{DAY},V",
        "400,1,20,A,,",
        "400,21,40,S14,,",
        "400,41,48,N,,",
    )

    row = bring_in(feed_of(park, FeedFormat.NEM12, mapping={"names": {"NMI1/E1": "NMI1"}}), content)

    assert counts(row) == (40, 40, 0, 0)
    block = IntervalBlock.objects.get(channel=channel)
    assert bytes(block.flags) == bytes([flags.MEASURED] * 20 + [flags.ESTIMATED] * 20 + [flags.MISSING] * 8)
    assert (block.values, block.total, block.measured_count) == ([1.5] * 40 + [None] * 8, 60.0, 20)


def test_nem12_cell_that_is_no_number_costs_that_cell(park):
    meter_with_channel(park, "NMI1", interval_minutes=30)
    cells = ",".join(["1"] * 5 + ["?"] + ["1"] * 42)

    row = bring_in(
        feed_of(park, FeedFormat.NEM12, mapping={"names": {"NMI1/E1": "NMI1"}}),
        nem12_file("200,NMI1,E1,1,E1,N1,SER1,kWh,30,", f"300,20260301,{cells},A"),
    )

    assert counts(row) == (48, 47, 0, 1)
    assert rejected(row) == [(3, 8, "unreadable_value", 1, "?")]


def test_nem12_without_its_end_is_told(park):
    meter_with_channel(park, "NMI1", code="E1", interval_minutes=30)
    content = nem12_file("200,NMI1,E1,1,E1,N1,SER1,kWh,30,", f"300,20260301,{DAY},A").replace("900\n", "")

    row = bring_in(feed_of(park, FeedFormat.NEM12), content)

    assert (row.state, *counts(row)) == (ImportState.DONE, 48, 48, 0, 0)
    assert rejected(row) == [(3, 0, "truncated", 0, "")]


def test_nem12_batches_do_not_change_what_is_held(park, monkeypatch):
    channel = meter_with_channel(park, "NMI1", code="E1", interval_minutes=30)
    days = [record for day in range(1, 6) for record in (f"300,2026030{day},{DAY},V", "400,1,24,A", "400,25,48,E01")]
    monkeypatch.setattr(nem12, "BATCH_READINGS", 1)

    row = bring_in(feed_of(park, FeedFormat.NEM12), nem12_file("200,NMI1,E1,1,E1,N1,SER1,kWh,30,", *days))

    assert (row.chunks_done > 3, *counts(row)) == (True, 240, 240, 0, 0)
    assert totals(channel) == {f"2026-03-0{day}": 72.0 for day in range(1, 6)}


@pytest.mark.parametrize(
    ("content", "failure"),
    [("\n200,NMI1\n", "no_header"), ("100,NEM13,2026\n", "nem13"), ("hello\n", "no_header")],
)
def test_what_is_no_nem12_is_refused(park, content, failure):
    row = bring_in(feed_of(park, FeedFormat.NEM12), content)

    assert (row.state, row.failure) == (ImportState.FAILED, failure)


def reading(start, value, duration=3600, quality=""):
    told = f"<ReadingQuality><quality>{quality}</quality></ReadingQuality>" if quality else ""
    period = f"<timePeriod><duration>{duration}</duration><start>{start}</start></timePeriod>"
    return f"<IntervalReading>{told}{period}<value>{value}</value></IntervalReading>"


def entry(content, own, *others):
    links = f'<link rel="self" href="{own}"/>' + "".join(f'<link rel="related" href="{href}"/>' for href in others)
    return f"<entry>{links}<content>{content}</content></entry>"


def green_button(*entries):
    return f'<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom">{"".join(entries)}</feed>'


ESPI = 'xmlns="http://naesb.org/espi"'
# 2026-03-02 00:00 in Shanghai.
START = 1772380800


def usage_point(number, power, *readings, uom=72):
    at = f"User/1/UsagePoint/{number}/MeterReading/7"
    return (
        entry(f"<IntervalBlock {ESPI}>{''.join(readings)}</IntervalBlock>", f"{at}/IntervalBlock/1"),
        entry(f"<MeterReading {ESPI}/>", at, f"{at}/IntervalBlock", f"ReadingType/{number}"),
        entry(
            f"<ReadingType {ESPI}><powerOfTenMultiplier>{power}</powerOfTenMultiplier><uom>{uom}</uom></ReadingType>",
            f"/espi/1_1/resource/ReadingType/{number}",
        ),
    )


def test_green_button_of_several_usage_points(park):
    first = meter_with_channel(park, "A1", interval_minutes=60)
    second = meter_with_channel(park, "B2", code="7", interval_minutes=60)
    content = green_button(
        *usage_point("A1", 0, reading(START, 450), reading(START + 3600, 550, quality=8)),
        *usage_point("B2", 3, reading(START, 2), reading(START + 3600, "many"), reading(START + 7200, 1, 900)),
    )

    row = bring_in(feed_of(park, FeedFormat.GREEN_BUTTON), content)

    assert (row.state, *counts(row)) == (ImportState.DONE, 5, 3, 0, 2)
    assert held(first)["2026-03-02"][:3] == [0.45, 0.55, None]
    assert bytes(IntervalBlock.objects.get(channel=first).flags)[:2] == bytes([flags.MEASURED, flags.ESTIMATED])
    assert totals(second) == {"2026-03-02": 2.0}
    assert rejected(row) == [(4, 0, "unreadable_value", 1, "many"), (5, 0, "wrong_interval", 1, "")]


def test_green_button_of_power_is_not_taken_for_energy(park):
    meter_with_channel(park, "A1", interval_minutes=60)

    row = bring_in(
        feed_of(park, FeedFormat.GREEN_BUTTON), green_button(*usage_point("A1", 0, reading(START, 450), uom=38))
    )

    assert rejected(row) == [(1, 0, "unknown_unit", 1, "")]


@pytest.mark.parametrize(
    ("content", "failure"),
    [
        ("<feed><entry>", "broken_xml"),
        ("<feed/>", "no_blocks"),
        ('<!DOCTYPE x [<!ENTITY a "b">]><feed>&a;</feed>', "hostile_xml"),
    ],
)
def test_what_is_no_green_button_is_refused(park, content, failure):
    row = bring_in(feed_of(park, FeedFormat.GREEN_BUTTON), content)

    assert (row.state, row.failure) == (ImportState.FAILED, failure)
