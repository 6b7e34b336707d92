"""The part of a programme that says how much is paid."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from incentives.models import ProgrammeTerms
from lib.formatting import number
from lib.forms import MoneyField, QuantityInput
from lib.rows import Row, Rows

ABOVE_NOTHING = Decimal("0.01")
MOST_TIERS = 12
OPTIONAL = ("cap_year_cny", "cap_percent", "saving_min_tce", "saving_below_tce")


def tce_field(label: Any, **options: Any) -> MoneyField:
    return MoneyField(label=label, widget=QuantityInput("tce"), max_digits=12, decimal_places=3, **options)


class TierRow(Row):
    from_tce = tce_field(_("From"), min_value=Decimal("0.001"))
    rate_cny_per_tce = MoneyField(label=_("Rate for a tce saved"), min_value=Decimal(0), max_digits=14)


class MoneyTermsForm(forms.Form):
    """Caps, limits of the saving, and rates by saving."""

    cap_year_cny = MoneyField(
        label=_("Cap for one enterprise in a year"),
        help_text=_("Counted by the days of the decisions, from January to December."),
        min_value=ABOVE_NOTHING,
        max_digits=14,
        required=False,
    )
    cap_percent = MoneyField(
        label=_("Cap as a share of the investment"),
        help_text=_("30 pays at most 30 % of what was invested."),
        widget=QuantityInput("%"),
        min_value=ABOVE_NOTHING,
        max_value=100,
        max_digits=5,
        required=False,
    )
    saving_min_tce = tce_field(
        _("Least saving a year"), help_text=_("From this saving on."), min_value=Decimal(0), required=False
    )
    saving_below_tce = tce_field(
        _("Saving a year below"),
        help_text=_("This saving itself is too much."),
        min_value=ABOVE_NOTHING,
        required=False,
    )
    tiers_by_part = forms.ChoiceField(
        label=_("What a rate counts for"),
        choices=[
            ("", _("The rate of the tier holds for the whole saving")),
            ("yes", _("Each part of the saving counts at the rate of its tier")),
        ],
        required=False,
        widget=forms.RadioSelect,
    )

    @staticmethod
    def tier_rows(typed: Any, terms: dict[str, Any]) -> Rows[TierRow]:
        kept = [
            {
                "from_tce": number(Decimal(row["from_tce"])),
                "rate_cny_per_tce": number(Decimal(row["rate_cny_per_tce"]), 2),
            }
            for row in terms.get("rate_tiers", [])
        ]
        return Rows(TierRow, "tiers", typed, kept, MOST_TIERS)

    @staticmethod
    def money_initial(terms: ProgrammeTerms) -> dict[str, Any]:
        """The optional numbers as one types them."""
        given = {name: getattr(terms, name) for name in OPTIONAL}
        written = {name: number(value.normalize() + 0) for name, value in given.items() if value is not None}
        return {**written, "tiers_by_part": "yes" if terms.tiers_by_part else ""}


def tiers_of(rows: Rows[TierRow]) -> list[dict[str, str]]:
    """As the terms keep them, what begins first at the top."""
    given = [row.cleaned_data for row in rows.filled]
    ordered = sorted(given, key=lambda tier: tier["from_tce"])
    return [{name: str(tier[name]) for name in ("from_tce", "rate_cny_per_tce")} for tier in ordered]
