"""What every page of this app does alike."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from enterprises.models import Enterprise
from lib.refusals import Refusal
from parks.actors import Actor
from parks.models import Park


class ActingRequest(HttpRequest):
    """A request behind `@acting`: the middleware has set who acts and where."""

    actor: Actor
    park: Park


def one_enterprise(request: ActingRequest, enterprise_id: UUID | None) -> Enterprise:
    return get_object_or_404(Enterprise.objects.visible_to(request.actor), pk=enterprise_id)


def put_refusal(form: BaseForm, refusal: Refusal) -> None:
    """Show why the act was refused at the input it is about, or above the form."""
    form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)


def form_page(request: HttpRequest, template: str, form: BaseForm, **context: Any) -> HttpResponse:
    """The page with its form; 422 when what was sent did not pass."""
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
    return render(request, template, {"form": form, **context}, status=status)
