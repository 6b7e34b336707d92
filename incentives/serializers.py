"""What the API takes and gives for programmes and applications."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from incentives.choices import DocumentKind, FinancialCheck, LimitKind, Stage
from incentives.form_fields import PREFIX
from incentives.models import (
    Application,
    ApplicationDocument,
    ApplicationStep,
    Award,
    FieldComment,
    Instalment,
    Notice,
    NoticeLine,
    ProgrammeVersion,
    Review,
)
from incentives.services import ANSWERS, document_field

AMOUNT: dict[str, Any] = {"max_digits": 14, "decimal_places": 2}
FINDINGS = ("visited_on", "visited_by", "visit_findings", "proven_cny", "checks")


class ProgrammeSerializer(serializers.ModelSerializer):
    """A published version of a programme, with the day from which and until which it takes applications."""

    is_open = serializers.SerializerMethodField()

    class Meta:
        model = ProgrammeVersion
        fields = (
            "id",
            "code",
            "number",
            "title_en",
            "title_zh",
            "summary_en",
            "summary_zh",
            "legal_basis",
            "opens_on",
            "closes_on",
            "further_windows",
            "rate_cny_per_tce",
            "amount_formula",
            "cap_cny",
            "cap_year_cny",
            "cap_percent",
            "saving_min_tce",
            "saving_below_tce",
            "rate_tiers",
            "tiers_by_part",
            "eligibility_rules",
            "notice_working_days",
            "is_agreement_asked",
            "payment_plan",
            "interest_percent",
            "form_fields",
            "document_rules",
            "budget_cny",
            "document_kinds",
            "published_at",
            "is_open",
        )
        read_only_fields = fields

    def get_is_open(self, version: ProgrammeVersion) -> bool:
        return version.takes_applications_on(self.context["today"])


class DocumentSerializer(serializers.ModelSerializer):
    """A file of an application; `content` is its address, behind the same permission check."""

    content = serializers.SerializerMethodField()

    class Meta:
        model = ApplicationDocument
        fields = ("id", "kind", "name", "content_type", "size_bytes", "sha256", "uploaded_at", "content")
        read_only_fields = fields

    @extend_schema_field(OpenApiTypes.URI_REF)
    def get_content(self, document: ApplicationDocument) -> str:
        return reverse("api:incentives:document_content", kwargs={"document_id": document.pk})


class PresentStageField(serializers.ChoiceField):
    """A stage of the programme; null where it is in none."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=Stage.choices, allow_null=True, read_only=True, **kwargs)

    def to_representation(self, value: str) -> Any:
        return value or None


class StepSerializer(serializers.ModelSerializer):
    stage = PresentStageField()

    class Meta:
        model = ApplicationStep
        fields = ("kind", "stage", "at", "by_name", "is_by_official", "comment")
        read_only_fields = fields


class FieldCommentSerializer(serializers.ModelSerializer):
    class Meta:
        model = FieldComment
        fields = ("field", "comment", "round", "at", "by_name", "answer")
        read_only_fields = fields


class ApplicationSerializer(serializers.ModelSerializer):
    """An application as a line of a list. `revision` is what a change or a submission must refer to."""

    programme = serializers.CharField(source="programme_version.code", read_only=True)
    enterprise_name_en = serializers.CharField(source="enterprise.name_en", read_only=True)
    enterprise_name_zh = serializers.CharField(source="enterprise.name_zh", read_only=True)
    stage = PresentStageField()

    class Meta:
        model = Application
        fields = (
            "id",
            "number",
            "state",
            "stage",
            "programme_version",
            "programme",
            "enterprise",
            "enterprise_name_en",
            "enterprise_name_zh",
            *ANSWERS,
            "form_answers",
            "requested_cny",
            "approved_cny",
            "revision",
            "round",
            "started_at",
            "saved_at",
            "submitted_at",
            "due_at",
            "decided_at",
        )
        read_only_fields = fields


LINE = ApplicationSerializer.Meta.fields


class ApplicationDetailSerializer(ApplicationSerializer):
    """One application with its documents, timeline and the reviewers' comments."""

    documents = DocumentSerializer(source="kept_documents", many=True, read_only=True)
    steps = StepSerializer(source="timeline", many=True, read_only=True)
    comments = FieldCommentSerializer(many=True, read_only=True)

    class Meta:
        model = Application
        fields = (*LINE, "documents", "steps", "comments")
        read_only_fields = fields


