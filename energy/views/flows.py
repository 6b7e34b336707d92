"""The flows of a month: where the electricity came from, and where it went, balanced to the kilowatt-hour."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET

from energy.calculations.flows import NOT_MEASURED, Balance, balance_of, largest
from energy.choices import Flow
from energy.permissions import can_keep_meters, can_read_energy
from energy.queries import flows as queries
from energy.views import drawing
from energy.views.months import ShownMonth
from energy.views.tariff_drawing import clock_words
from enterprises import industries
from enterprises.models import Enterprise
from enterprises.tables.register import shown_names
from lib import formatting, sankey
from lib.exports import export_response, requested
from parks.access import acting
from parks.requests import ActingRequest

MOST_USERS = 5
BY_SECTION = "section"
HUB = "hub"
TONES = {
    Flow.IMPORT: "elec",
    Flow.GENERATION: "pv",
    Flow.DISCHARGE: "stor",
    Flow.CHARGE: "stor",
    Flow.EV_CHARGING: "chg",
    Flow.EXPORT: "elec",
    NOT_MEASURED: "ref",
}
USER = "user"


@dataclass(frozen=True)
class Line:
    """A node at an edge of the drawing, and its row in the table."""

    key: str
    label: str
    kwh: int
    tone: str
    url: str = ""


@acting(can_read_energy)
@require_GET
def energy_flows(request: ActingRequest) -> HttpResponse:
    """Of the month of `?month=`, or the one that runs; officials see users by enterprise, or `?by=section`."""
    by_section = request.actor.is_official and request.GET.get("by") == BY_SECTION
    shown = ShownMonth.of(request, f"&by={BY_SECTION}" if by_section else "")
    zone_name = request.park.time_zone
    found = queries.electricity_flows(request.actor, shown.month, zone_name=zone_name, today=shown.today)
    balance = balance_of(found.by_owner)
    sources = [_flow_line(flow, kwh) for flow, kwh in balance.sources.items()]
    uses = [*_user_lines(request, balance, by_section), *(_flow_line(flow, kwh) for flow, kwh in balance.sinks.items())]
    wanted = request.GET.get("export")
    if requested(wanted):
        return _file(shown, sources, uses, wanted)
    month = f"?month={shown.month:%Y-%m}"
    context = {
        "shown": shown,
        "zone": clock_words(zone_name),
        "is_empty": not balance.total,
        "can_enter": can_keep_meters(request.actor) and not request.actor.is_read_only,
        "completeness_percent": found.whole.completeness_percent,
        "estimated": drawing.estimated_words(found.whole),
        "tabs": [
            {"label": _("Largest enterprises"), "url": month, "active": not by_section},
            {"label": _("Industry sections"), "url": f"{month}&by={BY_SECTION}", "active": by_section},
        ]
        if request.actor.is_official
        else [],
        "chart": _chart(request, sources, uses, balance.total) if balance.total else None,
        "sum": {
            "came": formatting.number(balance.total),
            "went": formatting.number(balance.went),
        },
        "has_unmeasured": NOT_MEASURED in balance.sources,
        "came_table": _table(sources, balance.total, _("Where it came from")),
        "went_table": _table(uses, balance.total, _("Where it went")),
    }
    return render(request, "energy/energy_flows.html", context)


def flow_words(flow: str) -> str:
    """A flow as an edge of the drawing: what it is to the park as a whole."""
    return {
        Flow.IMPORT: _("Drawn from the grid"),
        Flow.GENERATION: _("Own generation"),
        Flow.DISCHARGE: _("Storage discharged"),
        Flow.CHARGE: _("Storage charged"),
        Flow.EV_CHARGING: _("Vehicle charging"),
        Flow.EXPORT: _("Fed into the grid"),
        NOT_MEASURED: _("Not measured at its source"),
    }[flow]


def _flow_line(flow: str, kwh: int) -> Line:
    return Line(flow, flow_words(flow), kwh, TONES[flow])


def _user_lines(request: ActingRequest, balance: Balance[UUID | None], by_section: bool) -> list[Line]:
    if not request.actor.is_official:
        return [Line(USER, _("Used on site"), sum(balance.users.values()), "ref")] if balance.users else []
    enterprises = queries.named(request.actor, balance.users)
    grouped: Mapping[Any, int] = balance.users
    words: Callable[[Any], tuple[str, str]] = lambda owner: _owner_words(owner, enterprises)  # noqa: E731
    if by_section:
        sections: dict[str, int] = {}
        for owner, kwh in balance.users.items():
            section = _section_of(owner, enterprises)
            sections[section] = sections.get(section, 0) + kwh
        grouped, words = sections, lambda section: (_section_words(section), "")
    shown, rest = largest(grouped, MOST_USERS)
    lines = [Line(f"{USER}-{place}", *_named(words(key), kwh)) for place, (key, kwh) in enumerate(shown)]
    if rest:
        label = _("All others (%(count)s)") % {"count": formatting.number(len(rest))}
        lines.append(Line(f"{USER}-rest", label, sum(grouped[key] for key in rest), "ref"))
    return lines


def _named(words: tuple[str, str], kwh: int) -> tuple[str, int, str, str]:
    return words[0], kwh, "ref", words[1]


def _owner_words(owner: UUID | None, enterprises: Mapping[UUID, Enterprise]) -> tuple[str, str]:
    if owner is None:
        return _("The park itself"), f"{reverse('energy:meter_list')}?owner=park"
    row = enterprises[owner]
    return shown_names(row)[0], f"{reverse('energy:meter_list')}?q={row.credit_code}"


NO_SECTION, OF_THE_PARK = "", "park"


def _section_of(owner: UUID | None, enterprises: Mapping[UUID, Enterprise]) -> str:
    if owner is None:
        return OF_THE_PARK
    code = enterprises[owner].industry_code.lstrip("ABCDEFGHIJKLMNOPQRST")
    return industries.section_of_divisions().get(code[:2], NO_SECTION)


def _section_words(section: str) -> str:
    if section == OF_THE_PARK:
        return _("The park itself")
    return next((each.name for each in industries.sections() if each.code == section), _("No industry stated"))


def _chart(request: ActingRequest, sources: list[Line], uses: list[Line], total: int) -> dict[str, Any]:
    shown = drawing.measure("kWh", total)
    hub = pgettext("of energy flows", "The park") if request.actor.is_official else _("Your sites")
    into = [sankey.Flow(line.key, HUB, line.kwh, line.tone) for line in sources]
    out = [sankey.Flow(HUB, _sink(line), line.kwh, _carried(line)) for line in uses]
    columns = [
        [(line.key, line.kwh) for line in sources],
        [(HUB, total)],
        [(_sink(line), line.kwh) for line in uses],
    ]
    boxes, bands = sankey.drawn(columns, into + out)
    lines = {line.key: line for line in sources} | {_sink(line): line for line in uses}
    nodes = [
        {
            "box": box,
            "tone": lines[box.key].tone,
            "label": lines[box.key].label,
            "value": shown.words(lines[box.key].kwh),
        }
        for box in boxes
        if box.key != HUB
    ]
    return {
        "unit": shown.unit,
        "bands": bands,
        "nodes": nodes,
        "hub": next(box for box in boxes if box.key == HUB),
        "hub_label": hub,
        "hub_value": shown.words(total),
        "words": _("Flows of electricity, as in the two tables below"),
    }


def _sink(line: Line) -> str:
    """A flow may be a source and a sink, of different names in the drawing."""
    return f"to-{line.key}"


def _carried(line: Line) -> str:
    return "elec" if line.tone == "ref" else line.tone


def _table(lines: list[Line], total: int, caption: str) -> dict[str, Any]:
    return {
        "caption": caption,
        "rows": [
            {
                "line": line,
                "kwh": formatting.number(line.kwh),
                "share": formatting.percent(line.kwh / total * 100) if total else formatting.NOTHING,
            }
            for line in lines
        ],
        "total": formatting.number(sum(line.kwh for line in lines)),
    }


def _file(shown: ShownMonth, sources: list[Line], uses: list[Line], file_format: str) -> HttpResponse:
    rows = [(_("Where it came from"), line) for line in sources] + [(_("Where it went"), line) for line in uses]
    columns = [
        (_("Side"), lambda row: row[0]),
        (_("Flow or user"), lambda row: row[1].label),
        (f"{_('Electricity')} (kWh)", lambda row: row[1].kwh),
    ]
    return export_response(file_format, f"{_('energy flows')} {shown.month:%Y-%m}", columns, rows)
