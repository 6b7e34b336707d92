"""How a person hears of what happens. Behind the same door as the other pages of one's account."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts import preferences
from accounts.digests import DIGEST_FROM_HOUR
from accounts.forms import WaysForm


def message_ways(request: Any) -> HttpResponse:
    groups = preferences.choices_of(request.user)
    form = WaysForm(request.POST or None, groups=groups)
    if request.method == "POST" and form.is_valid():
        preferences.choose_ways(request.user, form.ways)
        messages.success(request, _("Saved."))
        return redirect("accounts:message_ways")
    context = {"form": form, "groups": form.groups(groups), "hour": f"{DIGEST_FROM_HOUR:02}:00"}
    return render(request, "accounts/message_ways.html", context, status=422 if form.is_bound else 200)
