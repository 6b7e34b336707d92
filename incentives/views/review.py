"""The officials' queue, one application on their desk, and their decisions."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from functools import partial
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from incentives import permissions, queries, services
from incentives.choices import ApplicationState, Stage
from incentives.filters import FiledFilter, QueueFilter
from incentives.forms import AcceptForm, ApproveForm, DeclineForm, ReturnForm
from incentives.forms.review import COMMENT
from incentives.models import Application, Programme
from incentives.permissions import Act
from incentives.tables import FiledTable, QueueTable
from incentives.views.acting import UNPROCESSABLE, moment, redrawn
from incentives.views.amount import Worth, worth_of
from incentives.views.answers import answer_rows, document_slots, label_of
from incentives.views.lists import list_page
from incentives.views.timeline import filed_at, timeline
from lib import long_lists
from lib.deadlines import clock
from lib.refusals import Refusal
from lib.templatetags.ui import localized_filter
from parks.access import acting
from parks.actors import Actor
from parks.forms.decisions import DecisionForm
from parks.requests import ActingRequest
from parks.views.forms import put_refusal
from parks.views.saved_views import saved_views

VIEWS = ("mine", "waiting", "returned", "decided")


def is_decider(actor: Actor) -> bool:
    return permissions.can_check_completeness(actor) or permissions.can_decide(actor)


@acting(permissions.can_open_queue)
def review_queue(request: ActingRequest) -> HttpResponse:
    """The saved view of the address, by default one's own work for those who decide."""
    now, _today = moment(request)
    actor = request.actor
    may_decide = is_decider(actor)
    chosen = request.GET.get("view", "")
    view = chosen if chosen in VIEWS else ("mine" if may_decide else "waiting")
    views = queries.views(actor)
    counts = queries.queue_counts(actor)
    rows, order_by = views[view], "time_left"
    if view == "decided":
        rows, order_by = rows.order_by("-decided_at", "id"), ""
    programmes = list(queries.filed_programmes(actor))
    return list_page(
        request,
        "incentives/review_queue.html",
        filters=QueueFilter(request.GET, rows, programmes=_programme_choices(programmes)),
        table=partial(QueueTable, may_decide=may_decide, now=now, order_by=order_by),
        name="queue",
        shown=queries.queue(actor),
        count=counts[view],
        context={
            "view": view,
            "tabs": _tabs(view, counts, may_decide=may_decide),
            "budgets": queries.budgets(actor, queries.published_first(programmes)),
            "next_one": queries.next_to_decide(views["mine"]) if may_decide else None,
            **saved_views(request, own=("view",)),
        },
    )


def _tabs(view: str, counts: dict[str, int], *, may_decide: bool) -> list[dict[str, Any]]:
    labels = {
        "mine": _("Mine to do"),
        "waiting": _("All waiting"),
        "returned": _("With the enterprise"),
        "decided": _("Decided"),
    }
    return [
        {
            "label": label,
            "url": f"?{urlencode({'view': name})}",
            "count": long_lists.count_words(counts[name]),
            "active": name == view,
        }
        for name, label in labels.items()
        if name != "mine" or may_decide
    ]


def _programme_choices(programmes: Iterable[Programme]) -> list[tuple[str, str]]:
    return [(str(row.pk), localized_filter(row, "title")) for row in programmes]


@acting(permissions.can_open_queue)
def filed_list(request: ActingRequest) -> HttpResponse:
    rows = Application.objects.visible_to(request.actor).order_by("-submitted_at")
    return list_page(
        request,
        "incentives/filed_list.html",
        filters=FiledFilter(request.GET, rows, programmes=_programme_choices(queries.filed_programmes(request.actor))),
        table=FiledTable,
        name="applications",
        shown=queries.lines(request.actor),
    )


@acting(permissions.can_open_queue)
def review_detail(request: ActingRequest, application_id: UUID) -> HttpResponse:
    return _review_page(request, _filed(request, application_id))


