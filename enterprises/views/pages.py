"""What every page of this app does alike."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse

from enterprises.models import Enterprise
from parks.requests import ActingRequest


def one_enterprise(request: ActingRequest, enterprise_id: UUID | None) -> Enterprise:
    return get_object_or_404(Enterprise.objects.visible_to(request.actor), pk=enterprise_id)


def enterprise_page(request: ActingRequest, enterprise: Enterprise, section: str = "") -> HttpResponseRedirect:
    """The way to the page of an enterprise as this actor sees it, to one of its sections."""
    own = reverse("enterprises:profile")
    address = (
        own
        if request.actor.is_enterprise_person
        else reverse("enterprises:enterprise_detail", kwargs={"enterprise_id": enterprise.pk})
    )
    return HttpResponseRedirect(f"{address}#{section}" if section else address)
