"""Public notices: what a park tells everybody about its awards, and the form to object."""

from __future__ import annotations

import re
from uuid import UUID

from allauth.account.adapter import get_adapter
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from incentives import queries, services
from incentives.forms.awards import ObjectionForm
from incentives.models import Notice
from parks import access
from parks.requests import PublicParkRequest
from parks.views.forms import attempt, form_page

PER_PAGE = 25
REFERENCE = re.compile(r"OBJ-[0-9A-F]{8}\Z")


@access.public_park
@require_safe
def notice_list(request: PublicParkRequest, park_slug: str) -> HttpResponse:
    now = timezone.now()
    page = Paginator(queries.notices_to_read(request.park, now), PER_PAGE).get_page(request.GET.get("page"))
    notices = list(page)
    context = {
        "park": request.park,
        "page": page,
        "running": [notice for notice in notices if notice.ends_at >= now],
        "over": [notice for notice in notices if notice.ends_at < now],
    }
    return render(request, "incentives/notice_list.html", context)


@access.public_park
@require_safe
def notice_detail(request: PublicParkRequest, park_slug: str, notice_id: UUID) -> HttpResponse:
    notice = _notice(request, notice_id)
    filed = request.GET.get("filed", "")
    context = {
        "park": request.park,
        "notice": notice,
        "lines": list(notice.lines.all()),
        "is_running": notice.ends_at >= timezone.now(),
        "filed": filed if REFERENCE.match(filed) else "",
    }
    return render(request, "incentives/notice_detail.html", context)


@access.public_park
def objection_file(request: PublicParkRequest, park_slug: str, notice_id: UUID) -> HttpResponse:
    """Anybody may object while the notice runs; the answer is a reference to ask by."""
    notice = _notice(request, notice_id)
    lines = list(notice.lines.all())
    form = ObjectionForm(*((request.POST, request.FILES) if request.method == "POST" else ()), lines=lines)
    filed: list[str] = []

    def act() -> None:
        given = {name: form.cleaned_data[name] for name in ("name", "contact", "text", "uploads")}
        line = form.known[form.cleaned_data["line"]]
        line.notice = notice
        sender = get_adapter().get_client_ip(request)
        filed.append(services.file_objection(line, **given, sender=sender, now=timezone.now()).reference)

    if form.is_valid() and attempt(form, act):
        page = reverse("incentives:notice_detail", kwargs={"park_slug": park_slug, "notice_id": notice.pk})
        return redirect(f"{page}?filed={filed[0]}")
    is_running = notice.ends_at >= timezone.now()
    return form_page(
        request, "incentives/objection_file.html", form, park=request.park, notice=notice, is_running=is_running
    )


def _notice(request: PublicParkRequest, notice_id: UUID) -> Notice:
    return get_object_or_404(queries.public_notices(request.park), pk=notice_id)
