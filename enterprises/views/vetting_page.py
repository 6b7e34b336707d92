"""One registration on an official's desk: what was filed, who it may be already, and the decision."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from enterprises.calculations import check_character_fits
from enterprises.choices import RegistrationState
from enterprises.forms.vetting import REMARK, ApproveForm, RejectForm, ReturnForm
from enterprises.models import Enterprise, Registration, RegistrationStep
from enterprises.permissions import can_vet, explain_no_vetting
from enterprises.queries import vetting as queries
from enterprises.services.registration_check import SECTIONS
from enterprises.services.registration_ground import FIELDS, shown_value
from enterprises.services.vetting import explain_other_codes
from enterprises.views.comparing import drawn_candidate, joined_to, other_name
from enterprises.views.registering import REFUSALS, TITLES, UNPROCESSABLE, note_of, paper_slots, state_badge
from lib.deadlines import clock, day_words
from lib.templatetags.ui import local_day
from parks.actors import Actor
from parks.forms.decisions import DecisionForm
from parks.requests import ActingRequest


def vetting_page(
    request: ActingRequest, registration: Registration, now: datetime, tried: DecisionForm | None = None
) -> HttpResponse:
    actor = request.actor
    is_waiting = registration.state == RegistrationState.SUBMITTED
    why_not = explain_no_vetting(actor, registration) if is_waiting else ""
    candidates = _candidates(registration)
    is_registered = any(found.is_registered and found.has_same_code for found in candidates)
    forms = _forms(registration, tried) if is_waiting and not why_not else {}
    way: list[RegistrationStep] = getattr(registration, "way", [])
    context = {
        "registration": registration,
        "other_name": other_name(registration),
        "badge": state_badge(registration),
        "clock": clock(registration.due_at, way[-1].at if way else None, now) if is_waiting else None,
        "code_fits": check_character_fits(registration.credit_code),
        "sections": _sections(registration, forms.get("return")),
        "papers": _papers(registration, forms.get("return")),
        "candidates": _drawn(actor, registration, candidates, may_join=bool(forms)),
        "remarks": _remarks(registration),
        "steps": timeline(registration),
        "tried": tried,
        "unsent": _unsent(tried, forms) if tried else [],
        "choices": _choices(registration, forms, tried, is_registered=is_registered),
        "why_not": why_not,
        "neighbours": queries.neighbours(actor, registration) if can_vet(actor) else (None, None),
    }
    return render(request, "enterprises/vetting_detail.html", context, status=UNPROCESSABLE if tried else 200)


def _candidates(registration: Registration) -> list[queries.Candidate]:
    """Who may be the same enterprise, as long as it is not decided."""
    if registration.state not in queries.WITH_THE_PARK:
        return []
    return queries.duplicates(registration, registration.park_id, registration.pk)


def _drawn(
    actor: Actor, registration: Registration, candidates: list[queries.Candidate], *, may_join: bool
) -> list[dict[str, Any]]:
    is_known = any(found.is_registered for found in candidates)
    known = [joined_to(found.found) for found in candidates if isinstance(found.found, Enterprise)]
    barred = explain_other_codes(actor, registration, known) if may_join else {}
    left = queries.ended_places(registration.park_id, registration.registrant_id) if is_known else {}
    return [drawn_candidate(registration, found, may_join=may_join, barred=barred, left=left) for found in candidates]


def redrawn(form: DecisionForm, registration: Registration) -> None:
    """Draw a form that was typed on an older page as one of the page that stands now."""
    typed = form.data.dict() if isinstance(form.data, QueryDict) else dict(form.data)
    form.data = {**typed, "expected_round": str(registration.round)}


def _sections(registration: Registration, returning: DecisionForm | None) -> list[dict[str, Any]]:
    """The facts in the order of the registrant's pages, each with the box for a remark while one may be written."""
    return [
        {
            "title": TITLES[name],
            "rows": [
                {
                    "field": field,
                    "label": FIELDS[field],
                    "value": shown_value(registration, field),
                    "note": _note(registration, field),
                    "comment": _box(returning, field),
                }
                for field in fields
                if field in FIELDS and field != "capital_currency"
            ],
        }
        for name, fields in SECTIONS.items()
        if name != "papers"
    ]


def _note(registration: Registration, field: str) -> str:
    if field == "credit_code" and registration.is_code_confirmed:
        return _("The registrant has confirmed that the licence carries exactly this code.")
    return note_of(registration, field)


