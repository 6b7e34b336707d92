"""The API of the register: the same acts as the pages, by the same services and the same forms."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from django.forms import model_to_dict
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.mixins import ListModelMixin
from rest_framework.parsers import BaseParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from enterprises import industries, permissions, serializers, services
from enterprises.choices import ChangeRequestState, EnterpriseKind, EnterpriseStatus, LabelKind
from enterprises.filters.register import EnterpriseFilter
from enterprises.forms import EnterpriseForm
from enterprises.forms.company import ChangeRequestForm
from enterprises.models import VETTED, ChangeRequest, Enterprise, EnterprisePaper
from enterprises.queries import company as queries
from enterprises.queries.facets import NO, NOT_STATED, YES, current_labels
from enterprises.services.changes import request_change, withdraw_change
from enterprises.services.papers import attach_paper
from lib.parsing import ShallowJSONParser
from lib.periods import local_day
from parks.access import Access, Door
from parks.actors import Actor
from parks.api import ActingViewSet, refuse_errors

FILTERS = [
    OpenApiParameter("q", description="Words that occur in code, names or contact. For officials; others have one."),
    OpenApiParameter("status", enum=EnterpriseStatus.values, description="Only enterprises in this state."),
    OpenApiParameter("kind", enum=EnterpriseKind.values, description="Only enterprises of this type."),
    OpenApiParameter(
        "section",
        enum=[*(section.code for section in industries.sections()), NOT_STATED],
        description="Only enterprises of this section of GB/T 4754.",
    ),
    OpenApiParameter("label", enum=LabelKind.values, description="Only enterprises with this label, valid today."),
    OpenApiParameter("key_user", enum=[YES, NO], description="Whether it is a key energy user."),
    OpenApiParameter("owner", enum=[YES, NO], description="Whether somebody owns it here."),
]
STATE = OpenApiParameter("state", enum=ChangeRequestState.values, description="Only requests in this state.")
PAGING = frozenset({"cursor", "page_size", "format"})
JSON_ONLY: tuple[type[BaseParser], ...] = (ShallowJSONParser,)


def reads_register(actor: Actor) -> bool:
    """Officials read the register, people of an enterprise what it says of theirs."""
    return permissions.can_list_enterprises(actor) or permissions.works_in_enterprise(actor)


@extend_schema(tags=["Enterprises"])
@extend_schema_view(list=extend_schema(parameters=FILTERS))
class EnterpriseViews(ListModelMixin, ActingViewSet):
    """The register of the park for its officials; for people of an enterprise their own and no other."""

    access = Access(Door.ACTING, reads_register)
    needs: ClassVar = {"create": permissions.can_register_enterprise}
    serializer_class = serializers.EnterpriseSerializer
    queryset = Enterprise.objects.none()
    parser_classes = JSON_ONLY

    @property
    def today(self) -> date:
        return local_day(timezone.now(), self.request.park.time_zone)

    def get_queryset(self) -> Any:
        asked = self.request.query_params.copy()
        if self.actor.is_enterprise_person:
            asked.pop("q", None)
        rows = Enterprise.objects.visible_to(self.actor)
        _refuse_unknown(asked.keys() - EnterpriseFilter.base_filters.keys() - PAGING)
        narrowed = EnterpriseFilter(asked, queryset=rows, today=self.today, with_merged=True)
        refuse_errors(narrowed.form)
        return narrowed.qs

    def paginate_queryset(self, queryset: Any) -> Any:
        self.page = super().paginate_queryset(queryset)
        return self.page

    def get_serializer_context(self) -> dict[str, Any]:
        ids = [row.pk for row in getattr(self, "page", None) or []]
        labels = current_labels(ids, self.today) if ids else {}
        return {**super().get_serializer_context(), "labels": labels}

    @extend_schema(responses=serializers.EnterpriseDetailSerializer)
    def retrieve(self, request: Request, enterprise_id: UUID) -> Response:
        """One enterprise with all its facts, its sites and its labels."""
        return self.shown(self.one(enterprise_id))

    @extend_schema(request=serializers.FactsSerializer, responses={201: serializers.EnterpriseDetailSerializer})
    def create(self, request: Request) -> Response:
        """Enter an enterprise into the register.

        409 `credit_code_taken`, `credit_code_unconfirmed` or `founding_to_come`.
        """
        unsaid = model_to_dict(Enterprise(), services.FACTS)
        form = EnterpriseForm(_typed({**unsaid, **self.given(serializers.FactsSerializer)}))
        refuse_errors(form)
        enterprise = services.register_enterprise(
            self.actor,
            park=self.request.park,
            facts=form.facts(),
            is_code_confirmed=form.confirms_code,
            now=timezone.now(),
        )
        return self.shown(enterprise, status.HTTP_201_CREATED)

    def one(self, enterprise_id: UUID) -> Enterprise:
        return get_object_or_404(Enterprise.objects.visible_to(self.actor), pk=enterprise_id)

    def shown(self, enterprise: Enterprise, code: int = status.HTTP_200_OK) -> Response:
        enterprise.sites = list(queries.sites_of(enterprise))  # type: ignore[attr-defined]
        enterprise.given_labels = list(queries.labels_of(enterprise))  # type: ignore[attr-defined]
        context = {"labels": current_labels([enterprise.pk], self.today)}
        return Response(serializers.EnterpriseDetailSerializer(enterprise, context=context).data, status=code)


@extend_schema(tags=["Enterprises"])
@extend_schema_view(list=extend_schema(parameters=[STATE]))
class ChangeRequestViews(ListModelMixin, ActingViewSet):
    """What enterprises ask to have changed: all of the park for officials, their own for its people."""

    access = Access(Door.ACTING, reads_register)
    needs: ClassVar = dict.fromkeys(("create", "withdraw"), permissions.signs_for_enterprise)
    serializer_class = serializers.ChangeRequestSerializer
    queryset = ChangeRequest.objects.none()
    parser_classes = JSON_ONLY

    def get_queryset(self) -> Any:
        rows, wanted = queries.change_requests(self.actor), self.request.query_params.get("state")
        if wanted is None:
            return rows
        if wanted not in ChangeRequestState.values:
            raise ValidationError({"state": ["There is no such state."]}, code="unknown_state")
        return rows.filter(state=wanted)

    @extend_schema(operation_id="change_requests_retrieve")
    def retrieve(self, request: Request, change_request_id: UUID) -> Response:
        """One change request with each fact before and after."""
        return Response(self.get_serializer(self.one(change_request_id)).data)

    def one(self, change_request_id: UUID) -> ChangeRequest:
        return get_object_or_404(queries.change_requests(self.actor), pk=change_request_id)

    @extend_schema(request=serializers.AskedChangesSerializer, responses={201: serializers.ChangeRequestSerializer})
    def create(self, request: Request) -> Response:
        """Ask the park to change vetted facts of the own enterprise. 409 `change_request_open`, `nothing_to_change`."""
        enterprise = get_object_or_404(Enterprise.objects.visible_to(self.actor), pk=self.actor.enterprise_id)
        asked = self.given(serializers.AskedChangesSerializer)
        wanted = asked["changes"]
        today = {name: getattr(enterprise, name) for name in VETTED}
        typed = _typed({**today, **asked, **wanted, "document": asked["evidence"]})
        form = ChangeRequestForm(typed, papers=queries.papers_of(enterprise))
        refuse_errors(form, {*wanted, "reason"})
        if "document" in form.errors:
            raise ValidationError({"evidence": list(map(str, form.errors["document"]))}, code="unknown_document")
        made = request_change(
            self.actor,
            enterprise,
            changes={name: form.cleaned_data[name] for name in wanted},
            reason=form.cleaned_data["reason"],
            is_code_confirmed=asked["is_code_confirmed"],
            evidence=form.evidence,
            now=timezone.now(),
        )
        return Response(self.get_serializer(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=serializers.ChangeRequestSerializer)
    def withdraw(self, request: Request, change_request_id: UUID) -> Response:
        """Take a request back that nobody has decided. 409 `not_now` otherwise."""
        taken_back = withdraw_change(self.actor, self.one(change_request_id), now=timezone.now())
        return Response(self.get_serializer(taken_back).data)


@extend_schema(tags=["Enterprises"])
class PaperViews(ListModelMixin, ActingViewSet):
    """Documents on file: all of the park for officials, their own for the people of an enterprise."""

    access = Access(Door.ACTING, reads_register)
    needs: ClassVar = {"create": permissions.signs_for_enterprise}
    serializer_class = serializers.PaperSerializer
    queryset = EnterprisePaper.objects.none()
    parser_classes = (MultiPartParser,)

    def get_queryset(self) -> Any:
        return queries.papers(self.actor).order_by("-uploaded_at", "-id")

    @extend_schema(request=serializers.NewPaperSerializer, responses={201: serializers.PaperSerializer})
    def create(self, request: Request) -> Response:
        """Keep a document of the own enterprise; the same file twice is refused."""
        enterprise = get_object_or_404(Enterprise.objects.visible_to(self.actor), pk=self.actor.enterprise_id)
        kept = attach_paper(self.actor, enterprise, **self.given(serializers.NewPaperSerializer), now=timezone.now())
        return Response(self.get_serializer(kept).data, status=status.HTTP_201_CREATED)


def _refuse_unknown(names: Collection[str]) -> None:
    """A mistyped filter would look like an answer: every enterprise there is."""
    if names:
        raise ValidationError({name: ["There is no such filter."] for name in sorted(names)}, code="unknown_filter")


def _typed(values: dict[str, Any]) -> dict[str, Any]:
    """The values as a form of a page gets them: empty, not absent."""
    return {name: "" if value is None else value for name, value in values.items()}
