"""Who may do what with programmes and applications.

Predicates of the actor alone open doors; those of an application also say whether it is the moment for the act. The
services refuse by the same sentences that the pages show.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from enum import StrEnum
from functools import lru_cache, reduce
from operator import and_, or_
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, Exists, F, Func, OuterRef, Q, QuerySet, Value
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.permissions import has_signed_in_within
from enterprises.choices import EnterpriseStatus
from enterprises.models import DeclaredInterest, Enterprise
from enterprises.permissions import counting_ties
from incentives.choices import EDITABLE, ENDED, STAGE_ROLES, WAITING_FOR_OFFICIALS, Outcome, Stage
from incentives.models import Absence, Appeal, Application, Review
from parks.actors import Actor
from parks.choices import Role
from parks.models import Membership

SIGNATURE_AFTER_SIGN_IN = timedelta(minutes=10)
"""For so long after somebody gave their password, passkey or code they can sign; later it is asked for again."""

PREPARERS = (Role.OWNER, Role.CERTIFIER, Role.APPLICANT)
SIGNERS = (Role.OWNER, Role.CERTIFIER)
READERS = (Role.REVIEWER, Role.APPROVER, Role.PARK_ADMINISTRATOR, Role.FINANCE_OFFICER, Role.AUDITOR)


class Act(StrEnum):
    """What can be done with an application."""

    PREPARE = "prepare"
    CERTIFY = "certify"
    WITHDRAW = "withdraw"
    APPROVE = "approve"


def can_open_applications(actor: Actor) -> bool:
    return actor.is_enterprise_person


def can_search(actor: Actor) -> bool:
    """Whoever acts in a park; each finds what they may open."""
    return actor.is_enterprise_person or actor.is_official


def can_see_offers(actor: Actor) -> bool:
    """What a park publishes is for its enterprises and its officials."""
    return actor.is_enterprise_person or actor.is_official


def can_apply(actor: Actor) -> bool:
    return actor.is_enterprise_person and actor.has_role(*PREPARERS)


def can_sign(actor: Actor) -> bool:
    """Whether the actor may sign for the enterprise at all."""
    return actor.is_enterprise_person and actor.has_role(*SIGNERS)


def can_sign_now(request: Any) -> bool:
    """A session that lies open is no signature, and neither is a key of the API."""
    return has_signed_in_within(request, SIGNATURE_AFTER_SIGN_IN)


def can_open_desk(actor: Actor) -> bool:
    return actor.is_official


def can_open_queue(actor: Actor) -> bool:
    return actor.is_official and actor.has_role(*READERS)


def can_open_cases(actor: Actor) -> bool:
    """One's own applications, or those that were filed with the park."""
    return can_open_applications(actor) or can_open_queue(actor)


def can_act_as(actor: Actor, role: Role) -> bool:
    """Whether the role alone allows acting in its stages. In a support session nobody decides anything."""
    return actor.is_official and actor.has_role(role) and actor.support_session_id is None


def stands_in_for(actor: Actor, role: Role) -> Absence | None:
    """The absence by which the actor may act in a role today. Only who decides somewhere can be a deputy."""
    if not can_decide_somewhere(actor):
        return None
    return Absence.objects.of_park(actor.park_id).standing_in(actor.user_id).filter(role=role).first()


def can_declare_absence(actor: Actor) -> bool:
    return can_decide_somewhere(actor)


def can_decide_somewhere(actor: Actor) -> bool:
    return any(can_act_as(actor, role) for role in STAGE_ROLES)


def can_score(actor: Actor) -> bool:
    """Whether the actor can have seats on expert panels."""
    return can_act_as(actor, Role.EXPERT)


def can_see_programmes(actor: Actor) -> bool:
    return actor.is_official


def can_configure_programmes(actor: Actor) -> bool:
    """A programme commits the park's money, so an operator on a support visit may not touch one."""
    return actor.is_official and actor.has_role(Role.PARK_ADMINISTRATOR) and actor.support_session_id is None


def can_prepare(actor: Actor, application: Application) -> bool:
    return not explain_why_not(actor, application, Act.PREPARE)


def can_withdraw(actor: Actor, application: Application) -> bool:
    return not explain_why_not(actor, application, Act.WITHDRAW)


def can_read_document(actor: Actor, application: Application) -> bool:
    if actor.is_enterprise_person:
        return actor.enterprise_id == application.enterprise_id
    return can_open_queue(actor) and application.submitted_at is not None


