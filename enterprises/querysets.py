from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db.models import QuerySet

from enterprises.choices import EnterpriseStatus
from parks.actors import Actor

if TYPE_CHECKING:
    from enterprises.models import Enterprise  # noqa: F401


class EnterpriseQuerySet(QuerySet["Enterprise"]):
    def active(self) -> Self:
        return self.filter(status=EnterpriseStatus.ACTIVE)

    def visible_to(self, actor: Actor) -> Self:
        """The park's enterprises for an official, the own one for an enterprise person. The policies say the same."""
        own = self.filter(park_id=actor.park_id)
        return own.filter(pk=actor.enterprise_id) if actor.is_enterprise_person else own