class ReviewSerializer(serializers.ModelSerializer):
    """What an official decided, with the note that the enterprise never sees."""

    class Meta:
        model = Review
        fields = (
            "stage",
            "outcome",
            "round",
            "note",
            "amount_cny",
            "void_stages",
            *FINDINGS,
            "decided_by_name",
            "decided_at",
        )
        read_only_fields = fields


class StartSerializer(serializers.Serializer):
    programme_version = serializers.UUIDField()


class AnswersSerializer(serializers.ModelSerializer):
    """Some or all answers. `revision` is the one that was read before; a newer one refuses the change."""

    revision = serializers.IntegerField(min_value=0, max_value=2**31 - 1)
    form_answers = serializers.DictField(
        required=False, help_text="Answers to fields of the programme by their keys; null takes one back."
    )

    class Meta:
        model = Application
        fields = ("revision", *ANSWERS, "form_answers")
        extra_kwargs = {"project_summary": {"max_length": 4000}}


class MissingSerializer(serializers.Serializer):
    field = serializers.CharField()
    message = serializers.CharField()


class LimitSerializer(serializers.Serializer):
    """A cap, and what of it was granted before."""

    kind = serializers.ChoiceField(choices=LimitKind.choices)
    limit_cny = serializers.DecimalField(max_digits=26, decimal_places=2)
    granted_cny = serializers.DecimalField(**AMOUNT)
    room_cny = serializers.DecimalField(max_digits=26, decimal_places=2)


class EstimateSerializer(serializers.Serializer):
    """How the amount comes about: saving times rate or the formula, at most what grants before left of each cap.

    `binding` is the limit that applies; where `is_admitted` is false the programme does not support such a saving.
    """

    saving_tce = serializers.DecimalField(max_digits=12, decimal_places=3)
    investment_cny = serializers.DecimalField(allow_null=True, **AMOUNT)
    rate_cny_per_tce = serializers.DecimalField(**AMOUNT)
    formula = serializers.CharField(allow_blank=True)
    before_cap_cny = serializers.DecimalField(max_digits=26, decimal_places=2)
    cap_cny = serializers.DecimalField(**AMOUNT)
    granted_cny = serializers.DecimalField(**AMOUNT)
    limits = LimitSerializer(many=True)
    binding = LimitSerializer(allow_null=True)
    is_admitted = serializers.BooleanField()
    amount_cny = serializers.DecimalField(**AMOUNT)


class RuleSerializer(serializers.Serializer):
    """A rule of the programme; `is_met` is null while something that it needs is not known."""

    text = serializers.CharField()
    condition = serializers.CharField()
    is_met = serializers.BooleanField(allow_null=True)
    evidence = serializers.CharField()
    needs = serializers.CharField()


class CheckSerializer(serializers.Serializer):
    """What is missing before the application can be submitted, its rules, and the amount it would ask for."""

    revision = serializers.IntegerField()
    missing = MissingSerializer(many=True)
    rules = RuleSerializer(many=True)
    estimate = EstimateSerializer(allow_null=True)


class SubmitSerializer(serializers.Serializer):
    revision = serializers.IntegerField(min_value=0, max_value=2**31 - 1)
    statement_accepted = serializers.BooleanField(
        help_text="The signer confirms that the application is true and complete."
    )


class WithdrawSerializer(serializers.Serializer):
    reason = serializers.CharField(max_length=4000, allow_blank=True, default="")


class UploadSerializer(serializers.Serializer):
    kind = serializers.CharField(
        max_length=20, help_text=f"One of {', '.join(DocumentKind.values)}, or the key of a document of the programme."
    )
    upload = serializers.FileField()


class AttachedSerializer(serializers.Serializer):
    """The document, and the revision of the application that it made."""

    document = DocumentSerializer()
    revision = serializers.IntegerField()


class DecisionSerializer(serializers.Serializer):
    expected_round = serializers.IntegerField(
        min_value=0, max_value=2**15 - 1, help_text="The `round` that was read; another one refuses the decision."
    )
    note = serializers.CharField(max_length=4000, allow_blank=True, default="")


