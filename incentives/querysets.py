from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Self

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.functions import Now

from incentives.choices import WAITING_FOR_OFFICIALS, ApplicationState, DuplicateVerdict, ProgrammeStatus, Stage
from parks.actors import Actor
from parks.models import Membership

if TYPE_CHECKING:
    from incentives.models import (  # noqa: F401
        Absence,
        Agreement,
        Application,
        Award,
        Duplicate,
        Instalment,
        PanelSeat,
        Programme,
        ProgrammeVersion,
    )


# Days as text of their standard form stand in order.
OPEN_IN_FURTHER_WINDOW = """
SELECT version.id FROM incentives_programmeversion AS version, jsonb_array_elements(version.further_windows) AS further
WHERE further ->> 'opens_on' <= %s AND further ->> 'closes_on' >= %s
"""


class ProgrammeQuerySet(QuerySet["Programme"]):
    def of_park(self, park_id: int | None) -> Self:
        return self.filter(park_id=park_id)

    def published(self) -> Self:
        return self.filter(status=ProgrammeStatus.PUBLISHED)


class ProgrammeVersionQuerySet(QuerySet["ProgrammeVersion"]):
    def of_park(self, park_id: int | None) -> Self:
        return self.filter(park_id=park_id)

    def current(self) -> Self:
        return self.filter(closed_at=None)

    def open_on(self, day: date) -> Self:
        """Versions that take applications on `day` of the park's time zone."""
        first = Q(opens_on__lte=day, closes_on__gte=day)
        further = Q(pk__in=RawSQL(OPEN_IN_FURTHER_WINDOW, [day.isoformat(), day.isoformat()]))  # noqa: S611 - a constant
        return self.current().filter(first | further)


class ApplicationQuerySet(QuerySet["Application"]):
    def of_park(self, park_id: int | None) -> Self:
        return self.filter(park_id=park_id)

    def visible_to(self, actor: Actor) -> Self:
        """What was filed, for an official; everything of the own enterprise for its people."""
        own = self.of_park(actor.park_id)
        if actor.is_enterprise_person:
            return own.filter(enterprise_id=actor.enterprise_id)
        return own.filed()

    def filed(self) -> Self:
        """Drafts are nobody's business but the enterprise's, also when they were withdrawn as drafts."""
        return self.filter(submitted_at__isnull=False)

    def waiting(self) -> Self:
        return self.filter(state__in=WAITING_FOR_OFFICIALS)

    def in_state(self, state: ApplicationState) -> Self:
        return self.filter(state=state)


class PanelSeatQuerySet(QuerySet["PanelSeat"]):
    def of_park(self, park_id: int | None) -> Self:
        return self.filter(park_id=park_id)

    def of_expert(self, park_id: int | None, user_id: int) -> Self:
        return self.of_park(park_id).filter(expert_id=user_id)

    def of_round(self, application: Application) -> Self:
        """The seats of the round that was filed last."""
        return self.filter(application=application, round=application.round)

    def seated(self) -> Self:
        return self.filter(left_at=None)

    def waiting(self) -> Self:
        """Open seats of applications that wait for them."""
        here = self.filter(scored_at=None, left_at=None, round=F("application__round"))
        return here.filter(application__stage=Stage.PANEL, application__state=ApplicationState.ACCEPTED)


class AwardQuerySet(QuerySet["Award"]):
    def of_park(self, park_id: int | None) -> Self:
        return self.filter(park_id=park_id)


class DuplicateQuerySet(QuerySet["Duplicate"]):
    def of_park(self, park_id: int | None) -> Self:
        return self.filter(park_id=park_id)

    def about(self, application: Application) -> Self:
        return self.filter(Q(later=application) | Q(earlier=application))

    def unanswered(self) -> Self:
        return self.filter(verdict="", gone_at=None)

    def found_the_same(self) -> Self:
        """As long as both sides claim it."""
        return self.filter(verdict=DuplicateVerdict.SAME, gone_at=None)


class InstalmentQuerySet(QuerySet["Instalment"]):
    def of_park(self, park_id: int | None) -> Self:
        return self.filter(park_id=park_id)


class AbsenceQuerySet(QuerySet["Absence"]):
    def of_park(self, park_id: int | None) -> Self:
        return self.filter(park_id=park_id)

    def standing_in(self, user_id: int) -> Self:
        """Those that let a person act in the role of another now. Only who decides somewhere can be a deputy."""
        return self.counting().filter(deputy_id=user_id)

    def counting(self) -> Self:
        """Those of now whose person still has the role: nobody stands in for power that was taken away."""
        holders = Membership.objects.filter(
            park_id=OuterRef("park_id"),
            user_id=OuterRef("person_id"),
            is_active=True,
            enterprise_id=None,
            roles__contains=[OuterRef("role")],
        )
        return self.filter(Exists(holders), ended_at=None, starts_at__lte=Now(), ends_at__gt=Now())


class AgreementQuerySet(QuerySet["Agreement"]):
    def vouched_for(self) -> Self:
        """Those that an official attached, or has confirmed: only on these money is paid."""
        return self.filter(Q(is_by_official=True) | Q(confirmed_at__isnull=False))
