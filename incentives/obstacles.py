"""What of an enterprise is under way here when its registration is to end."""

from __future__ import annotations

from django.utils.translation import ngettext

from enterprises import obstacles
from enterprises.models import Enterprise
from incentives.choices import ENDED
from incentives.models import Application


def register() -> None:
    obstacles.register(open_applications)


def open_applications(enterprise: Enterprise) -> list[str]:
    """Filed applications that are not decided yet; drafts are nobody's business but the enterprise's."""
    filed = Application.objects.of_park(enterprise.park_id).filed().filter(enterprise=enterprise)
    numbers = list(filed.exclude(state__in=ENDED).order_by("number").values_list("number", flat=True))
    if not numbers:
        return []
    sentence = ngettext(
        "%(count)s application is not decided yet: %(numbers)s.",
        "%(count)s applications are not decided yet: %(numbers)s.",
        len(numbers),
    )
    return [sentence % {"count": len(numbers), "numbers": ", ".join(numbers)}]
