"""What formulas of programmes cost: refusing what is none, and computing what is one."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from time import perf_counter

from benchmarks.measurement import Measurement, duration_ms
from incentives.calculations import FORMULA_NAMES
from incentives.formulas import DEEPEST, LONGEST, FormulaError, read_formula

REFUSAL_LIMIT_MS = 100.0
VALUE_LIMIT_US = 50.0
ROUNDS = 10_000
VALUES = {"saving": Decimal("812.5"), "investment": Decimal("9860000.00"), "rate": Decimal("340.00")}
TIERS = (
    "min(saving * rate, investment * 0.3, 1500000) if saving >= 100 and saving < 10000 else max(0, saving - 100) * rate"
)
HOSTILE = {
    "text that is far too long": "saving" + "+saving" * 100_000,
    "parentheses": "(" * (LONGEST // 2) + "1" + ")" * (LONGEST // 2 - 1),
    "signs": "-" * (LONGEST - 1) + "1",
    "powers": "9**9**9**9**9**9",
    "one number": "9" * LONGEST,
    "attributes": "saving" + ".real" * ((LONGEST - 6) // 5),
    "conditions": "1 if 1<2 else " * (LONGEST // 14) + "1",
    "calls": "min(" * (DEEPEST + 1) + "1" + ")" * (DEEPEST + 1),
    "letters that look alike": "ѕaving * rate",
    "a generator": "sum(x for x in range(9999999999))",
    "a broken text": "'" * (LONGEST - 1),
}


def measure() -> Iterator[Measurement]:
    for name, text in HOSTILE.items():
        yield Measurement(f"refusal: {name}", duration_ms(partial(refuse, text)), "ms", REFUSAL_LIMIT_MS)
    formula = read_formula(TIERS, FORMULA_NAMES)
    started_at = perf_counter()
    for _ in range(ROUNDS):
        formula.value(VALUES)
    yield Measurement("value of a formula", (perf_counter() - started_at) / ROUNDS * 1e6, "µs", VALUE_LIMIT_US)


def refuse(text: str) -> None:
    try:
        read_formula(text, FORMULA_NAMES)
    except FormulaError:
        return
    raise RuntimeError(f"{text[:40]} was taken for a formula")
