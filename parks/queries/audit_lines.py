"""Events of the audit trail, ready for a page or a file: who, what, and each field before and after."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.models import User
from parks import audit_words, row_names
from parks.models import SupportSession
from parks.queries.audit import holders_of_memberships, people_named, reasons_of_visits
from tenancy.models import AuditEvent

NAMED_FIELDS = 3
TAG = re.compile(r"<[^<>]*>")
# It changes with every other column and says nothing beyond the time of the event.
NOT_WORTH_NAMING = frozenset({"updated_at", "saved_at", "revision"})


@dataclass(frozen=True, slots=True)
class Change:
    """One field of the row; a value is "–" where there was none."""

    word: str
    column: str
    before: str
    after: str
    is_different: bool


@dataclass(frozen=True, slots=True)
class Line:
    """`who` is the name that the author had at the time; `email` tells people apart, whatever they are called."""

    event: AuditEvent
    who: str
    email: str
    visit: SupportSession | None
    table: str
    row: str
    changes: tuple[Change, ...]

    @property
    def at(self) -> datetime:
        return self.event.at

    @property
    def name(self) -> str:
        """The row as a heading names it: what it is, and what people call it."""
        return _("%(label)s: %(message)s") % {"label": self.table, "message": self.row} if self.row else self.table

    @property
    def summary(self) -> str:
        """The changed fields in words, for one line of a table; nothing for a row that was added or deleted.

        Of a page that was read, its address, and how it was asked for where that is unusual.
        """
        if self.event.action == AuditEvent.Action.READ:
            told = self.event.after or {}
            unusual = [told.get("method", "GET")] if told.get("method", "GET") != "GET" else []
            return " ".join([*unusual, str(told.get("address", ""))])
        if self.event.action != AuditEvent.Action.UPDATE:
            return ""
        telling = [change.word for change in self.changes if change.column not in NOT_WORTH_NAMING]
        words = telling or [change.word for change in self.changes]
        more = len(words) - NAMED_FIELDS
        return _(", ").join(words[:NAMED_FIELDS]) + (f" +{more}" if more > 0 else "")

    def text(self, side: str) -> str:
        """One side of all changes as one text, for a file."""
        line = _("%(label)s: %(message)s")
        pairs = ((change.word, _without_tags(getattr(change, side))) for change in self.changes)
        return "\n".join(line % {"label": word, "message": value} for word, value in pairs)


def lines(events: Sequence[AuditEvent]) -> list[Line]:
    """The events in words, at the price of a few queries however many there are."""
    people, visits = people_named(events), reasons_of_visits(events)
    names = {**row_names.names_of(events), **holders_of_memberships(events)}
    return [
        Line(
            event=event,
            who=event.user_name or _("Not signed in"),
            email=people[event.user_id].email if event.user_id in people else "",
            visit=visits.get(event.support_session_id or 0),
            table=audit_words.table_word(event.table_name),
            row=names.get(event.pk) or _row_name(event),
            changes=tuple(_changes(event, people)),
        )
        for event in events
    ]


def _without_tags(words: str) -> str:
    """What the portal has marked up is plain in a file; what people wrote stays as they wrote it."""
    return TAG.sub("", words) if isinstance(words, SafeString) else words


def _row_name(event: AuditEvent) -> str:
    return audit_words.row_name({**(event.before or {}), **(event.after or {})})


def _changes(event: AuditEvent, people: Mapping[int, User]) -> Iterable[Change]:
    before, after = event.before or {}, event.after or {}
    for column in _in_order(event.table_name, before.keys() | after.keys()):
        old, new = before.get(column), after.get(column)
        if old in (None, "") and new in (None, ""):
            continue
        words = _words(event, column, old, people)
        yield Change(
            word=audit_words.column_word(event.table_name, column),
            column=column,
            before=words,
            after=words if old == new else _words(event, column, new, people),
            is_different=old != new,
        )


def _in_order(table: str, columns: Iterable[str]) -> list[str]:
    """As the model lists its fields; columns that no model knows any more come last."""
    known = audit_words.places_of(table)
    return sorted(columns, key=lambda column: (known.get(column, len(known)), column))


def _words(event: AuditEvent, column: str, value: Any, people: Mapping[int, User]) -> str:
    words = audit_words.value_words(event.table_name, column, value)
    if not isinstance(value, int) or not audit_words.names_person(event.table_name, column):
        return words
    person = people.get(value)
    return f"{person.name} ({words})" if person else words
