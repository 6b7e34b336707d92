"""How the schema of the API tells of keys, errors and limits."""

from __future__ import annotations

from typing import Any, Literal

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import get_doc
from drf_spectacular.utils import OpenApiResponse
from rest_framework import serializers

ERRORS = {
    "400": "The request cannot be read or a value in it is wrong.",
    "401": "There is no key, or it is unknown, expired or revoked.",
    "403": "The roles of the key's membership do not allow this.",
    "404": "There is no such thing, or it belongs to somebody else.",
    "405": "The address does not take this method.",
    "406": "The API answers in JSON only.",
    "415": "The body is of a type that the address does not take.",
    "429": "Too many requests; `Retry-After` says how many seconds to wait.",
}
CONFLICT = "A rule forbids this as things stand; `code` says which. Nothing was changed."


class ErrorSerializer(serializers.Serializer):
    """One thing that is wrong. `attr` names the field it belongs to, if any."""

    code = serializers.CharField()
    detail = serializers.CharField()
    attr = serializers.CharField(allow_null=True)


class ErrorsSerializer(serializers.Serializer):
    """Every error of the API has this form."""

    type = serializers.ChoiceField(choices=["validation_error", "client_error", "server_error"])
    errors = ErrorSerializer(many=True)  # type: ignore[assignment]


class Schema(AutoSchema):
    """Adds the errors that every operation can answer, and one line that says what it does.

    The words are the docstring of the action; those of the class describe its list.
    """

    def get_description(self) -> str:  # type: ignore[override]
        action = getattr(self.view, "action", None)
        own = get_doc(getattr(self.view, action or self.method.lower(), None))
        return own or (get_doc(self.view.__class__) if action in {None, "list"} else "")

    def get_summary(self) -> str:
        return self.get_description().partition("\n")[0].partition(". ")[0].rstrip(".")

    def _get_response_bodies(self, direction: Literal["request", "response"] = "response") -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        told = {**ERRORS, **({"409": CONFLICT} if self.method not in {"GET", "HEAD"} else {})}
        for status, description in told.items():
            response = OpenApiResponse(ErrorsSerializer, description)
            answer = self._get_response_for_code(response, status, ["application/json"])  # type: ignore[no-untyped-call]
            bodies.setdefault(status, answer)
        return bodies


class KeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "config.api.KeyAuthentication"
    name = "key"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {"type": "http", "scheme": "bearer", "description": "A key made under “API keys” in the portal."}


class PageScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "config.api.PageAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {"type": "apiKey", "in": "cookie", "name": "sessionid"}
