"""Where a request comes from."""

from __future__ import annotations

from django.http import HttpRequest

LOCAL_ADDRESSES = frozenset({"127.0.0.1", "::1"})
FORWARDING_HEADERS = ("Forwarded", "X-Forwarded-For", "X-Real-Ip")


def is_from_this_machine(request: HttpRequest) -> bool:
    """Behind a proxy of this machine everybody seems to be here: what was forwarded is not."""
    is_forwarded = any(header in request.headers for header in FORWARDING_HEADERS)
    return request.META.get("REMOTE_ADDR") in LOCAL_ADDRESSES and not is_forwarded
