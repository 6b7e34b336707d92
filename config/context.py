"""What the frame around every page shows: who acts, where, and the ways from here."""

from __future__ import annotations

from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from config.navigation import navigation
from parks.actors import Actor
from parks.choices import Role
from parks.models import DEFAULT_ACCENT, Park


def frame(request: Any) -> dict[str, Any]:
    """Runs outside a scope too, on error pages as well: reads nothing but the request."""
    actor: Actor | None = getattr(request, "actor", None)
    park: Park | None = getattr(request, "park", None)
    context: dict[str, Any] = {"actor": actor, "current_park": park, "home_url": "/", **_park_frame(park)}
    if actor is None:
        return {**context, **_public_frame(request)}
    session = getattr(request, "support_session", None)
    return {
        **context,
        "actor_role_label": role_label(actor, request),
        "navigation": navigation(request, actor),
        "switcher_url": _url("parks:membership_choose"),
        "inbox_url": _url("accounts:inbox"),
        "inbox_count": getattr(request, "unread_count", 0),
        "account_menu": _account_menu(),
        "sign_out_url": _url("account_logout"),
        "suspended_park": actor.is_read_only,
        "support_session": session,
        "support_session_end_url": _url("parks:support_session_end") if session else None,
    }


def _park_frame(park: Park | None) -> dict[str, Any]:
    if park is None:
        return {}
    accent = park.accent != DEFAULT_ACCENT and _url("parks:accent", park_slug=park.slug)
    seal = park.seal or (park.name_zh[:1] if park.name_zh else "")
    return {"park_seal": seal, "accent_stylesheet_url": accent or None}


def _public_frame(request: Any) -> dict[str, Any]:
    user = getattr(request, "user", None)
    parks = _url("parks:public_list")
    return {
        "public_navigation": [{"label": _("Parks"), "url": parks, "active": request.path == parks}] if parks else [],
        "sign_in_url": None if user is not None and user.is_authenticated else _url("account_login"),
        "account_menu": _account_menu() if user is not None and user.is_authenticated else [],
        "sign_out_url": _url("account_logout"),
    }


def _account_menu() -> list[dict[str, Any]]:
    entries = (
        (_("Your profile"), "accounts:profile", "user"),
        (_("Security"), "accounts:security", "shield-lock"),
        (_("API keys"), "parks:api_key_list", "key"),
    )
    return [{"label": label, "url": url, "icon": icon} for label, name, icon in entries if (url := _url(name))]


def role_label(actor: Actor, request: Any) -> str:
    """The line below the person's name: "Reviewer", or "Applicant · Chengguang Opto"."""
    roles = (
        _("Support") if actor.support_session_id else ", ".join(str(role.label) for role in Role if role in actor.roles)
    )
    membership = getattr(request, "membership", None)
    if membership is None or not actor.is_enterprise_person:
        return roles
    chinese = (get_language() or "").startswith("zh")
    names = (membership.enterprise_name_zh, membership.enterprise_name_en)
    name = (names[0] or names[1]) if chinese else (names[1] or names[0])
    return f"{roles} · {name}" if name else roles


def _url(name: str, **kwargs: Any) -> str | None:
    try:
        return reverse(name, kwargs=kwargs or None)
    except NoReverseMatch:
        return None
