"""The kinds of messages that the portal writes, as the apps that write them register them.

A kind has a text of its own, which a park may put in other words, and names the facts that it must say. What a person
has to learn in time is `binding`: it says why the message always goes out at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

PLACEHOLDER = re.compile(r"\{([^{}\n]*)\}")
OF_DEFAULTS = re.compile(r"%\((\w+)\)s")


class Audience(StrEnum):
    """Who reads messages of a kind."""

    PERSON = "person"
    ENTERPRISE = "enterprise"
    OFFICIAL = "official"

    @property
    def label(self) -> StrOrPromise:
        """As the reader is spoken to."""
        return AUDIENCES[self]

    @property
    def readers(self) -> StrOrPromise:
        """As the park speaks of them."""
        return READERS[self]


AUDIENCES: Mapping[Audience, StrOrPromise] = {
    Audience.PERSON: _("About your places and registrations"),
    Audience.ENTERPRISE: _("As somebody of an enterprise"),
    Audience.OFFICIAL: _("As an official"),
}

# Why a message always goes out at once, and what follows the text of one.
DEADLINE = _("A deadline runs with it.")
DECISION = _("It is a decision of the park, against which the law gives you a time to object or appeal.")
REASONS = _("[Here follows what the official wrote.]")

READERS: Mapping[Audience, StrOrPromise] = {
    Audience.PERSON: _("To whoever registers an enterprise"),
    Audience.ENTERPRISE: _("To people of an enterprise"),
    Audience.OFFICIAL: _("To officials"),
}


@dataclass(frozen=True, slots=True)
class Fact:
    """What a placeholder stands for, and what a preview puts in its place."""

    meaning: StrOrPromise
    sample: StrOrPromise


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageKind:
    """`subject` and `text` are the portal's own, with facts as %(name)s; a park writes them as {name}.

    `after`: what follows the text whatever the text says, such as the reasons of an official. What is written outside
    the scope of a park has no words of its own there: `is_fixed`.
    """

    name: str
    label: StrOrPromise
    audience: Audience
    subject: StrOrPromise = ""
    text: StrOrPromise = ""
    facts: Mapping[str, Fact] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    binding: StrOrPromise = ""
    after: StrOrPromise = ""
    is_fixed: bool = False

    @property
    def own_subject(self) -> str:
        return in_braces(self.subject)

    @property
    def own_text(self) -> str:
        return in_braces(self.text)

    @property
    def samples(self) -> dict[str, str]:
        return {name: str(fact.sample) for name, fact in self.facts.items()}


@dataclass(frozen=True, slots=True)
class Letters:
    """The kinds of messages of one app, made over its facts by their names. `always`: those that every kind has."""

    app: str
    facts: Mapping[str, Fact]
    always: tuple[str, ...] = ()

    def kind(  # noqa: PLR0913 - the parts of a message, as one reads them
        self,
        name: str,
        label: StrOrPromise,
        subject: StrOrPromise,
        text: StrOrPromise,
        required: str,
        *,
        audience: Audience,
        also: str = "",
        binding: StrOrPromise = "",
        after: StrOrPromise = "",
    ) -> MessageKind:
        """`required`: the facts that must be said, `also`: others that can be; each apart by blanks."""
        told = (*self.always, *required.split(), *also.split())
        return MessageKind(
            name=f"{self.app}.{name}",
            label=label,
            audience=audience,
            subject=subject,
            text=text,
            facts={fact: self.facts[fact] for fact in dict.fromkeys(told)},
            required=tuple(required.split()),
            binding=binding,
            after=after,
        )


_kinds: dict[str, MessageKind] = {}


def register(*kinds: MessageKind) -> None:
    """Safe to repeat with the same kinds."""
    for kind in kinds:
        if _kinds.setdefault(kind.name, kind) is not kind:
            raise ValueError(f"Two kinds of messages are named {kind.name}")


def registered() -> list[MessageKind]:
    """In the order in which the apps came, lowest first."""
    return list(_kinds.values())


def kind_named(name: str) -> MessageKind | None:
    return _kinds.get(name)


def in_braces(text: StrOrPromise) -> str:
    """The portal's own words as a park edits them.

    >>> in_braces("%(number)s is due by %(due)s: 100 %%")
    '{number} is due by {due}: 100 %'
    """
    return OF_DEFAULTS.sub(r"{\1}", str(text)).replace("%%", "%")


def placeholders(*texts: str) -> list[str]:
    """What stands in braces, in order, each once.

    >>> placeholders("{number}: {due}", "{number} {}")
    ['number', 'due', '']
    """
    return list(dict.fromkeys(name for text in texts for name in PLACEHOLDER.findall(text)))


def filled(text: str, words: Mapping[str, str]) -> str:
    """Facts in place of their names, in one go: braces within a fact stay what they are.

    >>> filled("{number}: {project} {other}", {"number": "7", "project": "{number}"})
    '7: {number} {other}'
    """
    return PLACEHOLDER.sub(lambda found: str(words.get(found[1], found[0])), text)


def missing_from(kind: MessageKind, texts: Iterable[str]) -> list[str]:
    """The facts that must be said and are not."""
    said = placeholders(*texts)
    return [name for name in kind.required if name not in said]