@acting(permissions.can_check_completeness)
@require_POST
def review_accept(request: ActingRequest, application_id: UUID) -> HttpResponse:
    application = _filed(request, application_id)
    form = AcceptForm(request.POST)

    def act() -> Application:
        return services.accept_application(
            request.actor, application, **_typed(form, "expected_round", "note"), now=moment(request)[0]
        )

    return _decide(request, application, form, act, _("%(number)s was accepted as complete."))


@acting(permissions.can_check_completeness)
@require_POST
def review_return(request: ActingRequest, application_id: UUID) -> HttpResponse:
    application = _filed(request, application_id)
    form = ReturnForm(request.POST, remarked=_commented(application))

    def act() -> Application:
        return services.return_application(
            request.actor,
            application,
            comments=form.remarks,
            **_typed(form, "expected_round", "message", "note"),
            now=moment(request)[0],
        )

    return _decide(request, application, form, act, _("%(number)s was returned for changes."))


@acting(permissions.can_decide)
@require_POST
def review_approve(request: ActingRequest, application_id: UUID) -> HttpResponse:
    application = _filed(request, application_id)
    form = ApproveForm(request.POST, application=application)

    def act() -> Application:
        return services.approve_application(
            request.actor,
            application,
            **_typed(form, "expected_round", "amount_cny", "message", "note"),
            now=moment(request)[0],
        )

    return _decide(request, application, form, act, _("%(number)s was approved."))


@acting(is_decider)
@require_POST
def review_decline(request: ActingRequest, application_id: UUID) -> HttpResponse:
    application = _filed(request, application_id)
    form = DeclineForm(request.POST)

    def act() -> Application:
        return services.decline_application(
            request.actor,
            application,
            **_typed(form, "expected_round", "stage", "reason", "note"),
            now=moment(request)[0],
        )

    return _decide(request, application, form, act, _("%(number)s was declined."))


def _typed(form: DecisionForm, *names: str) -> dict[str, Any]:
    return {name: form.cleaned_data[name] for name in names}


def _decide(
    request: ActingRequest, application: Application, form: DecisionForm, act: Callable[[], Application], said: str
) -> HttpResponse:
    """Carry out an act and go on to the next case; what is wrong or refused is said on the page of this one."""
    if not form.is_valid():
        return _review_page(request, application, form)
    try:
        act()
    except services.StateChanged as refusal:
        # What is drawn now is what the person will have read when they send the form again.
        put_refusal(form, refusal)
        now_there = _filed(request, application.pk)
        redrawn(form, **_seen(now_there))
        return _review_page(request, now_there, form)
    except Refusal as refusal:
        put_refusal(form, refusal)
        return _review_page(request, _filed(request, application.pk), form)
    messages.success(request, said % {"number": application.number})
    return redirect("incentives:review_detail", application_id=application.pk)


def _seen(application: Application) -> dict[str, Any]:
    """What the forms say of the application that they were drawn for."""
    return {"expected_round": application.round, "stage": _stage(application).value}


def _stage(application: Application) -> Stage:
    return Stage.DECISION if application.state == ApplicationState.ACCEPTED else Stage.COMPLETENESS


def _commented(application: Application) -> dict[str, str]:
    """What a reviewer can comment on: the answers, the required documents, and what else was attached."""
    slots = document_slots(application, with_optional=False)
    fields = [row["field"] for row in answer_rows(application, can_change=False)] + [slot.field for slot in slots]
    return {field: label_of(field) for field in fields}


def _filed(request: ActingRequest, application_id: UUID) -> Application:
    rows = queries.application_page(request.actor).select_related("programme_version__programme")
    return get_object_or_404(rows, pk=application_id)


