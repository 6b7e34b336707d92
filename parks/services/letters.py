"""The words of the mail about people's places, in the language of whoever reads it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.services import Letter, in_both_languages
from lib import formatting
from parks import messages
from parks.choices import role_words
from parks.models import ApiKey, Invitation, Membership


def place_name(place: Invitation | Membership) -> str:
    """The enterprise, else the park, else the installation, in the active language."""
    suffixes = ("zh", "en") if formatting.speaks_chinese() else ("en", "zh")
    owners: tuple[tuple[object, str], ...] = ((place, "enterprise_name"), (place.park, "name"))
    names = (getattr(owner, f"{field}_{suffix}", "") for owner, field in owners for suffix in suffixes)
    return next((name for name in names if name), "ParkZero")


def invitation(offer: Invitation) -> Letter:
    """In both languages: nobody knows yet which of them the invited person reads. The link follows the text."""
    return Letter(
        in_both_languages(lambda: _("Invitation to %(place)s") % {"place": place_name(offer)}, " · "),
        in_both_languages(partial(_invitation_text, offer)),
    )


def _invitation_text(offer: Invitation) -> str:
    text = _(
        "You are invited to %(place)s on ParkZero.\n"
        "Invited by: %(name)s\n"
        "Your roles there: %(roles)s\n"
        "Accept by the link at the end of this message until %(expires)s.\n"
        "If you did not expect it, do nothing: the invitation then ends by itself."
    )
    return text % {
        "name": offer.invited_by_name,
        "place": place_name(offer),
        "roles": role_words(offer.roles),
        "expires": _moment(offer.expires_at, offer.park.time_zone if offer.park else settings.TIME_ZONE),
    }


def invitation_accepted(offer: Invitation, membership: Membership) -> Letter:
    words = {"name": membership.user.name, "place": place_name(offer), "roles": role_words(membership.roles)}
    return Letter(
        _("Your invitation to %(place)s was accepted") % words,
        _("New in %(place)s: %(name)s. Roles: %(roles)s") % words,
        messages.INVITATION_ACCEPTED.name,
    )


def administrator_invited(offer: Invitation) -> Letter:
    """To those who watch over the staff of a park into which the installation lets somebody."""
    words = {"name": offer.invited_by_name, "email": offer.email, "place": place_name(offer)}
    return Letter(
        _("An operator of the installation has invited an administrator to %(place)s") % words,
        _(
            "%(name)s, an operator of the installation, has invited %(email)s to %(place)s as its administrator.\n"
            "The park has no administrator who could do so. If you do not know this person, ask the operator."
        )
        % words,
        messages.ADMINISTRATOR_INVITED.name,
    )


def roles_changed(membership: Membership, roles: Iterable[str], by_name: str) -> Letter:
    words = {"name": by_name, "place": place_name(membership), "roles": role_words(roles)}
    return Letter(
        _("Your roles in %(place)s have changed") % words,
        _("Your roles in %(place)s were changed by %(name)s. You now hold: %(roles)s") % words,
        messages.ROLES_CHANGED.name,
    )


def membership_ended(membership: Membership, by_name: str) -> Letter:
    words = {"name": by_name, "place": place_name(membership)}
    return Letter(
        _("You no longer work in %(place)s") % words,
        _(
            "Your access to %(place)s was ended by %(name)s. Your account stays, and so do your other places.\n"
            "API keys that you made there no longer work."
        )
        % words,
        messages.MEMBERSHIP_ENDED.name,
    )


def api_key_made(key: ApiKey) -> Letter:
    """In the language of its person."""
    with translation.override(key.user.language):
        words = {"key": key.name, "place": place_name(key.membership), "at": _moment(key.created, key.user.time_zone)}
        return Letter(
            _("A new API key can act for you in %(place)s") % words,
            _(
                "On %(at)s somebody signed in as you made an API key for %(place)s, named “%(key)s”.\n"
                "If it was not you, revoke it and change your password: that deletes all your API keys."
            )
            % words,
            messages.API_KEY_MADE.name,
        )


def _moment(at: datetime, zone_name: str) -> str:
    local = at.astimezone(ZoneInfo(zone_name))
    return f"{formatting.day(local.date())} {local:%H:%M} {formatting.zone(local)}"
