"""The API of undoing imports."""

from __future__ import annotations

from http import HTTPStatus
from typing import ClassVar
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from energy.models import ImportUndo, ReadingImport
from energy.permissions import can_import_readings, can_read_energy
from energy.queries import imports, undos
from energy.services import undoing
from parks.access import Access, Door
from parks.api import ActingViewSet, Predicate


class ImportUndoSerializer(serializers.ModelSerializer):
    """That an import is undone. `readings_kept` were changed by it and settled by something else since."""

    class Meta:
        model = ImportUndo
        fields = (
            "id", "reading_import", "reason", "by_name", "at", "readings_restored", "readings_kept", "first_day",
            "last_day", "finished_at",
        )  # fmt: skip
        read_only_fields = fields


class UndoPreviewSerializer(serializers.Serializer):
    """What an import said: `added` readings were not there before, `corrected` replaced others.

    `later_imports` (the newest five of `later_count`) and `act_count` estimates and edits have said something of the
    same days since; what they said stays.
    """

    added = serializers.IntegerField()
    corrected = serializers.IntegerField()
    channel_count = serializers.IntegerField()
    first_day = serializers.DateField(allow_null=True)
    last_day = serializers.DateField(allow_null=True)
    later_imports = serializers.ListField(child=serializers.UUIDField(), source="later_ids")
    later_count = serializers.IntegerField()
    act_count = serializers.IntegerField()


class UndoReasonSerializer(serializers.Serializer):
    reason = serializers.CharField(max_length=1000)


@extend_schema(tags=["Metering"])
class ImportUndoViews(ActingViewSet):
    """The undoing of an import: what stood before it stands again; what was said since by others stays."""

    access = Access(Door.ACTING, can_read_energy)
    serializer_class = ImportUndoSerializer
    queryset = ImportUndo.objects.none()
    needs: ClassVar[dict[str, Predicate]] = {"undo": can_import_readings}

    @extend_schema(operation_id="reading_imports_undo_preview", responses=UndoPreviewSerializer)
    def preview(self, request: Request, reading_import_id: UUID) -> Response:
        """What undoing this import would change."""
        return Response(UndoPreviewSerializer(undos.preview_of(self._import(reading_import_id))).data)

    @extend_schema(operation_id="reading_imports_undo_retrieve")
    def retrieve(self, request: Request, reading_import_id: UUID) -> Response:
        """How the undoing goes, or went; 404 where nobody asked for it."""
        rows = ImportUndo.objects.filter(reading_import=self._import(reading_import_id))
        return Response(self.get_serializer(get_object_or_404(rows)).data)

    @extend_schema(
        operation_id="reading_imports_undo", request=UndoReasonSerializer, responses={202: ImportUndoSerializer}
    )
    def undo(self, request: Request, reading_import_id: UUID) -> Response:
        """Have an import undone in the background. 409 `import_undone`, `import_not_undoable`."""
        asked = undoing.ask_to_undo(
            self.actor, self._import(reading_import_id), now=timezone.now(), **self.given(UndoReasonSerializer)
        )
        return Response(self.get_serializer(asked).data, HTTPStatus.ACCEPTED)

    def _import(self, reading_import_id: UUID) -> ReadingImport:
        found: ReadingImport = get_object_or_404(imports.imports(self.actor), pk=reading_import_id)
        return found
