"""Formulas: exact, readable faults, and no way out."""

from __future__ import annotations

import ast
from decimal import Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.formulas import DEEPEST, LONGEST, Fault, FormulaError, parts_of, read_formula

NAMES = frozenset({"saving", "investment", "rate"})
VALUES = {"saving": Decimal("812.5"), "investment": Decimal(1000000), "rate": Decimal(340)}


def value(text, **values):
    return read_formula(text, NAMES).value({**VALUES, **values})


def fault(text, **values):
    with pytest.raises(FormulaError) as caught:
        value(text, **values)
    return caught.value


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("saving * rate", "276250.0"),
        ("saving × rate − 1", "276249.0"),
        ("min(saving*rate, investment*0.3, 200000)", "200000"),
        ("max(0, saving - 1000)", "0"),
        ("0.1 + 0.2", "0.3"),
        ("-abs(-3) + +3", "0"),
        ("round(2.5) + round(0.125, 2)", "3.13"),
        ("100 if saving >= 500 else 0", "100"),
        ("100 if 500 ≤ saving < 800 else 7", "7"),
        ("1 if saving > 1 and not (rate < 1 or investment == 0) else 2", "1"),
        ("investment ÷ 8", "125000"),
        ("(saving if saving<1000 else 1000)*240 + (saving-1000 if saving>1000 else 0)*300", "195000.0"),
    ],
)
def test_formula_is_computed_exactly(text, result):
    assert value(text) == Decimal(result)


def test_branch_that_is_not_taken_is_not_computed():
    assert value("0 if investment == 0 else saving / investment", investment=Decimal(0)) == 0


@pytest.mark.parametrize(
    ("text", "kind", "place"),
    [
        ("", Fault.EMPTY, 0),
        ("  ", Fault.EMPTY, 0),
        ("saving *", Fault.UNREADABLE, 8),
        ("(saving", Fault.UNREADABLE, 1),
        ("savings * 2", Fault.NAME, 1),
        ("2 * Saving", Fault.NAME, 5),
        ("min", Fault.NAME, 1),
        ("saving > 3", Fault.NUMBER_WANTED, 1),
        ("1 if saving else 2", Fault.CONDITION_WANTED, 6),
        ("saving and rate", Fault.NUMBER_WANTED, 1),
        ("min()", Fault.ARGUMENTS, 1),
        ("abs(1, 2)", Fault.ARGUMENTS, 1),
        ("round(1, saving)", Fault.ARGUMENTS, 10),
        ("round(1, 7)", Fault.ARGUMENTS, 10),
        ("round(number=1)", Fault.ARGUMENTS, 1),
        ("1e3", Fault.NUMBER, 1),
        ("1_000", Fault.NUMBER, 1),
        ("0x10", Fault.NUMBER, 1),
        ("3j", Fault.NUMBER, 1),
        ("True", Fault.NUMBER, 1),
        ("None", Fault.NUMBER, 1),
        ("'text'", Fault.NUMBER, 1),
        ("1" * 16, Fault.NUMBER, 1),
        ("saving / 0", Fault.DIVISION_BY_ZERO, 0),
        ("0 / 0", Fault.DIVISION_BY_ZERO, 0),
        ("*".join(["999999999999999"] * 5), Fault.TOO_LARGE, 0),
        ("round(" + "*".join(["999999999999999"] * 3) + ", 6)", Fault.TOO_LARGE, 0),
        ("1" + " " * LONGEST + "+1", Fault.TOO_LONG, 0),
    ],
)
def test_fault_names_its_place(text, kind, place):
    told = fault(text)
    assert (told.fault, told.place) == (kind, place)


