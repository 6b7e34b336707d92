"""What an operator reads on a support visit, told to the park answer by answer."""

from __future__ import annotations

import re
from html import unescape
from http import HTTPStatus
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse

from parks.models import SupportSession
from tenancy.readings import record_answer
from tenancy.scopes import Scope

TITLE = re.compile(r"<title>(.*?)</title>", re.DOTALL)
LONGEST_VALUE = 200


def record_page(scope: Scope, request: HttpRequest, response: HttpResponse | None) -> None:
    """How the page was asked for, what came of it, its title as far as it has one, and what was searched for.

    scope: of the visit; it has been left. No response: the visitor was refused before the page was made.
    """
    told = {
        "page": _title(response) if response else "",
        "method": request.method or "",
        "address": address_of(request),
        "answer": str(response.status_code if response else int(HTTPStatus.FORBIDDEN)),
    }
    record_answer(scope, SupportSession._meta.db_table, scope.author.support_session_id, told)


def address_of(request: HttpRequest) -> str:
    """The address with all that was asked for: a long value is cut, and hides none of those behind it."""
    path = request.get_full_path().partition("?")[0]
    asked = [(_cut(name), _cut(value)) for name, values in request.GET.lists() for value in values]
    return f"{path}?{urlencode(asked)}" if asked else path


def _cut(text: str) -> str:
    # Blanks go first, which a search would ignore and a reader of the trail would have to scroll past.
    shown = " ".join(text.split())
    return shown if len(shown) <= LONGEST_VALUE else f"{shown[:LONGEST_VALUE]}…"


def _title(response: HttpResponse) -> str:
    if not response.headers.get("Content-Type", "").startswith("text/html"):
        return ""
    found = TITLE.search(response.content.decode(errors="replace"))
    return unescape(found[1]).removesuffix("· ParkZero").strip() if found else ""
