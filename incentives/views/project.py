"""The answers of an application: typed, kept while typing, compared with a colleague's."""

from __future__ import annotations

from copy import copy
from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from incentives import permissions, services
from incentives.forms import ProjectForm
from incentives.models import Application
from incentives.services import ANSWERS
from incentives.views.acting import UNPROCESSABLE, moment, one_application, redrawn
from incentives.views.amount import worth_of
from incentives.views.answers import form_sections, label_of, open_comments, written
from lib.formatting import saved_words
from lib.refusals import Refusal
from parks.access import acting
from parks.requests import ActingRequest
from parks.views.forms import put_refusal, unsaved


@acting(permissions.can_apply)
def application_project(request: ActingRequest, application_id: UUID) -> HttpResponse:
    """The answers. "later" keeps them half finished; otherwise what is missing is said at its field."""
    application = one_application(request, application_id)
    if request.method != "POST":
        if not application.is_editable:
            return redirect("incentives:application_detail", application_id=application.pk)
        return _project_page(request, application, _asking(application, ProjectForm.of(application)))
    for_later = "later" in request.POST
    form = _asking(application, ProjectForm(request.POST))
    now, today = moment(request)
    if not form.is_valid():
        if not for_later:
            _add_missing(form, _as_typed(application, form), today)
        return _project_page(request, application, form)
    try:
        saved = services.save_application(
            request.actor,
            application,
            answers=form.answers,
            expected_revision=form.cleaned_data["revision"],
            now=now,
        )
    except services.ChangedMeanwhile as conflict:
        return _conflict_page(request, form, conflict)
    except Refusal as refusal:
        put_refusal(form, refusal)
        return _project_page(request, application, form)
    if not for_later and _add_missing(form, saved, today):
        return _project_page(request, application, form)
    return _onwards(saved, for_later=for_later)


def _asking(application: Application, form: ProjectForm) -> ProjectForm:
    """Only what may change of a returned application."""
    may_change = services.open_parts(application)
    form.keep([] if may_change is None else [name for name in ANSWERS if name not in may_change])
    return form


def _onwards(saved: Application, *, for_later: bool) -> HttpResponse:
    """To the first section of the programme's own form, where it has one."""
    if for_later:
        return redirect("incentives:application_detail", application_id=saved.pk)
    sections = form_sections(saved)
    if sections:
        first = sections[0].number
        return redirect("incentives:application_section", application_id=saved.pk, form_section=first)
    return redirect("incentives:application_documents", application_id=saved.pk)


def _as_typed(application: Application, form: ProjectForm) -> Application:
    """The application with those answers that could be read, for a look at it that saves nothing."""
    typed = copy(application)
    for name in ANSWERS:
        setattr(typed, name, form.cleaned_data.get(name, getattr(application, name)))
    return typed


def _add_missing(form: ProjectForm, application: Application, today: date) -> bool:
    """Say at each field that has no error yet what its answer still lacks; whether there was anything."""
    missing = [entry for entry in services.check_application(application, today) if entry.field in ANSWERS]
    for entry in missing:
        if entry.field not in form.errors:
            form.add_error(entry.field if entry.field in form.fields else None, entry.message)
    return bool(missing)


def _conflict_page(request: ActingRequest, form: ProjectForm, conflict: services.ChangedMeanwhile) -> HttpResponse:
    """The colleague's values beside one's own; saving again from this page is a decision, not an accident."""
    current = conflict.current
    differences = [
        {
            "label": label_of(name, current.programme_version),
            "theirs": written(current, name),
            "mine": form[name].value(),
        }
        for name, value in form.answers.items()
        if getattr(current, name) != value
    ]
    redrawn(form, revision=current.revision)
    form.add_error(None, conflict.message)
    return _project_page(request, current, form, {"differences": differences})


def _project_page(
    request: ActingRequest, application: Application, form: ProjectForm, more: dict[str, Any] | None = None
) -> HttpResponse:
    _now, today = moment(request)
    sections = form_sections(application)
    context = {
        "application": application,
        "form": form,
        "fields": [
            {
                "bound": form[name] if name in form.fields else None,
                "label": label_of(name, application.programme_version),
                "value": written(application, name),
                "comments": open_comments(application, name),
            }
            for name in ANSWERS
        ],
        "worth": worth_of(application, today),
        "places": len(sections) + 2,
        "days_left": (application.programme_version.window_at(today).closes_on - today).days,
        **(more or {}),
    }
    status = UNPROCESSABLE if form.is_bound else 200
    return render(request, "incentives/application_project.html", context, status=status)


@acting(permissions.can_apply)
@require_POST
def application_autosave(request: ActingRequest, application_id: UUID) -> HttpResponse:
    """Keep what was typed so far. Answers the new revision, when it was saved, and the estimate drawn anew.

    A value that is only half typed is no failure: the others are kept, and `unsaved` says so for its field.
    """
    application = one_application(request, application_id)
    form = _asking(application, ProjectForm(request.POST))
    left_out = {} if form.is_valid() else unsaved(form.errors, {name: form[name].label for name in form.fields})
    revision = form.cleaned_data.get("revision")
    if revision is None:
        return JsonResponse(left_out)
    now, today = moment(request)
    try:
        saved = services.save_application(
            request.actor, application, answers=form.answers, expected_revision=revision, now=now
        )
    except services.ChangedMeanwhile:
        said = _("Not saved: a colleague changed this meanwhile. Press “Save and continue” to compare.")
        return JsonResponse({"said": said}, status=409)
    except Refusal as refusal:
        return JsonResponse({"said": refusal.message}, status=409)
    estimate = render_to_string("incentives/_estimate.html", {"worth": worth_of(saved, today), "live": True}, request)
    answer = {
        "fields": {"revision": saved.revision},
        "said": saved_words(saved.saved_at),
        "replace": {"estimate": estimate},
    }
    return JsonResponse(answer | left_out)
