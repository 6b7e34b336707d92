"""A table draws its rows as django-tables2 would, cell by cell, only faster."""

import datetime as dt
from decimal import Decimal
from types import SimpleNamespace

import django_tables2 as tables
import pytest
from django.utils import translation
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django_tables2.utils import A

from lib.tables import DayColumn, MoneyColumn, PortalTable, StateColumn
from parks.models import Park

RECORDS = [
    {"name": "<b>", "owner": SimpleNamespace(name="Lin & Co"), "amount": Decimal(1500), "on": dt.date(2026, 11, 8)},
    {"name": "", "owner": None, "amount": None, "on": None},
    {"name": mark_safe("<i>x</i>"), "owner": SimpleNamespace(), "amount": Decimal(-1), "on": dt.date(2026, 1, 1)},
]

SIGN = '<span class="sign">¥</span>'


class Things(PortalTable):
    name = tables.Column("Name", attrs={"td": {"class": "code"}})
    owner = tables.Column("Owner <i>", accessor="owner__name")
    amount = MoneyColumn("Amount")
    on = DayColumn("Day")
    length = tables.Column("Length", empty_values=(), accessor="name", linkify=lambda record: f"#{record['name']}")
    hidden = tables.Column("Hidden", visible=False, empty_values=(), exclude_from_export=True)

    class Meta(PortalTable.Meta):
        row_attrs = {"class": lambda record, table: "row-locked" if table.locks and not record["amount"] else ""}
        default = "–"

    locks = True

    def render_length(self, **everything):
        return len(everything["record"]["name"])

    def value_length(self, record):
        return len(record["name"])

    def render_name(self, value):
        return format_html("<u>{}</u>", value)

    def value_name(self, value):
        return value


class Parks(PortalTable):
    status = StateColumn(states={"active": "ok"})
    level = tables.Column()
    name = tables.Column(accessor=A("name_en"))
    title = tables.Column(accessor="__str__")
    nothing = tables.Column(accessor="no__such__way")

    class Meta(PortalTable.Meta):
        model = Park
        fields = ()


def cells(table):
    """The texts of the cells of each row as the table draws them."""
    rows = str(table.drawn_rows()).split("</tr>")[:-1]
    return [[cell.split(">", 1)[1] for cell in row.split("</td>")[:-1]] for row in rows]


def reference(table):
    """What django-tables2 itself makes of the cells, escaped."""
    return [[format_html("{}", cell) for cell in row] for row in table.rows]


def without_row_start(drawn):
    return [[first.split(">", 1)[1], *others] for first, *others in drawn]


def test_cells_are_those_of_the_library():
    drawn = without_row_start(cells(Things(RECORDS)))

    assert drawn == [
        ["<u>&lt;b&gt;</u>", "Lin &amp; Co", SIGN + "1,500.00", '<time datetime="2026-11-08">2026-11-08</time>',
         '<a href="#&lt;b&gt;">3</a>'],
        ["–", "–", "–", "–", '<a href="#">0</a>'],
        ["<u><i>x</i></u>", "–", SIGN + "\u22121.00", '<time datetime="2026-01-01">2026-01-01</time>',
         '<a href="#&lt;i&gt;x&lt;/i&gt;">8</a>'],
    ]  # fmt: skip
    assert drawn == reference(Things(RECORDS))


def test_cells_say_what_they_are_and_rows_alternate():
    first, second, _third = str(Things(RECORDS[:3]).drawn_rows()).split("</tr>")[:3]

    assert first.startswith('<tr class="even"><td class="code"><u>')
    assert '<td class=" cell-line" data-label="Owner ">' in first
    assert '<td class="num cell-side" data-label="Amount ¥">' in first
    assert second.startswith('<tr class="row-locked odd">')


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_choices_are_words_of_the_language(language):
    parks = [Park(status="active", level="national", name_en="Torch"), Park(status="archived", name_en="<Old>")]

    with translation.override(language):
        assert without_row_start(cells(Parks(parks))) == reference(Parks(parks))


def test_values_are_plain_and_leave_out_what_is_not_for_files():
    head, *rows = Things(RECORDS).as_values()

    assert head == ["Name", "Owner <i>", 'Amount <span class="unit">¥</span>', "Day", "Length"]
    assert rows == [
        ["<b>", "Lin & Co", Decimal(1500), dt.date(2026, 11, 8), 3],
        [None, None, None, None, 0],
        ["<i>x</i>", None, Decimal(-1), dt.date(2026, 1, 1), 8],
    ]


def test_page_draws_its_own_rows_only():
    table = Things([{**RECORDS[0], "name": str(n)} for n in range(5)])
    table.paginate(page=2, per_page=2)

    assert [first for first, *_others in without_row_start(cells(table))] == ["<u>2</u>", "<u>3</u>"]
