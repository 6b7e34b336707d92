"""The list of work on readings, and what the energy manager decides of each issue."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_GET, require_POST, require_safe
from django_tables2 import RequestConfig

from energy.calculations import flags
from energy.forms.issues import AcceptForm, AskForm, DecisionForm, EditForm, EstimateForm
from energy.issue_lists import SEVERITIES, STATES, IssueFilter, IssueTable, extent_words
from energy.models import ReadingAct, ReadingIssue
from energy.permissions import can_correct, can_correct_readings, can_read_energy
from energy.queries import issues as queries
from energy.services import quality
from energy.tables import owner_words
from energy.views import drawing
from energy.views.balances import arithmetic_of
from energy.views.channels import Shown, curve_of, quality_words
from energy.views.meters import today_of
from lib import formatting
from lib.exports import requested
from lib.long_lists import LongList
from lib.refusals import Refusal
from lib.tables import exported
from lib.templatetags.ui import local_time
from parks.access import acting
from parks.requests import ActingRequest
from parks.views.forms import attempt, form_page
from parks.views.saved_views import saved_views

ISSUES_A_PAGE = 25


def one_issue(request: ActingRequest, reading_issue_id: UUID) -> ReadingIssue:
    return get_object_or_404(queries.issues(request.actor), pk=reading_issue_id)


@acting(can_read_energy)
@require_safe
def issue_list(request: ActingRequest) -> HttpResponse:
    narrowed = IssueFilter(request.GET, queryset=ReadingIssue.objects.none(), actor=request.actor)
    table = IssueTable(LongList(narrowed.qs, queries.issues(request.actor)))
    is_file = requested(request.GET.get("export"))
    RequestConfig(request, paginate=False if is_file else {"per_page": ISSUES_A_PAGE}).configure(table)
    download = exported(request, table, _("doubtful readings"))
    if download is not None:
        return download
    context = {
        "filters": narrowed,
        "table": table,
        "total": table.page.paginator.count,
        "can_decide": can_correct(request.actor),
        **(saved_views(request) if request.actor.is_official else {}),
    }
    return render(request, "energy/issue_list.html", context)


@acting(can_read_energy)
@require_GET
def issue_detail(request: ActingRequest, reading_issue_id: UUID) -> HttpResponse:
    issue = one_issue(request, reading_issue_id)
    acts = queries.acts_of(issue)
    may_decide = can_correct_readings(request.actor, issue) and not request.actor.is_read_only
    standing = [act for act in acts if act.undone_at is None]
    context = {
        **issue_context(request, issue),
        "steps": [step for act in acts for step in steps_of(act)],
        "can_decide": may_decide and issue.is_waiting,
        "can_undo": standing[-1] if may_decide and standing else None,
    }
    return render(request, "energy/issue_detail.html", context)


def issue_context(request: ActingRequest, issue: ReadingIssue) -> dict[str, Any]:
    """What every page of an issue shows: the day with its doubtful intervals, and whose meter it is."""
    meter = issue.channel.meter
    shown = Shown(issue.channel, "day", issue.day, request.park.time_zone)
    return {
        "issue": issue,
        "meter": meter,
        "counted": drawing.counted_words(meter.commodity, issue.channel.flow, issue.channel.unit),
        "owner": owner_words(meter),
        "tone": shown.tone,
        "state_badge": STATES[issue.state],
        "severity_badge": SEVERITIES[issue.severity],
        "extent": extent_words(issue, len(shown.values)),
        "chart": curve_of(shown, today_of(request)),
        "readings": readings_table(issue, shown),
        "arithmetic": arithmetic_of(issue) if issue.is_of_whole_day else None,
        "shown_day": shown,
    }


def readings_table(issue: ReadingIssue, shown: Shown) -> dict[str, Any]:
    """The intervals that the issue is about, as they stand."""
    measure, starts = drawing.Measure(shown.unit), shown.starts
    rows = [
        [
            drawing.clock_words(starts[place]),
            measure.words(shown.values[place]),
            quality_words(shown.flags[place]),
        ]
        for place in issue.places
        if place < len(shown.values)
    ]
    columns = [{"label": _("From")}, {"label": _("Value"), "unit": shown.unit, "number": True}, {"label": _("Quality")}]
    return {"columns": columns, "rows": rows, "caption": _("Readings in doubt")}


METHODS: dict[str, Callable[[], str]] = {
    "line": lambda: _("by a straight line over a short gap"),
    "like_days": lambda: _("by the mean of days like it"),
    "total": lambda: _("brought to a known total"),
}


def method_words(methods: Any) -> str:
    return _("; ").join(METHODS[method]() for method in methods if method in METHODS)


def steps_of(act: ReadingAct) -> list[dict[str, Any]]:
    """An act on the timeline, and that it was undone."""
    by = act.by_name
    if act.places:
        words = ngettext("%(name)s, %(count)s interval", "%(name)s, %(count)s intervals", len(act.places))
        by = words % {"name": act.by_name, "count": formatting.number(len(act.places))}
    told = [part for part in (method_words(act.methods), act.reason) if part]
    step = {
        "state": "returned" if act.undone_at else "done",
        "label": act.get_kind_display(),
        "by": by,
        "when": local_time(act.at, "compact"),
        "note": _("; ").join(told),
    }
    undone = {"state": "done", "label": _("Undone"), "by": act.undone_by_name, "note": ""}
    return [step, {**undone, "when": local_time(act.undone_at, "compact")}] if act.undone_at else [step]


@acting(can_correct)
def issue_accept(request: ActingRequest, reading_issue_id: UUID) -> HttpResponse:
    return _decide(
        request, reading_issue_id, AcceptForm, quality.accept_issue, _("Accepted as it is."), "energy/issue_accept.html"
    )


@acting(can_correct)
def issue_ask(request: ActingRequest, reading_issue_id: UUID) -> HttpResponse:
    return _decide(
        request, reading_issue_id, AskForm, quality.ask_again, _("The readings are asked for."), "energy/issue_ask.html"
    )


def _decide(
    request: ActingRequest,
    reading_issue_id: UUID,
    form_class: type[DecisionForm],
    service: Callable[..., ReadingIssue],
    done: str,
    template: str,
) -> HttpResponse:
    issue = one_issue(request, reading_issue_id)
    form = form_class(request.POST or None, initial={"round": issue.round})
    if form.is_valid():
        given = form.cleaned_data
        act = partial(
            service,
            request.actor,
            issue,
            expected_round=given["round"],
            reason=given["reason"],
            now=timezone.now(),
        )
        if attempt(form, act):
            messages.success(request, done)
            return redirect("energy:issue_detail", reading_issue_id=issue.pk)
    return form_page(request, template, form, **issue_context(request, issue))


@acting(can_correct)
def issue_edit(request: ActingRequest, reading_issue_id: UUID) -> HttpResponse:
    issue = one_issue(request, reading_issue_id)
    context = issue_context(request, issue)
    shown: Shown = context["shown_day"]
    places = [place for place in issue.places if place < len(shown.values)]
    starts = shown.starts
    form = EditForm(
        request.POST or None,
        initial={"round": issue.round},
        places=places,
        clocks=[drawing.clock_words(starts[place]) for place in places],
        values=[shown.values[place] for place in places],
    )
    if form.is_valid():
        act = partial(
            quality.edit_issue,
            request.actor,
            issue,
            expected_round=form.cleaned_data["round"],
            values=form.values,
            reason=form.cleaned_data["reason"],
            now=timezone.now(),
        )
        if attempt(form, act):
            messages.success(request, _("The readings are edited; what they were is kept."))
            return redirect("energy:issue_detail", reading_issue_id=issue.pk)
    return form_page(request, "energy/issue_edit.html", form, unit=shown.unit, **context)


@acting(can_correct)
def issue_estimate(request: ActingRequest, reading_issue_id: UUID) -> HttpResponse:
    """The estimate is shown first; what is written is what was shown."""
    issue = one_issue(request, reading_issue_id)
    context = issue_context(request, issue)
    shown: Shown = context["shown_day"]
    is_preview = "preview" in request.POST
    form = EstimateForm(
        request.POST or None, initial={"round": issue.round}, unit=shown.unit, is_state=issue.channel.is_state
    )
    is_valid = form.is_valid()
    total = form.cleaned_data.get("total") if is_valid else None
    if is_valid and not is_preview:
        given = form.cleaned_data
        act = partial(
            quality.estimate_issue,
            request.actor,
            issue,
            expected_round=given["round"],
            total=total,
            shown=given["shown"],
            reason=given["reason"],
            now=timezone.now(),
        )
        if attempt(form, act):
            messages.success(request, _("The readings are estimated and marked so; what they were is kept."))
            return redirect("energy:issue_detail", reading_issue_id=issue.pk)
    return form_page(
        request, "energy/issue_estimate.html", form, **{**context, **preview(request, issue, shown, total)}
    )


def preview(request: ActingRequest, issue: ReadingIssue, shown: Shown, total: float | None) -> dict[str, Any]:
    """The day as it would be, and each interval beside what it is now."""
    try:
        found = quality.proposed(issue, request.park.time_zone, total=total)
    except quality.NoEstimate as refusal:
        return {"no_estimate": refusal.message}
    starts, measure = shown.starts, drawing.Measure(shown.unit)
    rows = [
        [drawing.clock_words(starts[place]), measure.words(shown.values[place]), measure.words(float(value))]
        for place, value in zip(found.places, found.after.tolist(), strict=True)
    ]
    marks = bytearray(shown.flags)
    for place, value in zip(found.places, found.after.tolist(), strict=True):
        shown.values[place], marks[place] = value, flags.ESTIMATED
    shown.flags = bytes(marks)
    return {
        "chart": curve_of(shown, today_of(request)),
        "preview": {
            "columns": [
                {"label": _("From")},
                {"label": _("Now"), "unit": shown.unit, "number": True},
                {"label": pgettext("of readings", "Estimate"), "unit": shown.unit, "number": True},
            ],
            "rows": rows,
            "caption": _("The estimate"),
        },
        "methods": method_words(found.methods),
        "references": found.references,
        "sum": "" if issue.channel.is_state else measure.words(float(found.after.sum())),
        "unit": shown.unit,
        "fingerprint": found.fingerprint,
    }


@acting(can_correct)
@require_POST
def act_undo(request: ActingRequest, reading_act_id: UUID) -> HttpResponse:
    act = get_object_or_404(queries.one_act(request.actor), pk=reading_act_id)
    form = DecisionForm({"round": request.POST.get("round"), "reason": "-"})
    try:
        expected = form.cleaned_data["round"] if form.is_valid() else -1
        quality.undo_act(request.actor, act, expected_round=expected, now=timezone.now())
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("Undone: what was there before stands again."))
    return redirect("energy:issue_detail", reading_issue_id=act.issue_id)
