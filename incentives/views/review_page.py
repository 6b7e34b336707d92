"""One application on an official's desk, with the forms of the stage in which it waits."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from incentives import award_permissions, permissions, queries, services
from incentives.choices import WAITING_FOR_OFFICIALS, Stage
from incentives.forms import AcceptForm, ApproveForm, DeclineForm, FinancialForm, ReturnForm, SubstantiveForm
from incentives.forms.review import COMMENT
from incentives.models import Application
from incentives.permissions import Act
from incentives.views.acting import UNPROCESSABLE, moment
from incentives.views.amount import Worth, worth_as_proven
from incentives.views.answers import answer_rows, document_slots, form_groups, label_of, signature
from incentives.views.duplicates import duplicate_entries
from incentives.views.timeline import filed_at, timeline
from lib.deadlines import clock
from parks.choices import Role
from parks.forms.decisions import DecisionForm
from parks.requests import ActingRequest

ACCEPTING: dict[Stage, type[AcceptForm]] = {Stage.SUBSTANTIVE: SubstantiveForm, Stage.FINANCIAL: FinancialForm}


def seen(application: Application) -> dict[str, Any]:
    """What the forms say of the application that they were drawn for."""
    return {"expected_round": application.round, "stage": stage_of(application).value}


def stage_of(application: Application) -> Stage:
    """The stage it waits in; that of an application that waits nowhere does not matter."""
    return Stage(application.stage or Stage.COMPLETENESS)


def accept_form(stage: Stage) -> type[AcceptForm]:
    return ACCEPTING.get(stage, AcceptForm)


def commented(application: Application) -> dict[str, str]:
    """What a reviewer can comment on: the answers, the required documents, and what else was attached."""
    slots = document_slots(application, with_optional=False)
    fields = [row["field"] for row in answer_rows(application, can_change=False)] + [slot.field for slot in slots]
    own = {row["field"]: row["label"] for group in form_groups(application, can_change=False) for row in group["rows"]}
    return {**{field: label_of(field, application.programme_version) for field in fields}, **own}


def filed(request: ActingRequest, application_id: UUID) -> Application:
    rows = queries.application_page(request.actor).select_related("programme_version__programme")
    return get_object_or_404(rows, pk=application_id)


def review_page(request: ActingRequest, application: Application, tried: DecisionForm | None = None) -> HttpResponse:
    now, today = moment(request)
    actor, stage = request.actor, stage_of(application)
    is_waiting = application.state in WAITING_FOR_OFFICIALS
    why_not = permissions.explain_no_decision(actor, application, stage) if is_waiting else ""
    worth = worth_as_proven(application, today)
    forms = _forms(application, stage, tried, worth.proof) if is_waiting and not why_not else {}
    returning = forms.get("return")
    last_step = application.timeline[-1] if application.timeline else None  # type: ignore[attr-defined]
    context = {
        "application": application,
        "clock": clock(application.due_at, last_step.at if last_step else None, now) if is_waiting else None,
        "rows": [
            {**row, "comment": _comment(returning, row["field"])} for row in answer_rows(application, can_change=False)
        ],
        "groups": [
            {**group, "rows": [{**row, "comment": _comment(returning, row["field"])} for row in group["rows"]]}
            for group in form_groups(application, can_change=False)
        ],
        "documents": [
            {"slot": slot, "comment": _comment(returning, slot.field)}
            for slot in document_slots(application, with_optional=False)
        ],
        "file_count": len(application.kept_documents),  # type: ignore[attr-defined]
        "dialogue": _dialogue(application),
        "worth": worth,
        "checks": services.rules_of(application, today),
        **signature(application),
        "budget": queries.budget_of(actor, application.programme_version.programme),
        "room": _room(application, worth),
        "filed_at": filed_at(application),
        "steps": timeline(application),
        "appeals": queries.appeals_of(application),
        "may_rule": award_permissions.can_handle_objections(actor),
        "reviews": queries.notes_of(application),
        "stages": _stages(application),
        **_panel(request, application),
        **_duplicates(request, application),
        "stage": stage,
        "forms": forms,
        "tried": tried,
        "unsent": _unsent(tried, forms, application) if tried else [],
        "choices": _choices(application, forms, tried),
        "why_not": why_not,
        "neighbours": queries.neighbours_in_queue(actor, application)
        if permissions.can_decide_somewhere(actor)
        else (None, None),
    }
    return render(request, "incentives/review_detail.html", context, status=UNPROCESSABLE if tried else 200)


def _panel(request: ActingRequest, application: Application) -> dict[str, Any]:
    """The expert panel, where the programme has one and the application has come to it."""
    panel = queries.panel_of(application)
    waits = application.stage == Stage.PANEL and application.state in WAITING_FOR_OFFICIALS
    if panel is None or not (panel.seats or panel.left or waits):
        return {}
    scores = panel.result.criteria if panel.result else ()
    criteria = [
        {**criterion, "name": services.criterion_name(criterion), "score": score}
        for criterion, score in zip(application.programme_version.criteria, scores, strict=False)
    ]
    may_seat = waits and permissions.can_decide_somewhere(request.actor) and not request.actor.is_read_only
    return {"panel": panel, "criteria": criteria, "may_seat": may_seat}


def _duplicates(request: ActingRequest, application: Application) -> dict[str, Any]:
    found = queries.duplicates_of(request.actor, application)
    entries = duplicate_entries(found, application)
    return {
        "duplicates": entries,
        "has_open_duplicate": any(row.is_open for row in found),
        "too_many_numbers": services.explain_too_many(application)
        if application.state in WAITING_FOR_OFFICIALS
        else "",
    }


def _stages(application: Application) -> list[dict[str, Any]]:
    """The stages that this amount goes through, with who acts there and how many of them."""
    applying = services.applying_stages(application.programme_version.stages, application.requested_cny)
    asked = {Stage(ask["stage"]): ask for ask in application.programme_version.stages}
    return [
        {
            "label": stage.label,
            "role": Role(asked[stage]["role"]).label,
            "approvals": asked[stage]["approvals"],
            "is_now": application.stage == stage,
        }
        for stage in applying
    ]


def _room(application: Application, worth: Worth) -> Decimal:
    """What the enterprise can still be granted once this application is paid as it was decided."""
    room = worth.estimate.room_cny if worth.estimate else worth.rules.cap_cny
    return max(room - (application.approved_cny or 0), Decimal(0))


def _comment(form: DecisionForm | None, field: str) -> Any:
    return form[f"{COMMENT}{field}"] if form is not None and f"{COMMENT}{field}" in form.fields else None


def _forms(
    application: Application, stage: Stage, tried: DecisionForm | None, proof: queries.Proof | None
) -> dict[str, DecisionForm]:
    """One form for each act of the stage; the one that was tried comes back as it was typed."""
    shown = seen(application)
    earlier = services.stages_before(application, stage)
    made: dict[str, DecisionForm] = {"accept": accept_form(stage)(initial=shown)}
    if stage is Stage.DECISION:
        approvals = list(queries.approvals_in(application))
        made = {"approve": ApproveForm(application=application, approvals=approvals, proof=proof, initial=shown)}
    made["return"] = ReturnForm(remarked=commented(application), earlier=earlier, initial=shown)
    made |= {"decline": DeclineForm(initial=shown)}
    return {act: tried if tried is not None and tried.act == act else form for act, form in made.items()}


def _unsent(tried: DecisionForm, forms: dict[str, DecisionForm], application: Application) -> list[dict[str, str]]:
    """What was typed into a form that the page does not draw any more, to be read and copied."""
    drawn = set(forms[tried.act].fields) if tried.act in forms else set()
    typed = {name: value for name, value in tried.data.items() if name not in drawn and value.strip()}
    labels = {bound.name: str(bound.label) for bound in tried.visible_fields()}
    version = application.programme_version
    labels |= {f"{COMMENT}{field}": label_of(field, version) for field in services.reviewable_fields(version)}
    return [{"label": labels[name], "value": typed[name]} for name in typed if name in labels]


def _choices(
    application: Application, forms: dict[str, DecisionForm], tried: DecisionForm | None
) -> list[dict[str, Any]]:
    is_check = application.stage == Stage.COMPLETENESS
    words = {
        "accept": (_("Accept as complete") if is_check else _("Pass this stage"), _following(application)),
        "return": (_("Return for changes"), _("Say beside each answer or document what to change")),
        "approve": (_("Approve"), _approving(application)),
        "decline": (_("Decline"), _("With a reason that the enterprise reads")),
    }
    barred = permissions.explain_inactive(application.enterprise, Act.APPROVE) or services.explain_claimed_twice(
        application
    )
    chosen = tried.act if tried is not None and tried.act in forms else next(iter(forms), "")
    return [
        {
            "act": act,
            "label": words[act][0],
            "hint": words[act][1],
            "form": form,
            "hidden": form.hidden_fields(),
            "shown": [bound for bound in form.visible_fields() if not bound.name.startswith(COMMENT)],
            "barred": barred if act == "approve" else "",
            "url": reverse(f"incentives:review_{act}", kwargs={"application_id": application.pk}),
            "is_chosen": act == chosen,
        }
        for act, form in forms.items()
    ]


def _following(application: Application) -> str:
    """What follows when enough people let it pass."""
    stages = services.applying_stages(application.programme_version.stages, application.requested_cny)
    later = [stage for stage in stages if services.ORDER[stage] > services.ORDER[stage_of(application)]]
    following = _("Goes on to: %(stage)s") % {"stage": later[0].label} if later else ""
    wanted = _approvals_of(application)
    return f"{following} · {_people(wanted)}" if wanted > 1 else following


def _approving(application: Application) -> str:
    wanted, given = _approvals_of(application), queries.approvals_in(application).count()
    if wanted == 1:
        return _("Commits the amount against the budget")
    return _("Approval %(number)s of %(wanted)s; the last one commits the amount") % {
        "number": given + 1,
        "wanted": wanted,
    }


def _approvals_of(application: Application) -> int:
    asked = application.programme_version.stages
    return next((ask["approvals"] for ask in asked if ask["stage"] == application.stage), 1)


def _people(wanted: int) -> str:
    return ngettext("%(count)s person has to pass it", "%(count)s people have to pass it", wanted) % {"count": wanted}


def _dialogue(application: Application) -> list[dict[str, Any]]:
    """What was asked to be changed, by round and field, with what stands there now."""
    comments = application.comments  # type: ignore[attr-defined]
    documents = application.kept_documents  # type: ignore[attr-defined]
    return [
        {
            "label": label_of(comment.field, application.programme_version),
            "comment": comment,
            "is_answered": comment.round < application.round,
            "is_unchanged": services.is_unchanged(comment, application, documents),
            "url": reverse("incentives:review_detail", kwargs={"application_id": application.pk}) + f"#{comment.field}",
        }
        for comment in reversed(comments)
    ]
