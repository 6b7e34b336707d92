"""What people decide of an issue, and the rules of a channel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from energy.choices import QualityRule, Severity
from energy.models import RuleSetting
from lib.forms import QuantityInput

LONGEST_REASON = 1000


class DecisionForm(forms.Form):
    """`round` is the one that the page showed: what changed since is not decided unseen."""

    round = forms.IntegerField(widget=forms.HiddenInput())
    reason = forms.CharField(label=_("Reason"), max_length=LONGEST_REASON, widget=forms.Textarea(attrs={"rows": 3}))


class AcceptForm(DecisionForm):
    pass


class AskForm(DecisionForm):
    reason = forms.CharField(
        label=_("What is asked for"),
        required=False,
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Whoever keeps the meter reads it. They have three working days."),
    )


class EstimateForm(DecisionForm):
    """`shown` tells the values that the page showed."""

    shown = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput())
    total = forms.FloatField(
        label=_("Known total of these intervals"),
        required=False,
        min_value=0,
        max_value=1e12,
        help_text=_("As the dial tells it. The estimate is brought to this sum. Empty: none is known."),
    )
    reason = forms.CharField(
        label=_("Remark"), required=False, max_length=LONGEST_REASON, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, unit: str, is_state: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["total"].widget = QuantityInput(unit)
        if is_state:
            del self.fields["total"]


class EditForm(DecisionForm):
    """A value for each interval of the issue."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Where the values come from. It stays beside them."),
    )

    def __init__(
        self, *args: Any, places: Sequence[int], clocks: Sequence[str], values: Sequence[float | None], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.places = list(places)
        for place, clock, value in zip(places, clocks, values, strict=True):
            self.fields[f"value_{place}"] = forms.FloatField(
                label=clock,
                initial=value,
                min_value=-1e12,
                max_value=1e12,
                widget=forms.TextInput(
                    attrs={"inputmode": "decimal", "class": "input-short num", "autocomplete": "off"}
                ),
            )

    @property
    def cells(self) -> list[forms.BoundField]:
        return [self[f"value_{place}"] for place in self.places]

    @property
    def values(self) -> dict[int, float]:
        return {place: self.cleaned_data[f"value_{place}"] for place in self.places}


class RulesForm(forms.Form):
    """Each rule of a channel: whether it is asked, how much it weighs, and its threshold where it has one."""

    def __init__(self, *args: Any, settings: Mapping[str, RuleSetting], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.settings = settings
        for rule, setting in settings.items():
            label = QualityRule(rule).label
            self.fields[f"{rule}_on"] = forms.BooleanField(
                label=label,
                required=False,
                initial=setting.is_on,
                widget=forms.CheckboxInput(attrs={"class": "form-check-input"}),
            )
            self.fields[f"{rule}_severity"] = forms.ChoiceField(
                label=_("Severity"), choices=Severity.choices, initial=setting.severity
            )
            if setting.unit:
                self.fields[f"{rule}_threshold"] = forms.FloatField(
                    label=_("Threshold"),
                    initial=setting.threshold,
                    min_value=0,
                    max_value=1_000_000,
                    widget=QuantityInput(setting.unit, {"class": "input-short"}),
                )

    @property
    def lines(self) -> list[dict[str, Any]]:
        """A row of the page for each rule."""
        return [
            {
                "label": QualityRule(rule).label,
                "is_on": self[f"{rule}_on"],
                "severity": self[f"{rule}_severity"],
                "threshold": self[f"{rule}_threshold"] if setting.unit else None,
                "unit": setting.unit,
                "advice": ADVICE[rule],
            }
            for rule, setting in self.settings.items()
        ]

    @property
    def written(self) -> dict[str, RuleSetting]:
        given = self.cleaned_data
        return {
            rule: RuleSetting(
                given[f"{rule}_on"], given[f"{rule}_severity"], given.get(f"{rule}_threshold"), setting.unit
            )
            for rule, setting in self.settings.items()
        }


ADVICE: dict[str, Any] = {
    QualityRule.MISSING: _("Threshold: so many minutes of a day may be missing."),
    QualityRule.NEGATIVE: _("Less than the lowest value of the channel, or than zero."),
    QualityRule.OVER_CAPACITY: _("Threshold: of what the rated power or the highest value of the channel allow."),
    QualityRule.SPIKE: _("Threshold: so much over the third-highest value of the day, or over the usual peak."),
    QualityRule.FROZEN: _("Threshold: the same value, not zero, for so long."),
    QualityRule.ZERO: _("Threshold: nothing for so long, at times at which there was always something."),
    QualityRule.SUSPECT: _("The source of the reading marks it as doubtful."),
    QualityRule.SUB_SURPLUS: _("Of a head meter. Threshold: so much more than it counted, on a day that is complete."),
    QualityRule.SUB_LOSSES: _("Of a head meter. Threshold: so much less than it counted, on a day that is complete."),
    QualityRule.REGISTER_GAP: _("Of a meter with both. Threshold: the sum of the day's intervals differs by so much."),
}
