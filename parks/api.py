"""What the views of the API have in common, for the apps above as well."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, ClassVar

from django.forms import BaseForm
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.serializers import BaseSerializer
from rest_framework.viewsets import GenericViewSet

from parks.actors import Actor

Predicate = Callable[[Actor], bool]


class ActingViewSet(GenericViewSet):
    """Views of an actor. `access` opens the door to reading; `needs` names what single acts ask for beyond it.

    `sending_acts`: what a key may do that is only to send readings.
    """

    request: Any
    needs: ClassVar[dict[str, Predicate]] = {}
    sending_acts: ClassVar[frozenset[str]] = frozenset()

    def check_permissions(self, request: Any) -> None:
        super().check_permissions(request)
        allowed = self.needs.get(self.action or "")
        if allowed is not None and not allowed(request.actor):
            self.permission_denied(request)

    @property
    def actor(self) -> Actor:
        actor: Actor = self.request.actor
        return actor

    def given(self, serializer_class: type[BaseSerializer[Any]]) -> dict[str, Any]:
        """The body of the request, in the right types."""
        serializer = serializer_class(data=self.request.data)
        serializer.is_valid(raise_exception=True)
        values: dict[str, Any] = serializer.validated_data
        return values


def refuse_errors(form: BaseForm, names: Collection[str] | None = None) -> None:
    """Answer 400 with what the form of the page would say, of all its fields or of these alone."""
    told = {
        name: [ErrorDetail(message, error.code or "invalid") for error in errors for message in error.messages]
        for name, errors in form.errors.as_data().items()
        if names is None or name in names
    }
    if told:
        raise ValidationError(told)
