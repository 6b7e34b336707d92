"""Tariffs as the notices of the provinces print them: seasons by months, and the hours of each kind of day."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.choices import time_zone_choices
from energy.calculations.tariff_clock import DAY_KINDS, LETTERS, PERIODS, SLOTS, letters_of, periods_of, stretches_of
from energy.calculations.tariff_clock import Season as ParsedSeason
from energy.choices import ChargeBasis, DayKind, PowerFactorStandard, TariffPeriod
from energy.models import CHARGES, OF_THIS_AGE, PRICES, TERMS, Tariff, TariffVersion
from energy.querysets import TariffQuerySet
from energy.services.tariffs import OF_ASSIGNMENT
from lib.forms import DateInput, MoneyField, QuantityInput
from lib.text import NamesForm

MOST_SEASONS = 4
PARTS = re.compile(r"[,;，；、\s]+")
STRETCH = re.compile(r"(\d{1,2})[:：](00|30)[-–—~～至](\d{1,2})[:：](00|30)")
MONTHS = re.compile(r"(\d{1,2})(?:[-–—~～至](\d{1,2}))?月?")
# In which order periods are asked for: what nobody names is flat, so that one comes last.
ASKED = ("S", "P", "V", "D", "F")
PERIOD_OF = dict(zip(LETTERS, PERIODS, strict=True))


def parsed_stretches(text: str) -> list[tuple[int, int]]:
    """Half hours from "08:00–11:30, 22:00-06:00"; the second one behind the last. Raises `ValidationError`.

    >>> parsed_stretches("8:00-11:30，22:00至24:00")
    [(16, 23), (44, 48)]
    """
    found = []
    for part in filter(None, PARTS.split(re.sub(r"\s*([-–—~～至])\s*", r"\1", text.strip()))):
        match = STRETCH.fullmatch(part)
        first, behind = (
            (int(match[1]) * 2 + (match[2] == "30"), int(match[3]) * 2 + (match[4] == "30"))
            if match
            else (
                -1,
                -1,
            )
        )
        if not 0 <= first < SLOTS or not 0 <= behind <= SLOTS or first == behind:
            raise ValidationError(_("Write stretches of full and half hours, such as 08:00–11:30, 22:00–06:00."))
        found.append((first, behind))
    return found


def parsed_months(text: str) -> list[int]:
    """
    >>> parsed_months("1-3, 12"), parsed_months("11至2月")
    ([1, 2, 3, 12], [1, 2, 11, 12])
    """
    found: set[int] = set()
    for part in filter(None, PARTS.split(re.sub(r"\s*([-–—~～至])\s*", r"\1", text.strip()))):
        match = MONTHS.fullmatch(part)
        first = int(match[1]) if match else 0
        last = int(match[2] or first) if match else 0
        if not 1 <= first <= 12 or not 1 <= last <= 12:
            raise ValidationError(_("Write months by their numbers, such as 1-6, 9-12."))
        found |= {(first - 1 + step) % 12 + 1 for step in range((last - first) % 12 + 1)}
    return sorted(found)


def clock_of(slot: int) -> str:
    return f"{slot // 2:02}:{slot % 2 * 3}0"


def written_stretches(letters: str, letter: str) -> str:
    """As `parsed_stretches` reads them.

    >>> written_stretches("V" * 16 + "F" * 28 + "V" * 4, "V")
    '00:00–08:00, 22:00–24:00'
    """
    return ", ".join(f"{clock_of(first)}–{clock_of(behind)}" for first, behind in stretches_of(letters, letter))


def runs_of(months: Iterable[int]) -> list[list[int]]:
    """Months that follow each other, together.

    >>> runs_of([1, 2, 3, 12])
    [[1, 2, 3], [12]]
    """
    runs: list[list[int]] = []
    for month in months:
        if runs and runs[-1][-1] == month - 1:
            runs[-1].append(month)
        else:
            runs.append([month])
    return runs


def written_months(months: Iterable[int]) -> str:
    """
    >>> written_months([1, 2, 3, 12])
    '1-3, 12'
    """
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs_of(months))


def _price(label: Any, unit: str, **options: Any) -> MoneyField:
    return MoneyField(
        label=label, max_digits=10, decimal_places=6, min_value=0, required=False, widget=QuantityInput(unit), **options
    )


class VersionForm(forms.Form):
    """Prices and periods of a version. Cleaned to `facts`: values of `TERMS`."""

    starts_on = forms.DateField(label=gettext_lazy("Valid from"), widget=DateInput(), validators=OF_THIS_AGE)
    source = forms.CharField(
        label=gettext_lazy("Source"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("The notice that the prices stand in, with its number and day."),
    )
    levy_per_kwh = _price(
        gettext_lazy("Funds and levies"),
        "CNY/kWh",
        help_text=gettext_lazy("Collected with every kilowatt-hour, and not adjusted by the power factor."),
    )
    demand_price_per_kw = _price(
        gettext_lazy("Demand charge"), "CNY/kW", help_text=gettext_lazy("A month, for the highest demand.")
    )
    capacity_price_per_kva = _price(
        gettext_lazy("Capacity charge"), "CNY/kVA", help_text=gettext_lazy("A month, for the transformer capacity.")
    )

    def __init__(self, *args: Any, version: TariffVersion | None = None, **kwargs: Any) -> None:
        """version: whose prices and periods stand in the form at first."""
        super().__init__(*args, **kwargs)
        self.initial = {**(initial_of(version) if version else {}), **self.initial}
        for name, period in zip(PRICES, TariffPeriod, strict=True):
            self.fields[name] = _price(period.label, "CNY/kWh")
        for place in range(1, MOST_SEASONS + 1):
            self.fields[f"months_{place}"] = forms.CharField(
                label=_("Months of season %(place)s") % {"place": place},
                required=place == 1,
                max_length=60,
                help_text=_("By their numbers, such as 1-6, 9-12.") if place == 1 else "",
            )
            for kind in DAY_KINDS:
                for letter in ASKED:
                    self.fields[_name(place, kind, letter)] = forms.CharField(
                        label=TariffPeriod(PERIOD_OF[letter]).label, required=False, max_length=200
                    )

    @property
    def prices(self) -> list[forms.BoundField]:
        return [self[name] for name in PRICES]

    @property
    def seasons(self) -> Iterator[dict[str, Any]]:
        """The seasons as the page draws them; one that says nothing is folded up."""
        for place in range(1, MOST_SEASONS + 1):
            days: list[dict[str, Any]] = [
                {
                    "label": DayKind(kind).label,
                    "is_working": kind == "working",
                    "fields": [self[_name(place, kind, letter)] for letter in ASKED],
                }
                for kind in DAY_KINDS
            ]
            fields = [self[f"months_{place}"], *(bound for day in days for bound in day["fields"])]
            is_open = place == 1 or any(bound.value() or bound.errors for bound in fields)
            yield {"place": place, "months": fields[0], "days": days, "is_open": is_open}

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        self.parsed = [season for place in range(1, MOST_SEASONS + 1) if (season := self._season(place)) is not None]
        if not self.errors:
            self._refuse_months()
            self._refuse_missing_prices()
        return given

    def _season(self, place: int) -> dict[str, Any] | None:
        months = self._read(f"months_{place}", parsed_months)
        days = {kind: self._day(place, kind) for kind in DAY_KINDS}
        if not months:
            if any(days.values()) and f"months_{place}" not in self.errors:
                self.add_error(f"months_{place}", _("Say which months these hours are of."))
            return None
        working = days["working"] or "F" * SLOTS
        return {"months": months, **{kind: letters or working for kind, letters in days.items()}}

    def _day(self, place: int, kind: str) -> str:
        """The letters of a kind of day; empty where nothing is said of it."""
        stretches = {letter: self._read(_name(place, kind, letter), parsed_stretches) for letter in ASKED}
        if not any(stretches.values()):
            return ""
        try:
            return letters_of(stretches)
        except ValueError as error:
            twice = clock_of(int(error.args[0]))
            named = [letter for letter, found in stretches.items() if found]
            self.add_error(
                _name(place, kind, named[-1]), _("Two periods claim the half hour of %(clock)s.") % {"clock": twice}
            )
            return ""

    def _read(self, name: str, parse: Any) -> Any:
        try:
            return parse(self.cleaned_data.get(name) or "")
        except ValidationError as error:
            self.add_error(name, error)
            return []

    def _refuse_months(self) -> None:
        claimed: dict[int, int] = {}
        for season in self.parsed:
            for month in season["months"]:
                claimed[month] = claimed.get(month, 0) + 1
        twice = [month for month, count in claimed.items() if count > 1]
        missing = [month for month in range(1, 13) if month not in claimed]
        if twice:
            self.add_error("months_1", _("Two seasons claim month %(months)s.") % {"months": written_months(twice)})
        if missing:
            self.add_error("months_1", _("No season has month %(months)s.") % {"months": written_months(missing)})

    def _refuse_missing_prices(self) -> None:
        seasons = [ParsedSeason(tuple(each["months"]), *(each[kind] for kind in DAY_KINDS)) for each in self.parsed]
        for period in periods_of(seasons):
            if self.cleaned_data.get(f"price_{period}") is None:
                self.add_error(f"price_{period}", _("The seasons have hours of this period: give its price."))

    @property
    def facts(self) -> dict[str, Any]:
        """Only of a valid form."""
        return {name: self.parsed if name == "seasons" else self.cleaned_data[name] for name in TERMS}


def _name(place: int, kind: str, letter: str) -> str:
    return f"hours_{place}_{kind}_{PERIOD_OF[letter]}"


def initial_of(version: TariffVersion) -> dict[str, Any]:
    """What the form says of a version. Kinds of days that are as working days are left out, as one would write it."""
    said = {name: getattr(version, name) for name in ("starts_on", "source", *PRICES, *CHARGES)}
    said = {name: value.normalize() if name in {*PRICES, *CHARGES} and value else value for name, value in said.items()}
    for place, season in enumerate(version.seasons[:MOST_SEASONS], start=1):
        said[f"months_{place}"] = written_months(season["months"])
        for kind in DAY_KINDS:
            if kind == "working" or season[kind] != season["working"]:
                said |= _hours_of(place, kind, season)
    return said


def _hours_of(place: int, kind: str, season: Mapping[str, str]) -> dict[str, str]:
    letters = season[kind]
    is_flat = set(letters) == {"F"}
    return {
        _name(place, kind, letter): written_stretches(letters, letter) for letter in ASKED if letter != "F" or is_flat
    }


class NewTariffForm(NamesForm, VersionForm):
    names = ("name",)
    name = forms.CharField(
        label=pgettext_lazy("thing", "Name"),
        max_length=120,
        help_text=gettext_lazy("For example: large industry, two-part, 10 kV."),
    )
    time_zone = forms.ChoiceField(
        label=gettext_lazy("Clock of the tariff"),
        choices=time_zone_choices,
        help_text=gettext_lazy("Its hours, days and months are those of this clock. In China it is that of Beijing."),
    )


class AssignmentForm(forms.Form):
    """By which tariff a channel is charged, and from which day on."""

    tariff = forms.ModelChoiceField(label=gettext_lazy("Tariff"), queryset=Tariff.objects.none())
    starts_on = forms.DateField(label=gettext_lazy("Charged from"), widget=DateInput(), validators=OF_THIS_AGE)
    ends_on = forms.DateField(
        label=gettext_lazy("Charged until"),
        widget=DateInput(),
        validators=OF_THIS_AGE,
        required=False,
        help_text=gettext_lazy(
            "The first day that it does not hold any more. Empty: until another tariff is assigned."
        ),
    )
    charge_basis = forms.ChoiceField(
        label=gettext_lazy("Second part"),
        choices=ChargeBasis.choices,
        help_text=gettext_lazy("Of a two-part tariff: what is charged beside the energy."),
    )
    capacity_kva = MoneyField(
        label=gettext_lazy("Transformer capacity"),
        max_digits=12,
        decimal_places=3,
        min_value=1,
        required=False,
        widget=QuantityInput("kVA"),
        help_text=gettext_lazy("Only where the capacity is charged."),
    )
    power_factor_standard = forms.ChoiceField(
        label=gettext_lazy("Power factor standard"),
        choices=[("", gettext_lazy("Not adjusted")), *PowerFactorStandard.choices],
        required=False,
        help_text=gettext_lazy("Needs a channel in kvarh at the same meter."),
    )

    def __init__(self, *args: Any, tariffs: TariffQuerySet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tariff"].queryset = tariffs  # type: ignore[attr-defined]

    @property
    def facts(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in OF_ASSIGNMENT}
