"""Who may act on an award after the decision: never whoever decided on the application in any of its stages, or ruled
on an appeal about it."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from incentives.models import Application
from incentives.permissions import Bar, bar_of, can_open_queue, can_sign, with_bars, without_bars
from parks.actors import Actor
from parks.choices import Role

PUBLISHERS = (Role.PARK_ADMINISTRATOR, Role.REVIEWER, Role.APPROVER)
HANDLERS = (Role.PARK_ADMINISTRATOR, Role.APPROVER)
KEEPERS = (*PUBLISHERS, Role.FINANCE_OFFICER)
# No stage of any programme has this name, so every decision on the application bars whoever made it.
AFTERWARDS = "afterwards"


def can_see_awards(actor: Actor) -> bool:
    return can_open_queue(actor)


def can_publish_notices(actor: Actor) -> bool:
    return actor.is_official and actor.has_role(*PUBLISHERS) and actor.support_session_id is None


def can_handle_objections(actor: Actor) -> bool:
    return actor.is_official and actor.has_role(*HANDLERS) and actor.support_session_id is None


def explain_no_notice(actor: Actor) -> str:
    if not can_publish_notices(actor):
        return _("Only a park administrator, a reviewer or an approver can publish a notice.")
    return actor.read_only_words if actor.is_read_only else ""


def explain_no_handling(actor: Actor, application: Application) -> str:
    """Why somebody may not handle an objection to an award, or revoke it."""
    return _explain_no_handler(actor) or explain_involved(actor, application)


def explain_no_handlings(actor: Actor, application_ids: Iterable[UUID]) -> dict[UUID, str]:
    """The same of many applications, in one query."""
    if refusal := _explain_no_handler(actor):
        return dict.fromkeys(application_ids, refusal)
    return _explain_ties(actor, application_ids)


def handled_by(actor: Actor, applications: QuerySet[Application]) -> QuerySet[Application]:
    """Those of which `explain_no_handling` says nothing."""
    if _explain_no_handler(actor) or actor.is_read_only:
        return applications.none()
    return without_bars(applications, actor.user_id, AFTERWARDS)


def explain_no_ruling(actor: Actor, application: Application) -> str:
    """Why somebody may not rule on an appeal. Who ruled on an earlier one may: a ruling grants nothing."""
    if refusal := _explain_no_handler(actor):
        return refusal
    bar = _bars_afterwards(actor, [application.pk])[application.pk]
    return actor.read_only_words if actor.is_read_only else _words_of(None if bar is Bar.RULED else bar)


def _explain_no_handler(actor: Actor) -> str:
    if can_handle_objections(actor):
        return ""
    return _("Only a park administrator or an approver can handle objections and appeals.")


def explain_no_appeal(actor: Actor, application: Application) -> str:
    """Why somebody may not appeal for an enterprise."""
    if not actor.is_enterprise_person or actor.enterprise_id != application.enterprise_id:
        return _("Only people of the enterprise that applies can do this.")
    if not can_sign(actor):
        return _("Only an owner or a certifier of the enterprise can sign this.")
    return actor.read_only_words if actor.is_read_only else ""


def explain_involved(actor: Actor, application: Application) -> str:
    """Why somebody with the role has to leave it to a colleague."""
    return _explain_ties(actor, [application.pk])[application.pk]


def _explain_ties(actor: Actor, application_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Of each application why the actor leaves it to a colleague, in one query; empty words where nothing bars."""
    ids = list(application_ids)
    if actor.is_read_only:
        return dict.fromkeys(ids, actor.read_only_words)
    return {pk: _words_of(bar) for pk, bar in _bars_afterwards(actor, ids).items()}


def _bars_afterwards(actor: Actor, application_ids: Iterable[UUID]) -> dict[UUID, Bar | None]:
    rows = Application.objects.filter(pk__in=application_ids)
    return {row.pk: bar_of(row) for row in with_bars(rows, actor.user_id, AFTERWARDS)}  # type: ignore[arg-type]


def _words_of(bar: Bar | None) -> str:
    match bar:
        case Bar.FOUR_EYES:
            return _("Four eyes: you decided on this application, so a colleague must do this.")
        case Bar.RULED:
            return _("Four eyes: you ruled on an appeal about this application, so a colleague must do this.")
        case Bar.INTEREST | Bar.MEMBER:
            return _("You belong to this enterprise or have declared an interest in it, so a colleague must do this.")
        case _:
            return ""


def can_bring_agreement(actor: Actor) -> bool:
    """Whoever signs for the enterprise, or an official who deals with awards."""
    return can_sign(actor) or can_confirm_agreements(actor)


def can_confirm_agreements(actor: Actor) -> bool:
    return actor.is_official and actor.has_role(*KEEPERS) and actor.support_session_id is None


def explain_no_confirmation(actor: Actor, application: Application) -> str:
    """Why somebody may not confirm what an enterprise sent."""
    if not can_confirm_agreements(actor):
        return _("Only an official who deals with awards can confirm an agreement.")
    return actor.read_only_words if actor.is_read_only else _explain_tie(actor, application)


def explain_no_agreement(actor: Actor, application: Application) -> str:
    if not can_bring_agreement(actor):
        return _("Only who signs for the enterprise, or an official who deals with awards, can attach the agreement.")
    if actor.is_enterprise_person and actor.enterprise_id != application.enterprise_id:
        return _("Only people of the enterprise that applies can do this.")
    if actor.is_read_only:
        return actor.read_only_words
    return _explain_tie(actor, application) if actor.is_official else ""


def _explain_tie(actor: Actor, application: Application) -> str:
    """Money is paid on what an official vouches for: nobody with a tie to the enterprise does. It decides nothing
    about the application, so whoever decided on it may.
    """
    rows = Application.objects.filter(pk=application.pk)
    row = with_bars(rows, actor.user_id, AFTERWARDS).get()  # type: ignore[arg-type]
    return _words_of(next((bar for bar in (Bar.INTEREST, Bar.MEMBER) if getattr(row, bar)), None))


def can_pay(actor: Actor) -> bool:
    return actor.is_official and actor.has_role(Role.FINANCE_OFFICER) and actor.support_session_id is None


def explain_no_payment(actor: Actor, application: Application) -> str:
    """Why somebody may neither confirm a condition nor record a payment."""
    return explain_no_payments(actor, [application.pk])[application.pk]


def explain_no_payments(actor: Actor, application_ids: Iterable[UUID]) -> dict[UUID, str]:
    """The same of many applications, in one query."""
    if not can_pay(actor):
        return dict.fromkeys(application_ids, _("Only a finance officer can do this."))
    return _explain_ties(actor, application_ids)
