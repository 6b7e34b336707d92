"""Green Button, the Atom feed of NAESB ESPI: usage points, their meter readings, the type of each, and interval blocks.

A channel is called "usage point/meter reading", by the last parts of their addresses. The type may stand behind the
blocks that need it, so the file is read twice: for what is said of the readings, and for them. No tree is built: memory
does not grow with an entry. Values are whole numbers times a power of ten; times are instants, and a reading holds from
its start on. The line of a refused reading is its number in the file, as an XML file may have but one line.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import IO, Any
from xml.parsers import expat  # nosec B407 - definitions, by which XML does harm, are refused

import numpy as np

from energy.calculations import flags
from energy.calculations.clock import EARLIEST, LATEST
from energy.choices import Rule
from energy.formats.batches import Batch, BatchMaker, Reading, Refused, UnreadableFile

BATCH_READINGS = 500_000
ROWS = 10_000
CHUNK_BYTES = 256 * 1024
# A token that is not whole yet is parsed anew with each chunk: an attribute of 40 MB would take half a minute.
LONGEST_TOKEN = 1024 * 1024
MOST_TEXTS = 8
# The parser keeps every element that is open: millions of them in each other, packed into nothing, would fill memory.
MOST_DEEP = 100
ATOM = "http://www.w3.org/2005/Atom "
ESPI = "http://naesb.org/espi "
# Source: NAESB ESPI (REQ.21), UomType, AccumulationKind and QualityOfReading.
UNITS = {"72": "Wh", "73": "varh", "42": "m3", "169": "therm", "31": "J", "119": "ft3"}
POWER = "38"
DELTA = "4"
ESTIMATED = frozenset({"7", "8", "9", "10", "14"})
USAGE_POINT = re.compile(r"UsagePoint/([^/]+)")
METER_READING = re.compile(r"MeterReading/([^/]+)")
START, DURATION, VALUE = (re.compile(pattern) for pattern in (r"\d{1,11}", r"\d{1,7}", r"-?\d{1,15}"))
POWER_OF_TEN = re.compile(r"-?\d{1,2}")
Row = tuple[int, int, int, float, int]


@dataclass(frozen=True, slots=True)
class _Type:
    """What the numbers of readings are. `wrong` where they are no use of an interval in a unit that is told."""

    unit: str = ""
    power_of_ten: int = 0
    is_wrong: bool = False
    wrong: str = ""


UNTOLD = _Type(is_wrong=True)


@dataclass(slots=True)
class _Said:
    """What the entries say of each other: types by their address, the address of the type of a meter reading, and in
    the order of the file the name of each entry with blocks."""

    types: dict[str, _Type] = field(default_factory=dict)
    type_of: dict[str, str] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)

    def type_named(self, name: str) -> _Type:
        return self.types.get(self.type_of.get(name, ""), UNTOLD)


def read_green_button(file: IO[bytes], _reading: Reading, size: int) -> Iterator[Batch]:
    """Raises `UnreadableFile` where the file is no XML, or XML with definitions or lengths that no utility writes."""
    entries = _Entries()
    for _chunk in _parsed(file, entries):
        pass
    if not entries.said.names:
        raise UnreadableFile("no_blocks")
    file.seek(0)
    readings = _Readings(entries.said)
    for bytes_done in _parsed(file, readings):
        for batch in readings.take_full():
            batch.share_done = min(1.0, bytes_done / size)
            yield batch
    readings.flush()
    yield readings.maker.take(1.0)


class _Visitor(ABC):
    """What is told of a feed: the texts within a record come together, as `done`."""

    record = ""
    texts: Mapping[str, str] = {}

    def __init__(self) -> None:
        self.fields: dict[str, str] | None = None
        self.parts: list[str] | None = None
        self.depth = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        if self.depth > MOST_DEEP:
            raise UnreadableFile("xml_too_deep")
        if tag in self.texts:
            self.parts = None if self.fields is None else []
        elif tag == self.record:
            self.fields = {}
        else:
            self.begin(tag, attributes)

    def data(self, text: str) -> None:
        # A longer one is no number.
        if self.parts is not None and len(self.parts) < MOST_TEXTS:
            self.parts.append(text)

    def end(self, tag: str) -> None:
        self.depth -= 1
        if tag in self.texts:
            if self.fields is not None and self.parts is not None:
                self.fields.setdefault(self.texts[tag], "".join(self.parts).strip())
            self.parts = None
        elif tag == self.record:
            if self.fields is not None:
                self.done(self.fields)
            self.fields = None
        else:
            self.close(tag)

    @abstractmethod
    def begin(self, tag: str, attributes: dict[str, str]) -> None: ...

    @abstractmethod
    def done(self, fields: dict[str, str]) -> None: ...

    @abstractmethod
    def close(self, tag: str) -> None: ...


def _parsed(file: IO[bytes], visitor: _Visitor) -> Iterator[int]:
    """Lead a visitor through the file; after each chunk of it, how many bytes were read."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = visitor.start, visitor.end
    parser.CharacterDataHandler = visitor.data
    parser.StartDoctypeDeclHandler = _refuse_definitions
    done = 0
    try:
        while chunk := file.read(CHUNK_BYTES):
            parser.Parse(chunk, False)
            done += len(chunk)
            if done - parser.CurrentByteIndex > LONGEST_TOKEN:
                raise UnreadableFile("xml_too_long", parser.CurrentLineNumber)
            yield done
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        is_encoding = error.code == expat.errors.codes[expat.errors.XML_ERROR_UNKNOWN_ENCODING]
        raise UnreadableFile("unknown_encoding" if is_encoding else "broken_xml", error.lineno) from error
    except (LookupError, ValueError) as error:
        # So the parser says that it does not know the encoding, or that it is one of several bytes a character.
        raise UnreadableFile("unknown_encoding", 1) from error


