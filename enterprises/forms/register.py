"""What officials and owners type about an enterprise and its people."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from enterprises.calculations import LENGTH, check_character_fits, has_code_shape, normalised_code
from enterprises.forms.industry import IndustryField
from enterprises.models import KEPT, VETTED, DeclaredInterest, Enterprise
from enterprises.services import EnterpriseFacts
from lib.formatting import number
from lib.forms import DateInput, MoneyField
from lib.mail_addresses import AddressField
from lib.text import NamesForm
from parks.choices import Currency
from parks.forms.changes import ChangesForm

LONGEST_TYPED_CODE = 40
TELEPHONES = ("contact_phone", "energy_contact_phone")


class CapitalField(MoneyField):
    """An amount with its separators, whichever form asks for it."""

    def __init__(self, **options: Any) -> None:
        given = {
            "label": _("Registered capital"),
            "help_text": _("In full, or with 万 or 亿: 8,000,000 or 800万."),
            "min_value": 0,
            "max_digits": 18,
        }
        super().__init__(**{**given, **options})

    def prepare_value(self, value: Any) -> Any:
        return number(value, 2) if isinstance(value, Decimal) else value


class CapitalForm(forms.ModelForm):
    """Asks for the registered capital; for its currency only where there is a choice."""

    registered_capital = CapitalField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if len(Currency) == 1:
            self.fields["capital_currency"].widget = forms.HiddenInput()


class EnterpriseForm(NamesForm, CapitalForm):
    """The facts of an enterprise, drawn in `parts`: title, what to know of it, fields.

    A code whose check character does not fit is asked about once more, and may then be kept.
    """

    names = ("name_zh", "name_en", "legal_representative", "contact_name", "energy_contact_name")
    telephones: ClassVar[tuple[str, ...]] = TELEPHONES
    parts: ClassVar[tuple[tuple[Any, Any, tuple[str, ...]], ...]] = (
        (
            _("Identity"),
            "",
            (
                "credit_code",
                "name_zh",
                "name_en",
                "established_on",
                "registered_capital",
                "capital_currency",
                "legal_representative",
                "address",
            ),
        ),
        (
            _("Business"),
            "",
            (
                "kind",
                "industry_code",
                "industry_zh",
                "industry_en",
                "employees",
                "website",
                "is_key_energy_user",
            ),
        ),
        (_("Contact"), "", tuple(name for name in KEPT if "contact" in name)),
    )
    credit_code = forms.CharField(
        label=_("Unified social credit code"),
        max_length=LONGEST_TYPED_CODE,
        help_text=_("18 characters, as on the business licence. Spaces and small letters are put right."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "characters"}),
    )
    industry_code = IndustryField()
    is_code_confirmed = forms.BooleanField(
        label=_("The business licence carries exactly this code"),
        required=False,
        help_text=_("Codes of the early pilots, many of them from Xiamen, have a check character of their own."),
    )

    class Meta:
        model = Enterprise
        fields: tuple[str, ...] = (
            *VETTED,
            *KEPT,
            "is_key_energy_user",
        )
        widgets: ClassVar = {"established_on": DateInput()}

    def clean_credit_code(self) -> str:
        code = normalised_code(self.cleaned_data["credit_code"])
        if len(code) != LENGTH:
            raise forms.ValidationError(
                _("The code has 18 characters; this one has %(length)s."), params={"length": len(code)}
            )
        if not has_code_shape(code):
            raise forms.ValidationError(
                _("The third to eighth characters are digits, and the letters I, O, S, V and Z do not occur.")
            )
        return code

    @property
    def groups(self) -> list[dict[str, Any]]:
        return [
            {"title": title, "hint": hint, "fields": [self[name] for name in names]}
            for title, hint, names in self.parts
        ]

    @property
    def asks_to_confirm_code(self) -> bool:
        """Whether the typed code has the right shape and a check character that does not fit."""
        code = normalised_code(str(self["credit_code"].value() or ""))
        return self.is_bound and has_code_shape(code) and not check_character_fits(code)

    @property
    def confirms_code(self) -> bool:
        return bool(self.cleaned_data["is_code_confirmed"])

    def facts(self) -> EnterpriseFacts:
        """What was typed; only of a valid form."""
        return EnterpriseFacts(**{name: self.cleaned_data[name] for name in self.Meta.fields})


class EnterpriseCreateForm(EnterpriseForm):
    """Asks once more where `alike`, who is registered already, goes by a name like the one that was typed."""

    is_other_confirmed = forms.BooleanField(
        label=_("None of these is the enterprise that I register"),
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.alike: list[Enterprise] = []

    def ask_about(self, alike: list[Enterprise]) -> bool:
        """Whether the names are still to be compared; whose code is typed is refused for that."""
        self.alike = [found for found in alike if found.credit_code != self.cleaned_data["credit_code"]]
        if not self.alike or self.cleaned_data["is_other_confirmed"]:
            return False
        self.add_error("is_other_confirmed", _("Compare the names, then confirm that it is another enterprise."))
        return True


class EnterpriseEditForm(ChangesForm, EnterpriseForm):
    """The same facts of an enterprise that is registered already."""


class KeptFactsForm(NamesForm, ChangesForm):
    names = ("contact_name", "energy_contact_name")
    telephones = TELEPHONES

    class Meta:
        model = Enterprise
        fields = KEPT


class InterestForm(forms.ModelForm):
    class Meta:
        model = DeclaredInterest
        fields = ("reason",)
        help_texts = {"reason": _("For example: my brother works there, I hold shares.")}


class OwnerInvitationForm(forms.Form):
    """Who is to be the first owner; the role is given."""

    email = AddressField(
        label=_("E-mail address"),
        max_length=254,
        help_text=_("The invitation is sent here and can be accepted by this address only, within seven days."),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
