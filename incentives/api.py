"""The API of programmes and applications: the same acts as the pages, by the same services."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.mixins import ListModelMixin
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from incentives import permissions, queries, serializers, services
from incentives.choices import ApplicationState, InstalmentState
from incentives.form_fields import PREFIX
from incentives.models import Application, Award, Instalment, Notice, ProgrammeVersion, Review
from lib.downloads import attachment_response
from lib.file_types import FILE_TYPES
from lib.parsing import ShallowJSONParser
from lib.periods import local_day
from parks.access import Access, Door
from parks.api import ActingViewSet

STATE = OpenApiParameter("state", enum=ApplicationState.values, description="Only applications in this state.")

PAYMENT_STATE = OpenApiParameter("state", enum=InstalmentState.values, description="Only payments in this state.")


class ApplicationViewSet(ActingViewSet):
    """Views of applications as an actor sees them."""

    def one(self, application_id: UUID) -> Application:
        return get_object_or_404(queries.application_page(self.actor), pk=application_id)

    def shown(self, application: Application, code: int = status.HTTP_200_OK) -> Response:
        """The application as it is now, read anew."""
        fresh = self.one(application.pk)
        return Response(serializers.ApplicationDetailSerializer(fresh).data, status=code)


def by_state(request: Request, rows: Any) -> Any:
    wanted = request.query_params.get("state")
    if wanted is None:
        return rows
    if wanted not in ApplicationState.values:
        raise ValidationError({"state": ["There is no such state."]}, code="unknown_state")
    return rows.filter(state=wanted)


@extend_schema(tags=["Programmes"])
class ProgrammeViews(ListModelMixin, ActingViewSet):
    """Programmes as they are published now."""

    access = Access(Door.ACTING, permissions.can_see_offers)
    serializer_class = serializers.ProgrammeSerializer
    queryset = ProgrammeVersion.objects.none()

    def get_queryset(self) -> Any:
        return ProgrammeVersion.objects.of_park(self.actor.park_id).current()

    def get_serializer_context(self) -> dict[str, Any]:
        park = getattr(self.request, "park", None)
        today = local_day(timezone.now(), park.time_zone) if park else None
        return {**super().get_serializer_context(), "today": today}

    @extend_schema(operation_id="programmes_retrieve")
    def retrieve(self, request: Request, programme_version_id: UUID) -> Response:
        """One programme as it was published."""
        version = get_object_or_404(self.get_queryset(), pk=programme_version_id)
        return Response(self.get_serializer(version).data)


@extend_schema(tags=["Applications"])
@extend_schema_view(list=extend_schema(parameters=[STATE]))
class ApplicationViews(ListModelMixin, ApplicationViewSet):
    """The applications of the enterprise that the key belongs to."""

    access = Access(Door.ACTING, permissions.can_open_applications)
    needs: ClassVar = {
        "create": permissions.can_apply,
        "partial_update": permissions.can_apply,
        "withdraw": permissions.can_apply,
        "restart": permissions.can_apply,
        "submit": permissions.can_sign,
    }
    serializer_class = serializers.ApplicationSerializer
    queryset = Application.objects.none()
    parser_classes = (ShallowJSONParser,)

    def get_queryset(self) -> Any:
        return by_state(self.request, queries.applications(self.actor))

    @extend_schema(
        request=serializers.StartSerializer,
        responses={
            200: OpenApiResponse(serializers.ApplicationDetailSerializer, "The draft that was open already."),
            201: OpenApiResponse(serializers.ApplicationDetailSerializer, "A new draft."),
        },
    )
    def create(self, request: Request) -> Response:
        """Start an application. Safe to repeat: an enterprise has one open draft per programme version."""
        asked = self.given(serializers.StartSerializer)
        versions = ProgrammeVersion.objects.of_park(self.actor.park_id)
        now = timezone.now()
        application = services.start_application(
            self.actor, get_object_or_404(versions, pk=asked["programme_version"]), now=now
        )
        is_new = application.started_at == now
        return self.shown(application, status.HTTP_201_CREATED if is_new else status.HTTP_200_OK)

    @extend_schema(responses=serializers.ApplicationDetailSerializer)
    def retrieve(self, request: Request, application_id: UUID) -> Response:
        """One application with its answers, documents and timeline."""
        return self.shown(self.one(application_id))

    @extend_schema(request=serializers.AnswersSerializer, responses=serializers.ApplicationDetailSerializer)
    def partial_update(self, request: Request, application_id: UUID) -> Response:
        """Keep answers. 409 `changed_meanwhile` when `revision` is not the present one."""
        application = self.one(application_id)
        answers = self.given(serializers.AnswersSerializer)
        revision = answers.pop("revision")
        own = answers.pop("form_answers", {})
        answers |= {f"{PREFIX}{key}": value for key, value in own.items()}
        saved = services.save_application(
            self.actor, application, answers=answers, expected_revision=revision, now=timezone.now()
        )
        return self.shown(saved)

    @extend_schema(responses=serializers.CheckSerializer)
    def check(self, request: Request, application_id: UUID) -> Response:
        """What is missing, and the amount that the application would ask for."""
        application = self.one(application_id)
        today = local_day(timezone.now(), self.request.park.time_zone)
        found = {
            "revision": application.revision,
            "missing": services.check_application(application, today),
            "rules": services.rules_of(application, today),
            "estimate": services.estimate_application(application, today),
        }
        return Response(serializers.CheckSerializer(found).data)

    @extend_schema(request=serializers.SubmitSerializer, responses=serializers.ApplicationDetailSerializer)
    def submit(self, request: Request, application_id: UUID) -> Response:
        """Sign and file. Safe to repeat with the same `revision`: the answer is the same receipt.

        Only in a session in which the certifier gave their password, passkey or code at most ten minutes ago. With a
        key 409 `identity_not_confirmed`: prepare the application here, and let the certifier sign it in the portal.
        """
        application = self.one(application_id)
        if not permissions.can_sign_now(request):
            raise services.NotConfirmed(_("A signature needs a password or passkey of just now: sign in the portal."))
        signed = self.given(serializers.SubmitSerializer)
        filed = services.submit_application(
            self.actor,
            application,
            expected_revision=signed["revision"],
            statement_accepted=signed["statement_accepted"],
            now=timezone.now(),
        )
        return self.shown(filed)

    @extend_schema(request=serializers.WithdrawSerializer, responses=serializers.ApplicationDetailSerializer)
    def withdraw(self, request: Request, application_id: UUID) -> Response:
        """Withdraw an application for good. A draft needs no reason."""
        application = self.one(application_id)
        reason = self.given(serializers.WithdrawSerializer)["reason"]
        return self.shown(services.withdraw_application(self.actor, application, reason=reason, now=timezone.now()))

    @extend_schema(request=None, responses={201: serializers.ApplicationDetailSerializer})
    def restart(self, request: Request, application_id: UUID) -> Response:
        """Go on under the current version of the programme, with the answers and documents of a draft."""
        fresh = services.restart_application(self.actor, self.one(application_id), now=timezone.now())
        return self.shown(fresh, status.HTTP_201_CREATED)


@extend_schema(tags=["Documents"])
class DocumentViews(ApplicationViewSet):
    """Files of applications: the enterprise attaches and removes them, officials read those of filed ones."""

    access = Access(Door.ACTING, permissions.can_open_cases)
    needs: ClassVar = {"attach": permissions.can_apply, "destroy": permissions.can_apply}
    serializer_class = serializers.DocumentSerializer
    parser_classes = (MultiPartParser,)

    @extend_schema(
        request=serializers.UploadSerializer,
        responses={201: serializers.AttachedSerializer},
        operation_id="documents_attach",
    )
    def attach(self, request: Request, application_id: UUID) -> Response:
        """Attach a PDF, PNG, JPEG, XLSX or DOCX, told by its content; the same file twice is refused."""
        application = self.one(application_id)
        given = self.given(serializers.UploadSerializer)
        document = services.attach_document(
            self.actor, application, kind=given["kind"], upload=given["upload"], now=timezone.now()
        )
        revision = self.one(application_id).revision
        answer = serializers.AttachedSerializer({"document": document, "revision": revision})
        return Response(answer.data, status=status.HTTP_201_CREATED)

    @extend_schema(responses={204: None}, request=None)
    def destroy(self, request: Request, document_id: UUID) -> Response:
        """Remove a document from a draft or a returned application."""
        document = get_object_or_404(queries.documents(self.actor), pk=document_id)
        services.remove_document(self.actor, document, now=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(responses={(200, kind.content_type): OpenApiTypes.BINARY for kind in FILE_TYPES})
    def content(self, request: Request, document_id: UUID) -> HttpResponse:
        """The file itself, with the type that was told from its content."""
        document = get_object_or_404(queries.documents(self.actor), pk=document_id)
        content = services.read_document(self.actor, document)
        return attachment_response(content, document.name, document.content_type)


@extend_schema(tags=["Review"])
@extend_schema_view(list=extend_schema(parameters=[STATE]))
class CaseViews(ListModelMixin, ApplicationViewSet):
    """Filed applications as officials see them, and their decisions."""

    access = Access(Door.ACTING, permissions.can_open_queue)
    needs: ClassVar = {
        "accept": permissions.can_decide_somewhere,
        "give_back": permissions.can_decide_somewhere,
        "approve": permissions.can_decide_somewhere,
        "decline": permissions.can_decide_somewhere,
    }
    serializer_class = serializers.ApplicationSerializer
    queryset = Application.objects.none()
    parser_classes = (ShallowJSONParser,)

    def get_queryset(self) -> Any:
        return by_state(self.request, queries.applications(self.actor))

    @extend_schema(responses=serializers.ApplicationDetailSerializer)
    def retrieve(self, request: Request, application_id: UUID) -> Response:
        """One filed application as officials see it."""
        return self.shown(self.one(application_id))

    @extend_schema(responses=serializers.ReviewSerializer(many=True), operation_id="cases_reviews")
    def reviews(self, request: Request, application_id: UUID) -> Response:
        """What officials decided so far, with their notes to the file."""
        reviews = Review.objects.filter(application=self.one(application_id))
        return Response(serializers.ReviewSerializer(reviews, many=True).data)

    @extend_schema(request=serializers.AcceptSerializer, responses=serializers.ApplicationDetailSerializer)
    def accept(self, request: Request, application_id: UUID) -> Response:
        """Find an application complete. `expected_round` is the round that was read: another one is refused."""
        return self._decide(services.accept_application, application_id, serializers.AcceptSerializer)

    @extend_schema(
        request=serializers.ReturnSerializer,
        responses=serializers.ApplicationDetailSerializer,
        operation_id="cases_return",
    )
    def give_back(self, request: Request, application_id: UUID) -> Response:
        """Ask for corrections, all at once: `comments` by field, for example `{"saving_tce": "…"}`."""
        return self._decide(services.return_application, application_id, serializers.ReturnSerializer)

    @extend_schema(request=serializers.DeclineSerializer, responses=serializers.ApplicationDetailSerializer)
    def decline(self, request: Request, application_id: UUID) -> Response:
        """Turn an application down for good, with a reason that the enterprise reads."""
        return self._decide(services.decline_application, application_id, serializers.DeclineSerializer)

    @extend_schema(request=serializers.ApproveSerializer, responses=serializers.ApplicationDetailSerializer)
    def approve(self, request: Request, application_id: UUID) -> Response:
        """Grant an amount. 409 `budget_exceeded`, `cap_exceeded` or `not_allowed` (four eyes)."""
        return self._decide(services.approve_application, application_id, serializers.ApproveSerializer)

    def _decide(
        self, act: Callable[..., Application], application_id: UUID, serializer_class: type[BaseSerializer[Any]]
    ) -> Response:
        now: datetime = timezone.now()
        application = self.one(application_id)
        return self.shown(act(self.actor, application, **self.given(serializer_class), now=now))


@extend_schema(tags=["Awards"])
class AwardViews(ListModelMixin, ActingViewSet):
    """Awards: those of the own enterprise for its people, every one of the park for officials who read applications."""

    access = Access(Door.ACTING, permissions.can_open_cases)
    serializer_class = serializers.AwardSerializer
    queryset = Award.objects.none()

    def get_queryset(self) -> Any:
        return queries.awards_with_payments(self.actor)

    @extend_schema(operation_id="awards_retrieve")
    def retrieve(self, request: Request, award_id: UUID) -> Response:
        """One award with its payments."""
        return Response(self.get_serializer(get_object_or_404(self.get_queryset(), pk=award_id)).data)


@extend_schema(tags=["Awards"])
@extend_schema_view(list=extend_schema(parameters=[PAYMENT_STATE]))
class PaymentViews(ListModelMixin, ActingViewSet):
    """Payments of awards, planned, due and paid; the same rules as for awards."""

    access = Access(Door.ACTING, permissions.can_open_cases)
    serializer_class = serializers.InstalmentSerializer
    queryset = Instalment.objects.none()

    def get_queryset(self) -> Any:
        rows = queries.instalments_seen_by(self.actor).order_by("number")
        wanted = self.request.query_params.get("state")
        if wanted is None:
            return rows
        if wanted not in InstalmentState.values:
            raise ValidationError({"state": ["There is no such state."]}, code="unknown_state")
        return rows.filter(state=wanted)


@extend_schema(tags=["Awards"])
class NoticeViews(ListModelMixin, ActingViewSet):
    """Public notices of the park: what everybody may read."""

    access = Access(Door.ACTING, permissions.can_see_offers)
    serializer_class = serializers.NoticeSerializer
    queryset = Notice.objects.none()

    def get_queryset(self) -> Any:
        notices = queries.public_notices(self.request.park).order_by("-published_at", "id")
        return notices.select_related("programme_version").prefetch_related("lines")
