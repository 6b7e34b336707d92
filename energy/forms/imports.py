"""Files of readings that people bring."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from energy.models import Feed
from lib.forms import FileDrop


class ReadingFileForm(forms.Form):
    feed = forms.ModelChoiceField(
        label=_("Feed"),
        queryset=Feed.objects.none(),
        help_text=_("It says how the file is read, and the zone of times that name none."),
    )
    upload = forms.FileField(
        label=_("File of readings"),
        widget=FileDrop(attrs={"accept": ".csv,.txt,.tsv,.xlsx,.xml,.zip"}),
        # The form keeps a file that has no byte: why it is not taken is said in one place.
        allow_empty_file=True,
        error_messages={"required": _("Choose a file.")},
    )

    def __init__(self, *args: Any, feeds: QuerySet[Feed], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["feed"].queryset = feeds  # type: ignore[attr-defined]
        several = list(feeds[:2])
        if len(several) == 1:
            self.initial["feed"] = several[0].pk


class UndoImportForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("It stays with the import, and whoever counts with these readings reads it."),
    )
