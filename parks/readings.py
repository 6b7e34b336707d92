"""What an operator reads on a support visit, told to the park page by page."""

from __future__ import annotations

import re
from html import unescape

from django.http import HttpRequest, HttpResponse

from parks.models import SupportSession
from tenancy.readings import record_reading

TITLE = re.compile(r"<title>(.*?)</title>", re.DOTALL)
LONGEST_ADDRESS = 500


def record_page(request: HttpRequest, response: HttpResponse, support_session_id: int) -> None:
    """The page by its title, as far as it has one, and its address with what was searched for."""
    told = {"page": _title(response), "address": request.get_full_path()[:LONGEST_ADDRESS]}
    record_reading(SupportSession._meta.db_table, support_session_id, told)


def _title(response: HttpResponse) -> str:
    if not response.headers.get("Content-Type", "").startswith("text/html"):
        return ""
    found = TITLE.search(response.content.decode(errors="replace"))
    return unescape(found[1]).removesuffix("· ParkZero").strip() if found else ""
