"""Filters of lists that an official keeps under a name. The database shows nobody those of another person."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from lib.refusals import Refusal
from parks.actors import Actor
from parks.models import SavedView
from parks.permissions import can_keep_views

MOST_VIEWS = 20


class ViewNameTaken(Refusal):
    code = "view_name_taken"


class TooManyViews(Refusal):
    code = "too_many_views"


@transaction.atomic
def keep_view(actor: Actor, *, page: str, name: str, query: str, now: datetime) -> SavedView:
    """Keep a filter of a page under a name that no other of the person's views of that page has."""
    park_id = _guard(actor)
    held = SavedView.objects.filter(user_id=actor.user_id, page=page)
    if held.count() >= MOST_VIEWS:
        raise TooManyViews(_("You keep %(number)s views of this list. Remove one first.") % {"number": MOST_VIEWS})
    view = SavedView(park_id=park_id, user_id=actor.user_id, page=page, name=name, query=query, created_at=now)
    _save(view, force_insert=True)
    return view


@transaction.atomic
def rename_view(actor: Actor, view: SavedView, *, name: str) -> None:
    _guard(actor)
    if view.name != name:
        view.name = name
        _save(view, update_fields=["name"])


@transaction.atomic
def remove_view(actor: Actor, view: SavedView) -> None:
    """Safe to repeat."""
    _guard(actor)
    SavedView.objects.filter(pk=view.pk).delete()


def _guard(actor: Actor) -> int:
    """The park of an actor who may keep views."""
    if actor.park_id is None or not can_keep_views(actor):
        raise PermissionDenied
    return actor.park_id


def _save(view: SavedView, **how: object) -> None:
    try:
        with transaction.atomic():
            view.save(**how)  # type: ignore[arg-type]
    except IntegrityError as error:
        raise ViewNameTaken(_("You already keep a view under this name."), field="name") from error
