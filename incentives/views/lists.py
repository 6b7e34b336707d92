"""A list as a page: filtered, sorted, 25 a page, or downloaded whole."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django_filters import FilterSet
from django_tables2 import RequestConfig, Table

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
    context: dict[str, Any] | None = None,
) -> HttpResponse:
    """`name` is what a download is called. A filter that makes no sense filters nothing."""
    drawn = table(filters.qs)
    RequestConfig(request, paginate={"per_page": PAGE_SIZE}).configure(drawn)
    download: HttpResponse | None = exported(request, drawn, name)
    if download is not None:
        return download
    return render(request, template, {"filters": filters, "table": drawn, **(context or {})})