def explain_why_not(actor: Actor, application: Application, act: Act) -> str:
    """Why this actor may not do this now, in a sentence of the active language; empty when nothing is in the way."""
    refusal = explain_wrong_state(application, act) or explain_no_filing(actor, application, act)
    return refusal or (explain_inactive(application.enterprise, act) if act is Act.CERTIFY else "")


def explain_wrong_state(application: Application, act: Act) -> str:
    """Why this is not the moment for an act of the enterprise, whoever asks."""
    state = {"state": application.get_state_display()}
    if act in {Act.PREPARE, Act.CERTIFY} and application.state not in EDITABLE:
        return _("The application can no longer be changed; its state is: %(state)s.") % state
    if act is Act.WITHDRAW and application.state in ENDED:
        return _("The application has ended; its state is: %(state)s.") % state
    return ""


def explain_wrong_stage(application: Application, stage: Stage) -> str:
    """Why this is not the moment for officials of a stage, whoever asks."""
    if application.state in WAITING_FOR_OFFICIALS and application.stage == stage:
        return ""
    return _("The application does not wait for this stage: %(stage)s. Its state is: %(state)s.") % {
        "stage": stage.label,
        "state": application.get_state_display(),
    }


def explain_no_filing(actor: Actor, application: Application, act: Act) -> str:
    """Why a person of an enterprise may not act on an application, whatever its state."""
    if not actor.is_enterprise_person or actor.enterprise_id != application.enterprise_id:
        return _("Only people of the enterprise that applies can do this.")
    if actor.is_read_only:
        return actor.read_only_words
    needs_signer = act is Act.CERTIFY or (act is Act.WITHDRAW and application.submitted_at is not None)
    if needs_signer and not can_sign(actor):
        return _("Only an owner or a certifier of the enterprise can sign this.")
    if not can_apply(actor):
        return _("Your roles in the enterprise do not include preparing applications.")
    return ""


def explain_inactive(enterprise: Enterprise, act: Act) -> str:
    """Why an enterprise whose registration is suspended or ended can neither file nor be granted anything."""
    if enterprise.status == EnterpriseStatus.ACTIVE:
        return ""
    if act is Act.APPROVE:
        return _("The registration of the enterprise is not active, so nothing can be granted to it.")
    return _("The registration of the enterprise is not active, so it cannot apply.")


def role_in(application: Application, stage: Stage) -> Role | None:
    """Who acts in a stage by the version under which the application was started; None where there is none such."""
    return next((Role(ask["role"]) for ask in application.programme_version.stages if ask["stage"] == stage), None)


def explain_no_decision(actor: Actor, application: Application, stage: Stage) -> str:
    """Why an official may not decide on an application in a stage, whatever its state: role, interest, four eyes."""
    role = role_in(application, stage)
    if role is None:
        return _("This programme has no such stage: %(stage)s.") % {"stage": stage.label}
    if actor.support_session_id is not None:
        return _("Nobody decides during a support session.")
    if not can_act_as(actor, role) and stands_in_for(actor, role) is None:
        return _("Only an official with the role “%(role)s” can do this.") % {"role": role.label}
    if actor.is_read_only:
        return actor.read_only_words
    bar = bar_of(with_bars(Application.objects.filter(pk=application.pk), actor.user_id, stage).get())
    return str(SENTENCES[bar]) if bar else _explain_one_power(actor, application, stage)


def explain_tie(actor: Actor, application: Application) -> str:
    """Why somebody with a tie to the enterprise keeps away from its case, whatever the role."""
    return explain_ties(actor, [application.pk])[application.pk]


def explain_ties(actor: Actor, application_ids: Iterable[UUID]) -> dict[UUID, str]:
    """The same of many applications, in one query."""
    rows = with_bars(Application.objects.filter(pk__in=list(application_ids)), actor.user_id, Stage.PANEL)
    bars = {row.pk: bar_of(row) for row in rows}
    return {pk: str(SENTENCES[bar]) if bar in {Bar.INTEREST, Bar.MEMBER} else "" for pk, bar in bars.items()}


