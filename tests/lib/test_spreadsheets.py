"""Tables that strangers send: what can be read is read, everything else is refused with words, and nothing breaks."""

from __future__ import annotations

import io
import os
import struct
import time
import zipfile
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from xlsxwriter import Workbook

from lib.spreadsheets import WORDS, Row, UnreadableSheet, archive, examine, open_rows, rows
from lib.spreadsheets.archive import column_number

HEADINGS = "名称;信用代码\r\n"
MANY_CELLS = (b"<row>" + b"<c><v>1</v></c>" * 100 + b"</row>") * 6000
BELOW = '"厦门;晨光";91350200\r\n'


def book(fill, **options) -> io.BytesIO:
    target = io.BytesIO()
    with Workbook(target, options) as workbook:
        fill(workbook, workbook.add_worksheet("企业"))
    target.seek(0)
    return target


def read(file) -> list[Row]:
    examined = examine(file)
    with open_rows(file, examined.kind, examined.encoding, examined.delimiter) as found:
        return list(found)


def refused(file) -> str:
    """The code of the refusal, which has words."""
    with pytest.raises(UnreadableSheet) as caught:
        read(file)
    assert caught.value.message == str(WORDS[caught.value.code])
    return caught.value.code


def with_part(original: io.BytesIO, name: str, content: bytes, *, instead: str = "") -> io.BytesIO:
    """The workbook with one more part, or with one in place of another."""
    target = io.BytesIO()
    with zipfile.ZipFile(original) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        for part in source.infolist():
            if part.filename != (instead or name):
                made.writestr(part, source.read(part))
        made.writestr(name, content)
    target.seek(0)
    return target


def plain_book() -> io.BytesIO:
    return book(lambda _book, sheet: sheet.write_row(0, 0, ["a", "b"]))


def sheet_part(cells: bytes) -> io.BytesIO:
    """A workbook whose sheet is written by hand."""
    sheet = (
        b'<?xml version="1.0" encoding="UTF-8"?>'
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        + cells
        + b"</sheetData></worksheet>"
    )
    return with_part(plain_book(), "xl/worksheets/sheet1.xml", sheet)


# What can be read


def test_cells_keep_what_they_are():
    def fill(workbook, sheet):
        day = workbook.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, ["text", 1500000, 0.1, True])
        sheet.write_datetime(1, 0, date(2026, 1, 2), day)
        sheet.write_number(1, 1, 9135020012345678)
        sheet.write_string(3, 2, "  full　width ")

    assert read(book(fill)) == [
        Row(1, ["text", Decimal(1500000), Decimal("0.1"), "TRUE"]),
        Row(2, ["2026-01-02", Decimal(9135020012345678)]),
        Row(4, ["", "", "  full　width "]),
    ]


def test_formulas_give_their_stored_results_and_are_counted():
    def fill(_workbook, sheet):
        sheet.write_formula(0, 0, "=1+1", value=2)
        sheet.write_formula(0, 1, '=HYPERLINK("http://example.com","x")', value="x")
        sheet.write_formula(0, 2, "=1/0", value="#DIV/0!")

    file = book(fill)
    examined = examine(file)
    assert (examined.formulas, examined.errors) == (3, 1)
    assert read(file) == [Row(1, [Decimal(2), "x"])]


def test_text_that_looks_like_a_formula_stays_text():
    file = book(lambda _b, sheet: sheet.write_row(0, 0, ["=1+1", "+86", "@x", "-5"]), strings_to_formulas=False)
    assert read(file) == [Row(1, ["=1+1", "+86", "@x", "-5"])]


def test_first_visible_sheet_with_rows_is_read():
    def fill(workbook, sheet):
        sheet.write(0, 0, "hidden")
        sheet.hide()
        workbook.add_worksheet("empty")
        shown = workbook.add_worksheet("shown")
        shown.write(0, 0, "shown")
        shown.activate()

    assert read(book(fill)) == [Row(1, ["shown"])]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030"])
def test_text_is_read_in_every_usual_encoding(encoding):
    file = io.BytesIO((HEADINGS + BELOW).encode(encoding))
    assert examine(file).encoding == encoding
    assert read(file) == [Row(1, ["名称", "信用代码"]), Row(2, ["厦门;晨光", "91350200"])]


