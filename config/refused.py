from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions, status


class Refused(exceptions.APIException):
    """A business rule forbids the request as it stands; sending it again changes nothing."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "refused"
    default_detail = _("This cannot be done now.")
