"""What people of an enterprise and officials type about one that is registered."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from enterprises.choices import LabelKind, PaperKind
from enterprises.forms.register import EnterpriseForm
from enterprises.models import VETTED, Enterprise, EnterpriseLabel, EnterprisePaper, Site
from lib.forms import DateInput, FileDrop, QuantityInput, RadioCards
from lib.mail_addresses import AddressField
from lib.text import NamesForm, validate_words
from parks.choices import Role
from parks.forms.changes import ChangesForm
from parks.forms.people import RoleCards, role_choices
from parks.models import Membership

FILE_ERRORS = {"required": _("Choose a file."), "empty": _("The file is empty.")}
ROWS = {"rows": 4}


def reason_field(help_text: Any = "", *, longest: int = 300) -> forms.CharField:
    return forms.CharField(
        label=_("Reason"),
        max_length=longest,
        help_text=help_text,
        widget=forms.Textarea(attrs=ROWS),
        validators=[validate_words],
    )


def upload_field(**options: Any) -> forms.FileField:
    return forms.FileField(**{"label": _("File"), "widget": FileDrop, "error_messages": FILE_ERRORS, **options})


class EvidenceForm(forms.Form):
    """A document that proves what is said: one on file, or one that is sent with the form."""

    is_evidence_required = False
    document = forms.ModelChoiceField(
        label=_("Evidence on file"),
        queryset=EnterprisePaper.objects.none(),
        required=False,
        empty_label=_("None of the documents"),
    )
    upload = upload_field(
        label=_("Or a new document"),
        required=False,
        help_text=_("It is kept with the enterprise. PDF, PNG, JPEG, XLSX or DOCX."),
    )

    def __init__(self, *args: Any, papers: Any = None, **kwargs: Any) -> None:
        """papers: a queryset of the documents that are on file."""
        super().__init__(*args, **kwargs)
        document: Any = self.fields["document"]
        document.label_from_instance = _on_file
        if papers is not None:
            document.queryset = papers
        for name in ("document", "upload"):
            self.fields[name].show_hidden_initial = False
        if self.is_evidence_required:
            document.help_text = _("A document on file or a new one: one of the two is needed.")
        self._mark_evidence(self.is_evidence_required)

    def full_clean(self) -> None:
        """Neither is optional, and yet each may be missing where the other is there."""
        self._mark_evidence(False)
        super().full_clean()
        self._mark_evidence(self.is_evidence_required)

    def _mark_evidence(self, is_required: bool) -> None:
        for name in ("document", "upload"):
            self.fields[name].required = is_required

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("document") and cleaned.get("upload"):
            self.add_error("upload", _("Choose a document on file or send a new one, not both."))
        elif self.is_evidence_required and not self.evidence and not self.errors.keys() & {"document", "upload"}:
            self.add_error("document", _("Choose a document on file, or send one."))
        return cleaned

    @property
    def evidence(self) -> UploadedFile | EnterprisePaper | None:
        return self.cleaned_data.get("upload") or self.cleaned_data.get("document")


def _on_file(paper: EnterprisePaper) -> str:
    return f"{paper.name} · {paper.get_kind_display()}"


class ChangeRequestForm(EvidenceForm, ChangesForm, EnterpriseForm):
    """The vetted facts as they are today; what is changed here is asked for."""

    names = ("name_zh", "name_en", "legal_representative")  # type: ignore[assignment]
    telephones: ClassVar[tuple[str, ...]] = ()
    parts = (
        (_("What is to change"), _("leave the rest as it is"), VETTED),
        (_("Why"), "", ("reason", "document", "upload")),
    )
    reason = reason_field(_("For example: the company was renamed on 1 November."), longest=1000)

    class Meta:
        model = Enterprise
        fields: tuple[str, ...] = VETTED
        widgets: ClassVar = {"established_on": DateInput()}

    @property
    def changes(self) -> dict[str, Any]:
        """Vetted facts that differ from those the page was drawn with."""
        return {name: value for name, value in super().changes.items() if name in VETTED}


class DecisionForm(forms.Form):
    """`seen` tells what the page showed of the register."""

    seen = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)
    note = forms.CharField(
        label=_("Answer to the enterprise"), required=False, max_length=4000, widget=forms.Textarea(attrs=ROWS)
    )


class RejectionForm(forms.Form):
    note = forms.CharField(
        label=_("Answer to the enterprise"),
        max_length=4000,
        help_text=_("What is missing or wrong. The enterprise reads this."),
        widget=forms.Textarea(attrs=ROWS),
    )


class SiteForm(NamesForm, ChangesForm):
    names = ("name",)

    class Meta:
        model = Site
        fields = ("name", "address", "use", "area_m2")
        widgets: ClassVar = {"area_m2": QuantityInput("m²")}
        labels: ClassVar = {"area_m2": _("Area")}


class PaperForm(forms.ModelForm):
    upload = upload_field(help_text=_("PDF, PNG, JPEG, XLSX or DOCX."))
    field_order = ("kind", "upload", "valid_until")

    class Meta:
        model = EnterprisePaper
        fields = ("kind", "valid_until")
        widgets: ClassVar = {"valid_until": DateInput()}
        help_texts: ClassVar = {
            "valid_until": _("You are reminded 60, 30 and 7 days before, and on the day. Leave it empty for no end.")
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [("", _("Choose a kind")), *PaperKind.choices]  # type: ignore[attr-defined]


class ExpiryForm(forms.ModelForm):
    """Until when a document on file is valid."""

    class Meta:
        model = EnterprisePaper
        fields = ("valid_until",)
        widgets: ClassVar = {"valid_until": DateInput()}
        help_texts: ClassVar = {
            "valid_until": _("As it stands on the document. The reminders begin anew. Leave it empty for no end.")
        }


class LabelForm(EvidenceForm, forms.ModelForm):
    """Evidence is a document of the enterprise."""

    field_order = ("kind", "valid_from", "valid_until", "document", "upload", "note")

    class Meta:
        model = EnterpriseLabel
        fields = ("kind", "valid_from", "valid_until", "note")
        widgets: ClassVar = {"valid_from": DateInput(), "valid_until": DateInput()}
        help_texts: ClassVar = {
            "valid_until": _("Leave it empty for no end."),
            "note": _(
                "Needed without a document: the number of the certificate, or the list or notice that names "
                "the enterprise."
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [("", _("Choose a label")), *LabelKind.choices]  # type: ignore[attr-defined]

    def _post_clean(self) -> None:
        """The fields have checked what was typed; what a label may be is the service's to say, each at its field."""


