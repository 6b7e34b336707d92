"""The kinds of messages about people's places."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from accounts.messages import Audience, MessageKind, register

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

ACCESS = _("It tells you who can act in your name or where you can act.")


def _fixed(name: str, label: StrOrPromise, binding: StrOrPromise = "") -> MessageKind:
    """Written outside every park: the place may be the installation itself."""
    return MessageKind(name=f"parks.{name}", label=label, audience=Audience.PERSON, binding=binding, is_fixed=True)


INVITATION_ACCEPTED = _fixed("invitation_accepted", _("Somebody accepted your invitation"))
ADMINISTRATOR_INVITED = _fixed(
    "administrator_invited", _("An operator has invited an administrator to your park"), ACCESS
)
ROLES_CHANGED = _fixed("roles_changed", _("Your roles have changed"), ACCESS)
MEMBERSHIP_ENDED = _fixed("membership_ended", _("Your access to a place has ended"), ACCESS)
API_KEY_MADE = _fixed("api_key_made", _("A new API key can act for you"), ACCESS)

register(INVITATION_ACCEPTED, ADMINISTRATOR_INVITED, ROLES_CHANGED, MEMBERSHIP_ENDED, API_KEY_MADE)
