"""The messages of a park in its own words, and who may choose them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.messages import PLACEHOLDER, MessageKind, filled, missing_from, placeholders
from accounts.services import Letter
from lib.formatting import speaks_chinese
from lib.refusals import Refusal
from parks.actors import Actor
from parks.models import MessageTemplate
from parks.permissions import can_word_messages

TEXTS = ("subject_en", "text_en", "subject_zh", "text_zh")
PAIRS = (("subject_en", "text_en"), ("subject_zh", "text_zh"))


class NotYours(Refusal):
    code = "not_allowed"


class BadWording(Refusal):
    """A fact that does not exist, or one that has to be said and is not."""

    code = "bad_wording"


class WordedMeanwhile(Refusal):
    code = "state_changed"


@dataclass(frozen=True, slots=True)
class Wording:
    """A kind of message as a park words it now; `own` is None where the portal's words hold."""

    kind: MessageKind
    own: MessageTemplate | None = None

    def letter(self, facts: Mapping[str, str], after: str = "") -> Letter:
        """In the active language. `after`, such as reasons, follows whatever the text says."""
        subject, text = self.texts()
        body = filled(text, facts)
        return Letter(filled(subject, facts), f"{body}\n\n{after}" if after else body, self.kind.name)

    def texts(self) -> tuple[str, str]:
        """Subject and text in the active language, with facts in braces."""
        if self.own is None:
            return self.kind.own_subject, self.kind.own_text
        if speaks_chinese():
            return self.own.subject_zh, self.own.text_zh
        return self.own.subject_en, self.own.text_en


def wording_of(park_id: int, kind: MessageKind) -> Wording:
    """For whoever writes to people. In the scope of the park, or of an enterprise of it."""
    return Wording(kind, MessageTemplate.objects.of_park(park_id).current().filter(kind=kind.name).first())


def check_wording(kind: MessageKind, texts: Mapping[str, str]) -> list[BadWording]:
    """What stands against these texts, each named by its field: facts that nobody knows, facts that are missing."""
    return [found for pair in PAIRS for found in (*_unknown(kind, texts, pair), *_missing(kind, texts, pair))]


def _unknown(kind: MessageKind, texts: Mapping[str, str], pair: tuple[str, str]) -> list[BadWording]:
    refusals = []
    for field in pair:
        strange = [name for name in placeholders(texts[field]) if name not in kind.facts]
        if strange:
            words = {"names": ", ".join(f"{{{name}}}" for name in strange), "known": _named(kind.facts)}
            refusals.append(BadWording(_("Nobody knows %(names)s. You can use: %(known)s.") % words, field=field))
        elif set("{}") & set(PLACEHOLDER.sub("", texts[field])):
            refusals.append(BadWording(_("A brace stands alone: facts are written as {name}."), field=field))
    return refusals


def _missing(kind: MessageKind, texts: Mapping[str, str], pair: tuple[str, str]) -> list[BadWording]:
    missing = missing_from(kind, [texts[field] for field in pair])
    if not missing:
        return []
    return [BadWording(_("This has to be said as well: %(names)s.") % {"names": _named(missing)}, field=pair[1])]


def _named(names: Mapping[str, object] | list[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in names)


@transaction.atomic
def word_message(
    actor: Actor, park_id: int, kind: MessageKind, texts: Mapping[str, str], *, expected: int, now: datetime
) -> MessageTemplate:
    """Give a kind of message the park's own words as a new version. The same words again change nothing.

    `expected` is the number of the current version as the writer saw it, 0 where the portal's words held.
    """
    _guard(actor, park_id, kind)
    for refusal in check_wording(kind, texts):
        raise refusal
    current = _replaceable(park_id, kind, expected)
    if current is not None and all(getattr(current, name) == texts[name] for name in TEXTS):
        return current
    _replace(current, actor, now)
    last = MessageTemplate.objects.of_park(park_id).filter(kind=kind.name).first()
    template = MessageTemplate(park_id=park_id, kind=kind.name, number=last.number + 1 if last else 1)
    template.written_by_name, template.written_at = actor.name, now
    for name in TEXTS:
        setattr(template, name, texts[name])
    try:
        with transaction.atomic():
            template.save(force_insert=True)
    except IntegrityError as error:
        raise _meanwhile() from error
    return template


@transaction.atomic
def take_wording_back(actor: Actor, park_id: int, kind: MessageKind, *, expected: int, now: datetime) -> None:
    """The portal's own words hold again; the versions stay on record. Safe to repeat."""
    _guard(actor, park_id, kind)
    if MessageTemplate.objects.of_park(park_id).current().filter(kind=kind.name).exists():
        _replace(_replaceable(park_id, kind, expected), actor, now)


def _guard(actor: Actor, park_id: int, kind: MessageKind) -> None:
    if not can_word_messages(actor) or actor.park_id != park_id or kind.is_fixed:
        raise NotYours(_("Only an administrator of the park words its messages."))
    if actor.is_read_only:
        raise NotYours(actor.read_only_words)


def _replaceable(park_id: int, kind: MessageKind, expected: int) -> MessageTemplate | None:
    """The current version, locked, provided it is the one that the writer saw."""
    rows = MessageTemplate.objects.of_park(park_id).current().filter(kind=kind.name)
    current = rows.select_for_update(of=("self",)).first()
    if (current.number if current else 0) != expected:
        raise _meanwhile()
    return current


def _replace(current: MessageTemplate | None, actor: Actor, now: datetime) -> None:
    if current is not None:
        current.replaced_at, current.replaced_by_name = now, actor.name
        current.save(update_fields=["replaced_at", "replaced_by_name"])


def _meanwhile() -> WordedMeanwhile:
    return WordedMeanwhile(_("A colleague has changed this message meanwhile. Look at it as it is now."))
