from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any, Self

from django.db.models import BooleanField, Case, F, Func, Q, QuerySet, Value, When
from django.db.models.expressions import OrderBy
from django.db.models.functions import Coalesce, NullIf
from django.utils.translation import get_language

from enterprises.calculations import normalised_code
from enterprises.choices import EnterpriseStatus
from parks.actors import Actor

if TYPE_CHECKING:
    from enterprises.models import DeclaredInterest, Enterprise  # noqa: F401


class IsFound(Func):
    """Whether the enterprise that a column names is one in whose code, names or contact every word occurs.

    For officials: the database refuses others. An array, because PostgreSQL makes that once: as a set it asked the
    search anew for every row that it joined.
    """

    template = "%(expressions)s)))"
    arg_joiner = " = ANY (ARRAY(SELECT enterprises_search("
    output_field = BooleanField()

    def __init__(self, column: str, words: str, **extra: Any) -> None:
        super().__init__(F(column), Value(words), **extra)


class IsAmong(Func):
    """Whether a column is one of the identifiers in an array, as PostgreSQL writes it."""

    template = "%(expressions)s::uuid[])"
    arg_joiner = " = ANY ("
    output_field = BooleanField()

    def __init__(self, column: str, ids: str, **extra: Any) -> None:
        super().__init__(F(column), Value(ids), **extra)


class EnterpriseQuerySet(QuerySet["Enterprise"]):
    def active(self) -> Self:
        return self.filter(status=EnterpriseStatus.ACTIVE)

    def visible_to(self, actor: Actor) -> Self:
        """The park's enterprises for an official, the own one for an enterprise person. The policies say the same."""
        own = self.filter(park_id=actor.park_id)
        return own.filter(pk=actor.enterprise_id) if actor.is_enterprise_person else own

    def search(self, text: str) -> Self:
        """Those in whose code, names or contact every word occurs. For officials: the database refuses others."""
        return self.filter(IsFound("pk", text))

    def by_name(self, *, descending: bool = False, sought: str = "") -> Self:
        """Ordered by the name that the active language shows; first who is called as `sought` is, or begins with it."""
        # The same expression as in the index of the model; a Chinese name is never missing.
        english = Coalesce(NullIf(F("name_en"), Value("")), F("name_zh"))
        shown = F("name_zh") if (get_language() or "").startswith("zh") else english
        nearest = [_nearness(sought).asc()] if sought else []
        return self.order_by(*nearest, OrderBy(shown, descending=descending), "pk")


def _nearness(sought: str) -> Case:
    """0 for the name or the code itself, 1 for names that begin with the whole words, 2 for what begins so, else 3."""
    words = " ".join(unicodedata.normalize("NFKC", sought).split())
    same = Q(name_zh__iexact=words) | Q(name_en__iexact=words) | Q(credit_code=normalised_code(words))
    whole = Q(name_en__istartswith=f"{words} ") | Q(name_zh__istartswith=f"{words} ")
    begins = Q(name_zh__istartswith=words) | Q(name_en__istartswith=words)
    begins |= Q(credit_code__startswith=normalised_code(words))
    return Case(*(When(told, then=rank) for rank, told in enumerate((same, whole, begins))), default=3)


class DeclaredInterestQuerySet(QuerySet["DeclaredInterest"]):
    def current(self) -> Self:
        return self.filter(ended_at=None)

    def of_user(self, user_id: int) -> Self:
        return self.filter(user_id=user_id)