def _explain_one_power(actor: Actor, application: Application, stage: Stage) -> str:
    """Why somebody may not decide in a stage in which the same power has decided."""
    by_deputy, by_absent = _power_used(actor.user_id, decides_in(actor))
    rows = Application.objects.filter(pk=application.pk).annotate(decided_in=Value(stage))
    row = rows.annotate(by_deputy=by_deputy, by_absent=by_absent).values("by_deputy", "by_absent").get()
    if row["by_deputy"]:
        return _("Your deputy has decided in this stage for you; another colleague must.")
    if row["by_absent"]:
        return _("Whom you stand in for has decided in this stage already; another colleague must.")
    return ""


class Bar(StrEnum):
    """What keeps a person with the role from deciding on an application; the annotation of `with_bars` that says so."""

    FOUR_EYES = "decided_elsewhere"
    ACTED = "has_acted"
    INTEREST = "has_interest"
    MEMBER = "belongs_to_it"
    # The last: whoever rules on a further appeal asks whether anything before it bars.
    RULED = "has_ruled"


TIED = gettext_lazy("You belong to this enterprise or have declared an interest in it, so a colleague must decide.")
SENTENCES = {
    Bar.FOUR_EYES: gettext_lazy(
        "Four eyes: you decided in another stage of this application, so a colleague must decide here."
    ),
    Bar.ACTED: gettext_lazy("You have decided in this stage already; a colleague must decide as well."),
    Bar.INTEREST: TIED,
    Bar.MEMBER: TIED,
    Bar.RULED: gettext_lazy("Four eyes: you ruled on an appeal about this application, so a colleague must decide."),
}


class IsWorkedOn(Func):
    """Whether the person had a hand in the application for its enterprise.

    An array: the planner takes a set of rows that it does not know for half of the table.
    """

    template = "%(expressions)s)))"
    arg_joiner = " = ANY (ARRAY(SELECT incentives_worked_on("
    output_field = BooleanField()


class IsRuledOn(Func):
    """Whether the person ruled on an appeal about the application. An array for the same reason, read once."""

    template = "%(expressions)s)"
    arg_joiner = " = ANY ("
    output_field = BooleanField()


ELSEWHERE = ~Q(stage=OuterRef("decided_in"))
# Who declined is asked again only after an appeal, which promises that somebody else decides: in any later round too.
PASSED = Q(outcome__in=[Outcome.ACCEPTED, Outcome.APPROVED], round=OuterRef("round")) | Q(outcome=Outcome.DECLINED)


@lru_cache(maxsize=1_000)
def _ties(user_id: int) -> dict[Bar, Q]:
    """What each bar consists of, for rows that know the stage they are `decided_in`. Kept: a page asks often."""
    interest, membership = _ties_to_enterprise(user_id)
    return {
        Bar.FOUR_EYES: Q(_reviewed(user_id, ELSEWHERE)),
        Bar.ACTED: Q(_reviewed(user_id, PASSED & ~ELSEWHERE)),
        Bar.INTEREST: Q(interest),
        Bar.MEMBER: reduce(or_, _hands_in_it(user_id), Q(membership)),
        Bar.RULED: _ruled(user_id),
    }


@lru_cache(maxsize=1_000)
def _no_ties(user_id: int) -> Q:
    """That none of the ties holds, each by itself: what one leaves out the database can join, not what several do."""
    to_it = (*_ties_to_enterprise(user_id), *_hands_in_it(user_id))
    ties = (_reviewed(user_id, ELSEWHERE | PASSED), _ruled(user_id), *to_it)
    return reduce(and_, (~Q(tie) for tie in ties))


def _reviewed(user_id: int | OuterRef, how: Q) -> Exists:
    return Exists(Review.objects.filter(how, application=OuterRef("pk"), decided_by_id=user_id))


def _ruled(user_id: int | OuterRef) -> Q:
    """To open what was declined and to grant it are acts of two people."""
    rulings = Appeal.objects.filter(handled_by_id=user_id).order_by().values("application_id")
    return Q(IsRuledOn(F("pk"), ArraySubquery(rulings)))


def _ties_to_enterprise(user_id: int | OuterRef) -> tuple[Exists, Exists]:
    """A declared interest, and a membership.

    One that ended after the application was started, or in the last days, still bars: ending a tie must not open the
    case. The case of an enterprise that was merged into another stays with it: a tie to that one bars as well. Asked
    from the side of the person, who has few ties: to look up the enterprise of each application takes longer.
    """
    during = counting_ties("started_at")
    to_it = Q(enterprise=OuterRef("enterprise")) | Q(enterprise__merged=OuterRef("enterprise"))
    merged = Enterprise.objects.filter(pk=OuterRef(OuterRef("enterprise")), merged_into=OuterRef("enterprise_id"))
    places = Membership.objects.filter(during, user_id=user_id, enterprise_id__isnull=False)
    return (
        Exists(DeclaredInterest.objects.filter(during, user_id=user_id).filter(to_it)),
        Exists(places.filter(Q(enterprise_id=OuterRef("enterprise")) | Exists(merged))),
    )


