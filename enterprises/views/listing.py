"""The park's register as a list: searched, filtered, sorted, kept as views, downloaded."""

from __future__ import annotations

from datetime import date

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django_tables2 import RequestConfig

from enterprises.choices import EnterpriseStatus
from enterprises.filters.register import EnterpriseFilter
from enterprises.models import Enterprise
from enterprises.permissions import can_list_enterprises, can_register_enterprise
from enterprises.queries.facets import current_labels
from enterprises.tables.register import EnterpriseTable, export_columns
from lib.exports import LARGEST_EXPORT, export_response, requested
from lib.periods import local_day
from parks.access import acting
from parks.requests import ActingRequest
from parks.views.saved_views import saved_views

ENTERPRISES_A_PAGE = 25


@acting(can_list_enterprises)
@require_safe
def enterprise_list(request: ActingRequest) -> HttpResponse:
    today = local_day(timezone.now(), request.park.time_zone)
    rows = Enterprise.objects.visible_to(request.actor)
    narrowed = EnterpriseFilter(request.GET, queryset=rows, today=today)
    sought = "" if request.GET.get("sort") else narrowed.sought
    table = EnterpriseTable(narrowed.qs, today=today, sought=sought)
    wanted = request.GET.get("export")
    if requested(wanted):
        return _download(request, table, wanted, today)
    found = narrowed.count_choices()
    # The groups of the facets have counted the rows; the table would ask the database again.
    table.data._length = found.total  # noqa: SLF001
    RequestConfig(request, paginate={"per_page": ENTERPRISES_A_PAGE}).configure(table)
    context = {
        "filter": narrowed,
        "table": table,
        "total": found.total,
        "merged_out": 0 if "status" in narrowed.chosen else found.counts("status")[EnterpriseStatus.MERGED],
        "merged_query": _merged_query(request),
        "can_register": can_register_enterprise(request.actor) and not request.actor.is_read_only,
        **saved_views(request),
    }
    return render(request, "enterprises/enterprise_list.html", context)


def _merged_query(request: ActingRequest) -> str:
    """The same list of those that were merged into another."""
    asked = request.GET.copy()
    asked.pop("page", None)
    asked["status"] = EnterpriseStatus.MERGED
    return asked.urlencode()


def _download(request: ActingRequest, table: EnterpriseTable, file_format: str, today: date) -> HttpResponse:
    """Every page of the list, in its order, as far as files go."""
    RequestConfig(request, paginate=False).configure(table)
    columns = export_columns(current_labels(None, today))
    rows = table.data.data[: LARGEST_EXPORT + 1]
    return export_response(file_format, _("enterprises"), columns, rows, most=LARGEST_EXPORT)
