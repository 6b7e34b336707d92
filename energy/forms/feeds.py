"""What people enter about a feed: how it is read, where its files are, and when they are fetched."""

from __future__ import annotations

from typing import Any, ClassVar
from urllib.parse import urlsplit

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.choices import time_zone_choices
from energy.choices import FeedFormat, FeedSource
from energy.models import Feed
from energy.models.feeds import LONGEST_SILENCE_HOURS, PERIODS
from lib.forms import FileDrop
from lib.text import NamesForm

MOST_TRIED_BYTES = 5 * 1024 * 1024
FORMATS = [choice for choice in FeedFormat.choices if choice[0] != FeedFormat.PUSHED]
SOURCE_FIELDS = {
    FeedSource.UPLOAD: (),
    FeedSource.PUSH: (),
    FeedSource.HTTPS: ("address", "account", "secret"),
    FeedSource.S3: ("address", "region", "account", "secret", "file_pattern"),
    FeedSource.SFTP: ("address", "host_key", "account", "secret", "file_pattern"),
    FeedSource.FOLDER: ("address", "file_pattern"),
}
SCHEDULE = ("every_minutes", "daily_at")
LABELS: dict[FeedSource, dict[str, Any]] = {
    FeedSource.HTTPS: {
        "address": (_("Web address"), _("For example: https://meters.example.com/export/today.csv")),
        "account": (_("User name"), _("Empty where the address asks for none, or takes a token.")),
        "secret": (_("Password or token"), _("With a user name a password, without one a bearer token.")),
    },
    FeedSource.S3: {
        "address": (_("Address of the bucket"), _("For example: https://s3.example.com/meters/park-1/")),
        "account": (_("Access key"), ""),
        "secret": (_("Secret key"), ""),
        "region": (_("Region"), _("For example: cn-north-1. Empty for us-east-1.")),
    },
    FeedSource.SFTP: {
        "address": (_("Server and folder"), _("For example: files.example.com:22/outgoing")),
        "account": (_("User name"), ""),
        "secret": (_("Password or private key"), _("A private key in OpenSSH or PEM form, without a password.")),
        "host_key": (
            _("Fingerprint of the host key"),
            _("As the server's operator gives it: SHA256: and 43 characters. Another server is never spoken to."),
        ),
    },
    FeedSource.FOLDER: {
        "address": (_("Folder"), _("Below the folder of the park on the server, for example: gateway-3")),
    },
}


class SecretArea(forms.Textarea):
    """For keys of several lines. What was typed does not come back with an error of the form."""

    def format_value(self, value: Any) -> str:
        return ""


