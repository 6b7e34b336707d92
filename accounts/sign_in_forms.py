"""allauth's forms in the words and the look of the portal.

Apart from `forms.py`: allauth's forms load that one while they are loaded themselves.
"""

from __future__ import annotations

from typing import Any, ClassVar

import structlog
from allauth.account import forms as account
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from cryptography.fernet import InvalidToken
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User

logger = structlog.get_logger(__name__)
Words = dict[str, str | Promise]
PASSWORD_HINT = _("At least 10 characters. Not your name or address, not only digits, not a common password.")
REPEATED = _("Password again")
CODE_HINT = _("Six digits from your authenticator app, or one of your recovery codes.")


class _InOurWords:
    """Labels above the fields instead of placeholders inside them."""

    labels: ClassVar[Words] = {}
    hints: ClassVar[Words] = {}
    order: ClassVar[list[str]] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():  # type: ignore[attr-defined]
            field.widget.attrs.pop("placeholder", None)
            field.label = self.labels.get(name, field.label)
            field.help_text = self.hints.get(name, field.help_text)
            if name == "code":
                field.widget.attrs["class"] = "input-short"
        if self.order:
            self.order_fields(self.order)  # type: ignore[attr-defined]


class SignInForm(_InOurWords, account.LoginForm):
    labels: ClassVar[Words] = {
        "login": _("E-mail address"),
        "password": _("Password"),
        "remember": _("Keep me signed in on this device"),
    }
    # The way to a new password stands below the button: between two fields it is one stop too many for the keyboard.
    hints: ClassVar[Words] = {"password": ""}


class RegistrationForm(_InOurWords, account.SignupForm):
    account_already_exists: bool
    labels: ClassVar[Words] = {"email": _("E-mail address"), "password1": _("Password"), "password2": REPEATED}
    hints: ClassVar[Words] = {
        "email": _("Use your address at work. We send a link there to make sure that it is yours."),
        "password1": PASSWORD_HINT,
    }
    order: ClassVar[list[str]] = ["name", "email", "password1", "password2"]

    def try_save(self, request: Any) -> tuple[User | None, HttpResponse | None]:
        """Of two registrations at once with one address, the later is answered as if the address had been known.

        A known address costs the time of a new one: hashing the password is nearly all of it.
        """
        if self.account_already_exists:
            make_password(self.cleaned_data["password1"])
        try:
            with transaction.atomic():
                return self._saved(request)
        except IntegrityError:
            if not User.objects.with_address(self.cleaned_data["email"]).exists():
                raise
            self.account_already_exists = True
            return self._saved(request)

    def _saved(self, request: Any) -> tuple[User | None, HttpResponse | None]:
        saved: tuple[User | None, HttpResponse | None] = super().try_save(request)
        return saved


class ChangePasswordForm(_InOurWords, account.ChangePasswordForm):
    labels: ClassVar[Words] = {
        "oldpassword": _("Current password"),
        "password1": _("New password"),
        "password2": _("New password again"),
    }
    hints: ClassVar[Words] = {"password1": PASSWORD_HINT}


class SetPasswordForm(_InOurWords, account.SetPasswordForm):
    labels: ClassVar[Words] = {"password1": _("New password"), "password2": _("New password again")}
    hints: ClassVar[Words] = {"password1": PASSWORD_HINT}


class ResetPasswordForm(_InOurWords, account.ResetPasswordForm):
    labels: ClassVar[Words] = {"email": _("E-mail address")}


class ResetPasswordKeyForm(_InOurWords, account.ResetPasswordKeyForm):
    labels: ClassVar[Words] = {"password1": _("New password"), "password2": _("New password again")}
    hints: ClassVar[Words] = {"password1": PASSWORD_HINT}


class ChangeEmailForm(_InOurWords, account.AddEmailForm):
    labels: ClassVar[Words] = {"email": _("New e-mail address")}


class ConfirmPasswordForm(_InOurWords, account.ReauthenticateForm):
    labels: ClassVar[Words] = {"password": _("Password")}


class _ReadableCode:
    """A secret that was encrypted under another key of the installation fits no code; who runs it reads why."""

    def clean_code(self) -> str:
        try:
            return str(super().clean_code())  # type: ignore[misc]
        except InvalidToken as error:
            logger.exception("second_factor_unreadable", user_id=self.user.pk)  # type: ignore[attr-defined]
            raise get_adapter().validation_error("incorrect_code") from error


class SecondFactorForm(_InOurWords, _ReadableCode, mfa.AuthenticateForm):
    labels: ClassVar[Words] = {"code": pgettext_lazy("one-time", "Code")}
    hints: ClassVar[Words] = {"code": CODE_HINT}


class ConfirmCodeForm(_InOurWords, _ReadableCode, mfa.ReauthenticateForm):
    labels: ClassVar[Words] = {"code": pgettext_lazy("one-time", "Code")}
    hints: ClassVar[Words] = {"code": CODE_HINT}


class ActivateAuthenticatorForm(_InOurWords, totp.ActivateTOTPForm):
    labels: ClassVar[Words] = {"code": _("Code that the app shows now")}


class AddPasskeyForm(_InOurWords, webauthn.AddWebAuthnForm):
    labels: ClassVar[Words] = {
        "name": _("Name of this passkey"),
        "passwordless": _("Sign in with it alone, without a password"),
    }
    hints: ClassVar[Words] = {
        "name": _("For example: office computer, phone, key on my key ring."),
        "passwordless": _("The device then asks for a fingerprint, face or PIN."),
    }


class RenamePasskeyForm(_InOurWords, webauthn.EditWebAuthnForm):
    labels: ClassVar[Words] = {"name": _("Name of this passkey")}
