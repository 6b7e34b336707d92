"""The answers of a registration, a page for each section: typed, kept while typing, compared with another window."""

from __future__ import annotations

from copy import copy
from datetime import date
from typing import Any, TypeAlias
from uuid import UUID

from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from enterprises.forms.registration import BusinessForm, ContactsForm, IdentityForm, SectionForm, SitesForm
from enterprises.models import Registration
from enterprises.services.registration import ChangedMeanwhile, save_registration
from enterprises.services.registration_check import SECTIONS, check_registration, section_of
from enterprises.services.registration_ground import FIELDS, SITES, shown_value
from enterprises.views.registering import (
    TITLES,
    UNPROCESSABLE,
    label_of,
    moment,
    one_registration,
    open_remarks,
    page_url,
    redraw,
    section_url,
    typed_of,
)
from lib.formatting import saved_words
from lib.refusals import Refusal
from parks.access import registering
from parks.requests import RegisteringRequest
from parks.views.forms import put_refusal, unsaved

FORMS: dict[str, type[SectionForm]] = {"identity": IdentityForm, "business": BusinessForm, "contacts": ContactsForm}
ORDER = list(SECTIONS)
ADVICE: dict[str, dict[str, Any]] = {
    "identity": {
        "title": gettext_lazy("From the licence"),
        "lines": (
            gettext_lazy(
                "Copy these answers from the business licence: an official compares them with it. Afterwards they"
                " change by request only."
            ),
            gettext_lazy(
                "A code of the early pilots may have a check character that does not fit. It is no hindrance: you"
                " confirm it."
            ),
        ),
    },
    "business": {
        "title": gettext_lazy("What it is for"),
        "lines": (
            gettext_lazy(
                "The industry decides which programmes fit and with whom the park compares the energy that you use."
            ),
            gettext_lazy("Products in both languages are found in both. One language will do."),
        ),
    },
    "contacts": {
        "title": gettext_lazy("Who sees this"),
        "lines": (
            gettext_lazy(
                "The park's officials and, once registered, the people of your enterprise. Contacts are not published."
            ),
        ),
    },
}
LONGEST_PLACE = 3
AnswersForm: TypeAlias = SectionForm | SitesForm


@registering
def registration_section(
    request: RegisteringRequest, park_slug: str, registration_id: UUID, section: str
) -> HttpResponse:
    """One page of answers. Half of them are kept too; unless "later" is pressed, the page then says what is missing."""
    form_class = FORMS.get(section)
    if form_class is None:
        raise Http404
    registration = one_registration(request, registration_id)
    if not registration.is_editable:
        return redirect(page_url(registration, "detail"))
    if request.method != "POST":
        form = form_class.of(registration)
        drawn = (
            _checked(form, registration, moment(request)[1]) if "check" in request.GET else _prefilled(request, form)
        )
        return _section_page(registration, section, request, drawn)
    form = form_class(request.POST)
    if not form.is_valid():
        return _section_page(registration, section, request, _with_missing(request, registration, form))
    try:
        saved = _save(request, registration, form)
    except ChangedMeanwhile as conflict:
        form.add_error(None, conflict.message)
        return _section_page(conflict.current, section, request, form, is_conflict=True)
    except Refusal as refusal:
        put_refusal(form, refusal)
        return _section_page(registration, section, request, _with_missing(request, registration, form))
    return redirect(_onward(request, saved, section))


def _save(request: RegisteringRequest, registration: Registration, form: AnswersForm) -> Registration:
    """Keep what was typed; the page's documents and remarks come along."""
    saved = save_registration(
        request.registrant,
        registration,
        answers=form.answers,
        expected_revision=form.revision_read or 0,
        now=moment(request)[0],
    )
    return one_registration(request, saved.pk)


def _prefilled(request: RegisteringRequest, form: SectionForm) -> SectionForm:
    """Who registers is mostly who answers questions: offered, not stored."""
    if isinstance(form, ContactsForm) and not any(form.initial[name] for name in form.answer_names):
        form.initial.update(contact_name=request.user.name, contact_email=request.user.email)
    return form


