"""What the frame around every page shows: who acts, where, and the ways from here."""

from __future__ import annotations

from functools import partial
from typing import Any
from urllib.parse import urlsplit

from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from config.navigation import at_most, navigation, way_back
from enterprises.models import Enterprise
from incentives.permissions import can_search
from parks.actors import Actor
from parks.choices import Role
from parks.models import DEFAULT_ACCENT, Park
from parks.permissions import can_hold_api_keys
from tenancy.scopes import current_scope


def frame(request: Any) -> dict[str, Any]:
    """Runs outside a scope too, on error pages as well: reads nothing but the request."""
    actor: Actor | None = getattr(request, "actor", None)
    park: Park | None = getattr(request, "park", None)
    context = {
        "actor": actor,
        "current_park": park,
        "home_url": "/",
        "page_url": page_url(request),
        **_park_frame(park),
        **_person_frame(request),
    }
    if actor is None:
        return context
    session = getattr(request, "support_session", None)
    return {
        **context,
        "actor_role_label": role_label(actor, request),
        "navigation": navigation(request, actor),
        "may_hold_api_keys": can_hold_api_keys(actor),
        "switcher_url": reverse("parks:membership_choose"),
        **_search_frame(actor),
        "suspended_park": actor.is_read_only,
        "suspended_enterprise": actor.is_enterprise_suspended,
        "suspension_reason": SimpleLazyObject(partial(_suspension_reason, actor)),
        "support_session": session,
        "support_session_end_url": reverse("parks:support_session_end") if session else None,
    }


def _suspension_reason(actor: Actor) -> str:
    """What the park has written. Pages outside the scope of the enterprise, such as those of errors, do not tell."""
    enterprise_id = current_scope().enterprise_id
    if enterprise_id is None or not actor.is_enterprise_suspended:
        return ""
    reasons = Enterprise.objects.filter(pk=enterprise_id).values_list("status_reason", flat=True)
    return reasons.first() or ""


def page_url(request: Any) -> str:
    """Where this page can be asked for again.

    What was refused is drawn at the address that it was sent to, which may take nothing else: then it is the page that
    the form stood on.
    """
    if request.method in {"GET", "HEAD"}:
        return str(request.get_full_path())
    came_from = str(request.headers.get("Referer", ""))
    if not url_has_allowed_host_and_scheme(came_from, {request.get_host()}, require_https=request.is_secure()):
        return str(request.path)
    parts = urlsplit(came_from)
    return f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"


def _search_frame(actor: Actor) -> dict[str, Any]:
    """One box for all that the actor may find; nobody searches across parks."""
    if not can_search(actor):
        return {}
    label = _("Search your applications") if actor.is_enterprise_person else _("Search enterprises and applications")
    return {"search_url": reverse("incentives:search"), "search_label": label}


def _park_frame(park: Park | None) -> dict[str, Any]:
    if park is None:
        return {}
    has_own_accent = park.accent != DEFAULT_ACCENT
    return {
        "park_seal": park.seal or park.name_zh[:1],
        "accent_stylesheet_url": reverse("parks:accent", args=[park.slug]) if has_own_accent else None,
    }


def _person_frame(request: Any) -> dict[str, Any]:
    """What a visitor finds in the top bar, signed in or not, with a place or without."""
    parks = reverse("parks:public_list")
    public = [{"label": _("Parks"), "url": parks, "active": request.path == parks}]
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"public_navigation": public, "sign_in_url": reverse("account_login")}
    return {
        "public_navigation": public,
        "navigation": way_back(request),
        "account_menu": _account_menu(getattr(request, "actor", None)),
        "sign_out_url": reverse("account_logout"),
        "inbox_url": reverse("accounts:inbox"),
        "inbox_count": at_most(getattr(request, "unread_count", 0)),
    }


def _account_menu(actor: Actor | None) -> list[dict[str, Any]]:
    entries = [(_("Your profile"), "accounts:profile", "user"), (_("Security"), "accounts:security", "shield-lock")]
    if actor is not None and can_hold_api_keys(actor):
        entries.append((_("API keys"), "parks:api_key_list", "key"))
    return [{"label": label, "url": reverse(name), "icon": icon} for label, name, icon in entries]


def role_label(actor: Actor, request: Any) -> str:
    """The line below the person's name: "Reviewer", or "Applicant · Chengguang Opto"."""
    roles = (
        _("Support")
        if actor.support_session_id
        else _(", ").join(str(role.label) for role in Role if role in actor.roles)
    )
    membership = getattr(request, "membership", None)
    if membership is None or not actor.is_enterprise_person:
        return roles
    chinese = (get_language() or "").startswith("zh")
    names = (membership.enterprise_name_zh, membership.enterprise_name_en)
    name = (names[0] or names[1]) if chinese else (names[1] or names[0])
    return f"{roles} · {name}" if name else roles
