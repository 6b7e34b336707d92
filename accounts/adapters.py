from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import uuid4
from zoneinfo import ZoneInfo

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.utils import get_next_redirect_url
from allauth.core.internal import ratelimit
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import devices
from accounts.models import User
from accounts.permissions import has_just_signed_in
from accounts.services import write_mail, write_mail_to_address
from lib.sealing import cipher
from lib.text import validate_seen

SEALED_FOR = "accounts.second_factor"
KNOWN_DEVICE = "login_failed_known_device"
LINKS = ("activate_url", "password_reset_url", "signup_url")
WITH_A_SECRET = frozenset(
    {
        "email_confirmation",
        "email_confirmation_signup",
        "password_reset_key",
        "account_already_exists",
        "unknown_account",
    }
)


class AccountAdapter(DefaultAccountAdapter):
    """How sign-in and registration behave here.

    Failed attempts are counted per account and device. A device that has signed in to the account before is counted by
    itself; all others of one network address together. So whoever guesses from elsewhere runs into the limit, and the
    person at their own computer does not. Guessing from very many addresses meets the limit of the account itself,
    which holds for unknown devices only.
    """

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _("The e-mail address or the password is not right."),
        "too_many_login_attempts": _(
            "Too many failed attempts. Try again in five minutes or set a new password by mail."
        ),
        "incorrect_password": _("The password is not right."),
        "enter_current_password": _("This is not your current password."),
        "incorrect_code": _("The code is not right. Codes change every 30 seconds."),
        "rate_limited": _("Too many attempts. Wait a minute."),
    }

    def clean_email(self, email: str) -> str:
        """Of an account that is made, or that changes its address."""
        address: str = super().clean_email(email)
        validate_seen(address)
        return address

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        email = credentials.get("email", "").lower()
        origin = devices.known_device(request, email) or f"address:{ratelimit.get_ip(request)}"
        return f"{email}|{origin}"

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        email = credentials.get("email", "").lower()
        if devices.known_device(request, email):
            self._count_known_device(request, self._get_login_attempts_cache_key(request, **credentials))
            return
        super().pre_authenticate(request, **credentials)
        everywhere = ratelimit.consume(request, app="allauth.account", action="login_failed_everywhere", key=email)
        if not everywhere:
            raise self.validation_error("too_many_login_attempts")
        # What a successful sign-in gives back.
        self._login_failed_rl_usage.usage += everywhere.usage

    def _count_known_device(self, request: HttpRequest, key: str) -> None:
        """By itself: what others of its network address have typed wrong keeps nobody from their own account."""
        self._login_failed_rl_usage = ratelimit.consume(request, app="allauth.account", action=KNOWN_DEVICE, key=key)
        if not self._login_failed_rl_usage:
            raise self.validation_error("too_many_login_attempts")

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = super().post_login(request, user, **kwargs)
        devices.remember_device(request, response, user)
        return response

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: Any) -> str:
        """The link remembers where the person was going: it may be opened on another device."""
        url: str = super().get_email_confirmation_url(request, emailconfirmation)
        onward = get_next_redirect_url(request)
        return f"{url}?{urlencode({REDIRECT_FIELD_NAME: onward})}" if onward else url

    def is_reauthentication_required(self, *, app: str, **_kwargs: Any) -> bool:
        """Also for a new address, which allauth would let a borrowed session give: it leads to a new password.

        Not of whoever has signed in a moment ago: they have just given what would be asked for.
        """
        return not has_just_signed_in(self.request)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Through the outbox, in the language of the person, or of the page for somebody who has no account."""
        person = context.get("user") or User.objects.with_address(email).first()
        subject, text = _rendered(template_prefix, {"email": email, **context}, person)
        kind = template_prefix.rpartition("/")[2]
        key = f"account:{kind}:{uuid4()}"
        url = next((context[link] for link in LINKS if link in context), "")
        is_private = kind in WITH_A_SECRET
        if person and person.email.lower() == email.lower():
            write_mail(key=key, recipient=person, subject=subject, text=text, url=url, is_private=is_private)
        else:
            write_mail_to_address(key=key, address=email, subject=subject, text=text, url=url, is_private=is_private)


def _rendered(template_prefix: str, context: dict[str, Any], person: User | None) -> tuple[str, str]:
    """Subject and text; the link is not in the text, delivery adds it."""
    language = person.language if person else translation.get_language()
    zone = ZoneInfo(person.time_zone if person else settings.TIME_ZONE)
    with translation.override(language), timezone.override(zone):
        subject = render_to_string(f"{template_prefix}_subject.txt", context)
        return subject, render_to_string(f"{template_prefix}_message.txt", context).strip()


class MFAAdapter(DefaultMFAAdapter):
    """How the second factor behaves here: its secrets are encrypted with the key of the installation."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("The code is not right. Codes change every 30 seconds."),
    }

    def _get_site_name(self) -> str:
        return "ParkZero"

    def generate_authenticator_name(self, user: User, type: Any) -> str:  # noqa: A002  # the library's name
        return gettext("Passkey {number}").format(number=Authenticator.objects.filter(user=user, type=type).count() + 1)

    def encrypt(self, text: str) -> str:
        return cipher(SEALED_FOR).encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return cipher(SEALED_FOR).decrypt(encrypted_text.encode()).decode()
