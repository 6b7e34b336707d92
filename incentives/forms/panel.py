"""What an expert fills in."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from incentives.models import PanelSeat
from incentives.services import criterion_name
from parks.forms.decisions import text_field


class ScoresForm(forms.Form):
    """One field for each criterion of the version, `score_0` and on. A draft may leave some empty."""

    use_required_attribute = False

    def __init__(self, *args: Any, seat: PanelSeat, is_draft: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for place, criterion in enumerate(seat.application.programme_version.criteria):
            self.fields[f"score_{place}"] = forms.DecimalField(
                label=criterion_name(criterion),
                help_text=_("From 0 to %(most)s points, weight %(weight)s.") % criterion,
                min_value=Decimal(0),
                max_value=Decimal(criterion["most"]),
                max_digits=4,
                decimal_places=1,
                required=not is_draft,
                widget=forms.TextInput(attrs={"inputmode": "decimal", "class": "input-short"}),
            )
        self.fields["comment"] = text_field(
            _("Comment"), _("The officials of the park read it, the enterprise does not."), required=False
        )

    @classmethod
    def of(cls, seat: PanelSeat) -> ScoresForm:
        given = {f"score_{place}": score for place, score in enumerate(seat.scores) if score is not None}
        return cls(seat=seat, initial={**given, "comment": seat.comment})

    @property
    def scores(self) -> list[Decimal | None]:
        return [self.cleaned_data[name] for name in self.fields if name.startswith("score_")]


class ConflictForm(forms.Form):
    use_required_attribute = False

    reason = text_field(
        _("What is the conflict?"), _("The officials of the park read it. Somebody else is seated."), longest=1000
    )
