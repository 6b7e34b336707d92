"""An award revoked, and its money claimed back."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from incentives import award_permissions, queries, services
from incentives.choices import AwardState
from incentives.forms.payments import ReturnedForm, RevocationForm
from incentives.models import Award
from incentives.views.acting import moment
from lib.formatting import number
from parks.access import acting
from parks.requests import ActingRequest
from parks.views.forms import attempt, form_page


@acting(award_permissions.can_handle_objections)
def award_revoke(request: ActingRequest, award_id: UUID) -> HttpResponse:
    """The page works out what would be claimed back; posting it revokes."""
    award = _award(request, award_id)
    now, today = moment(request)
    form = RevocationForm(request.POST if request.method == "POST" else None)

    def act() -> object:
        return services.revoke_award(request.actor, award, **form.cleaned_data, now=now)

    if form.is_valid() and attempt(form, act):
        messages.success(request, _("The award was revoked."))
        return redirect("incentives:award_detail", award_id=award.pk)
    claims = services.claims_of(award, today)
    context = {
        "award": award,
        "claims": claims,
        "total_cny": sum(interest.principal_cny + interest.amount_cny for _payment, interest in claims),
        "why_not": award_permissions.explain_no_handling(request.actor, award.application),
        "stands": award.state == AwardState.STANDS,
    }
    return form_page(request, "incentives/award_revoke.html", form, **context)


@acting(award_permissions.can_pay)
def clawback_return(request: ActingRequest, award_id: UUID) -> HttpResponse:
    award = _award(request, award_id)
    clawback = get_object_or_404(queries.clawbacks(request.actor), award=award)
    now, today = moment(request)
    known = {"returned_on": today, "returned_cny": number(clawback.total_cny, 2)}
    form = ReturnedForm(request.POST if request.method == "POST" else None, initial=known)

    def act() -> object:
        return services.confirm_return(request.actor, clawback, **form.cleaned_data, now=now)

    if form.is_valid() and attempt(form, act):
        messages.success(request, _("The return was recorded."))
        return redirect("incentives:award_detail", award_id=award.pk)
    why_not = award_permissions.explain_no_payment(request.actor, award.application)
    return form_page(request, "incentives/clawback_return.html", form, award=award, clawback=clawback, why_not=why_not)


def _award(request: ActingRequest, award_id: UUID) -> Award:
    return get_object_or_404(queries.awards(request.actor), pk=award_id)
