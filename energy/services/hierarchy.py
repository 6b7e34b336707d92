"""Where meters hang: below which head meter, from which day on."""

from __future__ import annotations

from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from energy.models import Meter, SubMeter
from energy.permissions import can_change_row, guard
from enterprises.services.ground import lock_each_to_keep
from lib.constraints import refused_rule, violated_constraint
from lib.refusals import Refusal
from parks.actors import Actor


class CannotHangThere(Refusal):
    """The meter does not fit below that head meter, or hangs elsewhere by what the actor may not see."""

    code = "cannot_hang_there"


@transaction.atomic
def place_meter(actor: Actor, meter: Meter, *, head: Meter | None, starts_on: date, now: datetime) -> SubMeter | None:
    """Hang a meter below a head meter from a day on, or, without `head`, take it from below any.

    What was said of that day and later is replaced; what was said of earlier days stays. Safe to repeat. Answers the
    placement. Raises `CannotHangThere`.
    """
    guard(can_change_row(actor, meter) and (head is None or can_change_row(actor, head)))
    lock_each_to_keep(actor, meter.enterprise, head.enterprise if head is not None else None)
    # Whoever hangs another meter below this one at the same time refers to it: its key is left to them.
    held = Meter.objects.select_for_update(of=("self",), no_key=True).get(pk=meter.pk)
    if head is not None:
        _refuse_unfit(held, head, starts_on)
    try:
        with transaction.atomic():
            return _placed(held, head, starts_on, now)
    except IntegrityError as error:
        if violated_constraint(error) == "sub_meter_below_one":
            # An enterprise does not see below whose meter its own hangs; that the park knows is all it is told.
            words = _("The park keeps below which meter this one hangs. Ask its energy manager.")
            raise CannotHangThere(words, field="head") from error
        if refused_rule(error) == "A meter hangs below itself.":
            words = _("That meter hangs below this one, or is this one: none hangs below itself.")
            raise CannotHangThere(words, field="head") from error
        raise


def _placed(meter: Meter, head: Meter | None, starts_on: date, now: datetime) -> SubMeter | None:
    own = SubMeter.objects.filter(park_id=meter.park_id, meter=meter)
    running = own.between(starts_on, date.max).order_by("starts_on").select_related("head")
    for placement in running:
        if head is not None and placement.head_id == head.pk and placement.starts_on <= starts_on:
            if placement.ends_on is None:
                return placement
            continue
        placement.ends_on = max(starts_on, placement.starts_on)
        placement.save(update_fields=["ends_on"])
    if head is None:
        return None
    going_on = own.filter(head=head, starts_on__lte=starts_on, ends_on__gt=starts_on).first()
    if going_on is not None:
        going_on.ends_on = None
        going_on.save(update_fields=["ends_on"])
        return going_on
    owner = meter.enterprise_id if meter.enterprise_id == head.enterprise_id else None
    return SubMeter.objects.create(
        park_id=meter.park_id, enterprise_id=owner, meter=meter, head=head, starts_on=starts_on, created_at=now
    )


def _refuse_unfit(meter: Meter, head: Meter, starts_on: date) -> None:
    if head.commodity != meter.commodity:
        raise CannotHangThere(_("A head meter measures the same as those below it."), field="head")
    first = max(meter.starts_on, head.starts_on)
    if starts_on < first:
        raise CannotHangThere(_("Both meters must be in service on that day."), field="starts_on")
    for each in (meter, head):
        if each.ends_on is not None and starts_on >= each.ends_on:
            raise CannotHangThere(_("Both meters must be in service on that day."), field="starts_on")
