"""What the API tells officials beyond single cases: stages, panels, the ranking of a meeting, the dashboard."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from incentives.choices import Stage
from incentives.models import Application, PanelSeat, ProgrammeVersion
from incentives.queries import Order, Standing, masked
from incentives.queries.dashboard import Reached
from parks.choices import Role

AMOUNT: dict[str, Any] = {"max_digits": 20, "decimal_places": 2}


class AskedStageSerializer(serializers.Serializer):
    """A stage in its order; it applies to amounts above `above_cny`, where that is given."""

    stage = serializers.ChoiceField(choices=Stage.choices)
    role = serializers.ChoiceField(choices=Role.choices)
    approvals = serializers.IntegerField()
    working_days = serializers.IntegerField()
    above_cny = serializers.DecimalField(allow_null=True, **AMOUNT)


class CriterionSerializer(serializers.Serializer):
    name_en = serializers.CharField()
    name_zh = serializers.CharField()
    weight = serializers.IntegerField()
    most = serializers.IntegerField()


class StagesSerializer(serializers.ModelSerializer):
    """What is done to an application under this version, and by what experts score."""

    stages = AskedStageSerializer(many=True)
    criteria = CriterionSerializer(many=True)

    class Meta:
        model = ProgrammeVersion
        fields = ("id", "code", "number", "stages", "criteria", "panel_document_kinds")
        read_only_fields = fields


class OwnSeatSerializer(serializers.ModelSerializer):
    """An expert's own seat. It says nothing of whose project it is, and nothing of the project once it was given up."""

    reference = serializers.CharField(read_only=True)
    standing = serializers.ChoiceField(choices=[one.value for one in Standing], read_only=True)
    programme = serializers.CharField(source="application.programme_version.code", read_only=True)
    project_title = serializers.SerializerMethodField()
    due_at = serializers.SerializerMethodField()

    class Meta:
        model = PanelSeat
        fields = ("id", "reference", "standing", "programme", "project_title", "assigned_at", "due_at", "scored_at")
        read_only_fields = fields

    def get_project_title(self, seat: PanelSeat) -> str:
        return "" if seat.left_at is not None else masked(seat.application.project_title, seat)

    def get_due_at(self, seat: Any) -> str | None:
        due = seat.application.due_at if seat.standing == Standing.WAITING else None
        return None if due is None else due.isoformat()


class OwnSeatDetailSerializer(OwnSeatSerializer):
    """The same with what is scored. `scores` follow `criteria`; null where nothing is given yet."""

    project_summary = serializers.SerializerMethodField()
    completed_on = serializers.DateField(source="application.completed_on", read_only=True)
    saving_tce = serializers.DecimalField(
        source="application.saving_tce", max_digits=12, decimal_places=3, read_only=True
    )
    investment_cny = serializers.DecimalField(source="application.investment_cny", read_only=True, **AMOUNT)
    requested_cny = serializers.DecimalField(source="application.requested_cny", read_only=True, **AMOUNT)
    criteria = CriterionSerializer(source="application.programme_version.criteria", many=True, read_only=True)
    scores = serializers.ListField(child=serializers.CharField(allow_null=True), read_only=True)

    class Meta:
        model = PanelSeat
        fields = (
            *OwnSeatSerializer.Meta.fields,
            "project_summary",
            "completed_on",
            "saving_tce",
            "investment_cny",
            "requested_cny",
            "criteria",
            "scores",
            "comment",
        )
        read_only_fields = fields

    def get_project_summary(self, seat: PanelSeat) -> str:
        return masked(seat.application.project_summary, seat)


class ScoresSerializer(serializers.Serializer):
    """One score for each criterion, in their order; a draft may leave some null."""

    scores = serializers.ListField(
        child=serializers.DecimalField(max_digits=4, decimal_places=1, allow_null=True), max_length=60
    )
    comment = serializers.CharField(max_length=4000, allow_blank=True, default="")


class SeatSerializer(serializers.ModelSerializer):
    """A seat as officials see it: comments are told once the panel has ended."""

    comment = serializers.SerializerMethodField()

    class Meta:
        model = PanelSeat
        fields = ("id", "expert_name", "round", "assigned_at", "scored_at", "left_at", "conflict", "comment")
        read_only_fields = fields

    def get_comment(self, seat: PanelSeat) -> str:
        return seat.comment if self.context["has_ended"] else ""


class CriterionScoreSerializer(serializers.Serializer):
    mean = serializers.DecimalField(**AMOUNT)
    lowest = serializers.DecimalField(max_digits=4, decimal_places=1)
    highest = serializers.DecimalField(max_digits=4, decimal_places=1)


class PanelResultSerializer(serializers.Serializer):
    """By criterion, and the weighted mean out of 100."""

    criteria = CriterionScoreSerializer(many=True)
    total = serializers.DecimalField(max_digits=5, decimal_places=2)


