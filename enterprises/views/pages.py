"""What every page of this app does alike."""

from __future__ import annotations

from uuid import UUID

from django.shortcuts import get_object_or_404

from enterprises.models import Enterprise
from parks.requests import ActingRequest


def one_enterprise(request: ActingRequest, enterprise_id: UUID | None) -> Enterprise:
    return get_object_or_404(Enterprise.objects.visible_to(request.actor), pk=enterprise_id)
