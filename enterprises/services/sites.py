"""The places where an enterprise works."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from enterprises.models import Enterprise, Site
from enterprises.permissions import can_keep_sites, guard
from enterprises.services.ground import NotNow, lock_to_keep
from parks.actors import Actor

OF_SITE = ("name", "address", "area_m2", "use")


@transaction.atomic
def add_site(actor: Actor, enterprise: Enterprise, *, facts: Mapping[str, Any], now: datetime) -> Site:
    """`facts`: values of `OF_SITE`."""
    guard(can_keep_sites(actor) and actor.park_id == enterprise.park_id)
    known = lock_to_keep(actor, enterprise)
    kept = {name: facts[name] for name in OF_SITE}
    return Site.objects.create(park_id=known.park_id, enterprise=known, opened_at=now, **kept)


@transaction.atomic
def update_site(actor: Actor, site: Site, *, changes: Mapping[str, Any]) -> Site:
    """Write the given ones of `OF_SITE`; without a difference nothing happens."""
    held = _locked(actor, site)
    if held.closed_at is not None:
        raise NotNow(_("This site was closed meanwhile."))
    changed = [name for name in OF_SITE if name in changes and getattr(held, name) != changes[name]]
    for name in changed:
        setattr(held, name, changes[name])
    if changed:
        held.save(update_fields=changed)
    return held


@transaction.atomic
def close_site(actor: Actor, site: Site, *, now: datetime) -> Site:
    """The enterprise has left the place; the row stays. Safe to repeat."""
    held = _locked(actor, site)
    if held.closed_at is None:
        held.closed_at = now
        held.save(update_fields=["closed_at"])
    return held


def _locked(actor: Actor, site: Site) -> Site:
    guard(can_keep_sites(actor) and actor.park_id == site.park_id)
    lock_to_keep(actor, site.enterprise)
    return Site.objects.select_for_update(of=("self",)).get(pk=site.pk)
