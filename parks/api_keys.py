"""Keys of the API: who a request with an Authorization header is."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest
from knox.auth import TokenAuthentication
from rest_framework.exceptions import AuthenticationFailed

from parks.models import ApiKey, Membership


def authenticate(request: HttpRequest, today: date) -> ApiKey | None:
    """The key of the request, with its user, membership and park; None without an Authorization header for keys.

    Raises `AuthenticationFailed` for a key that is unknown, expired, or whose membership has ended.
    """
    try:
        answer = TokenAuthentication().authenticate(request)
    except UnicodeDecodeError as error:
        raise AuthenticationFailed from error
    if answer is None:
        return None
    key: ApiKey = ApiKey.objects.select_related("user", "membership__user", "membership__park").get(pk=answer[1].pk)
    if not Membership.objects.active().filter(pk=key.membership_id).exists():
        raise AuthenticationFailed
    if key.last_used_on != today:
        ApiKey.objects.filter(pk=key.pk).update(last_used_on=today)
    return key
