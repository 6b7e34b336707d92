"""A draft under terms that were replaced goes on under the current ones."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.files import File
from django.db import transaction
from django.utils.translation import gettext as _

from incentives.choices import ApplicationState, FieldKind, StepKind
from incentives.form_fields import fields_of
from incentives.models import Application, ApplicationDocument, ProgrammeVersion
from incentives.permissions import Act, explain_no_filing
from incentives.services.completeness import ANSWERS
from incentives.services.filing import WindowClosed, start_application
from incentives.services.form_fields import typed
from incentives.services.ground import Invalid, StateChanged, add_step, lock_application, refuse_if, save_changes
from parks.actors import Actor

COPIED = ("kind", "name", "content_type", "size_bytes", "sha256")


@transaction.atomic
def restart_application(actor: Actor, application: Application, *, now: datetime) -> Application:
    """Start again under the current version, with the answers and documents of a draft, which is withdrawn.

    Where a draft under the current version was begun already, that one is answered and both stay as they are.
    """
    current = lock_application(application)
    refuse_if(explain_no_filing(actor, current, Act.PREPARE))
    if current.state != ApplicationState.DRAFT or current.programme_version.closed_at is None:
        raise StateChanged(_("Only a draft under a replaced version of a programme can be started again."))
    version = _version_after(current.programme_version)
    fresh = lock_application(start_application(actor, version, now=now))
    if fresh.revision or fresh.started_at != now:
        return fresh
    _copy_documents(actor, current, fresh, now)
    answers = {name: getattr(current, name) for name in ANSWERS}
    answers["form_answers"] = still_fitting(version, current)
    save_changes(fresh, **answers, revision=fresh.revision + 1, saved_at=now)
    save_changes(current, state=ApplicationState.WITHDRAWN, saved_at=now)
    add_step(actor, current, StepKind.WITHDRAWN, now, _("Started again under the current version of the programme."))
    return fresh


@transaction.atomic
def copy_application(actor: Actor, application: Application, *, now: datetime) -> Application:
    """A draft under the current version with what stays true from one project to the next.

    That are title, description and the answers to the programme's own form that still fit, but for declarations, which
    are given anew; the day, the investment, the saving and the documents belong to the old project. Where a draft was
    begun already, that one is answered as it stands.
    """
    current = lock_application(application)
    refuse_if(explain_no_filing(actor, current, Act.PREPARE))
    if current.submitted_at is None:
        raise StateChanged(_("Only an application that was filed can be copied."))
    version = _version_after(current.programme_version)
    fresh = lock_application(start_application(actor, version, now=now))
    if fresh.revision or fresh.started_at != now:
        return fresh
    kept = still_fitting(version, current)
    declared = {field.key for field in fields_of(version.form_fields) if field.kind == FieldKind.DECLARATION}
    answers: dict[str, Any] = {name: getattr(current, name) for name in ("project_title", "project_summary")}
    answers["form_answers"] = {key: value for key, value in kept.items() if key not in declared}
    return save_changes(fresh, **answers, revision=fresh.revision + 1, saved_at=now)


def still_fitting(version: ProgrammeVersion, application: Application) -> dict[str, Any]:
    """The answers to its own form that fit the fields of a version, by key."""
    kept = {}
    for field in fields_of(version.form_fields):
        try:
            value = typed(field, application.form_answers.get(field.key)) if field.is_typed else None
        except Invalid:
            value = None
        if value is not None:
            kept[field.key] = value
    return kept


def _version_after(version: ProgrammeVersion) -> ProgrammeVersion:
    versions = ProgrammeVersion.objects.of_park(version.park_id).current()
    current = versions.filter(programme_id=version.programme_id).first()
    if current is None:
        raise WindowClosed(_("The programme takes no applications today."))
    return current


def _copy_documents(actor: Actor, source: Application, target: Application, now: datetime) -> None:
    """Rows and files of their own, so that nothing happens to one application by way of another."""
    for document in source.documents.filter(removed_at=None):
        with document.file.open("rb") as stored:
            ApplicationDocument.objects.create(
                park_id=target.park_id,
                enterprise_id=target.enterprise_id,
                application=target,
                file=File(stored, name=document.name),
                uploaded_by_id=actor.user_id,
                uploaded_at=now,
                **{name: getattr(document, name) for name in COPIED},
            )
