"""One enterprise on a page: as the park's officials see it, and as its own people do."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from enterprises import facts, industries, page_sections, queries
from enterprises.choices import EnterpriseStatus
from enterprises.models import VETTED, ChangeRequest, Enterprise, EnterpriseLabel
from enterprises.permissions import (
    can_change_standing,
    can_declare_interest,
    can_invite_owner,
    can_keep_papers,
    can_keep_sites,
    can_list_enterprises,
    can_register_enterprise,
    explain_partiality,
    owns_enterprise,
    signs_for_enterprise,
    works_in_enterprise,
)
from enterprises.queries import company
from enterprises.services.changes import open_request
from enterprises.tables.company import CHANGE_STATES, expiry_badge
from enterprises.tables.register import STATES, shown_names
from enterprises.views.pages import one_enterprise
from enterprises.views.timeline import timeline_of
from lib.periods import local_day
from lib.templatetags.ui import local_day as shown_day
from lib.templatetags.ui import number
from parks.access import acting
from parks.choices import Role
from parks.requests import ActingRequest

KEPT_HERE = ("industry_zh", "industry_en", "employees", "website")
CONTACTS = (
    "contact_name",
    "contact_phone",
    "contact_email",
    "energy_contact_name",
    "energy_contact_phone",
    "energy_contact_email",
)


@acting(can_list_enterprises)
@require_safe
def enterprise_detail(request: ActingRequest, enterprise_id: UUID) -> HttpResponse:
    enterprise, actor = one_enterprise(request, enterprise_id), request.actor
    people = list(queries.people_of(enterprise))
    interests = list(queries.current_interests(enterprise))
    has_owner = any(Role.OWNER in person.roles for person in people)
    partial_because = explain_partiality(actor, enterprise)
    may_change = not actor.is_read_only and not partial_because
    is_registrar = can_register_enterprise(actor) and not enterprise.has_ended and may_change
    context = {
        **_shown(request, enterprise, is_barred=bool(partial_because)),
        "was_vetted": company.was_vetted(enterprise),
        "partial_because": partial_because if can_register_enterprise(actor) else "",
        "people": people,
        "invitations": list(queries.open_invitations(enterprise, timezone.now())),
        "interests": interests,
        "own_interest": next((interest for interest in interests if interest.user_id == actor.user_id), None),
        "steps": timeline_of(enterprise, actor),
        "can_edit": is_registrar,
        "can_keep_labels": is_registrar,
        "can_invite_owner": can_invite_owner(actor) and not has_owner and not enterprise.has_ended and may_change,
        "can_declare_interest": can_declare_interest(actor) and not actor.is_read_only,
        "menu_items": _acts(request, enterprise, has_owner=has_owner) if may_change else [],
    }
    return render(request, "enterprises/enterprise_detail.html", context)


@acting(works_in_enterprise)
@require_safe
def profile(request: ActingRequest) -> HttpResponse:
    enterprise, actor = one_enterprise(request, request.actor.enterprise_id), request.actor
    is_active = enterprise.status == EnterpriseStatus.ACTIVE and not actor.is_read_only
    context = {
        **_shown(request, enterprise),
        "people": list(queries.people_of(enterprise)),
        "steps": timeline_of(enterprise, actor),
        "can_edit_contact": owns_enterprise(actor) and is_active,
        "can_ask": signs_for_enterprise(actor) and is_active,
    }
    return render(request, "enterprises/profile.html", context)


def _shown(request: ActingRequest, enterprise: Enterprise, *, is_barred: bool = False) -> dict[str, Any]:
    """What both sides see, and what they may keep of it: nothing where a tie bars an official."""
    actor = request.actor
    today = local_day(timezone.now(), request.park.time_zone)
    may_write = not enterprise.has_ended and not actor.is_read_only and not is_barred
    is_own = actor.is_enterprise_person
    target = {} if is_own else {"enterprise_id": enterprise.pk}
    return {
        "enterprise": enterprise,
        "names": shown_names(enterprise),
        "other_name": shown_names(enterprise)[1],
        "merged_into": _merged_into(enterprise, is_own=is_own),
        "state": STATES.get(enterprise.status, "mute"),
        "vetted": vetted_rows(enterprise),
        "kept": kept_rows(enterprise),
        "contact": contact_rows(enterprise),
        "contact_given": any(getattr(enterprise, name) for name in CONTACTS),
        "sites": company.sites_of(enterprise),
        "papers": _papers(enterprise, today),
        "labels": _labels(enterprise, today),
        "requests": _requests(enterprise),
        "waiting": open_request(enterprise),
        "request_page": "enterprises:change_detail" if is_own else "enterprises:change_request_detail",
        "sections": page_sections.enterprise_detail.rendered(request, enterprise),
        "can_keep_sites": can_keep_sites(actor) and may_write,
        "can_keep_papers": can_keep_papers(actor) and may_write,
        "site_url": reverse(f"enterprises:{'site_create' if is_own else 'enterprise_site_create'}", kwargs=target),
        "paper_url": reverse(f"enterprises:{'paper_create' if is_own else 'enterprise_paper_create'}", kwargs=target),
    }


def vetted_rows(enterprise: Enterprise) -> list[dict[str, Any]]:
    """What was compared with papers, in the order of the form."""
    texts = facts.texts_of(enterprise, VETTED)
    shown = {
        name: facts.shown_text(name, text, enterprise.capital_currency) if text else "" for name, text in texts.items()
    }
    industry = industries.name_of(enterprise.industry_code) if enterprise.industry_code else ""
    rows = [
        {
            "label": facts.label_of(name),
            "value": value,
            "note": industry if name == "industry_code" else "",
            "is_code": name == "credit_code",
        }
        for name, value in shown.items()
        if name != "capital_currency"
    ]
    return [*rows, {"label": pgettext("date", "Registered"), "value": shown_day(enterprise.created_at)}]


def kept_rows(enterprise: Enterprise) -> list[dict[str, Any]]:
    rows = _rows(enterprise, KEPT_HERE)
    return [*rows, {"label": _("Key energy user"), "value": _("Yes") if enterprise.is_key_energy_user else _("No")}]


def contact_rows(enterprise: Enterprise) -> list[dict[str, Any]]:
    return _rows(enterprise, CONTACTS)


def _rows(enterprise: Enterprise, names: tuple[str, ...]) -> list[dict[str, Any]]:
    values = {name: getattr(enterprise, name) for name in names}
    return [
        {
            "label": capfirst(str(Enterprise._meta.get_field(name).verbose_name)),  # type: ignore[union-attr]
            "value": number(value) if isinstance(value, int) else value,
            "url": value if name == "website" else f"mailto:{value}" if name.endswith("email") and value else "",
        }
        for name, value in values.items()
    ]


def _papers(enterprise: Enterprise, today: date) -> list[dict[str, Any]]:
    return [
        {"paper": paper, "expiry": expiry_badge(paper.valid_until, today)} for paper in company.papers_of(enterprise)
    ]


def _labels(enterprise: Enterprise, today: date) -> list[dict[str, Any]]:
    return [{"label": label, "is_expired": is_expired(label, today)} for label in company.labels_of(enterprise)]


def is_expired(label: EnterpriseLabel, today: date) -> bool:
    return label.valid_until is not None and label.valid_until < today


def _requests(enterprise: Enterprise) -> list[dict[str, Any]]:
    def row(request: ChangeRequest) -> dict[str, Any]:
        names = _(", ").join(facts.label_of(name) for name in request.changes)
        return {"request": request, "names": names, "state": CHANGE_STATES[request.state]}

    return [row(request) for request in company.change_requests_of(enterprise)]


def _merged_into(enterprise: Enterprise, *, is_own: bool) -> Enterprise | None:
    """The enterprise that goes on; its own people see none but theirs."""
    if is_own or enterprise.merged_into_id is None:
        return None
    return Enterprise.objects.get(pk=enterprise.merged_into_id)


def _acts(request: ActingRequest, enterprise: Enterprise, *, has_owner: bool) -> list[dict[str, Any]]:
    """What an administrator can do about the standing; on the page in a menu, because it is seldom done."""
    if not can_change_standing(request.actor) or request.actor.is_read_only:
        return []
    acts = {
        EnterpriseStatus.ACTIVE: (
            "ownership_assign",
            "enterprise_suspend",
            "enterprise_merge",
            "enterprise_deregister",
        ),
        EnterpriseStatus.SUSPENDED: (
            "enterprise_resume",
            "ownership_assign",
            "enterprise_merge",
            "enterprise_deregister",
        ),
        EnterpriseStatus.DEREGISTERED: ("enterprise_reinstate",),
    }.get(EnterpriseStatus(enterprise.status), ())
    words = {
        "ownership_assign": (_("Name a new owner"), "user-shield", False),
        "enterprise_suspend": (_("Suspend"), "player-pause", True),
        "enterprise_resume": (_("Lift the suspension"), "player-play", False),
        "enterprise_merge": (_("Merge with another"), "copy-check", False),
        "enterprise_deregister": (_("Deregister"), "ban", True),
        "enterprise_reinstate": (_("Register again"), "refresh", False),
    }
    return [
        {
            "label": words[name][0],
            "icon": words[name][1],
            "danger": words[name][2],
            "url": reverse(f"enterprises:{name}", kwargs={"enterprise_id": enterprise.pk}),
        }
        for name in acts
        if name != "ownership_assign" or has_owner
    ]
