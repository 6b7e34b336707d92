from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.http import QueryDict
from django.urls import NoReverseMatch, resolve, reverse
from django.utils.translation import gettext_lazy as _

from lib.text import validate_name
from parks.access import access_of
from parks.actors import Actor
from parks.models import SavedView

LONGEST_QUERY = 1000
# What of an address says how it is looked at, not what is looked for.
NOT_KEPT = frozenset({"page", "export"})


class ViewNameForm(forms.Form):
    name = forms.CharField(
        label=_("Name"),
        max_length=SavedView._meta.get_field("name").max_length,
        validators=[validate_name],
        help_text=_("For example “Key users without an owner”. Only you see it."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class SavedViewForm(ViewNameForm):
    """A view to be kept: the name of its page and what stands behind the question mark."""

    page = forms.CharField(max_length=80, widget=forms.HiddenInput)
    query = forms.CharField(required=False, max_length=LONGEST_QUERY, widget=forms.HiddenInput)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor

    def clean_page(self) -> str:
        page = str(self.cleaned_data["page"])
        if address_of(page, self.actor) is None:
            raise forms.ValidationError(_("There is no such list."))
        return page

    def clean_query(self) -> str:
        return kept_query(QueryDict(self.cleaned_data["query"]))


def kept_query(parameters: QueryDict) -> str:
    """What of a query belongs to a view, in one order, so that two that ask the same are the same.

    >>> kept_query(QueryDict("status=active&page=7&kind=&q=a b"))
    'q=a+b&status=active'
    """
    kept = QueryDict(mutable=True)
    for name in sorted(parameters.keys() - NOT_KEPT):
        values = [value for value in parameters.getlist(name) if value]
        if values:
            kept.setlist(name, values)
    return str(kept.urlencode())


def address_of(page: str, actor: Actor) -> str | None:
    """The address of a list by its name; None where there is none that the actor may open."""
    try:
        address = reverse(page)
    except NoReverseMatch:
        return None
    access = access_of(resolve(address, settings.ROOT_URLCONF).func)
    return address if access is not None and access.allowed is not None and access.admits(actor) else None
