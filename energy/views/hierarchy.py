"""Head meters and those below them: the tree of a month, and where a meter hangs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django_tables2 import RequestConfig

from energy.choices import Commodity
from energy.forms.hierarchy import PlaceForm
from energy.hierarchy_table import NodeTable
from energy.models import Meter
from energy.permissions import can_keep_meters, can_read_energy
from energy.queries import hierarchy, use
from energy.queries.hierarchy import Node
from energy.services.hierarchy import place_meter
from energy.tables import TONES, owner_words
from energy.views import drawing
from energy.views.meters import one_meter, today_of
from energy.views.overview import chosen_month, month_words
from lib.exports import requested
from lib.tables import exported
from parks.access import acting
from parks.requests import ActingRequest
from parks.views.forms import attempt, form_page

ROWS_A_PAGE = 50
LONGEST_SEARCH = 100


@acting(can_read_energy)
@require_safe
def meter_tree(request: ActingRequest) -> HttpResponse:
    """Of the month of `?month=`, or the one that runs; `?of=` names commodity and unit, `?q=` words of a meter."""
    today = today_of(request)
    month = chosen_month(request, today)
    roots = hierarchy.tree_of(request.actor, month, request.park.time_zone, today)
    kinds = sorted(
        {kind_of(root) for root in roots}, key=lambda kind: (list(Commodity).index(Commodity(kind[0])), kind)
    )
    wanted = request.GET.get("of", "")
    kind = next((each for each in kinds if ".".join(each) == wanted), kinds[0] if kinds else ("", ""))
    shown_roots = [root for root in roots if kind_of(root) == kind]
    words = request.GET.get("q", "")[:LONGEST_SEARCH].strip()
    nodes = [node for root in shown_roots for node in found(root, words.lower().split())]
    known = [abs(node.use.total) for node in nodes if node.use.total is not None]
    measure = drawing.measure(drawing.unit_words(kind[1]) if kind[1] else "", max(known, default=None))
    table = NodeTable(nodes, unit=measure.unit, divisor=measure.divisor)
    is_file = requested(request.GET.get("export"))
    RequestConfig(request, paginate=False if is_file else {"per_page": ROWS_A_PAGE}).configure(table)
    download = exported(request, table, _("head and sub-meters %(month)s") % {"month": f"{month:%Y-%m}"})
    if download is not None:
        return download
    context = {
        "month": month,
        "month_words": month_words(month),
        "previous": use.months_before(month, 2)[0],
        "next": use.next_month(month) if use.next_month(month) <= today else None,
        "table": table,
        "total": len(nodes),
        "is_empty": not roots,
        "words": words,
        "kind": ".".join(kind),
        "tabs": [
            {"label": kind_words(each), "url": f"?month={month:%Y-%m}&of={'.'.join(each)}", "active": each == kind}
            for each in kinds
        ],
        "can_enter": can_keep_meters(request.actor) and not request.actor.is_read_only,
    }
    return render(request, "energy/meter_tree.html", context)


def kind_of(root: Node) -> tuple[str, str]:
    return (root.meter.commodity, root.unit)


def _rank(kind: tuple[str, str]) -> tuple[int, str]:
    return list(Commodity).index(Commodity(kind[0])), kind[1]


def kind_words(kind: tuple[str, str]) -> str:
    unit = drawing.unit_words(kind[1]) if kind[1] else ""
    return _("%(commodity)s, %(unit)s") % {"commodity": str(Commodity(kind[0]).label), "unit": unit}


def found(root: Node, words: Sequence[str]) -> Iterator[Node]:
    """The nodes that every word is found in, and those that they hang below."""
    if not words:
        yield from root.walk()
        return
    below = [node for child in root.below for node in found(child, words)]
    meter = root.meter
    told = " ".join((meter.name, meter.serial, meter.location, owner_words(meter))).lower()
    if below or all(word in told for word in words):
        yield root
        yield from below


@acting(can_keep_meters)
def meter_place(request: ActingRequest, meter_id: UUID) -> HttpResponse:
    meter, today = one_meter(request, meter_id), today_of(request)
    placement = hierarchy.head_of(request.actor, meter, today)
    initial: dict[str, Any] = {"head": placement.head.serial if placement else "", "starts_on": today}
    among = Meter.objects.visible_to(request.actor).filter(commodity=meter.commodity)
    form = PlaceForm(request.POST or None, initial=initial, among=among)
    if form.is_valid():
        act = partial(
            place_meter,
            request.actor,
            meter,
            head=form.cleaned_data["head"],
            starts_on=form.cleaned_data["starts_on"],
            now=timezone.now(),
        )
        if attempt(form, act):
            messages.success(request, _("It is saved where the meter hangs."))
            return redirect("energy:meter_detail", meter_id=meter.pk)
    context = {"meter": meter, "tone": TONES[meter.commodity], "placement": placement}
    return form_page(request, "energy/meter_place.html", form, **context)
