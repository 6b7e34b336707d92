"""How the pages of people and parks answer a form: saved, or the same form again with what stands against it."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from lib.refusals import Refusal


def attempt(form: BaseForm, act: Callable[[], object], *, but: tuple[type[Refusal], ...] = ()) -> bool:
    """Do the act; a refusal becomes an error of the field it belongs to, else of the form. Those of `but` pass."""
    try:
        act()
    except but:
        raise
    except Refusal as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        return False
    return True


def form_page(request: HttpRequest, template: str, form: BaseForm, **context: Any) -> HttpResponse:
    """The form, with status 422 when it came back: whatever was written is then rolled back."""
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound and form.errors else HTTPStatus.OK
    return render(request, template, {"form": form, **context}, status=status)
