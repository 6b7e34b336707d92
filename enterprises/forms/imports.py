"""What officials say of a file of enterprises."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from enterprises import facts
from enterprises.models import RegisterImport
from enterprises.services.imports import HEADINGS
from lib.formatting import number
from lib.forms import FileDrop

REQUIRED = ("credit_code", "name_zh")
GROUPS = (
    (
        _("Identity"),
        (
            "credit_code",
            "name_zh",
            "name_en",
            "legal_representative",
            "established_on",
            "registered_capital",
            "capital_currency",
            "address",
        ),
    ),
    (
        _("Business"),
        ("kind", "industry_code", "industry_zh", "industry_en", "employees", "website", "is_key_energy_user"),
    ),
    (
        _("Contact"),
        (
            "contact_name",
            "contact_phone",
            "contact_email",
            "energy_contact_name",
            "energy_contact_phone",
            "energy_contact_email",
        ),
    ),
)


class RegisterFileForm(forms.Form):
    upload = forms.FileField(
        label=_("Table of enterprises"),
        error_messages={"required": _("Choose a file.")},
        widget=FileDrop(attrs={"accept": ".xlsx,.csv,.txt,.tsv"}),
        # The form keeps a file that has no byte: why it is not taken is said in one place.
        allow_empty_file=True,
    )


class MatchingForm(forms.Form):
    """For each fact the column that holds it. Which columns there are is the file's."""

    def __init__(self, *args: Any, headings: Sequence[str], matching: Mapping[str, int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        columns = [(str(place), column_label(place, heading)) for place, heading in enumerate(headings)]
        for name in HEADINGS:
            self.fields[name] = forms.ChoiceField(
                label=facts.label_of(name),
                choices=[("", _("not in the file")), *columns],
                required=name == "credit_code",
                initial=str(matching[name]) if name in matching else "",
            )

    @property
    def mapping(self) -> dict[str, int]:
        """What was chosen; only of a valid form."""
        return {name: int(place) for name, place in self.cleaned_data.items() if place}

    def chosen(self, name: str) -> int | None:
        """The column that the page shows as chosen."""
        place = str(self[name].value() or "")
        return int(place) if place.isdigit() else None


def column_label(place: int, heading: str) -> str:
    """A column as a spreadsheet program calls it, and its heading.

    >>> column_label(0, "名称"), column_label(27, "")
    ('A · 名称', 'AB')
    """
    letters, rest = "", place + 1
    while rest:
        rest, letter = divmod(rest - 1, 26)
        letters = chr(65 + letter) + letters
    return f"{letters} · {heading}" if heading else letters


class StartForm(forms.Form):
    """Start the import; `updates` says whether what is registered already is changed."""

    is_code_confirmed = forms.BooleanField(required=False)
    updates = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, register_import: RegisterImport, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        odd = register_import.rows_to_confirm
        if not odd:
            del self.fields["is_code_confirmed"]
            return
        self.fields["is_code_confirmed"].label = ngettext(
            "%(number)s code fails the check character; the park confirms that it is as on the licence.",
            "%(number)s codes fail the check character; the park confirms that they are as on the licences.",
            odd,
        ) % {"number": number(odd)}
