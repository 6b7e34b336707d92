"""What every act on an application begins and ends with: the row locked, the right checked, the timeline written."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from incentives.choices import Stage, StepKind
from incentives.models import Application, ApplicationStep
from incentives.permissions import Act, explain_wrong_state
from lib.refusals import Refusal
from parks.actors import Actor
from tenancy.events import Event


class NotAllowed(Refusal):
    """The person may not do this; the message says who may."""

    code = "not_allowed"


class StateChanged(Refusal):
    """The application is not, or no longer, what the person decided on when the page was loaded."""

    code = "state_changed"


class Invalid(Refusal):
    """A value that cannot be kept; `field` names it."""

    code = "invalid"


class ChangedMeanwhile(Refusal):
    """Somebody saved since the page was loaded. `current` is the application as it is now; nothing was overwritten."""

    code = "changed_meanwhile"

    def __init__(self, current: Application) -> None:
        super().__init__(
            _("Someone changed this application since you opened it. Compare both versions, then save again.")
        )
        self.current = current


def lock_application(application: Application) -> Application:
    """The application as it is now, held until the end of the transaction. Locked before any programme."""
    related = Application.objects.select_related("programme_version", "park", "enterprise")
    return related.select_for_update(of=("self",)).get(pk=application.pk)


def lock_applications(ids: Iterable[Any] | QuerySet[Any, Any]) -> None:
    """Hold several applications until the end of the transaction, before any programme: two who do never wait for
    each other."""
    list(Application.objects.filter(pk__in=ids).order_by("pk").select_for_update(of=("self",)).values_list("pk"))


def refuse_if(reason: str) -> None:
    if reason:
        raise NotAllowed(reason)


def refuse_wrong_state(application: Application, act: Act) -> None:
    reason = explain_wrong_state(application, act)
    if reason:
        raise StateChanged(reason)


def refuse_other_round(application: Application, expected_round: int) -> None:
    """What was corrected and filed again since the page was loaded is not decided on unread."""
    if application.round != expected_round:
        raise StateChanged(
            _("The enterprise has filed round %(round)s since you opened this application. Read it, then decide.")
            % {"round": application.round}
        )


def refuse_invalid(row: models.Model, fields: Iterable[str] | None = None) -> None:
    """Refuse the first thing wrong with a row, or with some of its fields only."""
    try:
        if fields is None:
            row.full_clean()
        else:
            kept = set(fields)
            row.clean_fields(exclude={field.name for field in row._meta.fields} - kept)
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise Invalid(messages[0], field=None if field == "__all__" else field) from error


def add_step(
    actor: Actor,
    application: Application,
    kind: StepKind,
    now: datetime,
    comment: str = "",
    *,
    stage: Stage | None = None,
    by_name: str | None = None,
) -> ApplicationStep:
    """Added last, so that it keeps the amount and the deadline as the act left them.

    stage: the one in which an official acted; by_name: whom both sides read, by default the actor.
    """
    is_granted = kind == StepKind.APPROVED
    return ApplicationStep.objects.create(
        park_id=application.park_id,
        enterprise_id=application.enterprise_id,
        application=application,
        kind=kind,
        at=now,
        stage=stage or "",
        by_name=actor.name if by_name is None else by_name,
        is_by_official=actor.is_official,
        comment=comment,
        due_at=application.due_at,
        amount_cny=application.approved_cny if is_granted else application.requested_cny,
    )


def announce(event: Event, step: ApplicationStep) -> None:
    event.publish(park_id=step.park_id, application_id=str(step.application_id), step_id=str(step.pk))


def save_changes(application: Application, **changes: Any) -> Application:
    """Write only these columns: each role may touch its own ones alone."""
    for name, value in changes.items():
        setattr(application, name, value)
    application.save(update_fields=list(changes))
    return application
