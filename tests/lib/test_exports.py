import csv
import datetime as dt
import doctest
import io
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from django.utils.translation import gettext_lazy
from python_calamine import CalamineWorkbook

from lib import exports
from lib.exports import as_csv, as_xlsx, cell, export_response

SHANGHAI = ZoneInfo("Asia/Shanghai")
INSTANT = dt.datetime(2026, 11, 8, 1, 12, tzinfo=dt.UTC)


def read_csv(content):
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def read_xlsx(content):
    return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()


def test_examples_hold():
    assert doctest.testmod(exports).failed == 0


def test_csv_keeps_text_quotes_and_line_breaks():
    content = as_csv(["名称", "Note"], [["厦门火炬", 'a "b", c'], ["two\nlines", ""]])

    assert content.startswith(b"\xef\xbb\xbf")
    assert content.decode("utf-8-sig") == '"名称","Note"\r\n"厦门火炬","a ""b"", c"\r\n"two\nlines",""\r\n'


@pytest.mark.parametrize("text", ["=1+1", "+86 592", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "＝1+1"])
def test_csv_disarms_formulas(text):
    assert read_csv(as_csv(["=head"], [[text]])) == [["'=head"], [f"'{text}"]]


def test_csv_read_with_semicolons_holds_no_formula():
    content = as_csv(["name"], [["1;=1+1"], ['1";=1+1']]).decode("utf-8-sig")

    assert list(csv.reader(io.StringIO(content, newline=""), delimiter=";")) == [["name"], ["1;=1+1"], ['1";=1+1']]


def test_csv_leaves_numbers_alone():
    assert read_csv(as_csv(["n"], [[Decimal("-1246.50")], [-3], [Decimal("1E+3")]])) == [
        ["n"],
        ["-1246.50"],
        ["-3"],
        ["1000"],
    ]


def test_csv_writes_instants_with_their_offset():
    with timezone.override(SHANGHAI):
        assert as_csv(["at", "on"], [[cell(INSTANT), dt.date(2026, 11, 8)]]).decode("utf-8-sig").splitlines()[1] == (
            '"2026-11-08 09:12:00+08:00","2026-11-08"'
        )


def test_cells_of_other_types_become_text():
    assert [cell(value) for value in (None, True, False, gettext_lazy("Owner"), 1.1)] == [
        "",
        "yes",
        "no",
        "Owner",
        Decimal("1.1"),
    ]


def test_xlsx_has_typed_cells_and_names_the_zone():
    with timezone.override(SHANGHAI):
        row = [cell(value) for value in ("厦门", Decimal("1500000.50"), 7, dt.date(2026, 11, 8), INSTANT)]
        content = as_xlsx(["Name", "Amount", "Count", "On", "At"], [row])

    assert read_xlsx(content) == [
        ["Name", "Amount", "Count", "On", "At (Asia/Shanghai)"],
        ["厦门", 1500000.5, 7.0, dt.date(2026, 11, 8), dt.datetime(2026, 11, 8, 9, 12)],  # noqa: DTZ001
    ]


@pytest.mark.parametrize(
    "text", ["=1+1", "{=1+1}", "http://example.com", "00123", "<r><t>x</t></r>", "<b>&", "-5", "_x000D_"]
)
def test_xlsx_writes_text_as_text(text):
    assert [line[0].rstrip() for line in read_xlsx(as_xlsx(["h"], [[text]]))] == ["h", text]


def test_xlsx_keeps_every_digit_of_a_long_number():
    assert read_xlsx(as_xlsx(["n"], [[12345678901234567890]])) == [["n"], ["12345678901234567890"]]


def test_xlsx_cuts_a_text_that_no_cell_can_hold():
    assert len(read_xlsx(as_xlsx(["h"], [["长" * 40_000]]))[1][0]) == 32_766


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_empty_list_has_its_head(file_format):
    content = export_response(file_format, "list", [("Name", str)], []).content
    read = read_csv if file_format == "csv" else read_xlsx
    assert read(content) == [["Name"]]


def test_response_names_the_file_in_chinese():
    response = export_response("csv", "企业/名录", [("Name", lambda row: row["name"])], [{"name": "x"}])

    assert response.headers["Content-Disposition"] == (
        "attachment; filename*=utf-8''%E4%BC%81%E4%B8%9A-%E5%90%8D%E5%BD%95.csv"
    )
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert not response.streaming


def test_response_survives_a_hostile_file_name():
    response = export_response("csv", 'a"\r\nSet-Cookie: x', [], [])
    assert response.headers["Content-Disposition"] == 'attachment; filename="a-Set-Cookie- x.csv"'


def test_unknown_format_is_an_error():
    with pytest.raises(ValueError, match="pdf"):
        export_response("pdf", "list", [], [])
