"""Two applications that seem to claim the same, side by side."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from incentives import permissions, queries, services
from incentives.choices import WAITING_FOR_OFFICIALS, ClaimKind
from incentives.duplicate_permissions import explain_no_answer
from incentives.forms.duplicates import DuplicateForm
from incentives.models import Application, Duplicate
from incentives.views.acting import moment, redrawn
from incentives.views.answers import label_of, written
from lib.formatting import localized, money, percent
from lib.refusals import Refusal
from lib.templatetags.ui import local_day
from parks.access import acting
from parks.requests import ActingRequest
from parks.views.forms import form_page, put_refusal

COMPARED = ("project_title", "project_summary", "completed_on", "investment_cny", "saving_tce")


@acting(permissions.can_open_queue)
def duplicate_detail(request: ActingRequest, duplicate_id: UUID) -> HttpResponse:
    """The evidence and what both sides filed; posting it answers."""
    duplicate = _duplicate(request, duplicate_id)
    others = queries.answered_together(request.actor, duplicate)
    posted = request.POST if request.method == "POST" else None
    form = DuplicateForm(posted, initial=_marks(duplicate, others), others=len(others))
    if form.is_valid() and _answered(request, duplicate, form):
        messages.success(request, _("Your answer was recorded."))
        return redirect("incentives:review_detail", application_id=_goes_on(duplicate).pk)
    duplicate = _duplicate(request, duplicate_id)
    context = {
        "duplicate": duplicate,
        "others": queries.answered_together(request.actor, duplicate) if form.is_bound else others,
        "sides": [_side(case) for case in (duplicate.later, duplicate.earlier)],
        "rows": list(_rows(duplicate.later, duplicate.earlier)),
        "pieces": pieces_of(duplicate, duplicate.later),
        "why_not": explain_no_answer(request.actor, duplicate) if duplicate.is_open else "",
    }
    return form_page(request, "incentives/duplicate_detail.html", form, **context)


def _duplicate(request: ActingRequest, duplicate_id: UUID) -> Duplicate:
    return get_object_or_404(queries.duplicates(request.actor), pk=duplicate_id)


def _marks(duplicate: Duplicate, others: Iterable[Duplicate]) -> dict[str, str]:
    return {"seen": services.evidence_mark(duplicate), "seen_others": services.pairs_mark(others)}


def _answered(request: ActingRequest, duplicate: Duplicate, form: DuplicateForm) -> bool:
    try:
        services.answer_duplicate(request.actor, duplicate, **form.cleaned_data, now=moment(request)[0])
    except services.StateChanged as refusal:
        # What is drawn now is what the person will have read when they send the form again.
        put_refusal(form, refusal)
        current = _duplicate(request, duplicate.pk)
        others = queries.answered_together(request.actor, current)
        redrawn(form, **_marks(current, others))
        form.count_others(len(others))
        return False
    except Refusal as refusal:
        put_refusal(form, refusal)
        return False
    return True


def _goes_on(duplicate: Duplicate) -> Application:
    """The case to go back to: the one that waits, the later one if both do."""
    sides = (duplicate.later, duplicate.earlier)
    return next((side for side in sides if side.state in WAITING_FOR_OFFICIALS), duplicate.later)


def _side(application: Application) -> dict[str, Any]:
    return {"application": application, "url": reverse("incentives:review_detail", args=[application.pk])}


def _rows(one: Application, other: Application) -> Iterable[dict[str, Any]]:
    """What was filed, fact by fact."""
    for label, first, second in (
        (_("Enterprise"), _firm(one), _firm(other)),
        (_("Programme"), *(localized(case.programme_version, "title") for case in (one, other))),
        *((label_of(name, one.programme_version), written(one, name), written(other, name)) for name in COMPARED),
        (_("Requested"), *(money(case.requested_cny or 0) for case in (one, other))),
        (_("Amount approved"), *(money(case.approved_cny) if case.approved_cny else "" for case in (one, other))),
        (pgettext("date", "Submitted"), *(local_day(case.submitted_at) for case in (one, other))),
    ):
        yield {"label": label, "left": first, "right": second, "is_same": bool(first) and first == second}


def _firm(application: Application) -> str:
    return f"{localized(application.enterprise, 'name')}\n{application.enterprise.credit_code}"


def duplicate_entries(duplicates: Iterable[Duplicate], application: Application) -> list[dict[str, Any]]:
    """For the page of one of the two applications."""
    return [
        {"row": row, "other": row.other_than(application), "pieces": pieces_of(row, application)} for row in duplicates
    ]


def pieces_of(duplicate: Duplicate, application: Application) -> list[dict[str, Any]]:
    """The evidence in words, what stands in this application first."""
    own, its = ("later", "earlier") if duplicate.later_id == application.pk else ("earlier", "later")
    other = duplicate.other_than(application)
    return [
        {
            "label": ClaimKind(piece["kind"]).label,
            "likeness": _likeness(piece),
            "own": _told(piece[own], application),
            "its": _told(piece[its], other),
        }
        for piece in duplicate.evidence
    ]


def _likeness(piece: dict[str, Any]) -> str:
    if not piece.get("likeness"):
        return ""
    return _("%(percent)s alike") % {"percent": percent(Decimal(piece["likeness"]) * 100, 0)}


def _told(side: dict[str, str], application: Application) -> dict[str, str]:
    place = label_of(side["place"], application.programme_version) if side["place"] else ""
    url = reverse("incentives:document_download", args=[side["document"]]) if side["document"] else ""
    return {"shown": side["shown"], "place": place, "url": url}
