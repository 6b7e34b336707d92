"""Registering the enterprises of a park and keeping their facts."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from enterprises import events, facts
from enterprises.calculations import check_character_fits, has_code_shape, is_to_come, normalised_code
from enterprises.choices import EnterpriseKind, EnterpriseStepKind
from enterprises.models import KEPT, Enterprise, EnterpriseStep
from enterprises.permissions import can_register_enterprise, can_update_enterprise, guard, owns_enterprise
from enterprises.services.ground import add_enterprise_step, lock_to_keep, refuse_ended, refuse_partial_official
from lib.constraints import violated_constraint
from lib.periods import local_day
from lib.refusals import Refusal
from parks.actors import Actor
from parks.choices import Currency
from parks.models import Invitation, Membership, Park


class CodeMalformed(Refusal):
    code = "credit_code_malformed"


class CodeUnconfirmed(Refusal):
    code = "credit_code_unconfirmed"


class CodeTaken(Refusal):
    code = "credit_code_taken"


class FoundingToCome(Refusal):
    code = "founding_to_come"


@dataclass(frozen=True, slots=True, kw_only=True)
class EnterpriseFacts:
    """What officials record of an enterprise; its owner keeps some of it up to date."""

    credit_code: str
    name_zh: str
    name_en: str = ""
    kind: EnterpriseKind = EnterpriseKind.MANUFACTURER
    industry_code: str = ""
    industry_en: str = ""
    industry_zh: str = ""
    legal_representative: str = ""
    established_on: date | None = None
    registered_capital: Decimal | None = None
    capital_currency: Currency = Currency.CNY
    address: str = ""
    employees: int | None = None
    website: str = ""
    contact_name: str = ""
    contact_phone: str = ""
    contact_email: str = ""
    energy_contact_name: str = ""
    energy_contact_phone: str = ""
    energy_contact_email: str = ""
    is_key_energy_user: bool = False


FACTS = tuple(fact.name for fact in fields(EnterpriseFacts))
NAMES = ("name_en", "name_zh")


@transaction.atomic
def register_enterprise(
    actor: Actor, *, park: Park, facts: EnterpriseFacts, now: datetime, is_code_confirmed: bool = False
) -> Enterprise:
    """Enter an enterprise into the park's register. Of two at once with the same code one is refused."""
    guard(can_register_enterprise(actor) and actor.park_id == park.pk)
    code = checked_code(facts.credit_code, is_confirmed=is_code_confirmed)
    refuse_founding_to_come(facts.established_on, park, now)
    enterprise = Enterprise(park=park, created_at=now, **{**asdict(facts), "credit_code": code})
    try:
        with transaction.atomic():
            enterprise.save(force_insert=True)
    except IntegrityError as error:
        raise _code_taken(error) from error
    events.enterprise_registered.publish(park_id=park.pk, enterprise_id=enterprise.pk, by_user_id=actor.user_id)
    return enterprise


@transaction.atomic
def update_enterprise(
    actor: Actor,
    enterprise: Enterprise,
    *,
    changes: Mapping[str, Any],
    now: datetime,
    is_code_confirmed: bool = False,
    is_asked_for: bool = False,
) -> Enterprise:
    """Write the given ones of `FACTS`; the others stay as somebody else may just have left them.

    Its people are shown the new names from now on, and are told what the park has changed unless they have asked for
    it. Without a difference nothing happens.
    """
    guard(can_update_enterprise(actor, enterprise))
    known, wanted = _locked(enterprise), _only(FACTS, changes)
    refuse_ended(known)
    refuse_partial_official(actor, known)
    if wanted.get("credit_code", known.credit_code) != known.credit_code:
        wanted["credit_code"] = checked_code(wanted["credit_code"], is_confirmed=is_code_confirmed)
    if wanted.get("established_on") not in (None, known.established_on):
        refuse_founding_to_come(wanted["established_on"], known.park, now)
    before = facts.texts_of(known, wanted)
    changed = _changes(known, wanted)
    if not changed:
        return known
    try:
        with transaction.atomic():
            known.save(update_fields=[*changed, "updated_at"])
    except IntegrityError as error:
        raise _code_taken(error) from error
    if not set(NAMES).isdisjoint(changed):
        rename_places(known)
    step = None
    if not is_asked_for:
        after = facts.texts_of(known, changed)
        differing = {name: [before[name], after[name]] for name in changed}
        step = add_enterprise_step(actor, known, EnterpriseStepKind.CORRECTED, now, changes=differing)
    _announce_update(actor, known, changed, step)
    return known