def _review_page(request: ActingRequest, application: Application, tried: DecisionForm | None = None) -> HttpResponse:
    now, today = moment(request)
    actor, stage = request.actor, _stage(application)
    is_waiting = application.state in {ApplicationState.SUBMITTED, ApplicationState.ACCEPTED}
    act = Act.APPROVE if stage is Stage.DECISION else Act.REVIEW
    why_not = permissions.explain_why_not(actor, application, act) if is_waiting else ""
    forms = _forms(application, stage, tried) if is_waiting and not why_not else {}
    returning = forms.get("return")
    worth = worth_of(application, today, _("Payable"))
    last_step = application.timeline[-1] if application.timeline else None  # type: ignore[attr-defined]
    context = {
        "application": application,
        "clock": clock(application.due_at, last_step.at if last_step else None, now) if is_waiting else None,
        "rows": [
            {**row, "comment": _comment(returning, row["field"])} for row in answer_rows(application, can_change=False)
        ],
        "documents": [
            {"slot": slot, "comment": _comment(returning, slot.field)}
            for slot in document_slots(application, with_optional=False)
        ],
        "file_count": len(application.kept_documents),  # type: ignore[attr-defined]
        "dialogue": _dialogue(application),
        "worth": worth,
        "checks": services.rules_of(application, today),
        "budget": queries.budget_of(actor, application.programme_version.programme),
        "room": _room(application, worth),
        "filed_at": filed_at(application),
        "steps": timeline(application),
        "reviews": queries.notes_of(application),
        "forms": forms,
        "tried": tried,
        "unsent": _unsent(tried, forms) if tried else [],
        "choices": _choices(application, forms, tried),
        "why_not": why_not,
        "neighbours": queries.neighbours_in_queue(actor, application) if is_decider(request.actor) else (None, None),
    }
    return render(request, "incentives/review_detail.html", context, status=UNPROCESSABLE if tried else 200)


def _room(application: Application, worth: Worth) -> Decimal:
    """What the enterprise can still be granted once this application is paid as it was decided."""
    room = worth.estimate.room_cny if worth.estimate else worth.rules.cap_cny
    return max(room - (application.approved_cny or 0), Decimal(0))


def _comment(form: DecisionForm | None, field: str) -> Any:
    return form[f"{COMMENT}{field}"] if form is not None and f"{COMMENT}{field}" in form.fields else None


def _forms(application: Application, stage: Stage, tried: DecisionForm | None) -> dict[str, DecisionForm]:
    """One form for each act of the stage; the one that was tried comes back as it was typed."""
    made: dict[str, DecisionForm]
    seen = _seen(application)
    if stage is Stage.DECISION:
        made = {"approve": ApproveForm(application=application, initial=seen), "decline": DeclineForm(initial=seen)}
    else:
        made = {
            "accept": AcceptForm(initial=seen),
            "return": ReturnForm(remarked=_commented(application), initial=seen),
            "decline": DeclineForm(initial=seen),
        }
    return {act: tried if tried is not None and tried.act == act else form for act, form in made.items()}


def _unsent(tried: DecisionForm, forms: dict[str, DecisionForm]) -> list[dict[str, str]]:
    """What was typed into a form that the page does not draw any more, to be read and copied."""
    drawn = set(forms[tried.act].fields) if tried.act in forms else set()
    typed = {name: value for name, value in tried.data.items() if name not in drawn and value.strip()}
    labels = {bound.name: str(bound.label) for bound in tried.visible_fields()}
    labels |= {f"{COMMENT}{field}": label_of(field) for field in services.reviewable_fields()}
    return [{"label": labels[name], "value": typed[name]} for name in typed if name in labels]


def _choices(
    application: Application, forms: dict[str, DecisionForm], tried: DecisionForm | None
) -> list[dict[str, Any]]:
    words = {
        "accept": (_("Accept as complete"), _("Goes to the approver for decision")),
        "return": (_("Return for changes"), _("Say beside each answer or document what to change")),
        "approve": (_("Approve"), _("Commits the amount against the budget")),
        "decline": (_("Decline"), _("With a reason that the enterprise reads")),
    }
    barred = permissions.explain_inactive(application.enterprise, Act.APPROVE)
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


def _dialogue(application: Application) -> list[dict[str, Any]]:
    """What was asked to be changed, by round and field, with what stands there now."""
    comments = application.comments  # type: ignore[attr-defined]
    documents = application.kept_documents  # type: ignore[attr-defined]
    return [
        {
            "label": label_of(comment.field),
            "comment": comment,
            "is_answered": comment.round < application.round,
            "is_unchanged": services.is_unchanged(comment, application, documents),
            "url": reverse("incentives:review_detail", kwargs={"application_id": application.pk}) + f"#{comment.field}",
        }
        for comment in reversed(comments)
    ]
