"""Awards as officials see them: from the approval to the notice and its objections."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from incentives import award_permissions, queries, services
from incentives.choices import AwardState, ObjectionState
from incentives.filters.awards import AwardFilter
from incentives.forms.awards import AnswerForm, NoticeForm, SetAsideForm
from incentives.models import Award, ProgrammeVersion
from incentives.tables.awards import AWARD_TONES, AwardTable
from incentives.views.acting import moment
from incentives.views.lists import list_page
from lib.downloads import open_attachment_response
from lib.formatting import localized
from parks.access import acting
from parks.requests import ActingRequest
from parks.views.forms import attempt, form_page

MOST_SENDERS = 10


@acting(award_permissions.can_see_awards)
@require_safe
def award_list(request: ActingRequest) -> HttpResponse:
    actor = request.actor
    pending = queries.pending_awards(actor).count()
    return list_page(
        request,
        "incentives/award_list.html",
        filters=AwardFilter(request.GET, queries.awards(actor)),
        table=AwardTable,
        name="awards",
        context={"pending": pending, "may_publish": not award_permissions.explain_no_notice(actor)},
    )


@acting(award_permissions.can_see_awards)
@require_safe
def award_detail(request: ActingRequest, award_id: UUID) -> HttpResponse:
    award = _award(request, award_id)
    application = award.application
    no_agreement = award_permissions.explain_no_agreement(request.actor, application)
    context = {
        "award": award,
        "tone": AWARD_TONES[award.state],
        "objections": queries.objections_of(award),
        "may_sift": award.open_objections > 1,  # type: ignore[attr-defined]
        "entries": queries.entries_of(application),
        "held": services.holding_of(application),
        "why_not": award_permissions.explain_no_handling(request.actor, application),
        "instalments": queries.instalments_of(award),
        "may_pay": not award_permissions.explain_no_payment(request.actor, application),
        "may_bring_agreement": award.state == AwardState.STANDS and not no_agreement,
        "why_no_agreement": no_agreement if award_permissions.can_confirm_agreements(request.actor) else "",
        "may_revoke": award.state == AwardState.STANDS
        and not award_permissions.explain_no_handling(request.actor, application),
        "is_public": hasattr(award, "notice_line"),
    }
    return render(request, "incentives/award_detail.html", context)


@acting(award_permissions.can_publish_notices)
def notice_publish(request: ActingRequest) -> HttpResponse:
    """The awards that wait under one version, to be chosen; posting publishes them."""
    versions = queries.versions_with_pending(request.actor)
    asked = request.GET.get("version", "")
    chosen = next((version for version in versions if str(version.pk) == asked), next(iter(versions), None))
    waiting = queries.pending_awards(request.actor).filter(application__programme_version=chosen)
    form = NoticeForm(
        request.POST if request.method == "POST" else None, awards=waiting[: services.MOST_AWARDS_OF_A_NOTICE]
    )
    published: list[Any] = []

    def act() -> None:
        published.append(services.publish_notice(request.actor, form.chosen, now=moment(request)[0]))

    if form.is_valid() and attempt(form, act):
        messages.success(request, _("Notice %(number)s is public now.") % {"number": published[0].number})
        return redirect("incentives:award_list")
    return form_page(request, "incentives/notice_publish.html", form, tabs=_tabs(versions, chosen), chosen=chosen)


def _tabs(versions: list[ProgrammeVersion], chosen: ProgrammeVersion | None) -> list[dict[str, Any]]:
    return [
        {
            "label": f"{version.code} · {localized(version, 'title')}",
            "url": f"?version={version.pk}",
            "count": version.waiting,  # type: ignore[attr-defined]
            "active": version == chosen,
        }
        for version in versions
    ]


@acting(award_permissions.can_handle_objections)
def objection_handle(request: ActingRequest, objection_id: UUID) -> HttpResponse:
    objection = get_object_or_404(queries.objections(request.actor), pk=objection_id)
    award = objection.line.award
    form: Form = AnswerForm(request.POST if request.method == "POST" else None)

    def act() -> None:
        given = {"is_upheld": form.cleaned_data["outcome"] == ObjectionState.UPHELD}
        answer = form.cleaned_data["answer"]
        services.handle_objection(request.actor, objection, **given, answer=answer, now=moment(request)[0])

    if form.is_valid() and attempt(form, act):
        messages.success(request, _("The objection was handled."))
        return redirect("incentives:award_detail", award_id=award.pk)
    why_not = award_permissions.explain_no_handling(request.actor, award.application)
    return form_page(
        request, "incentives/objection_handle.html", form, objection=objection, award=award, why_not=why_not
    )


@acting(award_permissions.can_handle_objections)
def objection_set_aside(request: ActingRequest, award_id: UUID) -> HttpResponse:
    """Many open objections to be dismissed at once: of an award, or of one sender to whatever award."""
    award = _award(request, award_id)
    senders = queries.senders_of(award)
    asked = request.GET.get("sender", "")
    sender = next((found["sender"] for found in senders if found["sender"] == asked), "")
    waiting = queries.objections_to_sift(request.actor, award, sender)
    shown = list(waiting[: services.MOST_SET_ASIDE])
    form = SetAsideForm(
        request.POST if request.method == "POST" else None,
        objections=shown,
        are_chosen=bool(sender),
    )
    dismissed: list[int] = []

    def act() -> None:
        answer = form.cleaned_data["answer"]
        dismissed.append(
            services.set_aside_objections(request.actor, form.chosen, answer=answer, now=moment(request)[0])
        )

    if form.is_valid() and attempt(form, act):
        words = ngettext("%(n)s objection was set aside.", "%(n)s objections were set aside.", dismissed[0])
        messages.success(request, words % {"n": dismissed[0]})
        return redirect("incentives:award_detail", award_id=award.pk)
    context = {
        "award": award,
        "tabs": _sender_tabs(senders, sender, award),
        "waiting": waiting.count() if len(shown) == services.MOST_SET_ASIDE else len(shown),
        "why_not": award_permissions.explain_no_handling(request.actor, award.application),
    }
    return form_page(request, "incentives/objection_set_aside.html", form, **context)


def _sender_tabs(senders: list[dict[str, Any]], sender: str, award: Award) -> list[dict[str, Any]]:
    """All of the award, then each place that several came from."""
    of_award = {"label": _("To this award"), "url": "?", "count": award.open_objections, "active": not sender}  # type: ignore[attr-defined]
    return [of_award] + [
        {
            "label": _("Sender %(mark)s") % {"mark": found["sender"][:6]},
            "url": f"?sender={found['sender']}",
            "count": found["many"],
            "active": found["sender"] == sender,
        }
        for found in senders[:MOST_SENDERS]
    ]


@acting(award_permissions.can_see_awards)
@require_safe
def objection_paper_download(request: ActingRequest, objection_paper_id: UUID) -> FileResponse:
    paper = get_object_or_404(queries.objection_papers(request.actor), pk=objection_paper_id)
    return open_attachment_response(services.open_objection_paper(paper), paper.name, paper.content_type)


def _award(request: ActingRequest, award_id: UUID) -> Award:
    return get_object_or_404(queries.awards(request.actor), pk=award_id)
