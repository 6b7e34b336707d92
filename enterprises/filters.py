from __future__ import annotations

import django_filters
from django.utils.translation import gettext_lazy as _

from enterprises.choices import EnterpriseKind, EnterpriseStatus
from enterprises.models import Enterprise
from enterprises.querysets import EnterpriseQuerySet

LONGEST_SEARCH = 100


class EnterpriseFilter(django_filters.FilterSet):
    """Words that must all occur, and what kind of enterprise it is. A value that does not exist filters nothing."""

    q = django_filters.CharFilter(method="search", max_length=LONGEST_SEARCH)
    kind = django_filters.ChoiceFilter(choices=EnterpriseKind.choices, empty_label=_("All"))
    status = django_filters.ChoiceFilter(choices=EnterpriseStatus.choices, empty_label=_("All"))
    key_user = django_filters.ChoiceFilter(
        field_name="is_key_energy_user", choices=[("True", _("Yes")), ("False", _("No"))], empty_label=_("All")
    )

    class Meta:
        model = Enterprise
        fields: list[str] = []

    def search(self, queryset: EnterpriseQuerySet, _name: str, text: str) -> EnterpriseQuerySet:
        return queryset.search(text) if text.strip() else queryset

    @property
    def is_active(self) -> bool:
        """Whether anything narrows the list."""
        return self.form.is_valid() and any(self.form.cleaned_data.values())
