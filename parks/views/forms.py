"""How a page answers a form: saved, or the same form again with what stands against it. For the apps above as well."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Any

from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

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
    """The page with its form, which has come back where it has errors. Where nothing can be saved it is read only."""
    if is_read_only(request):
        for field in form.fields.values():
            field.disabled = True
    return render(request, template, {"form": form, **context}, status=status_of(form))


def is_read_only(request: HttpRequest) -> bool:
    """Whether the person acts in a place that is suspended."""
    actor = getattr(request, "actor", None)
    return actor is not None and actor.is_read_only


def unsaved(errors: Mapping[str, Iterable[Any]], labels: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What an automatic saving could not keep: the words for each input, and in one sentence which those are.

    labels: of inputs by their names; where none is known the sentence is that of the first.
    """
    told = {name: _("Not saved: %(reason)s") % {"reason": next(iter(of_one))} for name, of_one in errors.items()}
    known = [str((labels or {})[name]) for name in told if (labels or {}).get(name)]
    which = _("Not saved: %(reason)s") % {"reason": str(_(", ")).join(known)} if known else ""
    return {"said": which or next(iter(told.values()), _("Not saved.")), "unsaved": told}
