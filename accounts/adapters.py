from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter


class AccountAdapter(DefaultAccountAdapter):
    """How sign-in and registration behave here."""


class MFAAdapter(DefaultMFAAdapter):
    """How the second factor behaves here."""
