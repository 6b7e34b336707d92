"""What the API takes and gives for enterprises and the changes that they ask for."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from rest_framework import serializers

from enterprises import industries
from enterprises.choices import LabelKind, PaperKind
from enterprises.models import VETTED, ChangeRequest, Enterprise, EnterpriseLabel, EnterprisePaper, Site
from enterprises.services import FACTS

CODE: dict[str, Any] = {
    "max_length": 40,
    "help_text": "Unified social credit code. Spaces, hyphens and small letters are put right.",
}
INDUSTRY_CODE: dict[str, Any] = {
    "max_length": 12,
    "help_text": "GB/T 4754: two to four digits, with or without the letter of the section. Kept as `C3562`.",
}
CONFIRMATION: dict[str, Any] = {
    "default": False,
    "help_text": "The business licence carries exactly this code, though its check character does not fit.",
}


class EnterpriseSerializer(serializers.ModelSerializer):
    """An enterprise as a line of the register. `labels` are those valid today."""

    industry_name_en = serializers.SerializerMethodField()
    industry_name_zh = serializers.SerializerMethodField()
    labels = serializers.SerializerMethodField()
    # What is not known is an empty text, and that is no address.
    contact_email = serializers.CharField(read_only=True)

    class Meta:
        model = Enterprise
        fields: tuple[str, ...] = (
            "id",
            "credit_code",
            "name_zh",
            "name_en",
            "kind",
            "status",
            "industry_code",
            "industry_name_zh",
            "industry_name_en",
            "is_key_energy_user",
            "labels",
            "contact_name",
            "contact_phone",
            "contact_email",
            "created_at",
        )
        read_only_fields = fields

    def get_industry_name_en(self, enterprise: Enterprise) -> str:
        found = industries.nearest(enterprise.industry_code)
        return found.name_en if found else ""

    def get_industry_name_zh(self, enterprise: Enterprise) -> str:
        found = industries.nearest(enterprise.industry_code)
        return found.name_zh if found else ""

    def get_labels(self, enterprise: Enterprise) -> list[LabelKind]:
        labels: dict[UUID, list[str]] = self.context.get("labels", {})
        return [LabelKind(kind) for kind in labels.get(enterprise.pk, [])]


class SiteSerializer(serializers.ModelSerializer):
    class Meta:
        model = Site
        fields = ("id", "name", "address", "area_m2", "use", "opened_at", "closed_at")
        read_only_fields = fields


class LabelSerializer(serializers.ModelSerializer):
    class Meta:
        model = EnterpriseLabel
        fields = ("kind", "valid_from", "valid_until", "note")
        read_only_fields = fields


LINE = EnterpriseSerializer.Meta.fields


class EnterpriseDetailSerializer(EnterpriseSerializer):
    """One enterprise with all its facts, its sites and the labels that stand, expired ones too, at `given_labels`."""

    sites = SiteSerializer(many=True, read_only=True)
    given_labels = LabelSerializer(many=True, read_only=True)
    energy_contact_email = serializers.CharField(read_only=True)
    website = serializers.CharField(read_only=True)

    class Meta:
        model = Enterprise
        fields: tuple[str, ...] = (
            *LINE,
            *(name for name in FACTS if name not in LINE),
            "merged_into",
            "updated_at",
            "sites",
            "given_labels",
        )
        read_only_fields = fields


class FactsSerializer(serializers.ModelSerializer):
    """What is recorded of an enterprise. The rules are those of the form on the page."""

    credit_code = serializers.CharField(**CODE)
    industry_code = serializers.CharField(required=False, allow_blank=True, **INDUSTRY_CODE)
    is_code_confirmed = serializers.BooleanField(**CONFIRMATION)

    class Meta:
        model = Enterprise
        fields = (*FACTS, "is_code_confirmed")


class VettedSerializer(serializers.ModelSerializer):
    """Vetted facts, those that are to change."""

    credit_code = serializers.CharField(required=False, **CODE)
    industry_code = serializers.CharField(required=False, allow_blank=True, **INDUSTRY_CODE)

    class Meta:
        model = Enterprise
        fields = VETTED
        extra_kwargs = {name: {"required": False} for name in VETTED}


class AskedChangesSerializer(serializers.Serializer):
    """`changes` holds the facts that are to be otherwise, with their new values."""

    changes = VettedSerializer()
    reason = serializers.CharField(max_length=1000)
    is_code_confirmed = serializers.BooleanField(**CONFIRMATION)
    evidence = serializers.UUIDField(
        required=False,
        allow_null=True,
        default=None,
        help_text="A document on file: its id at `/enterprise-documents/`.",
    )


class PaperSerializer(serializers.ModelSerializer):
    """A document on file with an enterprise, such as its business licence."""

    class Meta:
        model = EnterprisePaper
        fields = (
            "id",
            "enterprise",
            "kind",
            "name",
            "content_type",
            "size_bytes",
            "sha256",
            "valid_until",
            "uploaded_at",
        )
        read_only_fields = fields


class NewPaperSerializer(serializers.Serializer):
    kind = serializers.ChoiceField(choices=PaperKind.choices)
    upload = serializers.FileField(help_text="PDF, PNG, JPEG, XLSX or DOCX.")
    valid_until = serializers.DateField(required=False, allow_null=True, default=None)


class ChangeRequestSerializer(serializers.ModelSerializer):
    """A request to change vetted facts. `changes` maps the name of a fact to what it was and what it is to be."""

    changes = serializers.DictField(child=serializers.ListField(child=serializers.CharField(allow_blank=True)))

    class Meta:
        model = ChangeRequest
        fields = (
            "id",
            "number",
            "enterprise",
            "state",
            "changes",
            "reason",
            "evidence",
            "requested_by_name",
            "requested_at",
            "due_at",
            "decided_at",
            "decision",
        )
        read_only_fields = fields
