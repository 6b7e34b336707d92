"""What a finance officer writes about payments."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from lib.forms import DateInput, FileDrop, MoneyField
from parks.forms.decisions import text_field


class ConditionForm(forms.Form):
    use_required_attribute = False

    evidence = text_field(
        _("How the condition was met"), _("What you have seen and when; the enterprise reads it."), longest=2000
    )


class PaymentForm(forms.Form):
    use_required_attribute = False

    paid_on = forms.DateField(label=_("Paid on"), widget=DateInput())
    amount_cny = MoneyField(label=_("Amount"), max_digits=14)
    reference = forms.CharField(
        label=_("Treasury reference"), max_length=60, widget=forms.TextInput(attrs={"class": "input-short"})
    )


class TreasuryFileForm(forms.Form):
    use_required_attribute = False

    upload = forms.FileField(
        label=_("File of the treasury"),
        help_text=_("CSV or XLSX; the first row names the columns number, date, amount and reference."),
        widget=FileDrop,
    )


class RevocationForm(forms.Form):
    use_required_attribute = False

    reason = text_field(_("Reason"), _("The enterprise reads it; name the rule that was broken."))


class ReturnedForm(forms.Form):
    use_required_attribute = False

    returned_on = forms.DateField(label=_("Returned on"), widget=DateInput())
    returned_cny = MoneyField(label=_("Amount"), max_digits=14)
    reference = forms.CharField(
        label=_("Treasury reference"), max_length=60, widget=forms.TextInput(attrs={"class": "input-short"})
    )
