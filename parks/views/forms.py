"""How a page answers a form: saved, or the same form again with what stands against it. For the apps above as well."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from lib.refusals import Refusal


def attempt(form: BaseForm, act: Callable[[], object], *, but: tuple[type[Refusal], ...] = ()) -> bool:
    """Do the act; a refusal becomes an error of the form. Those of `but` pass."""
    try:
        act()
    except but:
        raise
    except Refusal as refusal:
        put_refusal(form, refusal)
        return False
    return True


def put_refusal(form: BaseForm, refusal: Refusal) -> None:
    """Show why the act was refused at the input it is about, or above the form."""
    form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)


def status_of(form: BaseForm) -> HTTPStatus:
    """422 when what was sent has an error: whatever was written is then rolled back."""
    return HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound and form.errors else HTTPStatus.OK


def form_page(request: HttpRequest, template: str, form: BaseForm, **context: Any) -> HttpResponse:
    """The page with its form, which has come back where it has errors."""
    return render(request, template, {"form": form, **context}, status=status_of(form))
