"""Why a spreadsheet is not read, in words that say what to do."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from lib.refusals import Refusal

WORDS = {
    "another_type": _("This is not a spreadsheet. Save the table as XLSX or CSV and upload that."),
    "binary": _("This file has the name of a text but is none. Save the table as XLSX or CSV and upload that."),
    "broken": _("The workbook is damaged. Open it, save it anew as XLSX and upload that."),
    "cell_too_long": _("A cell of the file is longer than a spreadsheet allows. A quotation mark may be missing."),
    "dtd": _("The workbook carries definitions that no spreadsheet program writes. Save it anew as XLSX."),
    "empty": _("The file holds no row. Fill in the first visible sheet."),
    "encrypted": _("The workbook is protected by a password. Save it without one."),
    "external_links": _(
        "The workbook takes values from other files or addresses. Copy the sheet, paste it as values into a new "
        "workbook, and upload that."
    ),
    "macros": _("The workbook carries macros. Save it as XLSX without macros."),
    "old_office": _("This is a workbook of another format. Open it and save it as XLSX."),
    "only_headings": _("The file holds headings and nothing below them. Fill in a row for each enterprise."),
    "row_too_long": _("A row holds far more text than a table of enterprises. Keep the columns that are needed."),
    "too_heavy": _("The workbook is far larger inside than a table of enterprises. Copy the rows into a new workbook."),
    "too_many_columns": _("The table has more than 256 columns. Delete those that are not needed."),
    "too_many_rows": _("The table has more than 100,000 rows. Split it into several files."),
    "unknown_encoding": _("The text is neither UTF-8, UTF-16 nor GB 18030. Save the table as XLSX."),
    "web_page": _("This is a web page with the name of a table. Open it in a spreadsheet program and save it as XLSX."),
}


class UnreadableSheet(Refusal):
    """What is wrong with the file as a whole; `code` is a key of `WORDS`."""

    def __init__(self, code: str) -> None:
        super().__init__(str(WORDS[code]), field="upload")
        self.code = code