def test_long_text_is_told_by_its_whole():
    """The first megabyte alone would be taken for UTF-8."""
    file = io.BytesIO(b"a,b\r\n" * 300_000 + "厦门,1\r\n".encode("gb18030"))
    assert examine(file).encoding == "gb18030"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_delimiter_is_told(delimiter):
    file = io.BytesIO(f'a{delimiter}"b,;c"{delimiter}d\n1{delimiter}2{delimiter}3\n'.encode())
    assert read(file) == [Row(1, ["a", "b,;c", "d"]), Row(2, ["1", "2", "3"])]


def test_lines_inside_quotes_and_empty_ones_count_as_in_a_spreadsheet():
    assert read(io.BytesIO(b'a,b\n\n"x\ny",1\n,,\nz,2\n')) == [
        Row(1, ["a", "b"]),
        Row(3, ["x\ny", "1"]),
        Row(5, ["z", "2"]),
    ]


def test_200_columns_are_read():
    wide = book(lambda _b, sheet: sheet.write_row(0, 0, [f"c{place}" for place in range(200)]))
    assert len(read(wide)[0].cells) == 200


def test_rows_come_as_they_are_asked_for():
    """Whoever stops early leaves no process behind."""
    file = book(lambda _b, sheet: [sheet.write_row(line, 0, ["x"] * 20) for line in range(5000)])
    with open_rows(file, "xlsx") as found:
        assert (found.sheet, found.height) == ("企业", 5000)
        assert next(iter(found)).number == 1
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


# What is refused


def test_empty_files():
    assert refused(io.BytesIO(b"")) == "empty"
    assert refused(io.BytesIO(b"\r\n ,\t\r\n")) == "empty"
    assert refused(book(lambda _b, _s: None)) == "empty"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"%PDF-1.7 and so on", "another_type"),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "another_type"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "web_page"),
        (b"\xef\xbb\xbf<?xml version='1.0'?><Workbook/>", "web_page"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old_office"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
        (b"PK\x03\x04 and nothing more", "broken"),
        (b"name,code\n1,\x002\n", "binary"),
        (b"name,code\n1,\x01\x02\n", "binary"),
        (b"name,code\n\xff\xff\xff\xff,1\n", "unknown_encoding"),
        (b"name,code\n" + b'"' + b"x" * 40_000 + b"\n", "cell_too_long"),
        (b"," * 300 + b"x\n", "too_many_columns"),
    ],
)
def test_files_that_are_no_table(content, code):
    assert refused(io.BytesIO(content)) == code


def test_other_archives():
    for part, code in (
        ("word/document.xml", "old_office"),
        ("xl/workbook.bin", "old_office"),
        ("x.txt", "another_type"),
    ):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as made:
            made.writestr(part, "x")
        file.seek(0)
        assert refused(file) == code


def test_zip_bomb():
    """Forty megabytes of nothing in forty kilobytes of file."""
    file = with_part(plain_book(), "xl/worksheets/sheet2.xml", b"<a>" + bytes(40 * 1024 * 1024))
    assert file.getbuffer().nbytes < 50 * 1024
    assert refused(file) == "too_heavy"


def test_archive_that_lies_about_its_size():
    """The directory says ten bytes; what comes out is counted, not believed."""
    file = with_part(plain_book(), "xl/worksheets/sheet1.xml", b"<a>" + b"x" * 5_000_000)
    raw = bytearray(file.getvalue())
    place = raw.rfind(b"xl/worksheets/sheet1.xml") - 46
    assert raw[place : place + 4] == b"PK\x01\x02"
    struct.pack_into("<L", raw, place + 24, 10)
    assert refused(io.BytesIO(bytes(raw))) == "broken"


def test_many_parts(monkeypatch):
    monkeypatch.setattr(archive, "MOST_PARTS", 5)
    assert refused(plain_book()) == "too_heavy"


def test_encrypted_archive():
    raw = bytearray(plain_book().getvalue())
    at = 0
    while (at := raw.find(b"PK\x01\x02", at)) >= 0:
        raw[at + 8] |= 1
        at += 4
    assert refused(io.BytesIO(bytes(raw))) == "encrypted"


@pytest.mark.parametrize(
    ("part", "code"),
    [
        ("xl/externalLinks/externalLink1.xml", "external_links"),
        ("XL\\ExternalLinks\\externalLink1.xml", "external_links"),
        ("xl/connections.xml", "external_links"),
        ("xl/queryTables/queryTable1.xml", "external_links"),
        ("xl/vbaProject.bin", "macros"),
        ("xl/macrosheets/sheet1.xml", "macros"),
    ],
)
def test_what_reaches_out_of_the_workbook_or_runs(part, code):
    assert refused(with_part(plain_book(), part, b"<x/>")) == code