@transaction.atomic
def update_kept_facts(actor: Actor, enterprise: Enterprise, *, changes: Mapping[str, Any]) -> Enterprise:
    """Write the given ones of `KEPT`, which its owner may change without the park; the database allows no others."""
    guard(owns_enterprise(actor) and actor.enterprise_id == enterprise.pk)
    known = lock_to_keep(actor, enterprise)
    changed = _changes(known, _only(KEPT, changes))
    if changed:
        known.save(update_fields=[*changed, "updated_at"])
        _announce_update(actor, known, changed)
    return known


def _locked(enterprise: Enterprise) -> Enterprise:
    return Enterprise.objects.select_for_update(of=("self",)).get(pk=enterprise.pk)


def _only(names: Collection[str], changes: Mapping[str, Any]) -> dict[str, Any]:
    unknown = changes.keys() - set(names)
    if unknown:
        raise ValueError(f"Not to be changed here: {', '.join(sorted(unknown))}")
    return dict(changes)


def checked_code(written: str, *, is_confirmed: bool) -> str:
    code = normalised_code(written)
    if not has_code_shape(code):
        raise CodeMalformed(_("This is not a unified social credit code: it has 18 characters."), field="credit_code")
    if not is_confirmed and not check_character_fits(code):
        raise CodeUnconfirmed(
            _(
                "The last character of the code does not fit the others: a typing error, or a code of the early pilots."
                " Compare it with the business licence, then confirm it."
            ),
            field="is_code_confirmed",
        )
    return code


def refuse_founding_to_come(established_on: date | None, park: Park, now: datetime) -> None:
    """No enterprise is founded after today, as the park's clock has it."""
    if is_to_come(established_on, local_day(now, park.time_zone)):
        raise FoundingToCome(_("This day has not come yet."), field="established_on")


def _code_taken(error: IntegrityError) -> Exception:
    if violated_constraint(error) != "enterprise_code_once":
        return error
    return CodeTaken(_("An enterprise with this code is already registered in this park."), field="credit_code")


def _changes(enterprise: Enterprise, wanted: dict[str, object]) -> list[str]:
    """Set what differs; answer the names of what was set."""
    changed = [name for name, value in wanted.items() if getattr(enterprise, name) != value]
    for name in changed:
        setattr(enterprise, name, wanted[name])
    return changed


def rename_places(enterprise: Enterprise) -> None:
    """Of the locked enterprise. A place that is being taken, or taken again, gets its name from the database.

    An ended one is left alone: whoever takes it again holds it and waits for the enterprise.
    """
    names = {"enterprise_name_en": enterprise.name_en, "enterprise_name_zh": enterprise.name_zh}
    Membership.objects.of_enterprise(enterprise.park_id, enterprise.pk).filter(is_active=True).update(**names)
    Invitation.objects.of_enterprise(enterprise.park_id, enterprise.pk).at_rest().update(**names)


def _announce_update(
    actor: Actor, enterprise: Enterprise, changed: list[str], step: EnterpriseStep | None = None
) -> None:
    events.enterprise_updated.publish(
        park_id=enterprise.park_id,
        enterprise_id=enterprise.pk,
        by_user_id=actor.user_id,
        changed=changed,
        step_id=step and step.pk,
    )
