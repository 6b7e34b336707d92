"""One section of a programme's own form, as an enterprise fills it in. Takes half of the answers too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.forms.utils import ErrorDict

from incentives.choices import FieldKind
from incentives.form_fields import FormField, Option
from incentives.models import Application
from incentives.services.form_fields import LONGEST_LINE, LONGEST_TEXT, MOST_TABLE_ROWS
from lib.formatting import number
from lib.forms import DateInput, MoneyField, QuantityInput
from lib.rows import Row, Rows, is_rearranging
from lib.text import validate_name

NUMBER: dict[str, Any] = {"min_value": Decimal(0), "max_digits": 18, "decimal_places": 6}


def _number_field(unit: str, **options: Any) -> MoneyField:
    return MoneyField(widget=QuantityInput(unit), **NUMBER, **options)


def _control(field: FormField) -> forms.Field:
    told: dict[str, Any] = {"label": field.label, "help_text": field.hint, "required": False}
    match field.kind:
        case FieldKind.NUMBER:
            return _number_field(field.unit, **told)
        case FieldKind.MONEY:
            return MoneyField(min_value=Decimal(0), max_digits=14, **told)
        case FieldKind.DATE:
            return forms.DateField(widget=DateInput(), **told)
        case FieldKind.CHOICE:
            choices = [(str(place), option.label) for place, option in enumerate(field.options, 1)]
            return forms.ChoiceField(choices=choices, widget=forms.RadioSelect, **told)
        case FieldKind.DECLARATION:
            return forms.BooleanField(**told)
        case FieldKind.LONG_TEXT:
            return forms.CharField(max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 4}), **told)
        case _line:
            return forms.CharField(max_length=LONGEST_LINE, validators=[validate_name], **told)


def _cell(column: Option) -> forms.Field:
    if column.unit:
        return _number_field(column.unit, label=column.label, required=False)
    return forms.CharField(label=column.label, max_length=LONGEST_LINE, validators=[validate_name], required=False)


def _row_form(field: FormField) -> type[Row]:
    """A row of a table with the columns of the field."""
    return type("TableRow", (Row,), {f"c{place}": _cell(column) for place, column in enumerate(field.options)})


def _as_typed(field: FormField, stored: Any) -> Any:
    if stored is None or field.kind not in {FieldKind.NUMBER, FieldKind.MONEY}:
        return stored
    return number(Decimal(stored), 2 if field.kind == FieldKind.MONEY else None)


class SectionForm(forms.Form):
    """`fields` are those that are asked. `revision` is the state of the draft that the person had before them."""

    use_required_attribute = False

    revision = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def __init__(self, application: Application, asked: Sequence[FormField], typed: Any = None) -> None:
        stored = application.form_answers
        self.asked = [field for field in asked if field.is_typed]
        plain = [field for field in self.asked if field.kind != FieldKind.TABLE]
        initial = {field.name: _as_typed(field, stored.get(field.key)) for field in plain}
        super().__init__(typed, initial={**initial, "revision": application.revision})
        self.is_rearranged = typed is not None and is_rearranging(typed)
        for field in plain:
            self.fields[field.name] = _control(field)
        self.tables = {
            field.name: Rows(_row_form(field), field.name, typed, _kept(field, stored), MOST_TABLE_ROWS)
            for field in self.asked
            if field.kind == FieldKind.TABLE
        }

    def full_clean(self) -> None:
        if self.is_rearranged:
            self._errors, self.cleaned_data = ErrorDict(), {}
            return
        super().full_clean()
        # On the page what is needed is not marked as optional; that it is missing the service says.
        for field in self.asked:
            if field.name in self.fields:
                self.fields[field.name].required = field.is_required

    def is_valid(self) -> bool:
        are_rows_valid = not [table for table in self.tables.values() if not table.is_valid()]
        return super().is_valid() and are_rows_valid and not self.is_rearranged

    @property
    def with_rows(self) -> list[forms.Form]:
        return [self, *(row for table in self.tables.values() for row in table.rows)]

    @property
    def answers(self) -> dict[str, Any]:
        """Those that could be read, by the names of the fields, as the service takes them."""
        plain = {name: _plain(value) for name, value in self.cleaned_data.items() if name != "revision"}
        return {**plain, **{name: _cells(table) for name, table in self.tables.items() if table.is_valid()}}


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal | date):
        return str(value)
    return value


def _cells(table: Rows[Row]) -> list[list[str]]:
    return [["" if value is None else str(value) for value in row.cleaned_data.values()] for row in table.filled]


def _kept(field: FormField, stored: Mapping[str, Any]) -> list[dict[str, Any]]:
    rows = stored.get(field.key) or [[""] * len(field.options)]
    return [
        {
            f"c{place}": number(Decimal(cell)) if column.unit and cell else cell
            for place, (column, cell) in enumerate(zip(field.options, row, strict=True))
        }
        for row in rows
    ]
