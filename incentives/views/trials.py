"""A programme before it is published: as enterprises will see it, and tried with made-up answers."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from incentives import permissions, services
from incentives.calculations import AmountRules
from incentives.forms import SectionForm, TrialForm
from incentives.models import Application, Programme
from incentives.services.eligibility import check_rules
from incentives.services.form_fields import typed_answers
from incentives.views.acting import UNPROCESSABLE, moment
from incentives.views.amount import Worth, ledger
from incentives.views.answers import document_labels
from incentives.views.timeline import way_of_an_application
from lib.refusals import Refusal
from lib.rows import is_rearranging, rearranged
from parks.access import acting
from parks.requests import ActingRequest
from parks.views.forms import put_refusal


@acting(permissions.can_see_programmes)
@require_safe
def programme_preview(request: ActingRequest, programme_id: UUID) -> HttpResponse:
    """The page of the offer as it will stand there."""
    programme = _programme(request, programme_id)
    _now, today = moment(request)
    context = {
        "programme": programme,
        "version": services.version_of(programme),
        "days_left": (programme.window_at(today).closes_on - today).days,
        "is_eligible": True,
        "may_apply": True,
        "checks": check_rules(programme, {}),
        "document_labels": document_labels(programme),
        "largest_upload": filesizeformat(settings.LARGEST_UPLOAD_BYTES),
        "examples": list(services.examples_of(programme)),
        "steps": way_of_an_application(programme),
    }
    return render(request, "incentives/programme_preview.html", context)


@acting(permissions.can_see_programmes)
def programme_try(request: ActingRequest, programme_id: UUID) -> HttpResponse:
    """Made-up answers in, eligibility, amount and what is missing out. Stores nothing, sends nothing."""
    programme = _programme(request, programme_id)
    typed: Any = None
    if request.method == "POST":
        typed = rearranged(request.POST) if is_rearranging(request.POST) else request.POST
    form = TrialForm(typed)
    blank = Application(programme_version=services.version_of(programme))
    own = SectionForm(blank, services.fields_to_try(programme), typed)
    is_typed = [form.is_valid(), own.is_valid()] == [True, True]
    trial = _tried(request, programme, form, own) if is_typed else None
    failed = form.is_bound and trial is None and not own.is_rearranged
    context = {
        "programme": programme,
        "form": form,
        "own": own,
        "entries": [
            {
                "field": field,
                "bound": own[field.name] if field.name in own.fields else None,
                "table": own.tables.get(field.name),
            }
            for field in own.asked
        ],
        "trial": trial,
        "worth": _worth(programme.amount_rules, trial) if trial else None,
    }
    return render(request, "incentives/programme_try.html", context, status=UNPROCESSABLE if failed else 200)


def _tried(request: ActingRequest, programme: Programme, form: TrialForm, own: SectionForm) -> services.Trial | None:
    try:
        given = typed_answers(programme, own.answers)
    except Refusal as refusal:
        put_refusal(own, refusal)
        return None
    return services.try_programme(
        programme,
        enterprise=form.enterprise,
        labels=set(form.cleaned_data["labels"]),
        answers=form.answers,
        form_answers={key: value for key, value in given.items() if value is not None},
        granted=form.granted,
        today=moment(request)[1],
    )


def _worth(rules: AmountRules, trial: services.Trial) -> Worth:
    lines = ledger(trial.estimate, _("The enterprise may receive")) if trial.estimate else []
    return Worth(trial.estimate, rules, lines, trial.no_amount)


def _programme(request: ActingRequest, programme_id: UUID) -> Programme:
    return get_object_or_404(Programme.objects.of_park(request.actor.park_id), pk=programme_id)
