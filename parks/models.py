"""The tenant, the people who work in it, and how they came in."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from knox.models import AbstractAuthToken

from accounts.choices import time_zone_choices
from accounts.models import User
from lib.identifiers import uuid7
from lib.mail_addresses import AddressModelField
from parks.choices import (
    ENTERPRISE_ROLES,
    INSTALLATION_ROLES,
    PARK_ROLES,
    BoundaryType,
    Currency,
    ParkLevel,
    ParkStatus,
    Province,
    Role,
    role_words,
)
from parks.querysets import (
    InvitationQuerySet,
    MembershipQuerySet,
    MessageTemplateQuerySet,
    ParkQuerySet,
    SupportSessionQuerySet,
)
from tenancy.fields import SecretField

DEFAULT_ACCENT = "#0b5e59"
# What the operator says of a park; status and branding change by acts of their own.
PROFILE = (
    "slug",
    "name_en",
    "name_zh",
    "seal",
    "description_en",
    "description_zh",
    "level",
    "province",
    "city_en",
    "city_zh",
    "latitude",
    "longitude",
    "area_km2",
    "boundary_type",
    "construction_start_year",
    "construction_end_year",
    "national_list_number",
    "time_zone",
    "currency",
    "industries_en",
    "industries_zh",
    "address_en",
    "address_zh",
    "contact_name",
    "contact_email",
    "contact_phone",
)


def logo_path(park: Park, filename: str) -> str:
    """Storage keys carry the park."""
    return f"parks/{park.pk}/logo/{filename}"


class Park(models.Model):
    """An industrial park: the tenant. Stays outside the policies of tenant tables so that sign-in can choose one."""

    id = models.BigAutoField(primary_key=True)
    slug = models.SlugField(_("address"), max_length=60, unique=True)
    name_en = models.CharField(_("name in English"), max_length=200)
    name_zh = models.CharField(_("name in Chinese"), max_length=200)
    seal = models.CharField(_("one-character seal"), max_length=1, blank=True)
    description_en = models.TextField(_("description in English"), blank=True)
    description_zh = models.TextField(_("description in Chinese"), blank=True)
    level = models.CharField(_("level"), max_length=20, choices=ParkLevel.choices, default=ParkLevel.NATIONAL)
    province = models.CharField(_("province"), max_length=2, choices=Province.choices)
    city_en = models.CharField(_("city in English"), max_length=100, blank=True)
    city_zh = models.CharField(_("city in Chinese"), max_length=100, blank=True)
    latitude = models.DecimalField(
        _("latitude"),
        max_digits=8,
        decimal_places=5,
        null=True,
        blank=True,
        validators=[MinValueValidator(-90), MaxValueValidator(90)],
    )
    longitude = models.DecimalField(
        _("longitude"),
        max_digits=8,
        decimal_places=5,
        null=True,
        blank=True,
        validators=[MinValueValidator(-180), MaxValueValidator(180)],
    )
    area_km2 = models.DecimalField(
        _("area (km²)"), max_digits=10, decimal_places=3, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    boundary_type = models.CharField(
        _("boundary"), max_length=20, choices=BoundaryType.choices, default=BoundaryType.PARK_IN_PARK
    )
    construction_start_year = models.PositiveSmallIntegerField(_("construction begins"), null=True, blank=True)
    construction_end_year = models.PositiveSmallIntegerField(_("construction ends"), null=True, blank=True)
    national_list_number = models.PositiveSmallIntegerField(
        _("number on the national list"), null=True, blank=True, unique=True
    )
    time_zone = models.CharField(_("time zone"), max_length=50, choices=time_zone_choices, default="Asia/Shanghai")
    currency = models.CharField(_("currency"), max_length=3, choices=Currency.choices, default=Currency.CNY)
    industries_en = models.CharField(_("industries in English"), max_length=300, blank=True)
    industries_zh = models.CharField(_("industries in Chinese"), max_length=300, blank=True)
    address_en = models.CharField(_("postal address in English"), max_length=300, blank=True)
    address_zh = models.CharField(_("postal address in Chinese"), max_length=300, blank=True)
    contact_name = models.CharField(_("contact person"), max_length=120, blank=True)
    contact_email = AddressModelField(_("contact e-mail"), blank=True)
    contact_phone = models.CharField(_("contact telephone"), max_length=40, blank=True)
    accent = models.CharField(
        _("accent colour"),
        max_length=7,
        default=DEFAULT_ACCENT,
        validators=[
            RegexValidator(r"^#[0-9a-f]{6}\Z", _("Write the colour as # and six digits, for example #0b5e59."))
        ],
    )
    logo = models.FileField(_("logo"), upload_to=logo_path, blank=True)
    status = models.CharField(_("status"), max_length=20, choices=ParkStatus.choices, default=ParkStatus.ACTIVE)
    status_reason = models.CharField(_("reason"), max_length=300, blank=True)
    status_changed_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = ParkQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["name_en"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(construction_end_year=None) | Q(construction_end_year__gte=F("construction_start_year")),
                name="park_construction_ends_after_it_begins",
                violation_error_message=_("Construction cannot end before it begins."),
            ),
        ]

    def __str__(self) -> str:
        return self.name_en

    @property
    def is_read_only(self) -> bool:
        return self.status != ParkStatus.ACTIVE


class ParkOwned(models.Model):
    """A row of one park. Its table is put under forced row-level security by `ProtectTable` in a migration."""

    park = models.ForeignKey(Park, models.PROTECT, related_name="+", db_index=False)

    class Meta:
        abstract = True


class StoredFile(ParkOwned):
    """A file that somebody sent. Its type was told from its content; `removed_at` hides it, nothing is deleted.

    Each kind of it has a `file` of its own, whose storage key carries the park and never the sender's name.
    """

    file: models.FileField

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)
    size_bytes = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    uploaded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(default=timezone.now)
    removed_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name


class SavedView(ParkOwned):
    """A filter of a list that an official keeps under a name; nobody else sees it.

    `page` is the name of the address, `query` what stands behind the question mark, without the page number.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    page = models.CharField(max_length=80)
    name = models.CharField(_("name"), max_length=60)
    query = models.CharField(max_length=1000)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["park", "id"], name="saved_view_of_park"),
            models.UniqueConstraint(
                fields=["park", "user", "page", "name"],
                name="saved_view_once",
                violation_error_message=_("You already keep a view under this name."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class MessageTemplate(ParkOwned):
    """A kind of message in a park's own words, one row for each version; without a current one the portal's words hold.

    `number` counts the versions of a kind. Nothing is rewritten: what is changed or taken back is `replaced_at`.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(_("message"), max_length=60)
    number = models.PositiveIntegerField(_("version"))
    subject_en = models.CharField(_("subject in English"), max_length=150)
    subject_zh = models.CharField(_("subject in Chinese"), max_length=150)
    text_en = models.TextField(_("text in English"), max_length=4000)
    text_zh = models.TextField(_("text in Chinese"), max_length=4000)
    written_by_name = models.CharField(max_length=120)
    written_at = models.DateTimeField()
    replaced_at = models.DateTimeField(null=True)
    replaced_by_name = models.CharField(max_length=120, blank=True, default="")

    objects = MessageTemplateQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["kind", "-number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["park", "id"], name="message_template_of_park"),
            models.UniqueConstraint(fields=["park", "kind", "number"], name="message_template_once"),
            models.UniqueConstraint(
                fields=["park", "kind"], condition=Q(replaced_at=None), name="message_template_current_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.number}"


ROLES_FIT_PLACE = (
    Q(park=None, enterprise_id=None, roles__contained_by=sorted(INSTALLATION_ROLES))
    | Q(park__isnull=False, enterprise_id=None, roles__contained_by=sorted(PARK_ROLES))
    | Q(park__isnull=False, enterprise_id__isnull=False, roles__contained_by=sorted(ENTERPRISE_ROLES))
)


class Membership(models.Model):  # type: ignore[django-manager-missing]  # Knox has no types.
    """A person's place: in the installation, in a park, or in an enterprise of a park, with the roles held there.

    `enterprise_id` is tied to the enterprises of the same park by a foreign key of the database; the enterprise's names
    and whether it is suspended are kept here as well, because a person chooses where to act before any scope is open.
    """

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(User, models.PROTECT, related_name="memberships")
    park = models.ForeignKey(Park, models.PROTECT, null=True, blank=True, related_name="memberships")
    enterprise_id = models.UUIDField(null=True, blank=True)
    enterprise_name_en = models.CharField(max_length=200, blank=True)
    enterprise_name_zh = models.CharField(max_length=200, blank=True)
    is_enterprise_suspended = models.BooleanField(default=False)
    roles = ArrayField(models.CharField(max_length=30, choices=Role.choices))
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user", "park", "enterprise_id"], name="membership_once", nulls_distinct=False
            ),
            models.CheckConstraint(condition=ROLES_FIT_PLACE, name="membership_roles_fit_place"),
            models.CheckConstraint(condition=Q(roles__len__gt=0), name="membership_has_a_role"),
        ]
        indexes: ClassVar = [models.Index(fields=["park", "enterprise_id"], name="membership_place")]

    def __str__(self) -> str:
        return f"{self.user} ({', '.join(self.roles)})"

    @property
    def role_words(self) -> str:
        return role_words(self.roles)


class Invitation(models.Model):
    """An offer of a membership, sent by mail. Only the digest of its token is kept.

    Who invites is named here as well: the park may not see the account of an operator.
    """

    id = models.BigAutoField(primary_key=True)
    park = models.ForeignKey(Park, models.PROTECT, null=True, related_name="invitations")
    enterprise_id = models.UUIDField(null=True)
    enterprise_name_en = models.CharField(max_length=200, blank=True)
    enterprise_name_zh = models.CharField(max_length=200, blank=True)
    email = AddressModelField(_("e-mail address"), max_length=254)
    roles = ArrayField(models.CharField(max_length=30, choices=Role.choices))
    token_digest = SecretField(max_length=64, unique=True)
    invited_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    invited_by_name = models.CharField(max_length=120)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-created_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["park", "enterprise_id", "email"],
                name="invitation_open_once",
                condition=Q(accepted_at=None, revoked_at=None),
                nulls_distinct=False,
            ),
            models.CheckConstraint(condition=ROLES_FIT_PLACE, name="invitation_roles_fit_place"),
        ]

    def __str__(self) -> str:
        return f"{self.email} ({', '.join(self.roles)})"

    @property
    def role_words(self) -> str:
        return role_words(self.roles)

    def is_open(self, now: datetime) -> bool:
        return self.accepted_at is None and self.revoked_at is None and self.expires_at > now


class SupportSession(models.Model):
    """An operator's stay in a park: reason asked, one hour, logged, visible to the park."""

    id = models.BigAutoField(primary_key=True)
    park = models.ForeignKey(Park, models.PROTECT, related_name="support_sessions")
    operator = models.ForeignKey(User, models.PROTECT, related_name="+")
    operator_name = models.CharField(max_length=120)
    reason = models.CharField(_("reason"), max_length=500)
    started_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    objects = SupportSessionQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-started_at"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(expires_at__lte=F("started_at") + timedelta(hours=1)), name="support_session_lasts_an_hour"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.operator_name}: {self.reason}"

    def is_open(self, now: datetime) -> bool:
        return self.ended_at is None and self.started_at <= now < self.expires_at


class CalendarYear(models.Model):
    """A year of which it is known which days are off, as the State Council announced it; the same in every park."""

    id = models.BigAutoField(primary_key=True)
    year = models.PositiveSmallIntegerField(_("year"), unique=True)
    source = models.CharField(_("announcement"), max_length=200)
    confirmed_by_name = models.CharField(max_length=120, blank=True)
    confirmed_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["year"]

    def __str__(self) -> str:
        return str(self.year)


class CalendarDay(models.Model):
    """A day that is not as its place in the week: a day off from Monday to Friday, or a weekend day that is worked."""

    id = models.BigAutoField(primary_key=True)
    day = models.DateField(_("day"), unique=True)
    is_working = models.BooleanField()
    name_en = models.CharField(_("occasion in English"), max_length=60)
    name_zh = models.CharField(_("occasion in Chinese"), max_length=60)

    class Meta:
        ordering: ClassVar = ["day"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(is_working=True, day__iso_week_day__gte=6) | Q(is_working=False, day__iso_week_day__lt=6),
                name="calendar_day_is_an_exception",
            )
        ]

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d}"


class ApiKey(AbstractAuthToken):
    """A key of the API, hashed and expiring, that can do what one membership can do.

    `is_for_sending`: of that only to send readings and to follow what becomes of them, for devices in the field.
    """

    membership = models.ForeignKey(Membership, models.CASCADE, related_name="api_keys")
    name = models.CharField(_("name"), max_length=80)
    last_used_on = models.DateField(null=True)
    is_for_sending = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar = ["-created"]
