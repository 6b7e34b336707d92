"""A section of the programme's own form: filled in, kept while typing, compared with a colleague's."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from incentives import permissions, services
from incentives.form_fields import FormField, FormSection
from incentives.forms import SectionForm
from incentives.models import Application
from incentives.views.acting import UNPROCESSABLE, moment, one_application, redrawn
from incentives.views.answers import form_sections, open_comments, written_answer
from lib.formatting import saved_words
from lib.refusals import Refusal
from lib.rows import is_rearranging, rearranged
from parks.access import acting
from parks.requests import ActingRequest
from parks.views.forms import put_refusal, unsaved


@acting(permissions.can_apply)
def application_section(request: ActingRequest, application_id: UUID, form_section: int) -> HttpResponse:
    """The answers of one section. "later" keeps them half finished; otherwise what is missing is said at its field."""
    application = one_application(request, application_id)
    if not application.is_editable:
        return redirect("incentives:application_detail", application_id=application.pk)
    section = _section(application, form_section)
    if request.method != "POST":
        return _section_page(request, application, section, SectionForm(application, _asked(application, section)))
    typed = rearranged(request.POST) if is_rearranging(request.POST) else request.POST
    form = SectionForm(application, _asked(application, section), typed)
    if not form.is_valid():
        return _section_page(request, application, section, form)
    now, today = moment(request)
    try:
        saved = services.save_application(
            request.actor,
            application,
            answers=form.answers,
            expected_revision=form.cleaned_data["revision"],
            now=now,
        )
    except services.ChangedMeanwhile as conflict:
        return _conflict_page(request, section, form, conflict)
    except Refusal as refusal:
        put_refusal(form, refusal)
        return _section_page(request, application, section, form)
    return _after_saving(request, saved, form_section, form, today)


def _after_saving(
    request: ActingRequest, saved: Application, number: int, form: SectionForm, today: date
) -> HttpResponse:
    """On to the next section, unless something is missing here: also what the answers have only now made needed.

    A page that says so undoes the saving, as every answer from 400 up does; what was typed stands in it.
    """
    if "later" in request.POST:
        return redirect("incentives:application_detail", application_id=saved.pk)
    section = _section(saved, number)
    names = {field.name for field in section.fields}
    missing = [entry for entry in services.check_application(saved, today) if entry.field in names]
    if missing:
        again = SectionForm(saved, _asked(saved, section), request.POST)
        again.is_valid()
        for entry in missing:
            again.add_error(entry.field if entry.field in again.fields else None, entry.message)
        return _section_page(request, saved, section, again)
    following = next((other for other in form_sections(saved) if other.number > number), None)
    if following is None:
        return redirect("incentives:application_documents", application_id=saved.pk)
    return redirect("incentives:application_section", application_id=saved.pk, form_section=following.number)


@acting(permissions.can_apply)
@require_POST
def section_autosave(request: ActingRequest, application_id: UUID, form_section: int) -> HttpResponse:
    """Keep what was typed so far. What is only half typed is no failure: the rest is kept, and it says so."""
    application = one_application(request, application_id)
    form = SectionForm(application, _asked(application, _section(application, form_section)), request.POST)
    left_out = {} if form.is_valid() else _unsaved(form)
    revision, now = form.cleaned_data.get("revision"), moment(request)[0]
    if revision is None:
        return JsonResponse(left_out)
    try:
        saved = services.save_application(
            request.actor, application, answers=form.answers, expected_revision=revision, now=now
        )
    except services.ChangedMeanwhile:
        said = _("Not saved: a colleague changed this meanwhile. Press “Save and continue” to compare.")
        return JsonResponse({"said": said}, status=409)
    except Refusal as refusal:
        return JsonResponse({"said": refusal.message}, status=409)
    return JsonResponse({"fields": {"revision": saved.revision}, "said": saved_words(saved.saved_at)} | left_out)


def _unsaved(form: SectionForm) -> dict[str, Any]:
    errors = {row.add_prefix(name): told for row in form.with_rows for name, told in row.errors.items()}
    return unsaved(errors, {name: form[name].label for name in form.fields})


def _section(application: Application, number: int) -> FormSection:
    found = next((section for section in form_sections(application) if section.number == number), None)
    if found is None:
        raise Http404
    return found


def _asked(application: Application, section: FormSection) -> list[FormField]:
    """Only what may change of a returned application."""
    may_change = services.open_parts(application)
    return [field for field in section.fields if may_change is None or field.name in may_change]


def _conflict_page(
    request: ActingRequest, section: FormSection, form: SectionForm, conflict: services.ChangedMeanwhile
) -> HttpResponse:
    """The colleague's values beside one's own; saving again from this page is a decision, not an accident."""
    current = conflict.current
    differences = [
        {
            "label": field.label,
            "theirs": written_answer(current, field.name),
            "mine": form[field.name].value() if field.name in form.fields else "",
        }
        for field in form.asked
        if (current.form_answers.get(field.key) or None) != (form.answers[field.name] or None)
    ]
    redrawn(form, revision=current.revision)
    form.add_error(None, conflict.message)
    return _section_page(request, current, section, form, {"differences": differences})


def _section_page(
    request: ActingRequest,
    application: Application,
    section: FormSection,
    form: SectionForm,
    more: dict[str, Any] | None = None,
) -> HttpResponse:
    _now, today = moment(request)
    sections = form_sections(application)
    context = {
        "application": application,
        "section": section,
        "form": form,
        "entries": [
            {
                "field": field,
                "bound": form[field.name] if field.name in form.fields else None,
                "table": form.tables.get(field.name),
                "label": field.label,
                "value": written_answer(application, field.name),
                "is_kept": field.is_typed and field not in form.asked,
                "comments": open_comments(application, field.name),
            }
            for field in section.fields
        ],
        "place": [one.number for one in sections].index(section.number) + 2,
        "places": len(sections) + 2,
        "days_left": (application.programme_version.window_at(today).closes_on - today).days,
        **(more or {}),
    }
    status = UNPROCESSABLE if form.is_bound and not form.is_rearranged else 200
    return render(request, "incentives/application_section.html", context, status=status)
