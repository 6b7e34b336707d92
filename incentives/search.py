"""What the one search box of a park finds: enterprises, registrations and applications, each in one query."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from enterprises.calculations import normalised_code
from enterprises.models import Enterprise
from enterprises.permissions import can_list_enterprises, can_open_registrations
from enterprises.queries.vetting import filed
from incentives.models import Application
from incentives.permissions import can_open_cases
from incentives.queries import applications
from parks.actors import Actor

MOST_SHOWN = 6
SHORTEST_PART = 2


@dataclass(frozen=True, slots=True)
class Found:
    """The first of what fits; `has_more` when there are others."""

    rows: list[Any]
    has_more: bool


def _first(rows: QuerySet[Any]) -> Found:
    found = list(rows[: MOST_SHOWN + 1])
    return Found(found[:MOST_SHOWN], len(found) > MOST_SHOWN)


def enterprises_called(actor: Actor, text: str) -> Found | None:
    """Those in whose code, names or contact all words occur; None for who may not list enterprises."""
    if not can_list_enterprises(actor):
        return None
    return _first(Enterprise.objects.visible_to(actor).search(text).by_name())


def registrations_called(actor: Actor, text: str) -> Found | None:
    """Filed registrations by number, code or name, the latest first; None for who may not read them."""
    if not can_open_registrations(actor):
        return None
    return _first(filed(actor).filter(_of_registration(text)).order_by("-submitted_at", "id"))


def applications_called(actor: Actor, text: str) -> Found | None:
    """By number or title: the own ones for people of an enterprise, the filed ones for officials, the latest first.

    None for officials who may not read cases: an expert would learn whose case a project is.
    """
    if not can_open_cases(actor):
        return None
    numbered = Q(number__icontains=text) | Q(project_title__icontains=text)
    rows: QuerySet[Application] = applications(actor).filter(numbered)
    return _first(rows.order_by("-started_at", "id"))


def _of_registration(text: str) -> Q:
    named = Q(number__icontains=text) | Q(name_zh__icontains=text) | Q(name_en__icontains=text)
    code = normalised_code(text)
    return named | Q(credit_code__contains=code) if len(code) >= SHORTEST_PART else named
