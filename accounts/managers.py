from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth.base_user import BaseUserManager

from accounts.querysets import UserQuerySet

if TYPE_CHECKING:
    from accounts.models import User


class UserManager(BaseUserManager["User"]):
    """People, found by e-mail address whatever its case."""

    def get_queryset(self) -> UserQuerySet:
        return UserQuerySet(self.model, using=self._db)

    def with_address(self, text: str) -> UserQuerySet:
        return self.get_queryset().with_address(text)

    def get_by_natural_key(self, username: str | None) -> User:
        return self.with_address(username or "").get()

    def create_user(self, email: str, name: str, password: str | None = None, **fields: Any) -> User:
        """Add a person; without a password they can sign in only after setting one by mail."""
        user = self.model(email=email.strip().lower(), name=name, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user
