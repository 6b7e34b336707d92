"""Virtual channels as energy managers enter them."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from energy.forms.meters import PointField, points
from energy.models import Channel, Meter
from energy.models.virtual import LONGEST_FORMULA


class FormulaForm(forms.Form):
    formula = forms.CharField(
        label=_("Formula"),
        max_length=LONGEST_FORMULA,
        widget=forms.Textarea(attrs={"rows": 3, "class": "code", "spellcheck": "false"}),
        help_text=_(
            "Channels by serial number in square brackets, with the code behind a stroke where a meter has several. "
            "For example: max(0, [P-110] − [M-1101/E1] × 0.98)."
        ),
    )


class VirtualChannelForm(FormulaForm, forms.ModelForm):
    """A channel of a meter that is there, worked out from others."""

    point = PointField()

    class Meta:
        model = Channel
        fields: ClassVar = ["code", "interval_minutes"]
        help_texts: ClassVar = {"code": _("What formulas and the API call it beside the serial number, such as V1.")}

    def __init__(self, *args: Any, meter: Meter, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["point"].choices = points(meter.commodity)  # type: ignore[attr-defined]
        self.fields["code"].required = True

    @property
    def facts(self) -> dict[str, Any]:
        given = self.cleaned_data
        told = {name: given[name] for name in ("code", "interval_minutes")}
        return told | {name: given["point"][name] for name in ("flow", "unit")}
