"""What the pages of a registration know of it, and how they write it out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.forms import BaseForm
from django.http import QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from enterprises.choices import PaperKind, RegistrationState, RegistrationStepKind
from enterprises.industries import industry_of
from enterprises.models import Registration, RegistrationRemark, RegistrationStep
from enterprises.queries.registrations import own_registration_page
from enterprises.services.registration_check import SECTIONS, Missing, required_papers, section_of
from enterprises.services.registration_ground import (
    FIELDS,
    FILED_PAPERS,
    SITES,
    kept_papers,
    paper_field,
    shown_site,
    shown_value,
)
from enterprises.services.unfiled import as_typed
from lib.formatting import day
from lib.periods import local_day
from lib.templatetags.ui import local_day as day_words
from parks.requests import RegisteringRequest

UNPROCESSABLE = HTTPStatus.UNPROCESSABLE_ENTITY
TITLES = {
    "identity": gettext_lazy("Identity"),
    "business": gettext_lazy("Business"),
    "sites": gettext_lazy("Sites"),
    "contacts": gettext_lazy("Contacts"),
    "papers": gettext_lazy("Documents"),
}
ASKED_ABOUT = {"is_code_confirmed": "credit_code", "is_legal_representative": "legal_representative"}
"""Confirmations are remarked on at the answer that they confirm."""
REFUSALS = frozenset({RegistrationStepKind.REJECTED, RegistrationStepKind.WITHDRAWN})
STATES = {
    RegistrationState.DRAFT: ("mute", ""),
    RegistrationState.SUBMITTED: ("info", "clock"),
    RegistrationState.RETURNED: ("warn", "arrow-back-up"),
    RegistrationState.APPROVED: ("ok", None),
    RegistrationState.JOINED: ("ok", None),
    RegistrationState.REJECTED: ("bad", None),
    RegistrationState.WITHDRAWN: ("mute", ""),
}


def moment(request: RegisteringRequest) -> tuple[datetime, date]:
    """Now, and the day it is in the park."""
    now = timezone.now()
    return now, local_day(now, request.park.time_zone)


def one_registration(request: RegisteringRequest, registration_id: UUID) -> Registration:
    """As its registrant left it, also where it is returned and not filed again."""
    return as_typed(get_object_or_404(own_registration_page(request.registrant), pk=registration_id))


def page_url(registration: Registration, name: str, **more: Any) -> str:
    kwargs = {"park_slug": registration.park.slug, "registration_id": registration.pk, **more}
    return reverse(f"enterprises:registration_{name}", kwargs=kwargs)


def section_url(registration: Registration, section: str) -> str:
    if section in {"sites", "papers"}:
        return page_url(registration, section)
    return page_url(registration, "section", section=section)


def redraw(form: BaseForm, revision: int) -> None:
    """Draw a form that was typed on an older page as one of the page that stands now."""
    typed = form.data.dict() if isinstance(form.data, QueryDict) else dict(form.data)
    form.data = {**typed, "revision": str(revision)}


def typed_of(form: BaseForm) -> dict[str, str]:
    """What a browser would send of a form as it is drawn."""
    drawn = {bound.html_name: bound.value() for bound in form}
    sent = {name: value for name, value in drawn.items() if value is not None and value is not False}
    return {name: "on" if value is True else str(value) for name, value in sent.items()}


def label_of(field: str) -> str:
    return str(FIELDS[ASKED_ABOUT.get(field, field)])


def field_url(registration: Registration, field: str, row: int | None = None, column: str = "") -> str:
    """Where a field is changed, and the place on that page."""
    section = section_of(field)
    if section == "papers":
        return f"{section_url(registration, section)}#{field}"
    if section == "sites":
        place = f"#id_site-{row}-{column}" if row is not None else ""
        return f"{section_url(registration, section)}{place}"
    return f"{section_url(registration, section)}#id_{field}"


def open_remarks(registration: Registration, field: str = "") -> list[RegistrationRemark]:
    """What the last return says, of one field or of all, while the registrant is to answer it."""
    made: list[RegistrationRemark] = getattr(registration, "remarks_made", [])
    if registration.state != RegistrationState.RETURNED:
        return []
    return [found for found in made if found.round == registration.round and field in {"", found.field}]


def is_answered(registration: Registration, remark: RegistrationRemark) -> bool:
    """Whether something else stands there now than what the park has found."""
    return remark.found != shown_value(registration, remark.field)


def unanswered(registration: Registration) -> list[RegistrationRemark]:
    return [found for found in open_remarks(registration) if not is_answered(registration, found)]


def asked_rows(registration: Registration) -> list[dict[str, Any]]:
    """What the park asks to have changed, each with where that is done and whether it is."""
    return [
        {
            "label": label_of(found.field),
            "remark": found,
            "url": field_url(registration, found.field),
            "is_answered": is_answered(registration, found),
        }
        for found in open_remarks(registration)
    ]


def state_badge(registration: Any) -> dict[str, Any]:
    """Also of one that was begun, before its park is chosen."""
    state = RegistrationState(registration.state)
    tone, icon = STATES[state]
    return {"state": tone, "label": state.label, "icon": icon}


def answer_rows(registration: Registration, section: str, *, can_change: bool) -> list[dict[str, Any]]:
    """Rows of a summary list; a confirmation is told with what it confirms, the currency with the amount."""
    if section == SITES and registration.sites:
        return _site_rows(registration, can_change=can_change)
    fields = [field for field in SECTIONS[section] if field in FIELDS and field != "capital_currency"]
    return [
        {
            "label": label_of(field),
            "value": shown_value(registration, field),
            "note": note_of(registration, field),
            "url": field_url(registration, field) if can_change else "",
        }
        for field in fields
    ]


def _site_rows(registration: Registration, *, can_change: bool) -> list[dict[str, Any]]:
    return [
        {
            "label": site["name"] or _("Site %(number)s") % {"number": row + 1},
            "value": shown_site({**site, "name": ""}),
            "url": field_url(registration, SITES, row, "name") if can_change else "",
        }
        for row, site in enumerate(registration.sites)
    ]


def note_of(registration: Registration, field: str) -> str:
    """What is said below an answer: what it stands for, what was confirmed."""
    if field == "credit_code" and registration.is_code_confirmed:
        return _("The check character does not fit; confirmed as it stands on the licence.")
    if field == "legal_representative" and registration.is_legal_representative:
        return _("registers it in person")
    if field == "industry_code" and registration.industry_code:
        known = industry_of(registration.industry_code)
        return known.name if known else ""
    return ""


def paper_slots(registration: Registration, *, only_used: bool = False) -> list[dict[str, Any]]:
    """The kinds of documents in order, each with its files and what the park says of it."""
    required = required_papers(registration)
    slots = [_slot(registration, kind, is_required=kind in required) for kind in FILED_PAPERS]
    if only_used:
        return [slot for slot in slots if slot["is_required"] or slot["files"]]
    return [slot for slot in slots if slot["kind"] != PaperKind.AUTHORISATION or slot["is_required"] or slot["files"]]


def _slot(registration: Registration, kind: PaperKind, *, is_required: bool) -> dict[str, Any]:
    field = paper_field(kind)
    return {
        "kind": kind,
        "label": kind.label,
        "field": field,
        "is_required": is_required,
        "files": [paper for paper in kept_papers(registration) if paper.kind == kind],
        "remarks": open_remarks(registration, field),
    }


def task_list(registration: Registration, missing: Sequence[Missing]) -> list[dict[str, Any]]:
    remarked = {section_of(found.field) for found in unanswered(registration)}
    listed = [_section(registration, name, missing, remarked) for name in SECTIONS]
    return [
        *listed,
        {
            "title": _("Check and file"),
            "url": page_url(registration, "check"),
            "note": _("the last look, then your receipt"),
            "blocked": _("Cannot start yet") if missing else "",
            "state": "info",
            "state_label": _("Ready"),
            "state_icon": "clipboard-check",
        },
    ]


def _section(registration: Registration, name: str, missing: Sequence[Missing], remarked: set[str]) -> dict[str, Any]:
    lacking = [entry for entry in missing if section_of(entry.field) == name]
    return {
        "name": name,
        "title": str(TITLES[name]),
        "url": section_url(registration, name),
        "note": _section_note(registration, name),
        **_section_state(registration, name, lacking, is_remarked=name in remarked),
    }


def _section_note(registration: Registration, name: str) -> str:
    """What a section holds so far, or what it asks for."""
    match name:
        case "identity":
            return registration.name_zh or registration.name_en or _("code, names and capital, as on the licence")
        case "business":
            return registration.industry_code or _("industry, products, employees")
        case "sites":
            count = len(registration.sites)
            return ngettext("%(n)s site", "%(n)s sites", count) % {"n": count} if count else _("where it works")
        case "contacts":
            return registration.contact_name or _("who answers questions")
        case _papers:
            slots = [slot for slot in paper_slots(registration) if slot["is_required"]]
            words = {"present": len([slot for slot in slots if slot["files"]]), "required": len(slots)}
            return _("%(present)s of %(required)s uploaded") % words


def _section_state(
    registration: Registration, name: str, lacking: Sequence[Missing], *, is_remarked: bool
) -> dict[str, Any]:
    if is_remarked:
        count = len([found for found in unanswered(registration) if section_of(found.field) == name])
        label = ngettext("%(n)s comment", "%(n)s comments", count) % {"n": count}
        return {"state": "warn", "state_label": label, "state_icon": "arrow-back-up", "is_done": False}
    if not lacking:
        return {"state": "ok", "state_label": _("Completed"), "state_icon": None, "is_done": True}
    if not _is_begun(registration, name):
        return {"state": "mute", "state_label": _("Not started"), "state_icon": "", "is_done": False}
    label = ngettext("%(n)s missing", "%(n)s missing", len(lacking)) % {"n": len(lacking)}
    return {"state": "info", "state_label": label, "state_icon": "circle-dashed", "is_done": False, "is_begun": True}


def _is_begun(registration: Registration, name: str) -> bool:
    if name == "papers":
        return bool(kept_papers(registration))
    if name == SITES:
        return bool(registration.sites)
    given = [field for field in SECTIONS[name] if field not in {"kind", "capital_currency"}]
    return any(getattr(registration, field) for field in given)


def last_step(registration: Registration) -> RegistrationStep | None:
    way: list[RegistrationStep] = getattr(registration, "way", [])
    return way[-1] if way else None


def filed_again_at(registration: Registration) -> datetime | None:
    way: list[RegistrationStep] = getattr(registration, "way", [])
    return next((step.at for step in reversed(way) if step.kind == RegistrationStepKind.RESUBMITTED), None)


def due_day(registration: Registration, *, compact: bool = False) -> str:
    """The day by which the park answers, on its own calendar."""
    due_at = registration.due_at
    return day(local_day(due_at, registration.park.time_zone), compact) if due_at else ""


def timeline(registration: Registration) -> list[dict[str, str]]:
    """What has happened, oldest first, what it waits for, and what follows."""
    way: list[RegistrationStep] = getattr(registration, "way", [])
    marks = [_done(step) for step in way]
    if registration.state == RegistrationState.RETURNED and marks:
        marks[-1] = {**marks[-1], "state": "returned"}
    return [*marks, *_expected(registration)]


def _done(step: RegistrationStep) -> dict[str, str]:
    return {
        "state": "refused" if step.kind in REFUSALS else "done",
        "label": str(step.get_kind_display()),
        "by": step.by_name,
        "when": day_words(step.at, "compact"),
        "note": step.comment,
    }


def _expected(registration: Registration) -> Iterable[dict[str, str]]:
    check = {"label": _("The park checks"), "when": _("5 working days")}
    entered = {"state": "later", "label": _("Entered in the register"), "when": ""}
    match registration.state:
        case RegistrationState.DRAFT:
            yield {"state": "now", "label": _("You file"), "when": _("receipt with a number")}
            yield {"state": "later", **check}
            yield entered
        case RegistrationState.RETURNED:
            last = _("by %(day)s") % {"day": due_day(registration, compact=True)} if registration.due_at else ""
            yield {"state": "now", "label": _("You correct and file again"), "when": last}
            yield {"state": "later", **check}
            yield entered
        case RegistrationState.SUBMITTED:
            yield {
                "state": "now",
                "label": _("The park checks"),
                "when": _("by %(day)s") % {"day": due_day(registration, compact=True)},
            }
            yield entered
