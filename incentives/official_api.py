"""The API of officials beyond single cases: stages, panels, the ranking of a meeting, the dashboard."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from incentives import official_serializers as shapes
from incentives import permissions, queries, services
from incentives.models import PanelSeat, ProgrammeVersion
from incentives.queries.dashboard import Asked, burn, outcomes, programmes_told, stage_times
from lib.parsing import ShallowJSONParser
from lib.periods import local_day
from parks.access import Access, Door
from parks.api import ActingViewSet


class AskingViewSet(ActingViewSet):
    """Views that are asked by their query."""

    parser_classes = (ShallowJSONParser,)

    def asked(self, serializer_class: Any) -> dict[str, Any]:
        """The query of the request, in the right types."""
        query = serializer_class(data=self.request.query_params)
        query.is_valid(raise_exception=True)
        values: dict[str, Any] = query.validated_data
        return values


@extend_schema(tags=["Programmes"])
class StageViews(ActingViewSet):
    """What is done to applications, as officials read it."""

    access = Access(Door.ACTING, permissions.can_see_programmes)
    serializer_class = shapes.StagesSerializer
    queryset = ProgrammeVersion.objects.none()

    @extend_schema(operation_id="programmes_stages")
    def retrieve(self, request: Request, programme_version_id: UUID) -> Response:
        """The stages of a version in their order, and the criteria of its experts."""
        versions = ProgrammeVersion.objects.of_park(self.actor.park_id)
        return Response(self.get_serializer(get_object_or_404(versions, pk=programme_version_id)).data)


@extend_schema(tags=["Expert panel"])
class OwnSeatViews(ListModelMixin, AskingViewSet):
    """An expert's own seats, without a word about whose projects they are."""

    access = Access(Door.ACTING, permissions.can_score)
    serializer_class = shapes.OwnSeatSerializer
    queryset = PanelSeat.objects.none()

    def get_queryset(self) -> Any:
        return queries.own_seats(self.actor)

    def one(self, seat_id: UUID) -> PanelSeat:
        seat: PanelSeat = get_object_or_404(self.get_queryset().filter(left_at=None), pk=seat_id)
        return seat

    def shown(self, seat_id: UUID) -> Response:
        return Response(shapes.OwnSeatDetailSerializer(self.one(seat_id)).data)

    @extend_schema(operation_id="seats_retrieve", responses=shapes.OwnSeatDetailSerializer)
    def retrieve(self, request: Request, seat_id: UUID) -> Response:
        """One seat with what is to be scored. A seat that was given up is not found."""
        return self.shown(seat_id)

    @extend_schema(operation_id="seats_save", request=shapes.ScoresSerializer, responses=shapes.OwnSeatDetailSerializer)
    def partial_update(self, request: Request, seat_id: UUID) -> Response:
        """Keep a draft of the scores."""
        seat = self.one(seat_id)
        services.save_scores(self.actor, seat, **self.given(shapes.ScoresSerializer))
        return self.shown(seat_id)

    @extend_schema(operation_id="seats_send", request=shapes.ScoresSerializer, responses=shapes.OwnSeatDetailSerializer)
    def send(self, request: Request, seat_id: UUID) -> Response:
        """Send the scores for good: one for every criterion."""
        seat = self.one(seat_id)
        services.send_scores(self.actor, seat, **self.given(shapes.ScoresSerializer), now=timezone.now())
        return self.shown(seat_id)


@extend_schema(tags=["Review"])
class PanelViews(ActingViewSet):
    """The expert panel of a filed application, as officials read it."""

    access = Access(Door.ACTING, permissions.can_open_queue)
    serializer_class = shapes.PanelSerializer
    queryset = PanelSeat.objects.none()

    @extend_schema(operation_id="cases_panel")
    def retrieve(self, request: Request, application_id: UUID) -> Response:
        """Who sits on it and what they scored. 404 where the programme asks for no panel."""
        panel = queries.panel_of(get_object_or_404(queries.applications(self.actor), pk=application_id))
        if panel is None:
            raise NotFound
        return Response(shapes.PanelSerializer(panel, context={"has_ended": panel.result is not None}).data)


@extend_schema(tags=["Review"])
class MeetingViews(AskingViewSet):
    """The decision meeting of a programme."""

    access = Access(Door.ACTING, permissions.can_open_queue)
    serializer_class = shapes.MeetingSerializer
    queryset = ProgrammeVersion.objects.none()

    @extend_schema(operation_id="programmes_meeting", parameters=[shapes.MeetingQuery])
    def retrieve(self, request: Request, programme_version_id: UUID) -> Response:
        """What awaits a decision under any version of the programme, ranked, and how far a budget reaches."""
        versions = ProgrammeVersion.objects.of_park(self.actor.park_id).select_related("programme")
        programme = get_object_or_404(versions, pk=programme_version_id).programme
        asked = self.asked(shapes.MeetingQuery)
        order = queries.Order(asked.get("order") or queries.usual_order(programme))
        budget = asked.get("budget_cny", programme.left_cny)
        rows = queries.ranked(self.actor, programme, order)
        reach = queries.reach_of(rows, budget)
        pages = Paginator(rows, services.MOST_TOGETHER)
        told = {
            "order": order.value,
            "budget_cny": budget,
            "count": reach.count,
            "asked_cny": reach.asked_cny,
            "reached": reach.reached,
            "spent_cny": reach.spent_cny,
            "pages": pages.num_pages,
            "lines": list(pages.page(asked["page"])) if asked["page"] <= pages.num_pages else [],
        }
        return Response(shapes.MeetingSerializer(told).data)


@extend_schema(tags=["Review"])
class DashboardViews(AskingViewSet):
    """The figures of the officials' dashboard."""

    access = Access(Door.ACTING, permissions.can_open_queue)
    serializer_class = shapes.DashboardSerializer
    queryset = ProgrammeVersion.objects.none()

    @extend_schema(operation_id="dashboard", parameters=[shapes.DashboardQuery])
    def retrieve(self, request: Request) -> Response:
        """How far what was filed in a year has come, how long stages take, and what the budget of the year did."""
        given = self.asked(shapes.DashboardQuery)
        zone, now = self.request.park.time_zone, timezone.now()
        asked = Asked(given.get("year") or local_day(now, zone).year, zone, self._programme(given.get("programme")))
        funnel, sectors = outcomes(self.actor, asked)
        months, spent = burn(self.actor, asked)
        told = {
            "year": asked.year,
            "funnel": funnel,
            "stages": stage_times(self.actor, asked, now),
            "months": months,
            "programmes": spent,
            "sectors": sectors,
        }
        return Response(shapes.DashboardSerializer(told).data)

    def _programme(self, code: str | None) -> UUID | None:
        if code is None:
            return None
        found = next((row.pk for row in programmes_told(self.actor) if row.code == code), None)
        if found is None:
            raise NotFound
        return found
