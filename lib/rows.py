"""Tables of a form whose rows a person adds, moves and takes away, with or without a script.

Each row carries a hidden input named after the table whose value is the row's mark; the order of these inputs is the
order of the rows. A button named `REARRANGE` says in its value what to do, for example "tiers up 3"; the page is then
drawn again with everything that was typed, and nothing is saved.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Generic, TypeVar

from django import forms
from django.forms.utils import ErrorDict
from django.http import QueryDict

REARRANGE = "rearrange"
MOST_ROWS = 60
LONGEST_MARK = 4


class Row(forms.Form):
    """One row; left empty it is no row at all."""

    use_required_attribute = False
    is_last = False
    is_first = False
    mark = ""
    is_rearranged = False

    def full_clean(self) -> None:
        """Who is still arranging the rows is not told what is missing in them."""
        if self.is_rearranged:
            self._errors, self.cleaned_data = ErrorDict(), {}
            return
        super().full_clean()


R = TypeVar("R", bound=Row)


class Rows(Generic[R]):
    """The rows of one table: as typed, or as kept."""

    def __init__(
        self,
        row_form: type[R],
        name: str,
        typed: Mapping[str, Any] | None = None,
        kept: Iterable[Mapping[str, Any]] = (),
        most: int = MOST_ROWS,
    ) -> None:
        self.name = name
        self.row_form = row_form
        self.most = most
        self.rows = list(self._typed(typed) if typed is not None else self._kept(kept))
        for row in self.rows:
            row.is_rearranged = typed is not None and REARRANGE in typed
        if self.rows:
            self.rows[0].is_first = self.rows[-1].is_last = True

    def _typed(self, typed: Mapping[str, Any]) -> Iterable[R]:
        for mark in marks_of(typed, self.name)[: self.most]:
            yield self._row(mark, data=typed, empty_permitted=True)

    def _kept(self, kept: Iterable[Mapping[str, Any]]) -> Iterable[R]:
        for place, row in enumerate(kept):
            yield self._row(str(place), initial=dict(row))

    def _row(self, mark: str, **options: Any) -> R:
        row = self.row_form(prefix=f"{self.name}-{mark}", **options)
        row.mark = mark
        return row

    @property
    def is_full(self) -> bool:
        return len(self.rows) >= self.most

    def is_valid(self) -> bool:
        return not [row for row in self.rows if not row.is_valid()]

    @property
    def filled(self) -> list[R]:
        """The rows that say something, once they are valid."""
        return [row for row in self.rows if row.has_changed() and hasattr(row, "cleaned_data")]


def marks_of(typed: Mapping[str, Any], name: str) -> list[str]:
    """Marks of the rows in their order; what is no mark, or comes twice, is none."""
    given: Sequence[str] = typed.getlist(name) if isinstance(typed, QueryDict) else _listed(typed.get(name, []))
    return [mark for mark in dict.fromkeys(given) if mark.isdecimal() and len(mark) <= LONGEST_MARK]


def _listed(value: Any) -> list[str]:
    return [str(value)] if isinstance(value, str | int) else [str(part) for part in value]


def is_rearranging(typed: Mapping[str, Any]) -> bool:
    return REARRANGE in typed


def rearranged(typed: QueryDict) -> QueryDict:
    """What was typed with one row added, moved or taken away, as the pressed button says.

    >>> from django.http import QueryDict
    >>> typed = QueryDict("tiers=0&tiers=4&tiers-0-from=1&rearrange=tiers up 4")
    >>> rearranged(typed).getlist("tiers")
    ['4', '0']
    >>> rearranged(QueryDict("tiers=0&tiers=4&rearrange=tiers add")).getlist("tiers")
    ['0', '4', '5']
    >>> rearranged(QueryDict("tiers=0&tiers=4&rearrange=tiers remove 0")).getlist("tiers")
    ['4']
    """
    changed = typed.copy()
    name, _space, act = typed.get(REARRANGE, "").partition(" ")
    act, _space, mark = act.partition(" ")
    marks = marks_of(typed, name)
    if act == "add":
        marks.append(str(max((int(known) for known in marks), default=-1) + 1))
    elif mark in marks:
        place = marks.index(mark)
        marks.pop(place)
        if act != "remove":
            marks.insert(max(place + (-1 if act == "up" else 1), 0), mark)
    changed.setlist(name, marks)
    return changed