@pytest.mark.parametrize(
    "content",
    [
        b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><sst>&b;</sst>',
        b"<?xml version='1.0'?>\n<!doctype sst SYSTEM 'file:///etc/passwd'><sst/>",
        "<!DOCTYPE x>".encode("utf-16"),
        b"<!DOCTYPE never closed",
    ],
)
def test_definitions_in_a_part(content):
    assert refused(with_part(plain_book(), "xl/sharedStrings.xml", content)) == "dtd"


@pytest.mark.parametrize("name", ["xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/sheet.dat", "any/name"])
def test_definitions_in_a_part_of_any_name(name):
    assert refused(with_part(plain_book(), name, b"<!DOCTYPE x [<!ENTITY a 'a'>]><x>&a;</x>")) == "dtd"


def test_drawing_of_a_picture_may_carry_a_definition():
    assert read(with_part(plain_book(), "xl/media/image1.svg", b"<!DOCTYPE svg><svg/>")) == [Row(1, ["a", "b"])]


def moved_sheet(target: str, name: str, cells: bytes) -> io.BytesIO:
    """A workbook that says its sheet lies elsewhere, as something else."""
    with zipfile.ZipFile(sheet_part(cells)) as source:
        sheet = source.read("xl/worksheets/sheet1.xml")
        related = source.read("xl/_rels/workbook.xml.rels")
    assert b'"worksheets/sheet1.xml"' in related
    related = related.replace(b'"worksheets/sheet1.xml"', b'"' + target.encode() + b'"')
    file = with_part(plain_book(), "xl/_rels/workbook.xml.rels", related)
    return with_part(file, name, sheet, instead="xl/worksheets/sheet1.xml")


@pytest.mark.parametrize(
    ("target", "name"),
    [
        ("media/sheet.svg", "xl/media/sheet.svg"),
        ("theme/rows.bin", "xl/theme/rows.bin"),
        ("/xl/table.dat", "xl/table.dat"),
        ("xl/table.dat", "xl/table.dat"),
        ("media/./../&#x72;ows.txt", "xl/rows.txt"),
    ],
)
def test_sheet_under_another_name_is_looked_through(target, name):
    corner = b'<row r="1"><c r="XFD1048576" t="str"><v>x</v></c></row>'
    assert refused(moved_sheet(target, name, corner)) == "too_many_rows"


def test_reference_in_a_tag_longer_than_a_piece_is_found(monkeypatch):
    monkeypatch.setattr(archive, "CHUNK", 64)
    cell = b'<row r="1"><c r="XFD1048576"' + b" " * 400 + b"><v>1</v></c></row>"
    assert refused(sheet_part(cell)) == "too_many_rows"


def test_definition_across_two_pieces_is_found(monkeypatch):
    monkeypatch.setattr(archive, "CHUNK", 64)
    content = b"<sst>" + b"<x/>" * 14 + b"   <!DOC" + b"TYPE x><y/></sst>"
    assert refused(with_part(plain_book(), "xl/sharedStrings.xml", content)) == "dtd"


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        (b'<row r="1"><c r="XFD1048576" t="str"><v>x</v></c></row>', "too_many_rows"),
        (b'<row r="1"><c r="XFD1" t="str"><v>x</v></c></row>', "too_many_columns"),
        (b'<row r="100002"><c><v>1</v></c></row>', "too_many_rows"),
        (b"<row r='1'><c r='XFD1048576' t='str'><v>x</v></c></row>", "too_many_rows"),
        (b'<row r="1"><c\nr = "XFD1048576"><v>1</v></c></row>', "too_many_rows"),
        (b'<row r="1"><c r="AAAAAAAA1"><v>1</v></c></row>', "too_many_columns"),
        (b'<row r="1"><c r="A99999999999999999999"><v>1</v></c></row>', "too_many_rows"),
    ],
)
def test_cells_in_the_last_corner(cells, code):
    """Alone they would make the parser lay out seventeen thousand million cells."""
    assert refused(sheet_part(cells)) == code


def test_cells_at_the_edge_of_what_is_taken():
    wide, long = b'<row r="1"><c r="IV1"><v>1</v></c></row>', b'<row r="100001"><c r="A100001"><v>1</v></c></row>'
    assert read(sheet_part(wide)) == [Row(1, [Decimal(1)])]
    assert [row.number for row in read(sheet_part(long))] == [100_001]