class PanelSerializer(serializers.Serializer):
    """The panel of an application; `result` is null until all who are wanted have scored."""

    wanted = serializers.IntegerField()
    scored = serializers.IntegerField()
    seats = SeatSerializer(many=True)
    left = SeatSerializer(many=True)
    result = PanelResultSerializer(allow_null=True)


class MeetingQuery(serializers.Serializer):
    order = serializers.ChoiceField(choices=[one.value for one in Order], required=False)
    budget_cny = serializers.DecimalField(
        min_value=0, required=False, max_digits=14, decimal_places=2, help_text="A supposed budget; nothing is changed."
    )
    page = serializers.IntegerField(min_value=1, max_value=100_000, default=1)


class RankedSerializer(serializers.ModelSerializer):
    """A line of the ranking; `sum_cny` is what all down to it would cost."""

    place = serializers.IntegerField()
    enterprise_name_en = serializers.CharField(source="enterprise.name_en")
    enterprise_name_zh = serializers.CharField(source="enterprise.name_zh")
    score = serializers.DecimalField(max_digits=5, decimal_places=2, allow_null=True)
    yuan_per_tce = serializers.DecimalField(allow_null=True, **AMOUNT)
    amount_cny = serializers.DecimalField(**AMOUNT)
    sum_cny = serializers.DecimalField(**AMOUNT)
    approvals = serializers.IntegerField()

    class Meta:
        model = Application
        fields = (
            "place",
            "id",
            "number",
            "round",
            "enterprise_name_en",
            "enterprise_name_zh",
            "score",
            "yuan_per_tce",
            "amount_cny",
            "sum_cny",
            "approvals",
        )
        read_only_fields = fields


class MeetingSerializer(serializers.Serializer):
    """What awaits a decision, in pages of a hundred, and how far the budget reaches: to the first `reached` of it."""

    order = serializers.ChoiceField(choices=[one.value for one in Order])
    budget_cny = serializers.DecimalField(**AMOUNT)
    count = serializers.IntegerField()
    asked_cny = serializers.DecimalField(**AMOUNT)
    reached = serializers.IntegerField()
    spent_cny = serializers.DecimalField(**AMOUNT)
    pages = serializers.IntegerField()
    lines = RankedSerializer(many=True)


class DashboardQuery(serializers.Serializer):
    year = serializers.IntegerField(min_value=2000, max_value=2100, required=False)
    programme = serializers.CharField(max_length=12, required=False, help_text="The code of a programme; all without.")


class FunnelStepSerializer(serializers.Serializer):
    """`reached` is null for what was only started, of which nothing but the number is told."""

    reached = serializers.ChoiceField(choices=[one.value for one in Reached], allow_null=True)
    count = serializers.IntegerField()
    amount_cny = serializers.DecimalField(allow_null=True, **AMOUNT)


class StageTimeSerializer(serializers.Serializer):
    """Working days: the fewest and most that programmes give, the median, and within how many nine of ten were done."""

    stage = serializers.ChoiceField(choices=Stage.choices)
    asked_days = serializers.ListField(child=serializers.IntegerField(), allow_null=True)
    left = serializers.IntegerField()
    median_days = serializers.IntegerField(allow_null=True)
    long_days = serializers.IntegerField(allow_null=True)
    waiting = serializers.IntegerField()
    overdue = serializers.IntegerField()


class MonthSerializer(serializers.Serializer):
    first = serializers.DateField()
    granted_cny = serializers.DecimalField(**AMOUNT)
    paid_cny = serializers.DecimalField(**AMOUNT)
    granted_sum_cny = serializers.DecimalField(**AMOUNT)
    paid_sum_cny = serializers.DecimalField(**AMOUNT)


class SpentSerializer(serializers.Serializer):
    programme_id = serializers.UUIDField()
    appropriated_cny = serializers.DecimalField(**AMOUNT)
    granted_cny = serializers.DecimalField(**AMOUNT)
    paid_cny = serializers.DecimalField(**AMOUNT)


class SectorSerializer(serializers.Serializer):
    """A section of GB/T 4754 by its letter; empty where an enterprise has none."""

    code = serializers.CharField(allow_blank=True)
    filed = serializers.IntegerField()
    approved = serializers.IntegerField()
    declined = serializers.IntegerField()
    approved_cny = serializers.DecimalField(**AMOUNT)


class DashboardSerializer(serializers.Serializer):
    """The figures of the dashboard: what was filed in the year and its budget; what waits is told as of now."""

    year = serializers.IntegerField()
    funnel = FunnelStepSerializer(many=True)
    stages = StageTimeSerializer(many=True)
    months = MonthSerializer(many=True)
    programmes = SpentSerializer(many=True)
    sectors = SectorSerializer(many=True)
