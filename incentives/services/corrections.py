"""What an enterprise may change of a returned application.

Where the review of an earlier stage stands, it stands for what it saw: only what the return names may change, with
what follows from it. A return of the completeness check, or one that makes every review void, leaves everything open.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from incentives.choices import ApplicationState
from incentives.form_fields import PREFIX, fields_of
from incentives.models import Application, FieldComment
from incentives.services.completeness import (
    ANSWERS,
    asked_fields,
    document_field,
    known_facts,
    needed_documents,
    undecided_answers,
)
from incentives.services.conditions import condition_of
from incentives.services.facts import facts_known
from incentives.services.form_fields import document_label, document_rules_of
from lib.periods import local_day
from lib.refusals import Refusal


class NotAskedFor(Refusal):
    """The return does not name this part, and an earlier review of it stands."""

    code = "not_asked_for"


def open_parts(application: Application) -> frozenset[str] | None:
    """The fields and documents that may change, named as in `reviewable_fields`; None where all of them may."""
    if application.state != ApplicationState.RETURNED or not _is_reviewed(application):
        return None
    comments = FieldComment.objects.filter(application=application, round=application.round)
    named = set(comments.values_list("field", flat=True))
    return frozenset(named | _depending_on(application, named) | _lacking(application))


def refuse_closed(application: Application, parts: Iterable[str]) -> None:
    """To be asked while the application is locked."""
    may_change = open_parts(application)
    closed = [] if may_change is None else [part for part in parts if part not in may_change]
    if closed:
        words = _(
            "“%(name)s” stays as it was reviewed. Only what the return names can be changed; say more in your replies."
        )
        raise NotAskedFor(words % {"name": _label(application, closed[0])}, field=closed[0])


def _is_reviewed(application: Application) -> bool:
    """Whether a review stands. The database answers: people of an enterprise cannot read reviews."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT incentives_is_reviewed(%s)", [application.pk])
        (answer,) = cursor.fetchone()
    return bool(answer)


def _depending_on(application: Application, named: set[str]) -> set[str]:
    """What is asked, or not, by conditions that speak of these parts, or of what depends on them."""
    version = application.programme_version
    facts = facts_known(version.form_fields)
    conditions = {field.name: field.condition for field in fields_of(version.form_fields)}
    conditions |= {document_field(rule.key): rule.condition for rule in document_rules_of(version)}
    spoken_of = {
        part: {facts[name].field for name in condition_of(text, facts).names}
        for part, text in conditions.items()
        if text
    }
    found: set[str] = set()
    while more := {part for part, fields in spoken_of.items() if fields & (named | found)} - found:
        found |= more
    return found


def _lacking(application: Application) -> set[str]:
    """What is needed now and was not there when it was filed: nobody has reviewed it."""
    signed = application.signed_filings.filter(round=application.round).first()
    if signed is None or application.submitted_at is None:
        return set()
    values = known_facts(application, local_day(application.submitted_at, application.park.time_zone))
    needed = {field.name for field in asked_fields(application, values) if field.is_typed and field.is_required}
    needed |= {entry.field for entry in undecided_answers(application, values, ())}
    needed |= {document_field(kind) for kind in needed_documents(application, values)}
    return needed - _filed_parts(signed.content)


def _filed_parts(content: dict[str, Any]) -> set[str]:
    own = {f"{PREFIX}{row['key']}" for row in content["form"] if row["value"] not in (None, "")}
    return {*ANSWERS, *own, *(document_field(held["kind"]) for held in content["documents"])}


def _label(application: Application, part: str) -> str:
    version = application.programme_version
    if part in ANSWERS:
        return str(Application._meta.get_field(part).verbose_name)  # type: ignore[union-attr]
    own = {field.name: field.label for field in fields_of(version.form_fields)}
    return own.get(part) or document_label(version, part.removeprefix(document_field("")))
