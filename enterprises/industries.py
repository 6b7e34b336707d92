"""The classification of industries, GB/T 4754-2017 (enterprises/reference/README.md).

A code is two digits for a division, three for a group, four for a class; the letter of its section may stand before it
and follows from the division. Codes that the table lacks are as good as those it has: they only have no name here.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from lib.formatting import speaks_chinese

SOURCE = Path(__file__).parent / "reference" / "industries.csv"
SHOWN = 12
SHAPE = re.compile(r"([A-T]?)([0-9]{2,4})\Z")
TYPED_CODE = re.compile(r"([A-T]?)([0-9]{0,4})\Z")
WORDS = re.compile(r"[\s,;/&()（）、，]+")
SHORTEST_STEM = 3


@dataclass(frozen=True, slots=True)
class Industry:
    """A line of the table; `code` is written with the letter of its section, as on licences: C3562."""

    code: str
    name_zh: str
    name_en: str

    @property
    def name(self) -> str:
        """In the active language."""
        return self.name_zh if speaks_chinese() else self.name_en

    @property
    def other_name(self) -> str:
        return self.name_en if speaks_chinese() else self.name_zh

    @property
    def section(self) -> str:
        return self.code[0]

    @property
    def searched(self) -> str:
        return f"{self.name_zh} {self.name_en}".lower()


@cache
def table() -> dict[str, Industry]:
    """Every line by its code with the letter, in the order of the standard."""
    with SOURCE.open(encoding="utf-8", newline="") as lines:
        return {industry.code: industry for industry in _lettered(csv.DictReader(lines))}


def _lettered(rows: Iterator[dict[str, str]] | csv.DictReader[str]) -> Iterator[Industry]:
    section = ""
    for row in rows:
        code = row["code"]
        section = code if code.isalpha() else section
        yield Industry(code if code == section else section + code, row["name_zh"], row["name_en"])


@cache
def sections() -> tuple[Industry, ...]:
    """The twenty sections, A to T."""
    return tuple(industry for code, industry in table().items() if len(code) == 1)


@cache
def section_of_divisions() -> dict[str, str]:
    """The letter of each of the 97 divisions, by its two digits."""
    return {code[1:]: code[0] for code in table() if len(code) == 3}


def divisions_of(section: str) -> list[str]:
    """The two digits of each division of a section.

    >>> divisions_of("D")
    ['44', '45', '46']
    """
    return [division for division, letter in section_of_divisions().items() if letter == section]


def is_known_shape(code: str) -> bool:
    """Whether it is written like a code: two to four digits, the letter of a section before them or not.

    >>> is_known_shape("C3562"), is_known_shape("3562"), is_known_shape("C"), is_known_shape("356-2")
    (True, True, False, False)
    """
    return SHAPE.match(code) is not None


def normalised(written: str) -> str:
    """The code as it is stored: in capitals and with the right letter, where its division is one of the standard.

    >>> normalised(" ３５６２ "), normalised("c35"), normalised("A3562"), normalised("9912")
    ('C3562', 'C35', 'C3562', '9912')
    """
    code = "".join(unicodedata.normalize("NFKC", written).split()).upper()
    shaped = SHAPE.match(code)
    if shaped is None:
        return code
    digits = shaped[2]
    return section_of_divisions().get(digits[:2], shaped[1]) + digits


def industry_of(code: str) -> Industry | None:
    """The line of a code; a group that is not divided is its own class.

    >>> industry_of("2710").name_en, industry_of("C9999")
    ('Manufacture of active pharmaceutical ingredients', None)
    """
    known = normalised(code)
    found = table().get(known)
    return table().get(known[:-1]) if found is None and len(known) == 5 and known.endswith("0") else found


def nearest(code: str) -> Industry | None:
    """The line of a code, or of the group or division that it is in.

    >>> nearest("C3545").code, nearest("9912")
    ('C354', None)
    """
    known = normalised(code)
    ways = (industry_of(known[:length]) for length in range(len(known), 2, -1))
    return next((found for found in ways if found), None) if is_known_shape(known) else None


def name_of(code: str) -> str:
    """The name of a code in the active language; empty where the table does not have it.

    >>> name_of("C3011"), name_of("C9999")
    ('Manufacture of cement', '')
    """
    found = industry_of(code)
    return found.name if found else ""


def find(text: str, *, limit: int = SHOWN) -> list[Industry]:
    """Lines by the beginning of their code or by words in either language, the closest first.

    >>> [found.code for found in find("382")][:2], find("水泥")[0].code, find("锂电池")[0].code, find("steel")[0].code
    (['C382', 'C3821'], 'C301', 'C3841', 'C312')
    """
    wanted = unicodedata.normalize("NFKC", text).strip().lower()
    if not wanted:
        return []
    typed = TYPED_CODE.match(wanted.upper())
    fits = _code_fits(typed[1], typed[2]) if typed else _words_fit(wanted)
    found = [industry for industry in table().values() if fits(industry)]
    if not found and not typed:
        found = [industry for industry in table().values() if _in_order(wanted, industry.name_zh)]
    return sorted(found, key=lambda industry: _distance(industry, wanted))[:limit]


def _code_fits(letter: str, digits: str) -> Callable[[Industry], bool]:
    def fits(industry: Industry) -> bool:
        return industry.code[1:].startswith(digits) and (not letter or digits != "" or industry.section == letter)

    return fits


def _words_fit(wanted: str) -> Callable[[Industry], bool]:
    """Every word begins a word of the English name or stands in the Chinese one."""
    stems = [_stem(word) for word in WORDS.split(wanted) if word]

    def fits(industry: Industry) -> bool:
        english = WORDS.split(industry.name_en.lower())
        return all(stem in industry.name_zh or any(word.startswith(stem) for word in english) for stem in stems)

    return fits


def _stem(word: str) -> str:
    """An English word without what its plural changes.

    >>> _stem("batteries"), _stem("battery"), _stem("metals"), _stem("gas"), _stem("水泥")
    ('batter', 'batter', 'metal', 'gas', '水泥')
    """
    if len(word) <= SHORTEST_STEM or not word.isascii():
        return word
    for ending in ("ies", "y", "s"):
        if word.endswith(ending):
            return word.removesuffix(ending)
    return word


def _in_order(wanted: str, name: str) -> bool:
    """Whether the characters occur in this order, as in a short form: 锂电池 for 锂离子电池."""
    rest = iter(name)
    return len(wanted) > 1 and all(char in rest for char in wanted)


def _distance(industry: Industry, wanted: str) -> tuple[bool, bool, int, str]:
    begins = industry.name_zh.startswith(wanted) or industry.name_en.lower().startswith(wanted)
    is_word = not TYPED_CODE.match(wanted.upper())
    return (is_word and wanted not in industry.searched, is_word and not begins, len(industry.code), industry.code)