def _hands_in_it(user_id: int | OuterRef) -> tuple[Q, Q]:
    """Every hand that the person had in the application for its enterprise."""
    person = Value(user_id) if isinstance(user_id, int) else user_id
    return Q(started_by_id=user_id), Q(IsWorkedOn(F("pk"), person))


def unbarred(memberships: QuerySet[Membership], application: Application, stage: Stage) -> QuerySet[Membership]:
    """The places of people whom nothing bars from deciding on an application in a stage: one question for all."""
    person = OuterRef("user_id")
    # As seen from within what is asked about the application.
    inside = OuterRef(person)
    to_it = (*_ties_to_enterprise(inside), *_hands_in_it(person))
    ties = (_reviewed(inside, ELSEWHERE | PASSED), _ruled(inside), *to_it)
    case = Application.objects.filter(pk=application.pk).alias(decided_in=Value(stage))
    return memberships.exclude(Exists(case.filter(reduce(or_, map(Q, ties)))))


@lru_cache(maxsize=1_000)
def _power_used(user_id: int, roles: tuple[Role, ...]) -> tuple[Exists, Q]:
    """That one's deputy has decided for one in this stage and round; that whom one stands in for has, where one acts
    by that alone. The absent and their deputy count once, whoever of the two comes first. A power that declined is used
    up for every round.
    """
    counts = Q(round=OuterRef("round")) | Q(outcome=Outcome.DECLINED)
    here = Review.objects.filter(counts, application=OuterRef("pk"), stage=OuterRef("decided_in"))
    own, stood_in = Absence.objects.filter(person_id=user_id), Absence.objects.standing_in(user_id)
    by_deputy = here.filter(deputy_for__gt="", deputy_for__in=own.values("person_name"))
    by_absent = here.filter(decided_by_id__in=stood_in.values("person_id"))
    return (
        Exists(by_deputy.filter(decided_by_id__in=own.values("deputy_id"))),
        Q(~Q(stage_role__in=roles), Exists(by_absent)),
    )


def with_bars(applications: QuerySet[Application], user_id: int, stage: Stage | None = None) -> QuerySet[Application]:
    """Each application with its bars for a person who would decide in `stage`, by default the one it waits in."""
    rows = applications.annotate(decided_in=Value(stage) if stage else F("stage"))
    return rows.annotate(**{bar.value: tie for bar, tie in _ties(user_id).items()})


def without_bars(applications: QuerySet[Application], user_id: int, stage: str) -> QuerySet[Application]:
    """Those of `with_bars` that have none."""
    return applications.alias(decided_in=Value(stage)).filter(_no_ties(user_id))


def bar_of(application: Application) -> Bar | None:
    """The first bar of a row of `with_bars`."""
    return next((bar for bar in Bar if getattr(application, bar)), None)


def decides_in(actor: Actor) -> tuple[Role, ...]:
    """The roles in which the actor may decide where nothing bars it."""
    return () if actor.is_read_only else tuple(role for role in STAGE_ROLES if can_act_as(actor, role))


def decidable(applications: QuerySet[Application], user_id: int, roles: Iterable[Role]) -> QuerySet[Application]:
    """Those that a person who `decides_in` these roles may decide now: what `explain_no_decision` says of one."""
    held = tuple(roles)
    if not held:
        # Also for a deputy whose own power was taken away; no application waits for nobody.
        return applications.filter(stage_role="", state__in=sorted(WAITING_FOR_OFFICIALS))
    waiting = applications.alias(decided_in=F("stage")).filter(state__in=sorted(WAITING_FOR_OFFICIALS))
    # Rows of the park alone are there to be seen; asked once, not for each application.
    stood_in = Absence.objects.standing_in(user_id).values("role")
    by_deputy, by_absent = _power_used(user_id, held)
    unused = (~Q(by_deputy), ~by_absent, _no_ties(user_id))
    return waiting.filter(Q(stage_role__in=held) | Q(stage_role__in=stood_in), *unused)
