"""Feeds, and files of readings that people bring."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.choices import time_zone_choices
from energy.models import Feed
from lib.forms import FileDrop
from lib.text import NamesForm


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
            self.fields["feed"].initial = several[0].pk


class FeedForm(NamesForm, forms.ModelForm):
    """A way by which readings come in. What its columns mean is told from their headings."""

    names = ("name",)
    time_zone = forms.ChoiceField(
        label=_("Time zone of the files"),
        choices=time_zone_choices,
        help_text=_("Of times in the file that name no zone."),
    )

    class Meta:
        model = Feed
        fields = ("name", "format", "time_zone")
        labels: ClassVar = {"name": pgettext_lazy("thing", "Name")}
        help_texts: ClassVar = {"name": _("For example: gateway of substation 3.")}
