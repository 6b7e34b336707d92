"""The unified social credit code of an organisation."""

from __future__ import annotations

import re
import unicodedata

from stdnum.cn import uscc

LENGTH = 18
CODE_CHARACTERS = "0-9A-HJ-NP-RTUWXY"
CODE_SHAPE = re.compile(rf"[{CODE_CHARACTERS}]{{2}}[0-9]{{6}}[{CODE_CHARACTERS}]{{10}}\Z")
SEPARATORS = re.compile(r"[\s\-‐-―−·]+")


def normalised_code(written: str) -> str:
    """The code as it is stored, however it was typed: full width, with spaces or hyphens, in lower case.

    >>> normalised_code(" ９１３５ 0200-ma2yj1xr9g ")
    '91350200MA2YJ1XR9G'
    """
    return SEPARATORS.sub("", unicodedata.normalize("NFKC", written)).upper()


def has_code_shape(code: str) -> bool:
    """Two characters for the registrar and the kind, six digits for the region, nine for the body, one to check.

    The letters I, O, S, V and Z do not occur. Source: GB 32100-2015, 4.

    >>> has_code_shape("91350200MA2YJ1XR9G"), has_code_shape("91350200MA2YJ1XR9O"), has_code_shape("9135")
    (True, False, False)
    """
    return CODE_SHAPE.match(code) is not None


def check_character_fits(code: str) -> bool:
    """Whether the last character of a code of the right shape follows from the others: the sum of the first 17, each
    with 3 to the power of its place, and the last is a multiple of 31. Codes of the early pilots, many of them from
    Xiamen, are legal and fail this. Source: GB 32100-2015, annex A.

    >>> check_character_fits("91350200MA2YJ1XR9G"), check_character_fits("91350203M0001QAY9B")
    (True, False)
    """
    expected: str = uscc.calc_check_digit(code[:-1])
    return code[-1] == expected
