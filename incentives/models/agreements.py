from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from enterprises.models import EnterpriseOwned
from incentives.models.awards import Award
from incentives.querysets import AgreementQuerySet
from parks.models import StoredFile


def agreement_path(agreement: Agreement, filename: str) -> str:
    return f"parks/{agreement.park_id}/agreements/{agreement.pk}"


class Agreement(StoredFile, EnterpriseOwned):
    """What park and enterprise signed about an award that stands. Added by either side, never changed.

    Money is paid on what an official attached, or on what an official has confirmed of the enterprise's.
    """

    award = models.ForeignKey(Award, models.PROTECT, related_name="agreements")
    file = models.FileField(upload_to=agreement_path, max_length=200)
    signed_on = models.DateField(_("signed on"))
    uploaded_by_name = models.CharField(max_length=120)
    is_by_official = models.BooleanField()
    confirmed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    confirmed_by_name = models.CharField(max_length=120, blank=True, default="")
    confirmed_at = models.DateTimeField(null=True)

    objects = AgreementQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["uploaded_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["park", "id"], name="agreement_of_park"),
            models.CheckConstraint(
                condition=Q(confirmed_at=None, confirmed_by=None, confirmed_by_name="")
                | Q(confirmed_at__isnull=False, confirmed_by__isnull=False, is_by_official=False),
                name="agreement_confirmed_by_somebody",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["park", "award"], name="agreement_list"),
            models.Index(fields=["file"], name="agreement_file"),
        ]

    @property
    def is_vouched_for(self) -> bool:
        """The park stands behind it; the same rule as `AgreementQuerySet.vouched_for`."""
        return self.is_by_official or self.confirmed_at is not None
