"""What formulas of programmes cost: refusing what is none, and computing what is one."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from time import perf_counter

from benchmarks.measurement import Measurement, duration_ms
from incentives.calculations import FORMULA_NAMES
from incentives.services.facts import FACTS
from lib.formulas import DEEPEST, LONGEST, FormulaError, read_condition, read_formula

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


HOSTILE_CONDITIONS = {
    "a condition that is far too long": "high_tech" + " or high_tech" * 100_000,
    "denials": "not " * (LONGEST // 4 - 3) + "high_tech",
    "a condition in parentheses": "(" * (LONGEST // 2 - 8) + "saving<1" + ")" * (LONGEST // 2 - 8),
    "comparisons of powers": "9**9**9**9 < saving",
    "an attribute of a truth": "high_tech.__class__",
    "a truth that looks alike": "hіgh_tech",
    "a lambda": "(lambda: high_tech)()",
}


def measure() -> Iterator[Measurement]:
    for name, text in HOSTILE.items():
        yield Measurement(f"refusal: {name}", duration_ms(partial(refuse, text)), "ms", REFUSAL_LIMIT_MS)
    for name, text in HOSTILE_CONDITIONS.items():
        yield Measurement(f"refusal: {name}", duration_ms(partial(refuse_condition, text)), "ms", REFUSAL_LIMIT_MS)
    formula = read_formula(TIERS, FORMULA_NAMES)
    started_at = perf_counter()
    for _ in range(ROUNDS):
        formula.value(VALUES)
    yield Measurement("value of a formula", (perf_counter() - started_at) / ROUNDS * 1e6, "µs", VALUE_LIMIT_US)


def refuse_condition(text: str) -> None:
    numbers = frozenset(fact.name for fact in FACTS.values() if not fact.is_truth)
    try:
        read_condition(text, numbers, frozenset(FACTS) - numbers)
    except FormulaError:
        return
    raise RuntimeError(f"{text[:40]} was taken for a condition")


def refuse(text: str) -> None:
    try:
        read_formula(text, FORMULA_NAMES)
    except FormulaError:
        return
    raise RuntimeError(f"{text[:40]} was taken for a formula")
