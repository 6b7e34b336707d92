"""Addresses of the API that belong to no app: who the key is, its page, and everything that is not there."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from parks.access import Access, Door
from parks.choices import Role


class MeSerializer(serializers.Serializer):
    """For whom and where the key acts."""

    name = serializers.CharField()
    roles = serializers.ListField(child=serializers.ChoiceField(choices=Role.choices))
    membership_id = serializers.IntegerField()
    park_id = serializers.IntegerField(allow_null=True)
    park_slug = serializers.CharField(allow_null=True)
    enterprise_id = serializers.UUIDField(allow_null=True)
    is_read_only = serializers.BooleanField()


class Me(APIView):
    """In whose name the key acts, where, and in which roles."""

    access = Access(Door.ACTING, lambda _actor: True)

    @extend_schema(responses=MeSerializer, tags=["Access"], operation_id="me")
    def get(self, request: Any) -> Response:
        actor = request.actor
        told = {
            "name": actor.name,
            "roles": sorted(actor.roles),
            "membership_id": actor.membership_id,
            "park_id": actor.park_id,
            "park_slug": request.park.slug if request.park else None,
            "enterprise_id": actor.enterprise_id,
            "is_read_only": actor.is_read_only,
        }
        return Response(MeSerializer(told).data)


class NoSuchAddress(APIView):
    """Says so in the API's own format, whatever the method."""

    access = Access(Door.OPEN)
    authentication_classes = ()
    permission_classes = ()
    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise NotFound(_("There is no such address in this API."))


class ApiRoot(NoSuchAddress):
    """Whoever looks here wants to know what there is."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method in SAFE_METHODS:
            return redirect("api:docs")
        return super().dispatch(request, *args, **kwargs)
