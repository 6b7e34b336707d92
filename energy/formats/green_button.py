"""Green Button, the Atom feed of NAESB ESPI: usage points, their meter readings, the type of each, and interval blocks.

A channel is called "usage point/meter reading", by the last parts of their addresses. The type may stand behind the
blocks that need it, so the file is read twice: for what is said of the readings, and for them. Values are whole numbers
times a power of ten; times are instants, and a reading holds from its start on. The line of a refused reading is its
number in the file, as an XML file may have but one line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, Any
from xml.etree.ElementTree import Element  # nosec B405

import numpy as np
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, iterparse

from energy.calculations import flags
from energy.choices import Rule
from energy.formats.batches import Batch, BatchMaker, Reading, Refused, UnreadableFile

BATCH_READINGS = 500_000
ATOM = "{http://www.w3.org/2005/Atom}"
ESPI = "{http://naesb.org/espi}"
# Source: NAESB ESPI (REQ.21), UomType and QualityOfReading.
UNITS = {"72": "Wh", "73": "varh", "42": "m3", "169": "therm", "31": "J", "38": "W", "119": "ft3"}
ESTIMATED = frozenset({"7", "8", "9", "10", "14"})
USAGE_POINT = re.compile(r"UsagePoint/([^/]+)")
METER_READING = re.compile(r"MeterReading/([^/]+)")


@dataclass(frozen=True, slots=True)
class _Type:
    unit: str
    power_of_ten: int
    is_power: bool


@dataclass(slots=True)
class _Said:
    """What the entries say of each other: types by their address, and the address of the type of a meter reading."""

    types: dict[str, _Type] = field(default_factory=dict)
    type_of: dict[str, str] = field(default_factory=dict)


def read_green_button(file: IO[bytes], reading: Reading, size: int) -> Iterator[Batch]:
    """Raises `UnreadableFile` where the file is no XML, or XML with definitions that no utility writes."""
    try:
        said = _said(file)
        file.seek(0)
        yield from _read(file, said, size)
    except DefusedXmlException as error:
        raise UnreadableFile("hostile_xml") from error
    except ParseError as error:
        raise UnreadableFile("broken_xml", error.position[0]) from error


def _entries(file: IO[bytes]) -> Iterator[tuple[Element, list[str], str]]:
    """Each entry with the addresses of its links: those it stands under, and its own. Forgotten once it was seen."""
    feed = None
    for event, element in iterparse(file, events=("start", "end"), forbid_dtd=True):
        if event == "start":
            feed = element if feed is None else feed
        elif element.tag == f"{ATOM}entry":
            links = [(link.get("rel", ""), link.get("href", "")) for link in element.findall(f"{ATOM}link")]
            own = next((href for rel, href in links if rel == "self"), "")
            yield element, [href for rel, href in links if rel != "self"], own
            element.clear()
            if feed is not None:
                feed.clear()


def _said(file: IO[bytes]) -> _Said:
    said = _Said()
    for entry, others, own in _entries(file):
        if (kind := entry.find(f".//{ESPI}ReadingType")) is not None:
            said.types[_plain(own)] = _type(kind)
        elif entry.find(f".//{ESPI}MeterReading") is not None:
            related = next((href for href in others if "ReadingType/" in href), "")
            said.type_of[_name(own)] = _plain(related)
    return said


def _plain(address: str) -> str:
    """The part of an address that tells a reading type from the others, however the file begins it."""
    return address[address.find("ReadingType/") :].rstrip("/")


def _type(element: Element) -> _Type:
    unit = _text(element, "uom")
    power = _text(element, "powerOfTenMultiplier") or "0"
    return _Type(UNITS.get(unit, unit or "Wh"), int(power) if re.fullmatch(r"-?\d{1,2}", power) else 0, unit == "38")


def _name(address: str) -> str:
    """ "usage point/meter reading" of an address, as far as it names them."""
    found = (pattern.search(address) for pattern in (USAGE_POINT, METER_READING))
    return "/".join(match.group(1) for match in found if match)


def _text(element: Element, tag: str) -> str:
    return (element.findtext(f".//{ESPI}{tag}") or "").strip()


def _read(file: IO[bytes], said: _Said, size: int) -> Iterator[Batch]:
    maker = BatchMaker()
    place = 0
    seen = False
    for entry, others, own in _entries(file):
        for block in entry.iter(f"{ESPI}IntervalBlock"):
            seen = True
            name = _name(next((href for href in (own, *others) if "MeterReading/" in href), ""))
            place = _add_block(maker, block, name, said, place)
        if maker.weight >= BATCH_READINGS:
            yield maker.take(min(1.0, _told(file) / size))
    if not seen:
        raise UnreadableFile("no_blocks")
    yield maker.take(1.0)


def _told(file: IO[bytes]) -> int:
    return file.tell() if file.seekable() else 0


def _add_block(maker: BatchMaker, block: Element, name: str, said: _Said, number: int) -> int:
    """Adds the readings of a block; how many readings the file gave up to its end, by which each is found in it."""
    rows: list[tuple[int, int, int, float, int]] = []
    kind = said.types.get(said.type_of.get(name, ""), _Type("Wh", 0, is_power=False))
    for element in block.iter(f"{ESPI}IntervalReading"):
        number += 1
        row = _reading(element, number)
        if row is None:
            value = (element.findtext(f"{ESPI}value") or "")[:20]
            maker.refuse(Refused(number, Rule.UNREADABLE_VALUE, name=name, value=value))
        else:
            rows.append(row)
    if not rows:
        return number
    at, seconds, numbers, values, quality = (np.array(column) for column in zip(*rows, strict=True))
    scaled = values * 10.0**kind.power_of_ten if kind.power_of_ten >= 0 else values / 10.0**-kind.power_of_ten
    for length in np.unique(seconds):
        chosen = seconds == length
        if kind.is_power or length % 60:
            _refuse_all(maker, name, numbers[chosen], Rule.UNKNOWN_UNIT if kind.is_power else Rule.WRONG_INTERVAL)
            continue
        place = maker.name(name, unit=kind.unit, minutes=int(length) // 60, other=name.split("/", maxsplit=1)[0])
        maker.add(
            place, at[chosen].astype(np.int64), scaled[chosen], quality[chosen].astype(np.uint8),
            lines=numbers[chosen].astype(np.int64), columns=0,
        )  # fmt: skip
    return number


def _refuse_all(maker: BatchMaker, name: str, numbers: Any, rule: str) -> None:
    maker.refuse(Refused(int(numbers[0]), rule, readings=len(numbers), name=name))


def _reading(element: Element, number: int) -> tuple[int, int, int, float, int] | None:
    """(start, seconds, number, value, flag) of a reading; None where it lacks one of them."""
    start, duration = _text(element, "start"), _text(element, "duration")
    value = (element.findtext(f"{ESPI}value") or "").strip()
    if not (re.fullmatch(r"\d{1,11}", start) and re.fullmatch(r"\d{1,7}", duration)):
        return None
    if not re.fullmatch(r"-?\d{1,15}", value):
        return None
    quality = (element.findtext(f".//{ESPI}quality") or "").strip()
    return int(start), int(duration), number, float(value), flags.ESTIMATED if quality in ESTIMATED else flags.MEASURED
