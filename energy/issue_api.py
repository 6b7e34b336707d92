"""The API of doubtful readings: the list of work and the decisions, by the rules of the pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from energy.choices import ActKind, IssueState
from energy.models import WAITING_ISSUES, ReadingAct, ReadingIssue
from energy.permissions import can_correct, can_read_energy
from energy.queries import issues as queries
from energy.services import quality
from parks.access import Access, Door
from parks.api import ActingViewSet, Predicate

STATE = OpenApiParameter(
    "state", OpenApiTypes.STR, enum=[*IssueState.values, "all"], description="Without it: what waits."
)


class ReadingActSerializer(serializers.ModelSerializer):
    """A decision; of estimates and edits what stood in its intervals before and since. `undone_at`: it was undone."""

    kind = serializers.ChoiceField(choices=ActKind.choices, read_only=True)

    class Meta:
        model = ReadingAct
        fields = (
            "id",
            "kind",
            "reason",
            "methods",
            "places",
            "before",
            "before_flags",
            "after",
            "by_name",
            "at",
            "undone_by_name",
            "undone_at",
        )
        read_only_fields = fields


class ReadingIssueSerializer(serializers.ModelSerializer):
    """What a rule found on a day of a channel. `places`: the intervals of the day, from 0."""

    meter = serializers.UUIDField(source="channel.meter_id", read_only=True)

    class Meta:
        model = ReadingIssue
        fields = (
            "id",
            "meter",
            "channel",
            "enterprise",
            "day",
            "rule",
            "severity",
            "state",
            "places",
            "round",
            "due_on",
            "found_at",
            "changed_at",
        )
        read_only_fields = fields


class IssueDetailSerializer(ReadingIssueSerializer):
    acts = serializers.SerializerMethodField()

    class Meta(ReadingIssueSerializer.Meta):
        fields = (*ReadingIssueSerializer.Meta.fields, "acts")  # type: ignore[assignment]
        read_only_fields = fields  # type: ignore[assignment]

    @extend_schema_field(ReadingActSerializer(many=True))
    def get_acts(self, issue: ReadingIssue) -> Any:
        return ReadingActSerializer(queries.acts_of(issue), many=True).data


class DecisionSerializer(serializers.Serializer):
    expected_round = serializers.IntegerField(help_text="The round that was read: another one is refused with 409.")
    reason = serializers.CharField(max_length=1000)


class RemarkSerializer(DecisionSerializer):
    reason = serializers.CharField(max_length=1000, required=False, allow_blank=True, default="")


class EstimateSerializer(RemarkSerializer):
    total = serializers.FloatField(
        required=False, allow_null=True, default=None, min_value=0, help_text="A known sum of these intervals."
    )


class EditSerializer(DecisionSerializer):
    values = serializers.DictField(
        child=serializers.FloatField(), help_text='Of each interval by its place in the day: `{"40": 12.5}`.'
    )

    def validate_values(self, given: dict[str, float]) -> dict[int, float]:
        if not all(place.isdecimal() and len(place) <= 4 for place in given):
            raise serializers.ValidationError("Name intervals by their places in the day.")
        return {int(place): value for place, value in given.items()}


class UndoSerializer(serializers.Serializer):
    expected_round = serializers.IntegerField()


@extend_schema(tags=["Metering"])
class ReadingIssueViews(ListModelMixin, ActingViewSet):
    """Days of meters on which readings are missing or cannot be right. The park's energy manager decides them."""

    access = Access(Door.ACTING, can_read_energy)
    serializer_class = ReadingIssueSerializer
    queryset = ReadingIssue.objects.none()
    needs: ClassVar[dict[str, Predicate]] = dict.fromkeys(("accept", "estimate", "edit", "ask"), can_correct)

    def get_queryset(self) -> Any:
        rows = queries.issues(self.actor).order_by("-day", "-id")
        state = self.request.query_params.get("state", "")
        if state == "all":
            return rows
        if state and state not in IssueState.values:
            raise ValidationError({"state": ["There is no such state."]}, code="unknown_state")
        return rows.filter(state=state) if state else rows.filter(state__in=WAITING_ISSUES)

    @extend_schema(operation_id="reading_issues_list", parameters=[STATE])
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @extend_schema(responses=IssueDetailSerializer)
    def retrieve(self, request: Request, reading_issue_id: UUID) -> Response:
        """One issue with what was decided of it."""
        return self._shown(self._one(reading_issue_id))

    @extend_schema(request=DecisionSerializer, responses=IssueDetailSerializer)
    def accept(self, request: Request, reading_issue_id: UUID) -> Response:
        """The readings are right as they are."""
        return self._decide(quality.accept_issue, reading_issue_id, DecisionSerializer)

    @extend_schema(request=RemarkSerializer, responses=IssueDetailSerializer)
    def ask(self, request: Request, reading_issue_id: UUID) -> Response:
        """Ask for the readings again, within three working days."""
        return self._decide(quality.ask_again, reading_issue_id, RemarkSerializer)

    @extend_schema(request=EstimateSerializer, responses=IssueDetailSerializer)
    def estimate(self, request: Request, reading_issue_id: UUID) -> Response:
        """Put estimates in, marked so; what was there is kept. 409 `no_estimate` where nothing near the day tells."""
        return self._decide(quality.estimate_issue, reading_issue_id, EstimateSerializer)

    @extend_schema(request=EditSerializer, responses=IssueDetailSerializer)
    def edit(self, request: Request, reading_issue_id: UUID) -> Response:
        """Write values by hand; what was there is kept."""
        return self._decide(quality.edit_issue, reading_issue_id, EditSerializer)

    def _one(self, reading_issue_id: UUID) -> ReadingIssue:
        return get_object_or_404(queries.issues(self.actor), pk=reading_issue_id)

    def _shown(self, issue: ReadingIssue) -> Response:
        return Response(IssueDetailSerializer(issue).data)

    def _decide(
        self,
        service: Callable[..., ReadingIssue],
        reading_issue_id: UUID,
        serializer_class: type[serializers.BaseSerializer[Any]],
    ) -> Response:
        issue = self._one(reading_issue_id)
        given = self.given(serializer_class)
        service(self.actor, issue, now=timezone.now(), **given)
        return self._shown(self._one(reading_issue_id))


@extend_schema(tags=["Metering"])
class ReadingActViews(ActingViewSet):
    """What was decided of issues."""

    access = Access(Door.ACTING, can_read_energy)
    serializer_class = ReadingActSerializer
    queryset = ReadingAct.objects.none()
    needs: ClassVar[dict[str, Predicate]] = {"undo": can_correct}

    @extend_schema(operation_id="reading_acts_undo", request=UndoSerializer, responses=IssueDetailSerializer)
    def undo(self, request: Request, reading_act_id: UUID) -> Response:
        """Put back what stood there before, as far as no file has brought something newer."""
        act = get_object_or_404(queries.one_act(self.actor), pk=reading_act_id)
        quality.undo_act(self.actor, act, now=timezone.now(), **self.given(UndoSerializer))
        return Response(IssueDetailSerializer(get_object_or_404(queries.issues(self.actor), pk=act.issue_id)).data)
