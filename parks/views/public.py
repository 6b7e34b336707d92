"""What anybody may see: the parks, one park, its colour and its logo."""

from __future__ import annotations

import mimetypes
from hashlib import sha256

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import condition, require_safe

from lib.periods import local_day
from parks import access, colours, page_sections
from parks.filters import PublicParkFilter
from parks.images import EXTENSIONS
from parks.models import Park
from parks.national_list import PUBLISHED_ON, listed_parks
from parks.queries.construction import construction_of
from parks.requests import PublicParkRequest
from parks.tables import other_language, other_name

PER_PAGE = 25
STYLESHEET_LASTS = 300
# The name of a logo's file is its digest, but its address is the park's: browsers ask again after a while.
LOGO_LASTS = 300


@access.open_to_all
@require_safe
def public_list(request: HttpRequest) -> HttpResponse:
    """Runs outside any scope, as the login role, which may read parks and no tenant's rows."""
    narrowed = PublicParkFilter(request.GET, queryset=Park.objects.open_to_public().order_by("province", "name_en"))
    page = Paginator(narrowed.qs, PER_PAGE).get_page(request.GET.get("page"))
    entries = [(park, other_name(park)) for park in page]
    context = {"filter": narrowed, "page": page, "entries": entries, "other_language": other_language()}
    return render(request, "parks/public_list.html", context)


@access.public_park
@require_safe
def public_park(request: PublicParkRequest, park_slug: str) -> HttpResponse:
    """The park's facts, then what the apps above have to say about it (`parks.page_sections`)."""
    park = request.park
    context = {
        "park": park,
        "other_name": other_name(park),
        "other_language": other_language(),
        "construction": construction_of(park, local_day(timezone.now(), park.time_zone)),
        "listed_count": len(listed_parks()) if park.national_list_number else 0,
        "list_published_on": PUBLISHED_ON,
        "sections": page_sections.public_park.rendered(request, park),
    }
    return render(request, "parks/public_park.html", context)


def _stylesheet_tag(request: PublicParkRequest, park_slug: str) -> str:
    return f'"{sha256(colours.stylesheet(request.park.accent).encode()).hexdigest()[:20]}"'


@access.public_park
@require_safe
@cache_control(max_age=STYLESHEET_LASTS)
@condition(etag_func=_stylesheet_tag)
def accent(request: PublicParkRequest, park_slug: str) -> HttpResponse:
    return HttpResponse(colours.stylesheet(request.park.accent), content_type="text/css; charset=utf-8")


def _logo_tag(request: PublicParkRequest, park_slug: str) -> str | None:
    name = request.park.logo.name
    return f'"{sha256(name.encode()).hexdigest()[:20]}"' if name else None


@access.public_park
@require_safe
@cache_control(max_age=LOGO_LASTS)
@condition(etag_func=_logo_tag)
def logo(request: PublicParkRequest, park_slug: str) -> HttpResponse:
    """The picture as it was checked when it was saved; anything else under that name is not served."""
    park: Park = request.park
    content_type, _encoding = mimetypes.guess_type(park.logo.name or "")
    if content_type not in EXTENSIONS:
        raise Http404
    try:
        with park.logo.open("rb") as stored:
            content = stored.read()
    except FileNotFoundError as error:
        raise Http404 from error
    return HttpResponse(content, content_type=content_type, headers={"Content-Security-Policy": "default-src 'none'"})