def _as_typed(registration: Registration, form: SectionForm) -> Registration:
    """The registration with those answers that could be read, for a look at it that saves nothing."""
    typed = copy(registration)
    for name, value in form.answers.items():
        setattr(typed, name, value)
    return typed


def _checked(form: SectionForm, registration: Registration, today: date) -> SectionForm:
    """The stored answers as if they had just been typed, each with what it lacks."""
    drawn = type(form)(typed_of(form))
    _put_missing(drawn, registration, today)
    return drawn


def _with_missing(request: RegisteringRequest, registration: Registration, form: SectionForm) -> SectionForm:
    """What cannot be read, together with what is missing, unless the person goes on later."""
    if "later" not in request.POST:
        _put_missing(form, _as_typed(registration, form), moment(request)[1])
    return form


def _put_missing(form: SectionForm, registration: Registration, today: date) -> None:
    """Of a code that cannot be read nothing else is asked."""
    unread = {*form.errors, *({"is_code_confirmed"} if "credit_code" in form.errors else ())}
    for entry in check_registration(registration, today):
        if entry.field in form.fields and entry.field not in unread:
            form.add_error(entry.field, entry.message)


def _onward(request: RegisteringRequest, registration: Registration, section: str) -> str:
    """The list, what this page still lacks, the next page, or the last look when nothing is missing."""
    if "later" in request.POST:
        return page_url(registration, "detail")
    missing = {section_of(entry.field) for entry in check_registration(registration, moment(request)[1])}
    if section in missing:
        return f"{section_url(registration, section)}?check=1"
    if not missing:
        return page_url(registration, "check")
    return section_url(registration, ORDER[ORDER.index(section) + 1])


def _section_page(
    registration: Registration,
    section: str,
    request: RegisteringRequest,
    form: SectionForm,
    *,
    is_conflict: bool = False,
) -> HttpResponse:
    """After a conflict it is a page of what stands now: saving from it is a decision, not an accident."""
    differences = _differences(registration, form) if is_conflict else []
    if is_conflict:
        redraw(form, registration.revision)
    context = {
        **_page_of(registration, section),
        "form": form,
        "groups": _groups(registration, section, form),
        "advice": ADVICE[section],
        "differences": differences,
    }
    status = UNPROCESSABLE if request.method == "POST" else 200
    return render(request, "enterprises/registration_section.html", context, status=status)


def _groups(registration: Registration, section: str, form: SectionForm) -> list[dict[str, Any]]:
    """The fields of a page under their headings; of one heading only, the page's own will do."""
    fields = [{"bound": form[name], "remarks": open_remarks(registration, name)} for name in form.answer_names]
    if section != "contacts":
        return [{"fields": fields}]
    return [
        {"title": _("Main contact"), "fields": fields[:3]},
        {"title": _("Contact for energy"), "note": _("if somebody else"), "fields": fields[3:]},
    ]


def _page_of(registration: Registration, section: str) -> dict[str, Any]:
    return {
        "registration": registration,
        "park": registration.park,
        "section": section,
        "title": TITLES[section],
        "place": ORDER.index(section) + 1,
        "total": len(ORDER),
        "autosave_url": page_url(registration, "autosave", section=section),
        "is_read_only": registration.park.is_read_only,
    }


def _differences(current: Registration, form: SectionForm) -> list[dict[str, str]]:
    mine = _as_typed(current, form)
    return [
        {"label": label_of(name), "theirs": shown_value(current, name), "mine": shown_value(mine, name)}
        for name in form.answers
        if name in FIELDS and getattr(current, name) != getattr(mine, name)
    ]


@registering
def registration_sites(request: RegisteringRequest, park_slug: str, registration_id: UUID) -> HttpResponse:
    """The rows of the sites. Adding and removing one keeps the others as they were typed."""
    registration = one_registration(request, registration_id)
    if not registration.is_editable:
        return redirect(page_url(registration, "detail"))
    if request.method != "POST":
        form = SitesForm.of(registration, blank=int("new" in request.GET))
        drawn = _checked_sites(form, registration, moment(request)[1]) if "check" in request.GET else form
        return _sites_page(request, registration, drawn)
    form = SitesForm(request.POST, without=row_of(request.POST.get("remove", "")))
    if not form.is_valid():
        return _sites_page(request, registration, _with_missing_sites(request, registration, form))
    try:
        saved = _save(request, registration, form)
    except ChangedMeanwhile as conflict:
        return _sites_page(request, conflict.current, form, conflict.message, is_conflict=True)
    except Refusal as refusal:
        return _sites_page(request, registration, form, refusal.message)
    if "add" in request.POST or "remove" in request.POST:
        blank = "?new=1" if "add" in request.POST else ""
        return redirect(f"{section_url(saved, SITES)}{blank}#sites-end")
    return redirect(_onward(request, saved, SITES))


