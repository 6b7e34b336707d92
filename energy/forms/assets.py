"""Energy assets as energy managers enter them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from energy.choices import AssetRole
from energy.forms.meters import OwnerField
from energy.models import NAMEPLATE, NEEDED, OF_THIS_AGE, Asset, Channel
from energy.queries.assets.register import channel_named
from energy.services.assets import OF_ASSET, ROLES
from enterprises.querysets import EnterpriseQuerySet
from lib.forms import DateInput, MoneyField, QuantityInput
from lib.text import NamesForm
from parks.actors import Actor
from parks.forms.changes import ChangesForm

LEAST = Decimal("0.001")


def _quantity(label: Any, unit: str, help_text: Any = "", **options: Any) -> MoneyField:
    told = {"max_digits": 14, "decimal_places": 3, "min_value": LEAST, "required": False, **options}
    return MoneyField(label=label, help_text=help_text, widget=QuantityInput(unit), **told)


class AssetForm(NamesForm, ChangesForm):
    """An asset of a kind with its nameplate. `owner` is asked of officials, and only when it is entered."""

    names = ("name",)
    owner = OwnerField(help_text=_("Whose it is. Empty for an asset of the park itself."))
    peak_power_kwp = _quantity(_("Peak power"), "kWp", _("Of the modules under standard conditions."))
    power_kw = _quantity(_("Rated power"), "kW")
    capacity_kwh = _quantity(_("Usable capacity"), "kWh")
    guaranteed_efficiency_percent = _quantity(
        _("Guaranteed round-trip efficiency"),
        "%",
        _("Of the contract. Less than this is shown as below the guarantee."),
        max_digits=5,
        decimal_places=2,
        max_value=Decimal(100),
    )
    tilt_degrees = _quantity(
        _("Tilt"),
        "°",
        _("0 lies flat, 90 stands upright."),
        max_digits=4,
        decimal_places=1,
        min_value=Decimal(0),
        max_value=Decimal(90),
    )
    azimuth_degrees = _quantity(
        _("Azimuth"),
        "°",
        _("From north over east: 180 looks south."),
        max_digits=4,
        decimal_places=1,
        min_value=Decimal(0),
        max_value=Decimal(360),
    )
    export_limit_kw = _quantity(_("Export limit"), "kW", _("What the grid takes at most. Empty without a limit."))
    design_yield_kwh_per_kwp = _quantity(
        _("Yield of the design"),
        "kWh/kWp",
        _("Of a year, as the design worked it out. A year's yield is compared with it."),
        max_digits=6,
        decimal_places=1,
    )
    floor_area_m2 = _quantity(_("Floor area"), "m²", max_digits=12, decimal_places=2, min_value=Decimal("0.01"))

    class Meta:
        model = Asset
        fields: tuple[str, ...] = (
            *OF_ASSET,
            "peak_power_kwp",
            "power_kw",
            "capacity_kwh",
            "guaranteed_efficiency_percent",
            "tilt_degrees",
            "azimuth_degrees",
            "export_limit_kw",
            "design_yield_kwh_per_kwp",
            "connectors",
            "floor_area_m2",
        )
        widgets: ClassVar = {"starts_on": DateInput()}
        labels: ClassVar = {
            "name": pgettext_lazy("thing", "Name"),
            "location": _("Location"),
            "starts_on": _("Commissioned on"),
            "connectors": _("Connectors"),
        }

    def __init__(self, *args: Any, kind: str, enterprises: EnterpriseQuerySet | None = None, **kwargs: Any) -> None:
        """enterprises: of those an official chooses the owner; None where there is nothing to choose."""
        super().__init__(*args, **kwargs)
        self.instance.kind = kind
        of_kind = NAMEPLATE[kind]
        for name in set().union(*NAMEPLATE.values()) - set(of_kind):
            del self.fields[name]
        for name in NEEDED[kind]:
            self.fields[name].required = True
        if enterprises is None:
            del self.fields["owner"]
        else:
            self.fields["owner"].enterprises = enterprises  # type: ignore[attr-defined]
        self.order_fields(("owner", *OF_ASSET, *of_kind))

    @property
    def facts(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != "owner"}


class ChannelField(forms.CharField):
    """The name of a channel in files; cleaned to the channel."""

    def __init__(self, **options: Any) -> None:
        self.actor: Actor | None = None
        super().__init__(
            **{
                "label": _("Channel"),
                "help_text": _("The serial number of its meter; with /code where the meter has several channels."),
                "max_length": 70,
                "widget": forms.TextInput(attrs={"class": "code", "autocomplete": "off", "list": "channel-names"}),
                **options,
            }
        )

    def clean(self, value: Any) -> Channel | None:
        written = super().clean(value)
        found = channel_named(self.actor, written) if self.actor and written else None
        if found is None:
            raise forms.ValidationError(_("No channel has this name, or more than one has."), code="unknown_channel")
        return found


class LinkForm(forms.Form):
    """Which channel measures what of an asset."""

    role = forms.ChoiceField(label=_("Measures"), choices=())
    channel = ChannelField()
    starts_on = forms.DateField(label=_("From"), widget=DateInput(), validators=OF_THIS_AGE)

    def __init__(self, *args: Any, asset: Asset, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [(role, AssetRole(role).label) for role in ROLES[asset.kind]]  # type: ignore[attr-defined]
        self.fields["channel"].actor = actor  # type: ignore[attr-defined]


class MemberForm(forms.Form):
    """Which asset belongs to a microgrid."""

    member = forms.ModelChoiceField(label=_("Asset"), queryset=Asset.objects.none())
    starts_on = forms.DateField(label=_("From"), widget=DateInput(), validators=OF_THIS_AGE)

    def __init__(self, *args: Any, possible: QuerySet[Asset], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["member"].queryset = possible  # type: ignore[attr-defined]


class EndForm(forms.Form):
    """From when on something is over."""

    ends_on = forms.DateField(
        widget=DateInput(), validators=OF_THIS_AGE, help_text=_("The first day on which it is not so any more.")
    )

    def __init__(self, *args: Any, label: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["ends_on"].label = label
