"""How each person wants to hear of what happens. For the login role: no acting role may read it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.choices import Way
from accounts.messages import Audience, MessageKind, kind_named, registered
from accounts.models import MailPreference, OutgoingMail, User
from lib.refusals import Refusal
from tenancy.locks import take_turns


class NotToChoose(Refusal):
    """Messages of this kind always go out at once."""

    code = "not_to_choose"


@dataclass(frozen=True, slots=True)
class Choice:
    kind: MessageKind
    way: Way


def choices_of(user: User) -> list[tuple[Audience, list[Choice]]]:
    """The kinds of messages that may reach a person, by the side on which they read them, with what they chose."""
    chosen = dict(MailPreference.objects.filter(user=user).values_list("kind", "way"))
    audiences = audiences_of(user)
    kinds = [kind for kind in registered() if kind.audience in audiences]
    return [
        (
            audience,
            [
                Choice(kind, Way.AT_ONCE if kind.binding else Way(chosen.get(kind.name, Way.AT_ONCE)))
                for kind in kinds
                if kind.audience is audience
            ],
        )
        for audience in audiences
        if any(kind.audience is audience for kind in kinds)
    ]


def audiences_of(user: User) -> list[Audience]:
    """By the places that a person has now; what is about oneself is for everybody."""
    places = set(user.memberships.filter(is_active=True).values_list("park_id", "enterprise_id"))
    is_held = {
        Audience.PERSON: True,
        Audience.ENTERPRISE: any(enterprise_id for _park_id, enterprise_id in places),
        Audience.OFFICIAL: any(park_id and not enterprise_id for park_id, enterprise_id in places),
    }
    return [audience for audience in Audience if is_held[audience]]


@transaction.atomic
def choose_ways(user: User, ways: Mapping[str, str]) -> None:
    """Keep how a person wants to hear of kinds, by name; the others stay as they were. Safe to repeat."""
    for name, way in ways.items():
        kind = kind_named(name)
        if kind is None or (kind.binding and way != Way.AT_ONCE):
            raise NotToChoose(_("Nobody can choose how to hear of this: %(kind)s.") % {"kind": _label(kind, name)})
    # The same form sent twice at once: the second replaces what the first wrote.
    take_turns(f"accounts.ways:{user.pk}")
    MailPreference.objects.filter(user=user, kind__in=ways).delete()
    MailPreference.objects.bulk_create(
        MailPreference(user=user, kind=name, way=Way(way)) for name, way in ways.items() if way != Way.AT_ONCE
    )


def _label(kind: MessageKind | None, name: str) -> str:
    return str(kind.label) if kind else name


def ways_of(mails: Iterable[OutgoingMail]) -> dict[UUID, Way]:
    """The way of each message whose reader wants it otherwise than at once. One query, none where nobody may choose."""
    free = [mail for mail in mails if mail.recipient_id and not mail.is_private and _is_free(mail.kind)]
    if not free:
        return {}
    asked = MailPreference.objects.filter(
        user__in={mail.recipient_id for mail in free}, kind__in={mail.kind for mail in free}
    )
    chosen = {(one.user_id, one.kind): Way(one.way) for one in asked}
    wanted = {mail.pk: chosen.get((mail.recipient_id or 0, mail.kind)) for mail in free}
    return {pk: way for pk, way in wanted.items() if way is not None}


def _is_free(name: str) -> bool:
    """A kind that no version knows any more goes out at once."""
    kind = kind_named(name)
    return kind is not None and not kind.binding