def row_of(text: str) -> int | None:
    """The place of a row as a button sends it."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < LONGEST_PLACE else None


def _checked_sites(form: SitesForm, registration: Registration, today: date) -> SitesForm:
    typed: dict[str, str] = {}
    for part in (form.head, *form.rows):
        typed.update(typed_of(part))
    drawn = SitesForm(typed)
    drawn.is_valid()
    for entry in check_registration(registration, today):
        if entry.field == SITES:
            drawn.rows[entry.row or 0].add_error(entry.column or "name", entry.message)
    return drawn


def _with_missing_sites(request: RegisteringRequest, registration: Registration, form: SitesForm) -> SitesForm:
    """What cannot be read, together with what is missing, where the person is done with the page."""
    if not request.POST.keys().isdisjoint({"later", "add", "remove"}):
        return form
    typed = copy(registration)
    typed.sites = [row.site for row in form.rows]
    for entry in check_registration(typed, moment(request)[1]):
        row = form.rows[entry.row] if entry.field == SITES and entry.row is not None else None
        if row is not None and not row.is_blank and entry.column not in row.errors:
            row.add_error(entry.column, entry.message)
    return form


def _sites_page(
    request: RegisteringRequest,
    registration: Registration,
    form: SitesForm,
    refusal: str = "",
    *,
    is_conflict: bool = False,
) -> HttpResponse:
    if form.is_bound:
        form.renumber(registration.revision if is_conflict else form.revision_read)
    context = {
        **_page_of(registration, SITES),
        "form": form,
        "remarks": open_remarks(registration, SITES),
        "refusal": refusal,
        "theirs": shown_value(registration, SITES),
        "is_conflict": is_conflict,
    }
    status = UNPROCESSABLE if request.method == "POST" else 200
    return render(request, "enterprises/registration_sites.html", context, status=status)


@registering
@require_POST
def registration_autosave(
    request: RegisteringRequest, park_slug: str, registration_id: UUID, section: str
) -> HttpResponse:
    """Keep what was typed so far. Answers the new revision and when it was saved.

    A value that cannot be read is no failure: the others are kept, and `unsaved` says so for its field.
    """
    if section not in {*FORMS, "sites"}:
        raise Http404
    registration = one_registration(request, registration_id)
    form: AnswersForm = SitesForm(request.POST) if section == "sites" else FORMS[section](request.POST)
    is_whole = form.is_valid()
    if form.revision_read is None or (section == "sites" and not is_whole):
        return JsonResponse(_unsaved(form))
    try:
        saved = _save(request, registration, form)
    except ChangedMeanwhile:
        said = _("Not saved: this was changed in another window. Press “Save and continue” to compare.")
        return JsonResponse({"said": said}, status=409)
    except Refusal as refusal:
        return JsonResponse({"said": refusal.message}, status=409)
    answer = {"fields": {"revision": saved.revision}, "said": saved_words(saved.saved_at), **_code_check(request, form)}
    return JsonResponse(answer if is_whole else {**answer, **_unsaved(form)})


def _unsaved(form: AnswersForm) -> dict[str, Any]:
    fields = {} if isinstance(form, SitesForm) else form.fields
    return unsaved(form.errors, {name: fields[name].label for name in fields})


def _code_check(request: RegisteringRequest, form: AnswersForm) -> dict[str, Any]:
    """The doubt about a code, drawn anew as the code is typed."""
    if not isinstance(form, IdentityForm):
        return {}
    return {"replace": {"code-check": render_to_string("enterprises/_code_check.html", {"form": form}, request)}}