HOSTILE = [
    "().__class__.__bases__[0].__subclasses__()",
    "saving.__class__",
    "saving.real",
    "__import__('os').system('true')",
    "open('/etc/passwd')",
    "exec('1')",
    "eval('1')",
    "getattr(saving, 'real')",
    "round.__self__",
    "9**9**9**9",
    "2**1000000",
    "1 << 1000000",
    "10 // 3",
    "10 % 3",
    "saving @ rate",
    "~1",
    "1 & 2",
    "[saving for _ in range(10)]",
    "sum(x for x in (1, 2))",
    "(lambda: 1)()",
    "(saving := 3)",
    "[1, 2][0]",
    "{'a': 1}['a']",
    "f'{saving}'",
    "min(*[1, 2])",
    "max(**{})",
    "saving is rate",
    "saving in (1, 2)",
    "1 if saving in rate else 2",
    "...",
    "await saving",
    "yield",
    "(1, 2)",
    "print(saving)",
    "min(key=abs)",
    "saving; rate",
    "saving\nrate",
    "saving # note",
    "\x00saving",
    "ｓaving",
    "ѕaving * rate",
    "saving\u200b",
    "saving \u202e* rate",
    "１ + 1",
    "(" * 250 + "1" + ")" * 249,
    "-" * 499 + "1",
    "not " * 120 + "1",
    "(" * 100 + "1" + ")" * 100 + "+" + "-" * (DEEPEST + 1) + "1",
    "+".join(["1"] * 200),
    "1 if 1<2 else " * 33 + "1",
    "min(" * 60 + "1" + ")" * 60,
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_no_formula(text):
    fault(text)


def test_formula_may_be_as_deep_and_as_long_as_allowed():
    assert value("-" * (DEEPEST - 1) + "1") == (-1) ** (DEEPEST - 1)
    assert value("1" + " " * (LONGEST - 2) + "1"[:0] + "+1"[:0]) == 1
    assert fault("-" * DEEPEST + "1").fault == Fault.TOO_DEEP


def test_names_stand_in_the_order_of_the_text():
    formula = read_formula("min(rate * saving, rate)", NAMES)
    assert (formula.names, list(parts_of(formula))) == ({"saving", "rate"}, ["rate", "saving"])


def test_surroundings_change_nothing():
    """Neither the precision of the thread nor its traps."""
    with localcontext() as context:
        context.prec = 3
        assert value("saving * rate / 7 * 7") == Decimal("276250.0000000000000000000000000000")


numbers = st.decimals(min_value=0, max_value=10**12, places=3)


def expressions():
    leaves = st.one_of(st.sampled_from(sorted(NAMES)), st.integers(0, 10**6).map(str))

    def grown(parts):
        pair = st.tuples(parts, parts)
        return st.one_of(
            st.tuples(pair, st.sampled_from("+-*")).map(lambda told: f"({told[0][0]} {told[1]} {told[0][1]})"),
            pair.map(lambda told: f"min({told[0]}, {told[1]})"),
            pair.map(lambda told: f"max({told[0]}, {told[1]})"),
            st.tuples(pair, pair).map(lambda told: f"({told[0][0]} if {told[1][0]} < {told[1][1]} else {told[0][1]})"),
        )

    return st.recursive(leaves, grown, max_leaves=6)


@given(expressions(), numbers, numbers, numbers)
def test_any_formula_agrees_with_fractions(text, saving, investment, rate):
    """Python computes the same text with fractions, which lose nothing; 34 digits of it are ours."""
    values = {"saving": saving, "investment": investment, "rate": rate}
    try:
        found = value(text, **values)
    except FormulaError as error:
        found = error.fault
    if isinstance(found, Fault):
        assert found in {Fault.TOO_LARGE, Fault.TOO_LONG}
        return
    names = {name: Fraction(number) for name, number in values.items()}
    exact = eval(compile(ast.parse(text, mode="eval"), "", "eval"), {"min": min, "max": max}, names)
    assert abs(Fraction(found) - exact) <= abs(exact) / 10**30 + Fraction(1, 10**20)


@given(st.text(max_size=80))
def test_any_text_is_a_formula_or_has_a_fault(text):
    try:
        formula = read_formula(text, NAMES)
    except FormulaError:
        return
    try:
        found = formula.value(VALUES)
    except FormulaError as error:
        found = error.fault
    assert isinstance(found, Decimal) or found in {Fault.DIVISION_BY_ZERO, Fault.TOO_LARGE}
