"""Formulas and conditions that people write: read by Python's own parser, computed exactly, with no way out.

A formula is an expression over the names it is given: numbers, + − × ÷, comparisons, `and`, `or`, `not`,
`a if b else c`, `min`, `max`, `abs` and `round` (half up). Numbers are decimal as written, 34 digits are kept. Nothing
else is a formula: no attribute, index, power, call of anything else, text, remark, or letter outside of ASCII, which
could look like another. A condition compares such numbers, and may name what is either so or not.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import (
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    Context,
    Decimal,
    DecimalException,
    DivisionByZero,
    DivisionUndefined,
    InvalidOperation,
    Overflow,
)
from enum import StrEnum
from functools import lru_cache, partial
from typing import TypeVar

LONGEST = 500
DEEPEST = 30
MOST_ARGUMENTS = 10
MOST_PLACES = 6
NUMBER = re.compile(r"\d{1,15}(\.\d{1,10})?\Z")
# Signs that people type for those of the language.
SIGNS = str.maketrans({"×": "*", "÷": "/", "−": "-", "≤": "<=", "≥": ">=", "≠": "!="})
EXACT = Context(
    prec=34,
    rounding=ROUND_HALF_EVEN,
    Emin=-60,
    Emax=60,
    traps=[DivisionByZero, InvalidOperation, Overflow],
)
Values = Mapping[str, Decimal]
Number = Callable[[Values], Decimal]
Condition = Callable[[Values], bool]
T = TypeVar("T")


class Fault(StrEnum):
    """What is wrong with a formula."""

    EMPTY = "empty"
    TOO_LONG = "too_long"
    TOO_DEEP = "too_deep"
    SIGN = "sign"
    UNREADABLE = "unreadable"
    NUMBER = "number"
    NAME = "name"
    NOT_ALLOWED = "not_allowed"
    ARGUMENTS = "arguments"
    NUMBER_WANTED = "number_wanted"
    CONDITION_WANTED = "condition_wanted"
    DIVISION_BY_ZERO = "division_by_zero"
    TOO_LARGE = "too_large"


class FormulaError(Exception):
    """The formula, or its value for some numbers, does not exist. place: the character it is about, from 1."""

    def __init__(self, fault: Fault, place: int = 0, part: str = "") -> None:
        super().__init__(f"{fault} at {place}")
        self.fault = fault
        self.place = place
        self.part = part


@dataclass(frozen=True)
class Formula:
    """A formula that was read. `names` are those it uses."""

    text: str
    names: frozenset[str]
    compute: Number

    def value(self, values: Values) -> Decimal:
        """For these numbers. Raises `FormulaError` where there is none: a division by zero, or beyond all measure."""
        return _computed(self.compute, values)


@dataclass(frozen=True)
class Rule:
    """A condition that was read. `names` are those it uses."""

    text: str
    names: frozenset[str]
    holds: Condition

    def is_met(self, values: Values) -> bool:
        """For these numbers; what is either so or not is 1 or 0.

        Raises `FormulaError` as `Formula.value` does, and `KeyError` where it depends on a number that is not given.
        """
        return _computed(self.holds, values)


@lru_cache(maxsize=500)
def read_formula(text: str, names: frozenset[str]) -> Formula:
    """The formula, over these names. Raises `FormulaError`.

    >>> formula = read_formula("min(saving × 340, investment × 0.3)", frozenset({"saving", "investment"}))
    >>> formula.value({"saving": Decimal("100.5"), "investment": Decimal(1_000_000)})
    Decimal('34170.0')
    """
    source = _source(text)
    reader = _Reader(source, names)
    compute = reader.number(_parsed(source), 1)
    return Formula(text, frozenset(reader.used), compute)


@lru_cache(maxsize=2000)
def read_condition(text: str, names: frozenset[str], truths: frozenset[str] = frozenset()) -> Rule:
    """The condition over names of numbers and of what is either so or not. Raises `FormulaError`.

    >>> rule = read_condition("saving >= 100 and not suspended", frozenset({"saving"}), frozenset({"suspended"}))
    >>> rule.is_met({"saving": Decimal(100), "suspended": Decimal(0)})
    True
    """
    source = _source(text)
    reader = _Reader(source, names, truths)
    holds = reader.condition(_parsed(source), 1)
    return Rule(text, frozenset(reader.used), holds)


def _decided(parts: Sequence[Condition], decisive: bool, values: Values) -> bool:
    """Whether one part settles it, also where another speaks of what is not known.

    Raises `KeyError` where something unknown decides.
    """
    unknown = None
    for part in parts:
        try:
            if part(values) is decisive:
                return decisive
        except KeyError as error:
            unknown = error
    if unknown is not None:
        raise unknown
    return not decisive


def _computed(act: Callable[[Values], T], values: Values) -> T:
    try:
        return act(values)
    except DivisionByZero as error:
        raise FormulaError(Fault.DIVISION_BY_ZERO) from error
    except DecimalException as error:
        # Zero divided by zero is no number at all, which decimals call an invalid operation.
        is_undefined = DivisionUndefined in (error.args[0] if error.args else ())
        raise FormulaError(Fault.DIVISION_BY_ZERO if is_undefined else Fault.TOO_LARGE) from error


def _source(text: str) -> str:
    source = text.translate(SIGNS).strip()
    if not source:
        raise FormulaError(Fault.EMPTY)
    if len(source) > LONGEST:
        raise FormulaError(Fault.TOO_LONG)
    for place, sign in enumerate(source, 1):
        if not sign.isascii() or not sign.isprintable() or sign == "#":
            raise FormulaError(Fault.SIGN, place, sign)
    return source


def _parsed(source: str) -> ast.expr:
    try:
        with warnings.catch_warnings():
            # `1if x else 2` and the like: the parser reads them, and so do we.
            warnings.simplefilter("ignore")
            return ast.parse(source, mode="eval").body
    except SyntaxError as error:
        raise FormulaError(Fault.UNREADABLE, error.offset or len(source)) from error
    except (ValueError, MemoryError, RecursionError) as error:
        raise FormulaError(Fault.TOO_DEEP) from error


class _Reader:
    """Turns the parser's tree into functions, one kind of node after the other; what has no method is no formula."""

    def __init__(self, source: str, names: frozenset[str], truths: frozenset[str] = frozenset()) -> None:
        self.source = source
        self.names = names
        self.truths = truths
        self.used: set[str] = set()

    def number(self, node: ast.expr, depth: int) -> Number:
        self._refuse_deep(node, depth)
        match node:
            case ast.Constant():
                return self._constant(node)
            case ast.Name():
                return self._name(node)
            case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
                return self._signed(node, self.number(operand, depth + 1))
            case ast.BinOp():
                return self._operation(node, depth)
            case ast.IfExp(test=test, body=body, orelse=other):
                condition = self.condition(test, depth + 1)
                chosen, rest = self.number(body, depth + 1), self.number(other, depth + 1)
                return lambda values: chosen(values) if condition(values) else rest(values)
            case ast.Call():
                return self._call(node, depth)
            case ast.Compare() | ast.BoolOp() | ast.UnaryOp(op=ast.Not()):
                raise self._fault(Fault.NUMBER_WANTED, node)
        raise self._fault(Fault.NOT_ALLOWED, node)

    def condition(self, node: ast.expr, depth: int) -> Condition:
        self._refuse_deep(node, depth)
        match node:
            case ast.Compare():
                return self._comparison(node, depth)
            case ast.BoolOp(op=operator, values=parts):
                told = [self.condition(part, depth + 1) for part in parts]
                return partial(_decided, told, isinstance(operator, ast.Or))
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                opposite = self.condition(operand, depth + 1)
                return lambda values: not opposite(values)
            case ast.Name(id=name) if name in self.truths:
                self.used.add(name)
                return lambda values: bool(values[name])
        if isinstance(node, ast.Name) and node.id not in self.names:
            raise self._fault(Fault.NAME, node)
        raise self._fault(Fault.CONDITION_WANTED, node)

    def _constant(self, node: ast.Constant) -> Number:
        """As it is written: the parser has made a float of it."""
        written = self._text(node)
        if not NUMBER.match(written):
            raise self._fault(Fault.NUMBER, node)
        value = Decimal(written)
        return lambda values: value

    def _name(self, node: ast.Name) -> Number:
        name = node.id
        if name not in self.names:
            raise self._fault(Fault.NUMBER_WANTED if name in self.truths else Fault.NAME, node)
        self.used.add(name)
        return lambda values: values[name]

    def _signed(self, node: ast.UnaryOp, operand: Number) -> Number:
        if isinstance(node.op, ast.UAdd):
            return operand
        return lambda values: EXACT.minus(operand(values))

    def _operation(self, node: ast.BinOp, depth: int) -> Number:
        act = OPERATIONS.get(type(node.op))
        if act is None:
            raise self._fault(Fault.NOT_ALLOWED, node)
        left, right = self.number(node.left, depth + 1), self.number(node.right, depth + 1)
        return lambda values: act(left(values), right(values))

    def _comparison(self, node: ast.Compare, depth: int) -> Condition:
        acts = [COMPARISONS.get(type(operator)) for operator in node.ops]
        if None in acts:
            raise self._fault(Fault.NOT_ALLOWED, node)
        operands = [self.number(operand, depth + 1) for operand in (node.left, *node.comparators)]

        def holds(values: Values) -> bool:
            numbers = [operand(values) for operand in operands]
            return all(act(numbers[place], numbers[place + 1]) for place, act in enumerate(acts) if act)

        return holds

    def _call(self, node: ast.Call, depth: int) -> Number:
        if not isinstance(node.func, ast.Name) or node.func.id not in FUNCTIONS:
            raise self._fault(Fault.NOT_ALLOWED, node)
        least, most, act = FUNCTIONS[node.func.id]
        if node.keywords or not least <= len(node.args) <= most:
            raise self._fault(Fault.ARGUMENTS, node)
        if node.func.id == "round":
            return self._rounding(node, depth)
        arguments = [self.number(argument, depth + 1) for argument in node.args]
        return lambda values: act(*(argument(values) for argument in arguments))

    def _rounding(self, node: ast.Call, depth: int) -> Number:
        rounded, places = self.number(node.args[0], depth + 1), "0"
        if len(node.args) > 1:
            places = self._text(node.args[1])
            if not places.isdigit() or int(places) > MOST_PLACES:
                raise self._fault(Fault.ARGUMENTS, node.args[1])
        step = Decimal(1).scaleb(-int(places))
        return lambda values: rounded(values).quantize(step, ROUND_HALF_UP, EXACT)

    def _refuse_deep(self, node: ast.expr, depth: int) -> None:
        if depth > DEEPEST:
            raise self._fault(Fault.TOO_DEEP, node)

    def _fault(self, fault: Fault, node: ast.expr) -> FormulaError:
        return FormulaError(fault, node.col_offset + 1, self._text(node))

    def _text(self, node: ast.expr) -> str:
        """Of one line of ASCII the parser's bytes are characters."""
        return self.source[node.col_offset : node.end_col_offset]


OPERATIONS: Mapping[type[ast.operator], Callable[[Decimal, Decimal], Decimal]] = {
    ast.Add: EXACT.add,
    ast.Sub: EXACT.subtract,
    ast.Mult: EXACT.multiply,
    ast.Div: EXACT.divide,
}
COMPARISONS: Mapping[type[ast.cmpop], Callable[[Decimal, Decimal], bool]] = {
    ast.Lt: Decimal.__lt__,
    ast.LtE: Decimal.__le__,
    ast.Gt: Decimal.__gt__,
    ast.GtE: Decimal.__ge__,
    ast.Eq: Decimal.__eq__,
    ast.NotEq: Decimal.__ne__,
}
FUNCTIONS: Mapping[str, tuple[int, int, Callable[..., Decimal]]] = {
    "min": (1, MOST_ARGUMENTS, min),
    "max": (1, MOST_ARGUMENTS, max),
    "abs": (1, 1, EXACT.abs),
    "round": (1, 2, round),
}


def parts_of(formula: Formula | Rule) -> Iterator[str]:
    """The names that it uses, in the order of the text."""
    seen = (found.group() for found in re.finditer(r"[A-Za-z_]\w*", formula.text))
    return (name for name in dict.fromkeys(seen) if name in formula.names)
