"""The classification of industries, for whoever fills in a form that asks for a code."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from enterprises import industries
from parks.access import signed_in
from parks.requests import SignedInRequest

FOUND_ON_A_PAGE = 100
LONGEST_SEARCH = 60


@signed_in
@require_safe
def industry_list(request: SignedInRequest) -> HttpResponse:
    """The sections with their divisions, or what fits the words. A field that suggests gets the options alone."""
    text = request.GET.get("q", "")[:LONGEST_SEARCH]
    if request.headers.get("HX-Request"):
        found = [industry for industry in industries.find(text, limit=FOUND_ON_A_PAGE) if len(industry.code) > 1]
        return render(request, "enterprises/_industry_options.html", {"found": found[: industries.SHOWN]})
    context = {"text": text, "found": industries.find(text, limit=FOUND_ON_A_PAGE), "sections": _sections()}
    return render(request, "enterprises/industry_list.html", context)


def _sections() -> list[tuple[industries.Industry, list[industries.Industry]]]:
    table = industries.table()
    return [
        (section, [table[section.code + division] for division in industries.divisions_of(section.code)])
        for section in industries.sections()
    ]
