"""Forms that several people may have open at once."""

from __future__ import annotations

from typing import Any

from django import forms


class ChangesForm(forms.ModelForm):
    """Knows what its reader changed since the page was drawn, whatever others have saved meanwhile.

    Each input carries the value it was drawn with beside it; what was left as it was is not written.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.show_hidden_initial = True

    @property
    def changes(self) -> dict[str, Any]:
        """The changed columns with their new values; only of a valid form."""
        columns = {field.name for field in self._meta.model._meta.concrete_fields}
        return {name: self.cleaned_data[name] for name in self.changed_data if name in columns}
