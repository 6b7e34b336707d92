"""How forms are drawn: label above, hint, error above the input."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms
from django.core import validators
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.forms.renderers import TemplatesSetting
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from lib import formatting, selects
from lib.amounts import written_amount

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


def speak_our_words() -> None:
    """Say what every form asks of its fields in the portal's words instead of Django's."""
    forms.Field.default_error_messages["required"] = _("Fill this in.")
    forms.ChoiceField.default_error_messages["required"] = _("Choose one.")
    forms.MultipleChoiceField.default_error_messages["required"] = _("Choose at least one.")
    forms.DecimalField.default_error_messages["invalid"] = _("Enter a number.")
    forms.FloatField.default_error_messages["invalid"] = _("Enter a number.")
    forms.IntegerField.default_error_messages["invalid"] = _("Enter a whole number.")
    forms.DateField.default_error_messages["invalid"] = _("Enter a day as year-month-day, for example 2026-11-08.")
    validators.MaxValueValidator.message = _("Enter at most %(limit_value)s.")
    validators.MinValueValidator.message = _("Enter at least %(limit_value)s.")
    validators.MaxLengthValidator.message = ngettext_lazy(
        "Use at most %(limit_value)d character; this has %(show_value)d.",
        "Use at most %(limit_value)d characters; this has %(show_value)d.",
        "limit_value",
    )
    validators.DecimalValidator.messages["max_decimal_places"] = ngettext_lazy(  # type: ignore[assignment]
        "Use at most %(max)s decimal.", "Use at most %(max)s decimals.", "max"
    )


class PortalRenderer(TemplatesSetting):
    """Draws every form of the portal, allauth's included, with the project's templates."""

    form_template_name = "django/forms/form.html"
    field_template_name = "django/forms/field.html"

    def render(self, template_name: str, context: dict[str, Any], request: Any = None) -> str:
        if template_name == forms.Select.template_name:
            return selects.drawn(context["widget"])
        return super().render(template_name, context, request)


class DateInput(forms.DateInput):
    """The browser's own date field; it speaks ISO dates in every language."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs={"class": "input-short", **(attrs or {})}, format="%Y-%m-%d")

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """What is no day comes back as it was typed: in a date field browsers would show nothing of it."""
        context = super().get_context(name, value, attrs)
        if not _is_day(context["widget"]["value"] or "2000-01-01"):
            context["widget"]["type"] = "text"
        return context


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


class MoneyInput(forms.TextInput):
    """An amount typed as text, thousands separators allowed, with its currency inside the frame."""

    template_name = "django/forms/widgets/suffixed.html"

    def __init__(self, attrs: dict[str, Any] | None = None, suffix: str = "CNY") -> None:
        super().__init__(attrs={"inputmode": "decimal", "autocomplete": "off", **(attrs or {})})
        self.suffix = suffix

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["widget"]["suffix"] = self.suffix
        return context


class QuantityInput(MoneyInput):
    """A figure with its unit inside the frame: QuantityInput("kWh")."""

    def __init__(self, suffix: str, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, suffix)


NO_DIGITS = str.maketrans("", "", ",，¥￥ ")


class MoneyField(forms.DecimalField):
    """Accepts 1,500,000.00, ¥1500000 and 150万; keeps at most two decimals. Names its limits as amounts are written."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", MoneyInput())
        super().__init__(**{"max_digits": 16, "decimal_places": 2, **options})

    def prepare_value(self, value: Any) -> Any:
        """A quantity as it was typed, without the zeros that its column keeps behind it."""
        if isinstance(value, Decimal) and not self._is_money:
            return f"{value.normalize():f}"
        return super().prepare_value(value)

    def to_python(self, value: Any) -> Any:
        plain = value.translate(NO_DIGITS) if isinstance(value, str) else value
        try:
            return super().to_python(plain)
        except ValidationError as refused:
            if not self._is_money:
                raise
            try:
                return super().to_python(written_amount(value))
            except ValueError:
                raise refused from None

    def run_validators(self, value: Any) -> None:
        try:
            super().run_validators(value)
        except ValidationError as error:
            for told in error.error_list:
                if told.params and "limit_value" in told.params:
                    told.params = {**told.params, "limit_value": self._written(told.params["limit_value"])}
            raise

    def _written(self, limit: formatting.Figure) -> str:
        return formatting.money(limit, self._unit) if self._is_money else f"{formatting.number(limit)} {self._unit}"

    @property
    def _unit(self) -> str:
        return getattr(self.widget, "suffix", "CNY")

    @property
    def _is_money(self) -> bool:
        return self._unit in formatting.CURRENCY_SIGNS


class RadioCards(forms.RadioSelect):
    """Radio buttons as ruled cards; `descriptions` maps a value to the line below its label."""

    template_name = "django/forms/widgets/radio_cards.html"

    def __init__(
        self,
        attrs: dict[str, Any] | None = None,
        choices: Any = (),
        descriptions: Mapping[str, StrOrPromise] | None = None,
    ) -> None:
        super().__init__(attrs, choices)
        self.descriptions = descriptions or {}

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        return {**option, "description": self.descriptions.get(str(value), "")}


class FileDrop(forms.ClearableFileInput):
    """A file field that also takes files dropped on it; without a script it is the plain field."""

    template_name = "django/forms/widgets/file_drop.html"

    sent: Any = None

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        """Remembered, because a field does not give its file back to be drawn."""
        self.sent = super().value_from_datadict(data, files, name)
        return self.sent

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Who sees the form once more is told to choose the file again, unless the file itself was wrong."""
        context = super().get_context(name, value, attrs)
        sent = self.sent if isinstance(self.sent, list) else [self.sent]
        is_wrong = "aria-invalid" in context["widget"]["attrs"]
        names = [] if is_wrong else [str(file.name) for file in sent if isinstance(file, UploadedFile)]
        context["widget"]["lost"] = str(_(", ")).join(names)
        return context


class ManyFiles(FileDrop):
    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """No file, or several: a list."""

    widget = ManyFiles

    def clean(self, value: Any, initial: Any = None) -> list[UploadedFile]:
        return [super(ManyFilesField, self).clean(upload, initial) for upload in value or ()]
