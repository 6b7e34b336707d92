"""Meters and channels as energy managers enter them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from energy.choices import OF_DEVICES, ChannelKind, Commodity
from energy.forms.hierarchy import HeadMeterField
from energy.models import OF_THIS_AGE, Channel, Meter
from energy.querysets import MeterQuerySet
from energy.services.meters import CHANGED_OF_METER, FITTING, OF_CHANNEL
from enterprises.calculations import normalised_code
from enterprises.models import Enterprise
from enterprises.querysets import EnterpriseQuerySet
from lib.forms import DateInput, MoneyField, QuantityInput
from lib.text import NamesForm
from parks.forms.changes import ChangesForm

SEPARATOR = ":"


def points(*commodities: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """What a meter can count, by commodity: one choice for commodity, flow and unit together, so that they fit."""
    return [
        (
            str(Commodity(commodity).label),
            [
                (SEPARATOR.join((commodity, flow, unit)), f"{flow.label}, {unit.label}")
                for flow in FITTING[commodity][0]
                for unit in FITTING[commodity][1]
            ],
        )
        for commodity in commodities
    ]


class PointField(forms.TypedChoiceField):
    """What a channel counts; cleaned to commodity, flow and unit."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"label": _("Counts"), "coerce": split_point, **options})


def split_point(written: str) -> dict[str, str]:
    return dict(zip(("commodity", "flow", "unit"), written.split(SEPARATOR), strict=True))


def point_of(channel: Channel) -> str:
    return SEPARATOR.join((channel.meter.commodity, channel.flow, channel.unit))


class ChannelFields(forms.ModelForm):
    """The facts of a channel. What is left empty is not limited."""

    point = PointField()
    multiplier = MoneyField(
        label=_("Multiplier"),
        help_text=_("Of the current and voltage transformers: what a file gives is multiplied by it."),
        max_digits=14,
        decimal_places=6,
        min_value=Decimal("0.000001"),
        initial=1,
        widget=QuantityInput("×"),
    )
    rated_power_kw = MoneyField(
        label=_("Rated power"),
        help_text=_("More than it gives in an interval is rejected."),
        max_digits=14,
        decimal_places=3,
        min_value=Decimal("0.001"),
        required=False,
        widget=QuantityInput("kW"),
    )
    dial_limit = MoneyField(
        label=_("Dial begins anew at"),
        help_text=_("Of a cumulative register: 1,000,000 for one with six digits."),
        max_digits=16,
        decimal_places=3,
        min_value=Decimal("0.001"),
        required=False,
        widget=QuantityInput("", {"class": "input-short"}),
    )

    class Meta:
        model = Channel
        fields: tuple[str, ...] = (
            "code",
            "kind",
            "interval_minutes",
            "multiplier",
            "rated_power_kw",
            "dial_limit",
        )
        help_texts: ClassVar = {
            "code": _("What files call it beside the serial number, such as E1. Empty where there is one only.")
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = OF_DEVICES if self.instance.kind in OF_DEVICES else (self.instance.kind,)
        self.fields["kind"].choices = [(kind, ChannelKind(kind).label) for kind in kinds]  # type: ignore[attr-defined]

    @property
    def channel_facts(self) -> dict[str, Any]:
        """Values of a channel by their columns; only of a valid form."""
        given = self.cleaned_data
        facts = {name: given[name] for name in OF_CHANNEL if name in given}
        return facts | {name: given["point"][name] for name in ("flow", "unit")}


class OwnerField(forms.CharField):
    """The credit code of an enterprise of the park; empty for the park itself."""

    def __init__(self, **options: Any) -> None:
        self.enterprises: EnterpriseQuerySet = Enterprise.objects.none()
        super().__init__(
            **{
                "label": _("Credit code of the enterprise"),
                "help_text": _("Whose use it measures. Empty for a meter of the park itself."),
                "required": False,
                "max_length": 40,
                "widget": forms.TextInput(attrs={"class": "code", "autocomplete": "off"}),
                **options,
            }
        )

    def clean(self, value: Any) -> Enterprise | None:
        code = normalised_code(super().clean(value))
        if not code:
            return None
        found = self.enterprises.filter(credit_code=code).first()
        if found is None:
            raise forms.ValidationError(_("No enterprise of the park has this code."), code="unknown_enterprise")
        return found


class NewMeterForm(NamesForm, ChannelFields):
    """A meter with its first channel. `owner` is asked of officials alone."""

    names = ("serial", "name")
    owner = OwnerField()
    serial = forms.CharField(
        label=_("Serial number"), max_length=40, help_text=_("As it stands on the meter and in files.")
    )
    name = forms.CharField(
        label=pgettext_lazy("thing", "Name"), max_length=120, help_text=_("For example: Main intake A.")
    )
    location = forms.CharField(
        label=_("Location"), max_length=200, required=False, help_text=_("For example: substation 3, bay 2.")
    )
    starts_on = forms.DateField(label=_("In service from"), widget=DateInput(), validators=OF_THIS_AGE)
    head = HeadMeterField(help_text=_("What passes this meter has passed that one before. Empty where there is none."))

    def __init__(self, *args: Any, enterprises: EnterpriseQuerySet | None, heads: MeterQuerySet, **kwargs: Any) -> None:
        """enterprises: of those an official chooses the owner; None for people of an enterprise. heads: what the new
        meter may hang below."""
        super().__init__(*args, **kwargs)
        self.fields["head"].among = heads  # type: ignore[attr-defined]
        self.fields["point"].choices = points(*FITTING)  # type: ignore[attr-defined]
        if enterprises is None:
            del self.fields["owner"]
        else:
            self.fields["owner"].enterprises = enterprises  # type: ignore[attr-defined]

    @property
    def meter_facts(self) -> dict[str, Any]:
        given = self.cleaned_data
        return {name: given[name] for name in CHANGED_OF_METER} | {"commodity": given["point"]["commodity"]}


class MeterEditForm(NamesForm, ChangesForm):
    names = ("serial", "name")

    class Meta:
        model = Meter
        fields = CHANGED_OF_METER
        widgets: ClassVar = {"starts_on": DateInput()}


class ChannelForm(ChannelFields, ChangesForm):
    """A channel of a meter that is there: what it counts is a matter of the meter."""

    lowest = forms.FloatField(
        label=_("Lowest value of an interval"),
        required=False,
        help_text=_("Less is rejected. Empty: nothing below zero, except of what is observed."),
    )
    highest = forms.FloatField(
        label=_("Highest value of an interval"), required=False, help_text=_("More is rejected.")
    )

    class Meta(ChannelFields.Meta):
        fields = (*ChannelFields.Meta.fields, "lowest", "highest", "starts_on", "ends_on")
        widgets: ClassVar = {"starts_on": DateInput(), "ends_on": DateInput()}

    def __init__(self, *args: Any, meter: Meter, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["point"].choices = points(meter.commodity)  # type: ignore[attr-defined]
        if self.instance.meter_id:
            self.initial["point"] = point_of(self.instance)

    @property
    def changes(self) -> dict[str, Any]:
        """What counts is one choice on the page and two columns."""
        point = self.cleaned_data["point"] if "point" in self.changed_data else {}
        return super().changes | {name: point[name] for name in ("flow", "unit") if name in point}


class RetireForm(forms.Form):
    ends_on = forms.DateField(
        label=_("Out of service from"),
        widget=DateInput(),
        validators=OF_THIS_AGE,
        help_text=_("The first day that it does not measure any more."),
    )