class FeedForm(NamesForm, forms.ModelForm):
    """A way by which readings come in. What its columns mean is told from their headings."""

    names = ("name",)
    time_zone = forms.ChoiceField(
        label=_("Time zone of the files"),
        choices=time_zone_choices,
        help_text=_("Of times in the file that name no zone."),
    )
    format = forms.ChoiceField(label=_("Format"), choices=FORMATS, required=False)

    class Meta:
        model = Feed
        fields: tuple[str, ...] = ("name", "source", "format", "time_zone")
        labels: ClassVar = {"name": pgettext_lazy("thing", "Name"), "source": _("Where the files come from")}
        help_texts: ClassVar = {"name": _("For example: gateway of substation 3.")}

    def __init__(self, *args: Any, is_official: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "source" in self.fields and not is_official:
            offered = [choice for choice in FeedSource.choices if choice[0] != FeedSource.FOLDER]
            self.fields["source"].choices = offered  # type: ignore[attr-defined]

    @property
    def source(self) -> str:
        return str(self.cleaned_data.get("source") or self.instance.source)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.source == FeedSource.PUSH:
            cleaned["format"] = FeedFormat.PUSHED
        elif not cleaned.get("format") and "format" not in self.errors:
            self.add_error("format", _now("Choose one."))
        return cleaned


class FeedEditForm(FeedForm):
    """Of a feed that is there: shows what its source needs. A secret that is kept is never shown."""

    secret = forms.CharField(
        required=False,
        max_length=8000,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    every_minutes = forms.TypedChoiceField(
        label=_("Fetched"),
        choices=[("", _("When somebody asks for it")), *PERIODS],
        coerce=int,
        empty_value=None,
        required=False,
    )
    daily_at = forms.TimeField(
        label=_("Time of the day"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time", "class": "input-short"}, format="%H:%M"),
        help_text=_("For once a day, by the clock of the park."),
    )

    class Meta(FeedForm.Meta):
        fields = (
            "name", "format", "time_zone", "address", "region", "host_key", "account", "file_pattern",
            "every_minutes", "daily_at", "silent_after_hours",
        )  # fmt: skip
        labels: ClassVar = {**FeedForm.Meta.labels, "file_pattern": _("Names of the files")}
        help_texts: ClassVar = {
            **FeedForm.Meta.help_texts,
            "file_pattern": _("For example: *.csv. Empty for all files."),
            "silent_after_hours": _("The energy managers get one message. Empty: nobody is told."),
        }

    field_order = (
        "name", "format", "time_zone", "address", "region", "host_key", "account", "secret", "file_pattern",
        "every_minutes", "daily_at", "silent_after_hours",
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        source = FeedSource(self.instance.source)
        self._leave_out(source)
        for name, (label, hint) in LABELS.get(source, {}).items():
            self.fields[name].label, self.fields[name].help_text = label, hint
        for name in {"format", "address", "host_key"} & self.fields.keys():
            self.fields[name].required = True
        if "secret" in self.fields:
            self._ask_for_secret(source)
        self.fields["silent_after_hours"].max_value = LONGEST_SILENCE_HOURS  # type: ignore[attr-defined]

    def _leave_out(self, source: FeedSource) -> None:
        """What this source does not need."""
        asked = {*SOURCE_FIELDS[FeedSource.S3], *SOURCE_FIELDS[FeedSource.SFTP]} - {*SOURCE_FIELDS[source]}
        schedule = set() if source.is_fetched else {*SCHEDULE}
        for name in asked | schedule | ({"format"} if source == FeedSource.PUSH else set()):
            del self.fields[name]

    def _ask_for_secret(self, source: FeedSource) -> None:
        field = self.fields["secret"]
        if source == FeedSource.SFTP:
            field.widget = SecretArea(attrs={"rows": 4, "autocomplete": "off", "spellcheck": "false"})
        if source in {FeedSource.S3, FeedSource.SFTP}:
            self.fields["account"].required = True
            field.required = not self.instance.secret_set_at
        if self.instance.secret_set_at:
            field.help_text = _("One is kept and never shown. Empty: it stays.")

    def clean_address(self) -> str:
        address = str(self.cleaned_data["address"]).strip()
        source = FeedSource(self.instance.source)
        if source in {FeedSource.HTTPS, FeedSource.S3}:
            _refuse_no_https(address)
        if source == FeedSource.FOLDER and _leaves_folder(address):
            raise ValidationError(_now("Write a folder below that of the park, without “..”."), code="folder")
        return address

    def clean_host_key(self) -> str:
        told = str(self.cleaned_data["host_key"]).strip().rstrip("=")
        if not told.startswith("SHA256:") or len(told) != len("SHA256:") + 43:
            raise ValidationError(_now("A fingerprint is SHA256: and 43 characters."), code="fingerprint")
        return told

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("every_minutes") != max(minutes for minutes, _words in PERIODS):
            cleaned["daily_at"] = None
        elif cleaned.get("daily_at") is None and "daily_at" not in self.errors:
            self.add_error("daily_at", _now("Say at what time of the day."))
        return cleaned

    @property
    def facts(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != "secret"}


class TrialForm(forms.Form):
    """A file at hand; without one the source of the feed is asked, where it has one."""

    upload = forms.FileField(
        label=_("File of readings"),
        required=False,
        widget=FileDrop(attrs={"accept": ".csv,.txt,.tsv,.xlsx,.xml,.zip"}),
        allow_empty_file=True,
    )

    def __init__(self, *args: Any, feed: Feed, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.feed = feed

    def clean_upload(self) -> Any:
        upload = self.cleaned_data["upload"]
        if upload is None and (not self.feed.is_fetched or not self.feed.address):
            raise ValidationError(_now("Choose a file."), code="required")
        if upload is not None and upload.size > MOST_TRIED_BYTES:
            raise ValidationError(_now("A trial takes files of at most 5 MB."), code="too_large")
        return upload


def _refuse_no_https(address: str) -> None:
    try:
        parts = urlsplit(address)
        is_fine = parts.scheme == "https" and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_fine = False
    if not is_fine:
        raise ValidationError(_now("Write an address that begins with https://."), code="https")
    if parts.username or parts.password:
        raise ValidationError(_now("Enter user name and password in their own fields."), code="userinfo")


def _leaves_folder(address: str) -> bool:
    return address.startswith("/") or "\\" in address or any(part in {"", "..", "."} for part in address.split("/"))
