"""Why a file of readings was refused as a whole, in words that say what to do. Keys are codes of `UnreadableFile`."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from lib.spreadsheets import WORDS as SHEET_WORDS

WORDS = {
    "archive_bomb": _("The archive is far larger inside than readings ever are. It was not unpacked."),
    "binary": _("This file is no text. Check that the feed has the format of the file."),
    "broken_archive": _("The archive is damaged. Pack the file anew."),
    "broken_xml": _("The file is no well-formed XML."),
    "empty": _("The file is empty."),
    "encrypted_archive": _("The archive is protected by a password. Pack the file without one."),
    "hostile_xml": _("The file carries definitions that no utility writes. It was not read."),
    "line_too_long": _(
        "A line of the file is longer than any of readings. Check that the feed has the format of the file."
    ),
    "nem13": _("This is a file of accumulated reads (NEM13). Only interval files (NEM12) are read."),
    "no_blocks": _("The file holds no block of interval readings."),
    "no_column_day": _("No column has the day. Name it in the feed."),
    "no_column_meter": _("No column has the meter. Name it in the feed."),
    "no_column_time": _("No column has the time. Name it in the feed."),
    "no_column_value": _("No column has the value. Name it in the feed."),
    "no_header": _("The file does not begin with the header record of its format (100,NEM12)."),
    "no_points": _("No columns hold values: a day needs 24, 48, 96, 144 or 288 of them."),
    "no_table": _("The file is no table with headings."),
    "several_files": _("The archive holds several files. Upload them one by one."),
    "utf16": _("The text is in UTF-16. Save it as UTF-8 or GB 18030."),
    **{f"sheet_{code}": words for code, words in SHEET_WORDS.items()},
}