def test_two_cells_that_span_too_much():
    """Each is within the limits, the rectangle between them holds twenty-five million cells."""
    cells = b'<row r="1"><c r="IV1"><v>1</v></c></row><row r="100001"><c r="A100001"><v>1</v></c></row>'
    assert refused(sheet_part(cells)) == "too_heavy"


def test_more_rows_than_are_taken(monkeypatch):
    monkeypatch.setattr(rows, "MOST_ROWS", 3)
    assert refused(io.BytesIO(b"a\n1\n2\n3\n4\n")) == "too_many_rows"
    assert len(read(io.BytesIO(b"a\n1\n2\n3\n"))) == 4


def test_process_that_grows_is_stopped(monkeypatch):
    """What the examination lets pass may still not take the machine."""
    monkeypatch.setattr(rows, "MOST_MEMORY_BYTES", 64 * 1024 * 1024)
    assert len(read(plain_book())) == 1
    assert refused(sheet_part(MANY_CELLS)) == "too_heavy"


def test_process_that_runs_for_long_is_stopped(monkeypatch):
    monkeypatch.setattr(rows, "MOST_SECONDS", 1)
    assert len(read(plain_book())) == 1
    assert refused(io.BytesIO(b",\n" * 5_000_000)) == "too_heavy"


def test_reader_sees_nothing_of_our_environment(monkeypatch, tmp_path):
    spy = tmp_path / "reader.py"
    spy.write_text(
        "import json, os\n"
        "print(json.dumps({'sheet': '', 'height': 0}))\n"
        "print(json.dumps([1, sorted(os.environ)]))\n"
        "print(json.dumps({'problem': ''}))\n"
    )
    monkeypatch.setattr(rows, "READER", spy)
    monkeypatch.setenv("DATABASE_URL", "postgresql://secret")
    with open_rows(io.BytesIO(b"x"), "csv", "utf-8", ",") as found:
        (seen,) = list(found)
    assert set(seen.cells) <= {"LANG", "LC_CTYPE"}


def test_row_of_far_more_text_than_a_file_holds():
    """The workbook keeps the text once and says it in every cell."""
    text = "x" * 30_000
    assert refused(book(lambda _book, sheet: sheet.write_row(0, 0, [text] * 200))) == "row_too_long"
    assert read(book(lambda _book, sheet: sheet.write_row(0, 0, [text] * 3))) == [Row(1, [text] * 3)]


def test_examination_that_runs_for_long_is_stopped(monkeypatch):
    monkeypatch.setattr(archive, "HURRIED_SECONDS", -1)
    assert refused(plain_book()) == "too_heavy"


def test_first_look_ends_by_the_clock(monkeypatch, tmp_path):
    """Waiting costs no processor time, so that limit alone would let it wait for ever."""
    patient = tmp_path / "reader.py"
    beginning = rows.READER.read_text().replace(
        "        _tell(rows,", "        import time; time.sleep(30); _tell(rows,"
    )
    patient.write_text(beginning)
    monkeypatch.setattr(rows, "READER", patient)
    monkeypatch.setattr(rows, "HURRIED_SECONDS", 1)
    began = time.monotonic()
    with (
        pytest.raises(UnreadableSheet, match="far larger inside"),
        open_rows(io.BytesIO(b"a\n"), "csv", "utf-8", ",", is_hurried=True) as found,
    ):
        list(found)
    assert time.monotonic() - began < 15


def test_worker_may_take_its_time_between_two_rows(monkeypatch):
    monkeypatch.setattr(rows, "MOST_SECONDS", 1)
    lines = b"a,b\n" * 50_000
    with open_rows(io.BytesIO(lines), "csv", "utf-8", ",") as found:
        first = next(iter(found))
        time.sleep(1.2)
        assert 1 + sum(1 for _row in found) == 50_000
    assert first == Row(1, ["a", "b"])


# Whatever comes


@settings(deadline=None, max_examples=60)
@given(st.binary(max_size=400))
def test_any_bytes_are_examined_or_refused_with_words(content):
    try:
        told = examine(io.BytesIO(content)).kind
    except UnreadableSheet as refusal:
        told = refusal.code
    assert told in {"csv", *WORDS}


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 16_384))
def test_column_numbers_are_those_of_spreadsheets(number):
    from enterprises.forms.imports import column_label

    assert column_number(column_label(number - 1, "").encode()) == number
