"""What a registrant types and uploads, one form for each page.

Half of the answers will do: what is missing, the services say.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from enterprises.calculations import LENGTH, check_character_fits, has_code_shape, normalised_code
from enterprises.choices import SiteUse
from enterprises.forms.industry import IndustryField
from enterprises.forms.register import TELEPHONES, CapitalForm
from enterprises.models import Registration, Site
from enterprises.models.register import MOST_EMPLOYEES, WEB_ADDRESS
from enterprises.services.registration_check import BUSINESS, CONTACTS, IDENTITY
from enterprises.services.registration_ground import FILED_PAPERS, SITES
from lib.formatting import number
from lib.forms import DateInput, FileDrop, MoneyField, QuantityInput
from lib.text import NamesForm, with_scheme

LONGEST_TYPED_CODE = 60
MOST_SITES = 50
OPTIONAL = frozenset(
    {
        "name_en",
        "established_on",
        "registered_capital",
        "employees",
        "website",
        "energy_contact_name",
        "energy_contact_phone",
        "energy_contact_email",
        "is_code_confirmed",
        "is_legal_representative",
    }
)


class SectionForm(NamesForm, forms.ModelForm):
    """The answers of one page. `revision` is the state of the draft that the person had before them."""

    use_required_attribute = False
    answer_names: ClassVar[tuple[str, ...]] = ()
    revision = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    @classmethod
    def of(cls, registration: Registration) -> SectionForm:
        answers = {name: getattr(registration, name) for name in cls.answer_names}
        return cls(initial={**answers, "revision": registration.revision})

    def full_clean(self) -> None:
        """Only optional answers are marked as such on the page, and yet each may be missing from what is saved."""
        for name in self.answer_names:
            self.fields[name].required = False
        super().full_clean()
        self._mark_required()

    def _mark_required(self) -> None:
        for name in self.answer_names:
            self.fields[name].required = name not in OPTIONAL

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._mark_required()

    def _post_clean(self) -> None:
        """The fields have checked what was typed; the row is checked by the service that writes it."""

    @property
    def answers(self) -> dict[str, Any]:
        """What could be read: after a mistake in one field the others are there all the same."""
        return {name: self.cleaned_data[name] for name in self.answer_names if name in self.cleaned_data}

    @property
    def revision_read(self) -> int | None:
        return self.cleaned_data.get("revision")


class IdentityForm(SectionForm, CapitalForm):
    names = ("name_zh", "name_en", "legal_representative")
    answer_names = IDENTITY

    credit_code = forms.CharField(
        label=_("Unified social credit code"),
        max_length=LONGEST_TYPED_CODE,
        help_text=_("18 characters, as on the business licence. Spaces and small letters are put right."),
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off",
                "spellcheck": "false",
                "autocapitalize": "characters",
                "class": "input-code",
            }
        ),
    )

    class Meta:
        model = Registration
        fields = IDENTITY
        widgets = {"established_on": DateInput()}
        labels = {"is_code_confirmed": _("The business licence carries exactly this code")}
        help_texts = {
            "name_zh": _("The full name, as on the business licence."),
            "legal_representative": _("As on the business licence."),
            "is_legal_representative": _("If not, you attach a letter by which the enterprise lets you register it."),
            "is_code_confirmed": _(
                "Codes of the early pilots, many of them from Xiamen, have a check character of their own."
            ),
            "address": _("The domicile on the business licence. Where the enterprise works comes under Sites."),
        }

    def clean_credit_code(self) -> str:
        """Half a code is kept too. What is longer than a code is none."""
        code = normalised_code(self.cleaned_data["credit_code"])
        if len(code) > LENGTH:
            raise forms.ValidationError(
                _("The code has 18 characters; this one has %(length)s."), params={"length": len(code)}
            )
        return code

    @property
    def asks_to_confirm_code(self) -> bool:
        """Whether the code has the right shape and a check character that does not fit."""
        code = normalised_code(str(self["credit_code"].value() or ""))
        return has_code_shape(code) and not check_character_fits(code)


class BusinessForm(SectionForm):
    answer_names = BUSINESS

    industry_code = IndustryField()
    website = forms.CharField(
        label=_("Website"),
        max_length=200,
        help_text=_("For example www.example.cn."),
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "url"}),
    )

    class Meta:
        model = Registration
        fields = BUSINESS
        help_texts = dict.fromkeys(
            ("industry_zh", "industry_en"), _("What it makes or does. One of the two languages is needed.")
        )
        widgets = {"employees": forms.NumberInput(attrs={"class": "input-short", "inputmode": "numeric"})}

    def clean_employees(self) -> int | None:
        employees: int | None = self.cleaned_data["employees"]
        if employees is not None:
            MOST_EMPLOYEES(employees)
        return employees

    def clean_website(self) -> str:
        website = with_scheme(self.cleaned_data["website"])
        if website:
            WEB_ADDRESS(website)
        return website


class ContactsForm(SectionForm):
    names = ("contact_name", "energy_contact_name")
    telephones = TELEPHONES
    answer_names = CONTACTS

    class Meta:
        model = Registration
        fields = CONTACTS
        widgets = {
            "contact_phone": forms.TextInput(attrs={"type": "tel", "class": "input-short"}),
            "energy_contact_phone": forms.TextInput(attrs={"type": "tel", "class": "input-short"}),
        }


class SiteForm(NamesForm, forms.ModelForm):
    """One place. Its answers are kept half filled in; a row without any is left out."""

    use_required_attribute = False
    names = ("name",)
    area_m2 = MoneyField(label=_("Area"), min_value=0, max_digits=12, required=False, widget=QuantityInput("m²"))

    class Meta:
        model = Site
        fields = ("name", "address", "area_m2", "use")

    def full_clean(self) -> None:
        for name in ("name", "address", "use"):
            self.fields[name].required = False
        super().full_clean()
        for name in ("name", "address", "use"):
            self.fields[name].required = True

    def rename(self, prefix: str) -> None:
        """Draw it under another prefix, with what was typed and the errors that it has."""
        told = self.errors
        self.data = {f"{prefix}-{name}": self[name].value() for name in self.fields}
        self.prefix, self._errors = prefix, told
        self._bound_fields_cache.clear()  # type: ignore[attr-defined]

    def _post_clean(self) -> None:
        """A site is no row yet: it stands in its registration until an official lets that in."""

    @property
    def site(self) -> dict[str, str]:
        """What could be read of it."""
        area: Decimal | None = self.cleaned_data.get("area_m2")
        return {
            "name": self.cleaned_data.get("name", ""),
            "address": self.cleaned_data.get("address", ""),
            "area_m2": "" if area is None else str(area),
            "use": self.cleaned_data.get("use") or SiteUse.PRODUCTION,
        }

    @property
    def is_blank(self) -> bool:
        return not self.errors and not any(self.cleaned_data[name] for name in ("name", "address", "area_m2"))


class RevisionForm(forms.Form):
    revision = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    rows = forms.IntegerField(min_value=0, max_value=MOST_SITES, widget=forms.HiddenInput)


class SitesForm:
    """The rows of the page, as many as `rows` says, each under a prefix of its own."""

    answer_names = (SITES,)

    def __init__(self, typed: Mapping[str, str], without: int | None = None) -> None:
        """`without` is the place of a row that the person takes away."""
        self.head = RevisionForm(typed)
        count = self.head.cleaned_data["rows"] if self.head.is_valid() else 0
        self.rows = [SiteForm(typed, prefix=_prefix(place)) for place in range(count) if place != without]
        self.is_bound = True

    @classmethod
    def of(cls, registration: Registration, blank: int = 0) -> SitesForm:
        """What is stored, and so many empty rows below it; at least one row in all."""
        sites = [*registration.sites, *[{}] * max(blank, 0 if registration.sites else 1)][:MOST_SITES]
        made = cls.__new__(cls)
        made.head = RevisionForm(initial={"revision": registration.revision, "rows": len(sites)})
        made.rows = [SiteForm(initial=_area_typed(site), prefix=_prefix(place)) for place, site in enumerate(sites)]
        made.is_bound = False
        return made

    def is_valid(self) -> bool:
        return self.head.is_valid() and not self.errors

    def renumber(self, revision: int | None) -> None:
        """Draw the same rows with their errors, numbered without a gap, on a page of the given revision."""
        for place, row in enumerate(self.rows):
            row.rename(_prefix(place))
        self.head = RevisionForm(initial={"revision": revision, "rows": len(self.rows)})

    @property
    def errors(self) -> dict[str, list[str]]:
        """By the names of the inputs."""
        return {row.add_prefix(name): list(map(str, told)) for row in self.rows for name, told in row.errors.items()}

    @property
    def revision_read(self) -> int | None:
        return self.head.cleaned_data.get("revision")

    @property
    def answers(self) -> dict[str, Any]:
        return {SITES: [row.site for row in self.rows if not row.is_blank]}


def _prefix(place: int) -> str:
    return f"site-{place}"


def _area_typed(site: Mapping[str, str]) -> dict[str, str]:
    area = site.get("area_m2")
    return {**site, "area_m2": number(Decimal(area).normalize()) if area else ""}


class PaperForm(forms.Form):
    """One document of one kind. Size and content are the service's to check."""

    use_required_attribute = False
    kind = forms.ChoiceField(choices=[(kind.value, kind.label) for kind in FILED_PAPERS], widget=forms.HiddenInput)
    file = forms.FileField(
        label=_("File"),
        widget=FileDrop,
        error_messages={"required": _("Choose a file."), "empty": _("The file is empty.")},
    )


class DeclarationForm(forms.Form):
    """The registrant's word for the answers. `revision` is what they read."""

    use_required_attribute = False
    is_declared_true = forms.BooleanField(
        label=_("I have read the answers and they are true."),
        help_text=_("I may act for this enterprise. The park compares the answers with the documents."),
        error_messages={"required": _("Confirm that the answers are true before you file.")},
    )
    revision = forms.IntegerField(min_value=0, widget=forms.HiddenInput)


class RegistrationWithdrawForm(forms.Form):
    use_required_attribute = False
    reason = forms.CharField(
        label=_("Why do you withdraw it?"),
        help_text=_("The park sees this reason. A withdrawn registration cannot be reopened."),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
