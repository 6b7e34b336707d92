"""Which enterprises of the register have the names of new rows, or nearly: for all rows of a file, not one by one.

The search behind one name (`queries.vetting.similar_names`) takes up to a tenth of a second, a file has thousands.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from django.db import connection
from django.db.models import F, Func, TextField
from numpy.typing import NDArray

from enterprises.models import Enterprise

LEAST_LIKENESS = 0.85
"""More than where a person looks at one name: what thousands of rows share by chance is no note."""
CORE_NAME = Func(F("name_zh"), function="enterprises_core_name", output_field=TextField())


def pairs_of(core: str) -> set[str]:
    """The pairs of neighbouring characters that the likeness counts, those of one word.

    >>> sorted(pairs_of("晨光 光电"))
    ['光电', '晨光']
    """
    pairs = (core[place : place + 2] for place in range(len(core) - 1))
    return {pair for pair in pairs if not any(char.isspace() for char in pair)}


def core_names(names: Sequence[str]) -> list[str]:
    """The words of names that are their own, without legal form, width, case and signs, in the same order."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT enterprises_core_name(name) FROM unnest(%s::text[]) WITH ORDINALITY AS given (name, place) "
            "ORDER BY place",
            [list(names)],
        )
        return [core for (core,) in cursor.fetchall()]


class RegisteredNames:
    """The Chinese names of a park's register, as they were when the check began.

    It takes as much as the register, whatever the file.

    Two are as much alike as `enterprises_likeness` says: twice the pairs that both have, of those that each has.
    """

    def __init__(self, park_id: int) -> None:
        rows = Enterprise.objects.filter(park_id=park_id).order_by("credit_code").annotate(core=CORE_NAME)
        self._codes: list[str] = []
        self._names: list[str] = []
        self._of_core: dict[str, int] = {}
        sizes: list[int] = []
        having: dict[str, list[int]] = defaultdict(list)
        for place, (code, name, core) in enumerate(rows.values_list("credit_code", "name_zh", "core").iterator()):
            self._codes.append(code)
            self._names.append(name)
            if core:
                self._of_core.setdefault(core, place)
            pairs = pairs_of(core)
            sizes.append(len(pairs))
            for pair in pairs:
                having[pair].append(place)
        self._sizes = np.array(sizes, dtype=np.int64)
        self._having = {pair: np.array(places, dtype=np.int64) for pair, places in having.items()}

    def __len__(self) -> int:
        return len(self._codes)

    def most_alike(self, cores: Sequence[str]) -> list[tuple[str, str] | None]:
        """Of each core of a name the registered name that is most alike, with its code."""
        places = [self._place_of(core) for core in cores]
        return [None if place is None else (self._names[place], self._codes[place]) for place in places]

    def _place_of(self, core: str) -> int | None:
        if core in self._of_core:
            return self._of_core[core]
        pairs = pairs_of(core)
        found = [self._having[pair] for pair in pairs if pair in self._having]
        if not found:
            return None
        shared: NDArray[np.int64] = np.bincount(np.concatenate(found), minlength=len(self._codes))
        scores = 2 * shared / (self._sizes + len(pairs))
        place = int(scores.argmax())
        return place if scores[place] >= LEAST_LIKENESS else None
