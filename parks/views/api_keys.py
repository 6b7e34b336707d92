"""A person's own keys of the API. Outside any scope: keys belong to the installation, nobody acting may read them."""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import has_confirmed_identity
from parks import services, sessions
from parks.access import signed_in
from parks.actors import Actor
from parks.forms.api_keys import ApiKeyForm
from parks.models import ApiKey
from parks.permissions import can_hold_api_keys
from parks.requests import SignedInRequest
from parks.views.forms import form_page, put_refusal
from tenancy.scopes import login_scope


def _holder(request: SignedInRequest) -> Actor | None:
    """Who acts, if they may hold keys; None when no place is chosen yet."""
    actor: Actor | None = request.actor
    if actor is not None and not can_hold_api_keys(actor):
        raise PermissionDenied
    return actor


@signed_in
@require_safe
def api_key_list(request: SignedInRequest) -> HttpResponse:
    actor = _holder(request)
    if actor is None:
        return redirect("parks:membership_choose")
    keys = ApiKey.objects.filter(membership_id=actor.membership_id)
    return render(request, "parks/api_key_list.html", {"keys": keys, "now": timezone.now()})


@signed_in
@never_cache
def api_key_create(request: SignedInRequest) -> HttpResponse:
    """The secret is in the answer to the form itself, so that no later page can show it again.

    A key outlives the session that makes it, so it takes more than that session: what acting takes, and a password or
    code given just now.
    """
    actor = _holder(request)
    if actor is None:
        return redirect("parks:membership_choose")
    if sessions.waits_for_second_factor(request):
        return redirect("accounts:second_factor")
    if not has_confirmed_identity(request):
        return redirect(f"{reverse('account_reauthenticate')}?{urlencode({'next': request.path})}")
    form = ApiKeyForm(request.POST or None)
    if form.is_valid():
        try:
            with login_scope(actor.author):
                key, secret = services.create_api_key(
                    actor=actor,
                    name=form.cleaned_data["name"],
                    lasts=form.lasts,
                    is_for_sending=form.cleaned_data["is_for_sending"],
                )
        except services.TooManyKeys as refusal:
            put_refusal(form, refusal)
        else:
            return render(request, "parks/api_key_made.html", {"key": key, "secret": secret}, status=HTTPStatus.CREATED)
    return form_page(request, "parks/api_key_create.html", form)


@signed_in
@require_POST
def api_key_revoke(request: SignedInRequest) -> HttpResponse:
    """Asked once more, then done. What names the key is in the form: addresses end up in logs."""
    actor = _holder(request)
    if actor is None:
        return redirect("parks:membership_choose")
    own = {key.pk: key for key in ApiKey.objects.filter(membership_id=actor.membership_id)}
    key = own.get(request.POST.get("key"))
    if key is None:
        raise Http404
    if request.POST.get("confirmed"):
        with login_scope(actor.author):
            services.revoke_api_key(actor=actor, key_digest=key.pk)
        messages.success(request, _("The key “%(name)s” is revoked.") % {"name": key.name})
        return redirect("parks:api_key_list")
    return render(request, "parks/api_key_revoke.html", {"key": key})
