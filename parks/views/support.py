"""The operator's way into a park and out of it again."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_tables2 import RequestConfig

from lib.refusals import Refusal
from lib.tables import exported
from parks import services, sessions
from parks.access import acting, acting_outside_support
from parks.forms.support import SupportReasonForm
from parks.models import Park, SupportSession
from parks.permissions import can_enter_park, can_run_installation
from parks.requests import ActingRequest
from parks.tables import SupportSessionTable
from parks.views.forms import form_page, put_refusal

PER_PAGE = 25


@acting(can_run_installation)
@require_safe
def support_session_list(request: ActingRequest) -> HttpResponse:
    now = timezone.now()
    table = SupportSessionTable(SupportSession.objects.select_related("park"), now=now)
    RequestConfig(request, paginate={"per_page": PER_PAGE}).configure(table)
    own = SupportSession.objects.open(now).of_operator(request.actor.user_id).select_related("park").first()
    page = render(request, "parks/support_session_list.html", {"table": table, "own_session": own})
    return exported(request, table, _("support sessions")) or page


@acting(can_run_installation)
def support_session_start(request: ActingRequest, park_id: int) -> HttpResponse:
    park = get_object_or_404(Park, pk=park_id)
    if not can_enter_park(request.actor, park):
        raise PermissionDenied
    form = SupportReasonForm(request.POST or None)
    if form.is_valid():
        try:
            session = services.start_support_session(
                park.pk, request.actor, form.cleaned_data["reason"], timezone.now()
            )
        except Refusal as refusal:
            put_refusal(form, refusal)
        else:
            sessions.enter_support(request, session)
            return redirect(settings.LOGIN_REDIRECT_URL)
    return form_page(request, "parks/support_session_start.html", form, park=park)


@acting_outside_support(can_run_installation)
@require_POST
def support_session_end(request: ActingRequest) -> HttpResponse:
    """Leave the park. Works after the hour too, when there is nothing left to end."""
    services.end_support_session(request.actor, timezone.now())
    sessions.leave_support(request)
    messages.success(request, _("The support session has ended."))
    return redirect("parks:support_session_list")
