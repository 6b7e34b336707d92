"""A list as a page: filtered, sorted, 25 a page, or downloaded whole."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django_filters import FilterSet
from django_tables2 import RequestConfig, Table

from lib import long_lists
from lib.tables import exported
from parks.requests import ActingRequest

PAGE_SIZE = 25


def list_page(
    request: ActingRequest,
    template: str,
    *,
    filters: FilterSet,
    table: Callable[..., Table],
    name: str,
    shown: QuerySet[Any] | None = None,
    count: int | None = None,
    context: dict[str, Any] | None = None,
) -> HttpResponse:
    """`name` is what a download is called. A filter that makes no sense filters nothing.

    shown: what a row shows, where the filtered rows do not say it; count: how many rows there are, if that is known.
    """
    found = filters.qs
    is_narrowed = any(filters.form.cleaned_data.values())
    drawn = table(long_lists.LongList(found, shown, most=long_lists.MOST_COUNTED, count=None if is_narrowed else count))
    RequestConfig(request, paginate={"per_page": PAGE_SIZE}).configure(drawn)
    download: HttpResponse | None = exported(request, drawn, name)
    if download is not None:
        return download
    return render(request, template, {"filters": filters, "table": drawn, **(context or {})})