class ReasonForm(forms.Form):
    """Why an official changes what an enterprise may do; its owners read it."""

    reason = reason_field(_("The owners of the enterprise read this."))


class EndLabelForm(forms.Form):
    reason = reason_field()


class HandOverForm(forms.Form):
    """Which of their other roles the owner keeps."""

    roles = forms.MultipleChoiceField(
        label=_("Roles that you keep"),
        required=False,
        widget=RoleCards,
        help_text=_("Without any your own access ends. The new owner can give you roles later."),
    )
    is_understood = forms.BooleanField(
        label=_("I understand that I cannot take this back myself"),
        error_messages={"required": _("Confirm this before you hand over.")},
    )

    def __init__(self, *args: Any, held: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = role_choices(Role(role) for role in held if role != Role.OWNER)
        self.fields["roles"].choices = offered  # type: ignore[attr-defined]
        self.initial.setdefault("roles", [value for value, _label in offered])
        if not offered:
            del self.fields["roles"]

    @property
    def keeps(self) -> list[Role]:
        return [Role(role) for role in self.cleaned_data.get("roles", [])]


class NameOwnerForm(EvidenceForm):
    """A colleague, or somebody to be invited; why, and on what evidence."""

    field_order = ("owner", "email", "reason", "document", "upload")
    is_evidence_required = True
    use_required_attribute = False
    INVITE = "invite"
    owner = forms.ChoiceField(label=_("New owner"), widget=RadioCards)
    email = AddressField(
        label=_("E-mail address of the person to invite"),
        required=False,
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    reason = reason_field(_("The people concerned read this."))

    def __init__(self, *args: Any, colleagues: Iterable[Membership], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = [(str(place.pk), f"{place.user.name} · {place.user.email}") for place in colleagues]
        invited = (self.INVITE, _("Somebody else, who is invited by e-mail"))
        self.fields["owner"].choices = [*people, invited]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("owner") == self.INVITE and not cleaned.get("email") and "email" not in self.errors:
            self.add_error("email", _("Write the address of the person to invite."))
        return cleaned
