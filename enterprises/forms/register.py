"""What officials and owners type about an enterprise and its people."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from enterprises.calculations import LENGTH, check_character_fits, has_code_shape, normalised_code
from enterprises.forms.industry import IndustryField
from enterprises.models import KEPT, DeclaredInterest, Enterprise
from enterprises.services import EnterpriseFacts
from lib.text import NamesForm
from parks.forms.changes import ChangesForm

LONGEST_TYPED_CODE = 40


class EnterpriseForm(NamesForm, forms.ModelForm):
    """The facts of an enterprise; drawn in the three groups of the template.

    A code whose check character does not fit is asked about once more, and may then be kept.
    """

    names = ("name_zh", "name_en", "legal_representative", "contact_name", "energy_contact_name")
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
            "credit_code",
            "name_zh",
            "name_en",
            "kind",
            "industry_code",
            "established_on",
            "registered_capital",
            "capital_currency",
            "legal_representative",
            "address",
            *KEPT,
            "is_key_energy_user",
        )

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


class EnterpriseEditForm(ChangesForm, EnterpriseForm):
    """The same facts of an enterprise that is registered already."""


class KeptFactsForm(NamesForm, ChangesForm):
    names = ("contact_name", "energy_contact_name")

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

    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        help_text=_("The invitation is sent here and can be accepted by this address only, within seven days."),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
