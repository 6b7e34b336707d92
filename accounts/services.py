"""What people do to their account, and the mail that is written to them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from uuid import UUID

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.choices import Language
from accounts.models import OutgoingMail, User
from accounts.queries import is_colleague_called
from lib.refusals import Refusal
from lib.text import one_stop, spoken
from tenancy.locks import take_turns
from tenancy.nudges import Nudge

PRIVATE_MAIL_KEPT = timedelta(days=90)
nudge_delivery = Nudge("accounts.tasks.deliver_waiting_mail")


@dataclass(frozen=True, slots=True)
class Letter:
    """`kind`: one of `accounts.messages`, empty where nobody may choose how to hear of it."""

    subject: str
    text: str
    kind: str = ""


def write_mail(
    *, key: str, recipient: User, subject: str, text: str, url: str = "", is_private: bool = False, kind: str = ""
) -> None:
    """Put a message in the outbox of the current transaction and in the inbox of a person.

    Safe to repeat: a second message with the same key is not made. `url` is a path of the portal, or an address of it;
    `is_private` keeps a message with a secret link out of the inbox, where a borrowed session would find it. `kind` is
    what its reader may have chosen a way for.
    Every acting role may call this, though none may read what it wrote.
    """
    _add(
        OutgoingMail(
            key=key,
            recipient=recipient,
            address=recipient.email,
            kind=kind,
            **_content(subject, text, url, is_private),
        )
    )


def write_to_each(key: str, people: Iterable[User], write: Callable[[], Letter], url: str = "") -> None:
    """One message to each of them in their own language; `key` is made each one's own. Safe to repeat."""
    for person in people:
        with translation.override(person.language):
            letter = write()
        write_letter(f"{key}:{person.pk}", person, letter, url)


def write_letter(key: str, person: User, letter: Letter, url: str = "") -> None:
    """A message whose words are in the language of its reader already. Safe to repeat."""
    write_mail(key=key, recipient=person, subject=letter.subject, text=letter.text, url=url, kind=letter.kind)


def write_mail_to_address(
    *, key: str, address: str, subject: str, text: str, url: str = "", is_private: bool = True
) -> None:
    """Like `write_mail`, to somebody who has no account yet; it is in nobody's inbox. Write it `in_both_languages`."""
    _add(OutgoingMail(key=key, address=address, **_content(subject, text, url, is_private)))


def in_both_languages(write: Callable[[], str], between: str = "\n\n") -> str:
    """What `write` says in Chinese and then in English, for a reader whose language nobody knows."""
    return between.join(_in(language, write) for language in (Language.CHINESE, Language.ENGLISH))


def _in(language: str, write: Callable[[], str]) -> str:
    with translation.override(language):
        return str(write())


def _content(subject: str, text: str, url: str, is_private: bool) -> dict[str, str | bool]:
    subject = " ".join(subject.split())[:200]
    return {"subject": subject, "text": one_stop(text), "url": _path(url), "is_private": is_private}


def _path(url: str) -> str:
    """Only the portal's own part is kept: delivery puts the address of the installation before it."""
    return urlsplit(url)._replace(scheme="", netloc="").geturl()


def _add(mail: OutgoingMail) -> None:
    """The acting roles may insert and nothing else; so neither RETURNING nor a look at what is there."""
    OutgoingMail.objects.bulk_create([mail], ignore_conflicts=True)
    nudge_delivery.on_commit()


@transaction.atomic
def read_mails(mails: Iterable[OutgoingMail], now: datetime) -> None:
    """Mark messages of an inbox as read; what was read already keeps its time."""
    unread = [mail.pk for mail in mails if mail.read_at is None]
    OutgoingMail.objects.filter(pk__in=unread).update(read_at=now)


class NameTaken(Refusal):
    code = "name_taken"


def refuse_name_of_colleague(name: str, user: User, places: Collection[tuple[int | None, UUID | None]]) -> None:
    """Decisions are shown under a name: nobody takes one that a colleague decides under already.

    Of two who take one name at the same moment the second waits until the first has it. In a transaction.
    """
    take_turns(f"accounts.name:{spoken(name)}")
    if is_colleague_called(name, user, places):
        raise NameTaken(
            _("A colleague has this name. Add what tells you apart, for example your department."), field="name"
        )


@transaction.atomic
def change_profile(user: User, *, name: str, language: str, time_zone: str) -> User:
    known = User.objects.get(pk=user.pk)
    if spoken(name) != spoken(known.name):
        places = known.memberships.filter(is_active=True).values_list("park_id", "enterprise_id")
        refuse_name_of_colleague(name, known, list(places))
    user.name, user.language, user.time_zone = name, language, time_zone
    user.save(update_fields=["name", "language", "time_zone"])
    return user


def change_language(user: User, language: str) -> None:
    """Keep the language a person chose; the caller has checked that it is one of `Language`."""
    user.language = language
    user.save(update_fields=["language"])


@transaction.atomic
def add_verified_person(
    *, email: str, name: str, password: str, language: str = Language.CHINESE, time_zone: str = settings.TIME_ZONE
) -> User:
    """Add a person whose address needs no verification: demonstration and commands. Refused by a second one."""
    user = User.objects.create_user(email, name, password, language=language, time_zone=time_zone)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


@transaction.atomic
def forget_what_is_over(now: datetime) -> int:
    """Delete sessions that have ended and private mail older than `PRIVATE_MAIL_KEPT`; answer how many rows.

    Safe to repeat. For the login role: nobody who acts may touch sessions.
    """
    sessions = Session.objects.filter(expire_date__lt=now).delete()[0]
    alive = Session.objects.filter(session_key=OuterRef("session_key"))
    places = UserSession.objects.filter(~Exists(alive)).delete()[0]
    mails = OutgoingMail.objects.filter(is_private=True, created_at__lt=now - PRIVATE_MAIL_KEPT).delete()[0]
    return int(sessions + places + mails)
