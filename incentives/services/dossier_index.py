"""The page of a dossier that a person reads: what the archive holds, in words, without scripts or addresses."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from incentives.models import Application
from lib.templatetags.ui import html_lang, local_time
from parks.audit_words import column_word, value_words

PAGE = """<!doctype html><html lang="{}"><head><meta charset="utf-8"><title>{}</title></head>
<body><h1>{}</h1><p>{}</p>{}<h2>{}</h2><table border="1"><tr><th>{}</th><th>{}</th><th>SHA-256</th></tr>{}</table>
</body></html>
"""
# Identifiers say nothing to a person; they are in the files.
NAMELESS = frozenset({"id", "file", "request_key"})


@dataclass(frozen=True, slots=True)
class Chapter:
    """A table of the archive: what it is called, the file that holds all of it, and its rows as JSON has them."""

    heading: str
    file: str
    table: str
    rows: Sequence[dict[str, Any]]


def index_page(
    application: Application, chapters: Iterable[Chapter], files: Iterable[dict[str, Any]], now: datetime
) -> str:
    """In the active language and time zone. What people wrote is text, never markup."""
    title = f"{application.number} · {application.project_title}"
    listed = format_html_join(
        "",
        '<tr><td><a href="{}">{}</a></td><td align="right">{}</td><td><code>{}</code></td></tr>\n',
        ((row["path"], row["path"], row["size_bytes"], row["sha256"]) for row in files),
    )
    body = format_html_join("", "{}", ((_chapter(chapter),) for chapter in chapters if chapter.rows))
    words = (_("Files"), _("File"), _("Bytes"))
    return format_html(PAGE, html_lang(get_language() or "en"), title, title, local_time(now), body, *words, listed)


def _chapter(chapter: Chapter) -> SafeString:
    columns = [column for column in chapter.rows[0] if _is_told(column, chapter.rows)]
    parts = (_row(chapter, columns, row) for row in chapter.rows)
    heading = f"{chapter.heading} ({len(chapter.rows)})"
    return format_html("<h2>{}</h2>\n{}", heading, format_html_join("<hr>\n", "{}", ((part,) for part in parts)))


def _row(chapter: Chapter, columns: Iterable[str], row: dict[str, Any]) -> SafeString:
    told = (
        (column_word(chapter.table, column), _words(chapter, column, row[column]))
        for column in columns
        if row[column] not in (None, "", [], {})
    )
    return format_html("<dl>{}</dl>\n", format_html_join("\n", "<dt>{}</dt><dd>{}</dd>", told))


def _words(chapter: Chapter, column: str, value: Any) -> str:
    if isinstance(value, dict) or (isinstance(value, list) and any(isinstance(part, dict) for part in value)):
        return format_html('<a href="{}">{}</a>', chapter.file, chapter.file)
    return value_words(chapter.table, column, value)


def _is_told(column: str, rows: Sequence[dict[str, Any]]) -> bool:
    return column not in NAMELESS and not column.endswith("_id") and any(row[column] not in (None, "") for row in rows)
