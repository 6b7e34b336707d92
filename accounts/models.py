"""People and the mail that is sent to them."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.choices import Language, Way, time_zone_choices
from accounts.managers import UserManager
from accounts.querysets import OutgoingMailQuerySet
from lib.identifiers import uuid7
from lib.mail_addresses import AddressModelField
from tenancy.fields import SecretField


class User(AbstractBaseUser):  # type: ignore[django-manager-missing]  # of the library behind API keys
    """One person, whatever parks and enterprises they work for. Signs in by e-mail address."""

    id = models.BigAutoField(primary_key=True)
    password = SecretField(_("password"), max_length=128)
    email = AddressModelField(_("e-mail address"), max_length=254)
    name = models.CharField(_("full name"), max_length=120)
    language = models.CharField(_("language"), max_length=10, choices=Language.choices, default=Language.CHINESE)
    time_zone = models.CharField(_("time zone"), max_length=50, choices=time_zone_choices, default="Asia/Shanghai")
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(default=timezone.now)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar = ["name"]

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(Lower("email"), name="user_email_once")]
        # Sign-in and new passwords look for the address as it is kept: in lower case.
        indexes: ClassVar = [models.Index(fields=["email"], name="user_email")]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name


class OutgoingMail(models.Model):
    """A message to one person, kept until it was handed to the mail server, then as their inbox.

    `key` says what the message is about; a second message with the same key is never made. The acting roles may only
    add messages, operators like everybody else: nobody reads another's mail.
    `kind` is one of `accounts.messages`, empty for what nobody chooses. `way` is settled when it is about to be sent.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    key = models.CharField(max_length=200, unique=True)
    recipient = models.ForeignKey(User, models.CASCADE, null=True, related_name="mails")
    address = AddressModelField(max_length=254)
    subject = models.CharField(max_length=200)
    text = models.TextField()
    url = models.CharField(max_length=300, blank=True)
    kind = models.CharField(max_length=60, blank=True, default="")
    way = models.CharField(max_length=10, choices=Way.choices, default=Way.AT_ONCE)
    is_private = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=500, blank=True)
    read_at = models.DateTimeField(null=True)

    objects = OutgoingMailQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-created_at"]
        indexes: ClassVar = [
            models.Index(fields=["created_at"], name="mail_to_send", condition=models.Q(sent_at=None, way=Way.AT_ONCE)),
            models.Index(fields=["recipient"], name="mail_for_digest", condition=models.Q(sent_at=None, way=Way.DAILY)),
            models.Index(fields=["recipient", "-created_at"], name="mail_inbox"),
            models.Index(fields=["recipient"], name="mail_unread", condition=models.Q(is_private=False, read_at=None)),
        ]

    def __str__(self) -> str:
        return self.subject


class MailPreference(models.Model):
    """How a person wants to hear of one kind of message, where it is not at once. For the login role alone."""

    user = models.ForeignKey(User, models.CASCADE, related_name="mail_preferences")
    kind = models.CharField(max_length=60)
    way = models.CharField(max_length=10, choices=Way.choices)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "kind"], name="mail_preference_once"),
            models.CheckConstraint(condition=~models.Q(way=Way.AT_ONCE), name="mail_preference_differs"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.way}"
