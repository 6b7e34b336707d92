"""Programmes: edited by a park administrator, published as versions that never change."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from incentives.choices import ProgrammeStatus
from incentives.models import Programme, ProgrammeTerms, ProgrammeVersion
from incentives.permissions import can_configure_programmes
from incentives.queries import changes_of
from incentives.services import ledger
from incentives.services.criteria import explain_criteria
from incentives.services.eligibility import refuse_bad_rules
from incentives.services.form_fields import refuse_bad_documents, refuse_bad_fields
from incentives.services.formulas import Example, examples_of, explain_formula, speaks_of
from incentives.services.ground import Invalid, StateChanged, refuse_if, refuse_invalid
from incentives.services.money_rules import refuse_bad_money, refuse_bad_windows
from incentives.services.payment_plans import refuse_bad_plan
from incentives.services.stages import explain_stages
from lib.formatting import money
from lib.periods import local_day
from lib.refusals import Refusal
from parks.actors import Actor
from parks.models import Park
from tenancy.models import AuditEvent

PUBLISHED_TERMS = (*(field.name for field in ProgrammeTerms._meta.fields), "code", "budget_cny")


class ProgrammeClosed(Refusal):
    code = "programme_closed"


class NothingToPublish(Refusal):
    """The published version already says the same: a second click must not make a second version."""

    code = "nothing_to_publish"


class WindowOver(Refusal):
    code = "window_over"


@transaction.atomic
def create_programme(actor: Actor, *, park: Park, terms: dict[str, Any], now: datetime) -> Programme:
    """Add a draft. `terms` holds the values of `PUBLISHED_TERMS`."""
    _refuse_others(actor)
    programme = Programme(park=park, created_at=now)
    _set_terms(programme, terms)
    programme.save(force_insert=True)
    ledger.set_budget(programme, programme.budget_cny, now)
    return programme


@transaction.atomic
def update_programme(actor: Actor, programme: Programme, *, terms: dict[str, Any], now: datetime) -> Programme:
    """Change what the next version will say; the budget, which is the park's own ledger, counts at once."""
    _refuse_others(actor)
    current = _lock(programme)
    was_published = current.versions.exists()
    if was_published and terms.get("code", current.code) != current.code:
        raise Invalid(_("The code is part of the numbers of applications and stays as it was published."), field="code")
    _set_terms(current, terms)
    current.save(update_fields=[*terms, "updated_at"])
    ledger.set_budget(current, current.budget_cny, now)
    return current


@transaction.atomic
def publish_programme(
    actor: Actor, programme: Programme, *, now: datetime, last_change: int | None = None
) -> ProgrammeVersion:
    """Publish what the programme says now as a new version and close the one before it.

    last_change: the one that whoever publishes has read up to (`queries.last_change_of`); None where nobody else edits.
    """
    _refuse_others(actor)
    current = _lock(programme)
    if last_change is not None:
        _refuse_unread(current, last_change)
    _refuse_unpublishable(current, now)
    previous = current.versions.current().first()
    terms = {name: getattr(current, name) for name in PUBLISHED_TERMS}
    if previous is not None:
        if not has_unpublished_changes(current, previous):
            raise NothingToPublish(_("The published version says the same already."))
        previous.closed_at = now
        previous.save(update_fields=["closed_at"])
    number = current.versions.count() + 1
    version = ProgrammeVersion.objects.create(
        park_id=current.park_id, programme=current, number=number, published_at=now, **terms
    )
    current.status = ProgrammeStatus.PUBLISHED
    current.save(update_fields=["status", "updated_at"])
    return version


def _refuse_unread(programme: Programme, last_change: int) -> None:
    """What somebody else has changed meanwhile is not published unread. Money that was committed is no change."""
    edits = changes_of(programme.park_id, programme.pk).filter(id__gt=last_change, action=AuditEvent.Action.UPDATE)
    changed: dict[str, str] = {}
    for edit in edits:
        changed |= {name: edit.user_name for name in edit.after or {} if name in PUBLISHED_TERMS}
    if changed:
        fields = [field for field in Programme._meta.fields if field.name in changed]
        names, terms = sorted(set(changed.values())), (str(field.verbose_name) for field in fields)
        told = {"names": _(", ").join(names), "terms": _(", ").join(terms)}
        raise StateChanged(
            _("%(names)s changed the programme since you opened this page: %(terms)s. Read it again, then publish it.")
            % told
        )