def _refuse_definitions(*_definition: object) -> None:
    raise UnreadableFile("hostile_xml")


class _Entries(_Visitor):
    """Reads what the entries say of each other."""

    record = f"{ESPI}ReadingType"
    texts = {f"{ESPI}{name}": name for name in ("uom", "powerOfTenMultiplier", "accumulationBehaviour")}

    def __init__(self) -> None:
        super().__init__()
        self.said = _Said()
        self._clear()

    def _clear(self) -> None:
        self.links: dict[str, str] = {}
        self.kind: _Type | None = None
        self.has_meter_reading = self.has_block = False

    def begin(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == f"{ATOM}entry":
            self._clear()
        elif tag == f"{ATOM}link":
            self._link(attributes.get("rel", ""), attributes.get("href", ""))
        elif tag == f"{ESPI}MeterReading":
            self.has_meter_reading = True
        elif tag == f"{ESPI}IntervalBlock":
            self.has_block = True

    def _link(self, relation: str, address: str) -> None:
        if relation == "self":
            self.links.setdefault("self", address)
            return
        for kind in ("MeterReading", "ReadingType"):
            if f"{kind}/" in address:
                self.links.setdefault(kind, address)

    def done(self, fields: dict[str, str]) -> None:
        self.kind = _type(fields)

    def close(self, tag: str) -> None:
        if tag != f"{ATOM}entry":
            return
        own = self.links.get("self", "")
        if self.kind is not None:
            self.said.types[_plain(own)] = self.kind
        elif self.has_meter_reading:
            self.said.type_of[_name(own)] = _plain(self.links.get("ReadingType", ""))
        if self.has_block:
            name = _name(own if "MeterReading/" in own else self.links.get("MeterReading", ""))
            # Entries of one channel follow each other: one text for all of them.
            before = self.said.names[-1:]
            self.said.names.append(before[0] if before == [name] else name)
        self._clear()


def _plain(address: str) -> str:
    """The part of an address that tells a reading type from the others, however the file begins it."""
    return address[address.find("ReadingType/") :].rstrip("/")


def _name(address: str) -> str:
    """ "usage point/meter reading" of an address, as far as it names them."""
    found = (pattern.search(address) for pattern in (USAGE_POINT, METER_READING))
    return "/".join(match.group(1) for match in found if match)


def _type(fields: Mapping[str, str]) -> _Type:
    """Power, states of a dial and what names no unit are not guessed to be a use of energy."""
    unit, power = fields.get("uom", ""), fields.get("powerOfTenMultiplier") or "0"
    accumulation = fields.get("accumulationBehaviour") or DELTA
    if accumulation != DELTA:
        return _Type(is_wrong=True, wrong=f"accumulationBehaviour {accumulation}"[:40])
    if not unit or unit == POWER or not POWER_OF_TEN.fullmatch(power):
        return UNTOLD
    return _Type(UNITS.get(unit, unit), int(power))


class _Readings(_Visitor):
    """Reads the readings of the blocks."""

    record = f"{ESPI}IntervalReading"
    texts = {f"{ESPI}{name}": name for name in ("start", "duration", "value", "quality")}

    def __init__(self, said: _Said) -> None:
        super().__init__()
        self.said = said
        self.maker = BatchMaker()
        self.full: list[Batch] = []
        self.entry = -1
        self.is_in_entry = self.is_in_block = self.has_block = False
        self.number = 0
        self.rows: list[Row] = []

    def begin(self, tag: str, _attributes: dict[str, str]) -> None:
        if tag == f"{ATOM}entry":
            self.is_in_entry, self.has_block = True, False
        elif tag == f"{ESPI}IntervalBlock" and self.is_in_entry:
            self.entry += not self.has_block
            self.is_in_block = self.has_block = True

    def done(self, fields: dict[str, str]) -> None:
        if not self.is_in_block:
            return
        self.number += 1
        row = _row(fields, self.number)
        if isinstance(row, Rule):
            value = fields.get("start" if row == Rule.UNREADABLE_TIME else "value", "")[:20]
            self.maker.refuse(Refused(self.number, row, name=self.said.names[self.entry], value=value))
        else:
            self.rows.append(row)
        if len(self.rows) == ROWS:
            self.flush()

    def close(self, tag: str) -> None:
        if tag == f"{ESPI}IntervalBlock":
            self.flush()
            self.is_in_block = False
        elif tag == f"{ATOM}entry":
            self.is_in_entry = False

    def flush(self) -> None:
        """Hand over the readings of a block, or a part of them. Batches end where readings do, not chunks of bytes."""
        if self.rows:
            name = self.said.names[self.entry]
            _add(self.maker, self.rows, name, self.said.type_named(name))
            self.rows = []
        if self.maker.weight >= BATCH_READINGS:
            self.full.append(self.maker.take())

    def take_full(self) -> list[Batch]:
        full, self.full = self.full, []
        return full


def _row(fields: Mapping[str, str], number: int) -> Row | Rule:
    """(start, seconds, number, value, flag) of a reading; the rule that it breaks where it lacks one of them."""
    start, duration, value = (fields.get(name, "") for name in ("start", "duration", "value"))
    if not VALUE.fullmatch(value) or not DURATION.fullmatch(duration):
        return Rule.UNREADABLE_VALUE
    if not START.fullmatch(start) or not EARLIEST <= int(start) < LATEST:
        return Rule.UNREADABLE_TIME
    quality = flags.ESTIMATED if fields.get("quality") in ESTIMATED else flags.MEASURED
    return int(start), int(duration), number, float(value), quality


def _add(maker: BatchMaker, rows: list[Row], name: str, kind: _Type) -> None:
    at, seconds, numbers, values, quality = (np.array(column) for column in zip(*rows, strict=True))
    if kind.is_wrong:
        _refuse_all(maker, name, numbers, Rule.UNKNOWN_UNIT, kind.wrong)
        return
    scaled = values * 10.0**kind.power_of_ten if kind.power_of_ten >= 0 else values / 10.0**-kind.power_of_ten
    for length in np.unique(seconds).tolist():
        chosen = seconds == length
        if length % 60 or not length:
            _refuse_all(maker, name, numbers[chosen], Rule.WRONG_INTERVAL)
            continue
        place = maker.name(name, unit=kind.unit, minutes=length // 60, other=name.split("/", maxsplit=1)[0])
        maker.add(
            place, at[chosen].astype(np.int64), scaled[chosen], quality[chosen].astype(np.uint8),
            lines=numbers[chosen].astype(np.int64), columns=0,
        )  # fmt: skip


def _refuse_all(maker: BatchMaker, name: str, numbers: Any, rule: Rule, value: str = "") -> None:
    maker.refuse(Refused(int(numbers[0]), rule, readings=len(numbers), name=name, value=value))
