"""The assets of a park or an enterprise as a list, with what measures them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from django.db.models import Count, Prefetch, Q, QuerySet

from energy.choices import AssetKind
from energy.models import Asset, AssetChannel, AssetMember, Channel
from energy.queries.register import OF_ENTERPRISES, OF_THE_PARK, Facets, is_of_park, standing
from energy.querysets import AssetQuerySet
from parks.actors import Actor


def assets(actor: Actor) -> QuerySet[Asset]:
    """Those the actor may see, with whose they are and what measures them: a constant number of statements."""
    links = AssetChannel.objects.lasting().select_related("channel__meter").order_by("role", "starts_on", "id")
    members = AssetMember.objects.lasting().select_related("member").order_by("member__name", "id")
    return (
        Asset.objects.visible_to(actor)
        .select_related("enterprise")
        .prefetch_related(
            Prefetch("links", links, to_attr="kept_links"),
            Prefetch(
                "members",
                members.prefetch_related(Prefetch("member__links", links, to_attr="kept_links")),
                to_attr="kept_members",
            ),
        )
    )


def found(actor: Actor, words: str) -> AssetQuerySet:
    """Those in whose name, place or owner every word occurs."""
    rows = Asset.objects.visible_to(actor)
    for word in words.split():
        named = Q(name__icontains=word) | Q(location__icontains=word)
        owned = Q(enterprise__name_zh__icontains=word) | Q(enterprise__name_en__icontains=word)
        rows = rows.filter(named | owned | Q(enterprise__credit_code=word))
    return rows


def facets(rows: AssetQuerySet, chosen: Mapping[str, str], today: date) -> Facets:
    """One query over the rows that the words find."""
    grouped = rows.order_by().annotate(status=standing(today), is_of_park=is_of_park())
    counted = grouped.values("kind", "status", "is_of_park").annotate(count=Count("pk"))
    groups = [
        {
            "kind": row["kind"],
            "status": row["status"],
            "owner": OF_THE_PARK if row["is_of_park"] else OF_ENTERPRISES,
            "count": row["count"],
        }
        for row in counted
    ]
    return Facets(groups, chosen)


def narrowed(rows: AssetQuerySet, chosen: Mapping[str, str], today: date) -> AssetQuerySet:
    if "kind" in chosen:
        rows = rows.filter(kind=chosen["kind"])
    if "owner" in chosen:
        rows = rows.filter(enterprise__isnull=chosen["owner"] == OF_THE_PARK)
    if "status" in chosen:
        rows = rows.annotate(standing=standing(today)).filter(standing=chosen["status"])
    return rows


def links_of_channel(actor: Actor, channel: Channel) -> QuerySet[AssetChannel]:
    """What a channel measures, of the assets that the actor may see."""
    rows = AssetChannel.objects.visible_to(actor).lasting().filter(channel=channel)
    return rows.select_related("asset").order_by("asset__name", "starts_on")


def possible_members(actor: Actor, microgrid: Asset, day: date) -> QuerySet[Asset]:
    """What could belong to a microgrid: of an enterprise its own assets, of the park everybody's; no microgrid."""
    rows = Asset.objects.visible_to(actor).in_service(day).exclude(kind=AssetKind.MICROGRID)
    if microgrid.enterprise_id is not None:
        rows = rows.filter(enterprise_id=microgrid.enterprise_id)
    taken = AssetMember.objects.filter(park_id=microgrid.park_id).filter(Q(ends_on=None) | Q(ends_on__gt=day))
    return rows.exclude(pk__in=taken.values("member_id")).order_by("name", "id")


def channel_named(actor: Actor, name: str) -> Channel | None:
    """The channel that files call so: the serial number of a meter in service last, with the code where it has several.

    None where there is none, or more than one.
    """
    serial, _stroke, code = name.strip().partition("/")
    rows = Channel.objects.visible_to(actor).filter(meter__serial=serial).select_related("meter", "meter__enterprise")
    if code:
        rows = rows.filter(code=code)
    found_rows = list(rows.order_by("-meter__starts_on", "id")[:10])
    newest = [row for row in found_rows if row.meter_id == found_rows[0].meter_id]
    return newest[0] if len(newest) == 1 else None
