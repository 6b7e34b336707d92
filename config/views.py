from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from parks.access import open_to_all
from parks.actors import Actor


@open_to_all
def landing(request: Any) -> HttpResponse:
    """Where a person's own work is; the parks for everybody else."""
    return redirect(home_of(request.actor, request))


def home_of(actor: Actor | None, request: HttpRequest) -> str:
    if actor is None:
        return "parks:membership_choose" if request.user.is_authenticated else "parks:public_list"
    if actor.is_enterprise_person:
        return "incentives:enterprise_home"
    return "incentives:official_home" if actor.is_official else "parks:overview"
