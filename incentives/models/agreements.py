from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from enterprises.models import EnterpriseOwned
from incentives.models.awards import Award
from parks.models import StoredFile


def agreement_path(agreement: Agreement, filename: str) -> str:
    return f"parks/{agreement.park_id}/agreements/{agreement.pk}"


class Agreement(StoredFile, EnterpriseOwned):
    """What park and enterprise signed about an award that stands. Added by either side, never changed."""

    award = models.ForeignKey(Award, models.PROTECT, related_name="agreements")
    file = models.FileField(upload_to=agreement_path, max_length=200)
    signed_on = models.DateField(_("signed on"))
    uploaded_by_name = models.CharField(max_length=120)
    is_by_official = models.BooleanField()

    class Meta:
        ordering: ClassVar = ["uploaded_at"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["park", "id"], name="agreement_of_park")]
        indexes: ClassVar = [
            models.Index(fields=["park", "award"], name="agreement_list"),
            models.Index(fields=["file"], name="agreement_file"),
        ]