def _papers(registration: Registration, returning: DecisionForm | None) -> list[dict[str, Any]]:
    return [{**slot, "comment": _box(returning, slot["field"])} for slot in paper_slots(registration, only_used=True)]


def _box(form: DecisionForm | None, field: str) -> Any:
    return form[f"{REMARK}{field}"] if form is not None and f"{REMARK}{field}" in form.fields else None


def remarked(registration: Registration) -> dict[str, Any]:
    """What a registrar can remark on: every fact, and the documents that were filed or should have been."""
    papers = {slot["field"] for slot in paper_slots(registration, only_used=True)}
    return {name: label for name, label in FIELDS.items() if not name.startswith("paper_") or name in papers}


def approving(registration: Registration, **options: Any) -> ApproveForm:
    return ApproveForm(asks_to_confirm=not check_character_fits(registration.credit_code), **options)


def _forms(registration: Registration, tried: DecisionForm | None) -> dict[str, DecisionForm]:
    """One form for each act; the one that was tried comes back as it was typed."""
    seen = {"expected_round": registration.round}
    made: dict[str, DecisionForm] = {
        "approve": approving(registration, initial=seen),
        "return": ReturnForm(remarked=remarked(registration), initial=seen),
        "reject": RejectForm(initial=seen),
    }
    return {act: tried if tried is not None and tried.act == act else form for act, form in made.items()}


def _unsent(tried: DecisionForm, forms: dict[str, DecisionForm]) -> list[dict[str, str]]:
    """What was typed into a form that the page does not draw any more, to be read and copied."""
    drawn = set(forms[tried.act].fields) if tried.act in forms else set()
    labels = {bound.name: str(bound.label) for bound in tried.visible_fields()}
    typed = {name: str(value) for name, value in tried.data.items() if name in labels and name not in drawn}
    return [{"label": labels[name], "value": value} for name, value in typed.items() if value.strip()]


def _choices(
    registration: Registration, forms: dict[str, DecisionForm], tried: DecisionForm | None, *, is_registered: bool
) -> list[dict[str, Any]]:
    words = {
        "approve": (_("Approve and register"), _("The registrant becomes its owner")),
        "return": (_("Return for corrections"), _("Say beside each field or document what to correct")),
        "reject": (_("Reject"), _("For good, with a reason that the registrant reads")),
    }
    barred = _("This code is registered already: join the registrant to that enterprise instead, in the comparison.")
    first = "return" if is_registered else "approve"
    chosen = tried.act if tried is not None and tried.act in forms else first
    return [
        {
            "act": act,
            "label": words[act][0],
            "hint": words[act][1],
            "form": form,
            "hidden": form.hidden_fields(),
            "shown": [bound for bound in form.visible_fields() if not bound.name.startswith(REMARK)],
            "barred": barred if act == "approve" and is_registered else "",
            "url": reverse(f"enterprises:vetting_{act}", kwargs={"registration_id": registration.pk}),
            "is_chosen": act == chosen,
        }
        for act, form in forms.items()
    ]


def _remarks(registration: Registration) -> list[dict[str, Any]]:
    """What was asked to be corrected, the last first, and whether something else stands there now."""
    return [
        {
            "label": FIELDS.get(remark.field, remark.field),
            "remark": remark,
            "is_answered": remark.round < registration.round,
            "now": (now := shown_value(registration, remark.field)),
            "is_unchanged": remark.found == now,
        }
        for remark in reversed(getattr(registration, "remarks_made", []))
    ]


def timeline(registration: Registration) -> list[dict[str, str]]:
    """What has happened, oldest first, and whose turn it is, in words for officials."""
    way: list[RegistrationStep] = getattr(registration, "way", [])
    marks = [
        {
            "state": "refused" if step.kind in REFUSALS else "done",
            "label": str(step.get_kind_display()),
            "by": step.by_name,
            "when": local_day(step.at, "compact"),
            "note": step.comment,
        }
        for step in way
    ]
    due = _("by %(day)s") % {"day": day_words(registration.due_at, compact=True)} if registration.due_at else ""
    if registration.state == RegistrationState.SUBMITTED:
        marks.append({"state": "now", "label": _("The park checks"), "when": due})
    elif registration.state == RegistrationState.RETURNED:
        marks[-1] = {**marks[-1], "state": "returned"}
        marks.append({"state": "later", "label": _("The registrant corrects and files again"), "when": due})
    return marks
