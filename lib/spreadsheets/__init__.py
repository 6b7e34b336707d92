"""Workbooks and tables of text that strangers send: examined first, then read row by row in a process of their own."""

from lib.spreadsheets.examination import CSV, Examined, examine
from lib.spreadsheets.problems import WORDS, UnreadableSheet
from lib.spreadsheets.rows import MOST_COLUMNS, MOST_ROWS, MOST_SECONDS, Cell, Row, Rows, open_rows

__all__ = [
    "CSV",
    "MOST_COLUMNS",
    "MOST_ROWS",
    "MOST_SECONDS",
    "WORDS",
    "Cell",
    "Examined",
    "Row",
    "Rows",
    "UnreadableSheet",
    "examine",
    "open_rows",
]