def has_unpublished_changes(programme: Programme, version: ProgrammeVersion) -> bool:
    return any(getattr(programme, name) != getattr(version, name) for name in PUBLISHED_TERMS)


@transaction.atomic
def close_programme(actor: Actor, programme: Programme, *, now: datetime) -> Programme:
    """Take no more applications. What was filed is still decided. Safe to repeat."""
    _refuse_others(actor)
    current = _lock(programme)
    current.versions.current().update(closed_at=now)
    current.status = ProgrammeStatus.CLOSED
    current.save(update_fields=["status", "updated_at"])
    return current


def _refuse_others(actor: Actor) -> None:
    allowed = can_configure_programmes(actor)
    refuse_if("" if allowed else _("Only a park administrator can change programmes."))


def _lock(programme: Programme) -> Programme:
    return Programme.objects.select_related("park").select_for_update(of=("self",)).get(pk=programme.pk)


def _set_terms(programme: Programme, terms: dict[str, Any]) -> None:
    unknown = terms.keys() - set(PUBLISHED_TERMS)
    if unknown:
        raise TypeError(f"Terms of a programme do not include {sorted(unknown)}")
    if programme.status == ProgrammeStatus.CLOSED:
        raise ProgrammeClosed(_("A closed programme stays as it is."))
    for name, value in terms.items():
        setattr(programme, name, value)
    if programme.budget_cny < programme.committed_cny:
        committed = money(programme.committed_cny)
        raise Invalid(_("%(amount)s of the budget is committed already.") % {"amount": committed}, field="budget_cny")
    fault = explain_formula(programme.amount_formula)
    if fault:
        raise Invalid(fault, field="amount_formula")
    refuse_bad_money(programme)
    refuse_bad_windows(programme)
    refuse_bad_fields(programme.form_fields)
    refuse_bad_documents(programme.document_rules, programme.form_fields)
    refuse_bad_rules(programme.eligibility_rules, programme.form_fields)
    fault = explain_stages(programme.stages)
    if fault:
        raise Invalid(fault, field="stages")
    refuse_bad_plan(programme)
    fault = explain_criteria(programme.criteria, programme.stages)
    if fault:
        raise Invalid(fault, field="criteria")
    refuse_invalid(programme)


def _refuse_unpublishable(programme: Programme, now: datetime) -> None:
    if programme.status == ProgrammeStatus.CLOSED:
        raise ProgrammeClosed(_("A closed programme cannot be published again; create a new one."))
    if programme.windows[-1].closes_on < local_day(now, programme.park.time_zone):
        raise WindowOver(_("The programme closes before today; change its window first."), field="closes_on")
    is_rate_needed = speaks_of(programme, "rate") and not programme.rate_tiers
    needed = ["cap_cny", "budget_cny", *(["rate_cny_per_tce"] if is_rate_needed else [])]
    for name in needed:
        if getattr(programme, name) <= 0:
            raise Invalid(_("A programme needs an amount above zero before it is published."), field=name)
    _refuse_failing_examples(programme)


def _refuse_failing_examples(programme: Programme) -> None:
    """A formula is published with examples that agree with it: who wrote it has seen what it does."""
    examples = list(examples_of(programme))
    if programme.amount_formula and not examples:
        raise Invalid(_("A formula needs at least one example before it is published."), field="amount_formula")
    for number, example in enumerate(examples, 1):
        if not example.passes:
            raise Invalid(_words_of(number, example), field="amount_formula")


def _words_of(number: int, example: Example) -> str:
    if example.computed_cny is None:
        return _("Example %(number)s: %(fault)s") % {"number": number, "fault": example.fault}
    return _("Example %(number)s says %(amount)s, the terms give %(computed)s. Correct one of them.") % {
        "number": number,
        "amount": money(example.amount_cny),
        "computed": money(example.computed_cny),
    }