class StageSerializer(DecisionSerializer):
    stage = serializers.ChoiceField(
        choices=Stage.choices,
        default=Stage.COMPLETENESS,
        help_text="The `stage` that was read; another one refuses the decision.",
    )

    def validate_stage(self, name: str) -> Stage:
        return Stage(name)


class AcceptSerializer(StageSerializer):
    """A site visit belongs to the substantive review, `proven_cny` and `checks` to the financial check."""

    visited_on = serializers.DateField(required=False)
    visited_by = serializers.CharField(max_length=200, required=False)
    visit_findings = serializers.CharField(max_length=4000, required=False)
    proven_cny = serializers.DecimalField(min_value=0, required=False, **AMOUNT)
    checks = serializers.ListField(child=serializers.ChoiceField(choices=FinancialCheck.choices), required=False)

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        found = {name: given.pop(name) for name in FINDINGS if name in given}
        return {**given, "findings": found}


class CommentsField(serializers.DictField):
    child = serializers.CharField(max_length=1000)


class ReturnSerializer(StageSerializer):
    """`comments` by the name of the field or document they are about."""

    comments = CommentsField(allow_empty=False)
    message = serializers.CharField(max_length=4000, allow_blank=True, default="")
    void_stages = serializers.ListField(
        child=serializers.ChoiceField(choices=Stage.choices),
        default=list,
        help_text="Earlier stages that must look at it again.",
    )

    def validate_comments(self, comments: dict[str, str]) -> dict[str, str]:
        unknown = sorted(field for field in comments if not _can_be_a_field(field))
        if unknown:
            raise serializers.ValidationError({unknown[0]: ["There is no such field."]}, code="unknown_field")
        return comments


def _can_be_a_field(name: str) -> bool:
    """Of any programme; those of the one at hand the service knows."""
    return name in ANSWERS or name.startswith((PREFIX, document_field("")))


class DeclineSerializer(StageSerializer):
    stage = serializers.ChoiceField(choices=Stage.choices)
    reason = serializers.CharField(max_length=4000)


class ApproveSerializer(DecisionSerializer):
    amount_cny = serializers.DecimalField(**AMOUNT)
    message = serializers.CharField(max_length=4000, allow_blank=True, default="")


class InstalmentSerializer(serializers.ModelSerializer):
    """A payment of an award: what is planned, and what the treasury paid."""

    paid_on = serializers.DateField(source="payment.paid_on", default=None, read_only=True, allow_null=True)
    reference = serializers.CharField(source="payment.reference", default=None, read_only=True, allow_null=True)

    class Meta:
        model = Instalment
        fields = (
            *("id", "number", "award", "place", "percent", "amount_cny", "condition_en", "condition_zh", "state"),
            *("paid_on", "reference"),
        )
        read_only_fields = fields


class AwardSerializer(serializers.ModelSerializer):
    """What an approved application is to be paid."""

    number = serializers.CharField(source="application.number", read_only=True)
    project_title = serializers.CharField(source="application.project_title", read_only=True)
    enterprise_name_en = serializers.CharField(source="enterprise.name_en", read_only=True)
    enterprise_name_zh = serializers.CharField(source="enterprise.name_zh", read_only=True)
    notice = serializers.CharField(source="notice_line.notice.number", default=None, read_only=True, allow_null=True)
    payments = InstalmentSerializer(source="instalments", many=True, read_only=True)

    class Meta:
        model = Award
        fields = (
            *("id", "application", "number", "project_title", "enterprise", "enterprise_name_en", "enterprise_name_zh"),
            *("amount_cny", "state", "opened_at", "stands_at", "ended_at", "notice", "payments"),
        )
        read_only_fields = fields


class NoticeLineSerializer(serializers.ModelSerializer):
    class Meta:
        model = NoticeLine
        fields = ("number", "enterprise_name_en", "enterprise_name_zh", "project_title", "amount_cny")
        read_only_fields = fields


class NoticeSerializer(serializers.ModelSerializer):
    """A public notice with its lines."""

    programme = serializers.CharField(source="programme_version.code", read_only=True)
    lines = NoticeLineSerializer(many=True, read_only=True)

    class Meta:
        model = Notice
        fields = (
            "id",
            "number",
            "programme",
            "title_en",
            "title_zh",
            "working_days",
            "published_at",
            "ends_at",
            "lines",
        )
        read_only_fields = fields
