"""What follows an approval: public notice, and the award that stands or falls."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from django.db import connection, transaction
from django.utils.translation import gettext as _

from incentives.award_permissions import explain_no_notice
from incentives.choices import AwardState, ObjectionState, StepKind
from incentives.events import award_changed
from incentives.models import Application, ApplicationStep, Award, Notice, NoticeLine, Objection
from incentives.services import ledger
from incentives.services.ground import (
    Invalid,
    StateChanged,
    lock_application,
    lock_applications,
    refuse_if,
)
from incentives.services.payment_plans import plan_instalments
from lib.identifiers import uuid7
from lib.periods import local_day
from parks.actors import Actor
from parks.choices import ParkStatus
from parks.models import Park
from parks.queries.work_calendar import working_days_after
from tenancy.scopes import current_scope

MOST_AWARDS_OF_A_NOTICE = 200


def open_award(application: Application, now: datetime) -> Award:
    """Called by the approval that has reserved the money, in its transaction. Without a notice it stands at once."""
    award = Award.objects.create(
        park_id=application.park_id,
        enterprise_id=application.enterprise_id,
        application=application,
        amount_cny=application.approved_cny or Decimal(0),
        opened_at=now,
    )
    if not application.programme_version.notice_working_days:
        let_stand(award, now)
    return award


@transaction.atomic
def publish_notice(actor: Actor, awards: Iterable[Award], *, now: datetime) -> Notice:
    """Tell everybody of awards under one version of a programme, for the working days that it sets."""
    refuse_if(explain_no_notice(actor))
    pending = _lock_awards(awards)
    if not pending:
        raise Invalid(_("Choose at least one award."), field="awards")
    if len(pending) > MOST_AWARDS_OF_A_NOTICE:
        text = _("A notice names at most %(count)s awards.")
        raise Invalid(text % {"count": MOST_AWARDS_OF_A_NOTICE}, field="awards")
    if any(award.state != AwardState.PENDING for award in pending):
        raise StateChanged(_("One of these awards is on notice already. Load the page again."))
    versions = {award.application.programme_version_id: award.application.programme_version for award in pending}
    if len(versions) > 1:
        raise Invalid(_("A notice names awards under one version of a programme."), field="awards")
    (version,) = versions.values()
    park = pending[0].application.park
    notice = Notice.objects.create(
        park=park,
        programme_version=version,
        number=_next_number(f"{version.code}-N-{local_day(now, park.time_zone).year}"),
        title_en=version.title_en,
        title_zh=version.title_zh,
        working_days=version.notice_working_days,
        published_at=now,
        ends_at=working_days_after(now, version.notice_working_days, park.time_zone),
    )
    NoticeLine.objects.bulk_create(NoticeLine(**_published(notice, award)) for award in pending)
    Award.objects.filter(pk__in=[award.pk for award in pending]).update(state=AwardState.ON_NOTICE)
    tell_each([(award, award.amount_cny) for award in pending], StepKind.NOTICED, now, due_at=notice.ends_at)
    return notice


@transaction.atomic
def settle_notices(now: datetime) -> int:
    """Of the park of the scope: after the last working day awards stand unless an objection is open. Repeatable.

    Of a suspended park nothing does: objections are taken there, and nobody can handle them. Answers how many awards
    changed.
    """
    if not Park.objects.filter(status=ParkStatus.ACTIVE, pk__in=[current_scope().park_id]).exists():
        return 0
    over = Award.objects.filter(state=AwardState.ON_NOTICE, notice_line__notice__ends_at__lt=now)
    waiting, changed = list(over.order_by("application_id")), 0
    # All of them before any programme, and all programmes before any money, as everybody locks them.
    hold_money_of(waiting)
    for award in waiting:
        current = lock_award(award)
        if current.state != AwardState.ON_NOTICE:
            continue
        if has_open_objections(current):
            _change(current, AwardState.OBJECTED)
        else:
            let_stand(current, now)
        changed += 1
    return changed


def hold_money_of(awards: Iterable[Award]) -> None:
    """Lock the applications of many awards, then their programmes, before anything is done to one of them."""
    application_ids = [award.application_id for award in awards]
    lock_applications(application_ids)
    ledger.lock_programmes(application_ids)


def lock_award(award: Award) -> Award:
    """The award as it is now, behind the lock of its application."""
    application = lock_application(award.application)
    current = Award.objects.select_for_update(of=("self",)).get(pk=award.pk)
    current.application = application
    return current


def _lock_awards(awards: Iterable[Award]) -> list[Award]:
    """The same of many, in the order in which everybody locks applications."""
    known = list(awards)
    lock_applications([award.application_id for award in known])
    related = Award.objects.select_related(
        "application__programme_version", "application__park", "application__enterprise"
    )
    rows = related.filter(pk__in=[award.pk for award in known]).order_by("application_id")
    return list(rows.select_for_update(of=("self",)))


def tell(
    award: Award,
    kind: StepKind,
    now: datetime,
    comment: str = "",
    *,
    amount_cny: Decimal | None = None,
    due_at: datetime | None = None,
) -> None:
    """Write the timeline, in the name of whoever acts, and have people told."""
    steps = [_step(award, kind, now, comment, amount_cny=amount_cny, due_at=due_at)]
    _announce(ApplicationStep.objects.bulk_create(steps))


def tell_each(
    told: Iterable[tuple[Award, Decimal]], kind: StepKind, now: datetime, *, due_at: datetime | None = None
) -> None:
    """The same of many awards, each with its amount, in as many statements."""
    steps = [_step(award, kind, now, amount_cny=amount_cny, due_at=due_at) for award, amount_cny in told]
    _announce(ApplicationStep.objects.bulk_create(steps))


def _step(
    award: Award,
    kind: StepKind,
    now: datetime,
    comment: str = "",
    *,
    amount_cny: Decimal | None = None,
    due_at: datetime | None = None,
) -> ApplicationStep:
    return ApplicationStep(
        park_id=award.park_id,
        enterprise_id=award.enterprise_id,
        application_id=award.application_id,
        kind=kind,
        at=now,
        by_name=current_scope().author.name,
        is_by_official=True,
        comment=comment,
        due_at=due_at,
        amount_cny=award.amount_cny if amount_cny is None else amount_cny,
    )


def _announce(steps: Iterable[ApplicationStep]) -> None:
    award_changed.publish_each(
        {"park_id": step.park_id, "application_id": str(step.application_id), "step_id": str(step.pk)} for step in steps
    )


def let_stand(award: Award, now: datetime) -> None:
    ledger.commit(award.application, now)
    award.stands_at = now
    _change(award, AwardState.STANDS, "stands_at")
    plan_instalments(award)
    if award.application.programme_version.notice_working_days:
        tell(award, StepKind.STANDS, now)


def void_award(award: Award, now: datetime) -> None:
    ledger.release(award.application, now, _("An objection was upheld."))
    award.ended_at = now
    _change(award, AwardState.VOID, "ended_at")
    tell(award, StepKind.VOIDED, now)


def _change(award: Award, state: AwardState, *columns: str) -> None:
    award.state = state
    award.save(update_fields=["state", *columns])


def has_open_objections(award: Award) -> bool:
    return Objection.objects.filter(line__award=award, state=ObjectionState.OPEN).exists()


def _published(notice: Notice, award: Award) -> dict[str, object]:
    application = award.application
    return {
        "park_id": notice.park_id,
        "notice": notice,
        "award": award,
        "number": application.number,
        "enterprise_name_en": application.enterprise.name_en,
        "enterprise_name_zh": application.enterprise.name_zh,
        "project_title": application.project_title,
        "amount_cny": award.amount_cny,
    }


def _next_number(series: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT incentives_next_number(%s, %s)", [series, uuid7()])
        (number,) = cursor.fetchone()
    return f"{series}-{number:03}"
